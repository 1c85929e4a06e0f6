"""What reaches the wrist without the wrist moving itself: through the mattress, from the trunk, along a cable.

Source or guess for each number:
- partner and furniture ring at 3-9 or 8-20 Hz, damping 0.04-0.3, 5-80 mg, mostly up and down: as ordered by the
  brief; damping a guess. A partner's turn is 2-7 blows in 0.5-4 s and may leave the mattress 1-8 mrad askew: a guess.
- a resumed breath: two or three deep breaths (6-40 mrad of tilt) and a jolt of arm and trunk, median 20 mg, 4-200 mg,
  of a gasp of 0.25-0.7 s at 1.5-5 Hz: a guess; arousal with it in 15 %: a guess (Younes 2004 finds one in 83 % of
  obstructions made in the lab, but the wrist need not move).
- a cough: spike of 30-50 ms, push of 200-500 ms (Chang's phases, as told by the ESL cough data set), on a trunk
  of 3-8 Hz, median 70 mg: strength a guess.
- a cable: slow pull 0.5-3 s, 20-200 mrad; back in 30-80 ms with 8-20 Hz ringing of 30-300 mg: a guess.
- a periodic limb movement 0.5-5 s (PLMS 3.2 s, SD 0.65, in RLS, PMC4434558), reaching the wrist by arm or trunk.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from tests.worlds.bedside.motion import FINE_HZ, Motion, both, half_sine, pushed, rise, rung, swing
from tests.worlds.bedside.people import Place, joint, log_uniform
from tests.worlds.bedside.turning import Array, across, any_direction
from tests.worlds.bedside.twitches import burst, out_and_back, pulled_angle


def upright(rng: Generator, place: Place) -> Array:
    """A direction that is mostly up and down."""
    vector = place.up + 0.4 * any_direction(rng)
    return vector / np.linalg.norm(vector)


def blows(rng: Generator, duration_s: float, count: int) -> Array:
    drive = np.zeros(int((duration_s + 0.2) * FINE_HZ))
    for at_s in np.append(0.0, rng.uniform(0.0, duration_s, count - 1)):
        blow = half_sine(rng.uniform(0.02, 0.12)) * rng.choice([-1.0, 1.0]) * log_uniform(rng, 0.2, 1.0)
        at = int(at_s * FINE_HZ)
        drive[at : at + len(blow)] += blow[: len(drive) - at]
    return drive


def thump(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    alone = rng.random() < 0.5
    duration_s, count = (0.05, 1) if alone else (rng.uniform(0.5, 4.0), int(rng.integers(2, 8)))
    drive = blows(rng, duration_s, count)
    low_hz, high_hz = details["modes_hz"]
    first_hz = float(np.clip(details["bed_hz"] * np.exp(0.12 * rng.standard_normal()), low_hz, high_hz))
    ring = rung(drive, first_hz, log_uniform(rng, 0.04, 0.3))
    shake = np.gradient(ring)[:, None] * upright(rng, place)
    if rng.random() < 0.5:
        second = np.gradient(
            rung(drive, min(first_hz * rng.uniform(1.4, 2.2), high_hz), log_uniform(rng, 0.05, 0.3))
        )
        n = min(len(second), len(shake))
        shake[:n] += 0.4 * second[:n, None] * upright(rng, place)
    felt = pushed(shake / np.max(np.abs(shake)))
    if alone or rng.random() < 0.5:
        return felt
    askew = rise(duration_s)[:, None] * log_uniform(rng, 0.001, 0.008) * across(place.up, rng)
    return both(felt, swing(askew, np.zeros(3)))


def gasped(duration_s: float, early: float) -> Array:
    """The push of a first breath after a pause: quicker up than down, but nothing sudden."""
    gasp: Array = np.sin(np.pi * np.linspace(0.0, 1.0, int(duration_s * FINE_HZ)) ** early) ** 2
    return gasp


def resumed_breath(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    deep_rad = log_uniform(rng, 0.006, 0.04)
    waves = []
    for share in rng.uniform(0.4, 1.0, int(rng.integers(2, 4))):
        waves.append(share * out_and_back(rng.uniform(0.8, 1.4), 0.1, rng.uniform(1.2, 2.0)))
    axis = across(place.up, rng)
    breaths = np.concatenate(waves)[:, None] * axis * deep_rad
    gasp = gasped(rng.uniform(0.25, 0.7), rng.uniform(0.7, 1.0))
    jolt = rung(gasp, log_uniform(rng, 1.5, 5.0), rng.uniform(0.15, 0.5))
    turn, lever_m = joint(rng, place.person)
    jolted = swing(0.03 * jolt[:, None] * turn, lever_m)
    heave = pushed(
        0.02 * np.gradient(jolt)[:, None] / np.max(np.abs(np.gradient(jolt))) * upright(rng, place)
    )
    return both(swing(breaths, np.zeros(3)), both(jolted, heave))


def cough(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    spike, push = half_sine(rng.uniform(0.03, 0.05)), half_sine(rng.uniform(0.2, 0.5))
    drive = np.append(spike, np.zeros(len(push)))
    drive[: len(push)] += details.get("push", 0.3) * push
    response = rung(drive, details["trunk_hz"] * rng.uniform(0.9, 1.1), rng.uniform(0.15, 0.4))
    lifted = swing(
        0.03 * response[:, None] * any_direction(rng), np.array([rng.uniform(0.05, 0.3), 0.0, 0.02])
    )
    shake = np.gradient(response)[:, None] * any_direction(rng)
    return both(lifted, pushed(0.05 * shake / np.max(np.abs(shake))))


def cable(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    pull_s, pull_rad = rng.uniform(0.5, 3.0), log_uniform(rng, 0.02, 0.2)
    snap_s = rng.uniform(0.03, 0.08)
    left = rng.choice([0.0, rng.uniform(0.0, 0.3)])
    way = out_and_back(pull_s, rng.uniform(0.0, 1.0), snap_s, 1.0 - left)
    ring = rung(half_sine(snap_s), log_uniform(rng, 8.0, 20.0), rng.uniform(0.15, 0.4))
    quiet = np.zeros(len(way) - int(snap_s * FINE_HZ))
    shake = np.append(quiet, np.gradient(ring) / np.max(np.abs(np.gradient(ring))))
    pulled = swing(pull_rad * way[:, None] * any_direction(rng), np.array([0.01, 0.0, 0.02]))
    return both(pulled, pushed(log_uniform(rng, 0.03, 0.3) * shake[:, None] * any_direction(rng)))


def periodic(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """One of a series: much the same each time (axis, lever and way of reaching the wrist are the series')."""
    duration_s = float(np.clip(details["burst_s"] * np.exp(0.2 * rng.standard_normal()), 0.4, 5.0))
    angle = pulled_angle(rng, place, burst(rng, duration_s))
    axis = details["axis"] + 0.15 * any_direction(rng)
    moved = swing(0.05 * angle[:, None] * axis, details["lever_m"])
    if details["by_arm"]:
        return moved
    drive = blows(rng, duration_s, int(rng.integers(2, 6)))
    ring = np.gradient(rung(drive, details["trunk_hz"], 0.25))
    shake = pushed(0.02 * ring[:, None] / np.max(np.abs(ring)) * upright(rng, place))
    return both(moved.grown(0.1), shake)


WAVES: dict[str, Callable[[Generator, Place, dict[str, Any]], Motion]] = {
    "thump": thump,
    "resumed_breath": resumed_breath,
    "cough": cough,
    "cable": cable,
    "periodic": periodic,
}
