"""When a night began, said afterwards: the same as `--start` on the command line. Knows the form alone.

Without a date a night has no mornings and is in no week.
"""

from collections.abc import Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sleepjerk.app import jobs
from sleepjerk.app.morning import analysed, night_page
from sleepjerk.app.pages import form_to, go


def show(request: Request) -> Response:
    """Where date and time are given."""
    found = analysed(request)
    return found if isinstance(found, Response) else night_page(request, "start.html", *found, wrong=False)


def keep(request: Request, form: Mapping[str, str]) -> Response:
    """Keep it, and count the night again."""
    found = analysed(request)
    if isinstance(found, Response):
        return found
    night, said = found[0], form.get("start", "")
    if night.recording is None:
        raise HTTPException(400)
    try:
        said = datetime.fromisoformat(said).isoformat()
    except ValueError:
        return night_page(request, "start.html", *found, status=400, wrong=True)
    line = ("sleepjerk", "analyse", str(night.recording), "--start", said)
    then, back = f"{night.address}/report", f"{night.address}/start"
    return go(jobs.start(line, title="morning.counting", then=then, back=back).address)


ROUTES: list[BaseRoute] = [
    Route("/night/{stem}/start", show, name="start"),
    Route("/night/{stem}/start", form_to(keep), methods=["POST"]),
]
