"""The morning report: one night as one HTML file that loads nothing.

Knows the order: night -> words and pictures -> page -> file. Computes nothing but layout: every number comes
from the night.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.atomic import write_whole
from sleepjerk.errors import InputError
from sleepjerk.night.model import Night

if TYPE_CHECKING:
    from sleepjerk.judging.trend import Trend


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
    """Write the report whole or not at all, as .html (.htm), or as .pdf by a browser that is on this computer.

    Raises
    ------
    InputError
        The name has another ending, or there is no browser for a PDF.
    """
    _write_page(Path(path), lambda: render_report(night, language))


def write_trend(trend: "Trend", path: Path | str, language: str = "en") -> None:
    """Write the page of many nights as `write_report` writes that of one."""
    from sleepjerk.report.page import render_trend

    _write_page(Path(path), lambda: render_trend(trend, language))


def _write_page(path: Path, render: Callable[[], str]) -> None:
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        from sleepjerk.report.pdf import print_pdf

        print_pdf(render(), path)
    elif suffix in (".html", ".htm"):
        write_whole(path, render())
    else:
        raise InputError(
            f"{path}: a report is an .html or a .pdf file: choose a name with one of these endings"
        )
