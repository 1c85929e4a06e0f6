"""Thresholds of the review: which windows a person judges, and what is told of their answers."""

from dataclasses import dataclass

from sleepjerk.rules.threshold import threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """What a person is shown of a night, and how sure the figures made of it are."""

    window_s: float = threshold(
        10.0, unit="s", source="WASM 2016: counted twitches are this far apart, so that no window holds two"
    )
    margin_s: float = threshold(
        2.0, unit="s", source="engineering choice: shown on both sides, so that no wave is cut off"
    )
    lead_s: float = threshold(
        1.0, unit="s", source="engineering choice: a movement begins at least so far from the window's edges"
    )
    still_share: float = threshold(
        0.5,
        unit="share",
        source="engineering choice: of the smallest visible twitch; noise alone fills 10 s up to about there",
    )
    called_part: int = threshold(
        2, unit="parts", source='engineering choice, measured (benchmark "review"): narrow intervals of both'
    )
    uncalled_part: int = threshold(
        3, unit="parts", source='engineering choice, measured (benchmark "review"): most of what is missed'
    )
    quiet_part: int = threshold(2, unit="parts", source='engineering choice, measured (benchmark "review")')
    still_every: int = threshold(
        10, unit="windows", source="engineering choice: one of so many holds noise alone, to try the judge"
    )
    prior: float = threshold(
        1 / 3,
        unit="",
        source='Kerman 2011: neutral prior of a share; covers more evenly than 1/2 and 1 (benchmark "review")',
    )
    widest: float = threshold(
        0.5, unit="share", source="engineering choice: an interval of half of all there is tells nothing"
    )
