"""Tables, as text or as columns: rows of a time and three values whose units are yet to be told.

Knows what lies above and beside a table. Must not know bytes, cells or how columns are stored.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Protocol

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.parts import Damage
from sleepjerk.reading.clocks import ORDERS, epoch_start, find_clock
from sleepjerk.reading.iso import TextStamps, decode_stamps, find_form
from sleepjerk.reading.layout import Layout, find_layout
from sleepjerk.reading.names import names_sensor
from sleepjerk.reading.options import ReadingOptions
from sleepjerk.reading.recording_file import Extent, RecordingFile, Rows, Span, by_local_clock
from sleepjerk.reading.roles import Columns, find_columns
from sleepjerk.reading.sidecar import named_start, read_sidecar
from sleepjerk.reading.source import Source
from sleepjerk.reading.table import Table
from sleepjerk.reading.text.rows import TextRows
from sleepjerk.reading.text.vendors import find_tick, find_vendor
from sleepjerk.reading.timestamps import Stamps, count_stamps, moment_of, read_stamps
from sleepjerk.reading.units import Unit, find_unit
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules

_LONG_HEADER_BYTES = 1 << 22
_NATIVE = ("t_us", "x_g", "y_g", "z_g")


class TableRows(Rows, Protocol):
    """Rows that are read as a table: how they are written, and which columns are time and axes."""

    @property
    def layout(self) -> Layout:
        """How they are written."""

    @property
    def columns(self) -> Columns:
        """Which of them are time and axes."""

    def read(self, begin: int, end: int) -> Table:
        """The rows from one place to another."""


@dataclass(kw_only=True)
class TableFile(RecordingFile):
    """A table.

    Attributes
    ----------
    local_start
        First sample by the clock where it was recorded, where no row says it; None when unknown.
    tick_s
        Seconds in a tick of the time column, where a banner says it.
    unit
        That of the first night, which is that of all: where a sensor only lies about, it may not be told.
    """

    rows: TableRows
    local_start: datetime | None
    tick_s: float | None = None
    unit: Unit | None = None

    def __post_init__(self) -> None:
        self.layout, self.columns = self.rows.layout, self.rows.columns
        if self.columns.time is None and self._counted_hz is None:
            raise InputError(
                f"{self.path}: there is no time column; give the samples per second with --rate HZ"
            )

    @property
    def _counted_hz(self) -> float | None:
        """The rate at which rows are counted; None where they have times."""
        if self.columns.time is None:
            return self.options.rate_hz or self.sidecar.rate_hz
        return self.options.rate_hz

    def extent(self) -> Extent | None:
        """When its rows were recorded, by some of their times."""
        if (rate_hz := self._counted_hz) is not None:
            seeker = self.rows.seeker(rate_hz=rate_hz)
            return Extent(seeker, *seeker.span_s(), self.local_start)
        assert self.columns.time is not None
        seeker = self.rows.seeker()
        times = seeker.first_times()
        if times is None:
            return None
        if isinstance(times, TextStamps):
            if not times.dated:
                return None
            span_s = seeker.span_s()
            moment = moment_of(span_s[0], times.zone_s)
            if moment.tzinfo is not None:
                return Extent(seeker, *span_s, by_local_clock(moment, self.zone), moment)
            start = None if self.zone is None else moment.replace(tzinfo=self.zone)
            return Extent(seeker, *span_s, moment, start, slack_s=3600.0)
        name = self.layout.names[self.columns.time]
        said = self.columns.time_unit, self.options.time_unit
        clock = find_clock(self.path, times, name, *said, self.rules.reading, self.tick_s)
        seeker = self.rows.seeker(unit_s=clock.unit_s)
        span_s = seeker.span_s()
        epoch = None if clock.zero_s is None else epoch_start(span_s[0] + clock.zero_s, self.rules.reading)
        local = self.local_start if epoch is None else by_local_clock(epoch, self.zone)
        return Extent(seeker, *span_s, local, epoch)

    def learn(self, span: Span) -> None:
        """Learn the unit."""
        self.unit = self._find_unit(_without_zeros(self.path, self.rows.read(*span)))

    def read(self, span: Span, within: Extent | None = None) -> Recording:
        """As `RecordingFile.read`."""
        table = _without_zeros(self.path, self.rows.read(*span))
        if within is not None and self.unit is None:
            self.unit = self._find_unit(table)
        begun_s = 0.0 if within is None else within.seeker.lines_before_s(span[0])
        stamps = self._stamps(table, begun_s)
        values = table.values if stamps.rows is None else table.values[:, stamps.rows]
        table = replace(table, time=None, values=values)  # the times were told
        unit = self._find_unit(table) if within is None or self.unit is None else self.unit
        night = self._assemble(
            table.values if unit.per_g == 1 else table.values / np.float32(unit.per_g),
            stamps,
            Damage(rejected_rows=table.damaged + stamps.damaged, repeated_stamps=stamps.repeated),
            0.0 if within is None or stamps.first_s is None else stamps.first_s - within.first_s,
            (*self._described(), *stamps.notes, unit.note, *table.notes),
            None if within is None else within.first_s,
        )
        if within is None or within.start is None or night.start is None:
            return night
        # Stamps without a zone are an hour off after a change of the clocks, and so are differences within a zone.
        from_s = (night.start.astimezone(UTC) - within.start.astimezone(UTC)).total_seconds()
        return replace(night, provenance=replace(night.provenance, from_s=round(from_s, 6)))

    def _find_unit(self, table: Table) -> Unit:
        return find_unit(self.path, table.values, self.columns.unit, self.options.unit, self.rules.reading)

    def _stamps(self, table: Table, begun_s: float) -> Stamps:
        """When its rows were recorded; `begun_s` is when the first line was, where lines are counted."""
        if (rate_hz := self._counted_hz) is not None:
            why = "as given" if self.options.rate_hz else "as the file says"
            return count_stamps(table, rate_hz, why, begun_s)
        assert self.columns.time is not None
        return read_stamps(
            self.path,
            table,
            name=self.layout.names[self.columns.time],
            shown=self.layout.cells[self.columns.time],
            named_unit=self.columns.time_unit,
            option=self.options.time_unit,
            zone=self.zone,
            rules=self.rules.reading,
            tick_s=self.tick_s,
            doubt=self._doubt,
            way_out=self._way_out,
        )

    @property
    def _way_out(self) -> str:
        """What helps where time runs backwards: rows of another sensor may stand below those of the first."""
        names, columns = self.layout.names, self.columns
        of_sensors = [
            place for place, name in enumerate(names) if names_sensor(name) and place not in columns.places
        ]
        if columns.only is not None or not of_sensors:
            return "split the file there"
        place = of_sensors[0]
        return f"if its rows are of several sensors, choose with --rows {names[place]}={self.layout.cells[place]}"

    @property
    def _doubt(self) -> str | None:
        """Why the date of its stamps can't be relied on."""
        form = self.columns.form
        if form is None or form.sure or self.options.time_unit in ORDERS:
            return None
        shown = self.layout.cells[self.columns.time or 0]
        return f"start: {shown} may begin with the day or the month; say --time-unit dmy or mdy"

    def _described(self) -> tuple[str, ...]:
        """How the table was understood, unless it is the recorder's own."""
        layout = self.layout
        if layout.names == _NATIVE and layout.separator == ",":
            return ()
        time = self.columns.time if self.options.rate_hz is None else None
        places = (*([] if time is None else [time]), *self.columns.axes)
        names = [layout.names[place] or f"column {place + 1}" for place in places]
        separator = {"\t": "tab", " ": "blank"}.get(layout.separator, repr(layout.separator))
        notes = [f"columns: {', '.join(names)}; {separator} between columns, decimal sign {layout.decimal!r}"]
        if self.columns.date is not None:
            notes.append(f"columns: the date is {layout.shown([self.columns.date])}")
        if self.columns.only is not None:
            place, word = self.columns.only
            notes.append(f"rows: only those where {layout.shown([place])} is {word}")
        notes += self.columns.notes
        if layout.banner:
            notes.append(f"header: {layout.banner} lines before it were left out")
        return tuple(notes)


