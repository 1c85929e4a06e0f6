"""A recording of several days is cut into nights, and each is the night that it would be alone."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv, feather, parquet

from sleepjerk import InputError, Rules
from sleepjerk.analysis import analyse
from sleepjerk.cli import main
from sleepjerk.history.database import History
from sleepjerk.night.document import to_document
from sleepjerk.reading import read_nights, read_recording
from sleepjerk.reading.nights import Looks, find_cuts
from sleepjerk.recording import Recording
from sleepjerk.rules import CuttingRules
from tests.reading.made_files import made_g, put, stamps_us, table
from tests.support.in_process import Here
from tests.support.marks import a_few

PROJECT = Path(__file__).resolve().parents[2]
RULES = CuttingRules()
BERLIN = ZoneInfo("Europe/Berlin")

# Nights of minutes: 15 min from 11:51 on, cut at noon.
SMALL = CuttingRules(from_h=0.1, least_h=0.02)
START = datetime(2026, 11, 20, 11, 51, 0, tzinfo=BERLIN)
NOON_S = 540.0
G = made_g(seconds=900.0, seed=8)
TIME_US = stamps_us(G.shape[1])
NOON_ROW = 54_000


def never() -> Looks:
    raise AssertionError("nobody needs to look where the clock tells")


@cache
def axes() -> list[str]:
    return [",".join(f"{v:.3f}" for v in row) for row in G.T.tolist()]


@cache
def stamps(stamp: Callable[[int], object]) -> list[object]:
    return [stamp(us) for us in TIME_US.tolist()]


def lines(
    begin: int = 0, end: int = len(TIME_US), stamp: Callable[[int], object] = int
) -> list[list[object]]:
    return [[at, row] for at, row in zip(stamps(stamp)[begin:end], axes()[begin:end], strict=True)]


def iso(microseconds: int) -> str:
    moment = START + timedelta(microseconds=microseconds)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def iso_zone(microseconds: int) -> str:
    return iso(microseconds) + "+01:00"


@cache
def text_of_a_week(stamp: Callable[[int], object] = iso_zone, time: str = "time") -> str:
    return table(f"{time},x_g,y_g,z_g", lines(stamp=stamp))


def nights_of(path: Path, **told: str | float) -> list[dict[str, object]]:
    rules = replace(Rules(), cutting=SMALL)
    return [to_document(analyse(night, rules)) for night in read_nights(path, rules=rules, **told)]


def numbers(document: dict[str, object]) -> dict[str, object]:
    """All that a night says but for the file it comes from."""
    recording = dict(document["recording"])  # type: ignore[call-overload]
    for key in ("name", "night", "nights", "from_s", "notes"):
        recording.pop(key)
    return {**document, "recording": recording, "input_sha256": None}


# Where the cuts are, by hand.


def test_a_recording_of_36_h_holds_one_night_and_a_longer_one_more() -> None:
    evening = datetime.fromisoformat("2026-11-20T18:00")
    assert find_cuts(36 * 3600, evening, never, RULES) == []
    assert find_cuts(36.1 * 3600, evening, never, RULES) == [18 * 3600]


def test_days_are_cut_at_noon() -> None:
    evening = datetime.fromisoformat("2026-11-20T18:00")
    assert find_cuts(84 * 3600, evening, never, RULES) == [18 * 3600, 42 * 3600, 66 * 3600]


def test_what_is_shorter_than_4_h_at_an_end_stays_with_the_night_beside_it() -> None:
    assert find_cuts(50 * 3600, datetime.fromisoformat("2026-11-20T09:00"), never, RULES) == [27 * 3600]
    assert find_cuts(46.5 * 3600, datetime.fromisoformat("2026-11-20T16:00"), never, RULES) == [20 * 3600]


@pytest.mark.parametrize(
    ("start", "cuts_h"),
    [
        (datetime(2026, 10, 24, 18, 0, tzinfo=BERLIN), [19, 43]),  # the clocks go back at 03:00
        (datetime(2026, 3, 28, 18, 0, tzinfo=BERLIN), [17, 41]),  # they go ahead
    ],
)
def test_noon_is_noon_on_the_day_the_clocks_change(start: datetime, cuts_h: list[float]) -> None:
    assert find_cuts(60 * 3600, start, never, RULES) == [hour * 3600 for hour in cuts_h]


def test_without_a_clock_it_is_cut_where_the_days_are_liveliest() -> None:
    time_s = np.arange(0, 72 * 3600, 900.0)
    hour = time_s / 3600 % 24
    asleep = (hour >= 2) & (hour < 10)
    # One hour of riding a bus is stronger than all, but on one day only.
    spread = np.where(asleep, 0.005, np.where((hour >= 17) & (hour < 19), 0.3, 0.1))
    spread[(time_s >= 36 * 3600) & (time_s < 37 * 3600)] = 2.0
    assert find_cuts(72 * 3600, None, lambda: Looks(time_s, spread), RULES) == [
        18 * 3600,
        42 * 3600,
        66 * 3600,
    ]


def test_without_anything_to_look_at_it_is_still_cut() -> None:
    nothing = Looks(np.array([0.0]), np.array([np.nan]))
    assert find_cuts(72 * 3600, None, lambda: nothing, RULES) == [12 * 3600, 36 * 3600, 60 * 3600]


@given(
    hours=st.floats(0.1, 400.0),
    start=st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2040-01-01")),
    zone=st.sampled_from([None, UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_every_night_but_those_at_the_ends_lasts_a_day_and_none_is_too_short(
    hours: float, start: datetime, zone: ZoneInfo | None
) -> None:
    cuts = find_cuts(hours * 3600, start.replace(tzinfo=zone), never, RULES)
    lengths = np.diff([0.0, *cuts, hours * 3600])
    assert (lengths[1:-1] / 3600 >= 23 - 1e-6).all()  # the clocks change on some of these days
    assert (lengths[1:-1] / 3600 <= 25 + 1e-6).all()
    if cuts:
        assert (lengths / 3600 >= 4 - 1e-6).all()
        assert (lengths / 3600 <= 29 + 1e-6).all()


# Each night is what it would be alone.

KINDS = {
    "ISO without a zone": ("time,x_g,y_g,z_g", iso, {}),
    "ISO with a zone": ("time,x_g,y_g,z_g", iso_zone, {}),
    "ISO without a zone, and --zone": ("time,x_g,y_g,z_g", iso, {"zone": "Europe/Berlin"}),
    "Unix milliseconds and --zone": (
        "timestamp,x_g,y_g,z_g",
        lambda us: round(START.timestamp() * 1000) + us // 1000,
        {"zone": "Europe/Berlin"},
    ),
}


@pytest.mark.parametrize("kind", a_few(KINDS, of=4))
def test_a_night_of_a_week_is_the_night_that_its_rows_are_alone(kind: str, tmp_path: Path) -> None:
    header, stamp, told = KINDS[kind]
    whole = put(tmp_path, table(header, lines(stamp=stamp)), "week.csv")
    first, second = nights_of(whole, **told)
    alone = [
        nights_of(put(tmp_path, table(header, lines(begin, end, stamp)), f"{begin}.csv"), **told)[0]
        for begin, end in ((0, NOON_ROW), (NOON_ROW, len(TIME_US)))
    ]
    assert numbers(first) == numbers(alone[0])
    assert numbers(second) == numbers(alone[1])
    assert first["recording"]["night"] == 1
    assert second["recording"]["nights"] == 2
    assert second["recording"]["from_s"] == pytest.approx(NOON_S, abs=1e-6)


def test_the_recorders_own_file_is_cut_by_its_name_and_starts_at_noon(tmp_path: Path) -> None:
    path = put(tmp_path, text_of_a_week(int, "t_us"), "2026-11-20T115100+0100.csv")
    first, second = read_nights(path, rules=replace(Rules(), cutting=SMALL))
    assert first.start == START
    assert second.start == START + timedelta(seconds=NOON_S)
    assert first.acceleration_g.shape[1] == NOON_ROW
    assert np.array_equal(second.acceleration_g, G[:, NOON_ROW:].astype(np.float32))


def test_rows_without_times_are_cut_by_counting_them(tmp_path: Path) -> None:
    rows = [row[1:] for row in lines()]
    path = put(tmp_path, table("x_g,y_g,z_g", rows), "2026-11-20T115100+0100.csv")
    first, second = read_nights(path, rate_hz=100.0, rules=replace(Rules(), cutting=SMALL))
    assert first.acceleration_g.shape[1] == NOON_ROW
    assert second.start == START + timedelta(seconds=NOON_S)
    assert np.array_equal(second.acceleration_g, G[:, NOON_ROW:].astype(np.float32))


@pytest.mark.slow
def test_a_packed_week_is_cut_like_the_week_itself(tmp_path: Path) -> None:
    text = text_of_a_week(iso)
    plain = nights_of(put(tmp_path, text, "week.csv"))
    packed = nights_of(put(tmp_path, gzip.compress(text.encode()), "week.csv.gz"))
    assert [numbers(night) for night in packed] == [numbers(night) for night in plain]


# How columns hold the same times: name, times, what must be told, name of the file.
COLUMN_KINDS = {
    "moments with a zone": ("time", lambda us: START + us, {"zone": "Europe/Berlin"}, "week"),
    "moments without a zone": ("time", lambda us: (START + us).tz_localize(None), {}, "week"),
    "microseconds": ("t_us", lambda us: us // pd.Timedelta(microseconds=1), {}, "2026-11-20T115100+0100"),
    "no times": (None, None, {"rate_hz": 100.0}, "2026-11-20T115100+0100"),
}


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".parquet", ".feather"])
@pytest.mark.parametrize("kind", COLUMN_KINDS)
def test_a_week_of_columns_is_cut_like_a_week_of_text(kind: str, ending: str, tmp_path: Path) -> None:
    name, times, told, stem = COLUMN_KINDS[kind]
    rows = pd.DataFrame({f"{axis}_g": np.round(G[row], 3) for row, axis in enumerate("xyz")})
    if name is not None:
        rows.insert(0, name, times(pd.to_timedelta(TIME_US, unit="us")))
    rows.to_csv(tmp_path / f"{stem}.csv", index=False)
    expected = nights_of(tmp_path / f"{stem}.csv", **told)
    columns = pa.Table.from_pandas(rows, preserve_index=False)
    if ending == ".parquet":
        parquet.write_table(columns, tmp_path / f"{stem}{ending}", row_group_size=7_001)
    else:
        feather.write_feather(columns, tmp_path / f"{stem}{ending}", chunksize=7_001)
    found = nights_of(tmp_path / f"{stem}{ending}", **told)
    assert len(found) == 2
    assert [numbers(night) for night in found] == [numbers(night) for night in expected]
    assert found[1]["recording"]["from_s"] == pytest.approx(NOON_S, abs=1e-6)


def test_columns_without_a_clock_are_cut_where_the_days_are_liveliest(tmp_path: Path) -> None:
    """Three days at 2 Hz, each lively for as long as is looked for, around its 18th hour."""
    seconds = np.arange(0, 3 * 86400, 0.5)
    lively = np.abs(seconds % 86400 - 18 * 3600) < RULES.busy_h * 1800
    rng = np.random.default_rng(3)
    axes = rng.normal(0, np.where(lively, 0.3, 0.01), (3, len(seconds))) + np.array([[0], [0], [1]])
    rows = pa.table(
        [pa.array(seconds), *(pa.array(axis) for axis in axes)], names=["t_s", "x_g", "y_g", "z_g"]
    )
    parquet.write_table(rows, tmp_path / "days.parquet")
    rules = Rules()
    slow = replace(rules, reading=replace(rules.reading, min_rate_hz=1.0, gap_s=1.0))
    nights = list(read_nights(tmp_path / "days.parquet", rules=slow))
    assert [night.provenance.from_s for night in nights] == pytest.approx(
        [0, 18 * 3600, 42 * 3600, 66 * 3600], abs=900
    )


def test_damage_at_the_cut_belongs_to_one_night_and_is_named_by_its_line_in_the_file(tmp_path: Path) -> None:
    rows = text_of_a_week(iso).split("\n")
    rows[NOON_ROW + 10] = "broken,,"
    rows[5] = "broken,,"
    path = put(tmp_path, "\n".join(rows), "week.csv")
    first, second = read_nights(path, rules=replace(Rules(), cutting=SMALL))
    assert [first.damage.rejected_rows, second.damage.rejected_rows] == [1, 1]
    assert any("line 6 " in note for note in first.provenance.notes)
    assert any(f"line {NOON_ROW + 11} " in note for note in second.provenance.notes)


def test_a_night_that_lies_in_a_gap_is_none(tmp_path: Path) -> None:
    """Off from before the first noon until after the second."""
    kept = [*range(30_000), *range(30_000, 90_000)]
    shifted = [int(TIME_US[row]) + (0 if row < 30_000 else 26 * 3600 * 10**6) for row in kept]
    rows = [[stamp, *(f"{v:.3f}" for v in G[:, row])] for row, stamp in zip(kept, shifted, strict=True)]
    path = put(tmp_path, table("t_us,x_g,y_g,z_g", rows), "2026-11-20T115100+0100.csv")
    nights = list(read_nights(path, rules=replace(Rules(), cutting=SMALL)))
    assert [night.acceleration_g.shape[1] for night in nights] == [30_000, 60_000]
    assert nights[1].start == START + timedelta(seconds=300 + 26 * 3600)


def test_one_night_can_be_asked_for(tmp_path: Path) -> None:
    path = put(tmp_path, text_of_a_week(iso), "week.csv")
    rules = replace(Rules(), cutting=SMALL)
    (second,) = read_nights(path, night=2, rules=rules)
    assert second.provenance.night == 2
    with pytest.raises(InputError, match=r"--night 3: its nights are 1 to 2"):
        list(read_nights(path, night=3, rules=rules))
    with pytest.raises(InputError, match=r"--night 2: it holds one night"):
        list(read_nights(path, night=2))


def test_the_whole_can_still_be_read_at_once(tmp_path: Path) -> None:
    path = put(tmp_path, text_of_a_week(iso), "week.csv")
    whole = read_recording(path, rules=replace(Rules(), cutting=SMALL))
    assert whole.acceleration_g.shape[1] == G.shape[1]
    assert whole.provenance.night is None


# Clocks and damage around a cut.


def small(path: Path, **told: str | float | int) -> list[Recording]:
    return list(read_nights(path, rules=replace(Rules(), cutting=SMALL), **told))  # type: ignore[arg-type]


def test_stamps_without_a_zone_take_the_start_of_the_files_name_and_go_on_from_it(tmp_path: Path) -> None:
    path = put(tmp_path, text_of_a_week(iso), "2026-11-20T115100+0100.csv")
    assert [night.start for night in small(path)] == [START, START + timedelta(seconds=NOON_S)]


@pytest.mark.parametrize(
    ("sidecar", "told", "seconds"),
    [
        ({"start_utc": "2026-11-20T10:51:00+00:00"}, {"zone": "Europe/Berlin"}, NOON_S),
        ({"start_utc": "2026-11-20T10:51:00+00:00", "zone": "Europe/Berlin"}, {}, NOON_S),
        ({"start_utc": "2026-11-20T19:51:00+00:00"}, {"zone": "America/Los_Angeles"}, NOON_S),
    ],
)
def test_noon_is_that_of_the_zone_that_was_told(
    sidecar: dict[str, str], told: dict[str, str], seconds: float, tmp_path: Path
) -> None:
    path = put(tmp_path, text_of_a_week(int, "t_us"), "week.csv")
    put(tmp_path, json.dumps(sidecar), "week.json")
    assert [night.provenance.from_s for night in small(path, **told)] == [0, seconds]


def test_in_utc_without_a_zone_nobody_knows_when_noon_is(tmp_path: Path) -> None:
    """Then it is cut where it is liveliest, which 15 minutes can't tell: at any rate not at noon in Greenwich."""
    path = put(tmp_path, text_of_a_week(int, "t_us"), "2026-11-20T115100Z.csv")
    assert NOON_S not in [night.provenance.from_s for night in small(path)]


