"""The kinds of files of `variants`: one function a kind, each another file for each seed."""

# ruff: noqa: E501 - headings as their makers write them

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tests.reading.variants import PER_G, Array, Random, Variant, signal

KINDS: dict[str, Callable[[Random], Variant]] = {}
RATES = (25.0, 31.25, 32.0, 40.0, 50.0, 52.0, 60.0, 64.0, 80.0, 100.0, 104.0, 128.0, 200.0)
PLAIN_NAMES = (
    ("x", "y", "z"), ("X", "Y", "Z"), ("ax", "ay", "az"), ("AccX", "AccY", "AccZ"), ("acc_x", "acc_y", "acc_z"),
    ("Accel X", "Accel Y", "Accel Z"), ("accelX", "accelY", "accelZ"), ("x-axis", "y-axis", "z-axis"),
    ("Acceleration x", "Acceleration y", "Acceleration z"), ("aX", "aY", "aZ"), ("X_value", "Y_value", "Z_value"),
    ("imu.accel.x", "imu.accel.y", "imu.accel.z"), ("AccelerometerX", "AccelerometerY", "AccelerometerZ"),
)  # fmt: skip


def kind(made: Callable[[Random], Variant]) -> Callable[[Random], Variant]:
    """Add a kind."""
    KINDS[made.__name__] = made
    return made


def variants(count: int, seed: int) -> Iterator[Variant]:
    """So many variants of all kinds in turn."""
    for number in range(count):
        name = list(KINDS)[number % len(KINDS)]
        yield replace(KINDS[name](np.random.default_rng([seed, number])), kind=name)


def pick(rng: Random, some: Sequence):  # type: ignore[no-untyped-def,type-arg]
    return some[int(rng.integers(len(some)))]


def cells(g: Array, unit: str, digits: int | None = None) -> list[list[str]]:
    """Values in a unit, as text."""
    per_g = PER_G[unit]
    places = {"g": 4, "mg": 0, "m/s2": 4}.get(unit, 0) if digits is None else digits
    return [[f"{value:.{places}f}" for value in row] for row in (g * per_g).T]


def table(
    names: Sequence[str] | None, times: Sequence[object], rows: Sequence[Sequence[str]], sep: str = ","
) -> str:
    """A time and three values a line."""
    lines = [sep.join((str(time), *row)) for time, row in zip(times, rows, strict=True)]
    return "\n".join(([sep.join(names)] if names else []) + lines) + "\n"


def moment(rng: Random) -> datetime:
    """A start that is no full second, far from a change of the clocks."""
    day = datetime(2026, 11, 5, 21, 31, 4, tzinfo=UTC)
    return day + timedelta(
        days=int(rng.integers(0, 400)), seconds=int(rng.integers(0, 7200)), milliseconds=20
    )


def basics(rng: Random, seconds: float = 40) -> tuple[float, Array, Array]:
    rate_hz = pick(rng, RATES)
    return (rate_hz, *signal(rng, seconds, rate_hz))


def wall(start: datetime, time_s: Array, form: str, digits: int = 3) -> list[str]:
    """Stamps as a logger writes them: strftime's signs, and @ for the fraction."""
    found = []
    for second in time_s:
        at = start + timedelta(seconds=round(float(second), digits))
        fraction = f"{at.microsecond:06d}"[:digits]
        found.append(at.strftime(form).replace("@", fraction))
    return found


# --- numbers of a clock ---------------------------------------------------------------------------------------------


