"""What phones and watches save as a zip or a folder: the accelerometer is taken, and what lies beside it is known."""

import gzip
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleepjerk import InputError
from sleepjerk.reading import archive, read_nights, read_recording
from sleepjerk.reading import source as source_module
from sleepjerk.recording import Recording
from sleepjerk.session import result_stem
from tests.reading.made_files import native, put, table
from tests.reading.test_programs import G, phyphox, sensor_logger
from tests.support.marks import examples

START_S = 1705357800  # 2024-01-15 22:30 UTC
OTHERS = {
    "Gyroscope.csv": "time,seconds_elapsed,z,y,x\n" + "1705357800000000000,0.0,0.1,0.2,0.3\n" * 40,
    "Gravity.csv": sensor_logger(),
    "Location.csv": "time,seconds_elapsed,latitude,longitude\n1705357800000000000,0,52.5,13.4\n",
    "readme.txt": "Nothing to read here, 1, 2, 3.\n",
}
METADATA = (
    "version,device name,recording epoch time,recording time,recording timezone,platform\n"
    f"3,Phone,{START_S}000,2024-01-15_22-30-00,Asia/Kolkata,android\n"
)


def time_csv(*rows: tuple[str, float, float], text: str = "2024-01-15 23:30:00.000 UTC+01:00") -> str:
    """Phyphox' own record of its clock."""
    lines = [f'"{event}",{own:.9E},{system:.9E},"{text}"' for event, own, system in rows]
    return '"event","experiment time","system time","system time text"\n' + "\n".join(lines) + "\n"