@pytest.mark.slow
def test_an_hour_more_in_autumn_is_an_hour_more_after_the_first_sample(tmp_path: Path) -> None:
    """From before the clocks go back until after noon, a row every 0.16 s."""
    first = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN).astimezone(UTC)
    moments = [(first + timedelta(seconds=0.16 * row)).astimezone(BERLIN) for row in range(262_000)]
    rows = [
        [moment.replace(tzinfo=None).isoformat(timespec="milliseconds"), *G[:, row % 1000]]
        for row, moment in enumerate(moments)
    ]
    path = put(tmp_path, table("time,x_g,y_g,z_g", rows), "week.csv")
    second = small(path, zone="Europe/Berlin")[-1]
    assert second.start == datetime(2026, 10, 25, 12, 0, tzinfo=BERLIN)
    assert second.provenance.from_s == pytest.approx(11.5 * 3600)


def test_rows_without_values_at_the_beginning_leave_the_times_what_they_are(tmp_path: Path) -> None:
    rows = [[row * 10, "nan", "nan", "nan"] for row in range(16_000)]
    rows += [[row * 10, *(f"{v:.3f}" for v in G[:, row])] for row in range(16_000, 60_000)]
    (night,) = read_nights(put(tmp_path, table("t_ms,x_g,y_g,z_g", rows), "night.csv"))
    assert night.duration_s == pytest.approx(440)


