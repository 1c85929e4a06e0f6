"""The night as pictures: overview, wave strips, histogram of intervals. Knows the layout, judges nothing.

Conventions
-----------
Pictures are hand-written SVG, one user unit a CSS pixel. Colours are classes of `page.css`, so that dark mode
and print change them in one place; each label has its own shape too. The overview comes wide and narrow; the
page shows one of them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from statistics import median

from sleepjerk.events import Label, State, stands_apart
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night, Strip
from sleepjerk.report import words
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.report.svg import (
    Element,
    element,
    level_line,
    levels,
    line_path,
    nice,
    picture,
    symbol,
    wave_path,
    words_at,
)

# Shapes about (0, 0), as relative paths: told apart without colour.
SHAPES = {
    Label.HYPNIC_JERK: "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    Label.SLEEP_TWITCH: "m0-6l5 6-5 6-5-6z",
    Label.PERIODIC_MOVEMENT: "m-4-4h8v8h-8z",
    Label.LIMB_MOVEMENT: "m0-5l5 9h-10z",
    Label.BODY_MOVEMENT: "m-1.5-6h3v12h-3z",
    Label.POSTURE_CHANGE: "m0 5l5-9h-10z",
    Label.RHYTHMIC_MOVEMENT: "m-5-3l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
    Label.UNCLASSIFIED: "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0zm2 0a2 2 0 1 1 4 0a2 2 0 1 1-4 0z",
}
_STEPS = (
    1,
    1.2,
    1.6,
    2,
    2.4,
    3,
    4,
    5,
    6,
    8,
    10,
)  # of the scale of a strip: half of each is a number to read, too
_BEFORE_S, _AFTER_S, _BRIEF_S = 0.5, 1.5, 1.2  # around the onset of what is brief
STRIP_POINTS = 20_000  # points of all strips together, so that a night with many jerks stays a small file


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where things are in an overview."""

    name: str
    width: float
    left: float
    right: float
    ticks: int
    band: float = 24.0
    movement: float = 120.0
    angle: float = 76.0
    lane: float = 24.0
    gap: float = 26.0
    lane_above: bool = False

    @property
    def edge(self) -> float:
        return self.width - self.right

    @property
    def span(self) -> float:
        return self.edge - self.left


WIDE = Layout(name="wide", width=960.0, left=206.0, right=16.0, ticks=12)
NARROW = Layout(name="narrow", width=328.0, left=52.0, right=8.0, ticks=5, lane=36.0, lane_above=True)
# A unit is 3/4 pt across a sheet, so that 12 units are 9 pt; low, for a sheet holds more than the picture.
PAPER = Layout(
    name="paper",
    width=700.0,
    left=196.0,
    right=12.0,
    ticks=9,
    band=18.0,
    movement=54.0,
    angle=34.0,
    lane=15.0,
    gap=20.0,
)


def draw_night(night: Night, clock: Clock, layout: Layout, say: Catalogue) -> str:
    """Movement and posture over the night, sleep, wake and gaps, and a lane of marks for each label."""
    end = max(night.recording.hours * 3600, _end_of_states(night), 1.0)
    scale = _Scale(layout.left, layout.span / end)
    present = [label for label in Label if night.counts.get(label)]
    top_movement = layout.band + layout.gap
    top_angle = top_movement + layout.movement + layout.gap
    top_lanes = top_angle + layout.angle + layout.gap - 8
    bottom = top_lanes + layout.lane * len(present)
    inside = [
        *_hatches(layout.name),
        *_states(night, layout, scale, bottom, say),
        *_movement(night, layout, scale, top_movement, say),
        *_angle(night, layout, scale, top_angle, say),
    ]
    for row, label in enumerate(present):
        inside += _lane(night, label, layout, scale, top_lanes + layout.lane * row, say)
    inside += _time_axis(clock, layout, scale, end, bottom)
    span = {"from": clock.minute(0), "to": clock.minute(end)}
    description = say.text("overview.picture_about", limb=words.limb(night, say), **span)
    title = say.text("overview.picture")
    return picture(layout.width, bottom + 38, f"night-{layout.name}", title, description, inside)


