"""What speaks for a twitch, fitted on several worlds: `python -m tests.benchmarks.twitches DUMP...`.

The dumps come from `python -m tests.benchmarks.worlds --dump FILE.parquet`, one or more. Prints

* what each world shows with values fitted on the *others*, and with values fitted on every second night of all: share
  called of strong and weak twitches, counted ones that are none in 8 h, Brier score against always saying the mean;
* what a stricter least chance costs and spares, with values fitted on all;
* the values of `TwitchRules`, fitted on all.

Each world weighs the same. In lab nights nobody knows which movements are twitches, so only what was planted is looked
at. The doubt is raised until no world's ordinary nights are told better than they are.
"""

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, special
from scipy.optimize import minimize

from sleepjerk.detection.features import Shapes
from sleepjerk.detection.twitches import corners, read_sizes

TRUE = ("twitch", "onset_jerk", "pair")
RIDGE = 3.0
CALLED = 0.3
COMPANY = "company"  # the last sign of all

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """Log odds of a pulse without any sign, and what each corner of each sign adds."""

    intercept: float
    values: Floats

    def chance(self, signs: Floats) -> Floats:
        """(k,) of k pulses with (k, corners) signs."""
        return np.asarray(special.expit(self.intercept + signs @ self.values))


def candidates(events: pd.DataFrame) -> pd.DataFrame:
    """Lone pulses in what passes for sleep, if known what they are; `true`: twitches of sleep."""
    asleep = events["true_state"] != "wake"
    known = (events["world"] != "lab") | ~asleep | events["true_kind"].isin(TRUE)
    true = events["true_kind"].isin(TRUE) & asleep
    rested = events["state"].isin(["sleep", "onset"])
    kept = events["alone"] & (events["peak_g"] >= events["threshold_g"]) & rested & known
    return events[kept].assign(true=true[kept]).reset_index(drop=True)


def signs_of(events: pd.DataFrame) -> Floats:
    """(k, corners) how near each sign of k events lies to each of its corners but the first, 0 to 1; company last."""
    names = [name for name in Shapes.__slots__ if name in events]
    shapes = Shapes(**{name: events[name].to_numpy() for name in names})
    sizes, columns = read_sizes(shapes), []
    for sign, line in corners().items():
        at = np.log(np.maximum(sizes[sign], min(line)))
        columns += [np.interp(at, np.log(list(line)), row) for row in np.eye(len(line))[1:]]
    return np.stack(columns, axis=1)


def fit(signs: Floats, events: pd.DataFrame, rows: NDArray[np.bool_]) -> Fitted:
    """What the shapes say is learnt in sleep, where nobody is awake; then what company says, everywhere."""
    last = len(corners()[COMPANY]) - 1
    true, weight = events["true"].to_numpy(float), weight_of(events[rows])
    asleep = (events["true_state"] != "wake").to_numpy()
    shape = _fit(
        signs[rows & asleep, :-last], true[rows & asleep], weight[asleep[rows]], _steps()[:-last, :-last]
    )
    odds = shape.intercept + signs[rows, :-last] @ shape.values
    around = _fit(signs[rows, -last:], true[rows], weight, _steps()[-last:, -last:], odds)
    return Fitted(shape.intercept + around.intercept, np.concatenate((shape.values, around.values)))


