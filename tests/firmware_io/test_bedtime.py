"""What a person meets at bedtime: keys, a rehearsal, and the line to type in the morning."""

import json
import os
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.firmware_io.recorder_process import PROJECT, Recorder, nights
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.firmware_io.terminal import Terminal
from tests.support.marks import a_few
from tests.support.waiting import until


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def at_a_terminal(terminal: Terminal, *words: str) -> subprocess.Popen[bytes]:
    """A program of which the terminal is the controlling one, as if a shell had started it."""
    return subprocess.Popen(
        [sys.executable, "-c", AS_A_SHELL_DOES, sys.executable, "-m", *words],
        cwd=PROJECT,
        env={**os.environ, "TERM": "xterm"},
        stdin=terminal.slave,
        stdout=subprocess.DEVNULL,
        stderr=terminal.slave,
        start_new_session=True,
    )


AS_A_SHELL_DOES = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def record(terminal: Terminal, folder: Path, *options: str) -> subprocess.Popen[bytes]:
    port, out = f"--port={folder / 'board'}", f"--out={folder / 'out'}"
    return at_a_terminal(terminal, "sleepjerk", "record", port, out, *options)


def echoes(terminal: Terminal) -> bool:
    return bool(termios.tcgetattr(terminal.slave)[3] & termios.ECHO)


