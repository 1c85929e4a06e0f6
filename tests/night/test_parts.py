"""The facts of a recording, in parts: the same objects all the way, and flat in every document."""

import dataclasses
import json

import numpy as np

import sleepjerk as sj
from sleepjerk.night.document import flat, to_document
from sleepjerk.night.model import RecordingSummary
from sleepjerk.night.quality import Quality, measure_quality, quality_document
from sleepjerk.parts import Device, Part
from tests.support.made_recordings import from_flat
from tests.support.made_signals import FS, still

PARTS = ("provenance", "placement", "device", "damage")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Warmed(Device):
    """A device with a fact that nobody has heard of yet."""

    warmest_c: float | None = None


def recording() -> sj.Recording:
    """Ten still minutes by a device that knows how warm it was."""
    return sj.Recording(
        still(600),
        FS,
        placement=sj.Placement(subject="S17"),
        device=Warmed(step_g=0.0005, warmest_c=31.5),
        damage=sj.Damage(spikes=0, rejected_rows=3),
    )


def test_a_new_fact_of_a_part_stands_in_both_documents_with_no_further_code() -> None:
    made = recording()
    night = to_document(sj.analyse(made))["recording"]
    quality = quality_document(measure_quality(made, sj.Rules()))
    assert night["warmest_c"] == quality["warmest_c"] == 31.5
    assert list(night)[:3] == ["name", "start", "zone"]
    assert list(quality)[:3] == ["name", "night", "start"]
    json.dumps([night, quality], allow_nan=False)


def test_the_night_and_its_quality_carry_the_very_parts_of_the_recording() -> None:
    made = recording()
    night, quality = sj.analyse(made), measure_quality(made, sj.Rules())
    for part in PARTS:
        assert getattr(night.recording, part) is getattr(made, part)
        assert getattr(quality, part) is getattr(made, part)


def test_no_fact_has_the_name_of_another() -> None:
    for owner in (RecordingSummary, Quality, sj.Recording):
        kinds = {
            item.name: getattr(sj, item.name.capitalize())
            for item in dataclasses.fields(owner)
            if item.name in (*PARTS, "marks")
        }
        names = [item.name for item in dataclasses.fields(owner) if item.name not in kinds]
        names += [item.name for kind in kinds.values() for item in dataclasses.fields(kind)]
        assert len(kinds) >= 4
        assert all(issubclass(kind, Part) for kind in kinds.values())
        assert len(names) == len(set(names))


def test_every_fact_comes_back_into_the_part_it_left() -> None:
    made = sj.analyse(sj.Recording(np.zeros((3, 0), np.float32), FS, device=Device(range_g=2.0))).recording
    assert from_flat(RecordingSummary, flat(made)) == made
