"""What a laboratory would report, by movement: known answers, ranges that hold their value, unknown with a reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.detection.sleep import Sleep
from sleepjerk.messages import Message
from sleepjerk.night.estimates import estimate_sleep
from sleepjerk.night.model import SleepEstimates
from sleepjerk.report.catalogue import Catalogue, languages

NONE = np.empty((0, 2))


def slept(
    onset: tuple[float, float, float] = (1800.0, 3600.0, 5400.0),
    end: tuple[float, float, float] = (27000.0, 28800.0, 30600.0),
    wake_s: object = ((10000.0, 10600.0),),
    *,
    begins_asleep: bool = False,
) -> Sleep:
    """A sleep period with (earliest, likeliest, latest) onset and end."""
    return Sleep(
        onset_s=onset[1],
        end_s=end[1],
        wake_s=np.array(wake_s, dtype=float).reshape(-1, 2),
        onset_range_s=(onset[0], onset[2]),
        end_range_s=(end[0], end[2]),
        onset_windows_s=NONE,
        method=Message("method.stillness"),
        begins_asleep=begins_asleep,
    )


def every(found: SleepEstimates) -> list[tuple[float | None, float | None, float | None]]:
    four = (found.total_sleep_h, found.latency_min, found.awake_min, found.efficiency)
    return [(one.value, one.low, one.high) for one in four]


def test_a_night_counted_by_hand() -> None:
    # Seven hours (six at least, eight at most) less ten minutes awake; lights off at 1200 s, on at 31200 s.
    found = estimate_sleep(slept(), NONE, NONE, 1200.0, 31200.0)
    assert every(found) == [
        (pytest.approx(6.833), pytest.approx(5.833), pytest.approx(7.833)),
        (40.0, 10.0, 70.0),
        (10.0, 10.0, 10.0),
        (pytest.approx(0.82), pytest.approx(0.7), pytest.approx(0.94)),
    ]


def test_a_gap_is_no_sleep_in_the_value_and_sleep_or_waking_in_the_range() -> None:
    gap = np.array([[20000.0, 23600.0]])
    whole, with_gap = (estimate_sleep(slept(), gaps, NONE, None, None) for gaps in (NONE, gap))
    assert with_gap == estimate_sleep(slept(), NONE, gap, None, None)
    assert with_gap.total_sleep_h.value == pytest.approx((whole.total_sleep_h.value or 0) - 1)
    assert with_gap.total_sleep_h.high == whole.total_sleep_h.high
    assert (with_gap.awake_min.value, with_gap.awake_min.high) == (10.0, 70.0)


def test_waking_near_the_end_may_have_been_the_end() -> None:
    awake = estimate_sleep(slept(wake_s=((27600.0, 28200.0),)), NONE, NONE, None, None).awake_min
    assert (awake.value, awake.low, awake.high) == (10.0, 0.0, 10.0)


def test_what_nobody_marked_is_unknown_and_says_why() -> None:
    found = estimate_sleep(slept(), NONE, NONE, None, None)
    assert every(found)[1::2] == [(None,) * 3] * 2
    assert found.latency_min.message == Message("note.no_lights_off")
    assert found.efficiency.message == Message("note.no_lights")
    only_off = estimate_sleep(slept(), NONE, NONE, 1200.0, None)
    assert only_off.latency_min.value == 40.0
    assert only_off.efficiency.value is None
    unseen = estimate_sleep(slept(begins_asleep=True), NONE, NONE, 0.0, 31200.0)
    assert unseen.latency_min.message == Message("note.onset_unseen")


def test_without_sleep_all_are_unknown_for_that_reason() -> None:
    awake = Sleep(None, None, NONE, None, None, NONE, Message("method.stillness"))
    found = estimate_sleep(awake, NONE, NONE, 0.0, 30000.0)
    assert every(found) == [(None,) * 3] * 4
    assert found.total_sleep_h.message == found.efficiency.message == Message("note.no_sleep")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("why", ["no_sleep", "no_lights_off", "no_lights", "onset_unseen"])
def test_each_reason_has_words(why: str, language: str) -> None:
    assert Catalogue(language).tell(Message(f"note.{why}"))


spans = st.lists(st.tuples(st.floats(0, 30000), st.floats(1, 4000)), max_size=4).map(
    lambda found: np.array([(at, at + lasting) for at, lasting in found]).reshape(-1, 2)
)


@given(
    st.lists(st.floats(0, 32000), min_size=6, max_size=6).map(sorted),
    spans,
    spans,
    st.floats(0, 0.9),
)
def test_no_value_leaves_its_range(times: list[float], gaps_s: object, off_body_s: object, at: float) -> None:
    onset, end = (times[0], times[1], times[2]), (times[3], times[4], times[5])
    wake_s = ((onset[1] + (end[1] - onset[1]) * at, onset[1] + (end[1] - onset[1]) * (at + 0.1)),)
    found = estimate_sleep(slept(onset, end, wake_s), gaps_s, off_body_s, times[0], times[5] + 1)  # type: ignore[arg-type]
    for value, low, high in every(found):
        assert None not in (value, low, high)
        assert 0 <= low <= value <= high  # type: ignore[operator]
    assert (found.efficiency.high or 0) <= 1
