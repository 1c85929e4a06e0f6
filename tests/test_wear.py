"""Off the body: only what is still and doesn't breathe."""

import numpy as np

from sleepjerk.rules import WearRules
from sleepjerk.wear import find_off_body
from tests.made_signals import FS, restless, still

RULES = WearRules()


def breathing(seconds: float, amplitude_g: float = 0.003) -> np.ndarray:
    signal = still(seconds)
    signal[0] += amplitude_g * np.sin(2 * np.pi * 0.25 * np.arange(signal.shape[1]) / FS).astype(np.float32)
    return signal


def test_a_sensor_on_a_table_is_off_the_body() -> None:
    np.testing.assert_allclose(find_off_body(still(7200), FS, None, RULES), [[0, 7200]])


def test_a_sleeper_who_lies_still_for_hours_but_breathes_is_on_it() -> None:
    assert len(find_off_body(breathing(7200), FS, None, RULES)) == 0


def test_the_faintest_breath_of_1_mg_counts() -> None:
    assert len(find_off_body(breathing(7200, 0.001), FS, None, RULES)) == 0


def test_taken_off_in_the_morning_means_off_from_then_on() -> None:
    spans = find_off_body(np.concatenate([breathing(7200), still(7200, seed=8)], axis=1), FS, None, RULES)
    assert spans.shape == (1, 2)
    assert 7200 <= spans[0, 0] <= 7200 + 900
    assert spans[0, 1] == 14_400


def test_an_hour_is_needed() -> None:
    assert len(find_off_body(still(3000), FS, None, RULES)) == 0


def test_a_moving_person_is_never_off() -> None:
    assert len(find_off_body(restless(7200), FS, None, RULES)) == 0


def test_a_sensor_too_coarse_to_show_breathing_gets_two_hours() -> None:
    constant = np.zeros((3, 360_000 + 90_000), dtype=np.float32)
    constant[2] = 1
    assert len(find_off_body(constant, FS, 1 / 32, RULES)) == 0
    longer = np.concatenate([constant, constant], axis=1)
    assert len(find_off_body(longer, FS, 1 / 32, RULES)) == 1


def test_gaps_are_not_stillness() -> None:
    signal = still(7200)
    signal[:, 90_000:] = np.nan
    assert len(find_off_body(signal, FS, None, RULES)) == 0
