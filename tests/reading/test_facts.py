"""What is known of a recording besides its samples: from the file, its name and the files beside it."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from sleepjerk import Recording
from sleepjerk.reading import read_recording
from tests.reading.made_files import made_g, native, put, table

G = made_g()
NATIVE = native(G)
NAME = "2026-11-22T223104+0100.csv"
SIDECAR = {
    "start_utc": "2026-11-22T21:31:04Z",
    "zone": "Europe/Berlin",
    "sensor": "MPU-6050",
    "range_g": 4,
    "rate_hz": 100,
    "board": "ESP32",
    "firmware": "0.1",
    "limb": "ankle",
    "side": "left",
    "subject": "S17",
    "lights_off": "2026-11-22T22:45:00+01:00",
    "lights_up": None,
}


def read_with(folder: Path, sidecar: object, name: str = "night", **told: str) -> Recording:
    """Read a small night with a sidecar beside it."""
    text = sidecar if isinstance(sidecar, str) else json.dumps(sidecar)
    put(folder, text, f"{name}.json")
    return read_recording(put(folder, NATIVE, f"{name}.csv"), **told)  # type: ignore[arg-type]


def test_the_sidecar_tells_what_the_samples_cannot(tmp_path: Path) -> None:
    recording = read_with(tmp_path, SIDECAR)
    assert (
        recording.device.sensor,
        recording.device.board,
        recording.placement.limb,
        recording.placement.side,
        recording.placement.subject,
    ) == (
        "MPU-6050",
        "ESP32",
        "ankle",
        "left",
        "S17",
    )
    assert recording.device.range_g == 4
    assert recording.start == datetime(2026, 11, 22, 21, 31, 4, tzinfo=UTC)
    assert str(recording.start.tzinfo) == "Europe/Berlin"
    assert recording.marks.lights_off == datetime(2026, 11, 22, 21, 45, tzinfo=UTC)
    assert recording.marks.lights_up is None


def test_what_a_person_tells_beats_the_sidecar(tmp_path: Path) -> None:
    recording = read_with(tmp_path, SIDECAR, limb="wrist", zone="UTC")
    assert recording.placement.limb == "wrist"
    assert str(recording.start.tzinfo) == "UTC" if recording.start else False


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        "17",
        "",
        {"start_utc": "yesterday", "limb": 5, "range_g": "much", "lights_off": 3, "zone": "Mars"},
        {"start_utc": None, "lights_up": "2026-13-45"},
    ],
)
def test_a_broken_sidecar_never_stops_the_reading(broken: object, tmp_path: Path) -> None:
    recording = read_with(tmp_path, broken)
    np.testing.assert_allclose(recording.acceleration_g, G, atol=1e-6)
    assert recording.placement.limb == "wrist"


def test_a_native_name_gives_the_start_where_no_sidecar_does(tmp_path: Path) -> None:
    start = read_recording(put(tmp_path, NATIVE, NAME)).start
    assert start == datetime(2026, 11, 22, 21, 31, 4, tzinfo=UTC)


def test_without_any_wall_clock_the_start_is_unknown(tmp_path: Path) -> None:
    assert read_recording(put(tmp_path, NATIVE)).start is None


def test_the_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    path = put(tmp_path, NATIVE)
    recording = read_recording(path)
    assert recording.input_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert recording.provenance.name == "night.csv"
    assert recording.device.device_rate_hz == pytest.approx(100)


@pytest.mark.parametrize("counts_per_g", [32, 256, 2048, 16384])
def test_the_step_of_the_values_is_the_sensors(counts_per_g: int, tmp_path: Path) -> None:
    noise = np.random.default_rng(4).normal(0, max(0.004, 1 / counts_per_g), (3, 6000))
    g = np.rint((np.array([[0.0], [0.6], [0.8]]) + noise) * counts_per_g) / counts_per_g
    rows = [(i * 10000, *(f"{v:.6f}" for v in row)) for i, row in enumerate(g.T)]
    step = read_recording(put(tmp_path, table("t_us,x_g,y_g,z_g", rows))).device.step_g
    assert step == pytest.approx(1 / counts_per_g, rel=0.05)


def test_a_plateau_near_a_range_is_clipping(tmp_path: Path) -> None:
    g = made_g()
    g[0, 500:508] = 1.999
    g[0, 900:904] = 1.999
    recording = read_recording(put(tmp_path, native(g)))
    assert recording.damage.clipped_samples == 12
    assert recording.device.range_g == pytest.approx(2, rel=0.05)


def test_a_strong_peak_alone_is_no_clipping(tmp_path: Path) -> None:
    g = made_g()
    g[0, 500] = 1.999
    assert read_recording(put(tmp_path, native(g))).damage.clipped_samples == 0


def clock_log(folder: Path, hours: float, ppm: float, name: str = "night.clock.csv") -> Path:
    """Host stamps every 10 s late by random USB delays, and a device clock that runs fast by `ppm`."""
    host = np.arange(0, hours * 3600, 10.0)
    device = host * (1 + ppm * 1e-6)
    late = host + np.random.default_rng(2).exponential(0.02, host.size)
    rows = [
        (round(d * 1e6), f"{5000 + h:.6f}", f"{1.7e9 + h:.6f}", "") for d, h in zip(device, late, strict=True)
    ]
    return put(folder, table("t_us,host_monotonic_s,host_utc_s,event", rows), name)


@pytest.mark.parametrize("ppm", [-60.0, 0.0, 35.0])
def test_the_clock_log_gives_the_drift(ppm: float, tmp_path: Path) -> None:
    clock_log(tmp_path, 8, ppm)
    drift = read_recording(put(tmp_path, NATIVE)).device.clock_drift_ppm
    assert drift == pytest.approx(ppm, abs=1.0)


@pytest.mark.parametrize("ppm", [-500.0, -150.0, 200.0, 500.0])
def test_one_hour_gives_the_drift_within_5_ppm(ppm: float, tmp_path: Path) -> None:
    clock_log(tmp_path, 1, ppm)
    drift = read_recording(put(tmp_path, NATIVE)).device.clock_drift_ppm
    assert drift == pytest.approx(ppm, abs=5.0)


def clock_log_of(folder: Path, device_s: np.ndarray, host_s: np.ndarray, events: dict[int, str]) -> None:
    late = host_s + np.random.default_rng(2).exponential(0.02, host_s.size)
    rows = [
        (round(1e6 * d), f"{h:.6f}", f"{1.7e9 + h:.6f}", events.get(number, ""))
        for number, (d, h) in enumerate(zip(device_s, late, strict=True))
    ]
    put(folder, table("t_us,host_monotonic_s,host_utc_s,event", rows), "night.clock.csv")


@pytest.mark.parametrize(("ppm", "hours"), [(20.0, 8), (-200.0, 8), (350.0, 4)])
def test_a_clock_that_warms_and_cools_is_told_with_how_far_it_strays(
    ppm: float, hours: float, tmp_path: Path
) -> None:
    host = np.arange(0, hours * 3600, 10.0)
    turn = 2 * np.pi / host[-1]
    # Faster by 30 ppm in the first half, slower by as much in the second: the integral of a sine.
    device = host + ppm * 1e-6 * host + 30e-6 / turn * (1 - np.cos(turn * host))
    clock_log_of(tmp_path, device, host, {})
    recording = read_recording(put(tmp_path, NATIVE))
    assert recording.device.clock_drift_ppm == pytest.approx(ppm, abs=2.0)
    assert recording.device.clock_wander_s == pytest.approx(30e-6 / turn, abs=0.01)


def test_a_clock_whose_rate_changes_at_once_is_told_with_how_far_it_strays(tmp_path: Path) -> None:
    host = np.arange(0, 8 * 3600, 10.0)
    half = host[-1] / 2
    device = host + 1e-6 * np.where(host < half, 50 * host, 50 * half - 50 * (host - half))
    clock_log_of(tmp_path, device, host, {})
    recording = read_recording(put(tmp_path, NATIVE))
    assert recording.device.clock_drift_ppm == pytest.approx(0, abs=2.0)
    assert recording.device.clock_wander_s == pytest.approx(50e-6 * half / 2, abs=0.02)


def test_a_steady_clock_strays_by_milliseconds_only(tmp_path: Path) -> None:
    clock_log(tmp_path, 8, -60)
    assert read_recording(put(tmp_path, NATIVE)).device.clock_wander_s == pytest.approx(0, abs=0.005)


@pytest.mark.parametrize("event", ["reset", "reconnect", "suspend 900 s"])
def test_a_break_in_the_night_leaves_no_trace_in_the_drift(event: str, tmp_path: Path) -> None:
    host = np.arange(0, 8 * 3600, 10.0)
    # After the break the device is placed by the host's clock, wrong by a second.
    device = host * (1 - 40e-6) + np.where(host < 3 * 3600, 0.0, 1.0)
    clock_log_of(tmp_path, device, host, {int(np.argmax(host >= 3 * 3600)): event})
    recording = read_recording(put(tmp_path, NATIVE))
    assert recording.device.clock_drift_ppm == pytest.approx(-40, abs=2.0)
    assert recording.device.clock_wander_s == pytest.approx(0, abs=0.01)


def test_a_short_clock_log_tells_no_drift(tmp_path: Path) -> None:
    clock_log(tmp_path, 0.3, 35)
    assert read_recording(put(tmp_path, NATIVE)).device.clock_drift_ppm is None


@pytest.mark.parametrize(
    "text",
    ["", "x", "t_us,host_monotonic_s\n1,2,3,4,5\n\0\0", "t_us,host_monotonic_s,host_utc_s,event\na,b,c,d\n"],
)
def test_a_broken_clock_log_never_stops_the_reading(text: str, tmp_path: Path) -> None:
    put(tmp_path, text, "night.clock.csv")
    assert read_recording(put(tmp_path, NATIVE)).device.clock_drift_ppm is None


def test_why_a_board_started_again_is_told_beside_its_gap(tmp_path: Path) -> None:
    said = {"sensor_id": 104, "starts": ["power", "brown-out", "brown-out"], "bus_errors": 5}
    notes = read_with(tmp_path, SIDECAR | {"board_said": said}).provenance.notes
    assert "board: it started again 2 times (brown-out)" in notes
    assert "board: its sensor did not answer 5 times; check the wires" in notes


@pytest.mark.parametrize(
    "said", [None, [], "x", {"starts": 3}, {"starts": [], "bus_errors": "x"}, {"starts": ["power"]}]
)
def test_a_board_that_said_nothing_of_use_is_no_note(tmp_path: Path, said: object) -> None:
    notes = read_with(tmp_path, SIDECAR | {"board_said": said}).provenance.notes
    assert not [note for note in notes if note.startswith("board:")]
