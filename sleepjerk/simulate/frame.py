"""The frame of a night: lights, sleep, time awake, gaps, the recorder taken off. Knows no movement but that."""

import numpy as np

from sleepjerk.simulate.calendar import Calendar
from sleepjerk.simulate.draft import Draft
from sleepjerk.simulate.plan import ONSET_AFTER_S, Kind, Span

BEFORE_LIGHTS_S = (120.0, 480.0)  # our choice
AFTER_SLEEP_S = (180.0, 480.0)  # our choice: awake again before the recorder stops
SHORT_NIGHT_SHARE = 0.2  # our choice: sleep begins within this share of any recording
OFF_BODY_S = 600.0  # 7.2 of the science notes
OFF_BODY_EDGE_S = (30.0, 150.0)  # our choice: awake before it is taken off, and after
HANDLING_S = 8.0  # our choice: taking it off, and putting it on
HANDLING_CLEAR_S = 1.0  # our choice: the table is still at once, and the hand is gone
HANDLING_TILT_DEG = (40.0, 120.0)  # our choice


def draw_frame(draft: Draft) -> None:
    """Lights off, sleep, wake bouts, end of sleep, lights up; nothing when nobody sleeps."""
    if not draft.scenario.asleep:
        return
    rng, scenario, whole_s = draft.rng("frame"), draft.scenario, draft.duration_s
    short_s = SHORT_NIGHT_SHARE * whole_s
    lights_off_s = min(rng.uniform(*BEFORE_LIGHTS_S), short_s / 3)
    median_min, sd = scenario.latency_min
    latency_min = np.clip(rng.lognormal(np.log(median_min), sd), *scenario.latency_limits_min)
    onset_s = min(lights_off_s + latency_min * 60, short_s)
    end_s = whole_s - min(rng.uniform(*AFTER_SLEEP_S), short_s / 2)
    draft.sleep_s = (round(float(onset_s), 3), round(end_s, 3))
    draft.lights_s = (round(lights_off_s, 3), round(end_s + (whole_s - end_s) / 2, 3))
    draft.wake_s = _wake_bouts(draft, onset_s, end_s)


def _wake_bouts(draft: Draft, onset_s: float, end_s: float) -> tuple[Span, ...]:
    """Wake bouts after the first falling asleep, far enough from each other to fall asleep again."""
    rng, calendar = draft.rng("wake bouts"), Calendar()
    wanted = round(draft.scenario.wake_bouts(rng) * (end_s - onset_s) / (7 * 3600))
    bouts: list[Span] = []
    window = ((onset_s + 2 * ONSET_AFTER_S, end_s - ONSET_AFTER_S),)
    for _ in range(wanted):
        length_s = 60 * rng.uniform(*draft.scenario.wake_bout_min)
        start_s = calendar.place(rng, window, length_s, clear_s=ONSET_AFTER_S)
        if start_s is not None:
            bouts.append((round(start_s, 3), round(start_s + length_s, 3)))
    return tuple(sorted(bouts + _off_body_bouts(draft, calendar, window)))


def _off_body_bouts(draft: Draft, calendar: Calendar, window: tuple[Span, ...]) -> list[Span]:
    """Wake bouts in which the recorder is taken off, besides the others."""
    rng, bouts = draft.rng("off body bouts"), []
    for _ in range(draft.scenario.off_body(rng)):
        before_s, after_s = rng.uniform(*OFF_BODY_EDGE_S, 2)
        start_s = calendar.place(rng, window, before_s + OFF_BODY_S + after_s, clear_s=ONSET_AFTER_S)
        if start_s is not None:
            off_s = round(float(start_s + before_s), 2)
            draft.off_body_s.append((off_s, off_s + OFF_BODY_S))
            bouts.append((round(start_s, 3), round(off_s + OFF_BODY_S + after_s, 3)))
    return bouts


def draw_gaps(draft: Draft) -> None:
    """Segments without samples."""
    rng = draft.rng("gaps")
    windows = draft.sleeping() or ((60.0, draft.duration_s - 60.0),)
    for _ in range(draft.scenario.gaps(rng)):
        length_s = rng.uniform(*draft.scenario.gap_s)
        start_s = draft.calendar.place(rng, windows, length_s, clear_s=30.0)
        if start_s is not None:
            draft.gaps_s.append((round(start_s, 2), round(start_s + length_s, 2)))


def draw_off_body(draft: Draft) -> None:
    """Taking the recorder off and putting it on again; between the two it lies on the table."""
    rng = draft.rng("off body")
    for start_s, end_s in draft.off_body_s:
        first_s = start_s - HANDLING_CLEAR_S - HANDLING_S
        last_s = end_s + HANDLING_CLEAR_S
        for onset_s in (first_s, last_s):
            tilt_deg = float(rng.uniform(*HANDLING_TILT_DEG))
            draft.add(Kind.POSITION_SHIFT, onset_s, duration_s=HANDLING_S, tilt_deg=tilt_deg)
        draft.calendar.take(first_s, last_s + HANDLING_S)
