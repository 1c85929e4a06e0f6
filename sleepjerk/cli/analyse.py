"""`sleepjerk analyse`: recordings in, `<stem>.events.csv` and `<stem>.night.json` out."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.cli.reading_options import add_reading_options, read_nights_from_options
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.history.corrections import Correction
    from sleepjerk.night.model import Night
    from sleepjerk.recording import Recording

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
        "A recording of more than 36 h is cut from noon to noon; its results are STEM.night1.events.csv and so on.\n\n"
        "example:\n  sleepjerk analyse 2026-11-22T223104+0100.csv --lights-off 22:45"
    )


def add_analysis_options(parser: argparse.ArgumentParser) -> None:
    """What every verb that analyses can be told."""
    add_reading_options(parser)
    marks = "clock time (22:45, or 2026-11-22T22:45) or seconds since the first sample (840)"
    parser.add_argument("--lights-off", metavar="T", help=f"when you wanted to sleep: {marks}")
    parser.add_argument("--lights-up", metavar="T", help="when you got up, in the same form")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE.toml", help="thresholds that differ from the defaults"
    )


def run(args: argparse.Namespace) -> int:
    """Analyse each recording; a bad one is named and the others still get done."""
    worst = 0
    stems = [result_stem(path, args.out) for path in args.recording]
    twice = {str(stem) for stem in stems if stems.count(stem) > 1}
    if twice:
        raise InputError(
            f"two recordings would write the same results {sorted(twice)[0]}.*; analyse them apart"
        )
    for path in args.recording:
        try:
            for night, stem in analyse_file(path, args):
                _tell(night, stem, as_json=args.json)
        except InputError as error:
            print(f"sleepjerk: {error}", file=sys.stderr)
            worst = 2
    return worst


def analyse_file(path: Path, args: argparse.Namespace) -> "Iterator[tuple[Night, Path]]":
    """Read, analyse and write one recording, night by night.

    Yields
    ------
    night
        An analysed night.
    stem
        Where its results lie: `<stem>.events.csv`, `<stem>.night.json`.

    Raises
    ------
    InputError
        The recording, the rules or a mark can't be used, or the folder can't be written.
    """
    from sleepjerk.runtime import keep_one_heap

    keep_one_heap()
    stem = result_stem(path, getattr(args, "results", None) or args.out)
    for recording in read_nights_from_options(args, path):
        night, ours = analyse_night(recording, args, stem)
        del recording  # so that it is gone while the next night is read
        _write(night, ours, path)
        yield night, ours


def analyse_night(recording: "Recording", args: argparse.Namespace, stem: Path) -> "tuple[Night, Path]":
    """Analyse one night, with what a person said of it beside its results.

    Parameters
    ----------
    stem
        Where the results of its recording lie.

    Returns
    -------
    night, stem
        The night, and where its own results lie: of a recording of several days `<stem>.night1` and so on.

    Raises
    ------
    InputError
        The rules or a mark can't be used.
    """
    from sleepjerk.analysis import analyse
    from sleepjerk.history.sensors import find_sensor
    from sleepjerk.rules import Rules, read_rules

    rules = read_rules(args.rules) if args.rules else Rules()
    lights_off_s = _mark(args.lights_off, recording, "--lights-off")
    lights_up_s = _mark(args.lights_up, recording, "--lights-up")
    if lights_off_s is not None and lights_up_s is not None and lights_up_s <= lights_off_s:
        raise InputError(f"--lights-up {args.lights_up} doesn't come after --lights-off {args.lights_off}")
    kept = find_sensor(recording.facts.sensor_id)
    six_position = None if kept is None else kept.calibration
    ours = stem if recording.facts.night is None else Path(f"{stem}.night{recording.facts.night}")
    said = _corrections(ours, recording.facts.input_sha256)
    night = analyse(
        recording,
        rules,
        lights_off_s=lights_off_s,
        lights_up_s=lights_up_s,
        six_position=six_position,
        corrections=said,
    )
    return night, ours


def _write(night: "Night", stem: Path, path: Path) -> None:
    from sleepjerk.atomic import write_whole
    from sleepjerk.events import events_text
    from sleepjerk.night.document import night_text

    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        table, document = events_text(night.events), night_text(night)
        write_whole(Path(f"{stem}.night.json"), document)
        write_whole(Path(f"{stem}.events.csv"), table)
    except OSError as error:
        raise InputError(
            f"{stem.parent}: can't write results here ({error.strerror}); choose a folder with --out"
        ) from error
    except UnicodeEncodeError as error:
        raise InputError(f"{path!a}: this name is no text that a result can hold; rename the file") from error


def _corrections(stem: Path, input_sha256: str) -> "list[Correction]":
    """What a person said of this recording's events, beside its results."""
    from sleepjerk.history.corrections import corrections_path, read_corrections

    path = corrections_path(stem)
    said = read_corrections(path, input_sha256)
    if said:
        print(f"{len(said)} labels by a person, from {path}", file=sys.stderr)
    return said


def result_stem(path: Path, folder: Path | None) -> Path:
    """The recording's path without its endings, in the folder for results."""
    from sleepjerk.reading.sidecar import stem_of

    return (path.parent if folder is None else folder) / stem_of(path).name


def _mark(text: str | None, recording: "Recording", option: str) -> float | None:
    """A lights mark in seconds since the first sample."""
    from datetime import datetime, time, timedelta

    from sleepjerk.recording import BEFORE_START_S

    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = None
    if seconds is not None:
        if recording.facts.night is not None:
            raise InputError(
                f"{option} {text}: of a recording of several nights give a clock time, such as 22:45"
            )
        return _within(seconds, recording, f"{option} {text}")
    if recording.start is None:
        raise InputError(
            f"{option} {text}: the recording's start is unknown, so a clock time can't be placed; give seconds"
        )
    start = recording.start
    try:
        if "T" in text or " " in text:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=start.tzinfo)
        else:
            clock = time.fromisoformat(text)
            moment = datetime.combine(start.date(), clock, start.tzinfo)
            # A night begins on one day and ends on the next: the first such time after the start is meant.
            if (moment - start).total_seconds() < -BEFORE_START_S:
                moment += timedelta(days=1)
    except ValueError as error:
        raise InputError(
            f"{option} {text}: this is no time like 22:45, 2026-11-22T22:45 or 840 (seconds)"
        ) from error
    return _within((moment - start).total_seconds(), recording, f"{option} {text}")


def _within(seconds: float, recording: "Recording", option: str) -> float | None:
    """The mark, if it lies in the recording; lights that went off a little before its start went off at it."""
    from sleepjerk.recording import BEFORE_START_S

    if not -BEFORE_START_S <= seconds <= recording.duration_s:
        if recording.facts.night is not None:
            print(f"  {option}: this lies outside night {recording.facts.night}", file=sys.stderr)
            return None
        raise InputError(
            f"{option}: this lies outside the recording, which lasts {recording.duration_s / 3600:.1f} h"
        )
    return max(seconds, 0.0)


def _tell(night: "Night", stem: Path, *, as_json: bool) -> None:
    import json

    from sleepjerk.night.document import to_document

    if as_json:
        print(json.dumps(to_document(night), allow_nan=False))
        return
    found = ", ".join(f"{count} {label}" for label, count in night.counts.items() if count)
    print(f"{stem.name}: {found or 'no movements'}")
    for warning in night.warnings:
        print(f"  note: {warning}", file=sys.stderr)
    print(f"{stem}.events.csv")
    print(f"{stem}.night.json")
