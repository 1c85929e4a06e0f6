"""Which numbers of a stranger's lines are the acceleration: right, or refused with what decides; never wrong."""

import csv
import json
import math
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_io.recorder.options import Options
from firmware_io.recorder.writer import Writer
from firmware_io.wire import Line
from firmware_io.wire.columns import Said
from firmware_io.wire.sniff import Sniffed, sniff
from tests.firmware_io.recorder_process import nights
from tests.support.marks import a_few
from tests.support.real_nights import shared_cases

RATE_HZ, COUNT = 100, 300
Floats = NDArray[np.float64]
Vectors = tuple[
    Floats, Floats, Floats
]  # (n, 3) acceleration in g, rates of turn in degrees a second, field in uT


def board(seed: int) -> tuple[np.random.Generator, Vectors]:
    """A sensor that lies flat, upside down or anyhow, is off by some percent, and twitches each second."""
    rng = np.random.default_rng(seed)
    flat = np.array([rng.normal(0, 0.03), rng.normal(0, 0.03), rng.choice([-1.0, 1.0])])
    down = flat if seed % 2 else rng.normal(size=3)
    acceleration = down / np.linalg.norm(down) * rng.uniform(0.93, 1.07)
    acceleration = acceleration + rng.normal(0, rng.uniform(0.002, 0.008), (COUNT, 3))
    turning = rng.normal(0, rng.choice([0.5, 3.0, 20.0]), 3) + rng.normal(0, 0.3, (COUNT, 3))
    for at_s in np.arange(0.6, COUNT / RATE_HZ):
        wave = np.exp(-(((np.arange(COUNT) / RATE_HZ - at_s) / 0.06) ** 2))
        acceleration += np.outer(0.2 * wave, rng.normal(0, 0.6, 3))
        turning += np.outer(60 * wave, rng.normal(size=3))
    north = rng.normal(size=3)
    field = 48 * north / np.linalg.norm(north) + rng.normal(0, 0.6, (COUNT, 3))
    return rng, (acceleration, turning, field)


def whole(values: Floats) -> list[str]:
    return [str(round(value)) for value in values.tolist()]


def decimal(values: Floats, digits: int = 3) -> list[str]:
    return [f"{value:.{digits}f}" for value in values.tolist()]


Form = Callable[[int, Floats, Floats, Floats], str]
# What sketches print, and the columns of the acceleration, from 0.
FORMS: dict[str, tuple[Form, tuple[int, int, int]]] = {
    "time, raw, turning": (
        lambda t, a, g, m: ",".join([str(t), *whole(a * 16384), *whole(g * 131)]),
        (1, 2, 3),
    ),
    "raw, turning": (lambda t, a, g, m: "\t".join([*whole(a * 8192), *whole(g * 65.5)]), (0, 1, 2)),
    "turning, raw": (lambda t, a, g, m: "\t".join([*whole(g * 16.4), *whole(a * 4096)]), (3, 4, 5)),
    "raw, turning, field": (
        lambda t, a, g, m: ",".join([*whole(a * 2048), *whole(g * 16.4), *whole(m * 6.6)]),
        (0, 1, 2),
    ),
    "raw, temperature, turning": (
        lambda t, a, g, m: ",".join([*whole(a * 16384), str(3000 + t % 7), *whole(g * 131)]),
        (0, 1, 2),
    ),
    "temperature, raw, turning": (
        lambda t, a, g, m: ",".join([f"25.{t % 7}1", *whole(a * 16384), *whole(g * 131)]),
        (1, 2, 3),
    ),
    "g, degrees a second": (lambda t, a, g, m: " ".join([*decimal(a), *decimal(g)]), (0, 1, 2)),
    "m/s2, radians": (lambda t, a, g, m: ",".join(decimal(np.r_[a * 9.80665, g / 57.3], 2)), (0, 1, 2)),
    "angles, m/s2": (
        lambda t, a, g, m: "\t".join([f"30.{t % 9}", "-12.1", f"4.{t % 5}", *decimal(a * 9.80665, 2)]),
        (3, 4, 5),
    ),
    "named": (
        lambda t, a, g, m: "gx:{} gy:{} gz:{} ax:{} ay:{} az:{}".format(*decimal(g), *decimal(a)),
        (3, 4, 5),
    ),
    "JSON": (
        lambda t, a, g, m: '{{"gyro":{{"x":{},"y":{},"z":{}}},"accel":{{"x":{},"y":{},"z":{}}}}}'.format(
            *decimal(g), *decimal(a)
        ),
        (3, 4, 5),
    ),
}


