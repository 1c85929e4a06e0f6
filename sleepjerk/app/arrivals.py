"""What was brought to the page and is not a night yet: a folder for each, with the files as they came.

Knows names and places. Must not know what is in a file, nor how it came here. A name from outside is text: of its parts
the last four are kept, without any sign that a path, an address or a system could take for something else.
"""

import contextlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.filenames import is_recording
from sleepjerk.history.places import own_folder

MOST_FILES = 1000  # at once
MOST_BYTES = 2 * 10**9  # at once
_SPARE_BYTES = 200_000_000  # of the disk, for a recording that may be running
_NAME = re.compile(r"[0-9]{10}-[0-9a-f]{8}")
_COMING = ".coming"  # the ending of a folder while it is being filled
_STRANGE = re.compile(r"[^\w .+()@,-]|^[. ]+|[. ]+$")
_PART = re.compile(r"\.(night\d+)(?=\.|$)", re.I)  # would be taken for a night of another recording
_OF_A_MAC = re.compile(r"(^|[/\\])(\._|\.DS_Store$|__MACOSX[/\\])")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)  # devices, for Windows
_DEEPEST = 4  # folders in a folder that is dropped, with the name
_LONGEST = 120  # characters of a name: results add their endings
_PATIENCE_S = 60.0  # for the next piece; the guard has less
_KEPT_S = 14 * 86_400  # an arrival that nobody came back to


@dataclass(frozen=True, slots=True)
class Arrival:
    """Files that came together.

    `files` holds them, and beside it lies what was said (`said`), what was found (`found`) and what became of it
    (`done`), each as JSON.
    """

    name: str

    @property
    def folder(self) -> Path:
        return _folder() / self.name

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def whole(self) -> "Arrival":
        """The same when all of it has come."""
        return Arrival(self.name.removesuffix(_COMING))

    @property
    def is_coming(self) -> bool:
        """Is it still being filled? A process may wait for it, but not for what a killed server left."""
        coming = Path(f"{self.folder}{_COMING}")
        with contextlib.suppress(OSError):
            newest_s = max(path.stat().st_mtime for path in (coming, *coming.rglob("*")))
            return not self.files.is_dir() and time.time() - newest_s < _PATIENCE_S
        return False

    @property
    def address(self) -> str:
        return f"/open/{self.name}"

    def read(self, what: str) -> Any:
        """What is kept under a name; None where nothing is."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.folder / f"{what}.json").read_text(encoding="utf-8"))
        return None

    def write(self, what: str, value: Any) -> None:
        """Keep something under a name, whole or not at all."""
        write_whole(self.folder / f"{what}.json", json.dumps(value, allow_nan=False))

    def names(self) -> list[str]:
        """The names of its files, for a person."""
        found = (path for path in self.files.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.files).as_posix() for path in found)

    def empty(self) -> None:
        """Its files go; what became of them stays."""
        shutil.rmtree(self.files, ignore_errors=True)
        make_folder(self.files)

    def remove(self) -> None:
        """Everything of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def new_arrival() -> Iterator[Arrival]:
    """An arrival that is seen when the block ends without an error; of it, or of an empty one, nothing stays."""
    _sweep()
    name = f"{int(time.time()):010d}-{secrets.token_hex(4)}"
    coming = Arrival(f"{name}{_COMING}")
    make_folder(coming.files)
    _being_filled.add(coming.name)
    try:
        yield coming
        if coming.names():
            coming.folder.replace(coming.whole.folder)
    finally:
        coming.remove()
        _being_filled.discard(coming.name)


def find_arrival(name: str) -> Arrival | None:
    """The arrival of a name; None where there is none."""
    return Arrival(name) if _NAME.fullmatch(name) and Arrival(name).files.is_dir() else None


def arrivals() -> list[Arrival]:
    """All that wait for a person, the newest first."""
    names = sorted((path.name for path in _folder().glob("*-*")), reverse=True)
    found = [arrival for name in names if (arrival := find_arrival(name)) is not None]
    return [arrival for arrival in found if arrival.read("done") is None]


def has_room(size: int) -> bool:
    """Whether so many bytes more may be written, and a recording that runs can go on."""
    return shutil.disk_usage(own_folder()).free - size > _SPARE_BYTES


def is_left_out(name: str) -> bool:
    """Whether a file is only what a Mac keeps beside others."""
    return _OF_A_MAC.search(name) is not None


def safe_path(name: str) -> Path:
    """Where a file of a name from outside may lie, below a folder."""
    parts = [_safe(part) for part in re.split(r"[/\\]", name) if part.strip(". ")]
    return Path(*parts[-_DEEPEST:]) if parts else Path("recording")


def free_path(folder: Path, wanted: Path) -> Path:
    """A place for a file that comes: another name where one is taken; in capitals or not, it is the same file."""
    made, number = wanted, 1
    while any(path.name.lower() == made.name.lower() for path in (folder / made).parent.glob("*")):
        number += 1
        stem, point, ending = wanted.name.partition(".")
        made = wanted.with_name(f"{stem}-{number}{point}{ending}")
    return folder / made


def _safe(name: str) -> str:
    """A file's name without strange signs, its endings kept; one that no program writes recordings under is text."""
    name = _PART.sub(r"_\1", _STRANGE.sub("_", name)) or "recording"
    name = f"_{name}" if _RESERVED.match(name) else name
    stem, point, ending = name.partition(".")
    return f"{stem[: _LONGEST - len(ending)] or '_'}{point}{ending}"[-_LONGEST:]


def as_recording(path: Path) -> Path:
    """A path under which the file is taken for a recording: an unknown ending is that of a text."""
    return path if is_recording(path.name) else path.with_name(f"{path.name}.txt")


_being_filled: set[str] = set()


def _sweep() -> None:
    """What a killed server left half, and what nobody came back to. There is one server a folder."""
    for path in _folder().glob("*-*"):
        begun_s = path.name[:10]
        old = begun_s.isdecimal() and time.time() - int(begun_s) > _KEPT_S
        if path.name not in _being_filled and (path.name.endswith(_COMING) or old):
            shutil.rmtree(path, ignore_errors=True)


def _folder() -> Path:
    return own_folder() / "app" / "opened"
