"""What a wrist does while one thing happens: how it turns and how it is pushed.

A motion is made on a grid of 400 Hz and kept at 100 Hz. Turning about a joint at the end of a lever gives the
tangential acceleration (angular acceleration x lever) and the centripetal one (square of the angular velocity x
lever, towards the joint), and turns gravity. Growing a motion grows the turn and the push alike, the centripetal
part with the square.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from tests.worlds.bedside.turning import BODY_HZ, GRAVITY_M_S2, Array, band_peak_g, turned

FINE = 4  # fine samples to one of the body's
FINE_HZ = BODY_HZ * FINE
LARGEST_TURN_RAD = 1.2  # about 70 degrees: no twitch throws an arm further (a guess)


@dataclass(frozen=True)
class Motion:
    rotation_rad: Array  # (n, 3) rotation vector since the start; what is left at the end stays
    tangential_g: Array
    centripetal_g: Array
    push_g: Array  # (n, 3) acceleration that no turn explains

    def grown(self, factor: float) -> "Motion":
        return Motion(
            self.rotation_rad * factor,
            self.tangential_g * factor,
            self.centripetal_g * factor**2,
            self.push_g * factor,
        )

    def pushes_g(self) -> Array:
        return self.tangential_g + self.centripetal_g + self.push_g

    def force_g(self, up: Array) -> Array:
        """The specific force while it happens to a wrist that rests with `up`."""
        return turned(up, self.rotation_rad) + self.pushes_g()


def swing(rotation_rad: Array, lever_m: Array) -> Motion:
    """A turn given on the fine grid (n, 3) about a joint; the sensor sits at `lever_m` (3) from it."""
    rate = np.gradient(rotation_rad, 1.0 / FINE_HZ, axis=0)
    speeding = np.gradient(rate, 1.0 / FINE_HZ, axis=0)
    tangential = np.cross(speeding, lever_m) / GRAVITY_M_S2
    centripetal = np.cross(rate, np.cross(rate, lever_m)) / GRAVITY_M_S2
    kept = slice(None, None, FINE)
    return Motion(rotation_rad[kept], tangential[kept], centripetal[kept], np.zeros_like(rotation_rad[kept]))


def pushed(push_g: Array) -> Motion:
    """A push given on the fine grid (n, 3), without a turn."""
    kept = push_g[::FINE]
    nothing = np.zeros_like(kept)
    return Motion(nothing, nothing, nothing, kept)


def both(one: Motion, other: Motion) -> Motion:
    """Two motions that begin together; the shorter one rests at its end."""
    length = max(len(one.rotation_rad), len(other.rotation_rad))

    def longer(values: Array, rest: bool) -> Array:
        missing = ((0, length - len(values)), (0, 0))
        return np.pad(values, missing, mode="edge") if rest else np.pad(values, missing)

    return Motion(
        longer(one.rotation_rad, True) + longer(other.rotation_rad, True),
        longer(one.tangential_g, False) + longer(other.tangential_g, False),
        longer(one.centripetal_g, False) + longer(other.centripetal_g, False),
        longer(one.push_g, False) + longer(other.push_g, False),
    )


def grown_to(motion: Motion, up: Array, peak_g: float) -> Motion:
    """`motion` made as strong as `peak_g` in 2-20 Hz, or as strong as an arm can be thrown."""
    furthest = float(np.max(np.linalg.norm(motion.rotation_rad, axis=1)))
    limit = LARGEST_TURN_RAD / furthest if furthest > 0 else np.inf
    factor = min(1.0, 0.05 * limit if np.isfinite(limit) else 1.0)
    for _ in range(6):
        is_g = band_peak_g(motion.grown(factor).force_g(up))
        if abs(is_g / peak_g - 1.0) < 0.01:
            break
        factor = min(factor * peak_g / max(is_g, 1e-9), limit)
    return motion.grown(factor)


def rise(duration_s: float) -> Array:
    """The minimum-jerk way from 0 to 1 on the fine grid (Flash and Hogan 1985)."""
    tau = np.linspace(0.0, 1.0, max(round(duration_s * FINE_HZ), 4) + 1)
    way: Array = tau**3 * (10.0 - 15.0 * tau + 6.0 * tau**2)
    return way


def rung(drive: Array, resonance_hz: float, damping: float) -> Array:
    """`drive` on the fine grid through a mass on a spring; it rings on until it is 1/500 and ends at rest."""
    angular = 2.0 * np.pi * resonance_hz
    tail = np.zeros(int(6.2 / (damping * angular) * FINE_HZ) + 1)
    decay = np.exp(-damping * angular / FINE_HZ)
    turn = angular * np.sqrt(1.0 - damping**2) / FINE_HZ
    response = lfilter(
        [0.0, decay * np.sin(turn)], [1.0, -2.0 * decay * np.cos(turn), decay**2], np.append(drive, tail)
    )
    return faded(response / np.max(np.abs(response)))


def faded(values: Array) -> Array:
    """`values` led to 0 over their last tenth."""
    length = max(len(values) // 10, 2)
    fade = np.ones(len(values))
    fade[-length:] = 0.5 * (1.0 + np.cos(np.linspace(0.0, np.pi, length)))
    return values * fade


def half_sine(duration_s: float) -> Array:
    return np.sin(np.linspace(0.0, np.pi, max(int(duration_s * FINE_HZ), 3)))
