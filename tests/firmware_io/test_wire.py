"""The wire, clause by clause, and what no bytes whatever may do to a decoder."""

import math
import random
import re
import struct
from binascii import crc_hqx
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.assemble.frames import FrameAssembler
from firmware_io.assemble.lines import LineAssembler
from firmware_io.assemble.timeline import Ledger, Note, Row
from firmware_io.clock import WRAP_US, unwrap
from firmware_io.wire import Data, Heading, Hello, Item, Line, Mark, Skipped, Status
from firmware_io.wire.frames import FrameDecoder, cobs_decode
from firmware_io.wire.lines import Layout, LineDecoder
from firmware_io.wire.sniff import sniff
from tests.firmware_io.board_frames import (
    cobs_encode,
    detect_layout,
    encode_data,
    encode_hello,
    encode_mark,
    encode_status,
)
from tests.support.marks import a_few, examples

README = Path(__file__).resolve().parents[2] / "firmware_io" / "README.md"


def hello(sequence: int = 0, boot_id: int = 7, **changes: Any) -> Hello:
    numbers = {
        "protocol": 1,
        "range_g": 4,
        "lsb_per_g": 8192,
        "rate_hz": 100,
        "bandwidth_hz": 44,
        "batch": 10,
        "sensor_id": 0x68,
        "reset_cause": 1,
        "t_now_us": 1000,
        "dropped_samples": 0,
        "missed_samples": 0,
        "bus_errors": 0,
        "resets": 1,
    }
    return Hello(
        size=0,
        boot_id=boot_id,
        sequence=sequence,
        board="Nano",
        firmware="sj 1",
        sensor="MPU6050",
        **{**numbers, **changes},
    )


# Known answers.


def test_w1_cobs_is_as_published() -> None:
    # The examples everybody uses: zeros vanish, 254 bytes without a zero need one more code byte.
    assert cobs_encode(b"") == b"\x01"
    assert cobs_encode(b"\x00") == b"\x01\x01"
    assert cobs_encode(b"\x11\x22\x00\x33") == b"\x03\x11\x22\x02\x33"
    assert cobs_encode(b"\x11\x00\x00\x00") == b"\x02\x11\x01\x01\x01"
    assert cobs_encode(bytes(range(1, 255))) == b"\xff" + bytes(range(1, 255)) + b"\x01"


def test_w2_the_checksum_is_crc_16_ccitt_false() -> None:
    assert crc_hqx(b"123456789", 0xFFFF) == 0x29B1


def test_the_examples_of_the_readme_are_what_the_encoder_sends_and_the_decoder_reads() -> None:
    blocks = dict(
        re.findall(r"^    (hello|data|mark|status|newer): ([0-9a-f ]+)$", README.read_text(), re.MULTILINE)
    )
    wire = {name: bytes.fromhex(text) for name, text in blocks.items()}
    assert wire["hello"] == encode_hello(hello())
    assert wire["data"] == encode_data(7, 1, 1000, 10_000, [(1, -2, 8192), (3, -4, 8191)])
    assert wire["mark"] == encode_mark(7, 2, 12_000, 1)
    assert wire["status"] == encode_status(7, 3, 13_000, 21.5, 4980)
    assert wire["newer"] == encode_hello(hello(4, **NEWER))
    kinds = [type(item) for item in FrameDecoder().feed(b"".join(wire.values()))]
    assert kinds == [Hello, Data, Mark, Status, Hello]


def test_w4_a_data_frame_comes_back_as_it_was() -> None:
    (item,) = FrameDecoder().feed(
        encode_data(9, 65535, 2**32 - 1, 90_000, [(-32768, 0, 32767)] * 10, flags=5)
    )
    assert item == Data(
        size=item.size,
        boot_id=9,
        sequence=65535,
        t_first_us=2**32 - 1,
        span_us=90_000,
        flags=5,
        counts=((-32768, 0, 32767),) * 10,
    )


def test_w4_samples_that_share_a_microsecond_are_no_samples() -> None:
    (item,) = FrameDecoder().feed(encode_data(1, 2, 3, 3, [(0, 0, 1)] * 5))
    assert isinstance(item, Skipped)
    (item,) = FrameDecoder().feed(encode_data(1, 2, 3, 4, [(0, 0, 1)] * 5))
    assert isinstance(item, Data)


def test_w5_a_hello_comes_back_as_it_was_and_a_scale_of_zero_is_refused() -> None:
    (item,) = FrameDecoder().feed(encode_hello(hello(t_now_us=2**32 - 1, dropped_samples=5)))
    assert isinstance(item, Hello)
    assert (item.board, item.sensor, item.t_now_us, item.dropped_samples) == ("Nano", "MPU6050", 2**32 - 1, 5)
    (item,) = FrameDecoder().feed(encode_hello(hello(lsb_per_g=0)))
    assert isinstance(item, Skipped)


