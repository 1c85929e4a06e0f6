"""The sleep period, the wake bouts inside it, and the windows in which a person falls asleep.

Knows the arm's direction over the night, where a person marked them lights off and up, and what a person said of the
sleep itself, which goes before all that is found. Must not know events.
A wrist can't see sleep, only stillness: onset and end are ranges (`sleep_model`), and one value each stands for them
where a number is needed, the middle.

What is looked at follows van Hees 2018, the change of the arm's angle over 5 s, but between gravity *vectors*, so that
it doesn't matter how the sensor sits on the wrist. His rule joins still blocks > 30 min over gaps < 60 min; on clinic
nights it misses onset and end by hours, and a recording begun a second later can give another night.

Wake bouts are where the arm turns by more than 5 degrees (van Hees 2015) in most minutes. His own rule, everything
between two segments of 5 min of inactivity, calls a restless sleeper awake for hours.

A person who lies as still as a sleeper for longer than `min_still_s` is called asleep: nothing at the wrist tells the
two apart, only marks of lights off and up do. On 26 clinic nights onset comes up to an hour too early where somebody
lay still and awake, and of the made people who lie awake all night in `tests/worlds/bedside` those who lie still are
called asleep.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.detection.corrections import SaidTimes
from sleepjerk.detection.curves import angle_between
from sleepjerk.detection.level import sliding_medians
from sleepjerk.detection.sleep_model import Likely, blurred, delayed, evidence, how_likely, middle, range_of
from sleepjerk.messages import Message
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import SleepRules
from sleepjerk.spans import find_runs, inside, lengths, outside

_NOWHERE = np.empty((0, 2))
_NOTHING_SAID = SaidTimes()


@dataclass(frozen=True, slots=True)
class Sleep:
    """When the person slept. All spans are (start, end) in seconds since the first sample.

    Attributes
    ----------
    onset_s, end_s
        The sleep period; None when none was found.
    onset_range_s, end_range_s
        Between which moments each lies in nine nights of ten; None where a person said when it was.
    wake_s
        (k, 2) wake bouts inside the period.
    onset_windows_s
        (k, 2) spans of falling asleep: around `onset_s` and after each wake bout, where the person rests and onset is
        near often enough to speak of it.
    near_onset
        (n,) chance that the person falls asleep within `near_onset_s` of each moment, `step_s` apart.
    said
        What the person said of it.
    method
        What decided onset and end, or why there is none.
    begins_asleep, ends_asleep
        More likely than not the first sample lies in the sleep period, or the last: onset or end was not recorded.
    others_s
        (k, 2) further rest outside the period that would have passed for sleep by itself: a nap. It is named and not
        analysed.
    """

    onset_s: float | None
    end_s: float | None
    wake_s: Floats
    onset_range_s: tuple[float, float] | None
    end_range_s: tuple[float, float] | None
    onset_windows_s: Floats
    method: Message
    begins_asleep: bool = False
    ends_asleep: bool = False
    others_s: Floats = field(default_factory=lambda: np.empty((0, 2)))
    near_onset: Floats = field(default_factory=lambda: np.empty(0))
    step_s: float = 1.0
    said: SaidTimes = _NOTHING_SAID

    @property
    def span_s(self) -> tuple[float, float] | None:
        """Onset and end together; None without a sleep period."""
        return None if self.onset_s is None or self.end_s is None else (self.onset_s, self.end_s)

    @property
    def within_s(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges of onset and end, of one that a person said the moment itself; zeros without a sleep period."""
        onset_s, end_s = self.span_s or (0.0, 0.0)
        return self.onset_range_s or (onset_s, onset_s), self.end_range_s or (end_s, end_s)

    @property
    def period_h(self) -> float:
        """Hours from onset to end; 0 without a sleep period."""
        return float(np.diff(self.span_s or (0.0, 0.0))[0]) / 3600

    def near_onset_at(self, times_s: Floats) -> Floats:
        """(m,) `near_onset` at each of (m,) times; 0 without a sleep period."""
        if len(self.near_onset) == 0:
            return np.zeros(len(times_s))
        rows = np.clip((times_s / self.step_s).astype(np.int64), 0, len(self.near_onset) - 1)
        return np.asarray(self.near_onset[rows])


