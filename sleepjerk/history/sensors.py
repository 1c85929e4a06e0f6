"""The sensors of this person: one small file each, with what the bench told of it.

Knows the folder and the file of a sensor. Must not know samples, nor how a calibration is found.
"""

import contextlib
import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.detection.calibration import Calibration
from sleepjerk.errors import InputError
from sleepjerk.history.places import own_folder
from sleepjerk.version import __version__

SCHEMA = 1
SENSORS = "sensors"  # their folder, among a person's own files


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One physical sensor.

    Attributes
    ----------
    name
        What tells it from every other sensor: a name a person gave, or model and USB serial number.
    date
        When it lay on the bench, ISO 8601; of the keeping when the recording's start is unknown.
    calibration
        Method "bench".
    noise_g
        RMS of the vector norm, 2-20 Hz, while it lay still, g.
    settings_sha256, version
        With which rules, and by which sleepjerk, it was found.
    """

    name: str
    date: str
    calibration: Calibration
    noise_g: float
    settings_sha256: str
    version: str = __version__


def sensor_path(name: str, own: Path | None = None) -> Path:
    """The file of a sensor. Names that differ in signs no file name can hold still get files of their own."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:40]
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return (own or own_folder()) / SENSORS / f"{plain}-{mark}.json"


def keep_sensor(sensor: Sensor) -> Path:
    """Write a sensor's file whole, for its owner only, over an older one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        The folder can't be written.
    """
    path, found = sensor_path(sensor.name), sensor.calibration
    document = {
        "schema": SCHEMA,
        "sensor": sensor.name,
        "date": sensor.date,
        "offset_g": [float(value) for value in found.offset_g],
        "scale": [float(value) for value in found.scale],
        "error_before_g": found.error_before_g,
        "error_after_g": found.error_after_g,
        "windows": found.windows,
        "noise_g": sensor.noise_g,
        "settings_sha256": sensor.settings_sha256,
        "version": sensor.version,
    }
    with contextlib.suppress(
        OSError, ValueError, TypeError, RecursionError
    ):  # none, or a damaged one, holds nothing
        document = json.loads(path.read_bytes()) | document  # what a newer version knows of it stays
    try:
        make_folder(path.parent)
        write_whole(path, json.dumps(document, indent=1, allow_nan=False) + "\n")
    except OSError as error:
        raise InputError(
            f"{path.parent}: can't keep the sensor here ({error.strerror}); choose a folder with SLEEPJERK_HOME"
        ) from error
    return path


def find_sensor(name: str | None, own: Path | None = None) -> Sensor | None:
    """What is kept of a sensor; None without a name, or when it never lay on the bench.

    Parameters
    ----------
    name
        As the recording tells it.
    own
        The folder of the person's own files; found when None.

    Raises
    ------
    InputError
        The file is there but damaged.
    """
    if name is None:
        return None
    path = sensor_path(name, own)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path}: can't read this sensor ({error.strerror})") from error
    try:
        return _sensor_from(json.loads(text), name)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(
            f"{path}: this sensor's file is damaged; repeat `sleepjerk check RECORDING --calibrate`, "
            "or delete the file"
        ) from error


def _sensor_from(document: dict[str, Any], name: str) -> Sensor:
    if document["schema"] != SCHEMA or document["sensor"] != name:
        raise ValueError("another schema, or another sensor")
    offset = [_finite(value) for value in document["offset_g"]]
    scale = [_finite(value) for value in document["scale"]]
    if len(offset) != 3 or len(scale) != 3 or min(scale) <= 0:
        raise ValueError("no offset and scale of three axes")
    return Sensor(
        name=name,
        date=datetime.fromisoformat(document["date"]).isoformat(timespec="seconds"),
        calibration=Calibration(
            np.array(offset),
            np.array(scale),
            _finite(document["error_before_g"]),
            _finite(document["error_after_g"]),
            "bench",
            int(_finite(document["windows"])),
        ),
        noise_g=_finite(document["noise_g"]),
        settings_sha256=str(document["settings_sha256"]),
        version=str(document["version"]),
    )


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def bench_date(start: datetime | None) -> str:
    """The date of a bench recording; today's when its start is unknown."""
    return (start or datetime.now(UTC)).isoformat(timespec="seconds")
