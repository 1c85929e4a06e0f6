"""The curves that everything else reads: what moved, and which way was down.

Knows filters, gaps and windows. Must not know events, sleep or labels.

Conventions
-----------
`acceleration_g` is (3, n), g, NaN in gaps. A *segment* is a run of samples without a gap, given as (start, end)
sample indices, end excluded. Each axis is filtered on its own and the norm is taken afterwards: filtering the
vector's magnitude would lose all motion perpendicular to gravity (100 mg there changes |a| by 5 mg only).
Filters (`bands`) run per segment and without phase, so that a gap at 03:00 moves nothing at 01:00.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.detection.bands import Band, Piece, in_pieces, matched, running_sums, window_rms
from sleepjerk.detection.level import Level, most_within, rolling_percentile, row_medians
from sleepjerk.recording import Floats, Samples, Spans
from sleepjerk.rules import MovementRules
from sleepjerk.runtime import on_all_cores, parts_of
from sleepjerk.spans import Mask, every_sample, find_runs, lengths
from sleepjerk.thinning import fill_in, low_pass, thin

_BLOCKS = 1 << 13  # of the noise floor, looked at together
_PAIRWISE = 8  # numpy adds fewer one by one, as is done here in a tenth of the time
_MOMENTS = 1 << 12
_COLUMNS = 1 << 16  # blocks of the posture curve made or compared at once: small parts keep threads waiting

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curves:
    """What both channels see, each (n,) or (3, n), g, 0 in gaps.

    `fast_norm_g` is the vector norm of `fast_g`. Posture has a rate of its own, about 10 Hz: `posture_g` is (3, m) the
    arm's direction, NaN in gaps.
    `matched_filter_g` only compares with `matched_filter_level_g`: it grows with the number of samples of a jerk.
    """

    fs: float
    segments: Spans
    fast_g: Samples
    fast_norm_g: Samples
    fast_envelope_g: Samples
    fast_floor_g: Level
    edge_envelope_g: Samples
    matched_filter_g: Samples
    matched_filter_level_g: Level
    slow_envelope_g: Samples
    slow_floor_g: Level
    posture_g: Floats
    posture_hz: float
    rules: MovementRules

    def away_g(self, least_g: float) -> Floats:
        """(m,) how far the arm lies from where it mostly is; where that is less than `least_g` it may be 0."""
        return distance_from_usual(self.posture_g, self.posture_hz, self.rules, least_g)


def find_segments(acceleration_g: Samples) -> Spans:
    """(k, 2) sample indices of every segment without a gap."""
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
    share = Fraction(wanted).limit_denominator(max(8, round(1 / wanted)))
    up, down = share.numerator, share.denominator
    count = -(-acceleration_g.shape[1] * up // down)
    longest = max(up, down)
    taps = low_pass(10 * longest, 1 / longest, 5.0).copy()  # plain: the choice of scipy.signal.resample_poly
    for phase in range(up):
        taps[phase::up] /= (
            taps[phase::up].sum() * up
        )  # else gravity comes back as a tone of the recording's rate
    other = np.full((3, count), np.nan, dtype=np.float32)
    for start, end in find_segments(acceleration_g):
        begin = -(-start // down) * down  # a sample that both grids have
        inside, first = acceleration_g[:, begin:end], begin * up // down
        if inside.shape[1] <= (up > 1):  # a lone sample has no line on which it might go on
            continue
        part = _resampled(inside, up, down, taps)[:, : count - first]
        other[:, first : first + part.shape[1]] = part
    return other, fs * up / down


def _resampled(samples: Samples, up: int, down: int, taps: Floats) -> Samples:
    """A segment at `up / down` of its rate; beyond its ends it goes on along the line from first to last sample."""
    if up > 1:
        return fill_in(samples, taps, up, down)
    half, last = len(taps) // 2, samples.shape[1] - 1
    slope = (samples[:, [-1]] - samples[:, [0]]) / max(1, last)
    outside = np.arange(1, half + 1, dtype=np.float32)
    before, after = samples[:, [0]] - slope * outside[::-1], samples[:, [-1]] + slope * outside
    return thin(np.concatenate((before, samples, after), axis=1), taps, down)


def noise_floor(envelope_g: Samples, fs: float, segments: Spans, rules: MovementRules) -> Level:
    """The rolling floor of an envelope: a low percentile of short-block medians around each moment.

    Events fill a small part of the window and so exclude themselves; a percentile of medians can't be zeroed
    by a single quiet block.
    """
    block = max(1, round(rules.floor_block_s * fs))
    size = max(1, round(rules.floor_window_s / rules.floor_block_s))
    counts = lengths(segments) // block
    segments, counts = segments[counts > 0], counts[counts > 0]
    begins = _grid(segments[:, 0], counts, block)

    medians = (
        row_medians(_windows(envelope_g, begins[here], block)) for here in parts_of(len(begins), _BLOCKS)
    )
    blocks = np.concatenate([envelope_g[:0], *medians])
    rolling = rolling_percentile(blocks, counts, size, rules.floor_percentile)
    return Level(len(envelope_g), segments, np.full(len(counts), block / 2), block, counts, rolling)


def _grid(first: Indices, counts: Indices, step: int) -> Indices:
    """(m,) so many places from each of (k,) on, `step` apart, in one array."""
    places = every_sample(np.stack((np.zeros_like(counts), counts), axis=1))[0]
    return np.asarray(np.repeat(first, counts) + step * places)


def _windows(values: Samples, begins: Indices, width: int) -> Samples:
    """(k, width) values from each of (k,) samples on."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, width)[begins])


