"""Waves of short jerks by family, to be planted into real nights.

Knows time courses alone: no limb model, nothing of the simulator or of other makers. Must not know the detector.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Floats = NDArray[np.float64]

RATE_HZ = 100.0
LENGTH_S, BEGIN_S = 1.6, 0.2
Course = Callable[[np.random.Generator, Floats], Floats]


def half_sine(rng: np.random.Generator, time_s: Floats) -> Floats:
    """One push of 60-180 ms."""
    length_s = rng.uniform(0.06, 0.18)
    return np.where((time_s >= 0) & (time_s <= length_s), np.sin(np.pi * time_s / length_s), 0.0)


def _damped(rng: np.random.Generator, time_s: Floats, low_hz: float, high_hz: float, cycles: float) -> Floats:
    hz = rng.uniform(low_hz, high_hz)
    fades_s = cycles / hz * rng.uniform(0.7, 1.3)
    late_s = np.maximum(time_s, 0.0)
    return np.asarray(
        (1 - np.exp(-late_s / 0.015)) * np.exp(-late_s / fades_s) * np.sin(2 * np.pi * hz * late_s)
    )


def damped_3hz(rng: np.random.Generator, time_s: Floats) -> Floats:
    """A relaxed arm that is struck and swings out slowly."""
    return _damped(rng, time_s, 2.5, 3.5, 0.5)


def damped_6hz(rng: np.random.Generator, time_s: Floats) -> Floats:
    """The same with a stiffer arm."""
    return _damped(rng, time_s, 5.0, 7.0, 0.6)


def flick(rng: np.random.Generator, time_s: Floats) -> Floats:
    """Quickly away, slowly back: the second push is weaker and longer, and cancels the velocity of the first."""
    away_s, back_s = rng.uniform(0.04, 0.09), rng.uniform(0.12, 0.3)
    first = np.where((time_s >= 0) & (time_s <= away_s), np.sin(np.pi * time_s / away_s), 0.0)
    later_s = time_s - away_s
    second = np.where((later_s >= 0) & (later_s <= back_s), np.sin(np.pi * later_s / back_s), 0.0)
    return np.asarray(first - second * away_s / back_s)


FAMILIES: dict[str, Course] = {
    "half_sine": half_sine,
    "damped_3hz": damped_3hz,
    "damped_6hz": damped_6hz,
    "flick": flick,
}


def pulse(rng: np.random.Generator, family: str, peak_g: float) -> tuple[Floats, float, float]:
    """(m, 3) a wave at `RATE_HZ` whose norm reaches a peak of 2-20 Hz acceleration, g, and its begin and end, s.

    It goes along one direction, and a little later and weaker along another across it.
    """
    time_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ - BEGIN_S - rng.uniform(0, 1 / RATE_HZ)
    course, state = FAMILIES[family], rng.bit_generator.state
    along = course(rng, time_s)
    rng.bit_generator.state = state  # the same wave once more
    across = course(rng, time_s - rng.uniform(0.005, 0.03))
    basis = np.linalg.qr(rng.normal(size=(3, 2)))[0]
    wave = along[:, None] * basis[:, 0] + rng.uniform(0.1, 0.6) * across[:, None] * basis[:, 1]
    wave *= peak_g / band_peak(wave)
    strength = np.linalg.norm(wave, axis=1)
    loud = np.flatnonzero(strength >= 0.15 * strength.max())
    return wave, float(loud[0]) / RATE_HZ, float(loud[-1] + 1) / RATE_HZ


def band_peak(wave: Floats) -> float:
    """The peak of the norm of (m, 3) samples, 2-20 Hz."""
    band = signal.butter(2, (2.0, 20.0), btype="bandpass", fs=RATE_HZ, output="sos")
    room = np.zeros((round(RATE_HZ), 3))
    filtered = signal.sosfiltfilt(band, np.concatenate((room, wave, room)), axis=0)
    return float(np.linalg.norm(filtered, axis=1).max())
