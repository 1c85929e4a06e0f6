"""Whole made nights: recall by strength, false twitches, edges, series. Every night is made and analysed once."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sleepjerk.analysis import analyse
from sleepjerk.detection.periodic import periodicity_index
from sleepjerk.evaluate import match_events
from sleepjerk.events import TWITCHES
from sleepjerk.night.model import Night
from sleepjerk.rules import Rules
from sleepjerk.simulate import SENSORS, simulate_night
from tests.benchmarks.detection import FIRST_SEED
from tests.benchmarks.detection.rows import Row, middle, rate, share
from tests.benchmarks.made_truth import as_read, for_series

STRATA_MG = ((20, 30), (30, 40), (40, 60), (60, 100), (100, 10_000), (60, 10_000))


@dataclass(frozen=True)
class Task:
    """One night to make: which, with which chip, and whether with its twitches."""

    scenario: str
    seed: int
    chip: str = "MPU-6050"
    twitches: bool = True


@dataclass
class Judged:
    """What became of one night. Shares are pairs (hits, number)."""

    task: Task
    hours: float
    recall: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    any_recall: tuple[int, int] = (0, 0)
    false: Counter[str] = field(default_factory=Counter)
    onset_errors_s: list[float] = field(default_factory=list)
    duration_errors_s: list[float] = field(default_factory=list)
    called_periodic: tuple[int, int] = (0, 0)
    series: tuple[int, int, int, int] = (0, 0, 0, 0)
    planned: tuple[int, int] = (0, 0)
    index_error: float | None = None
    said: bool = False
    slept: bool = False
    events: int = 0


def judge(task: Task) -> Judged:
    """Make, analyse and judge one night."""
    made = simulate_night(
        seed=task.seed, scenario=task.scenario, sensor=SENSORS[task.chip], twitches=task.twitches
    )
    night = analyse(as_read(made))
    events, truth = night.events, made.truth
    judged = Judged(task, night.recording.hours, said=night.periodic.said)
    judged.slept, judged.events = night.sleep.onset_s is not None, len(events)
    _judge_twitches(judged, events, truth)
    if task.scenario == "periodic-arm":
        _judge_series(judged, events, truth, night)
    return judged


def _judge_twitches(judged: Judged, events: pd.DataFrame, truth: pd.DataFrame) -> None:
    true = truth[truth["label"].isin(TWITCHES) & truth["accel_truth"]].reset_index(drop=True)
    found = events[events["label"].isin(TWITCHES)].reset_index(drop=True)
    pairs = match_events(true["onset_s"], found["onset_s"], 0.5)
    hit = np.isin(np.arange(len(true)), pairs[:, 0])
    lone = (true["isolated"] & true["in_sleep"]).to_numpy()
    # A twitch that the literal rule puts into a series of the truth itself is no isolated one to be found.
    members = for_series(truth)[1]["onset_s"]
    asked = lone & ~true["onset_s"].isin(members).to_numpy()
    peak_mg = 1000 * true["peak_g"].to_numpy()
    for low, high in STRATA_MG:
        inside = asked & (peak_mg >= low) & (peak_mg < high)
        judged.recall[low, high] = (int(np.sum(inside & hit)), int(np.sum(inside)))
    first, second = true.iloc[pairs[:, 0]], found.iloc[pairs[:, 1]]
    judged.onset_errors_s = (second["onset_s"].to_numpy() - first["onset_s"].to_numpy()).tolist()
    length_s = (first["offset_s"] - first["onset_s"]).to_numpy()
    judged.duration_errors_s = (second["duration_s"].to_numpy() - length_s).tolist()
    strong = true[lone & (peak_mg >= 40)]
    judged.called_periodic = (
        _hits(strong, events[events["label"] == "periodic_movement"], 0.5),
        len(strong),
    )
    # A twitch too faint to be asked for is no false one either.
    every = truth[
        truth["kind"].isin(("hypnic_jerk", "rem_twitch", "faint_twitching")) & truth["label"].isin(TWITCHES)
    ]
    real = match_events(every["onset_s"], found["onset_s"], 0.5)[:, 1]
    for row in np.setdiff1d(np.arange(len(found)), real):
        at_s = found["onset_s"].iloc[row]
        under = truth[(truth["onset_s"] - 1 <= at_s) & (truth["offset_s"] + 1 >= at_s)]
        judged.false[str(under["kind"].iloc[0]) if len(under) else "nothing"] += 1


def _hits(truth: pd.DataFrame, events: pd.DataFrame, window_s: float) -> int:
    return len(match_events(truth["onset_s"], events["onset_s"], window_s))


def _judge_series(judged: Judged, events: pd.DataFrame, truth: pd.DataFrame, night: Night) -> None:
    """Against the literal rule applied to what a perfect accelerometer would have seen, and against the maker."""
    seen, members = for_series(truth)
    short = seen[seen["offset_s"] - seen["onset_s"] <= Rules().series.max_duration_s]
    found = events[events["label"] == "periodic_movement"]
    found = found.assign(offset_s=found["onset_s"] + found["duration_s"])
    judged.series = (_touched(members, found), len(members), _touched(found, members), len(found))
    planned = truth[(truth["label"] == "periodic_movement") & truth["accel_truth"] & truth["in_sleep"]]
    judged.planned = (_touched(planned, found), len(planned))
    true_index, index = periodicity_index(short["onset_s"].to_numpy()), night.periodic.periodicity_index
    judged.index_error = None if index is None or true_index is None else index - true_index


def _touched(first: pd.DataFrame, second: pd.DataFrame) -> int:
    """How many of the first overlap one of the second."""
    onset, offset = second["onset_s"].to_numpy(), second["offset_s"].to_numpy()
    return sum(bool(np.any((onset <= row.offset_s) & (offset >= row.onset_s))) for row in first.itertuples())


# The rows.


def nights(scenario: str, number: int, **options: object) -> list[Task]:
    """So many held-out nights of a scenario."""
    return [Task(scenario, FIRST_SEED + seed, **options) for seed in range(number)]  # type: ignore[arg-type]


def recall_rows(judged: Iterable[Judged]) -> list[Row]:
    """Recall of isolated twitches in sleep by strength."""
    every = list(judged)
    groups = {
        "healthy + restless": [one for one in every if one.task.scenario in ("healthy", "restless")],
        "intensified": [one for one in every if one.task.scenario == "intensified"],
        "bad-sensor, read from its file": [one for one in every if one.task.scenario == "bad-sensor"],
    }
    quiet = [one for one in groups["healthy + restless"] if one.task.chip == "LSM6DS3"]
    groups["healthy + restless"] = [
        one for one in groups["healthy + restless"] if one.task.chip == "MPU-6050"
    ]
    groups["healthy with the quiet chip (LSM6DS3)"] = quiet
    goals = {(40, 60): 0.95, (60, 10_000): 0.99}
    rows = []
    for name, group in groups.items():
        for low, high in STRATA_MG:
            hits, number = np.sum([one.recall[low, high] for one in group] or [(0, 0)], axis=0)
            strength = f"{low}-{high} mg" if high < 10_000 else f"from {low} mg"
            least = goals.get((low, high)) if name.startswith("healthy +") else None
            rows.append(share(f"{name}, {strength}", int(hits), int(number), least))
    return rows


def false_rows(judged: Iterable[Judged]) -> list[Row]:
    """False twitches in 8 hours, on nights made without twitches, and what they were."""
    goals = {"healthy": 1.0, "restless": 2.0, "partner": 2.0, "apnoea": 2.0}
    rows = []
    every = list(judged)
    for scenario in dict.fromkeys(one.task.scenario for one in every):
        group = [one for one in every if one.task.scenario == scenario]
        kinds: Counter[str] = sum((one.false for one in group), Counter())
        row = rate(scenario, kinds.total(), sum(one.hours for one in group), goals.get(scenario))
        told = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
        rows.append(Row(row.what, f"{row.found} {told}".strip(), row.goal, row.met))
    return rows


def empty_rows(judged: Iterable[Judged]) -> list[Row]:
    """Nights without any sleep, and a sensor on a table."""
    every = list(judged)
    awake = [one for one in every if one.task.scenario == "awake"]
    table = [one for one in every if one.task.scenario == "noise"]
    return [
        share(
            "awake all night: a sleep period is found", sum(one.slept for one in awake), len(awake), most=0.0
        ),
        share(
            "a sensor on a table: a sleep period is found",
            sum(one.slept for one in table),
            len(table),
            most=0.0,
        ),
        rate(
            "a sensor on a table: movements of any kind",
            sum(one.events for one in table),
            sum(one.hours for one in table),
        ),
    ]


def edge_rows(judged: Iterable[Judged]) -> list[Row]:
    """Errors of onset and duration of the twitches found."""
    every = list(judged)
    return [
        middle("onset, median error", [e for one in every for e in one.onset_errors_s], "ms", 20, 1000),
        middle("duration, median error", [e for one in every for e in one.duration_errors_s], "ms", 40, 1000),
    ]


def series_rows(judged: Iterable[Judged]) -> list[Row]:
    """Membership of series, and the periodicity index."""
    every = list(judged)
    found, true, right, called = np.sum([one.series for one in every], axis=0)
    score = 2 * found * right / (found * called + right * true)
    planned, number = np.sum([one.planned for one in every], axis=0)
    errors = [one.index_error for one in every if one.index_error is not None]
    mean = float(np.mean(np.abs(errors)))
    drawn = np.abs(np.random.default_rng(1).choice(errors, (2000, len(errors)))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    each = np.array([one.series for one in every], dtype=np.float64)
    resampled = each[np.random.default_rng(2).integers(0, len(each), (2000, len(each)))].sum(axis=1)
    scores = 2 * resampled[:, 0] * resampled[:, 2]
    scores /= resampled[:, 0] * resampled[:, 3] + resampled[:, 2] * resampled[:, 1]
    f_low, f_high = np.percentile(scores, [2.5, 97.5])
    said = sum(one.said for one in every)
    known = f"{len(errors)} of {len(every)} nights"
    return [
        Row("series, F1 by movement", f"{score:.3f} ({f_low:.3f}-{f_high:.3f})", ">= 0.95", score >= 0.95),
        share("- recall", int(found), int(true)),
        share("- precision", int(right), int(called)),
        share("- of what the maker meant as series", int(planned), int(number)),
        Row(
            "periodicity index, mean error",
            f"{mean:.3f} ({low:.3f}-{high:.3f}), bias {np.mean(errors):+.3f}, {known}",
            "<= 0.05",
            bool(mean <= 0.05),
        ),
        share("the word periodic is said", said, len(every)),
    ]


def run(pool: Executor, scale: float) -> dict[str, list[Row]]:
    """All tables of made nights; `scale` 1 is the full number of nights."""

    def some(number: int) -> int:
        return max(1, round(scale * number))

    with_twitches = [
        *nights("healthy", some(300)),
        *nights("restless", some(300)),
        *nights("intensified", some(12)),
        *nights("bad-sensor", some(12)),
        *nights("healthy", some(12), chip="LSM6DS3"),
    ]
    numbers = {"healthy": 24, "restless": 24, "partner": 24, "apnoea": 24}
    numbers |= {"bad-sensor": 12, "everything": 12, "scratching": 8}
    without = [
        task for name, number in numbers.items() for task in nights(name, some(number), twitches=False)
    ]
    arms = nights("periodic-arm", some(24))
    nobody = [*nights("awake", some(8)), *nights("noise", some(8))]
    tasks = [*with_twitches, *without, *arms, *nobody]
    judged = dict(zip(tasks, pool.map(judge, tasks), strict=True))
    plain = [
        judged[task]
        for task in with_twitches
        if task.scenario in ("healthy", "restless") and task.chip == "MPU-6050"
    ]
    hits, number = np.sum([one.called_periodic for one in plain], axis=0)
    return {
        "Recall of isolated twitches in sleep": recall_rows(judged[task] for task in with_twitches),
        "False twitches in 8 h, everything on except twitches": false_rows(judged[task] for task in without),
        "False twitches in 8 h of nights with twitches": [
            rate(
                "healthy + restless",
                sum(one.false.total() for one in plain),
                sum(one.hours for one in plain),
            )
        ],
        "Edges": edge_rows(plain),
        "Isolated twitches called periodic": [
            share("healthy + restless, from 40 mg", int(hits), int(number), most=0.03)
        ],
        "Periodic series": series_rows(judged[task] for task in arms),
        "Nobody asleep, nobody there": empty_rows(judged[task] for task in nobody),
    }
