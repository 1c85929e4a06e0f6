"""The sleep period, the wake bouts inside it, and the windows in which a person falls asleep.

Knows the arm's angle over the night and, where a person marked them, lights off and up. Must not know events.
A wrist can't see sleep, only stillness: quiet wakefulness counts as sleep, and onset is judged early (by 6 min
in the median on restless clinic nights).

The sleep period follows van Hees 2018 in what it looks at (the change of the arm angle from one 5 s epoch to the
next, smoothed over minutes, with a fixed threshold since a night-only recording has no day to compare with), and
departs from it three times:

* the angle is that between successive gravity *vectors*, not of one axis, so that it doesn't matter how the
  sensor sits on the wrist;
* instead of joining still blocks > 30 min over gaps < 60 min, the period is the interval with the largest
  summed stillness, where each still epoch adds 1 and each moving epoch takes `moving_cost`. On 14 clinic nights
  with lab stages the textbook rule misses onset and end by a median of 130 min (this angle) and the interval by
  7 min; see tests/benchmarks/sleep_period.py;
* the end is looked for again without smoothing: waking begins with a movement, falling asleep with nothing a
  wrist could see.

Wake bouts are where the arm turns by more than 5 degrees (van Hees 2015) in 15 % of the epochs of 5 minutes. His
own rule, everything between two segments of 5 min of inactivity, calls a restless sleeper awake for hours.

A person who sits as still as a sleeper for longer than `min_still_s` is called asleep: nothing at the wrist tells
the two apart, only marks of lights off and up do. Of 28 waking stretches of the same nights one was called
sleep, for 33 min; 40 min would have called none, and missed naps and short recordings instead.
"""

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.detection.curves import angle_between
from sleepjerk.messages import Message
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import SleepRules
from sleepjerk.runtime import on_all_cores, parts_of
from sleepjerk.spans import find_runs, lengths

_EPOCHS = 1 << 10  # looked at together


@dataclass(frozen=True, slots=True)
class Sleep:
    """When the person slept. All spans are (start, end) in seconds since the first sample.

    Attributes
    ----------
    onset_s, end_s
        The sleep period; None when none was found.
    wake_s
        (k, 2) wake bouts inside the period.
    falling_asleep_s
        The window of the first falling asleep, moments of unrest included.
    onset_windows_s
        (k, 2) spans of falling asleep: around `onset_s` and after each wake bout, where the person rests.
    method
        What decided onset and end, or why there is none.
    others_s
        (k, 2) further rest outside the period that would have passed for sleep by itself: the first half of a
        night with a long wake in its middle, a nap. It is named and not analysed: which of two pieces is the
        night, a wrist can't tell; the one with more stillness is taken.
    """

    onset_s: float | None
    end_s: float | None
    wake_s: Floats
    falling_asleep_s: tuple[float, float] | None
    onset_windows_s: Floats
    method: Message
    others_s: Floats = field(default_factory=lambda: np.empty((0, 2)))

    @property
    def span_s(self) -> tuple[float, float] | None:
        """Onset and end together; None without a sleep period."""
        return None if self.onset_s is None or self.end_s is None else (self.onset_s, self.end_s)


