"""A person judges windows of a night on the page: nothing tells what was found, and no answer is lost."""

import contextlib
import http.client
import io
import json
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

import sleepjerk as sj
from sleepjerk.app.window import draw_window
from sleepjerk.report.catalogue import Catalogue
from tests.app.conftest import Server, Visitor, wait_for_job
from tests.app.sound import faults
from tests.report.chromium import Browser, open_browser
from tests.report.test_accessibility import press
from tests.support.in_process import sleepjerk

ROOT = "/night/short_night/review"
SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"
ANSWERS = ("twitch", "other", "nothing", "unsure")


@pytest.fixture(scope="module")
def night(server: Server, nights_there: str) -> Path:
    """The stem of a night that was analysed."""
    folder = server.home / "nights"
    assert sleepjerk("analyse", folder / SAMPLE.name, "--no-diary").returncode == 0
    return folder / nights_there


@pytest.fixture(scope="module")
def first_choice(visitor: Visitor, night: Path) -> dict[Path, bytes]:
    """Twenty windows, the same in every run, in place of those that the page chose: the files."""
    shown = wait_for_job(visitor, visitor.post(f"{ROOT}/choose", {"windows": "20"}))
    assert "not begun" in shown.text
    again = ("--anew", "--seed", "1", "--windows", "20")
    assert sleepjerk("review", night.parent / SAMPLE.name, *again).returncode == 0
    return {path: path.read_bytes() for path in night.parent.glob("*.review.*")}


@pytest.fixture
def chosen(night: Path, first_choice: dict[Path, bytes]) -> Path:
    """The night with its windows, none of which is judged."""
    for path, content in first_choice.items():
        path.write_bytes(content)
    return night


def document(night: Path) -> dict:
    return json.loads(Path(f"{night}.review.json").read_text())


def say(visitor: Visitor, window: int, answer: str, judge: int = 1) -> None:
    form = {"review": "1", "window": str(window), "answer": answer}  # the seed of the first choice
    answered = visitor.post(f"{ROOT}/judge/{judge}", form)
    assert (answered.status, answered.location) == (303, f"{ROOT}/judge/{judge}")


def judge_all(visitor: Visitor, night: Path, answers: dict[str, str], judge: int = 1) -> None:
    """Answer each window by what the file says was found in it."""
    for place, window in enumerate(document(night)["windows"]):
        say(visitor, place, answers[window["stratum"]], judge)


def without_picture(text: str) -> str:
    """A page without its waves and without which window it is."""
    text = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    return re.sub(r'\d+ of 20|value="\d+"', "", text)


AGREED = {"called": "twitch", "uncalled": "other", "quiet": "nothing", "still": "nothing"}


def test_no_page_tells_what_was_found_in_its_window(visitor: Visitor, chosen: Path) -> None:
    pages, shapes = set(), set()
    for place in range(20):
        text = visitor.get(f"{ROOT}/judge/1").text
        pages.add(without_picture(text))
        shapes.add(tuple(re.findall(r'viewBox="[^"]+"|<rect [^>]+>', text)))
        assert f"{place + 1} of 20" in text
        assert len(re.findall("<svg", text)) == 3
        say(visitor, place, ANSWERS[place % 4])
    first, *others = sorted(pages, key=len)
    assert len(others) == 1  # the first window has nothing to take back
    assert "undo" not in first
    assert len(shapes) == 1
    assert not re.search("called|stratum|seed|2026", "".join(pages))


