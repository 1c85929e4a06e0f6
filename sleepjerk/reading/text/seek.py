"""When a line of a text was recorded, and where the lines of a moment stand: reads a few lines, never the whole.

Knows places in a text and stamps. Must not know nights or units of acceleration.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sleepjerk.reading.nights import Looks, spread_of
from sleepjerk.reading.seek import FEW, PROBES, ends_of, in_seconds, run_forwards
from sleepjerk.reading.source import Text
from sleepjerk.reading.table import Times
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import CuttingRules
from sleepjerk.runtime import on_all_cores

_PROBE_BYTES = 1 << 14
_LOOKED_AT_BYTES = 1 << 18  # rows from which the unit of time is told
_NEAR_BYTES = 1 << 10

Cells = Callable[[bytes], tuple[Times | None, Samples]]


@dataclass(frozen=True, slots=True)
class TextSeeker:
    """A `Seeker` in the lines of a text, whose rows begin at `begin`; places are bytes.

    `read` gives times as written and (3, n) values of some whole lines, sound rows only; `unit_s` and `rate_hz` are as
    in `RowSeeker`.
    """

    text: Text
    begin: int
    read: Cells
    unit_s: float = 1.0
    rate_hz: float | None = None

    def first_times(self) -> Times | None:
        """As `Seeker.first_times`."""
        place, size = self.begin, _LOOKED_AT_BYTES
        while place < self.text.end:
            end = self.text.next_line(place + size)
            times, values = self.read(self.text.read(place, end))
            if values.shape[1] > 1:
                return times
            place, size = end, size * 2
        return None

    def span_s(self) -> tuple[float, float]:
        """As `Seeker.span_s`."""
        if self.rate_hz is not None:
            return 0.0, (self.text.count_lines(self.begin, self.text.end) - 1) / self.rate_hz
        first = self._some_from(self.begin)
        end, size, last = self.text.end, _PROBE_BYTES, first[:0]
        while end > self.begin and len(last) == 0:
            begin = self.text.next_line(max(self.begin, end - size))
            last = self._seconds(self.read(self.text.read(begin, end))[0])[-FEW:]
            end, size = min(begin, end - 1), size * 2
        if len(last) == 0:
            return math.inf, math.inf
        return ends_of(first, last)

    def in_order(self, slack_s: float) -> bool:
        """As `Seeker.in_order`, by the times of some places."""
        if self.rate_hz is not None:
            return True
        size = self.text.end - self.begin
        places = [self.begin + size * number // PROBES for number in range(PROBES)]
        return run_forwards(np.array([self._usual_from(place) for place in places]), slack_s)

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
        times = self._seconds(self.read(b"".join(lines))[0])
        if len(times) != len(lines):  # some are damaged: which?
            alone = [self._seconds(self.read(line)[0]) for line in lines]
            times = np.array([time[0] if len(time) else math.nan for time in alone])
        late, early = (times >= time_s).astype(int), (times < time_s).astype(int)
        wrong = np.concatenate(([0], np.cumsum(late))) + early.sum() - np.concatenate(([0], np.cumsum(early)))
        return begin + sum(len(line) for line in lines[: int(np.argmin(wrong))])

    def look(self, first_s: float, last_s: float, rules: CuttingRules) -> Looks:
        """As `Seeker.look`."""
        size = self.text.end - self.begin
        count = max(1, int((last_s - first_s) / rules.look_every_s))
        places = [self.begin + size * number // count for number in range(count)]
        look_bytes = max(round(rules.look_s * size / (last_s - first_s)), 1)
        found = on_all_cores(lambda place: self._look_at(place, look_bytes), places)
        time_s, spread = (np.array(column) for column in zip(*found, strict=True))
        if self.rate_hz is not None:
            time_s = np.arange(count) * (last_s - first_s) / count
        known = np.isfinite(time_s)
        return Looks(time_s[known] - (0.0 if self.rate_hz else first_s), spread[known])

    def _look_at(self, place: int, look_bytes: int) -> tuple[float, float]:
        begin = self.text.next_line(place)
        end = self.text.next_line(begin + look_bytes)
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
                return known[:FEW]
            place, size = end, size * 2
        return np.empty(0)

    def _seconds(self, times: Times | None) -> Floats:
        """Those that are known."""
        if times is None:
            return np.empty(0)
        seconds = in_seconds(times, self.unit_s)
        return np.asarray(seconds[np.isfinite(seconds)])
