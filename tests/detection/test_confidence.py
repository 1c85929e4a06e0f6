"""Every label carries its doubt: a number between 0 and 1, surer with every sign, the same however the sensor sits."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk.detection.confidence import KINDS, Signs, rate_confidence, weights_of
from sleepjerk.events import TWITCHES, Label
from sleepjerk.recording import Recording
from sleepjerk.rules import ConfidenceRules, Rules
from sleepjerk.simulate import simulate_night
from tests.benchmarks.confidence import reliability, right_labels
from tests.support.made_signals import FS, still
from tests.support.marks import a_few

RULES = ConfidenceRules()
NAMES = tuple(field.name for field in dataclasses.fields(Signs))
shares = st.floats(0, 1)


def signs(**values: float) -> Signs:
    return Signs(**{name: np.array([values.get(name, 0.5)]) for name in NAMES})


def confidence(label: Label, **values: float) -> float:
    return float(rate_confidence(np.array([label], dtype="<U24"), signs(**values), np.array([0.5]), RULES)[0])


@pytest.mark.parametrize("label", a_few(Label, of=3))
@given(low=shares, high=shares, others=st.lists(shares, min_size=len(NAMES), max_size=len(NAMES)))
def test_more_of_a_sign_never_makes_a_label_less_sure(
    label: Label, low: float, high: float, others: list[float]
) -> None:
    rest = dict(zip(NAMES, others, strict=True))
    for sign in NAMES:
        less, more = (confidence(label, **(rest | {sign: value})) for value in sorted((low, high)))
        assert 0 <= less <= more <= 1, sign


def test_every_weight_belongs_to_a_kind_and_a_sign_and_every_kind_has_some() -> None:
    fitted = {field.name for field in dataclasses.fields(RULES) if field.metadata["unit"] == "log odds"}
    used = {f"{kind}_{name}" for kind in KINDS.values() for name in ("doubt", *weights_of(kind, RULES))}
    assert fitted == used
    assert {*KINDS, *TWITCHES} == set(Label)
    for kind in set(KINDS.values()):
        assert any(weight > 0 for weight in weights_of(kind, RULES).values()), kind


def test_a_twitch_is_as_sure_as_its_signs_and_nothing_else_is() -> None:
    for label in Label:
        labels, half = np.array([label] * 2, dtype="<U24"), Signs(**{name: np.full(2, 0.5) for name in NAMES})
        weak, strong = rate_confidence(labels, half, np.array([0.2, 0.9]), RULES)
        assert (weak, strong) == (0.2, 0.9) if label in TWITCHES else weak == strong


@pytest.mark.slow
def test_a_night_of_everything_has_a_confidence_at_every_event() -> None:
    events = sj.analyse(simulate_night(2.0, 3, "everything").recording).events
    assert len(events) > 50
    assert events["confidence"].between(0, 1).all()
    many = events.groupby("label")["confidence"].filter(lambda values: len(values) >= 10)
    spread = many.groupby(events["label"]).std()
    assert len(spread) >= 3
    assert (spread > 0.01).all(), "not one number for all"


def test_an_empty_recording_has_an_empty_column() -> None:
    events = sj.analyse(Recording(still(600, noise_g=0.001), FS)).events
    assert list(events["confidence"]) == []


# The benchmark's own judgement, by hand.


def made_truth(*rows: tuple[float, float, str, str, bool]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["onset_s", "offset_s", "label", "kind", "accel_truth"])
    return table.assign(in_sleep=True)


def found(*rows: tuple[float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["onset_s", "duration_s", "label"])


def test_right_is_the_same_label_at_the_same_time() -> None:
    truth = made_truth(
        (10.0, 10.3, "sleep_twitch", "hypnic_jerk", True),
        (50.0, 52.0, "limb_movement", "body_movement", True),
        (90.0, 90.3, "sleep_twitch", "faint_twitching", False),
        (130.0, 131.0, "unclassified", "partner", False),
    )
    events = found(
        (10.1, 0.3, "sleep_twitch"),
        (10.4, 0.2, "sleep_twitch"),  # one truth answers one event
        (51.0, 3.0, "limb_movement"),
        (51.5, 0.1, "unclassified"),  # a limb movement was there
        (90.0, 0.3, "sleep_twitch"),  # too faint to be asked for, but a twitch
        (130.0, 0.3, "sleep_twitch"),  # somebody else in the bed
        (130.4, 0.3, "unclassified"),
        (200.0, 4.0, "body_movement"),
    )
    assert right_labels(events, truth).tolist() == [True, False, True, False, True, False, True, False]


def test_a_periodic_movement_is_right_where_the_rule_says_so_of_the_truth() -> None:
    four = [(100.0 + 30 * n, 101.0 + 30 * n, "limb_movement", "periodic_arm", True) for n in range(4)]
    events = found(*[(100.1 + 30 * n, 1.0, "periodic_movement") for n in range(5)])
    assert right_labels(events, made_truth(*four)).tolist() == [True] * 4 + [False]
    assert not right_labels(events, made_truth(*four[:3])).any(), "three are no series"


def test_a_perfect_forecast_has_a_brier_score_of_0_and_one_that_is_off_says_by_how_much() -> None:
    table = pd.DataFrame(
        {"label": "sleep_twitch", "confidence": [1.0] * 80 + [0.0] * 20, "scenario": "healthy"}
    )
    table["right"] = table["confidence"] == 1.0
    assert list(reliability(table))[-1].endswith("| 0.0000 | 0.1600 | 1.00 | 0.000 |")
    table["confidence"] = 0.5
    assert list(reliability(table))[-1].endswith("| 0.2500 | 0.1600 | -0.56 | 0.300 |")


def test_the_words_of_confidence_are_in_order() -> None:
    assert 0 < RULES.likely < RULES.sure < 1
    assert Rules().confidence == RULES
