"""What may be said about a night, as sentences of a catalogue; the first screen has its own room (`morning`).

Knows the night and the catalogue; must not know HTML, nor compute a number. The report names no disease as a finding,
recommends no medicine, and takes no quiet night as proof of anything. On the wrist, movements in series are "periodic
arm movements" at most, and only when `periodic.said`.
"""

import math
import re
from collections.abc import Mapping

from sleepjerk.events import TWITCHES, Label
from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.criteria import ANSWERED, CRITERIA, Decides, Kind, is_of
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.night.model import Night
from sleepjerk.night.rates import asleep_by_label
from sleepjerk.night.verdict import Criterion
from sleepjerk.report.catalogue import Catalogue, Number, Sentence
from sleepjerk.rules import SOURCES, address_of

LIMITS = ("one_limb", "aasm", "model", "others", "unseen")
TREND_LIMITS = ("one_limb", "unseen")
_SOURCE = re.compile(f"({'|'.join(map(re.escape, sorted(SOURCES, key=len, reverse=True)))})")


def plain(sentence: Sentence) -> str:
    """A sentence as text, for pictures and titles."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def limb(night: Night, say: Catalogue) -> str:
    """The part of the body in plain words."""
    return say.text("limb.leg" if night.recording.placement.limb == "ankle" else "limb.arm")


def place(night: Night, say: Catalogue) -> str:
    """Where the sensor sat."""
    placement = night.recording.placement
    where, side = say.name("limb", placement.limb), placement.side
    return where if side is None else f"{say.name('limb', side)} {where}"


def limits(night: Night, say: Catalogue) -> list[str]:
    """What this recording can't tell, whatever was found."""
    names = LIMITS if night.limbs is None else ("two_limbs", *LIMITS[1:])
    return limits_of(night.recording.placement.limb, say, names)


def limits_of(limb: str, say: Catalogue, names: tuple[str, ...] = LIMITS) -> list[str]:
    """What a recorder on this limb can't tell."""
    seat = "ankle" if limb == "ankle" else "wrist"
    unseen = say.text(f"limits.unseen_from_{seat}")
    parts = {"one_limb": {"limb": say.name("limb", seat), "unseen": unseen}}
    return [say.text(f"limits.{name}", **parts.get(name, {})) for name in names]


def criterion(night: Night, name: str) -> Criterion | None:
    """The line of the criteria table with this id."""
    return next((item for item in night.verdict.criteria if item.id == name), None)


def title(line: Criterion, say: Catalogue) -> str:
    """What a criterion is called."""
    if line.id in ANSWERED:
        return question(ANSWERED[line.id].key, say)
    return say.name("criteria", line.id, line.title or None)


def note(line: Criterion, say: Catalogue) -> str:
    """What belongs to its value, or why it can't be told."""
    return "; ".join(say.tell_all(line.messages, [line.note] if line.note else []))


def source(line: Criterion, say: Catalogue) -> str:
    """Where its threshold comes from."""
    return say.name("source", line.id, line.source)


def cited(text: str) -> list[tuple[str, str]]:
    """A text cut where it cites: each piece, and the address behind it or nothing."""
    return [(piece, address_of(piece)) for piece in _SOURCE.split(text) if piece]


def sources(night: Night, say: Catalogue) -> list[tuple[str, str, str]]:
    """What the page of a night cites: short name, source in full, address."""
    lines = night.verdict.criteria
    texts = [*(line.source for line in lines), *(note(line, say) for line in lines), *limits(night, say)]
    texts += [name for name, _ in rule_rows(night, say)] + [say.text("series.index", index="")]
    named = {short for text in texts for short in _SOURCE.findall(text)}
    named |= {short for claim in CLAIMS.values() for short in claim.sources}
    return [(short, full, address_of(short)) for short, full in SOURCES.items() if short in named]


def decides_red(line: Criterion) -> bool:
    """Does it send to a doctor when it is met?"""
    return line.id in CRITERIA and CRITERIA[line.id].decides is Decides.RED


def warnings(night: Night, say: Catalogue) -> list[str]:
    """What was missing or doubtful, as the steps told it."""
    return say.tell_all(night.messages, night.warnings)


