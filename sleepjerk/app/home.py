"""The first page: the doors to the rooms, the last nights; a night's report; the choice of a language."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import NoMatchFound, Route

from sleepjerk.app import jobs
from sleepjerk.app.guard import REPORT_POLICY
from sleepjerk.app.nights import NightFiles, find_night, nights
from sleepjerk.app.pages import LANGUAGE, form_to, go, language_of, page
from sleepjerk.app.tonight import recording
from sleepjerk.atomic import make_folder
from sleepjerk.history.places import own_folder
from sleepjerk.report.catalogue import languages

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


def night(request: Request) -> Response:
    """The way to a night's report."""
    return go(f"{_night(request).address}/report")


def report(request: Request) -> Response:
    """The report, made first where it is older than what it tells of."""
    shown, language = _night(request), language_of(request)
    made = own_folder() / "app" / "reports" / f"{shown.stem}.{language}.html"
    if not made.exists() or made.stat().st_mtime_ns < _changed_ns(shown):
        words: tuple[str, ...] = ("sleepjerk", "analyse", str(shown.recording))
        if shown.results is not None:
            words = ("sleepjerk", "report", str(shown.results), "--out", str(made), "--language", language)
            make_folder(made.parent)
        return go(jobs.start(words, title="job.report", then=f"{shown.address}/report").address)
    text = made.read_text(encoding="utf-8")
    return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})


def _night(request: Request) -> NightFiles:
    found = find_night(request.path_params["stem"])
    if found is None:
        raise HTTPException(404)
    return found


def _changed_ns(shown: NightFiles) -> int:
    """When something changed that the report tells of: the night or the diary."""
    diary = own_folder() / "diary.sqlite"
    return max(path.stat().st_mtime_ns for path in (*shown.files(), diary) if path.exists())


def choose_language(request: Request, form: Mapping[str, str]) -> Response:
    """Keep the language, and back to the page where it was chosen."""
    language, back = form.get("language", ""), form.get("back", "")
    if language not in languages("sleepjerk.app"):
        raise HTTPException(400)
    # Only one of our own pages: not //elsewhere, which a browser takes for another host.
    answer: RedirectResponse = go(
        back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    )
    answer.set_cookie(LANGUAGE, language, max_age=_YEAR_S, httponly=True, samesite="strict")
    return answer


ROUTES = [
    Route("/", home, name="home"),
    Route("/language", form_to(choose_language), methods=["POST"]),
    Route("/night/{stem}", night, name="night"),
    Route("/night/{stem}/report", report, name="report"),
]
