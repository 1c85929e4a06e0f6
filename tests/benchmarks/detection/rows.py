"""One line of the table: what was asked, what was found with its 95 % interval, the goal, and whether it was met."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from sleepjerk.evaluate import wilson_interval


@dataclass(frozen=True)
class Row:
    """`met` is None where no goal is set, or nothing could be measured."""

    what: str
    found: str
    goal: str = ""
    met: bool | None = None

    def line(self) -> str:
        """A row of a Markdown table."""
        word = {True: "yes", False: "**no**", None: ""}[self.met]
        return f"| {self.what} | {self.found} | {self.goal} | {word} |"


def share(what: str, hits: int, number: int, least: float | None = None, most: float | None = None) -> Row:
    """Hits of a number, with Wilson's interval; at least or at most so large."""
    if number == 0:
        return Row(what, "none to judge")
    low, high = wilson_interval(hits, number) or (0.0, 1.0)
    found = f"{hits}/{number} = {hits / number:.3f} ({low:.3f}-{high:.3f})"
    if least is not None:
        return Row(what, found, f">= {least:g}", hits / number >= least)
    if most is not None:
        return Row(what, found, f"<= {most:g}", hits / number <= most)
    return Row(what, found)


def rate(what: str, number: int, hours: float, most: float | None = None) -> Row:
    """Events in 8 hours, with the exact Poisson interval."""
    low = float(stats.chi2.ppf(0.025, 2 * number)) / 2 if number else 0.0
    high = float(stats.chi2.ppf(0.975, 2 * number + 2)) / 2
    each = 8 / hours
    found = f"{number} in {hours:.0f} h = {number * each:.2f} ({low * each:.2f}-{high * each:.2f})"
    return Row(what, found) if most is None else Row(what, found, f"<= {most:g}", number * each <= most)


def middle(what: str, values: ArrayLike, unit: str, most: float | None = None, scale: float = 1.0) -> Row:
    """Median of absolute values, with its bootstrap interval."""
    sizes = np.abs(np.asarray(values, dtype=np.float64)) * scale
    if len(sizes) == 0:
        return Row(what, "none to judge")
    drawn = np.random.default_rng(1).choice(sizes, (2000, len(sizes)))
    low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
    found = f"{np.median(sizes):.3g} {unit} ({low:.3g}-{high:.3g}, n = {len(sizes)})"
    return (
        Row(what, found)
        if most is None
        else Row(what, found, f"<= {most:g} {unit}", bool(np.median(sizes) <= most))
    )


def table(title: str, rows: list[Row]) -> str:
    """A titled Markdown table."""
    head = f"## {title}\n\n| what | found (95 % interval) | goal | met |\n|---|---|---|---|"
    return "\n".join([head, *(row.line() for row in rows), ""])
