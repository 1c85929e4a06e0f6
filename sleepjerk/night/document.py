"""A night as `night.json`, there and back. Knows the file's layout; must not know how a number came about."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pandas as pd

from sleepjerk.atomic import write_whole
from sleepjerk.errors import InputError
from sleepjerk.events import COLUMNS, make_events, utc_texts
from sleepjerk.night.model import (
    SCHEMA,
    Night,
    PeriodicSummary,
    RecordingSummary,
    SeriesCount,
    SleepSummary,
    SteadyVibration,
    Strip,
    Surroundings,
    Timeline,
)
from sleepjerk.night.verdict import Criterion, NightLine, Usual, Verdict, Week
from sleepjerk.recording import Part


def to_document(night: Night) -> dict[str, Any]:
    """The night as plain JSON types, `schema` first."""
    fields = {
        item.name: getattr(night, item.name)
        for item in dataclasses.fields(night)
        if item.name not in ("schema", "events")
    }
    document: dict[str, Any] = {"schema": night.schema}
    for name, value in fields.items():
        document[name] = _plain(value)
    document["recording"] = _plain(flat(night.recording, _RECORDING_KEYS))
    document["events"] = _event_rows(night.events)
    return document


# The order of the first nights that were written; what was added since comes after them.
_RECORDING_KEYS = (
    *("name", "start", "zone", "hours", "rate_hz", "gaps", "missing_s", "clock_drift_ppm", "limb", "side"),
    *("subject", "sensor", "board", "noise_g", "step_g", "range_g", "clipped_samples", "rejected_rows"),
    *("repeated_stamps", "spikes", "frozen_s", "off_body_h", "calibration", "calibration_error_g"),
    *("smallest_visible_g", "limited_by", "calibration_error_before_g", "calibration_windows"),
    *("calibration_gain_shift", "sensor_id", "night", "nights", "from_s", "notes"),
)


def flat(owner: Any, first: Sequence[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass by name, those of its parts among them; the `first` first."""
    found: dict[str, Any] = {}
    for item in dataclasses.fields(owner):
        value = getattr(owner, item.name)
        found |= flat(value) if isinstance(value, Part) else {item.name: value}
    return {name: found[name] for name in dict.fromkeys((*first, *found))}


Owner = TypeVar("Owner")


def from_flat(kind: type[Owner], values: dict[str, Any]) -> Owner:
    """The other way round: a dataclass from its fields and those of its parts."""
    rest, parts = dict(values), {}
    for name, part in get_type_hints(kind).items():
        if isinstance(part, type) and issubclass(part, Part):
            own = rest.keys() & {item.name for item in dataclasses.fields(part)}  # type: ignore[arg-type]
            parts[name] = part(**{key: rest.pop(key) for key in own})
    return kind(**parts, **rest)


_NUMBERS = {int, float, type(None)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        # A wave has thousands of numbers: one look at them all is quicker than a call for each.
        return list(value) if _NUMBERS.issuperset(map(type, value)) else [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _event_rows(events: pd.DataFrame) -> list[dict[str, Any]]:
    events = events.assign(utc=utc_texts(events))
    rows = events.astype(object).where(events.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict(orient="records")]


def night_text(night: Night) -> str:
    """`night.json` as text.

    Raises
    ------
    ValueError
        A number of the night is NaN or infinite; those have no place in a result.
    """
    return _laid_out(to_document(night), levels=2) + "\n"


_encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode


def _laid_out(value: Any, levels: int, line: str = "\n") -> str:
    """JSON text with an item a line down to some levels: each field of a summary, each event.

    json's own indenting goes down to each sample of a wave, which makes the text longer by two thirds.
    """
    if levels == 0 or not value or not isinstance(value, dict | list):
        return _encode(value)
    inner = line + " "
    if isinstance(value, dict):
        texts = [f"{_encode(key)}: {_laid_out(item, levels - 1, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(texts)}{line}}}"
    return f"[{inner}{f',{inner}'.join(_laid_out(item, levels - 1, inner) for item in value)}{line}]"


def write_night(night: Night, path: Path | str) -> None:
    """Write `night.json` whole or not at all."""
    write_whole(Path(path), night_text(night))


def read_night(path: Path | str) -> Night:
    """Read `night.json` back.

    Raises
    ------
    InputError
        The file can't be read or isn't a night of this schema.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't read this as night.json: {error}") from error
    return night_from(text, str(path))


def night_from(text: str, path: str) -> Night:
    """A night from the text of its `night.json`; `path` is where that lies, for the error.

    Raises
    ------
    InputError
        The text isn't a night of this schema.
    """
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path}: can't read this as night.json: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else type(document).__name__
        raise InputError(
            f"{path}: this is no night of schema {SCHEMA} (found {found!r}); analyse the recording again"
        )
    try:
        return _night_from(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"{path}: this night is damaged ({error}); analyse the recording again") from error


def _night_from(document: dict[str, Any]) -> Night:
    rows = document["events"]
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    timeline = document["timeline"]
    return Night(
        version=document["version"],
        settings_sha256=document["settings_sha256"],
        input_sha256=document["input_sha256"],
        recording=from_flat(RecordingSummary, _tuples(document["recording"])),
        sleep=SleepSummary(**_tuples(document["sleep"])),
        counts=document["counts"],
        per_hour=document["per_hour"],
        per_hour_interval=_tuples(document.get("per_hour_interval", {})),
        periodic=_periodic_from(document["periodic"]),
        verdict=_verdict_from(document["verdict"]),
        warnings=tuple(document["warnings"]),
        timeline=Timeline(**_tuples(timeline)),
        surroundings=_surroundings_from(document.get("surroundings", {})),
        strips=tuple(Strip(**_tuples(item)) for item in document["strips"]),
        events=make_events(**columns),
        confidence_edges=document.get("confidence_edges", {}),
        week=None if document.get("week") is None else _week_from(document["week"]),
        options=dict(document.get("options", {})),
    )


def _verdict_from(document: dict[str, Any]) -> Verdict:
    return Verdict(
        level=document["level"],
        reasons=tuple(document["reasons"]),
        criteria=tuple(Criterion(**item) for item in document["criteria"]),
        week_nights=document["week_nights"],
        strengths=document.get("strengths", {}),
        strength_edges_g=document.get("strength_edges_g", {}),
    )


def _week_from(document: dict[str, Any]) -> Week:
    known = {
        "nights": tuple(NightLine(**_tuples(line)) for line in document["nights"]),
        "earlier": tuple(NightLine(**_tuples(line)) for line in document["earlier"]),
        "flags": tuple(document["flags"]),
        "usual": None if document["usual"] is None else Usual(**document["usual"]),
        "verdict": _verdict_from(document["verdict"]),
    }
    return Week(**(document | known))


def _periodic_from(document: dict[str, Any]) -> PeriodicSummary:
    counts = tuple(SeriesCount(**count) for count in document.get("by_rules", ()))
    return PeriodicSummary(**(_tuples(document) | {"by_rules": counts}))


def _surroundings_from(document: dict[str, Any]) -> Surroundings:
    lines = document.get("vibrations")
    known = None if lines is None else tuple(SteadyVibration(**line) for line in lines)
    return Surroundings(**(document | {"vibrations": known}))


def _tuples(document: dict[str, Any]) -> dict[str, Any]:
    return {key: _tuple(value) for key, value in document.items()}


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
