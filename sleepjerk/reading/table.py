"""The rows of a table -> arrays, with damage found, counted and named by line.

Knows rows and cells. Must not know what the columns mean beyond "one time, three axes".

The quick way gives the whole file to pandas, which reads a path on all cores. Only when that fails or leaves a hole
is the file read again line by line (still in arrays, never a Python loop over samples), so that each damaged row
can be named.
"""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import looks_like_stamp
from sleepjerk.reading.layout import MISSING, Columns, Layout
from sleepjerk.reading.source import Source, Text
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules

_SPARE_BYTES = 8  # a stamp may be longer than the first one (a fraction that was zero)
_CHUNK_ROWS = 250_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that hold a time and three numbers.

    Attributes
    ----------
    time
        (n,) numbers as written, or (n,) bytes for stamps written as text; None without a time column.
    values
        (3, n) float32, in the file's own unit.
    lines
        (n,) line numbers in the file, from 1; None when row i stands on line first_line + i.
    first_line
        Line of the first row, from 1.
    damaged
        Rows that could not be read.
    missing
        Rows without values, as programs write them that know of a loss.
    notes
        What was left out, in words.
    """

    time: Floats | NDArray[np.bytes_] | None
    values: Samples
    lines: NDArray[np.int64] | None
    first_line: int
    damaged: int = 0
    missing: int = 0
    notes: tuple[str, ...] = ()

    def line(self, row: int) -> int:
        """Line number of a row."""
        return self.first_line + row if self.lines is None else int(self.lines[row])


def read_table(source: Source, layout: Layout, columns: Columns, rules: ReadingRules) -> Table:
    """Read the rows.

    Raises
    ------
    InputError
        More than a few rows are damaged, or no row holds a value.
    """
    plan = _plan(layout, columns)
    if not source.packed and b"\n" in source.head:
        table = _read_quickly(source.path, source, layout, columns, plan, torn=not source.whole_lines)
        if table is not None:
            return table
    data, notes = source.read()
    if source.packed or notes:
        # Unpacked, or with its end repaired, it may be whole.
        table = _read_quickly(io.BytesIO(data), source, layout, columns, plan, torn=False)
        if table is not None:
            return _with_notes(table, notes)
    return _read_strictly(data, notes, source, layout, columns, rules)


def _with_notes(table: Table, notes: list[str]) -> Table:
    return Table(table.time, table.values, table.lines, table.first_line, notes=tuple(notes))


def _plan(layout: Layout, columns: Columns) -> dict[int, str]:
    """The type of each column: exact for times, half as exact for samples, one byte for what isn't needed."""
    plan = dict.fromkeys(range(len(layout.cells)), "S1")
    plan.update(dict.fromkeys(columns.axes, "f4"))
    if columns.time is not None:
        cell = layout.cells[columns.time]
        plan[columns.time] = f"S{len(cell) + _SPARE_BYTES}" if looks_like_stamp(cell) else "f8"
    return plan


def _read_quickly(
    file: Any, source: Source, layout: Layout, columns: Columns, plan: dict[int, str], *, torn: bool
) -> Table | None:
    """The whole file at once, without its last line when that is torn; None when any row is damaged."""
    separator = r"\s+" if layout.separator == " " else layout.separator
    try:
        with warnings.catch_warnings():
            # A number that float32 can't hold becomes infinite, which is seen below.
            warnings.simplefilter("ignore", RuntimeWarning)
            # Nothing more may stand here: many another option silently turns off reading on all cores.
            frame = pd.read_csv(
                file,
                sep=separator,
                decimal=layout.decimal,
                header=None,
                skiprows=layout.first_row,
                dtype=plan,
                encoding=source.encoding,
                keep_default_na=True,
            )
    except (ValueError, OverflowError, pd.errors.ParserError, MemoryError):
        return None
    if frame.shape[1] != len(plan):
        return None
    if torn:
        frame = frame.iloc[:-1]
    values = np.empty((3, len(frame)), dtype=np.float32)
    for axis, place in enumerate(columns.axes):
        values[axis] = frame[place]
    time = None if columns.time is None else frame[columns.time].to_numpy()
    whole = np.isfinite(values).all() and (time is None or time.dtype.kind == "S" or np.isfinite(time).all())
    if not whole or len(frame) == 0 or (time is not None and _cut_off(time)):
        return None
    notes = ("damage: the last line has no end and was left out",) if torn else ()
    return Table(time, values, None, layout.first_row + 1, notes=notes)


