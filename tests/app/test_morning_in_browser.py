"""The morning in a real Chromium: every page is sound; by keyboard alone, on the picture, and without script."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.browsers import Untouched
from tests.app.conftest import Server, Visitor
from tests.app.sound import faults
from tests.app.test_morning import NIGHT, counted, events, first, home, judge, kept, seen, server, visitor
from tests.report.chromium import Browser, open_browser, settled
from tests.report.test_accessibility import axe, violations
from tests.report.test_browser import OUTSIDE
from tests.report.test_validity import invalid
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["first", "home", "server", "visitor"]  # fixtures


@pytest.fixture
def browser(server: Server) -> Iterator[Browser]:
    """A browser that is let in."""
    with open_browser() as opened:
        opened.open(server.another_key(), width=360)
        assert until(lambda: opened.evaluate("location.href") == f"{server.address}/")
        yield opened


def press(browser: Browser, key: str, times: int = 1) -> None:
    text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
    code = {"ArrowRight": 39, "ArrowLeft": 37, "Tab": 9, "Enter": 13, " ": 32}.get(key, ord(key[0].upper()))
    for _ in range(times):
        for kind in ("keyDown", "keyUp"):
            browser.devtools(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text
            )


def address(browser: Browser) -> str:
    """Where it is, as soon as the page is whole: before that nobody listens to keys."""
    there = "(document.readyState === 'complete' || undefined.x) && location.pathname"
    return str(settled(lambda: browser.evaluate(there)))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_and_state_of_a_morning_is_sound(
    browser: Browser, server: Server, visitor: Visitor, home: Path, tmp_path: Path, language: str
) -> None:
    visitor.post("/language", {"language": language, "back": "/"})
    told = f"{{method: 'POST', body: new URLSearchParams({{language: '{language}'}})}}"
    browser.evaluate(f"fetch('/language', {told})")

    def sound(room: str) -> None:
        path = f"{NIGHT}/{room}"
        assert faults(browser, server.address + path, tmp_path / "h", visitor.get(path).text) == []

    for room in ("diary", "sleep", "movements", "movements/3", "print"):
        sound(room)
    assert until(lambda: "<svg" in visitor.get(f"{NIGHT}/movements/3").text)
    judge(visitor, home, 3, "cat")
    judge(visitor, home, 8, "unsure")
    sound("movements/3")  # while it is counted
    visitor.post(f"{NIGHT}/sleep", {"kind": "not_sleep", "from": "23:10", "to": "23:14"})
    visitor.post(f"{NIGHT}/diary", {"seen": "{}", "pain": "on", "convulsion": "on", "stress": "4"})
    assert until(lambda: 'data-live="1"' not in visitor.get(f"{NIGHT}/movements").text)
    for room in ("diary", "sleep", "movements", "movements/3", "movements/8"):
        sound(room)
    for room, form, fields in (
        ("sleep", "section form", {"from": "25:00", "to": "<b>"}),
        ("movements", "details form", {"at": "03:00"}),
        ("diary", "form.answers", {"stress": "99"}),
        ("diary", "form.answers", {"seen": '{"stress": 1}', "stress": "2"}),
    ):
        answered(browser, f"{server.address}{NIGHT}/{room}", form, fields)
        assert browser.evaluate("document.querySelector('[role=alert] legend, .wrong') !== null")
        assert violations(browser, axe()) == "[]"
        assert browser.evaluate(OUTSIDE) == []
        (tmp_path / "h" / "page.html").write_text(browser.evaluate(RECEIVED), encoding="utf-8")
        assert invalid(tmp_path / "h") == []


# A page that came back for a form can't be asked for again: what was received, with its document type.
RECEIVED = "'<!doctype html>\\n' + document.documentElement.outerHTML"


def answered(browser: Browser, page: str, form: str, fields: dict[str, str]) -> None:
    """Fill a form in and send it, whatever the browser itself would say to it."""
    browser.open(page, width=360, dark=True)
    for name, text in fields.items():
        field = f"document.querySelector({json.dumps(f'{form} [name={name}]')})"
        browser.evaluate(f"{field}.value = {json.dumps(text)}")
    browser.evaluate("window.before = true")
    browser.evaluate(f"document.querySelector({json.dumps(form)}).submit()")
    assert until(
        lambda: browser.evaluate("window.before === undefined && document.readyState == 'complete'"), 10
    )


def test_movements_are_judged_by_one_key_and_taken_back(
    browser: Browser, server: Server, visitor: Visitor, home: Path
) -> None:
    browser.open(f"{server.address}{NIGHT}/movements", width=1280)
    browser.evaluate("document.querySelector('main .button').focus()")
    press(browser, "Enter")
    assert until(lambda: re.search(r"/movements/\d+$", address(browser)))
    begun = address(browser)
    press(browser, "ArrowRight")
    assert until(lambda: address(browser) != begun)
    press(browser, "ArrowLeft")
    assert until(lambda: address(browser) == begun)
    for key in ("3", "2"):
        before = address(browser)
        press(browser, key)
        assert until(lambda before=before: address(browser) != before)
    assert until(lambda: "22:58:30" in browser.evaluate("document.querySelector('.line').textContent"))
    press(browser, "u")
    assert until(
        lambda: "22:58:30" not in browser.evaluate("document.querySelector('.line').textContent"), 10
    )
    counted(visitor)
    assert [(item["label"], item["note"]) for item in kept(home)["corrections"]] == [
        ("body_movement", "not me")
    ]
    browser.open(f"{server.address}{begun}", width=1280)
    browser.evaluate("document.querySelector('details').open = true")
    browser.evaluate("document.getElementById('note').focus()")
    press(browser, "1")
    assert address(browser) == begun  # where somebody types a key is a sign
    assert browser.evaluate("document.getElementById('note').value") == "1not me"


def test_numbers_follow_while_the_person_is_already_elsewhere(
    browser: Browser, server: Server, visitor: Visitor, home: Path
) -> None:
    row = next(place for place, event in enumerate(events(home)) if event["label"] == "hypnic_jerk")
    browser.open(f"{server.address}{NIGHT}/movements/{row}", width=360)
    numbers = "document.querySelector('#numbers dl').textContent"
    assert "jerks while falling asleep2" in browser.evaluate(numbers)
    press(browser, "2")
    assert until(lambda: not address(browser).endswith(f"/{row}"))
    assert until(lambda: "jerks while falling asleep1" in browser.evaluate(numbers))


def test_handles_follow_keys_and_the_pointer_and_say_the_clock(
    browser: Browser, server: Server, visitor: Visitor, home: Path
) -> None:
    browser.open(f"{server.address}{NIGHT}/sleep", width=768, height=1200)
    clock = "document.getElementById('{}-at').textContent"
    assert browser.evaluate(clock.format("last")) == "00:24"
    browser.evaluate("document.getElementById('last').focus()")
    press(browser, "ArrowLeft", 4)
    assert browser.evaluate(clock.format("last")) == "00:20"
    assert browser.evaluate("document.getElementById('last').getAttribute('aria-valuetext')") == "00:20"
    place = "(p => [p.left, p.top, p.width])(document.querySelector('.timeline svg').getBoundingClientRect())"
    browser.evaluate("document.querySelector('.timeline').scrollIntoView()")
    left, top, width = browser.evaluate(place)
    for kind, x in (("mousePressed", 0.2), ("mouseMoved", 0.3), ("mouseReleased", 0.3)):
        where = {"x": left + x * width, "y": top + 30, "button": "left", "buttons": 1, "clickCount": 1}
        browser.devtools("Input.dispatchMouseEvent", type=kind, **where)
    value, most = browser.evaluate("(r => [+r.value, +r.max])(document.getElementById('first'))")
    assert value == pytest.approx(0.3 * most, abs=1)
    handle = browser.evaluate("document.querySelector('.handle').getAttribute('d')")
    assert float(re.findall(r"[\d.]+", handle)[0]) == pytest.approx(720 * value / most, abs=1)
    browser.evaluate("document.querySelector('#last').closest('form').querySelector('button').focus()")
    press(browser, "Enter")
    assert until(lambda: "sleep" in kept(home))
    (sleep,) = kept(home)["sleep"]
    assert sleep["onset_s"] == 60 * value


def test_without_script_a_morning_is_the_same(
    browser: Browser, server: Server, visitor: Visitor, home: Path
) -> None:
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{server.address}{NIGHT}/movements/3", width=360)

    page = Untouched(browser)
    assert until(lambda: "<svg" in page.text())  # the page loads itself again
    assert page.press('button[value="cat"]', "Enter", lambda: len(kept(home).get("corrections", [])) == 1)
    assert until(lambda: "Counted with everything you said" in page.text())
    assert len(kept(home)["corrections"]) == 1
    browser.open(f"{server.address}{NIGHT}/diary", width=360)
    assert page.press("#pain", " ", lambda: True)
    assert page.press(".answers .actions button", "Enter", lambda: "1 answer kept" in page.text())
    assert seen(visitor.get(f"{NIGHT}/diary")) == '{"pain": true}'
