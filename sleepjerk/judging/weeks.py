"""Several nights and the diary against "frequent or prolonged": the verdict that one night can't give.

Knows nights in one line each, the answers of the mornings, and the rules. Must not know samples, tables of events,
files, or how a verdict is worded or shown.

Conventions
-----------
A week is the seven dates up to the last one; a date is that of the evening. A red flag decides alone, from the morning
that said so until one that says that it is over; some are amber at first, or for good. All else needs enough valid
nights: without them the level is grey, whatever was counted, and only valid nights are counted. A quiet night more, at
the end or in an empty place, never makes a verdict worse.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from statistics import median

from sleepjerk.events import Label, stands_alone
from sleepjerk.judging.criteria import (
    ANSWERED,
    COUNTING,
    CRITERIA,
    Decides,
    Definition,
    Finding,
    Kind,
    counted_by,
    criterion,
    ids,
    is_of,
    limit_of,
)
from sleepjerk.judging.pieces import one_a_date, shaking
from sleepjerk.judging.questions import BY_KEY, Answers, alarms, standing
from sleepjerk.messages import Message
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night
from sleepjerk.night.verdict import Criterion, NightLine, Usual, Verdict, Week
from sleepjerk.rules import CriteriaRules, Rules, WeekRules

_FREQUENT = counted_by("W2")
_MAD = 1.4826  # plain: of a normal distribution, its standard deviation over its median absolute deviation
_MET_BY_A_NIGHT = set(Kind) - {Kind.VALIDITY, Kind.WEEK, Kind.ANSWER}


def night_date(night: Night) -> str | None:
    """The date of the evening that a night belongs to; None when its start is unknown."""
    return Clock.of(night.recording).evening


def line_of(night: Night, evening: str, rules: Rules | None = None) -> NightLine:
    """What the weeks need to know of a night; `evening` is its date, as `night_date` tells it."""
    rules = Rules() if rules is None else rules
    lines = {line.id: line for line in night.verdict.criteria}
    lacking = tuple(
        name for name in ids(decides=Decides.VALID) if name in lines and lines[name].met is not True
    )
    clock, sleep = Clock.of(night.recording), night.sleep
    alone = list(filter(stands_alone, night.rows))
    hidden = night.recording.hidden_by is not None
    met = {name: _found(line) for name, line in lines.items() if is_of(name, *_MET_BY_A_NIGHT)}
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
        quiet_h=sleep.quiet_h,
        jerks=night.counts.get(Label.HYPNIC_JERK, 0),
        twitches=None if hidden else len(alone),
        strong=None if hidden else sum((row["peak_g"] or 0) >= rules.criteria.strong_g for row in alone),
        per_h=rate.value if rate is not None and isinstance(rate.value, float | int) else None,
        per_h_low=None if rate is None else rate.low,
        per_h_high=None if rate is None else rate.high,
        periodic_per_h=night.periodic.index_per_h,
        periodicity_index=night.periodic.periodicity_index,
        asleep=_wall(clock, sleep.onset_s),
        awake=_wall(clock, sleep.end_s),
        met=met,
    )


def _wall(clock: Clock, time_s: float | None) -> str | None:
    local = None if time_s is None else clock.local(time_s)
    return None if local is None else f"{local:%H:%M}"


def _found(line: Criterion) -> bool | None:
    """What was found, also on a night that by itself doesn't count: it may be a piece of one that does."""
    doubted = any(message.key == "note.too_little" for message in line.messages)
    return False if doubted and line.met is None else line.met


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What every criterion may look at: lines and answers by date, the red flags that stand, and the last date."""

    lines: Mapping[date, NightLine]
    mornings: Mapping[date, Answers]
    flags: Mapping[str, list[str]]
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


Judge = Callable[[_Evidence, float], Finding]


def judge_week(
    lines: Sequence[NightLine],
    mornings: Mapping[str, Answers],
    last: str,
    rules: Rules | None = None,
    flags: Mapping[str, list[str]] | None = None,
) -> Week:
    """Judge the seven nights up to a date.

    Parameters
    ----------
    lines
        Nights of one person and one limb, in any order; of one date, pieces of one night are put together, else one
        counts (`pieces`).
    mornings
        Answers of the diary by the date of the evening before.
    last
        The date of the last night, ISO 8601.
    rules
        Only the groups `criteria` and `weeks` matter.
    flags
        The red flags that stand, as `standing` tells them; those up to the last night when None.
    """
    rules = Rules() if rules is None else rules
    end = date.fromisoformat(last)
    seen = _Evidence(
        lines={day: line for day, line in one_a_date(lines, rules).items() if day <= end},
        mornings={date.fromisoformat(day): answers for day, answers in mornings.items()},
        flags=standing(mornings, last) if flags is None else flags,
        last=end,
        rules=rules.criteria,
        weeks=rules.weeks,
    )
    week, answered = seen.week(), seen.answered()
    criteria = tuple(_judged(row, seen) for row in CRITERIA.values() if row.weekly)
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
        flags=tuple(seen.flags),
        answers=_last_answers(seen),
        diary={day: given for day, given in sorted(mornings.items()) if str(first) <= day <= last},
        usual=_usual(seen),
        usual_needs=rules.weeks.personal_nights,
        verdict=_verdict(week, criteria, end, rules),
        rules_sha256=rules.weeks_sha256(),
    )


def _verdict(week: Sequence[NightLine], criteria: tuple[Criterion, ...], last: date, rules: Rules) -> Verdict:
    return Verdict(
        level=_level(week, criteria, last, rules.weeks),
        criteria=criteria,
        week_nights=rules.criteria.week_nights,
        messages=_reasons(week, criteria),
    )


def carry_on(week: Week, line: NightLine, rules: Rules | None = None) -> Week:
    """A week with another line for one of its nights, judged again where its diary is not at hand.

    What was answered stands as it was found; a line of no night of the week changes nothing.
    """
    rules = Rules() if rules is None else rules
    lines = [piece for one in (*week.earlier, *week.nights) for piece in one.pieces or (one,)]
    if line in lines or all(line.input_sha256 != other.input_sha256 for other in lines):
        return week
    lines = [line if line.input_sha256 == other.input_sha256 else other for other in lines]
    fresh = judge_week(lines, {}, week.last, rules)
    answered = {old.id: old for old in week.verdict.criteria if old.id in CRITERIA and CRITERIA[old.id].diary}
    criteria = tuple(answered.get(new.id, new) for new in fresh.verdict.criteria)
    return dataclasses.replace(
        fresh,
        mornings=week.mornings,
        flags=week.flags,
        answers=week.answers,
        diary=week.diary,
        others=week.others,
        verdict=_verdict(fresh.nights, criteria, date.fromisoformat(week.last), rules),
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
        messages=week.verdict.messages,
    )
    return dataclasses.replace(night, week=week, verdict=verdict)


def _last_answers(seen: _Evidence) -> Answers:
    """Numbers and note of the last morning; yes where a morning of the week said so; the latest of what is asked once.

    A red flag is yes while it stands, so that what is listed says what decides.
    """
    found: Answers = {}
    first = seen.last - timedelta(days=seen.rules.week_nights - 1)
    for day, given in sorted(seen.mornings.items()):
        for key, value in given.items():
            asked = BY_KEY.get(key)
            if asked is None or day > seen.last:
                continue  # a newer version's question, or a later morning
            if asked.kind == "yes_no" and not asked.once and day >= first:
                found[key] = value is True or found.get(key) is True
            elif asked.once or day == seen.last:
                found[key] = value
    reds = {asked.key for asked in ANSWERED.values()}
    return found | {key: key in seen.flags for key in reds if key in found or key in seen.flags}


# The level.


def _level(week: Sequence[NightLine], criteria: Sequence[Criterion], last: date, rules: WeekRules) -> str:
    met = {line.id: line.met for line in criteria}
    flags = [line for line in criteria if line.id in ANSWERED and line.met]
    if any(shaking(line) for line in week) or any(_alarms(line, last, rules) for line in flags):
        return "red"
    if flags:
        return "amber"
    if not met["W1"]:
        return "grey"
    if any(met[name] for name in ids(decides=Decides.AMBER)):
        return "amber"
    return "grey" if any(met[name] is None for name in COUNTING) else "green"


def _alarms(line: Criterion, last: date, rules: WeekRules) -> bool:
    since = [str(message.values["night"]) for message in line.messages if message.key == "note.since"]
    return any(alarms(ANSWERED[line.id].key, night, str(last), rules.alarm_nights) for night in since)


def _reasons(week: Sequence[NightLine], criteria: Sequence[Criterion]) -> tuple[Message, ...]:
    by_id = {line.id: line for line in criteria}
    reasons = [
        Message.of("because.flag", questions=ANSWERED[line.id].key)
        for line in criteria
        if line.id in ANSWERED and line.met
    ]
    reasons += [Message.of("because.shaking_on", night=line.night) for line in week if shaking(line)]
    valid = by_id["W1"]
    if not valid.met:
        reasons.append(Message.of("because.few", valid=valid.value or 0, needed=valid.threshold))
    else:
        told = [("met", name) for name in ids(decides=Decides.AMBER) if by_id[name].met]
        told += [("open", name) for name in COUNTING if by_id[name].met is None]
        told += [("frequent", "W2")] if by_id["W2"].met and not by_id["W3"].met else []
        reasons += [
            Message.of(f"because.{word}", criteria=name, note=by_id[name].messages) for word, name in told
        ]
    if len({line.settings_sha256 for line in week}) > 1:
        reasons.append(Message("reason.settings"))
    return tuple(reasons)


def _judged(row: Definition, seen: _Evidence) -> Criterion:
    rules: CriteriaRules | WeekRules = seen.weeks if row.of_weeks else seen.rules
    judge = partial(_flag, row.id) if row.kind is Kind.ANSWER else _JUDGES[row.id]
    return criterion(row, judge(seen, limit_of(row, rules)), rules)


# Frequent.


def _enough(seen: _Evidence, limit: float) -> Finding:
    valid = seen.valid()
    return Finding(valid, valid >= limit, (Message.of("note.valid", n=valid, nights=seen.rules.week_nights),))


def _state(line: NightLine, names: tuple[str, ...]) -> bool | None:
    """Is one of these criteria met? None where none is and one can't be told."""
    found = [line.met.get(name) for name in names]
    if any(found):
        return True
    return None if None in found else False


