"""The German report: as careful as the English one."""

import re

import pytest

from sleepjerk.claims import CLAIMS
from sleepjerk.questions import QUESTIONS
from sleepjerk.report import render_report
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.report.words import claim_text, limits, question
from sleepjerk.rules import SOURCES
from tests.report.made_nights import NIGHTS
from tests.report.test_page import Page

SAY = Catalogue("de")
BANNED = (
    *(r"\bnormal", r"\bharmlos", r"\bunbedenklich", r"\bgesund", r"alles (gut|in Ordnung)", r"keine Sorge"),
    *(r"kein Grund", r"beruhig", r"\bDiagnose", r"diagnostizier", r"\bAnfall", r"epilep", r"\bMagnesium"),
    *(r"\bungefährlich", r"medizinisch genau", r"\bgute Nacht\b"),
)


def judged(name: str) -> str:
    night = NIGHTS[name]()
    text = Page(render_report(night, "de")).text
    own = [
        SAY.text("limits.disclaimer"),
        *limits(night, SAY),
        *(question(item.key, SAY) for item in QUESTIONS),
    ]
    for part in (*own, *SOURCES.values(), *(part for claim in CLAIMS for part in claim_text(claim, SAY))):
        text = text.replace(re.sub(r"\s+", " ", part), " ")
    return text


@pytest.mark.parametrize("name", NIGHTS)
def test_what_is_never_said(name: str) -> None:
    text = judged(name)
    for banned in BANNED:
        assert not re.findall(f".{{0,40}}{banned}.{{0,40}}", text, re.I)


@pytest.mark.parametrize("name", [name for name in NIGHTS if name != "ankle"])
def test_on_the_wrist_nothing_is_called_plm(name: str) -> None:
    assert "PLM" not in judged(name)


@pytest.mark.parametrize("name", NIGHTS)
def test_symptoms_limits_and_disclaimer_are_on_every_page(name: str) -> None:
    night = NIGHTS[name]()
    text = Page(render_report(night, "de")).text
    for own in (SAY.text("todo.symptoms"), SAY.text("limits.disclaimer"), *limits(night, SAY)):
        assert own in text
