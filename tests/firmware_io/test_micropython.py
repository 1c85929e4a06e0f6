"""The MicroPython firmware, run by MicroPython itself around a modelled sensor, against the clauses of the wire.

`micropython_host.mjs` starts the interpreter (WebAssembly, in node), `micropython_board.py` is the hardware. Times in
a plan are seconds after power-on; no test takes real time.
"""

import json
import os
import random
import shutil
import subprocess
from binascii import crc_hqx
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from firmware_io.wire import Aside, Data, Heading, Hello, Item, Line, Mark, Skipped, Status
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import LineDecoder
from tests.firmware_io.board_frames import cobs_encode
from tests.support.marks import a_few

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware_io" / "firmware" / "micropython" / "main.py"
HOST, BOARD = HERE / "micropython_host.mjs", HERE / "micropython_board.py"
MISSING = (
    "no MicroPython here: it needs node, then type\n"
    "  npm install --prefix ~/sleepjerk-node @micropython/micropython-webassembly-pyscript@1.27.0\n"
    "  export SLEEPJERK_NODE_MODULES=~/sleepjerk-node/node_modules"
)
WRAP_US = 1 << 32
T = TypeVar("T", bound=Item)
OVERFLOW, BUS_ERROR, CLIPPED = 1, 2, 4
WELL, NO_SENSOR, INT_SILENT, NOT_SET_UP = range(4)
NOT_TESTED, PASSED, FAILED = range(3)
MISSING_SENSOR = "no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND"
START_US = 1_000_000  # what the board's clock shows at power-on, in these tests

_random = random.Random(20)
# All different, so that no two can be mixed up; the first number is the place in the list.
SAMPLES = [(i - 4000, _random.randint(-32767, 32766), _random.randint(-32767, 32766)) for i in range(8000)]


@dataclass(frozen=True)
class Night:
    """What came over the wire, and what the sensor had to say."""

    wire: bytes
    happened: dict[str, Any]

    @property
    def items(self) -> list[Item]:
        return [item for item in FrameDecoder().feed(self.wire) if not isinstance(item, Aside)]

    def only(self, kind: type[T]) -> list[T]:
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def announced(self) -> list[tuple[int, tuple[int, int, int]]]:
        """Board time and counts of each sample of which the sensor told."""
        return [(t_us % WRAP_US, SAMPLES[index]) for index, t_us in self.happened["announced"]]

    @property
    def received(self) -> list[tuple[int, tuple[int, int, int]]]:
        """The same of each sample in a frame, by the even spacing that W4 promises."""
        return [
            ((data.t_first_us + round(data.span_us * i / max(len(data.counts) - 1, 1))) % WRAP_US, counts)
            for data in self.only(Data)
            for i, counts in enumerate(data.counts)
        ]


def spend_night(seconds: float, plan: Any = (), **job: Any) -> Night:
    node = shutil.which("node")
    samples = SAMPLES[: round(102 * seconds) + 50]
    text = json.dumps({"seconds": seconds, "plan": plan, "samples": samples, "start_us": START_US, **job})
    done = None
    if node is not None:
        command = [node, str(HOST), str(FIRMWARE), str(BOARD)]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    if done is None or done.returncode == 3:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    assert done.returncode == 0, done.stderr
    happened = json.loads(done.stdout)
    return Night(bytes.fromhex(happened.pop("wire")), happened)


def same(received: Any, announced: Any) -> None:
    """Every sample exact and in order, but for what was still on its way at the end. Stamps within rounding."""
    assert len(announced) - 12 <= len(received) <= len(announced)
    for (t_us, counts), (ready_us, sample) in zip(received, announced, strict=False):
        assert counts == sample
        assert abs(t_us - ready_us) <= 1


def kept(night: Night) -> int:
    """Received samples are a part of the announced ones, in their order; how many. No batch hides a gap."""
    rest = iter(night.announced)
    for t_us, counts in night.received:
        assert any(counts == sample and abs(t_us - ready_us) <= 1 for ready_us, sample in rest)
    return len(night.received)


