"""What no arm can make is taken out, counted, and nothing else is touched."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sleepjerk.analysis import analyse
from sleepjerk.artefacts import find_frozen, find_spikes, mend
from sleepjerk.parts import Damage
from sleepjerk.reading import read_recording
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from tests.support.made_signals import FS, jerk, rotated, still
from tests.support.marks import a_few

RULES = Rules().damage


def spiked(height_g: float, at: int = 3000, axis: int = 0) -> np.ndarray:
    signal = still(60, noise_g=0.001)
    signal[axis, at] += height_g
    return signal


def holds_one(spikes: np.ndarray, at: int) -> bool:
    """Is there one span, as short as it may be, with this sample in it?"""
    return len(spikes) == 1 and at - 1 <= spikes[0, 0] <= at < spikes[0, 1] <= at + 2


@pytest.mark.parametrize("height_g", [0.1, -0.5, 8.0])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_sample_that_leaves_its_neighbours_is_a_spike(height_g: float, axis: int) -> None:
    assert holds_one(find_spikes(spiked(height_g, axis=axis), FS, None, RULES), 3000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_spike_is_one_however_the_sensor_sits(seed: int) -> None:
    assert holds_one(find_spikes(rotated(spiked(1.0), seed), FS, None, RULES), 3000)


@pytest.mark.parametrize("width_s", [0.06, 0.1, 0.3])
@pytest.mark.parametrize("peak_g", [0.1, 1.0, 3.0])
def test_the_quickest_jerk_is_no_spike(width_s: float, peak_g: float) -> None:
    signal = still(60, noise_g=0.001) + jerk(30, peak_g, 60, width_s=width_s)
    assert len(find_spikes(signal, FS, None, RULES)) == 0


def test_more_than_20_ms_are_no_spike() -> None:
    signal = spiked(1.0)
    signal[0, 3001:3003] += 1.0
    assert len(find_spikes(signal, FS, None, RULES)) == 0


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.8])
def test_a_spike_between_two_samples_of_the_grid_is_taken_out_of_both(share: float) -> None:
    signal = still(60, noise_g=0.001)
    signal[1, 3000] += 1.5 * share
    signal[1, 3001] += 1.5 * (1 - share)
    mended = mend(Recording(signal, FS), RULES)
    assert mended.damage.spikes == 1
    assert np.abs(mended.acceleration_g[1]).max() < 0.01


@pytest.mark.parametrize("fs", [99.8, 99.98, 100.02, 104.0])
def test_a_clock_a_little_off_changes_nothing(fs: float) -> None:
    signal = still(60, noise_g=0.001, fs=fs)
    signal[0, 3000:3002] += 1.0
    assert holds_one(find_spikes(signal, fs, None, RULES), 3000)


def test_at_25_samples_a_second_one_sample_may_be_a_jerk() -> None:
    assert len(find_spikes(spiked(1.0), 25.0, None, RULES)) == 0


def test_across_a_gap_without_samples_nothing_is_a_neighbour() -> None:
    for first in range(2999, 3003):
        assert len(find_spikes(spiked(1.0), FS, None, RULES, np.array([first]))) == 0, first
    assert len(find_spikes(spiked(1.0), FS, None, RULES, np.array([2990, 3010]))) == 1


@pytest.mark.parametrize("fs", [50.0, 200.0, 400.0])
@pytest.mark.parametrize("width_s", [0.06, 0.1])
def test_at_other_rates_a_jerk_is_no_spike_either(fs: float, width_s: float) -> None:
    signal = still(60, noise_g=0.001, fs=fs) + jerk(30, 1.0, 60, width_s=width_s, fs=fs)
    assert len(find_spikes(signal, fs, None, RULES)) == 0


def test_rounding_makes_no_spike_and_a_coarse_sensor_is_not_judged() -> None:
    step = 0.004
    signal = still(60, noise_g=0.0)
    signal[0, 3000] += 0.06
    assert holds_one(find_spikes(signal, FS, step, RULES), 3000)
    assert len(find_spikes(signal, FS, 0.0075, RULES)) == 1
    signal[0, 3000] -= 0.02  # ten steps of 4 mg, but less than any twitch
    assert len(find_spikes(signal, FS, step, RULES)) == 0
    assert len(find_spikes(spiked(1.0), FS, 1 / 32, RULES)) == 0


@pytest.mark.parametrize("at", [0, 1, 5998, 5999])
def test_beside_an_end_or_a_gap_nothing_is_called_a_spike(at: int) -> None:
    assert len(find_spikes(spiked(1.0, at), FS, None, RULES)) == 0
    beside = spiked(1.0)
    beside[:, 3001:3100] = np.nan
    assert len(find_spikes(beside, FS, None, RULES)) == 0


@pytest.mark.parametrize("fs", a_few([101.3, 98.7, 99.8, 100.0], of=4))
def test_spikes_behind_late_stamps_are_taken_out_before_the_grid_can_spread_them(
    fs: float, tmp_path: Path
) -> None:
    """A grid through six samples makes a 40 ms wave of a spike, and that looks like a twitch."""
    count = round(600 * fs)
    signal = still(600, fs=fs, noise_g=0.002)
    at = np.arange(2000, count - 1000, 2000)
    signal[2, at] += np.where(np.arange(len(at)) % 2, 1.5, -2.0)
    late = np.random.default_rng(1).exponential(0.004, count)
    time_s = np.maximum.accumulate(np.arange(count) / fs + late) + 1e-6 * np.arange(count)
    table = pd.DataFrame(dict(zip(("time_s", "x_g", "y_g", "z_g"), (time_s, *signal), strict=True)))
    table.to_csv(tmp_path / "night.csv", index=False, float_format="%.6f")
    recording = read_recording(tmp_path / "night.csv")
    assert recording.damage.spikes == len(at)
    assert np.nanmax(np.abs(recording.acceleration_g[2] - 1)) < 0.02
    night = analyse(recording)
    assert not (night.events["peak_g"] > 0.01).any(), "a faint pulse of the noise may be there"
    assert night.recording.damage.spikes == len(at)


def test_a_sensor_that_repeats_itself_is_frozen() -> None:
    signal = still(300, noise_g=0.002)
    signal[:, 10_000:14_000] = signal[:, 10_000:10_001]
    np.testing.assert_allclose(find_frozen(signal, FS, None, RULES), [[100, 140]], atol=0.011)
    signal[:, 20_000:22_000] = signal[:, 20_000:20_001]  # 20 s: too short to be sure
    assert len(find_frozen(signal, FS, None, RULES)) == 1


def test_a_still_wrist_on_a_coarse_sensor_is_not_frozen() -> None:
    assert len(find_frozen(still(300, noise_g=0.0), FS, 1 / 32, RULES)) == 0


def test_one_axis_that_still_moves_is_a_living_sensor() -> None:
    signal = still(300, noise_g=0.0)
    signal[2] += np.random.default_rng(1).normal(0, 0.001, signal.shape[1]).astype(np.float32)
    assert len(find_frozen(signal, FS, None, RULES)) == 0


def test_a_recording_without_damage_is_the_same_object() -> None:
    recording = Recording(still(60, noise_g=0.002), FS, damage=Damage(spikes=0))
    assert mend(recording, RULES) is recording


def test_a_recording_that_nobody_looked_at_keeps_its_samples_and_tells_of_no_spike() -> None:
    recording = Recording(still(60, noise_g=0.002), FS)
    mended = mend(recording, RULES)
    assert recording.damage.spikes is None
    assert mended.damage.spikes == 0
    assert mended.acceleration_g is recording.acceleration_g


def test_damage_is_mended_counted_and_among_the_gaps_and_the_original_stays() -> None:
    signal = still(300, noise_g=0.002)
    signal[1, 5000] += 1.0
    signal[:, 10_000:14_000] = signal[:, 10_000:10_001]
    before = signal.copy()
    mended = mend(Recording(signal, FS, damage=Damage(clipped_samples=3)), RULES)
    np.testing.assert_array_equal(signal, before)
    assert (mended.damage.spikes, mended.damage.clipped_samples) == (1, 3)
    assert mended.damage.frozen_s == pytest.approx(40, abs=0.02)
    assert abs(mended.acceleration_g[1, 5000]) < 0.02
    assert np.isnan(mended.acceleration_g[:, 10_001:14_000]).all()
    np.testing.assert_allclose(mended.gaps_s, [[100, 140]], atol=0.011)
    untouched = np.setdiff1d(np.arange(signal.shape[1]), [4999, 5000, 5001, *range(10_000, 14_001)])
    np.testing.assert_array_equal(mended.acceleration_g[:, untouched], before[:, untouched])
