"""Which format is this? Knows the other modules of this folder and nothing else: no port, no clock."""

from dataclasses import dataclass

from firmware_io.wire import Frame, Heading, Line
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import Layout, LineDecoder, detect_layout

_MIN_FRAMES = 2  # one frame passes its checksum by chance once in 65536 tries, two in a row never


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What was recognised: "frames", "csv" with its layout, or None with the reason in words."""

    format: str | None
    layout: Layout | None
    reason: str


def sniff(data: bytes, seconds: float) -> Sniffed:
    """Tell the formats apart from the first bytes of a stream.

    Parameters
    ----------
    data
        Everything that came, from the first byte on.
    seconds
        How long it took.
    """
    if not data:
        return Sniffed(None, None, f"nothing came in {seconds:.0f} s")
    frames = [item for item in FrameDecoder().feed(data) if isinstance(item, Frame)]
    if len(frames) >= _MIN_FRAMES:
        return Sniffed("frames", None, f"{len(frames)} frames with the right checksum")
    items = LineDecoder().feed(data)
    lines = [item for item in items if isinstance(item, Line)]
    heading = next((item for item in items if isinstance(item, Heading)), None)
    printable = sum(0x20 <= byte <= 0x7E or byte in b"\r\n\t" for byte in data) / len(data)
    if printable < 0.9:
        return Sniffed(None, None, f"{1 - printable:.0%} of {len(data)} bytes are no text: wrong baud rate?")
    layout = detect_layout(lines, seconds, heading)
    if isinstance(layout, str):
        return Sniffed(None, None, layout)
    return Sniffed("csv", layout, f"{len(lines)} lines of {layout.columns} numbers")
