"""Strong shaking in bed against what resembles it: by hand first, then real movements of people awake."""

import itertools
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import sleepjerk as sj
from sleepjerk.detection.rhythm import measure_rhythm
from sleepjerk.detection.shaking import find_shaking
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from tests.support.made_signals import FS, rotated, still
from tests.worlds import movements

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

BEFORE_S, LENGTH_S = 120.0, 60.0
NOWHERE = np.empty((0, 2))
HERE = movements.folder() is not None
needs_movements = pytest.mark.skipif(
    not HERE, reason="no real movements: ../shared/data/movements is missing"
)


def bout(rate_hz: float | Floats, peak_g: float | Floats, *, sways_deg: float) -> Samples:
    """A minute in a still night: strokes along x at some rate, while the arm's direction sways about x every 6 s."""
    signal = still(2 * BEFORE_S + LENGTH_S).astype(np.float64)
    first = round(BEFORE_S * FS)
    count = round(LENGTH_S * FS)
    inside = slice(first, first + count)
    turns = np.cumsum(np.broadcast_to(rate_hz, count)) / FS
    signal[0, inside] += peak_g * np.sin(2 * np.pi * turns)
    sway = np.radians(sways_deg) * np.sin(2 * np.pi * np.arange(count) / (6 * FS))
    signal[1, inside] += np.sin(sway)
    signal[2, inside] += np.cos(sway) - 1
    return signal.astype(np.float32)


def slowing() -> Floats:
    """The rate of a convulsion that slows down, Hz."""
    return np.linspace(4.5, 2.8, round(LENGTH_S * FS))


def convulsion() -> Samples:
    return bout(slowing(), 1.2, sways_deg=30.0)


def shaking(signal: Samples, out_of_bed_s: Floats = NOWHERE, fs: float = FS) -> Floats:
    rules = Rules()
    return find_shaking(measure_rhythm(signal, fs, rules.rhythm), out_of_bed_s, rules.shaking, rules.rhythm)


def longest_s(spans: Floats) -> float:
    return float(np.max(spans[:, 1] - spans[:, 0], initial=0.0))


def test_a_convulsion_is_found_where_it_is() -> None:
    found = shaking(convulsion())
    assert found == pytest.approx(np.array([[BEFORE_S, BEFORE_S + LENGTH_S]]), abs=3.0)


def test_it_is_the_same_however_the_sensor_sits() -> None:
    expected = shaking(convulsion())
    for order, signs in itertools.product(
        itertools.permutations(range(3)), ((1, 1, 1), (-1, 1, 1), (1, -1, -1))
    ):
        turned = (np.array(signs, dtype=np.float32)[:, None] * convulsion()[list(order)]).astype(np.float32)
        assert np.array_equal(shaking(turned), expected)
    for seed in range(5):
        assert np.array_equal(shaking(rotated(convulsion(), seed)), expected)


@pytest.mark.parametrize("fs", [50.0, 99.7, 125.0, 200.0])
def test_it_is_the_same_at_another_rate(fs: float) -> None:
    signal = convulsion()
    times_s = np.arange(0, signal.shape[1] / FS - 1, 1 / fs)
    other = np.stack([np.interp(times_s, np.arange(signal.shape[1]) / FS, axis) for axis in signal])
    assert shaking(other.astype(np.float32), fs=fs) == pytest.approx(shaking(signal), abs=2.0)


@pytest.mark.parametrize(
    ("what", "signal"),
    [
        ("a saw keeps its line", bout(3.2, 1.2, sways_deg=0.0)),
        ("a slow saw, swaying", bout(2.0, 1.2, sways_deg=30.0)),
        ("a tooth-brush is quicker", bout(5.8, 0.9, sways_deg=15.0)),
        ("scratching is smaller", bout(4.5, 0.5, sways_deg=15.0)),
        ("a tremor is much smaller", bout(4.5, 0.1, sways_deg=15.0)),
        ("nothing moves", still(300)),
    ],
)
def test_what_resembles_it_is_none(what: str, signal: Samples) -> None:
    assert len(shaking(signal)) == 0, what


def test_it_begins_out_of_lying_still_and_in_bed() -> None:
    signal = convulsion()
    rng = np.random.default_rng(3)
    restless = signal.copy()
    restless[:, : round(BEFORE_S * FS)] += rng.normal(0, 0.2, (3, round(BEFORE_S * FS)))
    assert len(shaking(restless)) == 0
    assert len(shaking(signal, np.array([[BEFORE_S - 30, BEFORE_S + 90]]))) == 0


def test_a_gap_or_a_short_recording_does_no_harm() -> None:
    signal = convulsion()
    signal[:, round((BEFORE_S + 40) * FS) : round((BEFORE_S + 45) * FS)] = np.nan
    assert longest_s(shaking(signal)) >= 30.0
    for seconds in (0.0, 0.5, 1.0, 3.0, 10.0):
        assert len(shaking(convulsion()[:, : round(seconds * FS)])) == 0


@cache
def real(activity: str) -> list[float]:
    """How long each recording of an activity shakes, s: a minute of it in a still night, as the sleeper lies."""
    name = "wharf" if activity == "brush_teeth" else "epilepsy"
    lasting = []
    for place in movements.places(name, activity):
        minute = movements.repeated(movements.piece(name, int(place)), LENGTH_S)
        lies = minute.mean(axis=0)
        lying = np.tile(lies / np.linalg.norm(lies), (round(BEFORE_S * FS), 1))
        lasting.append(longest_s(shaking(np.concatenate((lying, minute, lying)).T.astype(np.float32))))
    return lasting


@needs_movements
def test_most_mimicked_seizures_are_found() -> None:
    # Five of the 34 recordings hold too little shaking: 2 s of 13, or less than 1.5 cm.
    assert np.mean(np.array(real("mimicked_seizure")) >= Rules().criteria.rhythmic_strong_s) >= 0.85


@needs_movements
@pytest.mark.parametrize("activity", ["sawing", "running", "walking", "brush_teeth"])
def test_no_work_run_or_walk_is_one(activity: str) -> None:
    assert max(real(activity)) < Rules().criteria.rhythmic_strong_s


@needs_movements
@pytest.mark.parametrize(("scenario", "met"), [("shaking", True), ("sawing", False), ("scratching", False)])
def test_red_is_said_of_a_convulsion_alone(scenario: str, met: bool) -> None:
    made = movements.make(scenario, 4)
    samples = np.array(made.acceleration_g.T, dtype=np.float32, order="C")
    night = sj.analyse(Recording(samples, made.rate_hz, np.empty((0, 2))))
    found = {line.id: line.met for line in night.verdict.criteria}
    assert found["R1"] is met or (found["R1"] is None and not met)
    assert (night.verdict.level == "red") is met
