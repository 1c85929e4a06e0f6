"""How many threads this process may use at once. Must not know what for.

A night alone takes every core it is allowed; one of many nights side by side takes one.
"""

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

# Of malloc.h: M_ARENA_MAX, M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, bytes.
_HEAP = ((-8, 1), (-1, 1 << 28), (-3, 1 << 25))

_limit: int | None = None


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


def keep_one_heap() -> None:
    """Let the threads of this process share one heap that keeps what was freed, before the first of them starts.

    Where each thread has its own, glibc keeps what they freed there, a sixth of all that an analysis holds; and by
    itself it gives memory back and takes it again a hundred thousand times a night, a tenth of the time
    (`tests/benchmarks/speed.py`). Elsewhere this does nothing.
    """
    if sys.platform == "linux":
        import ctypes

        if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
            for option, value in _HEAP:
                mallopt(option, value)


def parts_of(count: int, size: int) -> list[slice]:
    """A long array in parts of `size`, the last one shorter."""
    return [slice(begin, min(begin + size, count)) for begin in range(0, count, size)]


def on_all_cores(work: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """Do each task in one of the threads; the results stand in the order of the tasks."""
    waiting = list(tasks)
    if len(waiting) < 2 or threads() < 2:
        return [work(task) for task in waiting]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(work, waiting))
