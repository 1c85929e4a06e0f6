"""What was judged: the lines of the criteria, the verdict on a night, and the week that a verdict needs.

Types only: judging is done in `judging`. Unknown is None, never False.
"""

from dataclasses import dataclass, field
from typing import Any

from sleepjerk.messages import Message
from sleepjerk.rules import CriteriaRules

LEVELS = ("green", "amber", "red", "grey")
# How good the evidence for a threshold is: published for this very use; published for another movement, limb,
# instrument or complaint; published but known second-hand alone; chosen because nothing is published.
GRADES = ("published", "borrowed", "second_hand", "choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of the criteria table. `met` None: can't be told, and `messages` say why.

    `title` and `note` are the English words, empty until `report` gave them. `grade` is one of `GRADES`, or empty in a
    night that an older version wrote. `low` and `high` are the ends of the exact Poisson interval of a value that is a
    rate.
    """

    id: str
    title: str = ""
    met: bool | None
    value: float | str | None
    threshold: float | str
    unit: str
    source: str
    claim: str
    note: str = ""
    grade: str = ""
    low: float | None = None
    high: float | None = None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`level`: green, amber, red or grey (not enough data for a verdict); `messages` say why, `reasons` in English.

    `strengths`: counted twitches by label, then by strength word; `strength_edges_g`: lower edge of each word.
    `week_nights`: how many nights a verdict looks at.
    """

    level: str
    reasons: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...]
    week_nights: int = CriteriaRules().week_nights  # not told by the first versions
    strengths: dict[str, dict[str, int]] = field(default_factory=dict)
    strength_edges_g: dict[str, float] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLine:
    """One night in one line: all that the weeks look at.

    `night` is the date of its evening. `input_sha256` is the recording's, with the number of the night where it holds
    several. `valid`: does it count? `lacking` are the ids of the criteria that say why not. `twitches` are those of the
    night that stand alone, jerks of falling asleep among them; None, as `jerks` and `strong`, where the sensor can't
    show them. `per_h` with the ends of its interval is their rate in quiet sleep; `periodic_per_h` the index of
    movements in series.
    `asleep` and `awake` are local clock times. `met` holds the criteria of the night by their ids, also where it
    isn't valid; None: can't be told. `quiet_h` is unknown in what older versions kept. `pieces`: the
    recordings that one night was made in, where these are several.
    """

    night: str
    name: str
    limb: str
    version: str
    settings_sha256: str
    input_sha256: str
    valid: bool
    lacking: tuple[str, ...]
    analysed_h: float | None
    quiet_h: float | None = None
    jerks: int | None
    twitches: int | None
    strong: int | None
    per_h: float | None
    per_h_low: float | None
    per_h_high: float | None
    periodic_per_h: float | None
    periodicity_index: float | None
    asleep: str | None
    awake: str | None
    met: dict[str, bool | None]
    pieces: "tuple[NightLine, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What is usual for this person: median of the twitches a night, and above how many a night stands out."""

    nights: int
    median: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The last nights together, and what they come to.

    `nights` are those of the last seven dates that were recorded, `earlier` those before, for the pictures.
    `recorded` are how many they are, `lacking` how many more must count before a verdict. `mornings` is how many of
    the seven were answered in the diary; `answers` are the numbers of the last one and yes where any of them said so,
    and `flags` the red ones that stand, however old. `diary`: what each of the seven mornings answered, by the date
    of the evening before. `usual` is None before `usual_needs` nights were kept. `others` are the nights of the other
    limb in these seven dates, which are not mixed in.
    """

    first: str
    last: str
    nights: tuple[NightLine, ...]
    earlier: tuple[NightLine, ...]
    recorded: int
    lacking: int
    mornings: int
    flags: tuple[str, ...]
    answers: dict[str, bool | int | str]
    usual: Usual | None
    usual_needs: int
    verdict: Verdict
    rules_sha256: str
    diary: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: int = 0
