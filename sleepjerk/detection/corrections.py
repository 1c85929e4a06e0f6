"""Labels that a person puts in place of the detector's. Knows labels and onsets; must not know samples or files.

An event is found again by its onset, so that a correction outlives another analysis with changed rules; one that finds
no event any more is told, never dropped in silence. Of what was said of one event the newest counts, also that it was
taken back.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.events import TWITCHES, Label
from sleepjerk.recording import Floats

Words = NDArray[np.str_]
_WIDE = f"<U{max(len(label) for label in Label)}"
SAME_S = 0.05  # plain: two events are never so close, and onsets move by less when rules change


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said of one event: its onset, the label in place of `detected`, when it was said, and a note.

    The label "" takes back what was said before. `newer` is what a newer version wrote of it, by name.
    """

    onset_s: float
    label: str
    detected: str
    said_utc: str
    note: str = ""
    newer: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.label not in {"", *Label} or self.detected not in set(Label):
            raise ValueError(f"label {self.label!r} or {self.detected!r} is none of {', '.join(Label)}")
        if not math.isfinite(self.onset_s) or not isinstance(self.said_utc + self.note, str):
            raise ValueError(f"onset_s {self.onset_s} is no time")


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


def apply_corrections(labels: Words, onset_s: Floats, corrections: Sequence[Correction]) -> Applied:
    """Put a person's labels in place of the detector's.

    Parameters
    ----------
    labels
        (n,), as the detector gave them; not changed.
    onset_s
        (n,), rising.
    """
    corrected = labels.astype(_WIDE)
    detected = np.full(len(labels), "", dtype=_WIDE)
    lost = 0
    for item in standing(corrections):
        place = int(np.argmin(np.abs(onset_s - item.onset_s))) if len(onset_s) else -1
        if place < 0 or abs(onset_s[place] - item.onset_s) > SAME_S:
            lost += 1
            continue
        corrected[place], detected[place] = Label(item.label), item.detected
    return Applied(corrected, detected, lost)


def correct(
    before: Sequence[Correction], onset_s: float, label: str, detected: str, note: str = ""
) -> list[Correction]:
    """The corrections with one more; of the same event the last one counts, and the label "" takes it back."""
    said = datetime.now(UTC).isoformat(timespec="microseconds")
    fresh = Correction(onset_s=onset_s, label=label, detected=detected, said_utc=said, note=note)
    others = [item for item in before if item not in of_event(before, onset_s)]
    return sorted([*others, fresh], key=lambda item: item.onset_s)


def of_event(corrections: Iterable[Correction], onset_s: float) -> list[Correction]:
    """Those of one event."""
    return [item for item in corrections if abs(item.onset_s - onset_s) <= SAME_S]


def standing(corrections: Iterable[Correction]) -> list[Correction]:
    """Those that were not taken back."""
    return [item for item in corrections if item.label]


def newest(corrections: Iterable[Correction]) -> list[Correction]:
    """Of each event what was said last; at the same moment what comes first here."""
    kept: list[Correction] = []
    for item in sorted(corrections, key=lambda item: item.said_utc, reverse=True):
        if not of_event(kept, item.onset_s):
            kept.append(item)
    return sorted(kept, key=lambda item: item.onset_s)


def follows(events: pd.DataFrame, corrections: Sequence[Correction]) -> bool:
    """Whether the labels of a table are what these corrections make of it, and no others are a person's."""
    detected = events["detected"].to_numpy(str)
    labels = np.where(detected == "", events["label"].to_numpy(str), detected)
    applied = apply_corrections(labels, events["onset_s"].to_numpy(float), corrections)
    same = np.where(applied.by_person, events["label"].to_numpy(str) == applied.labels, True)
    return bool(same.all() and ((applied.detected != "") == (detected != "")).all())