@dataclass(frozen=True, slots=True)
class Activity:
    """What the arm does in each of m seconds or about that.

    Attributes
    ----------
    turn_deg
        (m,) angle between its direction in the `epoch_s` before and after, NaN beside gaps.
    moved
        (m,) how surely it moved, 0 to 1; 0 in gaps.
    step_s
        Length of such a second, a whole number of samples.
    """

    turn_deg: Floats
    moved: Floats
    step_s: float


def arm_activity(acceleration_g: Samples, fs: float, rules: SleepRules) -> Activity:
    """How far the arm turned at about every half second, and whether it moved in it.

    The direction is the mean of each half second and then the median over 5 s: a short movement doesn't touch it. What
    the sensor's own noise makes is no movement.
    """
    size = max(1, round(rules.turn_step_s * fs))
    count, width = acceleration_g.shape[1] // size, round(rules.epoch_s / rules.turn_step_s)
    turn_deg = np.full(count, np.nan)
    pieces = acceleration_g[:, : count * size].reshape(3, count, size)
    mean_g = np.einsum("ijk->ij", pieces) / size
    variance = np.einsum("ijk,ijk->j", pieces, pieces) / size - np.sum(mean_g**2, axis=0)
    if count >= 2 * width:
        steady = np.stack([sliding_medians(axis, width) for axis in np.nan_to_num(mean_g)])
        steady[:, ~sliding_window_view(np.isfinite(mean_g).all(axis=0), width).all(axis=1)] = np.nan
        turn_deg[width : count - width + 1] = angle_between(steady[:, :-width], steady[:, width:])
    known = variance[np.isfinite(variance)]
    noise_g2 = np.percentile(known, rules.noise_percentile) if len(known) else 0.0
    variance -= np.clip(noise_g2, 0, rules.noise_most_g**2)
    spread_g = np.sqrt(np.maximum(variance, 0))  # rounding may leave less than nothing
    moved = np.clip((spread_g - rules.moving_low_g) / (rules.moving_high_g - rules.moving_low_g), 0, 1)
    return Activity(turn_deg, np.nan_to_num(moved), size / fs)


