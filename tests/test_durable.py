"""A cut of the power or a kill at any moment: under a final name stands the old file or the new one, whole."""

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from firmware_io import nightfile
from sleepjerk import atomic
from sleepjerk.atomic import scratch, whole_files, write_together, write_whole
from sleepjerk.batch.table import write_table
from sleepjerk.batch.work import Outcome
from sleepjerk.cli import main
from sleepjerk.detection.calibration import Calibration
from sleepjerk.history.corrections import corrections_path, write_corrections
from sleepjerk.history.database import History
from sleepjerk.history.options import Options, keep_options, options_path
from sleepjerk.history.sensors import Sensor, keep_sensor
from sleepjerk.report.pdf import find_browser
from sleepjerk.said import Correction
from tests.support.in_process import Here
from tests.support.marks import a_few
from tests.support.unsynced_disk import Disk, watched

PROJECT = Path(__file__).resolve().parents[1]
MAKING = ".sleepjerk-making-"
HZ = 25
Verb = Callable[[Path], list[str]]

VERBS: dict[str, Verb] = {
    "analyse": lambda at: ["analyse", f"{at}/n.csv", "--out", f"{at}/out"],
    "report": lambda at: ["report", f"{at}/n.csv", "--no-diary", "--out", f"{at}/page.html"],
    "simulate": lambda at: ["simulate", "--scenario", "short", "--hours", "0.5", "--out", f"{at}/made.csv"],
    "batch": lambda at: ["batch", f"{at}/n.csv", f"{at}/m.csv", "--jobs", "1", "--out", f"{at}/out"],
    "pdf": lambda at: ["report", f"{at}/n.csv", "--no-diary", "--out", f"{at}/page.pdf"],
    **{
        form: lambda at, form=form: ["export", f"{at}/n.csv", "--to", form, "--out", f"{at}/out"]  # type: ignore[misc]
        for form in ("edf", "parquet", "feather", "ggir", "bids")
    },
}


@pytest.fixture(autouse=True)
def _nothing_swept_yet(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "_swept", set())
    monkeypatch.setattr("sleepjerk.batch.spread.Processes", Here)


def recording(folder: Path, name: str = "n") -> None:
    """Ten minutes of an arm that lies still but for some jerks."""
    made = np.random.default_rng(len(name))
    samples = made.normal(0, 0.002, (600 * HZ, 3))
    samples[:, 2] += 1
    for second in range(60, 600, 90):
        samples[second * HZ : second * HZ + 6] += made.normal(0, 0.3, (6, 3))
    rows = [f"{40_000 * at},{x:.4f},{y:.4f},{z:.4f}\n" for at, (x, y, z) in enumerate(samples.tolist())]
    (folder / f"{name}.csv").write_text("t_us,x_g,y_g,z_g\n" + "".join(rows))
    side = {"start_utc": "2026-11-22T21:31:04+00:00", "zone": "Europe/Berlin", "limb": "wrist"}
    (folder / f"{name}.json").write_text(json.dumps(side))


def files(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(MAKING)]


def with_browser(verbs: Iterable[str]) -> list[Any]:
    return [
        pytest.param(verb, marks=[pytest.mark.browser, pytest.mark.slow]) if verb == "pdf" else verb
        for verb in verbs
    ]


def need_browser(verb: str) -> None:
    if verb == "pdf" and find_browser() is None:
        assert os.environ.get("CI") != "true"
        pytest.skip("no browser here (Debian: apt-get install chromium)")


def whole_one(name: str, content: bytes, *wanted: bytes | None) -> bool:
    """Whether a file is one of these; two PDFs of one page differ in their date, so of these any whole one."""
    is_pdf = content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")
    return content in wanted or (name.endswith(".pdf") and is_pdf)


def final(name: str) -> bool:
    return MAKING not in name and not name.startswith("home/") and not name.endswith(".jsonl")


