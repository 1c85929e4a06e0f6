"""Which column is the time, which are x, y and z, which rows count: by option, by name, by what the first rows hold.

Knows names and first rows. Must not know samples. What could be one thing or another is asked for, in a sentence that
names both and the option that decides.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.reading import names
from sleepjerk.reading.iso import Form, decode_stamps, find_form
from sleepjerk.reading.layout import Layout
from sleepjerk.reading.units import WITH_GRAVITY
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

_MOST_SENSORS = 12  # plain: columns with more values are labels or measurements
_SHOWN = 4  # plain: words in a message
_LEAST_TURNS = 3  # plain: what is another sensor's comes back again and again
_FAR = 5  # plain: times as far from another sensor's row as from one of the same
_AGREE = 0.1  # plain: of a power of ten; in a minute a clock of whole seconds is off by less
_COARSE = 0.5  # plain: a clock that tells less than every second row apart is no clock of samples


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is which, and what the names say of units.

    Attributes
    ----------
    time
        Column of the time; None when there is none.
    axes
        Columns of x, y and z.
    time_unit, unit
        As the names say; None when they don't.
    form
        How times are written, where they are text.
    date
        Column of the date, where the time is a clock's without one.
    gravity
        Three columns that are added to the axes, where movement and gravity stand apart.
    only
        A column and the word in it of the rows that count; None for all.
    start
        Where another column than the time tells when the first row was recorded: its cell.
    notes
        What was chosen, and why.
    """

    time: int | None
    axes: tuple[int, int, int]
    time_unit: str | None
    unit: str | None
    form: Form | None = None
    date: int | None = None
    gravity: tuple[int, int, int] | None = None
    only: tuple[int, str] | None = None
    start: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def places(self) -> set[int]:
        """All that are read."""
        others = [self.time, self.date, None if self.only is None else self.only[0]]
        return {*self.axes, *(self.gravity or ()), *(place for place in others if place is not None)}


def find_columns(
    path: Path,
    layout: Layout,
    wanted: str | None,
    rules: ReadingRules,
    *,
    rows: str | None = None,
    order: str | None = None,
    timed: bool = True,
) -> Columns:
    """Decide which column is which.

    Parameters
    ----------
    wanted, rows
        What a person gave as --columns and --rows.
    order
        "dmy" or "mdy", where a banner or a person says it.
    timed
        Whether the time is asked for; a given rate needs none.

    Raises
    ------
    InputError
        It can't be told, or an option names what isn't there.
    """
    if wanted is not None:
        columns = _named_by_option(path, layout, wanted)
    elif not layout.has_header:
        columns = _without_names(path, layout)
    else:
        columns = _by_name(path, layout)
        time = _find_time(path, layout, order, rules) if timed else None
        columns = columns if time is None else replace(columns, time=time)
    columns = _with_form(path, layout, columns, order)
    columns = _with_start(layout, columns, order) if wanted is None and layout.has_header else columns
    return replace(columns, only=_find_rows(path, layout, columns, rows))


def _columns(layout: Layout, time: int | None, axes: Sequence[int]) -> Columns:
    found = {names.unit_of(layout.names[place], layout.unit_below(place)) for place in axes}
    unit = found.pop() if len(found) == 1 else None
    return Columns(time, (axes[0], axes[1], axes[2]), None, unit)


def _named_by_option(path: Path, layout: Layout, wanted: str) -> Columns:
    said = [name.strip() for name in wanted.split(",")]
    if len(said) not in (3, 4):
        raise InputError(f"--columns {wanted}: expected T,X,Y,Z, or X,Y,Z together with --rate")
    places = [place_of(path, layout, name, "--columns") for name in said]
    if len(set(places)) < len(places):
        raise InputError(f"--columns {wanted}: the same column is named twice")
    return _columns(layout, places[0] if len(places) == 4 else None, places[-3:])


def place_of(path: Path, layout: Layout, name: str, option: str) -> int:
    """Which column a person means, by its name or its number from 1."""
    known = [known.strip().lower() for known in layout.names]
    if name.lower() in known:
        return known.index(name.lower())
    if name.isdecimal() and 1 <= int(name) <= len(known):
        return int(name) - 1
    columns = ", ".join(layout.names) if layout.has_header else f"{len(known)} columns without names"
    raise InputError(f"{path}: {option} names {name!r}, but the file has {columns}")


