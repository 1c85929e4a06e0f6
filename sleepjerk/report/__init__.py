"""The morning report: one night as one HTML file that loads nothing.

Knows the order: night -> words and pictures -> page -> file. Computes nothing but layout: every number comes
from the night.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.atomic import make_folder, refuse_file, write_whole
from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    from sleepjerk.judging.trend import Trend
    from sleepjerk.night.model import Night

_NOT_THERE = "can't write the page there", "choose another place"


def render_report(night: "Night", language: str = "en") -> str:
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


def write_report(night: "Night", path: Path | str, language: str = "en", paper: str | None = None) -> None:
    """Write the report whole or not at all, as .html (.htm), or as .pdf by a browser that is on this computer.

    Its folder is made where there is none.

    Parameters
    ----------
    paper
        "a4" or "letter", for a PDF; that of this computer's country when None.

    Raises
    ------
    InputError
        The name has another ending, there is no browser for a PDF, or nothing can be written there.
    """
    _write_page(Path(path), lambda: render_report(night, language), language, paper, sheets=2)


def write_trend(trend: "Trend", path: Path | str, language: str = "en", paper: str | None = None) -> None:
    """Write the page of many nights as `write_report` writes that of one."""
    from sleepjerk.report.page import render_trend

    _write_page(Path(path), lambda: render_trend(trend, language), language, paper)


def refuse_page(path: Path) -> None:
    """Say before anything is done that a page can't be written under this name.

    Raises
    ------
    InputError
        It has another ending, is a folder or lies in a file, or there is no browser for a PDF.
    """
    suffix = path.suffix.lower()
    if suffix not in (".html", ".htm", ".pdf") or path.is_dir():
        raise InputError(f"{path}: a page is one file: choose a name that ends in .html or .pdf")
    with refusing(path, *_NOT_THERE):
        refuse_file(path.parent)
    if suffix == ".pdf":
        from sleepjerk.report.pdf import refuse_without_browser

        refuse_without_browser(path)


def _write_page(
    path: Path, render: Callable[[], str], language: str, paper: str | None, sheets: int | None = None
) -> None:
    refuse_page(path)
    page = render()
    with refusing(path, *_NOT_THERE):
        make_folder(path.parent)
        if path.suffix.lower() != ".pdf":
            write_whole(path, page)
            return
        from sleepjerk.report.catalogue import Catalogue
        from sleepjerk.report.pdf import own_paper, print_pdf

        say = Catalogue(language)
        today = date.today()  # noqa: DTZ011 (as the person's own calendar has it)
        month = say.text("language.months").split()[today.month - 1]
        printed = say.text("paper.printed", day=str(today.day), month=month, year=str(today.year))
        print_pdf(page, path, paper or own_paper(), printed, sheets)
