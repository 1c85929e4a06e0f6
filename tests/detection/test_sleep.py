"""The sleep period: found where the arm lies still, never where it doesn't, whichever way the sensor sits."""

import numpy as np
import pytest

from sleepjerk import analyse
from sleepjerk.detection.sleep import Sleep, find_rests, find_sleep, largest_sum
from sleepjerk.errors import InputError
from sleepjerk.reading import read_recording
from sleepjerk.recording import Recording
from sleepjerk.rules import SleepRules
from sleepjerk.simulate import simulate_night
from tests.support.made_signals import FS, jerk, restless, rotated, still, turn
from tests.support.marks import a_few
from tests.support.real_nights import COUNTS_PER_G, ZERO, night_counts, night_paths, shared_data

RULES = SleepRules()
NOWHERE = np.empty((0, 2))


def sleep_of(signal: np.ndarray, **marks: float) -> Sleep:
    return find_sleep(signal, FS, NOWHERE, RULES, **marks)


def evening_night_morning(wake_min: float = 0.0) -> np.ndarray:
    """30 min awake, 100 min asleep (with a wake bout in the middle, if asked), 20 min awake."""
    night = [restless(1800), still(3000)]
    if wake_min:
        night.append(restless(60 * wake_min, seed=5))
    return np.concatenate([*night, still(3000, seed=4), restless(1200, seed=3)], axis=1)


def test_the_period_lies_between_the_restless_parts() -> None:
    sleep = sleep_of(evening_night_morning())
    assert sleep.onset_s == pytest.approx(1800, abs=120)
    assert sleep.end_s == pytest.approx(7800, abs=10), "waking begins with the first movement"
    assert len(sleep.wake_s) == 0


def test_a_wake_bout_splits_nothing_and_is_reported() -> None:
    sleep = sleep_of(evening_night_morning(wake_min=10))
    assert sleep.onset_s == pytest.approx(1800, abs=120)
    assert sleep.end_s == pytest.approx(8400, abs=10)
    np.testing.assert_allclose(sleep.wake_s, [[4800, 5400]], atol=30)


def test_a_few_minutes_of_turning_are_no_wake_bout() -> None:
    assert len(sleep_of(evening_night_morning(wake_min=3)).wake_s) == 0


def test_falling_asleep_is_looked_for_around_onset_and_after_each_wake_bout() -> None:
    windows = sleep_of(evening_night_morning(wake_min=10)).onset_windows_s
    at = np.array([1900.0, 2600.0, 2800.0, 5500.0, 5990.0, 6100.0])
    inside = [(windows[:, 0] <= time) & (time < windows[:, 1]) for time in at]
    # 15 min after onset at 1800 s, 10 min after waking ends at 5400 s.
    assert [bool(hit.any()) for hit in inside] == [True, True, False, True, True, False]


def test_sitting_up_and_turning_is_not_falling_asleep() -> None:
    windows = sleep_of(evening_night_morning()).onset_windows_s
    assert windows[:, 0].min() > 1500 - 60


@pytest.mark.parametrize("seed", [1, 2])
def test_it_does_not_matter_how_the_sensor_sits_on_the_wrist(seed: int) -> None:
    night = evening_night_morning(wake_min=10)
    ours, theirs = sleep_of(night), sleep_of(rotated(night, seed))
    assert theirs.onset_s == ours.onset_s
    assert theirs.end_s == ours.end_s
    np.testing.assert_array_equal(theirs.wake_s, ours.wake_s)


def test_a_person_awake_throughout_has_no_sleep_period_and_no_onset() -> None:
    sleep = sleep_of(restless(7200))
    assert sleep.onset_s is None
    assert sleep.end_s is None
    assert len(sleep.onset_windows_s) == 0
    assert sleep.method.key == "method.too_restless"


def test_twenty_minutes_of_stillness_are_no_sleep() -> None:
    assert sleep_of(np.concatenate([restless(1200), still(1200)], axis=1)).onset_s is None