def _without_zeros(path: Path, table: Table) -> Table:
    """Rows of 0, 0, 0 are what loggers write while they idle or lost the sensor: a still arm feels gravity."""
    idle = np.asarray(~table.values.any(axis=0))
    count = int(idle.sum())
    if not count:
        return table
    if count == len(idle):
        raise InputError(f"{path}: all {count} rows are 0, 0, 0, so the sensor gave nothing; record again")
    note = f"damage: {count} rows of 0, 0, 0 were left out; loggers write them while they idle"
    return replace(table.only(~idle), damaged=table.damaged + count, notes=(*table.notes, note))


@contextmanager
def open_text(source: Source, options: ReadingOptions, rules: Rules) -> Iterator[TableFile]:
    """Understand a table written as text.

    Raises
    ------
    InputError
        There is no table in it, or its columns can't be told.
    """
    path, sidecar = source.path, read_sidecar(source.path).over(source.known)
    local_start = by_local_clock(sidecar.start or named_start(path), options.tzinfo or sidecar.zone)
    text_above, layout = _laid_out(source, rules)
    vendor = find_vendor(text_above, layout, rules.reading)
    columns = find_columns(
        path,
        layout,
        options.columns or (vendor.columns if vendor else None),
        rules.reading,
        rows=options.rows,
        order=options.time_unit if options.time_unit in ORDERS else vendor.order if vendor else None,
        timed=options.rate_hz is None,
    )
    if vendor is not None:
        sidecar = sidecar.over(vendor.known)
        # A banner's local time tells where noon is, also where no zone makes it a moment.
        zone = options.tzinfo or sidecar.zone
        local_start = local_start or by_local_clock(vendor.known.start, zone)
        if sidecar.start is not None and sidecar.start.tzinfo is None:
            sidecar = replace(sidecar, start=None if zone is None else sidecar.start.replace(tzinfo=zone))
        layout = replace(layout, first_row=layout.first_row + vendor.rows)
        columns = replace(columns, time=columns.time if vendor.timed else None)
        options = replace(options, unit=options.unit or vendor.unit)
    if columns.start is not None and sidecar.start is None:
        sidecar = replace(sidecar, start=_told_start(columns.start, options.tzinfo or sidecar.zone, rules))
        local_start = local_start or by_local_clock(sidecar.start, options.tzinfo or sidecar.zone)
    with closing(source.lines()) as text:
        first_row = text.skip_lines(layout.first_row)
        yield TableFile(
            path=path,
            rows=TextRows(text, first_row, source, layout, columns, rules.reading),
            sidecar=sidecar,
            options=options,
            rules=rules,
            spoilt=text.spoilt,
            local_start=local_start,
            tick_s=find_tick(text_above, layout),
        )


