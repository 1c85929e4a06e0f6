"""The sensor: how it lies on the wrist and what it makes of the truth.

Source or guess for each number:
- noise density, micro-g per root Hz: ADXL355 22.5, LIS2DW12 90, BMA400 180; MPU-6050 400 (data sheets). good 20-120,
  noisy 300-800 (cheap copies, a guess), coarse 120-300.
- step: good 0.06-1 mg, noisy 0.06-0.5 mg, coarse 8-31 mg (8 bits at 2-4 g: LIS3DH low-power mode 16 and 32 mg).
- offset +-60 mg (MPU-6050 +-50 and +-80, ST +-40), gain error 3 % (MPU-6050), cross-axis 1-2 % (MPU-6050).
- temperature 0.1-1 mg/C (MPU-6050 35-60 mg over 70 C), warming by 4-12 C in 10-40 min under the blanket: a guess.
- bandwidth 18-50 Hz, one or two poles: settings of these chips (5-260 Hz); a guess which people choose.
- slow noise 0.05-0.5 mg wandering over minutes: a guess for 1/f noise.
- bursts 0.2-20 s of 20-300 mg, single-sample glitches 0.1-4 g, baseline steps 10-80 mg: as ordered, sizes a guess.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfilt, sosfilt_zi

from tests.worlds.bedside.people import log_uniform
from tests.worlds.bedside.turning import BODY_HZ, Array, any_rotation

DENSITY_UG = {"good": (20.0, 120.0), "noisy": (300.0, 800.0), "coarse": (120.0, 300.0)}
STEP_G = {"good": (0.00006, 0.001), "noisy": (0.00006, 0.0005), "coarse": (0.008, 0.031)}


@dataclass(frozen=True)
class Board:
    orientation: Array  # (3, 3) from the wrist's frame to the board's
    gain: Array  # (3, 3), near the identity
    offset_g: Array
    drift_g_c: Array
    warming_c: float
    warming_s: float
    density_g: float  # per root Hz
    wander_g: float
    step_g: float
    bandwidth_hz: float
    poles: int
    range_g: float

    def noise_g(self, rate_hz: float) -> float:
        """The rms of its white noise at a rate."""
        return self.density_g * float(np.sqrt(min(self.bandwidth_hz, rate_hz / 2.0)))


def draw_board(rng: Generator, device: str) -> Board:
    low_ug, high_ug = DENSITY_UG[device]
    return Board(
        orientation=any_rotation(rng),
        gain=np.eye(3)
        + np.diag(rng.normal(0.0, 0.012, 3).clip(-0.03, 0.03))
        + rng.normal(0.0, 0.003, (3, 3)),
        offset_g=rng.normal(0.0, 0.02, 3).clip(-0.06, 0.06),
        drift_g_c=rng.uniform(-0.001, 0.001, 3),
        warming_c=rng.uniform(4.0, 12.0),
        warming_s=rng.uniform(600.0, 2400.0),
        density_g=log_uniform(rng, low_ug, high_ug) * 1e-6,
        wander_g=log_uniform(rng, 0.00005, 0.0005),
        step_g=log_uniform(rng, *STEP_G[device]),
        bandwidth_hz=log_uniform(rng, 18.0, 49.0),
        poles=int(rng.integers(1, 3)),
        range_g=float(rng.choice([2.0, 4.0, 8.0], p=[0.3, 0.4, 0.3])),
    )


def smoothed(force_g: Array, board: Board, rate_hz: float) -> Array:
    """Through the board's own filter, which is never wider than what its rate allows."""
    sos = butter(board.poles, min(board.bandwidth_hz, 0.45 * rate_hz), fs=BODY_HZ, output="sos")
    start = sosfilt_zi(sos)[:, :, None] * force_g[0]
    filtered: Array = sosfilt(sos, force_g, axis=0, zi=start)[0]
    return filtered


def sampled(force_g: Array, rate_hz: float) -> Array:
    every = BODY_HZ / rate_hz
    if every == round(every):
        return force_g[:: int(every)]
    body_s = np.arange(len(force_g)) / BODY_HZ
    wanted_s = np.arange(round(len(force_g) * rate_hz / BODY_HZ)) / rate_hz
    values: Array = CubicSpline(body_s, force_g)(wanted_s)
    return values


def recorded(force_g: Array, board: Board, rate_hz: float, rng: Generator, faults_g: Array | None) -> Array:
    """What the board writes: `force_g` (n, 3) at the body's rate, `faults_g` at the board's."""
    values = sampled(smoothed(force_g, board, rate_hz), rate_hz) @ (board.gain @ board.orientation).T
    time_s = np.arange(len(values)) / rate_hz
    warm_c = board.warming_c * (1.0 - np.exp(-time_s / board.warming_s))
    knots = np.cumsum(rng.standard_normal((int(time_s[-1] / 60.0) + 2, 3)), axis=0)
    knots *= board.wander_g / np.sqrt(10.0)
    noise = rng.standard_normal(values.shape) * board.noise_g(rate_hz)
    for axis in range(3):
        slow = np.interp(time_s, np.arange(len(knots)) * 60.0, knots[:, axis])
        values[:, axis] += board.offset_g[axis] + board.drift_g_c[axis] * warm_c + slow + noise[:, axis]
    if faults_g is not None:
        values += faults_g
    values = np.round(values / board.step_g) * board.step_g
    return np.clip(values, -board.range_g, board.range_g)


def fault(rng: Generator, family: str, duration_s: float, rate_hz: float) -> Array:
    """One fault of the sensor, (n, 3); a step's one sample goes on to the end of the night."""
    if family == "burst":
        coarse = rng.standard_normal((int(duration_s * BODY_HZ) + 2, 3)) * log_uniform(rng, 0.02, 0.3)
        return coarse[:: max(int(BODY_HZ / rate_hz), 1)] * rng.uniform(0.2, 1.0, 3)
    only = np.zeros((1, 3))
    size_g = log_uniform(rng, 0.1, 4.0) if family == "glitch" else log_uniform(rng, 0.01, 0.08)
    only[0, rng.integers(3)] = size_g * rng.choice([-1.0, 1.0])
    return only
