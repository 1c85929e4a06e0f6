"""Samples with stamps -> samples on a grid: what a clock does must not change what the arm did."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import sleepjerk as sj
from sleepjerk.reading.time_axis import Grid, make_grid, measure_period
from sleepjerk.rules import ReadingRules
from tests.support.marks import a_few
from tests.support.written_tables import motion, write_native

RULES = ReadingRules()
Floats = NDArray[np.float64]


def jerk(time_s: Floats, at_s: float, *, width_s: float = 0.1) -> Floats:
    """A jerk of 100 ms: one cycle under a cosine window, its zero crossing at `at_s`, peak about 1 g."""
    place = 2 * (time_s - at_s) / width_s
    wave = np.where(np.abs(place) <= 1, np.cos(np.pi * place / 2) ** 2 * np.sin(np.pi * place), 0.0)
    return np.asarray(wave / 0.6495)


def sensed(time_s: Floats, events_s: list[float], *, width_s: float = 0.1) -> NDArray[np.float32]:
    """(3, n) a still sensor that is jerked along x."""
    x = sum((jerk(time_s, at, width_s=width_s) for at in events_s), np.zeros(len(time_s)))
    return np.stack([x, np.zeros_like(x), np.ones_like(x)]).astype(np.float32)


def crossing(grid: Grid, near_s: float) -> float:
    """Time at which the jerk near that time crosses zero upwards, from the two samples around it."""
    at = np.arange(grid.acceleration_g.shape[1]) / grid.rate_hz
    x = grid.acceleration_g[0].astype(np.float64)
    inside = np.flatnonzero(np.abs(at - near_s) < 0.04)
    up = [k for k in inside[:-1] if x[k] <= 0 < x[k + 1] and abs(x[k]) + abs(x[k + 1]) > 0.05]
    assert len(up) == 1
    k = up[0]
    return float(at[k] - x[k] / (x[k + 1] - x[k]) / grid.rate_hz)


@pytest.mark.parametrize("device_hz", [25.0, 31.25, 50.0, 100.0, 100.3, 104.0, 119.0])
def test_regular_samples_pass_unchanged(device_hz: float) -> None:
    time_s = np.arange(round(60 * device_hz)) / device_hz
    samples = sensed(time_s, [30.0])
    grid = make_grid(time_s, samples, RULES)
    np.testing.assert_array_equal(grid.acceleration_g, samples)
    assert grid.rate_hz == pytest.approx(device_hz, rel=1e-9)
    assert grid.gaps_s.shape == (0, 2)


@pytest.mark.parametrize(
    ("device_hz", "rate_hz"),
    [(120.0, 120.0), (128.0, 128.0), (200.0, 100.0), (256.0, 256 / 3), (400.0, 100.0), (1000.0, 100.0)],
)
def test_fast_devices_are_thinned_towards_100_hz(device_hz: float, rate_hz: float) -> None:
    time_s = np.arange(round(20 * device_hz)) / device_hz
    grid = make_grid(time_s, sensed(time_s, [10.0]), RULES)
    assert grid.rate_hz == pytest.approx(rate_hz, rel=1e-9)
    assert grid.device_rate_hz == pytest.approx(device_hz, rel=1e-9)
    assert grid.acceleration_g.shape[1] == pytest.approx(20 * rate_hz, abs=1)


@pytest.mark.parametrize(
    ("device_hz", "within"), [(50.0, 0.05), (119.0, 0.02), (200.0, 0.02), (400.0, 0.02), (256.0, 0.02)]
)
@pytest.mark.parametrize("shift", [0.0, 0.31])
def test_the_same_jerk_has_the_same_shape_at_every_rate(
    device_hz: float, within: float, shift: float
) -> None:
    event = 10.0 + shift / device_hz
    time_s = np.arange(round(20 * device_hz)) / device_hz
    grid = make_grid(time_s, sensed(time_s, [event]), RULES)
    # Compare on a common fine axis, by the exact interpolation of a band-limited signal.
    fine = np.arange(9.5, 10.5, 0.001)
    at = np.arange(grid.acceleration_g.shape[1]) / grid.rate_hz
    near = np.abs(at - 10.0) < 3
    basis = np.sinc((fine[:, None] - at[None, near]) * grid.rate_hz)
    shape = basis @ grid.acceleration_g[0, near].astype(np.float64)
    truth = jerk(fine, event)
    # What lies beyond 20 Hz is noise to every step that follows: keep 20 Hz of both.
    spectrum, expected = np.fft.rfft(shape), np.fft.rfft(truth)
    beyond = np.fft.rfftfreq(len(fine), 0.001) > 20
    spectrum[beyond] = expected[beyond] = 0
    difference = np.fft.irfft(spectrum) - np.fft.irfft(expected)
    assert np.abs(difference).max() <= within * np.abs(truth).max()


def test_thinning_leaves_no_alias_of_fast_vibration() -> None:
    time_s = np.arange(20 * 400) / 400
    samples = sensed(time_s, [])
    samples[0] = np.sin(2 * np.pi * 110 * time_s)  # would fold to 10 Hz
    grid = make_grid(time_s, samples, RULES)
    assert np.abs(grid.acceleration_g[0, 50:-50]).max() < 0.002


@pytest.mark.parametrize("device_hz", a_few([104.0, 128.0, 256.0, 31.25, 100.3], of=5))
@pytest.mark.parametrize("tick_s", [1e-6, 1e-3])
def test_an_event_at_hour_eight_stays_in_its_place(device_hz: float, tick_s: float) -> None:
    count = round(8.02 * 3600 * device_hz)
    true_s = np.arange(count) / device_hz
    stamps = np.floor(true_s / tick_s) * tick_s
    events = [3600.0, 8 * 3600.0]
    width = 0.2 if device_hz > 40 else 0.4
    grid = make_grid(stamps, sensed(true_s, events, width_s=width), RULES)
    for event in events:
        assert crossing(grid, event) == pytest.approx(event, abs=0.010)


def test_a_wandering_sensor_clock_is_followed() -> None:
    # Around 100 Hz the sensor's clock swings by 300 ppm in half an hour, as if warmed; stamps are true.
    count = 100 * 3600
    period = 0.01 * (1 + 3e-4 * np.sin(2 * np.pi * np.arange(count) / (100 * 1800)))
    time_s = np.concatenate([[0.0], np.cumsum(period)[:-1]])
    events = [300.0, 905.0, 1777.7, 3000.0]
    grid = make_grid(time_s, sensed(time_s, events), RULES)
    assert grid.rate_hz == pytest.approx(100.0, rel=1e-4)
    for event in events:
        assert crossing(grid, event) == pytest.approx(event, abs=0.001)
        around = slice(int((event - 0.2) * 100), int((event + 0.2) * 100))
        at = np.arange(grid.acceleration_g.shape[1])[around] / grid.rate_hz
        np.testing.assert_allclose(grid.acceleration_g[0, around], jerk(at, event), atol=0.02)


@pytest.mark.parametrize(
    "blur",
    [
        lambda time, rng: np.rint(time * 1000) / 1000,
        lambda time, rng: np.floor(time * 100) / 100 + 1e-5 * np.arange(len(time)) / len(time),
        lambda time, rng: time + rng.normal(0, 0.0015, len(time)),
        lambda time, rng: time + rng.exponential(0.0008, len(time)),
    ],
    ids=["milliseconds", "hundredths", "jitter", "delay"],
)
def test_even_samples_behind_noisy_stamps_are_taken_as_even(
    blur: Callable[[Floats, np.random.Generator], Floats],
) -> None:
    true_s = np.arange(104 * 120) / 104
    stamps = np.maximum.accumulate(blur(true_s, np.random.default_rng(5)))
    stamps = stamps + 1e-9 * np.arange(len(stamps))
    stamps -= stamps[0]
    grid = make_grid(stamps, sensed(true_s, [20.0, 60.0, 100.0]), RULES)
    assert len(grid.gaps_s) == 0
    for event in (20.0, 60.0, 100.0):
        found = crossing(grid, event)
        assert found == pytest.approx(event, abs=0.008)
        near = np.abs(np.arange(grid.acceleration_g.shape[1]) / grid.rate_hz - found) < 0.1
        assert np.abs(grid.acceleration_g[0, near]).max() == pytest.approx(1.0, abs=0.06)


def test_uneven_samples_under_honest_stamps_are_believed() -> None:
    rng = np.random.default_rng(7)
    time_s = np.concatenate([[0.0], np.cumsum(rng.uniform(0.006, 0.014, 12_000))])
    grid = make_grid(time_s, sensed(time_s, [30.0, 90.0]), RULES)
    assert "uneven samples" in grid.notes[0]
    for event in (30.0, 90.0):
        assert crossing(grid, event) == pytest.approx(event, abs=0.002)
        at = np.arange(grid.acceleration_g.shape[1]) / grid.rate_hz
        near = np.abs(at - event) < 0.2
        np.testing.assert_allclose(grid.acceleration_g[0, near], jerk(at[near], event), atol=0.06)


@pytest.mark.parametrize("device_hz", [50.0, 100.0, 104.0, 200.0])
def test_a_gap_is_marked_where_it_is_and_moves_nothing(device_hz: float) -> None:
    time_s = np.arange(round(60 * device_hz)) / device_hz
    keep = (time_s < 20.0 - 1e-9) | (time_s >= 25.0 - 1e-9)
    whole = make_grid(time_s, sensed(time_s, [10.0, 40.0]), RULES)
    holed = make_grid(time_s[keep], sensed(time_s[keep], [10.0, 40.0]), RULES)
    np.testing.assert_allclose(holed.gaps_s, [[20.0, 25.0]], atol=1.01 / device_hz)
    at = np.arange(holed.acceleration_g.shape[1]) / holed.rate_hz
    assert holed.acceleration_g.shape == whole.acceleration_g.shape
    assert np.isnan(holed.acceleration_g[:, (at > 20.0) & (at < 24.99)]).all()
    far = (at < 19.8) | (at > 25.2)
    np.testing.assert_allclose(holed.acceleration_g[:, far], whole.acceleration_g[:, far], atol=1e-6)


@pytest.mark.parametrize(("lost", "gaps"), [(1, 0), (9, 0), (10, 1), (50, 1)])
def test_up_to_a_tenth_of_a_second_is_bridged(lost: int, gaps: int) -> None:
    time_s = np.delete(np.arange(2000) / 100, np.arange(1000, 1000 + lost))
    grid = make_grid(time_s, sensed(time_s, [5.0]), RULES)
    assert len(grid.gaps_s) == gaps
    assert np.isnan(grid.acceleration_g).any() == bool(gaps)
    assert grid.acceleration_g.shape[1] == 2000
    assert grid.rate_hz == pytest.approx(100, rel=1e-9)


def test_kept_and_missing_time_make_the_whole(tmp_path: Path) -> None:
    values = motion(6000)
    read = sj.read_recording(write_native(tmp_path / "n.csv", values, skip=slice(1000, 2500)))
    assert read.duration_s == pytest.approx(60.0)
    assert read.missing_s == pytest.approx(15.0)
    np.testing.assert_allclose(read.gaps_s, [[10.0, 25.0]], atol=1e-6)
    assert np.isnan(read.acceleration_g[0]).sum() == 1500
    np.testing.assert_array_equal(read.acceleration_g[:, 2500:], values[2500:].T.astype(np.float32))


def test_after_a_restart_out_of_step_samples_still_lie_at_their_times() -> None:
    first = np.arange(3000) / 100
    second = 40.0037 + np.arange(3000) / 100
    time_s = np.concatenate([first, second])
    grid = make_grid(time_s, sensed(time_s, [20.0, 60.0]), RULES)
    assert crossing(grid, 20.0) == pytest.approx(20.0, abs=0.001)
    assert crossing(grid, 60.0) == pytest.approx(60.0, abs=0.001)


@pytest.mark.parametrize("times", [[0.0, 0.01], [0.0, 0.01, 0.02], [0.0, 0.01, 5.0], [0.0, 5.0, 5.01, 9.0]])
def test_a_handful_of_samples_is_a_recording(times: list[float]) -> None:
    time_s = np.array(times)
    grid = make_grid(time_s, np.ones((3, len(times)), dtype=np.float32), RULES)
    assert np.isfinite(grid.acceleration_g).sum() >= 3 * 2
    assert np.nanmin(grid.acceleration_g) == np.nanmax(grid.acceleration_g) == 1.0


@pytest.mark.parametrize("rate_hz", [8.0, 12.5, 25.0, 100.0])
@pytest.mark.parametrize("share", [0.0, 0.03, 0.08])
def test_the_period_is_that_of_the_samples_though_some_come_late_and_a_minute_is_missing(
    rate_hz: float, share: float
) -> None:
    rng = np.random.default_rng(7)
    time_s = np.arange(20_000) / rate_hz
    time_s[1:] += np.where(rng.random(19_999) < share, 0.3 / rate_hz, 0.0)
    time_s[10_000:] += 60.0
    assert measure_period(time_s, RULES) == pytest.approx(1 / rate_hz, rel=1e-3)
