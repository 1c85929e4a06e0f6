"""`sleepjerk batch`: many recordings, one table; resumable."""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.cli.reading_options import (
    add_diary_options,
    add_reading_options,
    said_diary,
    said_options,
    tell_earlier,
)
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.batch.work import Job, Outcome

HELP = "analyse many recordings on all cores, into one table"

_BAR = 30  # signs


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "recordings", metavar="DIR|GLOB|URL", nargs="+", help="folders, patterns, files or fsspec URLs"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for results and table")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask scheduler, such as tcp://10.0.0.5:8786, instead of processes",
    )
    add_reading_options(parser)
    add_diary_options(parser)
    parser.epilog = (
        "Writes <stem>.events.csv and <stem>.night.json of each recording, and one row a night in batch.csv and\n"
        "batch.parquet.\n"
        "Stopped? The same line continues: a finished night is done again only if its file or a setting changed.\n\n"
        "example:\n  sleepjerk batch nights/ --out results"
    )


def run(args: argparse.Namespace) -> int:
    """Analyse, show how far it is, and say what could not be done."""
    from sleepjerk.batch import find_recordings, run_batch
    from sleepjerk.batch.spread import Cluster, Processes

    if args.jobs is not None and args.jobs < 1:
        raise InputError(f"--jobs {args.jobs}: expected 1 or more")
    jobs = _jobs(find_recordings(args.recordings), args)
    spread = Cluster(args.scheduler) if args.scheduler else Processes(args.jobs)
    progress = _Progress()
    outcomes = run_batch(jobs, args.out, spread, progress.show, said_diary(args))
    progress.end()
    tell_earlier(sorted({name for one in outcomes for name in one.earlier}))
    failed = [one for one in outcomes if one.state != "done"]
    for one in failed:
        print(f"sleepjerk: {one.reason}", file=sys.stderr)
    done = len(outcomes) - len(failed)
    known = len(outcomes) - progress.worked
    print(
        f"{done} of {len(outcomes)} recordings analysed"
        + (f" ({known} of them in an earlier run)" if known else ""),
        file=sys.stderr,
    )
    print(args.out / "batch.csv")
    return 2 if failed else 0


def _jobs(names: list[str], args: argparse.Namespace) -> "list[Job]":
    from sleepjerk.batch.work import Job
    from sleepjerk.session import result_stem

    options = said_options(args).said()
    stems = [result_stem(Path(name), Path()).name for name in names]
    jobs = []
    for name, stem in zip(names, stems, strict=True):
        # Folders of people often hold files of the same name: then the folder's name tells them apart.
        ours = stem if stems.count(stem) == 1 else "_".join(Path(name).parts[-3:-1]).strip("/:") + f"_{stem}"
        here = None if "://" in name else Path(name).stat()
        jobs.append(
            Job(
                name=name,
                stem=ours,
                options=options,
                night=args.night,
                forget=args.forget_options,
                size=None if here is None else here.st_size,
                changed_ns=None if here is None else here.st_mtime_ns,
            )
        )
    twice = {job.stem for job in jobs if sum(other.stem == job.stem for other in jobs) > 1}
    if twice:
        raise InputError(f"two recordings would write the same results {sorted(twice)[0]}.*; rename one")
    return jobs


class _Progress:
    """How far it is, on a terminal as a bar, elsewhere a line for each."""

    def __init__(self) -> None:
        self.began_s = time.monotonic()
        self.worked = 0
        self.bar = sys.stderr.isatty()

    def show(self, done: int, total: int, last: "Outcome") -> None:
        self.worked += 1
        if not self.bar:
            print(f"{done}/{total} {last.state} {last.name}", file=sys.stderr)
            return
        each_s = (time.monotonic() - self.began_s) / self.worked
        left_min = (total - done) * each_s / 60
        filled = round(_BAR * done / total)
        line = f"[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{total}, {left_min:.0f} min left"
        print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.bar and self.worked:
            print(file=sys.stderr)
