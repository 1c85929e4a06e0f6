"""Every maker keeps to the common shape; what is set into a night lies where its truth says.

Makers that need the shared data are skipped without it.
"""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.worlds import calm, handed, lab, movements, own, pulses
from tests.worlds.made import KINDS, STATES, TRUTH_COLUMNS, MadeNight
from tests.worlds.score import awake_s, spans_of

needs_maker = pytest.mark.skipif(
    handed.maker_path() is None, reason="no makers/night_maker.py beside the project"
)
needs_movements = pytest.mark.skipif(
    movements.folder() is None, reason="no data/movements beside the project"
)
needs_lab = pytest.mark.skipif(not lab.paths(), reason="no lab nights beside the project")


def keeps_to_the_shape(night: MadeNight) -> None:
    truth = night.truth
    end_s = len(night.acceleration_g) / night.rate_hz
    assert night.acceleration_g.shape[1] == 3
    assert np.isfinite(night.acceleration_g).mean() > 0.95
    assert list(truth.columns)[: len(TRUTH_COLUMNS)] == list(TRUTH_COLUMNS)
    assert set(truth["kind"]) <= set(KINDS)
    assert set(truth["state"]) <= set(STATES)
    assert truth["onset_s"].is_monotonic_increasing
    assert (
        (truth["offset_s"] > truth["onset_s"]) & (truth["onset_s"] >= 0) & (truth["onset_s"] < end_s)
    ).all()
    assert night.wake_s.ndim == 2
    if night.sleep_s is not None:
        assert 0 <= night.sleep_s[0] < night.sleep_s[1] <= end_s


def strongest_s(night: MadeNight, begin_s: float, end_s: float) -> float:
    """When the samples change fastest within a span."""
    first, after = round(begin_s * night.rate_hz), round(end_s * night.rate_hz)
    change = np.linalg.norm(np.diff(night.acceleration_g[first:after], axis=0), axis=1)
    return begin_s + float(np.argmax(change)) / night.rate_hz


def test_the_simulator_s_nights_keep_to_the_shape() -> None:
    night = own.make("many_jerks", 1, hours=0.6)
    keeps_to_the_shape(night)
    assert set(night.truth["kind"]) & {"twitch", "onset_jerk"}


def test_jerks_a_moment_apart_are_pairs() -> None:
    table = pd.DataFrame(
        [(at_s, at_s + 0.2, "twitch", "x", 0.1, "sleep") for at_s in (10.0, 12.0, 30.0, 50.0, 50.1)]
    )
    table.columns = pd.Index(TRUTH_COLUMNS)
    assert own.mark_pairs(table)["kind"].tolist() == ["pair", "pair", "twitch", "twitch", "twitch"]


@needs_maker
def test_the_handed_maker_s_nights_keep_to_the_shape() -> None:
    night = handed.make("quiet", 1, hours=0.9)
    keeps_to_the_shape(night)
    assert {"awake", "turn", "body"} <= set(night.truth["kind"])
    jerks = night.truth[night.truth["kind"].isin(("twitch", "onset_jerk"))]
    assert len(jerks) > 0
    assert (jerks["peak_g"] > 0.01).all()


@pytest.mark.slow
@needs_movements
def test_a_night_of_visits_keeps_to_the_shape_and_moves_while_out_of_bed() -> None:
    night = movements.make("visits", 1)
    keeps_to_the_shape(night)
    visits = night.truth[night.truth["kind"] == "visit"]
    assert len(visits) == movements.VISITS
    minutes = (visits["offset_s"] - visits["onset_s"]) / 60
    assert minutes.between(0.9, 10.6).all()
    for begin_s, end_s in spans_of(visits):
        out, before = (
            night.acceleration_g[round(a * 100) : round(b * 100)]
            for a, b in ((begin_s, end_s), (begin_s - 30, begin_s - 5))
        )
        assert out.std(axis=0).max() > 0.1 > 10 * before.std(axis=0).max()
    assert set(map(tuple, night.wake_s)) <= set(map(tuple, awake_s(night)))


