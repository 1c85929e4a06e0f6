"""Times of samples that a logger stamps block by block: evenly from one stamp to the next, and never backwards.

Knows stamps and how far a sensor's own rate may lie from the nominal one. Must not know files.
"""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats
from sleepjerk.rules import LoggerRules

_ROUNDING = 1e-3
_COUNTED_TOGETHER = 40  # plain: samples of a part, so that a long block counts as several short ones


def even_blocks(time_s: Floats, rules: LoggerRules) -> Floats:
    """(n,) times of samples that come in stamped blocks, spread evenly from one stamp to the next.

    A logger stamps a block and counts on from there at its nominal rate; the sensor's own rate is a per cent off,
    and so each block seems to begin with a pause. A longer one is a gap, however many samples came before it.
    """
    if len(time_s) < 2:
        return time_s
    period, starts = _find_blocks(time_s, rules)
    if period <= 0:
        return time_s
    size = np.diff(np.append(starts, len(time_s)))
    length = np.append(np.diff(time_s[starts]), size[-1] * period)
    each: NDArray[np.float64] = length / size
    apart = np.abs(each / period - 1)
    too_long = apart * size > rules.max_pause_periods + _ROUNDING
    each[too_long | (apart > rules.max_stretch + _ROUNDING)] = period
    each[-1] = each[-2] if len(each) > 1 else period
    return np.asarray(
        np.repeat(time_s[starts], size)
        + np.repeat(each, size) * (np.arange(len(time_s)) - np.repeat(starts, size))
    )


def in_order(time_s: Floats, rules: LoggerRules) -> NDArray[np.bool_]:
    """(n,) which samples to keep so that no block begins before the one before it has ended: the most that can be.

    One block whose clock was wrong, early or late, costs itself; a clock that was set back costs the shorter side.
    """
    kept = np.ones(len(time_s), dtype=bool)
    if len(time_s) < 2 or (np.diff(time_s) > 0).all():
        return kept
    period, starts = _find_blocks(time_s, rules)
    if period <= 0:
        return kept
    # Long blocks are taken apart, so that each part counts about as much as any other.
    parts = np.unique(np.concatenate((starts, np.arange(0, len(time_s), _COUNTED_TOGETHER))))
    sizes = np.diff(np.append(parts, len(time_s)))
    block = starts[np.searchsorted(starts, parts, side="right") - 1]
    begin, end = parts - block, parts - block + sizes
    # Periods that so many samples of a block last if the sensor is as fast as one can be.
    least = (count - np.minimum(count * rules.max_stretch, rules.max_pause_periods) for count in (begin, end))
    kept_parts = _longest_chain(*(time_s[block] + period * count for count in least))
    return np.repeat(kept_parts, sizes)


def _longest_chain(begins: Floats, ends: Floats) -> NDArray[np.bool_]:
    """(k,) bool: the most of k spans, in their order, each of which begins when the one before it has ended."""
    least: list[float] = []  # the earliest end of any chain of 1, 2, ... spans
    lasts: list[int] = []  # the span that it ends with
    before = []
    for span, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
        length = bisect_right(least, begin)
        before.append(lasts[length - 1] if length else -1)
        if length == len(least):
            least.append(end)
            lasts.append(span)
        elif end < least[length]:
            least[length], lasts[length] = end, span
    kept, span = np.zeros(len(begins), dtype=bool), lasts[-1]
    while span >= 0:
        kept[span] = True
        span = before[span]
    return kept


def _find_blocks(time_s: Floats, rules: LoggerRules) -> tuple[float, NDArray[np.int64]]:
    """Seconds between samples within blocks, and where blocks begin."""
    step = np.diff(time_s)
    period = float(np.median(step))
    apart = np.abs(step - period) > rules.same_block_periods * period
    return period, np.concatenate(([0], np.flatnonzero(apart) + 1))
