"""However the same night is written down, the same recording is read."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sleepjerk import InputError
from sleepjerk.reading import read_recording
from tests.reading.made_files import made_g, native, put, stamps_us, table

G = made_g()
TIME_US = stamps_us(G.shape[1])
START = datetime(2026, 11, 22, 21, 31, 4, 250000, tzinfo=UTC)


def written(header: str, time: list[object], values: np.ndarray, decimals: int, delimiter: str = ",") -> str:
    rows = [(t, *(f"{v:.{decimals}f}" for v in row)) for t, row in zip(time, values.T, strict=True)]
    return table(header, rows, delimiter)


def iso(zone: str, separator: str = "T") -> list[object]:
    moments = [START + timedelta(microseconds=int(t)) for t in TIME_US]
    return [m.replace(tzinfo=None).isoformat(sep=separator, timespec="milliseconds") + zone for m in moments]


NATIVE = native(G)
EPOCH = START.timestamp()
VARIANTS: dict[str, str | bytes] = {
    "seconds": written("time_s,x_g,y_g,z_g", [f"{t / 1e6:.2f}" for t in TIME_US], G, 3),
    "seconds by spacing": written("t,x_g,y_g,z_g", [f"{t / 1e6:.2f}" for t in TIME_US], G, 3),
    "milliseconds": written("t_ms,x_g,y_g,z_g", [t // 1000 for t in TIME_US], G, 3),
    "milliseconds by spacing": written("time,x_g,y_g,z_g", [t // 1000 for t in TIME_US], G, 3),
    "Unix seconds": written("timestamp,x_g,y_g,z_g", [f"{EPOCH + t / 1e6:.3f}" for t in TIME_US], G, 3),
    "Unix milliseconds": written("timestamp,x,y,z", [round(EPOCH * 1e3 + t / 1e3) for t in TIME_US], G, 3),
    "Unix nanoseconds": written("time,x,y,z", [round(EPOCH * 1e3 + t / 1e3) * 10**6 for t in TIME_US], G, 3),
    "ISO 8601 without zone": written("time,x,y,z", iso(""), G, 3),
    "ISO 8601 with a blank": written("time,x,y,z", iso("", " "), G, 3),
    "ISO 8601 in UTC": written("time,x,y,z", iso("Z"), G, 3),
    "ISO 8601 with an offset": written("time,x,y,z", iso("+01:00"), G, 3),
    "mg by name": written("t_us,x_mg,y_mg,z_mg", list(TIME_US), G * 1000, 1),
    "m/s2 by name": written("t_us,x (m/s^2),y (m/s^2),z (m/s^2)", list(TIME_US), G * 9.80665, 6),
    "m/s2 by gravity": written("t_us,ax,ay,az", list(TIME_US), G * 9.80665, 6),
    "counts by gravity": written("t_us,x,y,z", list(TIME_US), np.rint(G * 16384), 0),
    "other order": written(
        "z_g,x_g,t_us,y_g", [f"{v:.3f}" for v in G[2]], np.stack([G[0], TIME_US, G[1]]), 3
    ),
    "gzip": gzip.compress(NATIVE.encode()),
    "CRLF": NATIVE.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + NATIVE,
    "semicolons and decimal commas": NATIVE.replace(",", ";").replace(".", ","),
    "tabs": NATIVE.replace(",", "\t"),
    "quoted": table(
        '"t_us","x_g","y_g","z_g"', [[f'"{f}"' for f in line.split(",")] for line in NATIVE.split("\n")[1:-1]]
    ),
    "comment above": "# recorded by hand\n# on the left wrist\n" + NATIVE,
    "banner above": "Logger v1.2\nSerial Number: 17\n\n" + NATIVE,
    "comment sign before the header": "# " + NATIVE,
    "no header": NATIVE.split("\n", 1)[1],
    "blanks after commas": NATIVE.replace(",", ", "),
    "other columns": written("t_us,x_g,y_g,z_g,gyro_x,temp", list(TIME_US), np.vstack([G, G[:2]]), 3),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_night_in_another_form_is_the_same_recording(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, VARIANTS[name], "night.csv.gz" if name == "gzip" else "night.csv")
    recording = read_recording(path)
    assert recording.rate_hz == pytest.approx(100, abs=1e-6)
    assert recording.acceleration_g.shape == G.shape
    tolerance = 1e-4 if name.startswith("counts") else 2e-6
    np.testing.assert_allclose(recording.acceleration_g, G, atol=tolerance)
    assert len(recording.gaps_s) == 0
    assert recording.damage.rejected_rows == 0


def test_mg_without_a_name_may_be_1024_counts_so_the_unit_must_be_told(tmp_path: Path) -> None:
    path = put(tmp_path, written("t_us,x,y,z", list(TIME_US), G * 1000, 1))
    with pytest.raises(InputError, match="--unit"):
        read_recording(path)
    np.testing.assert_allclose(read_recording(path, unit="mg").acceleration_g, G, atol=2e-6)


def test_rows_without_stamps_need_the_rate(tmp_path: Path) -> None:
    path = put(tmp_path, table("x_g,y_g,z_g", G.T.tolist()))
    with pytest.raises(InputError, match="--rate"):
        read_recording(path)
    np.testing.assert_allclose(read_recording(path, rate_hz=100).acceleration_g, G, atol=2e-6)


def test_columns_and_units_can_be_told(tmp_path: Path) -> None:
    path = put(tmp_path, written("a,b,c,d", list(TIME_US), G * 100, 1))
    recording = read_recording(path, columns="a,b,c,d", unit="counts:100", time_unit="us")
    np.testing.assert_allclose(recording.acceleration_g, G, atol=2e-6)
    by_number = read_recording(path, columns="1,2,3,4", unit="counts:100", time_unit="us")
    np.testing.assert_array_equal(recording.acceleration_g, by_number.acceleration_g)


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        ("ISO 8601 in UTC", None, START),
        ("ISO 8601 with an offset", None, START - timedelta(hours=1)),
        ("ISO 8601 without zone", "Europe/Berlin", START - timedelta(hours=1)),
        ("Unix seconds", "Europe/Berlin", START),
        ("Unix nanoseconds", None, START),
    ],
)
def test_stamps_with_a_wall_clock_give_the_start(
    name: str, zone: str | None, expected: datetime, tmp_path: Path
) -> None:
    start = read_recording(put(tmp_path, VARIANTS[name]), zone=zone).start
    assert start is not None
    assert abs((start - expected).total_seconds()) < 1e-3
    if zone:
        assert str(start.tzinfo) == zone


def test_local_time_without_a_zone_leaves_the_start_unknown_and_says_so(tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, VARIANTS["ISO 8601 without zone"]))
    assert recording.start is None
    assert any("--zone" in note for note in recording.provenance.notes)
