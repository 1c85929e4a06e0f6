"""The fingerprint of a file's bytes, taken while other things are done. Must not know what the file holds.

A night of 140 MB takes a tenth of a second, in which a thread of its own keeps nobody waiting: so it begins before
numpy and pandas are imported, and is taken once, whoever asks.
"""

import hashlib
import threading
from functools import lru_cache
from pathlib import Path

_PIECE_BYTES = 1 << 23  # large, for after each piece other threads may keep this one waiting
_KEPT = 2  # plain: files, of wrist and ankle


class Sha256(threading.Thread):
    """Takes the SHA-256 of a file as it lies on the disk, from now on."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)  # a process needn't wait for what nobody asked for
        self._path, self._digest = path, hashlib.sha256()
        self._failed: OSError | None = None
        self.start()

    def run(self) -> None:
        """Read all of it, piece by piece."""
        piece = memoryview(bytearray(_PIECE_BYTES))
        try:
            with self._path.open("rb", buffering=0) as file:
                while count := file.readinto(piece):
                    self._digest.update(piece[:count])
        except OSError as error:
            self._failed = error

    def result(self) -> str:
        """The digest in hexadecimal, as soon as it is known.

        Raises
        ------
        OSError
            The file can't be read.
        """
        self.join()
        if self._failed is not None:
            raise self._failed
        return self._digest.hexdigest()


def sha256_of(path: Path) -> Sha256:
    """The SHA-256 of a file, whose taking begins, or has begun if the file is still the same.

    Raises
    ------
    OSError
        There is no such file.
    """
    state = path.stat()
    return _begun(path.absolute(), state.st_ino, state.st_size, state.st_mtime_ns)


@lru_cache(_KEPT)
def _begun(path: Path, *_: int) -> Sha256:
    return Sha256(path)
