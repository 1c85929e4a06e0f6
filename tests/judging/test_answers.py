"""What is asked, and what an answer may look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleepjerk.errors import InputError
from sleepjerk.judging.answers import answer, chosen, lists, parse, singles
from sleepjerk.judging.questions import BY_KEY, QUESTIONS
from sleepjerk.report.catalogue import Catalogue


def test_every_question_is_asked_once_and_no_other() -> None:
    asked = [question for _, group in lists({}) for question in group] + singles()
    assert sorted(question.key for question in asked) == sorted(BY_KEY)
    assert len(asked) == len(QUESTIONS)


def test_the_questions_of_the_morning_are_all_there() -> None:
    say = Catalogue()
    named = " | ".join(say.text(f"questions.{question.key}") for question in QUESTIONS)
    for word in (
        "pain",
        "numbness",
        "weakness",
        "stiffness",
        "by day",
        "urge to move the legs",
        "kicks",
        "snoring",
        "dream",
        "medicine",
        "coffee",
        "alcohol",
        "exercise",
        "stress",
        "woke you",
        "slept alone",
        "epilepsy",
        "kidney",
        "thyroid",
        "diabetes",
        "anaemia",
        "tongue",
        "convulsion",
    ):
        assert word in named


def test_what_was_answered_for_good_is_not_asked_again() -> None:
    asked = {question.key for _, group in lists({"kidney": True, "pain": True}) for question in group}
    assert "kidney" not in asked
    assert "pain" in asked


def test_a_list_is_answered_whole_or_not_at_all() -> None:
    questions = lists({})[0][1]
    keys = [question.key for question in questions]
    assert chosen("", questions) == dict.fromkeys(keys, False)
    assert chosen("0", questions) == chosen("", questions)
    assert chosen("s", questions) == {}
    assert chosen(" 1, 3 ", questions) == {key: place in (0, 2) for place, key in enumerate(keys)}
    for text in ("0 1", str(len(questions) + 1), "x", "1 x", "1.5", "-1", "٣"):
        with pytest.raises(InputError, match="expected numbers from"):
            chosen(text, questions)


@given(st.text())
def test_no_line_raises_anything_but_a_sentence(text: str) -> None:
    for question in QUESTIONS:
        try:
            found = answer(question, text)
        except InputError:
            continue
        if isinstance(found, int) and not isinstance(found, bool):
            assert question.low <= found <= question.high
        if isinstance(found, str):
            assert len(found) <= question.high


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("pain=yes", {"pain": True}),
        ("pain=N", {"pain": False}),
        ("pain=0", {"pain": False}),
        ("pain=", {"pain": None}),
        ("pain=Over", {"pain": "over"}),
        ("stress=10", {"stress": 10}),
        ("stress= 0 ", {"stress": 0}),
        ("note=a=b", {"note": "a=b"}),
        ("note=two\nlines\x1b[31m", {"note": "two lines [31m"}),
    ],
)
def test_an_answer_can_be_set_by_a_word(word: str, kept: dict[str, object]) -> None:
    assert parse([word]) == kept


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("pain", "set as key=value"),
        ("moon=full", "there is no such question; the keys are pain, numbness"),
        ("pain=perhaps", "must be yes or no, or over"),
        ("snoring=over", "must be yes or no$"),
        ("stress=11", "from 0 to 10"),
        ("stress=1.5", "from 0 to 10"),
        ("stress=１", "from 0 to 10"),
        ("note=" + "x" * 501, "at most 500 characters"),
    ],
)
def test_what_cant_be_set_is_one_sentence(word: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse(["pain=no", word])
