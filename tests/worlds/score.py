"""What became of each thing that was made, and what each event truly was: pure functions of a truth and a table.

Knows the common shape of made nights and the columns of `sleepjerk.events`. Must not know how either arises.

Conventions
-----------
A jerk of the truth is *found* when any event overlaps it, *called* when one of those is labelled a twitch, *counted*
when that one also stands alone in the events (the headline counts these). Where nobody knows what moved (a real
night), an event that is no planted jerk is "unknown". What lies between two spans apart by `SLACK_S` overlaps: makers
differ in where a wave begins.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.events import isolated_twitches
from sleepjerk.spans import inside
from tests.worlds.made import MadeNight

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

JERKS = ("twitch", "onset_jerk", "pair")
ASKED = ("twitch", "onset_jerk")
TWITCH_LABELS = ("hypnic_jerk", "sleep_twitch")
ASLEEP = ("sleep", "falling_asleep")
UNKNOWING_WORLDS = ("lab",)  # what moves there besides what was planted, nobody knows
SLACK_S = 0.15
CLOCKS_S = 900.0  # laboratory and logger
BESIDE_S = 2.0  # a false event so near to something may come from it
ISOLATION_S = 10.0  # WASM 2016
FELT_G = 0.010  # what is fainter doesn't end an isolation: no wrist would know of it
STRENGTHS_MG = ((20, 30), (30, 60), (60, 100), (100, 400), (400, 100_000))


def spans_of(table: pd.DataFrame) -> Floats:
    """(n, 2) begin and end of truth rows or of events, s."""
    onset_s = table["onset_s"].to_numpy(dtype=np.float64)
    if "offset_s" in table:
        return np.column_stack((onset_s, table["offset_s"].to_numpy(dtype=np.float64)))
    return np.column_stack((onset_s, onset_s + table["duration_s"].to_numpy(dtype=np.float64)))


def overlapping(first_s: Floats, second_s: Floats, slack_s: float = SLACK_S) -> NDArray[np.int64]:
    """(k, 2) indices of the pairs of spans that overlap or lie no further apart than the slack."""
    begins = np.argsort(second_s[:, 0], kind="stable")
    ordered = second_s[begins]
    reach = np.maximum.accumulate(ordered[:, 1]) if len(ordered) else np.empty(0)
    low = np.searchsorted(reach, first_s[:, 0] - slack_s, side="left")
    high = np.searchsorted(ordered[:, 0], first_s[:, 1] + slack_s, side="right")
    pairs = [
        (row, begins[col])
        for row in range(len(first_s))
        for col in range(low[row], high[row])
        if ordered[col, 1] >= first_s[row, 0] - slack_s
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def isolated_in_truth(truth: pd.DataFrame) -> Mask:
    """(n,) bool: no other row that can be felt within `ISOLATION_S` either way; where `quiet` is told, that too.

    The arousal that a twitch of the family "then_arousal" brings about doesn't count against it.
    """
    spans = spans_of(truth)
    felt = ~(truth["peak_g"].to_numpy(dtype=np.float64) < FELT_G)
    brings, brought = (truth["family"] == name for name in ("then_arousal", "arousal"))
    near = overlapping(spans, spans, ISOLATION_S)
    first, second = near.T
    others = near[(first != second) & felt[second] & ~(brings.to_numpy()[first] & brought.to_numpy()[second])]
    alone = np.ones(len(truth), dtype=bool)
    alone[others[:, 0]] = False
    return alone & truth["quiet"].to_numpy(dtype=bool) if "quiet" in truth else alone


def judge_truth(made: MadeNight, events: pd.DataFrame) -> pd.DataFrame:
    """The truth with `isolated`, `asked`, `found`, `called`, `counted` and the `label` it got ("" for none).

    `asked`: an isolated jerk, asleep or falling asleep: what the headline should count.
    """
    truth = made.truth.reset_index(drop=True)
    pairs = overlapping(spans_of(truth), spans_of(events))
    twitch = events["label"].isin(TWITCH_LABELS).to_numpy()
    counted = isolated_twitches(events)
    hits = {
        "found": _hit(pairs, np.ones(len(events), dtype=bool), len(truth)),
        "called": _hit(pairs, twitch, len(truth)),
        "counted": _hit(pairs, counted, len(truth)),
    }
    isolated = isolated_in_truth(truth)
    asked = isolated & truth["kind"].isin(ASKED) & truth["state"].isin(ASLEEP)
    return truth.assign(
        isolated=isolated, asked=asked, **hits, label=_labels(pairs, events, twitch, len(truth))
    )


def _hit(pairs: NDArray[np.int64], wanted: Mask, count: int) -> Mask:
    hit = np.zeros(count, dtype=bool)
    hit[pairs[wanted[pairs[:, 1]], 0]] = True
    return hit


def _labels(pairs: NDArray[np.int64], events: pd.DataFrame, twitch: Mask, count: int) -> list[str]:
    """The label of the strongest event on each row, a twitch's before others."""
    labels, best = [""] * count, np.full(count, -1.0)
    peaks = events["peak_g"].to_numpy(dtype=np.float64) + 1000.0 * twitch
    words = events["label"].to_numpy(dtype=object)
    for row, event in pairs:
        if peaks[event] > best[row]:
            best[row], labels[row] = peaks[event], str(words[event])
    return labels


