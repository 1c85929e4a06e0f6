"""When did the person get up and walk?

Knows what each second holds (`rhythm`). Must not know sleep or events. Walking is steps: movement that repeats with
each stride, nearly without a pause, for many seconds, around which an arm that lay is turned to hang. A visit out of
bed is what moves on without a pause around steps, and what lies between two walks.
"""

import numpy as np
from scipy import ndimage

from sleepjerk.detection.curves import angle_between
from sleepjerk.detection.rhythm import Rhythm
from sleepjerk.recording import Floats, Spans
from sleepjerk.rules import AmbulationRules, RhythmRules
from sleepjerk.spans import find_runs, joined, lengths, union


def find_out_of_bed(rhythm: Rhythm, rules: AmbulationRules, rhythms: RhythmRules) -> Floats:
    """(k, 2) spans in which the person was up and about, s, sorted and disjoint."""
    stepping = (rhythm.step_share >= rules.step_share) & (rhythm.repeats >= rules.repeats)
    often = ndimage.uniform_filter1d(stepping.astype(float), round(rules.steps_s), mode="constant")
    found = find_runs(often >= rules.steps_share)
    walks = found[[_turned(rhythm, int(start), int(end), rules) for start, end in found]]
    moving = joined(find_runs(rhythm.active(rhythms)), rules.pause_s)
    visits = joined(_grown(walks, moving, round(rules.reach_s)), rules.away_s)
    return np.asarray(visits[lengths(visits) >= rules.least_s] * rhythm.second_s, dtype=np.float64)


def _turned(rhythm: Rhythm, start: int, end: int, rules: AmbulationRules) -> bool:
    """Does the arm lie another way at some time in or near this walk than at another?"""
    reach = round(rules.reach_s)
    near = rhythm.direction_g(max(0, start - reach), end + reach)
    usual = np.nanmedian(rhythm.direction_g(start, end), axis=1, keepdims=True)
    return bool(np.nanmax(angle_between(near, usual)) >= rules.turned_deg)


def _grown(walks: Spans, moving: Spans, reach: int) -> Spans:
    """Walks with the movement that they are a part of, up to `reach` before and after."""
    parts = [walks]
    for start, end in walks:
        touching = moving[(moving[:, 0] < end) & (moving[:, 1] > start)]
        parts.append(np.clip(touching, start - reach, end + reach))
    return union(*parts)
