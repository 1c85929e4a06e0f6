"""A recording: acceleration in g on a regular grid, gaps marked, and what is known of its making.

Must not know files, nor how stamped samples become a grid (both are `reading`), nor what the signal means
(that are the steps).

Conventions
-----------
Acceleration is (3, n), float32, g, gravity included, NaN where nothing was recorded. Grid point i lies at
i / rate_hz seconds since the first sample. All times inside are seconds since the first sample; the wall
clock appears only as `start`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sleepjerk.moments import Covered
from sleepjerk.parts import Damage, Device, Marks, Placement, Provenance, html_table

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]
Spans = NDArray[np.int64]  # (k, 2) first sample and the one after the last


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One night, or any other segment of time.

    Attributes
    ----------
    acceleration_g
        (3, n) float32, g, NaN inside gaps; read-only.
    rate_hz
        Grid points per second.
    gaps_s
        (k, 2) start and end of every segment without samples, seconds since the first sample.
    start
        Wall clock of the first sample, aware; None when unknown.
    provenance, placement, device, damage
        What else is known, in parts.
    marks
        When the person says lights went off and on.
    input_sha256
        SHA-256 of the file's bytes; of the samples for a recording made in memory.
    """

    acceleration_g: Samples
    rate_hz: float
    gaps_s: Floats = field(default_factory=lambda: np.empty((0, 2)))
    start: datetime | None = None
    provenance: Provenance = field(default_factory=Provenance)
    placement: Placement = field(default_factory=Placement)
    device: Device = field(default_factory=Device)
    damage: Damage = field(default_factory=Damage)
    marks: Marks = field(default_factory=Marks)
    input_sha256: str = ""

    def __post_init__(self) -> None:
        shape = self.acceleration_g.shape
        if len(shape) != 2 or shape[0] != 3:
            raise ValueError(f"acceleration_g has shape {shape}, expected (3, n): one row an axis")
        if not self.rate_hz > 0:
            raise ValueError(f"rate_hz is {self.rate_hz}, expected a positive number of samples per second")
        if self.start is not None and self.start.tzinfo is None:
            raise ValueError(f"start {self.start} has no time zone; give an aware datetime or None")
        self.acceleration_g.setflags(write=False)
        self.gaps_s.setflags(write=False)

    @property
    def duration_s(self) -> float:
        """From the first sample to the last, gaps included."""
        return float(self.acceleration_g.shape[1] / self.rate_hz)

    @property
    def covered(self) -> Covered:
        """What it covers, for times that people type."""
        return Covered(self.start, self.duration_s, self.provenance.night)

    @property
    def missing_s(self) -> float:
        """Total length of the gaps."""
        return float(np.sum(self.gaps_s[:, 1] - self.gaps_s[:, 0]))

    def wall_clock(self, time_s: float) -> datetime | None:
        """The wall clock at a time of the recording, in the zone of `start`; None when that is unknown."""
        if self.start is None:
            return None
        # Add in UTC: local arithmetic would be an hour wrong after a change to or from summer time.
        zone = self.start.tzinfo
        return (self.start.astimezone(UTC) + timedelta(seconds=time_s)).astimezone(zone)

    def utc_text(self, time_s: float) -> str:
        """ISO 8601 in UTC with milliseconds of a time of the recording; empty when the start is unknown."""
        moment = self.wall_clock(time_s)
        return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")

    def seconds_at(self, moment: datetime | None) -> float | None:
        """Seconds from the first sample to a moment, within the recording; None when either is unknown."""
        if moment is None or self.start is None:
            return None
        return min(max((moment - self.start).total_seconds(), 0.0), self.duration_s)

    def __repr__(self) -> str:
        start = "unknown start" if self.start is None else f"from {self.start.isoformat(timespec='minutes')}"
        gaps = "no gap" if len(self.gaps_s) == 0 else f"{len(self.gaps_s)} gaps ({self.missing_s:.0f} s)"
        return f"<Recording {self.duration_s / 3600:.2f} h at {self.rate_hz:.2f} Hz {start}, {gaps}>"

    def _repr_html_(self) -> str:
        """A small table for a notebook."""
        rows = {
            "recording": self.provenance.name,
            "start": "unknown" if self.start is None else self.start.isoformat(timespec="minutes"),
            "length": f"{self.duration_s / 3600:.2f} h at {self.rate_hz:.2f} Hz",
            "gaps": f"{len(self.gaps_s)}, {self.missing_s:.0f} s in all",
            "worn on": " ".join(filter(None, (self.placement.side, self.placement.limb))),
        }
        return html_table(rows)


@dataclass(frozen=True, slots=True)
class Lights:
    """When the person wanted to sleep and to get up.

    Attributes
    ----------
    off_s, up_s
        Seconds since the first sample; None where nobody marked it.
    usable
        False where the marks of the sidecar leave no time between them and are not used.
    """

    off_s: float | None
    up_s: float | None
    usable: bool = True


def read_lights(recording: Recording, off_s: float | None = None, up_s: float | None = None) -> Lights:
    """The marks that were given, s, and for those left None the marks of the recording's sidecar."""
    marks = recording.marks
    marked_off_s = recording.seconds_at(marks.lights_off) if off_s is None else off_s
    marked_up_s = recording.seconds_at(marks.lights_up) if up_s is None else up_s
    end_s = recording.duration_s if marked_up_s is None else marked_up_s
    if (marked_off_s or 0.0) < end_s or (marked_off_s, marked_up_s) == (off_s, up_s):
        return Lights(marked_off_s, marked_up_s)
    return Lights(off_s, up_s, usable=False)
