"""The table of criteria: of each its kind, what it decides, whose threshold it has, and how well founded that is.

Whoever asks which criteria make a night frequent, decide amber or belong to a week asks this table. Knows rules and
questions; must not know nights. Judging is done in `nights` and `weeks`, which hold one judge for each id.

Conventions
-----------
Every criterion is True (met), False (not met) or None (can't be told); a None always carries a message that says why.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.messages import Message
from sleepjerk.night.verdict import Criterion
from sleepjerk.rules import CriteriaRules, WeekRules


class Kind(StrEnum):
    """What a criterion is about: the article's words, then what the program adds."""

    FREQUENT = "frequent"
    SIGNIFICANT = "significant"
    PROLONGED = "prolonged"
    SHAKING = "shaking"
    PERIODIC = "periodic"
    VALIDITY = "validity"
    WEEK = "week"
    ANSWER = "answer"


class Decides(StrEnum):
    """What follows when a criterion is met; `VALID`: the night counts only when it is."""

    RED = "red"
    AMBER = "amber"
    VALID = "valid"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of the table.

    `field` is the threshold in `CriteriaRules`, or in `WeekRules` where `of_weeks`; `sign` stands before it.
    `counted_by` is the criterion of a week that counts the nights on which this one is met. `source` and `threshold`
    stand where they aren't the rule's own. `diary`: the mornings alone tell.
    """

    id: str
    field: str
    grade: str = "choice"
    claim: str = "A6"
    _: KW_ONLY
    kind: Kind
    decides: Decides = Decides.NOTHING
    sign: str = "≥"
    of_weeks: bool = False
    counted_by: str = ""
    source: str = ""
    threshold: str = ""
    diary: bool = False

    @property
    def weekly(self) -> bool:
        """Does it need several nights, or the diary?"""
        return self.kind in (Kind.WEEK, Kind.ANSWER)


class Finding(NamedTuple):
    """What came out for one criterion; `threshold` where it is this person's own."""

    value: float | str | None
    met: bool | None
    messages: tuple[Message, ...]
    low: float | None = None
    high: float | None = None
    threshold: float | None = None


_shaking = partial(Definition, kind=Kind.SHAKING, decides=Decides.RED)
_valid = partial(Definition, kind=Kind.VALIDITY, decides=Decides.VALID)
_amber = partial(Definition, kind=Kind.WEEK, decides=Decides.AMBER, of_weeks=True)
_answer = partial(Definition, field="week_nights", kind=Kind.ANSWER, decides=Decides.RED, diary=True)
_ROWS = (
    Definition("F1", "onset_twitches", kind=Kind.FREQUENT, counted_by="W2"),
    Definition("F2", "raised_per_h", kind=Kind.FREQUENT, counted_by="W2"),
    Definition("F2-high", "high_per_h", kind=Kind.FREQUENT),
    Definition("F4", "dense_min", "borrowed", kind=Kind.FREQUENT, counted_by="W7"),
    Definition("I1", "strong_twitches", claim="A4", kind=Kind.SIGNIFICANT, counted_by="W5"),
    Definition("I2", "moderate_share", claim="A4", kind=Kind.SIGNIFICANT, counted_by="W5"),
    Definition("I3", "woke_twitches", claim="A1", kind=Kind.SIGNIFICANT, counted_by="W5"),
    Definition("P1", "rhythmic_s", "borrowed", kind=Kind.PROLONGED),
    Definition("P2", "cluster_min", kind=Kind.PROLONGED),
    _shaking("R1", "rhythmic_strong_s"),
    _shaking("R2", "rhythmic_emergency_s", "borrowed"),
    Definition("PER", "periodic_per_h", "borrowed", "A15", kind=Kind.PERIODIC, counted_by="W6"),
    _valid("V1", "valid_h"),
    _valid("V2", "valid_gap_share", sign="<"),
    _valid("V3", "valid_non_wear_share", sign="<"),
    Definition("V4", "", "published", kind=Kind.VALIDITY, source="van Hees 2014", threshold="done"),
    _valid("V5", "visible_rate_hz"),
    _valid("V6", "visible_g", sign="≤"),
    Definition("F3", "personal_min", claim="A8", kind=Kind.WEEK, sign=">", of_weeks=True),
    Definition("W1", "week_valid", kind=Kind.WEEK),
    Definition("W2", "week_frequent", "borrowed", kind=Kind.WEEK),
    _amber("W3", "lasting_weeks", "borrowed"),
    _amber("W4", "chronic_weeks", "borrowed", "A12"),
    _amber("W5", "significant_nights", "borrowed"),
    _amber("W6", "periodic_nights", claim="A15"),
    _amber("W7", "dense_nights"),
    _amber("W8", "bad_sleep_nights", "borrowed", "A12", diary=True),
    *(
        _answer(f"Q-{asked.key}", grade=asked.grade, claim=asked.claim, source=asked.source)
        for asked in QUESTIONS
        if asked.red
    ),
)
CRITERIA = {row.id: row for row in _ROWS}
ANSWERED = {f"Q-{asked.key}": asked for asked in QUESTIONS if asked.red}
COUNTING = tuple(dict.fromkeys(row.counted_by for row in _ROWS if row.counted_by))
"""The criteria of a week that the sensor alone can tell: they count nights."""


def ids(*, kind: Kind | None = None, decides: Decides | None = None) -> tuple[str, ...]:
    """The criteria of a kind, or that decide something, in the order of the table."""
    return tuple(row.id for row in _ROWS if kind in (None, row.kind) and decides in (None, row.decides))


def counted_by(name: str) -> tuple[str, ...]:
    """What must be met on a night so that a criterion of the week counts it: any one of these."""
    return tuple(row.id for row in _ROWS if row.counted_by == name)


def is_of(name: str, *kinds: Kind) -> bool:
    """Is this criterion of one of these kinds? One that another version of the program knew is of none."""
    return name in CRITERIA and CRITERIA[name].kind in kinds


def limit_of(row: Definition, rules: CriteriaRules | WeekRules) -> float:
    """The threshold of a criterion in the group of rules that holds it."""
    return float(getattr(rules, row.field))


def criterion(row: Definition, found: Finding, rules: CriteriaRules | WeekRules) -> Criterion:
    """A row with what was found; threshold, unit and source come from the rule that it names."""
    meta: Mapping[str, str] = {item.name: item.metadata for item in dataclasses.fields(rules)}.get(
        row.field, {}
    )
    threshold = row.threshold if not row.field else getattr(rules, row.field)
    return Criterion(
        id=row.id,
        met=found.met,
        value=found.value,
        threshold=threshold if found.threshold is None else found.threshold,
        unit=meta.get("unit", ""),
        source=row.source or meta["source"],
        claim=row.claim,
        grade=row.grade,
        low=found.low,
        high=found.high,
        messages=found.messages,
    )
