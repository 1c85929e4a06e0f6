"""A person's whole way in real browsers: the evening with a board, a file that is opened, the morning after.

Pictures of every page lie in the folder of the test afterwards.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.app.browsers import Chromium, Eyes, open_eyes
from tests.app.conftest import Server, Visitor, running_server, wait_for_job
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.report.chromium import settled
from tests.report.test_accessibility import axe, violations
from tests.report.test_browser import OUTSIDE
from tests.support.slept import lay_night
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
BROWSERS = ["chromium", "chromium without script", "firefox"]
SEEN_BY_AXE = ((360, True), (1280, False))
SAMPLES = 2_000  # that are recorded before somebody gets up


@dataclass
class Person:
    """Somebody with a keyboard who looks at every page."""

    eyes: Eyes
    visitor: Visitor
    pictures: Path

    def see(self, script: str) -> object:
        """What a script says; None between two pages."""
        try:
            return self.eyes.evaluate(script)
        except OSError:
            return None

    def at(self, ending: str, seconds: float = 60) -> None:
        """Wait for the page whose address ends so."""
        there = f"document.readyState === 'complete' && location.pathname.endsWith('{ending}')"
        assert until(lambda: self.see(there), seconds), (ending, self.see("document.body.innerText"))

    def wait_for(self, selector: str, seconds: float = 60) -> None:
        there = f"document.readyState === 'complete' && document.querySelector(`{selector}`) !== null"
        assert until(lambda: self.see(there), seconds), (selector, self.see("document.body.innerText"))

    def press(self, selector: str, key: str = "Enter", then: str | None = None) -> None:
        """Press a key on what is chosen so, as somebody who came there by Tab.

        A page that loads itself again may do so under the finger: what comes `then` says whether it did.
        """
        for _ in range(3):
            self.wait_for(selector if then is None else f"{selector}, {then}")
            with contextlib.suppress(OSError) if then else contextlib.nullcontext():
                self.eyes.evaluate(f"document.querySelector(`{selector}`).focus()")
                self.eyes.press(key)
            if then is None or until(lambda: self.see(f"document.querySelector(`{then}`) !== null"), 20):
                return
        raise AssertionError((selector, self.see("document.body.innerText")))

    def type(self, selector: str, text: str) -> None:
        """Type over what stands in a field."""
        self.wait_for(selector)
        self.eyes.evaluate(f"document.querySelector(`{selector}`).select()")
        self.eyes.type(text)

    def look(self, name: str) -> None:
        """Nothing stands outside at three widths, light and dark, nothing was said to the console, axe is content."""
        address = str(settled(lambda: self.eyes.evaluate("location.href")))
        assert self.eyes.messages() == []
        for width in (1280, 768, 360):
            for dark in (False, True) if isinstance(self.eyes, Chromium) else (True,):
                self.eyes.open(address, width=width, dark=dark)
                picture = self.pictures / f"{name}_{width}{'_dark' if dark else ''}.png"
                settled(partial(self.eyes.screenshot, picture))
                assert self.see(OUTSIDE) in ([], None), (name, width)
                if isinstance(self.eyes, Chromium) and self.eyes.script and (width, dark) in SEEN_BY_AXE:
                    assert settled(partial(violations, self.eyes.browser, axe())) == "[]", (name, width, dark)
        assert self.eyes.messages() == []


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "home") as made:
        yield made


@pytest.fixture
def person(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Person]:
    """Somebody who opened the printed address."""
    (tmp_path / "seen").mkdir()
    with open_eyes(request.param) as eyes:
        eyes.open(server.another_key(), width=360, dark=True)
        yield Person(eyes, server.visitor(), tmp_path / "seen")


def the_night(server: Server) -> Path:
    """The only recording of the home, without its ending."""
    (path,) = (server.home / "nights").glob("*.night.json")
    return path.with_name(path.name.removesuffix(".night.json"))


def answer(person: Person) -> None:
    """The diary, a few answers of it."""
    person.press("nav.ways a[href$='/diary']")
    person.press("#pain", " ")
    person.type(".answers input[type=number]", "3")
    person.press(".answers .actions button")
    person.wait_for("input[name=seen][value*=pain]")
    person.look("diary")


def correct(person: Person) -> None:
    """The first movement was the cat; counted again."""
    person.press("nav.ways a[href$='/movements']")
    person.press("a.button[href*='/movements/']")
    person.wait_for("figure.one-wave svg")
    person.look("movement")
    person.press("button[value=cat]")
    person.wait_for("form.line, form[action$='/undo']")
    person.wait_for("#numbers[data-live='0']", 120)
    person.look("movement_next")
    person.press("nav.ways a[href$='/movements']")
    person.at("/movements")
    person.look("movements")


def say_sleep(person: Person) -> None:
    """A quarter of an hour awake in between."""
    person.press("nav.ways a[href$='/sleep']")
    person.press("#typed-not_sleep", " ")
    person.type("#from", "23:10")
    person.type("#to", "23:25")
    person.press("section form button")
    person.wait_for("form.line")
    person.look("sleep")
    person.wait_for("#numbers[data-live='0']", 120)


def print_it(person: Person) -> None:
    """The printout, by the button for it."""
    person.press("nav.ways a[href$='/print']")
    person.wait_for("a[href$='/print.pdf']")
    person.look("print")
    address = str(person.eyes.evaluate("document.querySelector(`a[href$='/print.pdf']`).pathname"))
    assert wait_for_job(person.visitor, person.visitor.get(address)).text.startswith("%PDF")


@pytest.mark.parametrize("person", BROWSERS, indirect=True)
def test_from_the_board_to_the_printout(person: Person, server: Server, tmp_path: Path) -> None:
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(600), waits=True):
        person.look("home")
        person.press("a[href='/tonight']")
        person.at("/tonight")
        person.look("tonight")
        person.type("#other", str(tmp_path / "board"))
        person.press("form[action='/tonight/try'] button")
        person.wait_for("polyline[points*=' ']")
        person.look("rehearsal")
        person.press("form[action='/tonight/begin'] button", then="button[name=off]")
        person.press("button[name=off][value=yes]", then="button[name=off][value=no]")
        samples = "Number(document.querySelector('#numbers dd').textContent)"
        assert until(lambda: (person.see(samples) or 0) > SAMPLES, 90)
        person.look("night")
        person.press("a[href='/tonight/stop']", then="form[action='/tonight/stop'] button")
        person.at("/tonight/stop")
        person.look("stop")
        person.press("form[action='/tonight/stop'] button")
        person.wait_for("a[href^='/night/']")
    person.look("good_morning")
    person.press("a.button[href^='/night/']")
    person.at("/report", 120)
    person.look("report")
    answer(person)
    print_it(person)
    assert "lights_off" in the_night(server).with_suffix(".json").read_text()


@pytest.mark.parametrize(
    ("person", "language"), [*((name, "en") for name in BROWSERS), ("chromium", "de")], indirect=["person"]
)
def test_from_a_file_to_the_weeks(person: Person, server: Server, tmp_path: Path, language: str) -> None:
    if language == "de":
        person.press("button[lang=de]")
        person.wait_for("html[lang=de]")
    lay_night(tmp_path)
    person.press("a[href='/open']")
    person.at("/open")
    person.look("open")
    person.eyes.choose(tmp_path / "short_night.csv.gz")
    person.press(".drop button")
    person.wait_for("button[value=analyse]")
    person.eyes.evaluate("document.querySelector('#start').value = '2026-11-27T22:30:00'")
    person.press("button[value=look]")
    person.wait_for("#start[value*='2026-11-27']")
    person.look("found")
    person.press("button[value=analyse]")
    person.at("/report", 120)
    person.look("report")
    answer(person)
    correct(person)
    say_sleep(person)
    print_it(person)
    person.press("header a[href='/']")
    person.press("a[href='/weeks']")
    person.wait_for(".badge", 120)
    person.look("weeks")
    assert person.eyes.evaluate("document.documentElement.lang") == language
    said = json.loads((the_night(server).with_suffix(".corrections.json")).read_text())
    assert said
