"""What a recording makes of every fault of a board: `python -m tests.benchmarks.ledger [--ptys] [--only WORD]`.

A board of which every sample is known sends two minutes of frames or lines with one kind of fault. What is in the file
is held against what was sent: samples that are invented, doubled, out of order, or further than 20 ms from their time;
and the ledger against what is missing. As it stands bytes go to the recorder's writer at made times, so that a busy
computer changes nothing; with --ptys `sleepjerk record` reads them in real time, all boards at once.
"""

import argparse
import json
import os
import random
import tempfile
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_io.recorder.options import Options
from firmware_io.recorder.writer import Writer
from tests.firmware_io.board_frames import encode_data, encode_hello
from tests.firmware_io.recorder_process import Recorder, nights, rows_of
from tests.firmware_io.simulated_board import BATCH, LSB_PER_G, SimulatedBoard, night_counts

SECONDS, WORST_S, USB_S = 120.0, 0.020, 0.016
Piece = tuple[float, bytes | str]


@dataclass
class Sent:
    """What a board sent: values of all samples, and bytes (or what happened to the port) as they come."""

    counts: NDArray[np.int16]
    hz: float
    pieces: list[Piece] = field(default_factory=list)
    damaged: int = 0  # samples that came, but can't be read

    def send(self, at_s: float, data: bytes | str) -> None:
        """With the delay of a USB bridge."""
        late_s = USB_S * np.ceil(at_s / USB_S) + random.uniform(0, 0.002)
        self.pieces.append((max(float(late_s), self.pieces[-1][0] if self.pieces else 0.0), data))


def line(sent: Sent, row: int, stamp: str = "") -> bytes:
    """A sample as text."""
    x, y, z = (sent.counts[row] / LSB_PER_G).tolist()
    return f"{stamp}{x:.5f},{y:.5f},{z:.5f}\r\n".encode()


Fault = Callable[[Sent, random.Random], None]


def lines(
    stamp: Callable[[int, float, random.Random], str] = lambda row, at_s, draw: "", **faults: float
) -> Fault:
    """Lines, of which some are lost, damaged or wait."""

    def fill(sent: Sent, draw: random.Random) -> None:
        held, waits_until_s, lost_until = b"", 0.0, 0
        batch, waits, gap = int(faults.get("batch", 1)), faults.get("stall_s", 0.0), int(faults.get("gap", 0))
        for row in range(len(sent.counts)):
            at_s = row / sent.hz
            data = line(sent, row, stamp(row, at_s, draw))
            if gap and row == len(sent.counts) // 2:
                lost_until = row + gap
            if row < lost_until:
                continue
            if row > 8 * sent.hz and draw.random() < faults.get("lost", 0.0):
                continue
            if row > 8 * sent.hz and draw.random() < faults.get("damaged", 0.0):
                sent.damaged += 1
                data = data[:5] + b"\xff" + data[6:]
            held += data
            if waits and row == len(sent.counts) // 3:
                waits_until_s = at_s + waits
            if at_s >= waits_until_s and (row + 1) % batch == 0:
                sent.send(at_s, held)
                held = b""

    return fill


