"""The first screen: four questions and their answers, in words that a twelve-year-old reads.

Knows the night, its week and the catalogue; must not know HTML, nor compute a number. Whatever was counted, symptoms
send to a doctor and a quiet night proves nothing.
"""

from collections.abc import Iterator, Sequence

from sleepjerk.events import ASLEEP, TWITCHES, Label
from sleepjerk.judging.criteria import Decides, Kind, ids, is_of
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night, Span
from sleepjerk.night.verdict import Criterion
from sleepjerk.report.catalogue import Catalogue, Number, Part, Sentence
from sleepjerk.report.words import (
    amount,
    criterion,
    flag,
    green,
    hours,
    limb,
    limit,
    milli,
    periodic_name,
    question,
    rate,
    seconds,
    title,
    twitches,
)

_DECIDED_BY_NIGHTS = ids(decides=Decides.AMBER)
_TOLD_TO_DOCTOR = ("epilepsy", "kidney")  # known illnesses of which a doctor should hear beside jerks


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
        return say.say("headline.both", **parts)
    if jerks or others:
        return say.say("headline.jerks" if jerks else "headline.twitches", **parts)
    return say.say("headline.nothing")


def reasons(night: Night, say: Catalogue) -> list[Sentence]:
    """Why the verdict is what it is, in a line each."""
    lines = []
    if flags := _flags(night):
        lines.append(say.say("reason.flag", list="; ".join(flag(*pair, say) for pair in flags.items())))
    lines += [
        say.say("reason.shaking", lasting=seconds(float(line.value), say))
        for line in _shaking(night)[-1:]
        if isinstance(line.value, float | int)
    ]
    lines += [say.say("reason.shaking_on", night=other) for other in _shaking_before(night)]
    lines += [
        say.say("reason.rule", title=title(line, say), value=_number(line))
        for line in night.verdict.criteria
        if line.id in _DECIDED_BY_NIGHTS and line.met
    ]
    return [*lines, *_coverage(night, say)]


def _coverage(night: Night, say: Catalogue) -> list[Sentence]:
    """How many nights count, and why this one doesn't."""
    lines = []
    valid, week = criterion(night, "W1"), night.week
    if valid is not None and not valid.met:
        needed = _threshold(valid)
        if week is None:
            lines.append(say.say("reason.one_night", needed=needed, days=_days(night)))
        else:
            lines.append(say.say("reason.few", valid=_number(valid), days=_days(night), needed=needed))
    if night.sleep.onset_s is None:
        return [*lines, say.say("reason.no_sleep")]
    lines += [
        say.say(
            "reason.not_valid",
            title=title(line, say),
            value=amount(line.value, line.unit, say),
            limit=limit(line, say),
        )
        for line in night.verdict.criteria
        if line.id in ids(decides=Decides.VALID) and line.met is not True
    ]
    if week is not None and len({line.settings_sha256 for line in week.nights}) > 1:
        lines.append(say.say("reason.settings"))
    return lines


