"""Mistakes that other scorers of movements made: one test each, so that none is made here."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

import sleepjerk as sj
from sleepjerk import Device, Recording, Rules
from sleepjerk.detection.classify import find_isolated, find_states
from sleepjerk.detection.periodic import find_series, find_wrist_series
from sleepjerk.events import event_rows, events_text
from sleepjerk.night.document import to_document
from sleepjerk.night.rates import rate_by_label
from sleepjerk.report import render_report
from sleepjerk.rules import AASM_SERIES, SeriesRules
from sleepjerk.spans import length_without
from tests.night.test_summary import movements
from tests.support.made_signals import FS, jerk, restless, shake, still
from tests.support.marks import a_few

RULES = Rules()
PROJECT = Path(__file__).resolve().parents[2]
BOTH = pytest.mark.parametrize("rules", [RULES.series, AASM_SERIES], ids=["wasm2016", "aasm"])
Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


def analysed(acceleration_g: Samples, *, fs: float = FS, gaps_s: Floats | None = None) -> sj.Night:
    gaps_s = np.empty((0, 2)) if gaps_s is None else gaps_s
    return sj.analyse(Recording(acceleration_g, fs, gaps_s, device=Device(step_g=0.0001)))


def sleeper(seconds: float, jerks_s: Floats | tuple[float, ...] = (), peak_g: float = 0.3) -> Samples:
    """Somebody who lies still, breathes, and jerks at these times: (3, n), g."""
    night = still(seconds, noise_g=0.001)
    night[1] += 0.006 * np.sin(2 * np.pi * 0.25 * np.arange(night.shape[1]) / FS).astype(np.float32)
    for at_s in jerks_s:
        first = round((at_s - 0.5) * FS)
        night[:, first : first + 100] += jerk(0.5, peak_g, 1.0)
    return night


# Series and isolation.


@BOTH
def test_a_series_that_ends_at_the_last_movement_of_the_night_keeps_it(rules: SeriesRules) -> None:
    onset_s = np.array([10.0, 40.0, 70.0, 100.0])
    assert find_series(onset_s, onset_s + 1, rules).in_series.tolist() == [True] * 4
    assert find_wrist_series(onset_s, onset_s + 1, rules, RULES.periodicity).series.tolist() == [1] * 4


def test_a_lone_event_is_isolated() -> None:
    assert find_isolated(np.array([500.0]), np.array([500.3]), RULES.classification).tolist() == [True]
    (event,) = analysed(still(120, noise_g=0.001) + jerk(60, 0.3, 120)).events.itertuples()
    assert event.isolated


def test_of_two_events_five_seconds_apart_neither_is_isolated() -> None:
    onset_s = np.array([500.0, 505.0])
    assert find_isolated(onset_s, onset_s + 0.3, RULES.classification).tolist() == [False, False]
    assert analysed(sleeper(900, (500.0, 505.0))).events["isolated"].tolist() == [False, False]


def test_flags_belong_to_their_movements_when_rows_are_dropped() -> None:
    # The second is too short for a movement, the sixth too long for a candidate.
    onset_s = np.array([0.0, 10.0, 30.0, 60.0, 90.0, 100.0, 130.0])
    offset_s = onset_s + np.array([1.0, 0.2, 1.0, 1.0, 1.0, 12.0, 1.0])
    whole = find_series(onset_s, offset_s, RULES.series)
    assert whole.candidate.tolist() == [True, False, True, True, True, False, True]
    assert whole.in_series.tolist() == [True, False, True, True, True, False, False]
    assert whole.series.tolist() == [1, 0, 1, 1, 1, 0, 0]
    kept = np.array([True, False, True, True, True, False, True])
    dropped = find_series(onset_s[kept], offset_s[kept], RULES.series)
    assert dropped.candidate.tolist() == [True] * 5
    assert dropped.in_series.tolist() == [True] * 5
    np.testing.assert_array_equal(dropped.imi_s, [np.nan, 30, 30, 30, 40])


def test_an_hour_that_is_left_out_leaves_numerator_and_denominator() -> None:
    night_s, hour_s = (0.0, 4 * 3600.0), np.array([[3600.0, 7200.0]])
    events = movements(np.arange(180.0, 4 * 3600, 360))
    for wake_s, analysed_h in ((np.empty((0, 2)), 4.0), (hour_s, 3.0)):
        states = find_states(
            events["onset_s"].to_numpy(), night_s, wake_s, np.empty((0, 2)), np.empty((0, 2))
        )
        hours = length_without(night_s, [wake_s]) / 3600
        assert hours == analysed_h
        assert rate_by_label(event_rows(events.assign(state=states)), night_s, hours)["limb_movement"] == 10.0


def test_a_gap_of_an_hour_leaves_numerator_and_denominator() -> None:
    # A jerk every 10 min: 6 an hour, with or without the third hour.
    whole = sleeper(5 * 3600, np.arange(300.0, 5 * 3600, 600))
    torn = whole.copy()
    torn[:, round(7200 * FS) : round(10800 * FS)] = np.nan
    rates = []
    for night_g, gaps_s in ((whole, np.empty((0, 2))), (torn, np.array([[7200.0, 10800.0]]))):
        night = analysed(night_g, gaps_s=gaps_s)
        rate = [night.per_hour[label] for label in ("hypnic_jerk", "sleep_twitch")]
        assert None not in rate
        rates.append((night.sleep.analysed_h, sum(value for value in rate if value is not None)))
    (hours, rate), (hours_torn, rate_torn) = rates
    assert hours is not None
    assert hours_torn == pytest.approx(hours - 1, abs=0.01)
    assert (rate, rate_torn) == (pytest.approx(6, abs=0.3), pytest.approx(6, abs=0.3))


def test_the_hours_dont_depend_on_the_movements_that_are_counted() -> None:
    quiet, lively = (
        analysed(sleeper(4 * 3600, at_s)).sleep for at_s in ((), np.arange(3700.0, 4 * 3600 - 600, 97.0))
    )
    assert quiet.analysed_h is not None
    assert (lively.period_h, lively.analysed_h) == (quiet.period_h, quiet.analysed_h)


# Time.


def test_a_day_has_86400_seconds() -> None:
    start = datetime(2026, 11, 22, 22, 31, 4, tzinfo=ZoneInfo("Europe/Berlin"))
    recording = Recording(np.zeros((3, 90), np.float32), 0.001, start=start)  # 25 h
    later = datetime(2026, 11, 23, 6, 31, 4, tzinfo=ZoneInfo("Europe/Berlin"))
    assert recording.seconds_at(later) == 8 * 3600
    assert recording.seconds_at(start + timedelta(days=1)) == 86400
    assert recording.wall_clock(8 * 3600.0) == later


@pytest.mark.slow
def test_a_marker_after_eight_hours_over_midnight_stays_within_one_sample(tmp_path: Path) -> None:
    start, rate_hz = datetime(2026, 11, 22, 22, 31, 4, tzinfo=UTC), 10
    stamps = np.arange(round(8.1 * 3600 * rate_hz))
    marker = 8 * 3600 * rate_hz
    begin = np.datetime64(start.replace(tzinfo=None), "ms")
    times = np.datetime_as_string(begin + stamps * np.timedelta64(1000 // rate_hz, "ms"), timezone="UTC")
    x = np.where(stamps == marker, "0.9", "0.1")
    lines = np.char.add(np.char.add(times, ","), np.char.add(x, ",0.2,0.97"))
    path = tmp_path / "night.csv"
    path.write_text("time,x_g,y_g,z_g\n" + "\n".join(lines) + "\n")
    recording = sj.read_recording(path)
    at = int(np.argmax(recording.acceleration_g[0])) / recording.rate_hz
    assert abs(at - 8 * 3600) <= 1 / rate_hz
    clock = recording.wall_clock(at)
    assert clock is not None
    assert abs(clock - datetime(2026, 11, 23, 6, 31, 4, tzinfo=UTC)) <= timedelta(seconds=1 / rate_hz)


@pytest.mark.parametrize("device_hz", a_few([128.0, 256.0, 104.0, 31.25], of=4))
def test_an_event_at_hour_eight_is_found_there_at_any_rate(tmp_path: Path, device_hz: float) -> None:
    # Six minutes at each end of the night; what lies between is a gap, which no clock may get wrong.
    at_s, width_s = 8 * 3600.0, 0.2 if device_hz > 40 else 0.4
    count = round(360 * device_hz)
    first = still(360, fs=device_hz, noise_g=0.001)
    last = still(360, fs=device_hz, noise_g=0.001, seed=2) + jerk(
        180, 0.5, 360, fs=device_hz, width_s=width_s
    )
    begin = round((at_s - 180) * device_hz)
    steps = np.concatenate((np.arange(count), begin + np.arange(count)))
    rows = np.column_stack((np.floor(steps * 1e6 / device_hz), np.concatenate((first, last), axis=1).T))
    path = tmp_path / "night.csv"
    np.savetxt(path, rows, "%d,%.4f,%.4f,%.4f", header="t_us,x_g,y_g,z_g", comments="")
    (event,) = sj.analyse(sj.read_recording(path)).events.itertuples()
    assert event.onset_s == pytest.approx(begin / device_hz + 180 - width_s / 2, abs=0.1)


@pytest.mark.slow
def test_over_a_whole_night_the_clock_of_events_neither_runs_nor_jumps() -> None:
    truth_s = np.arange(600.0, 8 * 3600, 1800)
    events = analysed(sleeper(8 * 3600, truth_s)).events
    error_s = events["onset_s"].to_numpy() - (truth_s - 0.1)
    assert len(error_s) == len(truth_s)
    assert np.abs(error_s).max() < 0.05
    assert np.ptp(error_s) < 0.03


# Lists and texts.


def test_more_than_two_hundred_events_are_kept_everywhere() -> None:
    truth_s = np.arange(30.0, 3300.0, 12.0)
    night = analysed(still(3330, noise_g=0.001) + sum_of_jerks(truth_s, 3330))
    assert len(truth_s) == 273
    assert len(night.events) == 273
    assert len(to_document(night)["events"]) == 273
    assert events_text(night.events).count("\n") == 274
    assert len(re.findall(r"<tr><td>\d+<td>", render_report(night))) == 273


def sum_of_jerks(times_s: Floats, seconds: float) -> Samples:
    signal_g = np.zeros((3, round(seconds * FS)), np.float32)
    for at_s in times_s:
        first = round((at_s - 0.5) * FS)
        signal_g[:, first : first + 100] += jerk(0.5, 0.3, 1.0)
    return signal_g


SERIES, MOVE, LIMIT = RULES.series, RULES.movement, RULES.criteria
INTERVAL = (SERIES.min_interval_s, SERIES.max_interval_s)
FAST = (MOVE.fast_low_hz, MOVE.fast_high_hz, MOVE.fast_window_s)
SLOW = (MOVE.slow_low_hz, MOVE.slow_high_hz, MOVE.slow_window_s)
WRITTEN = [
    ("sleepjerk/report/languages/en.toml", r"between (\d+) and (\d+) s; chance", INTERVAL),
    ("sleepjerk/detection/periodic.py", r'WASM 2016 says "(\d+)-(\d+) s"', INTERVAL),
    ("sleepjerk/detection/periodic.py", r"candidate lasts at most (\d+) s", (SERIES.max_duration_s,)),
    ("sleepjerk/detection/periodic.py", r"\*less than\* ([\d.]+) s", (SERIES.bilateral_gap_s,)),
    (
        "sleepjerk/detection/periodic.py",
        r"movement shorter than ([\d.]+) s is none",
        (SERIES.min_duration_s,),
    ),
    ("sleepjerk/detection/periodic.py", r"periodic when (\d+) < IMI <= (\d+) s", INTERVAL),
    ("sleepjerk/night/model.py", r"None below (\d+)\s+movements/h", (RULES.periodicity.min_rate_per_h,)),
    ("sleepjerk/detection/detect.py", r"fast one \((\d+)-(\d+) Hz, ([\d.]+) s\)", FAST),
    ("sleepjerk/detection/detect.py", r"slow one\s+\((\d+)-(\d+) Hz, ([\d.]+) s\)", SLOW),
    ("sleepjerk/detection/sleep.py", r"angle over (\d+) s", (RULES.sleep.epoch_s,)),
    ("CONTRIBUTING.md", r"four jerks (\d+) to (\d+) s\s+apart", INTERVAL),
]


@pytest.mark.parametrize(("path", "pattern", "values"), WRITTEN)
def test_a_threshold_in_a_text_is_the_one_in_the_rules(
    path: str, pattern: str, values: tuple[float, ...]
) -> None:
    found = re.search(pattern, (PROJECT / path).read_text(encoding="utf-8"))
    assert found is not None
    assert tuple(float(group) for group in found.groups()) == values


def test_the_number_of_nights_in_the_readme_is_that_of_the_rules() -> None:
    (word,) = re.findall(
        r"at least (\w+) nights of a week", (PROJECT / "README.md").read_text(encoding="utf-8")
    )
    assert {"five": 5}[word] == LIMIT.week_valid


@cache
def stricter() -> sj.Night:
    """A night judged by limits that nothing but the rules can know."""
    limits = dataclasses.replace(
        LIMIT, periodic_per_h=7.77, onset_twitches=3, moderate_g=0.222, strong_g=0.888, raised_per_h=6.66
    )
    night = sleeper(3600, (900.0, 1500.0))
    return sj.analyse(Recording(night, FS), dataclasses.replace(RULES, criteria=limits))


@pytest.mark.parametrize("shown", ["≥ 7.77 /h", "≥ 3 twitches", "≥ 6.66 /h", "222 mg", "888 mg"])
def test_the_limits_on_the_page_are_those_that_judged(shown: str) -> None:
    assert shown in re.sub(r"<[^>]+>", "", render_report(stricter()))


def test_unknown_is_never_zero() -> None:
    document = to_document(analysed(still(600, noise_g=0.001) + jerk(300, 0.3, 600)))
    assert set(document["per_hour"].values()) == {None}
    for part, names in {
        "sleep": ("onset_s", "end_s", "period_h", "analysed_h", "quiet_h", "wake_bouts", "wake_s"),
        "periodic": (
            "index_per_h",
            "other_index_per_h",
            "periodicity_index",
            "series",
            "movements",
            "series_share",
            "median_interval_s",
            "sleep_interval_s",
            "sleep_intervals_per_h",
        ),
        "recording": ("clock_drift_ppm", "range_g", "calibration_error_g"),
        "surroundings": ("rings", "rings_per_h", "shared_bed"),
    }.items():
        assert {name: document[part][name] for name in names} == dict.fromkeys(names)
    rates = [line for line in document["verdict"]["criteria"] if line["unit"] == "/h"]
    assert rates
    assert [line["id"] for line in rates if line["met"] is not None or line["value"] is not None] == []


# Movements.


@pytest.mark.parametrize("turns_per_min", [0.2, 1.0, 3.0])
def test_a_still_sensor_that_is_slowly_turned_makes_no_event(turns_per_min: float) -> None:
    night = still(600, noise_g=0.001)
    time = np.arange(night.shape[1]) / FS
    angle = 2 * np.pi * turns_per_min / 60 * time
    turned = night.copy()
    turned[0] = np.cos(angle) * night[0] + np.sin(angle) * night[2]
    turned[2] = np.cos(angle) * night[2] - np.sin(angle) * night[0]
    assert len(analysed(turned).events) == 0


def test_two_jerks_four_seconds_apart_are_two() -> None:
    onset_s = analysed(sleeper(120, (60.0, 64.0))).events["onset_s"].to_numpy()
    assert onset_s == pytest.approx([59.9, 63.9], abs=0.05)


@pytest.mark.parametrize("gap_s", a_few([0.15, 2.0, 60.0], of=2))
def test_the_edges_of_gaps_are_never_events(gap_s: float) -> None:
    # After every gap the arm lies another way, and the sensor woke up with a jump.
    night = still(3600, noise_g=0.001)
    rng = np.random.default_rng(5)
    gaps_s = np.stack((np.arange(100.0, 3500, 100), np.arange(100.0, 3500, 100) + gap_s), axis=1)
    for start_s, end_s in gaps_s:
        first, after = round(start_s * FS), round(end_s * FS)
        direction = rng.normal(size=3)
        night[:, after:] = (
            still((night.shape[1] - after) / FS, noise_g=0.001)[[2, 2, 2]]
            * (direction / np.linalg.norm(direction)).astype(np.float32)[:, None]
        )
        night[:, first:after] = np.nan
    assert len(analysed(night, gaps_s=gaps_s).events) == 0


def test_a_movement_that_a_gap_cuts_is_no_event() -> None:
    night = still(300, noise_g=0.001) + shake(95, 10, 0.5, 300) + shake(200, 10, 0.5, 300)
    night[:, 10000:10100] = np.nan
    (event,) = analysed(night, gaps_s=np.array([[100.0, 101.0]])).events.itertuples()
    assert event.onset_s == pytest.approx(200, abs=0.3)


def night_with_a_series(*, last_s: float, awake_s: float = 0.0, gap_s: float | None = None) -> sj.Night:
    """Two hours of stillness in which four movements of 2 s begin 20 s apart, the last one so long before its end."""
    night = np.concatenate([restless(600), still(7200, seed=8), restless(awake_s, seed=3)], axis=1)
    night[0] += 0.003 * np.sin(2 * np.pi * 0.25 * np.arange(night.shape[1]) / FS)  # breathing: it is worn
    seconds = night.shape[1] / FS
    for back_s in (60.0, 40.0, 20.0, 0.0):
        night += shake(7800 - last_s - back_s, 2.0, 0.15, seconds)
    gaps_s = np.empty((0, 2))
    if gap_s is not None:
        begin_s = 7800 - last_s + gap_s
        night[:, round(begin_s * FS) : round((begin_s + 0.2) * FS)] = np.nan
        gaps_s = np.array([[begin_s, begin_s + 0.2]])
    return analysed(night, gaps_s=gaps_s)


@pytest.mark.parametrize("last_s", a_few([2.3, 2.0, 3.5, 60.0], of=4))
def test_a_series_of_four_that_ends_with_the_recording_is_one(last_s: float) -> None:
    night = night_with_a_series(last_s=last_s)
    assert (night.periodic.series, night.periodic.movements, night.counts["periodic_movement"]) == (1, 4, 4)
    analysed_h = night.sleep.analysed_h
    assert analysed_h is not None
    assert (
        night.per_hour["periodic_movement"]
        == night.periodic.index_per_h
        == pytest.approx(4 / analysed_h, abs=1e-3)
    )


@pytest.mark.parametrize("last_s", a_few([60.0, 80.0, 200.0], of=3))
def test_a_series_of_four_that_begins_in_sleep_and_ends_with_it_is_one(last_s: float) -> None:
    night = night_with_a_series(last_s=last_s, awake_s=1200.0)
    assert night.sleep.end_s is not None
    assert 7800 - last_s - 60 < night.sleep.end_s
    assert (night.periodic.series, night.periodic.movements, night.counts["periodic_movement"]) == (1, 4, 4)


@pytest.mark.parametrize("gap_s", a_few([-0.5, -39.0, -10.0, 0.9, 2.2], of=5))
def test_a_gap_of_a_fifth_of_a_second_breaks_no_series(gap_s: float) -> None:
    """Between two movements, beside one and in the middle of one."""
    night = night_with_a_series(last_s=700.0, gap_s=gap_s)
    assert (night.periodic.series, night.periodic.movements) == (1, 4)


def test_movements_of_who_woke_make_no_series_of_sleep() -> None:
    rng = np.random.default_rng(5)
    night = np.concatenate([restless(600), still(9000, seed=8)], axis=1)
    night[0] += 0.003 * np.sin(2 * np.pi * 0.25 * np.arange(night.shape[1]) / FS)
    for at_s in np.cumsum(rng.uniform(15, 60, 45)) + 7800:
        night += shake(at_s, rng.uniform(1, 6), 0.3, 9600)
    found = analysed(night)
    assert found.sleep.end_s is not None
    assert found.sleep.end_s < 8400
    assert not found.events.loc[found.events["onset_s"] > found.sleep.end_s, "series"].notna().any()


def test_rows_that_are_missing_from_a_file_make_no_event(tmp_path: Path) -> None:
    night = still(600, noise_g=0.001)
    night[:, 30000:] = still(300, noise_g=0.001, seed=2)[[2, 0, 1]]
    rows = np.column_stack((np.arange(night.shape[1]) * 10_000, night.T))
    kept = np.delete(rows, np.s_[29000:31000], axis=0)
    path = tmp_path / "night.csv"
    np.savetxt(path, kept, "%d,%.4f,%.4f,%.4f", header="t_us,x_g,y_g,z_g", comments="")
    recording = sj.read_recording(path)
    assert len(recording.gaps_s) == 1
    assert len(sj.analyse(recording).events) == 0


def held_movement(length_s: float, degrees: float, ripple: float, ripple_hz: float) -> Samples:
    """A forearm (0.25 m) that lifts within 0.3 s, is held with a ripple, and sinks back: (3, n), g."""
    time = np.arange(round((length_s + 1) * FS)) / FS - 0.5
    ease = [np.clip(place / 0.3, 0, 1) for place in (time, length_s - time)]
    lift = np.prod([10 * u**3 - 15 * u**4 + 6 * u**5 for u in ease], axis=0)
    angle = np.radians(degrees) * lift * (1 + ripple * np.sin(2 * np.pi * ripple_hz * time) * (lift >= 0.999))
    push = 0.25 * np.gradient(np.gradient(angle, 1 / FS), 1 / FS) / 9.80665
    return np.stack([np.sin(angle) + push, np.zeros_like(angle), np.cos(angle) - 1]).astype(np.float32)


@pytest.mark.parametrize("ripple_hz", a_few([1.0, 1.5, 2.0, 3.0], of=2))
def test_the_parts_of_one_limb_movement_make_no_peak_of_intervals_at_2_to_4_s(ripple_hz: float) -> None:
    rng = np.random.default_rng(8)
    night = still(3600, noise_g=0.001)
    truth_s = np.arange(60.0, 3500, 30.0)
    for at_s in truth_s:
        piece = held_movement(rng.uniform(2.0, 5.0), rng.uniform(4, 8), rng.uniform(0.2, 0.5), ripple_hz)
        first = round((at_s - 0.5) * FS)
        night[:, first : first + piece.shape[1]] += piece
    intervals = np.diff(analysed(night).events["onset_s"])
    assert np.sum((intervals >= 2) & (intervals <= 4)) <= 0.02 * len(truth_s)
    assert len(intervals) + 1 == pytest.approx(len(truth_s), rel=0.05)
