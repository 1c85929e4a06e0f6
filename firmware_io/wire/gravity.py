"""Which three neighbours among the numbers of lines may be an acceleration, by what gravity amounts to.

Knows numbers alone: no words, no text, no clock. Raw values go before what was computed of them.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median, pstdev

from firmware_io.wire.lines import UNITS

Axes = tuple[int, int, int]
Rows = Sequence[tuple[float, ...]]

TICKS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0}  # micros(), millis(), seconds
CLOCK_FITS = 0.2  # a clock agrees with the arrival of the lines within this share; a counter does not
_TOLERANCE = 0.15  # uncalibrated sensors at rest show 0.85 to 1.15 g
_STEADY = 0.15  # a moving arm changes |a|; a column of angles or of gyroscope values changes it far more
_MOST_G = 4.0  # a board that is knocked shows more for an instant, a gyroscope of a small bias while it turns
# Times as steady: then a triplet is an acceleration and the other one is not. What stands behind another one must be
# steadier by more: sketches print a gyroscope, and what was computed, behind the acceleration.
_NEAR_TIE, _NEAR_TIE_BEHIND = 3.0, 10.0
_ALIKE = 3.0  # times the noise of another axis; columns of several sensors differ by more
_PARALLEL = 0.995  # cosine; two vectors so alike are one quantity, once raw and once computed
# Rows of several sensors differ by so many times more than those of one and its steps, and by so much of their length.
_TURNS, _APART, _MOST_SENSORS = 3.0, 0.01, 4
_ANALOGUE = (
    1.35  # 1 g is a fifth of the zero of the usual ones, and axes can turn away from it by 1 g together
)
_FEW = 50  # one in so many may be damaged
_UNIT_NORM = 0.002  # four numbers whose norm stays so near 1 are a quaternion


def axes_by_gravity(rows: Rows, seconds: float) -> list[Axes]:
    """Three columns whose vector is steady near 1 g in some unit; only those that stand where sketches print them.

    Returns
    -------
    list of axes
        One where that can be told, none where nothing fits, several where each could be it.
    """
    count = len(rows[0])
    clocks = [place for place in range(count) if _counts([row[place] for row in rows], seconds)]
    begin = max(clocks, default=-1) + 1 if clocks and max(clocks) < count - 3 else 0
    kept = [place for place in range(begin, count) if place not in clocks]
    kept = _without_quaternions(rows, kept)
    fits: dict[Axes, float] = {}
    for first in kept:
        axes = (first, first + 1, first + 2)
        if all(place in kept for place in axes) and (off := _misfit(rows, axes)) is not None:
            fits[axes] = off
    if not fits:
        return []
    fits = {axes: off for axes, off in fits.items() if not analogue(rows, axes)} or fits
    # Vectors are printed one after the other; what makes no three stands before or behind them, or between.
    aligned = [
        axes for axes in fits if kept.index(axes[0]) % 3 == 0 or (len(kept) - kept.index(axes[0])) % 3 == 0
    ]
    # Flags and other numbers in front may put them elsewhere: then their noise tells.
    alike = [axes for axes in aligned if _unlike(rows, axes) < _ALIKE] or [
        axes for axes in fits if _unlike(rows, axes) < _ALIKE
    ]
    if not aligned and not alike:
        return list(fits)
    raw = raw_of(rows, alike or aligned)
    steadiest = min(raw, key=lambda axes: fits[axes])
    for axes in raw:
        times = _NEAR_TIE_BEHIND if axes < steadiest else _NEAR_TIE
        if axes != steadiest and fits[axes] < times * fits[steadiest]:
            return raw
    return [steadiest]


def takes_turns(rows: Rows, axes: Axes) -> bool:
    """Whether rows of several sensors alternate: each is far from the next one and near one a few rows on."""
    least = _APART * median(math.hypot(*(row[place] for place in axes)) for row in rows)
    for place in axes:
        values = [row[place] for row in rows]
        near, *later = (
            fmean(abs(after - before) for before, after in zip(values, values[lag:], strict=False))
            for lag in range(1, _MOST_SENSORS + 1)
        )
        step = min((after - before for before, after in pairwise(sorted(set(values)))), default=0.0)
        if near > _TURNS * (min(later) + step) + least:
            return True
    return False


def analogue(rows: Rows, axes: Axes) -> bool:
    """Whether whole numbers may be an analogue sensor's: its zero is half the range, whose length looks like 1 g."""
    middles = [median(row[place] for row in rows) for place in axes]
    whole = all(row[place] == int(row[place]) for row in rows for place in axes)
    return whole and min(middles) > 0 and max(middles) < _ANALOGUE * min(middles)


