"""The Uno's and Nano's real firmware, run by simavr round a modelled MPU-6050, against the clauses of the wire.

Times in a plan are seconds after power-on. `firmware_io/simboard/simboard.c` says what a plan can do.
"""

from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from firmware_io.wire import Data, Heading, Hello, Item, Line, Mark, Skipped, Status
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import LineDecoder
from tests.firmware_io.built import HZ, Life, Plan, live, received, samples
from tests.support.marks import a_few

T = TypeVar("T", bound=Item)
OVERFLOW, BUS_ERROR, CLIPPED = 1, 2, 4
WELL, NO_SENSOR, INT_SILENT, NOT_SET_UP = range(4)
NOT_TESTED, PASSED, FAILED = range(3)
# From power-on until the program's clock starts: the C start-up, the same in each run.
STARTED_US = 600


def run(folder: Path, seconds: float, plan: Plan = (), **job: float) -> Life:
    return live(folder, samples(round(seconds * HZ)), plan, **job)


def only(items: list[Item], kind: type[T]) -> list[T]:
    return [item for item in items if isinstance(item, kind)]


def same(life: Life) -> None:
    """Every sample of which the sensor told, exact, in order, at its time; but for what was on its way at the end."""
    got, said = received(life.items), life.announced
    assert 0 <= len(said) - len(got) < 10
    np.testing.assert_array_equal(got[:, 1:], said[: len(got), 1:])
    late_us = said[: len(got), 0] - got[:, 0]
    assert np.ptp(late_us) <= 40, "an interrupt may wait for another one, never longer"
    assert np.median(late_us) == pytest.approx(STARTED_US, abs=100)


def kept(life: Life) -> int:
    """Received samples are a part of the announced ones, in their order, at their times; how many."""
    got, said = received(life.items), life.announced
    rows = {tuple(row[1:]): number for number, row in enumerate(said)}
    places = np.array([rows[tuple(row[1:])] for row in got], dtype=np.int64)
    assert np.all(np.diff(places) > 0)
    late_us = said[places, 0] - got[:, 0]
    assert np.all(np.abs(late_us - np.median(late_us)) <= 40)
    return len(got)


@pytest.mark.parametrize("ppm", a_few([12_000.0, 0.0, -12_000.0], of=3))
def test_every_sample_arrives_exact_in_order_and_with_its_own_time(tmp_path: Path, ppm: float) -> None:
    life = run(tmp_path, 60, sensor_ppm=ppm)
    same(life)
    assert len(received(life.items)) > 5900
    assert not only(life.items, Skipped)
    assert {data.flags for data in only(life.items, Data)} == {0}
    assert [item.sequence for item in life.items] == list(range(len(life.items)))  # type: ignore[attr-defined]


def test_the_hello_says_what_it_is_and_the_status_how_warm(tmp_path: Path) -> None:
    items = run(tmp_path, 61).items
    first = items[0]
    assert isinstance(first, Hello)
    assert (first.protocol, first.range_g, first.lsb_per_g, first.rate_hz) == (2, 4, 8192, 100)
    assert (first.address, first.trouble, first.overflows, first.false_edges) == (0x68, WELL, 0, 0)
    assert (first.self_test, first.change_percent, first.words) == (PASSED, (0, 0, 0), "")
    assert (first.bandwidth_hz, first.batch, first.sensor_id, first.sensor) == (44, 10, 0x68, "MPU6050")
    assert (first.board, first.boot_id, first.resets, first.reset_cause) == ("ATmega328P", 1, 1, 1)
    hellos = only(items, Hello)
    assert [round(hello.t_now_us / 1e6) for hello in hellos] == [5 * number for number in range(len(hellos))]
    (status,) = only(items, Status)
    assert status.temperature_c == pytest.approx(-5620 / 340 + 36.53, abs=0.01)
    assert status.supply_mv == pytest.approx(5000, rel=0.02)


