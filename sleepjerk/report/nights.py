"""Several nights: the calendar of a week, the table behind it, and twitches an hour from night to night as a picture.

Knows nights in one line each and the catalogue; judges and computes nothing.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sleepjerk.judging.criteria import Kind, counted_by, ids
from sleepjerk.night.verdict import NightLine, Week
from sleepjerk.report.catalogue import Catalogue, Number, Sentence
from sleepjerk.report.pictures import Layout
from sleepjerk.report.svg import Element, element, level_line, levels, nice, picture, symbol, words_at
from sleepjerk.report.words import known, plain

Height = Callable[[float], float]
Place = Callable[[int], float]

# A state of a night -> its shape, told apart without colour.
SHAPES = {
    "shaking": "m0-8l8 14h-16z",
    "frequent": "m0-8l8 8-8 8-8-8z",
    "quiet": "m-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0zm3 0a4 4 0 1 1 8 0a4 4 0 1 1-8 0z",
    "open": "m-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0zm3 0a4 4 0 0 1 8 0z",
    "not_counting": "m-7-2h14v4h-14z",
    "not_recorded": "m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0z",
}
# The words of the calendar, and the criteria of a night that they stand for.
_SHAKING, _FREQUENT, _SIGNIFICANT = ids(kind=Kind.SHAKING), counted_by("W2"), counted_by("W5")
_TALL, _TOP, _BOTTOM, _LEFT, _RIGHT = 210.0, 22.0, 40.0, 44.0, 14.0
_NOON_H = 12


def state_of(line: NightLine | None) -> str:
    """The word for a night, as a key of the catalogue's section "week"."""
    if line is None:
        return "not_recorded"
    if any(line.met.get(name) for name in _SHAKING):
        return "shaking"
    if any(line.met.get(name) for name in _FREQUENT):
        return "frequent"
    if not line.valid:
        return "not_counting"
    return "open" if None in (line.met.get(name) for name in _FREQUENT) else "quiet"


def more_of(line: NightLine | None, say: Catalogue) -> list[str]:
    """What else was met in this night, in a word each."""
    if line is None:
        return []
    more = {"significant": _SIGNIFICANT, "periodic": ids(kind=Kind.PERIODIC)}
    return [
        say.text(f"week.{word}") for word, names in more.items() if any(line.met.get(name) for name in names)
    ]


def week_cells(week: Week, say: Catalogue) -> list[dict[str, object]]:
    """The seven dates in their order, recorded or not."""
    cells = _cells(week.nights, date.fromisoformat(week.first), date.fromisoformat(week.last), say)
    return [cell | {"tonight": cell["date"] == week.last} for cell in cells]


def months(lines: Sequence[NightLine], say: Catalogue) -> list[tuple[str, list[dict[str, object]]]]:
    """A calendar of each month, the last one first, from its first night that was kept to its last."""
    by_month: dict[tuple[int, int], list[NightLine]] = {}
    for line in lines:
        day = date.fromisoformat(line.night)
        by_month.setdefault((day.year, day.month), []).append(line)
    names = say.text("language.months").split()
    found = []
    for (year, month), kept in sorted(by_month.items(), reverse=True):
        first, last = (date.fromisoformat(kept[place].night) for place in (0, -1))
        name = say.text("trend.month", month=names[month - 1], year=str(year))
        found.append((name, _cells(kept, first, last, say)))
    return found


def _cells(lines: Sequence[NightLine], first: date, last: date, say: Catalogue) -> list[dict[str, object]]:
    by_date = {line.night: line for line in lines}
    days = [first + timedelta(days=back) for back in range((last - first).days + 1)]
    return [
        {
            "date": str(day),
            "day": weekday(day, say),
            "short": short_date(day, say),
            "column": day.weekday() + 1,
            "state": state_of(by_date.get(str(day))),
            "more": more_of(by_date.get(str(day)), say),
            "line": by_date.get(str(day)),
        }
        for day in days
    ]


def weekday(day: date, say: Catalogue) -> str:
    """Its short name."""
    return say.text("language.days").split()[day.weekday()]


def short_date(day: date, say: Catalogue) -> str:
    """22 Nov, for tables and axes."""
    month = say.text("language.short_months").split()[day.month - 1]
    return say.text("language.short_date", day=str(day.day), month=month)


def short_day(day: date, say: Catalogue) -> str:
    """Sun 22 Nov."""
    return f"{weekday(day, say)} {short_date(day, say)}"


def night_rows(lines: Sequence[NightLine], say: Catalogue) -> list[dict[str, object]]:
    """The table behind calendar and picture, the last night first."""
    return [
        {
            "day": short_day(date.fromisoformat(line.night), say),
            "state": say.text(f"week.{state_of(line)}"),
            "more": more_of(line, say),
            "twitches": known(None if line.analysed_h is None else line.twitches, 0, say),
            "hours": known(line.analysed_h, 1, say, "unit.hours"),
            "rate": known(line.per_h, 1, say),
            "interval": _interval(line, say),
            "asleep": "" if line.asleep is None or line.awake is None else f"{line.asleep} – {line.awake}",
        }
        for line in reversed(lines)
    ]


def _interval(line: NightLine, say: Catalogue) -> Sentence:
    if line.per_h_low is None or line.per_h_high is None:
        return (say.text("language.unknown"),)
    return say.say("week.interval", low=known(line.per_h_low, 1, say), high=known(line.per_h_high, 1, say))


def draw_state(state: str) -> str:
    """The shape of a night's state; the word beside it says what it is."""
    return symbol(element("path", class_=f"state-{state}", d=f"M10 10{SHAPES[state]}"), 20, class_="shape")


