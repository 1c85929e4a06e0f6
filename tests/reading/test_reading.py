"""Any table -> Recording: however a recording is written, it is the same recording."""

import argparse
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import sleepjerk as sj
from sleepjerk.cli.reading_options import add_reading_options, open_from_options, read_and_tell
from tests.support.written_tables import motion, write_native, write_rows, write_text

VALUES = motion()
COUNT = len(VALUES)
MICROSECONDS = list(range(0, COUNT * 10_000, 10_000))
START = datetime(2026, 11, 22, 21, 31, 4, tzinfo=UTC)
EPOCH_S = START.timestamp()


def stamps(start: datetime, text: Callable[[datetime], str]) -> list[str]:
    return [text(start + timedelta(milliseconds=10 * row)) for row in range(COUNT)]


@pytest.fixture
def native(tmp_path: Path) -> sj.Recording:
    return sj.read_recording(write_native(tmp_path / "native.csv", VALUES))


def assert_same(one: sj.Recording, other: sj.Recording, *, within_g: float = 1e-6) -> None:
    assert one.rate_hz == pytest.approx(other.rate_hz, rel=1e-9)
    np.testing.assert_array_equal(one.gaps_s, other.gaps_s)
    np.testing.assert_allclose(one.acceleration_g, other.acceleration_g, atol=within_g, rtol=0)


def test_a_native_recording_is_read_as_written(native: sj.Recording) -> None:
    assert native.rate_hz == 100.0
    assert native.device.device_rate_hz == 100.0
    assert native.acceleration_g.dtype == np.float32
    np.testing.assert_array_equal(native.acceleration_g, VALUES.T.astype(np.float32))
    assert len(native.gaps_s) == 0
    assert native.start is None
    assert native.device.step_g == pytest.approx(0.0001, rel=0.02)
    assert native.damage.clipped_samples == 0
    assert native.device.range_g is None
    assert (native.damage.rejected_rows, native.damage.repeated_stamps) == (0, 0)


def test_the_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.csv", VALUES)
    assert sj.read_recording(path).input_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("header", "scale", "decimals", "unit"),
    [
        ("t_us,x_mg,y_mg,z_mg", 1000, 1, None),
        ("t_us,accel x (mg),accel y (mg),accel z (mg)", 1000, 1, None),
        ("t_us,ax [m/s^2],ay [m/s^2],az [m/s^2]", 9.80665, 6, None),
        ("t_us,Acceleration x (m/s²),Acceleration y (m/s²),Acceleration z (m/s²)", 9.80665, 6, None),
        ("t_us,AccX(g),AccY(g),AccZ(g)", 1, 4, None),
        ("t_us,x,y,z", 1, 4, None),
        ("t_us,x,y,z", 9.80665, 6, None),
        ("t_us,x,y,z", 1000, 1, None),
        ("t_us,x,y,z", 1, 4, "g"),
        ("t_us,x,y,z", 123.4, 6, "counts:123.4"),
        ("t_us,x_g,y_g,z_g", 1000, 1, "mg"),
    ],
)
def test_the_unit_changes_nothing(
    tmp_path: Path, native: sj.Recording, header: str, scale: float, decimals: int, unit: str | None
) -> None:
    path = write_rows(tmp_path / "u.csv", MICROSECONDS, VALUES * scale, header=header, decimals=decimals)
    assert_same(sj.read_recording(path, unit=unit), native)


@pytest.mark.parametrize("per_g", [256, 4096, 8192, 16384])
def test_counts_are_told_by_what_gravity_amounts_to(tmp_path: Path, native: sj.Recording, per_g: int) -> None:
    path = write_rows(tmp_path / "c.csv", MICROSECONDS, VALUES * per_g, header="t_us,ax,ay,az", decimals=0)
    read = sj.read_recording(path)
    assert_same(read, native, within_g=0.51 / per_g)
    assert read.device.step_g == pytest.approx(1 / per_g, rel=0.05)
    assert any(f"counts:{per_g}" in note for note in read.provenance.notes)


