"""From samples to events, step by step: what `sj.analyse` does, rebuilt from its parts.

    python sample_data/step_by_step.py

Meant to be read from top to bottom, and to be copied. Every step takes plain arrays and gives plain arrays or one
small type, so you can look at what is between two steps, or put a step of your own in the place of one of ours. At
the end the table of events is compared with that of `sj.analyse`: the two must be the same.
"""

from pathlib import Path

import numpy as np

import sleepjerk as sj
from sleepjerk.artefacts import mend
from sleepjerk.detection.classify import (
    bed_peak,
    join_brief_movements,
    series_candidates,
    settle_twitches,
    without_waking,
)
from sleepjerk.detection.confidence import rate_confidence
from sleepjerk.detection.curves import at_working_rate, sensor_noise
from sleepjerk.detection.detect import detection_threshold
from sleepjerk.detection.periodic import series_breaks
from sleepjerk.events import Label, make_events
from sleepjerk.recording import read_lights
from sleepjerk.spans import inside

# 1. The rules and the recording ------------------------------------------------------------------------------------
# Every threshold is a field of the rules, with its unit and its source: `sj.list_thresholds()` shows them all, and
# `sj.read_rules("mine.toml")` takes yours. A recording is a regular grid in g, (3, n); gaps are NaN.
rules = sj.Rules()
recording = sj.read_recording(Path(__file__).with_name("short_night.csv.gz"))
# Samples that no arm can make (spikes, a frozen sensor) become gaps, too.
recording = mend(recording, rules.damage)
print(f"1. {recording.duration_s / 60:.0f} min at {recording.rate_hz:g} Hz, gaps: {len(recording.gaps_s)}")

# 2. Calibration ----------------------------------------------------------------------------------------------------
# Whenever the arm is still, the sensor feels gravity alone: 1 g. Offset and gain of each axis follow from that.
calibration = sj.estimate_calibration(recording.acceleration_g, recording.rate_hz, rules.calibration)
calibrated_g = sj.apply_calibration(recording.acceleration_g, calibration)
# Everything after this works at one rate, so fast sensors are thinned.
acceleration_g, fs = at_working_rate(calibrated_g, recording.rate_hz, rules.movement)
still_g = float(np.nanmedian(np.linalg.norm(acceleration_g, axis=0)))
print(f"2. offset of the axes: {np.round(1000 * calibration.offset_g, 1)} mg; at rest {still_g:.4f} g")

# 3. Rest: worn? asleep? --------------------------------------------------------------------------------------------
lights = read_lights(recording)  # what the person marked, in seconds since the first sample, or None
step_g = recording.device.step_g  # quantisation step of the sensor; None when unknown
non_wear_s = sj.find_non_wear(acceleration_g, fs, step_g, rules.non_wear)
sleep = sj.find_sleep(acceleration_g, fs, non_wear_s, rules.sleep, lights.off_s, lights.up_s)
print(f"3. sleep period (s): {sleep.span_s}; off the body: {len(non_wear_s)} times")

# 4. Movements ------------------------------------------------------------------------------------------------------
# Curves: the acceleration without gravity in two bands, its envelope, and the noise around each sample.
curves = sj.make_curves(acceleration_g, fs, rules.movement)
found = sj.find_movements(curves, step_g, rules.classification.twitch_max_s, rules.detection)
# Where nobody wears the sensor a faint pulse is its noise.
found = found.only(~(found.faint & inside(found.spans[:, 0] / fs, non_wear_s)))
# Each movement in numbers: onset, duration, peak, tilt of the arm, ... Labels are decided on these alone.
shapes = sj.measure_shapes(curves, found.spans, found.pulses, found.alone, found.faint, rules.classification)
# The weakest twitch that can be told from noise in this very night: of the sensor, and of the bed.
noise_g = sensor_noise(curves.fast_norm_g, fs, curves.segments, rules.movement)
sensor_g, _ = detection_threshold(noise_g, step_g, recording.rate_hz, 0.0, rules.detection)
bed_g = bed_peak(shapes, sensor_g, rules.classification)
threshold_g, limited_by = detection_threshold(noise_g, step_g, recording.rate_hz, bed_g, rules.detection)
print(f"4. {len(shapes.onset_s)} movements; a twitch needs {1000 * threshold_g:.1f} mg, set by: {limited_by}")

