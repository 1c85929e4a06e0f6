"""What a moving limb does to an accelerometer strapped to it.

Knows rotations about joints, minimum-jerk strokes and gravity. Must not know sleep, labels or how often
anything happens.

Conventions
-----------
Everything is seen from the sensor, which turns with the limb. `up` is the reading of a sensor at rest, the unit
vector away from the earth. A stroke turns the limb about an axis fixed in the sensor; the joint lies `radius_m`
away, so the sensor feels r θ'' across its lever, -r θ'² along it, and gravity turned the other way by θ.
Motion is computed at 1 kHz on its own short window, low-passed and thinned to the night's 100 Hz.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Vectors = NDArray[np.float64]

FINE_HZ = 1000
NIGHT_HZ = 100
GRAVITY = 9.80665  # m/s²
ANTI_ALIAS_HZ = 44.0  # low-pass of a common MPU-6050 at 100 samples a second
PEAK_FACTOR = 10 / np.sqrt(3)  # peak of s'' for s = 10u³ - 15u⁴ + 6u⁵
PAD_S = 1.0  # quiet before and after a motion, so that filters have died away at the window's ends

_LOW_PASS = signal.butter(4, ANTI_ALIAS_HZ, fs=FINE_HZ, output="sos")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """The limb turns by an angle, stays a while, and turns back unless `fall_s` is None.

    Attributes
    ----------
    delay_s
        From the onset of the event.
    angle_deg, rise_s, hold_s, fall_s
        How far, how fast, for how long, how fast back.
    ripple, ripple_hz
        Trembling while it is held, as a share of the angle.
    axis
        Unit vector of the joint axis, seen from the sensor.
    lever
        Any vector that tells on which side the joint lies; only its part across the axis counts.
    radius_m
        Distance of the joint.
    across
        Choose the axis at right angles to gravity, so that the whole angle is tilt.
    """

    angle_deg: float
    rise_s: float
    axis: tuple[float, float, float]
    lever: tuple[float, float, float]
    radius_m: float = 0.25
    delay_s: float = 0.0
    hold_s: float = 0.0
    fall_s: float | None = None
    ripple: float = 0.0
    ripple_hz: float = 2.0
    across: bool = False

    @property
    def end_s(self) -> float:
        """When the limb rests again, from the onset of the event."""
        return self.delay_s + self.rise_s + self.hold_s + (self.fall_s or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The bed shakes and fades: no turn at all. Peak of the vector in g, frequency, decay time."""

    peak_g: float
    hz: float
    decay_s: float
    direction: tuple[float, float, float]
    delay_s: float = 0.0

    @property
    def end_s(self) -> float:
        """When it has faded to less than a hundredth."""
        return self.delay_s + 5 * self.decay_s


def minimum_jerk(share: Vectors) -> Vectors:
    """s(u) = 10u³ - 15u⁴ + 6u⁵, 0 before u = 0 and 1 after u = 1."""
    u = np.clip(share, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u * u))


def peak_tangential_g(angle_deg: float, rise_s: float, radius_m: float) -> float:
    """Peak of the acceleration across the lever, g: 5.7735 r θ / T²."""
    return float(PEAK_FACTOR * radius_m * np.radians(angle_deg) / rise_s**2 / GRAVITY)


def angle_for_peak(peak_g: float, rise_s: float, radius_m: float) -> float:
    """The angle in degrees whose stroke has this peak across the lever."""
    return float(np.degrees(peak_g * GRAVITY * rise_s**2 / (PEAK_FACTOR * radius_m)))


