"""The common shape of a made night: what a sensor would have recorded, and the truth about it.

It knows the names every maker of nights under `tests/worlds` uses, and nothing of any maker.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KINDS = (
    "twitch",
    "onset_jerk",
    "pair",
    "series",
    "limb",
    "turn",
    "body",
    "fidget",
    "scratch",
    "rhythm",
    "cough",
    "breath",
    "bed",
    "sensor",
    "cable",
    "awake",
    "visit",
    "shaking",
)
STATES = ("sleep", "wake", "falling_asleep")
TRUTH_COLUMNS = ("onset_s", "offset_s", "kind", "family", "peak_g", "state")


@dataclass(frozen=True)
class MadeNight:
    """One night of one maker; `truth` has one row for each thing that was made, sorted by onset."""

    world: str  # "own", "handed", "bedside", "movements", "lab"
    scenario: str
    seed: int
    rate_hz: float
    acceleration_g: NDArray[np.float64]  # (n, 3), as the sensor would give it
    truth: pd.DataFrame  # TRUTH_COLUMNS; peak_g is NaN where it makes no sense
    sleep_s: tuple[float, float] | None  # onset and end; None when nobody sleeps or nobody knows
    wake_s: NDArray[np.float64]  # (k, 2) true waking inside sleep_s
    lights_off_s: float | None = None
