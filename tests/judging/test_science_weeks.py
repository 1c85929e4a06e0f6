"""Weeks that were written from the science before anybody had read the judge, through functions and command line."""

import datetime
import functools
import json
from dataclasses import replace
from pathlib import Path

import pytest

import sleepjerk as sj
from sleepjerk.judging.weeks import night_date
from sleepjerk.night.verdict import NightLine, Week
from tests.support.built_nights import LAST, built, evening
from tests.support.in_process import sleepjerk
from tests.support.marks import a_few
from tests.support.science_weeks import Piece, Written, by_hand, drawn

HAND, DRAWN = by_hand(), drawn(seed=19, count=240)
_WORDS = {
    "W3": "frequent",
    "W4": "chronic",
    "W5": "significant",
    "W6": "periodic",
    "W7": "faint",
    "W8": "poor_sleep",
}


@functools.cache
def _night(piece: Piece) -> tuple[NightLine, int]:
    """Built once for all dates: its line, and how many days before the last its date is."""
    night = built(piece, 0)
    date = night_date(night)
    assert date is not None
    return sj.line_of(night, date), (LAST - datetime.date.fromisoformat(date)).days


def _placed(week: Written) -> list[tuple[Piece, int, int]]:
    return [(piece, day, place) for day, found in week.nights.items() for place, piece in enumerate(found)]


def _limb(week: Written) -> str:
    return "ankle" if week.nights and week.nights[min(week.nights)][0].ank else "wrist"


def lines_of(week: Written) -> list[NightLine]:
    """All nights, of the limb of the last one."""
    found = []
    for piece, day, place in _placed(week):
        line, back = _night(piece)
        found.append(replace(line, night=str(evening(day + back)), input_sha256=f"{day}.{place}"))
    return [line for line in found if line.limb == _limb(week)]


def mornings_of(week: Written) -> dict[str, dict[str, bool | int | str]]:
    values: dict[str, bool | int | str] = {"yes": True, "no": False}
    found: dict[str, dict[str, bool | int | str]] = {}
    for day, key, value in week.answers:
        said = int(value) if value.isdigit() else values.get(value, value)
        found.setdefault(str(evening(day)), {})[key] = said
    return found


def told_by(week: Week) -> set[str]:
    """The reasons that are told, in the words of the expectation."""
    told = set()
    for message in week.verdict.messages:
        if message.key == "because.flag":
            told.add(str(message.values["questions"]))
        elif message.key == "because.shaking_on":
            told.add("shaking")
        elif message.key == "because.met":
            told.add(_WORDS[str(message.values["criteria"])])
    return told


@pytest.mark.parametrize("weeks", a_few([HAND, DRAWN], of=2), ids=["by hand", "drawn"])
def test_weeks_are_judged_as_the_science_says(weeks: list[Written]) -> None:
    other = []
    for week in weeks:
        judged = sj.judge_week(lines_of(week), mornings_of(week), str(LAST))
        if (found := (judged.verdict.level, told_by(judged))) != (week.level, set(week.told)):
            other.append((week.line, found))
    assert other == []


def test_there_are_enough_of_them() -> None:
    assert len({week.line for week in (*HAND, *DRAWN)}) >= 480
    assert {week.level for week in HAND} == {"green", "amber", "red", "grey"}


def _through_the_command_line(week: Written, folder: Path) -> tuple[str, str, str]:
    """The level that `trend` prints, that of the last night's report, and the words of that page."""
    folder.mkdir()
    diary, last = folder / "diary.sqlite", None
    for piece, day, place in sorted(_placed(week), key=lambda placed: (-placed[1], placed[2])):
        last = folder / f"{evening(day)}_{place}.night.json"
        sj.write_night(built(piece, day, place), last)
        assert sleepjerk("report", last, "--diary", diary).returncode == 0
    for day, key, value in week.answers:
        said = sleepjerk("diary", "--diary", diary, "--night", evening(day), "--set", f"{key}={value}")
        assert said.returncode == 0, said.stderr
    assert last is not None
    assert sleepjerk("report", last, "--diary", diary).returncode == 0
    told = sleepjerk("trend", "--diary", diary, "--limb", _limb(week), "--out", folder / "trend.html")
    weeks = [line.split() for line in told.stdout.splitlines() if line.startswith(str(LAST))]
    page = last.with_name(last.name.replace(".night.json", ".report.html")).read_text(encoding="utf-8")
    return weeks[0][-1], json.loads(last.read_text(encoding="utf-8"))["verdict"]["level"], page


_OF_PAST_MORNINGS = [
    week
    for week in HAND
    if 0 in week.nights and len(week.nights) <= 8 and all(a[0] >= 0 for a in week.answers)
]


@pytest.mark.parametrize(
    "week",
    [
        pytest.param(week, id=week.line, marks=[] if place == 0 else pytest.mark.slow)
        for place, week in enumerate(_OF_PAST_MORNINGS)
    ],
)
def test_the_command_line_says_what_the_science_says(
    week: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    trend, report, page = _through_the_command_line(week, tmp_path / "nights")
    assert (trend, report) == (week.level, week.level)
    assert f'class="badge {week.level}"' in page
