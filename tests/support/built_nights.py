"""A night, whole, from the facts of a piece of `science_weeks`: through the public functions alone."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd

import sleepjerk as sj
from sleepjerk.events import event_rows, make_events
from sleepjerk.night.model import Night, PeriodicSummary, RecordingSummary, SleepSummary, Timeline
from sleepjerk.night.rates import count_by_label, count_restless, rate_by_label
from sleepjerk.parts import Placement, Provenance
from tests.support.science_weeks import Piece

LAST = date(2026, 11, 22)
_ONSET_S, _WINDOW_S = 1200.0, 900.0


def evening(day: int) -> date:
    """The date so many days before the last."""
    return LAST - timedelta(days=day)


def built(piece: Piece, day: int, place: int = 0) -> Night:
    """A recording of one evening, or (a start before noon) of the morning after it."""
    begin, end = _ONSET_S + _WINDOW_S, _ONSET_S + _WINDOW_S + piece.h * 3600
    events = _events(piece, begin, end)
    rows = event_rows(events)
    hours = end / 3600 + 0.2
    nights_date = evening(day) + timedelta(days=piece.start_h < 12)
    start = datetime(
        nights_date.year,
        nights_date.month,
        nights_date.day,
        piece.start_h,
        tzinfo=timezone(timedelta(hours=1)),
    )
    states = [(0.0, _ONSET_S - 600, "wake"), (_ONSET_S - 600, begin, "onset"), (begin, end, "sleep")]
    if piece.off:
        states[2:] = [(begin, (begin + end) / 2, "sleep"), ((begin + end) / 2, end, "off_body")]
    states.append((end, hours * 3600, "wake"))
    hidden = "rate" if piece.blind else None
    recording = RecordingSummary(
        provenance=Provenance(name=f"{evening(day)}_{place}.csv"),
        placement=Placement(limb="ankle" if piece.ank else "wrist"),
        start=start.isoformat(),
        zone="Europe/Berlin",
        hours=hours,
        rate_hz=10.0 if piece.blind else 100.0,
        gaps=int(piece.gap),
        missing_s=piece.gap / 100 * hours * 3600,
        off_body_h=piece.h / 2 if piece.off else 0.0,
        calibration="none" if piece.cal else "sphere",
        calibration_error_g=None if piece.cal else 0.003,
        smallest_visible_g=0.02,
        hidden_by=hidden,
    )
    sleep = SleepSummary(
        onset_s=_ONSET_S,
        end_s=end,
        period_h=(end - _ONSET_S) / 3600,
        analysed_h=piece.h,
        quiet_h=piece.h,
        onset_range_s=(_ONSET_S - 600, begin),
        end_range_s=(end - 600, end),
        begins_asleep=False,
        ends_asleep=False,
        shaking_s=((begin + 60, begin + 60 + piece.shk),) if piece.shk else (),
    )
    periodic = PeriodicSummary(
        rules="wasm2016",
        series=int(piece.per > 0),
        movements=round(piece.per * piece.h),
        index_per_h=piece.per,
        periodicity_index=piece.pi if piece.lm >= 10 else None,
        series_share=0.0,
        median_interval_s=22.0 if piece.per else None,
        said=piece.pi is not None and piece.pi >= 0.5 and piece.lm >= 10,
        respiratory_caveat=False,
    )
    verdict = sj.judge_night(events, sleep, recording, periodic, sj.Rules().criteria, states=states)
    rates = rate_by_label(rows, (_ONSET_S, end), piece.h, hidden)
    return Night(
        version=sj.__version__,
        settings_sha256="a" * 64,
        input_sha256=f"{day:060x}{place:04x}",
        recording=recording,
        sleep=sleep,
        counts=count_by_label(rows, hidden),
        restless=count_restless(rows, hidden),
        per_hour=rates,
        periodic=periodic,
        verdict=verdict,
        timeline=Timeline(epoch_s=30.0, movement_g=(0.0,) * 4, angle_deg=(0.0,) * 4, states=tuple(states)),
        rows=rows,
    )


def _events(piece: Piece, begin: float, end: float) -> pd.DataFrame:
    jerks = _ONSET_S + np.linspace(-200, 200, piece.j) if piece.j else np.empty(0)
    alone = np.linspace(begin + 120, end - 200, piece.n)
    if piece.woke:  # what moves for a minute after each of them
        alone = np.linspace(begin + 300, end - 900, piece.n)
    faint = (
        begin
        + 600
        - (begin % 60)
        + np.concatenate(
            [60 * minute + np.arange(piece.at) * (58 / piece.at) for minute in range(int(piece.ef))]
            or [np.empty(0)]
        )
    )
    moved = alone[: piece.woke] + 15
    peaks = np.full(piece.n, 0.1)
    peaks[: piece.mod] = 0.3
    peaks[: piece.str] = 1.2
    rows = [
        (jerks, 0.2, np.full(len(jerks), 0.1), "hypnic_jerk", "onset", True),
        (alone, 0.2, peaks, "sleep_twitch", "sleep", True),
        (faint, 0.2, np.full(len(faint), 0.03), "sleep_twitch", "sleep", False),
        (moved, 70.0, np.full(len(moved), 0.5), "body_movement", "sleep", False),
    ]
    onsets = np.concatenate([row[0] for row in rows])

    def spread(item: int) -> list[object]:
        return [row[item] for row in rows for _ in row[0]]

    return make_events(
        onset_s=onsets,
        duration_s=spread(1),
        peak_g=np.concatenate([row[2] for row in rows]),
        tilt_deg=np.zeros(len(onsets)),
        label=spread(3),
        series=[None] * len(onsets),
        state=spread(4),
        utc=[""] * len(onsets),
        isolated=spread(5),
        centroid_hz=np.full(len(onsets), 7.0),
        confidence=np.full(len(onsets), 0.9),
    )
