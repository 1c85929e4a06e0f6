"""`sleepjerk check`: is this night usable?

Knows what makes a recording good or bad, before anyone asks what the person did. Must not know events or
verdicts about sleep.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.cli.reading_options import (
    add_reading_options,
    open_from_options,
    read_and_tell,
    refuse_several,
)
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from sleepjerk.detection.calibration import Calibration
    from sleepjerk.detection.vibration import Vibration
    from sleepjerk.recording import Recording
    from sleepjerk.rules import Rules

HELP = "is this night usable? rate, gaps, clipping, noise, drift"

_MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What can be said of a recording's quality; None where it can't be measured."""

    name: str
    night: int | None
    start: str | None
    hours: float
    rate_hz: float
    device_rate_hz: float | None
    gaps: int
    missing_s: float
    longest_gap_s: float
    rejected_rows: int
    repeated_stamps: int
    clipped_samples: int
    range_g: float | None
    step_g: float | None
    noise_g: float | None
    smallest_visible_g: float
    limited_by: str
    clock_drift_ppm: float | None
    clock_wander_s: float | None
    spikes: int
    constant_stretches: int
    constant_s: float
    non_wear_s: float
    vibrations: "tuple[Vibration, ...] | None"
    calibration: str
    calibration_error_before_g: float | None
    calibration_error_g: float | None
    calibration_windows: int
    calibration_both_sides: str
    calibration_gain_shift: float | None
    sensor_id: str | None
    notes: tuple[str, ...]


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("recording", type=Path, help="a night's CSV (also .csv.gz)")
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="this is a bench recording (the sensor laid on each of its six sides for 10 s): keep what it tells",
    )
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    add_reading_options(parser)
    parser.epilog = (
        "example:\n  sleepjerk check 2026-11-22T223104+0100.csv\n  sleepjerk check bench.csv --calibrate"
    )


def run(args: argparse.Namespace) -> int:
    """Read, look, tell."""
    session = open_from_options(args, args.recording)
    rules = session.rules
    for recording in read_and_tell(session, args.night):
        if args.calibrate:
            refuse_several(recording, args.recording)
            _calibrate(recording, rules, as_json=args.json)
            continue
        quality = measure_quality(recording, rules, session.six_position(recording))
        del recording  # so that it is gone while the next night is read
        _tell(quality, rules, as_json=args.json)
    return 0


def _tell(quality: Quality, rules: "Rules", *, as_json: bool) -> None:
    faults, doubts = list(find_faults(quality, rules)), list(find_doubts(quality, rules))
    if as_json:
        answer = {"usable": not faults, "faults": faults, "doubts": doubts}
        print(json.dumps(asdict(quality) | answer, allow_nan=False))
        return
    for name, text in _describe(quality):
        print(f"{name:<12}{text}")
    print(_sum_up(faults, doubts))


def _sum_up(faults: list[str], doubts: list[str]) -> str:
    """Usable or not, and why."""
    if faults:
        return f"Not usable: {'; '.join([*faults, *doubts])}."
    return f"Usable with care: {'; '.join(doubts)}." if doubts else "Usable: nothing speaks against it."


def measure_quality(recording: "Recording", rules: "Rules", bench: "Calibration | None" = None) -> Quality:
    """Measure what `check` tells."""
    import numpy as np

    from sleepjerk.artefacts import find_frozen
    from sleepjerk.detection.calibration import estimate_calibration
    from sleepjerk.detection.detect import detection_threshold
    from sleepjerk.detection.non_wear import find_non_wear
    from sleepjerk.detection.vibration import find_vibrations

    facts, gaps = recording.facts, recording.gaps_s
    frozen = find_frozen(recording.acceleration_g, recording.rate_hz, facts.step_g, rules.damage)
    off_body = find_non_wear(recording.acceleration_g, recording.rate_hz, facts.step_g, rules.non_wear)
    calibration = estimate_calibration(recording.acceleration_g, recording.rate_hz, rules.calibration, bench)
    noise_g = _noise(recording, rules)
    least_g, limit = detection_threshold(noise_g, facts.step_g, 0.0, rules.detection)
    return Quality(
        name=facts.name,
        night=facts.night,
        start=None if recording.start is None else recording.start.isoformat(timespec="seconds"),
        hours=recording.duration_s / 3600,
        rate_hz=recording.rate_hz,
        device_rate_hz=facts.device_rate_hz,
        gaps=len(gaps),
        missing_s=recording.missing_s,
        longest_gap_s=float((gaps[:, 1] - gaps[:, 0]).max(initial=0.0)),
        rejected_rows=facts.rejected_rows,
        repeated_stamps=facts.repeated_stamps,
        clipped_samples=facts.clipped_samples,
        range_g=facts.range_g,
        step_g=facts.step_g,
        noise_g=noise_g,
        smallest_visible_g=least_g,
        limited_by=limit,
        clock_drift_ppm=facts.clock_drift_ppm,
        clock_wander_s=facts.clock_wander_s,
        spikes=facts.spikes or 0,
        constant_stretches=len(frozen),
        constant_s=float(np.sum(frozen[:, 1] - frozen[:, 0])),
        non_wear_s=float(np.sum(off_body[:, 1] - off_body[:, 0])),
        vibrations=find_vibrations(recording.acceleration_g, recording.rate_hz, rules.vibration),
        calibration=calibration.method,
        calibration_error_before_g=calibration.error_before_g,
        calibration_error_g=calibration.error_after_g,
        calibration_windows=calibration.windows,
        calibration_both_sides="".join(
            axis for axis, both in zip("xyz", calibration.both_sides, strict=True) if both
        ),
        calibration_gain_shift=calibration.gain_shift,
        sensor_id=facts.sensor_id,
        notes=facts.notes,
    )


