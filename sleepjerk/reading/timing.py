"""When samples were taken: by the file, by what lies beside it, and by the clocks of whatever recorded them.

Knows stamps, starts and clocks. Must not know grids or acceleration.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np

from sleepjerk.parts import Device, Marks
from sleepjerk.reading.clock_log import ClockLog, WallClock, read_clock_log
from sleepjerk.reading.sidecar import Sidecar, named_start
from sleepjerk.reading.time_axis import step_range
from sleepjerk.reading.timestamps import Stamps, since_first
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules


@dataclass(frozen=True, slots=True)
class Timing:
    """When samples were taken.

    Attributes
    ----------
    start
        Wall clock of the first; None when unknown.
    time_s
        (n,) seconds since the first.
    marks
        Lights off and on, by the clock that `start` goes by.
    clock
        What is known of the device's clock, and nothing else of it.
    from_s
        From the file's first sample to the first of these, where the stamps alone don't tell it.
    notes
        What was assumed.
    """

    start: datetime | None
    time_s: Floats
    marks: Marks
    clock: Device = field(default_factory=Device)
    from_s: float | None = None
    notes: tuple[str, ...] = ()


def find_timing(
    path: Path,
    stamps: Stamps,
    time_s: Floats,
    sidecar: Sidecar,
    zone: tzinfo | None,
    file_first_s: float | None,
    rules: ReadingRules,
) -> Timing:
    """When samples were taken.

    Parameters
    ----------
    time_s
        (n,) of the stamps those of the samples that are left.
    zone
        What a person said.
    file_first_s
        What the first stamp of the file said on a clock that starts at 0, where these rows begin later.
    """
    start, notes = _find_start(path, stamps, sidecar, zone, file_first_s, rules)
    start = None if start is None else _later(start, float(time_s[0]))
    marks = Marks(lights_off=sidecar.lights_off, lights_up=sidecar.lights_up)
    by_stamps = Timing(start, since_first(time_s), marks, notes=notes)
    if stamps.start is not None or stamps.first_s is None:
        return by_stamps
    if sidecar.clock:
        return _by_system_clock(by_stamps, sidecar.clock, stamps.first_s, zone or sidecar.zone or UTC)
    last_s = stamps.first_s + float(time_s[-1])
    log = read_clock_log(path, sidecar.start, last_s, rules) if stamps.measured else None
    return by_stamps if log is None else _by_host_clock(by_stamps, log, stamps.first_s + time_s, file_first_s)


def _by_system_clock(
    timing: Timing, clock: tuple[tuple[float, float], ...], first_s: float, zone: tzinfo
) -> Timing:
    """Samples whose own clock stood still in pauses; the first of them says `first_s` by it."""
    own_s, system_s = np.array(sorted(clock)).T
    behind_s = np.maximum.accumulate(system_s - own_s)
    here_s = behind_s[np.maximum(np.searchsorted(own_s, first_s + timing.time_s, side="right") - 1, 0)]
    start = datetime.fromtimestamp(first_s + float(here_s[0]), UTC).astimezone(zone)
    pauses_s = here_s - here_s[0]
    paused = f", which was paused for {pauses_s[-1]:.1f} s" if pauses_s[-1] > 0 else ""
    notes = (f"start: as the app says{paused}",)
    return replace(timing, start=start, time_s=timing.time_s + pauses_s, notes=notes)


def _by_host_clock(timing: Timing, log: ClockLog, own_s: Floats, file_first_s: float | None) -> Timing:
    """Samples by the clocks of the computer that recorded them, as far as its log tells; `own_s` by their device's."""
    clock, wall, start = log.device, log.wall, timing.start
    told = Device(clock_doubt=log.doubt)
    if wall is not None and wall.step_s:
        told = replace(told, clock_step_s=wall.step_s)
        start = None if start is None else _later(start, wall.step_s)
        timing = replace(timing, start=start, marks=_set_right(timing.marks, wall))
    if clock is not None:
        told = replace(told, clock_drift_ppm=clock.drift_ppm, clock_wander_s=clock.wander_s)
    if clock is None or log.doubt is not None:
        return replace(timing, clock=told)
    host_s = clock.on_host(own_s)
    if not step_range(host_s)[0] > 0:
        return replace(timing, clock=replace(told, clock_doubt="wrong"))
    if start is not None and wall is not None:
        start = datetime.fromtimestamp(wall.zero_s + wall.step_s + float(host_s[0]), UTC).astimezone(
            start.tzinfo
        )
    from_s = None
    if file_first_s is not None:
        from_s = round(float(host_s[0] - clock.on_host(np.array([file_first_s]))[0]), 6)
    rates = tuple(clock.rates(float(own_s[0]), float(own_s[-1])))
    told = replace(told, clock_rates=rates, host_start_s=float(host_s[0]))
    return replace(timing, start=start, time_s=since_first(host_s), clock=told, from_s=from_s)


def _set_right(marks: Marks, wall: WallClock | None) -> Marks:
    """Marks that were set before the wall clock was put right."""
    if wall is None or not wall.step_s:
        return marks
    off, up = (
        mark if mark is None or mark.timestamp() >= wall.stepped_s else _later(mark, wall.step_s)
        for mark in (marks.lights_off, marks.lights_up)
    )
    return Marks(lights_off=off, lights_up=up)


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


def _later(start: datetime, seconds: float) -> datetime:
    """A moment so much later; in UTC: local arithmetic would be an hour wrong after a change of the clocks."""
    return (start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(start.tzinfo)
