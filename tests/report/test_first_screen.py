"""The first screen: easy to read, four questions answered, and never a word too much."""

import dataclasses
import html
import re

import pytest

from sleepjerk.judging.weeks import with_week
from sleepjerk.night.clock import Clock
from sleepjerk.night.model import Night
from sleepjerk.report import morning, render_report, week_words
from sleepjerk.report.catalogue import Catalogue, languages
from sleepjerk.report.words import badge, plain
from tests.report.made_nights import NIGHTS, demo, in_week
from tests.report.reading_level import flesch_kincaid, wiener_sachtextformel
from tests.support.made_weeks import judge
from tests.support.marks import a_few

READABLE = [name for name in NIGHTS if name != "hostile"]  # what files are called is not ours to say


def first_screen(night: Night, language: str = "en") -> str:
    say, clock = Catalogue(language), Clock.of(night.recording)
    sentences = (
        morning.headline(night, say),
        (badge(night, say),),
        *morning.answer(night, clock, say),
        *morning.about_night(night, clock, say),
        *morning.about_jerks(night, clock, say),
        *morning.compared(night, say),
        *morning.todo(night, say),
        *((text,) for text, _ in week_words.advice(say)),
    )
    return " ".join(text if text.endswith(".") else f"{text}." for text in map(plain, sentences))


def answer(night: Night, language: str = "en") -> str:
    say = Catalogue(language)
    said = (morning.headline(night, say), *morning.answer(night, Clock.of(night.recording), say))
    return " ".join(text if text.endswith(".") else f"{text}." for text in map(plain, said))


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
    assert flesch_kincaid(answer(NIGHTS[name]())) <= 7.0


@pytest.mark.parametrize("name", READABLE)
def test_the_first_screen_is_easy_in_german_too(name: str) -> None:
    assert wiener_sachtextformel(first_screen(NIGHTS[name](), "de")) <= 7.0
    assert wiener_sachtextformel(answer(NIGHTS[name](), "de")) <= 7.0


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", a_few(NIGHTS, of=3))
def test_each_question_has_an_answer_and_symptoms_come_with_each_night(name: str, language: str) -> None:
    night, say = NIGHTS[name](), Catalogue(language)
    clock = Clock.of(night.recording)
    assert morning.about_night(night, clock, say)
    assert morning.about_jerks(night, clock, say)
    assert bool(morning.compared(night, say)) is (night.week is not None)
    assert say.say("todo.symptoms") in morning.todo(night, say)
    assert say.say("todo.medicine") in morning.todo(night, say)
    assert badge(night, say)


def test_the_badge_speaks_of_missing_nights_only_where_nights_are_missing() -> None:
    say = Catalogue("en")
    assert "not enough nights yet" in badge(NIGHTS["grey_week"](), say)
    assert badge(NIGHTS["open_week"](), say) == "No verdict: too little of these nights could be judged"


def test_each_level_says_what_to_do() -> None:
    def said(name: str) -> str:
        night = NIGHTS[name]()
        return f"{badge(night, Catalogue('en'))} {answer(night)}"

    assert "No rule that could be judged was met on these nights, but others" in said("green_week")
    assert "discuss these nights at your next visit to a doctor" in said("amber_week")
    assert "record 3 more nights this week" in said("grey_week")
    assert "You answered yes to: pain in the part that jerks" in said("flagged")
    assert "call an ambulance at once" in said("flagged")
    assert "Record at least 5 nights in one week" in said("demo")
    assert "call an ambulance" not in said("amber_week")


def test_a_known_illness_is_sent_to_the_doctor_on_every_morning() -> None:
    def todo(said: dict[int, str]) -> str:
        night = in_week(". . . . . . .", said)
        return " ".join(plain(line) for line in morning.todo(night, Catalogue("en")))

    told = "You said you have: kidney disease. Tell your doctor about these jerks."
    assert told in todo({5: "kidney no:epilepsy"})
    assert "epilepsy; kidney disease" in todo({5: "kidney", 1: "epilepsy"})
    assert "thyroid disease; diabetes; anaemia" in todo({1: "thyroid diabetes anaemia"})
    assert "You said you have" not in todo({5: "no:kidney", 1: "cramps"})


@pytest.mark.parametrize("key", ["jerks_on_waking", "urge_to_move", "snoring"])
def test_an_answer_that_a_doctor_should_hear_leads_to_one_sentence(key: str) -> None:
    for language in languages():
        sentence = Catalogue(language).text(f"todo.{key}")
        for said, times in ((f"{key} cramps", 1), (f"no:{key}", 0)):
            page = render_report(in_week(". . . . . . .", {3: said}), language)
            assert html.unescape(page).count(sentence) == 2 * times  # on the screen and on paper


def test_a_short_convulsion_that_somebody_saw_names_the_ambulance_too() -> None:
    assert "call an ambulance at once" in answer(in_week(". . . . . . .", {2: "short_convulsion"}))


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (
            "f f f . . . . f f f . . . .",
            "On 3 nights many twitches came as you first fell asleep: Monday, Tuesday and",
        ),
        ("f f f . . . . f f f . . . .", "Jerks were frequent for 2 weeks in a row."),
        ("s w s . . . .", "On 2 nights several jerks were strong: Monday and Wednesday."),
        ("s w s . . . .", "On 1 night longer movement followed jerks more often than by chance: Tuesday."),
        (". p p . . . .", "On 2 nights many movements came in series: Tuesday and Wednesday."),
        (". d d . . . .", "On 2 nights there were very many faint twitches: Tuesday and Wednesday."),
    ],
)
def test_a_reason_of_amber_names_its_nights_and_no_rule(week: str, said: str) -> None:
    """The last of seven nights is Sunday's, 22 November 2026, so the first is Monday's."""
    night = in_week(week, {})
    assert night.verdict.level == "amber"
    assert said in answer(night)
    assert not re.search(r"\b[FIPRVW]\d\b|\brule\b", answer(night))


