"""Pictures: what is drawn is what the night holds."""

import dataclasses
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from sleepjerk.events import Label
from sleepjerk.night.clock import Clock
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.report.pictures import (
    NARROW,
    SHAPES,
    WIDE,
    Layout,
    bin_intervals,
    draw_badge,
    draw_intervals,
    draw_mark,
    draw_night,
    draw_strip,
    missing_spans,
    thin_wave,
)
from tests.report.made_nights import NIGHTS, demo

SAY = Catalogue("en")


def classes(svg: str) -> list[str]:
    return [item.get("class", "") for item in ElementTree.fromstring(svg).iter()]


def paths(svg: str, kind: str) -> list[str]:
    return [item.get("d", "") for item in ElementTree.fromstring(svg).iter() if item.get("class") == kind]


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", NIGHTS)
def test_every_night_has_an_overview_without_nan(name: str, layout: Layout) -> None:
    night = NIGHTS[name]()
    svg = draw_night(night, Clock.of(night.recording), layout, SAY)
    assert "nan" not in svg.lower().replace("unknown", "")
    assert "inf" not in re.sub(r">[^<]*<", "", svg)


def test_the_overview_marks_every_event_by_shape() -> None:
    night = demo()
    svg = draw_night(night, Clock.of(night.recording), WIDE, SAY)
    for label in Label:
        (path,) = paths(svg, f"mark {label}")
        assert SHAPES[label] in path
    assert paths(svg, "mark hypnic_jerk")[0].count("M") == night.counts["hypnic_jerk"]


def test_marks_that_fall_together_are_drawn_once() -> None:
    night = NIGHTS["many"]()
    assert night.counts["sleep_twitch"] == 2500
    drawn = paths(draw_night(night, Clock.of(night.recording), WIDE, SAY), "mark sleep_twitch")[0].count("M")
    assert 500 < drawn <= WIDE.span + 1


def test_shapes_differ() -> None:
    assert len(set(SHAPES.values())) == len(Label)
    assert len({draw_badge(level) for level in ("grey", "red", "amber")}) == 3
    assert "mark unclassified" in draw_mark(Label.UNCLASSIFIED)


def test_states_and_gaps_are_drawn_to_scale() -> None:
    night = demo()
    root = ElementTree.fromstring(draw_night(night, Clock.of(night.recording), WIDE, SAY))
    off = next(item for item in root.iter() if item.get("class") == "state off_body")
    per_s = WIDE.span / (night.recording.hours * 3600)
    assert float(off.get("x", "")) == pytest.approx(WIDE.left + 22000 * per_s, abs=0.1)
    assert float(off.get("width", "")) == pytest.approx(1080 * per_s, abs=0.1)
    hatched = [item for item in root.iter() if item.get("fill") == "url(#missing-wide)"]
    assert len(hatched) == len(missing_spans(night)) == 2


def test_a_gap_lifts_the_pen() -> None:
    night = demo()
    whole = draw_night(night, Clock.of(night.recording), WIDE, SAY)
    angles = tuple(None if 2000 <= i < 3000 else value for i, value in enumerate(night.timeline.angle_deg))
    cut = dataclasses.replace(night, timeline=dataclasses.replace(night.timeline, angle_deg=angles))
    assert paths(draw_night(cut, Clock.of(cut.recording), WIDE, SAY), "angle")[0].count("M") > paths(
        whole, "angle"
    )[0].count("M")


def test_a_strip_shows_three_axes_and_shades_the_event() -> None:
    night = demo()
    svg = draw_strip(night, night.strips[0], 0, SAY)
    assert [name for name in classes(svg) if name.startswith("axis ")] == ["axis x", "axis y", "axis z"]
    root = ElementTree.fromstring(svg)
    shade = next(item for item in root.iter() if item.get("class") == "when")
    duration = float(night.events.iloc[night.strips[0].event]["duration_s"])
    assert float(shade.get("width", "")) == pytest.approx(duration * (312 - 46) / 2, rel=0.01)


def test_a_flat_or_tiny_strip_is_drawn() -> None:
    night = demo()
    for axes in (((0,) * 500,) * 3, ((5,), (0,), (-3,))):
        strip = dataclasses.replace(night.strips[0], axes_mg=axes)
        assert "nan" not in draw_strip(night, strip, 0, SAY)


def test_thinning_a_wave_loses_no_peak() -> None:
    wave = np.random.default_rng(1).normal(size=503).tolist()
    wave[77] = 50.0
    kept = thin_wave(wave, 4)
    assert len(kept) <= 503 / 4 + 4
    assert 77 in kept
    assert wave.index(min(wave)) in kept
    assert list(thin_wave(wave, 1)) == list(range(503))


def test_intervals_fall_into_bins_of_five_seconds() -> None:
    bins = bin_intervals((0.0, 4.99, 5.0, 24.0, 99.9, 100.0, 5000.0))
    assert bins[0] == (0.0, 2)
    assert bins[1] == (5.0, 1)
    assert bins[4] == (20.0, 1)
    assert bins[-2:] == [(95.0, 1), (100.0, 2)]


def test_the_histogram_holds_every_interval() -> None:
    night = demo()
    assert sum(count for _, count in bin_intervals(night.periodic.intervals_s)) == len(
        night.periodic.intervals_s
    )
    assert classes(draw_intervals(night, NARROW, SAY)).count("bar") == 21
