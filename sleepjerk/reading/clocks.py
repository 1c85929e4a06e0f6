"""Numbers of a clock -> seconds: which unit, counted from when, and where a counter began anew.

These tables and `find_clock` are the rules of guessing a time that is written as a number. Knows units, zeros of
calendars and how counters overflow. Must not know text, zones or samples. What fits two clocks, or none, is asked for.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.reading.names import counts_ticks
from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules

TIME_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
ORDERS = ("dmy", "mdy")
_TICKS = "ticks:"
_DAY_S = 86400.0
_NEARLY = 1.001  # plain: but for the rounding of stamps
_LOOKED_AT = 100_000  # plain: rows from which the unit of time is told


@dataclass(frozen=True, slots=True)
class Zero:
    """A calendar that numbers are counted from: seconds of its unit, its zero in seconds since 1970, and its name."""

    unit_s: float
    zero_s: float
    name: str


_UNIX = datetime(1970, 1, 1, tzinfo=UTC)  # plain: where Unix counts from


def _since(year: int, month: int = 1, day: int = 1) -> float:
    return (datetime(year, month, day, tzinfo=UTC) - _UNIX).total_seconds()


# Besides s, ms, us and ns since 1970; each is told by size and step together, so that no two fit one number.
_ZEROS = (
    Zero(1e-7, _since(1601), "100 ns since 1601"),  # plain: Windows' FILETIME
    Zero(1e-7, _since(1, 1, 1), "100 ns since the year 1"),  # plain: .NET's ticks
    Zero(1e-9, _since(2000), "ns since 2000"),  # plain: Polar's sensors
    Zero(1.0, _since(2001), "s since 2001"),  # plain: Apple's
    Zero(_DAY_S, _since(1899, 12, 30), "days since 1899-12-30"),  # plain: spreadsheets
    Zero(_DAY_S, _since(1, 1, 1) - 367 * _DAY_S, "days since the year 0"),  # plain: MATLAB's datenum
)
# Counters begin anew here; after a fall by nearly so much, only one of them leaves a short step.
_OVERFLOWS = tuple(2.0**bits for bits in range(16, 41))  # plain: bits of a counter
# Names of a maker's clock, and the ticks it may have: none of two such gives a usual rate where the other does.
_NAMED_TICKS = {"SampleTimeFine": (1e-4, 1e-6)}  # plain: Xsens' MT Manager and DOT


@dataclass(frozen=True, slots=True)
class Clock:
    """How the numbers of a time column are read.

    Attributes
    ----------
    unit_s
        Seconds in one of them.
    zero_s
        What zero stands for, in seconds since 1970; None when it is the device's own.
    note
        What was found and why, in words.
    given
        Whether a person said the unit.
    """

    unit_s: float
    zero_s: float | None
    note: str
    given: bool = False


def parse_time_unit(text: str) -> float | None:
    """Seconds in a unit that a person may write after --time-unit; None where it says how text is written.

    Raises
    ------
    InputError
        It is no unit.
    """
    if text in TIME_UNITS:
        return TIME_UNITS[text]
    if text == "iso" or text in ORDERS:
        return None
    if text.startswith(_TICKS):
        try:
            per_s = float(text.removeprefix(_TICKS))
        except ValueError:
            per_s = 0.0
        if 0 < per_s < float("inf"):
            return 1 / per_s
    raise InputError(
        f"--time-unit {text}: expected {', '.join(TIME_UNITS)}, ticks:PER_SECOND such as ticks:32768, iso, or dmy or "
        "mdy for the order of a date"
    )


def find_clock(
    path: Path,
    values: Floats,
    name: str,
    named: str | None,
    option: str | None,
    rules: ReadingRules,
    tick_s: float | None = None,
) -> Clock:
    """The unit of numeric stamps and their zero, and how both were told.

    Parameters
    ----------
    named
        The unit that the column's name says.
    option
        What a person gave as --time-unit.
    tick_s
        Seconds in a tick, where a banner says it.

    Raises
    ------
    InputError
        It can't be told for sure; the sentence says which option decides.
    """
    if option is not None:
        unit_s = parse_time_unit(option)
        if unit_s is None:
            raise InputError(
                f"{path}: --time-unit {option}, but the time column holds numbers such as {values[0]:.10g}"
            )
        return replace(_since_1970(values, unit_s, f"{option}, as given", rules), given=True)
    some = values[:_LOOKED_AT]
    usual_step = float(np.nanmedian(np.diff(some))) if len(some) > 1 else 0.0
    if np.spacing(np.nanmax(np.abs(some))) > rules.phase_tolerance * usual_step > 0:
        raise InputError(
            f"{path}: times such as {values[0]:.17g} have more digits than a number can keep; give --columns X,Y,Z "
            "(names or numbers) and --rate HZ"
        )
    if tick_s is not None and named is None and _is_plausible(values, tick_s, rules):
        return Clock(tick_s, None, f"ticks of {tick_s:g} s, as the header says")
    usual = float(np.median(values[:: max(1, len(values) // _LOOKED_AT)]))
    dated = [
        Zero(unit_s, 0.0, unit)  # plain:
        for unit, unit_s in TIME_UNITS.items()
        if (named in (None, unit))
        and epoch_start(usual * unit_s, rules)
        and _is_plausible(values, unit_s, rules)
    ]
    dated = dated or [
        zero
        for zero in _ZEROS
        if _year_fits(usual * zero.unit_s + zero.zero_s, rules) and _is_plausible(values, zero.unit_s, rules)
    ]
    if len(dated) > 1:
        dated = [zero for zero in dated if _is_plausible(values, zero.unit_s, rules, usual=True)]
    if len(dated) == 1:
        zero = dated[0]
        why = "from the column name" if zero.name == named else "from the size of its steps"
        words = zero.name if "since" in zero.name else f"{zero.name}, {why}, since 1970"
        return Clock(zero.unit_s, zero.zero_s, words)
    if named is not None:
        return _by_name(path, values, name, named, rules)
    for tick_s in _NAMED_TICKS.get(name, ()):
        if _is_plausible(values, tick_s, rules, usual=True):
            return Clock(tick_s, None, f"ticks of {tick_s:g} s, as {name} and the size of its steps tell")
    return _by_steps(path, values, name, rules)


def _since_1970(values: Floats, unit_s: float, note: str, rules: ReadingRules) -> Clock:
    dated = epoch_start(float(values[0]) * unit_s, rules) is not None
    return Clock(unit_s, 0.0 if dated else None, f"{note}, since 1970" if dated else note)


def _by_name(path: Path, values: Floats, name: str, named: str, rules: ReadingRules) -> Clock:
    """The unit that the name says, unless the steps fit only another one."""
    if not _is_plausible(values, TIME_UNITS[named], rules):
        plausible = [unit for unit, unit_s in TIME_UNITS.items() if _is_plausible(values, unit_s, rules)]
        if len(plausible) == 1:
            raise InputError(
                f"{path}: the time column is called {name!r}, but its steps fit {plausible[0]}; "
                f"decide with --time-unit {named} or --time-unit {plausible[0]}"
            )
    return _since_1970(values, TIME_UNITS[named], f"{named}, from the column name", rules)


def _by_steps(path: Path, values: Floats, name: str, rules: ReadingRules) -> Clock:
    """The only unit that makes a rate as recorders have it."""
    if counts_rows(values):
        raise InputError(
            f"{path}: {f'{name!r} counts' if name else 'the first column seems to count'} the rows, one by one, so the "
            "times are unknown; give --columns X,Y,Z (names or numbers) and --rate HZ, or --time-unit if it is a time"
        )
    whole = bool((values[:_LOOKED_AT] == np.rint(values[:_LOOKED_AT])).all())
    usual = [
        unit
        for unit, unit_s in TIME_UNITS.items()
        # Nobody writes fractions of ms: with a point it is seconds, at any rate.
        if _is_plausible(values, unit_s, rules, usual=whole or unit != "s")
    ]
    if len(usual) != 1 or counts_ticks(name):
        raise InputError(
            f"{path}: the unit of time can't be told, the times are "
            f"{', '.join(f'{value:.10g}' for value in values[:3])} and so on; "
            "decide with --time-unit s, ms, us, ns or ticks:PER_SECOND, or give --rate HZ"
        )
    return Clock(TIME_UNITS[usual[0]], None, f"{usual[0]}, from the size of its steps")


def counts_rows(values: Floats) -> bool:
    """Whether numbers step by one from row to row, as a row's number does."""
    steps = np.diff(values[:_LOOKED_AT])
    return bool(len(steps) and np.mean(steps == 1) > 0.9)  # plain: but for rows that were lost


