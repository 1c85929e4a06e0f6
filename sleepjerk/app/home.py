"""The first page: the doors to the rooms, the last nights; the choice of a language, and whether single keys answer."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import NoMatchFound, Route

from sleepjerk.app.nights import nights
from sleepjerk.app.pages import CHOICES, cookie_of, form_to, go, page
from sleepjerk.app.tonight import recording

_DOORS = ("tonight", "opening", "weeks")  # names of routes, in the order in which a person needs them
_LAST = 7  # nights that are listed
_YEAR_S = 365 * 86_400


def home(request: Request) -> Response:
    """The doors and the last nights."""
    now = recording()
    last = [(night, night.level()) for night in nights()[:_LAST]]
    return page(request, "home.html", doors=_doors(request), nights=last, runs=now is not None and now.runs)


def _doors(request: Request) -> list[tuple[str, str]]:
    """Those of the rooms that are there: name and address."""
    found = []
    for name in _DOORS:
        try:
            found.append((name, str(request.app.url_path_for(name))))
        except NoMatchFound:
            continue
    return found


def choose(request: Request, form: Mapping[str, str]) -> Response:
    """Keep a choice, and back to the page where it was made."""
    what = request.scope["path"].removeprefix("/")
    chosen, back = form.get(what, ""), form.get("back", "")
    if chosen not in CHOICES[what]:
        raise HTTPException(400)
    # Only one of our own pages: not //elsewhere, which a browser takes for another host.
    answer: RedirectResponse = go(
        back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    )
    answer.set_cookie(cookie_of(what), chosen, max_age=_YEAR_S, httponly=True, samesite="strict")
    return answer


ROUTES = [
    Route("/", home, name="home"),
    *(Route(f"/{what}", form_to(choose), methods=["POST"]) for what in CHOICES),
]
