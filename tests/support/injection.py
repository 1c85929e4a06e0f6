"""Made jerks onto a real recording, through the steps of its sensor: real nights with some known truth.

Knows integer counts, gravity and how a jerk moves. Must not know files, sleep, or what else the night holds.

Conventions
-----------
Counts are (3, n) integers at `fs`; (counts - zero) * step_g is acceleration, g. What was recorded is what the
sensor rounded: where between two steps an axis really was, nobody knows any more. So every jerk draws an
offset within half a step for each axis, adds its own change, and is rounded and clipped as the sensor does.
A jerk below half a step may thus change nothing at all, as it would have on that sensor; the truth's `steps`
tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sleepjerk.events import Label
from sleepjerk.simulate.kinds import make_motion
from sleepjerk.simulate.physics import Floats, Rendered, band_peak, render, scaled_to_peak
from sleepjerk.simulate.plan import Kind, PlannedEvent, Span
from sleepjerk.simulate.streams import stream

Integers = NDArray[np.integer[Any]]

APART_S = (
    20.0  # our choice: clear of the 10 s in which a neighbour ends an isolation (2 of the science notes)
)
GRAVITY_S = 2.0  # our choice: gravity is the mean reading of so long before the jerk
GRAVITY_MIN_G = 0.3  # our choice: a shorter mean is no gravity but a wrong zero or step
_TRIES = 1000  # for each time drawn

# Column -> dtype: the truth of `truth.COLUMNS` as far as it is known here, and how many steps were seen.
COLUMNS = {
    "onset_s": "float64",
    "offset_s": "float64",
    "label": "str",
    "peak_g": "float64",
    "kind": "str",
    "tilt_deg": "float64",
    "steps": "int64",
}


@dataclass(frozen=True, slots=True, eq=False)
class Injected:
    """A recording with jerks planted into it.

    Attributes
    ----------
    counts
        (3, n), of the type that was given; outside the jerks' windows as recorded.
    truth
        One row a jerk, by onset. `peak_g` is the 2-20 Hz peak of the clean jerk, `steps` the largest change of
        a reading.
    windows
        (k, 2) first sample of each jerk's window and the one after its last.
    """

    counts: Integers
    truth: pd.DataFrame
    windows: NDArray[np.int64]


def draw_times(
    spans_s: Sequence[Span], number: int, seed: int, *, apart_s: float = APART_S
) -> NDArray[np.float64]:
    """Moments anywhere in the given spans, in order and never nearer to each other than `apart_s`.

    Raises
    ------
    ValueError
        The spans have no room for so many.
    """
    rng = stream(seed, "planted times")
    spans = np.array(spans_s, dtype=np.float64).reshape(-1, 2)
    before_s = np.concatenate([[0.0], np.cumsum(spans[:, 1] - spans[:, 0])])
    times_s: list[float] = []
    for _ in range(_TRIES * number if before_s[-1] > 0 else 0):
        if len(times_s) == number:
            break
        place_s = rng.uniform(0.0, before_s[-1])
        span = min(int(np.searchsorted(before_s, place_s, side="right")) - 1, len(spans) - 1)
        time_s = float(spans[span, 0] + place_s - before_s[span])
        if all(abs(time_s - other_s) >= apart_s for other_s in times_s):
            times_s.append(time_s)
    if len(times_s) < number:
        raise ValueError(f"only {len(times_s)} of {number} moments {apart_s:g} s apart fit into the spans")
    return np.sort(np.array(times_s, dtype=np.float64))


def inject_jerks(
    counts: Integers,
    step_g: float,
    onsets_s: ArrayLike,
    peaks_g: ArrayLike,
    seed: int,
    *,
    zero: float = 0.0,
    limits: tuple[int, int] | None = None,
    fs: float = 100.0,
    label: str = Label.SLEEP_TWITCH,
) -> Injected:
    """Add jerks to a recording as if its sensor had felt them.

    Parameters
    ----------
    counts
        (3, n) integers; not changed.
    step_g
        Acceleration of one step.
    onsets_s
        (k,) where the motions begin; the truth's onset, at 15 % of the peak, comes some ms later.
    peaks_g
        (k,) wanted peaks of the 2-20 Hz norm, or one for all.
    seed
        The same seed plants the same jerks.
    zero
        The count at 0 g, e.g. 128 for a logger that counts from 0 to 255.
    limits
        Least and greatest count of the sensor; None takes the least and greatest of the recording's type.
    label
        What the truth shall call them: the caller knows who slept when.

    Raises
    ------
    ValueError
        A jerk lies too near to begin or end or is no positive number of g, or the readings before it show no
        gravity.
    """
    if counts.ndim != 2 or counts.shape[0] != 3 or counts.dtype.kind not in "iu":
        raise ValueError(
            f"counts is {counts.dtype} {counts.shape}, expected integers (3, n): one row an axis"
        )
    onsets = np.atleast_1d(np.asarray(onsets_s, dtype=np.float64))
    order = np.argsort(onsets, kind="stable")
    peaks = np.broadcast_to(np.asarray(peaks_g, dtype=np.float64), onsets.shape)
    if limits is None:
        limits = (int(np.iinfo(counts.dtype).min), int(np.iinfo(counts.dtype).max))
    planted = counts.copy()
    rows: list[tuple[float, float, str, float, str, float, int]] = []
    windows = np.empty((len(onsets), 2), dtype=np.int64)
    for number, (onset_s, peak_g) in enumerate(
        zip(onsets[order].tolist(), peaks[order].tolist(), strict=True)
    ):
        rng = stream(seed, "planted", number)
        jerk = _jerk(rng, onset_s, peak_g, _gravity(counts, onset_s, step_g, zero, fs), fs)
        first, after = jerk.first, jerk.first + jerk.change_g.shape[1]
        if first < 0 or after > counts.shape[1]:
            raise ValueError(
                f"a jerk at {onset_s:g} s has no room in {counts.shape[1] / fs:g} s of recording"
            )
        windows[number] = first, after
        old = planted[:, first:after]
        new = felt(old, jerk.change_g / step_g, rng.uniform(-0.5, 0.5, 3), limits)
        steps = int(np.abs(new.astype(np.int64) - old.astype(np.int64)).max())
        planted[:, first:after] = new
        rows.append(
            (jerk.onset_s, jerk.offset_s, label, band_peak(jerk.change_g, fs), Kind.HYPNIC_JERK, 0.0, steps)
        )
    return Injected(planted, _truth(rows), windows)


def felt(counts: Integers, change: Floats, offset: Floats, limits: tuple[int, int]) -> Integers:
    """What the sensor would have put out with a change on top of what it felt.

    Parameters
    ----------
    counts
        (3, k) as recorded.
    change
        (3, k) steps, any fraction.
    offset
        (3,) within -0.5 to 0.5: where between two steps each axis was.

    Returns
    -------
    ndarray
        (3, k), of the type of `counts`; exactly `counts` where the change is 0.
    """
    moved = np.rint(counts + offset[:, None] + change)
    # Counts beyond the limits, if a recording has some, stay where nothing moves them.
    low, high = np.minimum(counts, limits[0]), np.maximum(counts, limits[1])
    return np.clip(moved, low, high).astype(counts.dtype)


def _gravity(counts: Integers, onset_s: float, step_g: float, zero: float, fs: float) -> Floats:
    """(3,) unit vector: the mean reading just before a moment."""
    at = round(onset_s * fs)
    before = counts[:, max(at - round(GRAVITY_S * fs), 0) : max(at, 1)]
    mean_g = (before.mean(axis=1) - zero) * step_g
    length_g = float(np.linalg.norm(mean_g))
    if not length_g >= GRAVITY_MIN_G:
        raise ValueError(f"the readings before {onset_s:g} s are {length_g:.2f} g long, expected about 1 g")
    return np.asarray(mean_g / length_g)


def _jerk(rng: np.random.Generator, onset_s: float, peak_g: float, up: Floats, fs: float) -> Rendered:
    """A jerk of the wanted strength."""
    event = PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=onset_s, peak_g=peak_g)
    motion = scaled_to_peak(make_motion(rng, event, up), peak_g, onset_s, up, fs)
    return render(motion, onset_s, up, fs)


def _truth(rows: list[tuple[float, float, str, float, str, float, int]]) -> pd.DataFrame:
    """The truth table, rounded as its file would be: ms, 0.01 mg."""
    values = (
        dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {name: () for name in COLUMNS}
    )
    columns = {name: pd.Series(list(values[name]), dtype=dtype) for name, dtype in COLUMNS.items()}
    truth = pd.DataFrame(columns)
    return truth.round({"onset_s": 3, "offset_s": 3, "peak_g": 5})
