"""The pages in a real Chromium: every page and state is sound, in both languages, and the live parts are renewed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import Server, Visitor, running_server
from tests.app.sound import faults
from tests.app.test_tonight import samples, start, stop
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.report.chromium import Browser, open_browser, settled
from tests.report.test_accessibility import press
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def enter(browser: Browser, server: Server) -> None:
    """The address that is printed leads to the first page, without its key."""
    browser.open(server.another_key(), width=360)
    there = "document.readyState === 'complete' && location.href"
    assert until(lambda: browser.evaluate(there) == f"{server.address}/")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_state_of_a_night_is_sound(
    browser: Browser, server: Server, tmp_path: Path, language: str
) -> None:
    enter(browser, server)
    visitor = Visitor(server.address)
    visitor.get(server.another_key().removeprefix(server.address))
    visitor.post("/language", {"language": language, "back": "/"})
    browser.evaluate(
        f"fetch('/language', {{method: 'POST', body: new URLSearchParams({{language: '{language}'}})}})"
    )
    visitor.post("/tonight/again")

    def sound(path: str) -> None:
        assert faults(browser, server.address + path, tmp_path / "html", visitor.get(path).text) == []

    sound("/")
    sound("/nothing")
    sound("/tonight")
    start(visitor, tmp_path / "none")
    assert until(lambda: 'role="alert" class="notice"' in visitor.get("/tonight").text)
    sound("/tonight")
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(300), waits=True):
        start(visitor, tmp_path / "board")
        sound("/tonight")
        visitor.post("/tonight/begin")
        sound("/")
        sound("/tonight")
        visitor.post("/tonight/lights", {"off": "yes"})
        sound("/tonight")
        sound("/tonight/stop")
        stop(visitor)
    sound("/tonight")


def test_the_night_is_seen_to_go_on_and_a_page_that_became_another_is_gone_to(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    enter(browser, server)
    visitor = Visitor(server.address)
    visitor.get(server.another_key().removeprefix(server.address))
    visitor.post("/tonight/again")
    numbers = "document.querySelector('#numbers dd').textContent"
    ended = "document.querySelector('form[action*=again]') !== null"
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(300), waits=True):
        start(visitor, tmp_path / "board")
        visitor.post("/tonight/begin")
        assert until(lambda: samples(visitor) > 100)
        browser.open(f"{server.address}/tonight", width=360)
        browser.evaluate("document.querySelector('.actions button').focus()")
        seen = int(browser.evaluate(numbers))
        assert until(lambda: int(browser.evaluate(numbers)) > seen)
        assert (
            browser.evaluate("document.activeElement.tagName") == "BUTTON"
        )  # what is renewed takes no focus
        visitor.post("/tonight/stop")
        assert until(lambda: browser.evaluate(ended))


def test_a_page_whose_server_is_gone_says_so(browser: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path / "home") as server:
        enter(browser, server)
        visitor = Visitor(server.address)
        visitor.get(server.another_key().removeprefix(server.address))
        with SimulatedBoard(tmp_path / "board", "frames", night_counts(60), waits=True):
            start(visitor, tmp_path / "board")
            browser.open(f"{server.address}/tonight", width=360)
            server.kill()
            lost = "getComputedStyle(document.querySelector('.lost')).display"
            assert until(lambda: browser.evaluate(lost) == "block")
            server.start()
            server.visitor().post("/tonight/stop", {"discard": "yes"})


def tab_to(browser: Browser, words: str) -> None:
    """Press Tab until what has the focus says this, and shows that it has it."""
    # Before that the focus may be lost again.
    assert until(lambda: browser.evaluate("document.readyState") == "complete")
    for _ in range(40):
        press(browser, "Tab")
        active = "(e => e.id + ' ' + e.textContent)(document.activeElement)"
        if words in browser.evaluate(active):
            assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"the keyboard doesn't reach {words!r}")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_with_a_keyboard_alone_records_a_night(
    browser: Browser, tmp_path: Path, script: bool
) -> None:
    def shows(words: str, where: str = "body") -> bool:
        return until(lambda: words in browser.evaluate(f"document.querySelector('{where}').innerText"), 40)

    def choose(words: str, then: str, where: str = "h1") -> None:
        for _ in range(
            1 if script else 3
        ):  # without script the page loads itself again, also under the finger
            with contextlib.suppress(OSError, AssertionError):
                tab_to(browser, words)
                press(browser, "Enter")
            if shows(then, where):
                return
        raise AssertionError((words, browser.evaluate("document.body.innerText")))

    browser.devtools("Emulation.setScriptExecutionDisabled", value=not script)
    with (
        running_server(tmp_path / "home") as server,
        SimulatedBoard(tmp_path / "board", "frames", night_counts(300), waits=True),
    ):
        enter(browser, server)
        choose("Record tonight", "Record tonight")
        tab_to(browser, "other ")
        browser.devtools("Input.insertText", text=str(tmp_path / "board"))
        choose("Try the sensor", "Move your wrist")
        assert shows("lying still")
        choose("go to sleep", "Sleep well")
        assert shows("is being saved")
        choose("Lights off", "lights are off", "body")
        numbers = "Number(document.querySelector('#numbers dd').textContent)"
        seen = settled(lambda: browser.evaluate(numbers))
        assert until(lambda: browser.evaluate(numbers) > seen)  # the page is renewed, one way or the other
        choose("Stop", "Stop recording?")
        choose("Go on recording", "Sleep well")
        choose("Stop", "Stop recording?")
        choose("Stop recording", "Good morning")
        assert len(list((server.home / "nights").glob("*.csv"))) == 2  # the night and its clock log
