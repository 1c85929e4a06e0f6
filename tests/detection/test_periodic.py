"""Series: the literal rules on both sides of every bound, two independent scorers, and lists scored by others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleepjerk.detection.periodic import (
    find_series,
    log_intervals,
    merge_legs,
    periodicity_index,
    series_rates,
    series_share,
)
from sleepjerk.rules import AASM_SERIES, SeriesRules
from tests.support.marks import examples
from tests.support.real_nights import shared_data

WASM = SeriesRules()
DATA = shared_data()


def scored(
    onsets: list[float], rules: SeriesRules = WASM, duration_s: float = 2.0, **options: object
) -> list[int]:
    """Series numbers of movements of equal length."""
    onset = np.array(onsets, dtype=float)
    return find_series(onset, onset + duration_s, rules, **options).series.tolist()  # type: ignore[arg-type]


# The rules, bound by bound.


def test_four_movements_are_a_series_and_three_are_not() -> None:
    assert scored([0, 20, 40, 60]) == [1, 1, 1, 1]
    assert scored([0, 20, 40]) == [0, 0, 0]


def test_a_series_that_runs_to_the_end_of_the_night_keeps_its_last_movement() -> None:
    assert scored([0, 500, 530, 560, 590]) == [0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("rules", "interval", "member"),
    [
        (WASM, 10.0, True),
        (WASM, 9.99, False),
        (WASM, 90.0, True),
        (WASM, 90.01, False),
        (AASM_SERIES, 5.0, True),
        (AASM_SERIES, 90.0, True),
        (AASM_SERIES, 90.01, False),
    ],
)
def test_the_bounds_of_the_interval_are_in(rules: SeriesRules, interval: float, member: bool) -> None:
    assert scored([interval * number for number in range(5)], rules) == [int(member)] * 5


@pytest.mark.parametrize("rules", [WASM, AASM_SERIES], ids=["wasm", "aasm"])
def test_the_bounds_of_the_duration_are_in(rules: SeriesRules) -> None:
    onsets = [0.0, 20.0, 40.0, 60.0]
    for duration_s, member in [(0.49, 0), (0.5, 1), (10.0, 1), (10.01, 0)]:
        assert scored(onsets, rules, duration_s) == [member] * 4


def test_a_short_interval_ends_a_series_and_its_movement_may_start_the_next() -> None:
    onsets = [0.0, 20, 40, 60, 65, 85, 105, 125]
    assert scored(onsets) == [1, 1, 1, 1, 2, 2, 2, 2]
    assert scored(onsets, replace(WASM, short_interval_can_start=False)) == [1, 1, 1, 1, 0, 0, 0, 0]


def test_by_the_aasm_a_movement_that_comes_too_early_is_passed_over() -> None:
    assert scored([0, 20, 22, 40, 60], AASM_SERIES) == [1, 1, 0, 1, 1]
    # The interval runs on from the one kept: 86 s and 94 s.
    assert scored([0, 20, 40, 60, 64, 146], AASM_SERIES) == [1, 1, 1, 1, 0, 1]
    assert scored([0, 20, 40, 60, 64, 154], AASM_SERIES) == [1, 1, 1, 1, 0, 0]


def test_a_long_movement_ends_a_series_by_wasm_and_is_none_by_the_aasm() -> None:
    onset = np.array([0.0, 20, 40, 55, 70, 90, 110])
    offset = onset + np.array([2, 2, 2, 12, 2, 2, 2])
    assert find_series(onset, offset, WASM).series.tolist() == [0, 0, 0, 0, 0, 0, 0]
    assert find_series(onset, offset, AASM_SERIES).series.tolist() == [1, 1, 1, 0, 1, 1, 1]


def test_a_movement_too_short_to_be_one_changes_nothing() -> None:
    onset = np.array([0.0, 20, 25, 40, 60])
    offset = onset + np.array([2, 2, 0.3, 2, 2])
    series = find_series(onset, offset, WASM)
    assert series.series.tolist() == [1, 1, 0, 1, 1]
    assert series.imi_s.tolist()[3] == 20


def test_a_gap_of_the_recording_ends_a_series() -> None:
    onsets = [0.0, 20, 40, 60, 80, 100]
    assert scored(onsets, breaks_s=[70.0]) == [1, 1, 1, 1, 0, 0]
    assert scored(onsets, breaks_s=[500.0, 70.0, 10.0]) == [0, 0, 0, 0, 0, 0]


def test_brief_twitches_count_where_the_caller_says_so() -> None:
    wrist = replace(WASM, min_duration_s=0.0)
    assert scored([0, 20, 40, 60], wrist, duration_s=0.2) == [1, 1, 1, 1]
    assert scored([0, 20, 40, 60], WASM, duration_s=0.2) == [0, 0, 0, 0]


def test_nothing_and_one_movement_are_no_series() -> None:
    assert scored([]) == []
    assert scored([5.0]) == [0]


def test_a_list_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="sorted by onset"):
        scored([20.0, 0.0])
    with pytest.raises(ValueError, match="end before it begins"):
        find_series(np.array([5.0]), np.array([4.0]), WASM)


# Two legs.


@pytest.mark.parametrize(("gap_s", "movements"), [(-1.0, 1), (0.0, 1), (0.49, 1), (0.5, 2), (0.6, 2)])
def test_legs_less_than_half_a_second_apart_are_one_movement_by_wasm(gap_s: float, movements: int) -> None:
    merged = merge_legs(np.array([0.0, 2.0 + gap_s]), np.array([2.0, 4.0 + gap_s]), ["L", "R"], WASM)
    assert len(merged.onset_s) == movements


def test_by_the_aasm_onsets_less_than_five_seconds_apart_are_one() -> None:
    for gap_s, movements in [(4.99, 1), (5.0, 2)]:
        onset = np.array([0.0, gap_s])
        assert len(merge_legs(onset, onset + 1, ["L", "R"], AASM_SERIES).onset_s) == movements


def test_one_leg_is_never_merged_with_itself() -> None:
    assert len(merge_legs(np.array([0.0, 1.2]), np.array([1.0, 2.0]), ["L", "L"], WASM).onset_s) == 2


def test_a_movement_of_both_legs_may_last_15_s_in_4_parts() -> None:
    def candidate(onset: list[float], offset: list[float], legs: str) -> bool:
        return bool(find_series(np.array(onset), np.array(offset), WASM, leg=list(legs)).candidate[0])

    assert candidate([0, 7], [8, 15], "LR")
    assert not candidate([0, 7], [8, 15.1], "LR")
    assert not candidate([0, 1], [10.5, 3], "LR")
    assert candidate([0, 2, 4, 6], [2.2, 4.2, 6.2, 8], "LRLR")
    assert not candidate([0, 2, 4, 6, 8], [2.2, 4.2, 6.2, 8.2, 9], "LRLRL")


def test_both_parts_of_a_movement_carry_its_scores() -> None:
    onset = np.array([0.0, 1, 30, 31, 60, 61, 90, 91])
    series = find_series(onset, onset + 2, WASM, leg=["L", "R"] * 4)
    assert series.series.tolist() == [1] * 8
    assert series.imi_s.tolist()[2:4] == [30, 30]


# Invariances, and another scorer.


def plain_wasm(onset: list[float], duration: list[float]) -> list[bool]:
    """WASM 2016 read aloud, one movement after the other, with nothing in common with the code under test."""
    member = [False] * len(onset)
    run: list[int] = []

    def close() -> None:
        if len(run) >= 4:
            for place in run:
                member[place] = True
        run.clear()

    for place, (start, length) in enumerate(zip(onset, duration, strict=True)):
        if length < 0.5:
            continue
        if length > 10:
            close()
            continue
        if run and not 10 <= round(start - onset[run[-1]], 6) <= 90:
            close()
        run.append(place)
    close()
    return member


movement_lists = st.lists(
    st.tuples(
        st.sampled_from([3.0, 9.99, 10.0, 15.0, 30.0, 60.0, 90.0, 90.01, 200.0]),
        st.sampled_from([0.3, 0.5, 2.0, 10.0, 12.0]),
    ),
    max_size=40,
)


@settings(max_examples=examples(300), deadline=None)
@given(movement_lists)
def test_the_scorer_agrees_with_the_rule_read_aloud(steps: list[tuple[float, float]]) -> None:
    onset = np.cumsum([step for step, _ in steps])
    duration = [min(length, 0.9 * step) if length > 2 else length for step, length in steps]
    found = find_series(onset, onset + np.array(duration), WASM).in_series.tolist()
    assert found == plain_wasm(onset.tolist(), [round(value, 6) for value in duration])


@settings(max_examples=examples(100), deadline=None)
@given(movement_lists, st.floats(0, 30_000))
def test_a_shift_in_time_changes_nothing(steps: list[tuple[float, float]], shift_s: float) -> None:
    onset = np.cumsum([step for step, _ in steps])
    offset = onset + np.array([length for _, length in steps])
    for rules in (WASM, AASM_SERIES):
        here = find_series(onset, offset, rules)
        there = find_series(onset + round(shift_s, 2), offset + round(shift_s, 2), rules)
        assert there.series.tolist() == here.series.tolist()


def test_lists_far_apart_are_scored_apart() -> None:
    first, second = [0.0, 20, 40, 60], [1000.0, 1030, 1060, 1090, 1120]
    assert scored(first + second) == [1] * 4 + [2] * 5


# Periodicity.


def test_the_periodicity_index_is_ferris() -> None:
    # 8 intervals: 5 periodic in one run, 2 short, 1 long: 5/8.
    assert periodicity_index(np.cumsum([0.0, 20, 20, 20, 20, 20, 5, 200, 5])) == 5 / 8
    # Runs of two intervals don't count.
    assert periodicity_index(np.cumsum([0.0, 20, 20, 5, 20, 20, 5])) == 0
    # 10 s itself is out here, though it is in for the series rule; 90 s is in.
    assert periodicity_index(np.cumsum([0.0, 10, 10, 10])) == 0
    assert periodicity_index(np.cumsum([0.0, 90, 90, 90])) == 1
    assert periodicity_index(np.array([5.0])) is None


def test_the_share_of_movements_in_series_is_another_thing() -> None:
    onset = np.cumsum([0.0, 20, 20, 20, 300, 300])
    assert series_share(find_series(onset, onset + 2, WASM)) == pytest.approx(4 / 6)
    assert periodicity_index(onset) == pytest.approx(3 / 5)
    assert series_share(find_series(np.empty(0), np.empty(0), WASM)) is None


def test_a_hundred_random_nights_never_reach_the_word_periodic() -> None:
    for seed in range(100):
        onset = np.cumsum(np.random.default_rng(seed).exponential(120.0, 240))
        index = periodicity_index(onset)
        assert index is not None
        assert index < 0.5


def test_rates_follow_the_stage_at_each_onset_and_a_border_belongs_to_the_new_epoch() -> None:
    stages = [0] * 2 + [2] * 118
    rates = series_rates(np.array([10.0, 60.0, 90.0, 120.0]), np.ones(4, dtype=bool), stages)
    assert (rates.asleep, rates.awake) == (3, 1)
    assert rates.asleep_per_h == pytest.approx(3 / (118 * 30 / 3600))
    assert rates.awake_per_h == pytest.approx(1 / (60 / 3600))


def test_no_sleep_is_no_rate_and_not_zero() -> None:
    assert series_rates(np.array([10.0]), np.array([True]), [0, 0]).asleep_per_h is None
    assert series_rates(np.empty(0), np.empty(0, dtype=bool), [2, 2]).asleep_per_h == 0
    assert series_rates(np.empty(0), np.empty(0, dtype=bool), []).awake_per_h is None


def test_intervals_are_summed_up_on_a_log_scale_within_the_bounds() -> None:
    mean, sd = log_intervals(np.array([5.0, 20.0, 20.0, 500.0]), WASM)
    assert mean == pytest.approx(np.log(20))
    assert sd == 0
    assert log_intervals(np.array([5.0]), WASM) == (None, None)


# Nights and lists scored by a published scorer.

EQUAL = [
    "v01_six_at_20s",
    "v02_three_only",
    "v03_exactly_four",
    "v04a_imi_exact_10",
    "v04b_imi_9.99",
    "v06_long_lm_12s_between",
    "v07a_bilateral_gap_0.4",
    "v09_bilateral_gt15s",
    "v10_lm_0.4s_ignored",
    "v11_gap_120s_two_runs",
    "v13_last_lm_ends_series_at_record_end",
    "v14_irregular_isolated",
    "real_C",
]


@pytest.mark.skipif(DATA is None, reason="the shared lists of scored movements are not on this machine")
@pytest.mark.parametrize("name", EQUAL)
def test_movement_by_movement_as_matplm_scored_it(name: str) -> None:
    assert DATA is not None
    table = pd.read_csv(DATA / "plm_lists" / f"{name}.csv").sort_values("onset_s", kind="stable")
    theirs = pd.read_csv(DATA / "plm_lists" / "reference" / f"{name}.matplm.csv")
    onset, offset, leg = table["onset_s"].to_numpy(), table["offset_s"].to_numpy(), table["leg"].to_numpy()
    merged, series = merge_legs(onset, offset, leg, WASM), find_series(onset, offset, WASM, leg=leg)
    rows = np.flatnonzero((np.diff(merged.group, prepend=-1) != 0) & series.candidate)
    np.testing.assert_allclose(onset[rows], theirs["onset_s"], atol=0.003)
    assert series.in_series[rows].tolist() == (theirs["plm"] == 1).tolist()
    np.testing.assert_allclose(np.nan_to_num(series.imi_s[rows], nan=9999), theirs["imi_s"], atol=0.003)


@pytest.mark.skipif(DATA is None, reason="the shared lists of scored movements are not on this machine")
@pytest.mark.parametrize(("name", "per_h"), [("real_A", 2.06), ("real_C", 66.80)])
def test_the_indices_of_two_human_scored_nights(name: str, per_h: float) -> None:
    assert DATA is not None
    table = pd.read_csv(DATA / "plm_lists" / f"{name}.csv").sort_values("onset_s", kind="stable")
    stages = [int(word) for word in (DATA / "plm_lists" / f"{name}.stages").read_text().split()]
    merged = merge_legs(
        table["onset_s"].to_numpy(), table["offset_s"].to_numpy(), table["leg"].to_numpy(), WASM
    )
    series = find_series(
        table["onset_s"].to_numpy(), table["offset_s"].to_numpy(), WASM, leg=table["leg"].to_numpy()
    )
    first = np.diff(merged.group, prepend=-1) != 0
    rates = series_rates(table["onset_s"].to_numpy()[first], series.in_series[first], stages)
    assert rates.asleep_per_h == pytest.approx(per_h, abs=0.005)
