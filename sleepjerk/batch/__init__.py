"""Many recordings -> one table. The story: find them, leave out what is done, spread the rest, keep each outcome.

Knows the order, nothing else: `work` is one recording, `journal` what is done, `spread` who works. Only this process
writes: a worker hands back texts, and so a worker that dies leaves nothing half-written and nothing twice.
"""

import contextlib
import errno
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sleepjerk.atomic import make_folder
from sleepjerk.batch.journal import Journal
from sleepjerk.batch.said import Said
from sleepjerk.batch.spread import Spread
from sleepjerk.batch.stores import Found, find_in_store, told
from sleepjerk.batch.work import Job, Outcome, night_row, work_on
from sleepjerk.errors import InputError, refusing
from sleepjerk.filenames import beside, is_recording
from sleepjerk.history.database import History
from sleepjerk.night.document import NewerNightError, night_from, night_text, read_night
from sleepjerk.session import ENDINGS, numbered, write_results
from sleepjerk.weekly import follow_in_diary, in_its_week, night_before

__all__ = ["Tally", "find_recordings", "run_batch"]

_AT_ONCE = 16  # plain: URLs that are looked at


@dataclass(slots=True)
class Tally:
    """What became of a batch.

    Attributes
    ----------
    done, earlier_run
        Recordings that were analysed, and of these those that an earlier run had done.
    reasons
        Why the others weren't, by name.
    options
        Names of options that were said of some recording earlier and held still.
    """

    done: int = 0
    earlier_run: int = 0
    reasons: dict[str, str] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """One more."""
        self.options |= set(outcome.earlier)
        if outcome.state == "done":
            self.done += 1
        else:
            self.reasons[outcome.name] = outcome.reason


def find_recordings(places: Sequence[str]) -> list[Found]:
    """The recordings that folders, patterns, files and fsspec URLs stand for, each once, sorted.

    What lies beside a recording (events, clock logs, truths) is none. `@FILE` stands for the lines of a file.

    Raises
    ------
    InputError
        A place holds no recording, or can't be listed.
    """
    lines = [line for place in places for line in _lines(place)]
    found: dict[str, Found] = {}
    listed = lru_cache(2 * _AT_ONCE)(_listed)  # of this call alone: the next one looks again
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # each URL waits for its store
        for line, here in zip(lines, pool.map(lambda line: _find(line, listed), lines), strict=True):
            if not here:
                raise InputError(f"{told(line)}: there is no recording here")
            found.update((one.name, one) for one in here)
    return list(found.values())


def _lines(place: str) -> list[str]:
    if not place.startswith("@"):
        return [place]
    with refusing(place, "can't be read as a list of recordings", "give a file with one on each line"):
        text = Path(place[1:]).read_text(encoding="utf-8-sig", errors="surrogateescape")
    return [line for line in text.split("\n") if line.strip()]


def _find(place: str, listed: Callable[[Path], Collection[str]]) -> list[Found]:
    return find_in_store(place) if "://" in place else [_local(name, listed) for name in _in_place(place)]


def _local(name: str, listed: Callable[[Path], Collection[str]]) -> Found:
    """Its mark changes also with what lies beside it, looked for in lists: asking for each name would take longer."""
    path = Path(name)
    others = (path.parent / other for other in beside(path.name))
    there = (other for other in others if other.name in listed(other.parent))
    return Found(name=told(name), mark=" ".join(map(_mark, (path, *there))), path=name)


def _mark(path: Path) -> str:
    with contextlib.suppress(OSError):  # whoever reads it will say why it can't be
        file = path.stat()
        return f"{file.st_size} {file.st_mtime_ns}"
    return ""


def _listed(folder: Path) -> frozenset[str]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return frozenset(entry.name for entry in entries)
    return frozenset()


def _in_place(place: str) -> list[str]:
    path = Path(place)
    try:
        if path.is_file():
            return [place]
        if path.is_dir():
            return sorted(_in_folder(path))
        root = Path(path.anchor)
        pattern = str(path.relative_to(path.anchor)) if path.anchor else place
        return sorted(str(one) for one in root.glob(pattern) if is_recording(one.name) and one.is_file())
    except OSError as error:
        raise InputError(f"{told(place)}: can't be looked for ({error.strerror})") from error
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"{told(place)}: this is not a pattern of file names ({error})") from error


