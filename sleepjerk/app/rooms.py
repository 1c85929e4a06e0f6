"""The rooms of the page: one line each. Knows nothing of what is in them."""

from starlette.routing import BaseRoute

from sleepjerk.app import home, pages, review, tonight, work

ROUTES: list[BaseRoute] = [
    *pages.ROUTES,
    *home.ROUTES,
    *tonight.ROUTES,
    *review.ROUTES,
    *work.ROUTES,
]

# Where more than a form may be sent: address -> bytes.
LARGER: dict[str, int] = {}
