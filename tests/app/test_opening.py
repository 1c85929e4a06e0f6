"""Open a file: sent to a really started server, looked at, decided, analysed; what is hostile is harmless."""

import contextlib
import http.client
import json
import os
import re
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from sleepjerk.app.arrivals import Arrival
from tests.app.conftest import Answer, Server, Visitor, running_server, wait_for_job
from tests.app.files_sent import drop, form_of, kind_of, table, zipped
from tests.support.in_process import sleepjerk
from tests.support.marks import a_few

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"


def opened(visitor: Visitor, files: Mapping[str, bytes]) -> tuple[str, str]:
    """The page with what was found, and its address."""
    shown = wait_for_job(visitor, drop(visitor, files))
    found = re.search(r'action="(/open/[^"]+)"', shown.text)
    assert found is not None, shown.text
    return shown.text, found[1]


def analysed(visitor: Visitor, address: str, **said: str) -> Answer:
    return wait_for_job(visitor, visitor.post(address, {"do": "analyse"} | said))


def kept(server: Server) -> set[str]:
    folder = server.home / "nights"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def everything(server: Server) -> set[str]:
    """All files that came from outside."""
    folder = server.home / "app" / "opened"
    return {path.name for path in folder.glob("*/files/**/*") if path.is_file()} | kept(server)


def test_a_night_is_looked_at_and_becomes_what_the_command_line_makes_of_it(
    server: Server, visitor: Visitor, tmp_path: Path
) -> None:
    sent = {name: (SAMPLE / name).read_bytes() for name in ("short_night.csv.gz", "short_night.json")}
    page, address = opened(visitor, sent)
    assert '<svg role="img"' in page
    assert "us, from the column name" in page
    assert "short_night.json was used" in page
    shown = analysed(visitor, address)
    assert 'id="summary"' in shown.text
    made = {"short_night.night.json", "short_night.events.csv"}
    assert {name for name in kept(server) if name.startswith("short")} == made | set(sent)
    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
    assert sleepjerk("analyse", tmp_path / "short_night.csv.gz", "--no-diary").returncode == 0
    assert (server.home / "nights" / "short_night.events.csv").read_bytes() == (
        tmp_path / "short_night.events.csv"
    ).read_bytes()
    assert not any((server.home / "nights" / name).stat().st_mode & 0o077 for name in kept(server))

    page, address = opened(visitor, sent)  # the same file again is told, not doubled
    assert "You have this recording already" in page
    assert 'href="/night/short_night"' in page
    assert 'value="analyse"' not in page
    assert address not in visitor.get("/open").text  # nothing of it waits
    before = everything(server)
    visitor.post(address, {"do": "remove"})
    assert before - everything(server) == set()  # the first copy has their names, too
    assert not list((server.home / "app" / "opened").glob("*/files/*"))


@pytest.mark.slow
def test_what_is_doubtful_is_a_choice_with_a_picture_each(server: Server, visitor: Visitor) -> None:
    page, address = opened(visitor, {"counts.csv": table(scale=3000.0, header="t_s,x,y,z")})
    assert "unit of acceleration" in page
    choices = re.findall(r'name="choice" value="unit=([^"]+)"', page)
    assert "mg" in choices
    assert any(re.fullmatch(r"counts:(29|30)\d\d", choice) for choice in choices)
    assert page.count("<svg") == len(choices)
    assert 'id="unit"' in page.partition("<details>")[0]  # the field that mends it isn't folded away
    assert "--unit" not in page
    page = wait_for_job(visitor, visitor.post(address, {"do": "look", "unit": "counts:3000"})).text
    assert "counts:3000, as given" in page
    assert 'value="counts:3000"' in page
    analysed(visitor, address, unit="counts:3000", start="2026-11-22T22:45", zone="Europe/Berlin")
    document = (server.home / "nights" / "counts.night.json").read_text()
    assert '"counts:3000"' in document  # as --unit is kept
    assert "2026-11-22T22:45" in document


@pytest.mark.slow
def test_columns_without_names_are_shown_as_what_they_would_be(visitor: Visitor) -> None:
    data = b"\n".join(b"%s,7,8" % line for line in table().splitlines()).replace(
        b"t_s,x_g,y_g,z_g", b"a,b,c,d"
    )
    page, address = opened(visitor, {"log.csv": data.replace(b"a,b,c,d,7,8", b"a,b,c,d,e,f")})
    assert 'value="columns=1,2,3,4"' in page
    page = wait_for_job(visitor, visitor.post(address, {"do": "look", "choice": "columns=1,2,3,4"})).text
    assert "a, b, c, d" in page
    assert 'value="1,2,3,4"' in page


