"""The questions of the morning: what the sensor can't know. Knows the article's claims by their ids, nothing of nights.

Conventions
-----------
`kind` is "yes_no" (True or False), "count" or "scale" (whole numbers within `low` and `high`), or "text". A question
that was not answered has no answer, which is neither no nor 0. `red` answers send to a doctor whatever was counted,
each by itself, and stand until they are said to be over (`OVER`): a no on another morning doesn't take them back.
`alarm` says when such an answer makes a week red: at once, once it lasted two weeks, or never; until then amber.
`once` is asked only until it was answered, because it doesn't change from night to night.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date
from functools import partial
from typing import Literal


@dataclass(frozen=True, slots=True)
class Question:
    """One question, which claim of the article it serves, and where it comes from; its words are the languages'."""

    key: str
    claim: str
    source: str
    grade: str = ""
    _: KW_ONLY
    group: Literal["body", "night", "day", "about"]
    kind: Literal["yes_no", "count", "scale", "text"] = "yes_no"
    low: int = 0
    high: int = 0
    unit: str = ""
    red: bool = False
    alarm: Literal["at_once", "lasting", "never"] = "at_once"
    once: bool = False


_red = partial(Question, group="body", red=True)
_yes_no = partial(Question, group="night")
_count = partial(Question, group="day", kind="count")
_scale = partial(Question, group="day", kind="scale", high=10, unit="of 10")  # plain: the end of the scale
_once = partial(Question, group="about", once=True)
_CHOICE = "engineering choice"
_CAUTION = f"{_CHOICE}: caution, the article advises it"
_ICSD = "ICSD-3"
QUESTIONS = (
    _red("pain", "A7", _CAUTION, "choice"),
    _red("numbness", "A7", _CAUTION, "choice", alarm="lasting"),
    _red("weakness", "A7", "NICE NG127", "second_hand"),
    _red("stiffness", "A7", "NHS; NICE NG127", "borrowed", alarm="lasting"),
    _red("twitching_by_day", "A6", "NHS: from two weeks on", "borrowed"),
    _red("many_parts", "A6", "NHS: twitches in more than one place", "borrowed"),
    _red("medicine_changed", "A20", "NHS: a medicine may be the cause", "borrowed"),
    _red("acted_out_dreams", "A15", _ICSD, "second_hand", alarm="never"),
    _red("hurt_at_night", "A15", _ICSD, "second_hand"),
    _red("bit_or_confused", "A20", f"{_CHOICE}: what may be left of a convulsion", "choice"),
    _red("convulsion", "A20", "ILAE 2015", "published"),
    _red("short_convulsion", "A20", f"{_CHOICE}: caution, of any length it is for a doctor", "choice"),
    _yes_no("slept_badly", "A1", "DSM-5"),
    _yes_no("urge_to_move", "A15", "DSM-5"),
    _yes_no("kicks_seen", "A15", "WASM 2016"),
    _yes_no("snoring", "A15", "WASM 2016"),
    _yes_no("jerks_on_waking", "A20", f"{_CHOICE}: not the jerks of falling asleep"),
    _yes_no("nightmares", "A12", _CHOICE),
    _yes_no("slept_alone", "A8", f"{_CHOICE}: a partner's movements"),
    _yes_no("cramps", "A9", _CHOICE),
    _yes_no("tired", "A14", _CHOICE),
    _yes_no("back_pain", "A14", _CHOICE),
    _count("woken", "A1", "Calandra-Buonaura 2014", high=50, unit="times"),  # plain: what the form takes
    _scale("stress", "A11", _CHOICE),
    _scale("exercise", "A19", _CHOICE),
    _count("caffeine", "A25", "NHS", high=30, unit="cups"),  # plain: what the form takes
    _count("alcohol", "A25", "NHS", high=30, unit="drinks"),  # plain: what the form takes
    _scale("quality", "A12", _CHOICE, low=1, high=5, unit="of 5"),  # plain: the end of the scale
    _once("epilepsy", "A20", "ILAE 2015"),
    _once("kidney", "A13", _CHOICE),
    _once("thyroid", "A17", _CHOICE),
    _once("diabetes", "A17", _CHOICE),
    _once("anaemia", "A17", _CHOICE),
    Question("note", "A6", _CHOICE, group="about", kind="text", high=500),  # plain: signs
)
BY_KEY = {question.key: question for question in QUESTIONS}
OVER = "over"

# What a person answered on one morning: also `OVER`, to a question that is `red`.
Answers = dict[str, bool | int | str]


def standing(mornings: Mapping[str, Answers], last: str | None = None) -> dict[str, list[str]]:
    """The red flags that stand, in the order of the questions, each with the evenings of the mornings that said so.

    Parameters
    ----------
    mornings
        Answers by the date of the evening before.
    last
        Only what was said up to this date; everything when None.
    """
    days = [day for day in sorted(mornings) if last is None or day <= last]
    found: dict[str, list[str]] = {}
    for key in (question.key for question in QUESTIONS if question.red):
        over = max((day for day in days if mornings[day].get(key) == OVER), default="")
        if said := [day for day in days if day > over and mornings[day].get(key) is True]:
            found[key] = said
    return found


def alarms(key: str, since: str, last: str, nights: int) -> bool:
    """Does a red flag that stands since an evening make the week up to another red? `nights`: how long is lasting."""
    kind, lasted = BY_KEY[key].alarm, date.fromisoformat(last) - date.fromisoformat(since)
    return kind == "at_once" or (kind == "lasting" and lasted.days >= nights)