def _nights_with(names: tuple[str, ...], limit: float, week: Sequence[NightLine], key: str) -> Finding:
    """On how many nights that count is one of these met, and can more of them have been?"""
    states = [_state(line, names) for line in week if line.valid]
    met, open_ = states.count(True), states.count(None)
    note = Message.of(f"{key}_open" if open_ else key, n=met, recorded=len(states), open=open_)
    if met >= limit:
        return Finding(met, True, (note,))
    return Finding(met, None if met + open_ >= limit else False, (note,))


def _counted(name: str, seen: _Evidence, limit: float, key: str = "note.nights") -> Finding:
    """As `_nights_with`, for this week; not met is only said of a week with enough valid nights."""
    found = _nights_with(counted_by(name), limit, seen.week(), key)
    if seen.valid() >= seen.rules.week_valid:
        return found
    return found._replace(met=None, messages=(*found.messages, Message("note.few_valid")))


def _lasting(seen: _Evidence, limit: float) -> Finding:
    """For how many weeks in a row, this one judged, those before it by their frequent nights alone.

    Counted on every day since the last frequent night, and the least of it taken: else a quiet night, by moving the
    borders of the weeks, could make two frequent weeks of one.
    """
    now = _counted("W2", seen, seen.rules.week_frequent, "note.this_week")
    if not now.met:
        return Finding(0, now.met, now.messages)
    frequent = [day for day, line in seen.lines.items() if line.valid and _state(line, _FREQUENT)]
    days = (seen.last - max(frequent)).days
    weeks = min(_weeks_in_a_row(seen, seen.last - timedelta(days=back)) for back in range(days + 1))
    note = Message.of("note.in_a_row", n=weeks, nights=seen.rules.week_frequent)
    return Finding(weeks, weeks >= limit, (note,))


