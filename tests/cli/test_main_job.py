"""The command line as people use it: what works, what is refused in one sentence, and how quickly it starts."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sleepjerk.cli import VERBS, main
from sleepjerk.night.document import write_night
from tests.support.built_nights import built
from tests.support.in_process import sleepjerk
from tests.support.made_signals import restless, still
from tests.support.science_weeks import Piece

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "sample_data" / "short_night.csv.gz"


def started(*words: object) -> subprocess.CompletedProcess[str]:
    """A real process; `sleepjerk` is the same within this one, and sooner there."""
    line = [sys.executable, "-W", "error", "-m", "sleepjerk", *map(str, words)]
    return subprocess.run(line, cwd=PROJECT, capture_output=True, text=True)


def write_csv(path: Path, signal: np.ndarray) -> Path:
    table = pd.DataFrame({"t_us": np.arange(signal.shape[1]) * 40_000})
    for name, axis in zip(("x_g", "y_g", "z_g"), signal, strict=True):
        table[name] = np.round(axis, 4)
    table.to_csv(path, index=False)
    return path


def test_help_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, sleepjerk.cli\n"
        "try: sleepjerk.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'pandas', 'jinja2', 'serial'} & {name.split('.')[0] for name in sys.modules}\n"
        "print('heavy:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.rstrip().endswith("heavy: []"), done.stderr


# What costs time to import, and only other nights need: loggers, columns, two boards, fast sensors; and pages.
OF_OTHER_NIGHTS = {
    *(
        "sleepjerk.reading.loggers",
        "sleepjerk.reading.columns",
        "sleepjerk.two_limbs",
        "sleepjerk.report.page",
    ),
    *("scipy.signal", "scipy.stats", "scipy.optimize", "jinja2", "matplotlib", "actfast", "zstandard"),
}


def imported_by(*words: str | Path) -> set[str]:
    """The modules that a command line imports."""
    code = "import sys; from sleepjerk.cli import main; main(sys.argv[1:]); print('imported:', *sys.modules)"
    line = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(done.stdout.partition("imported: ")[2].split())


@pytest.mark.slow
def test_what_was_kept_of_nights_is_shown_without_numpy_or_pandas(tmp_path: Path) -> None:
    night, diary = tmp_path / "a.night.json", tmp_path / "d.sqlite"
    write_night(built(Piece(), 0), night)
    (tmp_path / "a.csv").touch()
    for words, needed in (
        (("report", night, "--diary", diary), "sleepjerk.report.page"),
        (("trend", "--diary", diary, "--out", tmp_path / "t.html"), "sleepjerk.report.page"),
        (("correct", tmp_path / "a.csv", "--list"), "sleepjerk.history.corrections"),
    ):
        imported = imported_by(*words)
        assert needed in imported
        assert not {"numpy", "pandas", "scipy"} & imported


@pytest.mark.slow
def test_an_ordinary_night_imports_nothing_that_only_others_need(tmp_path: Path) -> None:
    night = PROJECT / "sample_data" / "short_night.csv.gz"
    imported = imported_by("analyse", night, "--out", tmp_path, "--no-diary")
    assert {"sleepjerk.analysis", "sleepjerk.reading.text.cells"} <= imported
    assert not OF_OTHER_NIGHTS & imported


@pytest.mark.parametrize("module", ["sleepjerk.cli", "argparse", "sleepjerk.rules", "tomllib"])
@pytest.mark.parametrize("then", ["raise", "raise ImportError"])  # as numpy does
def test_an_interrupt_while_modules_are_imported_ends_it_quietly(module: str, then: str) -> None:
    code = (
        "import builtins, os, runpy, signal\n"
        "really = builtins.__import__\n"
        "def importing(name, *more, **named):\n"
        f"    if name == {module!r}:\n"
        "        try: os.kill(os.getpid(), signal.SIGINT)\n"
        f"        except KeyboardInterrupt: {then}\n"
        "    return really(name, *more, **named)\n"
        "builtins.__import__ = importing\n"
        "runpy.run_module('sleepjerk', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, "rules"], cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "sleepjerk: interrupted\n")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    done = started(verb, "--help")
    assert done.returncode == 0
    assert f"sleepjerk {verb}" in done.stdout.split("example")[-1]


@pytest.mark.parametrize("words", [["snore"], ["analyse"], ["analyse", "x.csv", "--loud"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    done = started(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_main_job_from_csv_to_report(tmp_path: Path) -> None:
    assert sleepjerk("check", SAMPLE).returncode == 0
    done = started("analyse", SAMPLE, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "short_night.events.csv",
        "short_night.night.json",
    ]
    document = json.loads((tmp_path / "short_night.night.json").read_text())
    events = pd.read_csv(tmp_path / "short_night.events.csv")
    assert document["counts"]["hypnic_jerk"] == (events["label"] == "hypnic_jerk").sum() == 2
    report = started("report", tmp_path / "short_night.night.json")
    assert report.returncode == 0, report.stderr
    page = Path(report.stdout.strip().split("\n")[-1])
    assert page.read_text().startswith("<!doctype html>")
    judged = sleepjerk(
        "evaluate", tmp_path / "short_night.events.csv", SAMPLE.with_name("short_night.truth.csv"), "--json"
    )
    assert judged.returncode == 0
    assert json.loads(judged.stdout)["labels"]["twitch"]["recall"] == 1


def test_the_report_of_a_recording_writes_all_three_files(tmp_path: Path) -> None:
    out = tmp_path / "morning.html"
    done = sleepjerk("report", SAMPLE, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().split("\n")[-1] == str(out)
    assert {path.name for path in tmp_path.iterdir()} >= {"morning.html"}
    assert len([path for path in tmp_path.iterdir() if path.name.endswith(("night.json", "events.csv"))]) == 2


@pytest.mark.parametrize(
    ("run", "hours"), [(sleepjerk, 1.5), pytest.param(started, 7.5, marks=pytest.mark.slow)]
)
def test_a_night_is_demonstrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any], hours: float
) -> None:
    monkeypatch.setattr("sleepjerk.cli.demo._HOURS", 1.5)  # which a real process never hears of
    done = run("demo", "--out", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    assert "simulated twitches found" in done.stdout
    page = Path(done.stdout.strip().split("\n")[-1].split(maxsplit=1)[1])
    assert page.stat().st_size > 50_000
    assert page.read_text(encoding="utf-8").count("simulated: nobody slept it.</p>") == 3
    document = json.loads((tmp_path / "demo" / "demo_night.night.json").read_text())
    assert document["recording"]["hours"] == pytest.approx(hours, abs=0.1)


@pytest.mark.slow
def test_the_sample_is_remade_by_one_command(tmp_path: Path) -> None:
    done = started(
        "simulate", "--hours", "0.5", "--seed", "3", "--scenario", "noise", "--out", tmp_path / "n.csv"
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "n.truth.csv").read_text().startswith("onset_s,offset_s,label,peak_g")
    assert (tmp_path / "n.csv").read_text().startswith("t_us,x_g,y_g,z_g\n")


def test_every_threshold_is_printed_with_unit_and_source() -> None:
    done = started("rules")
    assert "min_peak_g" in done.stdout
    assert "WASM 2016" in done.stdout
    assert "A25" in started("rules", "--claims").stdout


BAD = {
    "empty.csv": b"",
    "header.csv": b"t_us,x_g,y_g,z_g\n",
    "one_row.csv": b"t_us,x_g,y_g,z_g\n0,0,0,1\n",
    "columns.csv": b"t_us,a,b\n" + b"".join(b"%d,1,2\n" % (n * 10_000) for n in range(500)),
    "text.csv": b"t_us,x_g,y_g,z_g\n" + b"".join(b"%d,0.1,oops,1.0\n" % (n * 10_000) for n in range(500)),
    "backwards.csv": b"t_us,x_g,y_g,z_g\n"
    + b"".join(b"%d,0.1,0.1,1.0\n" % ((500 - n) * 10_000) for n in range(500)),
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "nan.csv": b"t_us,x_g,y_g,z_g\n" + b"".join(b"%d,nan,nan,nan\n" % (n * 10_000) for n in range(500)),
    "unit.csv": b"t_us,x,y,z\n" + b"".join(b"%d,%d,20,30\n" % (n * 10_000, 30 + n % 7) for n in range(500)),
}


@pytest.mark.parametrize("verb", ["analyse", "report", "check"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str, name: str
) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    assert main([verb, str(tmp_path / name)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    talk = [line for line in err.strip().split("\n") if line.startswith("sleepjerk: ")]
    assert len(talk) == 1
    assert name in talk[0]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("verb", ["analyse", "report", "check", "periodic"])
def test_a_folder_or_a_missing_file_is_one_sentence(tmp_path: Path, verb: str) -> None:
    for path in (tmp_path, tmp_path / "not there.csv"):
        done = sleepjerk(verb, path)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1, done.stderr
        assert path.name in done.stderr


def test_one_bad_recording_among_many_costs_the_others_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("nothing\n")
    done = sleepjerk("analyse", tmp_path / "bad.csv", SAMPLE, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "bad.csv" in done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_lights_marks_may_be_clock_times_or_seconds(tmp_path: Path) -> None:
    signal = np.concatenate([still(3000, fs=25), restless(300, fs=25)], axis=1)
    path = write_csv(tmp_path / "night with spaces – é.csv", signal)
    assert sleepjerk("analyse", path, "--lights-off", "120").returncode == 0
    refused = sleepjerk("analyse", path, "--lights-off", "22:45")
    assert refused.returncode == 2
    assert "start is unknown" in refused.stderr
    assert sleepjerk("analyse", path, "--lights-off", "bedtime").returncode == 2
    sidecar = path.with_suffix(".json")
    sidecar.write_text(
        json.dumps({"start_utc": "2026-11-22T21:31:04+00:00", "zone": "Europe/Berlin", "subject": "<b>x"})
    )
    marked = sleepjerk("analyse", path, "--lights-off", "22:40", "--json")
    assert marked.returncode == 0, marked.stderr
    onset_s = json.loads(marked.stdout)["sleep"]["onset_s"]
    assert onset_s is None or onset_s >= 536
    assert sleepjerk("analyse", path, "--lights-off", "09:00").returncode == 2


def test_results_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    done = sleepjerk("analyse", SAMPLE, "--out", "/proc/nowhere")
    assert done.returncode == 2
    assert "--out" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m sleepjerk rules | head -1",
        shell=True,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr


def test_movements_scored_by_anyone_become_series(tmp_path: Path) -> None:
    lines = ["onset_s,offset_s,leg,note", *(f"{100 + 20 * n},{102 + 20 * n},R,n{n}" for n in range(5))]
    (tmp_path / "m.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "stages.txt").write_text("2 " * 120)
    done = started(
        "periodic", tmp_path / "m.csv", "--stages", tmp_path / "stages.txt", "--out", tmp_path / "s.csv"
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "s.csv")
    assert list(table.columns)[:7] == ["onset_s", "offset_s", "leg", "note", "imi_s", "in_series", "series"]
    assert table["in_series"].tolist() == [1] * 5
    assert "5.000" in done.stdout
    as_json = sleepjerk("periodic", tmp_path / "m.csv", "--rules", "aasm", "--json")
    assert json.loads(as_json.stdout)["in_series"] == 5


def test_movements_longer_than_any_candidate_make_no_periodicity_index(tmp_path: Path) -> None:
    lines = ["onset_s,offset_s", *(f"{100 + 20 * n},{112 + 20 * n}" for n in range(9))]
    (tmp_path / "m.csv").write_text("\n".join(lines) + "\n")
    told = json.loads(sleepjerk("periodic", tmp_path / "m.csv", "--json").stdout)
    assert (told["movements"], told["candidates"], told["periodicity_index"]) == (9, 0, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no CSV"),
        ("a,b\n1,2\n", "no column 'onset_s'"),
        ("onset_s,offset_s\n", "no movement"),
        ("onset_s,offset_s\n1,2\nx,3\n", "line 3, column onset_s: found 'x'"),
        (
            "onset_s,offset_s\n5,4\n",
            "line 2, column offset_s: found '4.0', expected a time not before the onset",
        ),
        ("onset_s,offset_s\n-5,4\n", "line 2, column onset_s: found '-5.0'"),
    ],
)
def test_a_bad_list_of_movements_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    done = sleepjerk("periodic", tmp_path / "m.csv")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_stages_that_do_not_cover_the_movements_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("onset_s,offset_s\n100,102\n")
    (tmp_path / "short.txt").write_text("2 2")
    (tmp_path / "odd.txt").write_text("2 W 2 2")
    assert (
        "cover 60 s" in sleepjerk("periodic", tmp_path / "m.csv", "--stages", tmp_path / "short.txt").stderr
    )
    assert (
        "stage 2 is 'W'" in sleepjerk("periodic", tmp_path / "m.csv", "--stages", tmp_path / "odd.txt").stderr
    )
