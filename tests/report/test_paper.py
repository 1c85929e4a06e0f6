"""What is printed, by a real Chromium: two sheets of the right size, 9 pt and more, with all that a doctor asks for."""

import datetime
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from sleepjerk.cli import main
from sleepjerk.events import TWITCHES
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.night.document import to_document
from sleepjerk.report import render_report, words, write_report, write_trend
from sleepjerk.report.catalogue import Catalogue, languages, read_messages
from sleepjerk.report.nights import short_day
from sleepjerk.report.pdf import find_browser, own_paper
from tests.report.chromium import missing
from tests.report.made_nights import NIGHTS, demo, in_week, rendered
from tests.report.test_page import Page
from tests.report.test_trend_page import trend
from tests.support.marks import a_few

PAPERS = {"a4": (595, 842), "letter": (612, 792)}
PRINTED = {"en": "printed on", "de": "gedruckt am"}
LEAST_PT = 9.0
EDGE_PT = 20.0  # what no printer reaches


class Sheet:
    """A printed page: its size, its letters, and its text in one line."""

    def __init__(self, page: Any) -> None:
        self.size = (round(page.width), round(page.height))
        self.letters = [letter for letter in page.chars if letter["text"].strip()]
        self.text = re.sub(r"\s+", " ", page.extract_text(use_text_flow=True, x_tolerance=1.5))
        self.lines = [
            line for line in page.lines + page.rects if line["width"] > 100 and line["height"] < 1.5
        ]


Print = Callable[..., list[Sheet]]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Print:
    """The sheets of a made night."""
    if find_browser() is None:
        missing("no browser here that prints (Debian: apt-get install chromium)")
    folder = tmp_path_factory.mktemp("paper")

    @functools.cache
    def sheets(name: str, language: str = "en", paper: str = "letter") -> list[Sheet]:
        path = folder / f"{name}.{language}.{paper}.pdf"
        write_report(NIGHTS[name](), path, language, paper)
        return read(path)

    return sheets


def read(path: Path) -> list[Sheet]:
    with pdfplumber.open(path) as pdf:
        return [Sheet(page) for page in pdf.pages]


def check(sheet: Sheet, size: tuple[int, int]) -> None:
    """The right paper, no letter too small, and none at an edge."""
    assert sheet.size == size
    assert min(letter["size"] for letter in sheet.letters) > LEAST_PT - 0.01
    assert min(letter["x0"] for letter in sheet.letters) > EDGE_PT
    assert max(letter["x1"] for letter in sheet.letters) < size[0] - EDGE_PT
    assert min(letter["top"] for letter in sheet.letters) > EDGE_PT
    assert max(letter["bottom"] for letter in sheet.letters) < size[1] - 5


# Letter has less room than A4, German takes more than English; "flagged" and "doubtful" hold most.
FULLEST = [(name, "de", "letter") for name in ("flagged", "doubtful", "amber_week")]
OTHERS = [(name, *place) for name in NIGHTS for place in (("en", "a4"), ("de", "letter"))]
FEW = [("demo", "en", "a4")]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "language", "paper"),
    [*FEW, *(pytest.param(*one, marks=pytest.mark.slow) for one in OTHERS if one not in FEW)],
)
def test_a_night_is_two_sheets_that_can_be_read(printed: Print, name: str, language: str, paper: str) -> None:
    sheets, say = printed(name, language, paper), Catalogue(language)
    assert len(sheets) == 2
    for number, sheet in enumerate(sheets, 1):
        check(sheet, PAPERS[paper])
        assert f"{number} / 2" in sheet.text
        assert say.text("limits.disclaimer").split(";")[0] in sheet.text
        assert re.search(rf"{PRINTED[language]} \d\d?\.? \w+ 20\d\d", sheet.text)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("language", languages())
def test_name_birth_and_medicines_are_lines_to_fill_in_by_hand(printed: Print, language: str) -> None:
    say = Catalogue(language)
    first, second = printed("amber_week", language, "letter" if language == "de" else "a4")
    for sheet, labels in ((first, ("name", "born")), (second, ("medicines",))):
        for label in labels:
            assert say.text(f"paper.{label}") in sheet.text
        assert len([line for line in sheet.lines if line["x1"] - line["x0"] > 100]) >= len(labels)
    assert say.text("doctor.title") in second.text


@pytest.mark.slow
@pytest.mark.browser
def test_the_doctor_s_sheet_holds_summary_week_rules_and_limits(printed: Print) -> None:
    _, sheet = printed("amber_week", "de", "letter")
    for told in (
        "Eingeschlafen 23:20 (22:52 bis 23:35)",
        "Schlafdauer 6,8 h (3,8 bis 7,8)",
        "Einschlaflatenz 18 min (0 bis 33)",
        "12 min (12 bis 215), 1 Wachphase",
        "unbekannt: keine Angabe, wann das Licht aus- und anging",
        "Aus Bewegung geschätzt",
        "Mi 18.11.",
        "schlecht geschlafen, müde oder bedrückt",
        "vgl. Sexton-Radek 2018",
        "NHS *",
        "(Smith 2018)",
    ):
        assert told in sheet.text, told


@pytest.mark.slow
@pytest.mark.browser
def test_only_what_the_screen_has_anyway_gives_way_where_two_sheets_are_too_few(printed: Print) -> None:
    whole, full = printed("demo", "en", "a4")[0].text, printed("flagged", "de", "letter")
    assert "The page on the screen shows the other waves" in whole
    assert Catalogue("en").text("jerks.title") in whole
    assert Catalogue("de").text("paper.waves_about") not in full[0].text
    assert words.limits(NIGHTS["flagged"](), Catalogue("de"))[0] in full[0].text
    for told in ("Gehen Sie zum Arzt", "sofort den Notruf wählen", "Warnzeichen aus dem Tagebuch: Schmerz"):
        assert told in full[0].text
    assert "Bekannt laut Tagebuch: Epilepsie; Nierenkrankheit" in full[1].text
    assert "(Smith 2018)" in full[1].text


