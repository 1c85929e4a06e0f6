"""The bench: a sensor laid on each of its six sides tells its offset and scale exactly.

Knows still windows of a short recording and the six sides. Must not know nights, files or names of sensors.

Six sides give six equations |(m + offset) * scale| = 1 for six unknowns; in the squares they are linear, so
there is nothing to iterate. Axes that aren't square to each other can't be told from six sides and stay as
they are.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sleepjerk.detection.bands import band_pass
from sleepjerk.detection.calibration import Calibration
from sleepjerk.detection.curves import find_segments
from sleepjerk.errors import InputError
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import MovementRules, SixPositionRules

_Places = NDArray[np.signedinteger]
SIDES = tuple(product("xyz", ("up", "down")))


@dataclass(frozen=True, slots=True)
class Bench:
    """What a bench recording told.

    Attributes
    ----------
    calibration
        Method "bench"; its errors are those of the still windows of the bench.
    noise_g
        RMS of the vector norm in the band of twitches while the sensor lay still, g.
    """

    calibration: Calibration
    noise_g: float


@dataclass(frozen=True, slots=True)
class _Windows:
    """Still windows: (3, k) means in g, (k,) first samples, and the share of all windows that is still."""

    mean_g: Floats
    first: _Places
    share: float


def calibrate_six_positions(
    acceleration_g: Samples, fs: float, rules: SixPositionRules, movement: MovementRules
) -> Bench:
    """Offset, scale and noise of a sensor that was laid on each of its six sides.

    Parameters
    ----------
    acceleration_g
        (3, n), g, as read, NaN in gaps.

    Raises
    ------
    InputError
        This is no bench recording: too long, too short, moving, or a side is missing.
    """
    _check_length(acceleration_g.shape[1] / fs, rules)
    window = max(2, round(rules.window_s * fs))
    still = _find_still(acceleration_g, window, rules)
    if still.share < rules.min_still_share:
        raise InputError(
            f"the sensor lies still for only {100 * still.share:.0f} % of this recording; "
            f"{_HOW}, and don't hold it in the hand"
        )
    sides = [_side(still.mean_g, axis, sign, rules) for axis in range(3) for sign in (1, -1)]
    least = int(np.ceil(rules.side_s / rules.window_s))
    missing = [f"{axis} {way}" for (axis, way), side in zip(SIDES, sides, strict=True) if side.sum() < least]
    if missing:
        raise InputError(
            f"{len(missing)} of 6 sides missing: {', '.join(_in_words(name) for name in missing)}; {_HOW}"
        )
    used = np.any(sides, axis=0)
    offset, scale = _solve(np.stack([still.mean_g[:, side].mean(axis=1) for side in sides], axis=1), rules)
    measured = [still.mean_g[:, side] for side in sides]
    straight = [(side_g + offset[:, None]) * scale[:, None] for side_g in measured]
    calibration = Calibration(
        offset,
        scale,
        _error(measured),
        _error(straight),
        "bench",
        int(used.sum()),
    )
    return Bench(calibration, _noise(acceleration_g, fs, still.first[used], window, movement))


_HOW = "lay the sensor on each of its six sides for 10 s"


def _check_length(seconds: float, rules: SixPositionRules) -> None:
    if seconds > rules.max_s:
        raise InputError(
            f"this recording lasts {seconds / 60:.0f} min, so it is no bench recording; "
            f"record a new one: {_HOW}, a minute or two in all"
        )
    if seconds < len(SIDES) * rules.side_s:
        raise InputError(f"this recording lasts only {seconds:.0f} s, too short for six sides; {_HOW}")


def _in_words(side: str) -> str:
    """`x up` -> `x up (x near +1 g)`."""
    axis, way = side.split()
    return f"{side} ({axis} near {'+' if way == 'up' else '-'}1 g)"


def _find_still(acceleration_g: Samples, window: int, rules: SixPositionRules) -> _Windows:
    """Windows in which no axis moves and gravity alone is felt."""
    starts = [np.arange(start, end - window + 1, window) for start, end in find_segments(acceleration_g)]
    first = np.concatenate(starts) if starts else np.empty(0, dtype=np.int64)
    if first.size == 0:
        return _Windows(np.empty((3, 0)), first, 0.0)
    blocks = acceleration_g[:, first[:, None] + np.arange(window)].astype(np.float64)
    mean = blocks.mean(axis=2)
    quiet = np.all(blocks.std(axis=2) < rules.still_sd_g, axis=0)
    return _Windows(mean[:, quiet], first[quiet], float(quiet.mean()))


def _side(mean_g: Floats, axis: int, sign: int, rules: SixPositionRules) -> NDArray[np.bool_]:
    """(k,) bool: the windows on one side, without those that lie apart from the others."""
    length = np.linalg.norm(mean_g, axis=0)
    near = sign * mean_g[axis] > length * np.cos(np.radians(rules.side_angle_deg))
    near &= np.abs(length - 1) < rules.gravity_tolerance
    if near.any():
        middle = np.median(mean_g[:, near], axis=1)
        near &= np.linalg.norm(mean_g - middle[:, None], axis=0) < rules.cluster_g
    return np.asarray(near, dtype=np.bool_)


def _solve(sides_g: Floats, rules: SixPositionRules) -> tuple[Floats, Floats]:
    """Offset and scale from (3, 6) means: p . m^2 + q . m = 1 is the sphere in the measured units."""
    found = np.linalg.lstsq(np.concatenate((sides_g**2, sides_g)).T, np.ones(len(SIDES)), rcond=None)[0]
    square, linear = found[:3], found[3:]
    if np.all(square > 0):
        offset = linear / (2 * square)
        scale = np.sqrt(square / (1 + np.sum(square * offset**2)))
        if np.all(np.abs(offset) <= rules.max_offset_g):
            return offset, scale
    raise InputError(
        "the six sides don't fit one sensor (a wrong unit, or an axis that is broken); check --unit"
    )


def _error(sides_g: list[Floats]) -> float:
    """Mean distance from 1 g, g; each side counts the same, however long the sensor lay on it."""
    return float(np.mean([np.mean(np.abs(np.linalg.norm(side_g, axis=0) - 1)) for side_g in sides_g]))


def _noise(acceleration_g: Samples, fs: float, first: _Places, window: int, movement: MovementRules) -> float:
    """The median over still windows, since the filter still rings from a turn in the first one."""
    segments = find_segments(acceleration_g)
    fast = band_pass(acceleration_g, fs, movement.fast_low_hz, movement.fast_high_hz, segments)
    power = np.sum(np.square(fast[:, first[:, None] + np.arange(window)], dtype=np.float64), axis=0)
    return float(np.median(np.sqrt(power.mean(axis=1))))
