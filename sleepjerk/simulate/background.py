"""What a living body adds to a still wrist: breathing and the pulse wave. Knows no events and no sensor.

Conventions
-----------
`still_g` is (3, n) float32, the still reading at each sample; what is added is at right angles to it (a tilt)
or a small push.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from sleepjerk.simulate.physics import minimum_jerk
from sleepjerk.simulate.plan import Span
from sleepjerk.simulate.streams import stream

Samples = NDArray[np.float32]
Depths = Sequence[tuple[Span, float]]

# 7.2 of the science notes.
BREATH_HZ = (0.20, 0.33)
BREATH_G = (0.001, 0.010)
BREATH_LIFT_S = (5.0, 15.0)  # our choice: from so long before a movement until so long after it
RESUMED_DEPTH = 1.6  # our choice: the first breaths after a stop are deeper
RESUMED_S = 8.0  # our choice
BREATH_EDGE_S = 1.0  # our choice: how fast the depth changes
BREATH_WALK_S = 60.0  # our choice: how fast rate and depth wander
PULSE_HZ = 1.0
PULSE_SPREAD = 0.05
PULSE_G = (0.001, 0.005)
PULSE_RING_HZ = 6.0
PULSE_DECAY_S = 0.12
PULSE_SHARE = 0.25  # of the positions of a night

_SLOW_HZ = 10.0  # breathing is made at this rate and interpolated


def add_breathing(still_g: Samples, fs: float, seed: int, depths: Depths = ()) -> Samples:
    """(3, n) g: the chest tilts the arm by 1-10 mg, rate and depth wandering within the range of 7.2.

    Parameters
    ----------
    depths
        Spans and the factor of the depth there; 0 stops breathing. Spans of deeper breathing don't add up.
    """
    rng = stream(seed, "breathing")
    count = still_g.shape[1]
    slow = int(count / fs * _SLOW_HZ) + 2
    rate_hz = _between(_walk(rng, slow), *BREATH_HZ)
    depth_g = _between(_walk(rng, slow), *BREATH_G)
    wave = _depth(slow, depths) * depth_g * np.sin(2 * np.pi * np.cumsum(rate_hz) / _SLOW_HZ)
    fine = np.interp(np.arange(count) / fs, np.arange(slow) / _SLOW_HZ, wave).astype(np.float32)
    return _across(still_g, rng.normal(size=3)) * fine


def _depth(count: int, depths: Depths) -> NDArray[np.float64]:
    """(count,) factor of the depth at `_SLOW_HZ`: 1, softly deeper or shallower in each span."""
    deeper, shallower = np.ones(count), np.ones(count)
    for (start_s, end_s), factor in depths:
        first, after = max(math.ceil(start_s * _SLOW_HZ), 0), min(math.ceil(end_s * _SLOW_HZ), count)
        time_s = np.arange(first, after) / _SLOW_HZ
        edge_s = np.minimum(time_s - start_s, end_s - time_s)
        now = 1 + (factor - 1) * minimum_jerk(edge_s / BREATH_EDGE_S)
        deeper[first:after] = np.maximum(deeper[first:after], now)
        shallower[first:after] = np.minimum(shallower[first:after], now)
    return deeper * shallower


def _walk(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """(count,) slow random wander with SD 1 at `_SLOW_HZ`."""
    keep = np.exp(-1 / (BREATH_WALK_S * _SLOW_HZ))
    start = [rng.normal() * keep]
    steps = rng.normal(0.0, np.sqrt(1 - keep**2), count)
    return np.asarray(signal.lfilter([1.0], [1.0, -keep], steps, zi=start)[0])


def _between(walk: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """A wander with SD 1 squeezed between two bounds."""
    return np.asarray(low + (high - low) / (1 + np.exp(-1.5 * walk)))


def _across(still_g: Samples, direction: NDArray[np.float64]) -> Samples:
    """(3, n) unit vectors at right angles to the still reading, in a steady direction."""
    x, y, z = direction.astype(np.float32)
    # Written out, because a matrix product rounds differently from one processor to the next.
    along = x * still_g[0] + y * still_g[1] + z * still_g[2]
    across = direction.astype(np.float32)[:, None] - still_g * along
    length = np.sqrt(across[0] * across[0] + across[1] * across[1] + across[2] * across[2])
    return np.asarray(across / np.maximum(length, np.float32(0.05)))


def add_pulse(
    count: int, fs: float, positions: NDArray[np.int64], seed: int, without_s: tuple[Span, ...] = ()
) -> Samples:
    """(3, n) g: each heartbeat rings at 6 Hz for a moment, in a quarter of the positions.

    Parameters
    ----------
    positions
        (k,) first sample of each position of the arm, beginning with 0.
    without_s
        Spans without any pulse.
    """
    rng = stream(seed, "pulse")
    beats = int(count / fs * PULSE_HZ * 1.3) + 10
    at = np.cumsum(rng.normal(1 / PULSE_HZ, PULSE_SPREAD / PULSE_HZ, beats)) * fs
    sample = np.round(at[at < count - 1]).astype(np.int64)
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    strength_g = np.where(
        rng.random(len(positions)) < PULSE_SHARE, rng.uniform(*PULSE_G, len(positions)), 0.0
    )
    train = np.zeros(count)
    train[sample] = strength_g[np.searchsorted(positions, sample, side="right") - 1]
    for start_s, end_s in without_s:
        train[max(round(start_s * fs), 0) : round(end_s * fs)] = 0
    time = np.arange(round(5 * PULSE_DECAY_S * fs)) / fs
    kernel = np.exp(-time / PULSE_DECAY_S) * np.sin(2 * np.pi * PULSE_RING_HZ * time)
    wave = signal.oaconvolve(train, kernel / np.abs(kernel).max())[:count]
    return np.outer(direction, wave).astype(np.float32)
