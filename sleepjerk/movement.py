"""The curves that everything else reads: what moved, and which way was down.

Knows filters, gaps and windows. Must not know events, sleep or labels.

Conventions
-----------
`acceleration_g` is (3, n), g, NaN in gaps. A *stretch* is a run of samples without a gap, given as (start, end)
sample indices, end excluded. Each axis is filtered on its own and the norm is taken afterwards: filtering the
vector's magnitude would lose all motion perpendicular to gravity (100 mg there changes |a| by 5 mg only).
Filters run per stretch, forwards and backwards, so that a gap at 03:00 moves nothing at 01:00.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import ndimage, signal

from sleepjerk.recording import Floats, Samples, Spans, find_runs
from sleepjerk.rules import MovementRules

_BLOCK_S = (
    0.1  # resolution of the posture curve: fine enough for edges of 0.3 s, 10 x smaller than the samples
)


@dataclass(frozen=True, slots=True)
class Curves:
    """What both channels see, each (n,) or (3, n), g, 0 in gaps.

    `away_g` has a rate of its own: (m,) how far the arm's direction lies from where it mostly is, 10 times a second.
    `likeness_g` only compares with `likeness_crest_g`: it grows with the number of samples of a jerk.
    """

    fs: float
    stretches: Spans
    fast_g: Samples
    fast_norm_g: Samples
    fast_envelope_g: Samples
    fast_floor_g: Samples
    fast_crest_g: Samples
    edge_envelope_g: Samples
    likeness_g: Samples
    likeness_crest_g: Samples
    slow_envelope_g: Samples
    slow_floor_g: Samples
    away_g: Floats
    away_hz: float


def find_stretches(acceleration_g: Samples) -> Spans:
    """(k, 2) sample indices of every stretch without a gap."""
    return find_runs(np.isfinite(acceleration_g[0]))


def at_working_rate(acceleration_g: Samples, fs: float, rules: MovementRules) -> tuple[Samples, float]:
    """Slow recordings with samples filled in, quick ones thinned, so that filters and peaks are the same for all.

    At 50 Hz the upper corner of the fast band lies near half the sampling rate, where a digital filter bends, and
    the highest sample lies beside the peak: together up to 10 % of it.

    Returns
    -------
    Samples
        (3, m), g; the array itself when its rate is about right.
    fs
        Its rate, Hz.
    """
    wanted = rules.working_rate_hz / fs
    if 1 / rules.working_tolerance <= wanted <= rules.working_tolerance:
        return acceleration_g, fs
    share = Fraction(wanted).limit_denominator(8)
    up, down = share.numerator, share.denominator
    count = -(-acceleration_g.shape[1] * up // down)
    other = np.full((3, count), np.nan, dtype=np.float32)
    for start, end in find_stretches(acceleration_g):
        begin = -(-start // down) * down  # a sample that both grids have
        inside, first = acceleration_g[:, begin:end], begin * up // down
        if inside.shape[1] == 0:
            continue
        part = signal.resample_poly(inside, up, down, axis=1, padtype="line")[:, : count - first]
        other[:, first : first + part.shape[1]] = part
    return other, fs * up / down


def band_pass(acceleration_g: Samples, fs: float, low_hz: float, high_hz: float, stretches: Spans) -> Samples:
    """Zero-phase band-pass of each axis, stretch by stretch.

    Parameters
    ----------
    acceleration_g
        (3, n), g.
    low_hz, high_hz
        Corner frequencies of a second-order Butterworth filter, run both ways. A corner above the Nyquist
        frequency is lowered to 80 % of it: a 25 Hz recording has no 20 Hz.

    Returns
    -------
    Samples
        (3, n), g, 0 outside the stretches and in stretches too short to filter.
    """
    nyquist_hz = fs / 2
    sos = signal.butter(2, [low_hz, min(high_hz, 0.8 * nyquist_hz)], btype="bandpass", fs=fs, output="sos")
    # Long enough for the lowest corner to settle, so that a step at the first sample rings in the padding.
    padding = int(fs / low_hz)
    moved = np.zeros(acceleration_g.shape, dtype=np.float32)
    for start, end in stretches:
        if end - start > padding:
            for axis in range(3):
                values = acceleration_g[axis, start:end]
                # Without its mean the float32 filter keeps 24 bits for the motion instead of for gravity.
                moved[axis, start:end] = signal.sosfiltfilt(sos, values - values.mean(), padlen=padding)
    return moved


def norm(moved_g: Samples) -> Samples:
    """(n,) Euclidean norm over the three axes of a (3, n) array."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->j", moved_g, moved_g)), dtype=np.float32)


def rms_envelope(moved_g: Samples, fs: float, window_s: float) -> Samples:
    """(n,) root mean square of the vector norm in a centred window, g."""
    power = np.einsum("ij,ij->j", moved_g, moved_g)
    mean = ndimage.uniform_filter1d(power, max(1, round(window_s * fs)), mode="constant")
    return np.sqrt(np.maximum(mean, 0, out=mean), out=mean)


