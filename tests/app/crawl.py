"""All pages that can be reached by links, and all forms on them, as somebody without a script meets them."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from tests.app.conftest import Answer, Visitor, wait_for_job

_ALIKE = 2  # pages whose addresses differ in a number alone


@dataclass
class Form:
    """Where it goes, and what it holds when nobody touches it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> tuple[str, str, tuple[str, ...]]:
        """Forms of one kind differ in numbers alone."""
        return self.method, re.sub(r"\d+", "N", self.action), tuple(sorted(self.fields))


class Seen(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._address = address
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in told:
            self.links.append(urldefrag(urljoin(self._address, told["href"])).url)
        elif tag == "form":
            action = urljoin(self._address, told.get("action") or self._address)
            self.forms.append(Form(action, told.get("method", "get").lower()))
        elif tag in ("input", "select", "textarea", "button") and self.forms and told.get("name"):
            self.forms[-1].fields.setdefault(told["name"], told.get("value", ""))


def crawl(visitor: Visitor) -> tuple[dict[str, Answer], list[Form]]:
    """Every page, by its address, and every kind of form; what is alike but for a number is seen twice."""
    pages: dict[str, Answer] = {}
    kinds: dict[str, int] = {}
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    waiting = ["/"]
    while waiting:
        address = waiting.pop(0)
        kind = re.sub(r"\d+", "N", address)
        if address in pages or kinds.get(kind, 0) >= _ALIKE or urlsplit(address).netloc:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        pages[address] = wait_for_job(visitor, visitor.get(address))
        seen = Seen(address, pages[address].text)
        waiting += seen.links
        for form in seen.forms:
            forms.setdefault(form.kind, form)
    return pages, list(forms.values())
