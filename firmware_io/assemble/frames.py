"""Our own frames -> rows of one night (README W3-W8). Pure.

Knows frames and the time line. Must not know lines, ports, files or any clock of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware_io.assemble.timeline import GAP_PERIODS, Ledger, Note, Row, TimeLine
from firmware_io.clock import WRAP_US
from firmware_io.wire import Data, Frame, Hello, Item, Mark, Skipped, Status

_HELD_FRAMES = 100  # data that came before the first hello: 10 s at 100 Hz
_FOLLOWS_SPANS = 3  # a frame that begins within so many spans of another follows it
_CAUSES = {1: "power", 2: "brown-out", 4: "watchdog", 8: "asked for"}  # W5
_CLIPPED = 4  # a flag of W4
_FAILED = 2
_SELF_TESTS = {1: "passed", _FAILED: "failed"}  # W5
_FELL_MV = 100  # a supply that falls by so much is told again


@dataclass(slots=True)
class BoardSaid:
    """What a board tells of itself besides samples (W5, W7): it parts a brown-out from a pulled plug.

    `starts`: the cause of each; `bus_errors`: of the sensor's bus, over all starts; `clipped_batches`: with a sample at
    full scale; supply and temperature: the least and the most; `last`: its last hello; `faults`: of the sensor.
    """

    sensor_id: int | None = None
    starts: list[str] = field(default_factory=list)
    bus_errors: int = 0
    clipped_batches: int = 0
    supply_mv: tuple[int, int] | None = None
    temperature_c: tuple[float, float] | None = None
    last: Hello | None = None
    faults: list[str] = field(default_factory=list)
    _errors_before: int = 0
    _told_mv: int | None = None

    def greet(self, hello: Hello, *, first: bool) -> Iterator[str]:
        """Words for the clock log: why it started, and how its sensor and its bus are."""
        before, self.last = self.last, hello
        self.sensor_id = hello.sensor_id or self.sensor_id or 0
        if first:
            causes = [name for bit, name in _CAUSES.items() if hello.reset_cause & bit]
            self.starts.append(" and ".join(causes) or "unknown")
            self._errors_before = 0
            if len(self.starts) > 1:
                yield f"start: {self.starts[-1]}"
        if more := hello.bus_errors - self._errors_before:
            self.bus_errors += max(more, 0)
            self._errors_before = hello.bus_errors
            if hello.fault is None:  # else each hello would say so
                yield f"bus errors {more:+d}"
        if hello.fault != (None if before is None else before.fault):
            self.faults += [] if hello.fault is None else [hello.fault]
            yield f"sensor: {hello.fault or 'well again'}"
        if hello.self_test == _FAILED and (before is None or before.self_test != _FAILED):
            yield "sensor: self-test failed"

    def hear(self, status: Status) -> str | None:
        """A word for the clock log where the supply fell, or is told for the first time."""
        low, high = self.supply_mv or (status.supply_mv, status.supply_mv)
        self.supply_mv = (min(low, status.supply_mv), max(high, status.supply_mv))
        cold, warm = self.temperature_c or (status.temperature_c, status.temperature_c)
        self.temperature_c = (min(cold, status.temperature_c), max(warm, status.temperature_c))
        if self._told_mv is not None and status.supply_mv > self._told_mv - _FELL_MV:
            return None
        self._told_mv = status.supply_mv
        return f"supply {status.supply_mv} mV at {status.temperature_c:.1f} C"

    def facts(self) -> dict[str, object]:
        """For the sidecar."""
        return {
            "sensor_id": self.sensor_id,
            "starts": list(self.starts),
            "bus_errors": self.bus_errors,
            "clipped_batches": self.clipped_batches,
            "supply_mv": self.supply_mv,
            "temperature_c": self.temperature_c,
            **({} if self.last is None or self.last.trouble is None else self._newer_facts(self.last)),
        }

    def _newer_facts(self, hello: Hello) -> dict[str, object]:
        """Of boards since protocol 2."""
        return {
            "address": hello.address,
            "self_test": _SELF_TESTS.get(hello.self_test or 0),
            "self_test_change_percent": hello.change_percent,
            "overflows": hello.overflows,
            "false_edges": hello.false_edges,
            "sensor_faults": list(self.faults),
        }


@dataclass(slots=True)
class FrameAssembler:
    """Rows from our own frames (README W3-W8)."""

    ledger: Ledger = field(default_factory=Ledger)
    hello: Hello | None = None
    supply_mv: int | None = None
    said: BoardSaid = field(default_factory=BoardSaid)
    marks: int = 0
    _line: TimeLine = field(default_factory=TimeLine)
    _held: list[tuple[Data, float, bool, int]] = field(default_factory=list)
    _sequence: int | None = None
    _boot_id: int | None = None
    _bad_frames: int = 0
    _restarted: bool = False  # the board was reset and no sample of the new stretch has come yet
    _dropped_base: int | None = None
    _period_us: float = 10_000.0
    _stale: tuple[Data, float] | None = None  # a frame from long ago, until the next one tells what it is
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
            if (word := self.said.hear(frame)) is not None:
                yield Note(self._line.where(frame.t_us, host_s), word)
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
        for word in self.said.greet(hello, first=first):
            yield Note(None if self._line.origin is None else self._line.last_us, word)
        self.ledger.bus_errors = self.said.bus_errors
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
        if not restart and self._line.is_past(data.t_first_us, host_s):
            yield from self._past_frame(data, host_s, bad_frames)
            return
        self._forget_stale()
        self.said.clipped_batches += bool(data.flags & _CLIPPED)
        yield from self._rows(data, host_s, restart, bad_frames)

    def _past_frame(self, data: Data, host_s: float, bad_frames: int) -> Iterator[Row | Note]:
        """One frame from long ago is stale and moves nothing; two that follow each other are a reset nobody told."""
        stale = self._stale
        step_us = -1 if stale is None else (data.t_first_us - stale[0].t_first_us) % WRAP_US
        if stale is not None and 0 < step_us <= _FOLLOWS_SPANS * max(data.span_us, stale[0].span_us, 1):
            self._stale = None
            yield from self._rows(*stale, restart=True, bad_frames=bad_frames)
            yield from self._rows(data, host_s, restart=False, bad_frames=0)
            return
        self._forget_stale()
        self._stale = (data, host_s)

    def _forget_stale(self) -> None:
        stale, self._stale = self._stale, None
        self.ledger.repeated += 0 if stale is None else len(stale[0].counts)

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
    if last_us < 0 or step_us <= GAP_PERIODS * period_us:
        return
    lost = max(round(step_us / period_us) - 1, 1)
    rejected = min(lost, damaged)
    ledger.rejected += rejected
    ledger.gap += lost - rejected
    yield Note(t_us, f"gap {step_us / 1e6:.3f} s")
