"""The rows of the table count as they say, on frames written by hand; one short night goes the whole way."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sleepjerk.night.verdict import NightLine
from tests.benchmarks.worlds import looked, plan, tables
from tests.worlds import own
from tests.worlds.made import MadeNight
from tests.worlds.score import judge_events, judge_truth
from tests.worlds.test_score import events, made, twitch

LINE = NightLine(
    night="2026-11-22",
    name="x",
    limb="wrist",
    version="",
    settings_sha256="",
    input_sha256="",
    valid=True,
    lacking=(),
    analysed_h=7.0,
    jerks=0,
    twitches=0,
    strong=0,
    per_h=0.0,
    per_h_low=0.0,
    per_h_high=0.5,
    periodic_per_h=None,
    periodicity_index=None,
    asleep=None,
    awake=None,
    met={},
)
NIGHT = {"world": "own", "scenario": "ordinary", "name": "ordinary-1", "sleep_h": 8.0, "far_awake_h": 4.0}


def frames(night: pd.DataFrame, truth: pd.DataFrame) -> tables.Frames:
    facts = {"world": "own", "scenario": "ordinary", "name": "ordinary-1"}
    return tables.Frames(night.assign(**facts), truth.assign(**facts), pd.DataFrame([NIGHT]), (LINE,))


def judged() -> tables.Frames:
    """Four jerks of two families, one of them missed; a bed, taken for a jerk; one false jerk while awake."""
    night = made(
        twitch(700, 0.1, "flick"),
        twitch(800, 0.5, "flick"),
        twitch(900, 0.1, "rem"),
        twitch(1000, 0.04, "rem"),
        (2000, 2000.5, "bed", "ring", 0.05, "sleep"),
    )
    seen = events(
        (700, 0.2, "sleep_twitch", True),
        (800, 0.2, "hypnic_jerk", True),
        (1000, 0.2, "sleep_twitch", True),
        (2000, 0.2, "sleep_twitch", True),
        (3900, 0.2, "sleep_twitch", True),
    )
    return frames(judge_events(night, seen), judge_truth(night, seen))


def test_recall_is_told_by_family_with_its_goal() -> None:
    rows = {row.what: row for row in tables.recall_rows(judged())}
    assert rows["ordinary, >= 60 mg, flick: called"].found.startswith("2/2")
    assert rows["ordinary, >= 60 mg, flick: called"].met is True
    assert rows["ordinary, >= 60 mg, rem: called"].found.startswith("0/1")
    assert rows["ordinary, >= 60 mg, rem: called"].met is False
    assert rows["ordinary, 30-60 mg: called"].found.startswith("1/1")
    assert rows["ordinary, >= 400 mg, n = 1"].found == "found 1.000, called 1.000, counted 1.000"


def test_false_twitches_are_told_by_what_they_were_and_those_of_waking_apart() -> None:
    row = next(tables.false_rows(judged()))
    assert row.found.startswith("1 in 8 h = 1.00")
    assert row.found.endswith("bed/ring 1")
    assert row.goal == "<= 2"
    awake = next(tables.wake_rows(judged()))
    assert awake.found.startswith("1 in 4 h = 2.00")
    assert awake.found.endswith("nothing 1")


def test_the_goal_of_a_scenario_is_that_of_the_word_in_its_name() -> None:
    assert tables.false_most("partner_low") == 4.0
    assert tables.false_most("posture_flick") == 3.0
    assert tables.false_most("cable") is None


def test_a_confidence_that_says_too_much_misses_its_goal() -> None:
    rows = {row.what: row for row in tables.confidence_rows(judged())}
    assert rows["twitches said with >= 0.9"].found.startswith("said 0.900, right 0.600")
    assert rows["Brier score, labelled twitches"].met is False  # 3 of 5 right, 0.9 said of each
    assert "| 0.9-0.95 | 5 | 0.900 | 0.600" in tables.reliability(judged())


def test_a_jerk_of_falling_asleep_is_judged_by_the_way_to_it() -> None:
    night = made(sleep_s=(600.0, 3600.0))
    seen = events(*((at_s, 0.2, "hypnic_jerk", True) for at_s in (580.0, 630.0, 1900.0)))
    some = judge_events(night, seen)
    rows = {
        row.what: row.found
        for row in tables.onset_label_rows(frames(some, night.truth.assign(found=[], label=[])))
    }
    assert rows["hypnic_jerk before lights off, or awake far from onset"].startswith("0/3")
    assert rows["hypnic_jerk before sleep or > 10 min from falling asleep"].startswith("2/3")
    assert "right 0.667" in rows["hypnic_jerk: said, and within 10 min of falling asleep"]


def test_errors_are_told_with_median_and_p90_and_met_when_both_are() -> None:
    row = tables.error_row("end", np.array([-1.0, 2.0, 3.0]), 8.0, 40.0)
    assert row.found.startswith("median 2.0 (")
    assert row.met is True
    assert tables.error_row("end", np.array([1.0, 2.0, 300.0]), 8.0, 40.0).met is False
    assert tables.error_row("end", np.empty(0), 8.0, 40.0).met is None


def test_weeks_are_drawn_from_seven_nights_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "WEEKS", 20)
    assert tables.amber_row([LINE] * 6).met is None
    assert tables.amber_row([LINE] * 7).found.startswith("0/20")
    shaken = dataclasses.replace(LINE, met={"I1": True, "I2": True, "I3": True})
    assert tables.amber_row([shaken] * 7).met is False


def test_a_short_night_goes_the_whole_way_with_every_feature() -> None:
    night = own.make("many_jerks", 3, hours=0.6)
    options = looked.Options(features=True, waves=True)
    seen = looked.look_at(night, options)
    assert {"centroid_hz", "held_tilt_deg", "threshold_g", "true_kind", "since_s"} <= set(seen.events)
    assert seen.waves is not None
    assert len(seen.waves) == len(seen.events) > 0
    assert len(seen.truth) == len(night.truth)
    assert list(tables.rows_of(tables.Frames.of([seen])))


def test_seeds_for_fitting_and_for_judging_never_meet() -> None:
    fitting = {task.seed for task in plan.tasks(1)}
    judging = {task.seed for task in plan.tasks(5001)}
    assert max(fitting) < 1000
    assert min(judging) >= 5001


def test_a_night_that_was_kept_is_the_night_that_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = plan.Task("own", "ordinary", 1)
    short = own.make("ordinary", 1, hours=0.2)
    made_once: list[int] = []

    def maker(scenario: str, seed: int) -> MadeNight:
        made_once.append(seed)
        return short

    world = plan.World("own", ("ordinary",), maker)
    monkeypatch.setattr(plan, "worlds", lambda: {"own": world})
    first, second = (plan.make(task, tmp_path) for _ in range(2))
    assert made_once == [1]
    assert np.array_equal(first.acceleration_g, short.acceleration_g.astype(np.float32), equal_nan=True)
    assert np.array_equal(second.acceleration_g, first.acceleration_g, equal_nan=True)
    assert second.truth.equals(short.truth)
