"""A stream of bytes -> pieces: with an end mark, or of one length behind a header. Must not know any format.

Where a piece ends depends on the bytes alone, never on how they were handed over, and memory is bounded: what
follows an endless piece is worthless up to the next end mark, because it could look whole without being so.
"""

from collections.abc import Callable


class Splitter:
    """Pieces that end with one certain byte and are no longer than `longest`, end mark included.

    `checked`: each piece has a checksum that tells whether it is whole; where none has, what follows an interruption
    up to the next end mark can't be known to be.
    """

    def __init__(self, end: int, longest: int, *, checked: bool) -> None:
        self._end = end
        self._longest = longest
        self._checked = checked
        self._pending = bytearray()
        self._endless = False  # the present piece was too long, or has no known begin; drop the rest of it

    @property
    def pending(self) -> int:
        """Bytes fed that belong to no piece yet."""
        return len(self._pending)

    def interrupt(self) -> list[tuple[bytes, bool]]:
        """Give up what is pending."""
        rest, self._pending, self._endless = bytes(self._pending), bytearray(), not self._checked
        return [(rest, False)] if rest else []

    def feed(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Every piece that these bytes complete, and whether it is whole."""
        pieces: list[tuple[bytes, bool]] = []
        self._pending += data
        while self._pending:
            found = self._pending.find(self._end, 0, self._longest)
            if found < 0 and len(self._pending) < self._longest:
                break
            size = found + 1 if found >= 0 else self._longest
            pieces.append((bytes(self._pending[:size]), found >= 0 and not self._endless))
            self._endless = found < 0
            del self._pending[:size]
        return pieces


class PacketSplitter:
    """Packets of one length that begin with one of some headers and pass a test; between them, what makes no sense.

    A header's bytes may well stand inside a packet. So after a packet that fails its test the search goes on one byte
    behind its header, not behind its end.

    Parameters
    ----------
    header
        First byte of every packet.
    length
        Bytes of a packet.
    passes
        Is this a packet? Asked with `length + beyond` bytes.
    beyond
        How many bytes behind a packet the test must see.
    """

    def __init__(self, header: int, length: int, passes: Callable[[bytes], bool], beyond: int = 0) -> None:
        self._header = header
        self._length = length
        self._passes = passes
        self._beyond = beyond
        self._pending = bytearray()

    @property
    def pending(self) -> int:
        """Bytes fed that belong to no piece yet."""
        return len(self._pending)

    def interrupt(self) -> list[tuple[bytes, bool]]:
        """Give up what is pending."""
        rest, self._pending = bytes(self._pending), bytearray()
        return [(rest, False)] if rest else []

    def feed(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Every piece that these bytes complete, and whether it is a packet."""
        pieces: list[tuple[bytes, bool]] = []
        self._pending += data
        view, seen = bytes(self._pending), self._length + self._beyond
        begin = at = 0  # of what made no sense, and of what is looked at
        while (at := view.find(self._header, at)) >= 0 and at + seen <= len(view):
            if not self._passes(view[at : at + seen]):
                at += 1
                continue
            if at > begin:
                pieces.append((view[begin:at], False))
            pieces.append((view[at : at + self._length], True))
            begin = at = at + self._length
        senseless = len(view) if at < 0 else at
        if senseless > begin:
            pieces.append((view[begin:senseless], False))
        del self._pending[:senseless]
        return pieces
