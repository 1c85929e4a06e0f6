"""A night from bedtime to morning: choose the board, try it, record, stop. Knows what the recorder tells of itself.

The recorder is a job, `sleepjerk record --control FOLDER`: it outlives page, browser and server, and is found again by
that folder. To try the sensor is to record already, so nothing between the try and the night is lost. Must not know
ports' bytes or samples.
"""

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from firmware_io.doctor import examine
from firmware_io.port import find_ports
from sleepjerk.app import jobs
from sleepjerk.app.nights import find_night, nights_folder
from sleepjerk.app.pages import form_to, go, page
from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.filenames import stem_of
from sleepjerk.history.places import own_folder

_ADDRESS = "/tonight"
_RECORDER = ("sleepjerk", "record")
_FRESH_S = 3.0  # a sample older than this is news, as on the terminal
_TOLD_S = 10.0  # a recorder that lives says how it is every second
_LISTENING_S = 15.0  # until a board that sends should have been understood
_ANSWER_S = 6.0  # in which the recorder does what it is asked
_BYTES_PER_ROW = 36
_NIGHT_S = 10 * 3600.0
_SEEN_G = 0.1  # a wrist that is moved on purpose shows more, one at rest less
_WIDTH, _HEIGHT = 600, 160  # of the trace
_LIMBS, _SIDES = ("wrist", "ankle"), ("", "left", "right")
_SAID = ("columns", "unit", "rate", "baud")  # options of `record` that are asked for in words
_LONGEST = 200  # characters of what is typed
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Recording:
    """The recorder as it is now, or as it ended.

    Attributes
    ----------
    status
        What the recorder wrote last (`firmware_io.recorder.control`); empty before its first word.
    begun
        The person went to bed; before that the sensor is only tried.
    """

    job: jobs.Job
    status: dict[str, Any]
    begun: bool

    @property
    def runs(self) -> bool:
        return self.job.exit_code is None

    @property
    def samples(self) -> int:
        return int(self.status.get("samples") or 0)

    @property
    def age_s(self) -> float | None:
        """Since the last sample: at least as long as the recorder has said nothing."""
        age_s = self.status.get("last_sample_age_s")
        return None if age_s is None else float(age_s) + max(0.0, self._silent_s() - 1)

    @property
    def minutes(self) -> int:
        """From its begin to its last word."""
        try:
            told = [datetime.fromisoformat(self.status[name]) for name in ("started_utc", "updated_utc")]
        except (KeyError, TypeError, ValueError):
            return 0
        return max(0, round((told[1] - told[0]).total_seconds() / 60))

    @property
    def lights_off(self) -> bool:
        return bool(self.status.get("lights_off_utc")) and not self.status.get("lights_up_utc")

    @property
    def hours_of_room(self) -> float | None:
        """How long the disk lasts."""
        free, rate_hz = self.status.get("free_bytes"), self.status.get("rate_hz") or 100.0
        return None if free is None else free / rate_hz / _BYTES_PER_ROW / 3600

    @property
    def short_of_room(self) -> bool:
        return self.hours_of_room is not None and self.hours_of_room < _NIGHT_S / 3600

    @property
    def trouble(self) -> str | None:
        """What is wrong, a key of [trouble]; None when the night is being saved."""
        if self._silent_s() > _TOLD_S:
            return "no_word"
        if self.status.get("trouble"):
            return "disk"
        if self.status.get("connected") is False:
            return "unplugged"
        if not self.samples:
            return "listening" if time.time() - self.job.started_s < _LISTENING_S else "nothing"
        return None if self.age_s is not None and self.age_s < _FRESH_S else "silent"

    @property
    def said(self) -> str:
        """The recorder's last sentence, which says more."""
        return str(self.status.get("message") or (self.job.lines[-1] if self.job.lines else ""))

    @property
    def could_be(self) -> list[str]:
        """The columns of which a person has to say which are the acceleration."""
        return (
            []
            if self.samples
            else [name for name in re.findall(r"--columns ([^\s;]+)", self.said) if "," in name]
        )

    @property
    def stem(self) -> str | None:
        """Of the recording that was made; None when no sample ever came."""
        path = self.status.get("path")
        return None if not path else stem_of(Path(path)).name

    @property
    def moved(self) -> bool:
        return any(abs(g) > _SEEN_G for g in self.status.get("trace") or [])

    @property
    def points(self) -> str:
        """The last seconds of movement, as the points of a line."""
        trace = self.status.get("trace") or []
        most = max([2 * _SEEN_G, *map(abs, trace)])
        step, middle = _WIDTH / max(1, len(trace) - 1), _HEIGHT / 2
        return " ".join(f"{n * step:.0f},{middle * (1 - g / most):.0f}" for n, g in enumerate(trace))

    def _silent_s(self) -> float:
        """Since the recorder's last word."""
        try:
            told = datetime.fromisoformat(self.status["updated_utc"])
        except (KeyError, TypeError, ValueError):
            return max(0.0, time.time() - self.job.started_s)
        return max(0.0, (datetime.now(UTC) - told).total_seconds())


