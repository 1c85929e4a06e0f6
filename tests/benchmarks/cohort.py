"""A cohort: what a night costs here and on a Dask cluster, and what breaks first with many workers.

`python -m tests.benchmarks.cohort`; its parts (--parts):
- local: processor seconds a night of one and two local processes and of two workers of Dask, in turn.
- network: client, scheduler, file server and two workers, each in a network namespace (Linux, root, iproute2): bytes
  and packets a night at each. `--mbit` slows every link.
- stub: workers that take no time, with the answers of a real night and a real week of 7 days: what scheduler and client
  can do at most; and the reckoning for `--workers` and `--people` from these figures, for weeks with the table alone.
"""

import argparse
import contextlib
import importlib
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from sleepjerk.batch import run_batch
from sleepjerk.batch.spread import Cluster
from sleepjerk.batch.work import Job, Outcome, work_on
from sleepjerk.runtime import begin, limit_threads
from tests.benchmarks.measure import machine, run_once
from tests.benchmarks.scaling import made_day, write_days

_PROGRAM = [sys.executable, "-m", "sleepjerk"]
_DASK = [sys.executable, "-m", "dask"]
_ROOMS = ("client", "scheduler", "files", "worker1", "worker2")
_STUBBED = (
    "nights | worker's processor s | scheduler's ms | client's ms | client's writing, ms | a second "
    "| client grew MB | scheduler grew MB | journal B | results kB"
)


def processor_s(process: psutil.Process) -> float:
    """Of a process and all its children, those that ended included."""
    spent = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            spent += times.user + times.system + times.children_user + times.children_system
    return spent


@dataclass
class Started:
    """A scheduler with workers; `rooms` are words that put a command into a namespace."""

    address: str
    scheduler: psutil.Process
    workers: list[psutil.Process]


