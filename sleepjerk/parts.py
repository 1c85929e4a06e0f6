"""The parts of what is known of a recording: its making, its place, its sensor, its damage, its marks.

Knows no samples. Who reads a night needs these, and not numpy.
"""

from dataclasses import dataclass
from datetime import datetime
from html import escape


class Part:
    """What belongs together of the facts of a recording; unknown is None, never 0.

    `Recording` and the summary of a night carry the same parts, and in every document the fields of a part stand flat
    among those of its owner. So a new field of a part is all that a new fact needs, besides whoever finds it.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance(Part):
    """Which file, which night of it, and how it was read.

    Attributes
    ----------
    name
        The file's name, without folder.
    night, nights, from_s
        Of a recording of several days: which of its nights this is, of how many, and seconds from the file's first
        sample to the first one of this night.
    notes
        What was detected or assumed, in words a person can check ("unit: mg, from the column name").
    simulated
        Nobody slept it: its sidecar says that `sleepjerk simulate` made it; None where nothing says so.
    """

    name: str = "recording"
    night: int | None = None
    nights: int | None = None
    from_s: float = 0.0
    notes: tuple[str, ...] = ()
    simulated: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement(Part):
    """Who wore the sensor, and where: `limb` is "wrist" or "ankle"."""

    limb: str = "wrist"
    side: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Part):
    """The sensor, and the board whose clock stamped its samples.

    Attributes
    ----------
    sensor, board
        Their models.
    sensor_id
        What tells this one sensor from every other: a name a person gave, or model and USB serial number.
    device_rate_hz
        Samples per second of the device, measured from its time stamps.
    step_g
        Smallest difference between two values: the quantisation step.
    range_g
        Full scale, from the sidecar or seen as a plateau of clipped values.
    clock_drift_ppm
        How much faster the board's clock runs than that of the computer that recorded, from the clock log; applied
        unless `clock_doubt` is set: all times of the recording are then the computer's.
    clock_wander_s
        How far the board's clock strays to either side of that steady drift, as one that warms up does.
    clock_rates
        What was applied: from when on, s, the board's clock ran how much faster, ppm; None where nothing was.
    clock_doubt
        Why nothing was: recording and log are "short", or the log "ended" long before it, is "wrong" (no clock's),
        "other" (of another recording), or shows one too "fast" or slow for any board; None also where there is no log.
    clock_step_s
        By how much the computer's wall clock was put right in the night; `start` is right, all the same.
    host_start_s
        The first sample on the computer's clock that only goes forward: two recordings of one computer meet on it.
    """

    sensor: str | None = None
    board: str | None = None
    sensor_id: str | None = None
    device_rate_hz: float | None = None
    step_g: float | None = None
    range_g: float | None = None
    clock_drift_ppm: float | None = None
    clock_wander_s: float | None = None
    clock_rates: tuple[tuple[float, float], ...] | None = None
    clock_doubt: str | None = None
    clock_step_s: float | None = None
    host_start_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage(Part):
    """What was wrong with the samples.

    Attributes
    ----------
    rejected_rows, repeated_stamps, clipped_samples
        Found while reading.
    spikes
        Single samples no arm can make (`artefacts`); None before anybody looked.
    frozen_s
        Seconds in which the sensor only repeated itself.
    no_gravity_s
        Seconds in which a still arm did not feel 1 g, as an axis was lost or replaced; gaps now.
    brown_outs, unplugged, computer_resets, board_resets
        How often the board's supply failed, its plug was pulled, and the computer or the board itself started it again;
        None where no clock log says it.
    """

    rejected_rows: int = 0
    repeated_stamps: int = 0
    clipped_samples: int = 0
    spikes: int | None = None
    frozen_s: float = 0.0
    no_gravity_s: float = 0.0
    brown_outs: int | None = None
    unplugged: int | None = None
    computer_resets: int | None = None
    board_resets: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks(Part):
    """When the person says lights went off and on."""

    lights_off: datetime | None = None
    lights_up: datetime | None = None


def html_table(rows: dict[str, str]) -> str:
    """Two columns as HTML; names come from files, so that everything is escaped."""
    cells = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows.items())
    return f"<table>{''.join(cells)}</table>"
