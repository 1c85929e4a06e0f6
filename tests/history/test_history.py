"""The diary's file: what is kept comes back, two processes lose nothing, a killed one leaves all or nothing."""

import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleepjerk.errors import InputError
from sleepjerk.history.database import _MIGRATIONS, SCHEMA, History, default_path, delete_diary
from sleepjerk.judging.questions import OVER, QUESTIONS, Question, standing
from tests.support.hostile import HOSTILE
from tests.support.made_weeks import LAST, line
from tests.support.marks import a_few, examples

PROJECT = Path(__file__).resolve().parents[2]
NIGHT = "2026-11-22"


def values(question: Question) -> st.SearchStrategy[Any]:
    if question.kind == "yes_no":
        return st.sampled_from([True, False, OVER]) if question.red else st.booleans()
    if question.kind == "text":
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=question.high)
    return st.integers(question.low, question.high)


ANSWERS = st.fixed_dictionaries({}, optional={question.key: values(question) for question in QUESTIONS})
DATES = st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(str)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(DATES, ANSWERS, max_size=5))
def test_whatever_is_answered_comes_back(tmp_path: Path, mornings: dict[str, dict[str, Any]]) -> None:
    path = tmp_path / "diary.sqlite"
    delete_diary(path)
    with History(path) as history:
        for night, answers in mornings.items():
            history.keep_answers(night, answers)
    with History(path) as history:
        assert history.mornings() == {night: given for night, given in mornings.items() if given}


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ANSWERS, ANSWERS, ANSWERS)
def test_what_changed_since_it_was_seen_stays_and_is_told(
    tmp_path: Path, seen: dict[str, Any], now: dict[str, Any], wanted: dict[str, Any]
) -> None:
    delete_diary(tmp_path / "diary.sqlite")
    with History(tmp_path / "diary.sqlite") as history:
        history.keep_answers(NIGHT, now)
        others = history.keep_answers(NIGHT, wanted, seen)
        kept = history.mornings().get(NIGHT, {})
    for key in {*seen, *now, *wanted}:
        changed = now.get(key) != seen.get(key)
        if key in wanted and wanted[key] != now.get(key) and changed:
            assert others[key] == now.get(key) == kept.get(key)
        else:
            assert key not in others
            assert kept.get(key) == (wanted[key] if key in wanted else now.get(key))


def test_a_later_answer_replaces_an_earlier_one_and_none_takes_it_back(tmp_path: Path) -> None:
    with History(tmp_path / "d") as history:
        history.keep_answers(NIGHT, {"pain": True, "stress": 3})
        history.keep_answers(NIGHT, {"pain": False})
        assert history.mornings() == {NIGHT: {"pain": False, "stress": 3}}
        history.keep_answers(NIGHT, {"pain": None})
        assert history.mornings() == {NIGHT: {"stress": 3}}


def test_nights_come_back_by_date_and_the_same_recording_is_kept_once(tmp_path: Path) -> None:
    nights = [line("f", LAST - timedelta(days=back)) for back in (0, 3, 1)]
    with History(tmp_path / "d") as history:
        for night in (*nights, nights[0]):
            history.keep_night(night)
        assert history.nights("wrist") == [nights[1], nights[2], nights[0]]
        assert history.nights("ankle") == []


def test_a_diary_is_one_person_s(tmp_path: Path) -> None:
    with History(tmp_path / "d") as history:
        history.keep_night(line(".", LAST))
        history.keep_night(line("f", LAST - timedelta(days=1)), "Ann")
        history.keep_night(line("f", LAST - timedelta(days=2)), "Ann")
        with pytest.raises(InputError, match="holds nights of 'Ann', but this night is of 'Bob'"):
            history.keep_night(line(".", LAST - timedelta(days=3)), "Bob")
        assert len(history.nights("wrist")) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_notes_are_only_text(tmp_path: Path, text: str) -> None:
    with History(tmp_path / "d") as history:
        history.keep_night(line(".", LAST), text)
        history.keep_night(line(".", LAST), text)
        assert len(history.nights("wrist")) == 1
        try:
            history.keep_answers(NIGHT, {"note": text})
        except InputError:
            assert len(text) > 500
        else:
            assert history.mornings() == {NIGHT: {"note": text.replace("\ud800", "?")}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pain", 1),
        ("pain", "yes"),
        ("stress", 11),
        ("stress", True),
        ("stress", 2.5),
        ("woken", -1),
        ("note", "x" * 501),
        ("note", 3),
        ("moon", True),
    ],
)
def test_what_is_no_answer_is_refused_and_changes_nothing(tmp_path: Path, key: str, value: object) -> None:
    with History(tmp_path / "d") as history:
        with pytest.raises(InputError, match=key):
            history.keep_answers(NIGHT, {"numbness": True, key: value})
        with pytest.raises(InputError, match="expected a date"):
            history.keep_answers("22.11.2026", {"pain": True})
        assert history.mornings() == {}


