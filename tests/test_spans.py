"""Spans are sets of moments: whatever is asked of them must be what sets of whole numbers say."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.spans import (
    find_runs,
    inside,
    joined,
    last_begun,
    length_without,
    lengths,
    runs_of_words,
    total,
    union,
)

MASKS = st.lists(st.booleans(), max_size=40).map(lambda flags: np.array(flags, dtype=bool))
SPANS = st.lists(st.tuples(st.integers(-5, 40), st.integers(0, 9)), max_size=8).map(
    lambda pairs: np.array([(start, start + size) for start, size in pairs], dtype=np.int64).reshape(-1, 2)
)


def moments(spans: np.ndarray) -> set[int]:
    return {moment for start, end in spans.tolist() for moment in range(start, end)}


def sorted_and_apart(spans: np.ndarray) -> bool:
    return all(before[1] < after[0] for before, after in itertools.pairwise(spans))


@given(MASKS)
def test_the_runs_of_a_mask_are_its_true_moments_in_as_few_spans_as_there_are(mask: np.ndarray) -> None:
    runs = find_runs(mask)
    assert moments(runs) == set(np.flatnonzero(mask).tolist())
    assert sorted_and_apart(runs)
    assert (lengths(runs) > 0).all()
    assert total(runs) == mask.sum()


@given(st.lists(st.sampled_from("ab"), max_size=20))
def test_runs_of_words_put_together_are_the_words_and_neighbours_differ(words: list[str]) -> None:
    runs = runs_of_words(np.array(words, dtype="<U1"))
    assert [word for start, end, word in runs for _ in range(start, end)] == words
    assert all(before[1:] != (after[0], after[2]) for before, after in itertools.pairwise(runs))
    assert all(before[2] != after[2] for before, after in itertools.pairwise(runs))


@given(SPANS, SPANS)
def test_a_union_holds_the_moments_of_both_sorted_and_without_overlap(
    first: np.ndarray, second: np.ndarray
) -> None:
    both = union(first, second)
    assert moments(both) == moments(first) | moments(second)
    assert sorted_and_apart(both)


@given(SPANS, st.integers(0, 6))
def test_joined_spans_hold_the_pauses_shorter_than_asked_and_no_others(spans: np.ndarray, pause: int) -> None:
    apart = union(spans)
    found = joined(apart, pause)
    pauses = {
        moment
        for before, after in itertools.pairwise(apart)
        if after[0] - before[1] < pause
        for moment in range(before[1], after[0])
    }
    assert moments(found) == moments(apart) | pauses


@given(st.tuples(st.integers(0, 20), st.integers(0, 20)), st.lists(SPANS, max_size=3))
def test_a_window_without_spans_is_as_long_as_what_is_left_of_its_moments(
    window: tuple[int, int], without: list[np.ndarray]
) -> None:
    start, size = window
    left = set(range(start, start + size)).difference(*map(moments, without))
    assert length_without((start, start + size), without) == len(left)


@given(SPANS, st.lists(st.integers(-8, 50), max_size=20))
def test_a_time_is_inside_when_one_of_the_spans_holds_it(spans: np.ndarray, times: list[int]) -> None:
    held = moments(spans)
    assert inside(np.array(times, dtype=np.int64), spans).tolist() == [time in held for time in times]


@given(SPANS, st.lists(st.integers(-8, 50), max_size=20))
def test_the_last_span_begun_is_found_by_counting(spans: np.ndarray, times: list[int]) -> None:
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    expected = [sum(start <= time for start in spans[:, 0].tolist()) - 1 for time in times]
    assert last_begun(np.array(times, dtype=np.int64), spans).tolist() == expected


def test_seconds_are_subtracted_once_too() -> None:
    spans = [np.array([[10.0, 30.0], [20.5, 40.0]]), np.array([[-5.0, 5.0], [90.0, 200.0]])]
    assert length_without((0.0, 100.0), spans) == pytest.approx(100 - 30 - 5 - 10)
    assert length_without((5.0, 65.0), []) == 60.0
