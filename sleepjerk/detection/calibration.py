"""Auto-calibration: a still sensor measures 1 g, whichever way it lies.

Knows still windows and the unit sphere. Must not know sleep, events, or how a bench calibration was
made. The method is van Hees 2014, shortened to what one night can give; departures:

* the criterion that each axis must be seen on both sides of the sphere decides whether *scale* is fitted. When
  it fails, only the offset along the directions that were seen is fitted (a night on one side still tells how
  far its |a| lies from 1 g), and the result says so;
* no temperature term: few boards report one;
* a calibration from the bench is only refined: the night's own fit replaces it when the night saw the whole
  sphere and lies nearer to it.

Twitch detection hardly depends on calibration (3 % of gain is 3 % of peak); tilt angles do.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sleepjerk.detection.curves import find_segments
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import CalibrationRules
from sleepjerk.runtime import on_all_cores, parts_of


@dataclass(frozen=True, slots=True)
class Calibration:
    """calibrated = (measured + offset_g) * scale, per axis.

    Attributes
    ----------
    offset_g, scale
        (3,) each; 0 and 1 where nothing could be improved.
    error_before_g, error_after_g
        Mean distance of still windows from 1 g; None without still windows.
    method
        "sphere" (offset and scale), "offset" (offset only), "none"; "bench", "bench, refined by the night".
    windows
        Number of still windows used.
    both_sides
        (x, y, z): did the still windows see this axis point up and down?
    gain_shift
        Share by which the gain differs from the bench's, the worst axis where axes can be told apart; None
        without a bench or without still windows.
    """

    offset_g: Floats
    scale: Floats
    error_before_g: float | None
    error_after_g: float | None
    method: str
    windows: int
    both_sides: tuple[bool, bool, bool] = (False, False, False)
    gain_shift: float | None = None


_MANY_MG = 1 << 13  # beyond twice what a still window may show
_WINDOWS = 256  # plain: looked at together
_NOTHING = Calibration(np.zeros(3), np.ones(3), None, None, "none", 0)


def find_still_windows(acceleration_g: Samples, fs: float, rules: CalibrationRules) -> Floats:
    """(3, k) mean acceleration of the distinct still windows of a recording, g."""
    window = max(2, round(rules.window_s * fs))
    means, still = [], []
    for start, end in find_segments(acceleration_g):
        count = (end - start) // window
        windows = acceleration_g[:, start : start + count * window].reshape(3, count, window)
        parts = (windows[:, here] for here in parts_of(count, _WINDOWS))
        for mean, quiet in on_all_cores(partial(_mean_and_quiet, rules=rules), parts):
            means.append(mean)
            still.append(quiet)
    if not means:
        return np.empty((3, 0))
    # Hours in one posture would outvote all others: windows equal to 1 mg count once.
    kept = np.concatenate(means, axis=1)[:, np.concatenate(still)]
    x, y, z = np.rint(1000 * kept).astype(np.int64)
    _, first = np.unique((x * _MANY_MG + y) * _MANY_MG + z, return_index=True)
    return kept[:, np.sort(first)]


def _mean_and_quiet(windows: Samples, rules: CalibrationRules) -> tuple[Floats, NDArray[np.bool_]]:
    """(3, k) means of (3, k, n) windows, and (k,) whether each lay still."""
    mean = np.asarray(windows.mean(axis=2, dtype=np.float64))
    quiet = np.all(windows.std(axis=2) < rules.still_sd_g, axis=0)
    # A sensor that reads 0 on every axis feels no gravity to be calibrated by.
    return mean, np.asarray(
        quiet & np.all(np.abs(mean) < rules.max_still_g, axis=0) & np.any(mean != 0, axis=0)
    )


def estimate_calibration(
    acceleration_g: Samples, fs: float, rules: CalibrationRules, six_position: Calibration | None = None
) -> Calibration:
    """Offset and scale that bring the still windows of a recording to 1 g.

    Parameters
    ----------
    acceleration_g
        (3, n), g, as read.
    six_position
        What the sensor showed on the bench; the recording then only refines it.

    Returns
    -------
    Calibration
        The identity (with a bench: the bench) when there are too few still windows, or when the fit doesn't help.
    """
    still = find_still_windows(acceleration_g, fs, rules)
    begin = _NOTHING if six_position is None else six_position
    x, y, z = (_sees_both_sides(axis_g, rules.sphere_g) for axis_g in still)
    begin = replace(
        begin, windows=still.shape[1], both_sides=(x, y, z), error_before_g=None, error_after_g=None
    )
    if still.shape[1] < rules.min_windows:
        return begin
    before, started = _sphere_error(still), _sphere_error(_straight(still, begin))
    begin = replace(begin, error_before_g=before, error_after_g=started)
    sphere = x and y and z
    if six_position is not None:
        begin = replace(begin, gain_shift=_mean_gain_shift(_straight(still, begin)))
        if not sphere:
            return begin
    offset, scale = _fit(_straight(still, begin), sphere, rules)
    # ((m + o) * s + offset) * scale, written as one offset and one scale.
    offset, scale = begin.offset_g + offset / begin.scale, begin.scale * scale
    method = "sphere" if sphere else "offset"
    found = replace(begin, offset_g=offset, scale=scale, method=method)
    found = replace(found, error_after_g=_sphere_error(_straight(still, found)))
    if not _accepted(found, started, sphere, rules):
        return begin
    if six_position is None:
        return found
    shift = float(np.max(np.abs(six_position.scale / scale - 1)))  # a scale is one over a gain
    return replace(found, method="bench, refined by the night", gain_shift=shift)


def _accepted(found: Calibration, started_g: float, sphere: bool, rules: CalibrationRules) -> bool:
    """Does the fit help, and is it one that a sensor can need?"""
    after = found.error_after_g
    if after is None or not after < started_g or np.any(np.abs(found.offset_g) > rules.max_offset_g):
        return False
    return not (sphere and after > rules.max_error_g)


def _sees_both_sides(axis_g: Floats, least_g: float) -> bool:
    return bool(axis_g.min(initial=0.0) < -least_g and axis_g.max(initial=0.0) > least_g)


def _mean_gain_shift(still: Floats) -> float:
    """From few postures axes can't be told apart, but the length of gravity can."""
    return float(abs(np.median(np.linalg.norm(still, axis=0)) - 1))


