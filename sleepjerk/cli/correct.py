"""`sleepjerk correct`: a person overrules labels and sleep times and adds what was missed; all is counted again."""

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.cli.reading_options import (
    add_analysis_options,
    open_from_options,
    read_and_tell,
    said_diary,
    tell_said,
)
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sleepjerk.detection.corrections import Correction, Kind
    from sleepjerk.night.model import Night
    from sleepjerk.recording import Recording
    from sleepjerk.session import Judged, Session

HELP = "correct labels, sleep times, times awake, or a movement that was missed; all is counted again at once"
_MOMENT = r"(?:\d{4}-\d\d-\d\dT)?\d+(?::\d\d){0,2}(?:\.\d+)?s?"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("recording", metavar="RECORDING")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the night's results are")
    span: dict[str, Any] = {"nargs": "*", "metavar": "T", "action": "append", "default": []}
    parser.add_argument("--sleep", **span, help="when you slept, from and to: clock times or seconds")
    parser.add_argument(
        "--not-sleep", **span, help="when you were awake or up in between; as often as you like"
    )
    parser.add_argument("--slept", **span, help="when you slept, where the program says that you were awake")
    parser.add_argument(
        "--event", metavar="N", type=int, help="row of events.csv, from 0, as the report shows it"
    )
    parser.add_argument("--add", metavar="T", help="when somebody saw a movement that the program missed")
    parser.add_argument("--duration", metavar="S", type=float, help="how many seconds that lasted, if known")
    parser.add_argument("--label", metavar="L", help="what it really was")
    parser.add_argument("--note", metavar="TEXT", default="", help="why, in a few words")
    parser.add_argument(
        "--undo",
        action="store_true",
        help="take back your last correction, or the one that an option above names",
    )
    parser.add_argument("--list", action="store_true", help="show what was corrected")
    add_analysis_options(parser)
    parser.epilog = (
        "examples:\n  sleepjerk correct night.csv --sleep 23:10 06:40\n"
        "  sleepjerk correct night.csv --not-sleep 03:00 03:20 --not-sleep 04:10 04:25\n"
        "  sleepjerk correct night.csv --add 02:14:05 --label sleep_twitch --note 'seen by my wife'\n"
        "  sleepjerk correct night.csv --event 12 --label body_movement --note 'the cat'\n"
        "  sleepjerk correct night.csv --undo                    what you said last\n"
        "  sleepjerk correct night.csv --undo --sleep            your sleep times\n"
        "  sleepjerk correct night.csv --undo --not-sleep 03:00  also --slept 03:00, --add 02:14:05, --event 12\n\n"
        "Corrections are kept beside the night and with your own files, so they hold wherever its results go."
    )


def run(args: argparse.Namespace) -> int:
    """Keep what was said, analyse again, say what changed."""
    from sleepjerk.atomic import one_at_a_time
    from sleepjerk.night.document import read_night
    from sleepjerk.session import numbered

    session = open_from_options(args, Path(args.recording), args.out, said_diary(args))
    document = Path(f"{numbered(session.stem, args.night)}.night.json")
    if not document.exists():
        if Path(f"{numbered(session.stem, 1)}.night.json").exists():
            raise InputError(
                f"{args.recording}: this recording holds several nights; say which with --night N"
            )
        raise InputError(f"{document}: this night has not been analysed yet; run sleepjerk analyse first")
    if args.list:
        night = read_night(document)
        _show(night, session.corrections(night.input_sha256, night.recording.provenance.night))
        return 0
    _refuse_unclear(args)
    with one_at_a_time(session.waiting_room):
        night = read_night(document)
        recording = _recording(args, session, night)
        before = session.corrections(night.input_sha256, night.recording.provenance.night)
        change = _without if args.undo else _with
        judged = session.correct(recording, change(args, night, recording, before))
        tell_said(judged)
        _tell(night, judged.night)
        if args.add is not None and not args.undo:
            _tell_added(args.add, judged)
    return 0


def _refuse_unclear(args: argparse.Namespace) -> None:
    movements = [option for option in (args.event, args.add) if option is not None]
    times = [*args.sleep, *args.not_sleep, *args.slept]
    if args.undo:
        clear = len(movements) + len(times) <= 1 and not (args.label or args.note or args.duration)
    else:
        clear = (len(movements) == (args.label is not None)) and bool(movements or times)
        clear &= args.duration is None or args.add is not None
    if not clear or len(args.sleep) > 1:
        raise InputError(
            "say which event and what it was: --event N --label L; or --add T --label L, --sleep FROM TO, "
            "--not-sleep FROM TO, --slept FROM TO; or --undo alone or with one of these"
        )


