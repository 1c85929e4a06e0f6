"""A recording keeps its promises: shape, rate, clock, and nobody changes it."""

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sleepjerk import Device, Recording

G = np.zeros((3, 1000), np.float32)


def test_samples_must_be_three_axes() -> None:
    for shape in ((2, 10), (10, 3), (3,)):
        with pytest.raises(ValueError, match="one row an axis"):
            Recording(np.zeros(shape, np.float32), 100.0)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan")])
def test_the_rate_must_be_positive(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="positive number"):
        Recording(G.copy(), rate_hz)


def test_the_start_must_have_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Recording(G.copy(), 100.0, start=datetime(2026, 11, 22, 22, 31))  # noqa: DTZ001


def test_nobody_can_change_the_samples() -> None:
    recording = Recording(G.copy(), 100.0)
    with pytest.raises(ValueError, match="read-only"):
        recording.acceleration_g[0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        recording.rate_hz = 50.0  # type: ignore[misc]


def test_length_and_missing_time_are_seconds() -> None:
    recording = Recording(G.copy(), 50.0, np.array([[1.0, 3.0], [5.0, 5.5]]))
    assert recording.duration_s == 20.0
    assert recording.missing_s == 2.5
    assert "2 gaps" in repr(recording)


def test_the_wall_clock_knows_the_change_from_summer_time() -> None:
    start = datetime(2026, 10, 25, 1, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    recording = Recording(G.copy(), 100.0, start=start)
    later = recording.wall_clock(3 * 3600)
    assert later is not None
    assert (later.hour, later.utcoffset()) == (3, timedelta(hours=1))


def test_without_a_start_there_is_no_wall_clock() -> None:
    recording = Recording(G.copy(), 100.0)
    assert recording.wall_clock(5.0) is None
    assert recording.utc_text(5.0) == ""
    assert recording.seconds_at(datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_a_moment_becomes_seconds_within_the_recording() -> None:
    start = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    recording = Recording(G.copy(), 100.0, start=start)
    assert recording.seconds_at(start + timedelta(seconds=4)) == 4
    assert recording.seconds_at(start - timedelta(hours=1)) == 0
    assert recording.seconds_at(start + timedelta(hours=1)) == 10
    assert recording.utc_text(1.5) == "2026-11-22T22:00:01.500+00:00"


def test_what_is_unknown_is_none_and_not_zero() -> None:
    device = Device()
    assert device.device_rate_hz is device.step_g is device.range_g is device.clock_drift_ppm is None
