"""The morning report: one night as one HTML file that loads nothing.

Knows the order: night -> words and pictures -> page -> file. Computes nothing but layout: every number comes
from the night.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.atomic import write_whole
from sleepjerk.night.model import Night

if TYPE_CHECKING:
    from sleepjerk.judging.trend import Trend


def word_night(night: Night) -> Night:
    """The night with the English words of its messages, as `night.json` holds them."""
    from sleepjerk.report import english

    return english.word_night(night)


def render_report(night: Night, language: str = "en") -> str:
    """The whole page as text.

    Parameters
    ----------
    night
        An analysed night, whatever is missing in it.
    language
        The code of a language that there is a catalogue of.

    Returns
    -------
    str
        HTML without script or anything loaded from outside.
    """
    from sleepjerk.report.page import render_page  # here, so that importing sleepjerk.report needs no jinja2

    return render_page(night, language)


def write_report(night: Night, path: Path | str, language: str = "en") -> None:
    """Write the report whole or not at all."""
    write_whole(Path(path), render_report(night, language))


def write_trend(trend: "Trend", path: Path | str, language: str = "en") -> None:
    """Write the page of many nights whole or not at all."""
    from sleepjerk.report.page import render_trend

    write_whole(Path(path), render_trend(trend, language))
