"""Our own frames -> rows of one night (README W3-W8). Pure.

Knows frames and the time line. Must not know lines, ports, files or any clock of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware_io.assemble.timeline import Ledger, Note, Row, TimeLine
from firmware_io.clock import WRAP_US
from firmware_io.wire import Data, Frame, Hello, Item, Mark, Skipped, Status

_HELD_FRAMES = 100  # data that came before the first hello: 10 s at 100 Hz
_FOLLOWS_SPANS = 3  # a frame that begins within so many spans of another follows it
_GAP_PERIODS = 1.5  # a step longer than this many sample periods means that samples are missing


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
        if not restart and self._line.is_past(data.t_first_us, host_s):
            yield from self._past_frame(data, host_s, bad_frames)
            return
        self._forget_stale()
        yield from self._rows(data, host_s, restart, bad_frames)

    def _past_frame(self, data: Data, host_s: float, bad_frames: int) -> Iterator[Row | Note]:
        """One frame from long ago is stale and moves nothing; two that follow each other are a reset nobody told."""
        stale, self._stale = self._stale, None
        step_us = -1 if stale is None else (data.t_first_us - stale[0].t_first_us) % WRAP_US
        if stale is not None and 0 < step_us <= _FOLLOWS_SPANS * max(data.span_us, stale[0].span_us, 1):
            yield from self._rows(*stale, restart=True, bad_frames=bad_frames)
            yield from self._rows(data, host_s, restart=False, bad_frames=0)
            return
        self._stale = stale
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
    if last_us < 0 or step_us <= _GAP_PERIODS * period_us:
        return
    lost = max(round(step_us / period_us) - 1, 1)
    rejected = min(lost, damaged)
    ledger.rejected += rejected
    ledger.gap += lost - rejected
    yield Note(t_us, f"gap {step_us / 1e6:.3f} s")
