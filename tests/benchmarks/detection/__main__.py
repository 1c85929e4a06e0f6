"""The whole table: `python -m tests.benchmarks.detection [--quick] [--freeze]`, about 20 minutes on four cores.

`--quick` takes a tenth of the nights. `--freeze` writes `tests/benchmarks/detection.md`, the copy that belongs to
these thresholds: a change that worsens a row says so in CHANGELOG.md.
"""

import argparse
import datetime
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import scipy

from sleepjerk.version import __version__
from tests.benchmarks.detection import FIRST_SEED, limit, made_nights, planned, real_nights
from tests.benchmarks.detection.rows import table


def heading(scale: float) -> str:
    """Of which thresholds this table tells."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return "\n".join(
        [
            "# How good is the detector?\n",
            f"sleepjerk {__version__}, {today}.\n",
            f"Made with numpy {np.__version__}, scipy {scipy.__version__}.",
            f"Made nights have seeds from {FIRST_SEED} on, which no",
            "threshold was tuned on, and the MPU-6050 where no chip is named. Their truth is our own model of the",
            "literature: no recording of hypnic jerks with a truth beside it is known.\n",
            *(["This is the quick table, with a tenth of the nights.\n"] if scale < 1 else []),
        ]
    )


def parts(scale: float) -> Iterator[str]:
    """All tables as Markdown, each when it is done."""
    yield heading(scale)
    with ProcessPoolExecutor() as pool:
        for title, rows in made_nights.run(pool, scale).items():
            yield table(title, rows)
        yield table("Pairs, trains and chance", planned.run(pool, scale))
        rows, curve = limit.run(pool, scale)
        yield table("Distance to the physical limit, on sensor noise alone", rows)
        yield curve
        for title, rows in real_nights.run(pool).items():
            yield table(title, rows)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the nights")
    args = parser.parse_args()
    began = time.monotonic()
    for part in parts(0.1 if args.quick else 1.0):
        print(part, flush=True)
    print(f"took {(time.monotonic() - began) / 60:.1f} min")


if __name__ == "__main__":
    main()
