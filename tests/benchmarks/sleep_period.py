"""Onset and end of sleep against the laboratory, the makers of nights, and the textbook.

`python -m tests.benchmarks.sleep_period` prints, world by world, errors in minutes and how often the ranges hold the
truth; the same of laboratory nights that the constants never saw (every fifth is left out at a time) and of worlds they
never saw; and by how much onset and end move where nothing but the recording changed.
It fits nine times, 25 steps at most each: about 5 minutes on one idle core. `--fit` prints constants for
`sleepjerk/rules/sleep.py`, fitted on all nights: the likelihood of the true onset and end, each made world weighted as
nine laboratory nights, drawn towards a first guess. Needs the shared nights, whose clock may be 10 minutes off.

A maker's onset is where it lets the arm lie still; only of laboratory nights is the delay from stillness to sleep
learnt.
"""

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor

import numpy as np
import pandas as pd
from scipy import ndimage, optimize, special

from sleepjerk.detection.calibration import apply_calibration, estimate_calibration
from sleepjerk.detection.curves import angle_between
from sleepjerk.detection.sleep import Activity, arm_activity, half_minutes, sleep_by
from sleepjerk.detection.sleep_model import delayed, evidence, how_likely
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import Rules, SleepRules
from sleepjerk.spans import find_runs
from tests.support.real_nights import COUNTS_PER_G, RATE_HZ, ZERO, night_counts
from tests.worlds import bedside, handed, lab, own

NOWHERE = np.empty((0, 2))
LATER_S, NOISE_G = 1.37, 0.002
EPOCH = 500  # samples of 5 s
MADE = (
    *(
        ("own", scenario, seed)
        for scenario in ("ordinary", "restless", "awake", "apnoea")
        for seed in (301, 302)
    ),
    *(("own", "restless", seed) for seed in (303, 304, 305)),
    *(("handed", scenario, seed) for scenario in ("ordinary", "long_latency") for seed in range(101, 106)),
    *(("bedside", "ordinary", seed) for seed in range(301, 306)),
    *(("bedside", "awake", seed) for seed in range(301, 307)),
    *(("bedside", "sleepless_middle", seed) for seed in range(301, 304)),
    *(("bedside", scenario, 301) for scenario in ("apnoea", "fidget", "still", "rem")),
)
WORLD_WEIGHS = 9.0
FOLDS = 5
DECLINING = ("turned_4_deg", "turned_8_deg", "turned_16_deg", "turned_32_deg")
MOVING = ("moved_1_s", "moved_3_s", "moved_8_s", "moved_16_s")
CHANCES = ("falls_asleep_chance", "wakes_chance", "rises_chance", "delayed_share")
# In the order of `rules_of`.
GUESS = np.array([0.3, -3, -2.5, -2.5, -1, -2.5, -2, -2, -2, -4.8, -5.6, -2, 2, 2.7])
DRAWN = 0.05


@dataclasses.dataclass(frozen=True)
class Scored:
    """A night with a truth.

    Attributes
    ----------
    activity
        What the arm did, as the product sees it; of the changed recordings in `changed`, with what was cut off, s.
    true_s
        Onset and end; None when nobody slept.
    change_deg
        For the textbook: how far the arm turned from each 5 s to the next, by its median direction.
    """

    world: str
    name: str
    activity: Activity
    true_s: tuple[float, float] | None
    change_deg: Floats = dataclasses.field(default_factory=lambda: np.empty(0))
    changed: dict[str, tuple[Activity, float]] = dataclasses.field(default_factory=dict)


