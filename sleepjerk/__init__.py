"""sleepjerk: the twitches of a night, counted from a wrist accelerometer and reported honestly.

    import sleepjerk as sj

    night = sj.analyse("sample_data/short_night.csv.gz")
    sj.write_report(night, "report.html")

`night.events` is a table, one row an event. Every step of the analysis is a function on plain arrays; their
order is told by `sleepjerk.analysis`. Names are imported when first used, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError
from sleepjerk.version import __version__

if TYPE_CHECKING:
    from sleepjerk.analysis import (
        Labelled,
        Movements,
        Rest,
        Summary,
        add_missed,
        compose,
        find_rest,
        join_series,
        measure_confidence,
        measure_movements,
        name_movements,
        summarise,
        tabulate,
    )
    from sleepjerk.artefacts import mend
    from sleepjerk.detection.calibrated import Calibrated, calibrate
    from sleepjerk.detection.calibration import Calibration, apply_calibration, estimate_calibration
    from sleepjerk.detection.classify import (
        find_isolated,
        find_states,
        find_twitches,
        label_movements,
        stand_alone,
    )
    from sleepjerk.detection.corrections import Applied, apply_corrections
    from sleepjerk.detection.curves import Curves, make_curves
    from sleepjerk.detection.detect import find_movements
    from sleepjerk.detection.features import Shapes, measure_shapes
    from sleepjerk.detection.non_wear import find_non_wear
    from sleepjerk.detection.periodic import find_series, find_wrist_series, merge_legs, periodicity_index
    from sleepjerk.detection.sleep import Sleep, find_sleep
    from sleepjerk.detection.twitches import surer_alone, twitch_chance
    from sleepjerk.detection.vibration import find_vibrations
    from sleepjerk.evaluate import evaluate_events, match_events
    from sleepjerk.given import analyse
    from sleepjerk.history.corrections import read_corrections, write_corrections
    from sleepjerk.history.database import History, default_path
    from sleepjerk.judging.nights import judge_night
    from sleepjerk.judging.weeks import judge_week, line_of, with_week
    from sleepjerk.night.document import read_night, write_night
    from sleepjerk.night.model import (
        Night,
        PeriodicSummary,
        RecordingSummary,
        SleepSummary,
        Surroundings,
        Timeline,
    )
    from sleepjerk.night.verdict import NightLine, Verdict, Week
    from sleepjerk.parts import Damage, Device, Marks, Placement, Provenance
    from sleepjerk.plot import plot_event, plot_night, plot_week
    from sleepjerk.reading import read_nights, read_recording
    from sleepjerk.recording import Lights, Recording, read_lights
    from sleepjerk.report import write_report
    from sleepjerk.rules import Rules, list_thresholds, read_rules
    from sleepjerk.said import Correction
    from sleepjerk.simulate import simulate_night

# Module -> the names that it gives. The test of the public face holds these lists against the modules.
_HOMES = {
    name: home
    for home, names in {
        "analysis": (
            "Labelled Movements Rest Summary add_missed compose find_rest join_series "
            "measure_confidence measure_movements name_movements summarise tabulate"
        ),
        "artefacts": "mend",
        "detection.calibrated": "Calibrated calibrate",
        "detection.calibration": "Calibration apply_calibration estimate_calibration",
        "detection.classify": "find_isolated find_states find_twitches label_movements stand_alone",
        "detection.corrections": "Applied apply_corrections",
        "detection.curves": "Curves make_curves",
        "detection.detect": "find_movements",
        "detection.features": "Shapes measure_shapes",
        "detection.non_wear": "find_non_wear",
        "detection.periodic": "find_series find_wrist_series merge_legs periodicity_index",
        "detection.twitches": "surer_alone twitch_chance",
        "detection.sleep": "Sleep find_sleep",
        "detection.vibration": "find_vibrations",
        "evaluate": "evaluate_events match_events",
        "given": "analyse",
        "history.corrections": "read_corrections write_corrections",
        "history.database": "History default_path",
        "judging.nights": "judge_night",
        "judging.weeks": "judge_week line_of with_week",
        "night.document": "read_night write_night",
        "night.model": "Night PeriodicSummary RecordingSummary SleepSummary Surroundings Timeline",
        "night.verdict": "NightLine Verdict Week",
        "plot": "plot_event plot_night plot_week",
        "reading": "read_nights read_recording",
        "parts": "Damage Device Marks Placement Provenance",
        "recording": "Lights Recording read_lights",
        "report": "write_report",
        "rules": "Rules list_thresholds read_rules",
        "said": "Correction",
        "simulate": "simulate_night",
    }.items()
    for name in names.split()
}

# fmt: off
__all__ = [
    "Applied", "Calibrated", "Calibration", "Correction", "Curves", "Damage", "Device", "History", "InputError",
    "Labelled", "Lights", "Marks", "Movements", "Night", "NightLine", "PeriodicSummary", "Placement", "Provenance",
    "Recording", "RecordingSummary", "Rest", "Rules", "Shapes", "Sleep", "SleepSummary", "Summary", "Surroundings",
    "Timeline", "Verdict", "Week", "__version__", "add_missed", "analyse", "apply_calibration", "apply_corrections",
    "calibrate", "compose", "default_path", "estimate_calibration", "evaluate_events", "find_isolated",
    "find_movements", "find_non_wear", "find_rest", "find_series", "find_sleep", "find_states", "find_twitches",
    "find_vibrations", "find_wrist_series", "join_series", "judge_night", "judge_week", "label_movements", "line_of",
    "list_thresholds", "make_curves", "match_events", "measure_confidence", "measure_movements", "measure_shapes",
    "mend", "merge_legs", "name_movements", "periodicity_index", "plot_event", "plot_night", "plot_week",
    "read_corrections", "read_lights", "read_night", "read_nights", "read_recording", "read_rules",
    "simulate_night", "stand_alone", "summarise", "surer_alone", "tabulate", "twitch_chance", "with_week",
    "write_corrections", "write_night", "write_report",
]
# fmt: on


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sleepjerk' has no attribute {name!r}")
    return getattr(import_module(f"sleepjerk.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