def stroke_angle(stroke: Stroke, time_s: Vectors) -> Vectors:
    """(n,) angle in radians at each time since the onset of the event."""
    t = time_s - stroke.delay_s
    shape = minimum_jerk(t / stroke.rise_s)
    if stroke.fall_s is not None:
        shape = shape - minimum_jerk((t - stroke.rise_s - stroke.hold_s) / stroke.fall_s)
    if stroke.ripple > 0 and stroke.hold_s > 0:
        inside = (t - stroke.rise_s) / stroke.hold_s
        taper = minimum_jerk(inside / 0.25) * minimum_jerk((1 - inside) / 0.25)
        shape = shape + stroke.ripple * taper * np.sin(2 * np.pi * stroke.ripple_hz * (t - stroke.rise_s))
    return np.asarray(np.radians(stroke.angle_deg) * shape)


def feel(parts: Sequence[Stroke | Ring], up: Vectors, time_s: Vectors) -> tuple[Vectors, Vectors]:
    """What an ideal sensor reads, and which way is up, while a limb moves.

    Parameters
    ----------
    parts
        Strokes in the order of the joints, and rings.
    up
        (3,) reading at rest before.
    time_s
        (n,) times since the onset, equally spaced.

    Returns
    -------
    reading, upward
        (3, n) specific force in g, and the turned `up` alone.
    """
    upward = np.repeat(up[:, None], len(time_s), axis=1)
    linear = np.zeros_like(upward)
    for part in parts:
        if isinstance(part, Ring):
            linear += _ring(part, time_s)
            continue
        axis, lever = _frame(part, up)
        angle = stroke_angle(part, time_s)
        speed = np.gradient(angle, time_s)
        across, along = part.radius_m * np.gradient(speed, time_s), -part.radius_m * speed**2
        linear += (np.outer(np.cross(axis, lever), across) + np.outer(lever, along)) / GRAVITY
        upward = _turned(upward, axis, -angle)
    return upward + linear, upward


def window(parts: Sequence[Stroke | Ring], up: Vectors, onset_s: float) -> tuple[int, Vectors, Vectors]:
    """One event at the night's rate.

    Returns
    -------
    first
        Index of the window's first sample in the night.
    change
        (3, m) what is added to the rest posture `up`, g; begins at 0 and ends at the net turn of gravity.
    after
        (3,) `up` afterwards.
    """
    length = max(part.end_s for part in parts)
    first = int(np.floor((onset_s - PAD_S) * NIGHT_HZ))
    count = int(np.ceil((length + 2 * PAD_S) * NIGHT_HZ))
    step = FINE_HZ // NIGHT_HZ
    time = first / NIGHT_HZ + np.arange(count * step) / FINE_HZ - onset_s
    reading, upward = feel(parts, up, time)
    change = signal.sosfiltfilt(_LOW_PASS, reading - up[:, None], axis=1)[:, ::step]
    after = upward[:, -1] / np.linalg.norm(upward[:, -1])
    return first, change, after


def _frame(stroke: Stroke, up: Vectors) -> tuple[Vectors, Vectors]:
    """Unit vectors of the axis and of the lever across it."""
    axis, lever = np.array(stroke.axis), np.array(stroke.lever)
    if stroke.across:
        axis = axis - up * (axis @ up)
    axis = axis / np.linalg.norm(axis)
    lever = lever - axis * (lever @ axis)
    return axis, lever / np.linalg.norm(lever)


def _turned(vectors: Vectors, axis: Vectors, angle: Vectors) -> Vectors:
    """Rodrigues: each of (3, n) vectors turned about one axis by its own angle."""
    crossed = np.cross(axis, vectors, axis=0)
    along = axis[:, None] * (axis @ vectors)
    return np.asarray(vectors * np.cos(angle) + crossed * np.sin(angle) + along * (1 - np.cos(angle)))


def _ring(ring: Ring, time_s: Vectors) -> Vectors:
    t = np.clip(time_s - ring.delay_s, 0.0, None)
    wave = np.exp(-t / ring.decay_s) * np.sin(2 * np.pi * ring.hz * t)
    direction = np.array(ring.direction) / np.linalg.norm(ring.direction)
    return np.asarray(ring.peak_g * np.outer(direction, wave) / max(np.abs(wave).max(), 1e-12))