def test_1024_counts_and_1000_mg_are_not_guessed_apart(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "c.csv", MICROSECONDS, VALUES * 1024, header="t_us,ax,ay,az", decimals=0)
    with pytest.raises(sj.InputError, match=r"mg or counts:1024; decide with --unit"):
        sj.read_recording(path)
    assert sj.read_recording(path, unit="counts:1024").rate_hz == 100.0


def test_milli_g_in_steps_of_four_are_no_counts(tmp_path: Path) -> None:
    rounded = np.round(VALUES * 250) * 4
    path = write_rows(tmp_path / "c.csv", MICROSECONDS, rounded, header="t_us,ax,ay,az", decimals=0)
    read = sj.read_recording(path)
    assert read.device.step_g == pytest.approx(0.004, rel=1e-3)
    assert "unit: mg, because gravity amounts to" in " ".join(read.provenance.notes)


@pytest.mark.parametrize("scale", [0.89, 1.11])
def test_an_uncalibrated_logger_still_counts_in_g(tmp_path: Path, scale: float) -> None:
    path = write_rows(tmp_path / "c.csv", MICROSECONDS, VALUES * scale, header="t_us,ax,ay,az")
    np.testing.assert_allclose(sj.read_recording(path).acceleration_g, (VALUES * scale).T, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "times", "time_unit"),
    [
        ("t_us", MICROSECONDS, None),
        ("t_ms", [row * 10 for row in range(COUNT)], None),
        ("time_s", [f"{row / 100:.2f}" for row in range(COUNT)], None),
        ("seconds_elapsed", [f"{row / 100:.2f}" for row in range(COUNT)], None),
        ("t_ns", [row * 10_000_000 for row in range(COUNT)], None),
        ("t", MICROSECONDS, None),
        ("millis", [77_000 + row * 10 for row in range(COUNT)], None),
        ("time", [row * 10 for row in range(COUNT)], None),
        ("timestamp", [f"{row / 100:.3f}" for row in range(COUNT)], None),
        ("time", [row * 10_000_000 for row in range(COUNT)], "ns"),
    ],
)
def test_the_unit_of_time_changes_nothing(
    tmp_path: Path, native: sj.Recording, name: str, times: list[object], time_unit: str | None
) -> None:
    path = write_rows(tmp_path / "t.csv", times, VALUES, header=f"{name},x_g,y_g,z_g")
    read = sj.read_recording(path, time_unit=time_unit)
    assert_same(read, native)
    assert read.start is None


