"""How well do found events agree with the truth?

Knows tables of events and of truth. Must not know how events were found.

Conventions
-----------
One found event answers at most one true event. Brief events (twitches) match by their onsets, long ones by
the overlap of their spans, touching included: where a long movement begins is a matter of taste. A label is
judged against true events of that label only. A true event that no sensor could feel (`accel_truth` False)
is neither required nor held against a detector that hits it. What isn't defined is None, never 0.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from sleepjerk.errors import InputError
from sleepjerk.events import TWITCHES, Label

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Pairs = NDArray[np.int64]

WINDOW_S = 0.5  # engineering choice: a twitch is as long as this
TWITCH = "twitch"
BRIEF = frozenset({*TWITCHES, TWITCH})
STRATA_MG = ((20, 30), (30, 40), (40, 60), (60, 100), (100, None))
ISOLATED_FROM_MG = 60  # the size from which an isolated twitch must be found
ISOLATED_S = 10.0  # WASM 2016, as in the truth of made nights
CONFIDENCE_Z = 1.959964  # 95 % of the normal distribution

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScore:
    """Agreement for one label; shares are None when nothing could be found or nothing was.

    Attributes
    ----------
    truth, found, matched
        True events a sensor could feel; found events without those that hit an unfelt one; pairs of both.
    recall, precision, f1
        matched / truth, matched / found, 2 matched / (truth + found).
    recall_interval, precision_interval
        Wilson's 95 % intervals.
    """

    truth: int
    found: int
    matched: int
    recall: float | None
    precision: float | None
    f1: float | None
    recall_interval: Interval | None
    precision_interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Recall of the true twitches of one range of peaks."""

    name: str
    truth: int
    matched: int
    recall: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that agreement can be asked.

    Attributes
    ----------
    labels
        A score a label, and "twitch": both kinds of twitch together.
    strata
        Recall of twitches by their true peak.
    onset_error_s, duration_error_s
        Median absolute errors of the matched twitches; None without a match.
    """

    labels: dict[str, LabelScore]
    strata: tuple[Stratum, ...]
    onset_error_s: float | None
    duration_error_s: float | None


def match_events(truth_onset_s: ArrayLike, found_onset_s: ArrayLike, window_s: float = WINDOW_S) -> Pairs:
    """One-to-one matching with as many pairs as possible, and among those the smallest sum of distances.

    Parameters
    ----------
    truth_onset_s, found_onset_s
        (n,) and (m,) seconds, in any order.
    window_s
        Largest distance of a pair; the bound itself is in.

    Returns
    -------
    (k, 2) index of the true and of the found event, by the true one's index.
    """
    truth, found = np.asarray(truth_onset_s, dtype=np.float64), np.asarray(found_onset_s, dtype=np.float64)
    order = np.argsort(found, kind="stable")
    # Seconds are written with milliseconds: a nanosecond of rounding must not decide at the bound.
    reach = window_s + 1e-9
    low = np.searchsorted(found[order], truth - reach, side="left")
    high = np.searchsorted(found[order], truth + reach, side="right")
    row, col = _ranges(low, high)
    return _assign(len(truth), len(found), row, order[col], np.abs(truth[row] - found[order[col]]))


def match_spans(truth_s: Floats, found_s: Floats) -> Pairs:
    """One-to-one matching of overlapping spans with as many pairs as possible, then the nearest onsets.

    Parameters
    ----------
    truth_s, found_s
        (n, 2) and (m, 2) begin and end in seconds; spans that touch overlap.

    Returns
    -------
    (k, 2) index of the true and of the found event, by the true one's index.
    """
    # Nights have some hundred long events: the whole table of pairs is small.
    touch = (truth_s[:, None, 0] <= found_s[None, :, 1]) & (found_s[None, :, 0] <= truth_s[:, None, 1])
    row, col = np.nonzero(touch)
    return _assign(len(truth_s), len(found_s), row, col, np.abs(truth_s[row, 0] - found_s[col, 0]))


def wilson_interval(hits: int, total: int) -> Interval | None:
    """Wilson's 95 % interval of a share; None when there is nothing to share."""
    if total == 0:
        return None
    z2 = CONFIDENCE_Z**2
    share = hits / total
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = CONFIDENCE_Z / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    # At 0 and 1 the bound is exact, and rounding must not say otherwise.
    return (middle - half if hits else 0.0), (middle + half if hits < total else 1.0)