def grows(values: Sequence[float]) -> bool:
    """Whether a column hardly ever falls."""
    steps = [after - before for before, after in pairwise(values)]
    return median(steps) > 0 and sum(step <= 0 for step in steps) <= len(steps) // 20


def passed(values: Sequence[float]) -> float:
    """How far a clock or counter went, also over the place where it goes round."""
    return sum(after - before for before, after in pairwise(values) if after > before)


def _counts(values: Sequence[float], seconds: float) -> bool:
    """Whether a column is a counter, or a clock by which as much time passed as here."""
    if not grows(values):
        return False
    passed_s = [passed(values) * tick_s for tick_s in TICKS_S.values()]
    fits = any(abs(math.log(each_s / seconds)) < CLOCK_FITS for each_s in passed_s) if seconds > 0 else False
    return fits or all(value == int(value) for value in values)


def _spread(values: Sequence[float]) -> float:
    """Standard deviation without the outermost few: the first line may be cut, others may be damaged."""
    few = max(1, len(values) // _FEW)
    return pstdev(sorted(values)[few:-few])


def _without_quaternions(rows: Rows, kept: list[int]) -> list[int]:
    """Four neighbours whose norm is 1 say how the board is turned."""
    for first in kept:
        four = [first + step for step in range(4)]
        if all(place in kept for place in four):
            norms = [math.hypot(*(row[place] for place in four)) for row in rows]
            if abs(median(norms) - 1) < 5 * _UNIT_NORM and _spread(norms) < 5 * _UNIT_NORM:
                three = [math.hypot(*(row[place] for place in four[:3])) for row in rows]
                if (
                    abs(median(three) - 1) > _UNIT_NORM
                    or _spread(three) < _UNIT_NORM
                    or _spread(norms) < _spread(three) / 2  # beside zeros, an acceleration's noise is in both
                ):
                    return [place for place in kept if place not in four]
    return kept


def _misfit(rows: Rows, axes: Axes) -> float | None:
    """How unsteady three columns are that may be 1 g in some unit; None where they aren't."""
    lengths = [math.hypot(*(row[place] for place in axes)) for row in rows]
    middle = median(lengths)
    if middle <= 0:
        return None
    if sum(length > _MOST_G * middle for length in lengths) > max(1, len(lengths) // _FEW):
        return None
    spread = median(abs(length - middle) for length in lengths) / middle
    return spread if spread < _STEADY and fitting(rows, axes, middle) else None


def _unlike(rows: Rows, axes: Axes) -> float:
    """How many times the noise of one column is that of another: the axes of one sensor have about the same."""
    steps = [[abs(after[place] - before[place]) for before, after in pairwise(rows)] for place in axes]
    least = min((step for each in steps for step in each if step), default=1.0)  # coarse ones show no noise
    noise = [max(median(each), least) for each in steps]
    return max(noise) / min(noise)


def fitting(rows: Rows, axes: Axes, length: float) -> list[str]:
    """The units in which a length is 1 g, the best first."""
    whole = all(row[place] == int(row[place]) for row in rows for place in axes)
    off = {
        unit: abs(length / per_g - 1)
        for unit, per_g in UNITS.items()
        if whole or not unit.startswith("counts")
    }
    return sorted((unit for unit in off if off[unit] < _TOLERANCE), key=lambda unit: off[unit])


def raw_of(rows: Rows, some: Sequence[Axes]) -> list[Axes]:
    """Of vectors that always point the same way only the raw one: what a filter made is steadier, and comes later."""
    kept: list[Axes] = []
    for axes in some:
        if not any(_parallel(rows, axes, before) for before in kept):
            kept.append(axes)
    return kept


def _parallel(rows: Rows, one: Sequence[int], other: Sequence[int]) -> bool:
    a = [median(row[place] for row in rows) for place in one]
    b = [median(row[place] for row in rows) for place in other]
    return sum(x * y for x, y in zip(a, b, strict=True)) > _PARALLEL * math.hypot(*a) * math.hypot(*b)
