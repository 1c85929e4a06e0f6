"""What sketches print is recorded by the right columns or refused with a line that works: the benchmark's, in small."""

import pytest

from firmware_io.wire.sniff import Sniffed, sniff
from tests.benchmarks.sketches import KINDS, made


@pytest.mark.slow
def test_no_sketch_is_recorded_by_wrong_columns_and_most_are_recorded() -> None:
    became = dict(made("", 8))
    wrong = {name: words for name, words in became.items() if any(w[:4] in ("WRON", "DEAD") for w in words)}
    assert wrong == {}
    usable = [word for name, words in became.items() if KINDS[name].typed for word in words]
    assert usable.count("recorded") >= 0.85 * len(usable)


def found_in(line: str, *, count: int = 300, end: str = "\n") -> Sniffed:
    """Of a sketch that prints this again and again; {0} is a value that changes a little."""
    return sniff("".join(line.format(f"{0.01 * (n % 7):.2f}") + end for n in range(count)).encode(), 3.0)


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("X: {0} m/s², Y: 0.12 m/s², Z: 9.79 m/s², 26.1 °C", (0, 1, 2)),
        ("X: {0} g, Y: 0.02 g, Z: 0.99 g", (0, 1, 2)),
        (">ax:1627551892437:{0}|g\n>ay:1627551892437:0.02|g\n>az:1627551892437:0.99|g", (0, 1, 2)),
        (
            "Gyroscope:\n X = 0.11\n Y = 0.57\n Z = 0.81\nAccelerometer:\n X = {0}\n Y = 0.02\n Z = 0.99",
            (0, 1, 2),
        ),
        ('{{"gyro":[0.11,0.57,0.81],"acc":[{0},0.02,0.99]}}', (3, 4, 5)),
        ("Accl: {0} 0.02 0.99 Gyro: 0.11 0.57 0.81", (0, 1, 2)),
    ],
)
def test_words_say_which_numbers_are_the_acceleration(line: str, places: tuple[int, int, int]) -> None:
    found = found_in(line)
    assert found.layout is not None, found.reason
    assert found.layout.places == places
    assert found.why.startswith("named ")


def test_of_a_vector_printed_twice_in_one_line_the_raw_one_is_taken() -> None:
    found = sniff(
        "".join(
            f"X: {n % 90} Y: 80 Z: 16300 X: {n % 90 / 1671:.3f} Y: 0.05 Z: 9.76\n" for n in range(300)
        ).encode(),
        3.0,
    )
    assert found.layout is not None, found.reason
    assert (found.layout.places, found.layout.unit) == ((0, 1, 2), "counts:16384")


def test_a_clock_that_goes_round_while_it_is_listened_to_is_still_a_clock() -> None:
    ticks = [(4_294_500_000 + 10_000 * n) % (1 << 32) for n in range(300)]
    found = sniff("".join(f"{tick},0.0{tick // 10_000 % 7},0.01,0.99\n" for tick in ticks).encode(), 3.0)
    assert found.layout is not None, found.reason
    assert (found.layout.time_column, found.layout.tick_s) == (0, 1e-6)
    assert found.layout.rate_hz == pytest.approx(100, rel=0.01)


def test_a_line_cut_at_the_begin_decides_nothing() -> None:
    body = "".join(f"0.{200 + n % 9},-0.556,0.780\n" for n in range(300))
    found = sniff(f"94,-0.556,0.780\n{body}".encode(), 3.0)
    assert found.layout is not None, found.reason
    assert found.layout.unit == "g"
