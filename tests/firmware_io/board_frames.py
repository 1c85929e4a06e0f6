"""Frames as a board sends them (W1-W7 of firmware_io/README.md), made apart from the decoder that reads them."""

import struct
from binascii import crc_hqx
from collections.abc import Sequence

from firmware_io.wire import Hello, Line
from firmware_io.wire.columns import Refusal, find_columns
from firmware_io.wire.frames import MAX_SAMPLES
from firmware_io.wire.lines import Layout


def cobs_encode(payload: bytes) -> bytes:
    """A payload without zero bytes (W1), not yet ended by one."""
    encoded = bytearray()
    for block in payload.split(b"\0"):
        while len(block) >= 254:
            encoded += b"\xff" + block[:254]
            block = block[254:]
        encoded += bytes([len(block) + 1]) + block
    return bytes(encoded)


def encode_data(
    boot_id: int,
    sequence: int,
    t_first_us: int,
    span_us: int,
    counts: Sequence[Sequence[int]],
    flags: int = 0,
) -> bytes:
    """A `Data` frame (W4); ValueError where it is more than a payload can hold (W2)."""
    if not 1 <= len(counts) <= MAX_SAMPLES:
        raise ValueError(f"{len(counts)} samples, but a frame holds 1 to {MAX_SAMPLES}")
    values = [value for sample in counts for value in sample]
    head = struct.pack("<IIBB", t_first_us, span_us, len(counts), flags)
    return _finish(b"D", boot_id, sequence, head + struct.pack(f"<{len(values)}h", *values))


def encode_hello(hello: Hello) -> bytes:
    """A `Hello` frame (W5)."""
    sensor = (hello.protocol, hello.range_g, hello.lsb_per_g, hello.rate_hz, hello.bandwidth_hz, hello.batch)
    since_start = (hello.sensor_id, hello.reset_cause, hello.t_now_us)
    counters = (hello.dropped_samples, hello.missed_samples, hello.bus_errors, hello.resets)
    numbers = struct.pack("<BBHHHBBBIIIIH", *sensor, *since_start, *counters)
    texts = [text.encode("ascii", "replace")[:30] for text in (hello.board, hello.firmware, hello.sensor)]
    body = numbers + b"".join(bytes([len(text)]) + text for text in texts)
    if hello.protocol > 1:
        more = (hello.address, hello.trouble, hello.overflows, hello.false_edges, hello.self_test)
        change = [-128 if axis is None else axis for axis in hello.change_percent or (None, None, None)]
        body += struct.pack("<BBHHBbbb", *[number or 0 for number in more], *change)
        body += bytes([len(hello.words)]) + hello.words.encode()
    return _finish(b"H", hello.boot_id, hello.sequence, body)


def encode_mark(boot_id: int, sequence: int, t_us: int, code: int) -> bytes:
    """A `Mark` frame (W6)."""
    return _finish(b"E", boot_id, sequence, struct.pack("<IB", t_us, code))


def encode_status(boot_id: int, sequence: int, t_us: int, temperature_c: float, supply_mv: int) -> bytes:
    """A `Status` frame (W7)."""
    return _finish(b"S", boot_id, sequence, struct.pack("<IhH", t_us, round(temperature_c * 100), supply_mv))


def _finish(kind: bytes, boot_id: int, sequence: int, body: bytes) -> bytes:
    payload = struct.pack("<cBH", kind, boot_id, sequence) + body
    payload += struct.pack(">H", crc_hqx(payload, 0xFFFF))
    return cobs_encode(payload) + b"\0"


def detect_layout(lines: Sequence[Line], seconds: float) -> Layout | str:
    """What the numbers of some lines mean, or why that can't be told."""
    found = find_columns(lines, seconds)
    return found.sentence if isinstance(found, Refusal) else found.layout
