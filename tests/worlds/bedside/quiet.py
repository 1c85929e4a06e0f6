"""What never stops: breathing, the heart, and the slow sinking of an arm. Numbers in people.py.

Breathing tilts the wrist, once a breath, in a direction that lasts as long as a posture. The heart's kick is a short
wave of about 5 Hz (the I, J and K of the ballistocardiogram), a little later and weaker or stronger with each breath.
None of it is in the truth: together they stay under about 5 mg in 2-20 Hz.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.signal import oaconvolve

from tests.worlds.bedside.people import Person, log_uniform
from tests.worlds.bedside.turning import BODY_HZ, Array, across, any_direction


@dataclass(frozen=True)
class Rest:
    """How the wrist lies from `since_s` on."""

    since_s: float
    up: Array


def breath_phase(rng: Generator, person: Person, time_s: Array) -> Array:
    """Breaths since the start; the whole part counts them."""
    mean_s = 60.0 / person.breaths_min
    count = int(time_s[-1] / mean_s * 1.6) + 20
    wander = np.interp(
        np.arange(count), np.arange(0, count + 60, 60), rng.normal(0, 0.06, len(range(0, count + 60, 60)))
    )
    periods = mean_s * np.clip(1.0 + wander + person.breath_spread * rng.standard_normal(count), 0.6, 1.8)
    begins = np.append(0.0, np.cumsum(periods))
    phase: Array = np.interp(time_s, begins, np.arange(len(begins), dtype=float))
    return phase


def breathing(rng: Generator, person: Person, time_s: Array, pauses: list[tuple[float, float]]) -> Array:
    """Height of each breath about 1; `pauses` are the apnoeas, in which a tenth to a third is left."""
    phase = breath_phase(rng, person, time_s)
    number = phase.astype(np.int64)
    part = phase - number
    height = np.exp(0.12 * rng.standard_normal(number[-1] + 2))
    sighs = rng.random(len(height)) < person.sighs_h / (60.0 * person.breaths_min)
    height[sighs] *= rng.uniform(1.8, 3.0, int(sighs.sum()))
    wave = np.where(part < 0.4, 1.0 - np.cos(np.pi * part / 0.4), 1.0 + np.cos(np.pi * (part - 0.4) / 0.6))
    wave *= 0.5 * height[number]
    for start_s, stop_s in pauses:
        at = slice(int(start_s * BODY_HZ), int(stop_s * BODY_HZ))
        edge = np.clip(np.minimum(time_s[at] - start_s, stop_s - time_s[at]), 0.0, 1.0)
        wave[at] *= 1.0 - edge * rng.uniform(0.65, 0.9)
    return wave


def heartbeats(rng: Generator, person: Person, time_s: Array) -> Array:
    """The heart's kick, about 1 high."""
    mean_s = 60.0 / person.beats_min
    count = int(time_s[-1] / mean_s * 1.3) + 20
    number = np.arange(count)
    swell = 0.04 * np.sin(2 * np.pi * number * mean_s * person.breaths_min / 60.0)
    slow = np.interp(
        number, np.arange(0, count + 300, 300), rng.normal(0, 0.05, len(range(0, count + 300, 300)))
    )
    beats_s = np.cumsum(mean_s * np.clip(1.0 + swell + slow + 0.02 * rng.standard_normal(count), 0.6, 1.6))
    at = beats_s[beats_s < time_s[-1] - 1.0] * BODY_HZ
    whole = at.astype(np.int64)
    height = np.exp(0.15 * rng.standard_normal(len(at)))
    train = np.zeros(len(time_s))
    np.add.at(train, whole, height * (1.0 - (at - whole)))
    np.add.at(train, whole + 1, height * (at - whole))
    kick_s = np.arange(0.0, 0.7, 1.0 / BODY_HZ)
    pace_hz = rng.uniform(3.5, 7.0)
    kick = np.sin(2 * np.pi * pace_hz * kick_s) * (kick_s / 0.1) * np.exp(1.0 - kick_s / 0.1)
    beaten: Array = oaconvolve(train, kick)[: len(time_s)]
    return beaten


def held(time_s: Array, rests: list[Rest], vectors: Array) -> Array:
    """`vectors`, one a rest, over time: each goes over into the next within a second."""
    knots_s = np.concatenate([[0.0], *[[rest.since_s, rest.since_s + 1.0] for rest in rests[1:]], [np.inf]])
    values = np.repeat(vectors, 2, axis=0)
    order = np.maximum.accumulate(np.minimum(knots_s, time_s[-1] + 1.0))
    return np.stack([np.interp(time_s, order, values[:, axis]) for axis in range(3)], axis=1)


def tilts(
    rng: Generator, person: Person, time_s: Array, rests: list[Rest], pauses: list[tuple[float, float]]
) -> Array:
    """What breathing and sinking add to "up", (n, 3)."""
    share = [log_uniform(rng, 0.0005, 0.008) * person.breath_share for _ in rests]
    vectors = np.array([min(s, 0.02) * across(rest.up, rng) for s, rest in zip(share, rests, strict=True)])
    tilt = held(time_s, rests, vectors) * breathing(rng, person, time_s, pauses)[:, None]
    knots_s = np.arange(0.0, time_s[-1] + 240.0, 120.0)
    sinking = np.cumsum(rng.standard_normal((len(knots_s), 3)) * person.drift_rad * np.sqrt(0.2), axis=0)
    for axis in range(3):
        tilt[:, axis] += np.interp(time_s, knots_s, sinking[:, axis])
    return tilt


def kicks(rng: Generator, person: Person, time_s: Array, rests: list[Rest]) -> Array:
    """What the heart adds to the specific force, (n, 3), g."""
    share = [log_uniform(rng, 0.0003, 0.0018) * person.heart_share for _ in rests]
    vectors = np.array([min(s, 0.003) * any_direction(rng) for s in share])
    return held(time_s, rests, vectors) * heartbeats(rng, person, time_s)[:, None]