def test_the_whole_way_without_script_ends_in_plain_words(visitor: Visitor, chosen: Path) -> None:
    assert "Nothing has been judged yet" in visitor.get(f"{ROOT}/result").text
    judge_all(visitor, chosen, AGREED)
    overview = visitor.follow(visitor.get(f"{ROOT}/judge/1"))
    assert "20 of 20 windows" in overview.text
    result = visitor.get(f"{ROOT}/result").text
    of = document(chosen)["windows_of"]
    shown = sum(window["stratum"] == "called" for window in document(chosen)["windows"])
    assert of["called"] == shown == 7
    assert "You were shown all 7 twitches that sleepjerk counted and agreed with 7: 100%" in result
    assert re.search(r"sleepjerk counted between \d+% and 100%", result)
    assert re.search(
        rf"sleepjerk counted {of['called']} twitches; by these answers there were between \d+ and \d+", result
    )
    assert f"{of['still']} windows in which nothing reached" in result
    assert "0 of the" not in result


def test_answers_that_cannot_be_told_are_said_and_widen_the_range(visitor: Visitor, chosen: Path) -> None:
    judge_all(visitor, chosen, AGREED | {"called": "unsure"})
    result = visitor.get(f"{ROOT}/result").text
    assert "Too few of them were judged" in result
    assert re.search(r"You couldn’t tell \d+ windows", result)


def test_an_answer_can_be_taken_back_and_sent_twice(visitor: Visitor, chosen: Path) -> None:
    for _ in range(2):
        say(visitor, 0, "twitch")
    say(visitor, 1, "other")
    assert "3 of 20" in visitor.get(f"{ROOT}/judge/1").text
    assert visitor.post(f"{ROOT}/judge/1", {"undo": "1", "review": "1"}).status == 303
    assert "2 of 20" in visitor.get(f"{ROOT}/judge/1").text
    assert [item["window"] for item in document(chosen)["said"]] == [0]


def test_an_answer_to_windows_that_were_chosen_before_is_left_aside(visitor: Visitor, chosen: Path) -> None:
    say(visitor, 0, "twitch")
    old = {"review": "2", "window": "1", "answer": "twitch"}
    for form in (old, {"review": "2", "undo": "1"}, {"window": "1", "answer": "twitch"}):
        assert visitor.post(f"{ROOT}/judge/1", form).status == 303
    assert [item["window"] for item in document(chosen)["said"]] == [0]


def test_two_people_judge_the_same_windows_and_learn_how_far_they_agree(
    server: Server, visitor: Visitor, chosen: Path
) -> None:
    other = Visitor(server.address)
    other.get(server.another_key().removeprefix(server.address))
    first = visitor.get(f"{ROOT}/judge/1").text
    judge_all(visitor, chosen, AGREED)
    again = other.get(f"{ROOT}/judge/2").text
    assert re.findall("<svg.*?</svg>", first, re.DOTALL) == re.findall("<svg.*?</svg>", again, re.DOTALL)
    judge_all(other, chosen, AGREED | {"uncalled": "unsure"}, judge=2)
    result = visitor.get(f"{ROOT}/result").text
    assert "Both judges together" in result
    assert "Cohen’s kappa" in result
    unsure = sum(window["stratum"] == "uncalled" for window in document(chosen)["windows"])
    assert f"In {unsure} windows one of you, or both, couldn’t tell." in result
    assert f"{20 - unsure} windows that both could tell, you said the same of {20 - unsure}." in result


def test_two_browsers_at_once_lose_no_answer(server: Server, chosen: Path) -> None:
    visitors = [server_visitor(server) for _ in range(2)]
    with ThreadPoolExecutor(4) as crew:
        done = [
            crew.submit(say, visitors[place % 2], place, "other", judge)
            for place in range(20)
            for judge in (1, 2)
        ]
        assert [one.result() for one in done] == [None] * 40
    assert len(document(chosen)["said"]) == 40


