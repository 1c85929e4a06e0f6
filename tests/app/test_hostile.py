"""What no browser of the person sends: refused or harmless, whatever it is, and the server is as it was before."""

import contextlib
import re
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.app.conftest import Server, Visitor
from tests.support.marks import a_few

MOST_MB = 80
REFUSED = {"", "400", "403", "404", "405", "408", "413", "503"}  # "": closed without a word

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
PART = "Content-Type: multipart/form-data; boundary=b\r\n"
GET = "GET {} HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nConnection: close\r\n\r\n"
POST = (
    "POST /language HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nCookie: COOKIE\r\nConnection: close\r\n"
)


NAMED = "Content-Disposition: form-data; name="


def post(kind: str, body: str, more: str = "") -> str:
    return f"{POST}{kind}{more}Content-Length: {len(body.encode('latin-1'))}\r\n\r\n{body}"


def part(head: str, body: str = "x") -> str:
    return f"--b\r\n{head}\r\n\r\n{body}\r\n--b--\r\n"


def bare(line: str, more: str = "", host: str = "Host: HOST\r\n") -> str:
    return f"{line} HTTP/1.1\r\n{host}{more}Connection: close\r\n\r\n"


# Without a key: as another program, another user of this computer or a page of the net would ask.
OUTSIDE = {
    "HTTP/1.0 without a host": "GET / HTTP/1.0\r\n\r\n",
    "HTTP/1.0": "GET / HTTP/1.0\r\nHost: HOST\r\n\r\n",
    "HTTP/0.9": "GET /\r\n\r\n",
    "HTTP/2 as it begins": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS as it begins": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "x" * 200,
    "no host": bare("GET /", host=""),
    "two hosts": bare("GET /", "Host: evil.example\r\n"),
    "another host in the target": bare("GET http://evil.example/"),
    "a host with a user": bare("GET /", host="Host: HOST@evil.example\r\n"),
    "a host that a proxy names": bare("GET /", "X-Forwarded-Host: HOST\r\n", "Host: evil.example\r\n"),
    "a tunnel": bare("CONNECT evil.example:443"),
    "a websocket": bare(
        "GET /", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    ),
    "an upgrade to HTTP/2": bare(
        "GET /", "Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AAMAAABk\r\n"
    ),
    "another server's cookie": bare("GET /", "Cookie: sleepjerk-1=a; session=b\r\n"),
    "an empty cookie": bare("GET /", "Cookie: sleepjerk-PORT=\r\n"),
    "a thousand cookies": bare(
        "GET /", f"Cookie: {'; '.join(f'sleepjerk-PORT={n}' for n in range(1000))}\r\n"
    ),
    "a cookie that isn't text": bare("GET /", "Cookie: \xff\xfe;;==;\r\n"),
    "a key that isn't text": bare("GET /?key=%ff%00"),
    "a key that is a path": bare("GET /?key=../../server.json"),
    "a thousand keys": bare(f"GET /?{'&'.join('key=a' for _ in range(1000))}"),
    "a key for another address": bare("GET /tonight?key=KEY"),
    "a key in a form": bare("POST /?key=KEY", "Origin: http://HOST\r\nContent-Length: 0\r\n"),
    "a key at a foreign host": bare("GET /?key=KEY", host="Host: evil.example\r\n"),
}

