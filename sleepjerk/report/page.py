"""The page: words and pictures set into `page.html`.

Knows which part goes where. Must not know how a sentence is worded or a picture drawn.

Conventions
-----------
Everything is escaped (`templates`), without exception, but for pictures: those are built by an XML library from numbers
and fixed words.
"""

import json
import math
import re
from functools import cache
from heapq import nlargest
from importlib.resources import files
from itertools import pairwise
from typing import Any

import jinja2
from markupsafe import Markup

from sleepjerk.events import MISSED, TWITCHES, Label, Row, State, stands_apart
from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.criteria import ANSWERED, Kind, is_of
from sleepjerk.judging.trend import Trend
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night, Strip
from sleepjerk.night.verdict import Criterion
from sleepjerk.report import (
    limb_words,
    morning,
    movement_words,
    nights,
    pictures,
    sheets,
    trend_words,
    week_words,
    words,
)
from sleepjerk.report.catalogue import DEFAULT, Catalogue
from sleepjerk.report.templates import environment
from sleepjerk.version import __version__

LAYOUTS = (pictures.WIDE, pictures.NARROW)
SHOWN = 2  # waves of jerks and of twitches each that are seen without unfolding
TREND_NIGHTS = 28
ON_PAPER = 3  # waves on a sheet
CONTENTS = ("night", "summary", "limbs", "strips", "week", "doctor", "events", "claims", "how")
_FOR_US = re.compile(r"\s*(?:/\*.*?\*/\s*|([{};,]))\s*", re.DOTALL)  # comments and blanks of a style sheet
MAX_ROWS = 600  # rows of the event table; the file beside the report holds all


def render_page(night: Night, language: str = DEFAULT) -> str:
    """The page of a night in one language."""
    clock, say = Clock.of(night.recording), Catalogue(language)
    strips = _strips(night, clock, say)
    return _fill(
        "page.html",
        say,
        night=night,
        clock=clock,
        date=_date(night, clock, say),
        overviews=[
            (layout.name, _picture(pictures.draw_night(night, clock, layout, say))) for layout in LAYOUTS
        ],
        states=_states(night),
        intervals=_intervals(night, say),
        bins=pictures.bin_intervals(night.periodic.intervals_s),
        strips=strips,
        waves=_waves(night, strips, say),
        contents=[
            (place, say.text(f"contents.{place}"))
            for place in CONTENTS
            if place != "limbs" or night.limbs is not None
        ],
        hours=_hours(night, clock, say),
        rows=_rows(night, clock, say),
        missing=[(clock.second(a), clock.second(b)) for a, b in pictures.missing_spans(night)],
        marks={str(label): _picture(pictures.draw_mark(label)) for label in Label},
        badge=_picture(pictures.draw_badge(night.verdict.level)),
        count_rows=words.count_rows(night, say),
        answered=ANSWERED,
        answers=words.answers(night, say),
        claims=CLAIMS,
        **_lines(night),
        **_week(night, say),
        **_sheets(night, clock, say),
    )


def render_trend(trend: Trend, language: str = DEFAULT) -> str:
    """The page of many nights in one language."""
    say = Catalogue(language)
    drawn = [
        (
            layout.name,
            _picture(nights.draw_trend(trend.nights, trend.raised_per_h, layout, say)),
            _picture(nights.draw_hours(trend.nights, layout, say)),
        )
        for layout in (*LAYOUTS, pictures.PAPER)
    ]
    return _fill(
        "trend.html",
        say,
        trend=trend,
        version=__version__,
        badge=_picture(pictures.draw_badge(trend.week.verdict.level)),
        pictures=drawn if len(trend.nights) > 1 else [],
        margins=_margins(say),
        answer=trend_words.answer(trend, say),
        heads=[say.text(f"trend.{name}") for name in ("week_of", "level", "valid", "frequent", "median")],
        week_rows=[trend_words.week_row(line, say) for line in trend.weeks],
        months=nights.months(trend.nights, say),
        shapes={state: _picture(nights.draw_state(state)) for state in nights.SHAPES},
        spread=trend_words.spread(trend, say),
        together=trend_words.together(trend, say),
        night_lines=nights.night_rows(trend.nights, say),
        limits=words.limits_of(trend.limb, say, words.TREND_LIMITS),
    )


def _fill(template: str, say: Catalogue, **parts: Any) -> str:
    return (
        _templates()
        .get_template(template)
        .render(
            say=say,
            words=words,
            movement_words=movement_words,
            week_words=week_words,
            morning=morning,
            limb_words=limb_words,
            **parts,
        )
    )


