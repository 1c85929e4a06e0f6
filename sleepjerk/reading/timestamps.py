"""The time column -> seconds since the first sample, and the wall clock of that sample.

Knows units of time, epochs, zones, and what goes wrong with stamps. Must not know cells or acceleration,
except that a row sent twice has the same values twice.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import TextStamps
from sleepjerk.reading.table import Table
from sleepjerk.reading.time_axis import ONE_STEP, measure_period, step_range
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

TIME_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_HOUR_S = 3600.0
_EDGE_S = 1e-3  # how near the moment is looked for at which the clocks change
_LOOKED_AT = 100_000  # plain: rows from which the unit of time is told


@dataclass(frozen=True, slots=True)
class Stamps:
    """Times of the samples.

    Attributes
    ----------
    time_s
        (m,) seconds since the first sample, strictly increasing.
    rows
        (m,) the rows they belong to; None for all.
    start
        Wall clock of the first sample; None when unknown.
    first_s
        What the first stamp says, seconds since whatever the stamps count from (text: 1970, by its own clock).
    step_s
        Resolution of the stamps, where they are so coarse that several samples share one.
    period_s
        Seconds between samples, where it was measured.
    measured
        Whether the times come from stamps, not from a rate that was given.
    damaged, repeated
        Rows left out.
    notes
        What was found and done, in words.
    """

    time_s: Floats
    rows: NDArray[np.int64] | None
    start: datetime | None = None
    first_s: float | None = None
    step_s: float = 0.0
    period_s: float | None = None
    measured: bool = True
    damaged: int = 0
    repeated: int = 0
    notes: tuple[str, ...] = ()


def count_stamps(table: Table, rate_hz: float, why: str, since_s: float = 0.0) -> Stamps:
    """Times of samples without stamps, at a rate that is known; rows left out keep their place.

    Parameters
    ----------
    since_s
        When the first line of these rows was recorded, since the first of the file.
    """
    lines = np.arange(table.values.shape[1]) if table.lines is None else table.lines
    note = f"time: {rate_hz:g} samples a second, {why}"
    first_s = since_s + int(lines[0]) / rate_hz
    return Stamps((lines - lines[0]) / rate_hz, None, first_s=first_s, measured=False, notes=(note,))


def read_stamps(
    path: Path,
    table: Table,
    *,
    name: str,
    shown: str,
    named_unit: str | None,
    option: str | None,
    zone: tzinfo | None,
    rules: ReadingRules,
) -> Stamps:
    """Understand the time column.

    Parameters
    ----------
    name, shown, named_unit
        The column's name, its first cell, and the unit of time that the name says.
    option
        What a person gave as --time-unit.
    zone
        For stamps without a zone.

    Raises
    ------
    InputError
        The unit can't be told, the stamps run backwards, or they can't be the times of samples.
    """
    assert table.time is not None
    if isinstance(table.time, TextStamps):
        if option not in (None, "iso"):
            raise InputError(
                f"{path}: --time-unit {option}, but the time column holds text such as {shown!r}"
            )
        time_s, start, notes = _from_text(table.time, zone)
    else:
        if option == "iso":
            raise InputError(
                f"{path}: --time-unit iso, but the time column holds numbers such as {table.time[0]:.10g}"
            )
        time_s, start, notes = _from_numbers(path, table.time, name, named_unit, option, zone, rules)
    stamps = _in_order(path, table, time_s, rules)
    row = 0 if stamps.rows is None or len(stamps.rows) == 0 else int(stamps.rows[0])
    first_s = float(time_s[row])
    if isinstance(table.time, TextStamps):
        first_s = table.time.day * 86400.0 + float(table.time.seconds[row])
    if start is not None and stamps.rows is not None and len(stamps.rows):
        start += timedelta(seconds=float(time_s[stamps.rows[0]] - time_s[_first_good(time_s)]))
    period_s = possible_period(path, stamps.time_s, rules)
    return replace(stamps, start=start, first_s=first_s, period_s=period_s, notes=(*notes, *stamps.notes))


def _first_good(time_s: Floats) -> int:
    return int(np.argmax(np.isfinite(time_s)))


def _from_text(decoded: TextStamps, zone: tzinfo | None) -> tuple[Floats, datetime | None, list[str]]:
    """Seconds of stamps written as text; those without a zone are local times."""
    seconds = decoded.seconds
    first_s = float(seconds[_first_good(seconds)])
    if not np.isfinite(first_s):
        return seconds, None, []
    first = datetime.fromtimestamp(0, UTC) + timedelta(days=decoded.day, seconds=first_s)
    if decoded.zone_s is not None:
        start = first.astimezone(zone or timezone(timedelta(seconds=decoded.zone_s)))
        return seconds, start, ["time: date and time with zone"]
    wall = first.replace(tzinfo=None)
    if zone is not None:
        seconds = _local_to_utc(seconds, wall, first_s, zone)
        return seconds, wall.replace(tzinfo=zone), [f"time: date and time, taken as local time of {zone}"]
    seconds = _repair_autumn(seconds)
    note = f"time: date and time without a zone, from {wall:%Y-%m-%d %H:%M:%S}; the start is unknown without --zone"
    return seconds, None, [note]


def _local_to_utc(seconds: Floats, wall: datetime, first_s: float, zone: tzinfo) -> Floats:
    """Local times to even time, across one change of the clocks."""

    def offset(at: float, fold: int = 0) -> float:
        moment = (wall + timedelta(seconds=at - first_s)).replace(tzinfo=zone, fold=fold)
        return (moment.utcoffset() or timedelta()).total_seconds()

    last_s = float(seconds[len(seconds) - 1 - _first_good(seconds[::-1])])
    before, after = offset(first_s), offset(last_s, fold=1)
    if before == after or last_s - first_s > 2 * 86400:
        return seconds
    if before < after:  # spring: the wall clock jumps ahead, and no stamp lies in the jump
        low, high = first_s, last_s
        while high - low > _EDGE_S:
            middle = (low + high) / 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        return np.where(seconds >= high - 2 * _EDGE_S, seconds - (after - before), seconds)
    return _repair_autumn(seconds)


def _repair_autumn(seconds: Floats) -> Floats:
    """Local times that jump back by one hour, once: the end of summer time."""
    if len(seconds) < 2 or step_range(seconds)[0] >= 0:
        return seconds
    back = np.flatnonzero(np.diff(seconds) < 0)
    if len(back) == 1 and abs(float(seconds[back[0] + 1] - seconds[back[0]]) + _HOUR_S) < 2.0:
        seconds = seconds.copy()
        seconds[back[0] + 1 :] += _HOUR_S
    return seconds


def _from_numbers(
    path: Path,
    values: Floats,
    name: str,
    named: str | None,
    option: str | None,
    zone: tzinfo | None,
    rules: ReadingRules,
) -> tuple[Floats, datetime | None, list[str]]:
    """Seconds of numeric stamps, from the epoch or from the device's own zero."""
    unit, why = find_time_unit(path, values, name, named, option, rules)
    scale = TIME_UNITS[unit]
    first = float(values[0]) * scale
    notes = [f"time: {unit}, {why}"]
    if epoch_start(first, rules) is None:
        return values * scale, None, notes
    origin = float(np.floor(first))
    # Subtract before scaling: nanoseconds since 1970 leave no digits to spare.
    seconds = (values - origin / scale) * scale
    start = datetime.fromtimestamp(origin, UTC) + timedelta(seconds=float(seconds[0]))
    return seconds, start.astimezone(zone or UTC), [f"{notes[0]}, since 1970"]


