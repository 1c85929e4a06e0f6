"""The German page says no more than the English one: no reassurance, no diagnosis, no medicine, on any made night."""

import re
from functools import cache

import pytest

from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.night.model import Night
from sleepjerk.report import render_report, words
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.rules import SOURCES
from tests.report.made_nights import NIGHTS
from tests.report.test_page import Page
from tests.support.marks import a_few

SAY = Catalogue("de")

BANNED = (
    *(r"diagnos", r"anf[aä]ll", r"epilep", r"\bPLM", r"erkrank", r"krankhaft", r"\bleiden Sie"),
    *(r"\b(ab|a)?normal", r"harmlos", r"unbedenklich", r"ungefährlich", r"gesund(?!en Schl)", r"entwarn"),
    *(
        r"keine sorge",
        r"sorgen",
        r"alles gut",
        r"alles in ordnung",
        r"in ordnung",
        r"beruhig",
        r"kein(en)? grund",
    ),
    *(r"gute nacht", r"gut geschlafen", r"erholsam", r"unauffällig", r"\bgutartig", r"medizinisch genau"),
    *(r"magnesium", r"kalzium", r"melatonin", r"antidepressiv", r"nehmen Sie (?!diese Seite)"),
)
# What speaks of the article or of the program's limits may name a disease or a mineral, but may not soothe either.
SOOTHING = ("normal", "harmlos", "unbedenklich", "ungefährlich", "entwarn", "sorge", "ordnung", "gut geschl")


@cache
def night(name: str) -> Night:
    return NIGHTS[name]()


@cache
def text_of(name: str) -> str:
    """The visible German of a page: what other rooms name in English is marked so, and taken out."""
    page = render_report(night(name), "de")
    return Page(re.sub(r'<span lang="en">.*?</span>', " ", page, flags=re.S)).text


def _set_apart(name: str) -> list[str]:
    """The texts that name diseases because they must: limits, disclaimer, claims, questions and sources."""
    return [
        SAY.text("limits.disclaimer"),
        *words.limits(night(name), SAY),
        *(part for claim in CLAIMS for part in words.claim_text(claim, SAY)),
        *(words.question(question.key, SAY) for question in QUESTIONS),
        *SOURCES.values(),
        *([SAY.text("series.name_ankle")] if night(name).recording.placement.limb == "ankle" else []),
    ]


@pytest.mark.parametrize("name", a_few(NIGHTS, of=3))
def test_what_is_never_said_in_german(name: str) -> None:
    text = text_of(name)
    for own in _set_apart(name):
        text = text.replace(re.sub(r"\s+", " ", own), " ")
    for banned in BANNED:
        assert not re.findall(f".{{0,40}}{banned}.{{0,40}}", text, re.I), banned


def test_what_claims_limits_and_questions_never_say_either() -> None:
    text = " | ".join([*_set_apart("demo"), *_set_apart("ankle")])
    for banned in (*SOOTHING, "magnesium", "melatonin"):
        assert not re.findall(f".{{0,40}}{banned}.{{0,40}}", text, re.I), banned


@pytest.mark.parametrize("name", a_few(NIGHTS, of=3))
def test_limits_disclaimer_and_symptoms_are_on_every_german_page(name: str) -> None:
    text = text_of(name)
    for needed in (
        *words.limits(night(name), SAY),
        SAY.text("limits.disclaimer"),
        SAY.text("todo.symptoms"),
        SAY.text("todo.medicine"),
    ):
        assert needed in text
    assert "kein Medizinprodukt" in text
    assert "Schmerz, Taubheit, Kribbeln" in text


def test_the_banned_words_would_be_found() -> None:
    for said in (
        "Ihr Schlaf ist normal.",
        "ein Anfall",
        "Das ist gesund.",
        "Nehmen Sie Magnesium.",
        "Diagnose: PLM",
    ):
        assert any(re.search(banned, said, re.I) for banned in BANNED), said
    assert not any(re.search(banned, "18 von 100 gesunden Schläfern", re.I) for banned in BANNED)


@pytest.mark.parametrize("name", ["demo", "ankle"])
def test_a_sentence_fits_the_limb(name: str) -> None:
    text, ankle = text_of(name), name == "ankle"
    assert ("Ihr Bein zuckte" if ankle else "Ihr Arm zuckte") in text
    assert ("Winkel des Beins" if ankle else "Winkel des Arms") in render_report(night(name), "de")
    assert ("Fußgelenk" if ankle else "linkes Handgelenk") in text


def test_shaking_comes_first_and_names_the_emergency_call() -> None:
    text = text_of("red")
    assert text.index("starkes Schütteln im Takt gemessen") < text.index("Wie war die Nacht?")
    assert "Bitte zeigen Sie diese Seite bald einem Arzt" in text
    assert "sofort den Notruf wählen" in text
    assert "Notruf" not in text_of("demo")
    assert "sofort den Notruf wählen" in text_of("flagged")


def test_a_quiet_night_is_no_proof_in_german_either() -> None:
    text = text_of("quiet")
    assert "das beweist nicht, dass es keine gab" in text
    assert "Kein Urteil" in text
    assert "Das beweist nicht, dass da nichts ist." in text_of("green_week")
