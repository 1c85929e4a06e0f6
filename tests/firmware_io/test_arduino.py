"""The Arduino program for ESP32 and XIAO, built for this computer round a modelled sensor (`arduino/host.cpp`).

What these tests show is the program's own logic; what the compilers of the boards' processors make of it is in
`test_compilers.py`. Times in a plan are seconds after power-on.
"""

import subprocess
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_io.wire import Data, Heading, Hello, Item, Line, Mark, Skipped
from firmware_io.wire.lines import LineDecoder
from tests.firmware_io.built import TOLD, Life, Plan, built, received, samples
from tests.support.marks import a_few

T = TypeVar("T", bound=Item)
OVERFLOW, BUS_ERROR = 1, 2
WRAP_US = 1 << 32
WELL, NO_SENSOR, INT_SILENT, NOT_SET_UP = range(4)
NOT_TESTED, PASSED, FAILED = range(3)
BOARDS = pytest.mark.parametrize("board", ["esp32", "xiao"])


def run(
    folder: Path, board: str, seconds: float, plan: Plan = (), first_us: int = 0, status: int = 0
) -> Life:
    counts = samples(round(104 * seconds))
    counts.tofile(folder / "counts.i16")
    lines = [" ".join(str(word) for word in step) for step in sorted(plan, key=lambda step: step[0])]
    (folder / "plan.txt").write_text("\n".join(lines) + "\n")
    files = [folder / name for name in ("counts.i16", "told.bin", "wire.bin", "plan.txt")]
    command = [built(f"arduino-{board}"), *files, str(first_us)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stderr
    told = np.fromfile(folder / "told.bin", dtype=TOLD)
    return Life((folder / "wire.bin").read_bytes(), counts, told, 0.0, 0.0)


def only(items: list[Item], kind: type[T]) -> list[T]:
    return [item for item in items if isinstance(item, kind)]


def places(life: Life, first_us: int = 0) -> NDArray[np.int64]:
    """Which announced sample each received one is, in their order and at their times."""
    got, said = received(life.items), life.announced
    known = {tuple(row[1:]): number for number, row in enumerate(said)}
    number = np.array([known[tuple(row[1:])] for row in got], dtype=np.int64)
    assert np.all(np.diff(number) > 0)
    late_us = (got[:, 0] - said[number, 0] - first_us + WRAP_US // 2) % WRAP_US - WRAP_US // 2
    assert np.all(np.abs(late_us) <= 1)
    return number


@pytest.mark.parametrize(
    ("board", "first_us"),
    a_few(
        [
            ("esp32", 0),
            ("esp32", WRAP_US - 3_000_000),
            ("esp32s3", 0),
            ("esp32c3", 0),
            ("xiao", WRAP_US - 3_000_000),
        ],
        of=5,
        several=True,
    ),
)
def test_every_sample_arrives_exact_and_at_its_time_over_the_turn_of_the_clock(
    tmp_path: Path, board: str, first_us: int
) -> None:
    life = run(tmp_path, board, 12, first_us=first_us)
    number = places(life, first_us)
    np.testing.assert_array_equal(number, np.arange(len(number)))
    assert 0 <= len(life.announced) - len(number) <= 12
    assert not only(life.items, Skipped)
    assert {data.flags for data in only(life.items, Data)} == {0}
    assert [item.sequence for item in life.items] == list(range(len(life.items)))  # type: ignore[attr-defined]


def test_each_board_says_what_it_is(tmp_path: Path) -> None:
    esp, xiao = (only(run(tmp_path, board, 1).items, Hello)[0] for board in ("esp32", "xiao"))
    assert (esp.board, esp.sensor, esp.sensor_id, esp.lsb_per_g) == ("ESP32", "MPU6050", 0x68, 8192)
    assert (esp.rate_hz, esp.bandwidth_hz, esp.resets, esp.boot_id, esp.reset_cause) == (100, 44, 1, 1, 1)
    assert (xiao.board, xiao.sensor, xiao.sensor_id) == ("XIAO nRF52840 Sense", "LSM6DS3TR-C", 0x6A)
    assert (xiao.rate_hz, xiao.lsb_per_g, xiao.boot_id, xiao.reset_cause) == (104, 8197, 0x5A, 4)


@pytest.mark.parametrize(
    ("board", "usual", "other", "words"),
    [
        ("esp32", 0x68, 0x69, "no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND"),
        ("xiao", 0x6A, 0x6B, "no sensor found at 0x6A or 0x6B: is this a XIAO nRF52840 Sense?"),
    ],
)
def test_a_missing_sensor_is_told_and_waited_for_at_both_addresses(
    tmp_path: Path, board: str, usual: int, other: int, words: str
) -> None:
    life = run(tmp_path, board, 3, [(0, "absent", 1), (5, "address", other), (7, "absent", 0)])
    *missing, found = only(life.items, Hello)
    assert [round(hello.t_now_us / 1e6) for hello in missing] == [0, 2, 4, 6]
    assert {(hello.sensor_id, hello.sensor, hello.trouble, hello.words) for hello in missing} == {
        (0, "none", NO_SENSOR, words)
    }
    assert (found.trouble, found.address, found.words) == (WELL, other, "")
    assert len(places(life)) > 150
    assert only(run(tmp_path, board, 1).items, Hello)[0].address == usual


@pytest.mark.parametrize(
    ("response", "result", "change"),
    a_few([(100, PASSED, 0), (88, PASSED, -12), (120, FAILED, 20)], of=3, several=True),
)
def test_the_self_test_is_told_and_refuses_nothing(
    tmp_path: Path, response: int, result: int, change: int
) -> None:
    life = run(tmp_path, "esp32", 2, [(0, "response", response)])
    hello = only(life.items, Hello)[0]
    assert hello.self_test == result
    assert hello.change_percent == pytest.approx((change, change, change), abs=1)
    assert len(life.announced) - len(places(life)) <= 12


@pytest.mark.parametrize(("who", "name"), [(0x70, "MPU6500"), (0x71, "MPU9250")])
def test_a_later_chip_is_named_gets_its_own_filter_and_is_not_tested(
    tmp_path: Path, who: int, name: str
) -> None:
    life = run(tmp_path, "esp32", 2, [(0, "who", who)])
    hello = only(life.items, Hello)[0]
    assert (hello.sensor, hello.sensor_id, hello.self_test) == (name, who, NOT_TESTED)
    assert len(places(life)) > 100


def test_what_the_sensor_says_of_itself_is_counted_and_told(tmp_path: Path) -> None:
    noise = [(3.004 + 0.1025 * number, "noise") for number in range(10)]
    life = run(tmp_path, "esp32", 6, [(2, "overflow"), *noise, (5.5, "hear", ord("?"))])
    places(life)
    _, told, last = only(life.items, Hello)
    assert (told.overflows, told.bus_errors, told.trouble) == (1, 1, WELL)
    assert told.t_now_us == pytest.approx(2_000_000, abs=50_000)
    assert 3 <= last.false_edges <= 10
    assert [data.flags for data in only(life.items, Data)].count(BUS_ERROR) == 1


@BOARDS
@pytest.mark.parametrize(
    ("fault", "trouble", "word"), [("int", INT_SILENT, "INT"), ("deaf", NOT_SET_UP, "settings")]
)
def test_a_silent_int_wire_and_a_sensor_that_keeps_no_setting_are_told_apart(
    tmp_path: Path, board: str, fault: str, trouble: int, word: str
) -> None:
    # A chip that loses its power while it keeps no setting can't be set up again.
    begin, end = ((2.003, "int", 0), (6, "int", 1)) if fault == "int" else ((2.0, "deaf", 1), (6, "deaf", 0))
    life = run(tmp_path, board, 9, [begin, (2.003, "power") if fault == "deaf" else begin, end])
    hellos = only(life.items, Hello)
    assert {hello.trouble for hello in hellos} == {WELL, trouble}
    assert all(word in hello.words for hello in hellos if hello.trouble)
    assert hellos[-1].trouble == WELL
    assert received(life.items)[-1, 0] > 8_000_000


@BOARDS
@pytest.mark.parametrize("fault", ["hold", "power"])
def test_a_bus_that_hangs_and_a_sensor_without_power_cost_less_than_half_a_second(
    tmp_path: Path, board: str, fault: str
) -> None:
    life = run(tmp_path, board, 6, [(2.003, fault), (5.5, "hear", ord("?"))])
    number = places(life)
    assert np.diff(received(life.items)[:, 0]).max() < 500_000
    assert received(life.items)[-1, 0] > 5_500_000
    assert only(life.items, Hello)[-1].bus_errors > 0
    assert len(life.announced) - len(number) < 60


@BOARDS
def test_a_sensor_pulled_off_is_told_waited_for_and_flagged(tmp_path: Path, board: str) -> None:
    life = run(tmp_path, board, 6, [(2.053, "absent", 1), (4.0, "hear", ord("?")), (5.0, "absent", 0)])
    places(life)
    hellos = only(life.items, Hello)
    assert [hello.sensor for hello in hellos[1:2]] == ["none"]
    steps_us = np.diff(received(life.items)[:, 0])
    assert np.sum(steps_us > 20_000) == 1
    assert 2_900_000 < steps_us.max() < 4_300_000
    assert BUS_ERROR in {data.flags for data in only(life.items, Data)}


@BOARDS
def test_a_host_that_does_not_read_costs_whole_frames_and_each_is_counted(tmp_path: Path, board: str) -> None:
    life = run(tmp_path, board, 40, [(1, "reading", 0), (30, "reading", 1), (38, "hear", ord("?"))])
    number = places(life)
    assert not only(life.items, Skipped)
    hello = only(life.items, Hello)[-1]
    assert hello.dropped_samples > 300
    assert 0 <= len(life.announced) - len(number) - hello.dropped_samples <= 12
    assert [data.flags for data in only(life.items, Data)].count(OVERFLOW) == 1


@BOARDS
def test_a_loop_that_is_late_counts_what_it_missed(tmp_path: Path, board: str) -> None:
    life = run(tmp_path, board, 6, [(1, "slow", 23), (3, "slow", 0), (5.5, "hear", ord("?"))])
    number = places(life)
    hello = only(life.items, Hello)[-1]
    assert hello.missed_samples > 80
    assert 0 <= len(life.announced) - len(number) - hello.missed_samples <= 12


@BOARDS
def test_a_press_is_a_mark_and_lines_come_when_asked(tmp_path: Path, board: str) -> None:
    plan: Plan = [(1, "button", 1), (1.2, "button", 0), (2, "hear", ord("C")), (4, "hear", ord("F"))]
    life = run(tmp_path, board, 6, plan)
    (mark,) = only(life.items, Mark)
    assert mark.t_us == pytest.approx(1_000_000, abs=3_000)
    begin = life.wire.index(b"# sleepjerk")
    heading, _, *lines = LineDecoder().feed(life.wire[begin : life.wire.index(b"\0", begin)])
    assert isinstance(heading, Heading)
    assert len(only(lines, Line)) == len(lines) > 180


def test_the_watchdog_of_the_xiao_ends_a_loop_that_stands_still(tmp_path: Path) -> None:
    run(tmp_path, "xiao", 20, [(2, "slow", 6000)], status=4)
