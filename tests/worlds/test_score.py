"""The judge counts as it says, on tables written by hand."""

import numpy as np
import pandas as pd
import pytest

from tests.worlds import score
from tests.worlds.made import TRUTH_COLUMNS, MadeNight

NIGHT_S = 4000.0


def made(
    *rows: tuple[float, float, str, str, float, str],
    world: str = "own",
    sleep_s: tuple[float, float] | None = (600.0, 3600.0),
    wake_s: tuple[tuple[float, float], ...] = (),
) -> MadeNight:
    truth = pd.DataFrame(list(rows), columns=list(TRUTH_COLUMNS))
    waking = np.array(wake_s, dtype=np.float64).reshape(-1, 2)
    return MadeNight(world, "ordinary", 1, 1.0, np.zeros((round(NIGHT_S), 3)), truth, sleep_s, waking)


def twitch(
    at_s: float, peak_g: float = 0.1, family: str = "flick"
) -> tuple[float, float, str, str, float, str]:
    return at_s, at_s + 0.2, "twitch", family, peak_g, "sleep"


def events(*rows: tuple[float, float, str, bool]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=["onset_s", "duration_s", "label", "isolated"])
    return table.assign(peak_g=0.1, confidence=0.9)


def test_spans_overlap_when_they_touch_within_the_slack() -> None:
    first, second = (
        np.array([[1.0, 2.0], [10.0, 20.0]]),
        np.array([[2.1, 3.0], [5.0, 6.0], [12.0, 12.5], [0.0, 11.0]]),
    )
    assert sorted(map(tuple, score.overlapping(first, second))) == [(0, 0), (0, 3), (1, 2), (1, 3)]
    assert sorted(map(tuple, score.overlapping(first, second, 0.0))) == [(0, 3), (1, 2), (1, 3)]


def test_overlaps_are_those_of_every_pair_tried() -> None:
    rng = np.random.default_rng(1)
    first, second = (np.sort(rng.uniform(0, 100, (60, 2)) ** 0.5 * 10, axis=1) for _ in range(2))
    tried = {
        (row, col)
        for row, (a, b) in enumerate(first)
        for col, (c, d) in enumerate(second)
        if c <= b + 0.15 and d >= a - 0.15
    }
    assert set(map(tuple, score.overlapping(first, second).tolist())) == tried


def test_a_jerk_is_isolated_when_nothing_that_is_felt_lies_within_ten_seconds() -> None:
    rows = [
        twitch(700),
        (710.1, 711, "turn", "turn", np.nan, "sleep"),
        twitch(800),
        twitch(810.3),
        twitch(900),
        (905, 906, "bed", "ring", 0.004, "sleep"),
        (925, 926, "bed", "ring", 0.030, "sleep"),
    ]
    assert score.isolated_in_truth(made(*rows).truth).tolist() == [
        False,
        False,
        True,
        True,
        True,
        False,
        True,
    ]


def test_the_arousal_that_a_twitch_brings_about_does_not_end_its_isolation() -> None:
    rows = [twitch(700, family="then_arousal"), (702, 709, "body", "arousal", 0.2, "sleep"), twitch(713)]
    assert score.isolated_in_truth(made(*rows).truth).tolist() == [True, False, False]


def test_in_a_real_night_only_a_jerk_planted_where_nothing_moves_is_isolated() -> None:
    truth = made(twitch(700), twitch(800)).truth.assign(quiet=[True, False])
    assert score.isolated_in_truth(truth).tolist() == [True, False]


def test_found_called_and_counted_are_three_things() -> None:
    night = made(twitch(700), twitch(800), twitch(900), twitch(1000))
    seen = events(
        (700.05, 0.2, "sleep_twitch", True),
        (800.05, 0.2, "hypnic_jerk", False),
        (899.0, 2.0, "body_movement", True),
        (1100.0, 0.2, "sleep_twitch", True),
    )
    judged = score.judge_truth(night, seen)
    assert judged["found"].tolist() == [True, True, True, False]
    assert judged["called"].tolist() == [True, True, False, False]
    assert judged["counted"].tolist() == [True, False, False, False]
    assert judged["label"].tolist() == ["sleep_twitch", "hypnic_jerk", "body_movement", ""]
    assert judged["asked"].all()