def _recording(args: argparse.Namespace, session: "Session", night: "Night") -> "Recording":
    """The recording of the night."""
    recording = next(read_and_tell(session, args.night))
    if recording.provenance.night != night.recording.provenance.night:
        raise InputError(f"{args.recording}: this recording holds several nights; say which with --night N")
    if recording.input_sha256 != night.input_sha256:
        raise InputError(
            f"{args.recording}: the results beside it belong to another recording; analyse this one first"
        )
    return recording


def _with(
    args: argparse.Namespace, night: "Night", recording: "Recording", before: "list[Correction]"
) -> "list[Correction]":
    """What was said before and now."""
    from sleepjerk.detection.corrections import SAME_S, SPANS, Correction, now
    from sleepjerk.events import Label

    if args.label is not None and args.label not in set(Label):
        raise InputError(f"--label {args.label}: the labels are {', '.join(Label)}")
    word = {"said_utc": now(), "note": args.note[:500]}
    said = []
    for option, kind, times in _spans(args):
        begin_s, end_s = _span(times, recording, option)
        said.append(Correction(kind=kind, onset_s=begin_s, end_s=end_s, label=SPANS[kind], **word))
    if args.event is not None:
        said.append(_of_event(_row(args, night), before, args.label, word))
    if args.add is not None:
        said.append(_added(args, recording, word))
        near = (night.events["onset_s"] - said[-1].onset_s).abs() <= SAME_S
        if len(rows := night.events.index[near & (night.events["detected"] != "")]):
            raise InputError(
                f"--add {args.add}: you have already named this movement; use --event {rows[0]} --label L"
            )
    return [*before, *said]


def _spans(args: argparse.Namespace) -> "list[tuple[str, Kind, list[str]]]":
    from sleepjerk.detection.corrections import Kind

    said = {"--sleep": (Kind.SLEEP, args.sleep), "--not-sleep": (Kind.AWAKE, args.not_sleep)}
    said |= {"--slept": (Kind.ASLEEP, args.slept)}
    return [(option, kind, times) for option, (kind, every) in said.items() for times in every]


def _moments(words: "list[str]", recording: "Recording", option: str, *, begun: bool = False) -> list[float]:
    """Seconds since the first sample of times; 23:10-06:40 is two."""
    from sleepjerk.session import mark_s

    both = re.fullmatch(f"({_MOMENT})[-–]({_MOMENT})", "".join(words))
    moments = []
    for text in both.groups() if both else words:
        moment = mark_s(text, recording, option, begun=begun)
        if moment is None:
            raise InputError(f"{option} {text}: this lies outside night {recording.provenance.night}")
        moments.append(moment)
    return moments


def _span(words: "list[str]", recording: "Recording", option: str) -> tuple[float, float]:
    moments = _moments(words, recording, option)
    if len(moments) != 2 or moments[0] >= moments[1]:
        raise InputError(
            f"{option} {' '.join(words)}: give two times, the second after the first: {option} 23:10 06:40"
        )
    return moments[0], moments[1]


def _row(args: argparse.Namespace, night: "Night") -> "pd.Series[Any]":
    if not 0 <= args.event < len(night.events):
        raise InputError(f"--event {args.event}: the rows of this night are 0 to {len(night.events) - 1}")
    row: pd.Series[Any] = night.events.iloc[args.event]
    return row


def _said_of(row: "pd.Series[Any]", before: "list[Correction]") -> "Correction | None":
    """What stands of the movement in a row of the table; None where the detector named it."""
    from sleepjerk.detection.corrections import NEAR_S, SAME_S, Kind, standing

    reach_s = {Kind.EVENT: SAME_S, Kind.ADDED: NEAR_S}
    apart_s = [(abs(item.onset_s - row["onset_s"]), item) for item in standing(before)]
    near = [(apart, item) for apart, item in apart_s if apart <= reach_s.get(item.kind, -1.0)]
    return min(near, key=lambda pair: pair[0])[1] if near and row["detected"] else None


