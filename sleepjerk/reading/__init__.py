"""Any file -> Recording.

The story of reading: open the source, find the layout, read the rows, understand times and units, lay the
samples on a grid, add what lies beside the file. Each of these is a module; this one knows their order and
nothing else. What a person gives as an option beats what is found, what is found in the file beats what lies
beside it.

A file of columns (Parquet, Feather) has rows as text has; a logger's own file has samples in g and skips that part.
All end in `to_recording`. Of a file that holds several days one night after the other is read, from where it stands; a
logger's file is unpacked first.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.arrow import ColumnFile, open_columns
from sleepjerk.reading.blocks import even_blocks, in_order
from sleepjerk.reading.cutting import cut_recording, find_cuts, number_night
from sleepjerk.reading.devices import DeviceFile, read_device
from sleepjerk.reading.finish import to_recording
from sleepjerk.reading.iso import TextStamps
from sleepjerk.reading.layout import Columns, Layout, find_columns, find_layout
from sleepjerk.reading.seek import RowTimes, Seeker
from sleepjerk.reading.sidecar import Sidecar, find_zone, named_start, read_sidecar
from sleepjerk.reading.source import Source, Text, open_source
from sleepjerk.reading.stamps import (
    TIME_UNITS,
    Stamps,
    count_stamps,
    epoch_start,
    find_time_unit,
    possible_period,
    read_stamps,
)
from sleepjerk.reading.table import Table, read_sound_rows, read_table
from sleepjerk.reading.units import Unit, find_unit, parse_unit
from sleepjerk.reading.vendors import Vendor, find_vendor
from sleepjerk.recording import Damage, Floats, Provenance, Recording, Samples
from sleepjerk.rules import Rules

__all__ = ["read_nights", "read_recording"]

_NATIVE = ("t_us", "x_g", "y_g", "z_g")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a person said about the file."""

    unit: str | None
    time_unit: str | None
    rate_hz: float | None
    columns: str | None
    zone: tzinfo | None
    limb: str | None

    def zone_of(self, sidecar: Sidecar) -> tzinfo | None:
        """Where it was recorded, as far as anybody says."""
        return self.zone or sidecar.zone


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One night, or all."""

    night: int | None

    def of(self, count: int, path: Path) -> list[int]:
        """Their numbers, of so many."""
        if self.night is None:
            return list(range(1, count + 1))
        if not 1 <= self.night <= count:
            holds = f"its nights are 1 to {count}" if count > 1 else "it holds one night"
            raise InputError(f"{path}: --night {self.night}: {holds}")
        return [self.night]


def read_recording(
    path: str | Path,
    *,
    unit: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
    columns: str | None = None,
    zone: str | None = None,
    limb: str | None = None,
    rules: Rules | None = None,
) -> Recording:
    """Read a recording: a table of times and three axes as text, Parquet or Feather, or a logger's own file.

    Parameters
    ----------
    path
        The file. A sidecar and a clock log beside it are used when they are there.
    unit
        "g", "mg", "m/s2" or "counts:PER_G"; told from names and gravity when None.
    time_unit
        "s", "ms", "us", "ns" or "iso"; told from names and steps when None.
    rate_hz
        Samples per second of a file without a time column.
    columns
        "T,X,Y,Z" by name or by number from 1; "X,Y,Z" together with `rate_hz`.
    zone
        IANA time zone for times without one, and to show the night in.
    limb
        "wrist" or "ankle"; the sidecar's when None, else "wrist".

    Returns
    -------
    Recording
        In g on a regular grid; `provenance.notes` says what was detected.

    Raises
    ------
    InputError
        The file can't be used, or something can't be told; the sentence says which option decides.
    """
    rules = Rules() if rules is None else rules
    told = _check_options(unit, time_unit, rate_hz, columns, zone, limb)
    return next(_read(Path(path), told, rules, None))


def read_nights(
    path: str | Path, *, night: int | None = None, rules: Rules | None = None, **told: str | float | None
) -> Iterator[Recording]:
    """Read a recording night by night, so that a week needs no more memory than its longest night.

    Parameters
    ----------
    night
        This one alone, from 1; all when None.
    path, rules, told
        As for `read_recording`.

    Yields
    ------
    Recording
        Each night; the whole recording when it holds one. `provenance.night` says which it is, of how many.

    Raises
    ------
    InputError
        As `read_recording`; a night that can't be used is told of when the others are done.
    """
    rules = Rules() if rules is None else rules
    names = ("unit", "time_unit", "rate_hz", "columns", "zone", "limb")
    known: dict[str, Any] = dict.fromkeys(names) | told
    return _read(Path(path), _check_options(**known), rules, _Wanted(night))


def _read(path: Path, told: _Told, rules: Rules, wanted: _Wanted | None) -> Iterator[Recording]:
    """From the file to its recording, or to those of its nights that are wanted."""
    source = open_source(path)
    with ThreadPoolExecutor(1) as pool:  # the fingerprint takes as long as the reading, so take it meanwhile
        fingerprint = pool.submit(source.sha256)
        try:
            for made in _nights(source, told, rules, wanted):
                yield replace(made, input_sha256=fingerprint.result())
                del made  # so that it is gone while the next night is read
        except OSError as error:
            raise InputError(f"{path}: can't be read: {error.strerror or error}") from error


def _check_options(
    unit: str | None,
    time_unit: str | None,
    rate_hz: float | None,
    columns: str | None,
    zone: str | None,
    limb: str | None,
) -> _Told:
    """Refuse what nobody can mean, before any file is opened."""
    if unit is not None:
        parse_unit(unit)
    if time_unit is not None and time_unit not in (*TIME_UNITS, "iso"):
        raise InputError(f"--time-unit {time_unit}: expected {', '.join(TIME_UNITS)} or iso")
    if rate_hz is not None and not 0 < rate_hz < float("inf"):
        raise InputError(f"--rate {rate_hz:g}: expected samples per second, such as 100")
    known_zone = None if zone is None else find_zone(zone)
    if zone is not None and known_zone is None:
        raise InputError(f"--zone {zone}: there is no such time zone; expected a name such as Europe/Berlin")
    if limb not in (None, "wrist", "ankle"):
        raise InputError(f"--limb {limb}: expected wrist or ankle")
    return _Told(unit=unit, time_unit=time_unit, rate_hz=rate_hz, columns=columns, zone=known_zone, limb=limb)


@dataclass(frozen=True, slots=True)
class _Written:
    """A text, or a file of columns, whose rows are understood, but not read yet.

    Attributes
    ----------
    begin
        Where its rows begin.
    local_start
        First sample by the clock where it was recorded, where no row says it; None when unknown.
    """

    source: Source
    rows: Text | ColumnFile
    begin: int
    layout: Layout
    columns: Columns
    sidecar: Sidecar
    told: _Told
    local_start: datetime | None

    @property
    def end(self) -> int:
        """Where its rows end."""
        return self.rows.count if isinstance(self.rows, ColumnFile) else self.rows.end


@dataclass(frozen=True, slots=True)
class _Part:
    """Which part of a text some rows are: the file's unit, its first time, and when their first line comes, s."""

    unit: Unit
    file_first_s: float
    begun_s: float


