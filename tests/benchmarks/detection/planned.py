"""Nights planned by hand: pairs of jerks, trains of jerks, and movements that come by chance."""

from concurrent.futures import Executor

import numpy as np

from sleepjerk.analysis import analyse
from sleepjerk.evaluate import match_events
from sleepjerk.events import TWITCHES
from sleepjerk.simulate import MPU6050, Kind, Plan, PlannedEvent, SimulatedNight, simulate_plan, with_faults
from tests.benchmarks.detection import FIRST_SEED
from tests.benchmarks.detection.rows import Row, share

WINDOW_S = 0.25  # half of the shortest distance of a pair is 0.4 s


def _peak_g(rng: np.random.Generator) -> float:
    """A jerk from 60 mg on, as in the rate tables."""
    return float(np.clip(rng.lognormal(np.log(0.25), 0.8), 0.06, 3.0))


def _restless_evening() -> list[PlannedEvent]:
    return [
        PlannedEvent(kind=Kind.BODY_MOVEMENT, onset_s=float(at), duration_s=4.0) for at in range(5, 900, 7)
    ]


def _made(events: list[PlannedEvent], hours: float, seed: int) -> SimulatedNight:
    seconds = hours * 3600
    plan = Plan(
        duration_s=seconds, events=tuple(_restless_evening() + events), sleep_s=(1000.0, seconds - 10)
    )
    return simulate_plan(plan, seed, sensor=with_faults(MPU6050, seed))


def pairs(seed: int) -> tuple[int, int, int]:
    """Pairs of jerks 0.8-4 s apart: how many, both found at all, both called twitches."""
    rng = np.random.default_rng(seed)
    events, at_s = [], 3000.0
    while at_s < 13_500:
        apart_s = rng.uniform(0.8, 4.0)
        events += [
            PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=at_s + later, peak_g=_peak_g(rng))
            for later in (0.0, apart_s)
        ]
        at_s += rng.uniform(60, 180)
    made = _made(events, 4.0, seed)
    found = analyse(made.recording).events
    true_s = made.truth.loc[made.truth["kind"] == "hypnic_jerk", "onset_s"].to_numpy()
    both = []
    for kept in (found, found[found["label"].isin(TWITCHES)]):
        hit = np.isin(np.arange(len(true_s)), match_events(true_s, kept["onset_s"], WINDOW_S)[:, 0])
        both.append(int(hit.reshape(-1, 2).all(axis=1).sum()))
    return len(true_s) // 2, both[0], both[1]


def trains(seed: int) -> tuple[int, int, int, int]:
    """Jerks in trains, and single ones: number and called periodic, of each."""
    rng = np.random.default_rng(seed)
    events, at_s = [], 3000.0
    while at_s < 26_000:
        for _ in range(rng.integers(6, 16)):
            events.append(PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=at_s, peak_g=_peak_g(rng), series=1))
            at_s += rng.uniform(20, 40)
        at_s += rng.uniform(300, 900)
        for _ in range(3):
            events.append(PlannedEvent(kind=Kind.HYPNIC_JERK, onset_s=at_s, peak_g=_peak_g(rng)))
            at_s += rng.uniform(120, 900)
    made = _made(events, 8.5, seed)
    found = analyse(made.recording).events
    truth = made.truth[made.truth["kind"] == "hypnic_jerk"]
    matches = match_events(truth["onset_s"], found["onset_s"], WINDOW_S)
    labels = np.full(len(truth), "none", dtype="<U24")
    labels[matches[:, 0]] = found["label"].to_numpy()[matches[:, 1]]
    train, periodic = truth["series"].notna().to_numpy(), labels == "periodic_movement"
    return (
        int(train.sum()),
        int((train & periodic).sum()),
        int((~train).sum()),
        int((~train & periodic).sum()),
    )


def by_chance(seed: int) -> bool:
    """8 h of movements that come at random, 30 an hour are left of 33.5: is the word periodic said?"""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(1000, 8 * 3600 - 60, rng.poisson(33.5 * (8 * 3600 - 1060) / 3600)))
    apart = np.concatenate(([True], np.diff(times) > 12))  # a movement can't begin within another
    events = [PlannedEvent(kind=Kind.PERIODIC_ARM, onset_s=float(at)) for at in times[apart]]
    return analyse(_made(events, 8.0, seed).recording).periodic.said


def run(pool: Executor, scale: float) -> list[Row]:
    """The rows."""

    def seeds(number: int) -> range:
        return range(FIRST_SEED, FIRST_SEED + max(1, round(scale * number)))

    number, found, called = np.sum(list(pool.map(pairs, seeds(12))), axis=0)
    train, train_periodic, single, single_periodic = np.sum(list(pool.map(trains, seeds(12))), axis=0)
    said = list(pool.map(by_chance, seeds(100)))
    return [
        share("pairs of jerks 0.8-4 s apart: both found", int(found), int(number), 0.95),
        share("- both called twitches", int(called), int(number)),
        share("jerks in trains every 20-40 s: called periodic", int(train_periodic), int(train), 0.95),
        share(
            "single jerks of the same nights: called periodic", int(single_periodic), int(single), most=0.03
        ),
        share("nights of chance, 30 movements/h: periodic is said", sum(said), len(said), most=0.0),
    ]
