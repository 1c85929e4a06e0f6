"""Every label carries its doubt: a number between 0 and 1, measured in the worst of several worlds."""

import numpy as np
import pandas as pd
import pytest

import sleepjerk as sj
from sleepjerk.detection.confidence import rate_confidence
from sleepjerk.events import TWITCHES, Label
from sleepjerk.recording import Recording
from sleepjerk.rules import ConfidenceRules, Rules
from sleepjerk.simulate import simulate_night
from tests.benchmarks.confidence import reliability, right_names
from tests.support.made_signals import FS, still

RULES = ConfidenceRules()


@pytest.mark.parametrize("label", Label)
def test_a_twitch_is_as_sure_as_its_signs_and_any_other_label_as_its_rule(label: Label) -> None:
    weak, strong = rate_confidence(np.array([label] * 2, dtype="<U24"), np.array([0.2, 0.9]), RULES)
    assert (weak, strong) == ((0.2, 0.9) if label in TWITCHES else (getattr(RULES, label),) * 2)


@pytest.mark.slow
def test_a_night_of_everything_has_a_confidence_at_every_event() -> None:
    events = sj.analyse(simulate_night(2.0, 3, "everything").recording).events
    assert len(events) > 50
    assert events["confidence"].between(0, 1).all()


def test_an_empty_recording_has_an_empty_column() -> None:
    events = sj.analyse(Recording(still(600, noise_g=0.001), FS)).events
    assert list(events["confidence"]) == []


# The benchmark's own judgement, by hand.


def judged(world: str, label: Label, *kinds: str) -> pd.DataFrame:
    rows = [(world, str(label), kind, "sleep") for kind in kinds]
    return pd.DataFrame(rows, columns=["world", "label", "true_kind", "true_state"])


def test_right_is_what_the_maker_meant_and_an_unclear_movement_is_right_where_nothing_has_a_name() -> None:
    assert right_names(judged("own", Label.POSTURE_CHANGE, "turn", "body", "nothing")).tolist() == [
        True,
        False,
        False,
    ]
    assert right_names(judged("own", Label.UNCLASSIFIED, "turn", "bed", "nothing")).tolist() == [
        False,
        True,
        True,
    ]
    assert right_names(judged("own", Label.LIMB_MOVEMENT, "series", "twitch")).tolist() == [True, False]


def test_the_worst_world_is_told_and_waking_is_not_judged() -> None:
    many = judged("own", Label.BODY_MOVEMENT, *["body"] * 180, *["bed"] * 20)
    worse = judged("handed", Label.BODY_MOVEMENT, *["body"] * 49, *["bed"] * 49)
    few = judged("bedside", Label.BODY_MOVEMENT, "body")
    awake = judged("bedside", Label.BODY_MOVEMENT, *["awake"] * 20)
    lines = list(reliability(pd.concat((many, worse, few, awake), ignore_index=True)))
    assert "| body_movement | worst | 0.50 |" in lines
    assert any(line.startswith("| body_movement | own | 180/200 = 0.900 ") for line in lines)
    assert any(line.startswith("| body_movement | bedside | 1/1 ") for line in lines)


def test_the_words_of_confidence_are_in_order() -> None:
    assert 0 < RULES.likely < RULES.sure < 1
    assert Rules().confidence == RULES
