"""The sleep period: found where the arm lies still, never where it doesn't, whichever way the sensor sits."""

import numpy as np
import pytest

from sleepjerk.rules import SleepRules
from sleepjerk.sleep import Sleep, find_sleep, largest_sum
from tests.made_signals import FS, restless, rotated, still, turn

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
    assert sleep.end_s == pytest.approx(7800, abs=120)
    assert len(sleep.wake_s) == 0


def test_a_wake_bout_splits_nothing_and_is_reported() -> None:
    sleep = sleep_of(evening_night_morning(wake_min=10))
    assert sleep.onset_s == pytest.approx(1800, abs=120)
    assert sleep.end_s == pytest.approx(8400, abs=120)
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
    assert "none found" in sleep.method


def test_twenty_minutes_of_stillness_are_no_sleep() -> None:
    assert sleep_of(np.concatenate([restless(1200), still(1200)], axis=1)).onset_s is None


def test_a_night_that_begins_and_ends_asleep_is_sleep_from_end_to_end() -> None:
    sleep = sleep_of(still(7200))
    assert sleep.onset_s == 0
    assert sleep.end_s == pytest.approx(7200, abs=10)


def test_lights_marks_win() -> None:
    sleep = sleep_of(evening_night_morning(), lights_off_s=2500.0, lights_up_s=7000.0)
    assert sleep.onset_s == pytest.approx(2500, abs=5)
    assert sleep.end_s == pytest.approx(7000, abs=5)
    assert sleep.onset_windows_s.min() >= 2500
    assert "marks" in sleep.method


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


def test_an_empty_prefix_is_left_off() -> None:
    assert largest_sum(np.array([0.0, 0.0, 1.0, 1.0, -5.0])) == (2, 4)
    assert largest_sum(np.array([-1.0, -2.0])) == (0, 0)
    assert largest_sum(np.empty(0)) == (0, 0)
