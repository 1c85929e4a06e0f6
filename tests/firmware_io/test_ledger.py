"""Whatever a board's fault, nothing is lost silently, invented, doubled or misplaced: the benchmark's, in made time."""

from pathlib import Path

import pytest

from firmware_io.assemble.counted import CountedClock
from tests.benchmarks.ledger import FAULTS, by_clock, judge, made
from tests.support.marks import a_few


@pytest.mark.parametrize("name", a_few(FAULTS, of=5))
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
