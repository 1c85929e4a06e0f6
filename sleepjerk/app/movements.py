"""The movements of a night, each with its wave: what was it? One after the other, by thumb or by one key.

Knows the buttons and which label each stands for. Must not know how a night is counted with it.
"""

import hashlib
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sleepjerk.app import jobs, words
from sleepjerk.app.morning import as_shown, clock_of, covered_by, moment, night_page, of_night
from sleepjerk.app.nights import NightFiles
from sleepjerk.app.pages import form_to, go, language_of, picture
from sleepjerk.atomic import make_folder
from sleepjerk.correcting import Word
from sleepjerk.errors import InputError
from sleepjerk.history.places import own_folder

_SINGLE = ("hypnic_jerk", "sleep_twitch")
_TWITCHES = (*_SINGLE, "periodic_movement")  # one in a series is a twitch, too
LABELS = (
    *_TWITCHES,
    *("limb_movement", "body_movement", "posture_change", "rhythmic_movement", "unclassified"),
)
_ANSWERS = ("twitch", "turn", "cat", "unsure")  # the buttons, in the order of their keys 1 to 4
_NOT_ME = "not me"  # the note of what shook the bed or the arm
_PAGE = 200  # movements in one list
_SAME_S = 0.05  # two movements are never so close
_LONGEST = 40  # characters of a time or number
_PATIENCE_S = 600.0  # until pictures that couldn't be drawn are tried again

Row = dict[str, Any]


def _rows(night: NightFiles, document: Mapping[str, Any]) -> list[Row]:
    """The movements with what a person said of them, also where the night isn't counted with it yet.

    Single twitches first, then those in series, each group by time, and in an order that no judgement changes.
    """
    clock, marks = clock_of(document), words.looked(night)
    said = [one for one in words.said(night) if one.kind in ("corrections", "added")]
    rows = []
    for place, event in enumerate(document["events"]):
        onset_s, detected = event["onset_s"], event.get("detected") or ""
        own = [one for one in said if abs(one.onset_s - onset_s) <= (_SAME_S if one.kind != "added" else 1.0)]
        found_as = event["label"] if detected in ("", "missed") else detected
        elsewhere = bool(detected and document.get("limbs"))  # said of the ankle, where two were recorded
        undone = bool(detected) and not own and not elsewhere  # taken back, and to be counted again
        row = {
            "number": place,
            "time": clock.second(onset_s),
            "label": own[-1].label if own else found_as if undone else event["label"],
            "found_as": found_as,
            "missed": detected == "missed",
            "own": bool(own) or elsewhere,
            "note": own[-1].note if own else "",
            "looked": words.was_looked_at(onset_s, marks),
        }
        rows.append(event | row)
    return sorted(rows, key=lambda row: (*_group(row["found_as"]), row["onset_s"]))


def _group(label: str) -> tuple[bool, bool]:
    """Single twitches, those in series, all else."""
    return label not in _SINGLE, label not in _TWITCHES


def _list(
    request: Request,
    night: NightFiles,
    document: Mapping[str, Any],
    typed: Mapping[str, str] = {},
    wrong: str = "",
) -> Response:
    """The list, and the form for one that was missed."""
    rows = _rows(night, document)
    begin = request.query_params.get("from", "0")
    first = int(begin) if begin.isascii() and begin.isdigit() and len(begin) < 7 else 0
    return night_page(
        request,
        "movements.html",
        night,
        document,
        400 if wrong else 200,
        rows=rows[first : first + _PAGE],
        first=first,
        size=_PAGE,
        total=len(rows),
        judged=sum(row["own"] or row["looked"] for row in rows),
        begin=next((row["number"] for row in rows if not row["own"] and not row["looked"]), None),
        labels=LABELS,
        typed={name: typed.get(name, "") for name in ("at", "lasting", "label", "note")},
        wrong=wrong,
    )


@of_night
def show(request: Request, night: NightFiles, document: Mapping[str, Any]) -> Response:
    """One movement."""
    number, rows = request.path_params["number"], _rows(night, document)
    place = next((place for place, row in enumerate(rows) if row["number"] == number), None)
    if place is None:
        raise HTTPException(404)
    wave, failed = _wave(night, document, rows[place], language_of(request))
    return night_page(
        request,
        "movement.html",
        night,
        document,
        row=rows[place],
        place=place + 1,
        total=len(rows),
        before=rows[place - 1]["number"] if place else None,
        after=rows[place + 1]["number"] if place + 1 < len(rows) else None,
        answers=_ANSWERS,
        labels=LABELS,
        wave=wave,
        failed=failed,
    )


