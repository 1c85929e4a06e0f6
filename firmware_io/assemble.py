"""Frames or lines -> the rows of one night on one time line, and the ledger of what is missing. Pure.

Knows the words of `wire` and host times it is given. Must not know ports, files or any clock of its own.

The time line is the device's, in microseconds since its first sample. A reset starts the device's clock again;
the new stretch is then placed by the host's monotonic clock. A gap stays a jump. Nothing is repeated, moved back
or invented: what was lost is counted, and told in notes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware_io.clock import WRAP_US, unwrap
from firmware_io.wire import Data, Frame, Hello, Item, Line, Mark, Skipped, Status
from firmware_io.wire.lines import Layout

_HELD_FRAMES = 100  # data that came before the first hello: 10 s at 100 Hz
_GAP_PERIODS = 1.5  # a step longer than this many sample periods means that samples are missing
_BACK_US = 500_000  # a serial line never delivers so late; a clock that jumps back further began again
_AHEAD_US = 30_000_000  # buffers hold seconds, no half minute: further ahead of the host, a clock began again
_AHEAD_SHARE = 0.01  # and clocks disagree by this share of a long gap at most; resonators are off by 0.2 %
_MOST_G = 40.0  # no sensor of +-16 g shows more in any direction; a number that lost its point does
_LINES_BACK = 3  # a line's time may be set back by so many periods; more is damage, or another start
_LINES_AHEAD = 5  # a line's time may be so many periods ahead of what the host's clock explains
_MOST_CORRECTION = 0.1  # of a period, by which a line without a clock is moved towards the host's
_PAUSE_PERIODS, _PAUSE_US = 20, 500_000.0  # nothing came for so long: a gap, or lines that wait somewhere
_BURST_SHARE = 0.5  # of a period; lines that come sooner after each other waited somewhere
_CROWDED = 0.5  # of a period: how far behind its neighbour a sample is put whose stamp says the same
_LATE_SHARE = 0.75  # of a period; what is later than it is due by more is taken for lost, for now
_PHASE_FOLLOWS = 0.05  # of how late a sample is: the time when the next one is due follows
_MEASURED_ROWS = 1000  # from which the period is measured again
_MOST_DRIFT = 0.05  # by which it may differ from what it was
_MOST_OWED = 50  # samples: what is missing for longer doesn't come any more
_DELAY_LEAK = 0.02  # the least delay may rise by so much a second, so that it follows a slow board


@dataclass(frozen=True, slots=True)
class Row:
    """One sample: microseconds since the first, and three axes in g."""

    t_us: int
    x_g: float
    y_g: float
    z_g: float


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the clock log: what happened, and where on the time line (None before the first sample)."""

    t_us: int | None
    event: str


@dataclass(slots=True)
class Ledger:
    """Where every sample went: expected = good + gap + rejected + dropped.

    `gap`: the wire lost them. `rejected`: they came damaged. `dropped`: the board says it had to drop them.
    `repeated` came twice and is no part of the sum; `skipped_bytes` made no sense.
    """

    good: int = 0
    gap: int = 0
    rejected: int = 0
    dropped: int = 0
    repeated: int = 0
    resets: int = 0
    skipped_bytes: int = 0

    @property
    def expected(self) -> int:
        """Samples the device's time line has room for."""
        return self.good + self.gap + self.rejected + self.dropped

    @property
    def lost(self) -> int:
        """Samples that are not in the file."""
        return self.gap + self.rejected + self.dropped


@dataclass(slots=True)
class TimeLine:
    """Places device ticks on the night's time line.

    A sample reaches the host late, never early. So the promptest arrival so far tells what the board's clock can
    show at most by now; from that a stretch after a reset is placed, and a clock that can't be true is noticed
    even when the board doesn't say that it was reset.
    """

    origin: int | None = None  # full device ticks at t_us = 0 of the present stretch
    zero_host_s: float = 0.0  # host time of the first sample
    last_us: int = -1
    last_host_s: float = 0.0
    least_delay_s: float = 0.0  # host time minus time line, of the promptest arrival

    def place(
        self, ticks_us: int, host_s: float, *, span_us: int = 0, restart: bool = False, wraps: bool = True
    ) -> tuple[int, bool]:
        """Microseconds since the first sample of the night, and whether the board's clock began again.

        Parameters
        ----------
        ticks_us
            Of the first sample of a batch.
        host_s
            When the last sample of the batch arrived.
        span_us
            From the first to the last sample of the batch.
        restart
            The board says that it was reset.
        wraps
            The ticks are modulo 2^32.
        """
        if self.origin is None:
            self.origin, self.zero_host_s = ticks_us, host_s - span_us / 1e6
            self.last_host_s, self.least_delay_s = host_s, self.zero_host_s
            return 0, False
        newest_us = self._newest_us(host_s) - span_us
        t_us = (unwrap(ticks_us, self.origin + newest_us, WRAP_US) if wraps else ticks_us) - self.origin
        if not restart and not self._impossible(t_us, newest_us, host_s):
            return t_us, False
        t_us = max(newest_us, self.last_us + 1)
        self.origin = ticks_us - t_us
        return t_us, True

    def where(self, ticks_us: int, host_s: float) -> int | None:
        """Where a moment of the present stretch is, for whatever is no sample; None before the first sample."""
        if self.origin is None:
            return None
        return max(unwrap(ticks_us, self.origin + self._newest_us(host_s), WRAP_US) - self.origin, 0)

    def _newest_us(self, host_s: float) -> int:
        """The latest moment of which the host can have heard by now."""
        return int(1e6 * (host_s - self.least_delay_s))

    def _impossible(self, t_us: int, newest_us: int, host_s: float) -> bool:
        elapsed_us = 1e6 * (host_s - self.last_host_s)
        ahead = t_us - newest_us > _AHEAD_US + _AHEAD_SHARE * elapsed_us
        return ahead or t_us < self.last_us - _BACK_US

    def advance(self, t_us: int, host_s: float) -> None:
        """Remember the last sample written."""
        leaked_s = self.least_delay_s + _DELAY_LEAK * max(host_s - self.last_host_s, 0.0)
        self.least_delay_s = min(leaked_s, host_s - t_us / 1e6)
        self.last_us, self.last_host_s = t_us, host_s


