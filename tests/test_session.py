"""One story: in whatever order the verbs come, and wherever results go, nothing that a person said is lost.

Said once, at the beginning: own rules, marks, which sensor it was (calibrated on its six sides), a label, a red flag in
the diary. Expected is what the steps of the public chain make of all that, never what a verb wrote.
"""

import contextlib
import gzip
import itertools
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sleepjerk as sj
from sleepjerk.cli import main
from sleepjerk.detection.calibration import Calibration
from sleepjerk.events import events_text
from sleepjerk.history.database import History
from sleepjerk.history.options import Options
from sleepjerk.history.sensors import Sensor, keep_sensor
from sleepjerk.night.model import Night
from sleepjerk.said import Correction
from sleepjerk.session import open_session
from tests.support.in_process import Here
from tests.support.slept import lay_night, sidecar

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "short_night.csv.gz"
EVENING = "2026-11-22"
RULES = "[detection]\nhold_ratio = 0.5\n[criteria]\nstrong_g = 0.2\n"
BENT = Calibration(np.array([0.01, -0.02, 0.015]), np.array([1.01, 0.99, 1.02]), 0.02, 0.001, "bench", 6)
LABEL = "rhythmic_movement"
BEGUN: dict[
    bool, Path
] = {}  # where a person's first evening is kept, with results beside the recording or not
VERBS = ("analyse", "report", "correct", "undo", "check", "export", "batch", "answer", "night.json")


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sleepjerk.batch.spread.Processes", Here)
        patch.setattr("sleepjerk.runtime._limit", 1)
        yield


@cache
def expected(*rows: tuple[float, str]) -> Night:
    """The night by the public chain, with the labels that stand."""
    rules = sj.read_rules(_rules())
    recording = sj.read_recording(SAMPLE, rules=rules)
    said = [
        Correction(onset_s=onset, label=label, detected="unclassified", said_utc="") for onset, label in rows
    ]
    return sj.analyse(recording, rules, lights_off_s=600.0, six_position=BENT, corrections=said)


def _rules() -> Path:
    path = Path(os.environ["SLEEPJERK_HOME"]).parent / "own.toml"
    path.write_text(RULES)
    return path


def table(night: Night) -> pd.DataFrame:
    return night.events.drop(columns=["detected"])


