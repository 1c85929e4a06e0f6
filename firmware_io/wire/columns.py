"""What the numbers of a stream of lines mean: by what a person says, by words, by what gravity amounts to.

Knows lines. Must not know ports or clocks. Words go before numbers, raw values before what was computed of them; where
two columns could be meant, nothing is recorded and the sentence says which option decides: a night can't be mended in
the morning.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from statistics import median, pstdev

from firmware_io.wire import Heading, Line
from firmware_io.wire.labels import ACCELERATION, PLAIN, Meaning, meanings, triplets
from firmware_io.wire.lines import UNITS, Layout, Sample, decimals_of, kind_of, numbers_in

_TOLERANCE = 0.15  # uncalibrated sensors at rest show 0.85 to 1.15 g
_STEADY = 0.3  # a moving arm changes |a|; a column of angles or of gyroscope values changes it far more
_MIN_LINES = 20
_MIN_SHARE = 0.1  # of the lines; fewer are a word now and then, or damage
_NEAR_TIE = 3.0  # times as steady: then a triplet is an acceleration and the other one is not
_ALIKE = 3.0  # times the noise of another axis; columns of several sensors differ by more
_PARALLEL = 0.995  # cosine; two vectors so alike are one quantity, once raw and once computed
_UNIT_NORM = 0.002  # four numbers whose norm stays so near 1 are a quaternion
_TICKS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0}  # micros(), millis(), seconds
_CLOCK_FITS = 0.2  # a clock agrees with the arrival of the lines within this share; a counter does not
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
) -> Found | str:
    """What the numbers mean, or one sentence that says why that can't be told and what decides.

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
        return f"only {len(lines)} lines with numbers came in {seconds:.0f} s"
    if heading is not None:
        return _as_promised(lines, seconds, heading)
    groups = _groups(lines)
    chosen = _by_option(groups, names, said) if said.columns else _choose(groups, names, seconds)
    if isinstance(chosen, str):
        return chosen
    unit = _unit(chosen, said)
    if unit is None:
        return _no_unit(chosen)
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
) -> _Candidate | str:
    """By words where there are any; else by what gravity amounts to."""
    named = {kind: _meanings(kind, names) for kind in groups}
    for quantity in (ACCELERATION, PLAIN):
        found = [
            _Candidate((kind,), _rows(groups[kind]), axes, f"named {_label(kind, names, axes)}")
            for kind, meaning in named.items()
            for axes in triplets(meaning, quantity)
        ]
        found += _axis_by_axis(groups, named, quantity)
        if len(found) > 1:
            return f"several could be the acceleration ({' or '.join(each.why for each in found)}); {_DECIDE}"
        if found:
            return found[0]
    nameless = [kind for kind, meaning in named.items() if not any(each.axis for each in meaning)]
    usable = [kind for kind in nameless if all(each.quantity != "other" for each in named[kind])]
    if not usable:
        words = " ".join(word for kind in groups for word in kind if word)[:60]
        return f"no acceleration is among what it prints ({words}); {_DECIDE}"
    kind = max(usable, key=lambda each: len(groups[each]))
    return _by_gravity(kind, groups[kind], seconds)


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
    return ", ".join(words[place].strip() for place in axes)


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
    rows = [
        (*x.numbers, *y.numbers, *z.numbers)
        for x, y, z in zip(*(groups[kind] for kind in kinds), strict=False)
    ]
    return [
        _Candidate(kinds, rows, (0, 1, 2), f"named {', '.join(kind[0] for kind in kinds)}, an axis a line")
    ]


def _rows(lines: Sequence[Line]) -> list[tuple[float, ...]]:
    """The numbers of the lines that hold as many as most do."""
    count = Counter(len(line.numbers) for line in lines).most_common(1)[0][0]
    return [line.numbers for line in lines if len(line.numbers) == count]