def test_crc_and_cobs_are_those_of_the_wire() -> None:
    draw = random.Random(3)
    payloads = [bytes(draw.choices(range(4), k=n)) for n in (0, 1, 2, 60, 247, 248)]
    payloads += [draw.randbytes(n) for n in (8, 76, 248)] + [b"\x01" * 248, b"\x00" * 248, b"123456789"]
    night = spend_night(0.1, payloads=[list(payload) for payload in payloads])
    for payload, packed in zip(payloads, night.happened["packed"], strict=True):
        whole = payload + crc_hqx(payload, 0xFFFF).to_bytes(2, "big")
        assert bytes.fromhex(packed) == cobs_encode(whole) + b"\0"


@pytest.mark.parametrize("scale", a_few([0.9881, 1.0, 1.0123], of=3))
def test_every_sample_arrives_exact_in_order_and_with_its_own_time(scale: float) -> None:
    night = spend_night(6.5, period_scale=scale)
    same(night.received, night.announced)
    assert len(night.received) > 600
    assert not night.only(Skipped)
    assert {len(data.counts) for data in night.only(Data)} == {10}
    assert {data.flags for data in night.only(Data)} == {0}
    assert night.happened["hard"] is True


@pytest.mark.slow
def test_boards_without_hard_interrupts_work_too() -> None:
    night = spend_night(2, soft_interrupts=True)
    same(night.received, night.announced)
    assert night.happened["hard"] is False


@pytest.mark.slow
def test_noise_on_the_int_wire_makes_no_samples() -> None:
    night = spend_night(2, [(1.8, "type", list(b"?"))], double_edges=True)
    same(night.received, night.announced)
    assert [hello.missed_samples for hello in night.only(Hello)] == [0, 0]


@pytest.mark.slow
def test_time_goes_on_over_the_turns_of_the_ticks_and_of_the_wire() -> None:
    # The sensor is plugged in 71 minutes after the board; MicroPython's ticks have gone round three times by then.
    turn_s = (WRAP_US - START_US) / 1e6
    plan = [
        (0, "bus", "no answer"),
        (0.5, "lazy_ms", 4000),
        (turn_s - 3, "bus", "good"),
        (turn_s - 3, "lazy_ms", 1),
    ]
    night = spend_night(
        turn_s + 3, [*plan, (turn_s + 2, "type", list(b"?")), (turn_s + 2.2, "type", list(b"C"))]
    )
    assert kept(night) > 200
    assert night.received[0][0] > WRAP_US - 3_000_000
    assert night.received[-1][0] > 2_000_000
    assert night.received[-1][0] < 2_400_000
    steps = [(after - before) % WRAP_US for (before, _), (after, _) in pairwise(night.received)]
    assert set(steps) == {10_000}
    hellos = night.only(Hello)
    told = [(after.t_now_us - before.t_now_us) % WRAP_US for before, after in pairwise(hellos[:-1])]
    assert all(2_000_000 <= step <= 9_300_000 for step in told)
    assert (hellos[0].sensor_id, hellos[-1].sensor_id) == (0, 0x68)
    text = night.wire[night.wire.index(b"# sleepjerk") :]
    times_us = [line.numbers[0] for line in LineDecoder().feed(text) if isinstance(line, Line)]
    assert len(times_us) > 60
    assert times_us == [t_us for t_us, _ in night.announced if times_us[0] <= t_us <= times_us[-1]]


def test_hello_says_what_it_is_at_boot_when_asked_and_every_5_seconds() -> None:
    night = spend_night(12.5, [(2.0, "type", list(b"?"))], flash="41", cause=3)
    hellos = night.only(Hello)
    assert isinstance(night.items[0], Hello)
    assert [round((hello.t_now_us - START_US) / 1e6) for hello in hellos] == [0, 2, 7, 12]
    first = hellos[0]
    assert (first.protocol, first.range_g, first.lsb_per_g, first.rate_hz) == (2, 4, 8192, 100)
    assert (first.bandwidth_hz, first.batch, first.sensor_id, first.sensor) == (44, 10, 0x68, "MPU6050")
    assert first.board == "Raspberry Pi Pico with RP2040"
    assert (first.boot_id, first.resets, first.reset_cause) == (42, 42, 4)
    assert (hellos[-1].dropped_samples, hellos[-1].missed_samples, hellos[-1].bus_errors) == (0, 0, 0)
    assert [item.sequence for item in night.items] == list(range(len(night.items)))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("flash", "boot_id", "resets"),
    a_few([("255", 0, 256), ("rubbish", 1, 1), ("broken", 0xA5, 0)], of=3, several=True),
)
def test_the_boot_id_is_a_counter_on_the_flash_or_random(flash: str, boot_id: int, resets: int) -> None:
    hello = spend_night(0.4, flash=flash).only(Hello)[0]
    assert (hello.boot_id, hello.resets) == (boot_id, resets)


