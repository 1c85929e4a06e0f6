"""The whole story in order: a recording goes in, a night comes out. The only module that knows the order.

`analyse` is its page of contents: each line is a stage, a function below with a small result of its own, so that
anybody can take the chain apart and put another step into it. Must not know how a step works.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.artefacts import mend
from sleepjerk.detection.ambulation import find_out_of_bed
from sleepjerk.detection.calibrated import Calibrated, calibrate
from sleepjerk.detection.calibration import Calibration
from sleepjerk.detection.classify import (
    bed_peak,
    find_states,
    find_twitches,
    join_brief_movements,
    label_movements,
    series_candidates,
    settle_twitches,
    stand_alone,
    without_waking,
)
from sleepjerk.detection.confidence import confidence_edges, rate_confidence
from sleepjerk.detection.corrections import Applied, Words, apply_corrections, said_times, settle
from sleepjerk.detection.curves import Curves, make_curves, sensor_noise
from sleepjerk.detection.detect import detection_threshold, find_movements
from sleepjerk.detection.features import Shapes, measure_shapes, with_missed
from sleepjerk.detection.non_wear import find_non_wear
from sleepjerk.detection.periodic import find_wrist_series, series_breaks
from sleepjerk.detection.rhythm import measure_rhythm
from sleepjerk.detection.shaking import find_shaking
from sleepjerk.detection.sleep import Sleep, find_sleep
from sleepjerk.detection.twitches import surer_alone, twitch_chance
from sleepjerk.events import TWITCHES, Label, State, event_rows, make_events
from sleepjerk.judging.nights import judge_night
from sleepjerk.messages import Message
from sleepjerk.night.estimates import estimate_sleep
from sleepjerk.night.evidence import make_strips, make_timeline
from sleepjerk.night.model import (
    Night,
    PeriodicSummary,
    RecordingSummary,
    SleepSummary,
    Surroundings,
    Timeline,
)
from sleepjerk.night.rates import count_by_label, count_restless, intervals_by_label, rate_by_label, uncounted
from sleepjerk.night.summary import (
    summarise_periodic,
    summarise_recording,
    summarise_sleep,
    summarise_surroundings,
)
from sleepjerk.night.verdict import Verdict
from sleepjerk.night.warnings import find_warnings
from sleepjerk.recording import Floats, Lights, Recording, read_lights
from sleepjerk.rules import Rules
from sleepjerk.said import Correction
from sleepjerk.spans import inside, lengths, outside, union
from sleepjerk.version import __version__


def analyse(
    recording: Recording,
    rules: Rules | None = None,
    *,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    six_position: Calibration | None = None,
    corrections: Sequence[Correction] = (),
    rest: "Rest | None" = None,
    overwrite: bool = False,
) -> Night:
    """Everything that can be told of one recording.

    Parameters
    ----------
    recording
        A night, or any other segment: what can't be told is None in the result, with a warning that says why.
    rules
        Thresholds; the defaults when None.
    lights_off_s, lights_up_s
        Marks of the person, seconds since the first sample; those of the recording's sidecar when None.
    six_position
        What this sensor showed on the bench; the night alone calibrates it when None.
    corrections
        What a person put in place of what was found; series, counts and criteria follow it.
    rest
        As `find_rest` gives it, where that is known already.
    overwrite
        The recording's own samples may be calibrated, for nobody needs them afterwards: a tenth less memory.
    """
    rules = Rules() if rules is None else rules
    recording = mend(recording, rules.damage)
    lights = read_lights(recording, lights_off_s, lights_up_s)
    calibrated = calibrate(recording, rules, six_position, overwrite=overwrite)
    rest = find_rest(calibrated, lights, rules, corrections) if rest is None else rest
    movements = measure_movements(calibrated, rest, rules)
    movements, corrections = add_missed(movements, corrections)
    labelled = name_movements(movements, rest, rules, corrections)
    labelled = join_series(movements, labelled, series_breaks(recording.gaps_s, rules.series), rules)
    confidence = measure_confidence(movements, rest, labelled, rules)
    events = tabulate(recording, movements, labelled, confidence, rules)
    summary = summarise(recording, calibrated, rest, movements, labelled, events, rules)
    verdict = judge_night(
        events,
        summary.sleep,
        summary.recording,
        summary.periodic,
        rules.criteria,
        states=summary.timeline.states,
        lights_off_s=lights.off_s,
    )
    return compose(recording, calibrated, lights, rest, labelled, events, summary, verdict, rules)


@dataclass(frozen=True, slots=True)
class Rest:
    """When was the sensor worn, when did the person sleep, and when get up or shake?

    Attributes
    ----------
    non_wear_s
        (k, 2) spans off the body, s.
    sleep
        The sleep period and what lies in and around it; out of bed is awake.
    out_of_bed_s, shaking_s
        (k, 2) spans up and about, and of strong rhythmic shaking in bed, s.
    """

    non_wear_s: Floats
    sleep: Sleep
    out_of_bed_s: Floats
    shaking_s: Floats

    def states_at(self, times_s: Floats, *, falling_asleep: bool = True) -> Words:
        """(m,) the state of the person at each of (m,) times; without the onset windows if asked so."""
        sleep = self.sleep
        windows_s = sleep.onset_windows_s if falling_asleep else sleep.onset_windows_s[:0]
        states = find_states(times_s, sleep.span_s, sleep.wake_s, windows_s, self.non_wear_s, sleep.others_s)
        states[inside(times_s, self.out_of_bed_s)] = State.WAKE
        return states


def find_rest(
    calibrated: Calibrated,
    lights: Lights,
    rules: Rules,
    corrections: Sequence[Correction] = (),
    sleep: Sleep | None = None,
) -> Rest:
    """Non-wear, visits out of bed, shaking, and sleep, of which no visit is a part, unless a person says so.

    Parameters
    ----------
    sleep
        Where another sensor of the same night tells it; this one does when None.
    """
    acceleration_g, fs = calibrated.acceleration_g, calibrated.fs
    rhythm = measure_rhythm(acceleration_g, fs, rules.rhythm)
    out_of_bed_s = find_out_of_bed(rhythm, rules.ambulation, rules.rhythm)
    shaking_s = find_shaking(rhythm, out_of_bed_s, rules.shaking, rules.rhythm)
    non_wear_s, said = (
        find_non_wear(acceleration_g, fs, calibrated.step_g, rules.non_wear),
        said_times(corrections),
    )
    out_of_bed_s = outside(out_of_bed_s, said.asleep_s)
    if sleep is None:
        sleep = find_sleep(acceleration_g, fs, non_wear_s, rules.sleep, lights.off_s, lights.up_s, said)
    if sleep.span_s is not None:
        visits_s = np.clip(out_of_bed_s, *sleep.span_s)
        sleep = replace(sleep, wake_s=union(sleep.wake_s, visits_s[lengths(visits_s) > 0]))
    return Rest(non_wear_s, sleep, out_of_bed_s, shaking_s)


@dataclass(frozen=True, slots=True)
class Movements:
    """Where something moves, what it looks like, and what can be told from noise in this night.

    Attributes
    ----------
    curves
        Band-passed acceleration, envelopes and noise floors, at every sample.
    shapes
        The features of k movements, by onset.
    noise_g
        The sensor's noise, g; None when unknown.
    threshold_g, limited_by
        The lowest peak at which a twitch may be told, g, and what sets it, as `detection_threshold` names it.
    """

    curves: Curves
    shapes: Shapes
    noise_g: float | None
    threshold_g: float
    limited_by: str


def measure_movements(calibrated: Calibrated, rest: Rest, rules: Rules) -> Movements:
    """Every movement of the recording with its features, and the detection threshold of the night."""
    step_g = calibrated.step_g
    curves = make_curves(calibrated.acceleration_g, calibrated.fs, rules.movement)
    found = find_movements(curves, step_g, rules.classification.twitch_max_s, rules.detection)
    # Where nobody wears the sensor a faint pulse is its noise.
    found = found.only(~(found.faint & inside(found.spans[:, 0] / curves.fs, rest.non_wear_s)))
    shapes = measure_shapes(curves, found.spans, found.pulses, found.alone, found.faint, rules.classification)
    noise_g = sensor_noise(curves.fast_norm_g, curves.fs, curves.segments, rules.movement)
    sensor = (noise_g, step_g, calibrated.recorded_hz)
    bed_g = bed_peak(shapes, detection_threshold(*sensor, 0.0, rules.detection)[0], rules.classification)
    return Movements(curves, shapes, noise_g, *detection_threshold(*sensor, bed_g, rules.detection))


def add_missed(movements: Movements, corrections: Sequence[Correction]) -> tuple[Movements, list[Correction]]:
    """The movements with those that only a person saw, and what a person said, brought to them."""
    settled, missed_s = settle(movements.shapes.onset_s, corrections)
    return replace(movements, shapes=with_missed(movements.shapes, missed_s)), settled


@dataclass(frozen=True, slots=True)
class Labelled:
    """What k movements are called, each field (k,).

    Attributes
    ----------
    states
        The state of the person at each onset.
    labels, said
        Those of a person in place of the detector's; what a person said of them.
    numbers
        The series each belongs to, from 1; 0 for none, and for all before series are searched.
    candidate, asleep, after
        bool: may belong to a series or end one; lies in sleep; just after it.
    isolated
        bool: stands alone, as from `stand_alone`; so does what a person calls a twitch, whatever is beside it.
    chance
        Of each to be a twitch.
    """

    states: Words
    labels: Words
    said: Applied
    numbers: NDArray[np.int64]
    candidate: NDArray[np.bool_]
    asleep: NDArray[np.bool_]
    after: NDArray[np.bool_]
    isolated: NDArray[np.bool_]
    chance: Floats


def name_movements(
    movements: Movements, rest: Rest, rules: Rules, corrections: Sequence[Correction] = ()
) -> Labelled:
    """State and label of each movement by itself, before series are known."""
    shapes, onset_s, sleep = movements.shapes, movements.shapes.onset_s, rest.sleep
    limits, chance = rules.classification, twitch_chance(movements.shapes, rules.twitch)
    twitch = find_twitches(shapes, movements.threshold_g, chance, limits, rules.twitch)
    untold = shapes.faint & (shapes.peak_g < movements.threshold_g)
    states, rested = rest.states_at(onset_s), rest.states_at(onset_s, falling_asleep=False)
    falling = sleep.near_onset_at(onset_s) >= limits.falling_chance
    counted = twitch & (rested == State.SLEEP)
    isolated = stand_alone(shapes, untold, falling, counted, sleep.period_h, limits)
    jerk = isolated & falling & (chance >= rules.twitch.falling_least_chance)
    states = settle_twitches(shapes, twitch, jerk, states, rested, sleep, limits)
    found = label_movements(shapes, states, twitch, limits)
    said = apply_corrections(found, shapes.onset_s, corrections)
    isolated |= said.by_person & np.isin(said.labels, TWITCHES)
    candidate, asleep, after = series_candidates(
        said.labels, shapes, rested, sleep.end_s, rules.sleep.min_wake_s, rules.series
    )
    candidate &= ~said.in_no_series
    numbers = np.zeros(len(found), dtype=np.int64)
    return Labelled(states, said.labels, said, numbers, candidate, asleep, after, isolated, chance)


def join_series(movements: Movements, labelled: Labelled, breaks_s: Floats, rules: Rules) -> Labelled:
    """The same with series: their members are periodic movements, whatever they were before.

    Parameters
    ----------
    breaks_s
        (m,) times that no series can cross, s, as `series_breaks` finds them.
    """
    shapes, candidate, by_person = movements.shapes, labelled.candidate, labelled.said.by_person
    onset_s, offset_s = shapes.onset_s[candidate], shapes.offset_s[candidate]
    found = find_wrist_series(onset_s, offset_s, rules.series, rules.periodicity, breaks_s)
    numbers, labels = labelled.numbers.copy(), labelled.labels.copy()
    numbers[candidate] = found.series
    numbers = without_waking(numbers, labelled.asleep, labelled.after)
    states, least_g = labelled.states, movements.threshold_g
    numbers = join_brief_movements(shapes, labels, states, numbers, least_g, rules.classification)
    numbers[by_person & (labels != Label.PERIODIC_MOVEMENT)] = 0
    labels[numbers > 0] = Label.PERIODIC_MOVEMENT
    candidate = candidate & (labelled.asleep | (numbers > 0))
    return replace(labelled, labels=labels, numbers=numbers, candidate=candidate)


def measure_confidence(movements: Movements, rest: Rest, labelled: Labelled, rules: Rules) -> Floats:
    """(k,) how sure each label is, 0 to 1; NaN where a person said it.

    A jerk while falling asleep is as sure as the twitch *and* the falling asleep.
    """
    chance = surer_alone(labelled.chance, labelled.isolated & (labelled.numbers == 0), rules.twitch)
    chance = np.minimum(chance, rules.twitch.most_chance)
    near_onset = rest.sleep.near_onset_at(movements.shapes.onset_s)
    chance = np.where(labelled.labels == Label.HYPNIC_JERK, chance * near_onset, chance)
    found = rate_confidence(labelled.labels, chance, rules.confidence)
    return np.where(labelled.said.by_person, np.nan, found)


def tabulate(
    recording: Recording, movements: Movements, labelled: Labelled, confidence: Floats, rules: Rules
) -> pd.DataFrame:
    """The table of events: one row a movement, by onset, with the columns of `events.COLUMNS`."""
    shapes, numbers = movements.shapes, labelled.numbers
    return make_events(
        onset_s=shapes.onset_s,
        duration_s=np.where(shapes.duration_s > 0, shapes.duration_s, np.nan),  # of some nobody knows it
        peak_g=shapes.peak_g,
        tilt_deg=shapes.tilt_deg,
        label=labelled.labels,
        series=[int(number) if number else None for number in numbers],
        state=labelled.states,
        utc=[recording.utc_text(time_s) for time_s in shapes.onset_s],
        isolated=labelled.isolated & (numbers == 0),
        centroid_hz=shapes.centroid_hz,
        confidence=confidence,
        detected=labelled.said.detected,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of a night, and its states and strongest movements in epochs."""

    recording: RecordingSummary
    sleep: SleepSummary
    periodic: PeriodicSummary
    surroundings: Surroundings
    timeline: Timeline


