"""Spans of time or of samples: what of them lies where, together, beside or within others. Knows nothing else.

Conventions
-----------
Spans are a (k, 2) array of starts and ends, the start belongs to a span and its end does not. In whole numbers they
are samples or epochs, otherwise seconds; sorted and disjoint only where it is said.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

AnySpans = NDArray[Any]
Mask = NDArray[np.bool_]


def find_runs(mask: Mask) -> NDArray[np.int64]:
    """(k, 2) every run of True in a (n,) mask, sorted and disjoint."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    first, last = ([0] if mask[:1].any() else []), ([len(mask)] if mask[-1:].any() else [])
    return np.concatenate((first, edges, last)).astype(np.int64).reshape(-1, 2)


def runs_of_words(words: NDArray[np.str_]) -> list[tuple[int, int, str]]:
    """Start, end and word of each run of equal words in a (n,) array; together they are the whole of it."""
    changes = np.flatnonzero(words[1:] != words[:-1]) + 1
    ends = [*changes.tolist(), len(words)] if len(words) else []
    return [(start, end, str(words[start])) for start, end in zip([0, *ends], ends, strict=False)]


def lengths(spans: AnySpans) -> NDArray[Any]:
    """(k,) end - start of each."""
    return np.asarray(spans[:, 1] - spans[:, 0])


def every_sample(runs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every index of k runs in one array, and where each run begins in it."""
    samples = lengths(runs)
    ends = np.cumsum(samples)
    begins = ends - samples
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(runs[:, 0] - begins, samples), begins


def total(spans: AnySpans) -> float:
    """Sum of the lengths; of disjoint spans what they cover."""
    return float(np.sum(lengths(spans)))


def union(*spans: AnySpans) -> AnySpans:
    """Spans in any order as one sorted list without overlaps; those that touch become one."""
    every = np.concatenate(spans)
    if len(every) == 0:
        return every
    every = every[np.argsort(every[:, 0], kind="stable")]
    reach = np.maximum.accumulate(every[:, 1])
    new = np.concatenate(([True], every[1:, 0] > reach[:-1]))
    end = reach[np.concatenate((np.flatnonzero(new)[1:] - 1, [len(every) - 1]))]
    return np.stack((every[new, 0], end), axis=1)


def joined(spans: AnySpans, pause: float) -> AnySpans:
    """Sorted, disjoint spans with pauses shorter than `pause` made one."""
    if len(spans) < 2:
        return spans
    apart = spans[1:, 0] - spans[:-1, 1] >= pause
    start = spans[np.concatenate(([True], apart)), 0]
    end = spans[np.concatenate((apart, [True])), 1]
    return np.stack((start, end), axis=1)


def outside(spans: AnySpans, cut: AnySpans) -> AnySpans:
    """What of sorted, disjoint spans lies in none of others."""
    if len(cut) == 0:
        return spans
    edges = np.unique(np.concatenate((spans, cut)))
    pieces = np.stack((edges[:-1], edges[1:]), axis=1)
    return union(pieces[inside(edges[:-1], spans) & ~inside(edges[:-1], cut)])


def length_without(window: tuple[float, float], without: Iterable[AnySpans]) -> float:
    """Length of a window without the union of some spans, which may overlap each other and leave the window."""
    start, end = window
    spans = np.concatenate([np.empty((0, 2)), *without])
    spans = np.clip(spans[np.argsort(spans[:, 0])], start, end)
    reach = np.maximum.accumulate(np.concatenate(([start], spans[:, 1])))
    removed = np.maximum(spans[:, 1] - np.maximum(spans[:, 0], reach[:-1]), 0.0)
    return float(end - start - removed.sum())


def inside(times: NDArray[Any], spans: AnySpans) -> Mask:
    """(n,) bool: does each of (n,) times lie in one of the spans? They may overlap."""
    begun = np.searchsorted(np.sort(spans[:, 0]), times, side="right")
    ended = np.searchsorted(np.sort(spans[:, 1]), times, side="right")
    return np.asarray(begun > ended)


def last_begun(times: NDArray[Any], spans: AnySpans) -> NDArray[np.int64]:
    """(n,) row of the last of the sorted spans that has begun at each of (n,) times; -1 before the first."""
    return np.asarray(np.searchsorted(spans[:, 0], times, side="right") - 1)
