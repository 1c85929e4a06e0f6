"""The English words of a night, for `night.json` and whoever reads a night without a page. Knows the catalogue.

What already has words keeps them: a night that an older version wrote holds texts and no messages.
"""

from dataclasses import replace

from sleepjerk.night.model import Night
from sleepjerk.night.verdict import Verdict
from sleepjerk.report import words
from sleepjerk.report.catalogue import Catalogue


def word_night(night: Night) -> Night:
    """The night with its warnings, reasons, titles and notes in English."""
    say, sleep, week = Catalogue(), night.sleep, night.week
    if week is not None:
        week = replace(week, verdict=_worded(week.verdict, say))
    return replace(
        night,
        sleep=replace(sleep, method=sleep.method or words.method(night, say)),
        verdict=_worded(night.verdict, say),
        warnings=night.warnings or tuple(say.tell_all(night.messages, ())),
        week=week,
    )


def _worded(verdict: Verdict, say: Catalogue) -> Verdict:
    criteria = tuple(
        replace(line, title=line.title or words.title(line, say), note=line.note or words.note(line, say))
        for line in verdict.criteria
    )
    reasons = verdict.reasons or tuple(say.tell_all(verdict.messages, ()))
    return replace(verdict, criteria=criteria, reasons=reasons)
