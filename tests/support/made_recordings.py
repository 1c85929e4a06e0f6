"""Recordings of which a test names the facts it needs."""

from typing import Any

from sleepjerk.night.document import from_flat
from sleepjerk.recording import Recording


def made_recording(acceleration_g: Any, rate_hz: float, gaps_s: Any = None, **facts: Any) -> Recording:
    """A recording with these facts, whichever part they belong to."""
    given = {} if gaps_s is None else {"gaps_s": gaps_s}
    return from_flat(Recording, {"acceleration_g": acceleration_g, "rate_hz": rate_hz} | given | facts)
