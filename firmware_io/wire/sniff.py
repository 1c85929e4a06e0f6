"""Which format is this? Knows the other modules of this folder and nothing else: no port, no clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median

from firmware_io.wire import Decoder, Frame, Heading, Hello, Item, Line, Skipped
from firmware_io.wire.bno08x import LAYOUT as RVC_LAYOUT
from firmware_io.wire.bno08x import RvcDecoder
from firmware_io.wire.columns import Choice, Refusal, Said, find_columns, with_end
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import Layout, LineDecoder, Sample, numbers_in, plain
from firmware_io.wire.strangers import BAUDS, stranger
from firmware_io.wire.witmotion import LongDecoder, WitMotionDecoder
from firmware_io.wire.witmotion import layout as wit_layout

_MIN_FRAMES = 2  # one frame passes its checksum by chance once in 65536 tries, two in a row never
_MIN_PACKETS = 5  # a sum of one byte passes once in 256 tries
_MOST_LINES = 0.8  # of a stream; the others are greetings and damage
_MOST_SENSELESS = 0.2  # of the bytes: what is cut at the begin, and some damage
_COMMA_WORD = re.compile(
    rb"(?<![^\s:=])[-+]?\d+,\d+(?!\S)"
)  # a decimal comma, and nothing but blanks round it


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What was recognised: the format's name, who decodes it, its layout (our frames bring theirs), and why.

    `format` is None where nothing was recognised; `reason` says so in words. `why`: what tells the columns of lines;
    `choices`: what they could be, where a person has to say.
    """

    format: str | None
    layout: Layout | None
    reason: str
    decoder: Callable[[], Decoder] | None = None
    why: str = ""
    choices: tuple[Choice, ...] = ()


def sniff(data: bytes, seconds: float, said: Said | None = None, first_bytes: int = 0) -> Sniffed:
    """Tell the formats apart from the first bytes of a stream.

    Parameters
    ----------
    data
        Everything that came, from the first byte on.
    seconds
        How long it took.
    said
        What a person says of the columns of lines.
    first_bytes
        How many came at once with the first.
    """
    if not data:
        return Sniffed(None, None, f"nothing came in {seconds:.0f} s")
    frames = [item for item in FrameDecoder().feed(data) if isinstance(item, Frame)]
    # A board without its sensor says nothing but who it is, and that is more than chance says.
    if len(frames) >= _MIN_FRAMES or any(isinstance(frame, Hello) and frame.firmware for frame in frames):
        count = "1 frame" if len(frames) == 1 else f"{len(frames)} frames"
        return Sniffed("frames", None, f"{count} with the right checksum", FrameDecoder)
    return _sniff_packets(data, seconds) or _sniff_lines(data, seconds, said, first_bytes)


def _sniff_packets(data: bytes, seconds: float) -> Sniffed | None:
    for decoder, name, told in (
        (WitMotionDecoder, "witmotion", "packets of WitMotion"),
        (LongDecoder, "witmotion", "packets of WitMotion without a checksum"),
        (RvcDecoder, "bno08x-rvc", "packets of a BNO08x"),
    ):
        items = decoder().feed(data)
        lines = [item for item in items if isinstance(item, Line)]
        if len(lines) < _MIN_PACKETS or _senseless(items) > _MOST_SENSELESS * len(data):
            continue
        found = RVC_LAYOUT if decoder is RvcDecoder else _wit_layout(lines, seconds)
        return Sniffed(name, found, f"{len(lines)} {told}", decoder)
    return None


def _senseless(items: list[Item]) -> int:
    return sum(item.size for item in items if isinstance(item, Skipped))


def _wit_layout(lines: list[Line], seconds: float) -> Layout:
    times_ms = [line.numbers[0] for line in lines if len(line.numbers) == 4]
    if 2 * len(times_ms) <= len(lines):
        return wit_layout(timed=False, rate_hz=len(lines) / seconds)
    steps_ms = [after - before for before, after in pairwise(times_ms) if after > before]
    rate_hz = 1000 / median(steps_ms) if steps_ms else len(lines) / seconds
    return wit_layout(timed=True, rate_hz=rate_hz)


def _sniff_lines(data: bytes, seconds: float, said: Said | None, first_bytes: int) -> Sniffed:
    end = ord("\r") if b"\n" not in data and data.count(b"\r") > 1 else ord("\n")
    commas = _has_decimal_commas(data)
    items = LineDecoder(Sample(end=end, commas=commas)).feed(data)
    lines = [item for item in items if isinstance(item, Line)]
    heading = next((item for item in items if isinstance(item, Heading)), None)
    text = plain(data)
    printable = sum(0x20 <= byte <= 0x7E or byte in b"\r\n\t" for byte in text) / max(len(text), 1)
    if printable < 0.9:
        share = f"{1 - printable:.0%} of {len(data)} bytes are no text"
        return Sniffed(None, None, f"{share}: wrong baud rate? Try --baud with {BAUDS}")
    first_lines = sum(
        isinstance(item, Line)
        for item in LineDecoder(Sample(end=end, commas=commas)).feed(data[:first_bytes])
    )
    found = find_columns(lines, seconds, heading, _names(data), said, first_lines)
    if isinstance(found, Refusal):
        name = stranger(data)
        reason = found.sentence if name is None else f"this sounds like {name}"
        return Sniffed(None, None, reason, choices=found.choices)
    found = with_end(found, end, commas=commas)
    told = f"{len(lines)} lines of {found.layout.columns} numbers"
    return Sniffed("csv", found.layout, told, partial(LineDecoder, found.sample), found.why)


def _has_decimal_commas(data: bytes) -> bool:
    """Numbers like 0,12 between semicolons, tabs or blanks."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    apart = [line for line in lines if b";" in line or b"\t" in line or len(_COMMA_WORD.findall(line)) >= 3]
    with_commas = [line for line in apart if re.search(rb"\d,\d", line) and not re.search(rb"\d\.\d", line)]
    return len(with_commas) > _MOST_LINES * len(lines) > 0


def _is_name(cell: str) -> bool:
    """Letters, and not those of 1.5e-02."""
    return re.search("[A-Za-z]", cell) is not None and numbers_in(cell) != [cell.strip().encode()]


def _names(data: bytes) -> list[str]:
    """The names of the columns in a line without numbers; a name for each number of the lines after it."""
    lines = data.decode("ascii", "replace").replace("\r", "\n").split("\n")
    filled = [line.strip().strip(",;") for line in lines if line.strip()]
    for line, row in pairwise(filled):
        for separator in ",;\t":
            names, cells = line.split(separator), row.split(separator)
            if len(names) == len(cells) >= 3 and all(map(_is_name, names)):
                # Names stand for cells; cells with a date or a clock hold no numbers.
                kept = [name.strip() for name, cell in zip(names, cells, strict=True) if numbers_in(cell)]
                return kept if all(len(numbers_in(cell)) < 2 for cell in cells) else []
    return []
