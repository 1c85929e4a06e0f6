"""Which columns are taken of what sketches print: `python -m tests.benchmarks.sketches [--trials 200] [--only WORD]`.

Every kind of line below is printed by a board of its own in each trial: another bias of its gyroscope, its chip up,
down or on an arm, and the stream begins at any byte. The recorder's own listening decides. Then it must have the right
columns, unit and rate, or refuse with a sentence; what that says to type is typed, and must give the right ones. The
streams that were handed over (`../shared/cases/boards`) are tried the same way, where they are there.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice
from operator import xor

import numpy as np
from numpy.typing import NDArray

from firmware_io.recorder.listening import Listening, Stream
from firmware_io.recorder.messages import Key, Message, Progress
from firmware_io.wire import Line
from firmware_io.wire.columns import Said
from tests.support.real_nights import shared_cases

Floats = NDArray[np.float64]
SECONDS, PIECE_S = 9.0, 0.1
NEAR_G, NEAR_RATE = 0.03, 0.06
POSES = ("up", "down", "worn")


@dataclass(frozen=True)
class Board:
    """What one board feels, at `rate_hz`: (n, 3) each; acceleration in g, turning in degrees a second, field in uT."""

    rate_hz: int
    acceleration: Floats
    turning: Floats
    field: Floats
    gravity: Floats
    angles: Floats
    quaternion: Floats
    temperature: Floats

    @property
    def linear(self) -> Floats:
        """What is left without gravity."""
        return self.acceleration - self.gravity


def make_board(seed: int, rate_hz: int) -> Board:
    """Gyroscopes of cheap chips are off by degrees a second, accelerometers by some percent."""
    rng, count = np.random.default_rng(seed), round(SECONDS * rate_hz)
    time_s = np.arange(count) / rate_hz
    tilt = rng.normal(0, 0.03, 3)
    pose = POSES[seed % 3]
    down = (
        rng.normal(size=3) if pose == "worn" else np.array([tilt[0], tilt[1], 1.0 if pose == "up" else -1.0])
    )
    down = down / np.linalg.norm(down)
    across = np.cross(down, rng.normal(size=3))
    breath = 0.02 * np.sin(2 * np.pi * 0.25 * time_s) * (pose == "worn")
    gravity = down + np.outer(breath, across / np.linalg.norm(across))
    acceleration = gravity * rng.uniform(0.93, 1.07) + rng.normal(0, rng.uniform(0.002, 0.008), (count, 3))
    turning = rng.normal(0, rng.choice([0.5, 3.0, 20.0]), 3) + rng.normal(
        0, rng.uniform(0.05, 0.5), (count, 3)
    )
    for at_s in np.arange(rng.uniform(0.3, 1.5), SECONDS, rng.uniform(0.8, 2.0)):
        wave = np.exp(-(((time_s - at_s) / 0.06) ** 2))
        acceleration += np.outer(0.2 * wave, rng.normal(0, 0.6, 3))
        turning += np.outer(60 * wave, rng.normal(size=3))
    north = rng.normal(size=3)
    field = 48 * north / np.linalg.norm(north) + rng.normal(0, 0.6, (count, 3))
    roll, pitch = np.arctan2(gravity[:, 1], gravity[:, 2]), -np.arcsin(np.clip(gravity[:, 0], -1, 1))
    yaw = rng.uniform(-np.pi, np.pi) + 0.001 * np.cumsum(rng.normal(size=count))
    angles = np.degrees(np.stack([yaw, pitch, roll], axis=1))
    half = [each / 2 for each in (roll, pitch, yaw)]
    (cr, cp, cy), (sr, sp, sy) = [[f(each) for each in half] for f in (np.cos, np.sin)]
    turned = np.stack(
        [
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ],
        axis=1,
    )
    warm = 24 + rng.uniform(0, 8) + 0.02 * rng.normal(size=count)
    return Board(rate_hz, acceleration, turning, field, gravity, angles, turned, warm)


def texts(values: Floats, digits: int) -> list[str]:
    """Numbers as a sketch prints them; whole ones for `digits` 0."""
    return [f"{value:.{digits}f}" if digits else str(round(value)) for value in values.tolist()]


Write = Callable[[Board, int], str]
G = 9.80665


@dataclass(frozen=True)
class Kind:
    """A kind of line: what is printed for each sample, and what a person types who is asked (None: never usable)."""

    write: Write
    typed: str | None
    rate_hz: int = 100
    head: str = ""
    end: str = "\r\n"
    unit: str | None = None


def joined(separator: str, *parts: Callable[[Board], tuple[Floats, int]]) -> Write:
    """Values side by side."""

    def write(board: Board, row: int) -> str:
        words = [word for part in parts for word in texts(np.atleast_1d(part(board)[0][row]), part(board)[1])]
        return separator.join(words)

    return write


def acc(scale: float = 1.0, digits: int = 4) -> Callable[[Board], tuple[Floats, int]]:
    """Raw acceleration."""
    return lambda board: (board.acceleration * scale, digits)


def gyr(scale: float = 1.0, digits: int = 2) -> Callable[[Board], tuple[Floats, int]]:
    """Rates of turn."""
    return lambda board: (board.turning * scale, digits)


def mag(scale: float = 1.0, digits: int = 2) -> Callable[[Board], tuple[Floats, int]]:
    """The earth's field."""
    return lambda board: (board.field * scale, digits)


