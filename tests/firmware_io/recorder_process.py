"""The recorder as its own process, and what its files hold. For tests; must not know how it records."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_io.recorder.messages import Message, Progress
from sleepjerk.cli.record_words import Words
from tests.firmware_io.simulated_board import LSB_PER_G

PROJECT = Path(__file__).resolve().parents[2]


class Recorder:
    """`sleepjerk record` as its own process."""

    def __init__(
        self, link: Path, out: Path, *options: str, before: Callable[[], None] | None = None
    ) -> None:
        command = [
            sys.executable,
            "-m",
            "sleepjerk",
            "record",
            "--port",
            str(link),
            "--out",
            str(out),
            *options,
        ]
        self.out = out
        self.process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=before,
        )

    def finish(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, talk = self.process.communicate(timeout=60)
        return self.process.returncode, out, talk

    def wait_for_rows(self, count: int, timeout_s: float = 60.0) -> Path:
        """Until the file holds so many whole lines."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            for path in nights(self.out):
                if path.read_bytes().count(b"\n") > count:
                    return path
            time.sleep(0.05)
        raise AssertionError(f"no {count} rows within {timeout_s} s: {self.finish()}")


class Said:
    """What a recorder in this process would have said to a person."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._words = Words()

    def tell(self, message: Message | Progress) -> None:
        if isinstance(message, Message) and (sentence := self._words.of(message)) is not None:
            self.sentences.append(sentence)


def nights(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.csv") if not path.name.endswith(".clock.csv"))


def rows_of(path: Path) -> NDArray[np.int64]:
    """(n, 4) t_us and counts, to the last whole line."""
    whole = path.read_bytes().rpartition(b"\n")[0].decode().split("\n")
    assert whole[0] == "t_us,x_g,y_g,z_g"
    table = np.array([[float(word) for word in line.split(",")] for line in whole[1:]])
    table[:, 1:] = np.rint(table[:, 1:] * LSB_PER_G)
    return table.astype(np.int64)


def positions(rows: NDArray[np.int64], counts: NDArray[np.int16]) -> NDArray[np.int64]:
    """Which sample of the board each row is, found by its values and time; fails if any row was never sent."""
    offset = next(
        first
        for first in range(len(counts))
        if np.array_equal(counts[first], rows[0, 1:]) and np.array_equal(counts[first + 1], rows[1, 1:])
    )
    index = offset + rows[:, 0] // 10_000
    np.testing.assert_array_equal(counts[index], rows[:, 1:])
    return index
