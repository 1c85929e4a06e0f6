"""How likely is a lone pulse a twitch of this limb, from 0 to 1? Several weak signs together, none of which decides.

Knows the shapes of movements. Must not know samples, labels, sleep or series.

What is true of every jerk, whoever made the model of it: a limb that moves turns against gravity, and the mattress that
shakes it does not; a jerk is over after a swing or two, furniture rings on; it is short, stronger than what the night
holds ordinarily, alone, and returns where it came from. Each sign adds its part to the log odds,

    chance = 1 / (1 + exp(doubt - sum of what the signs say)),

a broken line over the sign's size with a value at each corner (`TwitchRules`). The values are fitted on worlds made by
authors who didn't see each other's (`tests/benchmarks/twitches.py --fit`, which leaves each world out in turn, too).
"""

import numpy as np

from sleepjerk.detection.features import Shapes
from sleepjerk.recording import Floats
from sleepjerk.rules import TwitchRules

# Sign by sign, where its line has its corners, in the unit of its rules' names.
CORNERS: dict[str, tuple[str, tuple[int, ...]]] = {
    "strength": ("mg", (15, 40, 100, 250)),
    "pitch": ("hz", (3, 6, 10, 14)),
    "length": ("ms", (160, 300, 500, 800)),
    "sway": ("pct", (8, 16, 32, 64)),
    "swings": ("x", (2, 3, 4, 6)),
    "stayed": ("pct", (1, 4, 12, 40)),
    "before": ("pct", (1, 3, 8, 20)),
    "after": ("pct", (1, 3, 8, 20)),
}


def read_sizes(shapes: Shapes) -> dict[str, Floats]:
    """(k,) the size of each sign of k movements, in the unit of `CORNERS`.

    `sway`, `stayed` (gravity's share that doesn't come back), `before` and `after` are in percent of the peak.
    """
    peak_g = shapes.peak_g
    stayed_g = 2 * np.sin(np.radians(np.nan_to_num(shapes.tilt_deg)) / 2)
    return {
        "strength": 1e3 * peak_g,
        "pitch": shapes.centroid_hz,
        "length": 1e3 * shapes.duration_s,
        "sway": 100 * shapes.sway,
        "swings": shapes.half_cycles,
        "stayed": 100 * stayed_g / peak_g,
        "before": 100 * shapes.before_g / peak_g,
        "after": 100 * shapes.after_g / peak_g,
    }


def twitch_chance(shapes: Shapes, rules: TwitchRules) -> Floats:
    """(k,) chance of each movement to be a twitch, were it a lone pulse in sleep."""
    odds = np.full(len(shapes.peak_g), -rules.doubt)
    for sign, size in read_sizes(shapes).items():
        odds += _line(sign, size, rules)
    return np.asarray(1 / (1 + np.exp(-odds)))


def _line(sign: str, size: Floats, rules: TwitchRules) -> Floats:
    """(k,) what one sign adds to the log odds; sizes beyond the outer corners say what these say."""
    unit, corners = CORNERS[sign]
    values = [getattr(rules, f"{sign}_{corner}_{unit}") for corner in corners]
    return np.asarray(np.interp(np.log(np.maximum(size, corners[0])), np.log(corners), values))
