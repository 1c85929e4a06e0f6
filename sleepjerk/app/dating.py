"""When a night began, said afterwards: the same as `--start` on the command line. Knows the form alone.

Without a date a night has no mornings and is in no week.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sleepjerk.app import jobs
from sleepjerk.app.morning import night_page, of_night
from sleepjerk.app.nights import NightFiles
from sleepjerk.app.pages import form_to, go


@of_night
def show(request: Request, night: NightFiles, document: Mapping[str, Any]) -> Response:
    """Where date and time are given."""
    return night_page(request, "start.html", night, document, wrong=False)


@of_night
def keep(
    request: Request, night: NightFiles, document: Mapping[str, Any], form: Mapping[str, str]
) -> Response:
    """Keep it, and count the night again."""
    said = form.get("start", "")
    if night.recording is None:
        raise HTTPException(400)
    try:
        said = datetime.fromisoformat(said).isoformat()
    except ValueError:
        return night_page(request, "start.html", night, document, status=400, wrong=True)
    line = ("sleepjerk", "analyse", str(night.recording), "--start", said)
    then, back = f"{night.address}/report", f"{night.address}/start"
    return go(jobs.start(line, title="morning.counting", then=then, back=back).address)


ROUTES: list[BaseRoute] = [
    Route("/night/{stem}/start", show, name="start"),
    Route("/night/{stem}/start", form_to(keep), methods=["POST"]),
]
