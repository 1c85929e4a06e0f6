"""Stamps of when samples arrived -> when they were taken.

A packet can be late, never early; what is late catches up, what is lost does not. So samples are counted against the
time that passed before anything is called lost. Knows stamps. Must not know files, units or what the signal means.
"""

import numpy as np
from numpy.typing import NDArray

from sleepjerk.reading.time_axis import ONE_STEP
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

_EARLY = 0.6  # plain: of a period; what moves all later stamps by more is a lost sample, by less the jitter of arrival
_WHOLE = 0.1  # plain: of a step; how late a packet is, is no multiple of it
_LATE_SHARE = 3  # plain: so many times as many long steps as losses, or they are what they seem


def settle_arrivals(time_s: Floats, rules: ReadingRules) -> tuple[Floats, int] | None:
    """When samples were taken whose packets arrived late, and how many packets did.

    Parameters
    ----------
    time_s
        (n,) stamps of arrival, not decreasing; the samples of a packet may share one.

    Returns
    -------
    (n,) seconds, strictly increasing, and a count; None where the stamps show no late packets.
    """
    steps = np.diff(time_s)
    later = steps > 0
    between = steps if later.all() else steps[later]
    if len(between) < rules.arrival_least:
        return None
    if np.count_nonzero(between > ONE_STEP * between.min()) < rules.arrival_least_late:
        return None  # nor would they be late against the usual step, which is no shorter
    usual_s = float(np.median(between))
    long_steps = int((between > ONE_STEP * usual_s).sum())
    if long_steps < rules.arrival_least_late:
        return None
    if _are_losses(between, usual_s, rules):
        return None
    count = len(time_s)
    period_s = _period(time_s, rules)
    rows = np.arange(count)
    last = np.append(later, True)  # a packet is stamped when its last sample is there
    delay_s = np.where(last, time_s - rows * period_s, np.inf)
    ahead = max(2, round(rules.arrival_window_s / period_s))
    level_s = _least_ahead(delay_s, ahead)
    rise = np.diff(level_s)
    lost = np.where(rise > _EARLY * period_s, np.rint(rise / period_s), 0.0)
    losses = int((lost > 0).sum())
    if long_steps < _LATE_SHARE * max(losses, 1):
        return None
    lost_before = np.concatenate([[0.0], np.cumsum(lost)])
    smooth_s = _smooth(level_s - lost_before * period_s, max(2, round(rules.fit_block_s / period_s)))
    taken_s = (rows + lost_before) * period_s + smooth_s
    late_s = (time_s - taken_s)[last]
    if (
        np.quantile(late_s, rules.most_share) > rules.arrival_usual_s + usual_s
        or (np.diff(taken_s) <= 0).any()
    ):
        return None
    return taken_s, int((late_s > usual_s).sum())


def _are_losses(between_s: Floats, usual_s: float, rules: ReadingRules) -> bool:
    """Whether long steps are whole multiples of the usual one and nothing catches up behind them."""
    here = np.flatnonzero(between_s > ONE_STEP * usual_s)
    times = between_s[here] / usual_s
    behind = between_s[np.minimum(here + 1, len(between_s) - 1)]
    whole = np.abs(times - np.rint(times)) <= _WHOLE
    return bool((whole & (behind > usual_s / 2)).mean() > rules.most_share)


def _period(time_s: Floats, rules: ReadingRules) -> float:
    """Seconds between samples: the middle one of stretches so long that delays don't count."""
    rough_s = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    size = min(max(2, round(2 * rules.fit_block_s / rough_s)), len(time_s) - 1)
    passed = time_s[size:] - time_s[:-size]
    return float(np.median(passed)) / size


def _least_ahead(values: Floats, size: int) -> Floats:
    """(n,) the least of each value and those after it, so many in all."""
    count = len(values)
    blocks = -(-(count + size) // size)
    padded = np.full(blocks * size, np.inf)
    padded[:count] = values
    table = padded.reshape(blocks, size)
    onwards = np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1].ravel()
    so_far = np.minimum.accumulate(table, axis=1).ravel()
    rows: NDArray[np.int64] = np.arange(count)
    return np.asarray(np.minimum(onwards[rows], so_far[np.minimum(rows + size - 1, len(padded) - 1)]))


def _smooth(level_s: Floats, size: int) -> Floats:
    """(n,) a level that follows only slow changes, as clocks that drift apart make them."""
    count = max(1, len(level_s) // size)
    edges = (np.arange(count) * len(level_s)) // count
    sizes = np.diff(np.append(edges, len(level_s)))
    middle = np.add.reduceat(level_s, edges) / sizes
    return np.asarray(np.interp(np.arange(len(level_s)), edges + sizes / 2, middle))
