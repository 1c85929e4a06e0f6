"""From a path to recordings: which kind of file it is, and its fingerprint while it is read. The public calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from sleepjerk.errors import InputError, why
from sleepjerk.hashing import sha256_of
from sleepjerk.reading.archive import find_source
from sleepjerk.reading.options import ReadingOptions, Told
from sleepjerk.reading.recording_file import RecordingFile
from sleepjerk.reading.source import Source
from sleepjerk.reading.table_file import open_text, understand_columns
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules


def read_recording(
    path: str | Path,
    *,
    rules: Rules | None = None,
    **told: Unpack[Told],
) -> Recording:
    """Read a recording: a table of times and three axes as text, Parquet or Feather, or a logger's own file.

    Parameters
    ----------
    path
        The file, or a folder or zip archive that holds one. A sidecar and a clock log beside it are used when they are
        there.
    unit, time_unit, rate_hz, columns, rows, zone, limb, start
        What decides where the file doesn't, as in `ReadingOptions`.

    Returns
    -------
    Recording
        In g on a regular grid; `provenance.notes` says what was detected.

    Raises
    ------
    InputError
        The file can't be used, or something can't be told; the sentence says which option decides.
    """
    return next(_read(Path(path), ReadingOptions(**told), rules or Rules(), whole=True))


def read_nights(
    path: str | Path,
    *,
    night: int | None = None,
    rules: Rules | None = None,
    **told: Unpack[Told],
) -> Iterator[Recording]:
    """Read a recording night by night, so that a week needs no more memory than its longest night.

    Parameters
    ----------
    night
        This one alone, from 1; all when None.
    path, unit, time_unit, rate_hz, columns, rows, zone, limb, start, rules
        As for `read_recording`.

    Returns
    -------
    iterator of Recording
        Each night; the whole recording when it holds one. `provenance.night` says which it is, of how many.

    Raises
    ------
    InputError
        As `read_recording`; a night that can't be used is told of when the others are done.
    """
    return _read(Path(path), ReadingOptions(**told), rules or Rules(), night)


@contextmanager
def _understood(source: Source, options: ReadingOptions, rules: Rules) -> Iterator[RecordingFile]:
    """The file before its rows are read; a logger's own file is unpacked."""
    if source.kind in ("Parquet", "Feather"):
        yield understand_columns(source, source.kind, options, rules)
    elif source.kind is not None:
        from sleepjerk.reading.loggers.logger_file import open_logger  # here, because most nights are text

        with open_logger(source, source.kind, options, rules) as logger:
            yield logger
    else:
        with open_text(source, options, rules) as table:
            yield table


def _read(
    path: Path, options: ReadingOptions, rules: Rules, night: int | None = None, *, whole: bool = False
) -> Iterator[Recording]:
    """The recording, or its nights, each with the fingerprint of the file."""
    source = find_source(path)
    try:
        fingerprint = sha256_of(source.path)
        with _understood(source, options, rules) as file:
            for made in iter([file.whole()]) if whole else file.nights(night):
                yield replace(made, input_sha256=fingerprint.result())
                del made  # so that it is gone while the next night is read
    except OSError as error:
        raise InputError(f"{path}: can't be read: {why(error)}") from error
