"""Several nights and the diary against "frequent or prolonged": the verdict that one night can't give.

Knows nights in one line each, the answers of the mornings, and the rules. Must not know samples, tables of events,
files, or how a verdict is shown.

Conventions
-----------
A week is the seven dates up to the last one; a date is that of the evening. A red flag decides alone. All else needs
enough valid nights: without them the level is grey, whatever was counted. A quiet night more, at the end or in an empty
place, never makes a verdict worse.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np

from sleepjerk.events import Label
from sleepjerk.judging.questions import BY_KEY, QUESTIONS, Answers, Question, red_flags
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night
from sleepjerk.night.verdict import Criterion, NightLine, Usual, Verdict, Week
from sleepjerk.rules import CriteriaRules, Rules, WeekRules

FREQUENT = ("F1", "F2")
SIGNIFICANT = ("I1", "I2", "I3")
VALIDITY = ("V1", "V2", "V3")
AMBER = ("W3", "W4", "W5", "W6", "W7", "W8")
_DECIDING = ("W2", "W5", "W6", "W7")  # those that the sensor alone could have told
_MAD = 1.4826  # of a normal distribution, its standard deviation over its median absolute deviation
_NOON_H = 12  # a recording that begins before noon belongs to the evening before


def night_date(night: Night) -> str | None:
    """The date of the evening that a night belongs to; None when its start is unknown."""
    begin = Clock.of(night.recording).local(0.0)
    return None if begin is None else str((begin - timedelta(hours=_NOON_H)).date())


def line_of(night: Night, evening: str, rules: Rules | None = None) -> NightLine:
    """What the weeks need to know of a night.

    Parameters
    ----------
    night
        An analysed night.
    evening
        Its date, as `night_date` tells it.
    """
    rules = Rules() if rules is None else rules
    lines = {line.id: line for line in night.verdict.criteria}
    lacking = tuple(name for name in VALIDITY if name not in lines or lines[name].met is not True)
    clock, sleep = Clock.of(night.recording), night.sleep
    twitch = night.events["label"].isin([Label.HYPNIC_JERK, Label.SLEEP_TWITCH]).to_numpy()
    met = {name: line.met for name, line in lines.items() if name[0] in "FIPR" and name != "F3"}
    if not lacking and "I2" in met and int(twitch.sum()) < rules.weeks.share_from:
        met["I2"] = False
    rate = lines.get("F2")  # twitches an hour of quiet sleep, with the exact interval
    return NightLine(
        night=evening,
        name=night.recording.provenance.name,
        limb=night.recording.placement.limb,
        version=night.version,
        settings_sha256=night.settings_sha256,
        input_sha256=night.input_sha256
        + (f"/{night.recording.provenance.night}" if night.recording.provenance.night else ""),
        valid=not lacking,
        lacking=lacking,
        analysed_h=sleep.analysed_h,
        jerks=night.counts.get(Label.HYPNIC_JERK, 0),
        twitches=int(twitch.sum()),
        strong=int((twitch & (night.events["peak_g"].to_numpy(float) >= rules.criteria.strong_g)).sum()),
        per_h=rate.value if rate is not None and isinstance(rate.value, float | int) else None,
        per_h_low=None if rate is None else rate.low,
        per_h_high=None if rate is None else rate.high,
        periodic_per_h=night.periodic.index_per_h,
        periodicity_index=night.periodic.periodicity_index,
        asleep=clock.minute(sleep.onset_s) if clock.known and sleep.onset_s is not None else None,
        awake=clock.minute(sleep.end_s) if clock.known and sleep.end_s is not None else None,
        met=met,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What every criterion may look at: lines and answers by date, and the last date."""

    lines: Mapping[date, NightLine]
    mornings: Mapping[date, Answers]
    last: date
    rules: CriteriaRules
    weeks: WeekRules

    def week(self, end: date | None = None) -> list[NightLine]:
        """The lines of the seven dates up to one."""
        end = self.last if end is None else end
        dates = [end - timedelta(days=back) for back in reversed(range(self.rules.week_nights))]
        return [self.lines[day] for day in dates if day in self.lines]

    def answered(self) -> list[Answers]:
        """What was answered on the mornings of the week."""
        first = self.last - timedelta(days=self.rules.week_nights - 1)
        return [answers for day, answers in sorted(self.mornings.items()) if first <= day <= self.last]

    def valid(self, end: date | None = None) -> int:
        return sum(line.valid for line in self.week(end))


class _Finding(NamedTuple):
    """What came out for one criterion; `threshold` where it is this person's own."""

    value: float | None
    met: bool | None
    note: str = ""
    threshold: float | None = None


