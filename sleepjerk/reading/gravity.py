"""Where does a still arm not feel gravity any more? There an axis is lost or replaced, and nothing is judged.

Knows that gravity is 1 g in every direction. Must not know files or what movements are.
"""

from dataclasses import replace

import numpy as np

from sleepjerk.reading.time_axis import Grid
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules
from sleepjerk.spans import find_runs, joined, total, union

_EVERY = 5  # plain: one block of so many is looked at: a window holds 60 of them
_HOUR_S = 3600.0


def without_failures(grid: Grid, rules: ReadingRules) -> tuple[Grid, float, tuple[str, ...]]:
    """A grid with gaps where gravity fails for long, for how many seconds it does, and what is told of it."""
    failing_s = _failing(grid.acceleration_g, grid.rate_hz, rules)
    if not len(failing_s):
        return grid, 0.0, ()
    acceleration_g = np.array(grid.acceleration_g)
    for begin, end in np.rint(failing_s * grid.rate_hz).astype(int).tolist():
        acceleration_g[:, begin:end] = np.nan
    when = " and ".join(f"{begin / _HOUR_S:.1f} to {end / _HOUR_S:.1f} h" for begin, end in failing_s)
    note = f"damage: from {when} a still arm does not feel 1 g, so an axis was lost or replaced; that is not analysed"
    gaps_s = union(grid.gaps_s, failing_s)
    return replace(grid, acceleration_g=acceleration_g, gaps_s=gaps_s), total(failing_s), (note,)


def _failing(acceleration_g: Samples, rate_hz: float, rules: ReadingRules) -> Floats:
    """(k, 2) seconds between which gravity fails, in whole windows."""
    axes_g, felt_g, window_s = _at_rest(acceleration_g, rate_hz, rules)
    known = felt_g[np.abs(felt_g - 1) <= rules.gravity_tolerance]
    if len(known) < rules.gravity_known_share * np.isfinite(felt_g).sum() or not len(known):
        return np.empty((0, 2))
    odd = np.abs(felt_g / np.median(known) - 1) > rules.gravity_fails
    fails = np.zeros(len(felt_g), dtype=bool)
    for begin, end in joined(find_runs(odd), rules.gravity_back_s / window_s).tolist():
        if odd[begin:end].sum() * window_s < rules.gravity_fails_s:
            continue
        spread_g = np.nanmax(axes_g[:, begin:end], axis=1) - np.nanmin(axes_g[:, begin:end], axis=1)
        lost = axes_g[np.argmin(spread_g)]
        # An axis that is lost says the same in every posture, also where the others hold all of gravity.
        same = ~(np.abs(lost - np.nanmedian(lost[begin:end])) > rules.gravity_lost_g)
        fails[begin:end] = True
        while begin > 0 and same[begin - 1]:
            begin -= 1
        while end < len(same) and same[end]:
            end += 1
        fails[begin:end] |= bool(same[begin:end].all())
    return np.asarray(find_runs(fails) * window_s)


def _at_rest(acceleration_g: Samples, rate_hz: float, rules: ReadingRules) -> tuple[Floats, Floats, float]:
    """(3, n) g that the axes feel in each window where it is stillest, (n,) all together; a window's seconds.

    NaN where unknown. An arm may rest in several postures within a window: each of them is 1 g long, their mean isn't.
    """
    size = max(2, round(rules.gravity_block_s * rate_hz))
    count = round(rules.gravity_window_s / rules.gravity_block_s)
    windows = acceleration_g.shape[1] // (size * count)
    blocks = acceleration_g[:, : windows * count * size].reshape(3, windows, count, size)[:, :, ::_EVERY]
    means_g = blocks.mean(axis=3, keepdims=True)
    moved_g = blocks.std(axis=3, mean=means_g).max(axis=0)
    stillest = np.argsort(moved_g, axis=1)[:, : max(1, round(rules.gravity_still_share * moved_g.shape[1]))]
    rests_g = np.take_along_axis(means_g[..., 0], stillest[None], axis=2)
    axes_g, felt_g = np.median(rests_g, axis=2), np.median(np.sqrt((rests_g**2).sum(axis=0)), axis=1)
    moved = np.take_along_axis(moved_g, stillest, axis=1).max(axis=1) > rules.gravity_still_g
    return np.where(moved, np.nan, axes_g), np.where(moved, np.nan, felt_g), size * count / rate_hz
