"""What is ordinary: medians, and the level around each moment of a recording. Must not know what it is the level of.

A night has a level at three million samples, which follows from some hundred thousand knots: it is kept as these.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.recording import Floats, Samples, Spans
from sleepjerk.spans import every_sample, inside, last_begun, lengths

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Level:
    """A level for every sample: in each segment straight lines between knots, level beyond the outer ones.

    Attributes
    ----------
    size
        Samples of the recording; 0 outside the segments below.
    segments
        (k, 2) sorted.
    first
        Where in each of them the first knot lies, in samples, all by the same part of a sample.
    step
        Samples from one knot to the next.
    counts
        (k,) knots in each segment, 1 or more.
    knots
        (m,) of all segments together.
    """

    size: int
    segments: Spans
    first: Floats
    step: int
    counts: Indices
    knots: Samples

    def everywhere(self) -> Samples:
        """(n,) the level at every sample."""
        level = np.zeros(self.size, dtype=np.float32)
        if not self.counts.size:
            return level
        begins = np.ceil(self.first).astype(np.int64)
        share = (np.arange(self.step) + (begins - self.first)[0]) / self.step
        rises, share = np.diff(self.knots)[:, None], share.astype(np.float32)
        ends = np.cumsum(self.counts)
        places = np.column_stack((self.segments, self.segments[:, 0] + begins, ends - self.counts, ends - 1))
        for start, end, begin, low, high in places.tolist():
            stop = begin + self.step * (high - low)
            level[start:begin], level[stop:end] = self.knots[low], self.knots[high]
            between = level[begin:stop].reshape(-1, self.step)
            np.multiply(rises[low:high], share, out=between)
            between += self.knots[low:high, None]
        return level

    def at(self, index: Indices) -> Samples:
        """(k,) the level at some samples."""
        level = np.zeros(len(index), dtype=np.float32)
        within = inside(index, self.segments)
        here = index[within]
        row = last_begun(here, self.segments)
        place = (here - self.segments[row, 0] - self.first[row]) / self.step
        place = np.clip(place, 0, self.counts[row] - 1)
        whole = place.astype(np.int64)
        low = (np.cumsum(self.counts) - self.counts)[row] + whole
        rises = np.diff(self.knots.astype(np.float64), append=0.0)
        level[within] = rises[low] * (place - whole) + self.knots[low]
        return level


def rolling_percentile(knots: Samples, counts: Indices, size: int, percentile: float) -> Samples:
    """(m,) a low percentile, or the median, of `size` knots around each, of all of a segment where it has fewer.

    Beyond the ends of a segment its outermost knot stands. Segments of one window are filtered in one go.

    Parameters
    ----------
    knots, counts
        As those of a `Level`.
    """
    rolling, windows = np.empty_like(knots), np.minimum(counts, size)
    runs = np.cumsum(counts)[:, None] + np.stack((-counts, np.zeros_like(counts)), axis=1)
    for window in np.unique(windows).tolist():
        chosen = runs[windows == window]
        index, _ = every_sample(chosen + np.array([-window, window]))
        low, high = np.repeat(chosen, lengths(chosen) + 2 * window, axis=0).T
        known = np.clip(index, low, high - 1)
        inner = index == known
        filtered = ndimage.percentile_filter(knots[known], percentile, size=window, mode="nearest")
        rolling[known[inner]] = filtered[inner]
    return rolling


def most_within(values: Samples, windows: Spans) -> Samples:
    """(k,) greatest of the values in each of k windows that are sorted, may overlap and aren't empty."""
    if len(windows) == 0:
        return values[:0]
    last = len(values) - 1
    most = np.maximum.reduceat(values, np.minimum(windows, last).ravel())[::2]
    return np.where(windows[:, 1] > last, np.maximum(most, values[last]), most)


def sliding_medians(values: Floats, width: int) -> Floats:
    """(n - width + 1,) median of each window of finite values: of a long curve in less time than rows take."""
    low, high = (ndimage.rank_filter(values, (width - odd) // 2, size=width) for odd in (1, 0))
    return np.asarray((low + high) / 2)[width // 2 :][: len(values) - width + 1]


def row_medians(rows: NDArray[Any]) -> NDArray[Any]:
    """(k,) median of each row; a tenth of the time that np.median takes for short rows."""
    middle = rows.shape[1] // 2
    odd = rows.shape[1] % 2
    parted = np.partition(rows, (middle,) if odd else (middle - 1, middle), axis=1)
    # A copy, for the rows would stay in memory as long as a column of them does.
    return np.array(parted[:, middle] if odd else (parted[:, middle - 1] + parted[:, middle]) / 2)
