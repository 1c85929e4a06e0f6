"""Our own framed protocol, clauses W1-W8 of ../README.md. Knows bytes only: no port, no file, no clock, no g.

COBS frames end with a zero byte; the payload ends with a CRC-16/CCITT-FALSE, high byte first, so that the CRC over
the whole payload is 0. The standard library's `binascii.crc_hqx` is that CRC.
"""

import struct
from binascii import crc_hqx
from typing import Any

from firmware_io.wire import Aside, Data, Decoder, Frame, Hello, Item, Mark, Skipped, Status
from firmware_io.wire.split import Splitter

MAX_PAYLOAD = 250  # W2: one COBS block on an 8-bit board
MAX_SAMPLES = 39  # of a batch: head, body and checksum take 16 bytes, each sample 6
_MAX_ENCODED = MAX_PAYLOAD + 2  # one code byte before it, the zero behind it
_CRC_START = 0xFFFF

# W3-W7, little endian. Every frame begins with type, boot id, sequence.
_HEAD = struct.Struct("<cBH")
_DATA = struct.Struct("<IIBB")
_HELLO = struct.Struct("<BBHHHBBBIIIIH")
_HELLO_NUMBERS = (
    *("protocol", "range_g", "lsb_per_g", "rate_hz", "bandwidth_hz", "batch", "sensor_id", "reset_cause"),
    *("t_now_us", "dropped_samples", "missed_samples", "bus_errors", "resets"),
)
_MORE = struct.Struct("<BBHHBbbb")  # behind the texts, from protocol 2 on
_UNKNOWN_CHANGE = -128
_MARK = struct.Struct("<IB")
_STATUS = struct.Struct("<IhH")


def cobs_decode(encoded: bytes) -> bytes | None:
    """The payload back; None where the code bytes lead beyond the end."""
    payload, position = bytearray(), 0
    while position < len(encoded):
        code = encoded[position]
        block = encoded[position + 1 : position + code]
        if code == 0 or len(block) != code - 1:
            return None
        payload += block
        position += code
        if code < 0xFF and position < len(encoded):
            payload.append(0)
    return bytes(payload)


def decode_payload(payload: bytes, size: int) -> Frame | Skipped:
    """One frame from its payload, checksum included."""
    if len(payload) < _HEAD.size + 2:
        return Skipped(size=size, reason="too short for a frame")
    if crc_hqx(payload, _CRC_START) != 0:
        return Skipped(size=size, reason="checksum")
    kind, boot_id, sequence = _HEAD.unpack_from(payload)
    decode = _BODIES.get(kind)
    if decode is None:
        return Skipped(size=size, reason=f"unknown frame type {kind!r}")
    try:
        return decode(payload[_HEAD.size : -2], size, boot_id, sequence)
    except (struct.error, ValueError):
        return Skipped(size=size, reason=f"malformed frame of type {kind!r}")


def _data(body: bytes, size: int, boot_id: int, sequence: int) -> Data:
    t_first_us, span_us, count, flags = _DATA.unpack_from(body)
    if count == 0 or len(body) != _DATA.size + 6 * count:
        raise ValueError("length")
    if span_us < count - 1:
        raise ValueError("several samples in one microsecond")
    samples = struct.iter_unpack("<hhh", body[_DATA.size :])
    counts = tuple((x, y, z) for x, y, z in samples)
    return Data(
        size=size,
        boot_id=boot_id,
        sequence=sequence,
        t_first_us=t_first_us,
        span_us=span_us,
        flags=flags,
        counts=counts,
    )


def _plain(text: bytes) -> str:
    """What a board says of itself, without signs that a terminal or a table would obey."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in ',"=@' else "?" for byte in text)


def _hello(body: bytes, size: int, boot_id: int, sequence: int) -> Hello:
    numbers = _HELLO.unpack_from(body)
    texts, rest = [], body[_HELLO.size :]
    for _ in range(3):
        text, rest = _text(rest)
        texts.append(text)
    fields: dict[str, Any] = dict(zip(_HELLO_NUMBERS, numbers, strict=True))
    if fields["lsb_per_g"] == 0:
        raise ValueError("a scale of 0")
    if fields["protocol"] > 1 and len(rest) >= _MORE.size:
        *more, x, y, z = _MORE.unpack_from(rest)
        fields |= zip(("address", "trouble", "overflows", "false_edges", "self_test"), more, strict=True)
        fields["change_percent"] = tuple(None if axis == _UNKNOWN_CHANGE else axis for axis in (x, y, z))
        fields["words"] = _text(rest[_MORE.size :])[0]
    board, firmware, sensor = texts
    return Hello(
        size=size, boot_id=boot_id, sequence=sequence, board=board, firmware=firmware, sensor=sensor, **fields
    )


def _text(rest: bytes) -> tuple[str, bytes]:
    """A text behind its length, and what stands behind it."""
    length = rest[0] if rest else 0
    return _plain(rest[1 : 1 + length]), rest[1 + length :]


def _mark(body: bytes, size: int, boot_id: int, sequence: int) -> Mark:
    t_us, code = _MARK.unpack(body)
    return Mark(size=size, boot_id=boot_id, sequence=sequence, t_us=t_us, code=code)


def _status(body: bytes, size: int, boot_id: int, sequence: int) -> Status:
    t_us, centidegrees, supply_mv = _STATUS.unpack(body)
    return Status(
        size=size,
        boot_id=boot_id,
        sequence=sequence,
        t_us=t_us,
        temperature_c=centidegrees / 100,
        supply_mv=supply_mv,
    )


_BODIES = {b"D": _data, b"H": _hello, b"E": _mark, b"S": _status}


class FrameDecoder(Decoder):
    """Bytes in, frames out, in pieces of any size."""

    def __init__(self) -> None:
        # After an interruption the checksum keeps out what begins in the middle.
        super().__init__(Splitter(0, _MAX_ENCODED, checked=True), _decode)


def _decode(piece: bytes, whole: bool) -> Item:
    if piece == b"\0":  # a board ends so what may stand before its hello
        return Aside(size=1)
    if not whole:
        return Skipped(size=len(piece), reason="no whole frame")
    payload = cobs_decode(piece[:-1])
    if payload is None:
        return Skipped(size=len(piece), reason="broken frame")
    return decode_payload(payload, len(piece))
