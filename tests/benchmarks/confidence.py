"""How often is the name of a movement right, in each world? `python -m tests.benchmarks.confidence`, five minutes.

The share of the worst world is what `ConfidenceRules` says of a label; twitches have a chance of their own
(`tests.benchmarks.twitches`). Nights are ordinary ones and those with series and scratching, and only movements in true
sleep are judged: what somebody awake does has no name in two of the worlds. Where a maker says "limb" and another
"body" of the same movement, neither is wrong, and the worst share is low for it.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.evaluate import wilson_interval
from sleepjerk.events import Label
from tests.benchmarks.worlds import FIT_FROM
from tests.benchmarks.worlds.looked import look
from tests.benchmarks.worlds.plan import Task, worlds
from tests.worlds.score import ASLEEP, JERKS

NIGHTS = {
    "own": ("ordinary", "series", "scratch"),
    "handed": ("ordinary", "series", "scratch"),
    "bedside": ("ordinary", "periodic"),
}
SEEDS = range(FIT_FROM, FIT_FROM + 8)
RIGHT = {
    Label.PERIODIC_MOVEMENT: ("series",),
    Label.LIMB_MOVEMENT: ("limb", "series", "breath"),  # a series of three is none
    Label.BODY_MOVEMENT: ("body", "turn", "breath"),
    Label.POSTURE_CHANGE: ("turn",),
    Label.RHYTHMIC_MOVEMENT: ("scratch", "rhythm"),
}
NAMED = {*JERKS, *(kind for kinds in RIGHT.values() for kind in kinds)}


def right_names(events: pd.DataFrame) -> NDArray[np.bool_]:
    """(n,) of judged events: is it what its label says? An unclear movement is right where nothing else is."""
    kind, right = (
        events["true_kind"],
        events["label"].eq(Label.UNCLASSIFIED) & ~events["true_kind"].isin(NAMED),
    )
    for label, kinds in RIGHT.items():
        right |= events["label"].eq(label) & kind.isin(kinds)
    return np.asarray(right, dtype=bool)


def reliability(events: pd.DataFrame) -> Iterator[str]:
    """By label each world's share that is right, and the worst."""
    asleep = events["true_state"].isin(ASLEEP) & (events["true_kind"] != "awake")
    judged = events[asleep].assign(right=right_names(events[asleep]))
    yield "| label | world | right (95 % interval) |\n|---|---|---|"
    for label in (*RIGHT, Label.UNCLASSIFIED):
        worst = 1.0
        for world, part in judged[judged["label"] == label].groupby("world"):
            hits, count = int(part["right"].sum()), len(part)
            low, high = wilson_interval(hits, count) or (0.0, 1.0)
            yield f"| {label} | {world} | {hits}/{count} = {hits / count:.3f} ({low:.3f}-{high:.3f}) |"
            worst = min(worst, (hits + 1) / (count + 2))  # Laplace: few labels don't say 0 or 1
        yield f"| {label} | worst | {worst:.2f} |"


def main() -> None:
    """Run it."""
    there = [name for name, world in worlds().items() if name in NIGHTS and not world.why_absent]
    tasks = [Task(name, scenario, seed) for name in there for scenario in NIGHTS[name] for seed in SEEDS]
    with ProcessPoolExecutor() as pool:
        events = pd.concat([one.events for one in pool.map(look, tasks)], ignore_index=True)
    print("\n".join(reliability(events)))


if __name__ == "__main__":
    main()