def test_a_sensor_pulled_off_for_2_seconds_leaves_a_gap_and_a_count(tmp_path: Path) -> None:
    life = run(tmp_path, 6, [(2.003, "absent", 1), (4.5, "hear", ord("?")), (5.0, "absent", 0)])
    assert not only(life.items, Skipped)
    assert kept(life) >= len(life.announced) - 10
    steps_us = np.diff(received(life.items)[:, 0])
    assert np.sum(steps_us > 15_000) == 1
    assert 3_000_000 < steps_us.max() < 4_300_000
    hellos = only(life.items, Hello)
    assert [hello.sensor_id for hello in hellos[:2]] == [0x68, 0]
    assert hellos[1].sensor == "none"
    assert hellos[1].bus_errors > 0
    flagged = [data for data in only(life.items, Data) if data.flags & BUS_ERROR]
    assert [round(data.t_first_us / 1e6) for data in flagged][-1] in (5, 6)


@pytest.mark.parametrize("fault", ["hold", "power"])
def test_a_bus_that_hangs_and_a_sensor_without_power_cost_less_than_half_a_second(
    tmp_path: Path, fault: str
) -> None:
    life = run(tmp_path, 6, [(2.003, fault), (5.9, "hear", ord("?"))])
    assert kept(life) > 545
    assert np.diff(received(life.items)[:, 0]).max() < 500_000
    assert received(life.items)[-1, 0] > 5_800_000
    assert only(life.items, Hello)[-1].bus_errors > 0


def test_a_missing_sensor_is_told_and_waited_for(tmp_path: Path) -> None:
    life = run(tmp_path, 2, [(0.0, "absent", 1), (7.0, "absent", 0)])
    *missing, found = only(life.items, Hello)
    assert [round(hello.t_now_us / 1e6) for hello in missing] == [0, 2, 4, 6]
    words = "no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND"
    assert {
        (hello.sensor_id, hello.sensor, hello.address, hello.trouble, hello.words) for hello in missing
    } == {(0, "none", 0, NO_SENSOR, words)}
    assert words.encode() in life.wire, "a terminal without sleepjerk shows it, too"
    assert missing[-1].bus_errors >= 6
    assert (found.sensor_id, found.trouble, found.self_test, found.words) == (0x68, WELL, PASSED, "")
    assert found.t_now_us < 8_000_000
    assert kept(life) > 180
    assert only(life.items, Data)[0].flags == BUS_ERROR


def test_a_sensor_at_the_other_address_is_found_there(tmp_path: Path) -> None:
    life = run(tmp_path, 4, [(0.0, "address", 0x69), (2.05, "address", 0x68)])
    hellos = only(life.items, Hello)
    assert [(hello.address, hello.sensor_id, hello.self_test) for hello in hellos[::2]] == [
        (0x69, 0x68, PASSED),
        (0x68, 0x68, PASSED),
    ]
    assert kept(life) > 380


@pytest.mark.parametrize(
    ("response", "result", "change"),
    a_few([(113, PASSED, 13), (87, PASSED, -13), (116, FAILED, 16), (0, FAILED, -100)], of=4, several=True),
)
def test_the_self_test_is_told_and_refuses_nothing(
    tmp_path: Path, response: int, result: int, change: int
) -> None:
    life = run(tmp_path, 2, [(0.0, "response", response)])
    hello = only(life.items, Hello)[0]
    assert hello.self_test == result
    assert hello.change_percent == pytest.approx((change, change, change), abs=1)
    same(life)


def test_a_chip_without_a_trim_is_not_judged(tmp_path: Path) -> None:
    hello = only(run(tmp_path, 1, [(0.0, "untrimmed")]).items, Hello)[0]
    assert (hello.self_test, hello.change_percent) == (NOT_TESTED, (None, None, None))


def test_a_sensor_that_keeps_no_setting_is_told_and_tried_until_it_does(tmp_path: Path) -> None:
    life = run(tmp_path, 2, [(0.0, "deaf", 1), (3.0, "deaf", 0)])
    *deaf, well = only(life.items, Hello)
    assert {(hello.trouble, hello.self_test) for hello in deaf} == {(NOT_SET_UP, NOT_TESTED)}
    assert "keep its settings" in deaf[0].words
    assert (well.trouble, well.self_test) == (WELL, PASSED)
    assert kept(life) > 180


