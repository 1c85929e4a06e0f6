"""The recorder, really started, on a real pty: what the board sent is what the file holds."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.firmware_io.simulated_board import LSB_PER_G, SimulatedBoard, night_counts

PROJECT = Path(__file__).resolve().parents[2]


class Recorder:
    """`sleepjerk record` as its own process."""

    def __init__(self, link: Path, out: Path, *options: str) -> None:
        command = [
            sys.executable,
            "-m",
            "sleepjerk",
            "record",
            "--port",
            str(link),
            "--out",
            str(out),
            *options,
        ]
        self.out = out
        self.process = subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, talk = self.process.communicate(timeout=20)
        return self.process.returncode, out, talk

    def wait_for_rows(self, count: int, timeout_s: float = 20.0) -> Path:
        """Until the file holds so many whole lines."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            for path in nights(self.out):
                if path.read_bytes().count(b"\n") > count:
                    return path
            time.sleep(0.05)
        raise AssertionError(f"no {count} rows within {timeout_s} s: {self.finish()}")


def nights(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.csv") if not path.name.endswith(".clock.csv"))


def rows_of(path: Path) -> np.ndarray:
    """(n, 4) t_us and counts, to the last whole line."""
    whole = path.read_bytes().rpartition(b"\n")[0].decode().split("\n")
    assert whole[0] == "t_us,x_g,y_g,z_g"
    table = np.array([[float(word) for word in line.split(",")] for line in whole[1:]])
    table[:, 1:] = np.rint(table[:, 1:] * LSB_PER_G)
    return table.astype(np.int64)


def positions(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Which sample of the board each row is, found by its values and time; fails if any row was never sent."""
    offset = next(
        first
        for first in range(len(counts))
        if np.array_equal(counts[first], rows[0, 1:]) and np.array_equal(counts[first + 1], rows[1, 1:])
    )
    index = offset + rows[:, 0] // 10_000
    np.testing.assert_array_equal(counts[index], rows[:, 1:])
    return index


@pytest.fixture
def link(tmp_path: Path) -> Path:
    return tmp_path / "board"


@pytest.mark.parametrize("speaks", ["frames", "lines"])
def test_the_file_holds_exactly_what_the_board_sent(link: Path, tmp_path: Path, speaks: str) -> None:
    with SimulatedBoard(link, speaks, night_counts(30)) as board:
        recorder = Recorder(link, tmp_path / "out", "--keep-raw")
        path = recorder.wait_for_rows(300)
        code, out, talk = recorder.finish()
    assert code == 0, talk
    assert out.strip().split("\n")[-1] == str(path)
    rows = rows_of(path)
    index = positions(rows, board.counts)
    np.testing.assert_array_equal(np.diff(index), 1)
    sidecar = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())
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
        path = recorder.wait_for_rows(300)
        assert recorder.finish(signal.SIGINT)[0] == 0
    assert list(pd.read_csv(path).columns) == ["t_us", "x_g", "y_g", "z_g"]
    recording = sj.read_recording(path)
    assert recording.facts.limb == "ankle"
    assert recording.facts.subject == "a <b> c"
    assert recording.facts.range_g == 4
    assert recording.rate_hz == pytest.approx(100, rel=1e-3)
    assert recording.start is not None
    assert abs(recording.start.timestamp() - time.time()) < 60


def test_kill_9_loses_less_than_a_second_and_nothing_wrong_stays(tmp_path: Path) -> None:
    assert max(_lost_at_kills(tmp_path, [0.0, 0.37, 0.71, 1.13])) < 1.0


@pytest.mark.slow
def test_kill_9_at_many_moments_loses_less_than_a_second_each_time(tmp_path: Path) -> None:
    lost_s = []
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        lost_s += _lost_at_kills(folder, np.random.default_rng(number).uniform(0, 2, 5).tolist())
    print(f"lost at kill -9, seconds: median {np.median(lost_s):.2f}, max {max(lost_s):.2f}")
    assert max(lost_s) < 1.0


def _lost_at_kills(folder: Path, after_s: list[float]) -> list[float]:
    """Several recorders at once, each killed at its own moment."""

    def one(number: int) -> float:
        own = folder / f"recorder{number}"
        own.mkdir()
        return _lost_at_kill(own / "board", own, after_s[number])

    with ThreadPoolExecutor(len(after_s)) as pool:
        return list(pool.map(one, range(len(after_s))))


def _lost_at_kill(link: Path, folder: Path, after_s: float) -> float:
    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        recorder = Recorder(link, folder / "out")
        path = recorder.wait_for_rows(100)
        time.sleep(after_s)
        sent = len(board.sent)
        recorder.finish(signal.SIGKILL)
        index = positions(rows_of(path), board.counts)
    np.testing.assert_array_equal(np.diff(index), 1)
    return (board.sent[sent - 1] - int(index[-1])) / 100


def test_the_wrap_of_the_boards_clock_leaves_no_trace(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30), start_us=(1 << 32) - 3_000_000) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(500)
        assert recorder.finish()[0] == 0
    np.testing.assert_array_equal(np.diff(positions(rows_of(path), board.counts)), 1)


def test_damage_on_the_wire_is_counted_and_never_a_sample(link: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(link, "frames", night_counts(30))
    board.garble = {40: b"\x55\x02\x99" * 20 + b"\0", 41: b"noise\0"}
    board.skip = {50, 51, 52}
    board.repeat = {45, 46}
    with board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(500)
        assert recorder.finish()[0] == 0
    index = positions(rows_of(path), board.counts)
    # Garbled frames took a sequence number each, as real ones would, and so did the skipped ones.
    assert sorted(set(range(index[0], index[-1] + 1)) - set(index)) == [*range(400, 420), *range(500, 530)]
    ledger = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())["ledger"]
    assert ledger["rejected"] == 20
    assert ledger["gap"] == 30
    assert ledger["repeated"] == 20
    assert ledger["expected"] == ledger["good"] + 50
    events = pd.read_csv(str(path).removesuffix(".csv") + ".clock.csv")["event"].tolist()
    assert sum(str(event).startswith("gap") for event in events) == 2


def test_a_pulled_cable_is_a_gap_and_the_night_goes_on(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(40)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(200)
        board.unplug()
        time.sleep(1.5)
        board.plug()
        before = len(rows_of(path))
        recorder.wait_for_rows(before + 200)
        code, _, talk = recorder.finish()
    assert code == 0
    assert len(nights(tmp_path / "out")) == 1
    jumps = np.diff(positions(rows_of(path), board.counts))
    assert (jumps > 1).sum() == 1
    assert 100 < jumps.max() < 400
    events = pd.read_csv(str(path).removesuffix(".csv") + ".clock.csv")["event"].tolist()
    assert {"unplugged", "reconnect"} <= set(events)
    assert "unplugged" in talk


def test_a_reset_of_the_board_is_placed_by_the_hosts_clock(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(40)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(300)
        board.reset()
        recorder.wait_for_rows(600)
        assert recorder.finish()[0] == 0
    rows = rows_of(path)
    assert np.all(np.diff(rows[:, 0]) > 0)
    # The board sampled on without a pause, so the file's clock and the count of samples agree.
    assert rows[-1, 0] - rows[0, 0] == pytest.approx((len(rows) - 1) * 10_000, abs=300_000)
    sidecar = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())
    assert sidecar["ledger"]["resets"] == 1
    assert "reset" in Path(str(path).removesuffix(".csv") + ".clock.csv").read_text()


def test_a_silent_board_is_opened_again_and_the_talk_says_so(link: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(link, "frames", night_counts(40))
    board.skip = set(range(40, 80))
    with board:
        recorder = Recorder(link, tmp_path / "out")
        recorder.wait_for_rows(250)
        recorder.wait_for_rows(450)
        code, _, talk = recorder.finish()
    assert code == 0
    assert "silence" in talk


def test_each_way_of_stopping_ends_it_whole_within_a_second_or_so(tmp_path: Path) -> None:
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
            assert took_s < 2.0
            assert last == b"\n"


def test_a_duration_ends_it_by_itself(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)):
        recorder = Recorder(link, tmp_path / "out", "--duration", "3s")
        out, _ = recorder.process.communicate(timeout=20)
    assert recorder.process.returncode == 0
    assert nights(tmp_path / "out") == [Path(out.strip())]


def test_a_second_recorder_on_the_port_is_refused(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)):
        first = Recorder(link, tmp_path / "out")
        first.wait_for_rows(100)
        second = Recorder(link, tmp_path / "other")
        out, talk = second.process.communicate(timeout=20)
        assert first.finish()[0] == 0
    assert second.process.returncode == 4
    assert "another program holds this port" in talk
    assert out == ""


def test_a_board_that_talks_nonsense_is_told_and_leaves_no_file(link: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(link, "frames", night_counts(30))
    board.garble = {frame: bytes([0x80 + frame % 100, 0xFE] * 40) for frame in range(300)}
    with board:
        recorder = Recorder(link, tmp_path / "out", "--duration", "8s")
        _, talk = recorder.process.communicate(timeout=20)
    assert recorder.process.returncode == 5
    assert "wrong baud rate?" in talk
    assert "nothing was recorded" in talk
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--port", "/dev/not-there"], 3, "there is no such port"),
        (["--port", "nonsense://x"], 3, "no port or URL"),
        (["--duration", "tonight"], 2, "no time like 8h"),
        (["--duration", "0"], 2, "nothing to record"),
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
        "import sys, firmware_io.record, sleepjerk.cli.record; "
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