@pytest.mark.parametrize("bit", range(0, 8 * 30, 7))
def test_no_flipped_bit_makes_another_frame(bit: int) -> None:
    good = encode_data(1, 2, 3_000_000, 90_000, [(10, 20, 30)] * 4)
    bad = bytearray(good)
    bad[bit // 8 % len(bad)] ^= 1 << bit % 8
    items = FrameDecoder().feed(bytes(bad) + good)
    assert [item for item in items if isinstance(item, Data)][-1].counts == ((10, 20, 30),) * 4
    assert len([item for item in items if isinstance(item, Data)]) == 1


# Properties.

streams = st.one_of(
    st.binary(max_size=600),
    # Endless pieces with something good right behind them.
    st.builds(
        lambda fill, count, good: bytes([fill]) * count + good,
        st.integers(0, 255),
        st.integers(200, 800),
        st.sampled_from([encode_data(1, 2, 3, 4, [(5, 6, 7)]), b"12,0.1,0.2,0.97\n"]),
    ),
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.just(encode_data(1, 2, 3, 4, [(5, 6, 7)])),
            st.just(b"12,0.1,0.2,0.97\r\n"),
            st.just(encode_hello(hello())),
        ),
        max_size=12,
    ).map(b"".join),
)


@pytest.mark.parametrize("decoder", [FrameDecoder, LineDecoder])
@settings(max_examples=examples(150), deadline=None)
@given(data=streams, cuts=st.lists(st.integers(0, 600), max_size=6))
def test_any_bytes_in_any_pieces_give_the_same_items_and_every_byte_is_accounted_for(
    decoder: type[FrameDecoder] | type[LineDecoder], data: bytes, cuts: list[int]
) -> None:
    whole = decoder()
    expected = whole.feed(data)
    assert sum(item.size for item in expected) + whole.pending == len(data)
    pieces, borders = decoder(), [0, *sorted(cuts), len(data)]
    items: list[Item] = []
    for start, end in pairwise(borders):
        items += pieces.feed(data[start:end])
    single = decoder()
    one_by_one = [item for byte in data for item in single.feed(bytes([byte]))]
    assert items == expected
    assert one_by_one == expected
    assert (pieces.pending, single.pending) == (whole.pending, whole.pending)


@pytest.mark.parametrize("decoder", [FrameDecoder, LineDecoder])
def test_a_stream_without_an_end_fills_no_memory(decoder: type[FrameDecoder] | type[LineDecoder]) -> None:
    endless = decoder()
    for _ in range(200):
        endless.feed(b"A" * 10_000)
        assert endless.pending < 1000


@given(st.binary(max_size=300))
def test_cobs_comes_back_and_holds_no_zero(payload: bytes) -> None:
    assert 0 not in cobs_encode(payload)
    assert cobs_decode(cobs_encode(payload)) == payload


@given(st.binary(max_size=300))
def test_cobs_of_anything_never_raises(encoded: bytes) -> None:
    cobs_decode(encoded)


# Number lines.


def lines_of(text: str) -> list[Line]:
    return [item for item in LineDecoder().feed(text.encode()) if isinstance(item, Line)]


def stream(form: str, count: int = 120) -> list[Line]:
    """`count` lines at 100 Hz of an arm that moves a little: {t} in ms, {u} in us, {s} in s, {x} {y} {z} in g."""
    rows = []
    for row in range(count):
        x, y = 0.02 * (row % 7), -0.01 * (row % 5)
        rows.append(
            form.format(
                t=row * 10,
                u=row * 10_000,
                s=row / 100,
                x=x,
                y=y,
                z=0.97,
                mx=1000 * x,
                my=1000 * y,
                cx=int(x * 16384),
                cy=int(y * 16384),
                ax=9.81 * x,
                ay=9.81 * y,
            )
        )
    return lines_of("\n".join(rows) + "\n")


