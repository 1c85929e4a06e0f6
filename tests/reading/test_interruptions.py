"""A brown-out, a pulled plug and a reset by the computer are told apart, from board to page."""

import dataclasses
from pathlib import Path

import pytest

import sleepjerk as sj
from firmware_io.recorder.options import Options
from firmware_io.recorder.writer import Writer
from firmware_io.wire import Hello
from sleepjerk.cli import main
from sleepjerk.reading import read_recording
from sleepjerk.reading.interruptions import count_interruptions
from tests.firmware_io.board_frames import encode_data, encode_hello
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts

NONE = {"brown_outs": 0, "unplugged": 0, "computer_resets": 0, "board_resets": 0}


@pytest.mark.parametrize(
    ("events", "counts"),
    [
        (["open", "", "", "end"], {}),
        (["open", "reset", "boot 2", "start: brown-out"], {"brown_outs": 1}),
        (["unplugged", "reconnect", "start: power", "reset", "boot 2"], {"unplugged": 1}),
        (
            ["unplugged", "reconnect", "start: asked for"],
            {"unplugged": 1},
        ),  # opening its port restarts an Uno
        (["unplugged", "reconnect", "start: brown-out"], {"brown_outs": 1}),  # its own USB went down with it
        (
            ["unplugged", "reconnect", "", "unplugged", "reconnect"],
            {"unplugged": 2},
        ),  # a board that says nothing
        (["start: asked for"], {"computer_resets": 1}),
        (["silence", "reconnect", "start: watchdog", "start: unknown"], {"board_resets": 2}),
        (["start: power"], {"brown_outs": 1}),  # the connection stayed: its supply is another one
        (
            ["unplugged", "start: power", "start: brown-out", "start: brown-out"],
            {"unplugged": 1, "brown_outs": 2},
        ),
    ],
)
def test_each_cause_is_counted_as_what_it_is(events: list[str], counts: dict[str, int]) -> None:
    assert count_interruptions(events) == NONE | counts


def recorded(folder: Path, cause: int, *, unplugged: bool = False) -> Path:
    """A night of a board that starts twice, the second time for a cause of W5."""
    writer = Writer(Options(folder), lambda message: None)
    counts = night_counts(60)
    hello = SimulatedBoard(folder / "none", "frames", counts)._hello(0)
    for boot in (1, 2):
        if boot == 2 and unplugged:
            writer.take(30.0, "unplugged")
            writer.take(30.0, "reconnect")
        writer.take(30.0 * boot - 29.9, encode_hello(greeting(hello, boot, 1 if boot == 1 else cause)))
        for frame in range(290):
            rows = counts[2900 * (boot - 1) + 10 * frame :][:10].tolist()
            data = encode_data(boot, frame + 1, 100_000 * frame, 90_000, rows)
            writer.take(30.0 * boot - 29.8 + frame / 10, data)
    path = writer.finish("end").path
    assert path is not None
    return path


def greeting(hello: Hello, boot: int, cause: int) -> Hello:
    return dataclasses.replace(hello, boot_id=boot, sequence=0, reset_cause=cause)


@pytest.mark.parametrize(
    ("cause", "unplugged", "field", "english", "german"),
    [
        (2, False, "brown_outs", "brown-out, no pulled plug", "kein gezogener Stecker"),
        (1, True, "unplugged", "as by a pulled plug", "wie durch einen gezogenen Stecker"),
        (
            8,
            False,
            "computer_resets",
            "The computer restarted the board 1 time",
            "Der Computer hat das Board 1 Mal",
        ),
        (4, False, "board_resets", "own program stopped", "Das Programm des Boards ist 1 Mal"),
    ],
)
def test_check_and_both_languages_of_the_report_say_which_it_was(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cause: int,
    unplugged: bool,
    field: str,
    english: str,
    german: str,
) -> None:
    path = recorded(tmp_path, cause, unplugged=unplugged)
    recording = read_recording(path)
    assert {name: getattr(recording.damage, name) for name in NONE} == NONE | {field: 1}
    assert main(["check", str(path)]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("board"))
    assert line.endswith(": 1")
    night = sj.analyse(recording)
    for language, words in (("en", english), ("de", german)):
        page = tmp_path / f"{language}.html"
        sj.write_report(night, page, language=language)
        text = page.read_text().replace("&#39;", "'")
        assert words in text


def test_without_a_clock_log_nothing_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(tmp_path, 2)
    Path(f"{path}".removesuffix(".csv") + ".clock.csv").unlink()
    assert read_recording(path).damage.brown_outs is None
    assert main(["check", str(path)]) == 0
    assert "board       unknown (no clock log)" in capsys.readouterr().out
