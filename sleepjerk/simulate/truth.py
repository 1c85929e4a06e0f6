"""What is true of a made night: each event measured on its own clean acceleration, before any noise.

Knows events and their clean motion. Must not know the sensor or any detector.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import signal

from sleepjerk.events import Label
from sleepjerk.simulate.kinds import Event
from sleepjerk.simulate.physics import NIGHT_HZ, Vectors

EDGE_SHARE = 0.15  # an event lasts while it has this share of its own peak
BAND_HZ = (2.0, 20.0)
POSTURE_DEG = 20.0  # a net turn from which a body movement is a posture change
ISOLATED_S = 10.0

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
_BAND = signal.butter(2, BAND_HZ, btype="bandpass", fs=NIGHT_HZ, output="sos")


@dataclass(frozen=True, slots=True)
class Measured:
    """One event as it would be measured without noise."""

    event: Event
    onset_s: float
    offset_s: float
    peak_g: float
    tilt_deg: float


def measure(event: Event, first: int, change: Vectors, before: Vectors, after: Vectors) -> Measured:
    """Edges, peak and net turn of one event.

    Parameters
    ----------
    first, change, after
        As made by `physics.window`.
    before
        (3,) `up` before the event.
    """
    # The slow posture is taken away: what counts is the distance to the nearer of the two postures.
    turned = (after - before)[:, None]
    size = np.minimum(np.linalg.norm(change, axis=0), np.linalg.norm(change - turned, axis=0))
    inside = np.flatnonzero(size >= EDGE_SHARE * size.max())
    band = signal.sosfiltfilt(_BAND, change, axis=1)
    cosine = float(np.clip(before @ after, -1.0, 1.0))
    return Measured(
        event=event,
        onset_s=(first + int(inside[0])) / NIGHT_HZ,
        offset_s=(first + int(inside[-1])) / NIGHT_HZ,
        peak_g=float(np.linalg.norm(band, axis=0).max()),
        tilt_deg=float(np.degrees(np.arccos(cosine))),
    )


def measure_hidden(event: Event) -> Measured:
    """An event of another limb, which this sensor doesn't feel."""
    return Measured(event, event.onset_s, event.onset_s + event.hidden_s, 0.0, 0.0)


def tabulate(rows: Sequence[Measured], asleep: Sequence[bool]) -> pd.DataFrame:
    """The truth table, sorted by onset."""
    columns: dict[str, list[object]] = {
        "onset_s": [row.onset_s for row in rows],
        "offset_s": [row.offset_s for row in rows],
        "label": [str(_label(row)) for row in rows],
        "peak_g": [round(row.peak_g, 6) for row in rows],
        "kind": [row.event.kind for row in rows],
        "tilt_deg": [round(row.tilt_deg, 4) for row in rows],
        "series": [row.event.series for row in rows],
        "isolated": [False for _ in rows],
        "in_sleep": list(asleep),
        "emg_truth": [row.event.emg_truth for row in rows],
        "accel_truth": [row.event.accel_truth for row in rows],
    }
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=dtype) for name, dtype in COLUMNS.items()})  # type: ignore[call-overload]
    table = table.sort_values("onset_s", kind="stable", ignore_index=True)
    table["isolated"] = _isolated(table)
    return table


def _label(row: Measured) -> Label:
    if row.event.label is not None:
        return row.event.label
    return Label.POSTURE_CHANGE if row.tilt_deg >= POSTURE_DEG else Label.BODY_MOVEMENT


def _isolated(table: pd.DataFrame) -> np.ndarray:
    """(n,) bool: no other event that a wrist can feel from 10 s before to 10 s after."""
    felt = table["accel_truth"].to_numpy(dtype=bool)
    onset, offset = table["onset_s"].to_numpy(), table["offset_s"].to_numpy()
    known_on, known_off = onset[felt], np.sort(offset[felt])
    begun = np.searchsorted(known_on, offset + ISOLATED_S, side="right")
    ended = np.searchsorted(known_off, onset - ISOLATED_S, side="left")
    return np.asarray(begun - ended - felt == 0, dtype=bool)
