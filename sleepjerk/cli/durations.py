"""How long: 8h, 1h30m, 45m or seconds, as people type it for an option."""

import re

from sleepjerk.errors import InputError

_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0}


def seconds_of(text: str, option: str) -> float:
    """`8h`, `1h30m`, `45m`, `90s` or plain seconds."""
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms])", text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        seconds = sum(float(number) * _UNITS_S[unit] for number, unit in parts)
    elif re.fullmatch(r"\d+(\.\d+)?", text):
        seconds = float(text)
    else:
        raise InputError(f"{option} {text}: expected a time such as 8h, 1h30m, 45m or 600 (seconds)")
    if seconds <= 0:
        raise InputError(f"{option} {text}: the time must be longer than 0")
    return seconds
