"""Any file -> Recording.

The story of reading: open the source, find the layout, read the rows, understand times and units, lay the
samples on a grid, add what lies beside the file. Each of these is a module; this one knows their order and
nothing else. What a person gives as an option beats what is found, what is found in the file beats what lies
beside it.

A file of columns (Parquet, Feather) has rows as text has; a logger's own file has samples in g and skips that part.
All end in `_to_recording`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np

from sleepjerk.damage import without_spikes
from sleepjerk.errors import InputError
from sleepjerk.reading.arrow import read_arrow
from sleepjerk.reading.devices import DeviceFile, read_device
from sleepjerk.reading.grid import find_breaks, make_grid
from sleepjerk.reading.layout import Columns, Layout, find_columns, find_layout
from sleepjerk.reading.sidecar import Sidecar, find_zone, named_start, read_clock, read_sidecar
from sleepjerk.reading.source import Source, open_source
from sleepjerk.reading.stamps import TIME_UNITS, Stamps, count_stamps, read_stamps
from sleepjerk.reading.table import Table, read_table
from sleepjerk.reading.units import find_clipping, find_unit, measure_step, parse_unit
from sleepjerk.reading.vendors import Vendor, find_vendor
from sleepjerk.recording import Facts, Floats, Recording, Samples
from sleepjerk.rules import ReadingRules, Rules

__all__ = ["read_recording"]

_NATIVE = ("t_us", "x_g", "y_g", "z_g")
_FIRST_ROWS_S = 60.0  # a recording whose first stamp is later than this has another zero than its start


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a person said about the file."""

    unit: str | None
    time_unit: str | None
    rate_hz: float | None
    columns: str | None
    zone: tzinfo | None
    limb: str | None


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
        In g on a regular grid; `facts.notes` says what was detected.

    Raises
    ------
    InputError
        The file can't be used, or something can't be told; the sentence says which option decides.
    """
    rules = Rules() if rules is None else rules
    told = _check_options(unit, time_unit, rate_hz, columns, zone, limb)
    source = open_source(Path(path))
    with ThreadPoolExecutor(1) as pool:  # the fingerprint takes as long as the reading, so take it meanwhile
        fingerprint = pool.submit(source.sha256)
        try:
            made = _read(source, told, rules)
            facts = replace(made.facts, input_sha256=fingerprint.result())
        except OSError as error:
            raise InputError(f"{path}: can't be read: {error.strerror or error}") from error
    return replace(made, facts=facts)


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


def _read(source: Source, told: _Told, rules: Rules) -> Recording:
    """From the first lines of a file to the recording."""
    sidecar = read_sidecar(source.path)
    if source.kind in ("Parquet", "Feather"):
        layout, columns, table = read_arrow(source.path, source.kind, told.columns)
        return _from_table(source.path, layout, columns, table, sidecar, told, rules)
    if source.kind is not None:
        return _from_device(read_device(source.path, source.kind), source.path, sidecar, told, rules)
    layout = find_layout(source.path, source.text())
    columns = find_columns(source.path, layout, told.columns)
    vendor = find_vendor(source.text(), layout)
    if vendor is not None:
        sidecar = _with_vendor(sidecar, vendor, told.zone)
        layout = replace(layout, first_row=layout.first_row + vendor.rows)
        columns = replace(columns, time=columns.time if vendor.timed else None)
        told = replace(told, unit=told.unit or vendor.unit)
    if columns.time is None and told.rate_hz is None and sidecar.rate_hz is None:
        raise InputError(
            f"{source.path}: there is no time column; give the samples per second with --rate HZ"
        )
    table = read_table(source, layout, columns, rules.reading)
    return _from_table(source.path, layout, columns, table, sidecar, told, rules)


def _with_vendor(sidecar: Sidecar, vendor: Vendor, zone: tzinfo | None) -> Sidecar:
    """What a maker's program wrote above the samples, beneath what lies beside the file."""
    start = vendor.start
    if start is not None and start.tzinfo is None:
        local = zone or sidecar.zone
        start = None if local is None else start.replace(tzinfo=local)
    return replace(
        sidecar,
        start=sidecar.start or start,
        rate_hz=sidecar.rate_hz or vendor.rate_hz,
        sensor=sidecar.sensor or vendor.sensor,
        sensor_id=sidecar.sensor_id or vendor.sensor_id,
        notes=(*sidecar.notes, *vendor.notes),
    )


def _from_device(device: DeviceFile, path: Path, sidecar: Sidecar, told: _Told, rules: Rules) -> Recording:
    zone = told.zone or sidecar.zone or device.zone
    moment = datetime(1970, 1, 1) + timedelta(seconds=device.first_local_s)  # noqa: DTZ001
    notes = device.notes
    if zone is None:
        notes = (
            *notes,
            f"time: local time from {moment:%Y-%m-%d %H:%M:%S}; the start is unknown without --zone",
        )
    start = None if zone is None else moment.replace(tzinfo=zone)
    stamps = Stamps(device.time_s, None, start=start)
    sidecar = replace(
        sidecar,
        sensor=sidecar.sensor or device.sensor,
        sensor_id=sidecar.sensor_id or device.sensor_id,
        limb=sidecar.limb or device.limb,
        side=sidecar.side or device.side,
    )
    facts = Facts(name=path.name, rejected_rows=device.damaged, notes=(*notes, *sidecar.notes))
    return _to_recording(path, device.acceleration_g, stamps, facts, sidecar, told, rules)