def find_faults(quality: Quality, rules: "Rules") -> Iterator[str]:
    """What makes a night useless, in words; nothing when it can be used."""
    seconds = quality.hours * 3600
    if quality.constant_s > 0.5 * seconds:
        yield "the values don't change for most of the time, so the sensor was dead"
    if seconds < rules.reading.usable_s:
        yield f"it lasts only {_span(seconds)}"
    if quality.missing_s >= 0.5 * seconds:
        yield f"{100 * quality.missing_s / seconds:.0f} % of the time is missing"
    if quality.non_wear_s > 0.5 * seconds:
        yield "the sensor seems to have been off the body for most of the time"


def find_doubts(quality: Quality, rules: "Rules") -> Iterator[str]:
    """What a person must know who uses this night, in words; nothing when it is good."""
    limit = rules.reading
    seconds = quality.hours * 3600
    if 0 < quality.constant_s <= 0.5 * seconds:
        yield f"the values stand still for {_span(quality.constant_s)}, as of a stuck sensor"
    if limit.usable_missing_share * seconds < quality.missing_s < 0.5 * seconds:
        yield f"{100 * quality.missing_s / seconds:.0f} % of the time is missing"
    if quality.rate_hz < limit.usable_rate_hz:
        yield f"{quality.rate_hz:.0f} samples a second are too few to show fast jerks"
    if quality.noise_g is not None and quality.noise_g > limit.usable_noise_g:
        yield f"it never gets quieter than {1000 * quality.noise_g:.1f} mg, so weak twitches can't be seen"
    if quality.step_g is not None and quality.step_g > limit.usable_step_g:
        yield f"the sensor's steps of {1000 * quality.step_g:.0f} mg hide weak twitches"
    if quality.clipped_samples > limit.usable_clipped_share * seconds * quality.rate_hz:
        yield "many samples are clipped, so the range was set too small"
    for line in quality.vibrations or ():
        if line.amplitude_g > limit.usable_noise_g:
            yield f"something shakes the bed {line.frequency_hz:.1f} times a second, which hides weak twitches"
    shift = quality.calibration_gain_shift
    if shift is not None and shift > rules.calibration.max_gain_shift:
        yield f"the sensor's gain has changed since the bench, by {100 * shift:.0f} %"


def _noise(recording: "Recording", rules: "Rules") -> float | None:
    """The sensor's own noise in the band of twitches, g: vector norm in the stillest windows."""
    from sleepjerk.detection.curves import make_curves, sensor_noise

    curves = make_curves(recording.acceleration_g, recording.rate_hz, rules.movement)
    if not curves.fast_norm_g.any():  # a sensor that repeats itself, or is too slow for this band
        return None
    return sensor_noise(curves.fast_norm_g, recording.rate_hz, curves.segments, rules.movement)