@pytest.mark.parametrize("fault", a_few(["no answer", "held", "no INT"], of=3))
def test_a_bus_that_fails_for_2_seconds_leaves_a_gap_and_a_count(fault: str) -> None:
    asked = [(2.5, "type", list(b"?")), (5.2, "type", list(b"?"))]
    night = spend_night(5.5, [(1.003, "bus", fault), (3.0, "bus", "good"), *asked])
    assert night.happened["ended"] == "time"
    assert not night.only(Skipped)
    received = kept(night)
    assert received >= 230
    before, *while_gone, after = night.only(Hello)
    assert before.bus_errors == 0
    assert 0 < while_gone[0].bus_errors <= after.bus_errors
    wrong = {"no answer": NO_SENSOR, "held": WELL, "no INT": INT_SILENT}[
        fault
    ]  # nine clocks free a bus that is held
    assert {hello.trouble for hello in while_gone} | {WELL} == {wrong, WELL}
    assert (after.trouble, after.words) == (WELL, "")
    assert after.sensor_id == 0x68
    flagged = [data for data in night.only(Data) if data.flags & BUS_ERROR]
    assert flagged
    assert flagged[0].t_first_us > START_US + 1_003_000
    assert night.received[-1][0] > START_US + 5_300_000
    assert night.happened["blocked"] == 0


@pytest.mark.slow
def test_what_was_read_before_the_sensor_went_is_sent_without_waiting_for_its_return() -> None:
    night = spend_night(2, [(1.053, "bus", "no answer")])
    before = [t_us for t_us, _ in night.announced if t_us < START_US + 1_053_000]
    assert len(before) % 10 > 0
    assert kept(night) == len(before)


@pytest.mark.slow
def test_a_bus_held_down_is_freed_by_nine_clocks() -> None:
    night = spend_night(4, [(2.003, "bus", "held")])
    assert kept(night) > 330
    assert night.received[-1][0] > START_US + 3_800_000


@pytest.mark.slow
def test_a_sensor_that_lost_its_power_is_set_up_again() -> None:
    night = spend_night(4, [(2.003, "brownout", None)])
    # A tenth of a second until it is noticed, another one until the chip is awake.
    assert 330 < kept(night) < 365
    assert dict(night.happened["registers"])[0x1C] == 0x08


def test_a_missing_sensor_is_told_and_waited_for() -> None:
    night = spend_night(8, [(0, "bus", "no answer"), (6.0, "bus", "good")])
    *missing, found = night.only(Hello)
    assert [round((hello.t_now_us - START_US) / 1e6) for hello in missing] == [0, 2, 4, 6]
    assert {(hello.sensor_id, hello.sensor, hello.trouble, hello.words) for hello in missing} == {
        (0, "none", NO_SENSOR, MISSING_SENSOR)
    }
    assert MISSING_SENSOR.encode() in night.wire, "a terminal without sleepjerk shows it, too"
    assert missing[-1].bus_errors >= 5
    assert (found.sensor_id, found.trouble, found.self_test) == (0x68, WELL, PASSED)
    assert night.happened["ended"] == "time", "it did not start again and again"
    same(night.received, night.announced)
    assert night.only(Data)[0].flags == BUS_ERROR


@pytest.mark.parametrize("fault", a_few(["odd", "no such bus"], of=2))
def test_whatever_a_port_raises_the_board_runs_on_and_says_what_is_missing(fault: str) -> None:
    night = spend_night(11, [(0, "bus", fault), (9, "bus", "good")])
    assert night.happened["ended"] == "time"
    assert {hello.words for hello in night.only(Hello)} == {MISSING_SENSOR, ""}
    assert kept(night) > 60


