"""The clock log of a recording: pairs of device and host time, and all that happened. Must not know bytes or ports."""

from dataclasses import dataclass, field

from firmware_io.assemble.timeline import Ledger
from firmware_io.nightfile import NightFile
from firmware_io.recorder import host_clock

_BREAKS = ("reset", "reconnect")  # what parts the board's clock before from that after
_FRESH_S = 30.0  # for so long after one a pair is taken each second


@dataclass(slots=True)
class ClockLog:
    """What happens before there is a file waits for it."""

    night: NightFile | None = None
    early: list[tuple[float, str]] = field(default_factory=list)
    row_s: float | None = None  # arrival of the newest row, and its device time
    row_us: int | None = None
    _prompt: tuple[float, int] | None = (
        None  # arrival and device time of the row that came soonest since the last pair
    )
    _broken_s: float | None = None  # when the board's clock last began anew, or may have
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
            if event.startswith(_BREAKS):
                self._broken_s = now_s
            place_us = self.row_us if t_us is None else t_us
            self.night.append_clock(place_us, now_s, host_clock.utc_s(now_s), event)

    def arrived(self, now_s: float, t_us: int) -> None:
        """A row came."""
        self.row_s, self.row_us = now_s, t_us
        if self._broken_s is None:
            self._broken_s = now_s
        if self._prompt is None or now_s - t_us / 1e6 < self._prompt[0] - self._prompt[1] / 1e6:
            self._prompt = now_s, t_us

    def is_fresh(self, now_s: float) -> bool:
        """Whether the board's clock began so lately that each second counts."""
        return self._broken_s is not None and now_s - self._broken_s < _FRESH_S

    def pair(self, ledger: Ledger, event: str = "") -> None:
        """A pair of clocks, of the row that came soonest since the last pair; none while nothing comes."""
        if self.night is None or self.row_s is None:
            return
        again, self._repeated = ledger.repeated - self._repeated, ledger.repeated
        if again:
            self.note(self.row_s, f"duplicate {again} samples")
        prompt, self._prompt = self._prompt, None
        if prompt is not None:
            self.note(prompt[0], "", prompt[1])
        if event:
            self.note(self.row_s, event)
