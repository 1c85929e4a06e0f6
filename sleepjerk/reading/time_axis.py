"""Samples with time stamps -> samples on a regular grid.

Knows clocks, gaps and interpolation. Must not know files, units or what the signal means.

Conventions
-----------
Stamps are (n,) float64 seconds, strictly increasing, the first is 0. Samples are (3, n) float32. A segment is
a run of samples without a gap. Grid point i lies at i / rate_hz seconds, in every segment.

Stamps are seldom what they seem: rounded to milliseconds, late by a USB packet, or exact while the sensor's
own clock wanders with temperature. So each segment is asked whether its samples are evenly spaced behind
noisy stamps (then a slow fit replaces the stamps) or unevenly spaced under honest ones (then the stamps are
believed).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules
from sleepjerk.runtime import on_all_cores, parts_of

_PART = 1 << 18  # stamps looked at by one thread at once
_CHUNK = 1 << 16  # grid points interpolated at once: keeps the temporary arrays in the cache
_TAPS = 6  # plain: points of a polynomial: 1.5 % loss at 20 Hz between samples of 100 Hz (linear: 19 %)
_THIN_TAPS, _KAISER = 10, 5.65  # plain: of a filter: on each side, for each sample left out; 60 dB
ONE_STEP = 1.5  # plain: half way between one and two: what is less is one, but for noise


@dataclass(frozen=True, slots=True)
class Grid:
    """Samples on a regular grid.

    Attributes
    ----------
    acceleration_g
        (3, m) float32, NaN inside gaps.
    rate_hz
        Grid points per second.
    gaps_s
        (k, 2) start and end of what is missing, seconds.
    device_rate_hz
        Samples per second within the segments.
    notes
        What was done to the stamps, if anything.
    """

    acceleration_g: Samples
    rate_hz: float
    gaps_s: Floats
    device_rate_hz: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Samples start:stop; `times` tells when some were taken, and runs straight between `turns`.

    `index` counts periods, or is None for uneven samples.
    """

    start: int
    stop: int
    times: Callable[[slice | NDArray[np.int64]], Floats]
    index: NDArray[np.int32] | None
    turns: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many samples."""
        return self.stop - self.start

    @property
    def span_s(self) -> tuple[float, float]:
        """When the first and the last one were taken."""
        first_s, last_s = self.times(np.array([0, self.count - 1])).tolist()
        return first_s, last_s


def step_range(time_s: Floats) -> tuple[float, float]:
    """The smallest and the largest step from one stamp to the next; NaN where a stamp is."""

    def extremes(here: slice) -> tuple[float, float]:
        steps = np.diff(time_s[here.start : here.stop + 1])
        return float(steps.min()), float(steps.max())

    lows, highs = np.array(on_all_cores(extremes, parts_of(len(time_s) - 1, _PART))).T
    return float(lows.min()), float(highs.max())


def measure_period(time_s: Floats, rules: ReadingRules) -> float:
    """Seconds between samples, from stamps that may be rounded, bunched or torn by gaps.

    Parameters
    ----------
    time_s
        (n,) not decreasing, n >= 2.
    rules
        Steps longer than `gap_s` count as gaps, unless most steps are longer.
    """
    low, high = step_range(time_s)
    if low > 0 and high < ONE_STEP * low:  # all are single steps, and none is a gap
        return float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    step = np.diff(time_s)
    inside = step <= rules.gap_s
    high = float(step.max(where=inside, initial=0.0))
    even = low > 0 and high < ONE_STEP * low and ONE_STEP * high <= rules.gap_s
    if even and np.count_nonzero(inside) > rules.most_share * len(step):  # all are single steps, but for gaps
        return float(step.mean(where=inside))
    usual = float(np.median(step))
    inside = step <= max(rules.gap_s, ONE_STEP * usual)
    count = int(inside.sum())
    mean = float(step.mean(where=inside)) if count else usual
    if usual <= 0 or mean <= 0:
        return mean
    # A lost sample makes a step of two periods; such steps must not segment the period.
    single = (step > 0.5 * usual) & (step < ONE_STEP * usual) & inside
    return float(step.mean(where=single)) if single.sum() > rules.most_share * count else mean


def find_breaks(
    time_s: Floats, rules: ReadingRules, period_s: float | None = None
) -> tuple[float, NDArray[np.int64]]:
    """Seconds between samples (measured when None), and the (m,) first samples after a gap."""
    period_s = measure_period(time_s, rules) if period_s is None else period_s
    gap_s = max(rules.gap_s, rules.gap_periods * period_s)
    return period_s, np.flatnonzero(np.diff(time_s) > gap_s) + 1


def make_grid(
    time_s: Floats,
    acceleration_g: Samples,
    rules: ReadingRules,
    *,
    stamp_step_s: float = 0.0,
    breaks: tuple[float, NDArray[np.int64]] | None = None,
) -> Grid:
    """Put samples on a regular grid at the device's own rate, thinned when that is fast, up to the last sample.

    Parameters
    ----------
    time_s
        (n,) seconds, strictly increasing from 0, n >= 2.
    acceleration_g
        (3, n) float32, finite.
    stamp_step_s
        Resolution of the stamps where it is known to be coarse.
    breaks
        As from `find_breaks`, where that was asked before.
    """
    period_s, firsts = find_breaks(time_s, rules) if breaks is None else breaks
    bounds = np.concatenate([[0], firsts, [len(time_s)]])
    segments = [
        _settle(start, stop, time_s[start:stop], period_s, rules, stamp_step_s)
        for start, stop in pairwise(bounds.tolist())
    ]
    device_rate = _device_rate(segments, period_s)
    factor = max(1, round(device_rate / rules.grid_rate_hz)) if device_rate > rules.keep_rate_hz else 1
    rate = device_rate / factor
    acceleration = _fill(segments, acceleration_g, device_rate, factor, rules)
    return Grid(
        acceleration,
        rate,
        _gaps(segments, 1 / device_rate),
        device_rate,
        tuple(_describe(segments, rate, factor)),
    )


def _settle(
    start: int, stop: int, stamps: Floats, period_s: float, rules: ReadingRules, stamp_step_s: float
) -> _Stretch:
    """Decide whether the samples of one segment are even behind noisy stamps, or uneven under honest ones."""
    believed = _Stretch(start, stop, lambda here: stamps[here], None, np.zeros(1, dtype=np.int64))
    if len(stamps) < 3:
        return replace(believed, index=np.zeros(1, dtype=np.int32)) if len(stamps) == 1 else believed
    low, high = step_range(stamps)
    index = _index(stamps, period_s, low, high)
    block_s = max(rules.fit_block_s, rules.fit_block_steps * stamp_step_s)
    block = max(8, round(block_s / period_s))
    times, turns = _slow_fit(index, stamps, block)
    fitted, tolerance_s = _Stretch(start, stop, times, index, turns), rules.phase_tolerance * period_s
    # Two blocks, of up to 1.5 sizes each, bend by no more than their steps differ in all; half more at the ends.
    bend_s = 5 * block * (high - low)  # plain: 4.5
    if bend_s <= tolerance_s and index[-1] == len(index) - 1:
        return fitted
    if all(_apart(stamps[part], times(part)).max() <= tolerance_s for part in parts_of(len(stamps), _CHUNK)):
        return fitted
    residual = _apart(stamps, times(slice(None)))
    single = np.diff(stamps)[np.diff(index) == 1]
    noise = float(np.std(single)) if single.size else 0.0
    rounding = max(_rounding(single), stamp_step_s)
    bound = 1.001 * rounding + rules.phase_tolerance * period_s  # plain: but for the last digit
    rounded = np.quantile(residual, rules.rounded_share) <= bound
    jittery = float(np.sqrt(np.mean(residual**2))) <= noise
    return fitted if rounded or jittery else believed


def _apart(first: Floats, second: Floats | NDArray[np.int64]) -> Floats:
    apart = first - second
    return np.abs(apart, out=apart)


def _index(stamps: Floats, period_s: float, low: float, high: float) -> NDArray[np.int32]:
    """(n,) how many periods after the first stamp each one is; `low` and `high` are the extremes of their steps."""
    if 0.5 * period_s < low and high < ONE_STEP * period_s:
        return np.arange(len(stamps), dtype=np.int32)
    index = np.zeros(len(stamps), dtype=np.int32)
    np.cumsum(_periods(np.diff(stamps), period_s), out=index[1:])
    return index


def _periods(step: Floats, period_s: float) -> NDArray[np.int32]:
    """(n - 1,) how many periods each step spans: 1, or more where samples were lost.

    A long step with short ones after it is a late stamp, not a loss: what the short steps give back is taken
    off.
    """
    share = step / period_s
    count = np.maximum(np.rint(share, out=share), 1, out=share).astype(np.int32)
    late = np.flatnonzero(count > 1)
    for ahead in (1, 2, 3):
        near = late[late + ahead < len(step)]
        total = sum(step[near + shift] for shift in range(ahead + 1))
        owed = np.maximum(np.rint(total / period_s).astype(np.int32) - ahead, 1)
        count[near] = np.minimum(count[near], owed)
    return count


def _slow_fit(
    index: NDArray[np.int32], stamps: Floats, block: int
) -> tuple[Callable[[slice | NDArray[np.int64]], Floats], NDArray[np.int64]]:
    """Times that follow the stamps only slowly: straight lines between the means of blocks, and where these turn."""
    count = len(stamps) // block
    if count < 2:
        centre = index - index.mean()
        middle = stamps.mean()
        slope = float(centre @ (stamps - middle) / (centre @ centre))
        line = middle + slope * centre
        return lambda here: line[here], np.array([0, len(index) - 1])
    edges = (np.arange(count) * len(stamps)) // count
    sizes = np.diff(np.append(edges, len(stamps)))
    x = edges + (sizes - 1) / 2
    if index[-1] != len(index) - 1:
        x = np.add.reduceat(index, edges, dtype=np.float64) / sizes
    y = np.add.reduceat(stamps, edges) / sizes

    def times(here: slice | NDArray[np.int64]) -> Floats:
        places = index[here]
        fitted = np.interp(places, x, y)
        head, tail = places < x[0], places > x[-1]
        fitted[head] = y[0] + (places[head] - x[0]) * (y[1] - y[0]) / (x[1] - x[0])
        fitted[tail] = y[-1] + (places[tail] - x[-1]) * (y[-1] - y[-2]) / (x[-1] - x[-2])
        return fitted

    middles = edges + (sizes - 1) // 2
    return times, np.concatenate([[0], middles, middles + 1, [len(index) - 1]])


def _rounding(step: Floats) -> float:
    """Resolution of the stamps: the least difference between distinct steps; 0 where all are equal."""
    distinct = np.unique(np.round(step[: 10 * _CHUNK], 7))  # plain: a size
    return float(np.diff(distinct).min()) if len(distinct) > 1 else 0.0


def _device_rate(segments: list[_Stretch], period_s: float) -> float:
    """Periods passed per second, over all segments."""
    seconds = sum(last_s - first_s for first_s, last_s in (each.span_s for each in segments))
    periods = sum(int(each.index[-1]) if each.index is not None else each.count - 1 for each in segments)
    rate = periods / seconds if periods and seconds > 0 else 1 / period_s
    return float(f"{rate:.10g}")  # what lies below is the rounding of sums


def _gaps(segments: list[_Stretch], period_s: float) -> Floats:
    """(k, 2): from one period after a last sample to the next one; kept and missing make the whole."""
    spans_s = np.array([each.span_s for each in segments])
    return np.stack([spans_s[:-1, 1] + period_s, spans_s[1:, 0]], axis=1)


def _fill(
    segments: list[_Stretch], samples: Samples, device_rate: float, factor: int, rules: ReadingRules
) -> Samples:
    """(3, m) the grid of the whole recording."""
    origin = segments[0].span_s[0]
    if len(segments) == 1 and factor == 1 and _grid_point(segments[0], origin, device_rate, rules) == 0:
        return samples
    rate = device_rate / factor
    count = int(np.floor((segments[-1].span_s[1] - origin) * rate + 0.5)) + 1
    grid = np.empty((3, count), dtype=np.float32)
    filled = 0
    for segment in segments:
        first_s, last_s = segment.span_s
        begin = max(filled, int(np.ceil((first_s - origin) * rate - 0.5)))
        end = min(count, int(np.floor((last_s - origin) * rate + 0.5)) + 1)
        if end <= begin:
            continue
        grid[:, filled:begin] = np.nan
        part = samples[:, segment.start : segment.stop]
        point = _grid_point(segment, origin, rate, rules) if factor == 1 else None
        if point is not None and point <= begin and end <= point + part.shape[1]:
            axes = zip(grid[:, begin:end], part[:, begin - point : end - point], strict=True)
            if end - begin < _PART:  # a thread would take longer to begin
                grid[:, begin:end] = part[:, begin - point : end - point]
            else:
                on_all_cores(lambda axis: np.copyto(*axis), axes)
        elif factor == 1:
            grid[:, begin:end] = _at(part, segment, origin, rate, begin, end, rules)
        else:
            fine = _at(part, segment, origin, device_rate, begin * factor, (end - 1) * factor + 1, rules)
            grid[:, begin:end] = _thin(fine, factor, rules)
        filled = end
    grid[:, filled:] = np.nan
    return grid


def _grid_point(segment: _Stretch, origin: float, rate: float, rules: ReadingRules) -> int | None:
    """Where on the grid the first sample lies, if all lie on grid points and none was lost; None else."""
    if segment.index is None or segment.index[-1] != segment.count - 1:
        return None
    point = round((segment.span_s[0] - origin) * rate)
    place = (segment.times(segment.turns) - origin) * rate - point
    return point if _apart(place, segment.turns).max() <= rules.phase_tolerance else None


def _at(
    samples: Samples,
    segment: _Stretch,
    origin: float,
    rate: float,
    begin: int,
    end: int,
    rules: ReadingRules,
) -> Samples:
    """(3, end - begin) the samples of one segment at grid points begin to end."""
    index, times = segment.index, segment.times(slice(None)) - origin
    if index is not None and index[-1] != len(times) - 1:
        # Fill the few lost samples, so that one sample follows the other evenly.
        every = np.arange(index[-1] + 1)
        samples = np.stack([np.interp(every, index, axis) for axis in samples]).astype(np.float32)
        times = np.interp(every, index, times)
    if samples.shape[1] == 1:
        return np.repeat(samples, end - begin, axis=1)
    filled = np.empty((3, end - begin), dtype=np.float32)
    for here in parts_of(end - begin, _CHUNK):
        wanted = np.arange(begin + here.start, begin + here.stop) / rate
        if index is None:
            filled[:, here] = _cubic(samples, times, wanted)
        else:
            filled[:, here] = _even(
                samples, np.interp(wanted, times, np.arange(len(times))), rules.phase_tolerance
            )
    return filled


def _even(samples: Samples, place: Floats, tolerance: float) -> Samples:
    """Even samples at fractional places: the polynomial through the six nearest, exact on samples."""
    last = samples.shape[1] - 1
    nearest = np.rint(place).astype(np.int64)
    place = np.where(np.abs(place - nearest) <= tolerance, nearest, place)
    base = np.clip(np.floor(place).astype(np.int64), 0, max(last - 1, 0))
    share = place - base
    if not share.any():
        return samples[:, base]
    nodes = range(1 - _TAPS // 2, 1 + _TAPS // 2)
    apart = {node: share - node for node in nodes}
    result = np.zeros((3, len(place)))
    for node in nodes:
        weight = reduce(np.multiply, (apart[other] / (node - other) for other in nodes if other != node))
        result += weight * samples.take(base + node, axis=1, mode="clip")
    return result.astype(np.float32)


def _cubic(samples: Samples, times: Floats, wanted: Floats) -> Samples:
    """Unevenly spaced samples at other times, by cubic Hermite pieces with the slopes of the neighbours."""
    last = len(times) - 1
    base = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, last - 1)
    before, after = np.maximum(base - 1, 0), np.minimum(base + 2, last)
    width = times[base + 1] - times[base]
    u = np.clip((wanted - times[base]) / width, 0.0, 1.0)
    left, right = samples[:, base].astype(np.float64), samples[:, base + 1].astype(np.float64)
    slope_left = (right - samples[:, before]) * (width / (times[base + 1] - times[before]))
    slope_right = (samples[:, after] - left) * (width / (times[after] - times[base]))
    bend = (u**3 - 2 * u**2 + u) * slope_left + (u**3 - u**2) * slope_right
    return np.asarray(left + (3 * u**2 - 2 * u**3) * (right - left) + bend, dtype=np.float32)


def _thin(fine: Samples, factor: int, rules: ReadingRules) -> Samples:
    """Every factor-th sample after a symmetric low-pass that keeps what the slower grid can hold."""
    from sleepjerk.thinning import low_pass, thin  # here, because few sensors are so fast

    half = _THIN_TAPS * factor
    padded = np.pad(fine, ((0, 0), (half, half)), mode="edge")
    return thin(padded, low_pass(half, rules.thin_cutoff / factor, _KAISER), factor)


def _describe(segments: list[_Stretch], rate: float, factor: int) -> Iterator[str]:
    uneven = sum(each.index is None and each.count > 2 for each in segments)
    if uneven:
        yield f"time: uneven samples in {uneven} of {len(segments)} stretches, placed by their stamps"
    if factor > 1:
        yield f"rate: thinned {factor} to 1 after a low-pass, to {rate:.2f} Hz"
