"""The numbers of a night: series by both rule sets, and what breathing may have to do with them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk import Rules
from sleepjerk.detection.periodic import find_wrist_series, series_breaks
from sleepjerk.events import make_events
from sleepjerk.night.document import to_document
from sleepjerk.night.model import PeriodicSummary, RecordingSummary, SleepSummary, Surroundings
from sleepjerk.night.summary import summarise_periodic
from sleepjerk.night.warnings import find_warnings
from sleepjerk.parts import Placement
from sleepjerk.report import render_report
from sleepjerk.report.catalogue import Catalogue
from tests.support.marks import examples
from tests.support.real_nights import night_paths, shared_data, write_night_csv

# 60 s after the third movement of 30 s steps comes one only 7 s later: WASM 2016 ends there, AASM doesn't.
ONSETS = (0.0, 30.0, 60.0, 67.0, 97.0, 127.0, 157.0)


def movements(onset_s: Any, *, state: str = "sleep", duration_s: float = 1.0) -> pd.DataFrame:
    """Limb movements at these times."""
    count = len(onset_s)
    return make_events(
        onset_s=onset_s,
        duration_s=[duration_s] * count,
        peak_g=[0.1] * count,
        tilt_deg=[0.0] * count,
        label=["limb_movement"] * count,
        series=[None] * count,
        state=[state] * count,
        utc=[""] * count,
        isolated=[False] * count,
        centroid_hz=[5.0] * count,
        confidence=[0.9] * count,
    )


def summed_up(
    onset_s: Any, analysed_h: float | None = 2.0, breaks_s: Any = (), **columns: Any
) -> PeriodicSummary:
    events, sleep = movements(onset_s, **columns), SleepSummary(analysed_h=analysed_h)
    return summarise(events, sleep, breaks_s)


def summarise(events: pd.DataFrame, sleep: SleepSummary, breaks_s: Any = ()) -> PeriodicSummary:
    """As the analysis does: limb and body movements may belong to a series or end one, the table holds its members."""
    candidate = (events["label"] != "posture_change").to_numpy()
    onset_s, duration_s = (events[name].to_numpy()[candidate] for name in ("onset_s", "duration_s"))
    rules, breaks_s = Rules(), np.asarray(breaks_s, dtype=float)
    found = find_wrist_series(onset_s, onset_s + duration_s, rules.series, rules.periodicity, breaks_s)
    events.loc[candidate, "series"] = found.series
    events["series"] = events["series"].replace(0, pd.NA)
    return summarise_periodic(events, candidate, sleep, breaks_s, rules)


def in_steps(step_s: float, count: int) -> list[float]:
    return [100.0 + step_s * number for number in range(count)]


# Both rule sets.


def test_both_rule_sets_are_counted_completely() -> None:
    wasm, aasm = summed_up(ONSETS).by_rules
    assert (wasm.rules, wasm.series, wasm.movements, wasm.index_per_h) == ("wasm2016", 1, 4, 2.0)
    assert (aasm.rules, aasm.series, aasm.movements, aasm.index_per_h) == ("aasm", 1, 7, 3.5)
    assert (wasm.median_interval_s, aasm.median_interval_s) == (30.0, 30.0)
    assert wasm.series_share == pytest.approx(4 / 7, abs=1e-4)
    assert aasm.series_share == 1.0


def test_intervals_between_two_series_belong_to_neither() -> None:
    wasm, aasm = summed_up([*in_steps(20.0, 4), *np.add(in_steps(40.0, 4), 2000.0)]).by_rules
    assert (wasm.series, wasm.median_interval_s, aasm.median_interval_s) == (2, 30.0, 30.0)


def test_a_series_breaks_at_a_gap_under_both_rule_sets() -> None:
    counts = summed_up(in_steps(30.0, 6), breaks_s=[175.0]).by_rules
    assert [count.movements for count in counts] == [0, 0]


def test_the_keys_of_old_are_those_of_the_chosen_rules() -> None:
    periodic = summed_up(ONSETS)
    wasm, aasm = periodic.by_rules
    for name in ("rules", "series", "movements", "index_per_h", "median_interval_s", "series_share"):
        assert getattr(periodic, name) == getattr(wasm, name)
    assert (periodic.other_rules, periodic.other_index_per_h) == (aasm.rules, aasm.index_per_h)


def test_without_sleep_nothing_of_series_is_known_and_nothing_is_zero() -> None:
    periodic = summed_up(ONSETS, None, state="unknown")
    for count in (periodic, *periodic.by_rules):
        known = (
            count.series,
            count.movements,
            count.index_per_h,
            count.median_interval_s,
            count.series_share,
        )
        assert known == (None,) * 5
    assert (periodic.sleep_interval_s, periodic.sleep_intervals_per_h) == (None, None)


def test_the_two_measures_that_are_called_periodicity_index_are_never_mixed() -> None:
    # Intervals 30 30 7 30 30 30: only the last three are a run, so Ferri's index is 3 of 6; 4 of 7 are in series.
    periodic = summed_up(ONSETS, 0.5)
    assert periodic.periodicity_index == 0.5
    assert periodic.series_share == pytest.approx(4 / 7, abs=1e-4)


def test_below_half_the_word_periodic_is_not_said() -> None:
    periodic = summed_up([*ONSETS, 1000.0], 0.5)
    assert periodic.periodicity_index == pytest.approx(3 / 7, abs=1e-4)
    assert not periodic.said


def test_below_ten_movements_an_hour_there_is_no_periodicity_index() -> None:
    assert summed_up(ONSETS, 0.71).periodicity_index is None
    assert summed_up(ONSETS, 0.70).periodicity_index == 0.5


def test_a_long_movement_counts_in_no_measure_but_ends_a_series_by_wasm() -> None:
    events = movements(in_steps(30.0, 8))
    events.loc[4, "duration_s"] = 11.0
    periodic = summarise(events, SleepSummary(analysed_h=1.0))
    assert periodic.sleep_intervals_per_h == 6.0
    wasm, aasm = periodic.by_rules
    assert (wasm.movements, wasm.series_share) == (4, round(4 / 7, 4))
    assert (aasm.movements, aasm.series_share) == (7, 1.0)


def test_what_lasts_less_than_half_a_second_is_in_no_interval_of_ferris_index() -> None:
    # By hand: twitches of 0.3 s 5 s after every movement would leave no interval of 10-90 s in a run.
    onset_s = np.array(in_steps(20.0, 20))
    events = movements(sorted([*onset_s, *(onset_s + 5.0)]))
    events.loc[1::2, "duration_s"] = 0.3
    assert summarise(events, SleepSummary(analysed_h=1.0)).periodicity_index == 1.0
    assert summed_up(onset_s, 1.0, duration_s=0.3).periodicity_index is None
    # Ten candidates an hour are asked for, and brief ones are none.
    assert summarise(events, SleepSummary(analysed_h=2.5)).periodicity_index is None


def test_the_members_in_the_table_are_what_the_index_counts() -> None:
    events = movements([*in_steps(20.0, 8), 250.0])
    events.loc[8, ["label", "duration_s", "series"]] = ["periodic_movement", 0.2, 1]
    candidate = np.arange(9) < 8  # the last was joined to the series as a brief movement inside it
    events.loc[candidate, "series"] = 1
    events = events.sort_values("onset_s", ignore_index=True)
    joined = (events["duration_s"] == 1.0).to_numpy()
    periodic = summarise_periodic(events, joined, SleepSummary(analysed_h=2.0), np.empty(0), Rules())
    assert (periodic.movements, periodic.index_per_h, periodic.series) == (9, 4.5, 1)
    assert (periodic.series_share, periodic.median_interval_s) == (1.0, 20.0)


@pytest.mark.parametrize(("lasts_s", "members"), [(0.2, 6), (0.49, 6), (0.5, 0), (3.0, 0)])
def test_a_gap_breaks_a_series_when_a_movement_fits_into_it(lasts_s: float, members: int) -> None:
    # Three movements before the gap and three behind it: no four on either side.
    gaps_s = np.array([[165.0, 165.0 + lasts_s]])
    breaks_s = series_breaks(gaps_s, Rules().series)
    assert summed_up(in_steps(30.0, 6), 0.5, breaks_s).movements == members
    assert summed_up(in_steps(30.0, 6), 0.5, breaks_s).periodicity_index == (1.0 if members else 0.0)


def test_what_the_body_moves_between_does_not_make_limbs_periodic() -> None:
    alone = summed_up(in_steps(20.0, 40))
    assert alone.said
    turns_s = np.add(in_steps(60.0, 13), 10.0)
    events = movements([*in_steps(20.0, 40), *turns_s])
    events.loc[events["onset_s"].isin(turns_s), "label"] = "posture_change"
    turned = summarise(events, SleepSummary(analysed_h=2.0))
    assert turned.periodicity_index == 1.0
    assert not turned.said
    assert not turned.like_breathing


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10_000), per_h=st.floats(20.0, 50.0))
def test_movements_at_random_are_never_called_periodic(seed: int, per_h: float) -> None:
    rng = np.random.default_rng(seed)
    onset_s = np.cumsum(rng.exponential(3600 / per_h, round(6 * per_h)))
    periodic = summed_up(onset_s, onset_s[-1] / 3600)
    assert not periodic.said


# Breathing.


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10_000), cycle_s=st.floats(28.0, 55.0), moved=st.floats(0.0, 6.0))
def test_movements_after_pauses_in_breathing_are_never_called_periodic(
    seed: int, cycle_s: float, moved: float
) -> None:
    rng = np.random.default_rng(seed)
    # As breathing goes: a cycle that varies by a seventh, one resumption in six unseen, other movements in between.
    cycles = np.cumsum(np.clip(cycle_s * np.exp(0.15 * rng.standard_normal(400)), 25.5, 60.0))
    seen = cycles[rng.random(400) < 5 / 6]
    hours = cycles[-1] / 3600
    others = rng.uniform(0, cycles[-1], rng.poisson(moved * hours))
    periodic = summed_up(np.sort([*seen, *others]), hours)
    assert not periodic.said


def test_series_of_limbs_have_shorter_intervals_than_breathing_leaves() -> None:
    # Science 1.1: intervals of limbs are log-normal about 24 s; four in ten movements aren't seen.
    rng = np.random.default_rng(18)
    onset_s = np.cumsum(24.0 * np.exp(0.3 * rng.standard_normal(300)))
    periodic = summed_up(onset_s[rng.random(300) < 0.6], 2.0)
    assert periodic.said
    assert not periodic.like_breathing


def test_too_few_intervals_to_tell_from_breathing_are_not_called_periodic() -> None:
    # Two of three below 25 s: with a fifth of them there anyway, that comes on 1 night in 10.
    few = summed_up([0.0, 20.0, 40.0, 70.0], 0.2)
    assert few.like_breathing
    assert not few.said


@pytest.mark.parametrize(
    ("step_s", "as_long"), [(15.0, False), (24.0, False), (26.0, True), (44.0, True), (46.0, False)]
)
def test_every_series_calls_for_the_caveat_and_its_interval_makes_it_clearer(
    step_s: float, as_long: bool
) -> None:
    periodic = summed_up(in_steps(step_s, 8))
    assert periodic.respiratory_caveat
    assert periodic.respiratory_intervals == as_long


def test_the_interval_of_a_series_counts_among_many_others() -> None:
    pairs = np.concatenate([np.array([0.0, 80.0]) + 1000 + 500 * number for number in range(30)])
    periodic = summed_up([*in_steps(30.0, 4), *pairs])
    assert periodic.sleep_interval_s == 80.0
    assert periodic.respiratory_intervals


def test_a_series_by_the_other_rules_alone_calls_for_it_too() -> None:
    periodic = summed_up([0.0, 60.0, 67.0, 127.0, 187.0])
    assert [count.series for count in periodic.by_rules] == [0, 1]
    assert periodic.respiratory_caveat


def test_movements_that_often_come_back_so_call_for_it_without_any_series() -> None:
    thrice = np.concatenate([np.array([0.0, 35.0, 70.0]) + 300 * number for number in range(24)])
    periodic = summed_up(thrice)
    assert [count.series for count in periodic.by_rules] == [0, 0]
    assert (periodic.sleep_interval_s, periodic.sleep_intervals_per_h) == (35.0, 24.0)
    assert periodic.respiratory_caveat
    assert periodic.respiratory_intervals
    seldom = summed_up(thrice, 8.0)
    assert not seldom.respiratory_caveat


def test_movements_without_a_series_and_with_other_intervals_need_no_caveat() -> None:
    thrice = np.concatenate([np.array([0.0, 80.0, 160.0]) + 400 * number for number in range(18)])
    assert not summed_up(thrice, 8.0).respiratory_caveat
    # As often in 2 hours as in 8 is more than healthy sleepers move.
    assert summed_up(thrice, 2.0).respiratory_caveat


def test_no_movement_needs_no_caveat() -> None:
    periodic = summed_up([])
    assert not periodic.respiratory_caveat
    assert periodic.by_rules[0].movements == 0
    assert periodic.by_rules[0].series_share is None


@pytest.mark.parametrize(
    ("hours", "walked_s", "keys"),
    [
        (2.0, 5400.0, {"no_rest"}),
        (2.0, 600.0, {"no_sleep", "hidden_noise"}),
        (0.03, 100.0, {"no_sleep"}),  # "0.0 of 0.0 h" says nothing
    ],
)
def test_who_walks_all_the_time_is_not_told_that_the_sensor_is_noisy(
    hours: float, walked_s: float, keys: set[str]
) -> None:
    recording = RecordingSummary(
        hours=hours,
        rate_hz=100.0,
        gaps=0,
        missing_s=0.0,
        off_body_h=0.0,
        calibration="sphere",
        smallest_visible_g=0.8,
        limited_by="noise",
        hidden_by="noise",
    )
    sleep = SleepSummary(out_of_bed_s=((0.0, walked_s),))
    warnings = find_warnings(recording, sleep, summed_up([]), Surroundings(), Rules())
    assert {warning.key.removeprefix("warning.") for warning in warnings} == keys


@pytest.mark.parametrize("limb", ["wrist", "ankle"])
@pytest.mark.parametrize(("step_s", "words"), [(30.0, "every 25-45 s"), (60.0, "make series too")])
def test_the_caveat_is_a_warning_that_names_the_limb(step_s: float, words: str, limb: str) -> None:
    recording = RecordingSummary(
        placement=Placement(limb=limb),
        hours=8.0,
        rate_hz=100.0,
        gaps=0,
        missing_s=0.0,
        off_body_h=0.0,
        calibration="sphere",
    )
    sleep = SleepSummary(onset_s=900.0, analysed_h=2.0)
    warnings = find_warnings(recording, sleep, summed_up(in_steps(step_s, 8)), Surroundings(), Rules())
    (said,) = [text for text in map(Catalogue().tell, warnings) if text is not None and "breathing" in text]
    assert words in said
    assert f"the {limb} can't" in said


@pytest.mark.skipif(shared_data() is None, reason="the shared real nights are not on this machine")
@pytest.mark.slow
@pytest.mark.parametrize(("number", "as_long"), [("p045", True), ("p047", False)])
def test_a_clinic_night_of_apnoea_speaks_of_breathing_and_never_of_plm(
    tmp_path: Path, number: str, as_long: bool
) -> None:
    path = next(path for path in night_paths() if path.stem == number)
    night = sj.analyse(sj.read_recording(write_night_csv(path, tmp_path / "night.csv")))
    assert night.periodic.respiratory_caveat
    assert night.periodic.respiratory_intervals == as_long
    assert any("breathing" in text for text in night.warnings)
    assert not night.periodic.said
    page = render_report(night)
    assert "breathing pauses of sleep apnoea" in page
    assert "PLM" not in page
    assert "PLM" not in str(to_document(night))
