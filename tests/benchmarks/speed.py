"""What a whole night costs, and where each millisecond goes: `taskset -c 0,1 python -m tests.benchmarks.speed`.

Whole processes, start-up included, in turn; then reading and analysis step by step, each against its floor: reading
against the bytes of the file and against pandas parsing the same numbers, both against a = b * c with as many float64,
which costs what new memory and moving numbers through it cost. A made night of 8 h at 100 Hz, as the recorder writes it
and with ISO stamps.
"""

import argparse
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks.measure import machine, run_in_turn, wall

_PROGRAM = [sys.executable, "-m", "sleepjerk"]
_PANDAS = "import sys, pandas as pd; pd.read_csv(sys.argv[1], parse_dates=[0])"
_PANDAS_TEXT = "import sys, pandas as pd; t = pd.read_csv(sys.argv[1]); pd.to_datetime(t.iloc[:, 0])"
_READING = {
    "sleepjerk.reading": ("read_table", "read_stamps", "find_unit"),
    "sleepjerk.reading.assemble": (
        "measure_step",
        "find_clipping",
        "find_breaks",
        "without_spikes",
        "make_grid",
    ),
}
_ANALYSIS = {
    "sleepjerk.analysis": (
        *("mend", "estimate_calibration", "apply_calibration", "find_non_wear", "find_sleep", "make_curves"),
        *(
            "find_movements",
            "measure_shapes",
            "make_timeline",
            "find_vibrations",
            "judge_night",
            "make_events",
        ),
    )
}


def make_night(folder: Path, hours: float) -> tuple[Path, Path]:
    """The night as the recorder writes it, and with ISO stamps of milliseconds."""
    night, iso = folder / "night.csv", folder / "iso.csv"
    subprocess.run(
        [*_PROGRAM, "simulate", "--hours", f"{hours:g}", "--out", str(night)], check=True, capture_output=True
    )
    table = pd.read_csv(night)
    moments = np.datetime64("2026-11-22T22:31:04.000") + table.pop("t_us").to_numpy().astype("m8[us]")
    table.insert(0, "time", np.datetime_as_string(moments.astype("M8[ms]")))
    table.to_csv(iso, index=False)
    return night, iso


def whole_processes(night: Path, iso: Path, folder: Path, rounds: int) -> None:
    """Time commands as a user types them."""
    results = ["--out", str(folder / "results")]
    page = str(folder / "night.html")
    jobs = {
        "import sleepjerk": [sys.executable, "-c", "import sleepjerk"],
        "sleepjerk --help": [*_PROGRAM, "--help"],
        "pandas.read_csv, ISO stamps parsed": [sys.executable, "-c", _PANDAS, str(iso)],
        "pandas.read_csv, then to_datetime": [sys.executable, "-c", _PANDAS_TEXT, str(iso)],
        "analyse, ISO stamps": [*_PROGRAM, "analyse", str(iso), *results],
        "analyse, as recorded": [*_PROGRAM, "analyse", str(night), *results],
        "report, as recorded": [*_PROGRAM, "report", str(night), "--no-diary", "--out", page],
    }
    found = run_in_turn(jobs, rounds)
    reading = median(run.wall_s for run in found["pandas.read_csv, ISO stamps parsed"])
    print("| whole process | wall s | x pandas reading | processor s | peak MB |\n|---|---|---|---|---|")
    for name, runs in found.items():
        middle = median(run.wall_s for run in runs)
        processor, peak = median(run.cpu_s for run in runs), max(run.peak_mb for run in runs)
        print(f"| {name} | {wall(runs)} | {middle / reading:.2f} | {processor:.2f} | {peak:.0f} |")


def profile(night: Path, rounds: int) -> None:
    """Time reading, analysis, their steps and their floors within this process, imports done."""
    from sleepjerk.analysis import analyse
    from sleepjerk.reading import read_recording
    from sleepjerk.runtime import begin

    begin()  # as the command does
    columns = pd.read_csv(night, nrows=0).columns
    kinds = dict(zip(columns, ("f8", "f4", "f4", "f4"), strict=True))
    shape = read_recording(night).acceleration_g.shape
    one, other = (np.random.default_rng(seed).random(shape) for seed in (1, 2))
    product = np.empty(shape)
    work: dict[str, Callable[[], Any]] = {
        "a = b * c": lambda: one * other,
        "the same into memory that is there": lambda: np.multiply(one, other, out=product),
        "the bytes of the file": night.read_bytes,
        "pandas, the same numbers": lambda: pd.read_csv(night, dtype=kinds),
        "reading": lambda: read_recording(night),
    }
    reading, analysis = _watch(_READING), _watch(_ANALYSIS)
    spent: dict[str, list[float]] = {name: [] for name in (*work, "analysis")}
    for _ in range(rounds + 1):
        last = None
        for name, call in work.items():
            last = _timed(call, spent[name])()
        _timed(analyse, spent["analysis"])(last)  # the recording that was read last
    unit_s = _counted(spent["a = b * c"])
    print(f"\n| in one process, {shape[1]} samples | ms | x a = b * c, 3 x n float64 |\n|---|---|---|")
    for name, steps in (
        *((name, {}) for name in list(work)[:4]),
        ("reading", reading),
        ("analysis", analysis),
    ):
        print(f"| **{name}** | {1000 * _counted(spent[name]):.0f} | {_counted(spent[name]) / unit_s:.1f} |")
        for step, seconds in sorted(steps.items(), key=lambda item: -_counted(item[1])):
            print(f"| {step} | {1000 * _counted(seconds):.1f} | {_counted(seconds) / unit_s:.1f} |")


def _watch(steps: dict[str, tuple[str, ...]]) -> dict[str, list[float]]:
    """Have each call of some steps timed from now on."""
    spent = {}
    for home, names in steps.items():
        module = importlib.import_module(home)
        for name in names:
            spent[name] = list[float]()
            setattr(module, name, _timed(getattr(module, name), spent[name]))
    return spent


def _counted(seconds: list[float]) -> float:
    """The median of all rounds but the first."""
    return median(seconds[1:])


def _timed(step: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    @wraps(step)
    def call(*args: Any, **kwargs: Any) -> Any:
        began_s = time.perf_counter()
        result = step(*args, **kwargs)
        spent.append(time.perf_counter() - began_s)
        return result

    return call


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hours", type=float, default=8)
    args = parser.parse_args()
    print(f"{machine()}; {args.hours:g} h at 100 Hz, {args.rounds} rounds, medians (least-most)\n")
    with tempfile.TemporaryDirectory() as name:
        night, iso = make_night(Path(name), args.hours)
        whole_processes(night, iso, Path(name), args.rounds)
        profile(night, args.rounds)


if __name__ == "__main__":
    main()
