"""What a person sees while a night is recorded: at a glance on a terminal, a line a minute anywhere else."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_io.assemble.timeline import Ledger
from firmware_io.recorder.messages import Progress
from sleepjerk.cli import screen
from sleepjerk.cli.screen import Screen
from tests.firmware_io.recorder_process import PROJECT, Recorder, nights
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.firmware_io.terminal import Terminal
from tests.support.waiting import until


def test_a_terminal_shows_in_one_line_whether_the_night_is_saved_and_what_is_wrong(tmp_path: Path) -> None:
    terminal = Terminal()
    command = [
        sys.executable,
        "-m",
        "sleepjerk",
        "record",
        f"--port={tmp_path / 'board'}",
        f"--out={tmp_path}",
    ]
    environment = {**os.environ, "TERM": "xterm"}
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)) as board:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=terminal.slave
        )
        saving = (
            r"SAVING  0:00:\d\d  1?\d\d\.\d Hz  lost 0  0\.\d s ago  \d\.\d MB  \[      \]  move your wrist"
        )
        assert until(lambda: re.match(saving, terminal.line)), terminal.line
        board.unplug()
        assert until(lambda: terminal.line.startswith("UNPLUGGED")), terminal.line
        board.plug()
        assert until(lambda: terminal.line.startswith("SAVING")), terminal.line
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    terminal.close()
    assert "stopped by SIGINT" in terminal.text


def progress(elapsed_s: float) -> Progress:
    return Progress(elapsed_s, 100.0, Ledger(good=5), 0.1, 5_000_000, None, None, 0, True, None)


def test_without_a_terminal_a_line_a_minute_is_said_and_nothing_moves_the_cursor(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Screen() as screen:
        for second in range(150):
            screen.show(progress(float(second)))
    told = capfd.readouterr().err
    assert "\r" not in told
    assert "\x1b" not in told
    assert [line.split()[:2] for line in told.splitlines()] == [
        ["SAVING", f"0:0{minute}:00"] for minute in range(3)
    ]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "SAVING"),
        ({"age_s": 4.0}, "NOT SAVING"),
        ({"age_s": None}, "NOT SAVING"),
        ({"trouble": "No space left on device"}, "NOT SAVING"),
        ({"connected": False}, "UNPLUGGED"),
    ],
)
def test_the_first_word_tells_the_truth(
    change: dict[str, object], word: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Screen() as screen:
        screen.show(dataclasses.replace(progress(0.0), **change))  # type: ignore[arg-type]
    told = capfd.readouterr().err
    assert told.startswith(f"{word}  ")
    assert str(change.get("trouble", "")) in told


SLOW_END = """
import os, sys, time
import firmware_io.nightfile
sync = os.fdatasync
def hang(handle):
    sync(handle)
    if os.path.exists(sys.argv[1]):
        time.sleep(60)
firmware_io.nightfile.os.fdatasync = hang
from sleepjerk.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once_when_the_disk_hangs_and_the_file_stays_whole(tmp_path: Path) -> None:
    hangs, out = tmp_path / "hangs", tmp_path / "out"
    arguments = ["record", f"--port={tmp_path / 'board'}", f"--out={out}"]
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        recorder = Recorder.__new__(Recorder)
        recorder.out = out
        recorder.process = subprocess.Popen(
            [sys.executable, "-c", SLOW_END, str(hangs), *arguments],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        path = recorder.wait_for_rows(150)
        hangs.touch()
        recorder.process.send_signal(signal.SIGINT)
        recorder.process.send_signal(signal.SIGINT)  # the same wish, as some starters pass it on twice
        with pytest.raises(subprocess.TimeoutExpired):
            recorder.process.wait(4)
        recorder.process.send_signal(signal.SIGINT)
        recorder.process.communicate(timeout=30)  # the disk hangs for longer
    assert recorder.process.returncode == 128 + signal.SIGINT
    assert path.read_bytes().endswith(b"\n")
    assert nights(out) == [path]
    assert path.read_bytes().count(b"\n") > 150


@pytest.mark.slow
def test_a_signal_that_comes_twice_at_once_still_ends_a_night_whole(tmp_path: Path) -> None:
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(30)):
        recorder = Recorder(tmp_path / "board", tmp_path / "out")
        path = recorder.wait_for_rows(100)
        recorder.process.send_signal(signal.SIGINT)
        code, out, _ = recorder.finish(signal.SIGINT)
    assert (code, out.strip()) == (0, str(path))
    assert ",end\n" in Path(str(path).removesuffix(".csv") + ".clock.csv").read_text()


LONG = Progress(
    elapsed_s=34_199.0,
    rate_hz=100.0,
    ledger=Ledger(good=3_419_900, gap=123),
    age_s=0.1,
    bytes_on_disk=123_456_789,
    free_bytes=1_900_000_000,
    supply_mv=5012,
    marks=12,
    connected=True,
    trouble=None,
    trace_g=(1.0, 1.5) * 100,
    trace_hz=20.0,
)


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 132])
@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("trouble", [None, "what was written may not be safe (Input/output error)"])
def test_the_status_fits_a_terminal_of_any_width_and_says_the_most_important_things(
    columns: int, moved: bool, trouble: str | None
) -> None:
    progress = dataclasses.replace(LONG, trouble=trouble)
    line = screen._line(progress, columns, screen._bar(progress), moved=moved)
    assert len(line) < columns
    assert line.startswith("SAVING" if trouble is None else "NOT SAVING")
    assert ("[##### ]" in line) == (trouble is None and columns >= 40) or columns >= 60
    if columns >= 80:
        assert "lost 123" in line or trouble
        assert trouble or ("move your wrist" in line) == (not moved)
    if trouble and columns >= 80:
        assert trouble in line


def test_errors_on_the_bus_of_the_sensor_stand_in_the_status_before_room_and_supply() -> None:
    failing = dataclasses.replace(LONG, ledger=Ledger(good=3_419_900, gap=123, bus_errors=17))
    line = screen._line(failing, 80, screen._bar(failing))
    assert "17 bus errors" in line
    assert len(line) < 80
    assert "bus errors" not in screen._line(LONG, 132)


def test_the_bar_grows_with_the_movement_and_noise_alone_shows_none() -> None:
    swings_g = [0.0, 0.015, 0.03, 0.05, 0.1, 0.2, 0.5, 2.0]
    lengths = [
        screen._bar(dataclasses.replace(LONG, trace_g=(1.0,) * 180 + (1.0, 1.0 + swing) * 10))
        for swing in swings_g
    ]
    assert [bar.count("#") for bar in lengths] == [0, 0, 1, 2, 3, 4, 5, 6]
    before = dataclasses.replace(LONG, trace_g=(1.0, 2.0) * 90 + (1.0,) * 20)
    assert screen._bar(before) == "[      ]"
