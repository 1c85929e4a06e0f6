"""A real Dask scheduler with workers on addresses of their own; each of them may go away in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import sleepjerk as sj
from sleepjerk.batch.spread import Cluster
from sleepjerk.cli import main
from tests.batch.bucket import free_port
from tests.batch.tasks import dies_always, faults_of_many_threads
from tests.firmware_io.recorder_process import PROJECT

SHORT = PROJECT / "sample_data" / "short_night.csv.gz"
SLEEPJERK = [sys.executable, "-m", "sleepjerk"]
NIGHTS = 24


class Started:
    """A Dask scheduler and its workers, each a process."""

    def __init__(self, folder: Path, protocol: str = "tcp", **surroundings: str) -> None:
        self.address = f"{protocol}://127.0.0.1:{free_port()}"
        self._folder = folder
        self._surroundings = os.environ | {"PYTHONPATH": str(PROJECT)} | surroundings
        self.scheduler = self._start("scheduler", "--host", self.address)
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self._folder}
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        return subprocess.Popen(command, env=self._surroundings, **quiet)

    def worker(self, *words: str) -> None:
        host = f"127.0.0.{2 + len(self.workers)}"
        self.workers.append(self._start("worker", self.address, "--host", host, "--nthreads=1", *words))

    def ready(self) -> "Started":
        """Once it and all its workers are there: a batch that finds none is refused."""
        script = f"import distributed; here = distributed.Client({self.address!r}, timeout=180)"
        if self.workers:
            script += f"; here.wait_for_workers({len(self.workers)})"
        command = [sys.executable, "-c", script]
        subprocess.run(command, env=self._surroundings, check=True, timeout=300)
        return self


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    all_started: list[Started] = []

    def begin(protocol: str = "tcp", **surroundings: str) -> Started:
        all_started.append(Started(tmp_path, protocol, **surroundings))
        return all_started[-1]

    yield begin
    for started in all_started:
        for process in (*started.workers, started.scheduler):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(start: Callable[..., Started]) -> Started:
    """Two workers, one as `dask worker` starts it and one without its nanny."""
    started = start()
    started.worker()
    started.worker("--no-nanny")
    return started.ready()


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    folder = tmp_path / "nights"
    folder.mkdir()
    for number in range(NIGHTS):
        shutil.copyfile(SHORT, folder / f"n{number:02}.csv.gz")
    return folder


def wait_for_lines(journal: Path, count: int, batch: subprocess.Popen[str]) -> None:
    end_s = time.monotonic() + 300
    while time.monotonic() < end_s and (not journal.exists() or journal.read_text().count("\n") < count):
        assert batch.poll() is None, batch.communicate()
        time.sleep(0.05)


def batch_of(nights: Path, out: Path, *words: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    command = [*SLEEPJERK, "batch", str(nights), "--out", str(out), *words]
    return subprocess.run(
        command, cwd=PROJECT, env=os.environ | surroundings, capture_output=True, text=True, timeout=600
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence."""
    assert done.returncode == 2, done.stderr
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("sleepjerk: --scheduler")
    assert "Traceback" not in done.stderr
    return sentence


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing(cluster: Started, nights: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch = subprocess.Popen(
        [*SLEEPJERK, "batch", str(nights), "--out", str(out), "--scheduler", cluster.address],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = out / "batch.journal.jsonl"
    wait_for_lines(journal, 3, batch)
    os.kill(cluster.workers[1].pid, signal.SIGKILL)
    _, talk = batch.communicate(timeout=600)
    assert batch.returncode == 0, talk
    names = [json.loads(line)["name"] for line in journal.read_text().splitlines()]
    assert sorted(names) == sorted(str(path) for path in nights.iterdir())
    table = pd.read_csv(out / "batch.csv")
    assert table["state"].tolist() == ["done"] * NIGHTS
    assert table["sleep_twitch"].nunique() == 1


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_one_sentence_and_the_same_line_goes_on(
    cluster: Started, nights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    batch = subprocess.Popen(
        [*SLEEPJERK, "batch", str(nights), "--out", str(out), "--scheduler", cluster.address],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_lines(out / "batch.journal.jsonl", 3, batch)
    cluster.scheduler.kill()
    _, talk = batch.communicate(timeout=300)
    assert "the scheduler went away" in refused(
        subprocess.CompletedProcess(batch.args, batch.returncode, stderr=talk)
    )
    done = batch_of(nights, out)
    assert done.returncode == 0, done.stderr
    assert "of them in an earlier run" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such heap")
def test_a_worker_of_dask_keeps_its_heap_as_a_local_one_does(cluster: Started) -> None:
    faults = [found for _, found in Cluster(cluster.address).each(faults_of_many_threads, [64] * 8)]
    first, *later = sorted(faults, reverse=True)  # each worker's first task takes new memory
    assert first > 64 << 7
    assert later[1] < first / 20


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_given_up_and_dasks_own_live(
    cluster: Started, tmp_path: Path
) -> None:
    tasks = [(number, str(tmp_path)) for number in range(8)]
    found = dict(Cluster(cluster.address).each(dies_always, tasks))
    assert found == {task: None if task[0] == 3 else task[0] ** 2 for task in tasks}
    assert [worker.poll() for worker in cluster.workers] == [None, None]


@pytest.mark.slow
def test_a_worker_with_another_sleepjerk_ends_the_batch_with_a_sentence(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    shutil.copytree(PROJECT / "sleepjerk", tmp_path / "older" / "sleepjerk")
    (tmp_path / "older" / "sleepjerk" / "version.py").write_text('__version__ = "0.0.9"\n')
    older = start(PYTHONPATH=str(tmp_path / "older"))
    older.worker()
    sentence = refused(batch_of(SHORT, tmp_path / "out", "--scheduler", older.ready().address))
    assert "has sleepjerk 0.0.9" in sentence
    assert f"not {sj.__version__}" in sentence


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
def test_a_batch_over_tls_and_who_is_refused(start: Callable[..., Started], tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    line = f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=study -keyout {key} -out {certificate}"
    subprocess.run(line.split(), check=True, capture_output=True)
    tls = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": certificate}
    for who in ("CLIENT", "SCHEDULER", "WORKER"):
        tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{who}__CERT": certificate}
        tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{who}__KEY": key}
    closed, out = start("tls", **tls), tmp_path / "out"
    closed.worker()
    closed.ready()
    done = batch_of(SHORT, out, "--scheduler", closed.address, **tls)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(out / "batch.csv")["state"].tolist() == ["done"]
    assert "needs certificates" in refused(batch_of(SHORT, out, "--scheduler", closed.address))
    missing = {**tls, "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": str(tmp_path / "none.pem")}
    assert "needs certificates" in refused(batch_of(SHORT, out, "--scheduler", closed.address, **missing))
    plainly = closed.address.replace("tls", "tcp")
    assert "is it tls://?" in refused(batch_of(SHORT, out, "--scheduler", plainly))
    wrongly = start().ready().address.replace("tcp", "tls")
    assert "is it tcp://?" in refused(batch_of(SHORT, out, "--scheduler", wrongly, **tls))


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_or_has_no_worker_is_one_sentence(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    nobody = f"tcp://127.0.0.1:{free_port()}"
    assert "nobody answers there" in refused(batch_of(SHORT, tmp_path / "out", "--scheduler", nobody))
    alone = start().ready().address
    assert "it has no worker" in refused(batch_of(SHORT, tmp_path / "out", "--scheduler", alone))


def test_an_address_that_cannot_work_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for address in ("tls://", "tls://127.0.0.1:1", "bogus://x"):
        assert main(["batch", str(SHORT), "--out", str(tmp_path), "--scheduler", address]) == 2
        assert f"--scheduler {address}" in capsys.readouterr().err
