"""Two boards of one night, on the wrist and on the ankle: the wrist's night, and what both limbs did.

Knows the stages of an analysis and the computer's clock, on which two recordings meet. Must not know files.

Conventions
-----------
Times are those of the wrist's recording. The night is the wrist's, as on every other night: its sleep, counts and
verdict. The ankle has no sleep of its own; its movements lie in the wrist's. Movements of both limbs are one as the
rules have it for two legs (`periodic.merge_legs`), however short they are. What one limb does by itself stays as its
own recording tells it. Series are those of one limb each: an arm makes and ends no series of a leg.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from sleepjerk.analysis import Rest, analyse, find_rest
from sleepjerk.artefacts import mend
from sleepjerk.detection.calibrated import calibrate
from sleepjerk.detection.calibration import Calibration
from sleepjerk.detection.classify import find_isolated
from sleepjerk.detection.corrections import SaidTimes
from sleepjerk.detection.periodic import merge_legs
from sleepjerk.detection.sleep import Sleep
from sleepjerk.errors import InputError
from sleepjerk.events import Label, event_rows
from sleepjerk.messages import Message
from sleepjerk.night.model import BothLimbs, Night
from sleepjerk.night.rates import count_by_label, count_restless, rate_by_label
from sleepjerk.recording import Floats, Lights, Recording, read_lights
from sleepjerk.rules import ReadingRules, Rules, SeriesRules
from sleepjerk.said import SPANS, Correction, labels_said
from sleepjerk.spans import inside, lengths, outside, total, union

LIMBS = ("wrist", "ankle")
# What a movement of both limbs is called: the last of these that one of its parts is.
_RISING = (
    *(Label.UNCLASSIFIED, Label.SLEEP_TWITCH, Label.HYPNIC_JERK, Label.LIMB_MOVEMENT),
    *(Label.RHYTHMIC_MOVEMENT, Label.BODY_MOVEMENT, Label.POSTURE_CHANGE, Label.PERIODIC_MOVEMENT),
)
_OF_SLEEP = ("begins_asleep", "ends_asleep", "second_rest", "no_sleep", "no_rest")  # the wrist's to tell


def analyse_both(
    wrist: Recording,
    ankle: Recording,
    rules: Rules | None = None,
    *,
    lights_off_s: float | None = None,
    lights_up_s: float | None = None,
    six_positions: tuple[Calibration | None, Calibration | None] = (None, None),
    corrections: tuple[Sequence[Correction], Sequence[Correction]] = ((), ()),
) -> Night:
    """The wrist's night, exactly as `analyse` gives it, and in its `limbs` what both limbs did.

    Parameters
    ----------
    wrist, ankle
        Two recordings of one night.
    six_positions, corrections
        As in `analyse`, of the wrist and of the ankle; what is said of sleep is said of the wrist.

    Raises
    ------
    InputError
        These are no two recordings of two limbs in one night, or can't be put on one clock.
    """
    rules = Rules() if rules is None else rules
    _refuse_unfit(wrist, ankle)
    apart = began_apart(wrist, ankle, rules.reading)
    if not -ankle.duration_s < apart.apart_s < wrist.duration_s:
        raise InputError(
            f"{wrist.provenance.name} and {ankle.provenance.name}: these don't overlap, the second begins "
            f"{apart.apart_s / 3600:.2f} h after the first, which lasts {wrist.duration_s / 3600:.2f} h; analyse them "
            "separately"
        )
    recordings = tuple(mend(recording, rules.damage) for recording in (wrist, ankle))
    lights = read_lights(wrist, lights_off_s, lights_up_s)
    first, second = (calibrate(*pair) for pair in zip(recordings, (rules, rules), six_positions, strict=True))
    rest = find_rest(first, lights, rules, corrections[0])
    asleep = on_other_clock(rest.sleep, apart.apart_s, ankle.duration_s)
    other_rest = find_rest(second, Lights(None, None), rules, sleep=asleep)
    del first, second
    night = analyse(
        wrist,
        rules,
        lights_off_s=lights_off_s,
        lights_up_s=lights_up_s,
        six_position=six_positions[0],
        corrections=corrections[0],
        rest=rest,
    )
    said = [item for item in corrections[1] if item.kind not in SPANS]
    other = analyse(ankle, rules, six_position=six_positions[1], corrections=said, rest=other_rest)
    spans = (_seen(*pair) for pair in zip(recordings, (rest, other_rest), (0.0, apart.apart_s), strict=True))
    limbs = _together(night, other, wrist, apart, tuple(spans), rest.sleep, rules)
    return replace(night, limbs=replace(limbs, said_utc=labels_said(said)))


class Apart(NamedTuple):
    """When the ankle's first sample was, s; by which clock, and how far off that may be, as in `BothLimbs`."""

    apart_s: float
    clock: str
    unsure_s: float


