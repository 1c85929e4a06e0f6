"""How is this table written? Separator, decimal sign, where the header ends, what the columns are called.

Knows text. Must not know samples, or what a name means (`names`): it sees only the first lines.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import looks_like_stamp
from sleepjerk.reading.names import bare_unit, is_units_row, time_unit_of
from sleepjerk.rules import ReadingRules

_SEPARATORS = ("\t", ";", ",", " ")
_NUMBER = {
    ".": re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"),
    ",": re.compile(r"[-+]?(\d+,?\d*|,\d+)([eE][-+]?\d+)?"),
}
_NO_NUMBER = frozenset({"nan", "na", "n/a", "null", "none", "<na>", "-nan"})
MISSING = _NO_NUMBER | {""}
_SPREADSHEET_NUMBER = re.compile(r"\d([.,]\d{1,5})?E\+\d{2}")  # phyphox writes nine decimals
_SPREADSHEET_TIME = re.compile(r"\d{1,2}:\d{2}[.,]\d")
_LATER_LINES = 5  # plain: looked at beside a first row
_HEAD_ROWS = 500  # plain: from which it is told what the columns hold
_COMMENTS = ("#", "//")
_TAIL = re.compile(r"[-+]?[\d.,]*\d(?:[eE][-+]?\d+)?([;,|]+)")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written.

    Attributes
    ----------
    separator, decimal
        One character each; a blank stands for any number of blanks.
    first_row
        Lines before the first row of samples.
    names
        The column names, "" where there is no header.
    cells
        The first row of samples, cut into cells.
    has_header
        Whether the names come from the file.
    banner
        Lines before the header.
    units
        What a row of units below the names says, "" where there is none.
    head
        The first rows, cut into cells.
    tail
        A mark that ends each line beside its last number; "" for none.
    """

    separator: str
    decimal: str
    first_row: int
    names: tuple[str, ...]
    cells: tuple[str, ...]
    has_header: bool
    banner: int
    units: tuple[str, ...] = ()
    head: tuple[tuple[str, ...], ...] = ()
    tail: str = ""

    def unit_below(self, place: int) -> str:
        """What the row of units says of a column; "" where there is none."""
        return bare_unit(self.units[place]) if self.units else ""

    def shown(self, places: Sequence[int]) -> str:
        """Columns by their names, or by their numbers."""
        return ", ".join(self.names[place] or f"column {place + 1}" for place in places)


def find_layout(path: Path, text: str, rules: ReadingRules) -> Layout:
    """Find the first row of numbers, and the header before it.

    Raises
    ------
    InputError
        No row holds three numbers, or the table is one that a spreadsheet has spoilt.
    """
    lines = text.split("\n")
    whole = lines[:-1] if len(lines) > 1 else lines
    for number, line in enumerate(whole[: rules.header_lines]):
        if not line.strip() or line.startswith(_COMMENTS):
            continue
        later = [row for row in whole[number + 1 : number + 1 + _HEAD_ROWS] if row.strip()]
        written = _written_how(line, later)
        if written is None:
            continue
        separator, decimal, cells = written
        head = [cells, *(split_cells(row, separator) for row in later)]
        names, units = _header(path, whole[:number], separator, cells, {len(row) for row in head})
        tail = _tail([row for row in head if len(row) == len(cells)])
        if tail:
            head = [(*row[:-1], row[-1].removesuffix(tail)) for row in head if row]
        _refuse_spreadsheet(path, number + 1, head[0], names)
        before = sum(bool(row.strip()) for row in whole[:number])
        return Layout(
            separator=separator,
            decimal=decimal,
            first_row=number,
            names=names or ("",) * len(cells),
            cells=head[0],
            has_header=names is not None,
            banner=before - (names is not None) - bool(units),
            units=units,
            head=tuple(row for row in head if len(row) == len(cells)),
            tail=tail,
        )
    filled = sum(bool(line.strip()) for line in whole)
    if filled < 2:
        raise InputError(f"{path}: there are no samples, only {filled} line; at least two rows are needed")
    raise InputError(
        f"{path}: no line holds three numbers, so there are no samples; give a table of time, x, y, z"
    )


def split_cells(line: str, separator: str) -> tuple[str, ...]:
    """One line, cut into cells, quotes and blanks around them taken off."""
    if separator == " ":
        return tuple(line.split())
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return ()
    return tuple(cell.strip() for cell in cells)


