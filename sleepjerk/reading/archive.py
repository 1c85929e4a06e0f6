"""A folder or a zip of files from several sensors -> the one table of acceleration, and what lies beside it.

Knows how phones and watches name their files. Must not know rows. A name in an archive never becomes a path.
"""

import csv
import re
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import islice
from pathlib import Path

from sleepjerk.errors import InputError
from sleepjerk.filenames import is_recording
from sleepjerk.reading.clocks import epoch_start
from sleepjerk.reading.layout import find_layout
from sleepjerk.reading.names import (
    FILE_OF_ACCELERATION,
    FILE_OF_ANOTHER,
    FILE_WITHOUT_GRAVITY,
    words_of_file,
)
from sleepjerk.reading.roles import find_columns
from sleepjerk.reading.sidecar import Sidecar, find_zone, named_start, understand_sidecar
from sleepjerk.reading.source import (
    FOLDER,
    SPREADSHEET_ADVICE,
    ZIP,
    ZIP_ODD,
    Source,
    open_bytes,
    open_source,
)
from sleepjerk.reading.text.vendors import find_offset
from sleepjerk.reading.units import STANDARD_GRAVITY
from sleepjerk.rules import ReadingRules

_MOST_FILES = 1000  # plain: of a folder with one recording; more is somebody's home
_SMALL_BYTES = 1 << 20
_SHOWN = 6  # plain: names in a sentence
_SHEETS = ("[Content_Types].xml", "content.xml")  # Microsoft's and OpenDocument's
_LOGGER = {"log.bin", "info.txt"}
# How likely a file is what is wanted, by its name, the best first.
_WITH_GRAVITY, _ACCELEROMETER, _UNCALIBRATED, _UNNAMED, _WITHOUT_GRAVITY, _NEVER = range(6)  # plain: ranks


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Files of a folder or a zip archive by their names, with how one is opened and how a small one is read."""

    path: Path
    what: str
    names: tuple[str, ...]
    open: Callable[[str], Source]
    read: Callable[[str], bytes]


def find_source(path: Path) -> Source:
    """Look at a file, or at the one recording that a folder or a zip archive holds.

    Raises
    ------
    InputError
        As `open_source`; or there is no recording in it, or more than one.
    """
    source = open_source(path)
    if source.kind in (FOLDER, ZIP):
        return _choose(_folder(path) if source.kind == FOLDER else _archive(path))
    return replace(source, known=_said_beside(path.name, lambda name: _read(path.parent / name)))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SMALL_BYTES)


def _folder(path: Path) -> _Shelf:
    """The files of a folder, and of those in it."""
    found = (one for pattern in ("*", "*/*") for one in path.glob(pattern) if one.is_file())
    files = list(islice(found, _MOST_FILES + 1))
    if len(files) > _MOST_FILES:
        raise InputError(f"{path}: this folder holds more than {_MOST_FILES} files; give one recording in it")
    names = _tables(one.relative_to(path).as_posix() for one in files)
    return _Shelf(
        path, "folder", names, lambda name: find_source(path / name), lambda name: _read(path / name)
    )


def _archive(path: Path) -> _Shelf:
    """The files of a zip archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {item.filename for item in archive.infolist() if not item.is_dir()}
    except ZIP_ODD as error:
        raise InputError(
            f"{path}: this zip archive is damaged or not whole; export or copy it again"
        ) from error
    if not names.isdisjoint(_SHEETS):
        raise InputError(f"{path}: this is a spreadsheet; {SPREADSHEET_ADVICE}")
    if names >= _LOGGER:
        raise InputError(f"{path}: this is an ActiGraph .gt3x under another name; give it that ending")

    def read(name: str) -> bytes:
        with open_bytes(path, name) as file:
            return file.read(_SMALL_BYTES)

    def look(name: str) -> Source:
        source = open_source(path, name)
        return replace(source, known=_said_beside(name, read).over(_own_sidecar(name, read)))

    return _Shelf(path, "zip archive", _tables(names), look, read)


def _tables(names: Iterable[str]) -> tuple[str, ...]:
    """The names of what may be recordings, sorted; what a Mac adds to an archive is hidden."""
    hidden = re.compile(r"(^|/)(\.[^./]|__MACOSX/)")
    seen = (name for name in names if not hidden.search(name))
    return tuple(sorted(name for name in seen if is_recording(name)))


def _choose(shelf: _Shelf) -> Source:
    """The recording among some files."""
    ranks = {name: _rank(name, shelf) for name in shelf.names}
    best = min(ranks.values(), default=_NEVER)
    sure = {name: 2 for name, rank in ranks.items() if rank == best < _UNNAMED}
    sure |= {name: _sureness(shelf, name) for name, rank in ranks.items() if rank == _UNNAMED}
    fits = [name for name, how in sure.items() if how == max(sure.values())]
    lacks = [name for name, rank in ranks.items() if rank == _WITHOUT_GRAVITY]
    if lacks and max(sure.values(), default=0) < 2:
        raise InputError(
            f"{shelf.path}: {_listed(lacks)}: this is movement without gravity, which can't be used; switch Total "
            "Acceleration (with gravity) on in the app, and export TotalAcceleration.csv, too"
        )
    if len(fits) != 1:
        holds = f"holds {len(fits)} files that may be it ({_listed(fits)})" if fits else "holds no recording"
        unpack = "unpack it, and " if shelf.what != "folder" else ""
        raise InputError(
            f"{shelf.path}: this {shelf.what} {holds}; {unpack}give one {'of them' if fits else 'file'}"
        )
    source, others = shelf.open(fits[0]), [name for name in shelf.names if name != fits[0]]
    beside = f", not {_listed(others)}" if others else ""
    note = f"{shelf.what}: {_listed(fits)} was taken{beside}"
    return replace(source, known=replace(source.known, notes=(note, *source.known.notes)))


