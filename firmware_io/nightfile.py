"""The night on disk: an append-only CSV, its sidecar and its clock log. Knows files; must not know ports or frames.

Promises: whole lines only; nothing older is ever touched; nothing must be written at the end; a full or failing
disk costs nothing as long as memory lasts, and is told. A file cut anywhere reads up to its last whole line.
"""

import contextlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

HEADER = b"t_us,x_g,y_g,z_g\n"
CLOCK_HEADER = b"t_us,host_monotonic_s,host_utc_s,event\n"

_MAX_PENDING = 64 << 20  # bytes kept while the disk is full: hours of 100 Hz
_BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
_COPY_BYTES = 1 << 20
_MAKING, _PART = ".sleepjerk-", ".part"  # how the name of a sidecar in the making begins and ends


class AppendFile:
    """A file that only grows. Bytes the disk doesn't take wait in memory, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0
        self.forgotten = 0
        self.deleted = False  # by somebody else, and made again
        self._refusal: str | None = None
        self._unsafe: str | None = None
        self._unsynced = bytearray()  # handed over, and not yet known to be on the disk
        self._syncs_failed = self._syncs_left_out = 0
        self._pending = bytearray()
        self._tries = 0
        self._next_try_s = 0.0
        # O_EXCL: a recording is never written over another. 0600: a night is nobody else's business.
        self._handle = os.open(path, _NEW, 0o600)

    @property
    def trouble(self) -> str | None:
        """Why the disk doesn't take or doesn't keep what it gets; None when all is well."""
        return self._refusal or self._unsafe

    @property
    def waiting(self) -> int:
        """Bytes that are not on disk yet."""
        return len(self._pending)

    @property
    def unsaved_lines(self) -> int:
        """Lines that are not, or not whole, in the file: they wait in memory, or found no room there."""
        return self.forgotten + self._pending.count(b"\n")

    def append(self, data: bytes) -> None:
        """Take whole lines; they go to the file at the next `flush`."""
        if len(self._pending) + len(data) > _MAX_PENDING:
            self.forgotten += data.count(b"\n")
        else:
            self._pending += data

    def flush(self, now_s: float) -> None:
        """Hand what waits to the operating system, unless the disk refused a moment ago.

        A short write *is* a full disk: the rest is tried again later from where it stopped, so that the line torn
        by it becomes whole.
        """
        if not self._pending or now_s < self._next_try_s:
            return
        try:
            count = os.write(self._handle, self._pending)
        except OSError as error:
            self._refused(os.strerror(error.errno or 0), now_s)
            return
        self._unsynced += self._pending[:count]
        del self._unsynced[: max(len(self._unsynced) - _MAX_PENDING, 0)]
        del self._pending[:count]
        self.written += count
        if self._pending:
            self._refused("the disk took only a part", now_s)
        else:
            self._refusal, self._tries, self._next_try_s = None, 0, 0.0

    def _refused(self, reason: str, now_s: float) -> None:
        self._refusal = reason
        self._next_try_s = now_s + _BACK_OFF_S[min(self._tries, len(_BACK_OFF_S) - 1)]
        self._tries += 1

    def sync(self) -> None:
        """Ask that what was handed over survives a power cut; called once a second, it asks a bad disk less often."""
        if os.fstat(self._handle).st_nlink == 0:
            self._make_again()
        if self._syncs_left_out > 0:
            self._syncs_left_out -= 1
            return
        try:
            _sync(self._handle, data_alone=hasattr(os, "fdatasync"))
        except OSError as error:
            self._unsafe = f"what was written may not be safe ({os.strerror(error.errno or 0)})"
            self._syncs_failed += 1
            self._syncs_left_out = round(_BACK_OFF_S[min(self._syncs_failed, len(_BACK_OFF_S)) - 1]) - 1
            self._write_again()
        else:
            self._unsafe, self._syncs_failed = None, 0
            self._unsynced.clear()

    def _write_again(self) -> None:
        """The same bytes to the same place: after a failed sync the system forgets that it still has to write them."""
        with contextlib.suppress(OSError):
            handle = os.open(self.path, os.O_WRONLY)
            try:
                os.lseek(handle, self.written - len(self._unsynced), os.SEEK_SET)
                os.write(handle, self._unsynced)
            finally:
                os.close(handle)

    def _make_again(self) -> None:
        """Somebody deleted the file: as long as it is open it is all there, and goes to a new one of the same name."""
        self.deleted = True
        with contextlib.suppress(OSError):  # tried again with the next sync
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = os.open(self.path, _NEW, 0o600)
            place = 0
            while piece := os.pread(self._handle, _COPY_BYTES, place):
                place += os.write(fresh, piece)
            os.dup2(fresh, self._handle)
            os.close(fresh)
            sync_folder(self.path.parent)

    def close(self, now_s: float) -> None:
        """One last try, then done."""
        self._next_try_s, self._syncs_left_out = 0.0, 0
        self.flush(now_s)
        self.sync()
        os.close(self._handle)


def write_atomically(path: Path, text: str) -> None:
    """A file that is there whole, old or new, whatever happens meanwhile; it is on the disk when this returns."""
    try:
        _write_aside(path, text)
    except FileNotFoundError:  # another recorder began in this folder, and swept it
        _write_aside(path, text)
    sync_folder(path.parent)


def _write_aside(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(_PART, _MAKING, path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            _sync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _sweep(folder: Path) -> None:
    """Remove what killed recorders left."""
    for path in folder.glob(f"{_MAKING}*{_PART}"):
        with contextlib.suppress(OSError):
            path.unlink()


def night_stem(folder: Path, start: datetime) -> Path:
    """A stem of which no file exists yet: the local start with its offset, `-2` and so on behind it if need be."""
    name = start.strftime("%Y-%m-%dT%H%M%S%z")
    number = 1
    while True:
        stem = folder / (name if number == 1 else f"{name}-{number}")
        if not any(Path(f"{stem}{ending}").exists() for ending in (".csv", ".json", ".clock.csv", ".raw")):
            return stem
        number += 1


def sync_folder(folder: Path) -> None:
    """Ask that the names of new files survive a power cut; not every system can be asked."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)


