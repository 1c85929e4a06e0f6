"""Does a confidence of 0.8 mean right in 80 of 100? `python -m tests.benchmarks.confidence`, some minutes.

Prints the reliability table and the Brier score on made nights that no weight was fitted on. `--fit` prints the weights
of `ConfidenceRules`, from nights of their own. A twitch's confidence is that of `twitches.py` instead. Both are
mixes of every kind of night with two chips. In the table each event counts once, so nights with many events weigh more;
in the fit every kind of night weighs the same. Intervals take events as independent, which those of one night are not
quite. In `faint` nights twitches are so many that a time drawn at random has one near it in a fifth of the cases.
"""

import argparse
import datetime
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import minimize

from sleepjerk import analysis
from sleepjerk.detection.confidence import KINDS, Signs, rate_confidence, weights_of
from sleepjerk.evaluate import match_events, match_spans, wilson_interval
from sleepjerk.events import TWITCHES, Label
from sleepjerk.rules import Rules
from sleepjerk.simulate import SENSORS, simulate_night
from tests.benchmarks.made_truth import as_read, for_series, spans_of

# Seeds for the cheap chip, and others for the quiet one: no night is in it twice.
FITTED_ON = {"MPU-6050": range(601, 613), "LSM6DS3": range(901, 905)}
JUDGED_ON = {"MPU-6050": range(5001, 5013), "LSM6DS3": range(5301, 5305)}
SCENARIOS = [
    "healthy",
    "restless",
    "intensified",
    "periodic-arm",
    "apnoea",
    "partner",
    "scratching",
    "faint",
    "everything",
    "bad-sensor",
    "awake",
]
SPANS = (Label.LIMB_MOVEMENT, Label.BODY_MOVEMENT, Label.POSTURE_CHANGE, Label.RHYTHMIC_MOVEMENT)
MUSCLE = ("hypnic_jerk", "rem_twitch", "faint_twitching")
BINS = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0])

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """One made night."""

    scenario: str
    seed: int
    chip: str


def tasks(seeds: dict[str, range]) -> list[Task]:
    """Every scenario with every seed of each chip."""
    return [
        Task(scenario, seed, chip) for scenario in SCENARIOS for chip, some in seeds.items() for seed in some
    ]


def judge(task: Task) -> pd.DataFrame:
    """Label, confidence, whether it is right, and all signs, of every event of one night."""
    made = simulate_night(seed=task.seed, scenario=task.scenario, sensor=SENSORS[task.chip])
    heard: list[Signs] = []

    def listen(labels: Any, signs: Signs, *rest: Any) -> Floats:
        heard.append(signs)
        return rate_confidence(labels, signs, *rest)

    with mock.patch.object(analysis, "rate_confidence", listen):
        events = analysis.analyse(as_read(made)).events
    table = events[["label", "confidence"]].assign(
        right=right_labels(events, made.truth), scenario=task.scenario
    )
    return table.assign(**{name: getattr(heard[0], name) for name in Signs.__slots__})


def right_labels(events: pd.DataFrame, truth: pd.DataFrame) -> Mask:
    """(k,) bool: is the label what the maker meant, or what the rule says of movements seen perfectly?"""
    right = np.zeros(len(events), dtype=bool)
    labels = events["label"].to_numpy()
    found_s = np.column_stack((events["onset_s"], events["onset_s"] + events["duration_s"]))
    felt = truth[truth["accel_truth"]]
    _, members = for_series(truth)
    felt = felt.drop(members.index)  # one movement can't make two labels right
    for label in TWITCHES:
        rows = np.flatnonzero(labels == label)
        # A muscle that twitched too faintly to be asked for is no error.
        true = truth.drop(members.index)
        true = true[(true["label"] == label) & true["kind"].isin(MUSCLE)]
        right[rows[match_events(true["onset_s"], found_s[rows, 0])[:, 1]]] = True
    for label in SPANS:
        rows = np.flatnonzero(labels == label)
        right[rows[match_spans(spans_of(felt[felt["label"] == label]), found_s[rows])[:, 1]]] = True
    rows = np.flatnonzero(labels == Label.PERIODIC_MOVEMENT)
    right[rows[match_spans(spans_of(members), found_s[rows])[:, 1]]] = True
    rows = np.flatnonzero(labels == Label.UNCLASSIFIED)
    named = spans_of(pd.concat((felt[felt["label"] != Label.UNCLASSIFIED], members)))
    touched = (named[:, None, 0] <= found_s[None, rows, 1]) & (named[:, None, 1] >= found_s[None, rows, 0])
    right[rows] = ~touched.any(axis=0)
    return right


