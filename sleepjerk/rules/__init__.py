"""Every threshold of the night side: value, unit, source. Knows nothing else.

Each rule group is a frozen dataclass; each field is made by `threshold`, so that no number can enter without
its unit and its source. A source is a citation, or the words "engineering choice" with the reason or the
script that tuned it. Defaults exist here and nowhere else: steps take a group, the command line reads them.

Sources are cited short; `SOURCES` gives each in full. Where a source is known only second-hand, it says so.
"""

from sleepjerk.rules.judging import CriteriaRules, VisibilityRules, WeekRules
from sleepjerk.rules.labels import (
    AASM_SERIES,
    ClassificationRules,
    ConfidenceRules,
    PeriodicityRules,
    SeriesRules,
    TwitchRules,
)
from sleepjerk.rules.movement import (
    AmbulationRules,
    DetectionRules,
    EvidenceRules,
    MovementRules,
    RhythmRules,
    ShakingRules,
    VibrationRules,
)
from sleepjerk.rules.recording import (
    CalibrationRules,
    CuttingRules,
    DamageRules,
    LoggerRules,
    ReadingRules,
    SixPositionRules,
)
from sleepjerk.rules.review import ReviewRules
from sleepjerk.rules.settings import (
    Rules,
    Threshold,
    changed_rules,
    list_thresholds,
    read_changes,
    read_rules,
)
from sleepjerk.rules.sleep import NonWearRules, SleepRules
from sleepjerk.rules.sources import SOURCES, address_of

__all__ = [
    "AASM_SERIES",
    "SOURCES",
    "AmbulationRules",
    "CalibrationRules",
    "ClassificationRules",
    "ConfidenceRules",
    "CriteriaRules",
    "CuttingRules",
    "DamageRules",
    "DetectionRules",
    "EvidenceRules",
    "LoggerRules",
    "MovementRules",
    "NonWearRules",
    "PeriodicityRules",
    "ReadingRules",
    "ReviewRules",
    "RhythmRules",
    "Rules",
    "SeriesRules",
    "ShakingRules",
    "SixPositionRules",
    "SleepRules",
    "Threshold",
    "TwitchRules",
    "VibrationRules",
    "VisibilityRules",
    "WeekRules",
    "address_of",
    "changed_rules",
    "list_thresholds",
    "read_changes",
    "read_rules",
]
