"""The numbers of a night, put together from what the steps found. Must not know samples or how a step works."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.calibrate import Calibration
from sleepjerk.events import State
from sleepjerk.night import PeriodicSummary, RecordingSummary, SleepSummary
from sleepjerk.periodic import find_wrist_series, periodicity_index
from sleepjerk.rates import covered_s, quiet_s
from sleepjerk.recording import Floats, Recording
from sleepjerk.rules import AASM_SERIES, Rules, SeriesRules
from sleepjerk.sleep import Sleep

Mask = NDArray[np.bool_]


def summarise_recording(
    recording: Recording, calibration: Calibration, noise_g: float | None, least_g: float, off_body_s: Floats
) -> RecordingSummary:
    """What was recorded, and how well."""
    facts, start = recording.facts, recording.start
    known = recording.duration_s > 0
    zone = start.tzinfo if start is not None else None
    accepted = calibration.method != "none"
    return RecordingSummary(
        name=facts.name,
        start=None if start is None else start.isoformat(timespec="seconds"),
        zone=zone.key if isinstance(zone, ZoneInfo) else None,
        hours=round(recording.duration_s / 3600, 4),
        rate_hz=round(recording.rate_hz, 4),
        gaps=len(recording.gaps_s),
        missing_s=round(recording.missing_s, 2),
        clock_drift_ppm=facts.clock_drift_ppm,
        limb=facts.limb,
        side=facts.side,
        subject=facts.subject,
        sensor=facts.sensor,
        board=facts.board,
        noise_g=None if noise_g is None else round(noise_g, 6),
        step_g=facts.step_g,
        range_g=facts.range_g,
        clipped_samples=facts.clipped_samples,
        rejected_rows=facts.rejected_rows,
        repeated_stamps=facts.repeated_stamps,
        off_body_h=round(float(np.sum(off_body_s[:, 1] - off_body_s[:, 0])) / 3600, 3),
        calibration=calibration.method,
        calibration_error_g=_rounded(calibration.error_after_g, 5) if accepted else None,
        smallest_visible_g=round(least_g, 4) if known else None,
        notes=facts.notes,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


def summarise_sleep(
    recording: Recording, sleep: Sleep, events: pd.DataFrame, off_body_s: Floats, rules: Rules
) -> SleepSummary:
    """The sleep period and the hours that count in it."""
    if sleep.span_s is None or sleep.falling_asleep_s is None:
        return SleepSummary(method=sleep.method)
    onset_s, end_s = sleep.span_s
    without = [sleep.wake_s, recording.gaps_s, off_body_s]
    quiet = quiet_s(
        sleep.span_s, events, without, sleep.falling_asleep_s[1] - onset_s, rules.criteria.body_margin_s
    )
    return SleepSummary(
        onset_s=round(onset_s, 2),
        end_s=round(end_s, 2),
        period_h=round((end_s - onset_s) / 3600, 4),
        analysed_h=round(covered_s(sleep.span_s, without) / 3600, 4),
        falling_asleep_s=(round(sleep.falling_asleep_s[0], 2), round(sleep.falling_asleep_s[1], 2)),
        quiet_h=round(quiet / 3600, 4),
        wake_bouts=len(sleep.wake_s),
        wake_s=round(float(np.sum(sleep.wake_s[:, 1] - sleep.wake_s[:, 0])), 1),
        onset_utc=recording.utc_text(onset_s) or None,
        end_utc=recording.utc_text(end_s) or None,
        method=sleep.method,
        others_s=tuple((round(float(start), 2), round(float(end), 2)) for start, end in sleep.others_s),
        ends_asleep=bool(recording.duration_s - end_s < rules.criteria.onset_seen_s),
    )


def summarise_periodic(
    events: pd.DataFrame, candidate: Mask, sleep: SleepSummary, breaks_s: Floats, rules: Rules
) -> PeriodicSummary:
    """Series under both literal rule sets, and how periodic the movements of the night are at all.

    Parameters
    ----------
    candidate
        (k,) bool: the events that may belong to a series.
    breaks_s
        (m,) times no series can cross.
    """
    short = (events["duration_s"] <= rules.series.max_duration_s).to_numpy()
    asleep = events["state"].isin([str(State.SLEEP), str(State.ONSET)]).to_numpy() & candidate & short
    chosen = events[candidate]
    onset_s = events.loc[asleep, "onset_s"].to_numpy()
    # The table may have labels overruled by a series, so "in a series" is read from its number.
    members = events["series"].notna().to_numpy() & asleep
    hours = sleep.analysed_h or None
    rate = None if hours is None else len(onset_s) / hours
    other_rules = AASM_SERIES if rules.series.name != AASM_SERIES.name else SeriesRules()
    chosen_s = chosen["onset_s"].to_numpy()
    other = find_wrist_series(
        chosen_s, chosen_s + chosen["duration_s"].to_numpy(), other_rules, rules.periodicity, breaks_s
    )
    other_members = other.in_series & asleep[candidate]
    index = None if rate is None or rate < rules.periodicity.min_rate_per_h else periodicity_index(onset_s)
    intervals = np.diff(onset_s)
    median = float(np.median(_series_intervals(events))) if members.any() else None
    enough = index is not None and index >= rules.periodicity.min_index
    low_s, high_s = rules.periodicity.respiratory_low_s, rules.periodicity.respiratory_high_s
    return PeriodicSummary(
        rules=rules.series.name,
        series=int(events.loc[members, "series"].nunique()),
        movements=int(members.sum()),
        index_per_h=None if hours is None else round(float(members.sum()) / hours, 3),
        periodicity_index=_rounded(index, 4),
        series_share=round(float(members.sum()) / len(onset_s), 4) if len(onset_s) else None,
        median_interval_s=_rounded(median, 2),
        said=bool(enough and members.any()),
        respiratory_caveat=median is not None and low_s <= median <= high_s,
        other_rules=other_rules.name,
        other_index_per_h=None if hours is None else round(float(other_members.sum()) / hours, 3),
        intervals_s=tuple(round(float(value), 2) for value in intervals[intervals <= _LONGEST_SHOWN_S]),
    )


_LONGEST_SHOWN_S = 120.0  # intervals beyond the 90 s of the rules, so that the histogram shows where they end


def _series_intervals(events: pd.DataFrame) -> Floats:
    """Onset-to-onset intervals within series, s."""
    rows = events[events["series"].notna()]
    return rows.groupby("series")["onset_s"].diff().dropna().to_numpy(dtype=np.float64)


def _hours_in(time_s: float) -> str:
    minutes = round(time_s / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h"


def find_warnings(
    recording: RecordingSummary, sleep: SleepSummary, periodic: PeriodicSummary, rules: Rules
) -> tuple[str, ...]:
    """What was missing or doubtful, in words for the person who slept."""
    warnings = []
    if sleep.onset_s is None:
        warnings.append(
            f"No sleep period: {sleep.method}. Jerks can't be told from movements of a waking person."
        )
    elif sleep.onset_s < rules.criteria.onset_seen_s:
        warnings.append("The recording begins when all was still: falling asleep may not have been recorded.")
    if sleep.ends_asleep:
        warnings.append("The recording ends while you still slept: waking up was not recorded.")
    for start_s, end_s in sleep.others_s:
        warnings.append(
            f"A second period of rest, from {_hours_in(start_s)} to {_hours_in(end_s)} after the start, is not "
            "counted in this night: it may be sleep, or quiet sitting, and nothing in it is analysed."
        )
    if recording.gaps:
        warnings.append(
            f"{recording.gaps} {'gap' if recording.gaps == 1 else 'gaps'} in the recording, "
            f"{recording.missing_s:.0f} s in all: what happened then is unknown."
        )
    if recording.off_body_h > 0:
        warnings.append(f"The sensor seems to have been off the body for {recording.off_body_h:.1f} h.")
    if recording.clipped_samples:
        warnings.append(
            f"{recording.clipped_samples} samples reached the sensor's limit: the strongest peaks are stronger."
        )
    if recording.rejected_rows:
        warnings.append(f"{recording.rejected_rows} damaged rows of the file were left out.")
    if recording.smallest_visible_g is not None and recording.smallest_visible_g > rules.detection.min_peak_g:
        smallest = 1000 * recording.smallest_visible_g
        warnings.append(
            f"This sensor is coarse: twitches under about {smallest:.0f} mg can't be seen with it."
        )
    if recording.calibration == "none":
        warnings.append(
            "The sensor couldn't be calibrated from this night: angles may be off by a few degrees."
        )
    if recording.rate_hz < 2 * rules.movement.fast_high_hz:
        warnings.append(
            f"At {recording.rate_hz:.0f} samples a second the quickest jerks are partly or wholly missed."
        )
    if periodic.respiratory_caveat:
        warnings.append(
            "The movements of the series come every 25-45 s, as movements after pauses in breathing do: a wrist "
            "can't tell the two apart."
        )
    return tuple(warnings)
