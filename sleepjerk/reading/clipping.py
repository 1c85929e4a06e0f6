"""Samples at the end of the sensor's range: real movement was stronger than they say.

Knows acceleration in g. Must not know files.
"""

import numpy as np

from sleepjerk.recording import Samples
from sleepjerk.rules import ReadingRules

NOMINAL_G = (2.0, 4.0, 8.0, 16.0)


def find_clipping(
    values_g: Samples, range_g: float | None, rules: ReadingRules
) -> tuple[int, float | None, str | None]:
    """Clipped samples (of any axis), the range, and a note.

    Parameters
    ----------
    values_g
        (3, n), g.
    range_g
        Full scale where it is known; None to look for a plateau of equal extremes near a nominal range.
    """
    limit = range_g if range_g is not None else _find_range(values_g, rules)
    if limit is None:
        return 0, None, None
    # Sensors end one step below their range, and offset errors move the end a little.
    low = limit * (1 - rules.clip_tolerance)
    if values_g.max() < low and values_g.min() > -low:
        return 0, range_g, None
    clipped = np.zeros(values_g.shape[1], bool)
    for axis in values_g:
        for extreme in (axis.max(), axis.min()):
            if abs(extreme) >= low:
                clipped |= _plateau(axis, extreme, rules) if range_g is None else axis == extreme
    count = int(np.count_nonzero(clipped))
    return count, limit, f"clipping: {count} samples at the end of ±{limit:g} g" if count else None


def _find_range(values_g: Samples, rules: ReadingRules) -> float | None:
    """The nominal range that a plateau of extremes shows; None without one."""
    found = []
    for axis in values_g:
        for extreme in (axis.max(), axis.min()):
            near = [each for each in NOMINAL_G if abs(abs(extreme) - each) <= rules.clip_tolerance * each]
            if near and _plateau(axis, extreme, rules).any():
                found.append(near[0])
    return max(found) if found else None


def _plateau(axis: Samples, extreme: np.float32, rules: ReadingRules) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(n,) where the axis stays at its extreme for several samples."""
    at = axis == extreme
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at, [False]]).astype(np.int8))).reshape(-1, 2)
    for start, stop in edges[np.diff(edges, axis=1)[:, 0] < rules.clip_periods]:
        at[start:stop] = False
    return at
