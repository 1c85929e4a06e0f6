"""Which unit is the acceleration in? By the column's name, else by gravity, else refused.

Knows that a still sensor measures 1 g. Must not know files.
"""

import re
from dataclasses import dataclass

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.recording import Samples

STANDARD_GRAVITY = 9.80665
COUNTS_PER_G = tuple(2**power for power in range(8, 15))
BY_NAME = (
    (re.compile(r"m\s*/\s*s(\^?2|²)|ms\^?-2|m\s*[·*]?\s*s\^?-2|mps2|m_s2"), "m/s2"),
    (re.compile(r"(?<![a-z])mg(?![a-z])|milli-?g"), "mg"),
    (re.compile(r"(?<![a-z])g(?![a-z])"), "g"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of acceleration: how much of it is 1 g, its name, and how it was found."""

    per_g: float
    name: str
    reason: str

    def note(self) -> str:
        """For the person who reads along."""
        return f"unit: {self.name}, {self.reason}"


def parse_unit(text: str) -> Unit:
    """The unit a person named: g, mg, m/s2 or counts:PER_G.

    Raises
    ------
    InputError
        It is none of these.
    """
    small = text.strip().lower()
    if small in ("g", "mg", "m/s2", "m/s^2", "m/s²"):
        name = "m/s2" if small.startswith("m/s") else small
        return Unit(_per_g(name), name, "as told")
    counts = re.fullmatch(r"counts:(\d+\.?\d*)", small)
    if counts and float(counts[1]) > 0:
        return Unit(float(counts[1]), f"counts, {counts[1]} per g", "as told")
    raise InputError(f"--unit {text}: expected g, mg, m/s2 or counts:PER_G (such as counts:4096)")


def _per_g(name: str) -> float:
    return {"g": 1.0, "mg": 1000.0, "m/s2": STANDARD_GRAVITY}[name]


def find_unit(values: Samples, names: tuple[str, ...], where: str) -> Unit:
    """The unit of acceleration, from the names of the columns and from gravity.

    Parameters
    ----------
    values
        (3, n), in the unknown unit.
    names
        Of the three columns; () without a header.
    where
        The file, for messages.

    Raises
    ------
    InputError
        Names and gravity contradict each other, or neither tells.
    """
    still = still_norm(values)
    named = _by_name(names)
    guessed = _by_gravity(still, whole=bool((values == np.rint(values)).all()))
    if named is None and guessed is None:
        raise InputError(
            f"{where}: the unit of acceleration can't be told (at rest it measures {still:.4g}); "
            "say it with --unit g, mg, m/s2 or counts:PER_G"
        )
    if named is None:
        assert guessed is not None
        return guessed
    if guessed is not None and not 0.5 < still / named.per_g < 2:
        raise InputError(
            f"{where}: the columns are named {', '.join(names)}, but at rest they measure {still:.4g}, "
            f"which looks like {guessed.name}; say with --unit which is right"
        )
    return named


def _by_name(names: tuple[str, ...]) -> Unit | None:
    found = set()
    for name in names:
        found.add(next((unit for pattern, unit in BY_NAME if pattern.search(name.lower().replace("_", " "))), None))
    if len(found) != 1 or None in found:
        return None
    unit = str(found.pop())
    return Unit(_per_g(unit), unit, "from the column names")


def _by_gravity(still: float, *, whole: bool) -> Unit | None:
    reason = f"because at rest it measures {still:.4g}"
    for name in ("g", "m/s2"):
        if 0.8 <= still / _per_g(name) <= 1.2:
            return Unit(_per_g(name), name, reason)
    # 1024 counts per g lie so near 1000 mg that taking one for the other errs by 2 %, less than calibration mends.
    if 0.8 <= still / 1000 <= 1.2:
        return Unit(1000.0, "mg", reason)
    for counts in COUNTS_PER_G:
        if whole and 0.85 <= still / counts <= 1.15:
            return Unit(float(counts), f"raw counts, {counts} per g", reason)
    return None


def still_norm(values: Samples) -> float:
    """Median vector norm of the stiller half of a recording's pieces, in the unit of the values."""
    norm = np.sqrt(np.einsum("ij,ij->j", values, values, dtype=np.float64))
    length = max(1, min(100, norm.size // 8))
    pieces = norm[: norm.size // length * length].reshape(-1, length)
    spread = pieces.std(axis=1)
    return float(np.median(pieces[spread <= np.median(spread)]))


def quantisation_step(values: Samples) -> float | None:
    """Smallest typical difference between two values, in their unit; None when all are equal.

    Printed decimals make steps of 0.000488 differ (0.0004, 0.0005): the mean over the low ones is the step.
    """
    tick = max(float(np.abs(values[:, :1000]).max()), 1e-9) * 2e-7
    piece = values[:, :: max(1, values.shape[1] // 200_000)]
    steps = []
    for axis in piece:
        distances = np.diff(np.unique(axis.astype(np.float64)))
        distances = distances[distances > tick]
        if distances.size:
            low = np.percentile(distances, 20)
            steps.append(float(np.mean(distances[(distances >= 0.5 * low) & (distances <= 1.5 * low)])))
    return min(steps) if steps else None
