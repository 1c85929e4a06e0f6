"""What strong, lasting movement is like from second to second: how strong, how quick, how regular, which way it lies.

Knows samples. Must not know who moves so: `ambulation` and `shaking` ask that of what is measured here. Everything is a
sum over the axes, so it doesn't matter how the sensor sits on the arm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sleepjerk.detection.curves import angle_between
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import RhythmRules
from sleepjerk.runtime import on_all_cores, parts_of

Mask = NDArray[np.bool_]

_SECONDS, _SPECTRA = 1 << 9, 1 << 6  # looked at together
_STANDARD_GRAVITY = 9.80665  # plain: m/s2 in one g, by definition


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What each of n whole seconds of a recording holds, each field (n,) but the first and the last.

    Attributes
    ----------
    second_s
        How long a second is: a whole, even number of samples, s.
    moved_g
        RMS of the acceleration about its mean, g; NaN beside gaps.
    step_share
        Share of the power of 4 s around that lies where steps and swinging arms do.
    shake_share
        Share of the power, without what swings more slowly than steps, that lies where a convulsion shakes.
    swing_m
        RMS displacement of the wrist by what shakes so, m.
    repeats
        Highest autocorrelation at the lags of a stride or a step.
    turn_deg
        How far the arm's direction, without what shakes it, turns in a second.
    seconds_g
        (3, n, m) their samples.

    What takes a spectrum is 0 where the second, or one beside it, is too calm to be asked.
    """

    second_s: float
    moved_g: Floats
    step_share: Floats
    shake_share: Floats
    swing_m: Floats
    repeats: Floats
    turn_deg: Floats
    seconds_g: Samples

    def active(self, rules: RhythmRules) -> Mask:
        """(n,) bool: something moves."""
        return np.asarray(self.moved_g >= rules.active_g)

    def direction_g(self, start: int, end: int) -> Floats:
        """(3, end - start) which way the arm lies in some of the seconds."""
        return np.asarray(self.seconds_g[:, start:end].mean(axis=2, dtype=np.float64))


def measure_rhythm(acceleration_g: Samples, fs: float, rules: RhythmRules) -> Rhythm:
    """Describe each second.

    Parameters
    ----------
    acceleration_g
        (3, n), g, NaN in gaps.
    """
    size = 2 * round(fs / 2)
    count = acceleration_g.shape[1] // size
    seconds = acceleration_g[:, : count * size].reshape(3, count, size)
    moved_g = np.empty(count)

    def look(here: slice) -> None:
        part = seconds[:, here]
        power = np.einsum("ijk,ijk->j", part, part) / size - np.sum(part.mean(axis=2) ** 2, axis=0)
        moved_g[here] = np.sqrt(np.maximum(power, 0.0))

    on_all_cores(look, parts_of(count, _SECONDS))
    asked = moved_g >= rules.asked_g
    asked[1:-1] &= asked[:-2] & asked[2:]
    asked[:1] = asked[-1:] = False
    rows = np.flatnonzero(asked)
    found = np.zeros((5, count))  # plain: what `_spectra` tells

    def fill(here: slice) -> None:
        found[:, rows[here]] = _spectra(acceleration_g, rows[here] * size + size // 2, fs, rules)

    on_all_cores(fill, parts_of(len(rows), _SPECTRA))
    walked, shaken, swing_m, repeats, turn_deg = found
    return Rhythm(size / fs, moved_g, walked, shaken, swing_m, repeats, turn_deg, seconds)


def _spectra(acceleration_g: Samples, middles: NDArray[np.int64], fs: float, rules: RhythmRules) -> Floats:
    """(5, k) step share, shake share, swing, repetition and turn in the window around each of k samples."""
    size = round(rules.window_s * fs)
    index = np.clip(middles[:, None] + np.arange(size) - size // 2, 0, acceleration_g.shape[1] - 1)
    samples = acceleration_g[:, index].astype(np.float64)
    weight = np.hanning(size + 2)[1:-1]
    turned = _turn(samples, round(fs))
    samples -= samples @ (weight / weight.sum())[:, None]
    spectrum = fft.rfft(samples * weight, 2 * size, axis=2)
    power = np.sum(spectrum.real**2 + spectrum.imag**2, axis=0) / (size * np.sum(weight**2))
    frequency_hz = fft.rfftfreq(2 * size, 1 / fs)

    def between(low_hz: float, high_hz: float) -> Floats:
        chosen = (frequency_hz >= low_hz) & (frequency_hz <= high_hz)
        return np.where(chosen, power, 0.0)

    walked = between(rules.step_low_hz, rules.step_high_hz).sum(axis=1)
    whole = between(rules.step_low_hz, rules.top_hz)
    shaken = between(rules.shake_low_hz, rules.shake_high_hz)
    quick = between(rules.quick_hz, rules.top_hz).sum(axis=1)
    metres = _STANDARD_GRAVITY / (2 * np.pi * np.maximum(frequency_hz, rules.shake_low_hz)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (
            walked / whole.sum(axis=1),
            shaken.sum(axis=1) / quick,
            np.sqrt(shaken @ metres**2),
            _repetition(whole, weight, fs, rules),
            turned,
        )
    return np.asarray(np.nan_to_num(np.stack(found)), dtype=np.float64)


def _repetition(power: Floats, weight: Floats, fs: float, rules: RhythmRules) -> Floats:
    """(k,) the highest autocorrelation of some power spectra at the lags of steps, the window's own taken out."""
    size = 2 * len(weight)
    first, last = round(rules.lag_low_s * fs), round(rules.lag_high_s * fs)
    window = fft.irfft(np.abs(fft.rfft(weight, size)) ** 2)
    alike = fft.irfft(power, size, axis=1)
    alike = alike[:, first : last + 1] / alike[:, :1] / (window[first : last + 1] / window[0])
    return np.asarray(alike.max(axis=1), dtype=np.float64)


def _turn(samples: Floats, second: int) -> Floats:
    """(k,) angle between the directions half a second before and after the middle of (3, k, m) samples, 2 s each."""
    weight = np.hanning(2 * second + 2)[1:-1]
    first = (samples.shape[2] - 3 * second) // 2
    before, after = (samples[:, :, begin : begin + 2 * second] @ weight for begin in (first, first + second))
    return angle_between(before, after)