class Person:
    """Somebody with one recording, who says something once and then uses one verb after another."""

    def __init__(self, folder: Path, *, beside: bool) -> None:
        os.environ["SLEEPJERK_HOME"] = str(folder / "home")
        self.path, self.folder, self.rules = folder / "night.csv.gz", folder, list[str]()
        self.go(folder if beside else folder / "results")
        self.said: dict[float, str] = {}
        self.answers = {"convulsion": True}
        if beside in BEGUN:
            shutil.copytree(BEGUN[beside], folder)
            self.said[float(expected().events["onset_s"].iloc[3])] = LABEL
        else:
            self.begin()
            BEGUN[beside] = Path(shutil.copytree(folder, folder.with_name("begun")))

    def begin(self) -> None:
        """What is said once."""
        self.folder.mkdir(parents=True)
        lay_night(self.folder, "night")
        keep_sensor(
            Sensor(name="left", date=EVENING, calibration=BENT, noise_g=0.001, settings_sha256="", version="")
        )
        said = ["--rules", str(_rules()), "--lights-off", "600", "--sensor-name", "left"]
        self.do("analyse", str(self.path), *self.out, *said)
        self.report()
        self.do("diary", "--night", EVENING, "--set", "convulsion=yes")
        self.correct(3)

    def go(self, place: Path) -> None:
        """From now on results go there."""
        self.results = place
        self.out = [] if place == self.folder else ["--out", str(place)]

    def do(self, *words: str) -> None:
        assert main(words) == 0, words

    def correct(self, row: int) -> None:
        self.do("correct", str(self.path), *self.out, "--event", str(row), "--label", LABEL)
        self.said[float(expected().events["onset_s"].iloc[row])] = LABEL

    def undo(self, row: int) -> None:
        onset_s = float(expected().events["onset_s"].iloc[row])
        if self.said.pop(onset_s, None) is not None:
            self.do("correct", str(self.path), *self.out, "--event", str(row), "--undo")

    def report(self) -> None:
        page = [] if not self.out else ["--out", str(self.results / "page.html")]
        self.do("report", str(self.path), *page)

    def use(self, verb: str) -> None:
        """One verb, and what it wrote elsewhere."""
        if verb == "analyse":
            self.do("analyse", str(self.path), *self.out)
        elif verb == "report":
            self.report()
        elif verb == "night.json":
            self.do("report", str(self.results / "night.night.json"))
        elif verb == "correct":
            self.correct(5)
        elif verb == "undo":
            self.undo(3)
        elif verb == "check":
            self.do("check", str(self.path), "--json")
        elif verb == "answer":
            self.do("diary", "--night", EVENING, "--set", "stress=4")
            self.answers["stress"] = 4
        elif verb == "batch":
            self.do("batch", str(self.path), "--out", str(self.results), *self.rules)
            row = pd.read_csv(self.results / "batch.csv").iloc[0]
            assert row["settings_sha256"] == expected().settings_sha256
            assert row["rhythmic_movement"] == self.night.counts["rhythmic_movement"]
            assert row["Q-convulsion"]
        else:
            folder = self.folder / f"export{len(list(self.folder.iterdir()))}"
            self.do("export", str(self.path), "--to", "parquet", "--out", str(folder))
            made = pd.read_parquet(folder / "night.events.parquet")
            assert made["onset_s"].tolist() == self.night.events["onset_s"].tolist()
            assert made["label"].astype(str).tolist() == self.night.events["label"].astype(str).tolist()

    @property
    def night(self) -> Night:
        return expected(*sorted(self.said.items()))

    def check(self) -> None:
        """Whatever lies where results go is the whole truth."""
        found, wanted = sj.read_night(self.results / "night.night.json"), self.night
        pd.testing.assert_frame_equal(table(found), table(wanted))
        text = (self.results / "night.events.csv").read_text(encoding="utf-8")
        assert text == events_text(found.events)
        assert found.settings_sha256 == wanted.settings_sha256
        assert found.sleep == wanted.sleep
        assert found.counts == wanted.counts
        assert found.recording.calibration == "bench"
        assert found.options["lights_off"] == "600"
        assert found.verdict.level == "red"
        assert found.week is not None
        assert found.week.flags == ("convulsion",)
        (line,) = found.week.nights
        with History(self.folder / "home" / "diary.sqlite") as history:
            assert history.nights("wrist") == [line]
            assert history.mornings()[EVENING] == self.answers
        assert line.twitches == wanted.counts["hypnic_jerk"] + wanted.counts["sleep_twitch"]
        beside = json.loads((self.results / "night.corrections.json").read_text()) if self.said else {}
        assert {item["onset_s"]: item["label"] for item in beside.get("corrections", [])} == self.said


def live(folder: Path, verbs: Sequence[str], *, beside: bool) -> None:
    person = Person(folder, beside=beside)
    person.check()
    for verb in verbs:
        person.use(verb)
        person.check()
    person.use("report")
    person.check()


def test_a_name_that_no_file_can_have_is_told_by_whoever_reads(tmp_path: Path) -> None:
    session = open_session(tmp_path / f"{'n' * 300}.csv", Options(), own=tmp_path)
    with pytest.raises(sj.InputError, match="too long"):
        next(session.read())


@pytest.mark.slow
def test_own_rules_marks_calibration_and_labels_each_change_the_night() -> None:
    """Else the rest could not fail."""
    plain = sj.analyse(sj.read_recording(SAMPLE))
    ruled = sj.analyse(sj.read_recording(SAMPLE), sj.read_rules(_rules()))
    full, named = expected(), expected((float(expected().events["onset_s"].iloc[3]), LABEL))
    assert not ruled.events.equals(plain.events)
    assert full.sleep != ruled.sleep
    assert full.recording.calibration != plain.recording.calibration
    assert named.counts != full.counts


