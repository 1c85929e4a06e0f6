"""`sleepjerk evaluate`: the table for people, the document for programs, one sentence for bad input."""

import argparse
import json
from pathlib import Path

import pytest

from sleepjerk.cli import evaluate
from sleepjerk.errors import InputError

EVENTS = "onset_s,duration_s,peak_g,label\n10.1,0.2,0.09,sleep_twitch\n50.0,4.0,0.3,body_movement\n"
TRUTH = "onset_s,offset_s,label,peak_g\n10.0,10.25,sleep_twitch,0.08\n51.0,55.0,body_movement,0.4\n"


def run(tmp_path: Path, events: str, truth: str, *options: str) -> int:
    """The verb on two files with these texts."""
    (tmp_path / "found.csv").write_text(events, encoding="utf-8")
    (tmp_path / "true.csv").write_text(truth, encoding="utf-8")
    parser = argparse.ArgumentParser()
    evaluate.configure(parser)
    return evaluate.run(
        parser.parse_args([str(tmp_path / "found.csv"), str(tmp_path / "true.csv"), *options])
    )


def test_the_table_has_a_line_a_label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, EVENTS, TRUTH) == 0
    out, err = capsys.readouterr()
    lines = {line.split()[0]: line.split()[1:4] for line in out.splitlines() if line}
    assert lines["sleep_twitch"] == lines["body_movement"] == lines["twitch"] == ["1", "1", "1"]
    assert "onset 100 ms, duration 50 ms" in out
    assert err == ""


def test_the_document_holds_the_same_and_no_nan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, EVENTS, TRUTH, "--json") == 0
    document = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert document["labels"]["twitch"]["matched"] == 1
    assert document["strata"][3] | {"interval": None} == {
        "name": "60-100 mg",
        "truth": 1,
        "matched": 1,
        "recall": 1.0,
        "interval": None,
    }
    assert document["strata"][0]["recall"] is None


def test_a_night_without_events_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, EVENTS.splitlines()[0] + "\n", TRUTH) == 0
    assert "0.00" in capsys.readouterr().out


def test_byte_order_mark_carriage_returns_and_empty_lines_are_fine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "\ufeff" + EVENTS.replace("\n", "\r\n") + "\r\n", TRUTH + "\n\n") == 0
    assert "body_movement" in capsys.readouterr().out


def test_accel_truth_is_read_as_a_truth_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = "onset_s,offset_s,label,peak_g,accel_truth\n10,10.2,sleep_twitch,0.01,False\n"
    assert run(tmp_path, EVENTS, truth, "--json") == 0
    score = json.loads(capsys.readouterr().out)["labels"]["twitch"]
    assert (score["truth"], score["found"]) == (0, 0)


@pytest.mark.parametrize(
    ("events", "truth", "sentence"),
    [
        (
            "t_us,x_g\n0,1\n",
            TRUTH,
            r"found.csv: line 1 has no column 'onset_s' \(it has t_us, x_g\); give an events",
        ),
        (EVENTS, EVENTS, r"true.csv: line 1 has no column 'offset_s'"),
        (
            EVENTS.replace("50.0", "fifty"),
            TRUTH,
            r"line 3, column onset_s: found 'fifty', expected a finite number",
        ),
        (
            EVENTS.replace("10.1", "inf"),
            TRUTH,
            r"line 2, column onset_s: found 'inf', expected a finite number",
        ),
        (
            EVENTS.replace("4.0", "-4"),
            TRUTH,
            r"line 3, column duration_s: found '-4.0', expected a length of 0 or more",
        ),
        (EVENTS, TRUTH.replace("51.0", "\n51.x"), r"line 4, column onset_s: found '51.x'"),
        (
            EVENTS,
            TRUTH.replace("55.0", "50.0"),
            r"line 3, column offset_s: found '50.0', expected a time not before",
        ),
        (EVENTS, TRUTH.replace("sleep_twitch", ""), r"line 2, column label: found '', expected a word"),
        (EVENTS, "", r"true.csv: this is no CSV table \(No columns to parse from file\); give a truth file"),
        (EVENTS, TRUTH.replace("0.08", "0.08,1"), r"true.csv: line 2 has more fields than line 1 has names"),
        (
            EVENTS,
            "onset_s,offset_s,label,peak_g,accel_truth\n10,11,x,0.1,maybe\n",
            r"line 2, column accel_truth: found 'maybe', expected True or False",
        ),
    ],
)
def test_bad_input_is_one_sentence_with_file_line_and_column(
    tmp_path: Path, events: str, truth: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        run(tmp_path, events, truth)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    evaluate.configure(parser)
    with pytest.raises(InputError, match=r"nowhere\.csv: can't read this file \(No such file or directory\)"):
        evaluate.run(parser.parse_args([str(tmp_path / "nowhere.csv"), str(tmp_path)]))
    with pytest.raises(InputError, match="can't read this file"):
        evaluate.run(parser.parse_args([str(tmp_path), str(tmp_path)]))


def test_bytes_that_are_no_text_are_no_table(tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x00")
    parser = argparse.ArgumentParser()
    evaluate.configure(parser)
    with pytest.raises(InputError, match="this is no CSV table"):
        evaluate.run(parser.parse_args([str(tmp_path / "picture.csv"), str(tmp_path)]))
