"""Several weak signs together say how likely a pulse is a twitch: each corner counts, none alone decides."""

import dataclasses

import numpy as np
import pytest

from sleepjerk.detection.curves import make_curves
from sleepjerk.detection.detect import find_movements
from sleepjerk.detection.features import Shapes, measure_shapes
from sleepjerk.detection.twitches import corners, read_sizes, twitch_chance
from sleepjerk.rules import Rules
from tests.support.made_signals import FS, jerk, rotated, still, turn

RULES = Rules()


def shapes_of(signal: np.ndarray) -> Shapes:
    curves = make_curves(signal.astype(np.float32), FS, RULES.movement)
    found = find_movements(curves, None, RULES.classification.twitch_max_s, RULES.detection)
    return measure_shapes(curves, found.spans, found.pulses, found.alone, found.faint, RULES.classification)


def ring(at_s: float, peak_g: float, seconds: float, *, hz: float, cycles: float) -> np.ndarray:
    """A bed: one direction, and gravity stays."""
    time = np.arange(round(seconds * FS)) / FS - at_s
    wave = np.where(time >= 0, np.exp(-time * hz / cycles) * np.sin(2 * np.pi * hz * time), 0.0)
    return np.stack((np.zeros_like(wave), np.zeros_like(wave), peak_g * wave / np.abs(wave).max()))


def test_every_sign_has_a_line_and_every_line_a_sign() -> None:
    shapes = shapes_of(still(60, noise_g=0.001) + jerk(30, 0.2, 60))
    assert set(corners()) == set(read_sizes(shapes))
    for sizes in corners().values():
        assert list(sizes) == sorted(sizes)


def test_every_corner_counts() -> None:
    shapes = shapes_of(still(60, noise_g=0.001) + jerk(30, 0.2, 60))
    sizes = read_sizes(shapes)
    for sign, line in corners().items():
        for size, name in line.items():
            louder = dataclasses.replace(RULES.twitch, **{name: getattr(RULES.twitch, name) + 1})
            at = np.interp(np.log(sizes[sign]), np.log(list(line)), np.arange(len(line)))
            near = np.abs(at - list(line).index(size)) < 1
            more = twitch_chance(shapes, louder) > twitch_chance(shapes, RULES.twitch)
            np.testing.assert_array_equal(more, near, name)


def test_a_jerk_swings_once_or_twice_and_a_bed_rings_on() -> None:
    short = shapes_of(still(60, noise_g=0.0005) + jerk(30, 0.2, 60))
    long = shapes_of(still(60, noise_g=0.0005) + ring(30, 0.2, 60, hz=8, cycles=4))
    assert short.half_cycles[0] <= 4
    assert long.half_cycles[0] >= 8


def test_an_arm_sways_with_its_jerk_and_a_bed_does_not() -> None:
    leant = turn(turn(still(60, noise_g=0.0005), 30, 4, over_s=0.25), 30.3, -4, over_s=0.25)
    arm = shapes_of(leant + jerk(30.2, 0.1, 60))
    bed = shapes_of(still(60, noise_g=0.0005) + ring(30, 0.1, 60, hz=8, cycles=1.5))
    assert arm.sway.max() > 2 * bed.sway.max()


@pytest.mark.parametrize("seed", [1, 2])
def test_how_the_sensor_sits_changes_no_chance(seed: int) -> None:
    signal = still(60, noise_g=0.001) + jerk(30, 0.15, 60)
    ours, theirs = (
        twitch_chance(shapes_of(one), RULES.twitch)
        for one in (signal, rotated(signal.astype(np.float32), seed))
    )
    np.testing.assert_allclose(theirs, ours, atol=0.01)


def test_a_chance_lies_between_none_and_all() -> None:
    shapes = shapes_of(still(60, noise_g=0.001) + jerk(30, 2.0, 60) + jerk(45, 0.03, 60))
    chance = twitch_chance(shapes, RULES.twitch)
    assert np.all((chance > 0) & (chance < 1))
