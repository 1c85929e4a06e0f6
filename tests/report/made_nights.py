"""Nights built by hand for the tests of the report: no analysis is needed to make one."""

import dataclasses
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from sleepjerk.events import COLUMNS, Label, event_rows, make_events
from sleepjerk.judging.nights import judge_night
from sleepjerk.judging.questions import QUESTIONS
from sleepjerk.judging.weeks import line_of, with_week
from sleepjerk.messages import Message
from sleepjerk.night.model import (
    Estimate,
    Night,
    PeriodicSummary,
    RecordingSummary,
    SeriesCount,
    SleepEstimates,
    SleepSummary,
    SteadyVibration,
    Strip,
    Surroundings,
    Timeline,
)
from sleepjerk.night.rates import count_by_label, count_restless, intervals_by_label
from sleepjerk.night.warnings import find_warnings
from sleepjerk.report import render_report
from sleepjerk.rules import CriteriaRules, Rules
from tests.support.hostile import HOSTILE
from tests.support.made_recordings import from_flat
from tests.support.made_weeks import LAST, judge_week, lines, mornings

START = datetime(2026, 11, 22, 21, 52, 4, tzinfo=UTC)


def _recording(**changes: Any) -> RecordingSummary:
    known: dict[str, Any] = dict(
        name="2026-11-22T225204+0100.csv",
        start=START.isoformat(),
        zone="Europe/Berlin",
        hours=8.2,
        rate_hz=100.2,
        gaps=2,
        missing_s=41.0,
        clock_drift_ppm=-12.3,
        limb="wrist",
        side="left",
        subject="A. Sleeper",
        sensor="MPU-6050",
        board="Arduino Nano",
        noise_g=0.0016,
        step_g=0.000061,
        range_g=2.0,
        clipped_samples=3,
        rejected_rows=1,
        repeated_stamps=0,
        spikes=0,
        frozen_s=0.0,
        no_gravity_s=0.0,
        off_body_h=0.3,
        calibration="sphere",
        calibration_error_g=0.0041,
        smallest_visible_g=0.021,
        notes=("unit: g, from the column names", "zone: from the sidecar"),
    )
    return from_flat(RecordingSummary, known | changes)


def _rows(rng: np.random.Generator, number: int, label: Label, **ranges: Any) -> list[dict[str, Any]]:
    low, high = ranges.pop("between", (3000.0, 27000.0))
    peaks = ranges.pop("peaks", (0.03, 0.3))
    durations = ranges.pop("durations", (0.15, 0.45))
    state = ranges.pop("state", "sleep")
    onsets = ranges.pop("onsets", None)
    times = np.sort(rng.uniform(low, high, number)) if onsets is None else onsets
    return [
        {
            "onset_s": round(float(time), 3),
            "duration_s": round(float(rng.uniform(*durations)), 3),
            "peak_g": round(float(math.exp(rng.uniform(math.log(peaks[0]), math.log(peaks[1])))), 4),
            "tilt_deg": round(
                float(rng.uniform(0, 4 if label in ("hypnic_jerk", "sleep_twitch") else 40)), 2
            ),
            "label": str(label),
            "series": ranges.get("series"),
            "state": state,
            "utc": (START + timedelta(seconds=float(time))).isoformat(),
            "isolated": label in (Label.HYPNIC_JERK, Label.SLEEP_TWITCH),
            "centroid_hz": 6.0,
            "confidence": 0.95,
            "detected": "",
        }
        for time in times
    ]


