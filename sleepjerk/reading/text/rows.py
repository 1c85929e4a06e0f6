"""The rows of a text -> a table, with damage found, counted and named by line.

Knows rows and blocks of them. Must not know what a cell looks like (`cells`) or what the columns mean.

The text is read in blocks, each by one thread, so that no more than a few blocks are ever held as text, and what is
read of it takes a third of that. Only around damage are lines looked at one by one (still in arrays, never a Python
loop over samples), so that each damaged row can be named.
"""

import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import TextStamps, align_stamps
from sleepjerk.reading.layout import Layout
from sleepjerk.reading.roles import Columns
from sleepjerk.reading.seek import Seeker
from sleepjerk.reading.source import Source, Text, line_ends
from sleepjerk.reading.table import Table, Times, some_times
from sleepjerk.reading.text.cells import ANOTHER, HOLE, TEXT, Cells, Reader, read_quickly, read_texts
from sleepjerk.reading.text.lines import find_rows, show_line
from sleepjerk.reading.text.seek import TextSeeker
from sleepjerk.recording import Samples
from sleepjerk.rules import ReadingRules
from sleepjerk.runtime import on_all_cores

_NO_LINES = np.empty(0, dtype=np.int64)
_FEW_LINES = 1000  # plain: of so many each cell may be judged as text, which takes ten times as long
_PARTS = 16  # plain: in which the lines around damage are read again


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of some lines, which are counted from 0 within the block.

    `lines` and `broken` are those with rows (None where each line is a sound one) and those with too few or too many
    cells; `shown` is the first one that is damaged.
    """

    cells: Cells
    line_count: int
    lines: NDArray[np.int64] | None = None
    broken: NDArray[np.int64] = field(default_factory=lambda: _NO_LINES)
    shown: str = ""

    def row_lines(self) -> NDArray[np.int64]:
        """(n,) the lines of the rows."""
        return np.arange(self.line_count) if self.lines is None else self.lines

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

    `begin` is where they begin, and `columns` which of the cells of a line are times and axes.
    """

    text: Text
    begin: int
    source: Source
    layout: Layout
    columns: Columns
    rules: ReadingRules

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

        def read(block: tuple[int, int]) -> list[_Block]:
            return _read_lines(reader.plain(self.text.read(*block)), reader)

        def first_line() -> int:
            return self.layout.first_row + 1 + self.text.count_lines(self.begin, begin)

        with warnings.catch_warnings():
            # A number that float32 can't hold becomes infinite, which is seen.
            warnings.simplefilter("ignore", RuntimeWarning)
            found = on_all_cores(read, self.text.blocks(begin, end))
        blocks = [block for some in found for block in some]
        if self.text.spoilt:
            blocks = _before_damage(blocks)
        if not blocks or self.columns.only or any(block.lines is not None for block in blocks):
            return self._leave_out_damage(blocks, first_line)
        cells = _join([block.cells for block in blocks])
        return Table(cells.time, cells.values, None, first_line, notes=self.text.notes)

    def _leave_out_damage(self, blocks: list[_Block], first_line: Callable[[], int]) -> Table:
        """The sound rows of all blocks; what was wrong with the others is counted and named."""
        starts = np.cumsum([0, *(block.line_count for block in blocks)])
        each = list(zip(blocks, starts, strict=False))
        causes = np.concatenate([_NO_LINES, *(block.cells.causes for block in blocks)])
        lines = np.concatenate([_NO_LINES, *(block.row_lines() + start for block, start in each)])
        broken = np.concatenate([_NO_LINES, *(block.broken + start for block, start in each)])
        ours = int((causes != ANOTHER).sum())
        if self.columns.only and not ours:
            raise InputError(f"{self.source.path}: none of its rows is of {self.columns.only[1]!r}")
        total, holes = ours + len(broken), lines[causes == HOLE]
        damaged = np.concatenate([broken, lines[causes == TEXT]])
        notes = list(self.text.notes)
        if len(damaged):
            first = int(damaged.min())
            what = (
                "too few or too many cells" if first in broken else "text where a number or a time must stand"
            )
            line = first_line() + first
            if len(damaged) > self.rules.max_damaged_share * total:
                shown = blocks[int(np.searchsorted(starts, first, side="right")) - 1].shown
                raise InputError(
                    f"{self.source.path}, line {line}: {what} ({shown!r}), in {len(damaged)} of {total} rows; "
                    "export the file again, or name the columns with --columns (X,Y,Z and --rate HZ, if it is the time)"
                )
            notes.append(
                f"damage: {len(damaged)} of {total} rows were left out, the first in line {line} ({what})"
            )
        if len(holes):
            notes.append(
                f"damage: {len(holes)} of {total} rows without values were left out, the first in line "
                f"{first_line() + int(holes[0])}"
            )
        sound = [block.cells for block in blocks if (block.cells.causes == 0).any()]
        if not sound:
            raise InputError(
                f"{self.source.path}: none of its {total} rows holds a time and three numbers; there are no samples"
            )
        cells = _join([_only(some, some.causes == 0) for some in sound])
        left_out = len(damaged) + len(holes)
        if self.columns.time is None:  # rows are counted, but not those of another sensor
            lines = np.cumsum(causes != ANOTHER) - 1 if self.columns.only else lines
        return Table(cells.time, cells.values, lines[causes == 0], first_line, left_out, tuple(notes))

    @property
    def _reader(self) -> Reader:
        return Reader(self.source.encoding, self.layout, self.columns, self.rules)

    def _sound_rows(self, data: bytes) -> tuple[Times | None, Samples]:
        """Times and values of some whole lines; what is damaged is left out, uncounted."""
        reader = self._reader
        cells = _join([block.cells for block in _read_lines(reader.plain(data), reader)])
        sound = _only(cells, cells.causes == 0)
        return sound.time, sound.values