def method(night: Night, say: Catalogue) -> str | None:
    """What decided when the person slept, or why no sleep period was found."""
    said = night.sleep.message
    return night.sleep.method if said is None else say.tell(said) or night.sleep.method


def question(key: str, say: Catalogue) -> str:
    """A question of the diary."""
    return say.name("questions", key)


def flag(key: str, since: str | None, say: Catalogue) -> str:
    """A question that was answered yes, and from which evening on; None where that was in this week."""
    return (
        question(key, say)
        if since is None
        else say.text("reason.since", what=question(key, say), night=say.day(since, year=True))
    )


def red_flags(flags: Mapping[str, str | None], soon: bool, say: Catalogue) -> str:
    """The red flags that stand, each with the evening that `flag` tells, and what to do."""
    told = [flag(*pair, say) for pair in flags.items()]
    keys = ["todo.flag", *["todo.flag_too"] * len(told)]
    said = [say.text(key, what=what) for key, what in zip(keys, told, strict=False)]
    return " ".join([*said, what_of_flags(soon, say)])


def what_of_flags(soon: bool, say: Catalogue) -> str:
    """What to do because of red flags: some are no alarm at once."""
    return say.text("todo.flags" if soon else "todo.flags_amber")


def answers(night: Night, say: Catalogue) -> list[tuple[str, str]]:
    """What was answered in this week, in the order of the questions."""
    said = {} if night.week is None else night.week.answers
    return [
        (question(item.key, say), _answer(said[item.key], item.unit, say))
        for item in QUESTIONS
        if item.key in said
    ]


def _answer(value: bool | int | str, unit: str, say: Catalogue) -> str:
    if isinstance(value, bool):
        return say.text("language.yes" if value else "language.no")
    number = value if isinstance(value, int) else 0
    return f"{value} {say.unit(unit, number)}".strip()


def badge(night: Night, say: Catalogue) -> str:
    """The verdict in a few words."""
    level, frequent = night.verdict.level, criterion(night, "W2")
    if level == "grey" and night.week is None:
        return say.text("badge.grey_night")
    enough = criterion(night, "W1")
    if level == "grey" and enough is not None and enough.met:
        return say.text("badge.grey_open")
    if level == "green" and frequent is not None and frequent.met:
        return say.text("badge.green_frequent")
    return say.text(f"badge.{green(night)}" if level == "green" else f"badge.{level}")


def green(night: Night) -> str:
    """How clear a green verdict is: some rule met, some that can't be told, or each told and none met."""
    found = {line.met for line in night.verdict.criteria if not of_recording(line)}
    return "green_met" if True in found else "green_open" if None in found else "green"


def of_recording(line: Criterion) -> bool:
    """Does it say whether there is enough to go by, and nothing of what was found?"""
    return line.id == "W1" or is_of(line.id, Kind.VALIDITY)


def good_enough(lines: list[Criterion], say: Catalogue) -> str:
    """The heading of the conditions that a recording must meet."""
    kept = sum(line.met is True for line in lines)
    name = "good" if kept == len(lines) else "not_good"
    return say.text(f"doctor.{name}", n=str(kept), all=str(len(lines)))


def met(line: Criterion, say: Catalogue) -> str:
    """Whether a rule was met, or the recording is good enough, with a sign that needs no colour."""
    if line.met is None:
        return f"? {say.text('met.unknown')}"
    if of_recording(line):
        return f"✓ {say.text('met.enough')}" if line.met else f"✗ {say.text('met.lacking')}"
    return f"● {say.text('met.yes')}" if line.met else f"○ {say.text('met.no')}"


def grade(line: Criterion, say: Catalogue) -> str:
    """How good the evidence for a threshold is, or what it is borrowed from; empty for a night that doesn't say."""
    said = say.text(f"grade.{line.grade}") if line.grade else ""
    return say.name("borrowed", line.id, said) if line.grade == "borrowed" else said


def flagged(line: Criterion, say: Catalogue) -> str:
    """What the week's mornings said to a question."""
    if line.met is None:
        return say.text("language.not_answered")
    return say.text("language.yes" if line.met else "language.no")


# Movements in series.


def periodic_name(night: Night, say: Catalogue) -> str:
    """What movements in series are called on this limb, once they are regular enough."""
    return say.text(f"series.name_{_seat(night)}")