def _filled(layout: Layout) -> list[int]:
    """The columns that hold anything in the first rows."""
    rows = layout.head or (layout.cells,)
    return [place for place in range(len(layout.cells)) if any(row[place] for row in rows)]


def _without_names(path: Path, layout: Layout) -> Columns:
    filled = _filled(layout)
    forms = [_form(layout, place, None) for place in filled[:2]]
    dated = [form.holds for form in forms if form] == ["date", "clock"]
    if dated and len(filled) == 5:  # plain: and three axes
        return replace(_columns(layout, filled[1], filled[2:]), date=filled[0])
    if len(filled) == 4:
        return _columns(layout, filled[0], filled[1:])
    if len(filled) == 3:
        return _columns(layout, None, filled)
    raise InputError(
        f"{path}: {len(layout.cells)} columns without names; say which is which with --columns, such as 1,2,3,4"
    )


def _by_name(path: Path, layout: Layout) -> Columns:
    """The three columns of acceleration among all that have x, y and z."""
    triplets: dict[tuple[str, tuple[str, ...], int], dict[str, int]] = defaultdict(dict)
    for place, name in enumerate(layout.names):
        axis = names.axis_of(name)
        if axis is not None and axis.kind != "other":
            again = 0
            while axis.axis in triplets[axis.kind, axis.shared, again]:
                again += 1
            triplets[axis.kind, axis.shared, again][axis.axis] = place
    whole = {key: [found[axis] for axis in "xyz"] for key, found in triplets.items() if len(found) == 3}
    among = f"among {', '.join(layout.names)}; name them with --columns T,X,Y,Z"
    down = [places for key, places in whole.items() if key[0] == "gravity"]
    moved = [places for key, places in whole.items() if key[0] == "without gravity"]
    for kind in ("acceleration", "plain"):
        some = _best({key[1:]: places for key, places in whole.items() if key[0] == kind})
        if len(some) > 1:
            which = " or ".join(layout.shown(places) for places in some)
            raise InputError(f"{path}: more than one column could be x, y or z ({which}) {among}")
        if some and len(down) == 1 and 2 * _size(layout, some[0]) < _size(layout, down[0]):
            moved = moved or some  # a watch calls so what is left when gravity is taken out
        elif some:
            left = len(whole) - 1
            notes = [f"columns: {layout.shown(some[0])} of {left + 1} triplets, by name"] if left else []
            return replace(_columns(layout, None, some[0]), notes=tuple(notes))
    if len(moved) == 1 and len(down) == 1:
        note = f"columns: {layout.shown(moved[0])} and {layout.shown(down[0])} were added up: movement and gravity"
        gravity = (down[0][0], down[0][1], down[0][2])
        return replace(_columns(layout, None, moved[0]), gravity=gravity, notes=(note,))
    if moved:
        raise InputError(f"{path}: {layout.shown(moved[0])} hold movement without gravity, {WITH_GRAVITY}")
    raise InputError(f"{path}: no columns x, y and z of acceleration {among}")


def _size(layout: Layout, places: Sequence[int]) -> float:
    """What three columns amount to in the first rows; NaN where nobody has seen them."""
    sizes = np.linalg.norm([[_number(cell) for cell in _cells(layout, place)] for place in places], axis=0)
    sizes = sizes[np.isfinite(sizes)]
    return float(np.median(sizes)) if len(sizes) else float("nan")


def _best(triplets: dict[tuple[tuple[str, ...], int], list[int]]) -> list[list[int]]:
    """Those that nothing speaks against: what a filter made, or counts of what is there in units, too."""
    kept = {key: places for key, places in triplets.items() if not set(key[0]) & names.COMPUTED} or triplets
    kept = {key: places for key, places in kept.items() if set(key[0]) & names.G_FORCE} or kept
    in_units = [set(key[0]) - {names.CALIBRATED} for key in kept if names.CALIBRATED in key[0]]
    return [
        places
        for key, places in kept.items()
        if not (names.RAW in key[0] and set(key[0]) - {names.RAW} in in_units)
    ]


def _cells(layout: Layout, place: int) -> list[str]:
    return [row[place] for row in layout.head]


def _form(layout: Layout, place: int, order: str | None) -> Form | None:
    return find_form(_cells(layout, place), order)


