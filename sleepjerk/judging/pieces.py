"""One line a date: of a night and a nap the night, and two pieces of one night, as a pulled cable leaves them, as one.

Knows nights in one line each, and the rules. Must not know weeks.

Conventions
-----------
Pieces are recordings of one date that were slept through one after the other, by night, and lack nothing but hours.
Their hours and counts add up; what was met in one of them is met, but for what is a number of the whole night.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sleepjerk.judging.criteria import CRITERIA, Kind, ids, limit_of
from sleepjerk.night.verdict import NightLine
from sleepjerk.rules import CriteriaRules, Rules, WeekRules

_HOURS = "V1"  # the one criterion of validity that another piece can mend
_ONSET = "F1"


def one_a_date(lines: Sequence[NightLine], rules: Rules) -> dict[date, NightLine]:
    """One line a date: a red flag is never hidden, then a night comes before a nap, what is valid, what was longest."""
    dates: dict[str, list[NightLine]] = {}
    for line in lines:
        dates.setdefault(line.night, []).append(line)
    return {date.fromisoformat(night): _one(found, rules) for night, found in dates.items()}


def shaking(line: NightLine) -> bool:
    """Was there strong rhythmic shaking?"""
    return any(line.met.get(name) for name in ids(kind=Kind.SHAKING))


def _one(lines: list[NightLine], rules: Rules) -> NightLine:
    if len(lines) == 1:
        return lines[0]
    if pieces := _pieces(lines, rules.weeks):
        lines = [*(line for line in lines if line not in pieces), _joined(pieces, rules.criteria)]
    return max(
        lines,
        key=lambda line: (shaking(line), not _nap(line, rules.weeks), line.valid, line.analysed_h or 0.0),
    )


def _slept(line: NightLine) -> tuple[datetime, datetime] | None:
    """Onset and end by the wall clock; None where they are unknown."""
    if line.asleep is None or line.awake is None:
        return None
    asleep, awake = (datetime.fromisoformat(f"{line.night}T{clock}") for clock in (line.asleep, line.awake))
    asleep += timedelta(
        days=asleep < datetime.fromisoformat(f"{line.night}T12")
    )  # plain: noon, where dates change
    return asleep, asleep + (awake - asleep) % timedelta(days=1)


def _nap(line: NightLine, rules: WeekRules) -> bool:
    """Does the middle of this sleep lie by day? Where the times are unknown it is taken for a night's."""
    slept = _slept(line)
    middle = None if slept is None else slept[0] + (slept[1] - slept[0]) / 2
    return (
        middle is not None and rules.day_from_h <= middle.hour + middle.minute / 60 < rules.day_to_h
    )  # plain: min/h


def _pieces(lines: Iterable[NightLine], rules: WeekRules) -> list[NightLine]:
    """The pieces of one night in their order; none where there are not two, or where two overlap."""
    fit = [line for line in lines if {*line.lacking} <= {_HOURS} and not _nap(line, rules)]
    slept = sorted(((at, line) for line in fit if (at := _slept(line)) is not None), key=lambda pair: pair[0])
    apart = all(at[1] <= then[0] for (at, _), (then, _) in pairwise(slept))
    return [line for _, line in slept] if len(slept) > 1 and apart else []


def _joined(pieces: Sequence[NightLine], rules: CriteriaRules) -> NightLine:
    # Here, because it needs numpy, and a week of whole nights doesn't.
    from sleepjerk.judging.nights import rate_of

    hours, quiet_h = _sum(line.analysed_h for line in pieces), _sum(line.quiet_h for line in pieces)
    quiet = _sum(_times(line.per_h, line.quiet_h) for line in pieces)
    rates = {
        name: rate_of(
            None if quiet is None else round(quiet), quiet_h, limit_of(CRITERIA[name], rules), rules
        )
        for name in ("F2", "F2-high")
    }
    moved, strong = (
        _sum(_times(line.periodic_per_h, line.analysed_h) for line in pieces),
        _count(pieces, "strong"),
    )
    periodic_per_h = (
        round(moved / hours, 9) if moved is not None and hours else None
    )  # plain: rounding of sums
    met = {name: _met(name, pieces) for name in pieces[0].met} | {
        name: rate.met for name, rate in rates.items()
    }
    met["I1"] = (strong or 0) >= rules.strong_twitches or met.get("I1")
    if met.get("PER") and periodic_per_h is not None:
        met["PER"] = periodic_per_h >= rules.periodic_per_h
    valid = hours is not None and hours >= rules.valid_h
    rate = rates["F2"]
    return dataclasses.replace(
        pieces[0],
        name=" + ".join(line.name for line in pieces),
        input_sha256=" + ".join(line.input_sha256 for line in pieces),
        valid=valid,
        lacking=() if valid else (_HOURS,),
        analysed_h=hours,
        quiet_h=quiet_h,
        jerks=_count(pieces, "jerks"),
        twitches=_count(pieces, "twitches"),
        strong=strong,
        per_h=None if rate.value is None else float(rate.value),
        per_h_low=rate.low,
        per_h_high=rate.high,
        periodic_per_h=periodic_per_h,
        periodicity_index=None,  # of each piece alone
        awake=pieces[-1].awake,
        met=met,
        pieces=tuple(pieces),
    )


def _met(name: str, pieces: Sequence[NightLine]) -> bool | None:
    """Met in one of them; else whether all could tell. Falling asleep is seen by the piece that holds it."""
    found = [line.met.get(name) for line in pieces]
    if any(found):
        return True
    return None if None in found and not (name == _ONSET and False in found) else False


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)


def _count(pieces: Sequence[NightLine], name: str) -> int | None:
    found = _sum(getattr(line, name) for line in pieces)
    return None if found is None else int(found)


def _times(rate: float | None, hours: float | None) -> float | None:
    return None if rate is None or hours is None else rate * hours