def recording() -> Recording | None:
    """The night that is recorded, or was last; None when there is none to tell of."""
    job = _job()
    if job is None:
        return None
    status: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        status = json.loads((_folder() / "status.json").read_text(encoding="utf-8"))
    return Recording(job, status, (_folder() / "begun").exists())


def _job() -> jobs.Job | None:
    """The one that runs, also when the server died before it wrote down which; else the one that was last."""
    last = None
    with contextlib.suppress(OSError):
        last = jobs.find_job((_folder() / "job").read_text())
    if last is not None and last.exit_code is None:
        return last
    running = (job for job in jobs.jobs() if job.exit_code is None and job.words[:2] == _RECORDER)
    return next(running, last)


def show(request: Request) -> Response:
    """What a person needs now: the boards, the try, the night, or how it ended."""
    now = recording()
    if now is None:
        return _choose(request, None)
    if not now.runs:
        night = None if now.stem is None else find_night(now.stem)
        return page(request, "tonight_ended.html", now=now, night=night) if night else _choose(request, now)
    if not now.begun:
        return page(request, "tonight_try.html", now=now, width=_WIDTH, height=_HEIGHT)
    return page(request, "tonight_night.html", now=now, clock=f"{datetime.now().astimezone():%H:%M}")


def _choose(request: Request, failed: Recording | None) -> Response:
    """The boards that are there, and what stands in their way."""
    ports = find_ports()
    return page(
        request,
        "tonight_choose.html",
        ports=[(port.device, port.guess or port.description) for port in ports],
        findings=examine(ports),
        failed=failed,
        chosen=_choices(),
        limbs=_LIMBS,
        sides=_SIDES,
        said=_SAID,
    )


def start(request: Request, form: Mapping[str, str]) -> Response:
    """Start the recorder, unless one runs: then that one is shown."""
    chosen = {name: _typed(form.get(name, "")) for name in ("port", "other", "limb", "side", "alarm", *_SAID)}
    with _one_at_a_time:
        now = recording()
        if now is None or not now.runs:
            _forget()
            make_folder(_folder())
            make_folder(nights_folder())
            write_whole(_folder() / "choices.json", json.dumps(chosen))
            job = jobs.start(_words(chosen), title="tonight.title", then=_ADDRESS, back=_ADDRESS)
            write_whole(_folder() / "job", job.name)
    return go(_ADDRESS)


def choose_columns(request: Request, form: Mapping[str, str]) -> Response:
    """Begin again with the columns that a person took for the acceleration; nothing was recorded so far."""
    now = recording()
    if now is not None and now.runs and not now.samples:
        _ask("stop", lambda then: not then.runs)
    return start(request, _choices() | {"columns": form.get("columns", "")})