def tick(scale: float = 1000.0, digits: int = 0) -> Callable[[Board], tuple[Floats, int]]:
    """The board's time."""
    return lambda board: (scale * (7.3 + np.arange(len(board.field)) / board.rate_hz), digits)


def ang(board: Board) -> tuple[Floats, int]:
    """Yaw, pitch, roll."""
    return board.angles, 2


def quat(board: Board) -> tuple[Floats, int]:
    """How the board is turned."""
    return board.quaternion, 4


def warm(board: Board) -> tuple[Floats, int]:
    """Degrees."""
    return board.temperature, 2


def count(board: Board) -> tuple[Floats, int]:
    """A number for each line."""
    return np.arange(len(board.field), dtype=float) + 5000, 0


def grav(scale: float, digits: int) -> Callable[[Board], tuple[Floats, int]]:
    """What a filter makes of the acceleration."""
    return lambda board: (board.gravity * scale, digits)


def lin(scale: float, digits: int) -> Callable[[Board], tuple[Floats, int]]:
    """What a filter leaves of it."""
    return lambda board: (board.linear * scale, digits)


def form(pattern: str, *parts: Callable[[Board], tuple[Floats, int]]) -> Write:
    """Values in a text."""
    values = joined("\0", *parts)
    return lambda board, row: pattern.format(*values(board, row).split("\0"))