def periodic_title(night: Night, say: Catalogue) -> str:
    """The heading of the section about series."""
    return periodic_name(night, say) if night.periodic.said else say.text("series.title")


def periodic_lines(night: Night, say: Catalogue) -> list[Sentence]:
    """The section about series."""
    periodic = night.periodic
    lines = [_series_found(night, say)]
    if periodic.periodicity_index is not None:
        index = Number(periodic.periodicity_index, say.decimal(periodic.periodicity_index, 2))
        lines.append(say.say("series.index", index=index))
    if periodic.sleep_interval_s is not None and periodic.sleep_intervals_per_h is not None:
        lines.append(
            say.say(
                "series.intervals",
                rate=rate(periodic.sleep_intervals_per_h, say),
                median=seconds(periodic.sleep_interval_s, say),
            )
        )
    if periodic.respiratory_intervals:
        lines.append(say.say("series.respiratory"))
    elif periodic.respiratory_caveat:
        lines.append(say.say("series.breathing_unseen"))
    if night.recording.placement.limb != "ankle" and night.limbs is None:
        lines.append(say.say("series.legs"))
    return lines


def _series_found(night: Night, say: Catalogue) -> Sentence:
    periodic = night.periodic
    if periodic.index_per_h is None or periodic.series is None or periodic.movements is None:
        return say.say("series.unknown")
    movements = say.count("series.movements", periodic.movements)
    series = say.count("series.count", periodic.series)
    if periodic.said:
        name = periodic_name(night, say)
        return say.say(
            "series.said",
            name=name,
            movements=movements,
            series=series,
            rate=rate(periodic.index_per_h, say),
        )
    if periodic.series:
        why = "like_breathing" if periodic.like_breathing else "chance"
        return say.say(f"series.{why}", movements=movements, series=series)
    return say.say("series.none")


def rule_rows(night: Night, say: Catalogue) -> list[tuple[str, list[Sentence]]]:
    """The table of both rule sets: name, then series, movements, an hour, median interval, share in series."""
    return [
        (
            say.name("series_rules", count.rules),
            [
                known(count.series, 0, say),
                known(count.movements, 0, say),
                known(count.index_per_h, 1, say),
                known(count.median_interval_s, 0, say, "unit.seconds"),
                known(count.series_share, 2, say),
            ],
        )
        for count in night.periodic.by_rules
    ]


# What was missing.


def doubts(night: Night, say: Catalogue) -> list[Sentence]:
    """What was missing or doubtful about the recording itself, but for the warnings, which are texts of the night."""
    recording = night.recording
    damage = (
        ("clipped", recording.damage.clipped_samples),
        ("rejected", recording.damage.rejected_rows),
        ("repeated", recording.damage.repeated_stamps),
        ("spikes", recording.damage.spikes),
    )
    lines = [say.count(f"doubts.{name}", number) for name, number in damage if number]
    if recording.start is None:
        lines.append(say.say("doubts.no_start"))
    if night.sleep.onset_s is None:
        lines.append(say.say("doubts.no_sleep"))
    return lines


# The doctor's numbers.


def count_rows(night: Night, say: Catalogue) -> list[list[Sentence]]:
    """Kind, count in the recording and in sleep, an hour of that, and its interval.

    Twitches have one rate on the whole page, that of quiet sleep, in a row of its own.
    """
    rows: list[list[Sentence]] = []
    in_sleep, nothing, quiet = asleep(night), ("–",), quiet_rate(night)
    for label in Label:
        count = night.counts.get(label, 0)
        name: Sentence = (say.text(f"kinds.{label}"),)
        counted, while_asleep = known(count, 0, say), known(in_sleep.get(label), 0, say)
        if count != 0 and label in TWITCHES:
            rows.append([name, counted, nothing if label == TWITCHES[0] else while_asleep, nothing, nothing])
        elif count != 0:
            ends = night.per_hour_interval.get(label)
            within = (say.text("language.unknown"),) if ends is None else interval(*ends, say)
            rows.append([name, counted, while_asleep, known(night.per_hour.get(label), 1, say), within])
        if label == TWITCHES[-1] and rows and quiet is not None:
            number, in_h, often, ends = quiet
            name = say.say("kinds.quiet", hours=hours(in_h, say))
            rows.append([name, nothing, known(number, 0, say), known(often, 1, say), interval(*ends, say)])
    if night.restless:
        name = (say.text("kinds.restless"),)
        rows.append([name, *2 * [known(night.restless, 0, say)], nothing, nothing])
    return rows


