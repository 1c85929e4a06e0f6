"""A night in the morning: report, diary, sleep times, movements; asked of a real server, without script."""

import html
import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sleepjerk.history.database import History, default_path
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.report.catalogue import Catalogue, languages
from tests.app.conftest import Answer, Server, Visitor, running_server, wait_for_job
from tests.support.in_process import sleepjerk
from tests.support.marks import a_few
from tests.support.slept import lay_night

NIGHT = "/night/short_night"
EVENING = "2026-11-22"
RESULTS = ("short_night.night.json", "short_night.events.csv")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a night that was analysed."""
    home = tmp_path_factory.mktemp("first") / "home"
    (home / "nights").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as there:
        there.setenv("SLEEPJERK_HOME", str(home))
        assert sleepjerk("analyse", lay_night(home / "nights")).returncode == 0
    return home


@pytest.fixture
def home(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is also the command line's."""
    shutil.copytree(first, tmp_path / "home")
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    with running_server(home) as made:
        yield made


@pytest.fixture
def visitor(server: Server) -> Visitor:
    return server.visitor()


@pytest.fixture(scope="module")
def shared(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Visitor]]:
    """One server, for the tests that say nothing of movements and sleep."""
    home = shutil.copytree(first, tmp_path_factory.mktemp("shared") / "home")
    with running_server(home) as server:
        yield server, server.visitor()