def evaluate_events(events: pd.DataFrame, truth: pd.DataFrame, window_s: float = WINDOW_S) -> Evaluation:
    """Judge found events against the truth.

    Parameters
    ----------
    events
        At least `onset_s, duration_s, label`.
    truth
        At least `onset_s, offset_s, label, peak_g`; `accel_truth` and `isolated` are used where present.

    Raises
    ------
    InputError
        A column is missing.
    """
    _need(events, ("onset_s", "duration_s", "label"), "events")
    _need(truth, ("onset_s", "offset_s", "label", "peak_g"), "truth")
    real, made = _Side.of_truth(truth), _Side.of_events(events)
    scores, twitch_pairs = {}, np.empty((0, 2), dtype=np.int64)
    for name, labels in _groups(real, made):
        pairs = _match(real, made, labels, name in BRIEF, window_s)
        scores[name] = _score(real, made, labels, pairs)
        if name == TWITCH:
            twitch_pairs = pairs[real.felt[pairs[:, 0]]]
    onset, length = _errors(real, made, twitch_pairs)
    return Evaluation(
        labels=scores,
        strata=tuple(_strata(real, twitch_pairs)),
        onset_error_s=onset,
        duration_error_s=length,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One table as arrays: (n, 2) spans, labels, peaks, whether a sensor could feel it and it lies alone."""

    span_s: Floats
    label: NDArray[np.str_]
    peak_g: Floats
    felt: Mask
    alone: Mask

    @classmethod
    def of_truth(cls, truth: pd.DataFrame) -> "_Side":
        span = truth[["onset_s", "offset_s"]].to_numpy(dtype=np.float64)
        felt = np.ones(len(truth), dtype=bool)
        if "accel_truth" in truth:
            felt = truth["accel_truth"].to_numpy(dtype=bool)
        alone = truth["isolated"].to_numpy(dtype=bool) if "isolated" in truth else _alone(span, felt)
        peak = truth["peak_g"].to_numpy(dtype=np.float64)
        return cls(span, truth["label"].to_numpy(dtype=np.str_), peak, felt, alone)

    @classmethod
    def of_events(cls, events: pd.DataFrame) -> "_Side":
        onset = events["onset_s"].to_numpy(dtype=np.float64)
        span = np.column_stack((onset, onset + events["duration_s"].to_numpy(dtype=np.float64)))
        every = np.ones(len(events), dtype=bool)
        return cls(span, events["label"].to_numpy(dtype=np.str_), np.full(len(events), np.nan), every, every)

    def has(self, labels: tuple[str, ...]) -> Pairs:
        """Indices of the rows with one of these labels."""
        return np.flatnonzero(np.isin(self.label, list(labels))).astype(np.int64)


def _groups(real: _Side, made: _Side) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each label that occurs, in the order of `Label`, strangers last; then the twitches together."""
    seen = {str(label) for side in (real, made) for label in side.label}
    known = [str(label) for label in Label]
    for name in [*(name for name in known if name in seen), *sorted(seen - set(known))]:
        yield name, (name,)
    yield TWITCH, tuple(str(label) for label in TWITCHES)


def _match(real: _Side, made: _Side, labels: tuple[str, ...], brief: bool, window_s: float) -> Pairs:
    """Pairs of rows: first with what a sensor could feel, then what is left with the rest of the truth."""
    rows, cols = real.has(labels), made.has(labels)
    felt = rows[real.felt[rows]]
    first = _pair(real, made, felt, cols, brief, window_s)
    left = np.setdiff1d(cols, first[:, 1])
    # A found event of this label that lies on any unfelt event, whatever its label, is no false one.
    second = _pair(real, made, np.flatnonzero(~real.felt), left, brief, window_s)
    return np.concatenate((first, second))


def _pair(real: _Side, made: _Side, rows: Pairs, cols: Pairs, brief: bool, window_s: float) -> Pairs:
    spans, found = real.span_s[rows], made.span_s[cols]
    pairs = match_events(spans[:, 0], found[:, 0], window_s) if brief else match_spans(spans, found)
    return np.column_stack((rows[pairs[:, 0]], cols[pairs[:, 1]]))


def _score(real: _Side, made: _Side, labels: tuple[str, ...], pairs: Pairs) -> LabelScore:
    truth = int(np.sum(real.felt[real.has(labels)]))
    matched = int(np.sum(real.felt[pairs[:, 0]]))
    found = len(made.has(labels)) - (len(pairs) - matched)
    return LabelScore(
        truth=truth,
        found=found,
        matched=matched,
        recall=_share(matched, truth),
        precision=_share(matched, found),
        f1=_share(2 * matched, truth + found),
        recall_interval=wilson_interval(matched, truth),
        precision_interval=wilson_interval(matched, found),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _strata(real: _Side, pairs: Pairs) -> Iterator[Stratum]:
    """Recall by true peak: the lower bound is in, the upper one out."""
    twitch = np.isin(real.label, [str(label) for label in TWITCHES]) & real.felt
    hit = np.zeros(len(twitch), dtype=bool)
    hit[pairs[:, 0]] = True
    peak_mg = real.peak_g * 1000
    for low, high in STRATA_MG:
        inside = twitch & (peak_mg >= low) & (peak_mg < (math.inf if high is None else high))
        yield _stratum(f"{low}-{high} mg" if high else f"from {low} mg", inside, hit)
    name = f"isolated, from {ISOLATED_FROM_MG} mg"
    yield _stratum(name, twitch & real.alone & (peak_mg >= ISOLATED_FROM_MG), hit)


def _stratum(name: str, inside: Mask, hit: Mask) -> Stratum:
    truth, matched = int(np.sum(inside)), int(np.sum(inside & hit))
    share, interval = _share(matched, truth), wilson_interval(matched, truth)
    return Stratum(name=name, truth=truth, matched=matched, recall=share, interval=interval)


def _errors(real: _Side, made: _Side, pairs: Pairs) -> tuple[float | None, float | None]:
    """Median absolute errors of onset and length of the pairs."""
    if len(pairs) == 0:
        return None, None
    true, found = real.span_s[pairs[:, 0]], made.span_s[pairs[:, 1]]
    onset = np.median(np.abs(true[:, 0] - found[:, 0]))
    length = np.median(np.abs(np.diff(true, axis=1) - np.diff(found, axis=1)))
    return float(onset), float(length)


def _alone(span_s: Floats, felt: Mask) -> Mask:
    """(n,) bool: no other felt event from 10 s before to 10 s after."""
    begun = np.searchsorted(np.sort(span_s[felt, 0]), span_s[:, 1] + ISOLATED_S, side="right")
    ended = np.searchsorted(np.sort(span_s[felt, 1]), span_s[:, 0] - ISOLATED_S, side="left")
    return np.asarray(begun - ended - felt.astype(np.int64) == 0, dtype=bool)


def _ranges(low: NDArray[np.intp], high: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every (row, place) with low[row] <= place < high[row]."""
    size = high - low
    row = np.repeat(np.arange(len(low)), size)
    place = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size) + np.repeat(low, size)
    return row, place


def _assign(rows: int, cols: int, row: NDArray[Any], col: NDArray[Any], distance: Floats) -> Pairs:
    """Exact matching, one connected group of candidates after the other: most pairs, then least distance."""
    graph = sparse.coo_array((np.ones(len(row)), (row, rows + col)), shape=(rows + cols, rows + cols))
    count, group = connected_components(graph, directed=False)
    edges: list[list[int]] = [[] for _ in range(count)]
    for edge, member in enumerate(group[row] if len(row) else ()):
        edges[int(member)].append(edge)
    pairs = [pair for own in edges if own for pair in _assign_group(row[own], col[own], distance[own])]
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _assign_group(row: NDArray[Any], col: NDArray[Any], distance: Floats) -> list[tuple[int, int]]:
    if len(row) == 1:
        return [(int(row[0]), int(col[0]))]
    rows, at_row = np.unique(row, return_inverse=True)
    cols, at_col = np.unique(col, return_inverse=True)
    # One pair less must cost more than any sum of distances can save.
    missing = (float(distance.max()) + 1.0) * (min(len(rows), len(cols)) + 1)
    cost = np.full((len(rows), len(cols)), missing)
    cost[at_row, at_col] = distance
    chosen = zip(*linear_sum_assignment(cost), strict=True)
    return [(int(rows[i]), int(cols[j])) for i, j in chosen if cost[i, j] < missing]


def _need(table: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    missing = [name for name in columns if name not in table]
    if missing:
        have = ", ".join(map(str, table.columns)) or "none"
        raise InputError(f"the table of {what} has no column {missing[0]!r} (it has {have}); give it one")