@pytest.mark.browser
def test_the_timeline_takes_the_whole_width(printed: Print) -> None:
    first, _ = printed("demo", "en", "a4")
    hours = [letter for letter in first.letters if re.fullmatch("[0:7]", letter["text"])]
    left, right = min(letter["x0"] for letter in hours), max(letter["x1"] for letter in hours)
    assert right > first.size[0] - 60
    assert left < 230


@pytest.mark.browser
@pytest.mark.parametrize("language", a_few(languages(), of=2))
@pytest.mark.slow
def test_many_nights_are_printed_with_numbers_disclaimer_and_no_small_letter(
    language: str, tmp_path: Path
) -> None:
    if find_browser() is None:
        missing("no browser here that prints (Debian: apt-get install chromium)")
    say = Catalogue(language)
    write_trend(trend(30), tmp_path / "t.pdf", language, "letter" if language == "en" else "a4")
    sheets = read(tmp_path / "t.pdf")
    assert len(sheets) == 2
    for number, sheet in enumerate(sheets, 1):
        check(sheet, PAPERS["letter" if language == "en" else "a4"])
        assert f"{number} / 2" in sheet.text
        assert say.text("limits.disclaimer").split(";")[0] in sheet.text
    assert say.text("paper.born") in sheets[0].text
    assert say.text("trend.hours_title") in sheets[0].text
    for night in trend(30).nights:
        assert short_day(datetime.date.fromisoformat(night.night), say) in " ".join(
            sheet.text for sheet in sheets
        )


# What needs no browser.


def on_paper(page: str) -> str:
    """The text of the sheets, a blank between cells."""
    sheets = page.split('<div class="sheets">')[1].split("</body>")[0]
    return Page(re.sub("</t[dh]>", " ", sheets)).text


def test_each_morning_has_a_line_of_what_was_said() -> None:
    said = {0: "no:pain", 1: "tired snoring", 3: "over:pain"}
    text = on_paper(render_report(in_week(". . . . . . .", said, demo())))
    assert "Sun 22 Nov not frequent 21 23:20–06:47 nothing to report" in text
    assert "Sat 21 Nov not frequent 2 23:10–06:50 snoring, tired or low" in text
    assert "Thu 19 Nov not frequent 2 23:10–06:50 over: pain" in text
    assert "Wed 18 Nov not frequent 2 23:10–06:50 not answered" in text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", a_few([name for name in NIGHTS if name != "hostile"], of=4))
def test_no_place_on_paper_is_left_open(name: str, language: str) -> None:
    text = on_paper(rendered(name, language))
    assert not re.search(r"\bNone\b(?! of)|\bnan\b|\{\w+\}|\(\)|: \.|;\s*\.", text)


@pytest.mark.parametrize("name", ["amber_week", "red_week", "flagged", "green_week", "hidden_week"])
def test_both_sheets_say_the_same(name: str) -> None:
    night, say = NIGHTS[name](), Catalogue("en")
    first, second = on_paper(rendered(name)).split(say.text("doctor.title"))
    counts = [night.counts[label] for label in TWITCHES]
    tonight = re.search(r"Sun 22 Nov \D+?(\d+|unknown)\b", second)
    assert tonight is not None
    if None in counts:
        assert tonight[1] == "unknown"
    else:
        total = sum(count or 0 for count in counts)
        assert int(tonight[1]) == total
        assert f"{total} times" in first or total == 0
    flags = night.week.flags if night.week else ()
    said = ", ".join(say.name("short", flag) for flag in flags)
    assert (f"Red flags from the diary: {said}. " in first) is bool(flags)
    assert (f"Red flags from the diary: Yes: {said}. " in second) is bool(flags)


def test_a_night_without_a_week_says_nothing_of_one() -> None:
    text = on_paper(rendered("demo"))
    assert Catalogue("en").text("paper.week") not in text
    assert Catalogue("en").text("paper.flags") not in text


@pytest.mark.parametrize("language", languages())
def test_each_question_of_a_morning_has_a_short_name(language: str) -> None:
    short = read_messages(language)["short"]
    for asked in QUESTIONS:
        if not asked.once and asked.kind != "text":
            assert len(short[asked.key]) <= 36, asked.key


def test_the_ranges_of_paper_stand_in_night_json() -> None:
    known = {float(value) for value in re.findall(r"-?\d+(?:\.\d+)?", json.dumps(to_document(demo())))}
    shown = re.findall(r'<data value="([^"]+)">', rendered("demo").split('<div class="sheets">')[1])
    assert len(shown) > 30
    assert {float(value) for value in shown} <= known


@pytest.mark.parametrize(
    ("said", "paper"),
    [
        ({"LANG": "en_US.UTF-8"}, "letter"),
        ({"LANG": "fr_CA.UTF-8"}, "letter"),
        ({"LANG": "de_DE.UTF-8"}, "a4"),
        ({"LANG": "en_US.UTF-8", "LC_PAPER": "en_GB.UTF-8"}, "a4"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "en_US.UTF-8"}, "letter"),
        ({"LANG": "C.UTF-8"}, "a4"),
    ],
)
def test_the_country_chooses_the_paper(
    said: dict[str, str], paper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("LC_ALL", "LC_PAPER", "LANG"):
        monkeypatch.delenv(key, raising=False)
    for key, value in said.items():
        monkeypatch.setenv(key, value)
    assert own_paper() == paper


def test_another_paper_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "x.json", "--paper", "a5"])
    assert "--paper" in capsys.readouterr().err
