"""The weeks: calendar, verdicts, what goes for good and what is taken along; asked of a really started server."""

import http.client
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from sleepjerk.app import jobs
from sleepjerk.history.database import History
from tests.app.conftest import Server, Visitor, running_server, wait_for_job
from tests.app.files_sent import drop, table
from tests.support.made_weeks import lines
from tests.support.waiting import until

WORDS = ". f . s . . - . f f f . . f . ."
LEVELS = ("green", "amber", "red", "grey")
SECRET = "my neighbour's dog barked all night"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "home") as made:
        yield made


@pytest.fixture
def visitor(server: Server) -> Visitor:
    return server.visitor()


def stem_of(evening: str) -> str:
    return f"{evening}T223000+0100"


def lived(server: Server) -> list[str]:
    """Some weeks in the folder and in the diary; the evenings."""
    nights = server.home / "nights"
    nights.mkdir(mode=0o700)
    with History(server.home / "diary.sqlite") as diary:
        for place, line in enumerate(lines(WORDS)):
            diary.keep_night(line)
            diary.keep_answers(line.night, {"stress": place % 7, "note": f"{SECRET} {place}"})
            keep_results(nights, stem_of(line.night), line.night, line.input_sha256, LEVELS[place % 4])
            for ending in (".csv", ".json", ".clock.csv", ".events.csv", ".corrections.json", ".review.csv"):
                (nights / f"{stem_of(line.night)}{ending}").write_text("x")
    return [line.night for line in lines(WORDS)]


def keep_results(folder: Path, stem: str, evening: str, sha: str, level: str = "green") -> None:
    document = {
        "input_sha256": sha,
        "recording": {"start": f"{evening}T22:30:00+01:00", "zone": "Europe/Berlin", "hours": 8.0},
        "verdict": {"level": level},
    }
    (folder / f"{stem}.night.json").write_text(json.dumps(document))


def names(server: Server) -> set[str]:
    return {path.name for path in (server.home / "nights").iterdir()}


def weeks(visitor: Visitor) -> str:
    return wait_for_job(visitor, visitor.get("/weeks")).text


def test_the_calendar_is_a_table_with_each_nights_verdict_as_a_word(server: Server, visitor: Visitor) -> None:
    evenings = lived(server)
    page = weeks(visitor)
    assert "November 2026</caption>" in page
    assert page.count('<th scope="col">Mon</th>') == 1
    words = {"green": "no rule met", "amber": "mention it", "red": "show a doctor soon", "grey": "no verdict"}
    for place, evening in enumerate(evenings):
        address = re.escape(f"/night/{quote(stem_of(evening))}")
        cell = re.search(rf'<td class="(\w+)"><a href="{address}">(.*?)</td>', page)
        assert cell is not None, evening
        assert cell[1] == LEVELS[place % 4]
        assert words[cell[1]] in cell[2]
    assert "The last seven nights" in page
    assert "What went together" in page
    assert "Comparing nights with the diary needs" in page or "need not cause each other" in page
    assert "unsafe-inline" in visitor.get("/weeks/trend/wrist").headers["content-security-policy"]
    assert visitor.get("/weeks/trend/ankle").status == 404


def test_a_night_goes_for_good_and_nothing_else(server: Server, visitor: Visitor) -> None:
    evenings = lived(server)
    gone, stem = evenings[4], stem_of(evenings[4])
    weeks(visitor)
    (server.home / "app" / "reports").mkdir(exist_ok=True)
    (server.home / "app" / "reports" / f"{stem}.en.0.html").write_text(SECRET)
    before, page = names(server), visitor.get(f"/night/{stem}/delete").text
    told = set(re.findall(r"<li>([^<]+)</li>", page))
    results = {f"{stem}{end}" for end in (".night.json", ".events.csv", ".corrections.json", ".review.csv")}
    recording = {f"{stem}{end}" for end in (".csv", ".json", ".clock.csv")}
    assert told == results | recording | {f"{stem}.en.0.html"}
    assert names(server) == before  # asking is not deleting
    assert visitor.post(f"/night/{stem}/delete").location == "/weeks"
    assert before - names(server) == results
    assert not (server.home / "app" / "reports" / f"{stem}.en.0.html").exists()
    with History(server.home / "diary.sqlite") as diary:
        assert [line.night for line in diary.nights("wrist")] == [day for day in evenings if day != gone]
        assert set(diary.mornings()) == set(evenings) - {gone}
    assert f"{SECRET} 4".encode() not in (server.home / "diary.sqlite").read_bytes()
    assert f"{SECRET} 5".encode() in (server.home / "diary.sqlite").read_bytes()
    page = weeks(visitor)
    assert "not analysed" in page  # its recording is there, and can be analysed again
    visitor.post(f"/night/{stem}/delete", {"recording": "yes"})
    assert before - names(server) == results | recording


