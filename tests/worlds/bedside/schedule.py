"""What happens in a night and when, before any of it is made into waves.

Gaps, chances and shares that the brief doesn't give are guesses; rates are in scenarios.py, sleep in sleeping.py.
"""

import numpy as np
from numpy.random import Generator

from tests.worlds.bedside import disturbances
from tests.worlds.bedside.events import Event, arousal, rate, stream, times
from tests.worlds.bedside.people import Bed, Person, log_normal, log_uniform
from tests.worlds.bedside.scenarios import Scenario
from tests.worlds.bedside.sleeping import Sleeping, Span
from tests.worlds.bedside.twitches import FAMILIES, PLAIN

LAST_S = 25.0  # nothing begins in the last seconds of a recording


def twitch_peak(rng: Generator, person: Person) -> float:
    return log_normal(rng, person.twitch_median_g, 0.75, 0.02, 2.0)


def twitches(rng: Generator, scenario: Scenario, sleeping: Sleeping, person: Person) -> list[Event]:
    """Jerks in sleep (every family in turn), jerks while falling asleep, pairs."""
    events: list[Event] = []
    least = len(FAMILIES) if sleeping.night_s >= 4 * 3600 else 0
    deck: list[str] = []
    for at_s in times(rng, sleeping.spans(), rate(rng, scenario.twitch), least):
        deck = deck or [str(family) for family in rng.permutation(FAMILIES)]
        family = deck.pop()
        events.append(Event(at_s, "twitch", family, family, twitch_peak(rng, person)))
        if family == "then_arousal":
            events.append(arousal(rng, at_s + rng.uniform(0.5, 5.0)))
    drowsy_s = sleeping.drowsy if sleeping.sleep_s else (0.0, 0.0)
    count = int(rng.integers(int(scenario.onset_jerks_night[0]), int(scenario.onset_jerks_night[1]) + 1))
    for at_s in rng.uniform(drowsy_s[0], drowsy_s[1], count if drowsy_s[1] > drowsy_s[0] else 0):
        family = str(rng.choice([*PLAIN, "doublet"]))
        events.append(Event(float(at_s), "onset_jerk", family, family, twitch_peak(rng, person)))
    for at_s in times(rng, sleeping.spans(), rate(rng, scenario.pair)):
        family = str(rng.choice(PLAIN))
        peak_g = twitch_peak(rng, person)
        second_g = float(np.clip(peak_g * rng.uniform(0.4, 1.5), 0.02, 2.0))
        events.append(Event(at_s, "pair", family, family, peak_g))
        events.append(Event(at_s + rng.uniform(0.3, 4.0), "pair", family, family, second_g))
    return events


