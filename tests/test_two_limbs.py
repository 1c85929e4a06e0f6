"""Movements of wrist and ankle in one table: which are one, what they are called, and what is counted where."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sleepjerk.analysis import analyse
from sleepjerk.errors import InputError
from sleepjerk.events import COLUMNS, Label, events_text, make_events, table_of
from sleepjerk.night.document import night_from, night_text
from sleepjerk.night.model import Night
from sleepjerk.parts import Device, Placement, Provenance
from sleepjerk.recording import Recording
from sleepjerk.report.english import word_night
from sleepjerk.report.page import render_page
from sleepjerk.rules import Rules
from sleepjerk.simulate import simulate_night
from sleepjerk.two_limbs import analyse_both, began_apart, join_limbs, on_other_clock

RULES = Rules()
BOOTED_S = 4321.5
STILL = Recording(np.zeros((3, 10), dtype=np.float32), 100.0)
START = datetime(2026, 11, 22, 22, 31, 4, tzinfo=ZoneInfo("Europe/Berlin"))  # as made nights begin


def events(*moves: tuple[float, float], **columns: Any) -> pd.DataFrame:
    """A table of movements from onset to offset, s."""
    count = len(moves)
    onset_s, offset_s = np.array(moves, dtype=float).reshape(-1, 2).T
    facts: dict[str, Any] = {
        "onset_s": onset_s,
        "duration_s": offset_s - onset_s,
        "peak_g": [0.1] * count,
        "tilt_deg": [0.0] * count,
        "label": ["limb_movement"] * count,
        "series": [None] * count,
        "state": ["sleep"] * count,
        "utc": [""] * count,
        "isolated": [False] * count,
        "centroid_hz": [5.0] * count,
        "confidence": [0.5] * count,
    }
    return make_events(**facts | columns)


def joined(wrist: pd.DataFrame, ankle: pd.DataFrame) -> pd.DataFrame:
    return join_limbs(wrist, ankle, (0.01, 0.01), RULES)[0]


# Which are one.


@pytest.mark.parametrize(
    ("pause_s", "limbs"), [(0.49, ["both"]), (0.5, ["wrist", "ankle"]), (0.51, ["wrist", "ankle"])]
)
def test_two_that_follow_each_other_within_less_than_half_a_second_are_one(
    pause_s: float, limbs: list[str]
) -> None:
    table = joined(events((10.0, 11.0)), events((11.0 + pause_s, 12.0)))
    assert table["limb"].tolist() == limbs


def test_a_movement_of_both_begins_with_its_first_part_and_ends_with_its_last() -> None:
    table = joined(events((10.2, 13.0)), events((10.0, 11.0)))
    assert table[
        ["onset_s", "duration_s", "wrist_onset_s", "ankle_onset_s", "parts"]
    ].to_numpy().tolist() == [[10.0, 3.0, 10.2, 10.0, 2]]


def test_a_chain_of_four_parts_is_one_movement() -> None:
    table = joined(events((10.0, 11.0), (12.8, 13.0)), events((11.4, 12.4), (13.4, 14.0)))
    assert table[["limb", "parts", "onset_s"]].to_numpy().tolist() == [["both", 4, 10.0]]


def test_what_one_limb_does_alone_stays_as_its_recording_tells_it() -> None:
    table = joined(events((10.0, 10.2), (10.5, 10.7)), events((20.0, 20.2), (20.5, 20.7)))
    assert table["limb"].tolist() == ["wrist", "wrist", "ankle", "ankle"]


def test_twitches_of_both_limbs_are_one_however_short() -> None:
    twitch = {"label": ["sleep_twitch"], "isolated": [True]}
    table = joined(events((10.0, 10.2), **twitch), events((10.05, 10.3), **twitch))
    assert table[["limb", "label", "isolated"]].to_numpy().tolist() == [["both", "sleep_twitch", True]]


moves = st.lists(
    st.tuples(st.integers(0, 6000), st.integers(1, 400)).map(lambda move: (move[0] / 100, sum(move) / 100)),
    max_size=12,
    unique_by=lambda move: move[0],
)


@given(wrist=moves, ankle=moves)
@settings(deadline=None)
def test_every_movement_lies_in_one_row_and_rows_of_two_limbs_lie_apart(
    wrist: list[tuple[float, float]], ankle: list[tuple[float, float]]
) -> None:
    table, rows = join_limbs(events(*wrist), events(*ankle), (0.01, 0.01), RULES)
    assert table["parts"].sum() == len(wrist) + len(ankle)
    assert table["onset_s"].is_monotonic_increasing
    assert len(rows) == len(wrist)
    end_s = table["onset_s"] + table["duration_s"]
    for row, (onset_s, offset_s) in zip(rows, sorted(wrist), strict=True):
        assert table["limb"][row] != "ankle"
        assert table["onset_s"][row] <= onset_s
        assert offset_s <= end_s[row] + 1e-9
    single = table[table["limb"] != "both"]
    for limb, other in (("wrist", "ankle"), ("ankle", "wrist")):
        for onset_s in single.loc[single["limb"] == limb, "onset_s"]:
            before = table[(table["limb"] == other) & (table["onset_s"] <= onset_s)]
            assert (onset_s - end_s[before.index] >= 0.5 - 1e-6).all()


@given(wrist=moves, ankle=moves)
@settings(deadline=None)
def test_it_does_not_matter_which_board_is_named_first(
    wrist: list[tuple[float, float]], ankle: list[tuple[float, float]]
) -> None:
    one, other = joined(events(*wrist), events(*ankle)), joined(events(*ankle), events(*wrist))
    swapped = other["limb"].map({"wrist": "ankle", "ankle": "wrist", "both": "both"})
    shown = [
        sorted(zip(t["onset_s"], limb, t["parts"], strict=True))
        for t, limb in ((one, one["limb"]), (other, swapped))
    ]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(("wrist", "ankle"), [((), ()), (((1.0, 2.0),), ()), ((), ((1.0, 2.0),))])
def test_a_limb_that_never_moved_leaves_the_other_as_it_is(
    wrist: tuple[Any, ...], ankle: tuple[Any, ...]
) -> None:
    table, rows = join_limbs(
        events(*wrist) if wrist else table_of([]),
        events(*ankle) if ankle else table_of([]),
        (None, None),
        RULES,
    )
    assert (len(table), len(rows)) == (len(wrist) + len(ankle), len(wrist))


# What they are called.


@pytest.mark.parametrize(
    ("wrist", "ankle", "both"),
    [
        ("sleep_twitch", "limb_movement", "limb_movement"),
        ("limb_movement", "body_movement", "body_movement"),
        ("posture_change", "body_movement", "posture_change"),
        ("hypnic_jerk", "sleep_twitch", "hypnic_jerk"),
        ("unclassified", "sleep_twitch", "sleep_twitch"),
    ],
)
def test_a_movement_of_both_is_called_after_its_larger_part(wrist: str, ankle: str, both: str) -> None:
    assert joined(events((1, 2), label=[wrist]), events((1, 2), label=[ankle]))["label"].tolist() == [both]
    assert joined(events((1, 2), label=[ankle]), events((1, 2), label=[wrist]))["label"].tolist() == [both]


def test_series_keep_their_limb_and_no_two_share_a_number() -> None:
    periodic = ["periodic_movement"] * 2
    wrist = events((10, 11), (40, 41), label=periodic, series=[1, 1])
    ankle = events((40.2, 41), (70, 71), label=periodic, series=[1, 1])
    table = joined(wrist, ankle)
    assert table[["limb", "series", "series_limb"]].to_numpy().tolist() == [
        ["wrist", 1, "wrist"],
        ["both", 2, "ankle"],
        ["ankle", 2, "ankle"],
    ]


def test_a_twitch_of_the_arm_in_a_series_of_the_leg_is_a_movement_of_that_series() -> None:
    wrist = events((10.1, 10.4), label=["sleep_twitch"], isolated=[True])
    table = joined(wrist, events((10, 12), label=["periodic_movement"], series=[1]))
    assert table[["label", "series_limb", "isolated"]].to_numpy().tolist() == [
        ["periodic_movement", "ankle", False]
    ]


def test_a_persons_word_on_one_part_goes_before_all_that_was_detected() -> None:
    wrist = events((10, 10.3), label=["sleep_twitch"], detected=["unclassified"], isolated=[True])
    table = joined(wrist, events((10, 15), label=["body_movement"]))
    assert table[["label", "detected", "isolated"]].to_numpy().tolist() == [
        ["sleep_twitch", "unclassified", True]
    ]


@pytest.mark.parametrize(
    ("later_s", "label", "peak_g", "alone"),
    [
        (9.9, "limb_movement", 0.1, False),
        (10.1, "limb_movement", 0.1, True),
        (5.0, "unclassified", 0.005, True),
        (5.0, "unclassified", 0.1, False),
    ],
)
def test_a_twitch_stands_alone_where_the_other_limb_is_quiet_too(
    later_s: float, label: str, peak_g: float, alone: bool
) -> None:
    wrist = events((100.0, 100.2), label=["sleep_twitch"], isolated=[True])
    ankle = events((100.2 + later_s, 103.0 + later_s), label=[label], peak_g=[peak_g])
    assert joined(wrist, ankle)["isolated"].tolist() == [alone, False]


# What is counted where.


def moved(recording: Recording, later_s: float, booted_s: float = BOOTED_S) -> Recording:
    """The same, begun so much after the made wrist, by a computer that was started then."""
    device = Device(host_start_s=booted_s + later_s)
    return replace(recording, start=START + timedelta(seconds=later_s), device=device)


def recordings(
    begin_s: float = 60.0, gap_s: tuple[float, float] | None = None, **facts: Any
) -> tuple[Recording, Recording]:
    """A made wrist, and an ankle that turned as it did, lies otherwise, began later and may have a gap."""
    wrist = simulate_night(0.8, 3, "short").recording
    first = round(begin_s * wrist.rate_hz)
    acceleration_g = np.array(wrist.acceleration_g[[1, 2, 0], first:])
    gaps_s = np.empty((0, 2))
    if gap_s is not None:
        acceleration_g[:, round(gap_s[0] * wrist.rate_hz) : round(gap_s[1] * wrist.rate_hz)] = np.nan
        gaps_s = np.array([gap_s])
    made: dict[str, Any] = {"input_sha256": "b" * 64, "start": START + timedelta(seconds=begin_s)}
    ankle = Recording(
        acceleration_g,
        wrist.rate_hz,
        gaps_s,
        placement=Placement(limb="ankle"),
        provenance=Provenance(name="ankle.csv"),
        device=Device(host_start_s=BOOTED_S + begin_s),
        **made | facts,
    )
    return replace(wrist, device=replace(wrist.device, host_start_s=BOOTED_S)), ankle


@pytest.fixture(scope="module")
def night() -> Night:
    return word_night(analyse_both(*recordings()))


def test_the_night_of_two_boards_is_that_of_the_wrist_to_the_byte(night: Night) -> None:
    alone = word_night(analyse(recordings()[0]))
    assert night_text(replace(night, limbs=None)) == night_text(alone)
    assert events_text(night.table).splitlines()[0] != events_text(alone.table).splitlines()[0]


def test_limbs_that_move_together_are_counted_once(night: Night) -> None:
    limbs = night.limbs
    assert limbs is not None
    seen = limbs.events[limbs.events["both_recorded"]]
    assert set(seen["limb"]) == {"both"}
    assert len(seen) > 10
    assert not any(count for limb in ("wrist", "ankle") for count in limbs.counts[limb].values())
    assert sum(count or 0 for count in limbs.counts["both"].values()) + (limbs.restless["both"] or 0) == len(
        seen
    )
    assert (seen["wrist_onset_s"] - seen["ankle_onset_s"]).abs().max() <= 0.1


def test_the_file_of_the_night_is_read_back_and_written_the_same(night: Night) -> None:
    text = night_text(night)
    again = night_from(text, "night.json")
    assert night_text(again) == text
    assert events_text(again.table) == events_text(night.table)


def test_where_one_board_did_not_record_nothing_is_counted() -> None:
    wrist, ankle = recordings(begin_s=300.0, gap_s=(600.0, 1500.0))
    limbs = analyse_both(wrist, ankle).limbs
    assert limbs is not None
    unseen = limbs.events[~limbs.events["both_recorded"]]
    assert set(unseen["limb"]) == {"wrist"}
    assert ((unseen["onset_s"] < 300.0) | unseen["onset_s"].between(900.0, 1800.0)).all()
    assert limbs.both_h == pytest.approx((wrist.duration_s - 300.0 - 900.0) / 3600, abs=0.01)
    counted = sum(n or 0 for numbers in limbs.counts.values() for n in numbers.values())
    counted += sum(n or 0 for n in limbs.restless.values())
    assert counted == len(limbs.events) - len(unseen)
    asleep_h = analyse(wrist).sleep.analysed_h
    assert limbs.asleep_h is not None
    assert asleep_h is not None
    assert 0 < limbs.asleep_h < asleep_h - 0.2


def test_what_a_slow_sensor_on_one_limb_hides_is_unknown_for_all() -> None:
    wrist, ankle = recordings(begin_s=0.0)
    slow = replace(ankle, acceleration_g=np.array(ankle.acceleration_g[:, ::10]), rate_hz=ankle.rate_hz / 10)
    limbs = analyse_both(wrist, slow).limbs
    assert limbs is not None
    for limb in ("wrist", "ankle", "both"):
        assert limbs.counts[limb][Label.SLEEP_TWITCH] is None
        assert limbs.counts[limb][Label.BODY_MOVEMENT] is not None
        assert limbs.restless[limb] is None
    assert limbs.per_hour[Label.SLEEP_TWITCH] is None


def test_movements_before_the_wrist_began_are_kept_and_not_counted() -> None:
    wrist, ankle = recordings(begin_s=0.0)
    rest_g = np.array(wrist.acceleration_g[:, round(600 * wrist.rate_hz) :])
    later = moved(replace(wrist, acceleration_g=rest_g), 600.0)
    limbs = analyse_both(later, ankle).limbs
    assert limbs is not None
    before = limbs.events[limbs.events["onset_s"] < -1]
    assert len(before)
    assert not before["both_recorded"].any()
    assert set(before["limb"]) == {"ankle"}


@pytest.mark.parametrize("apart_s", [0.8 * 3600 + 1, -0.8 * 3600 - 1])
def test_two_that_never_recorded_at_once_are_refused(apart_s: float) -> None:
    wrist, ankle = recordings(begin_s=0.0)
    with pytest.raises(InputError, match="don't overlap"):
        analyse_both(wrist, moved(ankle, apart_s))


@pytest.mark.parametrize(
    ("wrist", "ankle", "said"),
    [
        ({}, {"input_sha256": "a"}, "the same recording twice"),
        (
            {},
            {"placement": Placement()},
            "both are said to be of the wrist.*sleepjerk analyse two.csv --limb ankle",
        ),
        (
            {"placement": Placement(limb="ankle")},
            {},
            "both are said to be of the ankle.*sleepjerk analyse one.csv --limb wrist",
        ),
        (
            {"placement": Placement(limb="ankle")},
            {"placement": Placement()},
            "name it first: sleepjerk analyse two.csv --with one.csv",
        ),
        ({}, {"provenance": Provenance(name="two.csv", night=1, nights=3)}, "one of these holds several"),
    ],
)
def test_two_that_are_not_of_two_limbs_are_refused(
    wrist: dict[str, Any], ankle: dict[str, Any], said: str
) -> None:
    still = np.zeros((3, 10), dtype=np.float32)
    first = Recording(still, 100.0, provenance=Provenance(name="one.csv"), input_sha256="a")
    second = replace(
        first, provenance=Provenance(name="two.csv"), placement=Placement(limb="ankle"), input_sha256="b"
    )
    with pytest.raises(InputError, match=said):
        analyse_both(replace(first, **wrist), replace(second, **ankle))


def test_the_wrists_sleep_lies_elsewhere_on_the_ankles_clock() -> None:
    from sleepjerk.analysis import calibrate, find_rest
    from sleepjerk.recording import Lights

    wrist = recordings()[0]
    sleep = find_rest(calibrate(wrist, RULES), Lights(None, None), RULES).sleep
    assert sleep.span_s is not None
    later_s = 100 * sleep.step_s
    there = on_other_clock(sleep, later_s, wrist.duration_s)
    onset_s, end_s = sleep.span_s
    assert there.span_s == (max(onset_s - later_s, 0.0), end_s - later_s)
    times_s = np.arange(len(sleep.near_onset) - 101) * sleep.step_s + 0.1
    np.testing.assert_allclose(there.near_onset_at(times_s), sleep.near_onset_at(times_s + later_s))
    assert on_other_clock(sleep, end_s + 10, 600.0).span_s is None


# What is said.


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_tells_of_both_and_calls_only_the_legs_series_plm(night: Night, language: str) -> None:
    limbs = night.limbs
    assert limbs is not None
    said = replace(night.periodic, said=True, series=3, movements=20, index_per_h=25.0, periodicity_index=0.8)
    both = replace(night, periodic=said, limbs=replace(limbs, periodic=said))
    page = render_page(both, language)
    arm, leg = ("Periodic arm movements", "PLM") if language == "en" else ("Periodische Armbewegungen", "PLM")
    assert arm in page
    section = page[page.index('id="limbs"') : page.index('id="strips"')]
    assert leg in section
    sheets = page[page.index('class="sheets"') :]
    own = page.replace(section, "").replace(sheets, "")
    assert "PLM" not in own.split('<h2 id="claims">')[0].split("</style>")[1]
    assert (
        "PLM"
        not in render_page(replace(both, limbs=None), language)
        .split('<h2 id="claims">')[0]
        .split("</style>")[1]
    )


@pytest.mark.parametrize(
    ("device", "start", "said"),
    [
        (Device(), True, "two.csv: there is no clock log beside it"),
        (Device(clock_doubt="short"), True, "two.csv: its clock log is too short"),
        (Device(clock_doubt="other"), True, "two.csv: its clock log does not fit it"),
        (Device(host_start_s=10.0), False, "two.csv: there is no clock log beside it, or no start is known"),
    ],
)
def test_a_recording_that_is_on_no_computers_clock_is_refused(device: Device, start: bool, said: str) -> None:
    wrist, ankle = recordings(begin_s=0.0)
    ankle = replace(
        ankle, device=device, start=ankle.start if start else None, provenance=Provenance(name="two.csv")
    )
    with pytest.raises(InputError, match=said):
        analyse_both(wrist, ankle)


@given(booted_s=st.floats(10, 1e7), later_s=st.floats(-1e4, 1e4), slewed_s=st.floats(-0.4, 0.4))
def test_one_computer_is_known_by_when_it_was_started_and_its_clock_decides(
    booted_s: float, later_s: float, slewed_s: float
) -> None:
    wrist = moved(STILL, 0.0, booted_s)
    ankle = moved(STILL, later_s, booted_s)
    assert ankle.start is not None
    slewed = replace(ankle, start=ankle.start + timedelta(seconds=slewed_s))
    apart = began_apart(wrist, slewed, RULES.reading)
    assert apart.clock == "host"
    assert apart.apart_s == pytest.approx(later_s, abs=1e-5)


def test_a_wall_clock_that_only_one_saw_put_right_makes_no_second_computer() -> None:
    ankle = moved(STILL, 100.0)
    wrist = moved(STILL, 60.0)
    assert wrist.start is not None
    device = Device(host_start_s=BOOTED_S, clock_step_s=60.0)
    mended = replace(wrist, device=device)  # its start is right, the ankle's is as the clock was
    apart = began_apart(mended, ankle, RULES.reading)
    assert (apart.clock, apart.apart_s) == ("host", pytest.approx(100.0))


def test_boards_of_two_computers_are_told_to_be_unsure() -> None:
    wrist, ankle = recordings(begin_s=0.0)
    limbs = analyse_both(wrist, moved(ankle, 0.0, booted_s=99.0)).limbs
    assert limbs is not None
    assert next(message.key for message in limbs.messages) == "warning.two_computers"


def test_columns_of_two_boards_do_not_stay_in_the_table_of_one(night: Night) -> None:
    from sleepjerk.events import with_added_columns

    mine = night.table.assign(seen_by="my wife")
    again = with_added_columns(events_text(night.events), events_text(mine))
    assert again.splitlines()[0].split(",") == [*COLUMNS, "seen_by"]
