"""Where does a movement begin and end?

Knows the curves of `movement`. Must not know sleep, labels or series: `shape` measures what is found here, and
`classify` decides what it is.

Two channels look at the same night. The fast one (2-20 Hz, 0.1 s) sees jerks and gives edges; the slow one
(1-8 Hz, 0.3 s) joins the parts of a limb or body movement that half a second of quiet doesn't separate. A
movement of the slow channel that holds nothing but one or two short pulses, apart from each other, is those
pulses; anything else absorbs the pulses it overlaps. Edges are where the envelope crosses a share of the *event's
own* peak: an absolute threshold would turn a strong 0.3 s jerk into a 0.7 s limb movement.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sleepjerk.detection.curves import Curves
from sleepjerk.detection.level import most_within
from sleepjerk.recording import Floats, Samples, Spans
from sleepjerk.rules import DetectionRules
from sleepjerk.spans import every_sample, find_runs, joined, last_begun, lengths, union

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """Movements found, sorted by onset.

    Attributes
    ----------
    spans
        (k, 2) first sample and the one after the last, edges relative to each movement's own peak.
    pulses
        (k,) number of fast pulses in each; 0 when only the slow channel saw it.
    alone
        (k,) bool: a single short pulse that no longer movement absorbed.
    faint
        (k,) bool: so weak that only what is ordinary around it tells it from noise.
    """

    spans: Spans
    pulses: Indices
    alone: Mask
    faint: Mask

    def only(self, kept: Mask) -> "Found":
        """Some of the movements."""
        return Found(self.spans[kept], self.pulses[kept], self.alone[kept], self.faint[kept])


def detection_threshold(
    noise_g: float | None, step_g: float | None, rate_hz: float, bed_g: float, rules: DetectionRules
) -> tuple[float, str]:
    """The lowest peak at which a twitch may be told in this night, g, and what sets it, the name of a limit below.

    Parameters
    ----------
    noise_g
        The sensor's noise as from `movement.sensor_noise`; None when unknown.
    step_g
        Its quantisation step; None when unknown. A single step must not look like a twitch.
    rate_hz
        As it was recorded. A slow sensor doesn't show the pitch by which the ringing of a bed is known.
    bed_g
        How strongly the bed rings, as from `classify.bed_peak`; 0 when it doesn't.
    """
    limits = {
        "rules": rules.min_peak_g,
        "noise": rules.noise_factor * (noise_g or 0.0),
        "rate": rules.slow_min_peak_g if rate_hz < rules.slow_hz else 0.0,
        "step": rules.step_factor * (step_g or 0.0),
        "bed": bed_g,
    }
    limit = max(limits, key=lambda name: limits[name])
    return limits[limit], limit


def find_movements(curves: Curves, step_g: float | None, twitch_max_s: float, rules: DetectionRules) -> Found:
    """Every movement of a night that clears the noise and is whole.

    Parameters
    ----------
    step_g
        Quantisation step of the sensor, None when unknown.
    twitch_max_s
        Longest pulse that may stand alone.
    """
    fs, stepped_g = curves.fs, rules.step_factor * (step_g or 0.0)
    least_g = max(rules.min_envelope_g, stepped_g)
    floor = curves.slow_floor_g.everywhere()
    slow = _find_active(curves.slow_envelope_g, floor, least_g, fs, rules.slow_join_s, rules)
    seen = _relative_edges(curves.slow_envelope_g, floor, slow, rules)
    del floor  # as long as the night
    fast, floor = curves.fast_envelope_g, curves.fast_floor_g.everywhere()
    pulses = _find_active(fast, floor, least_g, fs, rules.fast_join_s, rules)
    pulses = _split(pulses, fast, round(twitch_max_s * fs), rules)
    pulses = _relative_edges(curves.edge_envelope_g, floor, pulses, rules)
    held = _find_held(curves, union(pulses, slow), max(rules.away_g, stepped_g), rules)
    longest, begins = round(rules.alone_max_s * fs), curves.segments[:, 0]
    found = _join_channels(pulses, union(slow, held), seen, held, begins, fs, longest, rules)
    long = ~found.alone
    edges = _relative_edges(curves.edge_envelope_g, floor, found.spans[long], rules)
    found.spans[long] = _reach_over(edges, held, found.spans[long], round(rules.away_touch_s * fs))
    found = _with_faint(found, _find_faint(curves, floor, found.spans, stepped_g, twitch_max_s, rules))
    # A gap that hides no movement cuts none in two, and one may end with the recording; a lone pulse stays away.
    guard, ends = round(rules.gap_guard_s * fs), np.array([0, len(fast)])
    whole = joined(curves.segments, round(rules.slow_join_s * fs))
    whole = whole + (guard - 2) * (whole == ends) * np.array([-1, 1])
    clear, whole = (_clear_of_gaps(found.spans, parts, guard) for parts in (curves.segments, whole))
    return found.only(np.where(found.alone, clear, whole))


def _find_faint(
    curves: Curves,
    floor: Samples,
    movements: Spans,
    stepped_g: float,
    twitch_max_s: float,
    rules: DetectionRules,
) -> Spans:
    """(k, 2) short pulses more like a jerk than what is ordinary around them, away from every stronger movement."""
    fs = curves.fs
    ordinary = curves.matched_filter_level_g.everywhere()
    ordinary *= np.float32(rules.matched_filter_factor)
    alike = find_runs(curves.matched_filter_g > ordinary)
    del ordinary  # as long as the night
    reach = round(rules.matched_filter_reach_s * fs)
    grown = np.clip(alike + np.array([-reach, reach]), 0, len(curves.matched_filter_g))
    pulses = union(grown)
    if len(pulses):
        least_g = max(rules.faint_envelope_g, stepped_g)
        pulses = pulses[most_within(curves.fast_envelope_g, pulses) >= least_g]
    pulses = _relative_edges(curves.edge_envelope_g, floor, pulses, rules)
    pulses = pulses[lengths(pulses) <= round(twitch_max_s * fs)]
    if len(movements) == 0:
        return pulses
    guard = round(rules.faint_clear_s * fs)
    ends = np.maximum.accumulate(movements[:, 1])
    after = np.searchsorted(movements[:, 0], pulses[:, 1] + guard)
    clear = (after == 0) | (ends[np.maximum(after - 1, 0)] + guard <= pulses[:, 0])
    return np.asarray(pulses[clear], dtype=np.int64)


def _with_faint(found: Found, faint: Spans) -> Found:
    """Movements and faint pulses in one list by onset."""
    spans = np.concatenate((found.spans, faint))
    order = np.argsort(spans[:, 0], kind="stable")
    ones, is_faint = np.ones(len(faint), dtype=np.int64), np.arange(len(spans)) >= len(found.spans)
    pulses = np.concatenate((found.pulses, ones))
    return Found(spans[order], pulses[order], np.concatenate((found.alone, ones > 0))[order], is_faint[order])


def _find_active(
    envelope: Samples, floor: Samples, least_g: float, fs: float, join_s: float, rules: DetectionRules
) -> Spans:
    """(k, 2) runs above the off threshold, joined over short pauses, that somewhere reach the on threshold.

    On is a multiple of the floor and at least `least_g`; off a share of on, and clear of the floor.
    """
    hold = max(rules.hold_ratio * rules.floor_factor, rules.hold_floor_factor)
    off = np.float32(hold) * floor
    np.maximum(off, np.float32(rules.hold_ratio * least_g), out=off)
    runs = joined(find_runs(envelope > off), round(join_s * fs))
    if len(runs) == 0:
        return runs
    index, begins = every_sample(runs)
    on = np.maximum(rules.floor_factor * floor[index], least_g)
    return runs[np.logical_or.reduceat(envelope[index] >= on, begins)]


def _split(runs: Spans, envelope: Samples, apart: int, rules: DetectionRules) -> Spans:
    """Runs cut at valleys deep against the lower of the two peaks beside them.

    A strong jerk rings above the absolute off threshold for a second and would swallow the next one.
    """
    cuts = []
    for start, end in runs[lengths(runs) > apart]:
        values = envelope[start:end]
        if not _has_valley(values, rules.valley_ratio):
            continue
        peaks = _clear_peaks(values, apart, 1 - rules.valley_ratio)
        cuts += [
            start + left + int(np.argmin(values[left:right])) for left, right in itertools.pairwise(peaks)
        ]
    edges = np.sort(np.concatenate((runs.ravel(), np.repeat(np.array(cuts, dtype=np.int64), 2))))
    return edges.reshape(-1, 2)


def _has_valley(values: Samples, ratio: float) -> bool:
    """Can two peaks be clear: is something between them deep enough, or are the two as high as each other?"""
    highest = np.maximum.accumulate(values)
    lower = np.minimum(highest, np.maximum.accumulate(values[::-1])[::-1])
    deep = values <= np.float32(1.001 * ratio) * lower  # plain: rounding
    return bool(deep.any()) or int(np.count_nonzero(values == highest[-1])) > 1


def _clear_peaks(values: Samples, apart: int, share: float) -> list[int]:
    """Where values have a peak, none within `apart` samples of a higher one, that rises by a share of its height.

    As scipy.signal.find_peaks has distance and prominence; importing that takes longer than analysing a night.
    """
    edged = np.concatenate(([0], values, [0]))
    rises = np.flatnonzero(np.diff(edged))  # a plateau counts once, at its middle
    tops = np.flatnonzero(
        (edged[rises[:-1] + 1] > edged[rises[:-1]]) & (edged[rises[1:]] > edged[rises[1:] + 1])
    )
    peaks = (rises[tops] + rises[tops + 1] - 1) // 2
    taken: list[int] = []
    for peak in peaks[np.argsort(values[peaks], kind="stable")][::-1].tolist():
        if all(abs(peak - other) >= apart for other in taken):
            taken.append(peak)
    return sorted(peak for peak in taken if _prominence(values, peak) >= share * values[peak])


def _prominence(values: Samples, peak: int) -> float:
    """How far one must go down from a peak, on the shallower side, to reach something higher or the end."""
    height = values[peak]
    left, right = values[:peak][::-1], values[peak + 1 :]
    valleys = []
    for side in (left, right):
        higher = side > height
        if higher.any():
            valleys.append(side[: int(np.argmax(higher))].min(initial=height))
        else:
            valleys.append(0.0)
    return float(height - max(valleys))


def _relative_edges(envelope: Samples, floor: Samples, runs: Spans, rules: DetectionRules) -> Spans:
    """First and last sample of each run at which the envelope reaches a share of the run's own peak."""
    if len(runs) == 0:
        return runs
    index, begins = every_sample(runs)
    samples = lengths(runs)
    values = envelope[index]
    peak = np.maximum.reduceat(values, begins)
    level = np.maximum(
        rules.edge_ratio * peak, rules.edge_floor_factor * np.maximum.reduceat(floor[index], begins)
    )
    high = values >= np.repeat(np.minimum(level, peak), samples)
    first = np.minimum.reduceat(np.where(high, index, len(envelope)), begins)
    last = np.maximum.reduceat(np.where(high, index, -1), begins)
    return np.stack((first, last + 1), axis=1)


