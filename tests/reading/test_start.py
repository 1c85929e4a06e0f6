"""A date for a recording that has none, or a wrong one: what a person says of the first sample holds for all."""

import json
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import sleepjerk as sj
from sleepjerk.cli import main
from sleepjerk.errors import InputError
from sleepjerk.night.document import read_night

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    rows = [f"{1_000_000 + 20_000 * row},0.1,0.2,{0.9 + row % 7 / 1000:.3f}" for row in range(500)]
    path = tmp_path / "n.csv"
    path.write_text("\n".join(["t_us,x_g,y_g,z_g", *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("said", "zone", "meant"),
    [
        ("2026-11-22T22:45+01:00", None, "2026-11-22T22:45+01:00"),
        ("2026-11-22 22:45:30.5-08:00", None, "2026-11-22T22:45:30.5-08:00"),
        ("2026-11-22T22:45", "Europe/Berlin", "2026-11-22T22:45+01:00"),
        ("2026-07-22T22:45", "Europe/Berlin", "2026-07-22T22:45+02:00"),
        ("2026-11-22T21:45Z", "Europe/Berlin", "2026-11-22T22:45+01:00"),
    ],
)
def test_the_first_sample_was_taken_when_a_person_says(
    few: Path, said: str, zone: str | None, meant: str
) -> None:
    made = sj.read_recording(few, start=said, zone=zone)
    assert made.start is not None
    assert made.start.isoformat() == datetime.fromisoformat(meant).isoformat()
    assert "start: as you said" in made.provenance.notes
    assert "start: unknown" not in made.provenance.notes
    plain = sj.read_recording(few)
    assert plain.start is None
    np.testing.assert_array_equal(made.acceleration_g, plain.acceleration_g)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no tzset")
def test_without_any_zone_it_is_the_clock_of_this_computer(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        start = sj.read_recording(few, start="2026-11-22T22:45").start
    finally:
        monkeypatch.undo()
        time.tzset()
    assert start == datetime.fromisoformat("2026-11-22T22:45-05:00")


@pytest.mark.parametrize(
    "said", ["22:45", "2026-11-22", "soon", "", "0001-01-01T00:00", "9999-12-31T23:59-23:00"]
)
def test_what_is_no_date_and_time_is_one_sentence(few: Path, said: str) -> None:
    with pytest.raises(InputError, match=r"--start .*: give date and time of the first sample"):
        sj.read_recording(few, start=said)


def test_it_goes_before_the_files_own_clock_and_marks_by_that_go_along(few: Path) -> None:
    sidecar = {"start_utc": "2026-11-22T20:00:00+00:00", "zone": "Europe/Berlin", "limb": "wrist"}
    sidecar["lights_off"] = "2026-11-22T21:00:04+01:00"
    few.with_suffix(".json").write_text(json.dumps(sidecar))
    wrong, right = sj.read_recording(few), sj.read_recording(few, start="2026-11-23T22:00")
    assert right.start == datetime(2026, 11, 23, 22, tzinfo=BERLIN)
    for made in (wrong, right):
        assert made.seconds_at(made.marks.lights_off) == pytest.approx(3.0)  # the first row is at 1 s


def test_the_nights_of_several_days_are_cut_at_its_noons(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    time_s = np.arange(38 * 3600 * 5) / 5
    values = np.random.default_rng(1).normal(0, 0.01, len(time_s))
    rows = [f"{at:.1f},{value:.2f},0,1" for at, value in zip(time_s.tolist(), values.tolist(), strict=True)]
    path.write_text("\n".join(["t_s,x_g,y_g,z_g", *rows]) + "\n")
    begun = datetime(2026, 11, 22, 20, 30, tzinfo=BERLIN)
    nights = list(sj.read_nights(path, start="2026-11-22T20:30", time_unit="s", zone="Europe/Berlin"))
    starts = [night.start for night in nights]
    assert len(nights) == 2
    for start, meant in zip(starts, [begun, datetime(2026, 11, 23, 12, tzinfo=BERLIN)], strict=True):
        assert start is not None
        assert abs(start - meant) <= timedelta(seconds=2)


@pytest.mark.slow
def test_it_is_kept_and_the_night_counts_in_its_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    path = tmp_path / "a.csv.gz"
    shutil.copy(SAMPLE, path)
    assert main(["report", str(path)]) == 0
    assert "give it one with --start" in capsys.readouterr().err
    assert main(["report", str(path), "--start", "2026-11-22T22:31+01:00"]) == 0
    for words in (["report", str(path)], ["analyse", str(path)]):
        assert main(words) == 0
        assert "as you said before: --start" in capsys.readouterr().err
        night = read_night(tmp_path / "a.night.json")
        assert night.week is not None
        assert [line.night for line in night.week.nights] == ["2026-11-22"]
        assert night.events["utc"].notna().all()
    # Said otherwise, the night moves; it is never there twice.
    assert main(["report", str(path), "--start", "2026-11-20T22:31+01:00"]) == 0
    capsys.readouterr()
    assert main(["trend", "--json"]) == 0
    assert [line["night"] for line in json.loads(capsys.readouterr().out)["nights"]] == ["2026-11-20"]
    assert main(["analyse", str(path), str(path), "--start", "2026-11-20T22:31"]) == 2