@needs_movements
@pytest.mark.parametrize("scenario", ["shaking", "scratching", "sawing"])
def test_a_minute_of_something_lasts_a_minute(scenario: str) -> None:
    night = movements.make(scenario, 1)
    keeps_to_the_shape(night)
    row = night.truth[night.truth["family"].isin(("mimicked_seizure", "scratching", "sawing"))].iloc[0]
    assert row["offset_s"] - row["onset_s"] == pytest.approx(60, abs=4)
    moved = night.acceleration_g[round(row["onset_s"] * 100) + 300 : round(row["offset_s"] * 100) - 300]
    assert moved.std(axis=0).max() > 0.1


@needs_movements
def test_who_shakes_in_bed_lies_as_before() -> None:
    night = movements.make("shaking", 2)
    row = night.truth[night.truth["kind"] == "shaking"].iloc[0]
    first, after = round(row["onset_s"] * 100), round(row["offset_s"] * 100)
    lies = night.acceleration_g[first - 500 : first].mean(axis=0)
    shaken = night.acceleration_g[first:after].mean(axis=0)
    assert lies @ shaken / np.linalg.norm(lies) / np.linalg.norm(shaken) > np.cos(np.radians(10))


@needs_lab
def test_a_planted_jerk_lies_where_its_truth_says_and_nothing_else_is_changed() -> None:
    planted, bare = lab.make("planted", 3), lab.make("bare", 3)
    keeps_to_the_shape(planted)
    changed = np.flatnonzero((planted.acceleration_g != bare.acceleration_g).any(axis=1)) / planted.rate_hz
    spans = spans_of(planted.truth) + np.array([-pulses.LENGTH_S, pulses.LENGTH_S])
    assert len(changed) > 0
    assert ((changed[:, None] >= spans[:, 0]) & (changed[:, None] <= spans[:, 1])).any(axis=1).all()
    strong = planted.truth[(planted.truth["peak_g"] > 0.3) & planted.truth["quiet"]]
    for begin_s, end_s in spans_of(strong):
        assert begin_s - 0.05 <= strongest_s(planted, begin_s - 2, end_s + 2) <= end_s + 0.05


@needs_lab
def test_lab_sleep_is_that_of_the_shared_summary() -> None:
    for seed in range(1, len(lab.paths()) + 1, 7):
        night, known = lab.make("bare", seed), lab.summary().loc[lab.night_name(seed)]
        assert night.sleep_s is not None
        assert night.sleep_s[0] / 60 == pytest.approx(known["sleep_onset_min"], abs=1.1)
        assert night.sleep_s[1] / 60 == pytest.approx(known["final_wake_min"], abs=1.1)


@pytest.mark.parametrize("family", pulses.FAMILIES)
def test_a_pulse_has_the_peak_that_was_asked_for_whatever_its_family(family: str) -> None:
    rng = np.random.default_rng(1)
    wave, begin_s, end_s = pulses.pulse(rng, family, 0.25)
    assert pulses.band_peak(wave) == pytest.approx(0.25)
    assert 0.1 < begin_s < end_s < pulses.LENGTH_S
    assert end_s - begin_s < 0.8


def test_pieces_are_joined_without_a_jump() -> None:
    rng = np.random.default_rng(1)
    first, second = (np.tile(calm.any_direction(rng), (300, 1)) for _ in range(2))
    whole = calm.joined(first, second, 1.0)
    assert len(whole) == 500
    assert np.linalg.norm(np.diff(whole, axis=0), axis=1).max() < 0.1
    assert np.linalg.norm(whole, axis=1) == pytest.approx(np.ones(500))
    assert (whole[0] == first[0]).all()
    assert (whole[-1] == second[0]).all()


def test_gravity_turns_the_whole_way_also_when_it_is_turned_over() -> None:
    up: NDArray[np.float64] = np.array([0.0, 0.0, 1.0])
    path = calm.between(up, -up, calm.smooth_step(101))
    assert np.linalg.norm(path, axis=1) == pytest.approx(np.ones(101))
    assert path[-1] == pytest.approx(-up, abs=1e-9)
    assert movements.turning(up, -up) @ up == pytest.approx(-up)
    assert movements.turning(up, path[30]) @ up == pytest.approx(path[30])
