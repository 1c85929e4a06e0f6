"""What the benchmarks share about made nights: the recording as its reader sees it, and the series rule on the truth.

Must not know the detector.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from sleepjerk.detection.periodic import find_wrist_series
from sleepjerk.events import TWITCHES, Label
from sleepjerk.reading import read_recording
from sleepjerk.recording import Floats, Recording
from sleepjerk.rules import Rules
from sleepjerk.simulate import SimulatedNight, write_night_files

IN_SERIES = (Label.PERIODIC_MOVEMENT, Label.LIMB_MOVEMENT, *TWITCHES)


def as_read(made: SimulatedNight) -> Recording:
    """The night as its reader sees it: what is wrong with the stamps of a bad sensor is in its file only."""
    if made.scenario != "bad-sensor":
        return made.recording
    with tempfile.TemporaryDirectory() as folder:
        write_night_files(made, Path(folder) / "night.csv")
        return read_recording(Path(folder) / "night.csv")


def spans_of(truth: pd.DataFrame) -> Floats:
    """(k, 2) begin and end of the rows, s."""
    return truth[["onset_s", "offset_s"]].to_numpy(dtype=np.float64)


def for_series(truth: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the truth that a perfect sensor would put to the series rule, and those that the rule finds periodic."""
    rules = Rules()
    seen = truth[truth["accel_truth"] & truth["in_sleep"]]
    long = (seen["offset_s"] - seen["onset_s"]) > rules.series.max_duration_s
    seen = seen[seen["label"].isin(IN_SERIES) | long]
    onset_s, offset_s = spans_of(seen).T
    return seen, seen[find_wrist_series(onset_s, offset_s, rules.series, rules.periodicity).in_series]
