"""What follows from a few answers for a night: exact where all is judged, honest where little is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from sleepjerk.review.estimates import Counts, Share, agree, agree_of, count, estimate, tells
from sleepjerk.review.kept import Answer, Stratum, Window
from sleepjerk.rules import Rules
from tests.benchmarks.review import KINDS, MIDDLE, NUMBERS, coverage, kappa_coverage
from tests.review.test_kept import REVIEW
from tests.support.marks import examples

ASKED = (Stratum.CALLED, Stratum.UNCALLED, Stratum.QUIET)


@st.composite
def counts(draw: st.DrawFn, *, whole: bool = False, told: bool = True) -> dict[Stratum, Counts]:
    made = {}
    for stratum in ASKED:
        windows = draw(st.integers(1, 60))
        judged = windows if whole else draw(st.integers(1, min(windows, 12)))
        unsure = 0 if told else draw(st.integers(0, judged - 1))
        made[stratum] = Counts(windows, judged, draw(st.integers(0, judged - unsure)), unsure)
    return made


def three(*rows: tuple[int, ...]) -> dict[Stratum, Counts]:
    return {stratum: Counts(*row) for stratum, row in zip(ASKED, rows, strict=True)}


@settings(max_examples=examples(60), deadline=None)
@given(counts(whole=True))
def test_a_night_that_is_judged_as_a_whole_is_known_exactly(made: dict[Stratum, Counts]) -> None:
    called, every = made[Stratum.CALLED], sum(one.twitches for one in made.values())
    found = estimate(made)
    assert found.precision.low == found.precision.high == called.twitches / called.windows
    assert found.twitches.low == found.twitches.high == every
    if every:
        assert found.recall.low == pytest.approx(called.twitches / every, abs=1e-9)
        assert found.recall.high == pytest.approx(called.twitches / every, abs=1e-9)
    else:
        assert found.recall.low is None


@settings(max_examples=examples(60), deadline=None)
@given(counts())
def test_every_interval_holds_its_figure_and_lies_within_what_is_possible(made) -> None:
    found, every = estimate(made), made.values()
    for share, least, most in (
        (found.precision, 0, 1),
        (found.recall, 0, 1),
        (found.twitches, sum(one.twitches for one in every), sum(one.windows for one in every)),
    ):
        if share.value is not None:
            assert least <= share.low <= share.high <= most
    assert found.precision.low <= found.precision.value <= found.precision.high


@settings(max_examples=examples(60), deadline=None)
@given(counts(told=False))
def test_an_answer_instead_of_a_can_t_tell_lies_within_the_wider_interval(made) -> None:
    wide = estimate(made)
    for twitch in (False, True):
        narrow = estimate({stratum: one.settled(twitch=twitch) for stratum, one in made.items()})
        for inner, outer in ((narrow.precision, wide.precision), (narrow.twitches, wide.twitches)):
            assert outer.low <= inner.low
            assert inner.high <= outer.high
        if narrow.recall.low is not None:
            assert wide.recall.low - 1e-9 <= narrow.recall.low
            assert narrow.recall.high <= wide.recall.high + 1e-9


@settings(max_examples=examples(60), deadline=None)
@given(counts())
def test_precision_turned_round_is_the_share_that_is_none(made) -> None:
    def precision(twitches: int):
        called = made[Stratum.CALLED]
        return estimate(made | {Stratum.CALLED: replace(called, twitches=twitches)}).precision

    one = made[Stratum.CALLED]
    found, turned = precision(one.twitches), precision(one.judged - one.twitches)
    assert found.low == pytest.approx(1 - turned.high)
    assert found.high == pytest.approx(1 - turned.low)


@pytest.mark.parametrize(
    ("windows", "judged", "twitches"), [(400, 20, 15), (60, 12, 3), (30, 25, 20), (9, 8, 4)]
)
def test_precision_has_the_limits_of_its_distribution(windows: int, judged: int, twitches: int) -> None:
    found = estimate(three((windows, judged, twitches), (0,), (0,))).precision
    prior = Rules().review.prior
    rest = betabinom(windows - judged, twitches + prior, judged - twitches + prior)
    low, high = (round(end * windows) - twitches for end in (found.low, found.high))
    assert rest.cdf(low - 1) + rest.pmf(low) / 2 >= 0.025
    assert rest.cdf(low - 2) + rest.pmf(low - 1) / 2 < 0.025
    assert rest.sf(high) + rest.pmf(high) / 2 >= 0.025
    assert rest.sf(high + 1) + rest.pmf(high + 1) / 2 < 0.025


def test_recall_and_number_have_the_limits_of_many_draws() -> None:
    made, prior, rng = (
        three((40, 10, 8), (150, 12, 2), (60, 8, 1)),
        Rules().review.prior,
        np.random.default_rng(1),
    )
    called, *missed = (
        one.twitches
        + betabinom(one.windows - one.judged, one.twitches + prior, one.judged - one.twitches + prior).rvs(
            200_000, random_state=rng
        )
        for one in made.values()
    )
    found, total = estimate(made), called + sum(missed)
    assert (found.recall.low, found.recall.high) == pytest.approx(
        np.quantile(called / total, [0.025, 0.975]), abs=0.005
    )
    assert (found.twitches.low, found.twitches.high) == pytest.approx(
        np.quantile(total, [0.025, 0.975]), abs=1
    )
    assert found.recall.value == pytest.approx(32 / (32 + 25 + 7.5))


def test_where_nothing_speaks_against_it_an_interval_is_open() -> None:
    all_right = estimate(three((40, 10, 10), (100, 10, 0), (50, 10, 0)))
    assert all_right.precision.high == all_right.recall.high == 1
    assert all_right.precision.low <= 0.9
    assert all_right.recall.low < 0.7
    none_right = estimate(three((40, 10, 0), (100, 10, 5), (50, 10, 0)))
    assert none_right.precision.low == none_right.recall.low == none_right.recall.value == 0


def test_what_nobody_judged_can_t_be_told() -> None:
    found = estimate(three((40, 10, 8), (100, 0), (50, 5, 0)))
    assert found.precision.value == 0.8
    assert found.recall.low is found.recall.value is found.twitches.high is None
    unsure = estimate(three((40, 4, 0, 4), (100, 10, 0), (50, 5, 0)))
    assert unsure.precision.low is unsure.recall.low is None
    nothing_called = estimate(three((0,), (100, 10, 2), (50, 5, 0)))
    assert nothing_called.precision.value is nothing_called.recall.value is None
    assert nothing_called.twitches.low >= 2
    assert [tells(share) for share in (Share(), Share(0.5, 0.2, 0.9), Share(0.5, 0.3, 0.7))] == [
        False,
        False,
        True,
    ]


def answered(first: str, second: str = ""):
    words = {"t": Answer.TWITCH, "o": Answer.OTHER, "n": Answer.NOTHING, "?": Answer.UNSURE}
    review = replace(REVIEW, windows=tuple(Window(begin_s=0, stratum=Stratum.CALLED) for _ in first))
    for judge, said in enumerate((first, second), 1):
        for place, letter in enumerate(said):
            review = review.saying(judge, place, words[letter])
    return review


def test_of_two_judges_counts_what_both_judged_and_where_they_differ_nobody_can_tell() -> None:
    review = answered("tto?nt", "tonnt")
    assert count(review)[Stratum.CALLED] == Counts(100, 6, 3, 1)
    assert count(review, (2,))[Stratum.CALLED] == Counts(100, 5, 2, 0)
    assert count(review, (1, 2))[Stratum.CALLED] == Counts(100, 5, 1, 3)
    assert agree(review).windows == 5
    assert (agree(review).alike, agree(review).unsure) == (2, 1)


def test_kappa_is_cohen_s() -> None:
    # J. Cohen's own way on 20, 5, 10, 15: 0.7 agree, 0.5 would by chance.
    kappa = agree_of((20, 5, 10, 15))
    assert kappa.value == pytest.approx(0.4)
    assert kappa.low < 0.4 < kappa.high < 0.7
    alike = agree_of((10, 0, 0, 20))
    assert alike.value == alike.high == 1
    assert 0.6 < alike.low < 0.95
    assert agree_of((12, 0, 0, 0)).value is agree_of((0, 0, 0, 0)).low is None


def test_intervals_cover_what_a_judge_would_have_said_of_the_night() -> None:
    found = coverage(MIDDLE[4], 30, 0.05, 400)
    # 95 % of 400 runs, give or take three standard errors, and what the tables show of single cells
    assert 0.9 <= found.recall <= 0.995
    assert found.precision >= 0.9
    assert 0.9 <= found.twitches <= 0.995


@pytest.mark.slow
def test_in_2000_runs_a_kind_intervals_cover_93_to_97_percent_and_no_kind_falls_far_below() -> None:
    cells = [coverage(kind, number, 0.05, 2000) for kind in KINDS[1::4] for number in NUMBERS[::2]]
    for covered in ([cell.recall for cell in cells], [cell.twitches for cell in cells]):
        assert 0.93 <= np.mean(covered) <= 0.97
        assert min(covered) > 0.9
    assert min(cell.precision for cell in cells) > 0.9  # and 1 where all that was called is judged


@pytest.mark.slow
def test_two_judges_who_err_alone_cover_the_truth_where_one_does_not() -> None:
    one, two = (
        np.mean([coverage(kind, 30, 0.05, 500, true=True, two=both).recall for kind in MIDDLE])
        for both in (False, True)
    )
    assert one < 0.8
    assert two >= 0.93


@pytest.mark.slow
def test_the_interval_of_kappa_covers() -> None:
    covered = [kappa_coverage(kind, 30, error, 1000) for kind in MIDDLE[::4] for error in (0.05, 0.2)]
    assert 0.93 <= np.mean(covered) <= 0.98
    assert min(covered) > 0.9
