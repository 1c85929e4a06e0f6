"""Made nights as files: they read back as they were, and the sample can be remade from its command."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sleepjerk.simulate import ADXL345, Plan, SimulatedNight, simulate_night, simulate_plan, write_night_files

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
NAMES = ("short_night.csv.gz", "short_night.json", "short_night.truth.csv", "short_night.truth.json")


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.fixture(scope="module")
def short() -> SimulatedNight:
    return simulate_night(seed=10, scenario="sample", sensor=ADXL345)


def test_the_sample_is_remade_by_its_command(short: SimulatedNight, tmp_path: Path) -> None:
    write_night_files(short, tmp_path / NAMES[0])
    for name in NAMES:
        assert content(tmp_path / name) == content(SAMPLE / name), name


def test_the_sample_holds_what_its_readme_says_and_stays_small() -> None:
    truth = pd.read_csv(SAMPLE / "short_night.truth.csv")
    made = truth["label"].value_counts()
    twitches, members = made[["hypnic_jerk", "sleep_twitch"]].tolist(), made["periodic_movement"]
    assert (twitches, members, made["posture_change"]) == ([2, 5], 11, 5)
    assert truth["series"].dropna().unique().tolist() == [1]
    assert truth.loc[truth["series"].notna(), "accel_truth"].sum() == 10
    assert (SAMPLE / "short_night.csv.gz").stat().st_size < 1_500_000
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in NAMES)
    made_by = json.loads((SAMPLE / "short_night.json").read_text(encoding="utf-8"))["made_by"]
    assert made_by == "sleepjerk simulate --scenario sample --hours 2 --seed 10 --sensor ADXL345"


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_a_file_read_by_plain_pandas_is_the_recording(
    short: SimulatedNight, suffix: str, tmp_path: Path
) -> None:
    path, *_ = write_night_files(short, tmp_path / f"night{suffix}")
    table = pd.read_csv(path)
    recording = short.recording
    there = np.isfinite(recording.acceleration_g[0])
    assert list(table) == ["t_us", "x_g", "y_g", "z_g"]
    assert table["t_us"].tolist() == (np.flatnonzero(there) * 20_000).tolist()
    read = table[["x_g", "y_g", "z_g"]].to_numpy(dtype=np.float32).T
    assert np.array_equal(read, recording.acceleration_g[:, there])
    jumps = np.flatnonzero(np.diff(table["t_us"]) > 20_000)
    stamps_s = table["t_us"].to_numpy() / 1e6
    gaps = np.column_stack([stamps_s[jumps] + 0.02, stamps_s[jumps + 1]])
    assert gaps == pytest.approx(recording.gaps_s)


def test_compressed_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    night = simulate_plan(Plan(duration_s=30.0), 2)
    for name in ("one", "two"):
        write_night_files(night, tmp_path / f"{name}.csv.gz")
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()


def test_the_truth_read_back_is_the_truth(short: SimulatedNight, tmp_path: Path) -> None:
    write_night_files(short, tmp_path / "night.csv")
    read = pd.read_csv(tmp_path / "night.truth.csv", dtype={"series": "Int64", "label": "str", "kind": "str"})
    pd.testing.assert_frame_equal(read, short.truth, check_exact=True)


def test_the_sidecar_says_what_a_recorder_would(short: SimulatedNight, tmp_path: Path) -> None:
    write_night_files(short, tmp_path / "night.csv")
    side = json.loads((tmp_path / "night.json").read_text(encoding="utf-8"))
    marks = short.recording.marks
    assert marks.lights_off is not None
    assert side["start_utc"] == "2026-11-22T21:31:04+00:00"
    assert (side["zone"], side["limb"], side["rate_hz"], side["range_g"]) == (
        "Europe/Berlin",
        "wrist",
        50.0,
        4.0,
    )
    assert side["lights_off"] == marks.lights_off.isoformat()


def test_a_name_that_is_no_recording_is_refused(short: SimulatedNight, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in .csv or .csv.gz"):
        write_night_files(short, tmp_path / "night.txt")
