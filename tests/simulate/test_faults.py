"""A bad sensor: its faults stay within their bounds, do what their names say, and truth goes by its clock."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sleepjerk.reading import read_recording
from sleepjerk.simulate import (
    ADXL345,
    LOGGER_8BIT,
    SENSORS,
    Faults,
    Kind,
    Plan,
    PlannedEvent,
    Sensor,
    SimulatedNight,
    draw_faults,
    simulate_night,
    simulate_plan,
    write_night_files,
)
from sleepjerk.simulate.faults import stamps_us, taken_by_device

SILENT = Sensor(name="ideal", noise_g_per_rthz=0.0)


def night_with(faults: Faults, *events: PlannedEvent, sensor: Sensor = SILENT) -> SimulatedNight:
    plan = Plan(duration_s=200.0, events=events, living=False)
    return simulate_plan(plan, 3, sensor=sensor, faults=faults)


def jerk(onset_s: float, peak_g: float = 0.5) -> PlannedEvent:
    return PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=onset_s, peak_g=peak_g)


def moved(night: SimulatedNight) -> np.ndarray:
    """(n,) distance from the first reading, g."""
    values = night.recording.acceleration_g.astype(np.float64)
    return np.linalg.norm(values - values[:, :1], axis=0)


@pytest.fixture(scope="module")
def bad() -> SimulatedNight:
    return simulate_night(1.0, 4, "bad-sensor")


def test_the_same_seed_draws_the_same_faults_and_another_seed_others() -> None:
    assert draw_faults(27000.0, 5) == draw_faults(27000.0, 5)
    assert draw_faults(27000.0, 5) != draw_faults(27000.0, 6)


def test_the_same_bad_night_is_made_again_bit_for_bit(bad: SimulatedNight) -> None:
    again = simulate_night(1.0, 4, "bad-sensor")
    assert again.recording.acceleration_g.tobytes() == bad.recording.acceleration_g.tobytes()
    pd.testing.assert_frame_equal(again.truth, bad.truth, check_exact=True)


def test_the_faults_of_a_night_stay_within_the_bounds_of_the_notes() -> None:
    for seed in range(100):
        faults = draw_faults(27000.0, seed)
        lengths_s = np.sort([end_s - start_s for start_s, end_s in faults.gaps_s])
        assert abs(faults.rate_error) <= 0.02
        assert 0.001 <= faults.jitter_s <= 0.005
        assert 21 <= len(lengths_s) <= 61
        assert 30 <= lengths_s[-1] <= 120
        assert lengths_s[0] >= 0.049
        assert lengths_s[-2] <= 5.001
        assert faults.gain == 0.7
        assert faults.gain_from_s is not None
        assert 0.39 < faults.gain_from_s / 27000 < 0.62


@pytest.mark.parametrize("duration_s", [360.0, 27000.0, 86400.0])
def test_gaps_and_plateaus_never_touch_and_lie_inside_the_recording(duration_s: float) -> None:
    for seed in range(50):
        faults = draw_faults(duration_s, seed)
        spans = np.array(sorted(faults.gaps_s + faults.plateaus_s))
        assert (spans[1:, 0] - spans[:-1, 1]).min() >= 1.0 - 1e-6
        assert spans[0, 0] > 0
        assert spans[-1, 1] < duration_s * (1 + faults.rate_error)


@pytest.mark.parametrize("rate_error", [-0.02, 0.013])
def test_a_wave_is_sampled_at_the_moments_of_the_device(rate_error: float) -> None:
    wave = np.sin(2 * np.pi * 15 * np.arange(3000) / 100).astype(np.float32)
    taken = taken_by_device(np.stack([wave] * 3), 100.0, Faults(rate_error=rate_error))
    index = np.arange(taken.shape[1])
    assert taken.shape == (3, round(3000 * (1 + rate_error)))
    expected = np.sin(2 * np.pi * 15 * index / 100 / (1 + rate_error))
    assert np.abs(taken - expected)[:, 50:-50].max() < 0.002


@pytest.mark.parametrize("rate_error", [-0.02, 0.02])
def test_truth_and_samples_go_by_the_clock_of_the_recording(rate_error: float) -> None:
    right = night_with(Faults(), jerk(100.0))
    wrong = night_with(Faults(rate_error=rate_error), jerk(100.0))
    at, there = (int(moved(night).argmax()) / 100 for night in (right, wrong))
    assert there == pytest.approx(at * (1 + rate_error), abs=0.011)
    onset_s, later_s = (night.truth["onset_s"][0] for night in (right, wrong))
    assert later_s == pytest.approx(onset_s * (1 + rate_error), abs=0.001)
    assert wrong.recording.duration_s == pytest.approx(200 * (1 + rate_error), abs=0.01)
    assert moved(wrong).max() == pytest.approx(moved(right).max(), rel=0.05)


def test_sleep_wake_lights_and_gaps_go_by_the_clock_of_the_recording_too() -> None:
    plan = Plan(
        duration_s=400.0,
        sleep_s=(100.0, 300.0),
        wake_s=((200.0, 250.0),),
        lights_s=(50.0, 350.0),
        gaps_s=((150.0, 160.0),),
        living=False,
    )
    night = simulate_plan(plan, 3, sensor=SILENT, faults=Faults(rate_error=0.01))
    assert night.sleep_s == pytest.approx((101.0, 303.0))
    assert night.wake_s[0] == pytest.approx((202.0, 252.5))
    assert night.lights_s == pytest.approx((50.5, 353.5))
    assert night.gaps_s[0] == pytest.approx((151.5, 161.6))
    marks = night.recording.marks
    assert night.recording.seconds_at(marks.lights_off) == pytest.approx(50.5, abs=0.001)


def test_after_the_change_of_gain_a_still_arm_reads_seven_tenths_of_a_g() -> None:
    night = night_with(Faults(gain=0.7, gain_from_s=120.0))
    length = np.linalg.norm(night.recording.acceleration_g.astype(np.float64), axis=0)
    assert length[:12000] == pytest.approx(1.0, abs=0.0005)
    assert length[12000:] == pytest.approx(0.7, abs=0.0005)


def test_an_idle_logger_repeats_one_reading_and_nothing_is_asked_of_it() -> None:
    chip = replace(SILENT, noise_g_per_rthz=400e-6)
    clean = night_with(Faults(), jerk(100.0), jerk(160.0), sensor=chip)
    night = night_with(Faults(plateaus_s=((60.0, 130.0),)), jerk(100.0), jerk(160.0), sensor=chip)
    counts = night.counts
    assert (counts[:, 6000:13000] == clean.counts[:, 6000:6001]).all()
    assert np.array_equal(counts[:, 13000:], clean.counts[:, 13000:])
    assert (np.diff(counts[:, :6000]) != 0).mean() > 0.8
    assert (np.diff(counts[:, 13000:]) != 0).mean() > 0.8
    assert night.truth["accel_truth"].tolist() == [False, True]


def test_a_gap_is_nothing_and_nothing_is_asked_of_it() -> None:
    night = night_with(Faults(gaps_s=((99.9, 100.4), (30.0, 45.0))), jerk(100.0), jerk(160.0))
    missing = np.isnan(night.recording.acceleration_g).all(axis=0)
    assert np.flatnonzero(missing).tolist() == [*range(3000, 4500), *range(9990, 10040)]
    assert night.recording.gaps_s.tolist() == [[30.0, 45.0], [99.9, 100.4]]
    assert night.truth["accel_truth"].tolist() == [False, True]


def test_planned_and_faulty_gaps_that_overlap_are_counted_once() -> None:
    plan = Plan(duration_s=60.0, gaps_s=((10.0, 20.0),), living=False)
    night = simulate_plan(plan, 3, sensor=SILENT, faults=Faults(gaps_s=((15.0, 25.0), (12.0, 13.0))))
    assert np.isnan(night.recording.acceleration_g[0]).sum() == 1500
    assert night.recording.missing_s == pytest.approx(15.0)


def test_a_narrow_range_cuts_a_strong_jerk_and_leaves_the_step() -> None:
    wide, narrow = (night_with(Faults(range_g=g), jerk(50.0, 3.0)) for g in (None, 2.0))
    assert np.abs(wide.recording.acceleration_g).max() > 2.2
    assert np.abs(narrow.recording.acceleration_g).max() == pytest.approx(2.0, abs=0.001)
    assert narrow.recording.device.range_g == 2.0
    assert narrow.recording.device.step_g == wide.recording.device.step_g


def test_a_glitch_is_one_sample_of_one_axis_at_full_scale() -> None:
    clean, faulty = night_with(Faults()), night_with(Faults(glitches_s=(30.0, 70.5)))
    axis, sample = np.nonzero(clean.counts != faulty.counts)
    assert sorted(sample.tolist()) == [3000, 7050]
    assert set(faulty.counts[axis, sample].tolist()) <= {-32768, 32767}


def test_stamps_without_faults_are_the_clock() -> None:
    index = np.array([0, 1, 2, 7, 8])
    assert stamps_us(index, 100.0, Faults(), 1).tolist() == [0, 10000, 20000, 70000, 80000]


def test_late_stamps_keep_their_order_and_are_as_late_as_told() -> None:
    index = np.arange(100_000)
    stamps = stamps_us(index, 100.0, Faults(jitter_s=0.004), 1)
    late_s = (stamps - index * 10_000) / 1e6
    assert stamps[0] == 0
    assert np.diff(stamps).min() >= 1
    assert late_s.min() >= 0
    # Whoever waits for the one before is later than the exponential alone.
    assert 0.004 < late_s.mean() < 0.0055


def test_a_repeated_stamp_is_that_of_the_row_before_and_a_backward_one_lies_2_s_earlier() -> None:
    faults = Faults(repeated_s=(5.0,), backward_s=(8.0,))
    stamps = stamps_us(np.arange(1000), 100.0, faults, 1)
    wrong = np.flatnonzero(stamps != np.arange(1000) * 10_000)
    assert wrong.tolist() == [500, 800]
    assert stamps[wrong].tolist() == [4_990_000, 6_000_000]


def test_the_file_of_a_bad_night_reads_as_a_night_with_its_damage_counted(
    bad: SimulatedNight, tmp_path: Path
) -> None:
    path, *_ = write_night_files(bad, tmp_path / "bad.csv")
    read = read_recording(path)
    assert read.duration_s == pytest.approx(bad.recording.duration_s, abs=1.0)
    assert read.missing_s == pytest.approx(bad.recording.missing_s, abs=1.0)
    assert read.damage.repeated_stamps == len(bad.faults.repeated_s)
    assert read.damage.rejected_rows == len(bad.faults.backward_s)
    facts = json.loads((tmp_path / "bad.truth.json").read_text(encoding="utf-8"))
    assert facts["faults"]["rate_error"] == bad.faults.rate_error
    assert facts["faults"]["gaps_s"] == [list(span) for span in bad.faults.gaps_s]


@pytest.mark.parametrize(("sensor", "step_g"), [(ADXL345, 0.0039), (LOGGER_8BIT, 0.03125)])
def test_a_coarse_chip_gives_whole_steps_up_to_4_g(sensor: Sensor, step_g: float) -> None:
    night = night_with(Faults(), jerk(50.0, 1.0), sensor=sensor)
    assert sensor.step_g == pytest.approx(step_g, rel=0.002)
    values = night.recording.acceleration_g.astype(np.float64) / sensor.step_g
    assert np.abs(values - np.rint(values)).max() < 0.01
    assert sensor.range_g == 4.0


def test_every_chip_goes_by_its_own_name() -> None:
    assert {"MPU-6050", "LSM6DS3", "ADXL345", "8-bit"} == {sensor.name for sensor in SENSORS.values()}
    assert all(name == sensor.name for name, sensor in SENSORS.items())
