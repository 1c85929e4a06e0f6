"""How long the morning report takes from night.json, as a whole process: `python -m tests.benchmarks.report`.

On at most two cores, with a full diary behind it. Nothing is analysed: the night is a made one
of everything, eight hours long.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from sleepjerk.history.database import History
from tests.support.made_weeks import line

RUNS = 9


def seconds(folder: Path, *words: str) -> list[float]:
    """Wall time of each run, s."""
    environment = os.environ | {"SLEEPJERK_HOME": str(folder / "home")}
    found = []
    for _ in range(RUNS):
        began_s = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "sleepjerk", *words], env=environment, check=True, capture_output=True
        )
        found.append(time.perf_counter() - began_s)
    return found


def main() -> None:
    """Make a night, fill a diary, time."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recording, night = folder / "a.csv", folder / "a.night.json"
        words = (
            "simulate",
            "--hours",
            "8",
            "--seed",
            "1",
            "--scenario",
            "everything",
            "--out",
            str(recording),
        )
        for command in (words, ("analyse", str(recording))):
            subprocess.run([sys.executable, "-m", "sleepjerk", *command], check=True, capture_output=True)
        with History(folder / "home" / "diary.sqlite") as history:
            for back in range(1, 91):
                history.keep_night(line(".", date(2026, 11, 22) - timedelta(days=back)))
        print("| what | seconds: median (least - most) |\n|---|---|")
        for what, line_ in (
            ("report from night.json, with a diary of 90 nights", ("report", str(night))),
            ("the same, in German", ("report", str(night), "--language", "de")),
            ("without a diary", ("report", str(night), "--no-diary")),
            ("trend of 90 nights", ("trend", "--out", str(folder / "t.html"))),
            ("--help", ("--help",)),
        ):
            took = seconds(folder, *line_)
            print(f"| {what} | {statistics.median(took):.2f} ({min(took):.2f} - {max(took):.2f}) |")


if __name__ == "__main__":
    main()