@kind
def epoch_numbers(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    start = moment(rng)
    power, name = pick(
        rng, [(0, "time"), (3, "timestamp"), (6, "t"), (9, "time"), (3, "epoch_ms"), (9, "ts"), (3, "Time")]
    )
    whole = int(start.timestamp() * 1000) * 1000
    micros = [whole + round(second * 1e6) for second in time_s]
    times = [f"{one / 1e6:.4f}" if power == 0 else one * 10**power // 10**6 for one in micros]
    names = (name, *pick(rng, PLAIN_NAMES)) if rng.random() < 0.8 or power == 0 else None
    return Variant("", table(names, times, cells(g, pick(rng, ["g", "m/s2"]))), time_s, g, start)


@kind
def counted_units(rng: Random) -> Variant:
    """Seconds, ms or µs since any zero, whose name says it or not."""
    _rate_hz, time_s, g = basics(rng)
    unit, digits = pick(rng, [("s", 4), ("ms", 0), ("us", 0), ("ms", 3)])
    named = pick(
        rng,
        {
            "s": ["time_s", "Time (s)", "seconds"],
            "ms": ["ms", "millis", "Time [ms]"],
            "us": ["micros", "t_us", "time (µs)"],
        }[unit],
    )
    name = pick(rng, [named, named, "time", "t", "timestamp"])
    per_s = {"s": 1, "ms": 1e3, "us": 1e6}[unit]
    zero = float(rng.integers(0, 50_000))
    times = [f"{(zero + second) * per_s:.{digits}f}" for second in time_s]
    names = (name, *pick(rng, PLAIN_NAMES)) if rng.random() < 0.85 else None
    return Variant("", table(names, times, cells(g, "g")), time_s, g, answers={"time_unit": unit})


@kind
def ticks(rng: Random) -> Variant:
    rate_hz, time_s, g = basics(rng)
    per_s = pick(rng, [10_000, 32_768, 1024, 100_000, 48_000, 10_000_000, 25_000, 39.0625e3, 2e3])
    # Fewer ticks look like ms: only a name says that they are none.
    named = ["ticks", "clock", "counter ticks"]
    name = pick(
        rng, named if per_s < 3000 or rate_hz > 105 else [*named, "time", "timestamp", "t", "SampleTimeFine"]
    )
    if name == "SampleTimeFine":
        per_s = pick(rng, [10_000, 1_000_000])
    times = [round(1234 * per_s + second * per_s) for second in time_s]
    answers = {"time_unit": f"ticks:{per_s:g}", "rate_hz": rate_hz, "columns": "1,2,3,4"}
    return Variant(
        "", table((name, "x", "y", "z"), times, cells(g, "g")), time_s, g, answers=answers, read=False
    )


@kind
def scaled_ticks(rng: Random) -> Variant:
    """A banner says how long a tick is."""
    rate_hz, time_s, g = basics(rng)
    scale = pick(rng, [0.001, 0.0005, 0.0001, 1 / rate_hz])
    times = [round(second / scale) for second in time_s]
    said = pick(rng, ["tscale,{}", "# tscale: {}", "timescale = {}", "tick_s,{}"]).format(f"{scale:.7g}")
    text = f"LOGGER 7\nversion,2.1\n{said}\n" + table(("t", "ax", "ay", "az"), times, cells(g, "counts:4096"))
    return Variant("", text, time_s, g, answers={"time_unit": f"ticks:{1 / scale:.8g}"}, read=False)


@kind
def other_calendars(rng: Random) -> Variant:
    rate_hz, time_s, g = basics(rng)
    start = moment(rng)
    year, per_s = pick(
        rng, [(1601, 10**7), (1, 10**7), (2000, 10**9), (2001, 1), (1899.99, 86400), (0, 86400)]
    )
    if per_s == 86400:
        zero = (
            datetime(1899, 12, 30, tzinfo=UTC) if year else datetime(1, 1, 1, tzinfo=UTC) - timedelta(days=0)
        )
        days = (start - zero).total_seconds() / 86400 + (0 if year else 367)
        times = [f"{days + second / 86400:.10f}" for second in time_s]
    else:
        zero = datetime(year, 1, 1, tzinfo=UTC)
        since = (start - zero) // timedelta(microseconds=1)
        times = [(since + round(second * 1e6)) * per_s // 10**6 for second in time_s]
        if per_s == 1:
            times = [f"{(since / 1e6) + second:.4f}" for second in time_s]
    names = (pick(rng, ["time", "timestamp", "Timestamp"]), "x", "y", "z")
    answers = {"rate_hz": rate_hz, "columns": "1,2,3,4", "time_unit": f"ticks:{per_s:g}"}
    return Variant(
        "", table(names, times, cells(g, "g")), time_s, g, start, answers=answers, start_asked=True
    )


@kind
def row_numbers(rng: Random) -> Variant:
    rate_hz, time_s, g = basics(rng)
    name = pick(
        rng,
        [
            "sample",
            "idx",
            "#",
            "",
            "Unnamed: 0",
            "packet",
            "seq",
            "n",
            "Row",
            "Nr",
            "frame",
            "t",
            "time",
            None,
            None,
        ],
    )
    begin, wrap = pick(rng, [(0, 0), (1, 0), (51234, 0), (0, 256), (17, 65536)])
    times = [(begin + row) % (wrap or 10**9) for row in range(len(time_s))]
    names = None if name is None else (name, *pick(rng, PLAIN_NAMES))
    sep = pick(rng, [",", ";", "\t"])
    answers = {"rate_hz": rate_hz, "columns": "1,2,3,4"}
    return Variant(
        "",
        table(names, times, cells(g, pick(rng, ["g", "counts:16384"])), sep),
        time_s,
        g,
        answers=answers,
        read=False,
    )


@kind
def row_number_and_time(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    name = pick(rng, ["sample", "index", "#", "packet counter", "n"])
    rows = [[f"{second * 1e3:.0f}", *row] for second, row in zip(time_s, cells(g, "g"), strict=True)]
    names = (name, pick(rng, ["ms", "time_ms", "millis"]), "x", "y", "z")
    return Variant("", table(names, list(range(len(rows))), rows), time_s, g)


@kind
def counters_that_wrap(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    bits, per_s, name = pick(
        rng,
        [
            (16, 1e3, "ms"),
            (24, 1e6, "us"),
            (32, 1e6, "micros"),
            (32, 1e3, "millis"),
            (31, 1e6, "us"),
            (16, 1e3, "time"),
            (32, 1e6, "t"),
            (30, 1e6, "us"),
            (29, 1e6, "us"),
        ],
    )
    signed = bits in (16, 32) and rng.random() < 0.4
    start = 2 ** (bits - signed) - round(12.3 * per_s)
    times = [int((start + round(second * per_s)) % 2**bits) for second in time_s]
    times = [time - 2**bits if signed and time >= 2 ** (bits - 1) else time for time in times]
    answers = {"time_unit": {1e3: "ms", 1e6: "us"}[per_s]}
    return Variant("", table((name, "ax", "ay", "az"), times, cells(g, "g")), time_s, g, answers=answers)


@kind
def ticks_that_wrap(rng: Random) -> Variant:
    """Shimmer's raw clock: 16 or 24 bits of 32768 Hz."""
    _rate_hz, time_s, g = basics(rng)
    bits = pick(rng, [16, 24])
    times = [(2**bits - 70_000 + round(second * 32768)) % 2**bits for second in time_s]
    said = {"time_unit": "ticks:32768"}
    return Variant("", table(("Timestamp", "ax", "ay", "az"), times, cells(g, "g")), time_s, g, said=said)


# --- clocks as text -------------------------------------------------------------------------------------------------

BERLIN = "Europe/Berlin"


def dated(
    rng: Random,
    form: str,
    *,
    zone: str | None = BERLIN,
    digits: int = 3,
    names: Sequence[str] = ("time", "x", "y", "z"),
    start: datetime | None = None,
    **more: object,
) -> Variant:
    """A table of local stamps, with its zone given."""
    rate_hz, time_s, g = basics(rng)
    start = (start or moment(rng)).astimezone(ZoneInfo(zone or BERLIN))
    text = table(names, wall(start, time_s, form, digits), cells(g, "g"), ";" if "," in form else ",")
    said = {"zone": zone} if zone else {}
    answers = {"rate_hz": rate_hz, "columns": "1,2,3,4"}
    return replace(Variant("", text, time_s, g, start if zone else None, said, answers), **more)  # type: ignore[arg-type]


@kind
def iso_and_relatives(rng: Random) -> Variant:
    form = pick(
        rng,
        [
            "%Y-%m-%dT%H:%M:%S.@",
            "%Y-%m-%d %H:%M:%S.@",
            "%Y/%m/%d %H:%M:%S.@",
            "%Y-%m-%d %H:%M:%S:@",
            "%Y-%m-%d %H:%M:%S,@",
            "%Y-%m-%dT%H.%M.%S.@",
            "%Y.%m.%d %H:%M:%S.@",
            "%Y-%m-%d_%H:%M:%S.@",
            "%Y-%m-%dT%H:%M:%S.@Z",
            "%Y-%m-%d %H:%M:%S.@ UTC",
        ],
    )
    if form[-1] in "ZC":
        return replace(dated(rng, form, zone="UTC"), said={})
    return dated(rng, form)


@kind
def iso_with_offset(rng: Random) -> Variant:
    zone = pick(
        rng, ["Asia/Kolkata", "Europe/London", "America/St_Johns", "Asia/Kathmandu", "America/New_York"]
    )
    form = pick(
        rng,
        [
            "%Y-%m-%dT%H:%M:%S.@%z",
            "%Y-%m-%d %H:%M:%S.@%z [{zone}]",
            "%Y-%m-%d %H:%M:%S.@ %z",
            "%Y-%m-%d %H:%M:%S.@ UTC%z",
            "%Y-%m-%d %H:%M:%S.@ GMT%z",
        ],
    ).format(zone=zone)
    return replace(dated(rng, form, zone=zone), said={})


@kind
def day_or_month_first(rng: Random) -> Variant:
    form = pick(
        rng,
        [
            "%d.%m.%Y %H:%M:%S.@",
            "%d/%m/%Y %H:%M:%S.@",
            "%m/%d/%Y %H:%M:%S.@",
            "%d-%m-%Y %H:%M:%S.@",
            "%d.%m.%Y %H:%M:%S,@",
            "%d.%m.%y %H:%M:%S.@",
            "%m/%d/%y %H:%M:%S.@",
        ],
    )
    day = pick(rng, [13, 22, 25])
    return dated(rng, form, start=datetime(2026, 11, day, 21, 31, 4, tzinfo=UTC), start_asked="%y" in form)


@kind
def day_and_month_doubtful(rng: Random) -> Variant:
    form = pick(rng, ["%d/%m/%Y %H:%M:%S.@", "%m/%d/%Y %H:%M:%S.@", "%d-%m-%Y %H:%M:%S.@"])
    start = datetime(2026, 11, pick(rng, [1, 5, 12]), 21, 31, 4, tzinfo=UTC)
    return dated(rng, form, start=start, start_asked=True)


@kind
def month_names(rng: Random) -> Variant:
    """As MATLAB Mobile and C's asctime write them."""
    form = pick(
        rng, ["%d-%b-%Y %H:%M:%S.@", "%d %b %Y %H:%M:%S.@", "%b %d %Y %H:%M:%S.@", "%b %d %Y %I:%M:%S.@ %p"]
    )
    return dated(rng, form, names=("Timestamp", "X", "Y", "Z"))


@kind
def twelve_hours(rng: Random) -> Variant:
    form = pick(
        rng,
        [
            "%Y-%m-%d %I:%M:%S.@ %p",
            "%m/%d/%Y %I:%M:%S.@ %p",
            "%Y-%m-%d %I:%M:%S.@%p",
            "%m/%d/%Y %-I:%M:%S.@ %p",
            "%I:%M:%S.@ %p",
            "%d/%m/%Y %I:%M:%S.@ %P",
        ],
    )
    hour = pick(rng, [21, 22, 10, 11, 9])
    start = datetime(2026, 11, 22, hour, 59, 45, tzinfo=UTC)  # passes noon and midnight in Berlin
    made = dated(rng, form, start=start)
    return made if "Y" in form else replace(made, start=None)


@kind
def clock_alone(rng: Random) -> Variant:
    form = pick(
        rng, ["%H:%M:%S.@", "%H:%M:%S:@", "%H:%M:%S,@", "%H:%M:%S;@".replace(";", "."), "%-H:%M:%S.@"]
    )
    names = pick(
        rng, [("time", "gFx", "gFy", "gFz"), ("Uhrzeit", "x", "y", "z"), ("clock", "ax", "ay", "az"), None]
    )
    start = datetime(2026, 11, 22, pick(rng, [22, 20]), 59, 45, tzinfo=UTC)
    return replace(dated(rng, form, names=names, start=start), start=None)  # type: ignore[arg-type]


@kind
def date_and_clock_apart(rng: Random) -> Variant:
    rate_hz, time_s, g = basics(rng)
    start = datetime(2026, 11, 22, pick(rng, [21, 22]), 59, 45, tzinfo=UTC).astimezone(ZoneInfo(BERLIN))
    date, clock = pick(
        rng,
        [
            ("%Y-%m-%d", "%H:%M:%S.@"),
            ("%m/%d/%Y", "%H:%M:%S.@"),
            ("%d.%m.%Y", "%H:%M:%S.@"),
            ("%Y/%m/%d", "%I:%M:%S.@ %p"),
        ],
    )
    names = pick(
        rng,
        [
            ("Date", "Time", "x", "y", "z"),
            ("rtcDate", "rtcTime", "aX", "aY", "aZ"),
            ("Datum", "Uhrzeit", "X", "Y", "Z"),
            None,
        ],
    )
    rows = [[stamp, *row] for stamp, row in zip(wall(start, time_s, clock), cells(g, "g"), strict=True)]
    text = table(names, wall(start, time_s, date), rows)
    answers = {"columns": "2,3,4,5", "rate_hz": rate_hz}
    return Variant("", text, time_s, g, start, {"zone": BERLIN}, answers)


@kind
def clock_numbers(rng: Random) -> Variant:
    """HHMMSS.mmm and the like, written as one number."""
    rate_hz, time_s, g = basics(rng, 90)
    form, dated_ = pick(
        rng,
        [
            ("%H%M%S.@", 0),
            ("%H%M%S@", 0),
            ("%Y%m%d%H%M%S.@", 1),
            ("%Y%m%d%H%M%S@", 1),
            ("%Y%m%dT%H%M%S.@", 1),
            ("%Y%m%d_%H%M%S@", 1),
            ("%y%m%d%H%M%S.@", 2),
            ("%d%m%Y%H%M%S.@", 2),
        ],
    )
    start = datetime(2026, 11, 22, pick(rng, [22, 8, 19, 23]), pick(rng, [58, 59, 30]), 10, tzinfo=UTC)
    times = wall(start, time_s, form, pick(rng, [3, 3, 2, 6]))
    name = pick(rng, ["time", "timestamp", "hhmmss", "Time"])
    answers = {"rate_hz": rate_hz, "columns": "1,2,3,4"}
    text = table((name, "x", "y", "z"), times, cells(g, "g"))
    return Variant(
        "", text, time_s, g, start if dated_ else None, {"zone": "UTC"}, answers, read=False, start_asked=True
    )


# --- changes of the clocks ------------------------------------------------------------------------------------------

# (zone, the moment in UTC when its clocks go forward, when they go back, by how many seconds)
CHANGES = (
    ("Europe/Berlin", "2026-03-29T01:00", "2026-10-25T01:00"), ("Europe/London", "2026-03-29T01:00", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00", "2026-11-01T06:00"), ("Australia/Sydney", "2026-10-03T16:00", "2026-04-04T16:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30", "2026-04-04T15:00"), ("America/Santiago", "2026-09-06T04:00", "2026-04-05T03:00"),
    ("Pacific/Auckland", "2026-09-26T14:00", "2026-04-04T14:00"), ("America/Havana", "2026-03-08T05:00", "2026-11-01T05:00"),
    ("Asia/Beirut", "2026-03-28T22:00", "2026-10-24T21:00"), ("America/St_Johns", "2026-03-08T05:30", "2026-11-01T04:30"),
    ("Atlantic/Azores", "2026-03-29T01:00", "2026-10-25T01:00"), ("Antarctica/Troll", "2026-03-29T01:00", "2026-10-25T01:00"),
    ("Pacific/Chatham", "2026-09-26T14:00", "2026-04-04T14:00"),
)  # fmt: skip


def changed(
    rng: Random,
    at: str,
    zone: str,
    from_s: float,
    to_s: float,
    *,
    pause: tuple[float, float] | None = None,
    fixed: bool = False,
    said: bool = True,
) -> Variant:
    """Local stamps from and to so many seconds around a change of the clocks."""
    time_s, g = signal(rng, to_s - from_s, 20.0)
    missing_s = 0.0
    if pause:
        kept = (time_s + from_s < pause[0]) | (time_s + from_s >= pause[1])
        time_s, g, missing_s = time_s[kept], g[:, kept], pause[1] - pause[0]
    start = datetime.fromisoformat(f"{at}+00:00") + timedelta(seconds=from_s)
    at_zone = ZoneInfo(zone)
    begin = start.astimezone(at_zone)
    form = "%Y-%m-%d %H:%M:%S.@"
    walls = []
    offset = begin.utcoffset() if fixed else None
    for second in time_s:
        moment_ = start + timedelta(seconds=round(float(second), 3))
        local = (moment_ + offset) if offset is not None else moment_.astimezone(at_zone)
        walls.append(local.strftime(form).replace("@", f"{local.microsecond // 1000:03d}"))
    text = table(("time", "x", "y", "z"), walls, cells(g, "g", 3))
    return Variant(
        "",
        text,
        time_s,
        g,
        begin if said else None,
        {"zone": zone} if said else {},
        missing_s=missing_s,
        answers={"rate_hz": 20.0, "columns": "1,2,3,4"},
    )


@kind
def spring(rng: Random) -> Variant:
    zone, forward, _ = pick(rng, CHANGES)
    return changed(rng, forward, zone, -90.0, 120.0)


@kind
def autumn(rng: Random) -> Variant:
    zone, _, back = pick(rng, CHANGES)
    return changed(rng, back, zone, -120.0, 90.0)


@kind
def autumn_whole(rng: Random) -> Variant:
    """From before the doubled hours to behind them."""
    zone, _, back = pick(rng, [one for one in CHANGES if one[0] != "Antarctica/Troll"])
    return changed(rng, back, zone, -3700.0, 3700.0)


@kind
def autumn_pauses(rng: Random) -> Variant:
    zone, _, back = pick(rng, CHANGES[:4])
    pause = pick(rng, [(-3590.0, -20.0), (-3500.0, 3000.0), (-1800.0, 2400.0), (-600.0, 30.0)])
    return changed(rng, back, zone, -3660.0, 3660.0, pause=pause)


@kind
def starts_in_doubled(rng: Random) -> Variant:
    zone, _, back = pick(rng, CHANGES[:4])
    from_s, to_s = pick(rng, [(3500.0, 3660.0), (-1000.0, 300.0), (-900.0, 3700.0)])
    return changed(rng, back, zone, from_s, to_s)


@kind
def within_doubled(rng: Random) -> Variant:
    """Nothing tells which of the two hours it was."""
    zone, _, back = pick(rng, CHANGES[:4])
    from_s = pick(rng, [600.0, -3000.0])
    return replace(changed(rng, back, zone, from_s, from_s + 120), start=None, told="twice")


@kind
def fixed_clock(rng: Random) -> Variant:
    """A logger's clock that doesn't change although its zone's does."""
    zone, forward, back = pick(rng, CHANGES[:5])
    at = pick(rng, [forward, back])
    return changed(rng, at, zone, -3700.0 if at == back else -100.0, 3800.0, fixed=True)


@kind
def spring_without_zone(rng: Random) -> Variant:
    zone, forward, _ = pick(rng, [one for one in CHANGES if one[0] not in ("Antarctica/Troll",)])
    made = changed(rng, forward, zone, -90.0, 120.0, said=False)
    jump_s = 1800.0 if "Howe" in zone else 3600.0
    return replace(
        made,
        missing_s=jump_s,
        time_s=np.where(made.time_s >= 90, made.time_s + jump_s, made.time_s),
        told="clocks",
    )


# --- what goes wrong with stamps --------------------------------------------------------------------------------------


@kind
def late_packets(rng: Random) -> Variant:
    """Stamps of arrival, with or without real losses among them."""
    rate_hz = pick(rng, [50.0, 60.0, 64.0, 100.0, 70.0])
    time_s, g = signal(rng, 120, rate_hz)
    size = pick(rng, [1, 2, 3, 6, 12, 18])
    groups = np.arange(len(time_s)) // size
    kept = np.ones(len(time_s), dtype=bool)
    missing_s = 0.0
    if rng.random() < 0.5:
        kept = (groups < round(50 * rate_hz / size)) | (groups >= round(53 * rate_hz / size))
        missing_s = float((~kept).sum() / rate_hz)
    begin = np.flatnonzero(np.diff(groups, prepend=-1))
    last_s = time_s[np.append(begin[1:] - 1, len(time_s) - 1)]
    arrived = last_s + np.abs(rng.normal(0, 0.005, len(last_s)))
    late = rng.random(len(last_s)) < pick(rng, [0.01, 0.005, 0.02])
    arrived = np.maximum.accumulate(arrived + late * rng.uniform(0.04, 0.25, len(last_s)))
    start = moment(rng)
    times = [int(start.timestamp() * 1000 + 1000 * one) for one in arrived[groups]]
    text = table(
        ("epoch_ms", "x", "y", "z"),
        np.array(times)[kept].tolist(),
        [row for row, keep in zip(cells(g, "g"), kept, strict=True) if keep],
    )
    return Variant("", text, time_s[kept], g[:, kept], start, missing_s=missing_s)


@kind
def out_of_order(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng, 60)
    order = np.arange(len(time_s))
    size, shift = int(rng.integers(5, 60)), int(rng.integers(60, 200))
    for begin in rng.choice(len(order) // 500, size=min(3, len(order) // 500), replace=False) * 500:
        block = order[begin : begin + size + shift]
        order[begin : begin + len(block)] = np.roll(block, shift)
    times = [f"{time_s[row] + 5432.1:.4f}" for row in order]
    rows = cells(g, "g")
    return Variant("", table(("time", "x", "y", "z"), times, [rows[row] for row in order]), time_s, g)


@kind
def wild_stamps(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng, 60)
    times = time_s + 5432.1
    wild = pick(rng, [0.0, 5432.1 + 40000, -1.0, 4294967.0, 5432.1 + 864000])
    for place in rng.choice(len(times) - 20, size=4, replace=False) + 10:
        times[place : place + int(rng.integers(1, 3))] = wild
    unit, per_s, digits = pick(rng, [("s", 1, 4), ("ms", 1e3, 0), ("us", 1e6, 0)])
    cells_ = [f"{one * per_s:.{digits}f}" for one in times]
    return Variant("", table((f"time_{unit}", "x", "y", "z"), cells_, cells(g, "g")), time_s, g)


@kind
def zeros(rng: Random) -> Variant:
    rate_hz, time_s, g = basics(rng, 60)
    share = rng.uniform(0.2, 0.6)
    idle = (time_s > 15) & (time_s < 15 + 60 * share)
    rows = cells(g, "g")
    rows = [["0", "0", "0"] if off else row for row, off in zip(rows, idle, strict=True)]
    text = table(("time", "x", "y", "z"), [f"{second:.4f}" for second in time_s], rows)
    return Variant("", text, time_s[~idle], g[:, ~idle], missing_s=float(idle.sum() / rate_hz))


# --- how numbers and rows are written ---------------------------------------------------------------------------------


@kind
def decimal_commas(rng: Random) -> Variant:
    """Late, in some columns only, or between tabs."""
    _rate_hz, time_s, g = basics(rng)
    sep = pick(rng, [";", "\t"])
    rows = [[cell.replace(".", ",") for cell in row] for row in cells(g, "g")]
    form = int(rng.integers(3))
    if form == 0:
        g = g.copy()
        g[:, :50] = [[0], [0], [1]]
        rows[:50] = [["0", "0", "1"]] * 50
    times = (
        [f"{second * 1000:.0f}" for second in time_s]
        if form == 0
        else [f"{second:.4f}".replace(".", "," if form == 1 else ".") for second in time_s]
    )
    return Variant(
        "", table(("time_ms" if form == 0 else "time", *pick(rng, PLAIN_NAMES)), times, rows, sep), time_s, g
    )


@kind
def thousands_of_forms(rng: Random) -> Variant:
    """Separators, line ends, quotes, BOM, comments and marks."""
    _rate_hz, time_s, g = basics(rng)
    sep = pick(rng, [",", ";", "\t", " "])
    names = ("time_ms", *pick(rng, PLAIN_NAMES[:5]))
    text = table(names, [f"{second * 1000:.0f}" for second in time_s], cells(g, "g"), sep)
    mark = pick(rng, ["", "", ";", ","]) if sep == "," else ""
    lines = [line + mark for line in text.splitlines()]
    if mark and rng.random() < 0.5:
        lines[0] = lines[0].removesuffix(mark)
    above = pick(
        rng, [[], ["# logger 3", "# rate 50"], ["sep=" + sep], ["Device: A1", "Start: unknown", ""], ["//x"]]
    )
    end = pick(rng, ["\n", "\r\n"])
    return Variant("", pick(rng, ["", "\ufeff"]) + end.join([*above, *lines, ""]), time_s, g)


@kind
def unit_rows(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    unit = pick(rng, ["g", "mg", "m/s2"])
    written = pick(
        rng,
        {"g": ["g", "G", "[g]"], "mg": ["mg", "(mg)"], "m/s2": ["m/s^2", "m/(s^2)", "m/s²", "[m/s^2]"]}[unit],
    )
    names = ("Time", *pick(rng, PLAIN_NAMES[:6]))
    rows = [["ms", *[written] * 3][1:], *cells(g, unit)]
    times = [
        pick(rng, ["ms", "[ms]"]) if "[" not in written else "[ms]",
        *(f"{second * 1000:.0f}" for second in time_s),
    ]
    return Variant("", table(names, times, rows, pick(rng, [",", ";", "\t"])), time_s, g)


@kind
def units_in_names(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    unit, form = pick(
        rng,
        [
            ("m/s2", "{} (m/s^2)"),
            ("m/s2", "{} [m/s²]"),
            ("g", "{}_g"),
            ("mg", "{}_mg"),
            ("mg", "{} [mg]"),
            ("g", "{}(G)"),
            ("m/s2", "{}_ms2"),
            ("g", "{} (g)"),
            ("m/s2", "{} m/s2"),
        ],
    )
    names = (
        pick(rng, ["time (s)", "Time [s]", "t_s"]),
        *(form.format(name) for name in pick(rng, PLAIN_NAMES)),
    )
    return Variant("", table(names, [f"{second:.4f}" for second in time_s], cells(g, unit, 3)), time_s, g)


@kind
def text_in_front(rng: Random) -> Variant:
    rate_hz, time_s, g = basics(rng)
    words, name = pick(
        rng,
        [
            (("P07",), "subject"),
            (("left wrist",), "site"),
            (("33", "Sleeping"), "id,activity"),
            (("a1b2c3d4-0001",), "session_id"),
            (("7",), "user"),
        ],
    )
    start = moment(rng)
    whole = int(start.timestamp() * 1000)
    rows = [
        [*words[1:], str(whole + round(second * 1000)), *row]
        for second, row in zip(time_s, cells(g, "g"), strict=True)
    ]
    names = (*name.split(","), "timestamp", "x", "y", "z") if rng.random() < 0.7 else None
    count = len(words)
    columns = ",".join(str(count + place) for place in range(1, 5))
    return Variant(
        "",
        table(names, [words[0]] * len(rows), rows),
        time_s,
        g,
        start,
        answers={"columns": columns, "rate_hz": rate_hz},
        read=names is not None,
    )


@kind
def other_columns(rng: Random) -> Variant:
    """Temperature, light, button and the like beside the axes."""
    _rate_hz, time_s, g = basics(rng)
    beside = pick(
        rng,
        [
            ("T", "21.5"),
            ("temp", "21.5"),
            ("temperature (C)", "30.1"),
            ("lux", "0"),
            ("battery", "4012"),
            ("Label", "0"),
            ("hr", "61"),
            ("t", "21.5"),
            ("Status", "0"),
            ("RSSI", "-60"),
        ],
    )
    start = moment(rng)
    stamps = wall(start, time_s, "%Y-%m-%dT%H:%M:%S.@Z")
    rows = [[*row, beside[1]] for row in cells(g, "g")]
    return Variant("", table(("time", "x", "y", "z", beside[0]), stamps, rows), time_s, g, start)


@kind
def gyroscope_beside(rng: Random) -> Variant:
    _rate_hz, time_s, g = basics(rng)
    other = rng.normal(0, 0.02, g.shape)
    names, order = pick(rng, [
        (("ax", "ay", "az", "gx", "gy", "gz"), "ag"), (("gx", "gy", "gz", "ax", "ay", "az"), "ga"), (("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"), "ag"),
        (("AccX", "AccY", "AccZ", "GyroX", "GyroY", "GyroZ"), "ag"), (("wx", "wy", "wz", "ax", "ay", "az"), "ga"), (("mx", "my", "mz", "ax", "ay", "az"), "ga"),
        (("Gyroscope x (rad/s)", "Gyroscope y (rad/s)", "Gyroscope z (rad/s)", "Accelerometer x (m/s^2)", "Accelerometer y (m/s^2)", "Accelerometer z (m/s^2)"), "gm"),
        (("qx", "qy", "qz", "ax", "ay", "az"), "ga"), (("roll", "pitch", "yaw", "ax", "ay", "az"), "ga"), (("linAccX", "linAccY", "linAccZ", "accX", "accY", "accZ"), "ga"),
        (("gravityX", "gravityY", "gravityZ", "accX", "accY", "accZ"), "ga"), (("gFx", "gFy", "gFz", "ax", "ay", "az"), "ag"),
    ])  # fmt: skip
    ours, theirs = cells(g, "m/s2" if "m" in order else "g"), cells(other, "g")
    rows = [
        [*mine, *yours] if order[0] == "a" else [*yours, *mine]
        for mine, yours in zip(ours, theirs, strict=True)
    ]
    columns = "1,2,3,4" if order[0] == "a" else "1,5,6,7"
    return Variant(
        "",
        table(("time (s)", *names), [f"{second:.4f}" for second in time_s], rows),
        time_s,
        g,
        answers={"columns": columns},
    )
