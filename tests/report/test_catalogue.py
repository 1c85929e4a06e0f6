"""The languages: the same messages with the same places in each, each of them used, and none wanted that is missing."""

import ast
import dataclasses
import html
import json
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

import pytest

import sleepjerk
from sleepjerk.errors import InputError
from sleepjerk.events import Label, State
from sleepjerk.judging.claims import CLAIMS, VERDICTS
from sleepjerk.judging.criteria import ANSWERED, CRITERIA
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.messages import Message
from sleepjerk.night.document import read_night, to_document, write_night
from sleepjerk.night.rates import STRENGTHS
from sleepjerk.night.verdict import GRADES
from sleepjerk.report import render_report
from sleepjerk.report.catalogue import Catalogue, Number, languages, read_messages
from sleepjerk.report.english import word_night
from sleepjerk.rules import SOURCES, CriteriaRules, WeekRules
from tests.report.made_nights import NIGHTS, rendered
from tests.support.marks import a_few

PACKAGE = Path(sleepjerk.__file__).parent
OTHERS = [language for language in languages() if language != "en"]
IDS = {
    *(*CRITERIA, *CLAIMS, *VERDICTS, *STRENGTHS, *GRADES, *(str(label) for label in Label)),
    *(*(question.key for question in QUESTIONS), *(str(state) for state in State)),
}


APP = "sleepjerk.app"


def messages(language: str) -> dict[str, Any]:
    return {
        f"{section}.{name}": message
        for section, named in (read_messages(language) | read_messages(language, APP)).items()
        for name, message in named.items()
    }


def places(message: Any) -> list[set[str]]:
    forms = message.values() if isinstance(message, dict) else [message]
    return [{place for _, place, _, _ in Formatter().parse(form) if place is not None} for form in forms]


def test_the_local_page_speaks_the_languages_of_the_report_beside_its_words() -> None:
    assert languages(APP) == languages()
    assert not read_messages("en", APP).keys() & read_messages("en").keys()


