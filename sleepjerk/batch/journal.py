"""What of a batch is done: one line a recording, appended when its results are on disk.

Knows outcomes and a file. Must not know who works. A line that was cut off by a kill is none.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sleepjerk.atomic import append_line
from sleepjerk.batch.said import what_was_said
from sleepjerk.batch.work import Job, Outcome

_KEYS = ("name", "stem", "fingerprint", "state", "reason", "rows", "endings", "said", "earlier", "sizes")


class Journal:
    """The journal of one folder of results."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[str, dict[str, Any]] = {}
        self._torn = False
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            self._torn = not text.endswith("\n") and text != ""
            for line in text.split("\n"):
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
            self._lines[said["name"]] = {key: said[key] for key in _KEYS}
        except (ValueError, KeyError, TypeError):
            return

    def done(self, job: Job, folder: Path) -> Outcome | None:
        """The outcome of a job that needs no work: the same file, settings, version and what was said, whole results.

        A refused file is refused again unread; a killed one gets another chance.
        """
        said = self._lines.get(job.name)
        if said is None or said["fingerprint"] != job.fingerprint or said["state"] == "killed":
            return None
        if said["said"] != what_was_said(job.files, said["rows"]):
            return None
        if said["sizes"] != _sizes(folder, job.stem, said["endings"]):
            return None
        return Outcome(**{key: said[key] for key in _KEYS if key != "sizes"})

    def add(self, outcome: Outcome, folder: Path) -> Outcome:
        """Write a line, and see that it is on disk; the outcome comes back without its texts."""
        outcome = replace(outcome, texts={})
        said = asdict(outcome) | {"sizes": _sizes(folder, outcome.stem, outcome.endings)}
        del said["texts"]
        line = json.dumps(said, allow_nan=False)
        append_line(self._path, ("\n" if self._torn else "") + line)
        self._torn = False
        self._take(line)
        return outcome


def _sizes(folder: Path, stem: str, endings: list[str]) -> dict[str, int | None]:
    """Of each result in bytes; None where there is none."""
    paths = {ending: Path(f"{folder / stem}{ending}") for ending in endings}
    return {ending: path.stat().st_size if path.is_file() else None for ending, path in paths.items()}
