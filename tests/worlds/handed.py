"""Nights of the maker that was handed to us, in the common shape; it lies with the shared data and is never copied.

Knows where the maker lies, its arguments and its labels. Its peaks are those of the limb alone, so they are measured
again here on the samples, 2-20 Hz (the sensor's noise adds a milligram or two). Must not know the detector.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from tests.support.real_nights import shared_data
from tests.worlds.made import TRUTH_COLUMNS, MadeNight

WORLD = "handed"
# Scenario -> what is asked of the maker beside its defaults.
ASKED: dict[str, dict[str, Any]] = {
    "quiet": {"body": 12, "posture": 6, "scratch": 0, "bed": 0, "lone_limb": 0, "wake_bouts": 1},
    "ordinary": {},
    "partner_high": {"bed": 400},
    "scratch": {"scratch": 30},
    "rhythmic": {"scratch": 0, "rhythmic": 12},
    "series": {"series": 4, "series_len": 16},
    "poisson_limb": {"poisson_limb_per_h": 12.0},
    "long_latency": {"latency_min": 60.0, "wake_bouts": 5},
}
SCENARIOS = tuple(ASKED)
KINDS = {
    "hypnic_jerk": "onset_jerk",
    "sleep_twitch": "twitch",
    "posture_change": "turn",
    "body_movement": "body",
    "limb_movement": "limb",
    "periodic_movement": "series",
    "bed": "bed",
    "awake": "awake",
}
FAMILIES = {"hypnic_jerk": "limb_pulse", "sleep_twitch": "limb_pulse", "bed": "ring_9_20_hz"}


def maker_path() -> Path | None:
    """Where the maker lies; None when it isn't there."""
    data = shared_data()
    path = None if data is None else data.parent / "makers" / "night_maker.py"
    return path if path is not None and path.is_file() else None


@cache
def _maker() -> Any:
    path = maker_path()
    if path is None:
        raise FileNotFoundError("makers/night_maker.py of the shared data is missing")
    spec = importlib.util.spec_from_file_location("handed_night_maker", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(scenario: str, seed: int, hours: float = 7.5) -> MadeNight:
    """One night; `scenario` is one of `SCENARIOS`."""
    asked = ASKED[scenario]
    _, acceleration_g, told, info = _maker().night(seed, hours=hours, **asked)
    rate_hz = float(info["fs"])
    rhythm = "rhythm" if asked.get("rhythmic") else "scratch"
    table = pd.DataFrame(told, columns=["onset_s", "offset_s", "label", "peak_g", "state"])
    truth = table.assign(
        kind=table["label"].map({**KINDS, "rhythmic_movement": rhythm}),
        family=table["label"].map(lambda label: FAMILIES.get(label, label)),
        peak_g=_peaks(acceleration_g, rate_hz, table),
        state=np.where(table["label"] == "hypnic_jerk", "falling_asleep", table["state"]),
    )
    return MadeNight(
        world=WORLD,
        scenario=scenario,
        seed=seed,
        rate_hz=rate_hz,
        acceleration_g=acceleration_g,
        truth=truth[list(TRUTH_COLUMNS)].sort_values("onset_s", ignore_index=True),
        sleep_s=(float(info["sleep_on_s"]), float(info["sleep_off_s"])),
        wake_s=np.array(sorted(info["wakes"]), dtype=np.float64).reshape(-1, 2),
    )


def _peaks(acceleration_g: NDArray[np.float64], rate_hz: float, table: pd.DataFrame) -> NDArray[np.float64]:
    """(k,) peak of the norm within each row, 2-20 Hz, g."""
    band = signal.butter(2, (2.0, 20.0), btype="bandpass", fs=rate_hz, output="sos")
    norm_g = np.linalg.norm(signal.sosfiltfilt(band, acceleration_g, axis=0), axis=1)
    first = np.floor(table["onset_s"].to_numpy(dtype=np.float64) * rate_hz).astype(int)
    after = np.ceil(table["offset_s"].to_numpy(dtype=np.float64) * rate_hz).astype(int) + 1
    return np.array([norm_g[a:b].max(initial=0.0) for a, b in zip(first, after, strict=True)])
