"""What was brought becomes nights, in a process of its own: `python -m sleepjerk.app.analysing ARRIVAL LANGUAGE`.

Each recording is analysed where it lies and kept in the diary, as `sleepjerk report` does; when its results are whole
it moves beside them. So a process that is ended leaves what is done, and the rest can be begun again. The story of a
night is put together by `session`.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sleepjerk.app.arrivals import Arrival, arrivals
from sleepjerk.app.looking import asked_for, plainly
from sleepjerk.app.nights import nights_folder
from sleepjerk.atomic import make_folder, one_at_a_time, sync_folder
from sleepjerk.errors import InputError
from sleepjerk.filenames import stem_of
from sleepjerk.history.database import default_path
from sleepjerk.history.options import Options
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.session import open_session


def analyse(arrival: Arrival, say: Catalogue) -> None:
    """Analyse all of it, and write down which nights it became, or why not."""
    found, options = arrival.read("found"), Options.of(arrival.read("said"))
    waiting = [
        one for one in found["recordings"] if one["same"] is None and (arrival.files / one["file"]).exists()
    ]
    done = arrival.read("stems") or []
    for number, one in enumerate(waiting):
        path = arrival.files / one["file"]
        one["refused"] = None
        try:
            done += _take(path, _stem_for(arrival, path), options, partial(_tell, number, len(waiting), say))
        except InputError as error:
            one |= {"refused": plainly(error, path, say), "doubtful": asked_for(str(error)), "choices": []}
        arrival.write("stems", done)
    arrival.write("found", found)
    if not any(one["refused"] for one in waiting):
        arrival.write("done", done)
        arrival.empty()


def _tell(number: int, count: int, say: Catalogue, share: float, stage: str) -> None:
    of = f" ({number + 1}/{count})" if count > 1 else ""
    sys.stderr.write(f"{100 * (number + share) / count:.0f} % {say.text(stage)}{of}\n")


def _stem_for(arrival: Arrival, path: Path) -> str:
    """Under which name a recording is kept: its own, or another where a night has it or is about to."""
    make_folder(nights_folder())
    with one_at_a_time(arrival.folder.parent):
        plan = arrival.read("plan") or {}
        key = path.relative_to(arrival.files).as_posix()
        if key not in plan:
            taken = {stem.lower() for other in arrivals() for stem in (other.read("plan") or {}).values()}
            there = [file.name.lower() for file in nights_folder().iterdir()]
            made, number = stem_of(path).name, 1
            while made.lower() in taken or any(name.startswith(f"{made.lower()}.") for name in there):
                number += 1
                made = f"{stem_of(path).name}-{number}"
            arrival.write("plan", plan | {key: made})
            return made
        return str(plan[key])


def _take(path: Path, stem: str, options: Options, tell: Callable[[float, str], None]) -> list[str]:
    """Analyse one recording, night by night, and move it with what lies beside it; the stems of its nights.

    Raises
    ------
    InputError
        None of its nights can be used. Where only some can't, the others tell of them by their numbers.
    """
    session = open_session(path, options, stem=nights_folder() / stem, diary=default_path())
    done: list[str] = []
    tell(0.02, "opening.stage_reading")
    try:
        for recording in session.read():
            count, before = recording.provenance.nights or 1, (recording.provenance.night or 1) - 1
            tell((before + 0.4) / count, "opening.stage_movements")
            judged = session.judge(recording, keep=True, overwrite=True)
            del recording  # so that it is gone while the next night is read
            tell((before + 0.9) / count, "opening.stage_writing")
            session.write(judged)
            done.append(judged.stem.name)
    except InputError:
        if not done:
            raise
    before_stem = f"{stem_of(path).name}."
    for file in [
        file for file in path.parent.iterdir() if file.name.startswith(before_stem) and file != path
    ]:
        _move(file, nights_folder() / f"{stem}.{file.name.removeprefix(before_stem)}")
    _move(path, nights_folder() / f"{stem}.{path.name.removeprefix(before_stem)}")
    return done


def _move(file: Path, place: Path) -> None:
    """Durably: what was sent may only be here."""
    with file.open("rb+") as there:
        os.fsync(there.fileno())
    file.replace(place)
    sync_folder(place.parent)


if __name__ == "__main__":
    analyse(Arrival(sys.argv[1]), Catalogue(sys.argv[2], "sleepjerk.app"))
