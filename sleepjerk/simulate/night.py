"""Plan -> recording and truth. Knows physics, kinds, background and sensor; not when things happen.

Conventions
-----------
The arm's still reading is a step function of time that changes at the end of body movements; every event is
the change against it, added into the night. So a twitch returns exactly to where it began, and a shift stays.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.parts import Device, Marks, Provenance
from sleepjerk.recording import Recording
from sleepjerk.simulate.background import (
    BREATH_LIFT_S,
    RESUMED_DEPTH,
    RESUMED_S,
    add_breathing,
    add_pulse,
)
from sleepjerk.simulate.faults import (
    NO_FAULTS,
    Faults,
    add_plateaus_and_glitches,
    lost_to,
    narrowed,
    taken_by_device,
)
from sleepjerk.simulate.kinds import make_motion
from sleepjerk.simulate.physics import Floats, Rendered, angle_deg, band_peak, render, scaled_to_peak
from sleepjerk.simulate.plan import MOVEMENTS, TWITCHES, Kind, Plan, PlannedEvent, Span
from sleepjerk.simulate.sensor import MPU6050, Counts, Sensor, counts_to_g, sample_counts
from sleepjerk.simulate.streams import stream
from sleepjerk.simulate.truth import Made, make_truth

Samples = NDArray[np.float32]

RATE_HZ = 100.0
_NO_TILT_DEG = 1e-6  # rounding, not a turn
ZONE = "Europe/Berlin"
START = datetime(2026, 11, 22, 22, 31, 4, tzinfo=ZoneInfo(ZONE))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedNight:
    """A made night and what is true of it.

    Attributes
    ----------
    recording
        As reading its file would give it. With `faults` it has all those of the samples, the gaps as NaN; those
        of the stamps (jitter, repeated and backward ones) are in the file only, so a test of reading must write
        and read it.
    truth
        One row an event, by onset; columns in `truth.COLUMNS`. `peak_g` is that of the arm, whatever the gain.
    counts
        (3, n) int16, the sensor's steps, also where the recording has a gap.
    plan
        What was asked for, in true seconds.
    faults
        What is wrong with the recording.
    sleep_s, lights_s, wake_s, gaps_s
        Spans in seconds since the first sample. As all times but the plan's, they are told by the clock of the
        recording: with a rate error of 1 % they are 1 % longer than they were.
    """

    recording: Recording
    truth: pd.DataFrame
    counts: Counts
    sensor: Sensor
    plan: Plan
    seed: int
    scenario: str
    faults: Faults = NO_FAULTS
    sleep_s: Span | None = None
    lights_s: Span | None = None
    wake_s: tuple[Span, ...] = ()
    gaps_s: tuple[Span, ...] = field(default=())

    def __repr__(self) -> str:
        events = f"{len(self.truth)} events"
        return f"<SimulatedNight {self.scenario}, seed {self.seed}: {events}, {self.recording!r}>"


def simulate_plan(
    plan: Plan,
    seed: int = 1,
    *,
    sensor: Sensor = MPU6050,
    faults: Faults = NO_FAULTS,
    fs: float = RATE_HZ,
    scenario: str = "plan",
) -> SimulatedNight:
    """Make a night from a list of events.

    Parameters
    ----------
    plan
        What happens when.
    seed
        0 or a positive integer; the same plan, seed and sensor give the same night, bit for bit.
    sensor
        The chip, with the faults it has: `MPU6050` as it stands has none but noise and steps.
    faults
        What goes wrong between chip and file.
    fs
        Samples per second by the device's clock, a divisor of 1000.
    """
    count = round(plan.duration_s * fs)
    made = _make_events(plan, fs, seed)
    true_g, positions = _still_readings(made, count, seed)
    if plan.living:
        # Both are made from the still readings: an event is the change against a breathing arm.
        background = add_breathing(true_g, fs, seed, _breath_depths(plan, made))
        background += add_pulse(count, fs, positions, seed, plan.off_body_s)
        true_g += background
        del background
    for event in made:
        _add(true_g, event.rendered)
    sensor = narrowed(sensor, faults)
    counts = sample_counts(taken_by_device(true_g, fs, faults), fs, sensor, seed)
    del true_g
    add_plateaus_and_glitches(counts, fs, sensor, faults, seed)
    pace = 1 + faults.rate_error
    bare = "" if plan.twitches else "-without-twitches"
    gaps = _gap_samples((*_recorded(plan.gaps_s, pace), *faults.gaps_s), fs, counts.shape[1])
    lights_s = None if plan.lights_s is None else _recorded((plan.lights_s,), pace)[0]
    return SimulatedNight(
        recording=_recording(counts, gaps, lights_s, sensor, fs, f"{scenario}{bare}-{seed}"),
        truth=_recorded_truth(make_truth(made, plan), faults),
        counts=counts,
        sensor=sensor,
        plan=plan,
        seed=seed,
        scenario=scenario,
        faults=faults,
        sleep_s=None if plan.sleep_s is None else _recorded((plan.sleep_s,), pace)[0],
        lights_s=lights_s,
        wake_s=_recorded(plan.wake_s, pace),
        gaps_s=tuple((first / fs, after / fs) for first, after in gaps),
    )


def _recorded(spans: tuple[Span, ...], pace: float) -> tuple[Span, ...]:
    """True spans on a clock that makes `pace` seconds of one."""
    return tuple((start_s * pace, end_s * pace) for start_s, end_s in spans)


def _recorded_truth(truth: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """The truth by the recording's clock; nobody can be asked for what fell into a gap or a plateau."""
    if faults == NO_FAULTS:
        return truth
    for name in ("onset_s", "offset_s"):
        truth[name] = (truth[name] * (1 + faults.rate_error)).round(3)
    times_s = (truth[name].to_numpy(dtype=np.float64) for name in ("onset_s", "offset_s"))
    truth["accel_truth"] &= ~lost_to(faults.gaps_s + faults.plateaus_s, *times_s)
    return truth