def packed(files: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as made_zip:
        for name, content in files.items():
            made_zip.writestr(name, content)
    return made.getvalue()


def unpacked(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


PHYPHOX: dict[str, str | bytes] = {
    "Raw Data.csv": phyphox(),
    "meta/time.csv": time_csv(("START", 0.0, START_S), ("PAUSE", 30.0, START_S + 30)),
    "meta/device.csv": '"property","value"\n"deviceModel","Pixel"\n"Accelerometer Range","78.4532"\n',
}
SENSOR_LOGGER: dict[str, str | bytes] = {
    "Accelerometer.csv": sensor_logger(gravity=False),
    "TotalAcceleration.csv": sensor_logger(),
    "Metadata.csv": METADATA,
    **OTHERS,
}
EMPATICA: dict[str, str | bytes] = {
    "ACC.csv": f"{START_S}.0,{START_S}.0,{START_S}.0\n32.0,32.0,32.0\n" + "0,38,51\n" * 640,
    "BVP.csv": f"{START_S}.0\n64.0\n" + "1.5\n" * 900,
    "HR.csv": f"{START_S}.0\n1.0\n" + "61.0\n" * 20,
    "IBI.csv": f"{START_S}.0, IBI\n" + "1.5,0.9\n" * 20,
    "tags.csv": f"{START_S + 2}.0\n",
    "info.txt": "ACC.csv\nData from 3-axis accelerometer\n",
}


def read_both(folder: Path, files: dict[str, str | bytes]) -> Recording:
    """Read files as a zip archive and as a folder: but for what each is, they are the same."""
    folder.mkdir(exist_ok=True)
    zipped = read_recording(put(folder, packed(files), "export.zip"))
    loose = read_recording(unpacked(folder / "export", files))
    assert np.array_equal(zipped.acceleration_g, loose.acceleration_g, equal_nan=True)
    assert zipped.start == loose.start
    assert zipped.device == loose.device
    assert [note for note in zipped.provenance.notes if "taken" in note] == [
        note.replace("folder:", "zip archive:") for note in loose.provenance.notes if "taken" in note
    ]
    return zipped


SMALL_ZIP = packed({"n.csv": native(G[:, :50]), "meta/time.csv": str(PHYPHOX["meta/time.csv"])})


def iso(recording: Recording) -> str | None:
    return None if recording.start is None else recording.start.isoformat()


def test_phyphox_tells_its_start_zone_and_range(tmp_path: Path) -> None:
    recording = read_both(tmp_path, PHYPHOX)
    np.testing.assert_allclose(recording.acceleration_g, G, atol=2e-6)
    assert iso(recording) == "2024-01-15T23:30:00+01:00"
    assert recording.device.sensor == "Pixel"
    assert recording.device.range_g == pytest.approx(8.0, abs=1e-4)


def test_a_file_of_phyphox_given_alone_knows_what_lies_beside_it(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, PHYPHOX)
    assert iso(read_recording(folder / "Raw Data.csv")) == "2024-01-15T23:30:00+01:00"
    assert iso(read_recording(folder / "Raw Data.csv", zone="Europe/London")) == "2024-01-15T22:30:00+00:00"


@pytest.mark.parametrize(("separator", "decimal"), [("\t", ","), (";", ",")])
def test_phyphox_writes_what_lies_beside_with_the_same_signs(
    separator: str, decimal: str, tmp_path: Path
) -> None:
    def signs(text: str) -> str:
        return re.sub(r"(?<=\d)\.(?=\d)", decimal, re.sub(r',(?=["\d])', separator, text))

    written = {name: signs(str(text)) for name, text in PHYPHOX.items()}
    assert iso(read_both(tmp_path, written | {"Raw Data.csv": phyphox(separator, decimal)})) is not None


def test_a_pause_of_phyphox_is_a_gap_of_its_length(tmp_path: Path) -> None:
    marks = [("START", 0.0, START_S), ("PAUSE", 10.0, START_S + 10.0), ("START", 10.0, START_S + 70.0)]
    marks += [("PAUSE", 20.0, START_S + 80.0), ("START", 20.0, START_S + 200.0)]
    files = PHYPHOX | {"meta/time.csv": time_csv(*marks)}
    recording = read_both(tmp_path, files)
    assert recording.duration_s == pytest.approx(30 + 60 + 120, abs=0.1)
    np.testing.assert_allclose(recording.gaps_s, [(10, 70), (80, 200)], atol=0.03)
    assert any("paused for 180.0 s" in note for note in recording.provenance.notes)


@pytest.mark.parametrize(
    "marks", [("START", 0.0, 5.0), ("PAUSE", 0.0, START_S), ("START", 0.0, float("nan"))]
)
def test_a_phone_whose_clock_says_nothing_gives_no_start(
    marks: tuple[str, float, float], tmp_path: Path
) -> None:
    assert read_both(tmp_path, PHYPHOX | {"meta/time.csv": time_csv(marks)}).start is None


def test_phyphox_that_forgot_its_first_minutes_begins_when_what_is_left_begins(tmp_path: Path) -> None:
    head, *lines = phyphox().split("\n")
    later = "\n".join(
        [
            head,
            *(f"{3600 + row / 100:.9E}{line[line.index(',') :]}" for row, line in enumerate(lines[:-1])),
            "",
        ]
    )
    recording = read_both(tmp_path, PHYPHOX | {"Raw Data.csv": later})
    assert iso(recording) == "2024-01-16T00:30:00+01:00"


def test_of_sensor_logger_the_acceleration_with_gravity_is_taken_and_the_zone(tmp_path: Path) -> None:
    recording = read_both(tmp_path, SENSOR_LOGGER)
    np.testing.assert_allclose(recording.acceleration_g, G, atol=2e-6)
    assert iso(recording) == "2024-01-16T04:00:00+05:30"
    (note,) = (note for note in recording.provenance.notes if "was taken" in note)
    assert "TotalAcceleration.csv was taken, not Accelerometer.csv" in note


def test_sensor_logger_uncalibrated_has_gravity_too(tmp_path: Path) -> None:
    files = dict(SENSOR_LOGGER)
    files["AccelerometerUncalibrated.csv"] = files.pop("TotalAcceleration.csv")
    np.testing.assert_allclose(read_both(tmp_path, files).acceleration_g, G, atol=2e-6)


def test_an_older_sensor_logger_says_no_zone(tmp_path: Path) -> None:
    older = {"Metadata.csv": "version,device name,recording time,platform\n2,Phone,2024-01-15_22-30-00,ios\n"}
    assert iso(read_both(tmp_path, SENSOR_LOGGER | older)) == "2024-01-15T22:30:00+00:00"


def test_sensor_logger_without_gravity_is_refused_with_what_to_export(tmp_path: Path) -> None:
    files = {name: text for name, text in SENSOR_LOGGER.items() if name != "TotalAcceleration.csv"}
    for path in (put(tmp_path, packed(files), "export.zip"), unpacked(tmp_path / "export", files)):
        with pytest.raises(
            InputError, match=r"Accelerometer\.csv: this is movement without.* TotalAcceleration\.csv"
        ):
            read_recording(path)


def test_of_an_empatica_the_accelerometer_is_taken(tmp_path: Path) -> None:
    recording = read_both(tmp_path, EMPATICA)
    assert recording.rate_hz == pytest.approx(32)
    assert recording.acceleration_g.shape[1] == 640
    assert iso(recording) == "2024-01-15T22:30:00+00:00"


@pytest.mark.parametrize(
    "name",
    [
        "acc.csv",
        "IMU_accel.csv",
        "left-wrist Accelerometer 52Hz.csv",
        "acc/data.csv",
        "X_ACC_2024.csv",
        "Polar_Sense_ACC.txt",
        "Beschleunigungssensor.csv",
        "MetaWear_Accelerometer_50.000Hz.csv",
        "MetaMotionS.csv",
        "night.csv",
    ],
)
def test_among_other_sensors_the_accelerometer_is_found_by_its_name(name: str, tmp_path: Path) -> None:
    others = {name: text for name, text in OTHERS.items() if name != "Gravity.csv"}
    recording = read_both(
        tmp_path, {name: native(G), "mag/data.csv": native(G), "linear_acc.csv": native(G), **others}
    )
    assert recording.acceleration_g.shape == G.shape


@pytest.mark.parametrize(
    "names",
    [
        ("left_acc.csv", "right_acc.csv"),
        ("monday.csv", "tuesday.csv"),
        ("acc.csv", "night.csv"),
        ("a/TotalAcceleration.csv", "b/TotalAcceleration.csv"),
        ("TotalAcceleration.csv", "WristMotion.csv"),
    ],
)
def test_where_two_could_be_meant_both_are_named_and_each_can_be_given(
    names: tuple[str, str], tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = dict.fromkeys(names, native(G))
    folder = unpacked(tmp_path / "export", files)
    for path, advice in (
        (put(tmp_path, packed(files), "export.zip"), "unpack it"),
        (folder, "give one of them"),
    ):
        with pytest.raises(InputError, match=advice) as caught:
            read_recording(path)
        assert all(name in str(caught.value) for name in names)
    for name in names:
        assert read_recording(folder / name).acceleration_g.shape == G.shape


def test_a_recording_with_its_results_and_its_sidecar_is_one(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "n.csv": native(G),
        "n.json": json.dumps({"start_utc": "2024-01-15T22:30:00Z", "zone": "Europe/Berlin"}),
        "n.events.csv": "onset_s,duration_s\n1,2\n",
        "n.night.json": "{}",
        ".hidden.csv": native(G),
        "__MACOSX/._n.csv": b"\0\5\x16\7" * 20,
    }
    assert iso(read_both(tmp_path, files)) == "2024-01-15T23:30:00+01:00"


def test_the_name_within_an_archive_tells_the_start(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"2024-01-15T233000+0100.csv": native(G)}
    assert iso(read_both(tmp_path, files)) == "2024-01-15T23:30:00+01:00"


@pytest.mark.parametrize(
    "write", [lambda text: text.encode("utf-16"), lambda text: gzip.compress(text.encode())]
)
def test_a_member_may_be_packed_or_wide_itself(write: Callable[[str], bytes], tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, packed({"night.csv.gz": write(native(G))}), "n.zip"))
    assert recording.acceleration_g.shape == G.shape


def test_the_fingerprint_is_that_of_the_given_file(tmp_path: Path) -> None:
    data = packed(PHYPHOX)
    zipped = put(tmp_path, data, "export.zip")
    assert read_recording(zipped).input_sha256 == hashlib.sha256(data).hexdigest()
    folder = unpacked(tmp_path / "export", PHYPHOX)
    chosen = (folder / "Raw Data.csv").read_bytes()
    assert read_recording(folder).input_sha256 == hashlib.sha256(chosen).hexdigest()


def test_a_folder_that_holds_one_zip_is_that_zip(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    put(folder, packed(SENSOR_LOGGER), "2024-01-15_22-30-00.zip")
    assert iso(read_recording(folder)) == "2024-01-16T04:00:00+05:30"


@pytest.mark.parametrize("name", ["bed.zip", "bed", "bed.csv.gz"])
def test_results_lie_beside_what_was_given(name: str, tmp_path: Path) -> None:
    assert result_stem(tmp_path / name, None) == tmp_path / "bed"


EVIL = {
    "no recording": ({"a.pdf": "x"}, "holds no recording"),
    "nothing": ({}, "holds no recording"),
    "another sensor": ({"Gyroscope.csv": native(G)}, "holds no recording"),
    "a spreadsheet": ({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}, r"a spreadsheet; export CSV \(UTF-8"),
    "another spreadsheet": ({"mimetype": "x", "content.xml": "<x/>"}, "a spreadsheet; export CSV"),
    "a logger's own file": ({"log.bin": b"\x1e", "info.txt": "x"}, r"ActiGraph \.gt3x under another name"),
    "a logger's file within": ({"night.bin": b"Device Identity" + bytes(99)}, "unpack it first"),
    "a zip within": ({"night.zip": packed({"n.csv": native(G)})}, "unpack it first"),
    "a picture within": ({"acc.csv": b"\x89PNG\r\n\x1a\n"}, "a PNG picture"),
    "only text": ({"readme.txt": "a\nb\n"}, "."),
}  # fmt: skip


@pytest.mark.parametrize("kind", EVIL)
def test_an_archive_without_a_recording_is_one_sentence(kind: str, tmp_path: Path) -> None:
    path = put(tmp_path, packed(EVIL[kind][0]), "n.zip")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=EVIL[kind][1]) as caught:
        read_recording(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_folder_and_one_full_of_other_things_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"this folder holds no recording; give one"):
        read_recording(tmp_path)
    monkeypatch.setattr(archive, "_MOST_FILES", 3)
    for number in range(4):
        (tmp_path / f"{number}.jpg").touch()
    with pytest.raises(InputError, match=r"more than 3 files"):
        read_recording(tmp_path)


def test_a_locked_archive_is_one_sentence(tmp_path: Path) -> None:
    data = bytearray(packed({"n.csv": native(G)}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + at] |= 1  # the flag that says so
    with pytest.raises(InputError, match=r"can't be unpacked \(.*password.*unpack it"):
        read_recording(put(tmp_path, bytes(data), "n.zip"))


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_an_archive_that_is_cut_off_is_one_sentence(share: float, tmp_path: Path) -> None:
    data = packed(PHYPHOX)
    with pytest.raises(InputError, match="damaged or not whole"):
        read_recording(put(tmp_path, data[: int(share * len(data))], "n.zip"))


def test_of_a_damaged_member_what_comes_before_the_damage_is_read(tmp_path: Path) -> None:
    data = bytearray(packed({"n.csv": native(G)}))
    middle = len(data) // 2
    data[middle : middle + 300] = b"\xff" * 300
    recording = read_recording(put(tmp_path, bytes(data), "n.zip"))
    assert any("damage: the .zip is damaged" in note for note in recording.provenance.notes)
    assert 0 < recording.acceleration_g.shape[1] < 0.6 * G.shape[1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150))
@given(
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=3),
    share=st.floats(0.5, 1),
    lost=st.floats(0, 1),
)
def test_a_damaged_archive_is_read_or_is_one_sentence(
    flips: list[tuple[float, int]], share: float, lost: float, tmp_path: Path
) -> None:
    data = bytearray(SMALL_ZIP)
    for place, flip in flips:
        data[int(place * (len(data) - 1))] ^= flip
    cut = bytes(data) if share > 0.9 else bytes(data[: int(share * len(data))])
    hole = int(lost * len(cut))
    cut = cut if share < 0.95 else cut[:hole] + cut[hole + 7 :]
    try:
        recording = read_recording(put(tmp_path, cut, "n.zip"))
    except InputError as error:
        told = str(error)
        assert "n.zip" in told
        assert "\n" not in told
    else:
        assert recording.acceleration_g.shape[1] <= 60


def test_names_that_lead_elsewhere_lead_nowhere(tmp_path: Path) -> None:
    names = ("../../outside.csv", "/etc/outside.csv", "a\nb.csv")
    for name in names:
        inside = tmp_path / "in" / "side"
        inside.mkdir(parents=True, exist_ok=True)
        recording = read_recording(put(inside, packed({name: native(G)}), "n.zip"))
        assert recording.acceleration_g.shape == G.shape
        assert not any("\n" in note for note in recording.provenance.notes)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["n.zip"]


def test_a_zip_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "_MAX_UNPACKED", 1 << 22)
    bomb = native(G) + "0,0,0,1\n" * (1 << 20)
    path = put(tmp_path, packed({"n.csv": bomb}), "n.zip")
    assert path.stat().st_size < 1 << 17
    with pytest.raises(InputError, match="unpacks to more than"):
        read_recording(path)


def test_nights_of_a_packed_week_are_found(tmp_path: Path) -> None:
    def rows(day: int) -> list[list[object]]:
        start = datetime.fromisoformat("2024-01-15T22:00:00+00:00").timestamp() + day * 86400
        time = start + np.arange(3600 * 5) / 5
        return [[f"{second:.1f}", 0.01 * (row % 3), 0.6, 0.8] for row, second in enumerate(time)]

    text = table("epoch_s,x_g,y_g,z_g", [*rows(0), *rows(1), *rows(2)])
    plain = list(read_nights(put(tmp_path, text, "n.csv"), zone="UTC"))
    zipped = list(read_nights(put(tmp_path, packed({"n.csv": text}), "n.zip"), zone="UTC"))
    assert len(zipped) == len(plain) == 3
    for one, other in zip(plain, zipped, strict=True):
        assert np.array_equal(one.acceleration_g, other.acceleration_g, equal_nan=True)
        assert one.start == other.start