def epoch_start(first_s: float, rules: ReadingRules) -> datetime | None:
    """The moment in UTC if that many seconds are a time since 1970; None if they count from another zero."""
    try:
        moment = datetime.fromtimestamp(first_s, UTC)
    except (ValueError, OverflowError, OSError):  # no calendar has it, or this computer's has no room for it
        return None
    return moment if rules.epoch_from_year <= moment.year < rules.epoch_to_year else None


def _year_fits(since_1970_s: float, rules: ReadingRules) -> bool:
    moment = epoch_start(since_1970_s, rules)
    return moment is not None and moment.year >= rules.other_epoch_from_year


def _is_plausible(values: Floats, unit_s: float, rules: ReadingRules, *, usual: bool = False) -> bool:
    """Whether these stamps in this unit make a rate that a logger may have, or a usual one."""
    steps = np.diff(values[:_LOOKED_AT]) * unit_s
    steps = steps[(steps >= 0) & (steps <= rules.max_step_s)]
    if steps.size < 0.5 * (len(values[:_LOOKED_AT]) - 1) or steps.size == 0:
        return False
    middle = float(np.median(steps))
    rate_hz = 1 / max(middle if middle > 0 else float(steps.mean()), 1e-12)
    if usual:
        return rules.usual_from_hz <= rate_hz * _NEARLY and rate_hz <= rules.usual_to_hz * _NEARLY
    return rules.min_rate_hz <= rate_hz * _NEARLY and rate_hz <= rules.max_rate_hz * _NEARLY


