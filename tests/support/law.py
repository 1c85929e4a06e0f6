"""The law of the house as functions of a tree, so that the tests can try it on trees that break it.

The layers stand in pyproject.toml (import-linter), where each package from elsewhere may be imported in the table of
CONTRIBUTING.md. Imports inside functions, for types alone and by a name given as text count like any other.
"""

import ast
import graphlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("sleepjerk", "firmware_io")
BOARDS_PYTHON = "firmware_io/firmware/"  # MicroPython, one file to copy: no module of the package
MODULE_LINES, BODY_LINES, COMPLEXITY = 450, 50, 15
# These two open modules by names that they make: the public names, and the verbs of the command line.
NAMED_AT_RUN_TIME = {"sleepjerk/__init__.py", "sleepjerk/cli/__init__.py"}


Trees = dict[str, ast.Module]


@cache
def sources(root: Path) -> Trees:
    """Path from the root -> the module, of all that are imported from the two packages; read once."""
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    named = {path.relative_to(root).as_posix(): path for path in paths}
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in named.items()
        if not name.startswith(BOARDS_PYTHON)
    }


def module_name(path: str) -> str:
    """sleepjerk/night/clock.py -> sleepjerk.night.clock"""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(module, name in it or "") of every import; the module is "" where only running it would tell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {
            "import_module",
            "__import__",
        }:
            told = node.args[0]
            yield str(told.value) if isinstance(told, ast.Constant) else "", ""


def broken_layers(root: Path) -> list[str]:
    """What import-linter says against the tree; [] when it keeps every contract."""
    start = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", start, "--no-cache"], cwd=root, capture_output=True, text=True
    )
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def cycles(trees: Trees) -> list[str]:
    """A way on which a module imports itself."""
    known = {module_name(path) for path in trees}
    arrows = {
        module_name(path): {
            full if (full := f"{module}.{inner}") in known else module for module, inner in imports_of(tree)
        }
        & known
        for path, tree in trees.items()
    }
    try:
        graphlib.TopologicalSorter(arrows).prepare()
    except graphlib.CycleError as error:
        return [" <- ".join(error.args[1])]
    return []


def private_imports(trees: Trees) -> list[str]:
    """Names and modules with an underscore that somebody else imports."""
    return [
        f"{path}: {module}.{inner}"
        for path, tree in trees.items()
        for module, inner in imports_of(tree)
        if any(re.match(r"_(?!_)", part) for part in f"{module}.{inner}".split("."))
    ]


def homes(root: Path) -> dict[str, list[str]]:
    """Package from elsewhere -> the paths that may import it, from the table of CONTRIBUTING.md."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w, -]+?)(?: \([^|]*\))? \|[^|]*\| ([^|]*) \|$", text, re.MULTILINE)
    found = {name: re.findall("`([^`]+)`", where) for names, where in rows for name in names.split(", ")}
    return found | {"serial": found["pyserial"]}


def strangers(trees: Trees, allowed: dict[str, list[str]]) -> list[str]:
    """Packages from elsewhere that are imported where CONTRIBUTING.md doesn't say so, or by no name."""
    found = []
    for path, tree in trees.items():
        for top in {module.split(".")[0] for module, _ in imports_of(tree)} - sys.stdlib_module_names:
            at_home = path in NAMED_AT_RUN_TIME if top == "" else path.startswith(tuple(allowed.get(top, ())))
            if top not in PACKAGES and not at_home:
                found.append(f"{path}: {top or 'an import by a name made at run time'}")
    return found


def without_room(trees: Trees) -> list[str]:
    """Modules in folders that are no package, where import-linter doesn't look."""
    return [path for path in trees if f"{path.rpartition('/')[0]}/__init__.py" not in trees]


def too_large(root: Path) -> set[str]:
    """Modules, and bodies of functions without their docstrings, above the size of the house."""
    found = set()
    for path, tree in sources(root).items():
        if len((root / path).read_text(encoding="utf-8").splitlines()) > MODULE_LINES:
            found.add(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[bool(ast.get_docstring(node)) :] or node.body
                if (body[-1].end_lineno or 0) - body[0].lineno + 1 > BODY_LINES:
                    found.add(f"{path}: {node.name}")
    return found


def too_complex(root: Path) -> set[str]:
    """Functions with more ways through them than the house allows, as ruff counts."""
    limit = f"lint.mccabe.max-complexity={COMPLEXITY}"
    command = [
        "ruff",
        "check",
        "--isolated",
        "--select",
        "C901",
        "--config",
        limit,
        "--output-format",
        "json",
    ]
    done = subprocess.run(
        [sys.executable, "-m", *command, *PACKAGES], cwd=root, capture_output=True, text=True
    )
    return {
        f"{Path(item['filename']).relative_to(root.resolve()).as_posix()}: {item['message'].split('`')[1]}"
        for item in json.loads(done.stdout)
    }


def violations(root: Path) -> list[str]:
    """All that speaks against the imports of a tree."""
    trees = sources(root)
    return [
        *broken_layers(root),
        *cycles(trees),
        *private_imports(trees),
        *strangers(trees, homes(root)),
        *without_room(trees),
    ]