def test_an_overflow_that_the_sensor_tells_of_is_counted_flagged_and_told_at_once(tmp_path: Path) -> None:
    life = run(tmp_path, 4, [(2.0, "overflow")])
    same(life)
    _, told = only(life.items, Hello)
    assert (told.overflows, told.bus_errors, told.trouble) == (1, 1, WELL)
    assert told.t_now_us == pytest.approx(2_000_000, abs=50_000)
    assert [data.flags for data in only(life.items, Data)].count(BUS_ERROR) == 1


def test_noise_on_the_int_wire_makes_no_samples(tmp_path: Path) -> None:
    quarters = [(2 + 0.1025 * number, "noise") for number in range(10)]
    life = run(tmp_path, 4, [*quarters, (3.9, "hear", ord("?"))])
    hello = only(life.items, Hello)[-1]
    assert 3 <= hello.false_edges <= 10
    rows = received(life.items)[:, 1:].tolist()
    assert len(rows) == len({tuple(row) for row in rows})
    # An edge just before the true one takes its place, and that sample is missing.
    assert len(life.announced) - len(rows) <= 10 + 3


def test_an_int_wire_that_came_off_is_noticed(tmp_path: Path) -> None:
    life = run(tmp_path, 6, [(2.0, "int", 0), (4.0, "int", 1), (5.9, "hear", ord("?"))])
    hellos = only(life.items, Hello)
    assert [hellos[at].trouble for at in (0, 1, -1)] == [WELL, INT_SILENT, WELL]
    assert "INT" in hellos[1].words
    assert hellos[-1].bus_errors > 0
    assert received(life.items)[-1, 0] > 5_500_000
    assert kept(life) > 300


def test_a_press_is_one_mark_at_its_first_touch_however_the_contacts_chatter(tmp_path: Path) -> None:
    chatter = [(1.0 + 0.002 * i, "button", i % 2) for i in range(6)]
    glitch = [(2.5, "button", 1), (2.505, "button", 0)]
    again = [(1.5, "button", 0), (3.0, "button", 1), (3.2, "button", 0)]
    life = run(tmp_path, 4, [*chatter, *glitch, *again])
    marks = only(life.items, Mark)
    assert [mark.code for mark in marks] == [1, 1]
    assert [mark.t_us for mark in marks] == pytest.approx([1_010_000, 3_000_000], abs=12_000)
    same(life)


def test_the_watchdog_starts_a_board_again_that_stands_still(tmp_path: Path) -> None:
    life = run(tmp_path, 8, [(3.06, "freeze")])
    before, after = (
        [item for item in life.items if item.boot_id == boot]  # type: ignore[attr-defined]
        for boot in (1, 2)
    )
    hello = only(after, Hello)[0]
    assert (hello.sequence, hello.resets, hello.reset_cause) == (0, 2, 4)
    assert hello.t_now_us < 300_000
    assert not only(life.items, Mark)
    assert len(received(before)) > 250
    assert len(received(after)) > 200
    assert not only(life.items, Skipped)


def test_a_reset_by_the_port_gives_a_new_boot_id_and_says_so(tmp_path: Path) -> None:
    life = run(tmp_path, 6, [(2.0, "reset"), (4.05, "brownout")])  # the first cuts a frame off
    hellos = only(life.items, Hello)
    assert [(hello.boot_id, hello.reset_cause) for hello in hellos[:3]] == [(1, 1), (2, 8), (3, 2)]
    assert hellos[1].sequence == 0, "the first hello of a start is heard, whatever was cut off"
    assert len(received(life.items)) > 540
    assert not only(life.items, Mark), "nobody pressed anything"


