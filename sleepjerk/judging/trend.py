"""The last nights together: a verdict for each week, what varies from night to night, and what went together.

Knows nights in one line each and the answers of the mornings. Must not know files or pages. Things that go together
need not cause each other; nothing here says so.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import correlation, median, quantiles

from sleepjerk.judging.criteria import CRITERIA, limit_of
from sleepjerk.judging.pieces import one_a_date
from sleepjerk.judging.questions import Answers, alarms, standing
from sleepjerk.judging.weeks import judge_week
from sleepjerk.night.verdict import NightLine, Week
from sleepjerk.rules import Rules, WeekRules

_NORMAL_95 = 1.959964  # plain: so many deviations to either side hold 95 % of a normal distribution
_COMPARED = ("stress", "exercise", "caffeine", "alcohol")
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLine:
    """One week in one line; `median`, `low` and `high` of the twitches of its nights, None without any."""

    last: str
    level: str
    valid: int
    frequent: int
    median: float | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the valid nights vary: the quartiles of the twitches, and earliest and latest falling asleep."""

    nights: int
    median: float
    low: float
    high: float
    earliest: str | None
    latest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Twitches an hour beside the answers to one question, within one person.

    `rho` is Spearman's, `low` and `high` its 95 % interval (Bonett & Wright 2000); None where the answers hardly
    differ.
    """

    key: str
    nights: int
    rho: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Everything the trend shows. `compared_nights` are those with both a rate and an answer.

    `others` are the nights of the other limb, which are not mixed in. `week` is the last of the weeks, whole, judged
    with `flags`: the red ones that stand after every morning, with the evening for which each was first said; `alarm`:
    one of them sends to a doctor soon. `emergency_s`: how long a convulsion lasts that is an emergency.
    """

    first: str
    last: str
    limb: str
    others: int
    nights: tuple[NightLine, ...]
    weeks: tuple[WeekLine, ...]
    week: Week
    spread: Spread | None
    together: tuple[Together, ...]
    compared_nights: int
    compare_needs: int
    raised_per_h: float
    emergency_s: float
    flags: dict[str, str]
    alarm: bool
    rules_sha256: str


def make_trend(
    lines: Sequence[NightLine],
    mornings: Mapping[str, Answers],
    rules: Rules | None = None,
    weeks: int | None = None,
    others: int = 0,
) -> Trend:
    """Put nights of one person and one limb together.

    Parameters
    ----------
    lines
        At least one, in any order.
    mornings
        Answers of the diary by the date of the evening before.
    weeks
        How many weeks back from the last night; those of the rule on chronic weeks when None.
    others
        How many nights of the other limb there are.

    Raises
    ------
    ValueError
        There is no night.
    """
    rules = Rules() if rules is None else rules
    if not lines:
        raise ValueError("a trend needs at least one night")
    weeks = rules.weeks.chronic_weeks if weeks is None else weeks
    every = one_a_date(lines, rules)
    last = max(every)
    recent = {day: line for day, line in sorted(every.items()) if day > last - timedelta(weeks=weeks)}
    beside = _beside(recent, mornings)
    flags = standing(mornings)
    return Trend(
        first=str(min(recent)),
        last=str(last),
        limb=lines[0].limb,
        others=others,
        nights=tuple(recent.values()),
        weeks=_weeks(lines, mornings, min(recent), last, rules, flags),
        week=judge_week(lines, mornings, str(last), rules, flags),
        spread=_spread([line for line in recent.values() if line.valid]),
        together=tuple(_together(key, beside[key], rules.weeks) for key in _COMPARED)
        if len(beside["any"]) >= rules.weeks.compare_nights
        else (),
        compared_nights=len(beside["any"]),
        compare_needs=rules.weeks.compare_nights,
        raised_per_h=rules.criteria.raised_per_h,
        emergency_s=limit_of(CRITERIA["R2"], rules.criteria),
        flags={key: said[0] for key, said in flags.items()},
        alarm=any(alarms(key, said[0], str(last), rules.weeks.alarm_nights) for key, said in flags.items()),
        rules_sha256=rules.weeks_sha256(),
    )


