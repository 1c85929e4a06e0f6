"""One function a kind of movement: chance and a planned event in, a motion out.

Knows how each kind moves (7.2 of the science notes). Must not know when it happens, nor the sensor.

Conventions
-----------
Every function takes a random generator, the planned event and `up`, the (3,) still reading before it, and
gives a motion that begins at 0 s. An event with `peak_g` is scaled afterwards, all others go by their angles.
"""

from collections.abc import Callable

import numpy as np

from sleepjerk.simulate.physics import (
    FINE_HZ,
    FOREARM,
    STANDARD_GRAVITY,
    Floats,
    Motion,
    Shake,
    Swing,
    angle_deg,
    cross,
    minimum_jerk,
    peak_tangential_g,
    pulse,
    rotate,
    turn,
)
from sleepjerk.simulate.plan import Kind, PlannedEvent

# 7.1: distance from the joint to the wrist, m.
WRIST_M = 0.05
ELBOW_M = 0.25
SHOULDER_M = 0.55

# 7.2, hypnic jerk.
JERK_RISE_S = (0.060, 0.140)
JERK_FALL_S = (0.100, 0.300)
JERK_HOLD_S = (0.0, 0.050)
JERK_DOUBLE_SHARE = 0.30
JERK_DOUBLE_APART_S = (0.100, 0.300)  # from the begin of the first pulse to that of the second
JERK_SECOND_SHARE = (0.4, 1.0)  # our choice: strength of the second pulse
JERK_JOINTS = ((ELBOW_M, 0.6), (SHOULDER_M, 0.3), (WRIST_M, 0.1))  # our choice
JERK_MAX_RAD = np.radians(25.0)  # our choice: a jerk that needs a wider turn comes from a joint further up

# 7.2, fragmentary myoclonus and faint twitching: at most 150 ms in all.
MYOCLONUS_RISE_S = (0.040, 0.070)
MYOCLONUS_FALL_S = (0.050, 0.080)

# 7.2, periodic movement.
PERIODIC_RISE_S = (0.15, 0.50)
PERIODIC_ANGLE_DEG = (5.0, 0.5)  # log-normal: median, SD of the logarithm
PERIODIC_DURATION_S = (3.2, 0.35)  # log-normal: mean, SD of the logarithm
PERIODIC_DURATION_LIMITS_S = (0.5, 10.0)
PERIODIC_MAX_G = 0.8
PERIODIC_FALL_RATIO = (1.0, 2.0)  # our choice: letting go takes longer than pulling
RIPPLE_SHARE = (0.2, 0.5)
RIPPLE_HZ = (1.0, 3.0)

# 7.2, bed coupling and partner: a ring without tilt.
RING_HZ = (8.0, 20.0)
RING_DECAY_S = (0.030, 0.150)
RING_RISE_S = 0.010  # our choice: nothing begins with a step

# 7.2, scratching, tremor, rhythmic feet movements felt through the bed.
SCRATCH_HZ = (2.0, 6.0)
SCRATCH_DEG = (1.0, 4.0)
SCRATCH_S = (3.0, 20.0)
TREMOR_HZ = (8.0, 12.0)
TREMOR_S = (10.0, 60.0)
TREMOR_G = 0.005
TREMOR_WAXING = 0.3  # our choice: share by which a tremor waxes and wanes
BED_RHYTHM_HZ = (0.3, 4.0)
BED_RHYTHM_S = (10.0, 15.0)
BED_RHYTHM_G = 0.010
BED_PUSH_S = (
    0.25,
    0.50,
)  # 2: bursts of feet movements last 250-1000 ms; what the bed leaves of it: our choice
BED_PUSHES = 4  # 2: fewer are no rhythm
RHYTHM_FADE_S = 0.5  # our choice
RHYTHM_WOBBLE = 0.05  # our choice: the rate gives way by this share, to and fro: no clockwork
RHYTHM_WOBBLE_S = 5.0  # our choice

# 7.2, a pull at the cable: the sensor stays turned.
TUG_DEG = (2.0, 10.0)
TUG_TURN_S = (0.05, 0.20)  # our choice
TUG_SPIKE_G = (0.1, 0.5)
TUG_SPIKE_S = (0.020, 0.060)

# 7.2, body movement and position shift.
SUB_DURATION_S = (0.3, 1.0)
SUB_ANGLE_DEG = (2.0, 25.0)
SUB_PAUSE_S = (0.0, 0.15)  # our choice
BODY_DURATION_S = (4.0, 0.7)  # log-normal: median, SD of the logarithm
BODY_DURATION_LIMITS_S = (0.7, 45.0)
BODY_JOINTS_M = (0.0, ELBOW_M, SHOULDER_M)  # 0: a turn of the forearm about itself
SHIFT_TURN_S = (0.5, 3.0)
SHIFT_ANGLE_DEG = (20.0, 120.0)
SHIFT_AFTER_S = (3.0, 15.0)

