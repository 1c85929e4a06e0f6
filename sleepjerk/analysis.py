"""The whole story in order: a recording goes in, a night comes out. The only module that knows the order."""

from dataclasses import replace

import numpy as np
import pandas as pd

from sleepjerk.calibrate import Calibration, apply_calibration, estimate_calibration
from sleepjerk.classify import find_isolated, find_states, find_twitches, label_movements
from sleepjerk.criteria import judge_night
from sleepjerk.detect import find_movements, smallest_visible
from sleepjerk.events import Label, State, make_events
from sleepjerk.evidence import make_strips, make_timeline
from sleepjerk.movement import make_curves, sensor_noise
from sleepjerk.night import Night, RecordingSummary, SleepSummary
from sleepjerk.rates import count_by_label, covered_s, quiet_s, rate_by_label
from sleepjerk.recording import Floats, Recording
from sleepjerk.rules import Rules
from sleepjerk.shape import Shapes, measure_shapes
from sleepjerk.sleep import Sleep, find_sleep
from sleepjerk.version import __version__
from sleepjerk.wear import find_off_body


def analyse(
    recording: Recording,
    rules: Rules | None = None,
    *,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
) -> Night:
    """Everything that can be told of one recording.

    Parameters
    ----------
    recording
        A night, or any other stretch: what can't be told is None in the result, with a warning that says why.
    rules
        Thresholds; the defaults when None.
    lights_off_s, lights_up_s
        Marks of the person, seconds since the first sample; those of the recording's sidecar when None.
    """
    rules = Rules() if rules is None else rules
    fs, step_g = recording.rate_hz, recording.facts.step_g

    calibration = estimate_calibration(recording.acceleration_g, fs, rules.calibration)
    acceleration_g = apply_calibration(recording.acceleration_g, calibration)

    off_body_s = find_off_body(acceleration_g, fs, step_g, rules.wear)
    sleep = find_sleep(acceleration_g, fs, off_body_s, rules.sleep, lights_off_s, lights_up_s)

    curves = make_curves(acceleration_g, fs, rules.movement)
    found = find_movements(curves, step_g, rules.classification.twitch_max_s, rules.detection)
    shapes = measure_shapes(acceleration_g, curves, found.spans, found.pulses, found.alone, rules.classification)

    states = find_states(shapes.onset_s, sleep.span_s, sleep.wake_s, sleep.onset_windows_s, off_body_s)
    twitch = find_twitches(shapes, smallest_visible(step_g, rules.detection), rules.classification, rules.detection)
    labels = label_movements(shapes, states, twitch, rules.classification)
