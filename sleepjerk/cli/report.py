"""`sleepjerk report`: the morning report of a recording, or of a night already analysed.

Knows files and options. Must not compute anything of a night.
"""

import argparse
from pathlib import Path

from sleepjerk.errors import InputError

HELP = "write the morning report of a recording (analysed first) or of a night.json"


# Options that have no meaning for a night that was analysed already.
_NEEDS_RECORDING = (
    "unit",
    "time_unit",
    "rate",
    "columns",
    "limb",
    "sensor_name",
    "zone",
    "lights_off",
    "lights_up",
    "rules",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb; those of the analysis come from `analyse`."""
    from sleepjerk.cli.analyse import add_analysis_options

    parser.add_argument(
        "recording", metavar="RECORDING|NIGHT.json", help="a recording, or the night.json of one"
    )
    parser.add_argument(
        "--out", metavar="FILE.html", type=Path, help="default: beside the input, STEM.report.html"
    )
    add_analysis_options(parser)
    parser.epilog = "example: sleepjerk report 2026-11-22T223104+0100.csv"


def run(args: argparse.Namespace) -> int:
    """Analyse if needed, write the page, print its path last."""
    out: Path | None = args.out
    if out is not None and out.suffix.lower() == ".pdf":
        raise InputError(
            f"{out}: PDF is not written yet; write an .html file and print it to PDF from the browser"
        )
    if out is not None and (out.suffix.lower() not in (".html", ".htm") or out.is_dir()):
        raise InputError(f"{out}: a report is one HTML file; give --out a name that ends in .html")
    source = Path(args.recording)
    if source.suffix.lower() == ".json":
        from sleepjerk.night import read_night

        given = [name for name in _NEEDS_RECORDING if getattr(args, name, None) is not None]
        if given:
            option = given[0].replace("_", "-")
            raise InputError(
                f"{source}: --{option} changes the analysis, so give the recording, not its night.json"
            )
        night, stem = read_night(source), source.parent / _stem(source.name)
    else:
        from sleepjerk.cli.analyse import analyse_file

        args.results = (
            source.parent if out is None else out.parent
        )  # events.csv and night.json beside the page
        night, stem = analyse_file(source, args)
    from sleepjerk.report import write_report

    page = stem.parent / f"{stem.name}.report.html" if out is None else out
    try:
        write_report(night, page)
    except OSError as error:
        raise InputError(f"{page}: can't write the report there: {error.strerror or error}") from error
    print(page)
    return 0


def _stem(name: str) -> str:
    """The stem that `analyse` gave: without .night.json, or without .json."""
    return name[: -len(".night.json")] if name.lower().endswith(".night.json") else name[: -len(".json")]
