"""What a recording is to be, and what is asked of it while it runs. Knows nothing else."""

import queue
import threading
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
    asks: bool = False  # a person sits there who can be asked


@dataclass(slots=True)
class Asked:
    """What a signal, a key or another program asks of a recording while it runs; any thread may."""

    stop: threading.Event = field(default_factory=threading.Event)
    lights: threading.Event = field(default_factory=threading.Event)  # they were put off, or on again
    answers: "queue.SimpleQueue[int]" = field(default_factory=queue.SimpleQueue)  # which of the choices
    because: str = "stopped"

    def end(self, because: str) -> None:
        """End the recording; the first reason is the one that is kept."""
        if not self.stop.is_set():
            self.because = because
        self.stop.set()
