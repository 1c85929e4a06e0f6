"""One night against the article's "significant, frequent or prolonged": a verdict with its reasons.

Knows the rules and the tables of one night. Must not know samples, files, or how a verdict is shown; weeks
and diaries come later and will stand beside this module, not in it.

Conventions
-----------
Every criterion is True (met), False (not met) or None (can't be told); a None always carries a note that says
why. "Not met" is only said of a valid night: on a short or broken one, what wasn't seen may have been missed.
One night alone is never "frequent": its level is grey, or red where a red flag stands.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.events import Label, State, isolated_twitches
from sleepjerk.night.model import PeriodicSummary, RecordingSummary, SleepSummary
from sleepjerk.night.rates import around, poisson_interval
from sleepjerk.night.verdict import Criterion, Verdict
from sleepjerk.rules import CriteriaRules

Floats = NDArray[np.float64]
Spans = Sequence[tuple[float, float, str]]

STRENGTHS = ("faint", "light", "moderate", "strong")
RED_FLAGS = ("R1", "R2")
_TWITCHES = (Label.HYPNIC_JERK, Label.SLEEP_TWITCH)
_ASLEEP = (State.ONSET, State.SLEEP)
_NO_SLEEP = "no sleep period was found"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What every criterion may look at."""

    events: pd.DataFrame
    sleep: SleepSummary
    recording: RecordingSummary
    periodic: PeriodicSummary
    rules: CriteriaRules
    states: Spans
    lights_off_s: float | None

    def twitches(self) -> pd.DataFrame:
        return self.events[self.events["label"].isin(_TWITCHES)]


class _Finding(NamedTuple):
    """What came out for one criterion."""

    value: float | str | None
    met: bool | None
    note: str
    low: float | None = None
    high: float | None = None


class _Line(NamedTuple):
    """One line of the criteria table: whose threshold, how well founded, for which claim, judged by what."""

    id: str
    title: str
    rule: str
    grade: str
    claim: str
    judge: Callable[[_Evidence], _Finding]


def judge_night(
    events: pd.DataFrame,
    sleep: SleepSummary,
    recording: RecordingSummary,
    periodic: PeriodicSummary,
    rules: CriteriaRules,
    *,
    states: Spans = (),
    lights_off_s: float | None = None,
) -> Verdict:
    """Judge one night.

    Parameters
    ----------
    events
        The table of events, labelled.
    sleep, recording, periodic
        The numbers of the night.
    rules
        The criteria.
    states
        (start_s, end_s, state) spans that cover the recording, as in `Timeline.states`; without them, gaps
        and wake bouts are not known to the criteria that ask for them.
    lights_off_s
        When the person wanted to sleep, seconds since the first sample, if that was marked.

    Returns
    -------
    Verdict
        Level grey or red, the reasons in plain words, every criterion in the order of the article.
    """
    seen = _Evidence(
        events=events,
        sleep=sleep,
        recording=recording,
        periodic=periodic,
        rules=rules,
        states=states,
        lights_off_s=lights_off_s,
    )
    validity = tuple(_criterion(line, seen) for line in _VALIDITY)
    valid = all(item.met is True for item in validity)
    judged = tuple(_doubt(_criterion(line, seen), valid) for line in _JUDGED)
    flags = [item for item in judged if item.id in RED_FLAGS and item.met]
    return Verdict(
        level="red" if flags else "grey",
        reasons=_reasons(seen, flags, validity),
        criteria=(*judged, *validity, _calibrated(recording), _criterion(_week(valid), seen)),
        week_nights=rules.week_nights,
        strengths=count_strengths(events, rules),
        strength_edges_g=strength_edges(rules),
    )


def strength_edges(rules: CriteriaRules) -> dict[str, float]:
    """Lower edge of each strength word, g."""
    return dict(zip(STRENGTHS, (0.0, rules.light_g, rules.moderate_g, rules.strong_g), strict=True))


def count_strengths(events: pd.DataFrame, rules: CriteriaRules) -> dict[str, dict[str, int]]:
    """Twitches by label and strength word; every label and every word is there, also with 0."""
    edges = np.array(list(strength_edges(rules).values()))
    counts = {}
    for label in _TWITCHES:
        peaks = events.loc[events["label"] == label, "peak_g"].to_numpy(float)
        number = np.bincount(np.searchsorted(edges, peaks, side="right") - 1, minlength=len(edges))
        counts[str(label)] = {word: int(count) for word, count in zip(STRENGTHS, number, strict=True)}
    return counts