def _words(chosen: Mapping[str, str]) -> list[str]:
    """The command line of the recorder; each value is one word with its option, so that none can be another option."""
    words = [*_RECORDER, f"--out={nights_folder()}", f"--control={_folder()}"]
    if port := chosen["other"] or chosen["port"]:
        words.append(f"--port={port}")
    words += [f"--{name}={chosen[name]}" for name in _SAID if chosen[name]]
    words += [f"--limb={chosen['limb']}"] if chosen["limb"] in _LIMBS else []
    words += [f"--side={chosen['side']}"] if chosen["side"] in _SIDES[1:] else []
    return [*words, "--alarm"] if chosen["alarm"] else words


def begin(request: Request, form: Mapping[str, str]) -> Response:
    """The person goes to bed; the recorder needn't know."""
    now = recording()
    if now is not None and now.runs:
        (_folder() / "begun").touch(mode=0o600)
    return go(_ADDRESS)


def lights(request: Request, form: Mapping[str, str]) -> Response:
    """Mark that the lights went off or on, once, however often and in however many tabs it is pressed."""
    off = form.get("off") == "yes"
    with _one_at_a_time:
        now = recording()
        if now is not None and now.runs and now.lights_off is not off:
            _ask("lights", lambda then: then.lights_off is off)
    return go(_ADDRESS)


def ask_stop(request: Request) -> Response:
    """Are you sure? Without script, too."""
    now = recording()
    return page(request, "tonight_stop.html", now=now) if now is not None and now.runs else go(_ADDRESS)


def stop(request: Request, form: Mapping[str, str]) -> Response:
    """End the recording; what was only tried is thrown away if the person says so."""
    now = recording()
    if now is not None and now.runs:
        _ask("stop", lambda then: not then.runs)
    if (
        form.get("discard") == "yes"
        and (then := recording()) is not None
        and not then.runs
        and not then.begun
    ):
        night = None if then.stem is None else find_night(then.stem)
        for path in [] if night is None else night.files():
            path.unlink(missing_ok=True)
        _forget()
    return go(_ADDRESS)


def again(request: Request, form: Mapping[str, str]) -> Response:
    """The next night; what the last one left is told no longer."""
    with _one_at_a_time:
        now = recording()
        if now is not None and not now.runs:
            _forget()
    return go(_ADDRESS)


def _ask(wish: str, done: Callable[[Recording], bool]) -> None:
    """Leave a wish for the recorder, and wait until it did that."""
    (_folder() / wish).touch(mode=0o600)
    until_s = time.monotonic() + _ANSWER_S
    while time.monotonic() < until_s and (then := recording()) is not None and not done(then):
        time.sleep(0.1)


def _forget() -> None:
    for name in ("job", "begun", "status.json"):
        (_folder() / name).unlink(missing_ok=True)


def _choices() -> dict[str, str]:
    """What was chosen last time."""
    chosen = dict.fromkeys(("port", "other", "limb", "side", "alarm", *_SAID), "")
    with contextlib.suppress(OSError, ValueError, AttributeError):
        told = json.loads((_folder() / "choices.json").read_text(encoding="utf-8"))
        chosen |= {name: str(value) for name, value in told.items() if name in chosen}
    return chosen


def _typed(text: str) -> str:
    return re.sub(r"[^ -~\u00a0-\U0010ffff]", "", text)[:_LONGEST].strip()


def _folder() -> Path:
    return own_folder() / "app" / "tonight"


ROUTES: list[BaseRoute] = [
    Route(_ADDRESS, show, name="tonight"),
    Route(f"{_ADDRESS}/try", form_to(start), methods=["POST"]),
    Route(f"{_ADDRESS}/columns", form_to(choose_columns), methods=["POST"]),
    Route(f"{_ADDRESS}/begin", form_to(begin), methods=["POST"]),
    Route(f"{_ADDRESS}/lights", form_to(lights), methods=["POST"]),
    Route(f"{_ADDRESS}/stop", ask_stop),
    Route(f"{_ADDRESS}/stop", form_to(stop), methods=["POST"]),
    Route(f"{_ADDRESS}/again", form_to(again), methods=["POST"]),
]
