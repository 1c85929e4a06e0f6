"""The time line of a night, and the ledger of what is missing on it. Pure.

Knows device ticks and host times it is given. Must not know frames, lines, ports, files or any clock of its own.

The time line is the device's, in microseconds since its first sample. A reset starts the device's clock again;
the new stretch is then placed by the host's monotonic clock. A gap stays a jump. Nothing is repeated, moved back
or invented: what was lost is counted, and told in notes.
"""

from dataclasses import dataclass

from firmware_io.clock import WRAP_US, unwrap

GAP_PERIODS = 1.5  # a step longer than this many sample periods means that samples are missing
_BACK_US = 500_000  # a serial line never delivers so late; a clock that jumps back further began again
_AHEAD_US = 30_000_000  # buffers hold seconds, no half minute: further ahead of the host, a clock began again
AHEAD_SHARE = 0.01  # and clocks disagree by this share of a long gap at most; resonators are off by 0.2 %
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
    `repeated` came twice and is no part of the sum; `skipped_bytes` made no sense;
    `bus_errors` are those between sensor and board.
    """

    good: int = 0
    gap: int = 0
    rejected: int = 0
    dropped: int = 0
    repeated: int = 0
    resets: int = 0
    skipped_bytes: int = 0
    bus_errors: int = 0

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
        self,
        ticks_us: int,
        host_s: float,
        *,
        span_us: int = 0,
        restart: bool = False,
        wraps: bool = True,
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

    def is_past(self, ticks_us: int, host_s: float) -> bool:
        """Whether a time lies so far back that the sample is stale, or the board's clock began again unsaid."""
        if self.origin is None:
            return False
        t_us = unwrap(ticks_us, self.origin + self._newest_us(host_s), WRAP_US) - self.origin
        return t_us < self.last_us - _BACK_US

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
        ahead = t_us - newest_us > _AHEAD_US + AHEAD_SHARE * elapsed_us
        return ahead or t_us < self.last_us - _BACK_US

    def advance(self, t_us: int, host_s: float) -> None:
        """Remember the last sample written."""
        leaked_s = self.least_delay_s + _DELAY_LEAK * max(host_s - self.last_host_s, 0.0)
        self.least_delay_s = min(leaked_s, host_s - t_us / 1e6)
        self.last_us, self.last_host_s = t_us, host_s