def stamped(board: Board, row: int) -> tuple[int, int, float]:
    """Hour, minute, second of the evening."""
    seconds = 59.0 + row / board.rate_hz
    return 22, 58 + int(seconds // 60), seconds % 60


def dated(pattern: str, digits: int = 3) -> Write:
    """A line with a date and a clock in front."""

    def write(board: Board, row: int) -> str:
        hour, minute, second = stamped(board, row)
        return pattern.format(f"{hour}:{minute:02d}:{second:06.3f}", *texts(board.acceleration[row], digits))

    return write


def summed(text: str) -> str:
    """A sentence of NMEA 0183: its checksum is over what stands between $ and *."""
    return f"${text}*{reduce(xor, text.encode()):02X}"


KINDS: dict[str, Kind] = {
    # lines of bare numbers
    "g, commas": Kind(joined(",", acc()), "1,2,3"),
    "g, tabs, 2 digits": Kind(joined("\t", acc(1, 2)), "1,2,3"),
    "g, spaces, a greeting": Kind(
        joined(" ", acc()), "1,2,3", head="Accelerometer sample rate = 119.00 Hz\r\n"
    ),
    "m/s2, commas": Kind(joined(", ", acc(G, 2)), "1,2,3"),
    "mg": Kind(joined(",", acc(1000, 0)), "1,2,3"),
    "raw 16384": Kind(joined(",", acc(16384, 0)), "1,2,3"),
    "raw, turning": Kind(joined("\t", acc(8192, 0), gyr(65.5, 0)), "1,2,3"),
    "turning, raw": Kind(joined("\t", gyr(16.4, 0), acc(4096, 0)), "4,5,6"),
    "time, raw, turning": Kind(joined(",", tick(), acc(16384, 0), gyr(131, 0)), "2,3,4"),
    "micros, g": Kind(joined(",", tick(1e6), acc()), "2,3,4"),
    "seconds, g": Kind(joined(" ", tick(1.0, 3), acc()), "2,3,4"),
    "counter, g": Kind(joined(",", count, acc()), "2,3,4"),
    "raw, turning, field": Kind(joined(",", acc(2048, 0), gyr(16.4, 0), mag(6.6, 0)), "1,2,3"),
    "raw, temperature, turning": Kind(joined(",", acc(16384, 0), warm, gyr(131, 0)), "1,2,3"),
    "temperature, m/s2": Kind(joined(",", warm, acc(G, 2)), "2,3,4"),
    "Razor": Kind(joined(", ", tick(), acc(1, 2), gyr(), mag()), "2,3,4"),
    "angles, m/s2": Kind(joined("\t", ang, acc(G, 2)), "4,5,6"),
    "g, turning, angles": Kind(joined(",", acc(), gyr(), ang), "1,2,3"),
    "quaternion, g": Kind(joined(",", quat, acc()), "5,6,7"),
    "time, quaternion, m/s2, linear": Kind(joined(",", tick(), quat, acc(G, 2), lin(G, 2)), "6,7,8"),
    "raw, gravity": Kind(joined(",", acc(16384, 0), grav(1, 4)), "1,2,3"),
    "m/s2, linear, gravity": Kind(joined(",", acc(G, 3), lin(G, 3), grav(G, 3)), "1,2,3"),
    "bare carriage returns": Kind(joined(",", tick(), acc()), "2,3,4", end="\r"),
    "decimal commas": Kind(
        lambda board, row: joined(";", tick(), acc())(board, row).replace(".", ","), "2,3,4"
    ),
    "tuples": Kind(form("({}, {}, {})", acc(G, 5)), "1,2,3", end="\n"),
    "a value a line": Kind(lambda board, row: "\r\n".join(texts(board.acceleration[row], 3)), None),
    # named in each line
    "a/g:": Kind(form("a/g:\t{}\t{}\t{}\t{}\t{}\t{}", acc(16384, 0), gyr(131, 0)), "1,2,3"),
    "Acceleration X:, rotation and temperature on their own": Kind(
        form(
            "Acceleration X: {}, Y: {}, Z: {} m/s^2\r\nRotation X: {}, Y: {}, Z: {} rad/s\r\n"
            "Temperature: {} degC\r\n",
            *(acc(G, 2), gyr(0.0175, 2), warm),
        ),
        "accelerationx,y,z",
    ),
    "Acceleration: X=": Kind(form("Acceleration: X={}, Y={}, Z={}", acc(1, 2)), "1,2,3"),
    "AX: AY: AZ:": Kind(form("AX:{} AY:{} AZ:{}", acc(1, 3)), "ax,ay,az"),
    "plotter ax: gx:": Kind(form("ax:{}\tay:{}\taz:{}\tgx:{}\tgy:{}\tgz:{}", acc(1, 3), gyr()), "ax,ay,az"),
    "gx: before ax:": Kind(form("gx:{},gy:{},gz:{},ax:{},ay:{},az:{}", gyr(), acc(1, 3)), "ax,ay,az"),
    "ax: and gx: in two lines": Kind(
        form("ax:{},ay:{},az:{}\r\ngx:{},gy:{},gz:{}", acc(1, 3), gyr()), "ax,ay,az"
    ),
    "Accel: and Gyro: in two lines": Kind(
        form("Accel: X: {} Y: {} Z: {}\r\nGyro: X: {} Y: {} Z: {}\r\n", acc(1000, 2), gyr(1000, 2)),
        "accelx,y,z",
    ),
    "sections, an axis a line": Kind(
        form(
            "Accelerometer:\r\n X = {}\r\n Y = {}\r\n Z = {}\r\n\r\nGyroscope:\r\n X = {}\r\n Y = {}\r\n Z = {}\r\n",
            *(acc(1, 4), gyr(1, 4)),
        ),
        "accelerometerx,accelerometery,accelerometerz",
        rate_hz=50,
    ),
    "X1 = in sections": Kind(
        form(
            "\nAccelerometer:\n X1 = {}\n Y1 = {}\n Z1 = {}\n\nGyroscope:\n X1 = {}\n Y1 = {}\n Z1 = {}\n"
            "\nThermometer:\n Degrees C1 = {}\n",
            *(acc(1, 4), gyr(1, 4), warm),
        ),
        "accelerometerx,accelerometery,accelerometerz",
        rate_hz=50,
        end="\n",
    ),
    "A: G: M:": Kind(form("A: {},{},{} G: {},{},{} M: {},{},{}", acc(1, 3), gyr(), mag()), "1,2,3"),
    "accX= | accY=": Kind(
        form("accX= {} | accY= {} | accZ= {} | gyroX= {} | gyroY= {} | gyroZ= {}", acc(1, 3), gyr()),
        "accx,accy,accz",
    ),
    "imu.accel.x": Kind(form("imu.accel.x:{},imu.accel.y:{},imu.accel.z:{}", acc(G, 3)), "1,2,3"),
    "linear and raw named": Kind(
        form("lax:{} lay:{} laz:{} ax:{} ay:{} az:{}", lin(G, 2), acc(G, 2)), "4,5,6"
    ),
    "gravity, linear, raw named": Kind(
        form("grav {} {} {} lin {} {} {} acc {} {} {}", grav(1, 3), lin(1, 3), acc(1, 3)), "7,8,9"
    ),
    "aworld": Kind(form("aworld\t{}\t{}\t{}", lin(8192, 0)), None),
    "euler alone": Kind(form("euler\t{}\t{}\t{}", ang), None),
    "time in words": Kind(form("Time: {} ms, X: {} g, Y: {} g, Z: {} g", tick(), acc(1, 3)), "x,y,z"),
    "g and total": Kind(
        lambda board, row: ",".join(
            [*texts(board.acceleration[row], 3), f"{np.linalg.norm(board.acceleration[row]):.3f}"]
        ),
        "1,2,3",
    ),
    "magnitude first": Kind(
        lambda board, row: " ".join(
            [f"{np.linalg.norm(board.acceleration[row]):.3f}", *texts(board.acceleration[row], 3)]
        ),
        "2,3,4",
    ),
    "two accelerometers": Kind(
        lambda board, row: ",".join(
            [*texts(board.acceleration[row], 3), *texts(board.acceleration[-row - 1][[1, 2, 0]], 3)]
        ),
        "1,2,3",
    ),
    "MakeCode x:": Kind(form("x:{}\r\ny:{}\r\nz:{}", acc(1000, 0)), "x,y,z", rate_hz=50),
    "Teleplot": Kind(form(">ax:{}\n>ay:{}\n>az:{}", acc(1, 4)), "ax,ay,az", end="\n"),
    "Teleplot with gyroscope": Kind(
        form(">ax:{}\n>ay:{}\n>az:{}\n>gx:{}\n>gy:{}\n>gz:{}", acc(1, 4), gyr()), "ax,ay,az", end="\n"
    ),
    "Teleplot with time": Kind(
        lambda board, row: "\n".join(
            f">a{axis}:{7300 + 1000 * row // board.rate_hz}:{value:.3f}"
            for axis, value in zip("xyz", board.acceleration[row], strict=True)
        ),
        "ax,ay,az",
        end="\n",
    ),
    "JSON, nested": Kind(
        form('{{"gyro":{{"x":{},"y":{},"z":{}}},"accel":{{"x":{},"y":{},"z":{}}}}}', *(gyr(), acc(1, 4))),
        "accelx,y,z",
    ),
    "JSON, flat": Kind(
        form('{{"t":{},"ax":{},"ay":{},"az":{},"temp":{}}}', tick(), acc(1, 4), warm), "ax,ay,az", end="\n"
    ),
    "JSON, a list": Kind(form('{{"acc":[{},{},{}],"gyro":[{},{},{}]}}', acc(1, 4), gyr()), "1,2,3"),
    "lists with words": Kind(
        form("accel: [{}, {}, {}] gyro: [{}, {}, {}]", acc(1, 3), gyr()), "1,2,3", end="\n"
    ),
    "a dictionary": Kind(form("{{'x': {}, 'y': {}, 'z': {}}}", acc(1, 5)), "x,y,z", end="\n"),
    "log lines": Kind(
        form("I ({}) MPU6050: ax: {} ay: {} az: {} gx: {} gy: {} gz: {}", tick(), acc(1, 3), gyr()),
        "ax,ay,az",
    ),
    "X: Y: Z: raw and m/s2 in one line": Kind(
        form("X:  {} \tY:  {} \tZ:  {}\t\tX: \t{} \tY: \t{} \tZ: \t{} m/s^2 ", acc(16384, 0), acc(G, 2)),
        "1,2,3",
    ),
    "X: Y: Z: m/s^2": Kind(form("X: {}  Y: {}  Z: {}  m/s^2", acc(G, 2)), "x,y,z"),
    "ACCELERO, GYRO and angles on their own": Kind(
        form(
            "ACCELERO  X: {}\tY: {}\tZ: {}\r\nGYRO      X: {}\tY: {}\tZ: {}\r\nANGLE     X: {}\tY: {}\tZ: {}\r\n"
            "=====================================================\r\n",
            *(acc(1, 2), gyr(), ang),
        ),
        "accelerox,y,z",
        rate_hz=50,
    ),
    "all vectors of a BNO055": Kind(
        form(
            "Orient:\tx= {} |\ty= {} |\tz= {}\r\nRot Velocity:\tx= {} |\ty= {} |\tz= {}\r\n"
            "Linear:\tx= {} |\ty= {} |\tz= {}\r\nAccl:\tx= {} |\ty= {} |\tz= {}\r\n"
            "Gravity:\tx= {} |\ty= {} |\tz= {}\r\n",
            *(ang, gyr(0.0175), lin(G, 2), acc(G, 2), grav(G, 2)),
        ),
        "acclx,y,z",
        rate_hz=50,
    ),
    # dates, and headings
    "ISO time": Kind(dated("2026-11-22T{},{},{},{}"), "1,2,3"),
    "date, clock, mg": Kind(dated("11/22/2026,{},{},{},{}", 4), "1,2,3"),
    "clock": Kind(dated("{} -> {} {} {}", 4), "1,2,3", end="\n"),
    "a heading": Kind(joined(",", tick(), gyr(), acc(G, 3)), "5,6,7", head="t,gx,gy,gz,ax,ay,az\r\n"),
    # marks of other writers
    "flags in front": Kind(form("1\t1" + "\t{}" * 9, acc(G, 6), gyr(0.01745, 6), mag()), "3,4,5", rate_hz=50),
    "decimal commas between blanks": Kind(
        lambda board, row: joined(" ", acc(1, 3))(board, row).replace(".", ","), "1,2,3"
    ),
    "units behind values": Kind(
        form("gx={}dps gy={}dps gz={}dps ax={}g ay={}g az={}g", gyr(), acc(1, 2)), "ax,ay,az"
    ),
    "signs between values": Kind(
        lambda board, row: "".join(f"{value:+.3f}" for value in board.acceleration[row]), "1,2,3"
    ),
    "colours": Kind(form("\x1b[0;32mI ({}) imu: ax:{}, ay:{}, az:{}\x1b[0m", tick(), acc(1, 2)), "ax,ay,az"),
    "other alphabets": Kind(form("角速度 {} {} {} 加速度 {} {} {}", gyr(), acc(1, 2)), "4,5,6"),
    "accents": Kind(form("Rotation X:{} Y:{} Z:{} Accélération X:{} Y:{} Z:{}", gyr(), acc(G, 2)), "4,5,6"),
    "exponents": Kind(lambda board, row: ",".join(f"{v:.4e}" for v in board.acceleration[row]), "1,2,3"),
    "with a sum, as NMEA": Kind(lambda board, row: summed(f"ACC,{joined(',', acc())(board, row)}"), "1,2,3"),
    "gyro: o/s acc: G": Kind(form("gyro: {}, {}, {} o/s  acc: {}, {}, {} G", gyr(), acc(1, 2)), "4,5,6"),
    "counts of an analogue sensor, and g": Kind(
        lambda board, row: (
            f"{joined(', ', lambda b: (512 + 102 * b.acceleration, 0))(board, row)} :: "
            f"{joined(', ', acc(1, 2))(board, row)}"
        ),
        "4,5,6",
    ),
    # no acceleration at all, or none with gravity: never to be recorded
    "angles alone": Kind(joined(",", ang), None),
    "angles, named": Kind(form("X: {} Y: {} Z: {}\t\tCALIBRATION: Sys=3 Gyro=3 Accel=1 Mag=0", ang), None),
    "ypr": Kind(form("ypr\t{}\t{}\t{}", ang), None),
    "quaternion alone": Kind(form("quat\t{}\t{}\t{}\t{}", quat), None),
    "quaternion, bare": Kind(joined(" ", quat), None),
    "linear alone": Kind(joined(",", tick(), lin(G, 3)), None),
    "areal": Kind(form("areal\t{}\t{}\t{}", lin(8192, 0)), None),
    "gyroscope alone": Kind(joined(",", gyr()), None),
    "two sensors take turns": Kind(
        lambda board, row: (
            f"0,{joined(',', acc())(board, row)}\r\n1,{joined(',', lambda b: (-b.acceleration, 4))(board, row)}"
        ),
        None,
        rate_hz=50,
    ),
    "analogue, its zero looks like 1 g": Kind(
        lambda board, row: ",".join(texts(2048 + 410 * board.acceleration[row], 0)), None
    ),
    "analogue, off by half": Kind(
        lambda board, row: " ".join(texts(337 + 67 * board.acceleration[row], 0)), None
    ),
}


def stream(kind: Kind, seed: int) -> tuple[Board, list[bytes]]:
    """A board, and what it prints for each sample."""
    board = make_board(seed, kind.rate_hz)
    end = (
        "\n"
        if kind.end == "\r\n" and "\n" in kind.write(board, 0) and "\r" not in kind.write(board, 0)
        else kind.end
    )
    return board, [f"{kind.write(board, row)}{end}".encode() for row in range(len(board.field))]


@dataclass
class Outcome:
    """What the recorder made of a stream, and said."""

    stream: Stream | None
    sentence: str


def listen(pieces: list[tuple[float, bytes]], said: Said) -> Outcome:
    """The recorder's own listening."""
    sentences: list[str] = []

    def tell(message: Message | Progress) -> None:
        if isinstance(message, Message) and message.key is Key.NOT_UNDERSTOOD:
            sentences.append(message.values["found"].reason)

    listening = Listening("auto", tell, said)
    for at_s, piece in pieces:
        found = listening.hear(at_s, piece)
        if found is not None or sentences:
            return Outcome(found, "".join(sentences))
    return Outcome(None, "no word")


def arrivals(
    samples: list[bytes], rate_hz: float, cut: int, head: bytes, draw: random.Random
) -> list[tuple[float, bytes]]:
    """From some byte on, in pieces as a port hands them over."""
    data, found, at = head, [], draw.uniform(0, PIECE_S)
    for row, sample in enumerate(samples):
        data += sample
        if row / rate_hz >= at:
            found.append((row / rate_hz, data))
            data, at = b"", row / rate_hz + PIECE_S * draw.uniform(0.5, 1.5)
    begun = 0
    while cut:
        at_s, piece = found[begun]
        found[begun] = (at_s, piece[cut:])
        if cut < len(piece):
            break
        cut, begun = cut - len(piece), begun + 1
    return found[begun:]


def right(found: Stream, pieces: list[tuple[float, bytes]], true_g: Floats, rate_hz: float) -> str:
    """Nothing where columns, unit and rate are right; else what is wrong."""
    layout = found.assembler.layout  # type: ignore[union-attr]
    items = found.decoder.feed(b"".join(piece for _, piece in pieces))
    rows = np.array(
        [item.numbers for item in items if isinstance(item, Line) and len(item.numbers) == layout.columns]
    )
    median_g = np.median(rows[:, list(layout.places)] / layout.per_g, axis=0)
    if np.abs(median_g - true_g).max() > NEAR_G:
        return (
            f"{median_g.round(2)} for {true_g.round(2)} ({layout.unit}, {layout.places} of {layout.columns})"
        )
    return "" if abs(layout.rate_hz / rate_hz - 1) < NEAR_RATE else f"rate {layout.rate_hz:.1f} for {rate_hz}"


def judge(
    pieces: list[tuple[float, bytes]],
    true_g: Floats,
    rate_hz: float,
    typed: str | None,
    *,
    usable: bool,
    said: Said,
) -> str:
    """One word for what became of a stream."""
    heard = listen(pieces, said)
    if heard.stream is not None:
        wrong = right(heard.stream, pieces, true_g, rate_hz) if usable else "recorded what is no acceleration"
        return f"WRONG {wrong}" if wrong else "recorded"
    if not usable:
        return "refused"
    offered = re.findall(r"--columns ([\w.,]+\w)", heard.sentence.replace("--columns X,Y,Z", ""))
    if not offered and typed is None:
        return f"refused: {heard.sentence[:80]}"
    for columns in offered or [typed or ""]:
        again = listen(pieces, Said(columns=columns, unit=said.unit))
        if again.stream is not None and not right(again.stream, pieces, true_g, rate_hz):
            return "refused, and the line works"
    return f"DEAD END {heard.sentence[:150]} | {again.sentence[:150]}"


def made(only: str, trials: int) -> Iterator[tuple[str, list[str]]]:
    """Each kind, and what became of its trials."""
    for place, (name, kind) in enumerate(KINDS.items()):
        if only not in name:
            continue
        words = []
        for trial in range(trials):
            draw = random.Random(f"{name} {trial}")
            board, samples = stream(kind, 1000 * place + trial)
            cut = (
                draw.randrange(len(b"".join(samples[: kind.rate_hz]))) if not (kind.head and trial % 2) else 0
            )
            pieces = arrivals(samples, kind.rate_hz, cut, kind.head.encode(), draw)
            true_g = np.median(board.acceleration, axis=0)
            usable = kind.typed is not None or name == "a value a line"
            words.append(judge(pieces, true_g, kind.rate_hz, kind.typed, usable=usable, said=Said()))
        yield name, words


def handed(only: str, trials: int) -> Iterator[tuple[str, list[str]]]:
    """Each stream that was handed over."""
    folder = shared_cases()
    for path in [] if folder is None else sorted((folder / "boards").glob("*.json")):
        if only not in path.stem:
            continue
        truth = json.loads(path.read_text())
        data, cr = path.with_suffix(".txt").read_bytes(), truth["line_end"] == "CR"
        body, end = data[truth["header_bytes"] :], b"\r" if cr else b"\n"
        lines = [line + end for line in body.split(end) if line]
        size = truth["lines_per_sample"] * truth["samples_per_write"]
        writes = [b"".join(lines[at : at + size]) for at in range(0, len(lines), size)]
        words = []
        for trial in range(trials):
            draw = random.Random(f"{path.stem} {trial}")
            cut = draw.randrange(len(body) // 3) if trial else 0
            pieces = arrivals(
                writes,
                truth["rate_hz"] / truth["samples_per_write"],
                cut,
                b"" if cut else data[: truth["header_bytes"]],
                draw,
            )
            usable = truth["refuse"] is not True
            words.append(
                judge(
                    pieces,
                    np.array(truth.get("median_g") or [0, 0, 0]),
                    truth["rate_hz"],
                    None,
                    usable=usable,
                    said=Said(),
                )
            )
        yield path.stem, words


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--only", default="", help="kinds with this in their name")
    args = parser.parse_args()
    total: Counter[str] = Counter()
    for name, words in chain(made(args.only, args.trials), handed(args.only, args.trials)):
        told = Counter(word.split(" ")[0] if word.isupper() else word for word in words)
        short = Counter(
            "WRONG" if word.startswith("WRONG") else "DEAD END" if word.startswith("DEAD") else word
            for word in words
        )
        total += short
        print(f"{name:<56}{', '.join(f'{number} {word}' for word, number in short.most_common())}")
        for word in islice((word for word in told if word.startswith(("WRONG", "DEAD"))), 3):
            print(f"    {word}")
    print(", ".join(f"{number} {word}" for word, number in total.most_common()))


if __name__ == "__main__":
    main()
