"""The log within an ActiGraph .gt3x: which of its records are sound?

Knows how the archive and a record are framed. Must not know what a record says, but for which ones say how the others
are to be read.

A record is a mark, its kind, its time, the length of what it says, that, and a sum: all its bytes together, each bit
counted, come to ones. The reader takes lengths on trust and asks for no sum, so one wrong length would cost the rest.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sleepjerk.reading.source import refuse_bomb

LOG = "log.bin"
_SAID = ("info.txt", "calibration.json")  # what stands beside the log
_SAID_BYTES = 1 << 20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_BYTES = 26  # plain: of the header before a member, up to where it says how long it is
_READ_BYTES = 1 << 12  # packed: so much at most is lost where unpacking breaks off
_PART_BYTES = 1 << 20
_MARK, _FRAME_BYTES, _SUM = 0x1E, 9, 0xFF  # plain: of the format
_LENGTH_AT = 6  # plain: two bytes, of the format
_LONGEST = _FRAME_BYTES + 0xFFFF  # plain: of the format
# Kinds of records: with samples of acceleration, with the steps of a g, and all that others can't be read without.
HOLD_SAMPLES, TELL_SCALE, SAY_HOW_TO_READ = (0, 26), (21,), (21, 24)  # plain: of the format
_BARE = -15  # plain: zlib's word for a stream without a head
# What the archive module says of one that is damaged, locked or packed in another way.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
_ODD = (*_DAMAGED, KeyError, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Log:
    """A log that can be read record by record, and what is `said` beside it, by name.

    It is `spoilt` when it was packed and the packing is damaged: what follows the first lost record is then made up.
    """

    path: Path
    said: dict[str, bytes]
    begin: int
    size: int
    packed: bool
    spoilt: bool = False

    def parts(self) -> Iterator[bytes]:
        """Its bytes, a megabyte or so at a time, up to where they can be unpacked; refused if beyond all recordings."""
        unpack = zlib.decompressobj(wbits=_BARE).decompress if self.packed else bytes
        left, some, total = self.size, bytearray(), 0
        with self.path.open("rb") as file:
            file.seek(self.begin)
            while left > 0 and (data := file.read(min(_READ_BYTES if self.packed else _PART_BYTES, left))):
                left -= len(data)
                try:
                    some += unpack(data)
                except zlib.error:
                    break
                if len(some) >= _PART_BYTES:
                    total += len(some)
                    refuse_bomb(self.path, total)
                    yield bytes(some)
                    some.clear()
        yield bytes(some)


def open_log(path: Path) -> Log | None:
    """Find the log; None where the archive has none that can be read record by record."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = archive.getinfo(LOG)
            archive.open(member).close()  # refuses what is locked or packed in another way
            said = {name: text for name in _SAID if (text := _read_small(archive, name))}
        with path.open("rb") as file:
            file.seek(member.header_offset + _LOCAL_BYTES)
            begin = file.tell() + 4 + sum(struct.unpack("<HH", file.read(4)))
    except _ODD:
        return None
    if member.compress_type not in _PACKINGS:
        return None
    packed = member.compress_type == zipfile.ZIP_DEFLATED
    log = Log(path, said, begin, member.compress_size, packed)
    if not packed:
        return log
    total = 0
    for part in log.parts():
        total = zlib.crc32(part, total)
    return replace(log, spoilt=total != member.CRC)


def _read_small(archive: zipfile.ZipFile, name: str) -> bytes:
    """What stands in a small member; nothing where it is damaged or isn't there."""
    try:
        with archive.open(name) as file:
            return file.read(_SAID_BYTES)
    except _ODD:
        return b""


def read_records(parts: Iterator[bytes], *, spoilt: bool = False) -> Iterator[tuple[int, bytes | None]]:
    """Each sound record with the place where it begins, and None for each segment without one.

    Parameters
    ----------
    spoilt
        Whether nothing behind the first such segment can be trusted.
    """
    data, place, gone, lost, more = b"", 0, 0, -1, True
    sums = np.zeros(1, dtype=np.uint8)
    while True:
        if more and len(data) - place < 2 * _LONGEST:
            part = next(parts, b"")
            more = bool(part)
            data, gone, place = data[place:] + part, gone + place, 0
            sums = np.concatenate(([0], np.bitwise_xor.accumulate(np.frombuffer(data, np.uint8))))
            continue
        if place >= len(data):
            break
        end = _sound_end(data, place, sums)
        # Where the frame was lost, any byte may look like a mark: another one must follow.
        if end is not None and (lost < 0 or end == len(data) or data[end] == _MARK):
            if lost >= 0:
                yield lost, None
                lost = -1
            yield gone + place, data[place:end]
            place = end
            continue
        lost = gone + place if lost < 0 else lost
        if spoilt:
            break
        following = data.find(_MARK, place + 1)
        place = len(data) if following < 0 else following
    if lost >= 0:
        yield lost, None


def _sound_end(data: bytes, place: int, sums: NDArray[np.uint8]) -> int | None:
    """Where the record ends that begins at a place; None where none does. `sums` are those of the bytes before each."""
    if data[place] != _MARK or place + _FRAME_BYTES > len(data):
        return None
    end = place + _FRAME_BYTES + int.from_bytes(data[place + _LENGTH_AT : place + 8], "little")
    if end > len(data) or sums[end] ^ sums[place] != _SUM:
        return None
    return end
