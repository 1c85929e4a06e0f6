"""Auto-calibration: a still sensor measures 1 g, whichever way it lies.

Knows still windows and the unit sphere. Must not know sleep or events. The method is van Hees 2014, shortened to
what one night can give; departures:

* the criterion that each axis must be seen on both sides of the sphere decides whether *scale* is fitted. When
  it fails, only the offset along the directions that were seen is fitted (a night on one side still tells how
  far its |a| lies from 1 g), and the result says so;
* no temperature term: few boards report one.

Twitch detection hardly depends on calibration (3 % of gain is 3 % of peak); tilt angles do.
"""

from dataclasses import dataclass

import numpy as np

from sleepjerk.movement import find_stretches
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import CalibrationRules


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
        "sphere" (offset and scale), "offset" (offset only), "none".
    windows
        Number of still windows used.
    """

    offset_g: Floats
    scale: Floats
    error_before_g: float | None
    error_after_g: float | None
    method: str
    windows: int


def _identity(error_g: float | None, windows: int) -> Calibration:
    return Calibration(np.zeros(3), np.ones(3), error_g, error_g, "none", windows)


def find_still_windows(acceleration_g: Samples, fs: float, rules: CalibrationRules) -> Floats:
    """(3, k) mean acceleration of the distinct still windows of a recording, g."""
    window = max(2, round(rules.window_s * fs))
    means, still = [], []
    for start, end in find_stretches(acceleration_g):
        count = (end - start) // window
        blocks = acceleration_g[:, start : start + count * window].reshape(3, count, window)
        means.append(blocks.mean(axis=2, dtype=np.float64))
        quiet = np.all(blocks.std(axis=2) < rules.still_sd_g, axis=0)
        still.append(quiet & np.all(np.abs(means[-1]) < 2, axis=0))
    if not means:
        return np.empty((3, 0))
    # Hours in one posture would outvote all others: windows equal to 1 mg count once.
    kept = np.concatenate(means, axis=1)[:, np.concatenate(still)]
    _, first = np.unique(np.round(kept, 3), axis=1, return_index=True)
    return kept[:, np.sort(first)]


def estimate_calibration(acceleration_g: Samples, fs: float, rules: CalibrationRules) -> Calibration:
    """Offset and scale that bring the still windows of a recording to 1 g.

    Parameters
    ----------
    acceleration_g
        (3, n), g, as read.

    Returns
    -------
    Calibration
        The identity when there are too few still windows, or when the fit doesn't help.
    """
    still = find_still_windows(acceleration_g, fs, rules)
    if still.shape[1] < rules.min_windows:
        return _identity(None, still.shape[1])
    before = _sphere_error(still)
    sphere = np.all(still.min(axis=1) < -rules.sphere_g) and np.all(still.max(axis=1) > rules.sphere_g)
    offset, scale = _fit(still, bool(sphere), rules)
    after = _sphere_error((still + offset[:, None]) * scale[:, None])
    if not after < before or np.any(np.abs(offset) > rules.max_offset_g):
        return _identity(before, still.shape[1])
    if sphere and after > rules.max_error_g:
        return _identity(before, still.shape[1])
    return Calibration(offset, scale, before, after, "sphere" if sphere else "offset", still.shape[1])


def apply_calibration(acceleration_g: Samples, calibration: Calibration) -> Samples:
    """(3, n) calibrated acceleration, g."""
    offset = calibration.offset_g.astype(np.float32)[:, None]
    scale = calibration.scale.astype(np.float32)[:, None]
    return (acceleration_g + offset) * scale


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
        previous, residual = residual, float(np.average(distance, weights=weights))
        if abs(previous - residual) < rules.tolerance_g:
            break
    return offset, scale


def _fit_axes(current: Floats, target: Floats, weights: Floats) -> tuple[Floats, Floats]:
    mean_c = np.average(current, axis=1, weights=weights)
    mean_t = np.average(target, axis=1, weights=weights)
    centred = current - mean_c[:, None]
    gain = np.sum(weights * centred * (target - mean_t[:, None]), axis=1) / np.sum(
        weights * centred**2, axis=1
    )
    return mean_t - gain * mean_c, gain


def _fit_offset(current: Floats, target: Floats, weights: Floats) -> tuple[Floats, Floats]:
    return np.average(target - current, axis=1, weights=weights), np.ones(3)
