"""What a recording is to be. Knows nothing else."""

from dataclasses import dataclass, field
from pathlib import Path

from firmware_io.wire.columns import Said


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for."""

    folder: Path
    format: str = "auto"
    duration_s: float | None = None
    limb: str = "wrist"
    side: str | None = None
    subject: str | None = None
    keep_raw: bool = False
    sensor_name: str | None = None
    configure: bool = False
    said: Said = field(default_factory=Said)