def test_there_is_english_and_at_least_one_other() -> None:
    assert "en" in languages()
    assert OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_message_of_english_and_no_other(language: str) -> None:
    own = {key for key in messages(language) if not key.startswith("source.")}
    assert own == set(messages("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_each_message_fills_the_same_places(language: str) -> None:
    theirs = messages(language)
    for key, message in messages("en").items():
        for form in places(theirs[key]):
            assert form <= set.union(*places(message)), key
        assert set.union(*places(theirs[key])) == set.union(*places(message)), key


@pytest.mark.parametrize("language", languages())
def test_a_language_names_every_criterion_question_claim_and_unit(language: str) -> None:
    own = messages(language)
    assert {f"criteria.{name}" for name in CRITERIA if name not in ANSWERED} <= set(own)
    assert {f"questions.{question.key}" for question in QUESTIONS} <= set(own)
    assert {f"{kind}.{claim}" for claim in CLAIMS for kind in ("claim", "known", "use")} <= set(own)
    groups = (CriteriaRules, WeekRules)
    units = {item.name: item.metadata["unit"] for group in groups for item in dataclasses.fields(group)}
    named = {question.unit for question in QUESTIONS} | {
        units.get(row.field, "") for row in CRITERIA.values()
    }
    assert {f"units.{unit}" for unit in named if len(unit) > 3 and unit not in ("share", "/min")} <= set(own)


@pytest.mark.parametrize("language", OTHERS)
def test_a_source_that_is_no_citation_is_worded_in_each_language(language: str) -> None:
    groups = {False: CriteriaRules, True: WeekRules}
    for name, row in CRITERIA.items():
        sources = {item.name: item.metadata["source"] for item in dataclasses.fields(groups[row.of_weeks])}
        source = row.source or sources[row.field]
        cited = all(part in SOURCES for part in source.split("; "))
        assert (f"source.{name}" in messages(language)) is not cited, source


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_was_left_in_english(language: str) -> None:
    same = {
        key
        for key, message in messages("en").items()
        if isinstance(message, str)
        and len(re.findall(r"[^\W\d_]{2,}", re.sub(r"{[^}]+}", "", message))) > 1
        and messages(language)[key] == message
    }
    assert same == {"head.title", "series.rules"} & same


# Code and words fit each other.


class Said(NamedTuple):
    """What a source file says: the first arguments of messages, with their values, and every text in it."""

    keys: list[tuple[str, set[str] | None]]
    patterns: list[str]
    sections: set[str]
    texts: set[str]


def _pattern(node: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in node.values
    )


def _said_by(path: Path, told: Said) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            told.texts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            told.patterns.append(_pattern(node))
        elif isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [part.value for part in ast.walk(first) if isinstance(part, ast.Constant)]
            named = {word.arg for word in node.keywords if word.arg}
            exact = named if called in ("of", "say") and all(word.arg for word in node.keywords) else None
            if called == "name":
                told.sections.update(map(str, texts))
            elif called in ("say", "text", "count", "of", "Message") and not isinstance(first, ast.JoinedStr):
                told.keys.extend(
                    (text, exact) for text in texts if re.fullmatch(r"[a-z_]+\.[\w-]+", str(text))
                )


@cache
def said() -> Said:
    """All that the program's sources say."""
    told = Said([], [], {"units"}, set(IDS))
    for path in sorted(PACKAGE.rglob("*.py")):
        _said_by(path, told)
    for path in sorted((*PACKAGE.glob("report/*.html"), *PACKAGE.glob("app/templates/*.html"))):
        text = path.read_text(encoding="utf-8")
        told.texts.update(re.findall(r'"([\w.-]+)"', text))
        told.patterns.extend(f"{re.escape(found)}(.+)" for found in re.findall(r'"([a-z_.]+)" ~', text))
        told.sections.update(re.findall(r'\.name\("(\w+)"', text))
        found = re.findall(r'say\.(?:say|text|count)\("([\w.]+)"(?! ~)', text)
        told.keys.extend((key, None) for key in found)
    return told


def test_each_key_that_the_code_names_has_its_words_and_fills_their_places() -> None:
    known, told = messages("en"), said().keys
    assert len(told) > 250
    for key, named in told:
        assert key in known, key
        if named is not None:
            assert set.union(*places(known[key])) <= named, key


def test_each_message_is_used() -> None:
    known, told = messages("en"), said()
    filled = {place for message in known.values() for form in places(message) for place in form}

    def used(key: str) -> bool:
        section, _, name = key.partition(".")
        key = key.removesuffix("_open")  # as in `weeks`, where some nights can't be told
        if key in told.texts or (section in told.sections | filled and name in told.texts):
            return True
        found = (re.fullmatch(pattern, key) for pattern in told.patterns if pattern[0] != "(")
        return any(match and set(match.groups()) <= told.texts for match in found)

    assert [key for key in known if not used(key)] == []


@pytest.mark.parametrize("language", languages())
def test_every_message_of_every_night_can_be_told(language: str) -> None:
    say, heard = Catalogue(language), set()
    for make in NIGHTS.values():
        night = make()
        week = () if night.week is None else night.week.verdict.criteria
        notes = [item for line in (*night.verdict.criteria, *week) for item in line.messages]
        for message in (*night.messages, *night.verdict.messages, *notes):
            assert say.tell(message), message
            heard.add(message.key)
    assert len(heard) > 60


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", a_few(NIGHTS, of=6))
def test_every_night_has_its_page_in_every_language(name: str, language: str) -> None:
    page = rendered(name, language)
    assert f'<html lang="{language}">' in page
    assert "<script" not in page


@pytest.mark.parametrize("language", languages())
def test_a_night_of_an_older_version_shows_its_english_texts(language: str, tmp_path: Path) -> None:
    document = to_document(word_night(NIGHTS["doubtful"]()))
    for part in (document, document["verdict"], *document["verdict"]["criteria"]):
        del part["messages"]
    del document["sleep"]["message"]
    (tmp_path / "old.night.json").write_text(json.dumps(document), encoding="utf-8")
    page = html.unescape(render_report(read_night(tmp_path / "old.night.json"), language))
    page = re.sub(r"</?a\b[^>]*>", "", page)  # a note may cite
    for text in (*document["warnings"], *(line["note"] for line in document["verdict"]["criteria"])):
        assert text
        assert text in page


@pytest.mark.parametrize(
    "message",
    [
        Message("warning.of_a_later_version", {"n": 1}),
        Message("warning.gaps", {"n": 2}),
        Message("warning.gaps", {"n": 2, "missing": "long"}),
        Message("warning.gaps"),
        Message("nothing"),
        Message("warning"),
    ],
)
def test_a_message_that_has_no_fitting_words_leaves_the_text_of_the_file(message: Message) -> None:
    night = dataclasses.replace(NIGHTS["quiet"](), messages=(message,), warnings=("As it was told.",))
    assert "As it was told." in render_report(night, "de")


def test_a_night_is_the_same_in_english_made_now_or_from_its_file(tmp_path: Path) -> None:
    night = word_night(NIGHTS["amber_week"]())
    write_night(night, tmp_path / "night.json")
    again = read_night(tmp_path / "night.json")
    assert to_document(word_night(again)) == to_document(again) == to_document(night)
    assert all(line.title and line.note for line in night.verdict.criteria)
    assert night.warnings
    assert night.verdict.reasons


def test_an_id_in_a_message_is_named_in_its_language_and_numbers_have_their_sign() -> None:
    message = Message.of("warning.respiratory", low=25.0, high=45.0, limb="wrist")
    assert "the wrist can't tell" in str(Catalogue("en").tell(message))
    assert "Am Handgelenk" in str(Catalogue("de").tell(message))
    gone = Message.of("warning.off_body", hours=1.25)
    assert Catalogue("en").tell(gone) == "The sensor seems to have been off the body for 1.2 h."
    assert "1,2 h" in str(Catalogue("de").tell(gone))


def test_one_gap_is_one_gap() -> None:
    one, two = (Message.of("warning.gaps", n=n, missing=41.2) for n in (1, 2))
    assert str(Catalogue("en").tell(one)).startswith("The recording has 1 gap of 41 s:")
    assert str(Catalogue("en").tell(two)).startswith("The recording has 2 gaps, 41 s in all:")


def test_numbers_bear_the_sign_of_the_language() -> None:
    assert Catalogue("en").decimal(3.14159, 2) == "3.14"
    assert Catalogue("de").decimal(3.14159, 2) == "3,14"


def test_a_sentence_keeps_its_numbers_exact() -> None:
    said = Catalogue("en").say("series.index", index=Number(0.7123, "0.71"))
    assert [part for part in said if isinstance(part, Number)] == [Number(0.7123, "0.71")]


def test_one_and_many_differ() -> None:
    say = Catalogue("en")
    assert say.count("jerks.jerk", 1)[-1] == " jerk"
    assert say.count("jerks.jerk", 0)[-1] == " jerks"


def test_an_unknown_language_is_one_sentence() -> None:
    with pytest.raises(InputError, match="no report in 'tlh'; the languages are de, en"):
        Catalogue("tlh")


def test_an_unknown_message_is_an_error_and_no_empty_text() -> None:
    with pytest.raises(KeyError, match=r"jerks\.nothing_like_it"):
        Catalogue("en").say("jerks.nothing_like_it")