def _find_held(curves: Curves, moved: Spans, least_g: float, rules: DetectionRules) -> Spans:
    """(k, 2) sample spans in which the arm lay elsewhere for some seconds, begun or ended by a movement.

    An arm that is lifted, held and let go is one movement, however still it is held. On a coarse sensor the breath
    alone moves the arm's direction by a step: `least_g` is more than that.
    """
    rate = curves.posture_hz
    edges = _above_share(curves.away_g(least_g), least_g, rules.away_share)
    length_s = (lengths(edges)) / rate
    edges = edges[(length_s >= rules.held_min_s) & (length_s <= rules.held_max_s)]
    # A value of the posture curve stands in the middle of its block.
    held = np.rint((edges + 0.5) * (curves.fs / rate)).astype(np.int64)
    if len(held) == 0 or len(moved) == 0:
        return np.empty((0, 2), dtype=np.int64)
    touch = round(rules.away_touch_s * curves.fs)
    after = np.minimum(np.searchsorted(moved[:, 1], held[:, 0] - touch), len(moved) - 1)
    touched = (moved[after, 1] >= held[:, 0] - touch) & (moved[after, 0] <= held[:, 1] + touch)
    grown = held[touched] + np.array([-touch, touch])
    return union(np.clip(grown, 0, len(curves.fast_envelope_g)))


