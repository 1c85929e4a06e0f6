"""When was the arm shaken as a convulsion shakes it?

Knows what each second holds (`rhythm`). Must not know sleep or events. Four signs together, none of which is proof: the
wrist is thrown to and fro by two centimetres or more, 2.5 to 5 times a second; that lasts; the person lay still before
and isn't up and about; and the arm isn't guided, its direction turns all the while. A saw or a scratching hand keeps
its line, a tooth-brush is quicker, a runner swings his arms at half the rate of his steps.

Measured on healthy people who mimicked seizures, 13 s of each at 16 Hz. Real ones are longer, slow down and may shake
an arm that can't turn: how many of those are missed, nobody can say from that.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.detection.rhythm import Rhythm
from sleepjerk.recording import Floats
from sleepjerk.rules import RhythmRules, ShakingRules
from sleepjerk.spans import find_runs, inside

Mask = NDArray[np.bool_]


def find_shaking(rhythm: Rhythm, out_of_bed_s: Floats, rules: ShakingRules, rhythms: RhythmRules) -> Floats:
    """(k, 2) spans of strong rhythmic shaking in bed, s, sorted and disjoint."""
    shaken = (rhythm.shake_share >= rules.share) & (rhythm.swing_m >= rules.swing_m)
    active = rhythm.active(rhythms)
    before = round(rules.before_s)
    runs = [
        (start, end)
        for start, end in _lasting(shaken, round(rules.lasting_s), rules.lasting_share)
        if np.median(rhythm.turn_deg[start:end][shaken[start:end]]) >= rules.turn_deg
        and active[max(0, start - before) : start].sum() <= rules.before_share * before
    ]
    spans = np.array(runs, dtype=np.float64).reshape(-1, 2) * rhythm.second_s
    return spans[~inside(spans.mean(axis=1), out_of_bed_s)]


def _lasting(shaken: Mask, width: int, share: float) -> list[tuple[int, int]]:
    """Start and end of what is shaken for such a share of `width` seconds, from its first such second to its last."""
    often = ndimage.uniform_filter1d(shaken.astype(float), width, mode="constant") >= share
    wide = find_runs(ndimage.maximum_filter1d(often, width))
    return [
        (start + int(np.argmax(shaken[start:end])), end - int(np.argmax(shaken[start:end][::-1])))
        for start, end in wide
    ]
