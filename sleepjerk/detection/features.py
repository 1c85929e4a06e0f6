"""What does a movement look like: how strong, how much the arm turned, how quiet around it, how rhythmic?

Knows the curves of `movement` and the spans of movements. Must not know sleep, labels or series.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sleepjerk.detection.curves import Curves, angle_between, mean_between
from sleepjerk.recording import Floats, Samples, Spans
from sleepjerk.rules import ClassificationRules

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]

_PEAK_REACH, _PEAK_FINER = (
    24,
    4,
)  # plain: samples on both sides that shape a value between two, and how many between


@dataclass(frozen=True, slots=True)
class Shapes:
    """Features of k movements, each field (k,), in the order of their onsets.

    Attributes
    ----------
    onset_s, offset_s
        Seconds since the first sample.
    peak_g
        Peak of the vector norm of the 2-20 Hz acceleration.
    floor_g
        Noise floor of the fast envelope at the movement.
    tilt_deg, held_tilt_deg
        Angle between the arm's direction just before and just after; between the postures held before and after, 0
        where another movement between the two turned the arm more. NaN where unknown.
    pulled_deg
        How far the arm had turned in the seconds before, as far as the movement takes that back; NaN where unknown.
        What pulls at an arm slowly, a cable or a blanket, lets it go at once; a jerk comes out of lying still.
    before_g, after_g
        Strongest fast envelope in the time that must be quiet around a twitch, other lone pulses left out.
    centroid_hz
        Centre of the power spectrum of 1 s around the peak.
    rhythm_hz, rhythm
        Frequency of the strongest repetition, and its autocorrelation; NaN for movements too short to repeat.
    sway
        How far the arm's direction went along in the second around the peak, against the peak itself: a limb turns
        against gravity, a bed only shakes.
    half_cycles
        Swings to and fro around the peak, in the direction of most of it: a bed rings on, a jerk is over soon.
    company
        In how many half minutes of the five minutes before and after something moves that is no lone pulse: whoever
        is awake or restless moves in many.
    pulses, alone, faint
        As found by `detect`.
    """

    onset_s: Floats
    offset_s: Floats
    peak_g: Floats
    floor_g: Floats
    tilt_deg: Floats
    held_tilt_deg: Floats
    pulled_deg: Floats
    before_g: Floats
    after_g: Floats
    centroid_hz: Floats
    rhythm_hz: Floats
    rhythm: Floats
    sway: Floats
    half_cycles: Floats
    company: Floats
    pulses: Indices
    alone: Mask
    faint: Mask

    @property
    def duration_s(self) -> Floats:
        """(k,) length of each movement, s."""
        return self.offset_s - self.onset_s


def measure_shapes(
    curves: Curves,
    spans: Spans,
    pulses: Indices,
    alone: Mask,
    faint: Mask,
    rules: ClassificationRules,
) -> Shapes:
    """The features of each movement.

    Parameters
    ----------
    spans, pulses, alone, faint
        As found by `detect.find_movements`.
    """
    fs = curves.fs
    onset_s, offset_s = spans[:, 0] / fs, spans[:, 1] / fs
    strength_g = curves.fast_norm_g
    peak_at = np.array([start + np.argmax(strength_g[start:end]) for start, end in spans], dtype=np.int64)
    tilt = _tilts(curves, onset_s, offset_s, rules)
    before, after = _surroundings(curves, spans, alone, rules)
    peak_g = _peaks(curves, peak_at)
    rhythm_hz, rhythm = _rhythms(curves, spans, rules)
    return Shapes(
        onset_s=onset_s,
        offset_s=offset_s,
        peak_g=peak_g,
        floor_g=curves.fast_floor_g.at(peak_at).astype(np.float64),
        tilt_deg=tilt,
        held_tilt_deg=_held_tilts(curves, onset_s, offset_s, tilt, rules),
        pulled_deg=_pulls(curves, onset_s, offset_s, rules),
        before_g=before,
        after_g=after,
        centroid_hz=_centroids(curves, peak_at, rules),
        rhythm_hz=rhythm_hz,
        rhythm=rhythm,
        sway=_sway_g(curves, onset_s, peak_at, rules) / peak_g,
        half_cycles=_half_cycles(curves, peak_at, rules),
        company=_company(onset_s, ~alone & ~faint, rules),
        pulses=pulses,
        alone=alone,
        faint=faint,
    )


def with_missed(shapes: Shapes, missed_s: Floats) -> Shapes:
    """Movements that were not detected among the others, by onset; nothing is known of their waves.

    Parameters
    ----------
    missed_s
        (m, 2) onset and offset, s; the offset NaN where that is unknown, too.
    """
    if len(missed_s) == 0:
        return shapes
    columns = {item.name: getattr(shapes, item.name) for item in dataclasses.fields(shapes)}
    # They end nobody's rest: each counts as a lone pulse too weak to be trusted.
    unknown = {"f": np.nan, "i": 0, "b": True}
    added = {name: np.full(len(missed_s), unknown[column.dtype.kind]) for name, column in columns.items()}
    offset_s = np.where(np.isnan(missed_s[:, 1]), missed_s[:, 0], missed_s[:, 1])
    added |= {"onset_s": missed_s[:, 0], "offset_s": offset_s}
    order = np.argsort(np.concatenate((shapes.onset_s, missed_s[:, 0])), kind="stable")
    return Shapes(**{name: np.append(column, added[name])[order] for name, column in columns.items()})


def _peaks(curves: Curves, peak_at: Indices) -> Floats:
    """(k,) peak of the vector norm between the samples: the highest sample lies up to 3 % beside it, g."""
    if len(peak_at) == 0:
        return np.empty(0)
    index = peak_at[:, None] + np.arange(-_PEAK_REACH, _PEAK_REACH + 1)
    around = curves.fast_g[:, np.clip(index, 0, curves.fast_g.shape[1] - 1)]
    fine = around @ _between(_PEAK_REACH, _PEAK_FINER)
    return np.asarray(np.linalg.norm(fine, axis=0).max(axis=1), dtype=np.float64)


def _between(reach: int, finer: int) -> Samples:
    """(2 reach + 1, m) weights that make of samples the values within two of the middle one, `finer` in each step.

    Windowed sinc: exact on samples, and on everything below nine tenths of half the rate.
    """
    wanted = np.arange(-2 * finer, 2 * finer + 1) / finer
    apart = np.arange(-reach, reach + 1)[:, None] - wanted
    beta = 5.0  # plain: of a Kaiser window, ripples of a thousandth
    window = np.i0(beta * np.sqrt(np.maximum(1 - (apart / (reach + 2)) ** 2, 0))) / np.i0(beta)
    return np.asarray(np.sinc(apart) * window, dtype=np.float32)


def _tilts(curves: Curves, onset_s: Floats, offset_s: Floats, rules: ClassificationRules) -> Floats:
    """(k,) angle between the arm's direction just before and just after, deg."""
    near, far = rules.tilt_near_s, rules.tilt_far_s
    start_s, end_s = (onset_s - far, offset_s + near), (onset_s - near, offset_s + far)
    curve, rate = curves.posture_g, curves.posture_hz
    means = mean_between(curve, rate, np.concatenate(start_s), np.concatenate(end_s))
    return angle_between(*np.split(means, 2, axis=1))


