"""The bench: six sides tell offset and scale exactly, and what is kept of a sensor serves its later nights."""

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sleepjerk import Device, InputError, Recording, Rules, analyse
from sleepjerk.cli import main
from sleepjerk.detection.calibration import Calibration, apply_calibration, estimate_calibration
from sleepjerk.detection.six_position import Bench, calibrate_six_positions
from sleepjerk.history.places import own_folder
from sleepjerk.history.sensors import Sensor, find_sensor, keep_sensor, sensor_path
from sleepjerk.reading.sidecar import read_sidecar

FS = 100.0
RULES = Rules()
OFFSET = np.array([0.05, -0.03, 0.02])
SCALE = np.array([1.03, 0.98, 1.01])
SIDES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=float)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test looks into the folder of the person who runs it."""
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def laid(sides: np.ndarray = SIDES, *, seconds: float = 10, noise_g: float = 0.002) -> np.ndarray:
    """(3, n): rests of `seconds` on each side, between them 3 s in a hand; then bent by OFFSET and SCALE."""
    rng = np.random.default_rng(11)
    parts = []
    for side in sides:
        parts += [rng.normal(0, 0.4, (3, 300)) + side[:, None], np.tile(side[:, None], round(seconds * FS))]
    true = np.concatenate([*parts, rng.normal(0, 0.4, (3, 300))], axis=1)
    return (true + rng.normal(0, noise_g, true.shape)) / SCALE[:, None] - OFFSET[:, None]


def bench_of(measured: np.ndarray) -> Bench:
    return calibrate_six_positions(measured.astype(np.float32), FS, RULES.six_position, RULES.movement)


def test_permuted_axes_give_the_same_answer_permuted() -> None:
    plain, turned = bench_of(laid()).calibration, bench_of(laid()[[2, 0, 1]]).calibration
    np.testing.assert_allclose(turned.offset_g, plain.offset_g[[2, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(turned.scale, plain.scale[[2, 0, 1]], atol=1e-6)


def test_a_mirrored_axis_has_the_opposite_offset_and_the_same_scale() -> None:
    mirror = np.array([1, -1, 1])
    plain, mirrored = bench_of(laid()).calibration, bench_of(laid() * mirror[:, None]).calibration
    np.testing.assert_allclose(mirrored.offset_g, plain.offset_g * mirror, atol=1e-6)
    np.testing.assert_allclose(mirrored.scale, plain.scale, atol=1e-6)


def test_the_order_of_the_sides_does_not_matter() -> None:
    np.testing.assert_allclose(bench_of(laid(SIDES[::-1])).calibration.offset_g, OFFSET, atol=0.001)


@pytest.mark.parametrize("noise_g", [0.0005, 0.003])
def test_offset_scale_and_noise_come_back(noise_g: float) -> None:
    bench = bench_of(laid(noise_g=noise_g))
    np.testing.assert_allclose(bench.calibration.offset_g, OFFSET, atol=0.001)
    np.testing.assert_allclose(bench.calibration.scale, SCALE, rtol=0.001)
    # White noise of 3 axes, of which 2-20 Hz is 18 of 50 Hz; the flanks of the filter let a little more in or less.
    assert bench.noise_g == pytest.approx(noise_g / SCALE.mean() * np.sqrt(3 * 18 / 50), rel=0.12)


def test_sides_that_are_not_quite_level_serve_as_well() -> None:
    tilts = Rotation.from_rotvec(np.random.default_rng(4).normal(0, 0.06, (6, 3)))
    found = bench_of(laid(tilts.apply(SIDES))).calibration
    np.testing.assert_allclose(found.offset_g, OFFSET, atol=0.001)
    np.testing.assert_allclose(found.scale, SCALE, rtol=0.001)


def test_the_quality_tells_how_far_from_1_g_it_was_and_is() -> None:
    found = bench_of(laid()).calibration
    bent = np.abs(np.linalg.norm(SIDES.T / SCALE[:, None] - OFFSET[:, None], axis=0) - 1).mean()
    assert found.error_before_g == pytest.approx(bent, abs=0.001)
    assert found.error_after_g is not None
    assert found.error_after_g < 0.001
    assert 18 <= found.windows <= 30


def test_gaps_cost_nothing_but_their_time() -> None:
    measured = laid(seconds=15)
    measured[:, 700:760] = np.nan
    measured[:, 5000:5003] = np.nan
    np.testing.assert_allclose(bench_of(measured).calibration.offset_g, OFFSET, atol=0.001)


@pytest.mark.parametrize(
    ("left_out", "said"),
    [(0, "x up (x near +1 g)"), (1, "x down (x near -1 g)"), (3, "y down (y near -1 g)"), (4, "z up")],
)
def test_a_missing_side_is_named(left_out: int, said: str) -> None:
    with pytest.raises(InputError, match="1 of 6 sides missing") as error:
        bench_of(laid(np.delete(SIDES, left_out, axis=0), seconds=14))
    assert said in str(error.value)


def test_a_side_that_is_left_too_soon_is_missing() -> None:
    short = np.concatenate([laid(SIDES[:5]), laid(SIDES[5:], seconds=3)], axis=1)
    with pytest.raises(InputError, match="z down"):
        bench_of(short)


def test_what_is_no_bench_recording_is_refused_in_a_sentence() -> None:
    rng = np.random.default_rng(3)
    with pytest.raises(InputError, match="lasts 60 min"):
        bench_of(np.tile([[0.0], [0.0], [1.0]], 360_000))
    with pytest.raises(InputError, match="too short"):
        bench_of(laid(SIDES[:2], seconds=5))
    with pytest.raises(InputError, match="lies still for only 0 %"):
        bench_of(rng.normal(0, 0.5, (3, 9000)))
    with pytest.raises(InputError, match="lies still for only 0 %"):
        bench_of(np.full((3, 9000), np.nan))


def test_an_offset_that_no_sensor_has_is_refused() -> None:
    with pytest.raises(InputError, match="don't fit one sensor"):
        bench_of(laid() + np.array([[0.3], [0], [0]]))


def sensor(name: str, offset_g: np.ndarray = OFFSET) -> Sensor:
    calibration = Calibration(offset_g, SCALE, 0.03, 0.0004, "bench", 24)
    return Sensor(
        name=name,
        date="2026-11-22T20:00:00+01:00",
        calibration=calibration,
        noise_g=0.002,
        settings_sha256="ab",
    )


def test_what_is_kept_comes_back_and_two_sensors_do_not_mix() -> None:
    keep_sensor(sensor("left/arm"))
    keep_sensor(sensor("left arm", -OFFSET))
    first, second = find_sensor("left/arm"), find_sensor("left arm")
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.calibration.offset_g, OFFSET)
    np.testing.assert_array_equal(second.calibration.offset_g, -OFFSET)
    assert (first.date, first.noise_g, first.settings_sha256) == ("2026-11-22T20:00:00+01:00", 0.002, "ab")
    assert find_sensor("right arm") is None
    assert find_sensor(None) is None


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these rights")
def test_only_its_owner_reads_it() -> None:
    path = keep_sensor(sensor("mine"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace("1.03", "NaN"),
        lambda text: text.replace("1.03", "-1.03"),
        lambda text: text.replace("1.03", '"one"'),
        lambda text: text.replace('"mine"', '"yours"'),
    ],
)
def test_a_damaged_file_is_one_sentence(damage) -> None:  # type: ignore[no-untyped-def]
    path = keep_sensor(sensor("mine"))
    path.write_text(damage(path.read_text()))
    with pytest.raises(InputError, match="damaged; repeat") as error:
        find_sensor("mine")
    assert "\n" not in str(error.value)


def test_what_a_newer_version_knows_of_a_sensor_stays_when_it_is_calibrated_again() -> None:
    path = keep_sensor(sensor("mine"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"clips_at_g": [4, 8]}))
    keep_sensor(sensor("mine", -OFFSET))
    assert json.loads(path.read_text())["clips_at_g"] == [4, 8]
    found = find_sensor("mine")
    assert found is not None
    np.testing.assert_allclose(found.calibration.offset_g, -OFFSET)


def test_every_system_has_its_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path) -> None:
    assert sensor_path("a").parent == home / "sensors"
    monkeypatch.delenv("SLEEPJERK_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    assert own_folder("linux") == tmp_path / "xdg" / "sleepjerk"
    assert own_folder("win32") == tmp_path / "roaming" / "sleepjerk"
    assert own_folder("darwin") == Path.home() / "Library" / "Application Support" / "sleepjerk"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert own_folder("linux") == Path.home() / ".local/share" / "sleepjerk"


def night(directions: np.ndarray) -> np.ndarray:
    """20 s in each direction, measured by the bent sensor."""
    rng = np.random.default_rng(8)
    true = np.repeat(directions.T, 2000, axis=1)
    measured = (true + rng.normal(0, 0.002, true.shape)) / SCALE[:, None] - OFFSET[:, None]
    return np.asarray(measured, dtype=np.float32)


ONE_SIDE = Rotation.from_rotvec(np.linspace([-0.9, 0, 0], [-0.3, 0.5, 0], 40)).apply([0, 0, 1.0])
ALL_SIDES = Rotation.random(60, rng=np.random.default_rng(5)).apply([0, 0, 1.0])
KEPT = Calibration(OFFSET, SCALE, 0.03, 0.0004, "bench", 24)


def test_a_tilted_night_that_could_not_calibrate_itself_is_right_by_the_bench() -> None:
    measured = night(ONE_SIDE)
    found = estimate_calibration(measured, FS, RULES.calibration, KEPT)
    assert found.method == "bench"
    means = apply_calibration(measured, found).reshape(3, -1, 2000).mean(axis=2, dtype=np.float64)
    np.testing.assert_allclose(means, ONE_SIDE.T, atol=0.001)
    assert found.gain_shift == pytest.approx(0, abs=0.002)


def test_a_night_over_the_whole_sphere_refines_a_bench_that_has_aged() -> None:
    aged = Calibration(OFFSET + 0.02, SCALE * 1.01, 0.03, 0.0004, "bench", 24)
    found = estimate_calibration(night(ALL_SIDES), FS, RULES.calibration, aged)
    assert found.method == "bench, refined by the night"
    np.testing.assert_allclose(found.offset_g, OFFSET, atol=0.002)
    np.testing.assert_allclose(found.scale, SCALE, atol=0.002)
    assert found.both_sides == (True, True, True)


def test_too_few_still_windows_leave_the_bench_as_it_is_and_claim_no_error() -> None:
    found = estimate_calibration(night(ONE_SIDE[:2]), FS, RULES.calibration, KEPT)
    assert (found.method, found.error_after_g, found.gain_shift) == ("bench", None, None)
    np.testing.assert_array_equal(found.offset_g, OFFSET)


@pytest.mark.parametrize(("gain", "warned"), [(1.3, False), (0.7, False), (1.42, True), (0.6, True)])
def test_a_gain_that_has_changed_since_the_bench_is_told(gain: float, warned: bool) -> None:
    measured = ((night(ONE_SIDE) + OFFSET[:, None]) * gain - OFFSET[:, None]).astype(np.float32)
    made = analyse(Recording(measured, FS, device=Device(step_g=0.0005)), six_position=KEPT)
    assert made.recording.calibration == "bench"
    assert made.recording.calibration_gain_shift == pytest.approx(abs(gain - 1), abs=0.005)
    assert any("gain has changed" in text for text in made.warnings) is warned


def write_recording(path: Path, measured: np.ndarray, **sidecar: str) -> Path:
    stamps = np.arange(measured.shape[1]) * round(1e6 / FS)
    rows = np.column_stack([stamps, measured.T])
    np.savetxt(path, rows, "%d,%.4f,%.4f,%.4f", header="t_us,x_g,y_g,z_g", comments="")
    if sidecar:
        path.with_suffix(".json").write_text(json.dumps(sidecar))
    return path


def test_from_the_bench_to_the_night(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beside = {"sensor": "mpu6050", "usb_serial": "AB12CD34"}
    lying = write_recording(tmp_path / "bench.csv", laid(), **beside)
    assert main(["check", str(lying), "--calibrate"]) == 0
    said = capsys.readouterr().out
    assert "mpu6050 AB12CD34" in said
    assert "scale 1.03" in said
    mine = write_recording(tmp_path / "mine.csv", night(ONE_SIDE), **beside)
    other = write_recording(tmp_path / "other.csv", night(ONE_SIDE), sensor="mpu6050", usb_serial="ZZ99YY88")
    for path, method in ((mine, "bench"), (other, "offset")):
        assert main(["check", str(path), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["calibration"] == method
        assert main(["analyse", str(path)]) == 0
        capsys.readouterr()
        about = json.loads(path.with_suffix(".night.json").read_text())["recording"]
        assert about["calibration"] == method
        assert about["calibration_windows"] >= 40
        assert about["calibration_error_before_g"] > about["calibration_error_g"]
    assert main(["check", str(mine)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("calibration"))
    assert "bench (" in line
    assert "mg from 1 g" in line


def test_a_sensor_without_a_name_is_not_kept(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lying = write_recording(tmp_path / "bench.csv", laid(), sensor="mpu6050", board="nano")
    assert main(["check", str(lying), "--calibrate"]) == 2
    assert "--sensor-name NAME" in capsys.readouterr().err
    assert not home.exists()
    assert main(["check", str(lying), "--calibrate", "--sensor-name", "left"]) == 0
    assert find_sensor("left") is not None


def test_a_name_a_person_gave_beats_the_serial_number(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.csv", laid(), sensor_name="left", usb_serial="AB12CD34")
    assert read_sidecar(path).sensor_id == "left"
