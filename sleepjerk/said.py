"""What a person says of a night: labels, movements that were missed, and when they slept; which of it counts.

Knows labels and moments; must not know what becomes of an event that was spoken of (`detection.corrections`) or where
the word is kept. Of what was said of one thing the newest word counts, also that it was taken back.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sleepjerk.events import MISSED, Label, State

SAME_S = 0.05  # plain: two events are never so close, and onsets move by less when rules change
NEAR_S = 1.0  # plain: a clock shows seconds


class Kind(StrEnum):
    """What is said: the label of an event, a movement that was missed, the sleep period, and awake or asleep in it."""

    EVENT = "corrections"
    ADDED = "added"
    SLEEP = "sleep"
    AWAKE = "not_sleep"
    ASLEEP = "slept"


SPANS = {Kind.SLEEP: State.SLEEP, Kind.AWAKE: State.WAKE, Kind.ASLEEP: State.SLEEP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One thing that a person said, when, and a note.

    Of an event its onset and the label in place of `detected`; of a movement that was missed the label and, where it is
    known, `end_s`; of a span its ends and the state. The label "" takes back all that was said of it before; `undone`:
    what was said at that moment doesn't count, so what was said before does. `newer` is what a newer version wrote of
    it, by name.
    """

    kind: Kind = Kind.EVENT
    onset_s: float
    end_s: float | None = None
    label: str
    detected: str = ""
    said_utc: str
    note: str = ""
    undone: bool = False
    newer: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = {SPANS[self.kind]} if self.kind in SPANS else {*Label}
        if self.label not in {"", *words} or self.detected not in {"", MISSED, *Label}:
            raise ValueError(
                f"label {self.label!r} or {self.detected!r} is none of {', '.join(sorted(words))}"
            )
        if not math.isfinite(self.onset_s) or not isinstance(self.said_utc + self.note, str):
            raise ValueError(f"onset_s {self.onset_s} is no time")
        if (self.end_s is None and self.kind in SPANS) or not self.onset_s <= (self.end_s or math.inf):
            raise ValueError(f"end_s {self.end_s} is no end of what begins at {self.onset_s}")

    def same(self, other: "Correction") -> bool:
        """Is it said of the same thing? There is one sleep period; all else begins at a moment."""
        close = self.kind is Kind.SLEEP or abs(self.onset_s - other.onset_s) <= SAME_S
        return self.kind == other.kind and close


def now() -> str:
    """When something is said."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def standing(corrections: Iterable[Correction]) -> list[Correction]:
    """What counts, by onset: of each thing what was said last, unless it was taken back; at one moment the first."""
    every = list(corrections)
    undone = {item.said_utc for item in every if item.undone}
    kept: list[Correction] = []
    for item in sorted(every, key=lambda item: item.said_utc, reverse=True):
        if item.said_utc not in undone and not any(map(item.same, kept)):
            kept.append(item)
    return sorted((item for item in kept if item.label), key=lambda item: (item.onset_s, item.kind))


def labels_said(corrections: Iterable[Correction]) -> tuple[str, ...]:
    """When what counts of labels and missed movements was said, by onset."""
    return tuple(item.said_utc for item in standing(corrections) if item.kind not in SPANS)


def taken_back(corrections: Iterable[Correction], item: Correction) -> list[Correction]:
    """All that was ever said of the same thing doesn't count."""
    others = [other for other in corrections if not other.same(item)]
    return [*others, replace(item, label="", said_utc=now(), note="")]


def undo(corrections: Iterable[Correction], said_utc: str | None = None) -> list[Correction]:
    """What was said last, or at a moment, doesn't count; what it took the place of counts again."""
    every = list(corrections)
    last = said_utc or max((item.said_utc for item in standing(every)), default=None)
    return [replace(item, undone=True, note="") if item.said_utc == last else item for item in every]


def merged(corrections: Iterable[Correction]) -> list[Correction]:
    """What was written down in several places, once."""
    return list(
        {(item.kind, item.onset_s, item.said_utc, item.undone): item for item in corrections}.values()
    )
