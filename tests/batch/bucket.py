"""A real S3 server (moto) on a port of its own, and a door before it that counts, refuses, breaks off and dawdles."""

import contextlib
import importlib.util
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
_PIECE = 1 << 14


class Door(ThreadingHTTPServer):
    """Lets every request through to the store.

    Attributes
    ----------
    asked
        Method, path and bytes of each answer.
    refused
        A pattern of paths that nobody may read.
    breaks
        After how many bytes the answers for a path of this pattern break off, and how many still will.
    pause_s
        Before each piece of 16 kB.
    """

    daemon_threads = True

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.behind = behind
        self.open()

    def open(self) -> None:
        """Forget what was asked, and let everything through from now on."""
        self.asked: list[tuple[str, str, int]] = []
        self.refused = self.breaking = "(?!)"
        self.break_bytes, self.breaks, self.pause_s = 0, 0, 0.0

    def handle_error(self, *_: object) -> None:
        """Whoever asks may leave in the middle."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fetched(self, ending: str) -> list[int]:
        """The bytes of every answer with a body whose path ends so."""
        return [size for method, path, size in self.asked if method == "GET" and path.endswith(ending)]


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        size = 0
        try:
            size = self._answer()
        finally:
            self.server.asked.append((self.command, self.path, size))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self) -> int:
        door, body = self.server, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if re.search(door.refused, self.path):
            self.send_response(403)
            text = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text if self.command == "GET" else b"")
            return len(text)
        behind = HTTPConnection("127.0.0.1", door.behind)
        behind.request(self.command, self.path, body, dict(self.headers))
        answer = behind.getresponse()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name not in ("Server", "Date", "Connection"):
                self.send_header(name, value)
        self.end_headers()
        breaking = door.breaks > 0 and self.command == "GET" and re.search(door.breaking, self.path)
        sent = 0
        while piece := answer.read(_PIECE):
            time.sleep(door.pause_s)
            self.wfile.write(piece)
            sent += len(piece)
            if breaking and sent >= door.break_bytes:
                door.breaks -= 1
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                break
        behind.close()
        return sent


def free_port() -> int:
    """A port that nobody gets who asks for any: Linux gives those from 32768 on."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def store(folder: Path) -> Iterator[Door]:
    """An empty store behind a door; the test is skipped where moto or s3fs is missing, but not in CI."""
    for package in ("moto", "flask", "flask_cors", "s3fs"):
        if importlib.util.find_spec(package) is None:
            if os.environ.get("CI") == "true":
                raise ModuleNotFoundError(f"{package} is missing: the tests of stores must run here")
            pytest.skip(f"{package} is not installed (pip install 'moto[s3]' flask flask-cors s3fs)")
    port = free_port()
    moto = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "moto.log").open("wb") as log:
        server = subprocess.Popen(moto, stdout=log, stderr=log, cwd=folder)
    try:
        end_s = time.monotonic() + 60
        while time.monotonic() < end_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        with Door(port) as door:
            threading.Thread(target=door.serve_forever, daemon=True).start()
            yield door
            door.shutdown()
    finally:
        server.kill()
        server.wait()


def put(door: Door, path: str, content: bytes) -> None:
    """Put an object, or a bucket (`/name`), past the door."""
    behind = HTTPConnection("127.0.0.1", door.behind)
    behind.request(
        "PUT", path, content, {"Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/x/us-east-1/s3"}
    )
    answer = behind.getresponse()
    answer.read()
    assert answer.status == 200, (path, answer.status)
    behind.close()
