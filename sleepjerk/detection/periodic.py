"""When do single movements form a periodic series? Two literal rule sets, and the measures of periodicity.

Knows onsets and offsets of movements, and sleep stages where somebody scored them. Must not know samples, labels
or limbs: whether a series may be called *leg* movements is decided by whoever shows it.

Conventions
-----------
Times are seconds; arrays are sorted by onset. An interval (IMI) runs from onset to onset. Series are numbered
from 1; 0 means none.

Choices on the edges, by the text of the rules (published scorers differ on each of them):

* WASM 2016 says "10-90 s": both bounds are in. A candidate lasts at most 10 s, the bound is in.
* Legs belong to one movement when the second begins *less than* 0.5 s after the first ended: exactly 0.5 s is two.
* A movement within 10 s ends a series and may start the next one; `short_interval_can_start` decides.
* A movement longer than 10 s ends a series (WASM 2016) or is no movement at all (AASM).
* A movement shorter than 0.5 s is none: it neither counts nor ends anything.
* An onset exactly on the border of two stage epochs belongs to the new one.
* The last movement of a night is a member like any other.
* A gap of the recording ends a series when a movement would fit into it: a shorter one hides none.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sleepjerk.recording import Floats
from sleepjerk.rules import PeriodicityRules, SeriesRules
from sleepjerk.spans import AnySpans, find_runs, lengths

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]

EPOCH_S = 30.0  # plain: the format of a list of stages, the laboratory's epoch: one stage each


@dataclass(frozen=True, slots=True)
class Merged:
    """Movements of both legs made one where the rules say so, each field (m,).

    Attributes
    ----------
    onset_s, offset_s
        First onset and last offset of the parts.
    parts, longest_part_s
        How many movements became one, and the longest of them.
    bilateral
        Both legs took part.
    group
        (k,) for each movement given, the row of the merged movement it belongs to; -1 for one too short to count.
    """

    onset_s: Floats
    offset_s: Floats
    parts: Indices
    longest_part_s: Floats
    bilateral: Mask
    group: Indices


@dataclass(frozen=True, slots=True)
class Series:
    """What became of k movements, each field (k,).

    Attributes
    ----------
    imi_s
        Interval to the candidate before; NaN for the first one, after a break of the recording, and for movements
        that are no candidates.
    candidate
        May belong to a series.
    in_series
        Does.
    series
        Number of its series from 1; 0 for none.
    """

    imi_s: Floats
    candidate: Mask
    in_series: Mask
    series: Indices


def merge_legs(onset_s: Floats, offset_s: Floats, leg: ArrayLike | None, rules: SeriesRules) -> Merged:
    """Movements of two legs that the rules take for one (WASM 2016 by their gap, AASM by their onsets).

    Parameters
    ----------
    onset_s, offset_s
        (k,) s, sorted by onset.
    leg
        (k,) names of legs; None when all are of one leg, then nothing is merged.
    """
    legs = (
        np.zeros(len(onset_s), dtype=np.int64)
        if leg is None
        else np.unique(np.asarray(leg), return_inverse=True)[1]
    )
    counts = _long_enough(onset_s, offset_s, rules)
    group = np.full(len(onset_s), -1, dtype=np.int64)
    onset, offset, legs = onset_s[counts], offset_s[counts], legs[counts]
    if len(onset) == 0:
        none = np.empty(0)
        return Merged(none, none, np.empty(0, np.int64), none, np.empty(0, np.bool_), group)
    begins = np.concatenate(([True], ~_belongs_to_previous(onset, offset, legs, rules)))
    group[counts] = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    return Merged(
        onset_s=onset[first],
        offset_s=np.maximum.reduceat(offset, first),
        parts=np.diff(np.append(first, len(onset))),
        longest_part_s=np.maximum.reduceat(offset - onset, first),
        bilateral=np.minimum.reduceat(legs, first) != np.maximum.reduceat(legs, first),
        group=group,
    )


def _belongs_to_previous(onset: Floats, offset: Floats, legs: Indices, rules: SeriesRules) -> Mask:
    """(k - 1,) bool: does each movement but the first belong to the one before?"""
    if legs.min() == legs.max():
        return np.zeros(len(onset) - 1, dtype=bool)
    if rules.bilateral_onset_s > 0:
        return np.asarray(np.diff(onset) < rules.bilateral_onset_s)
    reach = np.maximum.accumulate(offset)[:-1]
    # Stamps are decimal: 0.5 s apart must not become 0.49999.
    return np.asarray(np.round(onset[1:] - reach, 6) < rules.bilateral_gap_s)


def _long_enough(onset_s: Floats, offset_s: Floats, rules: SeriesRules) -> Mask:
    return np.asarray(np.round(offset_s - onset_s, 6) >= rules.min_duration_s)


def _not_too_long(movements: Merged, rules: SeriesRules) -> Mask:
    """(m,) bool: a candidate by its length; a bilateral one also by its parts (WASM 2016)."""
    duration = np.round(movements.offset_s - movements.onset_s, 6)
    one_leg = duration <= rules.max_duration_s
    two_legs = (
        (duration <= rules.max_bilateral_s)
        & (movements.parts <= rules.max_parts)
        & (np.round(movements.longest_part_s, 6) <= rules.max_duration_s)
    )
    return np.asarray(np.where(movements.bilateral, two_legs, one_leg))


def series_breaks(gaps_s: AnySpans, rules: SeriesRules) -> Floats:
    """(m,) s: the times no series can cross, of the (k, 2) gaps of a recording."""
    # Stamps are decimal: a gap of 0.5 s must not become 0.49999.
    return np.asarray(gaps_s[np.round(lengths(gaps_s), 6) >= rules.min_duration_s, 0], dtype=np.float64)


def find_series(
    onset_s: Floats,
    offset_s: Floats,
    rules: SeriesRules,
    breaks_s: ArrayLike = (),
    leg: ArrayLike | None = None,
) -> Series:
    """Score movements into periodic series.

    Parameters
    ----------
    onset_s, offset_s
        (k,) s, sorted by onset.
    rules
        WASM 2016 (the default of `SeriesRules`) or `AASM_SERIES`.
    breaks_s
        Times that no series can cross: gaps of the recording.
    leg
        (k,) names of legs; every part of a bilateral movement gets the scores of the whole.

    Raises
    ------
    ValueError
        Onsets are not sorted, or a movement ends before it begins.
    """
    onset_s, offset_s = np.asarray(onset_s, dtype=np.float64), np.asarray(offset_s, dtype=np.float64)
    if np.any(np.diff(onset_s) < 0) or np.any(offset_s < onset_s):
        raise ValueError("movements must be sorted by onset, and none may end before it begins")
    movements = merge_legs(onset_s, offset_s, leg, rules)
    candidate = _not_too_long(movements, rules)
    imi_s, number = _score(movements.onset_s, candidate, np.asarray(breaks_s, dtype=np.float64), rules)
    # One more row stands for the movements too short to count; their group is -1.
    group = movements.group
    series = np.append(number, 0)[group]
    return Series(
        imi_s=np.append(imi_s, np.nan)[group],
        candidate=np.append(candidate, False)[group],
        in_series=series > 0,
        series=series,
    )


def _score(onset_s: Floats, candidate: Mask, breaks_s: Floats, rules: SeriesRules) -> tuple[Floats, Indices]:
    """Interval and series number of each merged movement."""
    imi_s, number = np.full(len(onset_s), np.nan), np.zeros(len(onset_s), dtype=np.int64)
    rows = np.flatnonzero(candidate)
    if not rules.short_interval_ends:
        rows = rows[_skip_early(onset_s[rows], rules.min_interval_s)]
    if len(rows) == 0:
        return imi_s, number
    interval = np.round(np.diff(onset_s[rows]), 6)
    broken = _between(breaks_s, onset_s[rows])
    new = (interval > rules.max_interval_s) | broken
    if rules.short_interval_ends:
        new |= interval < rules.min_interval_s
    if rules.long_movement_ends:
        new |= np.diff(np.cumsum(~candidate)[rows]) > 0
    run = np.concatenate(([0], np.cumsum(new)))
    size = np.bincount(run)
    if not rules.short_interval_can_start:
        run, size = _without_early_starts(run, interval < rules.min_interval_s, new)
    member = size[run] >= rules.min_movements
    number[rows[member]] = np.unique(run[member], return_inverse=True)[1] + 1
    imi_s[rows[1:]] = np.where(broken, np.nan, interval)
    return imi_s, number


def _without_early_starts(run: Indices, early: Mask, new: Mask) -> tuple[Indices, Indices]:
    """Runs in which a movement that came too early is nobody's first: it stands alone."""
    alone = np.concatenate(([False], early & new))
    size = np.bincount(run, weights=~alone).astype(np.int64)
    apart = np.where(alone, len(size), run)
    return apart, np.append(size, 0)


