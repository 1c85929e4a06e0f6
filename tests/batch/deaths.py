"""Work that kills who does it. Imports little, because every worker that comes after a death imports it again."""

import os
import signal
from pathlib import Path


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
