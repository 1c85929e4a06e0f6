"""The file itself: is it there, is it text, what are its bytes?

Knows paths, compression and damage of whole files. Must not know columns or units.
"""

import codecs
import contextlib
import errno
import io
import lzma
import re
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.reading.sidecar import Sidecar

FOLDER, ZIP = "folder", "zip archive"  # kinds that hold files
HEAD_BYTES = 1 << 16
BLOCK_BYTES = 1 << 23  # read by one thread at once; each costs a millisecond in which the others wait
_PROBE_BYTES = 1 << 12
_READ_BYTES = 1 << 20
_SALVAGE_BYTES = 1 << 10
_HOLE = re.compile(
    rb"\0{64,}"
)  # plain: a piece of a page that was never written; single zeros are binary data
_OF_GZIP = 31  # plain: zlib's word for gzip

SPREADSHEET_ADVICE = (
    "export CSV (UTF-8, '.' as decimal sign, all digits) from the app or the program, and give that"
)
# What a file begins with that is no table, and what to do about it.
_STRANGERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", f"a spreadsheet (.xls); {SPREADSHEET_ADVICE}"),
    (b"SQLite format 3", "a database"),
    (b"\x89HDF", "an HDF5 file; export the samples as CSV"),
    (b"BZh", "compressed by bzip2; unpack it first"),
    (b"\xfd7zXZ", "compressed by xz; unpack it first"),
    (b"{", "JSON; give the recording's CSV (a sidecar beside it is found by itself)"),
)
# What a file begins with that other modules read.
_BINARY = (
    (b"MD\xfc\x03", "Axivity .cwa"),
    (b"Device Identity", "GENEActiv .bin"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Feather"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),  # an empty one
)
# What the archive module says of one that is damaged, and of one that is locked or packed in another way.
_ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)
ZIP_ODD = (*_ZIP_DAMAGE, RuntimeError)
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BOM = b"\xef\xbb\xbf"
_WIDE_BOM = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAX_UNPACKED = 1 << 33  # bytes out of a .gz or .gt3x: a month of 100 Hz is 12 GB, a zip bomb is more


class Text:
    """The lines of a file, read from wherever they are asked for; safe to share between threads.

    Attributes
    ----------
    begin, end
        Bytes from the first line (after a byte order mark) to the end of the last whole line.
    spoilt
        Whether unpacking met damage: what follows the first odd line is then made up.
    notes
        What was left out, in words.
    """

    def __init__(self, file: BinaryIO, *, spoilt: bool = False, notes: tuple[str, ...] = ()) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._bare_returns = False  # very old Mac programs end lines so
        self.spoilt = spoilt
        head = self.read(0, HEAD_BYTES)
        self._bare_returns = b"\n" not in head and b"\r" in head
        self.begin = len(_BOM) if head.startswith(_BOM) else 0
        size = file.seek(0, 2)
        filled = self._last(size, lambda data: len(data.rstrip(b"\0")))
        self.end = max(self._last(filled, lambda data: data.rfind(b"\n") + 1), self.begin)
        zeros = (f"damage: {size - filled} zero bytes at the end were left out",) if filled < size else ()
        torn = ("damage: the last line has no end and was left out",) if self.end < filled else ()
        self.notes = (*notes, *zeros, *torn)

    def _last(self, end: int, found: Callable[[bytes], int]) -> int:
        """Where something is found for the last time before `end`; 0 when nowhere."""
        while end > 0:
            begin = max(0, end - HEAD_BYTES)
            if place := found(self.read(begin, end)):
                return begin + place
            end = begin
        return 0

    def read(self, begin: int, end: int) -> bytes:
        """The bytes from begin to end, with `\\n` or `\\r\\n` line ends."""
        with self._lock:
            self._file.seek(begin)
            data = self._file.read(end - begin)
        return data.replace(b"\r", b"\n") if self._bare_returns else data

    def skip_lines(self, count: int, begin: int | None = None) -> int:
        """Where the line begins that comes so many lines after the one at `begin`, by default the first one."""
        place = self.begin if begin is None else begin
        for start, stop in self.blocks(place, self.end, HEAD_BYTES):
            data = self.read(start, stop)
            inside = line_ends(data)
            if count < inside:
                ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
                return start + int(ends[count - 1]) + 1 if count else start
            count -= inside
        return self.end

    def next_line(self, place: int) -> int:
        """Where the first line begins that begins at `place` or later; `end` when none does."""
        place = max(place, self.begin)
        if place == self.begin:
            return place
        for begin in range(place - 1, self.end, _PROBE_BYTES):
            if (found := self.read(begin, begin + _PROBE_BYTES).find(b"\n")) >= 0:
                return min(begin + found + 1, self.end)
        return self.end

    def blocks(self, begin: int, end: int, size: int = BLOCK_BYTES) -> Iterator[tuple[int, int]]:
        """Whole lines between two places, in blocks of about one size."""
        while begin < end:
            stop = min(self.next_line(begin + size), end)
            yield begin, stop
            begin = stop

    def count_lines(self, begin: int, end: int) -> int:
        """Line ends between two places."""
        return sum(line_ends(self.read(*block)) for block in self.blocks(begin, end))

    def close(self) -> None:
        """Let go of the file; what was unpacked is gone then."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may be a recording.

    Attributes
    ----------
    head
        The first bytes, unpacked where it is `packed` (gzip or zstd), UTF-8 where it is `wide`.
    kind
        What else than text it is: "Parquet", "Feather", the logger that wrote it, or what holds files.
    wide
        Which UTF-16 it is written in; None where it isn't.
    member
        Its name, where it lies in a zip archive, which `path` then is.
    known
        What an archive or a folder says of it besides.
    """

    path: Path
    head: bytes
    packed: bool
    kind: str | None = None
    wide: str | None = None
    member: str | None = None
    known: Sidecar = field(default_factory=Sidecar)

    @property
    def encoding(self) -> str:
        """UTF-8, or Latin-1 for older Windows programs."""
        try:
            self.head[: self.head.rfind(b"\n") + 1].decode("utf-8-sig")
        except UnicodeDecodeError:
            return "latin-1"
        return "utf-8"

    def text(self, size: int = HEAD_BYTES) -> str:
        """The beginning as text, `size` bytes or less, with plain line ends, without mark and holes."""
        head = self.head
        if size > HEAD_BYTES:
            with open_bytes(self.path, self.member) as file:
                head = _begin(self.path, file.read(size), size)[0]
        text = head.removeprefix(_BOM).decode(self.encoding, errors="replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")

    def lines(self) -> Text:
        """All whole lines; what must be unpacked goes into a temporary file, for it may be longer than memory."""
        plain = not self.packed and self.wide is None and self.member is None
        return Text(self.path.open("rb")) if plain else _unpack(self.path, self.wide, self.member)


