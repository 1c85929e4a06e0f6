"""The one error of the night side: input that can't be used. Knows nothing else.

Raised with one clear sentence (file, line, what was found, what to do); the command line prints that
sentence and ends with exit code 2. Damage *inside* a usable recording is never an error: it is data.
"""

import contextlib
from collections.abc import Iterator


class InputError(ValueError):
    """A file, option or table that can't be used; its text is one sentence for the person who gave it."""


def why(error: Exception) -> str:
    """What went wrong, without the number and the path that Python puts around the system's words."""
    return getattr(error, "strerror", None) or str(error)


@contextlib.contextmanager
def refusing(place: object, what: str, advice: str = "") -> Iterator[None]:
    """For as long as the block lasts, what the system refuses at a place is one sentence for a person.

    Raises
    ------
    InputError
        Something in the block raised an OSError.
    """
    try:
        yield
    except OSError as error:
        then = f"; {advice}" if advice else ""
        raise InputError(f"{place}: {what} ({why(error)}){then}") from error
