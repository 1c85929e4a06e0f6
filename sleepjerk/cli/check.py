"""`sleepjerk check`: is this night usable?"""

import argparse
from pathlib import Path

from sleepjerk.cli.reading_options import add_reading_options, read_from_options

HELP = "is this night usable? rate, gaps, clipping, noise, drift"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("recording", type=Path, help="a night's CSV (also .csv.gz)")
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    add_reading_options(parser)
    parser.epilog = "example:\n  sleepjerk check 2026-11-22T223104+0100.csv"


def run(args: argparse.Namespace) -> int:
    """Read, look, tell."""
    print(read_from_options(args, args.recording))
    return 0
