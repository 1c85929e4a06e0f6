"""What a sensor on the wrist reads while a limb turns: rigid-body physics, and nothing of sleep.

Knows rotations, levers and the sensor's own low-pass. Must not know kinds of movement, nights or noise.

Conventions
-----------
Vectors are in the sensor's frame, (3,) or (3, m), accelerations in g, angles in rad. `up` is what a still
sensor reads: a unit vector. The forearm lies along x: the joint sits `radius_m` behind the sensor, at -x.
Motions are sampled at `FINE_HZ`; heading (a turn about the vertical) is left out: gravity doesn't show it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Floats = NDArray[np.float64]

FINE_HZ = 1000  # 7.1 of the science notes: sample at 1 kHz
STANDARD_GRAVITY = 9.80665
LOW_PASS_HZ = 44.0  # 7.1: the sensor's own filter (MPU-6050, setting 3)
EDGE_RATIO = 0.15  # 7.3: an event lasts while |a| >= 15 % of its peak
BAND_HZ = (2.0, 20.0)  # the band in which the peak of an event is told
FOREARM = np.array([1.0, 0.0, 0.0])

_TAPS = signal.firwin(101, LOW_PASS_HZ, fs=FINE_HZ)
_HALF = len(_TAPS) // 2
_SETTLE_S = 1.0  # constant values before and after an event, so that the band-pass settles


@dataclass(frozen=True, slots=True, eq=False)
class Swing:
    """A rotation about one joint axis.

    Attributes
    ----------
    start_s
        Begin, seconds since the begin of the motion; swings of one motion follow each other in time.
    angle_rad
        (m,) angle at `FINE_HZ`, beginning at 0; what it ends with stays.
    axis
        (3,) unit vector.
    radius_m
        From the joint to the sensor.
    """

    start_s: float
    angle_rad: Floats
    axis: Floats
    radius_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Shake:
    """A push without rotation, e.g. through the mattress: (3, m) g at `FINE_HZ`."""

    start_s: float
    acceleration_g: Floats


Motion = tuple[Swing | Shake, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A motion as the sensor sees it.

    Attributes
    ----------
    first
        Index of the first sample on the night's grid; negative when the window begins before the recording.
    change_g
        (3, k) change against the still reading before; its last column stays.
    up
        (3,) the still reading afterwards, unit length.
    onset_s, offset_s
        Where the motion's own acceleration, gravity left out, first and last reaches 15 % of its peak.
    """

    first: int
    change_g: Floats
    up: Floats
    onset_s: float
    offset_s: float


def minimum_jerk(share: Floats) -> Floats:
    """The smoothest way from 0 to 1: (m,) share of the time in, share of the way out, clipped to 0..1."""
    u = np.clip(share, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u**2))


def pulse(rise_s: float, hold_s: float, fall_s: float) -> Floats:
    """(m,) share of the full angle: out, hold and back to exactly 0, at `FINE_HZ`."""
    time = np.arange(round((rise_s + hold_s + fall_s) * FINE_HZ) + 2) / FINE_HZ
    return minimum_jerk(time / rise_s) - minimum_jerk((time - rise_s - hold_s) / fall_s)


def turn(duration_s: float) -> Floats:
    """(m,) share of the full angle: from 0 to 1 and no way back, at `FINE_HZ`."""
    return minimum_jerk(np.arange(round(duration_s * FINE_HZ) + 2) / (duration_s * FINE_HZ))


def peak_tangential_g(angle_rad: float, rise_s: float, radius_m: float) -> float:
    """Peak tangential acceleration of a minimum-jerk turn, exact: 10/sqrt(3) r theta / T^2, in g."""
    return float(10 / np.sqrt(3) * radius_m * angle_rad / rise_s**2 / STANDARD_GRAVITY)


def cross(first: Floats, second: Floats) -> Floats:
    """(3,) vector product; numpy's own, for arrays of any shape, takes as long as all the rest of a rotation."""
    (a, b, c), (d, e, f) = first.tolist(), second.tolist()
    return np.array([b * f - c * e, c * d - a * f, a * e - b * d])