def draw_strip(night: Night, strip: Strip, number: int, say: Catalogue) -> str:
    """The wave around one event: three axes in mg, gravity taken off, the event's duration shaded.

    A brief one is shown from 0.5 s before to 1.5 s after its onset, a longer one with all that is kept of it.
    """
    event = night.rows[strip.event]
    onset, lasting = event["onset_s"], event["duration_s"] or 0.0
    strip = _large(strip, onset) if lasting <= _BRIEF_S else strip
    samples = len(strip.axes_mg[0])
    duration = max(samples / strip.rate_hz, 1e-9)
    per_s = (_STRIP.right - _STRIP.left) / duration
    scale = _Scale(_STRIP.left - strip.start_s * per_s, per_s)
    top_mg = nice(max(1.0, *(abs(value) for axis in strip.axes_mg for value in axis)), _STEPS)
    begin, end = max(_STRIP.left, scale(onset)), min(_STRIP.right, scale(onset + lasting))
    every = max(1, math.ceil(3 * samples * len(night.strips) / STRIP_POINTS))
    first = strip.start_s - onset
    marks = {say.decimal(level * top_mg, 0 if top_mg >= 10 else 1): level for level in (1, 0.5, 0, -0.5, -1)}
    inside = [
        element("rect", class_="when", x=begin, y=0.0, width=max(1.5, end - begin), height=_STRIP.base),
        *levels(marks, _STRIP.level, _STRIP.left, _STRIP.right, digits=0),
        words_at("mg", 0.0, _STRIP.height - 6),
        element("g", *_waves(strip, every, scale, top_mg), transform="scale(.5)"),
        *_strip_seconds(first, first + duration, onset, scale, say),
    ]
    title = say.text("waves.picture", row=str(strip.event))
    span = {"from": say.decimal(first, 1), "to": say.decimal(first + duration, 1)}
    description = say.text("waves.picture_about", **span)
    return picture(_STRIP.width, _STRIP.height, f"strip-{number}", title, description, inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class _StripLayout:
    """Where things are in a strip; `base` is the line of the time axis."""

    width: float = 320.0
    height: float = 168.0
    left: float = 46.0
    right: float = 312.0
    base: float = 144.0

    def level(self, share: float) -> float:
        """From -1 to 1 of the scale to y."""
        return self.base / 2 - share * (self.base / 2 - 8)


_STRIP = _StripLayout()


def _large(strip: Strip, onset: float) -> Strip:
    """The part of a strip in which a twitch is judged; the whole strip where that part is missing."""
    begin = max(0, math.ceil((onset - _BEFORE_S - strip.start_s) * strip.rate_hz - 1e-6))
    end = math.floor((onset + _AFTER_S - strip.start_s) * strip.rate_hz + 1e-6) + 1
    axes = tuple(axis[begin:end] for axis in strip.axes_mg)
    if len(axes[0]) <= strip.rate_hz * _BEFORE_S:
        return strip
    return replace(strip, start_s=strip.start_s + begin / strip.rate_hz, axes_mg=axes)


def _strip_seconds(first: float, last: float, onset: float, scale: "_Scale", say: Catalogue) -> list[Element]:
    step = next((step for step in (0.5, 1.0, 2.0) if (last - first) / step <= 6), 5.0)
    drawn, end = [], math.floor(last / step + 1e-6)
    for place in range(math.ceil(first / step - 1e-6), end + 1):
        x, text = scale(onset + place * step), f"{place * step:g}".replace(".", say.text("language.decimal"))
        drawn.append(element("path", class_="grid", d=f"M{x:.1f} 0V{_STRIP.base + 4:.0f}"))
        anchor = "end" if x > _STRIP.right - 12 else "middle"
        unit = " s" if place == end else ""
        drawn.append(words_at(text + unit, x, _STRIP.height - 6, anchor=anchor))
    return drawn


def _waves(strip: Strip, every: int, scale: "_Scale", top_mg: float) -> list[Element]:
    """One path an axis, in half pixels: whole numbers that are fine enough and take little room."""
    drawn = []
    for name, values in zip("xyz", strip.axes_mg, strict=True):
        points = [
            (2 * scale(strip.start_s + index / strip.rate_hz), 2 * _STRIP.level(values[index] / top_mg))
            for index in thin_wave(values, every)
        ]
        drawn.append(element("path", class_=f"axis {name}", d=wave_path(points)))
    return drawn


def thin_wave(values: Sequence[float], every: int) -> Iterable[int]:
    """The samples to draw, about one of `every`: lowest and highest of each stretch, so no peak is lost."""
    if every <= 1:
        return range(len(values))
    extremes = set()
    for start in range(0, len(values), 2 * every):
        part = values[start : start + 2 * every]
        extremes |= {start + part.index(min(part)), start + part.index(max(part))}
    return sorted(extremes)


def bin_intervals(
    intervals: Sequence[float], width_s: float = 5.0, last_s: float = 100.0
) -> list[tuple[float, int]]:
    """(start of the bin, count) for the histogram; the last bin holds everything longer."""
    last = round(last_s / width_s)
    found = Counter(min(int(interval // width_s), last) for interval in intervals)
    return [(place * width_s, found[place]) for place in range(last + 1)]


def draw_intervals(night: Night, layout: Layout, say: Catalogue) -> str:
    """How long from one movement to the next."""
    bins = bin_intervals(night.periodic.intervals_s)
    height, left, bottom = 170.0, 40.0, 40.0
    room = layout.width - left - 10
    most = max(max(count for _, count in bins), 1)
    step = room / len(bins)
    tall = height - bottom - 10
    marks = {str(value): float(value) for value in (0, math.ceil(most / 2), most)}
    inside = [*levels(marks, lambda value: 10 + tall * (1 - value / most), left, layout.width - 10, apart=6)]
    for index, (start, count) in enumerate(bins):
        x, up = left + index * step, tall * count / most
        inside.append(
            element("rect", class_="bar", x=x + 1, y=height - bottom - up, width=step - 2, height=up)
        )
        if index % (4 if layout.ticks > 6 else 5) == 0:
            label = f"{start:.0f}" if index < len(bins) - 1 else f"{start:.0f}+"
            inside.append(words_at(label, x, height - bottom + 16, anchor="middle"))
    inside.append(words_at(say.text("series.axis"), left + room / 2, height - 6, anchor="middle"))
    title = say.text("series.picture")
    counted = say.count("series.picture_about", len(night.periodic.intervals_s))
    description = words.plain(counted)
    return picture(layout.width, height, f"intervals-{layout.name}", title, description, inside)


def draw_mark(label: str) -> str:
    """The shape of a label, for legends; the text beside it says what it is."""
    shape = element("path", class_=f"mark {label}", d=f"M8 8{SHAPES[Label(label)]}")
    return symbol(shape, 16)


def draw_badge(level: str) -> str:
    """A shape for the verdict: a triangle warns, a ring says that nothing can be told."""
    if level == "red":
        return symbol(element("path", d="M11 1L21 20H1ZM10 7v7h2v-7zM10 16v2h2v-2z", fill_rule="evenodd"), 22)
    if level == "amber":
        return symbol(element("path", d="M11 1L21 11 11 21 1 11Z"), 22)
    return symbol(element("path", d="M11 1a10 10 0 1 0 .1 0zM11 5a6 6 0 1 1-.1 0z", fill_rule="evenodd"), 22)


def missing_spans(night: Night) -> list[tuple[float, float]]:
    """Stretches without samples, as coarse as the epochs of the timeline."""
    runs = [
        (gone, len([*run])) for gone, run in groupby(value is None for value in night.timeline.movement_g)
    ]
    ends = accumulate(length for _, length in runs)
    epoch_s = night.timeline.epoch_s
    return [((end - n) * epoch_s, end * epoch_s) for (gone, n), end in zip(runs, ends, strict=True) if gone]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Seconds to x."""

    left: float
    per_s: float

    def __call__(self, time_s: float) -> float:
        return self.left + time_s * self.per_s


def _end_of_states(night: Night) -> float:
    return max((end for _, end, _ in night.timeline.states), default=0.0)


def _hatches(name: str) -> list[Element]:
    """One stroke for what is missing, crossed strokes for off the body."""
    stroke, other = "M-2 2l4-4M0 8l8-8M6 10l4-4", "M-2 6l4 4M0 0l8 8M6-2l4 4"
    return [
        element(
            "pattern",
            element("path", class_="hatch", d=lines),
            id=f"{kind}-{name}",
            width=8,
            height=8,
            patternUnits="userSpaceOnUse",
        )
        for kind, lines in (("missing", stroke), ("off", stroke + other))
    ]


def _states(night: Night, layout: Layout, scale: _Scale, bottom: float, say: Catalogue) -> list[Element]:
    """Bands over the whole height, and words at the top where there is room."""
    drawn = []
    for start, end, state in night.timeline.states:
        x, width = scale(start), max(1.0, (end - start) * scale.per_s)
        drawn.append(element("rect", class_=f"state {state}", x=x, y=0.0, width=width, height=bottom))
        if state == State.OFF_BODY:
            drawn.append(_hatched(f"off-{layout.name}", x, width, bottom))
        word = say.text(f"state.{State(state)}")
        if width > 7.2 * len(word):
            drawn.append(words_at(word, x + width / 2, layout.band - 7, anchor="middle", class_="state-word"))
    for start, end in missing_spans(night):
        width = max(1.5, (end - start) * scale.per_s)
        drawn.append(_hatched(f"missing-{layout.name}", scale(start), width, bottom))
    return drawn


def _hatched(pattern: str, x: float, width: float, bottom: float) -> Element:
    return element("rect", x=x, y=0.0, width=width, height=bottom, fill=f"url(#{pattern})")


def _movement(night: Night, layout: Layout, scale: _Scale, top: float, say: Catalogue) -> list[Element]:
    """Strongest movement of each pixel column on a logarithmic scale: a jerk and a turn both stay visible."""
    low, high = math.log10(0.003), math.log10(5.0)
    base = top + layout.movement

    def height(value: float) -> float:
        share = (math.log10(max(value, 10**low)) - low) / (high - low)
        return base - layout.movement * min(1.0, max(0.0, share))

    marks = {"10 mg": 0.01, "100 mg": 0.1, "1 g": 1.0}
    timeline = night.timeline
    bars = "".join(
        f"M{scale(time):.1f} {base:.0f}V{height(value):.1f}"
        for time, value in _columns(timeline.movement_g, timeline.epoch_s, scale, max)
        if value is not None
    )
    return [
        words_at(say.text("overview.movement"), 0.0, top - 8, class_="name"),
        *levels(marks, height, layout.left, layout.edge),
        element("path", class_="movement", d=bars or "M0 0"),
    ]


def _angle(night: Night, layout: Layout, scale: _Scale, top: float, say: Catalogue) -> list[Element]:
    def height(value: float) -> float:
        return top + layout.angle * (0.5 - value / 180)

    name, timeline = say.text("overview.angle", limb=words.limb(night, say)), night.timeline
    points = [
        None if value is None else (scale(time), height(value))
        for time, value in _columns(timeline.angle_deg, timeline.epoch_s, scale, median)
    ]
    return [
        words_at(name, 0.0, top - 8, class_="name"),
        *levels({"90°": 90, "0°": 0, "-90°": -90}, height, layout.left, layout.edge),
        element("path", class_="angle", d=line_path(points) or "M0 0"),
    ]


def _columns(
    values: Sequence[float | None], epoch_s: float, scale: _Scale, join: Callable[[list[float]], float]
) -> list[tuple[float, float | None]]:
    """(time, value) for columns of a pixel and a half, joined by max or median; None where all is missing."""
    size = max(1, math.ceil(1.6 / (scale.per_s * epoch_s))) if values else 1
    joined: list[tuple[float, float | None]] = []
    for start in range(0, len(values), size):
        part = values[start : start + size]
        known = [value for value in part if value is not None]
        joined.append(((start + len(part) / 2) * epoch_s, join(known) if known else None))
    return joined


def _lane(
    night: Night, label: Label, layout: Layout, scale: _Scale, top: float, say: Catalogue
) -> list[Element]:
    text = words.plain(say.count(f"label.{label}", night.counts[label] or 0))
    y = top + layout.lane - 12
    marks = []
    for kind, beside in ((str(label), False), (f"{label} beside", True)):
        times = [
            row["onset_s"] for row in night.rows if row["label"] == label and stands_apart(row) == beside
        ]
        places = sorted({round(scale(time)) for time in times})  # whole pixels: a day holds thousands
        path = "".join(f"M{x} {y:.0f}{SHAPES[label]}" for x in places)
        marks += [element("path", class_=f"mark {kind}", d=path)] if path else []
    if layout.lane_above:
        name = words_at(text, 0.0, top + 10, class_="lane")
    else:
        name = words_at(text, layout.left - 12, y + 4, anchor="end", class_="lane")
    line = level_line(layout.left, layout.edge, y, digits=0)
    return [line, name, *marks]


def _time_axis(clock: Clock, layout: Layout, scale: _Scale, end: float, bottom: float) -> list[Element]:
    hours = clock.hours(end)
    every = max(1, math.ceil(len(hours) / layout.ticks))
    drawn = [level_line(layout.left, layout.edge, bottom, digits=0)]
    for time, label in hours[::every]:
        x = scale(time)
        anchor = "end" if x > layout.width - 18 else "middle"
        drawn.append(element("path", class_="axis-tick", d=f"M{x:.1f} {bottom:.0f}v6"))
        hour, _, zone = label.partition(" ") if clock.known else (label, "", "")
        drawn.append(words_at(hour, x, bottom + 20, anchor=anchor))
        drawn += [words_at(zone, x, bottom + 33, anchor=anchor)] if zone else []
    return drawn
