"""The physics of one movement against numbers that can be worked out by hand."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sleepjerk.simulate.physics import (
    FINE_HZ,
    STANDARD_GRAVITY,
    Swing,
    angle_deg,
    band_peak,
    minimum_jerk,
    pulse,
    render,
    rotate,
    scaled_to_peak,
    swing_parts,
    turn,
)

UP = np.array([0.0, 0.6, 0.8])
ELBOW = np.array([0.0, 1.0, 0.0])


def jerk(angle_deg: float = 1.0, rise_s: float = 0.1, radius_m: float = 0.25) -> Swing:
    return Swing(0.0, pulse(rise_s, 0.02, 0.25) * np.radians(angle_deg), ELBOW, radius_m)


@pytest.mark.parametrize(
    ("angle", "rise_s", "radius_m"), [(1, 0.1, 0.25), (5, 0.15, 0.55), (0.3, 0.06, 0.05)]
)
def test_the_peak_tangential_acceleration_is_the_analytic_one(
    angle: float, rise_s: float, radius_m: float
) -> None:
    _, linear = swing_parts(jerk(angle, rise_s, radius_m), UP)
    # The lever lies along x and the axis along y, so the tangent is z; the centripetal part has none of it.
    expected_g = 5.7735 * radius_m * np.radians(angle) / rise_s**2 / STANDARD_GRAVITY
    assert np.abs(linear[2]).max() == pytest.approx(expected_g, rel=0.02)


def test_the_centripetal_part_points_to_the_joint_and_grows_with_the_square_of_the_speed() -> None:
    _, slow = swing_parts(jerk(1.0), UP)
    _, fast = swing_parts(jerk(3.0), UP)
    # Peak speed of a minimum-jerk turn: 1.875 theta / T.
    expected_g = 0.25 * (1.875 * np.radians(1.0) / 0.1) ** 2 / STANDARD_GRAVITY
    assert slow[0].min() == pytest.approx(-expected_g, rel=0.02)
    assert slow[0].max() <= 1e-12
    assert fast[0].min() == pytest.approx(9 * slow[0].min(), rel=1e-6)


def test_gravity_turns_against_the_sensor_and_keeps_its_length() -> None:
    swing = Swing(0.0, turn(1.0) * np.radians(40), ELBOW, 0.0)
    gravity, linear = swing_parts(swing, UP)
    expected = Rotation.from_rotvec(-np.radians(40) * ELBOW).apply(UP)
    assert gravity[:, -1] == pytest.approx(expected, abs=1e-12)
    assert np.linalg.norm(gravity, axis=0) == pytest.approx(1.0, abs=1e-12)
    assert np.abs(linear).max() == 0


def test_rotation_agrees_with_scipy_about_any_axis() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        vector, axis = rng.normal(size=3), rng.normal(size=3)
        axis /= np.linalg.norm(axis)
        angle = rng.uniform(-np.pi, np.pi)
        assert rotate(vector, axis, np.array([angle]))[:, 0] == pytest.approx(
            Rotation.from_rotvec(angle * axis).apply(vector)
        )


def test_the_minimum_jerk_way_begins_and_ends_at_rest() -> None:
    way = minimum_jerk(np.linspace(-0.5, 1.5, 2001))
    assert way[:500].max() == 0
    assert way[-500:] == pytest.approx(1.0)
    assert np.diff(way).min() >= -1e-15
    assert minimum_jerk(np.array([0.5]))[0] == pytest.approx(0.5)


def test_a_pulse_returns_to_exactly_zero() -> None:
    assert pulse(0.06, 0.05, 0.3)[-1] == 0
    rendered = render((jerk(),), 10.0, UP, 100.0)
    assert rendered.up == pytest.approx(UP, abs=1e-12)
    assert rendered.change_g[:, [0, -1]] == pytest.approx(0.0, abs=1e-6)


def test_a_movement_between_two_samples_lies_where_it_was_put() -> None:
    onsets = [render((jerk(),), 10.0 + ms / 1000, UP, 100.0) for ms in range(10)]
    times = []
    for rendered in onsets:
        energy = np.square(rendered.change_g).sum(axis=0)
        centre = np.average(np.arange(len(energy)), weights=energy) + rendered.first
        times.append(centre / 100.0)
    assert np.diff(times) == pytest.approx(0.001, abs=0.0002)
    assert [rendered.onset_s for rendered in onsets] == pytest.approx(
        [onsets[0].onset_s + ms / 1000 for ms in range(10)], abs=1e-9
    )


def test_edges_are_where_the_own_acceleration_reaches_15_percent() -> None:
    swing = jerk()
    _, linear = swing_parts(swing, UP)
    strength = np.linalg.norm(linear, axis=0)
    strong = np.flatnonzero(strength >= 0.15 * strength.max()) / FINE_HZ
    rendered = render((swing,), 3.0, UP, 100.0)
    assert rendered.onset_s == pytest.approx(3.0 + strong[0], abs=0.0011)
    assert rendered.offset_s == pytest.approx(3.0 + strong[-1], abs=0.0011)


@pytest.mark.parametrize("peak_g", [0.005, 0.05, 0.5, 2.0])
def test_a_movement_can_be_made_with_a_wanted_peak(peak_g: float) -> None:
    motion = scaled_to_peak((jerk(),), peak_g, 1.234, UP, 100.0)
    assert band_peak(render(motion, 1.234, UP, 100.0).change_g, 100.0) == pytest.approx(peak_g, rel=0.002)


def test_a_rate_that_does_not_divide_1000_is_refused() -> None:
    with pytest.raises(ValueError, match="divides 1000 Hz"):
        render((jerk(),), 1.0, UP, 101.0)


def test_the_angle_between_two_readings_is_exact_also_for_tiny_ones() -> None:
    assert angle_deg(UP, UP) == 0
    assert angle_deg(UP, rotate(UP, np.array([1.0, 0, 0]), np.radians([1e-5]))[:, 0]) == pytest.approx(1e-5)