def noise_floor(envelope_g: Samples, fs: float, stretches: Spans, rules: MovementRules) -> Samples:
    """The rolling floor of an envelope: a low percentile of short-block medians around each moment.

    Events fill a small part of the window and so exclude themselves; a percentile of medians can't be zeroed
    by a single quiet block.

    Returns
    -------
    Samples
        (n,), g, 0 outside the stretches.
    """
    floor = np.zeros_like(envelope_g)
    block = max(1, round(rules.floor_block_s * fs))
    size = max(1, round(rules.floor_window_s / rules.floor_block_s))
    for start, end in stretches:
        count = (end - start) // block
        if count == 0:
            continue
        blocks = np.median(envelope_g[start : start + count * block].reshape(count, block), axis=1)
        rolling = ndimage.percentile_filter(
            blocks, rules.floor_percentile, size=min(size, count), mode="nearest"
        )
        centres = (np.arange(count) + 0.5) * block
        floor[start:end] = np.interp(np.arange(end - start), centres, rolling)
    return floor


def jerk_likeness(moved_g: Samples, fs: float, stretches: Spans, rules: MovementRules) -> Samples:
    """(n,) how much each moment looks like the middle of a jerk, quick or slow, in any direction.

    An envelope adds up the noise of the whole band; a filter with the wave's own shape passes the noise of that
    shape only, and so tells a jerk from noise that is a tenth weaker.
    """
    best = np.zeros(moved_g.shape[1], dtype=np.float32)
    for wave in _jerk_waves(fs, rules):
        for start, end in stretches:
            if end - start < len(wave):
                continue
            power = np.zeros(end - start, dtype=np.float32)
            for axis in moved_g[:, start:end]:
                power += np.square(np.correlate(axis, wave, mode="same"))
            np.maximum(best[start:end], power, out=best[start:end])
    return np.sqrt(best, out=best)


def _jerk_waves(fs: float, rules: MovementRules) -> list[Samples]:
    """The acceleration of two arms that are flung and fall back, each half along the smoothest possible path.

    Norm 1, so that noise answers each of them equally.
    """
    waves = []
    for rise_s, fall_s in (
        (rules.quick_rise_s, rules.quick_fall_s),
        (rules.slow_rise_s, rules.slow_fall_s),
    ):
        fine_hz = 10 * fs
        rise, fall = (_smooth_push(length_s, fine_hz) for length_s in (rise_s, fall_s))
        wave = np.concatenate((rise, np.zeros(round(rules.jerk_hold_s * fine_hz)), -fall))
        wave = np.pad(wave, (0, -len(wave) % 10)).reshape(-1, 10).mean(axis=1)
        waves.append((wave / np.linalg.norm(wave)).astype(np.float32))
    return waves


def _smooth_push(length_s: float, fs: float) -> Floats:
    """(k,) second derivative of the minimum-jerk path from 0 to 1."""
    part = (np.arange(round(length_s * fs)) + 0.5) / (length_s * fs)
    return np.asarray((60 * part - 180 * part**2 + 120 * part**3) / length_s**2, dtype=np.float64)


