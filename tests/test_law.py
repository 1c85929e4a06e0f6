"""The law of the house: style, types and the map hold for the whole tree."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import law

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


@pytest.mark.slow
def test_types_hold_in_strict_mode() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout


# Where the house is still too large, largest first; an entry that is no longer needed fails, too.
STILL_TOO_LARGE: set[str] = set()
STILL_TOO_COMPLEX: set[str] = set()


def test_every_import_follows_the_map_of_the_house() -> None:
    assert law.violations(PROJECT) == []


def test_modules_and_functions_are_of_the_size_of_the_house() -> None:
    assert law.too_large(PROJECT) == STILL_TOO_LARGE
    assert law.too_complex(PROJECT) == STILL_TOO_COMPLEX


def test_every_module_says_first_what_it_knows() -> None:
    docs = {path: ast.get_docstring(tree) or "" for path, tree in law.sources(PROJECT).items()}
    assert [path for path, doc in docs.items() if len(doc) <= 30] == []


# Kind -> where it is planted, the code, and what the law must say of it.
PLANTED = {
    "an import of a room above": (
        "sleepjerk/artefacts.py",
        "import sleepjerk.night.clock",
        "sleepjerk.artefacts -> sleepjerk.night.clock",
    ),
    "an import of a room above, inside a function": (
        "sleepjerk/recording.py",
        "def late() -> None:\n    from sleepjerk.reading import read_recording",
        "sleepjerk.recording -> sleepjerk.reading",
    ),
    "an import of a room above, for types alone": (
        "sleepjerk/night/clock.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sleepjerk.report",
        "sleepjerk.night.clock -> sleepjerk.report",
    ),
    "an import of a room above, by way of the public names": (
        "sleepjerk/detection/bands.py",
        "from sleepjerk import analyse",
        "sleepjerk.detection.bands -> sleepjerk ",
    ),
    "a private name": (
        "sleepjerk/cli/demo.py",
        "from sleepjerk.evaluate import _x",
        "demo.py: sleepjerk.evaluate._x",
    ),
    "a private module": ("sleepjerk/cli/demo.py", "import sleepjerk.night._y", "demo.py: sleepjerk.night._y"),
    "a room beside": (
        "sleepjerk/detection/level.py",
        "from sleepjerk.simulate import simulate_night",
        "sleepjerk.detection.level -> sleepjerk.simulate",
    ),
    "a file beside a folder": (
        "sleepjerk/report/svg.py",
        "import sleepjerk.export.edf",
        "sleepjerk.report.svg -> sleepjerk.export.edf",
    ),
    "the boards' side knowing the night": (
        "firmware_io/clock.py",
        "import sleepjerk.errors",
        "firmware_io.clock -> sleepjerk.errors",
    ),
    "the boards' side knowing arrays": ("firmware_io/clock.py", "import numpy", "firmware_io.clock -> numpy"),
    "a room knowing the boards' side": (
        "sleepjerk/reading/units.py",
        "import firmware_io.clock",
        "sleepjerk.reading.units -> firmware_io.clock",
    ),
    "a package where it doesn't belong": (
        "sleepjerk/report/pdf.py",
        "def late() -> None:\n    import jinja2",
        "sleepjerk/report/pdf.py: jinja2",
    ),
    "a package that nobody agreed to": (
        "sleepjerk/report/pdf.py",
        "import attrs",
        "sleepjerk/report/pdf.py: attrs",
    ),
    "a package by a name given as text": (
        "sleepjerk/report/pdf.py",
        "import importlib\nimportlib.import_module('pyarrow')",
        "sleepjerk/report/pdf.py: pyarrow",
    ),
    "a name that is made at run time": (
        "sleepjerk/report/svg.py",
        "__import__('sleep' + 'jerk.cli')",
        "sleepjerk/report/svg.py: an import by a name made at run time",
    ),
    "a module in no layer": ("sleepjerk/attic.py", "X = 1", "sleepjerk.attic"),
    "a module of the boards in no layer": ("firmware_io/attic.py", "X = 1", "firmware_io.attic"),
    "a folder that is no package": ("sleepjerk/cellar/box.py", "X = 1", "sleepjerk/cellar/box.py"),
}


@pytest.fixture(scope="module")
def said_of_a_planted_tree(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the law says of a copy of this tree in which everything forbidden was done."""
    root = tmp_path_factory.mktemp("tree")
    for path in ("pyproject.toml", "CONTRIBUTING.md", *law.sources(PROJECT)):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, root / path)
    for path, code, _ in PLANTED.values():
        (root / path).parent.mkdir(exist_ok=True)
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{code}\n")
    return "\n".join(law.violations(root))


@pytest.mark.parametrize("kind", PLANTED)
def test_the_law_sees(kind: str, said_of_a_planted_tree: str) -> None:
    assert PLANTED[kind][2] in said_of_a_planted_tree


def test_the_law_sees_a_cycle() -> None:
    made = {
        "a/__init__.py": "from a.b import x",
        "a/b.py": "def late():\n    import a.c",
        "a/c.py": "from a import x",
    }
    trees = {path: ast.parse(code) for path, code in made.items()}
    assert law.cycles(trees)
    trees["a/c.py"] = ast.parse("x = 1")
    assert law.cycles(trees) == []


def test_the_law_sees_what_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "firmware_io").mkdir()
    (tmp_path / "sleepjerk").mkdir()
    long = "def f(x):\n" + "    x += 1\n" * law.BODY_LINES + "    return x\n"
    branches = "def g(x):\n" + "    if x:\n        x = 0\n" * law.COMPLEXITY
    (tmp_path / "sleepjerk/a.py").write_text(long + branches)
    (tmp_path / "firmware_io/b.py").write_text("x = 1\n" * (law.MODULE_LINES + 1))
    assert law.too_large(tmp_path) == {"sleepjerk/a.py: f", "firmware_io/b.py"}
    assert law.too_complex(tmp_path) == {"sleepjerk/a.py: g"}


def test_the_top_of_the_tree_holds_what_was_agreed_and_nothing_else() -> None:
    git = ["git", "-c", "safe.directory=*", "ls-files"]
    listed = subprocess.run(git, cwd=PROJECT, capture_output=True, text=True).stdout.splitlines()
    if not listed:
        pytest.skip("no git here that knows which files belong to the tree")
    top = {line.split("/")[0] for line in listed}
    assert {name for name in top if not name.startswith(".")} <= TOP | FOLDERS


def test_no_room_is_named_after_its_rank() -> None:
    for path in law.sources(PROJECT):
        assert Path(path).stem not in {"utils", "util", "core", "common", "helpers", "misc"}, path
