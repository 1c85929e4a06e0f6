"""One night against the article's "significant, frequent or prolonged": a verdict with its reasons.

Knows the rules and the tables of one night. Must not know samples, files, or how a verdict is worded or shown.

Conventions
-----------
"Not met" is only said of a valid night: on a short or broken one, what wasn't seen may have been missed. One night
alone is never "frequent": its level is grey, or red where a red flag stands.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.events import ASLEEP, TWITCHES, Label, State, isolated_twitches
from sleepjerk.judging.criteria import CRITERIA, Decides, Definition, Finding, Kind, criterion, ids, limit_of
from sleepjerk.messages import Message
from sleepjerk.night.model import PeriodicSummary, RecordingSummary, SleepSummary
from sleepjerk.night.rates import (
    around,
    chance_of_as_many,
    count_strengths,
    poisson_interval,
    strength_edges,
)
from sleepjerk.night.verdict import Criterion, Verdict
from sleepjerk.rules import CriteriaRules
from sleepjerk.spans import find_runs, inside, joined, length_without, lengths, union

Floats = NDArray[np.float64]
Spans = Sequence[tuple[float, float, str]]

_OF_TWITCHES = {*ids(kind=Kind.FREQUENT), *ids(kind=Kind.SIGNIFICANT), "P2"}
_NO_SLEEP = Message("note.no_sleep")
_NOTHING = Finding(None, None, (Message("note.nothing"),))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What every criterion may look at."""

    events: pd.DataFrame
    sleep: SleepSummary
    recording: RecordingSummary
    periodic: PeriodicSummary
    rules: CriteriaRules
    states: Spans
    lights_off_s: float | None
    twitches: pd.DataFrame  # those that stand alone: what is counted


Judge = Callable[[_Evidence, float], Finding]


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
    states
        (start_s, end_s, state) spans that cover the recording, as in `Timeline.states`; without them, gaps
        and wake bouts are not known to the criteria that ask for them.
    lights_off_s
        When the person wanted to sleep, seconds since the first sample, if that was marked.

    Returns
    -------
    Verdict
        Level grey or red, every criterion in the order of the article, and why; without its English words.
    """
    events = events.fillna({"duration_s": 0.0})  # of what only a person saw: nobody knows it
    twitches = events[isolated_twitches(events)]
    seen = _Evidence(events, sleep, recording, periodic, rules, states, lights_off_s, twitches)
    rows = [row for row in CRITERIA.values() if not row.weekly]
    validity = tuple(_judged(row, seen) for row in rows if row.kind is Kind.VALIDITY)
    valid = all(item.met is True for item in validity if item.id in ids(decides=Decides.VALID))
    judged = tuple(_doubt(_judged(row, seen), valid) for row in rows if row.kind is not Kind.VALIDITY)
    flags = [item for item in judged if item.id in ids(decides=Decides.RED) and item.met]
    return Verdict(
        level="red" if flags else "grey",
        criteria=(*judged, *validity, criterion(CRITERIA["W1"], _one_night(rules, valid), rules)),
        week_nights=rules.week_nights,
        strengths={} if recording.hidden_by else count_strengths(events, rules),
        strength_edges_g=strength_edges(rules),
        messages=_reasons(seen, flags, validity),
    )


def _judged(row: Definition, seen: _Evidence) -> Criterion:
    asleep_only = row.kind not in (Kind.VALIDITY, Kind.SHAKING)
    if asleep_only and seen.sleep.onset_s is None:
        found = Finding(None, None, (_NO_SLEEP,))
    elif row.id in _OF_TWITCHES and seen.recording.hidden_by:
        found = Finding(None, None, (Message(f"note.hidden_{seen.recording.hidden_by}"),))
    elif row.id == "V4":
        found = _calibrated(seen)
    else:
        found = _JUDGES[row.id](seen, limit_of(row, seen.rules))
    return criterion(row, _rounded(found), seen.rules)


def _rounded(found: Finding) -> Finding:
    value = round(float(found.value), 4) if isinstance(found.value, float | int) else found.value
    low, high = (None if end is None else round(end, 4) for end in (found.low, found.high))
    return found._replace(value=value, low=low, high=high)


def _doubt(found: Criterion, valid: bool) -> Criterion:
    """On a night that doesn't count, "not met" becomes "can't be told"."""
    if valid or found.met is not False:
        return found
    return dataclasses.replace(found, met=None, messages=(*found.messages, Message("note.too_little")))


