"""Lines with numbers, as most sketches print them. Knows text only: no port, no file, no clock.

A sample may be one line, one of several kinds of lines, or three lines of one number each: `Sample` says which, and
`columns` finds that out.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import xor
from unicodedata import normalize

from firmware_io.wire import Aside, Decoder, Heading, Item, Line, Skipped
from firmware_io.wire.labels import words_before
from firmware_io.wire.split import Splitter

_MAX_LINE = 512  # bytes; nobody prints an acceleration in more
# A sign begins a number, also right behind another one; a unit may follow at once ("0.12g").
_NUMBER = re.compile(
    rb"(?<![A-Za-z_.^])(?<![0-9](?![-+]))[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    rb"(?=(?:m?[gG]|m/s(?:\^?2|/s)?|[mu]s|[mu]?[TV]|dps|o/s|deg/s|rad/s|C|Hz)?(?![A-Za-z0-9_]|\.\d))"
)
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")  # colours and places on a terminal
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")  # UTF-8
# Dates and clocks are no values.
_MOMENT = re.compile(
    rb"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:T(?=\d)|\b)|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b"
    rb"|(?<![\w.:])\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?(?![\w:])"
)
_STANDARD_GRAVITY = 9.80665  # m/s2 per g, exact by definition

# Unit -> counts per g. Powers of two are the ranges of 16- and 12-bit sensors and of 8-bit loggers.
UNITS = {
    "g": 1.0,
    "m/s2": _STANDARD_GRAVITY,
    "mg": 1000.0,
    **{f"counts:{scale}": float(scale) for scale in (256, 2048, 4096, 8192, 16384)},
}
_HEADING = "# sleepjerk csv 1,"  # W10
_TELEPLOT = re.compile(rb"^(>[^:]*:)\d+:(?=[-+.\d])")  # a name, and a time that a viewer has the use of
_SECTION_LINES = 3  # an axis each
_CHECKSUM = re.compile(rb"\*([0-9A-Fa-f]{2})$")
_TICK_NAMES_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True, slots=True)
class Sample:
    """How a sample is printed.

    Attributes
    ----------
    kinds
        The words before the numbers of each of its lines, one line after the other; () where every line is a sample.
    others
        The words of lines that say something else.
    end
        The byte that ends a line.
    commas
        Whether decimals are written with a comma.
    """

    kinds: tuple[tuple[str, ...], ...] = ()
    others: frozenset[tuple[str, ...]] = frozenset()
    end: int = ord("\n")
    commas: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a stream of lines mean.

    Attributes
    ----------
    columns
        Number of numbers a line.
    first_axis
        Column of x; y and z follow it.
    unit, per_g
        Name of the unit, and how much of it is 1 g.
    time_column, tick_s
        Column of the time and seconds per tick; None without one.
    rate_hz
        Lines per second: by the time column, else by the time it took to receive them.
    decimals
        Digits after the point in the acceleration.
    sensor
        Its name, where the stream tells it.
    counter_column, counter_wrap
        Column that counts samples, and where it goes round; None without one.
    axes
        Columns of x, y and z, where they don't stand side by side.
    """

    columns: int
    first_axis: int
    unit: str
    per_g: float
    time_column: int | None
    tick_s: float | None
    rate_hz: float
    decimals: int
    sensor: str | None = None
    counter_column: int | None = None
    counter_wrap: int = 0
    axes: tuple[int, int, int] | None = None

    @property
    def places(self) -> tuple[int, int, int]:
        """Columns of x, y and z."""
        return self.axes or (self.first_axis, self.first_axis + 1, self.first_axis + 2)

    @property
    def step_g(self) -> float:
        """Smallest difference the lines can show, g."""
        return float(10.0**-self.decimals / self.per_g)


class LineDecoder(Decoder):
    """Bytes in, lines of numbers out, in pieces of any size; of several kinds of lines those that are samples."""

    def __init__(self, sample: Sample | None = None) -> None:
        self._sample = sample or Sample()
        self._begun: list[Line] = []  # lines of a sample that isn't whole yet
        self._section = (
            ""  # the words of a line without numbers, such as "Gyroscope:", for so many lines more
        )
        self._section_lines = 0
        # A line without its end or its begin is skipped: what is left of a number may look like one.
        super().__init__(Splitter(self._sample.end, _MAX_LINE, checked=False), self._read)

    def _read(self, line: bytes, whole: bool) -> Item:
        if self._sample.commas:
            line = line.replace(b",", b".")
        item = _read(line, whole)
        if isinstance(item, Skipped) and item.reason == "no numbers":
            name, colon, _ = line.decode("ascii", "replace").strip().partition(":")
            self._section, self._section_lines = name if colon else "", _SECTION_LINES
        elif isinstance(item, Line) and self._section and self._section_lines and len(item.numbers) == 1:
            self._section_lines -= 1
            item = replace(item, text=f"{self._section} {item.text}")
        return item

    def feed(self, data: bytes) -> list[Item]:
        """Every item that these bytes complete."""
        items = super().feed(data)
        return items if not self._sample.kinds else [item for each in items for item in self._choose(each)]

    def interrupt(self) -> list[Item]:
        """As `Decoder.interrupt`; the lines of half a sample are lost, too."""
        return [*self._give_up(), *super().interrupt()]

    def _choose(self, item: Item) -> Iterator[Item]:
        """A sample once all its lines are there; what is of another kind is put aside, what is of none is damaged."""
        if not isinstance(item, Line):
            yield from self._give_up() if isinstance(item, Skipped) and item.reason != "no numbers" else ()
            yield item
            return
        kind, kinds = kind_of(item), self._sample.kinds
        if kind == kinds[len(self._begun)]:
            self._begun.append(item)
            if len(self._begun) == len(kinds):
                parts, self._begun = self._begun, []
                yield _joined(parts)
            return
        if kind in self._sample.others:
            yield Aside(size=item.size)
            return
        yield from self._give_up()
        if kind == kinds[0]:
            self._begun.append(item)
        else:
            yield Skipped(size=item.size, reason="no line of a sample")

    def _give_up(self) -> Iterator[Item]:
        begun, self._begun = self._begun, []
        if begun:
            yield Skipped(size=sum(line.size for line in begun), reason="no whole sample")

    @property
    def pending(self) -> int:
        """Bytes fed that belong to no item yet."""
        return super().pending + sum(line.size for line in self._begun)


