"""Getting up and walking: by hand first, then real people who get up, walk, and lie down again."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

import sleepjerk as sj
from sleepjerk.detection.ambulation import find_out_of_bed
from sleepjerk.detection.rhythm import measure_rhythm
from sleepjerk.events import isolated_twitches
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from sleepjerk.spans import inside
from tests.support.made_signals import FS, rotated, shake, still, turn
from tests.worlds import movements
from tests.worlds.calm import Bed

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

LENGTH_S = 400.0
UP_S = (150.0, 250.0)
HERE = movements.folder() is not None
needs_movements = pytest.mark.skipif(
    not HERE, reason="no real movements: ../shared/data/movements is missing"
)


def steps(swing_g: float = 0.2, heel_g: float = 0.15) -> Samples:
    """An arm that swings once in two steps, and each step's shock; the walk lasts from 155 to 245 s."""
    swing = shake(UP_S[0] + 5, UP_S[1] - UP_S[0] - 10, swing_g, LENGTH_S, hz=0.9)
    heel = shake(UP_S[0] + 5, UP_S[1] - UP_S[0] - 10, heel_g, LENGTH_S, hz=1.8)
    return np.asarray(swing + heel[[1, 2, 0]], dtype=np.float32)


def visit() -> Samples:
    """Lying, up with the arm hanging, walking, lying again."""
    there = turn(still(LENGTH_S), UP_S[0], 70.0, over_s=5.0)
    return np.asarray(turn(there, UP_S[1] - 5, -70.0, over_s=5.0) + steps(), dtype=np.float32)


def out_of_bed(signal: Samples) -> Floats:
    rules = Rules()
    return find_out_of_bed(measure_rhythm(signal, FS, rules.rhythm), rules.ambulation, rules.rhythm)


def test_a_walk_is_found_from_getting_up_to_lying_down() -> None:
    assert out_of_bed(visit()) == pytest.approx(np.array([UP_S]), abs=5.0)


def test_it_is_the_same_however_the_sensor_sits() -> None:
    expected = out_of_bed(visit())
    for order, sign in itertools.product(itertools.permutations(range(3)), (1, -1)):
        assert np.array_equal(out_of_bed(np.ascontiguousarray(sign * visit()[list(order)])), expected)
    for seed in range(5):
        assert np.array_equal(out_of_bed(rotated(visit(), seed)), expected)


@pytest.mark.parametrize(
    ("what", "signal"),
    [
        ("rocking in bed leaves the arm as it lies", still(LENGTH_S) + steps()),
        ("faint rocking of the bed", turn(still(LENGTH_S), 150, 70) + steps(0.03, 0.02)),
        ("scratching after a turn", turn(still(LENGTH_S), 150, 70) + shake(155, 90, 0.5, LENGTH_S, hz=4.5)),
        ("turning over twice", turn(turn(still(LENGTH_S), 150, 90), 200, -90)),
        ("nothing moves", still(LENGTH_S)),
    ],
)
def test_who_stays_in_bed_is_not_up(what: str, signal: Samples) -> None:
    assert len(out_of_bed(signal.astype(np.float32))) == 0, what


def test_a_gap_or_a_short_recording_does_no_harm() -> None:
    signal = visit()
    signal[:, round(195 * FS) : round(200 * FS)] = np.nan
    assert np.sum(np.diff(out_of_bed(signal))) > 80.0
    for seconds in (0.0, 0.5, 1.0, 3.0):
        assert len(out_of_bed(visit()[:, : round(seconds * FS)])) == 0


@needs_movements
def test_real_visits_are_found_and_nothing_beside_them() -> None:
    rng = np.random.default_rng(11)
    found, covered = 0, []
    for _ in range(30):
        walked, _ = movements.visit(rng)
        bed = Bed.of(rng, len(walked) / movements.RATE_HZ + 400)
        end_s = bed.put(walked, 200.0, 1.5)
        signal = bed.felt().T.astype(np.float32)
        spans = out_of_bed(signal)
        up = inside(np.arange(signal.shape[1] // 100) + 0.5, spans)
        found += bool(up.any())
        covered.append(up[200 : int(end_s)].mean())
        assert not up[:190].any()
        assert not up[int(end_s) + 10 :].any()
    assert found == 30
    assert np.mean(covered) > 0.95


@pytest.mark.slow
@needs_movements
def test_nothing_out_of_bed_is_sleep_a_twitch_or_shaking() -> None:
    made = movements.make("visits", 3)
    samples = np.array(made.acceleration_g.T, dtype=np.float32, order="C")
    night = sj.analyse(Recording(samples, made.rate_hz, np.empty((0, 2))))
    assert night.sleep.out_of_bed_s is not None
    assert night.sleep.visits is not None
    assert night.sleep.visits >= 0.9 * len(made.wake_s)
    up_s = np.array(night.sleep.out_of_bed_s)
    events = night.events[inside(night.events["onset_s"].to_numpy(), up_s)]
    assert len(events) > 0
    assert set(events["state"]) == {"wake"}
    assert not isolated_twitches(events).any()
    assert night.sleep.shaking_s == ()
    assert night.sleep.period_h is not None
    assert night.sleep.analysed_h is not None
    assert night.sleep.analysed_h <= night.sleep.period_h - night.sleep.visits * 45 / 3600
