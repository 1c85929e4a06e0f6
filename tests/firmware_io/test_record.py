"""The recorder, really started, on a real pty: what the board sent is what the file holds."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from firmware_io.recorder.clock_log import ClockLog
from firmware_io.recorder.watcher import ClockWatch
from sleepjerk.cli import main
from tests.firmware_io.recorder_process import PROJECT, Recorder, Said, nights, positions, rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.support.marks import a_few


@pytest.fixture
def link(tmp_path: Path) -> Path:
    return tmp_path / "board"


@pytest.mark.parametrize("speaks", a_few(["frames", "lines"], of=2))
def test_the_file_holds_exactly_what_the_board_sent(link: Path, tmp_path: Path, speaks: str) -> None:
    with SimulatedBoard(link, speaks, night_counts(30)) as board:
        recorder = Recorder(link, tmp_path / "out", "--keep-raw", "--sensor-name", "left")
        path = recorder.wait_for_rows(200)
        code, out, talk = recorder.finish()
    assert code == 0, talk
    assert out.strip().split("\n")[-1] == str(path)
    rows = rows_of(path)
    index = positions(rows, board.counts)
    np.testing.assert_array_equal(np.diff(index), 1)
    sidecar = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())
    assert (sidecar["sensor_name"], sidecar["usb_serial"]) == ("left", None)  # a link has no serial number
    assert sidecar["ended"] == "stopped by SIGTERM"
    assert sidecar["ledger"]["good"] == len(rows)
    assert sidecar["ledger"]["expected"] == len(rows)
    assert sidecar["limb"] == "wrist"
    clock = pd.read_csv(str(path).removesuffix(".csv") + ".clock.csv")
    assert list(clock.columns) == ["t_us", "host_monotonic_s", "host_utc_s", "event"]
    assert clock["event"].iloc[0] == "open"
    assert clock["event"].iloc[-1] == "end"
    assert Path(str(path).removesuffix(".csv") + ".raw").stat().st_size > 1000


def test_the_recorders_file_is_read_by_pandas_and_by_the_night_side(link: Path, tmp_path: Path) -> None:
    import sleepjerk as sj

    with SimulatedBoard(link, "frames", night_counts(30)):
        recorder = Recorder(link, tmp_path / "out", "--limb", "ankle", "--subject", "a <b> c")
        path = recorder.wait_for_rows(200)
        assert recorder.finish(signal.SIGINT)[0] == 0
    assert list(pd.read_csv(path).columns) == ["t_us", "x_g", "y_g", "z_g"]
    recording = sj.read_recording(path)
    assert recording.placement.limb == "ankle"
    assert recording.placement.subject == "a <b> c"
    assert recording.device.range_g == 4
    assert recording.rate_hz == pytest.approx(100, rel=1e-3)
    assert recording.start is not None
    assert abs(recording.start.timestamp() - time.time()) < 60


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder that no busy disk slows down, where there is one."""
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)


def test_kill_9_loses_a_quarter_of_a_second_at_most_and_nothing_wrong_stays(in_memory: Path) -> None:
    moments_s = np.random.default_rng(1).uniform(0, 1, 6).tolist()
    lost_s = _lost_at_kills(in_memory, moments_s)
    print(f"lost at kill -9, seconds: median {np.median(lost_s):.2f}, max {max(lost_s):.2f}")
    assert np.median(lost_s) <= 0.25


@pytest.mark.slow
def test_kill_9_at_200_moments_loses_a_quarter_of_a_second_at_most(in_memory: Path) -> None:
    lost_s = []
    for number in range(40):
        folder = in_memory / str(number)
        folder.mkdir()
        lost_s += _lost_at_kills(folder, np.random.default_rng(number).uniform(0, 2, 5).tolist())
    print(f"lost at kill -9, seconds: median {np.median(lost_s):.2f}, max {max(lost_s):.2f}")
    assert np.quantile(lost_s, 0.98) <= 0.25  # the machine itself may have stood still
    assert max(lost_s) <= 1


def _lost_at_kills(folder: Path, after_s: list[float]) -> list[float]:
    """Several recorders at once, each killed at its own moment, once all record."""
    record = threading.Barrier(len(after_s))

    def one(number: int) -> float:
        own = folder / f"recorder{number}"
        own.mkdir()
        return _lost_at_kill(own / "board", own, after_s[number], record)

    with ThreadPoolExecutor(len(after_s)) as pool:
        return list(pool.map(one, range(len(after_s))))


def _lost_at_kill(link: Path, folder: Path, after_s: float, record: threading.Barrier) -> float:
    """Not counted is what the recorder could not save for want of a processor."""
    with SimulatedBoard(link, "frames", night_counts(120)) as board:
        recorder = Recorder(link, folder / "out")
        path = recorder.wait_for_rows(100)
        record.wait(90)
        waited_s = _waited_s(recorder.process.pid)
        time.sleep(after_s)
        sent, waited_s = len(board.sent), _waited_s(recorder.process.pid) - waited_s
        recorder.finish(signal.SIGKILL)
        index = positions(rows_of(path), board.counts)
    np.testing.assert_array_equal(np.diff(index), 1)
    return (board.sent[sent - 1] - int(index[-1])) / 100 - waited_s


