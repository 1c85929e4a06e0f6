"""Times as people read them: zones, nights on which the clocks change, unknown starts."""

import dataclasses

import pytest

from sleepjerk.night.clock import Clock
from tests.report.made_nights import demo


def clock(start: str | None, zone: str | None = None) -> Clock:
    return Clock.of(dataclasses.replace(demo().recording, start=start, zone=zone))


def test_times_are_local() -> None:
    berlin = clock("2026-11-22T21:52:04+00:00", "Europe/Berlin")
    assert berlin.second(0) == "22:52:04"
    assert berlin.minute(7200) == "00:52"
    assert berlin.hours(8000) == [(476.0, "23:00"), (4076.0, "00:00"), (7676.0, "01:00")]


def test_the_offset_of_the_start_holds_without_a_zone() -> None:
    assert clock("2026-11-22T22:52:04+05:30").second(60) == "22:53:04"
    assert clock("2026-11-22T22:52:04+05:30", "No/Where").second(60) == "22:53:04"


@pytest.mark.parametrize(
    ("start", "after"), [("2026-10-24T23:30:00+02:00", "06:30"), ("2027-03-27T23:30:00+01:00", "08:30")]
)
def test_a_change_of_the_clocks_shows(start: str, after: str) -> None:
    berlin = clock(start, "Europe/Berlin")
    assert berlin.minute(8 * 3600) == after
    assert berlin.changes(8 * 3600)


def test_an_hour_that_comes_twice_says_which_of_the_two_it_is() -> None:
    berlin = clock("2026-10-24T23:30:00+02:00", "Europe/Berlin")
    assert [label for _, label in berlin.hours(5 * 3600)] == [
        "00:00",
        "01:00",
        "02:00 CEST",
        "02:00 CET",
        "03:00",
    ]
    assert (berlin.second(3 * 3600 + 61), berlin.second(4 * 3600 + 61)) == ("02:31:01 CEST", "02:31:01 CET")
    spring = clock("2027-03-27T23:30:00+01:00", "Europe/Berlin")
    assert [label for _, label in spring.hours(4 * 3600)] == ["00:00", "01:00", "03:00", "04:00"]


@pytest.mark.parametrize("start", [None, "yesterday", "2026-11-22T22:52:04", "", "9999-12-31T23:59:59+00:00"])
def test_an_unknown_start_counts_from_the_first_sample(start: str | None) -> None:
    unknown = clock(start)
    assert not unknown.known
    assert unknown.second(3723.9) == "+1:02:03"
    assert unknown.minute(3723) == "+1:02 h"
    assert unknown.hours(7300) == [(0.0, "0 h"), (3600.0, "1 h"), (7200.0, "2 h")]
