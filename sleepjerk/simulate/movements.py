"""When the arm itself moves: series, shifts, body movements, scratching, tremor, after apnoeas. Not how."""

from copy import deepcopy

import numpy as np

from sleepjerk.simulate.calendar import Calendar
from sleepjerk.simulate.draft import Draft, hours
from sleepjerk.simulate.kinds import (
    SCRATCH_S,
    SHIFT_AFTER_S,
    SHIFT_ANGLE_DEG,
    SHIFT_TURN_S,
    TREMOR_HZ,
    TREMOR_S,
    body_duration,
    periodic_duration,
)
from sleepjerk.simulate.plan import Kind, Span
from sleepjerk.simulate.scenarios import Pause

# 7.2 of the science notes, unless marked as our choice.
INTERVAL_S = (24.0, 0.3)  # log-normal: median, SD of the logarithm
INTERVAL_LIMITS_S = (10.0, 90.0)
RETURN_SHARE = 0.8  # our choice: body movements in sleep that end about where they began
RETURN_TILT_DEG = (0.5, 8.0)  # our choice
QUIET_BEFORE_SLEEP_S = (120.0, 300.0)  # our choice: the last minutes before sleep are still
TREMOR_G = (0.002, 0.010)
STRONG_TREMOR_HZ = (4.0, 6.0)
STRONG_TREMOR_G = (0.030, 0.200)  # our choice: the notes name the rate only
APNOEA_CYCLE_S = (25.0, 45.0)
APNOEA_STOP_S = (10.0, 40.0)
APNOEA_BREATHS_S = 8.0  # our choice: a cycle holds at least two or three breaths
APNOEA_BLOCK = (10, 40)  # our choice: cycles of one block
RESUMPTION_AFTER_S = (0.5, 2.0)
RESUMPTION_LENGTH_S = (0.8, 2.8)  # our choice: a limb's length, 7.2 gives none


def settled_tilt(rng: np.random.Generator, share: float = RETURN_SHARE) -> float | None:
    """A share of body movements ends about where they began; None: wherever it happens to end."""
    returns, tilt_deg = rng.random() < share, rng.uniform(*RETURN_TILT_DEG)
    return float(tilt_deg) if returns else None


def draw_arm_series(draft: Draft) -> None:
    """Periodic arm series: a fixed number, or as many as a rate an hour needs."""
    rng, scenario = draft.rng("arm series"), draft.scenario
    wanted = scenario.arm_series(rng)
    wanted_members = rng.uniform(*scenario.arm_rate_per_h) * draft.sleep_h
    series = members = 0
    for _ in range(1000):
        if series >= wanted and members >= wanted_members:
            return
        placed = _place_series(draft, rng, series + 1)
        series += placed > 0
        members += placed


def _place_series(draft: Draft, rng: np.random.Generator, number: int) -> int:
    """One series in one free segment, rather early; gives its members, 0 when there is no room."""
    count = draft.scenario.arm_members(rng)
    intervals_s = np.clip(rng.lognormal(np.log(INTERVAL_S[0]), INTERVAL_S[1], count), *INTERVAL_LIMITS_S)
    durations_s = [periodic_duration(rng) for _ in range(count)]
    missed = rng.random(count) < draft.scenario.miss_share
    # Density falls through the night: half of the series are drawn from its first half only.
    windows = draft.after_onset(0.5 if rng.random() < 0.5 else 1.0)
    start_s = draft.calendar.place(rng, windows, float(intervals_s.sum()) + durations_s[-1], clear_s=10.0)
    if start_s is None:
        return 0
    onsets_s = start_s + np.cumsum(intervals_s) - intervals_s[0]
    for onset_s, duration_s, miss in zip(onsets_s, durations_s, missed, strict=True):
        kind = Kind.MECHANICAL_MISS if miss else Kind.PERIODIC_ARM
        draft.add(kind, float(onset_s), duration_s=duration_s, series=number)
    return count


def draw_shifts(draft: Draft) -> None:
    rng = draft.rng("position shifts")
    for _ in range(rng.poisson(draft.scenario.shifts_per_h * draft.sleep_h)):
        length_s = rng.uniform(*SHIFT_TURN_S) + rng.uniform(*SHIFT_AFTER_S)
        start_s = draft.calendar.place(rng, draft.sleeping(), length_s)
        tilt_deg = float(rng.uniform(*SHIFT_ANGLE_DEG))
        if start_s is not None:
            draft.add(Kind.POSITION_SHIFT, start_s, duration_s=length_s, tilt_deg=tilt_deg)


def draw_body_movements(draft: Draft) -> None:
    rng = draft.rng("body movements")
    for _ in range(rng.poisson(draft.scenario.body_per_h * draft.sleep_h)):
        length_s, tilt_deg = body_duration(rng), settled_tilt(rng)
        start_s = draft.calendar.place(rng, draft.sleeping(), length_s)
        if start_s is not None:
            draft.add(Kind.BODY_MOVEMENT, start_s, duration_s=length_s, tilt_deg=tilt_deg)


