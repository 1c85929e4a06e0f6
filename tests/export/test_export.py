"""A night for other tools: each format read back by somebody else's reader holds the same samples and events."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import edfio
import numpy as np
import pandas as pd
import pyarrow.parquet
import pyedflib
import pytest
from pyarrow import feather

import sleepjerk as sj
from sleepjerk.analysis import analyse
from sleepjerk.cli import main
from sleepjerk.errors import InputError
from sleepjerk.export.arrow import write_arrow
from sleepjerk.export.bids import G, write_bids
from sleepjerk.export.edf import write_edf
from sleepjerk.export.ggir import write_ggir
from sleepjerk.night.model import Night
from sleepjerk.said import Correction, Kind
from tests.support.hostile import HOSTILE
from tests.support.marks import a_few

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"
START = datetime(2026, 11, 22, 22, 31, 4, 250_000, tzinfo=ZoneInfo("Europe/Berlin"))


@cache
def recording(rate_hz: float = 50.0) -> sj.Recording:
    """The sample night with a gap of 20 s, and a rate that divides into nothing."""
    whole = sj.read_recording(SAMPLE)
    samples = whole.acceleration_g.copy()
    samples[:, 50_000:51_000] = np.nan
    gaps_s = np.array([[1000.0, 1020.0]]) * 50 / rate_hz
    return dataclasses.replace(whole, acceleration_g=samples, rate_hz=rate_hz, gaps_s=gaps_s, start=START)


@cache
def night() -> Night:
    return analyse(recording())


# EDF+.


@pytest.mark.parametrize("rate_hz", a_few([100.2031, 100.0, 97.9, 104.0, 50.0], of=5))
def test_an_edf_holds_samples_events_and_time(tmp_path: Path, rate_hz: float) -> None:
    made = recording(rate_hz)
    write_edf(made, night(), tmp_path / "a.edf")
    read = edfio.read_edf(tmp_path / "a.edf")
    assert [signal.label for signal in read.signals] == ["accel x", "accel y", "accel z"]
    count = made.acceleration_g.shape[1]
    for signal, axis in zip(read.signals, made.acceleration_g, strict=True):
        there = np.isfinite(axis)
        step_g = 2 * made.device.range_g / 65536  # type: ignore[operator]
        np.testing.assert_allclose(signal.data[:count][there], axis[there], atol=0.51 * step_g)
        # A gap, and what fills the last record, goes on with the value before it: no filter sees a movement there.
        np.testing.assert_allclose(signal.data[50_000:51_000], axis[49_999], atol=0.51 * step_g)
        np.testing.assert_allclose(signal.data[count:], axis[-1], atol=0.51 * step_g)
        # A night of eight hours ends within two milliseconds of where it should.
        assert abs(signal.sampling_frequency / rate_hz - 1) * 8 * 3600 < 0.002
    assert read.startdate == START.date()
    assert read.starttime == START.time()
    notes = [(note.onset, note.duration, note.text) for note in read.annotations]
    missing = [(onset, onset + lasting) for onset, lasting, text in notes if text == "not recorded"]
    begin_s, end_s = made.duration_s, len(read.signals[0].data) / rate_hz
    holes = [tuple(made.gaps_s[0]), *([(begin_s, end_s)] if end_s > begin_s else [])]
    np.testing.assert_allclose(missing, holes, atol=2e-3)
    events = [note for note in notes if note[2].split(",")[0] in set(night().events["label"])]
    np.testing.assert_allclose([note[0] for note in events], night().events["onset_s"], atol=1e-3)


@pytest.mark.parametrize("rate_hz", [50.0, 25.0, 100.0])
def test_another_reader_opens_it_too(tmp_path: Path, rate_hz: float) -> None:
    write_edf(recording(rate_hz), night(), tmp_path / "a.edf")
    with pyedflib.EdfReader(str(tmp_path / "a.edf")) as read:
        assert read.signals_in_file == 3
        assert read.getSampleFrequency(0) == rate_hz
        assert read.getPhysicalDimension(0) == "g"
        onsets, _, texts = read.readAnnotations()
        data = read.readSignal(2)
    assert "sleep onset" in texts
    padded = round(len(data) - rate_hz * recording(rate_hz).duration_s) > 0
    assert len(onsets) == len(night().events) + 3 + padded
    axis = recording().acceleration_g[2]
    np.testing.assert_allclose(data[:50_000], axis[:50_000], atol=1e-3)


@pytest.mark.parametrize("subject", HOSTILE)
def test_a_subject_is_named_only_when_asked_for_and_breaks_no_header(tmp_path: Path, subject: str) -> None:
    made = dataclasses.replace(
        recording(),
        placement=dataclasses.replace(recording().placement, subject=subject),
        device=dataclasses.replace(recording().device, sensor=subject),
    )
    short = dataclasses.replace(
        made, acceleration_g=made.acceleration_g[:, :2000].copy(), gaps_s=np.empty((0, 2))
    )
    write_edf(short, night(), tmp_path / "a.edf")
    assert edfio.read_edf(tmp_path / "a.edf").patient.name == "X"
    write_edf(short, night(), tmp_path / "b.edf", with_subject=True)
    assert edfio.read_edf(tmp_path / "b.edf").patient.name


def test_without_a_start_and_without_a_sample(tmp_path: Path) -> None:
    unknown = sj.Recording(recording().acceleration_g[:, :2000].copy(), 100.0)
    write_edf(unknown, night(), tmp_path / "a.edf")
    assert edfio.read_edf(tmp_path / "a.edf").num_signals == 3
    with pytest.raises(InputError, match="nothing was recorded"):
        write_edf(sj.Recording(np.empty((3, 0), dtype=np.float32), 100.0), night(), tmp_path / "b.edf")
    with pytest.raises(InputError, match="GGIR needs the time of day"):
        write_ggir(unknown, night(), tmp_path / "c")


# Parquet and Feather.


@pytest.mark.parametrize(("kind", "read"), [("parquet", pd.read_parquet), ("feather", pd.read_feather)])
def test_columns_open_in_pandas_with_a_line(
    kind: str, read: Callable[[Path], pd.DataFrame], tmp_path: Path
) -> None:
    paths = write_arrow(recording(), night(), tmp_path / "a", kind)
    assert [path.name for path in paths] == [f"a.{kind}", f"a.events.{kind}"]
    samples, events = (read(path) for path in paths)
    assert list(samples.columns) == ["t_s", "x_g", "y_g", "z_g"]
    there = np.isfinite(recording().acceleration_g[0])
    np.testing.assert_array_equal(samples["z_g"], recording().acceleration_g[2][there])
    np.testing.assert_allclose(samples["t_s"], np.flatnonzero(there) / 50)
    assert events["label"].tolist() == night().events["label"].tolist()
    schema = (
        pyarrow.parquet.read_schema(paths[0]) if kind == "parquet" else feather.read_table(paths[0]).schema
    )
    about = json.loads(schema.metadata[b"sleepjerk"])
    assert about["settings_sha256"] == night().settings_sha256
    assert about["unit"] == "g"


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_what_was_written_as_columns_is_read_back_as_the_same_samples(kind: str, tmp_path: Path) -> None:
    samples, _ = write_arrow(recording(), night(), tmp_path / "a", kind)
    again = sj.read_recording(samples)
    np.testing.assert_array_equal(again.acceleration_g, recording().acceleration_g)


# GGIR.


def test_the_csv_for_ggir_is_read_back_as_the_same_night(tmp_path: Path) -> None:
    table, script = write_ggir(recording(), night(), tmp_path / "a")
    read = pd.read_csv(table)
    assert read["time"].iloc[0] == pytest.approx(START.timestamp(), abs=1e-3)
    again = analyse(sj.read_recording(table, zone="Europe/Berlin"))
    assert again.counts == night().counts
    assert script.read_text().count("rmc.") >= 10


# The arguments of read.myacc.csv and GGIR 3.3 that the call names.
KNOWN = {
    *(
        "rmc.firstrow.acc",
        "rmc.firstrow.header",
        "rmc.header.length",
        "rmc.col.time",
        "rmc.col.acc",
        "rmc.unit.acc",
    ),
    *("rmc.unit.time", "rmc.desiredtz", "rmc.sf", "rmc.dynamic_range", "rmc.noise", "rmc.doresample"),
    *("rmc.check4timegaps", "desiredtz", "datadir", "outputdir", "studyname", "mode"),
}


def test_the_call_names_only_arguments_that_ggir_has(tmp_path: Path) -> None:
    _, script = write_ggir(recording(), night(), tmp_path / "a")
    text = script.read_text()
    assert set(re.findall(r"([\w.]+) =", text)) == KNOWN
    assert text.count("(") == text.count(")")
    assert "not run by us" in text


@pytest.mark.parametrize("name", [text for text in HOSTILE if "/" not in text and "\0" not in text])
def test_no_name_of_a_file_ends_a_string_of_the_call(tmp_path: Path, name: str) -> None:
    short = sj.Recording(recording().acceleration_g[:, :200].copy(), 100.0, start=START)
    name = name.encode("utf-8", "replace").decode()[:80]
    _, script = write_ggir(short, night(), tmp_path / f"n{name}")
    text = script.read_text(encoding="utf-8")
    (line,) = [line for line in text.split("\n") if "datadir" in line]
    # One string of R: between its quotes each quote and each backslash has a backslash before it.
    string = re.fullmatch(r'  datadir = "((?:[^"\\\n]|\\.)*)", outputdir = "\.", studyname = .*', line)
    assert string is not None
    assert json.loads(f'"{string[1]}"') == f"n{name}.ggir.csv"


# What a person said is in every one of them.


@cache
def corrected() -> Night:
    """Sleep from 900 s to 6900 s but for five minutes, a movement that was missed, and one of another name."""
    named = night().events.iloc[4]
    words = [
        Correction(kind=Kind.SLEEP, onset_s=900.0, end_s=6900.0, label="sleep", said_utc="1"),
        Correction(kind=Kind.AWAKE, onset_s=3000.0, end_s=3300.0, label="wake", said_utc="1"),
        Correction(kind=Kind.ADDED, onset_s=4501.5, label="sleep_twitch", said_utc="1"),
        Correction(
            onset_s=float(named["onset_s"]), label="unclassified", detected=str(named["label"]), said_utc="1"
        ),
    ]
    return analyse(recording(), corrections=words)


def test_edf_says_what_a_person_said(tmp_path: Path) -> None:
    write_edf(recording(), corrected(), tmp_path / "a.edf")
    notes = {
        note.text: note for note in edfio.read_edf(tmp_path / "a.edf").annotations if "person" in note.text
    }
    said = {text: (note.onset, note.duration) for text, note in notes.items()}
    assert said["sleep onset, as a person said"] == (900.0, None)
    assert said["end of sleep, as a person said"] == (6900.0, None)
    assert said["awake, as a person said"] == (3000.0, 300.0)
    assert said["sleep_twitch, as a person said"] == (4501.5, None)  # nobody knows how strong and how long
    assert sum(text.startswith("unclassified, ") for text in said) == 1


def test_bids_says_what_a_person_said(tmp_path: Path) -> None:
    write_bids(recording(), corrected(), tmp_path / "set", "01")
    (path,) = (tmp_path / "set").rglob("*_events.tsv")
    rows = pd.read_csv(path, sep="\t", keep_default_na=False, dtype=str)
    said = rows[rows["detected"] != "n/a"].set_index("trial_type")
    assert said.loc["sleep", ["onset", "duration"]].tolist() == ["900.000", "6000.000"]
    assert said.loc["wake", ["onset", "duration"]].tolist() == ["3000.000", "300.000"]
    added = said.loc["sleep_twitch"]
    assert added[["onset", "duration", "peak_g", "detected"]].tolist() == ["4501.500", "n/a", "n/a", "missed"]
    assert said.loc["unclassified", "detected"] == night().events["label"].iloc[4]
    assert len(rows) == len(corrected().events) + 2


def test_ggir_takes_the_sleep_times_of_a_person_as_its_sleep_log(tmp_path: Path) -> None:
    _, script, log = write_ggir(recording(), corrected(), tmp_path / 'a "b", c.x')
    assert pd.read_csv(log, dtype=str).to_numpy().tolist() == [['a "b", c', "22:46:04", "00:26:04"]]
    text = script.read_text()
    more = {
        "idloc",
        "loglocation",
        "colid",
        "coln1",
    }  # of GGIR 3.3; 6: the ID is the name up to the first dot
    assert set(re.findall(r"([\w.]+) =", text)) == KNOWN | more
    assert "idloc = 6" in text


# BIDS.


def validator() -> str:
    found = shutil.which("bids-validator-deno", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        assert os.environ.get("CI") != "true"
        pytest.skip("bids-validator-deno is missing (pip install bids-validator-deno)")
    return found


def test_the_validator_of_bids_finds_no_error(tmp_path: Path) -> None:
    write_bids(recording(), night(), tmp_path / "set", "01")
    second = dataclasses.replace(recording(), start=START.replace(day=23))
    write_bids(second, corrected(), tmp_path / "set", "01")
    done = subprocess.run([validator(), "--json", str(tmp_path / "set")], capture_output=True, text=True)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
    assert {issue["code"] for issue in issues} <= {
        "TOO_FEW_AUTHORS",
        "NO_AUTHORS",
        "JSON_KEY_RECOMMENDED",
        "SIDECAR_KEY_RECOMMENDED",
    }


def test_the_motion_file_is_in_si_and_says_what_was_not_recorded(tmp_path: Path) -> None:
    write_bids(recording(), night(), tmp_path, "7")
    (path,) = tmp_path.rglob("*_motion.tsv")
    values = pd.read_csv(path, sep="\t", header=None, na_values="n/a").to_numpy().T
    np.testing.assert_allclose(values, recording().acceleration_g * G, atol=1e-4)
    assert path.read_text().count("n/a\tn/a\tn/a") == np.isnan(recording().acceleration_g[0]).sum() > 2000
    (events,) = tmp_path.rglob("*_events.tsv")
    assert len(pd.read_csv(events, sep="\t")) == len(night().events)
    assert (tmp_path / "participants.tsv").read_text() == "participant_id\nsub-7\n"
    with pytest.raises(InputError, match="already exists"):
        write_bids(recording(), night(), tmp_path, "7")


@pytest.mark.parametrize("name", ["", "../x", "a b", "sub-1", "ä", "x" * 50])
def test_a_participant_is_letters_and_digits(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="letters and digits"):
        write_bids(recording(), night(), tmp_path, name)
    assert list(tmp_path.iterdir()) == []


# The command.


@pytest.mark.parametrize("form", a_few(["edf", "bids", "parquet", "feather", "ggir"], of=5))
def test_the_command_writes_once_and_never_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    shutil.copy(SAMPLE, tmp_path / "n.csv.gz")
    shutil.copy(SAMPLE.with_name("short_night.json"), tmp_path / "n.json")
    words = ["export", str(tmp_path / "n.csv.gz"), "--to", form, "--out", str(tmp_path / "out")]
    assert main(words) == 0
    written = [Path(line) for line in capsys.readouterr().out.split()]
    assert written
    assert all(path.exists() for path in written)
    held = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert main(words) == 2
    assert "already exists" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == held


@pytest.mark.parametrize(
    ("form", "package"),
    a_few(
        [("edf", "edfio"), ("parquet", "pyarrow.parquet"), ("feather", "pyarrow.feather")],
        of=3,
        several=True,
    ),
)
def test_a_missing_package_is_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    package: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["export", str(SAMPLE), "--to", form, "--out", str(tmp_path / "out")]) == 2
    assert "pip install 'sleepjerk[export]'" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
