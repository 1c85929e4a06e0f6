"""Whatever a board's fault, nothing is lost silently, invented, doubled or misplaced: the benchmark's, in made time."""

from pathlib import Path

import pytest

from firmware_io.assemble.counted import CountedClock
from tests.benchmarks.ledger import FAULTS, by_clock, judge, made
from tests.support.marks import a_few


@pytest.mark.parametrize("name", a_few(FAULTS, of=10))
def test_the_ledger_is_right_to_the_sample_and_every_sample_at_its_time(name: str, tmp_path: Path) -> None:
    sent = made(name)
    words, wrong = judge(sent, by_clock(sent, tmp_path / "night"))
    assert not wrong, words


@pytest.mark.parametrize("true_us", [9_700.0, 10_000.0, 10_300.0])
@pytest.mark.parametrize("delay_s", [0.0, 0.5])
def test_the_rate_of_lines_without_a_time_is_found_whatever_they_wait_for(
    true_us: float, delay_s: float
) -> None:
    """Each line comes when a buffer is emptied, every so often, and by no line's own time."""
    clock = CountedClock(10_000.0)
    for line in range(12_000):
        at_s = line * true_us / 1e6
        clock.count(at_s if not delay_s else delay_s * (at_s // delay_s + 1), 1)
    assert clock.period_us == pytest.approx(true_us, rel=2e-3)


@pytest.mark.parametrize(("before_hz", "after_hz"), [(100, 200), (200, 100)])
def test_lines_that_come_twice_or_half_as_often_from_now_on_are_back_at_their_times_within_the_hour(
    before_hz: int, after_hz: int
) -> None:
    clock, at_s, off_s = CountedClock(1e6 / before_hz), 0.0, 0.0
    for line in range(60 * before_hz + 3000 * after_hz):
        at_s += 1 / (before_hz if line < 60 * before_hz else after_hz)
        off_s = clock.count(at_s, 1) / 1e6 - at_s
    assert off_s == pytest.approx(-1 / before_hz, abs=0.02)
