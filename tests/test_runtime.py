"""What a process does with threads, memory and the collector is set where it begins."""

import subprocess
import sys

import pytest

from sleepjerk import runtime


def test_tasks_come_back_in_their_order_whatever_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in (1, 4):
        monkeypatch.setattr(runtime, "_limit", limit)
        assert runtime.on_all_cores(lambda number: number**2, range(50)) == [n**2 for n in range(50)]


def test_parts_cover_everything_once() -> None:
    assert [range(10)[part] for part in runtime.parts_of(10, 4)] == [range(4), range(4, 8), range(8, 10)]


@pytest.mark.parametrize(
    "told",
    [
        "from sleepjerk.cli import main; main(['rules']); print(eval(calm))",
        "from sleepjerk.worker import *; one = Worker(); print(unpacked(one.do(packed(eval, calm)))); one.close()",
    ],
    ids=["the command line", "a worker of a batch"],
)
def test_the_collector_is_calm_wherever_a_process_begins(told: str) -> None:
    code = f"calm = '__import__(\"gc\").get_threshold()[0]'; {told}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "1000000"