@pytest.mark.parametrize(
    "times",
    [
        [f"{EPOCH_S + row / 100:.2f}" for row in range(COUNT)],
        [int(EPOCH_S * 1000) + row * 10 for row in range(COUNT)],
        [int(EPOCH_S) * 10**6 + row * 10**4 for row in range(COUNT)],
        [int(EPOCH_S) * 10**9 + row * 10**7 for row in range(COUNT)],
        stamps(START, lambda moment: moment.isoformat(timespec="milliseconds")),
        stamps(START, lambda moment: moment.isoformat()),  # Python leaves out a fraction that is zero
        stamps(START, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
        stamps(START + timedelta(hours=1), lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S.%f+0100")),
    ],
    ids=["s", "ms", "us", "ns", "iso", "iso without zero fractions", "iso Z", "iso +0100"],
)
def test_wall_clocks_give_the_start(tmp_path: Path, native: sj.Recording, times: list[object]) -> None:
    path = write_rows(tmp_path / "t.csv", times, VALUES, header="timestamp,x,y,z")
    read = sj.read_recording(path, zone="Europe/Berlin")
    assert_same(read, native)
    assert read.start == START
    assert read.start.isoformat() == "2026-11-22T22:31:04+01:00"


@pytest.mark.parametrize(
    "text",
    [
        lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S.%f"),
        lambda moment: (
            f"{moment.year}-{moment.month}-{moment.day} {moment:%H:%M:%S}.{moment.microsecond // 1000}"
        ),
        lambda moment: moment.strftime("%d.%m.%Y %H:%M:%S.%f"),
    ],
    ids=["iso", "unpadded", "day first"],
)
def test_a_local_time_needs_a_zone_to_give_the_start(
    tmp_path: Path, native: sj.Recording, text: Callable[[datetime], str]
) -> None:
    local = datetime(2026, 11, 22, 22, 31, 4)  # noqa: DTZ001 - the point is that it has no zone
    times = stamps(local, text)
    if "." in times[1] and len(times[1].rsplit(".", 1)[1]) < 3:
        times = stamps(
            local, lambda moment: f"{text(moment).rsplit('.', 1)[0]}.{moment.microsecond // 1000:03d}"
        )
    path = write_rows(tmp_path / "t.csv", times, VALUES, header="time,x,y,z")
    read = sj.read_recording(path)
    assert_same(read, native)
    assert read.start is None
    assert any("2026-11-22 22:31:04" in note and "--zone" in note for note in read.provenance.notes)
    assert sj.read_recording(path, zone="Europe/Berlin").start == START


@pytest.mark.parametrize(("day", "hour"), [(29, 1), (25, 2)], ids=["spring", "autumn"])
def test_local_times_cross_a_change_of_the_clocks_without_a_gap(tmp_path: Path, day: int, hour: int) -> None:
    month = 3 if day == 29 else 10
    begin = datetime(2026, month, day, hour, 59, 57, tzinfo=UTC) - timedelta(hours=1 if month == 3 else 2)
    zone = "Europe/Berlin"
    times = stamps(begin, lambda moment: moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S.%f"))
    read = sj.read_recording(write_rows(tmp_path / "t.csv", times, VALUES, header="time,x,y,z"), zone=zone)
    assert read.start is not None
    assert (
        read.start.astimezone(UTC) == begin
    )  # within the repeated hour, times of two zones never compare equal
    assert len(read.gaps_s) == 0
    assert read.acceleration_g.shape == (3, COUNT)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.txt"])
def test_line_ends_and_packing_change_nothing(
    tmp_path: Path, native: sj.Recording, end: str, name: str
) -> None:
    assert_same(sj.read_recording(write_rows(tmp_path / name, MICROSECONDS, VALUES, end=end)), native)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", ";").replace(".", ","),
        lambda text: "sep=;\n" + text.replace(",", ";").replace(".", ","),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", "\t").replace(".", ","),
        lambda text: text.replace(",", " "),
        lambda text: text.replace(",", "   "),
        lambda text: text.replace(",", ", "),
        lambda text: '"' + text.replace(",", '","').replace("\n", '"\n"')[:-1],
        lambda text: "# made by hand\n# on a table\n" + text,
        lambda text: "Device: XY-3\nSerial;1234\n\n" + text,
        lambda text: "# " + text,
        lambda text: text.replace("\n", ",\n"),
        lambda text: text[text.index("\n") + 1 :],
        lambda text: text.replace("\n", "\n\n", 5),
        lambda text: text.upper(),
    ],
    ids=[
        "BOM", "semicolons", "decimal commas", "sep=", "tabs", "tabs and decimal commas",
        "blanks", "many blanks", "blanks after commas", "quotes", "comments", "banner", "commented header",
        "commas at the end", "no header",
        "blank lines", "upper case",
    ],
)  # fmt: skip
def test_the_dialect_changes_nothing(
    tmp_path: Path, native: sj.Recording, change: Callable[[str], str]
) -> None:
    text = (write_native(tmp_path / "plain.csv", VALUES)).read_text()
    assert_same(sj.read_recording(write_text(tmp_path / "changed.csv", change(text))), native)


@pytest.mark.parametrize("order", [(3, 0, 1, 2), (2, 1, 0, 3), (0, 3, 2, 1)])
def test_columns_are_found_by_name_in_any_order(
    tmp_path: Path, native: sj.Recording, order: tuple[int, ...]
) -> None:
    text = write_native(tmp_path / "plain.csv", VALUES).read_text()
    rows = [row.split(",") for row in text.splitlines()]
    swapped = "\n".join(",".join([*(row[place] for place in order), "7"]) for row in rows) + "\n"
    assert_same(sj.read_recording(write_text(tmp_path / "o.csv", swapped)), native)


@pytest.mark.parametrize(
    "header",
    [
        "timestamp,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z",
        "time,ax,ay,az,gx,gy,gz",
        "t,X,Y,Z,a,b,c",
        "Time (us),Accelerometer X,Accelerometer Y,Accelerometer Z,mag x,mag y,mag z",
        "micros,accelX,accelY,accelZ,temp,lux,button",
        "time,x-axis,y-axis,z-axis,lux,button,temp",
        "t,AccX(g),AccY(g),AccZ(g),AsX(°/s),AsY(°/s),AsZ(°/s)",
        "t,accelerometer_x,accelerometer_y,accelerometer_z,angle_x,angle_y,angle_z",
    ],
)
def test_columns_are_known_by_many_names(tmp_path: Path, native: sj.Recording, header: str) -> None:
    wide = np.hstack([VALUES, np.full((COUNT, 3), 5.5)])
    assert_same(sj.read_recording(write_rows(tmp_path / "n.csv", MICROSECONDS, wide, header=header)), native)


def test_columns_can_be_named_or_counted(tmp_path: Path, native: sj.Recording) -> None:
    path = write_rows(tmp_path / "n.csv", MICROSECONDS, VALUES, header="when,east,north,up")
    assert_same(sj.read_recording(path, columns="when,east,north,up"), native)
    assert_same(sj.read_recording(path, columns="1,2,3,4"), native)
    assert_same(sj.read_recording(path, columns="2,3,4", rate_hz=100), native)


@pytest.mark.parametrize("header", [None, "x,y,z"])
def test_a_file_without_times_needs_the_rate(
    tmp_path: Path, native: sj.Recording, header: str | None
) -> None:
    path = write_rows(tmp_path / "n.csv", None, VALUES, header=header)
    assert_same(sj.read_recording(path, rate_hz=100), native)
    with pytest.raises(sj.InputError, match=r"no time column; .* --rate HZ"):
        sj.read_recording(path)
    (tmp_path / "n.json").write_text('{"rate_hz": 100}')
    assert_same(sj.read_recording(path), native)


def test_rules_from_a_file_reach_the_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_reading_options(parser)
    path = write_native(tmp_path / "n.csv", VALUES, skip=slice(300, 330))
    rules = write_text(tmp_path / "rules.toml", "[reading]\ngap_s = 0.5\n")
    for words, gaps in (([], 1), (["--rules", str(rules)], 0)):
        session = open_from_options(parser.parse_args(words), path)
        assert len(next(read_and_tell(session, None)).gaps_s) == gaps
    told = capsys.readouterr()
    assert told.out == ""
    assert "unit: g, from the column names" in told.err


def test_the_sidecar_and_the_name_tell_the_rest(tmp_path: Path) -> None:
    path = write_native(tmp_path / "2026-11-22T223104+0100.csv", VALUES)
    assert sj.read_recording(path).start == START
    sidecar = {
        "start_utc": "2026-11-22T21:31:05+00:00", "zone": "Europe/Berlin", "sensor": "LSM6DS3", "range_g": 4,
        "board": "Nano 33 IoT", "limb": "ankle", "side": "left", "subject": "<b>me</b>",
        "lights_off": "2026-11-22T22:45:00+01:00", "lights_up": None, "unheard_of": [1, 2],
    }  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps(sidecar))
    read = sj.read_recording(path)
    assert read.start is not None
    assert read.start.isoformat() == "2026-11-22T22:31:05+01:00"
    assert (read.device.sensor, read.device.range_g, read.device.board) == ("LSM6DS3", 4.0, "Nano 33 IoT")
    assert (read.placement.limb, read.placement.side, read.placement.subject) == (
        "ankle",
        "left",
        "<b>me</b>",
    )
    assert read.marks.lights_off == datetime(2026, 11, 22, 21, 45, tzinfo=UTC)
    assert read.marks.lights_up is None
    assert sj.read_recording(path, limb="wrist").placement.limb == "wrist"
    zipped = write_rows(tmp_path / "b.csv.gz", MICROSECONDS, VALUES)
    (tmp_path / "b.json").write_text(json.dumps(sidecar))
    assert sj.read_recording(zipped).start == read.start


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"text"', '{"zone": "Mars/Olympus"}',
     '{"zone": 7, "range_g": "four", "limb": "tail"}',
     '{"start_utc": "yesterday", "lights_off": 12}', "\x00\x01", "[" * 100_000,
     '{"range_g": -1, "rate_hz": true}'],
)  # fmt: skip
def test_a_broken_sidecar_is_a_note_and_no_error(tmp_path: Path, native: sj.Recording, text: str) -> None:
    path = write_native(tmp_path / "n.csv", VALUES)
    path.with_suffix(".json").write_text(text)
    read = sj.read_recording(path)
    assert_same(read, native)
    assert read.start is None
    assert any(note.startswith("sidecar: ") for note in read.provenance.notes)
    assert (read.placement.limb, read.device.range_g) == ("wrist", None)


