"""Whole processes, timed in turn: every command once in each round, in another order each time."""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# A child begins with its parent's memory and counts it as its own peak: a small process stands in between.
_LAUNCHER = """
import os, sys, time
began_s = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
_, status, used = os.wait4(child, 0)
print(time.monotonic() - began_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)
sys.exit(os.waitstatus_to_exitcode(status))
"""

# What was imported once is kept compiled, as it is for whoever installs a program, also where this shell forbids it.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Run:
    """One process from start to end: wall and processor time in seconds, peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_once(command: list[str], surroundings: dict[str, str] | None = None) -> Run:
    """Run a command to its end.

    Raises
    ------
    SystemExit
        It failed; what it said is shown.
    """
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *command],
        capture_output=True,
        env={**os.environ, **COMPILED, **(surroundings or {})},
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return Run(*(float(value) for value in done.stdout.split()[-3:]))


def run_in_turn(jobs: dict[str, list[str]], rounds: int) -> dict[str, list[Run]]:
    """Every job in every round; a round before them warms the disk's cache and is not counted."""
    order, found = list(jobs), {name: list[Run]() for name in jobs}
    chance = random.Random(1)
    for number in range(rounds + 1):
        chance.shuffle(order)
        for name in order:
            run = run_once(jobs[name])
            if number:
                found[name].append(run)
    return found


def instructions(command: list[str], surroundings: dict[str, str] | None = None) -> int:
    """How many instructions a command executes: nearly the same on a busy machine as on a calm one.

    Counted by the processor where `perf` may ask it, else by valgrind, fifty times as slow as the command.

    Raises
    ------
    SystemExit
        Neither can count, or the command failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        count = Path(folder) / "count"
        for counter in (
            ["perf", "stat", "-x", ",", "-o", str(count), "-e", "instructions:u"],
            ["valgrind", "--tool=callgrind", f"--log-file={count}", f"--callgrind-out-file={folder}/calls"],
        ):
            if shutil.which(counter[0]) is None:
                continue
            run_once([*counter, *command], surroundings)
            found = re.search(r"^(\d+),|refs:\s*([\d,]+)", count.read_text(), re.MULTILINE)
            if found:
                return int((found[1] or found[2]).replace(",", ""))
    sys.exit("nothing counts instructions here: install valgrind")


def machine() -> str:
    """The processor and how many cores of it this process may use."""
    name = "unknown processor"
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def wall(runs: list[Run]) -> str:
    """Median wall time with the least and the most."""
    values = [run.wall_s for run in runs]
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"