def _nights(source: Source, told: _Told, rules: Rules, wanted: _Wanted | None) -> Iterator[Recording]:
    """The nights of a source, or all of it."""
    if source.kind in ("Parquet", "Feather"):
        yield from _read_by_night(_understand_columns(source, source.kind, told), rules, wanted)
    elif source.kind is not None:
        with closing(read_device(source.path, source.kind)) as device:
            yield from _read_device_by_night(device, source.path, told, rules, wanted)
    else:
        with closing(source.lines()) as text:
            written = _understand(source, text, told)
            if wanted is None or not text.spoilt:
                yield from _read_by_night(written, rules, wanted)
                return
            # No time behind damage of packing can be trusted before all is read.
            (whole,) = _read_by_night(written, rules, None)
        zone = written.told.zone_of(written.sidecar)
        nights = cut_recording(whole, _by_local_clock(whole.start, zone), rules.cutting)
        yield from (nights[number - 1] for number in wanted.of(len(nights), source.path))


def _understand(source: Source, text: Text, told: _Told) -> _Written:
    """Where the rows of a text begin, and what their columns are."""
    sidecar = read_sidecar(source.path)
    zone = told.zone_of(sidecar)
    local_start = _by_local_clock(sidecar.start or named_start(source.path), zone)
    layout = find_layout(source.path, source.text())
    vendor = find_vendor(source.text(), layout)
    columns = find_columns(source.path, layout, told.columns or (vendor.columns if vendor else None))
    if vendor is not None:
        sidecar = _with_vendor(sidecar, vendor, told.zone)
        # A banner's local time tells where noon is, also where no zone makes it a moment.
        local_start = local_start or _by_local_clock(vendor.start, told.zone_of(sidecar))
        layout = replace(layout, first_row=layout.first_row + vendor.rows)
        columns = replace(columns, time=columns.time if vendor.timed else None)
        told = replace(told, unit=told.unit or vendor.unit)
    _refuse_untimed(source.path, columns, told, sidecar)
    begin = text.skip_lines(layout.first_row)
    return _Written(source, text, begin, layout, columns, sidecar, told, local_start)


