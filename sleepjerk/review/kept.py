"""The files of a review beside its night: which windows were chosen, what people said of them, and their signal.

Knows their form and plain Python alone, so that a page can show a window at once. `STEM.review.json` holds the choice
and the answers, `STEM.review.csv` the samples of each window, by its place in the order in which people see them;
neither holds a name, a clock time or, but for the stratum in the former, what the program thinks.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sleepjerk.atomic import checksum, make_folder, one_at_a_time, write_together, write_whole
from sleepjerk.errors import InputError, why

SCHEMA = 1
JUDGES = (1, 2)
ROOM = "reviews"  # the folder, among a person's own files, where those who answer wait for each other


class Stratum(StrEnum):
    """What the program found in a window; nobody is asked about those of a series, which one window can't show."""

    CALLED = "called"
    UNCALLED = "uncalled"
    QUIET = "quiet"
    STILL = "still"
    SERIES = "series"


class Answer(StrEnum):
    """What a person sees in a window."""

    TWITCH = "twitch"
    OTHER = "other"
    NOTHING = "nothing"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where a window begins, s since the first sample, and its stratum."""

    begin_s: float
    stratum: Stratum


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer: by which judge, of which window, counted from 0, and when."""

    judge: int
    window: int
    answer: Answer
    said_utc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The windows of one night in the order in which they are shown, and all answers.

    Attributes
    ----------
    input_sha256, settings_sha256
        Of which recording and of which analysis.
    seed
        Makes the same choice of the same night again.
    window_s, margin_s, rate_hz
        Length of a window, what is shown on both sides of it, s, and samples a second, Hz.
    least_g
        In windows that are still, nothing reaches this, g; None where it is unknown.
    windows_of
        By stratum how many windows the night has.
    left_out
        How many movements in sleep lie in no window, as they are too near to a gap or to waking.
    """

    input_sha256: str
    settings_sha256: str
    seed: int
    window_s: float
    margin_s: float
    rate_hz: float
    least_g: float | None
    windows_of: dict[str, int]
    left_out: int
    windows: tuple[Window, ...]
    said: tuple[Said, ...] = ()
    newer: dict[str, Any] = field(default_factory=dict)

    def answers(self, judge: int) -> dict[int, Answer]:
        """What a judge said of each window that they have judged, in the order they did."""
        return {item.window: item.answer for item in self.said if item.judge == judge}

    def next_window(self, judge: int) -> int | None:
        """The first window that a judge has not judged; None when all are."""
        judged = self.answers(judge)
        return next((place for place in range(len(self.windows)) if place not in judged), None)

    def saying(self, judge: int, window: int, answer: Answer) -> "Review":
        """The same with an answer, in place of an earlier one to the same window.

        Raises
        ------
        InputError
            There is no such judge or window.
        """
        if judge not in JUDGES or not 0 <= window < len(self.windows):
            raise InputError(f"there is no window {window + 1} for judge {judge} in this review")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        others = (item for item in self.said if (item.judge, item.window) != (judge, window))
        return replace(self, said=(*others, Said(judge=judge, window=window, answer=answer, said_utc=now)))

    def without_last(self, judge: int) -> "Review":
        """The same without what a judge said last."""
        last = next((item for item in reversed(self.said) if item.judge == judge), None)
        return replace(self, said=tuple(item for item in self.said if item is not last))


def review_path(stem: Path) -> Path:
    """The choice and the answers."""
    return Path(f"{stem}.review.json")


def signal_path(stem: Path) -> Path:
    """The samples of all windows."""
    return Path(f"{stem}.review.csv")


def signal_lines(pieces: Iterable[Iterable[Sequence[float]]], rate_hz: float, margin_s: float) -> str:
    """A table of samples: window, counted from 1, seconds since its begin, three axes in g.

    Parameters
    ----------
    pieces
        Of each window the samples from `margin_s` before its begin on, each (3,) g.
    """
    lines = ["window,t_s,x_g,y_g,z_g"]
    for number, piece in enumerate(pieces, 1):
        lines += [
            f"{number},{place / rate_hz:.4f},{x:.4f},{y:.4f},{z:.4f}"
            for place, (x, y, z) in enumerate(piece, -round(margin_s * rate_hz))
        ]
    return "\n".join(lines) + "\n"


def read_window(stem: Path, window: int) -> list[tuple[float, ...]]:
    """The samples of one window: t_s, x_g, y_g, z_g of each.

    Raises
    ------
    InputError
        The file can't be read, or holds no such window.
    """
    path, first = signal_path(stem), f"{window + 1},"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [tuple(map(float, line.split(",")[1:])) for line in lines if line.startswith(first)]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: can't read these windows ({why(error)})") from error
    if not found or any(len(row) != 4 for row in found):
        raise InputError(f"{path}: window {window + 1} is missing or damaged; begin the review anew")
    return found


def begin(stem: Path, review: Review, signal: str, room: Path) -> None:
    """Write a review that has just been chosen; `room` is where one who changes it waits for another."""
    make_folder(stem.parent)
    with one_at_a_time(room / ROOM):
        write_together(stem.parent, {signal_path(stem).name: signal, review_path(stem).name: _text(review)})


def change(stem: Path, changed: Callable[[Review], Review], room: Path) -> Review:
    """Read a review, change it and write it, while nobody else who waits in this room does.

    Raises
    ------
    InputError
        The file is missing or damaged, or the change can't be made.
    """
    with one_at_a_time(room / ROOM):
        review = changed(read_review(stem))
        write_whole(review_path(stem), _text(review))
    return review


def _text(review: Review) -> str:
    document = {"schema": SCHEMA} | asdict(review)
    document |= document.pop("newer")
    return json.dumps(document | {"checksum": checksum(document)}, indent=1) + "\n"


def read_review(stem: Path) -> Review:
    """The review of a night.

    Raises
    ------
    InputError
        There is none, it can't be read or is damaged, or a newer version wrote it.
    """
    path = review_path(stem)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        schema, written = document.pop("schema"), document.pop("checksum")
        if schema != SCHEMA:
            raise InputError(f"{path}: this review has schema {schema!r}, not {SCHEMA}")
        if written != checksum({"schema": schema} | document):
            raise InputError(f"{path}: this review was changed or damaged; begin it anew")
        known = set(Review.__dataclass_fields__) - {"newer"}
        windows = tuple(
            Window(begin_s=item["begin_s"], stratum=Stratum(item["stratum"])) for item in document["windows"]
        )
        said = tuple(Said(**item | {"answer": Answer(item["answer"])}) for item in document["said"])
        kept = {name: value for name, value in document.items() if name in known}
        newer = {name: value for name, value in document.items() if name not in known}
        return Review(**kept | {"windows": windows, "said": said, "newer": newer})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: can't read this review ({why(error)})") from error
