"""The kinds of movement a sleeping or waking arm makes: one function a kind, each draws one event.

Knows the shapes and sizes of movements (`NUMBERS` cite their source). Must not know when they happen.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sleepjerk.events import Label
from sleepjerk.simulate.physics import Ring, Stroke, angle_for_peak

# Forward model; a sensor on the wrist, turned by the elbow, the shoulder, the wrist itself.
JOINTS_M = (0.25, 0.55, 0.05)
JOINT_SHARES = (0.7, 0.2, 0.1)  # assumption
# Hypnic jerk: EMG lasts 75-250 ms (ICSD wording); sizes and shares are assumptions of the forward model.
JERK_RISE_S, JERK_FALL_S, JERK_HOLD_S = (0.06, 0.14), (0.10, 0.30), (0.0, 0.05)
JERK_PEAK_G, JERK_LN_SD, JERK_CLIP_G = 0.25, 0.8, (0.03, 3.0)
JERK_DOUBLE_SHARE, JERK_DOUBLE_S = 0.3, (0.10, 0.30)
JERK_BODY_SHARE, JERK_BODY_AFTER_S, JERK_BODY_S = 0.3, (0.5, 3.0), (5.0, 60.0)
# Twitch in REM-like sleep: weaker than a jerk; assumption.
REM_PEAK_G, REM_LN_SD, REM_CLIP_G = 0.04, 0.8, (0.008, 1.0)
# Fragmentary myoclonus: EMG at most 150 ms (AASM); hardly any movement (ATS).
MYOCLONUS_RISE_S, MYOCLONUS_PEAK_G = (0.05, 0.075), (0.001, 0.008)
# Periodic movement: duration and rise as in PLM lists; the angle is an assumption.
PERIODIC_RISE_S, PERIODIC_FALL_S = (0.15, 0.5), (0.2, 0.6)
PERIODIC_S, PERIODIC_LN_SD, PERIODIC_CLIP_S = 3.0, 0.35, (0.8, 9.5)  # logN with mean 3.2 s
PERIODIC_DEG, PERIODIC_DEG_LN_SD = 5.0, 0.5
PERIODIC_RIPPLE, PERIODIC_RIPPLE_HZ = (0.2, 0.5), (1.0, 3.0)
# Bed vibration: assumption, nothing is published.
RING_HZ, RING_DECAY_S, RING_PEAK_G = (8.0, 20.0), (0.03, 0.15), (0.003, 0.020)
# Body movement: Ibrahim 2023 (median 12 s in the laboratory), most are shorter at a wrist; assumption.
BODY_S, BODY_LN_SD, BODY_CLIP_S = 4.0, 0.7, (0.7, 45.0)
BODY_PART_S, BODY_PART_DEG = (0.3, 1.0), (2.0, 25.0)
BODY_SHIFT_SHARE = 0.25  # the rest returns to where it was
# Position shift: Skarpsno 2017 for the rate; sizes assumed.
SHIFT_DEG, SHIFT_S, SHIFT_BODY_S = (30.0, 120.0), (0.5, 3.0), (3.0, 15.0)
# Arm movement while awake; assumption.
AWAKE_DEG, AWAKE_PART_S, AWAKE_PARTS = (5.0, 60.0), (0.4, 1.5), (1, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One movement and what is true of it.

    Attributes
    ----------
    onset_s
        When the first part begins, seconds since the first sample.
    kind
        The function that drew it.
    label
        None: decided by the net tilt, body movement or posture change.
    parts
        What happens at the sensor; empty when nothing does (a movement of another limb).
    series
        Number of its periodic series.
    emg_truth, accel_truth
        Would an electromyogram show it? Can an accelerometer be asked to?
    """

    kind: str
    parts: tuple[Stroke | Ring, ...]
    label: Label | None
    onset_s: float = 0.0
    hidden_s: float = 0.0
    series: int | None = None
    emg_truth: bool = True
    accel_truth: bool = True

    @property
    def length_s(self) -> float:
        """From the onset to the end of the last part."""
        return max((part.end_s for part in self.parts), default=self.hidden_s)

    def at(self, onset_s: float) -> "Event":
        """The same movement at another time, on a whole millisecond."""
        return dataclasses.replace(self, onset_s=round(onset_s, 3))