def _sync(handle: int, *, data_alone: bool = False) -> None:
    """See that a file or folder is on the disk; on macOS fsync leaves it in the drive's own memory."""
    if sys.platform == "darwin":
        with contextlib.suppress(OSError):  # a network drive offers no more than fsync
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fdatasync(handle) if data_alone else os.fsync(handle)


@dataclass(slots=True)
class NightFile:
    """The files of one recording."""

    stem: Path
    decimals: int
    facts: dict[str, Any]
    csv: AppendFile = field(init=False)
    clock: AppendFile = field(init=False)
    raw: AppendFile | None = field(init=False, default=None)
    keep_raw: bool = False
    sidecar_trouble: str | None = None

    def __post_init__(self) -> None:
        _sweep(self.stem.parent)
        self.csv = AppendFile(Path(f"{self.stem}.csv"))
        self.clock = AppendFile(Path(f"{self.stem}.clock.csv"))
        if self.keep_raw:
            self.raw = AppendFile(Path(f"{self.stem}.raw"))
        self.csv.append(HEADER)
        self.clock.append(CLOCK_HEADER)
        sync_folder(self.stem.parent)  # also where there is no room for a sidecar
        self.write_sidecar()

    @property
    def trouble(self) -> str | None:
        """Why the disk doesn't take or keep one of the files; None where all is well."""
        return next((file.trouble for file in self.files() if file.trouble), None)

    def append_row(self, t_us: int, x_g: float, y_g: float, z_g: float) -> None:
        """One sample, with the digits the sensor has and no more."""
        digits = self.decimals
        self.csv.append(f"{t_us},{x_g:.{digits}f},{y_g:.{digits}f},{z_g:.{digits}f}\n".encode())

    def append_clock(self, t_us: int | None, monotonic_s: float, utc_s: float, event: str) -> None:
        """One line of the clock log; `event` may hold no comma."""
        place = "" if t_us is None else t_us
        self.clock.append(f"{place},{monotonic_s:.6f},{utc_s:.6f},{event.replace(',', ';')}\n".encode())

    def append_raw(self, data: bytes) -> None:
        """Bytes as they came, where they are kept."""
        if self.raw is not None:
            self.raw.append(data)

    def flush(self, now_s: float) -> None:
        """Everything that waits goes to the operating system."""
        for file in self.files():
            file.flush(now_s)

    def sync(self) -> None:
        """Everything handed over should survive a power cut."""
        for file in self.files():
            file.sync()

    def write_sidecar(self) -> None:
        """Refresh the sidecar; on a full disk, or in a folder that was moved, the old one stays."""
        text = json.dumps(self.facts, indent=1, ensure_ascii=False) + "\n"
        try:
            write_atomically(Path(f"{self.stem}.json"), text)
        except OSError as error:
            self.sidecar_trouble = os.strerror(error.errno or 0)
        else:
            self.sidecar_trouble = None

    def close(self, now_s: float) -> None:
        """Last flush of everything."""
        for file in self.files():
            file.close(now_s)

    def files(self) -> list[AppendFile]:
        """All that only grow."""
        return [file for file in (self.csv, self.clock, self.raw) if file is not None]
