"""All thresholds together: listed, changed by a file of a person's own, and their fingerprint.

Knows the groups. Must not know what reads them.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sleepjerk.errors import InputError, why
from sleepjerk.rules.fingerprint import night_code_sha256, values_sha256
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
from sleepjerk.rules.sleep import NonWearRules, SleepRules

_OF_NO_NIGHT = ("weeks", "cutting", "six_position", "review")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All thresholds."""

    reading: ReadingRules = field(default_factory=ReadingRules)
    logger: LoggerRules = field(default_factory=LoggerRules)
    cutting: CuttingRules = field(default_factory=CuttingRules)
    damage: DamageRules = field(default_factory=DamageRules)
    calibration: CalibrationRules = field(default_factory=CalibrationRules)
    six_position: SixPositionRules = field(default_factory=SixPositionRules)
    movement: MovementRules = field(default_factory=MovementRules)
    non_wear: NonWearRules = field(default_factory=NonWearRules)
    rhythm: RhythmRules = field(default_factory=RhythmRules)
    ambulation: AmbulationRules = field(default_factory=AmbulationRules)
    shaking: ShakingRules = field(default_factory=ShakingRules)
    sleep: SleepRules = field(default_factory=SleepRules)
    detection: DetectionRules = field(default_factory=DetectionRules)
    vibration: VibrationRules = field(default_factory=VibrationRules)
    classification: ClassificationRules = field(default_factory=ClassificationRules)
    twitch: TwitchRules = field(default_factory=TwitchRules)
    confidence: ConfidenceRules = field(default_factory=ConfidenceRules)
    series: SeriesRules = field(default_factory=SeriesRules)
    periodicity: PeriodicityRules = field(default_factory=PeriodicityRules)
    visibility: VisibilityRules = field(default_factory=VisibilityRules)
    criteria: CriteriaRules = field(default_factory=CriteriaRules)
    evidence: EvidenceRules = field(default_factory=EvidenceRules)
    weeks: WeekRules = field(default_factory=WeekRules)
    review: ReviewRules = field(default_factory=ReviewRules)

    def thresholds_sha256(self) -> str:
        """The fingerprint of every threshold that the result of one night depends on."""
        groups = {name: group for name, group in dataclasses.asdict(self).items() if name not in _OF_NO_NIGHT}
        return values_sha256(groups | {"aasm": dataclasses.asdict(AASM_SERIES)})

    def sha256(self) -> str:
        """The fingerprint of an analysis: its thresholds and the code that decides a night's result.

        Where a week was cut is said by its nights themselves (`from_s` and `hours` of a night's recording), and a
        sensor on its six sides by the file of the sensor.
        """
        return values_sha256({"thresholds": self.thresholds_sha256(), "code": night_code_sha256()})

    def sensor_sha256(self) -> str:
        """The fingerprint of the thresholds that a six-position calibration depends on."""
        return values_sha256(dataclasses.asdict(self.six_position))

    def weeks_sha256(self) -> str:
        """The fingerprint of the thresholds that a week depends on."""
        return values_sha256(
            {name: dataclasses.asdict(getattr(self, name)) for name in ("criteria", "weeks")}
        )


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of `sleepjerk rules`."""

    group: str
    name: str
    value: float | int | bool | str
    unit: str
    source: str


def list_thresholds(rules: Rules | None = None) -> Iterator[Threshold]:
    """Every threshold in the order of the story."""
    rules = Rules() if rules is None else rules
    for group in dataclasses.fields(rules):
        values = getattr(rules, group.name)
        for item in dataclasses.fields(values):
            meta = item.metadata
            yield Threshold(group.name, item.name, getattr(values, item.name), meta["unit"], meta["source"])


def read_rules(path: Path | str) -> Rules:
    """Rules from a TOML file that names only what differs from the defaults.

    Parameters
    ----------
    path
        A file with one table a group, e.g. ``[detection]`` with ``min_peak_g = 0.03``.

    Raises
    ------
    InputError
        The file can't be read, or names a group or rule that doesn't exist, or gives another type of value.
    """
    return changed_rules(read_changes(path), str(path))


def read_changes(path: Path | str) -> dict[str, Any]:
    """What a TOML file of rules changes, by group and rule.

    Raises
    ------
    InputError
        The file can't be read.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: can't read these rules: {why(error)}") from error


def changed_rules(changes: Mapping[str, Any], where: str) -> Rules:
    """The default rules with some changed, by group and rule; `where` they were found is for the error.

    Raises
    ------
    InputError
        A group or rule doesn't exist, or a value has another type.
    """
    rules = Rules()
    groups = {item.name for item in dataclasses.fields(rules)}
    for group, values in changes.items():
        if group not in groups or not isinstance(values, dict):
            raise InputError(
                f"{where}: there is no rule group [{group}]; the groups are {', '.join(sorted(groups))}"
            )
        rules = dataclasses.replace(
            rules, **{group: _changed(getattr(rules, group), values, f"{where}: [{group}]")}
        )
    return rules


def _changed(group: Any, values: Mapping[str, Any], where: str) -> Any:
    known = {item.name: getattr(group, item.name) for item in dataclasses.fields(group)}
    for name, value in values.items():
        if name not in known:
            raise InputError(f"{where} has no rule {name!r}; its rules are {', '.join(known)}")
        wanted = type(known[name])
        number = wanted in (float, int) and type(value) in (float, int)
        # What speaks against sleep is negative, and may be.
        if number and (not abs(value) < float("inf") or value < 0 <= known[name]):
            raise InputError(f"{where} {name} is {value!r}, but must be a number from 0 on")
        if wanted is float and type(value) is int:
            continue
        if type(value) is not wanted:
            raise InputError(
                f"{where} {name} is {value!r}, but must be a {wanted.__name__} like {known[name]!r}"
            )
    changed = dataclasses.replace(group, **values)
    for name in known:
        upper = name.replace("_low_", "_high_")
        if "_low_" in name and getattr(changed, name) >= getattr(changed, upper, float("inf")):
            raise InputError(f"{where} {name} must lie below {upper}")
    return changed