# Frequent.


def _onset_cluster(seen: _Evidence, limit: float) -> Finding:
    onset = seen.sleep.onset_s
    if onset is None:
        return Finding(None, None, (Message("note.onset_unseen"),))
    begin, end = seen.sleep.onset_range_s or (-np.inf, np.inf)  # a person who said when it was gave no range
    begin, end = max(begin, onset - seen.rules.onset_before_s), min(end, onset + seen.rules.onset_after_s)
    begin = begin if seen.lights_off_s is None else max(begin, min(seen.lights_off_s, onset))
    times = seen.twitches["onset_s"].to_numpy(float)
    count = int(np.sum((times >= begin) & (times <= end)))
    minutes = {"before": (onset - begin) / 60, "after": (end - onset) / 60}
    every = int(np.sum(seen.twitches["label"] == Label.HYPNIC_JERK))
    looked = (
        Message.of("note.onset_window", **minutes),
        *([] if every == count else [Message.of("note.onset_all", n=every)]),
    )
    if count >= limit:
        return Finding(count, True, looked)
    if seen.lights_off_s is None and seen.sleep.begins_asleep:
        return Finding(count, None, (Message("note.onset_unseen"),))
    if _unseen_s(seen, begin, end) > seen.rules.valid_gap_share * (end - begin):
        return Finding(count, None, (Message.of("note.onset_missing", **minutes),))
    return Finding(count, False, looked)


def _rate(seen: _Evidence, limit: float) -> Finding:
    return rate_of(_quiet_twitches(seen), seen.sleep.quiet_h, limit, seen.rules)


def rate_of(count: int | None, hours: float | None, limit: float, rules: CriteriaRules) -> Finding:
    """Twitches an hour of quiet sleep, with the exact interval, against a limit."""
    if count is None or hours is None or hours <= 0:
        return Finding(None, None, (Message("note.no_quiet"),))
    low, up = (bound / hours for bound in poisson_interval(count, rules.confidence))
    note = Message.of("note.rate", n=count, hours=hours, confidence=rules.confidence, low=low, high=up)
    if hours < rules.min_rate_h:
        notes = (note, Message.of("note.rate_short", hours=rules.min_rate_h))
        return Finding(count / hours, None, notes, low, up)
    met = count / hours >= limit and low > rules.lower_bound_per_h
    return Finding(count / hours, met, (note,), low, up)


def _quiet_twitches(seen: _Evidence) -> int:
    """Isolated twitches after the onset window, asleep, away from body movements."""
    sleep, end = seen.sleep, seen.sleep.end_s
    table = seen.twitches
    times = table.loc[table["state"].isin(ASLEEP), "onset_s"].to_numpy(float)
    begin = (sleep.onset_s or -np.inf) if sleep.onset_range_s is None else sleep.onset_range_s[1]
    inside = (times >= begin) & (times <= (np.inf if end is None else end))
    # What `SleepSummary.quiet_h` leaves out, too, so that numerator and denominator of a rate agree.
    begun, ended = np.sort(
        around(seen.events, [Label.BODY_MOVEMENT, Label.POSTURE_CHANGE], seen.rules.body_margin_s), axis=0
    ).T
    moving = np.searchsorted(begun, times, side="right") > np.searchsorted(ended, times, side="left")
    return int(np.sum(inside & ~moving))