def test_a_wrong_time_in_the_last_row_or_the_first_costs_that_row_only(tmp_path: Path) -> None:
    rows = lines()
    rows[-1][0], rows[0][0] = 0, 10**15
    path = put(tmp_path, table("t_us,x_g,y_g,z_g", rows), "2026-11-20T115100+0100.csv")
    nights = small(path)
    assert [night.damage.rejected_rows for night in nights] == [1, 1]
    # The first row left is of 0.01 s, and noon is told from it.
    assert nights[1].start == START + timedelta(seconds=NOON_S + 0.01)


def test_a_wild_time_in_the_first_row_of_a_night_moves_no_clock(tmp_path: Path) -> None:
    rows = lines()
    rows[NOON_ROW][0] = int(TIME_US[NOON_ROW]) + 5 * 3600 * 10**6
    path = put(tmp_path, table("t_us,x_g,y_g,z_g", rows), "2026-11-20T115100+0100.csv")
    night = small(path)[1]
    assert night.start == START + timedelta(seconds=NOON_S + 0.01)
    assert night.provenance.from_s == pytest.approx(NOON_S + 0.01)


def test_counted_rows_that_were_left_out_still_count(tmp_path: Path) -> None:
    rows = [row[1:] for row in lines()]
    for row in range(NOON_ROW, NOON_ROW + 600):
        rows[row] = ["nan"] * 3
    path = put(tmp_path, table("x_g,y_g,z_g", rows), "2026-11-20T115100+0100.csv")
    night = small(path, rate_hz=100.0)[1]
    assert night.start == START + timedelta(seconds=NOON_S + 6)
    assert night.provenance.from_s == pytest.approx(NOON_S + 6)


