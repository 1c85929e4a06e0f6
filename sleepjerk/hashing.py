"""The fingerprint of a file's bytes, taken while other things are done. Must not know what the file holds.

A night of 140 MB takes a tenth of a second, in which a thread of its own keeps nobody waiting: so it begins before
numpy and pandas are imported, and is taken once, whoever asks.
"""

import contextlib
import hashlib
import os
import threading
from functools import lru_cache
from io import RawIOBase
from pathlib import Path

from sleepjerk.errors import InputError

_PIECE_BYTES = 1 << 23  # large, for after each piece other threads may keep this one waiting
_KEPT = 2  # plain: files, of wrist and ankle


class Sha256(threading.Thread):
    """Takes the SHA-256 of a file as it lies on the disk, from now on."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)  # a process needn't wait for what nobody asked for
        self._path, self._digest = path, ""
        self._failed: OSError | None = None
        self.start()

    def run(self) -> None:
        """Read all of it, piece by piece."""
        try:
            with self._path.open("rb", buffering=0) as file:
                self._state = _state_of(os.fstat(file.fileno()))
                self._digest = _digest_of(file, self._state[0])
        except OSError as error:
            self._failed = error

    def result(self) -> str:
        """The digest in hexadecimal, as soon as it is known, of what may have grown or gone since then.

        Raises
        ------
        InputError
            Other bytes lie there now, so that what was read meanwhile may be of these or of those.
        OSError
            The file can't be read.
        """
        self.join()
        if self._failed is not None:
            raise self._failed
        with contextlib.suppress(FileNotFoundError), self._path.open("rb", buffering=0) as file:
            now = _state_of(os.fstat(file.fileno()))
            if now != self._state and _digest_of(file, self._state[0]) != self._digest:
                raise InputError(
                    f"{self._path}: this file changed while it was read; type the same line again"
                )
        return self._digest


def _state_of(file: os.stat_result) -> tuple[int, int, int]:
    """What changes with a file, its size first."""
    return file.st_size, file.st_mtime_ns, file.st_ino


def _digest_of(file: RawIOBase, size: int) -> str:
    """Of so many bytes."""
    piece, digest = memoryview(bytearray(_PIECE_BYTES)), hashlib.sha256()
    while count := file.readinto(piece[:size]):
        digest.update(piece[:count])
        size -= count
    return digest.hexdigest()


def sha256_of(path: Path) -> Sha256:
    """The SHA-256 of a file, whose taking begins, or has begun if the file is still the same.

    Raises
    ------
    OSError
        There is no such file.
    """
    return _begun(path.absolute(), *_state_of(path.stat()))


@lru_cache(_KEPT)
def _begun(path: Path, *_: int) -> Sha256:
    return Sha256(path)
