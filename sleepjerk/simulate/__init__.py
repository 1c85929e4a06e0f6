"""Nights with known truth, made from a seed: `simulate_night`, `simulate_plan`, `write_night_files`.

Knows physics, sleep and sensors as the literature tells them. Must not know the detector, nor be known to it.
The same seed gives the same night, bit for bit.

Conventions
-----------
Times are seconds since the first sample, accelerations g, angles degrees.
"""

from dataclasses import replace

from sleepjerk.errors import InputError
from sleepjerk.simulate.faults import NO_FAULTS, Faults, draw_faults
from sleepjerk.simulate.files import write_night_files
from sleepjerk.simulate.night import SimulatedNight, simulate_plan
from sleepjerk.simulate.plan import Kind, Plan, PlannedEvent
from sleepjerk.simulate.scenarios import SCENARIOS
from sleepjerk.simulate.sensor import ADXL345, LOGGER_8BIT, LSM6DS3, MPU6050, SENSORS, Sensor, with_faults
from sleepjerk.simulate.timetable import draw_plan

__all__ = [
    "ADXL345",
    "LOGGER_8BIT",
    "LSM6DS3",
    "MPU6050",
    "NO_FAULTS",
    "SCENARIOS",
    "SENSORS",
    "Faults",
    "Kind",
    "Plan",
    "PlannedEvent",
    "Sensor",
    "SimulatedNight",
    "draw_faults",
    "draw_plan",
    "simulate_night",
    "simulate_plan",
    "with_faults",
    "write_night_files",
]

MIN_HOURS = 0.1
MAX_HOURS = 24.0


def simulate_night(
    hours: float | None = None,
    seed: int = 1,
    scenario: str = "healthy",
    *,
    sensor: Sensor = MPU6050,
    twitches: bool = True,
) -> SimulatedNight:
    """Make a night of a named scenario.

    Parameters
    ----------
    hours
        Length of the recording; None takes the scenario's own (7.5 h, `sample` 2 h, `short` 0.8 h).
    seed
        0 or a positive integer.
    scenario
        One of `SCENARIOS`.
    sensor
        The chip; its usual faults (bias, scale, drift) are drawn from the seed. The scenario `bad-sensor` adds
        those of `Faults`; then hours are true ones, and the recording's own clock is up to 2 % off.
    twitches
        False leaves out jerks, REM twitches and faint twitching, and everything else as it is: each twitch
        found there is a false alarm.

    Raises
    ------
    InputError
        There is no such scenario, or the length or seed makes no sense.
    """
    if scenario not in SCENARIOS:
        raise InputError(f"there is no scenario {scenario!r}; choose one of {', '.join(SCENARIOS)}")
    hours = SCENARIOS[scenario].hours if hours is None else hours
    if not MIN_HOURS <= hours <= MAX_HOURS:
        raise InputError(f"a night of {hours:g} h can't be made; give {MIN_HOURS:g} to {MAX_HOURS:g} hours")
    if seed < 0:
        raise InputError(f"seed {seed} is negative; give 0 or a positive whole number")
    plan = draw_plan(SCENARIOS[scenario], hours, seed)
    faults = draw_faults(plan.duration_s, seed) if SCENARIOS[scenario].faulty else NO_FAULTS
    if not twitches:
        plan = replace(plan, twitches=False)
    rate_hz, chip = SCENARIOS[scenario].rate_hz, with_faults(sensor, seed)
    return simulate_plan(plan, seed, sensor=chip, faults=faults, fs=rate_hz, scenario=scenario)