def test_a_clock_that_began_again_is_refused_and_no_night_is_given_a_wrong_date(tmp_path: Path) -> None:
    rows = lines()
    for row in range(60_000, len(rows)):
        rows[row][0] = (row - 60_000) * 10_000
    path = put(tmp_path, table("t_us,x_g,y_g,z_g", rows), "2026-11-20T115100+0100.csv")
    with pytest.raises(InputError, match="time runs backwards"):
        small(path)


def test_a_time_unit_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    path = put(tmp_path, table("t_us,x_g,y_g,z_g", lines(end=500)), "night.csv")
    with pytest.raises(InputError, match="--time-unit iso, but the time column holds numbers"):
        small(path, time_unit="iso")
    with pytest.raises(InputError, match="only 1 row"):
        small(put(tmp_path, "x_g,y_g,z_g\n0,0,1\n", "one.csv"), rate_hz=100.0)


def test_lights_that_went_off_before_the_recording_belong_to_its_first_night(tmp_path: Path) -> None:
    path = put(tmp_path, text_of_a_week(), "week.csv")
    put(tmp_path, json.dumps({"lights_off": "2026-11-20T11:46:00+01:00"}), "week.json")
    first, second = small(path)
    assert first.seconds_at(first.marks.lights_off) == 0
    assert second.marks.lights_off is None


