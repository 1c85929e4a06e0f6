"""Nights and diaries of other versions, and damage: what can be read is read, kept and told; one costs itself alone."""

import contextlib
import json
import random
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sleepjerk.errors import InputError
from sleepjerk.history.corrections import was_changed
from sleepjerk.history.database import History
from sleepjerk.night.document import CHANGED, night_from, night_text, read_night, to_document, write_night
from sleepjerk.night.model import Night
from tests.report.made_nights import demo, in_week
from tests.support.built_nights import built, evening
from tests.support.in_process import sleepjerk
from tests.support.science_weeks import Piece

PROJECT = Path(__file__).parents[2]
TEXT = night_text(in_week(". . . R . . .", {0: "pain"}, demo()))


def objects(value: Any) -> list[dict[str, Any]]:
    """Every object of a document, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [found for item in inner for found in objects(item)]


def test_a_night_is_read_as_written_and_its_layout_is_not_looked_at() -> None:
    assert CHANGED not in night_from(TEXT, "n").messages
    other = json.dumps(dict(reversed(json.loads(TEXT).items())), indent=3)
    assert CHANGED not in night_from(other, "n").messages
    assert night_text(night_from(TEXT, "n")) == TEXT


def read(document: Any) -> Night | str:
    """A document that lost its checksum, or the text of one that has it; the sentence where it is refused."""
    try:
        night = night_from(document if isinstance(document, str) else json.dumps(document), "n")
        night_text(night)
    except InputError as error:
        return str(error)
    return night


def test_each_flipped_digit_is_told_or_refused_in_one_sentence() -> None:
    digits = [match.start() for match in re.finditer(r"\d", TEXT)]
    for place in random.Random(5).sample(digits, 12):
        flipped = TEXT[:place] + str((int(TEXT[place]) + 1) % 10) + TEXT[place + 1 :]
        night = read(flipped)
        if isinstance(night, str):
            assert "\n" not in night
        else:
            assert (CHANGED in night.messages) == (json.loads(flipped) != json.loads(TEXT)), TEXT[
                place - 30 : place
            ]


def test_what_was_changed_stays_told_when_it_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "n.night.json"
    path.write_text(TEXT.replace('"hours": ', '"hours": 1', 1), encoding="utf-8")
    for _ in range(2):
        night = read_night(path)
        assert night.messages.count(CHANGED) == 1
        write_night(night, path)
    told = sleepjerk("report", path, "--no-diary")
    assert (told.returncode, told.stderr.count("has changed since it was written")) == (0, 1)
    assert "has changed since it was written" in (tmp_path / "n.report.html").read_text(encoding="utf-8")


def test_a_night_of_an_older_version_without_a_checksum_is_taken_as_it_is() -> None:
    document = json.loads(TEXT)
    del document["checksum"]
    assert CHANGED not in night_from(json.dumps(document), "n").messages


PLAIN = {name: value for name, value in json.loads(TEXT).items() if name != "checksum"}
PLAIN |= {"events": PLAIN["events"][:3], "strips": PLAIN["strips"][:1]}


def test_a_missing_key_is_unknown_or_refused_in_one_sentence_that_names_it() -> None:
    every = [(place, key) for place, owner in enumerate(objects(PLAIN)) for key in owner]
    kept = 0
    for place, key in random.Random(7).sample(every, 30):
        less = json.loads(json.dumps(PLAIN))
        value = objects(less)[place].pop(key)
        night = read(less)
        if isinstance(night, str):
            assert value is not None or key == "series", key
            assert f"there is no {key}" in night.replace("'", "")
            assert night.endswith("analyse the recording again")
        else:
            kept += 1
    assert kept > 7


def test_a_night_of_the_first_versions_is_read(tmp_path: Path) -> None:
    document = to_document(demo())
    del document["verdict"]["week_nights"]
    for row in document["events"]:
        for name in ("confidence", "centroid_hz", "detected"):
            del row[name]
    path = tmp_path / "old.night.json"
    path.write_text(json.dumps(document))
    events = read_night(path).events
    assert len(events) == len(document["events"])
    assert events["confidence"].isna().all()
    assert (events["detected"] == "").all()
    assert sleepjerk("report", path, "--no-diary").returncode == 0


@pytest.mark.slow
def test_any_text_in_the_place_of_a_value_is_read_or_one_sentence() -> None:
    chance = random.Random(3)
    for _ in range(60):
        other = json.loads(json.dumps(PLAIN))
        owner = chance.choice([one for one in objects(other) if one])
        owner[chance.choice(list(owner))] = chance.choice(
            [{}, [], "x", None, 1e308, -1, True, [[1]], "2026-99-99"]
        )
        assert "\n" not in str(read(other))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six nights as `report` leaves them, with their diary."""
    tmp_path = tmp_path_factory.mktemp("nights")
    for day in range(6):
        path = tmp_path / f"n{day}.night.json"
        write_night(built(Piece(), day), path)
        assert sleepjerk("report", path, "--diary", tmp_path / "d.sqlite").returncode == 0
    said = ("--set", "pain=no", "--set", "stress=4")
    assert sleepjerk("diary", "--diary", tmp_path / "d.sqlite", "--night", evening(2), *said).returncode == 0
    return tmp_path


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "nights"))