def _criterion(line: _Line, seen: _Evidence) -> Criterion:
    """A line of the table; threshold, unit and source come from the rule that it names."""
    meta = {item.name: item.metadata for item in dataclasses.fields(CriteriaRules)}[line.rule]
    asleep_only = line in _JUDGED and line.id not in RED_FLAGS
    unknown = asleep_only and seen.sleep.onset_s is None
    found = _Finding(None, None, _NO_SLEEP) if unknown else line.judge(seen)
    return Criterion(
        id=line.id,
        title=line.title,
        met=found.met,
        value=round(float(found.value), 4) if isinstance(found.value, float | int) else found.value,
        threshold=getattr(seen.rules, line.rule),
        unit=meta["unit"],
        source=meta["source"],
        claim=line.claim,
        note=found.note,
        grade=line.grade,
        low=None if found.low is None else round(found.low, 4),
        high=None if found.high is None else round(found.high, 4),
    )


def _doubt(criterion: Criterion, valid: bool) -> Criterion:
    """On a night that doesn't count, "not met" becomes "can't be told"."""
    if valid or criterion.met is not False:
        return criterion
    note = f"{criterion.note}; not seen, but too little of this night could be analysed to say"
    return dataclasses.replace(criterion, met=None, note=note)


# Frequent.


def _onset_cluster(seen: _Evidence) -> _Finding:
    rules, onset = seen.rules, seen.sleep.onset_s
    assert onset is not None
    assert seen.sleep.falling_asleep_s is not None
    begin, end = seen.sleep.falling_asleep_s
    begin = begin if seen.lights_off_s is None else max(begin, min(seen.lights_off_s, onset))
    times = seen.events.loc[isolated_twitches(seen.events), "onset_s"].to_numpy(float)
    count = int(np.sum((times >= begin) & (times <= end)))
    before, after = (onset - begin) / 60, (end - onset) / 60
    note = f"looked at from {before:.0f} min before to {after:.0f} min after falling asleep"
    if count >= rules.onset_twitches:
        return _Finding(count, True, note)
    if seen.lights_off_s is None and onset < rules.onset_seen_s:
        return _Finding(count, None, "the recording began when all was still: no falling asleep was seen")
    if _unseen_s(seen, begin, end) > rules.valid_gap_share * (end - begin):
        return _Finding(count, None, f"{note}, but part of that is missing or off the body")
    return _Finding(count, False, note)


def _rate(limit: str, seen: _Evidence) -> _Finding:
    rules, hours = seen.rules, seen.sleep.quiet_h
    if hours is None or hours <= 0:
        return _Finding(None, None, "no quiet sleep was left to count in")
    count = _quiet_twitches(seen)
    low, up = (bound / hours for bound in poisson_interval(count, rules.confidence))
    interval = f"{rules.confidence:.0%} interval {low:.1f} to {up:.1f} /h"
    note = f"{count} isolated twitches in {hours:.1f} h; {interval}"
    if hours < rules.min_rate_h:
        return _Finding(count / hours, None, f"{note}; a rate needs {rules.min_rate_h:g} h", low, up)
    met = count / hours >= getattr(rules, limit) and low > rules.lower_bound_per_h
    return _Finding(count / hours, met, note, low, up)


def _quiet_twitches(seen: _Evidence) -> int:
    """Isolated twitches after the onset window, asleep, away from body movements."""
    window, end = seen.sleep.falling_asleep_s, seen.sleep.end_s
    table = seen.events[isolated_twitches(seen.events) & seen.events["state"].isin(_ASLEEP)]
    times = table["onset_s"].to_numpy(float)
    begin = -np.inf if window is None else window[1]
    inside = (times >= begin) & (times <= (np.inf if end is None else end))
    return int(np.sum(inside & ~_within(times, _body_spans(seen))))


