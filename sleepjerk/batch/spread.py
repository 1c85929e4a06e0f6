"""Who works: the processes of this computer, or a Dask cluster. Must not know what the work is.

A worker may die: the task it had is done by another, which may die, too. What was handed back is never asked for again.
Few tasks are under way at a time, so that neither this process nor a scheduler holds a cohort.
"""

import contextlib
import importlib
import logging
import queue
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from sleepjerk.atomic import sweep
from sleepjerk.errors import InputError
from sleepjerk.runtime import threads
from sleepjerk.worker import Worker, WorkerDiedError, elsewhere, ours, packed, unpacked

Task = TypeVar("Task")
Result = TypeVar("Result")

_CHANCES = 2  # workers that one job may cost
_AHEAD = 2  # tasks under way for each thread of a cluster: one in work, one that waits beside it
_ASK_S = 5.0  # plain: how often a scheduler is asked how many threads there are
_NO_CERTIFICATES = (
    "tls:// needs certificates, named by DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...TLS__CLIENT__CERT and "
    "...TLS__CLIENT__KEY"
)


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
        workers = [Worker() for _ in range(min(self.count, len(tasks)))]
        free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in workers:
            free.put(worker)

        def do(task: Task) -> Any:
            worker, request = free.get(), packed(work, task)
            try:
                for _ in range(1 + _CHANCES):
                    with contextlib.suppress(WorkerDiedError):
                        return unpacked(worker.do(request))
                return None
            finally:
                free.put(worker)

        left = iter(tasks)
        running: dict[Future[Result | None], Task] = {}
        pool = ThreadPoolExecutor(max(1, len(workers)))
        try:
            while True:
                for task in islice(left, len(workers) - len(running)):
                    running[pool.submit(do, task)] = task
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()
        finally:  # also of Ctrl-C, or of a disk that is full: nobody waits for the rest
            for worker in workers:
                worker.stop()
            pool.shutdown()
            for worker in workers:
                worker.close()
            sweep()  # what those held that were killed at their work


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address
        Such as tcp://10.0.0.5:8786.
    """

    def __init__(self, address: str) -> None:
        self._said = f"--scheduler {address}"
        try:
            self._dask: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise InputError(
                f"{self._said}: type: pip install 'sleepjerk[cluster]', here and on every worker"
            ) from error
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what goes wrong, `each` says
        try:
            self._client = self._dask.Client(address, timeout="10s")
        except (TypeError, FileNotFoundError, ssl.SSLError) as error:  # TypeError: none are named
            raise InputError(f"{self._said}: {_NO_CERTIFICATES} ({error})") from error
        except (OSError, ValueError) as error:
            raise InputError(f"{self._said}: {_why_not(address, error)}") from error

    def each(
        self, work: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Result | None]]:
        """Every task with its result as it comes; None where workers died on it.

        Raises
        ------
        InputError
            The scheduler went away, or a worker lacks what is needed or would count differently.
        """
        left, running = iter(tasks), dict[Any, Task]()
        done, asked_s, ahead = self._dask.as_completed(), -_ASK_S, 0
        try:
            while True:
                if time.monotonic() > asked_s + _ASK_S:
                    ahead, asked_s = _AHEAD * self._threads(), time.monotonic()
                for task in islice(left, max(0, ahead - len(running))):
                    request = packed(work, task)
                    future = self._client.submit(elsewhere, request, ours(), pure=False, retries=_CHANCES)
                    running[future] = task
                    done.add(future)
                if not running:
                    return
                future = next(done)
                yield running.pop(future), self._result(future)
        except (OSError, self._dask.CancelledError) as error:
            raise InputError(
                f"{self._said}: the scheduler went away; the same line goes on from here"
            ) from error
        finally:
            self._client.close()

    def _threads(self) -> int:
        """Of all workers."""
        found = sum(self._client.nthreads().values())
        if not found:
            raise InputError(f"{self._said}: it has no worker; start one: dask worker ADDRESS --nthreads 1")
        return int(found)

    def _result(self, future: Any) -> Any:
        try:
            return unpacked(future.result())
        except (self._dask.KilledWorker, WorkerDiedError):
            return None
        except (self._dask.comm.CommClosedError, self._dask.CancelledError):
            raise
        except Exception as error:  # sleepjerk is missing there, or is another one
            raise InputError(f"{self._said}: scheduler or worker can't do this ({error})") from error


def _why_not(address: str, error: Exception) -> str:
    """Why there is no connection to a scheduler."""
    place = urlsplit(address)
    with contextlib.suppress(OSError, ValueError), socket.create_connection((place.hostname, place.port), 2):
        doubt = "is it tcp://?" if place.scheme == "tls" else "is it tls://?"
        return f"what answers there doesn't understand {place.scheme}://; {doubt} ({error})"
    return f"nobody answers there ({error})"
