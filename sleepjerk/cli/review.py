"""`sleepjerk review`: chooses windows of a night for a person to judge, and tells what their answers come to.

The windows are judged on the page (`sleepjerk app`); this verb is what that page starts, and its result for programs.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.cli.reading_options import (
    add_reading_options,
    analysed_already,
    open_from_options,
    read_and_tell,
)
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.review.kept import Review
    from sleepjerk.session import Session

HELP = "how good is it on you: choose windows of a night to judge on the page, and tell what your answers come to"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("recording", metavar="RECORDING")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the night's results are")
    parser.add_argument(
        "--windows", metavar="N", type=int, default=30, help="how many to judge (default: 30)"
    )
    parser.add_argument("--seed", metavar="N", type=int, help="choose the same windows again")
    parser.add_argument("--anew", action="store_true", help="choose others and drop all answers")
    parser.add_argument("--json", action="store_true", help="what the answers come to, for a program")
    add_reading_options(parser)
    parser.epilog = (
        "example:\n  sleepjerk review night.csv\n\n"
        "The first time it chooses windows and keeps them beside the night; judge them on the page (sleepjerk app).\n"
        "From then on it tells how many of the counted twitches you call twitches too, and how many were missed."
    )


def run(args: argparse.Namespace) -> int:
    """Choose, or tell."""
    from sleepjerk.review.kept import read_review, review_path
    from sleepjerk.session import numbered

    session = open_from_options(args, Path(args.recording), args.out)
    stem = numbered(session.stem, args.night)
    if args.anew or not review_path(stem).exists():
        _choose(args, session, stem)
    told = _told(read_review(stem))
    if args.json:
        print(json.dumps(told, indent=1))
    else:
        for judge, found in told["judges"].items():
            print(f"{judge}: {found['judged']} of {told['windows']} windows judged")
            for name in ("precision", "recall", "twitches") if found["judged"] else ():
                print(f"  {name} {_words(found[name])}")
        if told["agreement"]["windows"]:
            print(f"kappa {_words(told['agreement']['kappa'])}")
    return 0


def _choose(args: argparse.Namespace, session: "Session", stem: Path) -> None:
    from sleepjerk.correcting import refuse_another
    from sleepjerk.night.document import read_night
    from sleepjerk.review.choice import choose_windows, signal_of
    from sleepjerk.review.kept import begin

    night = read_night(analysed_already(session, args.night))
    if args.windows < 1:
        raise InputError(f"--windows {args.windows}: give the number of windows to judge, such as 30")
    recording = next(read_and_tell(session, args.night))
    refuse_another(args.recording, recording, night)
    review = choose_windows(recording, night, args.windows, session.rules, args.seed)
    begin(stem, review, signal_of(recording, review, session.rules), session.own or stem.parent)
    print(f"{len(review.windows)} windows chosen; judge them on the page: sleepjerk app", file=sys.stderr)


def _told(review: "Review") -> dict[str, Any]:
    from sleepjerk.review.estimates import agree, count, estimate
    from sleepjerk.review.kept import JUDGES

    judges = {f"judge {judge}": (judge,) for judge in JUDGES} | {"both": JUDGES}
    counts = {name: count(review, which) for name, which in judges.items()}
    return {
        "windows": len(review.windows),
        "windows_of": review.windows_of,
        "judges": {
            name: {"judged": sum(one.judged for one in found.values()), "strata": _plain(found)}
            | asdict(estimate(found))
            for name, found in counts.items()
        },
        "agreement": asdict(agree(review)),
    }


def _plain(counts: Any) -> dict[str, Any]:
    return {str(stratum): asdict(one) for stratum, one in counts.items()}


def _words(share: dict[str, float | None]) -> str:
    if share["low"] is None:
        return "unknown: not enough was judged"
    value = "" if share["value"] is None else f"{share['value']:.2f} "
    return f"{value}({share['low']:.2f}-{share['high']:.2f})"
