"""More kinds of `variants`: what apps and makers' programs save, several sensors in a table, odd units."""

# ruff: noqa: E501 - headings as their makers write them

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tests.reading.variant_kinds import BERLIN, basics, cells, kind, moment, pick, table, wall
from tests.reading.variants import Array, Random, Variant, signal


def joined(names: str, columns: list[list[object]], sep: str = ",", above: str = "") -> str:
    """A table of columns."""
    lines = [sep.join(map(str, row)) for row in zip(*columns, strict=True)]
    return above + "\n".join([names, *lines]) + "\n"


def axes(g: Array, unit: str, digits: int | None = None) -> list[list[object]]:
    """Three columns of text."""
    return [list(column) for column in zip(*cells(g, unit, digits), strict=True)]


def seconds(time_s: Array, digits: int = 4, zero: float = 0.0, per_s: float = 1) -> list[object]:
    return [f"{(zero + second) * per_s:.{digits}f}" for second in time_s]


def epoch(start: datetime, time_s: Array, per_s: int) -> list[object]:
    whole = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return [(whole + round(second * 1e6)) * per_s // 10**6 for second in time_s]


def noise(rng: Random, g: Array, size: float = 0.02) -> list[list[object]]:
    return axes(rng.normal(0, size, g.shape), "g")


@kind
def phyphox(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    absolute = [f"{value:.9E}" for value in np.linalg.norm(g, axis=0) * 9.80665]
    columns = [
        [f"{second:.9E}" for second in time_s],
        *[[f"{value * 9.80665:.9E}" for value in axis] for axis in g],
        absolute,
    ]
    sep, comma = pick(rng, [(",", 0), ("\t", 0), ("\t", 1), (";", 1), (";", 0)])
    word = pick(rng, ["Acceleration", "Acceleration", "Beschleunigung"])
    time, total = (
        ("Zeit (s)", "Absolutbeschleunigung (m/s^2)")
        if word[0] == "B"
        else ("Time (s)", "Absolute acceleration (m/s^2)")
    )
    names = sep.join(f'"{name}"' for name in (time, *(f"{word} {axis} (m/s^2)" for axis in "xyz"), total))
    text = joined(names, columns, sep)
    return Variant("", text.replace(".", ",") if comma else text, time_s, g)


@kind
def phyphox_without_gravity(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    names = ",".join(
        f'"{name}"' for name in ("Time (s)", *(f"Linear Acceleration {axis} (m/s^2)" for axis in "xyz"))
    )
    text = joined(names, [seconds(time_s), *noise(rng, g, 0.1)])
    return Variant("", text, time_s, g, read=False, refused=True)


@kind
def sensor_logger(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    start = moment(rng)
    x, y, z = axes(g, "m/s2", 6)
    text = joined("time,seconds_elapsed,z,y,x", [epoch(start, time_s, 10**9), seconds(time_s, 6), z, y, x])
    return Variant("", text, time_s, g, start, name="TotalAcceleration.csv")


@kind
def physics_toolbox(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    total = [f"{value:.3f}" for value in np.linalg.norm(g, axis=0)]
    form = int(rng.integers(4))
    start = datetime(2026, 11, 22, 21, 59, 50, tzinfo=UTC)
    if form == 0:
        text = joined("time,gFx,gFy,gFz,TgF", [seconds(time_s), *axes(g, "g"), total])
    elif form == 1:
        text = joined("time,gFx,gFy,gFz,TgF", [wall(start, time_s, "%H:%M:%S:@"), *axes(g, "g"), total])
    elif form == 2:
        others = [*noise(rng, g), *noise(rng, g)]
        text = joined("time,gFx,gFy,gFz,ax,ay,az,wx,wy,wz", [seconds(time_s), *axes(g, "g"), *others])
    else:
        text = joined("time;gFx;gFy;gFz;TgF", [seconds(time_s), *axes(g, "g"), total], ";").replace(".", ",")
    return Variant("", text, time_s, g)


@kind
def androsensor(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    start = moment(rng).astimezone(ZoneInfo(BERLIN))
    sensors = [
        ("ACCELEROMETER", axes(g, "m/s2")),
        ("LINEAR ACCELERATION", noise(rng, g)),
        ("GYROSCOPE", noise(rng, g)),
        ("MAGNETIC FIELD", noise(rng, g, 30)),
    ]
    units = {"GYROSCOPE": "rad/s", "MAGNETIC FIELD": "μT"}
    sensors = [sensors[place] for place in rng.permutation(4)]
    names = [f"{name} {axis} ({units.get(name, 'm/s²')})" for name, _ in sensors for axis in "XYZ"]
    names += ["SOUND LEVEL (dB)", "Time since start in ms ", "YYYY-MO-DD HH-MI-SS_SSS"]
    columns = [
        *[column for _, some in sensors for column in some],
        [31.5] * len(time_s),
        seconds(time_s, 0, per_s=1e3),
        wall(start, time_s, "%Y-%m-%d %H:%M:%S:@"),
    ]
    sep = pick(rng, [";", ","])
    return Variant(
        "",
        joined(sep.join(names), columns, sep, pick(rng, ["", f"sep={sep}\n"])),
        time_s,
        g,
        start,
        {"zone": BERLIN},
    )


@kind
def sensor_log(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    start = moment(rng).astimezone(ZoneInfo("Europe/Paris"))
    stamps = [stamp[:-2] + ":" + stamp[-2:] for stamp in wall(start, time_s, "%Y-%m-%dT%H:%M:%S.@%z")]
    names = "loggingTime(txt),loggingSample(N),accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),accelerometerAccelerationY(G),accelerometerAccelerationZ(G)"
    columns: list[list[object]] = [
        list(stamps),
        list(range(len(stamps))),
        seconds(time_s, 6, 12345.678),
        *axes(g, "g", 6),
    ]
    if rng.random() < 0.6:
        names += ",motionTimestamp_sinceReboot(s),motionYaw(rad),motionRotationRateX(rad/s),motionRotationRateY(rad/s),motionRotationRateZ(rad/s),motionUserAccelerationX(G),motionUserAccelerationY(G),motionUserAccelerationZ(G)"
        columns += [seconds(time_s, 6, 12345.68), [0.1] * len(stamps), *noise(rng, g), *noise(rng, g)]
    return Variant("", joined(names, columns), time_s, g, start)


@kind
def core_motion(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    down = np.where(time_s < 16, g[:, :1], g[:, -1:])
    user, gravity, form = pick(
        rng,
        [
            ("userAcceleration.{}", "gravity.{}", "xyz"),
            ("motionUserAcceleration{}(G)", "motionGravity{}(G)", "XYZ"),
            ("userAccel_{}", "gravity_{}", "xyz"),
            ("user_acc_{}(G)", "grav_{}(G)", "XYZ"),
        ],
    )
    names = [
        "timestamp",
        "roll",
        "pitch",
        "yaw",
        *(gravity.format(a) for a in form),
        *(f"rotationRate.{a}" for a in "xyz"),
        *(user.format(a) for a in form),
    ]
    columns = [
        seconds(time_s, 4, 77.1),
        *noise(rng, g),
        *axes(down, "g", 5),
        *noise(rng, g),
        *axes(g - down, "g", 5),
    ]
    return Variant("", joined(",".join(names), columns), time_s, g)


@kind
def polar(rng: Random) -> Variant:
    """Stamps of the phone, of the sensor since 2000, and since its start."""
    rate_hz = pick(rng, [25.0, 50.0, 52.0, 100.0, 200.0])
    time_s, g = signal(rng, 60, rate_hz)
    start = moment(rng)
    since = (start - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    sensor: list[object] = [since * 1000 + round(second * 1e9) for second in time_s]
    phone = list(wall(start, time_s, "%Y-%m-%dT%H:%M:%S.@"))
    names, columns = (
        "Phone timestamp;sensor timestamp [ns];X [mg];Y [mg];Z [mg]",
        [phone, sensor, *axes(g, "mg")],
    )
    if rng.random() < 0.5:
        names, columns = (
            "Phone timestamp;sensor timestamp [ns];timestamp [ms];X [mg];Y [mg];Z [mg]",
            [phone, sensor, seconds(time_s, 3, per_s=1e3), *axes(g, "mg")],
        )
    return Variant("", joined(names, columns, ";"), time_s, g, start, {"zone": "UTC"}, start_asked=True)


@kind
def meta_motion(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    start = moment(rng).astimezone(ZoneInfo(BERLIN))
    form = pick(rng, ["%Y-%m-%dT%H.%M.%S.@", "%Y-%m-%dT%H:%M:%S.@"])
    names = f"epoc (ms),timestamp ({start:%z}),elapsed (s),x-axis (g),y-axis (g),z-axis (g)"
    columns = [
        epoch(start, time_s, 1000),
        list(wall(start, time_s, form)),
        seconds(time_s, 3),
        *axes(g, "g", 3),
    ]
    return Variant("", joined(names, columns), time_s, g, start)


@kind
def shimmer(rng: Random) -> Variant:
    rate_hz = pick(rng, [51.2, 102.4, 128.0, 204.8])
    time_s, g = signal(rng, 40, rate_hz)
    start = moment(rng)
    sep = pick(rng, ["\t", ","])
    who = f"Shimmer_{rng.integers(16**4):04X}"
    accel = pick(rng, ["Accel_LN", "Accel_WR"])
    names = [
        f"{who}_Timestamp_Unix_CAL",
        *(f"{who}_{accel}_{a}_CAL" for a in "XYZ"),
        *(f"{who}_Gyro_{a}_CAL" for a in "XYZ"),
        f"{who}_Battery_CAL",
    ]
    units = ["ms", *["m/(s^2)"] * 3, *["deg/s"] * 3, "mV"]
    columns = [
        [f"{one}.{int(rng.integers(1000)):03d}" for one in epoch(start, time_s, 1000)],
        *axes(g, "m/s2"),
        *noise(rng, g),
        [4012.8] * len(time_s),
    ]
    text = joined(
        sep.join(units) + sep,
        [*columns, [""] * len(time_s)],
        sep,
        f'"sep={sep}"\n' + sep.join(names) + sep + "\n",
    )
    return Variant("", text, time_s, g, start)


@kind
def movesense_and_others(rng: Random) -> Variant:
    rate_hz = pick(rng, [26.0, 52.0, 104.0, 208.0])
    time_s, g = signal(rng, 40, rate_hz)
    names, unit, per_s = pick(
        rng,
        [
            ("timestamp,x,y,z", "m/s2", 1e3),
            ("Timestamp (ms),AccX,AccY,AccZ", "m/s2", 1e3),
            ("timestamp;x;y;z", "m/s2", 1e3),
            ("time;X_value;Y_value;Z_value", "m/s2", 1e3),
            ("Time;X;Y;Z", "g", 1e3),
        ],
    )
    text = joined(names, [seconds(time_s, 0, 1234.5, per_s), *axes(g, unit)], ";" if ";" in names else ",")
    return Variant("", text, time_s, g, answers={"time_unit": "ms"}, read=rate_hz < 200)


@kind
def xsens(rng: Random) -> Variant:
    rate_hz = pick(rng, [60.0, 30.0, 120.0, 100.0, 40.0])
    time_s, g = signal(rng, 40, rate_hz)
    counter: list[object] = [(51400 + row) % 65536 for row in range(len(time_s))]
    others = [*noise(rng, g), *noise(rng, g)]
    if rng.random() < 0.5:
        above = "sep=,\nDeviceTag:,DOT 4\nFirmwareVersion:,2.0.0\nAppVersion:,v2021.0.0\nSyncStatus:,Unsynced\nOutputRate:,60Hz\nFilterProfile:,General\n\n"
        names = "PacketCounter,SampleTimeFine,Euler_X,Euler_Y,Euler_Z,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z"
        fine = seconds(time_s, 0, 4123.5, 1e6)
        text = joined(names, [counter, fine, *others[:3], *axes(g, "m/s2", 6), *others[3:]], ",", above)
    else:
        above = "// General information:\n//  MT Manager version: 2022.2.0\n// Coordinate system: ENU\n"
        names = "\t".join(
            [
                "PacketCounter",
                "SampleTimeFine",
                "Year",
                "Acc_X",
                "Acc_Y",
                "Acc_Z",
                "FreeAcc_E",
                "FreeAcc_N",
                "FreeAcc_U",
                "Gyr_X",
                "Gyr_Y",
                "Gyr_Z",
                "Mat[1][1]",
            ]
        )
        text = joined(
            names,
            [
                counter,
                seconds(time_s, 0, 204.5, 1e4),
                ["NaN"] * len(time_s),
                *axes(g, "m/s2", 6),
                *others,
                [0.1] * len(time_s),
            ],
            "\t",
            above,
        )
    return Variant("", text, time_s, g, answers={"rate_hz": rate_hz, "time_unit": "us"})


@kind
def muse(rng: Random) -> Variant:
    rate_hz = pick(rng, [50.0, 52.0])
    time_s, g = signal(rng, 40, rate_hz)
    start = moment(rng).astimezone(ZoneInfo(BERLIN))
    names = "TimeStamp,Delta_TP9,Alpha_AF7,RAW_AF8,HeadBandOn,Accelerometer_X,Accelerometer_Y,Accelerometer_Z,Gyro_X,Gyro_Y,Gyro_Z,Battery,Elements"
    empty = [""] * len(time_s)
    columns = [
        list(wall(start, time_s, "%Y-%m-%d %H:%M:%S.@")),
        *noise(rng, g, 1),
        [1] * len(time_s),
        *axes(g, "g", 6),
        *noise(rng, g, 1),
        [80] * len(time_s),
        empty,
    ]
    lines = joined(names, columns).splitlines()
    for place in (1, 300, 700):
        lines.insert(
            place, lines[place if place > 1 else 2].split(",")[0] + "," * 12 + "/muse/elements/blink"
        )
    return Variant("", "\n".join(lines) + "\n", time_s, g, start, {"zone": BERLIN})


@kind
def bangle(rng: Random) -> Variant:
    """12.5 to 100 Hz, ms since the start."""
    rate_hz = pick(rng, [12.5, 25.0, 50.0, 100.0])
    time_s, g = signal(rng, 60, rate_hz)
    names = pick(rng, ["Time,X,Y,Z", "Time (ms),X,Y,Z", "Time (ms),X (g),Y (g),Z (g)"])
    return Variant(
        "",
        joined(names, [seconds(time_s, 0, 3.5, 1e3), *axes(g, "g")]),
        time_s,
        g,
        answers={"time_unit": "ms", "rate_hz": rate_hz},
        read="ms" in names or rate_hz > 20,
    )


@kind
def garmin(rng: Random) -> Variant:
    rate_hz = pick(rng, [25.0, 50.0])
    time_s, g = signal(rng, 40, rate_hz)
    start = moment(rng).astimezone(ZoneInfo(BERLIN))
    iso = [stamp[:-2] + ":" + stamp[-2:] for stamp in wall(start, time_s, "%Y-%m-%dT%H:%M:%S.@%z")]
    names = "insertedDate,deviceType,timezone,unixTimestampInMs,isoDate,x,y,z"
    columns = [
        [iso[0]] * len(iso),
        ["venu3"] * len(iso),
        [BERLIN] * len(iso),
        epoch(start, time_s, 1000),
        list(iso),
        *axes(g, "mg", 1),
    ]
    return Variant("", joined(names, columns), time_s, g, start)


@kind
def empatica(rng: Random) -> Variant:
    time_s, g = signal(rng, 60, 32.0)
    start = moment(rng).replace(microsecond=0)
    text = f"{start.timestamp():.6f}, {start.timestamp():.6f}, {start.timestamp():.6f}\n32.000000, 32.000000, 32.000000\n"
    text += "\n".join(",".join(f"{value * 64:.0f}" for value in row) for row in g.T) + "\n"
    return Variant("", text, time_s, g, start, name="ACC.csv")


@kind
def actilife(rng: Random) -> Variant:
    rate_hz = pick(rng, [30.0, 32.0, 40.0, 50.0, 60.0, 80.0, 100.0])
    time_s, g = signal(rng, 40, rate_hz)
    zone = pick(rng, [BERLIN, "America/New_York", "Asia/Tokyo"])
    start = moment(rng).replace(microsecond=0).astimezone(ZoneInfo(zone))
    shown, form = pick(
        rng,
        [
            ("M/d/yyyy", "%-m/%-d/%Y"),
            ("dd/MM/yyyy", "%d/%m/%Y"),
            ("d/M/yyyy", "%-d/%-m/%Y"),
            ("yyyy-MM-dd", "%Y-%m-%d"),
            ("dd.MM.yyyy", "%d.%m.%Y"),
            ("MM/dd/yyyy", "%m/%d/%Y"),
        ],
    )
    above = f"------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.4 Firmware v3.2.1 date format {shown} at {rate_hz:.0f} Hz  Filter Normal -----------\n"
    above += f"Serial Number: TAS1E0000\nStart Time {start:%H:%M:%S}\nStart Date {start.strftime(form)}\nEpoch Period (hh:mm:ss) 00:00:00\nDownload Time 08:00:00\nDownload Date {start.strftime(form)}\nCurrent Memory Address: 0\nCurrent Battery Voltage: 4.1     Mode = 12\n--------------------------------------------------\n"
    if rng.random() < 0.7:
        text = joined(
            "Timestamp,Accelerometer X,Accelerometer Y,Accelerometer Z",
            [list(wall(start, time_s, f"{form} %H:%M:%S.@")), *axes(g, "g", 3)],
            ",",
            above,
        )
    elif rng.random() < 0.5:
        text = joined("Accelerometer X,Accelerometer Y,Accelerometer Z", axes(g, "g", 3), ",", above)
    else:
        text = above + "\n".join(",".join(row) for row in cells(g, "g", 3)) + "\n"
    return Variant("", text, time_s, g, start, {"zone": zone})


@kind
def openlog(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    start = datetime(2026, 11, pick(rng, [22, 5]), 21, 31, 4, tzinfo=UTC)
    order = pick(rng, ["%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d"])
    names = "rtcDate,rtcTime,aX,aY,aZ,gX,gY,gZ,mX,mY,mZ,imu_degC,output_Hz"
    columns = [
        list(wall(start, time_s, order)),
        list(wall(start, time_s, "%H:%M:%S.@", 2)),
        *axes(g, "mg", 2),
        *noise(rng, g),
        *noise(rng, g, 9),
        [24.5] * len(time_s),
        [50.0] * len(time_s),
    ]
    return Variant("", joined(names, columns), time_s, g, start, {"zone": "UTC"}, start_asked=start.day < 13)


@kind
def utf16(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    sep = pick(rng, ["\t", ";"])
    text = joined(sep.join(("time_ms", "x", "y", "z")), [seconds(time_s, 0, per_s=1e3), *axes(g, "g")], sep)
    return Variant("", text.encode(pick(rng, ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])), time_s, g)


# --- several sensors in one table -----------------------------------------------------------------------------------


def mixed(
    rng: Random,
    words: tuple[str, str],
    other: Array,
    name: str,
    each: float,
    *,
    sep: str = ",",
    last: bool = False,
    names: bool = True,
) -> tuple[str, Array, Array, datetime]:
    """Rows of an accelerometer, and after some of them one of another sensor."""
    _rate_hz, time_s, g = basics(rng, 30)
    start = moment(rng)
    stamps = epoch(start, time_s, 1000)
    rows: list[tuple[object, ...]] = []
    owed = 0.0
    for number, (stamp, mine) in enumerate(zip(stamps, cells(g, "g"), strict=True)):
        rows.append((stamp, words[0], *mine))
        owed += each
        if owed >= 1:
            owed -= 1
            rows.append(
                (
                    int(str(stamp)) + 3,
                    words[1],
                    *(f"{value:.4f}" for value in other[:, number % other.shape[1]]),
                )
            )
    order = (0, 2, 3, 4, 1) if last else (0, 1, 2, 3, 4)
    title = ("time", name, "x", "y", "z")
    lines = [sep.join(title[place] for place in order)] if names else []
    lines += [sep.join(str(row[place]) for place in order) for row in rows]
    return "\n".join(lines) + "\n", time_s, g, start


@kind
def sensor_types(rng: Random) -> Variant:
    mine, theirs, size, base = pick(
        rng,
        [
            ("ACC", "GYR", 0.02, 0),
            ("accelerometer", "gyroscope", 0.02, 0),
            ("acc", "mag", 1.0, 30),
            ("Accel", "Temp", 0.1, 21),
            ("A", "G", 0.02, 0),
            ("1", "4", 0.02, 0),
            ("android.sensor.accelerometer", "android.sensor.gyroscope", 0.02, 0),
            ("accelerometer", "linear_acceleration", 0.1, 0),
            ("TYPE_ACCELEROMETER", "TYPE_GRAVITY", 0.001, 0.57),
            ("ACC", "PPG", 900, 20000),
        ],
    )
    name = pick(
        rng,
        ["type", "sensor", "Sensor", "kind", "stream", "sensor_type", "sensorName", "source", "msg", "id"],
    )
    other = rng.normal(base, size, (3, 997))
    sep = pick(rng, [",", ";", "\t"])
    text, time_s, g, start = mixed(
        rng,
        (mine, theirs),
        other,
        name,
        pick(rng, [1.0, 0.5, 0.1, 0.02, 0.25]),
        sep=sep,
        last=rng.random() < 0.3,
    )
    return Variant("", text, time_s, g, start, answers={"rows": f"{name}={mine}"}, read=False)


@kind
def sensor_types_in_blocks(rng: Random) -> Variant:
    """Each packet of one sensor whole, then one of the other."""
    _rate_hz, time_s, g = basics(rng, 30)
    start = moment(rng)
    stamps, mine = epoch(start, time_s, 1000), cells(g, "g")
    yours = cells(rng.normal(0, 0.02, g.shape), "g")
    size = pick(rng, [5, 10, 36])
    rows = []
    for begin in range(0, len(stamps), size):
        for word, some in (("acc", mine), ("gyro", yours)):
            rows += [
                (stamps[place], word, *some[place]) for place in range(begin, min(begin + size, len(stamps)))
            ]
    text = (
        "\n".join(
            [",".join(("timestamp", "sensor", "x", "y", "z")), *(",".join(map(str, row)) for row in rows)]
        )
        + "\n"
    )
    return Variant("", text, time_s, g, start, answers={"rows": "sensor=acc"}, read=False)


@kind
def two_arms(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng, 30)
    start = moment(rng)
    name, mine, yours = pick(
        rng,
        [
            ("hand", "left", "right"),
            ("side", "L", "R"),
            ("node", "1", "2"),
            ("device", "A1:B2", "A1:B3"),
            ("address", "C0:01", "C0:02"),
            ("Sensor", "wrist", "ankle"),
            ("sensor_id", "17", "23"),
            ("position", "L", "R"),
            ("imu", "0", "1"),
        ],
    )
    shift = pick(rng, [0, 7])
    stamps, other = epoch(start, time_s, 1000), cells(np.roll(g, 1, axis=0), "g")
    rows = [
        line
        for stamp, row, two in zip(stamps, cells(g, "g"), other, strict=True)
        for line in ((stamp, mine, *row), (int(str(stamp)) + shift, yours, *two))
    ]
    if rng.random() < 0.3:  # one below the other
        rows = sorted(rows, key=lambda row: row[1] != mine)
    text = (
        "\n".join([",".join(("time", name, "x", "y", "z")), *(",".join(map(str, row)) for row in rows)])
        + "\n"
    )
    return Variant("", text, time_s, g, start, answers={"rows": f"{name}={mine}"}, read=False)


# --- quantities and units ---------------------------------------------------------------------------------------------


@kind
def plain_units(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    unit = pick(rng, ["g", "mg", "m/s2", "counts:16384", "counts:4096", "counts:256"])
    return Variant(
        "",
        table(("time_ms", "x", "y", "z"), seconds(time_s, 0, per_s=1e3), cells(g, unit)),
        time_s,
        g,
        answers={"unit": unit},
        read=unit != "mg",
    )


@kind
def odd_divisors(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    factor = pick(rng, [0.85, 0.87, 0.8, 1.15, 1.2, 8.5, 11.2, 0.5, 2.0, 850.0, 1200.0, 100.0, 64.0, 3.3])
    rows = [[f"{value:.3f}" for value in row] for row in (g * factor).T]
    return Variant(
        "",
        table(("millis", "x", "y", "z"), seconds(time_s, 0, per_s=1e3), rows),
        time_s,
        g,
        answers={"unit": f"counts:{factor:g}"},
        read=False,
    )


@kind
def any_rate(rng: Random) -> Variant:
    rate_hz = pick(rng, [5.0, 8.0, 10.0, 12.5, 16.0, 20.0, 250.0, 400.0, 800.0, 1600.0, 3200.0])
    time_s, g = signal(rng, 60 if rate_hz < 1000 else 10, rate_hz)
    name, digits, per_s = pick(
        rng, [("t_us", 0, 1e6), ("time (s)", 6, 1.0), ("time", 6, 1.0), ("micros", 0, 1e6)]
    )
    said = {}
    return Variant(
        "",
        table((name, "x", "y", "z"), seconds(time_s, digits, per_s=per_s), cells(g, "g")),
        time_s,
        g,
        said=said,
    )


@kind
def no_acceleration(rng: Random) -> Variant:
    """No acceleration of three axes: refused, never read."""
    _rate_hz, time_s, g = basics(rng)
    form = pick(rng, ["gyro", "linear", "magnitude", "unit vectors", "counts of a gyroscope", "quaternion"])
    made = {
        "gyro": np.array([[0.6], [-0.68], [0.4]]) + rng.normal(0, 0.06, g.shape),
        "linear": rng.normal(0, 0.6, g.shape),
        "magnitude": np.stack([np.linalg.norm(g, axis=0), 0 * time_s, 0 * time_s]),
        "unit vectors": g / np.linalg.norm(g, axis=0),
        "counts of a gyroscope": rng.normal([[40], [-33], [12]], 4, g.shape),
        "quaternion": g * 0.7,
    }[form]
    names = pick(rng, [("x", "y", "z"), ("ax", "ay", "az")])
    text = table(("time_ms", *names), seconds(time_s, 0, per_s=1e3), cells(made, "g", 5))
    return Variant("", text, time_s, made, read=False, refused=True)


@kind
def sign_of_an_axis(rng: Random) -> Variant:
    """A mirrored axis is a true recording all the same."""
    _rate_hz, time_s, g = basics(rng)
    mirrored = g * np.array([[1], [1], [-1]])
    return Variant(
        "",
        table(("time_ms", "x", "y", "z"), seconds(time_s, 0, per_s=1e3), cells(mirrored, "m/s2")),
        time_s,
        mirrored,
    )