def asleep(night: Night) -> dict[str, int | None]:
    """What is counted in the sleep period, by label; empty without one."""
    sleep = night.sleep
    if sleep.onset_s is None or sleep.end_s is None:
        return {}
    return asleep_by_label(night.rows, (sleep.onset_s, sleep.end_s), night.recording.hidden_by)


def quiet_rate(night: Night) -> tuple[int, float, float, tuple[float, float]] | None:
    """The rate that rules, weeks and trend go by: twitches, hours of quiet sleep, their ratio, and its interval."""
    line = criterion(night, "F2")
    if line is None or not isinstance(line.value, float | int) or line.low is None or line.high is None:
        return None
    made_of = next((message.values for message in line.messages if message.key == "note.rate"), {})
    number, in_h = made_of.get("n"), made_of.get("hours")
    if not isinstance(number, int) or not isinstance(in_h, float | int):
        return None
    return number, float(in_h), float(line.value), (line.low, line.high)


def twitches(number: int | None, say: Catalogue) -> Sentence:
    """How many twitches; in words where nobody can know."""
    return say.say("jerks.unknown_number") if number is None else say.count("jerks.twitch", number)


def amount(value: float | str | None, unit: str, say: Catalogue) -> str:
    """A value with its unit; how a sensor was calibrated is a word."""
    if value is None:
        return say.text("language.unknown")
    if isinstance(value, str):
        return say.name("calibration", value)
    sign = say.text("language.decimal")
    if unit == "share":
        return f"{100 * value:.3g} %".replace(".", sign)
    shown = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{shown.replace('.', sign)} {say.unit(unit, value)}".strip()


def limit(line: Criterion, say: Catalogue) -> str:
    """The threshold with its sign; one morning is enough for an answer."""
    if isinstance(line.threshold, str):
        return amount(line.threshold, "", say)
    sign = CRITERIA[line.id].sign if line.id in CRITERIA else "≥"
    if line.id in ANSWERED:
        return f"{sign} {amount(1, 'mornings', say)}"
    return f"{sign} {amount(line.threshold, line.unit, say)}"


def interval(low: float, high: float, say: Catalogue) -> Sentence:
    """The ends of an interval."""
    return say.say(
        "week.interval", low=Number(low, say.decimal(low, 1)), high=Number(high, say.decimal(high, 1))
    )


# Numbers with their units.


def known(value: float | None, digits: int, say: Catalogue, unit: str = "") -> Sentence:
    """A number, or the word for one that isn't known."""
    if value is None:
        return (say.text("language.unknown"),)
    shown = say.decimal(value, digits)
    return (Number(value, say.text(unit, value=shown) if unit else shown),)


def hours(value: float, say: Catalogue) -> Number:
    """Hours, or minutes where an hour would say too little."""
    minutes = round(value * 60)
    if minutes < 90:
        return Number(value, say.text("unit.minutes", value=str(minutes)))
    return Number(value, say.text("unit.hours", value=say.decimal(value, 1)))


def seconds(value: float, say: Catalogue) -> Number:
    """A duration that may be a second or an hour, or unknown."""
    if math.isnan(value):
        return Number(value, say.text("unit.unknown"))
    if value < 180:
        return Number(value, say.text("unit.seconds", value=say.decimal(value, 1 if value < 10 else 0)))
    return Number(value, say.text("unit.minutes", value=f"{value / 60:.0f}"))


def milli(value_g: float, say: Catalogue) -> Number:
    """An acceleration in mg, or unknown."""
    if math.isnan(value_g):
        return Number(value_g, say.text("unit.unknown"))
    return Number(value_g, say.text("unit.milli_g", value=f"{1000 * value_g:.0f}"))


def rate(value: float, say: Catalogue) -> Number:
    """A rate an hour."""
    return Number(value, say.text("unit.an_hour", value=say.decimal(value, 1)))


def _seat(night: Night) -> str:
    return "ankle" if night.recording.placement.limb == "ankle" else "wrist"