def angle_changes(acceleration_g: Samples, fs: float, epoch_s: float) -> Floats:
    """(m,) change of the arm's direction from each epoch to the next, degrees; NaN beside gaps.

    Each epoch's direction is the median of its samples per axis, which a short movement doesn't touch.
    """
    size = max(1, round(epoch_s * fs))
    count = acceleration_g.shape[1] // size
    if count < 2:
        return np.empty(0)
    epochs = acceleration_g[:, : count * size].reshape(3, count, size)
    middle = np.empty((3, count))

    def fill(here: slice) -> None:
        part = epochs[:, here]
        middle[:, here] = np.partition(part, size // 2, axis=2)[:, :, size // 2]
        middle[:, here][:, ~np.isfinite(part).all(axis=(0, 2))] = np.nan

    on_all_cores(fill, parts_of(count, _EPOCHS))
    return np.concatenate((angle_between(middle[:, :-1], middle[:, 1:]), [np.nan]))


def find_sleep(
    acceleration_g: Samples,
    fs: float,
    non_wear_s: Floats,
    rules: SleepRules,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
) -> Sleep:
    """The sleep period of a recording.

    Parameters
    ----------
    acceleration_g
        (3, n), g, calibrated or not.
    non_wear_s
        (k, 2) spans without the sensor on the body.
    lights_off_s, lights_up_s
        Marks of the person, seconds since the first sample. They win: nothing outside them is sleep.
    """
    change = angle_changes(acceleration_g, fs, rules.epoch_s)
    epoch_s = round(rules.epoch_s * fs) / fs
    each = stillness_score(change, epoch_s, non_wear_s, rules, smooth_s=0.0)
    score = stillness_score(change, epoch_s, non_wear_s, rules, smooth_s=rules.smooth_s)
    times = np.arange(len(score)) * epoch_s
    outside = (times < (lights_off_s or 0)) | (times >= (np.inf if lights_up_s is None else lights_up_s))
    each[outside] = score[outside] = -rules.moving_cost
    rests, longest_still_s = find_rests(score, epoch_s, rules)
    marked = lights_off_s is not None or lights_up_s is not None
    if len(rests) == 0:
        minutes = {"still": longest_still_s / 60, "needed": rules.min_still_s / 60}
        why = Message.of("method.too_restless", **minutes)
        return Sleep(None, None, np.empty((0, 2)), None, np.empty((0, 2)), why)
    first, last = rests[0]
    last = end_of_rest(each, first, last, epoch_s, rules)
    onset_s, end_s = float(first * epoch_s), float(last * epoch_s)
    wake_s = _find_wake(change[first:last], epoch_s, rules) + onset_s
    last_s = onset_s + rules.onset_after_s
    falling_asleep_s = (max(last_s - rules.onset_window_max_s, lights_off_s or 0.0), min(last_s, end_s))
    windows_s = _onset_windows(change, epoch_s, falling_asleep_s, wake_s, end_s, rules)
    method = Message("method.marks" if marked else "method.stillness")
    others_s = np.asarray(sorted(rests[1:]), dtype=np.float64).reshape(-1, 2) * epoch_s
    return Sleep(onset_s, end_s, wake_s, falling_asleep_s, windows_s, method, others_s)


def find_rests(score: Floats, epoch_s: float, rules: SleepRules) -> tuple[list[tuple[int, int]], float]:
    """The main rest, and every other interval that passes for sleep by itself.

    Intervals with a positive sum are joined over pauses that are short against the rest on both sides: twenty minutes
    up cost more than an hour of restless sleep before them is worth, and without this step the night would begin
    after the pause. The main rest is the one with the most stillness.

    Parameters
    ----------
    score
        (m,) stillness of each epoch.

    Returns
    -------
    list of (int, int), float
        Start and end (excluded) of each, in epochs, the main one first; and the stillness of the best interval in
        seconds, whether it passed or not.
    """
    pieces = _positive_intervals(score, rules.join_rest_s / epoch_s)
    still_s = [float(np.sum(score[first:last] > 0)) * epoch_s for first, last in pieces]
    longest_s = max(still_s, default=0.0)
    long = [piece for piece, length_s in zip(pieces, still_s, strict=True) if length_s >= rules.min_still_s]
    rests = _joined(pieces, score, epoch_s, rules)
    passed = [(start, end) for start, end, _ in rests if any(start <= one[0] < end for one in long)]
    return passed, longest_s


def _positive_intervals(score: Floats, least: float) -> list[tuple[int, int]]:
    """Disjoint intervals that sum to `least` or more: the largest, then the largest beside it, and so on."""
    left = score.copy()
    pieces: list[tuple[int, int]] = []
    while True:
        first, last = largest_sum(left)
        if last == first or float(score[first:last].sum()) < least:
            return pieces
        pieces.append((first, last))
        # No other interval can pay for crossing even one epoch of this one.
        left[first:last] = -float(len(left))


def _joined(
    pieces: list[tuple[int, int]], score: Floats, epoch_s: float, rules: SleepRules
) -> list[tuple[int, int, float]]:
    """Start, end and rest of what pieces become, joined over the shortest pause first; the most rest first."""
    rests = sorted((start, end, float(score[start:end].sum())) for start, end in pieces)
    while True:
        pauses = [
            (after[0] - before[1], before, after)
            for before, after in itertools.combinations(rests, 2)
            if (after[0] - before[1]) * epoch_s
            <= min(rules.join_max_s, rules.join_ratio * min(before[2], after[2]) * epoch_s)
        ]
        if not pauses:
            return sorted(rests, key=lambda rest: -rest[2])
        _, before, after = min(pauses)
        within = [rest for rest in rests if before[0] <= rest[0] <= after[0]]
        one = (before[0], after[1], sum(rest[2] for rest in within))
        rests = sorted([one, *(rest for rest in rests if rest not in within)])


def end_of_rest(each: Floats, first: int, last: int, epoch_s: float, rules: SleepRules) -> int:
    """Where a rest found in the smoothed stillness ends by the epochs themselves, epochs.

    Smoothing blunts the edge: someone who wakes and moves at once would be called awake minutes before. The onset
    stays blunt on purpose: on clinic nights it is judged early anyway.

    Parameters
    ----------
    each
        (m,) stillness of each epoch, not smoothed.
    first, last
        The rest, `last` excluded.
    """
    reach = round(rules.smooth_s / epoch_s / 2)
    begin = max(first, last - reach)
    total = np.concatenate(([0.0], np.cumsum(each[begin : last + reach])))
    return begin + int(np.argmax(total))


def largest_sum(score: Floats) -> tuple[int, int]:
    """Start and end (excluded) of the interval of a (m,) array with the largest sum; (0, 0) if none is positive."""
    total = np.concatenate(([0.0], np.cumsum(score)))
    end = int(np.argmax(total - np.minimum.accumulate(total)))
    # Of equal minima the last: a segment that sums to nothing (a gap, say) adds nothing in front.
    start = end - int(np.argmin(total[end::-1]))
    return (start, end) if end > start else (0, 0)


def stillness_score(
    change: Floats, epoch_s: float, non_wear_s: Floats, rules: SleepRules, *, smooth_s: float
) -> Floats:
    """(m,) +1 for a still epoch, -moving_cost for a moving one, 0 in gaps; smoothed over `smooth_s`."""
    moving = np.where(np.isfinite(change), change > rules.moving_deg, False).astype(np.float64)
    share = ndimage.uniform_filter1d(moving, max(1, round(smooth_s / epoch_s)), mode="nearest")
    score = 1 - (1 + rules.moving_cost) * share
    score[~np.isfinite(change)] = 0.0
    for start_s, end_s in non_wear_s:
        score[int(start_s // epoch_s) : int(np.ceil(end_s / epoch_s))] = -rules.moving_cost
    return score


def _find_wake(change: Floats, epoch_s: float, rules: SleepRules) -> Floats:
    """(k, 2) wake bouts, s: where the arm turns again and again.

    A few turns minutes apart are a restless sleeper.
    """
    turns = np.where(np.isfinite(change), change > rules.turn_deg, False)
    size = max(1, round(rules.wake_window_s / epoch_s))
    often = ndimage.uniform_filter1d(turns.astype(np.float64), size, mode="nearest") > rules.min_wake_share
    bouts = find_runs(often)
    # The window reaches beyond the turning: a bout begins and ends with a turn of the arm.
    first = [start + int(np.argmax(turns[start:end])) for start, end in bouts]
    last = [end - int(np.argmax(turns[start:end][::-1])) for start, end in bouts]
    spans_s = np.stack((first, last), axis=1).astype(np.float64).reshape(-1, 2) * epoch_s
    return np.asarray(spans_s[lengths(spans_s) >= rules.min_wake_s], dtype=np.float64)


def _onset_windows(
    change: Floats,
    epoch_s: float,
    falling_asleep_s: tuple[float, float],
    wake_s: Floats,
    end_s: float,
    rules: SleepRules,
) -> Floats:
    """(k, 2) spans of falling asleep: around the first onset and after each wake bout, where the person rests.

    The first window looks at onset from both sides, because stillness comes before sleep and a night rich in
    jerks becomes still late. A person who sits up, reads and turns is not falling asleep: only epochs count
    before which the arm seldom turned.
    """
    windows = [falling_asleep_s]
    for start_s, stop_s in wake_s:
        windows.append((max(start_s, stop_s - rules.reonset_before_s), stop_s + rules.reonset_after_s))
    times = np.arange(len(change)) * epoch_s
    falling = np.zeros(len(change), dtype=bool)
    for first_s, last_s in windows:
        falling |= (times >= first_s) & (times < min(last_s, end_s))
    return np.asarray(find_runs(falling & _at_rest(change, epoch_s, rules)) * epoch_s, dtype=np.float64)


def _at_rest(change: Floats, epoch_s: float, rules: SleepRules) -> NDArray[np.bool_]:
    """(m,) bool: the arm seldom turned in the time *before* each epoch; a jerk may well be followed by movement."""
    moving = np.where(np.isfinite(change), change > rules.moving_deg, False)
    total = np.concatenate(([0], np.cumsum(moving)))
    epochs = np.arange(len(change))
    width = max(1, round(rules.rest_s / epoch_s))
    recent = total[epochs] - total[np.maximum(epochs - width, 0)]
    return np.asarray((epochs >= width) & (recent <= rules.rest_share * width))
