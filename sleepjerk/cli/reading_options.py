"""The options with which a person overrules what reading detects; shared by every verb that reads a recording.

Must not know how a file is read: that is `sleepjerk.reading`, imported only when a file is read.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sleepjerk.recording import Recording


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides when a file leaves room for doubt."""
    group = parser.add_argument_group("reading", "what is in the file, where it can't be told or is told wrongly")
    group.add_argument("--unit", metavar="g|mg|m/s2|counts:PER_G", help="unit of acceleration, e.g. counts:16384")
    group.add_argument("--time-unit", choices=("s", "ms", "us", "ns", "iso"), help="what the time column holds")
    group.add_argument("--rate", type=float, metavar="HZ", help="samples per second, for a file without times")
    group.add_argument("--columns", metavar="T,X,Y,Z", help="names or numbers (from 1) of the columns; X,Y,Z with --rate")
    group.add_argument("--zone", metavar="ZONE", help="time zone of times without one, e.g. Europe/Berlin")
    group.add_argument("--limb", choices=("wrist", "ankle"), help="where the sensor was worn (default: wrist)")


def read_from_options(args: argparse.Namespace, path: Path | str) -> "Recording":
    """Read a recording as the options say, and say on stderr what was detected.

    Raises
    ------
    InputError
        The file can't be used as a recording.
    """
    from sleepjerk.reading import read_recording

    recording = read_recording(
        path,
        unit=args.unit,
        time_unit=args.time_unit,
        rate_hz=args.rate,
        columns=args.columns,
        zone=args.zone,
        limb=args.limb,
    )
    name = Path(path).name
    for note in recording.facts.notes:
        print(f"{name}: {note}", file=sys.stderr)
    return recording
