"""A board on a real pty: speaks our frames or number lines in real time, as if it lay on a sleeper's arm.

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
from tests.firmware_io.board_frames import encode_data, encode_hello

LSB_PER_G = 8192
BATCH = 10
PERIOD_US = 10_000
HELLO_EVERY = 20  # frames: 2 s


def night_counts(seconds: float) -> NDArray[np.int16]:
    """(n, 3) raw counts at 100 Hz of an arm that lies still and breathes, on a cheap sensor; no two are the same."""
    time_s = np.arange(round(seconds * 100)) / 100
    tilt = np.radians(30) + 0.02 * np.sin(2 * np.pi * 0.25 * time_s)  # 15 breaths a minute, 20 mg
    gravity_g = np.stack([0.3 * np.ones_like(tilt), np.sin(tilt), np.cos(tilt)], axis=1) / np.hypot(1, 0.3)
    noise_g = np.random.default_rng(7).normal(
        0, 0.004, gravity_g.shape
    )  # MPU-6050: 0.4 mg/sqrt(Hz) over 100 Hz
    return np.rint(LSB_PER_G * (gravity_g + noise_g)).astype(np.int16)


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
        waits: bool = False,
    ) -> None:
        self.link = link
        self.speaks = speaks
        self.counts = counts
        self.digits = digits
        self.period_us = period_us
        self.waits = waits  # begins when somebody opens its port, as a board does that is reset by that
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
        while self.waits and not self._asked() and not self._stop.wait(0.01):
            pass
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
