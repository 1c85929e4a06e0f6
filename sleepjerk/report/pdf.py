"""A page printed to PDF by a browser that is on this computer. Knows how browsers are called; must not know nights.

A browser prints what its window shows, so that PDF and page come from one source; a library that lays out HTML by
itself would be another 70 MB that look different.
"""

import json
import locale
import os
import re
import shutil
import subprocess
from pathlib import Path

from sleepjerk.atomic import scratch, write_whole
from sleepjerk.errors import InputError, why

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)
_PATIENCE_S = 60.0
_TIGHTER = ("tight-first", "tight-last", "tight-first tight-last")
_PAGE = re.compile(rb"/Type\s*/Page\b")  # as Chromium writes the object of a page, which is never compressed
# Where people print on Letter, as a locale names it (Unicode CLDR, measurement data: paper size US).
_LETTER = re.compile(
    r"_(BZ|CA|CL|CO|CR|GT|MX|NI|PA|PH|PR|SV|US|VE|Canada|Mexico|Philippines|United States)\b"
)


def own_paper() -> str:
    """The paper of this computer's country: "letter" or "a4"."""
    named = next((value for key in ("LC_ALL", "LC_PAPER", "LANG") if (value := os.environ.get(key))), None)
    return "letter" if _LETTER.search(named or locale.getlocale()[0] or "") else "a4"


def find_browser() -> str | None:
    """A browser that can print; None where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in _PLACES if Path(place).exists()), None)


def refuse_without_browser(path: Path) -> str:
    """The browser that will print this PDF.

    Raises
    ------
    InputError
        There is none.
    """
    browser = find_browser()
    if browser is None:
        raise InputError(
            f"{path}: a PDF is printed by Chromium, Chrome or Edge, and none was found; write an .html file and print "
            "it from your browser"
        )
    return browser


def print_pdf(page: str, path: Path, paper: str, footer: str, sheets: int | None = None) -> None:
    """Print a page, whole or not at all.

    Parameters
    ----------
    page
        HTML that loads nothing from outside.
    path
        The PDF to write.
    paper
        "a4" or "letter".
    footer
        What stands above the number of each page.
    sheets
        How many pages there may be before what paper can spare is left out of one or more of them: the classes of the
        page's style in `_TIGHTER`.

    Raises
    ------
    InputError
        There is no browser, or it doesn't print.
    """
    browser = refuse_without_browser(path)
    told = json.dumps(footer, ensure_ascii=False)
    foot = f'@page {{ size: {paper}; @bottom-right {{ content: {told} "\\A" counter(page) " / " counter(pages); }} }}'
    page = page.replace("</head>", f"<style>{foot}</style></head>", 1)
    with scratch() as folder:
        made = _printed(browser, page, folder, path)
        for tighter in _TIGHTER:
            if sheets is None or len(_PAGE.findall(made)) <= sheets:
                break
            made = _printed(browser, page.replace("<html ", f'<html class="{tighter}" ', 1), folder, path)
        write_whole(path, made)


def _printed(browser: str, page: str, folder: Path, path: Path) -> bytes:
    source, made = folder / "page.html", folder / "page.pdf"
    source.write_text(page, encoding="utf-8")
    flags = [*_FLAGS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to start for root with it
    try:
        done = subprocess.run(
            [browser, *flags, source.as_uri()],
            close_fds=False,  # the lock of the folder is its, too: it may outlive us, and still write there
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{path}: the browser {browser} did not print ({why(error)})") from error
    if done.returncode != 0 or not made.is_file():
        raise InputError(f"{path}: the browser {browser} did not print (exit code {done.returncode})")
    return made.read_bytes()
