"""What of a batch is done: one line a recording, appended when its results are on disk.

Knows outcomes and a file. Must not know who works. A line that was cut off by a kill is none. In memory stands only
where in the file each recording's line begins: a cohort has more of them than memory has room.
"""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sleepjerk.atomic import append_line
from sleepjerk.batch.said import what_was_said
from sleepjerk.batch.work import Job, Outcome

_KEYS = ("name", "stem", "fingerprint", "state", "reason", "rows", "endings", "said", "earlier", "sizes")


class Journal:
    """The journal of one folder of results."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begins: dict[str, int] = {}
        self._torn = False
        if path.is_file():
            begin = 0
            with path.open("rb") as file:
                for line in file:
                    if (said := _understood(line)) is not None:
                        self._begins[said["name"]] = begin
                    begin += len(line)
                    self._torn = not line.endswith(b"\n")

    def of(self, names: Sequence[str]) -> "Outcomes":
        """The outcomes of recordings that have a line, read from the file each time they are gone through."""
        return Outcomes(self._path, [self._begins[name] for name in names])

    def done(self, jobs: Iterable[Job], folder: Path) -> Iterator[tuple[Job, Outcome | None]]:
        """Each job; with its outcome where file, settings, version and what was said are the same, and results whole.

        A file that can't be used is refused again unread; a killed one gets another chance.
        """
        with self._path.open("rb") if self._begins else io.BytesIO() as file:
            for job in jobs:
                said = _line_at(file, self._begins[job.name]) if job.name in self._begins else None
                yield job, None if said is None or _changed(said, job, folder) else _outcome(said)

    def add(self, outcome: Outcome, folder: Path) -> None:
        """Write a line, and see that it is on disk."""
        said = asdict(outcome) | {"sizes": _sizes(folder, outcome.stem, outcome.endings)}
        del said["texts"]
        line = json.dumps(said, allow_nan=False)
        begin = append_line(self._path, ("\n" if self._torn else "") + line)
        self._begins[outcome.name] = begin + self._torn
        self._torn = False


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcomes on disk, by where their lines begin."""

    path: Path
    begins: list[int]

    def __iter__(self) -> Iterator[Outcome]:
        with self.path.open("rb") as file:
            for begin in self.begins:
                yield _outcome(_line_at(file, begin))


def _understood(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
        return {key: said[key] for key in _KEYS}
    except (ValueError, KeyError, TypeError):
        return None


def _line_at(file: BinaryIO, begin: int) -> dict[str, Any]:
    file.seek(begin)
    said: dict[str, Any] = json.loads(file.readline())
    return said


def _changed(said: dict[str, Any], job: Job, folder: Path) -> bool:
    now = job.fingerprint, what_was_said(job.files, said["rows"]), _sizes(folder, job.stem, said["endings"])
    return said["state"] == "killed" or (said["fingerprint"], said["said"], said["sizes"]) != now


def _outcome(said: dict[str, Any]) -> Outcome:
    return Outcome(**{key: said[key] for key in _KEYS if key != "sizes"})


def _sizes(folder: Path, stem: str, endings: list[str]) -> dict[str, int | None]:
    """Of each result in bytes; None where there is none."""
    paths = {ending: Path(f"{folder / stem}{ending}") for ending in endings}
    return {ending: path.stat().st_size if path.is_file() else None for ending, path in paths.items()}
