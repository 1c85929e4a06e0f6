"""Single keys pressed at a terminal while something runs: never echoed, the terminal as it was afterwards.

Knows terminals alone. A process in the background must touch neither the terminal's mode nor what is typed there: both
are the shell's, and the system would stop it for that.
"""

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Self

_LOOK_S = 0.2
_LOCAL = 3  # place of the local modes among a terminal's attributes


class Keys:
    """Hands over each key pressed, from a thread; does nothing where stdin is no terminal.

    Parameters
    ----------
    take
        Is called with each key.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self.live = sys.stdin is not None and sys.stdin.isatty()
        self._take = take
        self._done = threading.Event()
        self._before: list[Any] | None = None
        self._turn = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="sleepjerk-keys", daemon=True)

    def __enter__(self) -> Self:
        if self.live:
            if sys.platform != "win32":
                signal.signal(
                    signal.SIGTTIN, signal.SIG_IGN
                )  # moved to the background just now: an error, no stop
                self._hush()
            self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self.restore()

    def restore(self) -> None:
        """Give the terminal back; also for whoever ends without leaving."""
        with self._turn:
            self._done.set()
            if sys.platform != "win32" and self._before is not None and _in_front():
                _set_mode(self._before)

    def _run(self) -> None:
        while not self._done.is_set():
            for key in self._pressed():
                self._take(key)

    if sys.platform == "win32":

        def _pressed(self) -> str:
            import msvcrt

            time.sleep(_LOOK_S)
            return msvcrt.getwch() if msvcrt.kbhit() else ""

    else:

        def _pressed(self) -> str:
            try:
                self._hush()  # again after a stop (Ctrl-Z): the shell took its own mode back
                if select.select([0], [], [], _LOOK_S)[0] and _in_front():
                    typed = os.read(0, 64)
                    self._done.wait(0 if typed else _LOOK_S)
                    return typed.decode(errors="replace")
            except OSError:  # the terminal is gone
                self._done.wait(_LOOK_S)
            return ""

        def _hush(self) -> None:
            """No echo, and keys as they come; Ctrl-C stays a signal."""
            import termios

            with self._turn, contextlib.suppress(termios.error):
                if self._done.is_set() or not _in_front():
                    return
                mode = termios.tcgetattr(0)
                if mode[_LOCAL] & (termios.ECHO | termios.ICANON):
                    self._before = [*mode]
                    mode[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
                    _set_mode(mode)


if sys.platform != "win32":

    def _set_mode(mode: list[Any]) -> None:
        import termios

        with contextlib.suppress(termios.error):
            # Now, not when all is written: a terminal that was stopped (Ctrl-S) writes nothing.
            termios.tcsetattr(0, termios.TCSANOW, mode)


def _in_front() -> bool:
    """Whether this process may use the terminal of its stdin."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