_NO_NEARER = 1e-9  # rounding, no difference


def make_motion(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """The motion of a planned event."""
    return _MAKERS[event.kind](rng, event, up)


def _across(rng: np.random.Generator) -> Floats:
    """A random axis at right angles to the forearm: a joint that can move the wrist."""
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([0.0, np.cos(angle), np.sin(angle)])


def _jerk(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    rise_s, fall_s = rng.uniform(*JERK_RISE_S), rng.uniform(*JERK_FALL_S)
    share = pulse(rise_s, rng.uniform(*JERK_HOLD_S), fall_s)
    radii, weights = zip(*JERK_JOINTS, strict=True)
    radius_m = float(rng.choice(radii, p=weights))
    apart_s, second = rng.uniform(*JERK_DOUBLE_APART_S), rng.uniform(*JERK_SECOND_SHARE)
    if rng.random() < JERK_DOUBLE_SHARE:
        later = round(apart_s * FINE_HZ)
        share = np.pad(share, (0, later)) + second * np.pad(share, (later, 0))
    return _sized_swing(share, event.peak_g or 0.1, rise_s, radius_m, _across(rng))


def _sized_swing(share: Floats, peak_g: float, rise_s: float, radius_m: float, axis: Floats) -> Motion:
    """A swing of about the wanted strength, from a joint for which that is no absurd angle."""
    for candidate_m in (radius_m, ELBOW_M, SHOULDER_M):
        radius_m = max(radius_m, candidate_m)
        angle_rad = peak_g * STANDARD_GRAVITY * rise_s**2 / (10 / np.sqrt(3) * radius_m)
        if angle_rad <= JERK_MAX_RAD:
            break
    return (Swing(0.0, share * angle_rad, axis, radius_m),)


def _myoclonus(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    rise_s, fall_s = rng.uniform(*MYOCLONUS_RISE_S), rng.uniform(*MYOCLONUS_FALL_S)
    return _sized_swing(pulse(rise_s, 0.0, fall_s), event.peak_g or 0.004, rise_s, ELBOW_M, _across(rng))


def _periodic(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """Out, held with a ripple, back: the ripple fades in and out within the hold."""
    angle_rad = np.radians(rng.lognormal(np.log(PERIODIC_ANGLE_DEG[0]), PERIODIC_ANGLE_DEG[1]))
    duration_s = event.duration_s or periodic_duration(rng)
    slowest_s = np.sqrt(peak_tangential_g(angle_rad, 1.0, ELBOW_M) / PERIODIC_MAX_G)
    rise_s = min(max(rng.uniform(*PERIODIC_RISE_S), slowest_s), duration_s / 2)
    fall_s = min(rise_s * rng.uniform(*PERIODIC_FALL_RATIO), duration_s - rise_s)
    hold_s = duration_s - rise_s - fall_s
    share = pulse(rise_s, hold_s, fall_s)
    if hold_s > 0:
        share = share * (1 - _ripple(rng, len(share), rise_s, hold_s))
    return (Swing(0.0, share * angle_rad, _across(rng), ELBOW_M),)


def _ripple(rng: np.random.Generator, count: int, rise_s: float, hold_s: float) -> Floats:
    """(count,) share of the angle given way and taken back in the hold, its rate gliding: no clockwork."""
    depth, (first_hz, last_hz) = rng.uniform(*RIPPLE_SHARE), rng.uniform(*RIPPLE_HZ, 2)
    time = np.arange(count) / FINE_HZ - rise_s
    share = np.clip(time / hold_s, 0, 1)
    taper = minimum_jerk(4 * share) - minimum_jerk(4 * share - 3)
    turns = hold_s * (first_hz * share + (last_hz - first_hz) * share**2 / 2)
    return np.asarray(depth * taper * (1 - np.cos(2 * np.pi * turns)) / 2)


def periodic_duration(rng: np.random.Generator) -> float:
    """A random length of a periodic movement, s."""
    mean_s, sd = PERIODIC_DURATION_S
    return float(np.clip(rng.lognormal(np.log(mean_s) - sd**2 / 2, sd), *PERIODIC_DURATION_LIMITS_S))


def body_duration(rng: np.random.Generator) -> float:
    """A random length of a body movement, s."""
    return float(
        np.clip(rng.lognormal(np.log(BODY_DURATION_S[0]), BODY_DURATION_S[1]), *BODY_DURATION_LIMITS_S)
    )


def _scratching(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """Strokes to one side and back, all from where the arm lay."""
    count = _count(event.duration_s or rng.uniform(*SCRATCH_S))
    angle_rad = np.radians(rng.uniform(*SCRATCH_DEG))
    turns = _turns(rng, event.rate_hz or rng.uniform(*SCRATCH_HZ), count)
    strokes = (1 - np.cos(2 * np.pi * turns)) / 2
    return (Swing(0.0, _faded(strokes) * angle_rad, _across(rng), ELBOW_M),)


def _tremor(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """The hand swings to and fro about the wrist, waxing and waning."""
    count = _count(event.duration_s or rng.uniform(*TREMOR_S))
    rate_hz = event.rate_hz or rng.uniform(*TREMOR_HZ)
    turns = _turns(rng, rate_hz, count)
    waxing = 1 + TREMOR_WAXING * np.sin(2 * np.pi * _turns(rng, 1 / RHYTHM_WOBBLE_S, count))
    peak_g = event.peak_g or TREMOR_G
    angle_rad = peak_g * STANDARD_GRAVITY / WRIST_M / (2 * np.pi * rate_hz) ** 2
    swing = _faded(waxing * np.sin(2 * np.pi * turns)) * angle_rad
    return (Swing(0.0, swing, _across(rng), WRIST_M),)


def _bed_rhythm(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """Pushes through the mattress, one a period, along one direction and without any rotation."""
    duration_s = event.duration_s or rng.uniform(*BED_RHYTHM_S)
    low_hz, high_hz = BED_RHYTHM_HZ
    rate_hz = event.rate_hz or rng.uniform(max(low_hz, BED_PUSHES / duration_s), high_hz)
    share = min(rng.uniform(*BED_PUSH_S) * rate_hz, 1.0)
    within = np.clip(_turns(rng, rate_hz, _count(duration_s)) % 1.0 / share, 0, 1)
    # To and fro in equal parts, so that the bed ends where it began.
    wave = np.sin(2 * np.pi * within) * np.sin(np.pi * within) ** 2
    return (Shake(0.0, np.outer(_direction(rng), _faded(wave)) * (event.peak_g or BED_RHYTHM_G)),)


def _count(duration_s: float) -> int:
    """Samples at `FINE_HZ`."""
    return round(duration_s * FINE_HZ) + 1


def _turns(rng: np.random.Generator, rate_hz: float, count: int) -> Floats:
    """(count,) turns done since the begin, in the mean `rate_hz` a second, a little faster and slower in turn."""
    time, begin = np.arange(count) / FINE_HZ, rng.uniform(0, 2 * np.pi)
    slow = 2 * np.pi / RHYTHM_WOBBLE_S
    return np.asarray(rate_hz * (time + RHYTHM_WOBBLE / slow * (np.sin(slow * time + begin) - np.sin(begin))))


def _faded(wave: Floats) -> Floats:
    """A wave that begins and ends with exactly 0, faded in and out."""
    time = np.arange(len(wave)) / FINE_HZ
    fade_s = min(RHYTHM_FADE_S, time[-1] / 2)
    return np.asarray(wave * minimum_jerk(time / fade_s) * minimum_jerk(time[::-1] / fade_s))


def _cable_tug(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """The strap slips round to a new place and stays, and the pull itself is a spike."""
    goal = _tilted(rng, up, event.tilt_deg or rng.uniform(*TUG_DEG))
    slip = _swing_to(up, goal, 0.0, rng.uniform(*TUG_TURN_S), 0.0)
    spike_s, spike_g = rng.uniform(*TUG_SPIKE_S), rng.uniform(*TUG_SPIKE_G)
    spike = spike_g * np.sin(np.pi * np.linspace(0, 1, _count(spike_s)))
    return (slip, Shake(0.0, np.outer(_direction(rng), spike)))


def _ring(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """A damped ring of the mattress, along one random direction, without any rotation."""
    ring_hz, decay_s = rng.uniform(*RING_HZ), rng.uniform(*RING_DECAY_S)
    time = np.arange(round(6 * decay_s * FINE_HZ)) / FINE_HZ
    wave = minimum_jerk(time / RING_RISE_S) * np.exp(-time / decay_s) * np.sin(2 * np.pi * ring_hz * time)
    return (Shake(0.0, np.outer(_direction(rng), wave) * (event.peak_g or 0.01)),)


def _direction(rng: np.random.Generator) -> Floats:
    """A random unit vector."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def _body(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """Sub-movements one after the other; the last ones lead to where the arm shall lie."""
    duration_s = event.duration_s or body_duration(rng)
    goal = None if event.tilt_deg is None else _tilted(rng, up, event.tilt_deg)
    return _wander(rng, 0.0, duration_s, up, goal)


def _shift(rng: np.random.Generator, event: PlannedEvent, up: Floats) -> Motion:
    """One wide turn, then smaller movements about the new position."""
    tilt_deg = event.tilt_deg or rng.uniform(*SHIFT_ANGLE_DEG)
    turn_s, after_s = rng.uniform(*SHIFT_TURN_S), rng.uniform(*SHIFT_AFTER_S)
    if event.duration_s is not None:
        turn_s = min(turn_s, event.duration_s / 2)
        after_s = event.duration_s - turn_s
    goal = _tilted(rng, up, tilt_deg)
    radius_m = float(rng.choice(BODY_JOINTS_M))
    first = _swing_to(up, goal, 0.0, turn_s, radius_m)
    pause_s = rng.uniform(*SUB_PAUSE_S)
    return (first, *_wander(rng, turn_s + pause_s, max(after_s - pause_s, SUB_DURATION_S[0]), goal, goal))


def _tilted(rng: np.random.Generator, up: Floats, tilt_deg: float) -> Floats:
    """`up` turned by exactly `tilt_deg` in a random direction."""
    axis = cross(up, _direction(rng))
    return rotate(up, axis / np.linalg.norm(axis), np.radians([tilt_deg]))[:, 0]


def _wander(
    rng: np.random.Generator, start_s: float, duration_s: float, up: Floats, goal: Floats | None
) -> tuple[Swing, ...]:
    """Random sub-movements from `start_s` on for `duration_s`, ending at the reading `goal` if given."""
    swings: list[Swing] = []
    time_s, now = start_s, up
    end_s = start_s + duration_s
    while True:
        length_s = rng.uniform(*SUB_DURATION_S)
        radius_m, axis = float(rng.choice(BODY_JOINTS_M)), _across(rng)
        angle_rad = np.radians(rng.uniform(*SUB_ANGLE_DEG))
        pause_s = rng.uniform(*SUB_PAUSE_S)
        last = time_s + length_s + pause_s + SUB_DURATION_S[0] > end_s
        if last:
            length_s = max(end_s - time_s, SUB_DURATION_S[0])
        if last and goal is not None and angle_deg(now, goal) > 0.01:
            swing = _swing_to(now, goal, time_s, length_s, radius_m)
        else:
            axis = FOREARM if radius_m == 0 else axis
            swing = Swing(time_s, turn(length_s) * _homing(angle_rad, now, axis, goal), axis, radius_m)
        swings.append(swing)
        if last:
            return tuple(swings)
        now = rotate(now, swing.axis, -swing.angle_rad[-1:])[:, 0]
        time_s += length_s + pause_s


def _homing(angle_rad: float, now: Floats, axis: Floats, goal: Floats | None) -> float:
    """The angle with the sign that leads nearer to the goal, so that an arm doesn't stray without bound.

    From the goal itself both lead equally far away: that must not be left to the last bit of a processor.
    """
    if goal is None:
        return angle_rad
    there, back = rotate(now, axis, np.array([-angle_rad, angle_rad])).T
    return angle_rad if np.dot(there - back, goal) > _NO_NEARER else -angle_rad


def _swing_to(now: Floats, goal: Floats, start_s: float, length_s: float, radius_m: float) -> Swing:
    """The shortest turn from one still reading to another."""
    axis = cross(goal, now)
    axis /= np.linalg.norm(axis)
    return Swing(start_s, turn(length_s) * np.radians(angle_deg(now, goal)), axis, radius_m)


_MAKERS: dict[Kind, Callable[[np.random.Generator, PlannedEvent, Floats], Motion]] = {
    Kind.HYPNIC_JERK: _jerk,
    Kind.REM_TWITCH: _jerk,
    Kind.MYOCLONUS: _myoclonus,
    Kind.FAINT_TWITCHING: _myoclonus,
    Kind.PERIODIC_ARM: _periodic,
    Kind.SCRATCHING: _scratching,
    Kind.TREMOR: _tremor,
    Kind.BED_RHYTHM: _bed_rhythm,
    Kind.PERIODIC_LEG_COUPLED: _ring,
    Kind.PARTNER: _ring,
    Kind.CABLE_TUG: _cable_tug,
    Kind.BODY_MOVEMENT: _body,
    Kind.RESUMPTION: _body,
    Kind.POSITION_SHIFT: _shift,
}
