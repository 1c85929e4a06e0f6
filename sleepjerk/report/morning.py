"""The first screen: the answer, then cards with their details, in words that a twelve-year-old reads.

Knows the night, its week and the catalogue; must not know HTML, nor compute a number. Whatever was counted, symptoms
send to a doctor and a quiet night proves nothing. That jerks are common and mostly harmless is said where nothing that
was counted or answered speaks against it, and never without the signs that would.
"""

from collections.abc import Iterator, Sequence
from heapq import nlargest
from operator import itemgetter

from sleepjerk.events import TWITCHES, Label, stands_alone
from sleepjerk.judging.criteria import Decides, Kind, ids, is_of
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night, Span
from sleepjerk.night.verdict import Criterion
from sleepjerk.report import week_words
from sleepjerk.report.catalogue import Catalogue, Number, Part, Sentence
from sleepjerk.report.words import (
    amount,
    asleep,
    criterion,
    green,
    hours,
    limb,
    limit,
    milli,
    periodic_name,
    quiet_rate,
    rate,
    red_flags,
    seconds,
    title,
    twitches,
    what_of_flags,
)

_MOST_TIMES = 8


def headline(night: Night, say: Catalogue) -> Sentence:
    """What was seen, in one sentence."""
    jerks, others = (night.counts.get(label, 0) for label in TWITCHES)
    if _shaking(night):
        return say.say("headline.shaking", limb=limb(night, say))
    if night.sleep.onset_s is None:
        return say.say("headline.no_sleep")
    if jerks is None or others is None:
        return say.say("headline.hidden")
    parts: dict[str, Part] = {
        "limb": limb(night, say),
        "jerks": say.count("headline.times", jerks),
        "twitches": say.count("headline.times", others),
    }
    if jerks and others:
        return say.say("headline.both", all=say.count("headline.times", jerks + others), **parts)
    if jerks or others:
        return say.say("headline.jerks" if jerks else "headline.twitches", **parts)
    return say.say("headline.nothing")


# The answer: what it means, what is unknown, what to do.


def answer(night: Night, clock: Clock, say: Catalogue, said: str | None = None) -> list[Sentence]:
    """What this night comes to, before any picture; `said` tells the red flags of the diary in other words."""
    lines = [*_urgent(night, clock, say, said), *_why(night, clock, say)]
    if night.verdict.level != "red" and night.sleep.onset_s is not None and not night.recording.hidden_by:
        lines += _usual(night, say)
    return [*lines, *_unseen(night, say), *_next(night, say)]


def _urgent(night: Night, clock: Clock, say: Catalogue, said: str | None) -> list[Sentence]:
    lines, flags = _shaking_lines(night, clock, say), _flags(night)
    if flags:
        soon = night.verdict.level == "red"
        told = red_flags(flags, soon, say) if said is None else f"{said} {what_of_flags(soon, say)}"
        lines.append((told,))
    if _shaking(night):
        lines.append(say.say("todo.shaking"))
    if night.week is not None:
        lines += week_words.shaken(night.week, say, but=night.week.last)
    if any(flags.values()):
        lines.append(say.say("todo.over"))
    emergency = criterion(night, "R2")
    if (_shaking(night) or {"convulsion", "short_convulsion"} & set(flags)) and emergency is not None:
        least_s = emergency.threshold
        if isinstance(least_s, float | int):
            lasting = Number(least_s, say.text("unit.minutes", value=f"{least_s / 60:g}"))
            lines.append(say.say("todo.convulsion", lasting=lasting))
    return lines