def test_only_isolated_jerks_of_somebody_asleep_are_asked_for() -> None:
    awake = (100.0, 100.2, "twitch", "flick", 0.1, "wake")
    falling = (500.0, 500.2, "onset_jerk", "flick", 0.1, "falling_asleep")
    limb = (900.0, 902.0, "limb", "limb", 0.1, "sleep")
    judged = score.judge_truth(made(awake, falling, limb, twitch(1200)), events())
    assert judged["asked"].tolist() == [False, True, False, True]


def test_an_event_is_the_jerk_it_overlaps_before_anything_larger() -> None:
    night = made((690, 720, "breath", "resumed", 0.1, "sleep"), twitch(700, family="rem"), twitch(800))
    judged = score.judge_events(
        night,
        events((699.9, 0.5, "sleep_twitch", True), (715, 0.2, "sleep_twitch", True), (801.5, 0.2, "x", True)),
    )
    assert judged["true_kind"].tolist() == ["twitch", "breath", "nothing"]
    assert judged["true_family"].tolist() == ["rem", "resumed", "nothing"]
    assert judged["beside"].tolist() == ["", "", "twitch"]


def test_in_a_real_night_what_was_not_planted_is_unknown() -> None:
    judged = score.judge_events(made(twitch(700), world="lab"), events((900, 0.2, "sleep_twitch", True)))
    assert judged["true_kind"].tolist() == ["unknown"]


def test_sleep_and_waking_share_the_night_between_them() -> None:
    night = made(wake_s=((1000.0, 1300.0), (3500.0, 3600.0)))
    assert score.asleep_s(night).tolist() == [[600, 1000], [1300, 3500]]
    assert score.awake_s(night).tolist() == [[0, 600], [1000, 1300], [3500, NIGHT_S]]
    assert score.transitions(night).tolist() == [600, 1300]


def test_a_night_without_sleep_is_awake_only_where_somebody_is_said_to_be() -> None:
    assert score.awake_s(made(sleep_s=None)).tolist() == []
    assert score.awake_s(made((1, 2, "awake", "x", 0.1, "wake"), sleep_s=None)).tolist() == [[0, NIGHT_S]]


def test_where_clocks_disagree_waking_is_judged_far_from_its_ends_alone() -> None:
    night = made(world="lab", sleep_s=(2000.0, 2100.0))
    assert score.far_awake_s(night).tolist() == [[0, 1100], [3000, NIGHT_S]]
    assert score.far_awake_s(made(sleep_s=(2000.0, 2100.0))).tolist() == [[0, 2000], [2100, NIGHT_S]]


def test_true_states_and_the_way_to_the_nearest_falling_asleep() -> None:
    night = made((590, 590.2, "onset_jerk", "x", 0.1, "falling_asleep"), wake_s=((1000.0, 1300.0),))
    seen = events(*((at_s, 0.2, "hypnic_jerk", True) for at_s in (590.0, 300.0, 1290.0, 2000.0)))
    judged = score.judge_events(night, seen)
    assert judged["true_state"].tolist() == ["falling_asleep", "wake", "wake", "sleep"]
    assert judged["to_onset_s"].tolist() == [-10, -300, -10, 700]
    assert judged["before_sleep"].tolist() == [True, True, False, False]


def test_a_hypnic_jerk_is_right_near_falling_asleep_alone_and_a_sleep_twitch_anywhere_in_sleep() -> None:
    night = made(twitch(700), twitch(2000), twitch(2500), (3000, 3001, "bed", "ring", 0.03, "sleep"))
    labels = ("hypnic_jerk", "hypnic_jerk", "sleep_twitch", "sleep_twitch")
    seen = events(
        *((at_s, 0.2, label, True) for at_s, label in zip((700, 2000, 2500, 3000), labels, strict=True))
    )
    assert score.right_twitches(score.judge_events(night, seen)).tolist() == [True, False, True, False]


def test_brier_says_whether_more_is_known_than_the_mean() -> None:
    right = np.array([True, True, False, False])
    assert score.brier(np.array([1.0, 1.0, 0.0, 0.0]), right) == (0.0, 0.25)
    assert score.brier(np.full(4, 0.5), right) == pytest.approx((0.25, 0.25))