def line_ends(data: bytes) -> int:
    """How many lines end in these bytes, counted so that other threads can work meanwhile."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")))


@contextlib.contextmanager
def open_bytes(path: Path, member: str | None) -> Iterator[BinaryIO]:
    """The bytes of a file, or of a member of it."""
    with path.open("rb") as file:
        if member is None:
            yield file
            return
        with zipfile.ZipFile(file) as archive, archive.open(member) as inside:
            yield cast(BinaryIO, inside)


def open_source(path: Path, member: str | None = None) -> Source:
    """Look at a file, or at one in a zip archive, without reading all of it.

    Raises
    ------
    InputError
        There is no such file, it can't be read, or it is plainly no table.
    """
    try:
        if path.is_dir():
            next(path.iterdir(), None)  # may it be listed?
            return Source(path, b"", packed=False, kind=FOLDER)
        with open_bytes(path, member) as file:
            start = file.read(HEAD_BYTES)
    except ZIP_ODD as error:
        raise InputError(
            f"{path}: {member} can't be unpacked ({error}); unpack it, and give that file"
        ) from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except PermissionError as error:
        raise InputError(f"{path}: no permission to read this; ask its owner, or copy it") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: can't be opened: {error}") from error
    packed = start.startswith((_GZIP, _ZSTD))
    head, wide = _begin(path, start, HEAD_BYTES)
    kind = _binary_kind(path, head)
    if kind is None:
        _refuse_strangers(path, head)
    elif packed or member is not None:
        raise InputError(f"{path}: {member or 'this'} is a packed {kind}; unpack it first")
    return Source(path, head, packed, kind, wide, member)


def _begin(path: Path, start: bytes, size: int) -> tuple[bytes, str | None]:
    """The first bytes as UTF-8, as far as they are text, of what begins so on the disk; and which UTF-16 it was."""
    head = _unpack_head(path, start, size) if start.startswith((_GZIP, _ZSTD)) else start
    wide = _wide(head)
    return (head if wide is None else _narrow(wide)(head)), wide


def _wide(head: bytes) -> str | None:
    """Which UTF-16 a text is written in, by its mark, or by every other byte being 0."""
    if head.startswith(_WIDE_BOM):
        return "utf-16"
    empty = [half[:1] == b"\0" and half.count(0) > len(half) // 2 for half in (head[::2], head[1::2])]
    return {(False, True): "utf-16-le", (True, False): "utf-16-be"}.get((empty[0], empty[1]))


def _narrow(wide: str) -> Callable[[bytes], bytes]:
    """UTF-16, piece by piece, as UTF-8."""
    decode = codecs.getincrementaldecoder(wide)("replace").decode
    return lambda data: decode(data).encode()


def _binary_kind(path: Path, head: bytes) -> str | None:
    if head.startswith(b"PK\x03\x04") and path.suffix.lower() == ".gt3x":
        return "ActiGraph .gt3x"
    return next((kind for magic, kind in _BINARY if head.startswith(magic)), None)


def _refuse_strangers(path: Path, head: bytes) -> None:
    if not head.strip(b"\0\r\n\t " + _BOM):
        raise InputError(f"{path}: the file is empty; there is nothing to read")
    for magic, what in _STRANGERS:
        if head.startswith(magic):
            raise InputError(f"{path}: this is {what}" + ("" if ";" in what else "; give a recording as CSV"))
    # Zeros at the very end of a short file are a torn write, many in a row a hole; elsewhere they are not text.
    body = _HOLE.sub(b"", head).rstrip(b"\0")
    strange = sum(body.count(byte) for byte in range(ord(" ")) if byte not in b"\t\n\r\f\x1a")
    if strange > 0.001 * len(body) + 8 or 0 in body[: body.find(b"\n") + 1]:
        raise InputError(f"{path}: this is binary data, not text; give a recording as CSV")


def _unpack_head(path: Path, start: bytes, size: int) -> bytes:
    if start.startswith(_GZIP):
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj(wbits=_OF_GZIP).decompress(start, size)
        return b""
    reader, damage = _zstd_reader(path, io.BytesIO(start))
    with contextlib.suppress(damage):
        return bytes(reader.read(size))
    return b""


def _unpack(path: Path, wide: str | None, member: str | None) -> Text:
    with contextlib.ExitStack() as until_read, open_bytes(path, member) as packed:
        start = packed.read(len(_ZSTD))
        packed.seek(0)
        unpack = _gunzip if start.startswith(_GZIP) else _unzstd if start == _ZSTD else _copy
        file = until_read.enter_context(tempfile.TemporaryFile())
        narrow = bytes if wide is None else _narrow(wide)

        def write(data: bytes) -> None:
            data = narrow(data)
            refuse_bomb(path, file.tell() + len(data))
            file.write(data)

        try:
            with room_for_it(path):
                spoilt, notes = unpack(path, packed, write)
        except _ZIP_DAMAGE:
            spoilt, notes = True, ("damage: the .zip is damaged; only what comes before the damage was read",)
        until_read.pop_all()  # Text closes it
    return Text(file, spoilt=spoilt, notes=notes)


@contextlib.contextmanager
def room_for_it(path: Path | str) -> Iterator[None]:
    """Say what to do where the disk for temporary files is full: that is an `InputError`."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise InputError(
            f"{path}: there is no room for it in {tempfile.gettempdir()}; make room there, or name another "
            "folder in the variable TMPDIR"
        ) from error


