"""The rows of a table -> arrays, with damage found, counted and named by line.

Knows rows and cells. Must not know what the columns mean beyond "one time, three axes".

The quick way gives the whole file to pandas, which reads a path on all cores. Only when that fails or leaves
a hole is the file read again line by line (still in arrays, never a Python loop over samples), so that each
damaged row can be named.
"""

import io
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import looks_like_stamp
from sleepjerk.reading.layout import MISSING, Columns, Layout
from sleepjerk.reading.rows import Rows, cut_before, find_rows, show_line, split_blocks
from sleepjerk.reading.source import Source, Text
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules

_SPARE_BYTES = 8  # a stamp may be longer than the first one (a fraction that was zero)
_STAMP_BYTES = "S40"
_STAMP = r"\d{1,4}[-.]\d{1,2}[-.]\d{1,4}[T ]+\d{1,2}:\d{2}:\d{2}"
_TOO_GREAT = 1e30  # beyond float32 a number can't be kept, and no sensor gives one
_HOLE, _TEXT = 1, 2  # what may be wrong with a row


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

    time: NDArray[Any] | None
    values: Samples
    lines: NDArray[np.int64] | None
    first_line: int
    damaged: int = 0
    missing: int = 0
    notes: tuple[str, ...] = ()

    def line(self, row: int) -> int:
        """Line number of a row."""
        return self.first_line + row if self.lines is None else int(self.lines[row])


@dataclass(frozen=True, slots=True)
class _Cells:
    """Times, values and what is wrong with each row: 0 nothing, 1 a hole, 2 text."""

    time: NDArray[Any] | None
    values: Samples
    causes: NDArray[np.int8]


def read_table(source: Source, layout: Layout, columns: Columns, rules: ReadingRules) -> Table:
    """Read the rows.

    Raises
    ------
    InputError
        More than a few rows are damaged, or no row holds a value.
    """
    if not source.packed and b"\n" in source.head:
        cells = _read_quickly(source.path, source, layout, columns, layout.first_row)
        if cells is not None and (source.whole_lines or len(cells.causes) > 1):
            return _as_table(cells, layout, torn=not source.whole_lines)
    text = source.read()
    if not text.spoilt and (source.packed or text.notes):
        # Unpacked, or with its end repaired, it may be whole.
        cells = _read_quickly(io.BytesIO(text.data), source, layout, columns, layout.first_row)
        if cells is not None:
            return replace(_as_table(cells, layout, torn=False), notes=text.notes)
    return _read_strictly(text, source, layout, columns, rules)


def _as_table(cells: _Cells, layout: Layout, *, torn: bool) -> Table:
    """Cells of a whole file, without the last row when its line has no end."""
    if not torn:
        return Table(cells.time, cells.values, None, layout.first_row + 1)
    time = None if cells.time is None else cells.time[:-1]
    note = "damage: the last line has no end and was left out"
    return Table(time, cells.values[:, :-1], None, layout.first_row + 1, notes=(note,))


def _read_quickly(file: Any, source: Source, layout: Layout, columns: Columns, skip: int) -> _Cells | None:
    """The whole of a file at once; None when any row is damaged."""
    plan = _plan(layout, columns)
    try:
        with warnings.catch_warnings():
            # A number that float32 can't hold becomes infinite, which is seen below.
            warnings.simplefilter("ignore", RuntimeWarning)
            # Nothing more may stand here: many another option silently turns off reading on all cores.
            frame = pd.read_csv(
                file,
                sep=r"\s+" if layout.separator == " " else layout.separator,
                decimal=layout.decimal,
                header=None,
                skiprows=skip,
                dtype=plan,
                encoding=source.encoding,
            )
    except (ValueError, OverflowError, MemoryError):  # pandas' ParserError is a ValueError
        return None
    if frame.shape[1] != len(plan) or len(frame) == 0:
        return None
    values = np.empty((3, len(frame)), dtype=np.float32)
    for axis, place in enumerate(columns.axes):
        values[axis] = frame[place]
    time = None if columns.time is None else frame[columns.time].to_numpy()
    if not np.isfinite(values).all() or (time is not None and not _is_whole(time)):
        return None
    return _Cells(time, values, np.zeros(len(frame), dtype=np.int8))


def _plan(layout: Layout, columns: Columns) -> dict[int, str]:
    """The type of each column: exact for times, half as exact for samples, one byte for what isn't needed."""
    plan = dict.fromkeys(range(len(layout.cells)), "S1")
    plan.update(dict.fromkeys(columns.axes, "f4"))
    if columns.time is not None:
        cell = layout.cells[columns.time]
        plan[columns.time] = f"S{len(cell) + _SPARE_BYTES}" if looks_like_stamp(cell) else "f8"
    return plan


def _is_whole(time: NDArray[Any]) -> bool:
    """Whether every time is there, and none was too long for its bytes."""
    if time.dtype.kind != "S":
        return bool(np.isfinite(time).all())
    signs = np.ascontiguousarray(time).view(np.uint8).reshape(len(time), time.dtype.itemsize)
    return not (signs[:, -1].any() or (signs[:, 0] == 0).any())


