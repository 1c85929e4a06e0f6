"""What a person said of a recording and of how it is judged, kept so that it needn't be said again.

Knows the names of the options and a file for each recording. Must not know what the options do.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.errors import InputError
from sleepjerk.history.places import own_folder

RECORDINGS = "recordings"  # the folder, among a person's own files, of what was said of recordings
OPTIONS = ".options.json"  # the ending of the file of a recording
_READING = ("start", "unit", "time_unit", "rate_hz", "columns", "rows", "zone", "limb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Each None where nothing was said.

    Attributes
    ----------
    unit, time_unit, rate_hz, columns, rows, zone, limb, start
        How the file is to be read, as `read_recording` takes it.
    sensor_name
        Which of the person's sensors this is.
    lights_off, lights_up
        Clock times, or seconds since the first sample, as they were typed.
    with_
        The whole path of the recording of the ankle in the same night.
    rules
        What differs from the default thresholds, by group and rule.
    newer
        What was said to a newer version, by name; kept, and left aside.
    """

    unit: str | None = None
    time_unit: str | None = None
    rate_hz: float | None = None
    columns: str | None = None
    rows: str | None = None
    zone: str | None = None
    limb: str | None = None
    start: str | None = None
    sensor_name: str | None = None
    lights_off: str | None = None
    lights_up: str | None = None
    with_: str | None = None
    rules: dict[str, Any] | None = None
    newer: dict[str, Any] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """What was said, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "newer"}

    def kept(self) -> dict[str, Any]:
        """What is written down: all of it, also what only a newer version understands."""
        return self.said() | self.newer

    def of_reading(self) -> dict[str, Any]:
        """What was said of how the file is to be read, by name."""
        return {name: value for name, value in self.said().items() if name in _READING}

    def over(self, earlier: "Options") -> "Options":
        """These, and what was said earlier where they say nothing."""
        return Options(**(earlier.said() | self.said()), newer=earlier.newer | self.newer)

    @classmethod
    def of(cls, said: Any) -> Self:
        """Options from what was kept; what hasn't the type of its name is left out."""
        kept = said if isinstance(said, dict) else {}
        types: dict[str, Any] = {item.name: str for item in fields(cls) if item.name != "newer"}
        types |= {"rate_hz": (float, int), "rules": dict}
        known = {name: kept[name] for name, kind in types.items() if isinstance(kept.get(name), kind)}
        return cls(**known, newer={name: value for name, value in kept.items() if name not in types})


def options_path(own: Path, input_sha256: str) -> Path:
    """The file of a recording among a person's own."""
    return own / RECORDINGS / f"{input_sha256}{OPTIONS}"


def forget_recordings(inputs: set[str] | None = None) -> int:
    """Delete what is kept of some recordings, or of all: options and corrections; returns how many files that were."""
    try:
        files = [path for path in (own_folder() / RECORDINGS).iterdir() if path.suffix == ".json"]
    except (FileNotFoundError, InputError):
        return 0
    gone = [path for path in files if inputs is None or path.name.split(".")[0] in inputs]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def keep_options(path: Path, options: Options) -> None:
    """Write them whole, for their owner only; without any the file goes."""
    if not options.kept():
        path.unlink(missing_ok=True)
    elif read_options(path) != options:
        make_folder(path.parent)
        write_whole(path, json.dumps(options.kept(), indent=1) + "\n")


def read_options(path: Path) -> Options:
    """What is kept; nothing where there is no file, or none that can be read."""
    try:
        return Options.of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return Options()
