"""Times of a night as a person reads them. Knows the start and its zone, nothing of movements.

Conventions
-----------
Seconds since the first sample in, text out. Where the start is unknown, times are hours since the start. An hour that
the clocks show twice says which of the two it is: 02:30 CEST, an hour later 02:30 CET.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sleepjerk.night.model import RecordingSummary

_NOON_H = 12  # plain: a recording that begins before noon belongs to the evening before


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall clock of one night; `start` is aware, or None when unknown."""

    start: datetime | None

    @classmethod
    def of(cls, recording: "RecordingSummary") -> Self:
        """The clock of a recording, in its zone."""
        return cls.at(recording.start, recording.zone)

    @classmethod
    def at(cls, started: str | None, zone: str | None) -> Self:
        """The clock of a start in ISO 8601, in a zone; what can't be read as a time counts as unknown."""
        try:
            start = datetime.fromisoformat(started or "")
        except ValueError:
            return cls(None)
        # At the edges of the calendar an hour more would overflow; such a start is no start.
        if start.tzinfo is None or not 1 < start.year < 9999:  # plain: the years a computer can tell
            return cls(None)
        try:
            return cls(start.astimezone(ZoneInfo(zone)) if zone else start)
        except (ValueError, OSError, KeyError):
            # A zone this computer doesn't know: the offset of the start itself still holds.
            return cls(start)

    @property
    def evening(self) -> str | None:
        """The date of the evening that a night belongs to; None when its start is unknown."""
        return None if self.start is None else str((self.start - timedelta(hours=_NOON_H)).date())

    @property
    def known(self) -> bool:
        return self.start is not None

    def local(self, time_s: float) -> datetime | None:
        """The wall clock at a time; added in UTC, so that a change of the clocks shows."""
        if self.start is None:
            return None
        return (self.start.astimezone(UTC) + timedelta(seconds=time_s)).astimezone(self.start.tzinfo)

    def minute(self, time_s: float) -> str:
        """23:41, or +1:02 h."""
        local = self.local(time_s)
        if local is not None:
            return f"{local:%H:%M}{_which(local)}"
        minutes = round(time_s // 60)
        return f"+{minutes // 60}:{minutes % 60:02d} h"

    def second(self, time_s: float) -> str:
        """23:41:07, or +1:02:07."""
        local = self.local(time_s)
        if local is not None:
            return f"{local:%H:%M:%S}{_which(local)}"
        seconds = int(time_s)
        return f"+{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    def hours(self, end_s: float) -> list[tuple[float, str]]:
        """Every full hour of the night: its time, and its label."""
        start = self.start
        if start is None:
            return [(hour * 3600.0, f"{hour} h") for hour in range(int(end_s // 3600) + 1)]
        first = -(start.minute * 60 + start.second + start.microsecond / 1e6) % 3600
        times = [
            first + hour * 3600.0
            for hour in range(int(max(0.0, end_s - first) // 3600) + 1)
            if first <= end_s
        ]
        return [(time, self.minute(time)) for time in times]

    def changes(self, end_s: float) -> bool:
        """Whether the clocks changed in this night."""
        start, end = self.start, self.local(end_s)
        return start is not None and end is not None and start.utcoffset() != end.utcoffset()


def _which(local: datetime) -> str:
    """The name of the zone where a wall clock alone could mean two moments."""
    first, second = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    return "" if first == second else f" {local.tzname()}"
