"""Jerks planted into a recording: only their windows change, only by whole steps, as strong as asked."""

import numpy as np
import pandas as pd
import pytest
from scipy import signal

from sleepjerk.evaluate import evaluate_events
from tests.support.injection import Injected, draw_times, felt, inject_jerks

FINE_G, COARSE_G = 0.0001, 0.03125
UP = np.array([0.36, -0.48, 0.80])


def still(step_g: float, dtype: type = np.int32, zero: int = 0, seconds: float = 200.0) -> np.ndarray:
    """(3, n) counts of an arm that doesn't move."""
    return np.repeat(np.rint(UP / step_g + zero)[:, None], round(seconds * 100), axis=1).astype(dtype)


def noisy_8bit() -> np.ndarray:
    """(3, n) counts 0 to 255 of a logger whose noise now and then crosses a step."""
    noise = np.random.default_rng(8).normal(0, 0.3, (3, 20_000))
    return np.rint(UP[:, None] / COARSE_G + 128 + noise).astype(np.uint8)


def outside(planted: Injected) -> np.ndarray:
    mask = np.ones(planted.counts.shape[1], dtype=bool)
    for first, after in planted.windows:
        mask[first:after] = False
    return mask


def band_peak_g(change: np.ndarray, step_g: float) -> float:
    """2-20 Hz peak of a change in counts."""
    sos = signal.butter(2, [2, 20], btype="bandpass", fs=100, output="sos")
    moved = signal.sosfiltfilt(sos, change * step_g, axis=1)
    return float(np.linalg.norm(moved, axis=0).max())


def test_a_change_of_nothing_leaves_every_count_as_recorded() -> None:
    counts = noisy_8bit()
    for seed in range(50):
        offset = np.random.default_rng(seed).uniform(-0.5, 0.5, 3)
        same = felt(counts, np.zeros(counts.shape), offset, (0, 255))
        assert same.dtype == counts.dtype
        assert np.array_equal(same, counts)


def test_the_same_push_crosses_a_step_or_not_by_where_the_axis_was() -> None:
    counts = np.full((3, 1), 10)
    push, offset = np.full((3, 1), 0.3), np.array([0.3, 0.0, -0.4])
    assert felt(counts, push, offset, (0, 255)).ravel().tolist() == [11, 10, 10]
    assert felt(counts, -push, offset, (0, 255)).ravel().tolist() == [10, 10, 9]


def test_a_jerk_of_half_a_step_is_seen_by_some_axes_and_not_by_others() -> None:
    counts = still(COARSE_G, np.uint8, 128, seconds=3000.0)
    onsets_s = np.arange(20.0, 2980.0, 40.0)
    truth = inject_jerks(counts, COARSE_G, onsets_s, 0.008, 2, zero=128, limits=(0, 255)).truth
    assert 0.1 < (truth["steps"] > 0).mean() < 0.9


def test_where_a_sensor_begins_to_count_makes_no_difference() -> None:
    one, two = still(COARSE_G, np.int16), still(COARSE_G, np.int16, 128)
    first = inject_jerks(one, COARSE_G, [100.0], 0.5, 6)
    second = inject_jerks(two, COARSE_G, [100.0], 0.5, 6, zero=128)
    assert np.array_equal(first.counts + 128, second.counts)


def test_a_jerk_far_below_a_step_changes_nothing_and_says_so() -> None:
    counts = noisy_8bit()
    planted = inject_jerks(counts, COARSE_G, [50.0, 100.0], 1e-6, 3, zero=128, limits=(0, 255))
    assert np.array_equal(planted.counts, counts)
    assert planted.truth["steps"].tolist() == [0, 0]