def rem_twitches(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> list[Event]:
    events = []
    dreams = [s for s in sleeping.rem if sleeping.asleep(s[0]) and sleeping.asleep(s[1] - 1.0)]
    for at_s in times(rng, dreams, 60.0 * rate(rng, scenario.rem_clump_min)):
        lasts_s = rng.uniform(5.0, 60.0)
        for offset_s in np.sort(rng.uniform(0.0, lasts_s, int(rng.integers(3, 13)))):
            if sleeping.asleep(at_s + offset_s):
                events.append(Event(at_s + offset_s, "twitch", "rem", "rem", log_uniform(rng, 0.02, 0.15)))
    return events


def turns(rng: Generator, scenario: Scenario, sleeping: Sleeping, person: Person) -> list[Event]:
    events = []
    for at_s in times(rng, sleeping.spans(), rate(rng, scenario.turn)):
        details = {"duration_s": log_uniform(rng, 1.0, 10.0)}
        events.append(Event(at_s, "turn", "turn", "turn", details=details))
        if rng.random() < scenario.flick_share:
            wave = str(rng.choice(PLAIN))
            peak_g = log_normal(rng, 0.12, 0.7, 0.02, 1.0)
            events.append(Event(at_s - rng.uniform(0.2, 1.5), "turn", "flick_before_turn", wave, peak_g))
        if scenario.wakes_with_movement and rng.random() < 0.4:
            later_s = at_s + details["duration_s"] + rng.uniform(2.0, 20.0)
            events.append(
                Event(later_s, "body", "settling", "body", details={"duration_s": rng.uniform(3.0, 6.0)})
            )
    return events


def other_movements(rng: Generator, scenario: Scenario, sleeping: Sleeping, person: Person) -> list[Event]:
    events = []
    spans = sleeping.spans()
    for at_s in times(rng, spans, rate(rng, scenario.limb) * person.liveliness):
        events.append(Event(at_s, "limb", "limb", "limb"))
    for at_s in times(rng, spans, rate(rng, scenario.body) * person.liveliness):
        details = {"duration_s": log_uniform(rng, 3.0, 15.0)}
        events.append(Event(at_s, "body", "body", "body", details=details))
    for at_s in times(rng, spans, rate(rng, scenario.scratch_s) / 5.5):
        details = {"duration_s": log_normal(rng, 4.0, 0.7, 1.5, 20.0)}
        events.append(Event(at_s, "scratch", "scratch", "scratch", details=details))
    for at_s in times(rng, spans, rate(rng, scenario.fidget)):
        events += fidgets(rng, at_s, rng.uniform(10.0, 120.0))
    return events


def fidgets(rng: Generator, start_s: float, lasts_s: float) -> list[Event]:
    events, at_s, mean_s = [], start_s, rng.uniform(1.5, 6.0)
    while at_s < start_s + lasts_s:
        events.append(Event(at_s, "fidget", "finger", "finger", log_uniform(rng, 0.005, 0.08)))
        at_s += 0.4 + float(rng.exponential(mean_s))
    return events


def awake_movements(rng: Generator, scenario: Scenario, sleeping: Sleeping) -> list[Event]:
    if not scenario.wakes_with_movement:
        return []
    events: list[Event] = []
    for start_s, stop_s in sleeping.awake_spans():
        mean_s = (
            60.0 if scenario.awake == "middle" and stop_s - start_s > 1100 else log_uniform(rng, 30.0, 150.0)
        )
        screen = rng.random() < 0.4 and start_s > 0
        events += awake_in(rng, sleeping, (start_s, stop_s), mean_s, screen)
    for at_s in times(rng, [sleeping.drowsy], 12.0):
        wave = str(rng.choice(["limb", "quick", "body"], p=[0.6, 0.2, 0.2]))
        events.append(
            Event(at_s, "awake", f"drowsy_{wave}", wave, details={"duration_s": rng.uniform(3.0, 8.0)})
        )
    return events


def awake_in(rng: Generator, sleeping: Sleeping, span: Span, mean_s: float, screen: bool) -> list[Event]:
    """One time awake: shifts and reaches, now and then a still stretch; phone or book before lights off."""
    events, at_s = [], span[0] + rng.uniform(0.0, 5.0)
    while at_s < span[1] - 2.0:
        reading = at_s < sleeping.lights_off_s or screen
        waves = ["limb", "quick", "reach", "turn", "body", "finger", "phone"]
        shares = [0.2, 0.1, 0.1, 0.05, 0.05, 0.1, 0.4] if reading else [0.4, 0.15, 0.08, 0.12, 0.15, 0.1, 0.0]
        wave = str(rng.choice(waves, p=shares))
        lasts_s = rng.uniform(5.0, 60.0) if wave == "phone" else log_uniform(rng, 1.5, 10.0)
        lasts_s = float(min(lasts_s, max(span[1] - at_s, 1.5)))
        peak_g = log_uniform(rng, 0.01, 0.15) if wave == "finger" else None
        if not any(start - 15.0 < at_s < stop + 5.0 for start, stop in sleeping.visits_s):
            events.append(Event(at_s, "awake", wave, wave, peak_g, {"duration_s": lasts_s}))
        still = rng.uniform(120.0, 600.0) if rng.random() < 0.1 and mean_s > 60.0 else 0.0
        at_s += lasts_s + 0.5 + still + float(rng.exponential(mean_s * (0.4 if reading else 1.0)))
    return events


def visits(rng: Generator, sleeping: Sleeping) -> list[Event]:
    return [
        Event(start, "visit", "visit", "visit", details={"duration_s": stop - start})
        for start, stop in sleeping.visits_s
    ]


def all_events(
    seed: int, name: str, scenario: Scenario, sleeping: Sleeping, person: Person, bed: Bed
) -> list[Event]:
    """Everything, in the order in which it begins."""
    events = [
        *twitches(stream(seed, name, "twitches"), scenario, sleeping, person),
        *rem_twitches(stream(seed, name, "rem"), scenario, sleeping),
        *turns(stream(seed, name, "turns"), scenario, sleeping, person),
        *other_movements(stream(seed, name, "others"), scenario, sleeping, person),
        *awake_movements(stream(seed, name, "awake"), scenario, sleeping),
        *visits(stream(seed, name, "visits"), sleeping),
        *disturbances.all_of_them(seed, name, scenario, sleeping, bed),
    ]
    return sorted(
        (e for e in events if 1.0 < e.onset_s < sleeping.night_s - LAST_S - e.details.get("duration_s", 0.0)),
        key=lambda event: event.onset_s,
    )
