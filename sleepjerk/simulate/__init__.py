"""Nights with known truth.

Knows physics, movements, the course of a night and sensors. Must not know how anything is detected.
"""

from sleepjerk.simulate.files import write_night_files
from sleepjerk.simulate.kinds import Event
from sleepjerk.simulate.made import SimulatedNight, simulate_night, simulate_plan
from sleepjerk.simulate.plan import Course
from sleepjerk.simulate.scenarios import SCENARIOS
from sleepjerk.simulate.sensor import Sensor

__all__ = [
    "SCENARIOS",
    "Course",
    "Event",
    "Sensor",
    "SimulatedNight",
    "simulate_night",
    "simulate_plan",
    "write_night_files",
]
