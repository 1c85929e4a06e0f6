"""When a person slept, put right: by typing or with handles on a picture of the night. Knows the forms of this page.

The picture is drawn from the epochs that night.json keeps; what is said goes the way of all words.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sleepjerk.app import words
from sleepjerk.app.morning import as_shown, clock_of, covered_by, moment, night_page, of_night
from sleepjerk.app.nights import NightFiles
from sleepjerk.app.pages import form_to, go
from sleepjerk.correcting import Word
from sleepjerk.errors import InputError
from sleepjerk.moments import mark_s

_KINDS = ("sleep", "not_sleep", "slept")
_WIDTH, _HEIGHT = 720, 200  # of the picture
_COLUMNS = 240
_MOST_G = 1.0  # at the upper edge
_LONGEST = 40  # characters of a time


def _shown(
    request: Request,
    night: NightFiles,
    document: Mapping[str, Any],
    typed: Mapping[str, str] = {},
    wrong: str = "",
) -> Response:
    """The forms, and what was said so far."""
    clock, minutes = clock_of(document), int(document["recording"]["hours"] * 60)
    onset_s, end_s = document["sleep"].get("onset_s"), document["sleep"].get("end_s")
    times_s = (0.0 if onset_s is None else onset_s, 60.0 * minutes if end_s is None else end_s)
    spans = [one for one in words.said(night) if one.kind in _KINDS]
    times = [
        clock.minute(time_s)[:5] if clock.known else clock.minute(time_s).removesuffix(" h")
        for time_s in times_s
    ]
    return night_page(
        request,
        "sleep.html",
        night,
        document,
        400 if wrong else 200,
        kinds=_KINDS,
        kind=typed.get("kind", "sleep"),
        typed={"from": typed.get("from", times[0]), "to": typed.get("to", times[1])},
        wrong=wrong,
        minutes=minutes,
        handles=[int(time_s // 60) for time_s in times_s],
        clocks=[clock.minute(60.0 * minute) for minute in range(minutes + 1)],
        picture=_picture(document, clock.hours(60.0 * minutes)),
        spans=[(one, clock.minute(one.onset_s), clock.minute(one.end_s or one.onset_s)) for one in spans],
    )


def _picture(document: Mapping[str, Any], hours: list[tuple[float, str]]) -> dict[str, Any]:
    """Where the parts of the picture are."""
    timeline, end_s = document["timeline"], max(1.0, 3600 * document["recording"]["hours"])
    values, per_s = timeline["movement_g"], _WIDTH / end_s
    bars = []
    edges = [round(place * len(values) / _COLUMNS) for place in range(_COLUMNS + 1)]
    for first, last in pairwise(edges):
        known = [value for value in values[first:last] if value is not None]
        if known:
            x = (first + last) / 2 * timeline["epoch_s"] * per_s
            bars.append(f"M{x:.0f} {_HEIGHT}V{_HEIGHT * (1 - min(1.0, (max(known) / _MOST_G) ** 0.5)):.0f}")
    states = [
        (state, round(begin * per_s, 1), round((end - begin) * per_s, 1))
        for begin, end, state in timeline["states"]
    ]
    every = max(1, len(hours) // 8)
    ticks = [
        (round(at_s * per_s), label) for at_s, label in hours[::every] if 30 < at_s * per_s < _WIDTH - 30
    ]
    return {"width": _WIDTH, "height": _HEIGHT, "bars": "".join(bars), "states": states, "ticks": ticks}


@of_night
def correct(
    request: Request, night: NightFiles, document: Mapping[str, Any], form: Mapping[str, str]
) -> Response:
    """Keep what was typed, or where the handles stand."""
    kind = form.get("kind", "")
    if kind not in _KINDS or night.recording is None:
        raise HTTPException(400)
    typed = {name: form.get(name, "").strip()[:_LONGEST] for name in ("from", "to")}
    times = (as_shown(typed["from"], document), as_shown(typed["to"], document))
    if "first" in form:
        times = (_handle(form, "first", document), _handle(form, "last", document))
    word, covered = Word(**{kind: (times,)}), covered_by(document)  # type: ignore[arg-type]
    try:
        word.refuse_times(covered)
    except InputError as error:
        return _shown(request, night, document, typed | {"kind": kind} if "from" in form else {}, str(error))
    begin_s, end_s = (mark_s(time, covered, "") for time in times)
    words.say_word(night, word, begin_s or 0.0, end_s)
    return go(f"{night.address}/sleep")


def _handle(form: Mapping[str, str], name: str, document: Mapping[str, Any]) -> str:
    """The moment of a handle, which is in whole minutes since the start; its end is that of the recording."""
    text = form.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise HTTPException(400)
    return moment(min(60.0 * int(text), 3600 * document["recording"]["hours"]), document)


ROUTES: list[BaseRoute] = [
    Route("/night/{stem}/sleep", of_night(_shown), name="sleep"),
    Route("/night/{stem}/sleep", form_to(correct), methods=["POST"]),
]
