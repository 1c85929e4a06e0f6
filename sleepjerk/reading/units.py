"""What unit are these numbers in, how fine is their step, where do they clip?

Knows that a still sensor feels 1 g. Must not know files or times.

Conventions
-----------
Values are (3, n) float32 in the file's own unit; acceleration is (3, n) float32 in g.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sleepjerk.errors import InputError
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules
from sleepjerk.runtime import on_all_cores, parts_of
from sleepjerk.spans import find_runs, lengths

STANDARD_GRAVITY = 9.80665  # plain: m/s2 in one g, by definition
WITH_GRAVITY = (
    "from which no night can be told; export the acceleration with gravity (Sensor Logger: TotalAcceleration.csv, "
    "phyphox: Acceleration with g)"
)
_PER_G = {"g": 1.0, "mg": 1000.0, "m/s2": STANDARD_GRAVITY}
_POWERS = tuple(2**power for power in range(8, 15))  # plain: 256 to 16384 counts per g
_RANGES_G = (2.0, 4.0, 6.0, 8.0, 16.0)  # plain: that sensors can be set to
_BLOCKS = 1 << 11  # looked at by one thread at once
_LOOKED_AT = 200_000  # plain: samples an axis from which the step is measured
_ONE_STEP = 1.5  # plain: half way between one and two: what is less is one, but for noise


class Unit(NamedTuple):
    """How many of a unit are one g, and how it was told, in words."""

    per_g: float
    note: str


def parse_unit(text: str) -> float:
    """How many of a unit are one g, for what a person may write after --unit; any other word is refused."""
    word = text.strip().lower().replace("²", "2").replace("^", "")
    if word in _PER_G:
        return _PER_G[word]
    name, _, number = word.partition(":")
    try:
        per_g = float(number)
    except ValueError:
        per_g = 0.0
    if name != "counts" or not 0 < per_g < 1e6:
        raise InputError(f"--unit {text}: expected g, mg, m/s2, or counts:PER_G such as counts:4096")
    return per_g


def still_length(values: Samples, rules: ReadingRules) -> float:
    """Length of the vector while the sensor is stillest: 1 g in the values' unit, about."""
    size = rules.still_samples
    count = values.shape[1] // size
    if count < 4:
        return float(np.median(_lengths(values)))

    def measure(here: slice) -> tuple[Floats, Floats]:
        blocks = _lengths(values[:, here.start * size : here.stop * size]).reshape(-1, size)
        mean = blocks.mean(axis=1, keepdims=True)
        return mean[:, 0], blocks.std(axis=1, mean=mean)

    mean, spread = np.concatenate(on_all_cores(measure, parts_of(count, _BLOCKS)), axis=1)
    return float(np.median(mean[spread <= np.median(spread)]))


def _lengths(values: Samples) -> Floats:
    """(n,) lengths of the vectors."""
    exact = values.astype(np.float64)
    return np.asarray(np.sqrt(np.einsum("ij,ij->j", exact, exact)))


def find_unit(
    path: Path, values: Samples, named: str | None, option: str | None, rules: ReadingRules
) -> Unit:
    """Tell the unit, by option, by column name, or by what gravity amounts to.

    Raises
    ------
    InputError
        It can't be told for sure, or name and numbers contradict each other.
    """
    if option is not None:
        return Unit(parse_unit(option), f"unit: {option}, as given")
    _refuse_no_sensor(path, values, rules)
    _refuse_directions(path, values, rules)
    if named in _PER_G and _is_felt(values, _PER_G[named], rules):
        return Unit(_PER_G[named], f"unit: {named}, from the column names")
    still = still_length(values, rules)
    fitting = _fitting(values, still, rules)
    if named in _PER_G:
        if still < rules.no_gravity * _PER_G[named] and not fitting:
            raise InputError(
                f"{path}: gravity amounts to {still:.4g} {named}, so it was taken out; export the acceleration with "
                f"gravity, or say --unit {named} if that is all there is"
            )
        others = [unit for unit in fitting if unit.split(":")[0] != named]
        if others and named not in fitting:
            raise InputError(
                f"{path}: the column names say {named}, but gravity amounts to {still:.4g} as in "
                f"{others[0]}; decide with --unit {named} or --unit {others[0]}"
            )
        return Unit(_PER_G[named], f"unit: {named}, from the column names")
    if named == "counts":
        fitting = [unit for unit in fitting if unit.startswith("counts")]
    if len(fitting) != 1:
        raise InputError(
            f"{path}: the unit of acceleration can't be told, gravity amounts to {still:.4g}"
            + (f", which may be {' or '.join(fitting)}" if fitting else "")
            + (f"; this is movement without gravity, {WITH_GRAVITY}" if still < rules.no_gravity else "")
            + "; decide with --unit g, mg, m/s2 or counts:PER_G"
        )
    _refuse_restless(path, values, rules)
    return Unit(parse_unit(fitting[0]), f"unit: {fitting[0]}, because gravity amounts to {still:.4g}")


