"""Every page that links lead to, and every form on them: sound, and proof against nonsense."""

from urllib.parse import urlencode, urlsplit

import pytest

from tests.app.conftest import Server, Visitor, wait_for_job
from tests.app.crawl import Form, crawl
from tests.app.sound import faults
from tests.app.test_hostile import MOST_MB, memory_mb
from tests.report.chromium import open_browser

pytestmark = pytest.mark.slow

JUNK = (
    *("", " ", "0", "-1", "1e999", "nan", "9" * 400, "٣", "½", "2026-13-45T99:99", "24:61", "--help", "=1+1"),
    *(
        "<script>alert(1)</script>",
        "\"'><img src=x>",
        "../../etc/passwd",
        "/etc/passwd",
        "\x00\x07\x1b[2J",
        "😴",
    ),
    *("'; DROP TABLE nights;--", "%s%n{0}{x}", "{{ 7 * 7 }}", "a" * 100_000, "\n\r\n", "\u202egnp.exe"),
)
ROOMS = {"/", "/tonight", "/open"}


def send(visitor: Visitor, form: Form, fields: dict[str, str]) -> int:
    """The status of what came back at once; what it leads to must be there, too."""
    if form.method == "get":
        return visitor.get(f"{form.action.partition('?')[0]}?{urlencode(fields)}"[:20_000]).status
    answer = visitor.post(form.action, fields)
    return wait_for_job(visitor, answer).status if answer.status == 303 else answer.status


def test_every_form_asks_where_it_comes_from(server: Server, visitor: Visitor, nights_there: str) -> None:
    stranger = Visitor(server.address)
    _, forms = crawl(visitor)
    for form in forms:
        if form.method == "post":
            assert visitor.post(form.action, form.fields, Origin="http://evil.example").status == 403
            assert stranger.post(form.action, form.fields).status == 403


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_sound(
    server: Server,
    visitor: Visitor,
    nights_there: str,
    tmp_path_factory: pytest.TempPathFactory,
    language: str,
) -> None:
    visitor.post("/language", {"language": language, "back": "/"})
    pages, _ = crawl(visitor)
    wrong = {}
    with open_browser() as browser:
        browser.open(server.another_key(), width=360)
        send = (
            f"fetch('/language', {{method: 'POST', body: new URLSearchParams({{language: '{language}'}})}})"
        )
        browser.evaluate(send)
        for address, answer in pages.items():
            html = answer.headers["content-type"].startswith("text/html")
            if not html or "unsafe-inline" in answer.headers["content-security-policy"]:
                continue  # the report and its printout have tests of their own
            folder = tmp_path_factory.mktemp("page")
            wrong[address] = faults(browser, server.address + address, folder, answer.text)
    assert {address: found for address, found in wrong.items() if found} == {}
    assert {urlsplit(address).path for address in wrong} >= ROOMS


def test_no_form_takes_nonsense_amiss(server: Server, visitor: Visitor, nights_there: str) -> None:
    pages, forms = crawl(visitor)
    assert pages.keys() >= ROOMS
    assert {answer.status for answer in pages.values()} == {200}
    assert len(forms) > 8
    for form in forms:
        for junk in JUNK:
            status = send(visitor, form, dict.fromkeys(form.fields, junk))
            assert status < 500, (form.action, junk[:40])
        for name in form.fields:
            for junk in JUNK[::4]:
                assert send(visitor, form, form.fields | {name: junk}) < 500, (form.action, name, junk[:40])
        assert memory_mb(server) < MOST_MB, form.action
    again, _ = crawl(visitor)
    assert {answer.status for answer in again.values()} == {200}
    assert not any("<img src=x>" in answer.text for answer in again.values())
