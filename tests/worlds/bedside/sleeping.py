"""When the person of a night sleeps, wakes, drowses and dreams.

Source or guess for each number: time to fall asleep 5-25 min, one to four wake bouts of 1-15 min, REM sleep at the
end of each cycle of 75-105 min, 5 min at first and longer each time: textbook. Drowsing from 4-10 min before the
onset of sleep to 0.5-2 min after it: a guess. Waking in the middle 20-90 min, lying awake 1-3 h or all night (a
third of the nights of "awake"): as ordered by the brief. No visit out of bed in half of the nights, else one or two.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from tests.worlds.bedside.scenarios import Scenario

Span = tuple[float, float]


@dataclass(frozen=True)
class Sleeping:
    night_s: float
    lights_off_s: float
    sleep_s: Span | None
    wake_s: list[Span] = field(default_factory=list)
    drowsy: Span = (0.0, 0.0)
    rem: list[Span] = field(default_factory=list)
    visits_s: list[Span] = field(default_factory=list)  # within wake bouts

    def state(self, at_s: float) -> str:
        if self.drowsy[0] <= at_s < self.drowsy[1]:
            return "falling_asleep"
        return "sleep" if self.asleep(at_s) else "wake"

    def asleep(self, at_s: float) -> bool:
        if self.sleep_s is None or not self.sleep_s[0] <= at_s < self.sleep_s[1]:
            return False
        return not any(start <= at_s < stop for start, stop in self.wake_s)

    def spans(self) -> list[Span]:
        """Sleep without the waking in it and without drowsing."""
        if self.sleep_s is None:
            return []
        spans, at_s = [], max(self.sleep_s[0], self.drowsy[1])
        for start, stop in self.wake_s:
            spans.append((at_s, start))
            at_s = stop
        return [*spans, (at_s, self.sleep_s[1])]

    def awake_spans(self) -> list[Span]:
        if self.sleep_s is None:
            return [(0.0, self.night_s)]
        return [(0.0, self.drowsy[0]), *self.wake_s, (self.sleep_s[1], self.night_s)]


def apart(rng: Generator, within: Span, lengths_s: list[float], gap_s: float) -> list[Span]:
    """Spans of these lengths at random in `within`, at least `gap_s` apart; what finds no room is left out."""
    spans: list[Span] = []
    for length_s in lengths_s:
        for _ in range(40):
            start = rng.uniform(within[0], max(within[1] - length_s, within[0] + 1e-6))
            clear = all(start + length_s + gap_s < a or start > b + gap_s for a, b in spans)
            if clear and start + length_s < within[1]:
                spans.append((float(start), float(start + length_s)))
                break
    return sorted(spans)


def visits_drawn(rng: Generator, visits: int | None) -> int:
    return int(rng.choice(3, p=[0.5, 0.35, 0.15])) if visits is None else visits


def dreaming(rng: Generator, sleep_s: Span) -> list[Span]:
    spans: list[Span] = []
    at_s, number = sleep_s[0], 0
    while True:
        at_s += rng.uniform(75.0, 105.0) * 60.0
        length_s = (5.0 + 7.0 * number) * rng.uniform(0.6, 1.4) * 60.0
        if at_s > sleep_s[1]:
            return spans
        spans.append((max(at_s - length_s, sleep_s[0]), at_s))
        number += 1


def lie_awake(rng: Generator, scenario: Scenario, night_s: float) -> float:
    """Time to fall asleep once the lights are off."""
    if scenario.awake == "night":
        return float(min(rng.uniform(3600.0, 10800.0), 0.6 * night_s))
    return float(min(rng.uniform(5.0, 25.0) * 60.0, 0.12 * night_s))


def draw_sleeping(rng: Generator, scenario: Scenario, night_s: float, visits: int | None) -> Sleeping:
    lights_off_s = (
        float(min(rng.uniform(0.0, 25.0) * 60.0, 0.08 * night_s)) if scenario.wakes_with_movement else 0.0
    )
    if scenario.awake == "night" and rng.random() < 0.35:
        return Sleeping(night_s, lights_off_s, None)
    onset_s = lights_off_s + lie_awake(rng, scenario, night_s)
    end_s = night_s - float(min(rng.uniform(1.0, 20.0) * 60.0, 0.06 * night_s))
    before_s = min(rng.uniform(4.0, 10.0) * 60.0, 0.8 * (onset_s - lights_off_s))
    drowsy = (onset_s - before_s, onset_s + min(rng.uniform(30.0, 120.0), 0.02 * night_s))
    out = visits_drawn(rng, visits) if scenario.wakes_with_movement else 0
    bouts = int(rng.integers(int(scenario.wake_bouts_night[0]), int(scenario.wake_bouts_night[1]) + 1))
    lengths_s = [float(x) for x in np.minimum(rng.uniform(1.0, 15.0, bouts) * 60.0, 0.04 * night_s)]
    if scenario.awake == "middle":
        lengths_s.insert(0, float(min(rng.uniform(20.0, 90.0) * 60.0, 0.3 * night_s)))
    lengths_s = [float(x) for x in rng.uniform(400.0, 800.0, out)] + lengths_s
    inner = (drowsy[1] + 0.08 * night_s, end_s - 0.08 * night_s)
    wake = apart(rng, inner, lengths_s, gap_s=0.03 * night_s)
    roomy = [span for span in wake if span[1] - span[0] > 300.0][:out]
    visits_s = [(start + rng.uniform(20.0, 60.0), start + rng.uniform(120.0, 270.0)) for start, _ in roomy]
    return Sleeping(
        night_s, lights_off_s, (onset_s, end_s), wake, drowsy, dreaming(rng, (onset_s, end_s)), visits_s
    )
