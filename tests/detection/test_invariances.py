"""The same movement gives the same events, however it was sensed, sampled, stored or cut.

The whole chain, from file or recording to events. What is expected comes from the untransformed night, or from the
plan that the night was made from, never from what was once found and stored.
"""

import dataclasses
import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import signal

import sleepjerk as sj
from sleepjerk.simulate import (
    LSM6DS3,
    MPU6050,
    Kind,
    Plan,
    PlannedEvent,
    Sensor,
    SimulatedNight,
    simulate_night,
    simulate_plan,
)
from tests.benchmarks.worlds.looked import recording_of
from tests.support.made_signals import rotated
from tests.support.marks import a_few
from tests.worlds import bedside

Samples = NDArray[np.float32]

SENSORS = {"LSM6DS3": LSM6DS3, "MPU6050": MPU6050}
# Noise far below a step, so that nothing but the rate differs between two rates; 16 bits over +-4 g.
SILENT = Sensor(name="silent", noise_g_per_rthz=1e-7)
PEAK = 0.02  # relative
FLOOR_WINDOW_S = 300.0
EDGE_S = 1.5  # nothing may be born this near to damage

# Every axis permutation with every choice of signs.
AXES = tuple(itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)))


# Nights, and the table of their events.


@cache
def short(sensor: str = "LSM6DS3", seed: int = 5) -> SimulatedNight:
    """The sample night, 0.8 h: sleep, two hypnic jerks, three twitches, an arm series, movements, a gap."""
    return simulate_night(scenario="short", seed=seed, sensor=SENSORS[sensor])


@cache
def short_events(sensor: str = "LSM6DS3", seed: int = 5) -> pd.DataFrame:
    return sj.analyse(short(sensor, seed).recording).events


def lively() -> Plan:
    """Ten minutes with every kind of movement a wrist is asked about, 50 mg to 1 g, well apart."""
    kinds = (Kind.HYPNIC_JERK, Kind.PERIODIC_ARM, Kind.REM_TWITCH, Kind.BODY_MOVEMENT)
    events = tuple(
        PlannedEvent(
            kind=kinds[number % 4],
            onset_s=20.0 + 22.0037 * number,
            peak_g=0.06 * 1.12**number,
            duration_s={1: 2.5, 3: 5.0}.get(number % 4),
        )
        for number in range(25)
    )
    return Plan(duration_s=600.0, events=events)


@cache
def fine() -> SimulatedNight:
    """The lively plan at 1000 Hz: every other rate is made of it, so that the movement is the same."""
    return simulate_plan(lively(), 3, sensor=SILENT, fs=1000.0)


