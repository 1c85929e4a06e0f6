"""What real nights of a sleep laboratory can tell: sleep, waking, apnoea, and jerks planted into them."""

import tempfile
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sleepjerk.analysis import analyse
from sleepjerk.evaluate import match_events
from sleepjerk.events import TWITCHES
from sleepjerk.night.document import to_document
from sleepjerk.parts import Device
from sleepjerk.reading import read_recording
from sleepjerk.recording import Recording
from sleepjerk.report import render_report
from tests.benchmarks import sleep_period
from tests.benchmarks.detection import FIRST_SEED
from tests.benchmarks.detection.rows import Row, share
from tests.support.injection import draw_times, inject_jerks
from tests.support.real_nights import COUNTS_PER_G, RATE_HZ, ZERO, night_counts, night_paths, write_night_csv

STRATA_MG = ((30, 40), (40, 60), (60, 100), (100, 200), (200, 400), (400, 1000))
PLANTED_EACH = 10
CLOCK_S = 900


def sleep_rows(pool: Executor) -> list[Row]:
    """Onset and end of sleep, each night judged with constants that never saw it."""
    unseen = pd.concat(list(sleep_period.left_out(pool, sleep_period.all_nights(pool))))
    rows = []
    for what, most in (("onset", (20.0, 60.0)), ("end", (8.0, 40.0))):
        median, p90 = sleep_period.figures(unseen[what].to_numpy(float))
        name = f"{what} of sleep, {len(unseen)} nights, one left out, min: median, p90"
        goal = f"median <= {most[0]:g}, p90 <= {most[1]:g}"
        rows.append(Row(name, f"{median:.1f}, {p90:.1f}", goal, median <= most[0] and p90 <= most[1]))
        rows.append(
            share(
                f"its range holds the laboratory's {what}",
                int(unseen[f"{what} held"].sum()),
                len(unseen),
                0.9,
            )
        )
    return rows


def _stages(path: Path) -> NDArray[np.int64]:
    runs = np.load(path)
    begin = np.maximum.accumulate(np.rint((runs["t"] - runs["t"][0]) * 86400 * RATE_HZ).astype(np.int64))
    lengths = np.diff(np.append(begin, begin[-1] + int(runs["d"][-1])))
    return np.repeat(runs["gt"].astype(np.int64), lengths)


def _recording(counts: NDArray[np.int64]) -> Recording:
    values = ((counts - ZERO) / COUNTS_PER_G).astype(np.float32)
    return Recording(values, float(RATE_HZ), device=Device(step_g=1 / COUNTS_PER_G, range_g=4.0))


def waking(path: Path) -> list[tuple[bool, int]]:
    """The waking before sleep and after it: is sleep found, and how many jerks?

    The clocks of laboratory and logger disagree by ten minutes and more: what lies nearer to sleep isn't judged.
    """
    counts, stages = night_counts(path), _stages(path)
    asleep = np.flatnonzero(np.isin(stages, (1, 2, 3, 5, 7)))
    if len(asleep) == 0:
        return []
    found = []
    apart = CLOCK_S * RATE_HZ
    for piece in (counts[:, : max(asleep[0] - apart, 0)], counts[:, asleep[-1] + apart :]):
        if piece.shape[1] >= 600 * RATE_HZ:
            night = analyse(_recording(piece))
            found.append((night.sleep.onset_s is not None, night.counts["hypnic_jerk"]))
    return found


def apnoea(path: Path) -> tuple[bool, bool]:
    """Is the caveat on breathing shown, and is the word PLM nowhere?"""
    with tempfile.TemporaryDirectory() as folder:
        night = analyse(read_recording(write_night_csv(path, Path(folder) / "night.csv")))
    text = render_report(night) + str(to_document(night))
    return night.periodic.respiratory_caveat, "PLM" not in text


def planted(path: Path) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Jerks put into the scored sleep of a night through the logger's steps: number, found, called twitches."""
    counts, stages = night_counts(path), _stages(path)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], np.isin(stages, (1, 2, 3)).astype(int), [0]))))
    spans = [(a / RATE_HZ + 5, b / RATE_HZ - 5) for a, b in edges.reshape(-1, 2) if b - a > 60 * RATE_HZ]
    if not spans:
        return {}
    seed = FIRST_SEED + int(path.stem[1:])
    rng = np.random.default_rng(seed)
    strata = [stratum for stratum in STRATA_MG for _ in range(PLANTED_EACH)]
    peaks_g = np.array([np.exp(rng.uniform(np.log(low), np.log(high))) / 1000 for low, high in strata])
    order = rng.permutation(len(peaks_g))
    times_s = draw_times(spans, len(peaks_g), seed)
    made = inject_jerks(
        counts, 1 / COUNTS_PER_G, times_s, peaks_g[order], seed, zero=float(ZERO), limits=(0, 255)
    )
    events = analyse(_recording(np.asarray(made.counts, dtype=np.int64))).events
    hits = []
    for kept in (events, events[events["label"].isin(TWITCHES)]):
        hit = np.zeros(len(made.truth), dtype=bool)
        hit[match_events(made.truth["onset_s"], kept["onset_s"], 0.25)[:, 0]] = True
        hits.append(hit)
    peak_mg = 1000 * made.truth["peak_g"].to_numpy()
    result = {}
    for low, high in STRATA_MG:
        inside = (peak_mg >= low) & (peak_mg < high)
        result[low, high] = (int(inside.sum()), int((inside & hits[0]).sum()), int((inside & hits[1]).sum()))
    return result


def run(pool: Executor) -> dict[str, list[Row]]:
    """All tables of real nights; empty where they are absent."""
    paths = night_paths()
    if not paths:
        return {"Real nights": [Row("the shared real nights are not on this machine", "")]}
    pieces = [piece for found in pool.map(waking, paths) for piece in found]
    breathing = [path for path in paths if path.stem in ("p045", "p047")]
    told = list(pool.map(apnoea, breathing))
    sums = list(pool.map(planted, paths))
    return {
        "Sleep on real nights": sleep_rows(pool),
        "Real waking and apnoea": [
            share(
                "waking stretches: a sleep period is found",
                sum(slept for slept, _ in pieces),
                len(pieces),
                most=0.0,
            ),
            share(
                "waking stretches: a hypnic jerk is found",
                sum(jerks > 0 for _, jerks in pieces),
                len(pieces),
                most=0.0,
            ),
            share(
                "p045, p047: the caveat on breathing is shown",
                sum(shown for shown, _ in told),
                len(told),
                1.0,
            ),
            share("p045, p047: nothing says PLM", sum(clean for _, clean in told), len(told), 1.0),
        ],
        "Jerks planted into real nights (8 bit, one step is 31 mg)": [
            share(
                f"{low}-{high} mg, {what}", *(_total(sums, (low, high), place), _total(sums, (low, high), 0))
            )
            for place, what in ((1, "found"), (2, "called a twitch"))
            for low, high in STRATA_MG
        ],
    }


def _total(
    sums: list[dict[tuple[int, int], tuple[int, int, int]]], stratum: tuple[int, int], place: int
) -> int:
    return sum(one[stratum][place] for one in sums if one)