def _laid_out(source: Source, rules: Rules) -> tuple[str, Layout]:
    """The beginning of a file and how its table is written; where a header is long, more of it is looked at."""
    text = source.text()
    try:
        return text, find_layout(source.path, text, rules.reading)
    except InputError:
        more = source.text(_LONG_HEADER_BYTES)
        if len(more) <= len(text):
            raise
    return more, find_layout(source.path, more, rules.reading)


def _told_start(cell: str, zone: tzinfo | None, rules: Rules) -> datetime | None:
    """When the first row was recorded, by a stamp that stands in another column than the time."""
    stamps = decode_stamps(np.array([cell.encode("latin-1", "replace")]), rules.reading, find_form([cell]))
    if not np.isfinite(stamps.seconds[0]):
        return None
    moment = moment_of(float(stamps.since_1970_s()[0]), stamps.zone_s)
    return moment if moment.tzinfo else None if zone is None else moment.replace(tzinfo=zone)


def understand_columns(source: Source, kind: str, options: ReadingOptions, rules: Rules) -> TableFile:
    """Understand a file of columns that knows their names; raises as `open_columns` does."""
    from sleepjerk.reading.columns import open_columns  # here, because most nights are text

    sidecar = read_sidecar(source.path).over(source.known)
    return TableFile(
        path=source.path,
        rows=open_columns(source.path, kind, options.columns, rules.reading),
        sidecar=sidecar,
        options=options,
        rules=rules,
        local_start=by_local_clock(sidecar.start or named_start(source.path), options.tzinfo or sidecar.zone),
    )