def kind_of(line: Line) -> tuple[str, ...]:
    """The words before each number of a line, which tell its kind."""
    content = _MOMENT.sub(lambda found: b" " * len(found[0]), line.text.encode("ascii", "replace"))
    return words_before(content.decode("ascii"), [found.span() for found in _NUMBER.finditer(content)])


def _joined(lines: list[Line]) -> Line:
    if len(lines) == 1:
        return lines[0]
    return replace(
        lines[0],
        size=sum(line.size for line in lines),
        numbers=tuple(number for line in lines for number in line.numbers),
        decimals=max(line.decimals for line in lines),
        text=", ".join(line.text for line in lines),
    )


def plain(data: bytes) -> bytes:
    """Without colours, and with letters of other alphabets, such as those of m/s², °C and µT: they are no damage."""
    if b"\x1b" in data:
        data = _CONTROL.sub(b"", data)
    return data if data.isascii() else _LETTER.sub(_ascii, data)


def _ascii(found: re.Match[bytes]) -> bytes:
    letter = found[0].decode("utf-8", "replace")
    known = {"°": b"", "µ": b"u"}.get(letter)
    return (normalize("NFKD", letter).encode("ascii", "ignore") or b"?") if known is None else known


def _read(line: bytes, whole: bool) -> Item:
    size = len(line)
    if not whole:
        return Skipped(size=size, reason="no whole line")
    line = plain(line)
    # A number torn by a lost byte can look whole; bytes outside printable text are the surest sign of damage.
    if any((byte < 0x20 and byte not in b"\t\r\n") or byte > 0x7E for byte in line):
        return Skipped(size=size, reason="not text")
    content = line.rstrip()
    if (checksum := _CHECKSUM.search(content)) is not None:
        content = content[: checksum.start()]
        if reduce(xor, content.removeprefix(b"$"), 0) != int(checksum[1], 16):
            return Skipped(size=size, reason="checksum")
    content = _TELEPLOT.sub(rb"\1", content.strip())
    if content[:1] in (b"#", b"/"):
        return _read_heading(content.decode("ascii"), size)
    if b":" in content or b"/" in content or content.count(b"-") > 1:
        content = _MOMENT.sub(lambda found: b" " * len(found[0]), content)
    words = _NUMBER.findall(content)
    if not words:
        return Skipped(size=size, reason="no numbers")
    numbers = tuple(float(word) for word in words)
    if not all(math.isfinite(number) for number in numbers):
        return Skipped(size=size, reason="not finite")
    decimals = max(decimals_of(word) for word in words)
    return Line(size=size, numbers=numbers, decimals=decimals, text=content.decode("ascii"))


def _read_heading(text: str, size: int) -> Heading | Skipped:
    """What our firmware says of its lines (W10); any other comment holds no numbers."""
    pairs = [pair.partition("=") for pair in text.removeprefix(_HEADING).split(",")]
    said = {name.strip(): value.strip() for name, _, value in pairs}
    unit = said.get("unit", "")
    try:
        per_g = float(said["lsb_per_g"]) if unit == "lsb" else UNITS[unit]
        rate_hz = float(said["rate"]) if "rate" in said else None
    except (KeyError, ValueError):
        per_g, rate_hz = 0.0, None
    if not text.startswith(_HEADING) or not 0 < per_g < math.inf:
        return Skipped(size=size, reason="no numbers")
    return Heading(
        size=size,
        per_g=per_g,
        unit=f"counts:{per_g:g}" if unit == "lsb" else unit,
        tick_s=_TICK_NAMES_S.get(said.get("t", "")),
        rate_hz=rate_hz,
        sensor=said.get("sensor"),
    )


def numbers_in(text: str) -> list[bytes]:
    """The numbers of a line, as they were printed."""
    return _NUMBER.findall(_MOMENT.sub(b" ", text.encode("ascii", "replace")))


def decimals_of(word: bytes) -> int:
    return len(re.sub(rb"[eE].*", b"", word).partition(b".")[2])
