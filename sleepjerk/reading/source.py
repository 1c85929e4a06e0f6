"""The file itself: is it there, is it text, what are its bytes?

Knows paths, compression and damage of whole files. Must not know columns or units.
"""

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from sleepjerk.errors import InputError

HEAD_BYTES = 1 << 16

# What a file begins with that is no table, and what to do about it.
_STRANGERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF"),
    (
        b"PK\x03\x04",
        "a zip archive (.zip or .xlsx); unpack it, or export the samples as CSV, and give that file",
    ),
    (b"SQLite format 3", "a database"),
    (b"\x89HDF", "an HDF5 file; export the samples as CSV"),
    (b"BZh", "compressed by bzip2; unpack it first"),
    (b"\xfd7zXZ", "compressed by xz; unpack it first"),
    (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
    (b"{", "JSON; give the recording's CSV (a sidecar beside it is found by itself)"),
)
# What a file begins with that other modules read.
_BINARY = (
    (b"MD\xfc\x03", "Axivity .cwa"),
    (b"Device Identity", "GENEActiv .bin"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Feather"),
)
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BOM = b"\xef\xbb\xbf"
_MAX_UNPACKED = 1 << 33  # bytes out of a .gz: a month of 100 Hz is 12 GB, a zip bomb is more


@dataclass(frozen=True, slots=True)
class Text:
    """All of a file's whole lines.

    Attributes
    ----------
    data
        Text with `\\n` or `\\r\\n` line ends; the last line is whole.
    spoilt
        Whether unpacking met damage: what follows the first odd line is then made up.
    notes
        What was left out, in words.
    """

    data: bytes
    spoilt: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may be a recording.

    Attributes
    ----------
    path
        Where it lies.
    head
        The first bytes of its text, unpacked.
    packed
        Whether it is gzip or zstd.
    whole_lines
        Whether the last byte ends a line; False also for what is packed, where only reading tells.
    kind
        What else than text it is: "Parquet", "Feather", or the logger that wrote it; None for text.
    """

    path: Path
    head: bytes
    packed: bool
    whole_lines: bool
    kind: str | None = None

    @property
    def encoding(self) -> str:
        """UTF-8, or Latin-1 for older Windows programs."""
        try:
            self.head[: self.head.rfind(b"\n") + 1].decode("utf-8-sig")
        except UnicodeDecodeError:
            return "latin-1"
        return "utf-8"

    def text(self) -> str:
        """The beginning as text, with plain line ends and without a byte order mark."""
        text = self.head.removeprefix(_BOM).decode(self.encoding, errors="replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def read(self) -> Text:
        """All whole lines; what was cut off the end is noted."""
        unpacked = _unpack(self.path) if self.packed else Text(self.path.read_bytes())
        data, notes = unpacked.data.removeprefix(_BOM), list(unpacked.notes)
        kept = len(data.rstrip(b"\0"))
        if kept < len(data):
            notes.append(f"damage: {len(data) - kept} zero bytes at the end were left out")
            data = data[:kept]
        if b"\n" not in data and b"\r" in data:
            data = data.replace(b"\r", b"\n")
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            notes.append("damage: the last line has no end and was left out")
            data = data[:whole]
        return Text(data, unpacked.spoilt, tuple(notes))

    def sha256(self) -> str:
        """The fingerprint of the file's bytes as they lie on the disk."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def open_source(path: Path) -> Source:
    """Look at a file without reading all of it.

    Raises
    ------
    InputError
        There is no such file, it can't be read, or it is plainly no table.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}: this is a directory; give one recording in it")
        with path.open("rb") as file:
            start = file.read(HEAD_BYTES)
            size = file.seek(0, 2)
            file.seek(max(0, size - 1))
            last = file.read(1)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except PermissionError as error:
        raise InputError(f"{path}: no permission to read this file; ask its owner, or copy it") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: can't be opened: {error}") from error
    packed = start.startswith((_GZIP, _ZSTD))
    head = _unpack_head(path, start) if packed else start
    kind = _binary_kind(path, head)
    if kind is None:
        _refuse_strangers(path, head)
    elif packed:
        raise InputError(f"{path}: this is a packed {kind} file; unpack it first")
    return Source(path, head, packed, not packed and last == b"\n", kind)


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
    # Zeros at the very end of a short file are a torn write, zeros elsewhere in the first lines are not text.
    body = head.rstrip(b"\0")
    strange = sum(body.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\x1a")
    if strange > 0.001 * len(body) + 8 or 0 in body[: body.find(b"\n") + 1]:
        raise InputError(f"{path}: this is binary data, not text; give a recording as CSV")


def _unpack_head(path: Path, start: bytes) -> bytes:
    try:
        if start.startswith(_GZIP):
            return zlib.decompressobj(wbits=31).decompress(start, HEAD_BYTES)
        return _zstd_text(path, start)[:HEAD_BYTES]
    except zlib.error:
        return b""


def _unpack(path: Path) -> Text:
    packed = path.read_bytes()
    if packed.startswith(_GZIP):
        return _read_gzip(path, packed)
    data = _zstd_text(path, packed)
    # Frames say how much they hold; where they don't, a cut is seen as a last line without an end.
    return Text(data, False, ())


def _zstd_text(path: Path, packed: bytes) -> bytes:
    """Everything that can be unpacked, in pieces, so that damage costs what follows it alone."""
    try:
        import zstandard
    except ImportError as error:
        raise InputError(
            f"{path}: to read .zst type: pip install 'sleepjerk[devices]', or unpack it first"
        ) from error
    parts: list[bytes] = []
    size = 0
    reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    try:
        while part := reader.read(1 << 20):
            parts.append(part)
            size += len(part)
            if size >= _MAX_UNPACKED:
                raise InputError(
                    f"{path}: unpacks to more than {_MAX_UNPACKED >> 30} GB; unpack it and see what it is"
                )
    except zstandard.ZstdError:
        pass  # what came before is whole; the line that was cut is left out and noted
    return b"".join(parts)


def _read_gzip(path: Path, packed: bytes) -> Text:
    """Everything that can be unpacked, also from a file that was cut off or holds several members."""
    parts: list[bytes] = []
    size = 0
    while packed.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(packed, _MAX_UNPACKED - size))
        except zlib.error:
            parts.append(_salvage(packed, _MAX_UNPACKED - size))
            note = "damage: the .gz is damaged; only what comes before the damage was read"
            return Text(b"".join(parts), True, (note,))
        size += len(parts[-1])
        if size >= _MAX_UNPACKED:
            raise InputError(
                f"{path}: unpacks to more than {_MAX_UNPACKED >> 30} GB; unpack it and see what it is"
            )
        if not member.eof:
            return Text(
                b"".join(parts), False, ("damage: the .gz is cut off; everything up to there was read",)
            )
        packed = member.unused_data
    return Text(b"".join(parts))


def _salvage(packed: bytes, limit: int) -> bytes:
    """What comes before the damage, fed in small pieces so that no more than one is lost."""
    member = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    for start in range(0, len(packed), 1024):
        try:
            parts.append(member.decompress(packed[start : start + 1024], limit))
        except zlib.error:
            break
    return b"".join(parts)
