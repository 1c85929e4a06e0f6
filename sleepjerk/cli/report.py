"""`sleepjerk report`: the morning report of a recording, or of a night already analysed, beside the nights before it.

Knows files, options and the diary. Must not compute anything of a night.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.night.model import Night

HELP = "write the morning report of a recording (analysed first) or of a night.json"


# Options that have no meaning for a night that was analysed already.
_NEEDS_RECORDING = (
    "unit",
    "time_unit",
    "rate",
    "columns",
    "limb",
    "sensor_name",
    "night",
    "zone",
    "lights_off",
    "lights_up",
    "rules",
)
_PAGES = (".html", ".htm", ".pdf")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb; those of the analysis come from `analyse`."""
    from sleepjerk.cli.analyse import add_analysis_options

    parser.add_argument(
        "recording", metavar="RECORDING|NIGHT.json", help="a recording, or the night.json of one"
    )
    parser.add_argument(
        "--out", metavar="FILE.html|FILE.pdf", type=Path, help="default: beside the input, STEM.report.html"
    )
    parser.add_argument("--language", metavar="CODE", default="en", help="of the report (default: en)")
    parser.add_argument("--diary", metavar="FILE", type=Path, help="another diary than your own")
    parser.add_argument("--no-diary", action="store_true", help="keep nothing and look at this night alone")
    add_analysis_options(parser)
    parser.epilog = (
        "examples:\n  sleepjerk report 2026-11-22T223104+0100.csv\n"
        "  sleepjerk report 2026-11-22T223104+0100.night.json --out doctor.pdf\n\n"
        "The night is kept in your diary on this computer, so that the next report can look at the week.\n"
        "A diary is one person's: for somebody else give another with --diary."
    )


def run(args: argparse.Namespace) -> int:
    """Analyse if needed, put the night into its week, write the page, print its path last."""
    out: Path | None = args.out
    if out is not None and (out.suffix.lower() not in _PAGES or out.is_dir()):
        raise InputError(f"{out}: a report is one file; give --out a name that ends in .html or .pdf")
    _check_language(args.language)
    for night, stem in _read_or_analyse(args):
        if not args.no_diary:
            night = _in_its_week(night, args)
            _write_night(night, Path(f"{stem}.night.json"))
        # Of several days one page holds the last morning; the nights before are in its week.
        page = stem.parent / f"{stem.name}.report.html" if out is None else out
        _write_page(night, page, args.language)
        if out is None:
            print(page)
    if out is not None:
        print(out)
    return 0


def _check_language(language: str) -> None:
    from sleepjerk.report.catalogue import read_messages

    read_messages(language)


def _read_or_analyse(args: argparse.Namespace) -> "Iterator[tuple[Night, Path]]":
    """The nights, each with the stem of its results."""
    source = Path(args.recording)
    if source.suffix.lower() == ".json":
        from sleepjerk.night.document import read_night

        given = [name for name in _NEEDS_RECORDING if getattr(args, name, None) is not None]
        if given:
            option = given[0].replace("_", "-")
            raise InputError(
                f"{source}: --{option} changes the analysis, so give the recording, not its night.json"
            )
        yield read_night(source), source.parent / _stem(source.name)
        return
    from sleepjerk.cli.analyse import analyse_file

    # events.csv and night.json beside the page
    args.results = source.parent if args.out is None else args.out.parent
    yield from analyse_file(source, args)


def _in_its_week(night: "Night", args: argparse.Namespace) -> "Night":
    """Keep it, and judge the week that it ends; a night without a date stands alone."""
    from sleepjerk.history.database import History, default_path
    from sleepjerk.judging.weeks import judge_week, line_of, night_date, with_week
    from sleepjerk.rules import Rules, read_rules

    rules = Rules() if args.rules is None else read_rules(args.rules)
    evening = night_date(night)
    if evening is None:
        print("the date of this night is unknown, so it is kept out of the diary", file=sys.stderr)
        return night
    with History(args.diary or default_path()) as history:
        history.keep_night(line_of(night, evening, rules), night.recording.subject)
        lines = history.nights(night.recording.limb)
        mornings = history.mornings()
    return with_week(night, judge_week(lines, mornings, evening, rules))


def _write_night(night: "Night", path: Path) -> None:
    from sleepjerk.night.document import write_night

    try:
        write_night(night, path)
    except OSError as error:
        raise InputError(f"{path}: can't write the night there: {error.strerror or error}") from error


def _write_page(night: "Night", page: Path, language: str) -> None:
    from sleepjerk.report import render_report, write_report

    try:
        if page.suffix.lower() == ".pdf":
            from sleepjerk.report.pdf import print_pdf

            print_pdf(render_report(night, language), page)
        else:
            write_report(night, page, language)
    except OSError as error:
        raise InputError(f"{page}: can't write the report there: {error.strerror or error}") from error


def _stem(name: str) -> str:
    """The stem that `analyse` gave: without .night.json, or without .json."""
    return name[: -len(".night.json")] if name.lower().endswith(".night.json") else name[: -len(".json")]
