"""`sleepjerk simulate`: a made night with its truth beside it."""

import argparse
import sys
from pathlib import Path

HELP = "make a night with known truth, from a seed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "--hours", type=float, metavar="H", help="length (default: the scenario's own, 7.5 or less)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number makes another night")
    parser.add_argument(
        "--scenario", default="healthy", metavar="NAME", help="kind of night (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="recording to write, .csv or .csv.gz"
    )
    parser.epilog = (
        "scenarios: healthy, intensified, periodic-arm, restless, awake, apnoea, partner, scratching, faint,\n"
        "everything, noise, demo, short\n"
        "Beside FILE go its sidecar (.json) and its truth (.truth.csv, .truth.json).\n\n"
        "example:\n  sleepjerk simulate --scenario healthy --seed 7 --out made.csv"
    )


def run(args: argparse.Namespace) -> int:
    """Draw, make, write; the recording's path is the result."""
    from sleepjerk.errors import InputError
    from sleepjerk.simulate import simulate_night, write_night_files

    if not args.out.name.endswith((".csv", ".csv.gz")):
        raise InputError(f"--out {args.out}: a recording's name ends in .csv or .csv.gz")
    if not args.out.absolute().parent.is_dir():
        raise InputError(f"--out {args.out}: there is no folder {args.out.parent}; make it first")
    stem = args.out.name.removesuffix(".gz").removesuffix(".csv")
    if args.out.exists() and not args.out.with_name(f"{stem}.truth.json").exists():
        raise InputError(
            f"--out {args.out}: this file is there and was not made by simulate; choose another name"
        )
    night = simulate_night(args.hours, args.seed, args.scenario)
    try:
        written = write_night_files(night, args.out)
    except OSError as error:
        raise InputError(
            f"--out {args.out}: can't write there ({error.strerror}); choose another place"
        ) from error
    for path in written[1:]:
        print(f"beside it: {path}", file=sys.stderr)
    print(written[0])
    return 0
