"""Stamps written as text: what Python's own datetime says of them, in every layout, across words and chunks."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.reading.iso import decode_stamps
from sleepjerk.rules import ReadingRules

RULES = ReadingRules()

FIRST, LAST = (datetime.fromisoformat(day) for day in ("2000-01-01", "2099-12-30"))
moments = st.datetimes(FIRST, LAST)
zones = st.sampled_from(["", "Z", "+00:00", "+05:30", "-03:00", "+0200", "-1100"])


def written(moment: datetime, digits: int, zone: str, middle: str) -> str:
    """A stamp with so many digits of a second, cut off as loggers do."""
    fraction = f".{moment.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%d}{middle}{moment:%H:%M:%S}{fraction}{zone}"


def since_1970_s(stamp: str) -> float:
    """What Python's datetime makes of it, in UTC or by the clock on the wall."""
    moment = datetime.fromisoformat(stamp)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)


def decoded(stamps: list[str], spare: int = 8) -> np.ndarray:
    width = max(len(stamp) for stamp in stamps) + spare
    return decode_stamps(np.array(stamps, dtype=f"S{width}"), RULES).since_1970_s()


@given(st.lists(moments, min_size=1, max_size=40), st.integers(0, 6), zones, st.sampled_from("T "))
def test_a_stamp_is_the_moment_that_datetime_says(
    times: list[datetime], digits: int, zone: str, middle: str
) -> None:
    stamps = [written(moment, digits, zone, middle) for moment in times]
    np.testing.assert_allclose(decoded(stamps), [since_1970_s(stamp) for stamp in stamps], rtol=0, atol=2e-6)


@given(moments, st.integers(0, 6), zones, st.integers(0, 15))
def test_the_width_of_the_column_changes_nothing(first: datetime, digits: int, zone: str, spare: int) -> None:
    stamps = [written(first + timedelta(milliseconds=10 * row), digits, zone, "T") for row in range(30)]
    np.testing.assert_array_equal(decoded(stamps, spare), decoded(stamps, 0))


@given(st.integers(0, 29), st.sampled_from(list("-:.T05x\xff")), st.integers(0, 22))
def test_one_odd_sign_changes_no_other_row(row: int, sign: str, place: int) -> None:
    first = datetime.fromisoformat("2026-11-22T23:59:59")
    sound = [written(first + timedelta(milliseconds=100 * number), 3, "", "T") for number in range(30)]
    odd = list(sound)
    odd[row] = odd[row][:place] + sign + odd[row][place + 1 :]
    others = np.arange(30) != row
    ours = decode_stamps(np.array([stamp.encode("latin-1") for stamp in odd], dtype="S32"), RULES)
    theirs = decode_stamps(np.array(sound, dtype="S32"), RULES)
    apart_s = ours.since_1970_s()[others] - theirs.since_1970_s()[others]
    assert np.max(np.abs(apart_s)) < 1e-4  # a first stamp of another age leaves fewer digits


def test_a_night_across_midnight_and_many_blocks_counts_evenly() -> None:
    start = np.datetime64("2026-12-31T23:50:00.000")
    moments = start + np.arange(150_000) * np.timedelta64(10, "ms")
    stamps = decode_stamps(np.datetime_as_string(moments).astype("S32"), RULES)
    np.testing.assert_allclose(stamps.seconds, 85_800 + np.arange(150_000) / 100, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-13-01T00:00:00.000",
        "2026-02-30T00:00:00.000",
        "0000-00-00T00:00:00.000",
        "999999999-01-01T00:00:00",
        "1.1.999999999 00:00:00",
    ],
)
def test_a_day_that_no_calendar_has_is_no_moment(stamp: str) -> None:
    times = decoded(["2026-01-01T00:00:00.000", stamp, "2026-01-01T00:00:01.000"])
    assert np.isfinite(times).tolist() == [True, False, True]