def _weeks(
    lines: Sequence[NightLine],
    mornings: Mapping[str, Answers],
    first: date,
    last: date,
    rules: Rules,
    flags: Mapping[str, list[str]],
) -> tuple[WeekLine, ...]:
    """The weeks that end with the last night and every seven nights before it, the last one first; `flags`: of that."""
    found = []
    end = last
    while end >= first:
        week = judge_week(lines, mornings, str(end), rules, flags if end == last else None)
        counts = [line.twitches for line in week.nights if line.valid and line.twitches is not None]
        values = {line.id: line.value for line in week.verdict.criteria}
        found.append(
            WeekLine(
                last=str(end),
                level=week.verdict.level,
                valid=int(values["W1"] or 0),
                frequent=int(values["W2"] or 0),
                median=float(median(counts)) if counts else None,
                low=min(counts) if counts else None,
                high=max(counts) if counts else None,
            )
        )
        end -= timedelta(days=rules.criteria.week_nights)
    return tuple(found)


def _spread(lines: Sequence[NightLine]) -> Spread | None:
    counts = [line.twitches for line in lines if line.twitches is not None]
    if not counts:
        return None
    low, middle, high = quantiles(counts if len(counts) > 1 else 2 * counts, method="inclusive")
    asleep = sorted(
        (_minutes_after_noon(line.asleep), line.asleep) for line in lines if line.asleep is not None
    )
    return Spread(
        nights=len(counts),
        median=middle,
        low=low,
        high=high,
        earliest=asleep[0][1] if asleep else None,
        latest=asleep[-1][1] if asleep else None,
    )


def _minutes_after_noon(clock: str) -> int:
    """So that half past midnight comes after eleven in the evening."""
    time = datetime.strptime(clock, "%H:%M")  # noqa: DTZ007 (a time of day without a date)
    return (time.hour * 60 + time.minute - _DAY_MIN // 2) % _DAY_MIN


def _beside(
    recent: Mapping[date, NightLine], mornings: Mapping[str, Answers]
) -> dict[str, list[tuple[float, float]]]:
    """(answer, twitches an hour) of the valid nights by question; "any": nights with an answer to any of them."""
    found: dict[str, list[tuple[float, float]]] = {key: [] for key in (*_COMPARED, "any")}
    for day, line in recent.items():
        if not line.valid or line.per_h is None:
            continue
        answers = mornings.get(str(day), {})
        given = {key: answers[key] for key in _COMPARED if key in answers}
        for key, value in given.items():
            found[key].append((float(value), line.per_h))
        if given:
            found["any"].append((0.0, line.per_h))
    return found


def _together(key: str, pairs: list[tuple[float, float]], rules: WeekRules) -> Together:
    answers, rates = ([pair[place] for pair in pairs] for place in (0, 1))
    if len(pairs) < rules.compare_nights or _differing(answers) < rules.compare_each or len(set(rates)) == 1:
        return Together(key=key, nights=len(pairs), rho=None, low=None, high=None)
    rho = correlation(_ranks(answers), _ranks(rates))
    low, high = spearman_interval(rho, len(pairs))
    return Together(key=key, nights=len(pairs), rho=round(rho, 3), low=round(low, 3), high=round(high, 3))


def _differing(answers: Sequence[float]) -> int:
    """How many answers are not the most common one."""
    return len(answers) - max(Counter(answers).values())


def _ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value; equal ones share theirs. Pearson's correlation of ranks is Spearman's."""
    ordered = sorted(values)
    return [bisect_left(ordered, value) + bisect_right(ordered, value) for value in values]


def spearman_interval(rho: float, nights: int) -> tuple[float, float]:
    """The 95 % interval of Spearman's rho by Fisher's transformation, with the error of Bonett & Wright 2000.

    A rho of one is taken as half a step less, a step being what two neighbours that change places cost: no number of
    nights proves a tie without exception.
    """
    most = 1 - 6 / (nights * (nights**2 - 1))  # plain: Spearman's formula
    rho = max(-most, min(most, rho))
    error, centre = math.sqrt((1 + rho**2 / 2) / (nights - 3)), math.atanh(rho)
    return math.tanh(centre - _NORMAL_95 * error), math.tanh(centre + _NORMAL_95 * error)
