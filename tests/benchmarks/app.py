"""What the local page costs: `python -m tests.benchmarks.app`.

From the command to the first page answered, memory after every page was asked for, each page with all that it loads in
kB (pictures of data are in it), one look at a running night, and the command line as it was.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.app.conftest import Server, running_server
from tests.benchmarks.measure import machine, run_in_turn

_TIMES = 7
_STATIC = ("/static/page.css", "/static/app.css", "/static/app.js")
_PAGES = ("/", "/tonight", "/open", "/weeks")


def main() -> int:
    """Measure and print."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        starts = [_start(Path(folder) / str(number)) for number in range(_TIMES)]
        took_s, busy_s = zip(*starts, strict=True)
        print(
            f"command to first page answered: median {median(took_s):.2f} s, most {max(took_s):.2f} s;",
            end=" ",
        )
        print(f"of a processor {median(busy_s):.2f} s")
        with running_server(Path(folder) / "home") as server:
            visitor = server.visitor()
            beside = sum(len(visitor.get(path).text) for path in _STATIC)
            for path in _PAGES:
                answer = visitor.get(path)
                if answer.status == 200:
                    print(f"page {path}: {(len(answer.text) + beside) / 1000:.1f} kB with style and script")
            looks = [_seconds(lambda: visitor.get("/tonight")) for _ in range(50)]
            print(f"a look at the night: {1000 * median(looks):.1f} ms")
            print(f"memory: {_memory_mb(server):.0f} MB")
    commands = (["-m", "sleepjerk", "--help"], ["-c", "import sleepjerk"], ["-c", "pass"])
    runs = run_in_turn({" ".join(words): [sys.executable, *words] for words in commands}, _TIMES)
    for name, found in runs.items():
        print(f"python {name}: {median(run.wall_s for run in found):.3f} s")
    return 0


def _start(home: Path) -> tuple[float, float]:
    """Seconds until the first page is answered, and those of a processor that the server took for it."""
    began_s = time.perf_counter()
    with running_server(home) as server:
        assert server.visitor().get("/").status == 200
        took_s = time.perf_counter() - began_s
        ticks = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return took_s, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _memory_mb(server: Server) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    return int(found[1]) / 1000 if found else float("nan")


if __name__ == "__main__":
    sys.exit(main())