def server_visitor(server: Server) -> Visitor:
    made = Visitor(server.address)
    made.get(server.another_key().removeprefix(server.address))
    return made


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("judge/1", {"window": "20", "answer": "twitch"}),
        ("judge/1", {"window": "-1", "answer": "twitch"}),
        ("judge/1", {"window": "x", "answer": "twitch"}),
        ("judge/1", {"window": "9" * 5000, "answer": "twitch"}),
        ("judge/1", {"window": "0", "answer": "<b>"}),
        ("judge/1", {"answer": "twitch"}),
        ("judge/1", {}),
        ("judge/3", {"window": "0", "answer": "twitch"}),
        ("judge/99999999999999999999", {"undo": "1"}),
        ("choose", {"windows": "1000000"}),
        ("choose", {}),
    ],
)
def test_what_is_not_asked_changes_nothing(
    visitor: Visitor, chosen: Path, path: str, form: dict[str, str]
) -> None:
    before = document(chosen)
    assert visitor.post(f"{ROOT}/{path}", {"review": "1"} | form).status in (400, 404)
    assert document(chosen) == before


def test_the_labelled_set_holds_samples_and_answers_and_nobody_s_name(visitor: Visitor, chosen: Path) -> None:
    judge_all(visitor, chosen, AGREED)
    archive = zipfile.ZipFile(io.BytesIO(fetched(visitor, f"{ROOT}/labelled.zip")))
    texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"windows.csv", "signal.csv", "about.json"}
    for text in (*texts, *texts.values()):
        assert not re.search(r"short_night|20\d\d-\d\d|\d\d:\d\d|T\d{6}|utc", text, re.IGNORECASE)
    assert {entry.date_time[:3] for entry in archive.infolist()} == {(1980, 1, 1)}
    windows = [line.split(",") for line in texts["windows.csv"].splitlines()[1:]]
    assert [row[4] for row in windows] == [AGREED[row[3]] for row in windows]
    assert {row[5] for row in windows} == {""}
    signal = np.loadtxt(io.StringIO(texts["signal.csv"]), delimiter=",", skiprows=1)
    recording = sj.read_recording(SAMPLE)
    for number, begin_s, *_ in windows:
        mine = signal[signal[:, 0] == int(number)]
        at = np.rint((float(begin_s) + mine[:, 1]) * recording.rate_hz).astype(int)
        apart = np.abs(mine[:, 2:] - recording.acceleration_g[:, at].T).max(axis=1)
        assert np.mean(apart < 1e-4) > 0.995  # but for a single spike
        assert (mine[0, 1], mine[-1, 1]) == pytest.approx((-2, 12), abs=0.05)


def fetched(visitor: Visitor, path: str) -> bytes:
    """A file, which isn't text."""
    connection = http.client.HTTPConnection(urlsplit(visitor.address).netloc, timeout=60)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Cookie": cookies})
        answer = connection.getresponse()
        assert answer.headers["content-disposition"] == 'attachment; filename="twitch-windows.zip"'
        return answer.read()


def test_a_damaged_review_is_told_and_can_be_begun_anew(visitor: Visitor, chosen: Path) -> None:
    path = Path(f"{chosen}.review.json")
    path.write_text(path.read_text().replace('"seed"', '"seeds"'))
    shown = visitor.get(ROOT)
    assert shown.status == 200
    assert "begin it anew" in shown.text
    assert "Choose the windows" in shown.text
    assert visitor.get(f"{ROOT}/judge/1").status == 400


def test_a_night_without_its_recording_or_results_has_nothing_to_look_at(
    server: Server, visitor: Visitor
) -> None:
    folder = server.home / "nights"
    (folder / "alone.csv").write_text("t_us,x_g,y_g,z_g\n0,0,0,1\n")
    (folder / "other.night.json").write_text("{}")
    for stem in ("alone", "other"):
        shown = visitor.get(f"/night/{stem}/review")
        assert "nothing to look at" in shown.text
        assert '<form method="post" action="/night' not in shown.text
    assert visitor.get("/night/nobody/review").status == 404


def test_a_review_s_signal_is_no_night_of_its_own(visitor: Visitor, chosen: Path) -> None:
    assert Path(f"{chosen}.review.csv").exists()
    assert "short_night.review" not in visitor.get("/").text


