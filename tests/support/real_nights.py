"""Real nights for tests: where they lie, and how they become files like those of a recorder.

Knows the folders of shared data beside the project, none of which enters the project. Must not judge anything.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RATE_HZ = 100
ZERO, COUNTS_PER_G = 128, 32


def shared_data() -> Path | None:
    """The folder of shared data; None when absent, and raises as `_shared` does."""
    return _shared("data")


def shared_cases() -> Path | None:
    """The folder of inputs with their right answers; None when absent, and raises as `_shared` does."""
    return _shared("cases")


@cache
def _shared(name: str) -> Path | None:
    """A folder beside the project; None when absent.

    Raises
    ------
    FileNotFoundError
        It is absent on the machine that must have it (`CI=true`, without `SLEEPJERK_TEST_SHARED=absent`).
    """
    folder = Path(__file__).resolve().parents[3] / "shared" / name
    if folder.is_dir():
        return folder
    if os.environ.get("CI") == "true" and os.environ.get("SLEEPJERK_TEST_SHARED") != "absent":
        raise FileNotFoundError(f"{folder} is missing: the tests on shared data must run here")
    return None


def night_paths() -> list[Path]:
    """All real nights, [] when they are absent."""
    folder = shared_data()
    return sorted((folder / "wrist_psg_nights").glob("p*.npy")) if folder else []


def truth_summary() -> pd.DataFrame:
    """What the sleep laboratory found, one row a night; empty when absent."""
    folder = shared_data()
    return pd.read_csv(folder / "wrist_psg_nights" / "truth_summary.csv") if folder else pd.DataFrame()


def night_counts(npy_path: Path) -> NDArray[np.int64]:
    """(3, n) counts at 100 Hz: each run's value held until the next run begins.

    Runs carry their time as a day number, so a run begins at its time and not after the sum of lengths.
    """
    runs: Any = np.load(npy_path)
    begin = np.rint((runs["t"] - runs["t"][0]) * 86400 * RATE_HZ).astype(np.int64)
    begin = np.maximum.accumulate(begin)
    lengths = np.diff(np.append(begin, begin[-1] + int(runs["d"][-1])))
    return np.stack([np.repeat(runs[axis].astype(np.int64), lengths) for axis in "xyz"])


def write_night_csv(npy_path: Path, csv_path: Path) -> Path:
    """Write a real night as a native recording, with a naive (counts - 128) / 32 that knows no calibration.

    Returns
    -------
    Path
        The CSV.
    """
    counts = np.clip(night_counts(npy_path), 0, 255)
    labels = np.array([f"{(value - ZERO) / COUNTS_PER_G:+.4f}" for value in range(256)], dtype="S8")
    cells = labels.view(np.uint8).reshape(256, -1)
    stamps = _digits(np.arange(counts.shape[1], dtype=np.int64) * (1_000_000 // RATE_HZ))
    comma = np.full((counts.shape[1], 1), ord(","), np.uint8)
    parts = [stamps]
    for axis in counts:
        parts += [comma, cells[axis]]
    lines = np.concatenate([*parts, np.full_like(comma, ord("\n"))], axis=1)
    # Plus signs and leading blanks are padding of the fixed width: drop them, and the NULs.
    flat = lines.ravel()
    kept = flat[(flat != 0) & (flat != ord("+")) & (flat != ord(" "))]
    csv_path.write_bytes(b"t_us,x_g,y_g,z_g\n" + kept.tobytes())
    return csv_path


def _digits(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(n, width) decimal digits as text, blanks before the first."""
    width = len(str(int(numbers[-1])))
    table = np.empty((len(numbers), width), np.uint8)
    rest = numbers.copy()
    for place in range(width - 1, -1, -1):
        table[:, place] = np.where((rest > 0) | (place == width - 1), rest % 10 + ord("0"), ord(" "))
        rest //= 10
    return table