@pytest.mark.parametrize(
    ("form", "unit", "first_axis", "tick_s"),
    [
        ("{t},{x:.3f},{y:.3f},{z:.3f}", "g", 1, 1e-3),
        ("{u}\t{x:.3f}\t{y:.3f}\t{z:.3f}", "g", 1, 1e-6),
        ("{s:.2f};{x:.3f};{y:.3f};{z:.3f}", "g", 1, 1.0),
        ("{x:.3f} {y:.3f} {z:.3f}", "g", 0, None),
        ("{t}, {mx:.0f}, {my:.0f}, 970", "mg", 1, 1e-3),
        ("Acceleration X: {ax:.2f}, Y: {ay:.2f}, Z: 9.60 m/s^2", "m/s2", 0, None),
        ("a/g:\t{cx}\t{cy}\t16000\t-120\t35\t7", "counts:16384", 0, None),
        ("{t},{x:.3f},{y:.3f},{z:.3f},250.1,-30.2,11.0", "g", 1, 1e-3),
    ],
)
def test_columns_unit_and_clock_are_found_out(
    form: str, unit: str, first_axis: int, tick_s: float | None
) -> None:
    layout = detect_layout(stream(form), 1.2)
    assert not isinstance(layout, str), layout
    assert (layout.unit, layout.first_axis, layout.tick_s) == (unit, first_axis, tick_s)
    assert layout.rate_hz == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (stream("{t},{x:.3f}"), "three axes are needed"),
        (stream("{t},17.5,250.3,33.1"), "no three neighbouring columns"),
        (stream("{t},{x},{y},{z}", count=5), "only 5 lines"),
    ],
)
def test_what_cannot_be_told_is_said(lines: list[Line], words: str) -> None:
    layout = detect_layout(lines, 1.0)
    assert isinstance(layout, str)
    assert words in layout


def test_w10_a_heading_says_what_needs_no_guessing() -> None:
    (text,) = re.findall(r"^    (# sleepjerk csv 1,.*)$", README.read_text(), re.MULTILINE)
    (heading,) = LineDecoder().feed(f"{text}\n".encode())
    assert isinstance(heading, Heading)
    assert (heading.unit, heading.per_g, heading.rate_hz) == ("counts:16384", 16384, 100)
    assert (heading.tick_s, heading.sensor) == (1e-6, "MPU6050")
    # Upside down in free fall: no guess could know this unit.
    rows = "".join(f"{n * 10_000},{n % 7},{n % 5},{n % 3}\n" for n in range(200))
    found = sniff(f"{text}\nt,ax,ay,az\n{rows}".encode(), 2.0)
    assert found.layout == Layout(4, 1, "counts:16384", 16384.0, 0, 1e-6, 100.0, 0, "MPU6050")


def test_w10_a_checksum_behind_a_line_is_checked_and_is_no_column() -> None:
    (text,) = re.findall(r"^    (\d.*\*[0-9a-f]{2})$", README.read_text(), re.MULTILINE)
    (item,) = LineDecoder().feed(f"{text}\r\n".encode())
    assert isinstance(item, Line)
    assert item.numbers == (10_000, 12, -40, 16_380)
    (item,) = LineDecoder().feed(f"{text.replace('12', '13')}\r\n".encode())
    assert item == Skipped(size=len(text) + 2, reason="checksum")


@pytest.mark.parametrize("line", ["", "hello world", "# t,x,y,z", "1e999,1,1"])
def test_a_line_that_is_no_row_of_numbers_is_skipped(line: str) -> None:
    (item,) = LineDecoder().feed(f"{line}\n".encode())
    assert isinstance(item, Skipped)


def test_the_format_is_told_from_the_first_bytes() -> None:
    frames = encode_hello(hello()) + b"".join(
        encode_data(7, n, n * 100_000, 90_000, [(0, 0, 8192)] * 10) for n in range(1, 9)
    )
    assert sniff(b"\x33\x12half a frame\0" + frames, 1.0).format == "frames"
    text = "".join(f"{line.text}\r\n" for line in stream("{t},{x:.3f},{y:.3f},{z:.3f}"))
    found = sniff(b"17,0.0\r\n" + text.encode(), 1.2)
    assert found.format == "csv"
    assert "wrong baud rate" in sniff(bytes(range(128, 256)) * 20, 1.0).reason
    assert "nothing came" in sniff(b"", 5.0).reason


# One time line.


def assembled(items: list[tuple[float, Item]]) -> tuple[list[Row], list[Note], Ledger]:
    assembler = FrameAssembler()
    results = [result for at_s, item in items for result in assembler.feed(item, at_s)]
    rows = [result for result in results if isinstance(result, Row)]
    return rows, [result for result in results if isinstance(result, Note)], assembler.ledger


def batch(sequence: int, t_first_us: int, boot_id: int = 7) -> Data:
    counts = tuple((sequence % 1000, place, 8192) for place in range(10))
    return Data(
        size=1,
        boot_id=boot_id,
        sequence=sequence % 65536,
        t_first_us=t_first_us % WRAP_US,
        span_us=90_000,
        flags=0,
        counts=counts,
    )