class _Line(NamedTuple):
    """One line of the table: whose threshold, how well founded, for which claim, judged by what.

    `source` where it isn't that of the threshold: a question has its own.
    """

    id: str
    title: str
    rule: str
    grade: str
    claim: str
    judge: Callable[[_Evidence], _Finding]
    source: str = ""


def judge_week(
    lines: Sequence[NightLine], mornings: Mapping[str, Answers], last: str, rules: Rules | None = None
) -> Week:
    """Judge the seven nights up to a date.

    Parameters
    ----------
    lines
        Nights of one person and one limb, in any order; of several with one date the one that tells most counts.
    mornings
        Answers of the diary by the date of the evening before.
    last
        The date of the last night, ISO 8601.
    rules
        Only the groups `criteria` and `weeks` matter.
    """
    rules = Rules() if rules is None else rules
    end = date.fromisoformat(last)
    seen = _Evidence(
        lines={day: line for day, line in one_a_date(lines).items() if day <= end},
        mornings={date.fromisoformat(day): answers for day, answers in mornings.items()},
        last=end,
        rules=rules.criteria,
        weeks=rules.weeks,
    )
    week, answered = seen.week(), seen.answered()
    criteria = tuple(_criterion(line, seen) for line in (*_LINES, *_flag_lines()))
    flags = tuple(line.id.removeprefix("Q-") for line in criteria if line.id.startswith("Q-") and line.met)
    first = end - timedelta(days=rules.criteria.week_nights - 1)
    back = end - timedelta(weeks=rules.weeks.chronic_weeks)
    return Week(
        first=str(first),
        last=last,
        nights=tuple(week),
        earlier=tuple(line for day, line in sorted(seen.lines.items()) if back < day < first),
        recorded=len(week),
        lacking=max(0, rules.criteria.week_valid - seen.valid()),
        mornings=len(answered),
        flags=flags,
        answers=_last_answers(seen),
        usual=_usual(seen),
        usual_needs=rules.weeks.personal_nights,
        verdict=_verdict(week, criteria, rules),
        rules_sha256=rules.weeks_sha256(),
    )


def _verdict(week: Sequence[NightLine], criteria: tuple[Criterion, ...], rules: Rules) -> Verdict:
    return Verdict(
        level=_level(week, criteria),
        reasons=_reasons(week, criteria),
        criteria=criteria,
        week_nights=rules.criteria.week_nights,
    )


def carry_on(week: Week, line: NightLine, rules: Rules | None = None) -> Week:
    """A week with another line for one of its nights, judged again where its diary is not at hand.

    What was answered stands as it was found; a line of no night of the week changes nothing.
    """
    rules = Rules() if rules is None else rules
    lines = [*week.earlier, *week.nights]
    if line in lines or all(line.input_sha256 != other.input_sha256 for other in lines):
        return week
    lines = [line if line.input_sha256 == other.input_sha256 else other for other in lines]
    fresh = judge_week(lines, {}, week.last, rules)
    answered = {old.id: old for old in week.verdict.criteria if old.id == "W8" or old.id.startswith("Q-")}
    criteria = tuple(answered.get(new.id, new) for new in fresh.verdict.criteria)
    return dataclasses.replace(
        fresh,
        mornings=week.mornings,
        flags=week.flags,
        answers=week.answers,
        verdict=_verdict(fresh.nights, criteria, rules),
    )


def with_week(night: Night, week: Week) -> Night:
    """The night with its week: the level is the week's, its lines stand behind those of the night."""
    weekly = {line.id for line in week.verdict.criteria}
    own = [line for line in night.verdict.criteria if line.id not in weekly]
    verdict = dataclasses.replace(
        night.verdict,
        level=week.verdict.level,
        reasons=week.verdict.reasons,
        criteria=(*own, *week.verdict.criteria),
    )
    return dataclasses.replace(night, week=week, verdict=verdict)


def one_a_date(lines: Sequence[NightLine]) -> dict[date, NightLine]:
    """One line a date: a red flag is never hidden, then what is valid, then what was seen longest."""
    best: dict[date, NightLine] = {}
    for line in sorted(lines, key=lambda line: (_shaking(line), line.valid, line.analysed_h or 0.0)):
        best[date.fromisoformat(line.night)] = line
    return best


def _shaking(line: NightLine) -> bool:
    return line.met.get("R1") is True or line.met.get("R2") is True


def _last_answers(seen: _Evidence) -> Answers:
    """What was said on the last morning, and what is asked only once whenever it was said."""
    lasting: Answers = {}
    for day, given in sorted(seen.mornings.items()):
        if day <= seen.last:
            lasting |= {key: value for key, value in given.items() if key in BY_KEY and BY_KEY[key].once}
    return lasting | seen.mornings.get(seen.last, {})


