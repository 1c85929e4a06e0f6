"""What a whole night costs, and where each millisecond goes: `taskset -c 0,1 python -m tests.benchmarks.speed`.

Whole processes, start-up included, in turn; then the analysis alone against one multiplication of the same numbers,
step by step. A made night of 8 h at 100 Hz, as the recorder writes it and with ISO stamps.
"""

import argparse
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
_STEPS = (
    *("mend", "estimate_calibration", "apply_calibration", "find_off_body", "find_sleep", "make_curves"),
    *("find_movements", "measure_shapes", "make_timeline", "find_vibrations", "judge_night", "make_events"),
)


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


def analysis_alone(night: Path, rounds: int) -> None:
    """Time the analysis of samples in memory, and each step, beside one multiplication."""
    import sleepjerk.analysis
    from sleepjerk.reading import read_recording

    recording = read_recording(night)
    one, other = (np.random.default_rng(seed).random(recording.acceleration_g.shape) for seed in (1, 2))
    spent: dict[str, list[float]] = {name: [] for name in _STEPS}
    whole, floor = [], []
    analyse = sleepjerk.analysis.analyse
    for name in _STEPS:
        setattr(sleepjerk.analysis, name, _timed(getattr(sleepjerk.analysis, name), spent[name]))
    for number in range(rounds + 1):
        began_s = time.perf_counter()
        product = one * other
        between_s = time.perf_counter()
        analyse(recording)
        if number:
            floor.append(between_s - began_s)
            whole.append(time.perf_counter() - between_s)
        del product
    unit_s = median(floor)
    samples = recording.acceleration_g.shape[1]
    print(
        f"\n| analysis alone, {samples} samples | ms | x one multiplication of 3 x n float64 |\n|---|---|---|"
    )
    print(f"| one multiplication | {1000 * unit_s:.1f} | 1 |")
    for name, seconds in sorted(spent.items(), key=lambda item: -median(item[1])):
        print(f"| {name} | {1000 * median(seconds):.1f} | {median(seconds) / unit_s:.1f} |")
    print(f"| **whole analysis** | {1000 * median(whole):.0f} | {median(whole) / unit_s:.0f} |")


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
        analysis_alone(night, args.rounds)


if __name__ == "__main__":
    main()