@cache  # a template is compiled once in a process: that takes as long as to fill it
def _templates() -> jinja2.Environment:
    return environment(jinja2.FunctionLoader(_template))


def _date(night: Night, clock: Clock, say: Catalogue) -> str:
    end_s = night.recording.hours * 3600
    first, last = clock.local(0.0), clock.local(end_s)
    if first is None or last is None:
        return say.text("head.date_unknown")
    begin, end = (say.day(str(moment.date())) for moment in (first, last))
    year, days = str(last.year), {"from": begin, "to": end}
    date = f"{begin} {year}" if begin == end else say.text("head.dates", year=year, **days)
    return f"{date}, {say.text('head.clocks_changed')}" if clock.changes(end_s) else date


def _states(night: Night) -> list[str]:
    """The states of the night in the order in which a night has them."""
    found = {state for _, _, state in night.timeline.states}
    return [str(state) for state in State if state in found]


def _lines(night: Night) -> dict[str, list[Criterion]]:
    """The criteria by what they are about: this night, the week, the questions."""
    lines = night.verdict.criteria
    flags = [line for line in lines if is_of(line.id, Kind.ANSWER)]
    weekly = [line for line in lines if is_of(line.id, Kind.WEEK)]
    valid = [line for line in lines if is_of(line.id, Kind.VALIDITY)]
    own = [line for line in lines if line not in (*flags, *weekly, *valid)]
    return {"own_lines": own, "valid_lines": valid, "week_lines": weekly, "flag_lines": flags}


def _week(night: Night, say: Catalogue) -> dict[str, Any]:
    """The calendar, and the nights as picture and table."""
    week = night.week
    if week is None:
        return {"cells": [], "trend": [], "night_lines": [], "shapes": {}, "week_about": []}
    lines, limb = [*week.earlier, *week.nights][-TREND_NIGHTS:], night.recording.placement.limb
    raised, valid = words.criterion(night, "F2"), words.criterion(night, "W1")
    limit = raised.threshold if raised is not None and isinstance(raised.threshold, float | int) else None
    needed = "" if valid is None else f"{valid.threshold:g}" if isinstance(valid.threshold, int) else ""
    return {
        "cells": nights.week_cells(week, say),
        "week_about": [say.say("week.about", needed=needed), *trend_words.other_limb(limb, week.others, say)],
        "night_lines": nights.night_rows(lines, say),
        "shapes": {state: _picture(nights.draw_state(state)) for state in nights.SHAPES},
        "trend": [(layout.name, _picture(nights.draw_trend(lines, limit, layout, say))) for layout in LAYOUTS]
        if len(lines) > 1
        else [],
    }


def _sheets(night: Night, clock: Clock, say: Catalogue) -> dict[str, Any]:
    """What stands on paper alone."""
    return {
        "sheets": sheets,
        "paper_overview": _picture(pictures.draw_night(night, clock, pictures.PAPER, say)),
        "ON_PAPER": ON_PAPER,
        "clinical": sheets.clinical(night, clock, say),
        "week_rows": sheets.week_rows(night, say),
        "margins": _margins(say),
    }


def _margins(say: Catalogue) -> Markup:
    """What stands at the foot of each printed page; a style sheet escapes by its own rules, not by those of HTML."""
    # Safe: the catalogue's own text, as a string of CSS.
    told = json.dumps(say.text("limits.disclaimer"), ensure_ascii=False)
    return Markup(f"@page {{ @bottom-left {{ content: {told}; }} }}")


def _template(name: str) -> str:
    text = (files("sleepjerk.report") / name).read_text(encoding="utf-8")
    return _FOR_US.sub(r"\1", text) if name.endswith(".css") else text


def _picture(svg: str) -> Markup:
    # Safe: sleepjerk.report.svg builds it with an XML library, which escapes every text.
    return Markup(svg)


def _intervals(night: Night, say: Catalogue) -> list[tuple[str, Markup]]:
    if not night.periodic.series or not night.periodic.intervals_s:
        return []
    return [(layout.name, _picture(pictures.draw_intervals(night, layout, say))) for layout in LAYOUTS]