def test_the_same_seed_plants_the_same_jerks_and_another_seed_others() -> None:
    counts = still(FINE_G)
    first, again, other = (inject_jerks(counts, FINE_G, [60.0], 0.2, seed).counts for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_order_in_which_jerks_are_told_makes_no_difference() -> None:
    counts = still(FINE_G)
    one = inject_jerks(counts, FINE_G, [60.0, 120.0], [0.2, 0.4], 1)
    two = inject_jerks(counts, FINE_G, [120.0, 60.0], [0.4, 0.2], 1)
    assert np.array_equal(one.counts, two.counts)
    pd.testing.assert_frame_equal(one.truth, two.truth, check_exact=True)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_outside_the_windows_changes_and_the_windows_are_short(seed: int) -> None:
    counts = noisy_8bit()
    before = counts.copy()
    planted = inject_jerks(counts, COARSE_G, [40.0, 90.0, 150.0], 0.5, seed, zero=128, limits=(0, 255))
    assert np.array_equal(counts, before)
    assert np.array_equal(planted.counts[:, outside(planted)], counts[:, outside(planted)])
    assert (np.diff(planted.windows, axis=1) < 150).all()
    assert (planted.truth["steps"] >= 3).all()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("peak_g", [0.05, 0.5])
def test_on_a_fine_sensor_a_jerk_is_as_strong_as_asked(seed: int, peak_g: float) -> None:
    counts = still(FINE_G)
    planted = inject_jerks(counts, FINE_G, [100.0], peak_g, seed)
    assert band_peak_g(planted.counts - counts, FINE_G) == pytest.approx(peak_g, rel=0.03)
    assert planted.truth["peak_g"][0] == pytest.approx(peak_g, rel=0.005)


def test_the_truth_tells_where_the_counts_change_most() -> None:
    counts = still(FINE_G)
    planted = inject_jerks(counts, FINE_G, [50.0, 100.0, 150.0], 0.3, 9, label="hypnic_jerk")
    strength = np.abs(planted.counts - counts).max(axis=0)
    for row in planted.truth.itertuples():
        near = slice(round((row.onset_s - 1) * 100), round((row.offset_s + 1) * 100))
        peak_s = (near.start + int(strength[near].argmax())) / 100
        assert row.onset_s - 0.01 <= peak_s <= row.offset_s + 0.01
    assert planted.truth["onset_s"].to_numpy() == pytest.approx([50, 100, 150], abs=0.05)
    assert set(planted.truth["label"]) == {"hypnic_jerk"}


def test_a_sensor_of_8_bits_shows_a_jerk_in_steps_within_one_of_the_true_change() -> None:
    fine, coarse = still(FINE_G), still(COARSE_G, np.uint8, 128)
    fine_change = (inject_jerks(fine, FINE_G, [100.0], 0.5, 4).counts - fine) * FINE_G
    planted = inject_jerks(coarse, COARSE_G, [100.0], 0.5, 4, zero=128, limits=(0, 255))
    coarse_change = (planted.counts.astype(int) - coarse) * COARSE_G
    assert np.unique(coarse_change).size > 5
    # Gravity, read in coarse steps, points a degree elsewhere; hence a little more than one step.
    assert np.abs(coarse_change - fine_change).max() < 1.2 * COARSE_G


def test_a_jerk_beyond_full_scale_is_clipped() -> None:
    counts = still(COARSE_G, np.uint8, 128)
    planted = inject_jerks(counts, COARSE_G, [100.0], 3.0, 4, zero=128, limits=(64, 191))
    assert planted.counts.min() >= 64
    assert planted.counts.max() <= 191
    assert planted.counts.min() == 64 or planted.counts.max() == 191


def test_the_table_is_a_truth_that_can_be_evaluated() -> None:
    planted = inject_jerks(still(FINE_G), FINE_G, [50.0, 100.0, 150.0], 0.3, 9)
    events = pd.DataFrame(
        {
            "onset_s": planted.truth["onset_s"],
            "duration_s": planted.truth["offset_s"] - planted.truth["onset_s"],
            "label": planted.truth["label"],
            "peak_g": planted.truth["peak_g"],
        }
    )
    twitches = evaluate_events(events.iloc[:2], planted.truth).labels["sleep_twitch"]
    assert (twitches.truth, twitches.found, twitches.matched) == (3, 2, 2)


@pytest.mark.parametrize(
    ("counts", "onset_s", "peak_g", "sentence"),
    [
        (still(FINE_G), 199.9, 0.2, "has no room"),
        (still(FINE_G), 0.0, 0.2, "has no room"),
        (np.zeros((3, 20_000), dtype=np.int32), 100.0, 0.2, "expected about 1 g"),
        (still(FINE_G), 100.0, 0.0, "expected a positive number"),
        (still(FINE_G).astype(float), 100.0, 0.2, "expected integers"),
    ],
)
def test_what_can_not_be_planted_is_refused(
    counts: np.ndarray, onset_s: float, peak_g: float, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        inject_jerks(counts, FINE_G, [onset_s], peak_g, 1)


def test_moments_lie_in_their_spans_and_20_s_apart_and_in_every_span() -> None:
    spans = [(100.0, 400.0), (1000.0, 1500.0), (5000.0, 5600.0)]
    times_s = draw_times(spans, 20, 3)
    assert len(times_s) == 20
    assert np.diff(times_s).min() >= 20
    inside = [int(((times_s >= start_s) & (times_s < end_s)).sum()) for start_s, end_s in spans]
    assert sum(inside) == 20
    assert min(inside) > 0
    assert np.array_equal(times_s, draw_times(spans, 20, 3))


def test_too_many_moments_for_the_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="of 10 moments 20 s apart"):
        draw_times([(0.0, 100.0)], 10, 1)


def test_without_any_span_there_is_room_for_nothing() -> None:
    assert len(draw_times([], 0, 1)) == 0
    with pytest.raises(ValueError, match="only 0 of 1 moments"):
        draw_times([], 1, 1)


def test_no_jerks_are_an_empty_truth() -> None:
    planted = inject_jerks(still(FINE_G), FINE_G, [], 0.2, 1)
    assert len(planted.truth) == 0
    assert planted.windows.shape == (0, 2)
    assert np.array_equal(planted.counts, still(FINE_G))
