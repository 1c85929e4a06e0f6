"""`sleepjerk batch`: many recordings, one table; resumable."""

import argparse
import sys
import time
from collections import Counter
from dataclasses import asdict
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
    from sleepjerk.batch.stores import Found
    from sleepjerk.batch.work import Job, Outcome

HELP = "analyse many recordings on all cores, into one table"

_BAR = 30  # signs


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "recordings",
        metavar="DIR|GLOB|URL|@LIST",
        nargs="+",
        help="folders, patterns, files, fsspec URLs, or @ and a file that names some, one a line",
    )
    parser.add_argument(
        "--out", type=_folder, required=True, metavar="DIR", help="folder for results and table"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask scheduler, such as tcp://10.0.0.5:8786, instead of processes",
    )
    parser.add_argument(
        "--table-only",
        action="store_true",
        help="write the table alone, no results of each night; each night is judged without its week",
    )
    add_reading_options(parser)
    add_diary_options(parser)
    parser.epilog = (
        "Writes <stem>.events.csv and <stem>.night.json of each recording, and one row a night in batch.csv and,\n"
        "after pip install 'sleepjerk[export]', batch.parquet.\n"
        "Stopped? The same line continues: a finished night is done again only if its file or a setting changed.\n\n"
        "example:\n  sleepjerk batch nights/ --out results"
    )


def _folder(text: str) -> Path:
    if "://" in text:
        raise argparse.ArgumentTypeError(
            "expected a folder of this computer; results can be copied from there"
        )
    return Path(text)


def run(args: argparse.Namespace) -> int:
    """Analyse, show how far it is, and say what could not be done."""
    from sleepjerk.batch import find_recordings, run_batch
    from sleepjerk.batch.spread import Cluster, Processes

    if args.jobs is not None and args.jobs < 1:
        raise InputError(f"--jobs {args.jobs}: expected 1 or more")
    jobs = _jobs(find_recordings(args.recordings), args)
    spread = Cluster(args.scheduler) if args.scheduler else Processes(args.jobs)
    progress = _Progress()
    tally = run_batch(jobs, args.out, spread, progress.show, None if args.table_only else said_diary(args))
    progress.end()
    tell_earlier(sorted(tally.options))
    for job in jobs:
        if job.name in tally.reasons:
            print(f"sleepjerk: {tally.reasons[job.name]}", file=sys.stderr)
    print(
        f"{tally.done} of {len(jobs)} recordings analysed"
        + (f" ({tally.earlier_run} of them in an earlier run)" if tally.earlier_run else ""),
        file=sys.stderr,
    )
    print(args.out / "batch.csv")
    return 2 if tally.reasons else 0


def _jobs(found: "list[Found]", args: argparse.Namespace) -> "list[Job]":
    from sleepjerk.batch.work import Job
    from sleepjerk.session import result_stem

    options = said_options(args).said()
    stems = [result_stem(one.place, Path()).name for one in found]
    alike = Counter(stems)
    jobs = [
        Job(
            **asdict(one),
            # Folders of people often hold files of the same name: then the folder's name tells them apart.
            stem=stem if alike[stem] == 1 else "_".join(one.place.parts[-3:-1]).strip("/:") + f"_{stem}",
            options=options,
            night=args.night,
            forget=args.forget_options,
            table_only=args.table_only,
        )
        for one, stem in zip(found, stems, strict=True)
    ]
    stem, most = Counter(job.stem for job in jobs).most_common(1)[0]
    if most > 1 and not args.table_only:
        one, other, *_ = (job.name for job in jobs if job.stem == stem)
        advice = "rename one, leave one out, or add --table-only"
        raise InputError(f"{one} and {other}: both would write the same results {stem}.*; {advice}")
    return jobs


class _Progress:
    """How far it is, how fast and how long still: on a terminal as a bar, elsewhere a line for each."""

    def __init__(self) -> None:
        self.began_s = time.monotonic()
        self.worked = 0
        self.nights = 0
        self.bar = sys.stderr.isatty()

    def show(self, done: int, total: int, last: "Outcome") -> None:
        self.worked += 1
        self.nights += len(last.rows)
        spent_min = (time.monotonic() - self.began_s) / 60
        left_min = (total - done) * spent_min / self.worked
        pace = f"{self.nights / max(spent_min, 1e-9):.1f} nights a minute, {left_min:.0f} min left"
        if not self.bar:
            print(f"{done}/{total} {last.state} {last.name} ({pace})", file=sys.stderr)
            return
        filled = round(_BAR * done / total)
        line = f"[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{total}, {pace}"
        print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.bar and self.worked:
            print(file=sys.stderr)
