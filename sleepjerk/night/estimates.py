"""What a sleep laboratory reports of a night, as far as movement tells: time asleep, latency, time awake, efficiency.

Knows spans of time; must not know samples or movements. Each value carries a range: onset and end leave one, and
who lies awake without moving looks asleep, on some clinic nights for nearly half of the time.
"""

from sleepjerk.detection.sleep import Sleep
from sleepjerk.messages import Message
from sleepjerk.night.model import Estimate, SleepEstimates
from sleepjerk.recording import Floats
from sleepjerk.rules import SleepRules
from sleepjerk.spans import length_without, total, union


def estimate_sleep(
    sleep: Sleep,
    gaps_s: Floats,
    non_wear_s: Floats,
    off_s: float | None,
    up_s: float | None,
    rules: SleepRules,
) -> SleepEstimates:
    """The four numbers, each None with the reason where it can't be told.

    Parameters
    ----------
    gaps_s, non_wear_s
        (k, 2) times in which nobody knows what the person did: not asleep in the value, asleep or awake in its range.
    off_s, up_s
        Lights off and lights up, s; None where nobody marked them.
    """
    if sleep.span_s is None:
        return SleepEstimates(*[Estimate(message=Message("note.no_sleep"))] * 4)
    wake_s, unknown_s = sleep.wake_s, union(gaps_s, non_wear_s)
    onset_s, end_s = sleep.within_s
    widest, least = (onset_s[0], end_s[1]), (onset_s[1], max(onset_s[1], end_s[0]))
    still_s = length_without(sleep.span_s, [wake_s, unknown_s])
    asleep_s = (
        still_s,
        min(length_without(least, [wake_s, unknown_s]), rules.still_asleep * still_s),
        length_without(widest, [wake_s]),
    )
    awake_s = (
        total(wake_s),
        least[1] - least[0] - length_without(least, [wake_s]),
        widest[1]
        - widest[0]
        - length_without(widest, [wake_s, unknown_s])
        + (1 - rules.still_asleep) * still_s,
    )
    return SleepEstimates(
        total_sleep_h=_estimate(asleep_s, 3600, 3),
        latency_min=_latency(sleep, off_s),
        awake_min=_estimate(awake_s, 60, 1),
        efficiency=Estimate(message=Message("note.no_lights"))
        if off_s is None or up_s is None or up_s <= off_s
        else _estimate(asleep_s, up_s - off_s, 4, most=1.0),
    )


def _latency(sleep: Sleep, off_s: float | None) -> Estimate:
    if off_s is None or sleep.onset_s is None:
        return Estimate(message=Message("note.no_lights_off"))
    if sleep.begins_asleep:
        return Estimate(message=Message("note.onset_unseen"))
    after_s = [max(0.0, time_s - off_s) for time_s in (sleep.onset_s, *sleep.within_s[0])]
    return _estimate((after_s[0], after_s[1], after_s[2]), 60, 1)


def _estimate(
    found_s: tuple[float, float, float], unit_s: float, digits: int, most: float | None = None
) -> Estimate:
    value, low, high = (
        round(time_s / unit_s if most is None else min(most, time_s / unit_s), digits) for time_s in found_s
    )
    return Estimate(value=value, low=low, high=high)
