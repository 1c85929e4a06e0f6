"""What every verb that reads a recording can be told, and the reading itself.

Knows the option names. Must not know how reading works.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.recording import Recording


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Options that decide where the file itself doesn't."""
    group = parser.add_argument_group("reading (all found out by itself where possible)")
    group.add_argument(
        "--unit", metavar="U", help="unit of acceleration: g, mg, m/s2, counts:PER_G (counts:4096)"
    )
    group.add_argument("--time-unit", metavar="U", help="unit of the time column: s, ms, us, ns or iso")
    group.add_argument(
        "--rate",
        metavar="HZ",
        type=float,
        help="samples per second of a file without times, or whose times are wrong",
    )
    group.add_argument(
        "--columns", metavar="T,X,Y,Z", help="time and axes: names or numbers from 1; X,Y,Z without time"
    )
    group.add_argument(
        "--limb", choices=("wrist", "ankle"), help="where the sensor was worn (default: the sidecar's)"
    )
    group.add_argument(
        "--sensor-name", metavar="NAME", help="which of your sensors this is (default: the sidecar's)"
    )
    group.add_argument(
        "--night", metavar="N", type=int, help="of a recording of several days only this night"
    )
    group.add_argument("--zone", metavar="Z", help="time zone of the night, such as Europe/Berlin")


def read_nights_from_options(args: argparse.Namespace, path: Path) -> "Iterator[Recording]":
    """Read a recording as told, night by night, and tell on stderr what was detected.

    Raises
    ------
    InputError
        The recording, or a night of it, can't be used.
    """
    from dataclasses import replace

    from sleepjerk.reading import read_nights
    from sleepjerk.rules import read_rules

    rules_file = getattr(args, "rules", None)
    name = getattr(args, "sensor_name", None)
    if name is not None and not name.strip():
        raise InputError("--sensor-name: a name of nothing names no sensor")
    for recording in read_nights(
        path,
        night=args.night,
        unit=args.unit,
        time_unit=args.time_unit,
        rate_hz=args.rate,
        columns=args.columns,
        zone=args.zone,
        limb=args.limb,
        rules=None if rules_file is None else read_rules(rules_file),
    ):
        for note in recording.facts.notes:
            print(f"  {note}", file=sys.stderr)
        facts = recording.facts
        yield recording if name is None else replace(recording, facts=replace(facts, sensor_id=name.strip()))
        del recording  # so that it is gone while the next night is read


def refuse_several(recording: "Recording", path: Path) -> None:
    """Of a recording of several days one night must be named.

    Raises
    ------
    InputError
        None was.
    """
    nights = recording.facts.nights
    if nights is not None:
        raise InputError(
            f"{path}: this recording holds {nights} nights; say which with --night 1 to {nights}"
        )
