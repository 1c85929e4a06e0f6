"""Ten million bytes of nonsense, and damaged streams, for every decoder: no error, no byte unaccounted for."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from firmware_io.wire import Data, Decoder, Item, Line
from firmware_io.wire.bno08x import RvcDecoder
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import LineDecoder
from firmware_io.wire.witmotion import LongDecoder, WitMotionDecoder
from tests.firmware_io.board_frames import encode_data
from tests.firmware_io.test_other_boards import long_sample, rvc_sample, wit_sample

MILLION = 1_000_000
FLIPS = 1e-3  # share of bytes with a bit turned round


def batch(number: int, samples: list[tuple[int, int, int]]) -> bytes:
    return encode_data(1, number % 65536, number * 100_000 % (1 << 32), 90_000, samples * 10)


def printed(number: int, samples: list[tuple[int, int, int]]) -> bytes:
    return b"%d,%d,%d,%d\r\n" % (number, *samples[0])


# Decoder, one packet of its stream, and how many false samples chance may make of 10 MB of noise.
KINDS: dict[str, tuple[type[Decoder], Any, int]] = {
    "frames": (FrameDecoder, batch, 3),
    "lines": (LineDecoder, printed, 10 * MILLION),  # any text with numbers is a line: nothing is promised
    "WitMotion": (WitMotionDecoder, lambda number, samples: wit_sample(*samples[0]), 20),
    "WitMotion long": (LongDecoder, lambda number, samples: long_sample(*samples[0]), 3),
    "BNO08x": (RvcDecoder, lambda number, samples: rvc_sample(number, *samples[0]), 5),
}


def pieces(stream: bytes, draw: random.Random) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        size = draw.choice((1, 7, 80, 4096, 60_000))
        yield stream[at : at + size]
        at += size


def fed(decoder: Decoder, stream: bytes, draw: random.Random) -> list[Item]:
    items: list[Item] = []
    taken, given = 0, decoder.pending
    for piece in pieces(stream, draw):
        new = decoder.feed(piece)
        given += len(piece)
        taken += sum(item.size for item in new)
        assert taken + decoder.pending == given
        items += new
    return items


def samples_of(items: list[Item]) -> list[tuple[float, ...]]:
    found: list[tuple[float, ...]] = []
    for item in items:
        if isinstance(item, Data):
            found += item.counts
        elif isinstance(item, Line):
            found.append(item.numbers[-3:])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_ten_million_bytes_of_noise_make_no_sample_beyond_the_odds(name: str) -> None:
    make, _, most = KINDS[name]
    draw = random.Random(11)
    decoder = make()
    false = sum(len(samples_of(fed(decoder, draw.randbytes(MILLION), draw))) for _ in range(10))
    assert false <= most


def damaged(stream: bytes, draw: random.Random) -> bytes:
    """One byte in a thousand flipped, one in three thousand lost, one in three thousand doubled."""
    out = bytearray()
    for byte in stream:
        luck = draw.random()
        if luck < FLIPS:
            out.append(byte ^ 1 << draw.randrange(8))
        elif luck < FLIPS * 4 / 3:
            continue
        elif luck < FLIPS * 5 / 3:
            out += bytes((byte, byte))
        else:
            out.append(byte)
    return bytes(out)


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_stream_loses_what_was_hit_and_little_else(name: str) -> None:
    make, packet, _ = KINDS[name]
    draw = random.Random(12)
    sent = [
        [(draw.randint(-9000, 9000), draw.randint(-9000, 9000), draw.randint(-9000, 9000))]
        for _ in range(4000)
    ]
    whole = b"".join(packet(number, samples) for number, samples in enumerate(sent))
    found = samples_of(fed(make(), damaged(whole, draw), draw))
    each = 10 if name == "frames" else 1
    length = len(packet(0, sent[0]))
    true = {samples[0] for samples in sent}
    false = sum(tuple(sample) not in true for sample in found)
    hit = 1 - (1 - FLIPS * 5 / 3) ** length
    assert len(found) - false >= each * len(sent) * (1 - 2.5 * hit)
    if name in ("frames", "WitMotion", "BNO08x"):
        # A sum of one byte lets one damage in 256 through, a CRC next to none.
        assert false <= 3
