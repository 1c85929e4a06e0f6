"""`sleepjerk analyse`: recordings in, `<stem>.events.csv` and `<stem>.night.json` out."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.atomic import refuse_file
from sleepjerk.cli.reading_options import (
    add_analysis_options,
    open_from_options,
    read_and_tell,
    said_diary,
    tell_said,
)
from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    from sleepjerk.night.model import BothLimbs
    from sleepjerk.session import Judged

_LIMBS = {"wrist": "of the wrist alone", "ankle": "of the ankle alone", "both": "of both"}
HELP = "find and label the movements of recorded nights"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "recording",
        nargs="+",
        type=Path,
        help="a night: CSV (also .gz, .zst), Parquet, Feather, .cwa, GENEActiv .bin, .gt3x",
    )
    parser.add_argument("--out", type=Path, help="folder for the results (default: beside each recording)")
    parser.add_argument("--json", action="store_true", help="print each night.json on stdout as well")
    add_analysis_options(parser)
    parser.epilog = (
        "A recording of more than 36 h is cut from noon to noon; its results are STEM.night1.events.csv and so on.\n"
        "A night that your diary knows is judged with its week. What you say of a recording, such as --limb, is\n"
        "remembered for it.\n\n"
        "example:\n  sleepjerk analyse 2026-11-22T223104+0100.csv --lights-off 22:45"
    )


def run(args: argparse.Namespace) -> int:
    """Analyse each recording; a bad one is named and the others still get done."""
    from sleepjerk.session import result_stem

    for option, value in (("--start", args.start), ("--with", args.with_)):
        if value is not None and len(args.recording) > 1:
            raise InputError(f"{option} {value}: this holds for one recording; analyse them separately")
    if args.out is not None:
        with refusing(args.out, "can't write results here", "choose another --out"):
            refuse_file(args.out)
    worst = 0
    first: dict[Path, Path] = {}
    for path in args.recording:
        stem = result_stem(path, args.out)
        if (other := first.setdefault(stem, path)) is not path:
            advice = "rename one, or analyse them separately, each with its own --out"
            raise InputError(f"{other} and {path}: both would write the same results {stem}.*; {advice}")
    for path in args.recording:
        try:
            for judged in analyse_file(path, args, args.out):
                _tell(judged, as_json=args.json)
        except InputError as error:
            print(f"sleepjerk: {error}", file=sys.stderr)
            worst = 2
    return worst


def analyse_file(
    path: Path, args: argparse.Namespace, results: Path | None, *, keep: bool = False
) -> "Iterator[Judged]":
    """Read, analyse and write one recording, night by night.

    Parameters
    ----------
    results
        The folder for its results; its own when None.
    keep
        Put each night into the diary.

    Raises
    ------
    InputError
        The recording, the rules or a mark can't be used, or the folder can't be written.
    """
    session = open_from_options(args, path, results, said_diary(args))
    for recording in read_and_tell(session, args.night):
        judged = session.judge(recording, keep=keep, overwrite=True)
        del recording  # so that it is gone while the next night is read
        session.write(judged)
        tell_said(judged)
        yield judged


def _tell(judged: "Judged", *, as_json: bool) -> None:
    import json

    from sleepjerk.night.document import to_document

    night, stem = judged.night, judged.stem
    if as_json:
        print(json.dumps(to_document(night), allow_nan=False))
        return
    print(f"{stem.name}: {', '.join(night.found()) or 'no movements'}")
    for warning in night.warnings:
        print(f"  note: {warning}", file=sys.stderr)
    if night.limbs is not None:
        _tell_both(night.limbs)
    if (limbs := night.limbs) is not None:
        where = [row["limb"] for row in limbs.rows if row["both_recorded"]]
        numbers = ", ".join(f"{where.count(limb)} {what}" for limb, what in _LIMBS.items())
        print(
            f"{stem.name} and {limbs.recording.provenance.name}: {numbers}, in {limbs.both_h:.2f} h of both"
        )
    print(f"{stem}.events.csv")
    print(f"{stem}.night.json")


def _tell_both(limbs: "BothLimbs") -> None:
    """What the two boards show together."""
    from sleepjerk.report import limb_words
    from sleepjerk.report.catalogue import Catalogue
    from sleepjerk.report.words import plain

    say, name = Catalogue(), limbs.recording.provenance.name
    lines = [plain(line) for line in limb_words.lines(limbs, say)]
    for line in (*limbs.recording.provenance.notes, *lines[1:]):
        print(f"  with {name}: {line}", file=sys.stderr)