def _waited_s(process: int) -> float:
    """How long a process's threads have waited for a processor, where Linux counts that."""
    counted = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[1]) for thread in counted) / 1e9


@pytest.mark.slow
def test_the_wrap_of_the_boards_clock_leaves_no_trace(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(
        link, "frames", night_counts(30), start_us=(1 << 32) - 2_000_000, waits=True
    ) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(250)
        assert recorder.finish()[0] == 0
    np.testing.assert_array_equal(np.diff(positions(rows_of(path), board.counts)), 1)


def test_each_way_of_stopping_ends_it_whole_and_soon(tmp_path: Path) -> None:
    ways = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

    def stop(number: int) -> tuple[int, float, bytes]:
        link = tmp_path / f"board{number}"
        with SimulatedBoard(link, "frames", night_counts(30)):
            recorder = Recorder(link, tmp_path / f"out{number}")
            path = recorder.wait_for_rows(150)
            began_s = time.monotonic()
            code, _, _ = recorder.finish(number)
            return code, time.monotonic() - began_s, path.read_bytes()[-1:]

    with ThreadPoolExecutor(len(ways)) as pool:
        for code, took_s, last in pool.map(stop, ways):
            assert code == 0
            assert took_s < 15  # half a second, where nobody else is at work
            assert last == b"\n"


@pytest.mark.slow
def test_a_duration_ends_it_by_itself(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)):
        recorder = Recorder(link, tmp_path / "out", "--duration", "5s")
        out, _ = recorder.process.communicate(timeout=60)
    assert recorder.process.returncode == 0
    assert nights(tmp_path / "out") == [Path(out.strip())]


def test_a_second_recorder_on_the_port_is_refused(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)):
        first = Recorder(link, tmp_path / "out")
        first.wait_for_rows(100)
        second = Recorder(link, tmp_path / "other")
        out, talk = second.process.communicate(timeout=60)
        assert first.finish()[0] == 0
    assert second.process.returncode == 4
    assert "another program holds this port" in talk
    assert "; it is held by python (process " in talk  # the board of this test has its own end open, too
    assert out == ""


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--port", "/dev/not-there"], 3, "there is no such port"),
        (["--port", "nonsense://x"], 3, "no port or URL"),
        (["--duration", "tonight"], 2, "expected a time such as 8h"),
        (["--duration", "0"], 2, "longer than 0"),
        (["--port", "/dev/not-there", "--out", "/proc/none"], 2, "can't write recordings here"),
    ],
)
def test_what_cannot_work_is_one_sentence(tmp_path: Path, options: list[str], code: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sleepjerk", "record", "--out", str(tmp_path), *options],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_starting_to_record_imports_nothing_heavy() -> None:
    code = (
        "import sys, firmware_io.recorder.loop, sleepjerk.cli.record, sleepjerk.cli.record_words; "
        "print(sorted({'numpy', 'scipy', 'pandas', 'jinja2'} & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_ports_of_this_computer_can_be_listed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sleepjerk", "ports", "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        env={**os.environ},
    )
    assert done.returncode == 0
    assert isinstance(json.loads(done.stdout), list)


def test_the_sleep_of_the_computer_is_logged_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    slept_s = iter([100.0, 7300.0, 7300.0])
    monkeypatch.setattr("firmware_io.recorder.host_clock.slept_s", lambda: next(slept_s))
    said, log = Said(), ClockLog()
    watch = ClockWatch(log, said.tell, slept_s=100.0)
    for now_s in (1.0, 2.0, 3.0):
        watch.look(now_s)
    assert log.early == [(2.0, "suspend 7200 s")]
    assert sum("slept for 7200 s" in text for text in said.sentences) == 1


def test_a_step_of_the_wall_clock_is_logged_and_slewing_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead_s = iter([10.0, 10.2, 3610.2, 3610.3, 10.3])
    monkeypatch.setattr("firmware_io.recorder.host_clock.wall_ahead_s", lambda: next(ahead_s))
    log = ClockLog()
    watch = ClockWatch(log, lambda message: None, wall_ahead_s=9.9)
    for now_s in (1.0, 2.0, 3.0, 4.0, 5.0):
        watch.look(now_s)
    assert log.early == [(3.0, "clock step +3600.0 s"), (5.0, "clock step -3600.0 s")]


def test_a_full_disk_is_refused_before_bedtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("firmware_io.disk.free_bytes", lambda folder: 1_000_000)
    assert main(["record", "--port", "/dev/not-there", "--out", str(tmp_path)]) == 2
    assert "the disk is full (1.0 MB free" in capsys.readouterr().err
