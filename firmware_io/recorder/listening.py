"""Finding out what a board speaks, and its stream from then on. Must not know ports or files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

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
_KEEP_BYTES = 1 << 26  # while a person is asked: hours
_NO_LINE = b"\0\r\n\0"  # whatever stands beside a zero is no text
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
    asks: bool = False  # there is a person to be asked
    asked: Sniffed | None = None  # with the choices that this person was given
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    _size: int = 0
    _sniffed_s: float = 0.0
    _widest_s: float = 0.0  # between two pieces

    def hear(self, now_s: float, data: bytes) -> Stream | None:
        """Collect until it is clear what the board sends."""
        before_s = self.heard[-1][0] if self.heard else now_s
        gap_s = now_s - before_s
        self._widest_s = max(self._widest_s, gap_s)
        self.heard.append((now_s, data))
        self._size += len(data)
        seconds = before_s - self.heard[0][0]
        if seconds < _MIN_LISTEN_S or now_s - self._sniffed_s < _SNIFF_EVERY_S:
            return None
        if seconds < _LISTEN_S and gap_s < self._widest_s / 2:
            return None  # in the middle of a batch: of half of one nobody knows how long it took
        self._sniffed_s = now_s
        if self.asked is not None:
            if self._size > _KEEP_BYTES:
                self.answer(0)
            return None
        return self._sniff(self.heard[:-1])

    def _sniff(self, pieces: list[tuple[float, bytes]]) -> Stream | None:
        heard, seconds = b"".join(piece for _, piece in pieces), pieces[-1][0] - pieces[0][0]
        found = sniff(heard, seconds, self.said, self._first_bytes())
        if found.decoder is not None and found.format is not None and self.format in ("auto", found.format):
            self.tell(Message(Key.UNDERSTOOD, {"found": found}))
            return Stream(found.format, found.decoder(), _assembler(found))
        if seconds > _LISTEN_S or len(heard) > _FORGET_BYTES:
            if found.choices and self.asks:
                self.asked = found
                self.tell(Message(Key.WHICH_COLUMNS, {"choices": found.choices}))
            else:
                self._refuse(found)
        return None

    def answer(self, number: int) -> Stream | None:
        """Which of the choices it is, from 1; 0: none of them."""
        if self.asked is None or number > len(self.asked.choices):
            return None
        found, self.asked = self.asked, None
        if number == 0:
            self.asks = False
            self._refuse(found)
            return None
        self.said = replace(self.said, columns=found.choices[number - 1].columns)
        kept = self.heard
        begun_s = kept[0][0]
        self.heard = [(at_s, piece) for at_s, piece in kept if at_s - begun_s <= _LISTEN_S]
        stream = self._sniff(self.heard)
        self.heard = kept if stream is not None else []
        return stream

    def _refuse(self, found: Sniffed) -> None:
        self.forget()
        self.tell(Message(Key.NOT_UNDERSTOOD, {"found": found, "wanted": self.format}))

    def interrupt(self, now_s: float) -> None:
        """The stream broke off: the halves of a line must not become a whole, and nothing kept may be lost."""
        if self.asked is None:
            self.forget()
        else:
            self.heard.append((now_s, _NO_LINE))

    def forget(self) -> None:
        """Begin again."""
        self.heard.clear()
        self._size, self._widest_s = 0, 0.0

    def _first_bytes(self) -> int:
        """How many bytes came at once with the first: how long those took nobody knows."""
        begun_s = self.heard[0][0]
        return sum(len(piece) for at_s, piece in self.heard if at_s - begun_s < _AT_ONCE_S)


def _assembler(found: Sniffed) -> FrameAssembler | LineAssembler:
    return FrameAssembler() if found.layout is None else LineAssembler(found.layout)