def _pulls(curves: Curves, onset_s: Floats, offset_s: Floats, rules: ClassificationRules) -> Floats:
    """(k,) how much nearer to where it lay some seconds before the arm lies after each movement than before it, deg."""
    near, far, lead = rules.tilt_near_s, rules.tilt_far_s, rules.pull_lead_s
    guard = rules.pull_guard_s
    start_s = (onset_s - lead - far, onset_s - guard - near, offset_s + near)
    end_s = (onset_s - lead, onset_s - guard, offset_s + far)
    curve, rate = curves.posture_g, curves.posture_hz
    means = mean_between(curve, rate, np.concatenate(start_s), np.concatenate(end_s))
    lain, before, after = np.split(means, 3, axis=1)
    return angle_between(lain, before) - angle_between(lain, after)


def _held_tilts(
    curves: Curves, onset_s: Floats, offset_s: Floats, tilt_deg: Floats, rules: ClassificationRules
) -> Floats:
    """(k,) angle between the postures on both sides, deg, for the movement that turned the arm most; 0 for others.

    A posture is how the arm lies for `posture_stable_s` without moving: movements closer to each other than that
    lie between the same two postures, and share one change. Nothing that the arm does is in two changes.
    """
    near, width = rules.tilt_near_s, rules.tilt_far_s - rules.tilt_near_s
    ended_s = np.maximum.accumulate(offset_s)
    begins = np.ones(len(onset_s), dtype=bool)
    begins[1:] = onset_s[1:] - ended_s[:-1] >= rules.posture_stable_s
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(onset_s))[: len(first)] - 1
    late_s = ended_s[last] + rules.posture_stable_s - near
    # An arm may turn slowly before anything quick is seen, but not before it came to rest.
    early_s = np.maximum(onset_s[first] - rules.posture_lead_s, np.append(0.0, late_s)[: len(first)])
    ends_s = np.concatenate((early_s, late_s))
    means = mean_between(curves.posture_g, curves.posture_hz, ends_s - width, ends_s)
    most = np.lexsort((np.nan_to_num(tilt_deg), np.cumsum(begins)))[last]
    held = np.zeros(len(onset_s))
    held[most] = angle_between(*np.split(means, 2, axis=1))
    return held