@pytest.fixture
def asker(shared: tuple[Server, Visitor], monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """Its visitor, with a diary in which nothing has been said."""
    server, visitor = shared
    monkeypatch.setenv("SLEEPJERK_HOME", str(server.home))
    for path in server.home.glob("diary.sqlite*"):
        path.unlink()
    visitor.post("/language", {"language": "en", "back": "/"})
    return visitor


@pytest.fixture
def shared_home(shared: tuple[Server, Visitor]) -> Path:
    return shared[0].home


def recording(home: Path) -> Path:
    return home / "nights" / "short_night.csv.gz"


def counted(visitor: Visitor) -> Answer:
    """The list of movements, once everything that was said is in the night."""
    return until(visitor, f"{NIGHT}/movements", lambda text: "being counted again" not in text)


def until(visitor: Visitor, path: str, done: Callable[[str], bool], seconds: float = 120) -> Answer:
    end = time.monotonic() + seconds
    while not done((answer := visitor.get(path)).text):
        assert time.monotonic() < end, answer.text
        time.sleep(0.1)
    return answer


def events(home: Path) -> list[dict[str, Any]]:
    found = json.loads((home / "nights" / RESULTS[0]).read_text())["events"]
    assert isinstance(found, list)
    return found


def judge(visitor: Visitor, home: Path, row: int, answer: str, **more: str) -> Answer:
    form = {"onset": str(events(home)[row]["onset_s"]), "answer": answer} | more
    return visitor.post(f"{NIGHT}/movements/{row}", form)


def kept(home: Path) -> dict[str, list[dict[str, Any]]]:
    """What is kept of a person's words beside the night, but for when they were said."""
    try:
        document = json.loads((home / "nights" / "short_night.corrections.json").read_text())
    except FileNotFoundError:
        return {}
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    return {name: [item | {"said_utc": ""} for item in items] for name, items in lists.items()}


def mornings() -> dict[str, Any]:
    with History(default_path()) as history:
        return dict(history.mornings())


def seen(answer: Answer) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', answer.text)
    assert found
    return html.unescape(found[1])


# The report.


@pytest.mark.slow
def test_a_report_is_kept_until_something_changes_that_it_tells_of(home: Path, visitor: Visitor) -> None:
    shown = wait_for_job(visitor, visitor.get(f"{NIGHT}/report"))
    assert (shown.status, "unsafe-inline" in shown.headers["content-security-policy"]) == (200, True)
    for room in ("diary", "sleep", "movements", "print"):
        assert f'href="{NIGHT}/{room}"' in shown.text
    assert visitor.get(f"{NIGHT}/review").status == 404 or f'href="{NIGHT}/review"' in shown.text
    assert sleepjerk("diary", "--night", EVENING, "--set", "pain=yes").returncode == 0
    again = visitor.get(f"{NIGHT}/report")
    assert again.status == 303
    assert "You answered yes to: pain in the part that jerks" in wait_for_job(visitor, again).text
    assert visitor.get(f"{NIGHT}/report").status == 200  # no job again
    (home / "nights" / RESULTS[0]).touch()  # written again, with nothing new in it
    assert visitor.get(f"{NIGHT}/report").status == 200


@pytest.mark.slow
def test_a_report_is_that_of_the_command_line_in_the_language_of_the_page(
    home: Path, visitor: Visitor, tmp_path: Path
) -> None:
    for language in languages():
        visitor.post("/language", {"language": language, "back": "/"})
        shown = wait_for_job(visitor, visitor.get(f"{NIGHT}/report")).text
        told = ("--language", language, "--out", tmp_path / "page.html")
        assert sleepjerk("report", home / "nights" / RESULTS[0], *told).returncode == 0
        ours = re.sub(r'<nav class="screen ways".*?</nav>\n\n?', "", shown, flags=re.DOTALL)
        ours = ours.replace('<link rel="icon" href="data:,">\n', "", 1)  # the server has no /favicon.ico
        assert ours == (tmp_path / "page.html").read_text()


@pytest.mark.slow
def test_what_was_said_of_a_copy_elsewhere_is_in_the_report(
    home: Path, visitor: Visitor, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home / "nights", copy)
    done = sleepjerk("correct", copy / "short_night.csv.gz", "--sleep", "22:50", "00:20")
    assert done.returncode == 0
    assert visitor.get(f"{NIGHT}/report").status == 303
    assert 'id="summary"' in wait_for_job(visitor, visitor.get(f"{NIGHT}/report")).text
    assert "<dd>22:50</dd>" in visitor.get(f"{NIGHT}/sleep").text
    assert [item["end_s"] - item["onset_s"] for item in kept(home)["sleep"]] == [5400]


# What is said of movements and sleep.


@pytest.mark.parametrize(
    "said",
    a_few(
        [
            ({"answer": "twitch"}, ("--label", "sleep_twitch")),
            ({"answer": "turn"}, ("--label", "posture_change")),
            ({"answer": "cat"}, ("--label", "body_movement", "--note", "not me")),
            (
                {"label": "limb_movement", "note": "=1+1 <b>"},
                ("--label", "limb_movement", "--note", "=1+1 <b>"),
            ),
        ],
        of=4,
    ),
    ids=["twitch", "turning over", "the cat", "something else"],
)
def test_a_night_corrected_on_the_page_is_that_of_the_command_line_to_the_byte(
    home: Path, visitor: Visitor, tmp_path: Path, said: tuple[dict[str, str], tuple[str, ...]]
) -> None:
    form, words = said
    kind = ("limb_movement", "sleep")
    row = next(row for row, event in enumerate(events(home)) if (event["label"], event["state"]) == kind)
    shutil.copytree(home, tmp_path / "other")
    answer = visitor.post(f"{NIGHT}/movements/{row}", {"onset": str(events(home)[row]["onset_s"])} | form)
    assert answer.status == 303
    assert re.fullmatch(rf"{NIGHT}/movements/\d+", answer.location)
    counted(visitor)
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("SLEEPJERK_HOME", str(tmp_path / "other"))
        assert sleepjerk("correct", recording(tmp_path / "other"), "--event", row, *words).returncode == 0
    same_results(home, tmp_path / "other")


@pytest.mark.slow
def test_a_twitch_is_called_by_when_it_was_and_stays_what_it_was_found_as(
    home: Path, visitor: Visitor
) -> None:
    by_state = {"wake": "unclassified", "onset": "hypnic_jerk", "sleep": "sleep_twitch"}
    found, expected = events(home), {}
    for label in ("limb_movement", "body_movement", "unclassified", "periodic_movement", "hypnic_jerk"):
        for state, other in by_state.items():
            same = label in ("periodic_movement", "hypnic_jerk")
            rows = [row for row, one in enumerate(found) if (one["label"], one["state"]) == (label, state)]
            if rows:
                judge(visitor, home, rows[0], "twitch")
                expected[found[rows[0]]["onset_s"]] = label if same else other
    counted(visitor)
    assert {item["onset_s"]: item["label"] for item in kept(home)["corrections"]} == expected
    assert set(expected.values()) == {*by_state.values(), "periodic_movement"}


def same_results(home: Path, other: Path) -> None:
    for name in RESULTS:
        assert (home / "nights" / name).read_bytes() == (other / "nights" / name).read_bytes()
    assert kept(home) == kept(other) != {}


@pytest.mark.slow
def test_sleep_times_and_a_missed_movement_are_those_of_the_command_line(
    home: Path, visitor: Visitor, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "other")
    said = [("sleep", "22:50", "00:20"), ("not_sleep", "23:10", "23:14"), ("slept", "23:30", "23:32")]
    for kind, begin, end in said:
        assert visitor.post(f"{NIGHT}/sleep", {"kind": kind, "from": begin, "to": end}).status == 303
    added = {"at": "23:20:05", "lasting": "0.5", "label": "sleep_twitch", "note": "seen by my wife"}
    assert visitor.post(f"{NIGHT}/movements", added).status == 303
    counted(visitor)
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("SLEEPJERK_HOME", str(tmp_path / "other"))
        night = recording(tmp_path / "other")
        for kind, begin, end in said:
            assert sleepjerk("correct", night, f"--{kind.replace('_', '-')}", begin, end).returncode == 0
        add = ("--add", "23:20:05", "--duration", "0.5", "--label", "sleep_twitch", "--note", added["note"])
        assert sleepjerk("correct", night, *add).returncode == 0
    same_results(home, tmp_path / "other")
    shown = visitor.get(f"{NIGHT}/sleep").text
    assert "Awake from 23:10 to 23:14" in shown
    assert "<dd>22:50</dd>" in shown
    assert re.search("23:20:05</b> twitch in sleep <span>as you said", visitor.get(f"{NIGHT}/movements").text)


@pytest.mark.slow
def test_handles_say_the_same_as_times_that_are_typed(home: Path, visitor: Visitor, tmp_path: Path) -> None:
    shown = visitor.get(f"{NIGHT}/sleep").text
    found = re.search(r'data-clocks="([^"]+)"', shown)
    assert found
    clocks = found[1].split("|")
    first, last = clocks.index("22:50"), clocks.index("00:20")
    handles = {"kind": "sleep", "first": str(first), "last": str(last)}
    assert visitor.post(f"{NIGHT}/sleep", handles).status == 303
    counted(visitor)
    (sleep,) = kept(home)["sleep"]
    start_s = 60 * (int(clocks[0][:2]) * 60 + int(clocks[0][3:]))
    assert sleep["onset_s"] == pytest.approx((22 * 60 + 50) * 60 - start_s, abs=60)
    assert sleep["end_s"] - sleep["onset_s"] == 90 * 60


@pytest.mark.parametrize(
    "span",
    a_few(
        [
            *(("23:50", "23:00"), ("25:00", "06:00"), ("22.45", "23:00"), ("", ""), ("late", "<b>")),
            *(("03:00", "04:00"), ("nan", "inf"), ("2245", "23:00")),
        ],
        of=8,
    ),
)
def test_a_wrong_time_is_told_beside_its_field_in_the_words_of_the_command_line(
    shared_home: Path, asker: Visitor, span: tuple[str, str]
) -> None:
    begin, end = span
    before = (shared_home / "nights" / RESULTS[0]).read_bytes()
    answer = asker.post(f"{NIGHT}/sleep", {"kind": "not_sleep", "from": begin, "to": end})
    told = re.search(r'id="times-wrong"[^>]*>([^<]*)<', answer.text)
    assert answer.status == 400
    assert told
    done = sleepjerk("correct", recording(shared_home), "--not-sleep", begin, end)
    assert done.returncode == 2
    field = Catalogue("en", "sleepjerk.app").text("times.kind_not_sleep")
    assert html.unescape(told[1]).startswith(f"“{field}” ")
    assert done.stderr.rstrip().endswith(html.unescape(told[1]).replace(f"“{field}”", "--not-sleep"))
    assert f'value="{html.escape(begin)}"' in answer.text  # to be put right, not typed again
    assert (shared_home / "nights" / RESULTS[0]).read_bytes() == before


@pytest.mark.slow
def test_the_times_that_are_shown_can_be_sent_as_they_are(home: Path, visitor: Visitor) -> None:
    shutil.copy(recording(home), home / "nights" / "no start.csv.gz")  # without what lies beside it
    shutil.copy(recording(home), home / "nights" / "in UTC.csv.gz")
    (home / "nights" / "in UTC.json").write_text('{"start_utc": "2026-11-22T22:10:00+00:00"}')
    for address in (NIGHT, "/night/no%20start", "/night/in%20UTC"):
        shown = wait_for_job(visitor, visitor.get(f"{address}/sleep"))
        fields = dict(re.findall(r'<input id="(\w+)" name="\w+" value="([^"]+)"', shown.text))
        assert visitor.post(f"{address}/sleep", {"kind": "sleep"} | fields).status == 303


def test_a_wrong_time_of_a_missed_movement_is_told_beside_its_field(asker: Visitor) -> None:
    answer = asker.post(f"{NIGHT}/movements", {"at": "03:00", "label": "sleep_twitch", "note": "mine"})
    assert answer.status == 400
    assert re.search(r'id="at-wrong"[^>]*>“When” 03:00: this lies outside the recording', answer.text)
    assert 'value="mine"' in answer.text


def test_can_not_tell_changes_no_file_of_the_night_and_is_not_asked_again(
    shared_home: Path, asker: Visitor
) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (shared_home / "nights").iterdir()}

    before = files()
    list_ = f"{NIGHT}/movements"
    found = re.search(rf'href="{list_}/(\d+)">Look at the first', asker.get(list_).text)
    assert found
    answer = judge(asker, shared_home, int(found[1]), "unsure")
    assert answer.status == 303
    assert answer.location != f"{list_}/{found[1]}"
    assert "You have looked at 1 of" in asker.get(list_).text
    assert files() == before
    undo_last(asker)
    assert "You have looked at 0 of" in asker.get(list_).text
    assert files() == before