def _dense(seen: _Evidence) -> _Finding:
    rules, hours = seen.rules, seen.sleep.analysed_h
    big = (Label.BODY_MOVEMENT, Label.POSTURE_CHANGE, Label.RHYTHMIC_MOVEMENT)
    brief = seen.events["duration_s"] <= rules.dense_max_s
    rows = seen.events[seen.events["state"].isin(_ASLEEP) & ~seen.events["label"].isin(big) & brief]
    minutes = (rows["onset_s"].to_numpy(float) // 60).astype(np.int64)
    longest = _longest_run(np.bincount(minutes) >= rules.dense_per_min)
    note = f"consecutive minutes with {rules.dense_per_min} or more brief movements each"
    if longest < rules.dense_min and (hours is None or hours * 60 < rules.dense_min):
        return _Finding(longest, None, f"{note}; fewer minutes than that could be analysed")
    return _Finding(longest, longest >= rules.dense_min, note)


# Significant.


def _strong(seen: _Evidence) -> _Finding:
    peaks = seen.twitches()["peak_g"].to_numpy(float)
    if len(peaks) == 0:
        return _Finding(None, False, "no twitch was found")
    count = int(np.sum(peaks >= seen.rules.strong_g))
    note = f"{count} of {len(peaks)} twitches; peaks are right within a factor of 2 at best"
    return _Finding(float(peaks.max()), count > 0, note)


def _share_moderate(seen: _Evidence) -> _Finding:
    peaks = seen.twitches()["peak_g"].to_numpy(float)
    if len(peaks) == 0:
        return _Finding(None, None, "no twitch was found, so there is no share")
    count = int(np.sum(peaks >= seen.rules.moderate_g))
    note = f"{count} of {len(peaks)} twitches; it counts when it stands on {seen.rules.week_frequent} nights"
    return _Finding(count / len(peaks), count / len(peaks) >= seen.rules.moderate_share, note)


def _woke(seen: _Evidence) -> _Finding:
    lasting = _movement_after(seen)
    count = int(np.sum(lasting >= seen.rules.woke_lasting_s))
    longest = float(lasting.max()) if len(lasting) else 0.0
    within = seen.rules.woke_within_s
    note = f"{count} of {len(lasting)} twitches; the movement begins within {within:g} s of the twitch"
    return _Finding(longest, count > 0, note)


def _movement_after(seen: _Evidence) -> Floats:
    """(n,) s: how long the movement goes on that begins soon after each twitch; 0 where none begins."""
    rules, twitches = seen.rules, seen.twitches()
    # Twitches don't make a segment of movement, however close they come: that is the cluster rule.
    others = seen.events[~seen.events["label"].isin(_TWITCHES)]
    starts = others["onset_s"].to_numpy(float)
    moving = np.column_stack([starts, starts + others["duration_s"].to_numpy(float)])
    awake = np.array([(a, b) for a, b, state in seen.states if state == State.WAKE], dtype=float)
    spans = np.concatenate([moving, awake.reshape(-1, 2)])
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    if len(spans) == 0 or len(twitches) == 0:
        return np.zeros(len(twitches))
    reach = np.maximum.accumulate(spans[:, 1])
    last = np.flatnonzero(np.append(spans[1:, 0] - reach[:-1] > rules.woke_join_s, True))
    chain_end = reach[last[np.searchsorted(last, np.arange(len(spans)))]]
    ends = (twitches["onset_s"] + twitches["duration_s"]).to_numpy(float)
    following = np.searchsorted(spans[:, 0], ends, side="left")
    found = np.minimum(following, len(spans) - 1)
    soon = (following < len(spans)) & (spans[found, 0] - ends <= rules.woke_within_s)
    return np.where(soon, chain_end[found] - spans[found, 0], 0.0)


# Prolonged.


def _rhythmic_notable(seen: _Evidence) -> _Finding:
    rows = seen.events[seen.events["label"] == Label.RHYTHMIC_MOVEMENT]
    runs = rows.loc[rows["state"].isin(_ASLEEP), "duration_s"].to_numpy(float)
    count = int(np.sum(runs >= seen.rules.rhythmic_s))
    note = f"{count} of {len(runs)} rhythmic runs in sleep are that long; scratching looks like this too"
    return _Finding(float(runs.max()) if len(runs) else 0.0, count > 0, note)


def _cluster(seen: _Evidence) -> _Finding:
    times, rules = seen.twitches()["onset_s"].to_numpy(float), seen.rules
    longest = 0.0
    if len(times) > 1:
        breaks = np.flatnonzero(np.diff(times) > rules.cluster_gap_s) + 1
        first, last = np.append(0, breaks), np.append(breaks, len(times)) - 1
        longest = float(np.max(times[last] - times[first])) / 60
    return _Finding(
        longest, longest >= rules.cluster_min, f"twitches no more than {rules.cluster_gap_s:g} s apart"
    )


def _rhythmic_strong(limit: str, seen: _Evidence) -> _Finding:
    """The red flags that a sensor alone may raise. A wake bout inside sleep counts: shaking wakes."""
    rules, table, sleep = seen.rules, seen.events, seen.sleep
    strong = (table["label"] == Label.RHYTHMIC_MOVEMENT) & (table["peak_g"] >= rules.rhythmic_strong_g)
    runs = table[strong & (table["state"] != State.OFF_BODY)]
    if sleep.onset_s is not None and sleep.end_s is not None:
        inside = (runs["onset_s"] >= sleep.onset_s) & (runs["onset_s"] <= sleep.end_s)
        runs = runs[inside | runs["state"].isin(_ASLEEP)]
    note = f"no run with a peak of {rules.rhythmic_strong_g:g} g or more; this is no alarm"
    if len(runs):
        row = runs.iloc[int(np.argmax(runs["duration_s"].to_numpy(float)))]
        note = (
            f"peak {row['peak_g']:.2f} g, {row['onset_s'] / 3600:.2f} h into the recording; this is no alarm"
        )
    longest = float(runs["duration_s"].max()) if len(runs) else 0.0
    if sleep.onset_s is None:
        note = f"{_NO_SLEEP}, so shaking can't be told from brushing teeth; {note}"
        return _Finding(longest if len(runs) else None, None, note)
    return _Finding(longest, longest >= getattr(rules, limit), note)


# Series.


def _periodic(seen: _Evidence) -> _Finding:
    periodic, value = seen.periodic, seen.periodic.index_per_h
    if value is None:
        return _Finding(None, None, "no index could be computed")
    index = "not shown" if periodic.periodicity_index is None else f"{periodic.periodicity_index:.2f}"
    said = "regular enough to be named so" if periodic.said else "chance makes series too"
    note = f"rules {periodic.rules}; periodicity index (Ferri 2006) {index}; {said}"
    if seen.recording.placement.limb != "ankle":
        note += "; says nothing about the legs"
    return _Finding(value, periodic.said and value >= seen.rules.periodic_per_h, note)


# Does this night count?


def _long_enough(seen: _Evidence) -> _Finding:
    hours = seen.sleep.analysed_h
    if hours is None:
        return _Finding(None, None, _NO_SLEEP)
    return _Finding(hours, hours >= seen.rules.valid_h, "without wake bouts, gaps and time off the body")


def _few_gaps(seen: _Evidence) -> _Finding:
    recording = seen.recording
    if recording.hours <= 0:
        return _Finding(None, None, "nothing was recorded")
    share = recording.missing_s / (recording.hours * 3600)
    return _Finding(
        share,
        share < seen.rules.valid_gap_share,
        f"in {recording.gaps} gap{'' if recording.gaps == 1 else 's'}, {recording.missing_s:.0f} s",
    )


def _worn(seen: _Evidence) -> _Finding:
    recording, onset, end = seen.recording, seen.sleep.onset_s, seen.sleep.end_s
    if recording.hours <= 0:
        return _Finding(None, None, "nothing was recorded")
    share, note = recording.off_body_h / recording.hours, "of the whole recording"
    if seen.states and onset is not None and end is not None and end > onset:
        share = _overlap_s(seen.states, (State.OFF_BODY,), onset, end) / (end - onset)
        note = "of the sleep period"
    return _Finding(share, share < seen.rules.valid_non_wear_share, note)


def _calibrated(recording: RecordingSummary) -> Criterion:
    error = recording.calibration_error_g
    unchecked = "could not be checked; strengths may be a few percent off"
    return Criterion(
        id="V4",
        title="Sensor calibrated from still stretches",
        met=None if error is None else True,
        value=recording.calibration,
        threshold="done",
        unit="",
        source="van Hees 2014",
        claim="A6",
        grade="published",
        note=unchecked if error is None else f"residual {error * 1000:.1f} mg",
    )


def _week(valid: bool) -> _Line:
    return _Line("W1", "Valid nights", "week_valid", "borrowed", "A6", partial(_one_night, valid))


def _one_night(valid: bool, seen: _Evidence) -> _Finding:
    rules = seen.rules
    note = f"one night; {rules.week_valid} valid nights of {rules.week_nights} are needed for a verdict"
    return _Finding(1 if valid else 0, None, note)


_SHAKING = "Strong rhythmic shaking, longest run"
_JUDGED = (
    _Line("F1", "Twitches while falling asleep", "onset_twitches", "choice", "A6", _onset_cluster),
    _Line("F2", "Twitch rate raised", "raised_per_h", "choice", "A6", partial(_rate, "raised_per_h")),
    _Line("F2-high", "Twitch rate high", "high_per_h", "choice", "A6", partial(_rate, "high_per_h")),
    _Line("F4", "Very frequent faint twitching, longest stretch", "dense_min", "borrowed", "A6", _dense),
    _Line("I1", "Strongest twitch", "strong_g", "choice", "A4", _strong),
    _Line(
        "I2",
        "Share of twitches that are moderate or strong",
        "moderate_share",
        "choice",
        "A4",
        _share_moderate,
    ),
    _Line("I3", "Wake-like movement after a twitch, longest", "woke_lasting_s", "choice", "A1", _woke),
    _Line("P1", "Rhythmic movement, longest run", "rhythmic_s", "borrowed", "A6", _rhythmic_notable),
    _Line("P2", "Cluster of twitches, longest", "cluster_min", "choice", "A6", _cluster),
    _Line(
        "R1", _SHAKING, "rhythmic_strong_s", "choice", "A6", partial(_rhythmic_strong, "rhythmic_strong_s")
    ),
    _Line(
        "R2",
        f"{_SHAKING}: emergency",
        "rhythmic_emergency_s",
        "borrowed",
        "A6",
        partial(_rhythmic_strong, "rhythmic_emergency_s"),
    ),
    _Line("PER", "Movements in series", "periodic_per_h", "borrowed", "A15", _periodic),
)
_VALIDITY = (
    _Line("V1", "Hours of sleep analysed", "valid_h", "choice", "A6", _long_enough),
    _Line("V2", "Share of the recording that is missing", "valid_gap_share", "choice", "A6", _few_gaps),
    _Line("V3", "Share off the body", "valid_non_wear_share", "choice", "A6", _worn),
)


def _reasons(seen: _Evidence, flags: list[Criterion], validity: tuple[Criterion, ...]) -> tuple[str, ...]:
    rules = seen.rules
    reasons = [
        f"Strong rhythmic shaking of {item.value:.0f} s was recorded (rule {item.id})." for item in flags[-1:]
    ]
    reasons.append(
        f"One night can't say whether twitches are frequent: at least {rules.week_valid} valid nights"
        f" of {rules.week_nights} are needed."
    )
    if seen.sleep.onset_s is None:
        reasons.append("No sleep period was found, so nothing can be said about sleep in this recording.")
        return tuple(reasons)
    for item in validity:
        if item.met is not True:
            value = "unknown" if item.value is None else f"{item.value:.2f} {item.unit}".strip()
            reasons.append(
                f"This night does not count as valid: {item.title.lower()}: {value} (rule {item.id})."
            )
    return tuple(reasons)


# Spans of time.


def _body_spans(seen: _Evidence) -> Floats:
    """The spans that `SleepSummary.quiet_h` leaves out, so that numerator and denominator of a rate agree."""
    return _merged(around(seen.events, [Label.BODY_MOVEMENT, Label.POSTURE_CHANGE], seen.rules.body_margin_s))


def _merged(spans: Floats) -> Floats:
    """(k, 2) spans that don't overlap, from any."""
    if len(spans) == 0:
        return spans.reshape(0, 2)
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    first = np.append(True, spans[1:, 0] > reach[:-1])
    last = np.append(np.flatnonzero(first)[1:] - 1, len(spans) - 1)
    return np.column_stack([spans[first, 0], reach[last]])


def _within(times: Floats, spans: Floats) -> NDArray[np.bool_]:
    """(n,) bool: which times lie in one of the sorted spans that don't overlap."""
    if len(spans) == 0:
        return np.zeros(len(times), dtype=bool)
    index = np.searchsorted(spans[:, 0], times, side="right") - 1
    return np.asarray((index >= 0) & (times <= spans[np.maximum(index, 0), 1]), dtype=bool)


def _overlap_s(states: Spans, wanted: tuple[State, ...], begin: float, end: float) -> float:
    return sum(max(0.0, min(b, end) - max(a, begin)) for a, b, state in states if state in wanted)


def _unseen_s(seen: _Evidence, begin: float, end: float) -> float:
    """How much of a segment is a gap, off the body or after the end of the recording."""
    beyond = max(0.0, end - max(begin, seen.recording.hours * 3600))
    return beyond + _overlap_s(seen.states, (State.OFF_BODY, State.UNKNOWN), begin, end)


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int(np.max(edges[1::2] - edges[::2])) if len(edges) else 0