def draw_trend(lines: Sequence[NightLine], limit_per_h: float | None, layout: Layout, say: Catalogue) -> str:
    """A mark a night at its twitches an hour, the exact interval through it; hollow where the night doesn't count."""
    ends = [line.per_h_high for line in lines if line.per_h_high is not None]
    top = nice(max([*ends, limit_per_h or 0.0, 1.0]))
    base = _TALL - _BOTTOM

    def up(value: float) -> float:
        return base - (base - _TOP) * min(value / top, 1.0)

    inside = _levels(top, limit_per_h, layout, up, say)
    return _by_night("trend", lines, layout, say, inside, lambda line, x: _night_mark(line, x, up))


def draw_hours(lines: Sequence[NightLine], layout: Layout, say: Catalogue) -> str:
    """A bar a night from falling asleep to waking, the evening above."""
    slept = {
        line.night: (_after_noon_h(line.asleep), _after_noon_h(line.awake))
        for line in lines
        if line.asleep is not None and line.awake is not None
    }
    first = 3 * int(min((asleep for asleep, _ in slept.values()), default=9.0) // 3)
    last = max([first + 3, *(-3 * int(-awake // 3) for _, awake in slept.values())])
    base = _TALL - _BOTTOM

    def down(hour: float) -> float:
        return _TOP + (base - _TOP) * (hour - first) / (last - first)

    def mark(line: NightLine, x: float) -> list[Element]:
        if line.night not in slept:
            return []
        begin, end = (down(hour) for hour in slept[line.night])
        kind = "bar" if line.valid else "mark-hollow"
        return [element("rect", class_=kind, x=x - 2.5, y=begin, width=5.0, height=max(1.0, end - begin))]

    marks = {f"{(hour + _NOON_H) % 24:02d}:00": hour for hour in range(first, last + 1, 3)}
    axis = [
        words_at(say.text("trend.hours_axis"), 0.0, 12.0, class_="name"),
        *levels(marks, down, _LEFT, layout.width - _RIGHT, apart=5),
    ]
    return _by_night("hours", lines, layout, say, axis, mark)


def _after_noon_h(clock: str) -> float:
    """Hours since the noon before, so that the evening comes before the morning."""
    hours, minutes = clock.split(":")
    return (int(hours) + int(minutes) / 60 - _NOON_H) % 24


def _by_night(
    name: str,
    lines: Sequence[NightLine],
    layout: Layout,
    say: Catalogue,
    behind: list[Element],
    mark: Callable[[NightLine, float], list[Element]],
) -> str:
    """A picture with the dates below, and of each night what `mark` draws at its place."""
    days = [date.fromisoformat(line.night).toordinal() for line in lines]
    first, last = min(days), max(days)
    span = layout.width - _LEFT - _RIGHT

    def across(day: int) -> float:
        return _LEFT + span * ((day - first + 0.5) / (last - first + 1))

    inside = list(behind)
    for line, day in zip(lines, days, strict=True):
        inside += mark(line, across(day))
    inside += _dates(first, last, layout, across, say)
    told = say.say(
        "trend.picture_about",
        nights=Number(len(lines), str(len(lines))),
        **{"from": say.day(lines[0].night), "to": say.day(lines[-1].night)},
    )
    title = say.text("trend.picture" if name == "trend" else "trend.hours_picture")
    return picture(layout.width, _TALL, f"{name}-{layout.name}", title, plain(told), inside)


def _levels(
    top: float, limit_per_h: float | None, layout: Layout, up: Height, say: Catalogue
) -> list[Element]:
    marks, right = {_plain(value, say): value for value in (0.0, top / 2, top)}, layout.width - _RIGHT
    drawn = [
        words_at(say.text("trend.axis"), 0.0, 12.0, class_="name"),
        *levels(marks, up, _LEFT, right, apart=6),
    ]
    if limit_per_h is not None:
        drawn.append(level_line(_LEFT, right, up(limit_per_h), class_="limit"))
        # Above the plot, where no night's interval can cross it.
        text = say.text("trend.limit", value=_plain(limit_per_h, say))
        drawn.append(words_at(text, right, 12.0, anchor="end"))
    return drawn


def _plain(value: float, say: Catalogue) -> str:
    return f"{value:g}".replace(".", say.text("language.decimal"))


def _night_mark(line: NightLine, x: float, up: Height) -> list[Element]:
    if line.per_h is None or line.per_h_low is None or line.per_h_high is None:
        return [element("path", class_="mark-none", d=f"M{x:.1f} {up(0):.1f}m-3-3l6 6m0-6l-6 6")]
    kind = "mark-night" if line.valid else "mark-hollow"
    bar = element("path", class_="band", d=f"M{x:.1f} {up(line.per_h_low):.1f}V{up(line.per_h_high):.1f}")
    shape = (
        "m0-6l6 6-6 6-6-6z"
        if state_of(line) == "frequent"
        else "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z"
    )
    return [bar, element("path", class_=kind, d=f"M{x:.1f} {up(line.per_h):.1f}{shape}")]


def _dates(first: int, last: int, layout: Layout, across: Place, say: Catalogue) -> list[Element]:
    every, drawn = max(1, -(-(last - first + 1) // layout.ticks)), []
    for day in range(last, first - 1, -every):
        x, text = across(day), short_date(date.fromordinal(day), say)
        at, anchor = (layout.width, "end") if x > layout.width - 24 else (x, "middle")
        drawn.append(words_at(text, at, _TALL - _BOTTOM + 20, anchor=anchor))
    return drawn