# As a person meets it.


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """Two nights of minutes, whose first has a spoilt part, and rules that cut them."""
    put(tmp_path, "[cutting]\nfrom_h = 0.1\nleast_h = 0.02\n", "rules.toml")
    return put(tmp_path, text_of_a_week(), "week.csv")


def told(path: Path) -> list[str]:
    return ["--rules", str(path.parent / "rules.toml")]


def test_each_night_has_results_of_its_own(week: Path) -> None:
    assert main(["analyse", str(week), *told(week)]) == 0
    documents = sorted(path.name for path in week.parent.glob("week*.night.json"))
    assert documents == ["week.night1.night.json", "week.night2.night.json"]
    second = json.loads((week.parent / "week.night2.night.json").read_text())
    assert second["recording"]["from_s"] == pytest.approx(NOON_S)
    assert (week.parent / "week.night2.events.csv").exists()


def test_a_night_that_cannot_be_used_costs_no_other(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = week.read_text().split("\n")
    for row in range(100, 20_000, 2):
        rows[row] = "broken"
    week.write_text("\n".join(rows))
    assert main(["analyse", str(week), *told(week)]) == 2
    assert [path.name for path in week.parent.glob("week*.night.json")] == ["week.night2.night.json"]
    said = capsys.readouterr().err
    assert "1 of 2 nights can't be used" in said
    assert "line 101" in said
    assert "Traceback" not in said


def test_a_page_is_written_for_each_night_or_for_the_last_one_where_one_is_asked_for(
    week: Path, tmp_path: Path
) -> None:
    assert main(["report", str(week), "--no-diary", *told(week)]) == 0
    assert {path.name for path in tmp_path.glob("*.html")} == {
        "week.night1.report.html",
        "week.night2.report.html",
    }
    assert main(["report", str(week), "--no-diary", "--out", str(tmp_path / "one.html"), *told(week)]) == 0
    assert (tmp_path / "one.html").read_text() == (tmp_path / "week.night2.report.html").read_text()
    first = str(tmp_path / "week.night1.night.json")
    assert main(["report", first, "--no-diary", "--out", str(tmp_path / "first.html")]) == 0
    assert (tmp_path / "first.html").read_text() == (tmp_path / "week.night1.report.html").read_text()


def test_a_mark_of_one_night_is_none_of_another(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(week), "--lights-off", "2026-11-20T12:01", *told(week)]) == 0
    assert "outside night 1" in capsys.readouterr().err
    assert len(list(week.parent.glob("week*.night.json"))) == 2
    assert main(["analyse", str(week), "--lights-off", "300", *told(week)]) == 2
    assert "give a clock time" in capsys.readouterr().err