def test_what_is_asked_once_is_known_from_then_on(tmp_path: Path) -> None:
    with History(tmp_path / "d") as history:
        history.keep_answers("2026-11-01", {"kidney": True, "pain": True})
        history.keep_answers("2026-11-05", {"kidney": False})
        assert history.once() == {"kidney": False}


# The file.


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "own" / "diary.sqlite"
    with History(path) as history:
        history.keep_answers(NIGHT, {"pain": True})
        modes = {entry.name: entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    with History(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_deleted_answer_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "d"
    with History(path) as history:
        history.keep_answers(NIGHT, {"note": "a very private sentence"})
        assert b"very private" in path.read_bytes()
        assert history.forget_night(NIGHT) == 1
    assert b"very private" not in path.read_bytes()


def test_of_two_recordings_of_a_night_one_is_forgotten_and_the_answers_with_the_last(tmp_path: Path) -> None:
    first = line(".", date.fromisoformat(NIGHT))
    second = replace(first, input_sha256="b" * 64)
    with History(tmp_path / "d") as history:
        history.keep_night(first)
        history.keep_night(second)
        history.keep_answers(NIGHT, {"pain": True})
        assert history.forget_night(NIGHT, "c" * 64) == 0
        assert history.forget_night(NIGHT, first.input_sha256) == 1
        assert history.nights("wrist") == [second]
        assert history.mornings() == {NIGHT: {"pain": True}}
        assert history.forget_night(NIGHT, second.input_sha256) == 2
        assert history.mornings() == {}


@pytest.mark.slow
def test_no_replaced_note_is_found_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "d"
    for seed in range(30):
        delete_diary(path)
        rng = random.Random(seed)
        with History(path) as history:
            for _ in range(60):
                note = f"secret {seed} " * rng.randint(1, 45)
                history.keep_answers(f"2026-01-{rng.randint(1, 28):02}", {"note": note[:500]})
            for day in range(1, 29):
                history.keep_answers(f"2026-01-{day:02}", {"note": rng.choice([None, "gone", "gone " * 90])})
        assert b"secret" not in path.read_bytes(), seed


def test_a_change_that_fails_in_the_middle_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with History(tmp_path / "d") as history:
        kept = json.dumps
        monkeypatch.setattr(
            "sleepjerk.history.database.json.dumps",
            lambda value, **how: 1 / 0 if value == 7 else kept(value, **how),
        )
        with pytest.raises(ZeroDivisionError):
            history.keep_answers(NIGHT, {"pain": True, "stress": 7})
        assert history.mornings() == {}
        history.keep_answers(NIGHT, {"pain": False})
    with History(tmp_path / "d") as history:
        assert history.mornings() == {NIGHT: {"pain": False}}


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    held = path.read_bytes()
    with pytest.raises(InputError, match="another program"):
        History(path)
    assert path.read_bytes() == held


def test_a_diary_of_an_older_schema_is_brought_up_with_all_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "d"
    with sqlite3.connect(path) as old:
        old.executescript(_MIGRATIONS[0])
        old.execute("INSERT INTO answers VALUES ('2026-11-22', 'pain', 'true', '2026-11-23T07:00:00')")
        old.execute("PRAGMA user_version = 1")
        old.execute(f"PRAGMA application_id = {int.from_bytes(b'SLJK', 'big')}")
    old.close()
    with History(path) as history:
        assert history.mornings() == {NIGHT: {"pain": True}}
    with sqlite3.connect(path) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert new.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'nights_by_date'"
        ).fetchone()
    new.close()


def test_a_diary_of_a_newer_schema_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "d"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    held = path.read_bytes()
    with pytest.raises(InputError, match=f"schema 99, this sleepjerk knows {SCHEMA}"):
        History(path)
    assert path.read_bytes() == held


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but a letter" * 30, b"SQLite format 3\0" + bytes(5000)]
)
def test_what_is_no_diary_is_one_sentence_and_stays_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d"
    path.write_bytes(content)
    with pytest.raises(InputError, match="the diary can't be used") as refused:
        History(path)
    assert path.read_bytes() == content
    assert path not in [one.resolve() for one in Path("/proc/self/fd").glob("*")], f"open after {refused}"


def test_a_place_that_cant_hold_a_diary_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose a place with --diary"):
        History(tmp_path / "file" / "diary.sqlite")


def test_it_lies_where_the_sensors_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path))
    assert default_path() == tmp_path / "diary.sqlite"


# Other processes.

