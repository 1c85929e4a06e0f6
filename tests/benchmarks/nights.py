"""No legal night is dear: instructions of `sleepjerk analyse`: `python -m tests.benchmarks.nights`.

Instructions, because seconds on a machine that does other work hide a change of a tenth. Each night against the plain
one: with a still hour, from a quicker sensor (per sample), with gaps. What the import of everything takes is counted by
itself and stands in each. `--keep FILE` adds the table with its date to what was measured before.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from sleepjerk.recording import Samples
from sleepjerk.simulate import simulate_night
from sleepjerk.version import __version__
from tests.benchmarks.measure import instructions, machine

_PROGRAM = [sys.executable, "-m", "sleepjerk"]
_HZ = 100


def plain(night: Samples) -> tuple[Samples, float]:
    """As it is."""
    return night, _HZ


def still_hour(night: Samples) -> tuple[Samples, float]:
    """Its last hour, at most half of it, on the bedside table."""
    other = night.copy()
    begin = other.shape[1] - min(3600 * _HZ, other.shape[1] // 2)
    noise = np.random.default_rng(1).normal(0.0, 0.002, other[:, begin:].shape)
    other[:, begin:] = np.array([[0.0], [0.0], [1.0]]) + noise
    return other, _HZ


def quicker(hz: int) -> Callable[[Samples], tuple[Samples, float]]:
    """The same night from a quicker sensor."""

    def make(night: Samples) -> tuple[Samples, float]:
        count = night.shape[1] * hz // _HZ
        at = np.arange(count) * (_HZ / hz)
        axes = [np.interp(at, np.arange(night.shape[1]), axis) for axis in night]
        return np.stack(axes) + np.random.default_rng(1).normal(0.0, 0.002, (3, count)), hz

    return make


def with_gaps(an_hour: float) -> Callable[[Samples], tuple[Samples, float]]:
    """A third of a second lost so often."""

    def make(night: Samples) -> tuple[Samples, float]:
        other, count = night.copy(), round(an_hour * night.shape[1] / _HZ / 3600)
        for begin in np.random.default_rng(1).integers(0, night.shape[1] - 40, count):
            other[:, begin : begin + 34] = np.nan
        return other, _HZ

    return make


_NIGHTS: dict[str, Callable[[Samples], tuple[Samples, float]]] = {
    "plain": plain,
    "a still hour": still_hour,
    "200 Hz": quicker(200),
    "400 Hz": quicker(400),
    "1600 Hz": quicker(1600),
    "3200 Hz": quicker(3200),
    "312 gaps an hour": with_gaps(2500 / 8),
    "2250 gaps an hour": with_gaps(18_000 / 8),
}


def write(samples: Samples, hz: float, path: Path) -> int:
    """As the recorder writes it; says how many samples."""
    times_us = np.rint(np.arange(samples.shape[1]) * 1e6 / hz).astype(np.int64)
    there = np.isfinite(samples[0])
    with path.open("w") as file:
        file.write("t_us,x_g,y_g,z_g\n")
        np.savetxt(
            file,
            np.column_stack((times_us, samples.T))[there],
            fmt=("%d", "%.4f", "%.4f", "%.4f"),
            delimiter=",",
        )
    return int(there.sum())


def table(hours: float, names: list[str]) -> list[str]:
    """The lines of the table."""
    night = simulate_night(hours=hours, seed=1, scenario="healthy").recording.acceleration_g
    lines = ["| night | 10^9 instructions | a sample | x plain, a sample |", "|---|---|---|---|"]
    begun = instructions(
        [sys.executable, "-c", "import sleepjerk.cli.analyse, sleepjerk.analysis, sleepjerk.session"]
    )
    lines.append(f"| imports alone | {begun / 1e9:.2f} | | |")
    first = None
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "night.csv"
            count = write(*_NIGHTS[name](night), path)
            every = instructions([*_PROGRAM, "analyse", str(path), "--out", folder])
        each = every / count
        first = each if first is None else first
        lines.append(f"| {name} | {every / 1e9:.2f} | {each:.0f} | {each / first:.2f} |")
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--nights", nargs="+", choices=sorted(_NIGHTS), default=list(_NIGHTS))
    parser.add_argument("--keep", type=Path, metavar="FILE")
    args = parser.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout
    head = f"## {date.today()}, {__version__} {commit.strip()}, {args.hours:g} h, {machine()}"  # noqa: DTZ011
    text = "\n".join([head, "", *table(args.hours, args.nights)]) + "\n"
    print(f"\n{text}")
    if args.keep is not None:
        with args.keep.open("a") as file:
            file.write(f"\n{text}")


if __name__ == "__main__":
    main()