def test_a_night_of_several_leaves_the_recording_of_the_others(server: Server, visitor: Visitor) -> None:
    folder = server.home / "nights"
    folder.mkdir()
    (folder / "week.csv").write_text("x")
    for number in (1, 2):
        keep_results(folder, f"week.night{number}", f"2026-11-2{number}", "ab" * 32)
    assert "week.csv" not in visitor.get("/night/week.night1/delete").text
    visitor.post("/night/week.night1/delete", {"recording": "yes"})
    assert names(server) == {"week.csv", "week.night2.night.json"}
    visitor.post("/night/week.night2/delete", {"recording": "yes"})
    assert names(server) == set()


def test_a_night_whose_name_begins_another_takes_nothing_of_it(server: Server, visitor: Visitor) -> None:
    folder = server.home / "nights"
    folder.mkdir()
    for stem in ("night", "night.old", "night.old.er", "night[1]"):
        keep_results(folder, stem, "2026-11-22", stem.encode().hex())
        (folder / f"{stem}.csv").write_text("x")
    visitor.post("/night/night/delete", {"recording": "yes"})
    assert names(server) == {
        f"{stem}{end}"
        for stem in ("night.old", "night.old.er", "night[1]")
        for end in (".csv", ".night.json")
    }


def test_everything_goes_only_if_somebody_is_sure(server: Server, visitor: Visitor) -> None:
    lived(server)
    weeks(visitor)
    kept = server.home / "sensors" / "mine.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    before = names(server)
    assert visitor.post("/weeks/delete").location == "/weeks/delete"
    assert names(server) == before
    assert f"{len(before) + 1} files" in visitor.get("/weeks/delete").text
    assert visitor.post("/weeks/delete", {"sure": "yes"}).location == "/"
    left = {path.relative_to(server.home).as_posix() for path in server.home.rglob("*") if path.is_file()}
    assert left == {"sensors/mine.json", "app/server.json", "app/server.lock"}
    assert visitor.get("/").status == 200  # the same browser is still let in


def test_nothing_is_deleted_while_something_is_worked_on(
    server: Server, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stem = stem_of(lived(server)[0])
    (tmp_path / "slowly.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setenv("SLEEPJERK_HOME", str(server.home))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).resolve().parents[2]}")
    job = jobs.start(("slowly",), title="job.report", then="/")
    before = names(server)
    visitor.post(f"/night/{stem}/delete")
    visitor.post("/weeks/delete", {"sure": "yes"})
    assert names(server) == before
    assert "has to wait" in visitor.get(f"/night/{stem}/delete").text
    assert visitor.post(f"{job.address}/cancel").status == 303
    assert until(lambda: "has to wait" not in visitor.get("/weeks/delete").text)
    visitor.post(f"/night/{stem}/delete")
    assert f"{stem}.night.json" not in names(server)


def test_what_is_not_there_can_not_be_deleted_or_shown(visitor: Visitor) -> None:
    assert "There is no night yet" in visitor.get("/weeks").text
    for path in ("/night/nobody/delete", "/night/..%2f..%2fetc/delete", "/weeks/trend/wrist"):
        assert wait_for_job(visitor, visitor.get(path)).status == 404
        assert visitor.post(path).status in (404, 405)


def fetched(visitor: Visitor) -> bytes:
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    with closing(http.client.HTTPConnection(urlsplit(visitor.address).netloc, timeout=60)) as line:
        line.request("GET", "/weeks/export", headers={"Cookie": cookies})
        return line.getresponse().read()


@pytest.mark.slow
def test_everything_is_taken_along_in_one_archive(server: Server, visitor: Visitor, tmp_path: Path) -> None:
    lived(server)
    large = server.home / "nights" / "large.csv.gz"
    large.write_bytes(os.urandom(80_000_000))
    with zipfile.ZipFile(io.BytesIO(fetched(visitor))) as archive:
        assert archive.testzip() is None
        told = {name.removeprefix("nights/") for name in archive.namelist()}
        assert told == names(server) | {"diary.sqlite", "diary.csv"}
        assert archive.read("nights/large.csv.gz") == large.read_bytes()
        assert SECRET in archive.read("diary.csv").decode()
        (tmp_path / "copy.sqlite").write_bytes(archive.read("diary.sqlite"))
    with History(tmp_path / "copy.sqlite") as copy, History(server.home / "diary.sqlite") as diary:
        assert copy.mornings() == diary.mornings()
        assert copy.nights("wrist") == diary.nights("wrist")
    memory = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())
    assert memory is not None
    assert int(memory[1]) < 90_000


@pytest.mark.slow
def test_what_was_taken_along_can_be_opened_again(visitor: Visitor) -> None:
    shown = wait_for_job(visitor, drop(visitor, {"2026-11-21T223000+0100.csv": table(3, 15)}))
    address = re.search(r'action="(/open/[^"]+)"', shown.text)
    assert address is not None
    wait_for_job(visitor, visitor.post(address[1], {"do": "analyse"}))
    again = drop(visitor, {"sleepjerk.zip": fetched(visitor)})
    page = wait_for_job(visitor, again).text
    assert page.count('class="card found"') == 1
    assert "21 November 2026" in page
