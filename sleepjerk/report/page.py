"""The page: words and pictures set into `page.html`. The only module that talks to jinja2.

Knows which part goes where. Must not know how a sentence is worded or a picture drawn.

Conventions
-----------
Everything is escaped, without exception, but for pictures: those are built by an XML library from numbers and
fixed words. Control characters and lone surrogates of foreign texts are replaced, so that the page is always
valid UTF-8.
"""

import re
from collections.abc import Iterable
from importlib.resources import files
from itertools import pairwise
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from sleepjerk.claims import CLAIMS
from sleepjerk.clock import Clock
from sleepjerk.events import Label
from sleepjerk.night import Night
from sleepjerk.report import pictures, words
from sleepjerk.rules import SOURCES

MAX_ROWS = 1000  # rows of the event table; the file beside the report holds all
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def render_page(night: Night) -> str:
    """The page of a night."""
    clock = Clock.of(night.recording)
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_template),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    page = environment.get_template("page.html")
    return page.render(
        night=night,
        clock=clock,
        words=words,
        date=clock.date(night.recording.hours * 3600),
        overviews=[
            (layout.name, _picture(pictures.draw_night(night, clock, layout))) for layout in _layouts()
        ],
        intervals=_intervals(night),
        bins=pictures.bin_intervals(night.periodic.intervals_s),
        strips=_strips(night, clock),
        hours=_hours(night, clock),
        rows=_rows(night, clock),
        missing=[(clock.second(a), clock.second(b)) for a, b in pictures.missing_spans(night)],
        marks={str(label): _picture(pictures.draw_mark(label)) for label in Label},
        badge=_picture(pictures.draw_badge(night.verdict.level)),
        claims=CLAIMS,
        sources=_sources(night),
        Number=words.Number,
        MAX_ROWS=MAX_ROWS,
    )


def _template(name: str) -> str:
    return (files("sleepjerk.report") / name).read_text(encoding="utf-8")


def _printable(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNPRINTABLE.sub("\ufffd", value)
    return value


def _picture(svg: str) -> Markup:
    # Safe: sleepjerk.report.svg builds it with an XML library, which escapes every text.
    return Markup(svg)


def _layouts() -> tuple[pictures.Layout, ...]:
    return (pictures.WIDE, pictures.NARROW)


def _intervals(night: Night) -> list[tuple[str, Markup]]:
    if not night.periodic.series or not night.periodic.intervals_s:
        return []
    return [(layout.name, _picture(pictures.draw_intervals(night, layout))) for layout in _layouts()]


def _strips(night: Night, clock: Clock) -> list[dict[str, Any]]:
    """Hypnic jerks in their order, then the others, strongest first."""
    events = night.events
    known = [
        strip
        for strip in night.strips
        if 0 <= strip.event < len(events) and strip.axes_mg and strip.axes_mg[0]
    ]

    def order(strip: Any) -> tuple[bool, float]:
        event = events.iloc[strip.event]
        jerk = event["label"] == Label.HYPNIC_JERK
        return (not jerk, float(event["onset_s"]) if jerk else -float(event["peak_g"]))

    return [
        _row(night, clock, strip.event) | {"picture": _picture(pictures.draw_strip(night, strip, number))}
        for number, strip in enumerate(sorted(known, key=order))
    ]


def _rows(night: Night, clock: Clock) -> list[dict[str, Any]]:
    """The rows of the event table, in their order; of very many only the strongest."""
    strongest = night.events["peak_g"].nlargest(MAX_ROWS).index
    return [_row(night, clock, int(index)) for index in sorted(strongest)]


def _row(night: Night, clock: Clock, index: int) -> dict[str, Any]:
    event = night.events.iloc[index]
    peak = float(event["peak_g"])
    return {
        "row": index,
        "time": clock.second(float(event["onset_s"])),
        "label": str(event["label"]),
        "title": words.LABELS[Label(event["label"])][0],
        "state": words.STATES[event["state"]],
        "strength": words.strength(night, peak),
        "surety": words.surety(night, float(event["confidence"])),
        "confidence": "" if pd.isna(event["confidence"]) else f"{float(event['confidence']):.2f}",
        "peak": words.milli(peak),
        "duration": words.seconds(float(event["duration_s"])),
        "tilt": f"{float(event['tilt_deg']):.0f}°",
        "series": "" if pd.isna(event["series"]) else str(event["series"]),
    }


def _hours(night: Night, clock: Clock) -> list[dict[str, Any]]:
    """The night by full hours: what the overview shows, as a table."""
    end = night.recording.hours * 3600
    edges = [0.0, *(time for time, _ in clock.hours(end) if 0 < time < end), end]
    epoch = night.timeline.epoch_s
    table = []
    for start, stop in pairwise(edges):
        inside = night.events[(night.events["onset_s"] >= start) & (night.events["onset_s"] < stop)]
        movement = [
            value
            for value in night.timeline.movement_g[int(start // epoch) : int(stop // epoch)]
            if value is not None
        ]
        table.append(
            {
                "time": f"{clock.minute(start)} to {clock.minute(stop)}",
                "counts": [int((inside["label"] == label).sum()) for label in _present(night)],
                "peak": words.milli(max(movement)).text if movement else "missing",
            }
        )
    return table


def _present(night: Night) -> list[Label]:
    return [label for label in Label if night.counts.get(label)]


def _sources(night: Night) -> list[tuple[str, str]]:
    """The sources that the criteria of this night name, in full."""
    named: Iterable[str] = [line.source for line in night.verdict.criteria]
    return [(short, full) for short, full in SOURCES.items() if any(short in source for source in named)]
