"""`sleepjerk export`: a night for other tools. Knows which module writes which format; writes over nothing."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.cli.reading_options import (
    add_analysis_options,
    open_from_options,
    read_and_tell,
    refuse_several,
    said_diary,
    tell_said,
)
from sleepjerk.errors import InputError, why

if TYPE_CHECKING:
    from sleepjerk.night.model import Night
    from sleepjerk.recording import Recording

HELP = "write a night for other tools: EDF+, BIDS, GGIR, Parquet, Feather"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    from sleepjerk.export import FORMATS

    parser.add_argument("recording", metavar="RECORDING")
    parser.add_argument("--to", choices=FORMATS, required=True, help="the format")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to write to")
    parser.add_argument(
        "--results", metavar="DIR", type=Path, help="where the night's results are (default: beside it)"
    )
    parser.add_argument(
        "--participant", metavar="ID", default="01", help="bids: whose night it is (default: 01)"
    )
    parser.add_argument(
        "--with-subject",
        action="store_true",
        help="edf: put the subject's name into the header (default: left out)",
    )
    add_analysis_options(parser)
    parser.epilog = (
        "examples:\n  sleepjerk export night.csv --to edf --out exported\n"
        "  sleepjerk export night.csv --to bids --out dataset --participant 07\n\n"
        "edf, parquet and feather need: pip install 'sleepjerk[export]'"
    )


def run(args: argparse.Namespace) -> int:
    """Read, analyse, write beside what is there and never over it."""
    from sleepjerk.atomic import make_folder

    path = Path(args.recording)
    session = open_from_options(args, path, args.results, said_diary(args))
    recording = next(read_and_tell(session, args.night))
    if args.night is None:
        refuse_several(recording, path)
    judged = session.judge(recording)
    tell_said(judged)
    night, name = judged.night, judged.stem.name
    try:
        make_folder(args.out)
        written = _write(recording, night, args, args.out / name)
    except FileExistsError as error:
        raise InputError(f"{error.filename}: this file already exists; choose another --out") from error
    except OSError as error:
        raise InputError(f"{args.out}: can't export there ({why(error)})") from error
    for path in written:
        print(path)
    return 0


def _write(recording: "Recording", night: "Night", args: argparse.Namespace, stem: Path) -> list[Path]:
    if args.to == "bids":
        from sleepjerk.export.bids import write_bids

        return write_bids(recording, night, args.out, args.participant)
    if args.to == "edf":
        from sleepjerk.export.edf import write_edf

        return write_edf(recording, night, Path(f"{stem}.edf"), with_subject=args.with_subject)
    if args.to in ("parquet", "feather"):
        from sleepjerk.export.arrow import write_arrow

        return write_arrow(recording, night, stem, args.to)
    from sleepjerk.export.ggir import write_ggir

    return write_ggir(recording, night, stem)
