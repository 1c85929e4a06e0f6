"""The clock log of a recording: pairs of device and host time, and all that happened. Must not know bytes or ports."""

from dataclasses import dataclass, field

from firmware_io.assemble.timeline import Ledger
from firmware_io.nightfile import NightFile
from firmware_io.recorder import host_clock


@dataclass(slots=True)
class ClockLog:
    """What happens before there is a file waits for it."""

    night: NightFile | None = None
    early: list[tuple[float, str]] = field(default_factory=list)
    row_s: float | None = None  # arrival of the newest row, and its device time
    row_us: int | None = None
    _paired_s: float | None = None  # arrival of the row in the last pair
    _repeated: int = 0  # samples that came twice, as far as the log tells of them

    def begin(self, night: NightFile) -> None:
        """There is a file now."""
        self.night = night
        for at_s, event in self.early:
            night.append_clock(None, at_s, host_clock.utc_s(at_s), event)

    def note(self, now_s: float, event: str, t_us: int | None = None) -> None:
        """Something happened, at the newest row unless a device time is given."""
        if self.night is None:
            self.early.append((now_s, event))
        else:
            place_us = self.row_us if t_us is None else t_us
            self.night.append_clock(place_us, now_s, host_clock.utc_s(now_s), event)

    def pair(self, ledger: Ledger, event: str = "") -> None:
        """A pair of clocks; while nothing comes, the last pair isn't said again."""
        if self.night is None or self.row_s is None or (not event and self.row_s == self._paired_s):
            return
        again, self._repeated = ledger.repeated - self._repeated, ledger.repeated
        if again:
            self.note(self.row_s, f"duplicate {again} samples")
        self.note(self.row_s, event)
        self._paired_s = self.row_s
