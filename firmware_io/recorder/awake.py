"""Keeping the computer awake for a night: the only place that knows how systems are asked for that.

Must not know ports or files. Whatever holds the computer awake ends with this process, even if it is killed.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from typing import Protocol

from firmware_io.recorder.messages import Key, Message

_WHY = "recording a night"
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001  # Windows' SetThreadExecutionState


class Hold(Protocol):
    """Something that keeps the computer awake until it is let go."""

    def refusal(self) -> Message | None:
        """Why the computer may fall asleep after all; None while it is held."""

    def release(self) -> None:
        """Let it sleep again."""


class _Nothing:
    """Nobody to ask, or nobody who listens."""

    def __init__(self, error: str | None = None) -> None:
        self._error = error

    def refusal(self) -> Message:
        return Message(Key.NOT_KEPT_AWAKE, {"error": self._error})

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

    def refusal(self) -> Message | None:
        status = self._process.poll()
        if status is None:
            return None
        return Message(Key.NOT_KEPT_AWAKE, {"program": self._name, "status": status})

    def release(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)


class _WindowsHold:
    """A request that Windows keeps for the thread that made it."""

    def __init__(self) -> None:
        self._taken = _windows_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)

    def refusal(self) -> Message | None:
        return None if self._taken else Message(Key.NOT_KEPT_AWAKE, {"program": "Windows"})

    def release(self) -> None:
        _windows_state(_ES_CONTINUOUS)


def _windows_state(flags: int) -> bool:
    import ctypes

    return bool(ctypes.windll.kernel32.SetThreadExecutionState(flags))  # type: ignore[attr-defined,unused-ignore]


def keep_awake(system: str = sys.platform) -> Hold:
    """Ask the system not to fall asleep; the answer tells whether it listens. Nothing here raises."""
    try:
        if system == "win32":
            return _WindowsHold()
        command = _command(system)
        if command is None or shutil.which(command[0]) is None:
            return _Nothing()
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