@pytest.mark.slow
def test_a_night_longer_than_both_counters_stays_on_one_line() -> None:
    # 1.8 h: the microseconds wrap twice, the sequence once.
    start_us = WRAP_US - 5_000_000
    items: list[tuple[float, Item]] = [(0.0, hello())]
    items += [(0.1 * n, batch(n, start_us + 100_000 * n)) for n in range(1, 66_001)]
    rows, notes, ledger = assembled(items)
    assert len(rows) == 660_000
    assert rows[-1].t_us - rows[0].t_us == 10_000 * (660_000 - 1)
    assert notes == []
    assert ledger.lost == 0


def test_a_gap_longer_than_a_wrap_is_not_shortened_by_one() -> None:
    gap_us = 2 * WRAP_US + 123_400_000
    rows, notes, ledger = assembled(
        [(0.0, hello()), (0.1, batch(1, 0)), (0.1 + gap_us / 1e6, batch(2, gap_us))]
    )
    assert rows[10].t_us == gap_us
    assert ledger.gap == gap_us // 10_000 - 10
    assert len(notes) == 1


def test_a_frame_that_comes_twice_or_late_is_dropped_and_counted() -> None:
    rows, _, ledger = assembled(
        [
            (0, hello()),
            (0.1, batch(1, 0)),
            (0.2, batch(2, 100_000)),
            (0.2, batch(2, 100_000)),
            (0.3, batch(1, 0)),
        ]
    )
    assert len(rows) == 20
    assert ledger.repeated == 20
    assert ledger.expected == 20


def test_samples_before_the_first_hello_wait_for_their_scale() -> None:
    rows, _, ledger = assembled(
        [(0.1, batch(1, 0)), (0.2, batch(2, 100_000)), (0.25, hello(3)), (0.3, batch(4, 200_000))]
    )
    assert [row.t_us for row in rows] == [10_000 * n for n in range(30)]
    assert rows[0].z_g == 1.0
    assert ledger.good == 30


def test_a_reset_begins_where_the_hosts_clock_says() -> None:
    items: list[tuple[float, Item]] = [
        (0.0, hello()),
        (0.1, batch(1, 0)),
        (5.1, hello(0, boot_id=8)),
        (5.1, batch(1, 40_000, boot_id=8)),
    ]
    rows, notes, ledger = assembled(items)
    # The last sample before it was 0.1 s after the promptest arrival, the first one after it 90 ms before 5.1 s.
    assert rows[10].t_us - rows[9].t_us == pytest.approx(4_910_000, abs=1000)
    assert ledger.resets == 1
    assert "reset" in [note.event for note in notes]


def arriving(count: int, *, first: int = 1, delay_s: float = 0.09) -> list[tuple[float, Item]]:
    """Batches of a board whose time began with the host's, each heard when its last sample was taken."""
    return [(0.1 * n + delay_s, batch(n, 100_000 * n)) for n in range(first, first + count)]


@pytest.mark.parametrize("minutes", [0.05, 40, 56, 70, 90, 100, 110])
def test_after_a_long_gap_the_night_goes_on_whatever_the_sequence_says(minutes: float) -> None:
    missing = round(minutes * 600)
    items = [(0.0, hello()), *arriving(100), *arriving(100, first=101 + missing)]
    rows, _, ledger = assembled(items)
    assert len(rows) == 2000
    assert rows[1000].t_us - rows[999].t_us == missing * 100_000 + 10_000
    assert (ledger.gap, ledger.resets) == (missing * 10, 0)


@pytest.mark.parametrize("minutes", a_few([20, 1, 50], of=3))
def test_a_reset_is_noticed_even_when_the_boot_id_stays(minutes: int) -> None:
    before = minutes * 600
    after = [(before / 10 + 2 + at_s, item) for at_s, item in arriving(100)]
    rows, notes, ledger = assembled([(0.0, hello()), *arriving(before), *after])
    assert len(rows) == 10 * before + 1000
    assert ledger.resets == 1
    assert [note.event for note in notes if note.event == "reset"] == ["reset"]
    assert rows[-1].t_us == pytest.approx(1e6 * (before / 10 + 2) + 9_990_000, abs=20_000)
    assert all(after.t_us > before.t_us for before, after in pairwise(rows))


@pytest.mark.parametrize("minutes", a_few([20, 1, 50], of=3))
def test_lines_with_microseconds_survive_a_reset_without_an_invented_gap(minutes: int) -> None:
    layout = Layout(4, 1, "g", 1.0, 0, 1e-6, 100.0, 3)
    assembler = LineAssembler(layout)
    host_s = [n / 100 for n in range(minutes * 6000)] + [minutes * 60 + 1 + n / 100 for n in range(100)]
    ticks = [n * 10_000 for n in range(minutes * 6000)] + [n * 10_000 for n in range(100)]
    rows = [
        result
        for at_s, tick in zip(host_s, ticks, strict=True)
        for result in assembler.feed(Line(size=9, numbers=(tick, 0.0, 0.0, 1.0), decimals=3, text=""), at_s)
        if isinstance(result, Row)
    ]
    assert len(rows) == len(ticks)
    assert rows[-1].t_us == pytest.approx(1e6 * host_s[-1], abs=50_000)
    assert assembler.ledger.resets == 1