def _describe(quality: Quality) -> Iterator[tuple[str, str]]:
    """The lines of the answer."""
    yield "recording", quality.name + (f", night {quality.night}" if quality.night else "")
    yield "length", f"{_span(quality.hours * 3600)} from {quality.start or 'an unknown start'}"
    device = quality.device_rate_hz or quality.rate_hz
    thinned = "" if abs(device - quality.rate_hz) < 1e-6 * device else f", thinned from {device:.2f}"
    yield "rate", f"{quality.rate_hz:.3f} Hz{thinned}"
    missing = (
        f"{quality.gaps}, {_span(quality.missing_s)} missing, the longest {_span(quality.longest_gap_s)}"
    )
    yield "gaps", missing if quality.gaps else "none"
    lost = (
        f"{quality.rejected_rows} rows left out, {quality.repeated_stamps} repeated, {quality.spikes} spikes"
    )
    yield "damage", lost if quality.rejected_rows + quality.repeated_stamps + quality.spikes else "none"
    full = "unknown range" if quality.range_g is None else f"+-{quality.range_g:g} g"
    yield (
        "clipping",
        f"{quality.clipped_samples} samples ({full})" if quality.clipped_samples else f"none seen ({full})",
    )
    yield "step", "unknown" if quality.step_g is None else f"{1000 * quality.step_g:.3g} mg"
    noise = None if quality.noise_g is None else f"at most {1000 * quality.noise_g:.2f} mg"
    yield "noise", f"{noise} (norm, 2-20 Hz, stillest 5 %)" if noise else "unknown (no 10 s without a gap)"
    because = {"rules": "by rule", "noise": "the sensor's noise", "step": "the sensor's steps"}[
        quality.limited_by
    ]
    yield "twitches", f"told from {1000 * quality.smallest_visible_g:.0f} mg on ({because})"
    yield "drift", _drift(quality)
    for note in quality.notes:
        if note.startswith("unit: "):
            yield "unit", note.removeprefix("unit: ")
    stuck = f"{quality.constant_stretches} stretches, {_span(quality.constant_s)}"
    yield "constant", stuck if quality.constant_stretches else "none"
    yield "vibration", _vibration_text(quality)
    yield "calibration", _calibration_line(quality)
    yield "off body", _span(quality.non_wear_s) if quality.non_wear_s else "never"


def _vibration_text(quality: Quality) -> str:
    """What runs steadily near the bed."""
    if quality.vibrations is None:
        return "unknown (too little without a gap)"
    lines = [
        f"{line.frequency_hz:.2f} Hz, {1000 * line.amplitude_g:.1f} mg, {100 * line.time_share:.0f} % of the time"
        for line in quality.vibrations
    ]
    return "; ".join(lines) or "none"


def _calibration_line(quality: Quality) -> str:
    """Method, what it gained, and what it rests on."""
    before, after = quality.calibration_error_before_g, quality.calibration_error_g
    gained = (
        "error unknown"
        if before is None or after is None
        else f"{1000 * before:.1f} -> {1000 * after:.1f} mg from 1 g"
    )
    seen = ", ".join(quality.calibration_both_sides) or "no axis"
    return f"{quality.calibration} ({gained}, {quality.calibration_windows} still windows, {seen} seen both ways)"


def _calibrate(recording: "Recording", rules: "Rules", *, as_json: bool) -> None:
    """Find what the bench tells of this sensor, keep it, tell it."""
    from sleepjerk.detection.six_position import calibrate_six_positions
    from sleepjerk.history.sensors import Sensor, bench_date, keep_sensor

    name = recording.facts.sensor_id
    try:
        bench = calibrate_six_positions(
            recording.acceleration_g, recording.rate_hz, rules.six_position, rules.movement
        )
    except InputError as error:
        raise InputError(f"{recording.facts.name}: {error}") from error
    if name is None:
        raise InputError(
            f"{recording.facts.name}: nothing beside it tells which sensor this is; name it with --sensor-name NAME"
        )
    found = bench.calibration
    path = keep_sensor(
        Sensor(
            name=name,
            date=bench_date(recording.start),
            calibration=found,
            noise_g=bench.noise_g,
            settings_sha256=rules.sensor_sha256(),
        )
    )
    if as_json:
        answer = {"sensor": name, "offset_g": found.offset_g.tolist(), "scale": found.scale.tolist()}
        quality = {"error_before_g": found.error_before_g, "error_after_g": found.error_after_g}
        rest = {"noise_g": bench.noise_g, "windows": found.windows, "path": str(path)}
        print(json.dumps(answer | quality | rest, allow_nan=False))
        return
    assert found.error_before_g is not None
    assert found.error_after_g is not None
    print(f"{'sensor':<12}{name}")
    for axis, offset, scale in zip("xyz", found.offset_g, found.scale, strict=True):
        print(f"{axis:<12}offset {1000 * offset:+.1f} mg, scale {scale:.4f}")
    before, after = 1000 * found.error_before_g, 1000 * found.error_after_g
    print(f"{'error':<12}{before:.1f} -> {after:.1f} mg from 1 g, {found.windows} still windows")
    print(f"{'noise':<12}{1000 * bench.noise_g:.2f} mg (norm, 2-20 Hz, lying still)")
    print(f"Kept for later nights of this sensor: {path}")


def _drift(quality: Quality) -> str:
    if quality.clock_drift_ppm is None or quality.clock_wander_s is None:
        return "unknown"
    return f"{quality.clock_drift_ppm:+.1f} ppm, steady within {1000 * quality.clock_wander_s:.0f} ms"


def _span(seconds: float) -> str:
    """A length of time as a person says it."""
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.2f} h"
