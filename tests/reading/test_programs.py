"""What people's phones and makers' programs write, laid out by hand as they do: each is read as the same night."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sleepjerk import InputError
from sleepjerk.reading import read_recording
from tests.reading.made_files import made_g, put

G = made_g(seconds=30.0)
COUNT = G.shape[1]
START = datetime(2024, 1, 15, 22, 30, tzinfo=UTC)
GRAVITY = 9.80665


def scientific(value: float) -> str:
    """As phyphox writes a number: nine decimals, and an exponent without sign or zeros."""
    mantissa, exponent = f"{value:.9E}".split("E")
    return f"{mantissa}E{int(exponent)}"


def clock(row: int, mark: str = ".") -> str:
    moment = START + timedelta(milliseconds=10 * row)
    return f"{moment:%Y-%m-%d %H:%M:%S}{mark}{moment.microsecond // 1000:03d}"


def rows(write: Callable[[int, float, float, float], str]) -> str:
    return "".join(write(row, *map(float, G[:, row])) + "\n" for row in range(COUNT))


def omgui() -> str:
    return rows(lambda row, x, y, z: f"{clock(row)},{x:.6f},{y:.6f},{z:.6f}")


GENEACTIV_HEAD = [
    "Device Type,GENEActiv",
    "Device Model,1.1",
    "Device Unique Serial Code,012345",
    "Device Firmware Version,Ver4.08",
    "Calibration Date,2012-01-01 00:00:00:000",
    "",
    "Measurement Frequency,100.0 Hz",
    "Start Time,2024-01-15 22:30:00:000",
    "Device Location Code,left wrist",
    "Time Zone,GMT +01:00",
    "Subject Code,",
    "Range,-8 to 8",
    "Units,g",
]


def geneactiv() -> str:
    head = "\n".join([*GENEACTIV_HEAD, *[""] * (100 - len(GENEACTIV_HEAD))])
    return f"{head}\n" + rows(lambda row, x, y, z: f"{clock(row, ':')},{x:.4f},{y:.4f},{z:.4f},12,0,25.6")


def moved(values: tuple[float, float, float], *, gravity: bool) -> list[float]:
    """In m/s2, with gravity or without."""
    return [
        (value - (0 if gravity else rest)) * GRAVITY
        for value, rest in zip(values, (0, 0.6, 0.8), strict=True)
    ]


def phyphox(separator: str = ",", decimal: str = ".", *, gravity: bool = True) -> str:
    kind = "Acceleration" if gravity else "Linear Acceleration"
    names = ["Time (s)", *(f"{kind} {axis} (m/s^2)" for axis in "xyz"), "Absolute acceleration (m/s^2)"]
    head = separator.join(f'"{name}"' for name in names)

    def write(row: int, x: float, y: float, z: float) -> str:
        cells = (row / 100, *moved((x, y, z), gravity=gravity), GRAVITY)
        return separator.join(scientific(cell).replace(".", decimal) for cell in cells)

    return f"{head}\n{rows(write)}"


def sensor_logger(*, gravity: bool = True) -> str:
    def write(row: int, *values: float) -> str:
        x, y, z = moved((values[0], values[1], values[2]), gravity=gravity)
        return f"{1705357800 * 10**9 + row * 10**7},{row / 100:.6f},{z:.6f},{y:.6f},{x:.6f}"

    return "time,seconds_elapsed,z,y,x\n" + rows(write)


def apple_watch() -> str:
    """As Sensor Logger writes a watch: what is called acceleration lacks what stands under gravity."""
    head = "time,seconds_elapsed,rotationRateX,gravityX,gravityY,gravityZ,accelerationX,accelerationY,accelerationZ"

    def write(row: int, *values: float) -> str:
        x, y, z = moved((values[0], values[1], values[2]), gravity=False)
        down = ",".join(f"{GRAVITY * rest:.6f}" for rest in (0, 0.6, 0.8))
        return f"{1705357800 * 10**9 + row * 10**7},{row / 100:.6f},0.1,{down},{x:.6f},{y:.6f},{z:.6f}"

    return f"{head}\n{rows(write)}"


def witmotion() -> str:
    head = "time\tDeviceName\tAccX(g)\tAccY(g)\tAccZ(g)\tAsX(°/s)\tAngleX(°)\n"
    return head + rows(
        lambda row, x, y, z: f"{clock(row)}\tWT901BLE(1A2B)\t{x:.3f}\t{y:.3f}\t{z:.3f}\t0.061\t-1.1"
    )


def witmotion_computer() -> str:
    head = "Chip Time\tax(g)\tay(g)\taz(g)\twx(deg/s)\tAngleX(deg)\n"
    return head + rows(lambda row, x, y, z: f"{clock(row)}\t{x:.4f}\t{y:.4f}\t{z:.4f}\t0.061\t-1.1")


PROGRAMS: dict[str, Callable[[], str]] = {
    "Axivity's OmGui": omgui,
    "OmGui with names": lambda: "Time,Accel-X (g),Accel-Y (g),Accel-Z (g)\n" + omgui(),
    "GENEActiv's own": geneactiv,
    "phyphox": phyphox,
    "phyphox, tabs and decimal commas": lambda: phyphox("\t", ","),
    "phyphox, semicolons": lambda: phyphox(";"),
    "Sensor Logger": sensor_logger,
    "Sensor Logger on a watch": apple_watch,
    "WitMotion's app": witmotion,
    "WitMotion on a computer": witmotion_computer,
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_program_writes_is_read_without_an_option(program: str, tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, PROGRAMS[program](), "export.csv"))
    assert recording.rate_hz == pytest.approx(100)
    np.testing.assert_allclose(recording.acceleration_g, G, atol=2e-6)


def test_geneactiv_tells_sensor_side_and_zone(tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, geneactiv(), "export.csv"))
    assert recording.start is not None
    assert recording.start.isoformat() == "2024-01-15T22:30:00+01:00"
    assert (
        recording.device.sensor,
        recording.device.sensor_id,
        recording.placement.limb,
        recording.placement.side,
    ) == (
        "GENEActiv",
        "GENEActiv:012345",
        "wrist",
        "left",
    )


def test_sensor_logger_tells_the_moment(tmp_path: Path) -> None:
    start = read_recording(put(tmp_path, sensor_logger(), "export.csv")).start
    assert start is not None
    assert start.timestamp() == 1705357800


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        (phyphox(gravity=False), None, "movement without gravity"),
        (phyphox(gravity=False), "1,2,3,4", "it was taken out"),
        (sensor_logger(gravity=False), None, "movement without gravity"),
    ],
)
def test_movement_without_gravity_is_refused(
    text: str, columns: str | None, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        read_recording(put(tmp_path, text, "export.csv"), columns=columns)


def test_a_time_that_a_spreadsheet_has_shortened_is_still_refused(tmp_path: Path) -> None:
    lines = [f"1.70536E+12,{x:.3f},{y:.3f},{z:.3f}" for x, y, z in G.T[:50]]
    path = put(tmp_path, "\n".join(["time,x,y,z", *lines, ""]), "export.csv")
    with pytest.raises(InputError, match="as spreadsheet programs shorten it"):
        read_recording(path)
