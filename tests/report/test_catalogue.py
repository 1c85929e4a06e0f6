"""The languages: the same messages with the same places in each, and no word of the page left in another."""

import re
from string import Formatter
from typing import Any

import pytest

from sleepjerk.errors import InputError
from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.report import render_report
from sleepjerk.report.catalogue import Catalogue, Number, languages, read_messages
from tests.report.made_nights import NIGHTS
from tests.support.marks import a_few

OTHERS = [language for language in languages() if language != "en"]
# What other rooms name in English, and a language names itself.
OWN = ("criteria", "questions", "claim", "known", "units")


def messages(language: str) -> dict[str, Any]:
    return {
        f"{section}.{name}": message
        for section, named in read_messages(language).items()
        for name, message in named.items()
    }


def places(message: Any) -> list[set[str]]:
    forms = message.values() if isinstance(message, dict) else [message]
    return [{place for _, place, _, _ in Formatter().parse(form) if place is not None} for form in forms]


def test_there_is_english_and_at_least_one_other() -> None:
    assert "en" in languages()
    assert OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_message_of_english_and_no_other(language: str) -> None:
    own = {key for key in messages(language) if key.split(".")[0] not in OWN}
    assert own == set(messages("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_each_message_fills_the_same_places(language: str) -> None:
    theirs = messages(language)
    for key, message in messages("en").items():
        assert isinstance(theirs[key], type(message)), key
        for form in places(theirs[key]):
            assert form <= set.union(*places(message)), key
        assert set.union(*places(theirs[key])) == set.union(*places(message)), key


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_names_every_rule_question_claim_and_unit(language: str) -> None:
    own = messages(language)
    for name, make in NIGHTS.items():
        for line in make().verdict.criteria:
            if not line.id.startswith("Q-"):
                assert f"criteria.{line.id}" in own, name
            if line.unit in ("twitches", "nights", "weeks", "months"):
                assert f"units.{line.unit}" in own
    assert {f"questions.{question.key}" for question in QUESTIONS} <= set(own)
    assert {f"{kind}.{claim.id}" for claim in CLAIMS for kind in ("claim", "known")} <= set(own)


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_was_left_in_english(language: str) -> None:
    same = {
        key
        for key, message in messages("en").items()
        if isinstance(message, str)
        and len(re.findall(r"\w{2,}", re.sub(r"{\w+}", "", message))) > 3
        and messages(language)[key] == message
    }
    assert same == set()


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", a_few(NIGHTS, of=3))
def test_every_night_has_its_page_in_every_language(name: str, language: str) -> None:
    page = render_report(NIGHTS[name](), language)
    assert f'<html lang="{language}">' in page
    assert "<script" not in page


@pytest.mark.parametrize("language", OTHERS)
def test_texts_of_the_night_are_marked_as_english(language: str) -> None:
    page = render_report(NIGHTS["demo"](), language)
    assert re.search(r'<span lang="en">looked at from \d+ min before', page)


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
