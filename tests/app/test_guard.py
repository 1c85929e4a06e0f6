"""Who may ask: everything hostile is refused or harmless, asked over real sockets of a real server."""

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.app.conftest import Server, Visitor, running_server


def test_without_a_key_nothing_is_shown(server: Server) -> None:
    for path in ("/", "/?key=", "/?key=wrong", "/?key=a&key=b", "/night/x/report", "/job/x"):
        answer = Visitor(server.address).get(path)
        assert (answer.status, answer.headers["set-cookie"]) == (403, None), path


def test_a_key_lets_one_browser_in(server: Server) -> None:
    path = server.another_key().removeprefix(server.address)
    first, second = Visitor(server.address), Visitor(server.address)
    assert first.get(path).status == 200
    assert first.get("/").status == 200
    assert second.get(path).status == 403
    assert second.get("/").status == 403
    assert first.get(path).status == 200  # loaded again, it still is the one that was let in


def test_a_key_of_before_is_old(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        keys = [server.opening, server.another_key()]
        server.kill()
        server.start()
        for key in keys:
            assert Visitor(server.address).get(f"/?{key.partition('?')[2]}").status == 403
        assert Visitor(server.address).get(server.opening.removeprefix(server.address)).status == 200


def test_the_cookie_is_for_this_page_alone(server: Server) -> None:
    cookie = (
        Visitor(server.address).get(server.another_key().removeprefix(server.address)).headers["set-cookie"]
    )
    assert {part.strip() for part in cookie.lower().split(";")[1:]} == {
        "httponly",
        "samesite=strict",
        "path=/",
    }


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "[::1]:PORT", "0.0.0.0:PORT", ""],
)
def test_a_foreign_host_is_refused(visitor: Visitor, host: str) -> None:
    port = visitor.address.rpartition(":")[2]
    assert visitor.get("/", Host=host.replace("PORT", port)).status == 400


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:PORT", ""]
)
def test_a_form_from_another_page_changes_nothing(visitor: Visitor, origin: str) -> None:
    told = origin.replace("PORT", visitor.address.rpartition(":")[2])
    answer = visitor.post("/language", {"language": "de", "back": "/"}, Origin=told)
    assert (answer.status, answer.headers["set-cookie"]) == (403, None)


def test_a_form_that_says_nothing_of_its_page_changes_nothing(visitor: Visitor) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for more, status in (
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ):
        assert visitor.ask("POST", "/language", b"language=en&back=/", kind | more).status == status


def test_every_answer_keeps_the_page_alone(server: Server, visitor: Visitor) -> None:
    inside = [visitor.get(path) for path in ("/", "/nothing", "/static/app.js")]
    for answer in (*inside, Visitor(server.address).get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["server"] is None
        assert answer.headers["access-control-allow-origin"] is None


@pytest.mark.parametrize("told", [True, False], ids=["said before", "sent without a word"])
def test_more_than_a_form_is_not_taken(visitor: Visitor, told: bool) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    length = {"Content-Length": "999999999999"} if told else {"Transfer-Encoding": "chunked"}
    host = urlsplit(visitor.address)
    with socket.create_connection((host.hostname, host.port), timeout=20) as line:
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        said = {"Host": host.netloc, "Origin": visitor.address, "Cookie": cookies} | kind | length
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        line.sendall(f"POST /language HTTP/1.1\r\n{head}\r\n".encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(0 if told else 100):
                line.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_it_listens_on_this_computer_alone(server: Server) -> None:
    port = urlsplit(server.address).port
    found = Path("/proc/net/tcp").read_text()
    assert f"0100007F:{port:04X} 00000000:0000" in found
    assert f"00000000:{port:04X} 00000000:0000" not in found
    with pytest.raises(OSError), socket.socket(socket.AF_INET6) as six:
        six.connect(("::1", port))


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can ask as somebody else"
)
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here to ask with")
def test_another_user_of_this_computer_can_not_use_a_key_that_was_seen(server: Server) -> None:
    address = server.another_key()
    ask = [
        "curl",
        "--silent",
        "--noproxy",
        "*",
        "--write-out",
        "%{http_code}",
        "--output",
        os.devnull,
        address,
    ]
    assert subprocess.run(ask, user=65534, capture_output=True, text=True).stdout == "403"
    assert (
        Visitor(server.address).get(address.removeprefix(server.address)).status == 200
    )  # the key is still good
