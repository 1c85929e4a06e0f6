"""Work that kills who does it, or says something of it. Imports little: each worker after a death imports it again."""

import importlib
import os
import resource
import signal
import threading
import time
from pathlib import Path


def process(_: object) -> int:
    return os.getpid()


def one_over(number: float) -> float:
    return 1 / number


def prints(word: str) -> str:
    print(word, flush=True)
    return word


def told(name: str) -> str | None:
    return os.environ.get(name)


def dies(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleeps(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)


def faults_of_many_threads(size_mb: int) -> int:
    """Pages that were asked for while each of four threads, new ones, takes memory in pieces of 1 MB, and frees it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    def take() -> None:
        pieces = [b"x" * (1 << 20) for _ in range(size_mb)]
        pieces.clear()

    for _ in range(4):
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def dies_once(task: tuple[int, str]) -> int:
    """The third task kills its worker when it is tried for the first time."""
    number, folder = task
    marker = Path(folder) / "died"
    if number == 3 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    with (Path(folder) / "worked").open("a") as file:
        file.write(f"{number}\n")
    return number * number


def dies_always(task: tuple[int, str]) -> int:
    if task[0] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return dies_once((task[0] + 100, task[1])) and task[0] * task[0]


def module_file(name: str) -> str | None:
    """Where a worker finds a module."""
    return importlib.import_module(name).__file__
