"""Scenario -> plan: draws what happens when in a night. Knows rates and free time; must not know physics.

The order of drawing is that of importance: what is rare and must have room comes first, faint myoclonus last.
Every concern draws from a stream of its own, so that its rate can change and the others stay where they can.
"""

from dataclasses import dataclass, field

import numpy as np

from sleepjerk.simulate.calendar import Calendar, without
from sleepjerk.simulate.kinds import (
    SHIFT_AFTER_S,
    SHIFT_ANGLE_DEG,
    SHIFT_TURN_S,
    body_duration,
    periodic_duration,
)
from sleepjerk.simulate.plan import ONSET_AFTER_S, Kind, Plan, PlannedEvent, Span
from sleepjerk.simulate.scenarios import REM_TWITCH, Scenario
from sleepjerk.simulate.streams import stream

# 7.2 of the science notes, unless marked as our choice.
INTERVAL_S = (24.0, 0.3)  # log-normal: median, SD of the logarithm
INTERVAL_LIMITS_S = (10.0, 90.0)
CLUMP_TWITCHES = (3, 20)
CLUMP_GAP_S = (1.0, 5.0)
REM_BLOCKS = 4
REM_BLOCK_MIN = (10.0, 30.0)
COUPLED_SHARE = 0.30
COUPLED_G = (0.003, 0.020)
MYOCLONUS_G = (0.001, 0.008)
MYOCLONUS_MAX_PER_H = 200.0  # our choice: beyond it there is no room left
FOLLOW_AFTER_S = (0.5, 3.0)
FOLLOW_LENGTH_S = (5.0, 60.0)
RETURN_SHARE = 0.8  # our choice: body movements in sleep that end about where they began
RETURN_TILT_DEG = (0.5, 8.0)  # our choice
BEFORE_LIGHTS_S = (120.0, 480.0)  # our choice
AFTER_SLEEP_S = (180.0, 480.0)  # our choice: awake again before the recorder stops
QUIET_BEFORE_SLEEP_S = (120.0, 300.0)  # our choice: the last minutes before sleep are still
WAKE_PAUSE_S = 4.0  # our choice, besides the clear time: somebody who is awake moves every few seconds
SETTLING_PAUSE_S = 15.0  # our choice: between lights off and sleep
ONSET_BEFORE_S = 300.0  # jerks come some minutes before sleep already
TWITCH_ROOM_S = 1.0  # longer than the longest double jerk's motion
SHORT_NIGHT_SHARE = 0.2  # our choice: sleep begins within this share of any recording
SHORT_SLEEP_H = 3.0  # our choice: no REM-like blocks in a shorter sleep


