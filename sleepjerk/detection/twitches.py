"""How likely is a lone pulse a twitch of this limb, from 0 to 1? Several weak signs together, none of which decides.

Knows the shapes of movements. Must not know samples, labels, sleep or series.

What is true of every jerk, whoever made the model of it: a limb that moves turns against gravity, and the mattress that
shakes it does not; a jerk is over after a swing or two, furniture rings on; it is short, stronger than what the night
holds ordinarily, alone, and returns where it came from; and whoever is awake has company, for they move in many of the
half minutes around. Each sign adds its part to the log odds,

    chance = 1 / (1 + exp(doubt - sum of what the signs say)),

a broken line over the sign's size with a value at each corner (`TwitchRules`). The values are fitted on worlds made by
authors who didn't see each other's (`tests/benchmarks/twitches.py`, which leaves each world out in turn, too).
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sleepjerk.detection.features import Shapes
from sleepjerk.recording import Floats
from sleepjerk.rules import TwitchRules


def corners() -> dict[str, dict[int, str]]:
    """By sign the sizes at which its line has corners, each with the name of its rule: `pitch_6_hz` at 6."""
    lines: dict[str, dict[int, str]] = {}
    for item in dataclasses.fields(TwitchRules):
        sign, _, size = item.name.partition("_")
        size = size.partition("_")[0]
        if size.isdigit():
            lines.setdefault(sign, {})[int(size)] = item.name
    return lines


def read_sizes(shapes: Shapes) -> dict[str, Floats]:
    """(k,) the size of each sign of k movements, in the unit of its rules' names.

    `sway`, `stayed` (gravity's share that doesn't come back), `before` and `after` are in percent of the peak.
    """
    stayed_g = 2 * np.sin(np.radians(np.nan_to_num(shapes.tilt_deg)) / 2)
    shares = {
        "sway": shapes.sway,
        "stayed": stayed_g / shapes.peak_g,
        "before": shapes.before_g / shapes.peak_g,
        "after": shapes.after_g / shapes.peak_g,
    }
    return {
        "strength": 1000 * shapes.peak_g,
        "pitch": shapes.centroid_hz,
        "length": 1000 * shapes.duration_s,
        "swings": shapes.half_cycles,
        "company": shapes.company,
        **{sign: 100 * share for sign, share in shares.items()},
    }


def twitch_chance(shapes: Shapes, rules: TwitchRules) -> Floats:
    """(k,) chance of each movement to be a twitch, were it a lone pulse in sleep."""
    odds = np.full(len(shapes.peak_g), -rules.doubt)
    sizes = read_sizes(shapes)
    for sign, line in corners().items():
        # Sizes beyond the outer corners say what these say.
        values = [getattr(rules, name) for name in line.values()]
        odds += np.interp(np.log(np.maximum(sizes[sign], min(line))), np.log(list(line)), values)
    return np.asarray(special.expit(odds))


def surer_alone(chance: Floats, isolated: NDArray[np.bool_], rules: TwitchRules) -> Floats:
    """(k,) the same chances, more where a movement stands alone and less where it doesn't."""
    odds = special.logit(chance) + np.where(isolated, rules.alone_more, -rules.apart_less)
    return np.asarray(special.expit(odds))
