"""When a line of a text was recorded, and where the lines of a moment stand: reads a few lines, never the whole.

Knows places in a text and stamps. Must not know nights or units of acceleration.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sleepjerk.reading.cutting import LOOK_EVERY_S, LOOK_S, Looks, spread_of
from sleepjerk.reading.iso import TextStamps, known_times
from sleepjerk.reading.source import Text
from sleepjerk.recording import Floats, Samples
from sleepjerk.runtime import on_all_cores, parts_of

_PROBE_BYTES = 1 << 14
_LOOKED_AT_BYTES = 1 << 18  # rows from which the unit of time is told
_NEAR_BYTES = 1 << 10
_PROBES = 64
_FEW = 5  # of these the middle one is right
_LOOKED_AT_ROWS = 1 << 16
_PART_ROWS = 1 << 22
_EVERY_ROWS = 64  # the time of one in so many is held: those of all would take more memory than a night

Cells = Callable[[bytes], tuple[Floats | TextStamps | None, Samples]]


@dataclass(frozen=True, slots=True)
class Seeker:
    """Times of lines.

    Attributes
    ----------
    text
        The text.
    begin
        Where its rows begin.
    read
        Times as written and (3, n) values of some whole lines, sound rows only.
    unit_s
        Seconds in a unit of numeric times.
    rate_hz
        Samples a second, where the rows have no times.
    """

    text: Text
    begin: int
    read: Cells
    unit_s: float = 1.0
    rate_hz: float | None = None

    def first_times(self) -> Floats | TextStamps | None:
        """Times of some of the first sound rows, as written; None where no row has one."""
        place, size = self.begin, _LOOKED_AT_BYTES
        while place < self.text.end:
            end = self.text.next_line(place + size)
            times, values = self.read(self.text.read(place, end))
            if values.shape[1] > 1:
                return times
            place, size = end, size * 2
        return None

    def span_s(self) -> tuple[float, float]:
        """The first time and the last, seconds from any zero; infinite where no row has a time."""
        if self.rate_hz is not None:
            return 0.0, (self.text.count_lines(self.begin, self.text.end) - 1) / self.rate_hz
        first = self._some_from(self.begin)
        end, size, last = self.text.end, _PROBE_BYTES, first[:0]
        while end > self.begin and len(last) == 0:
            begin = self.text.next_line(max(self.begin, end - size))
            last = self._seconds(self.read(self.text.read(begin, end))[0])[-_FEW:]
            end, size = min(begin, end - 1), size * 2
        if len(last) == 0:
            return math.inf, math.inf
        return _ends(first, last)

    def in_order(self, slack_s: float) -> bool:
        """Whether the times of some places run forwards: no clock began again in the middle.

        Parameters
        ----------
        slack_s
            How far a clock may be set back all the same.
        """
        if self.rate_hz is not None:
            return True
        size = self.text.end - self.begin
        places = [self.begin + size * number // _PROBES for number in range(_PROBES)]
        return _run_forwards(np.array([self._usual_from(place) for place in places]), slack_s)

    def lines_before_s(self, place: int) -> float:
        """When the line at a place comes, where lines are counted."""
        return 0.0 if self.rate_hz is None else self.text.count_lines(self.begin, place) / self.rate_hz

    def place_of(self, time_s: float) -> int:
        """Where the first line begins that was recorded then or later."""
        if self.rate_hz is not None:
            return self.text.skip_lines(math.ceil(time_s * self.rate_hz), self.begin)
        low, high = self.begin, self.text.end
        while low < high:  # the least byte behind which lines are late
            middle = (low + high) // 2
            if self._usual_from(middle) >= time_s:
                high = middle
            else:
                low = middle + 1
        return self._border(self.text.next_line(low), time_s)

    def _border(self, place: int, time_s: float) -> int:
        """The line near a place that parts early lines from late ones best, so that no single wrong time does."""
        begin = self.text.next_line(max(self.begin, place - _NEAR_BYTES))
        lines = self.text.read(begin, self.text.next_line(place + _NEAR_BYTES)).splitlines(keepends=True)
        times = [self._seconds(self.read(line)[0]) for line in lines]
        late = np.array([len(time) > 0 and time[0] >= time_s for time in times], dtype=int)
        early = np.array([len(time) > 0 and time[0] < time_s for time in times], dtype=int)
        wrong = np.concatenate(([0], np.cumsum(late))) + early.sum() - np.concatenate(([0], np.cumsum(early)))
        return begin + sum(len(line) for line in lines[: int(np.argmin(wrong))])

    def look(self, first_s: float, last_s: float) -> Looks:
        """How lively it is here and there, from the first time to the last, as `span_s` tells them."""
        size = self.text.end - self.begin
        count = max(1, int((last_s - first_s) / LOOK_EVERY_S))
        places = [self.begin + size * number // count for number in range(count)]
        found = on_all_cores(lambda place: self._look_at(place, size / (last_s - first_s)), places)
        time_s, spread = (np.array(column) for column in zip(*found, strict=True))
        if self.rate_hz is not None:
            time_s = np.arange(count) * (last_s - first_s) / count
        known = np.isfinite(time_s)
        return Looks(time_s[known] - (0.0 if self.rate_hz else first_s), spread[known])

    def _look_at(self, place: int, bytes_a_second: float) -> tuple[float, float]:
        begin = self.text.next_line(place)
        end = self.text.next_line(begin + max(round(LOOK_S * bytes_a_second), 1))
        times, values = self.read(self.text.read(begin, end))
        known = self._seconds(times)
        return (float(known[0]) if len(known) else math.nan), spread_of(values)

    def _usual_from(self, place: int) -> float:
        """When about the lines were recorded that begin at a place or later; infinite at the end."""
        some = self._some_from(place)
        return float(np.median(some)) if len(some) else math.inf

    def _some_from(self, place: int) -> Floats:
        """The first few times from a place on."""
        place, size = self.text.next_line(place), _PROBE_BYTES
        while place < self.text.end:
            end = self.text.next_line(place + size)
            known = self._seconds(self.read(self.text.read(place, end))[0])
            if len(known):
                return known[:_FEW]
            place, size = end, size * 2
        return np.empty(0)

    def _seconds(self, times: Floats | TextStamps | None) -> Floats:
        """Those that are known."""
        if times is None:
            return np.empty(0)
        seconds = _in_seconds(times, self.unit_s)
        return np.asarray(seconds[np.isfinite(seconds)])


@dataclass(frozen=True)
class RowTimes:
    """The same where rows can be read by their number, which then is their place.

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
        As for `Seeker`.
    """

    count: int
    times: Callable[[int, int], Floats | TextStamps] | None
    values: Callable[[int, int], Samples]
    unit_s: float = 1.0
    rate_hz: float | None = None

    def first_times(self) -> Floats | TextStamps | None:
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
        if min(len(first), len(last)) < _FEW:  # only then are those between read for this
            known = np.concatenate((begin, self._some_s, end))
            first = last = known[np.isfinite(known)]
        return _ends(first[:_FEW], last[-_FEW:]) if len(first) else (math.inf, math.inf)

    def in_order(self, slack_s: float) -> bool:
        """As `Seeker.in_order`."""
        if self.rate_hz is not None:
            return True
        known = self._some_s[np.isfinite(self._some_s)]
        if len(known) == 0:
            return False
        places = len(known) * np.arange(_PROBES)[:, None] // _PROBES + np.arange(_FEW)
        return _run_forwards(np.median(known[np.minimum(places, len(known) - 1)], axis=1), slack_s)

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

    def look(self, first_s: float, last_s: float) -> Looks:
        """As `Seeker.look`, but in large parts: of a packed file no few rows can be read alone."""
        looks = max(1, int((last_s - first_s) / LOOK_EVERY_S))
        every, size = max(1, self.count // looks), max(1, round(LOOK_S * self.count / (last_s - first_s)))
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
        return _in_seconds(self.times(max(0, begin), min(end, self.count)), self.unit_s)


def _in_seconds(times: Floats | TextStamps, unit_s: float) -> Floats:
    return times.since_1970_s() if isinstance(times, TextStamps) else times * unit_s


def _ends(first: Floats, last: Floats) -> tuple[float, float]:
    """The first time and the last, of the first few and the last few: no single wrong one makes a month of a night."""
    return float(first[first <= np.median(first)][0]), float(last[last >= np.median(last)][-1])


def _run_forwards(times: Floats, slack_s: float) -> bool:
    return bool((times[1:] >= times[:-1] - slack_s).all())


def _border(time_s: Floats, at_s: float) -> tuple[int, int]:
    """The last time that is earlier (0 where none is) and the first that is not; a single wrong one hardly counts."""
    known = np.flatnonzero(np.isfinite(time_s))
    early = int(np.count_nonzero(time_s[known] < at_s))
    return int(known[early - 1]) if early else 0, int(known[early]) if early < len(known) else len(time_s)
