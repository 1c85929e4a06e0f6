"""Samples in g with their times -> a recording: the part that every format shares.

Knows grids, damage and what lies beside the file. Must not know how a file is written.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sleepjerk.artefacts import without_spikes
from sleepjerk.errors import InputError
from sleepjerk.parts import Damage, Placement, Provenance
from sleepjerk.reading.gravity import without_failures
from sleepjerk.reading.interruptions import read_interruptions
from sleepjerk.reading.options import ReadingOptions
from sleepjerk.reading.sidecar import Sidecar
from sleepjerk.reading.time_axis import find_breaks, make_grid
from sleepjerk.reading.timestamps import Stamps, refuse_too_few
from sleepjerk.reading.timing import find_timing
from sleepjerk.reading.units import find_clipping, measure_step
from sleepjerk.recording import Floats, Recording, Samples
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
    timing = find_timing(path, stamps, time_s, sidecar, options.tzinfo, file_first_s, reading)
    time_s = timing.time_s
    step_g = measure_step(acceleration_g, reading)
    clipped, range_g = find_clipping(acceleration_g, sidecar.range_g, step_g, reading)
    by_stamps = not wild and timing.clock.clock_rates is None
    period_s, firsts = breaks = find_breaks(time_s, reading, stamps.period_s if by_stamps else None)
    acceleration_g, spikes = without_spikes(acceleration_g, 1 / period_s, step_g, rules.damage, firsts)
    grid = make_grid(time_s, acceleration_g, reading, stamp_step_s=stamps.step_s, breaks=breaks)
    grid, no_gravity_s, gravity_note = without_failures(grid, reading)
    rate_note = (f"rate: {grid.device_rate_hz:.3f} samples a second, measured",) if stamps.measured else ()
    notes = (*rate_note, *grid.notes, *gravity_note, *timing.notes)
    from_s = provenance.from_s if timing.from_s is None else timing.from_s
    if wild:
        notes = (*notes, f"damage: {wild} rows beyond {reading.max_abs_g:g} g were left out")
    return Recording(
        grid.acceleration_g,
        grid.rate_hz,
        grid.gaps_s,
        timing.start,
        replace(provenance, notes=(*provenance.notes, *notes), from_s=from_s, simulated=sidecar.simulated),
        Placement(limb=options.limb or sidecar.limb or "wrist", side=sidecar.side, subject=sidecar.subject),
        replace(
            timing.clock,
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
        timing.marks,
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