def seconds_of(values: Floats, clock: Clock, rules: ReadingRules) -> tuple[Floats, list[str]]:
    """(n,) seconds from any zero of numbers that may begin anew, or be written as hours, minutes and seconds."""
    notes: list[str] = []
    if not clock.given and (read := _as_clock(values, clock.unit_s)) is not None:
        values = read / clock.unit_s
        notes.append("time: the digits are hours, minutes and seconds")
    values, again = unwrap(values, (*_OVERFLOWS, _DAY_S / clock.unit_s), rules.wrap_share)
    if again:
        notes.append(f"time: the counter began anew {again} times")
    return values * clock.unit_s, notes


def unwrap(values: Floats, lengths: tuple[float, ...], share: float) -> tuple[Floats, int]:
    """Numbers of a counter that begins anew, as one that doesn't, and how often it did.

    Parameters
    ----------
    lengths
        After how many it may begin anew.
    share
        The greatest step from the last number before to the first one after, of the length.
    """
    steps = np.diff(values)
    deepest = float(np.nanmin(steps, initial=0.0))
    highest = float(np.nanmax(steps, initial=0.0))  # a leap as far up is a wild stamp
    lengths = tuple(length for length in lengths if deepest < -0.5 * length and highest < 0.5 * length)
    usual = float(np.nanmedian(steps)) if lengths else 0.0
    for length in lengths:
        with np.errstate(invalid="ignore"):
            falls = steps < -0.5 * length
        if not falls.any() or np.nanmax(values) - np.nanmin(values) > length:
            continue
        after = steps[falls] + length
        if np.all((after >= 0) & (after <= max(share * length, 2 * usual))):
            turns = np.concatenate([[0], np.cumsum(falls)])
            return values + turns * length, int(falls.sum())
    return values, 0


def _as_clock(numbers: Floats, unit_s: float) -> Floats | None:
    """(n,) seconds of numbers like 223104.5; None where they are no such numbers, or nothing shows it.

    Digits of a date may stand before those of the clock: whichever order they have, another one is the next day.
    """
    if len(numbers) > _LOOKED_AT and _as_clock(numbers[:_LOOKED_AT], unit_s) is None:
        return None
    values = numbers * unit_s
    whole = np.floor(values)
    if not (whole % 100 < 60).all():  # plain: digits of a clock
        return None
    dates, clock = whole // 100_00_00, whole % 100_00_00  # plain: digits of a clock
    seconds, minutes, hours = clock % 100, clock // 100 % 100, clock // 100_00  # plain: digits of a clock
    if not ((minutes < 60) & (hours < 24) & (values >= 0)).all():
        return None
    # The digits jump from 59 s to the next minute, from a minute's 59 to the next hour, from 23:59:59 to the next day.
    jumps = np.diff(whole) % 100_00_00  # plain: digits of a clock
    if not np.isin(jumps, (41.0, 40_41.0, 76_40_41.0)).any():  # plain: digits of a clock
        return None
    days = np.concatenate([[0], np.cumsum(np.diff(dates) != 0)])
    return np.asarray(days * _DAY_S + hours * 3600 + minutes * 60 + seconds + (values - whole))
