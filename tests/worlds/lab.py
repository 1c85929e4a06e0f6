"""Real nights of a sleep laboratory, with and without jerks planted through the steps of their logger.

Knows the shared nights and the laboratory's stages. Must not know the detector. What else moves there nobody scored, so
only planted jerks have rows; `quiet` tells of each whether the logger stood still around it. The clocks of laboratory
and logger disagree by ten minutes and more. A seed names a night (`night_name`) and what is planted into it.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.spans import find_runs
from tests.support.real_nights import COUNTS_PER_G, RATE_HZ, ZERO, night_counts, shared_data
from tests.worlds.made import TRUTH_COLUMNS, MadeNight
from tests.worlds.pulses import FAMILIES, pulse

Counts = NDArray[np.int64]

WORLD = "lab"
SCENARIOS = ("planted", "bare")
FOLDERS = ("wrist_psg_nights", "wrist_psg_nights_2")
# Stage codes: N3, N2, N1, REM, and "movement", which holds REM in most nights; 6 is wake, 0 was not scored.
ASLEEP, PLANTED_IN, AWAKE = (1, 2, 3, 5, 7), (1, 2, 3, 5), 6
WAKE_BOUT_S = 300.0
EACH_FAMILY, PEAKS_G = 15, (0.030, 0.800)
APART_S, EDGE_S, QUIET_S = 25.0, 15.0, 10.0
LIMITS = (0, 255)


@cache
def paths() -> tuple[Path, ...]:
    """All nights with stages, those of the first folder first; () when they are absent."""
    data = shared_data()
    if data is None:
        return ()
    every = [path for folder in FOLDERS for path in sorted((data / folder).glob("p*.npy"))]
    return tuple(path for path in every if (np.load(path)["gt"] > 0).any())


def path_of(seed: int) -> Path:
    """The night that a seed stands for: 1 is the first, and 5001 is the first again."""
    return paths()[(seed % 1000 - 1) % len(paths())]


def night_name(seed: int) -> str:
    """Folder and patient."""
    path = path_of(seed)
    return f"{path.parent.name}/{path.stem}"


@cache
def summary() -> pd.DataFrame:
    """What is known of each night, by `night_name`: calibration of the logger, shift of its clock."""
    folders = {path.parent for path in paths()}
    tables = [
        pd.read_csv(folder / "truth_summary.csv", dtype={"id": str}).assign(folder=folder.name)
        for folder in folders
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.set_index(table["folder"] + "/p" + table["id"])


def stages_of(path: Path) -> Counts:
    """(n,) stage at each sample."""
    runs: Any = np.load(path)
    begin = np.maximum.accumulate(np.rint((runs["t"] - runs["t"][0]) * 86400 * RATE_HZ).astype(np.int64))
    lengths = np.diff(np.append(begin, begin[-1] + int(runs["d"][-1])))
    return np.repeat(runs["gt"].astype(np.int64), lengths)


def make(scenario: str, seed: int) -> MadeNight:
    """One night; `scenario` is one of `SCENARIOS`."""
    path = path_of(seed)
    counts, stages = night_counts(path), stages_of(path)
    asleep = np.flatnonzero(np.isin(stages, ASLEEP))
    sleep_s = float(asleep[0] / RATE_HZ), float((asleep[-1] + 1) / RATE_HZ)
    wake_s = find_runs(stages == AWAKE) / RATE_HZ
    wake_s = wake_s[(wake_s[:, 1] - wake_s[:, 0] >= WAKE_BOUT_S) & (wake_s[:, 0] >= sleep_s[0])]
    rows: list[tuple[Any, ...]] = []
    if scenario == "planted":
        counts, rows = plant(counts, stages, seed)
    truth = pd.DataFrame(rows, columns=[*TRUTH_COLUMNS, "quiet"]).astype(
        {"onset_s": float, "offset_s": float, "peak_g": float, "quiet": bool}
    )
    return MadeNight(
        world=WORLD,
        scenario=scenario,
        seed=seed,
        rate_hz=float(RATE_HZ),
        acceleration_g=(counts.T - ZERO) / COUNTS_PER_G,
        truth=truth,
        sleep_s=sleep_s,
        wake_s=wake_s[wake_s[:, 1] <= sleep_s[1]],
        lights_off_s=float(np.flatnonzero(stages > 0)[0] / RATE_HZ),
    )


def plant(counts: Counts, stages: Counts, seed: int) -> tuple[Counts, list[tuple[Any, ...]]]:
    """The counts (3, n) with jerks in scored sleep, and the rows of their truth."""
    rng = np.random.default_rng([0x1AB, seed])
    families = rng.permutation(np.repeat(list(FAMILIES), EACH_FAMILY))
    begins = _places(rng, np.isin(stages, PLANTED_IN), len(families))
    planted, rows = counts.copy(), []
    for family, begin in zip(families, begins, strict=False):
        peak_g = float(np.exp(rng.uniform(*np.log(PEAKS_G))))
        wave, first_s, last_s = pulse(rng, str(family), peak_g)
        here = slice(begin, begin + len(wave))
        moved = np.rint(counts[:, here] + rng.uniform(-0.5, 0.5, (3, 1)) + wave.T * COUNTS_PER_G)
        planted[:, here] = np.clip(moved, *LIMITS)
        at_s = begin / RATE_HZ
        rows.append(
            (at_s + first_s, at_s + last_s, "twitch", str(family), peak_g, "sleep", quiet(counts, begin))
        )
    return planted, rows


def _places(rng: np.random.Generator, allowed: NDArray[np.bool_], number: int) -> Counts:
    """Up to so many first samples, in order, apart from each other and from the edges of what is allowed."""
    runs = find_runs(allowed)
    edge = round(EDGE_S * RATE_HZ)
    inner = np.concatenate([np.arange(a + edge, b - edge, RATE_HZ) for a, b in runs if b - a > 3 * edge])
    chosen: list[int] = []
    for at in rng.permutation(inner):
        if len(chosen) == number:
            break
        if all(abs(at - other) >= APART_S * RATE_HZ for other in chosen):
            chosen.append(int(at))
    return np.sort(np.array(chosen, dtype=np.int64))


def quiet(counts: Counts, begin: int) -> bool:
    """Did no axis change by more than one step from 10 s before until 10 s after?"""
    reach = round(QUIET_S * RATE_HZ)
    around = counts[:, max(begin - reach, 0) : begin + reach + RATE_HZ]
    return bool((np.ptp(around, axis=1) <= 1).all())
