"""The sleep period: found where the arm lies still, never where it doesn't, whichever way the sensor sits."""

import itertools
import math
from functools import cache

import numpy as np
import pytest

from sleepjerk import analyse
from sleepjerk.detection.sleep import Sleep, arm_activity, find_sleep
from sleepjerk.detection.sleep_model import delayed, evidence, how_likely
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


@cache
def evening_night_morning(wake_min: float = 0.0) -> np.ndarray:
    """30 min awake, 100 min asleep (with a wake bout in the middle, if asked), 20 min awake; read-only."""
    parts = [restless(1800), still(3000)]
    if wake_min:
        parts.append(restless(60 * wake_min, seed=5))
    night = np.concatenate([*parts, still(3000, seed=4), restless(1200, seed=3)], axis=1)
    night.flags.writeable = False
    return night


@cache
def sleep_between(wake_min: float = 0.0) -> Sleep:
    """The sleep of that night."""
    return sleep_of(evening_night_morning(wake_min))


def test_a_mirrored_arm_turns_as_far() -> None:
    night = evening_night_morning()
    ours, theirs = (arm_activity(samples, FS, RULES).turn_deg for samples in (night, -night))
    np.testing.assert_array_equal(theirs, ours)


def spans_of(sleep: Sleep) -> np.ndarray:
    """(6,) onset, end and the ends of both ranges, min."""
    assert sleep.span_s is not None
    assert sleep.onset_range_s is not None
    assert sleep.end_range_s is not None
    return np.array([*sleep.span_s, *sleep.onset_range_s, *sleep.end_range_s]) / 60