_NO_CLOCK = {
    None: "there is no clock log beside it, or no start is known",
    "short": "its clock log is too short",
}


def began_apart(wrist: Recording, ankle: Recording, rules: ReadingRules) -> Apart:
    """How much later the second recording began, by the clock of the computer that recorded both, or those of two.

    The computer's clock that only goes forward begins when it is started. What the wall clock said then tells whether
    it is the same for both; one of them may have seen that put right in the night, and the other not any more.

    Raises
    ------
    InputError
        One of them was not put on its computer's clock.
    """
    begun, booted = [], []
    for recording, other in ((wrist, ankle), (ankle, wrist)):
        host_s, doubt = recording.device.host_start_s, recording.device.clock_doubt
        if host_s is None or recording.start is None:
            raise InputError(
                f"{recording.provenance.name}: {_NO_CLOCK.get(doubt, 'its clock log does not fit it')}, so it can't be "
                f"put on one clock with {other.provenance.name}; keep the .json and .clock.csv that `record` writes "
                "beside each, or analyse the two separately"
            )
        begun.append((host_s, recording.start.timestamp()))
        booted_s = recording.start.timestamp() - host_s
        booted.append((booted_s, booted_s - (recording.device.clock_step_s or 0.0)))
    (host_s, utc_s), (other_host_s, other_utc_s) = begun
    if min(abs(one - other) for one in booted[0] for other in booted[1]) <= rules.same_computer_s:
        return Apart(other_host_s - host_s, "host", rules.one_clock_unsure_s)
    return Apart(other_utc_s - utc_s, "utc", rules.two_clocks_unsure_s)


def _refuse_unfit(wrist: Recording, ankle: Recording) -> None:
    """Two recordings that can't be of two limbs in one night are told so."""
    names = wrist.provenance.name, ankle.provenance.name
    both, limbs = " and ".join(names), (wrist.placement.limb, ankle.placement.limb)
    if ankle.input_sha256 == wrist.input_sha256:
        raise InputError(f"{both}: this is the same recording twice; --with takes that of the other limb")
    if wrist.provenance.nights is not None or ankle.provenance.nights is not None:
        raise InputError(f"{both}: --with takes recordings of one night, and one of these holds several")
    if limbs == ("ankle", "wrist"):
        raise InputError(
            f"{both}: the wrist tells when you slept, so name it first: sleepjerk analyse {names[1]} --with {names[0]}"
        )
    if limbs[0] == limbs[1]:
        name, limb = (names[1], "ankle") if limbs[0] == "wrist" else (names[0], "wrist")
        raise InputError(
            f"{both}: both are said to be of the {limbs[0]}; if one is of the {limb}, say so of it once: "
            f"sleepjerk analyse {name} --limb {limb}"
        )


