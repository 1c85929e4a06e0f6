"""An hour of frames through recorder and reader: what the clock log says of the board's clock."""

from pathlib import Path

import numpy as np
import pytest

from sleepjerk.reading import read_recording
from tests.firmware_io.board_frames import encode_data, encode_hello
from tests.firmware_io.built import HZ
from tests.firmware_io.heard import arrivals, record_heard
from tests.firmware_io.placed import live_through
from tests.firmware_io.test_wire import hello

BATCHES = 36_000
WRAP = 1 << 32


def recorded(folder: Path, ppm: float, start_us: int) -> Path:
    """A board whose 100 Hz and microseconds are both fast by `ppm`, heard late by a USB that hands over in bursts."""
    last_us = 100_000 * np.arange(BATCHES) + 90_000
    came_s = arrivals(last_us / 1e6 / (1 + ppm * 1e-6), 5)
    frames = [
        encode_data(
            7,
            (1 + number) % 65536,
            (start_us + 100_000 * number) % WRAP,
            90_000,
            [(number % 500, k, 8192) for k in range(10)],
        )
        for number in range(BATCHES)
    ]
    heard = [(0.0, encode_hello(hello(0))), *zip(came_s.tolist(), frames, strict=True)]
    path, writer = record_heard(folder, heard)
    assert writer.ledger.lost == 0
    return path


@pytest.mark.slow
@pytest.mark.parametrize("ppm", [-500.0, 500.0, 0.0])
def test_an_hour_gives_the_board_s_drift_within_5_ppm_over_the_turn_of_its_clock(
    ppm: float, tmp_path: Path
) -> None:
    path = recorded(tmp_path, ppm, WRAP - 5_000_000)
    recording = read_recording(path)
    assert recording.device.clock_drift_ppm == pytest.approx(ppm, abs=5.0)
    assert recording.gaps_s.size == 0
    assert recording.acceleration_g.shape[1] == pytest.approx(10 * BATCHES, abs=1)


@pytest.mark.slow
def test_through_firmware_brown_outs_and_bus_faults_every_sample_is_placed_within_10_ms(
    tmp_path: Path,
) -> None:
    placed = live_through(tmp_path, 40 * 60 * HZ, 0.002)
    assert placed.resets == 2
    assert placed.recording.device.clock_drift_ppm == pytest.approx(2000, abs=5)
    assert np.abs(placed.error_s).max() < 0.010
    assert np.abs(placed.raw_error_s).max() > 4