def _cut_off(time: NDArray[Any]) -> bool:
    """Whether a stamp was too long for its bytes, or is no stamp at all."""
    if time.dtype.kind != "S":
        return False
    signs = np.ascontiguousarray(time).view(np.uint8).reshape(len(time), time.dtype.itemsize)
    return bool(signs[:, -1].any() or (signs[:, 0] == 0).any())


def _read_strictly(
    text: Text, source: Source, layout: Layout, columns: Columns, rules: ReadingRules
) -> Table:
    """Line by line: rows with too few or too many cells, text in numbers and holes are found and counted."""
    data, notes = text.data, list(text.notes)
    body, lines, broken = _whole_rows(data, layout)
    if text.spoilt and len(broken):
        data = b"".join(data.splitlines(keepends=True)[: broken[0] - 1])
        body, lines, broken = _whole_rows(data, layout)
    times, values, causes = _read_cells(body, source, layout, columns)
    good = causes == 0
    found = [(int(line), "too few or too many cells") for line in broken[:1]]
    texts = np.flatnonzero(causes == 2)
    found += [(int(lines[row]), "text where a number or a time must stand") for row in texts[:1]]
    damaged, total = len(broken) + len(texts), len(broken) + len(lines)
    missing = int((causes == 1).sum())
    if damaged:
        line, what = min(found)
        shown = _line_text(data, line, source.encoding)
        if damaged > rules.max_damaged_share * total:
            raise InputError(
                f"{source.path}, line {line}: {what} ({shown!r}), in {damaged} of {total} rows; "
                "export the file again, or name the columns with --columns"
            )
        notes.append(f"damage: {damaged} of {total} rows can't be read and were left out, the first in line {line} ({what})")
    if missing:
        first = int(lines[int(np.argmax(causes == 1))])
        notes.append(f"damage: {missing} of {total} rows hold no values and were left out, the first in line {first}")
    if not good.any():
        raise InputError(f"{source.path}: none of its {total} rows holds a time and three numbers; there are no samples")
    time = None if times is None else times[good]
    return Table(time, np.ascontiguousarray(values[:, good]), lines[good], layout.first_row + 1, damaged, missing, tuple(notes))


def _whole_rows(data: bytes, layout: Layout) -> tuple[bytes, NDArray[np.int64], NDArray[np.int64]]:
    """The rows that have as many cells as the first one.

    Returns
    -------
    body
        Their text.
    lines
        (n,) their line numbers, from 1.
    broken
        Line numbers of the others, blank lines and comments not counted.
    """
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    first_row = min(layout.first_row, len(ends))
    starts, ends = starts[first_row:], ends[first_row:]
    lines = np.arange(first_row + 1, first_row + 1 + len(ends))
    if len(ends) == 0:
        return b"", lines, lines[:0]
    length = ends - starts - (signs[np.maximum(ends - 1, starts)] == ord("\r"))
    counted = (length > 0) & (signs[starts] != ord("#"))
    good = counted & (_cells_per_line(signs, starts, ends, layout.separator) == len(layout.cells))
    zero = np.flatnonzero(signs == 0)
    good[np.searchsorted(ends, zero[zero <= ends[-1]])] = False
    kept = np.repeat(good, ends - starts + 1)
    body = signs[starts[0] : ends[-1] + 1][kept].tobytes()
    return body, lines[good], lines[counted & ~good]


