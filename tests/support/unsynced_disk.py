"""A disk that loses what was not synced: watches real files of a folder and says what a cut may leave of them.

Only what a sync held counts. Of names: those at a folder's last sync, or any later state. Of contents: what the file
held when it was synced, or nothing. Knows files alone.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Listing = dict[str, int]


class Disk:
    """What is safe of the files under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._synced: dict[int, bytes] = {}  # by inode
        self._names: dict[int, Listing] = {}  # of a folder's inode, at its last sync
        self._held: list[int] = []  # open for as long as this lives, so that no inode comes twice
        for path in [root, *root.rglob("*")]:
            self._sync(path)

    def _sync(self, path: Path) -> None:
        self._held.append(os.open(path, os.O_RDONLY))
        inode = path.stat().st_ino
        if path.is_dir():
            self._names[inode] = {one.name: one.stat().st_ino for one in path.iterdir()}
            for one in path.iterdir():
                if (
                    one.is_dir() and one.stat().st_ino not in self._names
                ):  # it is there, and what is in it is not yet
                    self._held.append(os.open(one, os.O_RDONLY))
                    self._names[one.stat().st_ino] = {}
        else:
            self._synced[inode] = path.read_bytes()

    def fsync(self, handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").resolve()
        if path.is_relative_to(self.root):
            self._sync(path)

    def safe(self) -> dict[str, bytes]:
        """The files that are there after a cut now, when nothing came to the disk that wasn't synced."""
        return dict(self._below(self.root.stat().st_ino, ""))

    def _below(self, folder: int, prefix: str) -> Iterator[tuple[str, bytes]]:
        for name, inode in self._names.get(folder, {}).items():
            if inode in self._names:
                yield from self._below(inode, f"{prefix}{name}/")
            else:
                yield f"{prefix}{name}", self._synced.get(inode, b"")

    def named(self) -> dict[str, bytes]:
        """The files that are there after a cut now, when every name came to the disk, but only synced contents."""
        files = [path for path in self.root.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.root)): self._synced.get(path.stat().st_ino, b"") for path in files}

    def close(self) -> None:
        for handle in self._held:
            os.close(handle)


@contextmanager
def watched(root: Path, at_each_step: Callable[[Disk], None]) -> Iterator[Disk]:
    """Everything that changes names or syncs goes through the model; the disk is looked at before and after each."""
    disk = Disk(root.resolve())

    def step(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **options: Any) -> Any:
            at_each_step(disk)
            result = real(*words, **options)
            if real is fsync:
                disk.fsync(words[0])
            at_each_step(disk)
            return result

        return call

    fsync = os.fsync
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir"):
            patch.setattr(os, name, step(getattr(os, name)))
        try:
            yield disk
        finally:
            disk.close()
