"""Where a still arm doesn't feel gravity any more, nothing is analysed and it is told."""

from pathlib import Path

import numpy as np
import pytest

import sleepjerk as sj
from tests.reading.made_files import put, table
from tests.reading.variants import signal
from tests.support.marks import a_few

HZ = 12.5


def made(hours: float) -> np.ndarray:
    """(3, n) an arm at rest that turns to another side every quarter of an hour."""
    rng = np.random.default_rng(11)
    sides = rng.normal(size=(round(hours * 4), 3))
    sides /= np.linalg.norm(sides, axis=1)[:, None]
    still = np.repeat(sides, round(900 * HZ), axis=0).T
    return still + rng.normal(0, 0.004, still.shape)


def read(folder: Path, g: np.ndarray) -> sj.Recording:
    rows = [(f"{row / HZ:.2f}", *(f"{v:.4f}" for v in values)) for row, values in enumerate(g.T)]
    return sj.read_recording(put(folder, table("time (s),x (g),y (g),z (g)", rows)))


@pytest.mark.parametrize("axis", a_few(range(3), of=3))
@pytest.mark.parametrize("instead", a_few([-0.002, 1.0], of=2))
def test_from_where_an_axis_is_lost_nothing_is_analysed(axis: int, instead: float, tmp_path: Path) -> None:
    g = made(6)
    half = g.shape[1] // 2
    g[axis, half:] = instead + np.random.default_rng(3).normal(0, 0.0002, half)
    recording = read(tmp_path, g)
    assert recording.gaps_s[-1] == pytest.approx([3 * 3600, 6 * 3600], abs=900)
    assert recording.damage.no_gravity_s == pytest.approx(3 * 3600, abs=900)
    assert any("a still arm does not feel 1 g" in note for note in recording.provenance.notes)


def test_a_sound_night_and_one_of_a_badly_calibrated_sensor_lose_nothing(tmp_path: Path) -> None:
    g = made(2)
    for bad in (g, g * 1.08, g + np.array([[0.06], [-0.05], [0.07]])):
        recording = read(tmp_path, bad)
        assert len(recording.gaps_s) == 0
        assert recording.damage.no_gravity_s == 0


def test_an_arm_that_never_rests_long_in_one_posture_feels_gravity_in_each(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    ways = rng.normal(size=(3, 2 * 3600 // 10))
    ways[:, 60:] = ways[:, :1]  # ten restless minutes, then the night
    ways[:, 300:] = rng.normal(size=(3, ways.shape[1] - 300))  # and a restless end, an hour long
    g = np.repeat(ways / np.linalg.norm(ways, axis=0), round(10 * HZ), axis=1)
    recording = read(tmp_path, g + rng.normal(0, 0.002, g.shape))
    assert recording.damage.no_gravity_s == 0
    assert len(recording.gaps_s) == 0


def test_three_columns_of_length_one_are_no_acceleration(tmp_path: Path) -> None:
    _, g = signal(np.random.default_rng(5), 60, HZ)
    with pytest.raises(sj.InputError, match=r"the same length in every row.*--unit"):
        read(tmp_path, g / np.linalg.norm(g, axis=0))
