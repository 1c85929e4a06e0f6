"""Server, browser and page die a hundred times in one night: no sample is lost, and the night is found each time."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.app.conftest import Server, Visitor, running_server
from tests.app.test_tonight import recordings, samples, start, stop
from tests.firmware_io.recorder_process import rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.report.chromium import FLAGS, missing
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SERVERS, BROWSERS, PAGES = 60, 15, 25


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "home") as made:
        yield made


def kill_server(server: Server, folder: Path) -> None:
    server.kill()
    server.start()


def kill_browser(server: Server, folder: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        missing("no chromium here (Debian: apt-get install chromium)")
    command = [chromium, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}"]
    address, keys = server.another_key(), server.home / "app" / "keys"
    unused = len(list(keys.iterdir()))
    process = subprocess.Popen([*command, address], stderr=subprocess.DEVNULL, start_new_session=True)
    assert until(lambda: len(list(keys.iterdir())) < unused, 120)  # it is in
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    shutil.rmtree(folder / "profile", ignore_errors=True)


def kill_page(server: Server, folder: Path) -> None:
    """A page that asks and is gone before the answer."""
    place = urlsplit(server.address)
    visitor = Visitor(server.address)
    visitor.get(server.another_key().removeprefix(server.address))
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    with contextlib.suppress(OSError), socket.create_connection((place.hostname, place.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        line.sendall(f"GET /tonight HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookies}\r\n\r\n".encode())


def test_a_hundred_deaths_cost_no_sample(server: Server, tmp_path: Path) -> None:
    deaths = [kill_server] * SERVERS + [kill_browser] * BROWSERS + [kill_page] * PAGES
    random.Random(22).shuffle(deaths)
    counts = night_counts(600)
    with SimulatedBoard(tmp_path / "board", "frames", counts, waits=True) as board:
        visitor = server.visitor()
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: samples(visitor) > 0)
        seen = 0
        for kill in deaths:
            kill(server, tmp_path)
            visitor = Visitor(server.address)
            visitor.get(server.another_key().removeprefix(server.address))
            assert "<h1>Sleep well</h1>" in visitor.get("/tonight").text
            before, seen = seen, samples(visitor)
            assert seen >= before
        sent = len(board.sent)
        assert "Good morning" in stop(visitor).text
    (path,) = recordings(server)
    rows = rows_of(path)
    assert len(rows) >= sent
    assert np.array_equal(rows[:, 1:], counts[board.sent[0] : board.sent[0] + len(rows)])
