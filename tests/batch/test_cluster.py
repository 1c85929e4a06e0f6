"""A real Dask scheduler with workers on addresses of their own, one of them killed in the middle."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sleepjerk.cli import main
from tests.firmware_io.recorder_process import PROJECT

SHORT = PROJECT / "sample_data" / "short_night.csv.gz"
SLEEPJERK = [sys.executable, "-m", "sleepjerk"]
NIGHTS = 24


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    address = f"tcp://127.0.0.1:{free_port()}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    surroundings = os.environ | {"PYTHONPATH": str(PROJECT)}
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", address, "--no-dashboard"], env=surroundings, **quiet
    )
    workers = [
        subprocess.Popen(
            [
                *dask,
                "worker",
                address,
                "--host",
                f"127.0.0.{number}",
                "--no-nanny",
                "--no-dashboard",
                "--nthreads=1",
            ],
            env=surroundings,
            **quiet,
        )
        for number in (2, 3)
    ]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = cluster
    nights, out = tmp_path / "nights", tmp_path / "out"
    nights.mkdir()
    for number in range(NIGHTS):
        shutil.copyfile(SHORT, nights / f"n{number:02}.csv.gz")
    batch = subprocess.Popen(
        [*SLEEPJERK, "batch", str(nights), "--out", str(out), "--scheduler", address],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = out / "batch.journal.jsonl"
    end_s = time.monotonic() + 120
    while time.monotonic() < end_s and (not journal.exists() or journal.read_text().count("\n") < 3):
        assert batch.poll() is None, batch.communicate()
        time.sleep(0.05)
    os.kill(workers[0].pid, signal.SIGKILL)
    _, talk = batch.communicate(timeout=180)
    assert batch.returncode == 0, talk
    names = [json.loads(line)["name"] for line in journal.read_text().splitlines()]
    assert sorted(names) == sorted(str(path) for path in nights.iterdir())
    table = pd.read_csv(out / "batch.csv")
    assert table["state"].tolist() == ["done"] * NIGHTS
    assert table["sleep_twitch"].nunique() == 1


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *SLEEPJERK,
            "batch",
            str(SHORT),
            "--out",
            str(tmp_path),
            "--scheduler",
            f"tcp://127.0.0.1:{free_port()}",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "nobody answers there" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_cannot_work_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for address in ("tls://", "tls://127.0.0.1:1", "bogus://x"):
        assert main(["batch", str(SHORT), "--out", str(tmp_path), "--scheduler", address]) == 2
        assert f"--scheduler {address}" in capsys.readouterr().err