def on_other_clock(sleep: Sleep, apart_s: float, duration_s: float) -> Sleep:
    """What of a sleep lies in another recording, on its clock: that one began `apart_s` later and lasts so long."""

    def moved(spans_s: Floats) -> Floats:
        cut = np.clip(spans_s - apart_s, 0.0, duration_s)
        return np.asarray(cut[lengths(cut) > 0])

    spans = None if sleep.span_s is None else moved(np.array([sleep.span_s]))
    onset_s, end_s = (None, None) if spans is None or len(spans) == 0 else map(float, spans[0])
    times_s = np.arange(0.0, duration_s, sleep.step_s) + apart_s
    within = (times_s >= 0) & (times_s < len(sleep.near_onset) * sleep.step_s)
    return replace(
        sleep,
        onset_s=onset_s,
        end_s=end_s,
        onset_range_s=None,
        end_range_s=None,
        wake_s=moved(sleep.wake_s),
        onset_windows_s=moved(sleep.onset_windows_s),
        others_s=moved(sleep.others_s),
        near_onset=np.where(within, sleep.near_onset_at(times_s), 0.0),
        begins_asleep=False,
        ends_asleep=False,
        said=SaidTimes(),
    )


def _seen(recording: Recording, rest: Rest, from_s: float) -> Floats:
    """(k, 2) spans in which a board recorded and was worn, s."""
    whole = np.array([[0.0, recording.duration_s]])
    return np.asarray(outside(whole, union(recording.gaps_s, rest.non_wear_s)) + from_s)


def join_limbs(
    wrist: pd.DataFrame, ankle: pd.DataFrame, smallest_g: Sequence[float | None], rules: Rules
) -> tuple[pd.DataFrame, list[int]]:
    """Two tables of events on one clock as one, a movement of both limbs in one row; and the row of each of the first.

    Its columns are `events.COLUMNS`, with `utc` still that of one part, and those of `events.OF_LIMBS`, but for
    `both_recorded`.

    Parameters
    ----------
    smallest_g
        For each of the two the weakest peak that could be told from its noise, g; unclear movements below disturb none.
    """
    ankle = ankle.assign(series=ankle["series"] + int(wrist["series"].fillna(0).max() if len(wrist) else 0))
    parts = pd.concat([wrist.assign(limb=LIMBS[0]), ankle.assign(limb=LIMBS[1])]).reset_index()
    parts = parts.sort_values("onset_s", kind="stable", ignore_index=True)
    parts["offset_s"] = parts["onset_s"] + parts["duration_s"].fillna(0.0)
    least_g = np.where(parts["limb"] == LIMBS[0], *(least or 0.0 for least in smallest_g))
    parts["felt"] = (parts["label"] != Label.UNCLASSIFIED) | (parts["peak_g"] >= least_g)
    key = _movement_of(parts, rules.series)
    by_person = parts["detected"] != ""
    rank = parts["label"].map({str(label): place for place, label in enumerate(_RISING)}).astype("int64")
    rank += 2 * len(_RISING) * by_person + (parts["series"].notna() & (parts["limb"] == LIMBS[1]))
    leading = np.lexsort((parts["peak_g"].fillna(0.0), rank, key))
    last = np.flatnonzero(np.diff(key[leading], append=-1))
    groups = parts.groupby(key)
    joined = parts.iloc[leading[last]].reset_index(drop=True)
    onset_s, offset_s = (column.to_numpy() for column in (groups["onset_s"].min(), groups["offset_s"].max()))
    alone = find_isolated(onset_s, offset_s, rules.classification, ~groups["felt"].any().to_numpy())
    isolated = groups["isolated"].all().to_numpy() & alone
    first_s = [parts["onset_s"].where(parts["limb"] == limb).groupby(key).min().to_numpy() for limb in LIMBS]
    moved = [~np.isnan(times_s) for times_s in first_s]
    limb = np.where(moved[0] & moved[1], "both", np.where(moved[0], *LIMBS))
    joined = joined.assign(
        onset_s=onset_s,
        duration_s=np.where(offset_s > onset_s, offset_s - onset_s, np.nan),
        peak_g=groups["peak_g"].max().to_numpy(),
        isolated=np.where(joined["detected"] != "", joined["isolated"], isolated),
        series_limb=np.where(joined["series"].notna(), joined["limb"], ""),
        limb=limb,
        parts=groups.size().to_numpy(),
        wrist_onset_s=first_s[0],
        ankle_onset_s=first_s[1],
    ).drop(columns=["index", "offset_s", "felt"])
    row = np.searchsorted(np.unique(key), key)
    return joined, row[parts["limb"] == LIMBS[0]].tolist()