def _written_how(line: str, later: Sequence[str]) -> tuple[str, str, tuple[str, ...]] | None:
    """Separator, decimal sign and cells of a row of samples; None when the line is no such row."""
    for separator in _SEPARATORS:
        if separator == " " and any(mark in line for mark in "\t;,"):
            continue
        cells = split_cells(line, separator)
        # A decimal comma between commas stands between quotes, too.
        decimals = ".," if separator != "," or '"' in line else "."
        if _numbers(cells, decimals) < 3:
            continue
        if _is_start(cells[0], decimals) or _goes_on(len(cells), later[:_LATER_LINES], separator, decimals):
            return separator, _decimal([line, *later], separator, decimals), cells
    return None


def _is_number(cell: str, decimals: str) -> bool:
    return any(_NUMBER[decimal].fullmatch(cell) is not None for decimal in decimals)


def _numbers(cells: Sequence[str], decimals: str) -> int:
    """How many of them are numbers, or stand for one that is missing; the last may have a mark behind it."""
    return sum(
        _is_number(cell, decimals) or cell.lower() in _NO_NUMBER or bool(_TAIL.fullmatch(cell))
        for cell in cells
    )


def _goes_on(count: int, later: Sequence[str], separator: str, decimals: str) -> bool:
    """Whether the next lines are such rows, too: then one may begin with a text."""
    rows = [split_cells(row, separator) for row in later]
    return len(rows) > 1 and all(len(row) == count and _numbers(row, decimals) >= 3 for row in rows[:2])


def _is_start(cell: str, decimals: str) -> bool:
    """Whether a row of samples may begin like this: a number, a time, or nothing."""
    return _is_number(cell, decimals) or looks_like_stamp(cell) or cell.lower() in MISSING or ":" in cell


def _decimal(lines: Sequence[str], separator: str, decimals: str) -> str:
    """Whole numbers fit both signs, and a time may be written with another one than the samples: look on."""
    if "," not in decimals:
        return "."
    comma, point = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?"), re.compile(r"[-+]?\d*\.\d+([eE][-+]?\d+)?")
    for line in lines:
        cells = split_cells(line, separator)
        if any(comma.fullmatch(cell) for cell in cells):
            return ","
        if sum(bool(point.fullmatch(cell)) for cell in cells) >= 3:
            return "."
    return "."


def _tail(head: Sequence[tuple[str, ...]]) -> str:
    """A mark behind the last number of each row."""
    marks = {match[1] if (match := _TAIL.fullmatch(row[-1])) else "" for row in head[1:]}
    return marks.pop() if len(marks) == 1 else ""


def _header(
    path: Path, before: Sequence[str], separator: str, cells: tuple[str, ...], lengths: set[int]
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The names in the last line before the samples that fits their cells and has words in it, and units below them."""
    units: tuple[str, ...] = ()
    count = len(cells)
    for line in reversed([row for row in before if row.strip()][-4:]):
        bare = line.lstrip("#/ ") if line.startswith(_COMMENTS) else line
        names = split_cells(bare, separator)
        if separator == " " and len(names) != count:
            names = split_cells(bare, ",")
        wordy = sum(any(sign.isalpha() for sign in name) for name in names)
        # Names don't begin with a number: that is a damaged row of samples, and the names are further up.
        if wordy >= 3 and not _is_number(names[0], "."):
            fitted = _fit(names, cells, lengths)
            if fitted is not None and not units and is_units_row(names):
                units = fitted
                continue
            if fitted is not None:
                return fitted, units
        if wordy >= 3 and separator == "," and count >= 2 * len(names) - 1 > 4:
            raise InputError(
                f"{path}, line {len(before) + 1}: {count} cells under {len(names)} names; decimal commas "
                "can't be told from separating commas, so save it with ';' between the columns"
            )
    return (units or None), ()


def _fit(names: tuple[str, ...], cells: tuple[str, ...], lengths: set[int]) -> tuple[str, ...] | None:
    """Names for each cell: R leaves out that of the row's name, others separate once more behind the last one."""
    if len(names) == len(cells):
        return names
    if len(names) == len(cells) - 1:
        return (*names, "") if cells[-1] == "" else ("", *names)
    # Rows of markers, which only some lines are, may have more cells than those of samples.
    return names[: len(cells)] if len(names) > len(cells) and len(names) in lengths else None


def _refuse_spreadsheet(path: Path, line: int, cells: tuple[str, ...], names: tuple[str, ...] | None) -> None:
    """Times that a spreadsheet has shortened can't be got back."""
    for place, cell in enumerate(cells):
        short_time = _SPREADSHEET_TIME.fullmatch(cell)
        number = _SPREADSHEET_NUMBER.fullmatch(cell) and (
            place == 0 or bool(names and time_unit_of(names[place]))
        )
        if short_time or number:
            raise InputError(
                f"{path}, line {line}: {cell!r} is a time as spreadsheet programs shorten it when they save; "
                "use the original file"
            )