def _read_strictly(
    text: Text, source: Source, layout: Layout, columns: Columns, rules: ReadingRules
) -> Table:
    """Line by line: rows with too few or too many cells, text in numbers and holes are found and counted."""
    data, notes = text.data, list(text.notes)
    rows = find_rows(data, layout)
    if text.spoilt and len(rows.broken):
        data = cut_before(data, int(rows.broken[0]))
        rows = find_rows(data, layout)
    cells = _read_cells(rows, source, layout, columns)
    if cells is None:
        rows = find_rows(data, layout, quotes=False)
        cells = _read_cells(rows, source, layout, columns)
    assert cells is not None
    texts = rows.lines[cells.causes == _TEXT]
    holes = rows.lines[cells.causes == _HOLE]
    total = len(rows.lines) + len(rows.broken)
    if len(rows.broken) + len(texts):
        notes.append(_count_damage(data, rows.broken, texts, total, source, rules))
    if len(holes):
        notes.append(
            f"damage: {len(holes)} of {total} rows without values were left out, the first in line {holes[0]}"
        )
    good = cells.causes == 0
    if not good.any():
        raise InputError(
            f"{source.path}: none of its {total} rows holds a time and three numbers; there are no samples"
        )
    return Table(
        None if cells.time is None else cells.time[good],
        np.ascontiguousarray(cells.values[:, good]),
        rows.lines[good],
        layout.first_row + 1,
        len(rows.broken) + len(texts),
        len(holes),
        tuple(notes),
    )


def _count_damage(
    data: bytes,
    broken: NDArray[np.int64],
    texts: NDArray[np.int64],
    total: int,
    source: Source,
    rules: ReadingRules,
) -> str:
    """Say how many rows are damaged; refuse when they are many."""
    damaged = len(broken) + len(texts)
    found = [(int(line), "too few or too many cells") for line in broken[:1]]
    found += [(int(line), "text where a number or a time must stand") for line in texts[:1]]
    line, what = min(found)
    if damaged > rules.max_damaged_share * total:
        raise InputError(
            f"{source.path}, line {line}: {what} ({show_line(data, line, source.encoding)!r}), in "
            f"{damaged} of {total} rows; export the file again, or name the columns with --columns"
        )
    return f"damage: {damaged} of {total} rows were left out, the first in line {line} ({what})"


def _read_cells(rows: Rows, source: Source, layout: Layout, columns: Columns) -> _Cells | None:
    """All cells; a damaged row makes only its own block slow. None when a quote stays open."""
    parts = []
    for block in split_blocks(rows.body):
        part = _read_quickly(io.BytesIO(block), source, layout, columns, 0)
        if part is None or len(part.causes) != block.count(b"\n"):
            part = _read_texts(block, source, layout, columns)
        if part is None or len(part.causes) != block.count(b"\n"):
            return None
        parts.append(part)
    if not parts:
        return _Cells(None, np.empty((3, 0), dtype=np.float32), np.empty(0, dtype=np.int8))
    times = [part.time for part in parts if part.time is not None]
    return _Cells(
        np.concatenate(times) if times else None,
        np.concatenate([part.values for part in parts], axis=1),
        np.concatenate([part.causes for part in parts]),
    )


def _read_texts(block: bytes, source: Source, layout: Layout, columns: Columns) -> _Cells | None:
    """Cells read as text first, so that each can be judged; None when a quote stays open."""
    try:
        frame = pd.read_csv(
            io.BytesIO(block),
            sep=r"\s+" if layout.separator == " " else layout.separator,
            header=None,
            usecols=sorted({*columns.axes, *([] if columns.time is None else [columns.time])}),
            dtype=str,
            keep_default_na=False,
            encoding=source.encoding,
            encoding_errors="replace",
        )
    except pd.errors.ParserError:
        return None
    axes = [_numbers(frame[place], layout.decimal) for place in columns.axes]
    with np.errstate(over="ignore"):
        values = np.stack([numbers for numbers, _ in axes]).astype(np.float32)
    causes = np.max([why for _, why in axes], axis=0)
    time = None
    if columns.time is not None:
        time, why = _times(frame[columns.time], layout, columns.time)
        causes = np.maximum(causes, why)
    return _Cells(time, values, causes)


def _numbers(cells: "pd.Series[str]", decimal: str) -> tuple[Floats, NDArray[np.int8]]:
    """Numbers of a column, and what is wrong with each."""
    text = cells.str.strip()
    if decimal == ",":
        # A point in a number with a decimal comma would be a thousands separator: no number then.
        text = text.where(~text.str.contains(".", regex=False), "text").str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    absent = text.str.lower().isin(MISSING).to_numpy()
    usable = np.isfinite(numbers) & (np.abs(np.nan_to_num(numbers)) < _TOO_GREAT)
    return numbers, np.where(usable, 0, np.where(absent, _HOLE, _TEXT)).astype(np.int8)


def _times(cells: "pd.Series[str]", layout: Layout, place: int) -> tuple[Any, NDArray[np.int8]]:
    """Times of a column, and what is wrong with each."""
    if not looks_like_stamp(layout.cells[place]):
        return _numbers(cells, layout.decimal)
    text = cells.str.strip()
    stamps = text.str.encode("latin-1", "replace").to_numpy().astype(_STAMP_BYTES)
    looks = text.str.match(_STAMP).to_numpy(dtype=bool)
    return stamps, np.where(looks, 0, _TEXT).astype(np.int8)