def undo_last(visitor: Visitor, page: str | None = None) -> None:
    """Press the button that takes back what was said last, as a page has it."""
    text = page or visitor.get(f"{NIGHT}/movements").text
    form = re.search(r'<form method="post" action="[^"]*/undo" class="line">.*?</form>', text, re.DOTALL)
    assert form
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    assert visitor.post(f"{NIGHT}/undo", fields).status == 303


@pytest.mark.slow
def test_undo_takes_back_what_its_page_shows_though_another_tab_spoke_since(
    home: Path, visitor: Visitor
) -> None:
    before = [(home / "nights" / name).read_bytes() for name in RESULTS]
    judge(visitor, home, 5, "cat")
    old = visitor.get(f"{NIGHT}/movements").text
    judge(visitor, home, 8, "turn")
    undo_last(visitor, old)
    undo_last(visitor, old)  # twice is once
    counted(visitor)
    assert [item["onset_s"] for item in kept(home)["corrections"]] == [events(home)[8]["onset_s"]]
    undo_last(visitor)
    counted(visitor)
    assert kept(home) == {}
    assert [(home / "nights" / name).read_bytes() for name in RESULTS] == before


@pytest.mark.slow
def test_what_is_said_in_tabs_and_on_the_command_line_at_once_is_all_kept(
    home: Path, visitor: Visitor
) -> None:
    rows = events(home)
    work = [
        threading.Thread(target=judge, args=(visitor, home, row, answer))
        for row, answer in ((3, "cat"), (9, "turn"), (14, "twitch"), (20, "cat"))
    ]
    for one in work:
        one.start()
    done = sleepjerk("correct", recording(home), "--event", 30, "--label", "limb_movement")
    assert done.returncode == 0
    for one in work:
        one.join()
    counted(visitor)
    onsets = {item["onset_s"] for item in kept(home)["corrections"]}
    assert onsets == {rows[row]["onset_s"] for row in (3, 9, 14, 20, 30)}


