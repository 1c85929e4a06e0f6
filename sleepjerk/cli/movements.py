"""What somebody brings to `sleepjerk periodic`: a list of movements, a list of stages, and what is odd in them.

Knows the names that scorers give to columns. Must not know series.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError, why

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from sleepjerk.recording import Floats
    from sleepjerk.rules import PeriodicityRules

    Integers = np.ndarray[Any, np.dtype[np.int64]]

WANTED = "a CSV with the columns onset_s,offset_s and perhaps leg"
_EPOCHS_S = (1, 2, 3, 4, 5, 10, 15, 20)  # plain: how long else a stage may last
# What a column is, by the words in its name; what stands first here is asked first.
_ROLES = {
    "offset": ("offset", "end", "stop"),
    "duration": ("duration", "length", "dur"),
    "leg": ("leg", "limb", "side", "channel", "location", "muscle", "laterality"),
    "onset": ("onset", "start", "begin", "begins"),
}
_LEG = re.compile(r"(l|r|left|right)[ _-]?(leg|limb|foot|lat|tib\w*|at|ta|emg)?", re.IGNORECASE)
_UNITS_S = {"ms": 1e-3, "msec": 1e-3, "milliseconds": 1e-3, "min": 60.0, "minutes": 60.0}
_NO_TIME = {"sample", "samples", "frame", "frames", "idx", "index", "epoch", "epochs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Movements:
    """Movements in the order of their onsets.

    Attributes
    ----------
    table
        Their rows as they were brought.
    onset_s, offset_s
        (k,) of movements, s; those rows of one leg that are the same, or overlap, are one.
    leg
        (k,) names of legs; None where no column says it.
    row
        (n,) the movement that each row belongs to.
    notes
        What is odd in them, and how it was taken, in words.
    """

    table: "pd.DataFrame"
    onset_s: "Floats"
    offset_s: "Floats"
    leg: "np.ndarray[Any, Any] | None"
    row: "Integers"
    notes: tuple[str, ...]


def read_movements(path: Path) -> Movements:
    """Read a list of movements.

    Raises
    ------
    InputError
        It is none, or it can't be told which column is which.
    """
    import numpy as np

    from sleepjerk.cli.tables import read_table, refuse_first

    table = read_table(path, (), (), WANTED)
    if table.empty:
        raise InputError(f"{path}: there is no movement below the header")
    names = _roles(path, [str(name) for name in table.columns])
    if "leg" not in names:  # told by what stands in a column
        others = [
            name for name in table if name not in names.values() and all(map(_LEG.fullmatch, table[name]))
        ]
        names |= {"leg": str(others[0])} if others else {}
    onset = _seconds(table[names["onset"]], path)
    refuse_first(onset < 0, onset, path, "seconds from 0 on")
    end = _seconds(table[names.get("offset") or names["duration"]], path)
    if "offset" in names:
        refuse_first(end < onset, end, path, "a time not before the onset")
    else:
        refuse_first(end < 0, end, path, "a length of 0 or more")
    notes = [f"columns: {', '.join(names.values())}"]
    if not onset.is_monotonic_increasing:
        notes.append(f"rows were sorted by {names['onset']}")
    order = np.argsort(onset.to_numpy(), kind="stable")
    onset_s = onset.to_numpy()[order]
    offset_s = end.to_numpy()[order] + (0 if "offset" in names else onset_s)
    legs = _legs(path, table[names["leg"]]).to_numpy()[order] if "leg" in names else None
    row, first, odd = _joined(onset_s, offset_s, legs)
    last = np.zeros(len(first))
    np.maximum.at(last, row, offset_s)
    return Movements(
        table=table.iloc[order].reset_index(drop=True),
        onset_s=onset_s[first],
        offset_s=last,
        leg=None if legs is None else legs[first],
        row=row,
        notes=(*notes, *odd),
    )


def _roles(path: Path, columns: list[str]) -> dict[str, str]:
    """Which column is which, by its name."""
    words = {name: set(re.findall(r"[a-z]+", _split(name))) for name in columns}
    found: dict[str, list[str]] = {}
    for name in columns:
        role = next((role for role, known in _ROLES.items() if words[name] & {*known}), None)
        if role is not None:
            found.setdefault(role, []).append(name)
    if "onset" not in found and (times := [name for name in columns if "time" in words[name]]):
        found["onset"] = [name for name in times if all(name not in others for others in found.values())]
    names = {role: _only(path, role, places) for role, places in found.items() if places}
    if names.get("duration") in ("duration_s", "duration") and names.get("offset") not in (
        "offset_s",
        "offset",
    ):
        names.pop("offset", None)
    for role, lacks, others in (
        ("onset", "onset" not in names, "start, begin or time"),
        ("offset", names.keys().isdisjoint(("offset", "duration")), "end, stop or duration"),
    ):
        if lacks:
            have = ", ".join(columns)[:120]
            raise InputError(
                f"{path}: line 1 has no column '{role}_s', {others} (it has {have}); give {WANTED}"
            )
    for role in ("onset", "offset", "duration"):
        if role in names and words[names[role]] & _NO_TIME:
            raise InputError(
                f"{path}: column {names[role]!r} is a count, not a time; give {role}_s in seconds"
            )
    return names


def _split(name: str) -> str:
    """A name in lower case, with blanks where it has humps."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _only(path: Path, role: str, names: list[str]) -> str:
    """The one column that can be meant; this program's own names are beyond doubt."""
    wanted = "leg" if role == "leg" else f"{role}_s"
    fits = [name for name in names if name.lower() in (wanted, role)] or names
    if len(fits) > 1:
        raise InputError(
            f"{path}: more than one column could be {wanted} ({', '.join(fits)}); name the right one {wanted}"
        )
    return fits[0]


