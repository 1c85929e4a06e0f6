"""Exports of real devices: read where plain rules allow it, else refused with the option that decides."""

import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sleepjerk import InputError, Recording, Rules
from sleepjerk.reading import read_nights, read_recording
from sleepjerk.reading.loggers.device import DeviceFile, read_device
from sleepjerk.reading.loggers.store import Store
from sleepjerk.reading.sidecar import Sidecar
from sleepjerk.recording import Samples
from sleepjerk.rules import CuttingRules
from tests.support.real_nights import night_counts, night_paths, shared_data, write_night_csv

pytestmark = pytest.mark.skipif(shared_data() is None, reason="the shared data are not beside the project")


def device(name: str) -> Path:
    """A file of the shared data."""
    folder = shared_data()
    assert folder is not None
    return folder / name


def all_samples(path: Path, kind: str) -> Samples:
    """(3, n) what a logger wrote, g."""
    with closing(read_device(path, kind)) as found:
        return found.rows.samples(0, found.rows.count)


def still_g(recording: Recording) -> float:
    """Median |a|: about 1 g for any wrist."""
    return float(np.nanmedian(np.linalg.norm(recording.acceleration_g, axis=0)))


@pytest.mark.parametrize(
    ("name", "rate_hz", "start"),
    [
        ("actilife_exampleRAW.csv", 90, "2019-02-14T08:58:00-05:00"),
        ("neo.csv", 30, "2021-12-20T11:55:00-05:00"),
    ],
)
def test_an_actilife_export_says_its_rate_and_its_local_start(name: str, rate_hz: float, start: str) -> None:
    path = device(f"devices/{name}")
    recording = read_recording(path, zone="America/New_York")
    assert recording.rate_hz == pytest.approx(rate_hz)
    assert still_g(recording) == pytest.approx(1, abs=0.1)
    assert recording.start is not None
    assert recording.start.isoformat() == start
    assert read_recording(path).start is None


def test_an_empatica_export_begins_with_its_start_and_its_rate() -> None:
    recording = read_recording(device("devices/empatica_E4_ACC.csv"))
    assert recording.rate_hz == 32
    assert recording.start is not None
    assert recording.start.timestamp() == 1560279825
    np.testing.assert_allclose(recording.acceleration_g[:, 0] * 64, [-61, 25, 6])
    assert still_g(recording) == pytest.approx(1, abs=0.1)


def test_a_garmin_export_is_read_when_its_unit_is_told() -> None:
    path = device("devices/garmin_acc_25Hz_mg.csv")
    recording = read_recording(path, unit="mg")
    assert recording.rate_hz == pytest.approx(25, rel=0.01)
    assert recording.start is not None
    assert recording.start.isoformat().startswith("2019-10-16T")
    assert recording.damage.repeated_stamps == 93
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


@pytest.mark.parametrize(
    ("name", "rate_hz", "samples", "start"),
    [
        ("ax3_testfile.cwa", 98.9, 145 * 120, None),
        ("ax6_testfile.cwa", 99.0, 283 * 40, None),
        ("example_geneactiv.bin", 60, 91 * 300, "2025-03-17T12:37:33-05:00"),
        ("example_actigraph.gt3x", 60, 81 * 60, "2024-04-30T14:53:00-05:00"),
    ],
)
def test_a_loggers_own_file_is_read(name: str, rate_hz: float, samples: int, start: str | None) -> None:
    recording = read_recording(device(f"devices/{name}"))
    assert recording.rate_hz == pytest.approx(rate_hz, rel=0.002)
    assert recording.acceleration_g.shape[1] == pytest.approx(samples, abs=2)
    assert len(recording.gaps_s) == 0
    assert still_g(recording) == pytest.approx(1, abs=0.05)
    assert (None if recording.start is None else recording.start.isoformat()) == start


def test_corrupt_blocks_cost_those_blocks_only() -> None:
    whole = read_recording(device("devices/ax3_testfile.cwa"), zone="Europe/London")
    torn = read_recording(
        device("devices/ax3_testfile_corrupt_blocks_0_13_14_142_143_144.cwa"), zone="Europe/London"
    )
    assert torn.damage.rejected_rows == 6
    assert torn.missing_s == pytest.approx(2 * 120 / 99, abs=0.1)  # the others lie at both ends
    assert whole.start is not None
    assert torn.start is not None
    late_s = (torn.start - whole.start).total_seconds()
    assert late_s == pytest.approx(120 / 99, abs=0.01)