def _from_table(
    path: Path, layout: Layout, columns: Columns, table: Table, sidecar: Sidecar, told: _Told, rules: Rules
) -> Recording:
    """Rows with times and values in units yet to be told."""
    if told.rate_hz is not None:
        columns = replace(columns, time=None)
    rate_hz, why = (told.rate_hz, "as given") if told.rate_hz else (sidecar.rate_hz, "as the file says")
    if columns.time is None:
        assert rate_hz is not None
        stamps = count_stamps(table, rate_hz, why)
    else:
        stamps = read_stamps(
            path,
            table,
            name=layout.names[columns.time],
            named_unit=columns.time_unit,
            option=told.time_unit,
            zone=told.zone or sidecar.zone,
            rules=rules.reading,
        )
    values = table.values if stamps.rows is None else table.values[:, stamps.rows]
    unit = find_unit(path, values, columns.unit, told.unit, rules.reading)
    acceleration = values if unit.per_g == 1 else values / np.float32(unit.per_g)
    facts = Facts(
        name=path.name,
        rejected_rows=table.damaged + table.missing + stamps.damaged,
        repeated_stamps=stamps.repeated,
        notes=(*_describe(layout, columns), *stamps.notes, unit.note, *table.notes, *sidecar.notes),
    )
    return _to_recording(path, acceleration, stamps, facts, sidecar, told, rules)


def _to_recording(
    path: Path,
    acceleration_g: Samples,
    stamps: Stamps,
    facts: Facts,
    sidecar: Sidecar,
    told: _Told,
    rules: Rules,
) -> Recording:
    """Samples in g with times -> recording: the part that every format shares."""
    reading = rules.reading
    time_s, acceleration_g, wild = _without_impossible(path, stamps.time_s, acceleration_g, reading)
    start, start_note = _find_start(path, stamps, sidecar, told.zone)
    if start is not None:
        # In UTC: local arithmetic would be an hour wrong after a change to or from summer time.
        start = (start.astimezone(UTC) + timedelta(seconds=float(time_s[0]))).astimezone(start.tzinfo)
    time_s = time_s - time_s[0]
    step_g = measure_step(acceleration_g)
    clipped, range_g = find_clipping(acceleration_g, sidecar.range_g, step_g, reading)
    period_s, firsts = breaks = find_breaks(time_s, reading)
    acceleration_g, spikes = without_spikes(acceleration_g, 1 / period_s, step_g, rules.damage, firsts)
    grid = make_grid(time_s, acceleration_g, reading, stamp_step_s=stamps.step_s, breaks=breaks)
    rate_note = (f"rate: {grid.device_rate_hz:.3f} samples a second, measured",) if stamps.measured else ()
    notes = (*rate_note, *grid.notes, *start_note)
    if wild:
        notes = (*notes, f"damage: {wild} rows beyond {reading.max_abs_g:g} g were left out")
    clock = read_clock(path, reading)
    facts = replace(
        facts,
        limb=told.limb or sidecar.limb or "wrist",
        side=sidecar.side,
        subject=sidecar.subject,
        sensor=sidecar.sensor,
        board=sidecar.board,
        sensor_id=sidecar.sensor_id,
        device_rate_hz=grid.device_rate_hz,
        step_g=step_g,
        range_g=range_g,
        clock_drift_ppm=None if clock is None else clock.drift_ppm,
        clock_wander_s=None if clock is None else clock.wander_s,
        lights_off=sidecar.lights_off,
        lights_up=sidecar.lights_up,
        rejected_rows=facts.rejected_rows + wild,
        clipped_samples=clipped,
        spikes=spikes,
        notes=(*facts.notes, *notes),
    )
    return Recording(grid.acceleration_g, grid.rate_hz, grid.gaps_s, start, facts)


def _without_impossible(
    path: Path, time_s: Floats, acceleration_g: Samples, rules: ReadingRules
) -> tuple[Floats, Samples, int]:
    """Leave out samples that no wrist sensor can give, if they are few."""
    if max(float(acceleration_g.max()), -float(acceleration_g.min())) <= rules.max_abs_g:
        return time_s, acceleration_g, 0
    wild = np.asarray((np.abs(acceleration_g) > rules.max_abs_g).any(axis=0))
    count = int(wild.sum())
    if count > rules.max_damaged_share * len(wild) or len(wild) - count < 2:
        raise InputError(
            f"{path}: {count} of {len(wild)} rows lie beyond {rules.max_abs_g:g} g; the unit must be wrong, "
            "so say it with --unit, or name the columns with --columns"
        )
    return time_s[~wild], np.ascontiguousarray(acceleration_g[:, ~wild]), count


def _find_start(
    path: Path, stamps: Stamps, sidecar: Sidecar, zone: tzinfo | None
) -> tuple[datetime | None, tuple[str, ...]]:
    """The wall clock of the first sample: from the stamps, else the sidecar, else the file's name."""
    if stamps.start is not None:
        return stamps.start.astimezone(zone or stamps.start.tzinfo), ()
    start, notes = sidecar.start, tuple[str, ...]()
    if start is None:
        start = named_start(path)
        notes = ("start: from the file's name",) if start else ("start: unknown",)
    if start is None:
        return None, notes
    if stamps.first_s is not None and 0 <= stamps.first_s < _FIRST_ROWS_S:
        start += timedelta(
            seconds=stamps.first_s
        )  # the first rows were lost; the clock began with the recording
    return start.astimezone(zone or sidecar.zone or start.tzinfo), notes


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
