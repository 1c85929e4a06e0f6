"""A person's labels: what they change, what they don't, and how they are kept."""

import dataclasses
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk import analyse
from sleepjerk.cli import main
from sleepjerk.detection.corrections import apply_corrections
from sleepjerk.errors import InputError
from sleepjerk.events import Label
from sleepjerk.history.corrections import read_corrections, write_corrections
from sleepjerk.night.document import read_night, to_document
from sleepjerk.night.model import Night
from sleepjerk.report import render_report
from sleepjerk.said import Correction, merged, now, standing, taken_back, undo
from tests.support.hostile import HOSTILE
from tests.support.marks import a_few

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "sample_data" / "short_night.csv.gz"
LABELS = [str(label) for label in Label]


@cache
def recording() -> sj.Recording:
    return sj.read_recording(SAMPLE)


@cache
def night() -> Night:
    return analyse(recording())


def said(row: int, label: str) -> Correction:
    event = night().events.iloc[row]
    return Correction(
        onset_s=float(event["onset_s"]),
        label=label,
        detected=str(event["label"]),
        said_utc="2026-11-23T07:00:00+00:00",
    )


def rows(label: str) -> list[int]:
    return [int(row) for row in np.flatnonzero(night().events["label"] == label)]


# On plain arrays.

ONSETS = st.lists(st.integers(0, 10_000), min_size=1, max_size=20, unique=True).map(
    lambda all_: np.sort(all_) / 4
)


@given(ONSETS, st.data())
def test_only_the_event_that_is_named_changes(onset_s: np.ndarray, data: st.DataObject) -> None:
    labels = np.array([data.draw(st.sampled_from(LABELS)) for _ in onset_s], dtype=str)
    place = data.draw(st.integers(0, len(onset_s) - 1))
    item = Correction(
        onset_s=float(onset_s[place]) + data.draw(st.floats(-0.04, 0.04)),
        label=data.draw(st.sampled_from(LABELS)),
        detected=labels[place],
        said_utc="",
    )
    before = labels.copy()
    applied = apply_corrections(labels, onset_s, [item])
    assert (labels == before).all()
    assert applied.lost == 0
    assert applied.labels[place] == item.label
    assert applied.detected[place] == item.detected
    others = np.arange(len(labels)) != place
    assert (applied.labels[others] == before[others]).all()
    assert (applied.detected[others] == "").all()
    twice = apply_corrections(labels, onset_s, [item, item])
    assert (twice.labels == applied.labels).all()


def test_a_correction_that_finds_no_event_is_counted() -> None:
    item = Correction(onset_s=5.0, label="sleep_twitch", detected="sleep_twitch", said_utc="")
    assert apply_corrections(np.array([], dtype=str), np.array([]), [item]).lost == 1
    assert apply_corrections(np.array(["unclassified"], dtype=str), np.array([5.06]), [item]).lost == 1
    assert apply_corrections(np.array(["unclassified"], dtype=str), np.array([5.04]), [item]).lost == 0


def word(onset_s: float, label: str, note: str = "") -> Correction:
    return Correction(onset_s=onset_s, label=label, detected="sleep_twitch", said_utc=now(), note=note)


def test_of_one_event_the_last_word_counts() -> None:
    once = [word(7.0, "body_movement")]
    twice = [*once, word(7.01, "posture_change", "the cat")]
    assert [(item.label, item.note) for item in standing(twice)] == [("posture_change", "the cat")]
    assert len(standing([*twice, word(8.0, "body_movement")])) == 2
    undone = taken_back(twice, twice[1])
    assert "the cat" not in repr(undone)
    for said in ([*once, *undone], [*undone, *once, *twice]):
        assert standing(merged(said)) == []
    assert standing([*undone, *twice, word(7.0, "body_movement")])[0].label == "body_movement"


def test_undo_takes_back_word_after_word_wherever_else_they_are_written() -> None:
    said = [word(7.0, "body_movement"), word(8.0, "posture_change"), word(7.0, "unclassified", "the cat")]
    left = said
    for kept in (said[:2], said[:1], []):
        left = undo(left)
        assert standing(left) == standing(merged([*said, *left])) == standing(kept)
    assert "the cat" not in repr(left)


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="is none of"):
        Correction(onset_s=1.0, label="seizure", detected="sleep_twitch", said_utc="")