def _sway_g(curves: Curves, onset_s: Floats, peak_at: Indices, rules: ClassificationRules) -> Floats:
    """(k,) furthest that the smoothed acceleration goes from where it was before the movement, g; 0 where unknown."""
    if len(peak_at) == 0:
        return np.empty(0)
    curve, rate = curves.posture_g, curves.posture_hz
    first_s = onset_s - rules.tilt_near_s - rules.spectrum_s
    before = mean_between(curve, rate, first_s, first_s + rules.spectrum_s)
    steps = round(rules.sway_reach_s * rate)
    middle_s = peak_at / curves.fs + np.arange(-steps, steps + 1)[:, None] / rate
    start_s = (middle_s - rules.sway_smooth_s / 2).ravel()
    smoothed = mean_between(curve, rate, start_s, start_s + rules.sway_smooth_s).reshape(3, *middle_s.shape)
    return np.asarray(np.nan_to_num(np.linalg.norm(smoothed - before[:, None], axis=0).max(axis=0)))


def _half_cycles(curves: Curves, peak_at: Indices, rules: ClassificationRules) -> Floats:
    """(k,) swings of at least a share of the largest, to one side and then the other, around each peak."""
    if len(peak_at) == 0:
        return np.empty(0)
    reach = round(rules.spectrum_s / 2 * curves.fs)
    index = np.clip(peak_at[:, None] + np.arange(-reach, reach + 1), 0, curves.fast_g.shape[1] - 1)
    around = np.moveaxis(curves.fast_g[:, index], 0, 2)
    directions = np.linalg.eigh(np.swapaxes(around, 1, 2) @ around)[1][:, :, -1]
    along = np.einsum("kti,ki->kt", around, directions)
    side = np.sign(along) * (np.abs(along) >= rules.swing_share * np.abs(along).max(axis=1, keepdims=True))
    # What is too small belongs to the swing before it.
    last = np.maximum.accumulate(np.where(side != 0, np.arange(side.shape[1]), 0), axis=1)
    held = np.take_along_axis(side, last, axis=1)
    return np.asarray(np.sum((held[:, 1:] != held[:, :-1]) & (held[:, :-1] != 0), axis=1) + 1.0)


