"""Which windows of a night a person is asked about: all its sleep cut into windows, and some of them by chance.

Knows the night's events, times and samples. Must not know what anybody answers.

Conventions
-----------
Windows are of one length, lie in sleep, do not overlap and hold no gap. A movement begins at a random place in its
window, so that nothing about a window but its samples tells what was found in it. The stratum of a window is decided by
all that begins in it: a counted twitch, else a member of a series, else another movement; without any it is quiet, or
still where nothing stands out of the noise. What people put right afterwards is left aside: the program is judged.
"""

import random
from collections.abc import Mapping

import numpy as np
import pandas as pd

from sleepjerk.artefacts import mend
from sleepjerk.detection.curves import at_working_rate, make_curves
from sleepjerk.errors import InputError
from sleepjerk.events import ASLEEP, MISSED, TWITCHES
from sleepjerk.night.model import Night
from sleepjerk.recording import Floats, Recording
from sleepjerk.review.kept import Review, Stratum, Window, signal_lines
from sleepjerk.rules import ReviewRules, Rules
from sleepjerk.spans import inside, outside, union

Placed = dict[Stratum, list[float]]


def choose_windows(
    recording: Recording, night: Night, number: int, rules: Rules | None = None, seed: int | None = None
) -> Review:
    """A review of a night that nobody has answered.

    Parameters
    ----------
    recording
        That of the night.
    number
        How many windows; fewer where the night has fewer.
    seed
        Chosen by chance when None.

    Raises
    ------
    InputError
        No sleep was found in the night, or it is too short.
    """
    rules = Rules() if rules is None else rules
    asked, seed = rules.review, random.SystemRandom().randrange(1 << 32) if seed is None else seed
    chance = random.Random(seed)
    recording = mend(recording, rules.damage)
    events, calm_s = _found(night.events), _calm(recording, night, asked)
    placed, left_out = _around_events(events, calm_s, asked, chance)
    least_g = night.recording.smallest_visible_g
    least_g = None if least_g is None else asked.still_share * least_g
    _add_quiet(placed, _quiet(events, calm_s, placed, asked), recording, least_g, rules, chance)
    drawn = _drawn(placed, number, recording.rate_hz, asked, chance)
    if not drawn:
        raise InputError(f"{night.recording.provenance.name}: there is no sleep in this night to ask about")
    return Review(
        input_sha256=night.input_sha256,
        settings_sha256=night.settings_sha256,
        seed=seed,
        window_s=asked.window_s,
        margin_s=asked.margin_s,
        rate_hz=recording.rate_hz,
        least_g=least_g,
        windows_of={stratum: len(begins) for stratum, begins in placed.items()},
        left_out=left_out,
        windows=tuple(drawn),
    )


def _found(events: pd.DataFrame) -> pd.DataFrame:
    """The program's own table, without a person's corrections."""
    own = events[events["detected"] != MISSED]
    return own.assign(label=own["label"].where(own["detected"] == "", own["detected"]))


def _calm(recording: Recording, night: Night, asked: ReviewRules) -> Floats:
    """(k, 2) spans of sleep, s, in which a window may lie: it and its margins hold samples."""
    spans = [(start, end) for start, end, state in night.timeline.states if state in ASLEEP]
    asleep = union(np.array(spans, dtype=np.float64).reshape(-1, 2))
    edges = np.array([[-np.inf, 0.0], [recording.duration_s, np.inf]])
    gaps_s = _wider(np.concatenate((recording.gaps_s, edges)), asked.margin_s)
    return np.asarray(outside(asleep, union(gaps_s)), dtype=np.float64)


def _wider(spans_s: Floats, margin_s: float) -> Floats:
    return np.stack((spans_s[:, 0] - margin_s, spans_s[:, 1] + margin_s), axis=1)


