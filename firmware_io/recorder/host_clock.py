"""The computer's clocks: one that only goes forward, the one on the wall, and how long it slept. Knows nothing else."""

import time

# Linux stops CLOCK_MONOTONIC while the computer sleeps; there only this clock goes on.
_BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def now_s() -> float:
    """The host's clock: only ever forward, untouched by whoever sets the time, and on while the computer sleeps."""
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)


def utc_s(at_s: float) -> float:
    """The wall clock at a moment of the host's clock."""
    return time.time() - (now_s() - at_s)


def wall_ahead_s() -> float:
    """The wall clock against the host's own: it changes only when somebody sets the wall clock."""
    return time.time() - now_s()


def slept_s() -> float:
    """How long the computer has slept since it was started; 0 where it can't be told."""
    return now_s() - time.monotonic()
