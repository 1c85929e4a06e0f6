"""The boards' portable C, built for this computer and held against the Python decoder, property by property."""

import ctypes
from binascii import crc_hqx
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.wire import Aside, Data, Heading, Hello, Item, Line, Mark, Skipped, Status
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import LineDecoder
from tests.firmware_io.board_frames import cobs_encode, encode_data, encode_hello
from tests.firmware_io.built import built
from tests.support.marks import examples

WRAP_US = 1 << 32
OVERFLOW, BUS_ERROR, CLIPPED = 1, 2, 4
NO_SENSOR = 1


class Ring(ctypes.Structure):
    """sj_ring."""

    _fields_ = (
        ("bytes", ctypes.c_void_p),
        ("size", ctypes.c_uint16),
        ("start", ctypes.c_uint16),
        ("waiting", ctypes.c_uint16),
    )


class About(ctypes.Structure):
    """sj_about."""

    _fields_ = (
        ("board", ctypes.c_char_p),
        ("firmware", ctypes.c_char_p),
        ("no_sensor", ctypes.c_char_p),
        ("lsb_per_g", ctypes.c_uint16),
        ("rate_hz", ctypes.c_uint16),
        ("bandwidth_hz", ctypes.c_uint16),
        ("resets", ctypes.c_uint16),
        ("range_g", ctypes.c_uint8),
        ("reset_cause", ctypes.c_uint8),
        ("boot_id", ctypes.c_uint8),
    )