def _is_felt(values: Samples, per_g: float, rules: ReadingRules) -> bool:
    """Whether 1 g is felt in so many blocks that it is felt in the stiller half of them, whichever these are."""
    size = rules.still_samples
    blocks = values[:, : values.shape[1] // size * size]
    felt_g = np.sqrt(np.einsum("ij,ij->j", blocks, blocks)).reshape(-1, size).mean(axis=1) / per_g
    near = np.abs(felt_g - 1) < 0.99 * rules.gravity_tolerance  # plain: but for rounding
    return len(near) > 4 and bool(near.mean() > 0.75)  # plain: so that it is most of any half


def _refuse_no_sensor(path: Path, values: Samples, rules: ReadingRules) -> None:
    """An accelerometer has noise on each axis: where two hold nothing but zeros, a length was written."""
    empty = [axis for axis, row in zip("xyz", values, strict=True) if not row.any()]
    if len(empty) == 2 and values.shape[1] > rules.still_samples and np.ptp(values, axis=1).any():
        raise InputError(
            f"{path}: {empty[0]} and {empty[1]} are zero in all rows, so this is a magnitude and not three axes; name "
            "the axes with --columns, or export each axis"
        )


def _refuse_directions(path: Path, values: Samples, rules: ReadingRules) -> None:
    """The noise of an accelerometer goes to all sides; where none goes along the vector, its length was made 1."""
    some = values[:, :_LOOKED_AT]
    size = _lengths(some)
    if len(size) < rules.still_samples:
        return
    across = float(np.median(np.abs(np.diff(some)).max(axis=0)))
    if not np.median(np.abs(np.diff(size))) < rules.min_along * across:
        return
    low, high = np.quantile(some, (0.01, 0.99), axis=1)  # plain: but for a few odd ones
    if (high - low).max() > np.median(size) / 2:  # plain: by 30 degrees; else nothing can be said
        raise InputError(
            f"{path}: x, y and z have the same length in every row, so these are directions, from which the strength "
            "of a movement was taken out; export the acceleration itself, or say --unit g if this is all there is"
        )


def _refuse_restless(path: Path, values: Samples, rules: ReadingRules) -> None:
    """Where no name tells the unit, something like 1 g must be gravity: steady wherever the arm lies still."""
    size = rules.still_samples
    blocks = values[:, : values.shape[1] // size * size].reshape(3, -1, size)
    blocks = blocks[:, :: max(1, blocks.shape[1] // _BLOCKS)].astype(np.float64)
    if blocks.shape[1] < 4:  # plain: of so few nothing can be said
        return
    usual = np.sqrt((blocks**2).sum(axis=0)).mean(axis=1)
    wavers = np.quantile(blocks.std(axis=2).max(axis=0) / np.maximum(usual, 1e-12), rules.step_quantile)
    if wavers > rules.max_waver:
        raise InputError(
            f"{path}: these values come near 1 g, but waver by {100 * wavers:.0f} % even where they are stillest; they "
            f"may be no acceleration, or movement without gravity, {WITH_GRAVITY}. If they are right, say --unit; else "
            "name the columns with --columns"
        )


def _fitting(values: Samples, still: float, rules: ReadingRules) -> list[str]:
    """The units in which gravity would be near 1 g."""
    some = values[:, :: max(1, values.shape[1] // _LOOKED_AT)]
    whole = bool((some == np.rint(some)).all())
    # Counts come in steps of one; milli-g are mostly computed, in steps of several or with fractions.
    step = measure_step(some, rules, least=0.5) if whole else None
    units = [unit for unit, per_g in _PER_G.items() if abs(still / per_g - 1) <= rules.gravity_tolerance]
    if "mg" in units and whole and (step is None or step < _ONE_STEP):
        units.append("counts:1024")
    elif "mg" not in units and whole:
        units += [f"counts:{power}" for power in _POWERS if abs(still / power - 1) <= rules.gravity_tolerance]
    return units


def measure_step(values: Samples, rules: ReadingRules, least: float | None = None) -> float | None:
    """The smallest difference between values, in their unit; None when there is none to see.

    Robust against a few odd values: the step is where the low tenth of all differences lies.
    """
    steps = []
    least = rules.least_step_g if least is None else least
    every = max(1, values.shape[1] // _LOOKED_AT)
    for axis in values[:, ::every]:  # few values are distinct: finding them is quicker than sorting all
        difference = np.diff(np.sort(pd.unique(axis)).astype(np.float64))
        difference = difference[difference > least]
        if difference.size:
            low = np.quantile(difference, rules.step_quantile)
            steps.append(float(difference[difference <= _ONE_STEP * low].mean()))
    return float(np.median(steps)) if steps else None


def find_clipping(
    acceleration_g: Samples, known_range_g: float | None, step_g: float | None, rules: ReadingRules
) -> tuple[int, float | None]:
    """Count the samples at full scale.

    Parameters
    ----------
    known_range_g
        From the sidecar; None lets a plateau at a usual range tell.

    Returns
    -------
    clipped
        Samples with any axis at full scale.
    range_g
        Full scale, None when unknown.
    """
    slack = step_g or 0.0
    highest = np.abs(np.stack([acceleration_g.min(axis=1), acceleration_g.max(axis=1)]))
    if known_range_g is not None:
        if highest.max() < known_range_g - _ONE_STEP * slack:
            return 0, known_range_g
        return int(
            (np.abs(acceleration_g) >= known_range_g - _ONE_STEP * slack).any(axis=0).sum()
        ), known_range_g
    # All axes clip at the same value, so only the range of the greatest value counts.
    full = min(_RANGES_G, key=lambda known: abs(known - float(highest.max())))
    clipped = np.zeros(acceleration_g.shape[1], dtype=bool)
    for axis, extremes in zip(acceleration_g, highest.T, strict=True):
        for extreme, sign in zip(extremes, (-1, 1), strict=True):
            if abs(float(extreme) - full) <= rules.clip_tolerance * full:
                at = axis * sign >= extreme - 0.5 * slack
                clipped |= at & (lengths(find_runs(at)).max(initial=0) >= rules.clip_periods)
    return int(clipped.sum()), full if clipped.any() else None