def at_rate(fs: float, *, of: Samples | None = None, of_hz: float = 1000.0) -> Samples:
    """(3, n) the same night at another rate, by polyphase resampling."""
    samples = fine().recording.acceleration_g if of is None else of
    ratio = int(np.gcd(int(fs), int(of_hz)))
    mean = samples.mean(axis=1, keepdims=True)  # resampling pads with zeros: gravity must not end there
    moved = signal.resample_poly(samples - mean, int(fs) // ratio, int(of_hz) // ratio, axis=1)
    return np.asarray(moved + mean, dtype=np.float32)


def recording(samples: Samples, fs: float = 100.0) -> sj.Recording:
    return sj.Recording(np.ascontiguousarray(samples, dtype=np.float32), fs)


@cache
def lively_events(fs: float = 100.0) -> pd.DataFrame:
    return sj.analyse(recording(at_rate(fs), fs)).events


def changed(change: Callable[[Samples], Samples], sensor: str = "LSM6DS3", seed: int = 5) -> pd.DataFrame:
    """The events of the sample night with its samples changed."""
    night = short(sensor, seed).recording
    moved = np.asarray(change(night.acceleration_g), dtype=np.float32)
    return sj.analyse(dataclasses.replace(night, acceleration_g=moved)).events


def same_events(
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    *,
    onset_s: float = 0.0101,
    peak: float = PEAK,
    duration_s: float | None = None,
    labels: bool = True,
) -> None:
    """Fail unless both tables hold the same movements."""
    assert len(ours) > 0, "nothing to compare"
    assert len(theirs) == len(ours), unmatched(ours, theirs)
    np.testing.assert_allclose(theirs["onset_s"], ours["onset_s"], rtol=0, atol=onset_s)
    np.testing.assert_allclose(theirs["peak_g"], ours["peak_g"], rtol=peak)
    if duration_s is not None:
        np.testing.assert_allclose(theirs["duration_s"], ours["duration_s"], rtol=0, atol=duration_s)
    if labels:
        assert theirs["label"].tolist() == ours["label"].tolist()
        if duration_s is not None:
            np.testing.assert_allclose(theirs["confidence"], ours["confidence"], rtol=0, atol=0.05)


def unmatched(ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """What only one of two tables holds, in words."""

    def only(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
        far = [
            np.abs(other["onset_s"] - time).min() > 0.05 if len(other) else True for time in one["onset_s"]
        ]
        return [
            f"{row.onset_s:.2f} s {row.peak_g * 1000:.0f} mg {row.label}" for row in one[far].itertuples()
        ]

    return f"only before: {only(ours, theirs)}; only after: {only(theirs, ours)}"


def strong(events: pd.DataFrame, least_g: float = 0.040) -> pd.DataFrame:
    return events[events["peak_g"] > least_g]


def near(events: pd.DataFrame, time_s: float, within_s: float = EDGE_S) -> pd.DataFrame:
    """Events that overlap the surroundings of a moment."""
    end_s = events["onset_s"] + events["duration_s"]
    return events[(events["onset_s"] < time_s + within_s) & (end_s > time_s - within_s)]


def quiet_moment(events: pd.DataFrame, from_s: float, least_s: float = 20.0) -> float:
    """The middle of the first segment of `least_s` without an event from a time on."""
    starts = events["onset_s"].to_numpy()
    ends = np.maximum.accumulate(starts + events["duration_s"].to_numpy())
    pauses = [
        (end + start) / 2
        for end, start in zip(ends[:-1], starts[1:], strict=True)
        if end > from_s and start - end > least_s
    ]
    return float(pauses[0])


# However the sensor sits.


@pytest.mark.parametrize("seed", a_few(range(11, 31), of=20))
@pytest.mark.parametrize("sensor", SENSORS)
def test_a_rotated_sensor_sees_the_same_events(sensor: str, seed: int) -> None:
    same_events(short_events(sensor), changed(lambda samples: rotated(samples, seed), sensor))


@pytest.mark.parametrize("axes", a_few(AXES[7:] + AXES[:7], of=30), ids=str)
def test_each_of_48_ways_to_name_the_axes_sees_the_same_events(
    axes: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    order, signs = axes
    turned = changed(lambda samples: samples[list(order)] * np.array(signs, dtype=np.float32)[:, None])
    same_events(short_events(), turned, onset_s=0.0101, duration_s=0.0101)


# However fast it was sampled.


RATES = (50.0, 200.0, 250.0, 400.0)
PLANNED_RATES = (50.0, 200.0, 250.0)  # divisors of 1000


@cache
def planned_events(fs: float) -> pd.DataFrame:
    return sj.analyse(simulate_plan(lively(), 3, sensor=SILENT, fs=fs).recording).events


def both_rates(way: str, fs: float) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Strong events at 100 Hz and at another rate, and the interval of the coarser one."""
    if way == "resampled":
        return strong(lively_events()), strong(lively_events(fs)), 1 / min(fs, 100.0)
    # The generator scales peaks at its own rate, and a movement of the whole body begins ever so slowly: what is 15 %
    # of the peak at one rate is 14 % at the other, half a second later.
    ours, theirs = (
        one[one["duration_s"] < 4] for one in (strong(planned_events(rate)) for rate in (100.0, fs))
    )
    return ours, theirs, 1 / min(fs, 100.0)


WAYS = [("resampled", fs) for fs in RATES] + [("planned", fs) for fs in PLANNED_RATES]


@pytest.mark.parametrize("way", a_few(WAYS, of=3))
def test_another_rate_sees_the_same_movements(way: tuple[str, float]) -> None:
    ours, theirs, coarse_s = both_rates(*way)
    same_events(ours, theirs, onset_s=1.01 * coarse_s, peak=0.15, labels=False)


# The generator scales a planned peak at its own rate, so a plan made anew has equal sampled peaks by construction.
@pytest.mark.parametrize("fs", a_few(RATES, of=3))
def test_another_rate_sees_the_same_peaks(fs: float) -> None:
    ours, theirs, coarse_s = both_rates("resampled", fs)
    same_events(ours, theirs, onset_s=1.01 * coarse_s, labels=False)


# At 50 Hz the generator gives other strengths, and a lobe near 15 % of the peak may count or not.
@pytest.mark.parametrize("way", a_few([way for way in WAYS if way != ("planned", 50.0)], of=3))
def test_another_rate_sees_the_same_durations(way: tuple[str, float]) -> None:
    ours, theirs, coarse_s = both_rates(*way)
    np.testing.assert_allclose(theirs["duration_s"], ours["duration_s"], rtol=0, atol=2.01 * coarse_s)


@pytest.mark.parametrize("fs", a_few([400.0, 200.0], of=2))
def test_a_file_of_another_rate_gives_the_same_events(fs: float, tmp_path: Path) -> None:
    read = sj.read_recording(write_table(tmp_path / "night.csv", at_rate(fs), fs))
    same_events(strong(lively_events()), strong(sj.analyse(read).events), duration_s=0.0201, labels=False)


def asleep(events: pd.DataFrame) -> pd.DataFrame:
    return events[events["state"].isin(["sleep", "onset"])]


def everything(events: pd.DataFrame) -> pd.DataFrame:
    return events


@pytest.mark.parametrize(
    ("seed", "part"),
    [
        (5, asleep),
        *(pytest.param(seed, asleep, marks=pytest.mark.slow) for seed in (1, 2, 3)),
        (5, everything),
        pytest.param(7, everything, marks=pytest.mark.slow),
    ],
)
def test_a_rate_wrong_by_2_percent_gives_the_same_counts(
    seed: int, part: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    night = short(seed=seed).recording
    wrong = dataclasses.replace(night, rate_hz=102.0, gaps_s=night.gaps_s / 1.02)
    ours, theirs = (
        part(events)["label"].value_counts() for events in (short_events(seed=seed), sj.analyse(wrong).events)
    )
    differences = ours.sub(theirs, fill_value=0).abs()
    assert differences.max() <= 1, differences.to_dict()


# Whenever it began.


@pytest.mark.parametrize("count", a_few([37, 1, 12345, 500], of=2))
def test_stillness_before_shifts_the_events_and_nothing_else(count: int) -> None:
    samples = simulate_plan(lively(), 3, sensor=LSM6DS3).recording.acceleration_g
    ours = sj.analyse(recording(samples)).events
    assert ours["onset_s"].iloc[0] > 15, "the night begins with stillness"
    # Played backwards it is the same stillness and joins without a step.
    still = samples[:, 1:1500]
    there_and_back = np.concatenate((still, still[:, ::-1]), axis=1)
    before = np.concatenate([there_and_back] * (count // 2998 + 1), axis=1)[:, -count:]
    theirs = sj.analyse(recording(np.concatenate((before, samples), axis=1))).events
    same_events(ours, theirs.assign(onset_s=theirs["onset_s"] - count / 100), duration_s=0.0101)


@pytest.mark.parametrize("night", a_few(["short", "bedside"], of=2))
def test_a_recording_begun_between_two_steps_of_a_grid_holds_the_same_events(night: str) -> None:
    made = short().recording if night == "short" else recording_of(bedside.night("ordinary", 1, hours=1.5))
    cut = 125  # samples: none of the grids of 0.1 s and 0.5 s holds them
    later = dataclasses.replace(
        made, acceleration_g=made.acceleration_g[:, cut:], gaps_s=made.gaps_s - cut / 100
    )
    ours, theirs = sj.analyse(made).events, sj.analyse(later).events
    theirs = theirs.assign(onset_s=theirs["onset_s"] + cut / 100)
    ours, theirs = (events[events["onset_s"] > FLOOR_WINDOW_S] for events in (ours, theirs))
    same_events(ours, theirs, duration_s=0.0501)


# However it was stored.


def write_table(
    path: Path,
    samples: Samples,
    fs: float,
    *,
    names: str = "t_us,x_g,y_g,z_g",
    scale: float = 1.0,
    decimals: int = 5,
    separator: str = ",",
    decimal: str = ".",
) -> Path:
    """A CSV of the samples."""
    table = pd.DataFrame(np.round(samples.T.astype(float) * scale, decimals), columns=names.split(",")[1:])
    if decimals == 0:
        table = table.astype(int)
    table.insert(0, names.split(",")[0], np.rint(np.arange(len(table)) * 1e6 / fs).astype(int))
    table.to_csv(path, index=False, sep=separator, decimal=decimal, float_format=f"%.{decimals}f")
    return path


FORMS = {
    "g": ({}, {}),
    "g, semicolon and comma": ({"separator": ";", "decimal": ","}, {}),
    "mg": ({"names": "t_us,x_mg,y_mg,z_mg", "scale": 1000.0, "decimals": 2}, {}),
    "mg, semicolon and comma": (
        {"names": "t_us,x_mg,y_mg,z_mg", "scale": 1000.0, "decimals": 2, "separator": ";", "decimal": ","},
        {},
    ),
    "m/s2": ({"names": "t_us,x,y,z", "scale": 9.80665, "decimals": 4}, {"unit": "m/s2"}),
    "counts": ({"names": "t_us,x,y,z", "scale": 8192.0, "decimals": 0}, {"unit": "counts:8192"}),
    "counts, semicolon": (
        {"names": "t_us,x,y,z", "scale": 8192.0, "decimals": 0, "separator": ";"},
        {"unit": "counts:8192"},
    ),
}


@pytest.mark.parametrize("form", a_few(FORMS, of=3))
def test_every_form_of_the_file_gives_the_same_events(form: str, tmp_path: Path) -> None:
    written, told = FORMS[form]
    path = write_table(tmp_path / "night.csv", at_rate(100.0), 100.0, **written)  # type: ignore[arg-type]
    read = sj.read_recording(path, **told)  # type: ignore[arg-type]
    same_events(lively_events(), sj.analyse(read).events, duration_s=0.0101)


# In pieces.


def test_a_gap_moves_nothing_elsewhere() -> None:
    night, ours = short().recording, short_events()
    at_s = quiet_moment(ours, 1400.0)
    holed = night.acceleration_g.copy()
    holed[:, round(at_s * 100) - 250 : round(at_s * 100) + 250] = np.nan
    gaps_s = np.array(sorted([*night.gaps_s.tolist(), [at_s - 2.5, at_s + 2.5]]))
    same_events(ours, sj.analyse(dataclasses.replace(night, acceleration_g=holed, gaps_s=gaps_s)).events)


@pytest.mark.slow
def test_a_gap_at_three_in_a_whole_night_moves_nothing_elsewhere() -> None:
    night = simulate_night(scenario="demo", seed=5, sensor=LSM6DS3).recording
    assert night.start is not None
    ours = sj.analyse(night).events
    three_s = (night.start.replace(day=23, hour=3, minute=0, second=0) - night.start).total_seconds()
    at_s = quiet_moment(ours, three_s, 40.0)
    holed = night.acceleration_g.copy()
    holed[:, round(at_s * 100) - 1000 : round(at_s * 100) + 1000] = np.nan
    gaps_s = np.array(sorted([*night.gaps_s.tolist(), [at_s - 10, at_s + 10]]))
    same_events(ours, sj.analyse(dataclasses.replace(night, acceleration_g=holed, gaps_s=gaps_s)).events)


@pytest.mark.parametrize("half", ["first", "second"])
def test_half_a_night_holds_the_same_movements_as_the_whole(half: str) -> None:
    night, ours = short().recording, short_events()
    count = night.acceleration_g.shape[1]
    begin, end = (0, count * 6 // 10) if half == "first" else (count * 4 // 10, count)
    theirs = sj.analyse(recording(night.acceleration_g[:, begin:end])).events
    theirs = theirs.assign(onset_s=theirs["onset_s"] + begin / 100)
    first_s = 0.0 if begin == 0 else begin / 100 + FLOOR_WINDOW_S
    last_s = count / 100 if end == count else end / 100 - FLOOR_WINDOW_S

    def away(events: pd.DataFrame) -> pd.DataFrame:
        return events[events["onset_s"].between(first_s, last_s)]

    same_events(away(ours), away(theirs), duration_s=0.0101, labels=False)


# However the sensor errs.

GAIN_5 = pytest.mark.xfail(
    strict=True,
    reason="measured: too few postures to calibrate a gain, and of 71 events two of 32-40 mg are joined to a "
    "neighbour, since an arm counts as lifted from 25 mg on",
)


@pytest.mark.parametrize(
    ("seed", "part"),
    [
        (5, asleep),
        *(pytest.param(seed, asleep, marks=pytest.mark.slow) for seed in (1, 2)),
        (7, everything),
        pytest.param(3, everything, marks=pytest.mark.slow),
        pytest.param(5, everything, marks=GAIN_5),
    ],
)
def test_a_gain_of_3_percent_changes_no_label_of_a_clear_event(
    seed: int, part: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    theirs = changed(lambda samples: samples * np.float32(1.03), seed=seed)
    for event in part(short_events(seed=seed)).itertuples():
        if all(abs(event.peak_g / least_g - 1) > 0.1 for least_g in (0.020, 0.100)):
            twin = theirs[np.abs(theirs["onset_s"] - event.onset_s) < 0.0101]
            assert twin["label"].tolist() == [event.label], f"{event.onset_s} s, {event.peak_g} g"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_constant_offset_changes_nothing(axis: int) -> None:
    offset = np.zeros((3, 1), dtype=np.float32)
    offset[axis] = 0.020
    same_events(short_events(), changed(lambda samples: samples + offset))


# Damage bears no event.


def test_clipping_at_2_g_bears_no_event() -> None:
    events = tuple(
        PlannedEvent(kind=Kind.BODY_MOVEMENT, onset_s=60.0 + 60 * number, peak_g=3.0, duration_s=6.0)
        for number in range(4)
    )
    samples = simulate_plan(Plan(duration_s=330.0, events=events), 4, sensor=LSM6DS3).recording.acceleration_g
    assert np.abs(samples).max() > 2.5, "something is clipped"
    ours, theirs = (sj.analyse(recording(one)).events for one in (samples, np.clip(samples, -2, 2)))
    assert len(theirs) <= len(ours), unmatched(ours, theirs)


@pytest.mark.parametrize("from_s", [1400.0, 1900.0])
def test_one_spike_of_8_g_bears_no_event(from_s: float) -> None:
    at_s = quiet_moment(short_events(), from_s)

    def spiked(samples: Samples) -> Samples:
        hit = samples.copy()
        hit[1, round(at_s * 100)] = 8.0
        return hit

    assert near(changed(spiked), at_s).empty


TWITCHES = ("hypnic_jerk", "sleep_twitch", "periodic_movement")


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("born", ["twitch", "brief movement"])
def test_a_sensor_that_repeats_itself_for_10_min_bears_nothing(sensor: str, born: str) -> None:
    ours = short_events(sensor)
    at_s = quiet_moment(ours, 900.0)
    end_s = at_s + 600.0
    while not near(ours, end_s, 5.0).empty:
        end_s += 1.0

    def held(samples: Samples) -> Samples:
        same = samples.copy()
        first, after = round(at_s * 100), round(end_s * 100)
        same[:, first:after] = samples[:, first : first + 1]
        return same

    events = changed(held, sensor)
    asked = events[events["label"].isin(TWITCHES) if born == "twitch" else events["duration_s"] <= 0.7]
    assert near(asked, at_s).empty
    assert near(asked, end_s).empty, near(asked, end_s)[["onset_s", "peak_g", "label"]].to_dict("list")


@pytest.mark.parametrize("back_us", a_few([1_000_000, 50_000], of=2))
def test_a_stamp_that_runs_backwards_bears_no_event(back_us: int, tmp_path: Path) -> None:
    at_s = quiet_moment(lively_events(), 200.0, 10.0)
    path = write_table(tmp_path / "night.csv", at_rate(100.0), 100.0)
    table = pd.read_csv(path)
    table.loc[round(at_s * 100), "t_us"] -= back_us
    table.to_csv(path, index=False)
    events = sj.analyse(sj.read_recording(path)).events
    assert near(events, at_s).empty
    same_events(lively_events(), events, labels=False)


# What is one movement, and what are two.


def made_events(*planned: PlannedEvent, seconds: float, sensor: Sensor) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events and truth of a plan."""
    night = simulate_plan(Plan(duration_s=seconds, events=planned), 6, sensor=sensor)
    return sj.analyse(night.recording).events, night.truth


@pytest.mark.parametrize(
    ("sensor", "peak_g"),
    [
        ("LSM6DS3", 0.1),
        ("MPU6050", 0.1),
        ("LSM6DS3", 0.3),
        ("MPU6050", 0.3),
        ("LSM6DS3", 1.0),
        ("MPU6050", 1.0),
    ],
)
def test_two_jerks_one_second_apart_are_two(sensor: str, peak_g: float) -> None:
    onsets_s = [30.0 * number + later for number in range(1, 11) for later in (0.0, 1.0)]
    planned = [PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=onset_s, peak_g=peak_g) for onset_s in onsets_s]
    events, _ = made_events(*planned, seconds=340.0, sensor=SENSORS[sensor])
    found = [int(events["onset_s"].between(s - 0.2, s + 0.8, inclusive="left").sum()) for s in onsets_s]
    assert found == [1] * len(onsets_s)


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("length_s", a_few([1.0, 2.0, 3.0, 5.0], of=3))
def test_a_limb_movement_with_a_hold_is_not_split(sensor: str, length_s: float) -> None:
    planned = [
        PlannedEvent(kind=Kind.PERIODIC_ARM, onset_s=30.0 * number, peak_g=0.25, duration_s=length_s)
        for number in range(1, 11)
    ]
    events, _ = made_events(*planned, seconds=340.0, sensor=SENSORS[sensor])
    found = [len(near(events, one.onset_s + length_s / 2, length_s / 2)) for one in planned]
    assert found == [1] * len(planned)


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_jerk_half_a_second_from_a_body_movement_is_not_isolated(sensor: str, side: str) -> None:
    planned: list[PlannedEvent] = []
    for number in range(1, 9):
        onset_s = 60.0 * number
        jerk_s = onset_s - 0.9 if side == "before" else onset_s + 5.5
        planned.append(PlannedEvent(kind=Kind.BODY_MOVEMENT, onset_s=onset_s, peak_g=0.5, duration_s=5.0))
        planned.append(PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=jerk_s, peak_g=0.3))
    events, truth = made_events(*planned, seconds=560.0, sensor=SENSORS[sensor])
    for jerk_s in truth.loc[truth["peak_g"].between(0.25, 0.35), "onset_s"]:
        touched = near(events, jerk_s, 0.2)
        assert len(touched) >= 1, f"nothing is seen at {jerk_s:.2f} s"
        # One movement that swallowed the jerk may be isolated; a twitch of its own may not.
        twitches = touched[touched["duration_s"] <= 0.7]
        assert not twitches["isolated"].any()
