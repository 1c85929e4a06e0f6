"""Two boards whose clocks are 1 % fast and 1 % slow, for a whole night: `python -m tests.benchmarks.two_boards`.

The same made movements, sampled by both, the second begun 94 s later, with the clock logs that the recorder writes: how
far apart does `sleepjerk analyse --with` place the two onsets of one movement? Movements that begin slowly are seen at
different moments, as the two are sampled 101 and 99 times a second; a twitch begins at once. Takes a minute a night.
"""

import argparse
import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from sleepjerk.events import TWITCHES, Label
from sleepjerk.history.options import Options
from sleepjerk.night.model import BothLimbs
from sleepjerk.session import open_session
from sleepjerk.simulate import SCENARIOS, draw_plan
from tests.support.two_boards import ANKLE, WRIST, sampled, write_board


def analysed(folder: Path, hours: float, seed: int, drift: float) -> BothLimbs:
    """The two boards' night, the wrist's clock fast and the ankle's slow by `drift`."""
    plan = draw_plan(SCENARIOS["healthy"], hours, seed)
    paths = [
        write_board(sampled(plan, seed, board), board, folder / f"{board.limb}.csv")
        for board in (replace(WRIST, pace=1 + drift), replace(ANKLE, pace=1 - drift))
    ]
    session = open_session(paths[0], Options(with_=str(paths[1])), own=folder / "own")
    (recording,) = session.read()
    limbs = session.judge(recording).night.limbs
    assert limbs is not None
    return limbs


def apart_s(limbs: BothLimbs, labels: tuple[Label, ...] = tuple(Label)) -> np.ndarray:
    """(n,) how far the onsets of movements that are one of each limb lie apart, s."""
    events = limbs.events
    pairs = events[
        (events["limb"] == "both") & (events["parts"] == 2) & events["label"].isin([*map(str, labels)])
    ]
    return (pairs["wrist_onset_s"] - pairs["ankle_onset_s"]).to_numpy()


def main() -> None:
    """Make nights, analyse, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    # Not 0: the simulator's noise goes by the sample, and two boards in step would share it.
    parser.add_argument("--drifts", type=float, nargs="+", default=[0.01, 0.0001])
    args = parser.parse_args()
    for drift, seed in product(args.drifts, args.seeds):
        with tempfile.TemporaryDirectory() as folder:
            limbs = analysed(Path(folder), args.hours, seed, drift)
        _tell(limbs, f"{args.hours:g} h, seed {seed}, clocks {drift:.2%} fast and slow")


def _tell(limbs: BothLimbs, what: str) -> None:
    seen, away_ms = limbs.events[limbs.events["both_recorded"]], 1000 * apart_s(limbs)
    twitches_ms = np.abs(1000 * apart_s(limbs, TWITCHES))
    print(
        f"{what}: began {limbs.apart_s:.4f} s apart (truth {ANKLE.begin_s} s); both for {limbs.both_h:.2f} h; "
        f"{(seen['limb'] == 'both').sum()} movements of both, {(seen['limb'] != 'both').sum()} of one; of "
        f"{len(away_ms)} pairs of onsets the ankle's is {np.median(-away_ms):.1f} ms late (median), half lie within "
        f"{np.median(np.abs(away_ms)):.1f} ms, {np.mean(np.abs(away_ms) <= 20):.3f} within 20 ms; of "
        f"{len(twitches_ms)} of twitches {np.mean(twitches_ms <= 20):.3f}"
    )


if __name__ == "__main__":
    main()
