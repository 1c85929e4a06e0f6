"""What may get in the way of a night: the disk, loss on the way, a computer that sleeps or whose clock is set.

Each watch keeps what it saw last, and tells what is new. Must not know bytes, formats or sentences.
"""

from dataclasses import dataclass, field
from statistics import median

from firmware_io.assemble.timeline import Ledger
from firmware_io.disk import drive_kind, free_bytes
from firmware_io.doctor import holder
from firmware_io.recorder import host_clock
from firmware_io.recorder.clock_log import ClockLog
from firmware_io.recorder.messages import Key, Message, Tell
from firmware_io.recorder.options import Options

_SUSPEND_S = 2.0  # shorter sleeps of the computer are none
_STEP_S = 0.5  # a wall clock that is put right by less is only slewed
_GRAVITY_G = (
    0.7,
    1.3,
)  # a sensor that is off by more tells of no gravity, and an arm in bed seldom moves for long
_SEEN = 100  # samples: from fewer nothing is told
_TIMES = 1.6  # times as many samples as before, or as few
_MUCH_LOST = 0.1  # of the last minute
_BYTES_A_ROW = 36  # as a night's rows are on average
_RAW_BYTES_A_ROW = 8
_NIGHT_S = 10 * 3600.0  # what a night may take, where nobody said
_SHORT_S = 3600.0  # less room than for this long is worth a word each minute


@dataclass(slots=True)
class ClockWatch:
    """The computer slept, or somebody set its clock; no sample moves by that."""

    log: ClockLog
    tell: Tell
    slept_s: float = field(default_factory=host_clock.slept_s)
    wall_ahead_s: float = field(default_factory=host_clock.wall_ahead_s)

    def look(self, now_s: float) -> None:
        """Compare with the last look."""
        before_s, self.slept_s = self.slept_s, host_clock.slept_s()
        if (asleep_s := self.slept_s - before_s) > _SUSPEND_S:
            self.log.note(now_s, f"suspend {asleep_s:.0f} s")
            self.tell(Message(Key.COMPUTER_SLEPT, {"slept_s": asleep_s}))
        before_s, self.wall_ahead_s = self.wall_ahead_s, host_clock.wall_ahead_s()
        if abs(step_s := self.wall_ahead_s - before_s) > _STEP_S:
            self.log.note(now_s, f"clock step {step_s:+.1f} s")


@dataclass(slots=True)
class DiskWatch:
    """Whether the disk takes and keeps the night, and how long it has room for it."""

    options: Options
    log: ClockLog
    tell: Tell
    trouble: str | None = None
    _looked: bool = False

    def look(self, now_s: float) -> None:
        """Say and log at once that the disk doesn't take or keep the night, and when it does again."""
        trouble = None if self.log.night is None else self.log.night.trouble
        if trouble != self.trouble:
            self.trouble = trouble
            self.log.note(now_s, f"disk: {trouble or 'well again'}")
            what = {"at_s": now_s} if trouble is None else {"at_s": now_s, "reason": trouble}
            self.tell(Message(Key.DISK_WELL if trouble is None else Key.DISK_TROUBLE, what))

    def look_for_room(self, elapsed_s: float) -> None:
        """Tell when the disk won't take the rest of the night; called once a minute."""
        free = free_bytes(self.options.folder)
        if free is None:
            return
        rate_hz = 100.0 if self.log.night is None else float(self.log.night.facts["rate_hz"])
        room_s = free / (rate_hz * (_BYTES_A_ROW + _RAW_BYTES_A_ROW * self.options.keep_raw))
        left_s = (self.options.duration_s or _NIGHT_S) - elapsed_s
        first, self._looked = not self._looked, True
        kind = drive_kind(self.options.folder) if first else None
        if kind is not None:
            self.tell(Message(Key.UNSAFE_DRIVE, {"kind": kind}))
        if room_s < _SHORT_S or (first and room_s < left_s):
            self.tell(Message(Key.LITTLE_ROOM, {"room_s": room_s, "free_bytes": free}))


@dataclass(slots=True)
class FitWatch:
    """Whether what is recorded is still an acceleration at the rate it began with: columns may have changed places."""

    log: ClockLog
    tell: Tell
    _lengths_g: list[float] = field(default_factory=list)
    _rate_hz: float | None = None
    _good: int = 0
    _looked_s: float | None = None

    def see(self, length_g: float) -> None:
        """One sample of many."""
        self._lengths_g.append(length_g)

    def look(self, now_s: float, good: int) -> None:
        """Compare with gravity, and with the rate before; called a few times a minute."""
        lengths_g, self._lengths_g = self._lengths_g, []
        if len(lengths_g) >= _SEEN:
            length_g = median(lengths_g)
            if not _GRAVITY_G[0] <= length_g <= _GRAVITY_G[1]:
                self.log.note(now_s, f"gravity {length_g:.2f} g")
                self.tell(Message(Key.GRAVITY_GONE, {"length_g": length_g}))
        if self._looked_s is not None and now_s > self._looked_s and good > self._good:
            rate_hz = (good - self._good) / (now_s - self._looked_s)
            if self._rate_hz is not None and not 1 / _TIMES <= rate_hz / self._rate_hz <= _TIMES:
                self.log.note(now_s, f"rate {rate_hz:.1f} Hz")
                self.tell(Message(Key.OTHER_RATE, {"rate_hz": rate_hz, "before_hz": self._rate_hz}))
            self._rate_hz = rate_hz
        self._looked_s, self._good = now_s, good


@dataclass(slots=True)
class LossWatch:
    """How much of the last minute was lost on the way: somebody else may be reading the port."""

    tell: Tell
    _lost: int = 0
    _expected: int = 0

    def look(self, ledger: Ledger, device: str) -> None:
        """Compare with a minute ago."""
        lost, expected = ledger.gap - self._lost, ledger.expected - self._expected
        self._lost, self._expected = ledger.gap, ledger.expected
        if expected > 0 and lost > 0 and lost / expected >= _MUCH_LOST:
            self.tell(Message(Key.MUCH_LOST, {"share": lost / expected, "program": holder(device)}))