@pytest.mark.slow
def test_a_date_that_may_begin_with_the_day_or_the_month_is_asked_for(
    server: Server, visitor: Visitor
) -> None:
    rows = [line.partition(",")[2] for line in table(minutes=15).decode().splitlines()[1:]]
    times = (
        f"22:{place // 1500:02d}:{place // 25 % 60:02d}.{place % 25 * 40:03d}" for place in range(len(rows))
    )
    lines_ = (f"03/04/2026 {time},{row}" for time, row in zip(times, rows, strict=True))
    page, address = opened(visitor, {"dated.csv": "\n".join(["time,x_g,y_g,z_g", *lines_, ""]).encode()})
    assert {"3 April 2026", "4 March 2026"} <= set(re.findall(r"\d \w+ 2026", page))
    assert 'id="zone"' in page.partition("<details>")[0]
    analysed(visitor, address, zone="Europe/Berlin", choice="time_unit=mdy")
    assert "2026-03-04T22:00:00" in (server.home / "nights" / "dated.night.json").read_text()


@pytest.mark.parametrize(
    "brought",
    a_few(
        [
            ("letter.txt", b"Dear <b>Jane</b>,\nhow are you?\n", "letter.txt"),
            ("wide.csv", "Grüße\nohne Zahlen\n".encode("utf-16"), "wide.csv"),
            ("latin.csv", "Grüße;\xff\n".encode("latin-1") * 9, "latin.csv"),
            ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(999), "a PNG picture"),
            ("nothing.csv", b"", "the file is empty"),
            ("noise.csv", bytes(range(256)) * 99, "binary data"),
            ("broken.zip", zipped({"a.csv": table()})[:-200], "damaged or not whole"),
            ("empty.zip", zipped({}), "holds no recording"),
        ],
        of=8,
    ),
)
def test_what_is_no_recording_gets_a_sentence_and_no_night(
    server: Server, visitor: Visitor, brought: tuple[str, bytes, str]
) -> None:
    name, data, sentence = brought
    before = everything(server)
    page, address = opened(visitor, {name: data})
    assert sentence in page
    assert "<b>" not in page
    assert "Traceback" not in page
    assert str(server.home) not in page
    visitor.post(address, {"do": "remove"})
    assert everything(server) == before


HOSTILE = [
    *(
        "../../../escape.csv",
        "/etc/escape.csv",
        "..\\..\\escape.csv",
        "C:\\escape.csv",
        "a/../../../escape.csv",
    ),
    *(
        "....//escape.csv",
        ".hidden.csv",
        "<script>x.csv",
        "a%2e%2e%2fescape.csv",
        "con.csv",
        "x" * 300 + ".csv",
    ),
    *("name\twith\ttabs.csv", "?key=1&#.csv", "night.night1.csv", "\udcff\udcfe.csv", "\u202evsc.exe.csv"),
]


@pytest.mark.slow
def test_a_name_from_outside_is_text_and_no_way_anywhere(server: Server, visitor: Visitor) -> None:
    before = {path for path in server.home.parent.rglob("*") if server.home not in path.parents}
    page, address = opened(visitor, {name: table(seed, 1) for seed, name in enumerate(HOSTILE)})
    assert page.count('class="card found"') == len(HOSTILE)
    assert "<script>" not in page
    after = {path for path in server.home.parent.rglob("*") if server.home not in path.parents}
    assert after == before
    folder = server.home / "app" / "opened" / address.rpartition("/")[2] / "files"
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert len(names) == len(HOSTILE)
    for path in names:
        assert not any(part.startswith(".") or len(part.encode()) > 250 for part in path.parts)
        assert re.fullmatch(r"[\w .+()@,/-]+", path.as_posix()), path