def _dense(seen: _Evidence, limit: float) -> Finding:
    rules, hours = seen.rules, seen.sleep.analysed_h
    big = (Label.BODY_MOVEMENT, Label.POSTURE_CHANGE, Label.RHYTHMIC_MOVEMENT)
    brief = ~seen.events["label"].isin(big) & (seen.events["duration_s"] <= rules.dense_max_s)
    rows = seen.events[seen.events["state"].isin(ASLEEP) & brief]
    minute, past_ms = np.divmod(np.rint(1000 * rows["onset_s"].to_numpy(float)).astype(np.int64), 60 * 1000)
    # Wherever the first minute begins: where the recording does, nobody chose.
    counts = (np.bincount(minute + (past_ms >= first)) for first in np.unique(past_ms))
    runs = (lengths(find_runs(numbers >= rules.dense_per_min)) for numbers in counts)
    longest = max((int(found.max(initial=0)) for found in runs), default=0)
    notes = [Message.of("note.dense", per_min=rules.dense_per_min)]
    if few := longest < limit and (hours is None or hours * 60 < limit):
        notes.append(Message("note.dense_short"))
    return Finding(longest, None if few else longest >= limit, tuple(notes))


# Significant.


def _strong(seen: _Evidence, limit: float) -> Finding:
    peaks, unknown = _peaks(seen)
    count = int(np.sum(peaks >= seen.rules.strong_g))
    strongest = float(peaks.max()) if len(peaks) else 0.0
    note = Message.of(
        "note.strong", n=count, total=len(peaks), strong=seen.rules.strong_g, strongest=strongest
    )
    met = None if count < limit <= count + len(unknown) else count >= limit
    return Finding(count, met, (note if len(peaks) else Message("note.no_twitch"), *unknown[:1]))


def _peaks(seen: _Evidence) -> tuple[Floats, list[Message]]:
    """The known strengths of the counted twitches, g, and for each of those that only a person saw a word on that."""
    peaks = seen.twitches["peak_g"]
    unknown = int(peaks.isna().sum())
    return peaks.dropna().to_numpy(float), unknown * [Message.of("note.unknown_strength", n=unknown)]


def _share_moderate(seen: _Evidence, limit: float) -> Finding:
    rules, (peaks, unknown) = seen.rules, _peaks(seen)
    count, total, every = int(np.sum(peaks >= rules.moderate_g)), len(peaks), len(peaks) + len(unknown)
    if every < rules.share_from:
        return Finding(None, False, (Message.of("note.few_for_share", n=every, needed=rules.share_from),))
    if total == 0:
        return Finding(None, None, tuple(unknown[:1]))
    by_chance = chance_of_as_many(count, total, limit)
    note = Message.of("note.share", n=count, total=total, usual=limit, chance=by_chance)
    # Were those of unknown strength all weak, or all of them moderate?
    least, most = (chance_of_as_many(n, every, limit) < rules.chance for n in (count, count + len(unknown)))
    return Finding(count / total, least if least == most else None, (note, *unknown[:1]))


def _woke(seen: _Evidence, limit: float) -> Finding:
    """Twitches that lasting movement follows soon, against the still moments of the same sleep that it follows."""
    rules, onset, end = seen.rules, seen.sleep.onset_s or 0.0, seen.sleep.end_s or 0.0
    # What wakes a sleeper doesn't stand alone.
    twitches = seen.events[seen.events["label"].isin(TWITCHES)]
    # Who hasn't fallen asleep yet tosses anyway, and isn't woken by it.
    inside_sleep = twitches["state"].isin(ASLEEP) & twitches["onset_s"].between(onset, end)
    ends = (twitches["onset_s"] + twitches["duration_s"]).to_numpy(float)[inside_sleep]
    moving, begins = _movement(seen)
    before = np.stack((begins - rules.woke_within_s, begins), axis=1)
    asleep = np.clip([span[:2] for span in seen.states if span[2] in ASLEEP] or [(onset, end)], onset, end)
    still_s, apart_s = (
        sum(length_without((begin, end), without) for begin, end in asleep)
        for without in ([moving], [moving, before])
    )
    share = 1 - apart_s / still_s if still_s > 0 else 0.0
    count, total = int(np.sum(inside(ends, before))), len(ends)
    by_chance = chance_of_as_many(count, total, share)
    note = Message.of(
        "note.woke",
        n=count,
        total=total,
        within=rules.woke_within_s,
        lasting=rules.woke_lasting_s,
        share=share,
        chance=by_chance,
    )
    return Finding(count, count >= limit and by_chance < rules.chance, (note,))


