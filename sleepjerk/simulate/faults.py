"""What goes wrong between a chip and its file, drawn from a seed. Knows samples and stamps, no limbs, no nights.

A fault is either in the samples (a wrong rate, a changed gain, a plateau, a glitch, a gap: a recording in memory
has them all) or in the stamps alone (jitter, a repeated or backward stamp: only a file has those).

Conventions
-----------
Every time here is recorded time: seconds since the first sample by the device's own clock, which calls its
samples 1/fs apart. A device that is `rate_error` too fast makes 1 + rate_error recorded seconds of a true one.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.simulate.plan import Span
from sleepjerk.simulate.sensor import Counts, Samples, Sensor
from sleepjerk.simulate.streams import stream

# Last row of 7.2 of the science notes, unless marked as our choice.
RATE_ERROR = 0.02
JITTER_S = (0.001, 0.005)
GAPS = (20, 60)
GAP_S = (0.05, 5.0)
LONG_GAP_S = (30.0, 120.0)
GAIN = 0.7
GAIN_AT_SHARE = (0.4, 0.6)  # our choice: what "mid-night" means
PLATEAUS = (1, 3)  # our choice
PLATEAU_S = (120.0, 600.0)  # our choice
GLITCHES = (5, 20)  # our choice: single samples at full scale
NARROW_G = 2.0  # 3.3: clips large jerks
REPEATED = (5, 20)  # our choice: rows that carry the stamp of the row before
BACKWARD = (1, 3)  # our choice
BACKWARD_S = 2.0  # our choice: how far such a stamp jumps back
NIGHT_S = 7.5 * 3600  # the night for which the numbers are told; a shorter recording has fewer of each
LONGEST_SHARE = 0.05  # our choice: no gap or plateau is longer than this share of the recording
APART_S = 1.0  # our choice: between two gaps or plateaus

# Order of the interpolation: 0.02 % of the strength lost at 20 Hz between samples of 100 Hz.
_SPLINE: Literal[5] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with one recording; as it stands, nothing.

    Attributes
    ----------
    rate_error
        The device takes fs * (1 + rate_error) samples in a true second and stamps them as fs.
    gain, gain_from_s
        From there on readings, gravity included, are that share of the truth; None for never.
    range_g
        Full scale set narrower than the chip's own; None leaves it.
    gaps_s
        Segments without samples.
    plateaus_s
        The logger sleeps and repeats its last reading.
    glitches_s
        Single samples at full scale.
    jitter_s
        How late stamps are, mean and SD of an exponential, in the file only: a host that is busy. They stay in
        order.
    repeated_s, backward_s
        Rows, in the file only, with the stamp of the row before, or with one `BACKWARD_S` too early.
    """

    rate_error: float = 0.0
    gain: float = 1.0
    gain_from_s: float | None = None
    range_g: float | None = None
    gaps_s: tuple[Span, ...] = ()
    plateaus_s: tuple[Span, ...] = ()
    glitches_s: tuple[float, ...] = ()
    jitter_s: float = 0.0
    repeated_s: tuple[float, ...] = ()
    backward_s: tuple[float, ...] = ()


NO_FAULTS = Faults()


def draw_faults(duration_s: float, seed: int) -> Faults:
    """All faults at once, each within its bounds.

    Parameters
    ----------
    duration_s
        True length of the recording.
    seed
        The same seed and length give the same faults.
    """
    rng = stream(seed, "faults")
    rate_error = float(rng.uniform(-RATE_ERROR, RATE_ERROR))
    recorded_s = duration_s * (1 + rate_error)
    longest_s = LONGEST_SHARE * recorded_s
    plateaus_s = np.minimum(rng.uniform(*PLATEAU_S, _number(rng, PLATEAUS, duration_s)), longest_s)
    gaps_s = np.minimum(rng.uniform(*GAP_S, _number(rng, GAPS, duration_s)), longest_s)
    long_gap_s = min(float(rng.uniform(*LONG_GAP_S)), longest_s)
    spans = _scatter(rng, recorded_s, np.concatenate([plateaus_s, gaps_s, [long_gap_s]]))
    return Faults(
        rate_error=rate_error,
        gain=GAIN,
        gain_from_s=float(rng.uniform(*GAIN_AT_SHARE)) * recorded_s,
        range_g=NARROW_G,
        gaps_s=tuple(sorted(spans[len(plateaus_s) :])),
        plateaus_s=tuple(sorted(spans[: len(plateaus_s)])),
        glitches_s=_moments(rng, _number(rng, GLITCHES, duration_s), recorded_s),
        jitter_s=float(rng.uniform(*JITTER_S)),
        repeated_s=_moments(rng, _number(rng, REPEATED, duration_s), recorded_s),
        backward_s=_moments(rng, _number(rng, BACKWARD, duration_s), recorded_s),
    )


def _number(rng: np.random.Generator, bounds: tuple[int, int], duration_s: float) -> int:
    """How many in this recording: a whole night's number, its share for a shorter one, at least one."""
    share = min(duration_s / NIGHT_S, 1.0)
    return max(1, round(share * int(rng.integers(bounds[0], bounds[1] + 1))))


