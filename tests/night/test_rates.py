"""Hours and counts: overlaps are subtracted once, unknown is None."""

import pytest

from sleepjerk.events import event_rows, make_events
from sleepjerk.night.rates import count_by_label, count_restless, quiet_s, rate_by_label


def table(rows: list[tuple[float, float, str, str]], *, isolated: bool = True):
    onset, duration, label, state = zip(*rows, strict=True)
    many = len(rows)
    return make_events(
        onset_s=onset,
        duration_s=duration,
        label=label,
        state=state,
        peak_g=[0.1] * many,
        tilt_deg=[0.0] * many,
        series=[None] * many,
        utc=[""] * many,
        isolated=[isolated] * many,
        centroid_hz=[6.0] * many,
        confidence=[0.9] * many,
    )


def test_quiet_time_begins_after_falling_asleep_and_stays_clear_of_large_movements() -> None:
    events = table([(4000.0, 10.0, "body_movement", "sleep"), (5000.0, 0.3, "sleep_twitch", "sleep")])
    assert quiet_s((1000.0, 8000.0), events, [], after_onset_s=900.0, margin_s=30.0) == pytest.approx(
        6100 - 70
    )


def test_every_label_is_counted_and_absent_ones_are_zero() -> None:
    counts = count_by_label(
        event_rows(table([(1.0, 0.2, "sleep_twitch", "sleep"), (9.0, 0.2, "sleep_twitch", "sleep")]))
    )
    assert counts["sleep_twitch"] == 2
    assert counts["hypnic_jerk"] == 0
    assert len(counts) == 8
    assert sum(count_by_label([]).values()) == 0


def test_a_twitch_beside_another_movement_is_told_apart_and_no_other_label_is() -> None:
    rows = [(1.0, 0.2, "sleep_twitch", "sleep"), (4.0, 0.2, "hypnic_jerk", "onset")]
    events = event_rows(table([*rows, (9.0, 2.0, "limb_movement", "sleep")], isolated=False))
    counts = count_by_label(events)
    assert (counts["sleep_twitch"], counts["hypnic_jerk"], counts["limb_movement"]) == (0, 0, 1)
    assert rate_by_label(events, (0.0, 3600.0), 1.0)["sleep_twitch"] == 0
    assert count_restless(events) == 2
    assert count_restless(event_rows(table(rows))) == 0
    assert count_restless(events, "noise") is None


def test_a_series_that_ends_with_sleep_counts_whole() -> None:
    rows = [
        (at, 2.0, "periodic_movement", "sleep" if at < 100 else "wake") for at in (60.0, 80.0, 100.0, 120.0)
    ]
    events = event_rows(table(rows).assign(series=1))
    assert rate_by_label(events, (0.0, 100.0), 1.0)["periodic_movement"] == 4


def test_rates_count_what_happened_asleep_within_the_period() -> None:
    events = table(
        [
            (50.0, 2.0, "limb_movement", "wake"),
            (200.0, 2.0, "limb_movement", "sleep"),
            (300.0, 2.0, "limb_movement", "onset"),
            (9000.0, 2.0, "limb_movement", "wake"),
        ]
    )
    assert rate_by_label(event_rows(events), (100.0, 7300.0), 2.0)["limb_movement"] == 1.0


def test_without_sleep_no_rate_is_claimed() -> None:
    assert set(rate_by_label([], None, None).values()) == {None}