def _fit(signs: Floats, true: Floats, weight: Floats, steps: Floats, known: Floats | float = 0.0) -> Fitted:
    """Logistic regression beyond the log odds that are known; a corner is drawn towards what its neighbours say."""

    def loss(values: Floats) -> tuple[float, Floats]:
        odds = known + values[0] + signs @ values[1:]
        rough = steps @ values[1:]
        off = weight * (special.expit(odds) - true)
        gradient = np.concatenate(([off.sum()], signs.T @ off + RIDGE * steps.T @ rough))
        told = weight * (np.logaddexp(0, odds) - true * odds)
        return float(told.sum() + RIDGE * rough @ rough / 2), gradient

    found = minimize(loss, np.zeros(signs.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return Fitted(float(found[0]), found[1:])


def _steps() -> Floats:
    """From each corner of a sign to the next, the first of which says 0."""
    sizes = [len(line) - 1 for line in corners().values()]
    return np.asarray(linalg.block_diag(*(np.eye(size) - np.eye(size, k=-1) for size in sizes)))


def weight_of(events: pd.DataFrame) -> Floats:
    """(k,) each world weighs as much as a thousand pulses, and in it each scenario the same."""
    each = events.groupby(["world", "scenario"])["name"].transform("size")
    scenarios = events.groupby("world")["scenario"].transform("nunique")
    return (1000 / (each * scenarios)).to_numpy(float)


def shown(events: pd.DataFrame, chance: Floats) -> str:
    """One line on the events of one world."""
    true, called = events["true"].to_numpy(), chance >= CALLED
    strong = events["true_peak_g"].to_numpy() >= 0.06
    false = called & ~true & ((events["since_s"] > 10) & (events["until_s"] > 10)).to_numpy()
    nights = events.groupby("scenario")["name"].nunique()
    rates = pd.Series(false).groupby(events["scenario"].to_numpy()).sum() / nights
    told = ", ".join(f"{name} {rate:.1f}" for name, rate in rates.items())
    brier = f"Brier {np.mean((chance - true) ** 2):.3f} (mean {true.mean() * (1 - true.mean()):.3f})"
    parts = [
        f"called {called[true & some].mean():.3f} {word}"
        for some, word in ((strong, ">= 60 mg"), (~strong, "below"))
        if (true & some).any()
    ]
    return f"{', '.join(parts)}; {brier}\n    false and alone, a night: {told}"


def print_curve(events: pd.DataFrame, chance: Floats) -> None:
    """What a stricter least chance costs in weak jerks and spares in false ones: no shape alone tells both apart."""
    true, mg = events["true"].to_numpy(), 1000 * events["true_peak_g"].to_numpy()
    weak, strong = true & (mg >= 30) & (mg < 60), true & (mg >= 60)
    lone = ((events["since_s"] > 10) & (events["until_s"] > 10) & (events["company"] <= 5)).to_numpy()
    print("world: least chance, called of 30-60 mg, of 60 mg and more, false and alone in an ordinary night")
    for world in events["world"].unique():
        mine = (events["world"] == world).to_numpy()
        ordinary = mine & (events["scenario"] == "ordinary").to_numpy()
        nights = max(1, events.loc[ordinary, "name"].nunique())
        for least in (0.05, 0.1, 0.15, 0.2, 0.3, 0.5):
            called = chance >= least
            shares = [
                called[mine & some].mean() if (mine & some).any() else np.nan for some in (weak, strong)
            ]
            false = np.sum(called & ordinary & lone & ~true) / nights
            print(f"{world}: {least}, {shares[0]:.2f}, {shares[1]:.2f}, {false:.1f}")


def doubt_more(events: pd.DataFrame, fitted: Fitted, signs: Floats) -> float:
    """Log odds to take off, so that no world's ordinary nights are told better than they are."""
    least = 0.0
    for _, part in events[events["scenario"] == "ordinary"].groupby("world"):
        odds = fitted.intercept + signs[part.index] @ fitted.values
        true = part["true"].to_numpy(float)

        def off(shift: float, odds: Floats = odds, true: Floats = true) -> float:
            return float(np.sum(np.logaddexp(0, odds + shift) - true * (odds + shift)))

        least = min(least, float(minimize(lambda x: off(x[0]), [0.0]).x[0]))
    return -least


def print_rules(fitted: Fitted, doubt: float) -> None:
    """The fields of `TwitchRules`; no value is negative, what is taken away from all of a sign is doubt."""
    values, doubt = iter(fitted.values), doubt - fitted.intercept
    for line in corners().values():
        said = np.array([0.0, *(next(values) for _ in range(len(line) - 1))])
        doubt -= said.min()
        for name, value in zip(line.values(), said - said.min(), strict=True):
            print(f"{name} = {value:.2f}")
    print(f"doubt = {doubt:.2f}")


def main() -> None:
    """Run it."""
    events = candidates(pd.concat([pd.read_parquet(path) for path in sys.argv[1:]], ignore_index=True))
    signs, true = signs_of(events), events["true"].to_numpy(float)
    half = (events["seed"] % 2 == 0).to_numpy()
    for world in events["world"].unique():
        mine = (events["world"] == world).to_numpy()
        for name, used, judged in (("left out", ~mine, mine), ("its other nights", half, mine & ~half)):
            if true[judged].sum() and true[used].sum():
                chance = fit(signs, events, used).chance(signs[judged])
                print(f"{world}, {name}: {shown(events[judged].reset_index(drop=True), chance)}")
    found = fit(signs, events, np.ones(len(events), dtype=bool))
    more = doubt_more(events, found, signs)
    print(
        f"doubt of the worst ordinary world: {more:.2f}; called from {special.expit(special.logit(CALLED) - more):.3f}"
    )
    print_curve(events, special.expit(special.logit(found.chance(signs)) - more))
    print_rules(found, more)


if __name__ == "__main__":
    main()
