"""Which column is the time and which are the three axes: by name, by place, or as told.

Knows names people give to columns. Must not read files nor numbers.
"""

import re
from dataclasses import dataclass

from sleepjerk.errors import InputError

TIME_WORDS = frozenset(
    "t ts time timestamp timestamps datetime date epoch unix utc s sec secs second seconds ms msec millis "
    "milliseconds us usec micros microseconds ns nanoseconds elapsed".split()
)
NOT_ACCELERATION = frozenset(
    "gyro gyr gyroscope mag magn magnetometer angle angular as rot rotation rate quat quaternion euler gravity "
    "grav omega deg dps ut temp orientation".split()
)
ACCELERATION_WORDS = frozenset("acc accel acceleration accelerometer acceleromter".split())
AXIS = re.compile(r"(?:acc|accel|acceleration|accelerometer|a)?([xyz])")


@dataclass(frozen=True, slots=True)
class Roles:
    """Places of the columns, counted from 0; time is None when there is no time column."""

    time: int | None
    axes: tuple[int, int, int]
    time_name: str = ""
    axis_names: tuple[str, ...] = ()


def words(name: str) -> list[str]:
    """The words of a column name, small: "AccX(g)" gives acc, x, g."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-zµμ0-9]+", spaced.lower()) if word]


def find_roles(names: tuple[str, ...], width: int, told: str | None, where: str) -> Roles:
    """Which column is what.

    Parameters
    ----------
    names
        The header, () when there is none.
    width
        Number of columns.
    told
        What the person said: "T,X,Y,Z" or "X,Y,Z", names or numbers from 1; None to find out.
    where
        The file, for messages.

    Raises
    ------
    InputError
        The columns can't be told for sure.
    """
    if told is not None:
        return _as_told(names, width, told, where)
    if not names:
        return _by_place(width, where)
    axes = _axes_by_name(names, where)
    others = [i for i in range(width) if i not in axes]
    stamps = [i for i in others if TIME_WORDS & set(words(names[i])) and not NOT_ACCELERATION & set(words(names[i]))]
    time = stamps[0] if stamps else None
    return Roles(time, axes, names[time] if time is not None else "", tuple(names[i] for i in axes))


def _axes_by_name(names: tuple[str, ...], where: str) -> tuple[int, int, int]:
    found: dict[str, list[int]] = {"x": [], "y": [], "z": []}
    for place, name in enumerate(names):
        parts = words(name)
        if NOT_ACCELERATION & set(parts):
            continue
        matches = [match for match in map(AXIS.fullmatch, parts) if match]
        if matches:
            found[matches[0][1]].append(place)
    for axis, places in found.items():
        named = [i for i in places if any(word.startswith("acc") for word in words(names[i]))]
        found[axis] = named if len(places) > 1 and named else places
    if any(len(places) != 1 for places in found.values()):
        raise InputError(
            f"{where}: can't tell which columns are the three axes of acceleration among {', '.join(names)[:200]}; "
            "say it with --columns T,X,Y,Z (names or numbers)"
        )
    return found["x"][0], found["y"][0], found["z"][0]


def _by_place(width: int, where: str) -> Roles:
    if width == 3:
        return Roles(None, (0, 1, 2))
    if width == 4:
        return Roles(0, (1, 2, 3))
    raise InputError(
        f"{where}: there is no header and a line has {width} columns, so time and axes can't be told; "
        "say them with --columns T,X,Y,Z (numbers from 1)"
    )


def _as_told(names: tuple[str, ...], width: int, told: str, where: str) -> Roles:
    parts = [part.strip() for part in told.split(",")]
    if len(parts) not in (3, 4):
        raise InputError(f"--columns {told}: expected T,X,Y,Z or X,Y,Z (names or numbers from 1)")
    places = []
    for part in parts:
        if part in names:
            places.append(names.index(part))
        elif part.isdecimal() and 1 <= int(part) <= width:
            places.append(int(part) - 1)
        else:
            have = ", ".join(names) if names else f"1 to {width}"
            raise InputError(f"{where}: there is no column {part!r} (--columns {told}); there are {have[:200]}")
    if len(set(places)) != len(places):
        raise InputError(f"--columns {told}: each column can be named only once")
    time = places[0] if len(places) == 4 else None
    axes = (places[-3], places[-2], places[-1])
    label = names or ("",) * width
    return Roles(time, axes, label[time] if time is not None else "", tuple(label[i] for i in axes))