def find_sleep(
    acceleration_g: Samples,
    fs: float,
    non_wear_s: Floats,
    rules: SleepRules,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    said: SaidTimes = _NOTHING_SAID,
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
    said
        What the person said of the sleep itself. It wins over the marks.
    """
    return sleep_by(
        arm_activity(acceleration_g, fs, rules), non_wear_s, rules, lights_off_s, lights_up_s, said
    )


def sleep_by(
    activity: Activity,
    non_wear_s: Floats,
    rules: SleepRules,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    said: SaidTimes = _NOTHING_SAID,
) -> Sleep:
    """The sleep period by what the arm did; arguments as those of `find_sleep`."""
    if said.sleep_s is None:
        sleep, onset = _estimated(activity, non_wear_s, rules, lights_off_s, lights_up_s)
    else:
        sleep, onset = _as_said(activity, said.sleep_s, rules)
        lights_off_s = None
    rests_s = outside(np.array([sleep.span_s or (0.0, 0.0)]), said.awake_s)
    if sleep.span_s is None or len(rests_s) == 0:
        awake = replace(_no_sleep(0.0, rules), method=Message("method.awake"))
        return replace(awake if sleep.span_s else sleep, said=said)
    begin_s, end_s = float(rests_s[0, 0]), float(rests_s[-1, 1])
    later, earlier = begin_s > sleep.span_s[0], end_s < sleep.span_s[1]
    if later:
        onset = _surely(begin_s, len(onset), sleep.step_s)
    wake_s = np.clip(said.over(_find_wake(activity, (begin_s, end_s), rules)), begin_s, end_s)
    wake_s = wake_s[lengths(wake_s) > 0]
    near = _near_onset(onset, wake_s, sleep.step_s, rules)
    near[inside(np.arange(len(near)) * sleep.step_s, said.awake_s)] = 0.0
    return replace(
        sleep,
        onset_s=begin_s,
        end_s=end_s,
        wake_s=wake_s,
        onset_range_s=_within(sleep.onset_range_s, begin_s if later else 0.0, np.inf),
        end_range_s=_within(sleep.end_range_s, 0.0, end_s if earlier else np.inf),
        onset_windows_s=_onset_windows(near, sleep.step_s, activity, lights_off_s or 0.0, end_s, rules),
        begins_asleep=sleep.begins_asleep and not later,
        ends_asleep=sleep.ends_asleep and not earlier,
        near_onset=near,
        said=said,
    )


def _within(range_s: tuple[float, float] | None, low_s: float, high_s: float) -> tuple[float, float] | None:
    """A range without what was said to be impossible."""
    if range_s is None:
        return None
    return (min(max(range_s[0], low_s), high_s), min(max(range_s[1], low_s), high_s))


def _as_said(activity: Activity, span_s: tuple[float, float], rules: SleepRules) -> tuple[Sleep, Floats]:
    """The sleep period that a person said; results as those of `_estimated`."""
    furthest, _, step_s = half_minutes(activity, rules)
    until_end = span_s[1] >= len(activity.moved) * activity.step_s
    said = Message("method.said")
    sleep = Sleep(*span_s, _NOWHERE, None, None, _NOWHERE, said, span_s[0] <= 0, until_end, step_s=step_s)
    return sleep, _surely(span_s[0], furthest.size + 1, step_s)


def _surely(moment_s: float, size: int, step_s: float) -> Floats:
    """(size,) chance of falling asleep at each moment, when it is known."""
    return np.asarray(np.arange(size) == min(round(moment_s / step_s), size - 1), dtype=np.float64)


def _estimated(
    activity: Activity,
    non_wear_s: Floats,
    rules: SleepRules,
    lights_off_s: float | None,
    lights_up_s: float | None,
) -> tuple[Sleep, Floats]:
    """The sleep period without what lies in it, and (n,) the chance of falling asleep at each moment."""
    furthest, moved_s, step_s = half_minutes(activity, rules)
    if len(furthest) == 0:
        return _no_sleep(0.0, rules), _NOWHERE
    times_s = np.arange(furthest.size) * step_s
    allowed = (times_s >= (lights_off_s or 0.0)) & ~inside(times_s, non_wear_s)
    if lights_up_s is not None:
        allowed &= times_s < lights_up_s
    seen, may = evidence(furthest, moved_s, rules), allowed.reshape(furthest.shape)
    likely = how_likely(seen, may, rules)
    rest_s = float(np.sum(likely.asleep)) * step_s
    if rest_s < rules.min_still_s:
        return _no_sleep(rest_s, rules), _NOWHERE
    # Of two rests that could both be the night one is, and neither the time between them.
    likely = how_likely(seen, may, rules, within=likely.surest // furthest.shape[1])
    onset, end = _onset_and_end(likely, step_s, allowed, rules)
    span_s = (middle(onset, step_s, rules), middle(end, step_s, rules))
    if span_s[0] >= span_s[1]:
        return _no_sleep(rest_s, rules), _NOWHERE
    marked = lights_off_s is not None or lights_up_s is not None
    sleep = Sleep(
        *span_s,
        _NOWHERE,
        range_of(onset, step_s, rules.range_share),
        range_of(end, step_s, rules.range_share),
        _NOWHERE,
        Message("method.marks" if marked else "method.stillness"),
        bool(likely.still_from[0] > 0.5),  # plain: more likely than not
        bool(likely.until[-1] > 0.5),  # plain: more likely than not
        _other_rests(likely, step_s, rules),
        step_s=step_s,
    )
    return sleep, onset


def _no_sleep(rest_s: float, rules: SleepRules) -> Sleep:
    why = Message.of("method.too_restless", still=rest_s / 60, needed=rules.min_still_s / 60)
    return Sleep(None, None, _NOWHERE, None, None, _NOWHERE, why)


def half_minutes(activity: Activity, rules: SleepRules) -> tuple[Floats, Floats, float]:
    """(n, p) furthest turn and (n, p) seconds moved in each half minute, and the step, s.

    They are looked at p times, each time beginning a step later. NaN where nothing is known of the turn.
    """
    phases = rules.phases
    size = max(1, round(rules.half_minute_s / activity.step_s / phases))
    steps = len(activity.moved) // size
    if steps < phases:
        return np.empty((0, phases)), np.empty((0, phases)), size * activity.step_s
    furthest = np.nan_to_num(activity.turn_deg[: steps * size], nan=-1.0).reshape(steps, size).max(axis=1)
    moved_s = activity.moved[: steps * size].reshape(steps, size).sum(axis=1) * activity.step_s
    furthest = sliding_window_view(furthest, phases).max(axis=1)
    moved_s = sliding_window_view(moved_s, phases).sum(axis=1)
    rows = len(furthest) // phases
    furthest, moved_s = (values[: rows * phases].reshape(rows, phases) for values in (furthest, moved_s))
    return np.where(furthest < 0, np.nan, furthest), moved_s, size * activity.step_s


def _onset_and_end(
    likely: Likely, step_s: float, allowed: NDArray[np.bool_], rules: SleepRules
) -> tuple[Floats, Floats]:
    """(n + 1,) chance of falling asleep and of waking for good at each moment, none of it where nobody may sleep.

    Nobody falls asleep after the end: what a delay would put there did not happen.
    """
    still_from = np.append(likely.still_from, 0.0)
    end = blurred(likely.until, step_s, rules) * np.concatenate(([False], allowed))
    onset = blurred(delayed(still_from, step_s, rules), step_s, rules) * np.append(allowed, False)
    onset *= 1 - np.cumsum(end) / end.sum()
    return onset / onset.sum(), end / end.sum()


def _find_wake(activity: Activity, span_s: tuple[float, float], rules: SleepRules) -> Floats:
    """(k, 2) wake bouts, s: where the arm turns in most minutes.

    A few turns minutes apart are a restless sleeper.
    """
    first, last = (round(moment_s / activity.step_s) for moment_s in span_s)
    turned = np.nan_to_num(activity.turn_deg[first:last]) >= rules.turn_deg
    minute, size = (max(1, round(length_s / activity.step_s)) for length_s in (60.0, rules.wake_window_s))
    moved = ndimage.maximum_filter1d(turned.astype(np.float64), minute)
    often = ndimage.uniform_filter1d(moved, size) >= rules.min_wake_share
    # The windows reach beyond the turning: a bout begins and ends with a turn of the arm.
    turns_of = [start + np.flatnonzero(turned[start:end]) for start, end in find_runs(often)]
    bouts = [rows[[0, -1]] for rows in turns_of if len(rows)]
    spans_s = np.clip((first + np.array(bouts).reshape(-1, 2)) * activity.step_s, *span_s)
    return np.asarray(spans_s[lengths(spans_s) >= rules.min_wake_s], dtype=np.float64)


def _near_onset(onset: Floats, wake_s: Floats, step_s: float, rules: SleepRules) -> Floats:
    """(n,) chance that the person falls asleep, first or again, within some minutes of each moment."""
    again = np.zeros_like(onset)
    again[np.minimum(wake_s[:, 1] / step_s, len(onset) - 1).astype(np.int64)] = 1.0
    if len(wake_s):
        again = len(wake_s) * blurred(delayed(again, step_s, rules), step_s, rules)
    reach = 2 * round(rules.near_onset_s / step_s) + 1
    near = reach * ndimage.uniform_filter1d(onset + again, reach, mode="constant")
    return np.clip(near, 0.0, 1.0)  # running sums may leave less than nothing


def _onset_windows(
    near: Floats, step_s: float, activity: Activity, lights_off_s: float, end_s: float, rules: SleepRules
) -> Floats:
    """(k, 2) spans of falling asleep: onset is near often enough, and the person rests.

    A person who sits up, reads and turns is not falling asleep. Only what was *before* each moment counts: a jerk may
    well be followed by movement.
    """
    times_s = np.arange(len(activity.turn_deg)) * activity.step_s
    near = near[np.minimum(times_s / step_s, len(near) - 1).astype(np.int64)]
    width = round(rules.rest_s / activity.step_s)
    turned = np.nan_to_num(activity.turn_deg) >= rules.turn_deg
    total = np.concatenate((np.zeros(width), np.cumsum(turned)))
    # A turn is seen from 5 s before it on: the jerk's own must not count.
    late = round(rules.epoch_s / activity.step_s)
    recent = np.concatenate((np.zeros(late), np.subtract(total[width:], total[:-width])))[: len(times_s)]
    falling = (
        (near >= rules.onset_window_chance) & (recent == 0) & (times_s >= lights_off_s) & (times_s < end_s)
    )
    return np.asarray(np.minimum(find_runs(falling) * activity.step_s, end_s))


def _other_rests(likely: Likely, step_s: float, rules: SleepRules) -> Floats:
    """(k, 2) rests apart from the sleep period that would have passed for one, s."""
    rests_s = find_runs(likely.napping > 0.5) * step_s  # plain: more likely than not
    return np.asarray(rests_s[lengths(rests_s) >= rules.min_still_s])
