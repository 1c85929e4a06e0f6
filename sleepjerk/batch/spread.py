"""Who works: the processes of this computer, or a Dask cluster. Must not know what the work is.

A worker may die: the jobs it had are given to others, once more each. What was handed back is never asked for again.
Ctrl-C is for the first process alone, which ends its workers.
"""

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from sleepjerk.errors import InputError
from sleepjerk.runtime import threads

Task = TypeVar("Task")
Result = TypeVar("Result")

_CHANCES = 2  # workers that one job may cost
_RECYCLED = 50  # jobs after which a process is replaced, so that no leak of a library grows over a cohort


class Spread(Protocol):
    """Somebody who does work elsewhere."""

    def each(
        self, work: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Result | None]]:
        """Every task with its result as it comes; None where workers died on it."""
        ...


class Processes:
    """Processes of this computer.

    Parameters
    ----------
    count
        How many; as many as there are cores when None.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = threads() if count is None else count

    def each(
        self, work: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Result | None]]:
        """Every task with its result as it comes; None where workers died on it."""
        left = list(enumerate(tasks))
        suspects: Counter[int] = Counter()
        while left:
            # After a death nobody knows whose job it was: those under suspicion are tried one at a time.
            alone = [one for one in left if suspects[one[0]]]
            crowd = alone[:1] or left
            done: set[int] = set()
            for number, result in self._round(work, crowd, 1 if alone else self.count):
                done.add(number)
                yield tasks[number], result
            left = [one for one in left if one[0] not in done]
            died = self._running - done
            suspects.update(died)
            for number in sorted(died):
                if suspects[number] > _CHANCES:
                    left = [one for one in left if one[0] != number]
                    yield tasks[number], None

    def _round(
        self, work: Callable[[Task], Result], tasks: Sequence[tuple[int, Task]], count: int
    ) -> Iterator[tuple[int, Result]]:
        """Results until all are there or a worker dies; `_running` is then who may have killed it."""
        self._running: set[int] = set()
        waiting = list(reversed(tasks))
        futures: dict[Future[Result], int] = {}
        context = multiprocessing.get_context("spawn")  # a fork would inherit the threads of numpy and pandas
        with ProcessPoolExecutor(
            count, context, initializer=_end_with_first_process, max_tasks_per_child=_RECYCLED
        ) as pool:
            try:
                while waiting or futures:
                    while waiting and len(futures) < count:
                        number, task = waiting.pop()
                        with _deaf():  # a process begins, or the thread that begins all others
                            futures[pool.submit(work, task)] = number
                        self._running.add(number)
                    for future in wait(futures, return_when=FIRST_COMPLETED).done:
                        number = futures[future]
                        result = future.result()
                        del futures[future]
                        self._running.discard(number)
                        yield number, result
            except BrokenProcessPool:
                return
            except BaseException:  # nobody waits for the rest: Ctrl-C, or a disk that is full
                for worker in multiprocessing.active_children():
                    worker.terminate()
                raise


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """A process that begins now never hears Ctrl-C, not even while it imports; this one hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_first_process() -> None:
    """A worker whose first process was killed would wait for work for ever."""
    first = multiprocessing.parent_process()
    if first is None:
        return

    def watch() -> None:
        first.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address
        Such as tcp://10.0.0.5:8786.
    """

    def __init__(self, address: str) -> None:
        try:
            self._dask: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise InputError(
                f"--scheduler {address}: type: pip install 'sleepjerk[cluster]', here and on every worker"
            ) from error
        try:
            self._client = self._dask.Client(address, timeout="10s")
        except (OSError, ValueError, TypeError) as error:  # TypeError: tls:// without certificates
            raise InputError(f"--scheduler {address}: nobody answers there ({error})") from error

    def each(
        self, work: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Result | None]]:
        """Every task with its result as it comes; None where workers died on it."""
        futures = {self._client.submit(work, task, pure=False, retries=_CHANCES): task for task in tasks}
        for future in self._dask.as_completed(list(futures)):
            task = futures.pop(future)
            try:
                result = future.result()
            except self._dask.scheduler.KilledWorker:
                result = None
            future.release()
            yield task, result
        self._client.close()