def _above_share(values: Floats, least: float, share: float) -> Floats:
    """(k, 2) where values stay above a share of the peak of their excursion beyond `least`, in samples.

    The ends are interpolated, and so don't depend on where the grid begins. A strong jerk leaves two humps with
    a zero between them: each is an end of its own.
    """
    level = np.full(len(values), np.inf)
    for start, end in find_runs(values > least):
        level[start:end] = max(least, share * float(values[start:end].max()))
    runs = find_runs(values >= level)
    if len(runs) == 0:
        return np.empty((0, 2))
    first, last = runs[:, 0], runs[:, 1] - 1
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, len(values) - 1)
    rise = np.maximum(values[first] - values[before], 1e-9)
    fall = np.maximum(values[last] - values[after], 1e-9)
    start_at = first - np.clip((values[first] - level[first]) / rise, 0, 1)
    return np.stack((start_at, last + np.clip((values[last] - level[last]) / fall, 0, 1)), axis=1)


def _reach_over(edges: Spans, held: Spans, hulls: Spans, touch: int) -> Spans:
    """Edges of long movements, moved outwards to where an arm held elsewhere left or came back unseen.

    Within `touch` samples the movement itself tells the edge better.
    """
    reached = edges.copy()
    if len(hulls) == 0 or len(held) == 0:
        return reached
    inside = last_begun(held[:, 0], hulls)
    known = (inside >= 0) & (held[:, 1] <= hulls[np.maximum(inside, 0), 1])
    first, last = hulls[:, 1].copy(), hulls[:, 0].copy()
    np.minimum.at(first, inside[known], held[known, 0] + touch)
    np.maximum.at(last, inside[known], held[known, 1] - touch)
    early, late = first < edges[:, 0] - touch, last > edges[:, 1] + touch
    reached[early, 0], reached[late, 1] = first[early], last[late]
    return reached