def epoch_start(first_s: float, rules: ReadingRules) -> datetime | None:
    """The moment in UTC if that many seconds are a time since 1970; None if they count from another zero."""
    try:
        moment = datetime.fromtimestamp(first_s, UTC)
    except (ValueError, OverflowError, OSError):  # no calendar has it, or this computer's has no room for it
        return None
    return moment if rules.epoch_from_year <= moment.year < rules.epoch_to_year else None


def find_time_unit(
    path: Path, values: Floats, name: str, named: str | None, option: str | None, rules: ReadingRules
) -> tuple[str, str]:
    """The unit of numeric stamps, and how it was told; refused are stamps that don't tell it."""
    if option is not None:
        return option, "as given"
    if named is not None and _is_plausible(values, TIME_UNITS[named], rules):
        return named, "from the column name"
    plausible = [unit for unit, scale in TIME_UNITS.items() if _is_plausible(values, scale, rules)]
    if named is not None:
        if len(plausible) == 1:
            raise InputError(
                f"{path}: the time column is called {name!r}, but its steps fit {plausible[0]}; "
                f"decide with --time-unit {named} or --time-unit {plausible[0]}"
            )
        return named, "from the column name"
    usual = float(np.median(values))
    epochs = [unit for unit, scale in TIME_UNITS.items() if epoch_start(usual * scale, rules) is not None]
    both = [unit for unit in plausible if unit in epochs] or plausible
    if len(both) != 1:
        raise InputError(
            f"{path}: the unit of time can't be told, the times are "
            f"{', '.join(f'{value:.10g}' for value in values[:3])} and so on; "
            "decide with --time-unit s, ms, us or ns"
        )
    return both[0], "from the size of its steps"