def summarise(
    recording: Recording,
    calibrated: Calibrated,
    rest: Rest,
    movements: Movements,
    labelled: Labelled,
    events: pd.DataFrame,
    rules: Rules,
) -> Summary:
    """The numbers of a night from what the stages before found."""
    states = rest.states_at(np.arange(0.0, recording.duration_s, rules.sleep.epoch_s))
    seen = (movements.noise_g, movements.threshold_g, movements.limited_by)
    recorded = summarise_recording(recording, calibrated.calibration, *seen, rest.non_wear_s, rules.criteria)
    about_sleep = summarise_sleep(
        recording, rest.sleep, events, rest.non_wear_s, rest.out_of_bed_s, rest.shaking_s, rules
    )
    breaks_s = series_breaks(recording.gaps_s, rules.series)
    hidden = Label.PERIODIC_MOVEMENT in uncounted(recorded.hidden_by)
    sleep_of_series = replace(about_sleep, analysed_h=None) if hidden else about_sleep
    return Summary(
        recording=recorded,
        sleep=about_sleep,
        periodic=summarise_periodic(events, labelled.candidate, sleep_of_series, breaks_s, rules),
        surroundings=summarise_surroundings(calibrated.vibrations, events, recorded, about_sleep, rules),
        timeline=make_timeline(movements.curves, states, rules.sleep.epoch_s, rules.evidence),
    )


