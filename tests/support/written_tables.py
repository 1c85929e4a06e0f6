"""The same short recording written in many ways, for tests of reading. Must not use `sleepjerk` itself."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NATIVE = "t_us,x_g,y_g,z_g"


def motion(count: int = 600, *, fs: float = 100.0, seed: int = 3) -> NDArray[np.float64]:
    """(count, 3) a sensor at rest with a little noise and one wave, in g to four decimals."""
    rng = np.random.default_rng(seed)
    time = np.arange(count) / fs
    values = rng.normal(0.0, 0.004, (count, 3)) + np.array([0.0123, -0.6, 0.8])
    values[:, 0] += 0.3 * np.exp(-(((time - count / fs / 2) / 0.1) ** 2))
    return np.round(values, 4)


def write_rows(
    path: Path,
    times: Sequence[object] | None,
    values: NDArray[np.float64],
    *,
    header: str | None = NATIVE,
    separator: str = ",",
    decimals: int = 4,
    end: str = "\n",
) -> Path:
    """Write a table row by row, and its last line with an end."""
    lines = [] if header is None else [header]
    for row, axes in enumerate(values):
        cells = [] if times is None else [str(times[row])]
        lines.append(separator.join([*cells, *(f"{axis:.{decimals}f}" for axis in axes)]))
    write_text(path, end.join([*lines, ""]))
    return path


def write_text(path: Path, text: str) -> Path:
    """Write text as it is, packed if the name says so."""
    data = text.encode("utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_native(
    path: Path, values: NDArray[np.float64], *, fs: float = 100.0, skip: slice | None = None
) -> Path:
    """Write a recording as the recorder does; `skip` leaves rows out."""
    times = np.rint(np.arange(len(values)) / fs * 1e6).astype(int)
    kept = np.ones(len(values), dtype=bool)
    if skip is not None:
        kept[skip] = False
    return write_rows(path, times[kept].tolist(), values[kept])