def test_frames_that_waited_in_a_buffer_are_no_reset() -> None:
    # The recorder slept 20 s, the operating system kept what came.
    late = [(30.0, item) for _, item in arriving(200, first=101)]
    rows, _, ledger = assembled([(0.0, hello()), *arriving(100), *late, *arriving(50, first=301)])
    assert [row.t_us for row in rows] == [10_000 * n for n in range(3500)]
    assert (ledger.resets, ledger.gap) == (0, 0)


def test_lines_without_a_clock_that_come_in_one_burst_are_all_kept() -> None:
    assembler = LineAssembler(Layout(3, 0, "g", 1.0, None, None, 100.0, 3))
    line = Line(size=9, numbers=(0.0, 0.0, 1.0), decimals=3, text="")
    host_s = [n / 100 for n in range(1000)] + [14.0] * 400 + [14 + n / 100 for n in range(1, 1000)]
    rows = [result for at_s in host_s for result in assembler.feed(line, at_s) if isinstance(result, Row)]
    assert len(rows) == len(host_s)
    assert all(after.t_us > before.t_us for before, after in pairwise(rows))


def damaged(line: bytes, generator: random.Random, share: float) -> bytes:
    """A line with some bytes flipped, lost or put in between."""
    bad = bytearray(line)
    for place in reversed(range(len(line))):
        if generator.random() < share:
            how = generator.randrange(3)
            if how == 0:
                bad[place] ^= 1 << generator.randrange(8)
            elif how == 1:
                del bad[place]
            else:
                bad.insert(place, generator.randrange(32, 127))
    return bytes(bad)


@pytest.mark.parametrize(("tick_s", "divisor"), [(1e-3, 1000), (1e-6, 1)])
@pytest.mark.parametrize("seed", a_few(range(4), of=4))
def test_damaged_digits_move_neither_the_time_line_nor_the_wrist(
    tick_s: float, divisor: int, seed: int
) -> None:
    generator = random.Random(seed)
    decoder, assembler = LineDecoder(), LineAssembler(Layout(4, 1, "g", 1.0, 0, tick_s, 100.0, 4))
    rows: list[tuple[int, Row]] = []
    for number in range(10_000):
        line = f"{number * 10_000 // divisor}\t{0.01 * (number % 7):.4f}\t0.1000\t0.9700\n".encode()
        for item in decoder.feed(damaged(line, generator, 1e-3)):
            found = assembler.feed(item, number / 100)
            rows += [(number, result) for result in found if isinstance(result, Row)]
    assert len(rows) > 9_500
    assert all(after.t_us > before.t_us for (_, before), (_, after) in pairwise(rows))
    assert max(abs(row.t_us - number * 10_000) for number, row in rows) < 200_000
    assert max(math.hypot(row.x_g, row.y_g, row.z_g) for _, row in rows) < 40
    assert assembler.ledger.resets == 0
    assert assembler.ledger.expected == pytest.approx(10_000, abs=20)


def test_what_the_board_says_it_dropped_is_no_loss_of_the_wire() -> None:
    items: list[tuple[float, Item]] = [
        (0.0, hello()),
        (0.1, batch(1, 0)),
        (0.5, batch(2, 400_000)),
        (0.6, hello(3, dropped_samples=30)),
    ]
    _, _, ledger = assembled(items)
    assert (ledger.gap, ledger.dropped, ledger.expected) == (0, 30, 50)


def test_a_press_of_the_button_is_noted_in_its_place() -> None:
    _, notes, _ = assembled(
        [(0.0, hello()), (0.1, batch(1, 0)), (0.2, Mark(size=1, boot_id=7, sequence=2, t_us=95_000, code=1))]
    )
    assert notes == [Note(95_000, "mark 1")]


