"""The firmware and the board that isn't there, built by firmware_io's own Makefile, once for each test process."""

import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_io.wire import Aside, Data, Item
from firmware_io.wire.frames import FrameDecoder

ROOM = Path(__file__).resolve().parents[2] / "firmware_io"
MISSING = (
    "not built here, because {}: apt-get install make gcc g++ libc6-dev gcc-avr avr-libc arduino-core-avr "
    "libsimavr-dev libelf-dev gcc-arm-none-eabi gcc-riscv64-unknown-elf gcc-xtensa-lx106"
)
TOLD = np.dtype([("number", "<u4"), ("at_us", "<u8")])
HZ = 100

Plan = Sequence[tuple[float, str] | tuple[float, str, int]]


def skip(why: str) -> None:
    """A user may lack the tools; CI must have them."""
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING.format(why))
    pytest.skip(MISSING.format(why))


@functools.cache
def _built(name: str) -> Path | str:
    if shutil.which("make") is None:
        return "make is missing"
    folder = Path(tempfile.mkdtemp(prefix="sleepjerk-built-"))
    command = ["make", "-C", str(ROOM), f"BUILD={folder}", str(folder / name)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return folder / name
    text = done.stderr
    if "No such file or directory" in text or "cannot find -l" in text or "not found" in text:
        return f"a tool is missing ({text.strip().splitlines()[0]})"
    raise AssertionError(text)


def built(name: str) -> Path:
    """A file of the Makefile; skips the test where the tools are missing, fails in CI."""
    found = _built(name)
    if isinstance(found, str):
        skip(found)
        raise AssertionError
    return found


def samples(count: int, seed: int = 1) -> NDArray[np.int16]:
    """(count, 3) counts at +-4 g over the whole range, so that no two can be mixed up."""
    return np.random.default_rng(seed).integers(-32767, 32767, (count, 3)).astype("<i2")


@dataclass(frozen=True)
class Life:
    """What a simulated board did: the wire, and what its sensor told it."""

    wire: bytes
    counts: NDArray[np.int16]
    told: NDArray[np.void]
    lived_s: float
    took_s: float

    @property
    def items(self) -> list[Item]:
        return [item for item in FrameDecoder().feed(self.wire) if not isinstance(item, Aside)]

    @property
    def announced(self) -> NDArray[np.int64]:
        """(n, 4) time since power-on, us, and counts of each sample that the INT wire told of."""
        at_us = self.told["at_us"].astype(np.int64)[:, None]
        return np.concatenate((at_us, self.counts[self.told["number"]].astype(np.int64)), axis=1)


def received(items: Sequence[Item]) -> NDArray[np.int64]:
    """(n, 4) board time, us, and counts of each sample in a frame, by the even spacing that W4 promises."""
    rows = [
        (data.t_first_us + round(data.span_us * i / max(len(data.counts) - 1, 1)), *counts)
        for data in items
        if isinstance(data, Data)
        for i, counts in enumerate(data.counts)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def command(
    folder: Path,
    counts: NDArray[np.int16],
    plan: Plan = (),
    sensor_ppm: float = 0.0,
    firmware: str = "board.elf",
) -> list[str]:
    """The simulated board's command line, but for where its bytes go."""
    counts.astype("<i2").tofile(folder / "counts.i16")
    steps = sorted(plan, key=lambda step: step[0])
    # A board whose sensor never comes back would live for ever.
    steps.append(((steps[-1][0] if steps else 0) + 1.05 * len(counts) / HZ + 60, "end"))
    lines = [" ".join(str(word) for word in step) for step in steps]
    (folder / "plan.txt").write_text("\n".join(lines) + "\n")
    return [
        str(built("simboard")),
        f"--firmware={built(firmware)}",
        f"--counts={folder / 'counts.i16'}",
        f"--told={folder / 'told.bin'}",
        f"--plan={folder / 'plan.txt'}",
        f"--sensor-ppm={sensor_ppm}",
    ]


def live(
    folder: Path,
    counts: NDArray[np.int16],
    plan: Plan = (),
    sensor_ppm: float = 0.0,
    firmware: str = "board.elf",
    timeout_s: float = 900,
) -> Life:
    """Run the board as fast as it goes, its bytes into a file."""
    wire = folder / "wire.bin"
    done = subprocess.run(
        [*command(folder, counts, plan, sensor_ppm, firmware), f"--out={wire}", "--speed=0"],
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return Life(
        wire.read_bytes(),
        counts,
        np.fromfile(folder / "told.bin", dtype=TOLD),
        told["lived_s"],
        told["took_s"],
    )
