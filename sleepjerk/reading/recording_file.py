"""A file that is understood, but not read yet: its rows, and the nights that they hold.

Knows how a file is cut into nights and that each is then read alone. Must not know what kind of file it is: tables
(`table_file`) and loggers' own files (`loggers.logger_file`) say how their rows become a recording.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from sleepjerk.errors import InputError
from sleepjerk.parts import Damage, Marks, Provenance
from sleepjerk.reading.assemble import to_recording
from sleepjerk.reading.nights import cut_recording, find_cuts, number_night
from sleepjerk.reading.options import ReadingOptions, first_sample
from sleepjerk.reading.seek import Seeker
from sleepjerk.reading.sidecar import Sidecar
from sleepjerk.reading.timestamps import Stamps
from sleepjerk.recording import Recording, Samples
from sleepjerk.rules import Rules

Span = tuple[int, int]  # the place of the first row, and the one behind the last


class Rows(Protocol):
    """Rows that can be read from one place to another, whatever wrote them: bytes of a text, or numbers of rows."""

    @property
    def begin(self) -> int:
        """The place of the first row."""

    @property
    def end(self) -> int:
        """The place behind the last row."""

    def read(self, begin: int, end: int) -> Any:
        """The rows from one place to another."""

    def seeker(self, *, unit_s: float = 1.0, rate_hz: float | None = None) -> Seeker:
        """Finds places by times: in a unit of so many seconds, or counted at a rate where rows have no times."""


@dataclass(frozen=True, slots=True)
class Extent:
    """From when to when the rows of a file were recorded.

    Attributes
    ----------
    first_s, last_s
        Of its rows, by the seeker's clock.
    local_start
        First row by the clock where it was recorded, with or without a zone; None when unknown.
    start
        First row as a moment, where the rows themselves say it.
    slack_s
        How far the clock may be set back: an hour in autumn, where stamps are local times.
    """

    seeker: Seeker
    first_s: float
    last_s: float
    local_start: datetime | None
    start: datetime | None = None
    slack_s: float = 0.0

    def cuts(self, rules: Rules) -> list[int]:
        """The places where nights after the first begin; none where times can't be told by places."""
        length_s = self.last_s - self.first_s
        # What is beyond all bounds, or out of order, is refused by the reading of it.
        if not length_s <= rules.reading.max_days * 86400:
            return []
        look = partial(self.seeker.look, self.first_s, self.last_s, rules.cutting)
        cuts = find_cuts(length_s, self.local_start, look, rules.cutting)
        if not cuts or not self.seeker.in_order(self.slack_s):
            return []
        return [self.seeker.place_of(self.first_s + cut) for cut in cuts]


@dataclass(kw_only=True)
class RecordingFile(ABC):
    """A file whose rows are understood.

    Attributes
    ----------
    sidecar
        What is known besides the rows, beside the file or above them.
    spoilt
        Whether its packing is damaged.
    """

    path: Path
    rows: Rows
    sidecar: Sidecar
    options: ReadingOptions
    rules: Rules
    spoilt: bool = False

    @property
    def zone(self) -> tzinfo | None:
        """Where it was recorded, as far as anybody says."""
        return self.options.tzinfo or self.sidecar.zone

    @abstractmethod
    def extent(self) -> Extent | None:
        """When its rows were recorded; None where nothing tells."""

    @abstractmethod
    def read(self, span: Span, within: Extent | None = None) -> Recording:
        """Some of its rows as a recording; `within` is of the whole file, where these are one night of several."""

    def _assemble(
        self,
        acceleration_g: Samples,
        stamps: Stamps,
        damage: Damage,
        from_s: float,
        notes: tuple[str, ...],
        file_first_s: float | None,
    ) -> Recording:
        """Samples that begin so many seconds after the first of the file, with all that is known besides."""
        notes = (*notes, *self.sidecar.notes)
        provenance = Provenance(name=self.path.name, from_s=round(from_s, 6), notes=notes)
        made = to_recording(
            self.path,
            acceleration_g,
            stamps,
            provenance,
            damage,
            self.sidecar,
            self.options,
            self.rules,
            file_first_s,
        )
        begun = first_sample(self.options, self.sidecar.zone)
        return made if begun is None else begun_at(made, begun)

    def learn(self, span: Span) -> None:  # noqa: B027 - most files have nothing to learn
        """Learn from the first night what holds for all."""

    def whole(self) -> Recording:
        """All of it as one recording."""
        return self.read((self.rows.begin, self.rows.end))

    def nights(self, night: int | None = None) -> Iterator[Recording]:
        """One of its nights, or all, one after the other.

        Raises
        ------
        InputError
            There is no such night; or some can't be used, which is told when the others are done.
        """
        if self.spoilt:  # no time behind damage of packing can be trusted before all is read
            whole = self.whole()
            nights = cut_recording(whole, by_local_clock(whole.start, self.zone), self.rules.cutting)
            yield from (nights[number - 1] for number in self._wanted(night, len(nights)))
            return
        extent, begun = self.extent(), first_sample(self.options, self.sidecar.zone)
        if extent is not None and begun is not None:
            extent = replace(extent, local_start=begun)
        places = [self.rows.begin, *([] if extent is None else extent.cuts(self.rules)), self.rows.end]
        spans = [(first, last) for first, last in pairwise(places) if first < last]
        numbers = self._wanted(night, max(1, len(spans)))
        if len(spans) < 2:
            yield self.whole()
            return
        if numbers[0] != 1:
            self.learn(spans[0])
        refused: list[InputError] = []
        for number in numbers:
            try:
                made = self.read(spans[number - 1], extent)
            except InputError as error:
                refused.append(error)
            else:
                yield number_night(made, number, len(spans))
                del made  # so that it is gone while the next one is read
        if refused:
            raise InputError(f"{len(refused)} of {len(spans)} nights can't be used; the first: {refused[0]}")

    def _wanted(self, night: int | None, count: int) -> list[int]:
        """The numbers of the nights to read, of so many."""
        if night is None:
            return list(range(1, count + 1))
        if not 1 <= night <= count:
            holds = f"its nights are 1 to {count}" if count > 1 else "it holds one night"
            raise InputError(f"{self.path}: --night {night}: {holds}")
        return [night]


def begun_at(made: Recording, begun: datetime) -> Recording:
    """A recording of a file whose first sample was taken at a moment; marks by the file's own clock go with it."""
    start = (begun.astimezone(UTC) + timedelta(seconds=made.provenance.from_s)).astimezone(begun.tzinfo)
    later = timedelta() if made.start is None else start - made.start
    marks = made.marks
    off, up = (None if mark is None else mark + later for mark in (marks.lights_off, marks.lights_up))
    notes = (*(note for note in made.provenance.notes if note != "start: unknown"), "start: as you said")
    return replace(
        made,
        start=start,
        marks=Marks(lights_off=off, lights_up=up),
        provenance=replace(made.provenance, notes=notes),
    )


def by_local_clock(start: datetime | None, zone: tzinfo | None) -> datetime | None:
    """The start where it tells the time of day; UTC may only mean that nobody gave a zone."""
    if start is None or start.tzinfo is None:
        return start
    if zone is None:
        return start if start.utcoffset() else None
    return start.astimezone(zone)
