"""The rooms of the page: one line each. Knows nothing of what is in them."""

from starlette.routing import BaseRoute

from sleepjerk.app import (
    dating,
    diary,
    home,
    morning,
    movements,
    opening,
    pages,
    review,
    sleep_times,
    tonight,
    weeks,
    work,
)

ROUTES: list[BaseRoute] = [
    *pages.ROUTES,
    *home.ROUTES,
    *tonight.ROUTES,
    *review.ROUTES,
    *morning.ROUTES,
    *dating.ROUTES,
    *diary.ROUTES,
    *sleep_times.ROUTES,
    *movements.ROUTES,
    *opening.ROUTES,
    *weeks.ROUTES,
    *work.ROUTES,
]

# Where more than a form may be sent: address -> bytes.
LARGER: dict[str, int] = {**opening.LARGER}
