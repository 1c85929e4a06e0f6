"""The nights and the answers that a person keeps: one SQLite file on this computer, readable by its owner only.

Knows SQL and the file; must not know what a night or an answer means. Each change is one transaction that takes the
file first, so that two processes never lose what the other wrote and a killed one leaves all of it or nothing.
"""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, Self

from sleepjerk.atomic import checksum, make_folder, sync_folder
from sleepjerk.errors import InputError
from sleepjerk.history.places import own_folder
from sleepjerk.judging.questions import BY_KEY, OVER, Answers
from sleepjerk.night.typed import typed
from sleepjerk.night.unknown import unknown_in
from sleepjerk.night.verdict import NightLine

_WAIT_S = 30.0  # for another process
# SQLite's own waits grow to 100 ms, so that a busy writer's gaps of a millisecond are all missed: short ones meet them.
_TRY_S = 0.01
_PRIVATE = 0o600
_OURS = int.from_bytes(b"SLJK", "big")  # SQLite's mark of whose database a file is
_LONGEST_NAME = 200
# Each entry brings a file of the schema before it (0: an empty one) to the next.
_MIGRATIONS = (
    """
    CREATE TABLE nights (
        night TEXT NOT NULL, limb TEXT NOT NULL, input_sha256 TEXT NOT NULL, subject TEXT NOT NULL,
        kept_utc TEXT NOT NULL, line TEXT NOT NULL,
        PRIMARY KEY (limb, input_sha256)
    ) STRICT;
    CREATE TABLE answers (
        night TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, answered_utc TEXT NOT NULL,
        PRIMARY KEY (night, key)
    ) STRICT;
    """,
    """
    CREATE INDEX nights_by_date ON nights (limb, night);
    """,
    # One question was two: who said yes to "many parts, with a changed medicine" said both; a no tells neither, and
    # stays under a name of its own.
    """
    UPDATE answers SET key = 'many_parts_with_medicine' WHERE key = 'many_parts';
    INSERT OR REPLACE INTO answers SELECT night, 'many_parts', value, answered_utc FROM answers
        WHERE key = 'many_parts_with_medicine' AND value = 'true';
    INSERT OR REPLACE INTO answers SELECT night, 'medicine_changed', value, answered_utc FROM answers
        WHERE key = 'many_parts_with_medicine' AND value = 'true';
    DELETE FROM answers WHERE key = 'many_parts_with_medicine' AND value = 'true';
    """,
    # Of what a row says; SQLite has none.
    """
    ALTER TABLE nights ADD COLUMN checksum TEXT;
    ALTER TABLE answers ADD COLUMN checksum TEXT;
    """,
)
SCHEMA = len(_MIGRATIONS)


def default_path() -> Path:
    """The diary of the person who uses this computer."""
    return own_folder() / "diary.sqlite"


