"""What the boards' side costs: `python -m tests.benchmarks.board [--minutes 10]`.

How many times real time the simulated board runs on one core, with the Uno's real program; how long the recorder takes
to start and to end. Processor seconds, which others on the computer hardly change, and seconds on the wall. Needs the
tools that `firmware_io/Makefile` needs.
"""

import argparse
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.firmware_io.built import HZ, built, live, samples
from tests.firmware_io.recorder_process import PROJECT, Recorder
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts

TIMES = 9


def children_s() -> float:
    """Processor seconds of all processes started and ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def took_s(*words: str) -> tuple[float, float]:
    """Of one Python process: processor seconds and wall seconds, each at its best."""
    costs = []
    for _ in range(TIMES):
        began_s, used_s = time.perf_counter(), children_s()
        subprocess.run([sys.executable, *words], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        costs.append((children_s() - used_s, time.perf_counter() - began_s))
    return min(cost[0] for cost in costs), min(cost[1] for cost in costs)


def end_s(folder: Path, number: int) -> float:
    """From a signal to the end of a recorder that has 3 s on disk."""
    folder.mkdir()
    with SimulatedBoard(folder / "port", "frames", night_counts(30)):
        recorder = Recorder(folder / "port", folder / "nights")
        recorder.wait_for_rows(300)
        began_s = time.perf_counter()
        recorder.finish(number)
        return time.perf_counter() - began_s


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        built("board.elf"), built("simboard")
        counts, used_s = samples(round(60 * args.minutes * HZ)), children_s()
        life = live(Path(name), counts)
        busy_s = children_s() - used_s
        print(
            f"simulated board: {life.lived_s:.0f} s in {busy_s:.1f} processor seconds, {life.took_s:.1f} s on the "
            f"wall: {life.lived_s / busy_s:.0f} x real time on one core"
        )
        for what, words in (
            ("Python alone", ("-c", "pass")),
            ("the recorder's import", ("-c", "import firmware_io.recorder.loop")),
            (
                "sleepjerk record, all imports",
                ("-c", "import firmware_io.recorder.loop, sleepjerk.cli.record"),
            ),
        ):
            busy_s, wall_s = took_s(*words)
            print(
                f"start, {what}: {1000 * busy_s:.0f} ms of a processor, {1000 * wall_s:.0f} ms on the wall, at best"
            )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            ends = [end_s(Path(name) / f"{number.name}{turn}", number) for turn in range(3)]
            print(f"recorder, to end by {number.name}: {max(ends):.2f} s at most of {len(ends)}")


if __name__ == "__main__":
    main()
