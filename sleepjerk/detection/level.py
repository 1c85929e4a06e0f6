"""What is ordinary: medians, and the level around each moment of a recording. Must not know what it is the level of.

A night has a level at three million samples, which follows from some hundred thousand knots: it is kept as these.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Samples

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """Straight lines between the knots of one segment, level beyond the outer ones.

    Attributes
    ----------
    start, end
        The segment, in samples.
    first
        Where in the segment the first knot lies, in samples.
    step
        Samples from one knot to the next.
    knots
        (k,) k >= 1.
    """

    start: int
    end: int
    first: float
    step: int
    knots: Samples


@dataclass(frozen=True, slots=True)
class Level:
    """A level for every sample; 0 outside the segments that have a line.

    Attributes
    ----------
    count
        Samples of the recording.
    lines
        Sorted by their segments.
    """

    count: int
    lines: tuple[Line, ...]

    def everywhere(self) -> Samples:
        """(n,) the level at every sample."""
        level = np.zeros(self.count, dtype=np.float32)
        for line in self.lines:
            begin = line.start + int(np.ceil(line.first))
            stop = begin + line.step * (len(line.knots) - 1)
            level[line.start : begin], level[stop : line.end] = line.knots[0], line.knots[-1]
            share = (np.arange(line.step) + np.ceil(line.first) - line.first) / line.step
            between = level[begin:stop].reshape(-1, line.step)
            np.multiply(np.diff(line.knots)[:, None], share.astype(np.float32), out=between)
            between += line.knots[:-1, None]
        return level

    def at(self, index: Indices) -> Samples:
        """(k,) the level at some samples."""
        level = np.zeros(len(index), dtype=np.float32)
        for line in self.lines:
            here = (index >= line.start) & (index < line.end)
            place = (index[here] - line.start - line.first) / line.step
            level[here] = np.interp(place, np.arange(len(line.knots)), line.knots)
        return level


def row_medians(rows: NDArray[Any]) -> NDArray[Any]:
    """(k,) median of each row; a tenth of the time that np.median takes for short rows."""
    middle = rows.shape[1] // 2
    odd = rows.shape[1] % 2
    parted = np.partition(rows, (middle,) if odd else (middle - 1, middle), axis=1)
    return np.asarray(parted[:, middle] if odd else (parted[:, middle - 1] + parted[:, middle]) / 2)
