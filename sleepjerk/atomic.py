"""The one way files are written whole: a reader, a kill or a power cut meets the old file or the new one, no half.

What is to be written is made in a hidden folder beside its place, synced, moved, and the move is synced. The folder is
locked as long as its process lives, so that the next one can tell what a killed one left from what another still makes.
Knows files alone; all of them are their owner's only. What is kept as JSON may carry a checksum of what it says:
a digit that flipped on a disk has no form to be known by.
"""

import contextlib
import errno
import filecmp
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sleepjerk.errors import InputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_MAKING = ".sleepjerk-making-"
_PRIVATE = 0o600
_ABANDONED_S = (
    86_400.0  # where a system has no locks for folders, what is a day old was left by a dead process
)
_NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF)  # some network drives

_swept: set[Path] = set()


def checksum(document: Any) -> str:
    """Of plain JSON types, however they are laid out.

    Raises
    ------
    ValueError
        A number is NaN or infinite.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole and durably, for its owner alone.

    Parameters
    ----------
    path
        The file; its folder must be there.
    content
        Text is written as UTF-8 with the line ends it has.
    """
    write_together(path.parent, {path.name: content})


def write_together(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write files of one folder, by name: none is seen before all are whole."""
    with whole_files(folder) as aside:
        for name, content in contents.items():
            (aside / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def append_line(path: Path, line: str) -> int:
    """Add a line to a file, made when it is missing, see that both are on disk, and say at which byte it begins."""
    fresh = not path.exists()
    with open(path, "ab", opener=_open_private) as file:
        size = file.write(line.encode("utf-8") + b"\n")
        file.flush()
        begin = file.tell() - size  # another process may have added lines, too
        _sync(file.fileno())
    if fresh:
        sync_folder(path.parent)
    return begin


def _open_private(name: str, flags: int) -> int:
    return os.open(name, flags, _PRIVATE)


@contextlib.contextmanager
def whole_files(folder: Path, *, over: bool = True) -> Iterator[Path]:
    """A folder to write files and folders into; when the block ends they move to `folder`, whole and durable.

    Parameters
    ----------
    folder
        Where they belong; it must be there. A folder in it that is there already is added to.
    over
        Whether they may take the place of files that are there. If not, a file stands in the way unless it is the same
        to the byte and another is missing: then a killed run moved it, and this one completes that.

    Yields
    ------
    Path
        The folder aside. After an error nothing of it moves.

    Raises
    ------
    FileExistsError
        A file is there already; nothing was moved.
    """
    with scratch(folder) as aside:
        yield aside
        if not over:
            _refuse_what_is_there(aside, folder)
        _sync_tree(aside)
        _move(aside, folder)


@contextlib.contextmanager
def scratch(folder: Path | None = None) -> Iterator[Path]:
    """A folder for as long as the block lasts, in another one, else where the system has such; a killed run's go.

    A program that is started with `close_fds=False` holds it, too, until it ends.
    """
    folder = Path(tempfile.gettempdir()) if folder is None else folder
    _sweep(folder)
    aside, lock = _locked_folder(folder)
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if lock is not None:
            os.close(lock)
        _sweep(folder)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until nobody else changes what a person said: two at once would lose a word. It ends with the process.

    Raises
    ------
    InputError
        The folder can't be written.
    """
    try:
        make_folder(folder)
        waiting = (folder / "lock").open("ab")
    except OSError as error:
        raise InputError(
            f"{folder}: can't keep this here ({error.strerror}); choose a folder with SLEEPJERK_HOME"
        ) from error
    with waiting as file:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def refuse_file(folder: Path) -> None:
    """Raise an OSError where a folder can't be made, since it or one above it is a file."""
    for place in (folder, *folder.parents):
        if place.is_dir():
            return
        if place.exists():
            raise NotADirectoryError(errno.ENOTDIR, f"{place} is a file, not a folder")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for their owner alone, durably; one that is there stays as it is."""
    if not folder.is_dir():
        refuse_file(folder)
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; where a system can't (Windows), they are so by themselves."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _sync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise


def _sync(handle: int) -> None:
    """See that a file or folder is on the disk; on macOS fsync leaves it in the drive's own memory."""
    if sys.platform == "darwin":
        with contextlib.suppress(OSError):  # a network drive offers no more than fsync
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def _refuse_what_is_there(aside: Path, folder: Path) -> None:
    made = [path.relative_to(aside) for path in aside.rglob("*") if path.is_file()]
    there = [name for name in made if (folder / name).exists()]
    for name in there:
        if len(there) == len(made) or not filecmp.cmp(aside / name, folder / name, shallow=False):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / name))


def _sync_tree(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            path.chmod(0o700)
            _sync_tree(path)
            sync_folder(path)
        else:
            path.chmod(_PRIVATE)
            with path.open("rb+") as file:
                _sync(file.fileno())


def _move(aside: Path, folder: Path) -> None:
    """Longest names first: what lies beside a file is named after it, and comes before it."""
    for path in sorted(aside.iterdir(), key=lambda path: (-len(path.name), path.name)):
        if path.is_dir() and (folder / path.name).is_dir():
            _move(path, folder / path.name)
        else:
            path.replace(folder / path.name)
    sync_folder(folder)


def _locked_folder(folder: Path) -> tuple[Path, int | None]:
    while True:
        aside = Path(tempfile.mkdtemp(prefix=_MAKING, dir=folder))
        with contextlib.suppress(
            FileNotFoundError, BlockingIOError
        ):  # another process sweeps it before it is locked
            lock = _lock(aside)
            if aside.is_dir():
                return aside, lock
            if lock is not None:
                os.close(lock)


def _lock(folder: Path) -> int | None:
    """A handle that holds a folder until it is closed or its process dies; None where there are no such locks.

    Raises
    ------
    BlockingIOError
        Another process holds it.
    """
    if sys.platform == "win32":
        return None
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            raise
        return None
    os.set_inheritable(handle, True)
    return handle


def _sweep(folder: Path) -> None:
    """`sweep`, again and again until nobody else's is left, then never more."""
    if folder.absolute() not in _swept and sweep(folder):
        _swept.add(folder.absolute())


def sweep(folder: Path | None = None) -> bool:
    """Remove what killed processes left in a folder, else where the system has such; whether none is left there."""
    others = 0
    with contextlib.suppress(OSError), os.scandir(folder or tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_MAKING) and entry.is_dir(follow_symlinks=False):
                others += not _removed(Path(entry.path))
    return not others


def _removed(aside: Path) -> bool:
    try:
        lock = _lock(aside)
        if lock is None and time.time() - aside.stat().st_mtime < _ABANDONED_S:
            return False
    except OSError:  # it is somebody's
        return False
    shutil.rmtree(aside, ignore_errors=True)
    if lock is not None:
        os.close(lock)
    return not aside.exists()