@pytest.mark.slow
def test_every_night_of_a_week_is_kept_in_the_diary_once(week: Path, tmp_path: Path) -> None:
    diary = tmp_path / "diary.sqlite"
    for _ in range(2):
        assert main(["report", str(week), "--diary", str(diary), *told(week)]) == 0
    with History(diary) as history:
        assert [line.night for line in history.nights("wrist")] == ["2026-11-19", "2026-11-20"]
    second = json.loads((tmp_path / "week.night2.night.json").read_text())
    assert second["week"]["recorded"] == 2


@pytest.mark.slow
def test_what_needs_one_night_says_which_there_are(
    week: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "parquet")]
    assert main(["export", str(week), "--to", "parquet", *out, *told(week)]) == 2
    assert "say which with --night 1 to 2" in capsys.readouterr().err
    assert main(["export", str(week), "--to", "parquet", "--night", "2", *out, *told(week)]) == 0
    assert (tmp_path / "parquet" / "week.night2.events.parquet").exists()
    assert main(["analyse", str(week), *told(week)]) == 0
    assert main(["correct", str(week), "--event", "0", "--label", "body_movement", *told(week)]) == 2
    assert "--night N" in capsys.readouterr().err


@pytest.mark.slow
def test_an_event_of_one_night_is_corrected_without_touching_another(week: Path) -> None:
    assert main(["analyse", str(week), *told(week)]) == 0
    before = (week.parent / "week.night1.night.json").read_bytes()
    said = ["--night", "2", "--event", "0", "--label", "body_movement"]
    assert main(["correct", str(week), *said, *told(week)]) == 0
    events = pd.read_csv(week.parent / "week.night2.events.csv")
    assert events["label"].iloc[0] == "body_movement"
    assert (week.parent / "week.night1.night.json").read_bytes() == before


