"""What `pip install` gives somebody who has nothing of this tree: built, put into a bare environment, used."""

import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from tests.firmware_io.simulated_board import SimulatedBoard, night_counts

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[1]
FIRMWARE = {
    "sleepjerk_board/sleepjerk_board.ino",
    "sleepjerk_board/pins.h",
    "sleepjerk_board/src/frames.c",
    "sleepjerk_board/src/frames.h",
    "sleepjerk_board/src/arduino_main.cpp",
    "sleepjerk_board.hex",
    "micropython/main.py",
}


def run(*command: str | Path, cwd: Path) -> str:
    """What it wrote; only the program's own environment, nothing of this tree."""
    bare = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=bare, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of what git knows, and the wheel made from that sdist."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("built")
    subprocess.run(
        ["git", "-c", "safe.directory=*", "checkout-index", "--all", f"--prefix={tree}/"],
        cwd=PROJECT,
        check=True,
    )
    run(sys.executable, "-m", "build", "--outdir", out, tree, cwd=tree)
    return out


@pytest.fixture(scope="module")
def bare(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own that holds the wheel and what the wheel asks for."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "python", "-m", "pip", "install", "-q", next(built.glob("*.whl")), cwd=folder)
    return folder


def test_the_sdist_holds_what_its_files_speak_of(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md"} <= held
    assert {f"sample_data/{name}" for name in ("short_night.csv.gz", "step_by_step.py")} <= held
    assert {f"firmware_io/firmware/{name}" for name in FIRMWARE} <= held


def test_the_boards_code_and_the_sample_night_come_with_it(bare: Path, tmp_path: Path) -> None:
    where = "import firmware_io; print(firmware_io.__path__[0])"
    package = Path(run(bare / "bin" / "python", "-c", where, cwd=tmp_path).strip())
    assert bare in package.parents
    assert [name for name in FIRMWARE if not (package / "firmware" / name).is_file()] == []
    assert (package / "README.md").is_file()
    assert (bare / "share/sleepjerk/sample_data/short_night.csv.gz").is_file()
    assert (bare / "share/sleepjerk/sample_data/step_by_step.py").is_file()
    assert (bare / "share/doc/sleepjerk/CHANGELOG.md").is_file()


def test_the_page_comes_with_all_that_it_shows_and_says_what_it_lacks(bare: Path, tmp_path: Path) -> None:
    where = "import sleepjerk.app; print(sleepjerk.app.__path__[0])"
    package, source = (
        Path(run(bare / "bin" / "python", "-c", where, cwd=tmp_path).strip()),
        PROJECT / "sleepjerk/app",
    )
    shown = [
        path.relative_to(source)
        for kind in ("html", "css", "js", "toml")
        for path in source.rglob(f"*.{kind}")
    ]
    assert len(shown) > 10
    assert [path for path in shown if not (package / path).is_file()] == []
    done = subprocess.run([bare / "bin" / "sleepjerk", "app"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "pip install 'sleepjerk[app]'" in done.stderr) == (2, True)


def test_it_writes_the_boards_code(bare: Path, tmp_path: Path) -> None:
    program, source = bare / "bin" / "sleepjerk", PROJECT / "firmware_io" / "firmware"
    told = run(program, "firmware", "--board", "nano", "--out", "nano", cwd=tmp_path)
    run(program, "firmware", "--board", "pico", "--out", "pico", cwd=tmp_path)
    written = {"nano/sleepjerk_board.hex": "sleepjerk_board.hex", "pico/main.py": "micropython/main.py"}
    written |= {f"nano/{name}": name for name in FIRMWARE if name.startswith("sleepjerk_board/")}
    for there, here in written.items():
        assert (tmp_path / there).read_bytes() == (source / here).read_bytes()
    assert "avrdude -p m328p -c arduino -b 115200 -P PORT" in told


def test_it_makes_records_and_reports_nights(bare: Path, tmp_path: Path) -> None:
    program = bare / "bin" / "sleepjerk"
    board = tmp_path / "board"
    run(program, "demo", "--out", "demo", cwd=tmp_path)
    run(program, "simulate", "--hours", "1", "--out", "made.csv", cwd=tmp_path)
    with SimulatedBoard(board, "frames", night_counts(20)):
        told = run(program, "record", "--port", board, "--out", "nights", "--duration", "5s", cwd=tmp_path)
    recorded = told.splitlines()[-1]
    sample = bare / "share/sleepjerk/sample_data/short_night.csv.gz"
    for number, path in enumerate(("made.csv", recorded, sample)):
        run(program, "report", path, "--no-diary", "--out", f"{number}.html", cwd=tmp_path)
        assert "</html>" in (tmp_path / f"{number}.html").read_text(encoding="utf-8")
