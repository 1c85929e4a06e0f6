"""Recordings of which a test names the facts it needs."""

import dataclasses
from typing import Any, TypeVar, get_type_hints

from sleepjerk.parts import Part
from sleepjerk.recording import Recording

Owner = TypeVar("Owner")


def from_flat(kind: type[Owner], values: dict[str, Any]) -> Owner:
    """A dataclass from its fields and those of its parts."""
    rest, parts = dict(values), {}
    for name, part in get_type_hints(kind).items():
        if isinstance(part, type) and issubclass(part, Part):
            own = rest.keys() & {item.name for item in dataclasses.fields(part)}  # type: ignore[arg-type]
            parts[name] = part(**{key: rest.pop(key) for key in own})
    return kind(**parts, **rest)


def made_recording(acceleration_g: Any, rate_hz: float, gaps_s: Any = None, **facts: Any) -> Recording:
    """A recording with these facts, whichever part they belong to."""
    given = {} if gaps_s is None else {"gaps_s": gaps_s}
    return from_flat(Recording, {"acceleration_g": acceleration_g, "rate_hz": rate_hz} | given | facts)
