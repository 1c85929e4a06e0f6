"""The two sheets of paper: what a doctor asks for, short enough for paper. Knows the night; computes no number.

What the screen can unfold paper can't: here stand the words that are shorter, and the choice of what is left out.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from textwrap import shorten
from typing import Any

from sleepjerk.judging.criteria import ANSWERED
from sleepjerk.judging.questions import BY_KEY, OVER, QUESTIONS, Answers
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Estimate, Night
from sleepjerk.night.verdict import Criterion
from sleepjerk.report import morning, nights, words
from sleepjerk.report.catalogue import Catalogue, Number, Sentence
from sleepjerk.rules import SOURCES

_ONLY_MET = ("F2-high", "R2", "W4")  # another line of the table says what these would, until they are met
_COUNTED = ("twitches", "nights", "weeks")
_NOTE = 90  # signs of a note that fit into a line


def clinical(night: Night, clock: Clock, say: Catalogue) -> list[tuple[str, Sentence]]:
    """What a sleep laboratory reports, each with its range or with why it isn't known."""
    sleep, found = night.sleep, night.estimates
    if sleep.onset_s is None or sleep.end_s is None:
        return [(say.text("how.sleep"), (words.method(night, say) or say.text("how.sleep_none"),))]
    times = (("asleep", sleep.onset_s, sleep.onset_range_s), ("awake", sleep.end_s, sleep.end_range_s))
    rows: list[tuple[str, Sentence]] = [
        (
            say.text(f"clinical.{name}"),
            _with_range([clock.minute(at) for at in (at_s, *(range_s or ()))], say),
        )
        for name, at_s, range_s in times
    ]
    rows += [
        (say.text("clinical.total_sleep"), _estimated(found.total_sleep_h, "hours", say, digits=1)),
        (say.text("clinical.latency"), _estimated(found.latency_min, "minutes", say)),
        (
            say.text("clinical.awake_after"),
            (*_estimated(found.awake_min, "minutes", say), *_woken(night, say)),
        ),
        (say.text("clinical.efficiency"), _estimated(found.efficiency, "percent", say, times=100)),
    ]
    return rows


def _woken(night: Night, say: Catalogue) -> Sentence:
    bouts, visits = night.sleep.wake_bouts, night.sleep.visits
    told = [say.count("how.bouts", bouts)] if bouts else []
    told += [say.count("how.visits", visits)] if visits else []
    return tuple(part for sentence in told for part in (", ", *sentence))


def _estimated(found: Estimate, unit: str, say: Catalogue, *, digits: int = 0, times: float = 1) -> Sentence:
    if found.value is None or found.low is None or found.high is None:
        why = None if found.message is None else say.tell(found.message)
        return say.say("clinical.unknown", why=why or say.text("clinical.older"))
    value, low, high = (
        Number(number, say.decimal(number * times, digits)) for number in (found.value, found.low, found.high)
    )
    return say.say("clinical.with_range", value=say.say(f"unit.{unit}", value=value), low=low, high=high)


def _with_range(told: Sequence[str], say: Catalogue) -> Sentence:
    return (
        (told[0],)
        if len(told) == 1
        else say.say("clinical.with_range", value=told[0], low=told[1], high=told[2])
    )


def rules(lines: Sequence[Criterion], say: Catalogue) -> list[tuple[Criterion, str]]:
    """The lines of a table of rules, each with its source in short."""
    return [
        (line, _source(line, say))
        for line in lines
        if not words.of_recording(line) and (line.met or line.id not in _ONLY_MET)
    ]


def _source(line: Criterion, say: Catalogue) -> str:
    named = ", ".join(dict.fromkeys(piece for piece, _ in words.cited(line.source) if piece in SOURCES))
    if not named or line.grade not in ("choice", "borrowed"):
        return named or say.text("paper.own")
    return say.text(f"paper.{line.grade}", source=named)


def found(line: Criterion, say: Catalogue) -> str:
    """What was found; how many, where the rule's name says of what."""
    return words.amount(line.value, "" if line.unit in _COUNTED else line.unit, say)


def limit(line: Criterion, say: Catalogue) -> str:
    """The threshold, without the unit that what was found has already."""
    return words.limit(line if line.unit == "share" else replace(line, unit=""), say)