def _direction(rng: Generator) -> tuple[float, float, float]:
    x, y, z = rng.standard_normal(3)
    return float(x), float(y), float(z)


def _between(rng: Generator, limits: tuple[float, float]) -> float:
    return float(rng.uniform(*limits))


def log_normal(rng: Generator, median: float, ln_sd: float, limits: tuple[float, float]) -> float:
    """A log-normal draw, clipped."""
    return float(np.clip(median * np.exp(ln_sd * rng.standard_normal()), *limits))


def jerk_of(rng: Generator, peak_g: float, *, double: bool = False) -> tuple[Stroke, ...]:
    """One or two quick turns there and back about a random joint, with this peak across the lever."""
    axis, lever = _direction(rng), _direction(rng)
    radius = float(rng.choice(JOINTS_M, p=JOINT_SHARES))
    rise, fall, hold = (_between(rng, limits) for limits in (JERK_RISE_S, JERK_FALL_S, JERK_HOLD_S))
    angle = angle_for_peak(peak_g, min(rise, fall), radius)
    first = Stroke(
        angle_deg=angle, rise_s=rise, hold_s=hold, fall_s=fall, axis=axis, lever=lever, radius_m=radius
    )
    if not double:
        return (first,)
    delay = first.end_s + _between(rng, JERK_DOUBLE_S) - JERK_DOUBLE_S[0]
    return first, dataclasses.replace(first, delay_s=delay, angle_deg=angle * _between(rng, (0.4, 1.0)))


def hypnic_jerk(rng: Generator, peak_g: float | None = None, double: bool | None = None) -> Event:
    """A jerk while falling asleep; 30 % are double."""
    peak = log_normal(rng, JERK_PEAK_G, JERK_LN_SD, JERK_CLIP_G) if peak_g is None else peak_g
    twice = bool(rng.random() < JERK_DOUBLE_SHARE)
    parts = jerk_of(rng, peak, double=twice if double is None else double)
    return Event(kind="hypnic_jerk", parts=parts, label=Label.HYPNIC_JERK)


def sleep_jerk(rng: Generator, peak_g: float | None = None, double: bool | None = None) -> Event:
    """The same jerk later in the night."""
    return dataclasses.replace(hypnic_jerk(rng, peak_g, double), kind="sleep_jerk", label=Label.SLEEP_TWITCH)


def rem_twitch(rng: Generator) -> Event:
    """A weak twitch of REM-like sleep."""
    peak = log_normal(rng, REM_PEAK_G, REM_LN_SD, REM_CLIP_G)
    return Event(kind="rem_twitch", parts=jerk_of(rng, peak), label=Label.SLEEP_TWITCH)


def myoclonus(rng: Generator) -> Event:
    """A muscle twitch that hardly moves the arm: far below every floor."""
    rise, peak = _between(rng, MYOCLONUS_RISE_S), _between(rng, MYOCLONUS_PEAK_G)
    part = Stroke(
        angle_deg=angle_for_peak(peak, rise, 0.25),
        rise_s=rise,
        fall_s=rise,
        axis=_direction(rng),
        lever=_direction(rng),
    )
    return Event(kind="myoclonus", parts=(part,), label=Label.UNCLASSIFIED, accel_truth=False)