@pytest.mark.parametrize(
    "text", [TEXT[: len(TEXT) // 2], "", "[" * 50_000, '{"schema": "sleepjerk.night/2"}', "\0"]
)
def test_one_damaged_night_of_a_folder_is_told_and_the_others_count(folder: Path, text: str) -> None:
    (folder / "n3.night.json").write_text(text)
    told = sleepjerk("trend", folder, "--diary", folder / "d.sqlite", "--out", folder / "t.html")
    assert told.returncode == 0
    assert told.stderr.count("left out: ") == 1
    assert f"{evening(0)}                   5          0   green" in told.stdout


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ("UPDATE nights SET line = substr(line, 1, 90) WHERE night = ?", 5),
        ("UPDATE nights SET line = replace(line, '\"night\"', '\"nacht\"') WHERE night = ?", 5),
        ("UPDATE nights SET line = replace(line, '2026-11', '2026-91') WHERE night = ?", 5),
        ("UPDATE nights SET line = replace(line, '23:2', '53:2') WHERE night = ?", 5),
        ("UPDATE nights SET line = replace(line, '\"twitches\": 4', '\"twitches\": 9') WHERE night = ?", 6),
        ("UPDATE answers SET value = 'frue' WHERE key = 'pain' AND night = ?", 6),
        ("UPDATE answers SET value = '[1]' WHERE key = 'stress' AND night = ?", 6),
        ("UPDATE answers SET value = '44' WHERE key = 'stress' AND night = ?", 6),
        ("UPDATE answers SET value = '5' WHERE key = 'stress' AND night = ?", 6),
        ("UPDATE answers SET night = '2026-1x-20' WHERE key = 'stress' AND night = ?", 6),
    ],
)
def test_one_damaged_entry_of_a_diary_is_told_and_the_others_count(
    folder: Path, change: str, counted: int
) -> None:
    diary, csv = folder / "d.sqlite", folder / "e.csv"
    with contextlib.closing(sqlite3.connect(diary)) as file, file:
        assert file.execute(change, (str(evening(2)),)).rowcount == 1
    for words in (["trend", "--out", folder / "t.html"], ["diary", "--show"], ["diary", "--export", csv]):
        told = sleepjerk(*words, "--diary", diary)
        assert told.returncode == 0, told.stderr
        assert "--show" in words or str(diary) in told.stderr
    nights = [line for line in csv.read_text().splitlines() if ".csv," in line]
    assert len(nights) == counted
    path = folder / "n0.night.json"
    assert sleepjerk("report", path, "--diary", diary).returncode == 0
    assert any(message.key == "warning.diary" for message in read_night(path).messages)
    with contextlib.closing(sqlite3.connect(diary)) as file:  # nothing of it is lost
        assert file.execute("SELECT count(*) FROM nights").fetchone() == (6,)


def test_a_diary_that_is_whole_says_nothing(folder: Path) -> None:
    told = sleepjerk("trend", "--diary", folder / "d.sqlite", "--out", folder / "t.html")
    assert told.stderr == ""
    assert not any(
        message.key == "warning.diary" for message in read_night(folder / "n0.night.json").messages
    )


def test_a_diary_of_before_the_checksums_is_read_and_its_new_entries_have_one(folder: Path) -> None:
    diary = folder / "d.sqlite"
    with contextlib.closing(sqlite3.connect(diary)) as file, file:
        for table in ("nights", "answers"):
            file.execute(f"ALTER TABLE {table} DROP COLUMN checksum")
        file.execute("PRAGMA user_version = 3")
    shutil.copy(diary, folder / "old.sqlite")
    with History(diary) as history:
        assert len(history.nights("wrist")) == 6
        assert history.mornings() == {str(evening(2)): {"pain": False, "stress": 4}}
        history.keep_answers(str(evening(1)), {"stress": 5})
        assert history.doubts == []


@pytest.mark.slow
def test_corrections_that_changed_on_the_disk_are_told_and_followed(tmp_path: Path) -> None:
    recording = tmp_path / "n.csv.gz"
    shutil.copy(PROJECT / "sample_data" / "short_night.csv.gz", recording)
    assert sleepjerk("analyse", recording).returncode == 0
    assert sleepjerk("correct", recording, "--event", 3, "--label", "body_movement").returncode == 0
    (path,) = tmp_path.glob("*.corrections.json")
    assert not was_changed(path)
    found = json.loads(path.read_text())
    found["corrections"][0]["note"] = "in another hand"
    path.write_text(json.dumps(found))
    assert was_changed(path)
    assert sleepjerk("analyse", recording).returncode == 0
    night = read_night(tmp_path / "n.night.json")
    assert any(message.key == "warning.corrections" for message in night.messages)
    assert (night.events["detected"] != "").sum() == 1
    del found["checksum"]
    path.write_text(json.dumps(found))
    assert not was_changed(path)  # as older versions wrote it
