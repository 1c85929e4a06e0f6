"""Where movements begin and end, what they look like, what they are called: known answers on small signals."""

import dataclasses

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.detection.classify import (
    find_isolated,
    find_states,
    find_twitches,
    label_movements,
    settle_twitches,
)
from sleepjerk.detection.curves import make_curves
from sleepjerk.detection.detect import _clear_peaks, detection_threshold, find_movements
from sleepjerk.detection.features import Shapes, measure_shapes
from sleepjerk.detection.sleep import Sleep
from sleepjerk.detection.twitches import twitch_chance
from sleepjerk.messages import Message
from sleepjerk.rules import Rules
from sleepjerk.spans import inside
from tests.support.made_signals import FS, jerk, rotated, shake, still, turn

RULES = Rules()
NOWHERE = np.empty((0, 2))


def shapes_of(signal: np.ndarray, *, fs: float = FS, step_g: float | None = None) -> Shapes:
    curves = make_curves(signal, fs, RULES.movement)
    found = find_movements(curves, step_g, RULES.classification.twitch_max_s, RULES.detection)
    return measure_shapes(curves, found.spans, found.pulses, found.alone, found.faint, RULES.classification)


def labels_of(signal: np.ndarray, *, state: str = "sleep", step_g: float | None = None) -> list[str]:
    """Labels of all movements, as if the whole recording were in one state."""
    shapes = shapes_of(signal, step_g=step_g)
    states = np.full(len(shapes.onset_s), state, dtype="<U16")
    least_g, _ = detection_threshold(None, step_g, FS, 0.0, RULES.detection)
    twitch = find_twitches(
        shapes, least_g, twitch_chance(shapes, RULES.twitch), RULES.classification, RULES.twitch
    )
    return label_movements(shapes, states, twitch, RULES.classification).tolist()


def test_noise_alone_holds_no_movement() -> None:
    assert labels_of(still(3600, noise_g=0.003)) == []


def test_silence_without_any_noise_holds_no_movement() -> None:
    assert labels_of(still(600, noise_g=0.0)) == []


