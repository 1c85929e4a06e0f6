"""`sleepjerk firmware`: what it writes is the board's code, it spoils no file, and its steps can be typed."""

import shlex
from pathlib import Path

import pytest

from sleepjerk.cli import main

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware_io" / "firmware"
BOARDS = ("uno", "nano", "esp32", "xiao", "pico")


def write(board: str, folder: Path, *options: str) -> int:
    return main(["firmware", "--board", board, "--out", str(folder), *options])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("board", BOARDS)
def test_it_writes_the_boards_code_and_says_wires_and_steps(
    board: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(board, tmp_path / "a" / "b") == 0
    told, got = capsys.readouterr().out, files(tmp_path / "a" / "b")
    if board == "pico":
        assert got == {"main.py": (FIRMWARE / "micropython" / "main.py").read_bytes()}
        assert f"mpremote cp {tmp_path / 'a' / 'b' / 'main.py'} :main.py" in told
        assert "BOOTSEL" in told
        assert "Thonny" in told
    else:
        sketch = {
            f"sleepjerk_board/{name}": text for name, text in files(FIRMWARE / "sleepjerk_board").items()
        }
        more = (
            {}
            if board in ("esp32", "xiao")
            else {"sleepjerk_board.hex": (FIRMWARE / "sleepjerk_board.hex").read_bytes()}
        )
        assert got == sketch | more
        assert str(tmp_path / "a/b/sleepjerk_board/sleepjerk_board.ino") in told
    assert told.startswith("wires of the sensor: ")
    assert "No real board has run this code yet" in told


@pytest.mark.parametrize(("board", "bauds"), [("uno", ["115200"]), ("nano", ["115200", "57600"])])
def test_the_lines_for_avrdude_can_be_typed_whatever_the_folder_is_called(
    board: str, bauds: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my {board} it's"
    assert write(board, folder) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("avrdude")]
    words = [shlex.split(line) for line in lines]
    assert [line[line.index("-b") + 1] for line in words] == bauds
    for line in words:
        assert line[1:5] == ["-p", "m328p", "-c", "arduino"]
        assert f"flash:w:{folder / 'sleepjerk_board.hex'}:i" in line


@pytest.mark.parametrize("board", BOARDS)
def test_it_can_be_said_twice(board: str, tmp_path: Path) -> None:
    assert write(board, tmp_path) == write(board, tmp_path) == 0


@pytest.mark.parametrize(
    "name", ["sleepjerk_board/pins.h", "sleepjerk_board.hex", "sleepjerk_board/src/stream.c"]
)
def test_a_file_that_differs_is_kept_and_nothing_is_written_unless_that_is_said(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    assert write("nano", tmp_path) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert str(mine) in sentence
    assert "--force" in sentence
    assert files(tmp_path) == {name: b"mine"}
    assert write("nano", tmp_path, "--force") == 0
    assert mine.read_bytes() == (FIRMWARE / name).read_bytes()


def test_a_folder_that_takes_no_file_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "in_the_way" / "main.py").mkdir(parents=True)
    for folder in ("file", "file/below", "in_the_way"):
        assert write("pico", tmp_path / folder) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_unknown_board_ends_with_2_and_names_those_that_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["firmware", "--board", "leonardo", "--out", "x"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert [board for board in BOARDS if board not in said] == []
