"""The numbers of a night, put together from what the steps found. Must not know samples or how a step works."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.detection.calibration import Calibration
from sleepjerk.detection.periodic import find_series, find_wrist_series, periodicity_index
from sleepjerk.detection.sleep import Sleep
from sleepjerk.detection.vibration import Vibration
from sleepjerk.events import ASLEEP, Label
from sleepjerk.night.model import (
    PeriodicSummary,
    RecordingSummary,
    SaidSleep,
    SeriesCount,
    SleepSummary,
    SteadyVibration,
    Surroundings,
)
from sleepjerk.night.rates import chance_of_as_many, hidden_by, quiet_s
from sleepjerk.recording import Floats, Recording
from sleepjerk.rules import AASM_SERIES, CriteriaRules, PeriodicityRules, Rules, SeriesRules
from sleepjerk.spans import length_without, total

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


def summarise_recording(
    recording: Recording,
    calibration: Calibration,
    noise_g: float | None,
    threshold_g: float,
    limit: str,
    non_wear_s: Floats,
    rules: CriteriaRules,
) -> RecordingSummary:
    """What was recorded, and how well."""
    start, known = recording.start, recording.duration_s > 0
    zone = start.tzinfo if start is not None else None
    accepted = calibration.method != "none"
    return RecordingSummary(
        provenance=recording.provenance,
        placement=recording.placement,
        device=recording.device,
        damage=recording.damage,
        start=None if start is None else start.isoformat(timespec="seconds"),
        zone=zone.key if isinstance(zone, ZoneInfo) else None,
        hours=round(recording.duration_s / 3600, 4),
        rate_hz=round(recording.rate_hz, 4),
        gaps=len(recording.gaps_s),
        missing_s=round(recording.missing_s, 2),
        noise_g=_rounded(noise_g, 6),
        off_body_h=round(total(non_wear_s) / 3600, 3),
        calibration=calibration.method,
        calibration_error_g=_rounded(calibration.error_after_g, 5) if accepted else None,
        calibration_error_before_g=_rounded(calibration.error_before_g, 5),
        calibration_windows=calibration.windows,
        calibration_gain_shift=_rounded(calibration.gain_shift, 4),
        smallest_visible_g=round(threshold_g, 4) if known else None,
        limited_by=limit if known else None,
        hidden_by=hidden_by(recording.rate_hz, threshold_g, limit, rules) if known else None,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


def _rounded_spans(spans_s: Floats) -> tuple[tuple[float, float], ...]:
    return tuple((round(start, 2), round(end, 2)) for start, end in spans_s.tolist())


def _rounded_span(span_s: Sequence[float]) -> tuple[float, float]:
    return (round(span_s[0], 2), round(span_s[1], 2))


def summarise_sleep(
    recording: Recording,
    sleep: Sleep,
    events: pd.DataFrame,
    non_wear_s: Floats,
    out_of_bed_s: Floats,
    shaking_s: Floats,
    rules: Rules,
) -> SleepSummary:
    """The sleep period and the hours that count in it, visits out of bed and shaking."""
    up_s, shaken_s = _rounded_spans(out_of_bed_s), _rounded_spans(shaking_s)
    said = SaidSleep.of(*sleep.said)
    if sleep.span_s is None:
        return SleepSummary(message=sleep.method, out_of_bed_s=up_s, shaking_s=shaken_s, said=said)
    onset_s, end_s = sleep.span_s
    without = [sleep.wake_s, recording.gaps_s, non_wear_s]
    settled_s = sleep.within_s[0][1] - onset_s
    quiet = quiet_s(sleep.span_s, events, without, settled_s, rules.criteria.body_margin_s)
    return SleepSummary(
        onset_s=round(onset_s, 2),
        end_s=round(end_s, 2),
        period_h=round((end_s - onset_s) / 3600, 4),
        analysed_h=round(length_without(sleep.span_s, without) / 3600, 4),
        onset_range_s=None if sleep.onset_range_s is None else _rounded_span(sleep.onset_range_s),
        end_range_s=None if sleep.end_range_s is None else _rounded_span(sleep.end_range_s),
        quiet_h=round(quiet / 3600, 4),
        wake_bouts=len(sleep.wake_s),
        wake_s=round(total(sleep.wake_s), 1),
        onset_utc=recording.utc_text(onset_s) or None,
        end_utc=recording.utc_text(end_s) or None,
        message=sleep.method,
        others_s=_rounded_spans(sleep.others_s),
        begins_asleep=sleep.begins_asleep,
        ends_asleep=sleep.ends_asleep,
        visits=sum(start < end_s and end > onset_s for start, end in up_s),
        out_of_bed_s=up_s,
        shaking_s=shaken_s,
        said=said,
    )


def summarise_periodic(
    events: pd.DataFrame, candidate: Mask, sleep: SleepSummary, breaks_s: Floats, rules: Rules
) -> PeriodicSummary:
    """Series under both literal rule sets, and how periodic the movements of the night are at all.

    Parameters
    ----------
    candidate
        (k,) bool: the events that may belong to a series or end one, all of them in sleep.
    breaks_s
        (m,) times no series can cross.
    """
    chosen, hours = events[candidate].fillna({"duration_s": 0.0}), sleep.analysed_h or None
    onset_s, duration_s = chosen["onset_s"].to_numpy(), chosen["duration_s"].to_numpy()
    literal = find_series(onset_s, onset_s + duration_s, rules.series).candidate
    numbers = events["series"].fillna(0).to_numpy(dtype=np.int64)
    other_rules = AASM_SERIES if rules.series.name != AASM_SERIES.name else SeriesRules()
    found = find_wrist_series(onset_s, onset_s + duration_s, other_rules, rules.periodicity, breaks_s)
    # A brief movement inside a series is a member without having been a candidate.
    first = _count_series(
        chosen, numbers[candidate], int(np.sum(numbers[~candidate] > 0)), hours, rules.series
    )
    other = _count_series(chosen, found.series, 0, hours, other_rules)
    index, regular = _periodicity(events, onset_s[literal], hours, breaks_s, rules)
    told = _no_breathing(_intervals(onset_s[literal], numbers[candidate][literal]), rules)
    intervals = np.diff(onset_s[duration_s <= rules.series.max_duration_s])
    allowed = intervals[
        (intervals >= rules.series.min_interval_s) & (intervals <= rules.series.max_interval_s)
    ]
    shown = intervals[intervals <= rules.periodicity.longest_shown_s]
    interval_s = float(np.median(allowed)) if hours and len(allowed) else None
    per_h = None if hours is None else len(allowed) / hours
    moved_per_h = _moved_per_h(events, hours)
    series, as_long = _respiratory((first, other), interval_s, per_h, rules.periodicity)
    restless = moved_per_h is not None and moved_per_h >= rules.periodicity.restless_per_h
    return PeriodicSummary(
        rules=first.rules,
        series=first.series,
        movements=first.movements,
        index_per_h=first.index_per_h,
        periodicity_index=_rounded(index, 4),
        series_share=first.series_share,
        median_interval_s=first.median_interval_s,
        said=bool(regular and first.movements and told),
        like_breathing=bool(regular and first.movements and not told),
        respiratory_caveat=series or restless,
        other_rules=other.rules,
        other_index_per_h=other.index_per_h,
        by_rules=(first, other),
        sleep_interval_s=_rounded(interval_s, 2),
        sleep_intervals_per_h=_rounded(per_h, 3),
        respiratory_intervals=as_long,
        moved_per_h=_rounded(moved_per_h, 2),
        intervals_s=tuple(round(float(value), 2) for value in shown),
    )


def _count_series(
    chosen: pd.DataFrame, numbers: Indices, joined: int, hours: float | None, rules: SeriesRules
) -> SeriesCount:
    """Series by one rule set among the events that may belong to one or end one; `joined` more are members."""
    if hours is None:
        return SeriesCount(rules=rules.name)
    members, total = int(np.sum(numbers > 0)), int(np.sum(chosen["duration_s"] <= rules.max_duration_s))
    intervals = _intervals(chosen["onset_s"].to_numpy(), numbers)
    return SeriesCount(
        rules=rules.name,
        series=len(np.unique(numbers[numbers > 0])),
        movements=members + joined,
        index_per_h=round((members + joined) / hours, 3),
        median_interval_s=round(float(np.median(intervals)), 2) if len(intervals) else None,
        series_share=round(members / total, 4) if total else None,
    )


def _intervals(onset_s: Floats, numbers: Indices) -> Floats:
    """(m,) s: from one member of a series to the next."""
    rows = np.flatnonzero(numbers)
    return np.asarray(np.diff(onset_s[rows])[np.diff(numbers[rows]) == 0])


def _periodicity(
    events: pd.DataFrame, onset_s: Floats, hours: float | None, breaks_s: Floats, rules: Rules
) -> tuple[float | None, bool]:
    """Ferri's index, and is it high also when no interval crosses a movement of the body?

    In a restless hour limbs move so often that chance alone makes the index half; the body moves between them then.
    """
    if hours is None or len(onset_s) / hours < rules.periodicity.min_rate_per_h:
        return None, False
    body = events["label"].isin([str(Label.BODY_MOVEMENT), str(Label.POSTURE_CHANGE)])
    turned_s = np.concatenate((breaks_s, events.loc[body, "onset_s"].to_numpy()))
    index, least = (periodicity_index(onset_s, breaks_s=moments) for moments in (breaks_s, turned_s))
    return index, least is not None and least >= rules.periodicity.min_index


def _no_breathing(intervals_s: Floats, rules: Rules) -> bool:
    """Are more of the intervals too short for pauses in breathing than chance leaves among those of such pauses?"""
    short = int(np.sum(intervals_s < rules.periodicity.respiratory_low_s))
    share = rules.periodicity.respiratory_short_share
    return chance_of_as_many(short, len(intervals_s), share) < rules.criteria.chance


def _moved_per_h(events: pd.DataFrame, hours: float | None) -> float | None:
    """Movements of a limb or the body in sleep, an analysed hour."""
    moved = events["label"].isin(
        [str(Label.LIMB_MOVEMENT), str(Label.BODY_MOVEMENT), str(Label.PERIODIC_MOVEMENT)]
    )
    asleep = events["state"].isin(ASLEEP)
    return None if hours is None else float((moved & asleep).sum()) / hours


def _respiratory(
    counts: tuple[SeriesCount, ...], interval_s: float | None, per_h: float | None, rules: PeriodicityRules
) -> tuple[bool, bool]:
    """Must the report speak of breathing, and are the intervals as long as pauses in breathing make them?

    Any series may follow breathing, which a limb doesn't show. Pauses make series that the rules break, too: a
    body movement or a short interval ends one. So movements that often come at such intervals count like a series.
    """
    any_series = any(count.series for count in counts)
    many = per_h is not None and per_h >= rules.respiratory_min_per_h
    medians = [interval_s] if many or any_series else []
    medians += [count.median_interval_s for count in counts if count.series]
    as_long = any(
        value is not None and rules.respiratory_low_s <= value <= rules.respiratory_high_s
        for value in medians
    )
    return any_series or as_long, as_long


def summarise_surroundings(
    vibrations: tuple[Vibration, ...] | None,
    events: pd.DataFrame,
    recording: RecordingSummary,
    sleep: SleepSummary,
    rules: Rules,
) -> Surroundings:
    """What shook the bed from outside: machines, and rings of the mattress that left the arm as it was."""
    lines = None
    if vibrations is not None:
        lines = tuple(
            SteadyVibration(
                frequency_hz=round(line.frequency_hz, 2),
                amplitude_g=round(line.amplitude_g, 5),
                time_share=round(line.time_share, 3),
                direction_share=round(line.direction_share, 3),
            )
            for line in vibrations
        )
    least_g = recording.smallest_visible_g
    coarse = least_g is None or (least_g > rules.vibration.ring_least_g and recording.limited_by != "bed")
    slow = recording.rate_hz < 2 * rules.movement.fast_high_hz
    hours = sleep.analysed_h or None
    if hours is None or coarse or slow:
        return Surroundings(vibrations=lines)
    number = int(np.sum(_rings(events, rules)))
    shared = number / hours >= rules.vibration.shared_bed_per_h
    return Surroundings(
        vibrations=lines,
        rings=number,
        rings_per_h=round(number / hours, 3),
        shared_bed=shared if hours >= rules.criteria.min_rate_h else None,
    )


def _rings(events: pd.DataFrame, rules: Rules) -> Mask:
    """(k,) bool: short, weak and quick in sleep, the arm not turned: what `classify` takes for no twitch."""
    limit = rules.classification
    asleep = events["state"].isin(ASLEEP)
    ringing = (events["centroid_hz"] > limit.centroid_max_hz) & (events["peak_g"] < limit.centroid_peak_g)
    ringing &= events["peak_g"] >= rules.vibration.ring_least_g
    still = (events["duration_s"] <= limit.twitch_max_s) & ~(events["tilt_deg"] >= limit.twitch_tilt_deg)
    return (asleep & ringing & still).to_numpy()