def _wave(night: NightFiles, document: Mapping[str, Any], row: Row, language: str) -> tuple[Any, str | None]:
    """The picture of a movement; None while it is drawn, "" where there is none, and why."""
    told = [document.get("input_sha256"), [(one["onset_s"], one["duration_s"]) for one in document["events"]]]
    state = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
    folder = own_folder() / "app" / "waves"
    drawn = folder / f"{night.stem}.{language}.{state}.txt"
    if not drawn.exists():
        make_folder(folder)
        line = ("sleepjerk.app.drawing", night.stem, language, str(drawn))
        last = next((job for job in jobs.jobs() if job.words == line), None)
        if last is not None and last.exit_code and time.time() - last.started_s < _PATIENCE_S:
            return "", last.lines[-1] if last.lines else ""
        for old in folder.glob("*.txt"):
            if old.name.startswith(f"{night.stem}.{language}."):
                old.unlink(missing_ok=True)
        jobs.start(line, title="morning.drawing", then=f"{night.address}/movements")
        return None, None
    return _line_of(drawn, f"{row['onset_s']:.3f} "), None


def _line_of(drawn: Path, begin: str) -> Any:
    with drawn.open(encoding="utf-8") as lines:
        return next((picture(line.removeprefix(begin)) for line in lines if line.startswith(begin)), "")


@of_night
def judge(
    request: Request, night: NightFiles, document: Mapping[str, Any], form: Mapping[str, str]
) -> Response:
    """Keep what a person said of a movement, and on to the next that nobody looked at."""
    onset_s = _seconds(form.get("onset", ""))
    rows = _rows(night, document)
    place = next((n for n, row in enumerate(rows) if abs(row["onset_s"] - onset_s) <= _SAME_S), None)
    if place is None or night.recording is None:  # the night was counted anew in another tab
        raise HTTPException(404)
    row, answer = rows[place], form.get("answer")
    if answer == "unsure":
        words.look(night, row["onset_s"])
    else:
        label, note = _label(row, answer, form)
        event = moment(row["onset_s"], document)
        if document["recording"].get("night") and not clock_of(document).known:
            event = str(row["number"])  # seconds would be those of the whole recording
        words.say_word(night, Word(event=event, label=label, note=note), row["onset_s"])
    left = [one for one in (*rows[place + 1 :], *rows[:place]) if not one["own"] and not one["looked"]]
    return go(f"{night.address}/movements" + (f"/{left[0]['number']}" if left else ""))


def _label(row: Row, answer: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """What a button says: label and note."""
    if answer == "twitch":
        # One while awake is in no count of twitches, whoever calls it so.
        named = {"onset": "hypnic_jerk", "wake": "unclassified", "off_body": "unclassified"}
        again = row["found_as"] in _TWITCHES
        return row["found_as"] if again else named.get(row["state"], "sleep_twitch"), ""
    if answer == "turn":
        return "posture_change", ""
    if answer == "cat":
        return "body_movement", _NOT_ME
    if form.get("label") not in LABELS:
        raise HTTPException(400)
    return form["label"], form.get("note", "")


@of_night
def add(
    request: Request, night: NightFiles, document: Mapping[str, Any], form: Mapping[str, str]
) -> Response:
    """Keep a movement that somebody saw."""
    typed = {name: form.get(name, "").strip()[:_LONGEST] for name in ("at", "lasting", "label")}
    typed["note"] = form.get("note", "")[:500]
    if typed["label"] not in LABELS or night.recording is None:
        raise HTTPException(400)
    try:
        lasting = typed["lasting"].replace(",", ".")
        if lasting and not lasting.replace(".", "", 1).isdecimal():
            raise InputError(f"--duration {lasting}: give seconds, up to the end of the recording")
        word = Word(
            add=as_shown(typed["at"], document),
            duration_s=float(lasting) if lasting else None,
            label=typed["label"],
            note=typed["note"],
        )
        begin_s, end_s = word.added_s(covered_by(document))
    except InputError as error:
        return _list(request, night, document, typed, str(error))
    words.say_word(night, word, begin_s, end_s)
    return go(f"{night.address}/movements")


def _seconds(text: str) -> float:
    try:
        found = float(text[:_LONGEST])
    except ValueError:
        raise HTTPException(400) from None
    if not math.isfinite(found):
        raise HTTPException(400)
    return found


ROUTES: list[BaseRoute] = [
    Route("/night/{stem}/movements", of_night(_list), name="movements"),
    Route("/night/{stem}/movements", form_to(add), methods=["POST"]),
    Route("/night/{stem}/movements/{number:int}", show),
    Route("/night/{stem}/movements/{number:int}", form_to(judge), methods=["POST"]),
]
