"""Where a recording of several days is cut into nights: noon by noon, or where a day's liveliest hours are.

Knows times of day and how lively moments are. Must not know files.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import numpy as np

from sleepjerk.moments import BEFORE_START_S
from sleepjerk.parts import Marks
from sleepjerk.recording import Floats, Recording, Samples
from sleepjerk.rules import CuttingRules

_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Looks:
    """How lively some moments are.

    Attributes
    ----------
    time_s
        (k,) seconds since the first sample, sorted.
    spread
        (k,) how much the samples differ there, in any unit; NaN where there are none.
    """

    time_s: Floats
    spread: Floats


def spread_of(values: Samples) -> float:
    """How much some (3, n) samples differ, all axes together; NaN without samples."""
    return float(np.sqrt(np.var(values, axis=1).sum())) if values.shape[1] else math.nan


def find_cuts(
    length_s: float, start: datetime | None, look: Callable[[], Looks], rules: CuttingRules
) -> list[float]:
    """Where one night ends and the next begins.

    Parameters
    ----------
    length_s
        From the first sample to the last.
    start
        The first sample by a clock where the sensor was worn, with or without a zone; None when unknown.
    look
        Looks at the samples; called only where the clock doesn't tell.

    Returns
    -------
    list of float
        Seconds since the first sample; empty for a recording that holds one night.
    """
    if length_s <= rules.from_h * 3600:
        return []
    if start is None:
        first_s = _liveliest(look(), rules)
        cuts = np.arange(first_s, length_s, _DAY_S).tolist()
    else:
        cuts = _noons(length_s, start, rules.clock_h)
    least_s = rules.least_h * 3600
    return [cut for cut in cuts if least_s <= cut <= length_s - least_s]


def _noons(length_s: float, start: datetime, clock_h: float) -> list[float]:
    """Every noon; a day on which the clocks change has 23 h or 25 h."""
    noon = (datetime.combine(start.date(), time()) + timedelta(hours=clock_h)).time()
    cuts = []
    for day in range(int(length_s / _DAY_S) + 2):
        moment = datetime.combine(start.date() + timedelta(days=day), noon, start.tzinfo)
        # Differences in UTC: within a zone Python counts as if the clocks never changed.
        since = moment - start if start.tzinfo is None else moment.astimezone(UTC) - start.astimezone(UTC)
        cuts.append(since.total_seconds())
    return cuts


def _liveliest(looks: Looks, rules: CuttingRules) -> float:
    """The middle of the liveliest hours of a day, all days laid upon each other, s since the first sample."""
    known = np.isfinite(looks.spread)
    if not known.any():
        return _DAY_S / 2
    # By rank: one drop of the sensor must not weigh more than an hour of walking.
    rank = np.searchsorted(np.sort(looks.spread[known]), looks.spread[known])
    place = (looks.time_s[known] % _DAY_S // rules.look_every_s).astype(np.int64)
    bins = int(_DAY_S / rules.look_every_s)
    total, count = np.bincount(place, rank, bins), np.bincount(place, minlength=bins)
    width = round(rules.busy_h * 3600 / rules.look_every_s)
    around = np.arange(bins)[:, None] + np.arange(width)
    mean = total[around % bins].sum(axis=1) / np.maximum(count[around % bins].sum(axis=1), 1)
    return (int(np.argmax(mean)) + width / 2) * rules.look_every_s % _DAY_S


def cut_recording(recording: Recording, start: datetime | None, rules: CuttingRules) -> list[Recording]:
    """The nights of a recording that is held whole; itself when it is one. `start` is as for `find_cuts`.

    Counts of damage stay those of the whole file.
    """
    cuts = find_cuts(recording.duration_s, start, lambda: _look_at(recording, rules), rules)
    if not cuts:
        return [recording]
    places = [round(cut * recording.rate_hz) for cut in cuts]
    known = np.flatnonzero(np.isfinite(recording.acceleration_g[0]))
    nights = []
    for begin, end in pairwise([0, *places, recording.acceleration_g.shape[1]]):
        # A night begins and ends with a sample, not in a gap.
        inside = known[np.searchsorted(known, begin) : np.searchsorted(known, end)]
        if len(inside) > 1:
            nights.append(_part(recording, int(inside[0]), int(inside[-1]) + 1))
    return [number_night(night, number, len(nights)) for number, night in enumerate(nights, 1)]


def _look_at(recording: Recording, rules: CuttingRules) -> Looks:
    size = round(rules.look_s * recording.rate_hz)
    time_s = np.arange(0, recording.duration_s - rules.look_s, rules.look_every_s)
    spread = [
        spread_of(recording.acceleration_g[:, begin : begin + size])
        for begin in np.rint(time_s * recording.rate_hz).astype(np.int64).tolist()
    ]
    return Looks(time_s, np.array(spread))


def _part(recording: Recording, begin: int, end: int) -> Recording:
    """Samples begin to end as a recording of their own."""
    from_s = begin / recording.rate_hz
    gaps_s = recording.gaps_s - from_s
    inside = (gaps_s[:, 0] >= 0) & (gaps_s[:, 1] <= (end - begin) / recording.rate_hz)
    return replace(
        recording,
        acceleration_g=recording.acceleration_g[:, begin:end],
        gaps_s=gaps_s[inside],
        start=recording.wall_clock(from_s),
        provenance=replace(recording.provenance, from_s=round(from_s, 6)),
    )


def number_night(night: Recording, number: int, count: int) -> Recording:
    """Say which night of its recording this is; lights marks of other nights are left out."""
    end = night.wall_clock(night.duration_s)
    before = timedelta(seconds=BEFORE_START_S if number == 1 else 0)

    def own(mark: datetime | None) -> datetime | None:
        if mark is None or night.start is None or end is None:
            return None
        return mark if night.start - before <= mark <= end else None

    known, marks = night.provenance, night.marks
    note = f"night: {number} of {count}, from {known.from_s / 3600:.2f} h after the first sample on"
    return replace(
        night,
        provenance=replace(known, night=number, nights=count, notes=(*known.notes, note)),
        marks=Marks(lights_off=own(marks.lights_off), lights_up=own(marks.lights_up)),
    )
