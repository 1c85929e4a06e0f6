"""Free time of a night: where can an event go so that it stays clear of all others? Knows spans only.

Conventions
-----------
Spans are (start, end), seconds since the first sample.
"""

import numpy as np
from numpy.typing import NDArray

from sleepjerk.simulate.plan import Span

CLEAR_S = 3.0  # between events that have nothing to do with each other


class Calendar:
    """The spans already taken, and a fair draw of what is left."""

    def __init__(self) -> None:
        # (n,) begins and ends, by begin.
        self._begins_s, self._ends_s = np.empty(0), np.empty(0)

    def take(self, start_s: float, end_s: float) -> None:
        """Mark a span as taken."""
        index = int(np.searchsorted(self._begins_s, start_s))
        self._begins_s = np.insert(self._begins_s, index, start_s)
        self._ends_s = np.insert(self._ends_s, index, end_s)

    def free(
        self, windows: tuple[Span, ...], length_s: float, clear_s: float = CLEAR_S
    ) -> NDArray[np.float64]:
        """(n, 2) where an event of a length may begin: within the windows, `clear_s` away from all that is taken."""
        spans = [np.empty((0, 2))]
        for start_s, end_s in windows:
            first_s = np.maximum.accumulate(np.append(start_s, self._ends_s + clear_s))
            last_s = np.minimum(np.append(self._begins_s - clear_s, end_s), end_s) - length_s
            spans.append(np.column_stack((first_s, last_s))[last_s > first_s])
        return np.concatenate(spans)

    def place(
        self, rng: np.random.Generator, windows: tuple[Span, ...], length_s: float, clear_s: float = CLEAR_S
    ) -> float | None:
        """Draw a begin, each free moment equally likely, and take the span; None when there is no room."""
        spans = self.free(windows, length_s, clear_s)
        if len(spans) == 0:
            return None
        lengths = spans[:, 1] - spans[:, 0]
        before = np.concatenate(([0.0], np.cumsum(lengths)))
        at_s = rng.uniform(0, lengths.sum())
        index = min(int(np.searchsorted(before[1:], at_s, side="right")), len(spans) - 1)
        start_s = float(min(spans[index, 0] + at_s - before[index], spans[index, 1]))
        self.take(start_s, start_s + length_s)
        return start_s


def without(windows: tuple[Span, ...], holes: tuple[Span, ...]) -> tuple[Span, ...]:
    """The windows with holes cut out of them."""
    left = list(windows)
    for hole_start, hole_end in holes:
        cut = []
        for start_s, end_s in left:
            cut += [(start_s, min(end_s, hole_start)), (max(start_s, hole_end), end_s)]
        left = [(start_s, end_s) for start_s, end_s in cut if end_s > start_s]
    return tuple(left)
