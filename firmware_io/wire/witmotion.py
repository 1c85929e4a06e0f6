"""WitMotion's sensors (WT901, WT61, JY901, ...): packets of 11 bytes, or of 20 over some USB-C ones. Knows bytes only.

11 bytes: 55, type, four 16-bit numbers, sum of the ten before. Type 51 is acceleration (counts of 1/2048 g) and
temperature, 50 the sensor's own time of day, which only comes when it is switched on; no other is of use here. There
is no number that counts packets: only the time shows what is missing.

20 bytes: 55 61 and nine 16-bit numbers, acceleration first, without any checksum: a packet is believed when the next
one begins right behind it. (WitMotion's protocol sheets and their own C library.)
"""

import struct
from datetime import UTC, datetime

from firmware_io.wire import Aside, Decoder, Item, Line, Skipped
from firmware_io.wire.lines import Layout
from firmware_io.wire.split import PacketSplitter

_HEADER, _TIME, _ACCELERATION, _LONG = 0x55, 0x50, 0x51, 0x61
_TYPES = (*range(0x50, 0x5B), 0x5F)
_SHORT_LENGTH, _LONG_LENGTH = 11, 20
_AXES = struct.Struct("<hhh")
_CLOCK = struct.Struct("<BBBBBBH")
COUNTS_PER_G = 2048.0

# Sent on request only: unlock; time and acceleration; 100 a second; a filter of 44 Hz. Forgotten at power-off.
CONFIGURE = (
    bytes.fromhex("ffaa6988b5"),
    bytes.fromhex("ffaa020300"),
    bytes.fromhex("ffaa030900"),
    bytes.fromhex("ffaa1f0300"),
)


def layout(*, timed: bool, rate_hz: float) -> Layout:
    """What the lines hold: three axes, and the time in ms before them where the sensor tells it."""
    return Layout(
        columns=4 if timed else 3,
        first_axis=1 if timed else 0,
        unit=f"counts:{COUNTS_PER_G:g}",
        per_g=COUNTS_PER_G,
        time_column=0 if timed else None,
        tick_s=1e-3 if timed else None,
        rate_hz=rate_hz,
        decimals=0,
        sensor="WitMotion",
    )


class WitMotionDecoder(Decoder):
    """Packets of 11 bytes in, lines of three axes out, with the time in ms before them where it is told."""

    def __init__(self) -> None:
        super().__init__(PacketSplitter(_HEADER, _SHORT_LENGTH, _short_passes), self._item)
        self._time_ms: int | None = None

    def interrupt(self) -> list[Item]:
        """A packet that never came to its end is skipped, and a time waits no longer for its sample."""
        self._time_ms = None
        return super().interrupt()

    def _item(self, piece: bytes, whole: bool) -> Item:
        if not whole:
            return Skipped(size=len(piece), reason="checksum")
        if piece[1] == _TIME:
            self._time_ms = _time_ms(piece)
        if piece[1] != _ACCELERATION:
            return Aside(size=len(piece))
        # A time stands for one sample: where the next one's is lost, that sample has none.
        time_ms, self._time_ms = self._time_ms, None
        before = () if time_ms is None else (time_ms,)
        return Line(size=len(piece), numbers=(*before, *_AXES.unpack_from(piece, 2)), decimals=0, text="")


class LongDecoder(Decoder):
    """Packets of 20 bytes in, lines of three axes out."""

    def __init__(self) -> None:
        super().__init__(PacketSplitter(_HEADER, _LONG_LENGTH, _long_passes, beyond=2), _read_long)


def _short_passes(packet: bytes) -> bool:
    return packet[1] in _TYPES and sum(packet[:10]) & 0xFF == packet[10]


def _long_passes(seen: bytes) -> bool:
    return seen[1] == _LONG and seen[_LONG_LENGTH:] == bytes((_HEADER, _LONG))


def _read_long(piece: bytes, whole: bool) -> Item:
    if not whole:
        return Skipped(size=len(piece), reason="no packet follows")
    return Line(size=len(piece), numbers=_AXES.unpack_from(piece, 2), decimals=0, text="")


def _time_ms(packet: bytes) -> int | None:
    """Milliseconds since 1970 by the sensor's clock, whatever it believes the day to be; None for no date at all."""
    year, month, day, hour, minute, second, ms = _CLOCK.unpack_from(packet, 2)
    try:
        whole = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return round(whole.timestamp()) * 1000 + int(ms)
