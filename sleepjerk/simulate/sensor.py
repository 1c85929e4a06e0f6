"""The chip: noise, bias, scale, steps and full scale. Knows nothing of limbs or nights.

Conventions
-----------
Acceleration is (3, n) float32, g. A reading is an integer number of steps; files and recordings hold it in g,
rounded to `DECIMALS` places, which is finer than any step made here.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sleepjerk.simulate.streams import stream

Samples = NDArray[np.float32]
Counts = NDArray[np.int16]

DECIMALS = 5
BIAS_G = 0.030  # our choice, within the zero-g output of the data sheets
SCALE_ERROR = 0.03  # 7.2 of the science notes: +-3 %
DRIFT_G = 0.010  # 7.2: 19.6 mg for 5 degC on z at worst; a night in bed is milder


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One chip at one full scale.

    Attributes
    ----------
    noise_g_per_rthz
        White noise density of each axis, g per root Hz (3.3 of the science notes).
    bias_g, scale_error
        Of each axis: reading = (1 + scale_error) * truth + bias.
    drift_g
        How far z wanders between begin and end of the recording.
    """

    name: str
    noise_g_per_rthz: float
    range_g: float = 4.0
    bits: int = 16
    bias_g: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale_error: tuple[float, float, float] = (0.0, 0.0, 0.0)
    drift_g: float = 0.0

    @property
    def step_g(self) -> float:
        """One step of the converter."""
        return float(2 * self.range_g / 2**self.bits)


MPU6050 = Sensor(name="MPU-6050", noise_g_per_rthz=400e-6)
LSM6DS3 = Sensor(name="LSM6DS3", noise_g_per_rthz=90e-6)
ADXL345 = Sensor(name="ADXL345", noise_g_per_rthz=290e-6, bits=11)  # 3.9 mg steps; z is noisier, left out
# 31.25 mg steps, like the loggers of the Darmstadt nights; its noise is our choice, the step hides most of it.
LOGGER_8BIT = Sensor(name="8-bit", noise_g_per_rthz=290e-6, bits=8)
SENSORS = {sensor.name: sensor for sensor in (MPU6050, LSM6DS3, ADXL345, LOGGER_8BIT)}


def with_faults(sensor: Sensor, seed: int) -> Sensor:
    """The chip as one buys it: bias, scale error and drift drawn within their usual bounds."""
    rng = stream(seed, "sensor faults")
    bias, scale = rng.uniform(-BIAS_G, BIAS_G, 3), rng.uniform(-SCALE_ERROR, SCALE_ERROR, 3)
    return replace(
        sensor,
        bias_g=(float(bias[0]), float(bias[1]), float(bias[2])),
        scale_error=(float(scale[0]), float(scale[1]), float(scale[2])),
        drift_g=float(rng.uniform(-DRIFT_G, DRIFT_G)),
    )


def sample_counts(true_g: Samples, fs: float, sensor: Sensor, seed: int) -> Counts:
    """(3, n) what the chip puts out, in steps."""
    count = true_g.shape[1]
    sigma = np.float32(sensor.noise_g_per_rthz * np.sqrt(fs / 2))
    limit = 2 ** (sensor.bits - 1)
    counts = np.empty((3, count), dtype=np.int16)
    for axis in range(3):
        noise = stream(seed, "noise", axis).standard_normal(count, dtype=np.float32)
        values = true_g[axis] * np.float32(1 + sensor.scale_error[axis]) + np.float32(sensor.bias_g[axis])
        if axis == 2 and sensor.drift_g:
            values += np.linspace(-0.5, 0.5, count, dtype=np.float32) * np.float32(sensor.drift_g)
        values += sigma * noise
        counts[axis] = np.clip(np.rint(values / np.float32(sensor.step_g)), -limit, limit - 1)
    return counts


def counts_to_g(counts: Counts, sensor: Sensor) -> Samples:
    """(3, n) g, exactly the number that a file of this recording says."""
    table = np.round(np.arange(-(2**15), 2**15) * sensor.step_g, DECIMALS).astype(np.float32)
    return np.asarray(table[counts.astype(np.int32) + 2**15])