class Sensor(ctypes.Structure):
    """sj_sensor."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("missed", ctypes.c_uint32),
        ("bus_errors", ctypes.c_uint32),
        ("overflows", ctypes.c_uint16),
        ("false_edges", ctypes.c_uint16),
        ("id", ctypes.c_uint8),
        ("address", ctypes.c_uint8),
        ("trouble", ctypes.c_uint8),
        ("self_test", ctypes.c_uint8),
        ("change", ctypes.c_int8 * 3),
    )


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    loaded = ctypes.CDLL(str(built("frames.so")))
    loaded.sj_crc16.restype = ctypes.c_uint16
    loaded.sj_ring_put_frame.restype = loaded.sj_ring_put.restype = loaded.sj_lamp.restype = ctypes.c_bool
    loaded.sj_ring_next.restype = ctypes.c_int16
    return loaded


class Board:
    """A stream with a ring of its own; its time is what the test says."""

    def __init__(self, library: ctypes.CDLL, *, ring: int = 512, now_us: int = 0, **about: Any) -> None:
        self.library = library
        self.about = About(
            **{
                "board": b"Nano",
                "firmware": b"sj 1",
                "no_sensor": b"no sensor found at 0x68 or 0x69",
                "lsb_per_g": 8192,
                "rate_hz": 100,
                "bandwidth_hz": 44,
                "resets": 3,
                "range_g": 4,
                "reset_cause": 1,
                "boot_id": 3,
                **about,
            }
        )
        self.sensor = Sensor(
            name=b"MPU6050", id=0x68, address=0x69, overflows=258, self_test=1, change=(3, -14, -128)
        )
        self._room = ctypes.create_string_buffer(ring)
        self._stream = ctypes.create_string_buffer(1024)  # larger than sj_stream
        self.us = now_us
        library.sj_begin(
            self._stream,
            ctypes.byref(self.about),
            ctypes.byref(self.sensor),
            self._room,
            ctypes.c_uint16(ring),
            ctypes.c_uint32(now_us % WRAP_US),
        )

    def _now(self) -> ctypes.c_uint32:
        return ctypes.c_uint32(self.us % WRAP_US)

    def sample(self, x: int, y: int, z: int) -> None:
        self.library.sj_sample(self._stream, self._now(), (ctypes.c_int16 * 3)(x, y, z))

    def hear(self, text: bytes) -> None:
        for byte in text:
            self.library.sj_hear(self._stream, self._now(), ctypes.c_uint8(byte))

    def button(self, down: bool) -> None:
        self.library.sj_button(self._stream, self._now(), ctypes.c_bool(down))

    def status(self, centidegrees: int, supply_mv: int) -> None:
        self.library.sj_status(
            self._stream, self._now(), ctypes.c_int16(centidegrees), ctypes.c_uint16(supply_mv)
        )

    def tick(self) -> None:
        self.library.sj_tick(self._stream, self._now())

    @property
    def lamp(self) -> bool:
        return bool(self.library.sj_lamp(self._stream, self._now()))

    def wait(self, seconds: float) -> None:
        """Let time go by, a tick each 5 ms."""
        for _ in range(round(seconds * 200)):
            self.us += 5000
            self.tick()

    def say(self) -> bytes:
        """Everything that waits for the host. (The ring follows the two pointers at the stream's begin.)"""
        ring = ctypes.byref(self._stream, 2 * ctypes.sizeof(ctypes.c_void_p))
        return bytes(iter(lambda: self.library.sj_ring_next(ring), -1))

    def items(self) -> list[Item]:
        return [item for item in FrameDecoder().feed(self.say()) if not isinstance(item, Aside)]


@given(data=st.binary(max_size=400))
def test_the_checksum_is_that_of_the_wire(library: ctypes.CDLL, data: bytes) -> None:
    assert library.sj_crc16(0xFFFF, data, len(data)) == crc_hqx(data, 0xFFFF)


@given(data=st.data(), size=st.integers(253, 600), lead=st.integers(0, 599))
def test_a_frame_is_what_python_makes_of_it_wherever_the_ring_turns(
    library: ctypes.CDLL, data: st.DataObject, size: int, lead: int
) -> None:
    payload = data.draw(
        st.one_of(st.binary(max_size=248), st.lists(st.sampled_from([0, 1]), max_size=248).map(bytes))
    )
    room = ctypes.create_string_buffer(size)
    ring = Ring(ctypes.cast(room, ctypes.c_void_p), size, lead % size, 0)
    scratch = ctypes.create_string_buffer(payload, len(payload) + 2)
    assert library.sj_ring_put_frame(ctypes.byref(ring), scratch, ctypes.c_uint8(len(payload)))
    got = bytes(iter(lambda: library.sj_ring_next(ctypes.byref(ring)), -1))
    assert got == cobs_encode(payload + crc_hqx(payload, 0xFFFF).to_bytes(2, "big")) + b"\0"
    assert ring.waiting == 0


@given(payload=st.binary(max_size=248), size=st.integers(1, 260), held=st.integers(0, 260))
def test_a_frame_without_room_leaves_the_ring_as_it_was(
    library: ctypes.CDLL, payload: bytes, size: int, held: int
) -> None:
    room = ctypes.create_string_buffer(size)
    ring = Ring(ctypes.cast(room, ctypes.c_void_p), size, 0, 0)
    before = bytes(1 + i % 255 for i in range(min(held, size)))
    assert library.sj_ring_put(ctypes.byref(ring), before, ctypes.c_uint16(len(before)))
    scratch = ctypes.create_string_buffer(payload, len(payload) + 2)
    taken = library.sj_ring_put_frame(ctypes.byref(ring), scratch, ctypes.c_uint8(len(payload)))
    assert taken == (len(payload) + 4 <= size - len(before))
    got = bytes(iter(lambda: library.sj_ring_next(ctypes.byref(ring)), -1))
    assert got[: len(before)] == before
    assert len(got) == len(before) + (len(payload) + 4 if taken else 0)


def test_a_payload_of_249_bytes_would_be_too_long_and_is_refused(library: ctypes.CDLL) -> None:
    room = ctypes.create_string_buffer(600)
    ring = Ring(ctypes.cast(room, ctypes.c_void_p), 600, 0, 0)
    scratch = ctypes.create_string_buffer(260)
    assert not library.sj_ring_put_frame(ctypes.byref(ring), scratch, ctypes.c_uint8(249))
    assert ring.waiting == 0


def _counts() -> st.SearchStrategy[int]:
    return st.integers(-32768, 32767)


@settings(max_examples=examples(60), deadline=None)
@given(
    start_us=st.one_of(st.integers(0, WRAP_US - 1), st.integers(WRAP_US - 300_000, WRAP_US - 1)),
    steps=st.lists(
        st.one_of(st.integers(9_000, 11_000), st.sampled_from([15_000, 20_000, 3_000_000, 1])), max_size=60
    ),
    data=st.data(),
)
def test_samples_come_back_exact_with_their_times_and_no_batch_hides_a_gap(
    library: ctypes.CDLL, start_us: int, steps: list[int], data: st.DataObject
) -> None:
    board = Board(library, ring=4000, now_us=start_us)
    sent = []
    for step_us in steps:
        board.us += step_us
        sample = tuple(data.draw(st.tuples(_counts(), _counts(), _counts())))
        board.sample(*sample)
        sent.append((board.us % WRAP_US, sample))
    board.sensor.id = 0  # what is left goes out when the sensor falls silent
    board.tick()
    frames = [item for item in board.items() if isinstance(item, Data)]
    assert [sample for frame in frames for sample in frame.counts] == [sample for _, sample in sent]
    at = 0
    for frame in frames:
        batch = sent[at : at + len(frame.counts)]
        at += len(batch)
        assert frame.t_first_us == batch[0][0]
        assert frame.span_us == (batch[-1][0] - batch[0][0]) % WRAP_US
        assert all((after - before) % WRAP_US < 15_000 for (before, _), (after, _) in pairwise(batch))
        clipped = any(value in (-32768, 32767) for _, sample in batch for value in sample)
        assert frame.flags == (CLIPPED if clipped else 0)
    assert [frame.sequence for frame in frames] == list(range(1, len(frames) + 1))


@given(start_us=st.integers(0, WRAP_US - 1), boot_id=st.integers(0, 255), lsb=st.integers(1, 65535))
def test_the_hello_is_byte_for_byte_what_python_would_say(
    library: ctypes.CDLL, start_us: int, boot_id: int, lsb: int
) -> None:
    board = Board(library, now_us=start_us, boot_id=boot_id, lsb_per_g=lsb)
    wire = board.say()
    end, said = FrameDecoder().feed(wire)
    assert isinstance(end, Aside)
    assert isinstance(said, Hello)
    assert (said.t_now_us, said.boot_id, said.lsb_per_g, said.resets) == (start_us, boot_id, lsb, 3)
    assert (said.board, said.firmware, said.sensor, said.batch) == ("Nano", "sj 1", "MPU6050", 10)
    assert (said.protocol, said.address, said.trouble, said.overflows) == (2, 0x69, 0, 258)
    assert (said.self_test, said.change_percent, said.words) == (1, (3, -14, None), "")
    assert b"\0" + encode_hello(said) == wire


def test_a_hello_of_all_that_can_be_said_fits_a_frame(library: ctypes.CDLL) -> None:
    board = Board(library, board=b"b" * 30, firmware=b"f" * 30, no_sensor=b"w" * 90)
    board.sensor.name, board.sensor.trouble, board.sensor.id = b"s" * 30, NO_SENSOR, 0
    board.hear(b"?")
    board.wait(0.2)
    said = board.items()[-1]
    assert isinstance(said, Hello)
    assert (said.sensor, said.words) == ("s" * 30, "w" * 80)


def test_what_is_wrong_is_said_soon_and_again_and_again_until_it_is_right(library: ctypes.CDLL) -> None:
    board = Board(library, ring=4000)
    board.wait(2)
    board.sensor.trouble = NO_SENSOR
    board.wait(5)
    board.sensor.trouble = 0
    board.wait(6)
    hellos = [item for item in board.items() if isinstance(item, Hello)]
    told = [(round(hello.t_now_us / 1e6), hello.trouble) for hello in hellos]
    assert told == [(0, 0), (2, 1), (4, 1), (6, 1), (7, 0), (12, 0)]
    assert {hello.words for hello in hellos if hello.trouble} == {"no sensor found at 0x68 or 0x69"}


def test_an_error_on_the_bus_brings_a_hello_at_most_once_a_second(library: ctypes.CDLL) -> None:
    board = Board(library, ring=4000)
    board.wait(1.5)
    for _ in range(300):
        board.sensor.bus_errors += 1
        board.wait(0.01)
    hellos = [item for item in board.items() if isinstance(item, Hello)]
    assert [round(hello.t_now_us / 1e6, 1) for hello in hellos] == [0, 1.5, 2.5, 3.5]


def test_lines_say_what_is_wrong_too(library: ctypes.CDLL) -> None:
    board = Board(library, ring=4000)
    board.hear(b"C")
    board.wait(0.2)
    board.sensor.trouble = NO_SENSOR
    board.say()
    board.wait(4)
    assert board.say().splitlines() == [b"# no sensor found at 0x68 or 0x69"] * 2


def test_long_names_are_cut_at_30_letters(library: ctypes.CDLL) -> None:
    board = Board(library, board=b"b" * 50, firmware=b"f" * 30)
    board.sensor.name = b"s" * 31
    board.hear(b"?")
    board.wait(0.2)
    said = board.items()[-1]
    assert isinstance(said, Hello)
    assert (said.board, said.firmware, said.sensor) == ("b" * 30, "f" * 30, "s" * 30)


def test_data_is_byte_for_byte_what_python_would_say(library: ctypes.CDLL) -> None:
    board = Board(library)
    board.say()
    for number in range(10):
        board.us = 1000 + 10_000 * number
        board.sample(number, -number, 0)
    counts = [(number, -number, 0) for number in range(10)]
    assert board.say() == encode_data(3, 1, 1000, 90_000, counts)


def test_a_hello_comes_at_boot_every_5_seconds_and_when_asked(library: ctypes.CDLL) -> None:
    board = Board(library)
    board.wait(7)
    board.hear(b"?")
    board.wait(6)
    hellos = [item for item in board.items() if isinstance(item, Hello)]
    assert [round(hello.t_now_us / 1e6, 1) for hello in hellos] == [0, 5, 7.1, 12.1]


def test_a_host_that_does_not_read_costs_whole_batches_and_each_is_counted(library: ctypes.CDLL) -> None:
    board = Board(library, ring=300)
    for number in range(200):
        board.us += 10_000
        board.sample(number, 0, 0)
    kept = [item for item in board.items() if isinstance(item, Data)]
    for number in range(200, 210):
        board.us += 10_000
        board.sample(number, 0, 0)
    board.hear(b"?")
    board.wait(0.2)
    after = board.items()
    flagged, hello = after[0], after[-1]
    assert isinstance(flagged, Data)
    assert isinstance(hello, Hello)
    assert flagged.flags & OVERFLOW
    assert hello.dropped_samples + sum(len(data.counts) for data in kept) + 10 == 210
    assert flagged.sequence == kept[-1].sequence + 1, "a frame that never left has no number"


def test_an_error_on_the_bus_is_told_with_the_next_batch_only(library: ctypes.CDLL) -> None:
    board = Board(library, ring=2000)
    for number in range(40):
        board.us += 10_000
        if number == 15:
            board.sensor.bus_errors += 1
        board.sample(number, 0, 0)
    assert [data.flags for data in board.items() if isinstance(data, Data)] == [0, 0, BUS_ERROR, 0]


@given(text=st.binary(min_size=2, max_size=30))
def test_only_a_byte_that_comes_alone_is_a_command(library: ctypes.CDLL, text: bytes) -> None:
    board = Board(library, ring=2000)
    board.say()
    board.hear(text)
    board.wait(0.5)
    assert board.say() == b""
    assert not board.lamp
    board.hear(b"?")
    board.wait(0.2)
    assert len(board.items()) == 1


@given(byte=st.integers(0, 255).filter(lambda byte: byte not in b"?BCF"))
def test_a_byte_that_is_no_command_does_nothing(library: ctypes.CDLL, byte: int) -> None:
    board = Board(library)
    board.say()
    board.hear(bytes([byte]))
    board.wait(0.5)
    assert board.say() == b""


def test_lines_say_what_they_hold_and_frames_come_back(library: ctypes.CDLL) -> None:
    board = Board(library, ring=4000)
    board.say()
    board.us = WRAP_US - 25_000
    board.sample(1, 2, 3)
    board.hear(b"C")
    board.wait(0.1)
    rows = [(0, 0, 0), (-32768, 32767, -1), (9, -10, 100)]
    for row in rows:
        board.us += 10_000
        board.sample(*row)
    before, _, text = board.say().partition(b"# ")
    assert [item.counts for item in FrameDecoder().feed(before) if isinstance(item, Data)] == [((1, 2, 3),)]
    heading, names, *lines = LineDecoder().feed(b"# " + text)
    assert isinstance(heading, Heading)
    assert (heading.per_g, heading.tick_s, heading.rate_hz, heading.sensor) == (8192, 1e-6, 100, "MPU6050")
    assert isinstance(names, Skipped)
    assert [line.numbers[1:] for line in lines if isinstance(line, Line)] == rows
    assert [line.numbers[0] for line in lines if isinstance(line, Line)] == [85_000, 95_000, 105_000]
    assert text.count(b"*") == len(rows), "each line has its checksum"
    board.hear(b"F")
    board.wait(0.2)
    end, hello = FrameDecoder().feed(board.say())
    assert isinstance(end, Aside)
    assert isinstance(hello, Hello)


def _presses(chatter: list[bool], held: int) -> Iterator[bool]:
    yield from chatter
    yield from [True] * held
    yield from [False] * 20


@given(chatter=st.lists(st.booleans(), max_size=5), held=st.integers(0, 20))
def test_a_press_counts_once_after_it_lasted_and_at_its_first_touch(
    library: ctypes.CDLL, chatter: list[bool], held: int
) -> None:
    board = Board(library)
    board.say()
    touched_us, was = 0, False
    first: list[int] = []
    for down in _presses(chatter, held):  # each state lasts 5 ms
        board.us += 5000
        board.button(down)
        if down != was:
            was, touched_us = down, board.us
        elif down and board.us - touched_us >= 30_000 and not first:
            first.append(touched_us)
    marks = [item for item in board.items() if isinstance(item, Mark)]
    assert [(mark.t_us, mark.code) for mark in marks] == [(us, 1) for us in first]


def test_the_lamp_blinks_for_three_seconds(library: ctypes.CDLL) -> None:
    board = Board(library)
    board.hear(b"B")
    seen = []
    for _ in range(1000):
        board.us += 5000
        board.tick()
        seen.append(board.lamp)
    turns_on = sum(not before and after for before, after in pairwise(seen))
    assert turns_on == 10
    assert not any(seen[650:])


def test_status_tells_temperature_and_supply(library: ctypes.CDLL) -> None:
    board = Board(library)
    board.say()
    board.us = 77
    board.status(-123, 4987)
    (status,) = board.items()
    assert isinstance(status, Status)
    assert (status.t_us, status.temperature_c, status.supply_mv) == (77, -1.23, 4987)
