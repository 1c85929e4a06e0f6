"""Waiting for what other processes do: until it is there, not for as long as it usually takes."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path


def until(done: Callable[[], object], seconds: float = 90) -> bool:
    """Whether it comes about; a file that isn't there, or a browser between two pages, can't tell yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if done():
                return True
        time.sleep(0.05)
    return False


def alive(process: int) -> bool:
    """Does it run, by Linux?"""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
