"""How well does it work for you? One window of the night after the other, your answers, and what they come to.

Knows the files of a review through `sleepjerk.review`. Until all is judged no page, name or order tells what was found
in a window.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleepjerk.app import jobs
from sleepjerk.app.morning import night_of, rooms
from sleepjerk.app.nights import number_of
from sleepjerk.app.pages import form_to, go, language_of, page, picture, speak
from sleepjerk.app.window import draw_window
from sleepjerk.errors import InputError
from sleepjerk.history.places import own_folder
from sleepjerk.messages import Message
from sleepjerk.review.estimates import Counts, Estimates, Share, agree, count, estimate, tells
from sleepjerk.review.kept import (
    JUDGES,
    Answer,
    Review,
    Stratum,
    change,
    read_review,
    read_window,
    review_path,
)
from sleepjerk.review.labelled import labelled_set

_NUMBERS = ("20", "30", "40")
_USUAL = "30"
_ROUNDING = 1e-6
Told = list[Message]


def overview(request: Request) -> Response:
    """What this is, how far each judge is, and what can be done next."""
    night, review, trouble = night_of(request), None, None
    if review_path(night.files_stem).exists():
        try:
            review = read_review(night.files_stem)
        except InputError as error:
            trouble = str(error)
    judged = {judge: len(review.answers(judge)) if review else 0 for judge in JUDGES}
    able = night.recording is not None and night.results is not None
    parts: dict[str, Any] = {
        "rooms": rooms(request, night),
        "numbers": _NUMBERS,
        "usual": _USUAL,
        "judged": judged,
        "able": able,
    }
    return page(request, "review.html", night=night, review=review, trouble=trouble, **parts)


def choose(request: Request, form: Mapping[str, str]) -> Response:
    """Choose windows, in a process of its own; answers that are there go."""
    night, windows = night_of(request), form.get("windows")
    if windows not in _NUMBERS or night.recording is None:
        raise HTTPException(400)
    number = number_of(night.stem)
    words = ["sleepjerk", "review", str(night.recording), "--anew", "--windows", windows]
    words += [] if number is None else ["--night", str(number)]
    here = f"{night.address}/review"
    return go(jobs.start(words, title="review.choosing", then=here, back=here).address)


def judge(request: Request) -> Response:
    """The next window that a judge has not judged; when there is none, back: the other judge may not have begun."""
    night, number = night_of(request), _judge(request)
    review = read_review(night.files_stem)
    window = review.next_window(number)
    if window is None:
        return go(f"{night.address}/review")
    rows = read_window(night.files_stem, window)
    wide, narrow = draw_window(rows, review.window_s, speak(language_of(request)))
    parts: dict[str, Any] = {
        "window": window,
        "judged": len(review.answers(number)),
        "of": len(review.windows),
    }
    parts |= {
        "wide": picture(wide),
        "narrow": [picture(one) for one in narrow],
        "length": f"{review.window_s:g}",
    }
    parts |= {"seed": review.seed, "answers": Answer}
    return page(request, "review_window.html", night=night, judge=number, **parts)


def answer(request: Request, form: Mapping[str, str]) -> Response:
    """Keep an answer, or take the last one back; what another choice of windows was asked for is left aside."""
    night, number = night_of(request), _judge(request)

    def said(review: Review) -> Review:
        if form.get("review") != str(review.seed):
            return review
        if "undo" in form:
            return review.without_last(number)
        return review.saying(number, int(form["window"]), Answer(form["answer"]))

    try:
        change(night.files_stem, said, own_folder())
    except (KeyError, ValueError) as error:
        raise HTTPException(400) from error
    return go(f"{night.address}/review/judge/{number}")


def result(request: Request) -> Response:
    """What the answers come to, for each judge and for both together."""
    night = night_of(request)
    review = read_review(night.files_stem)
    agreement = agree(review)
    groups: list[tuple[str, Sequence[int]]] = [("both", JUDGES)] if agreement.windows else []
    groups += [(f"judge_{number}", (number,)) for number in JUDGES if review.answers(number)]
    found = [(name, *_result(review, judges)) for name, judges in groups]
    stale = night.document().get("settings_sha256") not in (None, review.settings_sha256)
    parts: dict[str, Any] = {"agreement": _agreement(agreement), "not_asked": _not_asked(review)}
    parts |= {"rooms": rooms(request, night)}
    return page(request, "review_result.html", night=night, found=found, stale=stale, **parts)


def labelled(request: Request) -> Response:
    """The windows with their answers, to keep or to give away."""
    packed = labelled_set(night_of(request).files_stem)
    name = {
        "Content-Disposition": 'attachment; filename="twitch-windows.zip"'
    }  # a night's own name is a date
    return Response(packed, media_type="application/zip", headers=name)


def _judge(request: Request) -> int:
    number = request.path_params["judge"]
    if number not in JUDGES:
        raise HTTPException(404)
    return int(number)


def _result(review: Review, judges: Sequence[int]) -> tuple[Told, list[tuple[str, Counts]]]:
    """Sentences, the most important first, and the table they were made from."""
    counts = count(review, judges)
    found, called, still = estimate(counts), counts[Stratum.CALLED], counts[Stratum.STILL]
    told = [
        *_precision(found.precision, called),
        *_recall(found.recall),
        *_twitches(found, called),
    ]
    judged = sum(one.judged for one in counts.values())
    unsure = sum(one.unsure for one in counts.values())
    if judged < len(review.windows):
        told.insert(0, Message.of("review.so_far", n=judged, all=len(review.windows)))
    if unsure:
        told.append(Message.of("review.differed" if len(judges) > 1 else "review.unsure", n=unsure))
    if len(judges) > 1:
        told.append(Message.of("review.both_about"))
    if still.judged:
        key = "review.still_twitch" if still.twitches else "review.still_none"
        told.append(Message.of(key, n=still.judged, twitches=still.twitches))
    return told, [(str(stratum), one) for stratum, one in counts.items()]


def _precision(share: Share, called: Counts) -> Told:
    if called.windows == 0:
        return [Message.of("review.none_called")]
    if share.low is None or share.high is None:
        return [Message.of("review.precision_unknown", n=called.windows)]
    values = {"n": called.windows, "shown": called.judged, "twitches": called.twitches}
    if share.low == share.high:
        return [Message.of("review.precision_exact", **values, share=share.low)]
    return [Message.of("review.precision", **values, low=share.low, high=share.high)]


def _recall(share: Share) -> Told:
    if share.low is None or share.high is None:
        return [Message.of("review.recall_unknown")]
    if share.high - share.low < _ROUNDING:  # all was judged
        return [Message.of("review.recall_exact", share=share.low)]
    told = [Message.of("review.recall", low=share.low, high=share.high)]
    return told if tells(share) else [*told, Message.of("review.too_wide")]


def _twitches(found: Estimates, called: Counts) -> Told:
    low, high = found.twitches.low, found.twitches.high
    if low is None or high is None:
        return []
    key = "review.twitches_exact" if low == high else "review.twitches"
    return [Message.of(key, n=called.windows, low=round(low), high=round(high))]


def _agreement(agreement: Any) -> Told:
    """How far two judges agree; nothing where only one has judged."""
    if not agreement.windows:
        return []
    told = [Message.of("review.alike", n=agreement.windows - agreement.unsure, alike=agreement.alike)]
    if agreement.unsure:
        told.append(Message.of("review.alike_unsure", n=agreement.unsure))
    if (kappa := agreement.kappa).value is None:
        return [*told, Message.of("review.kappa_unknown")]
    return [*told, Message.of("review.kappa", value=kappa.value, low=kappa.low, high=kappa.high)]


def _not_asked(review: Review) -> Told:
    """What of the night is in no figure."""
    of = review.windows_of
    told = [Message.of("review.awake")]
    if review.least_g is not None and of.get(Stratum.STILL):
        told.append(Message.of("review.still", n=of[Stratum.STILL], mg=1000 * review.least_g))
    if of.get(Stratum.SERIES):
        told.append(Message.of("review.series", n=of[Stratum.SERIES]))
    if review.left_out:
        told.append(Message.of("review.left_out", n=review.left_out))
    return told


ROUTES = [
    Route("/night/{stem}/review", overview, name="review"),
    Route("/night/{stem}/review/choose", form_to(choose), methods=["POST"]),
    Route("/night/{stem}/review/judge/{judge:int}", judge),
    Route("/night/{stem}/review/judge/{judge:int}", form_to(answer), methods=["POST"]),
    Route("/night/{stem}/review/result", result),
    Route("/night/{stem}/review/labelled.zip", labelled),
]
