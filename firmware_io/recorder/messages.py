"""What a recording tells while it runs and when it ends: keys and values, no sentence.

What lasts is told again and again; whoever puts it into words chooses how often a person hears of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

from firmware_io.assemble.timeline import Ledger
from firmware_io.recorder.lights import Lights


class Key(Enum):
    """What can be told. The values that come with it stand behind each."""

    UNDERSTOOD = auto()  # found: Sniffed
    NOT_UNDERSTOOD = auto()  # found: Sniffed, wanted: a format or "auto"
    WHICH_COLUMNS = auto()  # choices: of `wire.columns`; answered by the number of one, from 1, or 0
    FILE_MADE = auto()  # path
    COARSE_STEPS = auto()  # step_g
    SLOW_RATE = auto()  # rate_hz, format
    PORT_CHANGED = auto()  # at_s, what: "unplugged", "silence" or "reconnect"
    ANOTHER_BOARD = auto()  # event: as in the clock log
    SENSOR = auto()  # at_s, event: as in the clock log, hello: what the board said
    DISK_TROUBLE = auto()  # at_s, reason
    DISK_WELL = auto()  # at_s
    FILE_DELETED = auto()  # path
    SIDECAR_STALE = auto()  # reason
    UNSAFE_DRIVE = auto()  # kind: as disk.drive_kind names it
    LITTLE_ROOM = auto()  # room_s, free_bytes
    GRAVITY_GONE = auto()  # length_g, unit
    OTHER_RATE = auto()  # rate_hz, before_hz
    MUCH_LOST = auto()  # share of the last minute, program: who else has the port open, or None
    LIGHTS = auto()  # at: datetime, lights: Lights as they are now
    COMPUTER_SLEPT = auto()  # slept_s
    NOT_KEPT_AWAKE = auto()  # program or None, its status or None, error or None


@dataclass(frozen=True, slots=True)
class Message:
    """Something that a person may want to know."""

    key: Key
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How the recording is doing, once a second.

    `trace_g`: length of the acceleration over the last 10 s, thinned to `trace_hz` (20 at most).
    """

    elapsed_s: float
    rate_hz: float
    ledger: Ledger
    age_s: float | None
    bytes_on_disk: int
    free_bytes: int | None
    supply_mv: int | None
    marks: int
    connected: bool
    trouble: str | None
    trace_g: tuple[float, ...] = ()
    trace_hz: float | None = None
    lights: Lights = field(default_factory=Lights)
    choices: int = 0  # a person is asked for one of so many


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of it. `path` is None when no sample ever came."""

    path: Path | None
    ledger: Ledger
    reason: str
    unsaved: int  # good samples that the disk never took


Tell = Callable[[Message | Progress], None]
