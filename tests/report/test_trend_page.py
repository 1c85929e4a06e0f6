"""`sleepjerk trend`: the page of many nights, what it says of ties, and what the command refuses."""

import dataclasses
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.history.database import History
from sleepjerk.judging.trend import Trend, make_trend
from sleepjerk.night.document import write_night
from sleepjerk.report import trend_words, words
from sleepjerk.report.catalogue import Catalogue, languages
from sleepjerk.report.nights import draw_hours
from sleepjerk.report.page import render_trend
from sleepjerk.report.pictures import WIDE
from tests.report.chromium import Browser
from tests.report.made_nights import START, demo
from tests.report.reading_level import flesch_kincaid, wiener_sachtextformel
from tests.report.test_accessibility import axe, violations
from tests.report.test_browser import CUT, OUTSIDE
from tests.report.test_page import BANNED, Page, said_of
from tests.support.made_weeks import LAST, line, lines, mornings
from tests.support.marks import a_few


def trend(nights: int = 30) -> Trend:
    made = [
        dataclasses.replace(
            line(
                "f" if back % 6 == 0 else "x" if back % 11 == 5 else ".",
                LAST - timedelta(days=back),
                back % 9,
            ),
            per_h=(back % 9) / 3 + (back * 5 % 9) / 4,
            per_h_low=(back % 9) / 8,
            per_h_high=(back % 9) / 3 + 0.4,
        )
        for back in range(nights)
        if back != 8
    ]
    said = {
        str(LAST - timedelta(days=back)): {"stress": back % 9, "caffeine": (back * 7) % 4, "alcohol": 0}
        for back in range(nights)
    }
    return make_trend(made, said)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("nights", [1, 2, 10, 30, 90])
