"""Many recordings: one table, one bad file stops nothing, a killed run goes on, and no night is done twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

import sleepjerk as sj
from sleepjerk import InputError
from sleepjerk.batch import find_recordings
from sleepjerk.batch.spread import Processes
from sleepjerk.batch.work import Job, work_on
from sleepjerk.cli import main
from tests.batch.tasks import dies_always, dies_once
from tests.firmware_io.recorder_process import PROJECT
from tests.support.in_process import Here
from tests.support.marks import a_few
from tests.support.nobody import nobody
from tests.support.waiting import until

SHORT = PROJECT / "sample_data" / "short_night.csv.gz"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sleepjerk.batch.spread.Processes", Here)


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """Three nights that are one, beside what lies beside recordings."""
    folder = tmp_path / "nights"
    folder.mkdir()
    for name in ("a", "b", "c"):
        shutil.copyfile(SHORT, folder / f"{name}.csv.gz")
    (folder / "a.events.csv").write_text("onset_s\n1.0\n")
    return folder


def journal(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "batch.journal.jsonl").read_text().splitlines()]


def test_each_recording_gets_a_row_and_its_results(nights: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["batch", str(nights), "--out", str(out), "--jobs", "2"]) == 0
    expected = sj.analyse(sj.read_recording(nights / "a.csv.gz"))
    table = pd.read_csv(out / "batch.csv")
    assert table["state"].tolist() == ["done"] * 3
    assert table["sleep_twitch"].tolist() == [expected.counts["sleep_twitch"]] * 3
    assert table["sleep_onset_s"].tolist() == [expected.sleep.onset_s] * 3
    pd.testing.assert_frame_equal(
        pd.read_parquet(out / "batch.parquet")[["recording", "hours"]].astype({"recording": object}),
        table[["recording", "hours"]].astype({"recording": object}),
        check_dtype=False,
    )
    for name in ("a", "b", "c"):
        night = sj.read_night(out / f"{name}.night.json")
        assert night.counts == expected.counts
        assert len(pd.read_csv(out / f"{name}.events.csv")) == len(expected.events)


@pytest.mark.usefixtures("here")
def test_one_bad_file_stops_nothing_and_is_named(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (nights / "bad.csv").write_text("nothing here\n")
    out = tmp_path / "out"
    assert main(["batch", str(nights / "[ab]*.csv*"), "--out", str(out), "--jobs", "2"]) == 2
    table = pd.read_csv(out / "batch.csv")
    assert table["state"].tolist() == ["done", "done", "refused"]
    assert "bad.csv" in table["reason"].iloc[2]
    assert pd.isna(table["sleep_twitch"].iloc[2])
    said = capsys.readouterr().err
    assert "2 of 3 recordings analysed" in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("here")
def test_the_table_alone_is_the_table_that_comes_with_results(nights: Path, tmp_path: Path) -> None:
    line = ["batch", str(nights / "a.csv.gz"), "--out"]
    assert main([*line, str(tmp_path / "whole")]) == 0
    assert main([*line, str(tmp_path / "alone"), "--table-only"]) == 0
    kept = {path.name for path in (tmp_path / "alone").iterdir()}
    assert kept == {"batch.csv", "batch.parquet", "batch.journal.jsonl"}
    for name in ("batch.csv", "batch.parquet"):
        assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert main([*line, str(tmp_path / "alone")]) == 0
    assert (tmp_path / "alone" / "a.night.json").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_a_finished_night_is_done_again_only_when_file_or_settings_changed(
    nights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    line = ["batch", str(nights), "--out", str(out), "--jobs", "2"]
    assert main(line) == 0
    assert len(journal(out)) == 3
    assert main(line) == 0
    assert len(journal(out)) == 3
    os.utime(nights / "b.csv.gz", (1, 1))
    assert main(line) == 0
    assert [entry["stem"] for entry in journal(out)[3:]] == ["b"]
    (out / "c.night.json").unlink()
    assert main(line) == 0
    assert [entry["stem"] for entry in journal(out)[4:]] == ["c"]
    assert main([*line, "--limb", "ankle"]) == 0
    assert len(journal(out)) == 8
    assert pd.read_csv(out / "batch.csv")["limb"].tolist() == ["ankle"] * 3


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on(nights: Path, tmp_path: Path) -> None:
    for number in range(3):
        shutil.copyfile(SHORT, nights / f"more{number}.csv.gz")
    out = tmp_path / "out"
    line = [sys.executable, "-m", "sleepjerk", "batch", str(nights), "--out", str(out), "--jobs", "1"]
    first = subprocess.Popen(
        line, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert until(lambda: (out / "batch.journal.jsonl").read_text().count("\n") > 0)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = journal(out)
    assert 0 < len(before) < 6
    with (out / "batch.journal.jsonl").open("a") as file:
        file.write('{"name": "torn')
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"({len(before)} of them in an earlier run)" in done.stderr
    assert pd.read_csv(out / "batch.csv")["state"].tolist() == ["done"] * 6


@pytest.mark.parametrize("later_s", a_few([0.0, 0.2, 0.4, 0.5, None], of=5))
def test_an_interrupt_ends_workers_without_a_word_or_a_folder_whatever_they_do(
    later_s: float | None, nights: Path, tmp_path: Path
) -> None:
    (tmp_path / "tmp").mkdir()
    for number in range(40):  # more than any computer is done with by then
        shutil.copyfile(SHORT, nights / f"more{number}.csv.gz")
    command = [sys.executable, "-m", "sleepjerk", "batch", str(nights), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        [*command, "--jobs", "2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
    ) as started:
        assert until((tmp_path / "out").exists)  # then its workers begin, and import for half a second
        assert until(
            lambda: later_s is not None or any((tmp_path / "tmp").iterdir())
        )  # one has begun a night
        time.sleep(later_s or 0)
        os.killpg(started.pid, signal.SIGINT)
        said = started.communicate(timeout=300)[1]
    assert "Traceback" not in said
    assert said.endswith("sleepjerk: interrupted\n")
    assert started.returncode == 130
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_files_of_the_same_name_in_two_folders_keep_their_folders_names(nights: Path, tmp_path: Path) -> None:
    other = tmp_path / "others"
    other.mkdir()
    shutil.copyfile(SHORT, other / "a.csv.gz")
    out = tmp_path / "out"
    assert main(["batch", str(nights / "a.csv.gz"), str(other), "--out", str(out), "--jobs", "2"]) == 0
    stems = {str(entry["stem"]) for entry in journal(out)}
    assert len(stems) == 2
    assert all(stem.endswith(("nights_a", "others_a")) for stem in stems)


@pytest.mark.usefixtures("here")
def test_files_of_one_name_in_one_folder_are_named_and_the_table_alone_takes_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.csv", "a.tsv"):
        (tmp_path / name).write_text("nothing here\n")
    line = ["batch", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(line) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'a.csv'} and {tmp_path / 'a.tsv'}: " in said
    assert "rename one" in said
    assert main([*line, "--table-only"]) == 2
    table = pd.read_csv(tmp_path / "out" / "batch.csv")
    assert table["recording"].tolist() == [str(tmp_path / "a.csv"), str(tmp_path / "a.tsv")]


@pytest.mark.parametrize("name", ["a.json", "a.clock.csv", "meta/time.csv", "meta/device.csv"])
def test_a_recording_counts_as_changed_when_what_lies_beside_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    for one in ("a.csv.gz", "b.csv.gz"):
        (tmp_path / one).touch()

    def marks() -> list[str]:
        return [one.mark for one in find_recordings([str(tmp_path / "*.gz")])]

    seen = [marks()]
    for content in ("{}", "{} ", None):
        if content is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_text(content)
        (tmp_path / "b.truth.csv").touch()
        seen.append(marks())
    of_a, of_b = zip(*seen, strict=True)
    assert (of_a[3], len(set(of_a))) == (of_a[0], 3)
    assert len(set(of_b)) == (1 if name.startswith("a.") else 3)


@pytest.mark.usefixtures("here")
def test_a_recording_is_fetched_from_a_url(nights: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["batch", f"file://{nights}/a.csv.gz", "--out", str(out), "--jobs", "1"]) == 0
    assert pd.read_csv(out / "batch.csv")["state"].tolist() == ["done"]


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_a_name_that_results_cannot_have_costs_its_recording_alone_and_moves_no_cursor(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b", "c"):
        (nights / f"{name}.csv.gz").unlink()
    shutil.copyfile(SHORT, nights / "new\nline \x1b[2J.csv.gz")
    shutil.copyfile(SHORT, os.fsencode(nights) + b"/no text \xff.csv.gz")
    for folder in ("x" * 200, "y"):  # of the same name, so that the folder's is put before it
        (nights / folder).mkdir()
        shutil.copyfile(SHORT, nights / folder / f"{'z' * 60}.csv.gz")
    (nights / "a.json").write_text('{"subject": "half a sign: \\ud800"}')
    out = tmp_path / "out"
    assert main(["batch", str(nights), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert "3 of 5 recordings analysed" in said
    assert "rename the file" in said
    assert "so long a name; rename it" in said
    assert not set(said) & {"\x1b", "\udcff"}
    table = pd.read_csv(out / "batch.csv")
    assert table["state"].tolist() == ["done", "done", "refused", "refused", "done"]
    assert table["recording"].iloc[1] == f"{nights}/new\\nline \\x1b[2J.csv.gz"
    assert table["subject"].iloc[0] == "half a sign: ?"
    assert main(["batch", str(nights), "--out", str(out)]) == 2
    assert "3 of 5 recordings analysed (3 of them in an earlier run)" in capsys.readouterr().err


def test_what_may_not_be_looked_at_is_a_recording_that_is_refused_and_tried_again() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own is closed to everybody
        for folder, mode in (("open", 0o755), ("unlisted", 0o300), ("unopened", 0o644)):
            (Path(name) / folder).mkdir()
            (Path(name) / folder / "a.csv").write_text("nothing here\n")
            (Path(name) / folder).chmod(mode)
        Path(name).chmod(0o755)
        jobs = [Job(**asdict(one), stem="a") for one in find_recordings([f"{name}/open"])]
        assert "at least two rows" in work_on(jobs[0]).reason
        with nobody():
            jobs = [Job(**asdict(one), stem="a") for one in find_recordings([name])]
            outcomes = [work_on(job) for job in jobs[1:]]
            with pytest.raises(InputError, match="can't be looked for"):
                find_recordings([f"{name}/unopened/a.csv"])
        names = ["open/a.csv", "unlisted", "unopened/a.csv"]
        assert [job.name for job in jobs] == [f"{name}/{one}" for one in names]
        assert [(one.state, one.said) for one in outcomes] == [("refused", "")] * 2
        assert all("no permission" in one.reason for one in outcomes)


def test_a_place_without_recordings_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no recording here"):
        find_recordings([str(tmp_path)])


@pytest.mark.slow
def test_when_a_worker_is_killed_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    tasks = [(number, str(tmp_path)) for number in range(12)]
    found = list(Processes(2).each(dies_once, tasks))
    assert sorted(found) == [(task, task[0] ** 2) for task in tasks]


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_given_up_and_the_others_are_done(tmp_path: Path) -> None:
    tasks = [(number, str(tmp_path)) for number in range(8)]
    found = dict(Processes(2).each(dies_always, tasks))
    assert found == {task: None if task[0] == 3 else task[0] ** 2 for task in tasks}
