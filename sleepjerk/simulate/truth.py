"""The truth table of a made night. Knows labels and the sleep period; must not know samples or any detector.

Conventions
-----------
One row an event, by onset. Times are seconds since the first sample, peaks g (2-20 Hz norm), angles degrees.
`accel_truth` is False where no wrist sensor can be asked for the event: below `VISIBLE_G`, a mattress that
rings, a pulled cable, a muscle that moved nothing. Such a row is there so that nobody is blamed for finding
something there; a twitch found on a ring or a tug is false all the same, and `kind` tells where. `kind` also
tells apart what a label unites: a limb movement of kind `resumption` follows a breathing stop.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.events import Label
from sleepjerk.simulate.physics import Rendered
from sleepjerk.simulate.plan import (
    MOVEMENTS,
    TWITCHES,
    Kind,
    Plan,
    PlannedEvent,
    asleep,
    falling_asleep,
    inside,
)

# Column -> dtype. The first four are the interface; the rest helps to judge.
COLUMNS = {
    "onset_s": "float64",
    "offset_s": "float64",
    "label": "str",
    "peak_g": "float64",
    "kind": "str",
    "tilt_deg": "float64",
    "series": "Int64",
    "isolated": "bool",
    "in_sleep": "bool",
    "emg_truth": "bool",
    "accel_truth": "bool",
}

VISIBLE_G = 0.020  # 3.3 of the science notes: below it a cheap sensor sees a twitch by luck only
RHYTHMS = frozenset({Kind.SCRATCHING, Kind.TREMOR, Kind.BED_RHYTHM})
# Rings and tugs may be strong enough to be seen, but nobody shall report them; `kind` tells them apart.
HIDDEN = frozenset(
    {Kind.MYOCLONUS, Kind.PERIODIC_LEG_COUPLED, Kind.MECHANICAL_MISS, Kind.PARTNER, Kind.CABLE_TUG}
)
ISOLATION_S = 10.0  # 2: no other twitch within 10 s
POSTURE_DEG = 20.0  # 2: position shift
LIMB_MAX_S = 3.0  # 2: large muscle group movements last 3-45 s (Ferri 2021); shorter ones are limb movements
# What comes through bed or cable has its muscle, if any, in a leg or in somebody else.
MUSCLE_KINDS = frozenset(Kind) - {
    Kind.PERIODIC_LEG_COUPLED,
    Kind.BED_RHYTHM,
    Kind.PARTNER,
    Kind.CABLE_TUG,
}


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A planned event and what became of it, measured on its clean acceleration."""

    planned: PlannedEvent
    rendered: Rendered | None
    onset_s: float
    offset_s: float
    peak_g: float
    tilt_deg: float


def make_truth(made: list[Made], plan: Plan) -> pd.DataFrame:
    """The truth table, rounded as its file is: ms, 0.01 mg, 0.01 degrees."""
    made = sorted(made, key=lambda event: event.onset_s)
    falling = falling_asleep(plan)
    labels = [_label(event, plan, falling) for event in made]
    onset_s = np.round([event.onset_s for event in made], 3)
    offset_s = np.round([event.offset_s for event in made], 3)
    visible = np.array([_visible(event) for event in made], dtype=bool)
    values = {
        "onset_s": onset_s,
        "offset_s": offset_s,
        "label": [str(label) for label in labels],
        "peak_g": np.round([event.peak_g for event in made], 5),
        "kind": [str(event.planned.kind) for event in made],
        "tilt_deg": np.round([event.tilt_deg for event in made], 2),
        "series": [event.planned.series for event in made],
        "isolated": _isolated(onset_s, offset_s, visible),
        "in_sleep": [asleep(event.onset_s, plan) for event in made],
        "emg_truth": [event.planned.kind in MUSCLE_KINDS for event in made],
        "accel_truth": visible,
    }
    return pd.DataFrame({name: pd.Series(values[name], dtype=dtype) for name, dtype in COLUMNS.items()})


def _label(event: Made, plan: Plan, falling: tuple[tuple[float, float], ...]) -> Label:
    kind = event.planned.kind
    if kind in TWITCHES:
        return _twitch_label(event, plan, falling)
    if kind in (Kind.PERIODIC_ARM, Kind.MECHANICAL_MISS):
        return Label.PERIODIC_MOVEMENT
    if kind in MOVEMENTS:
        return _movement_label(event)
    if kind in RHYTHMS and event.peak_g >= VISIBLE_G:
        return Label.RHYTHMIC_MOVEMENT
    return Label.UNCLASSIFIED


def _twitch_label(event: Made, plan: Plan, falling: tuple[tuple[float, float], ...]) -> Label:
    """By where it lies; without a sleep period by its kind."""
    if plan.sleep_s is None:
        return Label.HYPNIC_JERK if event.planned.kind is Kind.HYPNIC_JERK else Label.SLEEP_TWITCH
    if inside(event.onset_s, falling):
        return Label.HYPNIC_JERK
    return Label.SLEEP_TWITCH if asleep(event.onset_s, plan) else Label.UNCLASSIFIED


def _movement_label(event: Made) -> Label:
    if event.planned.kind is Kind.POSITION_SHIFT or event.tilt_deg >= POSTURE_DEG:
        return Label.POSTURE_CHANGE
    return Label.BODY_MOVEMENT if event.offset_s - event.onset_s >= LIMB_MAX_S else Label.LIMB_MOVEMENT


def _visible(event: Made) -> bool:
    return event.planned.kind not in HIDDEN and (event.peak_g >= VISIBLE_G or event.tilt_deg >= POSTURE_DEG)


def _isolated(
    onset_s: NDArray[np.float64], offset_s: NDArray[np.float64], visible: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(n,) bool: nothing visible ends within 10 s before the onset or begins within 10 s after the offset."""
    alone = np.ones(len(onset_s), dtype=bool)
    for event in range(len(onset_s)):
        near = (onset_s - offset_s[event] < ISOLATION_S) & (onset_s[event] - offset_s < ISOLATION_S) & visible
        near[event] = False
        alone[event] = not near.any()
    return alone