@dataclass(slots=True)
class FrameAssembler:
    """Rows from our own frames (README W3-W8)."""

    ledger: Ledger = field(default_factory=Ledger)
    hello: Hello | None = None
    supply_mv: int | None = None
    marks: int = 0
    _line: TimeLine = field(default_factory=TimeLine)
    _held: list[tuple[Data, float, bool, int]] = field(default_factory=list)
    _sequence: int | None = None
    _boot_id: int | None = None
    _bad_frames: int = 0
    _restarted: bool = False  # the board was reset and no sample of the new stretch has come yet
    _dropped_base: int | None = None
    _period_us: float = 10_000.0
    _who: tuple[str, int, int] | None = None  # the night's board: name, counts per g, range
    _foreign: bool = False  # another one is on the port

    @property
    def zero_host_s(self) -> float:
        """Host time of the first sample."""
        return self._line.zero_host_s

    def feed(self, item: Item, host_s: float) -> Iterator[Row | Note]:
        """What one item adds to the night."""
        if isinstance(item, Skipped):
            self.ledger.skipped_bytes += item.size
            self._bad_frames += 1
        elif isinstance(item, Frame):
            yield from self._frame(item, host_s)

    def _frame(self, frame: Frame, host_s: float) -> Iterator[Row | Note]:
        restart = self._boot_id is not None and frame.boot_id != self._boot_id
        if not restart and frame.sequence == self._sequence:
            # The sequence tells only that a frame came twice in a row. What is late or missing the board's time
            # tells, because in a gap of an hour the sequence may have gone round.
            self.ledger.repeated += len(frame.counts) if isinstance(frame, Data) else 0
            return
        if restart:
            # What waits for the scale of the stretch before will never get it.
            self.ledger.rejected += sum(len(data.counts) for data, *_ in self._held)
            self._held.clear()
            self._restarted = True
            self.hello = None
            self._dropped_base = None
        self._boot_id, self._sequence = frame.boot_id, frame.sequence
        if isinstance(frame, Hello):
            yield from self._greet(frame)
        elif isinstance(frame, Mark):
            self.marks += 1
            yield self._mark(frame, host_s)
        elif isinstance(frame, Status):
            self.supply_mv = frame.supply_mv
        elif isinstance(frame, Data):
            yield from self._data(frame, host_s)

    def _mark(self, mark: Mark, host_s: float) -> Note:
        """A mark stands where its own time says, unless the line doesn't know this stretch of the clock yet."""
        place_us = None if self._restarted else self._line.where(mark.t_us, host_s)
        return Note(place_us, f"mark {mark.code}")

    def _greet(self, hello: Hello) -> Iterator[Row | Note]:
        who = (hello.board, hello.lsb_per_g, hello.range_g)
        self._who = self._who or who
        if who != self._who:
            yield from self._keep_out(hello)
            return
        self._foreign = False
        first = self.hello is None or self.hello.boot_id != hello.boot_id
        if not first and self._dropped_base is not None:
            board_lost = hello.dropped_samples + hello.missed_samples
            # The board's own count explains a part of what looked like a gap.
            known = max(0, min(board_lost - self._dropped_base, self.ledger.gap))
            self.ledger.gap -= known
            self.ledger.dropped += known
        self._dropped_base = max(hello.dropped_samples + hello.missed_samples, self._dropped_base or 0)
        self.hello = hello
        held, self._held = self._held, []
        for data, host_s, restart, bad_frames in held:
            yield from self._rows(data, host_s, restart, bad_frames)

    def _keep_out(self, hello: Hello) -> Iterator[Note]:
        """Two boards' samples in one file would be nobody's night."""
        if not self._foreign:
            yield Note(
                None if self._line.origin is None else self._line.last_us, f"another board ({hello.board})"
            )
        self._foreign = True
        self.hello = None
        self.ledger.skipped_bytes += sum(data.size for data, *_ in self._held)
        self._held.clear()

    def _data(self, data: Data, host_s: float) -> Iterator[Row | Note]:
        if self._foreign:
            self.ledger.skipped_bytes += data.size
            return
        restart, self._restarted = self._restarted, False
        bad_frames, self._bad_frames = self._bad_frames, 0
        if self.hello is None:
            # Counts without a scale can't become g; a hello is due within seconds.
            self._held.append((data, host_s, restart, bad_frames))
            if len(self._held) > _HELD_FRAMES:
                self.ledger.rejected += len(self._held.pop(0)[0].counts)
            return
        yield from self._rows(data, host_s, restart, bad_frames)

    def _rows(self, data: Data, host_s: float, restart: bool, bad_frames: int) -> Iterator[Row | Note]:
        assert self.hello is not None
        count = len(data.counts)
        period_us = data.span_us / (count - 1) if count > 1 else 1e6 / max(self.hello.rate_hz, 1)
        first_us, began_again = self._line.place(
            data.t_first_us, host_s, span_us=data.span_us, restart=restart
        )
        if first_us <= self._line.last_us:
            self.ledger.repeated += count
            return
        if began_again:
            self.ledger.resets += 1
            yield Note(first_us, "reset")
            yield Note(first_us, f"boot {data.boot_id}")
        self._period_us = period_us or self._period_us
        yield from _count_missing(
            self.ledger, self._line.last_us, first_us, self._period_us, bad_frames * count
        )
        scale = self.hello.lsb_per_g
        for index, (x, y, z) in enumerate(data.counts):
            t_us = first_us + (data.span_us * index // (count - 1) if count > 1 else 0)
            yield Row(t_us, x / scale, y / scale, z / scale)
        self._line.advance(first_us + data.span_us, host_s)
        self.ledger.good += count


def _count_missing(ledger: Ledger, last_us: int, t_us: int, period_us: float, damaged: int) -> Iterator[Note]:
    """Samples that are missing before one at `t_us`: as many as came damaged are rejected, the others lost."""
    step_us = t_us - last_us
    if last_us < 0 or step_us <= _GAP_PERIODS * period_us:
        return
    lost = max(round(step_us / period_us) - 1, 1)
    rejected = min(lost, damaged)
    ledger.rejected += rejected
    ledger.gap += lost - rejected
    yield Note(t_us, f"gap {step_us / 1e6:.3f} s")


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
    _host_zero_s: float | None = None
    _predicted_us: float = 0.0
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

    @property
    def zero_host_s(self) -> float:
        """Host time of the first sample."""
        return self._line.zero_host_s if self._host_zero_s is None else self._host_zero_s

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
        zero_s = host_s if self._host_zero_s is None else self._host_zero_s
        pause_us = 1e6 * (host_s - zero_s) - self._predicted_us
        if pause_us > max(_PAUSE_PERIODS * self._period_us, _PAUSE_US):
            self._stalled, self._stalled_s = [line], host_s
            return
        yield from self._row(line, host_s)

    def finish(self) -> Iterator[Row | Note]:
        """Rows of the lines that came after a pause: the last of them just now, the others before it."""
        stalled, self._stalled = self._stalled, []
        if not stalled:
            return
        span_us = len(stalled) * self._period_us
        now_us = 1e6 * (self._stalled_s - (self._host_zero_s or 0.0))
        if now_us - span_us > self._predicted_us + _GAP_PERIODS * self._period_us:
            self._predicted_us, self._counter = now_us - span_us, None
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
            <= _LINES_AHEAD * self._period_us + 1e6 * (1 + _AHEAD_SHARE) * (host_s - before_s)
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
            else (self._by_host(host_s, self._steps(line)), False)
        )
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

    def _steps(self, line: Line) -> int:
        """How many periods after the last line this one was sent, as far as it counts them; 0: the same one again."""
        if self.layout.counter_column is None:
            return 1
        now, before = int(line.numbers[self.layout.counter_column]), self._counter
        self._counter = now
        return 1 if before is None else (now - before) % self.layout.counter_wrap

    def _by_host(self, host_s: float | None, steps: int) -> int:
        if host_s is None:
            self._predicted_us += steps * self._period_us
            return round(self._predicted_us)
        if self._host_zero_s is None:
            self._host_zero_s = host_s
            return 0
        now_us = 1e6 * (host_s - self._host_zero_s)
        predicted = self._predicted_us + steps * self._period_us
        error = now_us - predicted
        # Lines that waited somewhere come in one burst; even then each stays behind the one before.
        most = _MOST_CORRECTION * self._period_us
        self._predicted_us = predicted + min(max(0.01 * error, -most), most)
        self._period_us += 1e-5 * min(max(error, -most), most)
        return round(self._predicted_us)
