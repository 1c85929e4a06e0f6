"""Thresholds of when the sensor was worn and when the person slept."""

from dataclasses import dataclass

from sleepjerk.rules.threshold import threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class NonWearRules:
    """When is the sensor off the body?"""

    window_s: float = threshold(3600.0, unit="s", source="GGIR (2023 rule)")
    step_s: float = threshold(900.0, unit="s", source="GGIR (2023 rule)")
    still_sd_g: float = threshold(0.013, unit="g", source="GGIR")
    still_range_g: float = threshold(0.050, unit="g", source="GGIR")
    min_still_axes: int = threshold(2, unit="axes", source="GGIR")
    life_low_hz: float = threshold(
        0.15, unit="Hz", source="engineering choice: breathing lies in 0.15-0.5 Hz"
    )
    life_high_hz: float = threshold(
        0.5, unit="Hz", source="engineering choice: breathing lies in 0.15-0.5 Hz"
    )
    life_noise_high_hz: float = threshold(
        1.6,
        unit="Hz",
        source="engineering choice: what lies between breathing and here is the sensor's own noise",
    )
    life_ratio: float = threshold(
        2.0, unit="x noise", source="engineering choice: breathing of 1 mg on an MPU-6050; a table gives 1.0"
    )
    life_least_g: float = threshold(
        1e-4, unit="g", source="engineering choice: breathing moves an arm by 1-10 mg; less is rounding"
    )
    pulse_low_hz: float = threshold(4.0, unit="Hz", source="Zschocke 2019: a heartbeat shakes the wrist here")
    pulse_high_hz: float = threshold(
        12.0, unit="Hz", source="Zschocke 2019: a heartbeat shakes the wrist here"
    )
    heart_low_hz: float = threshold(0.7, unit="Hz", source="engineering choice: 42 beats a minute, asleep")
    heart_high_hz: float = threshold(1.7, unit="Hz", source="engineering choice: 102 beats a minute, asleep")
    pulse_ratio: float = threshold(
        2.0,
        unit="x noise",
        source="engineering choice: a table or a steady fan stays below 1.6; a beat of 4 mg passes at 2 mg noise",
    )
    pulse_least_g: float = threshold(
        1e-5,
        unit="g",
        source="engineering choice: less is rounding; sensors' noise in the band is 100 times it",
    )
    blind_step_g: float = threshold(
        0.008, unit="g", source="engineering choice: a coarser sensor can't show breathing (1-10 mg)"
    )
    blind_min_s: float = threshold(
        7200.0, unit="s", source="engineering choice: without life signs nobody keeps so still in bed"
    )
    segment_s: float = threshold(
        64.0, unit="s", source="engineering choice: Welch segments hold four breaths of the slowest sleeper"
    )
    heart_around_hz: float = threshold(
        0.8,
        unit="Hz",
        source="engineering choice: wider than twice what a sleeper's heart rate wanders in a quarter of an hour",
    )
    heart_wander_bins: int = threshold(
        5,
        unit="bins",
        source="engineering choice: no heart keeps its rate to 1/64 Hz for a quarter of an hour",
    )
    pulse_top_share: float = threshold(
        0.8, unit="share", source="engineering choice: of half the rate; nearer to it a sensor's filter bends"
    )
    posture_step_s: float = threshold(
        0.1, unit="s", source="engineering choice: ten times quicker than any breath"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepRules:
    """The sleep period and the wake bouts inside it (van Hees 2018, with what a night-only recording needs)."""

    epoch_s: float = threshold(5.0, unit="s", source="van Hees 2018")
    smooth_s: float = threshold(300.0, unit="s", source="van Hees 2018: rolling over 5 min")
    moving_deg: float = threshold(
        2.0,
        unit="deg",
        source="engineering choice: a turn of the arm between epochs; tests/benchmarks/sleep_period.py",
    )
    moving_cost: float = threshold(
        4.0,
        unit="still epochs",
        source="engineering choice: more than 1 moving epoch in 5 is wake; tests/benchmarks/sleep_period.py",
    )
    min_still_s: float = threshold(1800.0, unit="s", source="van Hees 2018: blocks longer than 30 min")
    turn_deg: float = threshold(5.0, unit="deg", source="van Hees 2015")
    wake_window_s: float = threshold(
        300.0, unit="s", source="van Hees 2015: sustained inactivity is 5 min without a turn"
    )
    min_wake_share: float = threshold(
        0.15,
        unit="share",
        source="engineering choice: epochs with a turn; 1 % of sleep on 14 clinic nights is called wake",
    )
    min_wake_s: float = threshold(300.0, unit="s", source="engineering choice: inactivity broken for 5 min")
    join_rest_s: float = threshold(
        300.0,
        unit="s",
        source="engineering choice: a shorter rest is no sleep; tests/benchmarks/sleep_period.py",
    )
    join_ratio: float = threshold(
        4.0,
        unit="x rest",
        source="engineering choice: the pause against the rest beyond it; tests/benchmarks/sleep_period.py",
    )
    join_max_s: float = threshold(3600.0, unit="s", source="van Hees 2018: gaps below 60 min are joined")
    onset_window_max_s: float = threshold(
        5400.0, unit="s", source="engineering choice: from lights off to 15 min after onset, at most 90 min"
    )
    onset_after_s: float = threshold(
        900.0, unit="s", source="engineering choice: stillness comes before sleep, so onset is judged early"
    )
    rest_s: float = threshold(
        30.0, unit="s", source="engineering choice: jerks of a jerky night follow each other within a minute"
    )
    rest_share: float = threshold(
        0.25,
        unit="share",
        source="engineering choice: a few moving epochs more than sleep itself has",
    )
    reonset_before_s: float = threshold(
        300.0, unit="s", source="engineering choice: the last minutes of a wake bout are quiet already"
    )
    reonset_after_s: float = threshold(
        600.0, unit="s", source="engineering choice: falling asleep again is quicker than the first time"
    )