@pytest.mark.parametrize("verb", with_browser(VERBS))
def test_a_cut_at_any_step_leaves_the_old_file_or_the_new_one(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need_browser(verb)
    for name in ("n", "m"):
        recording(tmp_path, name)
    true = tmp_path.with_name(tmp_path.name + "_true")
    shutil.copytree(tmp_path, true)
    # The truth is an undisturbed run at the same paths, so that what holds a path is the same.
    assert main(VERBS[verb](tmp_path)) == 0
    whole = files(tmp_path)
    for path in tmp_path.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(true, tmp_path, dirs_exist_ok=True)
    before, looks = files(tmp_path), 0

    def look(disk: Disk) -> None:
        nonlocal looks
        looks += 1
        for found in (disk.safe(), disk.named()):
            for name, content in found.items():
                if final(name):
                    assert whole_one(name, content, before.get(name), whole[name]), (
                        f"{name}: {len(content)} bytes"
                    )
        book = next(tmp_path.glob("out/*.jsonl"), None)
        for line in [] if book is None else book.read_text().splitlines():
            said, safe = json.loads(line), disk.safe()
            for ending in said["endings"]:
                name = f"out/{said['stem']}{ending}"
                assert safe.get(name) == whole[name], f"{name} is vouched for, and not on disk"

    with watched(tmp_path, look) as disk:
        assert main(VERBS[verb](tmp_path)) == 0
        at_the_end = disk.safe()
    assert looks > 4
    assert {name for name in at_the_end if final(name)} == {name for name in whole if final(name)}
    assert left_over(tmp_path) == []
    assert capsys.readouterr().out


def sensor(own: Path, number: int) -> None:
    flat = Calibration(np.zeros(3), np.ones(3), 0.01, 0.001, "bench", number)
    keep_sensor(Sensor(name="left", date="2026-11-22", calibration=flat, noise_g=0.1, settings_sha256=""))


def options(own: Path, number: int) -> None:
    keep_options(options_path(own, "ab"), Options(lights_off=str(number)))


def corrections(own: Path, number: int) -> None:
    said = Correction(
        onset_s=float(number), label="posture_change", detected="rhythmic_movement", said_utc=""
    )
    write_corrections(corrections_path(own / "n"), "ab", [said])


@pytest.mark.parametrize("keep", [sensor, options, corrections])
def test_what_a_person_said_is_on_disk_when_it_was_kept_and_a_cut_leaves_the_old_or_the_new(
    keep: Callable[[Path, int], None], home: Path
) -> None:
    seen, kept = set[bytes](), list[bytes]()

    def look(disk: Disk) -> None:
        seen.update(disk.safe().values(), disk.named().values())

    home.parent.chmod(0o700)
    if keep is corrections:
        home.mkdir()
    with watched(home.parent, look) as disk:
        for number in (1, 2, 3):
            keep(home, number)
            (content,) = disk.safe().values()
            assert disk.named() == disk.safe()
            kept.append(content)
            assert seen - {b""} <= set(kept), "a half one"
    assert len(set(kept)) == 3
    for path in home.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_no_cut_while_an_event_is_corrected_loses_what_was_said_nor_shows_what_was_not_kept(
    home: Path, tmp_path: Path
) -> None:
    recording(tmp_path)
    assert main(["analyse", f"{tmp_path}/n.csv", "--limb", "wrist"]) == 0
    line = ["correct", f"{tmp_path}/n.csv", "--label", "body_movement", "--event"]
    assert main([*line, "0"]) == 0
    first, looks = said_in(files(tmp_path)), 0
    assert first is not None
    assert first[0] == first[1]
    assert len(first[0]) == 1

    def look(disk: Disk) -> None:
        nonlocal looks
        looks += 1
        for found in (disk.safe(), disk.named()):
            kept, shown = said_in(found)
            assert first[0] <= kept
            assert shown <= kept, "a label is in the night, and not among what was said"

    with watched(tmp_path, look) as disk:
        assert main([*line, "1"]) == 0
        kept, shown = said_in(disk.safe())
    assert looks > 12
    assert kept == shown
    assert len(kept) == 2


def said_in(found: dict[str, bytes]) -> tuple[set[float], set[float]]:
    """Onsets of the events that a person named: of those kept with the own files, and of those in the night."""
    said = [
        name for name in found if name.startswith("home/recordings/") and name.endswith(".corrections.json")
    ]
    (own,) = (found[name] for name in said if MAKING not in name)
    kept = {item["onset_s"] for item in json.loads(own)["corrections"]}
    return kept, {row["onset_s"] for row in json.loads(found["n.night.json"])["events"] if row["detected"]}


def test_the_diary_knows_no_night_whose_results_are_not_on_disk(home: Path, tmp_path: Path) -> None:
    recording(tmp_path)
    known = 0

    def look(disk: Disk) -> None:
        nonlocal known
        if (home / "diary.sqlite").exists() and (home / "diary.sqlite").stat().st_size:
            with History(home / "diary.sqlite") as history:
                for _ in history.nights("wrist"):
                    known += 1
                    assert disk.safe()["n.night.json"].endswith(b"}\n")

    with watched(tmp_path, look):
        assert main(["report", f"{tmp_path}/n.csv"]) == 0
        assert main(["report", f"{tmp_path}/n.night.json"]) == 0
    assert known


def test_the_diary_is_told_to_hold_each_change_through_a_cut(home: Path) -> None:
    """SQLite then syncs journal, file and folder; its rollback journal is undone by whoever opens it next."""
    with History(home / "diary.sqlite") as history:
        assert history._ask("PRAGMA synchronous").fetchone() == (3,)  # EXTRA
        assert history._ask("PRAGMA journal_mode").fetchone() == ("delete",)
        assert history._ask("PRAGMA fullfsync").fetchone() == (1,)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no fcntl")
@pytest.mark.parametrize("refused", [False, True])
def test_on_macos_a_sync_goes_through_the_drive_s_own_memory_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    asked, synced = list[int](), list[int]()

    def ask(handle: int, command: int) -> None:
        asked.append(command)
        if refused:
            raise OSError(errno.ENOTSUP, "not on this drive")

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("fcntl.F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr("fcntl.fcntl", ask)
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, synced.append, raising=False)
    write_whole(tmp_path / "a", "1")
    nightfile.write_atomically(tmp_path / "b", "1")
    file = nightfile.AppendFile(tmp_path / "c")
    file.append(b"1\n")
    file.close(0.0)
    assert set(asked) == {51}
    assert len(asked) == 5, "a file and its folder, twice, and the night"
    assert len(synced) == (5 if refused else 0)


@pytest.mark.parametrize("how_many", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_answers_killed_at_any_moment_are_the_old_or_the_new(home: Path, runs: "Runs", how_many: int) -> None:
    path, draw = home / "diary.sqlite", random.Random(how_many)
    with History(path) as history:
        history.keep_answers("2026-11-22", {"stress": 0, "pain": True})
    before = cut = 0
    for number in range(1, how_many + 1):
        words = [
            "diary",
            "--night",
            "2026-11-22",
            "--set",
            f"stress={number % 11}",
            "--set",
            f"note={number}",
        ]
        began_s = time.monotonic()
        if number == 1:
            assert runs.run(words) == 0
            took_s = time.monotonic() - began_s
        else:
            cut += runs.run(words, draw.uniform(0, took_s)) != 0
        with History(path) as history:
            assert history._ask("PRAGMA integrity_check").fetchone() == ("ok",)
            given = history.mornings()["2026-11-22"]
        assert given["pain"] is True
        assert int(given["note"]) in (before, number)
        assert given["stress"] == int(given["note"]) % 11
        before = int(given["note"])
    assert cut or how_many < 10
    assert [one.name for one in home.iterdir()] == ["diary.sqlite"]


def test_the_model_sees_a_file_that_was_not_synced(tmp_path: Path) -> None:
    found = []
    with watched(tmp_path, lambda disk: found.append(disk.named())) as disk:
        (tmp_path / "a.part").write_text("all")
        (tmp_path / "a.part").replace(tmp_path / "a")
        assert disk.named() == {"a": b""}
        assert disk.safe() == {}
    assert len(found) == 2


SERVER = """
import os, sys, json, tempfile
import numpy, pandas, pyarrow.parquet, pyarrow.feather, edfio, jinja2
import sleepjerk.analysis, sleepjerk.session, sleepjerk.report.page, sleepjerk.cli.export, sleepjerk.batch.table
import sleepjerk.cli.analyse, sleepjerk.cli.report, sleepjerk.cli.correct, sleepjerk.cli.batch, sleepjerk.simulate
from sleepjerk.cli import main
from sleepjerk.batch import spread
from tests.support.in_process import Here
spread.Processes = Here
tempfile.gettempdir()  # asked here, for it tries a folder with a file, which a kill at that moment would leave
for line in sys.stdin:
    home, *words = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ["SLEEPJERK_HOME"] = home
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        code = 9
        try:
            code = main(words)
        finally:
            os._exit(code)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Runs:
    """Real processes, forked from one that has imported everything."""

    def __init__(self) -> None:
        self.temporary = Path(tempfile.mkdtemp())  # a browser wants a short one, for its socket
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=PROJECT,
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, words: list[str], kill_after_s: float | None = None) -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps([os.environ["SLEEPJERK_HOME"], *words]) + "\n")
        self._server.stdin.flush()
        child = int(self._server.stdout.readline())
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            with contextlib.suppress(ProcessLookupError):  # it was faster
                os.kill(child, signal.SIGKILL)
        return int(self._server.stdout.readline())

    def close(self) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()
        shutil.rmtree(self.temporary)


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    opened = Runs()
    yield opened
    opened.close()


KILLED = {**{name: VERBS[name] for name in ("analyse", "report", "pdf", "batch", "parquet", "bids", "edf")}}
KILLED["correct"] = lambda at: ["correct", f"{at}/n.csv", "--event", "0", "--label", "body_movement"]


def cleared(folder: Path, start: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(start, folder, dirs_exist_ok=True)


def kills(verb: str, tmp_path: Path, runs: Runs, how_many: int) -> None:
    need_browser(verb)
    words, draw = KILLED[verb](tmp_path), random.Random(verb)
    for name in ("n", "m"):
        recording(tmp_path, name)
    if verb == "correct":
        assert runs.run(VERBS["analyse"](tmp_path)[:2]) == 0
    start = tmp_path.with_name(tmp_path.name + "_start")
    shutil.copytree(tmp_path, start)
    before = files(tmp_path)
    for _ in range(2):  # the first run of a process also fills caches
        cleared(tmp_path, start)
        began_s = time.monotonic()
        assert runs.run(words) == 0
        took_s = time.monotonic() - began_s
    whole = files(tmp_path)
    cut = 0
    for _ in range(how_many):
        cleared(tmp_path, start)
        cut += runs.run(words, draw.uniform(0, took_s)) != 0
        check(files(tmp_path), before, whole)
        again = runs.run(words)
        after = files(tmp_path)
        if again != 0:  # an export that was whole when it was killed is written over by nothing
            assert words[0] == "export"
        check(after, before, whole)
        assert {name for name in after if final(name)} == {name for name in whole if final(name)}
        assert left_over(tmp_path) == []
    assert cut
    assert list(runs.temporary.iterdir()) == []


def check(found: dict[str, bytes], before: dict[str, bytes], whole: dict[str, bytes]) -> None:
    for name, content in found.items():
        if final(name) and not name.endswith((".corrections.json", ".lock", "/lock")):
            assert whole_one(name, content, before.get(name), whole.get(name)), (
                f"{name}: {len(content)} bytes"
            )
        elif final(name) and name.endswith(".corrections.json"):
            json.loads(content)  # it holds when it was said


@pytest.mark.slow
def test_killed_at_a_few_moments(tmp_path: Path, runs: Runs) -> None:
    kills("correct", tmp_path, runs, 3)  # the verb that no test above cuts


@pytest.mark.slow
@pytest.mark.parametrize("verb", [verb for verb in KILLED if verb != "pdf"])
def test_killed_at_200_moments(verb: str, tmp_path: Path, runs: Runs) -> None:
    kills(verb, tmp_path, runs, 200)


@pytest.mark.slow
@pytest.mark.browser
def test_a_pdf_killed_at_20_moments(tmp_path: Path, runs: Runs) -> None:
    kills("pdf", tmp_path, runs, 20)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these modes")
@pytest.mark.parametrize("verb", with_browser(VERBS))
def test_results_are_their_owners_alone(verb: str, tmp_path: Path) -> None:
    need_browser(verb)
    for name in ("n", "m"):
        recording(tmp_path, name)
    given, mask = set(tmp_path.rglob("*")), os.umask(0)
    try:
        assert main(VERBS[verb](tmp_path)) == 0
    finally:
        os.umask(mask)
    made = set(tmp_path.rglob("*")) - given
    assert made
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_another_live_process_makes_stays_and_what_a_dead_one_left_goes(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time\nfrom sleepjerk.atomic import scratch\n"
        "with scratch(pathlib.Path(sys.argv[1])):\n    print('in it', flush=True)\n    time.sleep(60)\n"
    )
    line = [sys.executable, "-c", code, str(tmp_path)]
    other = subprocess.Popen(line, cwd=PROJECT, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    write_whole(tmp_path / "a", "1")
    assert len(left_over(tmp_path)) == 1
    other.kill()
    other.communicate()
    write_whole(tmp_path / "a", "2")
    assert left_over(tmp_path) == []


def test_after_an_error_nothing_has_moved_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_together(tmp_path, {"a": "new", "b": "\ud800"})
    assert files(tmp_path) == {"a": b"old"}
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    ("there", "refused"), [({"b": "2"}, False), ({"b": "x"}, True), ({"a": "1", "b": "2"}, True)]
)
def test_a_group_that_was_half_moved_is_completed_and_another_file_is_never_written_over(
    tmp_path: Path, there: dict[str, str], refused: bool
) -> None:
    for name, text in there.items():
        (tmp_path / name).write_text(text)

    def write() -> None:
        with whole_files(tmp_path, over=False) as aside:
            (aside / "a").write_text("1")
            (aside / "b").write_text("2")

    if refused:
        with pytest.raises(FileExistsError):
            write()
        assert {name: content.decode() for name, content in files(tmp_path).items()} == there
    else:
        write()
        assert files(tmp_path) == {"a": b"1", "b": b"2"}


def test_a_scratch_folder_goes_with_all_in_it() -> None:
    with scratch() as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
    assert not folder.exists()


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_no_text_of_a_table_is_a_formula_and_numbers_stay_numbers(tmp_path: Path, text: str) -> None:
    row = {"subject": text, "onset_s": -1.5, "count": -3, "nothing": None}
    one = Outcome(name=text, stem="a", fingerprint="", state="done", rows=[row])
    bad = Outcome(name="b", stem="b", fingerprint="", state="refused", reason=text)
    write_table([one, bad], tmp_path)
    table = pd.read_csv(tmp_path / "batch.csv")
    for cell in (table["recording"][0], table["subject"][0], table["reason"][1]):
        assert cell.startswith("'")
    assert table["onset_s"][0] == -1.5
    assert table["count"][0] == -3
    assert pd.read_parquet(tmp_path / "batch.parquet")["subject"][0] == text


@pytest.mark.parametrize("damage", a_few(["cut", "missing", "empty"], of=3))
def test_a_result_that_is_not_as_the_journal_says_is_made_again(tmp_path: Path, damage: str) -> None:
    for name in ("n", "m"):
        recording(tmp_path, name)
    assert main(VERBS["batch"](tmp_path)) == 0
    path = tmp_path / "out" / "n.night.json"
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else whole[:-9])
    assert main(VERBS["batch"](tmp_path)) == 0
    assert path.read_bytes() == whole
    assert len((tmp_path / "out" / "batch.journal.jsonl").read_text().splitlines()) == 3