@pytest.mark.slow
def test_one_verb_after_another_tells_the_same_night(tmp_path: Path) -> None:
    live(tmp_path / "p", VERBS, beside=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "verbs", [("undo", "correct"), ("undo", "report", "correct", "export")], ids=["few", "more"]
)
def test_results_that_go_elsewhere_each_time_tell_the_same_night(
    tmp_path: Path, verbs: tuple[str, ...]
) -> None:
    person = Person(tmp_path / "p", beside=False)
    person.rules = ["--rules", str(_rules())]  # the table of a batch in a new place has rules of its own
    for place, verb in itertools.product(("a", "."), verbs):
        person.go(person.folder / place)
        person.use("analyse" if place == "." else "batch")
        person.use(verb)
        person.check()


@pytest.mark.slow
@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("pair", list(itertools.product(VERBS, repeat=2)), ids="-".join)
def test_every_pair_in_every_order_tells_the_same_night(
    tmp_path: Path, pair: tuple[str, str], beside: bool
) -> None:
    live(tmp_path / "p", pair, beside=beside)


def planted(document: dict[str, Any]) -> None:
    """What sleepjerk 9.9 might write into a night."""
    document |= {"version": "9.9", "heart": {"rate": [61, None]}}
    document["events"][3]["wave"] = "short"
    document["events"][4]["wave"] = "long"
    document["recording"]["steps"] = 7
    document["verdict"]["criteria"][0]["since"] = "2030"
    document["options"]["napped"] = "14:45"


@pytest.mark.parametrize(
    "verbs",
    [("correct", "batch"), VERBS, VERBS[::-1]],
    ids="-".join,
)
@pytest.mark.slow
def test_what_a_newer_version_wrote_is_there_after_every_verb(
    tmp_path: Path, verbs: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "p", beside=True)
    path, home = tmp_path / "p" / "night.night.json", tmp_path / "p" / "home"
    document = json.loads(path.read_text())
    planted(document)
    path.write_text(json.dumps(document))
    corrections = [tmp_path / "p" / "night.corrections.json", *home.glob("recordings/*.corrections.json")]
    assert len(corrections) == 2
    for file in corrections:
        said = json.loads(file.read_text())
        said |= {"dreams": [["23:00", "06:30"]]}
        said["corrections"][0]["sure"] = 0.5
        file.write_text(json.dumps(said))
    onset_s = float(expected().events["onset_s"].iloc[3])
    (options,) = home.glob("recordings/*.options.json")
    options.write_text(json.dumps(json.loads(options.read_text()) | {"napped": "14:45"}))
    with contextlib.closing(sqlite3.connect(home / "diary.sqlite", isolation_level=None)) as file:
        file.execute("INSERT INTO answers VALUES (?, 'naps', '[2, 3]', '', NULL)", (EVENING,))
        file.execute("UPDATE nights SET line = json_set(line, '$.naps', 2)")
    person.answers["naps"] = [2, 3]  # type: ignore[assignment]
    for verb in verbs:
        person.use(verb)
        person.check()
        found = json.loads(path.read_text())
        assert found["heart"] == {"rate": [61, None]}
        assert [row.get("wave") for row in found["events"][:6]] == [None, None, None, "short", "long", None]
        assert found["recording"]["steps"] == 7
        assert found["verdict"]["criteria"][0]["since"] == "2030"
        assert found["options"]["napped"] == "14:45"
        assert json.loads(options.read_text())["napped"] == "14:45"
        for file in corrections:
            said = json.loads(file.read_text())
            assert said["dreams"] == [["23:00", "06:30"]]
            sure = {item["onset_s"]: item.get("sure") for item in said["corrections"]}
            assert onset_s not in person.said or sure[onset_s] == 0.5
        with contextlib.closing(sqlite3.connect(home / "diary.sqlite")) as file:
            assert file.execute("SELECT json_extract(line, '$.naps') FROM nights").fetchall() == [(2,)]
    person.do("trend", "--json")
    person.do("diary", "--export", str(tmp_path / "all.csv"))
    assert pd.read_csv(tmp_path / "all.csv")["naps"].tolist() == ["[2, 3]"]
    assert "ignored by this one: --napped" in capsys.readouterr().err


