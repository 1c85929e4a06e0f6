"""The computer is kept awake while a night is recorded, and no longer; where it can't be, that is said."""

import os
import signal
from pathlib import Path

import pytest

import firmware_io.recorder.awake
from firmware_io.recorder.awake import keep_awake
from firmware_io.recorder.clock_log import ClockLog
from firmware_io.recorder.options import Options
from firmware_io.recorder.watcher import DiskWatch
from sleepjerk.cli.record_words import Words
from tests.firmware_io.recorder_process import Recorder, Said
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.support.waiting import alive, until


def fake(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of this name, first on the path; it writes what it was told to the file given back."""
    folder.mkdir()
    told = folder / "told"
    program = folder / name
    program.write_text(f'#!/bin/sh\necho $$ "$@" >> {told}\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return told


def test_linux_is_asked_for_idle_sleep_and_the_lid_and_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fake(tmp_path / "bin", "systemd-inhibit", 'for last; do :; done; exec "$last"', monkeypatch)
    hold = keep_awake("linux")
    assert until(lambda: told.exists() and told.read_text())
    number, *words = told.read_text().split()
    assert words[0] == "--what=idle:sleep:handle-lid-switch"
    assert words[-2:] == ["--mode=block", "cat"]
    assert hold.refusal() is None
    hold.release()
    assert until(lambda: not alive(int(number)))


def test_macos_is_asked_by_caffeinate_for_as_long_as_this_process_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fake(tmp_path / "bin", "caffeinate", "exec cat", monkeypatch)
    hold = keep_awake("darwin")
    assert until(lambda: told.exists() and told.read_text())
    assert told.read_text().split()[1:] == ["-i", "-s", "-w", str(os.getpid())]
    hold.release()


def test_windows_is_told_at_begin_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        firmware_io.recorder.awake, "_windows_state", lambda flags: asked.append(flags) or True
    )
    hold = keep_awake("win32")
    assert hold.refusal() is None
    hold.release()
    assert asked == [0x80000001, 0x80000000]


def test_a_helper_that_gives_up_and_a_system_without_one_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "systemd-inhibit", "exit 1", monkeypatch)
    hold = keep_awake("linux")
    assert until(lambda: hold.refusal() is not None)
    refusal = hold.refusal()
    assert refusal is not None
    assert "status 1" in str(Words().of(refusal))
    hold.release()
    assert keep_awake("plan9").refusal() is not None


def test_a_killed_recorder_lets_the_computer_sleep_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fake(tmp_path / "bin", "systemd-inhibit", 'for last; do :; done; exec "$last"', monkeypatch)
    with SimulatedBoard(tmp_path / "port", "frames", night_counts(30)) as board:
        recorder = Recorder(board.link, tmp_path / "nights")
        recorder.wait_for_rows(100)
        assert until(lambda: told.exists() and told.read_text())
        helper = int(told.read_text().split()[0])
        assert alive(helper)
        recorder.finish(signal.SIGKILL)
    assert until(lambda: not alive(helper))


@pytest.mark.slow
def test_a_recorder_that_cant_keep_it_awake_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "systemd-inhibit", "exit 1", monkeypatch)
    with SimulatedBoard(tmp_path / "port", "frames", night_counts(30)) as board:
        recorder = Recorder(board.link, tmp_path / "nights")
        recorder.wait_for_rows(400)
        status, _, talk = recorder.finish()
    assert status == 0
    assert talk.count("can't keep this computer awake") == 1


class Disk:
    """A disk with so much room."""

    def __init__(self, free: float) -> None:
        self.free = free


def said_of(
    free: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duration_s: float | None
) -> list[str]:
    monkeypatch.setattr("shutil.disk_usage", lambda path: Disk(free))
    said = Said()
    watch = DiskWatch(Options(tmp_path, duration_s=duration_s), ClockLog(), said.tell)
    for minute in range(3):
        watch.look_for_room(60.0 * minute)
    return said.sentences


def test_too_little_room_for_the_night_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 100 rows of 36 bytes a second: 8 h are 104 MB.
    assert said_of(200e6, tmp_path, monkeypatch, 8 * 3600.0) == []
    (sentence,) = said_of(60e6, tmp_path, monkeypatch, 8 * 3600.0)
    assert "room for 4.6 h more (60 MB free)" in sentence
    assert said_of(60e6, tmp_path, monkeypatch, 3600.0) == []


def test_room_for_less_than_an_hour_is_said_each_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(said_of(5e6, tmp_path, monkeypatch, None)) == 3
