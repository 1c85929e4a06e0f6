"""The Arduino program for ESP32 and XIAO, built for this computer round a modelled sensor (`arduino/host.cpp`).

Neither toolchain can be had here: what these tests show is the program's own logic, not that the boards' compilers
take it. Times in a plan are seconds after power-on.
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

T = TypeVar("T", bound=Item)
OVERFLOW, BUS_ERROR = 1, 2
WRAP_US = 1 << 32
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


@BOARDS
@pytest.mark.parametrize("first_us", [0, WRAP_US - 3_000_000])
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
