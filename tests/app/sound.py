"""Is a page of the app sound in a real browser? It fits, says nothing to the console, axe and html-validate agree."""

from functools import partial
from pathlib import Path

from tests.report.chromium import Browser, settled
from tests.report.test_accessibility import axe, violations
from tests.report.test_browser import OUTSIDE
from tests.report.test_validity import invalid

# A target for a thumb: links in running text are none.
SMALL = """[...document.querySelectorAll(
        'button, .button, input:not([type=hidden]), select, summary, .door, label:has(input)')]
    .filter(e => e.offsetParent !== null && !e.closest('label:has(input)') || e.matches('label:has(input)'))
    .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))"""


def _at_a_width(browser: Browser, address: str, width: int, dark: bool) -> list[str]:
    browser.messages()
    browser.open(address, width=width, dark=dark)
    browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = [f"{width}: outside {item}" for item in browser.evaluate(OUTSIDE)]
    found += [f"{width}: small {item}" for item in browser.evaluate(SMALL)]
    told = [item["message"] for item in browser.messages()]
    found += [
        f"{width}: console {item}" for item in told if not item.startswith(f"{address} - ")
    ]  # its own status
    if (told := violations(browser, axe())) != "[]":
        found.append(f"{width}: axe {told}")
    return found


def faults(browser: Browser, address: str, folder: Path, text: str) -> list[str]:
    """What is wrong with a page, at two widths, light and dark; `text` is its HTML as the server sent it."""
    found = []
    for width, dark in ((360, True), (1280, False)):
        found += settled(partial(_at_a_width, browser, address, width, dark))
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text(text, encoding="utf-8")
    return [*found, *(f"html {rule} {message}" for rule, message in invalid(folder))]
