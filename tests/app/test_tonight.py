"""A night from the page: a simulated board on a pty, a real recorder, and everything around it killed."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from starlette.requests import Request

from sleepjerk.app.jobs import Job
from sleepjerk.app.pages import page
from sleepjerk.app.tonight import Recording
from tests.app.conftest import Answer, Server, Visitor, running_server
from tests.firmware_io.recorder_process import rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.firmware_io.test_bedtime import TwoSensors
from tests.support.marks import a_few
from tests.support.waiting import until


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


def stop(visitor: Visitor) -> Answer:
    """The morning, as soon as it is there: a busy computer may need longer than the page waits."""
    visitor.post("/tonight/stop")
    assert until(lambda: "/tonight/stop" not in shown(visitor))
    return visitor.get("/tonight")


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
            assert until(lambda: "The lights are off." in shown(visitor))
        assert until(lambda: samples(visitor) > 400)
        assert "Stop recording?" in visitor.get("/tonight/stop").text
        assert "The night is being saved" in shown(visitor)  # asking stops nothing
        ended = stop(visitor)
    assert "<h1>Good morning</h1>" in ended.text
    (path,) = recordings(server)
    rows = rows_of(path)
    # From the very first sample that the board sent, the try and the night are one.
    assert np.array_equal(rows[:, 1:], counts[board.sent[0] : board.sent[0] + len(rows)])
    assert '"lights_off": "2' in path.with_suffix(".json").read_text()
    assert f'href="/night/{quote(path.stem)}"' in ended.text
    assert f'href="/night/{quote(path.stem)}"' in visitor.get("/").text
    assert "<h1>Record tonight</h1>" in visitor.follow(visitor.post("/tonight/again")).text
    assert [
        path for path in server.home.rglob("*") if path.stat().st_mode & 0o077
    ] == []  # nobody else's to read


def test_it_is_found_again_when_everything_around_it_is_killed(server: Server, tmp_path: Path) -> None:
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(120), waits=True):
        visitor = server.visitor()
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: samples(visitor) > 100)
        before = server.address
        server.kill()
        (server.home / "app/tonight/job").unlink()  # as if it had died before it wrote down what it started
        server.start()
        assert server.address != before
        assert Visitor(server.address, {}, visitor.cookies).get("/tonight").status == 403
        visitor = server.visitor()
        assert 'href="/tonight"' in visitor.get("/").text
        seen = samples(visitor)
        assert seen > 100
        assert until(lambda: samples(visitor) > seen + 100)
        stop(visitor)
    (path,) = recordings(server)
    assert np.all(np.diff(rows_of(path)[:, 0]) < 15_000)  # µs: none is missing


@pytest.mark.slow
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
        stop(second)
    assert len(recordings(server)) == 1
    assert "Good morning" in shown(second)


@pytest.mark.slow
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
    a_few(
        [
            ({"other": "/dev/nowhere"}, "/dev/nowhere"),
            ({"rate": "fast"}, "“Samples a second”"),
            ({"baud": "x"}, "“Baud rate”"),
        ],
        of=3,
        several=True,
    ),
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


@pytest.mark.slow
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
        stop(visitor)


@pytest.mark.slow
def test_the_name_of_a_port_is_no_option(server: Server, tmp_path: Path) -> None:
    visitor = server.visitor()
    start(visitor, Path("--out=/tmp"), columns="--keep-raw", side="--alarm", limb="--help")
    assert until(lambda: "Nothing was recorded" in shown(visitor))
    assert "--out=/tmp" in shown(visitor)


@pytest.mark.slow
def test_where_two_sensors_are_in_a_line_a_button_says_which_is_meant(server: Server, tmp_path: Path) -> None:
    visitor = server.visitor()
    with TwoSensors(tmp_path / "board", 60):
        start(visitor, tmp_path / "board")
        assert until(lambda: 'value="4,5,6"' in shown(visitor))
        assert 'value="1,2,3"' in shown(visitor)
        visitor.post("/tonight/columns", {"columns": "4,5,6"})
        assert until(lambda: samples(visitor) > 100)
        visitor.post("/tonight/begin")
        stop(visitor)
    (path,) = recordings(server)
    values_g = [float(cell) for cell in path.read_text().splitlines()[5].split(",")[2:]]
    assert values_g == pytest.approx([0.8, -0.6], abs=0.03)  # of the second sensor


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_the_terminal_of_the_page_may_end_and_the_night_goes_on(
    server: Server, tmp_path: Path, number: signal.Signals
) -> None:
    visitor = server.visitor()
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60), waits=True):
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: samples(visitor) > 100)
        assert server.kill(number) == (0 if number == signal.SIGINT else -number)
        server.start()
        visitor = server.visitor()
        seen = samples(visitor)
        assert until(lambda: samples(visitor) > seen + 100)
        stop(visitor)


WELL = {"samples": 5, "last_sample_age_s": 0.2, "connected": True}


@pytest.mark.parametrize(
    ("status", "told_s", "trouble"),
    [
        (WELL, 0, None),
        (WELL | {"last_sample_age_s": 4.0}, 0, "silent"),
        (WELL | {"last_sample_age_s": None}, 0, "silent"),
        (WELL | {"connected": False}, 0, "unplugged"),
        (WELL | {"trouble": "No space left on device", "connected": False}, 0, "disk"),
        (WELL, 60, "no_word"),
        (WELL | {"samples": 0, "last_sample_age_s": None}, 0, "nothing"),
        ({}, None, "no_word"),
    ],
)
def test_what_is_wrong_has_a_name(status: dict[str, Any], told_s: float | None, trouble: str | None) -> None:
    now = datetime.now(UTC)
    said = {} if told_s is None else {"updated_utc": (now - timedelta(seconds=told_s)).isoformat()}
    job = Job("1", (), "", "", "", None, (), now.timestamp() - 60)
    assert Recording(job, status | said, True).trouble == trouble


def test_a_recorder_that_just_began_is_given_time() -> None:
    job = Job("1", (), "", "", "", None, (), time.time())
    for said in (
        {},
        {"updated_utc": datetime.now(UTC).isoformat(), "samples": 0},
        {"updated_utc": "yesterday"},
    ):
        assert Recording(job, said, True).trouble == "listening"


@pytest.mark.slow
def test_a_recorder_that_was_killed_is_told_and_what_it_saved_is_there(
    server: Server, tmp_path: Path
) -> None:
    visitor = server.visitor()
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60), waits=True):
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: samples(visitor) > 200)
        os.kill(json.loads((server.home / "app/tonight/status.json").read_text())["pid"], signal.SIGKILL)
        assert until(lambda: "Something went wrong while recording" in shown(visitor))
    (path,) = recordings(server)
    assert len(rows_of(path)) > 100
    assert f'href="/night/{quote(path.stem)}"' in shown(visitor)


@pytest.mark.slow
def test_a_page_that_nobody_looks_at_stays_while_a_night_is_recorded(tmp_path: Path) -> None:
    board = SimulatedBoard(tmp_path / "board", "frames", night_counts(60), waits=True)
    with running_server(tmp_path / "home", "--stop-when-idle", "2s") as server, board:
        visitor = server.visitor()
        start(visitor, tmp_path / "board")
        assert until(lambda: samples(visitor) > 0)
        time.sleep(5)
        assert visitor.post("/tonight/stop", {"discard": "yes"}).status == 303
        assert server.process.wait(timeout=90) == 0


def test_boards_with_odd_names_are_text_and_the_last_one_is_chosen() -> None:
    asked = Request({"type": "http", "method": "GET", "path": "/tonight", "headers": [], "query_string": b""})
    ports = [("/dev/a", "<script>alert(1)</script>"), ("/dev/b", 'x" onfocus="x\x00\ud800')]
    choices = dict.fromkeys(("port", "other", "limb", "side", "alarm", "columns"), "")
    for last, chosen in (("/dev/b", "/dev/b"), ("/dev/gone", "/dev/a"), ("", "/dev/a")):
        parts = {"ports": ports, "findings": [], "failed": None, "limbs": [], "sides": [], "said": []}
        answer = page(asked, "tonight_choose.html", chosen=choices | {"port": last}, **parts)
        text = bytes(answer.body).decode()
        assert re.findall(r'value="(/dev/\w+)" checked', text) == [chosen]
        assert "<script>alert" not in text
        assert 'x" onfocus' not in text
