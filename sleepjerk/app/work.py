"""The page of a job: what it says while it works, then on to its result. Knows nothing of what the work is."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleepjerk.app.jobs import Job, cancel, find_job
from sleepjerk.app.pages import go, page


def show(request: Request) -> Response:
    """How far it is; when it is done, what it was done for."""
    job = _job(request)
    return go(job.then) if job.exit_code == 0 else page(request, "job.html", job=job)


def end(request: Request) -> Response:
    """End it, and back to where it was begun."""
    job = _job(request)
    cancel(job)
    return go(job.back)


def _job(request: Request) -> Job:
    job = find_job(request.path_params["name"])
    if job is None:
        raise HTTPException(404)
    return job


ROUTES = [
    Route("/job/{name}", show, name="job"),
    Route("/job/{name}/cancel", end, methods=["POST"]),
]
