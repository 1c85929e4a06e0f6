"""The whole story in order: a recording goes in, a night comes out. The only module that knows the order."""

from collections.abc import Sequence

import numpy as np

from sleepjerk.artefacts import mend
from sleepjerk.detection.calibration import Calibration, apply_calibration, estimate_calibration
from sleepjerk.detection.classify import (
    bed_peak,
    find_isolated,
    find_states,
    find_twitches,
    inside,
    join_brief_movements,
    label_movements,
    series_candidates,
)
from sleepjerk.detection.confidence import confidence_edges, rate_confidence, read_signs
from sleepjerk.detection.curves import at_working_rate, make_curves, sensor_noise
from sleepjerk.detection.detect import detection_threshold, find_movements
from sleepjerk.detection.features import measure_shapes
from sleepjerk.detection.non_wear import find_non_wear
from sleepjerk.detection.periodic import find_wrist_series
from sleepjerk.detection.sleep import find_sleep
from sleepjerk.detection.vibration import find_vibrations
from sleepjerk.events import Label, make_events
from sleepjerk.history.corrections import Correction, apply_corrections, lost_corrections
from sleepjerk.judging.criteria import judge_night
from sleepjerk.night.evidence import make_strips, make_timeline, state_spans
from sleepjerk.night.model import Night
from sleepjerk.night.rates import count_by_label, intervals_by_label, rate_by_label
from sleepjerk.night.summary import (
    find_warnings,
    summarise_periodic,
    summarise_recording,
    summarise_sleep,
    summarise_surroundings,
)
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from sleepjerk.version import __version__