def _timeline(
    hours: float, rows: list[dict[str, Any]], gaps: list[tuple[float, float]], states: Any
) -> Timeline:
    rng = np.random.default_rng(5)
    number = int(hours * 720)
    movement = np.exp(rng.normal(math.log(0.006), 0.25, number))
    angle = np.repeat(rng.uniform(-70, 70, number // 400 + 1), 400)[:number] + rng.normal(0, 0.4, number)
    for row in rows:
        index = min(number - 1, int(row["onset_s"] // 5))
        movement[index] = max(movement[index], row["peak_g"])
    for start, end, state in states:
        if state == "wake":
            part = slice(int(start // 5), int(end // 5))
            movement[part] = np.exp(rng.normal(math.log(0.15), 0.8, len(movement[part])))
    missing = np.zeros(number, dtype=bool)
    for start, end in gaps:
        missing[int(start // 5) : int(end // 5) + 1] = True
    return Timeline(
        epoch_s=5.0,
        movement_g=tuple(
            None if gone else round(float(v), 4) for v, gone in zip(movement, missing, strict=True)
        ),
        angle_deg=tuple(None if gone else round(float(v), 1) for v, gone in zip(angle, missing, strict=True)),
        states=states,
    )


def _strip(event: int, row: dict[str, Any]) -> Strip:
    rng = np.random.default_rng(event)
    start = row["onset_s"] - 2.0
    time = np.arange(500) / 100 - 2.0 - row["duration_s"] / 2
    burst = np.exp(-((time / max(0.05, row["duration_s"] / 3)) ** 2)) * np.sin(2 * np.pi * 6 * time)
    axes = [burst * row["peak_g"] * 1000 * share + rng.normal(0, 1.6, 500) for share in (0.9, -0.4, 0.25)]
    return Strip(
        event=event,
        start_s=start,
        rate_hz=100.0,
        axes_mg=tuple(tuple(round(float(v)) for v in axis) for axis in axes),
    )


def _night(
    rows: list[dict[str, Any]],
    recording: RecordingSummary,
    sleep: SleepSummary,
    periodic: PeriodicSummary,
    timeline: Timeline,
    **changes: Any,
) -> Night:
    events = make_events(**{name: [row[name] for row in rows] for name in COLUMNS})
    plain = event_rows(events)
    counts = count_by_label(plain, recording.hidden_by)
    hours = sleep.analysed_h
    surroundings = changes.pop("surroundings", Surroundings())
    warned = (
        *find_warnings(recording, sleep, periodic, surroundings, Rules()),
        *changes.pop("messages", ()),
    )
    chosen = [i for i, row in events.iterrows() if row["label"] in ("hypnic_jerk", "rhythmic_movement")]
    chosen += list(events[events["label"] == "sleep_twitch"]["peak_g"].nlargest(12).index)
    per_hour = {
        label: None if hours is None or n is None else round(n / hours, 3) for label, n in counts.items()
    }
    return Night(
        version="0.1.0",
        settings_sha256="3f" * 32,
        input_sha256="a7" * 32,
        recording=recording,
        sleep=sleep,
        counts=counts,
        restless=count_restless(plain, recording.hidden_by),
        per_hour=per_hour,
        per_hour_interval=intervals_by_label(per_hour, hours, 0.95),
        periodic=periodic,
        verdict=judge_night(events, sleep, recording, periodic, CriteriaRules(), states=timeline.states),
        timeline=timeline,
        surroundings=surroundings,
        messages=() if "warnings" in changes else warned,
        strips=tuple(_strip(int(i), dict(events.iloc[int(i)])) for i in chosen),
        rows=plain,
        **changes,
    )


SHARED = ("series", "movements", "index_per_h", "median_interval_s", "series_share")


def _periodic(**changes: Any) -> PeriodicSummary:
    known = PeriodicSummary(
        rules="wasm2016",
        series=0,
        movements=0,
        index_per_h=0.0,
        periodicity_index=None,
        series_share=None,
        median_interval_s=None,
        said=False,
        respiratory_caveat=False,
        other_rules="aasm",
        other_index_per_h=0.0,
    )
    made = dataclasses.replace(known, **changes)
    shared = {name: getattr(made, name) for name in SHARED if made.index_per_h is not None}
    first = SeriesCount(rules=made.rules, **shared)
    other = dataclasses.replace(first, rules="aasm", index_per_h=made.other_index_per_h)
    return dataclasses.replace(made, by_rules=(first, other))


NO_SLEEP = SleepSummary(message=Message.of("method.too_restless", still=12.5, needed=30.0))
SLEEP = SleepSummary(
    onset_s=1685.0,
    end_s=28500.0,
    period_h=7.449,
    analysed_h=6.837,
    onset_range_s=(0.0, 2585.0),
    end_range_s=(27900.0, 28740.0),
    quiet_h=5.912,
    wake_bouts=1,
    wake_s=700.0,
    onset_utc="2026-11-22T22:20:09+00:00",
    end_utc="2026-11-23T05:47:04+00:00",
    message=Message("method.stillness"),
    visits=1,
    out_of_bed_s=((14010.0, 14330.0),),
    shaking_s=(),
)
ESTIMATES = SleepEstimates(
    total_sleep_h=Estimate(value=6.837, low=3.76, high=7.789),
    latency_min=Estimate(value=18.1, low=0.0, high=33.1),
    awake_min=Estimate(value=11.7, low=11.7, high=214.9),
    efficiency=Estimate(message=Message("note.no_lights")),
)
STATES = (
    (0.0, 600.0, "wake"),
    (600.0, 2585.0, "onset"),
    (2585.0, 14000.0, "sleep"),
    (14000.0, 14700.0, "wake"),
    (14700.0, 22000.0, "sleep"),
    (22000.0, 23080.0, "off_body"),
    (23080.0, 28500.0, "sleep"),
    (28500.0, 29520.0, "wake"),
)
GAPS = [(9000.0, 9035.0), (19000.0, 19006.0)]


def demo(**changes: Any) -> Night:
    """A full night: jerks, twitches, a regular series, a gap, time off the body, wake."""
    rng = np.random.default_rng(2)
    series = 12000.0 + np.cumsum(rng.normal(24, 3, 60))
    rows = [
        *_rows(rng, 4, Label.HYPNIC_JERK, between=(1000, 2500), state="onset", peaks=(0.08, 0.6)),
        *_rows(rng, 17, Label.SLEEP_TWITCH),
        *_rows(rng, 60, Label.PERIODIC_MOVEMENT, onsets=series, durations=(0.8, 4), series=0),
        *_rows(rng, 30, Label.LIMB_MOVEMENT, durations=(0.6, 6)),
        *_rows(rng, 45, Label.BODY_MOVEMENT, durations=(3, 20), peaks=(0.1, 1.5)),
        *_rows(rng, 11, Label.POSTURE_CHANGE, durations=(2, 8), peaks=(0.2, 1.5)),
        *_rows(rng, 3, Label.RHYTHMIC_MOVEMENT, durations=(3, 11), peaks=(0.05, 0.3)),
        *_rows(rng, 40, Label.UNCLASSIFIED, between=(14000, 14700), state="wake", durations=(0.5, 8)),
    ]
    periodic = _periodic(
        series=3,
        movements=60,
        index_per_h=8.776,
        periodicity_index=0.713,
        series_share=0.66,
        median_interval_s=24.2,
        said=True,
        intervals_s=tuple(
            round(float(v), 2) for v in np.concatenate([np.diff(series), rng.exponential(70, 40)])
        ),
        other_index_per_h=9.1,
    )
    recording = _recording(**changes.pop("recording", {}))
    timeline = _timeline(recording.hours, rows, GAPS, STATES)
    sleep = dataclasses.replace(SLEEP, **changes.pop("sleep", {}))
    return _night(rows, recording, sleep, periodic, timeline, **{"estimates": ESTIMATES} | changes)


def quiet() -> Night:
    """A whole night without any event."""
    recording = _recording(gaps=0, missing_s=0.0, off_body_h=0.0, clipped_samples=0, rejected_rows=0)
    states = ((0.0, 2585.0, "onset"), (2585.0, 28500.0, "sleep"), (28500.0, 29520.0, "wake"))
    return _night([], recording, SLEEP, _periodic(), _timeline(8.2, [], [], states))


def no_sleep() -> Night:
    """Six hours of movement in which no sleep period was found."""
    rng = np.random.default_rng(3)
    rows = _rows(rng, 80, Label.UNCLASSIFIED, between=(0, 21000), state="unknown", durations=(0.5, 20))
    states = ((0.0, 21600.0, "unknown"),)
    periodic = _periodic(index_per_h=None, other_index_per_h=None)
    timeline = _timeline(6.0, rows, [], states)
    return _night(rows, _recording(hours=6.0, off_body_h=0.0), NO_SLEEP, periodic, timeline)


def unknown_start() -> Night:
    """The full night, but nobody knows when it began."""
    return demo(recording={"start": None, "zone": None})


def red() -> Night:
    """Strong rhythmic shaking in sleep."""
    rng = np.random.default_rng(4)
    rows = _rows(rng, 3, Label.SLEEP_TWITCH)
    rows += _rows(
        rng, 1, Label.RHYTHMIC_MOVEMENT, onsets=[15000.0], durations=(47.0, 47.1), peaks=(1.1, 1.11)
    )
    sleep = dataclasses.replace(SLEEP, shaking_s=((15000.0, 15047.0),))
    return _night(rows, _recording(), sleep, _periodic(), _timeline(8.2, rows, GAPS, STATES))


def short() -> Night:
    """Forty minutes: too short for sleep."""
    periodic = _periodic(index_per_h=None, other_index_per_h=None)
    recording = _recording(hours=0.6667, gaps=0, missing_s=0.0, off_body_h=0.0)
    return _night([], recording, NO_SLEEP, periodic, _timeline(0.6667, [], [], ((0.0, 2400.0, "unknown"),)))


def all_gaps() -> Night:
    """Five hours between first and last sample, and nothing between them."""
    periodic = _periodic(index_per_h=None, other_index_per_h=None)
    recording = _recording(
        hours=5.0,
        gaps=1,
        missing_s=17990.0,
        off_body_h=0.0,
        calibration="none",
        calibration_error_g=None,
        noise_g=None,
        smallest_visible_g=None,
    )
    timeline = _timeline(5.0, [], [(0.0, 18000.0)], ((0.0, 18000.0, "unknown"),))
    return _night([], recording, NO_SLEEP, periodic, timeline)


def nothing() -> Night:
    """Not even a sample."""
    recording = _recording(
        hours=0.0,
        gaps=0,
        missing_s=0.0,
        off_body_h=0.0,
        calibration="none",
        calibration_error_g=None,
        start=None,
        zone=None,
    )
    timeline = Timeline(epoch_s=5.0, movement_g=(), angle_deg=(), states=())
    return _night([], recording, NO_SLEEP, _periodic(index_per_h=None, other_index_per_h=None), timeline)


def ankle() -> Night:
    """The full night on the ankle, with the intervals of breathing pauses."""
    night = demo(recording={"limb": "ankle", "side": None})
    series = dataclasses.replace(
        night.periodic,
        respiratory_caveat=True,
        respiratory_intervals=True,
        sleep_interval_s=31.4,
        sleep_intervals_per_h=14.2,
    )
    return dataclasses.replace(night, periodic=series)


def chance() -> Night:
    """Series that are no more than chance makes."""
    night = demo()
    return dataclasses.replace(
        night, periodic=dataclasses.replace(night.periodic, said=False, periodicity_index=0.31)
    )


def doubtful() -> Night:
    """A night of a poor sensor in a shared bed: nearly every warning at once."""
    recording = {
        "gaps": 1,
        "spikes": 1,
        "frozen_s": 45.0,
        "no_gravity_s": 4500.0,
        "limited_by": "bed",
        "calibration": "bench",
        "calibration_error_g": 0.09,
        "calibration_gain_shift": 0.08,
        "rate_hz": 25.0,
    }
    machine = SteadyVibration(frequency_hz=12.3, amplitude_g=0.003, time_share=0.4, direction_share=0.9)
    surroundings = Surroundings(vibrations=(machine,), rings=140, rings_per_h=20.0, shared_bed=True)
    sleep = {"begins_asleep": True, "ends_asleep": True, "others_s": ((60.0, 3720.0),), "onset_s": 30.0}
    lost = (Message.of("warning.lost_corrections", n=1), Message("warning.odd_marks"))
    return demo(recording=recording, surroundings=surroundings, sleep=sleep, messages=lost)


def hidden() -> Night:
    """So few samples a second that no twitch can be counted."""
    return demo(recording={"rate_hz": 12.5, "limited_by": "rules", "hidden_by": "rate"})


def hidden_week() -> Night:
    """The same night with a week, in which others can be counted."""
    night = hidden()
    tonight = line_of(night, str(LAST))
    return with_week(night, judge_week([*lines(". . . . f . -"), tonight], {}, str(LAST)))


def noisy() -> Night:
    """So noisy that hardly any movement can be counted."""
    limited = {"noise_g": 0.03, "smallest_visible_g": 0.21, "limited_by": "noise", "hidden_by": "noise"}
    return demo(recording=limited)


def many() -> Night:
    """Far more of everything than any night should hold."""
    rng = np.random.default_rng(6)
    rows = _rows(rng, 60, Label.HYPNIC_JERK, between=(1000, 2500), state="onset")
    rows += _rows(rng, 2500, Label.SLEEP_TWITCH, peaks=(0.02, 3.0))
    return _night(rows, _recording(), SLEEP, _periodic(), _timeline(8.2, rows, GAPS, STATES))


def hostile() -> Night:
    """Every text that comes from a file is an attack."""
    fields = ("name", "subject", "sensor", "board", "side", "calibration")
    changes: dict[str, Any] = dict(zip(fields, HOSTILE, strict=False))
    return demo(recording=changes | {"notes": HOSTILE}, warnings=HOSTILE)


def in_week(words: str, said: dict[int, str], night: Night | None = None) -> Night:
    """A night at the end of a made week, as tests/made_weeks.py writes it; its own line is its own."""
    night = quiet() if night is None else night
    before = [line for line in lines(words) if line.night != str(LAST)]
    return with_week(night, judge_week([*before, line_of(night, str(LAST))], mornings(said), str(LAST)))


def green_week() -> Night:
    """A week in which no rule was met, and the diary answered."""
    return in_week(". . . . . . . . - . . x . f . . .", {0: "no:pain no:numbness snoring", 1: "no:pain"})


def amber_week() -> Night:
    """Two frequent weeks and more."""
    return in_week(". . ? . f f . f . . f f fs . f s . .", {0: "slept_badly tired", 2: "slept_badly"}, demo())


def grey_week() -> Night:
    """Three nights kept, one of them too short."""
    return in_week(". x .", {})


def open_week() -> Night:
    """Nights enough, but on most of them falling asleep was not seen."""
    return in_week("? ? ? ? ? ? .", {})


def red_week() -> Night:
    """Two red flags, and shaking on another night."""
    return in_week(". . . R . . .", {0: "pain numbness snoring no:weakness", 2: "slept_badly"}, demo())


def flagged() -> Night:
    """Every red flag at once, and shaking on another night."""
    keys = " ".join(question.key for question in QUESTIONS if question.kind == "yes_no")
    return in_week(". . . R . . .", {0: keys}, demo())


NIGHTS: dict[str, Callable[[], Night]] = {
    make.__name__: cache(make)
    for make in (
        demo,
        quiet,
        no_sleep,
        unknown_start,
        red,
        short,
        all_gaps,
        nothing,
        ankle,
        chance,
        doubtful,
        hidden,
        hidden_week,
        noisy,
        many,
        hostile,
        green_week,
        amber_week,
        grey_week,
        open_week,
        red_week,
        flagged,
    )
}


@cache
def rendered(name: str, language: str = "en") -> str:
    """The page of a night."""
    return render_report(NIGHTS[name](), language)
