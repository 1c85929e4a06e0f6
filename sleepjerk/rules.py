"""Every threshold of the night side: value, unit, source. Knows nothing else.

Each rule group is a frozen dataclass; each field is made by `threshold`, so that no number can enter without
its unit and its source. A source is a citation, or the words "engineering choice" with the reason or the
script that tuned it. Defaults exist here and nowhere else: steps take a group, the command line reads them.

Sources are cited short; `SOURCES` gives each in full. Where a source is known only second-hand, it says so.
"""

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sleepjerk.errors import InputError

SOURCES = {
    "WASM 2016": "Ferri et al., Sleep Med 2016;26:86-95, doi 10.1016/j.sleep.2016.10.010",
    "AASM": "AASM Manual for the Scoring of Sleep, limb movement rules (read through published listings)",
    "Ferri 2006": "Ferri et al., Sleep 2006;29:759-769 (periodicity index)",
    "Ferri 2016": "Ferri et al. 2016 (PMID 26922620), cut-off of the periodicity index; read second-hand",
    "Drakatos 2021": "Drakatos et al. 2021, PMC8662505; read second-hand",
    "van Hees 2014": "van Hees et al., J Appl Physiol 2014, doi 10.1152/japplphysiol.00421.2014",
    "van Hees 2015": "van Hees et al., PLoS ONE 2015, doi 10.1371/journal.pone.0142533",
    "van Hees 2018": "van Hees et al., Sci Rep 2018, doi 10.1038/s41598-018-31266-z",
    "GGIR": "GGIR documentation (wadpac/GGIR), non-wear and calibration chapters",
    "Zschocke 2019": "Zschocke et al., PLoS ONE 2019, doi 10.1371/journal.pone.0226843 (pulse waves at the wrist)",
    "Montini 2024": "Montini et al., Sleep 2024, doi 10.1093/sleep/zsae138",
    "Calandra-Buonaura 2014": "Calandra-Buonaura et al., Sleep Med 2014 (intensified hypnic jerks)",
    "Sexton-Radek 2018": "Sexton-Radek 2018, doi 10.33805/2638-8073.114 (a case with 7 jerks a night)",
    "Trotti 2009": "Trotti et al., Sleep Med 2009 (10-15 nights of ankle accelerometry)",
    "Ohayon 2016": "Ohayon 2016 (PMID 27770066), 19,136 interviews",
    "Ibrahim 2023": "Ibrahim et al., Sleep 2023;46(8) (large muscle group movements)",
    "Skarpsno 2017": "Skarpsno et al. 2017, doi 10.2147/NSS.S145777 (position shifts)",
    "Yang 2010": "Yang & Winkelman 2010, doi 10.5664/jcsm.27931 (rhythmic leg movements)",
    "ATS EFM": "American Thoracic Society quick hit on excessive fragmentary myoclonus; AASM numbers",
    "ILAE 2015": "International League Against Epilepsy 2015: 5 min of convulsion is an emergency",
    "NHS": "NHS page 'Twitching eyes and muscles'",
    "NICE NG127": "NICE guideline NG127, read through GPnotebook",
    "DSM-5": "DSM-5 / ICSD-3 frequency and duration rules for insomnia and restless legs, cited by Ohayon 2016",
}