def _understand_columns(source: Source, kind: str, told: _Told) -> _Written:
    """What the columns of a file are that knows their names."""
    sidecar = read_sidecar(source.path)
    file = open_columns(source.path, kind, told.columns)
    _refuse_untimed(source.path, file.columns, told, sidecar)
    local_start = _by_local_clock(sidecar.start or named_start(source.path), told.zone_of(sidecar))
    return _Written(source, file, 0, file.layout, file.columns, sidecar, told, local_start)


def _refuse_untimed(path: Path, columns: Columns, told: _Told, sidecar: Sidecar) -> None:
    if columns.time is None and told.rate_hz is None and sidecar.rate_hz is None:
        raise InputError(f"{path}: there is no time column; give the samples per second with --rate HZ")


def _by_local_clock(start: datetime | None, zone: tzinfo | None) -> datetime | None:
    """The start where it tells the time of day; UTC may only mean that nobody gave a zone."""
    if start is None or start.tzinfo is None:
        return start
    if zone is None:
        return start if start.utcoffset() else None
    return start.astimezone(zone)


def _read_rows(written: _Written, span: tuple[int, int], rules: Rules) -> Table:
    rows = written.rows
    if isinstance(rows, ColumnFile):
        return rows.read(*span)

    def first_line() -> int:
        return written.layout.first_row + 1 + rows.count_lines(written.begin, span[0])

    return read_table(rows, span, written.source, written.layout, written.columns, rules.reading, first_line)


def _read_by_night(written: _Written, rules: Rules, wanted: _Wanted | None) -> Iterator[Recording]:
    """Find where the nights begin, and read one after the other; those that can't be used are told of last."""
    found = None if wanted is None else _look_into(written, rules)
    spans = _spans(written.begin, [] if found is None else _find_cuts(found, rules), written.end)
    numbers = [1] if wanted is None else wanted.of(len(spans), written.source.path)
    if found is None or len(spans) == 1:
        yield _from_rows(written, _read_rows(written, spans[0], rules), rules)
        return
    first_s, start = found.first_s, found.start
    begun_s = [found.seeker.lines_before_s(begin) for begin, _ in spans]
    # One unit for all, that of the first: where a sensor only lies about, it may not be told.
    unit = None if numbers[0] == 1 else _unit_of(written, _read_rows(written, spans[0], rules), rules)

    def read(number: int) -> Recording:
        nonlocal unit
        table = _read_rows(written, spans[number - 1], rules)
        unit = unit or _unit_of(written, table, rules)
        return _from_part(written, table, rules, start, _Part(unit, first_s, begun_s[number - 1]))

    yield from _one_by_one(read, numbers, len(spans))


