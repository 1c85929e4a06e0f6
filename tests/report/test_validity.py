"""The pages as HTML: html-validate finds no error by its rules for validity."""

import json
import subprocess
from pathlib import Path

import pytest

from sleepjerk.report.catalogue import languages
from sleepjerk.report.page import render_trend
from tests.report.made_nights import NIGHTS, rendered
from tests.report.test_accessibility import from_npm
from tests.report.test_trend_page import trend
from tests.support.marks import a_few


def invalid(folder: Path) -> list[tuple[str, str]]:
    """What html-validate's rules for validity find in the pages of a folder: the rule, and what it says."""
    program = from_npm("html-validate@10.17.0", "bin/html-validate.mjs")
    config = folder / "rules.json"
    config.write_text(json.dumps({"root": True, "extends": ["html-validate:standard"]}), encoding="utf-8")
    with (folder / "found.json").open("w+", encoding="utf-8") as found:
        pages = sorted(folder.glob("*.html"))
        assert pages
        subprocess.run(
            ["node", program, "--config", config, "--formatter", "json", *pages], stdout=found, check=False
        )
        found.seek(0)
        return [
            (fault["ruleId"], fault["message"]) for page in json.load(found) for fault in page["messages"]
        ]


@pytest.mark.parametrize("part", a_few(range(8), of=8))
@pytest.mark.parametrize("language", a_few(languages(), of=2))
def test_every_page_is_valid_html(tmp_path: Path, language: str, part: int) -> None:
    for name in list(NIGHTS)[part::8]:
        (tmp_path / f"{name}.html").write_text(rendered(name, language), encoding="utf-8")
    (tmp_path / "trend.html").write_text(render_trend(trend(), language), encoding="utf-8")
    assert invalid(tmp_path) == []


@pytest.mark.slow
def test_invalid_html_would_be_found(tmp_path: Path) -> None:
    page = (
        rendered("quiet").replace("<figcaption", "<p><div></div></p><figcaption").replace("<h1>", "<h1><p>")
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert invalid(tmp_path)
