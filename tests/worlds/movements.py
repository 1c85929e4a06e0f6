"""Real movements of people awake, set into made nights: visits out of bed, mimicked convulsions, what resembles them.

Knows the shared recordings (`data/movements/README.md` beside the project tells what they are) and how they are joined.
Must not know the detector. The recordings have 32 and 16 Hz: on 100 Hz they are a fair test of long and strong
movement, not of faint twitches. A convulsion of 60 s is 13 s repeated, which is more regular than life.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from tests.support.real_nights import shared_data
from tests.worlds.calm import RATE_HZ, Bed, joined
from tests.worlds.made import TRUTH_COLUMNS, MadeNight
from tests.worlds.pulses import FAMILIES, pulse

Floats = NDArray[np.float64]

WORLD = "movements"
ONSET_S = 720.0
VISITS, VISIT_EVERY_S = 12, 2100.0
VISIT_MIN = (1.0, 10.0)
TWITCH_G = (0.06, 0.5)
BOUT_S, BOUT_AT_S, BOUT_NIGHT_S = 60.0, 3900.0, 6600.0
# Scenario -> the recording it takes, and kind and state of what is set in.
BOUTS = {
    "shaking": ("epilepsy", "mimicked_seizure", "shaking", "sleep"),
    "sawing": ("epilepsy", "sawing", "visit", "wake"),
    "running": ("epilepsy", "running", "visit", "wake"),
    "walking": ("epilepsy", "walking", "visit", "wake"),
    "brushing": ("wharf", "brush_teeth", "visit", "wake"),
    "scratching": ("", "", "scratch", "sleep"),
}
SCENARIOS = ("visits", *BOUTS)
# What people do on a visit, and how often they do it at all.
ERRANDS = {
    "climb_stairs": 0.15,
    "descend_stairs": 0.15,
    "brush_teeth": 0.3,
    "drink_glass": 0.3,
    "pour_water": 0.15,
}


def folder() -> Path | None:
    """Where the recordings lie; None when they aren't there."""
    data = shared_data()
    return data / "movements" if data is not None and (data / "movements" / "wharf.npz").is_file() else None