def test_mornings_of_bad_sleep_are_a_reason_of_their_own() -> None:
    night = in_week(". . . . . . .", {1: "slept_badly", 2: "slept_badly", 5: "slept_badly"})
    assert "On 3 mornings you said that jerks spoilt your sleep." in answer(night)


def test_strong_twitches_are_told_with_their_times() -> None:
    """By hand: the recording begins at 22:52:04."""
    night = demo()
    rows, onsets_s = [], [3600.0, 7236.0, 10000.0]
    for row in night.rows:
        strong = (
            {"peak_g": 1.4, "onset_s": onsets_s.pop(0)} if onsets_s and row["label"] == "sleep_twitch" else {}
        )
        rows.append(row | strong)
    made = dataclasses.replace(night, rows=tuple(rows))
    said = [plain(line) for line in morning.about_jerks(made, Clock.of(made.recording), Catalogue("en"))]
    assert "The strong ones came at 23:52, 00:52 and 01:38." in said


def _judged(name: str, met: bool | None, value: float) -> Night:
    """The full night with another finding for one criterion."""
    night = demo()
    lines = [
        dataclasses.replace(line, met=met, value=value) if line.id == name else line
        for line in night.verdict.criteria
    ]
    return dataclasses.replace(night, verdict=dataclasses.replace(night.verdict, criteria=tuple(lines)))


@pytest.mark.parametrize(
    ("night", "said"),
    [
        (demo(), "This night lies within them."),
        (_judged("F1", True, 6), "This night lies above them: 6 twitches as you first fell asleep."),
        (_judged("F2", True, 7.25), "This night lies above them: 7.2 an hour in quiet sleep."),
        (_judged("F2", False, 7.25), "Whether this night lies within them is unknown"),
        (_judged("F1", None, 0), "Whether this night lies within them is unknown"),
    ],
)
def test_a_night_is_held_against_limits_that_are_named(night: Night, said: str) -> None:
    assert "fewer than 5 twitches as you first fall asleep and fewer than 5 an hour in quiet sleep" in answer(
        night
    )
    assert "These limits are our own" in answer(night)
    assert said in answer(night)
    assert ("harmless" in answer(night)) is said.startswith("This night lies within")


SPEAKS_AGAINST = [
    *(("f f f . . . .", {}), ("s s s . . . .", {}), (". R . . . . .", {}), (". . . . . . .", {0: "pain"})),
    *(
        (". . . . . . .", {3: key})
        for key in ("slept_badly", "jerks_on_waking", "numbness", "epilepsy", "cramps")
    ),
]


@pytest.mark.parametrize("language", languages())
def test_jerks_are_called_common_only_where_nothing_speaks_against_it(language: str) -> None:
    common = Catalogue(language).text("usual.common")
    assert common in answer(in_week(". . . . . . .", {}, demo()), language)
    for week, said in SPEAKS_AGAINST:
        assert common not in answer(in_week(week, said, demo()), language), (week, said)
    for name in ("quiet", "no_sleep", "red", "many", "hidden", "flagged", "amber_week"):
        assert common not in answer(NIGHTS[name](), language), name


def test_a_page_is_brought_for_its_waves_only_where_it_has_some() -> None:
    for name, make in NIGHTS.items():
        said = Catalogue("en").say("todo.bring") in morning.todo(make(), Catalogue("en"))
        assert said is bool(make().strips), name


def test_shaking_of_another_night_is_told_with_its_date_and_not_as_tonight() -> None:
    night = NIGHTS["flagged"]()
    text = first_screen(night)
    assert "Strong shaking was recorded on the night of Thursday 19 November" in text
    assert not plain(morning.headline(night, Catalogue("en"))).startswith("Strong")


def test_a_frequent_week_is_not_called_clear() -> None:
    night = in_week(". . . . . . . f f f . . . .", {})
    assert night.verdict.level == "green"
    assert badge(night, Catalogue("en")) == "Frequent this week: if next week is like it, see a doctor"
    assert "No rule was met" not in first_screen(night)


def test_without_the_diary_its_questions_are_asked_for() -> None:
    assert "sleepjerk diary" in first_screen(NIGHTS["grey_week"]())
    assert "sleepjerk diary" not in first_screen(NIGHTS["green_week"]())


@pytest.mark.parametrize("name", READABLE)
def test_a_rate_never_stands_without_its_interval(name: str) -> None:
    text = first_screen(NIGHTS[name]())
    for found in re.findall(r"twitch(?:es)?: [\d.]+ an hour\.(.*?\.)", text):
        assert found.startswith(" If twitches come at random, this count fits a true rate of ")


@pytest.mark.parametrize(
    "said",
    [{3: "many_parts", 0: "no:many_parts"}, {20: "many_parts"}, {20: "many_parts", 0: "no:many_parts"}],
)
def test_wherever_a_page_tells_of_a_red_flag_it_says_yes(said: dict[int, str]) -> None:
    page = render_report(with_week(NIGHTS["demo"](), judge(". . . . . . .", said)))
    assert re.findall(r"<dt>jerks in many parts of the body</dt><dd><bdi>(\w+)", page) == ["yes"]
    assert "Red flags from the diary: jerks in many parts." in page  # on the first sheet of paper
    assert "Yes: jerks in many parts." in page  # and on the second
    assert "You answered yes to: jerks in many parts of the body" in page