def test_a_night_that_begins_and_ends_asleep_is_sleep_from_end_to_end() -> None:
    sleep = sleep_of(still(7200))
    assert sleep.onset_s == 0
    assert sleep.end_s == pytest.approx(7200, abs=10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sleep_until_the_first_movement_of_the_morning_is_sleep(seed: int) -> None:
    night = np.concatenate([restless(1800, seed=seed), still(7200), restless(1800, seed=seed + 9)], axis=1)
    assert sleep_of(night).end_s == pytest.approx(9000, abs=10)
    torn = night.copy()
    torn[:, 895_000:900_000] = np.nan
    assert sleep_of(torn).end_s == pytest.approx(8950, abs=10), "a gap is no sleep"


def test_lights_marks_win() -> None:
    sleep = sleep_of(evening_night_morning(), lights_off_s=2500.0, lights_up_s=7000.0)
    assert sleep.onset_s == pytest.approx(2500, abs=5)
    assert sleep.end_s == pytest.approx(7000, abs=5)
    assert sleep.onset_windows_s.min() >= 2500
    assert sleep.method.key == "method.marks"


def test_time_off_the_body_is_never_sleep() -> None:
    sleep = find_sleep(still(10_800), FS, np.array([[0.0, 5400.0]]), RULES)
    assert sleep.onset_s is not None
    assert sleep.onset_s >= 5400


def test_a_gap_inside_sleep_neither_ends_it_nor_counts_as_movement() -> None:
    night = evening_night_morning()
    night[:, 400_000:460_000] = np.nan
    sleep = sleep_of(night)
    assert sleep.end_s == pytest.approx(7800, abs=120)
    assert len(sleep.wake_s) == 0


def test_one_turn_in_the_night_is_not_waking() -> None:
    sleep = sleep_of(turn(still(7200), 3600, 60))
    assert sleep.end_s == pytest.approx(7200, abs=10)
    assert len(sleep.wake_s) == 0


@pytest.mark.parametrize("seconds", [0.0, 0.05, 4.0, 30.0])
def test_a_recording_too_short_for_epochs_has_no_sleep(seconds: float) -> None:
    assert sleep_of(still(seconds)).onset_s is None


def test_the_largest_sum_is_that_of_every_interval_tried_by_hand() -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        score = rng.integers(-3, 4, rng.integers(0, 12)).astype(float)
        best = max(
            [score[i:j].sum() for i in range(len(score) + 1) for j in range(i, len(score) + 1)], default=0.0
        )
        start, end = largest_sum(score)
        assert score[start:end].sum() == max(best, 0)


def rests_min(*minutes: float) -> list[tuple[float, float]]:
    """What becomes of rest, pause, rest, ...: start and end of each rest that passes, min."""
    signs = [1.0 if number % 2 == 0 else -3.0 for number in range(len(minutes))]
    score = np.concatenate(
        [np.full(round(12 * length), sign) for length, sign in zip(minutes, signs, strict=True)]
    )
    rests, _ = find_rests(score, RULES.epoch_s, RULES)
    return [(first / 12, last / 12) for first, last in rests]


def test_a_pause_is_bridged_by_all_the_rest_beyond_it() -> None:
    assert rests_min(120, 45, 10) == [(0, 120)], "ten minutes don't pay for 45"
    assert rests_min(120, 45, 10, 10, 10) == [(0, 195)], "twenty, with their own short pause, do"
    assert rests_min(120, 70, 120) in ([(0, 120), (190, 310)], [(190, 310), (0, 120)])


@pytest.mark.parametrize("seed", range(30))
def test_the_night_played_backwards_has_the_same_rests(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(50, 900, 15)
    score = np.concatenate(
        [np.full(length, rng.uniform(0.5, 1) if n % 2 else -3.0) for n, length in enumerate(lengths)]
    )
    forwards, _ = find_rests(score, RULES.epoch_s, RULES)
    backwards, _ = find_rests(score[::-1], RULES.epoch_s, RULES)
    assert forwards
    assert forwards == [(len(score) - last, len(score) - first) for first, last in backwards]


def test_an_empty_prefix_is_left_off() -> None:
    assert largest_sum(np.array([0.0, 0.0, 1.0, 1.0, -5.0])) == (2, 4)
    assert largest_sum(np.array([-1.0, -2.0])) == (0, 0)
    assert largest_sum(np.empty(0)) == (0, 0)


def two_nights() -> np.ndarray:
    """20 min awake, 3 h asleep, 2 h up, 4 h asleep, 20 min awake."""
    return np.concatenate(
        [
            restless(1200),
            still(10_800),
            restless(7200, seed=6),
            still(14_400, seed=7),
            restless(1200, seed=8),
        ],
        axis=1,
    )


def test_of_two_sleeps_the_longer_is_the_night_and_the_other_is_named() -> None:
    sleep = sleep_of(two_nights())
    assert sleep.onset_s == pytest.approx(19_200, abs=120)
    assert sleep.end_s == pytest.approx(33_600, abs=10)
    np.testing.assert_allclose(sleep.others_s, [[1200, 12_000]], atol=120)


def test_a_nap_after_the_night_is_named_too() -> None:
    night = np.concatenate([two_nights(), restless(3600, seed=9), still(3600, seed=10)], axis=1)
    np.testing.assert_allclose(sleep_of(night).others_s, [[1200, 12_000], [38_400, 42_000]], atol=120)


def test_a_simple_night_has_no_other_rest() -> None:
    assert sleep_of(evening_night_morning(wake_min=10)).others_s.shape == (0, 2)
    assert sleep_of(restless(7200)).others_s.shape == (0, 2)


def test_no_rest_outside_the_lights_marks_is_named() -> None:
    assert len(sleep_of(two_nights(), lights_off_s=15_000.0).others_s) == 0


def test_twenty_five_minutes_of_sitting_still_is_no_sleep_and_an_hour_can_not_be_told_from_it() -> None:
    def sitting(minutes: float) -> np.ndarray:
        return np.concatenate([restless(1800), still(60 * minutes), restless(1800, seed=3)], axis=1)

    assert sleep_of(sitting(25)).onset_s is None
    assert sleep_of(sitting(60)).onset_s == pytest.approx(1800, abs=120)


@pytest.mark.parametrize("epochs", [1, 7, 360])
def test_a_night_recorded_later_is_the_same_night_later(epochs: int) -> None:
    night = evening_night_morning(wake_min=10)
    shift_s = epochs * RULES.epoch_s
    ours, theirs = sleep_of(night), sleep_of(np.concatenate([restless(shift_s, seed=11), night], axis=1))
    assert theirs.onset_s == pytest.approx(ours.onset_s + shift_s, abs=RULES.epoch_s)
    assert theirs.end_s == pytest.approx(ours.end_s + shift_s)
    np.testing.assert_allclose(theirs.wake_s, ours.wake_s + shift_s)
    np.testing.assert_allclose(theirs.onset_windows_s[1:], ours.onset_windows_s[1:] + shift_s)


def test_a_gap_in_deep_sleep_moves_no_window_and_no_wake_bout() -> None:
    night = evening_night_morning(wake_min=10)
    torn = night.copy()
    torn[:, 700_000:706_000] = np.nan
    ours, theirs = sleep_of(night), sleep_of(torn)
    assert theirs.span_s == ours.span_s
    np.testing.assert_array_equal(theirs.wake_s, ours.wake_s)
    np.testing.assert_array_equal(theirs.onset_windows_s, ours.onset_windows_s)


@pytest.mark.parametrize("seed", [3, 4])
def test_windows_of_falling_asleep_do_not_depend_on_how_the_sensor_sits(seed: int) -> None:
    night = evening_night_morning(wake_min=10)
    np.testing.assert_array_equal(
        sleep_of(rotated(night, seed)).onset_windows_s, sleep_of(night).onset_windows_s
    )


@pytest.mark.parametrize("seed", a_few([1, 2], of=2))
def test_a_made_waking_evening_has_no_sleep_period(seed: int) -> None:
    recording = simulate_night(hours=1.5, seed=seed, scenario="awake").recording
    assert find_sleep(recording.acceleration_g, recording.rate_hz, NOWHERE, RULES).onset_s is None


@pytest.mark.skipif(shared_data() is None, reason="the shared real data are not on this machine")
def test_short_device_files_hold_no_sleep() -> None:
    opened = 0
    for path in sorted((shared_data() / "devices").glob("*.csv")):  # type: ignore[operator]
        try:
            recording = read_recording(path)
        except InputError:
            continue
        opened += 1
        sleep = find_sleep(recording.acceleration_g, recording.rate_hz, NOWHERE, RULES)
        assert sleep.onset_s is None or recording.duration_s > RULES.min_still_s
    assert opened


@pytest.mark.skipif(not night_paths(), reason="the shared real nights are not on this machine")
def test_people_awake_in_the_sleep_laboratory_are_not_asleep_for_40_min() -> None:
    judged = 0
    for path in night_paths()[:6]:
        stage = np.load(path)
        begin = np.rint((stage["t"] - stage["t"][0]) * 86400 * FS).astype(np.int64)
        asleep = np.flatnonzero(np.isin(stage["gt"], (1, 2, 3, 5, 7)))
        if len(asleep) == 0:
            continue
        signal = ((night_counts(path) - ZERO) / COUNTS_PER_G).astype(np.float32)
        for piece in (
            signal[:, : begin[asleep[0]]],
            signal[:, begin[asleep[-1]] + int(stage["d"][asleep[-1]]) :],
        ):
            judged += 1
            start_s, end_s = sleep_of(piece).span_s or (0.0, 0.0)
            assert end_s - start_s < 2400, path.stem
    assert judged > 0


def test_a_night_says_what_of_it_was_not_analysed() -> None:
    signal = np.concatenate(
        [restless(600), still(2700), restless(4200, seed=6), still(3300, seed=7)],
        axis=1,
    )
    signal[:, 60_000:330_000] += jerk(1500, 0.2, 2700)
    night = analyse(Recording(signal, FS))
    ((start_s, end_s),) = night.sleep.others_s
    assert start_s == pytest.approx(600, abs=120)
    assert end_s == pytest.approx(3300, abs=120)
    assert night.sleep.ends_asleep
    assert any("second period of rest" in warning for warning in night.warnings)
    assert any("ends while you still slept" in warning for warning in night.warnings)
    at = night.events["onset_s"].sub(2100).abs().idxmin()
    assert night.events.loc[at, "onset_s"] == pytest.approx(2100, abs=1)
    assert night.events.loc[at, "state"] == "unknown"
    assert night.events.loc[at, "label"] == "unclassified"
