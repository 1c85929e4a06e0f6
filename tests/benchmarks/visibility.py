"""What can a slow, noisy or coarse sensor still show? The curves from which the limits in `rules` were read.

Nights of two makers as one force, seen by many sensors: another rate, more noise or a coarser step, all else alike.
Each share is that of the true isolated twitches of a strength that are called twitches; beside it what is called a
twitch and is none, an hour. Remake: `python -m tests.benchmarks.visibility [--seeds N]` (about 10 minutes).
"""

import argparse
import dataclasses
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from sleepjerk.analysis import analyse
from sleepjerk.runtime import limit_threads
from tests.benchmarks.worlds.looked import recording_of
from tests.worlds import handed, score
from tests.worlds.bedside import board_of, plan
from tests.worlds.bedside.board import recorded
from tests.worlds.bedside.events import stream
from tests.worlds.bedside.making import felt, played, truth_of
from tests.worlds.made import MadeNight

Samples = NDArray[np.float64]

RATES_HZ = (10.0, 12.5, 14.3, 16.0, 20.0, 25.0, 33.0, 50.0, 100.0)
NOISES_MG = (1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0)  # one axis, rms, at 50 Hz and more
STEPS_MG = (1.0, 8.0, 16.0, 31.25, 62.5, 125.0)
STRENGTHS_MG = ((30, 60), (60, 100), (100, 400))
HOURS = 4.0
WIDTH_HZ = 50.0  # the noise above is white up to here; a slower sensor's own filter takes what lies beyond


@dataclasses.dataclass(frozen=True)
class Sensor:
    """What is varied, one thing at a time."""

    what: str
    rate_hz: float = 100.0
    noise_mg: float = 0.5
    step_mg: float = 0.25


SENSORS = (
    *(Sensor(f"{rate:g} Hz", rate_hz=rate) for rate in RATES_HZ),
    *(Sensor(f"noise {noise:g} mg", noise_mg=noise) for noise in NOISES_MG),
    *(Sensor(f"step {step:g} mg", step_mg=step) for step in STEPS_MG),
)


def bedside_nights(seed: int, sensors: list[Sensor]) -> Iterator[tuple[Sensor, MadeNight]]:
    """One night of many twitches at the bedside through every sensor."""
    planned = plan("jerky", seed, HOURS)
    stage, rests, ends = played(planned, None)
    force_g, truth = felt(planned, stage, rests), truth_of(planned, ends, None)
    for sensor in sensors:
        board = dataclasses.replace(
            board_of(seed),
            density_g=sensor.noise_mg / 1000 / np.sqrt(WIDTH_HZ),
            step_g=sensor.step_mg / 1000,
            bandwidth_hz=WIDTH_HZ,
            range_g=8.0,
        )
        samples_g = recorded(force_g, board, sensor.rate_hz, stream(seed, "noise", sensor.what), None)
        sleeping = planned.sleeping
        wake_s = np.array(sleeping.wake_s, dtype=float).reshape(-1, 2)
        yield (
            sensor,
            MadeNight("bedside", "jerky", seed, sensor.rate_hz, samples_g, truth, sleeping.sleep_s, wake_s),
        )


def handed_nights(seed: int, sensors: list[Sensor]) -> Iterator[tuple[Sensor, MadeNight]]:
    """One ordinary night of the maker that was handed to us through every sensor."""
    made = handed.make("ordinary", seed, HOURS)
    for sensor in sensors:
        samples_g = resampled(made.acceleration_g, made.rate_hz, sensor.rate_hz)
        rng = np.random.default_rng([seed, SENSORS.index(sensor)])
        noise_g = sensor.noise_mg / 1000 * np.sqrt(min(1.0, sensor.rate_hz / 2 / WIDTH_HZ))
        samples_g = samples_g + rng.standard_normal(samples_g.shape) * noise_g
        step_g = sensor.step_mg / 1000
        samples_g = np.round(samples_g / step_g) * step_g
        yield sensor, dataclasses.replace(made, rate_hz=sensor.rate_hz, acceleration_g=samples_g)


def resampled(samples_g: Samples, from_hz: float, to_hz: float) -> Samples:
    """The same movement at another rate, what that rate can't hold taken out before."""
    up, down = round(10 * to_hz), round(10 * from_hz)
    return np.asarray(signal.resample_poly(samples_g, up, down, axis=0, padtype="line"))


def seen_by(sensor: Sensor, made: MadeNight) -> pd.DataFrame:
    """A row for each strength: how many were asked for and called, what of the night was false."""
    night = analyse(recording_of(made))
    truth, events = score.judge_truth(made, night.events), score.judge_events(made, night.events)
    twitch = events["label"].isin(score.TWITCH_LABELS)
    jerks = events["true_kind"].isin((*score.JERKS, "series"))
    common = {
        "world": made.world,
        "sensor": sensor.what,
        "visible_mg": 1000 * (night.recording.smallest_visible_g or np.nan),
        "false": int((twitch & ~jerks).sum()),
        "nothing": int((twitch & (events["true_kind"] == "nothing")).sum()),
        "hours": HOURS,
    }
    peak_mg = 1000 * truth["peak_g"]
    rows = []
    for low, high in STRENGTHS_MG:
        asked = truth[truth["asked"] & (peak_mg >= low) & (peak_mg < high)]
        rows.append({**common, "mg": f"{low}-{high}", "n": len(asked), "called": int(asked["called"].sum())})
    for kind in ("limb", "series", "turn", "body", "scratch"):
        asked = truth[(truth["kind"] == kind) & truth["state"].isin(score.ASLEEP)]
        rows.append({**common, "mg": kind, "n": len(asked), "called": int(asked["found"].sum())})
    return pd.DataFrame(rows)


def one(task: tuple[str, int, list[Sensor]]) -> pd.DataFrame:
    """Some sensors on one night."""
    limit_threads(1)
    world, seed, sensors = task
    nights = {"bedside": bedside_nights, "handed": handed_nights}[world](seed, sensors)
    return pd.concat([seen_by(sensor, made) for sensor, made in nights])


def curves(rows: pd.DataFrame, world: str, sensors: list[Sensor]) -> str:
    """The curves of one world as text."""
    here = rows[rows["world"] == world]
    names = list(dict.fromkeys(here["mg"]))
    lines = [
        f"## World: {world}\n",
        "| sensor | visible, mg | " + " | ".join(names) + " | false/h | of nothing/h |",
    ]
    lines.append("|---|---|" + "---|" * (len(names) + 2))
    for sensor in sensors:
        seen = here[here["sensor"] == sensor.what]
        sums = seen.groupby("mg")[["n", "called"]].sum()
        shares = [f"{sums.called[mg] / max(sums.n[mg], 1):.2f} ({sums.n[mg]})" for mg in names]
        once = seen[seen["mg"] == names[0]]
        hours = once["hours"].sum()
        lines.append(
            f"| {sensor.what} | {once['visible_mg'].mean():.0f} | {' | '.join(shares)} | "
            f"{once['false'].sum() / hours:.2f} | {once['nothing'].sum() / hours:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="a part of the sensors: Hz, noise or step")
    given = parser.parse_args()
    sensors = [sensor for sensor in SENSORS if given.only in sensor.what]
    worlds = ["bedside", *(["handed"] if handed.maker_path() else [])]
    tasks = [(world, seed, sensors) for seed in range(1, given.seeds + 1) for world in worlds]
    with ProcessPoolExecutor(given.jobs) as pool:
        rows = pd.concat(pool.map(one, tasks))
    for world in worlds:
        print(curves(rows, world, sensors), "\n")


if __name__ == "__main__":
    main()
