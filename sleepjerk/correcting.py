"""A person's word on a night, as it was typed -> corrections. Command line and page both speak here.

Knows the words of the options, and which event or time they mean. Must not know how a night is counted, nor files.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError
from sleepjerk.moments import Covered, mark_s

if TYPE_CHECKING:
    import pandas as pd

    from sleepjerk.night.model import Night
    from sleepjerk.recording import Recording
    from sleepjerk.said import Correction
    from sleepjerk.session import Judged, Session

Times = tuple[tuple[str, ...], ...]
_MOMENT = r"(?:\d{4}-\d\d-\d\dT|\+)?\d+(?::\d\d){0,2}(?:\.\d+)?s?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What was said at one moment; () and None where nothing was.

    Attributes
    ----------
    sleep, not_sleep, slept
        From and to, each as often as it was said: clock times or seconds.
    event
        The row of the table from 0, or the moment at which the movement begins.
    add, duration_s
        When a movement that was missed began, and how long it lasted.
    label, note
        What the movement was, and why.
    undo
        Take back what was said last, or what else is named here.
    undone
        When that was said which is to be taken back, whatever was said since.
    said_utc
        When it was said; the moment at which it is taken when None.
    """

    sleep: Times = ()
    not_sleep: Times = ()
    slept: Times = ()
    event: str | None = None
    add: str | None = None
    duration_s: float | None = None
    label: str | None = None
    note: str = ""
    undo: bool = False
    undone: str | None = None
    said_utc: str | None = None

    def spans(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The option, the kind and the times of each span."""
        said = {"--sleep": ("sleep", self.sleep), "--not-sleep": ("not_sleep", self.not_sleep)}
        said |= {"--slept": ("slept", self.slept)}
        return [(option, kind, times) for option, (kind, every) in said.items() for times in every]

    def refuse_unclear(self) -> None:
        """See that it says one thing.

        Raises
        ------
        InputError
            It doesn't, or not enough.
        """
        movements = [option for option in (self.event, self.add) if option is not None]
        times = self.spans()
        if self.undo:
            clear = len(movements) + len(times) <= 1 and not (self.label or self.note or self.duration_s)
        else:
            clear = (len(movements) == (self.label is not None)) and bool(movements or times)
            clear &= self.duration_s is None or self.add is not None
        if not clear or len(self.sleep) > 1:
            raise InputError(
                "say which event and what it was: --event N --label L; or --add T --label L, --sleep FROM TO, "
                "--not-sleep FROM TO, --slept FROM TO; or --undo alone or with one of these"
            )

    def refuse_times(self, covered: Covered) -> None:
        """See that its times lie in the night.

        Raises
        ------
        InputError
            One is no time, or lies outside.
        """
        for option, _, times in self.spans():
            _span(times, covered, option)
        if self.add is not None:
            self.added_s(covered)

    def added_s(self, covered: Covered) -> tuple[float, float | None]:
        """Begin and end, where that is known, of the movement that was missed."""
        (onset_s,) = _moments((str(self.add),), covered, "--add", begun=True)
        if self.duration_s is not None and not 0 < self.duration_s <= covered.lasts_s - onset_s:
            raise InputError(f"--duration {self.duration_s:g}: give seconds, up to the end of the recording")
        return onset_s, None if self.duration_s is None else onset_s + self.duration_s


def corrected(word: Word, night: "Night", covered: Covered, before: "list[Correction]") -> "list[Correction]":
    """What was said before and now.

    Parameters
    ----------
    night
        As it is counted now.
    before
        All that was said of it so far.

    Raises
    ------
    InputError
        The word names no event or time of this night, or no label.
    """
    from sleepjerk.said import undo

    if word.undone is not None:
        return undo(before, word.undone)
    row = None if word.event is None else _row(word.event, night, covered)
    if row is not None and night.limbs is not None:
        row = _part(row, row["wrist_onset_s"])
        if row is None:
            raise InputError(f"--event {word.event}: only the ankle moved; name it with sleepjerk correct")
    return _changed(word, row, night, covered, before)


def corrected_both(
    word: Word, night: "Night", covered: Covered, before: "list[Correction]", there: "list[Correction]"
) -> "tuple[list[Correction], list[Correction]]":
    """The same of a night of two boards: what was said of the wrist, and of the ankle.

    A movement of both is named in both recordings, and taken back in both; all else is said of the wrist.

    Parameters
    ----------
    there
        All that was said of the ankle's recording so far.

    Raises
    ------
    InputError
        As `corrected`.
    """
    from sleepjerk.said import now, standing, undo

    word = replace(word, said_utc=word.said_utc or now())
    if word.event is not None and night.limbs is not None:
        row = _row(word.event, night, covered)
        parts = [_part(row, row["wrist_onset_s"]), _part(row, row["ankle_onset_s"] - night.limbs.apart_s)]
        if word.undo:  # of what only one recording names the other keeps nothing
            named = [
                part is not None and _said_of(part, said)
                for part, said in zip(parts, (before, there), strict=True)
            ]
            parts = [
                part if name or not any(named) else None for part, name in zip(parts, named, strict=True)
            ]
        of_ankle = replace(word, sleep=(), not_sleep=(), slept=(), add=None)
        wrist = (
            _changed(word, parts[0], night, covered, before)
            if parts[0] is not None or not word.undo
            else before
        )
        return wrist, there if parts[1] is None else _changed(of_ankle, parts[1], night, covered, there)
    last = word.undone
    if word.undo and last is None and not (word.add or word.spans()):
        last = max((item.said_utc for item in standing([*before, *there])), default=None)
    if last is not None:
        return undo(before, last), undo(there, last)
    return _changed(word, None, night, covered, before), there


def _changed(
    word: Word, row: "pd.Series[Any] | None", night: "Night", covered: Covered, before: "list[Correction]"
) -> "list[Correction]":
    """What was said of one recording before and now; `row` is the movement that is meant, where one is."""
    from sleepjerk.said import now

    if word.undo:
        return _without(word, row, covered, before)
    said_utc = word.said_utc or now()
    if any(item.said_utc == said_utc for item in before):
        return before
    return _with(word, row, night, covered, before, said_utc)


def _part(row: "pd.Series[Any]", onset_s: float) -> "pd.Series[Any] | None":
    """What one limb did of a movement, on its own clock; None where it did nothing."""
    import pandas as pd

    # What that limb's own movement was called isn't told by the row of both.
    label = "" if row["limb"] == "both" else row["label"]
    return None if math.isnan(onset_s) else pd.Series({**row, "onset_s": onset_s, "label": label})


def correct(
    session: "Session",
    recording: "Recording",
    night: "Night",
    words: Iterable[Word],
    refuse: Callable[[Word, InputError], None],
) -> "Judged":
    """Judge a night with some words more, said one after the other, and keep them; of both limbs where it has both.

    Parameters
    ----------
    refuse
        Is told of each word that names nothing of this night; the others count.

    Raises
    ------
    InputError
        The recording isn't that of the night, or as `Session.correct`.
    """
    refuse_another(session.path, recording, night)
    said = session.corrections(night.input_sha256, night.recording.provenance.night)
    there = None
    if night.limbs is not None and session.other is not None:
        there = session.other.corrections(night.limbs.input_sha256, None)
    for word in words:
        try:
            if there is None:
                said = corrected(word, night, recording.covered, said)
            else:
                said, there = corrected_both(word, night, recording.covered, said, there)
        except InputError as error:
            refuse(word, error)
    return session.correct(recording, said, of_other=there)


def refuse_another(path: Path | str, recording: "Recording", night: "Night") -> None:
    """See that a night is one of this recording.

    Raises
    ------
    InputError
        It isn't, or the recording holds several.
    """
    if recording.provenance.night != night.recording.provenance.night:
        raise InputError(f"{path}: this recording holds several nights; say which with --night N")
    if recording.input_sha256 != night.input_sha256:
        raise InputError(f"{path}: the results beside it belong to another recording; analyse this one first")


def _with(
    word: Word,
    row: "pd.Series[Any] | None",
    night: "Night",
    covered: Covered,
    before: "list[Correction]",
    said_utc: str,
) -> "list[Correction]":
    from sleepjerk.events import Label
    from sleepjerk.said import SAME_S, SPANS, Correction, Kind

    if word.label is not None and word.label not in set(Label):
        raise InputError(f"--label {word.label}: the labels are {', '.join(Label)}")
    how: dict[str, Any] = {"said_utc": said_utc, "note": word.note[:500]}
    said = []
    for option, name, times in word.spans():
        (begin_s, end_s), kind = _span(times, covered, option), Kind(name)
        said.append(Correction(kind=kind, onset_s=begin_s, end_s=end_s, label=SPANS[kind], **how))
    if row is not None:
        said.append(_of_event(row, before, str(word.label), how))
    if word.add is not None:
        onset_s, end_of_it_s = word.added_s(covered)
        said.append(
            Correction(kind=Kind.ADDED, onset_s=onset_s, end_s=end_of_it_s, label=str(word.label), **how)
        )
        near = (night.events["onset_s"] - onset_s).abs() <= SAME_S
        if len(rows := night.events.index[near & (night.events["detected"] != "")]):
            place = rows[0] if night.limbs is None else night.limbs.wrist_rows[rows[0]]
            raise InputError(
                f"--add {word.add}: you have already named this movement; use --event {place} --label L"
            )
    return [*before, *_making_way(before, said), *said]


def _making_way(before: "list[Correction]", said: "list[Correction]") -> "list[Correction]":
    """Times awake that were said before, as they are left where asleep is said now: the last word holds."""
    import numpy as np

    from sleepjerk.said import Kind, standing
    from sleepjerk.spans import outside

    asleep_s = np.array([(item.onset_s, item.end_s) for item in said if item.kind is Kind.ASLEEP])
    left: list[Correction] = []
    for item in standing(before):
        whole = [[item.onset_s, item.end_s]]
        if item.kind is Kind.AWAKE and (pieces := outside(np.array(whole), asleep_s).tolist()) != whole:
            moved = replace(item, said_utc=said[0].said_utc)
            left += [replace(moved, onset_s=begin_s, end_s=end_s) for begin_s, end_s in pieces]
            if not any(map(item.same, left)):
                left.append(replace(moved, label=""))
    return left


def _moments(words: tuple[str, ...], covered: Covered, option: str, *, begun: bool = False) -> list[float]:
    """Seconds since the first sample of times; 23:10-06:40 is two."""
    both = re.fullmatch(f"({_MOMENT})[-–]({_MOMENT})", "".join(words))
    moments = []
    for text in both.groups() if both else words:
        moment = mark_s(text, covered, option, begun=begun)
        if moment is None:
            raise InputError(f"{option} {text}: this lies outside night {covered.night}")
        moments.append(moment)
    return moments


def _span(words: tuple[str, ...], covered: Covered, option: str) -> tuple[float, float]:
    moments = _moments(words, covered, option)
    if len(moments) != 2 or moments[0] >= moments[1]:
        raise InputError(
            f"{option} {' '.join(words)}: give two times, the second after the first: {option} 23:10 06:40"
        )
    return moments[0], moments[1]


def _row(text: str, night: "Night", covered: Covered) -> "pd.Series[Any]":
    """The event that a person means, by its row or by when it begins."""
    from sleepjerk.said import NEAR_S

    table = night.table
    count = len(table)
    if re.fullmatch(r"-?\d+", text):
        place = int(text)
        if not 0 <= place < count:
            raise InputError(f"--event {text}: the rows of this night are 0 to {count - 1}")
    else:
        (moment_s,) = _moments((text,), covered, "--event", begun=True)
        apart_s = (table["onset_s"] - moment_s).abs()
        place = int(apart_s.argmin()) if count else -1
        if place < 0 or apart_s[place] > NEAR_S:
            raise InputError(f"--event {text}: no movement was found there; add it with --add {text}")
    row: pd.Series[Any] = table.iloc[place]
    return row


def _said_of(row: "pd.Series[Any]", before: "list[Correction]") -> "Correction | None":
    """What stands of the movement in a row of the table; None where the detector named it."""
    from sleepjerk.said import NEAR_S, SAME_S, Kind, standing

    reach_s = {Kind.EVENT: SAME_S, Kind.ADDED: NEAR_S}
    apart_s = [(abs(item.onset_s - row["onset_s"]), item) for item in standing(before)]
    near = [(apart, item) for apart, item in apart_s if apart <= reach_s.get(item.kind, -1.0)]
    return min(near, key=lambda pair: pair[0])[1] if near and row["detected"] else None


def _of_event(
    row: "pd.Series[Any]", before: "list[Correction]", label: str, how: dict[str, Any]
) -> "Correction":
    from sleepjerk.said import Correction

    item = _said_of(row, before)
    if item is not None:
        return replace(item, label=label, **how)
    return Correction(onset_s=float(row["onset_s"]), label=label, detected=str(row["label"]), **how)


def _without(
    word: Word, row: "pd.Series[Any] | None", covered: Covered, before: "list[Correction]"
) -> "list[Correction]":
    """What is left when the last word, or the one that is named, is taken back."""
    from sleepjerk.said import NEAR_S, Kind, standing, taken_back, undo

    added = [("--add", Kind.ADDED, (word.add,))] if word.add else []
    if word.event is not None:
        item = None if row is None else _said_of(row, before)
        found, option = [] if item is None else [item], f"--event {word.event}"
    elif times := [*word.spans(), *added]:
        ((option, kind, words),) = times
        found = [item for item in standing(before) if item.kind == kind]
        for moment in _moments(words, covered, option)[:1]:
            found = [
                item
                for item in found
                if item.onset_s - NEAR_S <= moment <= (item.end_s or item.onset_s) + NEAR_S
            ]
            option = f"{option} {words[0]}"
    else:
        if not standing(before):
            raise InputError("nothing in this night was corrected, so there is nothing to take back")
        return undo(before)
    if len(found) != 1:
        why = "say which, as --list shows it" if len(found) > 1 else "this event or time was not corrected"
        raise InputError(f"--undo {option}: {why}")
    return taken_back(before, found[0])
