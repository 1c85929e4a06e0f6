"""The files beside a recording: `<stem>.json` says how it was made, `<stem>.clock.csv` how its clock ran.

Knows both formats and reads them leniently: a broken sidecar is a note, never an error. Must not know samples.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sleepjerk.errors import InputError
from sleepjerk.rules import ReadingRules

TEXTS = ("sensor", "board", "firmware", "side", "subject", "limb", "zone")
FILE_NAME_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T)(\d{2})(\d{2})(\d{2})([+-]\d{4})")
ENDINGS = (".gz", ".csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What the sidecar says; unknown is None.

    Attributes
    ----------
    texts
        The values of `TEXTS` that are there.
    start, lights_off, lights_up
        Aware moments.
    range_g, rate_hz
        Full scale and nominal rate.
    notes
        What could not be used.
    """

    texts: dict[str, str] = field(default_factory=dict)
    start: datetime | None = None
    lights_off: datetime | None = None
    lights_up: datetime | None = None
    range_g: float | None = None
    rate_hz: float | None = None
    notes: tuple[str, ...] = ()


def beside(path: Path, ending: str) -> Path:
    """The path of a file beside the recording, with the same stem."""
    stem = path.name
    for known in ENDINGS:
        stem = stem.removesuffix(known)
    return path.with_name(stem + ending)


def read_sidecar(path: Path) -> Sidecar:
    """The sidecar of a recording; an empty one where there is none."""
    sidecar = beside(path, ".json")
    try:
        content = json.loads(sidecar.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Sidecar()
    except (OSError, ValueError, RecursionError):
        return Sidecar(notes=(f"the sidecar {sidecar.name} can't be read and was left aside",))
    if not isinstance(content, dict):
        return Sidecar(notes=(f"the sidecar {sidecar.name} holds no keys and was left aside",))
    notes: list[str] = []
    moments = {key: _moment(content, key, notes) for key in ("start_utc", "lights_off", "lights_up")}
    return Sidecar(
        texts={key: content[key] for key in TEXTS if isinstance(content.get(key), str) and content[key]},
        start=moments["start_utc"],
        lights_off=moments["lights_off"],
        lights_up=moments["lights_up"],
        range_g=_positive(content.get("range_g")),
        rate_hz=_positive(content.get("rate_hz")),
        notes=tuple(notes),
    )


def _moment(content: dict[str, Any], key: str, notes: list[str]) -> datetime | None:
    value = content.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        notes.append(f"the sidecar's {key} is no time and was left aside")
        return None
    zone = _zone(content.get("zone")) if key != "start_utc" else ZoneInfo("UTC")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        notes.append(f"the sidecar's {key} has no time zone and was left aside")
        return None
    return moment


def _positive(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 < value < 1e6 else None


def _zone(name: Any) -> tzinfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (OSError, ValueError, KeyError):
        return None


def find_zone(told: str | None, sidecar: Sidecar) -> tzinfo | None:
    """The night's time zone: as told, else the sidecar's.

    Raises
    ------
    InputError
        There is no zone of the told name.
    """
    if told is None:
        return _zone(sidecar.texts.get("zone"))
    zone = _zone(told)
    if zone is None:
        raise InputError(f"--zone {told}: there is no such time zone; zones are named like Europe/Berlin")
    return zone


def start_in_name(path: Path) -> datetime | None:
    """The start that a native file name holds, `2026-11-22T223104+0100.csv`."""
    found = FILE_NAME_TIME.match(path.name)
    if not found:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}{found[2]}:{found[3]}:{found[4]}{found[5]}")
    except ValueError:
        return None


def clock_drift(path: Path, rules: ReadingRules) -> tuple[float | None, str | None]:
    """Device clock against host clock from the clock log: ppm (positive when the device runs fast) and a note.

    A row arrives after it was stamped, never before: host minus device is the offset plus a delay. The least of
    each block is nearest to the offset, and its slope is the drift.
    """
    log = beside(path, ".clock.csv")
    if not log.is_file():
        return None, None
    try:
        table = pd.read_csv(log, usecols=["t_us", "host_monotonic_s"], dtype=str, on_bad_lines="skip", encoding_errors="replace")
    except (OSError, ValueError):
        return None, f"the clock log {log.name} can't be read and was left aside"
    device = pd.to_numeric(table["t_us"], errors="coerce").to_numpy(np.float64) * 1e-6
    host = pd.to_numeric(table["host_monotonic_s"], errors="coerce").to_numpy(np.float64)
    good = np.isfinite(device) & np.isfinite(host)
    device, host = device[good], host[good]
    if not len(device) or np.ptp(device) < rules.drift_min_s:
        return None, "drift: the clock log is too short to tell"
    return _slope_of_least(device, host - device, rules), None


def _slope_of_least(device: Any, delay: Any, rules: ReadingRules) -> float | None:
    table = pd.DataFrame({"device": device, "delay": delay})
    least = table.loc[table.groupby(np.floor(device / rules.drift_block_s))["delay"].idxmin()]
    if len(least) < 3:
        return None
    slope = np.polyfit(least["device"] - device.min(), least["delay"] - least["delay"].iloc[0], 1)[0]
    # host advances (1 + slope) while the device advances 1.
    return float((1 / (1 + slope) - 1) * 1e6)
