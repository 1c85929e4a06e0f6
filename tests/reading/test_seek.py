"""Rows read by their number: the place of a moment is the first row that is not earlier."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.reading.seek import RowSeeker
from sleepjerk.rules import CuttingRules

TIMES = st.lists(st.floats(0, 1e4, width=32), min_size=1, max_size=400).map(lambda found: np.sort(found))


def rows_of(time_s: np.ndarray) -> RowSeeker:
    return RowSeeker(len(time_s), lambda begin, end: time_s[begin:end], lambda begin, end: np.empty((3, 0)))


@given(TIMES, st.floats(-1, 1.1e4))
def test_the_place_of_a_moment_is_the_first_row_not_before_it(time_s: np.ndarray, at_s: float) -> None:
    assert rows_of(time_s).place_of(at_s) == np.searchsorted(time_s, at_s)


@given(TIMES, st.floats(-1, 1.1e4), st.integers(0, 399))
def test_a_time_that_is_unknown_moves_it_to_a_row_that_is_known(
    time_s: np.ndarray, at_s: float, unknown: int
) -> None:
    time_s = time_s.copy()
    time_s[unknown % len(time_s)] = np.nan
    place = rows_of(time_s).place_of(at_s)
    assert place == len(time_s) or time_s[place] >= at_s
    assert not (time_s[:place] >= at_s).any()


def test_a_wild_first_time_and_a_last_one_of_zero_are_not_the_ends() -> None:
    time_s = np.arange(1000.0) + 5
    time_s[0], time_s[-1] = 1e9, 0.0
    assert rows_of(time_s).span_s() == (6.0, 1003.0)


def test_rows_whose_clock_began_again_are_out_of_order() -> None:
    time_s = np.concatenate((np.arange(5000.0), np.arange(5000.0)))
    assert not rows_of(time_s).in_order(3600)
    assert rows_of(time_s).in_order(6000)
    assert rows_of(np.arange(5000.0)).in_order(0)


def test_without_any_time_there_is_no_span() -> None:
    nothing = rows_of(np.full(200, np.nan))
    assert nothing.first_times() is None
    assert nothing.span_s() == (np.inf, np.inf)


def test_times_of_which_every_second_one_is_unknown_tell_as_much() -> None:
    time_s = np.arange(5000.0)
    time_s[::2] = np.nan
    rows = rows_of(time_s)
    assert rows.span_s() == (1.0, 4999.0)
    assert rows.in_order(0)
    assert rows.place_of(2500) == 2501
    first = rows.first_times()
    assert isinstance(first, np.ndarray)
    assert np.isfinite(first).all()


def test_a_pause_without_rows_moves_no_look() -> None:
    """Two days of 4 rows a second, without the rows of 20 h: lively from the 36th hour on."""
    time_s = np.concatenate((np.arange(0, 10 * 3600, 0.25), np.arange(30 * 3600, 48 * 3600, 0.25)))
    rng = np.random.default_rng(1)
    values = rng.normal(0, np.where(time_s >= 36 * 3600, 1.0, 0.01), (3, len(time_s)))
    values[:, ::4] = np.nan
    rows = RowSeeker(
        len(time_s), lambda begin, end: time_s[begin:end], lambda begin, end: values[:, begin:end]
    )
    looks = rows.look(0.0, float(time_s[-1]), CuttingRules())
    assert ((looks.time_s < 10 * 3600) | (looks.time_s >= 30 * 3600)).all()
    assert ((looks.spread > 0.5) == (looks.time_s >= 36 * 3600)).all()
    assert looks.time_s[-1] > 47 * 3600
