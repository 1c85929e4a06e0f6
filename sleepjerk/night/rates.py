"""How many, in how many hours: the spans that count and what happened in them.

Knows spans of time and the table of events. Must not know samples, nor what is much or little (that is
`criteria`). The hours don't depend on the movements counted, except where a rule says so by name (`quiet`).
"""

import numpy as np
import pandas as pd

from sleepjerk.events import Label, State
from sleepjerk.recording import Floats
from sleepjerk.spans import length_without


def around(events: pd.DataFrame, labels: list[Label], margin_s: float) -> Floats:
    """(k, 2) spans of the events with one of these labels, widened on both sides."""
    chosen = events[events["label"].isin([str(label) for label in labels])]
    onset, duration = chosen["onset_s"].to_numpy(), chosen["duration_s"].to_numpy()
    return np.stack((onset - margin_s, onset + duration + margin_s), axis=1)


def quiet_s(
    sleep_s: tuple[float, float],
    events: pd.DataFrame,
    without_s: list[Floats],
    after_onset_s: float,
    margin_s: float,
) -> float:
    """The body of the night in which a twitch could have been seen, s.

    It begins `after_onset_s` into the sleep period and leaves out `margin_s` on both sides of large movements.
    """
    window = (min(sleep_s[0] + after_onset_s, sleep_s[1]), sleep_s[1])
    large = around(events, [Label.BODY_MOVEMENT, Label.POSTURE_CHANGE], margin_s)
    return length_without(window, [*without_s, large])


def count_by_label(events: pd.DataFrame) -> dict[str, int]:
    """Rows of the table by label; every label is there, with 0 where none was found."""
    found = events["label"].value_counts()
    return {str(label): int(found.get(str(label), 0)) for label in Label}


def rate_by_label(
    events: pd.DataFrame, sleep_s: tuple[float, float] | None, analysed_h: float | None
) -> dict[str, float | None]:
    """Events per analysed hour of the sleep period, by label; None without a sleep period."""
    if sleep_s is None or not analysed_h:
        return {str(label): None for label in Label}
    onset = events["onset_s"]
    asleep = events["state"].isin([str(State.SLEEP), str(State.ONSET)])
    counts = count_by_label(events[asleep & (onset >= sleep_s[0]) & (onset < sleep_s[1])])
    return {label: round(count / analysed_h, 3) for label, count in counts.items()}


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