class History:
    """An open diary. It is one person's: nights that name somebody else are refused.

    What can't be read of it costs itself alone: `doubts` are the sentences about that, and about what is no longer as
    it was written but is taken as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.doubts: list[str] = []
        _make_private(path)
        try:
            self._file = sqlite3.connect(path, timeout=_TRY_S, isolation_level=None)
            with contextlib.ExitStack() as unless_it_opens:
                unless_it_opens.callback(self._file.close)
                self._ask("PRAGMA secure_delete = ON")  # nothing of a deleted answer may stay in the file
                self._ask("PRAGMA synchronous = EXTRA")  # also the end of a change, which is a file that goes
                self._ask("PRAGMA fullfsync = ON")  # macOS: through the drive's own memory
                self._upgrade()
                unless_it_opens.pop_all()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._file.close()

    def keep_night(self, line: NightLine, subject: str | None = None) -> None:
        """Keep a night; the same recording again takes the place of what was kept of it.

        Raises
        ------
        InputError
            The night names another person than those that are kept.
        """
        with self._change() as file:
            self.refuse_another(subject)
            place = (line.limb, line.input_sha256)
            kept = file.execute(
                "SELECT line FROM nights WHERE limb = ? AND input_sha256 = ?", place
            ).fetchone()
            ours = asdict(line)
            newer = {}
            with contextlib.suppress(
                ValueError, TypeError, AttributeError
            ):  # nothing is left of a damaged one
                newer = {} if kept is None else unknown_in(json.loads(kept[0]), ours)
            text = json.dumps(ours | newer, allow_nan=False)
            row = (line.night, *place, _owner(subject), _now(), text, checksum([line.night, *place, text]))
            file.execute("INSERT OR REPLACE INTO nights VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def refuse_another(self, subject: str | None) -> None:
        """See that a night of this person may be kept here.

        Raises
        ------
        InputError
            Nights of somebody else are kept.
        """
        owner = _owner(subject)
        for (other,) in self._read("SELECT DISTINCT subject FROM nights WHERE subject != ''", ()):
            if owner and other != owner:
                raise InputError(
                    f"{self.path}: this diary holds nights of {other!r:.60}, but this night is of {owner!r:.60}; "
                    "use another --diary, or --no-diary"
                )

    def nights(self, limb: str) -> list[NightLine]:
        """The nights of one limb by date."""
        names = "night, limb, input_sha256, line, checksum"
        found = []
        for *row, written in self._read(
            f"SELECT {names} FROM nights WHERE limb = ? ORDER BY night, kept_utc", (limb,)
        ):
            night, text = str(row[0]), row[-1]
            try:
                found.append(_line(text))
            except (TypeError, ValueError, RecursionError) as error:
                why = f"can't be read ({error}) and is left out; make its report again"
                self._doubt(f"what is kept of the night of {night} {why}")
                continue
            if written not in (None, checksum(row)):
                self._doubt(f"what is kept of the night of {night} was changed since; make its report again")
        return found

    def keep_answers(self, night: str, answers: dict[str, Any], seen: Answers | None = None) -> Answers:
        """Add answers to those of a night; an answer of None takes one back.

        Parameters
        ----------
        seen
            What whoever answers saw of the night; what became another answer meanwhile stays as it is.

        Returns
        -------
        Answers
            What stays so, by key; None for what was taken back meanwhile.

        Raises
        ------
        InputError
            The date is none, or an answer doesn't fit its question.
        """
        night = checked_date(night)
        for key, value in answers.items():
            _check_answer(key, value)
        answers = {key: _text(value) if isinstance(value, str) else value for key, value in answers.items()}
        others: dict[str, Any] = {}
        with self._change() as file:
            if seen is not None:
                now = self.mornings().get(night, {})
                wanted = {key: value for key, value in answers.items() if now.get(key) != value}
                others = {key: now.get(key) for key in wanted if now.get(key) != seen.get(key)}
            for key, value in answers.items():
                if key in others:
                    continue
                if value is None:
                    file.execute("DELETE FROM answers WHERE night = ? AND key = ?", (night, key))
                else:
                    said = (night, key, json.dumps(value))
                    row = (*said, _now(), checksum(said))
                    file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", row)
        return others

    def mornings(self) -> dict[str, Answers]:
        """The answers by the date of the evening before."""
        found: dict[str, Answers] = {}
        names = "night, key, value, checksum"
        for *row, written in self._read(f"SELECT {names} FROM answers ORDER BY night, key", ()):
            night, key, value = row
            try:
                found.setdefault(checked_date(night), {})[key] = _answer(key, value)
            except (InputError, ValueError, RecursionError):
                self._doubt(
                    f"the answer {key!r:.40} to the night of {night!r:.20} can't be read and is left out; say it again"
                )
                continue
            if written not in (None, checksum(row)):
                self._doubt(
                    f"the answer {key!r:.40} to the night of {night} was changed since; see whether it is true"
                )
        return found

    def once(self) -> Answers:
        """The last answers to the questions that are asked only once."""
        answers: Answers = {}
        for given in self.mornings().values():
            answers |= {key: value for key, value in given.items() if key in BY_KEY and BY_KEY[key].once}
        return answers

    def recordings(self, night: str | None = None) -> set[str]:
        """Fingerprints of the recordings of one date, or of all that are kept."""
        rows = self._read("SELECT input_sha256, night FROM nights", ())
        return {key.split("/")[0] for key, date_ in rows if night in (None, date_)}

    def forget_night(self, night: str, input_sha256: str | None = None) -> int:
        """Delete one night with its answers; returns how many rows that were.

        Parameters
        ----------
        input_sha256
            Only this recording of it, as its line names it; the answers stay where there are others.
        """
        night = checked_date(night)
        with self._change() as file:
            of_it = "night = ? AND ? IN (input_sha256, '')"
            gone = file.execute(f"DELETE FROM nights WHERE {of_it}", (night, input_sha256 or "")).rowcount
            left = "SELECT 1 FROM nights WHERE nights.night = answers.night"
            return gone + (
                file.execute(
                    f"DELETE FROM answers WHERE night = ? AND NOT EXISTS ({left})", (night,)
                ).rowcount
            )

    def whole(self) -> bytes:
        """The file as it is at one moment, for a copy."""
        return self._file.serialize()

    def _doubt(self, sentence: str) -> None:
        told = f"{self.path}: {sentence}"
        self.doubts += [] if told in self.doubts else [told]

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else meanwhile."""
        try:
            self._ask("BEGIN IMMEDIATE")
            try:
                yield self._file
                self._ask("COMMIT")
            except BaseException:
                if self._file.in_transaction:  # a full disk has ended it already
                    self._file.execute("ROLLBACK")
                raise
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error
        try:
            # secure_delete leaves pieces of what was replaced in the slack of a page; a rewritten file holds none.
            self._ask("VACUUM")
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"{self.path}: this was kept, but pieces of what it replaced may still be in the file ({error}); "
                "repeat the command"
            ) from error

    def _read(self, question: str, values: tuple[str, ...]) -> list[Any]:
        try:
            return self._ask(question, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error

    def _ask(self, statement: str, values: tuple[str, ...] = ()) -> sqlite3.Cursor:
        """Run one statement that needs the file's lock, again and again while another process has it."""
        until_s = time.monotonic() + _WAIT_S
        while True:
            try:
                return self._file.execute(statement, values)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                    raise

    def _upgrade(self) -> None:
        (found,) = self._ask("PRAGMA user_version").fetchone()
        (owner,) = self._ask("PRAGMA application_id").fetchone()
        if owner != _OURS and self._ask("SELECT 1 FROM sqlite_master").fetchone():
            raise InputError(f"{self.path}: this is the database of another program; nothing was changed")
        if found > SCHEMA:
            raise InputError(
                f"{self.path}: this diary has schema {found}, this sleepjerk knows {SCHEMA}: use a newer sleepjerk"
            )
        if found == SCHEMA:
            return
        with self._change() as file:
            (found,) = file.execute("PRAGMA user_version").fetchone()  # another process may have been faster
            for step in _MIGRATIONS[found:]:
                for statement in step.split(";"):
                    file.execute(statement)
            file.execute(f"PRAGMA application_id = {_OURS}")
            file.execute(f"PRAGMA user_version = {SCHEMA}")

    def _unreadable(self, error: Exception) -> InputError:
        return InputError(f"{self.path}: the diary can't be used ({error}); nothing was changed")


def _line(text: str) -> NightLine:
    """What another version kept besides stays in the file; what it didn't know is unknown."""
    line: NightLine = typed(NightLine, json.loads(text))
    checked_date(line.night)
    for clock in filter(None, (line.asleep, line.awake)):
        time_of_day.fromisoformat(clock)
    return line


def _answer(key: str, text: str) -> bool | int | str:
    """One answer; that to a question of another version may be anything."""
    value: bool | int | str = json.loads(text)
    if key in BY_KEY:
        _check_answer(key, value)
    return value


def delete_diary(path: Path) -> bool:
    """Everything of it, in one go; whether there was anything."""
    found = False
    for ending in ("-journal", "-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{ending}").unlink()
            found = True
    return found


def _text(text: str) -> str:
    """Without halves of signs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _owner(subject: str | None) -> str:
    return _text(subject or "")[:_LONGEST_NAME]


def checked_date(text: str) -> str:
    """A date as ISO 8601 writes it.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        return str(date.fromisoformat(text))
    except ValueError as error:
        raise InputError(f"{text}: expected a date such as 2026-11-22") from error


def _check_answer(key: str, value: object) -> None:
    question = BY_KEY.get(key)
    if question is None:
        raise InputError(f"{key}: there is no such question; the keys are {', '.join(BY_KEY)}")
    if value is None:
        return
    if question.kind == "yes_no" and (isinstance(value, bool) or (question.red and value == OVER)):
        return
    if question.kind == "text" and isinstance(value, str) and len(value) <= question.high:
        return
    number = isinstance(value, int) and not isinstance(value, bool)
    if question.kind in ("count", "scale") and number and question.low <= int(str(value)) <= question.high:
        return
    wanted = {"yes_no": "yes or no", "text": f"at most {question.high} signs"}.get(
        question.kind, f"a whole number from {question.low} to {question.high}"
    )
    raise InputError(f"{key}={value!r:.60}: the answer must be {wanted}")


def _make_private(path: Path) -> None:
    """A diary is nobody else's business: 0600, in a folder that is made 0700."""
    try:
        make_folder(path.parent)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE))
            sync_folder(path.parent)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(_PRIVATE)
    except OSError as error:
        raise InputError(
            f"{path}: the diary can't be kept here ({error.strerror}); choose a place with --diary"
        ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
