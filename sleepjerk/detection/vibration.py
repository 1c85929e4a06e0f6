"""Does a machine shake the bed: a fan, a pump, a breathing machine, a washing machine?

Knows samples in a band and the one thing that tells a machine from a body: its frequency hardly moves. Must not
know events, sleep or labels.

The night is cut into blocks of some minutes, each block into segments. A line is a frequency that stands out of
its surroundings in most segments of a block, at nearly the same frequency and nearly as strong in each segment as
in the one before. Breathing and tremor wander, noise does not stand out, and the lines of a pulse come as a comb: a
machine's line has nothing like it beside it.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from sleepjerk.detection.level import row_medians
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import VibrationRules
from sleepjerk.runtime import on_all_cores, parts_of
from sleepjerk.spans import Mask

Spectra = NDArray[np.complexfloating]

_BLOCKS = 8  # plain: transformed together, so that the cache holds them
_LOBE_BINS = 3  # a steady tone under a Hann window lies within 2 bins; one more for its drift
_HANN_BANDWIDTH = 1.5  # plain: bins of noise that a Hann window lets into one
_LEAST_POWER = 1e-18  # (1 ng)^2: a dead sensor's rounding is no surroundings to stand out of


@dataclass(frozen=True, slots=True)
class Vibration:
    """A steady line.

    Attributes
    ----------
    frequency_hz
        In the median; what the sensor's sampling makes of it when the machine runs faster than half its rate. Never
        that rate or its half, next to which nothing is judged.
    amplitude_g
        Of the sine, over all axes, in the median.
    time_share
        Share of the time that could be judged in which it was there.
    direction_share
        Share of its power along one direction of space: 1 to and fro, 0.5 round a circle, less in noise.
    """

    frequency_hz: float
    amplitude_g: float
    time_share: float
    direction_share: float


def find_vibrations(
    acceleration_g: Samples, fs: float, rules: VibrationRules
) -> tuple[Vibration, ...] | None:
    """Every line that lasts, the longest first; of lines at the same time only the clearest.

    Parameters
    ----------
    acceleration_g
        (3, n), g, NaN in gaps.

    Returns
    -------
    tuple[Vibration, ...] | None
        None where no block of the recording could be judged.
    """
    size = round(rules.block_s * fs)
    count = acceleration_g.shape[1] // size
    all_g = acceleration_g[:, : count * size].reshape(3, count, size)
    found = on_all_cores(lambda here: _find_lines(all_g[:, here], fs, rules), parts_of(count, _BLOCKS))
    blocks = [block for part in found for block in part]
    judged = sum(block is not None for block in blocks)
    lines = np.array([block for block in blocks if block is not None and len(block)]).reshape(-1, 3)
    lines = lines[np.argsort(lines[:, 0])]
    vibrations = []
    for group in np.split(lines, np.flatnonzero(np.diff(lines[:, 0]) > rules.join_hz) + 1):
        if len(group) * rules.block_s >= rules.least_s:
            frequency_hz, amplitude_g, direction = (float(value) for value in np.median(group, axis=0))
            vibrations.append(Vibration(frequency_hz, amplitude_g, len(group) / judged, direction))
    return tuple(sorted(vibrations, key=lambda line: -line.time_share)) if judged else None


def _find_lines(
    blocks_g: Samples, fs: float, rules: VibrationRules
) -> list[tuple[float, float, float] | tuple[()] | None]:
    """The clearest line of each of (3, b, n) blocks: threads work side by side only on many at once."""
    frequency, spectra = _spectra(blocks_g, fs, rules.segment_s)
    power = np.sum(np.abs(spectra) ** 2, axis=0).astype(np.float64)
    whole = np.isfinite(power[:, :, 0])
    return [
        _find_line(frequency, spectra[:, block].swapaxes(1, 2), kept, power[block, kept].T, rules)
        for block, kept in enumerate(whole)
    ]


def _find_line(
    frequency: Floats, spectra: Spectra, kept: Mask, power: Floats, rules: VibrationRules
) -> tuple[float, float, float] | tuple[()] | None:
    """Frequency, amplitude and direction share of the clearest line; () without one, None where unknown.

    Parameters
    ----------
    spectra, kept
        (3, f, n) of all segments, and (n,) bool which of them hold no gap.
    power
        (f, k) of those.
    """
    top_hz = min(
        rules.line_high_hz, frequency[-1 - _LOBE_BINS]
    )  # nearer to half the rate it meets its mirror image
    inside = (frequency >= rules.line_low_hz) & (frequency <= top_hz)
    if power.shape[1] < rules.least_segments or not inside.any():
        return None
    typical = row_medians(power)
    width = round(2 * rules.beside_hz / frequency[1]) + 1
    beside = np.maximum(ndimage.median_filter(typical, width), _LEAST_POWER)
    contrast = np.where(inside, typical / beside, 0.0)
    peak = int(np.argmax(contrast))
    if contrast[peak] < rules.contrast:
        return ()
    lobe = slice(peak - _LOBE_BINS, peak + _LOBE_BINS + 1)
    line = np.maximum(power[lobe] - beside[peak], _LEAST_POWER)
    amplitude_g = float(np.sqrt(4 * np.median(line.sum(axis=0)) / _HANN_BANDWIDTH))
    direction = _direction_share(spectra[:, lobe, kept])
    is_machine = (
        amplitude_g >= rules.least_g
        and _steady(frequency[lobe], line, rules)
        and not _one_of_a_comb(typical, contrast >= rules.contrast, peak, frequency, rules)
    )
    return (float(np.median(_centres(frequency[lobe], line))), amplitude_g, direction) if is_machine else ()


def _spectra(blocks_g: Samples, fs: float, segment_s: float) -> tuple[Floats, Spectra]:
    """(f,) frequencies, and (3, b, k, f) spectra of the segments of (3, b, n) blocks; NaN where one has a gap."""
    size = fft.next_fast_len(round(segment_s * fs), real=True)
    count = blocks_g.shape[2] // size
    segments = blocks_g[:, :, : count * size].reshape(3, blocks_g.shape[1], count, size)
    window = _hann(size)
    spectra = fft.rfft((segments - segments.mean(axis=3, keepdims=True)) * window, axis=3)
    spectra.view(spectra.real.dtype)[:] /= (
        window.sum()
    )  # a division of complex numbers would take as long as the transform
    return fft.rfftfreq(size, 1 / fs), spectra


@functools.cache
def _hann(size: int) -> Samples:
    return np.asarray(np.hanning(size + 1)[:-1], dtype=np.float32)


def _centres(frequency: Floats, line: Floats) -> Floats:
    """(k,) where the line lies in each segment, Hz."""
    weights = line**2  # the noise beside the line then counts little
    return np.asarray(frequency @ weights / weights.sum(axis=0))


def _one_of_a_comb(
    typical: Floats, standing_out: Mask, peak: int, frequency: Floats, rules: VibrationRules
) -> bool:
    """Is something about as strong, and as wide, near a line that a pulse could ring in, or are there many such lines?

    Odd samples at an even pace, as of a board's packets, have the same power in each of their harmonics.
    """
    width, places = 2 * _LOBE_BINS + 1, np.arange(len(typical))
    sums = np.convolve(typical, np.ones(width), mode="same")
    alike = (sums * rules.rival_ratio > sums[peak]) & (np.abs(places - peak) > width)
    near = np.abs(places - peak) <= round(rules.rival_hz / frequency[1])
    if frequency[peak] < rules.comb_high_hz and (alike & near & (places >= _LOBE_BINS)).any():
        return True
    lines = 1 + np.sum(np.diff(np.flatnonzero(alike & standing_out), prepend=-width - 1) > width)
    return bool(lines >= rules.comb_lines)


def _steady(frequency: Floats, line: Floats, rules: VibrationRules) -> bool:
    """Does the line keep frequency and strength from each segment to the next, in the median?"""
    moved_hz = np.median(np.abs(np.diff(_centres(frequency, line))))
    changed_ln = np.median(np.abs(np.diff(np.log(line.sum(axis=0)))))
    return bool(moved_hz <= rules.steady_hz and changed_ln <= rules.steady_ln)


def _direction_share(spectra: Spectra) -> float:
    """Share of the power of (3, f, k) spectra along the direction that holds most of it."""
    flat = spectra.reshape(3, -1)
    along = np.linalg.eigvalsh(np.real(flat @ flat.conj().T))
    return float(along[-1] / along.sum())
