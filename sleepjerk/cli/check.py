"""`sleepjerk check`: is this night usable?

Knows the words; what makes a recording good or bad is `night.quality`.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Set
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
    from sleepjerk.night.quality import Quality
    from sleepjerk.parts import Device
    from sleepjerk.recording import Recording
    from sleepjerk.rules import Rules

HELP = "is this night usable? rate, gaps, clipping, noise, drift"

_MINUTE_S = 60


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "recording", type=Path, help="a night's CSV (also .csv.gz), or an app's zip or folder"
    )
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="calibrate from this recording (the sensor laid on each of its six sides for 10 s), keep the result",
    )
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    add_reading_options(parser)
    parser.epilog = (
        "example:\n  sleepjerk check 2026-11-22T223104+0100.csv\n  sleepjerk check bench.csv --calibrate"
    )


def run(args: argparse.Namespace) -> int:
    """Read, look, tell."""
    from sleepjerk.night.quality import measure_quality

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


def _tell(quality: "Quality", rules: "Rules", *, as_json: bool) -> None:
    faults, doubts = say_faults(quality, rules), say_doubts(quality, rules)
    if as_json:
        from sleepjerk.night.quality import quality_document

        answer = {"usable": not faults, "faults": faults, "doubts": doubts}
        print(json.dumps(quality_document(quality) | answer, allow_nan=False))
        return
    for name, text in describe(quality):
        print(f"{name:<12}{text}")
    print(sum_up(faults, doubts))


def sum_up(faults: list[str], doubts: list[str]) -> str:
    """Usable or not, and why."""
    if faults:
        return f"Not usable: {'; '.join([*faults, *doubts])}."
    return f"Usable with care: {'; '.join(doubts)}." if doubts else "Usable: no problem was found."


_SENTENCES: "dict[str, Callable[[Quality], str]]" = {
    "dead": lambda quality: "the values don't change for most of the time, so the sensor was dead",
    "short": lambda quality: f"it lasts only {_span(quality.duration_s)}",
    "missing": lambda quality: f"{100 * quality.missing_s / quality.duration_s:.0f} % of the time is missing",
    "off_body": lambda quality: "the sensor seems to have been off the body for most of the time",
    "hidden_rate": lambda quality: (
        f"at {quality.rate_hz:.1f} samples a second most twitches are missed, so they can't be counted"
    ),
    "hidden_noise": lambda quality: (
        f"its noise hides twitches under {_milli(quality.smallest_visible_g):.0f} mg, so they can't be counted"
    ),
    "hidden_step": lambda quality: (
        f"its steps hide twitches under {_milli(quality.smallest_visible_g):.0f} mg, so they can't be counted"
    ),
    "uncounted": lambda quality: (
        f"it lasts only {_span(quality.duration_s)}, too short for a night that counts in a week"
    ),
    "constant": lambda quality: (
        f"the values don't change for {_span(quality.constant_s)}, as if the sensor were stuck"
    ),
    "brown_outs": lambda quality: (
        f"the board's supply failed (brown-outs: {quality.damage.brown_outs}), so its cable or port is too weak"
    ),
    "rate": lambda quality: f"{quality.rate_hz:.0f} samples a second are too few to show fast jerks",
    "noise": lambda quality: (
        f"it never gets quieter than {_milli(quality.noise_g):.1f} mg, so weak twitches can't be seen"
    ),
    "step": lambda quality: (
        f"the sensor's steps of {_milli(quality.device.step_g):.0f} mg hide weak twitches"
    ),
    "clipped": lambda quality: "many samples are clipped, so the range was set too small",
    "gain": lambda quality: (
        "the sensor's gain has changed since its calibration on six sides, "
        f"by {100 * (quality.calibration_gain_shift or 0.0):.0f} %"
    ),
}


def say_faults(quality: "Quality", rules: "Rules", without: Set[str] = frozenset()) -> list[str]:
    """What makes a night useless, in words; nothing when it can be used."""
    return [_SENTENCES[fault](quality) for fault in quality.faults(rules) if fault not in without]


def say_doubts(quality: "Quality", rules: "Rules", without: Set[str] = frozenset()) -> list[str]:
    """What a person must know who uses this night, in words; nothing when it is good."""
    said = [_SENTENCES[doubt](quality) for doubt in quality.doubts(rules) if doubt not in without]
    shaken = [
        f"something shakes the bed {line.frequency_hz:.1f} times a second, which hides weak twitches"
        for line in quality.strong_vibrations(rules)
    ]
    return [*said, *shaken]


def _milli(value: float | None) -> float:
    return 1000 * (value or 0.0)


def describe(quality: "Quality") -> Iterator[tuple[str, str]]:
    """The lines of the answer."""
    device, damage, file = quality.device, quality.damage, quality.provenance
    yield "recording", file.name + (f", night {file.night}" if file.night else "")
    yield "length", f"{_span(quality.duration_s)} from {quality.start or 'an unknown start'}"
    rate_hz = device.device_rate_hz or quality.rate_hz
    thinned = "" if abs(rate_hz - quality.rate_hz) < 1e-6 * rate_hz else f", thinned from {rate_hz:.2f}"
    yield "rate", f"{quality.rate_hz:.3f} Hz{thinned}"
    missing = (
        f"{quality.gaps}, {_span(quality.missing_s)} missing, the longest {_span(quality.longest_gap_s)}"
    )
    yield "gaps", missing if quality.gaps else "none"
    spikes = damage.spikes or 0
    lost = f"{damage.rejected_rows} rows left out, {damage.repeated_stamps} repeated, {spikes} spikes"
    yield "damage", lost if damage.rejected_rows + damage.repeated_stamps + spikes else "none"
    yield "board", _board_text(quality)
    full = "unknown range" if device.range_g is None else f"+-{device.range_g:g} g"
    clipped = damage.clipped_samples
    yield "clipping", f"{clipped} samples ({full})" if clipped else f"none seen ({full})"
    yield "step", "unknown" if device.step_g is None else f"{1000 * device.step_g:.3g} mg"
    noise = None if quality.noise_g is None else f"at most {1000 * quality.noise_g:.2f} mg"
    yield "noise", f"{noise} (norm, 2-20 Hz, stillest 5 %)" if noise else "unknown (no 10 s without a gap)"
    because = {
        "rules": "by rule",
        "noise": "the sensor's noise",
        "step": "the sensor's steps",
        "rate": "its rate",
    }[quality.limited_by]
    yield "twitches", f"visible from {1000 * quality.smallest_visible_g:.0f} mg on ({because})"
    yield "drift", _drift(quality.device)
    for note in file.notes:
        if note.startswith("unit: "):
            yield "unit", note.removeprefix("unit: ")
    stuck = f"{quality.constant_stretches} stretches, {_span(quality.constant_s)}"
    yield "constant", stuck if quality.constant_stretches else "none"
    yield "vibration", _vibration_text(quality)
    yield "calibration", _calibration_line(quality)
    yield "off body", _span(quality.non_wear_s) if quality.non_wear_s else "never"


def _board_text(quality: "Quality") -> str:
    """Why it stopped, and how often."""
    damage = quality.damage
    if damage.unplugged is None:
        return "unknown (no clock log)"
    causes = (
        (damage.brown_outs, "its supply failed (brown-out)"),
        (damage.unplugged, "unplugged"),
        (damage.computer_resets, "restarted by the computer"),
        (damage.board_resets, "restarted by itself"),
    )
    return ", ".join(f"{cause}: {count}" for count, cause in causes if count) or "never interrupted"


def _vibration_text(quality: "Quality") -> str:
    """What runs steadily near the bed."""
    if quality.vibrations is None:
        return "unknown (too little time without a gap)"
    lines = [
        f"{line.frequency_hz:.2f} Hz, {1000 * line.amplitude_g:.1f} mg, {100 * line.time_share:.0f} % of the time"
        for line in quality.vibrations
    ]
    return "; ".join(lines) or "none"


def _calibration_line(quality: "Quality") -> str:
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

    name, file = recording.device.sensor_id, recording.provenance.name
    try:
        bench = calibrate_six_positions(
            recording.acceleration_g, recording.rate_hz, rules.six_position, rules.movement
        )
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    if name is None:
        raise InputError(
            f"{file}: nothing beside it says which sensor this is; name it with --sensor-name NAME"
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


_CLOCK_DOUBTS = {
    "short": "the clock log is too short",
    "ended": "the clock log ends long before the recording",
    "wrong": "the clock log shows no clock; it was damaged or edited",
    "other": "the clock log belongs to another recording",
    "fast": "no board's clock is so far off; look at the clock log",
}


def _drift(device: "Device") -> str:
    """How far the board's clock was off, whether that was corrected, and how the computer's clock was set."""
    why = _CLOCK_DOUBTS.get(device.clock_doubt or "")
    set_right = (
        "" if device.clock_step_s is None else f"; the computer's was set by {device.clock_step_s:+.1f} s"
    )
    if device.clock_drift_ppm is None or device.clock_wander_s is None:
        return f"unknown{f' ({why})' if why else ''}{set_right}"
    steady = f"{device.clock_drift_ppm:+.1f} ppm, steady within {1000 * device.clock_wander_s:.0f} ms"
    rates = sorted(ppm for _, ppm in device.clock_rates or ())
    bends = f" (from {rates[0]:+.1f} to {rates[-1]:+.1f})" if len(rates) > 1 else ""
    return f"{steady}, {f'not corrected: {why}' if why else f'corrected{bends}'}{set_right}"


def _span(seconds: float) -> str:
    """A length of time as a person says it."""
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.2f} h"