def periodic_arm(rng: Generator, series: int, axis: tuple[float, float, float], missed: bool = False) -> Event:
    """One movement of a periodic series; a missed one happens in a leg and leaves the arm still."""
    length = log_normal(rng, PERIODIC_S, PERIODIC_LN_SD, PERIODIC_CLIP_S)
    rise, fall = _between(rng, PERIODIC_RISE_S), _between(rng, PERIODIC_FALL_S)
    part = Stroke(
        angle_deg=log_normal(rng, PERIODIC_DEG, PERIODIC_DEG_LN_SD, (1.0, 25.0)),
        rise_s=rise,
        hold_s=max(length - rise - fall, 0.0),
        fall_s=fall,
        ripple=_between(rng, PERIODIC_RIPPLE),
        ripple_hz=_between(rng, PERIODIC_RIPPLE_HZ),
        axis=axis,
        lever=_direction(rng),
    )
    return Event(
        kind="periodic_missed" if missed else "periodic_arm",
        parts=() if missed else (part,),
        label=Label.PERIODIC_MOVEMENT,
        hidden_s=length,
        series=series,
        accel_truth=not missed,
    )


def bed_ring(rng: Generator, kind: str = "leg_coupled", peak_g: tuple[float, float] = RING_PEAK_G) -> Event:
    """The bed shaken by a leg or by a partner."""
    ring = Ring(
        peak_g=_between(rng, peak_g),
        hz=_between(rng, RING_HZ),
        decay_s=_between(rng, RING_DECAY_S),
        direction=_direction(rng),
    )
    return Event(kind=kind, parts=(ring,), label=Label.UNCLASSIFIED, emg_truth=False, accel_truth=False)


def _sub_movements(rng: Generator, length_s: float, start_s: float = 0.0) -> list[Stroke]:
    """Turns about random axes, there and back, each begun before the last has ended, until the time is over."""
    parts: list[Stroke] = []
    at = start_s
    while at < start_s + length_s:
        rise = _between(rng, BODY_PART_S)
        left = max(start_s + length_s - at, 0.3)
        rise = min(rise, left / 2)
        angle = _between(rng, BODY_PART_DEG) * min(1.0, rise / 0.5)
        parts.append(
            Stroke(
                angle_deg=angle, rise_s=rise, fall_s=rise, axis=_direction(rng), lever=_direction(rng), delay_s=at
            )
        )
        at += rise * _between(rng, (0.8, 1.8))
    return parts


def body_movement(rng: Generator, length_s: float | None = None) -> Event:
    """Random sub-movements; a quarter leave the arm turned a little."""
    length = log_normal(rng, BODY_S, BODY_LN_SD, BODY_CLIP_S) if length_s is None else length_s
    parts = _sub_movements(rng, length)
    if rng.random() < BODY_SHIFT_SHARE:
        first = parts[0]
        rise = max(first.rise_s, 0.3)
        parts[0] = dataclasses.replace(first, rise_s=rise, fall_s=None, angle_deg=_between(rng, BODY_PART_DEG))
    return Event(kind="body_movement", parts=tuple(parts), label=None)


def position_shift(rng: Generator, angle_deg: float | None = None) -> Event:
    """A turn for good, with a body movement on top."""
    angle = _between(rng, SHIFT_DEG) if angle_deg is None else angle_deg
    turn = Stroke(
        angle_deg=angle,
        rise_s=max(_between(rng, SHIFT_S), angle / 60.0),
        axis=_direction(rng),
        lever=_direction(rng),
        across=True,
    )
    rest = _sub_movements(rng, _between(rng, SHIFT_BODY_S), start_s=0.3 * turn.rise_s)
    return Event(kind="position_shift", parts=(turn, *rest), label=Label.POSTURE_CHANGE)


def awake_movement(rng: Generator) -> Event:
    """The arm of a person who is awake goes somewhere else."""
    parts: list[Stroke] = []
    at = 0.0
    for _ in range(int(rng.integers(AWAKE_PARTS[0], AWAKE_PARTS[1] + 1))):
        angle, rise = _between(rng, AWAKE_DEG), _between(rng, AWAKE_PART_S)
        rise = max(rise, angle / 60.0)
        parts.append(
            Stroke(angle_deg=angle, rise_s=rise, axis=_direction(rng), lever=_direction(rng), delay_s=at)
        )
        at += rise * _between(rng, (0.7, 1.5))
    return Event(kind="awake_movement", parts=tuple(parts), label=None)
