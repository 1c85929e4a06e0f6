"""From an hour to a week, and from one process to many: `taskset -c 0,1 python -m tests.benchmarks.scaling`.

Whole processes of `sleepjerk analyse` on recordings of made days (16 h awake, 8 h asleep) at 100 Hz as the recorder
writes them, as Parquet and as a logger's own file, and of `sleepjerk batch` on nights of 8 h with one process and with
all. Takes 5 GB of disk (--folder).
"""

import argparse
import os
import shutil
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from sleepjerk.recording import Samples
from sleepjerk.simulate import simulate_night
from tests.benchmarks.measure import Run, machine, run_in_turn, run_once, wall
from tests.reading.made_loggers import CWA_HEAD_BYTES, STEPS_PER_G, made_cwa

_RATE_HZ = 100
_SLOW_HZ = 25  # of a month, which would fill a disk otherwise
_LENGTHS = {  # name -> hours, ending, and what a day of it is compared with
    "1 h": (1.0, ".csv", "24 h"),
    "8 h": (8.0, ".csv", "24 h"),
    "24 h": (24.0, ".csv", "24 h"),
    "7 days": (7 * 24.0, ".csv", "24 h"),
    "24 h, Parquet": (24.0, ".parquet", "24 h, Parquet"),
    "7 days, Parquet": (7 * 24.0, ".parquet", "24 h, Parquet"),
    "24 h, .cwa": (24.0, ".cwa", "24 h, .cwa"),
    "7 days, .cwa": (7 * 24.0, ".cwa", "24 h, .cwa"),
    "24 h, 25 Hz": (24.0, ".csv", "24 h, 25 Hz"),
    "7 days, 25 Hz": (7 * 24.0, ".csv", "24 h, 25 Hz"),
    "30 days, 25 Hz": (30 * 24.0, ".csv", "24 h, 25 Hz"),
}
_PROGRAM = [sys.executable, "-m", "sleepjerk"]
_START = datetime(2026, 11, 16, 16)  # noqa: DTZ001 - in the afternoon, so that a day ends in a night
_NAME = f"{_START:%Y-%m-%dT%H%M%S}+0100"


def made_day() -> Samples:
    """(3, n) 8 h awake, a night of 8 h, 8 h awake."""
    kinds = (("awake", 1), ("healthy", 2), ("awake", 3))
    parts = [
        simulate_night(hours=8, seed=seed, scenario=name).recording.acceleration_g for name, seed in kinds
    ]
    return np.nan_to_num(np.concatenate(parts, axis=1))


