"""Who may ask, and for how much: stands before every address. Knows HTTP alone; must not know nights.

A page on 127.0.0.1 can be reached by every program and every user of this computer, and through a browser by every
page of the net. So: the host must be ours by name (against names that point here), a session begins with a key that
only who can write into the person's own folder can make, what changes something must come from our own page, and no
page may load anything or be shown inside another. Sizes, times and numbers are bounded.
"""

import asyncio
import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sleepjerk.app import pages
from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.history.places import own_folder

MOST_BYTES = 1_000_000  # of a form; a room that takes files says so itself
_PATIENCE_S = 30.0  # for the next piece of what a client sends or takes
_SESSIONS = 32  # browsers at once; the oldest one has to come with a new key
_METHODS = ("GET", "HEAD", "POST")
_FREE = "/static/"  # style and script hold nothing of anybody

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser wouldn't say where a form comes from, either
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# A report brings its style with it; it holds no form and needs no script.
_REPORT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'"
)


def report_page(text: str) -> HTMLResponse:
    """A page that the report's room made; Firefox would ask for an icon, which the page's own policy forbids."""
    text = text.replace("<head>\n", '<head>\n<link rel="icon" href="data:,">\n', 1)
    return HTMLResponse(text, headers={"Content-Security-Policy": _REPORT_POLICY})


def make_key() -> str:
    """A key for one browser. Its file shows the server that whoever made it owns this folder."""
    key = secrets.token_urlsafe(32)
    make_folder(_keys())
    write_whole(_keys() / _digest(key), "")
    return key


def forget_keys() -> None:
    """What an earlier server was told is worth nothing."""
    for path in _keys().glob("*"):
        with contextlib.suppress(OSError):
            path.unlink()


def _use_key(key: str) -> bool:
    """Whether it is one that nobody used; now it is used."""
    try:
        (_keys() / _digest(key)).unlink()
    except OSError:
        return False
    return True


def _is_another_users(request: Request) -> bool:
    """Whether another user of this computer asks, where the system tells (Linux): a browser is started with the key in
    its command line, which everybody may read."""
    port = f"0100007F:{request.client.port:04X}" if request.client else "none"
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            lines = [line.split() for line in Path("/proc/net", table).read_text().splitlines()]
            if any(line[1].endswith(port) and int(line[7]) not in (0, os.getuid()) for line in lines[1:]):
                return True
    return False


def _keys() -> Path:
    return own_folder() / "app" / "keys"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class Guard:
    """Lets through what comes from the person's own browser, and adds the headers that keep the page alone.

    Parameters
    ----------
    port
        The one this server listens on.
    larger
        Address -> bytes that may be sent there, where that is more than a form.
    """

    def __init__(self, app: ASGIApp, port: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._cookie = f"sleepjerk-{port}"  # cookies don't know ports: two servers would take each other's
        self._sessions: dict[str, None] = {}
        self._larger = larger
        self.asked_s = time.monotonic()  # when the last request came

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        self.asked_s = time.monotonic()
        request = Request(scope)
        most = self._larger.get(scope["path"], MOST_BYTES)
        answer = self._refusal(request, most) or self._begin(request)
        stream = _Stream(receive, send, most)
        await (answer or self._app)(scope, stream.receive, stream.send)

    def _refusal(self, request: Request, most: int) -> Response | None:
        """What is said to who may not ask this; None to who may."""
        headers = request.headers
        host = headers.getlist("host")
        if len(host) != 1 or host[0] not in self._hosts:
            return pages.refuse(request, 400, "host")
        if request.method not in _METHODS:
            return pages.refuse(request, 405, "method")
        free = request.method != "POST" and request.scope["path"].startswith(_FREE)
        if not free and not self._knows(headers) and not self._brings_key(request):
            return pages.refuse(request, 403, "key")
        if request.method == "POST":
            if not _from_our_page(headers, host[0]):
                return pages.refuse(request, 403, "origin")
            length = headers.get("content-length", "0")
            if not length.isdecimal() or int(length) > most:
                return pages.refuse(request, 413, "large")
        return None

    def _brings_key(self, request: Request) -> bool:
        return request.method == "GET" and request.scope["path"] == "/" and bool(_key_of(request))

    def _begin(self, request: Request) -> Response | None:
        """The first answer to a new browser: its cookie, and the way on without the key in the address."""
        if not self._brings_key(request):
            return None
        known = self._knows(request.headers)
        if not known and (_is_another_users(request) or not _use_key(_key_of(request))):
            return pages.refuse(request, 403, "key")
        # Not a redirect: with one a browser would still hold that the site where the link was had asked.
        answer = pages.page(request, "begin.html")
        if not known:
            session = secrets.token_urlsafe(32)
            self._sessions[_digest(session)] = None
            while len(self._sessions) > _SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            answer.set_cookie(self._cookie, session, httponly=True, samesite="strict", path="/")
        return answer

    def _knows(self, headers: Headers) -> bool:
        pairs = (
            pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";")
        )
        return any(name == self._cookie and _digest(value) in self._sessions for name, _, value in pairs)


def _key_of(request: Request) -> str:
    """The key in the address; empty where there is none, or more than one."""
    try:
        given = parse_qs(request.scope["query_string"].decode("ascii"), max_num_fields=10).get("key", [])
    except ValueError:
        return ""
    return given[0] if len(given) == 1 else ""


def _from_our_page(headers: Headers, host: str) -> bool:
    """Browsers say which page sent a form; what doesn't say it is no browser."""
    origins = headers.getlist("origin")
    if origins:
        return origins == [f"http://{host}"]
    return headers.getlist("sec-fetch-site") == ["same-origin"]


class _Stream:
    """What comes in, bounded in size and time, and what goes out, with its headers."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive = receive
        self._send = send
        self._left = most
        self.answering = False

    async def receive(self) -> Message:
        if self.answering:  # a wait for the client to leave may be as long as the answer
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), _PATIENCE_S)
        except TimeoutError as error:
            raise HTTPException(408, "slow") from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413, "large")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answering = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await asyncio.wait_for(self._send(message), _PATIENCE_S)