def _why(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    """The weekly criteria that were met, each by the nights that met it, and when tonight's strong twitches were."""
    week = night.week
    if week is None:
        return []
    lines, strong = week_words.reasons(week, say), criterion(night, "W5")
    if (
        lines
        and strong is not None
        and strong.met
        and week.nights[-1].night == week.last
        and week.nights[-1].met.get("I1")
    ):
        lines += _strong_at(night, clock, say)
    return lines


def _strong_at(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    """When the strong twitches of this night were, the strongest of very many."""
    edge_g = night.verdict.strength_edges_g.get("strong")
    found = [
        (row["peak_g"], row["onset_s"])
        for row in filter(stands_alone, night.rows)
        if edge_g is not None and (row["peak_g"] or 0) >= edge_g
    ]
    if not found or night.recording.hidden_by:
        return []
    shown = sorted(at_s for _, at_s in nlargest(_MOST_TIMES, found, key=itemgetter(0)))
    times: list[Sentence] = [(Number(at_s, clock.minute(at_s)),) for at_s in shown]
    if len(found) > len(shown):
        return [say.say("jerks.strongest_at", times=say.listed(times))]
    return [say.count("jerks.strong_at", len(found), times=say.listed(times))]


def _usual(night: Night, say: Catalogue) -> list[Sentence]:
    """Does this night lie within what this page calls usual? Its limits are those of "frequent"."""
    onset, often = criterion(night, "F1"), criterion(night, "F2")
    if onset is None or often is None:
        return []
    least = say.text("unit.an_hour", value=_threshold(often).text.replace(".", say.text("language.decimal")))
    limits = say.say("usual.limits", jerks=_threshold(onset), rate=Number(_threshold(often).value, least))
    above = []
    if onset.met:
        above.append(say.count("usual.jerks", int(_number(onset).value)))
    if often.met:
        above.append(say.say("usual.rate", rate=rate(float(_number(often).value), say)))
    if above:
        return [(*limits, " ", *say.say("usual.above", list=say.listed(above)))]
    below = isinstance(often.value, float | int) and often.value < _threshold(often).value
    if onset.met is None or often.met is None or not below:
        return [(*limits, " ", *say.say("usual.open"))]
    lines: list[Sentence] = [(*limits, " ", *say.say("usual.within"))]
    return [*lines, say.say("usual.common")] if _nothing_speaks_against(night) else lines


def _nothing_speaks_against(night: Night) -> bool:
    said, frequent = {} if night.week is None else night.week.answers, criterion(night, "W2")
    return (
        night.verdict.level in ("green", "grey")
        and any(night.counts.get(label) for label in TWITCHES)
        and not (frequent is not None and frequent.met)
        and not any(value is True for key, value in said.items() if key != "slept_alone")
        and not any(line.met for line in night.verdict.criteria if is_of(line.id, Kind.SIGNIFICANT))
    )


def _unseen(night: Night, say: Catalogue) -> list[Sentence]:
    """What nobody can know of this night."""
    recording, onset = night.recording, criterion(night, "F1")
    if recording.hours <= 0:
        return []
    found: list[Sentence] = []
    if recording.gaps:
        found.append(say.count("unseen.gaps", recording.gaps, lasting=seconds(recording.missing_s, say)))
    if recording.off_body_h > 0:
        found.append(say.say("unseen.off_body", lasting=hours(recording.off_body_h, say)))
    if onset is not None and any(message.key == "note.onset_unseen" for message in onset.messages):
        found.append(say.say("unseen.onset"))
    seat = "ankle" if recording.placement.limb == "ankle" else "wrist" if night.limbs is None else "both"
    found += [say.say(f"unseen.from_{seat}"), say.say("unseen.breath"), say.say("unseen.brain")]
    return [say.say("unseen.list", list=say.listed(found))]


def _next(night: Night, say: Catalogue) -> list[Sentence]:
    """What to do with it, and why there is no verdict."""
    level, met = night.verdict.level, {line.id for line in night.verdict.criteria if line.met}
    lines = _coverage(night, say)
    if level != "amber" and "W2" in met and "W3" not in met:
        lines.append(say.say("todo.frequent"))
    elif level == "green":
        lines.append(say.say(f"todo.{green(night)}"))
    elif level == "grey":
        lines.append(_more_nights(night, say))
    return lines


def _coverage(night: Night, say: Catalogue) -> list[Sentence]:
    """How many nights count, and why this one doesn't."""
    lines = [] if night.week is None else week_words.coverage(night.week, say)
    if night.sleep.onset_s is None:
        return lines
    not_valid = [
        say.say(
            "reason.not_valid",
            title=title(line, say),
            value=amount(line.value, line.unit, say),
            limit=limit(line, say),
        )
        for line in night.verdict.criteria
        if line.id in ids(decides=Decides.VALID) and line.met is not True
    ]
    return [*lines, *not_valid]


def _more_nights(night: Night, say: Catalogue) -> Sentence:
    valid = criterion(night, "W1")
    if (
        valid is None
        or not isinstance(valid.value, float | int)
        or not isinstance(valid.threshold, float | int)
    ):
        return say.say("todo.grey_open")
    if night.week is None:
        return say.say("todo.one_night", nights=_threshold(valid))
    if valid.met:
        return say.say("todo.grey_open")
    return say.count("todo.grey", night.week.lacking)


# The cards.


def about_night(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    """How was the night?"""
    recording, sleep = night.recording, night.sleep
    if recording.hours <= 0:
        return [say.say("night.nothing")]
    lines: list[Sentence] = []
    recorded = hours(recording.hours, say)
    if sleep.onset_s is None or sleep.end_s is None or sleep.analysed_h is None:
        said = sleep.message is not None and sleep.message.key == "method.awake"
        lines.append(say.say("night.awake_all") if said else say.say("night.no_sleep", limb=limb(night, say)))
        lines.append(say.say("night.not_looked_at", recorded=recorded))
    else:
        names = ("asleep_from", "asleep_to", "awake_from", "awake_to")
        times_s = (
            *(sleep.onset_range_s or (sleep.onset_s, sleep.onset_s)),
            *(sleep.end_range_s or (sleep.end_s, sleep.end_s)),
        )
        ranges = {name: Number(at_s, clock.minute(at_s)) for name, at_s in zip(names, times_s, strict=True)}
        if sleep.onset_range_s is None and sleep.said is not None and sleep.said.sleep_s:
            lines.append(say.say("night.slept_said", **ranges))
        else:
            lines.append(say.say("night.slept", **ranges))
            lines.append(say.say("night.stillness"))
        if sleep.said is not None and sleep.said.awake_s:
            lines.append(say.say("night.awake_said", list=say.listed(_spans(sleep.said.awake_s, clock, say))))
        lines.append(say.say("night.looked_at", analysed=hours(sleep.analysed_h, say), recorded=recorded))
    found = asleep(night) or night.counts  # of the whole recording: somebody awake may turn a hundred times
    others = [
        say.count(f"label.{label}", number)
        for label in Label
        if label not in TWITCHES and (number := found.get(label))
    ]
    if others:
        name = "others_awake" if sleep.onset_s is None else "others"
        lines.append(say.say(f"night.{name}", list=say.listed(others)))
    if corrected := sum(row["detected"] != "" for row in night.rows):
        lines.append(say.count("night.corrected", corrected))
    return lines


def _spans(spans_s: Sequence[Span], clock: Clock, say: Catalogue) -> list[Sentence]:
    return [
        say.say("overview.span", **{"from": clock.minute(begin), "to": clock.minute(end)})
        for begin, end in spans_s
    ]


def about_jerks(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    """How many jerks, and how sure is that?"""
    recording, lines = night.recording, []
    if night.sleep.onset_s is None:
        lines.append(say.say("jerks.unknown"))
    elif recording.hidden_by:
        lines.append(say.say(f"jerks.hidden_{recording.hidden_by}"))
    else:
        lines += [
            _twitches(night, Label.HYPNIC_JERK, "onset", say),
            *_first_onset(night, say),
            *_onset_doubt(night, say),
            _twitches(night, Label.SLEEP_TWITCH, "sleep", say),
            *_strong_at(night, clock, say),
            *_per_hour(night, say),
        ]
        if night.restless:
            lines.append(say.count("jerks.restless", night.restless))
    woke = criterion(night, "I3")
    # An older night holds seconds there.
    if woke is not None and woke.met and woke.unit == "twitches" and isinstance(woke.value, float | int):
        lines.append(say.say("jerks.woke", count=say.count("jerks.twitch", int(woke.value))))
    if night.periodic.said and night.periodic.index_per_h is not None:
        name, often = periodic_name(night, say), rate(night.periodic.index_per_h, say)
        lines.append(say.say("jerks.series", name=name, rate=often))
    if recording.smallest_visible_g is not None and not recording.hidden_by:
        why = say.text(f"jerks.why_{recording.limited_by or 'unseen'}")
        lines.append(say.say("jerks.weaker", limit=milli(recording.smallest_visible_g, say), why=why))
    return lines


def _twitches(night: Night, label: Label, name: str, say: Catalogue) -> Sentence:
    number = night.counts.get(label)
    if not number:
        return say.say(f"jerks.{name}_none")
    count = say.count("jerks.jerk" if label is Label.HYPNIC_JERK else "jerks.twitch", number)
    words = [
        (Number(many, str(many)), " " + say.name("strength", word))
        for word, many in night.verdict.strengths.get(label, {}).items()
        if many
    ]
    if not words:
        return say.say(f"jerks.{name}", count=count)
    return say.say(f"jerks.{name}_strengths", count=count, strengths=say.listed(list(words)))


def _onset_doubt(night: Night, say: Catalogue) -> list[Sentence]:
    """Unless a person said when, a jerk may lie far from falling asleep."""
    known = night.sleep.onset_range_s is None or not night.counts.get(Label.HYPNIC_JERK)
    return [] if known else [say.say("jerks.onset_doubt")]


def _first_onset(night: Night, say: Catalogue) -> list[Sentence]:
    """How many twitches a rule counts around the first falling asleep, where that is another number."""
    onset = criterion(night, "F1")
    if onset is None or onset.value is None:
        return [] if onset is None or onset.met is not None else [say.say("jerks.onset_unseen")]
    if onset.met is None:
        return [say.say("jerks.onset_unseen")]
    first = int(_number(onset).value)
    return [] if first == night.counts.get(Label.HYPNIC_JERK) else [say.count("jerks.onset_first", first)]


def _per_hour(night: Night, say: Catalogue) -> list[Sentence]:
    """The rate that rules, weeks and trend go by, with the twitches and hours that it is made of."""
    quiet = quiet_rate(night)
    if quiet is None or not quiet[0]:
        return []
    number, in_h, often, ends = quiet
    low, high = (Number(end, say.decimal(end, 1)) for end in ends)
    parts = {"hours": hours(in_h, say), "rate": rate(often, say)}
    return [say.count("jerks.quiet", number, **parts), say.say("jerks.interval", low=low, high=high)]


def compared(night: Night, say: Catalogue) -> list[Sentence]:
    """Beside the other nights of the same person; nothing where there are none."""
    week = night.week
    if week is None:
        return []
    tonight = next((line for line in week.nights if line.night == week.last), None)
    lines = []
    if tonight is not None and tonight.analysed_h is None:
        lines.append(say.say("compared.this_unknown"))
    elif tonight is not None:
        lines.append(say.say("compared.this", count=twitches(tonight.twitches, say)))
    personal = criterion(night, "F3")
    if week.usual is not None:
        median = Number(week.usual.median, f"{week.usual.median:g}")
        before = Number(week.usual.nights, str(week.usual.nights))
        lines.append(say.say("compared.usual", nights=before, median=median))
        if personal is not None and personal.met is not None:
            lines.append(say.say("compared.more" if personal.met else "compared.within"))
    elif personal is not None:
        lines.append(say.say("compared.usual_later", nights=Number(week.usual_needs, str(week.usual_needs))))
    frequent, valid = criterion(night, "W2"), criterion(night, "W1")
    if frequent is not None and valid is not None:
        lines.append(say.say("compared.valid", count=_number(valid), nights=_days(night)))
        lines.append(say.say("compared.frequent", count=_number(frequent), nights=_number(valid)))
    return lines


def todo(night: Night, say: Catalogue) -> list[Sentence]:
    """What to do, by symptoms and answers and never by counts alone."""
    return week_words.todo(night.week, say, waves=bool(night.strips))


def _shaking_lines(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    line = criterion(night, "R1")
    if line is None or not line.met or not isinstance(line.value, float | int):
        return []
    parts: dict[str, Part] = {"limb": limb(night, say), "lasting": seconds(float(line.value), say)}
    for start, end in night.sleep.shaking_s or ():
        if abs(end - start - line.value) < 0.01:  # plain: both are rounded
            return [say.say("jerks.shaking_at", time=Number(start, clock.second(start)), **parts)]
    return [say.say("jerks.shaking", **parts)]


def _flags(night: Night) -> dict[str, str | None]:
    """The red flags that stand, with the evening of the first morning that said so where that is before the week."""
    week = night.week
    if week is None:
        return {}
    lines = {line.id: line for line in week.verdict.criteria}
    return {key: next(_before(lines.get(f"Q-{key}"), week.first), None) for key in week.flags}


def _before(line: Criterion | None, first: str) -> Iterator[str]:
    for message in () if line is None else line.messages:
        said = message.values.get("night")
        if message.key == "note.since" and isinstance(said, str) and said < first:
            yield said


def _shaking(night: Night) -> list[Criterion]:
    return [line for line in night.verdict.criteria if is_of(line.id, Kind.SHAKING) and line.met]


def _number(line: Criterion) -> Number:
    value = line.value if isinstance(line.value, float | int) else 0
    return Number(value, f"{value:g}")


def _threshold(line: Criterion) -> Number:
    value = line.threshold if isinstance(line.threshold, float | int) else 0
    return Number(value, f"{value:g}")


def _days(night: Night) -> Number:
    days = night.verdict.week_nights
    return Number(days, str(days))