def _first_reading(seed: int) -> Floats:
    """(3,) how the arm lies at first: anywhere."""
    vector = stream(seed, "first position").normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def _make_events(plan: Plan, fs: float, seed: int) -> list[Made]:
    """Every event by onset, each from a stream of its own, each from where the one before left the arm."""
    up = _first_reading(seed)
    numbers = dict.fromkeys(Kind, 0)
    made = []
    for event in sorted(plan.events, key=lambda item: item.onset_s):
        rng = stream(seed, "motion", event.kind, numbers[event.kind])
        numbers[event.kind] += 1
        rendered = _make_event(rng, event, up, fs)
        made.append(_measured(event, rendered, up, fs))
        if rendered is not None:
            up = rendered.up
    # Left out only now: a twitch returns to where it began but for rounding, which later movements hang on.
    return [event for event in made if plan.twitches or event.planned.kind not in TWITCHES]


def _make_event(rng: np.random.Generator, event: PlannedEvent, up: Floats, fs: float) -> Rendered | None:
    """The event as the sensor sees it; None for a movement that never reached the wrist."""
    if event.kind is Kind.MECHANICAL_MISS:
        return None
    motion = make_motion(rng, event, up)
    if event.peak_g is not None:
        motion = scaled_to_peak(motion, event.peak_g, event.onset_s, up, fs)
    return render(motion, event.onset_s, up, fs)


def _measured(event: PlannedEvent, rendered: Rendered | None, up: Floats, fs: float) -> Made:
    if rendered is None:
        length_s = event.duration_s or 1.0
        return Made(event, None, event.onset_s, event.onset_s + length_s, 0.0, 0.0)
    peak_g = band_peak(rendered.change_g, fs)
    return Made(event, rendered, rendered.onset_s, rendered.offset_s, peak_g, angle_deg(up, rendered.up))


def _breath_depths(plan: Plan, made: list[Made]) -> list[tuple[Span, float]]:
    """Where breathing stops, and where it is deeper: after a stop, and around movement."""
    depths = [(span, 0.0) for span in (*plan.apnoeas_s, *plan.off_body_s)]
    depths += [((end_s, end_s + RESUMED_S), RESUMED_DEPTH) for _, end_s in plan.apnoeas_s]
    if plan.breath_lift:
        before_s, after_s = BREATH_LIFT_S
        depths += [
            ((event.onset_s - before_s, event.offset_s + after_s), 1 + plan.breath_lift)
            for event in made
            if event.planned.kind in MOVEMENTS
        ]
    return depths


def _still_readings(made: list[Made], count: int, seed: int) -> tuple[Samples, NDArray[np.int64]]:
    """(3, n) the still reading at each sample, and the (k,) first sample of each position."""
    still = np.empty((3, count), dtype=np.float32)
    up = _first_reading(seed)
    begins = [0]
    for event in made:
        if event.rendered is None or event.tilt_deg < _NO_TILT_DEG:
            continue
        after = min(max(event.rendered.first + event.rendered.change_g.shape[1], begins[-1]), count)
        still[:, begins[-1] : after] = up[:, None]
        up = event.rendered.up
        begins.append(after)
    still[:, begins[-1] :] = up[:, None]
    return still, np.unique(np.array(begins, dtype=np.int64))


def _add(true_g: Samples, rendered: Rendered | None) -> None:
    """Add an event's change, cut to the recording."""
    if rendered is None:
        return
    count = true_g.shape[1]
    begin, after = max(rendered.first, 0), min(rendered.first + rendered.change_g.shape[1], count)
    if after > begin:
        true_g[:, begin:after] += rendered.change_g[:, begin - rendered.first : after - rendered.first]


def _gap_samples(gaps_s: tuple[Span, ...], fs: float, count: int) -> list[tuple[int, int]]:
    """First missing sample and the one after the last of each gap; the outermost are never missing."""
    spans: list[tuple[int, int]] = []
    for start_s, end_s in sorted(gaps_s):
        begin = max(round(start_s * fs), spans[-1][1] if spans else 1)
        after = min(round(end_s * fs), count - 1)
        if after > begin:
            spans.append((begin, after))
    return spans


def _recording(
    counts: Counts,
    gaps: list[tuple[int, int]],
    lights_s: Span | None,
    sensor: Sensor,
    fs: float,
    name: str,
) -> Recording:
    acceleration_g = counts_to_g(counts, sensor)
    for first, after in gaps:
        acceleration_g[:, first:after] = np.nan
    marks = (None, None) if lights_s is None else tuple(START + timedelta(seconds=t) for t in lights_s)
    edges = [[first / fs, after / fs] for first, after in gaps]
    return Recording(
        acceleration_g,
        fs,
        np.array(edges, dtype=np.float64).reshape(-1, 2),
        START,
        provenance=Provenance(name=name),
        device=Device(sensor=sensor.name, device_rate_hz=fs, step_g=sensor.step_g, range_g=sensor.range_g),
        marks=Marks(lights_off=marks[0], lights_up=marks[1]),
        input_sha256=hashlib.sha256(acceleration_g.tobytes()).hexdigest(),
    )
