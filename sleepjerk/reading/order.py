"""Time stamps that repeat or run backwards: rare ones are damage, many repeated ones are coarse stamps.

Knows the order of time. Must not know files nor acceleration.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules


@dataclass(frozen=True, slots=True)
class Order:
    """What to keep of the rows.

    Attributes
    ----------
    keep
        (n,) rows that stay; None when all do.
    seconds
        (k,) strictly increasing times of the kept rows.
    backward
        (b,) places of rows that were dropped because time ran backwards.
    repeated
        Rows dropped because their stamp was there already.
    spread_s
        Step of coarse stamps that were spread evenly; 0 when none were.
    """

    keep: NDArray[np.bool_] | None
    seconds: Floats
    backward: NDArray[np.int64]
    repeated: int
    spread_s: float = 0.0


def put_in_order(seconds: Floats, rules: ReadingRules) -> Order:
    """Make times strictly increasing.

    Parameters
    ----------
    seconds
        (n,) finite.
    """
    none = np.empty(0, np.int64)
    steps = np.diff(seconds)
    if not len(steps) or steps.min() > 0:
        return Order(None, seconds, none, 0)
    keep = ~_backward(seconds)
    backward = np.flatnonzero(~keep)
    kept = seconds[keep]
    same = np.concatenate([[False], np.diff(kept) == 0])
    repeated = int(np.count_nonzero(same))
    if repeated <= rules.max_repeated_share * len(kept):
        keep[keep] = ~same
        return Order(keep, kept[~same], backward, repeated)
    spread, step = _spread(kept, same)
    return Order(keep, spread, backward, 0, step)


def _backward(seconds: Floats) -> NDArray[np.bool_]:
    """Rows that break the order: single ones that jump ahead, then all that lie before an earlier row."""
    ahead = np.zeros(len(seconds), bool)
    # A row is to blame for a backward step when its two neighbours without it are in order.
    ahead[1:-1] = (seconds[2:] < seconds[1:-1]) & (seconds[2:] >= seconds[:-2])
    # A row late by less than its neighbours' distance looks alike; the later of two is dropped just as well.
    if len(seconds) > 2:
        ahead[0] = seconds[1] < seconds[0] and seconds[2] < seconds[0]
    latest = np.maximum.accumulate(np.where(ahead, -np.inf, seconds))
    return ahead | (seconds < latest)


def _spread(seconds: Floats, same: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Rows that share a stamp spread evenly up to the next stamp, and the usual step between stamps."""
    first = np.flatnonzero(~same)
    sizes = np.diff(np.append(first, len(seconds)))
    stamps = seconds[first]
    usual_step = float(np.median(np.diff(stamps))) if len(stamps) > 1 else 0.0
    usual_size = float(np.median(sizes))
    steps = np.append(np.diff(stamps), usual_step)
    # Across a gap, and at both ends, rows are as far apart as usual.
    room = np.minimum(steps, usual_step * np.maximum(1.0, sizes / usual_size))
    shift = np.zeros(len(sizes))
    shift[0] = max(0.0, room[0] * (1 - sizes[0] / usual_size))
    room[0] -= shift[0]
    room[-1] *= min(1.0, sizes[-1] / usual_size)
    place = np.arange(len(seconds)) - np.repeat(first, sizes)
    spread = np.repeat(stamps + shift, sizes) + place * np.repeat(room / sizes, sizes)
    return spread, usual_step