def _straight(still: Floats, calibration: Calibration) -> Floats:
    return np.asarray((still + calibration.offset_g[:, None]) * calibration.scale[:, None], dtype=np.float64)


def apply_calibration(
    acceleration_g: Samples, calibration: Calibration, out: Samples | None = None
) -> Samples:
    """(3, n) calibrated acceleration, g, in `out` where that is given, which may be the samples themselves."""
    offset = calibration.offset_g.astype(np.float32)[:, None]
    scale = calibration.scale.astype(np.float32)[:, None]
    calibrated_g: Samples = np.add(acceleration_g, offset, out=out)
    calibrated_g *= scale
    return calibrated_g


def _sphere_error(still: Floats) -> float:
    return float(np.mean(np.abs(np.linalg.norm(still, axis=0) - 1)))


def _fit(still: Floats, sphere: bool, rules: CalibrationRules) -> tuple[Floats, Floats]:
    """Iterated weighted fit towards the nearest point of the unit sphere (van Hees 2014)."""
    offset, scale, residual = np.zeros(3), np.ones(3), np.inf
    weights = np.ones(still.shape[1])
    for _ in range(rules.max_iterations):
        current = (still + offset[:, None]) * scale[:, None]
        target = current / np.linalg.norm(current, axis=0)
        shift, gain = _fit_axes(current, target, weights) if sphere else _fit_offset(current, target, weights)
        scale = scale * gain
        offset = offset + shift / scale
        distance = np.linalg.norm(current - target, axis=0)
        weights = np.minimum(1 / np.maximum(distance, 1e-6), 100)
        previous, residual = residual, float(_mean(distance, weights))
        if abs(previous - residual) < rules.tolerance_g:
            break
    return offset, scale


def _fit_axes(current: Floats, target: Floats, weights: Floats) -> tuple[Floats, Floats]:
    mean_c, mean_t = _mean(current, weights), _mean(target, weights)
    centred = current - mean_c[:, None]
    gain = np.sum(weights * centred * (target - mean_t[:, None]), axis=1) / np.sum(
        weights * centred**2, axis=1
    )
    return mean_t - gain * mean_c, gain


def _fit_offset(current: Floats, target: Floats, weights: Floats) -> tuple[Floats, Floats]:
    return _mean(target - current, weights), np.ones(3)


def _mean(values: Floats, weights: Floats) -> Floats:
    """The weighted mean along the last axis; numpy's own takes twice as long, looking at what it is given."""
    return np.asarray((values * weights).sum(axis=-1) / weights.sum())
