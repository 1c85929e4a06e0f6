"""A night in the morning: its report with the ways on, its numbers on every page about it, the printout.

The report and the printout are made by the command line's own words, and kept for as long as nothing changes that they
tell of. Must not know how a report is made.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC
from functools import wraps
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, NoMatchFound, Route

from sleepjerk.app import jobs, words
from sleepjerk.app.guard import report_page
from sleepjerk.app.nights import NightFiles, find_night
from sleepjerk.app.pages import fill, form_to, go, language_of, page, path_of, speak
from sleepjerk.atomic import make_folder
from sleepjerk.correcting import Word
from sleepjerk.history.database import History, default_path
from sleepjerk.history.options import RECORDINGS
from sleepjerk.history.places import own_folder
from sleepjerk.moments import Covered
from sleepjerk.night.clock import Clock
from sleepjerk.report.pdf import find_browser
from sleepjerk.version import __version__

_ROOMS = ("report", "diary", "sleep", "movements", "review", "print")  # names of routes, in order
_TOLD = ("input_sha256", "settings_sha256", "options", "recording", "sleep", "events")  # of a night.json


def night_of(request: Request) -> NightFiles:
    """The night of an address."""
    found = find_night(request.path_params["stem"])
    if found is None:
        raise HTTPException(404)
    return found


def analysed(request: Request) -> tuple[NightFiles, dict[str, Any]] | Response:
    """The night with its night.json; where it has none yet, the way to the work that makes it."""
    night = night_of(request)
    document = night.document()
    if {"recording", "sleep", "events", "counts"} <= document.keys() and not _said_since(night, document):
        return night, document
    if night.recording is None:
        raise HTTPException(404)
    words_ = ("sleepjerk", "analyse", str(night.recording))
    return go(jobs.start(words_, title="job.report", then=path_of(request)).address)


def _said_since(night: NightFiles, document: Mapping[str, Any]) -> bool:
    """Was something said of this recording elsewhere since the night was counted?"""
    number = document["recording"].get("night")
    name = f"{document.get('input_sha256')}{f'.night{number}' if number else ''}.corrections.json"
    said = own_folder() / RECORDINGS / name
    if night.recording is None or night.results is None or not said.exists():
        return False
    if any(words.waiting(night.stem)):  # they are being counted right now
        return False
    return said.stat().st_mtime_ns > night.results.stat().st_mtime_ns


def of_night(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view that is given the night and its night.json after the request; where there is none yet, that is shown."""

    @wraps(view)
    def shown(request: Request, *form: Mapping[str, str]) -> Response:
        found = analysed(request)
        return found if isinstance(found, Response) else view(request, *found, *form)

    return shown


def clock_of(document: Mapping[str, Any]) -> Clock:
    """The wall clock of a night."""
    return Clock.at(document["recording"].get("start"), document["recording"].get("zone"))


def covered_by(document: Mapping[str, Any]) -> Covered:
    """What a night covers, for times that people type."""
    recording = document["recording"]
    return Covered(clock_of(document).start, 3600 * recording["hours"], recording.get("night"))


def as_shown(text: str, document: Mapping[str, Any]) -> str:
    """A time as typed, on the clock that the pages show; without a zone that is UTC, which elsewhere has to be said."""
    start = clock_of(document).start
    utc = start is not None and start.tzinfo is UTC
    return f"{text}Z" if utc and re.fullmatch(r"(\S+[T ])?\d?\d:\d\d(:\d\d)?", text) else text


def moment(time_s: float, document: Mapping[str, Any]) -> str:
    """A time of a night in the form in which `correct` takes it for sure."""
    local = clock_of(document).local(time_s)
    return f"{time_s!r}s" if local is None else f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def night_page(
    request: Request,
    template: str,
    night: NightFiles,
    document: Mapping[str, Any],
    status: int = 200,
    **parts: Any,
) -> Response:
    """A page about a night: with the ways to the others, its numbers, and what is still to be counted."""
    return page(
        request,
        template,
        status,
        night=night,
        evening=clock_of(document).evening or night.date,
        undated=not clock_of(document).known,
        rooms=rooms(request, night),
        numbers=_numbers(request, document),
        counting=words.recount(night),
        refused=words.refused(night.stem),
        last=_last(night, document),
        **parts,
    )


def rooms(request: Request, night: NightFiles) -> list[tuple[str, str]]:
    """The pages about a night that are there: name and address."""
    found = []
    for name in _ROOMS:
        try:
            request.app.url_path_for(name, stem=night.stem)
            found.append((name, f"{night.address}/{name}"))
        except NoMatchFound:
            continue
    return found


