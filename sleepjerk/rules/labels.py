"""Thresholds of what a movement is called, how sure that is, and which movements form a series."""

from dataclasses import dataclass

from sleepjerk.rules.threshold import threshold


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
    quiet_s: float = threshold(
        1.5, unit="s", source="engineering choice (1-3 s): isolation from other movement"
    )
    quiet_guard_s: float = threshold(0.3, unit="s", source="engineering choice: the filter's own ringing")
    isolation_s: float = threshold(
        10.0, unit="s", source="WASM 2016: shorter intervals are not single movements"
    )
    calm_s: float = threshold(
        30.0,
        unit="s",
        source="engineering choice: nothing but jerks before one while falling asleep; 60 s lose a tenth of made "
        "ones, with 10 s a third more of the labels on clinic nights lie in waking",
    )
    falling_chance: float = threshold(
        0.15,
        unit="",
        source="engineering choice: before the onset windows; below it clinic labels are wrong, with 0.25 a sixth of "
        "our own maker's jerks while falling asleep lose their name",
    )
    company_s: float = threshold(
        300.0,
        unit="s",
        source="engineering choice: of 1-15 min before and after, 5 tell waking from sleep, in clinic and made nights",
    )
    company_part_s: float = threshold(
        30.0, unit="s", source="AASM: the epoch in which sleep is scored; one long struggle fills several"
    )
    restless_company: int = threshold(
        5,
        unit="parts",
        source="engineering choice: of lone pulses in made waking 2 in 5 have more, of jerks in made sleep 1 in 20",
    )
    restless_s: float = threshold(60.0, unit="s", source="engineering choice: the minute before and after")
    restless_others: int = threshold(
        3,
        unit="movements",
        source="engineering choice: of made fidgets 19 in 20 have more beside them, of made jerks 1 in 15",
    )
    weak_g: float = threshold(
        0.080, unit="g", source="engineering choice: made beds that shake through a partner seldom reach it"
    )
    weak_per_h: float = threshold(
        2.0,
        unit="1/h",
        source="engineering choice: more weak ones come of a shaken bed or a cough, of a sleeper seldom",
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
    centroid_peak_g: float = threshold(
        0.100, unit="g", source="engineering choice: strong events are not bed vibration"
    )
    limb_min_s: float = threshold(0.5, unit="s", source="AASM, WASM 2016")
    limb_max_s: float = threshold(10.0, unit="s", source="AASM, WASM 2016")
    body_min_s: float = threshold(
        3.0, unit="s", source="Ferri 2021: large muscle group movements last 3-45 s"
    )
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
    pull_lead_s: float = threshold(
        4.0, unit="s", source="engineering choice: a made cable pulls for 3 s at most before it slips"
    )
    pull_guard_s: float = threshold(
        0.1, unit="s", source="engineering choice: the filter's own beginning of a pulse"
    )
    pulled_deg: float = threshold(
        2.0,
        unit="deg",
        source="engineering choice: of made jerks 1 in 300 has it, planted in clinic nights 1 in 200, of made tugs at "
        "a cable every fourth, of what nobody planted in clinic nights every fifth",
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
    spectrum_s: float = threshold(
        1.0,
        unit="s",
        source="engineering choice: a jerk and its ringing; longer would dilute a weak one with noise",
    )
    sway_reach_s: float = threshold(
        0.5, unit="s", source="engineering choice: to both sides of the peak, as long as a jerk lasts"
    )
    sway_smooth_s: float = threshold(
        0.3, unit="s", source="engineering choice: a ring of 3 Hz and more averages out, gravity's turn stays"
    )
    swing_share: float = threshold(
        0.25,
        unit="x largest swing",
        source="engineering choice: smaller swings are noise and the filter's own",
    )
    bed_percentile: float = threshold(
        95.0,
        unit="%",
        source="engineering choice: rings nearly as strong as the strongest, no single one decides",
    )


LOG_ODDS = "log odds"
WORST_WORLD = (
    "engineering choice, measured: right of the worst of three makers' nights, tests/benchmarks/confidence.py"
)


FITTED_ON_WORLDS = (
    "engineering choice, fitted on nights of three makers and of a lab, tests/benchmarks/twitches.py"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwitchRules:
    """What speaks for a twitch? A value at each corner of each sign of `twitches.CORNERS`, and the doubt before any."""

    least_chance: float = threshold(
        0.05, unit="", source="engineering choice: of strong jerks made by others, one in twenty is missed"
    )
    falling_least_chance: float = threshold(
        0.25,
        unit="",
        source="engineering choice: whoever falls asleep was awake and moved; of made jerks there 3 in 100 are less "
        "likely, and of labels in waking 1 in 4",
    )
    most_chance: float = threshold(
        0.97, unit="", source="engineering choice: nothing was surer in the worst world"
    )
    alone_more: float = threshold(
        0.66, unit=LOG_ODDS, source="engineering choice: ordinary nights of the maker for whom it is least"
    )
    apart_less: float = threshold(
        0.93, unit=LOG_ODDS, source="engineering choice: ordinary nights of the maker for whom it is most"
    )
    doubt: float = threshold(13.28, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    strength_15_mg: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    strength_40_mg: float = threshold(1.62, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    strength_100_mg: float = threshold(4.06, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    strength_250_mg: float = threshold(3.68, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    pitch_3_hz: float = threshold(0.98, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    pitch_6_hz: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    pitch_10_hz: float = threshold(1.83, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    pitch_14_hz: float = threshold(1.10, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    length_160_ms: float = threshold(3.67, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    length_300_ms: float = threshold(4.11, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    length_500_ms: float = threshold(2.55, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    length_800_ms: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    sway_8_pct: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    sway_16_pct: float = threshold(1.12, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    sway_32_pct: float = threshold(0.98, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    sway_64_pct: float = threshold(0.26, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    swings_2_x: float = threshold(0.97, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    swings_3_x: float = threshold(0.84, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    swings_4_x: float = threshold(0.64, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    swings_6_x: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    stayed_1_pct: float = threshold(2.06, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    stayed_4_pct: float = threshold(0.99, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    stayed_12_pct: float = threshold(0.97, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    stayed_40_pct: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    before_1_pct: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    before_3_pct: float = threshold(0.27, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    before_8_pct: float = threshold(1.52, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    before_20_pct: float = threshold(1.40, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    after_1_pct: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    after_3_pct: float = threshold(0.68, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    after_8_pct: float = threshold(0.42, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    after_20_pct: float = threshold(0.22, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    company_1_x: float = threshold(3.73, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    company_3_x: float = threshold(2.77, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    company_5_x: float = threshold(1.62, unit=LOG_ODDS, source=FITTED_ON_WORLDS)
    company_9_x: float = threshold(0.00, unit=LOG_ODDS, source=FITTED_ON_WORLDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceRules:
    """How sure is a label? Twitches have a chance of their own (`TwitchRules`)."""

    sure: float = threshold(0.9, unit="", source="engineering choice: the word for 9 of 10 right and more")
    likely: float = threshold(0.7, unit="", source="engineering choice: the word for 7 of 10 right and more")
    periodic_movement: float = threshold(0.72, unit="share", source=WORST_WORLD)
    limb_movement: float = threshold(0.16, unit="share", source=WORST_WORLD)
    body_movement: float = threshold(0.51, unit="share", source=WORST_WORLD)
    posture_change: float = threshold(0.89, unit="share", source=WORST_WORLD)
    rhythmic_movement: float = threshold(0.08, unit="share", source=WORST_WORLD)
    unclassified: float = threshold(0.59, unit="share", source=WORST_WORLD)


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
    respiratory_short_share: float = threshold(
        0.2,
        unit="share",
        source="engineering choice: pauses in breathing leave 8-19 % of a series' intervals shorter than "
        "respiratory_low_s on made nights of two makers, series of limbs 30-53 %",
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
    stages_most_h: float = threshold(
        11.0,
        unit="h",
        source="engineering choice: more than a night in bed is one of stages shorter than 30 s",
    )
    longest_shown_s: float = threshold(
        120.0,
        unit="s",
        source="engineering choice: beyond the 90 s of the rules, to show where intervals end",
    )
