"""Who lies there and on what: drawn once for a night, before anything happens.

Source or guess for each number:
- forearm from elbow to wrist 0.22-0.29 m, whole arm 0.45-0.60 m: adults' segment lengths (de Leva 1996, rounded).
  Which joint moves is drawn for each movement: lever 0.05-0.6 m.
- resonance of the relaxed wrist about 2 Hz, higher in small movements, in men and when tense: Lakie, Walsh and Wright,
  J Physiol 353:265 (1984); 1.8-4 Hz here. Damping 0.18-0.5: a guess about what they show.
- resonance of arm and body on a mattress 2-10 Hz, damping 0.1-0.5: a guess; a foam mattress under a person is soft
  and damped, a spring one rings.
- breathing 10-20 a minute asleep, varying by 4-12 % from breath to breath: textbook; sighs 3-12 an hour: a guess
  about published 5-10.
- heart 45-75 a minute asleep: textbook; its kick at the wrist 0.2-3 mg: a guess; Zschocke et al. 2019 (PLoS One
  14:e0226843) see it in a quarter of the night only, so mostly it's near the noise.
- strength of breathing at the wrist 0.2-20 mg (a hand on the belly the most), differing by posture: a guess.
- drift of the resting wrist 0.3-3 mrad in ten minutes: a guess.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from tests.worlds.bedside.turning import Array, any_direction


def log_uniform(rng: Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def log_normal(rng: Generator, median: float, spread: float, low: float, high: float) -> float:
    """Lognormal, drawn again until it lies between `low` and `high`."""
    while True:
        value = float(median * np.exp(spread * rng.standard_normal()))
        if low <= value <= high:
            return value


@dataclass(frozen=True)
class Person:
    forearm_m: float
    arm_m: float
    wrist_hz: float
    wrist_damping: float
    contraction_s: float  # time of a muscle twitch to its peak
    breaths_min: float
    breath_spread: float
    sighs_h: float
    beats_min: float
    breath_share: float  # how strongly this person's breathing reaches the wrist, 1 for the middle
    heart_share: float
    drift_rad: float
    liveliness: float  # stretches every rate of movement
    twitch_median_g: float


@dataclass(frozen=True)
class Bed:
    resonance_hz: float
    damping: float
    second_hz: float


@dataclass(frozen=True)
class Place:
    """Where a movement happens: this person, this bed, and how the wrist lies."""

    person: Person
    bed: Bed
    up: Array


def draw_person(rng: Generator) -> Person:
    return Person(
        forearm_m=rng.uniform(0.22, 0.29),
        arm_m=rng.uniform(0.45, 0.60),
        wrist_hz=log_uniform(rng, 1.8, 4.0),
        wrist_damping=rng.uniform(0.18, 0.5),
        contraction_s=log_uniform(rng, 0.03, 0.09),
        breaths_min=rng.uniform(10.0, 20.0),
        breath_spread=rng.uniform(0.04, 0.12),
        sighs_h=rng.uniform(3.0, 12.0),
        beats_min=rng.uniform(45.0, 75.0),
        breath_share=log_uniform(rng, 0.4, 2.5),
        heart_share=log_uniform(rng, 0.4, 2.5),
        drift_rad=log_uniform(rng, 0.0003, 0.003),
        liveliness=log_uniform(rng, 0.7, 1.4),
        twitch_median_g=log_uniform(rng, 0.11, 0.20),
    )


def draw_bed(rng: Generator) -> Bed:
    return Bed(
        resonance_hz=log_uniform(rng, 2.0, 10.0),
        damping=log_uniform(rng, 0.1, 0.5),
        second_hz=log_uniform(rng, 8.0, 20.0),
    )


def joint(rng: Generator, person: Person) -> tuple[Array, Array]:
    """Axis and lever of a movement: the forearm about the elbow, the arm about the shoulder, a propped hand
    that lifts the wrist, or (a quarter) a roll of the forearm, which moves the sensor only by 2-4 cm."""
    chance = rng.random()
    off = 0.25 * any_direction(rng)
    if chance < 0.25:
        axis = np.array([rng.choice([-1.0, 1.0]), 0.0, 0.0]) + off
        lever = np.array([rng.uniform(-0.03, 0.03), 0.0, rng.uniform(0.02, 0.04)])
    else:
        turn = rng.uniform(0.0, 2.0 * np.pi)
        axis = np.array([0.0, np.cos(turn), np.sin(turn)]) + off
        length = (
            person.forearm_m if chance < 0.65 else person.arm_m if chance < 0.8 else rng.uniform(0.05, 0.2)
        )
        lever = np.array([np.clip(length * rng.uniform(0.85, 1.1), 0.05, 0.6), 0.0, 0.02])
    return axis / np.linalg.norm(axis), lever