def _movement(seen: _Evidence) -> tuple[Floats, Floats]:
    """(k, 2) s: where something moves but a twitch, with short pauses; and (m,) s: where that begins and lasts."""
    # Twitches don't make a segment of movement, however close they come: that is the cluster rule.
    others = seen.events[~seen.events["label"].isin(TWITCHES)]
    begun = others["onset_s"].to_numpy(float)
    awake = np.array([span[:2] for span in seen.states if span[2] == State.WAKE], dtype=float).reshape(-1, 2)
    every = union(np.stack((begun, begun + others["duration_s"].to_numpy(float)), axis=1), awake)
    moving = joined(every, seen.rules.woke_join_s)
    return moving, moving[lengths(moving) >= seen.rules.woke_lasting_s, 0]


# Prolonged.


def _rhythmic_notable(seen: _Evidence, limit: float) -> Finding:
    rows = seen.events[seen.events["label"] == Label.RHYTHMIC_MOVEMENT]
    runs = rows.loc[rows["state"].isin(ASLEEP), "duration_s"].to_numpy(float)
    count = int(np.sum(runs >= limit))
    note = Message.of("note.rhythmic", n=count, total=len(runs))
    return Finding(float(runs.max()) if len(runs) else 0.0, count > 0, (note,))


def _cluster(seen: _Evidence, limit: float) -> Finding:
    rules = seen.rules  # in a cluster none stands alone
    times = seen.events.loc[seen.events["label"].isin(TWITCHES), "onset_s"].to_numpy(float)
    longest = 0.0
    if len(times) > 1:
        breaks = np.flatnonzero(np.diff(times) > rules.cluster_gap_s) + 1
        first, last = np.append(0, breaks), np.append(breaks, len(times)) - 1
        longest = float(np.max(times[last] - times[first])) / 60
    return Finding(longest, longest >= limit, (Message.of("note.cluster", gap=rules.cluster_gap_s),))


def _shaking(seen: _Evidence, limit: float) -> Finding:
    """The red flags that a sensor alone may raise. A wake bout inside sleep counts: shaking wakes."""
    sleep = seen.sleep
    if sleep.shaking_s is None:
        return _NOTHING
    runs = [
        (start, end)
        for start, end in sleep.shaking_s
        if not _overlap_s(seen.states, (State.OFF_BODY,), start, end)
        and (
            sleep.onset_s is None
            or sleep.end_s is None
            or sleep.onset_s <= start <= sleep.end_s
            or _overlap_s(seen.states, ASLEEP, start, end)
        )
    ]
    start, end = max(runs, key=lambda run: run[1] - run[0], default=(0.0, 0.0))
    note = Message.of("note.shaking", after=start / 3600) if runs else Message("note.shaking_none")
    if sleep.onset_s is None:
        return Finding(end - start if runs else None, None, (Message("note.shaking_unsure"), note))
    return Finding(end - start, end - start >= limit, (note,))


# Series.


def _periodic(seen: _Evidence, limit: float) -> Finding:
    periodic, value = seen.periodic, seen.periodic.index_per_h
    if value is None:
        return Finding(None, None, (Message("note.no_index"),))
    index, met = periodic.periodicity_index, periodic.said and value >= limit
    notes = (
        Message.of("note.series_rules", series_rules=periodic.rules),
        Message("note.no_periodicity") if index is None else Message.of("note.periodicity", index=index),
        Message(f"note.{_how_regular(periodic)}"),
        *(() if seen.recording.placement.limb == "ankle" else (Message("note.legs"),)),
    )
    return Finding(value, None if periodic.like_breathing and value >= limit else met, notes)


def _how_regular(periodic: PeriodicSummary) -> str:
    return "regular" if periodic.said else "like_breathing" if periodic.like_breathing else "chance"


# Does this night count?