def lab_night(number: int) -> Scored | None:
    """A night of the laboratory, as it is and changed; None when nobody knows when its sleep began."""
    path, rules = lab.paths()[number], Rules()
    known = lab.summary().loc[lab.night_name(number + 1)]
    if np.isnan(known["sleep_onset_min"]):
        return None
    raw = ((np.clip(night_counts(path), 0, 255) - ZERO) / COUNTS_PER_G).astype(np.float32)
    level = apply_calibration(raw, estimate_calibration(raw, float(RATE_HZ), rules.calibration))

    def seen(acceleration_g: Samples) -> Activity:
        return arm_activity(np.ascontiguousarray(acceleration_g), float(RATE_HZ), rules.sleep)

    noise_g = np.random.default_rng(number).normal(0, NOISE_G, level.shape).astype(np.float32)
    changed = {
        f"begun {LATER_S} s later": (seen(level[:, round(LATER_S * RATE_HZ) :]), LATER_S),
        f"{1000 * NOISE_G:g} mg noise": (seen(level + noise_g), 0.0),
        "raw": (seen(raw), 0.0),
    }
    true_s = (60.0 * float(known["sleep_onset_min"]), 60.0 * float(known["final_wake_min"]))
    epochs = level[:, : level.shape[1] // EPOCH * EPOCH].reshape(3, -1, EPOCH)
    steady = np.median(epochs, axis=2)
    change_deg = angle_between(steady[:, :-1], steady[:, 1:])
    return Scored("lab", lab.night_name(number + 1), seen(level), true_s, change_deg, changed)


def made_night(asked: tuple[str, str, int]) -> Scored:
    """A night of a maker."""
    world, scenario, seed = asked
    night = {"own": own.make, "handed": handed.make, "bedside": bedside.night}[world](scenario, seed)
    acceleration_g = np.ascontiguousarray(night.acceleration_g.T, dtype=np.float32)
    activity = arm_activity(acceleration_g, night.rate_hz, Rules().sleep)
    return Scored(world, f"{scenario} {seed}", activity, night.sleep_s)


def all_nights(pool: Executor) -> list[Scored]:
    """Every night of every world."""
    if not lab.paths():
        sys.exit("the shared real nights are not on this machine")
    real = [night for night in pool.map(lab_night, range(len(lab.paths()))) if night is not None]
    return real + list(pool.map(made_night, MADE))


def rules_of(values: Floats) -> SleepRules:
    """The thresholds that these unbounded numbers stand for; no further turn speaks more for sleep than a smaller."""
    first = values[0]
    turned = first - np.cumsum(np.exp(values[1:5]))
    moved = -np.cumsum(np.exp(values[5:9]))
    found = dict(zip(("turned_2_deg", *DECLINING, *MOVING), [first, *turned, *moved], strict=True))
    found |= dict(zip(CHANCES, special.expit(values[9:13]), strict=True))
    found["delay_s"] = 60 * np.exp(values[13])
    return dataclasses.replace(Rules().sleep, **{name: float(value) for name, value in found.items()})


def fit(nights: Sequence[Scored], start: Floats = GUESS) -> Floats:
    """The numbers with which the truth of these nights is least surprising."""
    worlds = [night.world for night in nights]
    weights = [1.0 if world == "lab" else WORLD_WEIGHS / worlds.count(world) for world in worlds]
    features = [half_minutes(night.activity, Rules().sleep) for night in nights]
    # Nights side by side, half minutes begun once; beyond the end of a night nothing is known.
    most = max(len(furthest) for furthest, _, _ in features)
    turned, moved_s = np.full((most, len(nights)), np.nan), np.zeros((most, len(nights)))
    for column, (furthest, moved, _) in enumerate(features):
        turned[: len(furthest), column], moved_s[: len(moved), column] = furthest[:, 0], moved[:, 0]
    epoch_s = Rules().sleep.half_minute_s
    truth = [
        _truth(night.true_s, len(one), epoch_s) for night, (one, _, _) in zip(nights, features, strict=True)
    ]

    def surprise(values: Floats) -> float:
        rules = rules_of(values)
        likely = how_likely(evidence(turned, moved_s, rules), np.ones(turned.shape, dtype=bool), rules)
        begun, ended = (
            chance.reshape(turned.shape) * len(nights) for chance in (likely.still_from, likely.until[:-1])
        )
        total = DRAWN * float(np.sum((values - GUESS) ** 2))
        for column, (night, weight, near) in enumerate(zip(nights, weights, truth, strict=True)):
            slept = float(begun[:, column].sum())
            if near is None:
                total -= 2 * weight * np.log(max(1 - slept, 0.0) + 1e-9)
                continue
            onset, end = begun[: len(near[0]), column], ended[: len(near[0]), column].copy()
            end[-1] += max(slept - end.sum(), 0.0)
            onset = delayed(onset, epoch_s, rules) if night.world == "lab" else onset
            total -= weight * (np.log(onset @ near[0] + 1e-12) + np.log(end @ near[1] + 1e-12))
        return total

    found = optimize.minimize(surprise, start, method="L-BFGS-B", options={"maxiter": 25, "eps": 1e-3})
    return np.asarray(found.x)


def _truth(true_s: tuple[float, float] | None, count: int, epoch_s: float) -> list[Floats] | None:
    """How well each half minute would do as onset and as end; one night in twenty may miss it by far."""
    if true_s is None:
        return None
    off_min = [(np.arange(count) * epoch_s - moment_s) / 60 for moment_s in true_s]
    return [0.95 * np.exp(-((off / 4) ** 2) / 2) + 0.05 * np.exp(-np.abs(off) / 40) for off in off_min]


def judged(nights: Sequence[Scored], rules: SleepRules | None = None) -> pd.DataFrame:
    """One row a night that somebody slept: errors (found - true), widths and hits of the ranges, moves; min."""
    rows = []
    for night in nights:
        sleep = sleep_by(night.activity, NOWHERE, rules or Rules().sleep)
        row: dict[str, object] = {"world": night.world, "name": night.name, "found": sleep.span_s is not None}
        row["slept"] = night.true_s is not None
        for place, what in enumerate(("onset", "end")):
            found, span = (sleep.onset_s, sleep.end_s)[place], (sleep.onset_range_s, sleep.end_range_s)[place]
            if night.true_s is not None:
                true_s = night.true_s[place]
                row[what] = np.nan if found is None else (found - true_s) / 60
                row[f"{what} held"] = span is not None and span[0] <= true_s <= span[1]
                row[f"{what} width"] = np.nan if span is None else (span[1] - span[0]) / 60
            for name, (activity, cut_s) in night.changed.items():
                other = sleep_by(activity, NOWHERE, rules or Rules().sleep).span_s
                moved = np.inf if found is None or other is None else abs(other[place] + cut_s - found) / 60
                row[name] = max(float(str(row.get(name, 0.0))), moved)
        rows.append(row)
    return pd.DataFrame(rows)


def figures(errors: Sequence[float] | Floats) -> tuple[float, float]:
    """Median and 90th percentile of the absolute errors; a night without an answer is off by more than any."""
    absolute = np.nan_to_num(np.abs(np.asarray(errors, dtype=np.float64)), nan=np.inf)
    return float(np.percentile(absolute, 50, method="lower")), float(
        np.percentile(absolute, 90, method="lower")
    )


def told(name: str, table: pd.DataFrame) -> str:
    """One line: median and p90 of onset and end with 95 % intervals (nights drawn again), and the coverage."""
    rng, parts = np.random.default_rng(1), []
    table = table[table["slept"]]
    for what in ("onset", "end"):
        errors = table[what].to_numpy(float)
        drawn = np.array([figures(rng.choice(errors, len(errors))) for _ in range(1000)])
        low, high = np.percentile(drawn, [2.5, 97.5], axis=0, method="nearest")
        median, p90 = figures(errors)
        part = f"{what} median {median:.1f} [{low[0]:.1f}-{high[0]:.1f}], p90 {p90:.1f} [{low[1]:.1f}-{high[1]:.1f}]"
        if f"{what} held" in table:
            held, width = table[f"{what} held"], table[f"{what} width"].median()
            part += f", range holds {held.sum()}/{len(held)}, {width:.0f} min wide"
        parts.append(part)
    return f"{name:24} {len(table):3} nights  " + "; ".join(parts)


def textbook(night: Scored) -> tuple[float, float]:
    """van Hees 2018 with the fixed threshold: still blocks longer than 30 min, joined over gaps below 60 min."""
    blocks = find_runs(ndimage.median_filter(np.nan_to_num(night.change_deg), 60) < 0.2) * 5.0
    joined: list[list[float]] = []
    for start, end in blocks[blocks[:, 1] - blocks[:, 0] > 1800].tolist():
        if joined and start - joined[-1][1] < 3600:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    start, end = max(joined, key=lambda block: block[1] - block[0], default=(0.0, 0.0))
    return start, end


def left_out(pool: Executor, nights: list[Scored]) -> Iterator[pd.DataFrame]:
    """Each laboratory night judged with constants that never saw it: every fifth is left out at a time."""
    real = [night for night in nights if night.world == "lab"]
    parts = [real[first::FOLDS] for first in range(FOLDS)]
    names = [{night.name for night in part} for part in parts]
    fits = pool.map(fit, [[night for night in nights if night.name not in some] for some in names])
    for part, values in zip(parts, fits, strict=True):
        yield judged(part, rules_of(values))


def worlds_out(pool: Executor, nights: list[Scored]) -> Iterator[pd.DataFrame]:
    """Each world judged with constants that never saw it."""
    worlds = sorted({night.world for night in nights})
    fits = pool.map(fit, [[night for night in nights if night.world != world] for world in worlds])
    for world, values in zip(worlds, fits, strict=True):
        yield judged([night for night in nights if night.world == world], rules_of(values))


def _print_worlds(table: pd.DataFrame) -> None:
    for world, rows in table.groupby("world"):
        print(told(str(world), rows))
        for _, row in rows[rows["slept"] & ~rows["found"]].iterrows():
            print(f"    {row['name']}: no sleep found")
        for _, row in rows[~rows["slept"].astype(bool)].iterrows():
            print(f"    {row['name']}: nobody slept; {'sleep' if row['found'] else 'no sleep'} found")


def main() -> None:
    """Run it."""
    with ProcessPoolExecutor() as pool:
        nights = all_nights(pool)
        if "--fit" in sys.argv[1:]:
            fitted, default = rules_of(fit(nights)), Rules().sleep
            for field in dataclasses.fields(SleepRules):
                old, new = (getattr(rules, field.name) for rules in (default, fitted))
                if old != new:
                    print(f"{field.name} = {new:.4g}  # {old:g}")
            return
        print("The constants of the rules, errors in min")
        table = judged(nights)
        _print_worlds(table)
        real = [night for night in nights if night.world == "lab" and night.true_s is not None]
        off = np.array([textbook(night) for night in real]) - np.array([night.true_s for night in real])
        print(
            told(
                "lab, textbook", pd.DataFrame({"slept": True, "onset": off[:, 0] / 60, "end": off[:, 1] / 60})
            )
        )
        print(
            "\nLaboratory nights: onset or end moves by at most (min), and on so many nights by more than 10 min"
        )
        for name in real[0].changed:
            moved = table.loc[table["world"] == "lab", name].astype(float)
            print(f"{name:24} {moved.max():.1f}; {(moved > 10).sum()}/{len(moved)}")
        print("\nConstants that never saw the night")
        unseen = pd.concat(list(left_out(pool, nights)))
        print(unseen[["name", "onset", "end", "onset held", "end held"]].round(1).to_string(index=False))
        print(told("lab, every fifth left out", unseen), flush=True)
        print("\nConstants that never saw the world")
        _print_worlds(pd.concat(list(worlds_out(pool, nights))))


if __name__ == "__main__":
    main()