def _is_plausible(values: Floats, scale: float, rules: ReadingRules) -> bool:
    """Whether these stamps in this unit make a rate that a logger may have."""
    steps = np.diff(values[:_LOOKED_AT]) * scale
    steps = steps[(steps >= 0) & (steps <= rules.max_step_s)]
    if steps.size < 0.5 * (len(values[:_LOOKED_AT]) - 1) or steps.size == 0:
        return False
    usual = float(np.median(steps))
    period = usual if usual > 0 else float(steps.mean())
    return 1 / rules.max_rate_hz <= period <= 1 / rules.min_rate_hz


def since_first(time_s: Floats) -> Floats:
    """(n,) seconds since the first; the same array where they are that already."""
    return time_s - time_s[0] if time_s[0] else time_s


def _in_order(path: Path, table: Table, time_s: Floats, rules: ReadingRules) -> Stamps:
    """Leave out unreadable and backward stamps if they are few, and part rows that share one."""
    if len(time_s) > 1 and step_range(time_s)[0] > 0:
        return Stamps(since_first(time_s), None)
    count = len(time_s)
    bad = ~np.isfinite(time_s)
    rows = np.flatnonzero(~bad)
    backward = _backward(time_s[rows])
    bad[rows[backward]] = True
    damaged = int(bad.sum())
    notes = []
    if damaged > rules.max_damaged_share * count:
        _refuse_disorder(path, table, time_s, rows)
    if damaged:
        line = table.line(int(np.argmax(bad)))
        notes.append(f"damage: {damaged} rows with a wrong time were left out, the first in line {line}")
    rows = np.flatnonzero(~bad)
    kept = _part_repeated(path, table, time_s[rows], rows, rules)
    return replace(kept, damaged=damaged, notes=(*notes, *kept.notes))


def _refuse_disorder(path: Path, table: Table, time_s: Floats, readable: NDArray[np.int64]) -> None:
    """Say where time first runs backwards, or else which stamp can't be read."""
    back = readable[time_s[readable] < np.maximum.accumulate(time_s[readable])]
    wrong = back if back.size else np.flatnonzero(~np.isfinite(time_s))
    what = "time runs backwards" if back.size else "the time can't be read"
    raise InputError(
        f"{path}, line {table.line(int(wrong[0]))}: {what}, in {len(wrong)} of {len(time_s)} rows; split the "
        "file there, or give --columns X,Y,Z and --rate HZ if the samples are evenly spaced"
    )


def _backward(time_s: Floats) -> NDArray[np.bool_]:
    """(n,) bool: rows without which time does not run backwards."""
    bad = np.zeros(len(time_s), dtype=bool)
    for _ in range(3):
        rows = np.flatnonzero(~bad)
        left = time_s[rows]
        drop = np.flatnonzero(np.diff(left) < 0)
        if len(drop) == 0:
            return bad
        # Of the two rows at a drop, leave out the one without which the order is right again.
        after_next = left[np.minimum(drop + 2, len(left) - 1)]
        dips = (drop + 2 >= len(left)) | (after_next >= left[drop])
        peaks = (drop == 0) | (left[drop + 1] >= left[np.maximum(drop - 1, 0)])
        bad[rows[drop[dips] + 1]] = True
        bad[rows[drop[~dips & peaks]]] = True
    rows = np.flatnonzero(~bad)
    bad[rows[time_s[rows] < np.maximum.accumulate(time_s[rows])]] = True
    return bad


