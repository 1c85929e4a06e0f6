"""What a board said, heard late by a computer: through the real recorder's writer, without waiting.

The computer's clock is an argument here; what comes round every second and every ten is done as the loop does it.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_io.recorder.options import Options
from firmware_io.recorder.writer import Writer
from tests.firmware_io.recorder_process import nights

Array = NDArray[np.float64]
PAIR_S, SECOND_S = 10.0, 1.0


def arrivals(sent_s: Array, seed: int, *, late_s: float = 0.008, stalls_s: Iterable[float] = ()) -> Array:
    """(n,) when what was sent came: late by chance, in bursts of a USB, and for some spells not at all."""
    rng = np.random.default_rng(seed)
    came_s = sent_s + rng.exponential(late_s, len(sent_s))
    came_s = np.ceil(came_s / 0.016) * 0.016
    for lasting_s in stalls_s:
        begin_s = rng.uniform(came_s[0], came_s[-1])
        came_s[(came_s >= begin_s) & (came_s < begin_s + lasting_s)] = begin_s + lasting_s
    return np.asarray(np.maximum.accumulate(came_s))


def record_heard(folder: Path, heard: Iterable[tuple[float, bytes]]) -> tuple[Path, Writer]:
    """The recording that the writer makes of what came when, and the writer."""
    writer = Writer(Options(folder), lambda message: None)
    paired_s = ticked_s = 0.0
    for came_s, data in heard:
        if came_s - ticked_s >= SECOND_S:  # of what came before
            ticked_s = came_s
            if came_s - paired_s >= PAIR_S or writer.log.is_fresh(came_s):
                paired_s = came_s
                writer.log.pair(writer.ledger)
            if writer.night is not None:
                writer.night.flush(came_s)
        writer.take(came_s, data)
    writer.finish("stopped")
    (path,) = nights(folder)
    return path, writer