# The level.


def _level(week: Sequence[NightLine], criteria: Sequence[Criterion]) -> str:
    met = {line.id: line.met for line in criteria}
    if any(_shaking(line) for line in week) or any(met[name] for name in met if name.startswith("Q-")):
        return "red"
    if not met["W1"]:
        return "grey"
    if any(met[name] for name in AMBER):
        return "amber"
    return "grey" if any(met[name] is None for name in _DECIDING) else "green"


def _reasons(week: Sequence[NightLine], criteria: Sequence[Criterion]) -> tuple[str, ...]:
    by_id = {line.id: line for line in criteria}
    reasons = [f"You answered yes: {line.title} (rule {line.id})." for line in criteria if _is_flag(line)]
    reasons += [f"Strong rhythmic shaking on {line.night} (rule R1)." for line in week if _shaking(line)]
    valid = by_id["W1"]
    if not valid.met:
        reasons.append(
            f"No verdict on counts: {valid.value:g} valid nights of the last 7, {valid.threshold} are needed."
        )
    else:
        reasons += [f"{by_id[name].title}: {by_id[name].note}." for name in AMBER if by_id[name].met]
        reasons += [
            f"{by_id[name].title}: can't be told, {by_id[name].note}."
            for name in _DECIDING
            if by_id[name].met is None
        ]
        if by_id["W2"].met and not by_id["W3"].met:
            reasons.append(f"{by_id['W2'].title}: {by_id['W2'].note}; a second such week would count.")
    if len({line.settings_sha256 for line in week}) > 1:
        reasons.append("These nights were analysed with different settings: analyse them again to compare.")
    return tuple(reasons)


def _is_flag(line: Criterion) -> bool:
    return line.id.startswith("Q-") and line.met is True


def _criterion(line: _Line, seen: _Evidence) -> Criterion:
    """A line of the table; threshold, unit and source come from the rule that it names."""
    group: CriteriaRules | WeekRules = seen.rules if hasattr(seen.rules, line.rule) else seen.weeks
    meta = {item.name: item.metadata for item in dataclasses.fields(group)}[line.rule]
    found = line.judge(seen)
    return Criterion(
        id=line.id,
        title=line.title,
        met=found.met,
        value=found.value,
        threshold=getattr(group, line.rule) if found.threshold is None else found.threshold,
        unit=meta["unit"],
        source=line.source or meta["source"],
        claim=line.claim,
        note=found.note,
        grade=line.grade,
    )


# Frequent.


def _enough(seen: _Evidence) -> _Finding:
    days, valid = seen.rules.week_nights, seen.valid()
    return _Finding(valid, valid >= seen.rules.week_valid, f"{valid} of {days} nights count")


def _state(line: NightLine, names: tuple[str, ...]) -> bool | None:
    """Is one of these criteria met? None where none is and one can't be told."""
    found = [line.met.get(name) for name in names]
    if any(found):
        return True
    return None if None in found else False


def _nights_with(names: tuple[str, ...], limit: int, week: Sequence[NightLine]) -> _Finding:
    """On how many nights is one of these met, and can more of them have been?"""
    states = [(_state(line, names), line.valid) for line in week]
    met = sum(state is True for state, _ in states)
    open_ = sum(state is None and valid for state, valid in states)
    note = f"{met} of {len(week)} nights recorded" + (f", {open_} can't be told" if open_ else "")
    if met >= limit:
        return _Finding(met, True, note)
    return _Finding(met, None if met + open_ >= limit else False, note)


def _counted(names: tuple[str, ...], limit: str, seen: _Evidence) -> _Finding:
    """As `_nights_with`, for this week; not met is only said of a week with enough valid nights."""
    group: CriteriaRules | WeekRules = seen.rules if hasattr(seen.rules, limit) else seen.weeks
    found = _nights_with(names, getattr(group, limit), seen.week())
    if seen.valid() >= seen.rules.week_valid:
        return found
    return found._replace(met=None, note=f"{found.note}; too few of them are valid")


def _lasting(limit: str, seen: _Evidence) -> _Finding:
    """For how many weeks in a row, this one judged, those before it by their frequent nights alone.

    Counted on every day since the last frequent night, and the least of it taken: else a quiet night, by moving the
    borders of the weeks, could make two frequent weeks of one.
    """
    group: CriteriaRules | WeekRules = seen.rules if hasattr(seen.rules, limit) else seen.weeks
    now = _counted(FREQUENT, "week_frequent", seen)
    if not now.met:
        return _Finding(0, now.met, f"this week: {now.note}")
    frequent = [day for day, line in seen.lines.items() if _state(line, FREQUENT)]
    days = (seen.last - max(frequent)).days
    weeks = min(_weeks_in_a_row(seen, seen.last - timedelta(days=back)) for back in range(days + 1))
    note = f"{weeks} in a row, with {seen.rules.week_frequent} frequent nights or more each"
    return _Finding(weeks, weeks >= getattr(group, limit), note)