def _by_gravity(kind: tuple[str, ...], lines: Sequence[Line], seconds: float) -> _Candidate | str:
    """Three columns whose vector is steady near 1 g in some unit; only those that stand where sketches print them."""
    rows = _rows(lines)
    count = len(rows[0])
    if count < 3:
        return f"lines hold {count} numbers, but three axes are needed"
    clocks = [place for place in range(count) if _counts([row[place] for row in rows], seconds)]
    begin = max(clocks, default=-1) + 1 if clocks and max(clocks) < count - 3 else 0
    kept = [place for place in range(begin, count) if place not in clocks]
    kept = _without_quaternions(rows, kept)
    fits = {}
    for first in kept:
        axes = (first, first + 1, first + 2)
        if all(place in kept for place in axes) and (off := _misfit(rows, axes)) is not None:
            fits[axes] = off
    if not fits:
        shown = ", ".join(f"{number:g}" for number in rows[-1])
        return (
            "no three neighbouring columns look like an acceleration of 1 g in a known unit "
            f"(last line: {shown}); {_DECIDE}"
        )
    # Vectors are printed one after the other; what makes no three stands before or behind them, or between.
    aligned = [
        axes for axes in fits if kept.index(axes[0]) % 3 == 0 or (len(kept) - kept.index(axes[0])) % 3 == 0
    ]
    if not aligned:
        if len(fits) > 1:
            return _undecided(list(fits))
        aligned = list(fits)
    alike = [axes for axes in aligned if _unlike(rows, axes) < _ALIKE]
    raw = _raw_of(rows, alike or aligned)
    steadiest = min(raw, key=lambda axes: fits[axes])
    if any(fits[axes] < _NEAR_TIE * fits[steadiest] for axes in raw if axes != steadiest):
        return _undecided(raw)
    return _Candidate((kind,), rows, steadiest, "of a length that gravity has")


def _undecided(axes: Sequence[tuple[int, int, int]]) -> str:
    shown = " or ".join(",".join(str(place + 1) for place in each) for each in axes)
    return f"columns {shown} could be the acceleration; {_DECIDE}"


def _grows(values: Sequence[float]) -> bool:
    """Whether a column hardly ever falls."""
    steps = [after - before for before, after in pairwise(values)]
    return median(steps) > 0 and sum(step <= 0 for step in steps) <= len(steps) // 20


def _counts(values: Sequence[float], seconds: float) -> bool:
    """Whether a column is a counter, or a clock by which as much time passed as here."""
    if not _grows(values):
        return False
    passed = [(values[-1] - values[0]) * tick_s for tick_s in _TICKS_S.values()]
    fits = any(abs(math.log(each / seconds)) < _CLOCK_FITS for each in passed) if seconds > 0 else False
    return fits or all(value == int(value) for value in values)


def _without_quaternions(rows: Sequence[tuple[float, ...]], kept: list[int]) -> list[int]:
    """Four neighbours whose norm is 1 say how the board is turned."""
    for first in kept:
        four = [first + step for step in range(4)]
        if all(place in kept for place in four):
            norms = [math.hypot(*(row[place] for place in four)) for row in rows]
            if abs(median(norms) - 1) < 5 * _UNIT_NORM and pstdev(norms) < 5 * _UNIT_NORM:
                three = [math.hypot(*(row[place] for place in four[:3])) for row in rows]
                if abs(median(three) - 1) > _UNIT_NORM or pstdev(three) < _UNIT_NORM:
                    return [place for place in kept if place not in four]
    return kept


def _misfit(rows: Sequence[tuple[float, ...]], axes: tuple[int, int, int]) -> float | None:
    """How unsteady three columns are that may be 1 g in some unit; None where they aren't."""
    lengths = [math.hypot(*(row[place] for place in axes)) for row in rows]
    middle = median(lengths)
    if middle <= 0:
        return None
    spread = median(abs(length - middle) for length in lengths) / middle
    return spread if spread < _STEADY and _fitting(rows, axes, middle) else None


def _unlike(rows: Sequence[tuple[float, ...]], axes: tuple[int, int, int]) -> float:
    """How many times the noise of one column is that of another: the axes of one sensor have about the same."""
    noise = [median(abs(after[place] - before[place]) for before, after in pairwise(rows)) for place in axes]
    return max(noise) / min(noise) if min(noise) > 0 else math.inf if max(noise) > 0 else 1.0


