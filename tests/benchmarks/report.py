"""How long it takes to read what is analysed already, as whole processes: `python -m tests.benchmarks.report [ROUNDS]`.

On at most two cores, every command in each round: the report of an eight-hour night of everything, trends of up to 365
nights, and what else a person waits for at a terminal. Best and median of wall and of processor time, memory at most.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from sleepjerk.history.database import History
from sleepjerk.night.document import read_night, write_night
from tests.benchmarks.measure import machine, run_in_turn
from tests.support.made_weeks import line

LAST = date(2026, 11, 22)


def sleepjerk(*words: str | Path) -> list[str]:
    """A command line of ours."""
    return [sys.executable, "-m", "sleepjerk", *map(str, words)]


def kept(path: Path, nights: int) -> Path:
    """A diary of so many nights."""
    with History(path) as history:
        for back in range(1, nights + 1):
            history.keep_night(line(".", LAST - timedelta(days=back)))
    return path


def copied(night: Path, folder: Path, nights: int) -> Path:
    """A folder with the same night on so many dates."""
    folder.mkdir()
    found = read_night(night)
    for back in range(nights):
        start = f"{LAST - timedelta(days=back)}T22:00:00+00:00"
        recording = replace(found.recording, start=start, zone="UTC")
        write_night(replace(found, recording=recording), folder / f"{start[:10]}.night.json")
    return folder


def main() -> None:
    """Make a night, fill diaries, time."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SLEEPJERK_HOME"] = str(folder / "home")
        recording, night = folder / "a.csv", folder / "a.night.json"
        made = sleepjerk(
            "simulate", "--hours", 8, "--seed", 1, "--scenario", "everything", "--out", recording
        )
        start = ("--start", f"{LAST}T22:00", "--zone", "UTC")
        for command in (made, sleepjerk("analyse", recording, *start)):
            subprocess.run(command, check=True, capture_output=True)
            recording.with_suffix(".json").unlink(missing_ok=True)  # a simulated night is in no diary
        own, year = kept(folder / "home" / "diary.sqlite", 90), kept(folder / "year.sqlite", 365)
        month = copied(night, folder / "nights", 28)
        page = ("--out", folder / "t.html")
        jobs = {
            "report from night.json, with a diary of 90 nights": sleepjerk("report", night),
            "the same, in German": sleepjerk("report", night, "--language", "de"),
            "without a diary": sleepjerk("report", night, "--no-diary"),
            "with a diary of 365 nights": sleepjerk("report", night, "--diary", year),
            "trend of 90 nights": sleepjerk("trend", "--diary", own, *page),
            "trend of 365 nights, a year long": sleepjerk("trend", "--diary", year, "--weeks", 52, *page),
            "trend of a folder of 28 nights": sleepjerk("trend", month, "--weeks", 4, *page),
            "diary --show": sleepjerk("diary", "--show"),
            "correct --list": sleepjerk("correct", recording, "--list"),
            "--help": sleepjerk("--help"),
        }
        found = run_in_turn(jobs, int(sys.argv[1]) if len(sys.argv) > 1 else 9)
    print(
        f"{machine()}\n\n| what | wall s: best, median | processor s: best, median | MB |\n|---|---|---|---|"
    )
    for what, runs in found.items():
        wall, cpu = ([getattr(run, name) for run in runs] for name in ("wall_s", "cpu_s"))
        times = " | ".join(f"{min(values):.2f}, {median(values):.2f}" for values in (wall, cpu))
        print(f"| {what} | {times} | {max(run.peak_mb for run in runs):.0f} |")


if __name__ == "__main__":
    main()