def rotate(vector: Floats, axis: Floats, angle_rad: Floats) -> Floats:
    """(3, m) a vector turned about a unit axis by each of m angles (Rodrigues)."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    along = np.dot(axis, vector) * axis
    across = np.outer(vector - along, cosine) + np.outer(cross(axis, vector), sine)
    return np.asarray(across + along[:, None])


def swing_parts(swing: Swing, up: Floats) -> tuple[Floats, Floats]:
    """Gravity and the rest during one swing.

    Returns
    -------
    gravity_g
        (3, m) the still reading, turned with the sensor.
    linear_g
        (3, m) tangential plus centripetal acceleration.
    """
    angle = swing.angle_rad
    padded = np.concatenate((angle[:1], angle, angle[-1:]))
    speed = (padded[2:] - padded[:-2]) * (FINE_HZ / 2)
    boost = (padded[2:] - 2 * padded[1:-1] + padded[:-2]) * FINE_HZ**2
    tangent = cross(swing.axis, FOREARM)
    inward = cross(swing.axis, tangent)
    lever = swing.radius_m / STANDARD_GRAVITY
    linear = lever * (np.outer(tangent, boost) + np.outer(inward, speed**2))
    # The world turns the other way round in the eyes of the sensor.
    return rotate(up, swing.axis, -angle), linear


def render(motion: Motion, onset_s: float, up: Floats, fs: float) -> Rendered:
    """The motion on the night's grid: made at 1 kHz, low-passed at 44 Hz, every 1000/fs-th sample kept.

    Parameters
    ----------
    onset_s
        Begin of the motion, seconds since the first sample; rounded to 1 ms.
    up
        (3,) the still reading before.
    fs
        Samples per second of the night; must divide 1000.
    """
    step = _decimation(fs)
    begin = round(onset_s * FINE_HZ)
    first = (begin - _HALF) // step - 1
    lead = begin - first * step + _HALF
    ends = [round(part.start_s * FINE_HZ) + _length(part) for part in motion]
    count = -(-(lead + max(ends) + 2 * _HALF) // step) * step
    total, linear, up_after = _fine(motion, lead, count, up)
    smooth = signal.oaconvolve(total, _TAPS[None, :], mode="valid", axes=1)
    strength = np.linalg.norm(linear, axis=0)
    strong = np.flatnonzero(strength >= EDGE_RATIO * strength.max())
    edges = (strong[[0, -1]] - lead) / FINE_HZ + begin / FINE_HZ
    return Rendered(first, smooth[:, ::step], up_after, float(edges[0]), float(edges[1]))


def _decimation(fs: float) -> int:
    step = round(FINE_HZ / fs)
    if step < 1 or abs(step * fs - FINE_HZ) > 1e-9:
        raise ValueError(f"fs is {fs}, expected a rate that divides {FINE_HZ} Hz (e.g. 25, 50, 100)")
    return step


def _length(part: Swing | Shake) -> int:
    return len(part.angle_rad) if isinstance(part, Swing) else part.acceleration_g.shape[1]


def _fine(motion: Motion, lead: int, count: int, up: Floats) -> tuple[Floats, Floats, Floats]:
    """Change against the still reading, its linear part, (3, count) at `FINE_HZ`, and the reading after."""
    linear = np.zeros((3, count))
    gravity = np.zeros((3, count))
    now = up
    for part in motion:
        at = lead + round(part.start_s * FINE_HZ)
        after = at + _length(part)
        if isinstance(part, Shake):
            linear[:, at:after] += part.acceleration_g
            continue
        turned, push = swing_parts(part, now)
        linear[:, at:after] += push
        gravity[:, at:after] = turned - up[:, None]
        now = turned[:, -1] / np.linalg.norm(turned[:, -1])
        gravity[:, after:] = (now - up)[:, None]
    return gravity + linear, linear, now


def band_peak(change_g: Floats, fs: float) -> float:
    """Peak of the vector norm of the 2-20 Hz part of a clean event, g: how `events.csv` tells strength.

    Parameters
    ----------
    change_g
        (3, k) change against the still reading before, at `fs`.
    """
    settle = round(_SETTLE_S * fs)
    padded = np.pad(change_g, ((0, 0), (settle, settle)), mode="edge")
    moved = signal.sosfiltfilt(_band(fs), padded, axis=1)
    return float(np.linalg.norm(moved, axis=0).max())


@cache
def _band(fs: float) -> Floats:
    edges_hz = [BAND_HZ[0], min(BAND_HZ[1], 0.4 * fs)]
    return np.asarray(signal.butter(2, edges_hz, btype="bandpass", fs=fs, output="sos"))


def scaled(motion: Motion, factor: float) -> Motion:
    """The same motion, every angle and push times a factor."""
    return tuple(
        Swing(part.start_s, part.angle_rad * factor, part.axis, part.radius_m)
        if isinstance(part, Swing)
        else Shake(part.start_s, part.acceleration_g * factor)
        for part in motion
    )


def scaled_to_peak(motion: Motion, peak_g: float, onset_s: float, up: Floats, fs: float) -> Motion:
    """The motion scaled until its 2-20 Hz peak is `peak_g`, to about a thousandth.

    Strength is nearly, not exactly, proportional to the angle: gravity turns and the centripetal part grows
    with the square, hence the repetition. The onset matters: a sharp peak may fall between two samples (2 %).
    """
    for _ in range(4):
        now = band_peak(render(motion, onset_s, up, fs).change_g, fs)
        if abs(now / peak_g - 1) < 1e-3:
            break
        motion = scaled(motion, peak_g / now)
    return motion


def angle_deg(first: Floats, second: Floats) -> float:
    """Angle between two (3,) vectors, degrees."""
    across = np.linalg.norm(cross(first, second))
    return float(np.degrees(np.arctan2(across, np.dot(first, second))))
