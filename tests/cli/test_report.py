"""`sleepjerk report`: from a night.json, where the page lands, and what it refuses."""

import dataclasses
import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.history.database import History, default_path
from sleepjerk.night.document import read_night, write_night
from sleepjerk.report import render_report
from sleepjerk.report.pdf import find_browser
from tests.report.made_nights import START, demo, quiet, unknown_start


@pytest.fixture(scope="module")
def night_json(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("night") / "2026-11-22T225204+0100.night.json"
    write_night(demo(), path)
    return path


def test_a_night_json_becomes_a_page_beside_it(night_json: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(night_json)]) == 0
    page = night_json.with_name("2026-11-22T225204+0100.report.html")
    assert capsys.readouterr().out.splitlines()[-1] == str(page)
    assert "Your arm jerked" in page.read_text(encoding="utf-8")


def test_out_says_where(night_json: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "my page.html"
    assert main(["report", str(night_json), "--out", str(page)]) == 0
    assert page.exists()
    assert capsys.readouterr().out.splitlines()[-1] == str(page)


def test_without_a_browser_a_pdf_says_what_to_do_instead(
    night_json: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sleepjerk.report.pdf.find_browser", lambda: None)
    assert main(["report", str(night_json), "--out", str(tmp_path / "page.pdf")]) == 2
    assert "print it from your browser" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["page.txt", "page", "folder.html", "page.pdf"])
@pytest.mark.parametrize("verb", ["report", "trend"])
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_done(
    verb: str,
    name: str,
    night_json: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sleepjerk.report.pdf.find_browser", lambda: None)
    (tmp_path / "folder.html").mkdir()
    what = night_json if verb == "report" else night_json.parent
    assert main([verb, str(what), "--out", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"sleepjerk: {tmp_path / name}: ")
    assert not default_path().exists()
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


def test_a_browser_that_does_not_print_is_one_sentence_and_leaves_nothing(
    night_json: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sleepjerk.report.pdf.find_browser", lambda: "/bin/false")
    assert main(["report", str(night_json), "--out", str(tmp_path / "page.pdf")]) == 2
    assert "did not print (exit code 1)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.browser
def test_the_pdf_is_the_page_on_two_sheets(night_json: Path, tmp_path: Path) -> None:
    if find_browser() is None:
        assert os.environ.get("CI") != "true"
        pytest.skip("no browser here (Debian: apt-get install chromium)")
    assert main(["report", str(night_json), "--out", str(tmp_path / "page.pdf")]) == 0
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix == ".part"] == []


def nights(folder: Path, twitches: list[int]) -> list[Path]:
    """night.json of as many evenings, the last one on 2026-11-22."""
    paths = []
    for back, count in enumerate(reversed(twitches)):
        night = demo() if count else quiet()
        start = START - timedelta(days=back)
        night = dataclasses.replace(
            night,
            recording=dataclasses.replace(night.recording, start=start.isoformat()),
            input_sha256=f"{back:064d}",
        )
        paths.insert(0, folder / f"night{back}.night.json")
        write_night(night, paths[0])
    return paths


@pytest.mark.slow
def test_a_week_of_reports_ends_with_a_verdict_and_the_numbers_stand_in_night_json(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    levels = []
    for path in nights(tmp_path, [0, 0, 0, 1, 0, 0, 0]):
        assert main(["report", str(path)]) == 0
        levels.append(read_night(path).verdict.level)
    assert levels == ["grey"] * 4 + ["green"] * 3
    last = read_night(path)
    assert last.week is not None
    assert [line.night for line in last.week.nights] == [f"2026-11-{day}" for day in range(16, 23)]
    page = path.with_name("night0.report.html").read_text(encoding="utf-8")
    assert page == render_report(last)
    assert "Nights that count: " in page


def test_an_answer_of_the_morning_turns_the_next_report_red(home: Path, tmp_path: Path) -> None:
    (path,) = nights(tmp_path, [0])
    main(["diary", "--night", "2026-11-22", "--set", "pain=yes", "--set", "note=<b>left arm</b>"])
    assert main(["report", str(path)]) == 0
    night = read_night(path)
    assert night.verdict.level == "red"
    page = path.with_name("night0.report.html").read_text(encoding="utf-8")
    assert "You answered yes to: pain in the part that jerks" in page
    assert "&lt;b&gt;left arm&lt;/b&gt;" in page


def test_the_same_report_twice_keeps_one_night(home: Path, tmp_path: Path) -> None:
    (path,) = nights(tmp_path, [1])
    pages = []
    for _ in range(2):
        assert main(["report", str(path)]) == 0
        pages.append(path.with_name("night0.report.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1]
    with History(home / "diary.sqlite") as history:
        assert len(history.nights("wrist")) == 1


def test_no_diary_keeps_nothing_and_changes_no_night(home: Path, tmp_path: Path) -> None:
    (path,) = nights(tmp_path, [1])
    before = path.read_bytes()
    assert main(["report", str(path), "--no-diary"]) == 0
    assert path.read_bytes() == before
    assert not home.exists()


def test_a_night_without_a_date_stands_alone(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.night.json"
    write_night(unknown_start(), path)
    assert main(["report", str(path)]) == 0
    assert "not kept in the diary" in capsys.readouterr().err
    assert read_night(path).week is None


def test_another_language_is_asked_for_and_an_unknown_one_is_one_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = nights(tmp_path, [1])
    assert main(["report", str(path), "--language", "de"]) == 0
    assert '<html lang="de">' in path.with_name("night0.report.html").read_text(encoding="utf-8")
    assert main(["report", str(path), "--language", "../en"]) == 2
    assert "the languages are" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ['{"schema": "something else"}', "[]", "no json", '{"schema": "sleepjerk.night/1"}']
)
def test_another_json_is_refused_in_one_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    assert main(["report", str(path)]) == 2
    err = capsys.readouterr().err
    assert "other.json" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["limited_by", "hours"])
def test_a_night_that_no_analysis_writes_is_one_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (path,) = nights(tmp_path, [1])
    document = json.loads(path.read_text(encoding="utf-8"))
    document["recording"][name] = 1e300 if name == "hours" else "purple"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main(["report", str(path), "--no-diary"]) == 2
    assert "values that no analysis writes" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["analyse", "report", "check", "correct"])
def test_a_folder_is_one_sentence_however_it_is_named(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "."]) == 2
    assert "this is a directory" in capsys.readouterr().err


def test_a_folder_that_does_not_exist_is_made(night_json: Path, tmp_path: Path) -> None:
    page = tmp_path / "none" / "there" / "page.html"
    assert main(["report", str(night_json), "--out", str(page)]) == 0
    assert page.is_file()


@pytest.mark.parametrize(
    "line", ["analyse {0} --out {1}", "report {0} --out {1}/page.html", "demo --out {1}"]
)
@pytest.mark.parametrize("below", ["", "/folder"])
def test_a_file_in_place_of_a_folder_is_told_before_anything_is_read(
    line: str, below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    night = tmp_path / "night.csv"  # there is none
    assert main(line.format(night, f"{tmp_path / 'file'}{below}").split(" ")) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'file'} is a file, not a folder" in said
    assert "night.csv" not in said


@pytest.mark.parametrize(
    "line",
    ["report {}/a.night.json", "rules --rules {}/a.toml", "analyse {}/a.csv", "correct {}/a.csv --list"],
)
def test_a_file_that_is_not_there_is_told_without_a_number(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.format(tmp_path).split(" ")) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"sleepjerk: {tmp_path}/a.")
    assert "Errno" not in said


def test_what_is_taken_for_a_recording_or_twice_for_one_is_named(
    night_json: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["correct", str(night_json), "--list"]) == 2
    assert f"{night_json}: give the recording" in capsys.readouterr().err
    assert main(["analyse", f"{tmp_path}/a.csv", f"{tmp_path}/b.csv", f"{tmp_path}/a.cwa"]) == 2
    assert f"{tmp_path}/a.csv and {tmp_path}/a.cwa: both would write" in capsys.readouterr().err
