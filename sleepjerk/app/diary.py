"""The morning's questions as one form. Knows how an answer is ticked or typed; what may be asked and answered is
`judging`'s.

A list has a tick for "nothing else of it": without that, what is not ticked stays unknown, as a list that is skipped at
the terminal. Only what somebody changed in the form is kept; where another tab or the terminal changed the same
meanwhile, both answers are shown and one is chosen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sleepjerk.app.morning import clock_of, night_page, of_night
from sleepjerk.app.pages import form_to, go
from sleepjerk.errors import InputError
from sleepjerk.history.database import History, default_path
from sleepjerk.judging.answers import answer, lists, parse, singles
from sleepjerk.judging.questions import BY_KEY, OVER, Answers, Question, standing

Given = Mapping[str, bool | int | str | None]


@dataclass(frozen=True, slots=True)
class _Morning:
    """What is asked of one night, and what the diary holds.

    Attributes
    ----------
    evening
        The date of the night.
    given
        Its answers.
    before
        The red flags that stand from earlier mornings, with the evenings of those.
    lists
        The questions that are ticked, by group, without what other mornings answered for good.
    """

    evening: str
    given: Answers
    before: dict[str, list[str]]
    lists: list[tuple[str, list[Question]]]
    flags: dict[str, list[str]]
    doubts: list[str]

    @classmethod
    def of(cls, evening: str) -> "_Morning":
        with History(default_path()) as history:
            mornings = history.mornings()
            doubts = list(history.doubts)
        earlier = {day: said for day, said in mornings.items() if day < evening}
        once: Answers = {}
        for day, said in mornings.items():
            if day != evening:
                once |= {key: value for key, value in said.items() if key in BY_KEY and BY_KEY[key].once}
        given = mornings.get(evening, {})
        return cls(evening, given, standing(earlier), lists(once), standing(mornings, evening), doubts)


@of_night
def show(request: Request, night: Any, document: Any) -> Response:
    """The form with the answers that there are."""
    found = night, document
    if (evening := clock_of(found[1]).evening) is None:
        return night_page(request, "undated.html", *found)
    morning = _Morning.of(evening)
    return _form(request, found, morning, _ticked(morning, morning.given))


def _form(
    request: Request,
    found: tuple[Any, Any],
    morning: _Morning,
    fields: Mapping[str, str],
    wrong: Mapping[str, str] = {},
    both: Mapping[str, tuple[Any, Any]] = {},
) -> Response:
    status = 409 if both else 400 if wrong else 200
    return night_page(
        request,
        "diary.html",
        *found,
        status,
        morning=morning,
        singles=singles(),
        fields=fields,
        wrong=wrong,
        both={key: [_typed(value) for value in pair] for key, pair in both.items()},
        seen=json.dumps(morning.given),
        kept=len(morning.given),
    )


@of_night
def keep(request: Request, night: Any, document: Any, form: Mapping[str, str]) -> Response:
    """Keep what was changed; what was changed elsewhere meanwhile is asked."""
    found = night, document
    if (evening := clock_of(found[1]).evening) is None:
        return go(f"{found[0].address}/start")
    morning = _Morning.of(evening)
    chosen = {key.removeprefix("both-"): text for key, text in form.items() if key.startswith("both-")}
    try:
        seen = _seen(form)
        answers: Given = parse([f"{key}={text}" for key, text in chosen.items()]) if chosen else {}
    except InputError:
        raise HTTPException(400) from None
    if not chosen:
        answers, wrong = _changed(morning, seen, form)
        if wrong:
            return _form(request, found, morning, form, wrong)
    with History(default_path()) as history:
        others = history.keep_answers(morning.evening, dict(answers), seen)
    if others:
        both = {key: (answers[key], others[key]) for key in others}
        now = _Morning.of(morning.evening)
        return _form(request, found, now, _ticked(now, now.given), both=both)
    return go(f"{found[0].address}/diary")


def _seen(form: Mapping[str, str]) -> Answers:
    """The answers that stood there when the form was made."""
    try:
        seen = json.loads(form.get("seen", ""))
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    if not isinstance(seen, dict) or not all(isinstance(value, bool | int | str) for value in seen.values()):
        raise HTTPException(400)
    return seen


def _ticked(morning: _Morning, given: Given) -> dict[str, str]:
    """Answers as a form shows them: what is ticked or typed, by the name of the field."""
    fields = {key: _typed(given.get(key)) for key in BY_KEY if BY_KEY[key].kind != "yes_no"}
    fields |= {f"over-{key}": "on" for key in morning.before if given.get(key) == OVER}
    for group, questions in morning.lists:
        answered = [given.get(question.key) for question in questions]
        fields |= {one.key: "on" for one, value in zip(questions, answered, strict=True) if value is True}
        if None not in answered:
            fields[f"none-{group}"] = "on"
    return {name: text for name, text in fields.items() if text}


def _changed(morning: _Morning, seen: Given, form: Mapping[str, str]) -> tuple[Given, dict[str, str]]:
    """What somebody changed in the form, and the sentence on each field that doesn't fit."""
    was, answers, wrong = _ticked(morning, seen), {}, {}
    for question in singles():
        text = form.get(question.key, "")
        try:
            found = answer(question, text)
        except InputError as error:
            wrong[question.key] = str(error)
            continue
        if found != seen.get(question.key):
            answers[question.key] = found
    for group, questions in morning.lists:
        for question in questions:
            before, now = (_says(question.key, group, fields) for fields in (was, form))
            if before != now:
                answers[question.key] = now
    return answers, wrong


def _says(key: str, group: str, fields: Mapping[str, str]) -> bool | str | None:
    """What a list says to a question: yes, over, no where nothing else of the list applies, else nothing."""
    if key in fields:
        return True
    if f"over-{key}" in fields:
        return OVER
    return False if f"none-{group}" in fields else None


def _typed(value: object) -> str:
    """An answer as a field, or `diary --set`, takes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


ROUTES: list[BaseRoute] = [
    Route("/night/{stem}/diary", show, name="diary"),
    Route("/night/{stem}/diary", form_to(keep), methods=["POST"]),
]
