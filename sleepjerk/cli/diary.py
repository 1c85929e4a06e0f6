"""`sleepjerk diary`: the morning's questions, what was kept, and deleting it. Nothing ever leaves the computer."""

import argparse
import contextlib
import csv
import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    from sleepjerk.history.database import History
    from sleepjerk.judging.questions import Question

HELP = "answer the morning's questions in under a minute; they are kept on this computer only"

_TITLES = {
    "body": "Does any of this apply to you?",
    "night": "And about the night and the last days?",
    "about": "Is any of this known? (asked once)",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb."""
    parser.add_argument("--night", metavar="DATE", help="date of the evening (default: the last one)")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set an answer without being asked; KEY= takes it back",
    )
    parser.add_argument("--diary", metavar="FILE", type=Path, help="another diary than your own")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--show", action="store_true", help="print what was answered")
    what.add_argument("--export", metavar="FILE.csv", type=Path, help="write everything that is kept as CSV")
    what.add_argument(
        "--delete",
        action="store_true",
        help="delete the whole diary, or with --night that night, with the labels and options you gave its recordings",
    )
    parser.add_argument("--yes", action="store_true", help="delete or overwrite without asking")
    parser.add_argument("--json", action="store_true", help="with --show: for programs")
    parser.epilog = (
        "examples:\n  sleepjerk diary\n  sleepjerk diary --set pain=no --set stress=4\n"
        "  sleepjerk diary --export diary.csv\n  sleepjerk diary --delete\n\n"
        "Everything stays on this computer, in files that only you can read. What lies beside your recordings\n"
        "(results, reports, corrections) is not deleted."
    )


def run(args: argparse.Namespace) -> int:
    """Ask, or do what was wished."""
    from sleepjerk.history.database import History, checked_date, default_path, delete_diary
    from sleepjerk.history.options import forget_recordings

    path: Path = args.diary or default_path()
    night = checked_date(args.night) if args.night else _last_evening()
    if night > str(datetime.now().astimezone().date()):
        raise InputError(f"--night {night}: that night is still to come")
    if args.delete and args.night is None:
        _confirm(args, f"Delete the whole diary {path}?")
        said = forget_recordings(None if args.diary is None else _recordings_in(path))
        print("deleted" if delete_diary(path) or said else "there was nothing to delete")
        return 0
    with History(path) as history:
        if args.delete:
            _confirm(args, f"Delete the night of {night}?")
            forget_recordings(history.recordings(night))
            print(f"{history.forget_night(night)} entries deleted")
        elif args.export is not None:
            _export(history, args)
        elif args.show:
            _show(history, args)
        else:
            _keep(history, args, night)
    return 0


def _recordings_in(path: Path) -> set[str]:
    """Whose labels and options go with somebody else's diary: of those it knows; none where it can't be read."""
    from sleepjerk.history.database import History

    if path.exists():
        with contextlib.suppress(InputError), History(path) as history:
            return history.recordings()
    return set()


def _last_evening() -> str:
    """Yesterday's, at whatever hour it is asked: today's is still to come, or its night not over."""
    return str(datetime.now().astimezone().date() - timedelta(days=1))


def _confirm(args: argparse.Namespace, question: str) -> None:
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nothing was deleted: add --yes where nobody can be asked")
    if _asked(f"{question} Type delete: ").strip() != "delete":
        raise InputError("nothing was deleted")


def _keep(history: "History", args: argparse.Namespace, night: str) -> None:
    from sleepjerk.judging.answers import parse
    from sleepjerk.judging.questions import red_flags

    if args.set:
        answers = parse(args.set)
    elif sys.stdin.isatty():
        answers = _ask_all(history, night)
    else:
        raise InputError("nobody is there to be asked: set answers with --set key=value")
    history.keep_answers(night, answers)
    given = sum(value is not None for value in answers.values())
    print(f"{given} answers kept for the night of {night}")
    for flag in red_flags(history.mornings().get(night, {})):
        if flag == "convulsion":
            print("If a convulsion lasts five minutes or comes again: call an ambulance at once.")
        else:
            print(f"You said yes to: {_text(flag)}. Please see a doctor, whatever was counted.")


def _text(key: str) -> str:
    from sleepjerk.report.catalogue import Catalogue

    return Catalogue().text(f"questions.{key}")


def _ask_all(history: "History", night: str) -> "dict[str, bool | int | str | None]":
    from sleepjerk.judging.answers import lists, singles

    print(f"The night of {night}. Enter goes on, Ctrl-C ends without keeping anything.", file=sys.stderr)
    answers: dict[str, bool | int | str | None] = {}
    for group, questions in lists(history.once()):
        answers |= _ask_list(_TITLES[group], questions)
    for question in singles():
        answers |= _ask_one(question)
    return answers


def _ask_list(title: str, questions: "list[Question]") -> dict[str, bool | None]:
    from sleepjerk.judging.answers import chosen

    print(f"\n{title}", file=sys.stderr)
    for place, question in enumerate(questions, start=1):
        print(f"  {place:2}  {_text(question.key)}", file=sys.stderr)
    while True:
        line = _asked("Numbers of what applies (Enter: none of it, s: skip): ")
        try:
            return chosen(line, questions)
        except InputError as error:
            print(error, file=sys.stderr)


def _ask_one(question: "Question") -> "dict[str, bool | int | str | None]":
    from sleepjerk.judging.answers import answer

    limits = "" if question.kind == "text" else f" ({question.low}-{question.high})"
    while True:
        line = _asked(f"{_text(question.key)}{limits}: ")
        try:
            found = answer(question, line)
        except InputError as error:
            print(error, file=sys.stderr)
        else:
            return {} if found is None else {question.key: found}


def _asked(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise InputError("the answers ended early: nothing was kept")
    return line


def _show(history: "History", args: argparse.Namespace) -> None:
    mornings = history.mornings()
    if args.night is not None:
        mornings = {night: given for night, given in mornings.items() if night == args.night}
    if args.json:
        print(json.dumps(mornings, indent=1))
        return
    for night, given in mornings.items():
        words = ", ".join(f"{key}={_shown(value)}" for key, value in given.items())
        print(f"{night}  {words}")
    if not mornings:
        print("nothing was answered yet", file=sys.stderr)


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _export(history: "History", args: argparse.Namespace) -> None:
    """One row a night and limb, with its answers; opens in any spreadsheet, and no text becomes a formula."""
    from dataclasses import asdict, fields

    from sleepjerk.atomic import write_whole
    from sleepjerk.judging.questions import QUESTIONS
    from sleepjerk.night.verdict import NightLine

    if args.export.exists() and not args.yes:
        raise InputError(f"{args.export}: this file is there already; choose another, or add --yes")
    mornings = history.mornings()
    lines = [line for limb in ("wrist", "ankle") for line in history.nights(limb)]
    own = [item.name for item in fields(NightLine) if item.name not in ("met", "lacking")]
    keys = [question.key for question in QUESTIONS]
    keys += sorted({key for given in mornings.values() for key in given}.difference(keys))  # newer questions
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*own, *keys])
    unknown = dict.fromkeys(("jerks", "twitches", "strong"))  # where no sleep was found, nothing was counted
    rows = [(line.night, asdict(line) | (unknown if line.analysed_h is None else {})) for line in lines]
    alone = set(mornings) - {night for night, _ in rows}
    rows += [(night, {"night": night}) for night in alone]
    for night, row in sorted(rows, key=lambda pair: pair[0]):
        given = mornings.get(night, {})
        cells = [*(row.get(name) for name in own), *(given.get(key) for key in keys)]
        writer.writerow([_cell(cell) for cell in cells])
    with refusing(args.export, "can't write there"):
        write_whole(args.export, buffer.getvalue())
    print(args.export)


def _cell(value: object) -> object:
    from sleepjerk.spreadsheet import inert

    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else inert(value)
