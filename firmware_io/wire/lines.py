"""Lines with numbers, as most sketches print them. Knows text only: no port, no file, no clock.

What the columns mean isn't said on the wire, so it is found out: three neighbouring columns whose vector has a
steady length near 1 g in some unit are the acceleration; a column that always grows is the time.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import xor
from statistics import median

from firmware_io.wire import Decoder, Heading, Item, Line, Skipped
from firmware_io.wire.split import Splitter

_MAX_LINE = 512  # bytes; nobody prints an acceleration in more
_NUMBER = re.compile(rb"(?<![A-Za-z0-9_.^])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z0-9_])")
_STANDARD_GRAVITY = 9.80665  # m/s2 per g, exact by definition

# Unit -> counts per g. Powers of two are the ranges of 16- and 12-bit sensors and of 8-bit loggers.
UNITS = {
    "g": 1.0,
    "m/s2": _STANDARD_GRAVITY,
    "mg": 1000.0,
    **{f"counts:{scale}": float(scale) for scale in (256, 2048, 4096, 8192, 16384)},
}
_HEADING = "# sleepjerk csv 1,"  # W10
_CHECKSUM = re.compile(rb"\*([0-9A-Fa-f]{2})$")
_TICK_NAMES_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_TOLERANCE = 0.15  # uncalibrated sensors at rest show 0.85 to 1.15 g
_STEADY = 0.3  # a moving arm changes |a|; a column of angles or of gyroscope values changes it far more
_MIN_LINES = 20

# Seconds per tick -> what a sketch calls it: micros(), millis(), seconds.
_TICKS_S = (1e-6, 1e-3, 1.0)
_RATES_HZ = (5.0, 2000.0)


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

    @property
    def step_g(self) -> float:
        """Smallest difference the lines can show, g."""
        return float(10.0**-self.decimals / self.per_g)


class LineDecoder(Decoder):
    """Bytes in, lines of numbers out, in pieces of any size."""

    def __init__(self) -> None:
        # A line without its end or its begin is skipped: what is left of a number may look like one.
        super().__init__(Splitter(ord("\n"), _MAX_LINE, checked=False), _read)


def _read(line: bytes, whole: bool) -> Item:
    if not whole:
        return Skipped(size=len(line), reason="no whole line")
    # A number torn by a lost byte can look whole; bytes outside printable text are the surest sign of damage.
    if any((byte < 0x20 and byte not in b"\t\r\n") or byte > 0x7E for byte in line):
        return Skipped(size=len(line), reason="not text")
    content = line.rstrip()
    if (checksum := _CHECKSUM.search(content)) is not None:
        content = content[: checksum.start()]
        if reduce(xor, content, 0) != int(checksum[1], 16):
            return Skipped(size=len(line), reason="checksum")
    content = content.strip()
    if content[:1] in (b"#", b"/"):
        return _read_heading(content.decode("ascii"), len(line))
    words = _NUMBER.findall(content)
    if not words:
        return Skipped(size=len(line), reason="no numbers")
    numbers = tuple(float(word) for word in words)
    if not all(math.isfinite(number) for number in numbers):
        return Skipped(size=len(line), reason="not finite")
    decimals = max(_decimals(word) for word in words)
    return Line(size=len(line), numbers=numbers, decimals=decimals, text=content.decode("ascii"))


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


def _decimals(word: bytes) -> int:
    return len(re.sub(rb"[eE].*", b"", word).partition(b".")[2])


def detect_layout(lines: Sequence[Line], seconds: float, heading: Heading | None = None) -> Layout | str:
    """What the columns mean, or one sentence that says why that can't be told.

    Parameters
    ----------
    lines
        Some seconds of lines.
    seconds
        How long they took to arrive.
    heading
        What the stream said of itself; then nothing is guessed.
    """
    if len(lines) < _MIN_LINES:
        return f"only {len(lines)} lines with numbers came in {seconds:.0f} s"
    columns = Counter(len(line.numbers) for line in lines).most_common(1)[0][0]
    rows = [line.numbers for line in lines if len(line.numbers) == columns]
    if columns < 3:
        return f"lines hold {columns} numbers, but three axes are needed"
    time_column, tick_s, rate_hz = _find_time(rows, seconds)
    if heading is not None:
        first_axis = 0 if heading.tick_s is None else 1
        time_column, tick_s = (None, None) if heading.tick_s is None else (0, heading.tick_s)
        if columns < first_axis + 3:
            return f"lines hold {columns} numbers, but the heading promises {first_axis + 3}"
        decimals = _axis_decimals(lines, first_axis)
        return Layout(
            columns,
            first_axis,
            heading.unit,
            heading.per_g,
            time_column,
            tick_s,
            heading.rate_hz or rate_hz,
            decimals,
            heading.sensor,
        )
    axis = _find_axes(rows, time_column)
    if axis is None:
        shown = ", ".join(f"{number:g}" for number in rows[-1])
        return f"no three neighbouring columns look like an acceleration of 1 g in a known unit (last line: {shown})"
    first_axis, unit = axis
    decimals = _axis_decimals(lines, first_axis)
    return Layout(columns, first_axis, unit, UNITS[unit], time_column, tick_s, rate_hz, decimals)


def _axis_decimals(lines: Sequence[Line], first_axis: int) -> int:
    """Most digits after the point that any axis was printed with."""
    texts = (line.text.encode() for line in lines[-_MIN_LINES:])
    words = (_NUMBER.findall(text)[first_axis : first_axis + 3] for text in texts)
    return max((_decimals(word) for row in words for word in row), default=0)


def _find_time(rows: Sequence[tuple[float, ...]], seconds: float) -> tuple[int | None, float | None, float]:
    """The column that grows at a plausible rate, nearest to the rate at which the lines came."""
    arrived_hz = len(rows) / seconds if seconds > 0 else 0.0
    best: tuple[float, int, float, float] | None = None
    for column in range(len(rows[0])):
        steps = [after[column] - before[column] for before, after in pairwise(rows)]
        step = median(steps)
        if step <= 0 or sum(value <= 0 for value in steps) > len(steps) // 20:
            continue
        for tick_s in _TICKS_S:
            rate_hz = 1 / (step * tick_s)
            if not _RATES_HZ[0] <= rate_hz <= _RATES_HZ[1]:
                continue
            distance = abs(math.log(rate_hz / arrived_hz)) if arrived_hz else 0.0
            if distance < 1 and (best is None or distance < best[0]):
                best = (distance, column, tick_s, rate_hz)
    if best is None:
        return None, None, arrived_hz
    return best[1], best[2], best[3]


def _find_axes(rows: Sequence[tuple[float, ...]], time_column: int | None) -> tuple[int, str] | None:
    """First of three columns whose vector is steady, and the unit in which its length is 1 g."""
    best: tuple[float, int, str] | None = None
    for first in range(len(rows[0]) - 2):
        if time_column is not None and first <= time_column <= first + 2:
            continue
        lengths = [math.hypot(*row[first : first + 3]) for row in rows]
        middle = median(lengths)
        if middle <= 0:
            continue
        spread = median(abs(length - middle) for length in lengths) / middle
        whole = all(row[axis] == int(row[axis]) for row in rows for axis in range(first, first + 3))
        for unit, per_g in UNITS.items():
            off = abs(middle / per_g - 1)
            if unit.startswith("counts") and not whole:
                continue
            if spread < _STEADY and off < _TOLERANCE and (best is None or spread + off < best[0]):
                best = (spread + off, first, unit)
    return None if best is None else (best[1], best[2])
