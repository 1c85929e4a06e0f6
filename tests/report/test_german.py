"""The German page says no more than the English one: no reassurance, no diagnosis, no medicine, on any made night."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser

import pytest

from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.night.document import flat
from sleepjerk.night.model import Night
from sleepjerk.report import words
from sleepjerk.report.catalogue import Catalogue, read_messages
from sleepjerk.report.page import render_trend
from sleepjerk.rules import SOURCES
from tests.report.made_nights import NIGHTS, rendered
from tests.report.test_page import Page, said_of
from tests.report.test_trend_page import trend
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


def night(name: str) -> Night:
    return NIGHTS[name]()


@cache
def text_of(name: str) -> str:
    """The visible German of a page."""
    return Page(rendered(name, "de")).text


def _set_apart(name: str) -> list[str]:
    """The texts that name diseases because they must: limits, disclaimer, claims, questions and sources."""
    return [
        SAY.text("limits.disclaimer"),
        *words.limits(night(name), SAY),
        *(SAY.text(f"{section}.{claim}") for claim in CLAIMS for section in ("claim", "known")),
        *(words.question(question.key, SAY) for question in QUESTIONS),
        *SOURCES.values(),
        *([SAY.text("series.name_ankle")] if night(name).recording.placement.limb == "ankle" else []),
    ]


@pytest.mark.parametrize("name", a_few(NIGHTS, of=3))
def test_what_is_never_said_in_german(name: str) -> None:
    text = text_of(name)
    for own in (SAY.text("usual.common"), *_set_apart(name)):
        text = text.replace(re.sub(r"\s+", " ", own), " ")
    assert said_of(BANNED, text) == []


def test_what_claims_limits_and_questions_never_say_either() -> None:
    text = " | ".join([*_set_apart("demo"), *_set_apart("ankle")])
    assert said_of((*SOOTHING, "magnesium", "melatonin"), text) == []


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
    assert "Schmerzen, Taubheit, Kribbeln" in text


def test_the_banned_words_would_be_found() -> None:
    for said in (
        "Ihr Schlaf ist normal.",
        "ein Anfall",
        "Das ist gesund.",
        "Nehmen Sie Magnesium.",
        "Diagnose: PLM",
    ):
        assert said_of(BANNED, said)
    assert said_of(BANNED, "18 von 100 gesunden Schläfern") == []


@pytest.mark.parametrize("name", ["demo", "ankle"])
def test_a_sentence_fits_the_limb(name: str) -> None:
    text, ankle = text_of(name), name == "ankle"
    assert ("Ihr Bein zuckte" if ankle else "Ihr Arm zuckte") in text
    assert ("Winkel des Beins" if ankle else "Winkel des Arms") in rendered(name, "de")
    assert ("Fußgelenk" if ankle else "linkes Handgelenk") in text


def test_shaking_comes_first_and_names_the_emergency_call() -> None:
    text = text_of("red")
    assert text.index("starkes Schütteln im Takt gemessen") < text.index("Wie viele Zuckungen?")
    assert "Bitte zeigen Sie diese Seite bald einem Arzt" in text
    assert "sofort den Notruf wählen" in text
    assert "Notruf" not in text_of("demo")
    assert "sofort den Notruf wählen" in text_of("flagged")


def test_a_quiet_night_is_no_proof_in_german_either() -> None:
    text = text_of("quiet")
    assert "das beweist nicht, dass es keine gab" in text
    assert "Kein Urteil" in text
    assert "Das beweist nicht, dass da nichts ist." in text_of("green_week")


# No English is left.


class Passages(HTMLParser):
    """Everything of a page that a person sees or hears: texts, those of pictures too, and labels."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(re.sub(r"<style>.*?</style>", "", page, flags=re.S))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for key, value in attrs if key in ("aria-label", "data-name", "title") and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


# A year behind names, a standard, an abbreviation, a command: what no language translates.
_CITED = re.compile(
    r"sleepjerk [a-z]+|(van )?[A-Z][a-z]+(-[A-Z][a-z]+)?( & [A-Z][a-z]+)? \d{4}|\b[A-Z][A-Z0-9-]+\b"
)


def wordings(page: str, names: tuple[str | None, ...] = ()) -> Iterator[str]:
    """The passages of two or more words, without citations and names, cut where a sentence can be cut."""
    whole = [*SOURCES.values(), *filter(None, names)]
    for text in Passages(page).found:
        for name in whole:
            text = text.replace(name, "")
        for part in re.split(r"[;:,.()\n]", _CITED.sub("", text)):
            if len(re.findall(r"[^\W\d]{2,}", part)) > 1:
                yield " ".join(part.split())


def left_in_english(name: str, page: Callable[[str, str], str] = rendered) -> set[str]:
    made = night(name)
    known = flat(made.recording)
    names = tuple(known[key] for key in ("name", "sensor", "board", "subject"))
    english, german = (set(wordings(page(name, language), names)) for language in ("en", "de"))
    return english & german


# "hostile" is left out: its texts are no words of ours.
@pytest.mark.parametrize("name", a_few([name for name in NIGHTS if name != "hostile"], of=3))
def test_the_german_page_of_a_night_holds_no_english_passage(name: str) -> None:
    assert left_in_english(name) == set()


def test_the_german_page_of_many_nights_holds_no_english_passage() -> None:
    english, german = (set(wordings(render_trend(trend(), language))) for language in ("en", "de"))
    assert english & german == set()
    assert len(german) > 30


def test_an_english_passage_on_a_german_page_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(read_messages("de")["note"], "no_sleep", read_messages("en")["note"]["no_sleep"])
    assert left_in_english("no_sleep", rendered.__wrapped__) == {"no sleep period was found"}
