"""Curves: gaps stay local, slow turns don't leak, the norm doesn't care how the sensor sits."""

import numpy as np
import pytest

from sleepjerk.detection import curves as curves_module
from sleepjerk.detection.bands import band_pass
from sleepjerk.detection.curves import (
    angle_between,
    find_segments,
    make_curves,
    mean_between,
    posture_curve,
    sensor_noise,
)
from sleepjerk.rules import MovementRules
from sleepjerk.spans import find_runs
from tests.support.made_signals import FS, jerk, rotated, still, turn

RULES = MovementRules()
MIDDLE = np.array([30_000])


def test_runs_are_found_at_both_ends_and_none_in_an_empty_mask() -> None:
    assert find_runs(np.array([True, True, False, True])).tolist() == [[0, 2], [3, 4]]
    assert find_runs(np.zeros(5, dtype=bool)).shape == (0, 2)
    assert find_runs(np.zeros(0, dtype=bool)).shape == (0, 2)


def test_a_gap_late_in_the_night_moves_nothing_before_it() -> None:
    night = still(600) + jerk(100, 0.2, 600)
    torn = night.copy()
    torn[:, 40_000:43_000] = np.nan
    whole, parts = make_curves(night, FS, RULES), make_curves(torn, FS, RULES)
    # The filter's memory is under 5 s; the rolling floor looks a minute around.
    np.testing.assert_allclose(parts.fast_norm_g[:39_500], whole.fast_norm_g[:39_500], atol=1e-7)
    parts_floor_g, whole_floor_g = parts.fast_floor_g.everywhere(), whole.fast_floor_g.everywhere()
    np.testing.assert_allclose(parts_floor_g[:33_000], whole_floor_g[:33_000], atol=1e-6)
    assert np.all(np.isfinite(parts.fast_norm_g))
    assert np.all(parts.fast_norm_g[40_000:43_000] == 0)


def test_a_gap_edge_makes_no_movement() -> None:
    torn = still(120, noise_g=0.0005)
    torn[:, 5000:5300] = np.nan
    assert make_curves(torn, FS, RULES).fast_norm_g.max() < 0.005


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_norm_is_the_same_however_the_sensor_sits_on_the_wrist(seed: int) -> None:
    night = still(60) + jerk(30, 0.2, 60)
    ours = make_curves(night, FS, RULES).fast_norm_g
    theirs = make_curves(rotated(night, seed), FS, RULES).fast_norm_g
    np.testing.assert_allclose(theirs, ours, atol=2e-6)


def test_motion_perpendicular_to_gravity_is_not_lost() -> None:
    along = jerk(30, 0.1, 60)
    moved_g = band_pass(still(60, noise_g=0) + along, FS, 2, 20, np.array([[0, 6000]]))
    across_g = np.linalg.norm(moved_g, axis=0).max()
    moved_g = band_pass(still(60, noise_g=0) + along[[2, 1, 0]], FS, 2, 20, np.array([[0, 6000]]))
    upright_g = np.linalg.norm(moved_g, axis=0).max()
    assert across_g == pytest.approx(upright_g, rel=1e-4)
    assert across_g > 0.07


def test_a_slow_turn_of_the_arm_leaves_the_fast_band_quiet() -> None:
    turned = turn(still(60, noise_g=0), 30, 90, over_s=2.0)
    assert make_curves(turned, FS, RULES).fast_norm_g.max() < 0.02


def test_a_segment_shorter_than_the_filter_is_silent_and_does_no_harm() -> None:
    night = still(60)
    night[:, 3000:3005] = np.nan
    night[:, 3010:3015] = np.nan
    assert find_segments(night).tolist() == [[0, 3000], [3005, 3010], [3015, 6000]]
    assert np.all(make_curves(night, FS, RULES).fast_norm_g[3005:3010] == 0)


def test_a_rate_too_low_for_the_band_is_filtered_as_far_as_it_goes() -> None:
    assert np.all(np.isfinite(make_curves(still(60, fs=25.0), 25.0, RULES).fast_norm_g))


