"""sleepjerk: the twitches of a night, counted from a wrist accelerometer and reported honestly.

    import sleepjerk as sj

    recording = sj.read_recording("sample_data/short_night.csv.gz")
    night = sj.analyse(recording)
    sj.write_report(night, "report.html")

`night.events` is a table, one row an event. Every step of the analysis is a function on plain arrays; their
order is told by `sleepjerk.analysis`. Names are imported when first used, so that the command line starts at once.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError
from sleepjerk.version import __version__

if TYPE_CHECKING:
    from sleepjerk.detection.calibration import Calibration, apply_calibration, estimate_calibration
    from sleepjerk.detection.classify import find_isolated, find_states, find_twitches, label_movements
    from sleepjerk.detection.corrections import Correction
    from sleepjerk.detection.curves import make_curves
    from sleepjerk.detection.detect import find_movements
    from sleepjerk.detection.features import measure_shapes
    from sleepjerk.detection.non_wear import find_non_wear
    from sleepjerk.detection.periodic import find_series, find_wrist_series, merge_legs, periodicity_index
    from sleepjerk.detection.sleep import find_sleep
    from sleepjerk.detection.vibration import find_vibrations
    from sleepjerk.evaluate import evaluate_events, match_events
    from sleepjerk.judging.nights import judge_night
    from sleepjerk.night.document import read_night, write_night
    from sleepjerk.night.model import Night
    from sleepjerk.plot import plot_event, plot_night, plot_week
    from sleepjerk.reading import read_nights, read_recording
    from sleepjerk.recording import Damage, Device, Marks, Placement, Provenance, Recording
    from sleepjerk.report import write_report
    from sleepjerk.rules import Rules, list_thresholds, read_rules
    from sleepjerk.simulate import simulate_night

# Name -> the module that defines it. The test of the public face pins this list.
_HOMES = {
    "Damage": "recording",
    "Device": "recording",
    "Marks": "recording",
    "Placement": "recording",
    "Provenance": "recording",
    "Night": "night.model",
    "Recording": "recording",
    "Rules": "rules",
    "apply_calibration": "detection.calibration",
    "estimate_calibration": "detection.calibration",
    "evaluate_events": "evaluate",
    "find_isolated": "detection.classify",
    "find_movements": "detection.detect",
    "find_non_wear": "detection.non_wear",
    "find_series": "detection.periodic",
    "find_sleep": "detection.sleep",
    "find_states": "detection.classify",
    "find_twitches": "detection.classify",
    "find_vibrations": "detection.vibration",
    "find_wrist_series": "detection.periodic",
    "judge_night": "judging.nights",
    "label_movements": "detection.classify",
    "list_thresholds": "rules",
    "make_curves": "detection.curves",
    "match_events": "evaluate",
    "measure_shapes": "detection.features",
    "merge_legs": "detection.periodic",
    "periodicity_index": "detection.periodic",
    "plot_event": "plot",
    "plot_night": "plot",
    "plot_week": "plot",
    "read_night": "night.document",
    "read_nights": "reading",
    "read_recording": "reading",
    "read_rules": "rules",
    "simulate_night": "simulate",
    "write_night": "night.document",
    "write_report": "report",
}

__all__ = [
    "Damage",
    "Device",
    "InputError",
    "Marks",
    "Night",
    "Placement",
    "Provenance",
    "Recording",
    "Rules",
    "__version__",
    "analyse",
    "apply_calibration",
    "estimate_calibration",
    "evaluate_events",
    "find_isolated",
    "find_movements",
    "find_non_wear",
    "find_series",
    "find_sleep",
    "find_states",
    "find_twitches",
    "find_vibrations",
    "find_wrist_series",
    "judge_night",
    "label_movements",
    "list_thresholds",
    "make_curves",
    "match_events",
    "measure_shapes",
    "merge_legs",
    "periodicity_index",
    "plot_event",
    "plot_night",
    "plot_week",
    "read_night",
    "read_nights",
    "read_recording",
    "read_rules",
    "simulate_night",
    "write_night",
    "write_report",
]


def analyse(
    recording: "Recording",
    rules: "Rules | None" = None,
    *,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    six_position: "Calibration | None" = None,
    corrections: "Sequence[Correction]" = (),
) -> "Night":
    """`sleepjerk.analysis.analyse` with its parameters; the night has the English words of what was found."""
    from sleepjerk.report import word_night

    night = import_module("sleepjerk.analysis").analyse(
        recording,
        rules,
        lights_off_s=lights_off_s,
        lights_up_s=lights_up_s,
        six_position=six_position,
        corrections=corrections,
    )
    return word_night(night)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sleepjerk' has no attribute {name!r}")
    return getattr(import_module(f"sleepjerk.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
