"""Claims, grades and citations are complete; the page links them, and says no code and no verdict without ground."""

import dataclasses
import html
import re

import pytest

from sleepjerk.judging.claims import CLAIMS, VERDICTS
from sleepjerk.judging.criteria import CRITERIA, Kind, ids, is_of
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.messages import Message
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night
from sleepjerk.night.verdict import GRADES
from sleepjerk.report import morning, render_report, words
from sleepjerk.report.catalogue import Catalogue, languages, read_messages
from sleepjerk.rules import SOURCES, address_of, list_thresholds
from tests.report.made_nights import NIGHTS, rendered
from tests.support.marks import a_few

# Books and manuals, papers whose address is not known here, and what was read only where others quote it.
WITHOUT_ADDRESS = {
    *("AASM", "AASM n.d.", "ATS EFM", "Calandra-Buonaura 2014", "Coleman 1982", "Ferri 2006"),
    *("Harrison", "Hornyak 1998", "ICSD-3", "ILAE 2015", "Regensburg 2001", "Smith 2018", "Symonds 1953"),
    *("Trotti 2009", "UEA Epilepsy", "WHARF"),
}
CODE = re.compile(r"\b(?:[FIPRVW]\d|F2-high|PER|Q-\w+|A\d{1,2})\b")


def texts(language: str) -> dict[str, str]:
    return {
        f"{section}.{name}": " ".join(message.values()) if isinstance(message, dict) else message
        for section, named in read_messages(language).items()
        for name, message in named.items()
    }


def cited_in(text: str) -> set[str]:
    return {piece for piece, _ in words.cited(text) if piece in SOURCES}


def lines_of(name: str, *, met: dict[str, bool | None]) -> Night:
    """A green night whose rules came out so; all others were told and not met."""
    night = NIGHTS[name]()
    lines = tuple(
        dataclasses.replace(line, met=met.get(line.id, words.of_recording(line)))
        for line in night.verdict.criteria
    )
    return dataclasses.replace(night, verdict=dataclasses.replace(night.verdict, criteria=lines))


def test_each_claim_has_a_grade_and_a_citation_and_each_claim_that_is_named_exists() -> None:
    for claim in CLAIMS.values():
        assert claim.verdict in VERDICTS
        assert bool(claim.sources) is (claim.verdict != "silent")
        assert set(claim.sources) <= set(SOURCES)
    assert {row.claim for row in CRITERIA.values()} | {item.claim for item in QUESTIONS} <= set(CLAIMS)


def test_each_claim_that_a_criterion_serves_has_a_link() -> None:
    for claim in {row.claim for row in CRITERIA.values()}:
        assert any(map(address_of, CLAIMS[claim].sources)), claim


def test_each_criterion_has_a_grade_and_a_source() -> None:
    for line in (line for make in NIGHTS.values() for line in make().verdict.criteria):
        assert line.grade in GRADES
        assert cited_in(line.source) or line.source.startswith("engineering choice"), line.source
        assert cited_in(line.source) or line.grade == "choice", line.id


@pytest.mark.parametrize("language", languages())
def test_what_is_borrowed_says_from_what(language: str) -> None:
    borrowed = {row.id for row in CRITERIA.values() if row.grade == "borrowed"}
    assert set(read_messages(language)["borrowed"]) == borrowed
    assert {"W3", "Q-stiffness", "Q-many_parts"} <= borrowed


def test_each_source_is_used_and_has_an_address_where_one_is_known() -> None:
    named = [*(item.source for item in list_thresholds()), *(row.source for row in CRITERIA.values())]
    named += [*(item.source for item in QUESTIONS), *texts("en").values()]
    used = {short for text in named for short in cited_in(text)}
    used |= {short for claim in CLAIMS.values() for short in claim.sources}
    assert set(SOURCES) - used == set()
    assert {short for short in SOURCES if not address_of(short)} == WITHOUT_ADDRESS
    for short in SOURCES:
        assert re.fullmatch(r"(https://[\w.-]+/[\w./()-]+)?", address_of(short)), short


@pytest.mark.parametrize("language", languages())
def test_each_paper_that_a_sentence_names_is_a_source(language: str) -> None:
    for key, text in texts(language).items():
        for found in re.findall(r"(?:van )?[A-Z][\w-]+ (?:& [A-Z]\w+ )?(?:19|20)\d\d\b", text):
            assert found in SOURCES, key