def test_the_sensor_noise_is_that_of_the_stillest_part() -> None:
    # White noise of 2 mg an axis up to 50 Hz holds 2 * sqrt(3 * 18 / 50) mg in an ideal 2-20 Hz band; a filter run
    # both ways halves the amplitude at its corners and passes 0.91 of that.
    curves = make_curves(still(600) + jerk(300, 0.5, 600), FS, RULES)
    noise_g = sensor_noise(curves.fast_norm_g, FS, curves.segments, MovementRules())
    assert noise_g == pytest.approx(0.91 * 0.002 * np.sqrt(3 * 18 / 50), rel=0.05)
    assert sensor_noise(np.zeros(10, dtype=np.float32), FS, np.array([[0, 10]]), MovementRules()) is None


@pytest.mark.parametrize(("quiet_g", "quiet"), [(0.001, 8), (0.001, 60), (0.004, 8)])
def test_the_sensor_noise_is_neither_that_of_a_few_dead_windows_nor_that_of_the_person(
    quiet_g: float, quiet: int
) -> None:
    levels_g = np.concatenate((np.zeros(3), np.full(quiet, quiet_g), np.full(97 - quiet, 0.009)))
    norm_g = np.repeat(np.random.default_rng(1).permutation(levels_g), 1000).astype(np.float32)
    found = sensor_noise(norm_g, FS, np.array([[0, len(norm_g)]]), MovementRules())
    assert found == pytest.approx(quiet_g)


def test_the_sensor_noise_is_the_power_of_whole_windows() -> None:
    norm_g = np.tile(np.repeat([0.0, 0.002], 500), 30).astype(np.float32)  # 5 s and 5 s
    found = sensor_noise(norm_g, FS, np.array([[0, len(norm_g)]]), MovementRules())
    assert found == pytest.approx(0.002 / np.sqrt(2))


def test_the_angle_between_directions_is_the_angle() -> None:
    first = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, np.nan]])
    second = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.5, 1.0, 1.0]])
    np.testing.assert_allclose(angle_between(first, second), [45.0, 90.0, np.nan])


def test_the_mean_of_a_window_leaves_gaps_out_and_knows_when_it_knows_nothing() -> None:
    night = still(20, noise_g=0)
    night[:, 500:1000] = np.nan
    curve, rate = posture_curve(night, FS, 0.1)
    means = mean_between(curve, rate, np.array([3.0, 6.0, -5.0]), np.array([7.0, 9.0, -1.0]))
    np.testing.assert_allclose(means[2], [1.0, np.nan, np.nan])


@pytest.mark.parametrize("seed", range(3))
def test_how_alike_a_jerk_is_does_not_depend_on_how_the_sensor_sits(seed: int) -> None:
    moved = still(60, noise_g=0.003) + jerk(30, 0.05, 60)
    ours = make_curves(moved, FS, RULES).matched_filter_g
    theirs = make_curves(rotated(moved, seed), FS, RULES).matched_filter_g
    np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-4)


def test_in_noise_a_faint_jerk_stands_out_more_by_its_likeness_than_by_its_envelope() -> None:
    ratios = []
    for seed in range(5):
        moved = still(600, noise_g=0.003, seed=seed) + jerk(300, 0.02, 600, width_s=0.3)
        curves = make_curves(moved, FS, RULES)
        around = slice(29_970, 30_030)
        alike = curves.matched_filter_g[around].max() / curves.matched_filter_level_g.at(MIDDLE)[0]
        usual = curves_module.peak_level(curves.fast_envelope_g, FS, curves.segments, curves.rules)
        strong = curves.fast_envelope_g[around].max() / usual.at(MIDDLE)[0]
        ratios.append(alike / strong)
    assert np.median(ratios) > 1.05


def test_a_recording_shorter_than_a_jerk_is_like_nothing() -> None:
    short = np.ones((3, 5), dtype=np.float32)
    assert make_curves(short, FS, RULES).matched_filter_g.tolist() == [0.0] * 5


def test_in_a_gap_nothing_is_like_a_jerk() -> None:
    torn = still(600, noise_g=0.003)
    torn[:, 20_000:20_500] = np.nan
    curves = make_curves(torn, FS, RULES)
    assert not curves.matched_filter_g[20_000:20_500].any()