def test_the_blocks_that_are_left_are_exact() -> None:
    torn = device("devices/ax3_testfile_corrupt_blocks_0_13_14_142_143_144.cwa")
    whole = all_samples(device("devices/ax3_testfile.cwa"), "Axivity .cwa").reshape(3, 145, 120)
    left = np.delete(whole, [0, 13, 14, 142, 143, 144], axis=1)
    np.testing.assert_array_equal(all_samples(torn, "Axivity .cwa"), left.reshape(3, -1))


def test_a_loggers_days_are_cut_by_its_own_clock_into_what_they_are_together(tmp_path: Path) -> None:
    """The test file's 174 s, cut at the minute in their middle as if that were noon."""
    path = device("devices/ax3_testfile.cwa")
    whole = read_recording(path, zone="Europe/London")
    assert whole.start is not None
    cut = (whole.start + timedelta(seconds=120)).replace(second=0, microsecond=0)
    clock_h = cut.hour + cut.minute / 60
    rules = replace(Rules(), cutting=CuttingRules(from_h=0.02, least_h=0.005, clock_h=clock_h))
    first, second = read_nights(path, zone="Europe/London", rules=rules)
    assert first.start == whole.start
    assert second.start is not None
    assert 0 <= (second.start - cut).total_seconds() < 0.02
    assert second.provenance.from_s == pytest.approx((second.start - whole.start).total_seconds(), abs=1e-3)
    assert first.duration_s + second.duration_s == pytest.approx(whole.duration_s, abs=0.05)
    # Grids begin apart, so samples are the same but for half a step of time.
    late = np.nanmean(second.acceleration_g[:, -2000:], axis=1)
    np.testing.assert_allclose(late, np.nanmean(whole.acceleration_g[:, -2000:], axis=1), atol=2e-3)


def test_a_loggers_clock_goes_on_when_the_clocks_around_it_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the evening before the clocks go back, for a day and a half, 10 samples a second."""
    first = int(datetime(2026, 10, 24, 18, tzinfo=UTC).timestamp()) * 10**9
    count = 38 * 3600 * 10
    rows = Store()
    rows.add(np.tile(np.array([[0, 0, 1]], dtype=np.float32), (count, 1)), first + np.arange(count) * 10**8)
    made = DeviceFile(rows, Sidecar(sensor="made"), damaged=0, notes=())
    monkeypatch.setattr("sleepjerk.reading.loggers.logger_file.read_device", lambda path, kind: made)
    nights = list(read_nights(device("devices/ax3_testfile.cwa"), zone="Europe/Berlin"))
    assert [night.start and night.start.isoformat() for night in nights] == [
        "2026-10-24T18:00:00+02:00",
        "2026-10-25T12:00:00+01:00",
    ]
    assert [night.provenance.from_s for night in nights] == [0, 19 * 3600]


def test_a_logger_that_slept_while_idle_leaves_a_gap() -> None:
    recording = read_recording(device("devices/example_actigraph_idle_sleep_mode.gt3x"))
    assert len(recording.gaps_s) == 1
    assert recording.missing_s == pytest.approx(24, abs=0.1)


@pytest.mark.parametrize("name", ["ISM_Disabled.gt3x", "ISM_Enabled.gt3x", "neo.gt3x"])
def test_an_older_gt3x_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(InputError, match="export the raw samples as CSV") as caught:
        read_recording(device(f"devices/{name}"))
    assert "\n" not in str(caught.value)


def test_a_loggers_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    cut = tmp_path / "cut.cwa"
    cut.write_bytes(device("devices/ax3_testfile.cwa").read_bytes()[:50_000])
    recording = read_recording(cut)
    assert recording.acceleration_g.shape[1] == pytest.approx((50_000 - 1024) // 512 * 120, abs=2)


def test_without_the_reader_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "actfast", None)
    with pytest.raises(InputError, match=r"pip install 'sleepjerk\[devices\]'"):
        read_recording(device("devices/ax3_testfile.cwa"))


def test_a_real_night_written_as_native_comes_back_sample_by_sample(tmp_path: Path) -> None:
    path = next(path for path in night_paths() if path.stem == "p050")
    recording = read_recording(write_night_csv(path, tmp_path / "night.csv"))
    expected = (night_counts(path) - 128) / 32
    assert recording.acceleration_g.shape == expected.shape
    np.testing.assert_allclose(recording.acceleration_g, expected, atol=6e-5)
    assert recording.device.step_g == pytest.approx(1 / 32, rel=0.01)