@pytest.mark.slow
def test_lines_say_that_the_sensor_is_missing_too() -> None:
    night = spend_night(8, [(0, "bus", "no answer"), (0.5, "type", list(b"C"))])
    assert night.wire.count(f"# {MISSING_SENSOR}\n".encode()) >= 3


@pytest.mark.slow
def test_a_sensor_at_the_other_address_is_found_there() -> None:
    night = spend_night(5, [(2, "address", 0x68)], address=0x69)
    hellos = night.only(Hello)
    assert [(hello.address, hello.sensor_id) for hello in (hellos[0], hellos[-1])] == [
        (0x69, 0x68),
        (0x68, 0x68),
    ]
    assert kept(night) > 370


@pytest.mark.parametrize(
    ("response", "result", "change"),
    a_few([(1.13, PASSED, 13), (0.87, PASSED, -13), (1.2, FAILED, 20)], of=3, several=True),
)
def test_the_self_test_is_told_and_refuses_nothing(response: float, result: int, change: int) -> None:
    night = spend_night(2, response=response)
    hello = night.only(Hello)[0]
    assert (hello.self_test, hello.change_percent) == (result, (change, change, change))
    same(night.received, night.announced)


@pytest.mark.slow
def test_a_sensor_that_keeps_no_setting_is_told_and_tried_until_it_does() -> None:
    night = spend_night(5, [(0, "deaf", True), (2.5, "deaf", False)])
    *deaf, well = night.only(Hello)
    assert {(hello.trouble, hello.self_test) for hello in deaf} == {(NOT_SET_UP, NOT_TESTED)}
    assert "settings" in deaf[0].words
    assert (well.trouble, well.self_test) == (WELL, PASSED)
    assert kept(night) > 120


@pytest.mark.slow
def test_what_the_sensor_says_of_itself_is_counted_and_told() -> None:
    noise = [(3.004 + 0.1025 * number, "noise", None) for number in range(10)]
    night = spend_night(6, [(2, "overflow", None), *noise, (5.5, "type", list(b"?"))])
    rows = [counts for _, counts in night.received]
    assert len(rows) == len(set(rows)), "no sample twice"
    assert len(rows) >= len(night.announced) - 12 - 10
    _, told, last = night.only(Hello)
    assert (told.overflows, told.bus_errors, told.trouble) == (1, 1, WELL)
    assert told.t_now_us - START_US == pytest.approx(2_000_000, abs=50_000)
    assert 3 <= last.false_edges <= 10
    assert [data.flags for data in night.only(Data)].count(BUS_ERROR) == 1


@pytest.mark.parametrize(
    ("board", "pins", "usb"),
    a_few(
        [
            ("Raspberry Pi Pico2 with RP2350", [4, 5, 6, 15], []),
            ("Generic ESP32 module with ESP32", [21, 22, 19, 18], []),
            ("TinyPICO with ESP32-PICO-D4", [21, 22, 19, 18], []),
            ("Generic ESP32S3 module with ESP32S3", [8, 9, 5, 4], [19, 20]),
            ("UM FeatherS3 with ESP32-S3", [8, 9, 5, 4], [19, 20]),
            ("ESP32C3 module with ESP32C3", [6, 7, 5, 4], [18, 19]),
            ("LOLIN_C3_MINI with ESP32-C3FH4", [6, 7, 5, 4], [18, 19]),
        ],
        of=7,
        several=True,
    ),
)
def test_each_board_has_its_pins_and_none_of_them_is_its_usb_port(
    board: str, pins: list[int], usb: list[int]
) -> None:
    platform = "rp2" if "RP2" in board else "esp32"
    night = spend_night(1, board=board, platform=platform, pins=pins, usb_pins=usb)
    same(night.received, night.announced)
    assert night.only(Hello)[0].board == board[:30]


