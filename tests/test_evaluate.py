"""The judge: matching against brute force, scores against counts made by hand."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.errors import InputError
from sleepjerk.evaluate import evaluate_events, match_events, match_spans, wilson_interval

# Tenths of seconds, so that distances of exactly the window and equal distances are common.
MOMENTS = st.lists(st.integers(0, 30).map(lambda tenth: tenth / 10), max_size=5)
EMPTY: list[float] = []


def found(*rows: tuple[float, float, str]) -> pd.DataFrame:
    """Events from (onset, duration, label)."""
    return pd.DataFrame(list(rows), columns=["onset_s", "duration_s", "label"])


def true(*rows: tuple[float, float, str, float]) -> pd.DataFrame:
    """Truth from (onset, offset, label, peak in mg)."""
    table = pd.DataFrame(list(rows), columns=["onset_s", "offset_s", "label", "peak_g"])
    return table.assign(peak_g=table["peak_g"] / 1000)


def best_by_trying(truth: list[float], events: list[float], window_s: float) -> tuple[int, float]:
    """Number of pairs and sum of distances of the best matching, found by trying all."""
    small, large = sorted((truth, events), key=len)
    best = (0, 0.0)
    for chosen in permutations(large, len(small)):
        distances = [abs(a - b) for a, b in zip(small, chosen, strict=True) if abs(a - b) <= window_s + 1e-9]
        best = max(best, (len(distances), -sum(distances)))
    return best[0], -best[1]


@given(MOMENTS, MOMENTS)
def test_no_matching_has_more_pairs_or_as_many_nearer_ones(truth: list[float], events: list[float]) -> None:
    pairs = match_events(truth, events)
    distances = np.abs(np.array(truth)[pairs[:, 0]] - np.array(events)[pairs[:, 1]])
    count, total = best_by_trying(truth, events, 0.5)
    assert len(pairs) == count
    assert distances.sum() == pytest.approx(total)


@given(MOMENTS, MOMENTS)
def test_every_pair_is_within_the_window_and_nothing_is_used_twice(
    truth: list[float], events: list[float]
) -> None:
    pairs = match_events(truth, events)
    assert pairs.shape == (len(pairs), 2)
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    assert all(abs(truth[i] - events[j]) <= 0.5 + 1e-9 for i, j in pairs)


def test_the_nearest_pair_yields_where_it_would_cost_a_match() -> None:
    assert match_events([10.0, 10.4], [10.3, 10.8]).tolist() == [[0, 0], [1, 1]]
    assert match_events([10.0, 10.4], [10.39, 9.95]).tolist() == [[0, 1], [1, 0]]


def test_of_two_detections_of_one_twitch_the_nearer_counts() -> None:
    assert match_events([5.0], [5.3, 5.1]).tolist() == [[0, 1]]
    judged = evaluate_events(
        found((5.3, 0.2, "sleep_twitch"), (5.1, 0.2, "sleep_twitch")), true((5.0, 5.2, "sleep_twitch", 100))
    )
    score = judged.labels["sleep_twitch"]
    assert (score.truth, score.found, score.matched) == (1, 2, 1)
    assert (score.recall, score.precision) == (1.0, 0.5)


def test_the_window_includes_its_bound_and_nothing_beyond() -> None:
    assert len(match_events([10.0], [10.5])) == 1
    assert len(match_events([10.1], [10.6])) == 1  # 0.5000000000000000 in decimal, more in binary
    assert len(match_events([10.0], [9.5])) == 1
    assert len(match_events([10.0], [10.501])) == 0
    assert len(match_events([10.0], [10.2], window_s=0.1)) == 0


def test_nothing_matches_nothing() -> None:
    assert match_events(EMPTY, EMPTY).shape == (0, 2)
    assert match_events([1.0], EMPTY).shape == (0, 2)
    assert match_spans(np.empty((0, 2)), np.array([[0.0, 1.0]])).shape == (0, 2)


def test_long_events_match_by_overlap_and_each_once() -> None:
    truth = np.array([[0.0, 10.0], [20.0, 22.0]])
    events = np.array([[8.0, 9.0], [1.0, 4.0], [22.0, 30.0], [40.0, 50.0]])
    assert match_spans(truth, events).tolist() == [[0, 1], [1, 2]]


def test_a_label_is_judged_against_its_own_truth_and_twitches_also_together() -> None:
    judged = evaluate_events(found((5.0, 0.2, "sleep_twitch")), true((5.0, 5.2, "hypnic_jerk", 100)))
    assert judged.labels["sleep_twitch"].precision == 0.0
    assert judged.labels["hypnic_jerk"].recall == 0.0
    assert judged.labels["twitch"].f1 == 1.0


def test_what_no_sensor_could_feel_is_neither_required_nor_false_when_hit() -> None:
    truth = true((5.0, 8.0, "periodic_movement", 0), (30.0, 33.0, "periodic_movement", 100))
    truth["accel_truth"] = [False, True]
    unseen = evaluate_events(found((30.0, 3.0, "periodic_movement")), truth).labels["periodic_movement"]
    seen = evaluate_events(
        found((5.5, 1.0, "periodic_movement"), (30.0, 3.0, "periodic_movement")), truth
    ).labels["periodic_movement"]
    assert (unseen.truth, unseen.found, unseen.matched) == (seen.truth, seen.found, seen.matched) == (1, 1, 1)


def test_a_hit_on_an_unfelt_event_is_forgiven_whatever_its_label() -> None:
    truth = true((5.0, 5.1, "unclassified", 15)).assign(accel_truth=False)
    score = evaluate_events(found((5.1, 0.1, "sleep_twitch")), truth).labels["twitch"]
    assert (score.truth, score.found, score.precision) == (0, 0, None)


def test_an_unfelt_event_never_takes_a_detection_from_a_felt_one() -> None:
    truth = true((5.0, 5.1, "unclassified", 5), (5.3, 5.5, "sleep_twitch", 90)).assign(
        accel_truth=[False, True]
    )
    assert evaluate_events(found((5.0, 0.2, "sleep_twitch")), truth).labels["twitch"].recall == 1.0


def test_recall_by_peak_puts_each_twitch_in_one_range() -> None:
    peaks = [19.9, 20, 29.9, 30, 40, 60, 99.9, 100, 900]
    truth = true(*((100.0 * i, 100.0 * i + 0.2, "sleep_twitch", peak) for i, peak in enumerate(peaks)))
    judged = evaluate_events(found((100.0, 0.2, "hypnic_jerk"), (500.0, 0.2, "sleep_twitch")), truth)
    assert [(s.name, s.truth, s.matched) for s in judged.strata] == [
        ("20-30 mg", 2, 1),
        ("30-40 mg", 1, 0),
        ("40-60 mg", 1, 0),
        ("60-100 mg", 2, 1),
        ("from 100 mg", 2, 0),
        ("isolated, from 60 mg", 4, 1),
    ]


def test_isolation_is_worked_out_where_the_truth_does_not_tell_it() -> None:
    truth = true(
        (100.0, 100.2, "sleep_twitch", 90),
        (110.2, 110.4, "sleep_twitch", 90),
        (130.0, 130.2, "sleep_twitch", 90),
    )
    assert evaluate_events(found(), truth).strata[-1].truth == 1
    assert evaluate_events(found(), truth.assign(isolated=True)).strata[-1].truth == 3


def test_errors_are_medians_over_the_matched_twitches() -> None:
    truth = true(*((100.0 * i, 100.0 * i + 0.2, "sleep_twitch", 90) for i in range(1, 5)))
    events = found(
        (100.01, 0.2, "sleep_twitch"),
        (199.97, 0.25, "sleep_twitch"),
        (300.1, 0.1, "hypnic_jerk"),
        (900, 9, "sleep_twitch"),
    )
    judged = evaluate_events(events, truth)
    assert judged.onset_error_s == pytest.approx(0.03)
    assert judged.duration_error_s == pytest.approx(0.05)


def test_an_empty_night_has_no_shares_instead_of_zeros() -> None:
    judged = evaluate_events(found(), true())
    score = judged.labels["twitch"]
    assert (score.truth, score.found, score.matched) == (0, 0, 0)
    assert (score.recall, score.precision, score.f1, score.recall_interval) == (None, None, None, None)
    assert (judged.onset_error_s, judged.duration_error_s) == (None, None)
    assert all(stratum.recall is None for stratum in judged.strata)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (95, 100, 0.8882, 0.9785)],
)
def test_wilsons_interval_agrees_with_published_values(
    hits: int, total: int, low: float, high: float
) -> None:
    assert wilson_interval(hits, total) == pytest.approx((low, high), abs=1e-4)


def test_wilsons_interval_of_nothing_is_unknown() -> None:
    assert wilson_interval(0, 0) is None


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    truth = true(*((t, t + 0.2, "sleep_twitch", 90) for t in rng.uniform(0, 60, 40)))
    events = found(*((t, 0.2, "sleep_twitch") for t in rng.uniform(0, 60, 40)))
    shuffled = evaluate_events(events.sample(frac=1, random_state=1), truth.sample(frac=1, random_state=2))
    assert evaluate_events(events, truth) == shuffled


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="truth has no column 'offset_s'"):
        evaluate_events(found(), true().drop(columns="offset_s"))
    with pytest.raises(InputError, match="events has no column 'duration_s'"):
        evaluate_events(found().drop(columns="duration_s"), true())
