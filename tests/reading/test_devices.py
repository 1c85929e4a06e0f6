"""Exports of real devices: read where plain rules allow it, else refused with the option that decides."""

from pathlib import Path

import numpy as np
import pytest

from sleepjerk import InputError, Recording
from sleepjerk.reading import read_recording
from tests.real_nights import night_counts, night_paths, shared_data, write_night_csv

pytestmark = pytest.mark.skipif(shared_data() is None, reason="the shared data are not beside the project")


def device(name: str) -> Path:
    """A file of the shared data."""
    folder = shared_data()
    assert folder is not None
    return folder / name


def still_g(recording: Recording) -> float:
    """Median |a|: about 1 g for any wrist."""
    return float(np.nanmedian(np.linalg.norm(recording.acceleration_g, axis=0)))


@pytest.mark.parametrize(("name", "rate_hz"), [("actilife_exampleRAW.csv", 90), ("neo.csv", 30)])
def test_an_actilife_export_is_read_when_its_rate_is_told(name: str, rate_hz: float) -> None:
    path = device(f"devices/{name}")
    told = read_recording(path, rate_hz=rate_hz)
    assert told.rate_hz == pytest.approx(rate_hz)
    assert still_g(told) == pytest.approx(1, abs=0.1)


def test_an_empatica_export_is_refused_until_its_unit_and_rate_are_told() -> None:
    path = device("devices/empatica_E4_ACC.csv")
    with pytest.raises(InputError, match=r"--rate|--unit|--columns"):
        read_recording(path)


def test_a_garmin_export_is_read_when_its_unit_is_told() -> None:
    path = device("devices/garmin_acc_25Hz_mg.csv")
    recording = read_recording(path, unit="mg")
    assert recording.rate_hz == pytest.approx(25, rel=0.01)
    assert recording.start is not None
    assert recording.start.isoformat().startswith("2019-10-16T")
    assert recording.facts.repeated_stamps == 93
    assert recording.missing_s == pytest.approx(552, abs=1)
    assert 0.9 < still_g(recording) < 1.1


def test_a_witmotion_app_log_whose_stamps_run_backwards_is_refused_by_line() -> None:
    path = device("imu_logs/wt901ble68_app_log_still.txt")
    with pytest.raises(InputError, match=r"line \d+.*backwards"):
        read_recording(path)
    told = read_recording(path, columns="AccX(g),AccY(g),AccZ(g)", rate_hz=200)
    assert still_g(told) == pytest.approx(1, abs=0.05)


def test_a_hex_dump_is_refused() -> None:
    with pytest.raises(InputError):
        read_recording(device("imu_logs/wt901blecl50_hexdump.txt"))


@pytest.mark.parametrize("name", ["ax3_testfile.cwa", "neo.gt3x", "example_geneactiv.bin"])
def test_a_binary_device_file_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_recording(device(f"devices/{name}"))
    assert "\n" not in str(caught.value)


def test_a_real_night_written_as_native_comes_back_sample_by_sample(tmp_path: Path) -> None:
    path = next(path for path in night_paths() if path.stem == "p050")
    recording = read_recording(write_night_csv(path, tmp_path / "night.csv"))
    expected = (night_counts(path) - 128) / 32
    assert recording.acceleration_g.shape == expected.shape
    np.testing.assert_allclose(recording.acceleration_g, expected, atol=6e-5)
    assert recording.facts.step_g == pytest.approx(1 / 32, rel=0.01)