@pytest.mark.slow
def test_no_verb_writes_over_a_night_whose_form_only_a_newer_version_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "p", beside=True)
    path = tmp_path / "p" / "night.night.json"
    document = json.loads(path.read_text()) | {"schema": "sleepjerk.night/2"}
    path.write_text(json.dumps(document))
    before = {one: one.read_bytes() for one in (tmp_path / "p").rglob("*night*") if one.is_file()}
    for verb in ("analyse", "report", "correct", "batch", "night.json"):
        capsys.readouterr()
        with pytest.raises(AssertionError):
            person.use(verb)
        said = "".join(capsys.readouterr())
        assert "newer sleepjerk" in said, verb
        assert {one: one.read_bytes() for one in before} == before, verb
    document["schema"] = "sleepjerk.night/1"
    path.write_text(json.dumps(document))
    person.use("batch")


@pytest.mark.slow
def test_an_export_of_results_elsewhere_uses_what_lies_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on a computer where nothing of this was said."""
    person = Person(tmp_path / "p", beside=False)
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "other"))
    keep_sensor(
        Sensor(name="left", date=EVENING, calibration=BENT, noise_g=0.1, settings_sha256="", version="")
    )
    out = ["--to", "parquet", "--out", str(tmp_path / "exported"), "--results", str(person.results)]
    person.do("export", str(person.path), *out)
    made = pd.read_parquet(tmp_path / "exported" / "night.events.parquet")
    assert made["onset_s"].tolist() == person.night.events["onset_s"].tolist()
    assert made["label"].astype(str).tolist() == person.night.events["label"].astype(str).tolist()


@pytest.mark.slow
def test_a_column_that_somebody_added_to_the_table_of_events_stays_beside_its_movements(
    tmp_path: Path,
) -> None:
    person = Person(tmp_path / "p", beside=True)
    path = person.results / "night.events.csv"
    theirs = pd.read_csv(path, dtype=str, keep_default_na=False)
    notes = ["" if row % 3 else f"the cat; {row}" for row in range(len(theirs))]
    said = theirs["onset_s"].str.replace(".", ",")
    theirs.assign(onset_s=said, note=notes).to_csv(
        path, index=False, sep=";"
    )  # as spreadsheets save it in Germany
    for verb in ("correct", "batch"):
        person.use(verb)
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert found["note"].tolist() == notes, verb
        made = sj.read_night(person.results / "night.night.json").events
        assert found.drop(columns="note").to_csv(index=False) == events_text(made), verb
    path.write_text("no table any more")
    person.use("analyse")
    person.check()


def test_who_deletes_the_diary_deletes_what_was_said_of_its_nights(tmp_path: Path) -> None:
    person = Person(tmp_path / "p", beside=True)
    kept = tmp_path / "p" / "home" / "recordings"
    assert len(list(kept.glob("*.json"))) == 2
    person.do("diary", "--delete", "--night", "2026-11-01", "--yes")
    assert len(list(kept.glob("*.json"))) == 2
    person.do("diary", "--delete", "--night", EVENING, "--yes")
    assert list(kept.glob("*.json")) == []
    person.correct(5)
    person.do("diary", "--delete", "--yes")
    assert list(kept.glob("*.json")) == []


@pytest.mark.slow
def test_options_said_before_are_left_aside_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "p", beside=True)
    capsys.readouterr()
    person.do("analyse", str(person.path))
    assert "as you said before: --sensor-name, --lights-off, --rules" in capsys.readouterr().err
    person.do("analyse", str(person.path), "--forget-options")
    found = sj.read_night(person.results / "night.night.json")
    assert found.options == {}
    assert found.settings_sha256 == sj.Rules().sha256()
    capsys.readouterr()
    person.do("analyse", str(person.path))
    assert "as you said before" not in capsys.readouterr().err


def test_a_night_that_the_diary_does_not_know_stands_alone(tmp_path: Path) -> None:
    person = Person(tmp_path / "p", beside=True)
    other = tmp_path / "q"
    other.mkdir()
    with gzip.open(SAMPLE, "rt") as file:
        (other / "night.csv").write_text("".join(file.readlines()[:-1]))
    (other / "night.json").write_text(sidecar())
    person.do("batch", str(other), "--out", str(other / "out"))
    assert sj.read_night(other / "out" / "night.night.json").week is None
    with History(tmp_path / "p" / "home" / "diary.sqlite") as history:
        assert len(history.nights("wrist")) == 1


def test_a_copy_by_another_name_does_not_rename_the_night_in_the_diary(tmp_path: Path) -> None:
    person = Person(tmp_path / "p", beside=True)
    other = tmp_path / "q"
    other.mkdir()
    lay_night(other, "copy")
    person.do("batch", str(other), "--out", str(other / "out"), "--rules", str(_rules()))
    assert sj.read_night(other / "out" / "copy.night.json").week is not None
    with History(tmp_path / "p" / "home" / "diary.sqlite") as history:
        assert [line.name for line in history.nights("wrist")] == ["night.csv.gz"]


def test_a_simulated_night_says_so_everywhere_and_is_in_no_diary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "p", beside=True)
    made = tmp_path / "made"
    made.mkdir()
    for path in (SAMPLE, SAMPLE.with_name("short_night.json")):
        shutil.copy(path, made)
    told = "This night is simulated: nobody slept it."
    for name in ("short_night.csv.gz", "short_night.night.json"):
        capsys.readouterr()
        person.do("report", str(made / name))
        assert "this night is simulated, so it is not kept in the diary" in capsys.readouterr().err
    page = (made / "short_night.report.html").read_text(encoding="utf-8")
    assert page.count(f'<p class="simulated">{told}</p>') == 3  # on the screen and on both sheets
    document = json.loads((made / "short_night.night.json").read_text(encoding="utf-8"))
    assert document["recording"]["simulated"] is True
    assert told in document["warnings"]
    with History(tmp_path / "p" / "home" / "diary.sqlite") as history:
        assert [line.name for line in history.nights("wrist")] == ["night.csv.gz"]
    person.check()  # a night that nothing calls simulated is kept as ever
    slept = sj.read_night(person.results / "night.night.json")
    assert slept.recording.provenance.simulated is None
    assert told not in (person.results / "night.report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_week_of_another_diary_is_carried_on(tmp_path: Path) -> None:
    person = Person(tmp_path / "p", beside=True)
    hers = tmp_path / "hers.sqlite"
    (tmp_path / "p" / "home" / "diary.sqlite").rename(hers)
    person.use("correct")
    person.use("analyse")
    found = sj.read_night(person.results / "night.night.json")
    assert found.week is not None
    assert (found.verdict.level, found.week.flags, found.week.mornings) == ("red", ("convulsion",), 1)
    assert found.counts == person.night.counts
    (line,) = found.week.nights
    assert line.twitches == found.counts["hypnic_jerk"] + found.counts["sleep_twitch"]
    assert not (tmp_path / "p" / "home" / "diary.sqlite").exists()


def test_a_report_of_a_night_that_was_corrected_elsewhere_asks_for_the_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "p", beside=True)
    person.go(tmp_path / "p" / "other")
    person.use("analyse")
    person.use("correct")
    assert main(["report", str(tmp_path / "p" / "night.night.json")]) == 2
    assert "give the recording instead" in capsys.readouterr().err
