"""When was the sensor off the body?

Knows stillness and the signs of life in it. Must not know sleep or events. The stillness rule is GGIR's (60 min
windows every 15 min); since sleeping people can lie still for an hour, a still window is called off the body only
when it shows neither breathing nor a pulse. A sensor too coarse to show them (8-bit loggers) gets a longer
stillness rule. A machine near the table whose hum swells about once a second looks like a pulse: then the
sensor counts as worn, and nothing here can tell.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from sleepjerk.detection.curves import posture_curve
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import NonWearRules
from sleepjerk.runtime import on_all_cores
from sleepjerk.spans import find_runs, lengths


def find_non_wear(acceleration_g: Samples, fs: float, step_g: float | None, rules: NonWearRules) -> Floats:
    """(k, 2) spans in seconds in which the sensor lay still and nothing lived.

    Parameters
    ----------
    acceleration_g
        (3, n), g.
    step_g
        Quantisation step of the sensor; None when unknown, then it is taken to be fine.
    """
    size = round(rules.step_s * fs)
    count = acceleration_g.shape[1] // size
    blocks_per_window = max(1, round(rules.window_s / rules.step_s))
    if count < blocks_per_window:
        return np.empty((0, 2))
    blocks = acceleration_g[:, : count * size].reshape(3, count, size)
    blind = step_g is not None and step_g > rules.blind_step_g
    still = _still_windows(blocks, blocks_per_window, rules)
    if not blind and still.any():
        alive = _breathes(acceleration_g, fs, count, rules) | _pulses(blocks, fs, rules)
        # A window is alive when any of its blocks is.
        still &= ~np.lib.stride_tricks.sliding_window_view(alive, blocks_per_window).any(axis=1)
    spans = np.asarray(find_runs(_blocks_of(still, blocks_per_window)) * (size / fs), dtype=np.float64)
    return spans[lengths(spans) >= (rules.blind_min_s if blind else 0)]


def _blocks_of(windows: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """(m + width - 1,) bool: the block lies in one of the (m,) windows, which begin at each block."""
    return np.asarray(np.convolve(windows, np.ones(width)) > 0)


def _still_windows(blocks: Samples, width: int, rules: NonWearRules) -> NDArray[np.bool_]:
    """(count - width + 1,) bool: at least two axes still in the window that starts at each block."""
    windows, each = np.lib.stride_tricks.sliding_window_view, list(blocks.swapaxes(0, 1))
    low, high = np.stack(on_all_cores(_range, each), axis=2)
    still = windows(high, width, 1).max(2) - windows(low, width, 1).min(2) < rules.still_range_g
    # Where something moves once, as in nearly every window, how much it moves on average can't matter.
    asked = np.flatnonzero(_blocks_of(np.sum(still, axis=0) >= rules.min_still_axes, width))
    mean, square = np.zeros((2, *low.shape))
    for row, found in zip(asked, on_all_cores(_mean_square, [each[row] for row in asked]), strict=True):
        mean[:, row], square[:, row] = found
    sd = np.sqrt(np.maximum(windows(square, width, 1).mean(2) - windows(mean, width, 1).mean(2) ** 2, 0))
    return np.asarray(np.sum(still & (sd < rules.still_sd_g), axis=0) >= rules.min_still_axes)


def _range(block: Samples) -> Samples:
    """(2, 3) least and greatest of a (3, n) block."""
    return np.stack((block.min(axis=1), block.max(axis=1)))


def _mean_square(block: Samples) -> Floats:
    """(2, 3) mean and mean square of a (3, n) block."""
    mean = block.mean(axis=1, dtype=np.float64)
    return np.stack((mean, np.square(block.std(axis=1, dtype=np.float64)) + mean**2))


def _breathes(acceleration_g: Samples, fs: float, count: int, rules: NonWearRules) -> NDArray[np.bool_]:
    """(count,) bool: the breathing band of a block holds more than the sensor's noise.

    Per block, the power spectrum of the 10 Hz posture curve, summed over axes.
    """
    curve, rate = posture_curve(acceleration_g, fs, rules.posture_step_s)
    size = round(rules.step_s * rate)
    curve = curve[:, : count * size]
    known = np.where(np.isfinite(curve), curve, 0.0)
    blocks = np.pad(known, ((0, 0), (0, count * size - known.shape[1]))).reshape(3, count, size)
    frequency, power = _spectra(blocks.astype(np.float64), rate, round(rules.segment_s * rate), _straighten)
    total = power.sum(axis=0)
    breathing = total[:, (frequency >= rules.life_low_hz) & (frequency < rules.life_high_hz)]
    noise = total[:, (frequency >= rules.life_high_hz) & (frequency < rules.life_noise_high_hz)]
    # A dead sensor repeats one value: its spectrum is rounding, in which anything can look like breathing.
    real = breathing.max(axis=1) * frequency[1] > rules.life_least_g**2
    return np.asarray(real & (breathing.max(axis=1) > rules.life_ratio * np.median(noise, axis=1)))


def _pulses(blocks: Samples, fs: float, rules: NonWearRules) -> NDArray[np.bool_]:
    """(count,) bool: the shaking that a heartbeat makes comes and goes at the rate of a heart.

    The envelope must be periodic, not the motion: a fan's steady hum has a flat one. The envelope comes from the
    positive frequencies of the band alone, because a squared sine would fold back into the heart's band.
    """
    size = blocks.shape[2]
    top_hz = min(rules.pulse_high_hz, rules.pulse_top_share * fs / 2)
    low, high = (round(hz * size / fs) for hz in (rules.pulse_low_hz, top_hz))
    if high <= low:
        return np.zeros(blocks.shape[1], dtype=bool)
    # Twice the band: |z|^2 is as wide as that, and nothing may fold.
    points = 2 * (high - low)
    power = np.zeros((blocks.shape[1], points))
    for axis in blocks:
        level = axis - axis.mean(axis=1, keepdims=True)
        band = fft.rfft(np.where(np.isfinite(level), level, np.float32(0)), axis=1)[:, low:high]
        power += np.square(np.abs(fft.ifft(band, points, axis=1) * (2 * points / size)))
    rate = points * fs / size
    frequency, density = _spectra(np.sqrt(power), rate, round(rules.segment_s * rate), _level)
    density = ndimage.uniform_filter1d(density, rules.heart_wander_bins, axis=1)
    # Beside a fan's line the noise has a step where one of its sidebands leaves the band; a median keeps steps.
    around = ndimage.median_filter(density, (1, round(rules.heart_around_hz / frequency[1])), mode="nearest")
    heart = (frequency >= rules.heart_low_hz) & (frequency < rules.heart_high_hz)
    real = density[:, heart] * frequency[1] > rules.pulse_least_g**2
    return np.asarray((real & (density[:, heart] > rules.pulse_ratio * around[:, heart])).any(axis=1))


def _spectra(
    curves: Floats, rate_hz: float, size: int, flatten: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """Frequencies (k,), Hz, and power densities (..., k) of curves (..., n): the mean of half overlapping Hann windows.

    Welch's method, as `scipy.signal.welch` has it; importing that takes longer than analysing a night.
    """
    size = min(size, curves.shape[-1])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    segments = np.lib.stride_tricks.sliding_window_view(curves, size, axis=-1)[..., :: size - size // 2, :]
    power = np.square(np.abs(fft.rfft(flatten(segments) * window, axis=-1))).mean(axis=-2)
    power *= 2 / (rate_hz * np.sum(window**2))
    power[..., 0] /= 2  # has no negative twin
    if size % 2 == 0:
        power[..., -1] /= 2
    return np.asarray(fft.rfftfreq(size, 1 / rate_hz)), np.asarray(power, dtype=np.float64)


def _level(segments: Floats) -> Floats:
    return np.asarray(segments - segments.mean(axis=-1, keepdims=True), dtype=np.float64)


def _straighten(segments: Floats) -> Floats:
    """Segments without their drift: a warming sensor must not look like breathing."""
    along = np.arange(segments.shape[-1]) - (segments.shape[-1] - 1) / 2
    slope = segments @ along / (along @ along)
    return np.asarray(_level(segments) - slope[..., None] * along, dtype=np.float64)