def _skip_early(onset_s: Floats, min_interval_s: float) -> Indices:
    """Rows that are left when each movement too early after the last one kept is passed over (AASM).

    Which one is early depends on which was kept before: the rule is a loop by nature.
    """
    kept: list[int] = []
    for row, onset in enumerate(onset_s):
        if not kept or round(onset - onset_s[kept[-1]], 6) >= min_interval_s:
            kept.append(row)
    return np.array(kept, dtype=np.int64)


def _between(breaks_s: Floats, onset_s: Floats) -> Mask:
    """(k - 1,) bool: does a break lie between each onset and the one before?"""
    return np.asarray(np.diff(np.searchsorted(np.sort(breaks_s), onset_s)) > 0)


def find_wrist_series(
    onset_s: Floats,
    offset_s: Floats,
    rules: SeriesRules,
    periodicity: PeriodicityRules,
    breaks_s: ArrayLike = (),
) -> Series:
    """Series of arm movements, in which a brief twitch is a member too.

    What an accelerometer sees of a movement is shorter than the muscle activity that the rules time, so movements
    under 0.5 s are let in. By themselves they make no series as easily as the rules say, though: four jerks 10 to
    90 s apart come by chance. A series counts when enough of its members are long enough for the literal rule, or
    when it is long and regular.
    """
    found = find_series(onset_s, offset_s, replace(rules, min_duration_s=0.0), breaks_s)
    long_enough = offset_s - onset_s >= periodicity.brief_s
    series = np.zeros(len(found.series), dtype=np.int64)
    for number in range(1, int(found.series.max(initial=0)) + 1):
        rows = np.flatnonzero(found.series == number)
        spread = float(np.std(np.log(np.diff(onset_s[rows])), ddof=1))
        regular = len(rows) >= periodicity.brief_min_movements and spread <= periodicity.brief_max_spread
        if regular or np.sum(long_enough[rows]) >= rules.min_movements:
            series[rows] = series.max(initial=0) + 1
    return replace(found, series=series, in_series=series > 0)


