"""What kind of movement is it, in which state of the person, and does it stand by itself?

Knows the features of movements and the spans of sleep. Must not know samples, filters or the sampling rate; the
series rule is `periodic`'s.
"""

import numpy as np
from numpy.typing import NDArray

from sleepjerk.detection.features import Shapes
from sleepjerk.detection.sleep import Sleep
from sleepjerk.events import ASLEEP, Label, State
from sleepjerk.recording import Floats
from sleepjerk.rules import ClassificationRules, SeriesRules, TwitchRules
from sleepjerk.spans import inside

Mask = NDArray[np.bool_]
Words = NDArray[np.str_]
Indices = NDArray[np.int64]


def find_states(
    onset_s: Floats,
    sleep_s: tuple[float, float] | None,
    wake_s: Floats,
    onset_windows_s: Floats,
    non_wear_s: Floats,
    others_s: Floats | None = None,
) -> Words:
    """(k,) the state at each onset; unknown throughout where no sleep period was found.

    Falling asleep comes before waking: the end of a wake bout belongs to the onset window that opens in it.
    Further rests outside the sleep period (`others_s`) are unknown, even where an
    onset window reaches into them: they may be sleep, and aren't analysed.
    """
    states = np.full(len(onset_s), str(State.UNKNOWN), dtype="<U16")
    if sleep_s is not None:
        asleep = inside(onset_s, np.array([sleep_s])) & ~inside(onset_s, wake_s)
        states[:] = np.where(asleep, str(State.SLEEP), str(State.WAKE))
        states[inside(onset_s, onset_windows_s)] = State.ONSET
        if others_s is not None:
            states[inside(onset_s, others_s)] = State.UNKNOWN
    states[inside(onset_s, non_wear_s)] = State.OFF_BODY
    return states


def find_isolated(
    onset_s: Floats, offset_s: Floats, rules: ClassificationRules, faint: Mask | None = None
) -> Mask:
    """(k,) bool: no other movement of any kind within the isolation time, looking both ways.

    Parameters
    ----------
    faint
        (k,) bool: movements too weak to be trusted; they don't end the isolation of others.
    """
    felt = np.ones(len(onset_s), dtype=bool) if faint is None else ~faint
    begun = np.searchsorted(np.sort(onset_s[felt]), offset_s + rules.isolation_s, side="right")
    ended = np.searchsorted(np.sort(offset_s[felt]), onset_s - rules.isolation_s, side="left")
    return np.asarray(begun - ended - felt == 0)


def stand_alone(
    shapes: Shapes, faint: Mask, falling: Mask, counted: Mask, sleep_h: float, rules: ClassificationRules
) -> Mask:
    """(k,) bool: isolated, in calm minutes, and not one of many weak ones.

    Fidgets come in clusters, and whoever is awake moves in many half minutes, but so did whoever falls asleep. Where
    weak pulses are so many in one night, a bed that shakes explains them as well as jerks do; not the stronger ones.

    Parameters
    ----------
    faint
        As in `find_isolated`.
    falling
        (k,) bool: near the moment of falling asleep, for all we know.
    counted
        (k,) bool: what would be counted as a twitch in sleep.
    sleep_h
        Over how many hours.
    """
    onset_s = shapes.onset_s
    others = np.searchsorted(onset_s, onset_s + rules.restless_s, side="right")
    others -= np.searchsorted(onset_s, onset_s - rules.restless_s) + 1
    calm = (others <= rules.restless_others) & (falling | (shapes.company <= rules.restless_company))
    alone = find_isolated(onset_s, shapes.offset_s, rules, faint) & calm
    weak = shapes.peak_g < rules.weak_g
    return np.asarray(alone & ~(weak & (np.sum(alone & weak & counted) > rules.weak_per_h * sleep_h)))


def ringing(shapes: Shapes, rules: ClassificationRules) -> Mask:
    """(k,) bool: a weak short pulse of a pitch that no arm has: the bed rings."""
    return np.asarray(
        shapes.alone & (shapes.centroid_hz > rules.centroid_max_hz) & (shapes.peak_g < rules.centroid_peak_g)
    )


