"""The events of a night, as rows or as a table, and their labels. Must not know how events arise.

Conventions
-----------
One row an event, sorted by onset. Times are seconds since the first sample, accelerations g, angles degrees.
A table without events is an empty table with the same columns and types, never None. A row is a dict of the same
columns in plain types: what is unknown is None, and `utc` is text, ISO 8601, empty where it is unknown. Who reads a
night needs no more than rows; pandas, which takes longer to import than a report to write, makes tables alone.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Row = dict[str, Any]


class Label(StrEnum):
    """What an event is. The values are fixed: other programs read them."""

    HYPNIC_JERK = "hypnic_jerk"
    SLEEP_TWITCH = "sleep_twitch"
    PERIODIC_MOVEMENT = "periodic_movement"
    LIMB_MOVEMENT = "limb_movement"
    BODY_MOVEMENT = "body_movement"
    POSTURE_CHANGE = "posture_change"
    RHYTHMIC_MOVEMENT = "rhythmic_movement"
    UNCLASSIFIED = "unclassified"


MISSED = "missed"
TWITCHES = (Label.HYPNIC_JERK, Label.SLEEP_TWITCH)


class State(StrEnum):
    """What the person was doing, as far as a still or moving wrist can tell."""

    ONSET = "onset"
    SLEEP = "sleep"
    WAKE = "wake"
    OFF_BODY = "off_body"
    UNKNOWN = "unknown"


ASLEEP = (State.ONSET, State.SLEEP)


# Column -> dtype. The first eight are fixed (other programs read them); the rest helps a person to judge; `LATER` is
# what of it older versions didn't know, with what stands for unknown. `isolated`: it stands alone
# (`classify.stand_alone`), or a person calls it a twitch; and it is in no series. `detected` holds the detector's label
# where a person put another in its place, `MISSED` where a person saw what wasn't detected, whose strength is NaN, else
# nothing; `utc` is NaT where the start of the recording is unknown.
COLUMNS = {
    "onset_s": "float64",
    "duration_s": "float64",
    "peak_g": "float64",
    "tilt_deg": "float64",
    "label": "str",
    "series": "Int64",
    "state": "str",
    "utc": "datetime64[ms, UTC]",
    "isolated": "bool",
    "centroid_hz": "float64",
    "confidence": "float64",
    "detected": "str",
}

# What the table of two boards holds besides. `limb`: "wrist", "ankle" or "both"; `parts`: how many movements became
# one; `wrist_onset_s` and `ankle_onset_s`: where the first of each limb begins, both on the wrist's clock.
# `series_limb`: whose series `series` is; `both_recorded`: both boards recorded there, so that `limb` is known.
OF_LIMBS = {
    "limb": "str",
    "parts": "int64",
    "wrist_onset_s": "float64",
    "ankle_onset_s": "float64",
    "series_limb": "str",
    "both_recorded": "bool",
}

LATER = {"centroid_hz": None, "confidence": None, "detected": ""}

_NUMBER, _WHOLE = (float, int, type(None)), (int, type(None))
_PLAIN: dict[str, tuple[type, ...]] = {
    "float64": _NUMBER,
    "Int64": _WHOLE,
    "bool": (bool,),
}  # all else is text


def make_events(**columns: object) -> "pd.DataFrame":
    """A table of events, sorted by onset, from columns of equal length; `detected` may be left out.

    `utc` is text, as in rows.

    Raises
    ------
    ValueError
        A column is missing or unknown, or a label or state is not one of the fixed words.
    """
    import pandas as pd

    columns.setdefault("detected", [""] * len(columns.get("onset_s", [])))  # type: ignore[arg-type]
    if set(columns) != set(COLUMNS):
        raise ValueError(f"event columns {sorted(columns)} are not the expected {sorted(COLUMNS)}")
    columns["utc"] = pd.to_datetime(pd.Series(columns["utc"], dtype="str"), utc=True, format="ISO8601")
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=dtype) for name, dtype in COLUMNS.items()})
    _check_words({name: set(table[name]) for name in _WORDS})
    return table.sort_values("onset_s", kind="stable", ignore_index=True)


def table_of(rows: Sequence[Row]) -> "pd.DataFrame":
    """The table of rows by onset; those of two boards hold the columns `OF_LIMBS`, too."""
    table = make_events(**{name: [row[name] for row in rows] for name in COLUMNS})
    if not rows or "limb" not in rows[0]:
        return table
    return table.assign(**{name: [row[name] for row in rows] for name in OF_LIMBS}).astype(OF_LIMBS)


def event_rows(events: "pd.DataFrame") -> tuple[Row, ...]:
    """A table of events as rows."""
    events = events.assign(utc=utc_texts(events))
    rows = events.astype(object).where(events.notna(), None)
    return tuple({str(key): value for key, value in row.items()} for row in rows.to_dict(orient="records"))


def known_rows(found: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of plain JSON, also of an older version, with the columns that this version knows.

    Raises
    ------
    KeyError, TypeError, ValueError
        A column is missing, or a value isn't of its kind.
    """
    rows: list[Row] = [{name: (LATER | row)[name] for name in COLUMNS} for row in found]
    for name, dtype in COLUMNS.items():
        kinds = _PLAIN.get(dtype, (str,))
        for row in rows:
            value = row[name]
            if type(value) not in kinds:
                told = str(value)[:40]  # plain: signs in a message
                raise TypeError(f"{name} {told!r} is no {kinds[0].__name__}")
            if type(value) is int and kinds[0] is float:
                row[name] = float(value)
    for row in rows:
        if row["utc"]:
            moment = datetime.fromisoformat(row["utc"]).astimezone(UTC)
            row["utc"] = moment.isoformat(timespec="milliseconds")
    _check_words({name: {row[name] for row in rows} for name in _WORDS})
    return tuple(rows)