def about_night(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    """How was the night?"""
    recording, sleep = night.recording, night.sleep
    if recording.hours <= 0:
        return [say.say("night.nothing")]
    lines: list[Sentence] = []
    recorded = hours(recording.hours, say)
    if sleep.onset_s is None or sleep.end_s is None or sleep.analysed_h is None:
        lines.append(say.say("night.no_sleep", limb=limb(night, say)))
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
    if recording.gaps:
        lines.append(say.count("night.gaps", recording.gaps, lasting=seconds(recording.missing_s, say)))
    if recording.off_body_h > 0:
        lines.append(say.say("night.off_body", lasting=hours(recording.off_body_h, say)))
    # Counts are of the whole recording; somebody awake may turn a hundred times.
    # A series may reach beyond the estimated end of sleep, and counts whole.
    asleep = night.events["state"].isin(ASLEEP) | night.events["series"].notna() | (sleep.onset_s is None)
    found = night.events["label"][asleep].value_counts()
    others = [
        say.count(f"label.{label}", int(found[label]))
        for label in Label
        if label not in TWITCHES and night.counts.get(label) and label in found
    ]
    if others:
        name = "others" if sleep.onset_s is not None else "others_awake"
        lines.append(say.say(f"night.{name}", list=say.listed(others)))
    if corrected := int((night.events["detected"] != "").sum()):
        lines.append(say.count("night.corrected", corrected))
    return lines


def _spans(spans_s: Sequence[Span], clock: Clock, say: Catalogue) -> list[Sentence]:
    return [
        say.say("overview.span", **{"from": clock.minute(begin), "to": clock.minute(end)})
        for begin, end in spans_s
    ]


def about_jerks(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    """How many jerks, and how sure is that?"""
    lines = _shaking_lines(night, clock, say)
    if night.sleep.onset_s is not None and night.recording.hidden_by:
        lines.append(say.say(f"jerks.hidden_{night.recording.hidden_by}"))
    elif night.sleep.onset_s is not None:
        lines += [
            _twitches(night, Label.HYPNIC_JERK, "onset", say),
            _twitches(night, Label.SLEEP_TWITCH, "sleep", say),
        ]
        cluster = criterion(night, "F1")
        if cluster is not None and cluster.met is None:
            lines.append(say.say("jerks.onset_unseen"))
        lines += _per_hour(night, say)
        if night.restless:
            lines.append(say.count("jerks.restless", night.restless))
    elif not lines:
        lines.append(say.say("jerks.unknown"))
    woke = criterion(night, "I3")
    # An older night holds seconds there.
    if woke is not None and woke.met and woke.unit == "twitches" and isinstance(woke.value, float | int):
        lines.append(say.say("jerks.woke", count=say.count("jerks.twitch", int(woke.value))))
    if night.periodic.said and night.periodic.index_per_h is not None:
        name, often = periodic_name(night, say), rate(night.periodic.index_per_h, say)
        lines.append(say.say("jerks.series", name=name, rate=often))
    recording = night.recording
    if recording.smallest_visible_g is not None and not recording.hidden_by:
        why = say.text(f"jerks.why_{recording.limited_by or 'unseen'}")
        lines.append(say.say("jerks.weaker", limit=milli(recording.smallest_visible_g, say), why=why))
    seat = "ankle" if recording.placement.limb == "ankle" else "wrist"
    unseen = say.text(f"limb.unseen_from_{seat}")
    return [*lines, say.say("jerks.one_limb", limb=say.name("limb", seat), unseen=unseen)]


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


def _per_hour(night: Night, say: Catalogue) -> list[Sentence]:
    """The rate that rules, weeks and trend go by."""
    line = criterion(night, "F2")
    if line is None or not isinstance(line.value, float | int) or line.low is None or line.high is None:
        return []
    low, high = (Number(end, say.decimal(end, 1)) for end in (line.low, line.high))
    return [say.say("jerks.per_hour", rate=rate(line.value, say), low=low, high=high)] if line.value else []


def _shaking_lines(night: Night, clock: Clock, say: Catalogue) -> list[Sentence]:
    line = criterion(night, "R1")
    if line is None or not line.met or not isinstance(line.value, float | int):
        return []
    parts: dict[str, Part] = {"limb": limb(night, say), "lasting": seconds(float(line.value), say)}
    for start, end in night.sleep.shaking_s or ():
        if abs(end - start - line.value) < 0.01:  # plain: both are rounded
            return [say.say("jerks.shaking_at", time=Number(start, clock.second(start)), **parts)]
    return [say.say("jerks.shaking", **parts)]


def compared(night: Night, say: Catalogue) -> list[Sentence]:
    """Beside the other nights of the same person."""
    week = night.week
    if week is None:
        return [say.say("compared.none")]
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
    """What to do, by symptoms and never by counts alone."""
    lines = _urgent(night, say)
    frequent = criterion(night, "W2")
    if night.verdict.level == "amber":
        why = [
            (say.text(f"why.{line.id}"),)
            for line in night.verdict.criteria
            if line.id in _DECIDED_BY_NIGHTS and line.met
        ]
        lines.append(say.say("todo.amber", list=say.listed(list(why))))
    elif frequent is not None and frequent.met:
        lines.append(say.say("todo.frequent"))
    elif night.verdict.level == "green":
        lines.append(say.say(f"todo.{green(night)}"))
    elif night.verdict.level == "grey":
        lines.append(_more_nights(night, say))
    if ill := [
        key for key in _TOLD_TO_DOCTOR if night.week is not None and night.week.answers.get(key) is True
    ]:
        lines.append(say.say("todo.known", list="; ".join(question(key, say) for key in ill)))
    lines.append(say.say("todo.symptoms"))
    if night.strips:
        lines.append(say.say("todo.bring"))
    lines.append(say.say("todo.medicine"))
    if night.week is not None and not night.week.mornings:
        lines.append(say.say("todo.diary"))
    return lines


def _urgent(night: Night, say: Catalogue) -> list[Sentence]:
    lines, flags = [], _flags(night)
    if flags:
        lines.append(say.say("todo.flags", list="; ".join(flag(*pair, say) for pair in flags.items())))
    if _shaking(night):
        lines.append(say.say("todo.shaking"))
    lines += [say.say("todo.shaking_before", night=other) for other in _shaking_before(night)]
    if any(flags.values()):
        lines.append(say.say("todo.over"))
    emergency = criterion(night, "R2")
    if (_shaking(night) or {"convulsion", "short_convulsion"} & set(flags)) and emergency is not None:
        least_s = emergency.threshold
        if isinstance(least_s, float | int):
            lasting = Number(least_s, say.text("unit.minutes", value=f"{least_s / 60:g}"))
            lines.append(say.say("todo.convulsion", lasting=lasting))
    return lines


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


def _shaking_before(night: Night) -> list[str]:
    """The other nights of the week in which the limb shook."""
    week = night.week
    if week is None:
        return []
    shook = [line.night for line in week.nights if any(line.met.get(name) for name in ids(kind=Kind.SHAKING))]
    return [other for other in shook if other != week.last]


def _number(line: Criterion) -> Number:
    value = line.value if isinstance(line.value, float | int) else 0
    return Number(value, f"{value:g}")


def _threshold(line: Criterion) -> Number:
    value = line.threshold if isinstance(line.threshold, float | int) else 0
    return Number(value, f"{value:g}")


def _days(night: Night) -> Number:
    days = night.verdict.week_nights
    return Number(days, str(days))
