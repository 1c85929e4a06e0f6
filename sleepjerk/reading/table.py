"""A file of text becomes a column of time and three of acceleration; damaged lines are left out and counted.

Knows dialect and columns. Must not know units nor what a time stamp means.

An undamaged file goes through pandas' parallel reader in one call: a path, dtypes, nothing that would switch
the parallel reader off. Anything else is parsed block by block, and only blocks with damage line by line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.reading.columns import Roles
from sleepjerk.reading.dialect import NUMBER, Dialect
from sleepjerk.reading.source import Source
from sleepjerk.recording import Samples

BLOCK_BYTES = 8 << 20
MANY_COLUMNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a file says, before units.

    Attributes
    ----------
    time
        (n,) int64, float64 or bytes; None without a time column.
    values
        (3, n) float32, in the file's unit.
    lines
        (n,) line of the file for each row, counted from 1.
    bad_lines
        (k,) lines that are no row.
    """

    time: NDArray[Any] | None
    values: Samples
    lines: NDArray[np.int64] | range
    bad_lines: NDArray[np.int64]


def parse(source: Source, dialect: Dialect, roles: Roles) -> Table:
    """Parse the whole file."""
    kinds = _dtypes(dialect, roles)
    if source.content is None and dialect.width <= MANY_COLUMNS:
        frame = _parse_at_once(source, dialect, kinds)
        if frame is not None:
            return _as_table(frame, roles, dialect.skip + 1)
    return _join([_parse_block(*block, dialect, roles, kinds) for block in _blocks(source, dialect)])


def _dtypes(dialect: Dialect, roles: Roles) -> dict[int, Any]:
    kinds: dict[int, Any] = dict.fromkeys(roles.axes, np.float32)
    if roles.time is not None:
        texts = [fields[roles.time] for fields in dialect.sample]
        if all(text.lstrip("+-").isdecimal() for text in texts):
            kinds[roles.time] = np.int64
        elif all(NUMBER.fullmatch(text.replace(dialect.decimal, ".")) for text in texts):
            kinds[roles.time] = np.float64
        else:
            # One byte more than the longest seen shows a longer stamp that would be cut.
            kinds[roles.time] = f"S{max(len(text.encode()) for text in texts) + 1}"
    return kinds


def _options(dialect: Dialect) -> dict[str, Any]:
    return {
        "sep": dialect.delimiter,
        "decimal": dialect.decimal,
        "header": None,
        "names": list(range(dialect.width)),
        "index_col": False,
    }


def _parse_at_once(source: Source, dialect: Dialect, kinds: dict[int, Any]) -> "pd.DataFrame | None":
    try:
        frame = pd.read_csv(source.path, skiprows=dialect.skip, dtype=kinds, **_options(dialect))
    except (ValueError, OverflowError, pd.errors.ParserWarning):
        return None
    frame = frame.iloc[:-1] if source.torn else frame
    return frame if len(frame) and _is_whole(frame, kinds) else None


def _is_whole(frame: "pd.DataFrame", kinds: dict[int, Any]) -> bool:
    """Is every needed number there, and no stamp cut?"""
    for column, kind in kinds.items():
        values = frame[column].to_numpy()
        if isinstance(kind, str):
            values = values.astype(kind) if values.dtype.kind != "S" else values
            if values.view(np.uint8).reshape(len(values), -1)[:, -1].any():
                return False
        elif kind is not np.int64 and not np.isfinite(values).all():
            return False
    return True


def _as_table(frame: "pd.DataFrame", roles: Roles, first_line: int) -> Table:
    time = None if roles.time is None else frame[roles.time].to_numpy()
    values = np.empty((3, len(frame)), np.float32)
    for axis, column in enumerate(roles.axes):
        values[axis] = frame[column].to_numpy()
    lines = range(first_line, first_line + len(frame))
    return Table(time=time, values=values, lines=lines, bad_lines=np.empty(0, np.int64))


def _blocks(source: Source, dialect: Dialect) -> Iterator[tuple[bytes, int]]:
    """Pieces of whole lines, each with the number of its first line."""
    content = source.whole_lines()
    begin = 0
    for _ in range(dialect.skip):
        begin = content.find(b"\n", begin) + 1
    line = dialect.skip + 1
    while begin < len(content):
        end = content.rfind(b"\n", begin, begin + BLOCK_BYTES) + 1
        end = end if end > begin else (content.find(b"\n", begin) + 1 or len(content))
        block = content[begin:end]
        yield block, line
        line += block.count(b"\n")
        begin = end


