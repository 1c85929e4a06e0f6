"""Thresholds of what makes a recording: reading a file, cutting a week, artefacts, the sensor's calibration."""

from dataclasses import dataclass

from sleepjerk.rules.threshold import threshold


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
        3300.0, unit="Hz", source="engineering choice: 3200 Hz is the fastest that wrist sensors offer"
    )
    other_epoch_from_year: int = threshold(
        2010,
        unit="year",
        source="engineering choice: counted from another zero than 1970, less is a device's own count",
    )
    wrap_share: float = threshold(
        0.01,
        unit="share of a counter's length",
        source="engineering choice: a fall that leaves more when the counter begins anew is another run of time",
    )
    min_along: float = threshold(
        0.1,
        unit="share of the noise",
        source="engineering choice: of an accelerometer's noise about as much goes along gravity as across it",
    )
    usual_from_hz: float = threshold(
        24.0,
        unit="Hz",
        source="engineering choice: a unit of time that only its steps tell must give a usual rate",
    )
    usual_to_hz: float = threshold(
        210.0,
        unit="Hz",
        source="engineering choice: less than ten times the lowest, so that of units ten apart only one gives it",
    )
    grid_rate_hz: float = threshold(
        100.0, unit="Hz", source="engineering choice: 80 % of a jerk's energy is 2.3-21 Hz"
    )
    keep_rate_hz: float = threshold(
        120.0,
        unit="Hz",
        source="engineering choice: 104 and 119 Hz boards stay as they are, faster ones are thinned",
    )
    max_days: float = threshold(
        60.0, unit="d", source="engineering choice: the longest that wrist loggers record on one charge"
    )
    max_empty_ratio: float = threshold(
        100.0, unit="x rows", source="engineering choice: a grid this much longer than its rows holds nothing"
    )
    stamp_from_year: int = threshold(
        1900, unit="year", source="engineering choice: a clock that says less was never set"
    )
    epoch_from_year: int = threshold(
        2000, unit="year", source="engineering choice: less is a device's own count, not since 1970"
    )
    epoch_to_year: int = threshold(
        2100, unit="year", source="engineering choice: more is a device's own count, not since 1970"
    )
    header_lines: int = threshold(
        5000,
        unit="lines",
        source="engineering choice: GENEActiv writes 100 above its samples, other programs 1,000",
    )
    first_rows_s: float = threshold(
        60.0, unit="s", source="engineering choice: stamps that begin later have another zero than the start"
    )
    max_step_s: float = threshold(
        10.0, unit="s", source="engineering choice: longer steps are gaps and tell no unit of time"
    )
    arrival_window_s: float = threshold(
        1.5,
        unit="s",
        source="engineering choice: packets over Bluetooth come up to 0.25 s late, seldom several in a row",
    )
    arrival_usual_s: float = threshold(
        0.05, unit="s", source="engineering choice: what is mostly later than this was not sampled evenly"
    )
    arrival_least: int = threshold(
        100, unit="packets", source="engineering choice: of fewer no usual delay can be told"
    )
    arrival_least_late: int = threshold(
        3, unit="packets", source="engineering choice: one or two long steps are more likely losses"
    )
    most_share: float = threshold(
        0.9, unit="share", source="engineering choice: what holds for so many steps or rows holds for all"
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
        0.12, unit="share", source="engineering choice: uncalibrated loggers show 0.9-1.1 g at rest"
    )
    gravity_fails: float = threshold(
        0.25,
        unit="share of the usual",
        source="engineering choice: beyond it a still arm was for less than half an hour on 15 uncalibrated nights",
    )
    gravity_fails_s: float = threshold(
        1800.0, unit="s", source="engineering choice: less may be an arm that never lay still"
    )
    gravity_back_s: float = threshold(
        7200.0,
        unit="s",
        source="engineering choice: lost along one axis, 1 g is felt where that axis lies level",
    )
    gravity_known_share: float = threshold(
        0.25,
        unit="share of windows",
        source="engineering choice: a sensor that is seldom near 1 g is ill calibrated",
    )
    gravity_lost_g: float = threshold(
        0.03, unit="g", source="engineering choice: what a turning arm's axis never keeps to for long"
    )
    gravity_window_s: float = threshold(
        600.0, unit="s", source="engineering choice: a sleeper lies still once in so long"
    )
    gravity_block_s: float = threshold(2.0, unit="s", source="engineering choice: still for so long is still")
    gravity_still_g: float = threshold(
        0.03, unit="g", source="engineering choice: above the noise of a bad sensor, below a moving arm"
    )
    gravity_still_share: float = threshold(
        0.25, unit="share of blocks", source="engineering choice: the stillest of a window"
    )
    no_gravity: float = threshold(
        0.5,
        unit="of any unit",
        source="engineering choice: less at rest than half a g: gravity was taken out",
    )
    max_waver: float = threshold(
        0.045, unit="share", source="engineering choice: the noise of the worst sensor is 2 % of gravity"
    )
    still_samples: int = threshold(
        50, unit="samples", source="engineering choice: half a second tells a still arm from a moving one"
    )
    least_step_g: float = threshold(
        1e-6, unit="g", source="engineering choice: finer than any sensor: computed, not measured"
    )
    step_quantile: float = threshold(
        0.1,
        unit="share",
        source="engineering choice: so many differences may be odd, not a step of the sensor",
    )
    phase_tolerance: float = threshold(
        0.02,
        unit="sample periods",
        source="engineering choice: 0.2 ms at 100 Hz; nearer stamps lie on the grid",
    )
    fit_block_s: float = threshold(
        10.0, unit="s", source="engineering choice: averages the rounding of stamps, follows a warming clock"
    )
    fit_block_steps: float = threshold(
        30.0,
        unit="x step",
        source="engineering choice: so many coarse stamps average to a thirtieth of a step",
    )
    rounded_share: float = threshold(
        0.99, unit="share", source="engineering choice: stamps this near an even fit are rounded, not uneven"
    )
    thin_cutoff: float = threshold(
        0.9, unit="x Nyquist", source="engineering choice: at 100 Hz flat to 36 Hz, no alias below 46 Hz"
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
    max_drift: float = threshold(
        0.1, unit="share", source="engineering choice: clocks further apart don't count the same time"
    )
    max_applied_drift: float = threshold(
        0.03,
        unit="share",
        source="engineering choice: crystals and resonators are within 0.5 %, trimmed RC oscillators within 2 %",
    )
    drift_bend: float = threshold(
        0.0005,
        unit="share",
        source="engineering choice: a ceramic resonator changes by some 30 ppm in 1 K, a board warms by 10 K",
    )
    drift_arm_s: float = threshold(
        30.0, unit="s", source="engineering choice: pairs nearer to each other tell a delay, no slope"
    )
    drift_jump_s: float = threshold(
        0.1, unit="s", source="engineering choice: no clock bends so much in the minutes round a pause"
    )
    drift_straight_s: float = threshold(
        0.003, unit="s", source="engineering choice: a third of 10 ms, the sample period of most boards"
    )
    clock_reach_s: float = threshold(
        600.0,
        unit="s",
        source="engineering choice: a recorder that was killed left its last pair 10 s before",
    )
    clock_same_start_s: float = threshold(
        120.0, unit="s", source="engineering choice: a log that begins at another time is another recording's"
    )
    clock_step_s: float = threshold(
        0.5, unit="s", source="engineering choice: a wall clock that is put right by less is only slewed"
    )
    clock_step_calm_s: float = threshold(
        60.0, unit="s", source="engineering choice: a step so near a pause may be a computer that slept"
    )
    same_computer_s: float = threshold(
        0.5,
        unit="s",
        source="engineering choice: of two computers hardly two are started so near to each other",
    )
    one_clock_unsure_s: float = threshold(
        0.02, unit="s", source="engineering choice: made boards, tests/benchmarks/two_boards"
    )
    two_clocks_unsure_s: float = threshold(
        1.0,
        unit="s",
        source="engineering choice: clocks set over a network agree within 0.1 s, by hand in no way",
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
class LoggerRules:
    """How the samples of a logger that stamps whole blocks are spread between the stamps."""

    same_block_periods: float = threshold(
        0.05,
        unit="sample periods",
        source="engineering choice: within a block stamps differ by rounding alone",
    )
    max_stretch: float = threshold(
        0.1, unit="share", source="engineering choice: a sensor's own rate lies this near to the nominal one"
    )
    max_pause_periods: float = threshold(
        30.0,
        unit="sample periods",
        source="engineering choice: a tenth of the longest block (300); a block that is lost has 40 at least",
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
    look_s: float = threshold(
        4.0, unit="s", source="engineering choice: long enough to tell a moving arm from a still one"
    )
    look_every_s: float = threshold(
        900.0, unit="s", source="engineering choice: eight looks in the liveliest 2 h of a day"
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
    max_still_g: float = threshold(
        2.0, unit="g", source="engineering choice: a still axis that shows more is broken or of another unit"
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