def test_every_key_of_a_sidecar_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    odd = {
        "zone": "Mars/Base",
        "start_utc": "noon",
        "limb": "tail",
        "side": 1,
        "range_g": "8",
        "lights_up": "late",
    }
    path = write_native(tmp_path / "n.csv", VALUES)
    path.with_suffix(".json").write_text(json.dumps(odd | {"sensor": "LSM6DS3"}))
    note = next(note for note in sj.read_recording(path).provenance.notes if note.startswith("sidecar: "))
    assert all(key in note for key in odd)
    assert "sensor" not in note


def test_notes_say_what_was_detected(tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "n.csv",
        "Device 3\n"
        + write_rows(
            tmp_path / "m.csv", MICROSECONDS, VALUES * 1000, header="t;x;y;z", separator=";"
        ).read_text(),
    )
    notes = sj.read_recording(path).provenance.notes
    assert notes[0] == "columns: t, x, y, z; ';' between columns, decimal sign '.'"
    assert notes[1] == "header: 1 lines before it were left out"
    assert notes[2] == "time: us, from the size of its steps"
    assert notes[3].startswith("unit: mg, because gravity amounts to 1000")
    assert notes[4] == "rate: 100.000 samples a second, measured"


def test_clipping_is_counted_at_a_plateau_of_full_scale(tmp_path: Path) -> None:
    clipped = VALUES.copy()
    clipped[100:104, 2] = 1.9999
    clipped[200:203, 0] = -2.0
    read = sj.read_recording(write_native(tmp_path / "n.csv", clipped))
    assert read.damage.clipped_samples == 7
    assert read.device.range_g == 2.0
    path = write_native(tmp_path / "m.csv", VALUES)
    path.with_suffix(".json").write_text('{"range_g": 8}')
    read = sj.read_recording(path)
    assert (read.damage.clipped_samples, read.device.range_g) == (0, 8.0)


def test_a_single_peak_near_full_scale_is_not_clipping(tmp_path: Path) -> None:
    peaked = VALUES.copy()
    peaked[100, 2] = 2.0
    read = sj.read_recording(write_native(tmp_path / "n.csv", peaked))
    assert (read.damage.clipped_samples, read.device.range_g) == (0, None)


def test_a_damaged_first_row_is_not_taken_for_the_header(tmp_path: Path) -> None:
    rows = "".join(f"{10_000 * number},0.01,0.02,0.9{number % 9}\n" for number in range(1, 400))
    (tmp_path / "n.csv").write_text(f"t_us,x_g,y_g,z_g\n0,abc,def,ghi\n{rows}")
    recording = sj.read_recording(tmp_path / "n.csv")
    assert recording.acceleration_g.shape[1] == 399
    assert recording.acceleration_g[2].mean() == pytest.approx(0.94, abs=0.01)
