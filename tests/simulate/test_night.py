"""Made nights: repeatable, true to their plan, physically right, and as often as the literature says."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy import signal

from sleepjerk.errors import InputError
from sleepjerk.events import Label
from sleepjerk.simulate import (
    ADXL345,
    LSM6DS3,
    MPU6050,
    SCENARIOS,
    Kind,
    Plan,
    PlannedEvent,
    Sensor,
    SimulatedNight,
    draw_plan,
    simulate_night,
    simulate_plan,
)
from sleepjerk.simulate.plan import asleep, falling_asleep, inside
from sleepjerk.simulate.truth import COLUMNS
from tests.support.marks import a_few

SILENT = Sensor(name="ideal", noise_g_per_rthz=0.0)


def one(kind: Kind, onset_s: float = 30.0, **facts: float) -> SimulatedNight:
    event = PlannedEvent(kind=kind, onset_s=onset_s, **facts)  # type: ignore[arg-type]
    return simulate_plan(Plan(duration_s=120.0, events=(event,), living=False), 3, sensor=SILENT)


def reading(night: SimulatedNight, from_s: float, to_s: float) -> np.ndarray:
    rows = night.recording.acceleration_g[:, round(from_s * 100) : round(to_s * 100)]
    return rows.astype(np.float64).mean(axis=1)


def tilt_between(first: np.ndarray, second: np.ndarray) -> float:
    share = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    return float(np.degrees(np.arccos(np.clip(share, -1, 1))))


@pytest.fixture(scope="module")
def healthy() -> SimulatedNight:
    return simulate_night(1.0, 11, "healthy")


def test_the_same_seed_makes_the_same_night_bit_for_bit(healthy: SimulatedNight) -> None:
    again = simulate_night(1.0, 11, "healthy")
    assert again.recording.acceleration_g.tobytes() == healthy.recording.acceleration_g.tobytes()
    assert again.recording.input_sha256 == healthy.recording.input_sha256
    assert again.recording.marks == healthy.recording.marks
    assert again.recording.device == healthy.recording.device
    pd.testing.assert_frame_equal(again.truth, healthy.truth, check_exact=True)


def test_another_seed_makes_another_night(healthy: SimulatedNight) -> None:
    other = simulate_night(1.0, 12, "healthy")
    assert not np.array_equal(other.counts, healthy.counts)
    assert not np.array_equal(other.truth["onset_s"], healthy.truth["onset_s"])


def test_one_event_more_leaves_the_others_as_they_were() -> None:
    jerks = [PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=at, peak_g=0.2) for at in (20.0, 60.0)]
    extra = PlannedEvent(kind=Kind.MYOCLONUS, onset_s=40.0, peak_g=0.005)
    few = simulate_plan(Plan(duration_s=90.0, events=tuple(jerks)), 4)
    more = simulate_plan(Plan(duration_s=90.0, events=(*jerks, extra)), 4)
    first, second = few.recording.acceleration_g, more.recording.acceleration_g
    assert np.array_equal(first[:, :3900], second[:, :3900])
    assert np.array_equal(first[:, 4200:], second[:, 4200:])


def test_a_still_ideal_sensor_reads_1_g() -> None:
    night = simulate_plan(Plan(duration_s=60.0, living=False), 8, sensor=SILENT)
    length = np.linalg.norm(night.recording.acceleration_g.astype(np.float64), axis=0)
    assert length == pytest.approx(1.0, abs=2 * SILENT.step_g)


@pytest.mark.parametrize(("sensor", "rms_g"), [(MPU6050, 0.00155), (LSM6DS3, 0.00035), (ADXL345, 0.00129)])
def test_noise_in_the_band_is_what_the_data_sheet_says(sensor: Sensor, rms_g: float) -> None:
    night = simulate_plan(Plan(duration_s=1200.0, living=False), 2, sensor=sensor)
    sos = signal.butter(2, [2, 20], btype="bandpass", fs=100, output="sos")
    moved = signal.sosfiltfilt(sos, night.recording.acceleration_g.astype(np.float64), axis=1)
    assert moved.std(axis=1) == pytest.approx(rms_g, rel=0.05)


@pytest.mark.parametrize("kind", [Kind.HYPNIC_JERK, Kind.REM_TWITCH, Kind.MYOCLONUS, Kind.PERIODIC_ARM])
def test_a_twitch_returns_to_where_the_arm_lay(kind: Kind) -> None:
    night = one(kind, peak_g=0.3)
    assert tilt_between(reading(night, 5, 25), reading(night, 60, 110)) < 0.05
    assert night.truth["tilt_deg"].tolist() == [0.0]


@pytest.mark.parametrize("tilt_deg", [20.0, 65.0, 120.0])
def test_a_position_shift_turns_gravity_by_its_angle_and_stays(tilt_deg: float) -> None:
    night = one(Kind.POSITION_SHIFT, tilt_deg=tilt_deg, duration_s=8.0)
    assert tilt_between(reading(night, 5, 29), reading(night, 60, 110)) == pytest.approx(tilt_deg, abs=0.1)
    row = night.truth.iloc[0]
    assert row["tilt_deg"] == pytest.approx(tilt_deg, abs=0.02)
    assert row["label"] == Label.POSTURE_CHANGE


def test_a_body_movement_ends_where_it_was_told() -> None:
    night = one(Kind.BODY_MOVEMENT, tilt_deg=6.0, duration_s=12.0)
    assert tilt_between(reading(night, 5, 29), reading(night, 60, 110)) == pytest.approx(6.0, abs=0.1)
    assert night.truth["label"].tolist() == [Label.BODY_MOVEMENT]


def test_a_movement_takes_place_where_the_truth_says_and_nowhere_else() -> None:
    night = one(Kind.HYPNIC_JERK, onset_s=30.004, peak_g=0.25)
    row = night.truth.iloc[0]
    still = reading(night, 5, 25)[:, None]
    moved = np.linalg.norm(night.recording.acceleration_g - still, axis=0)
    # The low-pass spreads an event by 50 ms to either side.
    inside_event = slice(round((row["onset_s"] - 0.06) * 100), round((row["offset_s"] + 0.35) * 100))
    assert moved[inside_event].max() > 0.1
    moved[inside_event] = 0
    assert moved.max() < 0.001
    assert row["onset_s"] == pytest.approx(30.004, abs=0.010)


def test_the_peak_of_the_truth_is_that_of_the_band_passed_recording() -> None:
    night = one(Kind.HYPNIC_JERK, peak_g=0.25)
    sos = signal.butter(2, [2, 20], btype="bandpass", fs=100, output="sos")
    moved = signal.sosfiltfilt(sos, night.recording.acceleration_g.astype(np.float64), axis=1)
    assert np.linalg.norm(moved, axis=0).max() == pytest.approx(night.truth["peak_g"].iloc[0], rel=0.01)
    assert night.truth["peak_g"].iloc[0] == pytest.approx(0.25, rel=0.005)


def test_a_mattress_that_rings_tilts_nothing_and_is_asked_of_nobody() -> None:
    night = one(Kind.PERIODIC_LEG_COUPLED, peak_g=0.015)
    row = night.truth.iloc[0]
    assert (row["label"], row["accel_truth"], row["emg_truth"]) == (Label.UNCLASSIFIED, False, False)
    assert row["tilt_deg"] == 0
    assert row["peak_g"] == pytest.approx(0.015, rel=0.01)


def test_a_mechanical_miss_leaves_no_trace_but_in_the_truth() -> None:
    night = one(Kind.MECHANICAL_MISS, duration_s=2.0)
    row = night.truth.iloc[0]
    assert (row["emg_truth"], row["accel_truth"], row["peak_g"]) == (True, False, 0.0)
    assert np.ptp(night.counts, axis=1).max() == 0


def test_twitches_are_labelled_by_when_they_happen() -> None:
    at = {100.0: Label.HYPNIC_JERK, 900.0: Label.HYPNIC_JERK, 2000.0: Label.SLEEP_TWITCH}
    at |= {3100.0: Label.HYPNIC_JERK, 4000.0: Label.SLEEP_TWITCH, 4900.0: Label.UNCLASSIFIED}
    events = tuple(PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=time, peak_g=0.2) for time in at)
    plan = Plan(
        duration_s=5000.0,
        events=events,
        sleep_s=(300.0, 4800.0),
        wake_s=((2500.0, 3000.0),),
        lights_s=(60.0, 4900.0),
    )
    assert simulate_plan(plan, 1).truth["label"].tolist() == list(at.values())


def test_isolated_means_nothing_visible_within_10_seconds() -> None:
    events = [PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=at, peak_g=0.2) for at in (30.0, 60.0, 68.0)]
    events.append(PlannedEvent(kind=Kind.MYOCLONUS, onset_s=33.0, peak_g=0.005))
    truth = simulate_plan(Plan(duration_s=120.0, events=tuple(events)), 1).truth
    assert truth.loc[truth["kind"] == Kind.HYPNIC_JERK, "isolated"].tolist() == [True, False, False]


def test_a_gap_is_missing_samples_and_nothing_else() -> None:
    whole = simulate_plan(Plan(duration_s=60.0), 5).recording
    holed = simulate_plan(Plan(duration_s=60.0, gaps_s=((20.0, 31.5),)), 5).recording
    missing = np.isnan(holed.acceleration_g[0])
    assert np.flatnonzero(missing)[[0, -1]].tolist() == [2000, 3149]
    assert np.array_equal(whole.acceleration_g[:, ~missing], holed.acceleration_g[:, ~missing])
    assert holed.gaps_s.tolist() == [[20.0, 31.5]]


def test_strong_movement_is_clipped_at_full_scale() -> None:
    narrow = Sensor(name="narrow", noise_g_per_rthz=0.0, range_g=2.0)
    events = (PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=10.0, peak_g=6.0),)
    night = simulate_plan(Plan(duration_s=20.0, events=events), 1, sensor=narrow)
    assert np.abs(night.recording.acceleration_g).max() <= 2.0


@pytest.mark.parametrize("scenario", a_few(sorted(SCENARIOS), of=8))
def test_the_truth_of_every_scenario_is_sorted_typed_and_free_of_overlap(scenario: str) -> None:
    night = simulate_night(min(2.0, SCENARIOS[scenario].hours), 6, scenario)
    truth = night.truth
    assert {name: str(dtype) for name, dtype in truth.dtypes.items()} == COLUMNS
    onset, offset = truth["onset_s"].to_numpy(), truth["offset_s"].to_numpy()
    assert (onset[1:] >= offset[:-1]).all()
    assert (offset >= onset).all()
    for start_s, end_s in night.gaps_s:
        # A bad sensor's gaps fall anywhere; then nobody is asked for what they swallowed.
        asked = truth["accel_truth"].to_numpy() if SCENARIOS[scenario].faulty else True
        assert not ((onset < end_s) & (offset > start_s) & asked).any()
    assert set(truth["label"]) <= {str(label) for label in Label}
    assert np.isfinite(night.recording.acceleration_g).all() == (len(night.gaps_s) == 0)


@pytest.fixture(scope="module")
def healthy_plans() -> list[Plan]:
    return [draw_plan(SCENARIOS["healthy"], 7.5, seed) for seed in range(100, 130)]


def hours_asleep(plan: Plan) -> float:
    assert plan.sleep_s is not None
    awake_s = sum(end_s - start_s for start_s, end_s in plan.wake_s)
    return (plan.sleep_s[1] - plan.sleep_s[0] - awake_s) / 3600


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "per_h"), [(Kind.BODY_MOVEMENT, 70 / 7.5), (Kind.POSITION_SHIFT, 1.6)])
def test_movements_come_as_often_as_in_the_literature(
    healthy_plans: list[Plan], kind: Kind, per_h: float
) -> None:
    hours = sum(map(hours_asleep, healthy_plans))
    found = sum(
        event.kind is kind and asleep(event.onset_s, plan) for plan in healthy_plans for event in plan.events
    )
    expected = per_h * hours
    # 3 standard deviations of a Poisson count, and 5 % of them may find no room.
    assert 0.95 * expected - 3 * np.sqrt(expected) < found < expected + 3 * np.sqrt(expected)


@pytest.mark.slow
def test_healthy_jerks_come_around_sleep_onset_and_seldom_later(healthy_plans: list[Plan]) -> None:
    counts: Counter[bool] = Counter()
    for plan in healthy_plans:
        for event in plan.events:
            if event.kind is Kind.HYPNIC_JERK:
                counts[inside(event.onset_s, falling_asleep(plan)[:1])] += 1
    nights = len(healthy_plans)
    # Negative binomial: variance m + m^2; 3 standard deviations of the mean of so many nights.
    assert counts[True] / nights == pytest.approx(1.5, abs=3 * np.sqrt(3.75 / nights))
    assert counts[False] / nights == pytest.approx(1.0, abs=3 * np.sqrt(2.0 / nights))


def test_rem_twitches_keep_to_the_last_half_of_the_sleep(healthy_plans: list[Plan]) -> None:
    counts = []
    for plan in healthy_plans:
        assert plan.sleep_s is not None
        onsets = [event.onset_s for event in plan.events if event.kind is Kind.REM_TWITCH]
        assert all(onset_s > sum(plan.sleep_s) / 2 for onset_s in onsets)
        counts.append(len(onsets))
    # 5-40 an hour in four blocks of 10-30 min: 7 to 53 a night at the very ends, 30 in the mean.
    assert 15 < np.mean(counts) < 40


@pytest.mark.slow
def test_intensified_nights_hold_10_to_30_onset_jerks() -> None:
    counts = []
    for seed in range(10):
        plan = draw_plan(SCENARIOS["intensified"], 7.5, seed)
        window = falling_asleep(plan)[:1]
        counts.append(
            sum(event.kind is Kind.HYPNIC_JERK and inside(event.onset_s, window) for event in plan.events)
        )
    assert 12 < np.mean(counts) < 27


def test_arm_series_keep_the_intervals_and_lengths_of_the_rules() -> None:
    plan = draw_plan(SCENARIOS["periodic-arm"], 7.5, 3)
    arms = [event for event in plan.events if event.series is not None]
    intervals = []
    for number in {event.series for event in arms}:
        members = [event for event in arms if event.series == number]
        assert len(members) >= 4
        intervals += np.diff([event.onset_s for event in members]).tolist()
    assert min(intervals) >= 10 - 1e-6
    assert max(intervals) <= 90 + 1e-6
    assert 20 < np.median(intervals) < 29
    missed = np.mean([event.kind is Kind.MECHANICAL_MISS for event in arms])
    assert missed == pytest.approx(0.39, abs=3 * np.sqrt(0.39 * 0.61 / len(arms)))


@pytest.mark.parametrize("seed", range(5))
def test_the_demo_always_holds_what_it_promises(seed: int) -> None:
    plan = draw_plan(SCENARIOS["demo"], 7.5, seed)
    window = falling_asleep(plan)[:1]
    jerks = [inside(event.onset_s, window) for event in plan.events if event.kind is Kind.HYPNIC_JERK]
    assert 2 <= sum(jerks) <= 3
    assert 4 <= len(jerks) - sum(jerks) <= 8
    assert len({event.series for event in plan.events} - {None}) in (1, 2)
    assert [round(end_s - start_s) for start_s, end_s in plan.gaps_s] in ([19], [20], [21])


@pytest.mark.parametrize("scenario", a_few(sorted(SCENARIOS), of=20))
def test_also_the_shortest_night_can_be_made(scenario: str) -> None:
    for seed in range(12):
        plan = draw_plan(SCENARIOS[scenario], 0.1, seed)
        assert plan.sleep_s is None or 0 < plan.sleep_s[0] < plan.sleep_s[1] < plan.duration_s


def test_a_sensor_on_a_table_sees_no_event_and_no_breath() -> None:
    night = simulate_night(0.5, 1, "noise")
    assert len(night.truth) == 0
    assert night.sleep_s is None
    slow = night.recording.acceleration_g.reshape(3, -1, 1000).mean(axis=2)
    assert np.ptp(slow, axis=1).max() < 0.015  # the drift of z alone


@pytest.mark.parametrize(
    ("hours", "seed", "scenario", "message"),
    [
        (7.5, 1, "stormy", "no scenario 'stormy'; choose one of healthy"),
        (0.0, 1, "healthy", "0 h can't be made; give 0.1 to 24"),
        (float("nan"), 1, "healthy", "nan h can't be made"),
        (7.5, -1, "healthy", "seed -1 is negative"),
    ],
)
def test_a_night_that_makes_no_sense_is_refused(hours: float, seed: int, scenario: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate_night(hours, seed, scenario)


def test_a_plan_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="onset_s is -1"):
        PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=-1.0)
    with pytest.raises(ValueError, match="peak_g is 0"):
        PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=1.0, peak_g=0.0)
    with pytest.raises(ValueError, match="lies behind the end"):
        Plan(duration_s=10.0, events=(PlannedEvent(kind=Kind.MYOCLONUS, onset_s=10.0),))
