"""Off the body: only what is still, doesn't breathe and has no pulse."""

import itertools

import numpy as np
import pytest

from sleepjerk.detection.non_wear import find_non_wear
from sleepjerk.rules import NonWearRules
from tests.support.made_signals import FS, restless, rotated, still
from tests.support.marks import a_few

RULES = NonWearRules()


def breathing(seconds: float, amplitude_g: float = 0.003) -> np.ndarray:
    signal = still(seconds)
    signal[0] += amplitude_g * np.sin(2 * np.pi * 0.25 * np.arange(signal.shape[1]) / FS).astype(np.float32)
    return signal


def test_a_sensor_on_a_table_is_off_the_body() -> None:
    np.testing.assert_allclose(find_non_wear(still(7200), FS, None, RULES), [[0, 7200]])


def test_a_sleeper_who_lies_still_for_hours_but_breathes_is_on_it() -> None:
    assert len(find_non_wear(breathing(7200), FS, None, RULES)) == 0


def test_the_faintest_breath_of_1_mg_counts() -> None:
    assert len(find_non_wear(breathing(7200, 0.001), FS, None, RULES)) == 0


def test_taken_off_in_the_morning_means_off_from_then_on() -> None:
    spans = find_non_wear(np.concatenate([breathing(7200), still(7200, seed=8)], axis=1), FS, None, RULES)
    assert spans.shape == (1, 2)
    assert 7200 <= spans[0, 0] <= 7200 + 900
    assert spans[0, 1] == 14_400


def test_an_hour_is_needed() -> None:
    assert len(find_non_wear(still(3000), FS, None, RULES)) == 0


def test_a_moving_person_is_never_off() -> None:
    assert len(find_non_wear(restless(7200), FS, None, RULES)) == 0


def test_a_sensor_too_coarse_to_show_breathing_gets_two_hours() -> None:
    constant = np.zeros((3, 360_000 + 90_000), dtype=np.float32)
    constant[2] = 1
    assert len(find_non_wear(constant, FS, 1 / 32, RULES)) == 0
    longer = np.concatenate([constant, constant], axis=1)
    assert len(find_non_wear(longer, FS, 1 / 32, RULES)) == 1


def test_gaps_are_not_stillness() -> None:
    signal = still(7200)
    signal[:, 90_000:] = np.nan
    assert len(find_non_wear(signal, FS, None, RULES)) == 0


def beating(seconds: float, peak_g: float, *, beats_hz: float = 1.1, wander: float = 0.05) -> np.ndarray:
    """A still wrist that rings at 7 Hz for 0.3 s at each heartbeat; the heart's rate wanders."""
    signal = still(seconds)
    time = np.arange(signal.shape[1]) / FS
    beats = beats_hz * time + wander * np.sin(2 * np.pi * time / 20) * 20 / (2 * np.pi)
    since = (beats % 1) / beats_hz
    signal[1] += (peak_g * np.exp(-since / 0.1) * np.sin(2 * np.pi * 7 * since)).astype(np.float32)
    return signal


def off_share(signal: np.ndarray) -> float:
    spans = find_non_wear(signal, FS, None, RULES)
    return float(np.sum(spans[:, 1] - spans[:, 0])) / (signal.shape[1] / FS)


@pytest.mark.parametrize("beats_hz", [0.8, 1.1, 1.5])
def test_a_sleeper_whose_pulse_alone_reaches_the_wrist_is_on_it(beats_hz: float) -> None:
    assert off_share(beating(7200, 0.004, beats_hz=beats_hz)) == 0


@pytest.mark.parametrize("turned", [1, 2])
def test_the_pulse_is_seen_whichever_way_the_sensor_sits(turned: int) -> None:
    assert off_share(rotated(beating(7200, 0.004), turned)) == 0


@pytest.mark.parametrize(
    ("fan_hz", "amplitude_g"),
    a_few(itertools.product([4.4, 5.5, 7.0, 11.0], [0.001, 0.005, 0.015]), of=4, several=True),
)
def test_a_table_beside_a_steady_fan_is_no_body(fan_hz: float, amplitude_g: float) -> None:
    signal = still(5400)
    time = np.arange(signal.shape[1]) / FS
    signal[0] += (amplitude_g * np.sin(2 * np.pi * fan_hz * time)).astype(np.float32)
    assert off_share(signal) == 1


@pytest.mark.parametrize("seed", a_few(range(5), of=5))
def test_a_table_is_no_body_whatever_its_noise(seed: int) -> None:
    assert off_share(still(14_400, seed=20 + seed, noise_g=0.001 * (1 + seed))) == 1


def test_a_table_that_warms_up_is_no_body() -> None:
    signal = still(7200)
    signal += np.linspace(0, 0.03, signal.shape[1], dtype=np.float32)
    assert off_share(signal) == 1


def test_a_dead_sensor_is_no_body() -> None:
    signal = np.full((3, 720_000), 0.123, dtype=np.float32)
    assert off_share(signal) == 1


def test_a_knock_on_the_table_now_and_then_is_no_pulse() -> None:
    signal = still(7200)
    signal[2, 5000::9000] += 0.03
    assert off_share(signal) == 1


def test_a_rate_too_low_for_the_pulse_still_has_breathing() -> None:
    assert len(find_non_wear(breathing(7200)[:, ::10], FS / 10, None, RULES)) == 0
    np.testing.assert_allclose(find_non_wear(still(7200)[:, ::20], FS / 20, None, RULES), [[0, 7200]])
