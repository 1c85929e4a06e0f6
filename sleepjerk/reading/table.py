"""Rows that hold a time and three numbers, whatever file they stood in. Must not know how they were written."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.reading.iso import TextStamps
from sleepjerk.recording import Floats, Samples

Times = Floats | TextStamps


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that hold a time and three numbers.

    Attributes
    ----------
    time
        (n,) numbers as written, or what was decoded of stamps written as text; None without a time column.
    values
        (3, n) float32, in the file's own unit.
    lines
        (n,) their lines, counted from the first line of the rows; None when row i stands on line i.
    first_line
        Tells the line number, from 1, of the first line of the rows; counted when a message needs it.
    damaged
        Rows that could not be read, or without values, as programs write them that know of a loss.
    notes
        What was left out, in words.
    """

    time: Times | None
    values: Samples
    lines: NDArray[np.int64] | None
    first_line: Callable[[], int]
    damaged: int = 0
    notes: tuple[str, ...] = ()

    def line(self, row: int) -> int:
        """Line number of a row, from 1."""
        return self.first_line() + (row if self.lines is None else int(self.lines[row]))

    def only(self, kept: NDArray[np.bool_] | slice) -> "Table":
        """Some of the rows; the counts of damage stay those of all."""
        lines = np.arange(self.values.shape[1]) if self.lines is None else self.lines
        values = np.ascontiguousarray(self.values[:, kept])
        return replace(self, time=some_times(self.time, kept), values=values, lines=lines[kept])


def some_times(time: Times | None, kept: NDArray[np.bool_] | slice) -> Times | None:
    """Some of the times."""
    if isinstance(time, TextStamps):
        return replace(time, seconds=time.seconds[kept])
    return None if time is None else time[kept]
