"""Calibration: what was bent comes back straight, and what can't be known is left alone."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sleepjerk.detection.calibration import apply_calibration, estimate_calibration
from sleepjerk.rules import CalibrationRules
from tests.support.made_signals import FS, still

RULES = CalibrationRules()
OFFSET = np.array([0.05, -0.03, 0.02])
SCALE = np.array([1.03, 0.98, 1.01])


def postures(directions: np.ndarray, *, noise_g: float = 0.002) -> np.ndarray:
    """20 s in each direction."""
    parts = [
        still(20, noise_g=noise_g, seed=number) - [[0], [0], [1]] + direction[:, None]
        for number, direction in enumerate(directions)
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def bent(signal: np.ndarray) -> np.ndarray:
    """What a sensor with this offset and scale would have measured."""
    return (signal / SCALE[:, None] - OFFSET[:, None]).astype(np.float32)


def test_offset_and_scale_come_back_when_the_night_saw_the_whole_sphere() -> None:
    directions = Rotation.random(60, rng=np.random.default_rng(5)).apply([0, 0, 1.0])
    found = estimate_calibration(bent(postures(directions)), FS, RULES)
    assert found.method == "sphere"
    np.testing.assert_allclose(found.offset_g, OFFSET, atol=0.002)
    np.testing.assert_allclose(found.scale, SCALE, atol=0.003)
    assert found.error_after_g is not None
    assert found.error_after_g < 0.002


def test_calibrated_data_lie_at_1_g() -> None:
    directions = Rotation.random(60, rng=np.random.default_rng(6)).apply([0, 0, 1.0])
    measured = bent(postures(directions))
    straight = apply_calibration(measured, estimate_calibration(measured, FS, RULES))
    length = np.linalg.norm(straight.reshape(3, -1, 500).mean(axis=2), axis=0)
    np.testing.assert_allclose(length, 1.0, atol=0.004)


def test_a_night_on_one_side_gets_an_offset_only_and_says_so() -> None:
    directions = Rotation.from_rotvec(np.linspace([-0.4, 0, 0], [0.4, 0.4, 0], 40)).apply([0, 0, 1.0])
    found = estimate_calibration(bent(postures(directions)), FS, RULES)
    assert found.method == "offset"
    np.testing.assert_array_equal(found.scale, 1.0)
    assert found.error_after_g is not None
    assert found.error_before_g is not None
    assert found.error_after_g < found.error_before_g


def test_too_few_still_windows_change_nothing_and_claim_nothing() -> None:
    found = estimate_calibration(still(30), FS, RULES)
    assert found.method == "none"
    assert found.error_after_g is None
    np.testing.assert_array_equal(apply_calibration(still(30), found), still(30))


def test_hours_in_one_posture_do_not_outvote_the_others() -> None:
    directions = Rotation.random(60, rng=np.random.default_rng(7)).apply([0, 0, 1.0])
    long_night = np.concatenate([np.repeat(directions[:1], 400, axis=0), directions])
    found = estimate_calibration(bent(postures(long_night)), FS, RULES)
    np.testing.assert_allclose(found.offset_g, OFFSET, atol=0.003)


def test_gaps_are_left_out() -> None:
    directions = Rotation.random(60, rng=np.random.default_rng(8)).apply([0, 0, 1.0])
    measured = bent(postures(directions))
    measured[:, 30_000:31_234] = np.nan
    np.testing.assert_allclose(estimate_calibration(measured, FS, RULES).offset_g, OFFSET, atol=0.002)


def test_where_a_sensor_reads_nothing_at_all_it_is_not_calibrated() -> None:
    directions = Rotation.random(60, rng=np.random.default_rng(8)).apply([0, 0, 1.0])
    measured = bent(postures(directions))
    silent = measured.copy()
    silent[:, 30_000:32_000] = 0
    found, lost = (estimate_calibration(one, FS, RULES) for one in (measured, silent))
    np.testing.assert_allclose(lost.offset_g, OFFSET, atol=0.002)
    assert lost.windows < found.windows


def test_a_wrong_unit_is_not_calibrated_away() -> None:
    directions = Rotation.random(60, rng=np.random.default_rng(9)).apply([0, 0, 1.0])
    found = estimate_calibration((postures(directions) + 0.5).astype(np.float32), FS, RULES)
    assert found.method == "none"
    assert found.error_before_g == pytest.approx(found.error_after_g)
