"""The sensor on the wrist, and what it feels of a body that lies still: breath, pulse, its own noise.

Knows chips and backgrounds. Must not know events or sleep.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sleepjerk.simulate.physics import NIGHT_HZ

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

# Noise density of each axis, g/√Hz, from the data sheets.
NOISE_DENSITY = {
    "MPU-6050": 400e-6,
    "MPU-6500": 300e-6,
    "ICM-20948": 230e-6,
    "BMI160": 180e-6,
    "BMI270": 160e-6,
    "LSM6DS3": 90e-6,
}
BREATH_HZ, BREATH_G = (0.20, 0.33), (0.001, 0.010)  # assumption: 12-20 breaths a minute, tilt of 0.06-0.6 degrees
PULSE_HZ, PULSE_SPREAD, PULSE_G = 1.0, 0.05, (0.001, 0.005)  # assumption
PULSE_RING_HZ, PULSE_DECAY_S = 6.0, 0.12  # ballistocardiogram rings at 4-12 Hz
PULSE_SHARE = 0.25  # seen in 20-30 % of the night, depending on posture
SCALE_SD, SCALE_MAX = 0.01, 0.03  # data sheets: ±3 %
BIAS_SD_G, BIAS_MAX_G = 0.010, 0.040
KNOT_S = 20.0  # breathing changes over this time


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A chip and its faults; `scale` and `bias_g` None: drawn with the night's seed."""

    chip: str = "MPU-6050"
    range_g: float = 4.0
    bits: int = 16
    scale: tuple[float, float, float] | None = None
    bias_g: tuple[float, float, float] | None = None

    @property
    def step_g(self) -> float:
        """Difference between two neighbouring values."""
        return float(2 * self.range_g / 2**self.bits)


PERFECT = {"scale": (1.0, 1.0, 1.0), "bias_g": (0.0, 0.0, 0.0)}


def add_breathing(night_g: Samples, across: Floats, until: NDArray[np.int64], rng: Generator) -> None:
    """A slow tilt to and fro, in place.

    Parameters
    ----------
    night_g
        (3, n), g.
    across
        (3, k) unit vector of the tilt in each posture.
    until
        (k,) first sample after each posture.
    """
    count = night_g.shape[1]
    knots = int(np.ceil(count / NIGHT_HZ / KNOT_S)) + 2
    at = np.arange(knots) * KNOT_S * NIGHT_HZ
    hz = _wander(rng, knots, BREATH_HZ)
    size = np.exp(_wander(rng, knots, (float(np.log(BREATH_G[0])), float(np.log(BREATH_G[1])))))
    sample = np.arange(count, dtype=np.float64)
    phase = np.cumsum(np.interp(sample, at, hz)) * (2 * np.pi / NIGHT_HZ)
    wave = np.sin(phase) * np.interp(sample, at, size)
    # The direction follows the posture within 4 s, without a step.
    edges = np.stack((until[:-1] - 2 * NIGHT_HZ, until[:-1] + 2 * NIGHT_HZ), axis=1).ravel()
    edges = np.maximum.accumulate(edges) if len(edges) else np.zeros(1, dtype=np.int64)
    for axis in range(3):
        values = np.repeat(across[axis], 2)[1:-1] if len(until) > 1 else across[axis]
        night_g[axis] += wave * np.interp(sample, edges, values)


def _wander(rng: Generator, knots: int, limits: tuple[float, float]) -> Floats:
    """(knots,) a random walk, folded into its limits."""
    low, high = limits
    walk = rng.uniform() + np.cumsum(0.15 * rng.standard_normal(knots))
    return np.asarray(low + (high - low) * np.abs((walk + 1) % 2 - 1), dtype=np.float64)


def add_pulse(night_g: Samples, until: NDArray[np.int64], rng: Generator) -> None:
    """The heart beat in some of the postures, in place; `until` (k,) first sample after each posture."""
    length = round(5 * PULSE_DECAY_S * NIGHT_HZ)
    time = np.arange(length) / NIGHT_HZ
    kernel = np.exp(-time / PULSE_DECAY_S) * np.sin(2 * np.pi * PULSE_RING_HZ * time)
    kernel /= np.abs(kernel).max()
    start = 0
    for end in until:
        shown, peak = rng.random() < PULSE_SHARE, rng.uniform(*PULSE_G)
        direction = rng.standard_normal(3)
        if shown and end - start > 2 * length:
            beats = _beats(rng, (end - start) / NIGHT_HZ)
            train = np.zeros(end - start)
            first = np.round(beats * NIGHT_HZ).astype(np.int64)
            first = first[first < len(train) - length]
            np.add.at(train, first[:, None] + np.arange(length), kernel * peak)
            night_g[:, start:end] += np.outer(direction / np.linalg.norm(direction), train)
        start = end


def _beats(rng: Generator, seconds: float) -> Floats:
    """Times of heart beats."""
    count = int(seconds * PULSE_HZ * 1.5) + 2
    return np.asarray(np.cumsum((1 + PULSE_SPREAD * rng.standard_normal(count)) / PULSE_HZ))


def add_noise(night_g: Samples, sensor: Sensor, rng: Generator) -> None:
    """White noise of the chip, in place: density x √(half the rate) on each axis."""
    sd = np.float32(NOISE_DENSITY[sensor.chip] * np.sqrt(NIGHT_HZ / 2))
    for axis in night_g:
        axis += sd * rng.standard_normal(len(axis), dtype=np.float32)


def add_faults(night_g: Samples, sensor: Sensor, rng: Generator) -> None:
    """Scale and zero point of each axis, in place."""
    scale = 1 + np.clip(SCALE_SD * rng.standard_normal(3), -SCALE_MAX, SCALE_MAX)
    bias = np.clip(BIAS_SD_G * rng.standard_normal(3), -BIAS_MAX_G, BIAS_MAX_G)
    scale = scale if sensor.scale is None else np.array(sensor.scale)
    bias = bias if sensor.bias_g is None else np.array(sensor.bias_g)
    night_g *= scale[:, None].astype(np.float32)
    night_g += bias[:, None].astype(np.float32)


def digits_of(step_g: float) -> int:
    """Decimal digits that keep a step apart from the next and within a tenth of it."""
    return int(np.ceil(-np.log10(step_g))) + 1


def step_values(sensor: Sensor) -> Floats:
    """(2**bits,) the value of every step in g, as it is written: index 0 is the lowest."""
    steps = np.arange(2**sensor.bits) - 2 ** (sensor.bits - 1)
    return np.round(steps * sensor.step_g, digits_of(sensor.step_g))


def quantise(night_g: Samples, sensor: Sensor) -> Samples:
    """(3, n) the nearest step of each value; beyond the range it clips."""
    half = 2 ** (sensor.bits - 1)
    values = step_values(sensor).astype(np.float32)
    for axis in night_g:
        index = np.clip(np.rint(axis / np.float32(sensor.step_g)), -half, half - 1).astype(np.int32)
        axis[:] = values[index + half]
    return night_g
