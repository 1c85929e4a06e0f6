"""Files as one zip archive, in pieces as it is made: none is ever whole in memory or on the disk.

Knows archives and the diary's two forms. Must not know which files belong to whom.
"""

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from sleepjerk.atomic import scratch
from sleepjerk.history.database import History, default_path

_PIECE_BYTES = 1 << 20
_PACKED = (".gz", ".zst", ".zip", ".parquet", ".gt3x")
_LEVEL = 1  # of deflate: numbers as text hardly get smaller with more


def pack(paths: Sequence[Path], root: Path) -> Iterator[bytes]:
    """The pieces of an archive of files below a folder, and of the diary, as it is and as a table."""
    out = _Out()
    with (
        zipfile.ZipFile(cast(IO[bytes], out), "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
        scratch() as folder,
    ):
        for path, name in (*((path, path.relative_to(root).as_posix()) for path in paths), *_diary(folder)):
            try:
                entry = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
                source = path.open("rb")
            except OSError:
                continue  # it was deleted meanwhile
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
            with source, archive.open(entry, "w", force_zip64=True) as place:
                while data := source.read(_PIECE_BYTES):
                    place.write(data)
                    yield out.taken()
    yield out.taken()


def _diary(folder: Path) -> list[tuple[Path, str]]:
    """The diary, whole at one moment, and the table that `sleepjerk diary --export` writes."""
    path = default_path()
    if not path.exists():
        return []
    with History(path) as history:
        (folder / path.name).write_bytes(history.whole())
    table = folder / "diary.csv"
    subprocess.run(
        [sys.executable, "-P", "-m", "sleepjerk", "diary", "--export", str(table)],
        check=False,
        capture_output=True,
    )
    return [(made, made.name) for made in (folder / path.name, table) if made.exists()]


class _Out:
    """Takes what an archive writes until somebody fetches it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do: it is fetched."""

    def taken(self) -> bytes:
        """All that was written since."""
        data = bytes(self._data)
        self._data.clear()
        return data
