"""The nights together: calendar, the weeks' verdicts with their reasons, what went together; delete and take along.

Knows the forms. What is shown is made by `trending`, what a night's files are says `deleting`.
"""

import calendar
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from sleepjerk.app import jobs
from sleepjerk.app.deleting import all_files, begin_anew, forget, kept_of
from sleepjerk.app.guard import report_page
from sleepjerk.app.morning import night_of
from sleepjerk.app.nights import NightFiles, nights, nights_folder
from sleepjerk.app.packing import pack
from sleepjerk.app.pages import form_to, go, language_of, page, path_of
from sleepjerk.history.database import default_path
from sleepjerk.history.places import own_folder

_LEVELS = ("red", "amber", "green", "grey")


def weeks_folder() -> Path:
    """Where what was made of all nights is kept."""
    return own_folder() / "app" / "weeks"


def page_of(limb: str, language: str) -> Path:
    """The whole page of the nights of a limb."""
    return weeks_folder() / f"{limb}.{language}.html"


def _stamp(found: list[NightFiles]) -> str:
    """Changes with the nights and the diary."""
    paths = [night.results for night in found if night.results is not None]
    changed = [path.stat().st_mtime_ns for path in (*paths, default_path()) if path.exists()]
    return f"{len(paths)}-{max(changed, default=0)}"


def _told(request: Request, found: list[NightFiles]) -> dict[str, Any] | Response:
    """What is known of all nights, or the way to the work that finds it out."""
    language, stamp = language_of(request), _stamp(found)
    try:
        told = json.loads((weeks_folder() / f"{language}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    if told.get("stamp") == stamp:
        return dict(told)
    work = ("sleepjerk.app.trending", language, stamp)
    return go(jobs.start(work, title="weeks.making", then=path_of(request)).address)


def show(request: Request) -> Response:
    """The calendar and the weeks."""
    found = nights()
    if not found and not default_path().exists():
        return page(request, "weeks_none.html")
    told = _told(request, found)
    if isinstance(told, Response):
        return told
    by_date: dict[date, list[tuple[NightFiles, str]]] = {}
    every = []
    for night in found:
        known = told["nights"].get(night.stem, {})
        level = known.get("level") if known.get("level") in _LEVELS else "none"
        if known.get("evening"):
            by_date.setdefault(date.fromisoformat(known["evening"]), []).append((night, level))
        every.append((night, level, known.get("evening") or night.date))
    return page(
        request,
        "weeks.html",
        trends=told["trends"],
        doubts=told["doubts"],
        months=_months(by_date),
        every=every,
        levels=(*_LEVELS, "none"),
    )


def _months(by_date: Mapping[date, Any]) -> list[tuple[date, list[list[tuple[int, Any]]]]]:
    """Months with nights, the last one first: weeks from Monday, each day with its number (0: of another month)."""
    firsts = sorted({day.replace(day=1) for day in by_date}, reverse=True)
    return [
        (
            first,
            [
                [(day, by_date.get(first.replace(day=day), []) if day else []) for day in week]
                for week in calendar.monthcalendar(first.year, first.month)
            ],
        )
        for first in firsts
    ]


def trend(request: Request) -> Response:
    """The whole page of one limb's nights, as `sleepjerk trend` writes it."""
    limb = request.path_params["limb"]
    told = _told(request, nights())
    if isinstance(told, Response):
        return told
    if limb not in [one["limb"] for one in told["trends"]]:
        raise HTTPException(404)
    text = page_of(limb, language_of(request)).read_text(encoding="utf-8")
    return report_page(text)


def ask(request: Request) -> Response:
    """What goes with a night, before it goes."""
    night = night_of(request)
    return page(request, "delete.html", night=night, kept=kept_of(night), busy=_busy())


def delete(request: Request, form: Mapping[str, str]) -> Response:
    """The night goes, for good."""
    night = night_of(request)
    if _busy():
        return go(f"{night.address}/delete")
    forget(night, with_recording=form.get("recording") == "yes")
    return go("/weeks")


def ask_all(request: Request) -> Response:
    """What goes with everything, before it goes."""
    return page(request, "delete_all.html", files=[path.name for path in all_files()], busy=_busy())


def delete_all(request: Request, form: Mapping[str, str]) -> Response:
    """Everything goes, for good, where somebody said so."""
    if _busy() or form.get("sure") != "yes":
        return go("/weeks/delete")
    begin_anew()
    return go("/")


def _busy() -> bool:
    """Whether a night is recorded or worked on: it would write again what was deleted."""
    return any(job.exit_code is None for job in jobs.jobs())


def export(request: Request) -> Response:
    """Everything as one archive, written as it is sent."""
    headers = {"Content-Disposition": 'attachment; filename="sleepjerk.zip"'}
    return StreamingResponse(_pieces(), media_type="application/zip", headers=headers)


def _pieces() -> Iterator[bytes]:
    folder = nights_folder()
    found = sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
    return pack([*found, *sorted((own_folder() / "recordings").glob("*.json"))], own_folder())


ROUTES: list[BaseRoute] = [
    Route("/weeks", show, name="weeks"),
    Route("/weeks/trend/{limb}", trend),
    Route("/weeks/export", export),
    Route("/weeks/delete", ask_all),
    Route("/weeks/delete", form_to(delete_all), methods=["POST"]),
    Route("/night/{stem}/delete", ask),
    Route("/night/{stem}/delete", form_to(delete), methods=["POST"]),
]