def test_single_keys_can_be_switched_off_and_on_again(visitor: Visitor) -> None:
    """WCAG 2.1.4: who speaks to the computer types letters by chance."""
    place = f"{NIGHT}/movements/5"
    for chosen, number in (("off", 0), ("on", 4)):
        assert visitor.post("/keys", {"keys": chosen, "back": place}).location == place
        shown = visitor.get(place).text
        assert (shown.count("<kbd"), "data-key" in shown) == (number, number > 0)
    assert visitor.post("/keys", {"keys": "louder", "back": place}).status == 400


@pytest.mark.slow
def test_a_word_is_kept_before_it_is_counted_whatever_ends(
    home: Path, server: Server, tmp_path: Path
) -> None:
    judge(server.visitor(), home, 5, "cat")
    server.kill()
    (home / "app" / "jobs").rename(tmp_path / "gone")  # the work is lost, too
    server.start()
    visitor = server.visitor()
    shown = visitor.get(f"{NIGHT}/movements/5").text
    assert "You said: body movement" in shown
    counted(visitor)
    assert len(kept(home)["corrections"]) == 1
    assert list((home / "app" / "words" / "short_night").glob("*.word.json")) == []


@pytest.mark.slow
def test_a_word_that_can_not_be_counted_is_told_until_it_is_read(home: Path, visitor: Visitor) -> None:
    added = {"at": "23:20:05", "label": "sleep_twitch"}
    visitor.post(f"{NIGHT}/movements", added)
    counted(visitor)
    visitor.post(f"{NIGHT}/movements", added)
    shown = counted(visitor)
    assert "you have already named this movement" in shown.text
    visitor.post(f"{NIGHT}/read", {"back": f"{NIGHT}/sleep"})
    assert "already named" not in visitor.get(f"{NIGHT}/movements").text
    assert len(kept(home)["added"]) == 1


