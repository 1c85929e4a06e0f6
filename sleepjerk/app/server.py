"""The server of the page: one for each folder of a person's files, on 127.0.0.1 alone.

Knows sockets and when to end. Must not know what the pages show.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from sleepjerk.app import pages
from sleepjerk.app.guard import Guard, forget_keys, make_key
from sleepjerk.app.holding import hold
from sleepjerk.app.rooms import LARGER, ROUTES
from sleepjerk.app.tonight import recording
from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.errors import InputError, refusing
from sleepjerk.history.places import own_folder

_HOST = "127.0.0.1"
_PATIENCE_S = 10.0  # for the whole of a request's first lines
_CONNECTIONS = 200  # at once
_HEADER_BYTES = 32_768
_LOOK_S = 1.0
_OTHERS_START_S = 5.0  # another server that holds the folder needs until it says where it is


def serve(port: int, show: Callable[[str, int | None], None], stop_when_idle_s: float | None = None) -> None:
    """Serve until Ctrl-C, or show where a server of this folder is already.

    Parameters
    ----------
    port
        0 takes a free one.
    show
        Is told the address, which opens the page once, and the port of the server that runs already; None of this one.
    stop_when_idle_s
        End when nobody asked for anything for so long, and no night is recorded.

    Raises
    ------
    InputError
        Another program listens on the port, or nothing can be written into the folder.
    """
    folder = own_folder() / "app"
    with refusing(folder, "can't keep the page's files here", "choose a folder with --home"):
        make_folder(folder)
    held = hold(folder / "server.lock")
    if held is None:
        there = _port_of_other(folder / "server.json")
        show(_address(there), there)
        return
    with held, socket.socket() as listening:
        if sys.platform != "win32":  # there it would let two programs listen on one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((_HOST, port))
        except OSError as error:
            raise InputError(
                f"--listen {port}: the port can't be used ({error.strerror}); without --listen a free one is taken"
            ) from error
        listening.listen(_CONNECTIONS)
        port = listening.getsockname()[1]
        forget_keys()
        write_whole(folder / "server.json", json.dumps({"port": port, "pid": os.getpid()}))
        show(_address(port), None)
        _run(port, listening, stop_when_idle_s)


def _address(port: int) -> str:
    return f"http://{_HOST}:{port}/?key={make_key()}"


def _run(port: int, listening: socket.socket, stop_when_idle_s: float | None) -> None:
    guard = Guard(_application(), port, LARGER)
    config = uvicorn.Config(
        guard,
        http=_Impatient,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    if stop_when_idle_s is not None:
        threading.Thread(target=_stop_when_idle, args=(server, guard, stop_when_idle_s), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def _stop_when_idle(server: uvicorn.Server, guard: Guard, idle_s: float) -> None:
    while (left_s := guard.asked_s + idle_s - time.monotonic()) > 0 or _records():
        time.sleep(max(left_s, _LOOK_S))
    server.should_exit = True


def _records() -> bool:
    """A night that is recorded needs no server, but its person may come back to the page in the morning."""
    now = recording()
    return now is not None and now.runs


def _application() -> Starlette:
    return Starlette(
        routes=ROUTES,
        exception_handlers={HTTPException: _refused, InputError: _unusable, Exception: _failed},
    )


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {400: "bad", 404: "missing", 405: "method", 408: "slow", 413: "large"}
    return pages.refuse(request, error.status_code, known.get(error.status_code, "bad"))


def _unusable(request: Request, error: Exception) -> Response:
    return pages.refuse(request, 400, "unusable", sentence=str(error))


def _failed(request: Request, error: Exception) -> Response:
    return pages.refuse(request, 500, "failed", error=type(error).__name__)


def _port_of_other(path: Path) -> int:
    """Where the server is that holds this folder."""
    until_s = time.monotonic() + _OTHERS_START_S
    while True:
        try:
            port = int(json.loads(path.read_text(encoding="utf-8"))["port"])
            socket.create_connection((_HOST, port), timeout=1).close()
            return port
        except (OSError, ValueError, KeyError, TypeError) as error:
            if time.monotonic() > until_s:
                raise InputError(
                    f"{path.parent}: another sleepjerk app holds this folder and doesn't answer; end it first"
                ) from error
            time.sleep(0.1)


class _Impatient(H11Protocol):
    """Closes a connection whose request doesn't begin in time: uvicorn itself would wait for ever."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer = self.loop.call_later(_PATIENCE_S, transport.close)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        elif self.conn.their_state is h11.IDLE and self._timer is None:
            self._timer = self.loop.call_later(_PATIENCE_S, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)
