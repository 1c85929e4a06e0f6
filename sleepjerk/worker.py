"""A worker: a process that does one task after another for the thread that started it.

Knows pipes. Must not know what the tasks are, nor who else works; who passes them on, such as a scheduler, imports
nothing of theirs. It is a process of its own wherever it works, because heap and threads are set up before the first
thread starts and numpy is imported (`runtime.begin`): in a process that already runs, such as a worker of Dask, each
thread has its heap from birth, and a night takes a quarter longer.
"""

import contextlib
import os
import pickle
import queue
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from typing import IO, Any, TypeVar

from sleepjerk.errors import InputError
from sleepjerk.rules.fingerprint import night_code_sha256
from sleepjerk.version import __version__

Task = TypeVar("Task")

_RECYCLED = 50  # tasks after which a process is replaced, so that no leak of a library grows over a cohort
_IDLE_S = 60.0  # plain: after which it ends, so that it holds no memory of a cluster that others use, too
_SIZE = 8  # plain: bytes that say how long a task is
_SERVE = "from sleepjerk.runtime import begin; begin(); from sleepjerk.worker import serve; serve()"


class WorkerDiedError(Exception):
    """A worker died on a task."""


class Worker:
    """A process at work for one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._left = 0
        self._over = False

    def do(self, request: bytes) -> bytes:
        """Have what was packed done; `unpacked` opens the answer.

        Raises
        ------
        WorkerDiedError
            The process died on it, or was stopped; the next task gets another one.
        """
        process = self._process
        if process is None or self._left == 0 or process.poll() is not None:
            process = self._begun()
        self._left -= 1
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, request)
            answer = _received(process.stdout)
        except OSError:
            answer = b""
        if not answer:
            self._end()
            raise WorkerDiedError
        return answer

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
            [sys.executable, "-P", "-c", _SERVE],  # -P: nothing of the folder somebody stands in
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


def packed(work: Callable[[Task], object], task: Task) -> bytes:
    """A task to be done."""
    return pickle.dumps((work, task))


def unpacked(answer: bytes) -> Any:
    """What came of a task.

    Raises
    ------
    Exception
        What the work raised.
    """
    result, error = pickle.loads(answer)
    if error is not None:
        raise error
    return result


_own = threading.local()


def elsewhere(request: bytes, theirs: tuple[str, str]) -> bytes:
    """A task of another computer, done by a process of this one, one for each thread that asks.

    Raises
    ------
    InputError
        Results would depend on who did it.
    WorkerDiedError
        The process died on it.
    """
    if theirs != ours():
        here, there = (" ".join((version, sha[:8])) for version, sha in (ours(), theirs))
        raise InputError(
            f"{socket.gethostname()} has sleepjerk {here}, not {there}; install the same on both"
        )
    if not hasattr(_own, "worker"):
        _own.worker = Worker()
    worker: Worker = _own.worker
    return worker.do(request)


def ours() -> tuple[str, str]:
    """What results depend on, besides their recording and its options."""
    return __version__, night_code_sha256()


def serve() -> None:
    """Be a worker: do what comes from stdin, and answer on stdout, until who asks has gone."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, waiting), daemon=True).start()
    with contextlib.suppress(queue.Empty, BrokenPipeError):
        while True:
            _send(answers, _answer(waiting.get(timeout=_IDLE_S)))
    os._exit(0)


def _receive(requests: IO[bytes], waiting: "queue.SimpleQueue[bytes]") -> None:
    """What is asked, until who asks has gone: killed, too, in the middle of a night."""
    while request := _received(requests):
        waiting.put(request)
    os._exit(1)


def _answer(request: bytes) -> bytes:
    try:
        work, task = pickle.loads(request)
        return pickle.dumps((work(task), None))
    except Exception as error:
        error.add_note(traceback.format_exc())
        return pickle.dumps((None, error))


def _send(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(len(content).to_bytes(_SIZE) + content)
    pipe.flush()


def _received(pipe: IO[bytes]) -> bytes:
    """What was sent; nothing if the other end closed before it was whole."""
    size = int.from_bytes(pipe.read(_SIZE))
    content = pipe.read(size)
    return content if len(content) == size else b""