def _spans(begin: int, cuts: list[int], end: int) -> list[tuple[int, int]]:
    """The places between cuts that hold any rows, or all places."""
    return [(first, last) for first, last in pairwise([begin, *cuts, end]) if first < last] or [(begin, end)]


def _one_by_one(read: Callable[[int], Recording], numbers: list[int], count: int) -> Iterator[Recording]:
    """Some nights of so many; those that can't be used are told of when the others are done."""
    refused: list[InputError] = []
    for number in numbers:
        try:
            night = read(number)
        except InputError as error:
            refused.append(error)
        else:
            yield number_night(night, number, count)
            del night  # so that it is gone while the next one is read
    if refused:
        raise InputError(f"{len(refused)} of {count} nights can't be used; the first: {refused[0]}")


def _unit_of(written: _Written, table: Table, rules: Rules) -> Unit:
    return find_unit(
        written.source.path, table.values, written.columns.unit, written.told.unit, rules.reading
    )


def _from_part(
    written: _Written, table: Table, rules: Rules, start: datetime | None, part: _Part
) -> Recording:
    """One night of several; `start` is that of the first row of all."""
    night = _from_rows(written, table, rules, part)
    if start is None or night.start is None:
        return night
    # Stamps without a zone are an hour off after a change of the clocks, and so are differences within a zone.
    from_s = (night.start.astimezone(UTC) - start.astimezone(UTC)).total_seconds()
    return replace(night, provenance=replace(night.provenance, from_s=round(from_s, 6)))


def _find_cuts(found: "_Found", rules: Rules) -> list[int]:
    """Where nights after the first begin in the text; none where times can't be told by places."""
    length_s = found.last_s - found.first_s
    # What is beyond all bounds, or out of order, is refused by the reading of it.
    if not length_s <= rules.reading.max_days * 86400:
        return []
    seeker = found.seeker
    look = partial(seeker.look, found.first_s, found.last_s)
    cuts = find_cuts(length_s, found.local_start, look, rules.cutting)
    if not cuts or not seeker.in_order(found.slack_s):
        return []
    return [seeker.place_of(found.first_s + cut) for cut in cuts]