def test_an_upload_that_breaks_off_leaves_nothing(server: Server, visitor: Visitor) -> None:
    before, body = everything(server), form_of({"broken_off.csv": table(minutes=20)})
    line = http.client.HTTPConnection(urlsplit(visitor.address).netloc, timeout=20)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    with contextlib.closing(line):
        line.putrequest("POST", "/open")
        for name, value in (kind_of(visitor) | {"Cookie": cookies, "Content-Length": str(len(body))}).items():
            line.putheader(name, value)
        line.endheaders()
        line.send(body[: len(body) // 2])
        time.sleep(0.5)
    until = time.monotonic() + 120
    while everything(server) != before and time.monotonic() < until:
        time.sleep(0.1)
    assert everything(server) == before
    assert "broken_off" not in visitor.get("/open").text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Content-Length": str(2 * 10**9 + 1)}, 413),
        ({"Content-Type": "multipart/form-data"}, 400),
        ({"Content-Type": "multipart/form-data; boundary=another"}, 400),
        ({"Content-Type": "text/csv"}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Cookie": "sleepjerk=1"}, 403),
    ],
    ids=["too large", "no boundary", "another boundary", "no form", "from elsewhere", "from a stranger"],
)
def test_a_form_that_is_none_is_refused_and_leaves_nothing(
    server: Server, visitor: Visitor, change: dict[str, str], status: int
) -> None:
    before, headers = everything(server), kind_of(visitor) | change
    answer = visitor.ask("POST", "/open", form_of({"a.csv": table()}), headers)
    assert answer.status == status
    assert answer.text.count('<p class="loud">') <= 1
    assert everything(server) == before


def test_no_file_at_all_shows_the_form_again(visitor: Visitor) -> None:
    for sent in ({}, {"": b""}):
        assert "Choose a file first" in visitor.follow(drop(visitor, sent)).text
    assert "Choose a file first" not in visitor.get("/open").text


@pytest.mark.slow
def test_two_uploads_at_once_of_one_name_are_two_nights(server: Server, visitor: Visitor) -> None:
    answers: list[Answer] = []

    def send(seed: int) -> None:
        _, address = opened(visitor, {"pair.csv": table(seed + 20, 15)})
        answers.append(analysed(visitor, address))

    both = [Thread(target=send, args=(seed,)) for seed in (1, 2)]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=120)
    assert [answer.status for answer in answers] == [200, 200]
    assert {"pair.csv", "pair-2.csv", "pair.night.json", "pair-2.night.json"} <= kept(server)


@pytest.mark.slow
def test_each_night_of_an_archive_is_its_own_and_two_that_are_the_same_are_one(
    server: Server, visitor: Visitor
) -> None:
    files = {"nights/one.csv": table(1, 15), "nights/two.csv": table(2, 15), "other/again.csv": table(1, 15)}
    page, address = opened(
        visitor, {"nights.zip": zipped({**files, "__MACOSX/._one.csv": b"\0\1", "read.me": b"x"})}
    )
    assert page.count('class="card found"') == 3
    assert page.count("You have this recording already") == 1
    shown = analysed(visitor, address)
    assert {'href="/night/one"', 'href="/night/two"'} <= set(re.findall(r'href="[^"]+"', shown.text))
    assert {"one.csv", "two.csv", "one.night.json", "two.night.json"} <= kept(server)
    assert "again.csv" not in kept(server)


@pytest.mark.slow
def test_each_night_of_a_recording_of_several_days_is_its_own(server: Server, visitor: Visitor) -> None:
    page, address = opened(visitor, {"days.csv": table(7, 40 * 60)})
    assert "the first of 2 nights" in page or "the first of 3 nights" in page
    shown = analysed(visitor, address, start="2026-11-22T18:00", zone="Europe/Berlin")
    parts = {f"days.night{number}" for number in (1, 2)}
    assert {f'href="/night/{part}"' for part in parts} <= set(re.findall(r'href="[^"]+"', shown.text))
    assert {f"{part}{end}" for part in parts for end in (".night.json", ".events.csv")} <= kept(server)
    page, _ = opened(visitor, {"days.csv": table(7, 40 * 60)})
    assert "You have this recording already" in page


@pytest.mark.slow
def test_a_folder_that_an_app_wrote_is_one_recording(server: Server, visitor: Visitor) -> None:
    header = 'Time (s),"Acceleration x (m/s^2)","Acceleration y (m/s^2)","Acceleration z (m/s^2)"'
    files = {
        "My night/Accelerometer.csv": table(1, 15, header, 9.81),
        "My night/Gyroscope.csv": table(2, 1),
        "My night/meta/time.csv": b'"event","experiment time","system time","system time text"\n'
        b'"START",0.0,1795986000.0,"2026-11-29 22:00:00.000 UTC+01:00"\n',
    }
    page, address = opened(visitor, files)
    assert page.count('class="card found"') == 1
    assert "Accelerometer.csv was taken" in page
    assert "29 November 2026" in page
    analysed(visitor, address)
    with zipfile.ZipFile(server.home / "nights" / "My night.zip") as archive:
        assert set(archive.namelist()) == {name.removeprefix("My night/") for name in files}


