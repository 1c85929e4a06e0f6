"""A folder in which another program sees how a recording is doing, and asks for its end or a mark of the lights.

`status.json` is replaced about once a second; files `stop` and `lights` are obeyed and removed. Knows what a recording
tells; must not know ports or its files. Nothing that fails here may cost a sample.
"""

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from firmware_io.recorder.messages import Ended, Key, Message, Progress
from firmware_io.recorder.options import Asked


class Control:
    """Status and wishes of one recording; without a folder nothing happens.

    Raises
    ------
    OSError
        The folder can't be made.
    """

    def __init__(self, folder: Path | None, asked: Asked) -> None:
        self._folder, self._asked = folder, asked
        self._status: dict[str, Any] = {
            **dict.fromkeys(("path", "updated_utc", "rate_hz", "last_sample_age_s", "free_bytes", "port")),
            **dict.fromkeys(("lights_off_utc", "lights_up_utc", "message", "trace_hz")),
            **dict.fromkeys(("connected", "trouble")),
            **dict.fromkeys(("ended_because", "exit_code")),
            "pid": os.getpid(),
            "state": "waiting",
            "started_utc": datetime.now(UTC).isoformat(),
            "samples": 0,
            "lost": 0,
            "trace": [],
        }
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._wished("stop")  # what is left of an earlier recording
            self._wished("lights")
            self._write()

    def opened(self, url: str) -> None:
        """The port that is listened to."""
        self._status["port"] = url

    def take(self, told: Message | Progress | Ended) -> None:
        """What the recording tells; with each progress the status is renewed and the wishes are looked for."""
        if isinstance(told, Message):
            if told.key is Key.FILE_MADE:
                self._status |= {
                    "state": "recording",
                    "path": os.fspath(Path(told.values["path"]).absolute()),
                }
            return
        self._status |= {"samples": told.ledger.good, "lost": told.ledger.lost}
        if isinstance(told, Ended):
            self._status["ended_because"] = told.reason
            return
        middle_g = median(told.trace_g) if told.trace_g else 0.0
        self._status |= {
            "rate_hz": round(told.rate_hz, 2),
            "last_sample_age_s": None if told.age_s is None else round(told.age_s, 2),
            "free_bytes": told.free_bytes,
            "lights_off_utc": None if told.lights.off is None else told.lights.off.isoformat(),
            "lights_up_utc": None if told.lights.up is None else told.lights.up.isoformat(),
            "trace": [round(length_g - middle_g, 4) for length_g in told.trace_g],
            "trace_hz": told.trace_hz,
            "connected": told.connected,
            "trouble": told.trouble,
        }
        if self._folder is not None:
            self._obey()
            self._write()

    def say(self, sentence: str) -> None:
        """The last sentence that a person was told."""
        self._status["message"] = sentence

    def end(self, exit_code: int) -> None:
        """The process is about to end."""
        self._status |= {"state": "ended", "exit_code": exit_code}
        self._write()

    def _obey(self) -> None:
        if self._wished("lights"):
            self._asked.lights.set()
        if self._wished("stop"):
            self._asked.end("stopped by another program")

    def _wished(self, name: str) -> bool:
        """Whether a file of that name was there; it is gone now."""
        assert self._folder is not None
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()
            return True
        return False

    def _write(self) -> None:
        if self._folder is None:
            return
        status, aside = self._folder / "status.json", self._folder / ".status.part"
        self._status["updated_utc"] = datetime.now(UTC).isoformat()
        with contextlib.suppress(OSError):  # a full disk, or a folder that somebody deleted
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(self._status, file)
            aside.replace(status)
