"""When the lights went off and on again, as a person marks it. Knows these marks alone: no key, no file."""

from dataclasses import dataclass
from datetime import datetime

_READING_S = (
    3600.0  # lights that are on again sooner were put out too early; later, somebody was up for a moment
)


@dataclass(frozen=True, slots=True)
class Lights:
    """The marks of a night; None where there is none yet."""

    off: datetime | None = None
    up: datetime | None = None

    def pressed(self, now: datetime) -> "Lights":
        """Off, on, off and on again, by turns.

        Off again moves the mark only if the lights had not been off for long: whoever gets up at three still went to
        bed at eleven.
        """
        if self.off is None or (self.up is not None and (self.up - self.off).total_seconds() < _READING_S):
            return Lights(off=now)
        return Lights(self.off, now if self.up is None else None)

    def facts(self) -> dict[str, str | None]:
        """For the sidecar."""
        return {
            "lights_off": None if self.off is None else self.off.isoformat(),
            "lights_up": None if self.up is None else self.up.isoformat(),
        }