# The waves.


@pytest.mark.slow
def test_the_list_has_single_twitches_first_then_those_in_series(home: Path, visitor: Visitor) -> None:
    numbers = re.findall(r'<a href="movements/(\d+)"', visitor.get(f"{NIGHT}/movements").text)
    found = [events(home)[int(number)]["label"] for number in numbers]
    twitches = [label for label in found if label in ("hypnic_jerk", "sleep_twitch")]
    series = [label for label in found if label == "periodic_movement"]
    assert len(twitches) > 1
    assert len(series) > 1
    assert found[: len(twitches) + len(series)] == twitches + series


@pytest.mark.slow
def test_each_movement_has_its_wave_which_is_drawn_once(home: Path, visitor: Visitor) -> None:
    drawn = until(visitor, f"{NIGHT}/movements/0", lambda text: "<svg" in text)
    assert "<path" in drawn.text
    for row in range(1, len(events(home))):
        assert '<svg role="img"' in visitor.get(f"{NIGHT}/movements/{row}").text, row
    (waves,) = (home / "app" / "waves").iterdir()
    before = waves.stat().st_mtime_ns
    judge(visitor, home, 0, "cat")
    counted(visitor)
    assert '<svg role="img"' in visitor.get(f"{NIGHT}/movements/0").text  # no onset changed
    assert waves.stat().st_mtime_ns == before


@pytest.mark.slow
def test_without_its_recording_a_night_shows_what_is_kept_and_takes_no_word(
    home: Path, visitor: Visitor
) -> None:
    recording(home).unlink()
    assert "isn’t here any more" in visitor.get(f"{NIGHT}/sleep").text
    assert visitor.post(f"{NIGHT}/sleep", {"kind": "sleep", "from": "23:00", "to": "00:10"}).status == 400
    assert judge(visitor, home, 3, "cat").status == 404
    kept_rows = [strip["event"] for strip in json.loads((home / "nights" / RESULTS[0]).read_text())["strips"]]
    shown = until(visitor, f"{NIGHT}/movements/{kept_rows[0]}", lambda text: "Drawing" not in text)
    assert '<svg role="img"' in shown.text
    assert "isn’t here any more" in shown.text


# The diary.


@pytest.mark.parametrize("language", a_few(languages(), of=2))
def test_the_form_has_every_question_of_the_diary_in_both_languages(asker: Visitor, language: str) -> None:
    asker.post("/language", {"language": language, "back": "/"})
    text, say = html.unescape(asker.get(f"{NIGHT}/diary").text), Catalogue(language)
    for question in QUESTIONS:
        assert f'name="{question.key}"' in text
        assert say.text(f"questions.{question.key}") in text


def test_what_is_left_empty_stays_unknown_and_a_list_gone_through_is_a_no(asker: Visitor) -> None:
    form = {"seen": "{}", "pain": "on", "none-night": "on", "snoring": "on", "stress": "0", "woken": ""}
    assert asker.post(f"{NIGHT}/diary", form).location == f"{NIGHT}/diary"
    given = mornings()[EVENING]
    assert given["pain"] is True
    assert given["snoring"] is True
    assert given["nightmares"] is False
    assert given["stress"] == 0
    assert not {"numbness", "woken", "epilepsy", "note"} & set(given)
    shown = asker.get(f"{NIGHT}/diary")
    assert re.search(r'id="none-night" checked', shown.text)
    assert not re.search(r'id="none-body" checked', shown.text)
    assert "Please see a doctor" in shown.text