@cache
def _file(name: str) -> dict[str, Any]:
    where = folder()
    if where is None:
        raise FileNotFoundError("data/movements of the shared data is missing")
    with np.load(where / f"{name}.npz", allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def places(name: str, activity: str, person: str | None = None) -> NDArray[np.int64]:
    """Numbers of the recordings of an activity; of one person where that one did it."""
    held = _file(name)
    every = held["activity"] == activity
    own = every & (held["person"] == person)
    return np.flatnonzero(own if own.any() else every)


def piece(name: str, place: int) -> Floats:
    """(m, 3) one recording at `RATE_HZ`, g."""
    held = _file(name)
    first, count, hz = int(held["first"][place]), int(held["count"][place]), float(held["hz"][place])
    times_s = np.arange(count) / hz
    fine_s = np.arange(0.0, times_s[-1], 1 / RATE_HZ)
    return np.asarray(CubicSpline(times_s, held["g"][first : first + count].astype(np.float64))(fine_s))


def make(scenario: str, seed: int) -> MadeNight:
    """One night; `scenario` is one of `SCENARIOS`."""
    rng = np.random.default_rng([0x4D0E, SCENARIOS.index(scenario), seed])
    return _night_of_visits(rng, seed) if scenario == "visits" else _night_of_a_bout(rng, scenario, seed)


def visit(rng: np.random.Generator) -> tuple[Floats, str]:
    """A visit out of bed from getting up to lying down, and what was done on it."""
    people = np.unique(_file("wharf")["person"][places("wharf", "getup_bed")])
    person = str(rng.choice(people))

    def some(activity: str) -> Floats:
        return piece("wharf", int(rng.choice(places("wharf", activity, person))))

    wanted = round(60 * RATE_HZ * np.exp(rng.uniform(*np.log(VISIT_MIN))))
    errands = [name for name, share in ERRANDS.items() if rng.random() < share]
    way = joined(some("getup_bed"), some("walk"), 0.8)
    last = some("liedown_bed")
    for name in errands:
        if len(way) + len(last) < wanted:
            way = joined(joined(way, some(name), 0.8), some("walk"), 0.8)
    while len(way) + len(last) < wanted:
        way = joined(way, some("walk"), 0.8)
    return joined(way[: max(wanted - len(last), round(20 * RATE_HZ))], last, 0.8), "+".join(errands) or "walk"


def _direction(samples: Floats) -> Floats:
    """(3,) unit vector: the mean of some samples."""
    mean = samples.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def _night_of_visits(rng: np.random.Generator, seed: int) -> MadeNight:
    end_s = ONSET_S + VISITS * VISIT_EVERY_S + 1500.0
    bed = Bed.of(rng, end_s + 300.0)
    bed.lie_awake(0.0, ONSET_S)
    wake_s = np.empty((VISITS, 2))
    for number in range(VISITS):
        walked, errand = visit(rng)
        begin_s = ONSET_S + 1200.0 + number * VISIT_EVERY_S + rng.uniform(0, 300)
        _turn_until(bed, wake_s[number - 1, 1] if number else ONSET_S, begin_s)
        lies = _direction(walked[-round(RATE_HZ) :])
        after_s = bed.put(walked, begin_s, 1.5, then=lies)
        bed.tell(begin_s, after_s, "visit", errand, "wake")
        wake_s[number] = begin_s, after_s
    _turn_until(bed, wake_s[-1, 1], end_s)
    bed.lie_awake(end_s, end_s + 300.0)
    for number in range(VISITS):
        _twitch_once(bed, wake_s[number, 1] + 180.0)
    return _night(bed, "visits", seed, (ONSET_S, end_s), wake_s)


def _twitch_once(bed: Bed, after_s: float) -> None:
    """One jerk in the sleep after a visit, away from turns: who calls nothing a twitch shall not look good here."""
    at_s = after_s + bed.rng.uniform(0, 600)
    if any(begin_s - 15 < at_s < end_s + 15 for begin_s, end_s, *_ in bed.rows):
        return
    family = str(bed.rng.choice(list(FAMILIES)))
    peak_g = float(np.exp(bed.rng.uniform(*np.log(TWITCH_G))))
    wave, first_s, last_s = pulse(bed.rng, family, peak_g)
    bed.add(wave, at_s)
    bed.tell(at_s + first_s, at_s + last_s, "twitch", family, "sleep", peak_g)


def _turn_until(bed: Bed, begin_s: float, end_s: float) -> None:
    bed.turn_over(begin_s + 120, end_s - 120, np.empty((0, 2)))


def _night_of_a_bout(rng: np.random.Generator, scenario: str, seed: int) -> MadeNight:
    """Two hours with a minute of something after one hour."""
    name, activity, kind, state = BOUTS[scenario]
    end_s = BOUT_NIGHT_S - 300.0
    bed = Bed.of(rng, BOUT_NIGHT_S)
    bed.lie_awake(0.0, ONSET_S)
    _turn_until(bed, ONSET_S, BOUT_AT_S)
    begin_s = BOUT_AT_S + rng.uniform(0, 60)
    lies = bed.direction_at(begin_s)
    if name:
        chosen = places(name, activity)
        bout = repeated(piece(name, int(chosen[seed % len(chosen)])), BOUT_S)
    else:
        bout = scratching(rng, lies)
    if kind == "shaking":  # the sleeper shakes as he lies
        bout = bout @ turning(_direction(bout), lies).T
    after_s = bed.put(bout, begin_s, 0.6 if state == "sleep" else 1.5)
    bed.tell(begin_s, after_s, kind, activity or "scratching", state)
    _turn_until(bed, after_s, end_s)
    bed.lie_awake(end_s, BOUT_NIGHT_S)
    wake_s = np.array([[begin_s, after_s]]) if state == "wake" else np.empty((0, 2))
    return _night(bed, scenario, seed, (ONSET_S, end_s), wake_s)


def repeated(samples: Floats, length_s: float) -> Floats:
    """A piece over and over until it lasts so long."""
    whole = samples
    while len(whole) < length_s * RATE_HZ:
        whole = joined(whole, samples, 0.5)
    return whole[: round(length_s * RATE_HZ)]


def turning(first: Floats, second: Floats) -> Floats:
    """(3, 3) the smallest rotation that turns one unit vector into another."""
    axis, cosine = np.cross(first, second), float(first @ second)
    if cosine < -0.999999:
        return np.asarray(-np.eye(3) + 2 * np.outer(*(2 * [_across(first)])))
    skew = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + skew + skew @ skew / (1 + cosine))


def _across(vector: Floats) -> Floats:
    other = np.cross(vector, [1.0, 0.0, 0.0] if abs(vector[0]) < 0.9 else [0.0, 1.0, 0.0])
    return np.asarray(other / np.linalg.norm(other))


def scratching(rng: np.random.Generator, lies: Floats) -> Floats:
    """(m, 3) a minute of scratching as it comes: bouts of strokes 3-6 times a second, short rests (made, not real)."""
    count = round(BOUT_S * RATE_HZ)
    along, strokes, at = _across(lies), np.zeros(count), 0
    while at < count:
        size = min(round(rng.uniform(3, 10) * RATE_HZ), count - at)
        turns = np.cumsum(rng.uniform(3, 6) * (1 + 0.08 * rng.normal(size=size))) / RATE_HZ
        edges = np.minimum(1.0, np.minimum(np.arange(size), np.arange(size)[::-1]) / 20)
        strokes[at : at + size] = rng.uniform(0.2, 0.8) * edges * np.sin(2 * np.pi * turns)
        at += size + round(rng.uniform(0.4, 1.5) * RATE_HZ)
    return np.asarray(lies + strokes[:, None] * along)


def _night(
    bed: Bed, scenario: str, seed: int, sleep_s: tuple[float, float], wake_s: NDArray[np.float64]
) -> MadeNight:
    truth = pd.DataFrame(bed.rows, columns=["onset_s", "offset_s", "kind", "family", "state", "peak_g"])
    truth = truth.sort_values("onset_s", ignore_index=True)
    return MadeNight(WORLD, scenario, seed, RATE_HZ, bed.felt(), truth[list(TRUTH_COLUMNS)], sleep_s, wake_s)