@contextlib.contextmanager
def cluster(
    workers: int, host: str = "127.0.0.1", rooms: Callable[[str], list[str]] = lambda _: []
) -> Iterator[Started]:
    """A Dask scheduler and workers of one thread, as README says to start them; many without a nanny each."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://{host}:{probe.getsockname()[1]}"
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    commands = [[*rooms("scheduler"), *_DASK, "scheduler", "--host", address]]
    for number in range(workers):
        command = [*rooms(f"worker{number + 1}"), *_DASK, "worker", address, "--nthreads", "1"]
        commands.append(command if workers == 2 else [*command, "--no-nanny"])
    started = [subprocess.Popen([*command, "--no-dashboard"], **silent) for command in commands]  # type: ignore[call-overload]
    try:
        script = "import sys, distributed; distributed.Client(sys.argv[1]).wait_for_workers(int(sys.argv[2]))"
        ready = [*rooms("client"), sys.executable, "-c", script, address, str(workers)]
        subprocess.run(ready, check=True, timeout=300, stderr=subprocess.DEVNULL)
        first, *others = [psutil.Process(one.pid) for one in started]
        yield Started(address, first, others)
    finally:
        for one in started:
            one.kill()  # a worker that is asked to end talks to the scheduler first, and a nanny ends its worker itself
            one.wait()


def recordings(folder: Path, nights: int) -> tuple[Path, Path]:
    """The first of so many nights, and a week, made unless they are there."""
    night, week = folder / "a night, CSV" / "night00.csv", folder / "a week, .cwa" / "week.cwa"
    if not (night.exists() and week.exists()):
        day = made_day()
        for path, hours, samples in ((night, 8.0, np.roll(day, -8 * 360_000, axis=1)), (week, 168.0, day)):
            path.parent.mkdir(exist_ok=True)
            write_days(samples, hours, path)
    for number in range(1, nights):
        shutil.copyfile(night, night.with_name(f"night{number:02}.csv"))
    return night, week


def local(nights: Path, count: int, out: Path, rounds: int) -> None:
    """Two local processes against two workers of Dask."""
    found: dict[str, list[tuple[float, float]]] = {"--jobs 1": [], "--jobs 2": [], "Dask, 2 workers": []}
    for number in range(rounds):
        for name, runs in found.items():
            line = [*_PROGRAM, "batch", str(nights), "--out", str(out / f"{number}{name}"), *name.split()[:2]]
            if name.startswith("--jobs"):
                run = run_once(line)
                runs.append((run.cpu_s / count, run.wall_s))
                continue
            with cluster(2) as there:
                everybody = (there.scheduler, *there.workers)
                before = sum(map(processor_s, everybody))
                run = run_once([*line[:-2], "--scheduler", there.address])
                runs.append(((run.cpu_s + sum(map(processor_s, everybody)) - before) / count, run.wall_s))
    print(
        f"\n| {count} nights of 8 h | processor s a night, least (all) | nights a minute, most | against --jobs 1 |"
    )
    print("|---|---|---|---|")
    alone_s = min(wall_s for _, wall_s in found["--jobs 1"])
    for name, runs in found.items():
        spent, wall_s = min(one for one, _ in runs), min(one for _, one in runs)
        each = ", ".join(f"{one:.2f}" for one, _ in runs)
        print(f"| {name} | {spent:.2f} ({each}) | {60 * count / wall_s:.1f} | {alone_s / wall_s:.2f} |")


def counted(room: str) -> dict[str, int]:
    """Bytes and packets that went into and out of a namespace."""
    places = ["rx_bytes", "tx_bytes", "rx_packets", "tx_packets"]
    script = "; ".join(f"cat /sys/class/net/out/statistics/{place}" for place in places)
    command = ["ip", "netns", "exec", f"sj-{room}", "sh", "-c", script]
    # The namespace's own view of /sys comes with it.
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(places, map(int, said), strict=True))


@contextlib.contextmanager
def rooms(mbit: int | None) -> Iterator[dict[str, str]]:
    """A network namespace for each, on one bridge; addresses by name."""
    addresses = {room: f"10.77.0.{number}" for number, room in enumerate(_ROOMS, 1)}
    lines = ["ip link add sj-bridge type bridge", "ip link set sj-bridge up"]
    for number, (room, address) in enumerate(addresses.items()):
        inside = f"ip -n sj-{room}"
        lines += [
            f"ip netns add sj-{room}",
            f"ip link add sj{number} type veth peer name out netns sj-{room}",
        ]
        lines += [f"ip link set sj{number} master sj-bridge up", f"{inside} addr add {address}/24 dev out"]
        lines += [f"{inside} link set out up", f"{inside} link set lo up"]
        if mbit is not None:
            limit = f"root tbf rate {mbit}mbit burst 256kb latency 100ms"
            lines += [f"tc -n sj-{room} qdisc add dev out {limit}", f"tc qdisc add dev sj{number} {limit}"]
    try:
        for line in lines:
            subprocess.run(line.split(), check=True, capture_output=True, text=True)
        yield addresses
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, error.cmd))}: {error.stderr}")
    finally:
        for room in addresses:
            subprocess.run(["ip", "netns", "del", f"sj-{room}"], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", "sj-bridge"], check=False, capture_output=True)


def network(nights: Path, count: int, out: Path, mbit: int | None) -> None:
    """What goes over the network for a night."""
    with rooms(mbit) as addresses:

        def into(room: str) -> list[str]:
            return ["ip", "netns", "exec", f"sj-{room}"]

        server = subprocess.Popen(
            [*into("files"), sys.executable, "-m", "http.server", "80", "--directory", str(nights)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for kind, words in (("with results", []), ("--table-only", ["--table-only"])):
                with cluster(2, addresses["scheduler"], into) as there:
                    before, spent = {room: counted(room) for room in _ROOMS}, processor_s(there.scheduler)
                    place = f"http://{addresses['files']}/*.csv"
                    line = [*into("client"), *_PROGRAM, "batch", place, "--scheduler", there.address, *words]
                    run = run_once([*line, "--out", str(out / kind)])
                    spent = processor_s(there.scheduler) - spent
                    after = {room: counted(room) for room in _ROOMS}
                speed = "as fast as it goes" if mbit is None else f"{mbit} Mbit/s"
                print(f"\n| {kind}, links {speed}: a night | kB in | kB out | packets in | packets out |")
                print("|---|---|---|---|---|")
                for room in _ROOMS:
                    rx, tx, rxp, txp = (
                        (after[room][key] - before[room][key]) / count for key in before[room]
                    )
                    print(f"| {room} | {rx / 1e3:.1f} | {tx / 1e3:.1f} | {rxp:.0f} | {txp:.0f} |")
                print(
                    f"\n{count} nights in {run.wall_s:.1f} s; processor ms a night: scheduler "
                    f"{1e3 * spent / count:.1f}, client {1e3 * run.cpu_s / count:.1f} with its start"
                )
        finally:
            server.kill()
            server.wait()


@dataclass
class Stub:
    """Workers that hand back what a real recording came to, as soon as they are asked."""

    cluster: Cluster
    outcome: Path
    waited_s: float = 0.0

    def each(self, _: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        by_name = {job.name: job for job in jobs}
        answers = self.cluster.each(told, [(job.name, str(self.outcome)) for job in jobs])
        while True:
            began_s = time.monotonic()
            (name, _path), answer = next(answers, (("", ""), None))
            self.waited_s += time.monotonic() - began_s
            if answer is None:
                return
            job = by_name[name]
            yield job, replace(answer, name=name, stem=job.stem, fingerprint=job.fingerprint)


def told(task: tuple[str, str]) -> Outcome:
    """The outcome that lies there."""
    answer: Outcome = pickle.loads(Path(task[1]).read_bytes())
    return answer


@dataclass(frozen=True)
class Cost:
    """Of one recording: processor seconds of worker, scheduler and client, the client's own wall time, bytes."""

    worker_s: float
    scheduler_s: float
    client_s: float
    writing_s: float
    file: int
    journal: int
    results: int