def _weeks_in_a_row(seen: _Evidence, end: date) -> int:
    weeks = 0
    limit = seen.rules.week_frequent
    while _nights_with(_FREQUENT, limit, seen.week(end - timedelta(weeks=weeks)), "note.nights").met:
        weeks += 1
    return weeks


# What is usual for this person.


def _usual(seen: _Evidence) -> Usual | None:
    """Of the valid nights before the last one."""
    before = [
        line.twitches
        for day, line in seen.lines.items()
        if day < seen.last and line.valid and line.twitches is not None
    ]
    if len(before) < seen.weeks.personal_nights:
        return None
    usual = float(median(before))
    spread = _MAD * median(abs(number - usual) for number in before)
    above = max(seen.weeks.personal_mads * spread, seen.weeks.personal_min)
    return Usual(nights=len(before), median=usual, limit=round(usual + above, 2))


def _personal(seen: _Evidence, limit: float) -> Finding:
    tonight, usual = seen.lines.get(seen.last), _usual(seen)
    if tonight is None or tonight.twitches is None:
        return Finding(None, None, (Message("note.not_counted" if tonight else "note.not_recorded"),))
    if usual is None:
        later = Message.of("note.usual_later", nights=seen.weeks.personal_nights)
        return Finding(tonight.twitches, None, (later,))
    note = Message.of("note.usual", median=usual.median, nights=usual.nights, limit=usual.limit)
    met = True if tonight.twitches > usual.limit else False if tonight.valid else None
    return Finding(tonight.twitches, met, (note,), threshold=usual.limit)


# The diary.


def _bad_sleep(seen: _Evidence, limit: float) -> Finding:
    said = [answers["slept_badly"] for answers in seen.answered() if "slept_badly" in answers]
    bad = sum(value is True for value in said)
    note = Message.of("note.mornings", n=bad, answered=len(said))
    if bad >= limit:
        return Finding(bad, True, (note,))
    silent = seen.rules.week_nights - len(said)
    return Finding(bad, None if bad + silent >= limit else False, (note,))


def _flag(name: str, seen: _Evidence, limit: float) -> Finding:
    """Of the mornings of the week, and of those before it back to the first that said so."""
    key = ANSWERED[name].key
    said = seen.flags.get(key, [])
    first = min([str(seen.last - timedelta(days=seen.rules.week_nights - 1)), *said])
    last = max([str(seen.last), *said])
    asked = sum(first <= str(day) <= last and key in given for day, given in seen.mornings.items())
    if not asked:
        return Finding(None, None, (Message("note.not_answered"),))
    note = Message.of("note.yes", n=len(said), answered=asked)
    return Finding(
        len(said), bool(said), (note, Message.of("note.since", night=said[0])) if said else (note,)
    )


_JUDGES: dict[str, Judge] = {
    "F3": _personal,
    "W1": _enough,
    "W3": _lasting,
    "W4": _lasting,
    "W8": _bad_sleep,
    **{name: partial(_counted, name) for name in COUNTING},
}
