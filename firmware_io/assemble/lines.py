"""Lines of numbers, or packets with the same -> rows of one night. Pure.

Knows lines, their layout and the time line. Must not know our own frames, ports, files or any clock of its own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware_io.assemble.counted import CountedClock
from firmware_io.assemble.timeline import AHEAD_SHARE, GAP_PERIODS, Ledger, Note, Row, TimeLine
from firmware_io.clock import WRAP_US, unwrap
from firmware_io.wire import Item, Line, Skipped
from firmware_io.wire.lines import Layout

_MOST_G = 40.0  # no sensor of +-16 g shows more in any direction; a number that lost its point does
_LINES_BACK = 3  # a line's time may be set back by so many periods; more is damage, or another start
_LINES_AHEAD = 5  # a line's time may be so many periods ahead of what the host's clock explains
_PAUSE_PERIODS, _PAUSE_US = 20, 500_000.0  # nothing came for so long: a gap, or lines that wait somewhere
_BURST_SHARE = 0.5  # of a period; lines that come sooner after each other waited somewhere
_CROWDED = 0.5  # of a period: how far behind its neighbour a sample is put whose stamp says the same
_LATE_SHARE = 0.75  # of a period; what is later than it is due by more is taken for lost, for now
_PHASE_FOLLOWS = 0.05  # of how late a sample is: the time when the next one is due follows
_MEASURED_ROWS = 1000  # from which the period is measured again
_MOST_DRIFT = 0.05  # by which it may differ from what it was
_MOST_OWED = 50  # samples: what is missing for longer doesn't come any more


@dataclass(slots=True)
class LineAssembler:
    """Rows from lines of numbers, with the layout that was found out.

    Without a time column the lines themselves are the clock: each is one period after the last, and the period
    follows the host's clock slowly, so that the bursts of a USB bridge leave no trace.

    Lines have no checksum, and a damaged digit makes another number. So a length no sensor can show is no sample,
    and a jump in time is believed only when the next line goes on from there.
    """

    layout: Layout
    ledger: Ledger = field(default_factory=Ledger)
    _line: TimeLine = field(default_factory=TimeLine)
    _bad_lines: int = 0
    _before: tuple[int, float] | None = None  # ticks and host time of the last line believed
    _held: tuple[Line, float] | None = (
        None  # a line whose time doesn't follow, until the next one speaks for it
    )
    _period_us: float = 0.0
    _clock: CountedClock = field(init=False)
    _counter: int | None = None
    _measured: tuple[int, int, int] = (0, 0, 0)  # good rows, time and lost ones at the last measurement
    _due_us: float = 0.0  # when the next sample should come
    _owed: int = 0  # samples that seemed lost a moment ago, and may only be late
    _stalled: list[Line] = field(
        default_factory=list
    )  # came after a pause; how many, and when they end, places them
    _stalled_s: float = 0.0
    _row_before: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self._period_us = 1e6 / self.layout.rate_hz
        self._clock = CountedClock(self._period_us)

    @property
    def zero_host_s(self) -> float:
        """Host time of the first sample."""
        return self._line.zero_host_s if self._clock.zero_host_s is None else self._clock.zero_host_s

    def feed(self, item: Item, host_s: float) -> Iterator[Row | Note]:
        """What one item adds to the night."""
        if isinstance(item, Skipped):
            self.ledger.skipped_bytes += item.size
            self._bad_lines += item.reason != "no numbers"
        elif isinstance(item, Line):
            if len(item.numbers) != self.layout.columns:
                self.ledger.skipped_bytes += item.size
                self._bad_lines += 1
                return
            yield from self._believe(item, host_s)

    def _believe(self, line: Line, host_s: float) -> Iterator[Row | Note]:
        """Rows of this line and of the one held, as far as they are no damage."""
        if math.hypot(*(line.numbers[place] for place in self.layout.places)) > _MOST_G * self.layout.per_g:
            self._refuse(line)
            return
        if self.layout.time_column is None:
            yield from self._after_a_pause(line, host_s)
            return
        held, self._held = self._held, None
        if self._follows(line, host_s, self._before):
            if held is not None:
                self._refuse(held[0])
        elif held is not None and self._follows(line, host_s, (self._ticks(held[0]), held[1])):
            yield from self._row(*held)
        else:
            if held is not None:
                self._refuse(held[0])
            self._held = (line, host_s)
            return
        self._before = (self._ticks(line), host_s)
        yield from self._row(line, host_s)

    def _after_a_pause(self, line: Line, host_s: float) -> Iterator[Row | Note]:
        """Lines that waited somewhere come at once: counted, they show whether any is missing."""
        if self._stalled:
            if 1e6 * (host_s - self._stalled_s) < _BURST_SHARE * self._period_us:
                self._stalled.append(line)
                self._stalled_s = host_s
                return
            yield from self.finish()
        if self._clock.late_us(host_s) > max(_PAUSE_PERIODS * self._period_us, _PAUSE_US):
            self._stalled, self._stalled_s = [line], host_s
            return
        yield from self._row(line, host_s)

    def finish(self) -> Iterator[Row | Note]:
        """Rows of the lines that came after a pause: the last of them just now, the others before it."""
        stalled, self._stalled = self._stalled, []
        if not stalled:
            return
        if self._clock.since_us(self._stalled_s) > (len(stalled) + GAP_PERIODS) * self._period_us:
            self._clock.go_on(self._stalled_s, len(stalled))
            self._counter = None
        self._clock.forget()
        for waited in stalled:
            yield from self._row(waited, None)

    def _follows(self, line: Line, host_s: float, before: tuple[int, float] | None) -> bool:
        """Does this line's time go on from another's, as far as the host's clock allows?"""
        if before is None:
            return True
        ticks, before_s = before
        step_us = self._ticks(line) - ticks
        if self._wraps:
            step_us = unwrap(step_us % WRAP_US, 0)
        return (
            -_LINES_BACK * self._period_us
            <= step_us
            <= _LINES_AHEAD * self._period_us + 1e6 * (1 + AHEAD_SHARE) * (host_s - before_s)
        )

    def _refuse(self, line: Line) -> None:
        self.ledger.skipped_bytes += line.size
        self._bad_lines += 1

    @property
    def _wraps(self) -> bool:
        """Only microseconds go round within a night."""
        return self.layout.tick_s is not None and self.layout.tick_s < 1e-5

    def _ticks(self, line: Line) -> int:
        """The line's own time, microseconds."""
        assert self.layout.time_column is not None
        assert self.layout.tick_s is not None
        return round(line.numbers[self.layout.time_column] * self.layout.tick_s * 1e6)

    def _row(self, line: Line, host_s: float | None) -> Iterator[Row | Note]:
        """One sample; `host_s` is None where it waited before it came, so that no clock is set by it."""
        layout = self.layout
        x, y, z = (line.numbers[place] / layout.per_g for place in layout.places)
        t_us, reset = (
            self._line.place(self._ticks(line), host_s, wraps=self._wraps)
            if layout.time_column is not None and host_s is not None
            else (self._clock.count(host_s, self._steps(line, host_s)), False)
        )
        if layout.time_column is None:
            self._period_us = self._clock.period_us
        if t_us <= self._line.last_us:
            if line.numbers == self._row_before:
                self.ledger.repeated += 1
                return
            # Stamps of whole milliseconds or hundredths are shared, or set back a little; nothing came twice.
            t_us = self._line.last_us + max(1, int(_CROWDED * self._period_us))
        self._row_before = line.numbers
        if reset:
            self.ledger.resets += 1
            yield Note(t_us, "reset")
        yield from self._count(t_us)
        self._line.advance(t_us, self._stalled_s if host_s is None else host_s)
        self.ledger.good += 1
        yield Row(t_us, x, y, z)

    def _count(self, t_us: int) -> Iterator[Note]:
        """Count samples against the time that passed: one that is late is lost only until it makes good for it."""
        step_us, off_us = t_us - self._line.last_us, t_us - self._due_us
        if self._line.last_us < 0:
            off_us = 0.0
        elif off_us > _LATE_SHARE * self._period_us:
            lost = max(round(off_us / self._period_us), 1)
            rejected = min(lost, self._bad_lines)
            self.ledger.rejected += rejected
            self.ledger.gap += lost - rejected
            self._owed = min(self._owed + lost - rejected, _MOST_OWED)
            off_us -= lost * self._period_us
            yield Note(t_us, f"gap {step_us / 1e6:.3f} s")
        elif off_us < -_LATE_SHARE * self._period_us and self._owed:
            self._owed -= 1
            self.ledger.gap -= 1
            off_us += self._period_us
        self._bad_lines = 0
        self._measure_period(t_us)
        self._due_us = t_us - (1 - _PHASE_FOLLOWS) * off_us + self._period_us

    def _measure_period(self, t_us: int) -> None:
        """By the line's own clock, over stretches without a loss; without one the period follows the host's."""
        good, then_us, lost = self._measured
        if self.layout.time_column is None or self.ledger.good - good < _MEASURED_ROWS:
            return
        self._measured = (self.ledger.good, t_us, self.ledger.lost)
        period_us = (t_us - then_us) / (self.ledger.good - good)
        if good and lost == self.ledger.lost and abs(period_us / self._period_us - 1) < _MOST_DRIFT:
            self._period_us = period_us

    def _steps(self, line: Line, host_s: float | None) -> int:
        """How many periods after the last line this one was sent; 0: the same one again.

        By its counter, where it has one; else a line that came damaged took its time, too.
        """
        if self.layout.counter_column is None:
            late = 0.0 if host_s is None else self._clock.since_us(host_s) / self._period_us - 1
            return 1 + max(0, min(self._bad_lines, round(late)))
        now, before = int(line.numbers[self.layout.counter_column]), self._counter
        self._counter = now
        return 1 if before is None else (now - before) % self.layout.counter_wrap