def _around_events(
    events: pd.DataFrame, calm_s: Floats, asked: ReviewRules, chance: random.Random
) -> tuple[Placed, int]:
    """Where windows with movements begin, by stratum, and how many movements in sleep found no room for one."""
    onset = events["onset_s"].to_numpy(np.float64)
    called = (events["label"].isin(TWITCHES) & events["isolated"]).to_numpy(bool)
    series = events["series"].notna().to_numpy(bool)
    placed: Placed = {stratum: [] for stratum in Stratum}
    asleep, covered, done_s = (
        events["state"].isin(ASLEEP).to_numpy(bool),
        np.zeros(len(onset), dtype=bool),
        0.0,
    )
    for place in np.flatnonzero(inside(onset, calm_s)).tolist():
        at = onset[place]
        if at < done_s:
            continue
        start, end = calm_s[np.searchsorted(calm_s[:, 0], at, side="right") - 1]
        first = max(start, done_s, at - asked.window_s + 2 * asked.lead_s)
        last = min(at - asked.lead_s, end - asked.window_s)
        if first > last:  # right behind another window or the edge of sleep
            last = min(at, end - asked.window_s)
        if first > last:
            continue
        begin = chance.uniform(first, last)
        done_s = begin + asked.window_s
        within = (onset >= begin) & (onset < done_s)
        covered |= within
        kind = Stratum.SERIES if series[within].any() else Stratum.UNCALLED
        placed[Stratum.CALLED if called[within].any() else kind].append(begin)
    return placed, int((asleep & ~covered).sum())


def _quiet(events: pd.DataFrame, calm_s: Floats, placed: Placed, asked: ReviewRules) -> Floats:
    """(k, 2) spans of sleep, s, with no movement in them or within the margins of their windows."""
    begins = np.array([begin for every in placed.values() for begin in every], dtype=np.float64)
    windows = np.stack((begins, begins + asked.window_s), axis=1)
    onset = events["onset_s"].to_numpy(np.float64)
    moving = np.stack((onset, onset + events["duration_s"].fillna(0.0).to_numpy(np.float64)), axis=1)
    busy = np.concatenate((windows, _wider(moving, asked.margin_s)))
    return np.asarray(outside(calm_s, union(busy)), dtype=np.float64)


def _add_quiet(
    placed: Placed,
    quiet_s: Floats,
    recording: Recording,
    least_g: float | None,
    rules: Rules,
    chance: random.Random,
) -> None:
    """Windows without movement, from a random place of each span on; still ones where nothing reaches `least_g`."""
    length_s = rules.review.window_s
    curves = make_curves(
        *at_working_rate(recording.acceleration_g, recording.rate_hz, rules.movement), rules.movement
    )
    for start, end in quiet_s.tolist():
        count = int((end - start) // length_s)
        first = start + chance.uniform(0.0, end - start - count * length_s)
        for begin in (first + place * length_s for place in range(count)):
            here = slice(int(begin * curves.fs), int((begin + length_s) * curves.fs))
            still = least_g is not None and curves.fast_norm_g[here].max(initial=0.0) < least_g
            placed[Stratum.STILL if still else Stratum.QUIET].append(begin)


def _drawn(
    placed: Placed, number: int, rate_hz: float, asked: ReviewRules, chance: random.Random
) -> list[Window]:
    """So many windows of each stratum as is worth it, by chance, in an order that tells nothing, from a sample on."""
    parts = {
        Stratum.CALLED: asked.called_part,
        Stratum.UNCALLED: asked.uncalled_part,
        Stratum.QUIET: asked.quiet_part,
    }
    there = {stratum: len(placed[stratum]) for stratum in (*parts, Stratum.STILL)}
    shares = share_out(number - min(there[Stratum.STILL], number // asked.still_every), there, parts)
    shares[Stratum.STILL] = min(there[Stratum.STILL], number - sum(shares.values()))
    drawn = [
        Window(begin_s=round(round(begin * rate_hz) / rate_hz, 6), stratum=stratum)
        for stratum, count in shares.items()
        for begin in chance.sample(placed[stratum], count)
    ]
    chance.shuffle(drawn)
    return drawn


def share_out(number: int, there: Mapping[Stratum, int], parts: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """How many windows of each stratum are asked about, in these parts, where there are so many of each."""
    given = dict.fromkeys(parts, 0)
    for _ in range(number):
        able = [stratum for stratum in parts if given[stratum] < there[stratum]]
        if able:
            least = min(able, key=lambda stratum: (given[stratum] + 1) / parts[stratum])
            given[least] += 1
    return given


def signal_of(recording: Recording, review: Review, rules: Rules | None = None) -> str:
    """The samples of all windows with their margins, as a table."""
    acceleration_g = mend(recording, (Rules() if rules is None else rules).damage).acceleration_g
    before, within = (round(length_s * review.rate_hz) for length_s in (review.margin_s, review.window_s))
    begins = (round(window.begin_s * review.rate_hz) - before for window in review.windows)
    pieces = (acceleration_g[:, begin : begin + within + 2 * before].T.tolist() for begin in begins)
    return signal_lines(pieces, review.rate_hz, review.margin_s)
