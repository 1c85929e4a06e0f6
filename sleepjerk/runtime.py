"""What a process of ours does with threads, memory and the collector. Must not know what for.

A night alone takes every core it is allowed; one of many nights side by side takes one. `begin` is called once
where a process begins: by the command line, and by each worker of a batch, here or on another computer.
"""

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

# Of malloc.h: M_ARENA_MAX, M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, bytes: threads share one heap, and it keeps what was
# freed. Where each thread has its own, glibc keeps what they freed there, a sixth of all that an analysis holds; and by
# itself it gives memory back and takes it again a hundred thousand times a night, a tenth of the time, with several
# nights side by side half of it.
_HEAP = ((-8, 1), (-1, 1 << 28), (-3, 1 << 25))

# Importing pandas and scipy makes half a million objects that stay: the collector, which by itself looks at what lives
# after each 700 new ones, would take a fifth of that time (`tests/benchmarks/speed.py`). A night makes a million.
_COLLECT_AFTER = 1_000_000

_limit: int | None = None


@cache
def begin() -> None:
    """Set up this process, before numpy is imported and the first thread starts; a second time it does nothing."""
    # Threads that numpy and scipy would start for matrices of three rows turn in circles while they wait.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_COLLECT_AFTER)
    atexit.register(gc.freeze)  # the collector needn't look at each of the steps in which Python ends, either
    if sys.platform == "linux":
        import ctypes

        if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
            for option, value in _HEAP:
                mallopt(option, value)


def threads() -> int:
    """Cores that this process may run on, or what `limit_threads` said."""
    if _limit is not None:
        return _limit
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows don't say
        return os.cpu_count() or 1


def limit_threads(count: int) -> None:
    """From now on use no more than so many."""
    global _limit
    _limit = max(1, count)


def parts_of(count: int, size: int) -> list[slice]:
    """A long array in parts of `size`, the last one shorter."""
    return [slice(begin, min(begin + size, count)) for begin in range(0, count, size)]


def on_all_cores(work: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """Do each task in one of the threads, this one among them; the results stand in the order of the tasks."""
    waiting = list(tasks)
    helpers = min(threads(), len(waiting)) - 1
    if helpers < 1:
        return [work(task) for task in waiting]
    from concurrent.futures import ThreadPoolExecutor  # the command line starts without it

    done: dict[int, Result] = {}
    turn = iter(range(len(waiting)))

    def take() -> None:
        for number in turn:  # each number comes to one thread only
            done[number] = work(waiting[number])

    with ThreadPoolExecutor(helpers) as pool:
        others = [pool.submit(take) for _ in range(helpers)]
        take()
    for other in others:
        other.result()
    return [done[number] for number in range(len(waiting))]