def test_lines_without_a_clock_are_spaced_by_their_rate_not_by_the_bursts_of_usb() -> None:
    layout = detect_layout(stream("{x:.3f} {y:.3f} {z:.3f}"), 1.2)
    assert not isinstance(layout, str)
    assembler = LineAssembler(layout)
    times = []
    for number, line in enumerate(stream("{x:.3f} {y:.3f} {z:.3f}", count=6000)):
        # The bridge hands over what it has every 16 ms.
        at_s = -(-number * 0.01 // 0.016) * 0.016
        times += [result.t_us for result in assembler.feed(line, at_s) if isinstance(result, Row)]
    steps = [after - before for before, after in pairwise(times)]
    assert min(steps) > 9_000
    assert max(steps) < 11_000
    assert times[-1] == pytest.approx(59_990_000, rel=1e-3)
    assert assembler.ledger.lost == 0


def test_a_missing_and_a_torn_line_are_told_apart() -> None:
    lines = stream("{t},{x:.3f},{y:.3f},{z:.3f}", count=200)
    layout = detect_layout(lines, 2.0)
    assert not isinstance(layout, str)
    assembler = LineAssembler(layout)
    for number, line in enumerate(lines):
        if number == 50:
            continue
        item: Item = Skipped(size=9, reason="not text") if number == 120 else line
        list(assembler.feed(item, number / 100))
    assert (assembler.ledger.good, assembler.ledger.gap, assembler.ledger.rejected) == (198, 1, 1)


def test_a_batch_of_39_samples_is_the_longest_that_goes_over_the_wire() -> None:
    frame = encode_data(1, 2, 3, 380_000, [(-1, 2, 3)] * 39)
    (data,) = FrameDecoder().feed(frame)
    assert isinstance(data, Data)
    assert len(data.counts) == 39
    for count in (0, 40):
        with pytest.raises(ValueError, match="1 to 39"):
            encode_data(1, 2, 3, 390_000, [(1, 2, 3)] * count)


def test_the_checksum_of_a_line_covers_its_leading_blanks() -> None:
    text = b"  12,\t-40, 7"
    check = 0
    for byte in text:
        check ^= byte
    (line,) = LineDecoder().feed(text + b"*%02X \r\n" % check)
    assert isinstance(line, Line)
    assert line.numbers == (12, -40, 7)


def frames_of(boot_id: int, first: int, value: int, **changes: int) -> bytes:
    """A hello and a second of data."""
    said = encode_hello(hello(0, boot_id, **changes))
    return said + b"".join(
        encode_data(boot_id, 1 + n, first + 100_000 * n, 90_000, [(value, value, value)] * 10)
        for n in range(10)
    )


def test_another_board_on_the_same_port_is_kept_out_until_the_first_is_back() -> None:
    assembler, decoder = FrameAssembler(), FrameDecoder()
    results: list[Row | Note] = []
    for at_s, stream in (
        (1.0, frames_of(7, 0, 100)),
        (11.0, frames_of(9, 0, 200, lsb_per_g=16384, range_g=2)),
        (12.0, frames_of(9, 1_000_000, 200, lsb_per_g=16384, range_g=2)),
        (21.0, frames_of(8, 0, 300)),
    ):
        for item in decoder.feed(stream):
            results += assembler.feed(item, at_s)
    rows = [result for result in results if isinstance(result, Row)]
    assert {round(row.x_g * 8192) for row in rows} == {100, 300}
    assert len(rows) == 200
    assert [n.event for n in results if isinstance(n, Note)].count("another board (Nano)") == 1
    assert assembler.ledger.good == 200
    assert assembler.ledger.expected == pytest.approx(2100, abs=110), "its time is a gap, once"
    assert assembler.ledger.skipped_bytes > 0


def test_a_sensor_that_was_missing_at_the_start_is_no_other_board() -> None:
    assembler, decoder = FrameAssembler(), FrameDecoder()
    stream = encode_hello(hello(0, 7, sensor_id=0)) + frames_of(7, 0, 5)[len(encode_hello(hello(0, 7))) :]
    rows = [row for item in decoder.feed(stream) for row in assembler.feed(item, 1.0) if isinstance(row, Row)]
    rows += [
        row
        for item in decoder.feed(frames_of(8, 0, 6))
        for row in assembler.feed(item, 3.0)
        if isinstance(row, Row)
    ]
    assert len(rows) == 200


# Clocks.


@given(st.integers(0, 2**40), st.integers(-(2**30), 2**30))
def test_a_count_is_unwrapped_to_the_one_nearest_to_where_it_should_be(full: int, error: int) -> None:
    assert unwrap(full % WRAP_US, full + error) == full


def test_what_a_board_says_of_itself_holds_no_sign_that_a_terminal_or_a_table_obeys() -> None:
    frame = encode_hello(replace(hello(), board="\x1b[2Jboard\n9,9,9,forged", sensor='=cmd|"x"@'))
    (found,) = FrameDecoder().feed(frame)
    assert isinstance(found, Hello)
    assert (found.board, found.sensor) == ("?[2Jboard?9?9?9?forged", "?cmd|?x??")


def timed_rows(
    taken_s: list[float], arrived_s: list[float], layout: Layout
) -> tuple[list[Row], LineAssembler, list[Note]]:
    """Lines as they arrive; without a time column, or with whole milliseconds of when each was taken."""
    assembler, results = LineAssembler(layout), list[Row | Note]()
    for number, (at_s, host_s) in enumerate(zip(taken_s, arrived_s, strict=True)):
        axes = (0.001 * (number % 97), 0.0, 1.0)
        numbers = axes if layout.time_column is None else (float(math.floor(at_s * 1000)), *axes)
        results += assembler.feed(Line(size=20, numbers=numbers, decimals=3, text=""), host_s)
    results += assembler.finish()
    rows = [result for result in results if isinstance(result, Row)]
    return rows, assembler, [result for result in results if isinstance(result, Note)]


COUNTED = Layout(3, 0, "g", 1.0, None, None, 100.0, 3)


@pytest.mark.parametrize("stall_s", [2, 20, 200])
def test_lines_that_waited_somewhere_are_placed_where_they_were_taken(stall_s: int) -> None:
    taken = [n / 100 for n in range(100 * (stall_s + 100))]
    arrived = [50.0 + stall_s if 50 < at_s < 50 + stall_s else at_s for at_s in taken]
    rows, assembler, _ = timed_rows(taken, arrived, COUNTED)
    assert [row.t_us for row in rows] == pytest.approx([1e6 * at_s for at_s in taken], abs=5_000)
    assert (assembler.ledger.good, assembler.ledger.lost) == (len(taken), 0)


def test_of_lines_that_waited_those_that_are_missing_are_counted() -> None:
    taken = [n / 100 for n in range(20_000)]
    kept = [at_s for at_s in taken if not 60 < at_s <= 65]
    arrived = [70.0 if 50 < at_s < 70 else at_s for at_s in kept]
    rows, assembler, _ = timed_rows(kept, arrived, COUNTED)
    assert len(rows) == len(kept)
    assert assembler.ledger.gap == pytest.approx(500, abs=2)


def test_a_pause_in_which_nothing_was_sent_is_a_gap_of_its_length() -> None:
    taken = [n / 100 for n in range(10_000) if not 3000 <= n < 4000]
    rows, assembler, _ = timed_rows(taken, taken, COUNTED)
    assert assembler.ledger.gap == pytest.approx(1000, abs=2)
    assert rows[-1].t_us == pytest.approx(1e6 * taken[-1], abs=20_000)


@pytest.mark.parametrize("hz", [100, 400])
def test_stamps_of_milliseconds_that_jitter_lose_no_line_and_invent_no_loss(hz: int) -> None:
    draw = random.Random(hz)
    taken = [n / hz for n in range(60 * hz)]
    stamped = [at_s + draw.gauss(0, 0.0006) + 1 for at_s in taken]
    arrived = [at_s + draw.expovariate(1000) for at_s in taken]
    rows, assembler, _ = timed_rows(stamped, arrived, Layout(4, 1, "g", 1.0, 0, 1e-3, float(hz), 3))
    assert len(rows) == len(taken)
    assert all(after.t_us > before.t_us for before, after in pairwise(rows))
    assert (assembler.ledger.good, assembler.ledger.lost, assembler.ledger.repeated) == (len(taken), 0, 0)


def test_a_line_that_is_sent_twice_is_no_second_sample() -> None:
    assembler = LineAssembler(Layout(4, 1, "g", 1.0, 0, 1e-3, 100.0, 3))
    for number in range(100):
        line = Line(size=9, numbers=(10.0 * number, 0.01 * (number % 5), 0.0, 1.0), decimals=3, text="")
        for _ in range(1 + (number == 50)):
            list(assembler.feed(line, number / 100))
    assert (assembler.ledger.good, assembler.ledger.repeated, assembler.ledger.lost) == (100, 1, 0)


def test_a_stale_frame_moves_nothing_that_follows() -> None:
    items: list[tuple[float, Item]] = [(0.0, hello()), *arriving(600)]
    sound, _, _ = assembled(items)
    stale = [*items[:400], (items[400][0], items[200][1]), *items[400:]]
    rows, notes, ledger = assembled(stale)
    assert rows == sound
    assert (ledger.gap, ledger.resets, ledger.repeated) == (0, 0, 10)
    assert not any("reset" in note.event for note in notes)


NEWER: dict[str, Any] = {
    **{"protocol": 2, "address": 0x69, "trouble": 0, "overflows": 3, "false_edges": 700, "self_test": 2},
    "change_percent": (20, -3, None),
}


def test_a_recorder_of_before_reads_a_newer_hello_and_a_newer_one_an_old() -> None:
    wire = encode_hello(replace(hello(**NEWER, sensor_id=0), words="no sensor found"))
    (found,) = FrameDecoder().feed(wire)
    assert isinstance(found, Hello)
    assert (found.address, found.overflows, found.false_edges, found.self_test) == (0x69, 3, 700, 2)
    assert (found.change_percent, found.words) == ((20, -3, None), "no sensor found")
    # As protocol 1 had it (W5): 29 bytes behind the head, three texts; whatever follows was never looked at.
    body = cobs_decode(wire[:-1])
    assert body is not None
    assert body[4:8] == bytes([2, 4, 0x00, 0x20])
    rest, texts = body[4 + 29 :], []
    for _ in range(3):
        texts.append(rest[1 : 1 + rest[0]])
        rest = rest[1 + rest[0] :]
    assert texts == [b"Nano", b"sj 1", b"MPU6050"]
    (old,) = FrameDecoder().feed(encode_hello(hello()))
    assert isinstance(old, Hello)
    assert (old.address, old.trouble, old.self_test, old.change_percent, old.words) == (
        None,
        None,
        None,
        None,
        "",
    )


def test_a_hello_cut_behind_its_texts_or_with_odd_values_is_still_a_hello() -> None:
    for more in (
        b"",
        b"\x68",
        b"\x68\xff\0\0\0\0\x09\x80\x80\x80",
        b"\x68\x01\0\0\0\0\x01\0\0\0\x50ab\x1b[2J",
    ):
        payload = cobs_decode(encode_hello(hello(protocol=2))[:-1])
        assert payload is not None
        payload = payload[: -2 - 11] + more
        payload += struct.pack(">H", crc_hqx(payload, 0xFFFF))
        (found,) = FrameDecoder().feed(cobs_encode(payload) + b"\0")
        assert isinstance(found, Hello)
        assert "\x1b" not in found.words
        assert found.fault in (None, "not found", "settings not kept")


def test_a_sensor_that_comes_and_goes_is_noted_once_each_time_and_its_errors_are_in_the_ledger() -> None:
    gone = {**NEWER, "trouble": 1, "self_test": 0}
    items: list[tuple[float, Item]] = [
        (0.0, hello(0, **gone, sensor_id=0, bus_errors=1)),
        (2.0, hello(1, **gone, sensor_id=0, bus_errors=3)),
        (3.0, hello(2, **NEWER, bus_errors=4)),
        (3.1, batch(3, 0)),
        (5.0, hello(4, **NEWER, bus_errors=6)),
        (7.0, hello(5, **{**NEWER, "trouble": 2}, bus_errors=7)),
    ]
    assembler, notes = FrameAssembler(), list[str]()
    for at_s, item in items:
        notes += [result.event for result in assembler.feed(item, at_s) if isinstance(result, Note)]
    assert notes == [
        "sensor: not found",
        "bus errors +1",
        "sensor: well again",
        "sensor: self-test failed",
        "bus errors +2",
        "sensor: INT wire silent",
    ]
    assert assembler.ledger.bus_errors == 7
    assert assembler.ledger.lost == 0
    facts = assembler.said.facts()
    assert facts["sensor_faults"] == ["not found", "INT wire silent"]
    assert (facts["sensor_id"], facts["address"], facts["overflows"]) == (0x68, 0x69, 3)
    assert (facts["self_test"], facts["self_test_change_percent"]) == ("failed", (20, -3, None))


def test_a_brown_out_a_failing_bus_and_a_falling_supply_are_kept() -> None:
    items: list[tuple[float, Item]] = [
        (0.0, hello()),
        (0.1, batch(1, 0)),
        (0.2, Status(size=1, boot_id=7, sequence=2, t_us=95_000, temperature_c=21.5, supply_mv=5010)),
        (0.3, Status(size=1, boot_id=7, sequence=3, t_us=195_000, temperature_c=21.6, supply_mv=4980)),
        (0.4, Status(size=1, boot_id=7, sequence=4, t_us=295_000, temperature_c=21.7, supply_mv=4600)),
        (0.5, hello(5, bus_errors=3)),
        (2.0, hello(0, boot_id=8, reset_cause=2)),
        (2.1, hello(1, boot_id=8, reset_cause=2, bus_errors=2)),
    ]
    assembler, notes = FrameAssembler(), list[str]()
    for at_s, item in items:
        notes += [result.event for result in assembler.feed(item, at_s) if isinstance(result, Note)]
    assert notes == [
        "supply 5010 mV at 21.5 C",
        "supply 4600 mV at 21.7 C",
        "bus errors +3",
        "start: brown-out",
        "bus errors +2",
    ]
    assert assembler.said.facts() == {
        "sensor_id": 0x68,
        "starts": ["power", "brown-out"],
        "bus_errors": 5,
        "clipped_batches": 0,
        "supply_mv": (4600, 5010),
        "temperature_c": (21.5, 21.7),
    }