def write_days(day: Samples, hours: float, path: Path, hz: int = _RATE_HZ) -> None:
    """The same day again and again, in the recorder's layout, or as an Axivity logger writes it."""
    if path.suffix == ".cwa":
        samples = np.rint(day.T * STEPS_PER_G).astype(np.int64)
        days = [made_cwa(samples, _START + timedelta(days=number)) for number in range(round(hours / 24))]
        path.write_bytes(days[0] + b"".join(part[CWA_HEAD_BYTES:] for part in days[1:]))
        return
    day = day.reshape(3, -1, _RATE_HZ // hz).mean(axis=2)
    left, row = round(hours * 3600 * hz), 0
    names = ("t_us", "x_g", "y_g", "z_g")
    schema = pa.schema([(names[0], pa.int64()), *((name, pa.float64()) for name in names[1:])])
    with _writer(path, schema) as file:
        while left:
            count = min(left, day.shape[1])
            time_us = np.arange(row, row + count) * (1_000_000 // hz)
            axes = [pa.array(np.round(axis[:count].astype(np.float64), 4)) for axis in day]
            file.write_table(pa.table([pa.array(time_us), *axes], schema=schema))
            left, row = left - count, row + count


def _writer(path: Path, schema: pa.Schema) -> csv.CSVWriter | parquet.ParquetWriter:
    if path.suffix == ".parquet":
        return parquet.ParquetWriter(path, schema)
    path.write_text(",".join(schema.names) + "\n")  # pyarrow would put the names in quotes
    return csv.CSVWriter(
        pa.OSFile(str(path), "ab"), schema, write_options=csv.WriteOptions(include_header=False)
    )


def length(day: Samples, folder: Path, rounds: int, names: list[str]) -> None:
    """Time and memory by length."""
    jobs = {}
    lengths = {name: _LENGTHS[name] for name in names}
    for name, (hours, ending, _) in lengths.items():
        path = folder / name / f"{_NAME}{ending}"
        path.parent.mkdir()
        write_days(day, hours, path, _SLOW_HZ if name.endswith(f"{_SLOW_HZ} Hz") else _RATE_HZ)
        jobs[name] = [*_PROGRAM, "analyse", str(path), "--out", str(folder / "results")]
    found = run_in_turn(jobs, rounds)
    print("| recording | wall s | a day, against that of 24 h | processor s | peak MB | against 24 h |")
    print("|---|---|---|---|---|---|")
    for name, (hours, _, other) in lengths.items():
        a_day = _middle(found[name], "wall_s") / hours * 24 / _middle(found[other], "wall_s")
        peak, day_mb = (max(run.peak_mb for run in found[which]) for which in (name, other))
        print(
            f"| {name} | {wall(found[name])} | {a_day:.2f} | {_middle(found[name], 'cpu_s'):.1f} | {peak:.0f} | "
            f"{peak / day_mb:.2f} |"
        )


def cohort(day: Samples, folder: Path, nights: int, rounds: int) -> None:
    """A batch with a process a core, against one with one process that keeps to one core, and one that needn't.

    Beside it there is the first process, which writes, and a thread that hashes: one process takes more than a core.
    """
    cores = sorted(os.sched_getaffinity(0))
    first = folder / "cohort" / "night00.csv"
    first.parent.mkdir()
    write_days(np.roll(day, -8 * 3600 * _RATE_HZ, axis=1), 8.0, first)
    for number in range(1, nights):
        shutil.copyfile(first, first.with_name(f"night{number:02}.csv"))
    ways = {
        "1 process on 1 core": (["taskset", "-c", str(cores[0])], 1),
        f"1 process on {len(cores)}": ([], 1),
        f"{len(cores)} processes": ([], len(cores)),
    }
    found: dict[str, list[Run]] = {way: [] for way in ways}
    for number in range(rounds):
        for way, (before, count) in ways.items():
            out = folder / f"batch{number} {way}"
            line = [*before, *_PROGRAM, "batch", str(first.parent), "--out", str(out), "--jobs", str(count)]
            found[way].append(run_once(line))
    one = _middle(found["1 process on 1 core"], "wall_s")
    print(
        f"\n| batch of {nights} nights of 8 h | wall s | nights a minute | gain | of cores |\n|---|---|---|---|---|"
    )
    for way, runs in found.items():
        middle = _middle(runs, "wall_s")
        gain = one / middle
        print(f"| {way} | {wall(runs)} | {60 * nights / middle:.1f} | {gain:.2f} | {gain / len(cores):.2f} |")


def _middle(runs: list[Run], field: str) -> float:
    return float(median(getattr(run, field) for run in runs))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nights", type=int, default=32, help="in the batch")
    parser.add_argument("--parts", nargs="+", choices=("length", "batch"), default=("length", "batch"))
    parser.add_argument("--lengths", nargs="+", choices=list(_LENGTHS), default=list(_LENGTHS))
    parser.add_argument(
        "--folder", type=Path, help="where the recordings are made (default: a temporary one)"
    )
    args = parser.parse_args()
    print(f"{machine()}; {_RATE_HZ} Hz, {args.rounds} rounds, medians (least-most)\n")
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        day = made_day()
        if "length" in args.parts:
            length(day, Path(name), args.rounds, args.lengths)
        if "batch" in args.parts:
            cohort(day, Path(name), args.nights, args.rounds)


if __name__ == "__main__":
    main()
