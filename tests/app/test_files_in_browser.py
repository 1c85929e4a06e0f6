"""Files dropped and chosen in a real Chromium, by script, without it, by keyboard; every state of them and of weeks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.browsers import Untouched
from tests.app.conftest import Server, Visitor, running_server, wait_for_job
from tests.app.files_sent import drop, table
from tests.app.sound import faults
from tests.app.test_in_browser import enter
from tests.app.test_weeks import lived, stem_of
from tests.report.chromium import Browser, open_browser
from tests.report.test_accessibility import press
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADING = "document.querySelector('h1').textContent"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def choose(browser: Browser, *paths: Path) -> None:
    """Choose files in the first field for files."""
    field = Untouched(browser).found("#files")
    browser.devtools("DOM.setFileInputFiles", nodeId=field, files=[str(path) for path in paths])


def to_heading(browser: Browser, words: str) -> bool:
    return until(lambda: browser.evaluate(HEADING) == words)


def drop_on_page(browser: Browser, *paths: Path) -> None:
    """As somebody drops files or folders from a window of files."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.devtools("Input.dispatchDragEvent", type=kind, x=100, y=200, data=data)


def test_a_folder_that_is_dropped_shows_what_was_found_in_each_of_its_files(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    enter(browser, server)
    (tmp_path / "nights" / "later").mkdir(parents=True)
    for seed, name in enumerate(("one.csv", "later/two.csv")):
        (tmp_path / "nights" / name).write_bytes(table(seed + 40, 15))
    browser.open(f"{server.address}/open", width=768)
    drop_on_page(browser, tmp_path / "nights")
    assert to_heading(browser, "Is this right?")
    assert browser.evaluate("document.querySelectorAll('svg.trace').length") == 2
    browser.evaluate("document.querySelector('button[value=remove]').click()")
    assert to_heading(browser, "Open a file")


def test_more_than_is_taken_is_said_before_it_is_sent(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    enter(browser, server)
    (tmp_path / "large.csv").write_bytes(table(50))
    browser.open(f"{server.address}/open", width=360)
    browser.evaluate("document.querySelector('[data-upload]').dataset.upload = 10")
    drop_on_page(browser, tmp_path / "large.csv")
    assert until(lambda: browser.evaluate("document.getElementById('too-large').hidden") is False)
    assert browser.evaluate("document.getElementById('sending').hidden") is True


def test_without_a_mouse_a_file_becomes_a_night(browser: Browser, server: Server, tmp_path: Path) -> None:
    enter(browser, server)
    (tmp_path / "keys.csv").write_bytes(table(2, 15))
    browser.open(f"{server.address}/open", width=1280)
    choose(browser, tmp_path / "keys.csv")
    tab_to(browser, "Open")
    press(browser, "Enter")
    assert to_heading(browser, "Is this right?")
    tab_to(browser, "Analyse")
    press(browser, "Enter")
    assert until(lambda: "/night/keys" in browser.evaluate("location.href"))


def tab_to(browser: Browser, words: str) -> None:
    assert until(lambda: browser.evaluate("document.readyState") == "complete")
    for _ in range(60):
        press(browser, "Tab")
        if browser.evaluate("document.activeElement.textContent").strip() == words:
            return
    raise AssertionError(f"the keyboard doesn't reach {words}")


def test_without_script_a_file_becomes_a_night(browser: Browser, server: Server, tmp_path: Path) -> None:
    enter(browser, server)
    (tmp_path / "plain.csv").write_bytes(table(3, 15))
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{server.address}/open", width=360)
        choose(browser, tmp_path / "plain.csv")
        page, asked = Untouched(browser), "button[value=analyse]"
        assert page.press("form.drop button", "Enter", lambda: page.found("form.drop") == 0)
        assert until(lambda: page.found(asked) > 0)
        night = server.home / "nights" / "plain.night.json"
        assert page.press(asked, "Enter", lambda: page.found(asked) == 0)
        assert until(night.exists)
    finally:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_state_is_sound(browser: Browser, server: Server, tmp_path: Path, language: str) -> None:
    enter(browser, server)
    visitor = Visitor(server.address)
    visitor.get(server.another_key().removeprefix(server.address))
    visitor.post("/language", {"language": language, "back": "/"})
    browser.evaluate(
        f"fetch('/language', {{method: 'POST', body: new URLSearchParams({{language: '{language}'}})}})"
    )

    def sound(path: str) -> None:
        text = visitor.get(path).text
        assert faults(browser, server.address + path, tmp_path / "html", text) == []
        assert len(re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)) < 60_000

    sound("/open")
    for files in (
        {"one.csv": table(11, 15)},
        {"one.csv": table(11, 15), "two.csv": table(12, 200), "letter.txt": b"Dear Jane\n"},
        {"counts.csv": table(13, scale=3000.0, header="t_s,x,y,z")},
        {"log.csv": table(14, header="a,b,c,d")},
        {"picture.png": b"\x89PNG\r\n\x1a\n" + bytes(999)},
    ):
        sound(arrived(visitor, files))
    sound("/open")
    address = arrived(visitor, {f"a_{language}.csv": table(21, 15), f"b_{language}.csv": table(22, 15)})
    job = visitor.post(address, {"do": "analyse"}).location
    sound(job)
    wait_for_job(visitor, visitor.get(address))
    wait_for_job(visitor, visitor.get(job))
    sound(address)


def arrived(visitor: Visitor, files: dict[str, bytes]) -> str:
    shown = wait_for_job(visitor, drop(visitor, files))
    return re.findall(r'name="back" value="([^"]+)"', shown.text)[0]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_state_of_the_weeks_is_sound(browser: Browser, tmp_path: Path, language: str) -> None:
    with running_server(tmp_path / "home") as server:
        enter(browser, server)
        visitor = Visitor(server.address)
        visitor.get(server.another_key().removeprefix(server.address))
        visitor.post("/language", {"language": language, "back": "/"})
        browser.evaluate(
            f"fetch('/language', {{method: 'POST', body: new URLSearchParams({{language: '{language}'}})}})"
        )

        def sound(path: str) -> None:
            text = wait_for_job(visitor, visitor.get(path)).text
            assert faults(browser, server.address + path, tmp_path / "html", text) == []
            assert len(re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)) < 60_000

        sound("/weeks")
        evenings = lived(server)
        sound("/weeks")
        sound(f"/night/{stem_of(evenings[0])}/delete")
        sound("/weeks/delete")