@pytest.mark.parametrize(
    ("board", "set_pins", "words"),
    a_few(
        [
            ("Generic ESP32S2 module with ESP32S2", None, "set PINS in main.py"),
            ("ESP32C6 module with ESP32C6", None, "set PINS in main.py"),
            ("Arduino Nano 33 BLE with NRF52840", None, "set PINS in main.py"),
            (
                "Generic ESP32S3 module with ESP32S3",
                [20, 19, 5, 4, 2],
                "GPIO 19 is the USB port of an ESP32S3",
            ),
            ("ESP32C3 module with ESP32C3", [6, 7, 5, 18, 8], "GPIO 18 is the USB port of an ESP32C3"),
            ("ESP32 module with ESP32", [21, 99, 19, 18, 2], "this board has no pin 99"),
            ("ESP32 module with ESP32", [21, 22, 19, 18], "PINS in main.py needs five"),
        ],
        of=7,
        several=True,
    ),
)
def test_a_board_whose_pins_are_not_known_says_so_again_and_again(
    board: str, set_pins: list[int] | None, words: str
) -> None:
    chosen = {} if set_pins is None else {"set_pins": set_pins}
    night = spend_night(12, board=board, platform="esp32", no_pins=[99], **chosen)
    assert night.wire.decode().count(words) == 3
    assert night.happened["ended"] == "time"
    assert night.happened["keyboard_interrupt"] is None, "Ctrl-C ends it"


@pytest.mark.slow
def test_pins_that_were_set_are_used() -> None:
    pins = [8, 9, 3, 2]
    for board in ("ESP32C6 module with ESP32C6", "Raspberry Pi Pico with RP2040"):
        night = spend_night(1, board=board, pins=pins, set_pins=[*pins, 1])
        same(night.received, night.announced)


@pytest.mark.slow
def test_a_later_chip_is_named_and_gets_its_own_filter() -> None:
    night = spend_night(1, who_am_i=0x70)
    assert night.only(Hello)[0].sensor == "MPU6500"
    assert dict(night.happened["registers"])[0x1D] == 0x03
    assert spend_night(0.4, who_am_i=0x12).only(Hello)[0].sensor == "MPU id 12"


@pytest.mark.slow
def test_a_host_that_does_not_read_costs_whole_frames_and_each_is_counted() -> None:
    night = spend_night(29, [(0.5, "reading", False), (25.0, "reading", True), (28.6, "type", list(b"?"))])
    assert night.happened["blocked"] == 0, "a write waited for the host"
    assert not night.only(Skipped)
    received, last = kept(night), night.only(Hello)[-1]
    assert last.dropped_samples > 300
    assert last.dropped_samples % 10 == 0
    on_the_way = len(night.announced) - received - last.dropped_samples
    assert 0 <= on_the_way <= 12
    assert last.missed_samples == 0
    flagged = [data for data in night.only(Data) if data.flags & OVERFLOW]
    assert len(flagged) == 1
    assert flagged[0].t_first_us > START_US + 20_000_000


@pytest.mark.slow
def test_a_port_that_takes_nothing_gets_the_same_byte_again() -> None:
    night = spend_night(3, [(0.5, "refuse", 40), (1.5, "refuse", 7)])
    assert not night.only(Skipped)
    same(night.received, night.announced)


def test_a_board_that_was_busy_counts_what_it_missed() -> None:
    night = spend_night(5, [(1, "lazy_ms", 23), (3, "lazy_ms", 1), (4.7, "type", list(b"?"))])
    received, missed = kept(night), night.only(Hello)[-1].missed_samples
    assert missed > 50
    assert 0 <= len(night.announced) - received - missed <= 12


@pytest.mark.slow
def test_clipped_samples_are_flagged() -> None:
    samples = (
        [(0, 0, 8192)] * 150 + [(32767, 0, 0)] + [(0, 0, 8192)] * 150 + [(0, -32768, 0)] + [(0, 0, 1)] * 900
    )
    flags = [data.flags for data in spend_night(4, samples=samples).only(Data)]
    assert flags.count(CLIPPED) == 2
    assert flags.count(0) == len(flags) - 2


def test_a_press_is_one_mark_at_its_first_touch_however_the_contacts_chatter() -> None:
    chatter = [(1.0 + 0.002 * i, "button", i % 2) for i in range(5)]
    release = [(1.5 + 0.002 * i, "button", 1 - i % 2) for i in range(5)]
    glitch = [(2.5, "button", 0), (2.505, "button", 1)]
    again = [(3.0, "button", 0), (3.2, "button", 1)]
    night = spend_night(4, chatter + release + glitch + again)
    marks = night.only(Mark)
    assert [mark.code for mark in marks] == [1, 1]
    assert marks[0].t_us == pytest.approx(START_US + 1_008_000, abs=9_000)
    assert marks[1].t_us == pytest.approx(START_US + 3_000_000, abs=2_500)
    same(night.received, night.announced)


