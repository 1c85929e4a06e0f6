"""`sleepjerk correct`: a person overrules labels and sleep times and adds what was missed; all is counted again."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.cli.reading_options import (
    add_analysis_options,
    analysed_already,
    open_from_options,
    read_and_tell,
    said_diary,
    tell_said,
)
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.correcting import Word
    from sleepjerk.night.model import Night, RecordingSummary
    from sleepjerk.said import Correction
    from sleepjerk.session import Judged

HELP = "correct labels, sleep times, times awake, or a movement that was missed; all is counted again at once"


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
        "--event", metavar="N|T", help="row of events.csv, from 0, as the report shows it, or when it began"
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
    from sleepjerk.correcting import correct
    from sleepjerk.night.document import read_night

    session = open_from_options(args, Path(args.recording), args.out, said_diary(args))
    document = analysed_already(session, args.night)
    if args.list:
        night = read_night(document)
        _show(night.recording, session.corrections(night.input_sha256, night.recording.provenance.night))
        if night.limbs is not None and session.other is not None:
            print("on the ankle:", file=sys.stderr)
            _show(night.limbs.recording, session.other.corrections(night.limbs.input_sha256, None))
        return 0
    word = _word(args)
    word.refuse_unclear()
    with one_at_a_time(session.waiting_room):
        night = read_night(document)
        recording = next(read_and_tell(session, args.night))
        judged = correct(session, recording, night, [word], _refuse)
        tell_said(judged)
        _tell(night, judged.night)
        if args.add is not None and not args.undo:
            _tell_added(args.add, judged)
    return 0


def _refuse(word: "Word", error: InputError) -> None:
    raise error


def _word(args: argparse.Namespace) -> "Word":
    from sleepjerk.correcting import Word

    sleep, not_sleep, slept = (tuple(map(tuple, every)) for every in (args.sleep, args.not_sleep, args.slept))
    return Word(
        sleep=sleep,
        not_sleep=not_sleep,
        slept=slept,
        event=args.event,
        add=args.add,
        duration_s=args.duration,
        label=args.label,
        note=args.note,
        undo=args.undo,
    )


def _tell(before: "Night", after: "Night") -> None:
    """What changed."""
    was, now = (_numbers(night) for night in (before, after))
    for what, number in now.items():
        if number != was.get(what, "0"):
            print(f"{what}: {was.get(what, '0')} -> {number}")


def _tell_added(text: str, judged: "Judged") -> None:
    """Which movement it is that somebody saw."""
    from sleepjerk.events import MISSED
    from sleepjerk.said import Kind

    item = max((one for one in judged.corrections if one.kind is Kind.ADDED), key=lambda one: one.said_utc)
    events = judged.night.events
    row = int((events["onset_s"] - item.onset_s).abs().where(events["detected"] != "").argmin())
    found, limbs = str(events["detected"].iloc[row]), judged.night.limbs
    row = row if limbs is None else limbs.wrist_rows[row]
    was = "nothing was detected there" if found == MISSED else f"detected then as {found}"
    print(f"--add {text}: row {row}, {was}")


def _numbers(night: "Night") -> dict[str, str]:
    from sleepjerk.night.clock import Clock

    sleep, clock = night.sleep, Clock.of(night.recording)
    times = {"asleep": sleep.onset_s, "end of sleep": sleep.end_s}
    found = {what: "unknown" if at_s is None else clock.minute(at_s) for what, at_s in times.items()}
    found["minutes awake in between"] = "unknown" if sleep.wake_s is None else f"{sleep.wake_s / 60:.0f}"
    counts = {**night.counts, "twitches not counted": night.restless}
    for limb, numbers in ({} if night.limbs is None else night.limbs.counts).items():
        counts |= {f"{label}, {limb}{'' if limb == 'both' else ' alone'}": n for label, n in numbers.items()}
    return found | {what: "unknown" if count is None else str(count) for what, count in counts.items()}


def _show(recording: "RecordingSummary", corrections: "list[Correction]") -> None:
    from sleepjerk.night.clock import Clock
    from sleepjerk.said import SPANS, Kind, standing

    clock, said = Clock.of(recording), standing(corrections)
    for item in said:
        end = "" if item.end_s is None else f" to {clock.second(item.end_s)}"
        note = f"  {item.note!r}" if item.note else ""
        what = item.kind.replace("_", " ") if item.kind in SPANS else item.label
        was = "added" if item.kind is Kind.ADDED else "a movement"
        what = f"{item.detected or was} -> {what}" if item.kind not in SPANS else what
        print(f"{clock.second(item.onset_s)}{end}  {what}  {item.said_utc}{note}")
    if not said:
        print("nothing was corrected", file=sys.stderr)