def test_the_verb_tells_what_the_answers_come_to(visitor: Visitor, chosen: Path) -> None:
    judge_all(visitor, chosen, AGREED)
    recording = chosen.parent / SAMPLE.name
    told = json.loads(sleepjerk("review", recording, "--json").stdout)
    assert told["judges"]["judge 1"]["precision"]["value"] == 1
    assert told["judges"]["judge 2"]["judged"] == 0
    words = sleepjerk("review", recording).stdout
    assert "judge 1: 20 of 20 windows judged\n  precision 1.00 (" in words


@pytest.mark.slow
def test_what_can_t_be_chosen_is_one_sentence(night: Path, tmp_path: Path) -> None:
    recording = str(night.parent / SAMPLE.name)
    for words, why in (
        ([recording, "--out", str(tmp_path)], "has not been analysed yet"),
        ([recording, "--anew", "--windows", "0"], "--windows 0: give the number"),
        ([str(tmp_path / "none.csv")], "none"),
    ):
        done = sleepjerk("review", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert why in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("rate_hz", [12.5, 50, 100, 400, 3200])
def test_a_peak_of_one_sample_is_drawn_at_any_rate(rate_hz: float) -> None:
    count = round(14 * rate_hz)
    rows = [(place / rate_hz - 2, 0.0, 0.001 * (place % 2), 1.0) for place in range(count)]
    peak = count // 3
    rows[peak] = (rows[peak][0], 0.4, 0.0, 1.0)
    wide, narrow = draw_window(rows, 10.0, Catalogue("en", "sleepjerk.app"))
    assert max(map(len, (wide, *narrow))) < 90_000
    for picture in (wide, narrow[0]):
        (line,) = re.findall(r'class="axis x" d="([^"]+)"', picture)
        steps = np.array([int(step) for step in re.findall(r"-?\d+", line)]).reshape(-1, 2)
        heights = np.cumsum(steps, axis=0)[:, 1]
        assert len(heights) <= 1600
        assert np.ptp(heights) == pytest.approx(2 * (320 - 34 if picture is wide else 200 - 34) / 2, abs=3)


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    with open_browser() as opened:
        opened.open(server.another_key(), width=1280)
        yield opened


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_state_is_sound(
    visitor: Visitor, chosen: Path, browser: Browser, tmp_path: Path, language: str
) -> None:
    def look(path: str) -> None:
        text = visitor.get(path).text
        assert f'lang="{language}"' in text
        assert len(re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)) < 20_000
        assert faults(browser, f"{visitor.address}{path}", tmp_path / "html", text) == []

    visitor.post("/language", {"language": language, "back": "/"})
    chose = f"new URLSearchParams({{language: '{language}'}})"
    browser.evaluate(f"fetch('/language', {{method: 'POST', body: {chose}}}).then(() => 1)")
    look(ROOT)
    look(f"{ROOT}/judge/2")
    judge_all(visitor, chosen, AGREED)
    look(f"{ROOT}/judge/2")
    judge_all(visitor, chosen, AGREED | {"uncalled": "unsure"}, judge=2)
    look(ROOT)
    look(f"{ROOT}/result")
    Path(f"{chosen}.review.json").unlink()
    look(ROOT)


@pytest.mark.browser
@pytest.mark.slow
def test_a_key_is_an_answer_and_another_takes_it_back(
    visitor: Visitor, chosen: Path, browser: Browser
) -> None:
    def until(window: int) -> None:
        for _ in range(100):
            if f"Window {window} of" in str(browser.evaluate("document.title")):
                return
        raise TimeoutError(browser.evaluate("document.title"))

    browser.open(f"{visitor.address}{ROOT}/judge/1", width=1280)
    for place, key in enumerate("1234"):
        until(place + 1)
        press(browser, key)
    until(5)
    press(browser, "0")
    until(4)
    assert [item["answer"] for item in document(chosen)["said"]] == list(ANSWERS[:3])
    assert browser.messages() == []
