"""A logger's file in pieces that its reader takes for files of their own: of a week no more than one is held.

Knows where the blocks of such files begin. Must not know what stands in them: that is the reader's to tell.

Each block carries its own time, so a piece is the file's head with some of its blocks behind it.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sleepjerk.atomic import scratch
from sleepjerk.errors import InputError
from sleepjerk.reading.loggers import gt3x

_PIECE_BYTES = 1 << 22
_PROBE_BYTES = 1 << 16
_SETTINGS_BYTES = 1 << 16  # more is no logger's, and would be written into every piece
_CWA_HEAD_BYTES, _CWA_BLOCK_BYTES = 1 << 10, 1 << 9
_ALL_ONES = 0xFFFF  # plain: of a word
_BIN_HEAD_BYTES = 1 << 16  # 59 lines; what is longer is none
_BIN_MARK = b"Recorded Data"  # the line that a page of a .bin begins with
_NO_SIGN = bytes(range(1 << 7)) + b"?" * (1 << 7)  # pages are ASCII, and the reader refuses what is no text


@dataclass(frozen=True, slots=True)
class Piece:
    """Some blocks of a file.

    Attributes
    ----------
    file
        What the reader is given: the file itself, or one that is gone when the next piece is asked for.
    begin
        Where in the whole file (of a .gt3x: in its log) the first of them begins, in bytes.
    damage
        Where something was left out before the reader could see it.
    """

    file: Path
    begin: int
    damage: tuple[int, ...] = ()


def pieces_of(path: Path, kind: str) -> Iterator[Piece]:
    """A file's blocks in their order, some megabytes at a time.

    Raises
    ------
    InputError
        What tells how to read a .gt3x is damaged.
    """
    if kind == "ActiGraph .gt3x":
        yield from _of_gt3x(path)
        return
    with path.open("rb") as whole:
        size = whole.seek(0, 2)
        if kind == "Axivity .cwa":
            first = _next_sector(whole, _CWA_HEAD_BYTES, size)
            lost = tuple(range(_CWA_HEAD_BYTES, first, _CWA_BLOCK_BYTES))
            for piece in _written(whole, _CWA_HEAD_BYTES, _sectors(whole, first, size), text=False):
                yield replace(piece, damage=lost)
                lost = ()
        else:
            first = min(_next_mark(whole, 0, size), _BIN_HEAD_BYTES)
            yield from _written(whole, first, _by_marks(whole, first, size, _PIECE_BYTES), text=True)


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
    """Sound records only; the file itself where they can't be told apart: the reader then decides."""
    log = gt3x.open_log(path)
    if log is None:
        yield Piece(path, 0)
        return
    settings, some, begin, size, damage, scaled = b"", list[bytes](), 0, 0, list[int](), False
    with scratch() as folder:
        file = folder / "piece"

        def write() -> Piece:
            with zipfile.ZipFile(file, "w") as archive:
                for name, text in log.said.items():
                    archive.writestr(name, text)
                archive.writestr(gt3x.LOG, b"".join(some))
            return Piece(file, begin, tuple(damage))

        for place, record in gt3x.read_records(log.parts(), spoilt=log.spoilt):
            if record is None:
                damage.append(place)
                continue
            kind = record[1]
            scaled = scaled or kind in gt3x.TELL_SCALE
            if damage and not scaled and kind in gt3x.HOLD_SAMPLES:
                raise InputError(
                    f"{path}: the record that tells its scale is damaged; export the raw samples as CSV with the "
                    "maker's program"
                )
            if size >= _PIECE_BYTES:
                yield write()
                some, begin, size, damage = [settings], place, 0, []
            some.append(record)
            size += len(record)
            if kind in gt3x.SAY_HOW_TO_READ and len(settings) < _SETTINGS_BYTES:
                settings += record
        yield write()


def _written(
    whole: BinaryIO, head_bytes: int, spans: Iterator[tuple[int, int]], *, text: bool
) -> Iterator[Piece]:
    """The head with what stands in each of the spans, as files."""
    with scratch() as folder:
        file = folder / "piece"
        for begin, end in spans:
            whole.seek(0)
            head = whole.read(head_bytes)
            whole.seek(begin)
            blocks = whole.read(end - begin)
            file.write_bytes(head + (blocks.translate(_NO_SIGN) if text else blocks))
            yield Piece(file, begin)


def _sectors(file: BinaryIO, begin: int, size: int) -> Iterator[tuple[int, int]]:
    """Spans of whole sectors, each begun by a sound one: by that the reader tells how all of a piece are to be read.

    One span of nothing where there are none, for the head alone tells something, too.
    """
    while True:
        end = _next_sector(file, begin + _PIECE_BYTES // _CWA_BLOCK_BYTES * _CWA_BLOCK_BYTES, size)
        yield begin, max(begin, end)
        if end >= size:
            return
        begin = end


def _next_sector(file: BinaryIO, place: int, size: int) -> int:
    """Where the next sound sector begins, there or behind: all its words come to zero; the end where none does."""
    while place < size:
        file.seek(place)
        sector = file.read(_CWA_BLOCK_BYTES)
        words = np.frombuffer(sector[: len(sector) // 2 * 2], dtype="<u2")
        if sector.startswith(b"AX") and words.sum(dtype=np.int64) & _ALL_ONES == 0:
            return place
        place += _CWA_BLOCK_BYTES
    return size


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