@pytest.mark.slow
def test_a_button_held_over_a_reset_is_pressed_and_one_that_was_let_go_is_not(tmp_path: Path) -> None:
    plan: Plan = [(1, "button", 1), (1.5, "button", 0), (2.06, "reset"), (3, "button", 1), (4.05, "reset")]
    marks = only(run(tmp_path, 6, [*plan, (5, "button", 0)]).items, Mark)
    assert [mark.boot_id for mark in marks] == [1, 2, 3]
    assert marks[2].t_us < 400_000


def test_clipped_samples_are_flagged(tmp_path: Path) -> None:
    counts = samples(400)
    counts[150, 0], counts[301, 2] = 32767, -32768
    flags = [data.flags for data in only(live(tmp_path, counts).items, Data)]
    assert flags.count(CLIPPED) == 2
    assert flags.count(0) == len(flags) - 2


def test_c_gives_lines_and_f_gives_frames_again(tmp_path: Path) -> None:
    life = run(tmp_path, 6, [(1, "hear", ord("C")), (4, "hear", ord("F"))])
    begin = life.wire.index(b"# sleepjerk")
    end = life.wire.index(b"\0", begin)
    heading, _, *lines = LineDecoder().feed(life.wire[begin:end])
    assert isinstance(heading, Heading)
    rows = np.array([line.numbers for line in lines if isinstance(line, Line)], dtype=np.int64)
    assert len(rows) == len(lines)
    assert len(rows) == pytest.approx(300, abs=3)
    said = life.announced
    first = int(np.flatnonzero((said[:, 1:] == rows[0, 1:]).all(axis=1))[0])
    np.testing.assert_array_equal(rows[:, 1:], said[first : first + len(rows), 1:])
    assert isinstance(FrameDecoder().feed(life.wire[end + 1 :])[0], Hello)


def test_modem_software_and_noise_from_the_host_cost_nothing(tmp_path: Path) -> None:
    words = b"AT+GCAP\rATI\r~~\x00\xff"
    plan = [(1 + 0.001 * i, "hear", byte) for i, byte in enumerate(words)]
    life = run(tmp_path, 4, plan)
    same(life)
    assert len(only(life.items, Hello)) == 1


def test_a_damaged_byte_costs_its_frame_only(tmp_path: Path) -> None:
    plan: Plan = [(1.0, "flip", 3), (2.0, "drop"), (3.0, "flip", 7)]
    life = run(tmp_path, 5, plan)
    assert 1 <= len(only(life.items, Skipped)) <= 6
    assert kept(life) >= len(life.announced) - 9 - 6 * 10
    gaps = [after.sequence - before.sequence for before, after in pairwise(only(life.items, Data))]
    assert max(gaps) <= 3


@pytest.mark.slow
def test_the_sketch_as_the_arduino_ide_builds_it_does_the_same(tmp_path: Path) -> None:
    counts, plan = samples(1000), [(3.0, "hold"), (5.0, "freeze")]
    ours, theirs = (live(tmp_path, counts, plan, firmware=name).items for name in ("board.elf", "sketch.elf"))
    np.testing.assert_array_equal(received(theirs)[:, 1:], received(ours)[:, 1:])
    assert only(theirs, Hello)[-1].reset_cause == 4
    assert not only(theirs, Skipped)


@pytest.mark.slow
def test_a_night_of_8_hours_through_the_firmware_loses_and_invents_nothing(tmp_path: Path) -> None:
    """2.88 million samples; the board's time goes round six times."""
    counts = samples(8 * 3600 * HZ, seed=8)
    life = live(tmp_path, counts)
    items = life.items
    assert not only(items, Skipped)
    got = received(items)
    assert 0 <= len(life.announced) - len(got) < 10
    np.testing.assert_array_equal(got[:, 1:], life.announced[: len(got), 1:])
    steps_us = np.diff(got[:, 0]) % (1 << 32)
    assert set(np.unique(steps_us)) <= set(range(9_960, 10_041))
    last = only(items, Hello)[-1]
    assert (last.dropped_samples, last.missed_samples, last.bus_errors) == (0, 0, 0)