@pytest.mark.parametrize("language", languages())
def test_the_page_links_claims_thresholds_and_sentences(language: str) -> None:
    page = rendered("amber_week", language)
    links = set(re.findall(r'<a href="(.*?)">(.*?)</a>', page))
    for short in {short for claim in CLAIMS.values() for short in claim.sources} | {
        "Ohayon 2016",
        "WASM 2016",
    }:
        if address_of(short):
            assert (html.escape(address_of(short)), html.escape(short)) in links
    for short in ("Smith 2018", "AASM 2025", "Trotti 2009"):
        assert f"<dt>{short}</dt>" in page


@pytest.mark.parametrize("language", languages())
def test_no_code_of_a_rule_or_claim_stands_in_a_sentence(language: str) -> None:
    told = {key: text for key, text in texts(language).items() if CODE.search(text)}
    assert told == {}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", [name for name in NIGHTS if name != "hostile"])
def test_codes_stand_in_the_tables_for_a_doctor_alone(name: str, language: str) -> None:
    page = rendered(name, language)
    for piece in re.findall(r"<(?:h\d|caption|summary)\b.*?</(?:h\d|caption|summary)>", page, re.S):
        assert not CODE.search(piece), piece
    lay = re.sub(r"<style>.*?</style>", "", page.split('id="doctor"')[0], flags=re.S)
    assert not CODE.search(re.sub(r"<[^>]+>", " ", lay))


@pytest.mark.parametrize("language", languages())
def test_claims_on_causes_and_cures_are_graded_as_the_evidence_is(language: str) -> None:
    known = texts(language)
    assert (CLAIMS["A17"].verdict, CLAIMS["A18"].verdict) == ("partly", "mixed")
    assert "AASM 2025" in CLAIMS["A17"].sources
    assert re.search(r"ferritin and transferrin|Ferritin und Transferrin", known["known.A17"])
    assert re.search(r"unstudied|niemand untersucht", known["known.A18"])


# No rule was met.


@pytest.mark.parametrize("language", a_few(languages(), of=2))
def test_no_rule_was_met_is_said_only_where_each_could_be_told_and_none_was(language: str) -> None:
    say = Catalogue(language)
    findings = [name for name in CRITERIA if not is_of(name, Kind.VALIDITY) and name != "W1"]
    shown = (findings[0], "W2")  # of the others the badge alone: a page shows it as it is
    clear = lines_of("green_week", met={})
    assert words.badge(clear, say) == say.text("badge.green")
    assert say.say("todo.green") in morning.answer(clear, Clock.of(clear.recording), say)
    for name in findings:
        for met, key in ((True, "green_met"), (None, "green_open")):
            night = lines_of("green_week", met={name: met})
            if met and name == "W2":  # a frequent week has words of its own
                key = "green_frequent"
            assert words.badge(night, say) == say.text(f"badge.{key}"), name
            if name in shown:
                assert say.text("badge.green") not in html.unescape(render_report(night, language))


def test_a_recording_that_is_not_good_enough_is_no_rule_that_was_met() -> None:
    assert words.green(lines_of("green_week", met={"V4": None, "V1": False})) == "green"


# Good enough.


@pytest.mark.parametrize("language", languages())
def test_whether_a_recording_is_good_enough_is_told_apart_from_what_was_found(language: str) -> None:
    say, names = Catalogue(language), ids(kind=Kind.VALIDITY)
    for lacking, key in (({}, "good"), ({"V1": False}, "not_good"), ({"V6": None}, "not_good")):
        page = render_report(lines_of("green_week", met=lacking), language)
        table = re.findall(r'<table class="stack criteria condition">.*?</table>', page, re.S)
        heading = say.text(f"doctor.{key}", n=str(len(names) - len(lacking)), all=str(len(names)))
        assert f"<caption>{heading}</caption>" in table[0]
        assert set(re.findall(r"\((\w\d)\)</span></th>", table[0])) == set(names)
        assert "●" not in table[0]
        assert "○" not in table[0]


def test_a_reason_says_what_was_lacking_in_words() -> None:
    night, say = lines_of("green_week", met={"V1": False}), Catalogue()
    reasons = map(words.plain, morning.answer(night, Clock.of(night.recording), say))
    assert any(line.startswith("This night does not count. Hours of sleep analysed: ") for line in reasons)
    old = Message.of("because.flag", questions="pain", id="Q-pain")
    assert Catalogue().tell(old) == "You answered yes to: pain in the part that jerks."
