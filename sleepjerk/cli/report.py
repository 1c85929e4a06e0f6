"""`sleepjerk report`: the morning report of a recording, or of a night already analysed, beside the nights before it.

Knows files, options and the diary. Must not compute anything of a night.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    from sleepjerk.night.model import Night

HELP = "write the morning report of a recording (analysed first) or of a night.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb; those of the analysis come from `analyse`."""
    from sleepjerk.cli.reading_options import add_analysis_options

    parser.add_argument(
        "recording", metavar="RECORDING|NIGHT.json", help="a recording, or the night.json of one"
    )
    parser.add_argument(
        "--out", metavar="FILE.html|FILE.pdf", type=Path, help="default: beside the input, STEM.report.html"
    )
    parser.add_argument(
        "--language", metavar="CODE", default="en", help="language of the report (default: en)"
    )
    add_paper(parser)
    add_analysis_options(parser)
    parser.epilog = (
        "examples:\n  sleepjerk report 2026-11-22T223104+0100.csv\n"
        "  sleepjerk report 2026-11-22T223104+0100.night.json --out doctor.pdf\n\n"
        "The night is kept in your diary on this computer, so that the next report can look at the week.\n"
        "STEM.events.csv and STEM.night.json of a recording go where the page goes.\n"
        "A diary belongs to one person: for somebody else name another with --diary."
    )


def add_paper(parser: argparse.ArgumentParser) -> None:
    """The option that pages have in common: what a PDF is printed on."""
    parser.add_argument(
        "--paper", choices=("a4", "letter"), help="paper of a PDF (default: what is usual in your country)"
    )


def run(args: argparse.Namespace) -> int:
    """Analyse if needed, put the night into its week, write the page, print its path last."""
    from sleepjerk.report import refuse_page, write_report
    from sleepjerk.report.catalogue import read_messages

    out: Path | None = args.out
    if out is not None:
        refuse_page(out)
    read_messages(args.language)  # refuses one that there isn't before anything is done
    for night, stem in _read_or_analyse(args):
        # Of several days one page holds the last morning; the nights before are in its week.
        page = stem.parent / f"{stem.name}.report.html" if out is None else out
        try:
            write_report(night, page, args.language, args.paper)
        except (KeyError, ValueError, OverflowError) as error:
            if isinstance(error, InputError) or not args.recording.lower().endswith(".json"):
                raise
            raise InputError(
                f"{args.recording}: this night holds values that no analysis writes ({error})"
            ) from error
        if out is None:
            print(page)
    if out is not None:
        print(out)
    return 0


def _read_or_analyse(args: argparse.Namespace) -> "Iterator[tuple[Night, Path]]":
    """The nights in their weeks, each with the stem of its results."""
    source = Path(args.recording)
    if source.suffix.lower() == ".json":
        yield _judge_again(source, args)
        return
    from sleepjerk.cli.analyse import analyse_file

    # events.csv and night.json beside the page
    for judged in analyse_file(
        source, args, source.parent if args.out is None else args.out.parent, keep=True
    ):
        _tell_kept(judged.night, args)
        yield judged.night, judged.stem


def _judge_again(source: Path, args: argparse.Namespace) -> "tuple[Night, Path]":
    """A night that was analysed already, in its week as the diary knows it now."""
    from sleepjerk.cli.reading_options import option_name, said_diary, said_options
    from sleepjerk.night.document import CHANGED, read_night, write_night
    from sleepjerk.report.catalogue import Catalogue
    from sleepjerk.session import refuse_outdated
    from sleepjerk.weekly import follow_in_diary, in_its_week

    if given := list(said_options(args).said()):
        raise InputError(
            f"{source}: {option_name(given[0])} changes the analysis, so give the recording, not its night.json"
        )
    night, stem = read_night(source), source.parent / _stem(source.name)
    refuse_outdated(night, stem)
    if CHANGED in night.messages:
        print(f"{source}: {Catalogue().tell(CHANGED)}", file=sys.stderr)
    if args.no_diary:
        return night, stem
    diary = said_diary(args)
    night = in_its_week(night, night, diary, keep=True)
    with refusing(f"{stem}.night.json", "can't write the night there"):
        write_night(night, f"{stem}.night.json")
    follow_in_diary(night, diary, keep=True)
    _tell_kept(night, args)
    return night, stem


def _tell_kept(night: "Night", args: argparse.Namespace) -> None:
    if night.week is None and not args.no_diary:
        why = "the date of this night is unknown, so it is not kept in the diary; give it one with --start"
        if night.recording.provenance.simulated:
            why = "this night is simulated, so it is not kept in the diary and counts in no week"
        print(why, file=sys.stderr)


def _stem(name: str) -> str:
    """The stem that `analyse` gave: without .night.json, or without .json."""
    return name[: -len(".night.json")] if name.lower().endswith(".night.json") else name[: -len(".json")]
