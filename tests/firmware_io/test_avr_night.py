"""From the sensor to the report: the real firmware on a pty, the real recorder, the real analysis."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_io.port import Port
from firmware_io.recorder import host_clock
from firmware_io.recorder.loop import record
from firmware_io.recorder.options import Asked, Options
from firmware_io.wire import Data
from firmware_io.wire.frames import FrameDecoder
from sleepjerk.analysis import analyse
from sleepjerk.evaluate import match_events
from sleepjerk.reading import read_recording
from sleepjerk.report import render_report
from sleepjerk.simulate import simulate_night
from tests.firmware_io.built import HZ, Plan, command, samples
from tests.firmware_io.recorder_process import PROJECT, Recorder, rows_of

LSB_PER_G = 8192


@contextmanager
def plugged(
    folder: Path, counts: NDArray[np.int16], plan: Plan = (), speed: float = 1
) -> Iterator["subprocess.Popen[str]"]:
    """The simulated board behind `folder/port`."""
    line = [*command(folder, counts, plan), f"--port={folder / 'port'}", f"--speed={speed}"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as board:
        end_s = time.monotonic() + 60
        while not (folder / "port").exists() and time.monotonic() < end_s:
            time.sleep(0.02)
        try:
            yield board
        finally:
            board.terminate()


def places(rows: NDArray[np.int64], counts: NDArray[np.int16]) -> NDArray[np.int64]:
    """Which sample of the sensor each row is; fails if one never was."""
    known = {tuple(sample): number for number, sample in enumerate(counts.tolist())}
    return np.array([known[tuple(row)] for row in rows[:, 1:].tolist()])


def test_the_recorder_loses_nothing_of_what_the_firmware_says(tmp_path: Path) -> None:
    counts = samples(30 * HZ)
    with plugged(tmp_path, counts):
        recorder = Recorder(tmp_path / "port", tmp_path / "nights")
        path = recorder.wait_for_rows(200)
        status, _, talk = recorder.finish()
    assert status == 0, talk
    rows = rows_of(path)
    number = places(rows, counts)
    np.testing.assert_array_equal(np.diff(number), 1)
    np.testing.assert_allclose(np.diff(rows[:, 0]), 10_000, atol=40)


@pytest.mark.slow
def test_a_cable_pulled_for_a_second_is_a_gap_in_which_time_went_on(tmp_path: Path) -> None:
    counts = samples(40 * HZ)
    with plugged(tmp_path, counts, [(10.0, "unplug"), (11.0, "plug")]):
        recorder = Recorder(tmp_path / "port", tmp_path / "nights")
        path = recorder.wait_for_rows(1200)
        status, _, talk = recorder.finish()
    assert status == 0, talk
    assert "unplugged" in talk
    rows = rows_of(path)
    number = places(rows, counts)
    steps = np.diff(number)
    assert np.sum(steps != 1) == 1
    assert 90 <= steps.max() <= 400
    np.testing.assert_allclose(rows[:, 0], 10_000 * (number - number[0]), atol=60)


MISSING = "ATmega328P: no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND"


def sleepjerk(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sleepjerk", *(str(word) for word in words)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_a_board_without_its_sensor_is_told_and_recording_begins_when_it_is_plugged_in(
    tmp_path: Path,
) -> None:
    counts = samples(20 * HZ)
    with plugged(
        tmp_path, counts, [(0.0, "absent", 1), (30.0, "absent", 0), (33.0, "absent", 1), (37.0, "absent", 0)]
    ):
        port = tmp_path / "port"
        doctor = sleepjerk("doctor", "--port", port)
        assert f"{port}: {MISSING}" in doctor.stdout, doctor
        rehearsal = sleepjerk("record", "--check", "8s", "--port", port, "--out", tmp_path / "nights")
        assert rehearsal.returncode == 5
        assert MISSING in rehearsal.stdout, rehearsal
        recorder = Recorder(port, tmp_path / "nights")
        path = recorder.wait_for_rows(700, timeout_s=50)
        status, _, talk = recorder.finish()
    assert status == 0, talk
    assert talk.count(MISSING) == 2
    assert talk.count("the sensor is well again") == 2
    assert "errors on the sensor's wires" in talk
    places(rows_of(path), counts)
    facts = json.loads(path.with_suffix(".json").read_text())
    assert (facts["sensor"], facts["board_said"]["address"]) == ("MPU6050", 0x68)
    assert facts["board_said"]["sensor_faults"] == ["not found", "not found"]
    assert facts["board_said"]["self_test"] == "passed"
    assert facts["ledger"]["bus_errors"] == facts["board_said"]["bus_errors"] > 5
    log = path.with_suffix(".clock.csv").read_text()
    assert log.count("sensor: not found") == log.count("sensor: well again") == 2


@pytest.mark.slow
def test_a_board_that_is_reset_marks_nothing_that_nobody_pressed(tmp_path: Path) -> None:
    counts = samples(30 * HZ)
    with plugged(
        tmp_path, counts, [(9.0, "reset"), (12.0, "button", 1), (12.3, "button", 0), (14.0, "brownout")]
    ):
        recorder = Recorder(tmp_path / "port", tmp_path / "nights")
        path = recorder.wait_for_rows(1700)
        recorder.finish()
    log = path.with_suffix(".clock.csv").read_text()
    assert log.count("mark 1") == 1
    assert log.count(",reset\n") == 2


class ByBoard(Port):
    """A port whose computer has the board's own clock: neither can be too slow for the other."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.now_s, self._decoder, self._last_us = 0.0, FrameDecoder(), 0

    def read(self) -> bytes:
        data = super().read()
        for item in self._decoder.feed(data):
            if isinstance(item, Data):
                before_us, self._last_us = self._last_us, item.t_first_us + item.span_us
                self.now_s += (self._last_us - before_us) % (1 << 32) / 1e6
        return data


