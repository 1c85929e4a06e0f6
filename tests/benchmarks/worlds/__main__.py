"""The detector in every world: `python -m tests.benchmarks.worlds`, one Markdown table a world.

It takes a quarter of an hour on 2 cores; `--freeze` keeps the table in `tests/benchmarks/worlds.md`.
`--dump` writes what constants are fitted on, leaving one world out: one row an event with all its features, what it
truly was and the night it is from; beside it the truth, the nights, and with `--waves` the samples around each event.
`--shift` asks for the sleep period of the lab nights alone: begun later, noisier, calibrated, at another rate.
"""

import argparse
import datetime
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from sleepjerk.version import __version__
from tests.benchmarks.detection.rows import table
from tests.benchmarks.fingerprint import stamp
from tests.benchmarks.worlds import FIT_FROM, JUDGE_FROM, plan, shifted, tables
from tests.benchmarks.worlds.looked import Looked, Options, look
from tests.worlds import lab

FROZEN = Path(__file__).resolve().parents[1] / "worlds.md"


def heading(first_seed: int, options: Options, *, stamped: bool) -> str:
    """Of which detector this tells, on which nights."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    marks = "with" if options.lights else "without"
    rate = "" if options.rate_hz is None else f", resampled to {options.rate_hz:g} Hz"
    return "\n".join(
        [
            "# The detector in several worlds\n",
            f"sleepjerk {__version__}, {today}{', telling of' if stamped else '.'}",
            *([f"{stamp()}."] if stamped else []),
            f"\nSeeds from {first_seed} on, {marks} marks of lights off{rate}. Each world is a maker of its own;",
            "no figure is pooled over worlds. called: labelled a twitch; counted: and alone for 10 s.\n",
            "Remake: `python -m tests.benchmarks.worlds --freeze`.\n",
        ]
    )


def parts(done: Iterable[Looked]) -> Iterator[tuple[list[Looked], str]]:
    """Each world's nights with its tables, as soon as they are done."""
    for world, some in groupby(done, key=lambda one: str(one.night["world"])):
        nights = list(some)
        frames = tables.Frames.of(nights)
        title = f"World: {world} ({len(nights)} nights)"
        yield nights, f"{table(title, list(tables.rows_of(frames)))}\n{tables.reliability(frames)}"


def counted(done: Iterable[Looked], number: int) -> Iterator[Looked]:
    """The same, telling a terminal how far it is."""
    for place, one in enumerate(done, start=1):
        print(
            f"\r{place} of {number} nights", end="\n" if place == number else "", file=sys.stderr, flush=True
        )
        yield one


def write_dump(path: Path, nights: list[Looked]) -> None:
    """Events, truth and nights as Parquet, waves as an array of rows in the order of the events."""
    pd.concat([one.events for one in nights], ignore_index=True).to_parquet(path)
    pd.concat([one.truth for one in nights], ignore_index=True).to_parquet(path.with_suffix(".truth.parquet"))
    pd.DataFrame([one.night for one in nights]).to_parquet(path.with_suffix(".nights.parquet"))
    waves = [one.waves for one in nights if one.waves is not None]
    if waves:
        np.save(path.with_suffix(".waves.npy"), np.concatenate(waves))


def asked() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.worlds",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--nights", type=int, help="so many a scenario (default: a full table)")
    parser.add_argument("--world", choices=list(plan.worlds()), help="this one alone")
    parser.add_argument("--scenario", help="this one alone")
    parser.add_argument("--fit", action="store_true", help=f"seeds from {FIT_FROM}, not from {JUDGE_FROM}")
    parser.add_argument("--first-seed", type=int, help="seeds from here on")
    parser.add_argument("--lights", action="store_true", help="tell the detector when the lights went off")
    parser.add_argument("--rate", type=float, metavar="HZ", help="resample the nights first")
    parser.add_argument(
        "--dump", type=Path, metavar="FILE.parquet", help="what constants are fitted on (seeds from 1)"
    )
    parser.add_argument(
        "--waves", action="store_true", help="with --dump: the samples around each event, too"
    )
    parser.add_argument(
        "--shift", type=float, nargs="+", metavar="S", help="the lab nights begun so much later"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the made nights there, 30 MB each, for next time"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--freeze", action="store_true", help=f"write {FROZEN.name}")
    args = parser.parse_args()
    if args.freeze and (
        args.nights or args.world or args.scenario or args.fit or args.first_seed or args.rate
    ):
        parser.error("only the table of the seeds for judging is kept: leave out --freeze or the rest")
    return args


def main() -> None:
    """Run it."""
    args = asked()
    began = time.monotonic()
    fitting = args.fit or args.dump is not None
    first_seed = args.first_seed or (FIT_FROM if fitting else JUDGE_FROM)
    with ProcessPoolExecutor(args.jobs) as pool:
        if args.shift:
            seeds = range(FIT_FROM, FIT_FROM + (args.nights or len(lab.paths())))
            print(table("The same lab nights, a little different", shifted.rows(pool, args.shift, seeds)))
            return
        options = Options(args.keep, args.lights, args.rate, args.dump is not None, args.waves)
        text, nights = heading(first_seed, options, stamped=args.freeze), []
        print(text, flush=True)
        for name, world in plan.worlds().items():
            if world.why_absent and args.world in (None, name):
                text += f"World {name}: {world.why_absent}.\n\n"
                print(f"World {name}: {world.why_absent}.\n")
        tasks = plan.tasks(first_seed, args.nights, args.world, args.scenario)
        for some, part in parts(counted(pool.map(partial(look, options=options), tasks), len(tasks))):
            print(part, flush=True)
            text += f"{part}\n"
            nights += some if args.dump else []
    if args.dump:
        write_dump(args.dump, nights)
    if args.freeze:
        FROZEN.write_text(text, encoding="utf-8")
    print(f"took {(time.monotonic() - began) / 60:.1f} min")


if __name__ == "__main__":
    main()
