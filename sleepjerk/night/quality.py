"""Is a recording good enough for a night? What can be said of it before anyone asks what the person did.

Must not know events, verdicts about sleep, nor words.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sleepjerk.artefacts import find_frozen
from sleepjerk.detection.calibration import Calibration, estimate_calibration
from sleepjerk.detection.curves import make_curves, sensor_noise
from sleepjerk.detection.detect import detection_threshold
from sleepjerk.detection.non_wear import find_non_wear
from sleepjerk.detection.vibration import Vibration, find_vibrations
from sleepjerk.night.document import flat
from sleepjerk.night.rates import hidden_by
from sleepjerk.parts import Damage, Device, Placement, Provenance
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules
from sleepjerk.spans import total


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The recording's own parts, and what was measured of it; None where it can't be measured."""

    provenance: Provenance
    placement: Placement
    device: Device
    damage: Damage
    start: str | None
    hours: float
    rate_hz: float
    gaps: int
    missing_s: float
    longest_gap_s: float
    noise_g: float | None
    smallest_visible_g: float
    limited_by: str
    constant_stretches: int
    constant_s: float
    non_wear_s: float
    vibrations: tuple[Vibration, ...] | None
    calibration: str
    calibration_error_before_g: float | None
    calibration_error_g: float | None
    calibration_windows: int
    calibration_both_sides: str
    calibration_gain_shift: float | None

    @property
    def duration_s(self) -> float:
        """From the first sample to the last, gaps included."""
        return self.hours * 3600

    def faults(self, rules: Rules) -> Iterator[str]:
        """What makes a night useless: some of "dead", "short", "missing", "off_body", "hidden_rate" and so on."""
        half_s = 0.5 * self.duration_s
        if self.constant_s > half_s:
            yield "dead"
        if self.duration_s < rules.reading.usable_s:
            yield "short"
        if self.missing_s >= half_s:
            yield "missing"
        if self.non_wear_s > half_s:
            yield "off_body"
        if hidden := hidden_by(self.rate_hz, self.smallest_visible_g, self.limited_by, rules.criteria):
            yield f"hidden_{hidden}"

    def doubts(self, rules: Rules) -> Iterator[str]:
        """What a person must know: some of "uncounted", "constant", "missing", "brown_outs", "rate" and so on."""
        limit, seconds = rules.reading, self.duration_s
        if limit.usable_s <= seconds < 3600 * rules.criteria.valid_h:
            yield "uncounted"
        if 0 < self.constant_s <= 0.5 * seconds:
            yield "constant"
        if limit.usable_missing_share * seconds < self.missing_s < 0.5 * seconds:
            yield "missing"
        if self.damage.brown_outs:
            yield "brown_outs"
        if self.rate_hz < limit.usable_rate_hz:
            yield "rate"
        if self.noise_g is not None and self.noise_g > limit.usable_noise_g:
            yield "noise"
        if self.device.step_g is not None and self.device.step_g > limit.usable_step_g:
            yield "step"
        if self.damage.clipped_samples > limit.usable_clipped_share * seconds * self.rate_hz:
            yield "clipped"
        shift = self.calibration_gain_shift
        if shift is not None and shift > rules.calibration.max_gain_shift:
            yield "gain"

    def strong_vibrations(self, rules: Rules) -> tuple[Vibration, ...]:
        """Machines near the bed that hide weak twitches."""
        least_g = rules.reading.usable_noise_g
        return tuple(line for line in self.vibrations or () if line.amplitude_g > least_g)


def measure_quality(recording: Recording, rules: Rules, six_position: Calibration | None = None) -> Quality:
    """Measure what `check` tells.

    Parameters
    ----------
    six_position
        What this sensor showed on the bench; the night alone calibrates it when None.
    """
    acceleration_g, fs, step_g = recording.acceleration_g, recording.rate_hz, recording.device.step_g
    frozen = find_frozen(acceleration_g, fs, step_g, rules.damage)
    off_body = find_non_wear(acceleration_g, fs, step_g, rules.non_wear)
    calibration = estimate_calibration(acceleration_g, fs, rules.calibration, six_position)
    curves = make_curves(acceleration_g, fs, rules.movement)
    # A sensor that repeats itself, or is too slow for this band, shows no noise of its own.
    seen = curves.fast_norm_g.any()
    noise_g = sensor_noise(curves.fast_norm_g, fs, curves.segments, rules.movement) if seen else None
    least_g, limit = detection_threshold(noise_g, step_g, fs, 0.0, rules.detection)
    axes = zip("xyz", calibration.both_sides, strict=True)
    return Quality(
        provenance=recording.provenance,
        placement=recording.placement,
        device=recording.device,
        damage=recording.damage,
        start=None if recording.start is None else recording.start.isoformat(timespec="seconds"),
        hours=recording.duration_s / 3600,
        rate_hz=fs,
        gaps=len(recording.gaps_s),
        missing_s=recording.missing_s,
        longest_gap_s=float(np.diff(recording.gaps_s).max(initial=0.0)),
        noise_g=noise_g,
        smallest_visible_g=least_g,
        limited_by=limit,
        constant_stretches=len(frozen),
        constant_s=total(frozen),
        non_wear_s=total(off_body),
        vibrations=find_vibrations(acceleration_g, fs, rules.vibration),
        calibration=calibration.method,
        calibration_error_before_g=calibration.error_before_g,
        calibration_error_g=calibration.error_after_g,
        calibration_windows=calibration.windows,
        calibration_both_sides="".join(axis for axis, both in axes if both),
        calibration_gain_shift=calibration.gain_shift,
    )


# The order of the first documents; what was added since comes after them.
_KEYS = (
    *("name", "night", "start", "hours", "rate_hz", "device_rate_hz", "gaps", "missing_s", "longest_gap_s"),
    *("rejected_rows", "repeated_stamps", "clipped_samples", "range_g", "step_g", "noise_g"),
    *("smallest_visible_g", "limited_by", "clock_drift_ppm", "clock_wander_s", "spikes"),
    *(
        "constant_stretches",
        "constant_s",
        "non_wear_s",
        "vibrations",
        "calibration",
        "calibration_error_before_g",
    ),
    *("calibration_error_g", "calibration_windows", "calibration_both_sides", "calibration_gain_shift"),
    *("sensor_id", "notes"),
)


def quality_document(quality: Quality) -> dict[str, Any]:
    """The quality as plain JSON types, the fields of its parts among its own."""
    lines = None if quality.vibrations is None else [asdict(line) for line in quality.vibrations]
    return flat(quality, _KEYS) | {"vibrations": lines}
