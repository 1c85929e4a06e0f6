"""Two boards whose clocks are 1 % fast and 1 % slow, for a whole night: `python -m tests.benchmarks.two_boards`.

The same made movements, sampled by both, the second begun 94 s later, with the clock logs that the recorder writes: how
far apart does `sleepjerk analyse --with` place the two onsets of one movement? Takes two minutes and 1 GB.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from sleepjerk.history.options import Options
from sleepjerk.night.model import BothLimbs
from sleepjerk.session import open_session
from sleepjerk.simulate import SCENARIOS, draw_plan
from tests.support.two_boards import ANKLE, WRIST, sampled, write_board


def analysed(folder: Path, hours: float, seed: int) -> BothLimbs:
    """The two boards' night."""
    plan = draw_plan(SCENARIOS["healthy"], hours, seed)
    paths = [
        write_board(sampled(plan, seed, board), board, folder / f"{board.limb}.csv") for board in (WRIST, ANKLE)
    ]
    session = open_session(paths[0], Options(with_=str(paths[1])), own=folder / "own")
    (recording,) = session.read()
    limbs = session.judge(recording).night.limbs
    assert limbs is not None
    return limbs


def apart_s(limbs: BothLimbs) -> np.ndarray:
    """(n,) how far the onsets of movements that are one of each limb lie apart, s."""
    pairs = limbs.events[(limbs.events["limb"] == "both") & (limbs.events["parts"] == 2)]
    return (pairs["wrist_onset_s"] - pairs["ankle_onset_s"]).to_numpy()


def main() -> None:
    """Make nights, analyse, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    for seed in args.seeds:
        with tempfile.TemporaryDirectory() as folder:
            limbs = analysed(Path(folder), args.hours, seed)
        away_ms = 1000 * np.abs(apart_s(limbs))
        seen = limbs.events[limbs.events["both_recorded"]]
        print(
            f"{args.hours:g} h, seed {seed}: began {limbs.apart_s:.4f} s apart (truth {ANKLE.begin_s} s); both for "
            f"{limbs.both_h:.2f} h; {(seen['limb'] == 'both').sum()} movements of both, "
            f"{(seen['limb'] != 'both').sum()} of one; of {len(away_ms)} pairs of onsets the median is "
            f"{np.median(away_ms):.1f} ms apart, 95 % {np.percentile(away_ms, 95):.1f} ms, within 20 ms "
            f"{np.mean(away_ms <= 20):.3f}; mean {1000 * np.mean(apart_s(limbs)):.1f} ms"
        )


if __name__ == "__main__":
    main()
