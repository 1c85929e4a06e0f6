"""What a person says of a night on the page: kept the moment it is said, taken into the night by `recounting`.

Each word is a file until it is in the night, so that none is lost whatever ends, and the next can be said without
waiting. Knows the files of words; must not know what a word does to a night.
"""

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sleepjerk.app import jobs
from sleepjerk.app.nights import NightFiles
from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.correcting import Word
from sleepjerk.history.places import own_folder

_WAITING, _REFUSED = ".word.json", ".refused.json"
_LOOKED = "looked.json"
_looking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Said:
    """A word that holds: what was called what, and when it was said."""

    kind: str
    onset_s: float
    end_s: float | None
    label: str
    note: str
    said_utc: str


def say_word(night: NightFiles, word: Word, onset_s: float, end_s: float | None = None) -> None:
    """Keep a word on a night; it is counted with it as soon as a process gets to it."""
    said_utc = _now()
    folder = _folder(night.stem)
    make_folder(folder)
    name = f"{said_utc.replace(':', '')}-{secrets.token_hex(4)}{_WAITING}"
    told = {"word": asdict(replace(word, said_utc=said_utc)), "onset_s": onset_s, "end_s": end_s}
    write_whole(folder / name, json.dumps(told))
    recount(night)


def recount(night: NightFiles) -> bool:
    """See that somebody works where words wait; whether any do."""
    if not any(waiting(night.stem)):
        return False
    back = f"{night.address}/movements"
    jobs.start(("sleepjerk.app.recounting", night.stem), title="morning.counting", then=back, back=back)
    return True


def waiting(stem: str) -> Iterator[tuple[Path, Word]]:
    """The words that are not in the night yet, in the order in which they were said."""
    for path in sorted(_folder(stem).glob(f"*{_WAITING}")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["word"]
            spans = {name: tuple(map(tuple, told[name])) for name in ("sleep", "not_sleep", "slept")}
            yield path, Word(**(told | spans))


def refuse(path: Path, sentence: str) -> None:
    """A word that can't be taken into the night; the page tells why, once."""
    write_whole(path.with_name(path.name.replace(_WAITING, _REFUSED)), json.dumps(sentence))
    path.unlink(missing_ok=True)


def refused(stem: str) -> list[str]:
    """Why words were refused, until somebody has read it."""
    paths = sorted(_folder(stem).glob(f"*{_REFUSED}"))
    return [str(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def forget_refused(stem: str) -> None:
    """Somebody has read why."""
    for path in _folder(stem).glob(f"*{_REFUSED}"):
        path.unlink(missing_ok=True)


def said(night: NightFiles) -> list[Said]:
    """What holds of all that was said of a night, the newest last."""
    found = list(_kept(night))
    for path, word in waiting(night.stem):
        if word.undone is not None:
            found = [one for one in found if one.said_utc != word.undone]
            continue
        told: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            told = json.loads(path.read_text(encoding="utf-8"))
        kind = next((kind for _, kind, _ in word.spans()), "added" if word.add else "corrections")
        place, end_s = float(told.get("onset_s") or 0.0), told.get("end_s")
        found.append(Said(kind, place, end_s, word.label or "", word.note, str(word.said_utc)))
    return sorted(found, key=lambda one: one.said_utc)


def _kept(night: NightFiles) -> Iterator[Said]:
    if night.results is None:
        return
    path = night.results.with_name(f"{night.stem}.corrections.json")
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        document = json.loads(path.read_text(encoding="utf-8"))
        for kind in ("corrections", "added", "sleep", "not_sleep", "slept"):
            for one in document.get(kind, []):
                end_s, note = one.get("end_s"), one.get("note", "")
                yield Said(kind, one["onset_s"], end_s, one["label"], note, one["said_utc"])


def look(night: NightFiles, onset_s: float, *, seen: bool = True) -> None:
    """Mark that a person looked at a movement and can't tell what it was, or take that back."""
    with _looking:
        told = looked(night)
        told.pop(_place(onset_s), None)
        make_folder(_folder(night.stem))
        text = json.dumps(told | ({_place(onset_s): _now()} if seen else {}))
        write_whole(_folder(night.stem) / _LOOKED, text)


def looked(night: NightFiles) -> dict[str, str]:
    """When a person looked at movements without telling what they were, by their onsets."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((_folder(night.stem) / _LOOKED).read_text(encoding="utf-8"))
        return dict(found) if isinstance(found, dict) else {}
    return {}


def was_looked_at(onset_s: float, marks: dict[str, str]) -> bool:
    """Is a movement one of those?"""
    return _place(onset_s) in marks


def _place(onset_s: float) -> str:
    return f"{onset_s:.2f}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _folder(stem: str) -> Path:
    return own_folder() / "app" / "words" / stem