def _scatter(rng: np.random.Generator, whole_s: float, lengths_s: NDArray[np.float64]) -> list[Span]:
    """Spans of these lengths, anywhere and never nearer than `APART_S`; in the order of the lengths."""
    order = rng.permutation(len(lengths_s))
    room_s = lengths_s[order] + APART_S
    free_s = whole_s - room_s.sum() - APART_S
    starts_s = np.sort(rng.uniform(0, free_s, len(order))) + np.cumsum(room_s) - room_s + APART_S
    spans: list[Span] = [(0.0, 0.0)] * len(order)
    for place, start_s in zip(order.tolist(), starts_s.tolist(), strict=True):
        spans[place] = (start_s, start_s + float(lengths_s[place]))
    return spans


def _moments(rng: np.random.Generator, number: int, whole_s: float) -> tuple[float, ...]:
    """Moments anywhere but in the first and the last hundredth of the recording."""
    return tuple(np.sort(rng.uniform(0.01 * whole_s, 0.99 * whole_s, number)).tolist())


def narrowed(sensor: Sensor, faults: Faults) -> Sensor:
    """The chip at the full scale it was set to by mistake; its step stays, so each halving costs one bit."""
    if faults.range_g is None or faults.range_g >= sensor.range_g:
        return sensor
    halvings = round(np.log2(sensor.range_g / faults.range_g))
    return replace(sensor, range_g=sensor.range_g / 2**halvings, bits=sensor.bits - halvings)


def taken_by_device(true_g: Samples, fs: float, faults: Faults) -> Samples:
    """What reaches the converter: the truth at the device's own moments, times its gain.

    Parameters
    ----------
    true_g
        (3, n) at exactly `fs` true samples per second; may be changed.

    Returns
    -------
    ndarray
        (3, m), m = n * (1 + rate_error) rounded.
    """
    if faults.rate_error:
        places = np.arange(round(true_g.shape[1] * (1 + faults.rate_error))) / (1 + faults.rate_error)
        taken = np.empty((3, len(places)), dtype=np.float32)
        for axis in range(3):
            taken[axis] = ndimage.map_coordinates(true_g[axis], places[None], order=_SPLINE, mode="nearest")
        true_g = taken
    if faults.gain_from_s is not None:
        true_g[:, round(faults.gain_from_s * fs) :] *= np.float32(faults.gain)
    return true_g


def add_plateaus_and_glitches(counts: Counts, fs: float, sensor: Sensor, faults: Faults, seed: int) -> None:
    """Repeat a reading, or replace one by full scale, in place.

    Parameters
    ----------
    counts
        (3, n) int16 steps.
    """
    count = counts.shape[1]
    for start_s, end_s in faults.plateaus_s:
        first, after = (min(round(time_s * fs), count - 1) for time_s in (start_s, end_s))
        counts[:, first:after] = counts[:, first, None]
    rng = stream(seed, "glitches")
    limit = 2 ** (sensor.bits - 1)
    for time_s in faults.glitches_s:
        axis, value = int(rng.integers(3)), int(rng.choice([-limit, limit - 1]))
        counts[axis, min(round(time_s * fs), count - 1)] = value


def stamps_us(index: NDArray[np.int64], fs: float, faults: Faults, seed: int) -> NDArray[np.int64]:
    """The stamps of a file.

    Parameters
    ----------
    index
        (m,) places of the samples on the device's grid, ascending.

    Returns
    -------
    ndarray
        (m,) integer microseconds, the first 0: strictly increasing but for the repeated and backward ones.
    """
    clock = np.rint(index * (1e6 / fs)).astype(np.int64)
    stamps: NDArray[np.int64] = clock
    if faults.jitter_s:
        late = stream(seed, "jitter").exponential(1e6 * faults.jitter_s, len(clock))
        late[0] = 0.0
        # No stamp overtakes another: whoever would comes 1 us after the one before.
        order = np.arange(len(clock))
        stamps = np.maximum.accumulate(clock + np.rint(late).astype(np.int64) - order) + order
    rows = {
        name: np.clip(np.searchsorted(index, np.rint(np.array(times_s) * fs)), 1, len(index) - 1)
        for name, times_s in (("repeated", faults.repeated_s), ("backward", faults.backward_s))
    }
    faulty = stamps.copy()
    faulty[rows["repeated"]] = stamps[rows["repeated"] - 1]
    faulty[rows["backward"]] = np.maximum(stamps[rows["backward"]] - round(1e6 * BACKWARD_S), 0)
    return faulty


def lost_to(
    spans: tuple[Span, ...], onset_s: NDArray[np.float64], offset_s: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(k,) bool: does any part of an event lie in one of the spans?"""
    lost = np.zeros(len(onset_s), dtype=bool)
    for start_s, end_s in spans:
        lost |= (onset_s < end_s) & (offset_s > start_s)
    return lost