# In the story.


def test_without_corrections_the_night_is_what_it_was() -> None:
    assert to_document(analyse(recording(), corrections=())) == to_document(night())


def test_a_twitch_that_was_the_cat_is_counted_nowhere_as_a_twitch() -> None:
    row = rows("hypnic_jerk")[0]
    after = analyse(recording(), corrections=[said(row, "body_movement")])
    before = night()
    assert after.counts["hypnic_jerk"] == before.counts["hypnic_jerk"] - 1
    assert after.counts["body_movement"] == before.counts["body_movement"] + 1
    event = after.events.iloc[row]
    assert (event["label"], event["detected"]) == ("body_movement", "hypnic_jerk")
    assert np.isnan(event["confidence"])
    assert (after.events["onset_s"] == before.events["onset_s"]).all()
    assert after.settings_sha256 == before.settings_sha256
    assert after.sleep.onset_s == before.sleep.onset_s


@pytest.mark.parametrize("label", a_few(LABELS, of=8))
def test_the_person_has_the_last_word_on_every_label(label: str) -> None:
    for row in (rows("hypnic_jerk")[0], rows("posture_change")[0]):
        event = analyse(recording(), corrections=[said(row, label)]).events.iloc[row]
        assert event["label"] == label
        if label != "periodic_movement":
            assert str(event["series"]) == "<NA>"


def test_movements_that_a_person_takes_out_hold_no_series_together() -> None:
    members = rows("periodic_movement")
    assert len(members) >= 8
    left = members[::4][:2]
    items = [said(row, "limb_movement") for row in members if row not in left]
    after = analyse(recording(), corrections=items)
    assert after.counts["periodic_movement"] == 0
    assert after.periodic.series == 0
    assert set(after.events.iloc[left]["label"]) <= {
        "limb_movement",
        "sleep_twitch",
        "hypnic_jerk",
        "unclassified",
    }


def test_the_order_of_corrections_does_not_matter() -> None:
    both = [said(rows("hypnic_jerk")[0], "body_movement"), said(rows("posture_change")[0], "unclassified")]
    there, back = (to_document(analyse(recording(), corrections=order)) for order in (both, both[::-1]))
    assert there == back


def test_a_lost_correction_is_a_warning_of_the_night() -> None:
    lost = Correction(onset_s=-9.0, label="sleep_twitch", detected="sleep_twitch", said_utc="")
    after = analyse(recording(), corrections=[lost])
    assert "1 correction matches no movement any more" in " ".join(after.warnings)
    assert after.counts == night().counts


def test_the_report_shows_what_a_person_said() -> None:
    page = render_report(analyse(recording(), corrections=[said(rows("hypnic_jerk")[0], "body_movement")]))
    assert "named by a person; the detector said: jerk while falling asleep" in page
    assert "movement was named by a person" in page
    assert "by a person" not in render_report(night())


# The file.


def test_the_file_comes_back_and_goes_with_the_last_correction(tmp_path: Path) -> None:
    path = tmp_path / "a.corrections.json"
    items = [word(7.0, "body_movement", "die Katze \U0001f408")]
    write_corrections(path, "ab", items)
    assert read_corrections(path, "ab") == items
    with pytest.raises(InputError, match="belong to another recording"):
        read_corrections(path, "cd")
    write_corrections(path, "ab", [])
    assert not path.exists()
    assert read_corrections(path, "ab") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": 2}',
        '{"schema": 1, "input_sha256": "ab", "corrections": [{}]}',
        "\ufffd",
        "[" * 9999,
        json.dumps(
            {
                "schema": 1,
                "input_sha256": "ab",
                "corrections": [
                    {"onset_s": "x", "label": "sleep_twitch", "detected": "sleep_twitch", "said_utc": ""}
                ],
            }
        ),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.corrections.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="these corrections"):
        read_corrections(path, "ab")


# The command.


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysed")
    shutil.copy(SAMPLE, folder / "night.csv.gz")
    assert main(["analyse", str(folder / "night.csv.gz")]) == 0
    return folder


@pytest.fixture
def analysed(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path, dirs_exist_ok=True)) / "night.csv.gz"


def document(path: Path) -> Night:
    return read_night(path.with_name("night.night.json"))