def sidecar(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "out").glob("*.json")
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def test_the_key_l_marks_lights_off_and_on_and_no_key_is_ever_seen(
    terminal: Terminal, tmp_path: Path
) -> None:
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        process = record(terminal, tmp_path)
        assert until(lambda: terminal.line.startswith("SAVING")), terminal.text
        assert not echoes(terminal)
        began_s = time.time()
        terminal.press("xyQ~")
        terminal.press("l")
        assert until(lambda: "lights off at" in terminal.text)
        terminal.press("l")
        assert until(lambda: "lights on at" in terminal.text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert echoes(terminal)
    assert not set("Q~") & set(terminal.text.replace("\x1b[K", "").partition("\n")[2])
    facts = sidecar(tmp_path)
    marks_s = [timestamp(facts[key]) for key in ("lights_off", "lights_up")]
    assert began_s - 0.1 <= marks_s[0] < marks_s[1] < time.time()


def timestamp(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


ENDS = {
    "killed": lambda process: process.send_signal(signal.SIGTERM),
    "hung up": lambda process: process.send_signal(signal.SIGHUP),
    "a fault inside": lambda process: process.send_signal(signal.SIGUSR1),
}
FAULTY = """
import signal, sys
from firmware_io.recorder import writer
def fail(*unused): raise RuntimeError("planted")
signal.signal(signal.SIGUSR1, lambda *unused: setattr(writer.Writer, "take", fail))
from sleepjerk.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("end", a_few(ENDS, of=3))
def test_the_terminal_is_given_back_however_it_ends(terminal: Terminal, tmp_path: Path, end: str) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY)
    with (
        SimulatedBoard(tmp_path / "board", "frames", night_counts(60)),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PYTHONPATH", f"{tmp_path}:{PROJECT}")
        port, out = f"--port={tmp_path / 'board'}", f"--out={tmp_path / 'out'}"
        process = at_a_terminal(terminal, "faulty", "record", port, out)
        assert until(lambda: terminal.line.startswith("SAVING")), terminal.text
        assert not echoes(terminal)
        ENDS[end](process)
        process.wait(60)
    assert (process.returncode == 0) == (end != "a fault inside"), terminal.text
    assert echoes(terminal)
    assert termios.tcgetattr(terminal.slave)[3] & termios.ICANON


@pytest.mark.slow
def test_in_the_background_it_neither_stops_nor_touches_the_terminal(
    terminal: Terminal, tmp_path: Path
) -> None:
    """As `sleepjerk record &` in a shell: another group of processes is in front."""
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        words = (f"--port={tmp_path / 'board'}", f"--out={tmp_path / 'out'}", "--duration=6s")
        code = BEHIND.format(words=[sys.executable, "-m", "sleepjerk", "record", *words])
        shell = subprocess.Popen(
            [sys.executable, "-c", AS_A_SHELL_DOES, sys.executable, "-c", code],
            cwd=PROJECT,
            stdin=terminal.slave,
            stdout=subprocess.PIPE,
            stderr=terminal.slave,
            start_new_session=True,
        )
        assert until(lambda: "SAVING  0:" in terminal.text), terminal.text
        terminal.press("for the shell\n")
        assert echoes(terminal)
        out, _ = shell.communicate(timeout=60)
    assert {"for the shell", "0"} <= set(out.decode().splitlines())
    assert sidecar(tmp_path)["lights_off"] is None


BEHIND = """
import subprocess, sys, time
behind = subprocess.Popen({words}, process_group=0)
time.sleep(3.5)
print(input())
print(behind.wait(60))
"""


@pytest.mark.slow
def test_without_a_terminal_no_key_is_taken(tmp_path: Path) -> None:
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        words = (f"--port={tmp_path / 'board'}", f"--out={tmp_path / 'out'}", "--duration=6s")
        done = subprocess.run(
            [sys.executable, "-m", "sleepjerk", "record", *words],
            input=b"llll",
            cwd=PROJECT,
            capture_output=True,
        )
    assert done.returncode == 0
    assert b"l marks" not in done.stderr
    assert sidecar(tmp_path)["lights_off"] is None


@pytest.mark.slow
def test_the_last_line_of_the_talk_works_when_it_is_typed_in_the_morning(tmp_path: Path) -> None:
    out = tmp_path / "it's a $HOME; night"
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        recorder = Recorder(tmp_path / "board", out, "--duration", "6s")
        told, talk = recorder.process.communicate(timeout=60)
    line = talk.strip().splitlines()[-1]
    assert line.startswith("in the morning type: sleepjerk report ")
    asked = subprocess.run(
        ["sh", "-c", f"set -- {line.removeprefix('in the morning type: ')}; printf '%s\\n' \"$@\""],
        capture_output=True,
        text=True,
    )
    assert asked.stdout.splitlines() == ["sleepjerk", "report", told.strip(), "--open"]
    assert nights(out) == [Path(told.strip())]
    assert shlex.split(line)[-1] == "--open"


# --- the rehearsal ------------------------------------------------------------------------------------------------


def rehearse(
    folder: Path, counts: Any, *options: str, speaks: str = "frames", **board: Any
) -> tuple[int, str, str]:
    with SimulatedBoard(folder / "board", speaks, counts, **board):
        recorder = Recorder(folder / "board", folder / "out", *options)
        out, talk = recorder.process.communicate(timeout=60)
    assert list((folder / "out").iterdir()) == [], "a rehearsal keeps nothing"
    assert "recording to" not in talk
    return recorder.process.returncode, out, talk


def moved(seconds: float) -> Any:
    """A wrist that moves for half a second, and then lies still."""
    counts = night_counts(seconds).astype(np.int64)
    counts[300:350] += np.rint(3000 * np.sin(np.arange(50) / 3))[:, None].astype(np.int64)
    return counts.astype(np.int16)


def test_a_rehearsal_of_a_good_board_says_usable_and_why(tmp_path: Path) -> None:
    code, out, _ = rehearse(tmp_path, moved(30), "--check", "7s", "--json", speaks="lines", waits=True)
    said = json.loads(out)
    assert (code, said["usable"], said["faults"], said["doubts"]) == (0, True, [], [])
    assert (said["lost"], said["clipped_samples"], said["moved"]) == (0, 0, True)
    assert said["gravity_g"] == pytest.approx(1, abs=0.01)
    assert said["rate_hz"] == pytest.approx(100, rel=0.01)
    assert 0.002 < said["noise_g"] < 0.005  # made with 4 mg, of which some lies outside 2 to 20 Hz
    assert "acceleration in columns 2-4 (of a length that gravity has), unit g" in said["columns"]


@pytest.mark.slow
def test_a_rehearsal_in_which_nothing_moves_asks_for_movement(tmp_path: Path) -> None:
    code, out, talk = rehearse(tmp_path, night_counts(30), "--check", "6s")
    assert code == 0
    assert out.splitlines()[-1].startswith("Usable with care: nothing moved")
    facts = {line.split()[0] for line in out.splitlines()}
    assert {"columns", "rate", "lost", "gravity", "noise", "step", "clipping", "movement"} <= facts
    assert "in the morning" not in talk


BAD = {
    "ten samples a second": (moved(30), {"period_us": 100_000}, "samples a second most twitches are missed"),
    "the half of gravity": (moved(30) // 2, {}, "at rest it shows 0.50 g, where gravity is 1 g"),
    "a dead sensor": (
        np.tile(np.array([0, 0, 8192], dtype=np.int16), (3000, 1)),
        {},
        "the values don't change",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BAD)
def test_a_rehearsal_of_a_bad_board_says_why_it_is_not_usable(tmp_path: Path, kind: str) -> None:
    counts, board, why = BAD[kind]
    code, out, _ = rehearse(tmp_path, counts, "--check", "8s", **board)
    assert code == 5, out
    last = out.splitlines()[-1]
    assert last.startswith("Not usable: ")
    assert why in last


@pytest.mark.slow
def test_a_rehearsal_of_what_is_no_sensor_says_so(tmp_path: Path) -> None:
    counts = night_counts(30)
    with SimulatedBoard(tmp_path / "board", "lines", counts) as board:
        board.garble = {frame: b"hello world, nothing here\r\n" * 3 for frame in range(300)}
        recorder = Recorder(tmp_path / "board", tmp_path / "out", "--check", "7s", "--json")
        out, _ = recorder.process.communicate(timeout=60)
    assert recorder.process.returncode == 5
    said = json.loads(out)
    assert not said["usable"]
    assert "can't be understood" in said["faults"][0]


# --- two triplets that could each be the acceleration -------------------------------------------------------------


def two_sensors(seconds: float) -> list[bytes]:
    """Lines of two sensors on one board that turn differently: nothing tells which one is meant."""
    rng = np.random.default_rng(3)
    count = round(seconds * 100)
    first = np.array([0.6, 0.0, 0.8]) + rng.normal(0, 0.004, (count, 3))
    second = np.array([0.0, 0.8, -0.6]) + rng.normal(0, 0.004, (count, 3))
    second[:, 0] = np.round(
        0.2 * np.sin(np.arange(count) / 40), 4
    )  # this one moves, so that they can be told apart
    rows = np.hstack([first, second]).tolist()
    return [",".join(f"{value:.4f}" for value in row).encode() + b"\n" for row in rows]


class TwoSensors(SimulatedBoard):
    """A board that prints them."""

    def __init__(self, link: Path, seconds: float) -> None:
        super().__init__(link, "lines", night_counts(seconds), waits=True)
        self.printed = two_sensors(seconds)

    def _lines(self, rows: range) -> bytes:
        return b"".join(self.printed[row] for row in rows)


def test_a_person_at_a_terminal_is_asked_and_nothing_that_came_meanwhile_is_lost(
    terminal: Terminal, tmp_path: Path
) -> None:
    with TwoSensors(tmp_path / "board", 60) as board:
        process = record(terminal, tmp_path)
        assert until(lambda: "2  columns 4,5,6: " in terminal.text), terminal.text
        assert "1  columns 1,2,3: 0.6" in terminal.text
        assert until(lambda: "press 1 to 2, or 0" in terminal.line)
        board.unplug()
        time.sleep(1)
        board.plug()
        time.sleep(1)
        terminal.press("9")  # is none of them
        time.sleep(0.5)
        terminal.press("2")
        assert until(lambda: terminal.line.startswith("SAVING")), terminal.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, terminal.text
    (path,) = nights(tmp_path / "out")
    rows = [line.split(",", 1)[1] for line in path.read_text().splitlines()[1:]]
    sent = [line.decode().strip().split(",", 3)[3] for line in board.printed]
    first = sent.index(rows[0])
    assert first <= 2, "the lines before the question are there"
    places = [first]
    for row in rows[1:]:
        places.append(sent.index(row, places[-1] + 1))  # in order, and none that was never sent
    assert np.count_nonzero(np.diff(places) > 1) == 1, "only what was sent while the plug was out is missing"
    assert json.loads(path.with_suffix(".json").read_text())["unit"] == "g"


@pytest.mark.slow
def test_without_a_terminal_it_is_refused_with_a_line_that_works_when_it_is_typed(tmp_path: Path) -> None:
    with TwoSensors(tmp_path / "board", 60):
        recorder = Recorder(tmp_path / "board", tmp_path / "out", "--duration", "8s")
        _, talk = recorder.process.communicate(timeout=60)
        assert recorder.process.returncode == 5
        assert "say which with --columns 1,2,3 or --columns 4,5,6" in talk
        assert "press" not in talk
        recorder = Recorder(tmp_path / "board", tmp_path / "out", "--columns", "4,5,6")
        path = recorder.wait_for_rows(100)
        assert recorder.finish()[0] == 0
    values_g = [float(cell) for cell in path.read_text().splitlines()[5].split(",")[2:]]
    assert values_g == pytest.approx([0.8, -0.6], abs=0.03)


@pytest.mark.slow
def test_none_of_them_is_an_answer_and_the_question_does_not_come_back(
    terminal: Terminal, tmp_path: Path
) -> None:
    with TwoSensors(tmp_path / "board", 60):
        process = record(terminal, tmp_path)
        assert until(lambda: "0  none of these" in terminal.text), terminal.text
        terminal.press("0")
        assert until(lambda: "can't be understood yet: columns 1,2,3 or 4,5,6" in terminal.text)
        time.sleep(6)
        assert terminal.text.count("none of these") == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 5
    assert echoes(terminal)
