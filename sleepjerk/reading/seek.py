"""When a line of a text was recorded, and where the lines of a moment stand: reads a few lines, never the whole.

Knows places in a text and stamps. Must not know nights or units of acceleration.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sleepjerk.cores import on_all_cores
from sleepjerk.reading.cutting import LOOK_EVERY_S, LOOK_S, Looks, spread_of
from sleepjerk.reading.iso import TextStamps
from sleepjerk.reading.source import Text
from sleepjerk.recording import Floats, Samples

_PROBE_BYTES = 1 << 14

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

    def span_s(self) -> tuple[float, float]:
        """The first time and the last, seconds from any zero."""
        if self.rate_hz is not None:
            return 0.0, (self.text.count_lines(self.begin, self.text.end) - 1) / self.rate_hz
        first, place, last = self._time_from(self.begin), self.text.end, math.inf
        while place > self.begin and not math.isfinite(last):
            place = max(self.begin, place - _PROBE_BYTES)
            last = self._last_time(place)
        return first, last

    def time_of(self, place: int) -> float:
        """When the line was recorded that begins at a place, on the clock of `span_s`."""
        if self.rate_hz is not None:
            return self.text.count_lines(self.begin, place) / self.rate_hz
        return self._time_from(place)

    def place_of(self, time_s: float) -> int:
        """Where the first line begins that was recorded then or later."""
        if self.rate_hz is not None:
            return self.text.skip_lines(math.ceil(time_s * self.rate_hz), self.begin)
        low, high = self.begin, self.text.end
        while low < high:  # the least byte behind which no earlier line begins
            middle = (low + high) // 2
            if self._time_from(self.text.next_line(middle)) >= time_s:
                high = middle
            else:
                low = middle + 1
        return self.text.next_line(low)

    def look(self) -> Looks:
        """How lively it is here and there."""
        first_s, last_s = self.span_s()
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

    def _time_from(self, place: int) -> float:
        """When the first line was recorded that begins at a place or later and has a time; infinite at the end."""
        while place < self.text.end:
            end = self.text.next_line(place + _PROBE_BYTES)
            known = self._seconds(self.read(self.text.read(place, end))[0])
            if len(known):
                return float(known[0])
            place = end
        return math.inf

    def _last_time(self, place: int) -> float:
        known = self._seconds(self.read(self.text.read(self.text.next_line(place), self.text.end))[0])
        return float(known[-1]) if len(known) else math.inf

    def _seconds(self, times: Floats | TextStamps | None) -> Floats:
        """Those that are known."""
        if times is None:
            return np.empty(0)
        seconds = times.since_1970_s() if isinstance(times, TextStamps) else times * self.unit_s
        return np.asarray(seconds[np.isfinite(seconds)])
