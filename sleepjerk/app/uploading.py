"""Files that a browser sends, written to disk as they come. Knows HTTP forms; must not know recordings.

No file is ever held in memory, whatever its length, and of an upload that breaks off nothing stays.
"""

import errno
import os
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from sleepjerk.app.arrivals import (
    MOST_FILES,
    Arrival,
    free_path,
    has_room,
    is_left_out,
    new_arrival,
    safe_path,
)
from sleepjerk.atomic import make_folder

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_PIECE_BYTES = 1 << 20
_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


class NoRoomError(Exception):
    """The disk is too full for what comes."""


async def receive(request: Request, begun: Callable[[Arrival], object]) -> Arrival | None:
    """The files of a form, when all have come; None where it holds none.

    Parameters
    ----------
    begun
        Is told what they will be when the first of them comes.

    Raises
    ------
    NoRoomError
        There is not enough room for them.
    HTTPException
        It is no form of files, or holds too many.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(400)
    announced = int(request.headers.get("content-length", "0"))
    with new_arrival() as arrival:
        writer = _Writer(arrival)
        try:
            if not has_room(announced):
                raise NoRoomError
            begun(arrival.whole)
            parser = MultipartParser(options[b"boundary"], writer.callbacks())
            piece = bytearray()
            async for data in request.stream():
                piece += data
                if len(piece) >= _PIECE_BYTES:
                    await run_in_threadpool(writer.take, parser, bytes(piece))
                    piece.clear()
            await run_in_threadpool(writer.take, parser, bytes(piece))
            parser.finalize()
        except (FormParserError, ValueError) as error:
            raise HTTPException(400) from error
        except NoRoomError:
            async for _ in request.stream():  # a browser listens to no answer before it has sent all
                pass
            raise
        finally:
            writer.close()
        if not writer.whole:
            raise HTTPException(400)
    return arrival.whole if writer.count else None


class _Writer:
    """Writes each file of a form under a name of its own."""

    def __init__(self, arrival: Arrival) -> None:
        self._folder = arrival.files
        self._file: IO[bytes] | None = None
        self._header = [b"", b""]
        self._name = ""
        self.count = 0
        self.whole = False

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
            "on_header_end": self._header_end,
            "on_part_begin": self._begin,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def take(self, parser: MultipartParser, data: bytes) -> None:
        """Parse and write what came."""
        if not has_room(len(data)):
            raise NoRoomError
        try:
            parser.write(data)
        except OSError as error:
            raise NoRoomError if error.errno == errno.ENOSPC else error from error

    def _add(self, place: int, data: bytes) -> None:
        self._header[place] += data

    def _header_end(self) -> None:
        field, value = self._header
        self._header = [b"", b""]
        if field.lower() == b"content-disposition":
            self._name = parse_options_header(value)[1].get(b"filename", b"").decode("utf-8", "replace")

    def _begin(self) -> None:
        self._name = ""

    def _open(self) -> None:
        if not self._name or is_left_out(self._name):
            return
        self.count += 1
        if self.count > MOST_FILES:
            raise HTTPException(413)
        path = free_path(self._folder, safe_path(self._name))
        make_folder(path.parent)
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _end(self) -> None:
        self.whole = True
