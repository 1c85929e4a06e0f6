"""Keeping the computer awake for a night: the only place that knows how systems are asked for that.

Must not know ports or files. Whatever holds the computer awake ends with this process, even if it is killed.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from firmware_io.recorder.messages import Key, Message

_WHY = "recording a night"
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001  # Windows' SetThreadExecutionState


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps the computer awake until `release`; `refusal` tells why it may fall asleep after all, None while held."""

    refusal: Callable[[], Message | None]
    release: Callable[[], object] = lambda: None


def keep_awake(system: str = sys.platform) -> Hold:
    """Ask the system not to fall asleep; the answer tells whether it listens. Nothing here raises."""
    try:
        if system == "win32":
            return _held_by_windows()
        command = _command(system)
        if command is None or shutil.which(command[0]) is None:
            return Hold(_refusal)
        return _held_by_helper(command)
    except (OSError, AttributeError) as error:
        reason = str(error)
        return Hold(lambda: _refusal(error=reason))


def _refusal(**who: str | int) -> Message:
    return Message(Key.NOT_KEPT_AWAKE, who)


def _held_by_helper(command: list[str]) -> Hold:
    """A program that holds the computer awake as long as it runs. It ends when the pipe to it does."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C is meant for the recorder
    )

    def refusal() -> Message | None:
        status = process.poll()
        return None if status is None else _refusal(program=command[0], status=status)

    def release() -> None:
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)

    return Hold(refusal, release)


def _held_by_windows() -> Hold:
    """A request that Windows keeps for the thread that made it."""
    taken = _windows_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)
    return Hold(
        lambda: None if taken else _refusal(program="Windows"), lambda: _windows_state(_ES_CONTINUOUS)
    )


def _windows_state(flags: int) -> bool:
    import ctypes

    return bool(ctypes.windll.kernel32.SetThreadExecutionState(flags))  # type: ignore[attr-defined,unused-ignore]


def _command(system: str) -> list[str] | None:
    if system == "darwin":
        return ["caffeinate", "-i", "-s", "-w", str(os.getpid())]
    if system.startswith("linux"):
        what = "--what=idle:sleep:handle-lid-switch"
        return ["systemd-inhibit", what, "--who=sleepjerk", f"--why={_WHY}", "--mode=block", "cat"]
    return None
