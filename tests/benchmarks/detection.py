"""How much of made nights is found: `python -m tests.benchmarks.detection [--seeds 20] [--first 1001]`.

Prints recall of isolated twitches by strength with 95 % Wilson intervals, false twitches a night, changes of
posture, edges, and the periodic series, for each scenario. Use seeds that no threshold was tuned on: tuning used
1-9, 101-123 and 201-223.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from sleepjerk.analysis import analyse
from sleepjerk.evaluate import match_events, wilson_interval
from sleepjerk.rules import Rules
from sleepjerk.simulate import simulate_night

TWITCHES = ("hypnic_jerk", "sleep_twitch")
STRATA = ((0.02, 0.03), (0.03, 0.04), (0.04, 0.06), (0.06, 0.1), (0.1, np.inf), (0.06, np.inf))


@dataclass
class Tally:
    """Sums over the nights of one scenario."""

    nights: int = 0
    hours: float = 0.0
    found: dict[tuple[float, float], int] = field(default_factory=lambda: dict.fromkeys(STRATA, 0))
    needed: dict[tuple[float, float], int] = field(default_factory=lambda: dict.fromkeys(STRATA, 0))
    false: int = 0
    posture: list[int] = field(default_factory=lambda: [0, 0])
    arms: list[int] = field(default_factory=lambda: [0, 0])
    onset_error_s: list[float] = field(default_factory=list)
    duration_error_s: list[float] = field(default_factory=list)
    said_periodic: int = 0


def one_night(task: tuple[str, int]) -> tuple[str, Tally]:
    """Make, analyse and judge one night."""
    scenario, seed = task
    made = simulate_night(seed=seed, scenario=scenario)
    night = analyse(made.recording)
    truth, events, tally = made.truth, night.events, Tally(nights=1, hours=night.recording.hours)
    twitch = truth[truth["label"].isin(TWITCHES)].reset_index(drop=True)
    found = events[events["label"].isin(TWITCHES)].reset_index(drop=True)
    pairs = match_events(twitch["onset_s"].to_numpy(), found["onset_s"].to_numpy(), 0.5)
    hit = np.isin(np.arange(len(twitch)), pairs[:, 0])
    counted = (twitch["isolated"] & twitch["in_sleep"]).to_numpy()
    for low, high in STRATA:
        inside = counted & twitch["peak_g"].between(low, high, inclusive="left").to_numpy()
        tally.needed[low, high] = int(inside.sum())
        tally.found[low, high] = int((inside & hit).sum())
    tally.false = len(found) - len(pairs)
    first, second = twitch.iloc[pairs[:, 0]], found.iloc[pairs[:, 1]]
    tally.onset_error_s = (second["onset_s"].to_numpy() - first["onset_s"].to_numpy()).tolist()
    true_length = (first["offset_s"] - first["onset_s"]).to_numpy()
    tally.duration_error_s = (second["duration_s"].to_numpy() - true_length).tolist()
    tally.posture = _overlapping(truth[(truth["label"] == "posture_change")], events, "posture_change")
    arms = truth[(truth["label"] == "periodic_movement") & truth["accel_truth"]]
    tally.arms = _overlapping(arms, events, "periodic_movement")
    tally.said_periodic = int(night.periodic.said)
    return scenario, tally


def _overlapping(truth, events, label: str) -> list[int]:  # type: ignore[no-untyped-def]
    rows = events[events["label"] == label]
    onset, offset = rows["onset_s"].to_numpy(), (rows["onset_s"] + rows["duration_s"]).to_numpy()
    hits = sum(
        bool(np.any((onset <= row.offset_s + 2) & (offset >= row.onset_s - 2))) for row in truth.itertuples()
    )
    return [hits, len(truth)]


def add(total: Tally, one: Tally) -> None:
    """Sum up."""
    total.nights += one.nights
    total.hours += one.hours
    for stratum in STRATA:
        total.found[stratum] += one.found[stratum]
        total.needed[stratum] += one.needed[stratum]
    total.false += one.false
    total.said_periodic += one.said_periodic
    total.posture = [a + b for a, b in zip(total.posture, one.posture, strict=True)]
    total.arms = [a + b for a, b in zip(total.arms, one.arms, strict=True)]
    total.onset_error_s += one.onset_error_s
    total.duration_error_s += one.duration_error_s


def share(hits: int, number: int) -> str:
    """`56/58 0.97 (0.88-0.99)`."""
    if number == 0:
        return "none"
    low, high = wilson_interval(hits, number)
    return f"{hits}/{number} {hits / number:.2f} ({low:.2f}-{high:.2f})"


def show(scenario: str, tally: Tally) -> None:
    """One block of the table."""
    print(f"\n{scenario}: {tally.nights} nights, {tally.hours:.0f} h")
    for low, high in STRATA:
        name = f"isolated twitches in sleep {1000 * low:.0f}-{1000 * high:.0f} mg"
        print(f"  {name:44} found {share(tally.found[low, high], tally.needed[low, high])}")
    print(
        f"  {'false twitches':44} {tally.false / tally.nights:.2f} a night, {8 * tally.false / tally.hours:.2f} in 8 h"
    )
    print(f"  {'changes of posture':44} found {share(*tally.posture)}")
    print(f"  {'arm movements of series':44} found {share(*tally.arms)}")
    print(f"  {'the word periodic':44} said on {tally.said_periodic} nights")
    if tally.onset_error_s:
        onset = 1000 * np.median(np.abs(tally.onset_error_s))
        length = 1000 * np.median(np.abs(tally.duration_error_s))
        print(f"  {'median absolute error of onset, duration':44} {onset:.0f} ms, {length:.0f} ms")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1001)
    parser.add_argument(
        "--scenarios", nargs="+", default=["healthy", "intensified", "restless", "periodic-arm", "noise"]
    )
    args = parser.parse_args()
    print(f"settings {Rules().sha256()[:12]}, seeds {args.first}-{args.first + args.seeds - 1}")
    tasks = [(scenario, args.first + seed) for scenario in args.scenarios for seed in range(args.seeds)]
    totals = {scenario: Tally() for scenario in args.scenarios}
    with ProcessPoolExecutor() as pool:
        for scenario, tally in pool.map(one_night, tasks):
            add(totals[scenario], tally)
    for scenario, tally in totals.items():
        show(scenario, tally)


if __name__ == "__main__":
    main()
