"""Has the sleep period a knife edge? Lab nights begun a little later, with a little noise, uncalibrated.

Knows the lab nights and the analysis. A night whose onset or end moves by more than ten minutes for so little stands
on an edge.
"""

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sleepjerk.analysis import analyse
from sleepjerk.night.model import SleepSummary
from sleepjerk.runtime import limit_threads
from tests.benchmarks.detection.rows import Row, share
from tests.benchmarks.worlds.looked import recording_of
from tests.support.real_nights import COUNTS_PER_G, ZERO
from tests.worlds import lab
from tests.worlds.made import MadeNight

MOVED_S = 600.0
NOISE_G = 0.002
OTHER_RATE_HZ = 50.0
Change = Callable[[MadeNight], tuple[NDArray[np.float64], float]]


@dataclass(frozen=True)
class Slept:
    """Onset, end and waking of one night, s; onset and end None where no sleep was found."""

    name: str
    onset_s: float | None
    end_s: float | None
    wake_s: float


def begun_later(made: MadeNight, seconds: float) -> tuple[NDArray[np.float64], float]:
    """Without its first seconds; and how many are missing."""
    cut = round(seconds * made.rate_hz)
    return made.acceleration_g[cut:], cut / made.rate_hz


def noisier(made: MadeNight) -> tuple[NDArray[np.float64], float]:
    """With 2 mg of noise on each axis."""
    rng = np.random.default_rng([2, made.seed])
    return made.acceleration_g + rng.normal(0, NOISE_G, made.acceleration_g.shape), 0.0


def calibrated(made: MadeNight) -> tuple[NDArray[np.float64], float]:
    """By the zero and the step that are known of its logger, instead of the naive ones."""
    known = lab.summary().loc[[lab.night_name(made.seed)], ["cx", "cy", "cz", "counts_per_g"]]
    *zero, per_g = known.to_numpy(dtype=np.float64)[0]
    counts = made.acceleration_g * COUNTS_PER_G + ZERO
    return (counts - np.array(zero)) / per_g, 0.0


def as_it_is(made: MadeNight) -> tuple[NDArray[np.float64], float]:
    """Unchanged."""
    return made.acceleration_g, 0.0


def slept(change: Change, seed: int, rate_hz: float | None = None) -> Slept:
    """What is found in one changed night, in times of the unchanged one."""
    limit_threads(1)
    made = lab.make("bare", seed)
    samples_g, late_s = change(made)
    sleep = analyse(recording_of(dataclasses.replace(made, acceleration_g=samples_g), rate_hz)).sleep
    return _in_true_time(lab.night_name(seed), sleep, late_s)


def _in_true_time(name: str, sleep: SleepSummary, late_s: float) -> Slept:
    if sleep.onset_s is None or sleep.end_s is None:
        return Slept(name, None, None, 0.0)
    return Slept(name, sleep.onset_s + late_s, sleep.end_s + late_s, sleep.wake_s or 0.0)


def moved_s(first: Slept, second: Slept) -> float:
    """By how much onset or end moved, the larger; infinite where sleep was found in one of them alone."""
    if first.onset_s is None or first.end_s is None or second.onset_s is None or second.end_s is None:
        return 0.0 if first.onset_s is second.onset_s else np.inf
    return max(abs(first.onset_s - second.onset_s), abs(first.end_s - second.end_s))


def rows(pool: Executor, shifts_s: Sequence[float], seeds: Sequence[int]) -> list[Row]:
    """A row a change."""
    plain = list(pool.map(partial(slept, as_it_is), seeds))
    changes: dict[str, partial[Slept]] = {
        f"begun {seconds:g} s later": partial(slept, partial(begun_later, seconds=seconds))
        for seconds in shifts_s
    }
    changes[f"{1000 * NOISE_G:g} mg of noise"] = partial(slept, noisier)
    changes["calibrated instead of raw"] = partial(slept, calibrated)
    changes[f"at {OTHER_RATE_HZ:g} Hz"] = partial(slept, as_it_is, rate_hz=OTHER_RATE_HZ)
    return [row for what, one in changes.items() for row in _rows(what, plain, list(pool.map(one, seeds)))]


def _rows(what: str, plain: list[Slept], changed: list[Slept]) -> list[Row]:
    by_night = {a.name: moved_s(a, b) for a, b in zip(plain, changed, strict=True)}
    far = {name: size for name, size in by_night.items() if size > MOVED_S}
    names = ", ".join(f"{name.split('/')[1]} {size / 60:.0f} min" for name, size in far.items())
    row = share(f"{what}: onset or end moves > 10 min", len(far), len(by_night), most=0.0)
    wake_min = [abs(a.wake_s - b.wake_s) / 60 for a, b in zip(plain, changed, strict=True)]
    return [
        dataclasses.replace(row, found=f"{row.found} {names}".strip()),
        Row(
            f"{what}: waking inside sleep moves by",
            f"median {np.median(wake_min):.1f}, most {max(wake_min):.0f} min",
        ),
    ]
