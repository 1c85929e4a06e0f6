"""Thresholds of what moves: curves, movements, vibrations of the bed, and what of the signal is kept."""

from dataclasses import dataclass

from sleepjerk.rules.threshold import threshold


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
    noise_window_s: float = threshold(
        10.0,
        unit="s",
        source="engineering choice: as the windows of van Hees 2014 in which a wrist lies still",
    )
    noise_percentile: float = threshold(
        5.0,
        unit="%",
        source="engineering choice: the stillest windows; a person is never as still as a table",
    )
    posture_step_s: float = threshold(
        0.05,
        unit="s",
        source="engineering choice: with 0.1 s one label in 60 hangs on where between two steps a recording begins",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRules:
    """Where does a movement begin and end?"""

    min_envelope_g: float = threshold(
        0.020,
        unit="g",
        source="engineering choice: RMS of a movement of limb or body; weaker ones are pulses only",
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
    slow_hz: float = threshold(
        36.0,
        unit="Hz",
        source="engineering choice: of made nights with a bed that rings, those at 33 Hz hold more false twitches, at "
        "40 Hz as many as at 100 Hz",
    )
    slow_min_peak_g: float = threshold(
        0.025, unit="g", source="engineering choice: nearly every ring of a made bed is weaker"
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
    alone_max_s: float = threshold(
        1.0,
        unit="s",
        source="engineering choice: muscle bursts of 50-250 ms on a slow limb last 0.9 s in tests/worlds/bedside",
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
    gap_guard_s: float = threshold(
        1.0, unit="s", source="engineering choice: no lone pulse is trusted so near to a gap"
    )


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
    comb_lines: int = threshold(
        5,
        unit="lines",
        source="engineering choice: alike from the lowest to the highest; a machine's harmonics grow weaker",
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
class RhythmRules:
    """What strong, lasting movement is like from second to second."""

    active_g: float = threshold(
        0.03,
        unit="g",
        source="engineering choice: RMS of a second in which an arm moves; a still sensor has 0.005",
    )
    asked_g: float = threshold(
        0.06, unit="g", source="engineering choice: RMS of a second; walking wrists have 0.09 and more"
    )
    window_s: float = threshold(
        4.0, unit="s", source="engineering choice: holds three strides, and ten strokes of a convulsion"
    )
    step_low_hz: float = threshold(
        0.6, unit="Hz", source="engineering choice: an arm swings once in two steps"
    )
    step_high_hz: float = threshold(2.6, unit="Hz", source="engineering choice: 1.4-2.4 steps a second")
    lag_low_s: float = threshold(0.4, unit="s", source="engineering choice: a step")
    lag_high_s: float = threshold(1.25, unit="s", source="engineering choice: a slow stride, two steps")
    quick_hz: float = threshold(
        1.0, unit="Hz", source="engineering choice: more slowly gravity turns with the arm"
    )
    shake_low_hz: float = threshold(
        2.5, unit="Hz", source="UEA Epilepsy: mimicked seizures have 3.1-4.7 a second, one 2.8"
    )
    shake_high_hz: float = threshold(
        5.0,
        unit="Hz",
        source="UEA Epilepsy: mimicked seizures have 3.1-4.7 a second; tooth-brushes 4.6-6",
    )
    top_hz: float = threshold(10.0, unit="Hz", source="engineering choice: no arm swings more quickly")


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbulationRules:
    """When is a person up and about? Chosen on the people of the WHARF recordings, none held out, and on lab nights."""

    step_share: float = threshold(0.5, unit="share", source="WHARF: of the power 0.55-0.9 is steps")
    repeats: float = threshold(
        0.4,
        unit="",
        source="WHARF: three seconds of four reach it, one in ten of other doings",
    )
    steps_s: float = threshold(20.0, unit="s", source="engineering choice: the way to the door and back")
    steps_share: float = threshold(0.35, unit="share", source="engineering choice: people stop, doors open")
    turned_deg: float = threshold(
        40.0,
        unit="deg",
        source="engineering choice: an arm that lay hangs; rocking in bed leaves it as it lies",
    )
    pause_s: float = threshold(10.0, unit="s", source="engineering choice: sitting on the edge of the bed")
    reach_s: float = threshold(
        120.0, unit="s", source="engineering choice: getting up and lying down take no longer"
    )
    away_s: float = threshold(300.0, unit="s", source="engineering choice: two walks so near are one visit")
    least_s: float = threshold(45.0, unit="s", source="engineering choice: nobody is back in bed sooner")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShakingRules:
    """When does an arm shake as in a convulsion?

    Values from the first half of each activity of the UEA Epilepsy recordings; when the signs were picked, both halves
    had been looked at.
    """

    share: float = threshold(
        0.7,
        unit="share",
        source="UEA Epilepsy: mimicked seizures have 0.75-0.99 of the power; runners 0.5-0.7",
    )
    swing_m: float = threshold(
        0.0075, unit="m", source="UEA Epilepsy: RMS; mimicked seizures have 0.010 and more"
    )
    turn_deg: float = threshold(
        3.0,
        unit="deg",
        source="UEA Epilepsy: from second to second; mimicked seizures have 4.9 and more, sawing 2.2",
    )
    lasting_s: float = threshold(
        30.0,
        unit="s",
        source="engineering choice: shaking comes in bursts, so a part of that time is asked for",
    )
    lasting_share: float = threshold(
        0.66, unit="share", source="engineering choice: 20 of 30 s, a third of the usual 60 s of a convulsion"
    )
    before_s: float = threshold(
        60.0, unit="s", source="engineering choice: who shakes in bed lay there before"
    )
    before_share: float = threshold(
        0.5, unit="share", source="engineering choice: of that time moves at most"
    )
