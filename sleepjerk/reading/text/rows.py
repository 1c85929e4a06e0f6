"""The rows of a text -> a table, with damage found, counted and named by line.

Knows rows and blocks of them. Must not know what a cell looks like (`cells`) or what the columns mean.

The text is read in blocks, each by one thread, so that no more than a few blocks are ever held as text, and what is
read of it takes a third of that. Only where a block is damaged are its lines looked at one by one (still
in arrays, never a Python loop over samples), so that each damaged row can be named.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import TextStamps, align_stamps
from sleepjerk.reading.layout import Columns, Layout
from sleepjerk.reading.seek import Seeker
from sleepjerk.reading.source import Source, Text, line_ends
from sleepjerk.reading.table import Table, Times, some_times
from sleepjerk.reading.text.cells import HOLE, TEXT, Cells, Reader, read_quickly, read_rows
from sleepjerk.reading.text.lines import find_rows, show_line
from sleepjerk.reading.text.seek import TextSeeker
from sleepjerk.recording import Samples
from sleepjerk.rules import ReadingRules
from sleepjerk.runtime import on_all_cores


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


@dataclass(frozen=True, slots=True)
class TextRows:
    """The rows of a text, found by their bytes.

    Attributes
    ----------
    begin
        Where they begin.
    layout, columns
        What stands where in a line.
    """

    text: Text
    begin: int
    source: Source
    layout: Layout
    columns: Columns
    rules: ReadingRules

    @classmethod
    @contextmanager
    def opened(
        cls, source: Source, layout: Layout, columns: Columns, rules: ReadingRules
    ) -> Iterator["TextRows"]:
        """Those of a source, as long as its text is open."""
        with closing(source.lines()) as text:
            yield cls(text, text.skip_lines(layout.first_row), source, layout, columns, rules)

    @property
    def end(self) -> int:
        """Where they end."""
        return self.text.end

    def seeker(self, *, unit_s: float = 1.0, rate_hz: float | None = None) -> Seeker:
        """Finds lines by their times, or by counting them."""
        return TextSeeker(self.text, self.begin, self._sound_rows, unit_s, rate_hz)

    def read(self, begin: int, end: int) -> Table:
        """The rows of some whole lines.

        Raises
        ------
        InputError
            More than a few rows are damaged, or no row holds a value.
        """
        reader = self._reader

        def read(block: tuple[int, int]) -> _Block:
            return _read_block(self.text.read(*block), reader)

        def first_line() -> int:
            return self.layout.first_row + 1 + self.text.count_lines(self.begin, begin)

        with warnings.catch_warnings():
            # A number that float32 can't hold becomes infinite, which is seen.
            warnings.simplefilter("ignore", RuntimeWarning)
            blocks = on_all_cores(read, self.text.blocks(begin, end))
        if self.text.spoilt:
            blocks = _before_damage(blocks)
        if not blocks or not all(block.whole for block in blocks):
            return _leave_out_damage(blocks, self.text, self.source, self.rules, first_line)
        cells = _join([block.cells for block in blocks])
        return Table(cells.time, cells.values, None, first_line, notes=self.text.notes)

    @property
    def _reader(self) -> Reader:
        return Reader(self.source.encoding, self.layout, self.columns, self.rules)

    def _sound_rows(self, data: bytes) -> tuple[Times | None, Samples]:
        """Times and values of some whole lines; what is damaged is left out, uncounted."""
        block = _read_block(data, self._reader)
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
    time: Times | None = np.concatenate(numbers) if numbers else None
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
    return Cells(
        some_times(cells.time, kept), np.ascontiguousarray(cells.values[:, kept]), cells.causes[kept]
    )


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
