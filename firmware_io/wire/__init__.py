"""What a decoder can say. One module beside this one for each format; all of them speak these words.

Decoders are pure: bytes in, a list of these out; no I/O, no clock. Whatever arrives, they never raise: damage comes
out as `Skipped`. Each item says how many bytes it took, so that bytes decoded + skipped + pending = bytes fed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from firmware_io.wire.split import PacketSplitter, Splitter


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Anything a decoder yields; `size` is the number of bytes it took from the wire, separators included."""

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Item):
    """Bytes that made no sense, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside(Item):
    """A whole packet that says nothing we need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame(Item):
    """A frame of our own protocol: `boot_id` changes at each reset, `sequence` counts frames modulo 65536."""

    boot_id: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Data(Frame):
    """A batch of samples: device microseconds of the first, span to the last, raw counts of three axes each."""

    t_first_us: int
    span_us: int
    flags: int
    counts: tuple[tuple[int, int, int], ...]


FAULTS = ("not found", "INT wire silent", "settings not kept")  # of a sensor: W5, trouble, from 1 on


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Frame):
    """Who is speaking, how its counts are to be read, and what it lost so far.

    What stands behind `sensor` came with protocol 2; a board of before doesn't know it (None). `change_percent`: how
    far the self-test was from the factory's trim, an axis each, None where there is none.
    """

    protocol: int
    range_g: int
    lsb_per_g: int
    rate_hz: int
    bandwidth_hz: int
    batch: int
    sensor_id: int
    reset_cause: int
    t_now_us: int
    dropped_samples: int
    missed_samples: int
    bus_errors: int
    resets: int
    board: str
    firmware: str
    sensor: str
    address: int | None = None
    trouble: int | None = None
    overflows: int | None = None
    false_edges: int | None = None
    self_test: int | None = None
    change_percent: tuple[int | None, ...] | None = None
    words: str = ""

    @property
    def fault(self) -> str | None:
        """What is wrong with the sensor, None where it is well."""
        if self.trouble is None:
            return None if self.sensor_id else FAULTS[0]
        return FAULTS[min(self.trouble, len(FAULTS)) - 1] if self.trouble else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Frame):
    """Something happened on the board at a device time; code 1 is the marker button."""

    t_us: int
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Frame):
    """Temperature and supply, at a device time."""

    t_us: int
    temperature_c: float
    supply_mv: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Item):
    """A line of text with numbers in it, or a packet with the same; `decimals`: most digits after a point."""

    numbers: tuple[float, ...]
    decimals: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(Item):
    """What a stream of lines says of itself (W10); None where it doesn't."""

    per_g: float
    unit: str
    tick_s: float | None
    rate_hz: float | None
    sensor: str | None


class Decoder:
    """What every format's module has: bytes in, in pieces of any size, items out.

    Parameters
    ----------
    splitter
        Cuts the stream into pieces.
    read
        A piece, and whether it is whole, as an item.
    """

    def __init__(self, splitter: Splitter | PacketSplitter, read: Callable[[bytes, bool], Item]) -> None:
        self._splitter = splitter
        self._read = read

    @property
    def pending(self) -> int:
        """Bytes fed that belong to no item yet."""
        return self._splitter.pending

    def feed(self, data: bytes) -> list[Item]:
        """Every item that these bytes complete."""
        return [self._read(piece, whole) for piece, whole in self._splitter.feed(data)]

    def interrupt(self) -> list[Item]:
        """The stream broke off and may go on in the middle of something: halves must not become a whole."""
        return [self._read(piece, whole) for piece, whole in self._splitter.interrupt()]
