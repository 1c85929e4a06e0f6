"""Samples and their stamps in temporary files, for they may be longer than memory. Knows nothing of what they mean."""

import tempfile
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Samples

_SAMPLE, _STAMP = np.dtype((np.float32, 3)), np.dtype(np.int64)


class Store:
    """(n, 3) samples, float32, and (n,) stamps, int64; gone when it is closed.

    Attributes
    ----------
    count
        How many there are so far.
    """

    def __init__(self) -> None:
        self._samples: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._stamps: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self.count = 0

    def add(self, samples: Samples, stamps: NDArray[np.int64]) -> None:
        """Lay down some more."""
        for file, values, kind in ((self._samples, samples, np.float32), (self._stamps, stamps, np.int64)):
            file.seek(0, 2)
            file.write(np.ascontiguousarray(values, dtype=kind).tobytes())
        self.count += len(stamps)

    def samples(self, begin: int, end: int) -> Samples:
        """(3, m) from one number to another."""
        some = np.frombuffer(_some(self._samples, begin, end, _SAMPLE.itemsize), np.float32).reshape(-1, 3)
        return np.array(some.T, order="C")

    def stamps(self, begin: int, end: int) -> NDArray[np.int64]:
        """(m,) from one number to another."""
        return np.frombuffer(_some(self._stamps, begin, end, _STAMP.itemsize), np.int64)

    def close(self) -> None:
        """Let go of them."""
        self._samples.close()
        self._stamps.close()


def _some(file: BinaryIO, begin: int, end: int, size: int) -> bytes:
    file.seek(begin * size)
    return file.read((end - begin) * size)