def _seconds(layout: Layout, place: int, order: str | None, rules: ReadingRules) -> Floats | None:
    """(n,) what the first rows say of the time, in any unit; None where it is no clock."""
    cells = _cells(layout, place)
    form = find_form(cells, order)
    if form is not None and form.holds != "date":
        texts = np.array([cell.encode("latin-1", "replace") for cell in cells], dtype="S64")
        found = decode_stamps(texts, rules, form).seconds
    elif form is None:
        found = np.array([_number(cell) for cell in cells])
    else:
        return None
    found = found[np.isfinite(found)]
    return found if len(found) > 1 and found[-1] > found[0] else None


def _number(cell: str) -> float:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return float("nan")


def _find_time(path: Path, layout: Layout, order: str | None, rules: ReadingRules) -> int | None:
    """The column of the time: of several clocks the one whose steps are most even; a row's number is none."""
    named = [place for place, name in enumerate(layout.names) if names.is_time(name)]
    if not layout.head:  # a file of columns, whose rows nobody has seen
        sensor_logger = sorted(layout.names[place] for place in named) == ["seconds_elapsed", "time"]
        named = [layout.names.index("time")] if sensor_logger else named
        if len(named) > 1:
            raise _several(path, layout, named)
        return named[0] if named else None
    clocks = {place: _seconds(layout, place, order, rules) for place in named}
    running = {place: clock for place, clock in clocks.items() if clock is not None}
    strong = {
        place: clock
        for place, clock in running.items()
        if not set(names.words_of(layout.names[place])) & names.TIME <= names.WEAK_TIME
    }
    running = strong or running
    if not running and len(layout.head) < 3 and len(named) == 1:
        return named[0]
    if not running:
        form = {place: find_form(_cells(layout, place)) for place in named}
        texts = [place for place in named if form[place] is not None and form[place].holds != "date"]  # type: ignore[union-attr]
        return texts[0] if len(texts) == 1 else (named[0] if len(named) == 1 else None)
    _refuse_disagreeing(path, layout, running)
    uneven = {place: _unevenness(clock) for place, clock in running.items()}
    best = min(uneven.values())
    even = [place for place, value in uneven.items() if value <= best + 0.05]  # plain: as even as the best
    dated = [place for place in even if _tells_date(layout, place, order, rules)]
    return min(dated or even, key=lambda place: (not names.is_time(layout.names[place]), place))


def _refuse_disagreeing(path: Path, layout: Layout, clocks: dict[int, Floats]) -> None:
    """Clocks of one table may differ in unit and zero, but as much time passes by each."""
    passed = [float(clock[-1] - clock[0]) for clock in clocks.values()]
    for length in passed[1:]:
        power = np.log10(length / passed[0])
        if abs(power - 3 * round(power / 3)) > _AGREE:
            raise _several(path, layout, list(clocks))


def _several(path: Path, layout: Layout, places: Sequence[int]) -> InputError:
    return InputError(
        f"{path}: more than one column could be the time ({layout.shown(places)}) among {', '.join(layout.names)}; "
        "name them with --columns T,X,Y,Z"
    )


def _unevenness(clock: Floats) -> float:
    """How far steps lie from the usual one, as a share of it; rows that share a time tell of a coarse clock."""
    steps = np.diff(clock)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    if usual <= 0 or (steps == 0).mean() > _COARSE:
        return float("inf")
    return float(np.mean(np.minimum(np.abs(steps - usual) / usual, 1.0)))


def _tells_date(layout: Layout, place: int, order: str | None, rules: ReadingRules) -> bool:
    form = _form(layout, place, order)
    if form is not None:
        return form.holds in ("date and clock", "digits")
    first = _number(layout.cells[place])
    powers = (1.0, 1e3, 1e6, 1e9)  # plain: s, ms, us, ns
    years = [1970 + first / power / 86400 / 365.25 for power in powers]  # plain: seconds of a year
    return any(rules.epoch_from_year <= year < rules.epoch_to_year for year in years)


