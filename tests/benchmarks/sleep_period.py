"""Sleep onset and end against the laboratory, and against the textbook: `python -m tests.benchmarks.sleep_period`.

Needs the shared real nights. Every figure is over the absolute errors of onset and end together, in minutes, on
nights restless enough to be in a sleep laboratory, whose clock may be 10 minutes off. Prints

* the defaults and the textbook, with 95 % intervals (nights drawn again, 2000 times);
* leave one night out: constants chosen on the other nights, judged on the one they never saw. Fourteen nights are
  few for five constants, so what is chosen must also serve made restless sleepers, whose truth is exact: at most
  one in twenty of their nights may miss onset or end by more than a quarter of an hour;
* how much the figures depend on each constant;
* how often waking alone (before sleep onset, after the final wake) is called sleep.
"""

import dataclasses
import functools
import itertools
import sys
import tempfile
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import numpy as np
from scipy import ndimage

from sleepjerk.detection.calibration import apply_calibration, estimate_calibration
from sleepjerk.detection.sleep import angle_changes, end_of_rest, find_rests, stillness_score
from sleepjerk.reading import read_recording
from sleepjerk.recording import Floats
from sleepjerk.rules import Rules, SleepRules
from sleepjerk.simulate import simulate_night
from sleepjerk.spans import find_runs
from tests.support.real_nights import night_paths, truth_summary, write_night_csv

NOWHERE = np.empty((0, 2))
MOVING_DEG, MOVING_COST, SMOOTH_S = (
    (1.0, 1.5, 2.0, 3.0, 4.0),
    (2.0, 3.0, 4.0, 6.0),
    (60.0, 300.0, 600.0, 900.0),
)
JOIN_REST_S, JOIN_RATIO = (300.0, 600.0, 1200.0), (1.0, 2.0, 4.0)
EPOCH_S = 5.0
MADE_SEEDS = range(601, 661)
MADE_OFF_MIN, MADE_MOST_OFF = 15.0, 0.05

Constants = tuple[float, float, float, float, float]
NAMES = ("moving_deg", "moving_cost", "smooth_s", "join_rest_s", "join_ratio")


@dataclasses.dataclass(frozen=True)
class Scored:
    """A night with a truth: (m,) changes of the arm's angle from epoch to epoch, and true onset and end, min."""

    name: str
    change: Floats
    true_min: tuple[float, float]


def textbook(change: Floats, *, min_block_s: float, max_gap_s: float) -> tuple[float, float]:
    """van Hees 2018 with the fixed threshold: still blocks longer than so much, joined over shorter gaps."""
    smooth = ndimage.median_filter(np.nan_to_num(change), 60)
    blocks = find_runs(smooth < 0.2) * EPOCH_S
    blocks = blocks[blocks[:, 1] - blocks[:, 0] > min_block_s]
    if len(blocks) == 0:
        return 0.0, 0.0
    joined = [list(blocks[0])]
    for start, end in blocks[1:]:
        if start - joined[-1][1] < max_gap_s:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    start, end = max(joined, key=lambda block: block[1] - block[0])
    return float(start), float(end)


def ours(change: Floats, rules: SleepRules) -> list[tuple[float, float]]:
    """Every rest in seconds, the main one first."""
    each = stillness_score(change, EPOCH_S, NOWHERE, rules, smooth_s=0.0)
    score = stillness_score(change, EPOCH_S, NOWHERE, rules, smooth_s=rules.smooth_s)
    rests = find_rests(score, EPOCH_S, rules)[0]
    return [
        (first * EPOCH_S, end_of_rest(each, first, last, EPOCH_S, rules) * EPOCH_S) for first, last in rests
    ]


def signed_errors(nights: list[Scored], rules: SleepRules) -> Floats:
    """(nights, 2) onset and end, found - true, min."""
    found = [(ours(night.change, rules) or [(0.0, 0.0)])[0] for night in nights]
    return np.array(found) / 60 - np.array([night.true_min for night in nights])


def figures(errors: Floats) -> tuple[float, float]:
    """Median and 90th percentile of the absolute errors."""
    return float(np.median(np.abs(errors))), float(np.percentile(np.abs(errors), 90))


def told(name: str, errors: Floats) -> str:
    """One line: both figures with their 95 % bootstrap intervals over nights."""
    rng = np.random.default_rng(1)
    drawn = np.array([figures(errors[rng.integers(0, len(errors), len(errors))]) for _ in range(2000)])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    median, p90 = figures(errors)
    return f"{name:42} median {median:5.1f} [{low[0]:.1f}-{high[0]:.1f}]   p90 {p90:6.1f} [{low[1]:.1f}-{high[1]:.1f}]"


def _errors_of(nights: list[Scored], values: Constants) -> Floats:
    return signed_errors(nights, dataclasses.replace(Rules().sleep, **dict(zip(NAMES, values, strict=True))))


def errors_by_constants(pool: Executor, nights: list[Scored]) -> dict[Constants, Floats]:
    """The errors of every night for every choice of the constants that were chosen on these nights."""
    choices = list(itertools.product(MOVING_DEG, MOVING_COST, SMOOTH_S, JOIN_REST_S, JOIN_RATIO))
    errors = pool.map(functools.partial(_errors_of, nights), choices, chunksize=30)
    return dict(zip(choices, errors, strict=True))


