"""What a person meets who types `sleepjerk`, a file's name, or a verb with a slip."""

from pathlib import Path

import pytest

from sleepjerk.cli import VERBS, main


def test_alone_it_shows_where_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = [line.split()[:2] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert shown[:2] == [["sleepjerk", "demo"], ["sleepjerk", "app"]]
    assert len(shown) < len(VERBS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("reprot", "report"), ("Record", "record"), ("analyze", "analyse"), ("diray", "diary")],
)
def test_a_mistyped_verb_names_the_nearest(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([typed, "x"]) == 2
    assert f"sleepjerk {meant}" in capsys.readouterr().err


def test_a_word_like_nothing_names_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["xyzzy"]) == 2
    assert "--help" in capsys.readouterr().err


def test_a_file_alone_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for words in ([str(tmp_path / "none.csv")], ["report", str(tmp_path / "none.csv")]):
        assert main(words) == 2
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert "none.csv" in said[0]


def test_a_file_without_an_ending_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mynight").write_text("no night\n")
    assert main(["mynight"]) == 2
    assert "mynight" in capsys.readouterr().err
    assert list(tmp_path.glob("*.html")) == []


def test_an_option_that_a_verb_does_not_know_shows_the_usage_of_that_verb(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "n.csv", "--colour"])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith("usage: sleepjerk check ")
    assert said.endswith("unrecognized arguments: --colour\n")


def test_a_folder_is_no_port(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--check", "--port", str(tmp_path), "--out", str(tmp_path)]) == 3
    assert capsys.readouterr().err == f"sleepjerk: {tmp_path}: this is a folder, no port\n"