@pytest.mark.parametrize("width_s", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("peak_g", [0.06, 0.3, 2.0])
def test_a_jerk_is_found_where_it_is_and_as_long_as_it_is(width_s: float, peak_g: float) -> None:
    shapes = shapes_of(still(60, noise_g=0.001) + jerk(30, peak_g, 60, width_s=width_s))
    # The wave exceeds 15 % of its peak in the middle 85 % of its width, by its formula.
    assert len(shapes.onset_s) == 1
    # A slow jerk gets a small forerunner from the 2 Hz corner of the filter.
    assert shapes.onset_s[0] == pytest.approx(30 - 0.42 * width_s, abs=0.01 + 0.25 * width_s)
    assert shapes.duration_s[0] == pytest.approx(0.85 * width_s, abs=0.01 + 0.5 * width_s)


def test_a_strong_jerk_is_no_longer_than_a_weak_one() -> None:
    lengths = [
        shapes_of(still(60, noise_g=0.001) + jerk(30, peak, 60)).duration_s[0] for peak in (0.1, 0.5, 3.0)
    ]
    assert max(lengths) - min(lengths) <= 0.03


def test_two_jerks_one_second_apart_are_two_twitches() -> None:
    signal = still(60) + jerk(30, 0.2, 60) + jerk(31, 0.15, 60)
    assert labels_of(signal) == ["sleep_twitch", "sleep_twitch"]


def test_a_shaking_arm_is_one_movement_and_not_a_row_of_twitches() -> None:
    signal = still(60) + shake(30, 2.5, 0.15, 60, hz=2.0)
    assert labels_of(signal) == ["limb_movement"]
    assert shapes_of(signal).duration_s[0] == pytest.approx(2.5, abs=0.35)


def test_a_jerk_at_the_edge_of_a_movement_is_no_twitch() -> None:
    signal = still(60) + shake(30, 5, 0.3, 60) + jerk(35.8, 0.1, 60)
    assert "sleep_twitch" not in labels_of(signal)


def test_a_jerk_that_turns_the_arm_for_good_is_no_twitch() -> None:
    signal = turn(still(60), 30, 12, over_s=0.3) + jerk(30.1, 0.2, 60)
    assert "sleep_twitch" not in labels_of(signal)


def test_a_held_turn_is_a_posture_change_and_a_gesture_is_not() -> None:
    held = turn(still(60), 30, 60, over_s=0.5) + shake(29.8, 1.5, 0.2, 60)
    assert labels_of(held) == ["posture_change"]
    gesture = turn(turn(still(60), 30, 60, over_s=0.5), 33, -60, over_s=0.5) + shake(29.8, 4.0, 0.2, 60)
    assert "posture_change" not in labels_of(gesture)


def test_a_long_strong_movement_is_a_body_movement() -> None:
    assert labels_of(still(90) + shake(30, 14, 0.6, 90, hz=1.7)) in (["body_movement"], ["rhythmic_movement"])
    rng = np.random.default_rng(3)
    wild = still(90)
    wild[:, 3000:4200] += rng.normal(0, 0.3, (3, 1200)).astype(np.float32)
    assert labels_of(wild) == ["body_movement"]


def test_scratching_is_rhythmic() -> None:
    assert labels_of(still(60) + shake(30, 8, 0.2, 60, hz=4.0)) == ["rhythmic_movement"]


def test_the_weak_ringing_of_a_bed_is_no_twitch() -> None:
    time = np.arange(6000) / FS - 30
    ring = np.where(time >= 0, np.exp(-time / 0.08) * np.sin(2 * np.pi * 15 * time), 0.0)
    weak = still(60)
    weak[2] += (0.06 * ring).astype(np.float32)
    assert "sleep_twitch" not in labels_of(weak)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("onset", "hypnic_jerk"),
        ("sleep", "sleep_twitch"),
        ("wake", "unclassified"),
        ("unknown", "unclassified"),
        ("off_body", "unclassified"),
    ],
)
def test_what_a_twitch_is_called_depends_on_the_state(state: str, label: str) -> None:
    assert labels_of(still(60) + jerk(30, 0.2, 60), state=state) == [label]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_movements_are_found_however_the_sensor_sits(seed: int) -> None:
    signal = still(120) + jerk(30, 0.1, 120) + shake(60, 3, 0.2, 120) + jerk(90, 0.05, 120)
    ours, theirs = shapes_of(signal), shapes_of(rotated(signal, seed))
    np.testing.assert_allclose(theirs.onset_s, ours.onset_s, atol=0.011)
    np.testing.assert_allclose(theirs.peak_g, ours.peak_g, rtol=0.01)
    assert labels_of(rotated(signal, seed)) == labels_of(signal)


def test_a_shift_in_time_shifts_the_events_and_nothing_else() -> None:
    signal = still(200) + jerk(90, 0.1, 200) + shake(120, 3, 0.2, 200)
    shifted = signal[:, 1234:]
    np.testing.assert_allclose(shapes_of(shifted).onset_s + 12.34, shapes_of(signal).onset_s, atol=0.011)


@pytest.mark.parametrize("fs", [50.0, 62.5, 200.0])
def test_another_rate_gives_the_same_jerk(fs: float) -> None:
    shapes = shapes_of(still(60, fs=fs) + jerk(30, 0.3, 60, fs=fs, width_s=0.3), fs=fs)
    assert len(shapes.onset_s) == 1
    assert shapes.onset_s[0] == pytest.approx(30 - 0.42 * 0.3, abs=0.08)


def test_nothing_within_a_second_of_a_gap_is_an_event() -> None:
    signal = still(120) + jerk(49.5, 0.3, 120) + jerk(53.5, 0.3, 120) + jerk(60, 0.3, 120)
    signal[:, 5000:5300] = np.nan
    np.testing.assert_allclose(shapes_of(signal).onset_s, [60 - 0.084], atol=0.03)


