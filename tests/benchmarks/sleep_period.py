"""Sleep onset and end against the laboratory, and against the textbook: `python -m tests.benchmarks.sleep_period`.

Needs the shared real nights. Prints, for each rule, the median and the 90th percentile of the absolute error of
onset and end together, on nights restless enough to be in a sleep laboratory.
"""

import dataclasses
import sys
import tempfile
from pathlib import Path

import numpy as np

from sleepjerk.calibrate import apply_calibration, estimate_calibration
from sleepjerk.movement import find_runs
from sleepjerk.reading import read_recording
from sleepjerk.recording import Floats
from sleepjerk.rules import Rules
from sleepjerk.sleep import angle_changes, find_sleep
from tests.real_nights import night_paths, truth_summary, write_night_csv


def textbook(change: Floats, *, min_block_s: float, max_gap_s: float) -> tuple[float, float] | None:
    """van Hees 2018 with the fixed threshold: still blocks longer than so much, joined over shorter gaps."""
    from scipy import ndimage

    smooth = ndimage.median_filter(np.nan_to_num(change), 60)
    blocks = find_runs(smooth < 0.2) * 5.0
    blocks = blocks[blocks[:, 1] - blocks[:, 0] > min_block_s]
    if len(blocks) == 0:
        return None
    joined = [list(blocks[0])]
    for start, end in blocks[1:]:
        if start - joined[-1][1] < max_gap_s:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    start, end = max(joined, key=lambda block: block[1] - block[0])
    return float(start), float(end)


def main() -> None:
    """Run it."""
    truth = truth_summary().set_index("id")
    if truth.empty:
        sys.exit("the shared real nights are not on this machine")
    errors: dict[str, list[float]] = {}
    rules = Rules()
    variants = {
        f"ours, moving_cost {cost:g}": dataclasses.replace(rules.sleep, moving_cost=cost)
        for cost in (2, 3, 4)
    }
    with tempfile.TemporaryDirectory() as folder:
        for path in night_paths():
            row = truth.loc[int(path.stem[1:])]
            if np.isnan(row["sleep_onset_min"]):
                continue
            recording = read_recording(write_night_csv(path, Path(folder) / "night.csv"))
            fs = recording.rate_hz
            signal = apply_calibration(
                recording.acceleration_g,
                estimate_calibration(recording.acceleration_g, fs, rules.calibration),
            )
            change = angle_changes(signal, fs, rules.sleep.epoch_s)
            found = {
                "textbook, blocks > 30 min, gaps < 60 min": textbook(
                    change, min_block_s=1800, max_gap_s=3600
                ),
                "textbook, blocks > 10 min, gaps < 120 min": textbook(
                    change, min_block_s=600, max_gap_s=7200
                ),
            }
            for name, variant in variants.items():
                found[name] = find_sleep(signal, fs, np.empty((0, 2)), variant).span_s
            for name, span in found.items():
                start, end = (0.0, 0.0) if span is None else span
                errors.setdefault(name, []).extend(
                    [abs(start / 60 - row["sleep_onset_min"]), abs(end / 60 - row["final_wake_min"])]
                )
    for name, values in errors.items():
        print(
            f"{name:44} median {np.median(values):5.1f} min, 90 % within {np.percentile(values, 90):6.1f} min"
        )


if __name__ == "__main__":
    main()