def _numbers(request: Request, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the night comes to, in names and values."""
    say, clock, sleep = speak(language_of(request)), clock_of(document), document["sleep"]
    unknown = say.text("language.unknown")
    times = [(name, sleep.get(key)) for name, key in (("asleep", "onset_s"), ("awake", "end_s"))]
    found = [
        (say.text(f"morning.{name}"), unknown if at_s is None else clock.minute(at_s)) for name, at_s in times
    ]
    counts = document["counts"]
    for label in ("hypnic_jerk", "sleep_twitch", "periodic_movement", "body_movement", "posture_change"):
        number = counts.get(label, 0)
        if number != 0 or label in ("hypnic_jerk", "sleep_twitch"):
            found.append((say.text(f"kinds.{label}"), unknown if number is None else str(number)))
    return found


def _last(night: NightFiles, document: Mapping[str, Any]) -> dict[str, str] | None:
    """What was said last of this night, or looked at; None where nothing was."""
    clock = clock_of(document)
    found = [
        {"said": one.said_utc, "time": clock.second(one.onset_s), "label": one.label, "kind": one.kind}
        for one in words.said(night)[-1:]
    ]
    for place, said_utc in words.looked(night).items():
        if not found or said_utc > found[0]["said"]:
            found = [{"said": said_utc, "time": clock.second(float(place)), "label": "", "place": place}]
            found[0]["kind"] = "looked"
    return found[0] if found else None


def show(request: Request) -> Response:
    """The way to a night's report."""
    return go(f"{night_of(request).address}/report")


def report(request: Request) -> Response:
    """The report, made first where it is older than what it tells of, with the ways on."""
    made = _made(request, "html")
    if isinstance(made, Response):
        return made
    night = night_of(request)
    undated = not clock_of(night.document()).known
    ways = fill(request, "night_links.html", night=night, rooms=rooms(request, night), undated=undated)
    text = made.read_text(encoding="utf-8").replace("<header>\n", f"<header>\n{ways}\n", 1)
    return report_page(text)


def _made(request: Request, ending: str) -> Path | Response:
    """The report as a file, or the way to the work that makes it."""
    found = analysed(request)
    if isinstance(found, Response):
        return found
    (night, document), language = found, language_of(request)
    if words.recount(night):
        return go(_counting(night, path_of(request)))
    folder = own_folder() / "app" / "reports"
    made = folder / f"{night.stem}.{language}.{_state(document)}.{ending}"
    if made.exists():
        return made
    make_folder(folder)
    for old in folder.iterdir():
        if old.name.startswith(f"{night.stem}.{language}.") and old.suffix == made.suffix:
            old.unlink(missing_ok=True)
    line = ("sleepjerk", "report", str(night.results), "--out", str(made), "--language", language)
    title = "morning.making_pdf" if ending == "pdf" else "job.report"
    return go(jobs.start(line, title=title, then=path_of(request), back=f"{night.address}/sleep").address)


def _counting(night: NightFiles, then: str) -> str:
    """The page of the work that counts a night again."""
    work = ("sleepjerk.app.recounting", night.stem)
    return jobs.start(work, title="morning.counting", then=then, back=f"{night.address}/movements").address


def _state(document: Mapping[str, Any]) -> str:
    """Of all that a report tells of but what the report itself writes: the same as long as that is."""
    told: list[Any] = [__version__, *(document.get(name) for name in _TOLD)]
    if (diary := default_path()).exists():
        sha, number = document.get("input_sha256"), document["recording"].get("night")
        own = f"{sha}/{number}" if number else sha
        with History(diary) as history:
            lines = [line for limb in ("wrist", "ankle") for line in history.nights(limb)]
            told += [history.mornings(), [asdict(line) for line in lines if line.input_sha256 != own]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


@of_night
def paper(request: Request, night: NightFiles, document: Mapping[str, Any]) -> Response:
    """How the two sheets come to paper."""
    return night_page(request, "print.html", night, document, can_print=find_browser() is not None)


def pdf(request: Request) -> Response:
    """The two sheets as a PDF."""
    made = _made(request, "pdf")
    if isinstance(made, Response):
        return made
    return Response(
        made.read_bytes(),
        media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="sleepjerk.pdf"'},
    )


def undo(request: Request, form: Mapping[str, str]) -> Response:
    """Take back what was said at one moment, whoever said something since."""
    night = night_of(request)
    if place := form.get("place"):
        if place not in words.looked(night):
            raise HTTPException(400)
        words.look(night, float(place), seen=False)
    else:
        said = next((one for one in words.said(night) if one.said_utc == form.get("said")), None)
        if said is not None:  # another tab was faster
            words.say_word(night, Word(undone=said.said_utc), said.onset_s)
    return _back(night, form)


def read(request: Request, form: Mapping[str, str]) -> Response:
    """Somebody read why a word was refused."""
    night = night_of(request)
    words.forget_refused(night.stem)
    return _back(night, form)


def _back(night: NightFiles, form: Mapping[str, str]) -> RedirectResponse:
    back = form.get("back", "")
    return go(back if back.startswith(f"{night.address}/") else f"{night.address}/movements")


ROUTES: list[BaseRoute] = [
    Route("/night/{stem}", show, name="night"),
    Route("/night/{stem}/report", report, name="report"),
    Route("/night/{stem}/print", paper, name="print"),
    Route("/night/{stem}/print.pdf", pdf),
    Route("/night/{stem}/undo", form_to(undo), methods=["POST"]),
    Route("/night/{stem}/read", form_to(read), methods=["POST"]),
]
