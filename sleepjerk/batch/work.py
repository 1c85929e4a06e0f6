"""One recording, or its nights, analysed by a worker, maybe of another computer.

Must not know who else works or where results go.
"""

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.atomic import scratch
from sleepjerk.batch.said import OWN, RESULTS, what_was_said
from sleepjerk.batch.stores import Found, fetch, told
from sleepjerk.errors import InputError
from sleepjerk.history.options import Options
from sleepjerk.session import Session, open_session, result_texts
from sleepjerk.version import __version__

if TYPE_CHECKING:
    from sleepjerk.night.model import Night

_FETCHED = "fetched"  # the folder for what comes out of a store
# What may be otherwise next time, though the file is the same: a disk, a network, a permission, a package, memory.
_PASSING = (OSError, ImportError, MemoryError)
# The numbers of a night that stand in the table; whoever needs more reads its night.json.
_COLUMNS = {
    "recording": "night start zone hours rate_hz gaps missing_s limb side subject sensor_id off_body_h "
    "clipped_samples rejected_rows smallest_visible_g calibration",
    "sleep": "onset_s end_s period_h analysed_h quiet_h wake_bouts",
    "periodic": "index_per_h periodicity_index median_interval_s moved_per_h respiratory_caveat",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Found):
    """A recording and how it is to be read and judged.

    Attributes
    ----------
    stem
        Of its results, unlike that of any other job.
    options
        What was said of all recordings, by name of the option.
    night
        Only this night of several; all when None.
    forget
        Leave aside which options were said of it earlier.
    table_only
        Whether its lines of the table are all that is wanted.
    files
        What a person said of recordings and sensors: texts of small files, by name (`batch.said`).
    """

    stem: str
    options: dict[str, Any] = field(default_factory=dict)
    night: int | None = None
    forget: bool = False
    table_only: bool = False
    files: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Changes with the file, the settings and the version."""
        said = (
            json.dumps(asdict(replace(self, store="", path="", files={})), sort_keys=True, default=str)
            + __version__
        )
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    state
        "done", "refused" (the file can't be used) or "killed" (its workers died).
    reason
        Why it isn't done; "" when it is.
    rows
        A line of the table for each night that could be analysed, without name, state and reason.
    endings
        Of the files that are its results, after the stem.
    texts
        What is to be written into them; empty when it is.
    said
        The fingerprint of what a person said of it.
    earlier
        Options that were said of it earlier and held still.
    """

    name: str
    stem: str
    fingerprint: str
    state: str
    reason: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    said: str = ""
    earlier: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, job: Job, state: str, reason: str = "") -> "Outcome":
        """The outcome of a job without any result yet."""
        return cls(name=job.name, stem=job.stem, fingerprint=job.fingerprint, state=state, reason=reason)

    @classmethod
    def killed(cls, job: Job) -> "Outcome":
        """The outcome of a job whose workers died."""
        why = "every worker that read it was killed, perhaps for want of memory; try --jobs 1"
        return cls.of(job, "killed", f"{job.name}: {why}")


def work_on(job: Job) -> Outcome:
    """Read and analyse one recording on one core; a file that can't be used is an outcome, not an error."""
    from sleepjerk.runtime import limit_threads

    limit_threads(1)  # the others work beside
    import pandas as pd

    with contextlib.suppress(pd.errors.OptionError):  # pandas before 3.1 reads with one anyway
        pd.set_option("mode.max_threads", 1)
    outcome = Outcome.of(job, "done")
    here, passing = job.name, False
    try:
        with scratch() as folder:
            session = _open(job, folder)
            here = str(session.path)
            outcome.earlier = list(session.earlier.said())
            for recording in session.read(job.night):
                judged = session.judge(recording, overwrite=True)
                del recording  # so that it is gone while the next night is read
                number = judged.stem.name.removeprefix(session.stem.name)
                if not job.table_only:
                    for ending, text in result_texts(judged.night).items():
                        outcome.texts[f"{number}{ending}"] = text
                outcome.rows.append(night_row(judged.night))
    except Exception as error:  # also a fault of ours: in one recording it must not cost the others theirs
        known = isinstance(error, InputError)
        outcome.state = "refused"
        why = str(error) if known else f"{job.name}: {type(error).__name__}: {error}"
        outcome.reason = told(why.replace(here, job.name))
        passing = isinstance(error.__cause__ if known else error, _PASSING)
    outcome.endings = sorted(outcome.texts)
    # Without a word of what was said of it, it is tried again.
    outcome.said = "" if passing else what_was_said(job.files, outcome.rows)
    return outcome


def _open(job: Job, folder: Path) -> Session:
    """Lay what a person said where a session looks for it."""
    for name, text in job.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return open_session(
        fetch(job, folder / _FETCHED) if job.store else job.place,
        Options.of(job.options),
        stem=folder / RESULTS,
        own=folder / OWN,
        forget=job.forget,
    )


def night_row(night: "Night") -> dict[str, Any]:
    """A night as one line of numbers; unknown is None."""
    from sleepjerk.night.document import to_document

    document = to_document(night)
    row: dict[str, Any] = {}
    for part, keys in _COLUMNS.items():
        prefix = "" if part == "recording" else f"{part}_"
        row |= {f"{prefix}{key}": document[part].get(key) for key in keys.split()}
    row |= {f"{label}": count for label, count in document["counts"].items()}
    row["restless"] = document["restless"]
    row |= {f"{label}_per_h": rate for label, rate in document["per_hour"].items()}
    row |= {line["id"]: line["met"] for line in document["verdict"]["criteria"]}
    row["warnings"] = " | ".join(document["warnings"])
    row |= {key: document[key] for key in ("version", "settings_sha256", "input_sha256")}
    if night.limbs is not None:
        row["with_sha256"] = night.limbs.input_sha256
    return row
