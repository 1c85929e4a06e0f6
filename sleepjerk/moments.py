"""A time as people type it -> seconds since the first sample. Knows clocks and the length of a recording alone."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from sleepjerk.errors import InputError

BEFORE_START_S = 3600.0  # a person may switch the light off before pressing record
# 22.45 and 2245 are how many people write a clock; as seconds they would put the mark at the start of the night.
_CLOCK_WITHOUT_COLON = re.compile(r"(?:[01]?\d|2[0-3])[.,h][0-5]\d|(?:[01]\d|2[0-3])[0-5]\dh?")

_SINCE_START = re.compile(
    r"\+(\d{1,4}):([0-5]\d)(?::([0-5]\d))?(?: h)?"
)  # as a clock without a start shows it


class Covered(NamedTuple):
    """What a recording covers: its start, how long it lasts, s, and which night it is of several."""

    start: datetime | None
    lasts_s: float
    night: int | None


def mark_s(text: str | None, covered: Covered, option: str, *, begun: bool = False) -> float | None:
    """A moment in seconds since the first sample; None where nothing was said, or outside this night of several.

    What lies a little before the start is said of the start, but for what must have `begun` in the recording.

    Raises
    ------
    InputError
        It is no time, or lies outside the recording.
    """
    if text is None:
        return None
    several = covered.night is not None
    if _CLOCK_WITHOUT_COLON.fullmatch(text):
        clock = f"{text.strip('h')[:-2].rstrip('.,h')}:{text.strip('h')[-2:]}"
        raise InputError(
            f"{option} {text}: write a clock time with a colon, {clock}, or seconds since the first sample as {text}s"
        )
    try:
        seconds = _seconds(text)
    except ValueError:
        seconds = _clock_s(text, covered.start, option)
    else:
        if several:
            raise InputError(
                f"{option} {text}: for a recording of several nights give a clock time, such as 22:45"
            )
    if -BEFORE_START_S * (not begun) <= seconds <= covered.lasts_s:
        return max(seconds, 0.0)
    if several:
        return None
    raise InputError(
        f"{option} {text}: this lies outside the recording, which lasts {covered.lasts_s / 3600:.1f} h"
    )


def _seconds(text: str) -> float:
    """840, 840s or +0:14:00; anything else is a ValueError."""
    if (since := _SINCE_START.fullmatch(text)) is None:
        return float(text.removesuffix("s"))
    hours, minutes, seconds = (int(part or 0) for part in since.groups())
    return 3600.0 * hours + 60 * minutes + seconds


def _clock_s(text: str, start: datetime | None, option: str) -> float:
    """Seconds from the first sample to a clock time."""
    if start is None:
        raise InputError(
            f"{option} {text}: the recording's start is unknown, so a clock time can't be placed; give seconds, "
            "or hours and minutes since the start as +1:30"
        )
    dated = "T" in text or " " in text
    if start.tzinfo is UTC and not re.search(r"(Z|[+-]\d\d:?\d\d)$", text):
        raise InputError(
            f"{option} {text}: the recording's times are UTC, so a wall-clock time needs --zone, such as "
            "--zone Europe/Berlin"
        )
    try:
        if dated:
            moment = datetime.fromisoformat(text)
        else:
            moment = datetime.combine(start.date(), time.fromisoformat(re.sub(r"^(?=\d:)", "0", text)))
    except ValueError as error:
        raise InputError(
            f"{option} {text}: expected a time such as 22:45, 2026-11-22T22:45 or 840 (seconds)"
        ) from error
    # A night begins on one day and ends on the next: the first such time after the start is meant.
    for days in (0, 1):
        there = moment + timedelta(days=days)
        there = there if there.tzinfo else there.replace(tzinfo=start.tzinfo)
        # In UTC: on the wall the night in which the clocks change is an hour longer or shorter than it was.
        seconds = (there.astimezone(UTC) - start.astimezone(UTC)).total_seconds()
        if dated or seconds >= -BEFORE_START_S:
            break
    return seconds
