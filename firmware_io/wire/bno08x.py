"""BNO080/085/086 in its UART-RVC mode: 100 packets a second, no board behind it. Knows bytes only.

19 bytes: AA AA, index (+1 a packet, goes round at 256), yaw, pitch and roll, three axes in mg with gravity in it, three
bytes of no use here, sum of all from the index on. 115200 baud; nothing can be set. (Hillcrest/CEVA's datasheet.)
"""

import struct

from firmware_io.wire import Decoder, Item, Line, Skipped
from firmware_io.wire.lines import Layout
from firmware_io.wire.split import PacketSplitter

_LENGTH = 19
_AXES = struct.Struct("<hhh")

# Numbers of a line: index, x, y, z.
LAYOUT = Layout(
    columns=4,
    first_axis=1,
    unit="mg",
    per_g=1000.0,
    time_column=None,
    tick_s=None,
    rate_hz=100.0,
    decimals=0,
    sensor="BNO08x",
    counter_column=0,
    counter_wrap=256,
)


class RvcDecoder(Decoder):
    """Bytes in, lines of index and three axes out."""

    def __init__(self) -> None:
        super().__init__(PacketSplitter(0xAA, _LENGTH, _passes), _read)


def _passes(packet: bytes) -> bool:
    return packet[1] == 0xAA and sum(packet[2:18]) & 0xFF == packet[18]


def _read(piece: bytes, whole: bool) -> Item:
    if not whole:
        return Skipped(size=len(piece), reason="checksum")
    x, y, z = _AXES.unpack_from(piece, 9)
    return Line(size=len(piece), numbers=(piece[2], x, y, z), decimals=0, text="")
