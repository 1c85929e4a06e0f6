"""A worker is a process whose heap and threads are set up before all else, wherever it is started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sleepjerk.batch.worker import Worker, WorkerDiedError
from tests.batch import tasks
from tests.firmware_io.recorder_process import PROJECT


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker()
    yield one
    one.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such heap")
def test_memory_that_was_used_once_is_not_asked_for_again_though_threads_take_it(worker: Worker) -> None:
    first, then = (worker.do(tasks.faults_of_many_threads, 64) for _ in range(2))
    assert first > 64 << 7  # pages of 4 kB: it is new
    assert then < first / 20
    assert worker.do(tasks.told, "OPENBLAS_NUM_THREADS") == "1"


def test_what_the_work_raises_is_raised_here_and_the_worker_lives(worker: Worker) -> None:
    process = worker.do(tasks.process, None)
    with pytest.raises(ZeroDivisionError):
        worker.do(tasks.one_over, 0)
    assert worker.do(tasks.one_over, 4) == 0.25
    assert worker.do(tasks.process, None) == process != os.getpid()


def test_the_next_task_after_a_death_gets_another_process(worker: Worker) -> None:
    with pytest.raises(WorkerDiedError):
        worker.do(tasks.dies, None)
    os.kill(worker.do(tasks.process, None), signal.SIGKILL)
    time.sleep(0.1)
    assert worker.do(tasks.one_over, 1) == 1.0  # it died while it had nothing to do: that costs no task


def test_what_the_work_prints_is_no_answer(worker: Worker) -> None:
    assert worker.do(tasks.prints, "hello") == "hello"


@pytest.mark.slow
def test_a_worker_ends_in_the_middle_of_its_task_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = "import sys; from sleepjerk.batch.worker import Worker; from tests.batch import tasks; "
    line = [sys.executable, "-c", f"{script}Worker().do(tasks.sleeps, sys.argv[1])", str(tmp_path / "pid")]
    parent = subprocess.Popen(line, cwd=PROJECT)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    process, end_s = int((tmp_path / "pid").read_text()), time.monotonic() + 20
    while alive(process):
        assert time.monotonic() < end_s
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
