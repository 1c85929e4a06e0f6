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


FITTED = (
    "engineering choice, fitted on 26 clinic nights and made ones of three makers by "
    "tests/benchmarks/sleep_period.py --fit"
)
PER_HALF_MINUTE = "per half minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepRules:
    """The sleep period and the wake bouts inside it."""

    epoch_s: float = threshold(5.0, unit="s", source="van Hees 2018")
    turn_step_s: float = threshold(0.5, unit="s", source="engineering choice: a tenth of an epoch")
    half_minute_s: float = threshold(30.0, unit="s", source="engineering choice: the laboratory's epoch")
    phases: int = threshold(
        5,
        unit="",
        source="engineering choice: half minutes begin every 6 s, so that it doesn't matter where a recording does",
    )
    turned_2_deg: float = threshold(0.77, unit="ln ratio", source=FITTED)
    turned_4_deg: float = threshold(0.75, unit="ln ratio", source=FITTED)
    turned_8_deg: float = threshold(0.72, unit="ln ratio", source=FITTED)
    turned_16_deg: float = threshold(0.67, unit="ln ratio", source=FITTED)
    turned_32_deg: float = threshold(0.39, unit="ln ratio", source=FITTED)
    moved_1_s: float = threshold(-0.21, unit="ln ratio", source=FITTED)
    moved_3_s: float = threshold(-0.71, unit="ln ratio", source=FITTED)
    moved_8_s: float = threshold(-0.97, unit="ln ratio", source=FITTED)
    moved_16_s: float = threshold(-1.26, unit="ln ratio", source=FITTED)
    moving_low_g: float = threshold(
        0.020,
        unit="g",
        source="engineering choice: SD within a second; breath and the noise of a bad sensor stay below",
    )
    noise_percentile: float = threshold(
        5.0, unit="%", source="engineering choice: the stillest seconds show the sensor's own noise"
    )
    noise_most_g: float = threshold(
        0.040,
        unit="g",
        source="engineering choice: beyond it somebody moves, or the sensor shows no twitch either",
    )
    moving_high_g: float = threshold(
        0.040, unit="g", source="engineering choice: twice as much; between the two a second counts in part"
    )
    falls_asleep_chance: float = threshold(0.0013, unit=PER_HALF_MINUTE, source=FITTED)
    wakes_chance: float = threshold(0.0055, unit=PER_HALF_MINUTE, source=FITTED)
    returns_chance: float = threshold(
        0.02,
        unit=PER_HALF_MINUTE,
        source="engineering choice: whoever gets up in the night is back within 25 min",
    )
    rises_chance: float = threshold(0.304, unit=PER_HALF_MINUTE, source=FITTED)
    begins_asleep: float = threshold(
        0.05, unit="", source="engineering choice: one recording in twenty begins asleep"
    )
    nap_chance: float = threshold(
        9e-4,
        unit="x falls asleep",
        source="engineering choice: three hours awake, not one, make two rests of one",
    )
    nap_stays: float = threshold(
        0.995, unit=PER_HALF_MINUTE, source="engineering choice: of two rests the longer is the night"
    )
    delayed_share: float = threshold(0.94, unit="share", source=FITTED)
    delay_s: float = threshold(1180.0, unit="s", source=FITTED)
    delay_most_s: float = threshold(
        7200.0, unit="s", source="engineering choice: of a delay without memory, a hundredth is longer"
    )
    truth_sd_s: float = threshold(
        300.0, unit="s", source="engineering choice: clocks of laboratory and logger differ by minutes"
    )
    range_share: float = threshold(
        0.97,
        unit="share",
        source="engineering choice: by the model; of clinic nights that were left out, nine of ten lie within",
    )
    middle_share: float = threshold(
        0.5,
        unit="share",
        source="engineering choice: the mean of the middle half jumps less than its middle where two moments compete",
    )
    min_still_s: float = threshold(
        1620.0,
        unit="s",
        source="van Hees 2018: blocks longer than 30 min, of which the model is sure of all but the ends",
    )
    turn_deg: float = threshold(5.0, unit="deg", source="van Hees 2015")
    wake_window_s: float = threshold(
        600.0,
        unit="s",
        source="engineering choice: so that waking of 20 min with a turn a minute is seen whole",
    )
    min_wake_share: float = threshold(
        0.6,
        unit="share",
        source="engineering choice: minutes with a turn; 2 % of sleep on 26 clinic nights is called wake, and 9 % of "
        "the wake inside the night, most of which is still",
    )
    still_asleep: float = threshold(
        0.55,
        unit="share",
        source="engineering choice: on 26 clinic nights, in nine of ten the laboratory found more of the still hours "
        "asleep, 0.81 in the middle",
    )
    min_wake_s: float = threshold(300.0, unit="s", source="engineering choice: shorter waking is an arousal")
    near_onset_s: float = threshold(
        600.0, unit="s", source="engineering choice: what may be called around falling asleep"
    )
    onset_window_chance: float = threshold(
        0.25, unit="", source="engineering choice: below it nearly every label of a hypnic jerk is wrong"
    )
    rest_s: float = threshold(
        60.0,
        unit="s",
        source="engineering choice: whoever turned within the last minute isn't falling asleep",
    )
