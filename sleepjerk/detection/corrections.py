"""What becomes of the events when a person puts something in place of what was found.

Knows labels, onsets and spans; must not know samples or files. An event is found again by its onset, so that a
correction outlives another analysis with changed rules; one that finds no event any more is told, never dropped in
silence. A movement that somebody saw is the one that was detected at that moment, where there is one, or one of unknown
strength. A moment said to be awake holds no twitch of sleep, whatever was said of its label.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sleepjerk.events import MISSED, TWITCHES, Label, Row
from sleepjerk.recording import Floats
from sleepjerk.said import NEAR_S, SAME_S, SPANS, Correction, Kind, standing
from sleepjerk.spans import inside, outside, union

Words = NDArray[np.str_]
_WIDE = f"<U{max(len(label) for label in Label)}"


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
