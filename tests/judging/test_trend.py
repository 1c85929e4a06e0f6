"""The last nights together: known answers by hand, and what is never said of few nights."""

import dataclasses
import itertools
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleepjerk.judging.questions import OVER, QUESTIONS, Answers
from sleepjerk.judging.trend import Trend, make_trend, spearman_interval
from sleepjerk.night.verdict import NightLine
from tests.support.made_weeks import LAST, line, lines
from tests.support.marks import examples


def rated(rates: list[float], word: str = ".") -> list[NightLine]:
    """Nights with these rates, the last one last."""
    return [
        dataclasses.replace(line(word, LAST - timedelta(days=len(rates) - 1 - place)), per_h=rate)
        for place, rate in enumerate(rates)
    ]


def said(key: str, values: list[int]) -> dict[str, Answers]:
    return {
        str(LAST - timedelta(days=len(values) - 1 - place)): {key: value}
        for place, value in enumerate(values)
    }


def found(trend: Trend, key: str) -> tuple[float | None, float | None, float | None]:
    return next((item.rho, item.low, item.high) for item in trend.together if item.key == key)


def test_each_week_has_its_verdict_the_last_one_first() -> None:
    trend = make_trend(lines("f f f . . . . f f f . . . . . . . . . . ."), {})
    assert [(week.last, week.level, week.valid, week.frequent) for week in trend.weeks] == [
        ("2026-11-22", "green", 7, 0),
        ("2026-11-15", "amber", 7, 3),
        ("2026-11-08", "green", 7, 3),
    ]


@pytest.mark.parametrize("key", [question.key for question in QUESTIONS if question.red])
@pytest.mark.parametrize("days_later", [0, 1, 30])
def test_the_last_week_agrees_with_the_flags_that_stand_after_every_morning(
    key: str, days_later: int
) -> None:
    evening = LAST + timedelta(days=days_later)
    for nights in (lines("."), lines(". . . . . . .")):
        told = make_trend(nights, {str(evening): {key: True}})
        assert told.flags == {key: str(evening)}
        assert told.week.flags == (key,)
        assert told.week.verdict.level == ("red" if told.alarm else "amber")
        over = make_trend(nights, {str(LAST): {key: True}, str(LAST + timedelta(days=1)): {key: OVER}})
        never = make_trend(nights, {})
        assert over.week.verdict.level == never.week.verdict.level
        assert over.weeks == never.weeks
        assert told.weeks[0].level == told.week.verdict.level


def test_nights_before_the_span_are_left_out_but_known_to_its_weeks() -> None:
    nights = lines("f f f . . . . f f f . . . .")
    trend = make_trend(nights, {}, weeks=1)
    assert len(trend.nights) == 7
    assert [week.level for week in trend.weeks] == ["amber"]


def test_quartiles_and_hours_of_the_valid_nights() -> None:
    nights = [
        line("." if count < 90 else "x", LAST - timedelta(days=back), count)
        for back, count in enumerate([1, 2, 3, 4, 5, 99])
    ]
    nights[2] = dataclasses.replace(nights[2], asleep="00:20")
    nights[3] = dataclasses.replace(nights[3], asleep="22:55")
    spread = make_trend(nights, {}).spread
    assert spread is not None
    assert (spread.nights, spread.low, spread.median, spread.high) == (5, 2.0, 3.0, 4.0)
    assert (spread.earliest, spread.latest) == ("22:55", "00:20")


def test_without_a_valid_night_nothing_is_said_of_how_they_vary() -> None:
    assert make_trend(lines("x x x"), {}).spread is None


@pytest.mark.parametrize(("nights", "compared"), [(13, False), (14, True)])
def test_nothing_is_compared_before_fourteen_nights(nights: int, compared: bool) -> None:
    rates, answers = list(np.arange(nights) / 3.0), [place % 8 for place in range(nights)]
    trend = make_trend(rated(rates), said("stress", answers))
    assert bool(trend.together) is compared
    assert trend.compared_nights == nights


def test_spearman_of_ranks_in_order_is_one_and_of_a_known_list_as_by_hand() -> None:
    order = [float(place) for place in range(15)]
    assert found(make_trend(rated(order), said("stress", [min(10, place) for place in range(15)])), "stress")[
        0
    ] == pytest.approx(0.982, abs=0.02)
    # Ranks 1..14 against 1..14 with the neighbours swapped: 1 - 6 * 14 / (14 * 195).
    swapped = [float(place ^ 1) for place in range(14)]
    rho, low, high = found(make_trend(rated(swapped), said("caffeine", list(range(14)))), "caffeine")
    assert rho == pytest.approx(1 - 6 * 14 / (14 * (14**2 - 1)), abs=5e-4)
    assert low is not None
    assert high is not None
    assert low < rho < high <= 1


def test_the_interval_is_bonett_and_wright_s() -> None:
    # rho 0.5 of 30 nights: tanh(atanh 0.5 -/+ 1.96 * sqrt(1.125 / 27)).
    low, high = spearman_interval(0.5, 30)
    assert low == pytest.approx(np.tanh(0.549306 - 1.959964 * 0.204124), abs=1e-5)
    assert high == pytest.approx(np.tanh(0.549306 + 1.959964 * 0.204124), abs=1e-5)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        both = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 40)
        ranks = both.argsort(axis=0).argsort(axis=0)
        low, high = spearman_interval(float(np.corrcoef(ranks.T)[0, 1]), 40)
        held += low <= 6 / np.pi * np.arcsin(0.4 / 2) <= high
    assert 0.92 <= held / 400 <= 0.985


def test_answers_that_hardly_differ_are_not_compared() -> None:
    rates = [float(place) for place in range(20)]
    assert found(make_trend(rated(rates), said("alcohol", [0] * 17 + [1, 2, 3])), "alcohol") == (
        None,
        None,
        None,
    )
    assert found(make_trend(rated(rates), said("alcohol", [0] * 16 + [1, 2, 3, 4])), "alcohol")[0] is not None


def test_nights_that_do_not_count_are_not_compared() -> None:
    trend = make_trend(
        [*rated([float(place) for place in range(20)], "x")], said("stress", list(range(10)) * 2)
    )
    assert trend.compared_nights == 0
    assert trend.together == ()


@settings(max_examples=examples(50), deadline=None)
@given(
    st.lists(st.sampled_from([".", "f", "x", "-", "?", "R"]), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_nights_does_not_matter(words: list[str], shuffle: object) -> None:
    nights = lines(" ".join([*words, "."]))
    mixed = list(nights)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert make_trend(mixed, {}) == make_trend(nights, {})


def test_no_nights_are_no_trend() -> None:
    with pytest.raises(ValueError, match="at least one night"):
        make_trend([], {})


def test_dates_of_the_weeks_are_seven_days_apart() -> None:
    weeks = make_trend(lines(" ".join(["."] * 30)), {}).weeks
    days = [np.datetime64(week.last) for week in weeks]
    assert {int((a - b).astype(int)) for a, b in itertools.pairwise(days)} == {7}
    assert len(weeks) == 5
