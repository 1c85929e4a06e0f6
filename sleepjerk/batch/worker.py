"""A worker: a process that does one task after another for the thread that started it.

Knows pipes. Must not know what the tasks are, nor who else works. It is a process of its own wherever it works, because
heap and threads are set up before the first thread starts and numpy is imported (`runtime.begin`): in a process that
already runs, such as a worker of Dask, each thread has its heap from birth, and a night takes a quarter longer.
"""

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_RECYCLED = 50  # tasks after which a process is replaced, so that no leak of a library grows over a cohort
_IDLE_S = 60.0  # plain: after which it ends, so that it holds no memory of a cluster that others use, too
_SIZE = 8  # plain: bytes that say how long a task is
_SERVE = "from sleepjerk.runtime import begin; begin(); from sleepjerk.batch.worker import serve; serve()"


class WorkerDiedError(Exception):
    """A worker died on a task."""


class Worker:
    """A process at work for one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._left = 0
        self._over = False

    def do(self, work: Callable[[Task], Result], task: Task) -> Result:
        """Have a task done.

        Raises
        ------
        WorkerDiedError
            The process died on it, or was stopped; the next task gets another one.
        Exception
            What the work raised.
        """
        process = self._process
        if process is None or self._left == 0 or process.poll() is not None:
            process = self._begun()
        self._left -= 1
        request = pickle.dumps((work, task))
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(len(request).to_bytes(_SIZE) + request)
            process.stdin.flush()
            result, error = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as why:
            self._end()
            raise WorkerDiedError from why
        if error is not None:
            raise error
        done: Result = result
        return done

    def stop(self) -> None:
        """End it at once, whatever it does, for any thread."""
        self._over = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End it, for the thread it works for."""
        self._over = True
        self._end()

    def _begun(self) -> subprocess.Popen[bytes]:
        self._end()
        # Ctrl-C is for the first process alone, which ends its workers.
        apart: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},  # it finds what is found here
            **apart,
        )
        self._left = _RECYCLED
        if self._over:
            self._process.kill()
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def serve() -> None:
    """Be a worker: do what comes from stdin, and answer on stdout, until who asks has gone."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, waiting), daemon=True).start()
    with contextlib.suppress(queue.Empty, BrokenPipeError):
        while True:
            answers.write(pickle.dumps(_answer(waiting.get(timeout=_IDLE_S))))
            answers.flush()
    os._exit(0)


def _receive(requests: BinaryIO, waiting: "queue.SimpleQueue[bytes]") -> None:
    """What is asked, until who asks has gone: killed, too, in the middle of a night."""
    while size := requests.read(_SIZE):
        waiting.put(requests.read(int.from_bytes(size)))
    os._exit(1)


def _answer(request: bytes) -> tuple[Any, Exception | None]:
    try:
        work, task = pickle.loads(request)
        return work(task), None
    except Exception as error:
        error.add_note(traceback.format_exc())
        return None, error
