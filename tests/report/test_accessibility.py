"""The page for those who can't see, or can't use a mouse: axe-core finds nothing, the keyboard reaches everything."""

import os
from pathlib import Path
from typing import Any

import pytest

from sleepjerk.report import write_report
from tests.report.chromium import Browser
from tests.report.made_nights import NIGHTS

pytestmark = pytest.mark.browser

ALWAYS = ("flagged",)
SEEN = [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow) for name in NIGHTS]
RUN = (
    "axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map("
    "v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160)])))"
)
FOCUSABLE = (
    "[...document.querySelectorAll('summary, [tabindex=\"0\"]')].filter(e => e.offsetParent !== null).length"
)


def from_npm(package: str, file: str) -> Path:
    """A file of an npm package."""
    path = Path(os.environ.get("SLEEPJERK_NODE_MODULES", "")) / package.partition("@")[0] / file
    if not path.is_file():
        message = (
            f"{package} is missing: npm install --prefix ~/sleepjerk-node {package} &&"
            " export SLEEPJERK_NODE_MODULES=~/sleepjerk-node/node_modules"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


def axe() -> str:
    """The source of axe-core."""
    return from_npm("axe-core@4.14.1", "axe.min.js").read_text(encoding="utf-8")


def violations(browser: Browser, source: str) -> Any:
    told = browser.devtools("Runtime.evaluate", expression=f"{source};{RUN}", awaitPromise=True)
    if "value" not in told["result"]:
        raise OSError("the page went away meanwhile")
    return told["result"]["value"]


@pytest.mark.parametrize("name", SEEN)
def test_axe_finds_no_violation(browser: Browser, tmp_path: Path, name: str) -> None:
    source = axe()
    write_report(NIGHTS[name](), tmp_path / "page.html")
    for width, dark in ((1280, False), (360, True)):
        browser.open(tmp_path / "page.html", width=width, dark=dark)
        browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert violations(browser, source) == "[]"


@pytest.mark.slow
def test_axe_would_find_one(browser: Browser, tmp_path: Path) -> None:
    write_report(NIGHTS["quiet"](), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(text.replace('role="img" ', 'role="img-less" '), encoding="utf-8")
    browser.open(tmp_path / "page.html", width=1280)
    assert violations(browser, axe()) != "[]"


@pytest.mark.slow
def test_the_keyboard_reaches_and_opens_everything_that_folds(browser: Browser, tmp_path: Path) -> None:
    write_report(NIGHTS["amber_week"](), tmp_path / "page.html")
    browser.open(tmp_path / "page.html", width=1280)
    count = browser.evaluate(FOCUSABLE)
    assert count >= 5
    opened, reached = 0, []
    for _ in range(count + 200):
        press(browser, "Tab")
        tag = browser.evaluate(
            "document.activeElement.tagName + '|' + document.activeElement.textContent.slice(0, 40)"
        )
        if tag.startswith("BODY"):
            break
        reached.append(tag)
        if tag.startswith("SUMMARY") and browser.evaluate("!document.activeElement.parentElement.open"):
            press(browser, "Enter")
            assert browser.evaluate("document.activeElement.parentElement.open")
            opened += 1
        ring = "getComputedStyle(document.activeElement).outlineStyle"
        assert browser.evaluate(ring) != "none"
    assert opened >= 4
    assert browser.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    assert len(reached) >= count


def press(browser: Browser, key: str) -> None:
    code = {"Tab": 9, "Enter": 13}.get(key) or ord(key)
    text = {} if key == "Tab" else {"text": "\r" if key == "Enter" else key}
    for kind in ("keyDown", "keyUp"):
        browser.devtools(
            "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text
        )
