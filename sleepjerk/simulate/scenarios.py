"""Named nights: how often each kind of movement comes. Knows rates only; `timetable` draws from them.

Rates are those of 7.2 of the science notes unless a comment says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Draw = Callable[[np.random.Generator], int]


def nobody(rng: np.random.Generator) -> int:
    """None at all."""
    return 0


def negative_binomial(mean: float, k: float) -> Draw:
    """A count that spreads more than chance: most nights few, some nights many."""
    return lambda rng: int(rng.negative_binomial(k, k / (k + mean)))


def poisson_between(low: float, high: float) -> Draw:
    """A Poisson count whose mean is itself anywhere between two bounds."""
    return lambda rng: int(rng.poisson(rng.uniform(low, high)))


def between(low: int, high: int) -> Draw:
    """Each count from low to high, both included, equally likely."""
    return lambda rng: int(rng.integers(low, high + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """A log-normal peak with bounds, g."""

    median_g: float
    sd: float
    low_g: float
    high_g: float

    def draw(self, rng: np.random.Generator) -> float:
        """One peak."""
        return float(np.clip(rng.lognormal(np.log(self.median_g), self.sd), self.low_g, self.high_g))


_FEW_BOUTS = between(2, 4)
_HEALTHY_ONSET = negative_binomial(1.5, 1.0)
_HEALTHY_EXTRA = negative_binomial(1.0, 1.0)

JERK = Strength(median_g=0.25, sd=0.8, low_g=0.03, high_g=3.0)
REM_TWITCH = Strength(median_g=0.04, sd=0.8, low_g=0.004, high_g=1.0)  # bounds are our choice
CLEAR_JERK = Strength(median_g=0.25, sd=0.5, low_g=0.10, high_g=1.0)  # our choice, for made examples

PARTNER_PER_H = (50 / 7.5, 500 / 7.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named night.

    Attributes
    ----------
    about
        One line for people.
    hours
        Default length.
    asleep, living
        Does somebody sleep? Is somebody there at all?
    latency_min
        Median time from lights off to sleep; log-normal. The spread is our choice.
    wake_bouts
        Per 7 h of sleep, each `wake_bout_min` long.
    onset_jerks, extra_jerks
        While falling asleep, and anywhere in the sleep after it.
    extra_jerks_per_h
        Range of a rate that comes on top of `extra_jerks`.
    rem_per_h
        Range of the twitch rate in REM-like blocks; (0, 0) for none.
    legs_per_h
        Range of the rate of periodic leg movements, of which 30 % shake the bed.
    myoclonus_per_h
        Median and 90th percentile of a log-normal rate; (0, 0) for none.
    arm_series
        Number of periodic arm series; `arm_members` their length.
    arm_rate_per_h
        Range of the rate of periodic arm movements: series are made until it is reached.
    miss_share
        Periodic movements with muscle but without movement.
    body_per_h, shifts_per_h
        In sleep.
    gaps, gap_s
        Number and length of segments without samples.
    faulty
        Is the sensor a bad one (`faults`)? Its gaps come on top.
    off_body
        Wake bouts in which the recorder is taken off for ten minutes.
    faint_blocks
        Blocks of excessive fragmentary myoclonus.
    scratches_per_h
        Range of the rate of scratching bouts in sleep; of a night without sleep, awake.
    tremors_per_h, strong_tremors_per_h
        Ranges of the rates an hour awake: faint at 8-12 Hz, strong at 4-6 Hz.
    apnoeas_per_h
        Range of the rate of breathing stops, in blocks.
    bed_rhythms_per_h
        Range of the rate of rhythmic feet movements felt through the bed.
    partner_per_h
        Range of the rate in bed at which somebody else makes the mattress ring.
    cable_tugs
        Number of pulls at the recorder's cable.
    breath_lift
        Share by which breathing is deeper around body movements.
    """

    name: str
    about: str
    hours: float = 7.5
    asleep: bool = True
    living: bool = True
    latency_min: tuple[float, float] = (15.0, 0.5)
    latency_limits_min: tuple[float, float] = (6.0, 60.0)
    wake_bouts: Draw = _FEW_BOUTS
    wake_bout_min: tuple[float, float] = (2.0, 20.0)
    onset_jerks: Draw = _HEALTHY_ONSET
    extra_jerks: Draw = _HEALTHY_EXTRA
    extra_jerks_per_h: tuple[float, float] = (0.0, 0.0)
    jerk: Strength = JERK
    followed_share: float = 0.30
    rem_per_h: tuple[float, float] = (5.0, 40.0)
    legs_per_h: tuple[float, float] = (0.0, 5.0)
    myoclonus_per_h: tuple[float, float] = (25.0, 144.0)
    arm_series: Draw = nobody
    arm_members: Draw = lambda rng: max(4, int(rng.geometric(1 / 12)))
    arm_rate_per_h: tuple[float, float] = (0.0, 0.0)
    miss_share: float = 0.39
    body_per_h: float = 70 / 7.5
    shifts_per_h: float = 1.6
    gaps: Draw = lambda rng: int(rng.poisson(0.5))  # our choice: a good cable
    gap_s: tuple[float, float] = (1.0, 60.0)
    faulty: bool = False
    off_body: Draw = nobody
    faint_blocks: Draw = nobody
    scratches_per_h: tuple[float, float] = (0.0, 0.0)
    tremors_per_h: tuple[float, float] = (0.0, 0.0)
    strong_tremors_per_h: tuple[float, float] = (0.0, 0.0)
    apnoeas_per_h: tuple[float, float] = (0.0, 0.0)
    bed_rhythms_per_h: tuple[float, float] = (0.0, 0.0)
    partner_per_h: tuple[float, float] = (0.0, 0.0)
    cable_tugs: Draw = nobody
    breath_lift: float = 0.0


