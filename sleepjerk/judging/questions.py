"""The questions of the morning: what the sensor can't know. Knows the article's claims by their ids, nothing of nights.

Conventions
-----------
`kind` is one of `KINDS`: "yes_no" (True or False), "count" and "scale" (whole numbers within `low` and `high`) and
"text". A question that was not answered has no answer, which is neither no nor 0. `red` answers send to a doctor
whatever was counted; `with_key` names a second question without which they don't. `once` is asked only until it was
answered, because it doesn't change from night to night.
"""

from dataclasses import dataclass

KINDS = ("yes_no", "count", "scale", "text")
GROUPS = ("body", "night", "day", "about")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, which claim of the article it serves, and where it comes from; its words are the languages'."""

    key: str
    group: str
    claim: str
    source: str
    kind: str = "yes_no"
    low: int = 0
    high: int = 0
    unit: str = ""
    grade: str = ""
    red: bool = False
    with_key: str = ""
    once: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.group not in GROUPS:
            raise ValueError(f"question {self.key}: kind {self.kind!r} or group {self.group!r} is unknown")


def _red(key: str, claim: str, source: str, grade: str, *, with_key: str = "") -> Question:
    return Question(
        key=key, group="body", claim=claim, source=source, grade=grade, red=True, with_key=with_key
    )


def _yes_no(key: str, claim: str, source: str) -> Question:
    return Question(key=key, group="night", claim=claim, source=source)


def _once(key: str, claim: str, source: str) -> Question:
    return Question(key=key, group="about", claim=claim, source=source, once=True)


def _number(key: str, kind: str, low: int, high: int, unit: str, claim: str, source: str) -> Question:
    return Question(
        key=key, group="day", claim=claim, source=source, kind=kind, low=low, high=high, unit=unit
    )


_CHOICE = "engineering choice"
_CAUTION = f"{_CHOICE}: caution, the article advises it"
_ICSD = "ICSD-3 wording"
QUESTIONS = (
    _red("pain", "A7", _CAUTION, "choice"),
    _red("numbness", "A7", _CAUTION, "choice"),
    _red("weakness", "A7", "NICE NG127", "second_hand"),
    _red("stiffness", "A7", "NHS; NICE NG127", "published"),
    _red("twitching_by_day", "A6", "NHS: from two weeks on", "borrowed"),
    _red("many_parts", "A20", "NHS", "published", with_key="medicine_changed"),
    _red("acted_out_dreams", "A15", _ICSD, "second_hand"),
    _red("hurt_at_night", "A15", _ICSD, "second_hand"),
    _red("bit_or_confused", "A20", f"{_CHOICE}: what may be left of a convulsion", "choice"),
    _red("convulsion", "A20", "ILAE 2015", "published"),
    _yes_no("slept_badly", "A1", "DSM-5"),
    _yes_no("urge_to_move", "A15", "DSM-5"),
    _yes_no("kicks_seen", "A15", "WASM 2016"),
    _yes_no("snoring", "A15", "WASM 2016"),
    _yes_no("nightmares", "A12", _CHOICE),
    _yes_no("slept_alone", "A8", f"{_CHOICE}: a partner's movements"),
    _yes_no("medicine_changed", "A20", "NHS"),
    _yes_no("cramps", "A9", _CHOICE),
    _yes_no("tired", "A14", _CHOICE),
    _yes_no("back_pain", "A14", _CHOICE),
    _number("woken", "count", 0, 50, "times", "A1", "Calandra-Buonaura 2014"),  # plain: what the form takes
    _number("stress", "scale", 0, 10, "of 10", "A11", _CHOICE),  # plain: ends of the form's scale
    _number("exercise", "scale", 0, 10, "of 10", "A19", _CHOICE),  # plain: ends of the form's scale
    _number("caffeine", "count", 0, 30, "cups", "A25", "NHS"),  # plain: what the form takes
    _number("alcohol", "count", 0, 30, "drinks", "A25", "NHS"),  # plain: what the form takes
    _number("quality", "scale", 1, 5, "of 5", "A12", _CHOICE),  # plain: ends of the form's scale
    _once("epilepsy", "A20", "ILAE 2015"),
    _once("kidney", "A13", _CHOICE),
    _once("thyroid", "A17", _CHOICE),
    _once("diabetes", "A17", _CHOICE),
    _once("anaemia", "A17", _CHOICE),
    Question(key="note", group="about", claim="A6", source=_CHOICE, kind="text", high=500),  # plain: signs
)
BY_KEY = {question.key: question for question in QUESTIONS}

# What a person answered on one morning.
Answers = dict[str, bool | int | str]


def red_flags(answers: Answers) -> list[str]:
    """The keys of the answers that send to a doctor whatever was counted, in the order of the questions."""
    return [
        question.key
        for question in QUESTIONS
        if question.red
        and answers.get(question.key) is True
        and (not question.with_key or answers.get(question.with_key) is True)
    ]
