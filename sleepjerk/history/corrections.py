"""Labels that a person put in place of the detector's, kept beside the night. Knows labels and onsets, no samples.

An event is found again by its onset, so that a correction outlives another analysis with changed rules; one that finds
no event any more is told, never dropped in silence.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sleepjerk.atomic import write_whole
from sleepjerk.errors import InputError
from sleepjerk.events import Label
from sleepjerk.recording import Floats

SCHEMA = 1
Words = NDArray[np.str_]
_WIDE = f"<U{max(len(label) for label in Label)}"
SAME_S = 0.05  # engineering choice: onsets move by less when rules change, and two events are never so close


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said of one event: its onset, the label in place of `detected`, when it was said, and a note."""

    onset_s: float
    label: str
    detected: str
    said_utc: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.label not in set(Label) or self.detected not in set(Label):
            raise ValueError(f"label {self.label!r} or {self.detected!r} is none of {', '.join(Label)}")


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
        alone = np.isin(self.labels, [Label.HYPNIC_JERK, Label.SLEEP_TWITCH, Label.LIMB_MOVEMENT])
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
    for item in corrections:
        place = int(np.argmin(np.abs(onset_s - item.onset_s))) if len(onset_s) else -1
        if place < 0 or abs(onset_s[place] - item.onset_s) > SAME_S:
            lost += 1
            continue
        corrected[place], detected[place] = Label(item.label), item.detected
    return Applied(corrected, detected, lost)


def correct(
    before: Sequence[Correction], onset_s: float, label: str, detected: str, note: str = ""
) -> list[Correction]:
    """The corrections with one more; of the same event the last one counts."""
    said = datetime.now(UTC).isoformat(timespec="seconds")
    fresh = Correction(onset_s=onset_s, label=label, detected=detected, said_utc=said, note=note)
    kept = without(before, onset_s)
    return sorted([*kept, fresh], key=lambda item: item.onset_s)


def without(before: Sequence[Correction], onset_s: float) -> list[Correction]:
    """The corrections of all other events."""
    return [item for item in before if abs(item.onset_s - onset_s) > SAME_S]


def lost_corrections(number: int) -> tuple[str, ...]:
    """The warning for corrections that found no event."""
    if number == 0:
        return ()
    many = "corrections match" if number > 1 else "correction matches"
    return (f"{number} {many} no movement any more: look at them with `sleepjerk correct --list`.",)


def corrections_path(stem: Path) -> Path:
    """The file beside the night."""
    return Path(f"{stem}.corrections.json")


def write_corrections(path: Path, input_sha256: str, corrections: Sequence[Correction]) -> None:
    """Write them whole or not at all; without any the file goes."""
    if not corrections:
        path.unlink(missing_ok=True)
        return
    document = {
        "schema": SCHEMA,
        "input_sha256": input_sha256,
        "corrections": [asdict(item) for item in corrections],
    }
    write_whole(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def read_corrections(path: Path, input_sha256: str) -> list[Correction]:
    """The corrections of one recording; none where there is no file.

    Raises
    ------
    InputError
        The file can't be read, is damaged, or belongs to another recording.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't read these corrections: {error}") from error
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise InputError(f"{path}: these corrections have schema {document['schema']!r}, not {SCHEMA}")
        belongs = document["input_sha256"]
        found = [Correction(**item) for item in document["corrections"]]
        for item in found:
            float(item.onset_s)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path}: these corrections are damaged ({error}); mend or delete the file"
        ) from error
    if belongs != input_sha256:
        raise InputError(f"{path}: these corrections belong to another recording; move or delete the file")
    return found
