"""The lines of a text, and which of them are rows with the right number of cells.

Knows bytes, separators and quotes. Must not know numbers, times or what a column means. Everything
works on a block of text as an array of bytes: a night has three million lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sleepjerk.reading.layout import Layout

_SHOWN = 60  # signs of a line in a message


@dataclass(frozen=True, slots=True)
class Rows:
    """The text of the rows that have as many cells as the first one, and the (n,) places of their lines, from 0.

    `broken` are those of the other lines, but for blank ones and comments.
    """

    body: bytes
    lines: NDArray[np.int64]
    broken: NDArray[np.int64]


def find_rows(data: bytes, layout: Layout, *, quotes: bool = True) -> Rows:
    """Find the whole rows of a text.

    Parameters
    ----------
    data
        Whole lines of rows, the header left out.
    quotes
        Whether a row may hold quotes; without them, no open quote can swallow the rows that follow.
    """
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    lines = np.arange(len(ends))
    if len(ends) == 0:
        return Rows(b"", lines, lines)
    length = ends - starts - (signs[np.maximum(ends - 1, starts)] == ord("\r"))
    counted = (length > 0) & (signs[starts] != ord("#"))
    good = counted & (_count_cells(signs, starts, ends, layout.separator) == len(layout.cells))
    strange = np.flatnonzero((signs == 0) if quotes else (signs == 0) | (signs == ord('"')))
    returns = np.flatnonzero(signs == ord("\r"))
    # A carriage return inside a line would end the row there, so it is damage.
    strange = np.concatenate([strange, returns[signs[np.minimum(returns + 1, len(signs) - 1)] != ord("\n")]])
    good[np.searchsorted(ends, strange[(strange >= starts[0]) & (strange <= ends[-1])])] = False
    body = signs[starts[0] : ends[-1] + 1]
    if not good.all():
        body = body[np.repeat(good, ends - starts + 1)]
    return Rows(body.tobytes(), lines[good], lines[counted & ~good])


def _count_cells(
    signs: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], separator: str
) -> NDArray[np.int64]:
    """(n,) cells in each line; separators between quotes don't count."""
    if separator == " ":
        blank = (signs == ord(" ")) | (signs == ord("\t")) | (signs == ord("\n")) | (signs == ord("\r"))
        begins = np.flatnonzero(~blank & np.concatenate([[True], blank[:-1]]))
        return np.searchsorted(begins, ends) - np.searchsorted(begins, starts)
    marks = np.flatnonzero(signs == ord(separator))
    quotes = np.flatnonzero(signs == ord('"'))
    if len(quotes):
        line = np.searchsorted(ends, marks)
        inside = (line < len(ends)) & (marks >= starts[0])
        marks, line = marks[inside], line[inside]
        marks = marks[(np.searchsorted(quotes, marks) - np.searchsorted(quotes, starts[line])) % 2 == 0]
    return np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1


def show_line(data: bytes, line: int, encoding: str) -> str:
    """The beginning of a line, counted from 0, for a message."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    start = int(ends[line - 1]) + 1 if line else 0
    text = data[start : data.find(b"\n", start)].decode(encoding, "replace").strip()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
