"""What lies beside a recording: the sidecar (`<stem>.json`); the clock log has a room of its own (`clock_log`).

Knows its keys. Must not know samples. It is read leniently: what can't be read is a note, never an error, because the
recording alone is enough.
"""

import json
import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sleepjerk.filenames import stem_of

_NAMED_START = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}(?:[+-]\d{4}|Z))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What is known of a recording besides its samples; None where it isn't known.

    `clock` says what the recording's own clock and the system's, in seconds since 1970, said whenever it was started.
    """

    start: datetime | None = None
    zone: tzinfo | None = None
    limb: str | None = None
    side: str | None = None
    subject: str | None = None
    sensor: str | None = None
    board: str | None = None
    sensor_id: str | None = None
    range_g: float | None = None
    rate_hz: float | None = None
    lights_off: datetime | None = None
    lights_up: datetime | None = None
    simulated: bool | None = None
    clock: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()

    def over(self, other: "Sidecar") -> "Sidecar":
        """This, and what another one says where this says nothing; the notes of both."""
        said: dict[str, Any] = {
            item.name: getattr(self, item.name) or getattr(other, item.name) for item in fields(self)
        }
        return Sidecar(**said | {"notes": (*self.notes, *other.notes)})


def find_zone(name: str) -> tzinfo | None:
    """A time zone by its name; None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None


def named_start(path: Path) -> datetime | None:
    """The start that the recorder writes into a file's name, `2026-11-22T223104+0100.csv`."""
    match = _NAMED_START.search(path.name)
    try:
        return datetime.strptime(match[1], "%Y-%m-%dT%H%M%S%z") if match else None
    except ValueError:
        return None


def read_sidecar(path: Path) -> Sidecar:
    """Read what lies beside a recording; an empty `Sidecar` when there is nothing."""
    beside = Path(f"{stem_of(path)}.json")
    try:
        return understand_sidecar(beside.read_bytes(), beside.name) if beside.is_file() else Sidecar()
    except OSError as error:
        return _left_out(beside.name, error)


def understand_sidecar(text: bytes, name: str) -> Sidecar:
    """What a sidecar of that name says."""
    try:
        found = json.loads(text.decode("utf-8-sig"))
        # Half a sign ("\\ud800") is none, and no result could hold it.
        found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        return _left_out(name, error)
    if not isinstance(found, dict):
        return Sidecar(notes=(f"sidecar: {name} holds no keys and was left out",))
    return _understand(found, name)


def _left_out(name: str, error: Exception) -> Sidecar:
    short = (str(error).splitlines() or [type(error).__name__])[0][:80]  # plain: signs
    return Sidecar(notes=(f"sidecar: {name} can't be read and was left out ({short})",))


def _understand(found: dict[str, Any], name: str) -> Sidecar:
    odd: list[str] = []
    zone_name = _text(found, "zone", odd)
    zone = find_zone(zone_name) if zone_name else None
    if zone_name and zone is None:
        odd.append("zone")
    zone = zone or _offset(found)
    start = _moment(found, "start_utc", zone or UTC, odd, naive=UTC)
    limb = _text(found, "limb", odd)
    if limb is not None and limb not in ("wrist", "ankle"):
        odd.append("limb")
        limb = None
    known = Sidecar(
        start=start,
        zone=zone,
        limb=limb,
        side=_text(found, "side", odd),
        subject=_text(found, "subject", odd),
        sensor=_text(found, "sensor", odd),
        board=_text(found, "board", odd),
        sensor_id=_sensor_id(found, odd),
        range_g=_number(found, "range_g", odd),
        rate_hz=_number(found, "rate_hz", odd),
        lights_off=_moment(found, "lights_off", zone or UTC, odd),
        lights_up=_moment(found, "lights_up", zone or UTC, odd),
        simulated=str(found.get("made_by")).startswith("sleepjerk simulate") or None,
    )
    said = _board_said(found.get("board_said"))
    but = f", except {', '.join(odd)}, which can't be understood" if odd else ""
    return replace(known, notes=(f"sidecar: {name} was used{but}", *said))


def _board_said(said: Any) -> tuple[str, ...]:
    """What a board told of itself that explains a gap: why it started again, and that its sensor failed."""
    if not isinstance(said, dict):
        return ()
    starts = said.get("starts")
    again = [str(cause) for cause in starts[1:]] if isinstance(starts, list) else []
    notes = [f"board: it started again {len(again)} times ({', '.join(sorted(set(again)))})"] if again else []
    errors = said.get("bus_errors")
    if isinstance(errors, int) and errors > 0:
        notes.append(f"board: its sensor did not answer {errors} times; check the wires")
    if said.get("self_test") == "failed":
        notes.append("board: its sensor failed its self-test; the readings may be wrong")
    return tuple(notes)


def _offset(found: dict[str, Any]) -> tzinfo | None:
    """What local time was at the start; all that is known where the zone has no name, as on Windows."""
    seconds = found.get("utc_offset_s")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not abs(seconds) < 86400:
        return None
    return timezone(timedelta(seconds=seconds))


def _sensor_id(found: dict[str, Any], odd: list[str]) -> str | None:
    """A given name, else model and USB serial number; a model alone names thousands of sensors."""
    name, serial = _text(found, "sensor_name", odd), _text(found, "usb_serial", odd)
    if name is not None or serial is None:
        return name
    sensor = found.get("sensor")
    return f"{sensor} {serial}" if isinstance(sensor, str) and sensor else serial


def _text(found: dict[str, Any], key: str, odd: list[str]) -> str | None:
    value = found.get(key)
    if value is None or isinstance(value, str):
        return value or None
    odd.append(key)
    return None


def _number(found: dict[str, Any], key: str, odd: list[str]) -> float | None:
    value = found.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e6:
        return float(value)
    if value is not None:
        odd.append(key)
    return None


def _moment(
    found: dict[str, Any], key: str, zone: tzinfo, odd: list[str], naive: tzinfo | None = None
) -> datetime | None:
    """A time in `zone`; one without a zone of its own is read in `naive`, or in `zone` too."""
    text = _text(found, key, odd)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=naive or zone)
        return moment.astimezone(zone)
    except (ValueError, OverflowError):
        odd.append(key)
        return None