def _before_damage(blocks: list[_Block]) -> list[_Block]:
    """What comes before the first line that is no row."""
    for number, block in enumerate(blocks):
        if len(block.broken):
            return [*blocks[:number], block.before(int(block.broken[0]))]
    return blocks


def _join(parts: list[Cells]) -> Cells:
    numbers = [part.time for part in parts if isinstance(part.time, np.ndarray)]
    stamps = [part.time for part in parts if isinstance(part.time, TextStamps)]
    time: Times | None = np.concatenate(numbers) if numbers else None
    if stamps:
        day, zone_s = align_stamps(stamps)
        time = TextStamps(day, np.concatenate([part.seconds for part in stamps]), zone_s, stamps[0].dated)
    causes = np.concatenate([part.causes for part in parts])
    return Cells(time, np.concatenate([part.values for part in parts], axis=1), causes)


def _only(cells: Cells, kept: NDArray[np.bool_]) -> Cells:
    return Cells(
        some_times(cells.time, kept), np.ascontiguousarray(cells.values[:, kept]), cells.causes[kept]
    )


def _read_lines(data: bytes, reader: Reader) -> list[_Block]:
    """Some whole lines, at once where they are sound; around a damaged cell in ever fewer, until it can be judged."""
    count = line_ends(data)
    cells = read_quickly(data, count, reader)
    if cells is not None:
        return [_Block(cells, count)]
    rows = find_rows(data, reader.layout)
    cells = read_quickly(rows.body, len(rows.lines), reader, holes=True)
    if cells is None and count > _FEW_LINES:
        return [block for part in _parts(data) for block in _read_lines(part, reader)]
    cells = cells or read_texts(rows.body, len(rows.lines), reader)
    if cells is None:
        rows = find_rows(data, reader.layout, quotes=False)
        cells = read_texts(rows.body, len(rows.lines), reader)
    assert cells is not None
    block = _Block(cells, count, rows.lines, rows.broken)
    odd = np.concatenate([rows.broken[:1], block.text_lines()[:1]])
    return [replace(block, shown=show_line(data, int(odd.min()), reader.encoding)) if len(odd) else block]


def _parts(data: bytes) -> list[bytes]:
    """The same lines in some parts."""
    places = {data.rfind(b"\n", 0, len(data) * part // _PARTS) + 1 for part in range(_PARTS)}
    return [data[begin:end] for begin, end in itertools.pairwise(sorted(places | {len(data)}))]
