"""A logger's file in pieces that its reader takes for files of their own, so that a week needs no more memory than one.

Knows where the blocks of such files begin. Must not know what stands in them: that is the reader's to tell.

Each block carries its own time, so a piece is the file's head with some of its blocks behind it.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sleepjerk.reading import gt3x

_PIECE_BYTES = 1 << 22
_PROBE_BYTES = 1 << 16
_SETTINGS_BYTES = 1 << 16  # more is no logger's, and would be written into every piece
_CWA_HEAD_BYTES, _CWA_BLOCK_BYTES = 1024, 512
_BIN_MARK = b"Recorded Data"  # the line that a page of a .bin begins with
_NO_SIGN = bytes(range(128)) + b"?" * 128  # pages are ASCII, and the reader refuses what is no text


@dataclass(frozen=True, slots=True)
class Piece:
    """Some blocks of a file.

    Attributes
    ----------
    file
        What the reader is given; gone when the next piece is asked for.
    begin
        Where in the whole file (of a .gt3x: in its log) the first of them begins, in bytes.
    damage
        Where something was left out before the reader could see it.
    """

    file: Path
    begin: int
    damage: tuple[int, ...] = ()


def pieces_of(path: Path, kind: str) -> Iterator[Piece]:
    """A file's blocks in their order, some megabytes at a time."""
    if kind == "ActiGraph .gt3x":
        yield from _of_gt3x(path)
        return
    with path.open("rb") as whole:
        size = whole.seek(0, 2)
        first = _CWA_HEAD_BYTES if kind == "Axivity .cwa" else _next_mark(whole, 0, size)
        spans = _even(first, size) if kind == "Axivity .cwa" else _by_marks(whole, first, size, _PIECE_BYTES)
        yield from _written(whole, first, spans, text=kind == "GENEActiv .bin")


def pages_of(piece: Piece, kind: str) -> Iterator[Piece]:
    """Each block of a piece alone, where one that is damaged would make the reader lose its place in the next ones.

    Of other kinds nothing: their blocks are all as long.
    """
    if kind != "GENEActiv .bin":
        return
    with piece.file.open("rb") as some:
        size = some.seek(0, 2)
        first = _next_mark(some, 0, size)
        for page in _written(some, first, _by_marks(some, first, size, 1), text=True):
            yield Piece(page.file, piece.begin + page.begin - first)


def _of_gt3x(path: Path) -> Iterator[Piece]:
    """Sound records only; the file itself where it holds no log: the reader says why."""
    opened = gt3x.open_log(path)
    if opened is None:
        yield Piece(path, 0)
        return
    said, log = opened
    settings, some, begin, size, damage = b"", list[bytes](), 0, 0, list[int]()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "piece"

        def write() -> Piece:
            with zipfile.ZipFile(file, "w") as archive:
                for name, text in said.items():
                    archive.writestr(name, text)
                archive.writestr(gt3x.LOG, b"".join(some))
            return Piece(file, begin, tuple(damage))

        for place, record in gt3x.read_records(log):
            if record is None:
                damage.append(place)
                continue
            if size >= _PIECE_BYTES:
                yield write()
                some, begin, size, damage = [settings], place, 0, []
            some.append(record)
            size += len(record)
            if gt3x.says_how_to_read(record) and len(settings) < _SETTINGS_BYTES:
                settings += record
        yield write()


def _written(
    whole: BinaryIO, head_bytes: int, spans: Iterator[tuple[int, int]], *, text: bool
) -> Iterator[Piece]:
    """The head with what stands in each of the spans, as files."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "piece"
        for begin, end in spans:
            whole.seek(0)
            head = whole.read(head_bytes)
            whole.seek(begin)
            blocks = whole.read(end - begin)
            file.write_bytes(head + (blocks.translate(_NO_SIGN) if text else blocks))
            yield Piece(file, begin)


def _even(first: int, size: int) -> Iterator[tuple[int, int]]:
    """Spans of whole blocks; one span of nothing where there are none, for the head alone tells something, too."""
    step = _PIECE_BYTES // _CWA_BLOCK_BYTES * _CWA_BLOCK_BYTES
    for begin in range(first, max(size, first + 1), step):
        yield begin, min(begin + step, size)


def _by_marks(file: BinaryIO, first: int, size: int, least: int) -> Iterator[tuple[int, int]]:
    """Spans of at least so many bytes that each begin with a mark."""
    begin, end = first, -1
    while end < size:
        end = _next_mark(file, begin + least, size)
        yield begin, end
        begin = end


def _next_mark(file: BinaryIO, place: int, size: int) -> int:
    """Where the next mark begins; the end where none does."""
    while place < size:
        file.seek(place)
        found = file.read(_PROBE_BYTES).find(_BIN_MARK)
        if found >= 0:
            return place + found
        place += _PROBE_BYTES - len(_BIN_MARK) + 1
    return size
