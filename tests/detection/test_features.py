"""Features are measured on the movement itself, a change of posture between two rests, rings of a bed on nearly all."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.detection.classify import bed_peak
from sleepjerk.detection.curves import make_curves
from sleepjerk.detection.features import Shapes, measure_shapes
from sleepjerk.rules import Rules
from tests.support.made_signals import FS, still, turn

RULES = Rules()
PULSE = (np.array([1]), np.array([True]), np.array([False]))


def burst(at_s: float, pitch_hz: float, strength_g: float, sigma_s: float = 0.06) -> np.ndarray:
    """(3, n) one minute with one short tone along x."""
    time_s = np.arange(round(60 * FS)) / FS - at_s
    wave = np.exp(-((time_s / sigma_s) ** 2) / 2) * np.cos(2 * np.pi * pitch_hz * time_s)
    return np.stack((strength_g * wave, 0 * wave, 0 * wave)).astype(np.float32)


def centroid_hz(signal: np.ndarray) -> float:
    """The centre of the spectrum of the movement at 30 s."""
    curves = make_curves(signal, FS, RULES.movement)
    shapes = measure_shapes(curves, np.array([[2990, 3010]]), *PULSE, RULES.classification)
    return float(shapes.centroid_hz[0])


def test_the_pitch_of_a_movement_is_that_of_its_tone() -> None:
    for pitch_hz in (6.0, 9.0, 14.0):
        assert centroid_hz(still(60, noise_g=0) + burst(30, pitch_hz, 0.3)) == pytest.approx(
            pitch_hz, abs=0.4
        )


@pytest.mark.parametrize(("apart_s", "heard"), [(0.33, True), (-0.33, True), (0.75, False), (-0.75, False)])
def test_the_pitch_hears_half_a_second_on_each_side_and_nothing_beyond(apart_s: float, heard: bool) -> None:
    jerk = still(60, noise_g=0) + burst(30, 6.0, 0.3)
    moved_hz = centroid_hz(jerk + burst(30 + apart_s, 15.0, 0.29)) - centroid_hz(jerk)
    assert moved_hz > 3 if heard else abs(moved_hz) < 0.3


def rings(peak_g: np.ndarray) -> Shapes:
    """Movements of nothing but rings of the bed."""
    many = len(peak_g)
    values = {field.name: np.zeros(many) for field in dataclasses.fields(Shapes)}
    values |= {"peak_g": peak_g, "centroid_hz": np.full(many, 19.0), "pulses": np.ones(many, dtype=np.int64)}
    values |= {"alone": np.ones(many, dtype=bool), "faint": np.zeros(many, dtype=bool)}
    return Shapes(**values)


@given(st.integers(0, 1000), st.integers(100, 400))
def test_nearly_all_rings_lie_below_what_a_bed_is_said_to_reach_but_no_single_one_decides(
    seed: int, many: int
) -> None:
    peaks_g = np.random.default_rng(seed).uniform(0.011, 0.02, many)
    level_g = bed_peak(rings(peaks_g), 0.010, RULES.classification) / RULES.classification.bed_ratio
    assert 0.94 <= np.mean(peaks_g <= level_g) < 0.98
    strong_g = np.concatenate((peaks_g, [0.9 * RULES.classification.centroid_peak_g]))
    with_one_g = bed_peak(rings(strong_g), 0.010, RULES.classification) / RULES.classification.bed_ratio
    assert with_one_g <= 0.02


def test_a_bed_that_seldom_rings_hides_nothing() -> None:
    few = RULES.classification.bed_min_rings - 1
    assert bed_peak(rings(np.full(few, 0.02)), 0.010, RULES.classification) == 0.0
    assert bed_peak(rings(np.full(few + 1, 0.02)), 0.010, RULES.classification) > 0.02
    assert bed_peak(rings(np.full(few + 1, 0.02)), 0.021, RULES.classification) == 0.0


def held_deg(signal: np.ndarray, *moved_s: tuple[float, float]) -> list[float]:
    """What each of some movements changed of the posture."""
    curves = make_curves(signal, FS, RULES.movement)
    spans = np.array([[round(FS * start), round(FS * end)] for start, end in moved_s])
    some = np.ones(len(spans), dtype=np.int64)
    shapes = measure_shapes(curves, spans, some, some == 0, some == 0, RULES.classification)
    return [round(float(degrees)) for degrees in shapes.held_tilt_deg]


def test_a_turn_in_several_steps_is_one_change_and_belongs_to_the_largest() -> None:
    signal = turn(turn(turn(still(90), 30, 15), 34, 50), 42, 10)
    assert held_deg(signal, (30, 31), (34, 35), (42, 43)) == [0, 75, 0]


def test_two_turns_with_a_rest_between_them_are_two() -> None:
    assert held_deg(turn(turn(still(90), 30, 40), 41.5, -40), (30, 31), (41.5, 42.5)) == [40, 40]


def test_an_arm_that_is_back_within_seconds_changed_no_posture() -> None:
    assert held_deg(turn(turn(still(90), 30, 40), 38, -40), (30, 31), (38, 39)) == [0, 0]


def test_what_an_arm_does_slowly_between_two_movements_is_in_one_change_alone() -> None:
    for at_s in np.arange(31.0, 47.0):
        signal = turn(still(90), at_s, 40, over_s=2.0)
        assert sum(degrees > 20 for degrees in held_deg(signal, (30, 30.5), (48, 48.5))) <= 1
    assert max(held_deg(turn(still(90), 44, 40, over_s=2.0), (30, 30.5), (48, 48.5))) == 40


@given(st.lists(st.tuples(st.floats(1, 40), st.floats(-80, 80)), min_size=1, max_size=6))
def test_no_more_changes_are_told_than_there_are_rests_between_them(steps: list[tuple[float, float]]) -> None:
    signal, moved_s = still(300), []
    for pause_s, degrees in steps:
        at_s = (moved_s[-1][1] if moved_s else 30.0) + pause_s
        signal = turn(signal, at_s, degrees)
        moved_s.append((at_s, at_s + 1.0))
    rests = sum(b[0] - a[1] >= RULES.classification.posture_stable_s for a, b in itertools.pairwise(moved_s))
    assert sum(degrees >= 20 for degrees in held_deg(signal, *moved_s)) <= rests + 1