WRITE = """
import sys
from datetime import date
from pathlib import Path
from sleepjerk.history.database import History
from tests.support.made_weeks import line
first, step = int(sys.argv[2]), int(sys.argv[3])
with History(Path(sys.argv[1])) as history:
    print("open", flush=True)
    for place in range(first, 200, step):
        night = f"{2000 + place}-01-01"
        history.keep_night(line(".", date(2000 + place, 1, 1)))
        history.keep_answers(night, {"pain": True, "numbness": False, "stress": place % 11, "note": "x" * 400})
"""


def writer(path: Path, first: int, step: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path), str(first), str(step)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_two_processes_at_once_lose_nothing_and_a_reader_sees_whole_mornings(tmp_path: Path) -> None:
    path = tmp_path / "d"
    both = [writer(path, first, 2) for first in (0, 1)]
    while any(process.poll() is None for process in both):
        with History(path) as history:
            assert {len(given) for given in history.mornings().values()} <= {4}
        time.sleep(0.02)
    for process in both:
        process.communicate()
    assert [process.returncode for process in both] == [0, 0]
    with History(path) as history:
        assert len(history.mornings()) == 200
        assert len(history.nights("wrist")) == 200


def test_a_writer_that_hardly_ever_lets_go_keeps_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "d"
    with History(path) as history:
        history.keep_answers("2026-01-01", {"stress": 3})
    over = threading.Event()

    def hog() -> None:
        with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as file:
            while not over.is_set():
                file.execute("BEGIN EXCLUSIVE")
                time.sleep(0.06)
                file.execute("COMMIT")
                time.sleep(0.002)

    thread = threading.Thread(target=hog)
    thread.start()
    try:
        for stress in range(5):
            with History(path) as history:
                history.keep_answers("2026-01-01", {"stress": stress})
                assert history.mornings() == {"2026-01-01": {"stress": stress}}
    finally:
        over.set()
        thread.join()


def test_a_diary_that_stays_taken_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d"
    with History(path) as history:
        history.keep_answers("2026-01-01", {"stress": 3})
    monkeypatch.setattr("sleepjerk.history.database._WAIT_S", 0.1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError, match="database is locked"):
            History(path)


@pytest.mark.parametrize("moments", a_few([(0, 3, 9), range(12)], of=2), ids=["few", "more"])
def test_a_killed_process_leaves_whole_mornings(tmp_path: Path, moments: Iterable[int]) -> None:
    for moment in moments:
        path = tmp_path / f"d{moment}"
        process = writer(path, 0, 1)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.004 * moment)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        with History(path) as history:
            mornings = history.mornings()
        assert {len(given) for given in mornings.values()} <= {4}
        assert sorted(mornings) == [f"{2000 + place}-01-01" for place in range(len(mornings))]


def test_a_disk_that_fills_up_while_a_change_is_kept_is_what_is_told(tmp_path: Path) -> None:
    child = (
        "import resource, signal, sys; from pathlib import Path; from sleepjerk.history.database import History\n"
        "history = History(Path(sys.argv[1]))\n"
        "history.keep_answers('2026-01-01', {'stress': 1})\n"
        "size = Path(sys.argv[1]).stat().st_size\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))\n"
        "for day in range(1, 29):\n"
        "    history.keep_answers(f'2026-02-{day:02}', {'note': 'x' * 500})\n"
    )
    path = tmp_path / "d"
    done = subprocess.run(
        [sys.executable, "-c", child, str(path)], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert re.search(r"(disk I/O error|database or disk is full)", done.stderr.splitlines()[-1]), done.stderr
    with History(path) as history:
        assert history.mornings()["2026-01-01"] == {"stress": 1}


@pytest.mark.parametrize(("said", "flags"), [(True, {"many_parts", "medicine_changed"}), (False, set())])
def test_a_diary_that_asked_for_many_parts_and_medicine_at_once_keeps_what_was_said(
    tmp_path: Path, said: bool, flags: set[str]
) -> None:
    path = tmp_path / "old.sqlite"
    with History(path) as history:
        history.keep_answers("2026-11-21", {"medicine_changed": False, "pain": False})
        history.keep_answers("2026-11-22", {"many_parts": said, "stress": 4})
    with contextlib.closing(sqlite3.connect(path)) as old:
        for table in ("nights", "answers"):
            old.execute(f"ALTER TABLE {table} DROP COLUMN checksum")
        old.execute("PRAGMA user_version = 2")
    for _ in range(2):
        with History(path) as history:
            found = history.mornings()
        assert set(standing(found)) == flags
        assert found["2026-11-21"] == {"medicine_changed": False, "pain": False}
        assert found["2026-11-22"]["stress"] == 4
        assert len(found["2026-11-22"]) == (3 if said else 2)  # a no to both at once is none to either
        assert "many_parts" not in found["2026-11-22"] or said
