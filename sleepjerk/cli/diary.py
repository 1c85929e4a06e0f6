"""`sleepjerk diary`: the morning's questions, what was kept, and deleting it. Nothing ever leaves the computer."""

import argparse
import contextlib
import csv
import io
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    from sleepjerk.history.database import History
    from sleepjerk.judging.questions import Answers, Question

    Changes = Mapping[str, bool | int | str | None]

HELP = "answer the morning's questions in under a minute; they are kept on this computer only"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb."""
    parser.add_argument("--night", metavar="DATE", help="date of its evening (default: yesterday)")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set an answer without being asked; KEY=over ends an earlier red flag, KEY= takes an answer back",
    )
    parser.add_argument("--diary", metavar="FILE", type=Path, help="use this diary instead of your own")
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
        "  sleepjerk diary --set pain=over\n"
        "  sleepjerk diary --export diary.csv\n  sleepjerk diary --delete\n\n"
        "A red flag, such as pain, stands until you say that it is over; a no on another morning doesn't end it.\n"
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
        tell_doubts(history)
    return 0


def tell_doubts(history: "History") -> None:
    """What of the diary can't be read, or was changed."""
    for sentence in history.doubts:
        print(sentence, file=sys.stderr)


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
    if _asked(f"{question} Type delete: ", "nothing was deleted").strip() != "delete":
        raise InputError("nothing was deleted")


def _keep(history: "History", args: argparse.Namespace, night: str) -> None:
    from sleepjerk.judging.answers import parse

    if args.set:
        history.keep_answers(night, parse(args.set))
        _tell_kept(history, night)
    elif sys.stdin.isatty():
        try:
            _ask_all(history, night)
        finally:  # also for whoever leaves early
            _tell_kept(history, night)
    else:
        raise InputError("there is nobody to ask: set answers with --set key=value")


def _tell_kept(history: "History", night: str) -> None:
    """How much is kept, and which of it sends to a doctor."""
    from sleepjerk.judging.questions import standing

    mornings = history.mornings()
    given = len(mornings.get(night, {}))
    print(f"{given} {'answer' if given == 1 else 'answers'} kept for the night of {night}")
    for flag, said in standing(mornings, night).items():
        if flag in ("convulsion", "short_convulsion"):
            print("If a convulsion lasts five minutes or comes again, call an ambulance at once.")
        since = "" if said[0] == night else f" (since the night of {said[0]})"
        print(f"You said yes to: {_text(flag)}{since}. Please see a doctor, whatever was counted.")


def _text(key: str, section: str = "questions") -> str:
    from sleepjerk.report.catalogue import Catalogue

    return Catalogue().text(f"{section}.{key}")


def _ask_all(history: "History", night: str) -> None:
    """Question after question, each answer kept at once; "<" goes back to the one before."""
    from sleepjerk.judging.answers import lists, singles
    from sleepjerk.judging.questions import standing

    print(
        f"The night of {night}. Enter goes on, < goes back, Ctrl-C stops and keeps your answers.",
        file=sys.stderr,
    )
    mornings = history.mornings()
    again = bool(mornings.get(night))
    before = standing({day: said for day, said in mornings.items() if day < night})
    steps: list[Callable[[Answers], Changes | None]] = [partial(_ask_over, before)] if before else []
    steps += [
        partial(_ask_list, _text(group, "diary"), questions, again)
        for group, questions in lists(history.once())
    ]
    steps += [partial(_ask_one, question) for question in singles()]
    place = 0
    while place < len(steps):
        answers = steps[place](history.mornings().get(night, {}))
        place = max(0, place - 1) if answers is None else place + 1
        if answers:
            history.keep_answers(night, dict(answers))


def _ask_over(before: dict[str, list[str]], given: "Answers") -> "Changes | None":
    """Which of the red flags that stand is over? Another answer of this night to one is left as it is."""
    from sleepjerk.judging.answers import chosen
    from sleepjerk.judging.questions import BY_KEY, OVER

    print(f"\n{_text('before', 'diary')}", file=sys.stderr)
    for place, (key, said) in enumerate(before.items(), start=1):
        over = ": over" if given.get(key) == OVER else ""
        print(f"  {place:2}  {_text(key)} (since {said[0]}){over}", file=sys.stderr)
    found = _answered(
        "Numbers of what is over (Enter: no change, 0: nothing, <: back): ",
        lambda line: chosen(line.strip() or "s", [BY_KEY[key] for key in before]),
    )
    if found is None:
        return None
    return {key: OVER if over else None for key, over in found.items() if over or given.get(key) == OVER}


def _ask_list(title: str, questions: "list[Question]", again: bool, given: "Answers") -> "Changes | None":
    """A list; what was said to it is marked, and so is what was said to be over, which no number is no answer to."""
    from sleepjerk.judging.answers import chosen
    from sleepjerk.judging.questions import OVER

    print(f"\n{title}", file=sys.stderr)
    for place, question in enumerate(questions, start=1):
        mark = "*" if given.get(question.key) is True else " "
        print(f" {mark}{place:2}  {_text(question.key)}", file=sys.stderr)
    again = again or any(question.key in given for question in questions)
    enter = "Enter: no change, * is yes, 0: none of these" if again else "Enter: none of these, s: skip"
    found = _answered(
        f"Numbers of what applies ({enter}, <: back): ",
        lambda line: chosen("s" if again and not line.strip() else line, questions),
    )
    if found is None:
        return None
    return {key: value for key, value in found.items() if value or given.get(key) != OVER}


def _ask_one(question: "Question", given: "Answers") -> "Changes | None":
    from sleepjerk.judging.answers import answer

    limits = "" if question.kind == "text" else f" ({question.low}-{question.high})"
    before = f" [{given[question.key]}]" if question.key in given else ""

    def understood(line: str) -> "Answers":
        found = answer(question, line)
        return {} if found is None else {question.key: found}

    return _answered(f"{_text(question.key)}{limits}{before}: ", understood)


def _answered(prompt: str, understood: "Callable[[str], Changes]") -> "Changes | None":
    """What a line means, asked again after a slip; None for a step back."""
    while True:
        line = _asked(prompt, "the input ended early: your answers so far are kept")
        try:
            return None if line.strip() == "<" else understood(line)
        except InputError as error:
            print(error, file=sys.stderr)


def _asked(prompt: str, ended: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise InputError(ended)
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
        print("nothing has been answered yet", file=sys.stderr)


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _export(history: "History", args: argparse.Namespace) -> None:
    """One row a night and limb, with its answers; opens in any spreadsheet, and no text becomes a formula."""
    from dataclasses import asdict, fields

    from sleepjerk.atomic import write_whole
    from sleepjerk.judging.questions import QUESTIONS
    from sleepjerk.night.verdict import NightLine

    if args.export.exists() and not args.yes:
        raise InputError(f"{args.export}: this file already exists; choose another, or add --yes")
    mornings = history.mornings()
    lines = [line for limb in ("wrist", "ankle") for line in history.nights(limb)]
    own = [item.name for item in fields(NightLine) if item.name not in ("met", "lacking", "pieces")]
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
