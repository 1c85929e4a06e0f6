"""Made nights with more in them: as often as told, beside what was there, and the same without twitches."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from sleepjerk.simulate import SCENARIOS, Kind, Plan, SimulatedNight, draw_plan, simulate_night, simulate_plan
from sleepjerk.simulate.plan import TWITCHES, asleep
from tests.support.marks import a_few

SEEDS = range(20, 25)


@cache
def plans(scenario: str) -> list[Plan]:
    return [draw_plan(SCENARIOS[scenario], 7.5, seed) for seed in SEEDS]


def onsets(plan: Plan, kind: Kind) -> np.ndarray:
    return np.array([event.onset_s for event in plan.events if event.kind is kind])


def asleep_h(plan: Plan) -> float:
    assert plan.sleep_s is not None
    return (plan.sleep_s[1] - plan.sleep_s[0] - sum(end_s - start_s for start_s, end_s in plan.wake_s)) / 3600


@pytest.fixture(scope="module")
def everything() -> SimulatedNight:
    return simulate_night(1.0, 7, "everything")


@pytest.fixture(scope="module")
def bare() -> SimulatedNight:
    return simulate_night(1.0, 7, "everything", twitches=False)


@pytest.fixture(scope="module")
def apnoeas() -> list[Plan]:
    return plans("apnoea")


@pytest.mark.slow
def test_breathing_stops_20_to_40_times_an_hour(apnoeas: list[Plan]) -> None:
    # A block may find no room in a night, hence the mean.
    rates = [len(plan.apnoeas_s) / asleep_h(plan) for plan in apnoeas]
    assert 20 < np.mean(rates) < 40
    assert max(rates) <= 40.5


def test_a_stop_lasts_10_to_40_s_and_comes_again_after_25_to_45_s(apnoeas: list[Plan]) -> None:
    for plan in apnoeas:
        stops = np.array(plan.apnoeas_s)
        lengths, cycles = stops[:, 1] - stops[:, 0], np.diff(stops[:, 0])
        assert lengths.min() >= 10 - 0.01
        assert lengths.max() <= 40 + 0.01
        assert cycles.min() >= 25 - 0.01
        assert np.mean(cycles <= 45 + 0.01) > 0.85  # the others lie between two blocks
        assert all(asleep(start_s, plan) and asleep(end_s, plan) for start_s, end_s in plan.apnoeas_s)


def test_each_stop_ends_in_a_movement_half_a_second_to_two_seconds_later(apnoeas: list[Plan]) -> None:
    for plan in apnoeas:
        after = onsets(plan, Kind.RESUMPTION) - np.array([end_s for _, end_s in plan.apnoeas_s])
        assert len(after) == len(plan.apnoeas_s)
        assert after.min() >= 0.5
        assert after.max() <= 2.0


@pytest.mark.slow
def test_a_partner_moves_50_to_500_times_and_one_in_five_is_answered() -> None:
    rings, answered = [], 0
    for plan, alone in zip(plans("partner"), plans("healthy"), strict=True):
        rings.append(len(onsets(plan, Kind.PARTNER)))
        own = onsets(plan, Kind.BODY_MOVEMENT)
        answered += len(own) - len(onsets(alone, Kind.BODY_MOVEMENT))
    assert min(rings) > 25
    assert max(rings) < 550
    total = sum(rings)
    assert answered / total == pytest.approx(0.2, abs=0.02 + 3 * np.sqrt(0.16 / total))


def test_faint_twitches_come_5_to_15_a_minute_for_at_least_20_minutes() -> None:
    for plan in plans("faint"):
        at = onsets(plan, Kind.FAINT_TWITCHING)
        dense_min = 0
        for minute in range(round(plan.duration_s / 60)):
            count = ((at >= minute * 60) & (at < (minute + 1) * 60)).sum()
            dense_min += count > 0
        assert 20 <= dense_min <= 2 * 60 + 4
        assert 4 < len(at) / dense_min < 16


@pytest.mark.parametrize(
    ("kind", "low_g", "high_g"),
    [
        (Kind.FAINT_TWITCHING, 0.010, 0.040),
        (Kind.PARTNER, 0.003, 0.040),
        (Kind.BED_RHYTHM, 0.005, 0.020),
    ],
)
def test_strengths_are_those_of_the_literature(kind: Kind, low_g: float, high_g: float) -> None:
    drawn = [event.peak_g for plan in plans("everything")[:4] for event in plan.events if event.kind is kind]
    assert drawn
    assert all(peak_g is not None and low_g <= peak_g <= high_g for peak_g in drawn)


def test_tremor_is_for_those_awake_and_scratching_in_bed_for_those_asleep() -> None:
    for plan in plans("everything"):
        assert not any(asleep(onset_s, plan) for onset_s in onsets(plan, Kind.TREMOR))
        assert all(asleep(onset_s, plan) for onset_s in onsets(plan, Kind.SCRATCHING))


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_everything_means_every_kind(number: int) -> None:
    plan = plans("everything")[number]
    there = {event.kind for event in plan.events}
    assert set(Kind) - there <= {Kind.MECHANICAL_MISS, Kind.PERIODIC_LEG_COUPLED}  # these come by chance
    assert plan.apnoeas_s
    assert plan.gaps_s
    assert [round(end_s - start_s) for start_s, end_s in plan.off_body_s] == [600]


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_off_the_body_nothing_moves_and_nobody_sleeps(number: int) -> None:
    plan = plans("everything")[number]
    for start_s, end_s in plan.off_body_s:
        assert not any(start_s - 0.5 < event.onset_s < end_s + 0.5 for event in plan.events)
        assert any(bout[0] < start_s and end_s < bout[1] for bout in plan.wake_s)
        before = [event for event in plan.events if event.onset_s < start_s]
        after = [event for event in plan.events if event.onset_s > end_s]
        assert before[-1].kind is Kind.POSITION_SHIFT
        assert after[0].kind is Kind.POSITION_SHIFT


@pytest.mark.parametrize("scenario", a_few(["partner", "faint", "scratching", "apnoea"], of=4))
def test_what_is_added_leaves_the_jerks_at_sleep_onset_where_they_were(scenario: str) -> None:
    for plain, more in zip(plans("healthy"), plans(scenario), strict=True):
        assert plain.sleep_s is not None
        until_s = plain.sleep_s[0] + 900
        first, second = (onsets(plan, Kind.HYPNIC_JERK) for plan in (plain, more))
        assert first[first < until_s].tolist() == second[second < until_s].tolist()
        assert plain.sleep_s == more.sleep_s
        assert plain.wake_s == more.wake_s


def test_faint_twitching_leaves_all_else_where_it_was() -> None:
    for plain, more in zip(plans("healthy"), plans("faint"), strict=True):
        kept = tuple(event for event in more.events if event.kind is not Kind.FAINT_TWITCHING)
        assert kept == plain.events


def test_a_night_with_everything_is_the_same_each_time(everything: SimulatedNight) -> None:
    again = simulate_night(1.0, 7, "everything")
    assert again.counts.tobytes() == everything.counts.tobytes()
    pd.testing.assert_frame_equal(again.truth, everything.truth, check_exact=True)


def test_without_twitches_every_other_row_of_the_truth_stays(
    everything: SimulatedNight, bare: SimulatedNight
) -> None:
    whole = everything.truth
    others = whole[~whole["kind"].isin(TWITCHES)].reset_index(drop=True)
    assert len(others) < len(whole)
    # Only `isolated` may change: it tells whether a twitch is near.
    pd.testing.assert_frame_equal(
        bare.truth.drop(columns="isolated"), others.drop(columns="isolated"), check_exact=True
    )
    assert (bare.truth["isolated"] >= others["isolated"]).all()


def test_without_twitches_every_sample_elsewhere_stays(
    everything: SimulatedNight, bare: SimulatedNight
) -> None:
    differs = (bare.counts != everything.counts).any(axis=0)
    near = np.zeros(len(differs), dtype=bool)
    twitch = everything.truth[everything.truth["kind"].isin(TWITCHES)]
    for onset_s, offset_s in zip(twitch["onset_s"], twitch["offset_s"], strict=True):
        near[max(round((onset_s - 0.3) * 100), 0) : round((offset_s + 0.3) * 100)] = True
    assert differs[near].mean() > 0.1
    assert not differs[~near].any()
    assert bare.recording.provenance.name == "everything-without-twitches-7"


@pytest.mark.slow
def test_muscle_without_movement_is_39_percent_of_the_periodic_movements() -> None:
    truth = simulate_night(1.0, 4, "periodic-arm").truth
    periodic = truth[truth["label"] == "periodic_movement"]
    assert periodic["emg_truth"].all()
    still = periodic["peak_g"] == 0
    assert not periodic.loc[still, "accel_truth"].any()
    drawn = [
        event.kind for plan in plans("periodic-arm") for event in plan.events if event.series is not None
    ]
    share = np.mean([kind is Kind.MECHANICAL_MISS for kind in drawn])
    assert share == pytest.approx(0.39, abs=3 * np.sqrt(0.39 * 0.61 / len(drawn)))


@pytest.mark.slow
def test_nothing_happens_in_a_gap_however_many_there_are() -> None:
    holed = replace(SCENARIOS["everything"], gaps=lambda rng: 8, off_body=lambda rng: 0)
    plan = draw_plan(holed, 1.0, 3)
    truth = simulate_plan(plan, 3).truth
    assert len(plan.gaps_s) >= 6
    for start_s, end_s in plan.gaps_s:
        assert not ((truth["onset_s"] < end_s) & (truth["offset_s"] > start_s)).any()
        assert not any(first_s < end_s and last_s > start_s for first_s, last_s in plan.apnoeas_s)
