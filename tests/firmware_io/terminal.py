"""A pseudo-terminal that a test sits at: what stands on it, and keys pressed. Knows no program."""

import os
import threading


class Terminal:
    """A pseudo-terminal, and all that was written to it."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        self._seen = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while data := os.read(self.master, 4096):
                self._seen += data
        except OSError:
            return

    @property
    def text(self) -> str:
        """All that was written."""
        return self._seen.decode(errors="replace")  # the last sign may have come in half

    @property
    def line(self) -> str:
        """What stands in the last line."""
        return self.text.rpartition("\x1b[K")[2]

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def close(self) -> None:
        os.close(self.slave)
        self._reader.join(5)
        os.close(self.master)
