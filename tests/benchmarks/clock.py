"""How near to the truth samples are placed: `python -m tests.benchmarks.clock [--hours 8]`.

The Uno's real program, its clock 0.2 % fast, with two brown-outs, faults of the sensor's bus and the stalls of a busy
computer; recorded by the real writer, read with its clock log. The truth is the simulated board's own: when each sample
was there. Needs the tools that `firmware_io/Makefile` needs; 8 h take 5 minutes.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from tests.firmware_io.built import HZ
from tests.firmware_io.placed import Placed, live_through

FAST = 0.002


def say(name: str, error_s: np.ndarray, host_s: np.ndarray) -> None:
    """One line."""
    far = np.abs(error_s)
    quantiles = ", ".join(
        f"{share:g} % within {1000 * np.percentile(far, share):.1f}" for share in (50, 99, 100)
    )
    print(f"{name}: {quantiles} ms; the worst {host_s[np.argmax(far)]:.0f} s after the start")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        placed: Placed = live_through(Path(name), round(3600 * args.hours * HZ), FAST)
    device = placed.recording.device
    print(
        f"{len(placed.error_s)} samples, {placed.resets} resets, {len(placed.recording.gaps_s)} gaps; drift "
        f"{device.clock_drift_ppm:+.1f} ppm, straight in {len(device.clock_rates or ())} stretches"
    )
    say("as the board's clock had it", placed.raw_error_s, placed.true_s)
    say("drift applied", placed.error_s, placed.true_s)
    for begin_s in np.arange(0, placed.true_s[-1], placed.true_s[-1] / 16):
        here = (placed.true_s >= begin_s) & (placed.true_s < begin_s + placed.true_s[-1] / 16)
        low, high = 1000 * placed.error_s[here].min(), 1000 * placed.error_s[here].max()
        print(f"  from {begin_s:7.0f} s: {low:+5.1f} to {high:+5.1f} ms")


if __name__ == "__main__":
    main()
