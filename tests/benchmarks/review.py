"""Do the intervals of a review hold what they promise, with simulated judges of known error?

Each run is another night of its kind: of every stratum so many windows hold a twitch, judges say so but for their
error, and some windows are drawn. An interval covers when the truth lies in it. Of one judge that is what they would
have said of the whole night; of two judges, who agree or leave it open, what a judge without error would have said.
`python -m tests.benchmarks.review [--runs N]` (2,000 runs, a quarter of an hour).
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from sleepjerk.review.choice import share_out
from sleepjerk.review.estimates import Counts, Share, agree_of, estimate
from sleepjerk.review.kept import Stratum
from sleepjerk.rules import Rules

ASKED = (Stratum.CALLED, Stratum.UNCALLED, Stratum.QUIET)
NUMBERS = (20, 30, 40)


@dataclass(frozen=True)
class Kind:
    """Windows in each stratum, and in what share of them there is a twitch."""

    windows: tuple[int, int, int]
    twitches: tuple[float, float, float]

    def __str__(self) -> str:
        return ", ".join(
            f"{share:.0%} of {count}" for share, count in zip(self.twitches, self.windows, strict=True)
        )


KINDS = tuple(
    Kind(windows, (precision, *missed))
    for windows, precision, missed in product(
        ((8, 60, 10), (20, 120, 50), (60, 200, 300)),
        (0.5, 0.8, 0.95),
        ((0.01, 0.0), (0.05, 0.01), (0.2, 0.05)),
    )
)
MIDDLE = tuple(kind for kind in KINDS if kind.windows[0] == 20)


@dataclass(frozen=True)
class Covered:
    """Shares of runs, and the middle width of the intervals of recall."""

    precision: float
    recall: float
    twitches: float
    width: float


def asked_of(kind: Kind, number: int) -> list[int]:
    """How many windows of each stratum a review of so many asks about."""
    asked = Rules().review
    parts = dict(zip(ASKED, (asked.called_part, asked.uncalled_part, asked.quiet_part), strict=True))
    there = dict(zip(ASKED, kind.windows, strict=True))
    return list(share_out(number - number // asked.still_every, there, parts).values())


def nights(
    kind: Kind, number: int, error: float, runs: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Whole nights and what was drawn of them: (3, 2, 2, 2) windows by stratum, truth and what two judges say."""
    says = np.array([[1 - error, error], [error, 1 - error]])  # by truth: no, yes
    for _ in range(runs):
        whole, drawn = np.zeros((3, 2, 2, 2), dtype=int), np.zeros((3, 2, 2, 2), dtype=int)
        for place, count in enumerate(asked_of(kind, number)):
            share = np.array([1 - kind.twitches[place], kind.twitches[place]])
            chance = share[:, None, None] * says[:, :, None] * says[:, None, :]
            whole[place] = rng.multinomial(kind.windows[place], chance.ravel()).reshape(2, 2, 2)
            if count:
                taken = rng.multivariate_hypergeometric(whole[place].ravel(), count)
                drawn[place] = taken.reshape(2, 2, 2)
        yield whole, drawn


def counts_of(drawn: np.ndarray, kind: Kind, *, two: bool) -> dict[Stratum, Counts]:
    """What the first judge said, or both together."""
    return {
        stratum: Counts(
            kind.windows[place],
            int(one.sum()),
            int(one[:, 1, 1].sum() if two else one[:, 1].sum()),
            int(one[:, 0, 1].sum() + one[:, 1, 0].sum()) if two else 0,
        )
        for place, (stratum, one) in enumerate(zip(ASKED, drawn, strict=True))
    }


def holds(share: Share, truth: float) -> bool:
    """Does the interval hold the truth?"""
    assert share.low is not None
    assert share.high is not None
    return share.low - 1e-9 <= truth <= share.high + 1e-9


def coverage(
    kind: Kind, number: int, error: float, runs: int, *, seed: int = 1, two: bool = False, true: bool = False
) -> Covered:
    """Of how many runs the intervals of one judge, or of two, hold what the judge would have said, or the truth."""
    rng, found, widths = np.random.default_rng(seed), [], []
    for whole, drawn in nights(kind, number, error, runs, rng):
        estimates = estimate(counts_of(drawn, kind, two=two))
        yes = whole[:, 1].sum(axis=(1, 2)) if true else whole[:, :, 1].sum(axis=(1, 2))
        if yes.sum() == 0 or estimates.recall.low is None or estimates.recall.high is None:
            continue
        found.append(
            (
                holds(estimates.precision, yes[0] / kind.windows[0]),
                holds(estimates.recall, yes[0] / yes.sum()),
                holds(estimates.twitches, yes.sum()),
            )
        )
        widths.append(estimates.recall.high - estimates.recall.low)
    return Covered(*np.mean(found, axis=0), float(np.median(widths)))


def kappa_coverage(kind: Kind, number: int, error: float, runs: int) -> float:
    """Of how many runs the interval of kappa holds that of all nights of a kind, in the proportions that are asked."""
    rng, asked = np.random.default_rng(2), np.array(asked_of(kind, number))
    twitch = float(np.sum(asked * kind.twitches) / asked.sum())
    alike, yes = error**2 + (1 - error) ** 2, twitch * (1 - error) + (1 - twitch) * error
    by_chance = yes**2 + (1 - yes) ** 2
    truth, found = (alike - by_chance) / (1 - by_chance), []
    for _, drawn in nights(kind, number, error, runs, rng):
        pairs = drawn.sum(axis=(0, 1))
        kappa = agree_of((int(pairs[1, 1]), int(pairs[1, 0]), int(pairs[0, 1]), int(pairs[0, 0])))
        if kappa.low is not None:
            found.append(holds(kappa, truth))
    return float(np.mean(found))


def report(runs: int) -> Iterator[str]:
    """The tables, line by line."""
    yield f"{runs} runs a cell; twitches in called, uncalled and quiet windows; a judge who errs in 5 % of windows"
    yield "| night | windows judged | recall covered | its width | precision covered | twitches covered |"
    yield "|---|---|---|---|---|---|"
    every = []
    for kind, number in product(KINDS, NUMBERS):
        found = coverage(kind, number, 0.05, runs)
        every.append((found, asked_of(kind, number)[0] < kind.windows[0]))
        shares = f"{found.recall:.3f} | {found.width:.2f} | {found.precision:.3f} | {found.twitches:.3f}"
        yield f"| {kind} | {number} | {shares} |"
    recall, part = [one.recall for one, _ in every], [one.precision for one, some in every if some]
    total = [one.twitches for one, _ in every]
    for name, cells in (("recall", recall), ("precision, not all called judged", part), ("twitches", total)):
        within = np.mean([0.93 <= cell <= 0.97 for cell in cells])
        yield (
            f"{name}: {np.mean(cells):.3f} in all, {min(cells):.3f} to {max(cells):.3f} by cell, {within:.0%} of "
            "cells within 0.93-0.97"
        )
    yield "\n| error of each judge | own recall, one judge | true recall, one | true recall, two | kappa |"
    yield "|---|---|---|---|---|"
    for error in (0.0, 0.02, 0.05, 0.1, 0.2):
        cells = [
            np.mean([coverage(kind, 30, error, runs // 4, **how).recall for kind in MIDDLE])
            for how in ({}, {"true": True}, {"true": True, "two": True})
        ]
        cells.append(np.mean([kappa_coverage(kind, 30, error, runs // 4) for kind in MIDDLE]))
        yield f"| {error:.0%} | {' | '.join(f'{cell:.3f}' for cell in cells)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    for line in report(parser.parse_args().runs):
        print(line, flush=True)
