"""The log within an ActiGraph .gt3x: which of its records are sound?

Knows how a record is framed. Must not know what any of them says but which say how the others are to be read.

A record is a mark, its kind, its time, the length of what it says, that, and a sum: all its bytes together, each bit
counted, come to ones. The reader takes lengths on trust and asks for no sum, so one wrong length would cost the rest.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LOG = "log.bin"
_SAID = ("info.txt", "calibration.json")  # what stands beside the log
_SAID_BYTES = 1 << 20
_READ_BYTES = 1 << 22
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SPOILT = (zipfile.BadZipFile, zlib.error, EOFError)
_MARK, _FRAME_BYTES, _SUM = 0x1E, 9, 0xFF
_LONGEST = _FRAME_BYTES + 0xFFFF
_SETTINGS = (6, 21, 24)  # METADATA, PARAMETERS, SENSOR_SCHEMA


def open_log(path: Path) -> tuple[dict[str, bytes], Iterator[bytes]] | None:
    """What stands beside the log, and the log's bytes up to where they can be unpacked; None without such a log."""
    try:
        with zipfile.ZipFile(path) as archive:
            log = archive.getinfo(LOG)
            said = {}
            for name in set(_SAID) & set(archive.namelist()):
                with archive.open(name) as file:
                    said[name] = file.read(_SAID_BYTES)
            archive.open(log).close()
    except (
        *_SPOILT,
        KeyError,
        NotImplementedError,
        RuntimeError,
    ):  # not there, packed in another way, locked
        return None
    return (said, _unpacked(path, log.file_size)) if log.compress_type in _PACKINGS else None


def _unpacked(path: Path, size: int) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive, archive.open(LOG) as log:
        while size > 0:
            try:
                # The last byte alone: with it the archive's own sum is looked at, and damage is found record by record.
                data = log.read(max(1, min(_READ_BYTES, size - 1)))
            except _SPOILT:
                return
            if not data:
                return
            size -= len(data)
            yield data


def read_records(log: Iterator[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Each sound record with the place where it begins, and None for each stretch without one."""
    data, place, gone, lost, more = b"", 0, 0, -1, True
    while True:
        if more and len(data) - place < 2 * _LONGEST:
            part = next(log, b"")
            more = bool(part)
            data, gone, place = data[place:] + part, gone + place, 0
            continue
        if place >= len(data):
            break
        end = _sound_end(data, place)
        # Where the frame was lost, any byte may look like a mark: another one must follow.
        if end is not None and (lost < 0 or end == len(data) or data[end] == _MARK):
            if lost >= 0:
                yield lost, None
                lost = -1
            yield gone + place, data[place:end]
            place = end
        else:
            lost = gone + place if lost < 0 else lost
            following = data.find(_MARK, place + 1)
            place = len(data) if following < 0 else following
    if lost >= 0:
        yield lost, None


def _sound_end(data: bytes, place: int) -> int | None:
    """Where the record ends that begins at a place; None where none does."""
    if data[place] != _MARK or place + _FRAME_BYTES > len(data):
        return None
    end = place + _FRAME_BYTES + int.from_bytes(data[place + 6 : place + 8], "little")
    if end > len(data):
        return None
    total = np.bitwise_xor.reduce(np.frombuffer(data, np.uint8, end - place, place))
    return end if total == _SUM else None


def says_how_to_read(record: bytes) -> bool:
    """Whether a record is needed to understand those behind it."""
    return record[1] in _SETTINGS