def test_the_ends_of_a_recording_are_edges_too() -> None:
    assert len(shapes_of(still(60) + jerk(0.5, 0.3, 60) + jerk(59.6, 0.3, 60)).onset_s) == 0


def test_one_step_of_a_coarse_sensor_is_no_twitch() -> None:
    step = 1 / 32
    signal = still(600, noise_g=0.0)
    signal[0, 30_000:30_008] += step
    signal[1, 40_000] += step
    assert labels_of(signal, step_g=step) == []
    assert detection_threshold(None, step, FS, 0.0, RULES.detection) == (pytest.approx(1.5 * step), "step")


def test_the_lowest_trusted_peak_comes_from_the_worst_of_noise_steps_and_bed() -> None:
    assert detection_threshold(None, None, FS, 0.0, RULES.detection) == (0.010, "rules")
    assert detection_threshold(0.0005, 0.0001, FS, 0.0, RULES.detection) == (0.010, "rules")
    assert detection_threshold(0.003, 0.0001, FS, 0.0, RULES.detection) == (pytest.approx(0.021), "noise")
    assert detection_threshold(0.003, 0.0001, FS, 0.050, RULES.detection) == (0.050, "bed")


def test_a_slow_sensor_shows_no_pitch_of_a_ringing_bed_so_a_twitch_must_be_stronger() -> None:
    assert detection_threshold(0.0005, 0.0001, 33.0, 0.0, RULES.detection) == (0.025, "rate")
    assert detection_threshold(0.0005, 0.0001, 40.0, 0.0, RULES.detection) == (0.010, "rules")
    assert detection_threshold(0.005, 0.0001, 25.0, 0.0, RULES.detection) == (pytest.approx(0.035), "noise")


def test_isolation_looks_both_ways() -> None:
    onset = np.array([100.0, 500.0, 505.0, 600.0])
    offset = onset + 0.3
    assert find_isolated(onset, offset, RULES.classification).tolist() == [True, False, False, True]


def test_isolation_knows_a_long_movement_that_still_goes_on() -> None:
    onset, offset = np.array([100.0, 110.0, 125.0]), np.array([130.0, 110.3, 125.3])
    assert find_isolated(onset, offset, RULES.classification).tolist() == [False, False, False]


def test_a_lone_event_is_isolated_and_no_event_is_nothing() -> None:
    assert find_isolated(np.array([5.0]), np.array([5.2]), RULES.classification).tolist() == [True]
    assert find_isolated(np.empty(0), np.empty(0), RULES.classification).shape == (0,)


def test_spans_include_their_start_and_exclude_their_end() -> None:
    spans = np.array([[10.0, 20.0], [15.0, 30.0]])
    assert inside(np.array([9.9, 10.0, 17.0, 25.0, 30.0]), spans).tolist() == [False, True, True, True, False]


def test_states_follow_the_night() -> None:
    times = np.array([10.0, 150.0, 400.0, 950.0, 1950.0, 3500.0])
    states = find_states(
        times,
        (200.0, 3000.0),
        np.array([[900.0, 1000.0]]),
        np.array([[100.0, 300.0]]),
        np.array([[1900.0, 2000.0]]),
    )
    assert states.tolist() == ["wake", "onset", "sleep", "wake", "off_body", "wake"]
    assert set(find_states(times, None, NOWHERE, NOWHERE, NOWHERE)) == {"unknown"}


FALLING = Sleep(
    onset_s=2000.0,
    end_s=9000.0,
    wake_s=NOWHERE,
    onset_range_s=(500.0, 4000.0),
    end_range_s=(8000.0, 9500.0),
    onset_windows_s=np.array([[1700.0, 2300.0]]),
    method=Message("method.stillness"),
    near_onset=np.where(np.arange(10_000) < 3000, 0.2, 0.01),
)


