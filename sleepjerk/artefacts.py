"""Samples that no arm can make: single spikes, and segments in which a sensor only repeats itself.

Knows samples. Must not know movements or sleep. A spike is replaced by its neighbours and counted; a frozen
segment becomes a gap, so that the step at its end bears no event. Neither is ever papered over: both are counted
in the night and in `check`.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats, Recording, Samples, Spans
from sleepjerk.rules import DamageRules
from sleepjerk.runtime import on_all_cores, parts_of
from sleepjerk.spans import Mask, find_runs, lengths, total

Indices = NDArray[np.int64]

_WINDOWS = 1 << 14  # looked at by one thread at once


def mend(recording: Recording, rules: DamageRules) -> Recording:
    """The recording without what no arm can make; the same samples when there is no damage.

    Where `damage.spikes` is known, the reader has taken them out. Frozen segments are among the gaps.
    """
    fs, step_g = recording.rate_hz, recording.device.step_g
    mended, spikes = recording.acceleration_g, recording.damage.spikes
    if spikes is None:
        mended, spikes = without_spikes(mended, fs, step_g, rules)
    frozen_s = find_frozen(recording.acceleration_g, fs, step_g, rules)
    damage = replace(recording.damage, spikes=spikes, frozen_s=round(total(frozen_s), 2))
    if mended is recording.acceleration_g and len(frozen_s) == 0:
        return recording if recording.damage == damage else replace(recording, damage=damage)
    gaps_s = recording.gaps_s
    if len(frozen_s):
        mended = mended.copy()
        for start_s, end_s in frozen_s:
            mended[:, round(start_s * fs) : round(end_s * fs)] = np.nan
        gaps_s = find_runs(~np.isfinite(mended[0])) / fs
    return replace(
        recording, acceleration_g=mended, gaps_s=np.asarray(gaps_s, dtype=np.float64), damage=damage
    )


def without_spikes(
    acceleration_g: Samples,
    fs: float,
    step_g: float | None,
    rules: DamageRules,
    breaks: Indices | None = None,
) -> tuple[Samples, int]:
    """Samples with straight lines in place of spikes, and how many spikes; the same array when there is none.

    Best asked of samples as the sensor gave them: a regular grid spreads a spike over six.
    """
    spikes = find_spikes(acceleration_g, fs, step_g, rules, breaks)
    if len(spikes) == 0:
        return acceleration_g, 0
    mended = acceleration_g.copy()
    for start, end in spikes:
        share = np.arange(1, end - start + 1) / (end - start + 1)
        before, after = acceleration_g[:, [start - 1]], acceleration_g[:, [end]]
        mended[:, start:end] = before * (1 - share) + after * share
    return mended, len(spikes)


def find_spikes(
    acceleration_g: Samples,
    fs: float,
    step_g: float | None,
    rules: DamageRules,
    breaks: Indices | None = None,
) -> Spans:
    """(k, 2) sample spans of at most some 20 ms that leave two neighbours on each side which agree with each other.

    A sensor's own low-pass and an arm's inertia spread every real movement over more. The span may hold a sample too
    many on each side. Where single samples lie further apart than that, nobody can tell.

    Parameters
    ----------
    step_g
        Quantisation step: rounding alone makes spikes of one and two. A coarse sensor is never judged; the 8-bit
        logger of the clinic nights holds most values for two samples, and then the odd one looks like a spike.
    breaks
        (m,) first samples after a gap, where gaps hold no samples: across one nothing is a neighbour.
    """
    width, count = round(rules.spike_s * fs), acceleration_g.shape[1]
    if (step_g is not None and step_g > rules.coarse_step_g) or width < 1 or count < width + 4:
        return np.empty((0, 2), dtype=np.int64)
    least_g = max(rules.spike_g, 0.0 if step_g is None else rules.spike_steps * step_g)
    begins = _windows_at_jumps(acceleration_g, width, least_g / (2 * width))
    if np.count_nonzero(begins) * width > count:  # at a thousand samples a second noise alone is a jump
        begins[2:] &= _as_wide(acceleration_g, width + 4, least_g / 3**0.5)[:-2]
    first = np.flatnonzero(begins)
    if breaks is not None:
        before, after = np.searchsorted(breaks, [first - 2, first + width + 1], side="right")
        first = first[before == after]
    # From neighbours on both sides a spike leads away to the same side: most jumps lead from one to the other.
    away = (1 - 2 * rules.spike_share - rules.spike_share**2) * least_g**2 / 2  # plain: half, for rounding

    def judge(here: slice) -> Indices:
        some = first[here]
        if away > 0:
            before, *each, after = (
                acceleration_g.take(some + place, axis=1) for place in range(-1, width + 1)
            )
            kept = [((one - before) * (one - after)).sum(axis=0) >= away for one in each]
            some = some[np.any(kept, axis=0)]
        around = acceleration_g[:, some[:, None] + np.array([-2, -1, width, width + 1])]
        middle = around.mean(axis=2)[:, :, None]
        within = acceleration_g[:, some[:, None] + np.arange(width)]
        leaves_g = np.linalg.norm(within - middle, axis=0).max(axis=1, initial=0.0)
        spread_g = np.linalg.norm(around - middle, axis=0).max(axis=1, initial=0.0)
        # Beside a gap the spread is NaN, which is never small.
        return np.asarray(some[(leaves_g >= least_g) & (spread_g <= rules.spike_share * leaves_g)])

    spikes = np.concatenate([first[:0], *on_all_cores(judge, parts_of(len(first), _WINDOWS))])
    wrong = np.zeros(count, dtype=bool)
    wrong[(spikes[:, None] + np.arange(width)).ravel()] = True
    return find_runs(wrong)


def _windows_at_jumps(acceleration_g: Samples, width: int, jump_g: float) -> Mask:
    """(n,) bool: a window that begins here begins with a jump or holds one, with two neighbours on each side."""
    count = acceleration_g.shape[1]
    jumped = np.zeros(count, dtype=bool)
    for here in parts_of(count - 1, _WINDOWS):
        steps_g = np.diff(acceleration_g[:, here.start : here.stop + 1])
        jumped[here.start + 1 : here.stop + 1] = (np.abs(steps_g, out=steps_g) > jump_g).any(axis=0)
    begins, reach = jumped.copy(), 1
    while reach < width:  # each time about twice as far into the window
        step = min(reach, width - reach)
        begins[:-step] |= begins[step:]
        reach += step
    begins[:2] = begins[count - width - 1 :] = False
    return begins


def _as_wide(acceleration_g: Samples, size: int, least_g: float) -> Mask:
    """(n,) bool: the values of some axis in the window of so many samples that begins here are as far apart."""
    from scipy import ndimage  # here, because most files need no more than the jumps

    place = -(size // 2)  # a filter's window begins with its sample
    wide = np.zeros(acceleration_g.shape[1], dtype=bool)

    def fill(here: slice) -> None:
        part = acceleration_g[:, here.start : here.stop + size - 1]
        apart = ndimage.maximum_filter1d(part, size, origin=place)
        apart -= ndimage.minimum_filter1d(part, size, origin=place)
        wide[here] = np.any(apart >= least_g, axis=0)[: here.stop - here.start]

    on_all_cores(fill, parts_of(len(wide), _WINDOWS))
    return wide


def find_frozen(acceleration_g: Samples, fs: float, step_g: float | None, rules: DamageRules) -> Floats:
    """(k, 2) spans in seconds in which no axis changes at all, though the sensor's noise must move it.

    Parameters
    ----------
    step_g
        Quantisation step; a still wrist really is constant on a coarse sensor, which is therefore never judged.
    """
    if step_g is not None and step_g > rules.coarse_step_g:
        return np.empty((0, 2))
    runs = find_runs((acceleration_g[:, 1:] == acceleration_g[:, :-1]).all(axis=0))
    spans_s = np.stack((runs[:, 0], runs[:, 1] + 1), axis=1) / fs
    return np.asarray(spans_s[lengths(spans_s) >= rules.frozen_s], dtype=np.float64)