def _movement_of(parts: pd.DataFrame, rules: SeriesRules) -> np.ndarray:
    """(n,) the first part of the movement that each part belongs to."""
    onset_s, offset_s = parts["onset_s"].to_numpy(), parts["offset_s"].to_numpy()
    if len(parts) == 0:
        return np.empty(0, dtype=np.int64)
    merged = merge_legs(onset_s, offset_s, parts["limb"], replace(rules, min_duration_s=0.0))
    first = np.searchsorted(merged.group, merged.group)
    return np.where(merged.bilateral[merged.group], first, np.arange(len(parts)))


def _together(
    night: Night,
    other: Night,
    wrist: Recording,
    apart: Apart,
    seen: tuple[Floats, ...],
    sleep: Sleep,
    rules: Rules,
) -> BothLimbs:
    smallest_g = [one.recording.smallest_visible_g for one in (night, other)]
    moved = other.events.assign(onset_s=other.events["onset_s"] + apart.apart_s)
    table, wrist_rows = join_limbs(night.events, moved, smallest_g, rules)
    everywhere = np.array([[-np.inf, np.inf]])
    unseen = union(*(outside(everywhere, spans) for spans in seen))
    both_s = outside(everywhere, unseen)
    utc = pd.to_datetime(
        pd.Series([wrist.utc_text(time_s) for time_s in table["onset_s"]], dtype="str"), utc=True
    )
    known = inside(table["onset_s"].to_numpy(), both_s) | (table["limb"] == "both")
    table = table.assign(utc=utc, both_recorded=known)
    span_s = sleep.span_s
    asleep_s = (
        np.empty((0, 2)) if span_s is None else outside(np.array([span_s]), union(sleep.wake_s, unseen))
    )
    asleep_h = None if span_s is None else round(total(asleep_s) / 3600, 4)
    hidden = [one.recording.hidden_by for one in (night, other)]
    rows = event_rows(table)
    seen_rows = [row for row in rows if row["both_recorded"]]
    counted = {limb: [row for row in seen_rows if row["limb"] == limb] for limb in (*LIMBS, "both")}
    rates = [rate_by_label(seen_rows, span_s, asleep_h, why) for why in hidden]
    counts = {limb: [count_by_label(of_limb, why) for why in hidden] for limb, of_limb in counted.items()}
    kept = tuple(message for message in other.messages if message.key.partition(".")[2] not in _OF_SLEEP)
    two = (Message.of("warning.two_computers", unsure=apart.unsure_s),) if apart.clock == "utc" else ()
    return BothLimbs(
        recording=other.recording,
        periodic=other.periodic,
        input_sha256=other.input_sha256,
        apart_s=round(apart.apart_s, 4),
        clock=apart.clock,
        unsure_s=apart.unsure_s,
        both_h=round(total(both_s) / 3600, 4),
        asleep_h=asleep_h,
        counts={limb: _known(first, second) for limb, (first, second) in counts.items()},
        restless={
            limb: None if any(hidden) else count_restless(of_limb) for limb, of_limb in counted.items()
        },
        per_hour=_known(rates[0], rates[1]),
        messages=(*two, *kept),
        rows=rows,
        wrist_rows=tuple(wrist_rows),
    )


_Number = TypeVar("_Number", int, float)


def _known(first: dict[str, _Number | None], second: dict[str, _Number | None]) -> dict[str, _Number | None]:
    """Numbers that both sensors can show; None else."""
    return {name: None if None in (number, second[name]) else number for name, number in first.items()}
