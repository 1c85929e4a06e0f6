"""Several weak signs together say how likely a pulse is a twitch: each corner counts, none alone decides."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.detection.classify import find_isolated, find_twitches, stand_alone
from sleepjerk.detection.curves import make_curves
from sleepjerk.detection.detect import find_movements
from sleepjerk.detection.features import Shapes, measure_shapes
from sleepjerk.detection.twitches import corners, read_sizes, surer_alone, twitch_chance
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
            at = np.interp(
                np.log(np.maximum(sizes[sign], min(line))), np.log(list(line)), np.arange(len(line))
            )
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


@pytest.mark.parametrize(
    ("turns", "pulled_deg"),
    [
        ((), 0.0),
        (((27.0, 3.0, 2.5), (29.95, -3.0, 0.1)), 3.0),  # pulled, and let go
        (((27.0, 3.0, 2.5),), 0.0),  # lies where it was pulled
        (((29.95, 3.0, 0.1),), -3.0),  # moved by the jerk
        (((27.0, 3.0, 2.5), (29.95, -1.0, 0.1)), 1.0),
    ],
)
def test_an_arm_that_something_pulled_and_let_go_does_not_twitch(
    turns: tuple[tuple[float, float, float], ...], pulled_deg: float
) -> None:
    signal = still(60, noise_g=0.0005) + jerk(30, 0.1, 60)
    for at_s, degrees, over_s in turns:
        signal = turn(signal, at_s, degrees, over_s=over_s)
    curves = make_curves(signal.astype(np.float32), FS, RULES.movement)
    one = np.ones(1, dtype=np.int64)
    shapes = measure_shapes(curves, np.array([[2990, 3010]]), one, one > 0, one < 0, RULES.classification)
    assert shapes.pulled_deg == pytest.approx([pulled_deg], abs=0.2)
    called = find_twitches(shapes, 0.01, np.ones(1), RULES.classification, RULES.twitch)
    assert called.tolist() == [pulled_deg < RULES.classification.pulled_deg]


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


def pulses(onset_s: np.ndarray, peak_g: float | np.ndarray, *, moving: np.ndarray | None = None) -> Shapes:
    """Lone pulses of 0.3 s; where `moving`, movements of 2 s that are none, with the company that they make."""
    many, nobody = len(onset_s), np.zeros(len(onset_s), dtype=bool)
    moving = nobody if moving is None else moving
    values = {field.name: np.zeros(many) for field in dataclasses.fields(Shapes)}
    values |= {"onset_s": onset_s, "offset_s": onset_s + np.where(moving, 2.0, 0.3)}
    values |= {"peak_g": np.broadcast_to(peak_g, many), "pulses": np.ones(many, dtype=np.int64)}
    values |= {"alone": ~moving, "faint": nobody}
    return Shapes(**values)


def alone(shapes: Shapes, sleep_h: float = 8.0) -> np.ndarray:
    everything = np.ones(len(shapes.onset_s), dtype=bool)
    return stand_alone(shapes, ~everything, ~everything, everything, sleep_h, RULES.classification)


def test_a_jerk_among_fidgets_does_not_stand_alone_though_nothing_moves_within_10_seconds() -> None:
    shapes = pulses(np.array([100.0, 115.0, 130.0, 145.0, 160.0, 300.0]), 0.2)
    assert find_isolated(shapes.onset_s, shapes.offset_s, RULES.classification).all()
    assert alone(shapes).tolist() == [False] * 5 + [True]


@given(st.lists(st.floats(0, 20_000), max_size=60), st.floats(0, 1e5))
def test_who_stands_alone_does_not_depend_on_when_the_recording_began(
    times_s: list[float], later_s: float
) -> None:
    onset_s = np.unique(np.round(times_s, 2))
    np.testing.assert_array_equal(alone(pulses(onset_s, 0.2)), alone(pulses(onset_s + round(later_s), 0.2)))


def test_many_weak_pulses_in_a_night_are_a_bed_for_all_we_know_and_strong_ones_are_not() -> None:
    hourly_s = np.arange(0, 8 * 3600, 600.0)
    peak_g = np.where(np.arange(len(hourly_s)) % 2, 0.05, 0.2)
    assert alone(pulses(hourly_s, peak_g)).tolist() == (peak_g > 0.1).tolist()
    assert alone(pulses(hourly_s[::2], peak_g[1])).all() == (len(hourly_s[::2]) <= 2 * 8)
    assert alone(pulses(hourly_s[:14], 0.05)).all()


def test_who_moves_in_many_half_minutes_has_company_however_the_recording_is_cut() -> None:
    tossing = still(900, noise_g=0.0005)
    for at_s in (*range(110, 330, 50), *range(360, 600, 50)):
        tossing = tossing + sum(jerk(at_s + part / 3, 0.3, 900) for part in range(9))
    shapes = shapes_of(tossing + jerk(330, 0.2, 900))
    calm = shapes_of(still(900, noise_g=0.0005) + jerk(330, 0.2, 900))
    at = np.argmin(np.abs(shapes.onset_s - 330))
    assert calm.company.tolist() == [0.0]
    assert shapes.company[at] >= 8
    later = shapes_of((tossing + jerk(330, 0.2, 900))[:, round(11.37 * FS) :])
    assert later.company[np.argmin(np.abs(later.onset_s - 318.63))] == shapes.company[at]


def test_company_makes_a_jerk_doubtful_and_standing_alone_makes_it_surer() -> None:
    shapes = shapes_of(still(60, noise_g=0.001) + jerk(30, 0.2, 60))
    among = dataclasses.replace(shapes, company=shapes.company + 8)
    chance = twitch_chance(shapes, RULES.twitch)
    assert twitch_chance(among, RULES.twitch)[0] < chance[0]
    apart, beside = (surer_alone(chance, np.array([is_alone]), RULES.twitch)[0] for is_alone in (True, False))
    assert beside < chance[0] < apart < 1