def settled(*times_s: float, busy_s: float | None = None, sleep: Sleep = FALLING) -> dict[float, str]:
    """States of jerks at some times, where a movement of 2 s may begin at another."""
    onset_s = np.array(sorted([*times_s, *([] if busy_s is None else [busy_s])]))
    busy = onset_s == busy_s
    plain = np.zeros(len(onset_s))
    shapes = Shapes(
        *[plain] * 15, pulses=plain.astype(np.int64), alone=~busy, faint=np.zeros(len(onset_s), bool)
    )
    shapes = dataclasses.replace(shapes, onset_s=onset_s, offset_s=onset_s + np.where(busy, 2.0, 0.2))
    states, rested = (
        find_states(onset_s, sleep.span_s, sleep.wake_s, windows_s, NOWHERE)
        for windows_s in (sleep.onset_windows_s, NOWHERE)
    )
    jerk = find_isolated(shapes.onset_s, shapes.offset_s, RULES.classification)
    jerk &= sleep.near_onset_at(onset_s) >= RULES.classification.falling_chance
    found = settle_twitches(shapes, ~busy, jerk, states, rested, sleep, RULES.classification)
    return dict(zip(onset_s.tolist(), found.tolist(), strict=True))


def test_a_jerk_while_falling_asleep_stands_alone() -> None:
    assert settled(1800.0, 2100.0) == {1800.0: "onset", 2100.0: "onset"}
    # With another beside it, it is what it would be without the windows: awake before the onset, asleep after it.
    assert settled(1800.0, 1805.0, 2100.0, 2105.0) == {
        1800.0: "wake",
        1805.0: "wake",
        2100.0: "sleep",
        2105.0: "sleep",
    }
    assert settled(1800.0, busy_s=1804.0)[1800.0] == "wake"


def test_a_jerk_before_the_windows_is_one_of_falling_asleep_where_that_is_likely_enough_and_all_was_quiet() -> (
    None
):
    assert settled(1000.0)[1000.0] == "onset"
    assert settled(1000.0, busy_s=985.0)[1000.0] == "wake"
    assert settled(1000.0, busy_s=960.0)[1000.0] == "onset"
    assert settled(900.0, 1000.0) == {900.0: "onset", 1000.0: "onset"}, "another jerk is no restlessness"
    assert settled(400.0)[400.0] == "wake", "before the range of the onset"
    unlikely = dataclasses.replace(FALLING, near_onset=np.full(10_000, 0.14))
    assert settled(1000.0, sleep=unlikely)[1000.0] == "wake"


def test_who_never_sleeps_has_no_jerk_while_falling_asleep() -> None:
    nobody = Sleep(None, None, NOWHERE, None, None, NOWHERE, Message("method.too_restless"))
    assert set(settled(100.0, 1800.0, sleep=nobody).values()) == {"unknown"}


def test_a_stricter_rule_finds_fewer() -> None:
    signal = still(120) + jerk(30, 0.05, 120) + jerk(60, 0.2, 120)
    strict = dataclasses.replace(RULES.detection, min_envelope_g=0.08, faint_envelope_g=0.08)
    curves = make_curves(signal, FS, RULES.movement)
    assert len(find_movements(curves, None, 0.5, strict).spans) == 1
    assert len(find_movements(curves, None, 0.5, RULES.detection).spans) == 2


@given(st.integers(0, 10_000), st.integers(1, 40), st.floats(0.1, 0.9))
def test_clear_peaks_are_those_of_scipy(seed: int, apart: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(int(rng.integers(12, 400)))
    values = np.abs(np.convolve(noise, np.ones(10), "valid")).astype(np.float32)
    places, found = scipy.signal.find_peaks(np.pad(values, 1).astype(float), distance=apart, prominence=0.0)
    expected = places[found["prominences"] >= share * values[places - 1].astype(float)] - 1
    assert _clear_peaks(values, apart, share) == expected.tolist()
