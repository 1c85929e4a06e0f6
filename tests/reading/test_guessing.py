"""Each rule of guessing does what it says: the tables are walked, and one without an example here is noticed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from sleepjerk.errors import InputError
from sleepjerk.reading import clocks, names
from sleepjerk.reading.archive import find_source
from sleepjerk.rules import ReadingRules

RULES = ReadingRules()
HERE = Path("night.csv")


def kind(name: str) -> str | None:
    axis = names.axis_of(name)
    return None if axis is None else axis.kind


def refused_in_a_folder(name: str) -> bool:
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_text("t,x,y,z\n")
        with pytest.raises(InputError, match="movement without gravity"):
            find_source(Path(folder))
    return True


# What a name does that holds a word of each table.
WORDS: dict[str, Callable[[str], bool]] = {
    "ACCELERATION": lambda word: kind(f"{word} x") == "acceleration",
    "WITHOUT_GRAVITY": lambda word: kind(f"{word} acceleration x") == "without gravity",
    "GRAVITY": lambda word: kind(f"{word} x") == "gravity",
    "ANOTHER": lambda word: kind(f"{word} x") == "another",
    "COMPUTED": lambda word: word in names.axis_of(f"{word} acceleration x").shared,  # type: ignore[union-attr]
    "G_FORCE": lambda word: kind(f"{word} x") == "acceleration",
    "PLAIN": lambda word: kind(f"x {word}") == "plain",
    "TIME": names.is_time,
    "WEAK_TIME": names.is_time,
    "NO_TIME": lambda word: not names.is_time(f"time {word}"),
    "TICKS": names.counts_ticks,
    "ROW": names.is_row_number,
    "SENSOR": names.names_sensor,
    "FILE_WITHOUT_GRAVITY": lambda word: refused_in_a_folder(f"accelerometer {word}.csv"),
}


def test_each_table_of_words_has_an_example() -> None:
    tables = {name for name, value in vars(names).items() if isinstance(value, frozenset) and name[0] != "_"}
    assert tables == set(WORDS)


@pytest.mark.parametrize(("table", "word"), [(t, w) for t in WORDS for w in sorted(getattr(names, t))])
def test_a_word_of_a_table_does_what_the_table_says(table: str, word: str) -> None:
    assert WORDS[table](word)


@pytest.mark.parametrize(("unit", "word"), [(u, w) for u, some in names.UNITS.items() for w in sorted(some)])
def test_a_unit_is_told_in_brackets_and_in_a_row_below(unit: str, word: str) -> None:
    assert names.unit_of(f"x [{word}]") == unit
    assert names.unit_of("x", word) == unit


@pytest.mark.parametrize(
    ("unit", "word"), [(u, w) for u, some in names.TIME_UNITS.items() for w in sorted(some)]
)
def test_a_unit_of_time_is_told_behind_the_name_and_in_a_row_below(unit: str, word: str) -> None:
    assert names.time_unit_of(f"Time ({word})") == unit
    assert names.time_unit_of("Time", word) == unit


@pytest.mark.parametrize("zero", clocks._ZEROS, ids=lambda zero: zero.name)
def test_stamps_of_a_calendar_tell_the_start(zero: clocks.Zero) -> None:
    start = datetime(2026, 11, 22, 21, 31, 4, tzinfo=UTC)
    since_s = (start - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() - zero.zero_s
    values = (since_s + np.arange(200) / 50) / zero.unit_s
    clock = clocks.find_clock(HERE, values, "time", None, None, RULES)
    assert clock.zero_s is not None
    told = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=float(values[0] * clock.unit_s + clock.zero_s)
    )
    assert abs((told - start).total_seconds()) < 0.01


@pytest.mark.parametrize("length", clocks._OVERFLOWS)
def test_a_counter_that_begins_anew_runs_on(length: float) -> None:
    true = length - 500 + np.arange(0, 1000, 10.0)
    found, again = clocks.unwrap(true % length, clocks._OVERFLOWS, RULES.wrap_share)
    np.testing.assert_allclose(np.diff(found), 10)
    assert again == 1


@pytest.mark.parametrize(
    ("name", "tick_s"), [(n, t) for n, some in clocks._NAMED_TICKS.items() for t in some]
)
def test_a_makers_ticks_are_told_by_the_name(name: str, tick_s: float) -> None:
    values = np.rint(np.arange(200) / 60 / tick_s)
    assert clocks.find_clock(HERE, values, name, None, None, RULES).unit_s == tick_s


@pytest.mark.parametrize("name", ["ticks", "clock", "counter"])
def test_ticks_are_asked_for(name: str) -> None:
    with pytest.raises(InputError, match="--time-unit"):
        clocks.find_clock(HERE, np.arange(200) * 20.0, name, None, None, RULES)


def test_of_two_units_ten_apart_never_both_give_a_usual_rate() -> None:
    assert RULES.usual_to_hz < 10 * RULES.usual_from_hz