def printed(form: str, seed: int) -> bytes:
    """Three seconds, from the middle of a line on."""
    rng, vectors = board(seed)
    write, _ = FORMS[form]
    rows = (write(1000 + 10 * row, *(values[row] for values in vectors)) for row in range(COUNT))
    data = "".join(f"{row}\r\n" for row in rows).encode()
    return data[int(rng.integers(0, 40)) :]


@pytest.mark.parametrize("seeds", a_few([range(4), range(4, 40)], of=2), ids=str)
def test_no_board_is_recorded_by_wrong_columns_and_most_are_recorded(seeds: range) -> None:
    told: Counter[str] = Counter()
    for form, (_, axes) in FORMS.items():
        for seed in seeds:
            found = sniff(printed(form, seed), 3.0)
            if found.layout is None:
                told[form] += 1
                assert "--columns" in found.reason, (form, seed, found.reason)
            else:
                assert found.layout.places == axes, (form, seed, found.why)
    assert sum(told.values()) <= 0.1 * len(FORMS) * len(seeds), told
    assert told["named"] == told["JSON"] == 0


@pytest.mark.parametrize("form", FORMS)
def test_what_is_refused_is_recorded_when_its_sentence_is_followed(form: str) -> None:
    columns = ",".join(str(place + 1) for place in FORMS[form][1])
    for seed in range(2):
        found = sniff(printed(form, seed), 3.0, Said(columns=columns))
        assert found.layout is not None, found.reason
        assert (found.layout.places, found.why) == (FORMS[form][1], "as given")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Said(columns="1,2"), "expected X,Y,Z or T,X,Y,Z"),
        (Said(columns="1,2,9"), "expected X,Y,Z or T,X,Y,Z among the numbers of a line"),
        (Said(columns="4,5,6"), "1 g in no known unit"),
    ],
)
def test_columns_that_cant_be_meant_are_one_sentence(said: Said, sentence: str) -> None:
    data = "".join(f"0.0{n % 7},0.01,0.99,120.{n % 9},-33.1,8.25\n" for n in range(COUNT)).encode()
    found = sniff(data, 3.0, said)
    assert found.layout is None
    assert sentence in found.reason


def test_a_unit_that_is_said_is_taken() -> None:
    data = "".join(f"{n % 7},3,{5000 + n % 5}\n" for n in range(COUNT)).encode()
    assert sniff(data, 3.0).layout is None
    layout = sniff(data, 3.0, Said(columns="1,2,3", unit="counts:5000")).layout
    assert layout is not None
    assert (layout.unit, layout.per_g) == ("counts:5000", 5000.0)


@pytest.mark.parametrize(("hz", "clock"), [(416, False), (100, False), (1000, True)])
def test_a_counter_is_a_clock_only_where_it_fits_the_arrival(hz: int, clock: bool) -> None:
    data = "".join(f"{n},0.0{n % 7},0.01,0.99\n" for n in range(3 * hz)).encode()
    layout = sniff(data, 3.0).layout
    assert layout is not None
    assert (layout.time_column is not None) is clock
    assert layout.rate_hz == pytest.approx(hz, rel=0.02)


