"""One thing that happens, and the chance that decides when."""

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from numpy.random import Generator

from tests.worlds.bedside.scenarios import Range
from tests.worlds.bedside.sleeping import Span


@dataclass(frozen=True)
class Event:
    onset_s: float
    kind: str
    family: str
    wave: str  # which function makes it
    peak_g: float | None = None  # to be made this strong; None where it is as strong as it comes
    details: dict[str, Any] = field(default_factory=dict)


def stream(seed: int, *names: str | int) -> Generator:
    """A source of chance of its own for each purpose, so that one thing more or less changes no other."""
    return np.random.default_rng([seed, *(crc32(str(name).encode()) for name in names)])


def rate(rng: Generator, limits: Range) -> float:
    return float(rng.uniform(*limits)) if limits[1] > 0 else 0.0


def times(rng: Generator, spans: list[Span], an_hour: float, least: int = 0) -> list[float]:
    """Moments at random in `spans`."""
    lengths = np.array([max(stop - start, 0.0) for start, stop in spans])
    if not len(lengths) or lengths.sum() <= 0 or an_hour <= 0:
        return []
    count = max(int(rng.poisson(an_hour * lengths.sum() / 3600.0)), least)
    which = rng.choice(len(spans), count, p=lengths / lengths.sum())
    return sorted(float(spans[i][0] + rng.random() * lengths[i]) for i in which)


def arousal(rng: Generator, at_s: float) -> Event:
    return Event(at_s, "body", "arousal", "body", details={"duration_s": rng.uniform(3.0, 15.0)})