def draw_wake_movements(draft: Draft) -> None:
    """Somebody awake moves every few seconds, settling down between lights off and sleep."""
    if not draft.scenario.living:
        return
    rng, whole_s = draft.rng("wake movements"), draft.duration_s
    pause_s = draft.scenario.wake_pause_s
    if draft.sleep_s is None or draft.lights_s is None:
        _fill_awake(draft, rng, (2.0, whole_s), pause_s)
        return
    (onset_s, end_s), lights_off_s = draft.sleep_s, draft.lights_s[0]
    still_s = max(onset_s - rng.uniform(*QUIET_BEFORE_SLEEP_S), lights_off_s)
    _fill_awake(draft, rng, (2.0, lights_off_s), pause_s)
    _fill_awake(draft, rng, (lights_off_s, still_s), draft.scenario.settling_pause_s)
    for bout in draft.wake_s:
        _fill_awake(draft, rng, bout, pause_s)
    _fill_awake(draft, rng, (end_s, whole_s), pause_s)


def _fill_awake(draft: Draft, rng: np.random.Generator, span: Span, pause_s: Pause) -> None:
    """Body movements one after the other."""
    time_s, returning = span[0], draft.scenario.wake_return_share
    while True:
        length_s = body_duration(rng)
        free = draft.calendar.free(((time_s, span[1]),), length_s)
        if len(free) == 0:
            return
        start_s = float(free[0, 0])
        tilt_deg = settled_tilt(rng, returning) if returning else None
        draft.add(Kind.BODY_MOVEMENT, start_s, duration_s=length_s, tilt_deg=tilt_deg)
        draft.calendar.take(start_s, start_s + length_s)
        time_s = start_s + length_s + 3.0 + pause_s(rng)


def draw_scratching(draft: Draft) -> None:
    """Bouts asleep; somebody awake all the time scratches awake."""
    rng = draft.rng("scratching")
    windows = draft.sleeping() or draft.awake()
    for _ in range(rng.poisson(rng.uniform(*draft.scenario.scratches_per_h) * hours(windows))):
        length_s = float(rng.uniform(*SCRATCH_S))
        start_s = draft.calendar.place(rng, windows, length_s)
        if start_s is not None:
            draft.add(Kind.SCRATCHING, start_s, duration_s=length_s)


def draw_tremor(draft: Draft) -> None:
    """Runs while awake: the faint one everybody has, and a strong slow one."""
    scenario = draft.scenario
    _place_tremor(draft, draft.rng("tremor"), scenario.tremors_per_h, TREMOR_HZ, TREMOR_G)
    rng = draft.rng("strong tremor")
    _place_tremor(draft, rng, scenario.strong_tremors_per_h, STRONG_TREMOR_HZ, STRONG_TREMOR_G)


def _place_tremor(
    draft: Draft,
    rng: np.random.Generator,
    per_h: tuple[float, float],
    band_hz: tuple[float, float],
    peaks_g: tuple[float, float],
) -> None:
    windows = draft.awake()
    for _ in range(rng.poisson(rng.uniform(*per_h) * hours(windows))):
        length_s, rate_hz, peak_g = (float(rng.uniform(*span)) for span in (TREMOR_S, band_hz, peaks_g))
        start_s = draft.calendar.place(rng, windows, length_s)
        if start_s is not None:
            draft.add(Kind.TREMOR, start_s, duration_s=length_s, rate_hz=rate_hz, peak_g=peak_g)


def draw_apnoeas(draft: Draft) -> None:
    """Blocks of breathing stops, each followed by a movement; whatever else happens goes on within them."""
    rng = draft.rng("apnoeas")
    left = round(rng.uniform(*draft.scenario.apnoeas_per_h) * draft.sleep_h)
    # A block needs a segment for itself, but takes from the night's time its movements only.
    blocks = deepcopy(draft.calendar)
    while left > 0:
        count = min(int(rng.integers(APNOEA_BLOCK[0], APNOEA_BLOCK[1] + 1)), left)
        _place_apnoeas(draft, rng, blocks, count)
        left -= count


def _place_apnoeas(draft: Draft, rng: np.random.Generator, blocks: Calendar, count: int) -> None:
    """One block: a stop begins each cycle, and the movement comes when breathing has come back."""
    cycles_s = rng.uniform(*APNOEA_CYCLE_S, count)
    stops_s = np.minimum(rng.uniform(*APNOEA_STOP_S, count), cycles_s - APNOEA_BREATHS_S)
    afters_s = rng.uniform(*RESUMPTION_AFTER_S, count)
    lengths_s = rng.uniform(*RESUMPTION_LENGTH_S, count)
    tilts_deg = rng.uniform(*RETURN_TILT_DEG, count)
    start_s = blocks.place(rng, draft.sleeping(), float(cycles_s.sum()))
    if start_s is None:
        return
    begins_s = start_s + np.cumsum(cycles_s) - cycles_s
    for begin_s, stop_s, after_s, length_s, tilt_deg in zip(
        begins_s, stops_s, afters_s, lengths_s, tilts_deg, strict=True
    ):
        end_s = round(float(begin_s + stop_s), 3)
        draft.apnoeas_s.append((round(float(begin_s), 3), end_s))
        onset_s = end_s + float(after_s)
        draft.add(Kind.RESUMPTION, onset_s, duration_s=float(length_s), tilt_deg=float(tilt_deg))
        draft.calendar.take(onset_s, onset_s + float(length_s))