def ordinary_crest(envelope_g: Samples, fs: float, stretches: Spans, rules: MovementRules) -> Samples:
    """What an envelope reaches again and again around each moment: the rolling median of its peaks in 1.5 s.

    Every such block holds a heartbeat: a pulse that shakes the wrist belongs to what is ordinary, as noise does. The
    noise floor lies between the beats and would make each an event.

    Returns
    -------
    Samples
        (n,), g, 0 outside the stretches.
    """
    crest = np.zeros_like(envelope_g)
    block = max(1, round(rules.floor_block_s * fs))
    size = max(1, round(rules.floor_window_s / rules.floor_block_s))
    for start, end in stretches:
        # Peaks in sliding windows: fixed blocks would depend on where the recording begins.
        peaks = ndimage.maximum_filter1d(
            envelope_g[start:end], max(1, round(rules.crest_block_s * fs)), mode="nearest"
        )
        # The same moments of the recording are looked at wherever a gap lies.
        first = (block // 2 - int(start)) % block
        peaks = peaks[first::block]
        if len(peaks) == 0:
            continue
        rolling = ndimage.median_filter(peaks, size=min(size, len(peaks)), mode="nearest")
        centres = first + np.arange(len(peaks)) * block
        crest[start:end] = np.interp(np.arange(end - start), centres, rolling)
    return crest


def sensor_noise(envelope_g: Samples, fs: float, stretches: Spans) -> float | None:
    """The sensor's own noise: the RMS norm in the stillest 5 % of whole 10 s windows, g; None without one.

    A person is never as still as a table, so this is an upper bound.
    """
    window = round(10 * fs)
    levels = [
        np.sqrt(np.mean(np.square(envelope_g[start : start + count * window].reshape(count, window)), axis=1))
        for start, end in stretches
        if (count := (end - start) // window)
    ]
    return float(np.percentile(np.concatenate(levels), 5)) if levels else None


def make_curves(acceleration_g: Samples, fs: float, rules: MovementRules) -> Curves:
    """Filter a night once for everything that looks at movement.

    Parameters
    ----------
    acceleration_g
        (3, n), g, calibrated, NaN in gaps.
    """
    stretches = find_stretches(acceleration_g)
    slow = band_pass(acceleration_g, fs, rules.slow_low_hz, rules.slow_high_hz, stretches)
    slow_envelope = rms_envelope(slow, fs, rules.slow_window_s)
    del slow  # 35 MB a night; only its envelope is needed
    fast = band_pass(acceleration_g, fs, rules.fast_low_hz, rules.fast_high_hz, stretches)
    fast_envelope = rms_envelope(fast, fs, rules.fast_window_s)
    likeness = jerk_likeness(fast, fs, stretches, rules)
    posture, away_hz = posture_curve(acceleration_g, fs)
    return Curves(
        fs=fs,
        stretches=stretches,
        fast_g=fast,
        fast_norm_g=norm(fast),
        fast_envelope_g=fast_envelope,
        fast_floor_g=noise_floor(fast_envelope, fs, stretches, rules),
        fast_crest_g=ordinary_crest(fast_envelope, fs, stretches, rules),
        edge_envelope_g=rms_envelope(fast, fs, rules.edge_window_s),
        likeness_g=likeness,
        likeness_crest_g=ordinary_crest(likeness, fs, stretches, rules),
        slow_envelope_g=slow_envelope,
        slow_floor_g=noise_floor(slow_envelope, fs, stretches, rules),
        away_g=distance_from_usual(posture, away_hz, rules),
        away_hz=away_hz,
    )


def posture_curve(acceleration_g: Samples, fs: float) -> tuple[Floats, float]:
    """Gravity's direction on a coarse grid.

    Returns
    -------
    curve_g
        (3, m) mean acceleration of blocks of 0.1 s, NaN where a block touches a gap.
    rate_hz
        Blocks per second.
    """
    block = max(1, round(_BLOCK_S * fs))
    count = acceleration_g.shape[1] // block
    blocks = acceleration_g[:, : count * block].reshape(3, count, block)
    return blocks.mean(axis=2, dtype=np.float64), fs / block


def distance_from_usual(curve_g: Floats, rate_hz: float, rules: MovementRules) -> Floats:
    """(m,) how far the arm's direction lies from where it mostly is around each moment, g.

    The median distance of each moment's direction to those around it. It follows a change of posture at once, and
    sees an arm that is lifted for less than half the window. Unlike the median of each axis it doesn't depend on how
    the sensor sits. Beyond a gap or the end nothing counts as far.

    Parameters
    ----------
    curve_g
        (3, m) from `posture_curve`.
    """
    # A box would smear a strong jerk into a plateau; behind a Gaussian its two ends stay two.
    near = ndimage.gaussian_filter1d(curve_g, rules.away_smooth_s * rate_hz, axis=1, mode="nearest")
    reach, step = round(rules.usual_window_s / 2 * rate_hz), max(1, round(rules.usual_step_s * rate_hz))
    lags = np.arange(step, reach + 1, step)
    count = curve_g.shape[1]
    distance = np.zeros((2 * len(lags), count), dtype=np.float32)
    for row, lag in enumerate(lags[lags < count]):
        apart = np.linalg.norm(near[:, lag:] - near[:, :-lag], axis=0)
        distance[2 * row, lag:] = apart
        distance[2 * row + 1, :-lag] = apart
    np.copyto(distance, 0.0, where=np.isnan(distance))
    return np.asarray(np.partition(distance, len(lags), axis=0)[len(lags)], dtype=np.float64)


def angle_between(first_g: Floats, second_g: Floats) -> Floats:
    """(k,) angle in degrees between the columns of two (3, k) arrays; NaN where either is unknown."""
    dot = np.einsum("ij,ij->j", first_g, second_g)
    lengths = np.linalg.norm(first_g, axis=0) * np.linalg.norm(second_g, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.degrees(np.arccos(np.clip(dot / lengths, -1.0, 1.0))), dtype=np.float64)


def mean_between(curve_g: Floats, rate_hz: float, start_s: Floats, end_s: Floats) -> Floats:
    """(3, k) mean of a posture curve in k windows, gaps left out; NaN where nothing is known of a window."""
    known = np.isfinite(curve_g[0])
    filled = np.where(known, curve_g, 0.0)
    total = np.concatenate((np.zeros((3, 1)), np.cumsum(filled, axis=1)), axis=1)
    number = np.concatenate(([0], np.cumsum(known)))
    last = curve_g.shape[1]
    first = np.clip(np.ceil(start_s * rate_hz).astype(np.int64), 0, last)
    after = np.clip(np.floor(end_s * rate_hz).astype(np.int64), first, last)
    counts = number[after] - number[first]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (total[:, after] - total[:, first]) / np.where(counts > 0, counts, np.nan)
    return np.asarray(means, dtype=np.float64)
