"""What is kept of a night, and how it goes for good: files, what a person said, its row in the diary.

Knows where each lies. Must not know pages.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sleepjerk.app import jobs
from sleepjerk.app.nights import NightFiles, nights, nights_folder, number_of
from sleepjerk.filenames import stem_of
from sleepjerk.history.database import History, default_path, delete_diary
from sleepjerk.history.options import RECORDINGS, forget_recordings
from sleepjerk.history.places import own_folder

_OF_RECORDER = (".json", ".clock.csv", ".raw")  # what is written beside a recording
_OF_SERVER = ("server.lock", "server.json", "keys")  # what isn't any night's


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a night.

    Attributes
    ----------
    results
        Files that were made from it, and what a person said of it.
    recording
        The recording and what was written beside it; nothing where other nights need it.
    evening
        The date under which the diary knows it; None where it doesn't.
    """

    results: list[Path]
    recording: list[Path]
    evening: str | None


def kept_of(night: NightFiles) -> Kept:
    """All that is kept of a night."""
    recording = []
    if night.recording is not None:
        stem = stem_of(night.recording).name
        beside = [night.recording.with_name(f"{stem}{ending}") for ending in _OF_RECORDER]
        recording = [path for path in (night.recording, *beside) if path.exists()]
    shared = [other for other in nights() if other.recording == night.recording and other.stem != night.stem]
    stems = [other.stem for other in nights()]
    there = [*nights_folder().iterdir(), *(own_folder() / "app").glob("*/*")]
    results = [path for path in there if path not in recording and _owner(path, stems) == night.stem]
    words = own_folder() / "app" / "words" / night.stem
    sha, number = str(night.document().get("input_sha256", "")), number_of(night.stem)
    said = f"{sha}.night{number}." if number else f"{sha}."
    folder = own_folder() / RECORDINGS
    kept = [path for path in folder.glob("*.json") if sha and path.name.startswith(said)]
    results += [*([words] if words.exists() else []), *kept]
    return Kept(sorted(results), [] if shared else recording, _evening(night))


def _owner(path: Path, stems: Sequence[str]) -> str | None:
    """Of which night a file is: "a.b.csv" is of "a.b" where there is such a night, else of "a"."""
    return max((stem for stem in stems if path.name.startswith(f"{stem}.")), key=len, default=None)


def _key(night: NightFiles) -> str:
    sha, number = str(night.document().get("input_sha256", "")), number_of(night.stem)
    return f"{sha}/{number}" if number else sha


def _evening(night: NightFiles) -> str | None:
    if not default_path().exists():
        return None
    key = _key(night)
    with History(default_path()) as history:
        lines = [line for limb in ("wrist", "ankle") for line in history.nights(limb)]
    return next((line.night for line in lines if line.input_sha256 == key), None)


def forget(night: NightFiles, *, with_recording: bool) -> None:
    """Delete all that is kept of a night, the recording only if wished: the diary first, then files.

    A process that is ended between leaves a night that can be deleted again.
    """
    kept = kept_of(night)
    if kept.evening is not None:
        with History(default_path()) as history:
            history.forget_night(kept.evening, _key(night))
    for path in (*kept.results, *(kept.recording if with_recording else ())):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    _forget_made()


def all_files() -> list[Path]:
    """All files that go with everything."""
    folders = (nights_folder(), own_folder() / RECORDINGS)
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()]
    return sorted(found) + ([default_path()] if default_path().exists() else [])


def begin_anew() -> None:
    """Delete every night, the diary, and all that was said or made of them; sensors stay."""
    delete_diary(default_path())
    forget_recordings()
    shutil.rmtree(nights_folder(), ignore_errors=True)
    for path in (own_folder() / "app").iterdir():
        if path.name not in _OF_SERVER:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _forget_made() -> None:
    """What was made of all nights together, and what jobs said."""
    shutil.rmtree(own_folder() / "app" / "weeks", ignore_errors=True)
    jobs.forget_ended()
