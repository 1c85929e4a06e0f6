"""Samples that no arm can make: single spikes, and stretches in which a sensor only repeats itself.

Knows samples. Must not know movements or sleep. A spike is replaced by its neighbours and counted; a frozen
stretch becomes a gap, so that the step at its end bears no event. Neither is ever papered over: both are counted
in the night and in `check`.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.movement import find_runs
from sleepjerk.recording import Floats, Recording, Samples
from sleepjerk.rules import DamageRules

Indices = NDArray[np.int64]


def mend(recording: Recording, rules: DamageRules) -> Recording:
    """The recording without what no arm can make; the same object when there is no damage.

    `facts.spikes` and `facts.frozen_s` tell what was found; frozen stretches are among the gaps.
    """
    acceleration_g, fs = recording.acceleration_g, recording.rate_hz
    spikes = find_spikes(acceleration_g, recording.facts.step_g, rules)
    frozen_s = find_frozen(acceleration_g, fs, recording.facts.step_g, rules)
    if len(spikes) == 0 and len(frozen_s) == 0:
        return recording
    mended = acceleration_g.copy()
    mended[:, spikes] = (mended[:, spikes - 1] + mended[:, spikes + 1]) / 2
    for start_s, end_s in frozen_s:
        mended[:, round(start_s * fs) : round(end_s * fs)] = np.nan
    gaps_s = recording.gaps_s
    if len(frozen_s):
        gaps_s = find_runs(~np.isfinite(mended[0])) / fs
    length_s = float(np.sum(frozen_s[:, 1] - frozen_s[:, 0]))
    facts = replace(recording.facts, spikes=len(spikes), frozen_s=length_s)
    return replace(recording, acceleration_g=mended, gaps_s=np.asarray(gaps_s, dtype=np.float64), facts=facts)


def find_spikes(acceleration_g: Samples, step_g: float | None, rules: DamageRules) -> Indices:
    """(k,) samples that leave two neighbours on each side which agree with each other.

    A sensor's own low-pass and an arm's inertia spread every real movement over several samples of 50 Hz and more.

    Parameters
    ----------
    step_g
        Quantisation step: rounding alone makes spikes of one and two. A coarse sensor is never judged; the 8-bit
        logger of the clinic nights holds most values for two samples, and then the odd one looks like a spike.
    """
    if step_g is not None and step_g > rules.coarse_step_g:
        return np.empty(0, dtype=np.int64)
    least_g = max(rules.spike_g, 0.0 if step_g is None else rules.spike_steps * step_g)
    count = acceleration_g.shape[1]
    jump = np.zeros(max(count - 1, 0), dtype=bool)
    for axis in acceleration_g:
        jump |= np.abs(np.diff(axis)) > least_g / 2
    at = np.flatnonzero(jump) + 1
    at = at[(at >= 2) & (at < count - 2)]
    around = acceleration_g[:, at[:, None] + np.array([-2, -1, 1, 2])]
    middle = around.mean(axis=2)
    leaves_g = np.linalg.norm(acceleration_g[:, at] - middle, axis=0)
    spread_g = np.linalg.norm(around - middle[:, :, None], axis=0).max(axis=1, initial=0.0)
    # Beside a gap the spread is NaN, which is never small.
    return np.asarray(at[(leaves_g >= least_g) & (spread_g <= rules.spike_share * leaves_g)], np.int64)


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
    return np.asarray(spans_s[spans_s[:, 1] - spans_s[:, 0] >= rules.frozen_s], dtype=np.float64)
