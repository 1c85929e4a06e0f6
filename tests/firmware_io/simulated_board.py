"""A board on a real pty: speaks our frames or number lines in real time, with a real night as its samples.

It stamps its samples itself, keeps a record of all that it sent, and can be unplugged, reset and disturbed.
"""

import os
import threading
import time
import tty
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware_io.wire import Hello
from firmware_io.wire.frames import encode_data, encode_hello
from tests.support.real_nights import shared_data

LSB_PER_G = 8192
BATCH = 10
PERIOD_US = 10_000
HELLO_EVERY = 50  # frames: 5 s


def night_counts(seconds: float) -> NDArray[np.int16]:
    """(n, 3) raw counts at 100 Hz from the evening of a real night, or made ones where the shared data is missing."""
    count = round(seconds * 100)
    folder = shared_data()
    if folder is None:
        return np.random.default_rng(7).integers(-12_000, 12_000, (count, 3)).astype(np.int16)
    runs = np.load(folder / "wrist_psg_nights" / "p033.npy").view(np.recarray)
    first = 2000
    repeat = runs.d[first : first + count].astype(int)
    values = np.stack([runs.x, runs.y, runs.z], axis=1)[first : first + count].astype(int) - 128
    # A count of the old logger is 1/32 g: 256 of ours. The low bits number the samples, so that none can be mixed up.
    held = np.repeat(values, repeat, axis=0)[:count] * 256
    return (np.clip(held, -127 * 256, 127 * 256) // 256 * 256 + (np.arange(count) % 251)[:, None]).astype(
        np.int16
    )


class SimulatedBoard:
    """A board behind a link that looks like a device path."""

    def __init__(
        self,
        link: Path,
        speaks: str,
        counts: NDArray[np.int16],
        *,
        start_us: int = 0,
        digits: int = 5,
        period_us: int = PERIOD_US,
    ) -> None:
        self.link = link
        self.speaks = speaks
        self.counts = counts
        self.digits = digits
        self.period_us = period_us
        self.sent: list[int] = []  # index of every sample handed to the wire
        self.garble: dict[int, bytes] = {}  # frame number -> bytes sent instead
        self.repeat: set[int] = set()  # frame numbers sent twice
        self.skip: set[int] = set()  # frame numbers never sent
        self.boot_id = 1
        self._sequence = 0
        self._clock_zero_us = start_us
        self._booted_at = 0
        self._next = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._master: int | None = None
        self._slave: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self.plug()
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._stop.set()
        self._thread.join()
        self.unplug()

    def plug(self) -> None:
        """Appear under the link, as another pty than before."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        fresh = self.link.with_name(self.link.name + ".new")
        fresh.symlink_to(os.ttyname(slave))
        fresh.replace(self.link)
        with self._lock:
            self._master, self._slave = master, slave

    def unplug(self) -> None:
        """Vanish, as a pulled cable does."""
        with self._lock:
            for handle in (self._master, self._slave):
                if handle is not None:
                    os.close(handle)
            self._master = self._slave = None
        self.link.unlink(missing_ok=True)

    def reset(self) -> None:
        """Begin again: new boot id, clock and sequence from 0."""
        with self._lock:
            self.boot_id += 1
            self._sequence, self._clock_zero_us, self._booted_at = 0, 0, self._next

    def _run(self) -> None:
        began_s = time.monotonic()
        frame = 0
        while not self._stop.is_set() and self._next + BATCH <= len(self.counts):
            with self._lock:
                self._send(frame)
            frame += 1
            pause_s = began_s + frame * BATCH * self.period_us / 1e6 - time.monotonic()
            if pause_s > 0:
                time.sleep(pause_s)

    def _send(self, frame: int) -> None:
        rows = range(self._next, self._next + BATCH)
        data = self._frames(rows) if self.speaks == "frames" else self._lines(rows)
        self._next += BATCH
        if frame in self.skip:
            return
        data = self.garble.get(frame, data)
        if self._write(data * 2 if frame in self.repeat else data) and frame not in self.garble:
            self.sent.extend(rows)

    def _write(self, data: bytes) -> bool:
        if self._master is None:
            return False
        try:
            return os.write(self._master, data) == len(data)
        except OSError:
            return False

    def _asked(self) -> bool:
        """Did the host send a question mark?"""
        try:
            return self._master is not None and b"?" in os.read(self._master, 64)
        except OSError:
            return False

    def _ticks(self, row: int) -> int:
        return (self._clock_zero_us + (row - self._booted_at) * self.period_us) % (1 << 32)

    def _frames(self, rows: range) -> bytes:
        hello = b""
        if self._sequence % HELLO_EVERY == 0 or self._asked():
            hello = encode_hello(self._hello(rows[0]))
            self._sequence += 1
        counts = self.counts[rows.start : rows.stop].tolist()
        data = encode_data(
            self.boot_id, self._sequence % 65536, self._ticks(rows[0]), (BATCH - 1) * self.period_us, counts
        )
        self._sequence += 1
        return hello + data

    def _hello(self, row: int) -> Hello:
        return Hello(
            size=0,
            boot_id=self.boot_id,
            sequence=self._sequence % 65536,
            protocol=1,
            range_g=4,
            lsb_per_g=LSB_PER_G,
            rate_hz=100,
            bandwidth_hz=44,
            batch=BATCH,
            sensor_id=0x68,
            reset_cause=1,
            t_now_us=self._ticks(row),
            dropped_samples=0,
            missed_samples=0,
            bus_errors=0,
            resets=self.boot_id,
            board="simulated",
            firmware="test 1",
            sensor="MPU6050",
        )

    def _lines(self, rows: range) -> bytes:
        values = self.counts[rows.start : rows.stop] / LSB_PER_G
        lines = [
            f"{self._ticks(row) // 1000}\t{x:.{self.digits}f}\t{y:.{self.digits}f}\t{z:.{self.digits}f}\r\n"
            for row, (x, y, z) in zip(rows, values, strict=True)
        ]
        return "".join(lines).encode()
