"""The files of a night: nothing overwritten, nothing torn, whatever the disk says."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from firmware_io.nightfile import HEADER, AppendFile, NightFile, night_stem, write_atomically
from tests.support.unsynced_disk import Disk as UnsyncedDisk
from tests.support.unsynced_disk import watched

PROJECT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 22, 22, 31, 4, tzinfo=timezone(timedelta(hours=1)))


def night(folder: Path, *, keep_raw: bool = False) -> NightFile:
    return NightFile(night_stem(folder, START), 4, {"ended": None}, keep_raw=keep_raw)


class Disk:
    """`os.write` that fails from its nth call on, some times, by an error or by taking only a part."""

    def __init__(self, first: int, times: int, number: int | None) -> None:
        self.calls = 0
        self._bad = range(first, first + times)
        self._number = number
        self._write = os.write

    def __call__(self, handle: int, data: bytes) -> int:
        self.calls += 1
        if self.calls - 1 not in self._bad:
            return self._write(handle, data)
        if self._number is not None:
            raise OSError(self._number, os.strerror(self._number))
        return self._write(handle, bytes(data)[: len(data) // 2])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EINTR, errno.EFBIG, None])
@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("first", range(8))
def test_whichever_write_fails_every_line_arrives_whole_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, times: int, number: int | None
) -> None:
    file = AppendFile(tmp_path / "a.csv")
    monkeypatch.setattr("firmware_io.nightfile.os.write", Disk(first, times, number))
    lines = [f"{row},0.1234,0.5678,0.9\n".encode() for row in range(120)]
    for second, line in enumerate(lines):
        file.append(line)
        file.flush(float(second))
        before = (tmp_path / "a.csv").read_bytes()
        assert b"".join(lines).startswith(before)
    file.flush(1e6)
    file.close(1e6)
    assert (tmp_path / "a.csv").read_bytes() == b"".join(lines)
    assert file.waiting == 0


class ForgetfulDisk:
    """Syncs that fail, and lose what was handed over since the last good one, as Linux does after an error."""

    def __init__(self, path: Path, bad: range) -> None:
        self.path = path
        self.safe = b""
        self.calls = 0
        self._bad = bad

    def __call__(self, handle: int) -> None:
        self.calls += 1
        held = self.path.read_bytes()
        if self.calls - 1 not in self._bad:
            self.safe = held
            return
        self.path.write_bytes(self.safe + b"?" * (len(held) - len(self.safe)))
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("first", range(4))
def test_what_a_failed_sync_lost_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, times: int
) -> None:
    file = AppendFile(tmp_path / "a.csv")
    disk = ForgetfulDisk(tmp_path / "a.csv", range(first, first + times))
    monkeypatch.setattr("firmware_io.nightfile.os.fdatasync", disk)
    lines = [f"{row},0.1234,0.5678,0.9\n".encode() for row in range(200)]
    unsafe = 0
    for second, line in enumerate(lines):
        file.append(line)
        file.flush(float(second))
        file.sync()
        unsafe += file.trouble is not None
        assert (tmp_path / "a.csv").read_bytes() == b"".join(lines[: second + 1])
    file.close(1e6)
    assert disk.safe == b"".join(lines)
    assert unsafe >= times, "told until a sync has worked"
    assert file.trouble is None


def test_a_disk_whose_syncs_never_work_is_asked_less_often_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = ForgetfulDisk(tmp_path / "a.csv", range(10**9))
    monkeypatch.setattr("firmware_io.nightfile.os.fdatasync", disk)
    file = AppendFile(tmp_path / "a.csv")
    for second in range(600):
        file.append(b"1\n")
        file.flush(float(second))
        file.sync()
    assert disk.calls < 40
    assert "may not be safe" in str(file.trouble)


def test_a_refusing_disk_is_asked_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(0, 10**9, errno.ENOSPC)
    monkeypatch.setattr("firmware_io.nightfile.os.write", disk)
    file = AppendFile(tmp_path / "a.csv")
    for tenth in range(6000):
        file.append(b"1\n")
        file.flush(tenth / 10)
    assert disk.calls < 40
    assert file.trouble == os.strerror(errno.ENOSPC)
    assert file.waiting == 12_000


def test_memory_for_a_full_disk_has_an_end_and_what_is_forgotten_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_io.nightfile._MAX_PENDING", 100)
    file = AppendFile(tmp_path / "a.csv")
    for _ in range(50):
        file.append(b"0123456\n")
    assert file.waiting == 96
    assert file.forgotten == 38


def test_the_name_is_the_local_start_and_no_file_is_ever_written_over(tmp_path: Path) -> None:
    first, second = night(tmp_path), night(tmp_path)
    assert first.csv.path.name == "2026-11-22T223104+0100.csv"
    assert second.csv.path.name == "2026-11-22T223104+0100-2.csv"
    with pytest.raises(FileExistsError):
        AppendFile(first.csv.path)
    for one in (first, second):
        one.close(0.0)


def test_a_night_begins_with_all_its_files_and_they_are_private(tmp_path: Path) -> None:
    files = night(tmp_path, keep_raw=True)
    files.append_row(0, 0.5, -0.25, 1.0)
    files.flush(0.0)
    assert files.csv.path.read_bytes() == HEADER + b"0,0.5000,-0.2500,1.0000\n"
    assert sorted(path.suffixes[-1] for path in tmp_path.iterdir()) == [".csv", ".csv", ".json", ".raw"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    files.close(0.0)


def test_the_sidecar_is_old_or_new_but_never_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = night(tmp_path)
    files.facts["ended"] = "stopped"

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("firmware_io.nightfile.os.fsync", full)
    files.write_sidecar()
    assert json.loads(Path(f"{files.stem}.json").read_text()) == {"ended": None}
    monkeypatch.undo()
    files.write_sidecar()
    assert json.loads(Path(f"{files.stem}.json").read_text()) == {"ended": "stopped"}
    assert not list(tmp_path.glob(".sleepjerk*"))
    files.close(0.0)


def test_a_cut_at_any_step_leaves_the_old_sidecar_or_the_new_one_and_afterwards_the_new_one(
    tmp_path: Path,
) -> None:
    path, looks = tmp_path / "a.json", 0
    write_atomically(path, "old")

    def look(disk: UnsyncedDisk) -> None:
        nonlocal looks
        looks += 1
        for found in (disk.safe(), disk.named()):
            assert found["a.json"] in (b"old", b"new")

    with watched(tmp_path, look) as disk:
        write_atomically(path, "new")
        assert disk.safe()["a.json"] == b"new"
    assert looks == 6, "a sync, a move and a sync of the folder"


def test_what_a_killed_recorder_was_making_goes_when_the_next_night_begins(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\nfrom firmware_io import nightfile\n"
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "nightfile.write_atomically(pathlib.Path(sys.argv[1]), 'new')\n"
    )
    (tmp_path / "a.json").write_text("old")
    line = [sys.executable, "-c", code, str(tmp_path / "a.json")]
    assert subprocess.run(line, cwd=PROJECT, check=False).returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob(".sleepjerk*"))) == 1
    night(tmp_path).close(0.0)
    assert not list(tmp_path.glob(".sleepjerk*"))
    assert (tmp_path / "a.json").read_text() == "old"


def test_a_sidecar_that_another_recorder_sweeps_while_it_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sweep_once(handle: int) -> None:
        monkeypatch.undo()
        night(tmp_path).close(0.0)

    monkeypatch.setattr("firmware_io.nightfile.os.fsync", sweep_once)
    write_atomically(tmp_path / "a.json", "new")
    assert (tmp_path / "a.json").read_text() == "new"


def test_a_comma_in_an_event_makes_no_column(tmp_path: Path) -> None:
    files = night(tmp_path)
    files.append_clock(None, 1.5, 2.25, "gap, 3 s")
    files.close(0.0)
    assert files.clock.path.read_text().splitlines()[1] == ",1.500000,2.250000,gap; 3 s"
