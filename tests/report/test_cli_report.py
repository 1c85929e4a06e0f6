"""`sleepjerk report`: from a night.json, where the page lands, and what it refuses."""

from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.night import write_night
from tests.report.made_nights import demo


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


def test_pdf_says_what_to_do_instead(
    night_json: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(night_json), "--out", str(tmp_path / "page.pdf")]) == 2
    assert "print it to PDF from the browser" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


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


def test_a_folder_that_does_not_exist_is_refused(
    night_json: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(night_json), "--out", str(tmp_path / "none" / "page.html")]) == 2
    assert "can't write the report there" in capsys.readouterr().err
