"""Thresholds of the verdict: the article's words with numbers, for one night and for several."""

from dataclasses import dataclass

from sleepjerk.rules.threshold import threshold

_MEASURED = 'engineering choice, measured (benchmark "visibility")'
_SEEN = f"{_MEASURED}: the harder of two worlds"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityRules:
    """What share of isolated twitches of 30-60 (weak), 60-100 (middle) and 100-400 mg (strong) a rate shows."""

    full_rate_hz: float = threshold(
        48.0,
        unit="Hz",
        source="engineering choice: boards of nominally 50 Hz and more show what 100 Hz shows",
    )
    same_rate: float = threshold(
        1.04, unit="x", source="engineering choice: a clock that is 4 % off makes no other rate"
    )
    weak_16_hz: float = threshold(0.42, unit="share", source=_SEEN)
    middle_16_hz: float = threshold(0.75, unit="share", source=_SEEN)
    strong_16_hz: float = threshold(0.80, unit="share", source=_SEEN)
    weak_20_hz: float = threshold(0.50, unit="share", source=_SEEN)
    middle_20_hz: float = threshold(0.77, unit="share", source=_SEEN)
    strong_20_hz: float = threshold(0.86, unit="share", source=_SEEN)
    weak_25_hz: float = threshold(0.71, unit="share", source=_SEEN)
    middle_25_hz: float = threshold(0.84, unit="share", source=_SEEN)
    strong_25_hz: float = threshold(0.84, unit="share", source=_SEEN)
    weak_33_hz: float = threshold(0.71, unit="share", source=_SEEN)
    middle_33_hz: float = threshold(0.84, unit="share", source=_SEEN)
    strong_33_hz: float = threshold(0.81, unit="share", source=_SEEN)
    weak_100_hz: float = threshold(0.75, unit="share", source=_SEEN)
    middle_100_hz: float = threshold(0.84, unit="share", source=_SEEN)
    strong_100_hz: float = threshold(0.84, unit="share", source=_SEEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaRules:
    """The article's "significant, frequent or prolonged", with numbers."""

    onset_twitches: int = threshold(
        5,
        unit="twitches",
        source="engineering choice, anchor Sexton-Radek 2018: 7 a night, as one patient felt them",
    )
    onset_before_s: float = threshold(
        600.0,
        unit="s",
        source="engineering choice: counted so long before the estimated onset, within its range; the whole range is "
        "an hour and more, in which a third of ordinary made nights have five twitches",
    )
    onset_after_s: float = threshold(
        300.0,
        unit="s",
        source="engineering choice: counted so long after the estimated onset, within its range",
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
    strong_twitches: int = threshold(
        3,
        unit="twitches",
        source="engineering choice: a third of made ordinary nights have one, so chance makes three on 1 of 100",
    )
    moderate_share: float = threshold(
        0.5,
        unit="share",
        source="engineering choice: forward model, half of ordinary jerks are moderate or strong; more must be",
    )
    share_from: int = threshold(
        10, unit="twitches", source="engineering choice: of fewer twitches one alone makes a share of a tenth"
    )
    chance: float = threshold(
        0.02,
        unit="probability",
        source="engineering choice: what chance makes on less than 1 night in 50 says something",
    )
    woke_twitches: int = threshold(
        2, unit="twitches", source="engineering choice: one may be followed by movement on any night"
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
        10.0,
        unit="s",
        source="Regensburg 2001: rhythmic feet movements come in runs of 10-15 s; of the legs 17.6 s (Yang 2010)",
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
    visible_rate_hz: float = threshold(
        15.5,
        unit="Hz",
        source=f"{_MEASURED}: 14.3 Hz shows fewer than half of the twitches of 30-400 mg",
    )
    visible_g: float = threshold(
        0.15,
        unit="g",
        source=f"{_MEASURED}: of 30-400 mg two thirds are seen at 0.13 g, fewer than half at 0.19 g",
    )
    week_nights: int = threshold(7, unit="nights", source="DSM-5")
    week_valid: int = threshold(
        5,
        unit="nights",
        source="engineering choice, anchor Trotti 2009: of one night 34 in 100 exceed a limit, of five nights 63",
    )
    week_frequent: int = threshold(
        3, unit="nights", source="DSM-5; Ohayon 2016: distress rises sharply at 3 days a week"
    )


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
    periodic_nights: int = threshold(
        2,
        unit="nights",
        source="engineering choice, anchor Trotti 2009: with more nights the chance grows that one exceeds a limit",
    )
    dense_nights: int = threshold(2, unit="nights", source="engineering choice: one night may be chance")
    bad_sleep_nights: int = threshold(3, unit="nights", source="DSM-5: three nights a week")
    alarm_nights: int = threshold(
        14, unit="nights", source="NHS: from two weeks on; numbness or stiffness of one morning is no alarm"
    )
    lasting_weeks: int = threshold(2, unit="weeks", source="NHS: twitches for more than two weeks, awake")
    chronic_weeks: int = threshold(13, unit="weeks", source="DSM-5: three months")
    day_from_h: float = threshold(
        9.0,
        unit="h",
        source="engineering choice: sleep whose middle lies from this hour of the day on is a nap beside a night's",
    )
    day_to_h: float = threshold(21.0, unit="h", source="engineering choice: and up to this one")
    compare_nights: int = threshold(
        14, unit="nights", source="engineering choice: no comparison of days and nights from fewer"
    )
    compare_each: int = threshold(
        4, unit="nights", source="engineering choice: with and without, each at least so often"
    )
