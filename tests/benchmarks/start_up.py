"""What each verb imports and what that costs: `python -m tests.benchmarks.start_up`.

Of each module the milliseconds that its own lines take (`-X importtime`, the least of some rounds, without what it
imports in turn), added up by package, ours by room; with how many modules that are. Whole times are those of processes
that aren't watched.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.benchmarks.measure import COMPILED, machine, run_in_turn, run_once, wall
from tests.benchmarks.speed import make_night

_IMPORT = re.compile(r"^import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)$", re.MULTILINE)


def owner(module: str) -> str:
    """The package that a module is of; of ours the room, of Python's own library that."""
    parts = module.split(".")
    if parts[0] == "sleepjerk":
        return ".".join(parts[:2]) if len(parts) > 2 else "sleepjerk"
    return "Python's own" if parts[0] in sys.stdlib_module_names else parts[0]


def costs_ms(command: list[str], rounds: int) -> dict[str, float]:
    """Module -> what its own lines take, the least of so many runs."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        watched = [command[0], "-X", "importtime", *command[1:]]
        done = subprocess.run(watched, capture_output=True, text=True, env={**os.environ, **COMPILED})
        for microseconds, module in _IMPORT.findall(done.stderr):
            least[module] = min(least.get(module, float("inf")), int(microseconds) / 1000)
    return least


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--least-ms", type=float, default=1.0, help="packages that cost less are put together"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["SLEEPJERK_HOME"] = str(Path(name) / "own")
        night, _ = make_night(Path(name), 0.5)
        program, out = [sys.executable, "-m", "sleepjerk"], Path(name) / "out"
        results = out / f"{night.stem}.night.json"
        jobs = {
            "import sleepjerk": [sys.executable, "-c", "import sleepjerk"],
            "--help": [*program, "--help"],
            "analyse": [*program, "analyse", str(night), "--out", str(out)],
            "check": [*program, "check", str(night)],
            "report, of a recording": [*program, "report", str(night), "--out", f"{name}/a.html"],
            "report, of a night.json": [*program, "report", str(results), "--out", f"{name}/b.html"],
            "trend": [*program, "trend", str(out)],
            "rules": [*program, "rules"],
        }
        run_once(jobs["analyse"])  # whose results others read
        whole = run_in_turn(jobs, args.rounds)
        print(f"{machine()}; {args.rounds} rounds\n\n| verb | of | modules | own ms |\n|---|---|---|---|")
        for job, command in jobs.items():
            packages = defaultdict(list)
            for module, cost in costs_ms(command, args.rounds).items():
                packages[owner(module)].append(cost)
            count, total = sum(map(len, packages.values())), sum(map(sum, packages.values()))
            print(f"| **{job}** | whole process {wall(whole[job])} s | {count} | {total:.0f} |")
            dear = {of: costs for of, costs in packages.items() if sum(costs) >= args.least_ms}
            for of, costs in sorted(dear.items(), key=lambda item: -sum(item[1])):
                print(f"| | {of} | {len(costs)} | {sum(costs):.1f} |")
            others = [cost for of, costs in packages.items() if of not in dear for cost in costs]
            print(f"| | {len(packages) - len(dear)} others | {len(others)} | {sum(others):.1f} |")


if __name__ == "__main__":
    main()
