"""Finding out what a board speaks, and its stream from then on. Must not know ports or files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from firmware_io.assemble.frames import FrameAssembler
from firmware_io.assemble.lines import LineAssembler
from firmware_io.assemble.timeline import Note, Row
from firmware_io.recorder.messages import Key, Message, Tell
from firmware_io.wire import Decoder, Item
from firmware_io.wire.columns import Said
from firmware_io.wire.sniff import Sniffed, sniff

_LISTEN_S = 5.0  # for finding out what the board sends
_MIN_LISTEN_S = 1.5
_SNIFF_EVERY_S = 0.5
_FORGET_BYTES = 1 << 20
_AT_ONCE_S = 0.02  # pieces that come so near each other were sent as one


@dataclass(slots=True)
class Stream:
    """What comes from a board that is understood: bytes in, rows and notes out."""

    format: str
    decoder: Decoder
    assembler: FrameAssembler | LineAssembler

    def feed(self, now_s: float, data: bytes) -> Iterator[Row | Note]:
        """What these bytes complete."""
        return self._place(now_s, self.decoder.feed(data))

    def interrupt(self, now_s: float) -> Iterator[Row | Note]:
        """What comes next may begin in the middle of a line, and what came last may have no end."""
        return self._place(now_s, self.decoder.interrupt())

    def _place(self, now_s: float, items: Iterable[Item]) -> Iterator[Row | Note]:
        for item in items:
            yield from self.assembler.feed(item, now_s)


@dataclass(slots=True)
class Listening:
    """What was heard so far of a board that isn't understood yet."""

    format: str  # "auto", or the only one that will do
    tell: Tell
    said: Said = field(default_factory=Said)
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    _sniffed_s: float = 0.0

    def hear(self, now_s: float, data: bytes) -> Stream | None:
        """Collect until it is clear what the board sends."""
        self.heard.append((now_s, data))
        seconds = now_s - self.heard[0][0]
        if seconds < _MIN_LISTEN_S or now_s - self._sniffed_s < _SNIFF_EVERY_S:
            return None
        self._sniffed_s = now_s
        heard = b"".join(piece for _, piece in self.heard)
        found = sniff(heard, seconds, self.said, self._first_bytes())
        if found.decoder is not None and found.format is not None and self.format in ("auto", found.format):
            self.tell(Message(Key.UNDERSTOOD, {"found": found}))
            return Stream(found.format, found.decoder(), _assembler(found))
        if seconds > _LISTEN_S or len(heard) > _FORGET_BYTES:
            self.heard.clear()
            self.tell(Message(Key.NOT_UNDERSTOOD, {"found": found, "wanted": self.format}))
        return None

    def _first_bytes(self) -> int:
        """How many bytes came at once with the first: how long those took nobody knows."""
        begun_s = self.heard[0][0]
        return sum(len(piece) for at_s, piece in self.heard if at_s - begun_s < _AT_ONCE_S)


def _assembler(found: Sniffed) -> FrameAssembler | LineAssembler:
    return FrameAssembler() if found.layout is None else LineAssembler(found.layout)