def _long_enough(seen: _Evidence, limit: float) -> Finding:
    hours = seen.sleep.analysed_h
    if hours is None:
        return Finding(None, None, (_NO_SLEEP,))
    return Finding(hours, hours >= limit, (Message("note.hours"),))


def _few_gaps(seen: _Evidence, limit: float) -> Finding:
    recording = seen.recording
    if recording.hours <= 0:
        return _NOTHING
    share = recording.missing_s / (recording.hours * 3600)
    return Finding(
        share, share < limit, (Message.of("note.gaps", n=recording.gaps, missing=recording.missing_s),)
    )


def _quick_enough(seen: _Evidence, limit: float) -> Finding:
    rate_hz = seen.recording.rate_hz
    return Finding(rate_hz, rate_hz >= limit, (Message("note.rate_seen"),))


def _fine_enough(seen: _Evidence, limit: float) -> Finding:
    smallest_g = seen.recording.smallest_visible_g
    if smallest_g is None:
        return _NOTHING
    why = seen.recording.limited_by or "rules"
    return Finding(smallest_g, smallest_g <= limit, (Message(f"note.smallest_{why}"),))


def _worn(seen: _Evidence, limit: float) -> Finding:
    recording, onset, end = seen.recording, seen.sleep.onset_s, seen.sleep.end_s
    if recording.hours <= 0:
        return _NOTHING
    share, note = recording.off_body_h / recording.hours, "note.of_recording"
    if seen.states and onset is not None and end is not None and end > onset:
        share = _overlap_s(seen.states, (State.OFF_BODY,), onset, end) / (end - onset)
        note = "note.of_sleep"
    return Finding(share, share < limit, (Message(note),))


def _calibrated(seen: _Evidence) -> Finding:
    error_g, method = seen.recording.calibration_error_g, seen.recording.calibration
    if error_g is None:
        return Finding(method, None, (Message("note.unchecked"),))
    return Finding(method, True, (Message.of("note.residual", error_mg=error_g * 1000),))


def _one_night(rules: CriteriaRules, valid: bool) -> Finding:
    note = Message.of("note.one_night", valid=rules.week_valid, nights=rules.week_nights)
    return Finding(round(float(valid), 4), None, (note,))


_JUDGES: dict[str, Judge] = {
    "F1": _onset_cluster,
    "F2": _rate,
    "F2-high": _rate,
    "F4": _dense,
    "I1": _strong,
    "I2": _share_moderate,
    "I3": _woke,
    "P1": _rhythmic_notable,
    "P2": _cluster,
    "R1": _shaking,
    "R2": _shaking,
    "PER": _periodic,
    "V1": _long_enough,
    "V2": _few_gaps,
    "V3": _worn,
    "V5": _quick_enough,
    "V6": _fine_enough,
}


def _reasons(seen: _Evidence, flags: list[Criterion], validity: tuple[Criterion, ...]) -> tuple[Message, ...]:
    rules = seen.rules
    reasons = [Message.of("because.shaking", lasting=float(item.value or 0)) for item in flags[-1:]]
    reasons.append(Message.of("because.one_night", valid=rules.week_valid, nights=rules.week_nights))
    if seen.sleep.onset_s is None:
        return (*reasons, Message("reason.no_sleep"))
    lacking = [item for item in validity if item.met is not True and item.id in ids(decides=Decides.VALID)]
    reasons += [
        Message.of(f"because.{item.id}", value=item.value) for item in lacking if item.value is not None
    ]
    return tuple(reasons)


# Spans of time.


def _overlap_s(states: Spans, wanted: tuple[State, ...], begin: float, end: float) -> float:
    return sum(max(0.0, min(b, end) - max(a, begin)) for a, b, state in states if state in wanted)


def _unseen_s(seen: _Evidence, begin: float, end: float) -> float:
    """How much of a segment is a gap, off the body or after the end of the recording."""
    beyond = max(0.0, end - max(begin, seen.recording.hours * 3600))
    return beyond + _overlap_s(seen.states, (State.OFF_BODY, State.UNKNOWN), begin, end)
