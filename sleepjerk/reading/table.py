"""The rows of a table -> arrays, with damage found, counted and named by line.

Knows rows and blocks of them. Must not know what a cell looks like (`cells`) or what the columns mean.

The text is read in blocks, each by one thread, so that no more than a few blocks are ever held as text, and what is
read of it takes a third of that. Only where a block is damaged are its lines looked at one by one (still
in arrays, never a Python loop over samples), so that each damaged row can be named.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.cells import HOLE, TEXT, Cells, Reader, read_quickly, read_rows
from sleepjerk.reading.iso import TextStamps, align_stamps
from sleepjerk.reading.layout import Columns, Layout
from sleepjerk.reading.rows import find_rows, show_line
from sleepjerk.reading.source import Source, Text, line_ends
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules
from sleepjerk.runtime import on_all_cores


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
        Rows that could not be read.
    missing
        Rows without values, as programs write them that know of a loss.
    notes
        What was left out, in words.
    """

    time: Floats | TextStamps | None
    values: Samples
    lines: NDArray[np.int64] | None
    first_line: Callable[[], int]
    damaged: int = 0
    missing: int = 0
    notes: tuple[str, ...] = ()

    def line(self, row: int) -> int:
        """Line number of a row, from 1."""
        return self.first_line() + (row if self.lines is None else int(self.lines[row]))

    def only(self, kept: NDArray[np.bool_] | slice) -> "Table":
        """Some of the rows; the counts of damage stay those of all."""
        lines = np.arange(self.values.shape[1]) if self.lines is None else self.lines
        values = np.ascontiguousarray(self.values[:, kept])
        return replace(self, time=_some(self.time, kept), values=values, lines=lines[kept])


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of some lines, which are counted from 0 within the block.

    `lines` and `broken` are those with rows and those that are damaged; None when each line is a sound row.
    """

    cells: Cells
    line_count: int
    lines: NDArray[np.int64] | None = None
    broken: NDArray[np.int64] | None = None
    shown: str = ""

    @property
    def whole(self) -> bool:
        """Whether each line is a row without damage."""
        return self.lines is None

    def row_lines(self) -> NDArray[np.int64]:
        """(n,) the lines of the rows."""
        return np.arange(self.line_count) if self.lines is None else self.lines

    def broken_lines(self) -> NDArray[np.int64]:
        """(k,) lines with too few or too many cells."""
        return np.empty(0, dtype=np.int64) if self.broken is None else self.broken

    def text_lines(self) -> NDArray[np.int64]:
        """(k,) lines with text where a number must stand."""
        return np.asarray(self.row_lines()[self.cells.causes == TEXT])

    def before(self, line: int) -> "_Block":
        """The rows of the lines before a line."""
        lines = self.row_lines()
        return _Block(_only(self.cells, lines < line), line, lines[lines < line])


def read_table(
    text: Text,
    span: tuple[int, int],
    source: Source,
    layout: Layout,
    columns: Columns,
    rules: ReadingRules,
    first_line: Callable[[], int],
) -> Table:
    """Read rows.

    Parameters
    ----------
    span
        Where they begin and end in the text, in bytes.
    first_line
        Tells the number of the first of their lines.

    Raises
    ------
    InputError
        More than a few rows are damaged, or no row holds a value.
    """
    reader = Reader(source.encoding, layout, columns)

    def read(block: tuple[int, int]) -> _Block:
        return _read_block(text.read(*block), reader)

    with warnings.catch_warnings():
        # A number that float32 can't hold becomes infinite, which is seen.
        warnings.simplefilter("ignore", RuntimeWarning)
        blocks = on_all_cores(read, text.blocks(*span))
    if text.spoilt:
        blocks = _before_damage(blocks)
    if not blocks or not all(block.whole for block in blocks):
        return _leave_out_damage(blocks, text, source, rules, first_line)
    cells = _join([block.cells for block in blocks])
    return Table(cells.time, cells.values, None, first_line, notes=text.notes)


def read_sound_rows(
    data: bytes, source: Source, layout: Layout, columns: Columns
) -> tuple[Floats | TextStamps | None, Samples]:
    """Times and values of some whole lines; what is damaged is left out, uncounted."""
    block = _read_block(data, Reader(source.encoding, layout, columns))
    sound = _only(block.cells, block.cells.causes == 0)
    return sound.time, sound.values


def _before_damage(blocks: list[_Block]) -> list[_Block]:
    """What comes before the first line that is no row."""
    for number, block in enumerate(blocks):
        if len(broken := block.broken_lines()):
            return [*blocks[:number], block.before(int(broken[0]))]
    return blocks


def _join(parts: list[Cells]) -> Cells:
    numbers = [part.time for part in parts if isinstance(part.time, np.ndarray)]
    stamps = [part.time for part in parts if isinstance(part.time, TextStamps)]
    time: Floats | TextStamps | None = np.concatenate(numbers) if numbers else None
    if stamps:
        day, zone_s = align_stamps(stamps)
        time = TextStamps(day, np.concatenate([part.seconds for part in stamps]), zone_s)
    causes = np.concatenate([part.causes for part in parts])
    values = np.empty((3, len(causes)), dtype=np.float32)
    ends = np.cumsum([len(part.causes) for part in parts]).tolist()

    def fill(number: int) -> None:
        part = parts[number].values
        values[:, ends[number] - part.shape[1] : ends[number]] = part

    on_all_cores(fill, range(len(parts)))
    return Cells(time, values, causes)


def _only(cells: Cells, kept: NDArray[np.bool_]) -> Cells:
    return Cells(_some(cells.time, kept), np.ascontiguousarray(cells.values[:, kept]), cells.causes[kept])


def _some(time: Floats | TextStamps | None, kept: NDArray[np.bool_] | slice) -> Floats | TextStamps | None:
    if isinstance(time, TextStamps):
        return replace(time, seconds=time.seconds[kept])
    return None if time is None else time[kept]


def _read_block(data: bytes, reader: Reader) -> _Block:
    """Some whole lines, at once where they are sound."""
    count = line_ends(data)
    cells = read_quickly(data, reader)
    if cells is not None and len(cells.causes) == count:
        return _Block(cells, count)
    rows = find_rows(data, reader.layout)
    cells = read_rows(rows.body, reader)
    if cells is None:
        rows = find_rows(data, reader.layout, quotes=False)
        cells = read_rows(rows.body, reader)
    assert cells is not None
    block = _Block(cells, count, rows.lines, rows.broken)
    odd = np.concatenate([rows.broken[:1], block.text_lines()[:1]])
    return replace(block, shown=show_line(data, int(odd.min()), reader.encoding)) if len(odd) else block


def _leave_out_damage(
    blocks: list[_Block], text: Text, source: Source, rules: ReadingRules, first_line: Callable[[], int]
) -> Table:
    """The sound rows of all blocks; what was wrong with the others is counted and named."""
    starts = np.cumsum([0, *(block.line_count for block in blocks)]).tolist()
    broken = sum(len(block.broken_lines()) for block in blocks)
    total = broken + sum(len(block.cells.causes) for block in blocks)
    damaged = broken + sum(len(block.text_lines()) for block in blocks)
    holes = [
        start + line
        for block, start in zip(blocks, starts, strict=False)
        for line in block.row_lines()[block.cells.causes == HOLE].tolist()
    ]
    notes = list(text.notes)
    if damaged:
        notes.append(_count_damage(blocks, starts, damaged, total, source, rules, first_line))
    if holes:
        notes.append(
            f"damage: {len(holes)} of {total} rows without values were left out, the first in line "
            f"{first_line() + holes[0]}"
        )
    sound = [block for block in blocks if (block.cells.causes == 0).any()]
    if not sound:
        raise InputError(
            f"{source.path}: none of its {total} rows holds a time and three numbers; there are no samples"
        )
    cells = _join([_only(block.cells, block.cells.causes == 0) for block in sound])
    lines = np.concatenate(
        [
            block.row_lines()[block.cells.causes == 0] + start
            for block, start in zip(blocks, starts, strict=False)
        ]
    )
    return Table(cells.time, cells.values, lines, first_line, damaged, len(holes), tuple(notes))


def _count_damage(
    blocks: list[_Block],
    starts: list[int],
    damaged: int,
    total: int,
    source: Source,
    rules: ReadingRules,
    first_line: Callable[[], int],
) -> str:
    """Say how many rows are damaged; refuse when they are many."""
    block, start = next(
        (block, start)
        for block, start in zip(blocks, starts, strict=False)
        if len(block.broken_lines()) + len(block.text_lines())
    )
    found = [(int(line), "too few or too many cells") for line in block.broken_lines()[:1]]
    found += [(int(line), "text where a number or a time must stand") for line in block.text_lines()[:1]]
    place, what = min(found)
    line = first_line() + start + place
    if damaged > rules.max_damaged_share * total:
        raise InputError(
            f"{source.path}, line {line}: {what} ({block.shown!r}), in "
            f"{damaged} of {total} rows; export the file again, or name the columns with --columns"
        )
    return f"damage: {damaged} of {total} rows were left out, the first in line {line} ({what})"