def bed_peak(shapes: Shapes, least_g: float, rules: ClassificationRules) -> float:
    """How strongly the bed rings in this night, g; 0 when it seldom does.

    Half of the rings have a pitch that a jerk may have, too. Those that are known by their pitch tell how strong the
    others are: a twitch must be stronger.

    Parameters
    ----------
    least_g
        Rings below the sensor's own trusted amplitude don't matter.
    """
    rings_g = shapes.peak_g[ringing(shapes, rules) & (shapes.peak_g >= least_g)]
    if len(rings_g) < rules.bed_min_rings:
        return 0.0
    return float(rules.bed_ratio * np.percentile(rings_g, rules.bed_percentile))


def find_twitches(
    shapes: Shapes, threshold_g: float, chance: Floats, rules: ClassificationRules, twitch: TwitchRules
) -> Mask:
    """(k,) bool: lone, strong enough to be trusted, no ringing of the bed, no arm let go, and likely enough.

    Parameters
    ----------
    threshold_g
        The lowest peak that is trusted with this sensor in this night.
    chance
        (k,) as from `twitches.twitch_chance`.
    """
    likely = (shapes.peak_g >= threshold_g) & (chance >= twitch.least_chance)
    let_go = shapes.pulled_deg >= rules.pulled_deg
    return np.asarray(shapes.alone & likely & ~let_go & ~ringing(shapes, rules))


def settle_twitches(
    shapes: Shapes,
    twitch: Mask,
    jerk: Mask,
    states: Words,
    rested: Words,
    sleep: Sleep,
    rules: ClassificationRules,
) -> Words:
    """(k,) the state of each movement, where a twitch is one of falling asleep only if it may be such a jerk.

    Jerks while falling asleep make the sleeper look awake and put the estimated onset behind them. So one that comes
    out of quiet within the range of the onset is one of falling asleep before the onset windows, too.

    Parameters
    ----------
    jerk
        (k,) bool: stands alone near the moment of falling asleep, for all we know, and is likely enough.
    states, rested
        As from `find_states`, with the onset windows and without.
    """
    busy_s = np.where(shapes.alone | shapes.faint, -np.inf, shapes.offset_s)
    since_s = shapes.onset_s - np.concatenate(([-np.inf], np.maximum.accumulate(busy_s)))[:-1]
    early = (rested == State.WAKE) & (since_s >= rules.calm_s)
    early &= inside(shapes.onset_s, np.array([((sleep.onset_range_s or (0.0,))[0], sleep.onset_s or 0.0)]))
    falling = jerk & ((states == State.ONSET) | early)
    return np.where(twitch, np.where(falling, str(State.ONSET), rested), states)


def label_movements(shapes: Shapes, states: Words, twitch: Mask, rules: ClassificationRules) -> Words:
    """(k,) the label of each movement, before series are known.

    Parameters
    ----------
    states
        As from `find_states`.
    twitch
        As from `find_twitches`.
    """
    duration = shapes.duration_s
    moved = (shapes.tilt_deg >= rules.posture_deg) | (shapes.held_tilt_deg >= rules.posture_deg)
    strong = shapes.peak_g >= np.maximum(rules.body_floor_factor * shapes.floor_g, rules.body_peak_g)
    left = shapes.tilt_deg >= rules.body_tilt_deg  # one limb returns to its place, a turning body doesn't
    body = moved | (duration > rules.limb_max_s) | (strong & left & (duration > rules.body_min_s))
    rhythmic = shapes.rhythm >= rules.rhythmic_autocorrelation
    labels = np.select(
        [
            states == State.OFF_BODY,
            twitch & (states == State.ONSET),
            twitch & (states == State.SLEEP),
            twitch,
            shapes.held_tilt_deg >= rules.posture_deg,
            rhythmic & ~moved,
            body,
            (duration >= rules.limb_min_s) & ~shapes.faint,
        ],
        [
            Label.UNCLASSIFIED,
            Label.HYPNIC_JERK,
            Label.SLEEP_TWITCH,
            Label.UNCLASSIFIED,
            Label.POSTURE_CHANGE,
            Label.RHYTHMIC_MOVEMENT,
            Label.BODY_MOVEMENT,
            Label.LIMB_MOVEMENT,
        ],
        default=Label.UNCLASSIFIED,
    )
    return np.asarray(labels, dtype="<U24")


