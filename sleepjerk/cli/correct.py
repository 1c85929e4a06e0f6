"""`sleepjerk correct`: a person overrules the label of an event; the night is counted again with it."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.cli.reading_options import (
    add_analysis_options,
    open_from_options,
    read_and_tell,
    said_diary,
    tell_said,
)
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.detection.corrections import Correction
    from sleepjerk.night.model import Night
    from sleepjerk.session import Session

HELP = "overrule the label of an event; kept beside the night and counted again"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("recording", metavar="RECORDING")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the night's results are")
    parser.add_argument(
        "--event", metavar="N", type=int, help="row of events.csv, from 0, as the report shows it"
    )
    parser.add_argument("--label", metavar="L", help="what it was in truth")
    parser.add_argument("--note", metavar="TEXT", default="", help="why, in a few words")
    parser.add_argument("--undo", action="store_true", help="take the correction of this event back")
    parser.add_argument("--list", action="store_true", help="show what was corrected")
    add_analysis_options(parser)
    parser.epilog = (
        "examples:\n  sleepjerk correct night.csv --event 12 --label body_movement --note 'the cat'\n"
        "  sleepjerk correct night.csv --event 12 --undo\n\n"
        "Kept beside the night and with your own files, so that it holds wherever results of this recording go."
    )


def run(args: argparse.Namespace) -> int:
    """Find the event, keep what was said, analyse again, say what changed."""
    from sleepjerk.detection.corrections import standing
    from sleepjerk.history.corrections import one_at_a_time
    from sleepjerk.night.document import read_night
    from sleepjerk.session import numbered

    session = open_from_options(args, Path(args.recording), args.out, said_diary(args))
    document = Path(f"{numbered(session.stem, args.night)}.night.json")
    if not document.exists():
        if Path(f"{numbered(session.stem, 1)}.night.json").exists():
            raise InputError(
                f"{args.recording}: this recording holds several nights; say which with --night N"
            )
        raise InputError(f"{document}: this night was not analysed yet; run sleepjerk analyse first")
    if args.list:
        night = read_night(document)
        _show(standing(session.corrections(night.input_sha256, night.recording.provenance.night)))
        return 0
    with one_at_a_time(session.waiting_room):
        night = read_night(document)
        before = session.corrections(night.input_sha256, night.recording.provenance.night)
        _tell(night, _again(args, session, night, _changed(args, night, before)))
    return 0


def _changed(args: argparse.Namespace, night: "Night", before: "list[Correction]") -> "list[Correction]":
    from sleepjerk.detection.corrections import correct, of_event
    from sleepjerk.events import Label

    if args.event is None or (args.label is None) is not args.undo:
        raise InputError("say which event and what it was: --event N --label L, or --event N --undo")
    if not 0 <= args.event < len(night.events):
        raise InputError(f"--event {args.event}: the rows of this night are 0 to {len(night.events) - 1}")
    row = night.events.iloc[args.event]
    onset_s, detected = float(row["onset_s"]), str(row["detected"] or row["label"])
    if args.undo:
        if not any(item.label for item in of_event(before, onset_s)):
            raise InputError(f"--event {args.event}: nobody corrected this event")
        return correct(before, onset_s, "", detected)
    if args.label not in set(Label):
        raise InputError(f"--label {args.label}: the labels are {', '.join(Label)}")
    return correct(before, onset_s, args.label, detected, args.note[:500])


def _again(
    args: argparse.Namespace, session: "Session", before: "Night", said: "list[Correction]"
) -> "Night":
    """The night with what was said now."""
    recording = next(read_and_tell(session, args.night))
    if recording.provenance.night != before.recording.provenance.night:
        raise InputError(f"{args.recording}: this recording holds several nights; say which with --night N")
    if recording.input_sha256 != before.input_sha256:
        raise InputError(
            f"{args.recording}: the night beside it is of another recording; analyse this one first"
        )
    judged = session.correct(recording, said)
    tell_said(judged)
    return judged.night


def _tell(before: "Night", after: "Night") -> None:
    was, now = ({**night.counts, "twitches in restless minutes": night.restless} for night in (before, after))
    for what, count in now.items():
        if count != was.get(what, 0):
            print(
                f"{what}: "
                + " -> ".join("unknown" if it is None else str(it) for it in (was.get(what, 0), count))
            )


def _show(corrections: "list[Correction]") -> None:
    for item in corrections:
        note = f"  {item.note!r}" if item.note else ""
        print(f"{item.onset_s:.2f} s  {item.detected} -> {item.label}  {item.said_utc}{note}")
    if not corrections:
        print("nothing was corrected", file=sys.stderr)
