"""A stream of bytes -> pieces with an end mark. Knows one byte value and a length; must not know any format.

Where a piece ends depends on the bytes alone, never on how they were handed over, and memory is bounded: what
follows an endless piece is worthless up to the next end mark, because it could look whole without being so.
"""


class Splitter:
    """Pieces that end with one certain byte and are no longer than `longest`, end mark included."""

    def __init__(self, end: int, longest: int) -> None:
        self._end = end
        self._longest = longest
        self._pending = bytearray()
        self._endless = False  # the present piece was too long; drop the rest of it

    @property
    def pending(self) -> int:
        """Bytes fed that belong to no piece yet."""
        return len(self._pending)

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