def threshold(default: Any, *, unit: str, source: str) -> Any:
    """A dataclass field that carries its unit and its source."""
    return field(default=default, metadata={"unit": unit, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """When rows of a file are a recording, and how its samples come onto a regular grid."""

    gap_s: float = threshold(
        0.1, unit="s", source="engineering choice: shorter than a jerk, so nothing is invented"
    )
    gap_periods: float = threshold(
        1.5, unit="sample periods", source="engineering choice: below 15 Hz one step is longer than gap_s"
    )
    min_rate_hz: float = threshold(
        5.0, unit="Hz", source="engineering choice: slower shows no movement of a limb"
    )
    max_rate_hz: float = threshold(
        2000.0, unit="Hz", source="engineering choice: faster than any wrist logger"
    )
    grid_rate_hz: float = threshold(
        100.0, unit="Hz", source="engineering choice: 80 % of a jerk's energy is 2.3-21 Hz"
    )
    keep_rate_hz: float = threshold(
        120.0,
        unit="Hz",
        source="engineering choice: 104 and 119 Hz boards stay as they are, faster ones are thinned",
    )
    max_days: float = threshold(16.0, unit="d", source="engineering choice: wrist loggers last two weeks")
    max_empty_ratio: float = threshold(
        100.0, unit="x rows", source="engineering choice: a grid this much longer than its rows holds nothing"
    )
    max_damaged_share: float = threshold(
        0.01, unit="share of rows", source="engineering choice: more is another format or a broken file"
    )
    max_repeated_share: float = threshold(
        0.01,
        unit="share of rows",
        source="engineering choice: more repeated stamps are coarse stamps, not damage",
    )
    max_abs_g: float = threshold(
        64.0, unit="g", source="engineering choice: beyond every wrist sensor (at most 16 g)"
    )
    gravity_tolerance: float = threshold(
        0.16, unit="share", source="engineering choice: uncalibrated loggers show 0.84-1.15 g at rest"
    )
    phase_tolerance: float = threshold(
        0.02,
        unit="sample periods",
        source="engineering choice: 0.2 ms at 100 Hz; nearer stamps lie on the grid",
    )
    fit_block_s: float = threshold(
        10.0, unit="s", source="engineering choice: averages the rounding of stamps, follows a warming clock"
    )
    clip_periods: int = threshold(
        2, unit="samples", source="engineering choice: equal extremes in a row are a plateau"
    )
    clip_tolerance: float = threshold(
        0.05,
        unit="share",
        source="engineering choice: how near a nominal range (2, 4, 8, 16 g) a plateau must lie",
    )
    drift_block_s: float = threshold(
        300.0,
        unit="s",
        source="engineering choice: USB delay only adds, so the least in a block is the true one",
    )
    drift_min_s: float = threshold(
        1800.0, unit="s", source="engineering choice: 1 ms of delay is 0.6 ppm of 30 min"
    )
    usable_s: float = threshold(
        3600.0, unit="s", source="engineering choice: an hour may hold one sleep cycle"
    )
    usable_missing_share: float = threshold(
        0.2,
        unit="share",
        source="engineering choice: with more missing, counts per hour say little of the night",
    )
    usable_rate_hz: float = threshold(
        40.0, unit="Hz", source="engineering choice: fast jerks hold their energy up to 20 Hz"
    )
    usable_noise_g: float = threshold(
        0.005, unit="g", source="engineering choice: 0.020 g is the least peak judged, four times this"
    )
    usable_step_g: float = threshold(
        0.010, unit="g", source="engineering choice: 0.020 g is the least peak judged, two steps of this"
    )
    usable_clipped_share: float = threshold(
        0.001, unit="share", source="engineering choice: 30 s of a night at full scale is a wrong range"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CuttingRules:
    """Where a recording of several days is cut into nights."""

    from_h: float = threshold(
        36.0, unit="h", source="engineering choice: shorter, it holds one night and the days beside it"
    )
    clock_h: float = threshold(
        12.0, unit="h of the day", source="GGIR: a night is looked for from one noon to the next"
    )
    least_h: float = threshold(
        4.0,
        unit="h",
        source="engineering choice: less at an end is no night and stays with the one beside it",
    )
    busy_h: float = threshold(
        2.0,
        unit="h",
        source="engineering choice: where the time of day is unknown, its liveliest 2 h are no sleep",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageRules:
    """Samples that no arm can make."""

    spike_s: float = threshold(
        0.02,
        unit="s",
        source="engineering choice: one sample of 50 Hz, two of 100 Hz; the quickest jerk has 0.1 s",
    )
    spike_g: float = threshold(
        0.05, unit="g", source="engineering choice: a smaller spike is no twitch to the detector"
    )
    spike_steps: float = threshold(
        3.0, unit="x step", source="engineering choice: rounding makes spikes of one and two steps"
    )
    spike_share: float = threshold(
        0.2,
        unit="x spike",
        source="engineering choice: spread of two neighbours on each side; quickest made jerk 0.4",
    )
    frozen_s: float = threshold(
        30.0, unit="s", source="engineering choice: noise moves every working sensor by a step within seconds"
    )
    coarse_step_g: float = threshold(
        0.008, unit="g", source="engineering choice: on a coarser sensor a still wrist really is constant"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRules:
    """Auto-calibration from still segments of the night (science: van Hees 2014, shortened to one night)."""

    window_s: float = threshold(10.0, unit="s", source="van Hees 2014")
    still_sd_g: float = threshold(0.013, unit="g", source="van Hees 2014, upper cap")
    min_windows: int = threshold(10, unit="windows", source="GGIR")
    sphere_g: float = threshold(
        0.3, unit="g", source="van Hees 2014: each axis must reach below -x and above +x"
    )
    max_error_g: float = threshold(0.010, unit="g", source="van Hees 2014: accept only below this residual")
    max_iterations: int = threshold(1000, unit="iterations", source="GGIR")
    tolerance_g: float = threshold(1e-10, unit="g", source="GGIR: stop when the residual changes by less")
    max_offset_g: float = threshold(
        0.2, unit="g", source="engineering choice: a larger offset is a wrong unit or a broken sensor"
    )
    max_gain_shift: float = threshold(
        0.35, unit="share", source="engineering choice: beyond it the sensor was changed or has failed"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SixPositionRules:
    """When is a short recording one of a sensor laid on its six sides?"""

    window_s: float = threshold(
        2.0, unit="s", source="engineering choice: four whole windows fit into 10 s, wherever they begin"
    )
    still_sd_g: float = threshold(0.013, unit="g", source="van Hees 2014, upper cap")
    side_s: float = threshold(
        6.0, unit="s", source="engineering choice: 10 s are asked for, the first and last may be a hand's"
    )
    side_angle_deg: float = threshold(
        30.0, unit="deg", source="engineering choice: an offset of 0.2 g turns gravity by 11 deg"
    )
    gravity_tolerance: float = threshold(
        0.4, unit="share", source="engineering choice: a gain changed by 35 % is still told"
    )
    cluster_g: float = threshold(
        0.03, unit="g", source="engineering choice: 2 deg of lying otherwise is another posture"
    )
    min_still_share: float = threshold(
        0.25, unit="share", source="engineering choice: 10 s on a side, up to 30 s to turn it over"
    )
    max_s: float = threshold(
        1800.0, unit="s", source="engineering choice: six sides take two minutes; longer is a nap or a night"
    )
    max_offset_g: float = threshold(
        0.2, unit="g", source="engineering choice: a larger offset is a wrong unit or a broken sensor"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRules:
    """The curves that detection reads: gravity, the fast band of twitches, the slow band of limb movements."""

    working_rate_hz: float = threshold(
        100.0, unit="Hz", source="engineering choice: other recordings are filled in or thinned to about this"
    )
    working_tolerance: float = threshold(
        1.25, unit="x", source="engineering choice: boards of 104 and 119 Hz stay as they are"
    )
    fast_low_hz: float = threshold(
        2.0, unit="Hz", source="engineering choice: forward model, 80 % of energy 2.3-21 Hz"
    )
    fast_high_hz: float = threshold(
        20.0, unit="Hz", source="engineering choice: forward model, 80 % of energy 2.3-21 Hz"
    )
    slow_low_hz: float = threshold(
        1.0, unit="Hz", source="engineering choice: 0.5 Hz lengthens events by 0.9 s, 1 Hz by 0.5 s"
    )
    slow_high_hz: float = threshold(
        8.0, unit="Hz", source="engineering choice: limb movements end below 8 Hz"
    )
    fast_window_s: float = threshold(0.1, unit="s", source="engineering choice: as short as a jerk")
    slow_window_s: float = threshold(
        0.3, unit="s", source="engineering choice: bridges the zero crossings of 1-8 Hz"
    )
    edge_window_s: float = threshold(
        0.03,
        unit="s",
        source="engineering choice: 0.1 s would place onsets 36 ms early and add 84 ms of length",
    )
    floor_block_s: float = threshold(0.25, unit="s", source="engineering choice: rolling order statistic")
    floor_window_s: float = threshold(
        120.0, unit="s", source="engineering choice: an event fills < 1 % of it"
    )
    floor_percentile: float = threshold(
        40.0, unit="%", source="engineering choice: the events exclude themselves"
    )
    peak_level_block_s: float = threshold(
        1.5, unit="s", source="engineering choice: holds a heartbeat, down to 40 beats a minute"
    )
    quick_rise_s: float = threshold(
        0.08, unit="s", source="engineering choice: forward model, a jerk rises within 60-140 ms"
    )
    quick_fall_s: float = threshold(
        0.15, unit="s", source="engineering choice: forward model, a jerk falls back within 100-300 ms"
    )
    slow_rise_s: float = threshold(
        0.12, unit="s", source="engineering choice: forward model, a jerk rises within 60-140 ms"
    )
    slow_fall_s: float = threshold(
        0.25, unit="s", source="engineering choice: forward model, a jerk falls back within 100-300 ms"
    )
    jerk_hold_s: float = threshold(
        0.025, unit="s", source="engineering choice: forward model, a jerk stays within 0-50 ms"
    )
    usual_window_s: float = threshold(
        25.0,
        unit="s",
        source="engineering choice: more than twice as long as a limb is held (AASM, WASM 2016: 10 s)",
    )
    usual_step_s: float = threshold(0.5, unit="s", source="engineering choice: 50 moments tell a median")
    away_smooth_s: float = threshold(
        0.25, unit="s", source="engineering choice (SD): takes the shaking off the arm's direction"
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRules:
    """Where does a movement begin and end?"""

    min_envelope_g: float = threshold(
        0.020,
        unit="g",
        source="engineering choice: RMS of a movement of limb or body; weaker ones are pulses only",
    )
    peak_level_factor: float = threshold(
        1.5, unit="x peak level", source="engineering choice: noise alone reaches it about once in 8 h"
    )
    matched_filter_factor: float = threshold(
        1.62,
        unit="x peak level",
        source="engineering choice: sensor noise alone passes it less than once in 8 h",
    )
    matched_filter_reach_s: float = threshold(
        0.15, unit="s", source="engineering choice: a jerk reaches so far to both sides of its middle"
    )
    faint_envelope_g: float = threshold(
        0.003, unit="g", source="engineering choice: RMS below which the pulse wave lies (1-5 mg)"
    )
    faint_clear_s: float = threshold(
        1.5, unit="s", source="engineering choice: as long as it must be quiet around a twitch"
    )
    min_peak_g: float = threshold(
        0.010, unit="g", source="engineering choice: below it myoclonus and a shaking bed are as frequent"
    )
    noise_factor: float = threshold(
        7.0,
        unit="x noise",
        source="engineering choice: the strongest noise of a night reaches 4 times its RMS norm",
    )
    floor_factor: float = threshold(
        6.0, unit="x floor", source="engineering choice: an anti-artefact budget (4-10)"
    )
    hold_ratio: float = threshold(0.35, unit="x on", source="engineering choice: hysteresis")
    hold_floor_factor: float = threshold(
        1.5, unit="x floor", source="engineering choice: hysteresis above the noise"
    )
    valley_ratio: float = threshold(
        0.2, unit="x peak", source="engineering choice: between two jerks all is quiet against the weaker one"
    )
    edge_ratio: float = threshold(
        0.15,
        unit="x peak",
        source="engineering choice: edges relative to the event's own peak keep a 0.33 s twitch 0.33 s",
    )
    edge_floor_factor: float = threshold(
        2.5, unit="x floor", source="engineering choice: the short envelope of noise alone seldom reaches it"
    )
    fast_join_s: float = threshold(0.15, unit="s", source="engineering choice: lobes of one jerk")
    slow_join_s: float = threshold(
        0.5, unit="s", source="AASM and WASM 2016: a movement ends where 0.5 s of quiet begins"
    )
    max_pulses_alone: int = threshold(
        2,
        unit="pulses",
        source="engineering choice: one jerk or a pair; three pulses in a row are a movement",
    )
    smear_s: float = threshold(
        0.9, unit="s", source="engineering choice: what filter and window of the slow channel add to a pulse"
    )
    away_g: float = threshold(
        0.025,
        unit="g",
        source="engineering choice: gravity's share of a lifted arm, 1.4 degrees; breathing moves it by 0.010",
    )
    away_share: float = threshold(
        0.4, unit="x peak", source="engineering choice: an arm that is held gives way by up to half"
    )
    held_min_s: float = threshold(
        0.8, unit="s", source="engineering choice: behind the smoothing a twitch of 0.5 s lasts 0.7 s"
    )
    held_max_s: float = threshold(10.0, unit="s", source="AASM, WASM 2016: longer is no limb movement")
    away_touch_s: float = threshold(
        0.3,
        unit="s",
        source="engineering choice: how near a held arm's edge lies to the movement that lifted it",
    )
    step_factor: float = threshold(
        1.5, unit="x step", source="engineering choice: one quantisation step up and down is not a twitch"
    )
    gap_guard_s: float = threshold(1.0, unit="s", source="engineering choice: no event may touch a gap")


@dataclass(frozen=True, slots=True, kw_only=True)
class VibrationRules:
    """What shakes the bed from outside: machines that run steadily, and somebody else in it."""

    ring_least_g: float = threshold(
        0.025, unit="g", source="engineering choice: weaker rings come from one's own legs, too (3-20 mg)"
    )
    line_low_hz: float = threshold(2.0, unit="Hz", source="engineering choice: below it a body moves, too")
    line_high_hz: float = threshold(
        48.0, unit="Hz", source="engineering choice: fans, pumps and drums turn 2-48 times a second"
    )
    segment_s: float = threshold(
        20.0, unit="s", source="engineering choice: tells 0.05 Hz apart, so that a pulse's harmonics smear"
    )
    block_s: float = threshold(
        180.0, unit="s", source="engineering choice: nine segments, so that single movements don't count"
    )
    least_segments: int = threshold(
        5, unit="segments", source="engineering choice: fewer don't tell whether a line is steady"
    )
    beside_hz: float = threshold(
        1.0, unit="Hz", source="engineering choice: a line is compared with what lies this near on both sides"
    )
    contrast: float = threshold(
        15.0, unit="x power beside", source="engineering choice: made noise reaches 2.5"
    )
    comb_high_hz: float = threshold(
        15.0, unit="Hz", source="engineering choice: a pulse rings at 4-12 Hz, so only below can it be one"
    )
    rival_hz: float = threshold(
        2.2, unit="Hz", source="engineering choice: hearts beat at most 2 times a second in sleep"
    )
    rival_ratio: float = threshold(
        2.5, unit="x power", source="engineering choice: a pulse rings in several lines about as strong"
    )
    steady_hz: float = threshold(
        0.010,
        unit="Hz",
        source="engineering choice: from one segment to the next; 0.1 Hz in 3 min for a motor that warms up",
    )
    steady_ln: float = threshold(
        0.4,
        unit="ln power",
        source="engineering choice: from one segment to the next; a smeared line has 0.7",
    )
    least_g: float = threshold(
        0.0005, unit="g", source="engineering choice: a fortieth of the least peak judged disturbs nothing"
    )
    join_hz: float = threshold(
        0.5, unit="Hz", source="engineering choice: the same motor, warm or under another load"
    )
    least_s: float = threshold(
        540.0, unit="s", source="engineering choice: three blocks; chance does not make three alike"
    )
    shared_bed_per_h: float = threshold(
        1.0,
        unit="/h",
        source="engineering choice: rings of the bed that are seen; made nights alone have 0, a partner's 10 an "
        "hour of 20-60 mg give 1.1",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationRules:
    """What kind of movement is it?"""

    twitch_max_s: float = threshold(
        0.7,
        unit="s",
        source="engineering choice: one pulse lasts 0.5 s at most (AASM, WASM 2016), a pair of them up to 0.7 s",
    )
    twitch_tilt_deg: float = threshold(
        2.0,
        unit="deg",
        source="engineering choice: a twitch returns; the beginning of a held movement does not",
    )
    return_ratio: float = threshold(
        0.4,
        unit="x peak",
        source="engineering choice: gravity's lasting change against the peak; a step has 0.5 and more",
    )
    return_least_g: float = threshold(
        0.012,
        unit="g",
        source="engineering choice: breathing alone changes gravity's share by this between two moments",
    )
    quiet_s: float = threshold(
        1.5, unit="s", source="engineering choice (1-3 s): isolation from other movement"
    )
    quiet_guard_s: float = threshold(0.3, unit="s", source="engineering choice: the filter's own ringing")
    quiet_ratio: float = threshold(
        0.35, unit="x peak", source="engineering choice: a fainter twitch beside one of a clump is no unrest"
    )
    isolation_s: float = threshold(
        10.0, unit="s", source="WASM 2016: shorter intervals are not single movements"
    )
    centroid_max_hz: float = threshold(
        12.0, unit="Hz", source="engineering choice: bed vibration rings above it"
    )
    bed_min_rings: int = threshold(
        3, unit="rings", source="engineering choice: so many tell how strongly the bed rings in this night"
    )
    bed_ratio: float = threshold(
        1.25,
        unit="x ring",
        source="engineering choice: against the 95th percentile of the rings that are known by their pitch",
    )
    centroid_min_hz: float = threshold(
        4.3,
        unit="Hz",
        source="engineering choice: jerks of the forward model have 5 Hz and more, a single turn of the arm 3-4 Hz",
    )
    centroid_peak_g: float = threshold(
        0.100, unit="g", source="engineering choice: strong events are not bed vibration"
    )
    limb_min_s: float = threshold(0.5, unit="s", source="AASM, WASM 2016")
    limb_max_s: float = threshold(10.0, unit="s", source="AASM, WASM 2016")
    body_min_s: float = threshold(3.0, unit="s", source="Ibrahim 2023: large movements last 3-45 s")
    body_floor_factor: float = threshold(40.0, unit="x floor", source="engineering choice")
    body_tilt_deg: float = threshold(
        3.0,
        unit="deg",
        source="engineering choice: made arm series return within 0.5 deg, body movements leave 8",
    )
    body_peak_g: float = threshold(
        0.10,
        unit="g",
        source="engineering choice: a very quiet sensor makes no strong movement of a weak one",
    )
    tilt_near_s: float = threshold(0.3, unit="s", source="engineering choice: past the edge of the movement")
    tilt_far_s: float = threshold(
        1.5, unit="s", source="engineering choice: long enough to average breathing noise"
    )
    posture_deg: float = threshold(
        20.0, unit="deg", source="engineering choice; shifts come 1.6 an hour (Skarpsno 2017)"
    )
    posture_lead_s: float = threshold(
        7.0,
        unit="s",
        source="engineering choice: an arm turns slowly up to 6 s before the quick movement that is seen",
    )
    posture_stable_s: float = threshold(10.0, unit="s", source="engineering choice: held, not a gesture")
    rhythmic_low_hz: float = threshold(0.3, unit="Hz", source="Yang 2010; AASM rhythmic movement 0.3-4 Hz")
    rhythmic_high_hz: float = threshold(
        8.0, unit="Hz", source="engineering choice: tremor and scratching below 8 Hz"
    )
    rhythmic_min_cycles: int = threshold(4, unit="cycles", source="AASM: at least 4 bursts")
    rhythmic_min_s: float = threshold(
        3.0, unit="s", source="engineering choice: shorter ones are limb movements"
    )
    rhythmic_autocorrelation: float = threshold(
        0.7,
        unit="",
        source="engineering choice: of made movements without rhythm 1 in 50 reaches it, made rhythms have 0.85",
    )


LOG_ODDS = "log odds"
FITTED = (
    "engineering choice, fitted on made nights 601-612 and 901-904 by tests/benchmarks/confidence.py --fit"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceRules:
    """How sure is a label? Weight of each sign for each kind of label, and the doubt before any sign.

    A weight's name is the kind of label and the sign of `confidence.Signs`; a sign without weight doesn't count.
    """

    apart_s: float = threshold(10.0, unit="s", source="WASM 2016: shorter intervals are not single movements")
    settled_s: float = threshold(
        60.0, unit="s", source="engineering choice: falling asleep has no exact moment"
    )
    brief_s: float = threshold(
        1.0, unit="s", source="engineering choice: between twitches and long movements"
    )
    turned_deg: float = threshold(20.0, unit="deg", source="engineering choice: as for a change of posture")
    pitch_low_hz: float = threshold(4.3, unit="Hz", source="engineering choice: the lowest pitch of a jerk")
    pitch_high_hz: float = threshold(12.0, unit="Hz", source="engineering choice: above it the bed rings")
    many_movements: float = threshold(10.0, unit="movements", source="engineering choice: a long series")
    sure: float = threshold(0.9, unit="", source="engineering choice: the word for 9 of 10 right and more")
    likely: float = threshold(0.7, unit="", source="engineering choice: the word for 7 of 10 right and more")
    jerk_doubt: float = threshold(0.15, unit=LOG_ODDS, source=FITTED)
    jerk_low: float = threshold(1.55, unit=LOG_ODDS, source=FITTED)
    jerk_settled: float = threshold(0.06, unit=LOG_ODDS, source=FITTED)
    jerk_strength: float = threshold(2.51, unit=LOG_ODDS, source=FITTED)
    jerk_unturned: float = threshold(2.33, unit=LOG_ODDS, source=FITTED)
    twitch_doubt: float = threshold(7.36, unit=LOG_ODDS, source=FITTED)
    twitch_brief: float = threshold(1.60, unit=LOG_ODDS, source=FITTED)
    twitch_low: float = threshold(0.93, unit=LOG_ODDS, source=FITTED)
    twitch_settled: float = threshold(5.11, unit=LOG_ODDS, source=FITTED)
    twitch_strength: float = threshold(0.10, unit=LOG_ODDS, source=FITTED)
    twitch_unturned: float = threshold(4.37, unit=LOG_ODDS, source=FITTED)
    periodic_doubt: float = threshold(25.64, unit=LOG_ODDS, source=FITTED)
    periodic_apart: float = threshold(1.18, unit=LOG_ODDS, source=FITTED)
    periodic_calm: float = threshold(9.93, unit=LOG_ODDS, source=FITTED)
    periodic_low: float = threshold(3.52, unit=LOG_ODDS, source=FITTED)
    periodic_many: float = threshold(11.97, unit=LOG_ODDS, source=FITTED)
    periodic_unturned: float = threshold(8.33, unit=LOG_ODDS, source=FITTED)
    limb_doubt: float = threshold(11.84, unit=LOG_ODDS, source=FITTED)
    limb_apart: float = threshold(2.02, unit=LOG_ODDS, source=FITTED)
    limb_brief: float = threshold(7.40, unit=LOG_ODDS, source=FITTED)
    limb_calm: float = threshold(9.06, unit=LOG_ODDS, source=FITTED)
    limb_turned: float = threshold(2.76, unit=LOG_ODDS, source=FITTED)
    body_doubt: float = threshold(10.04, unit=LOG_ODDS, source=FITTED)
    body_apart: float = threshold(0.19, unit=LOG_ODDS, source=FITTED)
    body_long: float = threshold(7.22, unit=LOG_ODDS, source=FITTED)
    body_strength: float = threshold(1.14, unit=LOG_ODDS, source=FITTED)
    body_unturned: float = threshold(5.41, unit=LOG_ODDS, source=FITTED)
    posture_doubt: float = threshold(7.21, unit=LOG_ODDS, source=FITTED)
    posture_apart: float = threshold(4.81, unit=LOG_ODDS, source=FITTED)
    posture_calm: float = threshold(0.93, unit=LOG_ODDS, source=FITTED)
    posture_strength: float = threshold(0.74, unit=LOG_ODDS, source=FITTED)
    posture_turned: float = threshold(9.93, unit=LOG_ODDS, source=FITTED)
    rhythmic_doubt: float = threshold(40.01, unit=LOG_ODDS, source=FITTED)
    rhythmic_long: float = threshold(17.37, unit=LOG_ODDS, source=FITTED)
    rhythmic_rhythm: float = threshold(29.54, unit=LOG_ODDS, source=FITTED)
    unclassified_doubt: float = threshold(9.00, unit=LOG_ODDS, source=FITTED)
    unclassified_apart: float = threshold(5.98, unit=LOG_ODDS, source=FITTED)
    unclassified_brief: float = threshold(9.63, unit=LOG_ODDS, source=FITTED)
    unclassified_low: float = threshold(1.24, unit=LOG_ODDS, source=FITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRules:
    """When do single movements form a periodic series? The defaults are WASM 2016; `AASM_SERIES` the other set."""

    name: str = threshold("wasm2016", unit="", source="WASM 2016")
    min_movements: int = threshold(4, unit="movements", source="WASM 2016; AASM")
    min_interval_s: float = threshold(
        10.0, unit="s", source="WASM 2016: onset to onset, the bound itself is in"
    )
    max_interval_s: float = threshold(90.0, unit="s", source="WASM 2016; AASM: the bound itself is in")
    min_duration_s: float = threshold(0.5, unit="s", source="WASM 2016; AASM")
    max_duration_s: float = threshold(10.0, unit="s", source="WASM 2016; AASM")
    max_bilateral_s: float = threshold(15.0, unit="s", source="WASM 2016")
    max_parts: int = threshold(4, unit="movements", source="WASM 2016: parts of one bilateral movement")
    bilateral_gap_s: float = threshold(0.5, unit="s", source="WASM 2016: offset to onset, less than this")
    bilateral_onset_s: float = threshold(
        0.0,
        unit="s",
        source="AASM: legs whose onsets lie closer than 5 s are one; 0 where the gap decides (WASM 2016)",
    )
    short_interval_can_start: bool = threshold(
        True,
        unit="",
        source="WASM 2016 leaves it open: may a movement that came too early start the next series?",
    )
    short_interval_ends: bool = threshold(
        True, unit="", source="WASM 2016: an interval below the minimum ends the series"
    )
    long_movement_ends: bool = threshold(
        True, unit="", source="WASM 2016: a movement that is no candidate ends the series"
    )


AASM_SERIES = SeriesRules(
    name="aasm",
    min_interval_s=5.0,
    short_interval_ends=False,
    long_movement_ends=False,
    bilateral_onset_s=5.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicityRules:
    """When may the word "periodic" be said?"""

    min_index: float = threshold(0.5, unit="", source="Ferri 2016; made random nights never reach it")
    min_rate_per_h: float = threshold(10.0, unit="/h", source="Drakatos 2021: no index below this rate")
    brief_s: float = threshold(
        0.7,
        unit="s",
        source="engineering choice: as long as a twitch may last; one is no candidate by itself",
    )
    brief_min_movements: int = threshold(
        6,
        unit="movements",
        source="engineering choice: four twitches 10-90 s apart come by chance every few nights",
    )
    brief_max_spread: float = threshold(
        0.4,
        unit="ln s",
        source="engineering choice: SD of ln(IMI); trains of 20-40 s have 0.2, random ones 0.6",
    )
    respiratory_low_s: float = threshold(
        25.0, unit="s", source="engineering choice: apnoea cycles last 25-45 s"
    )
    respiratory_high_s: float = threshold(
        45.0, unit="s", source="engineering choice: apnoea cycles last 25-45 s"
    )
    restless_per_h: float = threshold(
        12.0,
        unit="/h",
        source="engineering choice, anchor Montini 2024: healthy sleepers move 11 times an hour; of two clinic "
        "nights of apnoea one has 15, one 36",
    )
    respiratory_min_per_h: float = threshold(
        10.0,
        unit="/h",
        source="engineering choice: intervals of 10-90 s, in a series or not; a clinic night of apnoea has 12, "
        "fourteen other nights of the clinic 0-3",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaRules:
    """The article's "significant, frequent or prolonged", with numbers."""

    onset_seen_s: float = threshold(
        60.0,
        unit="s",
        source="engineering choice: a recording that begins asleep did not see the person fall asleep",
    )
    onset_twitches: int = threshold(
        5,
        unit="twitches",
        source="engineering choice, anchor Sexton-Radek 2018: 7 a night in the intensified case",
    )
    body_margin_s: float = threshold(
        30.0, unit="s", source="engineering choice: no twitch counts this near a body movement"
    )
    raised_per_h: float = threshold(
        5.0,
        unit="/h",
        source="engineering choice, anchor Montini 2024: 5 times the ~1/h of simple movements",
    )
    high_per_h: float = threshold(
        15.0, unit="/h", source="engineering choice: the familiar order of periodic movements, no norm"
    )
    lower_bound_per_h: float = threshold(
        2.0, unit="/h", source="engineering choice: the exact 95 % Poisson interval must lie above it"
    )
    confidence: float = threshold(0.95, unit="", source="engineering choice: the customary interval")
    min_rate_h: float = threshold(4.0, unit="h", source="engineering choice: no rate from a shorter time")
    dense_per_min: int = threshold(5, unit="/min", source="ATS EFM: counted on EMG, not on movement")
    dense_min: int = threshold(20, unit="min", source="ATS EFM: counted on EMG, not on movement")
    dense_max_s: float = threshold(0.5, unit="s", source="engineering choice: as brief as a twitch")
    light_g: float = threshold(0.05, unit="g", source="engineering choice: below it a twitch is called faint")
    moderate_g: float = threshold(
        0.25, unit="g", source="engineering choice: forward model, elbow turns 1 degree in 100 ms"
    )
    strong_g: float = threshold(
        1.0, unit="g", source="engineering choice: forward model, elbow turns 5-10 degrees in 100 ms"
    )
    moderate_share: float = threshold(
        0.10, unit="share", source="engineering choice: share of twitches that are moderate or strong"
    )
    woke_within_s: float = threshold(
        30.0, unit="s", source="engineering choice: movement that begins this soon after a twitch"
    )
    woke_lasting_s: float = threshold(
        60.0, unit="s", source="engineering choice: and goes on this long is wake-like"
    )
    woke_join_s: float = threshold(
        10.0, unit="s", source="engineering choice: pauses up to this are still one segment of movement"
    )
    cluster_gap_s: float = threshold(
        60.0, unit="s", source="engineering choice: twitches this close belong to one cluster"
    )
    cluster_min: float = threshold(
        10.0, unit="min", source="engineering choice: a cluster this long is prolonged"
    )
    rhythmic_s: float = threshold(
        10.0, unit="s", source="Yang 2010; rhythmic feet movements come in runs of 10-15 s"
    )
    rhythmic_strong_g: float = threshold(
        0.5, unit="g", source="engineering choice: strong shaking, not a tremor or scratching"
    )
    rhythmic_strong_s: float = threshold(
        20.0, unit="s", source="engineering choice: a third of the usual 60 s of a convulsion"
    )
    rhythmic_emergency_s: float = threshold(300.0, unit="s", source="ILAE 2015")
    periodic_per_h: float = threshold(
        15.0, unit="/h", source="AASM / ICSD-3: adults, legs; 18 of 100 healthy sleepers exceed it"
    )
    valid_h: float = threshold(
        4.0, unit="h", source="engineering choice: analysed hours of a night that counts"
    )
    valid_gap_share: float = threshold(
        0.10, unit="share", source="engineering choice: missing share of a night that counts"
    )
    valid_non_wear_share: float = threshold(
        0.10,
        unit="share",
        source="engineering choice: share of the sleep period off the body in a night that counts",
    )
    week_nights: int = threshold(7, unit="nights", source="DSM-5")
    week_valid: int = threshold(
        5,
        unit="nights",
        source="Trotti 2009: one night of the same person exceeds a limit by chance, five tell",
    )
    week_frequent: int = threshold(
        3, unit="nights", source="DSM-5; Ohayon 2016: distress rises sharply at 3 days a week"
    )
    lasting_weeks: int = threshold(2, unit="weeks", source="NHS: twitches for more than two weeks")
    chronic_months: int = threshold(3, unit="months", source="DSM-5")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRules:
    """What several nights together come to; how many of them there must be stands in `CriteriaRules`."""

    personal_nights: int = threshold(
        7, unit="nights", source="engineering choice: valid nights before what is usual can be told"
    )
    personal_mads: float = threshold(
        3.0, unit="", source="engineering choice: median absolute deviations (x 1.4826) above the median"
    )
    personal_min: float = threshold(
        3.0, unit="twitches", source="engineering choice: and at least so many above the median"
    )
    significant_nights: int = threshold(3, unit="nights", source="DSM-5 frequency rule, for want of another")
    share_from: int = threshold(
        10, unit="twitches", source="engineering choice: of fewer twitches one alone makes a share of a tenth"
    )
    periodic_nights: int = threshold(
        2, unit="nights", source="Trotti 2009: one night exceeds a limit by chance"
    )
    dense_nights: int = threshold(2, unit="nights", source="engineering choice: one night may be chance")
    bad_sleep_nights: int = threshold(3, unit="nights", source="DSM-5: three nights a week")
    chronic_weeks: int = threshold(13, unit="weeks", source="DSM-5: three months")
    compare_nights: int = threshold(
        14, unit="nights", source="engineering choice: no comparison of days and nights from fewer"
    )
    compare_each: int = threshold(
        4, unit="nights", source="engineering choice: with and without, each at least so often"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """What of the signal is kept beside the numbers, so that a person can judge them."""

    epoch_s: float = threshold(30.0, unit="s", source="engineering choice: the sleep laboratory's epoch")
    strip_before_s: float = threshold(2.0, unit="s", source="engineering choice: shows the quiet before")
    strip_s: float = threshold(6.0, unit="s", source="engineering choice: shows the quiet after")
    strip_hz: float = threshold(50.0, unit="Hz", source="engineering choice: a jerk's energy ends near 21 Hz")
    max_jerk_strips: int = threshold(
        24, unit="strips", source="engineering choice: what a person looks through"
    )
    max_other_strips: int = threshold(
        6, unit="strips", source="engineering choice: the strongest of each label"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All thresholds."""

    reading: ReadingRules = field(default_factory=ReadingRules)
    cutting: CuttingRules = field(default_factory=CuttingRules)
    damage: DamageRules = field(default_factory=DamageRules)
    calibration: CalibrationRules = field(default_factory=CalibrationRules)
    six_position: SixPositionRules = field(default_factory=SixPositionRules)
    movement: MovementRules = field(default_factory=MovementRules)
    non_wear: NonWearRules = field(default_factory=NonWearRules)
    sleep: SleepRules = field(default_factory=SleepRules)
    detection: DetectionRules = field(default_factory=DetectionRules)
    vibration: VibrationRules = field(default_factory=VibrationRules)
    classification: ClassificationRules = field(default_factory=ClassificationRules)
    confidence: ConfidenceRules = field(default_factory=ConfidenceRules)
    series: SeriesRules = field(default_factory=SeriesRules)
    periodicity: PeriodicityRules = field(default_factory=PeriodicityRules)
    criteria: CriteriaRules = field(default_factory=CriteriaRules)
    evidence: EvidenceRules = field(default_factory=EvidenceRules)
    weeks: WeekRules = field(default_factory=WeekRules)

    def sha256(self) -> str:
        """The fingerprint of an analysis: equal exactly when every threshold that one night depends on is equal.

        Where a week was cut is said by its nights themselves (`from_s` and `hours` of a night's recording).
        """
        others = ("weeks", "cutting")
        return _fingerprint(
            {name: group for name, group in dataclasses.asdict(self).items() if name not in others}
        )

    def weeks_sha256(self) -> str:
        """The fingerprint of the thresholds that a week depends on."""
        groups = dataclasses.asdict(self)
        return _fingerprint({name: groups[name] for name in ("criteria", "weeks")})


def _fingerprint(groups: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(groups, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of `sleepjerk rules`."""

    group: str
    name: str
    value: float | int | bool | str
    unit: str
    source: str


def list_thresholds(rules: Rules | None = None) -> Iterator[Threshold]:
    """Every threshold in the order of the story."""
    rules = Rules() if rules is None else rules
    for group in dataclasses.fields(rules):
        values = getattr(rules, group.name)
        for item in dataclasses.fields(values):
            meta = item.metadata
            yield Threshold(group.name, item.name, getattr(values, item.name), meta["unit"], meta["source"])


def read_rules(path: Path | str) -> Rules:
    """Rules from a TOML file that names only what differs from the defaults.

    Parameters
    ----------
    path
        A file with one table a group, e.g. ``[detection]`` with ``min_peak_g = 0.03``.

    Raises
    ------
    InputError
        The file can't be read, or names a group or rule that doesn't exist, or gives another type of value.
    """
    return changed_rules(read_changes(path), str(path))


def read_changes(path: Path | str) -> dict[str, Any]:
    """What a TOML file of rules changes, by group and rule.

    Raises
    ------
    InputError
        The file can't be read.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: can't read these rules: {error}") from error


def changed_rules(changes: Mapping[str, Any], where: str) -> Rules:
    """The default rules with some changed, by group and rule; `where` they were found is for the error.

    Raises
    ------
    InputError
        A group or rule doesn't exist, or a value has another type.
    """
    rules = Rules()
    groups = {item.name for item in dataclasses.fields(rules)}
    for group, values in changes.items():
        if group not in groups or not isinstance(values, dict):
            raise InputError(
                f"{where}: there is no rule group [{group}]; the groups are {', '.join(sorted(groups))}"
            )
        rules = dataclasses.replace(
            rules, **{group: _changed(getattr(rules, group), values, f"{where}: [{group}]")}
        )
    return rules


def _changed(group: Any, values: Mapping[str, Any], where: str) -> Any:
    known = {item.name: getattr(group, item.name) for item in dataclasses.fields(group)}
    for name, value in values.items():
        if name not in known:
            raise InputError(f"{where} has no rule {name!r}; its rules are {', '.join(known)}")
        wanted = type(known[name])
        number = wanted in (float, int) and type(value) in (float, int)
        if number and not 0 <= value < float("inf"):
            raise InputError(f"{where} {name} is {value!r}, but must be a number from 0 on")
        if wanted is float and type(value) is int:
            continue
        if type(value) is not wanted:
            raise InputError(
                f"{where} {name} is {value!r}, but must be a {wanted.__name__} like {known[name]!r}"
            )
    changed = dataclasses.replace(group, **values)
    for name in known:
        upper = name.replace("_low_", "_high_")
        if "_low_" in name and getattr(changed, name) >= getattr(changed, upper, float("inf")):
            raise InputError(f"{where} {name} must lie below {upper}")
    return changed
