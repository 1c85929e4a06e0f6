"""Named nights: how often each kind of movement comes. Knows rates only; `timetable` draws from them.

Rates are those of 7.2 of the science notes unless a comment says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

Draw = Callable[[np.random.Generator], int]
Pause = Callable[[np.random.Generator], float]  # s
Range = tuple[float, float]  # of a rate, /h
NONE: Range = (0.0, 0.0)


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


def _lying_awake(rng: np.random.Generator) -> float:
    """Pauses, s, of people awake in the beds of sleep laboratories: 83 movements an hour, most of them in clusters."""
    return float(rng.lognormal(np.log(12.0), 1.4))


PARTNER_PER_H = (50 / 7.5, 500 / 7.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named night. A `Range` is that of a rate, /h: each night draws its own rate from it."""

    name: str
    about: str  # one line for people
    hours: float = 7.5
    rate_hz: float = 100.0
    asleep: bool = True  # does somebody sleep?
    living: bool = True  # is somebody there at all?

    # Minutes from lights off to sleep, log-normal: median and SD of the logarithm (our choice), then bounds.
    latency_min: tuple[float, float] = (15.0, 0.5)
    latency_limits_min: tuple[float, float] = (6.0, 60.0)
    wake_bouts: Draw = _FEW_BOUTS  # in 7 h of sleep
    wake_bout_min: tuple[float, float] = (2.0, 20.0)
    # Our choice, besides the clear time: somebody awake moves every few seconds, less before falling asleep.
    wake_pause_s: Pause = lambda rng: rng.exponential(4.0)
    settling_pause_s: Pause = lambda rng: rng.exponential(15.0)
    wake_return_share: float = 0.0  # our choice: of movements awake, that end about where they began
    off_body: Draw = nobody  # wake bouts in which the recorder is taken off for ten minutes

    onset_jerks: Draw = _HEALTHY_ONSET  # while falling asleep
    extra_jerks: Draw = _HEALTHY_EXTRA  # anywhere in the sleep after that
    extra_jerks_per_h: Range = NONE  # on top of `extra_jerks`
    jerk: Strength = JERK
    followed_share: float = 0.30  # of the jerks, by a body movement
    rem_per_h: Range = (5.0, 40.0)  # twitches in REM-like blocks
    myoclonus_per_h: tuple[float, float] = (25.0, 144.0)  # log-normal: median and 90th percentile
    faint_blocks: Draw = nobody  # of excessive fragmentary myoclonus

    arm_series: Draw = nobody
    arm_members: Draw = lambda rng: max(4, int(rng.geometric(1 / 12)))  # of one series
    arm_rate_per_h: Range = NONE  # series are made until it is reached
    miss_share: float = 0.39  # of periodic movements: with muscle but without movement
    legs_per_h: Range = (0.0, 5.0)  # periodic leg movements, of which 30 % shake the bed

    body_per_h: float = 70 / 7.5  # in sleep, as the next one
    shifts_per_h: float = 1.6
    scratches_per_h: Range = NONE  # in sleep; of a night without sleep, awake
    tremors_per_h: Range = NONE  # awake, 8-12 Hz
    strong_tremors_per_h: Range = NONE  # awake, 4-6 Hz
    apnoeas_per_h: Range = NONE  # breathing stops, in blocks
    breath_lift: float = 0.0  # share by which breathing is deeper around body movements
    bed_rhythms_per_h: Range = NONE  # rhythmic feet movements felt through the bed
    partner_per_h: Range = NONE  # in bed: somebody else makes the mattress ring

    cable_tugs: Draw = nobody
    gaps: Draw = lambda rng: int(rng.poisson(0.5))  # our choice: a good cable
    gap_s: tuple[float, float] = (1.0, 60.0)
    faulty: bool = False  # a bad sensor (`faults`); its gaps come on top


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
        wake_pause_s=_lying_awake,
        settling_pause_s=_lying_awake,
        wake_return_share=0.8,
        followed_share=0.0,
        rem_per_h=NONE,
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
        rem_per_h=NONE,
        legs_per_h=NONE,
        myoclonus_per_h=(0.0, 0.0),
        arm_series=between(1, 1),
        arm_members=between(8, 12),
        miss_share=0.0,
        shifts_per_h=5.0,
        gaps=between(1, 1),
        gap_s=(29.0, 31.0),
    ),
)
_SAMPLE = replace(
    {scenario.name: scenario for scenario in _LIST}["short"],
    name="sample",
    about="the sample: falling asleep, some jerks and twitches, one arm series, a gap, awake again; few bytes",
    hours=2.0,
    rate_hz=50.0,
    latency_min=(12.0, 0.0),
    latency_limits_min=(12.0, 12.0),
    extra_jerks=between(5, 5),
    shifts_per_h=2.5,
    wake_pause_s=_lying_awake,
    settling_pause_s=_lying_awake,
    wake_return_share=0.8,
)
SCENARIOS = {scenario.name: scenario for scenario in (*_LIST, _SAMPLE)}
