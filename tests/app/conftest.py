"""A server really started on a port, and a browser without a picture: cookies, forms, what comes back."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.slept import lay_night


@dataclass
class Answer:
    """What a server said."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self) -> str:
        return self.headers["location"] or ""


@dataclass
class Visitor:
    """One browser: it keeps its cookies and says where its forms come from, as browsers do."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, str] = {}, **headers: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        return self.ask("POST", path, urlencode(form).encode(), kind | headers)

    def follow(self, answer: Answer) -> Answer:
        """On to where the answer sends, as often as it sends."""
        while answer.status == 303:
            answer = self.get(answer.location)
        return answer

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with contextlib.closing(connection):
            connection.request(method, path, body, self.headers | {"Cookie": cookies} | dict(headers))
            answer = connection.getresponse()
            for line in answer.headers.get_all("set-cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Answer(answer.status, answer.headers, answer.read().decode(errors="replace"))


class Server:
    """`sleepjerk app` as a process, with a home of its own."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self._words = words
        self.start()

    def start(self) -> None:
        """Start it, or start it again: on another port."""
        command = [sys.executable, "-m", "sleepjerk", "app", "--no-browser", "--home", str(self.home)]
        self.process = subprocess.Popen(
            [*command, *self._words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.opening = self.process.stdout.readline().strip()  # the address with its key
        assert "?key=" in self.opening
        self.address = self.opening.partition("/?")[0]

    def visitor(self, **headers: str) -> Visitor:
        """A browser that was let in."""
        made = Visitor(self.address, headers)
        assert made.get(self.opening.removeprefix(self.address)).status == 200
        return made

    def another_key(self) -> str:
        """The address for another browser, as a second `sleepjerk app` prints it."""
        command = [sys.executable, "-m", "sleepjerk", "app", "--no-browser", "--home", str(self.home)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    def kill(self, number: int = signal.SIGKILL) -> int:
        """A signal to all that its terminal started, as that would send it; the exit code."""
        os.killpg(self.process.pid, number)
        self.process.communicate(timeout=90)
        return self.process.returncode


@contextlib.contextmanager
def running_server(home: Path, *words: str) -> Iterator[Server]:
    """A server until the block ends."""
    server = Server(home, *words)
    try:
        yield server
    finally:
        with contextlib.suppress(FileNotFoundError):  # a recorder would outlive a test that failed
            (home / "app" / "tonight" / "stop").touch()
        server.process.terminate()
        server.process.communicate(timeout=90)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server a module."""
    with running_server(tmp_path_factory.mktemp("app") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def visitor(server: Server) -> Visitor:
    """A browser that is known to the server of this module."""
    return server.visitor()


@pytest.fixture(scope="module")
def nights_there(server: Server) -> str:
    """The stem of a short night that lies in the server's folder."""
    folder = server.home / "nights"
    folder.mkdir(parents=True, exist_ok=True)
    lay_night(folder)
    return "short_night"


def wait_for_job(visitor: Visitor, answer: Answer, seconds: float = 300) -> Answer:
    """What a job led to."""
    import time

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = visitor.follow(answer)
        if not re.search(r"data-live=\"0\.5\"", answer.text):
            return answer
        time.sleep(0.2)
        answer = visitor.get(re.search(r'name="back" value="([^"]+)"', answer.text)[1])  # type: ignore[index]
    raise TimeoutError(answer.text)
