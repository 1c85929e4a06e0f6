"""What disturbs a night from outside the sleeping limb, and when: bed, breath, cough, cable, sensor, series.

Source or guess for each number: see through_bed.py and scenarios.py; a night's own cycle, trunk and partner are drawn
once and differ a little from event to event (a guess).
"""

import numpy as np
from numpy.random import Generator

from tests.worlds.bedside.events import Event, arousal, rate, stream, times
from tests.worlds.bedside.people import Bed, log_normal, log_uniform
from tests.worlds.bedside.scenarios import Scenario
from tests.worlds.bedside.sleeping import Sleeping, Span
from tests.worlds.bedside.turning import any_direction


def bed_events(rng: Generator, scenario: Scenario, sleeping: Sleeping, bed: Bed) -> list[Event]:
    """The partner and the furniture; they don't ask whether anybody sleeps. They come alone and in groups."""
    low_hz, high_hz = scenario.bed_hz
    own = [hz for hz in (bed.resonance_hz, bed.second_hz) if low_hz <= hz <= high_hz]
    bed_hz = own[0] if own else log_uniform(rng, low_hz, high_hz)
    details = {"modes_hz": scenario.bed_hz, "bed_hz": bed_hz}
    events = []
    for at_s in times(rng, [(0.0, sleeping.night_s)], rate(rng, scenario.bed) / 1.5):
        family = "furniture" if rng.random() < 0.25 else "partner"
        for _ in range(1 if family == "furniture" else int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))):
            events.append(Event(at_s, "bed", family, "thump", log_uniform(rng, 0.005, 0.08), details))
            at_s += rng.uniform(2.0, 30.0)
    return events


def apnoea_blocks(rng: Generator, sleeping: Sleeping, share: float) -> list[Span]:
    """Stretches of 10-60 min in which breathing stops again and again, `share` of the sleep in all."""
    blocks = []
    for start, stop in sleeping.spans():
        at_s = start - rng.uniform(0.0, 2100.0 / max(share, 0.05))
        while at_s < stop:
            length_s = rng.uniform(600.0, 3600.0)
            if at_s + length_s > start:
                blocks.append((max(at_s, start), min(at_s + length_s, stop)))
            at_s += length_s / max(share, 0.05) * rng.uniform(0.7, 1.3)
    return blocks


def apnoeas(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> tuple[list[Event], list[Span]]:
    """Resumed breaths, and the pauses before them."""
    an_hour = rate(rng, scenario.apnoea)
    if an_hour <= 0:
        return [], []
    cycle_s = rng.uniform(27.0, 48.0)
    events: list[Event] = []
    pauses: list[Span] = []
    for start, stop in apnoea_blocks(rng, sleeping, min(an_hour * cycle_s / 3600.0, 0.9)):
        at_s = start + rng.uniform(10.0, 40.0)
        while at_s < stop:
            pauses.append((at_s - rng.uniform(10.0, 0.65 * cycle_s), at_s))
            peak_g = log_normal(rng, 0.02, 0.8, 0.004, 0.2)
            aroused = rng.random() < 0.15
            family = "with_arousal" if aroused else "resumed_breath"
            events.append(Event(at_s, "breath", family, "resumed_breath", peak_g))
            if aroused:
                events.append(arousal(rng, at_s + rng.uniform(0.3, 4.0)))
            at_s += float(np.clip(cycle_s * np.exp(0.15 * rng.standard_normal()), 25.0, 60.0))
    return events, pauses


def coughs(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> list[Event]:
    events = []
    details = {"trunk_hz": log_uniform(rng, 3.0, 8.0), "push": rng.uniform(0.15, 0.5)}
    night = [(0.0, sleeping.night_s)]
    for at_s in times(rng, night, rate(rng, scenario.cough_bout)):
        strength_g = log_normal(rng, 0.07, 0.6, 0.015, 0.4)
        for _ in range(int(rng.integers(1, 9))):
            peak_g = strength_g * rng.uniform(0.4, 1.2)
            events.append(Event(at_s, "cough", "bout", "cough", peak_g, details))
            at_s += rng.uniform(0.3, 1.0)
    for at_s in times(rng, night, rate(rng, scenario.cough_alone)):
        events.append(Event(at_s, "cough", "alone", "cough", log_normal(rng, 0.06, 0.6, 0.01, 0.4), details))
    return events


def tugs(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> list[Event]:
    return [
        Event(at_s, "cable", "tug", "cable")
        for at_s in times(rng, [(0.0, sleeping.night_s)], rate(rng, scenario.cable))
    ]


def faults(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> list[Event]:
    events = []
    for at_s in times(rng, [(0.0, sleeping.night_s)], rate(rng, scenario.fault)):
        family = str(rng.choice(["burst", "glitch", "step"], p=[0.4, 0.4, 0.2]))
        lasts_s = log_uniform(rng, 0.2, 20.0) if family == "burst" else 0.0
        events.append(Event(at_s, "sensor", family, "fault", details={"duration_s": lasts_s}))
    return events


def series(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> list[Event]:
    """Periodic limb movements: runs of 4-40, 15-45 s apart, alike within a run."""
    if scenario.series_night[1] <= 0 or not sleeping.spans():
        return []
    events = []
    spans = sleeping.spans()
    for _ in range(int(rng.integers(int(scenario.series_night[0]), int(scenario.series_night[1]) + 1))):
        span = spans[int(rng.integers(len(spans)))]
        by_arm = bool(rng.random() < 0.6)
        axis = any_direction(rng)
        details = {"axis": axis, "lever_m": np.array([rng.uniform(0.1, 0.4), 0.0, 0.02]), "by_arm": by_arm}
        details |= {"burst_s": log_uniform(rng, 0.5, 3.5), "trunk_hz": log_uniform(rng, 3.0, 8.0)}
        strength_g, gap_s = log_uniform(rng, 0.015, 0.15), rng.uniform(15.0, 45.0)
        at_s = rng.uniform(span[0], span[1])
        for _ in range(int(rng.integers(4, 41))):
            if at_s > span[1]:
                break
            peak_g = float(strength_g * np.exp(0.3 * rng.standard_normal()))
            family = "arm" if by_arm else "leg_through_body"
            events.append(Event(at_s, "series", family, "periodic", peak_g, details))
            at_s += float(np.clip(gap_s * np.exp(0.17 * rng.standard_normal()), 8.0, 80.0))
    return events


def pauses(seed: int, name: str, scenario: Scenario, sleeping: Sleeping) -> list[Span]:
    return apnoeas(stream(seed, name, "apnoea"), scenario, sleeping)[1]


def all_of_them(seed: int, name: str, scenario: Scenario, sleeping: Sleeping, bed: Bed) -> list[Event]:
    return [
        *bed_events(stream(seed, name, "bed"), scenario, sleeping, bed),
        *apnoeas(stream(seed, name, "apnoea"), scenario, sleeping)[0],
        *coughs(stream(seed, name, "cough"), scenario, sleeping),
        *tugs(stream(seed, name, "cable"), scenario, sleeping),
        *faults(stream(seed, name, "fault"), scenario, sleeping),
        *series(stream(seed, name, "series"), scenario, sleeping),
    ]
