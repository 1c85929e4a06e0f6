"""What a verb that reads a recording can be told, and what it tells of it. Must not know how reading works."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.history.options import Options
    from sleepjerk.recording import Recording
    from sleepjerk.session import Judged, Session


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Options that decide where the file itself doesn't."""
    group = parser.add_argument_group("reading (detected automatically where possible)")
    group.add_argument(
        "--unit", metavar="U", help="unit of acceleration: g, mg, m/s2, counts:PER_G (counts:4096)"
    )
    group.add_argument(
        "--time-unit",
        metavar="U",
        help="unit of the time column: s, ms, us, ns, ticks:PER_SECOND or iso; dmy or mdy: the order of its dates",
    )
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
        "--rows",
        metavar="COLUMN=WORD",
        help="only these rows, where several sensors share a table (hand=left)",
    )
    group.add_argument(
        "--limb", choices=("wrist", "ankle"), help="where the sensor was worn (default: the sidecar's)"
    )
    group.add_argument(
        "--sensor-name", metavar="NAME", help="which of your sensors this is (default: the sidecar's)"
    )
    group.add_argument(
        "--night", metavar="N", type=int, help="only this night of a recording of several days"
    )
    group.add_argument("--zone", metavar="Z", help="time zone of the night, such as Europe/Berlin")
    group.add_argument(
        "--start",
        metavar="T",
        help="when the first sample was taken, if the file doesn't say: 2026-11-22T22:45, also with +01:00",
    )
    group.add_argument(
        "--rules", type=Path, metavar="FILE.toml", help="thresholds that differ from the defaults"
    )
    group.add_argument(
        "--forget-options",
        action="store_true",
        help="ignore the options you gave for this recording before: marks, limb, zone, rules and the like",
    )


def add_analysis_options(parser: argparse.ArgumentParser) -> None:
    """What every verb that analyses can be told."""
    add_reading_options(parser)
    marks = "clock time (22:45, or 2026-11-22T22:45) or seconds since the first sample (840)"
    parser.add_argument("--lights-off", metavar="T", help=f"when you wanted to sleep: {marks}")
    parser.add_argument("--lights-up", metavar="T", help="when you got up, in the same form")
    parser.add_argument(
        "--with",
        dest="with_",
        metavar="ANKLE.csv",
        type=Path,
        help="what a second board recorded on the ankle in the same night, on the same computer",
    )
    add_diary_options(parser)


def add_diary_options(parser: argparse.ArgumentParser) -> None:
    """Which diary may know the night."""
    parser.add_argument("--diary", metavar="FILE", type=Path, help="use this diary instead of your own")
    parser.add_argument(
        "--no-diary", action="store_true", help="neither read a diary nor keep anything in one"
    )


def said_options(args: argparse.Namespace) -> "Options":
    """What was said on this command line.

    Raises
    ------
    InputError
        The rules can't be used, or a name is empty.
    """
    from sleepjerk.history.options import Options
    from sleepjerk.rules import changed_rules, read_changes

    name = args.sensor_name
    if name is not None and not name.strip():
        raise InputError("--sensor-name: give the sensor a name, such as left-wrist")
    rules = None if args.rules is None else read_changes(args.rules)
    changed_rules(rules or {}, str(args.rules))
    other: Path | None = getattr(args, "with_", None)
    return Options(
        unit=args.unit,
        time_unit=args.time_unit,
        rate_hz=args.rate,
        columns=args.columns,
        rows=args.rows,
        zone=args.zone,
        limb=args.limb,
        start=args.start,
        sensor_name=None if name is None else name.strip(),
        lights_off=getattr(args, "lights_off", None),
        lights_up=getattr(args, "lights_up", None),
        with_=None if other is None else str(other.absolute()),
        rules=rules,
    )


def said_diary(args: argparse.Namespace) -> Path | None:
    """The diary to look into; None for none."""
    from sleepjerk.history.database import default_path

    return None if args.no_diary else args.diary or default_path()


def open_from_options(
    args: argparse.Namespace, path: Path, results: Path | None = None, diary: Path | None = None
) -> "Session":
    """What is known of a recording, and a word on what was said earlier.

    Raises
    ------
    InputError
        An option or the recording can't be used.
    """
    from sleepjerk.session import open_session, result_stem

    session = open_session(
        path,
        said_options(args),
        stem=result_stem(path, results),
        diary=diary,
        forget=args.forget_options,
    )
    tell_earlier(session.earlier.said())
    if words := ", ".join(map(option_name, session.options.newer)):
        print(f"given to a newer sleepjerk, ignored by this one: {words}", file=sys.stderr)
    return session


def tell_earlier(said: "Iterable[str]") -> None:
    """A word on the options that were said before and hold still."""
    if words := ", ".join(option_name(name) for name in said):
        print(f"as you said before: {words} (--forget-options ignores it)", file=sys.stderr)


def option_name(name: str) -> str:
    """How an option is typed."""
    return f"--{name.removesuffix('_hz').rstrip('_').replace('_', '-')}"


def analysed_already(session: "Session", night: int | None) -> Path:
    """The night.json of a recording.

    Raises
    ------
    InputError
        There is none yet, or there are several nights.
    """
    from sleepjerk.session import numbered

    document, first = (Path(f"{numbered(session.stem, number)}.night.json") for number in (night, 1))
    if not document.exists():
        if first.exists():
            raise InputError(f"{session.path}: this recording holds several nights; say which with --night N")
        if session.path.suffix.lower() == ".json":
            raise InputError(f"{session.path}: give the recording, not its night.json")
        if not session.path.exists():
            raise InputError(f"{session.path}: there is no such file")
        raise InputError(f"{document}: this night has not been analysed yet; run sleepjerk analyse first")
    return document


def read_and_tell(session: "Session", night: int | None) -> "Iterator[Recording]":
    """The nights of a recording, each with what was detected told on stderr."""
    for recording in session.read(night):
        for note in recording.provenance.notes:
            print(f"  {note}", file=sys.stderr)
        yield recording
        del recording  # so that it is gone while the next night is read


def tell_said(judged: "Judged") -> None:
    """A word on what of a night is a person's."""
    from sleepjerk.said import SPANS, standing

    said = standing(judged.corrections)
    # A movement of both limbs is named in both recordings, and told once.
    at = {item.said_utc for item in said}
    said += [item for item in standing(judged.of_other) if item.said_utc not in at]
    if count := sum(item.kind not in SPANS for item in said):
        print(f"{count} {'label' if count == 1 else 'labels'} set by you", file=sys.stderr)
    if count < len(said):
        print("sleep times set by you", file=sys.stderr)
    for mark in judged.unused:
        print(f"  {mark}: this lies outside night {judged.night.recording.provenance.night}", file=sys.stderr)


def refuse_several(recording: "Recording", path: Path) -> None:
    """Of a recording of several days one night must be named.

    Raises
    ------
    InputError
        None was.
    """
    nights = recording.provenance.nights
    if nights is not None:
        raise InputError(
            f"{path}: this recording holds {nights} nights; say which with --night 1 to {nights}"
        )