def test_a_correction_is_kept_counted_and_taken_back(
    analysed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = document(analysed)
    row = str(rows("hypnic_jerk")[0])
    assert (
        main(["correct", str(analysed), "--event", row, "--label", "body_movement", "--note", "the cat"]) == 0
    )
    assert "hypnic_jerk: " in capsys.readouterr().out
    after = document(analysed)
    assert after.counts["hypnic_jerk"] == before.counts["hypnic_jerk"] - 1
    assert main(["correct", str(analysed), "--list"]) == 0
    assert "hypnic_jerk -> body_movement" in capsys.readouterr().out
    assert main(["analyse", str(analysed)]) == 0
    assert "1 label set by you" in capsys.readouterr().err
    assert document(analysed).counts == after.counts
    assert main(["correct", str(analysed), "--event", row, "--label", "posture_change"]) == 0
    assert document(analysed).events.iloc[int(row)]["detected"] == "hypnic_jerk"
    assert main(["correct", str(analysed), "--event", row, "--undo"]) == 0
    assert to_document(document(analysed)) == to_document(before)
    assert not analysed.with_name("night.corrections.json").exists()


def test_a_movement_is_also_named_by_when_it_began(analysed: Path) -> None:
    events, row = document(analysed).events, rows("sleep_twitch")[0]
    moment = f"{events['onset_s'][row] + 0.3:.2f}s"
    assert main(["correct", str(analysed), "--event", moment, "--label", "body_movement"]) == 0
    after = document(analysed).events
    assert list(after.index[after["detected"] != ""]) == [row]
    assert main(["correct", str(analysed), "--undo", "--event", moment]) == 0
    assert (document(analysed).events["detected"] == "").all()


@pytest.mark.parametrize(
    ("words", "sentence"),
    a_few(
        [
            (["--event", "0"], "say which event and what it was"),
            (["--event", "0", "--undo", "--label", "sleep_twitch"], "say which event"),
            (["--event", "-1", "--label", "sleep_twitch"], "the rows of this night are 0 to"),
            (["--event", "99999", "--label", "sleep_twitch"], "the rows of this night are 0 to"),
            (["--event", "0", "--label", "cramp"], "the labels are hypnic_jerk"),
            (["--event", "0", "--undo"], "was not corrected"),
            (["--event", "60s", "--label", "sleep_twitch"], "no movement was found there; add it with --add"),
            (["--event", "soon", "--label", "sleep_twitch"], "a clock time can't be placed"),
        ],
        of=2,
        several=True,
    ),
)
def test_what_cannot_be_corrected_is_one_sentence(
    analysed: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    held = analysed.with_name("night.night.json").read_bytes()
    assert main(["correct", str(analysed), *words]) == 2
    assert sentence in capsys.readouterr().err
    assert analysed.with_name("night.night.json").read_bytes() == held
    assert not list(analysed.parent.glob("*corrections*"))


def test_a_night_that_was_not_analysed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["correct", str(tmp_path / "x.csv"), "--event", "0", "--label", "sleep_twitch"]
    assert main(line) == 2
    assert "there is no such file" in capsys.readouterr().err
    (tmp_path / "x.csv").touch()
    assert main(line) == 2
    assert "run sleepjerk analyse first" in capsys.readouterr().err


@pytest.mark.slow
def test_two_at_once_lose_nothing(analysed: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "sleepjerk",
        "correct",
        str(analysed),
        "--label",
        "unclassified",
        "--event",
    ]
    both = [subprocess.Popen([*words, str(row)], cwd=PROJECT, stdout=subprocess.DEVNULL) for row in (0, 1)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert list(document(analysed).events["detected"].iloc[:2] != "") == [True, True]


def test_corrections_of_another_recording_are_not_applied(
    analysed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = analysed.with_name("night.corrections.json")
    path.write_text(json.dumps({"schema": 1, "input_sha256": "0" * 64, "corrections": []}))
    assert main(["analyse", str(analysed)]) == 2
    assert "belong to another recording" in capsys.readouterr().err


@pytest.mark.parametrize("note", HOSTILE[:8])
def test_a_note_is_only_text(tmp_path: Path, note: str) -> None:
    path = tmp_path / "a.corrections.json"
    items = [dataclasses.replace(said(0, "unclassified"), note=note)]
    write_corrections(path, "ab", items)
    assert read_corrections(path, "ab") == items
