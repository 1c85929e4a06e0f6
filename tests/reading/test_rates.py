"""Any rate, gap or jitter: a regular grid on which events keep their time and their strength."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sleepjerk import InputError, Recording
from sleepjerk.detection.curves import make_curves
from sleepjerk.reading import read_recording
from sleepjerk.rules import MovementRules
from tests.reading.made_files import native, put
from tests.support.marks import a_few

Array = NDArray[np.float64]


def with_jerks(time_s: Array, at_s: tuple[float, ...], strength_g: float = 0.5) -> Array:
    """(3, n) gravity and jerks of 100 ms, as a sensor would sample them at any times."""
    g = np.tile([[0.0], [0.6], [0.8]], time_s.size)
    for moment in at_s:
        near = np.abs(time_s - moment) < 0.3
        shape = np.exp(-(((time_s[near] - moment) / 0.04) ** 2)) * np.cos(
            2 * np.pi * 8 * (time_s[near] - moment)
        )
        g[0, near] += strength_g * shape
    return g


def save(folder: Path, g: Array, time_s: Array, *, step_us: int = 1) -> Path:
    """Native file, fast enough for hours."""
    stamps = np.rint(time_s * 1e6 / step_us).astype(np.int64) * step_us
    if time_s.size < 50_000:
        return put(folder, native(g, stamps))
    path = folder / "night.csv"
    np.savetxt(
        path, np.column_stack([stamps, g.T]), "%d,%.4f,%.4f,%.4f", header="t_us,x_g,y_g,z_g", comments=""
    )
    return path


def peak_time_s(recording: Recording, near_s: float) -> float:
    """When the x axis peaks, by the centre of the strongest samples."""
    first = int((near_s - 0.5) * recording.rate_hz)
    part = recording.acceleration_g[0, first : first + int(recording.rate_hz)].astype(np.float64)
    power = np.where(np.isfinite(part), np.maximum(part, 0.0), 0.0) ** 4
    return float((first + power @ np.arange(power.size) / power.sum()) / recording.rate_hz)


@pytest.mark.parametrize("rate_hz", a_few([104.0, 31.25, 100.3, 128.0, 256.0], of=5))
def test_an_event_late_in_the_night_keeps_its_time(rate_hz: float, tmp_path: Path) -> None:
    # Eight hours with most of the middle left out: what could drift apart is count and clock.
    time = np.arange(round(8 * 3600 * rate_hz)) / rate_hz
    time = time[(time < 300) | (time > 8 * 3600 - 300)]
    event = 8 * 3600 - 20.0
    recording = read_recording(save(tmp_path, with_jerks(time, (event,)), time))
    assert recording.device.device_rate_hz == pytest.approx(rate_hz, rel=1e-6)
    assert abs(peak_time_s(recording, event) - event) < 0.010
    assert len(recording.gaps_s) == 1


@pytest.mark.slow
@pytest.mark.parametrize("rate_hz", [100.3, 104.0, 128.0])
def test_an_event_at_the_end_of_a_whole_night_keeps_its_time(rate_hz: float, tmp_path: Path) -> None:
    time = np.arange(round(8 * 3600 * rate_hz)) / rate_hz
    event = 8 * 3600 - 20.0
    recording = read_recording(save(tmp_path, with_jerks(time, (event,)), time))
    assert abs(peak_time_s(recording, event) - event) < 0.010


@pytest.mark.parametrize("step_us", [1, 1000])
@pytest.mark.parametrize("rate_hz", a_few([104.0, 100.0, 119.0, 200.0, 400.0], of=5))
def test_the_same_jerk_has_the_same_peak_at_any_rate(rate_hz: float, step_us: int, tmp_path: Path) -> None:
    jerks = tuple(np.arange(5.0, 60.0, 3.337))
    time = np.arange(round(60 * rate_hz)) / rate_hz
    recording = read_recording(save(tmp_path, with_jerks(time, jerks), time, step_us=step_us))
    fine = np.arange(60 * 1000) / 1000
    truth = make_curves(with_jerks(fine, jerks).astype(np.float32), 1000.0, MovementRules()).fast_norm_g
    curve = make_curves(recording.acceleration_g, recording.rate_hz, MovementRules()).fast_norm_g
    assert recording.rate_hz <= 120

    def peaks(norm: Array, fs: float) -> Array:
        return np.array([norm[int((t - 0.2) * fs) : int((t + 0.2) * fs)].max() for t in jerks])

    # The highest sample of a 100 Hz curve may lie 5 ms beside the true peak: compare typical peaks.
    ratio = np.median(peaks(curve, recording.rate_hz) / peaks(truth, 1000.0))
    assert ratio == pytest.approx(1.0, abs=0.02)


def test_samples_on_the_grid_pass_unchanged(tmp_path: Path) -> None:
    time = np.arange(6000) / 100
    g = np.round(with_jerks(time, (10.0, 20.0)), 4)
    recording = read_recording(save(tmp_path, g, time))
    np.testing.assert_array_equal(recording.acceleration_g, g.astype(np.float32))


def test_a_gap_is_marked_and_what_follows_keeps_its_time(tmp_path: Path) -> None:
    time = np.arange(6000) / 100
    time = time[(time < 20) | (time >= 32.5)]
    recording = read_recording(save(tmp_path, with_jerks(time, (50.0,)), time))
    assert recording.duration_s == pytest.approx(60.0)
    np.testing.assert_allclose(recording.gaps_s, [[20.0, 32.5]], atol=0.011)
    missing = np.flatnonzero(np.isnan(recording.acceleration_g[0])) / 100
    assert missing[0] == pytest.approx(20.0, abs=0.011)
    assert missing[-1] == pytest.approx(32.49, abs=0.011)
    assert abs(peak_time_s(recording, 50.0) - 50.0) < 0.002


def test_a_segment_out_of_phase_with_the_grid_loses_no_strength(tmp_path: Path) -> None:
    time = np.arange(3000) / 100
    time = np.concatenate([time, 40.005 + time])
    recording = read_recording(save(tmp_path, with_jerks(time, (15.0, 55.0)), time))
    x = recording.acceleration_g[0]
    first, second = x[1400:1600].max(), x[5400:5600].max()
    assert second == pytest.approx(first, rel=0.02)


def test_a_few_lost_samples_are_filled(tmp_path: Path) -> None:
    time = np.arange(6000) / 100
    keep = np.ones(6000, bool)
    keep[[1000, 2000, 2001, 3000, 3001, 3002]] = False
    recording = read_recording(save(tmp_path, with_jerks(time, (50.0,))[:, keep], time[keep]))
    assert recording.acceleration_g.shape[1] == 6000
    assert np.isfinite(recording.acceleration_g).all()
    assert len(recording.gaps_s) == 0
    assert abs(peak_time_s(recording, 50.0) - 50.0) < 0.002


def test_jitter_of_the_stamps_does_not_bend_the_signal(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    time = np.arange(6000) / 100
    late = np.concatenate([[0], time[1:] + rng.exponential(0.0015, 5999)])
    late = np.maximum.accumulate(late) + np.arange(6000) * 1e-6
    recording = read_recording(save(tmp_path, with_jerks(time, (15.0, 50.0)), late))
    assert recording.rate_hz == pytest.approx(100, rel=1e-3)
    assert abs(peak_time_s(recording, 50.0) - 50.0) < 0.010
    truth = with_jerks(time, (15.0, 50.0))[0].max()
    assert recording.acceleration_g[0, :5500].max() == pytest.approx(truth, rel=0.03)


def test_stamps_of_whole_seconds_are_spread_evenly(tmp_path: Path) -> None:
    time = np.arange(6000) / 100
    g = with_jerks(time, (50.0,))
    rows = "".join(f"{int(t)},{a:.4f},{b:.4f},{c:.4f}\n" for t, (a, b, c) in zip(time, g.T, strict=True))
    recording = read_recording(put(tmp_path, "time_s,x_g,y_g,z_g\n" + rows))
    assert recording.rate_hz == pytest.approx(100, rel=1e-3)
    assert abs(peak_time_s(recording, 50.0) - 50.0) < 0.010
    assert any("even" in note or "spread" in note for note in recording.provenance.notes)


def test_a_rate_too_slow_for_movements_is_refused(tmp_path: Path) -> None:
    time = np.arange(600) * 1.0
    with pytest.raises(InputError):
        read_recording(save(tmp_path, with_jerks(time, ()), time))


def test_many_single_lost_samples_are_no_late_packets(tmp_path: Path) -> None:
    time_us = np.arange(30_000) * 10_000
    kept = np.random.default_rng(4).random(30_000) > 0.035
    rows = [f"{t},0.0{t // 10_000 % 9},0.6,0.8" for t in time_us[kept]]
    path = tmp_path / "lossy.csv"
    path.write_text("t_us,x_g,y_g,z_g\n" + "\n".join(rows) + "\n")
    assert read_recording(path).device.device_rate_hz == pytest.approx(100, rel=1e-4)
