"""night.json and events.csv: what is written reads back the same, whole or not at all, unknown as null."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sleepjerk.atomic import write_whole
from sleepjerk.errors import InputError
from sleepjerk.events import COLUMNS, Label, State, events_text, isolated_twitches, make_events, table_of
from sleepjerk.judging.weeks import judge_week, line_of, with_week
from sleepjerk.night.document import night_text, read_night, to_document, write_night
from sleepjerk.night.model import Night
from sleepjerk.rules import Rules
from tests.report.made_nights import demo


def test_a_night_reads_back_as_it_was_written(tmp_path: Path) -> None:
    night = demo()
    write_night(night, tmp_path / "n.night.json")
    again = read_night(tmp_path / "n.night.json")
    assert to_document(again) == to_document(night)
    pd.testing.assert_frame_equal(again.events, night.events)


def test_each_field_of_a_summary_and_each_event_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    night = demo()
    write_night(night, tmp_path / "n.night.json")
    text = (tmp_path / "n.night.json").read_text(encoding="utf-8")
    written = json.loads(text)
    assert written.pop("checksum").startswith("sha256:")
    assert written == json.loads(json.dumps(to_document(night)))
    lines = text.splitlines()
    assert sum(line.startswith('  {"onset_s": ') for line in lines) == len(night.events)
    assert f'  "hours": {night.recording.hours},' in lines


def test_the_document_holds_the_keys_other_programs_rely_on() -> None:
    document = to_document(demo())
    assert {"schema", "version", "settings_sha256", "input_sha256", "warnings"} <= set(document)
    assert {"hours", "rate_hz", "gaps", "missing_s", "clock_drift_ppm", "limb"} <= set(document["recording"])
    assert {"onset_s", "end_s", "period_h", "analysed_h", "wake_bouts"} <= set(document["sleep"])
    assert {"rules", "index_per_h", "periodicity_index", "median_interval_s"} <= set(document["periodic"])
    assert {"level", "criteria"} <= set(document["verdict"])
    for criterion in document["verdict"]["criteria"]:
        assert {"id", "met", "value", "threshold", "unit", "source", "claim"} <= set(criterion)
    assert set(document["counts"]) == {str(label) for label in Label} == set(document["per_hour"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "can't read this as night.json"),
        ("[]", "no night of schema"),
        ('{"schema": "other"}', "no night of schema"),
        ('{"schema": "sleepjerk.night/1"}', "damaged"),
    ],
)
def test_what_is_no_night_is_refused_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=words):
        read_night(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("verdict", "level"), "purple"),
        (("sleep", "onset_s"), "22:45"),
        (("strips", 0, "start_s"), "0.5"),
        (("strips", 0, "axes_mg", 0), "123"),
        (("events", 0, "onset_s"), "soon"),
        (("recording", "gaps"), 1.5),
        (("recording", "gaps"), True),
        (("counts", "sleep_twitch"), "many"),
        (("verdict", "criteria"), {}),
        (("timeline", "states", 0), [0.0, 1.0]),
        (("warnings",), "none"),
    ],
)
def test_a_value_of_another_kind_is_one_sentence(
    tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    document = json.loads(json.dumps(to_document(demo())))
    part = document
    for key in place[:-1]:
        part = part[key]
    assert part[place[-1]] != value
    part[place[-1]] = value
    path = tmp_path / "a.night.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="this night is damaged"):
        read_night(path)


def in_a_week() -> Night:
    line = line_of(demo(), "2026-11-22", Rules())
    return with_week(demo(), judge_week([line], {}, line.night, Rules()))


# Objects whose keys are labels, ids or names, not ours.
FREE = ("counts", "per_hour", "per_hour_interval", "confidence_edges", "options", "values", "met", "answers")
FREE += ("strengths", "strength_edges_g", "diary")


def planted(value: Any, new: Any, first: bool) -> Any:
    """JSON with a new key in each object, before or behind the others."""
    if isinstance(value, list):
        return [planted(item, new, first) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: item if key in FREE else planted(item, new, first) for key, item in value.items()}
    return {"new": new} | inner if first else inner | {"new": new}


@pytest.mark.parametrize(
    ("new", "first"), [(1, True), (None, False), ({"deep": [{"x": 1}]}, True), ([], False)]
)
def test_keys_of_a_newer_version_are_no_error_and_are_written_again(
    tmp_path: Path, new: Any, first: bool
) -> None:
    document = planted(json.loads(json.dumps(to_document(in_a_week()))), new, first)
    path = tmp_path / "a.night.json"
    path.write_text(json.dumps(document))
    night = read_night(path)
    assert document["week"]["nights"][0]["new"] == new
    assert document["events"][3]["new"] == new
    written = json.loads(night_text(night))
    assert {name: value for name, value in written.items() if name != "checksum"} == document
    plain = dataclasses.replace(night, unknown={})
    assert to_document(plain) == to_document(in_a_week())


def test_an_unknown_key_stays_with_its_event_and_goes_with_it(tmp_path: Path) -> None:
    document = json.loads(json.dumps(to_document(demo())))
    for row in document["events"]:
        row["new"] = row["onset_s"]
    path = tmp_path / "a.night.json"
    path.write_text(json.dumps(document))
    night = read_night(path)
    fewer = dataclasses.replace(night, rows=(night.rows[1], *night.rows[3:]))
    rows = to_document(fewer)["events"]
    assert len(rows) == len(document["events"]) - 2
    assert all(row["new"] == row["onset_s"] for row in rows)


def test_a_night_of_a_newer_form_is_one_sentence_that_sends_nobody_to_write_over_it(tmp_path: Path) -> None:
    path = tmp_path / "a.night.json"
    path.write_text('{"schema": "sleepjerk.night/2"}')
    with pytest.raises(InputError, match="newer sleepjerk") as caught:
        read_night(path)
    assert "analyse the recording again" not in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"schema": ' + "[" * 100_000])
def test_nesting_without_end_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.night.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"can't read this as night\.json"):
        read_night(path)


def test_a_failed_write_leaves_the_old_file_and_no_crumbs(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["n.json"]


def test_a_nan_never_reaches_a_result(tmp_path: Path) -> None:
    night = demo()
    night.counts["hypnic_jerk"] = float("nan")  # type: ignore[assignment]
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_night(night, tmp_path / "n.json")
    assert list(tmp_path.iterdir()) == []


def test_no_events_is_a_table_with_all_columns() -> None:
    assert events_text(table_of([])) == ",".join(COLUMNS) + "\n"
    assert len(isolated_twitches(table_of([]))) == 0


def test_the_table_is_sorted_and_empty_fields_stay_empty(tmp_path: Path) -> None:
    columns = {name: [1.0, 2.0] for name in ("duration_s", "peak_g", "tilt_deg", "centroid_hz", "confidence")}
    events = make_events(
        onset_s=[9.0, 3.0],
        label=[Label.SLEEP_TWITCH, Label.PERIODIC_MOVEMENT],
        state=[State.SLEEP, State.SLEEP],
        series=[None, 1],
        utc=["", ""],
        isolated=[True, False],
        **columns,
    )
    assert events["onset_s"].tolist() == [3.0, 9.0]
    (tmp_path / "e.csv").write_text(events_text(events))
    back = pd.read_csv(tmp_path / "e.csv")
    assert back["series"].tolist()[0] == 1
    assert back["series"].isna().tolist() == [False, True]
    assert list(back.columns)[:8] == [
        "onset_s",
        "duration_s",
        "peak_g",
        "tilt_deg",
        "label",
        "series",
        "state",
        "utc",
    ]
    assert json.loads(events["label"].to_json(orient="values")) == ["periodic_movement", "sleep_twitch"]


def test_a_word_that_is_no_label_is_refused() -> None:
    one = {
        name: [1.0] for name in ("onset_s", "duration_s", "peak_g", "tilt_deg", "centroid_hz", "confidence")
    }
    with pytest.raises(ValueError, match=r"label \['jerk'\] is none of"):
        make_events(label=["jerk"], state=["sleep"], series=[None], utc=[""], isolated=[True], **one)
    with pytest.raises(ValueError, match="are not the expected"):
        make_events(label=["sleep_twitch"])
