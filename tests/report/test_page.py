"""The page of every made night: what it shows, what it never says, and that nothing foreign gets in."""

import dataclasses
import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sleepjerk.errors import InputError
from sleepjerk.events import Label
from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.criteria import ANSWERED
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.night.clock import Clock
from sleepjerk.night.document import flat, read_night, to_document, write_night
from sleepjerk.night.model import Night, RecordingSummary
from sleepjerk.report import morning, render_report, words, write_report
from sleepjerk.report.catalogue import Catalogue, Number
from sleepjerk.rules import SOURCES, address_of
from tests.report.made_nights import NIGHTS, demo, in_week, rendered
from tests.support.hostile import FOREIGN, HOSTILE
from tests.support.made_recordings import from_flat
from tests.support.marks import a_few

SAY = Catalogue("en")
ADDRESSES = set(filter(None, map(address_of, SOURCES)))
VOID = {"meta", "br", "link", "base", "img", "input", "hr"}
HIDDEN = {"style", "title", "desc", "script"}

# Claims about disease or reassurance: never. What the page says about its own limits is taken out first.
BANNED = (
    *(r"\bdiagnos", r"\bdetects?\b", r"\bseizure", r"\bepilep", r"\bPLMD\b", r"\bRBD\b", r"\bEFM\b"),
    *(r"\bnormal", r"\babnormal", r"medical[- ]grade", r"\bscore\b", r"\bhealthy\b(?! sleepers)"),
    *(r"\bfine\b", r"\bharmless", r"nothing to worry", r"don.t worry", r"no (need|reason) to", r"\breassur"),
    *(r"\bsafe\b", r"all is well", r"\bgood night\b", r"\bwell rested"),
    *(r"\bmagnesium", r"\bSSRI", r"\bmelatonin", r"\byou should take"),
)


ENDED_BY = {"td": ("td",), "tr": ("td", "tr"), "/tbody": ("td", "tr")}  # HTML asks for no end tag there