def frames(**faults: float) -> Fault:
    """Frames, of which some are lost, damaged, doubled, late or from long ago; a board that is reset or unplugged."""

    def fill(sent: Sent, draw: random.Random) -> None:
        hello = SimulatedBoard(Path("none"), "frames", sent.counts)._hello(0)
        boot, sequence, zero, away_until, before = 1, 0, 0, 0, list[bytes]()
        for frame in range(len(sent.counts) // BATCH):
            row, at_s = frame * BATCH, ((frame + 1) * BATCH - 1) / sent.hz
            if faults.get("reset") and frame == len(sent.counts) // BATCH // 2:
                boot, sequence, zero, away_until = 2, 0, row + 50, row + 50
            if faults.get("unplugged") and frame == len(sent.counts) // BATCH // 3:
                sent.send(at_s, "unplugged")
                away_until = row + 300
            if row < away_until:
                if row + BATCH >= away_until and faults.get("unplugged"):
                    sent.send(at_s, "reconnect")
                continue
            if sequence % 50 == 0:
                sent.send(at_s, encode_hello(replace(hello, boot_id=boot, sequence=sequence % 65536)))
                sequence += 1
            ticks = round(1e6 * (row - zero) / sent.hz)
            span_us = round(1e6 * (BATCH - 1) / sent.hz)
            data = encode_data(
                boot, sequence % 65536, ticks, span_us, sent.counts[row : row + BATCH].tolist()
            )
            sequence += 1
            luck = draw.random() if at_s > 8 else 1.0
            if luck < faults.get("lost", 0.0):
                continue
            if luck < faults.get("damaged", 0.0):
                sent.damaged += BATCH
                data = data[:8] + bytes([data[8] ^ 0x41 or 1]) + data[9:]
            sent.send(at_s, data)
            if luck < faults.get("doubled", 0.0):
                sent.send(at_s, data)
            before.append(data)
            if faults.get("stale") and frame % 200 == 199:
                sent.send(at_s, before[-150])

    return fill


def millis(row: int, at_s: float, draw: random.Random) -> str:
    return f"{int(1000 * (at_s + draw.uniform(0, 0.0005))) + 7000},"


def hundredths(row: int, at_s: float, draw: random.Random) -> str:
    return f"{int(100 * at_s) / 100 + 7:.2f},"


def micros(row: int, at_s: float, draw: random.Random) -> str:
    return f"{(round(1e6 * at_s) + (1 << 32) - 30_000_000) % (1 << 32)},"


def set_back(row: int, at_s: float, draw: random.Random) -> str:
    return f"{int(1000 * at_s) + 7000 - (12 if row % 997 == 996 else 0)},"


def counter(row: int, at_s: float, draw: random.Random) -> str:
    return f"{row},"


FAULTS: dict[str, tuple[float, Fault]] = {
    "frames, whole": (100, frames()),
    "frames, 1 % lost": (100, frames(lost=0.01)),
    "frames, 1 % damaged": (100, frames(damaged=0.01)),
    "frames, 2 % doubled": (100, frames(doubled=0.02)),
    "frames, stale ones of the same boot": (100, frames(stale=1)),
    "frames, a reset": (100, frames(reset=1)),
    "frames, unplugged for 3 s": (100, frames(unplugged=1)),
    "frames at 400 Hz, 1 % lost": (400, frames(lost=0.01)),
    "micros over their turn, 1 % lost": (100, lines(micros, lost=0.01)),
    "millis, 1 % damaged": (100, lines(millis, damaged=0.01)),
    "millis at 400 Hz, jitter, 1 % lost": (400, lines(millis, lost=0.01)),
    "hundredths": (100, lines(hundredths)),
    "hundredths, 1 % lost": (50, lines(hundredths, lost=0.01)),
    "millis that are set back": (100, lines(set_back)),
    "a counter at 416 Hz": (416, lines(counter)),
    "no time": (100, lines()),
    "no time, 1 % damaged": (100, lines(damaged=0.01)),
    "no time, 200 lines lost": (100, lines(gap=200)),
    "no time, a stall of 20 s": (100, lines(stall_s=20)),
    "no time, 50 lines each 0.5 s": (100, lines(batch=50)),
    "millis, a stall of 20 s": (100, lines(millis, stall_s=20)),
    "millis, 200 lines lost": (100, lines(millis, gap=200)),
}


def made(name: str) -> Sent:
    """A board with that fault."""
    hz, fault = FAULTS[name]
    random.seed(name)
    sent = Sent(night_counts(SECONDS * hz / 100), hz)
    fault(sent, random.Random(name))
    return sent


def by_clock(sent: Sent, folder: Path) -> Path:
    """The writer alone, at made times."""
    folder.mkdir()
    writer = Writer(Options(folder), lambda message: None)
    for at_s, what in sent.pieces:
        writer.take(at_s, what)
    path = writer.finish("end").path
    assert path is not None, "nothing was recorded"
    return path


class OnPty:
    """`sleepjerk record` and a board of its own, in real time."""

    def __init__(self, sent: Sent, folder: Path) -> None:
        folder.mkdir()
        self._sent, self._folder = sent, folder
        self._plug()
        self._recorder = Recorder(folder / "board", folder / "out")
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def _plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        (self._folder / "new").symlink_to(os.ttyname(self._slave))
        (self._folder / "new").replace(self._folder / "board")

    def _play(self) -> None:
        time.sleep(1.5)  # until the port is open
        began_s = time.monotonic()
        for at_s, what in self._sent.pieces:
            time.sleep(max(0.0, began_s + at_s - time.monotonic()))
            if isinstance(what, bytes):
                os.write(self._master, what)
            elif what == "unplugged":
                os.close(self._master)
                os.close(self._slave)
                (self._folder / "board").unlink()
            else:
                self._plug()

    def path(self) -> Path:
        """The recording, once all was sent."""
        self._thread.join()
        time.sleep(2.0)
        self._recorder.finish()
        (path,) = nights(self._folder / "out")
        return path


def judge(sent: Sent, path: Path) -> tuple[str, bool]:
    """What is wrong with a recording, in words; whether anything is."""
    rows = rows_of(path)
    places: dict[tuple[int, ...], list[int]] = {}
    for place, sample in enumerate(sent.counts.tolist()):
        places.setdefault(tuple(sample), []).append(place)
    index, invented, last = [], 0, -1
    for row in rows[:, 1:].tolist():
        later = [place for place in places.get(tuple(row), []) if place > last]
        if not later:
            invented += 1
            index.append(-1)
            continue
        last = later[0]
        index.append(last)
    found = np.array(index)
    good = found >= 0
    off_s = rows[good, 0] / 1e6 - found[good] / sent.hz
    worst_s = float(np.abs(off_s - np.median(off_s)).max())
    missing = int(found[good][-1] - found[good][0]) + 1 - int(good.sum())
    ledger = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())["ledger"]
    said = ledger["gap"] + ledger["rejected"] + ledger["dropped"]
    wrong = invented > 0 or worst_s > WORST_S or said != missing or ledger["good"] != len(rows)
    words = f"{len(rows)} rows, {invented} invented or doubled, {missing} missing ({said} in the ledger), "
    return f"{words}{ledger['repeated']} repeated, worst {1000 * worst_s:.1f} ms", wrong


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ptys", action="store_true")
    parser.add_argument("--only", default="", help="faults with this in their name")
    args = parser.parse_args()
    names = [name for name in FAULTS if args.only in name]
    with tempfile.TemporaryDirectory() as folder:
        boards = {name: made(name) for name in names}
        running = (
            {
                name: OnPty(sent, Path(folder) / str(number))
                for number, (name, sent) in enumerate(boards.items())
            }
            if args.ptys
            else {}
        )
        for number, (name, sent) in enumerate(boards.items()):
            path = running[name].path() if args.ptys else by_clock(sent, Path(folder) / str(number))
            words, wrong = judge(sent, path)
            print(f"{'WRONG ' if wrong else '      '}{name:<40}{words}")


if __name__ == "__main__":
    main()