# With the cookie of the person: as a page that got so far would ask, or a program that went mad.
INSIDE = {
    **{
        f"the method {name}": f"{name} / HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nConnection: close\r\n\r\n"
        for name in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "X" * 5000, "G\x00T")
    },
    "a path that isn't one": GET.format("*"),
    **{
        f"the path {path[:40]}": GET.format(path)
        for path in (
            "/%00",
            "/..",
            "/../../etc/passwd",
            "//evil.example/",
            "/\\evil.example",
            "/static/../guard.py",
            "/static/..%2fguard.py",
            "/static/%2e%2e/guard.py",
            "/static/app.css%00",
            "/static//etc/passwd",
            "/static/%c0%ae%c0%ae/guard.py",
            "/night/..%2f..%2fapp%2fserver.json/report",
            "/night/%2e%2e/report",
            "/night/.../report",
            "/night/%F0%9F%98%B4/report",
            "/job/..",
            "/job/..%2f..%2f",
            "/job/1234567890-deadbeef%0a",
            "/job/0000000000-00000000",
            "/" + "a" * 20_000,
            "/" + "a" * 2_000_000,
            "/language",
            "/tonight/try",
        )
    },
    "a thousand headers": GET.replace("Host", "X: y\r\n" * 20_000 + "Host", 1).format("/nothing"),
    "one header of a megabyte": GET.replace("Host", f"X: {'y' * 1_000_000}\r\nHost", 1).format("/nothing"),
    "a header without a colon": GET.replace("Host", "nothing\r\nHost", 1).format("/"),
    "a header's name with a space": GET.replace("Host", "X y: z\r\nHost", 1).format("/"),
    "a header with NUL": GET.replace("Host", "X: \x00\r\nHost", 1).format("/"),
    "a length below zero": f"{POST}{FORM}Content-Length: -1\r\n\r\n",
    "a length in words": f"{POST}{FORM}Content-Length: many\r\n\r\n",
    "a length in foreign digits": f"{POST}{FORM}Content-Length: \xb2\r\n\r\n",
    "two lengths": f"{POST}{FORM}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a length and chunks": f"{POST}{FORM}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in gzip": f"{POST}{FORM}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no size": f"{POST}{FORM}Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
    "a chunk of all sizes": f"{POST}{FORM}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n{'x' * 1_100_000}",
    "two gigabytes announced": f"{POST}{FORM}Content-Length: 2147483648\r\nExpect: 100-continue\r\n\r\n",
    "a form of bits": post(FORM, "language=%ff%fe&back=%00\xff"),
    "a form of percents": post(FORM, "language=%&back=%zz%"),
    "a form without end": post(FORM, "&".join("a=b" for _ in range(200_000))),
    "a form in JSON": post("Content-Type: application/json\r\n", '{"language": "de"}'),
    "a form as text": post("Content-Type: text/plain\r\n", "language=de"),
    "a form without a kind": post("", "language=de"),
    "parts without a boundary": post("Content-Type: multipart/form-data\r\n", part(f'{NAMED}"language"')),
    "parts with a long boundary": post(f"Content-Type: multipart/form-data; boundary={'b' * 20_000}\r\n", "--b"),
    "parts without end": post(PART, f'--b\r\n{NAMED}"language"\r\n\r\nde'),
    "a part without a name": post(PART, part("Content-Disposition: form-data")),
    "a part without a head": post(PART, part("X: y")),
    "a part with a long head": post(PART, part(NAMED + "n" * 100_000)),
    "a part in UTF-7": post(PART, part(NAMED + "_charset_", "utf-7")),
    "a part in no charset": post(PART.replace("\r\n", "; charset=nothing\r\n"), part(f'{NAMED}"language"')),
    "two thousand parts": post(PART, "".join(f"--b\r\n{NAMED}{n}\r\n\r\nx\r\n" for n in range(2000))),
    "a file where words belong": post(PART, part(f'{NAMED}"language"; filename="../../evil"')),
    "a file with a path": post(PART, part(f'{NAMED}"f"; filename="/etc/cron.d/evil"', "x" * 100_000)),
    "a form from another page": post(FORM, "language=de").replace("http://HOST", "http://evil.example"),
    "a form from nowhere": post(FORM, "language=de").replace("http://HOST", "null"),
    "a form from two pages": post(FORM, "language=de", "Origin: http://evil.example\r\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return server.another_key().partition("key=")[2]


def send(server: Server, asked: str, seconds: float = 60) -> bytes:
    """What came back until the server closed the line."""
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(asked.encode("latin-1"))
        return received(line)


def received(line: socket.socket) -> bytes:
    pieces = []
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(65_536):
            pieces.append(piece)
    return b"".join(pieces)


def filled(asked: str, server: Server, visitor: Visitor, key: str) -> str:
    place = urlsplit(server.address)
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    for name, value in {"HOST": place.netloc, "PORT": str(place.port), "COOKIE": cookie, "KEY": key}.items():
        asked = asked.replace(name, value)
    return asked


def memory_mb(server: Server) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    assert found
    return int(found[1]) / 1000


def files(server: Server) -> set[str]:
    made = {str(path.relative_to(server.home)) for path in server.home.rglob("*")}
    return {path for path in made if not path.startswith("app/keys")}


@pytest.mark.parametrize("name", [*OUTSIDE, *INSIDE])
def test_it_is_refused_and_leaves_nothing(server: Server, visitor: Visitor, key: str, name: str) -> None:
    before = files(server)
    said = send(server, filled((OUTSIDE | INSIDE)[name], server, visitor, key))
    status = said[9:12].decode() if said.startswith(b"HTTP/1.1 ") else said[:3].decode("latin-1")
    assert status in REFUSED, said[:300]
    assert b"et-cookie" not in said.partition(b"\r\n\r\n")[0]
    assert b"Traceback" not in said
    assert files(server) == before
    assert visitor.get("/").status == 200
    assert memory_mb(server) < MOST_MB


def test_there_are_enough_of_them() -> None:
    assert len(OUTSIDE) + len(INSIDE) >= 60


def test_the_key_that_was_shown_about_still_opens(server: Server, key: str) -> None:
    assert Visitor(server.address).get(f"/?key={key}").status == 200


@pytest.mark.parametrize("number", a_few([400, 200], of=2))
def test_hundreds_at_once_take_neither_memory_nor_the_page_for_long(
    server: Server, visitor: Visitor, number: int
) -> None:
    place = urlsplit(server.address)
    asked = filled(GET.format("/tonight"), server, visitor, "").encode()
    lines = [socket.create_connection((place.hostname, place.port), timeout=120) for _ in range(number)]
    statuses = set()
    for line in lines:
        line.sendall(asked)
    for line in lines:
        with line:
            statuses.add(received(line)[9:12])
    assert statuses <= {b"200", b"503", b""}
    assert visitor.get("/").status == 200
    assert memory_mb(server) < MOST_MB


@pytest.mark.slow
@pytest.mark.parametrize(
    "begun",
    ["", "GET / HT", POST + "X: y", f"{POST}{FORM}Content-Length: 50\r\n\r\nlanguage=de"],
    ids=["silent", "in the first line", "in the headers", "in the form"],
)
def test_who_is_slow_is_not_waited_for(server: Server, visitor: Visitor, begun: str) -> None:
    place = urlsplit(server.address)
    lines = [socket.create_connection((place.hostname, place.port), timeout=90) for _ in range(50)]
    began = time.monotonic()
    for line in lines:
        line.sendall(filled(begun, server, visitor, "").encode())
    assert visitor.get("/").status == 200  # meanwhile
    for line in lines:
        with line:
            assert received(line)[9:12] in (b"", b"408")
    assert time.monotonic() - began < 90


@pytest.mark.slow
def test_who_sends_a_header_a_second_is_not_waited_for(server: Server, visitor: Visitor) -> None:
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall(filled(POST, server, visitor, "").encode())
        gone = 0.0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while gone < 20:
                line.sendall(b"X: y\r\n")
                time.sleep(0.5)
                gone += 0.5
    assert gone < 20


@pytest.mark.slow
def test_who_takes_nothing_of_the_answer_costs_nobody_else(server: Server, visitor: Visitor) -> None:
    place = urlsplit(server.address)
    asked = filled(
        GET.format("/static/page.css").replace("close", "keep-alive"), server, visitor, ""
    ).encode()
    lines = [socket.create_connection((place.hostname, place.port), timeout=30) for _ in range(50)]

    def flood(line: socket.socket) -> None:
        line.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(2000):
                line.sendall(asked)

    threads = [threading.Thread(target=flood, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert visitor.get("/").status == 200
    assert memory_mb(server) < MOST_MB
    for line in lines:
        line.close()
