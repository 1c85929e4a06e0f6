"""How sure is each label, from 0 to 1?

Knows labels and the chance of each movement to be a twitch. Must not know samples, nor how a label was found.

A twitch is as sure as `twitches` says. Any other label is as sure as it was right in the worst of several makers'
nights (`tests/benchmarks/confidence.py` prints the table): signs that told more in the nights of one maker told less
than this one number in those of others. What nobody made has no truth here.
"""

import numpy as np
from numpy.typing import NDArray

from sleepjerk.events import TWITCHES, Label
from sleepjerk.recording import Floats
from sleepjerk.rules import ConfidenceRules

Words = NDArray[np.str_]


def rate_confidence(labels: Words, chance: Floats, rules: ConfidenceRules) -> Floats:
    """(k,) the confidence of each label, between 0 and 1.

    Parameters
    ----------
    chance
        (k,) of each to be a twitch: what a label of a twitch is as sure as.
    """
    others = {
        Label.PERIODIC_MOVEMENT: rules.periodic_movement,
        Label.LIMB_MOVEMENT: rules.limb_movement,
        Label.BODY_MOVEMENT: rules.body_movement,
        Label.POSTURE_CHANGE: rules.posture_change,
        Label.RHYTHMIC_MOVEMENT: rules.rhythmic_movement,
        Label.UNCLASSIFIED: rules.unclassified,
    }
    is_other = [labels == label for label in others]
    return np.select([np.isin(labels, TWITCHES), *is_other], [chance, *others.values()])


def confidence_edges(rules: ConfidenceRules) -> dict[str, float]:
    """The words of confidence, each with its lower edge, weakest first."""
    return {"doubtful": 0.0, "likely": rules.likely, "sure": rules.sure}