@pytest.mark.slow
def test_a_batch_has_a_row_for_each_night_and_one_for_what_could_not_be_used(
    week: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sleepjerk.batch.spread.Processes", Here)
    out = tmp_path / "out"
    line = ["batch", str(week), "--out", str(out), "--jobs", "1", *told(week)]
    assert main(line) == 0
    rows = pd.read_csv(out / "batch.csv")
    assert rows["night"].tolist() == [1, 2]
    assert rows["state"].tolist() == ["done", "done"]
    (out / "week.night2.events.csv").unlink()
    assert main(line) == 0
    assert (out / "week.night2.events.csv").exists()
    text = week.read_text().split("\n")
    text[100:20_000:2] = ["broken"] * len(text[100:20_000:2])
    week.write_text("\n".join(text))
    assert main(line) == 2
    rows = pd.read_csv(out / "batch.csv")
    assert rows["state"].tolist() == ["done", "refused"]
    assert "line 101" in rows["reason"].iloc[1]


def test_check_tells_of_each_night(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(week), "--json", *told(week)]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["night"] for one in found] == [1, 2]
    assert found[1]["hours"] == pytest.approx(360 / 3600, abs=1e-4)


# Memory.

PEAK = """
import resource, sys
from sleepjerk.cli import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(code)
"""


def write_days(path: Path, hours: float, rate_hz: int = 25) -> Path:
    """An arm that turns over every 20 minutes, with noise: in the recorder's layout."""
    count = round(hours * 3600 * rate_hz)
    rng = np.random.default_rng(5)
    turn = rng.normal(size=(3, count // (1200 * rate_hz) + 1))
    rest = np.repeat(turn / np.linalg.norm(turn, axis=0), 1200 * rate_hz, axis=1)[:, :count]
    time_us = np.arange(count, dtype=np.int64) * (1_000_000 // rate_hz)
    axes = [np.round(axis + rng.normal(0, 0.004, count), 4) for axis in rest]
    rows = pa.table(
        [pa.array(time_us), *(pa.array(axis) for axis in axes)], names=["t_us", "x_g", "y_g", "z_g"]
    )
    if path.suffix == ".parquet":
        parquet.write_table(rows, path)
    else:
        csv.write_csv(rows, path, csv.WriteOptions(quoting_style="none"))
    return path


def peak_of(path: Path) -> int:
    """Peak memory of analysing a recording in a process of its own."""
    line = [sys.executable, "-c", PEAK, "analyse", str(path), "--out", str(path.parent / "results")]
    done = subprocess.run(line, capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_four_days_need_little_more_memory_than_one(ending: str, tmp_path: Path) -> None:
    """Of every day 24 h, so that each night is as long as the one day; a week at 100 Hz is in tests/benchmarks."""
    places = [tmp_path / name for name in ("one", "four")]
    for place in places:
        place.mkdir()
    name = f"2026-11-20T120000+0100{ending}"
    one, four = (write_days(place / name, hours) for place, hours in zip(places, (24, 96), strict=True))
    assert peak_of(four) <= 1.3 * peak_of(one)
    assert len(list((places[1] / "results").glob("*.night.json"))) == 4
