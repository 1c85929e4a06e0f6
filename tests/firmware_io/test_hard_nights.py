"""Nights in which the computer, the disk or somebody else gets in the way; with the real recorder where it matters.

What is lost is what could not be had, and it is written down. Pulled cables, resets, silence, damage and a file that
may not grow stand in test_record_faults.py; kill -9, signals and clocks in test_record.py; power cuts on a model of a
disk in test_power_cut.py.
"""

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firmware_io.nightfile
from firmware_io.assemble.timeline import Ledger
from firmware_io.disk import drive_kind
from firmware_io.nightfile import HEADER, AppendFile
from firmware_io.port import FoundPort, Port
from firmware_io.recorder import host_clock
from firmware_io.recorder.loop import record
from firmware_io.recorder.messages import Ended
from firmware_io.recorder.options import Asked, Options
from firmware_io.recorder.watcher import LossWatch
from firmware_io.wire.sniff import sniff
from tests.firmware_io.recorder_process import PROJECT, Recorder, Said, nights, positions, rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.support.marks import a_few
from tests.support.waiting import until


@pytest.fixture
def link(tmp_path: Path) -> Path:
    return tmp_path / "board"


def beside(path: Path, ending: str) -> Path:
    return Path(str(path).removesuffix(".csv") + ending)


def whole_and_true(path: Path, board: SimulatedBoard) -> np.ndarray:
    """Where each row stood among the board's samples; every row is whole and was sent."""
    assert path.read_bytes().endswith(b"\n")
    return positions(rows_of(path), board.counts)


# The terminal.


@pytest.mark.slow
def test_a_terminal_that_takes_nothing_stops_no_saving_and_no_ending(link: Path, tmp_path: Path) -> None:
    master, slave = os.openpty()
    termios.tcflow(slave, termios.TCOOFF)  # what Ctrl-S does
    command = [
        sys.executable,
        "-m",
        "sleepjerk",
        "record",
        "--port",
        str(link),
        "--out",
        str(tmp_path / "out"),
    ]
    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=slave)
        recorder = Recorder.__new__(Recorder)
        recorder.out, recorder.process = tmp_path / "out", process
        path = recorder.wait_for_rows(800)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    np.testing.assert_array_equal(np.diff(whole_and_true(path, board)), 1)
    assert json.loads(beside(path, ".json").read_text())["ended"] == "stopped by SIGTERM"
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("name", a_few(["stdout", "stderr"], of=2))
def test_whoever_reads_our_words_may_leave(link: Path, tmp_path: Path, name: str) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        recorder = Recorder(link, tmp_path / "out")
        gone, other = (
            getattr(recorder.process, each) for each in sorted(["stdout", "stderr"], key=name.__ne__)
        )
        gone.close()
        path = recorder.wait_for_rows(200)
        recorder.process.send_signal(signal.SIGTERM)
        assert recorder.process.wait(60) == 0
        other.close()
    np.testing.assert_array_equal(np.diff(whole_and_true(path, board)), 1)


# Files and disks.