def _join_channels(
    pulses: Spans,
    slow: Spans,
    seen: Spans,
    held: Spans,
    begins: Indices,
    fs: float,
    longest: int,
    rules: DetectionRules,
) -> Found:
    """Pulses that stand alone, and movements with the number of pulses they absorbed.

    `seen` are the slow movements with edges relative to their own peak: a strong pulse rings long at an absolute
    threshold. What an arm does while it is `held` elsewhere is one movement, and so is what goes on where a segment
    `begins`.
    """
    # Pulses closer than the pause belong together whether or not the slow channel saw them.
    hulls = union(joined(pulses, round(rules.slow_join_s * fs)), slow)
    hull = last_begun(pulses[:, 0], hulls)
    samples = lengths(pulses)
    counts = np.bincount(hull, minlength=len(hulls))
    too_long = np.bincount(hull[samples > longest], minlength=len(hulls))
    # The slow channel smears a pulse; what it sees beyond that is movement between the pulses.
    explained = np.bincount(hull, weights=samples + rules.smear_s * fs, minlength=len(hulls))
    only_pulses = (counts >= 1) & (counts <= rules.max_pulses_alone) & (too_long == 0)
    seen_in = last_begun(seen[:, 0], hulls)
    longest_seen = np.zeros(len(hulls))
    np.maximum.at(longest_seen, seen_in, (lengths(seen)).astype(np.float64))
    only_pulses &= longest_seen <= explained
    only_pulses[last_begun(held[:, 0], hulls)] = False
    only_pulses &= np.diff(np.searchsorted(begins, hulls, side="right"), axis=1)[:, 0] == 0
    alone = pulses[only_pulses[hull]]
    spans = np.concatenate((alone, hulls[~only_pulses]))
    numbers = np.concatenate((np.ones(len(alone), dtype=np.int64), counts[~only_pulses]))
    single = np.arange(len(spans)) < len(alone)
    order = np.argsort(spans[:, 0], kind="stable")
    return Found(spans[order], numbers[order], single[order], np.zeros(len(spans), dtype=bool))


def _clear_of_gaps(spans: Spans, segments: Spans, guard: int) -> Mask:
    """(k,) bool: the whole span, with its guard, lies inside one segment."""
    if len(segments) == 0 or len(spans) == 0:
        return np.zeros(len(spans), dtype=bool)
    inside = np.maximum(last_begun(spans[:, 0], segments), 0)
    return np.asarray(
        (spans[:, 0] - guard >= segments[inside, 0]) & (spans[:, 1] + guard <= segments[inside, 1])
    )