def analyse(
    recording: Recording,
    rules: Rules | None = None,
    *,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    six_position: Calibration | None = None,
    corrections: Sequence[Correction] = (),
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
        Labels that a person put in place of the detector's; series, counts and criteria follow them.
    """
    rules = Rules() if rules is None else rules
    recording = mend(recording, rules.damage)
    step_g = recording.facts.step_g
    lights_off_s, lights_up_s, odd_marks = _lights(recording, lights_off_s, lights_up_s)

    # 1. What does the sensor say when nothing moves?
    calibration = estimate_calibration(
        recording.acceleration_g, recording.rate_hz, rules.calibration, six_position
    )
    calibrated_g = apply_calibration(recording.acceleration_g, calibration)
    acceleration_g, fs = at_working_rate(calibrated_g, recording.rate_hz, rules.movement)

    # 2. When was it worn, when did the person sleep?
    non_wear_s = find_non_wear(acceleration_g, fs, step_g, rules.non_wear)
    sleep = find_sleep(acceleration_g, fs, non_wear_s, rules.sleep, lights_off_s, lights_up_s)

    # 3. Where does something move, and what does it look like?
    curves = make_curves(acceleration_g, fs, rules.movement)
    found = find_movements(curves, step_g, rules.classification.twitch_max_s, rules.detection)
    # Where nobody wears the sensor a faint pulse is its noise.
    found = found.only(~(found.faint & inside(found.spans[:, 0] / fs, non_wear_s)))
    shapes = measure_shapes(curves, found.spans, found.pulses, found.alone, found.faint, rules.classification)

    # 4. What is it?
    spans = (sleep.span_s, sleep.wake_s, sleep.onset_windows_s, non_wear_s, sleep.others_s)
    states = find_states(shapes.onset_s, *spans)
    noise_g = sensor_noise(curves.fast_norm_g, fs, curves.segments)
    sensor_g, _ = detection_threshold(noise_g, step_g, 0.0, rules.detection)
    bed_g = bed_peak(shapes, sensor_g, rules.classification)
    threshold_g, limit = detection_threshold(noise_g, step_g, bed_g, rules.detection)
    twitch = find_twitches(shapes, threshold_g, rules.classification, rules.detection)
    labels = label_movements(shapes, states, twitch, rules.classification)
    said = apply_corrections(labels, shapes.onset_s, corrections)
    labels = said.labels.copy()

    # 5. Does it come back, again and again?
    candidate = series_candidates(labels, shapes.duration_s, states, rules.series) & ~said.in_no_series
    series = find_wrist_series(
        shapes.onset_s[candidate],
        shapes.offset_s[candidate],
        rules.series,
        rules.periodicity,
        recording.gaps_s[:, 0],
    )
    numbers = np.zeros(len(labels), dtype=np.int64)
    numbers[candidate] = series.series
    numbers = join_brief_movements(shapes, labels, states, numbers, threshold_g, rules.classification)
    numbers[said.by_person & (labels != Label.PERIODIC_MOVEMENT)] = 0
    labels[numbers > 0] = Label.PERIODIC_MOVEMENT

    # 6. How sure is that?
    changes_s = np.concatenate([np.ravel(part) for part in (sleep.span_s or (), sleep.wake_s, non_wear_s)])
    signs = read_signs(shapes, numbers, changes_s, threshold_g, rules.confidence)

    # 7. The table, and the numbers of the night.
    events = make_events(
        onset_s=shapes.onset_s,
        duration_s=shapes.duration_s,
        peak_g=shapes.peak_g,
        tilt_deg=shapes.tilt_deg,
        label=labels,
        series=[int(number) if number else None for number in numbers],
        state=states,
        utc=[recording.utc_text(time_s) for time_s in shapes.onset_s],
        isolated=find_isolated(
            shapes.onset_s,
            shapes.offset_s,
            rules.classification,
            shapes.faint & (shapes.peak_g < threshold_g),
        )
        & (numbers == 0),
        centroid_hz=shapes.centroid_hz,
        confidence=np.where(said.by_person, np.nan, rate_confidence(labels, signs, rules.confidence)),
        detected=said.detected,
    )
    epochs_s = np.arange(0.0, recording.duration_s, rules.sleep.epoch_s)
    epoch_states = find_states(epochs_s, *spans)
    timeline = make_timeline(
        curves,
        state_spans(epoch_states, rules.sleep.epoch_s),
        rules.evidence,
    )
    about_recording = summarise_recording(recording, calibration, noise_g, threshold_g, limit, non_wear_s)
    about_sleep = summarise_sleep(recording, sleep, events, non_wear_s, rules)
    about_series = summarise_periodic(events, candidate, about_sleep, recording.gaps_s[:, 0], rules)
    vibrations = find_vibrations(acceleration_g, fs, rules.vibration)
    surroundings = summarise_surroundings(vibrations, events, about_recording, about_sleep, rules)
    verdict = judge_night(
        events,
        about_sleep,
        about_recording,
        about_series,
        rules.criteria,
        states=timeline.states,
        lights_off_s=lights_off_s,
    )
    per_hour = rate_by_label(events, sleep.span_s, about_sleep.analysed_h)
    return Night(
        version=__version__,
        settings_sha256=rules.sha256(),
        input_sha256=recording.facts.input_sha256,
        recording=about_recording,
        sleep=about_sleep,
        counts=count_by_label(events),
        per_hour=per_hour,
        per_hour_interval=intervals_by_label(per_hour, about_sleep.analysed_h, rules.criteria.confidence),
        periodic=about_series,
        verdict=verdict,
        warnings=(
            *find_warnings(about_recording, about_sleep, about_series, surroundings, rules),
            *lost_corrections(said.lost),
            *odd_marks,
        ),
        timeline=timeline,
        surroundings=surroundings,
        strips=make_strips(acceleration_g, fs, events, rules.evidence),
        events=events,
        confidence_edges=confidence_edges(rules.confidence),
    )


def _lights(
    recording: Recording, off_s: float | None, up_s: float | None
) -> tuple[float | None, float | None, tuple[str, ...]]:
    """Lights off and up, and a warning where those of the sidecar leave nothing between them and are not used."""
    facts = recording.facts
    marked_off_s = recording.seconds_at(facts.lights_off) if off_s is None else off_s
    marked_up_s = recording.seconds_at(facts.lights_up) if up_s is None else up_s
    end_s = recording.duration_s if marked_up_s is None else marked_up_s
    if (marked_off_s or 0.0) < end_s or (marked_off_s, marked_up_s) == (off_s, up_s):
        return marked_off_s, marked_up_s, ()
    odd = (
        "The marks of lights off and lights up in the sidecar leave no time between them: they were not used."
    )
    return off_s, up_s, (odd,)
