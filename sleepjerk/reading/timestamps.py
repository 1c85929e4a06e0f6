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
from sleepjerk.reading.arrivals import settle_arrivals
from sleepjerk.reading.clocks import ORDERS, Clock, find_clock, seconds_of, unwrap
from sleepjerk.reading.iso import TextStamps
from sleepjerk.reading.table import Table
from sleepjerk.reading.time_axis import ONE_STEP, measure_period, step_range
from sleepjerk.reading.zones import local_to_utc
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

_HOUR_S, _HALF_DAY_S, _DAY_S = 3600.0, 43200.0, 86400.0  # plain: of a day


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
    tick_s: float | None = None,
    doubt: str | None = None,
    way_out: str = "split the file there",
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
    tick_s
        Seconds in a tick of the time column, where a banner says it.
    way_out
        What helps where its rows are no single run of time.
    doubt
        Why the date that they say can't be relied on, in words.

    Raises
    ------
    InputError
        The unit can't be told, the stamps run backwards, or they can't be the times of samples.
    """
    assert table.time is not None
    if isinstance(table.time, TextStamps):
        if option not in (None, "iso", *ORDERS):
            raise InputError(
                f"{path}: --time-unit {option}, but the time column holds text such as {shown!r}"
            )
        time_s, start, notes = _from_text(table.time, zone, rules)
        start, notes = (None, [*notes, doubt]) if doubt and start else (start, notes)
    else:
        clock = find_clock(path, table.time, name, named_unit, option, rules, tick_s)
        time_s, start, notes = _from_numbers(table.time, clock, zone, rules)
    stamps = _in_order(path, table, time_s, rules, way_out)
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


def _from_text(
    decoded: TextStamps, zone: tzinfo | None, rules: ReadingRules
) -> tuple[Floats, datetime | None, list[str]]:
    """Seconds of stamps written as text; those without a zone are local times."""
    seconds = decoded.seconds
    if not decoded.dated:
        return _from_clock(seconds, rules)
    first_s = float(seconds[_first_good(seconds)])
    if not np.isfinite(first_s):
        return seconds, None, []
    first = datetime.fromtimestamp(0, UTC) + timedelta(days=decoded.day, seconds=first_s)
    if decoded.zone_s is not None:
        start = first.astimezone(zone or timezone(timedelta(seconds=decoded.zone_s)))
        return seconds, start, ["time: date and time with zone"]
    wall = first.replace(tzinfo=None)
    if zone is not None:
        local = local_to_utc(decoded.day * _DAY_S + seconds, zone)
        first_utc = float(local.utc_s[_first_good(local.utc_s)])
        seconds = local.utc_s - decoded.day * _DAY_S
        start = datetime.fromtimestamp(0, UTC) + timedelta(seconds=first_utc)
        notes = [f"time: date and time, taken as local time of {zone}"]
        if local.fixed:
            notes.append("time: the clocks changed in this zone, but the recorder's clock did not")
        if local.doubtful:
            return (
                seconds,
                None,
                [*notes, f"start: {wall:%H:%M} came twice when the clocks went back; say which with --start"],
            )
        return seconds, start.astimezone(zone), notes
    seconds = _repair_autumn(seconds)
    note = f"time: date and time without a zone, from {wall:%Y-%m-%d %H:%M:%S}; the start is unknown without --zone"
    changed = _looks_like_spring(seconds, wall, first_s)
    if changed:
        note += f"; at {changed} an hour or half of one is missing, as where clocks change to summer time: --zone tells"
    return seconds, None, [note]


def _looks_like_spring(seconds: Floats, wall: datetime, first_s: float) -> str | None:
    """Where local times leave out exactly one hour or half of one, as clocks do in the night to a Friday or Sunday."""
    if len(seconds) < 2 or step_range(seconds)[1] < _HOUR_S / 2 - 1.0:
        return None
    steps = np.diff(seconds)
    left_out = np.minimum(np.abs(steps - _HOUR_S), np.abs(steps - _HOUR_S / 2)) < 1.0
    for place in np.flatnonzero(left_out).tolist()[:3]:
        moment = wall + timedelta(seconds=float(seconds[place + 1]) - first_s)
        if moment.weekday() in (4, 6) and moment.hour < 5 and moment.minute % 15 == 0:  # plain: of a calendar
            return f"{moment:%Y-%m-%d %H:%M}"
    return None


def _repair_autumn(seconds: Floats) -> Floats:
    """Local times that jump back by one hour, once: the end of summer time."""
    if len(seconds) < 2 or step_range(seconds)[0] >= 0:
        return seconds
    back = np.flatnonzero(np.diff(seconds) < 0)
    if len(back) == 1 and abs(float(seconds[back[0] + 1] - seconds[back[0]]) + _HOUR_S) < 2.0:
        seconds = seconds.copy()
        seconds[back[0] + 1 :] += _HOUR_S
    return seconds


def _from_clock(seconds: Floats, rules: ReadingRules) -> tuple[Floats, datetime | None, list[str]]:
    """Times of day without a date, which begin anew at midnight, or at noon."""
    seconds, again = unwrap(seconds, (_HALF_DAY_S, _DAY_S), 0.5)
    notes = ["time: a clock without a date; the start is unknown without --start"]
    return seconds, None, [*notes, *([f"time: midnight passed {again} times"] if again else [])]


def _from_numbers(
    values: Floats, clock: Clock, zone: tzinfo | None, rules: ReadingRules
) -> tuple[Floats, datetime | None, list[str]]:
    """Seconds of numeric stamps, from a calendar's zero or from the device's own."""
    notes = [f"time: {clock.note}"]
    if clock.zero_s is None:
        seconds, more = seconds_of(values, clock, rules)
        return seconds, None, [*notes, *more]
    origin = np.floor(float(values[0]) * clock.unit_s)
    # Subtract before scaling: nanoseconds since 1970 leave no digits to spare.
    seconds = (values - origin / clock.unit_s) * clock.unit_s
    start = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(origin + clock.zero_s + seconds[0]))
    return seconds, start.astimezone(zone or UTC), notes


def since_first(time_s: Floats) -> Floats:
    """(n,) seconds since the first; the same array where they are that already."""
    return time_s - time_s[0] if time_s[0] else time_s


def _in_order(path: Path, table: Table, time_s: Floats, rules: ReadingRules, way_out: str) -> Stamps:
    """Leave out unreadable and backward stamps if they are few, and part rows that share one."""
    low, high = step_range(time_s) if len(time_s) > 1 else (0.0, 0.0)
    if low > 0:
        settled = settle_arrivals(time_s, rules) if high > ONE_STEP * low else None
        return Stamps(since_first(time_s), None) if settled is None else _settled(settled, None)
    count = len(time_s)
    bad = ~np.isfinite(time_s)
    rows = np.flatnonzero(~bad)
    notes = []
    order = _sorting(time_s[rows], rules)
    if order is not None:
        rows = rows[order]
        notes.append("time: rows that came late were put in their places")
    else:
        bad[rows[_backward(time_s[rows])]] = True
    damaged = int(bad.sum())
    if damaged > rules.max_damaged_share * count:
        _refuse_disorder(path, table, time_s, rows, way_out)
    if damaged:
        line = table.line(int(np.argmax(bad)))
        notes.append(f"damage: {damaged} rows with a wrong time were left out, the first in line {line}")
    rows = rows[~bad[rows]]
    kept = _part_repeated(path, table, time_s[rows], rows, rules)
    return replace(kept, damaged=damaged, notes=(*notes, *kept.notes))


def _sorting(time_s: Floats, rules: ReadingRules) -> NDArray[np.int64] | None:
    """(n,) the order of rows of which a few blocks came late; None where none did, or sorting mends nothing."""
    falls = int((np.diff(time_s) < 0).sum())
    if falls == 0 or falls > rules.max_damaged_share * len(time_s):
        return None
    order = np.argsort(time_s, kind="stable")
    steps = np.diff(time_s[order])
    usual = float(np.median(steps))
    before = np.diff(time_s)
    # Put in order, the holes that late rows left are filled; of two clocks in one file, the rows would interleave.
    alike = abs(usual - float(np.median(before))) < 0.1 * usual  # plain: the same rate
    held = alike and (steps > 0.5 * usual).mean() > rules.most_share and steps.min() > 0
    filled = (steps > ONE_STEP * usual).sum() < (before > ONE_STEP * usual).sum()
    return np.asarray(order) if held and filled and usual > 0 else None


def _refuse_disorder(
    path: Path, table: Table, time_s: Floats, readable: NDArray[np.int64], way_out: str
) -> None:
    """Say where time first runs backwards, or else which stamp can't be read."""
    back = readable[time_s[readable] < np.maximum.accumulate(time_s[readable])]
    wrong = back if back.size else np.flatnonzero(~np.isfinite(time_s))
    what = "time runs backwards" if back.size else "the time can't be read"
    raise InputError(
        f"{path}, line {table.line(int(wrong[0]))}: {what}, in {len(wrong)} of {len(time_s)} rows; {way_out}, "
        "or give --columns X,Y,Z and --rate HZ if the samples are evenly spaced"
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
    late = time_s[rows] < np.maximum.accumulate(time_s[rows])
    early = time_s[rows] > np.minimum.accumulate(time_s[rows][::-1])[::-1]
    # A few stamps far ahead make all after them look late; the fewer are wrong.
    bad[rows[late if late.sum() <= early.sum() else early]] = True
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
    settled = settle_arrivals(time_s, rules)
    if settled is not None:
        return _settled(settled, rows)
    spread, usual = _spread(time_s, again)
    note = f"time: stamps come every {usual:.3g} s; the samples that share one were spread evenly"
    return Stamps(spread - spread[0], rows, step_s=usual, notes=(note,))


def _settled(settled: tuple[Floats, int], rows: NDArray[np.int64] | None) -> Stamps:
    """Samples whose packets were late, back in their places."""
    taken_s, late = settled
    note = f"time: {late} packets came late; their samples were put back in their places"
    return Stamps(taken_s - taken_s[0], rows, notes=(note,))


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