def series_candidates(
    labels: Words,
    shapes: Shapes,
    rested: Words,
    end_s: float | None,
    min_wake_s: float,
    rules: SeriesRules,
) -> tuple[Mask, Mask, Mask]:
    """(k,) bool: the movements of one limb that may belong to a series or end one; what lies in sleep; and just after.

    Brief twitches may too: a movement of the arm is shorter than the muscle activity that the rules time. A
    movement of the whole body is no limb movement; one longer than the rules allow still ends a series.

    A series may go on in waking (WASM 2016), here until the body moves; only its members in sleep count. Nobody knows
    the end of sleep to the minute, and a series makes the sleeper look awake: what moves just after it, for less time
    than makes a waking, belongs to sleep if a series goes on there, or if the recording is over then.

    Parameters
    ----------
    rested
        As from `find_states`, without the onset windows.
    end_s
        The estimated end of sleep; None without a sleep period.
    min_wake_s
        Shorter movement is no waking.
    """
    limb = np.isin(
        labels,
        [
            Label.LIMB_MOVEMENT,
            Label.RHYTHMIC_MOVEMENT,
            Label.HYPNIC_JERK,
            Label.SLEEP_TWITCH,
            Label.PERIODIC_MOVEMENT,  # only a person says so before the series are searched
        ],
    )
    ends = np.isin(labels, [Label.BODY_MOVEMENT, Label.RHYTHMIC_MOVEMENT]) & (
        shapes.duration_s > rules.max_duration_s
    )
    after = (rested == State.WAKE) & (shapes.onset_s >= (np.inf if end_s is None else end_s)) & ~shapes.faint
    moved = np.isin(labels, [Label.BODY_MOVEMENT, Label.POSTURE_CHANGE]) & after
    beyond = after & (np.cumsum(moved) == 0)
    asleep = rested == State.SLEEP
    candidate = (limb | ends) & (asleep | beyond)
    if not beyond.any() or np.ptp(shapes.onset_s[beyond]) >= min_wake_s:
        beyond = np.zeros_like(beyond)
    return candidate, asleep if moved.any() else asleep | beyond, beyond


def without_waking(numbers: Indices, asleep: Mask, after: Mask) -> Indices:
    """(k,) series numbers of what lies in sleep, and of what goes on just after it; arguments as `series_candidates`
    gives them."""
    begun = np.isin(numbers, numbers[asleep])
    return np.where(asleep | (after & begun), numbers, 0)


def join_brief_movements(
    shapes: Shapes,
    labels: Words,
    states: Words,
    numbers: Indices,
    threshold_g: float,
    rules: ClassificationRules,
) -> Indices:
    """(k,) series numbers, with those brief movements inside a series that were nothing by themselves.

    Between the first and the last movement of a series a single pulse is a part of it, never a twitch of its own.
    One weaker than what is trusted stays what it was: nobody knows what it is.
    """
    brief = (
        shapes.alone
        & np.isin(states, ASLEEP)
        & (shapes.peak_g >= threshold_g)
        & (labels == Label.UNCLASSIFIED)
        & (shapes.duration_s <= rules.twitch_max_s)
    )
    joined = numbers.copy()
    for number in range(1, int(numbers.max(initial=0)) + 1):
        onset_s = shapes.onset_s[numbers == number]
        within = (shapes.onset_s > onset_s.min()) & (shapes.onset_s < onset_s.max())
        joined[brief & within & (numbers == 0)] = number
    return joined