def nights_that_count(night: Night, say: Catalogue) -> Sentence:
    """How many nights of the week count, and how many must."""
    line, days = words.criterion(night, "W1"), night.verdict.week_nights
    if line is None or isinstance(line.value, str | None) or isinstance(line.threshold, str):
        return ()
    valid, of, needed = (Number(number, f"{number:g}") for number in (line.value, days, line.threshold))
    return say.say("reason.few", valid=valid, days=of, needed=needed)


def answer(night: Night, clock: Clock, lines: Sequence[Criterion], say: Catalogue) -> list[Sentence]:
    """What this night comes to: as on the screen, the red flags in short."""
    yes = [line for line in lines if line.met]
    return morning.answer(
        night, clock, say, f"{say.text('paper.flags')}: {_shorts(yes, say)}." if yes else None
    )


def flags(lines: Sequence[Criterion], say: Catalogue) -> str:
    """The red flags in a word each by what was answered: yes first."""
    told = []
    for met, name in ((True, "yes"), (False, "no")):
        if found := [line for line in lines if line.met is met]:
            told.append(f"{say.text(f'paper.{name}')} {_shorts(found, say)}.")
    if silent := sum(line.met is None for line in lines):
        told.append(say.text("paper.silent", n=str(silent)))
    return " ".join(told)


def series(night: Night, say: Catalogue) -> list[Sentence]:
    """What is said of movements in series."""
    lines = words.periodic_lines(night, say)
    return (
        lines if night.recording.placement.limb == "ankle" else lines[:-1]
    )  # the last one says what to record


def medicines(lines: Sequence[Criterion], say: Catalogue) -> str:
    """What the diary says of them, behind the words of the line to fill in."""
    told = [words.flagged(line, say) for line in lines if line.id == "Q-medicine_changed"]
    return f" ({say.text('paper.changed', answer=told[0])})" if told else ""


def known(night: Night, say: Catalogue) -> list[str]:
    """The illnesses that are known."""
    said = {} if night.week is None else night.week.answers
    return [
        words.question(asked.key, say) for asked in QUESTIONS if asked.once and said.get(asked.key) is True
    ]


def week_rows(night: Night, say: Catalogue) -> list[dict[str, Any]]:
    """A line a date of the week: the night as it was recorded, and what was answered in the morning."""
    week = night.week
    if week is None:
        return []
    lines = {line.night: line for line in week.nights}
    first, last = date.fromisoformat(week.first), date.fromisoformat(week.last)
    rows = []
    for day in (first + timedelta(days=ahead) for ahead in range((last - first).days + 1)):
        line = lines.get(str(day))
        words_of = [say.text(f"week.{nights.state_of(line)}"), *nights.more_of(line, say)]
        rows.append(
            {
                "day": nights.short_day(day, say),
                "state": ", ".join(words_of),
                "twitches": ("–",)
                if line is None or line.analysed_h is None
                else words.known(line.twitches, 0, say),
                "asleep": "–"
                if line is None or not line.asleep or not line.awake
                else f"{line.asleep}–{line.awake}",
                "diary": _morning(week.diary.get(str(day), {}), say),
            }
        )
    return rows


def _morning(given: Answers, say: Catalogue) -> str:
    """What was so, and each number; what was not so stays unsaid."""
    told = []
    for asked in QUESTIONS:
        value = given.get(asked.key)
        if value is None or value is False or asked.once:
            continue
        if value is True:
            told.append(_short(asked.key, say))
        elif value == OVER:
            told.append(say.text("paper.over_now", what=_short(asked.key, say)))
        elif isinstance(value, str):
            told.append(say.text("paper.note", note=shorten(value, _NOTE, placeholder=" …")))
        else:
            told.append(
                f"{_short(asked.key, say)} {value}{f'/{asked.high}' if asked.kind == 'scale' else ''}"
            )
    return ", ".join(told) or say.text("paper.nothing" if given else "language.not_answered")


def _shorts(lines: Sequence[Criterion], say: Catalogue) -> str:
    return ", ".join(_short(ANSWERED[line.id].key, say) for line in lines)


def _short(key: str, say: Catalogue) -> str:
    return say.name("short", key, words.question(key, say) if key in BY_KEY else None)
