"""An hour of frames through recorder and reader: what the clock log says of the board's clock."""

from pathlib import Path

import numpy as np
import pytest

from firmware_io.recorder.options import Options
from firmware_io.recorder.writer import Writer
from sleepjerk.reading import read_recording
from tests.firmware_io.board_frames import encode_data, encode_hello
from tests.firmware_io.recorder_process import nights
from tests.firmware_io.test_wire import hello
from tests.support.marks import a_few

BATCHES = 36_000
WRAP = 1 << 32


def recorded(folder: Path, ppm: float, start_us: int) -> Path:
    """A board whose 100 Hz and microseconds are both fast by `ppm`, heard late by a USB that hands over in bursts."""
    late_s = np.random.default_rng(5).exponential(0.008, BATCHES)
    writer = Writer(Options(folder), lambda message: None)
    writer.take(0.0, encode_hello(hello(0)))
    heard_s, ticked_s = 0.0, 0.0
    for number in range(BATCHES):
        last_us = 100_000 * number + 90_000
        frame = encode_data(
            7,
            (1 + number) % 65536,
            (start_us + 100_000 * number) % WRAP,
            90_000,
            [(number % 500, k, 8192) for k in range(10)],
        )
        arrives_s = last_us / 1e6 / (1 + ppm * 1e-6) + late_s[number]
        heard_s = max(heard_s, np.ceil(arrives_s / 0.016) * 0.016)
        writer.take(float(heard_s), frame)
        if heard_s - ticked_s >= 10:
            ticked_s = float(heard_s)
            writer.log.pair(writer.ledger)
    writer.finish("stopped")
    assert writer.ledger.lost == 0
    (path,) = nights(folder)
    return path


@pytest.mark.parametrize("ppm", a_few([-500.0, 500.0, 0.0], of=3))
def test_an_hour_gives_the_board_s_drift_within_5_ppm_over_the_turn_of_its_clock(
    ppm: float, tmp_path: Path
) -> None:
    path = recorded(tmp_path, ppm, WRAP - 5_000_000)
    recording = read_recording(path)
    assert recording.device.clock_drift_ppm == pytest.approx(ppm, abs=5.0)
    assert recording.gaps_s.size == 0
    assert recording.acceleration_g.shape[1] == pytest.approx(10 * BATCHES, abs=1)
