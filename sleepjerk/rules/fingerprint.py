"""The fingerprint of a result: of the values it depends on, and of the code that decides it.

Knows modules as text. Must not know what any of them does.

Code is hashed as its syntax trees, without docstrings, comments and layout, so that only a change that can change a
result changes the fingerprint. Which modules decide a night's result follows from their imports. To read those trees
takes 0.2 s, so `fingerprint.json` holds the hash for the sources as they are shipped; where a single byte differs the
trees are read. `python -m tests.benchmarks.fingerprint` renews the file.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("fingerprint.json")
ROOT = Path(__file__).resolve().parents[2]
_DECIDE = ("sleepjerk.reading", "sleepjerk.analysis")
# Values of thresholds are hashed by themselves; of the others none can change a number.
_DECIDE_NOTHING = ("rules", "runtime", "atomic", "hashing", "errors", "version")


def values_sha256(values: Mapping[str, Any]) -> str:
    """The fingerprint of named values, whatever their order."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


@cache
def night_code_sha256() -> str:
    """The fingerprint of the code that decides a night's result."""
    shipped = json.loads(SHIPPED.read_text(encoding="utf-8")) if SHIPPED.exists() else {"modules": []}
    paths = [ROOT / name for name in shipped["modules"]]
    if all(path.exists() for path in paths) and shipped.get("sources") == sources_sha256(paths):
        return str(shipped["code"])
    return code_sha256(night_modules())


def sources_sha256(paths: Iterable[Path]) -> str:
    """The fingerprint of files to the byte, in the order given."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def code_sha256(paths: Iterable[Path]) -> str:
    """The fingerprint of what modules do: equal where only names of files' comments, docstrings or layout differ."""
    whole = hashlib.sha256()
    for path in paths:
        tree = ast.parse(path.read_bytes())
        whole.update(f"{path.relative_to(ROOT).as_posix()} {_plain(tree)}\n".encode())
    return whole.hexdigest()


def night_modules() -> list[Path]:
    """The modules that reading and analysing a night import, directly or through others, sorted by name."""
    found: set[Path] = set()
    waiting = [path for name in _DECIDE for path in _files_of(name)]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in _imported(ast.parse(path.read_bytes())) for file in _files_of(name)]
    return sorted(found)


def _files_of(name: str) -> Iterator[Path]:
    """The file of a module (or of the module a name is imported from), and those of the packages around it."""
    parts = name.split(".")
    if parts[0] != "sleepjerk" or len(parts) < 2 or parts[1] in _DECIDE_NOTHING:
        return
    for depth in range(2, len(parts) + 1):
        place = ROOT.joinpath(*parts[:depth])
        yield from (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists())


def _imported(tree: ast.AST) -> Iterator[str]:
    """Names of what a module imports, inside functions too; what it imports for types alone is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from _imported(node)


def _plain(node: Any) -> str:
    """A syntax tree as text that is the same under every version of Python."""
    if isinstance(node, list):
        return f"[{','.join(map(_plain, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
        fields["body"] = node.body[1:]
    held = (f"{name}={_plain(value)}" for name, value in fields.items() if value not in (None, []))
    return f"{type(node).__name__}({','.join(held)})"