def a_night(seed: int) -> np.ndarray:
    """A night of random stretches, still and restless by turns, some with a turn of the arm or a gap."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(rng.integers(2, 6)):
        parts += [restless(rng.uniform(60, 2400), seed=int(rng.integers(1000))), still(rng.uniform(60, 6000))]
    night = np.concatenate(parts, axis=1)
    at = rng.integers(0, night.shape[1] - 30_000)
    night[:, at : at + rng.integers(1, 30_000)] = np.nan
    return turn(night, rng.uniform(0, night.shape[1] / FS), 60)


# What is true of every night.


@pytest.mark.parametrize("seed", a_few(range(12), of=6))
def test_onset_comes_before_the_end_and_each_within_its_range(seed: int) -> None:
    night = a_night(seed)
    sleep = sleep_of(night)
    if sleep.span_s is None:
        return
    onset, end, onset_low, onset_high, end_low, end_high = spans_of(sleep)
    assert 0 <= onset_low <= onset <= onset_high
    assert end_low <= end <= end_high <= night.shape[1] / FS / 60
    assert onset < end
    assert np.all((sleep.near_onset >= 0) & (sleep.near_onset <= 1))
    for spans in (sleep.wake_s, sleep.onset_windows_s):
        assert np.all(spans[:, 0] < spans[:, 1])
        assert np.all(spans <= end * 60 + 1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_it_does_not_matter_how_the_sensor_sits_on_the_wrist(seed: int) -> None:
    night = evening_night_morning(10)
    ours, theirs = sleep_between(10), sleep_of(rotated(night, seed))
    np.testing.assert_allclose(spans_of(theirs), spans_of(ours), atol=0.1)
    np.testing.assert_allclose(theirs.wake_s, ours.wake_s, atol=1)
    np.testing.assert_allclose(theirs.onset_windows_s, ours.onset_windows_s, atol=10)


@pytest.mark.parametrize("cut_s", [0.37, 1.37, 4.99, 17.3, 29.9])
def test_a_recording_begun_later_is_the_same_night(cut_s: float) -> None:
    night = evening_night_morning(10)
    ours, theirs = sleep_between(10), sleep_of(night[:, round(cut_s * FS) :])
    np.testing.assert_allclose(spans_of(theirs) + cut_s / 60, spans_of(ours), atol=1)
    np.testing.assert_allclose(theirs.wake_s + cut_s, ours.wake_s, atol=5)


@pytest.mark.parametrize("before_s", [5.0, 35.5, 1800.0])
def test_a_night_recorded_later_is_the_same_night_later(before_s: float) -> None:
    night = evening_night_morning(10)
    ours, theirs = sleep_between(10), sleep_of(np.concatenate([restless(before_s, seed=11), night], axis=1))
    np.testing.assert_allclose(spans_of(theirs) - before_s / 60, spans_of(ours), atol=1)
    np.testing.assert_allclose(theirs.wake_s - before_s, ours.wake_s, atol=5)


def test_noise_a_wrong_scale_and_another_rate_move_it_by_little() -> None:
    night = evening_night_morning(10)
    ours = sleep_between(10)
    noise_g = np.random.default_rng(3).normal(0, 0.002, night.shape)
    uncalibrated = 1.03 * night + np.array([[0.04], [-0.03], [0.02]])
    halved = find_sleep((night[:, ::2] + night[:, 1::2]) / 2, FS / 2, NOWHERE, RULES)
    for theirs in (sleep_of(night + noise_g), sleep_of(uncalibrated), halved):
        np.testing.assert_allclose(spans_of(theirs), spans_of(ours), atol=1)
        np.testing.assert_allclose(theirs.wake_s, ours.wake_s, atol=10)


@pytest.mark.parametrize("noise_g", [0.01, 0.02])
def test_the_noise_of_a_bad_sensor_is_no_movement(noise_g: float) -> None:
    night = evening_night_morning()
    noisy = night + np.random.default_rng(4).normal(0, noise_g, night.shape)
    np.testing.assert_allclose(spans_of(sleep_of(noisy)), spans_of(sleep_between()), atol=3)


@pytest.mark.parametrize("at_s", [500, 3000, 5000, 7000, 8600])
def test_a_minute_that_is_missing_moves_it_by_little(at_s: int) -> None:
    torn = evening_night_morning(10).copy()
    torn[:, at_s * 100 : at_s * 100 + 6000] = np.nan
    ours, theirs = sleep_between(10), sleep_of(torn)
    np.testing.assert_allclose(spans_of(theirs), spans_of(ours), atol=3)
    np.testing.assert_allclose(theirs.wake_s, ours.wake_s, atol=70)


def test_ten_minutes_missing_in_sleep_are_neither_waking_nor_movement() -> None:
    night = evening_night_morning().copy()
    night[:, 400_000:460_000] = np.nan
    sleep = sleep_of(night)
    np.testing.assert_allclose(spans_of(sleep), spans_of(sleep_between()), atol=3)
    assert len(sleep.wake_s) == 0


@pytest.mark.parametrize(
    ("off_s", "up_s"), [(2500.0, 7000.0), (2500.0, None), (None, 5000.0), (300.0, 8990.0)]
)
def test_lights_marks_win(off_s: float | None, up_s: float | None) -> None:
    sleep = sleep_of(evening_night_morning(), lights_off_s=off_s, lights_up_s=up_s)
    low, high = off_s or 0.0, up_s or np.inf
    times_s = 60 * spans_of(sleep)
    assert np.all((times_s >= low) & (times_s <= high))
    for spans in (sleep.wake_s, sleep.onset_windows_s, sleep.others_s):
        assert np.all((spans >= low) & (spans <= high))
    assert sleep.method.key == "method.marks"


@pytest.mark.parametrize(
    ("off_body", "worn"),
    [
        ((0.0, 5400.0), (5400.0, 10_800.0)),
        ((5400.0, 10_800.0), (0.0, 5400.0)),
        ((6000.0, 10_800.0), (0.0, 6000.0)),
    ],
)
def test_time_off_the_body_is_never_sleep(off_body: tuple[float, float], worn: tuple[float, float]) -> None:
    sleep = find_sleep(still(10_800), FS, np.array([off_body]), RULES)
    assert np.all((60 * spans_of(sleep) >= worn[0] - 10) & (60 * spans_of(sleep) <= worn[1] + 10))
    assert find_sleep(still(10_800), FS, np.array([[0.0, 10_800.0]]), RULES).span_s is None


# What is known by hand.


@pytest.mark.parametrize("wake_min", [0, 3, 10, 20])
def test_the_ranges_hold_when_the_arm_begins_to_lie_still_and_when_it_moves_again(wake_min: int) -> None:
    sleep = sleep_between(wake_min)
    onset, end, onset_low, onset_high, end_low, end_high = spans_of(sleep)
    assert onset_low <= 30 <= onset_high
    assert end_low <= 130 + wake_min <= end_high
    assert 30 <= onset <= 60, "stillness comes before sleep, by a quarter of an hour or so"
    assert end == pytest.approx(130 + wake_min, abs=5)
    assert onset_high - onset_low > 30, "a wrist can't tell lying still from sleep"
    assert end_high - end_low < 30


@pytest.mark.parametrize("minutes", [10, 20])
def test_waking_of_some_minutes_splits_nothing_and_is_reported(minutes: int) -> None:
    sleep = sleep_between(minutes)
    np.testing.assert_allclose(sleep.wake_s, [[4800, 4800 + 60 * minutes]], atol=40)
    assert len(sleep.others_s) == 0


def test_twenty_minutes_with_a_turn_a_minute_are_a_wake_bout() -> None:
    night = evening_night_morning()
    for minute in range(20):
        night = turn(night, 5000 + 60 * minute, 40 * (-1) ** minute)
    np.testing.assert_allclose(sleep_of(night).wake_s, [[5000, 6140]], atol=70)


def test_a_few_minutes_of_turning_or_one_turn_are_no_wake_bout() -> None:
    assert len(sleep_between(3).wake_s) == 0
    sleep = sleep_of(turn(still(7200), 3600, 60))
    assert len(sleep.wake_s) == 0
    assert spans_of(sleep)[1] == pytest.approx(120, abs=6)


def test_falling_asleep_is_looked_for_around_onset_and_after_each_wake_bout() -> None:
    windows = sleep_between(10).onset_windows_s
    at = np.array([900.0, 1900.0, 2400.0, 4600.0, 5100.0, 5600.0, 6000.0, 8000.0])
    near = [bool(((windows[:, 0] <= time) & (time < windows[:, 1])).any()) for time in at]
    assert near == [False, True, True, False, False, True, True, False]


def test_sitting_up_and_turning_is_not_falling_asleep() -> None:
    assert sleep_between().onset_windows_s.min() >= 1800 - 10


def test_near_onset_is_a_chance_at_any_moment_and_none_without_sleep() -> None:
    sleep = sleep_between()
    early, onset, late = sleep.near_onset_at(np.array([0.0, sleep.onset_s or 0.0, 7000.0]))
    assert early < 0.1
    assert onset > 0.4
    assert late < 0.1
    np.testing.assert_array_equal(sleep_of(restless(3600)).near_onset_at(np.array([0.0, 99.0])), [0.0, 0.0])


def test_a_person_awake_throughout_has_no_sleep_period_and_no_onset() -> None:
    sleep = sleep_of(restless(7200))
    assert sleep.span_s is None
    assert sleep.onset_range_s is None
    assert len(sleep.onset_windows_s) == 0
    assert sleep.method.key == "method.too_restless"


@pytest.mark.parametrize(("minutes", "slept"), [(20, False), (25, False), (36, True), (60, True)])
def test_less_than_half_an_hour_of_sitting_still_is_no_sleep_and_more_can_not_be_told_from_it(
    minutes: float, slept: bool
) -> None:
    sitting = np.concatenate([restless(1800), still(60 * minutes), restless(1800, seed=3)], axis=1)
    assert (sleep_of(sitting).span_s is not None) == slept


@pytest.mark.parametrize("seconds", [0.0, 0.05, 4.0, 30.0, 600.0])
def test_a_recording_too_short_for_sleep_has_none(seconds: float) -> None:
    assert sleep_of(still(seconds)).onset_s is None


def test_of_a_night_that_begins_and_ends_still_the_ranges_reach_both_ends() -> None:
    _, _, onset_low, _, end_low, end_high = spans_of(sleep_of(still(7200)))
    assert onset_low < 1
    assert end_low < 119 < end_high


def every_night(said: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chance of the sleep period to begin and to end at each half minute, by trying all courses of a short night.

    A course is a word of: awake, nap before, asleep, up, risen, nap after.
    """
    falls, wakes, rises, returns = (
        RULES.falls_asleep_chance,
        RULES.wakes_chance,
        RULES.rises_chance,
        RULES.returns_chance,
    )
    nap, stays = falls * RULES.nap_chance, 1 - wakes - rises
    after = {
        "a": {"a": 1 - falls - nap, "s": falls, "n": nap},
        "n": {"n": stays * RULES.nap_stays, "a": wakes + rises},
        "s": {"s": stays, "u": wakes, "r": rises},
        "u": {"u": 1 - returns, "s": returns},
        "r": {"r": 1 - falls - nap, "m": nap},
        "m": {"m": stays * RULES.nap_stays, "r": wakes + rises},
    }
    count = len(said)
    begin, end, whole = np.zeros(count), np.zeros(count + 1), 0.0
    for course in itertools.product(after, repeat=count):
        chance = {"a": 1 - RULES.begins_asleep, "s": RULES.begins_asleep}.get(course[0], 0.0)
        for one, next_one in itertools.pairwise(course):
            chance *= after[one].get(next_one, 0.0)
        for state, here, may in zip(course, said, allowed, strict=True):
            if state in "nsm":
                chance *= math.exp(here) * may
        whole += chance
        if "s" in course:
            begin[course.index("s")] += chance
            end[course.index("r") if "r" in course else count] += chance
    return begin / whole, end / whole


