"""What the numbers of a stream of lines mean: by what a person says, by words, by what gravity amounts to.

Knows lines. Must not know ports or clocks. Words go before numbers, raw values before what was computed of them; where
two columns could be meant nothing is recorded until a person says which: a night can't be mended in the morning.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from statistics import median

from firmware_io.wire import Heading, Line
from firmware_io.wire.gravity import (
    CLOCK_FITS,
    TICKS_S,
    analogue,
    axes_by_gravity,
    fitting,
    grows,
    passed,
    raw_of,
    takes_turns,
)
from firmware_io.wire.labels import ACCELERATION, PLAIN, Meaning, meanings, triplets
from firmware_io.wire.lines import UNITS, Layout, Sample, decimals_of, kind_of, numbers_in

_MIN_LINES = 20
_MIN_SHARE = 0.1  # of the lines; fewer are a word now and then, or damage
_RATES_HZ = (5.0, 2000.0)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of the columns; each None where nothing was said.

    `columns`: "X,Y,Z" or "T,X,Y,Z", by name or by number from 1 over the numbers of a line; `unit` as in `UNITS`, or
    counts:PER_G; `time_unit`: "s", "ms" or "us".
    """

    columns: str | None = None
    unit: str | None = None
    rate_hz: float | None = None
    time_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a stream of lines holds: how a sample is printed, what its numbers mean, and why, in words."""

    sample: Sample
    layout: Layout
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What could be meant: as `Said.columns` names it, and the first values of x, y and z."""

    columns: str
    shown: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the columns can't be told, in one sentence that says what decides; what could be meant, if several could."""

    sentence: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Lines that may hold the acceleration, where in them, and what says so."""

    kinds: tuple[tuple[str, ...], ...]
    rows: list[tuple[float, ...]]
    axes: tuple[int, int, int]
    why: str


def find_columns(
    lines: Sequence[Line],
    seconds: float,
    heading: Heading | None = None,
    names: Sequence[str] = (),
    said: Said | None = None,
    first_lines: int = 0,
) -> Found | Refusal:
    """What the numbers mean, or why that can't be told and what decides.

    Parameters
    ----------
    lines
        Some seconds of lines.
    seconds
        How long they took to arrive.
    heading
        What the stream said of itself; then nothing is guessed.
    names
        Of the columns, where a line without numbers named them.
    said
        What a person says.
    first_lines
        How many came at once with the first, and so in no time.
    """
    said = said or Said()
    if len(lines) < _MIN_LINES:
        return Refusal(f"only {len(lines)} lines with numbers came in {seconds:.0f} s")
    if heading is not None:
        return _as_promised(lines, seconds, heading)
    groups = _groups(lines)
    found = _by_option(groups, names, said.columns) if said.columns else _choose(groups, names, seconds)
    if isinstance(found, str):
        return Refusal(found)
    if any(takes_turns(each.rows, each.axes) for each in found):
        return Refusal(_TURNS)
    if len(found) > 1:
        return _ask(found, groups, names)
    (chosen,) = found
    unit = _unit(chosen, said)
    if unit and said.unit is None and analogue(chosen.rows, chosen.axes):
        return Refusal(_ANALOGUE.format(unit=unit[0]))
    if unit is None:
        return Refusal(_no_unit(chosen))
    share = len(chosen.rows) * len(chosen.kinds) / len(lines)
    arrived_hz = (
        max(len(chosen.rows) - share * first_lines / len(chosen.kinds), 1) / seconds if seconds > 0 else 0.0
    )
    time_column, tick_s, rate_hz = _find_time(chosen, names, arrived_hz, said)
    name, per_g = unit
    layout = Layout(
        columns=len(chosen.rows[0]),
        first_axis=chosen.axes[0],
        unit=name,
        per_g=per_g,
        time_column=time_column,
        tick_s=tick_s,
        rate_hz=said.rate_hz or rate_hz,
        decimals=_axis_decimals(lines, chosen),
        axes=chosen.axes,
    )
    several = len(groups) > 1 and any(any(kind) for kind in chosen.kinds)
    sample = Sample(chosen.kinds, frozenset(set(groups) - set(chosen.kinds))) if several else Sample()
    return Found(sample, layout, chosen.why)


def _groups(lines: Sequence[Line]) -> dict[tuple[str, ...], list[Line]]:
    """The kinds of lines that come again and again, by their words and how many numbers they hold."""
    kinds = [kind_of(line) for line in lines]
    most = Counter(kinds).most_common(1)[0][1]
    found: dict[tuple[str, ...], list[Line]] = {}
    for kind, line in zip(kinds, lines, strict=True):
        found.setdefault(kind, []).append(line)
    return {kind: some for kind, some in found.items() if len(some) >= max(2, _MIN_SHARE * most)}


def _choose(
    groups: dict[tuple[str, ...], list[Line]], names: Sequence[str], seconds: float
) -> list[_Candidate] | str:
    """By words where there are any; else by what gravity amounts to; several where each could be it."""
    named = {kind: _meanings(kind, names) for kind in groups}
    for quantity in (ACCELERATION, PLAIN):
        found = [
            _Candidate((kind,), _rows(groups[kind]), axes, f"named {_label(kind, names, axes)}")
            for kind, meaning in named.items()
            for axes in triplets(meaning, quantity)
        ]
        found += _axis_by_axis(groups, named, quantity)
        if found:
            return _raw(found)
    nameless = [kind for kind, meaning in named.items() if not any(each.axis for each in meaning)]
    usable = [kind for kind in nameless if all(each.quantity != "other" for each in named[kind])]
    if not usable:
        words = " ".join(word for kind in groups for word in kind if word)[:60]
        return f"no acceleration is among what it prints ({words}); {_DECIDE}"
    kind = max(usable, key=lambda each: len(groups[each]))
    rows = _rows(groups[kind])
    if len(rows[0]) < 3:
        return f"lines hold {len(rows[0])} numbers, but three axes are needed"
    fits = axes_by_gravity(rows, seconds)
    if fits:
        return [_Candidate((kind,), rows, axes, "of a length that gravity has") for axes in fits]
    shown = ", ".join(f"{number:g}" for number in rows[-1])
    return (
        "no three neighbouring columns look like an acceleration of 1 g in a known unit "
        f"(last line: {shown}); {_DECIDE}"
    )


def _raw(found: list[_Candidate]) -> list[_Candidate]:
    """Of vectors of one line that always point the same way the raw one."""
    if len({each.kinds for each in found}) > 1:
        return found
    kept = raw_of(found[0].rows, [each.axes for each in found])
    return [each for each in found if each.axes in kept]


def _ask(found: list[_Candidate], groups: dict[tuple[str, ...], list[Line]], names: Sequence[str]) -> Refusal:
    """Which of several it is; each as it can be named, or as nothing names it."""
    choices = []
    for each in found[:_MOST_CHOICES]:
        words = names if not any(each.kinds[0]) and len(names) == len(each.kinds[0]) else each.kinds[0]
        if len(each.kinds) > 1:
            words = [kind[0] for kind in each.kinds]
        named = ",".join("".join(_words(words[place])) for place in each.axes)
        for columns in (",".join(str(place + 1) for place in each.axes), named):
            if _by_option(groups, names, columns) == [replace(each, why="as given")]:
                values = [tuple(row[place] for place in each.axes) for row in each.rows[:_SHOWN]]
                choices.append(Choice(columns, tuple(values)))
                break
    what = " or ".join(choice.columns for choice in choices)
    lines = " or ".join(f"--columns {choice.columns}" for choice in choices)
    return Refusal(f"columns {what} could be the acceleration; say which with {lines}", tuple(choices))


_SHOWN = 3  # lines of each
_MOST_CHOICES = 9  # one key is pressed
_TURNS = (
    "lines of several sensors or kinds take turns, and no word tells them apart; let the sketch print a name before "
    "the numbers of each (acc: or gyro:), or all in one line"
)
_ANALOGUE = (
    "the three axes are nearly the same, as those of an analogue sensor whose zero isn't 0: such numbers can't be "
    "used. If 0 does mean 0 g, turn the board, or say --unit {unit}"
)
_DECIDE = "say which with --columns X,Y,Z (names, or numbers from 1), and --unit"


def _meanings(kind: tuple[str, ...], names: Sequence[str]) -> list[Meaning]:
    """By the words in the line, else by the names of a heading with as many."""
    if not any(kind) and len(names) == len(kind):
        return meanings([" ".join(_words(name)) for name in names])
    return meanings(kind)


def _words(name: str) -> list[str]:
    spaced = "".join(f" {sign}" if sign.isupper() else sign for sign in name) if not name.isupper() else name
    return "".join(sign if sign.isalpha() else " " for sign in spaced).lower().split()


def _label(kind: tuple[str, ...], names: Sequence[str], axes: tuple[int, int, int]) -> str:
    words = names if not any(kind) and len(names) == len(kind) else kind
    return ", ".join(word for place in axes if (word := words[place].strip()))


def _axis_by_axis(
    groups: dict[tuple[str, ...], list[Line]], named: dict[tuple[str, ...], list[Meaning]], quantity: str
) -> list[_Candidate]:
    """Three kinds of lines with one number each: an axis a line."""
    single = {
        meaning[0].axis: kind
        for kind, meaning in named.items()
        if len(kind) == 1 and meaning[0].axis and meaning[0].quantity == quantity
    }
    if sorted(single) != ["x", "y", "z"]:
        return []
    kinds = tuple(single[axis] for axis in "xyz")
    return [_of_lines(groups, kinds, f"named {', '.join(kind[0] for kind in kinds)}, an axis a line")]


def _of_lines(
    groups: dict[tuple[str, ...], list[Line]], kinds: tuple[tuple[str, ...], ...], why: str
) -> _Candidate:
    """An axis a line."""
    rows = [
        (*x.numbers, *y.numbers, *z.numbers)
        for x, y, z in zip(*(groups[kind] for kind in kinds), strict=False)
    ]
    return _Candidate(kinds, rows, (0, 1, 2), why)


def _rows(lines: Sequence[Line]) -> list[tuple[float, ...]]:
    """The numbers of the lines that hold as many as most do."""
    count = Counter(len(line.numbers) for line in lines).most_common(1)[0][0]
    return [line.numbers for line in lines if len(line.numbers) == count]


def _unit(chosen: _Candidate, said: Said) -> tuple[str, float] | None:
    """Its name, and how much of it is 1 g."""
    if said.unit is not None:
        return said.unit, unit_per_g(said.unit)
    lengths = [math.hypot(*(row[place] for place in chosen.axes)) for row in chosen.rows]
    units = fitting(chosen.rows, chosen.axes, median(lengths))
    return (units[0], UNITS[units[0]]) if units else None


def unit_per_g(unit: str) -> float:
    """How much of a unit is 1 g.

    Raises
    ------
    ValueError
        There is no such unit.
    """
    if unit in UNITS:
        return UNITS[unit]
    name, _, number = unit.partition(":")
    per_g = float(number) if name == "counts" else 0.0
    if not 0 < per_g < 1e6:
        raise ValueError(unit)
    return per_g


def _no_unit(chosen: _Candidate) -> str:
    length = median(math.hypot(*(row[place] for place in chosen.axes)) for row in chosen.rows)
    return (
        f"the columns {chosen.why} have a length of {length:.4g} at rest, which is 1 g in no known unit: acceleration "
        "without gravity can't be used; else say --unit counts:PER_G"
    )


def _by_option(
    groups: dict[tuple[str, ...], list[Line]], names: Sequence[str], columns: str
) -> list[_Candidate] | str:
    """What --columns names."""
    wanted = [name.strip().lower() for name in columns.split(",")]
    shown = []
    for kind, lines in groups.items():
        labels = (
            [" ".join(_words(name)) for name in names]
            if len(names) == len(kind) and not any(kind)
            else list(kind)
        )
        rows = _rows(lines)
        places = [_place(name, labels, len(rows[0])) for name in wanted]
        if len(places) in (3, 4) and all(place is not None for place in places):
            axes = [place for place in places if place is not None][-3:]
            return [_Candidate((kind,), rows, (axes[0], axes[1], axes[2]), "as given")]
        shown.append(", ".join(f"{number + 1} {label}".strip() for number, label in enumerate(labels)))
    single = {"".join(_words(kind[0])): kind for kind in groups if len(kind) == 1}
    if len(wanted) == 3 and all(name in single for name in wanted):
        return [_of_lines(groups, tuple(single[name] for name in wanted), "as given")]
    return (
        f"--columns {columns}: expected X,Y,Z or T,X,Y,Z among the numbers of a line: {'; or '.join(shown)}"
    )


def _place(name: str, labels: Sequence[str], count: int) -> int | None:
    if name.isdecimal():
        return int(name) - 1 if 1 <= int(name) <= count else None
    known = [label.replace(" ", "") for label in labels]
    bare = "".join(_words(name))
    return known.index(bare) if bare in known else None


def _axis_decimals(lines: Sequence[Line], chosen: _Candidate) -> int:
    """Most digits after the point that any axis was printed with."""
    last = (line for line in reversed(lines) if kind_of(line) in chosen.kinds)
    some = list(islice(last, _MIN_LINES))
    if len(chosen.kinds) > 1:
        return max((decimals_of(word) for line in some for word in numbers_in(line.text)), default=0)
    words = [numbers_in(line.text) for line in some]
    return max(
        (decimals_of(row[place]) for row in words for place in chosen.axes if place < len(row)), default=0
    )


def _find_time(
    chosen: _Candidate, names: Sequence[str], arrived_hz: float, said: Said
) -> tuple[int | None, float | None, float]:
    """The column whose steps agree with the arrival of the lines; a counter of samples does not."""
    wanted = None
    if said.columns is not None and said.columns.count(",") == 3:
        labels = [" ".join(_words(name)) for name in names] or [*chosen.kinds[0]]
        wanted = _place(said.columns.split(",")[0].strip().lower(), labels, len(chosen.rows[0]))
    units = TICKS_S if said.time_unit is None else {said.time_unit: TICKS_S[said.time_unit]}
    best: tuple[float, int, float, float] | None = None
    for column in range(len(chosen.rows[0])) if wanted is None else [wanted]:
        values = [row[column] for row in chosen.rows]
        if column in chosen.axes or not grows(values):
            continue
        for tick_s in units.values():
            # Many steps together: stamps may be rounded, or jump by hundredths.
            rate_hz = (len(values) - 1) / (passed(values) * tick_s)
            step_hz = 1 / (median(after - before for before, after in pairwise(values)) * tick_s)
            rate_hz = step_hz if abs(math.log(step_hz / rate_hz)) < CLOCK_FITS else rate_hz
            distance = abs(math.log(rate_hz / arrived_hz)) if arrived_hz else 0.0
            fits = _RATES_HZ[0] <= rate_hz <= _RATES_HZ[1] and (distance < CLOCK_FITS or wanted is not None)
            if fits and (best is None or distance < best[0]):
                best = (distance, column, tick_s, rate_hz)
    return (None, None, arrived_hz) if best is None else (best[1], best[2], best[3])


def _as_promised(lines: Sequence[Line], seconds: float, heading: Heading) -> Found | Refusal:
    """As the stream's own heading says (W10)."""
    rows = _rows(lines)
    columns, first_axis = len(rows[0]), 0 if heading.tick_s is None else 1
    if columns < first_axis + 3:
        return Refusal(f"lines hold {columns} numbers, but the heading promises {first_axis + 3}")
    axes = (first_axis, first_axis + 1, first_axis + 2)
    chosen = _Candidate((kind_of(lines[-1]),), rows, axes, "as the board's heading says")
    rate_hz = heading.rate_hz or _find_time(chosen, (), len(rows) / seconds if seconds else 0.0, Said())[2]
    layout = Layout(
        columns,
        first_axis,
        heading.unit,
        heading.per_g,
        None if heading.tick_s is None else 0,
        heading.tick_s,
        rate_hz,
        _axis_decimals(lines, chosen),
        heading.sensor,
    )
    return Found(Sample(), layout, chosen.why)


def with_end(found: Found, end: int, *, commas: bool) -> Found:
    """The same, for lines that end with another byte, or are written with decimal commas."""
    return replace(found, sample=replace(found.sample, end=end, commas=commas))