def worked(recording: Path) -> tuple[Outcome, float]:
    """What a recording comes to, and the processor seconds that takes on one core."""
    begin()
    limit_threads(1)
    began_s = time.process_time()
    outcome = work_on(Job(name=str(recording), mark="", stem="x"))
    return outcome, time.process_time() - began_s


def stub(there: Started, recording: Path, out: Path, jobs: int, real: Outcome, worker_s: float) -> Cost:
    """Many jobs that take no time, with the answer of one that did."""
    answer = out / "answer"
    answer.write_bytes(pickle.dumps(real))
    plan = [Job(name=f"person{number:07}.cwa", mark="", stem=f"person{number:07}") for number in range(jobs)]
    with tempfile.TemporaryDirectory(dir=out) as name:
        folder, me = Path(name), psutil.Process()
        for _ in Cluster(there.address).each(told, [("", str(answer))] * 4 * len(there.workers)):
            pass  # scheduler and workers import what they need
        memory = [one.memory_info().rss for one in (me, there.scheduler)]
        spent, own, began_s = processor_s(there.scheduler), time.process_time(), time.monotonic()
        spread = Stub(Cluster(there.address), answer)
        run_batch(plan, folder, spread, lambda *_: None)
        wall_s = time.monotonic() - began_s
        spent, own = processor_s(there.scheduler) - spent, time.process_time() - own
        grown = [
            (one.memory_info().rss - begin) / 1e6
            for one, begin in zip((me, there.scheduler), memory, strict=True)
        ]
        journal = (folder / "batch.journal.jsonl").stat().st_size // jobs
    results = sum(len(text.encode()) for text in real.texts.values())
    cost = Cost(
        *(worker_s, spent / jobs, own / jobs, (wall_s - spread.waited_s) / jobs),
        *(recording.stat().st_size, journal, results),
    )
    print(
        f"| {recording.parent.name}{', --table-only' * (not real.texts)} | {len(real.rows)} | {cost.worker_s:.2f} "
        f"| {1e3 * cost.scheduler_s:.1f} | {1e3 * cost.client_s:.1f} | {1e3 * cost.writing_s:.1f} "
        f"| {jobs / wall_s:.0f} | {grown[0]:.0f} | {grown[1]:.0f} | {journal} | {results / 1e3:.0f} |",
        flush=True,
    )
    return cost


def reckon(cost: Cost, workers: int, people: int) -> None:
    """What each part could do at most, by what it needs for one recording; the least is what breaks first."""
    message = cost.results + 2 * cost.journal + 20_000  # the answer, with a handshake's worth around it
    most = {
        f"the processors of {workers} workers": workers / cost.worker_s,
        "the scheduler's processor": 1 / cost.scheduler_s,
        "the client, which writes": 1 / max(cost.client_s, cost.writing_s),
        "the scheduler's link of 1 Gbit/s": 125e6 / message,
        "the file server's link of 10 Gbit/s": 1.25e9 / cost.file,
    }
    print("\n| part | recordings a second at most | is busy with so many workers |\n|---|---|---|")
    for name, rate in sorted(most.items(), key=lambda item: item[1]):
        print(f"| {name} | {rate:.1f} | {rate * cost.worker_s:.0f} |")
    rate = min(most.values())
    print(
        f"\n{people} recordings: {people * cost.worker_s / 3600:.0f} processor hours, {people / rate / 3600:.1f} h; "
        f"{people * cost.file / 1e12:.1f} TB in, {people * cost.results / 1e9:.0f} GB of results, "
        f"{people * cost.journal / 1e9:.2f} GB of journal and about as much of tables"
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=("local", "network", "stub"), default=("local", "stub"))
    parser.add_argument("--nights", type=int, default=16, help="of the batches that really work")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mbit", type=int, help="of every link in `network` (default: no limit)")
    parser.add_argument("--stubs", type=int, default=16, help="workers that take no time")
    parser.add_argument("--jobs", type=int, default=2000, help="of them")
    parser.add_argument("--workers", type=int, default=100, help="to reckon for")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument(
        "--folder", type=Path, help="where recordings are made and kept (default: a temporary one)"
    )
    args = parser.parse_args()
    print(f"{machine()}; nights of 8 h, weeks of 7 days, 100 Hz")
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        night, week = recordings(args.folder or folder, args.nights)
        nights = len(list(night.parent.iterdir()))  # more may be kept there
        if "local" in args.parts:
            local(night.parent, nights, folder, args.rounds)
        if "network" in args.parts:
            network(night.parent, nights, folder, args.mbit)
        if "stub" in args.parts:
            print(f"\n| {args.jobs} answers from {args.stubs} workers | {_STUBBED} |\n{'|---' * 11}|")
            with cluster(args.stubs) as there:
                for recording in (night, week):
                    real, worker_s = worked(recording)
                    for answer in (real, replace(real, texts={}, endings=[])):
                        cost = stub(there, recording, folder, args.jobs, answer, worker_s)
            reckon(cost, args.workers, args.people)


if __name__ == "__main__":
    importlib.import_module("tests.benchmarks.cohort").main()  # workers know `told` by the module's name