def test_the_form_sent_as_it_was_shown_changes_nothing(asker: Visitor) -> None:
    said = ("pain=yes", "numbness=no", "stress=3", "note=a\tb", "epilepsy=no", "weakness=over")
    told = [word for one in said for word in ("--set", one)]
    assert sleepjerk("diary", "--night", EVENING, *told).returncode == 0
    before = mornings()
    page = asker.get(f"{NIGHT}/diary")
    boxes = dict.fromkeys(re.findall(r'type="checkbox" name="([\w-]+)" id="[\w-]+" checked', page.text), "on")
    numbers = dict(re.findall(r'type="number"[^>]* name="(\w+)"[^>]* value="(\d*)"', page.text))
    note = html.unescape(re.search(r"<textarea[^>]*>([^<]*)", page.text)[1])  # type: ignore[index]
    asker.post(f"{NIGHT}/diary", {"seen": seen(page), "note": note} | boxes | numbers)
    assert mornings() == before


def test_an_earlier_flag_is_shown_and_ended(asker: Visitor) -> None:
    assert sleepjerk("diary", "--night", "2026-11-20", "--set", "pain=yes").returncode == 0
    page = asker.get(f"{NIGHT}/diary")
    assert "pain in the part that jerks (since Friday 20 November): it is over" in page.text
    asker.post(f"{NIGHT}/diary", {"seen": seen(page), "over-pain": "on", "none-body": "on"})
    given = mornings()[EVENING]
    assert given["pain"] == "over"  # a no in the list doesn't undo that
    assert given["numbness"] is False
    assert "Please see a doctor" not in asker.get(f"{NIGHT}/diary").text


def test_what_two_tabs_and_the_terminal_say_is_merged_and_asked_where_both_changed(asker: Visitor) -> None:
    page = asker.get(f"{NIGHT}/diary")
    assert sleepjerk("diary", "--night", EVENING, "--set", "stress=7", "--set", "alcohol=1").returncode == 0
    answer = asker.post(f"{NIGHT}/diary", {"seen": seen(page), "stress": "2", "caffeine": "3", "pain": "on"})
    assert answer.status == 409
    assert mornings()[EVENING] == {"stress": 7, "alcohol": 1, "caffeine": 3, "pain": True}
    asked = re.findall(r'name="both-(\w+)" value="(\w*)"( checked)?', answer.text)
    assert asked == [("stress", "2", " checked"), ("stress", "7", "")]
    done = asker.post(f"{NIGHT}/diary", {"seen": seen(answer), "both-stress": "2"})
    assert done.status == 303
    assert mornings()[EVENING] == {"stress": 2, "alcohol": 1, "caffeine": 3, "pain": True}


@pytest.mark.parametrize("typed", a_few(["11", "-1", "x", "1.5", "9" * 400], of=5))
def test_a_number_that_does_not_fit_is_told_beside_its_field_and_nothing_is_kept(
    asker: Visitor, typed: str
) -> None:
    answer = asker.post(f"{NIGHT}/diary", {"seen": "{}", "stress": typed, "pain": "on"})
    assert answer.status == 400
    done = sleepjerk("diary", "--night", EVENING, "--set", f"stress={typed}")
    told = re.search(r'id="stress-wrong"[^>]*>([^<]*)<', answer.text)
    assert told
    assert done.stderr.rstrip().endswith(html.unescape(told[1]))
    assert re.search(r'id="pain" checked', answer.text)
    assert mornings() == {}


# Hostile.


def test_a_night_or_movement_that_is_not_there_is_no_page(asker: Visitor) -> None:
    for room in ("report", "diary", "sleep", "movements", "movements/0", "print", "print.pdf"):
        for stem in ("nobody", "..%2f..", "%00", "short_night.csv", "%ff"):
            assert asker.get(f"/night/{stem}/{room}").status == 404
            assert asker.post(f"/night/{stem}/{room}").status in (404, 405)
    for number in ("9999", "-1", "x", "1e3", "9" * 300, "%2e%2e", "0/1"):
        assert asker.get(f"{NIGHT}/movements/{number}").status == 404
    assert asker.get(f"{NIGHT}/movements?from=-1").status == 200
    assert asker.get(f"{NIGHT}/movements?from=%C2%B2").status == 200


