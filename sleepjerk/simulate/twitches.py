"""When the twitches of a night come: jerks, REM clumps, fragmentary myoclonus. Knows rates, not shapes."""

import numpy as np

from sleepjerk.simulate.calendar import Calendar, without
from sleepjerk.simulate.draft import Draft, hours
from sleepjerk.simulate.movements import settled_tilt
from sleepjerk.simulate.plan import ONSET_AFTER_S, Kind, Span
from sleepjerk.simulate.scenarios import REM_TWITCH

# 7.2 of the science notes, unless marked as our choice.
CLUMP_TWITCHES = (3, 20)
CLUMP_GAP_S = (1.0, 5.0)
REM_BLOCKS = 4
REM_BLOCK_MIN = (10.0, 30.0)
MYOCLONUS_G = (0.001, 0.008)
MYOCLONUS_MAX_PER_H = 200.0  # our choice: beyond it there is no room left
FAINT_G = (0.010, 0.040)
FAINT_PER_MIN = (5.0, 15.0)
FAINT_BLOCK_MIN = (20.0, 60.0)
FAINT_ROOM_S = 0.4  # our choice: longer than one of 150 ms with the spread of the low-pass
FAINT_CLEAR_S = 0.5  # our choice: 15 a minute must find room
FOLLOW_AFTER_S = (0.5, 3.0)
FOLLOW_LENGTH_S = (5.0, 60.0)
ONSET_BEFORE_S = 300.0  # jerks come some minutes before sleep already
TWITCH_ROOM_S = 1.0  # longer than the longest double jerk's motion
SHORT_SLEEP_H = 3.0  # our choice: no REM-like blocks in a shorter sleep


def draw_onset_jerks(draft: Draft) -> None:
    """Hypnic jerks in the minutes around sleep onset; some are followed by a body movement."""
    if draft.sleep_s is None or draft.lights_s is None:
        return
    rng, (onset_s, end_s) = draft.rng("onset jerks"), draft.sleep_s
    first_s, last_s = max(draft.lights_s[0], onset_s - ONSET_BEFORE_S), min(onset_s + ONSET_AFTER_S, end_s)
    window = ((first_s, last_s),)
    for _ in range(draft.scenario.onset_jerks(rng)):
        _place_jerk(draft, rng, window)


def draw_extra_jerks(draft: Draft) -> None:
    """Jerks anywhere in the sleep after the first falling asleep."""
    rng, scenario = draft.rng("extra jerks"), draft.scenario
    wanted = scenario.extra_jerks(rng)
    wanted += int(rng.poisson(rng.uniform(*scenario.extra_jerks_per_h) * draft.sleep_h))
    for _ in range(wanted):
        _place_jerk(draft, rng, draft.after_onset())


def _place_jerk(draft: Draft, rng: np.random.Generator, windows: tuple[Span, ...]) -> None:
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
        draft.add(Kind.BODY_MOVEMENT, begin_s, duration_s=follow_s, tilt_deg=settled_tilt(rng))


def draw_rem(draft: Draft) -> None:
    """Twitches in clumps, within REM-like blocks of the last half of the sleep."""
    if draft.sleep_s is None or draft.sleep_h < SHORT_SLEEP_H:
        return
    rng = draft.rng("rem")
    blocks = _rem_blocks(draft, rng)
    rate_per_h = rng.uniform(*draft.scenario.rem_per_h)
    left = int(rng.poisson(rate_per_h * hours(blocks)))
    while left > 0:
        count = min(int(rng.integers(CLUMP_TWITCHES[0], CLUMP_TWITCHES[1] + 1)), left)
        _place_clump(draft, rng, blocks, count)
        left -= count


def _rem_blocks(draft: Draft, rng: np.random.Generator) -> tuple[Span, ...]:
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


def _place_clump(draft: Draft, rng: np.random.Generator, blocks: tuple[Span, ...], count: int) -> None:
    pauses_s = rng.exponential(rng.uniform(*CLUMP_GAP_S), count)
    onsets_s = np.cumsum(pauses_s + TWITCH_ROOM_S) - pauses_s[0] - TWITCH_ROOM_S
    peaks_g = [REM_TWITCH.draw(rng) for _ in range(count)]
    start_s = draft.calendar.place(rng, blocks, float(onsets_s[-1]) + TWITCH_ROOM_S)
    if start_s is None:
        return
    for onset_s, peak_g in zip(onsets_s, peaks_g, strict=True):
        draft.add(Kind.REM_TWITCH, start_s + float(onset_s), peak_g=peak_g)


def draw_myoclonus(draft: Draft) -> None:
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


def draw_faint_twitching(draft: Draft) -> None:
    """Excessive fragmentary myoclonus: blocks of sleep in which faint twitches come 5-15 times a minute."""
    rng, blocks = draft.rng("faint twitching"), Calendar()
    for _ in range(draft.scenario.faint_blocks(rng)):
        minutes, per_min = rng.uniform(*FAINT_BLOCK_MIN), rng.uniform(*FAINT_PER_MIN)
        # What happens anyway goes on within a block: only blocks must not touch each other.
        start_s = blocks.place(rng, draft.sleeping(), 60 * minutes)
        if start_s is not None:
            _fill_block(draft, rng, (start_s, start_s + 60 * minutes), round(minutes * per_min))


def _fill_block(draft: Draft, rng: np.random.Generator, block: Span, count: int) -> None:
    for _ in range(count):
        peak_g = float(rng.uniform(*FAINT_G))
        start_s = draft.calendar.place(rng, (block,), FAINT_ROOM_S, clear_s=FAINT_CLEAR_S)
        if start_s is not None:
            draft.add(Kind.FAINT_TWITCHING, start_s, peak_g=peak_g)
