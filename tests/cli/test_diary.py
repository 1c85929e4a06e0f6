"""`sleepjerk diary` as a person meets it: typed answers on a real terminal, words for scripts, export and deleting."""

import csv
import dataclasses
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.history.database import History
from sleepjerk.judging.answers import lists, singles
from sleepjerk.night.document import write_night
from tests.report.made_nights import demo
from tests.support.hostile import HOSTILE
from tests.support.made_weeks import LAST, line
from tests.support.marks import a_few

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path))
    return tmp_path / "diary.sqlite"


def mornings(file: Path) -> dict[str, dict[str, object]]:
    with History(file) as history:
        return history.mornings()  # type: ignore[return-value]


def yesterday() -> str:
    """Asked when a test needs it: the others may have begun before midnight."""
    return str(datetime.now().astimezone().date() - timedelta(days=1))


def typed(file: Path, *keys: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run it on a terminal of its own and type these lines."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(PROJECT)
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # as at a terminal, also when the tests run in the background
        os.environ["SLEEPJERK_HOME"] = str(file.parent)
        os.execv(sys.executable, [sys.executable, "-m", "sleepjerk", "diary", *options])
    talk = b""
    waiting = list(keys)
    end_s = time.monotonic() + 120
    while time.monotonic() < end_s:
        try:
            piece = os.read(master, 4096) if select.select([master], [], [], 0.1)[0] else None
        except OSError:
            break
        if piece is not None:
            talk += piece
        elif waiting and talk.endswith(b": "):  # each line is typed when it is asked for, as people do
            os.write(master, waiting.pop(0).encode())
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(master)
    return os.waitstatus_to_exitcode(status), talk.decode(errors="replace")


def test_a_morning_is_a_few_lines_of_typing(file: Path) -> None:
    code, talk = typed(file, "1 4\n", "3\n", "\n", "2\n", "4\n", "0\n", "\n", "1\n", "5\n", "a note\n")
    assert code == 0, talk
    kept = mornings(file)[yesterday()]
    assert [key for key, value in kept.items() if value is True] == sorted(
        ["pain", "stiffness", "kicks_seen"]
    )
    assert {key: kept[key] for key in ("woken", "stress", "exercise", "alcohol", "quality", "note")} == {
        "woken": 2,
        "stress": 4,
        "exercise": 0,
        "alcohol": 1,
        "quality": 5,
        "note": "a note",
    }
    assert "caffeine" not in kept
    assert kept["numbness"] is False
    assert "Please see a doctor, whatever was counted" in talk


def test_the_whole_morning_is_at_most_ten_lines_and_fewer_the_next_day() -> None:
    assert len(lists({})) + len(singles()) <= 10
    assert (
        len(
            lists({"epilepsy": False, "kidney": False, "thyroid": False, "diabetes": False, "anaemia": False})
        )
        == 2
    )


def test_a_slip_is_asked_again_and_skipping_leaves_unknown(file: Path) -> None:
    code, talk = typed(file, "99\n", "s\n", "s\n", "s\n", "x\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n")
    assert code == 0, talk
    assert "expected numbers from" in talk
    assert "whole number from 0 to 50" in talk
    assert mornings(file) == {}


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_leaving_in_the_middle_keeps_what_was_typed(file: Path, key: str) -> None:
    code, talk = typed(file, "1\n", key)
    assert code in (2, 130), talk
    assert "Traceback" not in talk
    assert "Please see a doctor, whatever was counted" in talk
    assert {name for name, value in mornings(file)[yesterday()].items() if value is True} == {"pain"}


@pytest.mark.slow
def test_what_was_called_over_by_mistake_can_be_taken_back(file: Path) -> None:
    main(["diary", "--night", "2026-11-20", "--set", "numbness=yes"])
    code, talk = typed(file, "1\n", "<\n", "0\n", "s\n", "s\n", "s\n", *["\n"] * 7)
    assert code == 0, talk
    assert "(since 2026-11-20): over" in talk
    assert mornings(file) == {"2026-11-20": {"numbness": True}}


@pytest.mark.parametrize(
    "first",
    a_few([["stress=4", "pain=over", "note=as before"], ["pain=yes"], ["kidney=yes", "pain=no"]], of=3),
)
def test_a_second_run_with_enter_only_changes_nothing(file: Path, first: list[str]) -> None:
    main(["diary", "--night", "2026-11-20", "--set", "numbness=yes"])
    main(["diary", *(word for answer in first for word in ("--set", answer))])
    before = mornings(file)
    code, talk = typed(file, *["\n"] * 12)
    assert code == 0, talk
    assert mornings(file) == before
    for shown in ("[4]" * ("stress=4" in first), "* 1  pain" * ("pain=yes" in first), "(since 2026-11-20)"):
        assert shown in talk


@pytest.mark.slow
def test_a_step_back_asks_again_and_what_was_said_is_shown(file: Path) -> None:
    code, talk = typed(
        file, "<\n", "1\n", "<\n", "2\n", "<\n", "\n", *["\n"] * 2, "7\n", "<\n", "8\n", *["\n"] * 6
    )
    assert code == 0, talk
    kept = mornings(file)[yesterday()]
    assert {name for name, value in kept.items() if value is True} == {"numbness"}
    assert kept["woken"] == 8
    assert "[7]" in talk


@pytest.mark.slow
def test_a_flag_of_an_earlier_week_stands_until_the_diary_hears_that_it_is_over(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def report() -> tuple[str, str, str]:
        capsys.readouterr()
        assert main(["report", str(tmp_path / "n.night.json")]) == 0
        assert main(["trend", "--out", str(tmp_path / "t.html")]) == 0
        pages = [(tmp_path / name).read_text(encoding="utf-8") for name in ("n.report.html", "t.html")]
        return json.loads((tmp_path / "n.night.json").read_text())["verdict"]["level"], *pages

    write_night(demo(), tmp_path / "n.night.json")
    level, page, trend = report()
    assert level == "grey"
    main(["diary", "--night", "2026-11-08", "--set", "weakness=yes"])
    main(["diary", "--night", "2026-11-22", "--set", "weakness=no"])
    said = "weakness, or a muscle that is getting thinner (since the night of Sunday 8 November 2026)"
    level, page, trend = report()
    assert (level, said in page, said in trend) == ("red", True, True)
    assert (
        "You said yes to: weakness, or a muscle that is getting thinner (since the night of 2026-11-08)"
        in (capsys.readouterr().out)
    )
    code, talk = typed(file, "1\n", *["\n"] * 12, options=("--night", "2026-11-22"))
    assert code == 0, talk
    assert mornings(file)["2026-11-22"] == {"weakness": "over"}
    level, page, trend = report()
    assert (level, said in page, said in trend) == ("grey", False, False)


def test_answers_are_set_by_words(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diary", "--night", "2026-11-22", "--set", "pain=no", "--set", "convulsion=yes"]) == 0
    assert "call an ambulance" in capsys.readouterr().out
    assert mornings(file) == {"2026-11-22": {"pain": False, "convulsion": True}}
    assert main(["diary", "--show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == mornings(file)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--set", "moon=full"], "no such question"),
        (["--night", "2999-01-01", "--set", "pain=no"], "still to come"),
        (["--night", "soon", "--set", "pain=no"], "expected a date such as"),
        (["--delete"], "add --yes"),
        ([], "there is nobody to ask"),
        (["--export", "/nowhere/at/all.csv"], "can't write there"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    file: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sleepjerk", "diary", *words],
        cwd=PROJECT,
        env=os.environ | {"SLEEPJERK_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert mornings(file) == {}


def test_the_export_holds_every_night_and_answer_and_no_formula(file: Path, tmp_path: Path) -> None:
    notes = [text for text in HOSTILE if len(text) <= 500]
    with History(file) as history:
        history.keep_night(line("f", LAST))
        for place, note in enumerate(notes):
            history.keep_answers(f"{1900 + place}-05-05", {"note": note, "stress": 3, "pain": False})
    assert main(["diary", "--export", str(tmp_path / "all.csv")]) == 0
    assert (tmp_path / "all.csv").stat().st_mode & 0o777 == 0o600
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="", errors="strict") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == len(notes) + 1
    for row in rows:
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row.values())
    kept = next(row for row in rows if row["input_sha256"])
    assert (kept["night"], kept["twitches"], kept["stress"]) == (str(LAST), "2", "")
    assert rows[0]["pain"] == "no"
    assert main(["diary", "--export", str(tmp_path / "all.csv")]) == 2
    assert main(["diary", "--export", str(tmp_path / "all.csv"), "--yes"]) == 0


def test_a_night_without_sleep_is_exported_with_unknown_counts(file: Path, tmp_path: Path) -> None:
    with History(file) as history:
        history.keep_night(dataclasses.replace(line("x", LAST, 0), analysed_h=None, jerks=0))
    assert main(["diary", "--export", str(tmp_path / "all.csv")]) == 0
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["jerks"], row["twitches"], row["strong"], row["valid"]) == ("", "", "", "no")


def test_nothing_of_diary_report_or_trend_leaves_the_computer(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def caught(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"asked for the network: {args}")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(f"socket.socket.{name}", caught)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(f"socket.{name}", caught)
    write_night(demo(), tmp_path / "n.night.json")
    assert main(["diary", "--night", "2026-11-22", "--set", "pain=no", "--set", "note=private"]) == 0
    assert main(["report", str(tmp_path / "n.night.json")]) == 0
    assert main(["trend", "--out", str(tmp_path / "t.html")]) == 0
    assert main(["diary", "--export", str(tmp_path / "all.csv")]) == 0
    assert "private" in (tmp_path / "n.report.html").read_text(encoding="utf-8")
    made = {"diary.sqlite", "n.night.json", "n.report.html", "t.html", "all.csv"}
    assert {path.name for path in tmp_path.iterdir()} == made
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection(("127.0.0.1", 9))


def test_one_command_deletes_everything(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["diary", "--night", "2026-11-22", "--set", "pain=no"])
    main(["diary", "--night", "2026-11-21", "--set", "pain=no"])
    assert main(["diary", "--delete", "--night", "2026-11-21", "--yes"]) == 0
    assert list(mornings(file)) == ["2026-11-22"]
    assert main(["diary", "--delete", "--yes"]) == 0
    assert not file.exists()
    assert [entry.name for entry in file.parent.iterdir()] == []
    assert main(["diary", "--delete", "--yes"]) == 0
    assert "nothing to delete" in capsys.readouterr().out


def test_deleting_asks_on_a_terminal(file: Path) -> None:
    main(["diary", "--night", "2026-11-22", "--set", "pain=no"])
    code, talk = typed(file, "no\n", options=("--delete",))
    assert code == 2
    assert "nothing was deleted" in talk
    assert file.exists()
    code, talk = typed(file, "delete\n", options=("--delete",))
    assert code == 0, talk
    assert not file.exists()
