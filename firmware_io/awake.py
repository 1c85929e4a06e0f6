"""Keeping the computer awake for a night: the only place that knows how systems are asked for that.

Must not know ports or files. Whatever holds the computer awake ends with this process, even if it is killed.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from typing import Protocol

_WHY = "recording a night"
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001  # Windows' SetThreadExecutionState


class Hold(Protocol):
    """Something that keeps the computer awake until it is let go."""

    def trouble(self) -> str | None:
        """Why the computer may fall asleep after all; None while it is held."""

    def release(self) -> None:
        """Let it sleep again."""


class _Nothing:
    """Nobody to ask."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def trouble(self) -> str | None:
        return self._reason

    def release(self) -> None:
        pass


class _Helper:
    """A program that holds the computer awake as long as it runs. It ends when the pipe to it does."""

    def __init__(self, command: list[str]) -> None:
        self._name = command[0]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is meant for the recorder
        )

    def trouble(self) -> str | None:
        status = self._process.poll()
        return None if status is None else f"{self._name} gave up (status {status})"

    def release(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)


class _WindowsHold:
    """A wish that Windows keeps for the thread that made it."""

    def __init__(self) -> None:
        self._taken = _windows_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)

    def trouble(self) -> str | None:
        return None if self._taken else "Windows refused"

    def release(self) -> None:
        _windows_state(_ES_CONTINUOUS)


def _windows_state(wish: int) -> bool:
    import ctypes

    return bool(ctypes.windll.kernel32.SetThreadExecutionState(wish))  # type: ignore[attr-defined,unused-ignore]


def keep_awake(system: str = sys.platform) -> Hold:
    """Ask the system not to fall asleep; the answer tells whether it listens. Nothing here raises."""
    try:
        if system == "win32":
            return _WindowsHold()
        command = _command(system)
        if command is None or shutil.which(command[0]) is None:
            return _Nothing("this computer has no program that could do it")
        return _Helper(command)
    except (OSError, AttributeError) as error:
        return _Nothing(str(error))


def _command(system: str) -> list[str] | None:
    if system == "darwin":
        return ["caffeinate", "-i", "-s", "-w", str(os.getpid())]
    if system.startswith("linux"):
        what = "--what=idle:sleep:handle-lid-switch"
        return ["systemd-inhibit", what, "--who=sleepjerk", f"--why={_WHY}", "--mode=block", "cat"]
    return None
