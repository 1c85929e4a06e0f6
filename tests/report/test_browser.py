"""The page in a real Chromium: it fits, says nothing to the console, and loads nothing."""

import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.report.chromium import Browser
from tests.report.made_nights import NIGHTS, rendered
from tests.support.marks import a_few

pytestmark = pytest.mark.browser

# Elements that stick out of the window, but for what scrolls by itself or is folded away.
OUTSIDE = """[...document.querySelectorAll('body *')]
    .filter(e => !e.closest('.scroll, svg, details:not([open])'))
    .filter(e => {
        const box = e.getBoundingClientRect();
        return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
    }).map(e => e.outerHTML.slice(0, 80))"""


CUT = """[...document.querySelectorAll('main svg[role=img] text')].filter(t => {
        const box = t.getBoundingClientRect(), room = t.ownerSVGElement.getBoundingClientRect();
        return box.width && (box.left < room.left - 1 || box.right > room.right + 1);
    }).map(t => t.textContent)"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The page of a made night as a file."""
    folder = tmp_path_factory.mktemp("reports")

    @cache
    def written(name: str, language: str = "en") -> Path:
        path = folder / f"{name}.{language}.html"
        path.write_text(rendered(name, language), encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, pytest.param(768, marks=pytest.mark.slow), 1280])
@pytest.mark.parametrize("name", a_few(NIGHTS, of=6))
def test_the_page_fits_and_is_silent(
    browser: Browser, page: Callable[..., Path], name: str, width: int, dark: bool
) -> None:
    browser.open(page(name), width=width, dark=dark)
    assert browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.evaluate(OUTSIDE) == []
    assert browser.evaluate(CUT) == []
    assert browser.messages() == []
    assert browser.evaluate("performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("name", a_few(["amber_week", "demo", "no_sleep", "flagged"], of=4))
def test_the_page_fits_in_german_too(
    browser: Browser, page: Callable[..., Path], name: str, width: int
) -> None:
    browser.open(page(name, "de"), width=width)
    assert browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.evaluate(OUTSIDE) == []
    assert browser.evaluate(CUT) == []


@pytest.mark.parametrize("name", ["amber_week", "demo"])
def test_on_a_phone_no_caption_is_a_column_of_words_and_no_fact_touches_its_name(
    browser: Browser, page: Callable[..., Path], name: str
) -> None:
    browser.open(page(name), width=360)
    squeezed = """[...document.querySelectorAll('table.stack')]
        .filter(t => t.caption && t.clientWidth && t.caption.clientWidth < t.clientWidth / 2).length"""
    assert browser.evaluate(squeezed) == 0
    beside = """[...document.querySelectorAll('dl.facts dt')].filter(t => {
        const name = t.getBoundingClientRect(), fact = t.nextElementSibling.getBoundingClientRect();
        return name.width && fact.top < name.bottom - 1 && fact.left < name.right + 4;
    }).length"""
    assert browser.evaluate(beside) == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_word_of_the_week_is_broken(browser: Browser, page: Callable[..., Path], width: int) -> None:
    browser.open(page("amber_week"), width=width)
    broken = """[...document.querySelectorAll('.week span')].flatMap(span => [...span.childNodes])
        .filter(node => node.nodeType === 3).flatMap(node => [...node.data.matchAll(/[^\\s,]+/g)].map(found => {
            const range = document.createRange();
            range.setStart(node, found.index);
            range.setEnd(node, found.index + found[0].length);
            return [found[0], range.getClientRects().length];
        })).filter(([word, lines]) => lines > 1)"""
    assert browser.evaluate(broken) == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", ["amber_week", "flagged"])
def test_on_a_phone_the_page_is_no_longer_than_ten_screens_and_the_picture_comes_first(
    browser: Browser, page: Callable[..., Path], name: str, language: str
) -> None:
    browser.open(page(name, language), width=360, height=800)
    assert browser.evaluate("document.documentElement.scrollHeight") <= 8000
    first = "document.querySelector('main figure, main .card').querySelector('svg.night') !== null"
    assert browser.evaluate(first)


def test_dark_mode_is_dark_and_light_is_light(browser: Browser, page: Callable[..., Path]) -> None:
    colours = []
    for dark in (False, True):
        browser.open(page("demo"), width=1280, dark=dark)
        colours.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark_one = ([int(part) for part in colour[4:-1].split(",")] for colour in colours)
    assert min(light) > 200
    assert max(dark_one) < 60


def test_the_screenshot_shows_something(browser: Browser, page: Callable[..., Path]) -> None:
    browser.open(page("demo"), width=1280)
    shot = browser.screenshot()
    assert struct.unpack(">II", shot[16:24]) == (1280, 900)
    assert len(shot) > 40_000


def test_a_hostile_page_keeps_its_title(browser: Browser, page: Callable[..., Path]) -> None:
    browser.open(page("hostile"), width=1280)
    assert browser.evaluate("document.title").startswith("sleepjerk")
    assert (
        browser.evaluate(
            'document.querySelectorAll(\'script, iframe, img, a:not([href^="https://"], [href^="#"])\').length'
        )
        == 0
    )


def test_only_one_overview_is_shown_at_a_time(browser: Browser, page: Callable[..., Path]) -> None:
    shown = (
        "[...document.querySelectorAll('svg.night')].filter(s => s.getBoundingClientRect().width > 0).length"
    )
    for width in (360, 1280):
        browser.open(page("demo"), width=width)
        assert browser.evaluate(shown) == 1