def _parse_block(block: bytes, line: int, dialect: Dialect, roles: Roles, kinds: dict[int, Any]) -> Table:
    try:
        frame = pd.read_csv(BytesIO(block), usecols=sorted(kinds), dtype=kinds, **_options(dialect))
        if len(frame) == block.count(b"\n") and _is_whole(frame, kinds):
            return _as_table(frame, roles, line)
    except (ValueError, OverflowError, pd.errors.ParserWarning):
        pass
    return _parse_damaged(block, line, dialect, roles, kinds)


def _parse_damaged(block: bytes, line: int, dialect: Dialect, roles: Roles, kinds: dict[int, Any]) -> Table:
    """Keep the lines with the right number of fields and, of those, the ones whose fields are numbers."""
    texts = block.split(b"\n")[:-1]
    good, blank = _judge_lines(block, dialect)
    numbers = line + np.flatnonzero(good)
    bad = line + np.flatnonzero(~good & ~blank)
    if not len(numbers):
        return Table(time=None, values=np.empty((3, 0), np.float32), lines=numbers, bad_lines=bad)
    cleaned = b"\n".join(compress(texts, good)) + b"\n"
    fields = pd.read_csv(
        BytesIO(cleaned), dtype=str, na_filter=False, usecols=sorted(kinds), encoding_errors="replace", **_options(dialect)
    )
    if len(fields) != len(numbers):
        return Table(time=None, values=np.empty((3, 0), np.float32), lines=numbers[:0], bad_lines=np.union1d(bad, numbers))
    values = np.stack([_to_numbers(fields[column], dialect) for column in roles.axes]).astype(np.float32)
    keep = np.isfinite(values).all(axis=0)
    time = None
    if roles.time is not None:
        time = _to_time(fields[roles.time], dialect, kinds[roles.time])
        keep &= np.isfinite(time) if time.dtype.kind != "S" else time != b""
        time = time[keep]
    bad = np.union1d(bad, numbers[~keep])
    return Table(time=time, values=values[:, keep], lines=numbers[keep], bad_lines=bad)


def _judge_lines(block: bytes, dialect: Dialect) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which lines have the right number of fields, and which are blank."""
    octets = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(octets == 10)
    count = len(ends)
    quotes = octets == ord('"')
    separators = octets == ord(dialect.delimiter)
    if quotes.any():
        separators &= np.cumsum(quotes, dtype=np.int64) % 2 == 0

    def per_line(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(np.searchsorted(ends, np.flatnonzero(mask)), minlength=count)[:count]

    odd = (per_line(quotes) % 2 == 1) | (per_line(octets == 0) > 0)
    lengths = np.diff(ends, prepend=-1) - 1
    blank = lengths == per_line((octets == 13) | (octets == 32))
    return (per_line(separators) == dialect.width - 1) & ~odd & ~blank, blank


def _to_numbers(texts: "pd.Series[str]", dialect: Dialect) -> NDArray[Any]:
    if dialect.decimal == ",":
        texts = texts.str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy()
    return numbers if numbers.dtype.kind in "if" and numbers.dtype.itemsize == 8 else numbers.astype(np.float64)


def _to_time(texts: "pd.Series[str]", dialect: Dialect, kind: Any) -> NDArray[Any]:
    if isinstance(kind, str):
        return np.char.encode(texts.str.strip().to_numpy().astype("U64"), "ascii", "replace")
    return _to_numbers(texts, dialect)


def _join(tables: list[Table]) -> Table:
    with_rows = [table for table in tables if len(table.lines)]
    times = [table.time for table in with_rows if table.time is not None]
    empty = np.empty(0, np.int64)
    return Table(
        time=np.concatenate(times) if times else None,
        values=np.concatenate([table.values for table in with_rows], axis=1) if with_rows else np.empty((3, 0), np.float32),
        lines=np.concatenate([np.asarray(table.lines, np.int64) for table in with_rows]) if with_rows else empty,
        bad_lines=np.concatenate([table.bad_lines for table in tables]) if tables else empty,
    )
