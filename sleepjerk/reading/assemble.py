"""Samples in g with their times -> a recording: the part that every format shares.

Knows grids, damage and what lies beside the file. Must not know how a file is written.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np

from sleepjerk.artefacts import without_spikes
from sleepjerk.errors import InputError
from sleepjerk.reading.gravity import without_failures
from sleepjerk.reading.interruptions import read_interruptions
from sleepjerk.reading.options import ReadingOptions
from sleepjerk.reading.clock_log import ClockLog, read_clock_log
from sleepjerk.reading.sidecar import Sidecar, named_start
from sleepjerk.reading.time_axis import find_breaks, make_grid, step_range
from sleepjerk.reading.timestamps import Stamps, refuse_too_few, since_first
from sleepjerk.reading.units import find_clipping, measure_step
from sleepjerk.recording import Damage, Device, Floats, Marks, Placement, Provenance, Recording, Samples
from sleepjerk.rules import ReadingRules, Rules


def to_recording(
    path: Path,
    acceleration_g: Samples,
    stamps: Stamps,
    provenance: Provenance,
    damage: Damage,
    sidecar: Sidecar,
    options: ReadingOptions,
    rules: Rules,
    file_first_s: float | None,
) -> Recording:
    """Lay samples on a grid, and add what is known of them.

    Parameters
    ----------
    acceleration_g
        (3, n) float32.
    file_first_s
        What the first stamp of the file said on a clock that starts at 0, where these rows begin later.

    Raises
    ------
    InputError
        Samples lie beyond what a sensor can give.
    """
    reading = rules.reading
    refuse_too_few(path, acceleration_g.shape[1])
    time_s, acceleration_g, wild = _without_impossible(path, stamps.time_s, acceleration_g, reading)
    start, start_note = _find_start(path, stamps, sidecar, options.tzinfo, file_first_s, reading)
    if start is not None:
        start = _later(start, float(time_s[0]))
    clock, own_s = Device(), time_s
    if stamps.start is None and stamps.first_s is not None and stamps.measured and not sidecar.clock:
        log = read_clock_log(path, sidecar.start, stamps.first_s + float(time_s[-1]), reading)
        if log is not None:
            start, time_s, clock = _by_host_clock(log, start, stamps.first_s + time_s)
    time_s = since_first(time_s)
    if sidecar.clock and stamps.start is None and stamps.first_s is not None:
        zone = options.tzinfo or sidecar.zone or UTC
        start, time_s, start_note = _by_system_clock(sidecar.clock, stamps.first_s, time_s, zone)
    step_g = measure_step(acceleration_g, reading)
    clipped, range_g = find_clipping(acceleration_g, sidecar.range_g, step_g, reading)
    known = stamps.period_s is not None and not wild and time_s is own_s
    period_s, firsts = breaks = find_breaks(time_s, reading, stamps.period_s if known else None)
    acceleration_g, spikes = without_spikes(acceleration_g, 1 / period_s, step_g, rules.damage, firsts)
    grid = make_grid(time_s, acceleration_g, reading, stamp_step_s=stamps.step_s, breaks=breaks)
    grid, no_gravity_s, gravity_note = without_failures(grid, reading)
    rate_note = (f"rate: {grid.device_rate_hz:.3f} samples a second, measured",) if stamps.measured else ()
    notes = (*rate_note, *grid.notes, *gravity_note, *start_note)
    if wild:
        notes = (*notes, f"damage: {wild} rows beyond {reading.max_abs_g:g} g were left out")
    return Recording(
        grid.acceleration_g,
        grid.rate_hz,
        grid.gaps_s,
        start,
        replace(provenance, notes=(*provenance.notes, *notes)),
        Placement(limb=options.limb or sidecar.limb or "wrist", side=sidecar.side, subject=sidecar.subject),
        replace(
            clock,
            sensor=sidecar.sensor,
            board=sidecar.board,
            sensor_id=sidecar.sensor_id,
            device_rate_hz=grid.device_rate_hz,
            step_g=step_g,
            range_g=range_g,
        ),
        replace(
            damage,
            rejected_rows=damage.rejected_rows + wild,
            clipped_samples=clipped,
            spikes=spikes,
            no_gravity_s=no_gravity_s,
            **read_interruptions(path),
        ),
        Marks(lights_off=sidecar.lights_off, lights_up=sidecar.lights_up),
    )


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


def _by_system_clock(
    clock: tuple[tuple[float, float], ...], first_s: float, time_s: Floats, zone: tzinfo
) -> tuple[datetime, Floats, tuple[str, ...]]:
    """Start and times of samples whose own clock stood still in pauses; the first of them says `first_s` by it."""
    own_s, system_s = np.array(sorted(clock)).T
    behind_s = np.maximum.accumulate(system_s - own_s)
    here_s = behind_s[np.maximum(np.searchsorted(own_s, first_s + time_s, side="right") - 1, 0)]
    start = datetime.fromtimestamp(first_s + float(here_s[0]), UTC).astimezone(zone)
    pauses_s = here_s - here_s[0]
    paused = f", which was paused for {pauses_s[-1]:.1f} s" if pauses_s[-1] > 0 else ""
    return start, time_s + pauses_s, (f"start: as the app says{paused}",)


def _later(start: datetime, seconds: float) -> datetime:
    """A moment so much later; in UTC, as local arithmetic would be an hour wrong after a change to or from summer time."""
    return (start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(start.tzinfo)


def _by_host_clock(
    log: ClockLog, start: datetime | None, device_s: Floats
) -> tuple[datetime | None, Floats, Device]:
    """Start and times of samples by the clocks of the computer that recorded them, as far as its clock log tells."""
    wall, clock = log.wall, log.device
    step_s = wall.step_s if wall is not None else 0.0
    told = Device(clock_doubt=log.doubt, clock_step_s=step_s or None)
    if start is not None and step_s:
        start = _later(start, step_s)
    if clock is None:
        return start, device_s, told
    told = replace(told, clock_drift_ppm=clock.drift_ppm, clock_wander_s=clock.wander_s)
    if log.doubt is not None:
        return start, device_s, told
    host_s = clock.on_host(device_s)
    if not step_range(host_s)[0] > 0:
        return start, device_s, replace(told, clock_doubt="wrong")
    if start is not None and wall is not None:
        start = datetime.fromtimestamp(wall.zero_s + step_s + float(host_s[0]), UTC).astimezone(start.tzinfo)
    rates = tuple(clock.rates(float(device_s[0]), float(device_s[-1])))
    return start, host_s, replace(told, clock_rates=rates, host_start_s=float(host_s[0]))


def _find_start(
    path: Path,
    stamps: Stamps,
    sidecar: Sidecar,
    zone: tzinfo | None,
    file_first_s: float | None,
    rules: ReadingRules,
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
    if stamps.first_s is not None:
        zero_s = stamps.first_s if file_first_s is None else file_first_s
        # Where the first rows were lost, the clock began with the recording.
        since_s = stamps.first_s - (0 if 0 <= zero_s < rules.first_rows_s else zero_s)
        start = _later(start, since_s)
    return start.astimezone(zone or sidecar.zone or start.tzinfo), notes
