"""A night in its week: judged with what the diary knows, and the diary after it.

Knows what is read before a night is judged, and what follows when its results are on disk. Must not know where results
lie or how they are made. A night is judged with its week exactly when the diary knows this very night or is to keep it,
or when its results hold a week already; any other night stands alone. A simulated night is of no week, and in no diary.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.night.model import Night
    from sleepjerk.night.verdict import NightLine
    from sleepjerk.rules import Rules


def night_before(stem: Path, night: "Night") -> "Night | None":
    """What an earlier analysis of the same night left there; None when nothing that can be read.

    Raises
    ------
    InputError
        A newer version left it there: to write over that would lose what only it knows.
    """
    from sleepjerk.night.document import NewerNightError, read_night

    try:
        before = read_night(Path(f"{stem}.night.json"))
    except NewerNightError:
        raise
    except InputError:
        return None
    same = (before.input_sha256, before.recording.provenance.night) == (
        night.input_sha256,
        night.recording.provenance.night,
    )
    return before if same else None


def in_its_week(night: "Night", before: "Night | None", diary: Path | None, *, keep: bool = False) -> "Night":
    """Judge the week that a night ends, where anybody knows that week, and give the night its English words.

    Parameters
    ----------
    before
        The same night, as it was judged before; what another version wrote in it is kept.
    diary
        The diary to look into; None for none.
    keep
        The night will be put there (`follow_in_diary`); one without a date never is.

    Raises
    ------
    InputError
        The diary can't be used, or is somebody else's.
    """
    from sleepjerk.judging.weeks import carry_on, judge_week, with_week
    from sleepjerk.report.english import word_night

    if before is not None:
        night = replace(night, unknown=before.unknown)
    line, rules = _line(night)
    if line is None:
        return word_night(night)
    if diary is not None and (keep or diary.exists()):
        from sleepjerk.history.database import History

        with History(diary) as history:
            lines = history.nights(line.limb)
            others = [one for one in lines if one.input_sha256 != line.input_sha256]
            if keep:
                history.refuse_another(night.recording.placement.subject)
            if keep or len(others) < len(lines):
                week = judge_week([*others, line], history.mornings(), line.night, rules)
                apart = history.nights("wrist" if line.limb == "ankle" else "ankle")
                dates = {one.night for one in apart if week.first <= one.night <= week.last}
                night = _doubting(night, len(history.doubts))
                return word_night(with_week(night, replace(week, others=len(dates))))
    if before is None or before.week is None:
        return word_night(night)
    return word_night(with_week(night, carry_on(before.week, line, rules)))


def _doubting(night: "Night", doubts: int) -> "Night":
    """Say on the night itself that its week was judged from a diary that is damaged."""
    from sleepjerk.messages import Message

    key = "warning.diary"
    kept = tuple(message for message in night.messages if message.key != key)
    return replace(night, messages=(*kept, Message.of(key, n=doubts)) if doubts else kept)


def follow_in_diary(night: "Night", diary: Path | None, *, keep: bool = False) -> None:
    """Let the diary hold a night as its results do; for when these are on disk.

    Parameters
    ----------
    diary
        None for none. What it holds of this night follows it, but for other rules.
    keep
        Put the night there also where it isn't known yet.
    """
    from sleepjerk.history.database import History
    from sleepjerk.rules import Rules

    line, _ = _line(night)
    if line is None or diary is None or not (keep or diary.exists()):
        return
    with History(diary) as history:
        lines = history.nights(line.limb)
        kept = next((one for one in lines if one.input_sha256 == line.input_sha256), None)
        if kept is not None and not keep:
            line = replace(line, name=kept.name)  # a copy by another name is the same night
        ours = kept is not None and line.settings_sha256 in (kept.settings_sha256, Rules().sha256())
        if keep or (ours and kept != line):
            history.keep_night(line, night.recording.placement.subject)


def _line(night: "Night") -> "tuple[NightLine | None, Rules]":
    """A night in one line, None where its date is unknown or nobody slept it, and the rules it is judged by."""
    from sleepjerk.judging.weeks import line_of, night_date
    from sleepjerk.rules import changed_rules

    rules = changed_rules(night.options.get("rules", {}), "rules")
    evening = None if night.recording.provenance.simulated else night_date(night)
    return None if evening is None else line_of(night, evening, rules), rules
