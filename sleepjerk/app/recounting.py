"""A night is counted again with what was said of it on the page: `python -m sleepjerk.app.recounting STEM`.

Takes the words that wait, in turn and all at once, as `sleepjerk correct` takes one, until none is left.
"""

import sys
from pathlib import Path

from sleepjerk.app.nights import find_night, number_of
from sleepjerk.app.words import refuse, waiting
from sleepjerk.atomic import one_at_a_time
from sleepjerk.correcting import Word, correct
from sleepjerk.errors import InputError
from sleepjerk.history.database import default_path
from sleepjerk.history.options import Options
from sleepjerk.night.document import read_night
from sleepjerk.recording import Recording
from sleepjerk.session import Session, open_session


def recount(stem: str) -> None:
    """Take all words that wait for a night.

    Raises
    ------
    InputError
        The night or its recording can't be used; the words are refused with the same sentence.
    """
    recording: Recording | None = None
    while words := list(waiting(stem)):
        try:
            night = find_night(stem)
            if night is None or night.recording is None or night.results is None:
                raise InputError(f"{stem}: the recording of this night is gone, so it can't be counted again")
            session = open_session(night.recording, Options(), diary=default_path())
            recording = recording or next(session.read(number_of(stem)))
            with one_at_a_time(session.waiting_room):
                _take(words, session, recording, night.results)
        except Exception as error:
            for path, _ in words:
                refuse(path, str(error))
            raise


def _take(words: list[tuple[Path, Word]], session: Session, recording: Recording, results: Path) -> None:
    paths = {word: path for path, word in words}
    correct(
        session, recording, read_night(results), paths, lambda word, error: refuse(paths[word], str(error))
    )
    for path in paths.values():
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        recount(sys.argv[1])
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
