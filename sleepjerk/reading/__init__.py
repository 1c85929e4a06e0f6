"""Any table of accelerations becomes a Recording; what was detected is told as notes.

Knows the order of the steps. Each step is a module: `source` (bytes), `dialect` (how the table is written),
`columns` (which is which), `table` (numbers), `stamps` and `order` (time), `units`, `clipping`, `grid`, `sidecar`,
all put in order by `assemble`.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from sleepjerk.reading.assemble import Rows, clean_rows
from sleepjerk.reading.clipping import find_clipping
from sleepjerk.reading.columns import find_roles
from sleepjerk.reading.dialect import guess_dialect
from sleepjerk.reading.grid import make_grid
from sleepjerk.reading.sidecar import Sidecar, clock_drift, find_zone, read_sidecar, start_in_name
from sleepjerk.reading.source import digest, open_source
from sleepjerk.reading.table import parse
from sleepjerk.reading.units import find_unit, parse_unit, quantisation_step
from sleepjerk.recording import Facts, Recording
from sleepjerk.rules import ReadingRules

__all__ = ["read_recording"]


def read_recording(
    path: str | Path,
    *,
    unit: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
    columns: str | None = None,
    zone: str | None = None,
    limb: str | None = None,
    rules: ReadingRules | None = None,
) -> Recording:
    """Read a recording: the native CSV, or any table with a time and three axes of acceleration.

    Parameters
    ----------
    path
        CSV or TSV, also .gz.
    unit
        "g", "mg", "m/s2" or "counts:PER_G"; None to find out.
    time_unit
        "s", "ms", "us", "ns" or "iso"; None to find out.
    rate_hz
        Samples per second; only for a file without a time column.
    columns
        "T,X,Y,Z" or "X,Y,Z", names or numbers from 1; None to find out.
    zone
        IANA zone of the night, for stamps without one.
    limb
        "wrist" or "ankle"; None for what the sidecar says.

    Returns
    -------
    Recording
        On a regular grid, gaps NaN; `facts.notes` says what was detected.

    Raises
    ------
    InputError
        The file can't be used, or something in it can't be told for sure; one sentence says which option decides.
    """
    path = Path(path)
    rules = ReadingRules() if rules is None else rules
    told_unit = parse_unit(unit) if unit is not None else None
    sidecar = read_sidecar(path)
    night_zone = find_zone(zone, sidecar)
    source = open_source(path)
    with ThreadPoolExecutor(1) as helper:
        sha256 = helper.submit(digest, path)
        dialect = guess_dialect(source.head, str(path))
        roles = find_roles(dialect.names, dialect.width, columns, str(path))
        table = parse(source, dialect, roles)
        rows = clean_rows(table, roles, dialect, time_unit, rate_hz, sidecar.rate_hz, rules, str(path))
        del table
        fingerprint = sha256.result()
    found_unit = told_unit or find_unit(rows.values, roles.axis_names, str(path))
    step = quantisation_step(rows.values)
    if found_unit.per_g != 1:
        rows.values[...] /= found_unit.per_g
    clipped, range_g, clip_note = find_clipping(rows.values, sidecar.range_g, rules)
    grid = make_grid(rows.seconds, rows.values, rules, stamp_step_s=rows.stamp_step_s)
    start, start_note = _start(rows, path, sidecar, night_zone)
    drift, drift_note = clock_drift(path, rules)
    worn, limb_note = _limb(limb, sidecar)
    notes = [*source.notes, dialect.note(), *rows.notes, found_unit.note(), *grid.notes, clip_note]
    notes += [start_note, drift_note, limb_note, *sidecar.notes]
    facts = Facts(
        name=path.name,
        input_sha256=fingerprint,
        limb=worn,
        side=sidecar.texts.get("side"),
        subject=sidecar.texts.get("subject"),
        sensor=sidecar.texts.get("sensor"),
        board=sidecar.texts.get("board"),
        device_rate_hz=grid.device_rate_hz,
        step_g=None if step is None else step / found_unit.per_g,
        range_g=range_g,
        clock_drift_ppm=drift,
        lights_off=_in_zone(sidecar.lights_off, night_zone),
        lights_up=_in_zone(sidecar.lights_up, night_zone),
        rejected_rows=rows.rejected,
        repeated_stamps=rows.repeated,
        clipped_samples=clipped,
        notes=tuple(note for note in notes if note),
    )
    return Recording(grid.acceleration_g, grid.rate_hz, grid.gaps_s, start, facts)


def _start(
    rows: Rows, path: Path, sidecar: Sidecar, zone: tzinfo | None
) -> tuple[datetime | None, str | None]:
    """Wall clock of the first sample: the stamps' own, the sidecar's, the file name's."""
    if rows.start is not None:
        if rows.start.tzinfo is None:
            if zone is None:
                return None, "start: unknown, because the stamps have no time zone; give it with --zone Europe/Berlin"
            return rows.start.replace(tzinfo=zone), None
        return _in_zone(rows.start, zone), None
    late = timedelta(seconds=rows.first_s)
    for begin, where in ((sidecar.start, "sidecar"), (start_in_name(path), "file name")):
        if begin is not None:
            return _in_zone((begin.astimezone(UTC) + late).astimezone(begin.tzinfo), zone), f"start: from the {where}"
    return None, "start: unknown; there is no wall clock in the file, its name or a sidecar"


def _in_zone(moment: datetime | None, zone: tzinfo | None) -> datetime | None:
    return moment if moment is None or zone is None else moment.astimezone(zone)


def _limb(told: str | None, sidecar: Sidecar) -> tuple[str, str | None]:
    known = told or sidecar.texts.get("limb")
    if known in ("wrist", "ankle"):
        return str(known), None
    return "wrist", "limb: wrist, which is assumed; --limb ankle changes it"
