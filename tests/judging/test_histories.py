"""A person's history, made up: what comes in between never makes the level of a week wrongly higher or lower."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.history.database import History
from sleepjerk.night.document import read_night
from tests.support.made_weeks import LAST, line, lines

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "diary.sqlite"


def test_nights_of_the_other_limb_change_no_week_and_the_week_says_that_they_are_there(
    diary: Path, tmp_path: Path
) -> None:
    frequent = [replace(one, limb="ankle") for one in lines("frs frs frs frs frs frs frs")]
    with History(diary) as history:
        for one in (
            *lines("f f . . . . x")[:-1],
            *frequent,
            replace(line("f", LAST - timedelta(9)), limb="ankle"),
        ):
            history.keep_night(one)
    shutil.copy(SAMPLE, tmp_path / "a.csv.gz")
    assert main(["report", str(tmp_path / "a.csv.gz"), "--start", f"{LAST}T22:31+01:00"]) == 0
    week = read_night(tmp_path / "a.night.json").week
    assert week is not None
    assert {one.limb for one in (*week.nights, *week.earlier)} == {"wrist"}
    assert (week.recorded, week.others, week.verdict.level) == (7, 7, "green")
    assert " nights of the ankle are kept, too; they stand apart" in (tmp_path / "a.report.html").read_text()
