"""A night's plan under way: its frame, what is taken of its time, and one stream of chance a concern.

Knows the scenario and free time. Must not know what any kind of movement needs.
"""

from dataclasses import dataclass, field

import numpy as np

from sleepjerk.simulate.calendar import Calendar, without
from sleepjerk.simulate.plan import ONSET_AFTER_S, Kind, Plan, PlannedEvent, Span
from sleepjerk.simulate.scenarios import Scenario
from sleepjerk.simulate.streams import stream


@dataclass(slots=True)
class Draft:
    """A plan under way; times and spans as in `Plan`."""

    scenario: Scenario
    seed: int
    duration_s: float
    sleep_s: Span | None = None
    lights_s: Span | None = None
    wake_s: tuple[Span, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    events: list[PlannedEvent] = field(default_factory=list)
    gaps_s: list[Span] = field(default_factory=list)
    off_body_s: list[Span] = field(default_factory=list)
    apnoeas_s: list[Span] = field(default_factory=list)

    def rng(self, concern: str) -> np.random.Generator:
        """The chance of one concern."""
        return stream(self.seed, "timetable", concern)

    @property
    def sleep_h(self) -> float:
        """Hours of sleep, wake bouts left out."""
        return hours(self.sleeping())

    def sleeping(self) -> tuple[Span, ...]:
        """The sleep period without its wake bouts."""
        return () if self.sleep_s is None else without((self.sleep_s,), self.wake_s)

    def after_onset(self, share: float = 1.0) -> tuple[Span, ...]:
        """Sleep after the first falling asleep, up to a share of the sleep period."""
        if self.sleep_s is None:
            return ()
        onset_s, end_s = self.sleep_s
        last_s = onset_s + share * (end_s - onset_s)
        return without(self.sleeping(), ((0.0, onset_s + ONSET_AFTER_S), (last_s, self.duration_s)))

    def awake(self) -> tuple[Span, ...]:
        """Awake and not yet settling down: before lights off, in wake bouts, after the sleep."""
        if not self.scenario.living:
            return ()
        if self.sleep_s is None or self.lights_s is None:
            return ((0.0, self.duration_s),)
        return ((0.0, self.lights_s[0]), *self.wake_s, (self.sleep_s[1], self.duration_s))

    def in_bed(self) -> tuple[Span, ...]:
        """From lights off to lights up; the whole recording when nobody marked them."""
        if not self.scenario.living:
            return ()
        return ((0.0, self.duration_s),) if self.lights_s is None else (self.lights_s,)

    def add(self, kind: Kind, onset_s: float, **facts: float | int | None) -> None:
        """Plan one event; its time must have been taken in the calendar."""
        self.events.append(PlannedEvent(kind=kind, onset_s=onset_s, **facts))  # type: ignore[arg-type]

    def plan(self) -> Plan:
        """The finished plan."""
        return Plan(
            duration_s=self.duration_s,
            events=tuple(sorted(self.events, key=lambda event: event.onset_s)),
            sleep_s=self.sleep_s,
            wake_s=self.wake_s,
            lights_s=self.lights_s,
            gaps_s=tuple(sorted(self.gaps_s)),
            off_body_s=tuple(sorted(self.off_body_s)),
            apnoeas_s=tuple(sorted(self.apnoeas_s)),
            living=self.scenario.living,
            breath_lift=self.scenario.breath_lift,
        )


def hours(spans: tuple[Span, ...]) -> float:
    """How long spans that don't overlap are in all, h."""
    return sum(end_s - start_s for start_s, end_s in spans) / 3600
