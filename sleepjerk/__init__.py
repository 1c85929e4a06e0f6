"""sleepjerk: the twitches of a night, counted from a wrist accelerometer and reported honestly.

    import sleepjerk as sj

    recording = sj.read_recording("sample_data/short_night.csv.gz")
    night = sj.analyse(recording)
    sj.write_report(night, "report.html")

`night.events` is a table, one row an event. Every step of the analysis is a function on plain arrays; their
order is told by `sleepjerk.analysis`. Names are imported when first used, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError
from sleepjerk.version import __version__

if TYPE_CHECKING:
    from sleepjerk.analysis import analyse
    from sleepjerk.calibrate import apply_calibration, estimate_calibration
    from sleepjerk.classify import find_isolated, find_states, find_twitches, label_movements
    from sleepjerk.criteria import judge_night
    from sleepjerk.detect import find_movements
    from sleepjerk.evaluate import evaluate_events, match_events
    from sleepjerk.movement import make_curves
    from sleepjerk.night import Night, read_night, write_night
    from sleepjerk.periodic import find_series, find_wrist_series, merge_legs, periodicity_index
    from sleepjerk.reading import read_nights, read_recording
    from sleepjerk.recording import Facts, Recording
    from sleepjerk.report import write_report
    from sleepjerk.rules import Rules, list_thresholds, read_rules
    from sleepjerk.shape import measure_shapes
    from sleepjerk.simulate import simulate_night
    from sleepjerk.sleep import find_sleep
    from sleepjerk.vibration import find_vibrations
    from sleepjerk.wear import find_off_body

# Name -> the module that defines it. The test of the public face pins this list.
_HOMES = {
    "Facts": "recording",
    "Night": "night",
    "Recording": "recording",
    "Rules": "rules",
    "analyse": "analysis",
    "apply_calibration": "calibrate",
    "estimate_calibration": "calibrate",
    "evaluate_events": "evaluate",
    "find_isolated": "classify",
    "find_movements": "detect",
    "find_off_body": "wear",
    "find_series": "periodic",
    "find_sleep": "sleep",
    "find_states": "classify",
    "find_twitches": "classify",
    "find_vibrations": "vibration",
    "find_wrist_series": "periodic",
    "judge_night": "criteria",
    "label_movements": "classify",
    "list_thresholds": "rules",
    "make_curves": "movement",
    "match_events": "evaluate",
    "measure_shapes": "shape",
    "merge_legs": "periodic",
    "periodicity_index": "periodic",
    "read_night": "night",
    "read_nights": "reading",
    "read_recording": "reading",
    "read_rules": "rules",
    "simulate_night": "simulate",
    "write_night": "night",
    "write_report": "report",
}

__all__ = [
    "Facts",
    "InputError",
    "Night",
    "Recording",
    "Rules",
    "__version__",
    "analyse",
    "apply_calibration",
    "estimate_calibration",
    "evaluate_events",
    "find_isolated",
    "find_movements",
    "find_off_body",
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
    "read_night",
    "read_nights",
    "read_recording",
    "read_rules",
    "simulate_night",
    "write_night",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sleepjerk' has no attribute {name!r}")
    return getattr(import_module(f"sleepjerk.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