@pytest.mark.slow
def test_an_archive_that_unpacks_to_more_than_anybodys_nights_is_not_unpacked(
    server: Server, visitor: Visitor
) -> None:
    def on_disk() -> int:
        return sum(path.stat().st_size for path in server.home.rglob("*") if path.is_file())

    before = on_disk()  # tests before this one left files there
    many = {f"{place}.csv": b"t_s,x_g,y_g,z_g\n" for place in range(1001)}
    page, _ = opened(visitor, {"many.zip": zipped(many)})
    assert "which is too much" in page
    two = [table(1), table(2)]
    bomb = zipped({"a.csv": two[0], "b.csv": two[1]})
    for data in two:  # what it says of itself is believed
        bomb = bomb.replace(len(data).to_bytes(4, "little"), (2**32 - 2).to_bytes(4, "little"))
    page, _ = opened(visitor, {"bomb.zip": bomb})
    assert "which is too much" in page
    assert on_disk() < before + 50_000_000


@pytest.mark.slow
def test_what_was_opened_is_found_again_when_the_server_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path / "home") as server:
        visitor = server.visitor()
        _, address = opened(visitor, {"night.csv": table(1, 15)})
        half = server.home / "app" / "opened" / "1795986000-00000000.coming" / "files"
        half.mkdir(parents=True)
        (half / "half.csv").write_bytes(b"t_s")
        server.kill()
        server.start()
        again = server.visitor()
        assert f'href="{address}"' in again.get("/open").text
        assert 'id="summary"' in analysed(again, address).text
        left = Arrival("1795986000-00000000")
        monkeypatch.setenv("SLEEPJERK_HOME", str(server.home))
        assert left.is_coming
        for path in (half, half / "half.csv", half.parent):
            os.utime(path, (0, 0))
        assert not left.is_coming  # a process that waits for it gives up
        opened(again, {"other.csv": table(2)})
        assert not half.exists()  # what a killed server left half goes


@pytest.mark.slow
def test_a_job_can_be_ended_and_begun_again(server: Server, visitor: Visitor) -> None:
    _, address = opened(visitor, {"ended.csv": table(31, 30)})
    job = visitor.post(address, {"do": "analyse"}).location
    assert visitor.post(f"{job}/cancel").location == address
    until = time.monotonic() + 120
    while "data-live" in visitor.get(job).text and time.monotonic() < until:
        time.sleep(0.1)
    if "ended.csv" not in kept(server):  # it may have been done before it was asked to end
        assert "couldn’t be done" in visitor.get(job).text
        analysed(visitor, address)
    assert {"ended.csv", "ended.night.json"} <= kept(server)


@pytest.mark.parametrize(
    "name", ["nobody", "..", "%2e%2e", "1795986000-00000000", "1795986000-00000000.coming"]
)
def test_what_was_never_opened_is_no_page(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/open/{name}").status == 404
    assert visitor.post(f"/open/{name}", {"do": "remove"}).status == 404


@pytest.mark.slow
def test_a_night_without_a_date_says_what_that_costs_and_is_given_one_later(
    server: Server, visitor: Visitor
) -> None:
    page, address = opened(visitor, {"undated.csv": table(seed=77)})
    assert "Without a date the night has no diary" in page
    shown = analysed(visitor, address)
    assert 'href="/night/undated/start"' in shown.text
    diary = visitor.get("/night/undated/diary").text
    assert "needs the date of its night" in diary
    assert 'href="/night/undated/start"' in diary
    assert 'name="seen"' not in diary  # no form, for no date is guessed
    assert visitor.post("/night/undated/diary", {"seen": "{}"}).location == "/night/undated/start"

    shown = visitor.get("/night/undated/sleep")
    times = dict(re.findall(r'<input id="(from|to)" name="\w+" value="([^"]+)"', shown.text))
    assert times == {"from": "+0:00", "to": "+0:04"}
    assert visitor.post("/night/undated/sleep", {"kind": "sleep"} | times).status == 303
    missed = {"at": "+0:01:30", "label": "sleep_twitch"}
    assert "+0:30:00" in visitor.get("/night/undated/movements").text
    assert visitor.post("/night/undated/movements", missed).status == 303
    wait_for_job(visitor, visitor.get("/night/undated/report"))

    assert visitor.post("/night/undated/start", {"start": "yesterday"}).status == 400
    dated = wait_for_job(visitor, visitor.post("/night/undated/start", {"start": "2026-11-20T22:10"}))
    assert "/start" not in dated.text
    document = json.loads((server.home / "nights" / "undated.night.json").read_text())
    assert document["recording"]["start"].startswith("2026-11-20T22:10:00")
    assert [event["onset_s"] for event in document["events"] if event["detected"] == "missed"] == [90.0]
    kept_options = (server.home / "recordings" / f"{document['input_sha256']}.options.json").read_text()
    assert json.loads(kept_options)["start"] == "2026-11-20T22:10:00"
    assert "The night of Friday 20 November" in visitor.get("/night/undated/diary").text