def _weeks_in_a_row(seen: _Evidence, end: date) -> int:
    weeks = 0
    while _nights_with(FREQUENT, seen.rules.week_frequent, seen.week(end - timedelta(weeks=weeks))).met:
        weeks += 1
    return weeks


# What is usual for this person.


def _usual(seen: _Evidence) -> Usual | None:
    """Of the valid nights before the last one."""
    before = [line.twitches for day, line in seen.lines.items() if day < seen.last and line.valid]
    if len(before) < seen.weeks.personal_nights:
        return None
    median = float(np.median(before))
    spread = _MAD * float(np.median(np.abs(np.array(before) - median)))
    above = max(seen.weeks.personal_mads * spread, seen.weeks.personal_min)
    return Usual(nights=len(before), median=median, limit=round(median + above, 2))


def _personal(seen: _Evidence) -> _Finding:
    tonight, usual = seen.lines.get(seen.last), _usual(seen)
    if tonight is None:
        return _Finding(None, None, "this night was not recorded")
    if usual is None:
        nights = seen.weeks.personal_nights
        return _Finding(
            tonight.twitches, None, f"what is usual for you needs {nights} valid nights before this one"
        )
    note = f"your median is {usual.median:g} of {usual.nights} nights; more than {usual.limit:g} stands out"
    if tonight.twitches > usual.limit:
        return _Finding(tonight.twitches, True, note, usual.limit)
    return _Finding(tonight.twitches, False if tonight.valid else None, note, usual.limit)


# The diary.


def _bad_sleep(seen: _Evidence) -> _Finding:
    said = [answers["slept_badly"] for answers in seen.answered() if "slept_badly" in answers]
    bad, limit = sum(value is True for value in said), seen.weeks.bad_sleep_nights
    note = f"{bad} of {len(said)} mornings answered"
    if bad >= limit:
        return _Finding(bad, True, note)
    silent = seen.rules.week_nights - len(said)
    return _Finding(bad, None if bad + silent >= limit else False, note)


def _flag_lines() -> list[_Line]:
    return [
        _Line(
            f"Q-{question.key}",
            question.text,
            "week_nights",
            question.grade,
            question.claim,
            partial(_flag, question),
            question.source,
        )
        for question in QUESTIONS
        if question.red
    ]


def _flag(question: Question, seen: _Evidence) -> _Finding:
    asked = [answers for answers in seen.answered() if question.key in answers]
    yes = sum(question.key in red_flags(answers) for answers in asked)
    if not asked:
        return _Finding(None, None, "not answered")
    return _Finding(yes, yes > 0, f"yes on {yes} of {len(asked)} mornings; one is enough")


_LINES = (
    _Line("F3", "Twitches against what is usual for you", "personal_min", "choice", "A8", _personal),
    _Line("W1", "Valid nights in the last seven", "week_valid", "borrowed", "A6", _enough),
    _Line(
        "W2",
        "Frequent nights this week",
        "week_frequent",
        "borrowed",
        "A6",
        partial(_counted, FREQUENT, "week_frequent"),
    ),
    _Line(
        "W3",
        "Frequent weeks in a row",
        "lasting_weeks",
        "published",
        "A6",
        partial(_lasting, "lasting_weeks"),
    ),
    _Line(
        "W4",
        "Frequent weeks in a row: chronic",
        "chronic_weeks",
        "borrowed",
        "A12",
        partial(_lasting, "chronic_weeks"),
    ),
    _Line(
        "W5",
        "Nights with significant twitches",
        "significant_nights",
        "borrowed",
        "A6",
        partial(_counted, SIGNIFICANT, "significant_nights"),
    ),
    _Line(
        "W6",
        "Nights with many movements in series",
        "periodic_nights",
        "borrowed",
        "A15",
        partial(_counted, ("PER",), "periodic_nights"),
    ),
    _Line(
        "W7",
        "Nights with very frequent faint twitching",
        "dense_nights",
        "choice",
        "A6",
        partial(_counted, ("F4",), "dense_nights"),
    ),
    _Line("W8", "Nights of bad sleep because of jerks", "bad_sleep_nights", "borrowed", "A12", _bad_sleep),
)