def serve_made_nights(grid: dict[Constants, Floats]) -> set[Constants]:
    """The constants that nearly always find onset and end of made restless nights."""
    return {
        values
        for values, errors in grid.items()
        if np.mean((np.abs(errors) > MADE_OFF_MIN).any(axis=1)) <= MADE_MOST_OFF
    }


def leave_one_out(grid: dict[Constants, Floats]) -> tuple[Floats, list[Constants]]:
    """(nights, 2) errors of each night with the constants that are best on all others, and those constants."""
    count = len(next(iter(grid.values())))
    unseen, chosen = np.empty((count, 2)), []
    for row in range(count):
        others = np.arange(count) != row
        chosen.append(min(grid, key=lambda values: sum(figures(grid[values][others]))))
        unseen[row] = grid[chosen[-1]][row]
    return unseen, chosen


def real_nights() -> list[Scored]:
    """Every shared night that a laboratory found sleep in."""
    table = truth_summary()
    if table.empty:
        sys.exit("the shared real nights are not on this machine")
    table = table.set_index("id")
    rules = Rules()
    scored = []
    with tempfile.TemporaryDirectory() as folder:
        for path in night_paths():
            row = table.loc[int(path.stem[1:])]
            if np.isnan(row["sleep_onset_min"]):
                continue
            recording = read_recording(write_night_csv(path, Path(folder) / "night.csv"))
            fs, raw = recording.rate_hz, recording.acceleration_g
            level = apply_calibration(raw, estimate_calibration(raw, fs, rules.calibration))
            true_min = (float(row["sleep_onset_min"]), float(row["final_wake_min"]))
            scored.append(Scored(path.stem, angle_changes(level, fs, EPOCH_S), true_min))
    return scored


def made_night(seed: int) -> Scored:
    """A made restless sleeper's night."""
    made = simulate_night(seed=seed, scenario="restless")
    if made.sleep_s is None:
        raise AssertionError(f"a restless sleeper sleeps (seed {seed})")
    change = angle_changes(made.recording.acceleration_g, made.recording.rate_hz, EPOCH_S)
    return Scored(f"restless {seed}", change, (made.sleep_s[0] / 60, made.sleep_s[1] / 60))


def left_out(pool: Executor, real: list[Scored]) -> tuple[dict[Constants, Floats], Floats, list[Constants]]:
    """Errors of the real nights by constants, and each night judged with what was chosen on the others."""
    made = list(pool.map(made_night, MADE_SEEDS))
    allowed = serve_made_nights(errors_by_constants(pool, made))
    grid = errors_by_constants(pool, real)
    return grid, *leave_one_out({values: grid[values] for values in grid if values in allowed})


def main() -> None:
    """Run it."""
    nights, default = real_nights(), Rules().sleep
    true = np.array([night.true_min for night in nights])

    errors = signed_errors(nights, default)
    print(told("default", errors))
    for block_s, gap_s in ((1800, 3600), (600, 7200)):
        spans = [textbook(night.change, min_block_s=block_s, max_gap_s=gap_s) for night in nights]
        name = f"textbook, blocks > {block_s // 60} min, gaps < {gap_s // 60} min"
        print(told(name, np.array(spans) / 60 - true))

    with ProcessPoolExecutor() as pool:
        grid, unseen, chosen = left_out(pool, nights)
    print(
        "\nleft-out night: errors of onset and end; constants chosen on the others "
        "(deg, cost, smooth s, join rest s, join ratio); default"
    )
    for row, night in enumerate(nights):
        print(
            f"{night.name} {unseen[row, 0]:+7.1f} {unseen[row, 1]:+7.1f}   {chosen[row]}"
            f"   default {errors[row, 0]:+7.1f} {errors[row, 1]:+7.1f}"
        )
    print(told("leave one night out", unseen))

    print("\nmedian / p90 by constants; rows moving_deg, columns moving_cost")
    for smooth_s in SMOOTH_S:
        print(f"smooth_s {smooth_s:g}:  cost " + "".join(f"{cost:>16g}" for cost in MOVING_COST))
        for deg in MOVING_DEG:
            cells = [
                figures(grid[deg, cost, smooth_s, default.join_rest_s, default.join_ratio])
                for cost in MOVING_COST
            ]
            print(f"   {deg:4g} deg          " + "".join(f"{a:8.1f} /{b:6.1f}" for a, b in cells))

    print("\nwaking stretches called sleep, by min_still_s; further rests beside the night's own")
    pieces = [
        piece
        for night in nights
        for piece in (
            night.change[: int(night.true_min[0] * 60 / EPOCH_S)],
            night.change[int(night.true_min[1] * 60 / EPOCH_S) :],
        )
        if len(piece) * EPOCH_S >= 600
    ]
    for minutes in (20, 30, 40, 60, 90):
        rules = dataclasses.replace(default, min_still_s=minutes * 60.0)
        wrong = sum(bool(ours(piece, rules)) for piece in pieces)
        more = sum(len(ours(night.change, rules)) - 1 for night in nights)
        print(
            f"{minutes:3} min: {wrong} of {len(pieces)} called sleep; {more} further rests in {len(nights)} nights"
        )
    lengths = [(last - first) / 60 for piece in pieces for first, last in ours(piece, default)]
    print("lengths of those called sleep, min: " + ", ".join(f"{length:.0f}" for length in sorted(lengths)))


if __name__ == "__main__":
    main()
