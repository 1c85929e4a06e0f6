"""What a person said of a file, checked before the file is opened. Must not know files."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypedDict

from sleepjerk.errors import InputError
from sleepjerk.reading.clocks import parse_time_unit
from sleepjerk.reading.sidecar import find_zone
from sleepjerk.reading.units import parse_unit

_FIRST_YEAR, _LAST_YEAR = 1970, 2200  # plain: what a computer's clock can mean


class Told(TypedDict, total=False):
    """`ReadingOptions` as keywords of whoever reads a file."""

    unit: str | None
    time_unit: str | None
    rate_hz: float | None
    columns: str | None
    rows: str | None
    zone: str | None
    limb: str | None
    start: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What decides where the file itself doesn't; each None where nothing was said.

    Attributes
    ----------
    unit
        "g", "mg", "m/s2" or "counts:PER_G"; told from names and gravity when None.
    time_unit
        "s", "ms", "us", "ns", "ticks:PER_SECOND", "iso", or "dmy" or "mdy" for the order of a date; told from names and
        steps when None.
    rate_hz
        Samples per second of a file without a time column.
    columns
        "T,X,Y,Z" by name or by number from 1; "X,Y,Z" together with `rate_hz`.
    rows
        "COLUMN=WORD": only these rows, where those of several sensors stand in one table.
    zone
        IANA time zone for times without one, and to show the night in.
    limb
        "wrist" or "ankle"; the sidecar's when None, else "wrist".
    start
        Date and wall clock of the first sample, ISO 8601, with or without a zone; it goes before what the file says.

    Raises
    ------
    InputError
        Nobody can mean this.
    """

    unit: str | None = None
    time_unit: str | None = None
    rate_hz: float | None = None
    columns: str | None = None
    rows: str | None = None
    zone: str | None = None
    limb: str | None = None
    start: str | None = None

    def __post_init__(self) -> None:
        if self.unit is not None:
            parse_unit(self.unit)
        if self.time_unit is not None:
            parse_time_unit(self.time_unit)
        if self.rate_hz is not None and not 0 < self.rate_hz < float("inf"):
            raise InputError(f"--rate {self.rate_hz:g}: expected samples per second, such as 100")
        if self.zone is not None and self.tzinfo is None:
            raise InputError(
                f"--zone {self.zone}: there is no such time zone; expected a name such as Europe/Berlin"
            )
        if self.limb not in (None, "wrist", "ankle"):
            raise InputError(f"--limb {self.limb}: expected wrist or ankle")
        first_sample(self, None)

    @property
    def tzinfo(self) -> tzinfo | None:
        """The zone as Python knows it."""
        return None if self.zone is None else find_zone(self.zone)


def first_sample(options: ReadingOptions, zone: tzinfo | None) -> datetime | None:
    """When the recording began, as a person says; None where nobody does.

    Parameters
    ----------
    zone
        Holds where the person named none; where that is None, too, this computer's.

    Raises
    ------
    InputError
        It is no date and time.
    """
    said, there = options.start, options.tzinfo or zone
    if said is None:
        return None
    try:
        begun = datetime.fromisoformat(said)
        if begun.tzinfo is None:
            begun = begun.astimezone() if there is None else begun.replace(tzinfo=there)
        elif there is not None:
            begun = begun.astimezone(there)
    except (ValueError, OverflowError, OSError):
        begun = None
    if begun is None or ":" not in said or not _FIRST_YEAR < begun.year < _LAST_YEAR:
        raise InputError(
            f"--start {said}: give date and time of the first sample, such as 2026-11-22T22:45 or "
            "2026-11-22T22:45+01:00"
        )
    return begun
