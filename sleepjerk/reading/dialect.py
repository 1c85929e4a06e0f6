"""How a table is written: encoding, delimiter, decimal sign, banner lines, header. Guessed from its first bytes.

Knows text. Must not know what a column means (that is `columns`) nor parse the whole file (that is `table`).
"""

import re
from dataclasses import dataclass
from statistics import mode

from sleepjerk.errors import InputError

CANDIDATES = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","))
NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?nan|[-+]?inf", re.IGNORECASE)
STAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|[-+]\d{2}:?\d{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How to split a file into fields.

    Attributes
    ----------
    delimiter, decimal
        The sign between fields and the decimal sign.
    skip
        Lines before the first line of data, header included.
    names
        The header's names, () when there is none.
    width
        Fields in a line.
    sample
        Some lines of data, split into fields.
    banner
        The lines above the header.
    """

    delimiter: str
    decimal: str
    skip: int
    names: tuple[str, ...]
    width: int
    sample: tuple[tuple[str, ...], ...]
    banner: tuple[str, ...]

    def note(self) -> str | None:
        """What is unusual about the dialect, in words; None when nothing is."""
        parts = []
        if self.delimiter != ",":
            parts.append(f"fields are separated by {NAMES[self.delimiter]}s")
        if self.decimal != ".":
            parts.append("decimal commas")
        if self.banner:
            parts.append(f"{len(self.banner)} lines above the header were skipped")
        if not self.names:
            parts.append("there is no header")
        return f"layout: {', '.join(parts)}" if parts else None


def is_datum(text: str, decimal: str = ".") -> bool:
    """Is this field a number or a time stamp, not a name?"""
    text = text.strip().strip('"').strip()
    if decimal == ",":
        if "." in text and not STAMP.fullmatch(text):
            return False
        text = text.replace(",", ".") if NUMBER.fullmatch(text.replace(",", ".")) else text
    return bool(NUMBER.fullmatch(text) or STAMP.fullmatch(text))


def split(line: str, delimiter: str) -> tuple[str, ...]:
    """Fields of one line, quotes removed."""
    if '"' not in line:
        return tuple(field.strip() for field in line.split(delimiter))
    fields = re.split(re.escape(delimiter) + r'(?=(?:[^"]*"[^"]*")*[^"]*$)', line)
    return tuple(field.strip().strip('"').strip() for field in fields)


def guess_dialect(head: str, where: str) -> Dialect:
    """The dialect that makes the most numbers of the first lines.

    Parameters
    ----------
    head
        The beginning of the file, whole lines only.
    where
        The file, for the message.

    Raises
    ------
    InputError
        No line has three numbers.
    """
    lines = [line.rstrip("\r") for line in head.split("\n")]
    best: tuple[int, str, str, int] | None = None
    for delimiter, decimal in CANDIDATES:
        found = _count_numbers(lines, delimiter, decimal)
        if found is not None and (best is None or found[0] > best[0]):
            best = (found[0], delimiter, decimal, found[1])
    if best is None:
        shown = next((line for line in lines if line.strip()), "")[:60]
        raise InputError(
            f"{where}: no line has three numbers separated by comma, semicolon or tab, so this is no recording "
            f"(it begins with {shown!r})"
        )
    return _place_header(lines, best[1], best[2], best[3])


def _count_numbers(lines: list[str], delimiter: str, decimal: str) -> tuple[int, int] | None:
    """Numbers in a typical line and fields of it, judged on lines with three numbers or more."""
    tail = [split(line, delimiter) for line in lines[-200:] if line.strip()]
    rows = [fields for fields in tail if sum(is_datum(f, decimal) for f in fields) >= 3]
    if not rows:
        rows = [f for f in (split(line, delimiter) for line in lines) if sum(is_datum(i, decimal) for i in f) >= 3]
    if not rows:
        return None
    width = mode(len(fields) for fields in rows)
    return mode(sum(is_datum(f, decimal) for f in fields) for fields in rows if len(fields) == width), width


def _place_header(lines: list[str], delimiter: str, decimal: str, width: int) -> Dialect:
    rows = [split(line, delimiter) for line in lines]

    def is_data(fields: tuple[str, ...]) -> bool:
        return len(fields) == width and sum(is_datum(field, decimal) for field in fields) >= 3

    def is_header(fields: tuple[str, ...]) -> bool:
        return (
            len(fields) >= width
            and all(fields[:width])
            and not any(fields[width:])
            and not any(is_datum(field, decimal) for field in fields)
        )

    first = next(i for i, fields in enumerate(rows) if is_data(fields))
    last = next((i for i in range(first - 1, -1, -1) if is_header(rows[i])), None)
    sample = tuple(fields for fields in rows[first:] if is_data(fields))[:200]
    begin = first
    names: tuple[str, ...] = ()
    if last is not None:
        # A second header line gives the units: join both.
        begin = last - 1 if last > 0 and is_header(rows[last - 1]) else last
        joined = [" ".join(part) for part in zip(*(row[:width] for row in rows[begin : last + 1]), strict=True)]
        names = tuple(name.lstrip("#").strip() for name in joined)
    else:
        # Without a header everything that looks like half a row is damage, the rest is banner.
        begin = next(i for i, fields in enumerate(rows) if any(is_datum(f, decimal) for f in fields) or i == first)
    skip = begin if last is None else last + 1
    banner = tuple(line for line in lines[:begin] if line.strip())
    return Dialect(
        delimiter=delimiter, decimal=decimal, skip=skip, names=names, width=width, sample=sample, banner=banner
    )