def _in_folder(folder: Path) -> Iterator[str]:
    """Also what may not be looked at, files and folders: whoever reads it says so."""
    closed: list[str] = []
    for above, _, names in os.walk(folder, onerror=lambda error: closed.append(str(error.filename))):
        for path in (Path(above, name) for name in names if is_recording(name)):
            try:
                there = path.is_file()
            except OSError:
                there = True
            if there:
                yield str(path)
    yield from closed


def run_batch(
    jobs: Sequence[Job],
    folder: Path,
    spread: Spread,
    tell: Callable[[int, int, Outcome], None],
    diary: Path | None = None,
) -> Tally:
    """Analyse what isn't done yet, and write results, journal and table.

    Parameters
    ----------
    folder
        Where `<stem>.night.json` and `<stem>.events.csv` of each recording go.
    tell
        Called with how many are done, of how many, and the last outcome.
    diary
        The diary to look into: a night that it knows is judged with its week. None where only the table is wanted.

    Raises
    ------
    InputError
        The folder can't be written.
    """
    from sleepjerk.batch.table import write_table

    tally = Tally()
    with refusing(folder, "can't write results here", "choose another --out"):
        make_folder(folder)
        journal = Journal(folder / "batch.journal.jsonl")
        said, kept = Said(folder), _nights_of(diary)
        waiting = []
        known = (replace(job, files=said.of(job, job.stem)) for job in jobs)
        for job, outcome in journal.done(known, folder):
            if outcome is None:
                waiting.append(replace(job, files=job.files | said.of_results(job.stem)))
                continue
            tally.add(_kept(outcome, folder, journal, diary, kept, new=False))
        tally.earlier_run = tally.done
        for count, outcome in enumerate(_worked(waiting, spread), len(jobs) - len(waiting) + 1):
            outcome = _kept(outcome, folder, journal, diary, kept, new=True)
            tally.add(outcome)
            tell(count, len(jobs), outcome)
        write_table(journal.of([job.name for job in jobs]), folder)
    return tally


def _worked(jobs: Sequence[Job], spread: Spread) -> Iterator[Outcome]:
    for job, outcome in spread.each(work_on, jobs):
        yield outcome if outcome is not None else Outcome.killed(job)


def _nights_of(diary: Path | None) -> set[str]:
    """The recordings that a diary knows."""
    if diary is None or not diary.exists():
        return set()
    with History(diary) as history:
        return {line.input_sha256 for limb in ("wrist", "ankle") for line in history.nights(limb)}


def _in_its_week(outcome: Outcome, folder: Path, diary: Path | None, kept: set[str]) -> Outcome:
    """Judge those nights with their weeks that the diary knows, or whose results there were judged so before."""
    rows, texts = [], dict(outcome.texts)
    for row in outcome.rows:
        stem = numbered(folder / outcome.stem, row["night"])
        path = Path(f"{stem}{ENDINGS[0]}")
        ending = path.name.removeprefix(outcome.stem)
        if _key(row) in kept or (ending in texts and path.exists()):
            text = texts.get(ending) or path.read_text(encoding="utf-8")
            night = night_from(text, str(path))
            night = in_its_week(night, night_before(stem, night), diary)
            if night_text(night) != text:
                texts[ending], row = night_text(night), night_row(night)
        rows.append(row)
    return replace(outcome, rows=rows, texts=texts)


def _key(row: dict[str, Any]) -> str:
    """By which a diary knows a night."""
    return str(row["input_sha256"]) + (f"/{row['night']}" if row["night"] else "")


def _kept(
    outcome: Outcome, folder: Path, journal: Journal, diary: Path | None, kept: set[str], *, new: bool
) -> Outcome:
    """Results first, then what says they are there: a kill in between only does a night again."""
    try:
        judged = _in_its_week(outcome, folder, diary, kept)
        if judged.texts:
            write_results(folder / judged.stem, judged.texts)
    except NewerNightError as error:
        judged = _refused(outcome, str(error))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        judged = _refused(outcome, f"{outcome.name}: its results can't have so long a name; rename it")
    if new or judged.texts or judged.state != outcome.state:
        for row in judged.rows:
            if _key(row) in kept:
                stem = numbered(folder / judged.stem, row["night"])
                follow_in_diary(read_night(f"{stem}{ENDINGS[0]}"), diary)
        journal.add(judged, folder)
    return judged


def _refused(outcome: Outcome, reason: str) -> Outcome:
    """Without a word of what was said of it, so that it is tried again."""
    return replace(outcome, state="refused", reason=told(reason), rows=[], endings=[], texts={}, said="")