def test_a_heading_between_the_lines_names_the_columns() -> None:
    rows = "".join(f"{n % 3},{n % 4},{n % 5},{16000 + n % 9},{n % 2},{n % 7}\n" for n in range(COUNT))
    found = sniff(f"gx,gy,gz,az,ax,ay\n{rows}".encode(), 3.0)
    assert found.layout is None  # z first: nothing that a sketch would print
    found = sniff(f"gx;gy;gz;ax;ay;az\n{rows.replace(',', ';')}".encode(), 3.0)
    assert found.layout is not None
    assert (found.layout.places, found.why) == ((3, 4, 5), "named ax, ay, az")


# --- what was handed: streams byte by byte, each with its truth ---------------------------------------------------


def handed() -> list[str]:
    folder = shared_cases()
    return [] if folder is None else sorted(path.stem for path in (folder / "boards").glob("*.json"))


def heard(name: str) -> tuple[dict[str, object], bytes, list[bytes]]:
    """What is true of a handed stream, its head, and its samples as the board sends them."""
    folder = shared_cases()
    assert folder is not None
    truth = json.loads((folder / "boards" / f"{name}.json").read_text())
    data = (folder / "boards" / f"{name}.txt").read_bytes()
    head, body = data[: truth["header_bytes"]], data[truth["header_bytes"] :]
    end = b"\r" if truth["line_end"] == "CR" else b"\n"
    lines = [line + end for line in body.split(end) if line]
    size = truth["lines_per_sample"] * truth["samples_per_write"]
    return truth, head, [b"".join(lines[at : at + size]) for at in range(0, len(lines), size)]


@pytest.mark.skipif(not handed(), reason="the handed cases are not beside the project")
@pytest.mark.parametrize("name", a_few(handed(), of=4))
def test_a_handed_stream_is_recorded_as_it_is(name: str, tmp_path: Path) -> None:
    truth, head, writes = heard(name)
    writer = Writer(Options(tmp_path), lambda message: None)
    every_s = truth["samples_per_write"] / truth["rate_hz"]  # type: ignore[operator]
    writer.take(0.0, head) if head else None
    for number, data in enumerate(writes, 1):
        writer.take(number * every_s, data)
    writer.finish("end")
    if truth["refuse"] is True or (truth["refuse"] == "allowed" and not nights(tmp_path)):
        assert nights(tmp_path) == []
        return
    (path,) = nights(tmp_path)
    with path.open() as file:
        rows = np.array([[float(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    assert np.median(rows[:, 1:], axis=0) == pytest.approx(truth["median_g"], abs=0.02)
    seconds = (rows[-1, 0] - rows[0, 0]) / 1e6
    assert (len(rows) - 1) / seconds == pytest.approx(truth["rate_hz"], rel=0.02)
    apart = np.abs(rows[:, 1:] - np.median(rows[:, 1:], axis=0))
    assert np.quantile(apart, 0.99, axis=0) == pytest.approx(truth["swing_g"], rel=0.25)


@pytest.mark.slow
@pytest.mark.skipif(not handed(), reason="the handed cases are not beside the project")
@pytest.mark.parametrize("name", handed())
def test_a_handed_stream_is_never_taken_for_another_wherever_it_begins(name: str) -> None:
    truth, _, writes = heard(name)
    body, per_s = b"".join(writes), sum(map(len, writes)) / 14
    draw, refused = random.Random(name), 0
    for _ in range(40):
        begin = draw.randrange(len(body) // 2)
        found = sniff(body[begin : begin + int(3 * per_s)], 3.0)
        if found.layout is None:
            refused += 1
            continue
        assert truth["refuse"] is not True, found.why
        assert median_of(found, body[begin:]) == pytest.approx(truth["median_g"], abs=0.03)
    assert truth["refuse"] is not False or refused <= 4


def median_of(found: Sniffed, data: bytes) -> list[float]:
    assert found.decoder is not None
    assert found.layout is not None
    layout = found.layout
    items = found.decoder().feed(data)
    rows = [item.numbers for item in items if isinstance(item, Line) and len(item.numbers) == layout.columns]
    values = [[row[place] / layout.per_g for place in layout.places] for row in rows]
    assert all(math.isfinite(value) for row in values for value in row)
    return [float(each) for each in np.median(values, axis=0)]
