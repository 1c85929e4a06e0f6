"""What people start as processes, done where it is asked for: for tests of what comes out of it, not of who does it."""

import contextlib
import io
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sleepjerk.cli import main


def sleepjerk(*words: object) -> subprocess.CompletedProcess[str]:
    """A command as its process would end: exit code and what it said."""
    said = list(map(str, words))
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as talk,
    ):
        code = main(said)
    return subprocess.CompletedProcess(said, code, out.getvalue(), talk.getvalue())


class Here:
    """Stands in for `sleepjerk.batch.spread.Processes` where a short night needs no process of its own."""

    def __init__(self, count: int | None) -> None: ...

    def each(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        return ((task, work(task)) for task in tasks)