def _fitting(rows: Sequence[tuple[float, ...]], axes: tuple[int, int, int], length: float) -> list[str]:
    """The units in which a length is 1 g, the best first."""
    whole = all(row[place] == int(row[place]) for row in rows for place in axes)
    off = {
        unit: abs(length / per_g - 1)
        for unit, per_g in UNITS.items()
        if whole or not unit.startswith("counts")
    }
    return sorted((unit for unit in off if off[unit] < _TOLERANCE), key=lambda unit: off[unit])


def _raw_of(
    rows: Sequence[tuple[float, ...]], some: Sequence[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    """Of vectors that always point the same way only the raw one: what a filter made is steadier, and comes later."""
    kept: list[tuple[int, int, int]] = []
    for axes in some:
        if not any(_parallel(rows, axes, before) for before in kept):
            kept.append(axes)
    return kept


def _parallel(rows: Sequence[tuple[float, ...]], one: Sequence[int], other: Sequence[int]) -> bool:
    a = [median(row[place] for row in rows) for place in one]
    b = [median(row[place] for row in rows) for place in other]
    return sum(x * y for x, y in zip(a, b, strict=True)) > _PARALLEL * math.hypot(*a) * math.hypot(*b)


def _unit(chosen: _Candidate, said: Said) -> tuple[str, float] | None:
    """Its name, and how much of it is 1 g."""
    if said.unit is not None:
        return said.unit, unit_per_g(said.unit)
    lengths = [math.hypot(*(row[place] for place in chosen.axes)) for row in chosen.rows]
    fitting = _fitting(chosen.rows, chosen.axes, median(lengths))
    return (fitting[0], UNITS[fitting[0]]) if fitting else None


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
    groups: dict[tuple[str, ...], list[Line]], names: Sequence[str], said: Said
) -> _Candidate | str:
    """What --columns names."""
    wanted = [name.strip().lower() for name in (said.columns or "").split(",")]
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
            return _Candidate((kind,), rows, (axes[0], axes[1], axes[2]), "as given")
        shown.append(", ".join(f"{number + 1} {label}".strip() for number, label in enumerate(labels)))
    return f"--columns {said.columns}: expected X,Y,Z or T,X,Y,Z among the numbers of a line: {'; or '.join(shown)}"


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
    elif said.columns is not None:
        return None, None, said.rate_hz or arrived_hz
    units = _TICKS_S if said.time_unit is None else {said.time_unit: _TICKS_S[said.time_unit]}
    best: tuple[float, int, float, float] | None = None
    for column in range(len(chosen.rows[0])) if wanted is None else [wanted]:
        values = [row[column] for row in chosen.rows]
        if column in chosen.axes or not _grows(values):
            continue
        for tick_s in units.values():
            # Many steps together: stamps may be rounded, or jump by hundredths.
            rate_hz = (len(values) - 1) / ((values[-1] - values[0]) * tick_s)
            step_hz = 1 / (median(after - before for before, after in pairwise(values)) * tick_s)
            rate_hz = step_hz if abs(math.log(step_hz / rate_hz)) < _CLOCK_FITS else rate_hz
            distance = abs(math.log(rate_hz / arrived_hz)) if arrived_hz else 0.0
            fits = _RATES_HZ[0] <= rate_hz <= _RATES_HZ[1] and (distance < _CLOCK_FITS or wanted is not None)
            if fits and (best is None or distance < best[0]):
                best = (distance, column, tick_s, rate_hz)
    return (None, None, arrived_hz) if best is None else (best[1], best[2], best[3])


def _as_promised(lines: Sequence[Line], seconds: float, heading: Heading) -> Found | str:
    """As the stream's own heading says (W10)."""
    rows = _rows(lines)
    columns, first_axis = len(rows[0]), 0 if heading.tick_s is None else 1
    if columns < first_axis + 3:
        return f"lines hold {columns} numbers, but the heading promises {first_axis + 3}"
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
