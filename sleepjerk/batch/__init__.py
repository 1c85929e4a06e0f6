"""Many recordings -> one table. The story: find them, leave out what is done, spread the rest, keep each outcome.

Knows the order, nothing else: `work` is one recording, `journal` what is done, `spread` who works. Only this process
writes: a worker hands back texts, and so a worker that dies leaves nothing half-written and nothing twice.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sleepjerk.atomic import write_whole
from sleepjerk.batch.journal import Journal
from sleepjerk.batch.spread import Spread
from sleepjerk.batch.work import Job, Outcome, work_on
from sleepjerk.errors import InputError

__all__ = ["find_recordings", "run_batch"]

_TAKEN = (".csv", ".tsv", ".txt", ".csv.gz", ".csv.zst", ".parquet", ".feather", ".cwa", ".bin", ".gt3x")
_BESIDE = (".events.csv", ".clock.csv", ".truth.csv", ".events.parquet", ".ggir.csv")


def find_recordings(places: Sequence[str]) -> list[str]:
    """The recordings that folders, patterns, files and fsspec URLs stand for, each once, sorted.

    What lies beside a recording (events, clock logs, truths) is none.

    Raises
    ------
    InputError
        A place holds no recording, or a URL can't be listed.
    """
    found: dict[str, None] = {}
    for place in places:
        names = _in_url(place) if "://" in place else _in_place(place)
        if not names:
            raise InputError(f"{place}: there is no recording here")
        found.update(dict.fromkeys(names))
    return list(found)


def _in_place(place: str) -> list[str]:
    path = Path(place)
    if path.is_dir():
        return sorted(str(one) for one in path.rglob("*") if one.is_file() and _may_be_one(one.name))
    if path.is_file():
        return [place]
    root = Path(path.anchor)
    pattern = str(path.relative_to(path.anchor)) if path.anchor else place
    try:
        return sorted(str(one) for one in root.glob(pattern) if one.is_file() and _may_be_one(one.name))
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"{place}: this is no pattern of file names ({error})") from error


def _in_url(place: str) -> list[str]:
    try:
        import fsspec
    except ImportError as error:
        raise InputError(f"{place}: to read a URL type: pip install 'sleepjerk[cluster]'") from error
    try:
        system, path = fsspec.core.url_to_fs(place)
        names = system.find(path) if system.isdir(path) else system.glob(path)
        return sorted(system.unstrip_protocol(name) for name in names if _may_be_one(name))
    except (OSError, ValueError, ImportError) as error:
        raise InputError(f"{place}: can't be listed ({error})") from error


def _may_be_one(name: str) -> bool:
    name = name.lower()
    return name.endswith(_TAKEN) and not name.endswith(_BESIDE)


def run_batch(
    jobs: Sequence[Job], folder: Path, spread: Spread, tell: Callable[[int, int, Outcome], None]
) -> list[Outcome]:
    """Analyse what isn't done yet, and write results, journal and table.

    Parameters
    ----------
    folder
        Where `<stem>.night.json` and `<stem>.events.csv` of each recording go.
    tell
        Called with how many are done, of how many, and the last outcome.

    Returns
    -------
    list of Outcome
        One for each job, in their order.

    Raises
    ------
    InputError
        The folder can't be written.
    """
    from sleepjerk.batch.table import write_table

    try:
        folder.mkdir(parents=True, exist_ok=True)
        journal = Journal(folder / "batch.journal.jsonl")
        outcomes = {job.name: outcome for job in jobs if (outcome := journal.done(job, folder)) is not None}
        waiting = [job for job in jobs if job.name not in outcomes]
        for outcome in _worked(waiting, spread):
            _keep(outcome, folder, journal)
            outcomes[outcome.name] = outcome
            tell(len(outcomes), len(jobs), outcome)
        ordered = [outcomes[job.name] for job in jobs]
        write_table(ordered, folder)
    except OSError as error:
        raise InputError(
            f"{folder}: can't write results here ({error.strerror}); choose another --out"
        ) from error
    return ordered


def _worked(jobs: Sequence[Job], spread: Spread) -> Iterator[Outcome]:
    for job, outcome in spread.each(work_on, jobs):
        yield outcome if outcome is not None else Outcome.killed(job)


def _keep(outcome: Outcome, folder: Path, journal: Journal) -> None:
    """Results first, then the line that says they are there: a kill in between only does a night again."""
    for ending, text in outcome.texts.items():
        write_whole(Path(f"{folder / outcome.stem}{ending}"), text)
    journal.add(outcome)