@pytest.mark.parametrize("seed", range(4))
def test_the_chances_are_those_of_every_course_of_a_short_night(seed: int) -> None:
    rng = np.random.default_rng(seed)
    said, allowed = rng.normal(0, 3, 5), rng.random(5) < 0.8
    begin, end = every_night(said, allowed)
    likely = how_likely(said[:, None], allowed[:, None], RULES)
    np.testing.assert_allclose(likely.still_from, begin, atol=1e-12)
    np.testing.assert_allclose(likely.until, end, atol=1e-12)


def test_a_further_turn_never_speaks_more_for_sleep_and_an_unseen_one_says_nothing() -> None:
    assert np.all(np.diff(evidence(np.linspace(0, 90, 200), np.zeros(200), RULES)) <= 0)
    assert evidence(np.array([np.nan]), np.zeros(1), RULES)[0] == 0.0


def test_a_delay_loses_no_chance_and_brings_nothing_forward() -> None:
    chance = np.zeros(500)
    chance[100] = 0.7
    late = delayed(chance, 6.0, RULES)
    assert late.sum() == pytest.approx(0.7)
    assert not late[:100].any()
    waited_s = np.average(np.arange(500) - 100, weights=late) * 6
    assert waited_s < RULES.delayed_share * RULES.delay_s, (
        "what would come after the recording comes at its end"
    )