def _part_repeated(
    path: Path, table: Table, time_s: Floats, rows: NDArray[np.int64], rules: ReadingRules
) -> Stamps:
    """Rows that share a stamp: sent twice (keep one), or under a coarse clock (spread them evenly)."""
    if len(time_s) == 0:
        raise InputError(f"{path}: none of its {len(table.values[0])} rows holds a time that can be read")
    again = np.concatenate([[False], np.diff(time_s) == 0])
    repeated = int(again.sum())
    if repeated == 0:
        return Stamps(since_first(time_s), rows)
    if repeated == len(time_s) - 1:
        raise InputError(
            f"{path}: all {len(time_s)} rows have the same time; use the original file, or give --rate HZ"
        )
    same = np.concatenate([[False], (np.diff(table.values[:, rows], axis=1) == 0).all(axis=0)])
    new = ~again
    new[0] = False
    sent_twice = same[again].mean() > rules.most_share and (not new.any() or same[new].mean() < 0.5)
    if repeated <= rules.max_repeated_share * len(time_s) or sent_twice:
        note = f"damage: {repeated} rows repeat the time of the row before and were left out"
        first = time_s[~again]
        return Stamps(first - first[0], rows[~again], repeated=repeated, notes=(note,))
    spread, usual = _spread(time_s, again)
    note = f"time: stamps come every {usual:.3g} s; the samples that share one were spread evenly"
    return Stamps(spread - spread[0], rows, step_s=usual, notes=(note,))


def _spread(time_s: Floats, again: NDArray[np.bool_]) -> tuple[Floats, float]:
    """(n,) times of rows that share stamps, and the usual step between stamps."""
    begin = np.flatnonzero(~again)
    stamp = time_s[begin]
    size = np.diff(np.append(begin, len(time_s)))
    step = np.diff(stamp)
    usual = float(np.median(step))
    inside = step <= ONE_STEP * usual
    period = float(step[inside].sum() / size[:-1][inside].sum())
    each = np.full(len(stamp), period)
    each[:-1] = np.where(inside, step / size[:-1], np.minimum(period, step / size[:-1]))
    late = max(0.0, float(step[0]) - size[0] * period)  # the first group began before the recording did
    each[0] = min(each[0], period)
    place = np.arange(len(time_s)) - np.repeat(begin, size)
    spread = np.repeat(stamp, size) + place * np.repeat(each, size)
    if inside[0]:
        spread[: size[0]] += late
    return spread, usual


def refuse_too_few(path: Path, rows: int) -> None:
    """One row is no recording: an `InputError`."""
    if rows < 2:
        raise InputError(f"{path}: there is only {rows} row of samples; at least two are needed")


def possible_period(path: Path, time_s: Floats, rules: ReadingRules) -> float:
    """Seconds between samples; refused are stamps that would make no night, or a grid that is nearly all gap."""
    refuse_too_few(path, len(time_s))
    period_s = measure_period(time_s, rules)
    rate = 1 / max(period_s, 1e-12)
    if not rules.min_rate_hz <= rate <= rules.max_rate_hz:
        raise InputError(
            f"{path}: {rate:.3g} samples a second can't be right (expected {rules.min_rate_hz:g} to "
            f"{rules.max_rate_hz:g}); say the unit of time with --time-unit, or the rate with --rate"
        )
    days = float(time_s[-1]) / 86400
    if days > rules.max_days or time_s[-1] * rate > rules.max_empty_ratio * len(time_s) + 86400 * rate:
        raise InputError(
            f"{path}: its {len(time_s)} rows span {days:.1f} days, so some stamps must be wrong; cut out one "
            "night, or say the unit of time with --time-unit"
        )
    return period_s


def moment_of(since_1970_s: float, zone_s: float | None = None) -> datetime:
    """What a stamp of text says: with the offset of its zone, or by a clock of no known zone."""
    moment = datetime.fromtimestamp(since_1970_s if np.isfinite(since_1970_s) else 0.0, UTC)
    if zone_s is None:
        return moment.replace(tzinfo=None)
    return moment.astimezone(timezone(timedelta(seconds=zone_s)))
