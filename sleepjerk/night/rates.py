"""How many, in how many hours: the spans that count, what happened in them, and whether it can be counted at all.

Knows spans of time and the table of events. Must not know samples, nor what is much or little (that is
`criteria`). The hours don't depend on the movements counted, except where a rule says so by name (`quiet`). What a
sensor can't show is None, never 0.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from sleepjerk.events import ASLEEP, TWITCHES, Label, Row, isolated_twitches, stands_apart
from sleepjerk.rules import CriteriaRules, VisibilityRules

if TYPE_CHECKING:
    import pandas as pd

    from sleepjerk.recording import Floats

STRENGTHS = ("faint", "light", "moderate", "strong")
_RECALL = {
    16: ("weak_16_hz", "middle_16_hz", "strong_16_hz"),  # plain: as the field says
    20: ("weak_20_hz", "middle_20_hz", "strong_20_hz"),  # plain: as the field says
    25: ("weak_25_hz", "middle_25_hz", "strong_25_hz"),  # plain: as the field says
    33: ("weak_33_hz", "middle_33_hz", "strong_33_hz"),  # plain: as the field says
}
# Movements of limb and body go under in noise and steps, too; a slow sensor shows them, and they outdo a ringing bed.
_WEAK = frozenset(Label) - {Label.POSTURE_CHANGE, Label.RHYTHMIC_MOVEMENT}
_HIDES = {None: frozenset[Label](), "rate": frozenset(TWITCHES), "bed": frozenset(TWITCHES)}


def hidden_by(
    rate_hz: float, smallest_visible_g: float | None, limited_by: str | None, rules: CriteriaRules
) -> str | None:
    """What hides so many twitches that no number of them can be told; None where they can be counted.

    Returns
    -------
    str | None
        "rate", or what sets the smallest visible twitch: "noise", "step" or "bed", not a person's own rules.
    """
    if rate_hz < rules.visible_rate_hz:
        return "rate"
    too_weak = smallest_visible_g is not None and smallest_visible_g > rules.visible_g
    return limited_by if too_weak and limited_by != "rules" else None


def uncounted(hidden: str | None) -> frozenset[Label]:
    """The labels whose number is unknown where something hides twitches, as `hidden_by` tells."""
    return _HIDES.get(hidden, _WEAK)


def recall_at(rate_hz: float, rules: VisibilityRules) -> dict[str, float]:
    """Share of twitches that were found at the next slower rate that was measured, by strength word, and at 100 Hz."""
    found = asdict(rules)
    slower = [hz for hz in _RECALL if hz <= rate_hz * rules.same_rate] or [min(_RECALL)]
    shares = {"": _RECALL[max(slower)], "full_": ("weak_100_hz", "middle_100_hz", "strong_100_hz")}
    return {
        prefix + word: found[name]
        for prefix, names in shares.items()
        for word, name in zip(("weak", "middle", "strong"), names, strict=True)
    }


def around(events: "pd.DataFrame", labels: list[Label], margin_s: float) -> "Floats":
    """(k, 2) spans of the events with one of these labels, widened on both sides."""
    import numpy as np  # here, because who reads a night needs none of it

    chosen = events[events["label"].isin([str(label) for label in labels])]
    onset, duration = chosen["onset_s"].to_numpy(), chosen["duration_s"].fillna(0.0).to_numpy()
    return np.stack((onset - margin_s, onset + duration + margin_s), axis=1)


def quiet_s(
    sleep_s: tuple[float, float],
    events: "pd.DataFrame",
    without_s: "list[Floats]",
    after_onset_s: float,
    margin_s: float,
) -> float:
    """The body of the night in which a twitch could have been seen, s.

    It begins `after_onset_s` into the sleep period and leaves out `margin_s` on both sides of large movements.
    """
    from sleepjerk.spans import length_without

    window = (min(sleep_s[0] + after_onset_s, sleep_s[1]), sleep_s[1])
    large = around(events, [Label.BODY_MOVEMENT, Label.POSTURE_CHANGE], margin_s)
    return length_without(window, [*without_s, large])


def count_by_label(events: Iterable[Row], hidden: str | None = None) -> dict[str, int | None]:
    """How many by label, of twitches those that stand alone; 0 for none found, None where something hides them."""
    found, unknown = [row["label"] for row in events if not stands_apart(row)], uncounted(hidden)
    return {str(label): None if label in unknown else found.count(label) for label in Label}


def count_restless(events: Iterable[Row], hidden: str | None = None) -> int | None:
    """Twitches in restless minutes or weak among many, which nothing else counts; None where something hides them."""
    return None if hidden else sum(map(stands_apart, events))


def strength_edges(rules: CriteriaRules) -> dict[str, float]:
    """Lower edge of each strength word, g."""
    return dict(zip(STRENGTHS, (0.0, rules.light_g, rules.moderate_g, rules.strong_g), strict=True))


def count_strengths(events: "pd.DataFrame", rules: CriteriaRules) -> dict[str, dict[str, int]]:
    """Counted twitches of known strength by label and strength word; all of these are there, also with 0."""
    import numpy as np

    edges = np.array(list(strength_edges(rules).values()))
    counts, counted = {}, events[isolated_twitches(events)]
    for label in TWITCHES:
        peaks = counted.loc[counted["label"] == label, "peak_g"].dropna().to_numpy(float)
        number = np.bincount(np.searchsorted(edges, peaks, side="right") - 1, minlength=len(edges))
        counts[str(label)] = {word: int(count) for word, count in zip(STRENGTHS, number, strict=True)}
    return counts


def asleep_by_label(
    events: Iterable[Row], sleep_s: tuple[float, float], hidden: str | None = None
) -> dict[str, int | None]:
    """`count_by_label` of the sleep period alone.

    A series that ends with sleep may reach beyond its estimated end: all of its members count.
    """
    begin_s, end_s = sleep_s
    asleep = [
        row
        for row in events
        if row["series"] is not None or (row["state"] in ASLEEP and begin_s <= row["onset_s"] < end_s)
    ]
    return count_by_label(asleep, hidden)


def rate_by_label(
    events: Iterable[Row],
    sleep_s: tuple[float, float] | None,
    analysed_h: float | None,
    hidden: str | None = None,
) -> dict[str, float | None]:
    """What is counted, per analysed hour of the sleep period, by label; None without one, or where something hides it.

    What counts is told by `asleep_by_label`.
    """
    if sleep_s is None or not analysed_h:
        return {str(label): None for label in Label}
    counts = asleep_by_label(events, sleep_s, hidden)
    return {label: None if count is None else round(count / analysed_h, 3) for label, count in counts.items()}


def intervals_by_label(
    rates: dict[str, float | None], analysed_h: float | None, confidence: float
) -> dict[str, tuple[float, float]]:
    """The exact interval of each rate, an hour; labels whose rate is unknown are left out."""
    if not analysed_h:
        return {}
    found = {}
    for label, rate in rates.items():
        if rate is not None:
            low, high = poisson_interval(round(rate * analysed_h), confidence)
            found[label] = (round(low / analysed_h, 3), round(high / analysed_h, 3))
    return found


def poisson_interval(count: int, confidence: float) -> tuple[float, float]:
    """The exact (Garwood) interval of a Poisson mean for an observed count."""
    from scipy.special import gammaincinv  # here, because scipy costs more than the rest of this module

    tail = (1 - confidence) / 2
    lower = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return lower, float(gammaincinv(count + 1, 1 - tail))


def chance_of_as_many(count: int, of: int, share: float) -> float:
    """How likely `count` or more of so many are, when each is one with this probability: the exact binomial tail."""
    from scipy.special import bdtrc  # here, because scipy costs more than the rest of this module

    return 1.0 if count <= 0 else float(bdtrc(count - 1, of, min(max(share, 0.0), 1.0)))