def _with_form(path: Path, layout: Layout, columns: Columns, order: str | None) -> Columns:
    """How the times are written; a clock's date may stand in a column of its own."""
    if columns.time is None:
        return columns
    place = columns.time
    unit = names.time_unit_of(layout.names[place], layout.unit_below(place))
    cells = _cells(layout, place) or [layout.cells[place]]
    form = find_form(cells, order) if layout.head else None
    if form is None or form.holds not in ("clock", "date"):
        return replace(columns, time_unit=unit, form=form)
    dates = [columns.date] if columns.date is not None else []
    if not dates and form.holds == "clock":
        forms = {other: _form(layout, other, order) for other in range(len(layout.cells)) if other != place}
        dates = [other for other, found in forms.items() if found is not None and found.holds == "date"]
    if form.holds == "date":
        raise InputError(
            f"{path}: the time column holds only a date such as {cells[0]!r}; name that of the clock with --columns"
        )
    if len(dates) != 1:
        return replace(columns, time_unit=unit, form=form)
    joined = [f"{date} {clock}" for date, clock in zip(_cells(layout, dates[0]), cells, strict=True)]
    return replace(columns, time_unit=unit, form=find_form(joined, order), date=dates[0])


def _with_start(layout: Layout, columns: Columns, order: str | None) -> Columns:
    """Where the time counts from a zero of its own, another column may tell the date."""
    if columns.time is None or (columns.form is not None and columns.form.holds != "clock"):
        return columns
    for place, name in enumerate(layout.names):
        form = _form(layout, place, order) if place not in columns.places and names.is_time(name) else None
        if form is not None and form.holds == "date and clock":
            return replace(columns, start=layout.cells[place])
    return columns


def _find_rows(path: Path, layout: Layout, columns: Columns, rows: str | None) -> tuple[int, str] | None:
    """Which rows count, where those of several sensors stand in one table."""
    if rows is not None:
        name, equals, value = rows.partition("=")
        if not equals:
            raise InputError(f"--rows {rows}: expected COLUMN=WORD, such as hand=left")
        place = place_of(path, layout, name.strip(), "--rows")
        if layout.head and value not in {row[place] for row in layout.head}:
            some = ", ".join([*dict.fromkeys(row[place] for row in layout.head)][:_SHOWN])
            raise InputError(f"{path}: --rows {rows}: that column holds {some}")
        return place, value
    for place in range(len(layout.cells)):
        if place in columns.places or len(layout.head) < 2 * _LEAST_TURNS:
            continue
        cells = _cells(layout, place)
        if not _alternates(cells):
            continue
        if _all_numbers(cells) and not (
            names.names_sensor(layout.names[place]) or _jumps(layout, cells, columns)
        ):
            continue
        words = list(dict.fromkeys(cells))
        ours = [word for word in words if _says_acceleration(word)]
        if len(ours) == 1:
            return place, ours[0]
        name = layout.names[place] or f"column {place + 1}"
        option = " or ".join(f"--rows {name}={word}" for word in words[:_SHOWN])
        by_turns = f"for {name} is {', '.join(words[:_SHOWN])} by turns"
        raise InputError(f"{path}: its rows are of several sensors, {by_turns}; choose with {option}")
    return None


def _all_numbers(cells: Sequence[str]) -> bool:
    return all(re.fullmatch(r"[-+]?\d+([.,]\d+)?", cell) for cell in set(cells))


def _jumps(layout: Layout, words: Sequence[str], columns: Columns) -> bool:
    """Whether rows are much nearer to the last one with the same word than to the one before."""
    values = np.array([[_number(row[axis]) for axis in columns.axes] for row in layout.head])
    last: dict[str, int] = {}
    same, other = [], []
    for row, word in enumerate(words):
        if row and word != words[row - 1] and word in last:
            same.append(np.abs(values[row] - values[last[word]]).max())
            other.append(np.abs(values[row] - values[row - 1]).max())
        last[word] = row
    return bool(np.nanmedian(other) > _FAR * np.nanmedian(same))


def _alternates(cells: Sequence[str]) -> bool:
    """Whether a column says of which sensor a row is: a few words that come by turns, again and again."""
    words = dict.fromkeys(cells)
    if not 2 <= len(words) <= _MOST_SENSORS or "" in words:
        return False
    turns = [word for word, _ in groupby(cells)]
    return all(turns.count(word) >= _LEAST_TURNS for word in words)


def _says_acceleration(word: str) -> bool:
    """Whether a word names an accelerometer, and not what was computed from one."""
    found = set(names.words_of(word))
    joined = "".join(re.findall("[a-z]+", word.lower()))
    known = bool(found & (names.ACCELERATION - {"a", "f"})) or "accelerometer" in joined
    return (
        known
        and not found & (names.WITHOUT_GRAVITY | names.GRAVITY | names.ANOTHER)
        and "linear" not in joined
    )
