"""The first screen: easy to read, four questions answered, and never a word too much."""

import re

import pytest

from sleepjerk.judging.criteria import Decides, ids
from sleepjerk.judging.weeks import with_week
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night
from sleepjerk.report import morning, render_report
from sleepjerk.report.catalogue import Catalogue, languages
from sleepjerk.report.words import badge, plain
from tests.report.made_nights import NIGHTS, in_week
from tests.report.reading_level import flesch_kincaid, wiener_sachtextformel
from tests.support.made_weeks import judge
from tests.support.marks import a_few

READABLE = [name for name in NIGHTS if name != "hostile"]  # what files are called is not ours to say


def first_screen(night: Night, language: str = "en") -> str:
    say, clock = Catalogue(language), Clock.of(night.recording)
    sentences = (
        morning.headline(night, say),
        *morning.reasons(night, say),
        *morning.about_night(night, clock, say),
        *morning.about_jerks(night, clock, say),
        *morning.compared(night, say),
        *morning.todo(night, say),
    )
    return " ".join(text if text.endswith(".") else f"{text}." for text in map(plain, sentences))


def test_the_formulas_give_what_their_authors_print() -> None:
    # Six words of one syllable in one sentence: 0.39 * 6 + 11.8 - 15.59.
    assert flesch_kincaid("The cat sat on the mat.") == pytest.approx(-1.45)
    # Four words in two sentences, 1 + 1 + 4 + 1 syllables.
    assert flesch_kincaid("She ran. Information came.") == pytest.approx(0.39 * 2 + 11.8 * 7 / 4 - 15.59)
    # No word has three syllables or seven letters, all six have one: -3.27 - 0.875 + 0.1672 * 6.
    assert wiener_sachtextformel("Der Hund lief in das Haus.") == pytest.approx(-3.1418)


@pytest.mark.parametrize("name", READABLE)
def test_the_first_screen_reads_like_the_seventh_grade_or_easier(name: str) -> None:
    assert flesch_kincaid(first_screen(NIGHTS[name]())) <= 7.0


@pytest.mark.parametrize("name", READABLE)
def test_the_first_screen_is_easy_in_german_too(name: str) -> None:
    assert wiener_sachtextformel(first_screen(NIGHTS[name](), "de")) <= 9.0


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", a_few(NIGHTS, of=3))
def test_each_question_has_an_answer_and_symptoms_come_with_each_night(name: str, language: str) -> None:
    night, say = NIGHTS[name](), Catalogue(language)
    clock = Clock.of(night.recording)
    assert morning.about_night(night, clock, say)
    assert morning.about_jerks(night, clock, say)
    assert morning.compared(night, say)
    assert say.say("todo.symptoms") in morning.todo(night, say)
    assert say.say("todo.medicine") in morning.todo(night, say)
    assert badge(night, say)


def test_the_badge_speaks_of_missing_nights_only_where_nights_are_missing() -> None:
    say = Catalogue("en")
    assert "not enough nights yet" in badge(NIGHTS["grey_week"](), say)
    assert badge(NIGHTS["open_week"](), say) == "No verdict: too little of these nights could be judged"


def test_each_level_says_what_to_do() -> None:
    def todo(name: str) -> str:
        return " ".join(plain(line) for line in morning.todo(NIGHTS[name](), Catalogue("en")))

    assert "No rule that could be judged was met by these nights, but others" in todo("green_week")
    assert (
        "Take this page to your next visit to a doctor, because jerks were frequent for weeks in a row"
        in todo("amber_week")
    )
    assert "record 3 more nights this week" in todo("grey_week")
    assert "You answered yes: pain in the part that jerks" in todo("flagged")
    assert "call an ambulance at once" in todo("flagged")
    assert "Record at least 5 nights of one week" in todo("demo")
    assert "call an ambulance" not in todo("amber_week")


def test_a_known_kidney_disease_or_epilepsy_is_sent_to_the_doctor_on_every_morning() -> None:
    def todo(said: dict[int, str]) -> str:
        night = in_week(". . . . . . .", said)
        return " ".join(plain(line) for line in morning.todo(night, Catalogue("en")))

    told = "You said: a kidney disease is known. Tell your doctor about these jerks."
    assert told in todo({5: "kidney no:epilepsy"})
    assert "epilepsy is known" in todo({5: "kidney", 1: "epilepsy"})
    assert "You said:" not in todo({5: "no:kidney", 1: "thyroid diabetes anaemia"})


def test_each_reason_of_amber_has_its_own_words_in_the_middle_of_a_sentence() -> None:
    for name in ids(decides=Decides.AMBER):
        assert not Catalogue("en").text(f"why.{name}")[0].isupper()
        assert Catalogue("de").text(f"why.{name}")


def test_a_page_is_brought_for_its_waves_only_where_it_has_some() -> None:
    for name, make in NIGHTS.items():
        said = Catalogue("en").say("todo.bring") in morning.todo(make(), Catalogue("en"))
        assert said is bool(make().strips), name


def test_shaking_of_another_night_is_told_with_its_date_and_not_as_tonight() -> None:
    night = NIGHTS["flagged"]()
    text = first_screen(night)
    assert "Strong shaking was recorded in the night of 2026-11-19" in text
    assert not plain(morning.headline(night, Catalogue("en"))).startswith("Strong")


def test_a_frequent_week_is_not_called_clear() -> None:
    night = in_week(". . . . . . . f f f . . . .", {})
    assert night.verdict.level == "green"
    assert badge(night, Catalogue("en")) == "Frequent this week: a second such week counts"
    assert "No rule was met" not in first_screen(night)


def test_without_the_diary_its_questions_are_asked_for() -> None:
    assert "sleepjerk diary" in first_screen(NIGHTS["grey_week"]())
    assert "sleepjerk diary" not in first_screen(NIGHTS["green_week"]())


@pytest.mark.parametrize("name", READABLE)
def test_a_rate_never_stands_without_its_interval(name: str) -> None:
    text = first_screen(NIGHTS[name]())
    for found in re.findall(r"[\d.]+ an hour[^.]*", text):
        assert "by chance the true rate may be anywhere from" in found or f": {found}" in text


@pytest.mark.parametrize(
    "said",
    [{3: "many_parts", 0: "no:many_parts"}, {20: "many_parts"}, {20: "many_parts", 0: "no:many_parts"}],
)
def test_wherever_a_page_tells_of_a_red_flag_it_says_yes(said: dict[int, str]) -> None:
    page = render_report(with_week(NIGHTS["demo"](), judge(". . . . . . .", said)))
    assert re.findall(r"<dt>jerks in many parts of the body</dt><dd><bdi>(\w+)", page) == ["yes"]
    assert page.count("Yes: jerks in many parts.") == 2  # on both sheets of paper
    assert "You answered yes: jerks in many parts of the body" in page