@pytest.mark.slow
def test_a_deleted_recording_is_made_again_with_all_that_it_held(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(200)
        shutil.rmtree((tmp_path / "out").rename(tmp_path / "gone"))  # or a new file might come in between
        recorder.wait_for_rows(600)
        code, _, talk = recorder.finish()
    assert code == 0
    np.testing.assert_array_equal(np.diff(whole_and_true(path, board)), 1)
    assert "was deleted by somebody" in talk
    assert "deleted and made again" in beside(path, ".clock.csv").read_text()
    assert json.loads(beside(path, ".json").read_text())["ledger"]["good"] == len(rows_of(path))


def test_a_renamed_folder_is_written_on_and_the_stale_file_beside_is_told(tmp_path: Path) -> None:
    stem = tmp_path / "here" / "night"
    stem.parent.mkdir()
    night = firmware_io.nightfile.NightFile(stem, 4, {"ledger": {}})
    stem.parent.rename(tmp_path / "there")
    night.append_row(0, 0.1, 0.2, 0.3)
    night.flush(0.0)
    night.sync()
    night.write_sidecar()
    assert night.sidecar_trouble == os.strerror(errno.ENOENT)
    assert (tmp_path / "there" / "night.csv").read_text().endswith("0,0.1000,0.2000,0.3000\n")
    assert not (tmp_path / "here").exists()


MOUNTS = r"""/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/sdb1 /media/My\040Stick vfat rw 0 0
nas:/home /home/ann nfs4 rw 0 0
/dev/sda2 /home/ann/local ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/nights", None),
        ("/media/My Stick/nights", "a memory stick"),
        ("/media/My Stickers", None),
        ("/home/ann/nights", "a network drive"),
        ("/home/ann/local/nights", None),
        ("/home/annette", None),
    ],
)
def test_a_drive_that_may_lose_minutes_is_named(tmp_path: Path, folder: str, kind: str | None) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    assert drive_kind(Path(folder), tmp_path / "mounts") == kind
    assert drive_kind(Path(folder), tmp_path / "none") is None


def run_here(link: Path, out: Path, seconds: float) -> tuple[list[str], Path]:
    """The recorder in this process, so that its disk can be tampered with."""
    out.mkdir(exist_ok=True)
    port, said = Port(str(link)), Said()
    ended = record(port, Options(out, duration_s=seconds), Asked(), said.tell)
    assert ended.path is not None
    return said.sentences, ended.path


@pytest.mark.parametrize("speaks", a_few(["frames", "lines"], of=2))
def test_a_wall_clock_that_is_put_on_and_back_by_an_hour_moves_no_sample(
    link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speaks: str
) -> None:
    asked, wall_s, began_s = Asked(), time.time, time.time()
    (tmp_path / "out").mkdir()
    with SimulatedBoard(link, speaks, night_counts(120)) as board:
        recording = Recording(Port(str(link)), Options(tmp_path / "out"), asked, Said())
        path = recording.path()
        for ahead_s, told in ((3600.0, "clock step +"), (0.0, "clock step -")):
            monkeypatch.setattr(host_clock.time, "time", lambda ahead_s=ahead_s: wall_s() + ahead_s)
            assert until(lambda told=told: told in beside(path, ".clock.csv").read_text())
        asked.stop.set()
        recording.ended()
        monkeypatch.undo()
    rows = rows_of(path)
    np.testing.assert_array_equal(np.diff(rows[:, 0]), 10_000)
    np.testing.assert_array_equal(np.diff(positions(rows, board.counts)), 1)
    events = [line.rpartition(",")[2] for line in beside(path, ".clock.csv").read_text().splitlines()]
    assert [event for event in events if event.startswith("clock step")] == [
        "clock step +3600.0 s",
        "clock step -3600.0 s",
    ]
    start = datetime.fromisoformat(json.loads(beside(path, ".json").read_text())["start_utc"])
    assert abs(start.timestamp() - began_s) < 60


NOT_SAVING = "NOT SAVING, kept in memory and tried again: "


class Every:
    """A call to the disk of which every nth fails, each time in another way; a write may also take only a part."""

    def __init__(self, nth: int, call: Callable[..., Any]) -> None:
        self._nth = nth
        self._call = call
        self._ways = itertools.cycle([errno.ENOSPC, None, errno.EIO, errno.EINTR])
        self._calls = 0
        self.failed = 0

    def __call__(self, handle: int, *data: bytes) -> Any:
        if isinstance(handle, int) and not stat.S_ISREG(os.fstat(handle).st_mode):
            return self._call(handle, *data)  # the board's own end of its port
        self._calls += 1
        if self._calls % self._nth:
            return self._call(handle, *data)
        self.failed += 1
        number = next(self._ways)
        if number is None and data:
            return self._call(handle, bytes(data[0])[: len(data[0]) // 2])
        raise OSError(number or errno.EIO, os.strerror(number or errno.EIO))


@pytest.mark.parametrize(
    ("name", "nth"),
    a_few(
        [
            *(("write", 3), ("fdatasync", 1), ("replace", 1), ("write", 1), ("write", 2), ("write", 5)),
            *(("fdatasync", 2), ("fdatasync", 3), ("fsync", 1), ("open", 1)),
        ],
        of=10,
        several=True,
    ),
)
def test_whichever_calls_to_the_disk_fail_no_row_is_wrong_and_the_ledger_adds_up(
    link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, nth: int
) -> None:
    asked, said = Asked(), Said()
    (tmp_path / "out").mkdir()
    with SimulatedBoard(link, "frames", night_counts(20)) as board:
        recording = Recording(Port(str(link)), Options(tmp_path / "out"), asked, said)
        path = recording.path()
        disk = Every(nth, getattr(os, name))
        monkeypatch.setattr(firmware_io.nightfile.os, name, disk)
        # The others come at the end.
        assert until(lambda: name not in ("write", "fdatasync") or NOT_SAVING in "".join(said.sentences))
        time.sleep(0.5)
        asked.stop.set()
        ended = recording.ended()
        monkeypatch.undo()
    assert disk.failed
    rows = rows_of(path)
    np.testing.assert_array_equal(np.diff(positions(rows, board.counts)), 1)
    ledger = ended.ledger
    assert ledger.expected == ledger.good + ledger.gap + ledger.rejected + ledger.dropped
    assert ledger.good == len(rows) + ended.unsaved
    if name != "write":
        assert ended.unsaved == 0
    if name in ("write", "fdatasync"):
        assert any(NOT_SAVING in text for text in said.sentences)


class Recording:
    """The recorder in a thread of this process."""

    def __init__(self, port: Port, options: Options, asked: Asked, said: Said) -> None:
        self._out = options.folder
        self._pool = ThreadPoolExecutor(1)
        self._done = self._pool.submit(record, port, options, asked, said.tell)

    def path(self) -> Path:
        """The file, as soon as it has rows."""
        end_s = time.monotonic() + 60
        while time.monotonic() < end_s:
            for path in nights(self._out):
                if path.read_bytes().count(b"\n") > 50:
                    return path
            time.sleep(0.02)
        raise AssertionError("no rows came")

    def ended(self) -> Ended:
        ended = self._done.result(60)
        self._pool.shutdown()
        return ended


@pytest.mark.slow
def test_a_disk_that_stalls_for_six_seconds_costs_no_sample(
    link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = os.write, []

    def slow(handle: int, data: bytes) -> int:
        if os.isatty(handle):  # the board speaks through the same call, and must not stall
            return write(handle, data)
        calls.append(len(data))
        if len(calls) == 8:
            time.sleep(6)
        return write(handle, data)

    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        monkeypatch.setattr(firmware_io.nightfile.os, "write", slow)
        _, path = run_here(link, tmp_path / "out", 12)
        monkeypatch.undo()
    index = whole_and_true(path, board)
    np.testing.assert_array_equal(np.diff(index), 1)
    assert len(index) > 1000
    assert max(calls) > 500 * 20


def test_ten_minutes_of_a_full_disk_are_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AppendFile(tmp_path / "night.csv")
    file.append(HEADER)
    file.flush(0.0)
    rows = [b"%d,0.1234,-0.1234,0.9876\n" % (10_000 * number) for number in range(60_000)]

    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(firmware_io.nightfile.os, "write", full)
    for number, row in enumerate(rows):
        file.append(row)
        file.flush(number / 100)
    assert file.trouble == os.strerror(errno.ENOSPC)
    monkeypatch.undo()
    file.flush(1e6)
    assert file.trouble is None
    assert (tmp_path / "night.csv").read_bytes() == HEADER + b"".join(rows)


@contextlib.contextmanager
def mounted(place: Path, *words: str) -> Iterator[Path]:
    """A file system of its own, where this user may mount one."""
    place.mkdir()
    done = subprocess.run(["mount", *words, str(place)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_up_and_gets_room_again_misses_no_row(link: Path, tmp_path: Path) -> None:
    with (
        mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=4m", "none") as disk,
        SimulatedBoard(link, "frames", night_counts(120)) as board,
    ):
        recorder = Recorder(link, disk)
        path = recorder.wait_for_rows(300)
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - (32 << 10)))
        assert until(lambda: "disk: " in beside(path, ".clock.csv").read_text())
        stuck = path.stat().st_size
        time.sleep(2)
        assert path.stat().st_size == stuck
        (disk / "ballast").unlink()
        recorder.wait_for_rows(path.read_bytes().count(b"\n") + 500)
        code, _, talk = recorder.finish()
        assert code == 0, talk
        np.testing.assert_array_equal(np.diff(whole_and_true(path, board)), 1)
        assert NOT_SAVING in talk
        assert "the disk saves everything again" in talk
        assert "disk: well again" in beside(path, ".clock.csv").read_text()


@pytest.mark.slow
def test_a_power_cut_on_a_real_file_system_costs_two_seconds_at_most(link: Path, tmp_path: Path) -> None:
    """The image under a loop device, copied at some moment, is what the disk would hold if the power went then."""
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(16 << 20))
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is missing (Debian: apt-get install e2fsprogs)")
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    with (
        mounted(tmp_path / "disk", "-o", "loop", str(image)) as disk,
        SimulatedBoard(link, "frames", night_counts(90)) as board,
    ):
        recorder = Recorder(link, disk)
        path = recorder.wait_for_rows(100)
        for number, pause_s in enumerate((0.3, 0.1, 0.7, 0.9, 0.5, 0.2, 0.6, 0.4)):
            time.sleep(pause_s)
            written = len(rows_of(path))
            time.sleep(2)
            copy = tmp_path / f"cut{number}.img"
            shutil.copyfile(image, copy)
            with mounted(tmp_path / f"after{number}", "-o", "loop", str(copy)) as found:
                saved = whole_rows(found / path.name, board)
            assert saved >= written
            copy.unlink()
        assert recorder.finish()[0] == 0


def whole_rows(path: Path, board: SimulatedBoard) -> int:
    """How many rows are there; each is true, and a tail that was cut or zeroed is no row."""
    kept = path.read_bytes().split(b"\0")[0].rpartition(b"\n")[0] + b"\n"
    clean = path.parent.parent / f"{path.parent.name}.csv"
    clean.write_bytes(kept)
    return len(whole_and_true(clean, board))


@pytest.mark.slow
def test_a_night_after_a_crash_is_a_new_file_and_the_old_one_stays_as_it_was(
    link: Path, tmp_path: Path
) -> None:
    with SimulatedBoard(link, "frames", night_counts(40)) as board:
        first = Recorder(link, tmp_path / "out")
        old = first.wait_for_rows(200)
        first.process.kill()
        first.process.communicate()
        held = old.read_bytes()
        second = Recorder(link, tmp_path / "out")
        assert until(lambda: len(nights(tmp_path / "out")) == 2)
        new = next(path for path in nights(tmp_path / "out") if path != old)
        assert until(lambda: new.read_bytes().count(b"\n") > 200)
        assert second.finish()[0] == 0
    assert old.read_bytes() == held
    np.testing.assert_array_equal(np.diff(whole_and_true(new, board)), 1)


# The computer, and others on it.


@pytest.mark.slow
def test_a_recorder_that_is_stopped_for_three_seconds_loses_nothing(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(200)
        recorder.process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        recorder.process.send_signal(signal.SIGCONT)
        recorder.wait_for_rows(800)
        assert recorder.finish()[0] == 0
    np.testing.assert_array_equal(np.diff(whole_and_true(path, board)), 1)


@pytest.mark.slow
def test_what_another_program_steals_from_the_port_is_a_gap_and_never_a_sample(
    link: Path, tmp_path: Path
) -> None:
    with SimulatedBoard(link, "frames", night_counts(40)) as board:
        before = os.open(link, os.O_RDWR | os.O_NOCTTY)  # whoever comes later is kept out
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(200)
        # In a race the system may hand every byte to the recorder: for the first theft it stands still.
        recorder.process.send_signal(signal.SIGSTOP)
        steal = [sys.executable, "-c", "import os\nwhile True: os.write(1, os.read(0, 4096))"]
        with subprocess.Popen(steal, stdin=before, stdout=subprocess.PIPE) as thief:
            assert thief.stdout is not None
            assert thief.stdout.read(1000)
            recorder.process.send_signal(signal.SIGCONT)
            time.sleep(4)
            thief.kill()
        os.close(before)
        recorder.wait_for_rows(len(rows_of(path)) + 300)
        assert recorder.finish()[0] == 0
    index = whole_and_true(path, board)
    assert (np.diff(index) > 0).all()
    ledger = json.loads(beside(path, ".json").read_text())["ledger"]
    assert ledger["good"] == len(index)
    assert ledger["expected"] == ledger["good"] + ledger["gap"] + ledger["rejected"] + ledger["dropped"]
    assert ledger["expected"] == index[-1] - index[0] + 1
    assert ledger["gap"] > 0


@pytest.mark.parametrize(("lost", "told"), [(100, 0), (700, 1)])
def test_much_loss_is_told_once_with_a_way_to_find_out(
    monkeypatch: pytest.MonkeyPatch, lost: int, told: int
) -> None:
    monkeypatch.setattr("firmware_io.recorder.watcher.holder", lambda device: "screen (process 4711)")
    said, ledger = Said(), Ledger(good=6000)
    watch = LossWatch(said.tell)
    watch.look(ledger, "/dev/ttyUSB0")
    for _ in range(3):
        ledger.good, ledger.gap = ledger.good + 6000 - lost, ledger.gap + lost
        watch.look(ledger, "/dev/ttyUSB0")
    assert len(said.sentences) == told
    for text in said.sentences:
        assert "12 % of the last minute" in text
        assert "screen (process 4711)" in text


@pytest.mark.slow
def test_a_cable_that_comes_and_goes_fills_neither_the_talk_nor_the_file_with_untruths(
    link: Path, tmp_path: Path
) -> None:
    with SimulatedBoard(link, "frames", night_counts(60)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(150)
        log = beside(path, ".clock.csv")
        for number in range(1, 13):
            board.unplug()
            assert until(lambda number=number: log.read_text().count("unplugged") == number)
            board.plug()
            assert until(lambda number=number: log.read_text().count("reconnect") == number)
            time.sleep(0.3)
        recorder.wait_for_rows(len(rows_of(path)) + 200)
        code, _, talk = recorder.finish()
    assert code == 0
    assert (np.diff(whole_and_true(path, board)) > 0).all()
    assert len(re.findall("(?:unplugged|reconnect|silence) at ", talk)) <= 6
    assert log.read_text().count("unplugged") == 12


@pytest.mark.slow
def test_a_firehose_without_a_line_fills_no_memory(link: Path, tmp_path: Path) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    link.symlink_to(os.ttyname(slave))
    stop = threading.Event()

    def pour() -> None:
        block = bytes(range(33, 126)) * 11
        while not stop.wait(0.001):
            os.write(master, block)

    pourer = threading.Thread(target=pour)
    recorder = Recorder(link, tmp_path / "out", "--duration", "8s")
    pourer.start()
    try:
        time.sleep(6.5)
        status = Path(f"/proc/{recorder.process.pid}/status").read_text()
        _, talk = recorder.process.communicate(timeout=300)  # it still looks through all that came
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            termios.tcflush(master, termios.TCIOFLUSH)
        pourer.join(5)
        os.close(slave)
        os.close(master)
    peak_mb = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1000  # type: ignore[index]
    assert peak_mb < 60
    assert recorder.process.returncode == 5
    assert "can't be understood yet" in talk


# Boards.


def test_two_boards_that_swapped_their_names_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = os.openpty(), os.openpty()
    names = [os.ttyname(first[1]), os.ttyname(second[1])]
    ours, other = ("OURS0001", "OTHER001")

    def plugged(places: list[str]) -> list[FoundPort]:
        return [
            FoundPort(name, "", 0x2886, 0x8045, serial, None, None)
            for name, serial in zip(places, (ours, other), strict=True)
        ]

    monkeypatch.setattr("firmware_io.port.find_ports", lambda: plugged(names))
    port = Port(names[0])
    monkeypatch.setattr("firmware_io.port.find_ports", lambda: plugged(names[::-1]))
    assert port.reopen(lambda: False)
    os.write(second[0], b"ours")
    end_s, heard = time.monotonic() + 5, b""
    while heard != b"ours" and time.monotonic() < end_s:
        heard += port.read()
    assert heard == b"ours"
    port.close()
    for handle in (*first, *second):
        os.close(handle)


@pytest.mark.parametrize("period_us", [9_800, 10_200])
@pytest.mark.slow
def test_a_board_that_runs_two_percent_fast_or_slow_keeps_its_own_time(
    link: Path, tmp_path: Path, period_us: int
) -> None:
    with SimulatedBoard(link, "frames", night_counts(20), period_us=period_us):
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(300)
        assert recorder.finish()[0] == 0
    assert set(np.diff(rows_of(path)[:, 0])) == {period_us}


BOOT_LOG = (
    b"ets Jul 29 2019 12:21:46\r\n\r\n"
    b"rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\nload:0x3fff0030\r\n"
)


@pytest.mark.parametrize("speaks", a_few(["frames", "lines"], of=2))
def test_what_a_board_says_while_it_starts_costs_only_itself(link: Path, tmp_path: Path, speaks: str) -> None:
    board = SimulatedBoard(link, speaks, night_counts(20), waits=True)
    garbage = bytes(range(0x80, 0xFF)) + b"\r\n"
    board.garble = {
        0: BOOT_LOG,
        1: BOOT_LOG[:50] + b"\r\n" + (garbage if speaks == "lines" else garbage + b"\0"),
    }
    with board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(200)
        assert recorder.finish()[0] == 0
    index = whole_and_true(path, board)
    np.testing.assert_array_equal(np.diff(index), 1)
    assert index[0] == 20


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n" * 9, "GPS"),
        (b"start\r\necho:Marlin 2.1\r\nok T:21.5 /0.0 B:21.3\r\n", "3-D printer"),
        (b'MicroPython v1.27.0 on 2026-01-02; Raspberry Pi Pico\r\nType "help()"\r\n>>> ', "is main.py"),
        (BOOT_LOG, "ESP32 that starts"),
        (b"AT\r\nOK\r\nAT+CSQ\r\n", "modem"),
        (b"Hello from my board\r\n" * 20, "only 0 lines with numbers"),
        (bytes((37 * place) % 256 for place in range(900)), "--baud with 9600"),
    ],
)
def test_what_is_no_accelerometer_is_named(data: bytes, words: str) -> None:
    found = sniff(data, 5.0)
    assert found.decoder is None
    assert words in found.reason
