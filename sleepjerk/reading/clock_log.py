"""The clock log beside a recording (`<stem>.clock.csv`): its device's clock on the host's, and the wall clock.

Knows its columns and events. Must not know samples. It is read leniently: where it is no help it says why, and is never
an error, because the recording alone is enough.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from sleepjerk.filenames import stem_of
from sleepjerk.reading.device_clock import DeviceClock, NoClockError, Pairs, fit_clock
from sleepjerk.reading.sidecar import named_start
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

_RESETS, _PAUSES = "^reset", "open|reconnect|suspend|resume"  # the device's clock began anew; it may have
_PAIRS = ("", "end")  # rows of a sample and when it came; all others tell when something was noticed
_COLUMNS = ("t_us", "host_monotonic_s", "host_utc_s")
_FIRST = 10  # plain: rows that tell the wall clock at the start


@dataclass(frozen=True, slots=True)
class WallClock:
    """The wall clock of the host.

    Attributes
    ----------
    zero_s
        What it said at 0 of the host's monotonic clock, s since 1970, before it was put right.
    step_s, stepped_s
        By how much it was put right in the night, and when that was by itself before, s since 1970.
    """

    zero_s: float
    step_s: float = 0.0
    stepped_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ClockLog:
    """What a clock log tells; None where it can't, and `doubt` says why, as `Device.clock_doubt`."""

    device: DeviceClock | None = None
    wall: WallClock | None = None
    doubt: str | None = None


def read_clock_log(path: Path, start: datetime | None, last_s: float, rules: ReadingRules) -> ClockLog | None:
    """What lies beside a recording; None where nothing does.

    Parameters
    ----------
    start
        When the recording began, as far as the sidecar says.
    last_s
        When its last sample was taken by its device's clock.
    """
    beside = Path(f"{stem_of(path)}.clock.csv")
    try:
        if not beside.is_file():
            return None
        import pandas as pd

        table = pd.read_csv(
            beside, dtype=str, keep_default_na=False, on_bad_lines="skip", encoding_errors="replace"
        )
        ticks_us, host_s, utc_s = (
            pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64) for name in _COLUMNS
        )
    except (OSError, ValueError, KeyError):
        return ClockLog(doubt="wrong")
    event = table["event"] if "event" in table else pd.Series([""] * len(table))
    device_s = ticks_us / 1e6
    resets, pauses = (event.str.contains(word).to_numpy(dtype=bool) for word in (_RESETS, _PAUSES))
    timed = np.isfinite(device_s) & np.isfinite(host_s)
    good = timed & event.isin(_PAIRS).to_numpy(dtype=bool)
    pairs = Pairs(device_s[good], host_s[good], device_s[timed & resets], device_s[timed & pauses])
    told = np.isfinite(host_s) & np.isfinite(utc_s)
    wall = _wall_clock(host_s[told], utc_s[told], host_s[timed & (resets | pauses)], rules)
    little = "short" if last_s < rules.drift_min_s + rules.clock_reach_s else "ended"
    if len(pairs.device_s) == 0:
        return ClockLog(doubt=little)
    said_s = [start.timestamp() for start in (start, named_start(path)) if start is not None]
    if wall is not None and said_s:
        began_s = wall.zero_s + float(pairs.host_s[0] - pairs.device_s[0])
        if min(abs(began_s - each) for each in said_s) > rules.clock_same_start_s:
            return ClockLog(doubt="other")
    try:
        device = fit_clock(pairs, rules)
    except NoClockError as error:
        return ClockLog(wall=wall, doubt=little if str(error) == "short" else str(error))
    if pairs.device_s[-1] < last_s - rules.clock_reach_s:
        return ClockLog(device, wall, little)
    too_fast = abs(device.drift_ppm) > 1e6 * rules.max_applied_drift
    return ClockLog(device, wall, "fast" if too_fast else None)


def _wall_clock(host_s: Floats, utc_s: Floats, breaks_s: Floats, rules: ReadingRules) -> WallClock | None:
    """The wall clock, and its steps while the device went on: where it paused, the computer may have slept instead."""
    if not len(host_s):
        return None
    ahead_s = utc_s - host_s
    steps_s = np.diff(ahead_s)
    places = [
        place
        for place in np.flatnonzero(np.abs(steps_s) > rules.clock_step_s).tolist()
        if not (np.abs(breaks_s - host_s[place + 1]) < rules.clock_step_calm_s).any()
    ]
    zero_s = float(np.median(ahead_s[: places[0] + 1][:_FIRST] if places else ahead_s[:_FIRST]))
    if not places:
        return WallClock(zero_s)
    return WallClock(zero_s, float(steps_s[places].sum()), float(utc_s[places[-1]]))
