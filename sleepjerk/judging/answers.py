"""What is asked in the morning, and what an answer may look like. Must not know terminals or where answers are kept.

Conventions
-----------
A question that was skipped has no answer; one that was asked in a list and not chosen has the answer no.
"""

import re
from collections.abc import Sequence

from sleepjerk.errors import InputError
from sleepjerk.judging.questions import BY_KEY, OVER, QUESTIONS, Answers, Question

_YES = ("yes", "y", "true", "1")
_NO = ("no", "n", "false", "0")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def lists(once: Answers) -> list[tuple[str, list[Question]]]:
    """The questions that are asked as lists of things that apply, by group, without what was answered for good."""
    found: dict[str, list[Question]] = {}
    for question in QUESTIONS:
        if question.kind == "yes_no" and not (question.once and question.key in once):
            found.setdefault(question.group, []).append(question)
    return list(found.items())


def singles() -> list[Question]:
    """The questions that are asked one by one: numbers, then the note."""
    return [question for question in QUESTIONS if question.kind != "yes_no"]


def chosen(text: str, questions: Sequence[Question]) -> Answers:
    """What a line like "1 4" means for a list: those are yes, the others no; "s" leaves the whole list out.

    "0", as an empty line, says that none of it applies.

    Raises
    ------
    InputError
        A word of it is no number of the list.
    """
    words = re.split(r"[\s,;]+", text.strip())
    if words == ["s"]:
        return {}
    words = [] if words == ["0"] else words
    places = set()
    for word in filter(None, words):
        if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= len(questions):
            raise InputError(f"{word!r:.40}: expected numbers from 1 to {len(questions)}")
        places.add(int(word))
    return {question.key: place in places for place, question in enumerate(questions, start=1)}


def answer(question: Question, text: str) -> bool | int | str | None:
    """One answer from its text; None for an empty one.

    Raises
    ------
    InputError
        It doesn't fit the question.
    """
    text = _CONTROL.sub(" ", text).strip()
    if not text:
        return None
    if question.kind == "text":
        if len(text) > question.high:
            raise InputError(f"{question.key}: at most {question.high} characters, not {len(text)}")
        return text
    if question.kind == "yes_no":
        if text.lower() in (*_YES, *_NO):
            return text.lower() in _YES
        if question.red and text.lower() == OVER:
            return OVER
        raise InputError(
            f"{question.key}={text!r:.60}: the answer must be yes or no{', or over' if question.red else ''}"
        )
    if not re.fullmatch(r"[0-9]{1,3}", text) or not question.low <= int(text) <= question.high:
        raise InputError(
            f"{question.key}={text!r:.60}: the answer must be a whole number from {question.low} to {question.high}"
        )
    return int(text)


def parse(words: Sequence[str]) -> dict[str, bool | int | str | None]:
    """Answers from words like "pain=yes"; "pain=over" ends what earlier mornings said, "pain=" takes one back.

    Raises
    ------
    InputError
        A word has no "=", its key is unknown, or its answer doesn't fit.
    """
    answers: dict[str, bool | int | str | None] = {}
    for word in words:
        key, sign, text = word.partition("=")
        if not sign:
            raise InputError(f"{word!r:.60}: an answer is set as key=value, for example pain=no")
        if key not in BY_KEY:
            raise InputError(f"{key!r:.60}: there is no such question; the keys are {', '.join(BY_KEY)}")
        answers[key] = answer(BY_KEY[key], text)
    return answers
