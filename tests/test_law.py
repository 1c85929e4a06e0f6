"""The law of the house: style, types and the map hold for the whole tree."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
TOP = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
FOLDERS = {"sleepjerk", "firmware_io", "sample_data", "tests"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=PROJECT, capture_output=True, text=True)


def test_ruff_finds_nothing() -> None:
    done = run("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_the_tree_is_formatted() -> None:
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_hold_in_strict_mode() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout


def modules(package: str) -> list[Path]:
    return sorted((PROJECT / package).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Every module named in an import statement, also those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    "path", modules("sleepjerk") + modules("firmware_io"), ids=lambda path: str(path.name)
)
def test_every_module_says_first_what_it_knows(path: Path) -> None:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert doc is not None
    assert len(doc) > 30


def test_the_board_side_knows_nothing_of_the_night_side() -> None:
    for path in modules("firmware_io"):
        for name in imports_of(path):
            assert name.split(".")[0] not in {"sleepjerk", "numpy", "scipy", "pandas"}, f"{path}: {name}"


def test_the_night_side_meets_the_board_side_only_in_the_command_line() -> None:
    for path in modules("sleepjerk"):
        if path.parent.name != "cli":
            assert not [name for name in imports_of(path) if name.startswith("firmware_io")], path


# Which rooms a room may look into. A step sees the curves and the types of its inputs, never the next step.
FLOOR = {"errors", "rules", "recording", "events", "version"}
MAY_IMPORT = {
    "errors": set(),
    "rules": {"errors"},
    "recording": set(),
    "events": set(),
    "verdict": set(),
    "questions": set(),
    "places": {"errors"},
    "night": {"errors", "events", "verdict"},
    "clock": {"night"},
    "corrections": {"errors", "events", "night", "recording"},
    "diary": {"errors", "questions"},
    "history": {"errors", "places", "questions", "verdict"},
    "weeks": {"clock", "events", "night", "questions", "rules", "verdict"},
    "trend": {"questions", "recording", "rules", "verdict", "weeks"},
    "pdf": {"errors"},
    "cores": set(),
    "level": {"recording"},
    "bands": {"cores", "recording"},
    "movement": {"bands", "cores", "level", "recording", "rules"},
    "damage": {"cores", "recording", "rules"},
    "calibrate": {"cores", "movement", "recording", "rules"},
    "vibration": {"cores", "level", "recording", "rules"},
    "bench": {"bands", "calibrate", "errors", "movement", "recording", "rules"},
    "sensors": {"calibrate", "errors", "night", "places", "version"},
    "confidence": {"events", "recording", "rules", "shape"},
    "wear": {"cores", "movement", "recording", "rules"},
    "sleep": {"cores", "movement", "recording", "rules"},
    "detect": {"movement", "recording", "rules"},
    "shape": {"movement", "recording", "rules"},
    "classify": {"events", "recording", "rules", "shape"},
    "periodic": {"recording", "rules"},
    "rates": {"events", "recording"},
    "evidence": {"cores", "events", "level", "movement", "night", "recording", "rules"},
    "claims": set(),
    "criteria": {"claims", "events", "night", "rates", "rules", "verdict"},
    "evaluate": {"errors", "events", "recording", "rules"},
    "batch/spread": {"cores", "errors"},
    "batch/journal": {"batch"},
    "batch/table": {"batch", "night"},
    "export/edf": {"errors", "night", "recording"},
    "export/arrow": {"errors", "night", "recording"},
    "export/bids": {"errors", "night", "recording"},
    "export/ggir": {"errors", "recording"},
    "simulate/sensor": {"simulate"},
    "simulate/faults": {"simulate"},
    "simulate/files": {"simulate"},
    "simulate/onto": {"events", "simulate"},
}


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_arrows_point_down_only(room: str) -> None:
    names = imports_of(PROJECT / "sleepjerk" / f"{room}.py")
    ours = {name.split(".")[1] for name in names if name.startswith("sleepjerk.")}
    assert ours <= MAY_IMPORT[room]


def test_the_top_of_the_tree_holds_what_was_agreed_and_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True).stdout.split(
        "\n"
    )
    top = {line.split("/")[0] for line in listed if line}
    assert {name for name in top if not name.startswith(".")} <= TOP | FOLDERS


def test_no_room_is_named_after_its_rank() -> None:
    for package in ("sleepjerk", "firmware_io"):
        for path in modules(package):
            assert path.stem not in {"utils", "util", "core", "common", "helpers", "misc"}, path
