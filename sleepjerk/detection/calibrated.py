"""A recording -> what the sensor felt: 1 g when it is still, at the rate at which every later stage works.

Knows in which order samples are corrected. Must not know how (`calibration`, `curves`), nor what moves.
"""

from dataclasses import dataclass

from sleepjerk.detection.calibration import Calibration, apply_calibration, estimate_calibration
from sleepjerk.detection.curves import at_working_rate
from sleepjerk.detection.vibration import Vibration, find_vibrations
from sleepjerk.recording import Recording, Samples
from sleepjerk.rules import Rules


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the sensor felt, corrected.

    Attributes
    ----------
    acceleration_g
        (3, n), g, NaN in gaps.
    fs, recorded_hz
        Its rate, at which every later stage works, and that of the recording, Hz.
    step_g, calibration
        Quantisation step of the sensor, g, None when unknown; what was corrected.
    vibrations
        Steady lines of what was recorded: samples filled in have none of their own to show.
    """

    acceleration_g: Samples
    fs: float
    recorded_hz: float
    step_g: float | None
    calibration: Calibration
    vibrations: tuple[Vibration, ...] | None


def calibrate(
    recording: Recording, rules: Rules, six_position: Calibration | None = None, *, overwrite: bool = False
) -> Calibrated:
    """A still sensor measures 1 g; samples at the working rate.

    Parameters
    ----------
    six_position
        What this sensor showed on its six sides, which the night then only refines.
    overwrite
        The recording's own samples may be calibrated, for nobody needs them afterwards.
    """
    raw_g, rate_hz = recording.acceleration_g, recording.rate_hz
    vibrations = find_vibrations(raw_g, rate_hz, rules.vibration)
    calibration = estimate_calibration(raw_g, rate_hz, rules.calibration, six_position)
    if overwrite:
        raw_g.setflags(write=True)  # a Recording locks its samples
    calibrated_g = apply_calibration(raw_g, calibration, raw_g if overwrite else None)
    acceleration_g, fs = at_working_rate(calibrated_g, rate_hz, rules.movement)
    return Calibrated(acceleration_g, fs, rate_hz, recording.device.step_g, calibration, vibrations)
