"""Rows of a table become rows with times in order; damage is counted, noted or refused.

Knows how much damage is too much. Must not know units of acceleration nor grids.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.reading.columns import Roles
from sleepjerk.reading.dialect import Dialect
from sleepjerk.reading.order import put_in_order
from sleepjerk.reading.stamps import Clock, read_stamps
from sleepjerk.reading.table import Table
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows in order.

    Attributes
    ----------
    seconds
        (n,) since the first row, strictly increasing from 0.
    values
        (3, n) in the file's unit.
    start
        Wall clock of the first row, naive where the stamps name no zone; None where stamps hold none.
    first_s
        The first stamp itself, seconds.
    stamp_step_s
        Resolution of coarse stamps, else 0.
    rejected, repeated
        Rows left out.
    notes
        What was found.
    """

    seconds: Floats
    values: Samples
    start: datetime | None
    first_s: float
    stamp_step_s: float
    rejected: int
    repeated: int
    notes: tuple[str, ...]


def clean_rows(
    table: Table,
    roles: Roles,
    dialect: Dialect,
    time_unit: str | None,
    rate_hz: float | None,
    sidecar_rate_hz: float | None,
    rules: ReadingRules,
    where: str,
) -> Rows:
    """Rows with times.

    Raises
    ------
    InputError
        Too few rows, too much damage, or no time.
    """
    bad = table.bad_lines
    total = table.values.shape[1] + len(bad)
    _refuse_damage(bad, total, "has fields that are no numbers", rules, where)
    _refuse_few(table.values.shape[1], where)
    if table.time is None:
        return _evenly(table, rate_hz, sidecar_rate_hz, rules, where)
    if rate_hz is not None:
        raise InputError(f"{where}: there is a time column, so --rate is not needed; leave it out, or name X,Y,Z with --columns")
    clock = read_stamps(table.time, roles.time_name, time_unit, (rules.min_rate_hz, rules.max_rate_hz), where)
    unread = np.isnan(clock.seconds)
    lines, values, seconds = table.lines, table.values, clock.seconds
    if unread.any():
        lines = np.asarray(lines)
        bad = np.union1d(bad, lines[unread])
        _refuse_damage(bad, total, "has a time stamp that can't be read", rules, where)
        lines, values, seconds = lines[~unread], values[:, ~unread], seconds[~unread]
    order = put_in_order(seconds, rules)
    back = np.asarray(lines)[order.backward] if len(order.backward) else order.backward
    _refuse_damage(back, total, "runs backwards in time", rules, where)
    values = values if order.keep is None else values[:, order.keep]
    _refuse_few(values.shape[1], where)
    late = float(order.seconds[0])
    seconds = order.seconds - late if late else order.seconds
    _refuse_empty(seconds, rules, where)
    notes = [clock.note, *_damage_notes(bad, back, order.repeated)]
    if order.spread_s:
        notes.append(f"time: stamps repeat every {order.spread_s:g} s; rows between them were spread evenly")
    return Rows(
        seconds=seconds,
        values=values,
        start=_shifted(clock, late),
        first_s=clock.first_s + late,
        stamp_step_s=order.spread_s,
        rejected=len(bad) + len(back),
        repeated=order.repeated,
        notes=tuple(notes),
    )


def _shifted(clock: Clock, late: float) -> datetime | None:
    return None if clock.start is None else clock.start + timedelta(seconds=late)


def _evenly(
    table: Table, rate_hz: float | None, sidecar_rate_hz: float | None, rules: ReadingRules, where: str
) -> Rows:
    """Rows without stamps, one after the other at the told rate."""
    rate = rate_hz if rate_hz is not None else sidecar_rate_hz
    if rate is None:
        raise InputError(f"{where}: there is no time column; say the samples per second with --rate, or name columns with --columns T,X,Y,Z")
    if not rules.min_rate_hz <= rate <= rules.max_rate_hz:
        raise InputError(
            f"--rate {rate:g}: expected {rules.min_rate_hz:g} to {rules.max_rate_hz:g} samples per second"
        )
    # A rejected line still took its time.
    bad = table.bad_lines
    lines = np.asarray(table.lines, np.int64)
    place = np.arange(len(lines)) + np.searchsorted(bad, lines) if len(bad) else np.arange(len(lines))
    seconds = (place - place[0]) / rate
    reason = "as told" if rate_hz is not None else "from the sidecar"
    notes = (f"time: no time column, {rate:g} samples per second {reason}", *_damage_notes(bad, bad[:0], 0))
    return Rows(
        seconds=seconds,
        values=table.values,
        start=None,
        first_s=0.0,
        stamp_step_s=0.0,
        rejected=len(bad),
        repeated=0,
        notes=notes,
    )


def _refuse_damage(bad: "np.ndarray[tuple[int], np.dtype[np.int64]]", total: int, what: str, rules: ReadingRules, where: str) -> None:
    if len(bad) > rules.max_damaged_share * total:
        share = 100 * len(bad) / total
        raise InputError(
            f"{where}, line {int(bad.min())}: this line {what}, as do {len(bad)} of {total} lines ({share:.0f} %), "
            "too many to leave out; give the file as it came from the recorder"
        )


def _refuse_few(count: int, where: str) -> None:
    if count < 2:
        raise InputError(f"{where}: there {'is only one row' if count else 'are no rows'} of data, so this is no recording")


def _refuse_empty(seconds: Floats, rules: ReadingRules, where: str) -> None:
    """A stamp years ahead would make a grid of nothing."""
    length = float(seconds[-1])
    usual = max(float(np.median(np.diff(seconds))), 1 / rules.max_rate_hz)
    too_long = length > rules.max_days * 86400
    if too_long or length / usual > rules.max_empty_ratio * len(seconds) and length > 86400:
        raise InputError(
            f"{where}: the time stamps span {length / 86400:.1f} days but there are only {len(seconds)} rows; "
            "check the time column, or say its unit with --time-unit"
        )


def _damage_notes(
    bad: "np.ndarray[tuple[int], np.dtype[np.int64]]", back: "np.ndarray[tuple[int], np.dtype[np.int64]]", repeated: int
) -> list[str]:
    notes = []
    if len(bad):
        notes.append(f"damage: {len(bad)} lines were left out, the first is line {int(bad.min())}")
    if len(back):
        notes.append(f"damage: {len(back)} lines ran backwards in time and were left out, the first is line {int(back.min())}")
    if repeated:
        notes.append(f"damage: {repeated} lines repeat a time stamp; the first of each was kept")
    return notes