@pytest.mark.slow
def test_b_blinks_and_costs_no_sample() -> None:
    night = spend_night(4.5, [(1, "type", list(b"B"))])
    assert night.happened["lamp"] >= 10
    same(night.received, night.announced)
    assert spend_night(0.5).happened["lamp"] == 0
    assert spend_night(1, [(0.2, "type", list(b"B"))], no_lamp=True).happened["ended"] == "time"


@pytest.mark.slow
def test_c_gives_lines_that_explain_themselves_and_f_gives_frames_again() -> None:
    night = spend_night(5, [(1, "type", list(b"C")), (3, "type", list(b"F"))])
    begin = night.wire.index(b"# sleepjerk")
    end = night.wire.index(b"\0", begin)
    lines = LineDecoder().feed(night.wire[begin:end])
    heading = lines[0]
    assert isinstance(heading, Heading)
    assert (heading.per_g, heading.unit, heading.tick_s, heading.rate_hz, heading.sensor) == (
        8192,
        "counts:8192",
        1e-6,
        100,
        "MPU6050",
    )
    assert isinstance(lines[1], Skipped)  # t,ax,ay,az
    assert all(isinstance(item, Line) for item in lines[2:])
    rows = [item.numbers for item in lines[2:] if isinstance(item, Line)]
    assert len(rows) == pytest.approx(200, abs=2)
    assert rows == [(t_us, *sample) for t_us, sample in night.announced if rows[0][0] <= t_us <= rows[-1][0]]
    before, after = FrameDecoder().feed(night.wire[:begin]), FrameDecoder().feed(night.wire[end + 1 :])
    assert isinstance(after[0], Hello)
    frames = [item for item in before + after if isinstance(item, Data)]
    assert not [item for item in before + after if isinstance(item, Skipped)]
    assert sum(len(data.counts) for data in frames) + len(rows) >= len(night.announced) - 12


@pytest.mark.slow
def test_no_byte_from_the_host_disturbs_it() -> None:
    draw = random.Random(9)
    noise = [(0.5 + 0.2 * i, "type", draw.choices(range(256), k=12)) for i in range(15)]
    night = spend_night(5, [*noise, (4, "type", [3, 4, 0, 26, *b"AT+GCAP\rATI\r~~"])])
    assert len(night.only(Hello)) == 1
    assert night.happened["ended"] == "time"
    assert night.happened["keyboard_interrupt"] == -1
    assert kept(night) >= len(night.announced) - 12
    wild = spend_night(
        5,
        [(0.2 + 0.02 * i, "type", draw.choices(range(256), k=4)) for i in range(150)]
        + [(4, "type", list(b"F"))],
    )
    assert wild.happened["ended"] == "time"
    assert wild.only(Data)[-1].t_first_us > START_US + 4_500_000


def test_the_watchdog_ends_a_board_that_stands_still() -> None:
    night = spend_night(12, [(1, "bus", "dead")])
    assert night.happened["ended"] == "watchdog"
    assert spend_night(12, [(0, "lazy_ms", 50)]).happened["ended"] == "time"


@pytest.mark.slow
def test_a_button_held_at_power_on_stops_the_program() -> None:
    night = spend_night(3, button_held=True)
    assert night.happened["ended"] == "stopped"
    assert night.happened["keyboard_interrupt"] is None
    assert b"not started" in night.wire


@pytest.mark.parametrize(
    ("board", "told"),
    a_few(
        [("Raspberry Pi Pico with RP2040", True), ("Raspberry Pi Pico W with RP2040", False)],
        of=2,
        several=True,
    ),
)
def test_status_comes_only_where_temperature_and_supply_can_be_measured(board: str, told: bool) -> None:
    night = spend_night(62, [(0, "lazy_ms", 400)], board=board)
    statuses = night.only(Status)
    assert len(statuses) == told
    for status in statuses:
        assert status.temperature_c == pytest.approx(850 / 340 + 36.53, abs=0.005)
        assert status.supply_mv == 4985  # 33000 of 65535, 3.3 V, behind a divider by 3