def periodicity_index(
    onset_s: Floats, rules: SeriesRules | None = None, breaks_s: ArrayLike = ()
) -> float | None:
    """Periodicity index of Ferri 2006: the share of intervals that lie in runs of periodic ones.

    An interval is periodic when 10 < IMI <= 90 s (other than in the series rule, 10 s itself is out); a run
    counts from three intervals on. Not to be mixed up with `series_share`.

    Parameters
    ----------
    onset_s
        (n,) onsets of all movements in sleep that last as long as the rules ask (0.5-10 s), sorted, s.
    breaks_s
        Times that no periodic interval crosses.

    Returns
    -------
    float | None
        0..1; None for fewer than two movements.
    """
    rules = SeriesRules() if rules is None else rules
    if len(onset_s) < 2:
        return None
    interval = np.round(np.diff(onset_s), 6)
    periodic = (interval > rules.min_interval_s) & (interval <= rules.max_interval_s)
    periodic &= ~_between(np.asarray(breaks_s, dtype=np.float64), onset_s)
    runs = lengths(find_runs(periodic))
    return float(runs[runs >= rules.min_movements - 1].sum() / len(interval))


def series_share(series: Series) -> float | None:
    """Movements in series / candidates, which some scorers also call periodicity index; None without candidates."""
    total = int(series.candidate.sum())
    return float(series.in_series.sum() / total) if total else None


@dataclass(frozen=True, slots=True)
class Rates:
    """Movements in series per hour asleep and awake; None where there is no such hour."""

    asleep_per_h: float | None
    awake_per_h: float | None
    asleep: int
    awake: int


def series_rates(onset_s: Floats, in_series: Mask, stages: ArrayLike, epoch_s: float = EPOCH_S) -> Rates:
    """Movements in series per hour, by the stage at each onset.

    Parameters
    ----------
    onset_s
        (k,) onsets of merged movements, s.
    in_series
        (k,) bool.
    stages
        One code for each epoch of `epoch_s` from time 0 on, 0 = wake. Movements after the last epoch count nowhere.
    """
    codes = np.asarray(stages)
    epoch = np.floor(np.asarray(onset_s) / epoch_s).astype(np.int64)
    scored = in_series & (epoch < len(codes))
    stage = codes[np.minimum(epoch, len(codes) - 1)] if len(codes) else np.zeros(len(epoch))
    asleep, awake = int(np.sum(scored & (stage != 0))), int(np.sum(scored & (stage == 0)))
    sleep_h, wake_h = (float(np.sum(mask)) * epoch_s / 3600 for mask in (codes != 0, codes == 0))
    return Rates(asleep / sleep_h if sleep_h else None, awake / wake_h if wake_h else None, asleep, awake)


def log_intervals(imi_s: Floats, rules: SeriesRules) -> tuple[float | None, float | None]:
    """Mean and standard deviation of ln(IMI) within the bounds of the rules; None for fewer than one or two."""
    inside = imi_s[(imi_s >= rules.min_interval_s) & (imi_s <= rules.max_interval_s)]
    logs = np.log(inside)
    return (float(logs.mean()) if len(logs) else None, float(logs.std(ddof=1)) if len(logs) > 1 else None)
