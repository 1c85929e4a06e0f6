"""What may be said about many nights, as sentences of a catalogue. Computes nothing, and never names a cause."""

from datetime import date

from sleepjerk.judging.trend import Together, Trend, WeekLine
from sleepjerk.report import week_words
from sleepjerk.report.catalogue import Catalogue, Number, Sentence
from sleepjerk.report.nights import short_day
from sleepjerk.report.words import question, red_flags


def week_row(line: WeekLine, say: Catalogue) -> list[Sentence]:
    """Date, verdict, nights that count, frequent ones, twitches."""
    spread: Sentence = (say.text("language.unknown"),)
    if line.median is not None and line.low is not None and line.high is not None:
        spread = say.say(
            "trend.spread",
            median=Number(line.median, say.decimal(line.median, 1)),
            low=_whole(line.low),
            high=_whole(line.high),
        )
    level = (say.text(f"trend.level_{line.level}"),)
    return [
        (short_day(date.fromisoformat(line.last), say),),
        level,
        (_whole(line.valid),),
        (_whole(line.frequent),),
        spread,
    ]


def answer(trend: Trend, say: Catalogue) -> list[Sentence]:
    """What the last week comes to: the red flags that stand, why its verdict is so, and what to do next."""
    lines: list[Sentence] = []
    if trend.flags:
        lines += [(red_flags(trend.flags, trend.alarm, say),), say.say("todo.over")]
    lines += week_words.shaken(trend.week, say)
    if {"convulsion", "short_convulsion"} & set(trend.flags):
        minutes = say.text("unit.minutes", value=f"{trend.emergency_s / 60:g}")
        lines.append(say.say("todo.convulsion", lasting=Number(trend.emergency_s, minutes)))
    lines += week_words.reasons(trend.week, say)
    lines += week_words.coverage(trend.week, say)
    lines += week_words.step(trend.week, say)
    return [*lines, *other_limb(trend.limb, trend.others, say)]


def other_limb(limb: str, others: int, say: Catalogue) -> list[Sentence]:
    """That the nights of the other limb, where there are some, stand for themselves."""
    other = "wrist" if limb == "ankle" else "ankle"
    return [say.count("trend.other", others, limb=say.text(f"limb.{other}"), option=other)] if others else []


def spread(trend: Trend, say: Catalogue) -> list[Sentence]:
    """How much the nights vary."""
    found = trend.spread
    if found is None:
        return [say.say("trend.no_valid")]
    lines = [
        say.say(
            "trend.variability" if found.nights > 1 else "trend.variability_one",
            **{
                name: Number(value, say.decimal(value, int(found.nights > 1)))
                for name, value in (("low", found.low), ("high", found.high), ("median", found.median))
            },
        )
    ]
    if found.earliest is not None and found.latest is not None:
        several = "" if found.earliest != found.latest else "_one"
        lines.append(say.say(f"trend.hours{several}", early=found.earliest, late=found.latest))
    return lines


def together(trend: Trend, say: Catalogue) -> list[Sentence]:
    """What went together with the twitches; never as a cause."""
    if not trend.together:
        needed, have = _whole(trend.compare_needs), _whole(trend.compared_nights)
        return [say.say("trend.together_few", needed=needed, n=have)]
    about = say.say("trend.together_about", nights=_whole(trend.compare_needs))
    return [about, *(_one(found, say) for found in trend.together)]


def _one(found: Together, say: Catalogue) -> Sentence:
    what, nights = question(found.key, say), _whole(found.nights)
    if found.rho is None or found.low is None or found.high is None:
        return say.say("trend.few_with", what=what, nights=nights)
    key = "more_with" if found.low > 0 else "fewer_with" if found.high < 0 else "nothing_with"
    rho, low, high = (Number(value, say.decimal(value, 2)) for value in (found.rho, found.low, found.high))
    return say.say(f"trend.{key}", what=what, rho=rho, low=low, high=high, nights=nights)


def _whole(value: int) -> Number:
    return Number(value, str(value))