@pytest.mark.slow
def test_a_night_goes_from_the_sensor_through_firmware_wire_and_recorder_to_the_same_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = simulate_night(hours=1.5, seed=31, scenario="intensified")
    acceleration_g = made.recording.acceleration_g
    counts = np.clip(np.rint(acceleration_g.T * LSB_PER_G), -32768, 32767).astype(np.int16)
    asked = Asked()
    monkeypatch.setattr(host_clock, "now_s", lambda: port.now_s)
    monkeypatch.setattr(host_clock, "slept_s", lambda: 0.0)
    folder = tmp_path / "nights"
    folder.mkdir()
    with plugged(tmp_path, counts, speed=0) as board:
        port = ByBoard(str(tmp_path / "port"))
        ending = threading.Thread(target=lambda: (board.wait(), time.sleep(1), asked.stop.set()))
        ending.start()
        ended = record(port, Options(folder), asked, lambda message: None)
        ending.join()
    assert ended.path is not None
    rows = rows_of(ended.path)
    first = next(start for start in range(200) if np.array_equal(counts[start : start + 50], rows[:50, 1:]))
    np.testing.assert_array_equal(rows[:, 1:], counts[first : first + len(rows)])
    assert first < 100
    assert len(counts) - first - len(rows) < 10
    assert ended.ledger.lost == 0

    direct, recorded = analyse(made.recording), analyse(read_recording(ended.path))
    mine, theirs = (
        night.events[night.events["label"].isin(("hypnic_jerk", "sleep_twitch"))]
        for night in (direct, recorded)
    )
    assert len(mine) > 5
    pairs = match_events(mine["onset_s"] - first / HZ, theirs["onset_s"], 0.05)
    assert len(pairs) >= len(mine) - 1
    assert abs(len(theirs) - len(mine)) <= 1
    assert "MPU6050" in render_report(recorded)