@dataclass(slots=True)
class _Draft:
    """A plan under way."""

    scenario: Scenario
    seed: int
    duration_s: float
    sleep_s: Span | None = None
    lights_s: Span | None = None
    wake_s: tuple[Span, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    events: list[PlannedEvent] = field(default_factory=list)
    gaps_s: list[Span] = field(default_factory=list)

    def rng(self, concern: str) -> np.random.Generator:
        return stream(self.seed, "timetable", concern)

    @property
    def sleep_h(self) -> float:
        """Hours of sleep, wake bouts left out."""
        return sum(end_s - start_s for start_s, end_s in self.sleeping()) / 3600

    def sleeping(self) -> tuple[Span, ...]:
        return () if self.sleep_s is None else without((self.sleep_s,), self.wake_s)

    def add(self, kind: Kind, onset_s: float, **facts: float | int | None) -> None:
        self.events.append(PlannedEvent(kind=kind, onset_s=onset_s, **facts))  # type: ignore[arg-type]


def draw_plan(scenario: Scenario, hours: float, seed: int) -> Plan:
    """A night of a scenario.

    Parameters
    ----------
    hours
        Length of the recording.
    seed
        The same scenario, length and seed give the same plan.
    """
    draft = _Draft(scenario, seed, hours * 3600)
    if scenario.asleep:
        _draw_frame(draft)
    for step in (
        _draw_gaps,
        _draw_onset_jerks,
        _draw_arm_series,
        _draw_extra_jerks,
        _draw_shifts,
        _draw_rem,
        _draw_wake_movements,
        _draw_body_movements,
        _draw_legs,
        _draw_myoclonus,
    ):
        step(draft)
    return Plan(
        duration_s=draft.duration_s,
        events=tuple(sorted(draft.events, key=lambda event: event.onset_s)),
        sleep_s=draft.sleep_s,
        wake_s=draft.wake_s,
        lights_s=draft.lights_s,
        gaps_s=tuple(sorted(draft.gaps_s)),
        living=scenario.living,
    )


def _draw_frame(draft: _Draft) -> None:
    """Lights off, sleep, wake bouts, end of sleep, lights up."""
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


def _wake_bouts(draft: _Draft, onset_s: float, end_s: float) -> tuple[Span, ...]:
    """Wake bouts after the first falling asleep, far enough from each other to fall asleep again."""
    rng, calendar = draft.rng("wake bouts"), Calendar()
    wanted = round(draft.scenario.wake_bouts(rng) * (end_s - onset_s) / (7 * 3600))
    bouts = []
    for _ in range(wanted):
        length_s = 60 * rng.uniform(*draft.scenario.wake_bout_min)
        window = ((onset_s + 2 * ONSET_AFTER_S, end_s - ONSET_AFTER_S),)
        start_s = calendar.place(rng, window, length_s, clear_s=ONSET_AFTER_S)
        if start_s is not None:
            bouts.append((round(start_s, 3), round(start_s + length_s, 3)))
    return tuple(sorted(bouts))


def _draw_gaps(draft: _Draft) -> None:
    rng = draft.rng("gaps")
    windows = draft.sleeping() or ((60.0, draft.duration_s - 60.0),)
    for _ in range(draft.scenario.gaps(rng)):
        length_s = rng.uniform(*draft.scenario.gap_s)
        start_s = draft.calendar.place(rng, windows, length_s, clear_s=30.0)
        if start_s is not None:
            draft.gaps_s.append((round(start_s, 2), round(start_s + length_s, 2)))


def _draw_onset_jerks(draft: _Draft) -> None:
    """Hypnic jerks in the minutes around sleep onset; some are followed by a body movement."""
    if draft.sleep_s is None or draft.lights_s is None:
        return
    rng, (onset_s, end_s) = draft.rng("onset jerks"), draft.sleep_s
    first_s, last_s = max(draft.lights_s[0], onset_s - ONSET_BEFORE_S), min(onset_s + ONSET_AFTER_S, end_s)
    window = ((first_s, last_s),)
    for _ in range(draft.scenario.onset_jerks(rng)):
        _place_jerk(draft, rng, window)


def _place_jerk(draft: _Draft, rng: np.random.Generator, windows: tuple[Span, ...]) -> None:
    peak_g = draft.scenario.jerk.draw(rng)
    followed = rng.random() < draft.scenario.followed_share
    after_s, follow_s = rng.uniform(*FOLLOW_AFTER_S), rng.uniform(*FOLLOW_LENGTH_S)
    room_s = TWITCH_ROOM_S + (after_s + follow_s if followed else 0.0)
    start_s = draft.calendar.place(rng, windows, room_s)
    if start_s is None:
        return
    draft.add(Kind.HYPNIC_JERK, start_s, peak_g=peak_g)
    if followed:
        # The pause counts from the end of the longest jerk, so that the two never touch.
        begin_s = start_s + TWITCH_ROOM_S + after_s
        draft.add(Kind.BODY_MOVEMENT, begin_s, duration_s=follow_s, tilt_deg=_settled_tilt(rng))


def _settled_tilt(rng: np.random.Generator) -> float | None:
    """Most body movements in sleep end about where they began; None: wherever it happens to end."""
    returns, tilt_deg = rng.random() < RETURN_SHARE, rng.uniform(*RETURN_TILT_DEG)
    return float(tilt_deg) if returns else None


def _draw_arm_series(draft: _Draft) -> None:
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


def _place_series(draft: _Draft, rng: np.random.Generator, number: int) -> int:
    """One series in one free stretch, rather early; gives its members, 0 when there is no room."""
    count = draft.scenario.arm_members(rng)
    intervals_s = np.clip(rng.lognormal(np.log(INTERVAL_S[0]), INTERVAL_S[1], count), *INTERVAL_LIMITS_S)
    durations_s = [periodic_duration(rng) for _ in range(count)]
    missed = rng.random(count) < draft.scenario.miss_share
    # Density falls through the night: half of the series are drawn from its first half only.
    windows = _after_onset(draft, 0.5 if rng.random() < 0.5 else 1.0)
    start_s = draft.calendar.place(rng, windows, float(intervals_s.sum()) + durations_s[-1], clear_s=10.0)
    if start_s is None:
        return 0
    onsets_s = start_s + np.cumsum(intervals_s) - intervals_s[0]
    for onset_s, duration_s, miss in zip(onsets_s, durations_s, missed, strict=True):
        kind = Kind.MECHANICAL_MISS if miss else Kind.PERIODIC_ARM
        draft.add(kind, float(onset_s), duration_s=duration_s, series=number)
    return count


def _after_onset(draft: _Draft, share: float = 1.0) -> tuple[Span, ...]:
    """Sleep after the first falling asleep, up to a share of the sleep period."""
    if draft.sleep_s is None:
        return ()
    onset_s, end_s = draft.sleep_s
    last_s = onset_s + share * (end_s - onset_s)
    return without(draft.sleeping(), ((0.0, onset_s + ONSET_AFTER_S), (last_s, draft.duration_s)))


def _draw_extra_jerks(draft: _Draft) -> None:
    """Jerks anywhere in the sleep after the first falling asleep."""
    rng, scenario = draft.rng("extra jerks"), draft.scenario
    wanted = scenario.extra_jerks(rng)
    wanted += int(rng.poisson(rng.uniform(*scenario.extra_jerks_per_h) * draft.sleep_h))
    for _ in range(wanted):
        _place_jerk(draft, rng, _after_onset(draft))


def _draw_shifts(draft: _Draft) -> None:
    rng = draft.rng("position shifts")
    for _ in range(rng.poisson(draft.scenario.shifts_per_h * draft.sleep_h)):
        length_s = rng.uniform(*SHIFT_TURN_S) + rng.uniform(*SHIFT_AFTER_S)
        start_s = draft.calendar.place(rng, draft.sleeping(), length_s)
        tilt_deg = float(rng.uniform(*SHIFT_ANGLE_DEG))
        if start_s is not None:
            draft.add(Kind.POSITION_SHIFT, start_s, duration_s=length_s, tilt_deg=tilt_deg)


def _draw_rem(draft: _Draft) -> None:
    """Twitches in clumps, within REM-like blocks of the last half of the sleep."""
    if draft.sleep_s is None or draft.sleep_h < SHORT_SLEEP_H:
        return
    rng = draft.rng("rem")
    blocks = _rem_blocks(draft, rng)
    hours = sum(end_s - start_s for start_s, end_s in blocks) / 3600
    left = int(rng.poisson(rng.uniform(*draft.scenario.rem_per_h) * hours))
    while left > 0:
        count = min(int(rng.integers(CLUMP_TWITCHES[0], CLUMP_TWITCHES[1] + 1)), left)
        _place_clump(draft, rng, blocks, count)
        left -= count


def _rem_blocks(draft: _Draft, rng: np.random.Generator) -> tuple[Span, ...]:
    """One block in each quarter of the last half of the sleep."""
    assert draft.sleep_s is not None
    onset_s, end_s = draft.sleep_s
    middle_s = (onset_s + end_s) / 2
    quarter_s = (end_s - middle_s) / REM_BLOCKS
    blocks = []
    for number in range(REM_BLOCKS):
        length_s = min(60 * rng.uniform(*REM_BLOCK_MIN), quarter_s)
        start_s = middle_s + number * quarter_s + rng.uniform(0, quarter_s - length_s)
        blocks.append((start_s, start_s + length_s))
    return without(tuple(blocks), draft.wake_s)


def _place_clump(draft: _Draft, rng: np.random.Generator, blocks: tuple[Span, ...], count: int) -> None:
    pauses_s = rng.exponential(rng.uniform(*CLUMP_GAP_S), count)
    onsets_s = np.cumsum(pauses_s + TWITCH_ROOM_S) - pauses_s[0] - TWITCH_ROOM_S
    peaks_g = [REM_TWITCH.draw(rng) for _ in range(count)]
    start_s = draft.calendar.place(rng, blocks, float(onsets_s[-1]) + TWITCH_ROOM_S)
    if start_s is None:
        return
    for onset_s, peak_g in zip(onsets_s, peaks_g, strict=True):
        draft.add(Kind.REM_TWITCH, start_s + float(onset_s), peak_g=peak_g)


def _draw_wake_movements(draft: _Draft) -> None:
    """Somebody awake moves every few seconds, settling down between lights off and sleep."""
    if not draft.scenario.living:
        return
    rng, whole_s = draft.rng("wake movements"), draft.duration_s
    if draft.sleep_s is None or draft.lights_s is None:
        _fill_awake(draft, rng, (2.0, whole_s), WAKE_PAUSE_S)
        return
    (onset_s, end_s), lights_off_s = draft.sleep_s, draft.lights_s[0]
    still_s = max(onset_s - rng.uniform(*QUIET_BEFORE_SLEEP_S), lights_off_s)
    _fill_awake(draft, rng, (2.0, lights_off_s), WAKE_PAUSE_S)
    _fill_awake(draft, rng, (lights_off_s, still_s), SETTLING_PAUSE_S)
    for bout in draft.wake_s:
        _fill_awake(draft, rng, bout, WAKE_PAUSE_S)
    _fill_awake(draft, rng, (end_s, whole_s), WAKE_PAUSE_S)


def _fill_awake(draft: _Draft, rng: np.random.Generator, span: Span, pause_s: float) -> None:
    """Body movements one after the other, ending wherever they end."""
    time_s = span[0]
    while True:
        length_s = body_duration(rng)
        free = draft.calendar.free(((time_s, span[1]),), length_s)
        if not free:
            return
        start_s = free[0][0]
        draft.add(Kind.BODY_MOVEMENT, start_s, duration_s=length_s)
        draft.calendar.take(start_s, start_s + length_s)
        time_s = start_s + length_s + 3.0 + rng.exponential(pause_s)


def _draw_body_movements(draft: _Draft) -> None:
    rng = draft.rng("body movements")
    for _ in range(rng.poisson(draft.scenario.body_per_h * draft.sleep_h)):
        length_s, tilt_deg = body_duration(rng), _settled_tilt(rng)
        start_s = draft.calendar.place(rng, draft.sleeping(), length_s)
        if start_s is not None:
            draft.add(Kind.BODY_MOVEMENT, start_s, duration_s=length_s, tilt_deg=tilt_deg)


def _draw_legs(draft: _Draft) -> None:
    """Leg movements themselves don't reach the wrist; 30 % of them shake the bed."""
    rng = draft.rng("legs")
    rate_per_h = rng.uniform(*draft.scenario.legs_per_h)
    for _ in range(rng.poisson(COUPLED_SHARE * rate_per_h * draft.sleep_h)):
        start_s = draft.calendar.place(rng, draft.sleeping(), TWITCH_ROOM_S)
        peak_g = float(rng.uniform(*COUPLED_G))
        if start_s is not None:
            draft.add(Kind.PERIODIC_LEG_COUPLED, start_s, peak_g=peak_g)


def _draw_myoclonus(draft: _Draft) -> None:
    rng, (median_per_h, high_per_h) = draft.rng("myoclonus"), draft.scenario.myoclonus_per_h
    if median_per_h == 0:
        return
    sd = np.log(high_per_h / median_per_h) / 1.2816  # 90th percentile of a normal distribution
    rate_per_h = min(rng.lognormal(np.log(median_per_h), sd), MYOCLONUS_MAX_PER_H)
    for _ in range(rng.poisson(rate_per_h * draft.sleep_h)):
        start_s = draft.calendar.place(rng, draft.sleeping(), TWITCH_ROOM_S, clear_s=1.0)
        peak_g = float(rng.uniform(*MYOCLONUS_G))
        if start_s is not None:
            draft.add(Kind.MYOCLONUS, start_s, peak_g=peak_g)
