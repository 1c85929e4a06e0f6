"""The short involuntary jerks of the limb, one function to a wave.

Source or guess for each number:
- minimum_jerk: a forearm thrown and brought back along minimum-jerk paths (Flash and Hogan 1985; Stein et al. 1988
  find wrist movements near it). Out in 60-220 ms, back 1.2-3 times slower: a guess about the fastest wrist movements.
- damped_limb: a blow of 30-120 ms into limb and mattress; 2-10 Hz, damping 0.1-0.5: a guess, see people.py.
- emg_envelope: an EMG burst of 50-250 ms (sleep starts 75-250 ms, Walters 2007; fragmentary myoclonus under 150 ms,
  Broughton) through a critically damped muscle of 30-90 ms to the peak of its twitch (textbook, arm muscles) onto
  the relaxed limb, 1.8-4 Hz (Lakie et al. 1984).
- partial_return: 60-95 % come back: as ordered by the brief; a guess.
- doublet: two, 60-250 ms apart, the second 0.5-1.2 times the first: a guess (double bursts of myoclonus).
- the give of muscle, skin and strap 20-50 ms: a guess.
- peak: lognormal about 110-200 mg by person, spread 0.75, 20 mg - 2 g: as ordered by the brief; a guess.
"""

from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.signal import lfilter

from tests.worlds.bedside.motion import FINE_HZ, Motion, half_sine, rise, rung, swing
from tests.worlds.bedside.people import Place, joint, log_uniform
from tests.worlds.bedside.turning import Array

FAMILIES = ("minimum_jerk", "damped_limb", "emg_envelope", "partial_return", "doublet", "then_arousal")
PLAIN = ("minimum_jerk", "damped_limb", "emg_envelope", "partial_return")


def out_and_back(out_s: float, hold_s: float, back_s: float, returned: float = 1.0) -> Array:
    hold = np.ones(int(hold_s * FINE_HZ))
    return np.concatenate([rise(out_s), hold, 1.0 - returned * rise(back_s)[1:]])


def softened(angle: Array, width_s: float) -> Array:
    """No force begins at once, and skin and strap give way: `angle` smeared over `width_s`, then at rest."""
    kernel = np.hanning(max(int(width_s * FINE_HZ), 4) + 2)
    rest = np.full(len(kernel) + 8, angle[-1])
    smeared: Array = np.convolve(np.append(angle, rest), kernel / kernel.sum())[: len(angle) + len(rest)]
    return smeared


def about(rng: Generator, place: Place, angle: Array) -> Motion:
    axis, lever_m = joint(rng, place.person)
    angle = softened(angle, rng.uniform(0.02, 0.05))
    return swing(angle[:, None] * axis, lever_m)


def jerked_angle(rng: Generator) -> Array:
    out_s = log_uniform(rng, 0.06, 0.22)
    return out_and_back(out_s, rng.uniform(0.0, 0.08), out_s * rng.uniform(1.2, 3.0))


def blown_angle(rng: Generator, place: Place) -> Array:
    own = place.bed.resonance_hz if rng.random() < 0.6 else place.person.wrist_hz
    resonance_hz = float(np.clip(own * np.exp(0.25 * rng.standard_normal()), 2.0, 10.0))
    return rung(half_sine(rng.uniform(0.03, 0.12)), resonance_hz, rng.uniform(0.1, 0.5))


def burst(rng: Generator, duration_s: float) -> Array:
    """A rectified and smoothed EMG burst: quick up, slower down, uneven."""
    tau = np.linspace(0.0, 1.0, max(int(duration_s * FINE_HZ), 8))
    uneven = np.interp(tau, np.linspace(0.0, 1.0, 6), rng.uniform(0.6, 1.4, 6))
    shape: Array = np.sin(np.pi * tau ** rng.uniform(0.5, 0.9)) ** 2 * uneven
    return shape


def pulled_angle(rng: Generator, place: Place, envelope: Array, small: bool = False) -> Array:
    """The limb under a muscle; in small movements it is stiffer and more damped (Lakie et al. 1984)."""
    person = place.person
    contraction_s = float(np.clip(person.contraction_s * rng.uniform(0.8, 1.25), 0.03, 0.09))
    decay = np.exp(-1.0 / (contraction_s * FINE_HZ))
    drive = np.append(envelope, np.zeros(int(8.0 * contraction_s * FINE_HZ)))
    force = lfilter([0.0, decay], [1.0, -2.0 * decay, decay**2], drive)
    damping = float(np.clip(person.wrist_damping * rng.uniform(0.8, 1.3), 0.15, 0.6))
    resonance_hz = person.wrist_hz * float(np.exp(0.1 * rng.standard_normal()))
    if small:
        return rung(force, resonance_hz * rng.uniform(1.2, 1.8), min(1.5 * damping, 0.7))
    return rung(force, resonance_hz, damping)


def minimum_jerk(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    return about(rng, place, jerked_angle(rng))


def damped_limb(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    return about(rng, place, blown_angle(rng, place))


def emg_envelope(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    return about(rng, place, pulled_angle(rng, place, burst(rng, rng.uniform(0.05, 0.25))))


def partial_return(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    out_s = log_uniform(rng, 0.06, 0.22)
    back_s = out_s * rng.uniform(1.5, 4.0)
    return about(rng, place, out_and_back(out_s, rng.uniform(0.0, 0.15), back_s, rng.uniform(0.6, 0.95)))


def doublet(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    gap_s, second = rng.uniform(0.06, 0.25), rng.uniform(0.5, 1.2)
    if rng.random() < 0.5:
        out_s = rng.uniform(0.05, 0.09)
        once = out_and_back(out_s, 0.0, out_s * rng.uniform(1.2, 2.0))
    else:
        once = blown_angle(rng, place)
    shift = np.zeros(int(gap_s * FINE_HZ))
    return about(rng, place, np.append(once, shift) + second * np.append(shift, once))


def then_arousal(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """The jerk alone; the arousal after it is a movement of its own."""
    return WAVES[PLAIN[int(rng.integers(len(PLAIN)))]](rng, place, details)


def rem_twitch(rng: Generator, place: Place, details: dict[str, Any]) -> Motion:
    """A small twitch of hand or forearm muscles in REM sleep, bursts of 40-150 ms."""
    return about(rng, place, pulled_angle(rng, place, burst(rng, rng.uniform(0.04, 0.15)), small=True))


WAVES = {
    "minimum_jerk": minimum_jerk,
    "damped_limb": damped_limb,
    "emg_envelope": emg_envelope,
    "partial_return": partial_return,
    "doublet": doublet,
    "then_arousal": then_arousal,
    "rem": rem_twitch,
}