def test_the_page_is_whole_and_runs_nothing(nights: int, language: str) -> None:
    made = Page(render_trend(trend(nights), language))
    assert made.unbalanced == []
    assert not {"script", "img", "a", "link", "iframe"} & {tag for tag, _ in made.elements}
    ids = [attrs["id"] for _, attrs in made.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_one_night_has_no_spread() -> None:
    text = Page(render_trend(trend(1))).text
    assert "One night counts so far; its twitches: 0." in text
    assert "as far as stillness shows, at 23:10." in text
    assert "Half of the nights" not in text


def test_what_is_never_said() -> None:
    text = Page(render_trend(trend())).text.replace("it makes no diagnosis", "")
    causes = (r"\bcause[sd]\b", r"\bbecause of stress", r"\beffect\b", r"\bimprov", r"\bworse")
    assert said_of((*BANNED, *causes), text) == []


def test_ties_are_worded_as_going_together_with_interval_and_warning() -> None:
    text = Page(render_trend(trend())).text
    assert re.search(
        r"More twitches went together with more stress yesterday: 0\.\d\d \(0\.\d\d to \d\.\d\d\), \d\d nights",
        text,
    )
    assert "need not cause each other" in text
    assert "one in twenty looks like a link by chance" in text
    assert "alcoholic drinks yesterday: too few different answers" in text
    assert "needs 14 nights with both; there are 8" in Page(render_trend(trend(10))).text


def test_months_are_calendars_under_their_weekdays_the_last_one_first() -> None:
    text = render_trend(trend(30))  # 2026-10-24, a Saturday, to 2026-11-22, a Sunday
    assert [*re.findall(r"<h3>(.*?)</h3>", text)] == ["November 2026", "October 2026"]
    november, october = re.findall(
        r"<details class=\"screen\"(?: open)?><summary><h3>.*?</details>", text, re.S
    )
    for month, first, days in ((november, "Sun 1 Nov", 22), (october, "Sat 24 Oct", 8)):
        shown = re.findall(r'<span class="day">(\w{3}) <span class="muted">(\d+ \w{3})', month)
        assert len(shown) == days
        assert " ".join(shown[0]) == first
        assert f"start-{6 if month is october else 7}" in month
    assert re.search(r"14 Nov</span></span>.*?not recorded", november, re.S)


@pytest.mark.parametrize("language", languages())
def test_the_limits_and_the_symptoms_stand_on_it(language: str) -> None:
    say, text = Catalogue(language), Page(render_trend(trend(), language)).text
    for sentence in (
        *words.limits_of("wrist", say, ("one_limb", "unseen")),
        say.text("todo.symptoms"),
        say.text("todo.medicine"),
    ):
        assert sentence in text


def test_each_number_shown_stands_in_the_trend() -> None:
    document = json.dumps(dataclasses.asdict(trend()))
    known = {float(value) for value in re.findall(r"-?\d+(?:\.\d+)?", document)}
    shown = [attrs["value"] for tag, attrs in Page(render_trend(trend())).elements if tag == "data"]
    assert len(shown) > 50
    assert [value for value in shown if float(str(value)) not in known | {29.0}] == []


def test_a_bar_begins_where_sleep_began_and_ends_where_it_ended() -> None:
    nights = [
        dataclasses.replace(night, asleep=asleep, awake=awake)
        for night, asleep, awake in zip(
            lines(". . x ."),
            ("22:00", "01:00", "23:30", None),
            ("04:00", "07:00", "05:30", None),
            strict=True,
        )
    ]
    drawn = draw_hours(nights, WIDE, Catalogue())
    bars = re.findall(
        r'<rect class="(bar|mark-hollow)" x="[\d.]+" y="([\d.]+)" width="5" height="([\d.]+)"', drawn
    )
    assert [kind for kind, _, _ in bars] == ["bar", "bar", "mark-hollow"]  # of the last no time is known
    tops, heights = ([float(bar[place]) for bar in bars] for place in (1, 2))
    assert heights == pytest.approx([heights[0]] * 3, abs=0.15)  # each slept six hours
    assert (tops[1] - tops[0]) / heights[0] == pytest.approx(
        0.5, abs=0.01
    )  # three hours later is half of that lower
    assert (tops[2] - tops[0]) / heights[0] == pytest.approx(0.25, abs=0.01)
    assert re.findall(r">(\d\d:00)<", drawn) == ["21:00", "00:00", "03:00", "06:00", "09:00"]


WEEKS = {
    "grey": (". . .", {}, "record 2 more nights this week"),
    "green": (". . . . . . .", {0: "tired"}, "No rule that could be judged was met"),
    "green_met": (". . s . . . .", {0: "tired"}, "Some rules were met on these nights"),
    "frequent": (". . . . . . . f f f . . . .", {}, "If the next week is like it, see a doctor"),
    "amber": ("f f f . . . . f f f . . . .", {}, "Talk about these nights at your next visit"),
    "red": ("f f f . . . . f f f . . . .", {0: "pain"}, "You answered yes to: pain in the part that jerks"),
    "shaking": (". . R . . . .", {}, "Strong shaking was recorded on the night of Wednesday 18 November"),
    "convulsion": (". . . . . . .", {1: "convulsion"}, "call an ambulance at once"),
}


def answer_of(name: str, language: str = "en") -> str:
    words_, said, _ = WEEKS[name]
    made = make_trend(lines(words_), mornings(said))
    told = trend_words.answer(made, Catalogue(language))
    return " ".join(words.plain(sentence) for sentence in told)


@pytest.mark.parametrize("name", WEEKS)
def test_the_answer_says_why_and_what_to_do(name: str) -> None:
    text = answer_of(name)
    assert WEEKS[name][2] in text
    assert ("On 3 nights many twitches came as you first fell asleep" in text) is (
        name in ("frequent", "amber", "red")
    )
    assert ("If the next week is like it" in text) is (
        name == "frequent"
    )  # weeks in a row have gone on already
    assert ("Jerks were frequent for 2 weeks in a row." in text) is (name in ("amber", "red"))


@pytest.mark.parametrize("name", WEEKS)
def test_the_answer_is_easy_to_read(name: str) -> None:
    assert flesch_kincaid(answer_of(name)) <= 7.0
    assert wiener_sachtextformel(answer_of(name, "de")) <= 9.0


@pytest.mark.parametrize("language", languages())
def test_no_date_of_a_page_is_a_row_of_digits(language: str) -> None:
    assert not re.search(r"\b\d{4}-\d\d-\d\d|\b\d\d-\d\d\b", Page(render_trend(trend(), language)).text)


@pytest.mark.browser
def test_three_months_are_no_endless_page_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "trend.html"
    page.write_text(render_trend(trend(91), "de"), encoding="utf-8")
    browser.open(page, width=360)
    assert browser.evaluate("document.documentElement.scrollHeight") < 8000


@pytest.mark.browser
@pytest.mark.parametrize("width", a_few([360, 768, 1280], of=3))
def test_it_fits_and_is_silent_and_accessible(browser: Browser, tmp_path: Path, width: int) -> None:
    page = tmp_path / "trend.html"
    page.write_text(render_trend(trend(60)), encoding="utf-8")
    for dark in (False, True):
        browser.open(page, width=width, dark=dark)
        assert browser.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        assert browser.evaluate(OUTSIDE) == []
        assert browser.messages() == []
        assert browser.evaluate("performance.getEntriesByType('resource').length") == 0
        assert browser.evaluate(CUT) == []
    assert violations(browser, axe()) == "[]"


# The command.


def test_the_diary_s_nights_become_a_page_and_a_line_a_week(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with History(home / "diary.sqlite") as history:
        for night in lines("f f f . . . . f f f . . . ."):
            history.keep_night(night)
    page = tmp_path / "t.html"
    assert main(["trend", "--out", str(page)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[1].split() == ["2026-11-22", "7", "3", "amber"]
    assert out[-1] == str(page)
    assert main(["trend", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weeks"][0]["level"] == "amber"


def test_a_folder_of_nights_needs_no_diary(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for back in range(3):
        night = demo(recording={"start": (START - timedelta(days=back)).isoformat()})
        write_night(dataclasses.replace(night, input_sha256=f"{back:064d}"), tmp_path / f"{back}.night.json")
    (tmp_path / "torn.night.json").write_text("{")
    assert main(["trend", str(tmp_path)]) == 0
    done = capsys.readouterr()
    assert "left out" in done.err
    assert "3 nights are kept" in Page((tmp_path / "sleepjerk-trend.html").read_text(encoding="utf-8")).text
    assert not home.exists()


def test_wrist_and_ankle_stand_apart(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    legs = [dataclasses.replace(night, limb="ankle", twitches=40) for night in lines(". . .")]
    with History(home / "diary.sqlite") as history:
        for night in legs:
            history.keep_night(night)
    assert main(["trend", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["limb"] == "ankle"  # there is no other
    with History(home / "diary.sqlite") as history:
        for night in lines(". . . . ."):
            history.keep_night(dataclasses.replace(night, input_sha256="b" + night.input_sha256[1:]))
    assert main(["trend", "--out", str(tmp_path / "t.html")]) == 0
    told = "3 nights recorded on the ankle are kept too, and shown separately: sleepjerk trend --limb ankle."
    assert told in capsys.readouterr().out
    text = Page((tmp_path / "t.html").read_text(encoding="utf-8")).text
    assert told in text
    assert "40" not in text
    assert main(["trend", "--json", "--limb", "ankle"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (len(found["nights"]), found["others"]) == (3, 5)


def test_nights_of_several_people_are_no_trend(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Ann", "Bob"):
        write_night(demo(recording={"subject": name}), tmp_path / f"{name}.night.json")
    assert main(["trend", str(tmp_path)]) == 2
    assert "several people" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "no night recorded on the wrist is kept"),
        (["/nowhere/at/all"], "there is no such folder"),
        (["--diary", "/nowhere/d"], "there is no such diary"),
        (["--weeks", "0"], "from 1 to 520"),
        (["--language", "xx"], "the languages are"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert main(["trend", *words]) == 2
    assert sentence in capsys.readouterr().err
