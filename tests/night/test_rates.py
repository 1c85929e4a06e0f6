"""Hours and counts: overlaps are subtracted once, unknown is None."""

import pytest

from sleepjerk.events import empty_events, make_events
from sleepjerk.night.rates import count_by_label, quiet_s, rate_by_label


def table(rows: list[tuple[float, float, str, str]]):
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
        isolated=[True] * many,
        centroid_hz=[6.0] * many,
        confidence=[0.9] * many,
    )


def test_quiet_time_begins_after_falling_asleep_and_stays_clear_of_large_movements() -> None:
    events = table([(4000.0, 10.0, "body_movement", "sleep"), (5000.0, 0.3, "sleep_twitch", "sleep")])
    assert quiet_s((1000.0, 8000.0), events, [], after_onset_s=900.0, margin_s=30.0) == pytest.approx(
        6100 - 70
    )


def test_every_label_is_counted_and_absent_ones_are_zero() -> None:
    counts = count_by_label(table([(1.0, 0.2, "sleep_twitch", "sleep"), (9.0, 0.2, "sleep_twitch", "sleep")]))
    assert counts["sleep_twitch"] == 2
    assert counts["hypnic_jerk"] == 0
    assert len(counts) == 8
    assert sum(count_by_label(empty_events()).values()) == 0


def test_rates_count_what_happened_asleep_within_the_period() -> None:
    events = table(
        [
            (50.0, 2.0, "limb_movement", "wake"),
            (200.0, 2.0, "limb_movement", "sleep"),
            (300.0, 2.0, "limb_movement", "onset"),
            (9000.0, 2.0, "limb_movement", "wake"),
        ]
    )
    assert rate_by_label(events, (100.0, 7300.0), 2.0)["limb_movement"] == 1.0


def test_without_sleep_no_rate_is_claimed() -> None:
    assert set(rate_by_label(empty_events(), None, None).values()) == {None}
