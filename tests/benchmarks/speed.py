"""What a whole night costs: `python -m tests.benchmarks.speed [--runs 5]`.

Times whole processes, start-up included, and prints the median and the peak memory of the largest process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median


def measure(command: list[str], runs: int) -> tuple[float, float, float]:
    """Median, minimum and maximum wall time of a command, s; the peak memory is printed by the caller."""
    times = []
    for _ in range(runs + 1):
        began_s = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.monotonic() - began_s)
    counted = times[1:]  # the first run warms the disk's cache
    return median(counted), min(counted), max(counted)


def peak_mb(command: list[str]) -> float:
    """Peak memory of one run, MB."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = os.wait4(child.pid, 0)[2]
    return usage.ru_maxrss / 1000


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    program = [sys.executable, "-m", "sleepjerk"]
    with tempfile.TemporaryDirectory() as folder:
        night = Path(folder) / "night.csv"
        subprocess.run(
            [*program, "simulate", "--hours", "8", "--out", str(night)], check=True, capture_output=True
        )
        jobs = {
            "sleepjerk --help": [*program, "--help"],
            "sleepjerk record --help": [*program, "record", "--help"],
            "report of 8 h at 100 Hz, CSV to HTML": [*program, "report", str(night)],
        }
        for name, command in jobs.items():
            middle, least, most = measure(command, args.runs)
            print(f"{name:40} {middle:.2f} s ({least:.2f}-{most:.2f}), peak {peak_mb(command):.0f} MB")


if __name__ == "__main__":
    main()