def test_forms_that_no_page_made_change_nothing(shared_home: Path, asker: Visitor) -> None:
    before = {path.name: path.read_bytes() for path in (shared_home / "nights").iterdir()}
    good = {"onset": str(events(shared_home)[3]["onset_s"]), "answer": "cat"}
    forms: list[tuple[str, dict[str, str]]] = [
        ("movements/3", {}),
        ("movements/3", good | {"onset": "nan"}),
        ("movements/3", good | {"onset": "1e9"}),
        ("movements/3", good | {"answer": "rm"}),
        ("movements/3", {"onset": good["onset"], "label": "cat"}),
        ("movements", {"at": "23:00", "label": "--undo"}),
        ("movements", {"at": "23:00", "label": "sleep_twitch", "lasting": "1e5"}),
        ("movements", {"at": "--undo", "label": "sleep_twitch"}),
        ("sleep", {"kind": "--undo", "from": "23:00", "to": "23:30"}),
        ("sleep", {"kind": "sleep", "first": "x", "last": "9"}),
        ("sleep", {"kind": "sleep", "first": "9", "last": "9"}),
        ("sleep", {"kind": "sleep", "first": "²", "last": "9"}),
        ("undo", {"place": "../../x"}),
        ("diary", {}),
        ("diary", {"seen": "[]"}),
        ("diary", {"seen": "[" * 9999}),
        ("diary", {"seen": '{"pain": null}'}),
        ("diary", {"seen": "{}", "both-pain": "perhaps"}),
        ("diary", {"seen": "{}", "both-nothing": "yes"}),
    ]
    for room, form in forms:
        assert asker.post(f"{NIGHT}/{room}", form).status in (400, 404), (room, form)
    assert (
        asker.post(f"{NIGHT}/undo", {"said": "x", "back": "//evil.example"}).location == f"{NIGHT}/movements"
    )
    assert {path.name: path.read_bytes() for path in (shared_home / "nights").iterdir()} == before
    assert mornings() == {}


@pytest.mark.slow
def test_the_name_of_a_file_is_text_and_leads_to_its_own_pages(home: Path, visitor: Visitor) -> None:
    name = 'a?b#c%41 "<b>ä&'
    for path in (home / "nights").iterdir():
        path.rename(path.with_name(path.name.replace("short_night", name)))
    found = re.search(r'class="nights">\s*<li><a href="([^"]+)"', visitor.get("/").text)
    assert found
    address = html.unescape(found[1])
    assert visitor.get(f"{address}/diary").status == 200
    assert visitor.get(f"{address}/movements/0").status == 200
    assert "<b>ä" not in visitor.get(f"{address}/sleep").text
    answer = visitor.post(f"{address}/sleep", {"kind": "sleep", "from": "22:50", "to": "00:20"})
    assert answer.location == f"{address}/sleep"
    until(visitor, f"{address}/sleep", lambda text: "being counted again" not in text)
    assert "<dd>22:50</dd>" in visitor.get(f"{address}/sleep").text
    assert 'id="summary"' in wait_for_job(visitor, visitor.get(f"{address}/report")).text


def test_no_page_of_a_night_is_heavy_and_none_makes_the_server_import_what_is_slow(
    shared: tuple[Server, Visitor], asker: Visitor
) -> None:
    for room in ("diary", "sleep", "movements", "print"):
        assert len(asker.get(f"{NIGHT}/{room}").text) < 40_000
    maps = Path(f"/proc/{shared[0].process.pid}/maps").read_text()
    assert "numpy" not in maps
    assert "pandas" not in maps


# On paper.


@pytest.mark.slow
def test_where_no_browser_prints_the_page_says_how(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    with running_server(home) as server:
        shown = server.visitor().get(f"{NIGHT}/print").text
    assert "print.pdf" not in shown
    assert "Ctrl and P" in shown


@pytest.mark.browser
@pytest.mark.slow
def test_the_printout_is_a_pdf_of_two_sheets(visitor: Visitor) -> None:
    if "print.pdf" not in visitor.get(f"{NIGHT}/print").text:
        pytest.skip("no browser here that prints")
    answer = visitor.get(f"{NIGHT}/print.pdf")
    while answer.status == 303 and answer.location.startswith("/job"):
        answer = wait_for_job(visitor, answer)
    assert answer.headers["content-type"] == "application/pdf"
    assert len(re.findall(r"/Type\s*/Page\b", answer.text)) == 2