def compose(
    recording: Recording,
    calibrated: Calibrated,
    lights: Lights,
    rest: Rest,
    labelled: Labelled,
    events: pd.DataFrame,
    summary: Summary,
    verdict: Verdict,
    rules: Rules,
) -> Night:
    """One night of all that was found, with the waves of its strongest movements."""
    sleep, hidden, rows = summary.sleep, summary.recording.hidden_by, event_rows(events)
    per_hour = rate_by_label(rows, rest.sleep.span_s, sleep.analysed_h, hidden)
    return Night(
        version=__version__,
        settings_sha256=rules.sha256(),
        input_sha256=recording.input_sha256,
        recording=summary.recording,
        sleep=sleep,
        counts=count_by_label(rows, hidden),
        restless=count_restless(rows, hidden),
        per_hour=per_hour,
        per_hour_interval=intervals_by_label(per_hour, sleep.analysed_h, rules.criteria.confidence),
        periodic=summary.periodic,
        verdict=verdict,
        messages=(
            *find_warnings(summary.recording, sleep, summary.periodic, summary.surroundings, rules),
            *([Message.of("warning.lost_corrections", n=labelled.said.lost)] if labelled.said.lost else []),
            *([] if lights.usable else [Message("warning.odd_marks")]),
        ),
        timeline=summary.timeline,
        surroundings=summary.surroundings,
        estimates=estimate_sleep(
            rest.sleep, recording.gaps_s, rest.non_wear_s, lights.off_s, lights.up_s, rules.sleep
        ),
        strips=make_strips(calibrated.acceleration_g, calibrated.fs, events, rules.evidence),
        rows=rows,
        confidence_edges=confidence_edges(rules.confidence),
    )