def refuse_bomb(path: Path, unpacked_bytes: int) -> None:
    """Refuse what unpacks to more than any recording."""
    if unpacked_bytes >= _MAX_UNPACKED:
        raise InputError(
            f"{path}: unpacks to more than {_MAX_UNPACKED // (1 << 30)} GB; unpack it and see what it is"
        )


def _copy(path: Path, packed: BinaryIO, write: Callable[[bytes], None]) -> tuple[bool, tuple[str, ...]]:
    """Everything as it is, in small pieces: one is lost where an archive is damaged."""
    while part := packed.read(HEAD_BYTES):
        write(part)
    return False, ()


def _unzstd(path: Path, packed: BinaryIO, write: Callable[[bytes], None]) -> tuple[bool, tuple[str, ...]]:
    """Everything that can be unpacked; a cut is seen as a last line without an end."""
    reader, damage = _zstd_reader(path, packed)
    with contextlib.suppress(damage):  # what came before is whole
        while part := reader.read(_READ_BYTES):
            write(part)
    return False, ()


def _zstd_reader(path: Path, packed: BinaryIO) -> tuple[Any, type[Exception]]:
    """A reader, and what it raises where it meets damage."""
    try:
        import zstandard
    except ImportError as error:
        raise InputError(
            f"{path}: to read .zst type: pip install 'sleepjerk[devices]', or unpack it first"
        ) from error
    reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    return reader, zstandard.ZstdError


def _gunzip(path: Path, packed: BinaryIO, write: Callable[[bytes], None]) -> tuple[bool, tuple[str, ...]]:
    """Everything that can be unpacked, also from a file that was cut off or holds several members."""
    member, data = zlib.decompressobj(wbits=_OF_GZIP), b""
    while data := data or packed.read(_READ_BYTES):
        before = member.copy()
        try:
            write(member.decompress(data, _READ_BYTES))
        except zlib.error:
            _salvage(before, data, write)
            return True, ("damage: the .gz is damaged; only what comes before the damage was read",)
        data = member.unconsumed_tail
        if member.eof:
            data = member.unused_data
            data += packed.read(len(_GZIP)) if len(data) < len(_GZIP) else b""
            if not data.startswith(_GZIP):
                return False, ()
            member = zlib.decompressobj(wbits=_OF_GZIP)
    write(member.flush())
    return False, () if member.eof else ("damage: the .gz is cut off; everything up to there was read",)


def _salvage(member: Any, data: bytes, write: Callable[[bytes], None]) -> None:
    """What comes before the damage, fed in small pieces so that no more than one is lost."""
    with contextlib.suppress(zlib.error):
        for start in range(0, len(data), _SALVAGE_BYTES):
            write(member.decompress(data[start : start + _SALVAGE_BYTES]))
