"""What of the signal is kept for a person to judge: the waves of all that the headline counts."""

from collections import Counter

import numpy as np
import pytest

from sleepjerk.events import COLUMNS, Label, make_events
from sleepjerk.night.evidence import make_strips
from sleepjerk.rules import EvidenceRules

FS = 100.0
RULES = EvidenceRules(max_jerk_strips=5, max_other_strips=2)


def shown(counts: dict[Label, int]) -> tuple[list[float], dict[str, int]]:
    """Peaks and labels of the events that get a strip, of a made table in which each event is stronger."""
    labels = [str(label) for label, count in counts.items() for _ in range(count)]
    known = {
        "onset_s": [10.0 * (place + 1) for place in range(len(labels))],
        "duration_s": [0.3] * len(labels),
        "peak_g": [0.1 + 0.01 * place for place in range(len(labels))],
        "label": labels,
    }
    texts = {"series": None, "state": "sleep", "utc": "", "detected": ""}
    rest = {name: [texts.get(name, 0)] * len(labels) for name in COLUMNS if name not in known}
    events = make_events(**(known | rest))
    strips = make_strips(np.zeros((3, int(FS * 10 * (len(labels) + 2)))), FS, events, RULES)
    rows = [strip.event for strip in strips]
    assert rows == sorted(rows)
    return [known["peak_g"][row] for row in rows], dict(Counter(labels[row] for row in rows))


@pytest.mark.parametrize("label", [Label.HYPNIC_JERK, Label.SLEEP_TWITCH])
def test_every_jerk_and_every_twitch_has_its_wave_up_to_what_a_person_looks_through(label: Label) -> None:
    assert shown({label: 5})[1] == {str(label): 5}
    peaks, found = shown({label: 9})
    assert found == {str(label): 5}
    assert peaks == pytest.approx([0.14, 0.15, 0.16, 0.17, 0.18])


def test_weak_twitches_are_not_crowded_out_by_stronger_movements() -> None:
    found = shown({Label.SLEEP_TWITCH: 4, Label.LIMB_MOVEMENT: 30, Label.BODY_MOVEMENT: 30})[1]
    assert found == {"sleep_twitch": 4, "limb_movement": 2}


@pytest.mark.parametrize(
    ("jerks", "twitches", "left"), [(0, 9, 5), (3, 9, 2), (4, 9, 2), (5, 9, 2), (2, 2, 2)]
)
def test_twitches_get_the_room_that_jerks_leave_and_some_in_any_case(
    jerks: int, twitches: int, left: int
) -> None:
    found = shown({Label.HYPNIC_JERK: jerks, Label.SLEEP_TWITCH: twitches})[1]
    assert (found.get("hypnic_jerk", 0), found["sleep_twitch"]) == (jerks, left)
