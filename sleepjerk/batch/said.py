"""What a person said of recordings and sensors, as small texts that travel to a worker with its job.

Knows where these files lie. Must not know what they mean, but for their names.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sleepjerk.batch.stores import Found
from sleepjerk.filenames import stem_of
from sleepjerk.history.options import OPTIONS, RECORDINGS, read_options
from sleepjerk.history.sensors import SENSORS, sensor_path
from sleepjerk.session import own_or_none, said_with_results

OWN, RESULTS = "own", "results"  # a folder, and the stem of results, where a worker lays them
_BESIDE = "beside"  # the stem of what lies beside a recording, which the worker sees there
_CORRECTIONS = ".corrections.json"


class Said:
    """All that is kept on this computer when a batch begins."""

    def __init__(self, folder: Path) -> None:
        own = own_or_none()
        self._folder = folder
        self._corrected: dict[Path, dict[str, str]] = {}
        self._own: dict[str, str] = {}
        for name in (SENSORS, RECORDINGS):
            for path in sorted((own / name).glob("*.json")) if own is not None else ():
                self._own |= {f"{OWN}/{name}/{path.name}": text for text in _text_of(path)}

    def of(self, recording: Found, stem: str) -> dict[str, str]:
        """The texts for a recording with results of that stem, by name."""
        found = self._beside(self._folder, stem, RESULTS)
        if not recording.store:
            found |= self._beside(recording.place.parent, stem_of(recording.place).name, _BESIDE)
        return self._own | found if found else self._own  # one for all: a cohort has many

    def _beside(self, folder: Path, stem: str, name: str) -> dict[str, str]:
        """The corrections of one recording's nights in a folder."""
        if folder not in self._corrected:
            files = sorted(folder.glob(f"*{_CORRECTIONS}"))
            self._corrected[folder] = {path.name: text for path in files for text in _text_of(path)}
        return {
            f"{name}{other.removeprefix(stem)}": text
            for other, text in self._corrected[folder].items()
            if other.startswith(f"{stem}.")
        }

    def of_results(self, stem: str) -> dict[str, str]:
        """Which options made the results that are there."""
        said = said_with_results(self._folder / stem)
        if said is None:
            return {}
        document = {"input_sha256": said[0], "options": said[1].kept()}
        return {f"{RESULTS}.night.json": json.dumps(document)}


def _text_of(path: Path) -> list[str]:
    """The text of a file, if it has any. Rules are left out: a table of many nights has its own."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.name.endswith(OPTIONS):
            return [json.dumps(replace(read_options(path), rules=None).kept())]
        return [path.read_text(encoding="utf-8")]
    return []


def what_was_said(files: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """The fingerprint of those texts that the nights of one recording depend on."""
    own = {f"{OWN}/{SENSORS}/{sensor_path(row['sensor_id']).name}" for row in rows if row["sensor_id"]}
    shas = {row[key] for row in rows for key in ("input_sha256", "with_sha256") if key in row}
    recordings = tuple(f"{OWN}/{RECORDINGS}/{sha}" for sha in shas)
    ours = sorted(
        (name, text)
        for name, text in files.items()
        if name in own or name.startswith(recordings) or (name.endswith(_CORRECTIONS) and "/" not in name)
    )
    return hashlib.sha256(json.dumps(ours).encode()).hexdigest()
