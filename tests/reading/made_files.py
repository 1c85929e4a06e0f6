"""A made night of a few seconds, and the many ways to write it down. Knows only text and arithmetic."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def made_g(seconds: float = 20.0, rate_hz: float = 100.0, seed: int = 3) -> Array:
    """(3, n) a wrist at rest with a twitch every 4 s, in steps of 1/1000 g: any unit can write it."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(seed).normal(0, 0.004, (3, time.size))
    twitch = 0.4 * np.sin(2 * np.pi * 8 * time) * np.exp(-(((time % 4 - 2) / 0.05) ** 2))
    rest = np.array([[0.0], [0.6], [0.8]])
    return np.round(rest + noise + twitch * np.array([[1.0], [0.3], [0.2]]), 3)


def stamps_us(count: int, rate_hz: float = 100.0) -> NDArray[np.int64]:
    """(n,) microseconds, evenly spaced."""
    return np.rint(np.arange(count) * 1e6 / rate_hz).astype(np.int64)


def table(header: str, rows: Sequence[Sequence[object]], delimiter: str = ",", end: str = "\n") -> str:
    """Lines of fields."""
    lines = [delimiter.join(str(field) for field in row) for row in rows]
    return end.join([header, *lines, ""]) if header else end.join([*lines, ""])


def native(g: Array, time_us: NDArray[np.int64] | None = None) -> str:
    """The native CSV."""
    time_us = stamps_us(g.shape[1]) if time_us is None else time_us
    return table(
        "t_us,x_g,y_g,z_g", [(t, *(f"{v:.4f}" for v in row)) for t, row in zip(time_us, g.T, strict=True)]
    )


def put(folder: Path, content: str | bytes, name: str = "night.csv") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
