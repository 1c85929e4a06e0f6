"""What a recording costs of a core: `python -m tests.benchmarks.recorder_cost [--seconds 60]`.

Made boards send 100 and 400 samples a second, as frames and as lines, on ptys; `sleepjerk record` records each, with
its status for another program. Processor seconds of the recorder alone, from its third second on, which others on the
computer hardly change. Goals: 2 % of a core at 100 Hz, 5 % at 400 Hz.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.benchmarks.recorder import cost
from tests.firmware_io.recorder_process import Recorder, rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts

GOALS = {100: 2.0, 400: 5.0}


def share(folder: Path, speaks: str, hz: int, seconds: float) -> tuple[float, int, int]:
    """Of a core, per cent; samples that came, and those that are missing."""
    counts = night_counts((seconds + 20) * hz / 100)
    with SimulatedBoard(folder / "board", speaks, counts, period_us=1_000_000 // hz):
        recorder = Recorder(folder / "board", folder / "out", "--control", str(folder / "control"))
        path = recorder.wait_for_rows(3 * hz)
        (begin_s, _), began_s = cost(recorder.process.pid), time.monotonic()
        time.sleep(seconds)
        busy_s, lived_s = cost(recorder.process.pid)[0] - begin_s, time.monotonic() - began_s
        recorder.finish()
    rows = rows_of(path)
    return 100 * busy_s / lived_s, len(rows), round((rows[-1, 0] - rows[0, 0]) * hz / 1e6) + 1 - len(rows)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    for hz, goal in GOALS.items():
        for speaks in ("frames", "lines"):
            with tempfile.TemporaryDirectory() as name:
                busy, came, lost = share(Path(name), speaks, hz, args.seconds)
            print(f"{hz} Hz, {speaks}: {busy:.2f} % of a core (goal {goal:g} %), {came} samples, {lost} lost")


if __name__ == "__main__":
    main()
