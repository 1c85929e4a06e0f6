"""A worker is a process whose heap and threads are set up before all else, wherever it is started."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sleepjerk.worker import Worker, WorkerDiedError, packed, unpacked
from tests.batch import tasks
from tests.firmware_io.recorder_process import PROJECT
from tests.support.waiting import alive, until


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker()
    yield one
    one.close()


def done(worker: Worker, work: Callable[[Any], object], task: object) -> Any:
    return unpacked(worker.do(packed(work, task)))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such heap")
def test_memory_that_was_used_once_is_not_asked_for_again_though_threads_take_it(worker: Worker) -> None:
    first, then = (done(worker, tasks.faults_of_many_threads, 64) for _ in range(2))
    assert first > 64 << 7  # pages of 4 kB: it is new
    assert then < first / 20
    assert done(worker, tasks.told, "OPENBLAS_NUM_THREADS") == "1"


def test_what_the_work_raises_is_raised_here_and_the_worker_lives(worker: Worker) -> None:
    process = done(worker, tasks.process, None)
    with pytest.raises(ZeroDivisionError):
        done(worker, tasks.one_over, 0)
    assert done(worker, tasks.one_over, 4) == 0.25
    assert done(worker, tasks.process, None) == process != os.getpid()


def test_the_next_task_after_a_death_gets_another_process(worker: Worker) -> None:
    with pytest.raises(WorkerDiedError):
        done(worker, tasks.dies, None)
    process = done(worker, tasks.process, None)
    os.kill(process, signal.SIGKILL)
    assert until(lambda: not alive(process))
    assert done(worker, tasks.one_over, 1) == 1.0  # it died while it had nothing to do: that costs no task


def test_nothing_of_the_folder_somebody_stands_in_is_imported(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("html", "queue", "random", "numpy"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of a stranger')")
    monkeypatch.chdir(tmp_path)
    assert done(worker, tasks.module_file, "html") != str(tmp_path / "html.py")


def test_what_the_work_prints_is_no_answer(worker: Worker) -> None:
    assert done(worker, tasks.prints, "hello") == "hello"


def test_who_passes_tasks_on_imports_nothing_of_theirs() -> None:
    script = (
        "import sys, sleepjerk.worker; print([name for name in ('numpy', 'pandas') if name in sys.modules])"
    )
    line = [sys.executable, "-c", script]
    assert subprocess.run(line, cwd=PROJECT, capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.slow
def test_a_worker_ends_in_the_middle_of_its_task_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = "import sys; from sleepjerk.worker import Worker, packed; from tests.batch import tasks; "
    line = [
        sys.executable,
        "-c",
        f"{script}Worker().do(packed(tasks.sleeps, sys.argv[1]))",
        str(tmp_path / "pid"),
    ]
    parent = subprocess.Popen(line, cwd=PROJECT)
    assert until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    process = int((tmp_path / "pid").read_text())
    assert until(lambda: not alive(process))
