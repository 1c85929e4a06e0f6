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
