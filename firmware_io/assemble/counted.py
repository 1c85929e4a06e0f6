"""When lines without a time were taken: counted, and held against the host's clock. Pure.

A line reaches the host late, never early, and many may come at once. So only the promptest line of each half of a
stretch counts. If the second is later than the first, the lines come more slowly than was thought. Stretches are short
in the beginning, when the rate is hardly known, and grow longer.
"""

import math
from dataclasses import dataclass

_FIRST_US, _LONGEST_US = 1.1e6, 120e6
_ARRIVALS = 8  # in each half; of fewer the promptest may be late, too
_AT_ONCE_S = 0.002
_MOST_CORRECTION = 0.1  # of a period, by which a line is moved
_MOST_DRIFT = 0.3  # of the first period, which may have been a bad guess


@dataclass(slots=True)
class CountedClock:
    """Microseconds since the first line, one period after the other."""

    period_us: float
    zero_host_s: float | None = None
    now_us: float = 0.0  # of the last line
    _first_period_us: float = 0.0
    _usual_us: float | None = None  # how late the promptest line is
    _half: tuple[float, int] | None = None  # the same of the first half of this stretch, and its lines
    _least_us: float = math.inf  # and of this half, with all that is owed
    _lines: int = 0
    _arrivals: int = 0
    _arrived_s: float = 0.0
    _stretch_us: float = _FIRST_US
    _doubted_us: float = 0.0  # how far the last stretch was off, if that was too far to be believed
    _owed_us: float = 0.0  # a correction, of which each line gets a little

    def late_us(self, host_s: float) -> float:
        """How long after the last line's time a moment of the host is."""
        return 1e6 * (host_s - (host_s if self.zero_host_s is None else self.zero_host_s)) - self.now_us

    def since_us(self, host_s: float) -> float:
        """How long a promptest line that comes now would be behind the last one."""
        return self.late_us(host_s) - (self._usual_us or 0.0)

    def count(self, host_s: float | None, steps: int) -> int:
        """One line more, so many periods after the last; `host_s` is None where it waited for long."""
        if self.zero_host_s is None and host_s is not None:
            self.zero_host_s, self._first_period_us = host_s, self.period_us
            return 0
        self.now_us += steps * self.period_us
        if host_s is not None:
            most_us = _MOST_CORRECTION * self.period_us
            correction_us = min(max(self._owed_us, -most_us), most_us)
            self._owed_us -= correction_us
            self.now_us += correction_us
            self._least_us = min(self._least_us, self.late_us(host_s) - self._owed_us)
            self._lines += steps
            self._arrivals += host_s > self._arrived_s + _AT_ONCE_S
            self._arrived_s = host_s
            if self._arrivals >= _ARRIVALS and 2 * self._lines * self.period_us >= self._stretch_us:
                self._end_half()
        return round(self.now_us)

    def go_on(self, host_s: float, lines: int) -> None:
        """After a gap: so many lines are here now, and the last of them just came."""
        self.now_us += self.since_us(host_s) - lines * self.period_us
        self._owed_us = 0.0

    def forget(self) -> None:
        """Begin a stretch anew, as the lines of this one waited."""
        self._lines, self._arrivals, self._least_us, self._half = 0, 0, math.inf, None

    def _end_half(self) -> None:
        if self._half is None:
            half = self._least_us, self._lines
            self.forget()
            self._half = half
            return
        drift_us = (self._least_us - self._half[0]) / self._half[1]  # of each line
        # The promptest line stands at the begin of each half where lines fall behind, else at its end.
        late_us = self._least_us + max(drift_us, 0.0) * self._lines
        # What two stretches in a row say is no accident: the board's rate changed.
        if abs(drift_us - self._doubted_us) < _MOST_DRIFT * abs(drift_us):
            self._first_period_us = self.period_us + drift_us
        self._doubted_us = 0.0
        if abs((self.period_us + drift_us) / self._first_period_us - 1) < _MOST_DRIFT:
            self.period_us += drift_us
        else:
            self._doubted_us = drift_us
        if self._usual_us is None:
            self._usual_us = late_us
        self._owed_us += late_us - self._usual_us
        self._stretch_us = min(2 * self._stretch_us, _LONGEST_US)
        self.forget()
