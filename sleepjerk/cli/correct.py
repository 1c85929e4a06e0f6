"""`sleepjerk correct`: a person overrules the label of an event; the night is counted again with it."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.history.corrections import Correction
    from sleepjerk.night.model import Night

HELP = "overrule the label of an event; kept beside the night and counted again"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb; those of the analysis come from `analyse`."""
    from sleepjerk.cli.analyse import add_analysis_options

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
        "  sleepjerk correct night.csv --event 12 --undo\n\nGive the same options as to analyse."
    )


def run(args: argparse.Namespace) -> int:
    """Find the event, keep what was said, analyse again, say what changed."""
    from sleepjerk.cli.analyse import result_stem
    from sleepjerk.history.corrections import corrections_path, read_corrections, write_corrections
    from sleepjerk.night.document import read_night

    stem = result_stem(Path(args.recording), args.out)
    if args.night is not None:
        stem = Path(f"{stem}.night{args.night}")
    document = Path(f"{stem}.night.json")
    if not document.exists():
        if Path(f"{stem}.night1.night.json").exists():
            raise InputError(
                f"{args.recording}: this recording holds several nights; say which with --night N"
            )
        raise InputError(f"{document}: this night was not analysed yet; run sleepjerk analyse first")
    night, path = read_night(document), corrections_path(stem)
    if args.list:
        _show(read_corrections(path, night.input_sha256))
        return 0
    with _alone(Path(f"{path}.lock")):
        before = read_corrections(path, night.input_sha256)
        after = _changed(args, night, before)
        write_corrections(path, night.input_sha256, after)
        try:
            _tell(night, _again(args, night))
        except BaseException:
            write_corrections(path, night.input_sha256, before)
            raise
    return 0


def _changed(args: argparse.Namespace, night: "Night", before: "list[Correction]") -> "list[Correction]":
    from sleepjerk.events import Label
    from sleepjerk.history.corrections import correct, without

    if args.event is None or (args.label is None) is not args.undo:
        raise InputError("say which event and what it was: --event N --label L, or --event N --undo")
    if not 0 <= args.event < len(night.events):
        raise InputError(f"--event {args.event}: the rows of this night are 0 to {len(night.events) - 1}")
    row = night.events.iloc[args.event]
    onset_s = float(row["onset_s"])
    if args.undo:
        after = without(before, onset_s)
        if len(after) == len(before):
            raise InputError(f"--event {args.event}: nobody corrected this event")
        return after
    if args.label not in set(Label):
        raise InputError(f"--label {args.label}: the labels are {', '.join(Label)}")
    return correct(before, onset_s, args.label, str(row["detected"] or row["label"]), args.note[:500])


def _again(args: argparse.Namespace, before: "Night") -> "Night":
    """Analyse the recording with the corrections that lie beside its results now."""
    from sleepjerk.cli.analyse import analyse_file

    night, _ = next(analyse_file(Path(args.recording), args))
    if night.recording.night != before.recording.night:
        raise InputError(f"{args.recording}: this recording holds several nights; say which with --night N")
    if night.input_sha256 != before.input_sha256:
        raise InputError(
            f"{args.recording}: the night beside it is of another recording; analyse this one first"
        )
    return night


def _tell(before: "Night", after: "Night") -> None:
    for label, count in after.counts.items():
        if count != before.counts.get(label, 0):
            print(f"{label}: {before.counts.get(label, 0)} -> {count}")
    print(f"{(after.events['detected'] != '').sum()} labels of this night are a person's")


def _show(corrections: "list[Correction]") -> None:
    for item in corrections:
        note = f"  {item.note!r}" if item.note else ""
        print(f"{item.onset_s:.2f} s  {item.detected} -> {item.label}  {item.said_utc}{note}")
    if not corrections:
        print("nothing was corrected", file=sys.stderr)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two corrections at once would lose one of them."""
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise InputError(
            f"{lock}: this night is being corrected by somebody else; if that was cut off, delete the file"
        ) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
