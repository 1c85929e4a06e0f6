"""How fast each format is decoded: `python -m tests.benchmarks.wire`. Times real time at 100 samples a second."""

import random
import time

from firmware_io.wire import Data, Line
from firmware_io.wire.bno08x import RvcDecoder
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import LineDecoder
from firmware_io.wire.witmotion import LongDecoder, WitMotionDecoder
from tests.firmware_io.board_frames import encode_data
from tests.firmware_io.test_other_boards import long_sample, rvc_sample, wit_sample

SECONDS = 600
PIECE = 80  # bytes a read at the usual pace


def streams() -> dict[str, tuple[type, bytes]]:
    """Ten minutes of each format."""
    draw = random.Random(1)
    samples = [tuple(draw.randint(-9000, 9000) for _ in range(3)) for _ in range(100 * SECONDS)]
    frames = [
        encode_data(1, at // 10 % 65536, at * 10_000 % (1 << 32), 90_000, samples[at : at + 10])
        for at in range(0, len(samples), 10)
    ]
    lines = [
        f"{10 * at}\t{x / 8192:.4f}\t{y / 8192:.4f}\t{z / 8192:.4f}\r\n"
        for at, (x, y, z) in enumerate(samples)
    ]
    return {
        "frames": (FrameDecoder, b"".join(frames)),
        "lines": (LineDecoder, "".join(lines).encode()),
        "WitMotion, 11 bytes": (WitMotionDecoder, b"".join(wit_sample(*sample) for sample in samples)),
        "WitMotion, 20 bytes": (LongDecoder, b"".join(long_sample(*sample) for sample in samples)),
        "BNO08x": (RvcDecoder, b"".join(rvc_sample(at, *sample) for at, sample in enumerate(samples))),
    }


def main() -> None:
    """Run it."""
    for name, (make, stream) in streams().items():
        decoder, began_s, found = make(), time.perf_counter(), 0
        for at in range(0, len(stream), PIECE):
            for item in decoder.feed(stream[at : at + PIECE]):
                found += len(item.counts) if isinstance(item, Data) else isinstance(item, Line)
        took_s = time.perf_counter() - began_s
        print(f"{name:22} {SECONDS / took_s:8.0f} x real time   {found} samples")


if __name__ == "__main__":
    main()
