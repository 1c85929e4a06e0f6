"""The first page, the languages, a night's report, jobs; each asked of a real server."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sleepjerk.app import jobs
from sleepjerk.app.fields import in_the_page
from sleepjerk.report.catalogue import Catalogue
from tests.app.conftest import Server, Visitor, running_server, wait_for_job


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("", "Your nights"),
        ("de-AT,en;q=0.5", "Ihre Nächte"),
        ("fr, de", "Ihre Nächte"),
        ("x" * 9999, "Your nights"),
    ],
)
def test_a_browser_is_answered_in_its_language(visitor: Visitor, asked: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in visitor.get("/", **{"Accept-Language": asked}).text


def test_a_language_that_was_chosen_stays(server: Server) -> None:
    visitor = Visitor(server.address)
    visitor.get(server.another_key().removeprefix(server.address))
    answer = visitor.post("/language", {"language": "de", "back": "/"})
    assert (answer.status, answer.location) == (303, "/")
    assert "Ihre Nächte" in visitor.get("/").text


@pytest.mark.parametrize(
    "back", ["//evil.example/", "/\\evil.example", "https://evil.example", "javascript:x"]
)
def test_after_a_form_no_browser_is_sent_elsewhere(visitor: Visitor, back: str) -> None:
    assert visitor.post("/language", {"language": "en", "back": back}).location == "/"


def test_a_night_is_listed_and_its_report_made_and_kept(
    server: Server, visitor: Visitor, nights_there: str
) -> None:
    assert f'href="/night/{nights_there}"' in visitor.get("/").text
    shown = wait_for_job(visitor, visitor.get(f"/night/{nights_there}"))
    assert shown.status == 200
    assert "unsafe-inline" in shown.headers["content-security-policy"]
    assert 'id="summary"' in shown.text
    assert visitor.get(f"/night/{nights_there}/report").status == 200  # no job again
    assert (server.home / "nights" / f"{nights_there}.night.json").exists()


@pytest.mark.parametrize(
    "stem", ["nobody", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "short_night.csv", "%00"]
)
def test_a_night_that_is_not_there_is_no_page(visitor: Visitor, stem: str) -> None:
    assert visitor.get(f"/night/{stem}/report").status == 404


def test_a_file_that_is_no_night_ends_in_a_sentence(server: Server, visitor: Visitor) -> None:
    (server.home / "nights").mkdir(parents=True, exist_ok=True)
    (server.home / "nights" / "letter.txt").write_text("Dear <b>Jane</b>, how are you?\n")
    shown = wait_for_job(visitor, visitor.get("/night/letter/report"))
    assert "couldn’t be done" in shown.text
    assert "Traceback" not in shown.text


def test_a_second_start_shows_the_server_that_is_there(server: Server) -> None:
    again = server.another_key()
    assert again.startswith(f"{server.address}/?key=")
    assert Visitor(server.address).get(again.removeprefix(server.address)).status == 200


def test_a_job_outlives_the_server_and_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path))
    said = "print(f'{n} % of it', file=sys.stderr, flush=True)"
    still = f"n < 3000 and not os.path.exists({str(tmp_path / 'enough')!r})"
    slowly = f"import os, sys, time\nn = 0\nwhile {still}:\n    {said}\n    time.sleep(0.1)\n    n += 1\n"
    (tmp_path / "slowly.py").write_text(slowly)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).resolve().parents[2]}")
    start = "from sleepjerk.app import jobs; print(jobs.start(('slowly',), title='job.report', then='/there').name)"
    with running_server(tmp_path) as server:
        names = {
            subprocess.run(
                [sys.executable, "-c", start], capture_output=True, text=True, check=True
            ).stdout.strip()
            for _ in range(2)
        }
        assert len(names) == 1  # the same work is not begun twice
        page = f"/job/{names.pop()}"
        server.kill()
        server.start()
        visitor = server.visitor()
        assert "% of it" in visitor.get(page).text
        (tmp_path / "enough").touch()
        until = time.monotonic() + 120
        while (answer := visitor.get(page)).status != 303 and time.monotonic() < until:
            time.sleep(0.1)
        assert answer.location == "/there"


def test_without_its_packages_the_page_says_what_to_type(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('none', name='uvicorn')\n")
    path = f"{tmp_path}:{Path(__file__).resolve().parents[2]}"
    done = subprocess.run(
        [sys.executable, "-m", "sleepjerk", "app"],
        env={"PYTHONPATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'sleepjerk[app]'" in done.stderr


def test_the_server_never_imports_what_is_slow() -> None:
    code = "import sleepjerk.app.server, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "scipy"} & set(json.loads(done.stdout))


def test_the_folder_is_its_owners_alone(server: Server) -> None:
    assert [
        path for path in (server.home, *server.home.glob("app/**/*")) if path.stat().st_mode & 0o077
    ] == []


@pytest.mark.slow
def test_it_ends_when_nobody_asks_and_not_before(tmp_path: Path) -> None:
    with running_server(tmp_path, "--stop-when-idle", "5s") as server:
        visitor = server.visitor()
        for _ in range(14):
            time.sleep(0.5)
            assert visitor.get("/").status == 200
        assert server.process.wait(timeout=90) == 0


def test_a_job_that_is_looked_at_all_the_time_is_never_taken_for_dead(home: Path) -> None:
    started = [jobs.start(("platform", str(n)), title="job.report", then="/") for n in range(8)]
    until, seen = time.monotonic() + 120, {job.name: [job.exit_code] for job in started}
    while any(codes[-1] is None for codes in seen.values()) and time.monotonic() < until:
        for job in started:
            found = jobs.find_job(job.name)
            assert found is not None
            seen[job.name].append(found.exit_code)
    assert {code for codes in seen.values() for code in codes} <= {None, 0}
    assert all(codes[-1] == 0 for codes in seen.values())
    assert all(job.output.strip() for job in started)


def test_a_job_that_was_killed_has_failed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sleeper.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).resolve().parents[2]}")
    job = jobs.start(("sleeper",), title="job.report", then="/")
    until = time.monotonic() + 120
    while not job.output.endswith("\n") and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(int(job.output), signal.SIGKILL)
    while (
        (then := jobs.find_job(job.name)) is not None and then.exit_code is None and time.monotonic() < until
    ):
        time.sleep(0.05)
    assert then is not None
    assert then.exit_code == 1


@pytest.mark.parametrize("words", [(), ("--listen", "9999")])
def test_a_second_program_says_that_the_page_runs_already(server: Server, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "sleepjerk", "app", "--no-browser", "--home", str(server.home), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith(f"{server.address}/?key=")
    assert "running already; this address opens it, too" in done.stderr
    assert "Ctrl-C" not in done.stderr
    assert ("before --listen 9999 can hold" in done.stderr) == bool(words)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("several boards: name it with --port", "several boards: name it with “Port”"),
        (
            "--not-sleep 9: no time; say --time-unit ms",
            "“I was awake, or up, at this time” 9: no time; say “Unit of the times” ms",
        ),
        ("choose a folder with --home, --ratee or -- so", "choose a folder with --home, --ratee or -- so"),
    ],
)
def test_an_option_is_called_by_its_field(sentence: str, shown: str) -> None:
    assert in_the_page(sentence, Catalogue("en", "sleepjerk.app")) == shown