def _waves(night: Night, drawn: list[dict[str, Any]], say: Catalogue) -> list[dict[str, Any]]:
    """The waves by kind: jerks while falling asleep, twitches in sleep, those that don't count, then the others."""
    kinds = ["restless" if stands_apart(row) else row["label"] for row in night.rows]
    groups: dict[str, list[dict[str, Any]]] = {}
    for strip in drawn:
        groups.setdefault(kinds[strip["event"]], []).append(strip)
    found = []
    for kind, strips in groups.items():
        numbers = {"n": str(len(strips)), "all": str(kinds.count(kind))}
        head = say.text("waves.group", kind=say.text(f"kinds.{kind}"), **numbers)
        shown = SHOWN if kind in TWITCHES else 0
        found.append({"title": head, "shown": strips[:shown], "folded": strips[shown:]})
    return sorted(found, key=lambda group: not group["shown"])


def _strips(night: Night, clock: Clock, say: Catalogue) -> list[dict[str, Any]]:
    """Jerks while falling asleep, then twitches in sleep, each in their order, then the others, strongest first."""
    events = night.rows
    shown = range(len(events)) if night.limbs is None else night.limbs.wrist_rows
    known = [s for s in night.strips if 0 <= s.event < len(events) and s.axes_mg and s.axes_mg[0]]

    def order(strip: Strip) -> tuple[int, float]:
        event = events[strip.event]
        if event["label"] in TWITCHES:
            return (TWITCHES.index(event["label"]), event["onset_s"])
        return (len(TWITCHES), -(event["peak_g"] or 0.0))

    return [
        _row(night, clock, shown[strip.event], events[strip.event], say)
        | {"signs": ", ".join(movement_words.signs(events[strip.event], say))}
        | {"picture": _picture(pictures.draw_strip(night, strip, number, say)), "event": strip.event}
        for number, strip in enumerate(sorted(known, key=order))
    ]


def _rows(night: Night, clock: Clock, say: Catalogue) -> list[dict[str, Any]]:
    """The rows of the event table, in their order; of very many only the strongest."""
    rows = night.all_rows

    def shown_first(index: int) -> float:
        peak_g = rows[index]["peak_g"]
        return math.inf if peak_g is None else peak_g  # what a person added is shown

    return [
        _row(night, clock, index, rows[index], say)
        for index in sorted(nlargest(MAX_ROWS, range(len(rows)), key=shown_first))
    ]


def _row(night: Night, clock: Clock, index: int, event: Row, say: Catalogue) -> dict[str, Any]:
    peak_g, lasting_s, surety = (
        math.nan if event[name] is None else event[name] for name in ("peak_g", "duration_s", "confidence")
    )
    peak, duration = words.milli(peak_g, say), words.seconds(lasting_s, say)
    return {
        "row": index,
        "time": clock.second(event["onset_s"]),
        "label": event["label"],
        "title": say.text(f"kind.{event['label']}")
        + (f", {say.text('kind.restless')}" if stands_apart(event) else ""),
        "state": say.text(f"state.{event['state']}"),
        "strength": movement_words.strength(night, peak_g, say),
        "surety": movement_words.surety(night, surety, say),
        "confidence": "" if math.isnan(surety) else say.decimal(surety, 2),
        "by_person": _by_person(event["detected"], say),
        "peak": peak,
        "duration": duration,
        "caption": say.say("waves.caption", peak=peak, lasting=duration, row=str(index)),
        "tilt": "" if event["tilt_deg"] is None else f"{event['tilt_deg']:.0f}°",
        "series": "" if event["series"] is None else str(event["series"]),
        "limb": say.name("both", event.get("limb", "")),
    }


def _by_person(detected: str, say: Catalogue) -> str:
    if detected == MISSED:
        return say.text("waves.missed")
    return say.text("waves.by_person", kind=say.text(f"kind.{detected}")) if detected else ""


def _hours(night: Night, clock: Clock, say: Catalogue) -> list[dict[str, Any]]:
    """The night by full hours: what the overview shows, as a table."""
    end = night.recording.hours * 3600
    edges = [0.0, *(time for time, _ in clock.hours(end) if 0 < time < end), end]
    epoch, counted = night.timeline.epoch_s, [row for row in night.rows if not stands_apart(row)]
    table = []
    for start, stop in pairwise(edges):
        inside = [row["label"] for row in counted if start <= row["onset_s"] < stop]
        movement = [
            value
            for value in night.timeline.movement_g[int(start // epoch) : int(stop // epoch)]
            if value is not None
        ]
        table.append(
            {
                "time": say.text("overview.span", **{"from": clock.minute(start), "to": clock.minute(stop)}),
                "counts": [inside.count(label) for label in _present(night)],
                "peak": words.milli(max(movement), say).text if movement else say.text("language.missing"),
            }
        )
    return table


def _present(night: Night) -> list[Label]:
    return [label for label in Label if night.counts.get(label)]
