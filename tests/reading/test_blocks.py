"""Times of samples that come in stamped blocks: even, never backwards, and no gap is spread away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.reading.loggers.blocks import even_blocks, in_order
from sleepjerk.recording import Floats
from sleepjerk.rules import LoggerRules
from tests.reading import made_loggers as made

RULES = LoggerRules()


def stamped(rate_hz: float, blocks: int, size: int = 80) -> Floats:
    """(blocks, size) times: each block is stamped right, and counted on from there at 100 Hz."""
    starts = np.arange(blocks) * size / rate_hz
    return np.asarray(starts[:, None] + np.arange(size) / made.RATE_HZ)


@pytest.mark.parametrize("pause_s", [0.4, 5.0, 600.0])
def test_a_pause_is_a_gap_however_long_was_recorded_before_it(pause_s: float) -> None:
    """Blocks that each begin a little late tell the sensor's own rate; what is late by a block was not recorded."""
    hours = np.arange(10 * 3600 * made.RATE_HZ) / made.RATE_HZ
    late = hours[: 60 * made.RATE_HZ] + hours[-1] + 1 / made.RATE_HZ + pause_s
    time_s = even_blocks(np.concatenate((hours, late)), RULES)
    np.testing.assert_allclose(time_s, np.concatenate((hours, late)), atol=1e-6)


@pytest.mark.parametrize("rate_hz", [98.0, 99.6, 101.5])
def test_a_sensors_own_rate_leaves_no_gap(rate_hz: float) -> None:
    written = stamped(rate_hz, 200).ravel()
    assert in_order(written, RULES).all()
    time_s = even_blocks(written, RULES)
    np.testing.assert_allclose(time_s[:-80], np.arange(199 * 80) / rate_hz, atol=1e-9)


@given(
    st.floats(92, 108),
    st.sampled_from([40, 80, 120, 300]),
    st.lists(st.tuples(st.integers(0, 59), st.floats(-3e5, 3e5)), max_size=4),
)
def test_blocks_with_a_wrong_time_are_left_out_and_no_other(
    rate_hz: float, size: int, moved: list[tuple[int, float]]
) -> None:
    """Whatever the sensor's own rate: of 60 blocks up to 4 are moved by up to three days."""
    written = stamped(rate_hz, 60, size)
    for block, by_s in moved:
        written[block] += by_s
    kept = in_order(written.ravel(), RULES).reshape(60, size)
    right = np.ones(60, dtype=bool)
    right[[block for block, _ in moved]] = False
    # Where neighbours were moved alike, or hardly, these may stay instead; never fewer.
    assert kept.sum() >= right.sum() * size
    assert (np.diff(even_blocks(written.ravel()[kept.ravel()], RULES)) > 0).all()


def test_where_no_block_is_wrong_none_is_left_out() -> None:
    for rate_hz in np.linspace(93, 107, 30):
        for size in (40, 80, 120, 300):
            assert in_order(stamped(float(rate_hz), 50, size).ravel(), RULES).all(), (rate_hz, size)


def test_of_a_clock_that_was_set_back_the_longer_side_is_kept() -> None:
    before, after = np.arange(30_000) / 100, np.arange(70_000) / 100 - 40
    kept = in_order(np.concatenate((before, after)), RULES)
    assert not kept[:26_000].any() or not kept[30_000:].any()
    assert kept[30_000:].all()
