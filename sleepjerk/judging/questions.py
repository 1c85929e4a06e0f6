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
    """One question: its text for people, which claim of the article it serves, and where it comes from."""

    key: str
    text: str
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


def _red(key: str, text: str, claim: str, source: str, grade: str, *, with_key: str = "") -> Question:
    return Question(
        key=key, text=text, group="body", claim=claim, source=source, grade=grade, red=True, with_key=with_key
    )


def _yes_no(key: str, text: str, group: str, claim: str, source: str, *, once: bool = False) -> Question:
    return Question(key=key, text=text, group=group, claim=claim, source=source, once=once)


def _number(
    key: str, text: str, kind: str, limits: tuple[int, int], unit: str, claim: str, source: str
) -> Question:
    low, high = limits
    return Question(
        key=key,
        text=text,
        group="day",
        claim=claim,
        source=source,
        kind=kind,
        low=low,
        high=high,
        unit=unit,
    )


_CHOICE = "engineering choice"
_ICSD = "ICSD-3 wording"
QUESTIONS = (
    _red(
        "pain", "pain in the part that jerks", "A7", f"{_CHOICE}: caution, the article advises it", "choice"
    ),
    _red("numbness", "numbness or tingling", "A7", f"{_CHOICE}: caution, the article advises it", "choice"),
    _red("weakness", "weakness, or a muscle that gets thinner", "A7", "NICE NG127", "second_hand"),
    _red("stiffness", "stiffness", "A7", "NHS; NICE NG127", "published"),
    _red("twitching_by_day", "jerks or twitches by day", "A6", "NHS: from two weeks on", "borrowed"),
    _red(
        "many_parts",
        "jerks in many parts of the body, with a new or changed medicine",
        "A20",
        "NHS",
        "published",
        with_key="medicine_changed",
    ),
    _red("acted_out_dreams", "acted out a dream (hit, kicked, shouted)", "A15", _ICSD, "second_hand"),
    _red("hurt_at_night", "got hurt, or hurt somebody, in sleep", "A15", _ICSD, "second_hand"),
    _red(
        "bit_or_confused",
        "bit the tongue, wet the bed, or woke confused",
        "A20",
        f"{_CHOICE}: what may be left of a convulsion",
        "choice",
    ),
    _red(
        "convulsion",
        "somebody saw a convulsion that lasted five minutes or more",
        "A20",
        "ILAE 2015",
        "published",
    ),
    _yes_no("slept_badly", "slept badly because of the jerks", "night", "A1", "DSM-5"),
    _yes_no("urge_to_move", "an urge to move the legs that eased on moving", "night", "A15", "DSM-5"),
    _yes_no("kicks_seen", "somebody saw repeated kicks", "night", "A15", "WASM 2016"),
    _yes_no("snoring", "snoring or pauses in breathing were noticed", "night", "A15", "WASM 2016"),
    _yes_no("nightmares", "nightmares", "night", "A12", _CHOICE),
    _yes_no("slept_alone", "slept alone in the bed", "night", "A8", f"{_CHOICE}: a partner's movements"),
    _yes_no("medicine_changed", "a medicine was new or changed in the last 4 weeks", "night", "A20", "NHS"),
    _yes_no("cramps", "cramps by day, or tingling round the mouth", "night", "A9", _CHOICE),
    _yes_no("tired", "tired or low by day", "night", "A14", _CHOICE),
    _yes_no("back_pain", "back pain or cold limbs", "night", "A14", _CHOICE),
    _number("woken", "times a jerk woke you", "count", (0, 50), "times", "A1", "Calandra-Buonaura 2014"),
    _number("stress", "stress yesterday", "scale", (0, 10), "of 10", "A11", _CHOICE),
    _number("exercise", "exercise yesterday, how hard", "scale", (0, 10), "of 10", "A19", _CHOICE),
    _number("caffeine", "coffee, tea or cola after 14:00", "count", (0, 30), "cups", "A25", "NHS"),
    _number("alcohol", "alcoholic drinks yesterday", "count", (0, 30), "drinks", "A25", "NHS"),
    _number("quality", "how you slept, 1 badly to 5 well", "scale", (1, 5), "of 5", "A12", _CHOICE),
    _yes_no("epilepsy", "epilepsy is known", "about", "A20", "ILAE 2015", once=True),
    _yes_no("kidney", "a kidney disease is known", "about", "A13", _CHOICE, once=True),
    _yes_no("thyroid", "a thyroid disease is known", "about", "A17", _CHOICE, once=True),
    _yes_no("diabetes", "diabetes is known", "about", "A17", _CHOICE, once=True),
    _yes_no("anaemia", "anaemia or a lack of iron is known", "about", "A17", _CHOICE, once=True),
    Question(
        key="note", text="anything else", group="about", claim="A6", source=_CHOICE, kind="text", high=500
    ),
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
