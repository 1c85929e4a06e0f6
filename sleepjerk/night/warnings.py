"""What was missing or doubtful in a night, as messages.

Knows the numbers of a night; must not know samples, nor words.
"""

from collections.abc import Iterator

from sleepjerk.messages import Message
from sleepjerk.night.model import PeriodicSummary, RecordingSummary, SleepSummary, Surroundings
from sleepjerk.night.rates import recall_at
from sleepjerk.parts import Device
from sleepjerk.rules import CalibrationRules, PeriodicityRules, Rules, VisibilityRules

_LIMITS = ("step", "noise", "bed", "rate")  # what sets the smallest visible movement and is worth a warning


def find_warnings(
    recording: RecordingSummary,
    sleep: SleepSummary,
    periodic: PeriodicSummary,
    surroundings: Surroundings,
    rules: Rules,
) -> tuple[Message, ...]:
    """What the person who slept should know before a number is believed."""
    return (
        *([Message("warning.simulated")] if recording.provenance.simulated else []),
        *_disturbances(surroundings, recording.limited_by),
        *_asleep(sleep, recording.hours),
        *_missing(recording),
        *_clock(recording.device),
        *([] if _walked_h(sleep, recording.hours) else _unseen(recording, rules)),
        *_calibration(recording, rules.calibration),
        *_slow(recording, rules.visibility),
        *_breathing(periodic, recording.placement.limb, rules.periodicity),
    )


def _disturbances(surroundings: Surroundings, limited_by: str | None) -> Iterator[Message]:
    for line in surroundings.vibrations or ():
        yield Message.of(
            "warning.vibration",
            hz=line.frequency_hz,
            amplitude_mg=1000 * line.amplitude_g,
            share=100 * line.time_share,
        )
    if surroundings.shared_bed:
        # Where the bed sets the limit, a warning of its own says what is lost; only stronger twitches count.
        key = "warning.shared_bed_limit" if limited_by == "bed" else "warning.shared_bed"
        yield Message.of(key, n=surroundings.rings or 0)


def _walked_h(sleep: SleepSummary, hours: float) -> float:
    """Hours up and about where those are all there was: nobody rested, and what moves is no sensor's noise; else 0."""
    up_h = sum(end_s - start_s for start_s, end_s in sleep.out_of_bed_s or ()) / 3600
    return up_h if sleep.onset_s is None and 2 * up_h >= hours else 0.0


def _asleep(sleep: SleepSummary, hours: float) -> Iterator[Message]:
    if sleep.message is not None and sleep.message.key == "method.awake":
        return  # the person knows it
    if round(walked_h := _walked_h(sleep, hours), 1):  # as it is told
        yield Message.of("warning.no_rest", walked=walked_h, hours=hours)
    elif sleep.onset_s is None:
        yield Message("warning.no_sleep", {} if sleep.message is None else sleep.message.values)
    elif sleep.begins_asleep:
        yield Message("warning.begins_asleep")
    if sleep.ends_asleep:
        yield Message("warning.ends_asleep")
    for start_s, end_s in sleep.others_s:
        yield Message.of("warning.second_rest", begin=_hours_in(start_s), end=_hours_in(end_s))


def _hours_in(time_s: float) -> str:
    minutes = round(time_s / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h"


def _missing(recording: RecordingSummary) -> Iterator[Message]:
    if recording.gaps:
        yield Message.of("warning.gaps", n=recording.gaps, missing=recording.missing_s)
    for cause in ("brown_outs", "unplugged", "computer_resets", "board_resets"):
        if times := getattr(recording.damage, cause):
            yield Message.of(f"warning.{cause}", n=times)
    if recording.off_body_h > 0:
        yield Message.of("warning.off_body", hours=recording.off_body_h)
    damage = recording.damage
    if damage.clipped_samples:
        yield Message.of("warning.clipped", n=damage.clipped_samples)
    if damage.rejected_rows:
        yield Message.of("warning.rejected", n=damage.rejected_rows)
    if damage.frozen_s:
        yield Message.of("warning.frozen", lasting=damage.frozen_s)
    if damage.no_gravity_s:
        yield Message.of("warning.no_gravity", hours=damage.no_gravity_s / 3600)
    if damage.spikes:
        yield Message.of("warning.spikes", n=damage.spikes)


def _clock(device: Device) -> Iterator[Message]:
    if device.clock_step_s is not None:
        yield Message.of("warning.clock_step", step=device.clock_step_s)
    if device.clock_doubt not in (None, "short"):
        drift = (device.clock_drift_ppm or 0.0) / 10_000  # plain: per cent
        yield Message.of(f"warning.clock_{device.clock_doubt}", drift=drift)


def _unseen(recording: RecordingSummary, rules: Rules) -> Iterator[Message]:
    if recording.hidden_by is not None:
        smallest_mg = 1000 * (recording.smallest_visible_g or 0.0)
        yield Message.of(
            f"warning.hidden_{recording.hidden_by}", rate=recording.rate_hz, smallest_mg=smallest_mg
        )
        return
    quiet = recording.limited_by == "noise" and (recording.noise_g or 0.0) <= rules.reading.usable_noise_g
    if recording.smallest_visible_g is not None and recording.limited_by in _LIMITS and not quiet:
        smallest_mg = 1000 * recording.smallest_visible_g
        yield Message.of(f"warning.limit_{recording.limited_by}", smallest_mg=smallest_mg)


def _calibration(recording: RecordingSummary, rules: CalibrationRules) -> Iterator[Message]:
    error_g, shift = recording.calibration_error_g, recording.calibration_gain_shift
    if recording.calibration == "none":
        yield Message("warning.uncalibrated")
    if recording.calibration == "bench" and error_g is not None and error_g > rules.max_error_g:
        yield Message.of("warning.bench_error", error_mg=1000 * error_g)
    if shift is not None and shift > rules.max_gain_shift:
        yield Message.of("warning.gain_shift", shift=100 * shift)


def _slow(recording: RecordingSummary, rules: VisibilityRules) -> Iterator[Message]:
    if recording.rate_hz < rules.full_rate_hz and recording.hidden_by != "rate":
        shares = {word: 100 * share for word, share in recall_at(recording.rate_hz, rules).items()}
        yield Message.of("warning.slow", rate=recording.rate_hz, **shares)


def _breathing(periodic: PeriodicSummary, limb: str, rules: PeriodicityRules) -> Iterator[Message]:
    if periodic.respiratory_intervals:
        low_s, high_s = rules.respiratory_low_s, rules.respiratory_high_s
        yield Message.of("warning.respiratory", low=low_s, high=high_s, limb=limb)
    elif any(count.series for count in periodic.by_rules):
        yield Message.of("warning.breathing_series", limb=limb)
    elif periodic.respiratory_caveat:
        yield Message.of("warning.restless", moved=periodic.moved_per_h or 0.0, limb=limb)
