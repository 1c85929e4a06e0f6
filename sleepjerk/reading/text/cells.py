"""Some whole lines of a table -> times and values, and what is wrong with each row.

Knows cells, numbers and stamps. Must not know other lines, files, or what the columns mean beyond "one time, three
axes". The quick way is pandas; only where that fails or leaves a hole is each cell judged as text.
"""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.reading.iso import TextStamps, decode_stamps, whole_words
from sleepjerk.reading.layout import MISSING, Layout
from sleepjerk.reading.roles import Columns
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules

_SPARE_BYTES = 8  # a stamp may be longer than the first one (a fraction that was zero)
_STAMP_BYTES = "S64"
_STAMP = r"\d{1,4}[-.]\d{1,2}[-.]\d{1,4}[T ]+\d{1,2}:\d{2}:\d{2}"
_TOO_GREAT = 1e30  # plain: beyond float32 a number can't be kept, and no sensor gives one
HOLE, TEXT, ANOTHER = 1, 2, 3  # what may be wrong with a row, or that it is of a sensor that isn't wanted


@dataclass(frozen=True, slots=True)
class Cells:
    """Times, values and what is wrong with each row: 0 nothing, 1 a hole, 2 text, 3 it is another sensor's."""

    time: Floats | TextStamps | None
    values: Samples
    causes: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Reader:
    """How the cells of this file are written."""

    encoding: str
    layout: Layout
    columns: Columns
    rules: ReadingRules

    @property
    def stamp(self) -> str | None:
        """The first time, where times are written as text."""
        columns = self.columns
        if columns.time is None or columns.form is None:
            return None
        cell = self.layout.cells[columns.time]
        return cell if columns.date is None else f"{self.layout.cells[columns.date]} {cell}"

    def plain(self, data: bytes) -> bytes:
        """Some lines with decimal points, and without marks at their ends."""
        if self.layout.tail:
            mark = self.layout.tail.encode()
            data = data.replace(mark + b"\r\n", b"\n").replace(mark + b"\n", b"\n")
        return data.replace(b",", b".") if self.translates else data

    @property
    def translates(self) -> bool:
        """Whether commas can be points, so that a time and the samples may be written either way."""
        return self.layout.decimal == "," and self.layout.separator != ","

    @property
    def decimal(self) -> str:
        """The decimal sign in what `plain` gives."""
        return "." if self.translates else self.layout.decimal


def read_quickly(data: bytes, count: int, reader: Reader, *, holes: bool = False) -> Cells | None:
    """So many rows without text where a number must stand, and without holes unless those are looked for; else None."""
    layout, columns = reader.layout, reader.columns
    plan = _plan(reader)
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=r"\s+" if layout.separator == " " else layout.separator,
            decimal=reader.decimal,
            header=None,
            dtype=plan,
            encoding=reader.encoding,
            na_filter=holes,  # else a hole is no number: a third of the time would go into looking for them
            na_values=sorted(MISSING),
            keep_default_na=False,
        )
    except (ValueError, OverflowError, MemoryError):  # pandas' ParserError is a ValueError
        return None
    if frame.shape[1] != len(plan) or len(frame) != count:
        return None
    values = np.empty((3, len(frame)), dtype=np.float32)
    for axis, place in enumerate(columns.axes):
        values[axis] = frame[place].to_numpy()
    if columns.gravity is not None:
        for axis, place in enumerate(columns.gravity):
            values[axis] += frame[place].to_numpy()
    time: Any = None if columns.time is None else frame[columns.time].to_numpy()
    if time is not None and columns.date is not None:
        time = np.strings.add(
            np.strings.add(frame[columns.date].to_numpy().astype("S"), b" "), time.astype("S")
        )
        time = time.astype(_stamp_type(reader.stamp))
    causes = np.zeros(len(frame), dtype=np.int8)
    if holes:
        lost = np.isnan(values).any(axis=0)
        if time is not None and reader.stamp is None:
            lost |= np.isnan(time)
            time = np.where(lost, 0.0, time)
        values[:, lost], causes[lost] = 0.0, HOLE
    if columns.only is not None:
        place, value = columns.only
        causes[frame[place].to_numpy().astype("S") != value.encode(reader.encoding)] = ANOTHER
    if not np.isfinite(values).all() or (time is not None and not _is_whole(time, reader.stamp)):
        return None
    if reader.stamp is not None:
        time = decode_stamps(time, reader.rules, columns.form)
    return Cells(time, values, causes)


