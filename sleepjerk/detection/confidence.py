"""How sure is each label, from 0 to 1?

Knows the shapes of movements, their labels and series. Must not know samples, nor how a
label was found.

A twitch is as sure as `twitches` says. Any other label is as sure as a few signs make it, each from 0 to 1:

    confidence = 1 / (1 + exp(doubt - sum of weight x sign))

Which signs a kind of label has is told by the names in `ConfidenceRules`. No weight is negative: more of a sign never
makes a label less sure. The weights come from made nights, and so does the promise: of labels with 0.8, about 80 %
were right on made nights they weren't fitted on (`tests/benchmarks/confidence.py` prints the table). Right means: as
the maker meant it, or for a series as the rule says of movements seen perfectly. What nobody made has no truth here.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sleepjerk.detection.features import Shapes
from sleepjerk.events import TWITCHES, Label
from sleepjerk.recording import Floats
from sleepjerk.rules import ConfidenceRules

Words = NDArray[np.str_]
Indices = NDArray[np.int64]

KINDS = {
    Label.PERIODIC_MOVEMENT: "periodic",
    Label.LIMB_MOVEMENT: "limb",
    Label.BODY_MOVEMENT: "body",
    Label.POSTURE_CHANGE: "posture",
    Label.RHYTHMIC_MOVEMENT: "rhythmic",
    Label.UNCLASSIFIED: "unclassified",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a label, each (k,), from 0 to 1.

    Attributes
    ----------
    strength
        0 at the weakest peak that is trusted, 1 far above it.
    calm
        1 where nothing moves just before and after, 0 where it moves as strongly as the event.
    apart
        0 where another movement touches it, one half at `apart_s`.
    brief, long
        One half at `brief_s`, the other way round.
    turned
        0 where the arm lies as before, one half where it lies `turned_deg` elsewhere.
    unturned
        1 where it lies as before, at once and some seconds later; one half `turned_deg` elsewhere.
    low
        1 for the lowest pitch a jerk may have, 0 for the highest.
    many
        0 outside a series, one half in one of `many_movements`.
    rhythm
        How well it repeats itself.
    """

    strength: Floats
    calm: Floats
    apart: Floats
    brief: Floats
    long: Floats
    turned: Floats
    unturned: Floats
    low: Floats
    many: Floats
    rhythm: Floats


def read_signs(shapes: Shapes, series: Indices, threshold_g: float, rules: ConfidenceRules) -> Signs:
    """The signs of k movements.

    Parameters
    ----------
    series
        (k,) number of the series each belongs to, 0 for none.
    threshold_g
        The lowest peak that is trusted in this night.
    """
    around_g = np.maximum(shapes.before_g, shapes.after_g)
    brief = _half_at(shapes.duration_s, rules.brief_s)
    tilt_deg = np.nan_to_num(shapes.tilt_deg)
    farthest_deg = np.maximum(tilt_deg, np.nan_to_num(shapes.held_tilt_deg))
    members = np.bincount(series)[series] * (series > 0)
    width_hz = rules.pitch_high_hz - rules.pitch_low_hz
    return Signs(
        strength=1 - np.minimum(1, threshold_g / shapes.peak_g),
        calm=1 - np.minimum(1, around_g / shapes.peak_g),
        apart=1 - _half_at(_distance_s(shapes.onset_s, shapes.offset_s), rules.apart_s),
        brief=brief,
        long=1 - brief,
        turned=1 - _half_at(tilt_deg, rules.turned_deg),
        unturned=_half_at(farthest_deg, rules.turned_deg),
        low=np.clip((rules.pitch_high_hz - shapes.centroid_hz) / width_hz, 0, 1),
        many=1 - _half_at(members, rules.many_movements),
        rhythm=np.clip(np.nan_to_num(shapes.rhythm), 0, 1),
    )


def _half_at(values: NDArray[np.number], half: float) -> Floats:
    """1 at 0, one half at `half`, 0 at infinity."""
    return np.asarray(half / (half + values), dtype=np.float64)


def _distance_s(onset_s: Floats, offset_s: Floats) -> Floats:
    """(k,) seconds from each movement to the nearest other one; infinite for a single one."""
    ended_s = np.concatenate(([-np.inf], np.maximum.accumulate(offset_s)[:-1]))[: len(onset_s)]
    begins_s = np.concatenate((onset_s[1:], [np.inf]))[: len(onset_s)]
    return np.maximum(np.minimum(onset_s - ended_s, begins_s - offset_s), 0.0)


def weights_of(kind: str, rules: ConfidenceRules) -> dict[str, float]:
    """Weight by sign of one kind of label."""
    named = {field.name: f"{kind}_{field.name}" for field in dataclasses.fields(Signs)}
    return {name: getattr(rules, rule) for name, rule in sorted(named.items()) if hasattr(rules, rule)}


def rate_confidence(labels: Words, signs: Signs, chance: Floats, rules: ConfidenceRules) -> Floats:
    """(k,) the confidence of each label, between 0 and 1.

    Parameters
    ----------
    chance
        (k,) of each to be a twitch: what a label of a twitch is as sure as.
    """
    confidence = np.where(np.isin(labels, TWITCHES), chance, 0.0)
    for label, kind in KINDS.items():
        mine = labels == label
        odds = np.full(int(mine.sum()), -getattr(rules, f"{kind}_doubt"))
        for name, weight in weights_of(kind, rules).items():
            odds += weight * getattr(signs, name)[mine]
        confidence[mine] = special.expit(odds)
    return confidence


def confidence_edges(rules: ConfidenceRules) -> dict[str, float]:
    """The words of confidence, each with its lower edge, weakest first."""
    return {"doubtful": 0.0, "likely": rules.likely, "sure": rules.sure}
