"""Breathing and pulse under a made night: they stop, deepen and vanish where the plan says."""

import numpy as np
import pytest
from scipy import signal

from sleepjerk.simulate import Kind, Plan, PlannedEvent, Sensor, SimulatedNight, simulate_plan
from sleepjerk.simulate.plan import Span

SILENT = Sensor(name="ideal", noise_g_per_rthz=0.0, range_g=2.0)
STOPS: tuple[Span, ...] = tuple((60.0 + 45.0 * number, 90.0 + 45.0 * number) for number in range(20))
WHOLE = Plan(duration_s=1000.0)
STOPPED = Plan(duration_s=1000.0, apnoeas_s=STOPS)


def breath(night: SimulatedNight) -> np.ndarray:
    """(n,) g: the slow part along the direction in which the arm moves most."""
    sos = signal.butter(2, 1.0, fs=100, output="sos")
    rows = night.recording.acceleration_g.astype(np.float64)
    slow = signal.sosfiltfilt(sos, rows - rows.mean(axis=1)[:, None], axis=1)
    left = np.linalg.svd(slow, full_matrices=False)[0]
    return np.asarray(left[:, 0] @ slow)


def depth(night: SimulatedNight, spans: tuple[Span, ...]) -> float:
    """RMS of the breath in spans, g."""
    wave = breath(night)
    inside = np.concatenate([wave[round(start_s * 100) : round(end_s * 100)] for start_s, end_s in spans])
    return float(np.sqrt(np.mean(inside**2)))


def shrunk(spans: tuple[Span, ...], by_s: float) -> tuple[Span, ...]:
    return tuple((start_s + by_s, end_s - by_s) for start_s, end_s in spans)


def test_breathing_falls_to_a_twentieth_while_it_stops() -> None:
    inner = shrunk(STOPS, 2.0)
    whole, stopped = (simulate_plan(plan, 5, sensor=SILENT) for plan in (WHOLE, STOPPED))
    assert depth(whole, inner) > 20 * depth(stopped, inner)


def test_the_first_breaths_after_a_stop_are_deeper() -> None:
    after = tuple((end_s + 1.5, end_s + 6.5) for _, end_s in STOPS)
    whole, stopped = (simulate_plan(plan, 5, sensor=SILENT) for plan in (WHOLE, STOPPED))
    assert depth(stopped, after) / depth(whole, after) == pytest.approx(1.6, rel=0.05)


def test_breathing_elsewhere_is_as_it_was() -> None:
    whole = simulate_plan(Plan(duration_s=200.0), 5, sensor=SILENT)
    stopped = simulate_plan(Plan(duration_s=200.0, apnoeas_s=((60.0, 90.0),)), 5, sensor=SILENT)
    same = (whole.counts == stopped.counts).all(axis=0)
    assert same[:6000].all()
    assert same[9900:].all()
    assert same[6100:8900].mean() < 0.2


def test_breathing_is_30_percent_deeper_around_a_movement() -> None:
    event = PlannedEvent(kind=Kind.BODY_MOVEMENT, onset_s=50.0, duration_s=4.0, tilt_deg=2.0)
    plain, lifted = (
        simulate_plan(Plan(duration_s=120.0, events=(event,), breath_lift=lift), 5, sensor=SILENT)
        for lift in (0.0, 0.3)
    )
    extra = lifted.recording.acceleration_g.astype(np.float64) - plain.recording.acceleration_g
    calm = Plan(duration_s=120.0, breath_lift=0.3)
    size = breath(simulate_plan(calm, 5, sensor=SILENT))
    # The movement ends by 55 s and counts for 15 s more, the last of them fading.
    added = np.linalg.norm(extra[:, 5600:6700], axis=0)
    assert np.sqrt(np.mean(added**2) / np.mean(size[5600:6700] ** 2)) == pytest.approx(0.3, rel=0.1)
    assert np.abs(extra[:, :4400]).max() == 0
    assert np.abs(extra[:, 7200:]).max() == 0


def test_movements_close_together_don_t_deepen_breathing_twice() -> None:
    events = tuple(
        PlannedEvent(kind=Kind.BODY_MOVEMENT, onset_s=at, duration_s=3.0, tilt_deg=1.0) for at in (50.0, 55.0)
    )
    plain, lifted = (
        simulate_plan(Plan(duration_s=120.0, events=events, breath_lift=lift), 5, sensor=SILENT)
        for lift in (0.0, 0.3)
    )
    extra = lifted.recording.acceleration_g.astype(np.float64) - plain.recording.acceleration_g
    assert np.linalg.norm(extra, axis=0).max() <= 0.31 * 0.010  # breathing tilts by 10 mg at most


def test_a_sensor_on_the_table_sees_neither_breath_nor_pulse() -> None:
    off_s = (100.0, 300.0)
    for seed in range(6):
        night = simulate_plan(Plan(duration_s=400.0, off_body_s=(off_s,)), seed, sensor=SILENT)
        rows = night.recording.acceleration_g
        assert np.ptp(rows[:, 10200:29800], axis=1).max() <= 2e-6
        assert np.ptp(rows[:, :9900], axis=1).max() > 5e-4
