"""The floor comes from the night itself: noise, heartbeat and bed set what may be called a twitch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.detection.classify import bed_peak
from sleepjerk.detection.curves import distance_from_usual, make_curves, peak_level
from sleepjerk.detection.detect import find_movements
from sleepjerk.detection.features import Shapes, measure_shapes
from sleepjerk.rules import Rules
from tests.support.made_signals import FS, jerk, rotated, still

RULES = Rules()


def shapes_of(signal: np.ndarray) -> Shapes:
    curves = make_curves(signal, FS, RULES.movement)
    found = find_movements(curves, None, RULES.classification.twitch_max_s, RULES.detection)
    return measure_shapes(curves, found.spans, found.pulses, found.alone, found.faint, RULES.classification)


def heartbeats(seconds: float, peak_g: float) -> np.ndarray:
    """A pulse of 60 a minute that rings at 6 Hz, on one axis."""
    time = np.arange(round(seconds * FS)) / FS
    since = time % 1.0
    beat = np.exp(-since / 0.12) * np.sin(2 * np.pi * 6 * since)
    signal = np.zeros((3, len(time)), dtype=np.float32)
    signal[1] = peak_g * beat / np.abs(beat).max()
    return signal


def ring(at_s: float, peak_g: float, seconds: float, hz: float) -> np.ndarray:
    """A mattress that rings: no tilt, a decay of 0.1 s."""
    time = np.arange(round(seconds * FS)) / FS - at_s
    wave = np.where(time > 0, np.exp(-np.maximum(time, 0) / 0.1) * np.sin(2 * np.pi * hz * time), 0.0)
    signal = np.zeros((3, len(time)), dtype=np.float32)
    signal[0] = peak_g * wave / np.abs(wave).max()
    return signal


def test_a_quiet_sensor_sees_what_a_noisy_one_hides() -> None:
    wave = jerk(300, 0.012, 600)
    assert len(shapes_of(still(600, noise_g=0.0006) + wave).onset_s) == 1
    assert len(shapes_of(still(600, noise_g=0.006) + wave).onset_s) == 0


def test_the_noise_of_a_cheap_sensor_is_no_event_for_an_hour() -> None:
    assert len(shapes_of(still(3600, noise_g=0.0028)).onset_s) == 0


def test_a_pulse_that_shakes_the_wrist_bears_no_events() -> None:
    assert len(shapes_of(still(900, noise_g=0.0006) + heartbeats(900, 0.005)).onset_s) == 0


def test_a_jerk_above_the_heartbeat_is_still_found() -> None:
    signal = still(900, noise_g=0.0006) + heartbeats(900, 0.005) + jerk(450.3, 0.04, 900)
    assert len(shapes_of(signal).onset_s) == 1


def test_the_crest_follows_the_beats_and_ignores_single_jerks() -> None:
    envelope = np.zeros(60_000, dtype=np.float32)
    envelope[::100] = 0.004
    everywhere = np.array([[0, 60_000]])
    np.testing.assert_allclose(peak_level(envelope, FS, everywhere, RULES.movement).everywhere(), 0.004)
    envelope[30_000:30_030] = 1.0
    np.testing.assert_allclose(peak_level(envelope, FS, everywhere, RULES.movement).everywhere(), 0.004)


def test_a_faint_pulse_beside_a_movement_is_a_part_of_it_or_nothing() -> None:
    signal = still(600, noise_g=0.0006) + jerk(300, 0.5, 600) + jerk(301.2, 0.012, 600)
    assert len(shapes_of(signal).onset_s) == 1


def test_a_bed_that_seldom_rings_sets_no_limit() -> None:
    signal = still(600, noise_g=0.001) + ring(100, 0.04, 600, 16) + ring(200, 0.04, 600, 16)
    assert bed_peak(shapes_of(signal), 0.010, RULES.classification) == 0.0


def test_a_bed_that_often_rings_asks_for_twitches_stronger_than_it_rings() -> None:
    signal = still(900, noise_g=0.001)
    for number in range(8):
        signal += ring(100.0 * number + 50, 0.04, 900, 16)
    limit_g = bed_peak(shapes_of(signal), 0.010, RULES.classification)
    rings_g = shapes_of(signal).peak_g
    assert limit_g == pytest.approx(1.25 * rings_g.max(), rel=0.05)
    assert bed_peak(shapes_of(signal), 0.2, RULES.classification) == 0.0


# An arm held elsewhere.


def posture(seconds: float, lifted: tuple[tuple[float, float], ...] = (), degrees: float = 5.0) -> np.ndarray:
    """(3, m) direction of an arm at 10 Hz that is lifted for some spans, turned within 0.3 s."""
    time = np.arange(round(seconds * 10)) / 10
    angle = np.zeros_like(time)
    for start_s, end_s in lifted:
        angle += np.clip((time - start_s) / 0.3, 0, 1) - np.clip((time - end_s) / 0.3, 0, 1)
    angle *= np.radians(degrees)
    return np.stack((np.sin(angle), np.zeros_like(angle), np.cos(angle)))


def test_an_arm_that_is_lifted_for_some_seconds_is_away_and_then_back() -> None:
    away = distance_from_usual(posture(120, ((50.0, 54.0),)), 10.0, RULES.movement)
    # 5 degrees move gravity by 87 mg.
    np.testing.assert_allclose(away[515:535], 0.087, atol=0.002)
    assert away[:480].max() < 0.002
    assert away[570:].max() < 0.002


def test_a_change_of_posture_is_followed_at_once() -> None:
    away = distance_from_usual(posture(120, ((60.0, 500.0),), degrees=90.0), 10.0, RULES.movement)
    assert away[:585].max() < 0.02
    assert away[620:].max() < 0.02


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_how_far_away_does_not_depend_on_how_the_sensor_sits(seed: int) -> None:
    curve = posture(120, ((50.0, 54.0), (80.0, 81.5)))
    ours, theirs = (
        distance_from_usual(one, 10.0, RULES.movement)
        for one in (curve, rotated(curve.astype(np.float32), seed).astype(np.float64))
    )
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(0.3, 30), st.floats(-90, 90)), max_size=8),
    st.sampled_from([0.005, 0.025, 0.2]),
    st.sampled_from([None, (1000, 1300), (0, 60), (3990, 4000)]),
)
def test_what_lies_beyond_the_least_distance_is_the_same_whether_or_not_one_is_given(
    lifts: list[tuple[float, float, float]], least_g: float, gap: tuple[int, int] | None
) -> None:
    curve = posture(400) + sum(
        posture(400, ((start_s, start_s + length_s),), degrees) - posture(400)
        for start_s, length_s, degrees in lifts
    )
    if gap is not None:
        curve[:, slice(*gap)] = np.nan
    every = distance_from_usual(curve, 10.0, RULES.movement)
    some = distance_from_usual(curve, 10.0, RULES.movement, least_g)
    far = every > least_g
    beside = far | np.append(far[1:], False) | np.insert(far[:-1], 0, False)
    np.testing.assert_array_equal(some[beside], every[beside])
    assert some[~beside].max(initial=0.0) <= least_g
