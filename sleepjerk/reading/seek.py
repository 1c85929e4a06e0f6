"""When the row at a place was recorded, and at which place the rows of a moment stand, without reading all of them.

Knows places and times. Must not know nights, units of acceleration, or what a place is in a text (`text.seek`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from sleepjerk.reading.iso import TextStamps, known_times
from sleepjerk.reading.nights import Looks, spread_of
from sleepjerk.reading.table import Times
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import CuttingRules
from sleepjerk.runtime import parts_of

PROBES = 1 << 6  # places at which a clock is looked at
FEW = 5  # plain: times, of which the middle one is right
_LOOKED_AT_ROWS = 1 << 16
_PART_ROWS = 1 << 22
_EVERY_ROWS = 1 << 6  # the time of one in so many is held: those of all would take more memory than a night


class Seeker(Protocol):
    """Times of rows by their places, and places by times."""

    def first_times(self) -> Times | None:
        """Times of some of the first sound rows, as written; None where no row has one."""

    def span_s(self) -> tuple[float, float]:
        """The first time and the last, seconds from any zero; infinite where no row has a time."""

    def in_order(self, slack_s: float) -> bool:
        """Whether times run forwards all along; a clock may be set back by the slack."""

    def lines_before_s(self, place: int) -> float:
        """When the row at a place comes, where rows are counted; else 0."""

    def place_of(self, time_s: float) -> int:
        """Where the first row stands that was recorded then or later."""

    def look(self, first_s: float, last_s: float, rules: CuttingRules) -> Looks:
        """How lively it is here and there, from the first time to the last, as `span_s` tells them."""


@dataclass(frozen=True)
class RowSeeker:
    """Times of rows that can be read by their number, which then is their place.

    Attributes
    ----------
    count
        How many rows there are.
    times
        Reads the times of the rows from one number to another, as written, NaN where unknown; None where rows have
        no times.
    values
        Reads (3, m) values of the rows from one number to another, NaN where unknown.
    unit_s, rate_hz
        Seconds in a unit of numeric times; samples a second, where the rows have no times.
    """

    count: int
    times: Callable[[int, int], Times] | None
    values: Callable[[int, int], Samples]
    unit_s: float = 1.0
    rate_hz: float | None = None

    def first_times(self) -> Times | None:
        """As `Seeker.first_times`."""
        assert self.times is not None
        for here in parts_of(self.count, _LOOKED_AT_ROWS):
            times = self.times(here.start, here.stop)
            known = known_times(times)
            if known.any():
                return times if isinstance(times, TextStamps) else times[known]
        return None

    def span_s(self) -> tuple[float, float]:
        """As `Seeker.span_s`."""
        if self.rate_hz is not None:
            return 0.0, (self.count - 1) / self.rate_hz
        begin, end = self._exact_s(0, _EVERY_ROWS), self._exact_s(self.count - _EVERY_ROWS, self.count)
        first, last = begin[np.isfinite(begin)], end[np.isfinite(end)]
        if min(len(first), len(last)) < FEW:  # only then are those between read for this
            known = np.concatenate((begin, self._some_s, end))
            first = last = known[np.isfinite(known)]
        return ends_of(first[:FEW], last[-FEW:]) if len(first) else (math.inf, math.inf)

    def in_order(self, slack_s: float) -> bool:
        """As `Seeker.in_order`."""
        if self.rate_hz is not None:
            return True
        known = self._some_s[np.isfinite(self._some_s)]
        if len(known) == 0:
            return False
        places = len(known) * np.arange(PROBES)[:, None] // PROBES + np.arange(FEW)
        return run_forwards(np.median(known[np.minimum(places, len(known) - 1)], axis=1), slack_s)

    def lines_before_s(self, place: int) -> float:
        """When a row comes, where rows are counted."""
        return 0.0 if self.rate_hz is None else place / self.rate_hz

    def place_of(self, time_s: float) -> int:
        """The first row that was recorded then or later; a wrong time moves it by a row, or by those held apart."""
        if self.rate_hz is not None:
            return math.ceil(time_s * self.rate_hz)
        begin, end = _border(self._some_s, time_s)
        near_s = self._exact_s(begin * _EVERY_ROWS, (end + 1) * _EVERY_ROWS)
        return begin * _EVERY_ROWS + _border(near_s, time_s)[1]

    def look(self, first_s: float, last_s: float, rules: CuttingRules) -> Looks:
        """As `Seeker.look`, but in large parts: of a packed file no few rows can be read alone."""
        looks = max(1, int((last_s - first_s) / rules.look_every_s))
        every = max(1, self.count // looks)
        size = max(1, round(rules.look_s * self.count / (last_s - first_s)))
        spread = []
        for here in parts_of(self.count, max(1, _PART_ROWS // every) * every):
            values = self.values(here.start, here.stop)
            parts = [values[:, begin : begin + size] for begin in range(0, values.shape[1], every)]
            spread += [spread_of(part[:, np.isfinite(part).all(axis=0)]) for part in parts]
        rows = np.arange(len(spread)) * every
        if self.rate_hz is not None:
            return Looks(rows / self.rate_hz, np.array(spread))
        time_s = self._some_s[rows // _EVERY_ROWS] - first_s
        known = np.isfinite(time_s)
        return Looks(time_s[known], np.array(spread)[known])

    @cached_property
    def _some_s(self) -> Floats:
        """(k,) seconds of the first row of every `_EVERY_ROWS` whose time is known; NaN where none is."""
        found = []
        for here in parts_of(self.count, _PART_ROWS):
            time_s = self._exact_s(here.start, here.stop)
            few = np.pad(time_s, (0, -len(time_s) % _EVERY_ROWS), constant_values=np.nan).reshape(
                -1, _EVERY_ROWS
            )
            found.append(few[np.arange(len(few)), np.isfinite(few).argmax(axis=1)])
        return np.concatenate(found) if found else np.empty(0)

    def _exact_s(self, begin: int, end: int) -> Floats:
        assert self.times is not None
        return in_seconds(self.times(max(0, begin), min(end, self.count)), self.unit_s)


def in_seconds(times: Times, unit_s: float) -> Floats:
    """(n,) seconds since whatever the times count from."""
    return times.since_1970_s() if isinstance(times, TextStamps) else times * unit_s


def ends_of(first: Floats, last: Floats) -> tuple[float, float]:
    """The first time and the last, of the first few and the last few: no single wrong one makes a month of a night."""
    return float(first[first <= np.median(first)][0]), float(last[last >= np.median(last)][-1])


def run_forwards(times: Floats, slack_s: float) -> bool:
    """Whether no time lies before the one before it, by more than the slack."""
    return bool((times[1:] >= times[:-1] - slack_s).all())


def _border(time_s: Floats, at_s: float) -> tuple[int, int]:
    """The last time that is earlier (0 where none is) and the first that is not; a single wrong one hardly counts."""
    known = np.flatnonzero(np.isfinite(time_s))
    early = int(np.count_nonzero(time_s[known] < at_s))
    return int(known[early - 1]) if early else 0, int(known[early]) if early < len(known) else len(time_s)
