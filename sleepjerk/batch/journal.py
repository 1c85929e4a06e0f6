"""What of a batch is done: one line a recording, appended when its results are on disk.

Knows outcomes and a file. Must not know who works. A line that was cut off by a kill is none.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sleepjerk.batch.said import what_was_said
from sleepjerk.batch.work import Job, Outcome

_KEYS = ("name", "stem", "fingerprint", "state", "reason", "rows", "endings", "said", "earlier")


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
        """The outcome of a job that needs no work: the same file, settings, version and what was said, results there.

        A refused file is refused again unread; a killed one gets another chance.
        """
        said = self._lines.get(job.name)
        if said is None or said["fingerprint"] != job.fingerprint or said["state"] == "killed":
            return None
        if said["said"] != what_was_said(job.files, said["rows"]):
            return None
        if not all(Path(f"{folder / job.stem}{ending}").is_file() for ending in said["endings"]):
            return None
        return Outcome(**said)

    def add(self, outcome: Outcome) -> None:
        """Write a line, and see that it is on disk."""
        said = asdict(outcome)
        del said["texts"]
        line = json.dumps(said, allow_nan=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(("\n" if self._torn else "") + line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._torn = False
        self._take(line)