def _seconds(column: "pd.Series[Any]", path: Path) -> "pd.Series[Any]":
    from sleepjerk.cli.tables import to_numbers

    words = re.findall(r"[a-z]+", _split(str(column.name)))
    return to_numbers(column, path, "seconds since the recording began") * next(
        (_UNITS_S[word] for word in words if word in _UNITS_S), 1.0
    )


def _legs(path: Path, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The names of legs, without what doesn't matter in them."""
    legs = column.str.strip().str.lower()
    found = sorted(set(legs))
    if len(found) > 2:
        raise InputError(
            f"{path}: column {column.name!r} holds {len(found)} names ({', '.join(map(repr, found[:6]))}), but a "
            "movement is of one of two legs; keep the rows of the legs, or give that column another name"
        )
    return legs


def _joined(
    onset_s: "Floats", offset_s: "Floats", legs: "np.ndarray[Any, Any] | None"
) -> "tuple[Integers, Integers, list[str]]":
    """For each row its movement, for each movement its first row, and what to say of it."""
    import numpy as np

    begins, same = np.ones(len(onset_s), dtype=bool), np.zeros(len(onset_s), dtype=bool)
    first = np.arange(len(onset_s))
    for leg in np.unique(legs) if legs is not None else (None,):
        rows = np.flatnonzero(legs == leg) if legs is not None else first.copy()
        reach_s = np.maximum.accumulate(offset_s[rows])[:-1]
        before, after = rows[:-1], rows[1:]
        same[after] = (onset_s[after] == onset_s[before]) & (offset_s[after] == offset_s[before])
        begins[after] = (np.round(onset_s[after] - reach_s, 6) >= 0) & ~same[after]
        first[rows] = rows[np.maximum.accumulate(np.where(begins[rows], np.arange(len(rows)), 0))]
    heads = np.flatnonzero(begins)
    doubled, overlap, notes = int(same.sum()), ~begins & ~same, []
    if doubled:
        notes.append(
            f"doubled: {doubled} of {len(same)} rows are the same as another one; each movement counts once"
        )
    if overlap.any():
        ask = (
            "are they of two legs? Say it in a column leg"
            if legs is None
            else "are these when movements end?"
        )
        notes.append(
            f"overlap: {int(overlap.sum())} of {len(same)} rows begin before the movement before has ended, the first "
            f"at {onset_s[np.flatnonzero(overlap)[0]]:g} s; they were taken as one with it ({ask})"
        )
    return np.searchsorted(heads, first), heads, notes


def read_stages(
    path: Path, epoch_s: float | None, last_s: float, rules: "PeriodicityRules"
) -> "tuple[Integers, float]":
    """Read stages, and how many seconds each lasts: as given, as the times beside them say, else 30.

    Raises
    ------
    InputError
        It is no such list, or its length can't be that of a night.
    """
    import numpy as np

    from sleepjerk.detection.periodic import EPOCH_S

    if epoch_s is not None and not 0 < epoch_s < float("inf"):
        raise InputError(f"--epoch {epoch_s:g}: expected how many seconds a stage lasts, such as 30")
    words, step_s = _stage_words(path)
    for number, word in enumerate(words, start=1):
        if not word.isdigit() or int(word) > 9:
            raise InputError(
                f"{path}: stage {number} is {word!r}, expected one integer from 0 (wake) to 9 for each epoch"
            )
    told_s = epoch_s or step_s
    length_s = told_s or EPOCH_S
    total_s = len(words) * length_s
    if told_s is None and total_s > rules.stages_most_h * 3600:
        likely_s = min(_EPOCHS_S, key=lambda each: abs(len(words) * each / 3600 - 8))
        raise InputError(
            f"{path}: {len(words)} stages of {length_s:g} s would be {total_s / 3600:.0f} hours; say with --epoch "
            f"SECONDS how long each lasts (--epoch {likely_s} would be {len(words) * likely_s / 3600:.1f} hours)"
        )
    if total_s < last_s:
        raise InputError(
            f"{path}: {len(words)} stages of {length_s:g} s cover {total_s:.0f} s, but the last movement begins at "
            f"{last_s:.0f} s; give a stage for each epoch, or say with --epoch SECONDS how long each lasts"
        )
    return np.array([int(word) for word in words], dtype=np.int64), length_s


def _stage_words(path: Path) -> tuple[list[str], float | None]:
    """The stages, and the step of the times that stand before them, where it is more than a number of each."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read as stages ({why(error)})") from error
    lines = [line.strip(" \t,;") for line in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) > 1 and not re.search(r"\d", lines[0]) and re.match(r"\d", lines[1]):
        lines = lines[1:]  # names
    cells = [re.split(r"[\s,;]+", line) for line in lines]
    if len(cells) < 3 or any(len(words) != 2 for words in cells):
        return [word for words in cells for word in words], None
    try:
        times = [float(time) for time, _ in cells]
    except ValueError:
        return [word for words in cells for word in words], None
    step = round(times[1] - times[0], 6)
    if step <= 0 or any(abs(later - time - step) > 1e-6 for time, later in pairwise(times)):
        return [word for words in cells for word in words], None
    if times[0] != 0 and (times[0], step) != (1, 1):
        raise InputError(f"{path}: the first stage is at {times[0]:g} s; give the stages from 0 s on")
    return [stage for _, stage in cells], None if step == 1 else step
