"""A night as `night.json`, there and back. Knows the file's layout; must not know how a number came about.

Its last key is a checksum of all the others. A file that differs from it is read all the same, and says so for good
(`CHANGED`); one without a checksum, of an older version, is taken as it is.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sleepjerk.atomic import checksum, write_whole
from sleepjerk.errors import InputError, why
from sleepjerk.events import known_rows
from sleepjerk.messages import Message
from sleepjerk.night.model import SCHEMA, Night
from sleepjerk.night.typed import typed
from sleepjerk.night.unknown import unknown_in, with_unknown
from sleepjerk.night.verdict import LEVELS
from sleepjerk.parts import Part

CHANGED = Message("warning.changed")


class NewerNightError(InputError):
    """A night whose form only a newer version knows: what can't be read must not be written over, either."""


def to_document(night: Night) -> dict[str, Any]:
    """The night as plain JSON types, `schema` first, and what another version wrote in it."""
    return with_unknown(_summary(night), night.unknown)


def _summary(night: Night) -> dict[str, Any]:
    """All that this version has names for."""
    document: dict[str, Any] = {"schema": night.schema}
    for item in dataclasses.fields(night):
        if item.name not in ("schema", "rows", "unknown"):
            document[item.name] = _plain(getattr(night, item.name))
    document["events"] = list(night.rows)
    document["recording"] = _plain(flat(night.recording, _RECORDING_KEYS))
    if night.limbs is None:
        del document["limbs"]  # a night of one board looks as it always did
    else:
        document["limbs"]["recording"] = _plain(flat(night.limbs.recording, _RECORDING_KEYS))
    return document


# The order of the first nights that were written; what was added since comes after them.
_RECORDING_KEYS = (
    *("name", "start", "zone", "hours", "rate_hz", "gaps", "missing_s", "clock_drift_ppm", "limb", "side"),
    *("subject", "sensor", "board", "noise_g", "step_g", "range_g", "clipped_samples", "rejected_rows"),
    *(
        "repeated_stamps",
        "spikes",
        "frozen_s",
        "no_gravity_s",
        "off_body_h",
        "calibration",
        "calibration_error_g",
    ),
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


def night_text(night: Night) -> str:
    """`night.json` as text.

    Raises
    ------
    ValueError
        A number of the night is NaN or infinite; those have no place in a result.
    """
    document = to_document(night)
    return _laid_out(document | {"checksum": checksum(document)}, levels=2) + "\n"


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
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: there is no such file; `sleepjerk analyse` makes it of a recording"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't read this as night.json: {why(error)}") from error
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
    if isinstance(document, dict) and _is_newer(document.get("schema")):
        raise NewerNightError(
            f"{path}: this night is of a newer sleepjerk (schema {document['schema']!r:.60}): use that one, or another "
            "folder for results"
        )
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else type(document).__name__
        raise InputError(
            f"{path}: this is no night of schema {SCHEMA} (found {found!r}); analyse the recording again"
        )
    try:
        written = document.pop("checksum", None)
        night = _night_from(document)
        if written in (None, checksum(document)) or CHANGED in night.messages:
            return night
        return dataclasses.replace(night, messages=(*night.messages, CHANGED))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]
        raise InputError(f"{path}: this night is damaged ({reason}); analyse the recording again") from error


def _is_newer(schema: object) -> bool:
    name, _, number = str(schema).rpartition("/")
    ours, _, known = SCHEMA.rpartition("/")
    return name == ours and number.isdecimal() and int(number) > int(known)


def _night_from(document: dict[str, Any]) -> Night:
    ours = {name: part for name, part in document.items() if name not in ("events", "unknown", "rows")}
    night: Night = dataclasses.replace(typed(Night, ours), rows=known_rows(document["events"]))
    for verdict in (night.verdict, *([] if night.week is None else [night.week.verdict])):
        if verdict.level not in LEVELS:
            raise ValueError(f"level {verdict.level!r} is none of {', '.join(LEVELS)}")
    by_onset = tuple(sorted(night.rows, key=lambda row: row["onset_s"]))
    return dataclasses.replace(night, rows=by_onset, unknown=unknown_in(document, _summary(night)))