def fit(table: pd.DataFrame) -> Iterator[str]:
    """The weights of each kind of label: least log loss, none below 0, and a breath of shrinkage."""
    for label, kind in KINDS.items():
        mine = table[table["label"] == label]
        names = list(weights_of(kind, Rules().confidence))
        signs, right = mine[names].to_numpy(), mine["right"].to_numpy(dtype=np.float64)
        # Each kind of night counts equally, whether it has ten such events or ten thousand; below 50 they speak singly.
        number = mine.groupby("scenario")["right"].transform("size").clip(lower=50).to_numpy()
        doubt, *weights = _least_loss(signs, right, len(mine) / number / np.sum(1 / number))
        yield f"    {kind}_doubt: float = threshold({doubt:.2f}, unit=LOG_ODDS, source=FITTED)"
        for name, weight in zip(names, weights, strict=True):
            yield f"    {kind}_{name}: float = threshold({weight:.2f}, unit=LOG_ODDS, source=FITTED)"


def _least_loss(signs: Floats, right: Floats, counts: Floats) -> Floats:
    def loss(values: Floats) -> tuple[float, Floats]:
        odds = signs @ values[1:] - values[0]
        error = counts * (special.expit(odds) - right)
        size = float(np.sum(counts * (np.logaddexp(0, odds) - right * odds)) + 0.01 * values[1:] @ values[1:])
        return size, np.concatenate(([-error.sum()], signs.T @ error + 0.02 * values[1:]))

    start, bounds = np.zeros(signs.shape[1] + 1), [(0, None)] * (signs.shape[1] + 1)
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x)


def reliability(table: pd.DataFrame) -> Iterator[str]:
    """The share of right labels by confidence, and Brier scores by kind."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    yield "# Is confidence what it says?\n"
    first = min(seeds[0] for seeds in JUDGED_ON.values())
    yield f"{len(table)} events of made nights with seeds from {first} on, {today}.\n"
    yield "| confidence | events | mean confidence | right (95 % interval) |\n|---|---|---|---|"
    place = np.clip(np.digitize(table["confidence"], BINS) - 1, 0, len(BINS) - 2)
    for number in range(len(BINS) - 1):
        part = table[place == number]
        if len(part):
            yield f"| {BINS[number]:g}-{BINS[number + 1]:g} | {len(part)} | {_calibration(part)} |"
    yield "\n| label | events | mean confidence | right (95 % interval) | Brier | Brier of the mean | skill | off by |"
    yield "|---|---|---|---|---|---|---|---|"
    twitches = table[table["label"].isin(TWITCHES)]
    by_night = ((f"twitches, {name}", part) for name, part in twitches.groupby("scenario"))
    for name, part in [*table.groupby("label"), *by_night, ("all", table)]:
        yield f"| {name} | {len(part)} | {_calibration(part)} | {_scores(part)} |"


def _calibration(part: pd.DataFrame) -> str:
    low, high = wilson_interval(int(part["right"].sum()), len(part)) or (0.0, 1.0)
    return f"{part['confidence'].mean():.3f} | {part['right'].mean():.3f} ({low:.3f}-{high:.3f})"


def _scores(part: pd.DataFrame) -> str:
    """Brier score, that of always saying the mean, their skill, and the mean distance from calibration by tenths."""
    right, share = part["right"].to_numpy(dtype=np.float64), float(part["right"].mean())
    brier = float(np.mean((part["confidence"] - right) ** 2))
    plain = share * (1 - share)
    tenth = np.minimum((10 * part["confidence"]).astype(int), 9)
    off = sum(
        abs(bin_["confidence"].mean() - bin_["right"].mean()) * len(bin_) for _, bin_ in part.groupby(tenth)
    )
    skill = f"{1 - brier / plain:.2f}" if plain else "-"
    return f"{brier:.4f} | {plain:.4f} | {skill} | {off / len(part):.3f}"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print the weights instead")
    args = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        table = pd.concat(pool.map(judge, tasks(FITTED_ON if args.fit else JUDGED_ON)), ignore_index=True)
    print("\n".join(fit(table) if args.fit else reliability(table)))


if __name__ == "__main__":
    main()