_LIST = (
    Scenario(name="healthy", about="an ordinary night with the rates of the literature"),
    Scenario(
        name="intensified",
        about="intensified hypnic jerks: 10-30 while falling asleep and 2-6 an hour",
        onset_jerks=poisson_between(10, 30),
        extra_jerks_per_h=(2.0, 6.0),
    ),
    Scenario(
        name="periodic-arm",
        about="periodic arm movements in long series, 15-40 an hour",
        arm_rate_per_h=(15.0, 40.0),
        legs_per_h=(15.0, 40.0),
    ),
    Scenario(
        name="restless",
        about="three times the body movements and more time awake",
        body_per_h=3 * 70 / 7.5,
        shifts_per_h=3.2,
        wake_bouts=between(5, 8),
        latency_min=(30.0, 0.4),
    ),
    Scenario(
        name="noise", about="a sensor on a table: nobody there", asleep=False, living=False, gaps=nobody
    ),
    Scenario(name="bad-sensor", about="an ordinary night, a bad sensor", gaps=nobody, faulty=True),
    Scenario(
        name="awake",
        about="somebody awake in bed all the time, with tremor and scratching",
        asleep=False,
        scratches_per_h=(2.0, 6.0),  # our choice, as are all rates of tremor
        tremors_per_h=(4.0, 10.0),
        strong_tremors_per_h=(1.0, 3.0),
    ),
    Scenario(
        name="apnoea",
        about="breathing stops 20-40 times an hour, each followed by a movement",
        apnoeas_per_h=(20.0, 40.0),
        breath_lift=0.30,
    ),
    Scenario(
        name="partner",
        about="somebody else in the bed makes the mattress ring 50-500 times",
        partner_per_h=PARTNER_PER_H,
    ),
    Scenario(
        name="scratching",
        about="itching skin: scratching 2-6 times an hour",
        scratches_per_h=(2.0, 6.0),  # our choice: the notes say more than 6 a night in eczema
    ),
    Scenario(
        name="faint",
        about="faint twitches 5-15 times a minute in blocks of 20-60 minutes",
        faint_blocks=between(1, 2),  # our choice
    ),
    Scenario(
        name="everything",
        about="all kinds of movement in one night, each at an ordinary rate",
        onset_jerks=between(1, 3),
        arm_series=between(1, 1),
        arm_members=between(8, 14),
        gaps=between(1, 1),
        off_body=between(1, 1),
        faint_blocks=between(1, 1),
        scratches_per_h=(2 / 7.5, 6 / 7.5),
        tremors_per_h=(4.0, 10.0),
        strong_tremors_per_h=(1.0, 3.0),
        apnoeas_per_h=(2.0, 5.0),  # our choice: up to 5 an hour count as healthy
        bed_rhythms_per_h=(2 / 7.5, 8 / 7.5),
        partner_per_h=PARTNER_PER_H,
        legs_per_h=(2.0, 5.0),
        cable_tugs=between(1, 10),
        breath_lift=0.30,
    ),
    Scenario(
        name="demo",
        about="a whole night with something of everything, for the demo",
        onset_jerks=between(2, 3),
        extra_jerks=between(4, 8),
        jerk=CLEAR_JERK,
        followed_share=0.0,
        rem_per_h=(0.0, 0.0),
        arm_series=between(1, 2),
        arm_members=between(8, 14),
        miss_share=0.0,
        gaps=between(1, 1),
        gap_s=(19.0, 21.0),
    ),
    Scenario(
        name="short",
        about="the sample: falling asleep, two jerks, a few twitches, one arm series, a gap, awake again",
        hours=0.8,
        latency_min=(6.0, 0.0),
        latency_limits_min=(6.0, 6.0),
        wake_bouts=nobody,
        onset_jerks=between(2, 2),
        extra_jerks=between(3, 3),
        jerk=CLEAR_JERK,
        followed_share=0.0,
        rem_per_h=(0.0, 0.0),
        legs_per_h=(0.0, 0.0),
        myoclonus_per_h=(0.0, 0.0),
        arm_series=between(1, 1),
        arm_members=between(8, 12),
        miss_share=0.0,
        shifts_per_h=5.0,
        gaps=between(1, 1),
        gap_s=(29.0, 31.0),
    ),
)
SCENARIOS = {scenario.name: scenario for scenario in _LIST}