def two_nights(up_h: float) -> np.ndarray:
    """20 min awake, 2 h asleep, some hours up, 4 h asleep, 20 min awake."""
    up, morning = restless(3600 * up_h, seed=6), restless(1200, seed=8)
    return np.concatenate([restless(1200), still(7200), up, still(14_400, seed=7), morning], axis=1)


def test_an_hour_awake_is_waking_in_one_night() -> None:
    sleep = sleep_of(two_nights(1))
    onset, end = spans_of(sleep)[:2]
    assert onset == pytest.approx(30, abs=15)
    assert end == pytest.approx(20 + 120 + 60 + 240, abs=5)
    np.testing.assert_allclose(sleep.wake_s, [[8400, 12_000]], atol=60)
    assert len(sleep.others_s) == 0


def test_of_two_sleeps_the_longer_is_the_night_and_the_other_is_named() -> None:
    sleep = sleep_of(two_nights(4))
    onset, end = spans_of(sleep)[:2]
    assert onset == pytest.approx(380 + 15, abs=15)
    assert end == pytest.approx(380 + 240, abs=5)
    np.testing.assert_allclose(sleep.others_s, [[1200, 8400]], atol=120)


def test_a_nap_after_the_night_is_named_too() -> None:
    night = np.concatenate([two_nights(4), restless(14_400, seed=9), still(3600, seed=10)], axis=1)
    begin_s = 60 * (20 + 120 + 240 + 240 + 20 + 240)
    np.testing.assert_allclose(sleep_of(night).others_s, [[1200, 8400], [begin_s, begin_s + 3600]], atol=120)


def test_where_two_rests_might_be_the_night_onset_and_end_belong_to_one_of_them() -> None:
    for length_s in (10_000, 10_010, 9990):
        both = [
            restless(1200),
            still(10_000),
            restless(18_000, seed=6),
            still(length_s),
            restless(1200, seed=8),
        ]
        onset, end = spans_of(sleep_of(np.concatenate(both, axis=1)))[:2]
        assert (onset < 60 and end < 210) or (onset > 480 and end > 600)


def test_a_simple_night_has_no_other_rest() -> None:
    assert sleep_between(10).others_s.shape == (0, 2)
    assert sleep_of(restless(7200)).others_s.shape == (0, 2)


def test_no_rest_outside_the_lights_marks_is_named() -> None:
    assert len(sleep_of(two_nights(4), lights_off_s=10_000.0).others_s) == 0


# Made nights, real ones, and what a night says.


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


@pytest.mark.slow
def test_a_night_says_what_of_it_was_not_analysed() -> None:
    signal = np.concatenate(
        [restless(600), still(2100), restless(14_400, seed=6), still(3300, seed=7)],
        axis=1,
    )
    signal[:, 60_000:270_000] += jerk(1500, 0.2, 2100)
    night = analyse(Recording(signal, FS))
    ((start_s, end_s),) = night.sleep.others_s
    assert start_s == pytest.approx(600, abs=120)
    assert end_s == pytest.approx(2700, abs=120)
    assert night.sleep.ends_asleep
    assert any("second period of rest" in warning for warning in night.warnings)
    assert any("ends while you were still asleep" in warning for warning in night.warnings)
    at = night.events["onset_s"].sub(2100).abs().idxmin()
    assert night.events.loc[at, "onset_s"] == pytest.approx(2100, abs=1)
    assert night.events.loc[at, "state"] == "unknown"
    assert night.events.loc[at, "label"] == "unclassified"
