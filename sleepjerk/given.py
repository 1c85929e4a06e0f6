"""What a person has in hand -> Night: a path, a Recording, or samples in memory.

Knows the forms in which samples are given. Must not know how a file is read, nor how a night is computed.
"""

import hashlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sleepjerk.errors import InputError
from sleepjerk.parts import Provenance
from sleepjerk.recording import Floats, Recording
from sleepjerk.rules import Rules
from sleepjerk.spans import Mask, find_runs

if TYPE_CHECKING:
    from sleepjerk.detection.calibration import Calibration
    from sleepjerk.night.model import Night
    from sleepjerk.said import Correction

Given = str | PathLike[str] | Recording | pd.DataFrame | np.ndarray[Any, Any]

_TAKES = (
    "sj.analyse takes a path, a Recording, or samples in g together with rate_hz: an array of shape (3, n) or (n, 3), "
    "or a DataFrame with columns x_g, y_g, z_g or x, y, z"
)
_AXES = (("x_g", "y_g", "z_g"), ("x", "y", "z"))
_TIMES = {
    f"{word}_{unit}": scale for word in ("t", "time") for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6))
}


def analyse(
    what: Given,
    rules: Rules | None = None,
    *,
    rate_hz: float | None = None,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    six_position: "Calibration | None" = None,
    corrections: "Sequence[Correction]" = (),
) -> "Night":
    """Everything that can be told of one night.

    Nothing that is kept of a person or a sensor is looked up: the command line does that.

    Parameters
    ----------
    what
        The path of a file that `read_recording` reads, a Recording, or samples in g: an array of shape (3, n) or
        (n, 3), or a DataFrame with columns x_g, y_g, z_g or x, y, z. Samples that are NaN are a gap.
    rules
        Thresholds; the defaults when None.
    rate_hz
        Samples per second, Hz, of an array, a DataFrame, or a file without times. A DataFrame may tell it by a
        DatetimeIndex, or by one column of times: t_s, t_ms, t_us (or time_s, ...), or datetimes.
    lights_off_s, lights_up_s, six_position, corrections
        As in `sleepjerk.analysis.analyse`.

    Raises
    ------
    InputError
        What was given can't be understood, or the file holds several nights.
    """
    from sleepjerk import analysis
    from sleepjerk.report.english import word_night

    night = analysis.analyse(
        _recording(what, rules, rate_hz),
        rules,
        lights_off_s=lights_off_s,
        lights_up_s=lights_up_s,
        six_position=six_position,
        corrections=corrections,
    )
    return word_night(night)


def _recording(what: Given, rules: Rules | None, rate_hz: float | None) -> Recording:
    reading = (Rules() if rules is None else rules).reading
    if rate_hz is not None and not reading.min_rate_hz <= rate_hz <= reading.max_rate_hz:
        raise InputError(
            f"rate_hz is {rate_hz}: give samples per second, {reading.min_rate_hz:g} to {reading.max_rate_hz:g}"
        )
    if isinstance(what, Recording):
        if rate_hz is not None:
            raise InputError("a Recording has its own rate: leave rate_hz out")
        return what
    if isinstance(what, pd.DataFrame):
        return _of_table(what, rate_hz)
    if isinstance(what, np.ndarray):
        return _of_samples(what, rate_hz)
    if isinstance(what, str | PathLike):
        from sleepjerk.reading import read_nights

        recording = next(read_nights(Path(what), rate_hz=rate_hz, rules=rules))
        if (recording.provenance.nights or 1) > 1:
            raise InputError(
                f"{what}: this holds {recording.provenance.nights} nights: analyse each that sj.read_nights gives"
            )
        return recording
    raise InputError(f"{type(what).__name__}: {_TAKES}")


def _of_table(table: pd.DataFrame, rate_hz: float | None) -> Recording:
    axes = [names for names in _AXES if all(list(table.columns).count(name) == 1 for name in names)]
    if len(axes) != 1:
        raise InputError(f"a DataFrame with columns {[str(name) for name in table.columns][:9]}: {_TAKES}")
    times = _times_of(table)
    if len(times) > 1:
        raise InputError(
            "a DataFrame with more than one column of times: leave one, or none together with rate_hz"
        )
    if times and rate_hz is not None:
        raise InputError("a DataFrame with times tells its rate: leave out rate_hz, or the times")
    return _of_samples(table[list(axes[0])].to_numpy().T, _rate(times[0]) if times else rate_hz)


def _times_of(table: pd.DataFrame) -> list[Floats]:
    """Each time axis of a table, (n,) seconds since its first row."""
    dated = [table.index] if isinstance(table.index, pd.DatetimeIndex) else []
    dated += [pd.DatetimeIndex(table[name]) for name in table if table[name].dtype.kind == "M"]
    counted = [table[name].to_numpy(np.float64) / scale for name, scale in _TIMES.items() if name in table]
    return [
        *(np.asarray((times - times.min()).total_seconds(), dtype=np.float64) for times in dated),
        *counted,
    ]


def _rate(time_s: Floats) -> float:
    """Samples per second of times that are even; of others only a file's reader makes a grid."""
    steps = np.diff(time_s)
    step = float(np.median(steps)) if len(steps) else 0.0
    if not (step > 0 and bool(np.all((steps > step / 2) & (steps < 2 * step)))):
        raise InputError(
            "a DataFrame whose times are not even: write it as a file for sj.read_recording, which tells of gaps"
        )
    return len(steps) / float(time_s[-1] - time_s[0])


def _of_samples(samples: np.ndarray[Any, Any], rate_hz: float | None) -> Recording:
    if samples.ndim != 2 or 3 not in samples.shape or samples.dtype.kind not in "fiu":
        raise InputError(f"an array of shape {samples.shape} and type {samples.dtype}: {_TAKES}")
    if samples.shape == (3, 3):
        raise InputError("an array of shape (3, 3) doesn't tell rows from axes: give more than three samples")
    if rate_hz is None:
        raise InputError("samples without times: give their rate, such as rate_hz=100")
    axes_first = samples if samples.shape[0] == 3 else samples.T
    acceleration_g = np.array(axes_first, dtype=np.float32, order="C")
    if np.isinf(acceleration_g).any() or not np.isfinite(acceleration_g).any():
        raise InputError(
            "samples that are infinite, or all missing: give acceleration in g, NaN where there is none"
        )
    missing: Mask = np.asarray(np.isnan(acceleration_g).any(axis=0))
    acceleration_g[:, missing] = np.nan
    return Recording(
        acceleration_g=acceleration_g,
        rate_hz=float(rate_hz),
        gaps_s=find_runs(missing) / float(rate_hz),
        provenance=Provenance(name="samples", notes=(f"rate: {rate_hz:g} samples a second, as given",)),
        input_sha256=hashlib.sha256(acceleration_g.tobytes()).hexdigest(),
    )
