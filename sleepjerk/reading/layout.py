"""How is this table written? Separator, decimal sign, where the header ends, which column is which.

Knows text and names. Must not know samples: it sees only the first lines.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import looks_like_stamp
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

# Units as they stand in column names, in brackets or as the last word.
_TIME_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds", "unixsec"),
    "ms": ("ms", "msec", "millis", "milliseconds", "millisecond"),
    "us": ("us", "µs", "μs", "usec", "micros", "microseconds", "microsecond"),
    "ns": ("ns", "nsec", "nanos", "nanoseconds", "nanosecond"),
}
_UNITS = {
    "mg": ("mg", "millig", "milli-g"),
    "g": ("g", "gs", "gravity"),
    "m/s2": (
        "m s-2",
        *["m/s2", "m/s^2", "m/s²", "m/s/s", "ms2", "ms-2", "mps2", "m.s-2", "m*s-2", "ms^-2", "ms⁻²", "mss"],
    ),
    "counts": ("counts", "count", "lsb", "raw", "adc"),
}
_TIME_NAME = re.compile(
    r"(t|ts|time ?stamp|time|date ?time|date|epoch|unix|clock|elapsed|millis|micros|seconds|sec|ms|us|µs|s"
    r"|utc|local|host|chip|device|dev|sample|since|start|first|unix ?sec|nanos|ns| )+"
)
_AXIS_NAME = re.compile(
    r"(?:(?:a|acc|accel|accelero|acceleration|accelerometer|raw|imu|wrist|sensor|data) ?)*([xyz])"
    r"(?: ?(?:axis|acc|accel|acceleration|accelerometer|raw|value|data))*"
)


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
    """

    separator: str
    decimal: str
    first_row: int
    names: tuple[str, ...]
    cells: tuple[str, ...]
    has_header: bool
    banner: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is which, and what the names say of units.

    Attributes
    ----------
    time
        Column of the time; None when there is none.
    axes
        Columns of x, y and z.
    time_unit, unit
        As the names say; None when they don't.
    """

    time: int | None
    axes: tuple[int, int, int]
    time_unit: str | None
    unit: str | None


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
        if not line.strip() or line.startswith("#"):
            continue
        written = _written_how(line, whole[number + 1 :][:_LATER_LINES])
        if written is None:
            continue
        separator, decimal, cells = written
        names = _header(path, whole[:number], separator, len(cells))
        _refuse_spreadsheet(path, number + 1, cells, names)
        before = sum(bool(row.strip()) for row in whole[:number])
        columns = names or ("",) * len(cells)
        return Layout(
            separator, decimal, number, columns, cells, names is not None, before - (names is not None)
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
        for decimal in (".", ","):
            if decimal == separator and '"' not in line:
                continue
            numbers = sum(_is_number(cell, decimal) or cell.lower() in _NO_NUMBER for cell in cells)
            if numbers >= 3 and _is_start(cells[0], decimal):
                return separator, _decimal(cells, later, separator, decimal), cells
    return None


def _is_number(cell: str, decimal: str) -> bool:
    return _NUMBER[decimal].fullmatch(cell) is not None


def _is_start(cell: str, decimal: str) -> bool:
    """Whether a row of samples may begin like this: a number, a time, or nothing."""
    return _is_number(cell, decimal) or looks_like_stamp(cell) or cell.lower() in MISSING or ":" in cell


def _decimal(cells: tuple[str, ...], later: Sequence[str], separator: str, decimal: str) -> str:
    """A first row of whole numbers fits both signs; look at the next ones."""
    if decimal == separator or any("." in cell for cell in cells if _is_number(cell, ".")):
        return decimal
    for line in later:
        for cell in split_cells(line, separator):
            if "," in cell and _is_number(cell, ","):
                return ","
    return decimal


def _header(path: Path, before: Sequence[str], separator: str, count: int) -> tuple[str, ...] | None:
    """The names in the last line before the samples that has as many cells as they, and words in them."""
    for line in reversed([row for row in before if row.strip()][-3:]):
        names = split_cells(line.lstrip("# ") if line.startswith("#") else line, separator)
        if separator == " " and len(names) != count:
            names = split_cells(line.lstrip("# "), ",")
        wordy = sum(any(sign.isalpha() for sign in name) for name in names)
        # Names don't begin with a number: that is a damaged row of samples, and the names are further up.
        if len(names) == count and wordy >= 3 and not _is_number(names[0], "."):
            return names
        if wordy >= 3 and separator == "," and count >= 2 * len(names) - 1 > 4:
            raise InputError(
                f"{path}, line {len(before) + 1}: {count} cells under {len(names)} names; decimal commas "
                "can't be told from separating commas, so save it with ';' between the columns"
            )
    return None


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


def find_columns(path: Path, layout: Layout, wanted: str | None) -> Columns:
    """Decide which column is which, by option, by name, or by the shape of a table without names.

    Raises
    ------
    InputError
        It can't be told, or the option names what isn't there.
    """
    if wanted is not None:
        return _named_by_option(path, layout, wanted)
    if not layout.has_header:
        return _without_names(path, layout)
    axes = [[place for place, name in enumerate(layout.names) if _axis_of(name) == axis] for axis in "xyz"]
    among = f"among {', '.join(layout.names)}; name them with --columns T,X,Y,Z"
    if any(len(places) == 0 for places in axes):
        raise InputError(f"{path}: no columns x, y and z of acceleration {among}")
    if any(len(places) > 1 for places in axes):
        raise InputError(f"{path}: more than one column could be x, y or z {among}")
    times = [place for place, name in enumerate(layout.names) if _is_time(name)]
    if sorted(layout.names[place] for place in times) == ["seconds_elapsed", "time"]:
        times = [layout.names.index("time")]  # Sensor Logger writes both, since 1970 and since its start
    if len(times) > 1:
        raise InputError(f"{path}: more than one column could be the time {among}")
    return _columns(layout, times[0] if times else None, [places[0] for places in axes])


def _columns(layout: Layout, time: int | None, axes: Sequence[int]) -> Columns:
    units = {_unit_of(layout.names[place]) for place in axes}
    unit = units.pop() if len(units) == 1 else None
    return Columns(
        time, (axes[0], axes[1], axes[2]), None if time is None else time_unit_of(layout.names[time]), unit
    )


def _named_by_option(path: Path, layout: Layout, wanted: str) -> Columns:
    names = [name.strip() for name in wanted.split(",")]
    if len(names) not in (3, 4):
        raise InputError(f"--columns {wanted}: expected T,X,Y,Z, or X,Y,Z together with --rate")
    known = [name.lower() for name in layout.names]
    places = []
    for name in names:
        if name.lower() in known:
            places.append(known.index(name.lower()))
        elif name.isdecimal() and 1 <= int(name) <= len(known):
            places.append(int(name) - 1)
        else:
            columns = ", ".join(layout.names) if layout.has_header else f"{len(known)} columns without names"
            raise InputError(f"{path}: --columns names {name!r}, but the file has {columns}")
    if len(set(places)) < len(places):
        raise InputError(f"--columns {wanted}: the same column is named twice")
    return _columns(layout, places[0] if len(places) == 4 else None, places[-3:])


def _without_names(path: Path, layout: Layout) -> Columns:
    count = len(layout.cells)
    if count == 4:
        return Columns(0, (1, 2, 3), None, None)
    if count == 3:
        return Columns(None, (0, 1, 2), None, None)
    raise InputError(
        f"{path}: {count} columns without names; say which is which with --columns, such as 1,2,3,4"
    )


def _words(name: str) -> str:
    """A column name in lower case, without its unit in brackets, with blanks between words."""
    name = re.sub(r"[\[(].*?[\])]", " ", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[^0-9a-zµμ²/^]+", name.lower())).strip()


def _axis_of(name: str) -> str | None:
    """x, y or z, if a column of that name holds acceleration along that axis."""
    words = _words(name)
    for unit in ("mg", "g", "ms2", "mps2", "m/s2", "m/s^2", "counts", "lsb", "raw"):
        words = words.removesuffix(f" {unit}")
    match = _AXIS_NAME.fullmatch(words)
    return match[1] if match else None


def _is_time(name: str) -> bool:
    return _TIME_NAME.fullmatch(_words(name)) is not None if name else False


def _unit_of(name: str) -> str | None:
    """The unit of acceleration that a column name holds."""
    bracket = re.search(r"[\[(](.*?)[\])]", name)
    last = (bracket[1] if bracket else re.split(r"[ _]", name)[-1]).strip().lower()
    if not bracket and re.split(r"[ _]", name)[:-1] == []:
        return None
    return next((unit for unit, words in _UNITS.items() if last in words), None)


def time_unit_of(name: str) -> str | None:
    """The unit of time that a column name holds."""
    words = set(re.split(r"[^a-zµμ]+", name.lower()))
    found = [unit for unit, known in _TIME_UNITS.items() if words & set(known)]
    return found[0] if len(found) == 1 else None