def _of_event(
    row: "pd.Series[Any]", before: "list[Correction]", label: str, word: "dict[str, Any]"
) -> "Correction":
    from sleepjerk.detection.corrections import Correction

    item = _said_of(row, before)
    if item is not None:
        return replace(item, label=label, **word)
    return Correction(onset_s=float(row["onset_s"]), label=label, detected=str(row["label"]), **word)


def _added(args: argparse.Namespace, recording: "Recording", word: "dict[str, Any]") -> "Correction":
    from sleepjerk.detection.corrections import Correction, Kind

    (onset_s,) = _moments([args.add], recording, "--add", begun=True)
    if args.duration is not None and not 0 < args.duration <= recording.duration_s - onset_s:
        raise InputError(f"--duration {args.duration:g}: give seconds, up to the end of the recording")
    end_s = None if args.duration is None else onset_s + args.duration
    return Correction(kind=Kind.ADDED, onset_s=onset_s, end_s=end_s, label=args.label, **word)


def _without(
    args: argparse.Namespace, night: "Night", recording: "Recording", before: "list[Correction]"
) -> "list[Correction]":
    """What is left when the last word, or the one that is named, is taken back."""
    from sleepjerk.detection.corrections import NEAR_S, Kind, standing, taken_back, undo

    if args.event is not None:
        item = _said_of(_row(args, night), before)
        found, option = [] if item is None else [item], f"--event {args.event}"
    elif times := [*_spans(args), *([("--add", Kind.ADDED, [args.add])] if args.add else [])]:
        ((option, kind, words),) = times
        found = [item for item in standing(before) if item.kind == kind]
        for moment in _moments(words, recording, option)[:1]:
            found = [
                item
                for item in found
                if item.onset_s - NEAR_S <= moment <= (item.end_s or item.onset_s) + NEAR_S
            ]
            option = f"{option} {words[0]}"
    else:
        if not standing(before):
            raise InputError("nothing in this night was corrected, so there is nothing to take back")
        return undo(before)
    if len(found) != 1:
        why = "say which, as --list shows it" if len(found) > 1 else "this event or time was not corrected"
        raise InputError(f"--undo {option}: {why}")
    return taken_back(before, found[0])


def _tell(before: "Night", after: "Night") -> None:
    """What changed."""
    was, now = (_numbers(night) for night in (before, after))
    for what, number in now.items():
        if number != was.get(what, "0"):
            print(f"{what}: {was.get(what, '0')} -> {number}")


def _tell_added(text: str, judged: "Judged") -> None:
    """Which movement it is that somebody saw."""
    from sleepjerk.detection.corrections import Kind
    from sleepjerk.events import MISSED

    item = max((one for one in judged.corrections if one.kind is Kind.ADDED), key=lambda one: one.said_utc)
    events = judged.night.events
    row = (events["onset_s"] - item.onset_s).abs().where(events["detected"] != "").argmin()
    found = str(events["detected"].iloc[row])
    was = "nothing was detected there" if found == MISSED else f"detected then as {found}"
    print(f"--add {text}: row {row}, {was}")


def _numbers(night: "Night") -> dict[str, str]:
    from sleepjerk.night.clock import Clock

    sleep, clock = night.sleep, Clock.of(night.recording)
    times = {"asleep": sleep.onset_s, "end of sleep": sleep.end_s}
    found = {what: "unknown" if at_s is None else clock.minute(at_s) for what, at_s in times.items()}
    found["minutes awake in between"] = "unknown" if sleep.wake_s is None else f"{sleep.wake_s / 60:.0f}"
    counts = {**night.counts, "twitches not counted": night.restless}
    return found | {what: "unknown" if count is None else str(count) for what, count in counts.items()}


def _show(night: "Night", corrections: "list[Correction]") -> None:
    from sleepjerk.detection.corrections import SPANS, standing
    from sleepjerk.night.clock import Clock

    clock, said = Clock.of(night.recording), standing(corrections)
    for item in said:
        end = "" if item.end_s is None else f" to {clock.second(item.end_s)}"
        note = f"  {item.note!r}" if item.note else ""
        what = item.kind.replace("_", " ") if item.kind in SPANS else item.label
        what = f"{item.detected or 'added'} -> {what}" if item.kind not in SPANS else what
        print(f"{clock.second(item.onset_s)}{end}  {what}  {item.said_utc}{note}")
    if not said:
        print("nothing was corrected", file=sys.stderr)
