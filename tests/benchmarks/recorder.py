"""What recording costs, and what a busy computer costs: `python -m tests.benchmarks.recorder [--minutes 60]`.

The real firmware runs in its simulator in real time behind a pty, `sleepjerk record` records it, and a process on each
core does nothing but burn it. Needs the tools that `firmware_io/Makefile` needs.
"""

import argparse
import multiprocessing
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.firmware_io.built import HZ, command, samples
from tests.firmware_io.recorder_process import Recorder, rows_of


def burn() -> None:
    """All of one core."""
    while True:
        pass


def cost(process: int) -> tuple[float, float]:
    """Processor seconds so far, and the most memory ever, MB."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return seconds, int(status["VmHWM"].split()[0]) / 1000


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    args = parser.parse_args()
    counts = samples(round(60 * args.minutes * HZ) + 60 * HZ)
    hogs = [multiprocessing.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        line = [*command(folder, counts), f"--port={folder / 'port'}"]
        with subprocess.Popen(line, stdout=subprocess.DEVNULL) as board:
            time.sleep(1)
            for hog in hogs:
                hog.start()
            began_s = time.monotonic()
            recorder = Recorder(folder / "port", folder / "nights")
            path = recorder.wait_for_rows(100, 60)
            time.sleep(60 * args.minutes)
            lived_s, (busy_s, memory_mb) = time.monotonic() - began_s, cost(recorder.process.pid)
            _, _, talk = recorder.finish()
            for hog in hogs:
                hog.kill()
            board.terminate()
        rows = rows_of(path)
    known = {tuple(sample): number for number, sample in enumerate(counts.tolist())}
    place = np.array([known[tuple(row)] for row in rows[:, 1:].tolist()])
    lost = int(place[-1] - place[0] + 1 - len(place))
    print(
        f"{lived_s / 60:.1f} min with {len(hogs)} cores burning: {len(rows)} samples, every one exact, {lost} lost"
    )
    print(f"recorder: {100 * busy_s / lived_s:.2f} % of a core, {memory_mb:.0f} MB at most")
    print(talk.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