def _cells_per_line(
    signs: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], separator: str
) -> NDArray[np.int64]:
    """(n,) cells in each line; separators between quotes don't count."""
    if separator == " ":
        blank = (signs == 32) | (signs == 9) | (signs == 10) | (signs == 13)
        begins = np.flatnonzero(~blank & np.concatenate([[True], blank[:-1]]))
        return np.searchsorted(begins, ends) - np.searchsorted(begins, starts)
    marks = np.flatnonzero(signs == ord(separator))
    quotes = np.flatnonzero(signs == ord('"'))
    if len(quotes):
        line = np.searchsorted(ends, marks)
        inside = line < len(ends)
        marks, line = marks[inside], line[inside]
        marks = marks[(np.searchsorted(quotes, marks) - np.searchsorted(quotes, starts[line])) % 2 == 0]
    return np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1


def _read_cells(
    body: bytes, source: Source, layout: Layout, columns: Columns
) -> tuple[Any, Samples, NDArray[np.int8]]:
    """Times, values and what is wrong with each row: 0 nothing, 1 a hole, 2 text."""
    times: list[Any] = []
    values: list[Samples] = []
    causes: list[NDArray[np.int8]] = []
    for frame in _chunks(body, source, layout, columns):
        cells = [_numbers(frame[place], layout.decimal) for place in columns.axes]
        with np.errstate(over="ignore"):
            values.append(np.stack([numbers for numbers, _ in cells]).astype(np.float32))
        cause = np.max([why for _, why in cells], axis=0)
        if columns.time is not None:
            time, why = _times(frame[columns.time], layout, columns.time)
            times.append(time)
            cause = np.maximum(cause, why)
        causes.append(cause)
    if not values:
        return None, np.empty((3, 0), dtype=np.float32), np.empty(0, dtype=np.int8)
    return np.concatenate(times) if times else None, np.concatenate(values, axis=1), np.concatenate(causes)


def _chunks(body: bytes, source: Source, layout: Layout, columns: Columns) -> Iterator[pd.DataFrame]:
    """The needed cells as text, some rows at a time."""
    needed = sorted({*columns.axes, *([] if columns.time is None else [columns.time])})
    if not body:
        return
    yield from pd.read_csv(
        io.BytesIO(body),
        sep=r"\s+" if layout.separator == " " else layout.separator,
        header=None,
        usecols=needed,
        dtype=str,
        keep_default_na=False,
        encoding=source.encoding,
        encoding_errors="replace",
        chunksize=_CHUNK_ROWS,
    )


def _numbers(cells: "pd.Series[str]", decimal: str) -> tuple[Floats, NDArray[np.int8]]:
    """Numbers of a column, and what is wrong with each."""
    text = cells.str.strip()
    if decimal == ",":
        # A point in a number with a decimal comma would be a thousands separator: no number then.
        text = text.where(~text.str.contains(".", regex=False), "text").str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    absent = text.str.lower().isin(MISSING).to_numpy()
    # Beyond float32 a number can't be kept, and no sensor gives one.
    usable = np.isfinite(numbers) & (np.abs(np.nan_to_num(numbers)) < 1e30)
    return numbers, np.where(usable, 0, np.where(absent, 1, 2)).astype(np.int8)


def _times(cells: "pd.Series[str]", layout: Layout, place: int) -> tuple[Any, NDArray[np.int8]]:
    if not looks_like_stamp(layout.cells[place]):
        return _numbers(cells, layout.decimal)
    text = cells.str.strip()
    stamps = np.asarray([cell.encode("latin-1", "replace") for cell in text], dtype="S40")
    looks = text.str.match(r"\d{1,4}[-.]\d{1,2}[-.]\d{1,4}[T ]+\d{1,2}:\d{2}:\d{2}").to_numpy(dtype=bool)
    return stamps, np.where(looks, 0, 2).astype(np.int8)


def _line_text(data: bytes, line: int, encoding: str) -> str:
    """The beginning of a line, for a message."""
    start = 0
    for _ in range(line - 1):
        start = data.index(b"\n", start) + 1
    end = data.find(b"\n", start)
    text = data[start : end if end >= 0 else None].decode(encoding, "replace").strip()
    return text if len(text) <= 60 else text[:57] + "..."