def peak_level(envelope_g: Samples, fs: float, segments: Spans, rules: MovementRules) -> Level:
    """What an envelope reaches again and again around each moment: the rolling median of its peaks in 1.5 s.

    Every such block holds a heartbeat: a pulse that shakes the wrist belongs to what is ordinary, as noise does. The
    noise floor lies between the beats and would make each an event.
    """
    block = max(1, round(rules.floor_block_s * fs))
    size = max(1, round(rules.floor_window_s / rules.floor_block_s))
    width = max(1, round(rules.peak_level_block_s * fs))
    # Peaks in sliding windows: fixed blocks would depend on where the recording begins. The same moments of the
    # recording are looked at wherever a gap lies.
    first = (block // 2 - segments[:, 0]) % block
    counts = np.maximum(-(-(lengths(segments) - first) // block), 0)
    segments, first, counts = segments[counts > 0], first[counts > 0], counts[counts > 0]
    begins = _grid(segments[:, 0] + first, counts, block) - width // 2
    windows = np.stack((begins, begins + width), axis=1)
    start, end = np.repeat(segments, counts, axis=0).T[:, :, None]
    peaks = most_within(envelope_g, np.clip(windows, start, end))
    rolling = rolling_percentile(peaks, counts, size, 50.0)  # plain: the median
    return Level(len(envelope_g), segments, first.astype(np.float64), block, counts, rolling)


def _jerk_waves(fs: float, rules: MovementRules) -> list[Samples]:
    """The acceleration of two arms that are flung and fall back, each half along the smoothest possible path.

    Norm 1, so that noise answers each of them equally.
    """
    waves = []
    for rise_s, fall_s in (
        (rules.quick_rise_s, rules.quick_fall_s),
        (rules.slow_rise_s, rules.slow_fall_s),
    ):
        finer = 10  # plain: how finely a wave is drawn before it is averaged
        fine_hz = finer * fs
        rise, fall = (_smooth_push(length_s, fine_hz) for length_s in (rise_s, fall_s))
        wave = np.concatenate((rise, np.zeros(round(rules.jerk_hold_s * fine_hz)), -fall))
        wave = np.pad(wave, (0, -len(wave) % finer)).reshape(-1, finer).mean(axis=1)
        waves.append((wave / np.linalg.norm(wave)).astype(np.float32))
    return waves


def _smooth_push(length_s: float, fs: float) -> Floats:
    """(k,) second derivative of the minimum-jerk path from 0 to 1."""
    part = (np.arange(round(length_s * fs)) + 0.5) / (length_s * fs)
    curve = 60 * part - 180 * part**2 + 120 * part**3  # plain: the second derivative of a smooth step
    return np.asarray(curve / length_s**2, dtype=np.float64)


def sensor_noise(envelope_g: Samples, fs: float, segments: Spans, rules: MovementRules) -> float | None:
    """The sensor's own noise: the RMS norm in the stillest whole windows of some seconds, g; None without one.

    A person is never as still as a table, so this is an upper bound.
    """
    window = round(rules.noise_window_s * fs)
    whole = segments[lengths(segments) >= window]
    if len(whole) == 0:
        return None
    windows = _windows(envelope_g, _grid(whole[:, 0], lengths(whole) // window, window), window)
    levels = np.sqrt(np.mean(np.square(windows, out=windows), axis=1))
    return float(np.percentile(levels, rules.noise_percentile))


def make_curves(acceleration_g: Samples, fs: float, rules: MovementRules) -> Curves:
    """Filter a night once for everything that looks at movement.

    Parameters
    ----------
    acceleration_g
        (3, n), g, calibrated, NaN in gaps.
    """
    segments = find_segments(acceleration_g)
    fast_g = np.zeros(acceleration_g.shape, dtype=np.float32)
    norm, fast, edge, slow, matched_filter_g = _filter(acceleration_g, fs, segments, fast_g, rules)
    posture, posture_hz = posture_curve(acceleration_g, fs, rules.posture_step_s)
    fast_floor, slow_floor, ordinary = on_all_cores(
        lambda task: task[0](task[1], fs, segments, rules),
        ((noise_floor, fast), (noise_floor, slow), (peak_level, matched_filter_g)),
    )
    return Curves(
        fs=fs,
        segments=segments,
        fast_g=fast_g,
        fast_norm_g=norm,
        fast_envelope_g=fast,
        fast_floor_g=fast_floor,
        edge_envelope_g=edge,
        matched_filter_g=matched_filter_g,
        matched_filter_level_g=ordinary,
        slow_envelope_g=slow,
        slow_floor_g=slow_floor,
        posture_g=posture,
        posture_hz=posture_hz,
        rules=rules,
    )


def _filter(
    acceleration_g: Samples, fs: float, segments: Spans, fast_g: Samples, rules: MovementRules
) -> Samples:
    """(5, n) norm of the fast band, its envelopes in the window of a jerk and in that of edges, that of the slow band,
    and matched-filter output.

    The matched-filter output says how much each moment looks like the middle of a jerk, quick or slow, any way round.
    An envelope adds up the noise of the whole band; a filter with the wave's own shape passes the noise of that shape
    only, and so tells a jerk from noise that is a tenth weaker.

    Parameters
    ----------
    fast_g
        (3, n) zeros, filled with the fast band.
    """
    quick = Band(fs, rules.fast_low_hz, rules.fast_high_hz)
    calm = Band(fs, rules.slow_low_hz, rules.slow_high_hz)
    waves = _jerk_waves(fs, rules)
    longest_wave = max(len(wave) for wave in waves)
    responses = (quick.response(), calm.response(), *(quick.response() * matched(wave) for wave in waves))
    windows = [
        max(1, round(window_s * fs))
        for window_s in (rules.fast_window_s, rules.edge_window_s, rules.slow_window_s)
    ]
    margin = max(windows)
    envelopes = np.zeros((5, acceleration_g.shape[1]), dtype=np.float32)  # plain: as many as are told above

    def fill(piece: Piece) -> None:
        inside = slice(margin, margin + piece.width)
        fast, slow, *alike = piece.filtered(*responses)
        length = lengths(piece.segments)
        slow[:, length <= calm.settling] = 0
        piece.put(fast_g, fast[..., inside])
        power, slow_power, *likeness = (
            np.einsum("ikj,ikj->kj", moved, moved) for moved in (fast, slow, *alike)
        )
        piece.put(envelopes[0], np.sqrt(power[:, inside]))
        sums, slow_sums = running_sums(power, slow_power)
        for row, window, total in zip((1, 2, 3), windows, (sums, sums, slow_sums), strict=True):
            first = margin - window // 2
            piece.put(envelopes[row], window_rms(total[:, first : first + piece.width + window], window))
        most = np.sqrt(np.maximum(*(squares[:, inside] for squares in likeness)))
        most[length < longest_wave] = 0
        piece.put(envelopes[4], most)

    in_pieces(
        fill,
        acceleration_g,
        segments,
        reach=max(quick.reach + longest_wave, calm.reach),
        settling=calm.settling,
        shortest=quick.settling,
        margin=margin,
    )
    return envelopes


def posture_curve(acceleration_g: Samples, fs: float, step_s: float) -> tuple[Floats, float]:
    """Gravity's direction on a coarse grid.

    Returns
    -------
    curve_g
        (3, m) mean acceleration of blocks of `step_s` seconds, NaN where a block touches a gap.
    rate_hz
        Blocks per second.
    """
    block = max(1, round(step_s * fs))
    count = acceleration_g.shape[1] // block
    curve = np.empty((3, count))

    def fill(here: slice) -> None:
        part = acceleration_g[:, here.start * block : here.stop * block].reshape(3, -1, block)
        mean = curve[:, here]
        if not 1 < block < _PAIRWISE:
            part.mean(axis=2, dtype=np.float64, out=mean)
            return
        np.add(part[:, :, 0], part[:, :, 1], dtype=np.float64, out=mean)
        for place in range(2, block):
            mean += part[:, :, place]
        mean /= block

    on_all_cores(fill, parts_of(count, _COLUMNS))
    return curve, fs / block


def distance_from_usual(
    curve_g: Floats, rate_hz: float, rules: MovementRules, least_g: float = 0.0
) -> Floats:
    """(m,) how far the arm's direction lies from where it mostly is around each moment, g.

    The median distance of each moment's direction to those around it. It follows a change of posture at once, and
    sees an arm that is lifted for less than half the window. Unlike the median of each axis it doesn't depend on how
    the sensor sits. Beyond a gap or the end nothing counts as far.

    Parameters
    ----------
    curve_g
        (3, m) from `posture_curve`.
    least_g
        Moments that lie nearer, and whose neighbours do, get 0: to count how many others lie nearer takes a third of
        the time of a median.
    """
    sd, usual = rules.away_smooth_s * rate_hz, np.zeros(curve_g.shape[1])
    reach, step = round(rules.usual_window_s / 2 * rate_hz), max(1, round(rules.usual_step_s * rate_hz))
    smear = int(4 * sd + 0.5)  # plain: as far as the Gaussian below goes
    turned, kept = _around_turns(curve_g, reach + smear + 1, least_g)
    # A box would smear a strong jerk into a plateau; behind a Gaussian its two ends stay two.
    smooth = on_all_cores(
        lambda axis: ndimage.gaussian_filter1d(axis[kept], sd, radius=smear, mode="nearest"), curve_g
    )
    near = np.array(smooth, dtype=np.float32)
    turned_slowly, still_kept = _around_turns(near, reach + 1, least_g)
    turned, kept = (turned[kept] & turned_slowly)[still_kept], kept[still_kept]
    lags = np.arange(step, reach + 1, step)
    known = np.pad(near.take(still_kept, axis=1), ((0, 0), (reach, reach)), constant_values=np.nan)
    far = _count_far(known, lags, reach, least_g) * turned
    away = far >= len(lags)  # half of those around it, on both sides
    away[1:] |= far[:-1] >= len(lags)
    away[:-1] |= far[1:] >= len(lags)
    moments = np.flatnonzero(away)

    def fill(here: slice) -> None:
        around = np.lib.stride_tricks.sliding_window_view(known, 2 * reach + 1, axis=1)
        usual[kept[moments[here]]] = _median_distance(
            around[:, moments[here], reach % step :: step], len(lags)
        )

    on_all_cores(fill, parts_of(len(moments), _MOMENTS))
    return usual


def _around_turns(curve_g: Floats | Samples, size: int, least_g: float) -> tuple[Mask, Indices]:
    """(m,) bool: may the direction change by `least_g` within `size` moments of this one, by the bounds of stretches of
    so many? And (k,) these moments and those no further from one."""
    whole, count = curve_g.shape[1] // size, curve_g.shape[1]
    stretches = curve_g[:, : whole * size].reshape(3, whole, size)
    high, low = np.fmax.reduce(stretches, axis=2), np.fmin.reduce(stretches, axis=2)
    for _ in range(2):  # with the stretches on both sides
        high, low = np.fmax(high[:, 1:], high[:, :-1]), np.fmin(low[:, 1:], low[:, :-1])
    bound = np.sum((high - low) ** 2, axis=0)
    turned = np.ones(whole + 1, dtype=bool)
    turned[1 : 1 + len(bound)] = ~(bound < 0.99 * least_g**2)  # plain: rounding
    beside = np.convolve(turned, np.ones(3))[1:-1] > 0  # plain: a stretch and its two neighbours
    return np.repeat(turned, size)[:count], np.flatnonzero(np.repeat(beside, size)[:count])


def _count_far(known: Samples, lags: NDArray[np.int64], reach: int, least_g: float) -> NDArray[np.uint16]:
    """(m,) how many of the moments `lags` away lie at least `least_g` away; `known` is (3, m + 2 reach)."""
    count = known.shape[1] - 2 * reach
    far = np.zeros(count, dtype=np.uint16)
    limit = np.float32(least_g**2 * (1 - 1e-5))  # plain: who lies just about there is looked at closely

    def fill(here: slice) -> None:
        for lag in lags.tolist():
            # Each distance counts for both moments.
            begin, stop = here.start + reach - lag, here.stop + reach
            apart = known[:, begin + lag : stop + lag] - known[:, begin:stop]
            beyond = (np.einsum("ij,ij->j", apart, apart) >= limit).astype(far.dtype)
            far[here] += beyond[lag:]
            far[here] += beyond[: len(beyond) - lag]

    on_all_cores(fill, parts_of(count, _COLUMNS))
    return far


def _median_distance(around: Samples, lags: int) -> Samples:
    """(k,) median distance of the middle column of (3, k, 2 lags + 1) to the others; what isn't known isn't far."""
    apart = around - around[:, :, lags : lags + 1]
    distance = np.einsum("ijk,ijk->jk", apart, apart)
    np.copyto(distance, 0.0, where=np.isnan(distance))
    # One more than half of them, for the middle itself is the nearest.
    return np.sqrt(np.partition(distance, lags + 1, axis=1)[:, lags + 1])


def angle_between(first_g: Floats, second_g: Floats) -> Floats:
    """(k,) angle in degrees between the columns of two (3, k) arrays; NaN where either is unknown."""
    dot = np.einsum("ij,ij->j", first_g, second_g)
    lengths = np.linalg.norm(first_g, axis=0) * np.linalg.norm(second_g, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.degrees(np.arccos(np.clip(dot / lengths, -1.0, 1.0))), dtype=np.float64)


def mean_between(curve_g: Floats, rate_hz: float, start_s: Floats, end_s: Floats) -> Floats:
    """(3, k) mean of a posture curve in k windows, gaps left out; NaN where nothing is known of a window.

    A block that lies in a window partly counts by that part: whole ones would depend on where the recording begins.
    """
    last, start, end = curve_g.shape[1] - 1, start_s[:, None] * rate_hz, end_s[:, None] * rate_hz
    longest = int(np.ceil(np.max(end - start, initial=0.0))) + 1
    index = np.floor(start).astype(np.int64) + np.arange(longest)
    blocks = curve_g[:, np.clip(index, 0, last)]
    part = np.clip(np.minimum(end, index + 1) - np.maximum(start, index), 0.0, 1.0)
    part[(index < 0) | (index > last) | np.isnan(blocks[0])] = 0.0
    whole = part.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.einsum("ikj,kj->ik", np.nan_to_num(blocks), part) / np.where(whole > 1e-6, whole, np.nan)
    return np.asarray(means)  # plain: 1e-6 is rounding
