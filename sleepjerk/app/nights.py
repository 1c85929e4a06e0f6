"""Which nights there are in a person's folder, and what is shown of them. Reads plain JSON; computes nothing."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sleepjerk.filenames import is_recording, stem_of
from sleepjerk.history.places import own_folder

Found = TypeVar("Found")

_RESULTS = ".night.json"
_PART = re.compile(r"\.night(\d+)$")  # of a recording of several nights


@dataclass(frozen=True, slots=True)
class NightFiles:
    """A night: its stem, and the files of it that are there.

    Attributes
    ----------
    recording
        None where only results are kept. All nights of one recording have the same.
    results
        Its night.json; None before it was analysed.
    """

    stem: str
    recording: Path | None
    results: Path | None

    @property
    def address(self) -> str:
        return f"/night/{quote(self.stem)}"

    @property
    def files_stem(self) -> Path:
        """The path of its results without their endings."""
        return nights_folder() / self.stem

    @property
    def date(self) -> str:
        """The day on which it began, as its name says; else the name."""
        found = re.match(r"\d{4}-\d\d-\d\d", self.stem)
        return found[0] if found else self.stem

    def files(self) -> list[Path]:
        """All files of this night and of its recording."""
        stem = _PART.sub("", self.stem)
        return [path for path in nights_folder().iterdir() if path.name.startswith(f"{stem}.")]

    def document(self) -> dict[str, Any]:
        """Its night.json; empty where there is none that can be read."""
        return self._read(_document) or {}

    def level(self) -> str | None:
        """Its verdict; None where there is none."""
        return self._read(_level)

    def _read(self, read: Callable[[Path, int], Found]) -> Found | None:
        if self.results is None:
            return None
        try:
            return read(self.results, self.results.stat().st_mtime_ns)
        except (OSError, ValueError, RecursionError, AttributeError):
            return None


def number_of(stem: str) -> int | None:
    """Which night of its recording it is; None where that holds one."""
    found = _PART.search(stem)
    return int(found[1]) if found else None


def nights_folder() -> Path:
    """Where the recordings of the page and their results are."""
    return own_folder() / "nights"


def nights() -> list[NightFiles]:
    """All nights, the newest first."""
    try:
        paths = sorted(path for path in nights_folder().iterdir() if path.name[0] != "." and path.is_file())
    except OSError:
        return []
    results = {path.name.removesuffix(_RESULTS): path for path in paths if path.name.endswith(_RESULTS)}
    recordings = {stem_of(path).name: path for path in paths if is_recording(path.name)}
    in_parts = {_PART.sub("", stem) for stem in results if _PART.search(stem)}
    stems = results.keys() | (recordings.keys() - in_parts)
    found = [NightFiles(stem, recordings.get(_PART.sub("", stem)), results.get(stem)) for stem in stems]
    return sorted(found, key=lambda night: night.stem, reverse=True)


def find_night(stem: str) -> NightFiles | None:
    """The night of a stem, compared with those that are there: a name from outside is never joined to a path."""
    return next((night for night in nights() if night.stem == stem), None)


@lru_cache(maxsize=512)
def _level(path: Path, changed_ns: int) -> str | None:
    level = _document(path, changed_ns).get("verdict", {}).get("level")
    return level if isinstance(level, str) else None


@lru_cache(maxsize=4)  # each takes megabytes
def _document(path: Path, changed_ns: int) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}
