"""A night through the Uno's real program, whose truth is known, and where its samples are placed when it is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_io.wire import Data
from firmware_io.wire.frames import FrameDecoder
from sleepjerk.reading import read_recording
from sleepjerk.reading.clock_log import read_clock_log
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from tests.firmware_io.built import Life, live, samples
from tests.firmware_io.heard import arrivals, record_heard
from tests.firmware_io.recorder_process import rows_of

Array = NDArray[np.float64]
HOST_S = 5000.0  # the computer had been on for so long
BYTE_S = 10 / 115_200


@dataclass(frozen=True)
class Placed:
    """The recording; (n,) when each was taken, s since the first, and how far off it is, drift applied or not."""

    recording: Recording
    resets: int
    true_s: Array
    error_s: Array
    raw_error_s: Array


def _frames(life: Life, fast: float) -> Iterator[tuple[float, bytes]]:
    """When each frame was on the wire as a whole, by a true clock, and its bytes."""
    number_of = {tuple(counts): number for number, counts in enumerate(life.counts.tolist())}
    taken_s = dict(
        zip(life.told["number"].tolist(), (life.told["at_us"] / 1e6 / (1 + fast)).tolist(), strict=True)
    )
    sent_s = 0.0
    for frame in life.wire.split(b"\0"):
        for item in FrameDecoder().feed(frame + b"\0"):
            if isinstance(item, Data):
                sent_s = taken_s[number_of[tuple(item.counts[-1])]]
        sent_s += (len(frame) + 1) * BYTE_S
        yield sent_s, frame + b"\0"


def live_through(folder: Path, count: int, fast: float) -> Placed:
    """Record and read so many samples of a board whose clock is fast, with all that may happen in a night."""
    counts = samples(count)
    lasts_s = count / 100
    plan = [
        *((0.3 * lasts_s, what) for what in ("power", "reset")),
        *((0.7 * lasts_s, what) for what in ("power", "reset")),
        *((share * lasts_s, "hold") for share in (0.1, 0.45, 0.9)),
        (0.55 * lasts_s, "absent", 1),
        (0.55 * lasts_s + 4, "absent", 0),
    ]
    life = live(folder, counts, plan, timeout_s=max(900, lasts_s))
    sent_s, frames = zip(*_frames(life, fast), strict=True)
    came_s = HOST_S + arrivals(np.array(sent_s), 3, stalls_s=(2.0, 5.0, 20.0, 60.0))
    (folder / "nights").mkdir()
    path, writer = record_heard(folder / "nights", zip(came_s.tolist(), frames, strict=True))
    rows = rows_of(path)
    number_of = {tuple(row): number for number, row in enumerate(counts.tolist())}
    told = dict(zip(life.told["number"].tolist(), life.told["at_us"].tolist(), strict=True))
    number = np.array([number_of[tuple(row)] for row in rows[:, 1:].tolist()])
    # Of three million samples two may be the same by chance; what then seems out of order is left out.
    forward = np.diff(number) > 0
    sure = np.append(True, forward) & np.append(forward, True)
    true_s = np.array([told[each] for each in number[sure].tolist()]) / 1e6 / (1 + fast)
    device_s = rows[sure, 0] / 1e6
    log = read_clock_log(path, None, float(device_s[-1]), Rules().reading)
    assert log is not None
    assert log.device is not None
    return Placed(
        read_recording(path),
        writer.ledger.resets,
        true_s - true_s[0],
        log.device.on_host(device_s) - HOST_S - true_s,
        (device_s - device_s[0]) - (true_s - true_s[0]),
    )
