"""`sleepjerk trend`: the last nights together, from the diary or from a folder of night.json files."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.judging.questions import Answers
    from sleepjerk.judging.trend import Trend
    from sleepjerk.night.verdict import NightLine

_LIMBS = ("wrist", "ankle")
HELP = "the last weeks together: a verdict for each, what varies, what went together"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb."""
    from sleepjerk.cli.report import add_paper

    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        help="night.json files of one person (default: your diary)",
    )
    parser.add_argument("--diary", metavar="FILE", type=Path, help="use this diary instead of your own")
    parser.add_argument(
        "--limb",
        choices=_LIMBS,
        help="where the sensor was worn (default: wrist, or ankle if the wrist has no nights)",
    )
    parser.add_argument("--weeks", type=int, metavar="N", help="how far back (default: 13)")
    parser.add_argument(
        "--out",
        metavar="FILE.html|FILE.pdf",
        type=Path,
        help="default: sleepjerk-trend.html in DIR, or here",
    )
    parser.add_argument("--language", metavar="CODE", default="en", help="language of the page (default: en)")
    add_paper(parser)
    parser.add_argument("--json", action="store_true", help="for programs: print it, write no page")
    parser.epilog = "examples:\n  sleepjerk trend\n  sleepjerk trend nights --weeks 4 --out month.html"


def run(args: argparse.Namespace) -> int:
    """Collect, put together, print a line a week, write the page."""
    from sleepjerk.judging.trend import make_trend
    from sleepjerk.report import refuse_page, write_trend
    from sleepjerk.report.catalogue import read_messages

    read_messages(args.language)
    page = args.out or (args.folder or Path()) / "sleepjerk-trend.html"
    if not args.json:
        refuse_page(page)
    if args.weeks is not None and not 1 <= args.weeks <= 520:
        raise InputError(f"--weeks {args.weeks}: give a number from 1 to 520")
    kept, mornings = _collect(args)
    limb = args.limb or next((limb for limb in _LIMBS if kept[limb]), _LIMBS[0])
    if not kept[limb]:
        where = "the diary" if args.folder is None else str(args.folder)
        raise InputError(
            f"{where}: no night recorded on the {limb} is kept there; `sleepjerk report` keeps one"
        )
    others = sum(len(lines) for other, lines in kept.items() if other != limb)
    trend = make_trend(kept[limb], mornings, weeks=args.weeks, others=others)
    if args.json:
        print(json.dumps(asdict(trend), allow_nan=False, indent=1))
        return 0
    _tell(trend)
    write_trend(trend, page, args.language, args.paper)
    print(page)
    return 0


def _collect(args: argparse.Namespace) -> "tuple[dict[str, Sequence[NightLine]], dict[str, Answers]]":
    """The nights by limb, and the mornings."""
    from sleepjerk.cli.diary import tell_doubts
    from sleepjerk.history.database import History, default_path

    path = args.diary or default_path()
    lines: dict[str, Sequence[NightLine]] = dict.fromkeys(_LIMBS, ())
    mornings: dict[str, Answers] = {}
    if path.exists():
        with History(path) as history:
            lines, mornings = {limb: history.nights(limb) for limb in _LIMBS}, history.mornings()
            tell_doubts(history)
    elif args.diary is not None:
        raise InputError(f"{path}: there is no such diary")
    return (lines if args.folder is None else _of_folder(args.folder)), mornings


def _of_folder(folder: Path) -> "dict[str, Sequence[NightLine]]":
    """The nights of a folder by limb; one that can't be read, or has no date, is told and left out."""
    from sleepjerk.judging.weeks import line_of, night_date
    from sleepjerk.night.document import CHANGED, read_night
    from sleepjerk.report.catalogue import Catalogue

    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    lines: list[NightLine] = []
    persons = set()
    for path in sorted(folder.glob("*.night.json")):
        try:
            night = read_night(path)
        except InputError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        if CHANGED in night.messages:
            print(f"{path}: {Catalogue().tell(CHANGED)}", file=sys.stderr)
        evening = night_date(night)
        if evening is None:
            print(f"left out: {path}: its date is unknown", file=sys.stderr)
        else:
            lines.append(line_of(night, evening))
            persons.add(night.recording.placement.subject or "")
    if len(persons - {""}) > 1:
        named = ", ".join(sorted(repr(name) for name in persons - {""}))
        raise InputError(
            f"{folder}: these nights belong to several people ({named:.100}); a trend needs one person's"
        )
    return {limb: [line for line in lines if line.limb == limb] for limb in _LIMBS}


def _tell(trend: "Trend") -> None:
    from sleepjerk.report import trend_words, words
    from sleepjerk.report.catalogue import Catalogue

    print("week up to   nights that count   frequent   verdict")
    for week in trend.weeks:
        print(f"{week.last}   {week.valid:17}   {week.frequent:8}   {week.level}")
    for line in trend_words.other_limb(trend.limb, trend.others, Catalogue()):
        print(words.plain(line))
    for key, since in trend.flags.items():
        said = Catalogue().text(f"questions.{key}")
        print(f"You said yes to: {said} (since the night of {since}). Please see a doctor.")
