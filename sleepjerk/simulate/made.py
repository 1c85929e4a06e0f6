"""A made night: events and background put together into a recording, with the truth beside it.

Knows every part of the simulation and their order. Must not know files.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.random import PCG64, Generator, SeedSequence

from sleepjerk.errors import InputError
from sleepjerk.recording import Facts, Floats, Recording
from sleepjerk.simulate.kinds import Event
from sleepjerk.simulate.physics import NIGHT_HZ, window
from sleepjerk.simulate.plan import Course, make_plan
from sleepjerk.simulate.scenarios import SCENARIOS
from sleepjerk.simulate.sensor import (
    Samples,
    Sensor,
    add_breathing,
    add_faults,
    add_noise,
    add_pulse,
    digits_of,
    quantise,
)
from sleepjerk.simulate.truth import Measured, measure, measure_hidden, tabulate

ZONE = "Europe/Berlin"
START = datetime(2026, 11, 22, 22, 31, 4, tzinfo=ZoneInfo(ZONE))
MAX_HOURS = 24.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedNight:
    """A recording of which everything is known.

    Attributes
    ----------
    recording
        What a sensor would have written.
    truth
        One row an event: `onset_s, offset_s, label, peak_g`, then whatever more helps.
    lights_off_s, lights_up_s, sleep_onset_s, sleep_end_s
        Seconds since the first sample; None where the night has no such moment.
    wake_s, gaps_s
        (k, 2) waking bouts within sleep; stretches without samples.
    """

    recording: Recording
    truth: pd.DataFrame
    seed: int
    scenario: str
    sensor: Sensor
    lights_off_s: float | None
    lights_up_s: float | None
    sleep_onset_s: float | None
    sleep_end_s: float | None
    wake_s: Floats
    gaps_s: Floats


def simulate_night(
    hours: float | None = None, seed: int = 1, scenario: str = "healthy", *, sensor: Sensor | None = None
) -> SimulatedNight:
    """Make a night.

    Parameters
    ----------
    hours
        Length of the recording; None: as long as the scenario's night (7.5, `short` 0.75).
    seed
        The same number makes the same night, bit for bit.
    scenario
        One of `SCENARIOS`.

    Raises
    ------
    InputError
        There is no such scenario, or the length is not between 0.1 and 24 hours.
    """
    if scenario not in SCENARIOS:
        raise InputError(f"there is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    chosen = SCENARIOS[scenario]
    length = chosen.hours if hours is None else hours
    if not 0.1 <= length <= MAX_HOURS:
        raise InputError(f"a night of {length} hours can't be made; give 0.1 to {MAX_HOURS:g}")
    if seed < 0:
        raise InputError(f"seed {seed} is negative; give 0 or a positive whole number")
    planned, made = SeedSequence(seed).spawn(2)
    events, course = make_plan(chosen, length, Generator(PCG64(planned)))
    return _assemble(events, course, made, seed, scenario, sensor or Sensor(), body=chosen.body)


def simulate_plan(
    plan: Sequence[Event],
    seconds: float,
    seed: int = 1,
    *,
    sensor: Sensor | None = None,
    body: bool = True,
    course: Course | None = None,
) -> SimulatedNight:
    """Make a recording of an explicit list of events.

    Parameters
    ----------
    plan
        Events with their onsets (`kinds.hypnic_jerk(rng).at(12.0)`).
    body
        With breath and pulse; without, the sensor lies on a table.
    course
        Sleep, lights and gaps, where they matter.
    """
    course = Course(seconds=seconds) if course is None else course
    events = sorted(plan, key=lambda event: event.onset_s)
    made = SeedSequence(seed).spawn(2)[1]
    return _assemble(events, course, made, seed, "plan", sensor or Sensor(), body=body)


def _assemble(
    events: Sequence[Event], course: Course, seeds: SeedSequence, seed: int, scenario: str, sensor: Sensor, *, body: bool
) -> SimulatedNight:
    postures, breath, pulse, faults, noise = (Generator(PCG64(one)) for one in seeds.spawn(5))
    night_g, rows, ups, until = _play(events, round(course.seconds * NIGHT_HZ), postures)
    if body:
        add_breathing(night_g, _across(ups, breath), until, breath)
        add_pulse(night_g, until, pulse)
    add_faults(night_g, sensor, faults)
    add_noise(night_g, sensor, noise)
    night_g = quantise(night_g, sensor)
    gaps = np.array(course.gaps_s, dtype=np.float64).reshape(-1, 2)
    for start, end in np.round(gaps * NIGHT_HZ).astype(np.int64):
        night_g[:, start + 1 : end] = np.nan
    return SimulatedNight(
        recording=_record(night_g, gaps, course, sensor),
        truth=tabulate(rows, [_asleep(row.onset_s, course) for row in rows]),
        seed=seed,
        scenario=scenario,
        sensor=sensor,
        lights_off_s=course.lights_off_s,
        lights_up_s=course.lights_up_s,
        sleep_onset_s=course.sleep_onset_s,
        sleep_end_s=course.sleep_end_s,
        wake_s=np.array(course.wake_s, dtype=np.float64).reshape(-1, 2),
        gaps_s=gaps,
    )


def _play(
    events: Sequence[Event], count: int, rng: Generator
) -> tuple[Samples, list[Measured], Floats, np.ndarray]:
    """The clean night: one orientation path, each event adding its motion and handing on where up is.

    Returns
    -------
    night_g
        (3, count) float32.
    rows
        What is true of each event.
    ups, until
        (3, k) `up` in each posture, (k,) first sample after it.
    """
    up = rng.standard_normal(3)
    up /= np.linalg.norm(up)
    night = np.empty((3, count), dtype=np.float32)
    night[:] = up[:, None]
    rows: list[Measured] = []
    ups, until = [up], []
    for event in events:
        if not event.parts:
            rows.append(measure_hidden(event))
            continue
        first, change, after = window(event.parts, up, event.onset_s)
        rows.append(measure(event, first, change, up, after))
        last = first + change.shape[1]
        start, end = max(first, 0), min(last, count)
        night[:, start:end] += change[:, start - first : end - first].astype(np.float32)
        if abs(1 - up @ after) > 1e-9 and last < count:
            night[:, last:] = after[:, None]
            ups.append(after)
            until.append(last)
            up = after
    return night, rows, np.stack(ups, axis=1), np.array([*until, count], dtype=np.int64)


def _across(ups: Floats, rng: Generator) -> Floats:
    """(3, k) a direction at right angles to each posture's `up`."""
    across = np.cross(ups, rng.standard_normal(3), axisa=0, axisb=0, axisc=0)
    return np.asarray(across / np.linalg.norm(across, axis=0))


def _asleep(onset_s: float, course: Course) -> bool:
    if course.sleep_onset_s is None or course.sleep_end_s is None:
        return False
    bout = any(start <= onset_s < end for start, end in course.wake_s)
    return course.sleep_onset_s <= onset_s < course.sleep_end_s and not bout


def _record(night_g: Samples, gaps: Floats, course: Course, sensor: Sensor) -> Recording:
    facts = Facts(
        name="made night",
        input_sha256=hashlib.sha256(night_g.tobytes()).hexdigest(),
        sensor=sensor.chip,
        device_rate_hz=float(NIGHT_HZ),
        step_g=round(sensor.step_g, digits_of(sensor.step_g) + 2),
        range_g=sensor.range_g,
        lights_off=_moment(course.lights_off_s),
        lights_up=_moment(course.lights_up_s),
        notes=("made by sleepjerk simulate; no person slept this night",),
    )
    return Recording(night_g, float(NIGHT_HZ), gaps.copy(), START, facts)


def _moment(time_s: float | None) -> datetime | None:
    return None if time_s is None else START + timedelta(seconds=time_s)