def judge_events(made: MadeNight, events: pd.DataFrame) -> pd.DataFrame:
    """The events with what they truly were.

    Adds `true_kind` and `true_family` ("nothing" where nothing was made, "unknown" where nobody knows), `true_peak_g`,
    `true_isolated`, `beside` (the kind of what lies within 2 s of an event that is nothing), `true_state` ("sleep",
    "falling_asleep", "wake", "unknown"), `to_onset_s` (from the nearest true falling asleep; negative before it),
    `before_sleep`, `before_lights` (before the mark of lights off, where there is one), `far_awake` (in true waking,
    whatever clocks may say) and `counted`.
    """
    truth, spans = made.truth.reset_index(drop=True), spans_of(events)
    true_s = spans_of(truth)
    place = best_rows(spans, true_s, truth["kind"].isin(JERKS).to_numpy())
    near = best_rows(spans, true_s, np.zeros(len(truth), dtype=bool), BESIDE_S)
    none = "unknown" if made.world in UNKNOWING_WORLDS else "nothing"
    onset_s = spans[:, 0]
    to_onset_s = _to_nearest(onset_s, transitions(made))
    return events.assign(
        true_kind=_at(truth["kind"], place, none),
        true_family=_at(truth["family"], place, none),
        true_peak_g=_at(truth["peak_g"], place, np.nan).astype(np.float64),
        true_isolated=_at(pd.Series(isolated_in_truth(truth)), place, False).astype(bool),
        beside=np.where(place < 0, _at(truth["kind"], near, ""), ""),
        true_state=_true_states(made, onset_s, _at(truth["state"], place, "")),
        to_onset_s=to_onset_s,
        before_sleep=onset_s < (np.inf if made.sleep_s is None else made.sleep_s[0]),
        before_lights=onset_s < (made.lights_off_s or -np.inf),
        far_awake=inside(onset_s, far_awake_s(made)),
        counted=isolated_twitches(events),
    )


def best_rows(spans: Floats, true_s: Floats, first: Mask, slack_s: float = SLACK_S) -> NDArray[np.int64]:
    """(k,) the truth row of each event, -1 for none: one of `first` if there is, else the one it shares most with."""
    place, best = np.full(len(spans), -1, dtype=np.int64), np.full(len(spans), -np.inf)
    for event, row in overlapping(spans, true_s, slack_s):
        shared = min(spans[event, 1], true_s[row, 1]) - max(spans[event, 0], true_s[row, 0])
        value = shared + (1e6 if first[row] else 0.0)
        if value > best[event]:
            place[event], best[event] = row, value
    return place


def _at(values: pd.Series, place: NDArray[np.int64], missing: Any) -> NDArray[Any]:
    found = np.full(len(place), missing, dtype=object)
    found[place >= 0] = values.to_numpy(dtype=object)[place[place >= 0]]
    return found


def asleep_s(made: MadeNight) -> Floats:
    """(k, 2) the spans of true sleep; none where nobody sleeps or nobody knows."""
    if made.sleep_s is None:
        return np.empty((0, 2))
    wake_s = np.clip(made.wake_s[np.argsort(made.wake_s[:, 0])], *made.sleep_s)
    edges = np.concatenate(([made.sleep_s[0]], wake_s.ravel(), [made.sleep_s[1]])).reshape(-1, 2)
    return np.asarray(edges[edges[:, 1] > edges[:, 0]])


def awake_s(made: MadeNight) -> Floats:
    """(k, 2) the spans of true waking; the whole night where somebody is there and nobody sleeps."""
    end_s = len(made.acceleration_g) / made.rate_hz
    if made.sleep_s is None:
        known = len(made.truth) > 0 and bool((made.truth["state"] == "wake").all())
        return np.array([[0.0, end_s]]) if known else np.empty((0, 2))
    edges = np.concatenate(([0.0], asleep_s(made).ravel(), [end_s])).reshape(-1, 2)
    return np.asarray(edges[edges[:, 1] > edges[:, 0]])


def far_awake_s(made: MadeNight) -> Floats:
    """(k, 2) the spans of true waking; in a world whose clocks disagree without what lies near its ends."""
    margin_s = CLOCKS_S if made.world in UNKNOWING_WORLDS else 0.0
    spans = awake_s(made) + np.array([margin_s, -margin_s])
    # The ends of the recording are nobody's clock.
    spans[spans[:, 0] <= margin_s, 0] = 0.0
    last_s = len(made.acceleration_g) / made.rate_hz
    spans[spans[:, 1] >= last_s - margin_s, 1] = last_s
    return np.asarray(spans[spans[:, 1] > spans[:, 0]])


def _true_states(made: MadeNight, times_s: Floats, told: NDArray[Any]) -> NDArray[Any]:
    states = np.full(len(times_s), "unknown", dtype=object)
    states[inside(times_s, awake_s(made))] = "wake"
    states[inside(times_s, asleep_s(made))] = "sleep"
    return np.where(told == "falling_asleep", told, states)


def transitions(made: MadeNight) -> Floats:
    """(k,) times at which the person truly falls asleep, s."""
    return asleep_s(made)[:, 0]


def _to_nearest(times_s: Floats, others_s: Floats) -> Floats:
    """(n,) signed seconds since the nearest of some moments; infinite without any."""
    if len(others_s) == 0:
        return np.full(len(times_s), np.inf)
    apart = times_s[:, None] - others_s[None, :]
    return np.asarray(apart[np.arange(len(times_s)), np.argmin(np.abs(apart), axis=1)])


def right_twitches(events: pd.DataFrame) -> Mask:
    """(n,) of judged events: is it a jerk of somebody asleep, and a `hypnic_jerk` within 10 min of falling asleep?"""
    jerk = events["true_kind"].isin(JERKS) & events["true_state"].isin(ASLEEP)
    near = events["to_onset_s"].abs() <= 600.0
    return np.asarray(jerk & (near | (events["label"] != "hypnic_jerk")), dtype=bool)


def brier(said: Floats, right: Mask) -> tuple[float, float]:
    """The Brier score of what was said, and that of always saying the mean of what was right."""
    mean = float(np.mean(right))
    return float(np.mean((said - right) ** 2)), mean * (1 - mean)
