"""Boards with no firmware of ours: WitMotion's packets, short and long, and the BNO08x."""

import json
import random
import struct
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.assemble.lines import LineAssembler
from firmware_io.assemble.timeline import Note, Row
from firmware_io.wire import Aside, Decoder, Item, Line
from firmware_io.wire.bno08x import LAYOUT, RvcDecoder
from firmware_io.wire.sniff import sniff
from firmware_io.wire.witmotion import CONFIGURE, LongDecoder, WitMotionDecoder
from tests.firmware_io.recorder_process import Recorder
from tests.firmware_io.simulated_board import SimulatedBoard
from tests.support.marks import examples

DECODERS = pytest.mark.parametrize("make", [WitMotionDecoder, LongDecoder, RvcDecoder])
BORN = datetime(2026, 11, 22, 23, 59, 50, tzinfo=UTC)


def wit(kind: int, payload: bytes) -> bytes:
    packet = bytes((0x55, kind)) + payload
    return packet + bytes((sum(packet) & 0xFF,))


def wit_sample(x: int, y: int, z: int) -> bytes:
    return wit(0x51, struct.pack("<hhhh", x, y, z, 2635))


def wit_time(at: datetime) -> bytes:
    numbers = (at.year - 2000, at.month, at.day, at.hour, at.minute, at.second, at.microsecond // 1000)
    return wit(0x50, struct.pack("<BBBBBBH", *numbers))


def long_sample(x: int, y: int, z: int) -> bytes:
    return b"\x55\x61" + struct.pack("<9h", x, y, z, 5, 6, 7, 8, 9, 10)


def rvc_sample(index: int, x: int, y: int, z: int) -> bytes:
    body = struct.pack("<B6h3B", index % 256, 100, -200, 300, x, y, z, 0, 0, 0)
    return b"\xaa\xaa" + body + bytes((sum(body) & 0xFF,))


def numbers(items: list[Item]) -> list[tuple[float, ...]]:
    return [item.numbers for item in items if isinstance(item, Line)]


# Known answers: bytes from the makers' own papers and from users' logs.


def test_a_published_witmotion_packet_is_1_g_upwards() -> None:
    (line,) = WitMotionDecoder().feed(bytes.fromhex("55512500 0a00 1608 4b0a 48".replace(" ", "")))
    assert isinstance(line, Line)
    assert [value / 2048 for value in line.numbers] == pytest.approx([0.0181, 0.0049, 1.0107], abs=5e-5)


def test_a_long_packet_of_a_user_s_log_is_1_g_upwards() -> None:
    packet = bytes.fromhex("5561 0a00 2500 1608 0000 0000 0000 0000 0000 0000".replace(" ", ""))
    (line,) = LongDecoder().feed(packet + b"\x55\x61")
    assert isinstance(line, Line)
    assert line.numbers[2] / 2048 == pytest.approx(1.01, abs=0.005)


def test_the_data_sheet_s_rvc_packet_reads_as_printed_there() -> None:
    packet = bytes.fromhex("AAAA DE 0100 92FF 2508 8DFE ECFF D103 000000 E7".replace(" ", ""))
    (line,) = RvcDecoder().feed(packet)
    assert isinstance(line, Line)
    assert line.numbers == (222, -371, -20, 977)


def test_a_time_stands_before_its_sample_and_other_packets_are_set_aside() -> None:
    stream = wit_time(BORN) + wit(0x53, bytes(8)) + wit_sample(1, 2, 3) + wit_sample(4, 5, 6)
    items = WitMotionDecoder().feed(stream)
    assert [type(item) for item in items] == [Aside, Aside, Line, Line]
    assert numbers(items) == [(BORN.timestamp() * 1000, 1, 2, 3), (4, 5, 6)]


def test_a_sensor_that_never_heard_of_a_date_has_no_time() -> None:
    items = WitMotionDecoder().feed(wit(0x50, bytes(8)) + wit_sample(1, 2, 3))
    assert numbers(items) == [(1, 2, 3)]


# Whatever the bytes are.


@DECODERS
@settings(max_examples=examples(200))
@given(data=st.data())
def test_no_bytes_raise_and_every_byte_is_accounted_for(make: type[Decoder], data: st.DataObject) -> None:
    header = st.sampled_from([0x55, 0x51, 0x61, 0x50, 0xAA, 0])
    stream = bytes(data.draw(st.lists(st.one_of(header, st.integers(0, 255)), max_size=300)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    decoder, items = make(), []
    for first, last in pairwise([0, *cuts, len(stream)]):
        items += decoder.feed(stream[first:last])
        assert sum(item.size for item in items) + decoder.pending == last
    whole = make().feed(stream)
    assert numbers(items) == numbers(whole), "the answer doesn't depend on how the bytes were handed over"


@DECODERS
def test_packets_survive_noise_between_them_and_damage_costs_its_own_packet_only(make: type[Decoder]) -> None:
    draw = random.Random(4)
    samples = [tuple(draw.randint(-32768, 32767) for _ in range(3)) for _ in range(400)]
    makers = {
        WitMotionDecoder: lambda number, sample: wit_sample(*sample),
        LongDecoder: lambda number, sample: long_sample(*sample),
        RvcDecoder: lambda number, sample: rvc_sample(number, *sample),
    }
    packets = [makers[make](number, sample) for number, sample in enumerate(samples)]  # type: ignore[index]
    damaged = set(draw.sample(range(1, 399), 20))
    stream = b"\x12\x55\xaa"
    for number, packet in enumerate(packets):
        torn = packet[:7] + packet[8:] if number in damaged else packet
        stream += torn
    items = make().feed(stream + packets[0])
    found = [tuple(line[-3:]) for line in numbers(items)]
    expected = [sample for number, sample in enumerate(samples) if number not in damaged]
    rest = iter(found)
    kept = sum(any(sample == other for other in rest) for sample in expected)
    # Without a checksum a damaged packet takes the one before with it: that one has no header behind it... or itself.
    assert kept >= len(expected) - 20
    assert len(found) <= len(samples) + 1
    if make is not LongDecoder:
        assert set(found) <= set(samples), "nothing wrong was believed"


@DECODERS
def test_noise_alone_makes_next_to_no_samples(make: type[Decoder]) -> None:
    noise = random.Random(6).randbytes(1_000_000)
    items = make().feed(noise)
    # Header, type and sum by chance: 11 of 256^3; headers of two bytes twice; two bytes and a sum.
    assert len(numbers(items)) <= {WitMotionDecoder: 3, LongDecoder: 3, RvcDecoder: 3}[make]  # type: ignore[index]


# Rows on a time line.


def place(
    stream: list[tuple[float, bytes]], make: type[Decoder]
) -> tuple[list[Row], list[Note], LineAssembler]:
    found = sniff(b"".join(data for _, data in stream), stream[-1][0] - stream[0][0])
    assert found.layout is not None
    assert found.decoder is make
    assembler, decoder = LineAssembler(found.layout), make()
    results = [
        result
        for at_s, data in stream
        for item in decoder.feed(data)
        for result in assembler.feed(item, at_s)
    ]
    return [r for r in results if isinstance(r, Row)], [r for r in results if isinstance(r, Note)], assembler


def test_an_rvc_stream_keeps_its_10_ms_and_lost_packets_are_a_gap_of_their_length() -> None:
    draw = random.Random(2)
    stream = [
        (number * 0.01 + draw.uniform(0, 0.004), rvc_sample(number, number % 100, 0, 1000))
        for number in range(3000)
        if not 1000 <= number < 1037
    ]
    rows, notes, assembler = place(stream, RvcDecoder)
    assert sniff(b"".join(data for _, data in stream), 30).format == "bno08x-rvc"
    assert len(rows) == 2963
    assert rows[0].z_g == 1.0
    steps_us = [after.t_us - before.t_us for before, after in pairwise(rows)]
    assert sorted(steps_us)[-2] < 12_000
    assert max(steps_us) == pytest.approx(380_000, abs=6_000)
    assert assembler.ledger.gap == 37
    assert [note.event[:8] for note in notes] == ["gap 0.38"]


def test_an_rvc_gap_longer_than_its_counter_is_placed_by_the_host() -> None:
    stream = [
        (number * 0.01, rvc_sample(number, 0, 0, 1000)) for number in range(3000) if not 1000 <= number < 2000
    ]
    rows, _, assembler = place(stream, RvcDecoder)
    steps_us = [after.t_us - before.t_us for before, after in pairwise(rows)]
    assert max(steps_us) == pytest.approx(10_010_000, abs=30_000)
    assert assembler.ledger.gap == pytest.approx(1000, abs=3)


def test_witmotion_s_own_time_is_the_time_line_over_midnight() -> None:
    stream = []
    for number in range(2000):
        at = BORN + timedelta(milliseconds=10 * number)
        if not 500 <= number < 520:
            stream.append((number * 0.01 + 0.3 * (number % 50 == 0), wit_time(at) + wit_sample(0, 0, 2048)))
    rows, _, assembler = place(stream, WitMotionDecoder)
    expected = [10_000 * number for number in range(2000) if not 500 <= number < 520]
    assert [row.t_us for row in rows] == expected
    assert assembler.ledger.gap == 20


@pytest.mark.parametrize("hz", [10, 100])
def test_the_rate_is_measured_so_that_a_factory_setting_of_10_hz_is_seen(hz: int) -> None:
    stream = b"".join(wit_sample(0, 0, 2048) + wit(0x52, bytes(8)) for _ in range(5 * hz))
    found = sniff(stream, 5.0)
    assert found.layout is not None
    assert (found.format, found.layout.rate_hz) == ("witmotion", hz)


def test_the_wish_for_100_hz_is_what_the_protocol_sheet_says() -> None:
    assert [command.hex(" ") for command in CONFIGURE] == [
        "ff aa 69 88 b5",
        "ff aa 02 03 00",
        "ff aa 03 09 00",
        "ff aa 1f 03 00",
    ]


def test_the_rvc_layout_counts_in_milli_g() -> None:
    assert (LAYOUT.per_g, LAYOUT.rate_hz, LAYOUT.step_g) == (1000, 100, 0.001)


# Boards that print lines, as they come from the factory.


def test_a_razor_is_understood_and_its_two_decimals_are_seen() -> None:
    rest = "0.31, -0.12, 0.06, 12.15, -30.90, 41.25"
    lines = "".join(
        f"{1000 + 10 * n}, {0.02 * (n % 3):.2f}, -0.01, {1.0 + 0.01 * (n % 2):.2f}, {rest}\r\n"
        for n in range(300)
    )
    found = sniff(lines.encode(), 3.0)
    assert found.layout is not None, found.reason
    layout = found.layout
    assert (layout.first_axis, layout.unit, layout.time_column, layout.tick_s) == (1, "g", 0, 1e-3)
    assert layout.rate_hz == pytest.approx(100)
    assert layout.step_g == pytest.approx(0.01)


def test_an_openlog_artemis_is_understood_and_its_10_hz_are_seen() -> None:
    head = "rtcDate,rtcTime,aX,aY,aZ,gX,gY,gZ,mX,mY,mZ,imu_degC,output_Hz,\r\n"
    rows = "".join(
        f"11/22/2026,23:10:{n / 10:05.2f},{12.69 + n % 3:.2f},-3.42,{998.05 - n % 5:.2f},0.41,-0.21,0.09,"
        f"12.45,-30.15,41.70,31.36,10.000,\r\n"
        for n in range(50)
    )
    found = sniff((head + rows).encode(), 5.0)
    assert found.layout is not None, found.reason
    layout = found.layout
    assert (layout.unit, layout.columns, layout.first_axis) == ("mg", 11, 0)
    assert layout.rate_hz == pytest.approx(10, rel=0.05)


@pytest.mark.slow
def test_the_recorder_writes_what_a_bno08x_says(tmp_path: Path) -> None:
    class Rvc(SimulatedBoard):
        def _lines(self, rows: range) -> bytes:
            return b"".join(rvc_sample(row, *self.counts[row].tolist()) for row in rows)

    counts = np.random.default_rng(3).integers(-1500, 1500, (3000, 3)).astype(np.int16)
    with Rvc(tmp_path / "port", "lines", counts) as board:
        recorder = Recorder(board.link, tmp_path / "nights")
        path = recorder.wait_for_rows(200)
        status, _, talk = recorder.finish()
    assert status == 0, talk
    assert "packets of a BNO08x" in talk
    table = pd.read_csv(path)
    values = np.rint(1000 * table[["x_g", "y_g", "z_g"]].to_numpy()).astype(np.int64)
    first = int(np.flatnonzero((counts == values[0]).all(axis=1))[0])
    np.testing.assert_array_equal(values, counts[first : first + len(values)])
    np.testing.assert_allclose(np.diff(table["t_us"]), 10_000, atol=3_000)
    assert json.loads(path.with_suffix(".json").read_text())["format"] == "bno08x-rvc"
