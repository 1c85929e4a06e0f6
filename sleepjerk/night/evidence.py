"""What of the signal a night keeps, so that a person can judge the claims: the night in epochs, and wave strips.

Knows samples and the table of events. Must not know how anything was decided, nor how it will be drawn.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.detection.curves import Curves
from sleepjerk.events import TWITCHES, Label, twitches_apart
from sleepjerk.night.model import Strip, Timeline
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import EvidenceRules
from sleepjerk.runtime import on_all_cores
from sleepjerk.spans import runs_of_words

# What a person came to judge gets its strips first: jerks and twitches; of the rest the strongest.
_SHOWN_NEXT = (Label.PERIODIC_MOVEMENT, Label.LIMB_MOVEMENT, Label.RHYTHMIC_MOVEMENT)


def make_timeline(
    curves: Curves,
    states: NDArray[np.str_],
    state_epoch_s: float,
    rules: EvidenceRules,
) -> Timeline:
    """Strongest movement and arm angle of each epoch; None where an epoch holds no sample.

    The angle is that of the sensor's z axis against the horizontal: enough to see turns of the arm.

    Parameters
    ----------
    states
        (m,) the state of the person in epochs of `state_epoch_s` seconds.
    """
    size = round(rules.epoch_s * curves.fs)
    strength_g = curves.fast_norm_g
    count = strength_g.shape[0] // size
    peak = strength_g[: count * size].reshape(count, size).max(axis=1) if count else np.empty(0)
    angle = _epoch_angles(curves.posture_g, round(rules.epoch_s * curves.posture_hz), count)
    known = np.isfinite(angle)
    return Timeline(
        epoch_s=size / curves.fs,
        movement_g=tuple(
            round(float(value), 4) if there else None for value, there in zip(peak, known, strict=True)
        ),
        angle_deg=tuple(
            round(float(value), 1) if there else None for value, there in zip(angle, known, strict=True)
        ),
        states=tuple(
            (round(start * state_epoch_s, 1), round(end * state_epoch_s, 1), state)
            for start, end, state in runs_of_words(states)
        ),
    )


def _epoch_angles(curve_g: Floats, size: int, count: int) -> Floats:
    """(count,) angle of the median direction of each epoch; NaN in gaps."""
    padded = np.full((3, count * size), np.nan)
    width = min(curve_g.shape[1], count * size)
    padded[:, :width] = curve_g[:, :width]
    epochs = padded.reshape(3, count, size)
    known = np.count_nonzero(np.isfinite(epochs[0]), axis=1)
    there = known > 0
    middles = np.stack(((known - 1) // 2, known // 2), axis=1)[there]

    def median(axis: Floats) -> Floats:
        ordered = np.sort(axis[there], axis=1)  # what isn't known comes last
        return np.asarray(np.take_along_axis(ordered, middles, axis=1).sum(axis=1) / 2)

    x, y, z = on_all_cores(median, epochs)
    angle = np.full(count, np.nan)
    angle[there] = np.degrees(np.arctan2(z, np.hypot(x, y)))
    return angle


def make_strips(
    acceleration_g: Samples,
    fs: float,
    events: pd.DataFrame,
    rules: EvidenceRules,
    rows: Iterable[int] | None = None,
) -> tuple[Strip, ...]:
    """The waves of some rows; of jerks, twitches and the strongest other movements when None; in their order."""
    rows = _choose(events, rules) if rows is None else rows
    before, length = round(rules.strip_before_s * fs), round(rules.strip_s * fs)
    every = max(1, round(fs / rules.strip_hz))
    strips = []
    for row in rows:
        first = int(events["onset_s"].iloc[row] * fs) - before
        first = int(np.clip(first, 0, max(0, acceleration_g.shape[1] - length)))
        strips.append(_cut(acceleration_g[:, first : first + length], row, first / fs, fs, every))
    return tuple(strips)


def _choose(events: pd.DataFrame, rules: EvidenceRules) -> list[int]:
    """The rows that get a strip: jerks, twitches in what room those leave, and the strongest of other kinds.

    Twitches that are not counted come after those that are.
    """
    label, peak = events["label"].to_numpy(), events["peak_g"].to_numpy()
    order = np.lexsort((-peak, twitches_apart(events)))
    rows = {kind: [int(row) for row in order if label[row] == kind] for kind in (*TWITCHES, *_SHOWN_NEXT)}
    chosen: list[int] = []
    for kind in TWITCHES:
        chosen += rows[kind][: max(rules.max_jerk_strips - len(chosen), rules.max_other_strips)]
    for kind in _SHOWN_NEXT:
        chosen += rows[kind][: rules.max_other_strips]
    return sorted(chosen)


def _cut(piece_g: Samples, row: int, start_s: float, fs: float, every: int) -> Strip:
    """One strip: axes without their median, thinned by means so that nothing above its own rate folds down."""
    filled = piece_g
    if not np.isfinite(piece_g).all():
        filled = np.where(np.isfinite(piece_g), piece_g, np.nanmedian(piece_g, axis=1, keepdims=True))
    moved_mg = 1000 * (filled - np.median(filled, axis=1, keepdims=True))
    count = moved_mg.shape[1] // every
    thinned = np.rint(moved_mg[:, : count * every].reshape(3, count, every).mean(axis=2)).astype(int)
    axes = tuple(tuple(axis) for axis in thinned.tolist())
    return Strip(event=row, start_s=round(start_s, 3), rate_hz=fs / every, axes_mg=axes)