def _rank(name: str, shelf: _Shelf) -> int:
    """How likely a file of that name is what is wanted; where it says nothing, its folder may."""
    folder, _, last = name.rpartition("/")
    for part in (last, folder.rpartition("/")[2]):
        words = words_of_file(part)
        if any(map(FILE_OF_ACCELERATION.fullmatch, words)):
            if words & FILE_WITHOUT_GRAVITY:
                return _WITHOUT_GRAVITY
            if words & {"total", "gravity"}:
                return _WITH_GRAVITY
            if "uncalibrated" in words:
                return _UNCALIBRATED
            # Sensor Logger calls so what is left when gravity is taken out.
            return _WITHOUT_GRAVITY if _metadata(name, shelf.read) else _ACCELEROMETER
        if part.lower() == "meta" or any(map(FILE_OF_ANOTHER.fullmatch, words)):
            return _NEVER
        if words & {"wrist", "watch"} and "motion" in words:
            return _WITH_GRAVITY  # Sensor Logger's watch
    return _UNNAMED


def _sureness(shelf: _Shelf, name: str) -> int:
    """0 where a file holds no table, 1 where its columns must be named, 2 where its axes can be told."""
    sure = 0
    with suppress(InputError):
        source = shelf.open(name)
        if source.kind is None:
            layout = find_layout(shelf.path, source.text(), ReadingRules())
            sure = 1
            find_columns(shelf.path, layout, None, ReadingRules())
        sure = 2
    return sure


def _listed(names: list[str]) -> str:
    """Some names for a sentence, without signs that would break it."""
    shown = ["".join(sign if sign.isprintable() else "?" for sign in name) for name in names[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _said_beside(name: str, read: Callable[[str], bytes]) -> Sidecar:
    """What the app says of a recording in files of its own."""
    return _phyphox(name, read).over(_sensor_logger(name, read))


def _phyphox(name: str, read: Callable[[str], bytes]) -> Sidecar:
    """`meta/time.csv` says when its clock was started, `meta/device.csv` what the phone is."""
    with suppress(ValueError, KeyError, OverflowError, OSError):
        started = [row for row in _rows(_beside(name, "meta/time.csv"), read) if row["event"] == "START"]
        clock = tuple((_number(row["experiment time"]), _number(row["system time"])) for row in started)
        start = epoch_start(clock[0][1] - clock[0][0], ReadingRules()) if clock else None
        if start is None:  # nobody had set the phone's clock
            return Sidecar()
        zone = find_offset(started[0].get("system time text", "").rpartition("UTC")[2])
        said = {row["property"]: row["value"] for row in _rows(_beside(name, "meta/device.csv"), read)}
        with_range = "Accelerometer Range" in said
        return Sidecar(
            start=start.astimezone(zone or UTC),
            clock=clock,
            zone=zone,
            sensor=said.get("Accelerometer Name") or said.get("deviceModel"),
            range_g=_number(said["Accelerometer Range"]) / STANDARD_GRAVITY if with_range else None,
        )
    return Sidecar()


def _sensor_logger(name: str, read: Callable[[str], bytes]) -> Sidecar:
    """`Metadata.csv` says the zone, and when recording began."""
    said = _metadata(name, read)
    with suppress(ValueError, KeyError, OverflowError, OSError):
        zone = find_zone(said["recording timezone"])
        start = epoch_start(_number(said["recording epoch time"]) / 1e3, ReadingRules())
        start = None if start is None else start.astimezone(zone or UTC)
        return Sidecar(
            start=start, zone=zone, notes=(f"zone: {zone}, from Metadata.csv, as Sensor Logger writes it",)
        )
    return Sidecar()


def _metadata(name: str, read: Callable[[str], bytes]) -> dict[str, str]:
    """What Sensor Logger says beside a recording; nothing where it didn't make it."""
    said = next(iter(_rows(_beside(name, "Metadata.csv"), read)), {})
    return said if "recording time" in said else {}


def _own_sidecar(name: str, read: Callable[[str], bytes]) -> Sidecar:
    """What the recorder wrote beside a recording, and into its name."""
    beside, sidecar = f"{name.removesuffix('.gz').removesuffix('.csv')}.json", Sidecar()
    with suppress(OSError, KeyError, *ZIP_ODD):
        sidecar = understand_sidecar(read(beside), beside.rpartition("/")[2])
    return sidecar.over(Sidecar(start=named_start(Path(name.rpartition("/")[2]))))


def _beside(name: str, other: str) -> str:
    """The name of another file in the same folder."""
    return name[: name.rfind("/") + 1] + other


def _rows(name: str, read: Callable[[str], bytes]) -> list[dict[str, str]]:
    """A small table with names in its first line; none where it isn't there."""
    with suppress(OSError, KeyError, csv.Error, *ZIP_ODD):
        lines = read(name).decode("utf-8-sig", "replace").splitlines()
        separator = max(",;\t", key=lines[0].count) if lines else ","
        return [
            {key: value or "" for key, value in row.items() if key is not None}
            for row in csv.DictReader(lines, delimiter=separator)
        ]
    return []


def _number(cell: str) -> float:
    return float(cell.replace(",", "."))
