"""What a laboratory would report, by movement: known answers, ranges that hold their value, unknown with a reason."""

import functools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk.detection.sleep import Sleep
from sleepjerk.messages import Message
from sleepjerk.night import estimates
from sleepjerk.night.model import SleepEstimates
from sleepjerk.report.catalogue import Catalogue, languages
from sleepjerk.rules import SleepRules
from tests.support.real_nights import night_paths, truth_summary, write_night_csv

NONE = np.empty((0, 2))
# Six of ten still hours at least are sleep: numbers that are counted by hand.
estimate_sleep = functools.partial(estimates.estimate_sleep, rules=SleepRules(still_asleep=0.6))


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
    # Seven hours, eight at most, less ten minutes awake: 410 min, of which 246 at least are sleep and 164 may be
    # waking; lights off at 1200 s, on at 31200 s.
    found = estimate_sleep(slept(), NONE, NONE, 1200.0, 31200.0)
    assert every(found) == [
        (pytest.approx(6.833), pytest.approx(4.1), pytest.approx(7.833)),
        (40.0, 10.0, 70.0),
        (10.0, 10.0, 174.0),
        (pytest.approx(0.82), pytest.approx(0.492), pytest.approx(0.94)),
    ]


def test_a_gap_is_no_sleep_in_the_value_and_sleep_or_waking_in_the_range() -> None:
    gap = np.array([[20000.0, 23600.0]])
    whole, with_gap = (estimate_sleep(slept(), gaps, NONE, None, None) for gaps in (NONE, gap))
    assert with_gap == estimate_sleep(slept(), NONE, gap, None, None)
    assert with_gap.total_sleep_h.value == pytest.approx((whole.total_sleep_h.value or 0) - 1)
    assert with_gap.total_sleep_h.high == whole.total_sleep_h.high
    # An hour more may be waking, but of its sleep the six tenths are gone, too.
    assert (with_gap.awake_min.value, with_gap.awake_min.high) == (10.0, 174.0 + 60 * 0.6)


def test_waking_near_the_end_may_have_been_the_end() -> None:
    awake = estimate_sleep(slept(wake_s=((27600.0, 28200.0),)), NONE, NONE, None, None).awake_min
    assert (awake.value, awake.low) == (10.0, 0.0)


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


@pytest.mark.slow
def test_on_clinic_nights_the_laboratory_s_numbers_lie_in_the_ranges_nine_times_of_ten(
    tmp_path: Path,
) -> None:
    held = []
    for path in night_paths():
        truth = (
            truth_summary().astype({"id": str}).set_index("id").loc[path.stem.removeprefix("p").lstrip("0")]
        )
        if truth["gt_sleep_min"] < 60:  # one that didn't sleep
            continue
        off_min, up_min = truth["lights_psg_first_scored_min"], truth["psg_last_scored_min"]
        recording = next(iter(sj.read_nights(write_night_csv(path, tmp_path / "night.csv"))))
        found = sj.analyse(recording, lights_off_s=60 * off_min, lights_up_s=60 * up_min).estimates
        asleep_min, onset_min, wake_min = (
            truth[name] for name in ("gt_sleep_min", "sleep_onset_min", "final_wake_min")
        )
        for one, laboratory in (
            (found.total_sleep_h, asleep_min / 60),
            (found.latency_min, onset_min - off_min),
            (found.awake_min, wake_min - onset_min - asleep_min),
            (found.efficiency, asleep_min / (up_min - off_min)),
        ):
            assert one.low is not None
            assert one.high is not None
            held.append(one.low <= laboratory <= one.high)
    if not held:
        pytest.skip("the shared data is not beside the project")
    assert sum(held) >= 0.88 * len(held)
