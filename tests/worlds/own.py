"""Nights of the project's own simulator in the common shape.

Knows `sleepjerk.simulate` and what its truth says: fragmentary myoclonus and muscle that moved nothing are left out, a
movement outside true sleep is "awake". A jerk too faint to be asked for stays: finding it is no error. Must not know
the detector.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.events import Label
from sleepjerk.simulate import SimulatedNight, simulate_night
from tests.worlds.made import TRUTH_COLUMNS, MadeNight

WORLD = "own"
# Scenario -> the simulator's name of it. "bad-sensor" is left out: what is wrong with it is in its file only.
NAMES = {
    "ordinary": "healthy",
    "restless": "restless",
    "many_jerks": "intensified",
    "partner": "partner",
    "apnoea": "apnoea",
    "scratch": "scratching",
    "series": "periodic-arm",
    "faint": "faint",
    "everything": "everything",
    "awake": "awake",
}
SCENARIOS = tuple(NAMES)
PAIR_S = (0.3, 4.0)
JERKS = ("hypnic_jerk", "rem_twitch", "faint_twitching")
UNFELT = ("myoclonus", "mechanical_miss")
KINDS = {
    "periodic_arm": "series",
    "periodic_leg_coupled": "bed",
    "scratching": "scratch",
    "tremor": "rhythm",
    "bed_rhythm": "bed",
    "partner": "bed",
    "cable_tug": "cable",
    "resumption": "breath",
}
MOVED = {Label.POSTURE_CHANGE: "turn", Label.LIMB_MOVEMENT: "limb", Label.BODY_MOVEMENT: "body"}


def make(scenario: str, seed: int, hours: float | None = None) -> MadeNight:
    """One night; `scenario` is one of `SCENARIOS`, `hours` None the simulator's own length."""
    made = simulate_night(hours, seed, NAMES[scenario])
    return MadeNight(
        world=WORLD,
        scenario=scenario,
        seed=seed,
        rate_hz=made.recording.rate_hz,
        acceleration_g=made.recording.acceleration_g.T.astype(np.float64),
        truth=_truth(made),
        sleep_s=made.sleep_s,
        wake_s=np.array(made.wake_s, dtype=np.float64).reshape(-1, 2),
        lights_off_s=None if made.lights_s is None else made.lights_s[0],
    )


def _truth(made: SimulatedNight) -> pd.DataFrame:
    told = made.truth
    told = told[~told["kind"].isin(UNFELT)].reset_index(drop=True)
    states = [_state(str(row.label), bool(row.in_sleep)) for row in told.itertuples()]
    kinds = [_kind(row) for row in told.itertuples()]
    truth = pd.DataFrame(
        {
            "onset_s": told["onset_s"],
            "offset_s": told["offset_s"],
            "kind": kinds,
            "family": told["kind"].astype(str),
            "peak_g": told["peak_g"],
            "state": states,
        }
    )
    return mark_pairs(truth)[list(TRUTH_COLUMNS)]


def _state(label: str, in_sleep: bool) -> str:
    if label == Label.HYPNIC_JERK:
        return "falling_asleep"
    return "sleep" if in_sleep else "wake"


def _kind(row: Any) -> str:
    """The common word for a row of the simulator's truth."""
    kind, label = str(row.kind), str(row.label)
    if kind in JERKS:
        if not pd.isna(row.series):
            return "series"
        words = {Label.HYPNIC_JERK: "onset_jerk", Label.SLEEP_TWITCH: "twitch"}
        return words.get(Label(label), "awake")
    if kind in KINDS and (KINDS[kind] in ("bed", "cable") or row.in_sleep):
        return KINDS[kind]
    return MOVED.get(Label(label), "limb") if row.in_sleep else "awake"


def mark_pairs(truth: pd.DataFrame) -> pd.DataFrame:
    """The same truth, jerks 0.3-4 s apart called "pair"."""
    jerk = truth["kind"].isin(("twitch", "onset_jerk")).to_numpy()
    rows = np.flatnonzero(jerk)
    onset_s: NDArray[np.float64] = truth["onset_s"].to_numpy(dtype=np.float64)[rows]
    close = (np.diff(onset_s) >= PAIR_S[0]) & (np.diff(onset_s) <= PAIR_S[1])
    both = np.zeros(len(rows), dtype=bool)
    both[:-1] |= close
    both[1:] |= close
    kinds = truth["kind"].to_numpy(dtype=object).copy()
    kinds[rows[both]] = "pair"
    return truth.assign(kind=kinds)
