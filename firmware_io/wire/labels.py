"""What the words in a line say of its numbers: which axis, of what. Knows words only: no values, no stream.

These sets are the rules of guessing by name; a word that is in none of them says nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACCELERATION, PLAIN, OTHER = "acceleration", "plain", "other"
_ACCELERATION = _words(
    "a ac acc accl accel acceler accelero acceleration accelerations accelerometer accelerometers "
    "beschleunigung aceleracion acelerometro accelerazione accelerometro accelerometre"
)
# What has three axes, too: turning, field, angles; and what a filter made of an acceleration.
_OTHER = _words(
    "g gy gyr gyro gyroscope rot rotation rate omega w dps mdps m mag magnet magnetometer compass "
    "field orient velocity q quat quaternion ypr yaw pitch roll euler angle angles heading grav gravity gv lin linear "
    "areal aworld world la user free orientation temp temperature pressure humidity bat battery"
)
_TIME = _words("t time ts timestamp millis micros ms us s sec seconds clock rtctime rtcdate date")
# The unit of the number before: it stands right behind that, or is parted from the next name.
_UNIT = r"(?:m/s\^?2|m/s/s|mg|[gG]|u?T|[mu]?s|deg/s|dps|o/s|rad/s|deg ?C?|°C?|C)"
_UNIT_BEHIND = re.compile(rf"^(?:{_UNIT}(?![A-Za-z])| ?{_UNIT}\s*[,;|\t])")
_AXIS = re.compile(r"(.*?)[_ ]?([xyz])")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Of what a number is ("acceleration", "plain" where nothing is said, "other", "time"), and its axis or ""."""

    quantity: str
    axis: str
    begins: bool = False  # it was named here, without an axis
    silent: bool = False  # no word stands before this number


def words_before(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The letters in front of each number of a line, in lower case."""
    begins = [0, *(end for _, end in spans)]
    gaps = (_UNIT_BEHIND.sub(" ", text[begin : span[0]]) for begin, span in zip(begins, spans, strict=False))
    return tuple(
        " ".join(re.findall(r"[a-z_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", gap).lower())) for gap in gaps
    )


def meanings(words: Sequence[str]) -> list[Meaning]:
    """What each number of a line is; a quantity that is named once holds for the axes behind it."""
    found: list[Meaning] = []
    quantity = PLAIN
    for number, label in enumerate(words):
        parts = label.split()
        match = _AXIS.fullmatch(parts[-1]) if parts else None
        axis = match[2] if match else ""
        known = _quantity([*parts[: len(parts) - bool(match)], *([match[1]] if match and match[1] else [])])
        if known is None and parts and not axis and number:
            known = OTHER if label not in _UNITS else None  # a word that names no axis begins something new
        quantity = known or quantity
        time = bool(set(parts) & _TIME) and not axis and known != ACCELERATION  # "ms, acc:"
        begins = known is not None and not axis and not time
        found.append(Meaning("time" if time else quantity, axis, begins, not parts))
    return found


def _bare(behind: Sequence[Meaning]) -> bool:
    """Whether a name holds for the two numbers behind its own, too."""
    return len(behind) == 2 and all(each.silent for each in behind)


_UNITS = _words("m s deg degc rad mg g dps radians")


def _quantity(parts: Sequence[str]) -> str | None:
    """Of what some words are; None where they don't say."""
    words = set(parts)
    if words & _ACCELERATION and not words & (_OTHER - {"g"}):
        return ACCELERATION  # also "a/g:", raw acceleration before turning
    return OTHER if words & _OTHER else None


def triplets(found: Sequence[Meaning], quantity: str) -> list[tuple[int, int, int]]:
    """The places of x, y and z of one quantity, side by side."""
    named = [place for place, meaning in enumerate(found) if meaning.begins and meaning.quantity == quantity]
    whole = [(place, place + 1, place + 2) for place in named if _bare(found[place + 1 : place + 3])]
    axes = [
        (place, meaning.axis)
        for place, meaning in enumerate(found)
        if meaning.axis and meaning.quantity == quantity
    ]
    return whole + [
        (first[0], second[0], third[0])
        for first, second, third in zip(axes, axes[1:], axes[2:], strict=False)
        if (first[1], second[1], third[1]) == ("x", "y", "z")
    ]
