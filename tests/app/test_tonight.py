"""A night from the page: a simulated board on a pty, a real recorder, and everything around it killed."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.app.conftest import Answer, Server, Visitor, running_server
from tests.firmware_io.recorder_process import rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts


def until(done: Callable[[], object], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "home") as made:
        yield made


def start(visitor: Visitor, port: Path, **more: str) -> Answer:
    return visitor.follow(visitor.post("/tonight/try", {"other": str(port), "limb": "wrist"} | more))


def shown(visitor: Visitor) -> str:
    return visitor.get("/tonight").text


def samples(visitor: Visitor) -> int:
    found = re.search(r"Samples saved(?:</dt><dd>|: )(\d+)", shown(visitor))
    return int(found[1]) if found else 0


def recordings(server: Server) -> list[Path]:
    return [path for path in (server.home / "nights").glob("*.csv") if ".clock." not in path.name]


def test_a_night_from_the_try_to_the_morning(server: Server, tmp_path: Path) -> None:
    visitor = server.visitor()
    counts = night_counts(120)
    with SimulatedBoard(tmp_path / "board", "frames", counts, waits=True) as board:
        assert "<h1>Move your wrist</h1>" in start(visitor, tmp_path / "board").text
        assert until(lambda: "lying still" in shown(visitor))
        visitor.post("/tonight/begin")
        assert "<h1>Sleep well</h1>" in shown(visitor)
        assert until(lambda: "The night is being saved" in shown(visitor))
        for _ in range(2):  # in two tabs
            visitor.post("/tonight/lights", {"off": "yes"})
            assert "The lights are off." in shown(visitor)
        assert until(lambda: samples(visitor) > 400)
        assert "Stop recording?" in visitor.get("/tonight/stop").text
        assert "The night is being saved" in shown(visitor)  # asking stops nothing
        ended = visitor.follow(visitor.post("/tonight/stop"))
    assert "<h1>Good morning</h1>" in ended.text
    (path,) = recordings(server)
    rows = rows_of(path)
    # From the very first sample that the board sent, the try and the night are one.
    assert np.array_equal(rows[:, 1:], counts[board.sent[0] : board.sent[0] + len(rows)])
    assert '"lights_off": "2' in path.with_suffix(".json").read_text()
    assert f'href="/night/{path.stem}"' in ended.text
    assert f'href="/night/{path.stem}"' in visitor.get("/").text
    assert "<h1>Record tonight</h1>" in visitor.follow(visitor.post("/tonight/again")).text


def test_it_is_found_again_when_everything_around_it_is_killed(server: Server, tmp_path: Path) -> None:
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(120), waits=True):
        visitor = server.visitor()
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: samples(visitor) > 100)
        before = server.address
        server.kill()
        server.start()
        assert server.address != before
        assert Visitor(server.address, {}, visitor.cookies).get("/tonight").status == 403
        visitor = server.visitor()
        assert 'href="/tonight"' in visitor.get("/").text
        seen = samples(visitor)
        assert seen > 100
        assert until(lambda: samples(visitor) > seen + 100)
        visitor.post("/tonight/stop")
    (path,) = recordings(server)
    assert np.all(np.diff(rows_of(path)[:, 0]) < 15_000)  # µs: none is missing


def test_start_pressed_twice_records_once(server: Server, tmp_path: Path) -> None:
    first, second = server.visitor(), Visitor(server.address)
    second.get(server.another_key().removeprefix(server.address))
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60), waits=True):
        start(first, tmp_path / "board")
        start(second, tmp_path / "board", side="left")
        assert until(lambda: samples(first) > 100)
        assert samples(second) > 100
        first.post("/tonight/begin")
        first.post("/tonight/stop")
        second.post("/tonight/stop")
    assert len(recordings(server)) == 1
    assert "Good morning" in shown(second)


def test_a_try_can_be_thrown_away(server: Server, tmp_path: Path) -> None:
    visitor = server.visitor()
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60), waits=True):
        start(visitor, tmp_path / "board")
        assert until(lambda: samples(visitor) > 100)
        (server.home / "nights" / "mine.csv").write_text("t\n")
        visitor.post("/tonight/stop", {"discard": "yes"})
    assert [path.name for path in (server.home / "nights").iterdir()] == ["mine.csv"]
    assert "<h1>Record tonight</h1>" in shown(visitor)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"other": "/dev/nowhere"}, "/dev/nowhere"),
        ({"rate": "fast"}, "--rate"),
        ({"baud": "x"}, "--baud"),
    ],
)
def test_what_can_not_be_recorded_says_why(
    server: Server, tmp_path: Path, said: dict[str, str], sentence: str
) -> None:
    visitor = server.visitor()
    start(visitor, tmp_path / "none", **said)
    assert until(lambda: "Nothing was recorded" in shown(visitor))
    text = shown(visitor)
    assert sentence in text
    assert "Traceback" not in text
    assert f'value="{next(iter(said.values()))}"' in text  # to be put right, not typed again


def test_a_board_that_falls_silent_is_told_and_comes_back(server: Server, tmp_path: Path) -> None:
    visitor = server.visitor()
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(120), waits=True) as board:
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: "The night is being saved" in shown(visitor))
        board.unplug()
        assert until(lambda: "unplugged" in shown(visitor) or "Nothing is arriving" in shown(visitor))
        board.plug()
        assert until(lambda: "The night is being saved" in shown(visitor))
        visitor.post("/tonight/stop")


def test_the_name_of_a_port_is_no_option(server: Server, tmp_path: Path) -> None:
    visitor = server.visitor()
    start(visitor, Path("--out=/tmp"), columns="--keep-raw", side="--alarm", limb="--help")
    assert until(lambda: "Nothing was recorded" in shown(visitor))
    assert "--out=/tmp" in shown(visitor)