# 5. Labels ---------------------------------------------------------------------------------------------------------
# What the person was doing at each onset, which movements are brief jerks, and what all are called by themselves.
states, rested = (
    sj.find_states(shapes.onset_s, sleep.span_s, sleep.wake_s, windows_s, non_wear_s, sleep.others_s)
    for windows_s in (sleep.onset_windows_s, sleep.onset_windows_s[:0])
)
chance = sj.twitch_chance(shapes, rules.twitch)
twitch = sj.find_twitches(shapes, threshold_g, chance, rules.classification, rules.twitch)
# What is counted stands alone, and so does a jerk while falling asleep.
untold = shapes.faint & (shapes.peak_g < threshold_g)
counted = twitch & (rested == "sleep")
falling = sleep.near_onset_at(shapes.onset_s) >= rules.classification.falling_chance
alone = sj.stand_alone(shapes, untold, falling, counted, sleep.period_h, rules.classification)
jerk = alone & falling & (chance >= rules.twitch.falling_least_chance)
states = settle_twitches(shapes, twitch, jerk, states, rested, sleep, rules.classification)
labels = sj.label_movements(shapes, states, twitch, rules.classification)
print(f"5. brief jerks, in any state: {twitch.sum()}")

# 6. Series ---------------------------------------------------------------------------------------------------------
# Movements that follow each other at regular intervals are periodic movements, whatever they were before.
wake_s = rules.sleep.min_wake_s
candidate, asleep, after = series_candidates(labels, shapes, rested, sleep.end_s, wake_s, rules.series)
breaks_s = series_breaks(recording.gaps_s, rules.series)  # no series can cross a gap that may hide a movement
series = sj.find_wrist_series(
    shapes.onset_s[candidate], shapes.offset_s[candidate], rules.series, rules.periodicity, breaks_s
)
numbers = np.zeros(len(labels), dtype=np.int64)  # 0: in no series
numbers[candidate] = series.series
numbers = without_waking(
    numbers, asleep, after
)  # a series may go on in waking: only what lies in sleep counts
numbers = join_brief_movements(shapes, labels, states, numbers, threshold_g, rules.classification)
labels[numbers > 0] = Label.PERIODIC_MOVEMENT
print(f"6. series: {numbers.max(initial=0)}; movements in them: {(numbers > 0).sum()}")

# 7. Confidence -----------------------------------------------------------------------------------------------------
# How sure each label is, 0 to 1: a twitch by its own signs, any other label as often as it was right on made nights.
chance = np.minimum(sj.surer_alone(chance, alone & (numbers == 0), rules.twitch), rules.twitch.most_chance)
# A jerk while falling asleep is as sure as the twitch and the falling asleep.
chance = np.where(labels == Label.HYPNIC_JERK, chance * sleep.near_onset_at(shapes.onset_s), chance)
confidence = rate_confidence(labels, chance, rules.confidence)
print(f"7. labels with a confidence of at least 0.8: {(confidence >= 0.8).sum()}")

# 8. The table ------------------------------------------------------------------------------------------------------
events = make_events(
    onset_s=shapes.onset_s,
    duration_s=shapes.duration_s,
    peak_g=shapes.peak_g,
    tilt_deg=shapes.tilt_deg,
    label=labels,
    series=[int(number) if number else None for number in numbers],
    state=states,
    utc=[recording.utc_text(time_s) for time_s in shapes.onset_s],
    isolated=alone & (numbers == 0),
    centroid_hz=shapes.centroid_hz,
    confidence=confidence,
)
print(f"8. {len(events)} events:")
print(events["label"].value_counts().to_string())

# The same in one line ----------------------------------------------------------------------------------------------
# `analyse` also gives the numbers of the night, warnings and the verdict.
night = sj.analyse(sj.read_recording(Path(__file__).with_name("short_night.csv.gz")))
if not events.equals(night.events):
    raise SystemExit(
        "The events differ from those of sj.analyse: sleepjerk/analysis.py has the steps as they are now."
    )
print("The table is equal to that of sj.analyse.")