_WORDS: dict[str, list[str]] = {"label": [*Label], "detected": ["", MISSED, *Label], "state": [*State]}


def _check_words(found: dict[str, set[str]]) -> None:
    for column, words in _WORDS.items():
        if strangers := found[column].difference(words):
            raise ValueError(f"{column} {sorted(strangers)} is none of {[*map(str, words)]}")


def utc_texts(events: "pd.DataFrame") -> list[str]:
    """(n,) the times `utc` in ISO 8601 with milliseconds; empty where unknown."""
    return [time.isoformat(timespec="milliseconds").replace("NaT", "") for time in events["utc"]]


def events_text(events: "pd.DataFrame") -> str:
    """`events.csv` as text: milliseconds, 0.1 mg, empty fields where nothing is known."""
    rounded = events.round(
        {"onset_s": 3, "duration_s": 3, "peak_g": 4, "tilt_deg": 2, "centroid_hz": 2, "confidence": 3}
        | {"wrist_onset_s": 3, "ankle_onset_s": 3}
    )
    rounded["utc"] = utc_texts(events)
    return str(rounded.to_csv(index=False, lineterminator="\n"))


def with_added_columns(text: str, before: str) -> str:
    """A table as text with the columns that somebody added to it before, each cell beside the movement of its onset."""
    import pandas as pd

    if before.partition("\n")[0].rstrip() == text.partition("\n")[0]:
        return text
    try:  # a spreadsheet may have saved it with other separators
        theirs = pd.read_csv(io.StringIO(before), dtype=str, keep_default_na=False, sep=None, engine="python")
    except ValueError:  # it is no table any more
        return text
    ours = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    added = [name for name in theirs.columns if name not in ours and name not in OF_LIMBS]
    if not added or "onset_s" not in theirs:
        return text
    moments = pd.to_numeric(theirs["onset_s"].str.replace(",", "."), errors="coerce").round(3)
    cells = theirs[added].groupby(moments).first().reindex(ours["onset_s"].astype(float)).fillna("")
    return str(
        ours.assign(**{name: cells[name].tolist() for name in added}).to_csv(index=False, lineterminator="\n")
    )


def isolated_twitches(events: "pd.DataFrame") -> "np.ndarray":
    """(n,) bool: twitches that stand alone. Headline, rates and criteria count these, and no others."""
    return (events["label"].isin(TWITCHES) & events["isolated"]).to_numpy(bool)


def twitches_apart(events: "pd.DataFrame") -> "np.ndarray":
    """(n,) bool: twitches in restless minutes, or weak ones among many; they are told apart."""
    return (events["label"].isin(TWITCHES) & ~events["isolated"]).to_numpy(bool)


def stands_alone(event: Row) -> bool:
    """`isolated_twitches` of a row."""
    return event["label"] in TWITCHES and event["isolated"]


def stands_apart(event: Row) -> bool:
    """`twitches_apart` of a row."""
    return event["label"] in TWITCHES and not event["isolated"]
