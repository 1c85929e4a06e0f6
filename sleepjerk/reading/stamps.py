"""Time columns become seconds since the first row, and a wall clock where they hold one.

Knows stamps: numbers in s, ms, µs, ns, Unix epochs, ISO 8601. Must not know acceleration nor grids.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.columns import words
from sleepjerk.recording import Floats

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
WORDS = {
    "s": "s sec secs second seconds",
    "ms": "ms msec millis milliseconds millisecond",
    "us": "us µs μs usec micros microseconds microsecond",
    "ns": "ns nanos nanoseconds nanosecond",
}
# Unix time in seconds between the years 2001 and 2065.
EPOCH_S = (1e9, 3e9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Times of the rows.

    Attributes
    ----------
    seconds
        (n,) since the first good row; NaN where a stamp can't be read.
    start
        Wall clock of the first good row; naive when the file names no zone, None when there is none.
    first_s
        The first stamp itself in seconds, for files that count from elsewhere.
    note
        What was detected.
    """

    seconds: Floats
    start: datetime | None
    first_s: float
    note: str


def read_stamps(
    time: NDArray[Any], name: str, told: str | None, rates_hz: tuple[float, float], where: str
) -> Clock:
    """Seconds since the first row.

    Parameters
    ----------
    time
        (n,) int64, float64 or bytes.
    name
        Of the column.
    told
        The unit a person named, None to find out.
    rates_hz
        Slowest and fastest plausible rate.
    where
        The file, for messages.

    Raises
    ------
    InputError
        The unit can't be told, or stamps are in no known form.
    """
    told = _known_unit(told)
    if time.dtype.kind == "S":
        if told not in (None, "iso"):
            raise InputError(f"{where}: the time column holds text, so --time-unit {told} can't be right")
        return _read_iso(time, where)
    if told == "iso":
        raise InputError(f"{where}: the time column holds numbers, so --time-unit iso can't be right")
    unit, reason = (told, "as told") if told else _find_unit(time, name, rates_hz, where)
    first = time[0]
    seconds = (time - first).astype(np.float64, copy=False)
    seconds *= SECONDS[unit]
    first_s = float(first) * SECONDS[unit]
    start = None
    if EPOCH_S[0] < first_s < EPOCH_S[1]:
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=first_s)
    epoch = " since 1970 (Unix time)" if start else ""
    return Clock(seconds=seconds, start=start, first_s=first_s, note=f"time: {unit}{epoch}, {reason}")


def _known_unit(told: str | None) -> str | None:
    if told is None:
        return None
    small = told.strip().lower().replace("µ", "u").replace("μ", "u")
    if small not in (*SECONDS, "iso"):
        raise InputError(f"--time-unit {told}: expected s, ms, us, ns or iso")
    return small


def _find_unit(time: NDArray[Any], name: str, rates_hz: tuple[float, float], where: str) -> tuple[str, str]:
    named = [unit for unit, known in WORDS.items() if set(known.split()) & set(words(name))]
    step = _typical_step(time)
    plausible = [unit for unit, size in SECONDS.items() if rates_hz[0] <= 1 / max(step * size, 1e-12) <= rates_hz[1]]
    if len(named) == 1 and named[0] in plausible:
        return named[0], "from the column name"
    if not named and len(plausible) == 1:
        return plausible[0], f"because rows are {step:g} apart"
    said = f"the column is named {name!r} and " if named else ""
    raise InputError(
        f"{where}: the unit of time can't be told ({said}rows are {step:g} apart); say it with --time-unit s, ms, us or ns"
    )


def _typical_step(time: NDArray[Any]) -> float:
    steps = np.diff(time[:1_000_000].astype(np.float64))
    steps = steps[steps >= 0]
    if not steps.size:
        return 0.0
    # Stamps repeated because they are coarse: the mean is what counts.
    coarse = np.count_nonzero(steps == 0) > 0.2 * steps.size
    return float(steps.mean() if coarse else np.median(steps[steps > 0]) if steps.any() else 0.0)


def _read_iso(texts: NDArray[Any], where: str) -> Clock:
    micros, aware = _decode_iso(texts)
    good = micros != np.iinfo(np.int64).min
    if not good.any():
        raise InputError(
            f"{where}: time stamps like {texts[0].decode(errors='replace')!r} are in no form that can be told for sure; "
            "write them in ISO 8601 (2026-11-22T22:31:04.250+01:00) or as numbers"
        )
    first = int(micros[np.argmax(good)])
    seconds = (micros - first).astype(np.float64)
    seconds *= 1e-6
    seconds[~good] = np.nan
    start = datetime(1970, 1, 1, tzinfo=UTC if aware else None) + timedelta(microseconds=first)  # noqa: DTZ001
    zone = "with a time zone" if aware else "without a time zone"
    return Clock(seconds=seconds, start=start, first_s=first * 1e-6, note=f"time: ISO 8601 {zone}")


def _decode_iso(texts: NDArray[Any]) -> tuple[NDArray[np.int64], bool]:
    """Microseconds since 1970 (the smallest int64 where unreadable), and whether the stamps have a zone."""
    octets = texts.view(np.uint8).reshape(len(texts), -1)
    if (octets == ord(",")).any():
        texts = np.where(octets == ord(","), ord("."), octets).astype(np.uint8).view(texts.dtype).ravel()
    suffix = re.search(rb" ?(Z|[-+]\d{2}:?\d{2})$", texts[0]) if b":" in texts[0] else None
    ending = suffix[0] if suffix else b""
    if _all_end_with(texts, ending):
        try:
            shorter = texts if not ending else texts.astype(f"S{len(texts[0]) - len(ending)}")
            return shorter.astype("M8[us]").view(np.int64) - _offset_us(ending), bool(ending)
        except ValueError:
            pass
    return _decode_slowly(texts, aware=bool(ending))


def _all_end_with(texts: NDArray[Any], ending: bytes) -> bool:
    """Do all stamps have the same length and the same zone? Without a zone any length will do."""
    octets = texts.view(np.uint8).reshape(len(texts), -1)
    length = len(texts[0])
    if not ending:
        return not np.isin(octets[:, 10:], np.frombuffer(b"Z+-", np.uint8)).any()
    if not ((octets[:, length - 1] != 0).all() and not octets[:, length:].any()):
        return False
    return bool((octets[:, length - len(ending) : length] == np.frombuffer(ending, np.uint8)).all())


def _offset_us(ending: bytes) -> int:
    text = ending.decode().strip()
    if text in ("", "Z"):
        return 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return (-1 if text[0] == "-" else 1) * minutes * 60_000_000


def _decode_slowly(texts: NDArray[Any], *, aware: bool) -> tuple[NDArray[np.int64], bool]:
    decoded = pd.Series(np.char.decode(texts, "ascii", "replace"))
    parsed = pd.to_datetime(decoded, format="ISO8601", errors="coerce", utc=True)
    return parsed.dt.tz_localize(None).astype("datetime64[us]").to_numpy().view(np.int64), aware