def _from_rows(written: _Written, table: Table, rules: Rules, part: _Part | None = None) -> Recording:
    return _from_table(
        written.source.path,
        written.layout,
        written.columns,
        table,
        written.sidecar,
        written.told,
        rules,
        part,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look into a text tells of its times.

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

    seeker: Seeker | RowTimes
    first_s: float
    last_s: float
    local_start: datetime | None
    start: datetime | None = None
    slack_s: float = 0.0


def _seeker(written: _Written) -> Seeker | RowTimes:
    rows = written.rows
    if isinstance(rows, ColumnFile):
        timed = written.columns.time is not None and written.told.rate_hz is None
        return RowTimes(rows.count, rows.times if timed else None, rows.values)

    def read(data: bytes) -> tuple[Floats | TextStamps | None, Samples]:
        return read_sound_rows(data, written.source, written.layout, written.columns)

    return Seeker(rows, written.begin, read)


def _look_into(written: _Written, rules: Rules) -> _Found | None:
    """What tells times by places; None where nothing does."""
    told, sidecar, layout, columns = written.told, written.sidecar, written.layout, written.columns
    seeker = _seeker(written)
    if columns.time is None or told.rate_hz is not None:
        seeker = replace(seeker, rate_hz=told.rate_hz or sidecar.rate_hz)
        return _Found(seeker, *seeker.span_s(), written.local_start)
    zone = told.zone_of(sidecar)
    times = seeker.first_times()
    if times is None:
        return None
    if isinstance(times, TextStamps):
        first_s, last_s = seeker.span_s()
        moment = _moment(first_s, times.zone_s)
        if moment.tzinfo is not None:
            return _Found(seeker, first_s, last_s, _by_local_clock(moment, zone), moment)
        start = None if zone is None else moment.replace(tzinfo=zone)
        return _Found(seeker, first_s, last_s, moment, start, slack_s=3600.0)
    if told.time_unit == "iso":
        return None
    name = layout.names[columns.time]
    unit, _ = find_time_unit(
        written.source.path, times, name, columns.time_unit, told.time_unit, rules.reading
    )
    seeker = replace(seeker, unit_s=TIME_UNITS[unit])
    first_s, last_s = seeker.span_s()
    epoch = epoch_start(first_s)
    local = written.local_start if epoch is None else _by_local_clock(epoch, zone)
    return _Found(seeker, first_s, last_s, local, epoch)


def _moment(since_1970_s: float, zone_s: float | None = None) -> datetime:
    """What a stamp of text says: with the offset of its zone, or by a clock of no known zone."""
    moment = datetime.fromtimestamp(since_1970_s if np.isfinite(since_1970_s) else 0.0, UTC)
    if zone_s is None:
        return moment.replace(tzinfo=None)
    return moment.astimezone(timezone(timedelta(seconds=zone_s)))


def _with_vendor(sidecar: Sidecar, vendor: Vendor, zone: tzinfo | None) -> Sidecar:
    """What a maker's program wrote above the samples, beneath what lies beside the file."""
    start = vendor.start
    if start is not None and start.tzinfo is None:
        local = zone or sidecar.zone
        start = None if local is None else start.replace(tzinfo=local)
    return replace(
        sidecar,
        start=sidecar.start or start,
        zone=sidecar.zone or vendor.zone,
        limb=sidecar.limb or vendor.limb,
        side=sidecar.side or vendor.side,
        rate_hz=sidecar.rate_hz or vendor.rate_hz,
        sensor=sidecar.sensor or vendor.sensor,
        sensor_id=sidecar.sensor_id or vendor.sensor_id,
        notes=(*sidecar.notes, *vendor.notes),
    )


def _read_device_by_night(
    device: DeviceFile, path: Path, told: _Told, rules: Rules, wanted: _Wanted | None
) -> Iterator[Recording]:
    """The nights of a logger's file."""
    sidecar = read_sidecar(path)
    count, zone = device.rows.count, told.zone_of(sidecar) or device.zone
    spans = [(0, count)]
    if wanted is not None:
        seeker = RowTimes(count, device.times, device.acceleration_g)
        local_start = _moment(device.local_ns(0) / 1e9).replace(tzinfo=zone)
        spans = _spans(0, _find_cuts(_Found(seeker, *seeker.span_s(), local_start), rules), count)
    numbers = [1] if wanted is None else wanted.of(len(spans), path)

    def read(number: int) -> Recording:
        return _from_device(device, spans[number - 1], path, sidecar, told, rules)

    yield from [read(1)] if len(spans) == 1 else _one_by_one(read, numbers, len(spans))


def _from_device(
    device: DeviceFile, span: tuple[int, int], path: Path, sidecar: Sidecar, told: _Told, rules: Rules
) -> Recording:
    """Some of a logger's samples, with what its maker says of them."""
    zone = told.zone_of(sidecar) or device.zone
    first_ns, here_ns = device.local_ns(0), device.local_ns(span[0])
    notes = device.notes
    if zone is None:
        notes = (
            *notes,
            f"time: local time from {_moment(here_ns / 1e9):%Y-%m-%d %H:%M:%S}; the start is unknown without --zone",
        )
    from_s = (here_ns - first_ns) / 1e9
    start = None
    if zone is not None:
        # A logger's clock goes on as it was set, also when the clocks around it change.
        first = _moment(first_ns / 1e9).replace(tzinfo=zone)
        start = (first.astimezone(UTC) + timedelta(seconds=from_s)).astimezone(zone)
    time_s, acceleration_g = device.times(*span, zero=span[0]), device.acceleration_g(*span)
    kept = in_order(time_s)
    if wrong := _count_wrong(kept, path, rules):
        time_s, acceleration_g = time_s[kept], acceleration_g[:, kept]
        notes = (*notes, f"damage: {wrong} samples with a wrong time were left out")
    time_s = even_blocks(time_s)
    # Times count from the first sample, also where that one is left out.
    period_s = possible_period(path, time_s - time_s[0], rules.reading)
    stamps = Stamps(time_s, None, start=start, first_s=from_s, period_s=period_s)
    sidecar = replace(
        sidecar,
        sensor=sidecar.sensor or device.sensor,
        sensor_id=sidecar.sensor_id or device.sensor_id,
        limb=sidecar.limb or device.limb,
        side=sidecar.side or device.side,
    )
    provenance = Provenance(name=path.name, from_s=round(from_s, 6), notes=(*notes, *sidecar.notes))
    return to_recording(
        path,
        acceleration_g,
        stamps,
        provenance,
        Damage(rejected_rows=device.damaged + wrong),
        sidecar,
        rules,
        zone=told.zone,
        limb=told.limb,
        file_first_s=0.0,
    )


def _count_wrong(kept: NDArray[np.bool_], path: Path, rules: Rules) -> int:
    """How many samples have a wrong time; refuse when they are many."""
    wrong = len(kept) - int(kept.sum())
    if wrong > rules.reading.max_damaged_share * len(kept):
        raise InputError(
            f"{path}: its clock was set back, or {wrong} of {len(kept)} samples have a wrong time; export the raw "
            "samples as CSV and split them there"
        )
    return wrong


def _from_table(
    path: Path,
    layout: Layout,
    columns: Columns,
    table: Table,
    sidecar: Sidecar,
    told: _Told,
    rules: Rules,
    part: _Part | None = None,
) -> Recording:
    """Rows with times and values in units yet to be told."""
    if told.rate_hz is not None:
        columns = replace(columns, time=None)
    rate_hz, why = (told.rate_hz, "as given") if told.rate_hz else (sidecar.rate_hz, "as the file says")
    if columns.time is None:
        assert rate_hz is not None
        stamps = count_stamps(table, rate_hz, why, 0.0 if part is None else part.begun_s)
    else:
        stamps = read_stamps(
            path,
            table,
            name=layout.names[columns.time],
            shown=layout.cells[columns.time],
            named_unit=columns.time_unit,
            option=told.time_unit,
            zone=told.zone_of(sidecar),
            rules=rules.reading,
        )
    values = table.values if stamps.rows is None else table.values[:, stamps.rows]
    unit = part.unit if part else find_unit(path, values, columns.unit, told.unit, rules.reading)
    acceleration = values if unit.per_g == 1 else values / np.float32(unit.per_g)
    from_s = stamps.first_s - part.file_first_s if part and stamps.first_s is not None else 0.0
    provenance = Provenance(
        name=path.name,
        from_s=round(from_s, 6),
        notes=(*_describe(layout, columns), *stamps.notes, unit.note, *table.notes, *sidecar.notes),
    )
    return to_recording(
        path,
        acceleration,
        stamps,
        provenance,
        Damage(rejected_rows=table.damaged + table.missing + stamps.damaged, repeated_stamps=stamps.repeated),
        sidecar,
        rules,
        zone=told.zone,
        limb=told.limb,
        file_first_s=part.file_first_s if part else None,
    )


def _describe(layout: Layout, columns: Columns) -> tuple[str, ...]:
    """How the table was understood, unless it is the recorder's own."""
    if layout.names == _NATIVE and layout.separator == ",":
        return ()
    places = (*([] if columns.time is None else [columns.time]), *columns.axes)
    names = [layout.names[place] or f"column {place + 1}" for place in places]
    separator = {"\t": "tab", " ": "blank"}.get(layout.separator, repr(layout.separator))
    notes = [f"columns: {', '.join(names)}; {separator} between columns, decimal sign {layout.decimal!r}"]
    if layout.banner:
        notes.append(f"header: {layout.banner} lines before it were left out")
    return tuple(notes)
