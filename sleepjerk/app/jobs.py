"""Work that takes longer than a click: `python -m MODULE WORDS...` as a process of its own, in a folder of its own.

A job outlives the page, the browser and the server, and is found again by its folder. What it writes to stderr, line by
line, is its progress; its exit code and its last line say how it ended: 2 is a sentence for a person, as on the command
line. Knows nothing of what the work is. The process itself is `working`.
"""

import json
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sleepjerk.app.holding import is_held
from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.history.places import own_folder

_STARTING_S = 20.0  # a slow computer needs seconds until a process of ours holds its folder
_SECOND_LOOK_S = 0.1
_KEPT = 50  # jobs that ended; older ones are swept
CANCEL = "cancel"  # the file that a job looks for
_SHOWN_BYTES = 20_000  # of what a job said, from its end
_NAME = re.compile(r"[0-9]{10}-[0-9a-f]{8}")
_PERCENT = re.compile(r"\s*(\d{1,3}) %")
_one_start = threading.Lock()


@dataclass(frozen=True, slots=True)
class Job:
    """Work that was started.

    Attributes
    ----------
    title
        What is done, a key of the catalogue.
    then
        The address that shows the result.
    back
        The address to go back to when it fails.
    exit_code
        None while it runs.
    lines
        What it said, last line last, at most 20 kB of it.
    """

    name: str
    words: tuple[str, ...]
    title: str
    then: str
    back: str
    exit_code: int | None
    lines: tuple[str, ...]
    started_s: float

    @property
    def address(self) -> str:
        return f"/job/{self.name}"

    @property
    def percent(self) -> int | None:
        """How far it is, where its last line says so."""
        found = _PERCENT.match(self.lines[-1]) if self.lines else None
        return None if found is None else min(100, int(found[1]))

    @property
    def seconds(self) -> int:
        return max(0, round(time.time() - self.started_s))

    @property
    def output(self) -> str:
        """What it wrote to stdout: its result."""
        return _tail(_folder() / self.name / "out")


def start(words: Sequence[str], *, title: str, then: str, back: str = "/") -> Job:
    """Start `python -m WORDS`, or find the job that does this very work already.

    Parameters
    ----------
    words
        A module and its arguments: ("sleepjerk", "report", "night.csv").
    """
    with _one_start:
        for job in jobs():
            if job.words == tuple(words) and job.exit_code is None:
                return job
        forget_ended(_KEPT)
        name = f"{int(time.time()):010d}-{secrets.token_hex(4)}"
        folder = _folder() / name
        make_folder(folder)
        told = {"words": list(words), "title": title, "then": then, "back": back}
        write_whole(folder / "job.json", json.dumps(told))
        start_apart([sys.executable, "-P", "-m", "sleepjerk.app.working", str(folder)])
    return find_job(name) or Job(name, tuple(words), title, then, back, None, (), time.time())


def start_apart(command: Sequence[str]) -> None:
    """A process that outlives this one, its terminal and its Ctrl-C, without a word on any of them."""
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent, **apart)
    # Somebody has to take its exit code as long as we live, or it would stay in the list of processes.
    threading.Thread(target=process.wait, daemon=True).start()


def find_job(name: str) -> Job | None:
    """The job of a name; None where there is none."""
    folder = _folder() / name
    if not _NAME.fullmatch(name):
        return None
    try:
        told = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        words, title, then, back = tuple(told["words"]), told["title"], told["then"], told["back"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    lines = tuple(line for line in _tail(folder / "err").splitlines() if line.strip())
    started_s = float(name[:10])
    return Job(name, words, title, then, back, _exit_code(folder, started_s), lines, started_s)


def cancel(job: Job) -> None:
    """Ask its process to end at once: what it wrote whole stays, nothing else does."""
    write_whole(_folder() / job.name / CANCEL, "")


def jobs() -> list[Job]:
    """All that are known, the newest first."""
    names = sorted((path.name for path in _folder().glob("*-*")), reverse=True)
    return [job for name in names if (job := find_job(name)) is not None]


def _exit_code(folder: Path, started_s: float) -> int | None:
    for wait_s in (0.0, _SECOND_LOOK_S):  # it may begin to hold its folder, or end, between two looks
        time.sleep(wait_s)
        try:
            return int((folder / "ended").read_text())
        except (OSError, ValueError):
            pass
        if is_held(folder / "alive") or (
            not (folder / "alive").exists() and time.time() - started_s < _STARTING_S
        ):
            return None
    return 1  # killed, or the computer was switched off


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _SHOWN_BYTES))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def forget_ended(kept: int = 0) -> None:
    """Delete what jobs that ended said, but for the last ones."""
    ended = [job for job in jobs() if job.exit_code is not None]
    for job in ended[kept:]:
        shutil.rmtree(_folder() / job.name, ignore_errors=True)


def _folder() -> Path:
    return own_folder() / "app" / "jobs"