def _plan(reader: Reader) -> dict[int, str]:
    """The type of each column: exact for times, half as exact for samples, one byte for what isn't needed."""
    plan = dict.fromkeys(range(len(reader.layout.cells)), "S1")
    columns = reader.columns
    plan.update(dict.fromkeys((*columns.axes, *(columns.gravity or ())), "f4"))
    if columns.only is not None:
        plan[columns.only[0]] = f"S{len(columns.only[1].encode(reader.encoding)) + 1}"
    if columns.time is not None:
        plan[columns.time] = "f8" if reader.stamp is None else _stamp_type(reader.stamp)
    if columns.date is not None:
        plan[columns.date] = _stamp_type(reader.layout.cells[columns.date])
    return plan


def _stamp_type(stamp: str | None) -> str:
    return f"S{whole_words(len(stamp or '') + _SPARE_BYTES)}"


def _is_whole(time: NDArray[Any], stamp: str | None) -> bool:
    """Whether every time is there, and no stamp longer than it may be."""
    if stamp is None:
        return bool(np.isfinite(time).all())
    signs = np.ascontiguousarray(time).view(np.uint8).reshape(len(time), time.dtype.itemsize)
    return not (signs[:, len(stamp) + _SPARE_BYTES - 1].any() or (signs[:, 0] == 0).any())


def read_texts(body: bytes, count: int, reader: Reader) -> Cells | None:
    """So many rows, cells read as text first, so that each can be judged; None when a quote stays open."""
    layout, columns = reader.layout, reader.columns
    if count == 0:
        return Cells(None, np.empty((3, 0), dtype=np.float32), np.empty(0, dtype=np.int8))
    try:
        frame = pd.read_csv(
            io.BytesIO(body),
            sep=r"\s+" if layout.separator == " " else layout.separator,
            header=None,
            usecols=sorted(columns.places),
            dtype=str,
            keep_default_na=False,
            encoding=reader.encoding,
            encoding_errors="replace",
        )
    except pd.errors.ParserError:
        return None
    if len(frame) != count:
        return None
    axes = [_numbers(frame[place], reader.decimal) for place in (*columns.axes, *(columns.gravity or ()))]
    with np.errstate(over="ignore"):
        values = (
            np.stack([numbers for numbers, _ in axes])
            .astype(np.float32)
            .reshape(-1, 3, len(frame))
            .sum(axis=0)
        )
    causes = np.max([why for _, why in axes], axis=0)
    time = None
    if columns.time is not None:
        cells = frame[columns.time]
        if columns.date is not None:
            cells = frame[columns.date].str.strip() + " " + cells.str.strip()
        time, why = _times(cells, reader)
        causes = np.maximum(causes, why)
    if columns.only is not None:
        place, value = columns.only
        causes = np.where(frame[place].str.strip() == value, causes, ANOTHER).astype(np.int8)
    return Cells(time, values, causes)


def _numbers(cells: "pd.Series[str]", decimal: str) -> tuple[Floats, NDArray[np.int8]]:
    """Numbers of a column, and what is wrong with each."""
    text = cells.str.strip()
    if decimal == ",":
        # A point in a number with a decimal comma would be a thousands separator: no number then.
        text = text.where(~text.str.contains(".", regex=False), "text").str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    absent = text.str.lower().isin(MISSING).to_numpy()
    usable = np.isfinite(numbers) & (np.abs(np.nan_to_num(numbers)) < _TOO_GREAT)
    return numbers, np.where(usable, 0, np.where(absent, HOLE, TEXT)).astype(np.int8)


def _times(cells: "pd.Series[str]", reader: Reader) -> tuple[Any, NDArray[np.int8]]:
    """Times of a column, and what is wrong with each."""
    form = reader.columns.form
    if form is None:
        return _numbers(cells, reader.decimal)
    text = cells.str.strip()
    stamps = text.str.encode("latin-1", "replace").to_numpy().astype(_STAMP_BYTES)
    decoded = decode_stamps(stamps, reader.rules, form)
    looks = text.str.match(_STAMP).to_numpy(dtype=bool) if form.plain else np.isfinite(decoded.seconds)
    return decoded, np.where(looks, 0, TEXT).astype(np.int8)
