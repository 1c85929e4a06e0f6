"""What the person sees while a night is recorded. Knows the status of a recording; must not know ports or files.

A terminal that takes nothing (Ctrl-S, a full pipe that nobody reads, a window that is gone) must not cost a sample:
writing happens in a thread of its own, and what finds no room is left out.
"""

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from firmware_io.recorder.messages import Progress

_ALARM_AFTER_S, _ALARM_EVERY_S = 15.0, 10.0  # a board that is plugged in again is back sooner
_PLAIN_EVERY_S = 60.0  # where stderr is no terminal, a line a minute is enough
_SCARCE_BYTES = 5_000_000_000  # a night takes 130 MB; more room than this is no news
MOVED_G = 0.1  # no noise, nor steps of 10 mg, swing so far
_BAR_G = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
_COLUMNS = 80
_LINES = 200  # that wait for a slow terminal
_STDERR = 2  # not sys.stderr: a thread that hangs in it would hold its lock when the process wants to end
_LAST_WORDS_S = 0.5  # for what waits at the end


class Screen:
    """One line that stays on a terminal, else a line a minute. Never stops a recording."""

    def __init__(self, alarm: "Alarm | None" = None) -> None:
        self._waiting: queue.Queue[str | None] = queue.Queue(_LINES)
        self._writer = threading.Thread(target=self._write, name="sleepjerk-screen", daemon=True)
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next_s = 0.0
        self._alarm = alarm
        self._moved = False

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(self, *unused: object) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._writer.join(_LAST_WORDS_S)

    def say(self, text: str) -> None:
        self._put(("\r\x1b[K" if self._live else "") + f"{text}\n")

    def show(self, progress: "Progress") -> None:
        if self._alarm is not None and self._alarm.due(progress):
            self._put("\a")
            self._alarm.tell(_state(progress))
        if self._live:
            self._moved = self._moved or _swing_g(progress) > MOVED_G
            columns = 0
            with contextlib.suppress(OSError):
                columns = os.get_terminal_size(_STDERR).columns  # 0 where the terminal doesn't know
            self._put(f"\r\x1b[K{_line(progress, columns or _COLUMNS, _bar(progress), moved=self._moved)}")
        elif progress.elapsed_s >= self._next_s:
            self._next_s = progress.elapsed_s + _PLAIN_EVERY_S
            self._put(f"{_line(progress)}\n")

    def _put(self, text: str) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(text)

    def _write(self) -> None:
        while (text := self._waiting.get()) is not None:
            with contextlib.suppress(OSError, ValueError):  # closed at the other end, or at ours
                os.write(_STDERR, text.encode(errors="replace"))


class Alarm:
    """Rings when nothing has been saved for a while, again and again until it is."""

    def __init__(self) -> None:
        self._saved_s = 0.0
        self._rang_s = 0.0

    def due(self, progress: "Progress") -> bool:
        """Whether to ring now."""
        if _state(progress) == "SAVING":
            self._saved_s = progress.elapsed_s
        silent = progress.elapsed_s - self._saved_s > _ALARM_AFTER_S
        if not silent or progress.elapsed_s - self._rang_s < _ALARM_EVERY_S:
            return False
        self._rang_s = progress.elapsed_s
        return True

    def tell(self, state: str) -> None:
        """On the desktop, where there is a program for it."""
        program = shutil.which("notify-send")
        if program is not None:
            command = [
                program,
                "--urgency=critical",
                "sleepjerk",
                f"The night is not being saved: {state.lower()}",
            ]
            with contextlib.suppress(OSError):
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _state(progress: "Progress") -> str:
    if not progress.connected:
        return "UNPLUGGED"
    fresh = progress.age_s is not None and progress.age_s < 3
    return "SAVING" if fresh and progress.trouble is None else "NOT SAVING"


def _swing_g(progress: "Progress") -> float:
    """How far the length of the acceleration went up and down in the last second."""
    newest_g = progress.trace_g[-max(1, round(progress.trace_hz or 0)) :]
    return max(newest_g) - min(newest_g) if newest_g else 0.0


def _bar(progress: "Progress") -> str:
    """That movement arrives."""
    bar = "#" * sum(_swing_g(progress) > step_g for step_g in _BAR_G)
    return f"[{bar:<{len(_BAR_G)}}]" if progress.trace_g else ""


def _line(progress: "Progress", columns: int = _COLUMNS, bar: str = "", *, moved: bool = True) -> str:
    """Is the night being saved? At a glance, and as much besides as fits."""
    hours, rest = divmod(int(progress.elapsed_s), 3600)
    room = f"{progress.bytes_on_disk / 1e6:.1f} MB"
    if progress.free_bytes is not None and progress.free_bytes < _SCARCE_BYTES:
        room = f"{progress.free_bytes / 1e9:.1f} GB free"
    # As they stand in the line; the number is when a part has to go for others.
    parts = [
        (0, _state(progress)),
        (2, f"{hours}:{rest // 60:02d}:{rest % 60:02d}"),
        (7, f"{progress.rate_hz:.1f} Hz"),
        (6, f"lost {progress.ledger.lost}"),
        (5, "no sample yet" if progress.age_s is None else f"{progress.age_s:.1f} s ago"),
        (8, f"{progress.ledger.bus_errors} bus errors" if progress.ledger.bus_errors else ""),
        (9, room),
        (3, bar),
        (4, "" if moved or not bar else "move your wrist"),
        (10, "" if progress.supply_mv is None else f"{progress.supply_mv / 1000:.2f} V"),
        (11, f"{progress.marks} marks" if progress.marks else ""),
        (1, f"press 1 to {progress.choices}, or 0" if progress.choices else progress.trouble or ""),
    ]
    for last in range(len(parts), 0, -1):
        line = "  ".join(text for rank, text in parts if text and rank < last)
        if len(line) < columns:
            break
    return line[: columns - 1]
