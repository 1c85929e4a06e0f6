"""Open a file: it comes, what was found is shown with its reasons, a person decides what is doubtful, it is analysed.

Knows the forms and which page comes next. What is in a file is found by `looking`, nights are made by `analysing`.
"""

import os
from functools import partial
from pathlib import Path

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleepjerk.app import jobs
from sleepjerk.app.arrivals import MOST_BYTES, Arrival, arrivals, find_arrival
from sleepjerk.app.nights import find_night
from sleepjerk.app.pages import go, language_of, page, refuse
from sleepjerk.app.uploading import NoRoomError, receive
from sleepjerk.errors import InputError
from sleepjerk.history.options import Options

LARGER = {"/open": MOST_BYTES}
_FIELDS = (
    "columns",
    "unit",
    "rate_hz",
    "time_unit",
    "rows",
    "start",
    "zone",
    "limb",
)  # as a person needs them


def show(request: Request) -> Response:
    """Where a file is dropped or chosen, and what was brought before and waits."""
    waiting = [(one, one.names()) for one in arrivals() if not _all_there(one)]
    return page(
        request, "open.html", most=MOST_BYTES, waiting=waiting, no_file="none" in request.query_params
    )


def _all_there(arrival: Arrival) -> bool:
    """Is each of its recordings a night already?"""
    found = arrival.read("found") or {"recordings": []}
    same = [one["same"] for one in found["recordings"]]
    return bool(same) and all(stem is not None and find_night(stem) is not None for stem in same)


async def take(request: Request) -> Response:
    """Take what is sent, and look at it."""
    try:
        arrival = await receive(request, partial(_look, request))
    except NoRoomError:
        return refuse(request, 507, "room")
    return go("/open?none") if arrival is None else _look(request, arrival)


def arrived(request: Request) -> Response:
    """What was found in what was brought; what became of it when it is done."""
    arrival = _arrival(request)
    done = arrival.read("done")
    if done is not None:
        nights = [night for stem in done if (night := find_night(stem)) is not None]
        if len(nights) == 1:
            return go(nights[0].address)
        return page(request, "opened.html", nights=[(night, night.level() or "none") for night in nights])
    found = arrival.read("found")
    if found is None or found["language"] != language_of(request):
        return _look(request, arrival)
    said = arrival.read("said") or {}
    recordings = found["recordings"]
    new = [one for one in recordings if one["same"] is None]
    ready = [one for one in new if one["refused"] is None]
    doubtful = {name for one in new for name in one["doubtful"]}
    if "zone" in doubtful and "zone" not in said:
        said = {"zone": _zone_here()} | said
    fields = [name for name in _FIELDS if name != "start" or len(new) == 1]
    return page(
        request,
        "arrived.html",
        arrival=arrival,
        recordings=recordings,
        refused=found["refused"],
        new=new,
        ready=ready,
        asked=[name for name in fields if name in doubtful],
        others=[name for name in fields if name not in doubtful],
        said=dict.fromkeys(_FIELDS, "") | said,
        known={one["same"] for one in recordings if one["same"] and find_night(one["same"])},
    )


async def decide(request: Request) -> Response:
    """What a person said of it: look again, analyse, or throw it away."""
    arrival = _arrival(request)
    form = await request.form()
    if form.get("do") == "remove":
        arrival.remove()
        return go("/open")
    said = _said(form)
    changed = said != (arrival.read("said") or {})
    arrival.write("said", said)
    if form.get("do") == "analyse" and arrival.read("found") is not None:
        words = ("sleepjerk.app.analysing", arrival.name, language_of(request))
        return go(_start(words, "opening.analysing", arrival).address)
    return _look(request, arrival) if changed else go(arrival.address)


def _said(form: FormData) -> dict[str, str | float]:
    """The answers of the form, as the command line would take them; a choice goes before what is typed."""
    given = {name: str(form.get(name, "")).strip() for name in _FIELDS}
    name, _, answer = str(form.get("choice", "")).partition("=")
    if name in given:
        given[name] = answer
    said: dict[str, str | float] = {name: text for name, text in given.items() if text}
    if "rate_hz" in said:
        try:
            said["rate_hz"] = float(given["rate_hz"].replace(",", "."))
        except ValueError as error:
            raise InputError(f"{given['rate_hz']}: expected samples per second, such as 100") from error
    return Options.of(said).said()


def _look(request: Request, arrival: Arrival) -> Response:
    words = ("sleepjerk.app.looking", arrival.name, language_of(request))
    return go(_start(words, "opening.looking", arrival).address)


def _start(words: tuple[str, ...], title: str, arrival: Arrival) -> jobs.Job:
    back = arrival.address if title == "opening.analysing" else "/open"
    return jobs.start(words, title=title, then=arrival.address, back=back)


def _zone_here() -> str:
    """Where this computer is, if its system says so; a file that it opens is likely from here."""
    told = os.environ.get("TZ", "").removeprefix(":")
    return told if "/" in told else str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]


def _arrival(request: Request) -> Arrival:
    found = find_arrival(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    return found


ROUTES = [
    Route("/open", show, name="opening"),
    Route("/open", take, methods=["POST"]),
    Route("/open/{name}", arrived),
    Route("/open/{name}", decide, methods=["POST"]),
]
