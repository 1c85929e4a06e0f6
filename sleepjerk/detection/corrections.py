"""What a person puts in place of what was found: labels, movements that were missed, and when they slept.

Knows labels, onsets and spans; must not know samples or files. An event is found again by its onset, so that a
correction outlives another analysis with changed rules; one that finds no event any more is told, never dropped in
silence. A movement that somebody saw is the one that was detected at that moment, where there is one, or one of unknown
strength. Of what was said of one thing the newest word counts, also that it was taken back. A moment said to be awake
holds no twitch of sleep, whatever was said of its label.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sleepjerk.events import MISSED, TWITCHES, Label, Row, State
from sleepjerk.recording import Floats
from sleepjerk.spans import inside, outside, union

Words = NDArray[np.str_]
_WIDE = f"<U{max(len(label) for label in Label)}"
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


class SaidTimes(NamedTuple):
    """The sleep period as a person said it, None where nobody did, and (k, 2) spans awake and asleep, s, disjoint."""

    sleep_s: tuple[float, float] | None = None
    awake_s: Floats = np.empty((0, 2))
    asleep_s: Floats = np.empty((0, 2))

    def over(self, wake_s: Floats) -> Floats:
        """(m, 2) wake bouts, s, with what was said of them."""
        kept = outside(wake_s, self.asleep_s)
        return np.asarray(union(kept, self.awake_s) if len(self.awake_s) else kept)


def said_times(corrections: Iterable[Correction]) -> SaidTimes:
    """What counts of what was said of sleep; where awake and asleep were said of the same moment, awake."""
    spans: dict[Kind, list[tuple[float, float]]] = {kind: [] for kind in SPANS}
    for item in standing(corrections):
        if item.kind in SPANS and item.end_s is not None:
            spans[item.kind].append((item.onset_s, item.end_s))
    awake_s, asleep_s = (
        union(np.array(spans[kind], dtype=np.float64).reshape(-1, 2)) for kind in (Kind.AWAKE, Kind.ASLEEP)
    )
    return SaidTimes(next(iter(spans[Kind.SLEEP]), None), awake_s, outside(asleep_s, awake_s))


class Applied(NamedTuple):
    """(n,) labels after the corrections, (n,) what the detector had said where a person spoke, else "", and how many
    corrections found no event."""

    labels: Words
    detected: Words
    lost: int

    @property
    def by_person(self) -> NDArray[np.bool_]:
        """(n,) which events a person named."""
        return np.asarray(self.detected != "", dtype=bool)

    @property
    def in_no_series(self) -> NDArray[np.bool_]:
        """(n,) which of them a person took out of any series, by calling them something that stands alone."""
        alone = np.isin(self.labels, [*TWITCHES, Label.LIMB_MOVEMENT])
        return np.asarray(self.by_person & alone, dtype=bool)


def settle(onset_s: Floats, corrections: Sequence[Correction]) -> tuple[list[Correction], Floats]:
    """What counts, each movement that was missed brought to its event, and (m, 2) s: those that need an event of their
    own, the end NaN where it is unknown.

    Parameters
    ----------
    onset_s
        (n,) of what was detected, rising.
    """
    said = standing(corrections)
    taken = {_nearest(onset_s, item.onset_s, SAME_S) for item in said if item.kind is Kind.EVENT}
    settled, missed = [], []
    for item in said:
        if item.kind is Kind.ADDED:
            place = _nearest(onset_s, item.onset_s, NEAR_S, taken)
            taken.add(place)
            if place is None:
                missed.append((item.onset_s, math.nan if item.end_s is None else item.end_s))
                item = replace(item, kind=Kind.EVENT, detected=MISSED)
            else:
                item = replace(item, kind=Kind.EVENT, onset_s=float(onset_s[place]), end_s=None)
        settled.append(item)
    return settled, np.array(missed, dtype=np.float64).reshape(-1, 2)


def _nearest(onset_s: Floats, time_s: float, reach_s: float, taken: Iterable[int | None] = ()) -> int | None:
    """The row that begins nearest to a moment, within reach and not taken; None without one."""
    apart = np.abs(onset_s - time_s)
    apart[[row for row in taken if row is not None]] = math.inf
    place = int(np.argmin(apart)) if len(apart) else -1
    return place if place >= 0 and apart[place] <= reach_s else None


def apply_corrections(labels: Words, onset_s: Floats, corrections: Sequence[Correction]) -> Applied:
    """Put a person's labels in place of the detector's.

    Parameters
    ----------
    labels
        (n,), as the detector gave them; not changed.
    onset_s
        (n,), rising.
    corrections
        As `settle` gives them where movements were missed.
    """
    corrected, detected = labels.astype(_WIDE), np.full(len(labels), "", dtype=_WIDE)
    lost = 0
    for item in standing(corrections):
        if item.kind is Kind.EVENT:
            place = _nearest(onset_s, item.onset_s, SAME_S)
            if place is None:
                lost += 1
            else:
                corrected[place], detected[place] = Label(item.label), item.detected or labels[place]
    awake = inside(onset_s, said_times(corrections).awake_s)
    corrected[np.isin(corrected, TWITCHES) & awake] = Label.UNCLASSIFIED
    return Applied(corrected, detected, lost)


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


def follows(events: Sequence[Row], corrections: Sequence[Correction]) -> bool:
    """Whether the labels of events are what these corrections make of it, and no others are a person's."""
    detected, found = (np.array([row[name] for row in events], dtype=_WIDE) for name in ("detected", "label"))
    onset_s = np.array([row["onset_s"] for row in events], dtype=float)
    own = detected == MISSED
    settled, missed = settle(onset_s[~own], corrections)
    if len(missed) != own.sum() or not np.allclose(missed[:, 0], onset_s[own], rtol=0, atol=SAME_S):
        return False
    labels = np.where(detected == "", found, detected)
    applied = apply_corrections(np.where(own, str(Label.UNCLASSIFIED), labels), onset_s, settled)
    same = np.where(applied.by_person, found == applied.labels, True)
    return bool(same.all() and (applied.by_person == (detected != "")).all())
