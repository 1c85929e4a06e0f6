"""Small signals with answers known by hand, for tests of single steps. Independent of `sleepjerk.simulate`."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

FS = 100.0


def still(seconds: float, *, fs: float = FS, noise_g: float = 0.002, seed: int = 1) -> NDArray[np.float32]:
    """A sensor that lies still, z up, with white noise on each axis: (3, n), g."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(0.0, noise_g, (3, round(seconds * fs)))
    signal[2] += 1.0
    return signal.astype(np.float32)


def jerk(
    at_s: float, peak_g: float, seconds: float, *, fs: float = FS, width_s: float = 0.2
) -> NDArray[np.float32]:
    """One jerk along x: a single cycle of 1/width Hz under a cosine window that ends exactly at 0: (3, n), g."""
    signal, part, time = _silence(seconds, fs, at_s - width_s / 2, at_s + width_s / 2)
    turns = np.pi * (time - at_s) / width_s
    wave = np.where(np.abs(time - at_s) <= width_s / 2, np.cos(turns) ** 2 * np.sin(2 * turns), 0.0)
    signal[0, part] = peak_g * wave / np.abs(wave).max()
    return signal


def shake(
    start_s: float, length_s: float, peak_g: float, seconds: float, *, fs: float = FS, hz: float = 3.0
) -> NDArray[np.float32]:
    """A tapered oscillation along x: (3, n), g."""
    signal, part, time = _silence(seconds, fs, start_s, start_s + length_s)
    taper = np.clip(np.minimum(time - start_s, start_s + length_s - time) / 0.2, 0, 1)
    signal[0, part] = peak_g * taper * np.sin(2 * np.pi * hz * (time - start_s))
    return signal


def _silence(
    seconds: float, fs: float, from_s: float, to_s: float
) -> tuple[NDArray[np.float32], slice, NDArray[np.float64]]:
    """Zeros (3, n), the samples from one moment to another, and their times, s."""
    count = round(seconds * fs)
    part = slice(max(int(from_s * fs), 0), min(int(to_s * fs) + 2, count))
    return np.zeros((3, count), np.float32), part, np.arange(part.start, part.stop) / fs


def turn(
    signal: NDArray[np.float32], at_s: float, degrees: float, *, fs: float = FS, over_s: float = 1.0
) -> NDArray[np.float32]:
    """The signal with the sensor turned about x from `at_s` on, smoothly within `over_s`."""
    time = np.arange(signal.shape[1]) / fs
    share = np.clip((time - at_s) / over_s, 0, 1)
    angle = np.radians(degrees) * (3 * share**2 - 2 * share**3)
    turned = signal.astype(np.float64).copy()
    turned[1] = np.cos(angle) * signal[1] - np.sin(angle) * signal[2]
    turned[2] = np.sin(angle) * signal[1] + np.cos(angle) * signal[2]
    return turned.astype(np.float32)


def restless(seconds: float, *, fs: float = FS, seed: int = 2) -> NDArray[np.float32]:
    """A person who is awake: the arm turns to a new random direction every few seconds."""
    rng = np.random.default_rng(seed)
    count = round(seconds * fs)
    knots = np.arange(0, seconds + 8, 4.0)
    turns = Rotation.random(len(knots), rng=rng).apply([0.0, 0.0, 1.0])
    path = np.stack([np.interp(np.arange(count) / fs, knots, turns[:, axis]) for axis in range(3)])
    path /= np.linalg.norm(path, axis=0)
    return (path + rng.normal(0.0, 0.01, path.shape)).astype(np.float32)


def rotated(signal: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The same motion seen by a sensor fixed to the wrist another way."""
    return (Rotation.random(rng=np.random.default_rng(seed)).as_matrix() @ signal).astype(np.float32)
