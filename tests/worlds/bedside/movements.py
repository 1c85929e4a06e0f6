"""The slower movements of a sleeper and of someone awake: turns, limbs, bodies, scratching, fidgeting, phone, page.

They are built of minimum-jerk submovements, as rapid hand movements are (Novak, Miller and Houk 2000), with the
trembling of cloth and mattress over them. Nobody sets their strength: it follows from angles and times.

Source or guess for each number:
- a turn of posture 1-10 s, 30-160 degrees of the forearm: durations as ordered by the brief, angles a guess.
- a movement of large muscles 3-15 s here, 3-45 s in Ferri et al. 2021 (Sleep 44:zsab092).
- scratching 2.5-6 Hz, 80-500 mg, bouts of 1.5-20 s: a guess; scratching is "rhythmic and repetitive" (JMIR 2023).
- limb 0.6-3 s, 8-60 degrees; tremble 10-100 mg (limb), 40-500 mg (body, turn): guesses.
- fidget flicks 0.1-0.5 s of 5-80 mg; thumb on a phone every 0.3-2 s: guesses.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.signal import lfilter

from tests.worlds.bedside.motion import FINE_HZ, Motion, both, faded, pushed, rise, swing
from tests.worlds.bedside.people import Place, joint, log_uniform
from tests.worlds.bedside.turning import Array, any_direction
from tests.worlds.bedside.twitches import about, out_and_back, pulled_angle
from tests.worlds.bedside.twitches import burst as emg_burst

DEGREE = np.pi / 180.0


def along(duration_s: float, steps: list[tuple[float, float, Array]]) -> Array:
    """The rotation vector of submovements (start, duration, turn), each a minimum-jerk step that stays."""
    way = np.zeros((int(duration_s * FINE_HZ) + 2, 3))
    for start_s, lasts_s, turn_rad in steps:
        step = rise(lasts_s)
        at = int(start_s * FINE_HZ)
        until = min(at + len(step), len(way))
        way[at:until] += step[: until - at, None] * turn_rad
        way[until:] += turn_rad
    return way


def roughness(rng: Generator, duration_s: float, strength_g: float) -> Motion:
    """Cloth, mattress and muscle: an uneven tremble of 1-10 Hz that comes and goes with the movement."""
    n = int(duration_s * FINE_HZ) + 2
    slow, fast = np.exp(-2 * np.pi * 1.0 / FINE_HZ), np.exp(-2 * np.pi * rng.uniform(5.0, 10.0) / FINE_HZ)
    white = rng.standard_t(2.5, (n, 3))  # now and then something gives way or is hit
    smooth = lfilter([1.0 - fast], [1.0, -fast], lfilter([1.0 - fast], [1.0, -fast], white, axis=0), axis=0)
    band = lfilter([1.0, -1.0], [1.0, -slow], smooth, axis=0)
    knots = np.linspace(0.0, 1.0, max(int(duration_s * 1.5), 3) + 2)
    heights = np.append(np.append(0.0, rng.uniform(0.1, 1.0, len(knots) - 2)), 0.0)
    envelope = np.interp(np.linspace(0.0, 1.0, n), knots, heights)
    shape = band * envelope[:, None]
    return pushed(shape * strength_g / max(float(np.max(np.abs(shape))), 1e-12))


def chain(rng: Generator, place: Place, duration_s: float, angle_rad: float, stays: float) -> Motion:
    """Submovements one after another over `duration_s`; the last one takes back all but `stays` of the turn."""
    count = max(2, round(duration_s / rng.uniform(0.5, 1.2)))
    axis, lever_m = joint(rng, place.person)
    last_s = min(rng.uniform(0.5, 1.5), 0.5 * duration_s)
    starts = np.append(0.0, np.sort(rng.uniform(0.0, max(duration_s - 1.3 * last_s, 0.05), count - 2)))
    steps, total = [], np.zeros(3)
    for start_s in starts:
        turn = (
            angle_rad
            * rng.uniform(0.3, 1.0)
            * (0.7 * axis * rng.choice([-1.0, 1.0]) + 0.6 * any_direction(rng))
        )
        steps.append((float(start_s), float(min(rng.uniform(0.35, 1.6), duration_s - start_s)), turn))
        total = total + turn
    steps.append((duration_s - last_s, last_s, (stays - 1.0) * total))
    return swing(along(duration_s, steps), lever_m)


def limb(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    duration_s = rng.uniform(0.6, 3.0)
    angle_rad = log_uniform(rng, 8.0, 60.0) * DEGREE
    if duration_s < 1.2 or rng.random() < 0.4:
        out_s = max(duration_s * rng.uniform(0.3, 0.5), 0.3)
        angle_rad = min(angle_rad, 160.0 * DEGREE * out_s**2)  # so that it stays slow: half a g on a forearm
        returned = 1.0 if rng.random() < 0.5 else rng.uniform(0.0, 0.8)
        return about(rng, place, angle_rad * out_and_back(out_s, 0.0, duration_s - out_s, returned))
    moved = chain(rng, place, duration_s, angle_rad, stays=rng.choice([0.0, rng.uniform(0.2, 1.0)]))
    return both(moved, roughness(rng, duration_s, log_uniform(rng, 0.01, 0.1)))


def turn(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    duration_s = details["duration_s"]
    whole = min(rng.uniform(30.0, 160.0), 60.0 * duration_s) * DEGREE * any_direction(rng)
    count = int(rng.integers(2, 3 + int(duration_s / 1.5)))
    shares = rng.dirichlet(np.full(count, 2.0))
    starts = np.sort(np.append(0.0, rng.uniform(0.0, 0.6 * duration_s, count - 1)))
    steps = []
    for at, share in zip(starts, shares, strict=True):
        lasts_s = max(float(rng.uniform(0.4, 1.0) * (duration_s - at)), 0.5)
        steps.append((float(at), lasts_s, share * whole + 0.2 * share * any_direction(rng)))
    lever_m = np.array([rng.uniform(0.1, 0.6), 0.0, 0.02])
    settled = roughness(rng, duration_s, log_uniform(rng, 0.05, 0.5))
    return both(swing(along(duration_s + 0.5, steps), lever_m), settled)


def body(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    duration_s = details["duration_s"]
    moved = chain(rng, place, duration_s, log_uniform(rng, 5.0, 35.0) * DEGREE, stays=rng.uniform(0.0, 0.5))
    return both(moved, roughness(rng, duration_s, log_uniform(rng, 0.04, 0.4)))


def scratch(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """The hand goes there, rubs to and fro at an uneven pace, and goes back (most often)."""
    duration_s, reach_s = details["duration_s"], rng.uniform(0.4, 1.2)
    reach_rad = rng.uniform(10.0, 60.0) * DEGREE * any_direction(rng)
    pace_hz = log_uniform(rng, 2.5, 6.0)
    n = int(duration_s * FINE_HZ)
    wander = np.interp(np.arange(n), np.linspace(0, n, 8), rng.normal(1.0, 0.12, 8))
    knots = rng.uniform(0.4, 1.0, 8) * (rng.random(8) > 0.15)  # a stroke may stop for a moment
    knots[[0, -1]], knots[1] = 0.0, 1.0
    effort = np.interp(np.arange(n), np.linspace(0, n, 8), knots)
    axis, lever_m = joint(rng, place.person)
    arc_m = float(np.linalg.norm(np.cross(axis, lever_m)))
    height_rad = log_uniform(rng, 0.08, 0.5) * 9.81 / (arc_m * (2 * np.pi * pace_hz) ** 2)
    phase = 2 * np.pi * np.cumsum(pace_hz * wander) / FINE_HZ
    stroke = np.sin(phase) + 0.2 * np.sin(2 * phase + 1.0) + 0.1 * np.sin(3 * phase)
    rub = min(height_rad, 0.5) * effort * stroke
    path = along(
        duration_s + 2 * reach_s, [(0.0, reach_s, reach_rad), (duration_s + reach_s, reach_s, -reach_rad)]
    )
    at = int(reach_s * FINE_HZ)
    path[at : at + n] += rub[:, None] * axis
    return swing(path, lever_m)


def finger(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """One quick small voluntary-looking movement: a lift, a tap, or two or three taps."""
    whole_s = rng.uniform(0.1, 0.5)
    once = out_and_back(
        whole_s * rng.uniform(0.3, 0.5), 0.0, whole_s * 0.6, rng.choice([1.0, rng.uniform(0.5, 1.0)])
    )
    if rng.random() < 0.3:
        return about(rng, place, pulled_angle(rng, place, emg_burst(rng, rng.uniform(0.08, 0.3)), small=True))
    if rng.random() < 0.3 and once[-1] < 1e-9:
        once = np.concatenate([once, rng.uniform(0.5, 1.0) * once, np.zeros(int(0.05 * FINE_HZ))])
    return about(rng, place, once)


def quick(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """A sudden movement of someone awake: 0.2-0.6 s, then a slower return or none."""
    out_s = rng.uniform(0.2, 0.6)
    angle = (
        min(rng.uniform(5.0, 40.0), 250.0 * out_s**2)
        * DEGREE
        * out_and_back(out_s, 0.1, out_s * 2.0, rng.uniform(0.0, 1.0))
    )
    return about(rng, place, angle)


def reach(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """Out for the glass or the blanket, a hold, and back."""
    out_s, hold_s, back_s = rng.uniform(0.7, 1.6), rng.uniform(0.5, 4.0), rng.uniform(0.8, 1.8)
    moved = rng.uniform(25.0, 90.0) * DEGREE * out_and_back(out_s, hold_s, back_s, rng.uniform(0.8, 1.0))
    return both(about(rng, place, moved), roughness(rng, len(moved) / FINE_HZ, log_uniform(rng, 0.01, 0.06)))


def phone(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """Thumb strokes on a phone that is held: small, quick and many."""
    duration_s, strength_rad = details["duration_s"], log_uniform(rng, 0.2, 2.0) * DEGREE
    path = np.zeros((int(duration_s * FINE_HZ), 3))
    at_s = 0.0
    while at_s < duration_s - 0.8:
        stroke_s = rng.uniform(0.08, 0.3)
        stroke = out_and_back(stroke_s, 0.0, stroke_s * rng.uniform(1.0, 1.8))
        turn_rad = strength_rad * rng.uniform(0.3, 1.0) * any_direction(rng)
        from_ = int(at_s * FINE_HZ)
        path[from_ : from_ + len(stroke)] += stroke[:, None] * turn_rad
        at_s += rng.uniform(0.3, 2.0)
    lever_m = np.array([rng.uniform(0.05, 0.25), 0.0, 0.02])
    return both(swing(path, lever_m), roughness(rng, duration_s, 0.004))


def visit(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """Up, there, business, back, and down again: arm swing at half the pace of the steps, a blow at each step."""
    duration_s = details["duration_s"]
    up_s, walk_s = rng.uniform(2.0, 5.0), max(0.25 * duration_s, 6.0)
    n = int(duration_s * FINE_HZ)
    time_s = np.arange(n) / FINE_HZ
    arm_rad = rng.uniform(60.0, 110.0) * DEGREE * any_direction(rng)
    down_rad = -arm_rad * rng.uniform(0.6, 1.0)
    steps = [(0.0, up_s, arm_rad), (duration_s - up_s, up_s, down_rad)]
    business = np.arange(up_s + walk_s + 1.0, duration_s - up_s - walk_s - 2.0, rng.uniform(3.0, 8.0))
    for at_s in business:
        there = rng.uniform(10.0, 50.0) * DEGREE * any_direction(rng)
        steps += [(float(at_s), 0.7, there), (float(at_s) + 0.9, 0.9, -there)]
    path = along(duration_s, steps)[:n]
    walking = np.clip(np.minimum(time_s - up_s, up_s + walk_s - time_s), 0, 1)
    walking += np.clip(np.minimum(time_s - (duration_s - up_s - walk_s), duration_s - up_s - time_s), 0, 1)
    pace_hz = rng.uniform(1.4, 2.0)
    phase = 2 * np.pi * np.cumsum(pace_hz * (1.0 + 0.03 * np.sin(0.7 * time_s))) / FINE_HZ
    path += (walking * rng.uniform(5.0, 20.0) * DEGREE * np.sin(phase / 2))[:, None] * any_direction(rng)
    blow = walking * (np.sin(phase) + 0.5 * np.sin(2 * phase + 1.0) + 0.25 * np.sin(5 * phase))
    steps_felt = pushed(faded(blow)[:, None] * rng.uniform(0.08, 0.25) * any_direction(rng))
    lifted = swing(path, np.array([place.person.forearm_m, 0.0, 0.02]))
    return both(both(lifted, steps_felt), roughness(rng, duration_s, rng.uniform(0.05, 0.2)))


WAVES: dict[str, Callable[[Generator, Place, dict[str, Any]], Motion]] = {
    "limb": limb,
    "turn": turn,
    "body": body,
    "scratch": scratch,
    "finger": finger,
    "quick": quick,
    "reach": reach,
    "phone": phone,
    "visit": visit,
}
