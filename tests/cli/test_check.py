"""`sleepjerk check` says what a recording shows, and whether it can be used."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from sleepjerk import Device, Recording, Rules
from sleepjerk.cli import check as verb
from sleepjerk.night.quality import measure_quality
from tests.support.made_signals import FS, still

HOURS_5 = 5 * 3600


def night(seconds: float = HOURS_5) -> Recording:
    """A quiet night of a good sensor."""
    g = still(seconds)
    # A breath moves the wrist by a few mg: without it, it would be a table.
    g[0] += 0.006 * np.sin(2 * np.pi * 0.25 * np.arange(g.shape[1]) / FS).astype(np.float32)
    return Recording(g, FS, device=Device(step_g=0.0005))


def faults(recording: Recording) -> str:
    """All that makes a recording useless."""
    return "; ".join(verb.say_faults(measure_quality(recording, Rules()), Rules()))


def doubts(recording: Recording) -> str:
    """All that calls for care."""
    return "; ".join(verb.say_doubts(measure_quality(recording, Rules()), Rules()))


def test_a_good_night_raises_no_doubt() -> None:
    recording = night()
    assert faults(recording) == ""
    assert doubts(recording) == ""
    quality = measure_quality(recording, Rules())
    assert quality.hours == pytest.approx(5)
    assert quality.noise_g is not None
    assert quality.noise_g < 0.02
    assert quality.constant_stretches == 0


def test_a_short_recording_is_no_night() -> None:
    assert "lasts only 30.0 min" in faults(night(1800))


def test_a_recording_too_short_to_count_in_a_week_is_told_of() -> None:
    assert "it lasts only 2.50 h, too short for a night that counts" in doubts(night(9000))
    assert faults(night(9000)) == ""


@pytest.mark.slow
def test_a_night_full_of_holes_is_useless() -> None:
    whole = night()
    g = whole.acceleration_g.copy()
    half = g.shape[1] // 2
    g[:, 1000 : 1000 + half] = np.nan
    gaps = np.array([[1000 / FS, (1000 + half) / FS]])
    assert "50 % of the time is missing" in faults(Recording(g, FS, gaps, device=whole.device))


def test_a_sensor_that_hangs_is_useless() -> None:
    g = np.tile(np.array([[0.0], [0.6], [0.8]], np.float32), round(HOURS_5 * FS))
    recording = Recording(g, FS, device=Device(step_g=0.0005))
    assert "the sensor was dead" in faults(recording)
    assert measure_quality(recording, Rules()).constant_s == pytest.approx(HOURS_5, rel=0.01)


def test_a_coarse_sensor_is_usable_with_care() -> None:
    coarse = (np.rint(night().acceleration_g * 16) / 16).astype(np.float32)
    assert "steps of 62 mg" in doubts(Recording(coarse, FS, device=Device(step_g=1 / 16)))


def run(path: Path, *options: str) -> int:
    parser = argparse.ArgumentParser()
    verb.configure(parser)
    return verb.run(parser.parse_args([str(path), *options]))


@pytest.fixture
def short_night(tmp_path: Path) -> Path:
    recording = night(60)
    stamps = np.arange(recording.acceleration_g.shape[1]) * round(1e6 / FS)
    rows = np.column_stack([stamps, recording.acceleration_g.T])
    path = tmp_path / "night.csv"
    np.savetxt(path, rows, "%d,%.4f,%.4f,%.4f", header="t_us,x_g,y_g,z_g", comments="")
    return path


def test_the_last_line_says_whether_it_can_be_used(
    short_night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(short_night) == 0
    said = capsys.readouterr()
    assert "lasts only" in said.out.strip().split("\n")[-1]
    for word in (
        "length",
        "rate",
        "gaps",
        "clipping",
        "step",
        "noise",
        "drift",
        "unit",
        "vibration",
        "off body",
        "constant",
    ):
        assert f"\n{word} " in said.out
    assert "unit: g" in said.err


def test_a_program_gets_one_json_document(short_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(short_night, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["usable"] is False
    assert document["hours"] == pytest.approx(1 / 60)
    assert document["clock_drift_ppm"] is None