class Page(HTMLParser):
    """Elements, attributes and visible text of a page, and where tags don't match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self.unbalanced: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()
        self.unbalanced += [tag for tag, _ in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        while self._open and self._open[-1][0] in ENDED_BY.get(tag, ()):
            self._open.pop()
        self.elements.append((tag, known))
        if tag not in VOID:
            self._open.append((tag, known.get("id")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open[-1][0] in ENDED_BY.get(f"/{tag}", ()):
            self._open.pop()
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        else:
            self.unbalanced.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if HIDDEN & {tag for tag, _ in self._open}:
            return
        self.parts.append(data)
        for _, name in self._open:
            if name is not None:
                self.inside.setdefault(name, []).append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.parts))


def night(name: str) -> Night:
    return NIGHTS[name]()


@cache
def page(name: str) -> Page:
    return Page(rendered(name))


@pytest.fixture(params=a_few(NIGHTS, of=2))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_night_gives_a_well_formed_page(name: str) -> None:
    made = page(name)
    assert made.unbalanced == []
    assert [tag for tag, _ in made.elements].count("h1") == 1
    assert ("html", {"lang": "en"}) in made.elements
    ids = [attrs["id"] for _, attrs in made.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_nothing_runs_and_nothing_is_loaded(name: str) -> None:
    made = page(name)
    policies = [attrs for tag, attrs in made.elements if tag == "meta" and "http-equiv" in attrs]
    assert policies == [
        {
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
        }
    ]
    assert not FOREIGN & {tag for tag, _ in made.elements}
    places = {attrs.get("id") for _, attrs in made.elements}
    for tag, attrs in made.elements:
        for key, value in attrs.items():
            assert not key.startswith("on"), (tag, key)
            assert key not in ("src", "xlink:href", "srcset", "action"), (tag, key, value)
            own = str(value).startswith("#") and str(value)[1:] in places
            assert key != "href" or (tag == "a" and (own or value in ADDRESSES)), (tag, key, value)
            assert "javascript:" not in (value or "").lower()
    css = re.search(r"<style>(.*?)</style>", rendered(name), re.S)
    assert css is not None
    assert not re.search(r"url\(|@import|@font-face", css[1])


def test_every_picture_has_a_title_and_a_description(name: str) -> None:
    elements = page(name).elements
    ids = {attrs.get("id") for _, attrs in elements}
    pictures = [attrs for tag, attrs in elements if tag == "svg" and attrs.get("aria-hidden") != "true"]
    assert len(pictures) >= 2
    for attrs in pictures:
        assert attrs["role"] == "img"
        assert set(str(attrs["aria-labelledby"]).split()) <= ids


@pytest.mark.parametrize("name", [name for name in NIGHTS if name != "many"])
def test_behind_every_picture_stands_a_table(name: str) -> None:
    """Night, intervals and trend have their own in the same figure; a wave is a row of the table of movements."""
    text = rendered(name)
    figures = re.findall(r"<figure class=\"sheet.*?</figure>", text, re.S)
    assert figures
    assert [figure[:300] for figure in figures if "<svg" in figure and "<tbody>" not in figure] == []
    table = text.split('id="events"')[1]
    rows = re.findall(r"<tr><t[hd][^>]*>(?:<svg.*?</svg>)?\s*(\d+)<", table, re.S)
    waves = re.findall(r"<figcaption>.*?, row (\d+)", text, re.S)
    assert len(waves) == len(night(name).strips)
    assert set(waves) <= set(rows)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text)
    assert re.sub(r"\s+", " ", shown) in page("hostile").text


@pytest.mark.parametrize("text", a_few(HOSTILE, of=16))
@pytest.mark.parametrize("field", ["name", "subject", "zone", "start", "sensor"])
def test_hostile_text_in_one_field_changes_no_element(text: str, field: str) -> None:
    quiet = night("quiet")
    changed = dataclasses.replace(
        quiet, recording=from_flat(RecordingSummary, flat(quiet.recording) | {field: text})
    )
    after = Page(render_report(changed))
    assert after.unbalanced == []
    assert not [key for _, attrs in after.elements for key in attrs if key.startswith("on")]
    if field not in ("zone", "start"):
        before = [(tag, sorted(attrs)) for tag, attrs in page("quiet").elements]
        assert [(tag, sorted(attrs)) for tag, attrs in after.elements] == before


def test_control_characters_and_half_characters_are_replaced(tmp_path: Path) -> None:
    made = demo(recording={"subject": "a\x00b\ud800c\x1b[31m", "notes": ("\x85\x0b",)})
    write_report(made, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "a\ufffdb\ufffdc\ufffd[31m" in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def test_each_number_that_is_shown_stands_in_night_json(name: str) -> None:
    document = json.loads(json.dumps(to_document(night(name))))
    known = set(_numbers(document))
    shown = [attrs["value"] for tag, attrs in page(name).elements if tag == "data"]
    assert len(shown) >= 3
    assert [value for value in shown if float(str(value)) not in known] == []


def test_the_first_screen_holds_no_number_beside_those(name: str) -> None:
    made, clock = night(name), Clock.of(night(name).recording)
    sentences = (
        morning.headline(made, SAY),
        *(said for said in morning.answer(made, clock, SAY) if "does not count" not in str(said[0])),
        *morning.about_night(made, clock, SAY),
        *morning.about_jerks(made, clock, SAY),
        *morning.compared(made, SAY),
        *morning.todo(made, SAY),
    )
    parts = [part for sentence in sentences for part in sentence]
    dates = set() if made.week is None else {SAY.day(line.night) for line in made.week.nights}
    assert not [p for p in parts if isinstance(p, str) and p not in dates and re.search(r"\d", p)]
    assert [part for part in parts if isinstance(part, Number)]


@cache
def _judged_text(name: str) -> str:
    """The visible text, without what the page says of its own limits, of the article, and of its sources."""
    text = page(name).text
    claims = (SAY.text(f"{section}.{claim}") for claim in CLAIMS for section in ("claim", "known"))
    sources = (line.source for line in night(name).verdict.criteria)
    asked = (words.question(question.key, SAY) for question in QUESTIONS)
    borrowed = (words.grade(line, SAY) for line in night(name).verdict.criteria if line.grade == "borrowed")
    for own in (
        SAY.text("limits.disclaimer"),
        SAY.text("usual.common"),
        *words.limits(night(name), SAY),
        *claims,
        *borrowed,
        *SOURCES.values(),
        *sources,
        *asked,
    ):
        text = text.replace(re.sub(r"\s+", " ", own), " ")
    for short in SOURCES:
        text = text.replace(short, " ")
    return text


def said_of(banned: Iterable[str], text: str) -> list[str]:
    """Each place where a text says what it must not, with what stands around it."""
    found = (place for one in banned for place in re.finditer(one, text, re.I))
    return [text[max(place.start() - 40, 0) : place.end() + 40] for place in found]


def test_what_is_never_said(name: str) -> None:
    assert said_of(BANNED, _judged_text(name)) == []


def test_what_the_claims_and_limits_never_say_either() -> None:
    own = [*words.limits(night("demo"), SAY), SAY.text("limits.disclaimer")]
    said = [SAY.text(f"{section}.{claim}") for claim in CLAIMS for section in ("claim", "known", "use")]
    allowed = [banned for banned in BANNED if "health" not in banned and "diagnos" not in banned]
    assert said_of(allowed, " | ".join([*said, *own])) == []


def test_the_words_on_the_limits_are_on_every_page(name: str) -> None:
    text = page(name).text
    assert "strongly recommends against" in text
    assert "not a medical device" in text
    assert "pain, numbness" in text
    assert "Record at least 5 nights in one week" in text or night(name).week is not None or "red" in name


@pytest.mark.parametrize("name", [name for name in NIGHTS if name != "ankle"])
def test_on_the_wrist_nothing_is_called_plm(name: str) -> None:
    assert "PLM" not in page(name).text


def test_on_the_ankle_it_may_be() -> None:
    text = page("ankle").text
    assert "Periodic limb movements (PLM)" in text
    assert "sleep apnoea" in text
    assert "legs were not recorded" not in text


def test_periodic_is_said_only_when_the_index_says_so() -> None:
    said = re.compile(r"periodic arm movements|movements: [\d.]+ an hour", re.I)
    assert said.search(page("demo").text)
    assert not said.search(page("chance").text)
    assert "not regularly enough" in page("chance").text


@pytest.mark.parametrize("name", ["chance", "quiet", "no_sleep", "red", "many"])
def test_the_word_periodic_is_not_used_where_the_index_does_not_allow_it(name: str) -> None:
    assert said_of([r"\bperiodic\b"], _judged_text(name)) == []


def test_both_rule_sets_stand_in_the_report_with_all_their_numbers() -> None:
    made = night("demo")
    table = re.search(r'<table class="stack numbers" id="rules">.*?</table>', rendered("demo"), re.S)
    assert table is not None
    rows = re.findall(r"<tr><th.*?</tr>", table[0], re.S)
    assert ["WASM 2016" in rows[-2], "AASM" in rows[-1]] == [True, True]
    for row, count in zip(rows[-2:], made.periodic.by_rules, strict=True):
        shown = [float(value) for value in re.findall(r'<data value="(.*?)"', row)]
        assert shown == [
            count.series,
            count.movements,
            count.index_per_h,
            count.median_interval_s,
            count.series_share,
        ]


def test_what_is_unknown_of_the_series_is_called_unknown() -> None:
    table = re.search(r'<table class="stack numbers" id="rules">.*?</table>', rendered("no_sleep"), re.S)
    assert table is not None
    assert table[0].count("unknown") == 10
    assert "<data" not in table[0]


def test_the_periodicity_index_and_the_share_in_series_have_their_own_names() -> None:
    text = page("demo").text
    assert "Periodicity index (Ferri 2006): 0.71" in text
    assert "Share in series" in text
    assert not re.search(r"periodicity index(?! \(Ferri 2006\))", text, re.I)


def test_breathing_is_spoken_of_with_every_series_and_with_its_intervals_more_clearly() -> None:
    made = night("demo")
    for as_long, key in ((True, "series.respiratory"), (False, "series.breathing_unseen")):
        sentence = SAY.text(key)
        periodic = dataclasses.replace(made.periodic, respiratory_caveat=True, respiratory_intervals=as_long)
        assert sentence in Page(render_report(dataclasses.replace(made, periodic=periodic))).text


def test_a_quiet_night_is_no_proof() -> None:
    text = page("quiet").text
    assert "does not prove that there were none" in text
    assert "No verdict" in text


def test_the_red_flag_comes_first() -> None:
    text = page("red").text
    assert text.index("Strong, rhythmic shaking") < text.index("How many jerks?")
    assert "Please show this page to a doctor soon" in text
    assert "call an ambulance" in text
    assert "At 03:02:04 your arm shook strongly and in rhythm for 47 s." in text
    assert "call an ambulance" not in page("demo").text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no_sleep", "No sleep was found in this recording"),
        ("short", "40 min were recorded, but no sleep could be found in them."),
        ("all_gaps", "Not measured: 1 gap (300 min), your legs"),
        ("nothing", "Nothing was recorded."),
        ("unknown_start", "times are counted from the first sample"),
        ("many", "600 strongest of 2560 movements (events.csv holds all)"),
    ],
)
def test_a_night_that_can_tell_little_says_what_was_impossible(name: str, sentence: str) -> None:
    assert sentence in page(name).text


def test_every_jerk_has_its_wave_before_any_other() -> None:
    text = re.sub(r"<svg.*?</svg>", "", rendered("demo"), flags=re.S)
    captions = re.findall(r"<figcaption>.*?</b><span>(.*?)</span>", text, re.S)
    assert captions[:4] == ["jerk while falling asleep"] * 4
    assert "jerk while falling asleep" not in captions[4:]


def test_twitches_in_sleep_have_their_waves_before_movements_that_are_only_stronger() -> None:
    text = re.sub(r"<svg.*?</svg>", "", rendered("demo"), flags=re.S)
    captions = re.findall(r"<figcaption>.*?</b><span>(.*?)</span>", text, re.S)
    own = ["jerk while falling asleep"] * 4 + ["twitch in sleep"] * captions.count("twitch in sleep")
    assert captions[: len(own)] == own
    assert "twitch in sleep" in captions


@pytest.mark.parametrize("language", ["en", "de"])
def test_without_sleep_no_count_of_twitches_is_shown_as_zero(language: str) -> None:
    text = Page(render_report(in_week(". x . . . . .", {}, night("no_sleep")), language)).text
    assert Catalogue(language).text("jerks.unknown") in text
    assert Catalogue(language).text("compared.this_unknown") in text
    assert not re.search(r"\b0 (twitch|Zuckung)", text.split(Catalogue(language).text("doctor.title"))[0])


def test_all_criteria_are_listed_with_source_and_claim(name: str) -> None:
    text = page(name).text
    for line in night(name).verdict.criteria:
        assert words.title(line, SAY) + ("" if line.id in ANSWERED else f" ({line.id})") in text
        assert f"{line.source} ({words.grade(line, SAY)})" in text


def test_the_page_is_small() -> None:
    assert len(rendered("demo").encode()) <= 600_000
    assert len(rendered("many").encode()) <= 600_000


def test_the_page_is_the_same_from_night_json(tmp_path: Path) -> None:
    write_night(night("demo"), tmp_path / "night.json")
    assert render_report(read_night(tmp_path / "night.json")) == rendered("demo")


def test_a_night_without_strength_edges_still_renders() -> None:
    made = night("demo")
    bare = dataclasses.replace(made.verdict, strengths={}, strength_edges_g={}, criteria=(), reasons=())
    assert "Your arm jerked" in render_report(dataclasses.replace(made, verdict=bare))


@pytest.mark.parametrize("level", ["green", "amber"])
def test_every_level_has_words(level: str) -> None:
    made = night("demo")
    later = dataclasses.replace(made, verdict=dataclasses.replace(made.verdict, level=level))
    assert SAY.text(f"badge.{level}") in render_report(later)


def test_a_failed_write_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(InputError, match="disk full"):
        write_report(night("short"), target)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text(encoding="utf-8") == "old"


# Colours.

MARKS = (*(str(label) for label in Label), "curve")
PAIRS = [
    *((ink, paper, 4.5) for ink in ("ink", "muted", "link", "red-badge") for paper in ("paper", "card")),
    *(("badge-ink", f"{level}-badge", 4.5) for level in ("grey", "red", "amber", "green")),
    *(("ink", state, 4.5) for state in ("sleep", "onset", "wake", "off_body", "unknown")),
    *(("muted", state, 4.5) for state in ("sleep", "onset", "wake", "unknown")),
    *((mark, place, 3.0) for mark in MARKS for place in ("card", "sleep", "onset", "wake", "unknown")),
    *((axis, place, 3.0) for axis in "xyz" for place in ("card", "when")),
]


def _palettes() -> list[dict[str, str]]:
    css = (files("sleepjerk.report") / "page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    first = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return [first, first | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_have_contrast(palette: dict[str, str], front: str, back: str, least: float) -> None:
    bright, dim = sorted((_luminance(palette[front]), _luminance(palette[back])), reverse=True)
    assert math.floor((bright + 0.05) / (dim + 0.05) * 100) / 100 >= least


def test_the_words_of_confidence_stand_beside_each_movement_and_are_explained() -> None:
    made = night("demo")
    rows = tuple(row | {"confidence": (0.95, 0.75, 0.2)[place % 3]} for place, row in enumerate(made.rows))
    edges = {"doubtful": 0.0, "likely": 0.7, "sure": 0.9}
    page = render_report(dataclasses.replace(made, rows=rows, confidence_edges=edges))
    for word, number in (("sure", "0.95"), ("likely", "0.75"), ("doubtful", "0.20")):
        assert f"{word} <small>{number}</small>" in page
    assert "sure: at least 90 of 100 such names were right, likely: at least 70 of 100" in page


def test_a_night_without_words_of_confidence_still_renders() -> None:
    assert "How sure the name" not in render_report(dataclasses.replace(night("demo"), confidence_edges={}))
