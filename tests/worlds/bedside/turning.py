"""Turning in three dimensions, and the strength of a movement.

Everything is told in the frame of the wrist: x along the forearm towards the hand, z out of the back of the
wrist. A sensor at rest reads "up", one g away from the ground. When the wrist turns by a rotation vector, "up"
as the wrist sees it turns the other way.

The strength of a movement is the peak of the norm of its specific force in 2-20 Hz: gain
1 / (1 + ((f^2 - 2 x 20) / (18 f))^4), which is what a Butterworth band-pass of order 2 gives forwards and backwards.
"""

import numpy as np
import scipy.fft
from numpy.random import Generator
from numpy.typing import NDArray

GRAVITY_M_S2 = 9.80665
BODY_HZ = 100.0  # everything a body does is made at this rate, whatever rate the board records at
PAD_SAMPLES = 150
BAND_HZ = (2.0, 20.0)

Array = NDArray[np.float64]


def turned(up: Array, rotation_rad: Array) -> Array:
    """`up` (3) or (n, 3) as seen by a wrist that turned by `rotation_rad` (n, 3)."""
    angle = np.linalg.norm(rotation_rad, axis=1, keepdims=True)
    axis = rotation_rad / np.maximum(angle, 1e-12)
    along = np.sum(axis * up, axis=1, keepdims=True)
    cosine = np.cos(angle)
    turned_up: Array = up * cosine - np.cross(axis, up) * np.sin(angle) + axis * along * (1.0 - cosine)
    return turned_up


def any_direction(rng: Generator) -> Array:
    vector = rng.standard_normal(3)
    return vector / float(np.linalg.norm(vector))


def across(up: Array, rng: Generator) -> Array:
    """A unit vector at right angles to `up`: what a small tilt adds to it."""
    vector = np.cross(up, any_direction(rng))
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def any_rotation(rng: Generator) -> Array:
    """A rotation matrix, all orientations alike."""
    q, r = np.linalg.qr(rng.standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    if np.linalg.det(q) < 0:
        q[:, 0] = -q[:, 0]
    return q


def band_gain(frequency_hz: Array) -> Array:
    low_hz, high_hz = BAND_HZ
    known_hz = np.maximum(frequency_hz, 1e-6)
    gain: Array = 1.0 / (1.0 + ((known_hz**2 - low_hz * high_hz) / ((high_hz - low_hz) * known_hz)) ** 4)
    return gain


def band_peak_g(force_g: Array) -> float:
    """Peak of the norm of `force_g` (n, 3) in 2-20 Hz; it rests at its first and last value outside."""
    padded = np.pad(force_g, ((PAD_SAMPLES, PAD_SAMPLES), (0, 0)), mode="edge")
    padded = padded - np.linspace(padded[0], padded[-1], len(padded))
    length = scipy.fft.next_fast_len(len(padded), real=True)
    frequency_hz: Array = np.linspace(0.0, BODY_HZ / 2.0, length // 2 + 1)
    spectrum = scipy.fft.rfft(padded, length, axis=0) * band_gain(frequency_hz)[:, None]
    band = scipy.fft.irfft(spectrum, length, axis=0)[PAD_SAMPLES : PAD_SAMPLES + len(force_g)]
    return float(np.sqrt(np.max(np.sum(band**2, axis=1))))
