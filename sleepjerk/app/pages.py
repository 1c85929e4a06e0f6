"""A page: a template filled in the reader's language.

Everything is escaped. Knows which language a browser asks for; must not know what a page is about.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from http.cookies import CookieError, SimpleCookie
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import jinja2
import python_multipart  # noqa: F401 (starlette needs it for forms, and says so only at the first one)
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sleepjerk.app.fields import in_the_page
from sleepjerk.report.catalogue import DEFAULT, Catalogue, languages
from sleepjerk.report.templates import environment
from sleepjerk.version import __version__

ROOM = "sleepjerk.app"
_STATIC = {  # name -> where it is, and what
    "app.css": (ROOM, "static/app.css", "text/css"),
    "app.js": (ROOM, "static/app.js", "text/javascript"),
    "page.css": ("sleepjerk.report", "page.css", "text/css"),
}
CHOICES = {"language": languages(ROOM), "keys": ["on", "off"]}  # what may be chosen; a cookie each
_ACCEPTED = 100  # characters of a list of languages that are looked at


def page(request: Request, template: str, status: int = 200, **parts: Any) -> HTMLResponse:
    """A template of `templates/` with its parts.

    Every template is given `say`, the catalogue of the reader's language with the words of the report and of this room,
    `path`, the address of the page, and `keys`, whether single keys answer.
    """
    return HTMLResponse(fill(request, template, **parts), status)


def fill(request: Request, template: str, **parts: Any) -> str:
    """The same as text."""
    return (
        _templates()
        .get_template(template)
        .render(
            say=speak(language_of(request)),
            path=path_of(request),
            keys=_chosen(request, "keys") != "off",
            languages=[(code, Catalogue(code, ROOM).text("page.own_name")) for code in languages(ROOM)],
            version=__version__,
            **parts,
        )
    )


def path_of(request: Request) -> str:
    """The address of a page, as a link has it."""
    return quote(request.scope["path"])


def picture(svg: str) -> Markup:
    """A picture that a process of ours drew with an XML library, which escapes every text."""
    return Markup(svg)


def static(request: Request) -> Response:
    """Style and script; the style of the report has the colours and the type."""
    place = _STATIC.get(request.path_params["name"])
    if place is None:
        raise HTTPException(404)
    room, path, kind = place
    return Response((files(room) / path).read_bytes(), media_type=kind)


def refuse(request: Request, status: int, why: str, **values: str) -> HTMLResponse:
    """A page with one sentence of [refused], and the way home."""
    say = speak(language_of(request))
    return page(request, "refused.html", status, sentence=say.text(f"refused.{why}", **values))


def go(address: str) -> RedirectResponse:
    """On to another page, after a form: going back or loading again won't send it twice."""
    return RedirectResponse(address, 303)


def form_to(
    work: Callable[[Request, Mapping[str, str]], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads the form and then works in a thread: what is typed, by name; files are left out."""

    async def endpoint(request: Request) -> Response:
        async with request.form() as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(work, request, fields)

    return endpoint


@cache
def speak(language: str) -> Catalogue:
    """The words of one language."""
    return Catalogue(language, ROOM)


def language_of(request: Request) -> str:
    """What was chosen, else the first of the browser's languages that there is, else English."""
    if chosen := _chosen(request, "language"):
        return chosen
    for wanted in request.headers.get("accept-language", "")[:_ACCEPTED].split(","):
        code = wanted.strip()[:2].lower()  # they stand in the order of preference as browsers write them
        if code in CHOICES["language"]:
            return code
    return DEFAULT


def _chosen(request: Request, what: str) -> str | None:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(cookie_of(what))
    except CookieError:
        return None
    return found.value if found is not None and found.value in CHOICES[what] else None


def cookie_of(what: str) -> str:
    """The cookie that keeps what somebody chose."""
    return f"sleepjerk-{what}"


@cache
def _templates() -> jinja2.Environment:
    made = environment(jinja2.PackageLoader(ROOM))
    made.filters["told"] = in_the_page
    return made


ROUTES: list[BaseRoute] = [Route("/static/{name}", static)]
