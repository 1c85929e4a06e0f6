"""Which nights can be made: how much of each kind of movement, and how the night runs.

Knows rates and counts. Must not know how a movement looks or how a night is put together.
"""

from dataclasses import dataclass, replace

from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Even:
    """A whole number, each from `low` to `high` as likely."""

    low: int
    high: int

    def draw(self, rng: Generator, hours: float = 1.0) -> int:
        """One number; the length of the night doesn't matter."""
        return int(rng.integers(self.low, self.high + 1))


@dataclass(frozen=True, slots=True)
class Rate:
    """A Poisson number with this mean an hour."""

    per_h: float

    def draw(self, rng: Generator, hours: float) -> int:
        """One number for so many hours."""
        return int(rng.poisson(self.per_h * hours))


@dataclass(frozen=True, slots=True)
class Clumped:
    """A negative binomial number with k = 1: mostly few, sometimes many."""

    mean: float

    def draw(self, rng: Generator, hours: float = 1.0) -> int:
        """One number; the length of the night doesn't matter."""
        return int(rng.geometric(1 / (1 + self.mean)) - 1)


Count = Even | Rate | Clumped
NONE = Even(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """How a night runs; the defaults are the healthy night.

    Attributes
    ----------
    evening_s
        Length of the waking time before the light goes out.
    latency_s
        Shortest, median and longest time from there to sleep.
    rising_s
        Length of the waking time at the end.
    jerk_peak_g
        Range of the jerks' peaks; None: log-normal as in `kinds`.
    apart_s
        Quiet around each jerk.
    rem_blocks
        Stretches of REM-like sleep in the second half, with `rem_per_h` twitches.
    missed
        Share of a series that only a leg makes.
    gaps_s
        Shortest and longest length of each gap in the recording.
    """

    hours: float = 7.5
    asleep: bool = True
    body: bool = True
    evening_s: tuple[float, float] = (300.0, 900.0)
    latency_s: tuple[float, float, float] = (300.0, 900.0, 2400.0)  # assumption: log-normal, median 15 min
    rising_s: tuple[float, float] = (240.0, 480.0)
    wake_bouts: Count = Even(2, 4)
    onset_jerks: Count = Clumped(1.5)
    later_jerks: Count = Clumped(1.0)
    jerk_peak_g: tuple[float, float] | None = None
    apart_s: float = 3.0
    rem_blocks: int = 4
    rem_per_h: tuple[float, float] = (5.0, 40.0)
    myoclonus: Count = Rate(25.0)  # median of healthy sleepers, on the electromyogram
    body_movements: Count = Rate(9.3)  # 70 a night
    shifts: Count = Rate(1.6)  # Skarpsno 2017
    series: Count = NONE
    series_length: Count = Clumped(11.0)
    missed: float = 0.0
    bed_rings: Count = NONE
    ring_g: tuple[float, float] = (0.003, 0.020)
    gaps_s: tuple[tuple[float, float], ...] = ()


HEALTHY = Scenario(gaps_s=((5.0, 40.0),))
_PLAIN = Scenario(wake_bouts=NONE, rem_blocks=0, onset_jerks=NONE, later_jerks=NONE)

SCENARIOS = {
    "healthy": HEALTHY,
    "intensified": replace(HEALTHY, onset_jerks=Even(10, 30), later_jerks=Rate(4.0)),
    "periodic-arm": replace(HEALTHY, series=Rate(2.0), missed=0.39),  # a severe night, 40 an hour in the legs
    "restless": replace(
        HEALTHY,
        wake_bouts=Even(5, 7),
        body_movements=Rate(25.0),
        shifts=Rate(5.0),
        bed_rings=Rate(20.0),
        ring_g=(0.003, 0.040),
    ),
    "noise": replace(_PLAIN, asleep=False, body=False, myoclonus=NONE, body_movements=NONE, shifts=NONE),
    "awake": replace(_PLAIN, asleep=False, myoclonus=NONE, body_movements=NONE, shifts=NONE),
    "demo": replace(
        _PLAIN,
        wake_bouts=Even(1, 2),
        onset_jerks=Even(2, 3),
        later_jerks=Even(4, 8),
        jerk_peak_g=(0.25, 1.0),
        apart_s=15.0,
        series=Even(1, 2),
        series_length=Even(8, 15),
        gaps_s=((18.0, 22.0),),
    ),
    "short": replace(
        _PLAIN,
        hours=0.75,
        evening_s=(120.0, 120.0),
        latency_s=(240.0, 240.0, 240.0),
        rising_s=(120.0, 120.0),
        onset_jerks=Even(2, 2),
        later_jerks=Even(3, 4),
        jerk_peak_g=(0.25, 0.8),
        apart_s=15.0,
        myoclonus=Rate(10.0),
        body_movements=Even(3, 4),
        shifts=Even(2, 2),
        series=Even(1, 1),
        series_length=Even(8, 12),
        gaps_s=((30.0, 30.0),),
    ),
}
