"""`sleepjerk simulate`: the files it leaves, what it says, and one sentence for bad input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sleepjerk.cli import build_parser, main
from sleepjerk.simulate import SCENARIOS, SENSORS


def simulate(out: Path, *options: str) -> int:
    """The verb as typed."""
    return main(["simulate", "--hours", "0.2", "--out", str(out), *options])


def test_the_recording_is_the_result_and_its_companions_are_talk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(tmp_path / "night.csv") == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'night.csv'}\n"
    names = {"night.csv", "night.json", "night.truth.csv", "night.truth.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert all(name in err for name in names - {"night.csv"})


def test_the_truth_begins_with_the_four_columns_other_programs_read(tmp_path: Path) -> None:
    simulate(tmp_path / "night.csv")
    truth = pd.read_csv(tmp_path / "night.truth.csv")
    assert list(truth.columns[:4]) == ["onset_s", "offset_s", "label", "peak_g"]


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        (tmp_path / name).mkdir()
        simulate(tmp_path / name / "night.csv.gz", "--seed", seed)
    first, again, other = ((tmp_path / name / "night.csv.gz").read_bytes() for name in "abc")
    assert first == again
    assert first != other


def test_the_chip_can_be_chosen_and_its_sidecar_tells_how_to_remake_the_night(tmp_path: Path) -> None:
    assert simulate(tmp_path / "night.csv", "--sensor", "adxl345") == 0
    side = json.loads((tmp_path / "night.json").read_text(encoding="utf-8"))
    assert side["sensor"] == "ADXL345"
    assert side["made_by"] == "sleepjerk simulate --scenario healthy --hours 0.2 --seed 1 --sensor ADXL345"
    values = pd.read_csv(tmp_path / "night.csv")["x_g"].to_numpy()
    steps = values / 0.00390625
    assert np.abs(steps - np.rint(steps)).max() < 0.01


def test_a_night_without_twitches_has_none_and_tells_how_to_remake_it(tmp_path: Path) -> None:
    assert simulate(tmp_path / "night.csv", "--scenario", "demo", "--without-twitches") == 0
    side = json.loads((tmp_path / "night.json").read_text(encoding="utf-8"))
    assert side["made_by"] == "sleepjerk simulate --scenario demo --hours 0.2 --seed 1 --without-twitches"
    labels = set(pd.read_csv(tmp_path / "night.truth.csv")["label"])
    assert labels
    assert labels.isdisjoint({"hypnic_jerk", "sleep_twitch"})


def test_a_bad_sensor_writes_its_faults_beside_its_truth(tmp_path: Path) -> None:
    assert simulate(tmp_path / "night.csv", "--scenario", "bad-sensor") == 0
    stamps = pd.read_csv(tmp_path / "night.csv")["t_us"].diff().dropna()
    faults = json.loads((tmp_path / "night.truth.json").read_text(encoding="utf-8"))["faults"]
    assert (stamps == 0).sum() == len(faults["repeated_s"])
    assert (stamps < 0).sum() == len(faults["backward_s"])


def test_every_scenario_and_every_chip_is_named_in_the_help() -> None:
    actions = [action for action in build_parser()._actions if action.dest == "verb"]
    assert actions[0].choices is not None
    text = dict(actions[0].choices)["simulate"].format_help()  # type: ignore[call-overload]
    assert all(name in text for name in (*SCENARIOS, *SENSORS))


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("night.csv", ["--scenario", "stormy"], "there is no scenario 'stormy'; choose one of healthy, "),
        ("night.csv", ["--sensor", "pendulum"], "there is no such chip; choose one of MPU-6050, "),
        ("night.csv", ["--hours", "0"], "0 h can't be made; give 0.1 to 24"),
        ("night.csv", ["--hours", "nan"], "nan h can't be made"),
        ("night.csv", ["--seed", "-1"], "seed -1 is negative"),
        ("night.txt", [], "a recording's name ends in .csv or .csv.gz"),
        ("nowhere/night.csv", [], "there is no folder"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, options: list[str], sentence: str
) -> None:
    assert simulate(tmp_path / name, *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sleepjerk: ")
    assert sentence in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