def _surroundings(
    curves: Curves, spans: Spans, alone: Mask, rules: ClassificationRules
) -> tuple[Floats, Floats]:
    """Strongest envelope in [onset - quiet, onset - guard] and [offset + guard, offset + quiet]."""
    fs = curves.fs
    guard, quiet = round(rules.quiet_guard_s * fs), round(rules.quiet_s * fs)
    others = curves.fast_envelope_g.copy()
    for start, end in spans[alone]:
        others[max(0, start - guard) : end + guard] = 0.0
    # The guard is blanked around lone pulses only, so a pair of jerks is quiet around each of its two.
    before = _strongest(others, spans[:, 0] - quiet, spans[:, 0] - guard)
    after = _strongest(others, spans[:, 1] + guard, spans[:, 1] + quiet)
    return before, after


def _strongest(envelope: Samples, start: Indices, end: Indices) -> Floats:
    """(k,) maximum of an envelope in k windows of equal length; 0 where a window leaves the recording."""
    if len(start) == 0:
        return np.empty(0)
    index = start[:, None] + np.arange(end[0] - start[0])
    inside = (index >= 0) & (index < len(envelope))
    values = envelope[np.clip(index, 0, len(envelope) - 1)]
    return np.asarray(np.where(inside, values, 0.0).max(axis=1), dtype=np.float64)


def _company(onset_s: Floats, moving: Mask, rules: ClassificationRules) -> Floats:
    """(k,) parts of the time around each onset, laid from it, in which one of the `moving` begins."""
    parts = round(rules.company_s / rules.company_part_s)
    edges_s = onset_s + rules.company_part_s * np.arange(-parts, parts + 1)[:, None]
    begun = np.searchsorted(onset_s[moving], edges_s)
    return np.asarray(np.count_nonzero(np.diff(begun, axis=0), axis=0), dtype=np.float64)


def _centroids(curves: Curves, peak_at: Indices, rules: ClassificationRules) -> Floats:
    """(k,) power-weighted mean frequency of the fast band in 1 s around each peak, Hz."""
    if len(peak_at) == 0:
        return np.empty(0)
    size = round(rules.spectrum_s * curves.fs)
    index = np.clip(peak_at[:, None] + np.arange(size) - size // 2, 0, curves.fast_g.shape[1] - 1)
    power = np.sum(np.abs(fft.rfft(curves.fast_g[:, index], axis=2)) ** 2, axis=0)
    frequency = fft.rfftfreq(size, 1 / curves.fs)
    return np.asarray(power @ frequency / power.sum(axis=1), dtype=np.float64)


def _rhythms(curves: Curves, spans: Spans, rules: ClassificationRules) -> tuple[Floats, Floats]:
    """Frequency and strength of the strongest repetition within each movement long enough to repeat."""
    frequency, strength = np.full(len(spans), np.nan), np.full(len(spans), np.nan)
    shortest = rules.rhythmic_min_s * curves.fs
    for row in np.flatnonzero(spans[:, 1] - spans[:, 0] >= shortest):
        start, end = spans[row]
        frequency[row], strength[row] = _repetition(curves.fast_g[:, start:end], curves.fs, rules)
    return frequency, strength


def _repetition(moved_g: Samples, fs: float, rules: ClassificationRules) -> tuple[float, float]:
    """Lag of the highest autocorrelation of the vector signal, as a frequency, and its value.

    The autocorrelation of vectors (the sum over axes) doesn't depend on how the sensor sits on the arm. A lag
    counts only if the movement holds enough cycles of it.
    """
    count = moved_g.shape[1]
    size = fft.next_fast_len(2 * count, real=True)
    power = np.sum(np.abs(fft.rfft(moved_g, size, axis=1)) ** 2, axis=0)
    correlation = fft.irfft(power, size)[:count]
    overlap = 1 - np.arange(count) / count  # fewer products at long lags
    correlation = correlation / (correlation[0] * overlap)
    first = int(np.ceil(fs / rules.rhythmic_high_hz))
    last = int(min(fs / rules.rhythmic_low_hz, count / rules.rhythmic_min_cycles))
    if last <= first:
        return np.nan, np.nan
    lag = first + int(np.argmax(correlation[first : last + 1]))
    return fs / lag, float(correlation[lag])
