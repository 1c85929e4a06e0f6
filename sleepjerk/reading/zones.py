"""Local times -> even time, across changes of the clocks.

Knows the rules of zones. Must not know text, units or samples. An hour that comes twice in autumn is told apart by what
comes before and after it; what nothing tells is asked for.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats

_DAY_S = 86400.0
_PROBE_S = 1800.0  # plain: no two changes of a zone lie nearer
_NEAR_S = 30.0  # plain: stamps this near follow one another; a change of the clocks is half an hour at least
_EDGE_S = 1e-3  # how near the moment is looked for at which the clocks change


class LocalTimes(NamedTuple):
    """Local times as UTC.

    Attributes
    ----------
    utc_s
        (n,) seconds since 1970.
    changes
        How often the clocks changed among them.
    fixed
        Whether the clock of these stamps does not change although its zone's does.
    doubtful
        Whether nothing tells which of two like hours some of them are of.
    """

    utc_s: Floats
    changes: int = 0
    fixed: bool = False
    doubtful: bool = False


def local_to_utc(wall_s: Floats, zone: tzinfo) -> LocalTimes:
    """What stamps of a clock on the wall are in UTC.

    Parameters
    ----------
    wall_s
        (n,) seconds since 1970 as the wall clock counts them, NaN where unknown, in the order of recording.
    """
    known = wall_s[np.isfinite(wall_s)]
    first_s, last_s = float(known.min()), float(known.max())
    offsets, since = _offsets(first_s - _DAY_S, last_s + _DAY_S, zone)
    if len(offsets) == 1:
        return LocalTimes(wall_s - offsets[0])
    utc_s = np.full(len(wall_s), np.nan)
    possible = np.zeros(len(wall_s), dtype=np.int64)
    for number, offset_s in enumerate(offsets):
        here = wall_s - offset_s
        end_s = since[number + 1] if number + 1 < len(since) else np.inf
        fits = (here >= since[number]) & (here < end_s)
        utc_s = np.where(fits & (possible == 0), here, utc_s)  # of two, the first for now
        possible += fits
    skipped, double = np.isfinite(wall_s) & (possible == 0), possible > 1
    fixed = (
        wall_s
        - offsets[int(np.searchsorted(since, wall_s[np.isfinite(wall_s)][0] - offsets[0], side="right")) - 1]
    )
    if skipped.any():  # times that no clock of the zone shows
        return LocalTimes(fixed, fixed=True)
    if not double.any():
        return LocalTimes(utc_s, changes=_crossed(utc_s, since))
    later, doubtful, runs_through = _later(wall_s, double)
    if runs_through:
        return LocalTimes(fixed, fixed=True)
    shift_s = float(-np.diff(offsets).min())
    utc_s = np.where(later, utc_s + shift_s, utc_s)
    return LocalTimes(utc_s, changes=_crossed(utc_s, since), doubtful=doubtful)


def _crossed(utc_s: Floats, since: list[float]) -> int:
    return sum(bool(np.nanmin(utc_s) < moment <= np.nanmax(utc_s)) for moment in since[1:])


def _offsets(from_s: float, to_s: float, zone: tzinfo) -> tuple[list[float], list[float]]:
    """Offsets of local time, and since when each holds; between two moments in seconds since 1970."""

    def offset(at: float) -> float:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=at)
        return (moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()

    offsets, since = [offset(from_s)], [-np.inf]
    at = from_s
    while at < to_s:
        following = at + _PROBE_S
        if offset(following) != offsets[-1]:
            low, high = at, following
            while high - low > _EDGE_S:
                middle = (low + high) / 2
                low, high = (low, middle) if offset(middle) != offsets[-1] else (middle, high)
            since.append(round(high))
            offsets.append(offset(following))
        at = following
    return offsets, since


def _later(wall_s: Floats, double: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool, bool]:
    """(n,) which stamps of a doubled hour are its second half's; are some unsure; did the clock run through.

    The hour is cut where time jumps; each piece is joined to what it follows, or to what follows it.
    """
    known = np.flatnonzero(np.isfinite(wall_s))
    time, twice = wall_s[known], double[known]
    steps = np.diff(time)
    cuts = (np.abs(steps) > _NEAR_S) | (steps < -1.0) | (twice[1:] != twice[:-1])
    bounds = np.concatenate([[0], np.flatnonzero(cuts) + 1, [len(time)]])
    later = np.zeros(len(wall_s), dtype=bool)
    doubtful = runs_through = False
    passed = False  # did the clock go back already?
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if not twice[begin]:
            passed = False
            continue
        before = begin > 0 and not twice[begin - 1] and 0 <= time[begin] - time[begin - 1] < _NEAR_S
        after = end < len(time) and not twice[end] and 0 <= time[end] - time[end - 1] < _NEAR_S
        went_back = begin > 0 and time[begin] < time[begin - 1] - 1.0
        goes_back = end < len(time) and time[end] < time[end - 1] - 1.0
        if before and after:
            runs_through = True
        second = passed or after or went_back
        doubtful |= not (second or before or goes_back or (begin > 0 and twice[begin - 1]))
        later[known[begin:end]] = second
        passed = second
    return later, doubtful, runs_through
