"""Who lives? A process holds a file for as long as it lives, and everybody can see whether somebody does."""

import os
import sys
from pathlib import Path
from typing import IO


def hold(path: Path, *, wait: bool = False) -> IO[bytes] | None:
    """The file, held until it is closed or this process ends; None while another process holds it.

    Parameters
    ----------
    wait
        Until whoever holds it lets go: who only looks does so at once.
    """
    file = open(path, "ab", opener=_open_private)  # noqa: SIM115 (it stays open for as long as it is held)
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        file.close()
        return None
    return file


def is_held(path: Path) -> bool:
    """Does the process that made this file still live?"""
    if not path.exists():
        return False
    file = hold(path)
    if file is not None:
        file.close()
    return file is None


def _open_private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
